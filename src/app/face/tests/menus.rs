//! Menus and tools.

use super::*;

#[test]
fn entries_of_menus_do_what_their_keys_do() {
    for (menu, entry, action) in [
        ("File", "Open…", Action::Open),
        ("File", "Save picture", Action::Save),
        ("File", "Save as…", Action::SaveAs),
        ("File", "Save the selected box", Action::SaveBox),
        ("File", "Quit", Action::Quit),
        ("View", "Settings panel", Action::Panel),
        ("View", "Spectrum panel", Action::Spectrum),
        ("View", "Time trace", Action::Trace),
        ("View", "Grid", Action::Grid),
        ("View", "Full screen", Action::Fullscreen),
        ("View", "Follow the newest rows", Action::Follow),
        ("View", "Page back", Action::Page(0.75)),
        ("View", "Page forward", Action::Page(-0.75)),
        ("View", "Initial time scale", Action::StartTime),
        ("View", "Initial frequencies", Action::StartSpan),
        ("View", "Automatic range", Action::AutoRange),
        ("View", "Next colormap", Action::Colormap(1)),
        ("View", "Previous colormap", Action::Colormap(-1)),
        ("Marks", "Set marker A at the pointer", Action::Mark(true)),
        ("Marks", "Set marker B at the pointer", Action::Mark(false)),
        ("Marks", "Zoom to the box", Action::ZoomToBox),
        ("Marks", "Save the box", Action::SaveBox),
        ("Marks", "Remove all marks", Action::ClearMarks),
        ("Help", "Keys and mouse", Action::Keys),
    ] {
        let mut at = desk(Theme::Dark);
        assert_eq!(press(&mut at, menu), [""; 0], "a menu does nothing by itself");
        // The key stands beside it.
        assert!(!keys::name(action).is_empty(), "{entry} has no key");
        assert_eq!(press(&mut at, entry), debug(&[Command::Act(action)]), "{menu}, {entry}");
        assert!(at.query_by_label_contains("Page back").is_none(), "the menu closes");
    }
}

#[test]
fn only_an_array_can_be_stretched() {
    let name = "Stretch the array";
    let mut at = desk(Theme::Dark);
    press(&mut at, "View");
    let offered = names(&at);
    assert!(offered.iter().any(|offered| is_named(Some(offered), "Initial frequencies")), "{offered:?}");
    assert!(!offered.iter().any(|offered| is_named(Some(offered), name)), "{offered:?}");
    for (stretches, name) in [(false, name), (true, "Keep the shape of the array")] {
        let mut at = desk(Theme::Dark);
        at.state_mut().stretches = Some(stretches);
        press(&mut at, "View");
        assert_eq!(press(&mut at, name), debug(&[Command::Act(Action::Shape)]), "{name}");
    }
}

#[test]
fn sources_are_opened_from_the_menu() {
    let file = |path: &str| Request::File(path.into());
    for (path, want) in [
        (&["File", "Demonstration"][..], Request::Demo),
        (&["File", "Sound card", "The system's"], Request::SoundCard(None)),
        (&["File", "Sound card", "microphone"], Request::SoundCard(Some("microphone".to_owned()))),
        (&["File", "Recent", "/data/two.wav"], file("/data/two.wav")),
    ] {
        let mut at = desk(Theme::Dark);
        let (last, before) = path.split_last().unwrap();
        for name in before {
            assert_eq!(press(&mut at, name), [""; 0], "{name}");
        }
        assert_eq!(press(&mut at, last), debug(&[Command::Open(want)]), "{path:?}");
    }
    // The devices are looked for when they are needed for the first time.
    let mut at = desk(Theme::Dark);
    at.state_mut().face.devices = None;
    let asked = press(&mut at, "File");
    assert!(!asked.is_empty() && asked.iter().all(|command| command == "FindDevices"), "{asked:?}");
}

#[test]
fn the_theme_is_chosen() {
    for (name, want) in [
        ("Light", egui::ThemePreference::Light),
        ("Dark", egui::ThemePreference::Dark),
        ("As the system", egui::ThemePreference::System),
    ] {
        let mut at = desk(Theme::Light);
        for name in ["View", "Theme", name] {
            press(&mut at, name);
        }
        assert_eq!(at.ctx.options(|options| options.theme_preference), want);
    }
}

#[test]
fn tools() {
    for (name, action) in [
        ("Open", Action::Open),
        ("Pause", Action::Pause),
        ("Follow", Action::Follow),
        ("Auto range", Action::AutoRange),
        ("Spectrum", Action::Spectrum),
        ("Settings", Action::Panel),
        ("Save", Action::Save),
    ] {
        let mut at = desk(Theme::Dark);
        assert_eq!(press(&mut at, name), debug(&[Command::Act(action)]), "{name}");
    }
    let mut at = desk(Theme::Dark);
    press(&mut at, "Colormap");
    assert_eq!(press(&mut at, "magma"), debug(&[Command::Colormap(1)]));
}

/// Whatever stops and plays frames has the same name in the strip and in the bar, and frames count from 1.
#[test]
fn frames_of_a_stack_and_live_ones() {
    for (is_live, is_playing, name) in
        [(false, true, "Stop"), (false, false, "Play"), (true, true, "Pause"), (true, false, "Resume")]
    {
        let mut at = desk(Theme::Dark);
        at.state_mut().stretches = Some(false);
        at.state_mut().frames = Some(FrameFacts { shown: 2, range: 0..12, is_playing, is_live });
        at.run();
        let buttons = at.query_all_by(|node| is_named(node.label().as_deref(), name)).count();
        assert_eq!(buttons, 2, "{name}: in the strip and in the bar");
        // Only a live source has newest frames.
        assert_eq!(names(&at).iter().any(|name| name == "Follow"), is_live, "{:?}", names(&at));
        assert!(at.query_by_label("3 of 12").is_some(), "frame 2, counted from 0");
        assert_eq!(press(&mut at, name), debug(&[Command::Act(Action::Pause)]));
        let slider = at.get_by_role_and_label(Role::Slider, "Frame");
        let value = |node: &Node<'_>| node.accesskit_node().numeric_value();
        assert_eq!(value(&slider), Some(3.0));
        slider.set_value_accesskit(12.0);
        assert_eq!(taken(&mut at).first(), debug(&[Command::Frame(11)]).first());
        // Of live frames the first may be gone.
        at.state_mut().frames = Some(FrameFacts { shown: 7, range: 5..40, is_playing, is_live });
        at.run();
        assert!(at.query_by_label("8 of 6 to 40").is_some());
    }
}
