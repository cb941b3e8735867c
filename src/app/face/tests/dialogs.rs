//! Dialogs and messages.

use std::path::Path;

use ringfall::plot::Selection;

use super::*;
use crate::app::save::{SaveRequest, SaveSize};

#[test]
fn a_path_is_typed_and_opened() {
    let file = |path: &str| debug(&[Command::Open(Request::File(PathBuf::from(path)))]);
    for enters in [true, false] {
        let mut at = desk(Theme::Dark);
        at.state_mut().face.ask_to_open();
        at.run();
        // The field has the keyboard at once, and nothing is opened without a name.
        let field = at.get_by_role_and_label(Role::TextInput, "Path or address");
        assert!(field.is_focused());
        field.type_text("  /tmp/a b.wav ");
        at.run();
        let got = if enters {
            at.key_press(Key::Enter);
            taken(&mut at)
        } else {
            press(&mut at, "Open")
        };
        assert_eq!(got, file("/tmp/a b.wav"));
        assert!(at.query_by_role(Role::TextInput).is_none(), "the dialog closes");
    }
    for (name, want) in [
        ("Browse…", Command::Browse),
        ("sound card", Command::Open(Request::SoundCard(None))),
        ("demonstration", Command::Open(Request::Demo)),
        ("/data/one.wav", Command::Open(Request::File("/data/one.wav".into()))),
    ] {
        let mut at = desk(Theme::Dark);
        at.state_mut().face.ask_to_open();
        at.run();
        assert_eq!(press(&mut at, name), debug(&[want]), "{name}");
    }
    let mut at = desk(Theme::Dark);
    at.state_mut().face.ask_to_open();
    at.run();
    at.key_press(Key::Enter);
    assert_eq!(taken(&mut at), [""; 0], "an empty name opens nothing");
    assert!(at.state_mut().face.close_dialog() && !at.state_mut().face.close_dialog());
}

/// In a small window the dialog is whole, whatever was opened before: its list scrolls, and long names are cut.
#[test]
fn the_dialog_fits_into_a_small_window() {
    let mut at = desk(Theme::Dark);
    let long = format!("/data{}", "/a folder with a long name".repeat(12));
    at.state_mut().face.recent = (0..12).map(|n| Request::File(format!("{long}/{n}.wav").into())).collect();
    at.set_size(vec2(800.0, 480.0));
    at.state_mut().face.ask_to_open();
    at.run_steps(8);
    let window = at.get_by(|node| node.role() == Role::Window).rect();
    assert!(window.top() >= 0.0 && window.bottom() <= 480.0 && window.width() < 420.0, "{window:?}");
    let field = at.get_by_role_and_label(Role::TextInput, "Path or address").rect();
    assert!(window.contains_rect(field), "{field:?} in {window:?}");
    // The last one is reached by scrolling.
    let last = format!("{long}/11.wav");
    at.get_by(|node| node.label().as_deref() == Some(&last)).scroll_to_me();
    at.run_steps(8);
    let entry = at.get_by(|node| node.label().as_deref() == Some(&last)).rect();
    assert!(window.contains_rect(entry), "{entry:?} in {window:?}");
    assert_eq!(press(&mut at, &last), debug(&[Command::Open(Request::File(last.as_str().into()))]));
}

/// An OpenIGTLink peer can be asked for as frames.
#[test]
fn images_of_a_peer_as_frames() {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.ask_to_open();
    at.run();
    assert!(at.query_by_label("Each image is the picture").is_none());
    at.get_by_role_and_label(Role::TextInput, "Path or address").type_text("igtl://host:18944");
    at.run();
    for (turns, want) in
        [(1, "igtl://host:18944 --as frames"), (2, "igtl://host:18944"), (3, "igtl://host:18944 --as frames")]
    {
        press(&mut at, "Each image is the picture");
        let field = at.get_by_role_and_label(Role::TextInput, "Path or address");
        assert_eq!(field.value().as_deref(), Some(want), "{turns}");
    }
    let want = Command::Open(Request::File("igtl://host:18944 --as frames".into()));
    assert_eq!(press(&mut at, "Open"), debug(&[want]));
}

#[test]
fn keys_are_listed_and_messages_closed() {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.keys = true;
    at.run();
    for (key, help) in keys::lines() {
        let found = at.query_all_by(|node| node.role() == Role::Label && node.value().as_deref() == Some(help)).count();
        assert_eq!(found, 1, "{key}: {help}");
    }
    let toasts = &mut at.state_mut().face.toasts;
    toasts.error("no such file");
    toasts.error("no such device");
    toasts.info("saved");
    at.run();
    assert_eq!(at.query_all_by_label("Close").count(), 2, "information goes by itself");
    at.query_all_by_label("Close").next().unwrap().click();
    at.run();
    assert_eq!(at.query_all_by_label("Close").count(), 1);
    assert!(at.query_by_label("saved").is_some());
    // They lie over the plot, and not over the bars below it and the panel beside it.
    at.state_mut().face.keys = false;
    at.state_mut().face.panel = true;
    at.state_mut().frames = Some(FrameFacts { shown: 2, range: 0..12, is_playing: false, is_live: false });
    at.run();
    at.run();
    let toast = at.get_by_label("saved").rect().union(at.get_by_label("Close").rect());
    let (bar, panel) = (at.get_by_label("3 of 12").rect(), at.get_by_label("Range and colours").rect());
    assert!(toast.bottom() < bar.top() && toast.right() < panel.left(), "{toast:?} {bar:?} {panel:?}");
}

/// A desk with the dialog that asks what is to be saved; the selected box is there or not.
fn saving(folder: &Path, has_box: bool) -> At {
    let mut at = desk(Theme::Dark);
    let selection = Selection { hz: (1e8, 1.001e8), time_ns: (0, 1_000_000_000), peak: -60.0, mean: -60.0 };
    at.state_mut().face.plot.selection = has_box.then_some(selection);
    at.state_mut().face.ask_to_save(&folder.join("new.png"), (640, 480));
    at.run();
    at
}

#[test]
fn what_is_saved_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str, replace: bool| Some((folder.path().join(name), replace));
    let shown = SaveRequest { to: to("new.png", false), ..SaveRequest::ON_SHOW };
    let save = |request: &SaveRequest| debug(&[Command::Save(request.clone())]);
    // By Enter, and by the button.
    let mut at = saving(folder.path(), false);
    assert!(at.get_by_role_and_label(Role::TextInput, "File").is_focused());
    at.key_press(Key::Enter);
    assert_eq!(taken(&mut at), save(&shown));
    assert!(!at.state().face.has_dialog(), "the dialog closes");
    let mut at = saving(folder.path(), false);
    press(&mut at, "Axes, colour bar and markers");
    press(&mut at, "Size");
    press(&mut at, "a pixel for each value");
    assert_eq!(press(&mut at, "Save"), save(&SaveRequest { axes: false, size: SaveSize::Data, ..shown.clone() }));
    // The box, if there is one and nothing else is wanted; a size of its own.
    let mut at = saving(folder.path(), true);
    press(&mut at, "Size");
    press(&mut at, "other");
    control(&at, "Width").set_value_accesskit(1920.0);
    at.run();
    control(&at, "Height").set_value_accesskit(1e9);
    at.run();
    control(&at, "Text size").set_value_accesskit(2.0);
    at.run();
    let size = SaveSize::Pixels(1920, 16_384);
    let want = SaveRequest { of_box: true, size, scale: Some(2.0), ..shown.clone() };
    assert_eq!(press(&mut at, "Save"), save(&want));
    let mut at = saving(folder.path(), true);
    press(&mut at, "What is on show");
    assert_eq!(press(&mut at, "Save"), save(&shown));
    // A file that is there is replaced only by a button that says so.
    std::fs::write(folder.path().join("new.png"), "").unwrap();
    let mut at = saving(folder.path(), false);
    at.key_press(Key::Enter);
    assert_eq!(taken(&mut at), [""; 0]);
    assert!(at.query_by_label_contains("There is such a file").is_some());
    assert_eq!(press(&mut at, "Replace"), save(&SaveRequest { to: to("new.png", true), ..shown.clone() }));
    // A place from the system's dialog.
    let mut at = saving(folder.path(), false);
    let browse = Command::BrowseToSave(folder.path().join("new.png"));
    assert_eq!(press(&mut at, "Browse…"), debug(&[browse]));
    at.state_mut().face.save_to(&folder.path().join("other.webp"));
    at.run();
    assert_eq!(press(&mut at, "Save"), save(&SaveRequest { to: to("other.webp", false), ..shown }));
    // Nothing is saved without a name, or after the dialog was closed.
    let mut at = saving(Path::new(""), false);
    at.state_mut().face.save_to(Path::new(""));
    at.run();
    assert!(control(&at, "Save").accesskit_node().is_disabled());
    assert_eq!(press(&mut at, "Cancel"), [""; 0]);
    assert!(!at.state().face.has_dialog());
}

#[test]
fn what_is_being_opened_is_said() {
    let mut at = desk(Theme::Dark);
    assert!(at.query_by_label_contains("opening").is_none());
    at.state_mut().opening = Some("/mnt/far/away.wav");
    at.run();
    let said = at.query_all_by(|node| node.value().is_some_and(|text| text.contains("opening /mnt/far/away.wav (Esc")));
    assert!(said.count() > 0);
}
