//! The dialog that asks for a file or an address.

use egui::{Context, Key, TextEdit, Window};

use crate::app::command::{Command, Request};

/// What an OpenIGTLink address is followed by if its images are frames.
const AS_FRAMES: &str = " --as frames";

/// The dialog, with what has been typed.
#[derive(Default)]
pub(super) struct Dialog {
    text: String,
    /// The text field has been given the keyboard.
    focused: bool,
}

impl Dialog {
    /// Shows the dialog. False when it is done.
    pub(super) fn show(&mut self, context: &Context, recent: &[Request], commands: &mut Vec<Command>) -> bool {
        let (mut stays, mut chosen) = (true, None);
        let top = egui::Align2::CENTER_TOP;
        Window::new("Open").open(&mut stays).resizable(false).collapsible(false).anchor(top, [0.0, 60.0]).show(
            context,
            |ui| {
                ui.set_width(380.0);
                let label = ui.label(
                    "A file, a FIFO, or an address: igtl://, rtl_tcp://, spyserver://, zmq://, udp:// or shm://, with its flags as \
                     after \"ringfall view\". A file can also be dropped on the window.",
                );
                let edit = ui.add(
                    TextEdit::singleline(&mut self.text).hint_text("path or address").desired_width(f32::INFINITY),
                );
                let edit = edit.labelled_by(label.id).accessible_name("Path or address");
                if !std::mem::replace(&mut self.focused, true) {
                    edit.request_focus();
                }
                if self.text.trim_start().starts_with("igtl:") {
                    let mut as_frames = self.text.contains(AS_FRAMES);
                    let hint = "Or else the rows of the images are appended to each other";
                    if ui.checkbox(&mut as_frames, "Each image is the picture").on_hover_text(hint).changed() {
                        let text = self.text.replace(AS_FRAMES, "");
                        self.text = if as_frames { format!("{}{AS_FRAMES}", text.trim()) } else { text };
                    }
                }
                let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                ui.horizontal(|ui| {
                    let text = self.text.trim();
                    let ready = ui.add_enabled(!text.is_empty(), egui::Button::new("Open"));
                    if (ready.clicked() || entered) && !text.is_empty() {
                        chosen = Some(Command::Open(Request::File(text.into())));
                    }
                    if ui.button("Browse…").on_hover_text("Choose a file in the system's dialog").clicked() {
                        chosen = Some(Command::Browse);
                    }
                });
                ui.separator();
                // As much of the list as there is room for in a low window.
                let room = (context.content_rect().bottom() - ui.cursor().top() - 24.0).max(60.0);
                ui.spacing_mut().scroll = egui::style::ScrollStyle::solid();
                egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.label("Other sources");
                    let mut entry = |ui: &mut egui::Ui, request: &Request| {
                        let name = request.name();
                        if ui.add(egui::Button::new(&name).truncate()).on_hover_text(&name).clicked() {
                            chosen = Some(Command::Open(request.clone()));
                        }
                    };
                    for request in [Request::SoundCard(None), Request::Demo] {
                        entry(ui, &request);
                    }
                    if !recent.is_empty() {
                        ui.separator();
                        ui.label("Recent");
                        recent.iter().for_each(|request| entry(ui, request));
                    }
                });
            },
        );
        let done = chosen.is_some();
        commands.extend(chosen);
        stays && !done
    }
}
