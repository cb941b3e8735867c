//! The bar of frames: which one is shown, and playing or following.

use std::ops::Range;

use egui::{Slider, Ui};

use super::Facts;
use crate::app::command::Command;
use crate::app::keys::Action;

/// The frames of a stack, or those of a live source.
#[derive(Clone, Debug)]
pub(crate) struct FrameFacts {
    /// The number of the frame on show.
    pub(crate) shown: u64,
    /// The numbers of those that can be shown.
    pub(crate) range: Range<u64>,
    /// It changes by itself: it is played, or the newest one is shown.
    pub(crate) is_playing: bool,
    /// They are those of a live source.
    pub(crate) is_live: bool,
}

/// Shows the bar.
pub(super) fn show(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Some(FrameFacts { shown, range, is_playing, is_live }) = &facts.frames else { return };
    ui.horizontal(|ui| {
        let (name, hint) = match (is_live, is_playing) {
            (false, playing) => (if *playing { "Stop" } else { "Play" }, "Play the frames, or stop (Space)"),
            (true, true) => ("Pause", "Stay at this frame; new frames are kept (Space)"),
            (true, false) => ("Follow", "Show each new frame (Space, Home)"),
        };
        if ui.button(name).on_hover_text(hint).clicked() {
            commands.push(Command::Act(Action::Pause));
        }
        let label = ui.label("Frame");
        let (first, last) = (range.start, range.end.saturating_sub(1));
        let words = format!("{shown} of {first} to {last}");
        // A frame that has been evicted stays on show.
        let kept = (*shown).clamp(first, last);
        let mut frame = kept;
        // The rest of the line, less the number.
        let width = ui.fonts_mut(|fonts| {
            fonts
                .layout_no_wrap(
                    format!("{last} of {first} to {last}"),
                    egui::TextStyle::Body.resolve(ui.style()),
                    egui::Color32::WHITE,
                )
                .size()
                .x
        });
        ui.spacing_mut().slider_width = (ui.available_width() - width - 12.0).max(60.0);
        let slider = ui.add(Slider::new(&mut frame, first..=last).show_value(false)).labelled_by(label.id);
        if slider.on_hover_text("The frame on show (Left, Right)").changed() && frame != kept {
            commands.push(Command::Frame(frame));
        }
        ui.label(words);
    });
}
