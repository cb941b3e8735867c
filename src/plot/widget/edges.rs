//! The edges of the panels, which open and close them.

use egui::{CursorIcon, Rect, Sense, Ui, pos2};

use super::Plot;
use crate::plot::keyboard::{self, Part};
use crate::plot::layout::Parts;
use crate::plot::subject::Subject;

/// Points that a panel has when it is opened, at least, and that an arrow moves its edge by.
const OPENED: f32 = 120.0;
const LEAST: f32 = 24.0;
const STEP: f32 = 10.0;

impl Plot {
    /// The edges of the panels, which open and close them.
    pub(super) fn panel_handles(&mut self, ui: &Ui, parts: &Parts, subject: &dyn Subject) {
        let sideways = self.sideways(subject);
        let thick = 6.0;
        let above = Rect::from_min_max(
            pos2(parts.horizontal.left(), parts.horizontal.top() - 0.5 * thick),
            pos2(parts.horizontal.right(), parts.horizontal.top() + 0.5 * thick),
        );
        let beside = Rect::from_min_max(
            pos2(parts.picture.right(), parts.picture.top()),
            pos2(parts.picture.right() + thick, parts.picture.bottom()),
        );
        let (spectrum, trace) = ("spectrum", "time trace");
        let handles = [
            (above, true, if sideways { trace } else { spectrum }),
            (beside, false, if sideways { spectrum } else { trace }),
        ];
        for (place, is_above, name) in handles {
            if !self.decorations.axes {
                continue;
            }
            let response = ui.interact(place, ui.scope_id().with(("edge of", name)), Sense::click_and_drag());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, format!("Edge of the {name}")));
            let (cursor, keys) = match is_above {
                true => (CursorIcon::ResizeVertical, "up and down"),
                false => (CursorIcon::ResizeHorizontal, "left and right"),
            };
            let response = response.on_hover_cursor(cursor).on_hover_text(format!(
                "Drag to open the {name}; a double click opens or closes it. With the keyboard (Tab): {keys}, and Enter."
            ));
            let (drawn, most) = match is_above {
                true => (parts.above.height(), parts.most_above),
                false => (parts.beside.width(), parts.most_beside),
            };
            let size = match name == spectrum {
                true => &mut self.decorations.spectrum,
                false => &mut self.decorations.trace,
            };
            keyboard::describe_number(ui, &response, f64::from(drawn), (0.0, f64::from(most)), f64::from(STEP));
            let steps = self.focus.steps(ui, &response, Part::Slider);
            if response.drag_started() {
                let origin = ui.input(|input| input.pointer.press_origin());
                self.edge = origin.map(|origin| (drawn, origin));
            }
            // The edges move where the arrows point.
            let moved = steps.more + 5.0 * steps.pages - if is_above { steps.up } else { steps.right };
            if response.double_clicked() || steps.enter {
                *size = if *size > 0.0 { 0.0 } else { OPENED };
            } else if response.dragged() {
                // From what was drawn, and no further than there is room: the edge stays under the pointer.
                if let (Some((start, from)), Some(to)) = (self.edge, response.interact_pointer_pos()) {
                    let by = to - from;
                    *size = (start + if is_above { by.y } else { -by.x }).clamp(0.0, most);
                }
            } else if response.drag_stopped() && *size < LEAST {
                *size = 0.0;
            } else if let Some(value) = steps.value {
                *size = (value as f32).clamp(0.0, most);
            } else if moved != 0.0 {
                let wanted = drawn + STEP * moved;
                // Closed, or large enough to be seen.
                let least = if wanted >= LEAST {
                    wanted
                } else if moved > 0.0 {
                    LEAST
                } else {
                    0.0
                };
                *size = least.min(most);
            }
            if response.hovered() || response.dragged() {
                ui.painter().rect_filled(place.shrink(1.5), 1.0, ui.visuals().selection.bg_fill);
            }
        }
    }
}
