//! The dialog that asks what is to be saved, how large, and where.

use std::path::{Path, PathBuf};

use egui::{ComboBox, Context, DragValue, Grid, Key, RichText, TextEdit, Window};

use crate::app::command::Command;
use crate::app::save::{SaveRequest, SaveSize};

/// The dialog, with what has been chosen.
pub(super) struct Dialog {
    text: String,
    /// Whether there is such a file; looked up when the name changes.
    exists: Option<bool>,
    of_box: Option<bool>,
    axes: bool,
    size: SaveSize,
    /// The size of its own, while another one is chosen.
    pixels: (u32, u32),
    scale: Option<f32>,
    focused: bool,
}

impl Dialog {
    pub(super) fn new(path: &Path, pixels: (u32, u32)) -> Self {
        Self {
            text: path.display().to_string(),
            exists: None,
            of_box: None,
            axes: true,
            size: SaveSize::Window,
            pixels,
            scale: None,
            focused: false,
        }
    }

    pub(super) fn set_path(&mut self, path: &Path) {
        (self.text, self.exists) = (path.display().to_string(), None);
    }

    /// Shows the dialog. False when it is done.
    pub(super) fn show(&mut self, context: &Context, has_box: bool, commands: &mut Vec<Command>) -> bool {
        let (mut stays, mut done) = (true, false);
        let top = egui::Align2::CENTER_TOP;
        Window::new("Save picture").open(&mut stays).resizable(false).collapsible(false).anchor(top, [0.0, 60.0]).show(
            context,
            |ui| {
                ui.set_min_width(420.0);
                Grid::new("save").num_columns(2).spacing([12.0, 6.0]).show(ui, |ui| self.choices(ui, has_box));
                ui.separator();
                let label = ui.label("File: its name decides the format (.png, .jpg, .webp)");
                let edit = ui.add(TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY));
                let edit = edit.labelled_by(label.id).accessible_name("File");
                if !std::mem::replace(&mut self.focused, true) {
                    edit.request_focus();
                }
                if edit.changed() {
                    self.exists = None;
                }
                let path = PathBuf::from(self.text.trim());
                let exists = *self.exists.get_or_insert_with(|| std::fs::symlink_metadata(&path).is_ok());
                let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                if exists {
                    ui.label(RichText::new("There is such a file already.").color(ui.visuals().error_fg_color));
                }
                ui.horizontal(|ui| {
                    let is_named = !self.text.trim().is_empty();
                    let name = if exists { "Replace" } else { "Save" };
                    let ready = ui.add_enabled(is_named, egui::Button::new(name));
                    // A file is not replaced by Enter in the field.
                    if is_named && (ready.clicked() || entered && !exists) {
                        commands.push(Command::Save(SaveRequest {
                            of_box: self.of_box(has_box),
                            axes: self.axes,
                            size: self.size,
                            scale: self.scale,
                            to: Some((path.clone(), exists)),
                        }));
                        done = true;
                    }
                    if ui.button("Browse…").on_hover_text("Choose a place in the system's dialog").clicked() {
                        commands.push(Command::BrowseToSave(path.clone()));
                    }
                    if ui.button("Cancel").clicked() {
                        done = true;
                    }
                });
            },
        );
        stays && !done
    }

    /// The box, if there is one and nothing else was chosen.
    fn of_box(&self, has_box: bool) -> bool {
        has_box && self.of_box.unwrap_or(has_box)
    }

    fn choices(&mut self, ui: &mut egui::Ui, has_box: bool) {
        ui.label("Picture of");
        ui.horizontal(|ui| {
            let of_box = self.of_box(has_box);
            if ui.radio(!of_box, "What is on show").clicked() {
                self.of_box = Some(false);
            }
            if has_box {
                if ui.radio(of_box, "The selected box").clicked() {
                    self.of_box = Some(true);
                }
            } else {
                ui.weak("Ctrl+drag selects a box.");
            }
        });
        ui.end_row();
        ui.label("Around it");
        ui.checkbox(&mut self.axes, "Axes, colour bar and markers");
        ui.end_row();
        let label = ui.label("Size");
        ui.horizontal(|ui| {
            let names = [
                (SaveSize::Window, "as in the window"),
                (SaveSize::Data, "a pixel for each value"),
                (SaveSize::Pixels(self.pixels.0, self.pixels.1), "other"),
            ];
            let now = names.iter().find(|(size, _)| *size == self.size).map_or("", |(_, name)| name);
            let combo = ComboBox::from_id_salt("size").selected_text(now).width(150.0).show_ui(ui, |ui| {
                for (size, name) in names {
                    if ui.selectable_label(size == self.size, name).clicked() {
                        self.size = size;
                    }
                }
            });
            combo.response.accessible_name("Size").labelled_by(label.id);
            if let SaveSize::Pixels(width, height) = &mut self.size {
                for (name, side) in [("Width", &mut *width), ("Height", &mut *height)] {
                    let field = DragValue::new(side).range(1..=16_384).speed(4);
                    ui.add(field).on_hover_text(format!("{name} of the data, in pixels")).accessible_name(name);
                }
                self.pixels = (*width, *height);
            }
        });
        ui.end_row();
        if self.axes {
            let label = ui.label("Text size");
            let mut scale = self.scale.unwrap_or(ui.ctx().pixels_per_point());
            let field = DragValue::new(&mut scale).range(0.5..=4.0).speed(0.02).max_decimals(2).suffix(" ×");
            if ui.add(field).labelled_by(label.id).on_hover_text("1: labels are 11 pixels high").changed() {
                self.scale = Some(scale);
            }
            ui.end_row();
        }
    }
}
