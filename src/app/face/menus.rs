//! Menus, and the most used tools beside them.

use egui::{Align, Button, Layout, MenuBar, RichText, Ui};

use super::{Face, Facts, FrameFacts, panel};
use crate::app::command::{Command, Request};
use crate::app::keys::{self, Action};
use crate::app::playback::Space;

/// Shows the bar.
pub(super) fn show(face: &mut Face, ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| file(face, ui, commands));
        ui.menu_button("View", |ui| view(ui, facts, commands));
        ui.menu_button("Marks", |ui| marks(ui, commands));
        ui.menu_button("Help", |ui| {
            item(ui, "Keys and mouse", Action::Keys, commands);
        });
        ui.separator();
        tools(face, ui, facts, commands);
    });
}

/// An entry with the key that does the same.
fn item(ui: &mut Ui, text: &str, action: Action, commands: &mut Vec<Command>) {
    if ui.add(Button::new(text).shortcut_text(keys::name(action))).clicked() {
        commands.push(Command::Act(action));
        ui.close();
    }
}

fn file(face: &mut Face, ui: &mut Ui, commands: &mut Vec<Command>) {
    item(ui, "Open…", Action::Open, commands);
    let mut open = |ui: &mut Ui, name: &str, request: Request| {
        if ui.button(name).clicked() {
            commands.push(Command::Open(request));
            ui.close();
        }
    };
    open(ui, "Demonstration", Request::Demo);
    ui.menu_button("Sound card", |ui| {
        open(ui, "The system's", Request::SoundCard(None));
        for name in face.devices.iter().flatten() {
            open(ui, name, Request::SoundCard(Some(name.clone())));
        }
    });
    if !face.recent.is_empty() {
        ui.menu_button("Recent", |ui| {
            for request in face.recent.clone() {
                open(ui, &request.name(), request);
            }
        });
    }
    if face.devices.is_none() {
        commands.push(Command::FindDevices);
    }
    ui.separator();
    item(ui, "Save picture", Action::Save, commands);
    item(ui, "Save as…", Action::SaveAs, commands);
    item(ui, "Save the selected box", Action::SaveBox, commands);
    ui.separator();
    item(ui, "Quit", Action::Quit, commands);
}

fn view(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    item(ui, "Settings panel", Action::Panel, commands);
    item(ui, "Spectrum panel", Action::Spectrum, commands);
    item(ui, "Time trace", Action::Trace, commands);
    item(ui, "Grid", Action::Grid, commands);
    item(ui, "Full screen", Action::Fullscreen, commands);
    ui.separator();
    item(ui, "Follow the newest rows", Action::Follow, commands);
    item(ui, "Page back", Action::Page(0.75), commands);
    item(ui, "Page forward", Action::Page(-0.75), commands);
    item(ui, "Initial time scale", Action::StartTime, commands);
    item(ui, "Initial frequencies", Action::StartSpan, commands);
    // Recordings and live rows always fill the window.
    if let Some(stretches) = facts.stretches {
        let shape = if stretches { "Keep the shape of the array" } else { "Stretch the array" };
        item(ui, shape, Action::Shape, commands);
    }
    ui.separator();
    item(ui, "Automatic range", Action::AutoRange, commands);
    item(ui, "Next colormap", Action::Colormap(1), commands);
    item(ui, "Previous colormap", Action::Colormap(-1), commands);
    ui.separator();
    ui.menu_button("Theme", |ui| {
        let mut theme = ui.ctx().options(|options| options.theme_preference);
        for (choice, name) in [
            (egui::ThemePreference::Dark, "Dark"),
            (egui::ThemePreference::Light, "Light"),
            (egui::ThemePreference::System, "As the system"),
        ] {
            if ui.radio_value(&mut theme, choice, name).clicked() {
                ui.ctx().set_theme(theme);
            }
        }
    });
}

fn marks(ui: &mut Ui, commands: &mut Vec<Command>) {
    item(ui, "Set marker A at the pointer", Action::Mark(true), commands);
    item(ui, "Set marker B at the pointer", Action::Mark(false), commands);
    item(ui, "Zoom to the box", Action::ZoomToBox, commands);
    item(ui, "Save the box", Action::SaveBox, commands);
    item(ui, "Remove all marks", Action::ClearMarks, commands);
    ui.separator();
    ui.weak("A right click on the picture names a marker.");
    ui.weak("Ctrl+drag selects a box.");
}

fn tools(face: &mut Face, ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let mut tool = |ui: &mut Ui, on: bool, text: &str, hint: &str, action: Action| {
        let key = keys::name(action);
        if ui.selectable_label(on, text).on_hover_text(format!("{hint} ({key})")).clicked() {
            commands.push(Command::Act(action));
        }
    };
    tool(ui, false, "Open", "Open a file, an address, the sound card or the demonstration", Action::Open);
    let frames = facts.frames.as_ref();
    let (on, text, hint) = match facts.space {
        Space::Frames { moves } => {
            let (text, hint) = frames.map_or(("Play", "Play the frames"), FrameFacts::toggle);
            (moves != frames.is_some_and(|frames| frames.is_live), text, hint)
        }
        Space::Recording { plays: true } => (true, "Stop", "Stop playing"),
        Space::Recording { plays: false } => {
            (false, "Play", "Play from the play head, or from the beginning of what is on show")
        }
        Space::Rows { paused: true } => (true, "Resume", "Go on"),
        Space::Rows { paused: false } => (false, "Pause", "Stop the picture; live input continues to be recorded"),
    };
    // A single array neither runs nor can be followed; a stack only runs.
    if facts.stretches.is_none() || frames.is_some() {
        tool(ui, on, text, hint, Action::Pause);
    }
    match frames {
        None if facts.stretches.is_some() => {}
        None => tool(ui, facts.follows, "Follow", "Show the newest rows", Action::Follow),
        Some(frames) if frames.is_live => tool(ui, facts.follows, "Follow", "Show the newest frame", Action::Follow),
        Some(_) => {}
    }
    tool(ui, facts.is_auto, "Auto range", "Let the range follow the data", Action::AutoRange);
    let spectrum = face.plot.decorations.spectrum > 0.0;
    tool(ui, spectrum, "Spectrum", "Show the spectrum of a row above the picture", Action::Spectrum);
    tool(ui, face.panel, "Settings", "Show all settings", Action::Panel);
    tool(ui, false, "Save", "Save a picture with its axes", Action::Save);
    panel::colormaps(ui, facts, 90.0, commands);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let name = RichText::new(&facts.rows.source.name).strong();
        ui.add(egui::Label::new(name).truncate());
    });
}
