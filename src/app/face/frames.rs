//! The bar of a stack of frames: which one is shown, and playing.

use egui::{Slider, Ui};

use super::Facts;
use crate::app::command::Command;
use crate::app::keys::Action;

/// The frames of a stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameFacts {
    /// The frame on show, counted from 0.
    pub(crate) shown: u64,
    pub(crate) count: u64,
    pub(crate) is_playing: bool,
}

/// Shows the bar.
pub(super) fn show(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let Some(FrameFacts { shown, count, is_playing }) = facts.frames else { return };
    ui.horizontal(|ui| {
        let name = if is_playing { "Stop" } else { "Play" };
        if ui.button(name).on_hover_text("Play the frames, or stop (Space)").clicked() {
            commands.push(Command::Act(Action::Pause));
        }
        let label = ui.label("Frame");
        let last = count.saturating_sub(1);
        let words = format!("{shown} of 0 to {last}");
        let mut frame = shown;
        // The rest of the line, less the number.
        let width = ui.fonts_mut(|fonts| {
            fonts
                .layout_no_wrap(
                    format!("{last} of 0 to {last}"),
                    egui::TextStyle::Body.resolve(ui.style()),
                    egui::Color32::WHITE,
                )
                .size()
                .x
        });
        ui.spacing_mut().slider_width = (ui.available_width() - width - 12.0).max(60.0);
        let slider = ui.add(Slider::new(&mut frame, 0..=last).show_value(false)).labelled_by(label.id);
        if slider.on_hover_text("The frame on show (Left, Right)").changed() {
            commands.push(Command::Frame(frame));
        }
        ui.label(words);
    });
}
