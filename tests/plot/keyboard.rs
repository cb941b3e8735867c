//! The plot without a mouse: by keys, and by what programs that read the screen aloud ask for.

use egui::epaint::Shape;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use ringfall::Side;
use ringfall::plot::{Gesture, Plot};

use super::gestures::{Window, corner, drag, window};
use super::made_up::Grid;

fn plain(side: Side) -> Window {
    let mut plot = Plot::default();
    plot.decorations.spectrum = 100.0;
    window(plot, Grid::AUDIO.tone(side, 150), 1.0)
}

fn part<'a>(window: &'a Window, name: &'a str) -> Node<'a> {
    window.get_by(move |node| node.label().is_some_and(|label| label.starts_with(name)))
}

fn taken(window: &mut Window) -> Vec<Gesture> {
    window.run();
    std::mem::take(&mut window.state_mut().subject.gestures)
}

/// What a key asks for while a part has the keyboard.
fn press(window: &mut Window, name: &str, key: Key) -> Vec<Gesture> {
    part(window, name).focus();
    window.run();
    assert!(part(window, name).is_focused(), "{name}");
    window.key_press(key);
    taken(window)
}

fn range(gestures: &[Gesture]) -> (f32, f32) {
    let [Gesture::SetRange { vmin, vmax }] = gestures else { panic!("expected a range: {gestures:?}") };
    (*vmin, *vmax)
}

const PARTS: [&str; 8] = [
    "Waterfall",
    "frequency axis",
    "time axis",
    "Range: ",
    "Upper end of the range",
    "Lower end of the range",
    "Edge of the spectrum",
    "Edge of the time trace",
];

#[test]
fn tab_reaches_every_part_which_then_has_a_ring() {
    let mut window = plain(Side::Top);
    let mut reached = Vec::new();
    for _ in 0..PARTS.len() {
        window.key_press(Key::Tab);
        window.run();
        let name = PARTS.into_iter().find(|name| part(&window, name).is_focused()).expect("a part has the keyboard");
        let place = part(&window, name).rect();
        let color = window.ctx.global_style().visuals.selection.stroke.color;
        let ringed = window.output().shapes.iter().any(|shape| match &shape.shape {
            Shape::Rect(rect) => rect.stroke.color == color && rect.rect == place.shrink(1.0),
            _ => false,
        });
        assert!(ringed, "{name} has no ring at {place:?}");
        reached.push(name);
        // Keys of the host keep their meaning.
        let plot = &window.state().plot;
        assert_eq!((plot.takes_key(Key::C), plot.takes_key(Key::ArrowUp)), (Some(false), Some(true)), "{name}");
        assert_eq!(plot.takes_key(Key::PageUp), Some(name != "Waterfall"), "{name}");
    }
    reached.sort_unstable();
    let mut all = PARTS;
    all.sort_unstable();
    assert_eq!(reached, all);
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(window.state().plot.takes_key(Key::ArrowUp), None, "Esc gives the keyboard back");
}

#[test]
fn arrows_move_and_zoom_an_axis() {
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let mut window = plain(side);
        let size = window.state().shown.as_ref().unwrap().size;
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let (across, down) =
            if side.is_sideways() { ("time axis", "frequency axis") } else { ("frequency axis", "time axis") };
        let near = |got: &[Gesture], by: (f64, f64), what: &str| {
            let [Gesture::Grab, Gesture::Drag(got)] = got else { panic!("{what}: {got:?}") };
            assert!((got.0 - by.0).abs() < 1e-3 && (got.1 - by.1).abs() < 1e-3, "{what}: {got:?}, not {by:?}");
        };
        // The view goes where the arrow points, so that the picture goes the other way: a tenth of it.
        for (name, key, by) in [
            (across, Key::ArrowRight, (-0.1 * width, 0.0)),
            (across, Key::ArrowLeft, (0.1 * width, 0.0)),
            (down, Key::ArrowUp, (0.0, 0.1 * height)),
            (down, Key::ArrowDown, (0.0, -0.1 * height)),
        ] {
            near(&press(&mut window, name, key), by, &format!("{side:?}, {key:?}"));
        }
        // Page Up: to higher frequencies, and back in time. Increments: to higher frequencies, and to newer rows.
        let (newer, higher) = match side {
            Side::Top => ((0.0, height), (-width, 0.0)),
            Side::Bottom => ((0.0, -height), (-width, 0.0)),
            Side::Left => ((width, 0.0), (0.0, height)),
            Side::Right => ((-width, 0.0), (0.0, height)),
        };
        let part_of = |by: (f64, f64), part: f64| (by.0 * part, by.1 * part);
        near(&press(&mut window, "frequency axis", Key::PageUp), part_of(higher, 0.75), "Page Up");
        near(&press(&mut window, "time axis", Key::PageUp), part_of(newer, -0.75), "Page Up");
        for (name, by) in [("frequency axis", higher), ("time axis", newer)] {
            part(&window, name).increment_accesskit();
            near(&taken(&mut window), part_of(by, 0.1), name);
            part(&window, name).decrement_accesskit();
            near(&taken(&mut window), part_of(by, -0.1), name);
        }
        // Frequencies are zoomed about the middle, times about the newest one.
        let newest = match side {
            Side::Top => (0.5 * width, 0.0),
            Side::Bottom => (0.5 * width, height),
            Side::Left => (0.0, 0.5 * height),
            Side::Right => (width, 0.5 * height),
        };
        for (name, key) in [(across, Key::ArrowUp), (down, Key::ArrowRight)] {
            let got = press(&mut window, name, key);
            let want = match name {
                "time axis" => Gesture::Zoom { at: newest, time: 0.8, hz: 1.0 },
                _ => Gesture::Zoom { at: (0.5 * width, 0.5 * height), time: 1.0, hz: 0.8 },
            };
            assert_eq!(got, [want], "{side:?}, {name}");
        }
        assert_eq!(press(&mut window, "time axis", Key::Enter), [Gesture::AllTime]);
        part(&window, "frequency axis").click_accesskit();
        assert_eq!(taken(&mut window), [Gesture::AllHz]);
    }
}

#[test]
fn axes_say_what_they_show() {
    let window = plain(Side::Top);
    let value = |name: &str| part(&window, name).accesskit_node().value().unwrap_or_default().replace('\u{2009}', " ");
    assert_eq!(value("frequency axis"), "0 Hz to 4.000 kHz");
    assert!(value("time axis").ends_with("2026-09-21 14:14:20.0 UTC"), "{}", value("time axis"));
    assert_eq!(value("Range: "), "−120.0 dB to 0.0 dB");
}

#[test]
fn the_range_is_set_without_a_mouse() {
    let mut window = plain(Side::Top);
    // −120 to 0 dB. Both ends by a twentieth, and the contrast by a tenth.
    assert_eq!(range(&press(&mut window, "Range: ", Key::ArrowUp)), (-114.0, 6.0));
    assert_eq!(range(&press(&mut window, "Range: ", Key::ArrowDown)), (-126.0, -6.0));
    let (vmin, vmax) = range(&press(&mut window, "Range: ", Key::ArrowRight));
    assert!((vmin + 60.0 + 60.0 / 1.1).abs() < 1e-3 && (vmax + 60.0 - 60.0 / 1.1).abs() < 1e-3, "{vmin} to {vmax}");
    assert_eq!(press(&mut window, "Range: ", Key::Enter), [Gesture::AutoRange]);
    // The ends alone, by a decibel.
    assert_eq!(range(&press(&mut window, "Upper end", Key::ArrowDown)), (-120.0, -1.0));
    assert_eq!(range(&press(&mut window, "Lower end", Key::PageUp)), (-110.0, 0.0));
    part(&window, "Lower end").increment_accesskit();
    assert_eq!(range(&taken(&mut window)), (-119.0, 0.0));
    part(&window, "Upper end").set_value_accesskit(-40.5);
    assert_eq!(range(&taken(&mut window)), (-120.0, -40.5));
    // What is no range changes nothing.
    for odd in [-120.0, -1e30, f64::NAN, f64::INFINITY, 1e300] {
        part(&window, "Upper end").set_value_accesskit(odd);
        assert_eq!(taken(&mut window), [], "{odd}");
    }
    let node = part(&window, "Upper end").accesskit_node();
    assert_eq!((node.numeric_value(), node.min_numeric_value()), (Some(0.0), Some(-120.0)));
}

#[test]
fn panels_are_opened_without_a_mouse() {
    let mut window = plain(Side::Top);
    let sizes = |window: &Window| {
        let decorations = &window.state().plot.decorations;
        (decorations.spectrum, decorations.trace)
    };
    press(&mut window, "Edge of the spectrum", Key::ArrowDown);
    assert_eq!(sizes(&window), (110.0, 0.0));
    press(&mut window, "Edge of the spectrum", Key::PageDown);
    assert_eq!(sizes(&window), (60.0, 0.0));
    press(&mut window, "Edge of the spectrum", Key::Enter);
    assert_eq!(sizes(&window), (0.0, 0.0));
    // The first step opens it so far that it is seen.
    press(&mut window, "Edge of the time trace", Key::ArrowLeft);
    assert_eq!(sizes(&window), (0.0, 24.0));
    press(&mut window, "Edge of the time trace", Key::ArrowRight);
    assert_eq!(sizes(&window), (0.0, 0.0));
    part(&window, "Edge of the time trace").set_value_accesskit(200.0);
    window.run();
    assert_eq!(sizes(&window), (0.0, 200.0));
    for odd in [f64::NAN, f64::INFINITY] {
        part(&window, "Edge of the time trace").set_value_accesskit(odd);
        window.run();
        assert_eq!(sizes(&window), (0.0, 200.0));
    }
    // No further than there is room.
    part(&window, "Edge of the time trace").set_value_accesskit(1e9);
    window.run();
    let shown = part(&window, "Edge of the time trace").accesskit_node().numeric_value().unwrap() as f32;
    // To whole pixels.
    assert!(shown < 600.0 && (shown - sizes(&window).1).abs() < 1.0, "{shown}");
}

#[test]
fn an_edge_stays_under_the_pointer() {
    for (name, side, inwards) in
        [("Edge of the spectrum", Side::Top, vec2(0.0, 1.0)), ("Edge of the time trace", Side::Top, vec2(-1.0, 0.0))]
    {
        let mut window = plain(side);
        let middle = |window: &Window| part(window, name).rect().center();
        let button = |window: &Window, pos: Pos2, pressed: bool| {
            window.event(Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        };
        let from = middle(&window);
        window.hover_at(from);
        button(&window, from, true);
        for far in [10.0, 5000.0, 4000.0, 60.0, -300.0, -40.0, 50.0] {
            window.hover_at(from + far * inwards);
            window.run();
        }
        // Far beyond both limits and back: it is where the pointer is.
        let moved = (middle(&window) - from).dot(inwards);
        assert!((moved - 50.0).abs() <= 1.5, "{name}: {moved}");
        button(&window, from + 50.0 * inwards, false);
        window.run();
        // Taken hold of anew after it was pushed against its limit, it moves at once.
        let at = middle(&window);
        drag(&window, at, at + 5000.0 * inwards, PointerButton::Primary, Modifiers::NONE);
        window.run();
        let at = middle(&window);
        drag(&window, at, at - 30.0 * inwards, PointerButton::Primary, Modifiers::NONE);
        window.run();
        let moved = (middle(&window) - at).dot(inwards);
        assert!((moved + 30.0).abs() <= 1.5, "{name}: {moved}");
    }
}

#[test]
fn one_points_marks_and_selects_by_keys() {
    let mut window = plain(Side::Top);
    let size = window.state().shown.as_ref().unwrap().size;
    part(&window, "Waterfall").focus();
    window.run();
    assert!(window.state().plot.cursor().is_none());
    // From the middle: eight points for an arrow, one with Ctrl.
    for key in [Key::ArrowRight, Key::ArrowRight, Key::ArrowUp] {
        window.key_press(key);
        window.run();
    }
    window.key_press_modifiers(Modifiers::COMMAND, Key::ArrowRight);
    window.run();
    let (x, y) = (size.0 / 2 + 17, (f64::from(size.1) / 2.0 - 8.0).floor() as u32);
    let want = window.state().subject.canvas.value_at(x, y).unwrap();
    let got = window.state().plot.cursor().expect("a crosshair");
    assert_eq!((got.hz, got.time_ns, got.value), (want.hz, want.time_ns, want.value));
    // What is there is said.
    let said = part(&window, "Waterfall").accesskit_node().value().unwrap();
    assert!(said.contains("Hz, 2026-09-21 14:1"), "{said}");
    assert!(window.state_mut().plot.set_a());
    // A box with Shift: four steps across, two down.
    for _ in 0..4 {
        window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        window.run();
    }
    for _ in 0..2 {
        window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
        window.run();
    }
    let frame = window.state().subject.canvas.frame();
    let selection = window.state().plot.selection.expect("a box");
    let pixel_hz = 4000.0 / f64::from(size.0);
    assert!((selection.bandwidth_hz() - 32.0 * pixel_hz).abs() < 0.01 * pixel_hz, "{selection:?}");
    assert!((selection.seconds() - 16e-9 * frame.line_ns()).abs() < 1e-6, "{selection:?}");
    assert!((selection.hz.0 - got.hz).abs() < pixel_hz, "{selection:?}");
    assert!(!selection.peak.is_nan());
    // The menu, and back from it.
    window.key_press(Key::Enter);
    window.run();
    assert!(window.get_by_label("Set marker A here").is_focused());
    window.key_press(Key::Tab);
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let b = window.state().plot.b.expect("marker B");
    assert!((b.hz - selection.hz.1).abs() < pixel_hz, "{b:?}");
    assert!(window.query_by_label("Set marker A here").is_none(), "the menu closes");
    assert!(part(&window, "Waterfall").is_focused(), "the picture has the keyboard again");
    // The edge of the picture is the end.
    for _ in 0..200 {
        window.key_press(Key::ArrowLeft);
    }
    window.run();
    assert!(window.state().plot.cursor().is_some_and(|point| point.hz < 2.0 * pixel_hz));
    // A pointer that moves takes over.
    let at = corner(&window) + vec2(100.0, 50.0);
    window.hover_at(at - vec2(1.0, 0.0));
    window.run();
    window.hover_at(at);
    window.run();
    let want = window.state().subject.canvas.value_at(100, 50).unwrap();
    assert_eq!(window.state().plot.cursor().map(|point| point.hz), Some(want.hz));
}
