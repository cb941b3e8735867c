//! The menu of the right button.

use egui::SetOpenCommand;

use super::Plot;
use crate::plot::gesture::Over;
use crate::plot::marker::{Marker, Point};
use crate::plot::subject::{Gesture, Subject};

impl Plot {
    /// The menu of the right button.
    pub(super) fn menu(&mut self, over: &Over, subject: &mut dyn Subject) {
        let opens = std::mem::take(&mut self.opens_menu);
        if over.response.secondary_clicked() || opens {
            self.menu_point = self.cursor;
            // By the mouse it opens at the pointer.
            self.menu_at = self.menu_at.filter(|_| opens);
        }
        let point = self.menu_point;
        let mut menu = egui::Popup::context_menu(&over.response);
        if let Some(at) = self.menu_at {
            menu = menu.at_position(at);
        }
        if opens {
            menu = menu.open_memory(Some(SetOpenCommand::Bool(true)));
        }
        // Not closed by a click in the field for the name.
        menu.close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            if let Some(point) = point {
                self.menu_of_markers(ui, point, opens);
            }
            if ui.button("Remove all markers").clicked() {
                self.clear_marks();
                ui.close();
            }
            ui.separator();
            self.menu_of_box(ui, subject);
            let view = [
                ("Show everything", Gesture::Fit),
                ("Show all frequencies", Gesture::AllHz),
                ("Automatic range", Gesture::AutoRange),
            ];
            for (name, gesture) in view {
                if ui.button(name).clicked() {
                    subject.act(gesture);
                    ui.close();
                }
            }
        });
        if !over.response.context_menu_opened() {
            self.naming = None;
            if self.menu_at.take().is_some() {
                over.response.request_focus();
            }
        }
    }

    /// Markers at a point; `focus`: the first entry gets the keyboard.
    fn menu_of_markers(&mut self, ui: &mut egui::Ui, point: Point, focus: bool) {
        let first = ui.button("Set marker A here");
        if focus {
            first.request_focus();
        }
        if first.clicked() {
            self.a = Some(point);
            ui.close();
        }
        if ui.button("Set marker B here").clicked() {
            self.b = Some(point);
            ui.close();
        }
        ui.horizontal(|ui| {
            let name = self.naming.get_or_insert_default();
            let label = ui.label("Marker:");
            let edit = egui::TextEdit::singleline(name).hint_text("name").desired_width(90.0);
            let edit = ui.add(edit).labelled_by(label.id);
            let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if (ui.button("Add").clicked() || entered) && !name.trim().is_empty() {
                self.markers.push(Marker { name: name.trim().to_owned(), point });
                self.naming = None;
                ui.close();
            }
        });
    }

    /// What can be done with the selected box.
    fn menu_of_box(&mut self, ui: &mut egui::Ui, subject: &mut dyn Subject) {
        if self.selection.is_none() {
            ui.add_enabled(false, egui::Button::new("Zoom to the box"))
                .on_disabled_hover_text("Ctrl+drag selects a box.");
            return;
        }
        if ui.button("Zoom to the box").clicked() {
            self.zoom_to_selection(subject);
            ui.close();
        }
        if self.can_save && ui.button("Save the box").clicked() {
            subject.act(Gesture::SaveBox);
            ui.close();
        }
        if ui.button("Remove the box").clicked() {
            self.selection = None;
            ui.close();
        }
    }
}
