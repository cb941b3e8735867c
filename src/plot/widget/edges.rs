//! The edges of the panels, which open and close them.

use egui::{CursorIcon, Rect, Sense, Ui, pos2};

use super::Plot;
use crate::plot::layout::Parts;
use crate::plot::subject::Subject;

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
            let cursor = if is_above { CursorIcon::ResizeVertical } else { CursorIcon::ResizeHorizontal };
            let response = response
                .on_hover_cursor(cursor)
                .on_hover_text(format!("Drag to open the {name}; a double click opens or closes it."));
            let size = match name == spectrum {
                true => &mut self.decorations.spectrum,
                false => &mut self.decorations.trace,
            };
            if response.double_clicked() {
                *size = if *size > 0.0 { 0.0 } else { 120.0 };
            } else if response.dragged() {
                let by = ui.input(|input| input.pointer.delta());
                *size = (*size + if is_above { by.y } else { -by.x }).max(0.0);
            } else if response.drag_stopped() && *size < 24.0 {
                *size = 0.0;
            }
            if response.hovered() || response.dragged() {
                ui.painter().rect_filled(place.shrink(1.5), 1.0, ui.visuals().selection.bg_fill);
            }
        }
    }
}
