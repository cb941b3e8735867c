//! Somebody at the interface: every control by its name, and what comes of it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use egui::accesskit::{Action as Access, Role, Toggled};
use egui::epaint::{ClippedShape, Shape};
use egui::{Color32, Key, Rect, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use ringfall::dsp::{Average, Window};
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::source::{Clock, Controls, RowInfo, Status};
use ringfall::{Axis, Canvas, Colormap, Interpolation, Options, Reduce, Side, Stamp};

use super::{Face, Facts, Rates};
use crate::app::analysis::{Analysis, Hop};
use crate::app::command::{Command, Request};
use crate::app::intake::Kept;
use crate::app::keys::{self, Action};
use crate::app::range::Range;

struct Desk {
    face: Face,
    rows: RowInfo,
    status: Status,
    maps: Vec<Colormap>,
    analysis: Analysis,
    kept: Option<Kept>,
    canvas: Canvas,
    hides: bool,
    /// Of all passes.
    commands: Vec<String>,
}

type At = Harness<'static, Desk>;

const ANALYSIS: Analysis =
    Analysis { size: 1024, hop: Hop::Auto, window: Window::Hann, average: Some(Average::None), band_hz: (None, None) };

/// A receiver of 1 MHz around 100 MHz, with all that a source can have.
fn desk(theme: Theme) -> At {
    let mut rows = RowInfo::new("receiver", Clock::Utc, 100, (99.505e6, 1e4), 1e7).unwrap();
    rows.source.controls = Controls::default()
        .with_tune_hz(1e6..=1e9)
        .with_gain_db(0.0..=40.0)
        .with_rate_hz(225e3..=3.2e6)
        .with_ppm(-200.0..=200.0);
    let mut canvas = Canvas::new(&Options::default().bins(100)).unwrap();
    for row in 0..200 {
        let stamp = Stamp { time_ns: row * 10_000_000, duration_ns: 1e7, first_hz: rows.first_hz, bin_hz: rows.bin_hz };
        canvas.push(stamp, &[-60.0; 100]).unwrap();
    }
    let mut face = Face::new(false);
    face.devices = Some(vec!["microphone".to_owned()]);
    face.recent = vec![Request::File("/data/one.wav".into()), Request::File("/data/two.wav".into())];
    face.source_changed(&rows);
    let desk = Desk {
        face,
        rows,
        status: Status::default(),
        maps: ["viridis", "magma"].map(|name| Colormap::named(name).unwrap()).into(),
        analysis: ANALYSIS,
        kept: None,
        canvas,
        hides: false,
        commands: Vec::new(),
    };
    let show = |ui: &mut egui::Ui, desk: &mut Desk| {
        let facts = Facts {
            rows: &desk.rows,
            status: &desk.status,
            is_paused: false,
            plays: None,
            playing: None,
            follows: true,
            is_auto: false,
            range: Range::UNKNOWN,
            maps: &desk.maps,
            map: 0,
            analysis: Some(desk.analysis),
            reduce: Reduce::Max,
            axis: Axis::Linear,
            interpolation: Interpolation::Nearest,
            newest: Side::Top,
            kept: desk.kept,
            history: (1 << 20, 1 << 30),
            rates: Rates::new(Instant::now()),
            adapter: "llvmpipe",
            hides: desk.hides,
            progress: None,
            frames: None,
            published: None,
        };
        let mut commands = Vec::new();
        desk.face.show(ui, &facts, &mut desk.canvas, &mut commands);
        desk.commands.extend(commands.iter().map(|command| format!("{command:?}")));
    };
    let mut at = Harness::builder()
        .with_size(vec2(1280.0, 1100.0))
        .with_max_steps(100)
        .with_step_dt(0.01)
        .with_theme(theme)
        .with_context_setup(super::dress)
        .build_ui_state(show, desk);
    at.run();
    at.state_mut().commands.clear();
    at
}

fn taken(at: &mut At) -> Vec<String> {
    at.run();
    std::mem::take(&mut at.state_mut().commands)
}

/// Whether a node has this name; entries of menus have their key behind it.
fn is_named(label: Option<&str>, name: &str) -> bool {
    label.is_some_and(|label| label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

const PRESSED: [Role; 6] =
    [Role::Button, Role::CheckBox, Role::RadioButton, Role::ComboBox, Role::MenuItem, Role::SpinButton];

/// The control of this name; the last if a menu is open over another of the same name.
#[track_caller]
fn control<'a>(at: &'a At, name: &'a str) -> Node<'a> {
    let found = at.query_all_by(move |node| PRESSED.contains(&node.role()) && is_named(node.label().as_deref(), name));
    found.last().unwrap_or_else(|| panic!("no control is named {name}: {:?}", names(at)))
}

fn names(at: &At) -> Vec<String> {
    at.query_all_by(|node| PRESSED.contains(&node.role())).filter_map(|node| node.accesskit_node().label()).collect()
}

#[track_caller]
fn press(at: &mut At, name: &str) -> Vec<String> {
    control(at, name).click();
    taken(at)
}

fn debug(commands: &[Command]) -> Vec<String> {
    commands.iter().map(|command| format!("{command:?}")).collect()
}

#[test]
fn entries_of_menus_do_what_their_keys_do() {
    for (menu, entry, action) in [
        ("File", "Open…", Action::Open),
        ("File", "Save picture", Action::Save),
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

/// A desk with the panel open.
fn panel() -> At {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.panel = true;
    at.run();
    at
}

#[test]
fn choices_in_the_panel() {
    let with = |change: &dyn Fn(&mut Analysis)| {
        let mut analysis = ANALYSIS;
        change(&mut analysis);
        Command::Analysis(analysis)
    };
    for (name, choice, want) in [
        ("Norm", "square root", Command::Norm(ringfall::Norm::Power { gamma: 0.5 })),
        ("Newest rows at", "left", Command::Newest(Side::Left)),
        ("Reduction", "mean", Command::Reduce(Reduce::Mean)),
        ("Frequencies", "log", Command::Axis(Axis::Log)),
        ("Between bins", "linear", Command::Interpolation(Interpolation::Linear)),
        ("FFT size", "4096", with(&|analysis| analysis.size = 4096)),
        ("Window", "flat-top", with(&|analysis| analysis.window = Window::FlatTop)),
        ("Overlap", "75 %", with(&|analysis| analysis.hop = Hop::Overlap(0.75))),
        ("Averaging", "mean of 16", with(&|analysis| analysis.average = Some(Average::Mean(16)))),
    ] {
        let mut at = panel();
        assert_eq!(press(&mut at, name), [""; 0], "{name}");
        assert_eq!(press(&mut at, choice), debug(&[want]), "{name}, {choice}");
    }
}

#[test]
fn numbers_in_the_panel() {
    let range = |vmin, vmax| Command::Range(Range::new(vmin, vmax));
    let band = |low, high| Command::Analysis(Analysis { band_hz: (low, high), ..ANALYSIS });
    use ringfall::source::Control::{Gain, Ppm, Rate, Tune};
    for (name, value, want) in [
        ("Lower end", -100.0, range(-100.0, 0.0)),
        ("Upper end", -20.0, range(-120.0, -20.0)),
        ("Lowest frequency", 99.6e6, band(Some(99.6e6), None)),
        ("Highest frequency", 100.2e6, band(None, Some(100.2e6))),
        ("Centre frequency", 433.92, Command::Control(Tune(433.92e6))),
        ("Gain", 12.5, Command::Control(Gain(12.5))),
        ("Sample rate", 2.4, Command::Control(Rate(2.4e6))),
        ("Correction", -3.0, Command::Control(Ppm(-3.0))),
    ] {
        let mut at = panel();
        control(&at, name).set_value_accesskit(value);
        let got = taken(&mut at);
        // The facts stay as they are here, so it may be said twice.
        assert_eq!(got.first(), Some(&format!("{want:?}")), "{name}: {got:?}");
    }
    // What makes no sense is not asked for.
    for (name, value) in [("Lower end", 5.0), ("Upper end", -200.0), ("Lowest frequency", 1e12), ("Gain", f64::NAN)] {
        let mut at = panel();
        control(&at, name).set_value_accesskit(value);
        let got = taken(&mut at);
        assert!(got.iter().all(|command| !command.contains("NaN") && !command.starts_with("Range")), "{name}: {got:?}");
    }
}

#[test]
fn switches_in_the_panel() {
    let mut at = panel();
    assert_eq!(press(&mut at, "Automatic range"), debug(&[Command::Act(Action::AutoRange)]));
    let on = |at: &At, name: &str| control(at, name).accesskit_node().toggled() == Some(Toggled::True);
    for name in ["Grid", "Cursor", "Mean", "Peak hold", "Minimum hold"] {
        let before = on(&at, name);
        assert_eq!(press(&mut at, name), [""; 0]);
        assert_eq!(on(&at, name), !before, "{name}");
    }
    let decorations = &at.state().face.plot.decorations;
    assert!(decorations.grid && !decorations.cursor);
    assert!(decorations.holds.mean && decorations.holds.peak && decorations.holds.minimum);
    press(&mut at, "Times");
    press(&mut at, "local");
    assert!(matches!(at.state().face.plot.decorations.times, TimeLabels::Local(_)));
    press(&mut at, "Frequency labels");
    press(&mut at, "relative");
    assert_eq!(at.state().face.plot.decorations.frequencies, FrequencyLabels::RelativeTo(100e6));
    let stamp = Stamp::index(0);
    at.state_mut().face.plot.hold.add(&stamp, ringfall::Unit::Decibel, &[1.0]);
    press(&mut at, "Reset curves");
    assert_eq!(at.state().face.plot.hold.rows(), 0);
}

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
}

type Opening = Box<dyn Fn(&mut At)>;

/// What can be open, each with its name.
fn states() -> Vec<(&'static str, Opening)> {
    fn state(change: impl Fn(&mut Desk) + 'static) -> Opening {
        Box::new(move |at| change(at.state_mut()))
    }
    vec![
        ("plain", state(|_| {})),
        ("panel", state(|desk| desk.face.panel = true)),
        (
            "panels of the plot",
            state(|desk| {
                desk.face.plot.decorations.spectrum = 120.0;
                desk.face.plot.decorations.trace = 120.0;
            }),
        ),
        (
            "dialog",
            Box::new(|at| {
                at.state_mut().face.ask_to_open();
                at.run();
                at.get_by_role(Role::TextInput).type_text("x");
            }),
        ),
        ("keys", state(|desk| desk.face.keys = true)),
        (
            "messages",
            state(|desk| {
                desk.face.toasts.error("an error");
                desk.face.toasts.info("a message");
            }),
        ),
        (
            "unusual",
            state(|desk| {
                desk.status.dropped_rows = 3;
                desk.status.ended = true;
                desk.kept = Some(Kept::Seconds(60));
            }),
        ),
        ("file menu", Box::new(|at| control(at, "File").click())),
        ("view menu", Box::new(|at| control(at, "View").click())),
        ("marks menu", Box::new(|at| control(at, "Marks").click())),
    ]
}

/// Whether somebody can do something with a node.
fn is_control(node: &egui_kittest::kittest::AccessKitNode<'_>) -> bool {
    let data = node.data();
    let acts = [Access::Click, Access::Focus, Access::SetValue, Access::Increment];
    acts.into_iter().any(|action| data.supports_action(action))
}

#[test]
fn every_control_has_a_name() {
    for (name, open) in states() {
        let mut at = desk(Theme::Dark);
        open(&mut at);
        at.run();
        // The bar that a window is moved by has none of its own.
        let windows: Vec<Rect> = at.query_all_by_role(Role::Window).map(|node| node.rect()).collect();
        let is_bar = |node: &Node<'_>| {
            node.accesskit_node().role() == Role::Unknown
                && windows.iter().any(|window| window.min.distance(node.rect().min) < 8.0)
        };
        let nameless: Vec<String> = at
            .query_all_by(|node| {
                is_control(node) && !matches!(node.role(), Role::Window | Role::GenericContainer | Role::ScrollBar)
            })
            .filter(|node| {
                let access = node.accesskit_node();
                let text = if access.role() == Role::Label { access.value() } else { access.label() };
                text.is_none_or(|text| text.trim().is_empty()) && !is_bar(node)
            })
            .map(|node| format!("{:?} at {:?}", node.accesskit_node().role(), node.rect()))
            .collect();
        assert!(nameless.is_empty(), "{name}: {nameless:#?}");
    }
}

#[test]
fn tab_reaches_every_control() {
    for name in ["plain", "panel", "dialog", "messages"] {
        let mut at = desk(Theme::Dark);
        let open = states().into_iter().find(|(other, _)| *other == name).unwrap().1;
        open(&mut at);
        at.run();
        let label = |node: &Node<'_>| {
            let node = node.accesskit_node();
            (format!("{:?}", node.id()), format!("{:?} {:?}", node.role(), node.label().or(node.value())))
        };
        let wanted = at
            .query_all_by(|node| PRESSED.contains(&node.role()) || node.role() == Role::TextInput)
            .filter(|node| !node.accesskit_node().is_disabled());
        let wanted: HashSet<_> = wanted.map(|node| label(&node)).collect();
        let mut reached = HashSet::new();
        for _ in 0..2 * wanted.len() + 20 {
            at.key_press(Key::Tab);
            at.run();
            reached.extend(at.query_all_by(|node| node.is_focused()).map(|node| label(&node)));
        }
        let missing: Vec<_> = wanted.difference(&reached).collect();
        assert!(wanted.len() >= 10 && missing.is_empty(), "{name}: {missing:#?}");
    }
}

/// Relative luminance (WCAG 2.2).
fn luminance(color: Color32) -> f64 {
    let part = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(color.r()) + 0.7152 * part(color.g()) + 0.0722 * part(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A premultiplied colour over an opaque one.
fn over(top: Color32, below: Color32) -> Color32 {
    let keep = 255 - u16::from(top.a());
    let mix = |top: u8, below: u8| (u16::from(top) + u16::from(below) * keep / 255).min(255) as u8;
    Color32::from_rgb(mix(top.r(), below.r()), mix(top.g(), below.g()), mix(top.b(), below.b()))
}

/// Each text with its colour, and what is under it if that is known: nothing is over the picture.
fn texts(shapes: &[ClippedShape]) -> Vec<(String, Color32, Color32)> {
    let mut fills: Vec<(Rect, Color32)> = Vec::new();
    let mut found = Vec::new();
    fn each(shape: &Shape, clip: Rect, fills: &mut Vec<(Rect, Color32)>, found: &mut Vec<(String, Color32, Color32)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| each(shape, clip, fills, found)),
            Shape::Rect(rect) if rect.fill.a() > 0 => fills.push((rect.rect.intersect(clip), rect.fill)),
            Shape::Text(text) if clip.intersects(text.visual_bounding_rect()) => {
                let at = text.visual_bounding_rect().intersect(clip).center();
                let under: Vec<Color32> =
                    fills.iter().rev().filter(|(rect, _)| rect.contains(at)).map(|(_, fill)| *fill).collect();
                let Some(opaque) = under.iter().position(|fill| fill.a() == 255) else { return };
                let below = under[..opaque].iter().rev().fold(under[opaque], |below, top| over(*top, below));
                for section in &text.galley.job.sections {
                    let color = match text.override_text_color {
                        Some(color) => color,
                        None if section.format.color == Color32::PLACEHOLDER => text.fallback_color,
                        None => section.format.color,
                    };
                    let color = color.gamma_multiply(text.opacity_factor);
                    let part = &text.galley.job.text[section.byte_range.start.0..section.byte_range.end.0];
                    if !part.trim().is_empty() {
                        found.push((part.to_owned(), over(color, below), below));
                    }
                }
            }
            _ => {}
        }
    }
    for ClippedShape { clip_rect, shape, .. } in shapes {
        each(shape, *clip_rect, &mut fills, &mut found);
    }
    found
}

#[test]
fn text_stands_out_from_its_background() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    assert!((contrast(Color32::from_gray(119), Color32::WHITE) - 4.48).abs() < 0.01);
    for theme in [Theme::Dark, Theme::Light] {
        for (name, open) in states() {
            let mut at = desk(theme);
            open(&mut at);
            at.run();
            let texts = texts(&at.output().shapes);
            assert!(texts.len() > 20, "{theme:?}, {name}: {} texts", texts.len());
            let faint: Vec<String> = texts
                .iter()
                .filter(|(_, color, below)| contrast(*color, *below) < 4.5)
                .map(|(text, color, below)| {
                    format!("{text:?}: {color:?} on {below:?}: {:.1}", contrast(*color, *below))
                })
                .collect();
            assert!(faint.is_empty(), "{theme:?}, {name}: {faint:#?}");
        }
    }
}

#[test]
fn full_screen_hides_all_but_the_plot() {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.panel = true;
    at.state_mut().hides = true;
    at.run();
    assert!(names(&at).is_empty(), "{:?}", names(&at));
    // A window of 1280×720 leaves the plot with its axes most of the room.
    let mut at = desk(Theme::Dark);
    at.set_size(vec2(1280.0, 720.0));
    at.run();
    let part = |name: &str| at.get_by(|node| node.label().is_some_and(|label| label.starts_with(name))).rect();
    let parts = ["Waterfall", "frequency axis", "time axis", "Range: "].map(part);
    let all = parts.into_iter().fold(Rect::NOTHING, Rect::union);
    assert!(all.area() >= 0.85 * 1280.0 * 720.0, "{all:?}");
}
