//! `--decorations`: a stand-in for the interface of the program, with axes, a status line and a crosshair that moves every frame.

use egui::{Align2, Color32, FontId, RawInput, Rect, Stroke, pos2, vec2};

use crate::app::interface::Interface;
use crate::app::screen::Place;

/// An interface that changes every frame.
pub(super) struct Decorations {
    pub(super) interface: Interface,
    frame: u32,
}

impl Decorations {
    /// Pixels beside the waterfall.
    const LEFT: u32 = 64;
    const RIGHT: u32 = 16;
    const TOP: u32 = 28;
    const BOTTOM: u32 = 26;
    /// Labels of each of the two axes.
    const LABELS: u32 = 20;

    pub(super) fn new() -> Self {
        Self { interface: Interface::new(egui::Context::default()), frame: 0 }
    }

    /// Where the waterfall is in a window of this size.
    pub(super) fn place((width, height): (u32, u32)) -> Place {
        Place {
            x: Self::LEFT,
            y: Self::TOP,
            width: width.saturating_sub(Self::LEFT + Self::RIGHT),
            height: height.saturating_sub(Self::TOP + Self::BOTTOM),
        }
    }

    /// Lays out the next frame for a window of this size.
    pub(super) fn lay_out(&mut self, size: (u32, u32)) {
        self.frame += 1;
        let frame = self.frame;
        let place = Self::place(size);
        let corner = pos2(place.x as f32, place.y as f32);
        let fall = Rect::from_min_size(corner, vec2(place.width as f32, place.height as f32));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0 as f32, size.1 as f32))),
            ..RawInput::default()
        };
        let mut output = self.interface.context().run_ui(input, |ui| {
            egui::Panel::top("tools").exact_size(Self::TOP as f32).show(ui, |ui| {
                ui.horizontal(|ui| {
                    for name in ["Open", "Pause", "Colours", "Range", "Save"] {
                        let _ = ui.button(name);
                    }
                    ui.label(format!("{frame} frames"));
                });
            });
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            let (font, ink) = (FontId::proportional(12.0), Color32::LIGHT_GRAY);
            for i in 0..Self::LABELS {
                let share = (i as f32 + 0.5) / Self::LABELS as f32;
                let x = (fall.left() + share * fall.width()).round() + 0.5;
                painter.vline(x, fall.bottom()..=fall.bottom() + 4.0, Stroke::new(1.0, ink));
                let text = format!("{:.1} kHz", share * 12.0);
                painter.text(pos2(x, fall.bottom() + 5.0), Align2::CENTER_TOP, text, font.clone(), ink);
                let y = (fall.top() + share * fall.height()).round() + 0.5;
                painter.hline(fall.left() - 4.0..=fall.left(), y, Stroke::new(1.0, ink));
                let text = format!("12:{:02}:{:02}", i, (i * 7) % 60);
                painter.text(pos2(fall.left() - 6.0, y), Align2::RIGHT_CENTER, text, font.clone(), ink);
            }
            // Somewhere else each time, by steps that have no common factor with the sides.
            let at = |step: u32, side: f32| (frame.wrapping_mul(step) % (side as u32).max(1)) as f32 + 0.5;
            let (x, y) = (fall.left() + at(17, fall.width()), fall.top() + at(11, fall.height()));
            painter.vline(x, fall.y_range(), Stroke::new(1.0, Color32::WHITE));
            painter.hline(fall.x_range(), y, Stroke::new(1.0, Color32::WHITE));
            let text = format!("{x:.1} Hz, {y:.1} s, -71.3 dB");
            painter.text(pos2(x + 6.0, y - 6.0), Align2::LEFT_BOTTOM, text, font, Color32::WHITE);
        });
        self.interface.update(&mut output);
    }
}
