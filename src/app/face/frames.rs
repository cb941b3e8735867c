//! The bar of frames: which one is shown, and playing or following.

use std::ops::Range;

use egui::{Slider, Ui};

use super::Facts;
use crate::app::command::Command;
use crate::app::keys::Action;

/// The frames of a stack, or those of a live source.
#[derive(Clone, Debug)]
pub(crate) struct FrameFacts {
    /// The number of the frame on show, from 0.
    pub(crate) shown: u64,
    /// The numbers of those that can be shown, from 0.
    pub(crate) range: Range<u64>,
    /// It changes by itself: it is played, or the newest one is shown.
    pub(crate) is_playing: bool,
    /// They are those of a live source.
    pub(crate) is_live: bool,
}

impl FrameFacts {
    /// What Space does, and what it is for.
    pub(super) fn toggle(&self) -> (&'static str, &'static str) {
        match (self.is_live, self.is_playing) {
            (false, true) => ("Stop", "Stay at this frame"),
            (false, false) => ("Play", "Play the frames"),
            (true, true) => ("Pause", "Stay at this frame; new frames are kept"),
            (true, false) => ("Resume", "Show each new frame"),
        }
    }
}

/// Shows the bar. Frames count from 1, as the frame counter of videos does.
pub(super) fn show(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Some(frames) = &facts.frames else { return };
    ui.horizontal(|ui| {
        let (name, hint) = frames.toggle();
        if ui.button(name).on_hover_text(format!("{hint} (Space)")).clicked() {
            commands.push(Command::Act(Action::Pause));
        }
        let label = ui.label("Frame");
        let (first, last) = (frames.range.start.saturating_add(1), frames.range.end.max(1));
        let shown = frames.shown.saturating_add(1);
        let among = if first == 1 { format!("of {last}") } else { format!("of {first} to {last}") };
        let words = format!("{shown} {among}");
        // A frame that has been evicted stays on show.
        let kept = shown.clamp(first, last);
        let mut frame = kept;
        // The rest of the line, less the number.
        let width = ui.fonts_mut(|fonts| {
            fonts
                .layout_no_wrap(
                    format!("{last} {among}"),
                    egui::TextStyle::Body.resolve(ui.style()),
                    egui::Color32::WHITE,
                )
                .size()
                .x
        });
        ui.spacing_mut().slider_width = (ui.available_width() - width - 12.0).max(60.0);
        let slider = ui.add(Slider::new(&mut frame, first..=last).show_value(false)).labelled_by(label.id);
        if slider.on_hover_text("The frame on show (Left, Right)").changed() && frame != kept {
            commands.push(Command::Frame(frame - 1));
        }
        ui.label(words);
    });
}
