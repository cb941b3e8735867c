//! What the mouse and the touchpad ask of a subject.

use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, Vec2, pos2, vec2,
};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, Node};
use ringfall::plot::ticks::TimeLabels;
use ringfall::plot::{Extent, Gesture, Plot, Shown, Subject};
use ringfall::{Canvas, Frame, Reading, Scale, Side, Unit};

use super::made_up::{Grid, START_NS};

/// A canvas that notes what is asked of it.
pub(crate) struct Recorder {
    pub(crate) canvas: Canvas,
    pub(crate) gestures: Vec<Gesture>,
}

impl Subject for Recorder {
    fn set_size(&mut self, width: u32, height: u32) {
        self.canvas.set_size(width, height).unwrap();
    }

    fn frame(&self) -> Option<Frame> {
        Some(self.canvas.frame())
    }

    fn extent(&self) -> Option<Extent> {
        self.canvas.extent()
    }

    fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        self.canvas.value_at(x, y)
    }

    fn line(&self, line: i64, out: &mut Vec<f32>) {
        self.canvas.line(line, out);
    }

    fn trace(&self, across: u32, out: &mut Vec<f32>) {
        self.canvas.trace(across, out);
    }

    fn unit(&self) -> Unit {
        self.canvas.unit()
    }

    fn scale(&self) -> Scale {
        self.canvas.scale()
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        *self.canvas.colormap().lut()
    }

    fn act(&mut self, gesture: Gesture) {
        self.gestures.push(gesture);
    }
}

/// A plot with somebody in front of it.
pub(crate) struct Person {
    pub(crate) plot: Plot,
    pub(crate) subject: Recorder,
    pub(crate) shown: Option<Shown>,
}

pub(crate) type Window = Harness<'static, Person>;

/// A window of 800×600 points with a plot of this canvas.
pub(crate) fn window(plot: Plot, canvas: Canvas, scale: f32) -> Window {
    let person = Person { plot, subject: Recorder { canvas, gestures: Vec::new() }, shown: None };
    let mut window = Harness::builder()
        .with_size(vec2(800.0, 600.0))
        .with_pixels_per_point(scale)
        .with_max_steps(300)
        // Two clicks of a double click are several steps apart.
        .with_step_dt(0.01)
        .build_ui_state(
            |ui, person: &mut Person| person.shown = Some(person.plot.show(ui, &mut person.subject)),
            person,
        );
    window.run();
    window.state_mut().subject.gestures.clear();
    window
}

fn plain(side: Side, scale: f32) -> Window {
    window(Plot::default(), Grid::AUDIO.tone(side, 150), scale)
}

/// The upper left corner of the picture, in points.
pub(crate) fn corner(window: &Window) -> Pos2 {
    window.state().shown.as_ref().unwrap().picture.min
}

fn taken(window: &mut Window) -> Vec<Gesture> {
    window.run();
    std::mem::take(&mut window.state_mut().subject.gestures)
}

fn button(window: &Window, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers) {
    window.event(Event::PointerButton { pos, button, pressed, modifiers });
}

/// Presses, moves in two steps and releases.
pub(crate) fn drag(window: &Window, from: Pos2, to: Pos2, with: PointerButton, modifiers: Modifiers) {
    window.hover_at(from);
    window.event(Event::ModifiersChanged(modifiers));
    button(window, from, with, true, modifiers);
    window.hover_at(from + 0.5 * (to - from));
    window.hover_at(to);
    button(window, to, with, false, modifiers);
    window.event(Event::ModifiersChanged(Modifiers::NONE));
}

fn click(window: &Window, at: Pos2, with: PointerButton) {
    window.hover_at(at);
    button(window, at, with, true, Modifiers::NONE);
    button(window, at, with, false, Modifiers::NONE);
}

fn wheel(window: &Window, at: Pos2, unit: MouseWheelUnit, delta: Vec2, modifiers: Modifiers) {
    window.hover_at(at);
    window.event(Event::ModifiersChanged(modifiers));
    window.event(Event::MouseWheel {
        unit,
        delta,
        phase: TouchPhase::Move,
        modifiers,
        source: MouseWheelSource::Unknown,
    });
    window.event(Event::ModifiersChanged(Modifiers::NONE));
}

#[track_caller]
fn is_zoom(gestures: &[Gesture], at: (f64, f64), time: f64, hz: f64) {
    let [Gesture::Zoom { at: got, time: got_time, hz: got_hz }] = gestures else {
        panic!("expected one zoom: {gestures:?}")
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * b.abs().max(1.0);
    assert!(near(got.0, at.0) && near(got.1, at.1), "{got:?}, not {at:?}");
    assert!(near(*got_time, time) && near(*got_hz, hz), "{gestures:?}, not {time} and {hz}");
}

#[track_caller]
fn is_scale(gesture: Option<&Gesture>, vmin: f32, vmax: f32) {
    let Some(Gesture::SetRange { vmin: low, vmax: high }) = gesture else { panic!("expected a range: {gesture:?}") };
    let near = |a: f32, b: f32| (a - b).abs() < 0.01;
    assert!(near(*low, vmin) && near(*high, vmax), "{low} to {high}, not {vmin} to {vmax}");
}

#[test]
fn the_wheel_zooms_about_the_pointer() {
    for scale in [1.0, 2.0] {
        let mut window = plain(Side::Top, scale);
        let at = corner(&window) + vec2(100.0, 50.0);
        let pixel = (100.0 * f64::from(scale), 50.0 * f64::from(scale));
        let (none, ctrl, shift) = (Modifiers::NONE, Modifiers::COMMAND, Modifiers::SHIFT);
        use MouseWheelUnit::{Line, Point};
        for (unit, delta, modifiers, time, hz) in [
            // A notch towards the data shows 1.25 times less.
            (Line, vec2(0.0, 1.0), none, 0.8, 1.0),
            (Line, vec2(0.0, -2.0), none, 1.5625, 1.0),
            (Line, vec2(0.0, 1.0), ctrl, 1.0, 0.8),
            (Line, vec2(0.0, 1.0), shift, 1.0, 0.8),
            // As macOS has it.
            (Line, vec2(-1.0, 0.0), shift, 1.0, 1.25),
            // A touchpad: fifty points a notch.
            (Point, vec2(0.0, 25.0), none, 0.8f64.sqrt(), 1.0),
            // Even of a wheel that has gone mad: twenty notches at most.
            (Line, vec2(0.0, 1e9), none, 0.8f64.powi(20), 1.0),
        ] {
            wheel(&window, at, unit, delta, modifiers);
            is_zoom(&taken(&mut window), pixel, time, hz);
        }
        // Beside the picture the wheel is not the picture's.
        wheel(&window, pos2(1.0, 1.0), Line, vec2(0.0, 1.0), none);
        assert_eq!(taken(&mut window), []);
    }
}

#[test]
fn a_pinch_zooms_time_and_with_ctrl_frequency() {
    for side in [Side::Top, Side::Left] {
        let mut window = plain(side, 2.0);
        let at = corner(&window) + vec2(30.0, 200.0);
        window.hover_at(at);
        window.event(Event::Zoom(1.6));
        is_zoom(&taken(&mut window), (60.0, 400.0), 0.625, 1.0);
        window.event(Event::ModifiersChanged(Modifiers::CTRL));
        window.event(Event::Zoom(1.6));
        is_zoom(&taken(&mut window), (60.0, 400.0), 1.0, 0.625);
        window.event(Event::ModifiersChanged(Modifiers::NONE));
        for odd in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            window.event(Event::Zoom(odd));
            assert_eq!(taken(&mut window), [], "a pinch by {odd}");
        }
        window.event(Event::Zoom(1e30));
        is_zoom(&taken(&mut window), (60.0, 400.0), 0.05, 1.0);
        // Beside the picture it is not the picture's.
        window.hover_at(pos2(1.0, 1.0));
        window.event(Event::Zoom(1.6));
        assert_eq!(taken(&mut window), []);
    }
}

/// Two fingers on a screen, from one distance to another.
fn fingers(window: &Window, middle: Pos2, from: Vec2, to: Vec2) {
    let touch = |finger: u64, phase, pos| {
        window.event(Event::Touch {
            device_id: egui::TouchDeviceId(0),
            id: egui::TouchId::from(finger),
            phase,
            pos,
            force: None,
        });
    };
    touch(1, TouchPhase::Start, middle - 0.5 * from);
    touch(2, TouchPhase::Start, middle + 0.5 * from);
    window.event(Event::PointerMoved(middle));
    // The first movement only begins the gesture.
    for share in [0.0, 0.5, 1.0] {
        let now = from + share * (to - from);
        touch(1, TouchPhase::Move, middle - 0.5 * now);
        touch(2, TouchPhase::Move, middle + 0.5 * now);
    }
}

#[test]
fn fingers_on_a_screen_zoom_the_way_they_spread() {
    for (side, along) in [(Side::Top, vec2(0.0, 1.0)), (Side::Right, vec2(1.0, 0.0))] {
        for is_time in [true, false] {
            let mut window = plain(side, 1.0);
            let middle = corner(&window) + vec2(200.0, 150.0);
            let way = if is_time { along } else { along.yx() };
            fingers(&window, middle, 100.0 * way, 125.0 * way);
            let gestures = taken(&mut window);
            let product = |pick: fn(&Gesture) -> f64| gestures.iter().map(pick).product::<f64>();
            let time = product(|gesture| if let Gesture::Zoom { time, .. } = gesture { *time } else { 1.0 });
            let hz = product(|gesture| if let Gesture::Zoom { hz, .. } = gesture { *hz } else { 1.0 });
            let want = if is_time { (0.8, 1.0) } else { (1.0, 0.8) };
            assert!((time - want.0).abs() < 0.01 && (hz - want.1).abs() < 0.01, "{side:?}: {time}, {hz}: {gestures:?}");
        }
    }
}

#[test]
fn two_fingers_sideways_on_a_touchpad_move_the_picture() {
    for side in [Side::Top, Side::Right] {
        let mut window = plain(side, 2.0);
        let at = corner(&window) + vec2(100.0, 50.0);
        use MouseWheelUnit::{Line, Point};
        for (unit, delta, by) in [
            (Point, vec2(12.0, 0.0), 24.0),
            // Fingers never move quite straight: what is less does not count.
            (Point, vec2(-30.0, 7.0), -60.0),
            // A wheel that tilts.
            (Line, vec2(1.0, 0.0), 100.0),
        ] {
            wheel(&window, at, unit, delta, Modifiers::NONE);
            let gestures = taken(&mut window);
            let [Gesture::Grab, Gesture::Drag(got)] = &gestures[..] else { panic!("{gestures:?}") };
            assert!((got.0 - by).abs() < 1e-3 && got.1 == 0.0, "{got:?}, not {by}");
        }
        wheel(&window, at, Point, vec2(7.0, -30.0), Modifiers::NONE);
        is_zoom(&taken(&mut window), (200.0, 100.0), 1.25f64.powf(0.6), 1.0);
    }
}

#[test]
fn a_drag_moves_the_picture_from_where_it_was_taken() {
    for with in [PointerButton::Primary, PointerButton::Middle] {
        let mut window = plain(Side::Top, 2.0);
        let from = corner(&window) + vec2(200.0, 100.0);
        drag(&window, from, from + vec2(40.0, -30.0), with, Modifiers::NONE);
        let gestures = taken(&mut window);
        assert_eq!(gestures.first(), Some(&Gesture::Grab), "{gestures:?}");
        assert_eq!(gestures.iter().filter(|g| **g == Gesture::Grab).count(), 1);
        // In pixels, from where it was pressed.
        assert_eq!(gestures.last(), Some(&Gesture::Drag((80.0, -60.0))), "{gestures:?}");
        assert!(gestures[1..].iter().all(|g| matches!(g, Gesture::Drag(_))), "{gestures:?}");
        // It is let go.
        window.hover_at(from);
        assert_eq!(taken(&mut window), []);
    }
}

#[test]
fn a_zoom_in_a_drag_takes_hold_anew() {
    let mut window = plain(Side::Top, 1.0);
    let from = corner(&window) + vec2(200.0, 100.0);
    window.hover_at(from);
    button(&window, from, PointerButton::Primary, true, Modifiers::NONE);
    window.hover_at(from + vec2(50.0, 0.0));
    let gestures = taken(&mut window);
    assert_eq!(gestures.last(), Some(&Gesture::Drag((50.0, 0.0))), "{gestures:?}");
    wheel(&window, from + vec2(50.0, 0.0), MouseWheelUnit::Line, vec2(0.0, 1.0), Modifiers::NONE);
    let gestures = taken(&mut window);
    let zoom = gestures.iter().position(|g| matches!(g, Gesture::Zoom { .. })).expect("a zoom");
    assert_eq!(gestures.get(zoom + 1), Some(&Gesture::Grab), "{gestures:?}");
    // From there on, and not from where the drag began.
    window.hover_at(from + vec2(60.0, 5.0));
    let gestures = taken(&mut window);
    assert_eq!(gestures.last(), Some(&Gesture::Drag((10.0, 5.0))), "{gestures:?}");
}

#[test]
fn the_right_button_and_shift_change_the_range() {
    for (with, modifiers) in [(PointerButton::Secondary, Modifiers::NONE), (PointerButton::Primary, Modifiers::SHIFT)] {
        let mut window = plain(Side::Top, 1.0);
        let size = window.state().shown.as_ref().unwrap().picture.size();
        let from = corner(&window) + 0.5 * size;
        // A tenth of the picture down: darker, which is a range that is a tenth higher. The subject does not take it, so the
        // last of the two steps alone counts: a twentieth.
        drag(&window, from, from + vec2(0.0, 0.1 * size.y), with, modifiers);
        let gestures = taken(&mut window);
        is_scale(gestures.last(), -114.0, 6.0);
        // Half the picture to the right in two steps: each widens it by the fourth root of 4.
        drag(&window, from, from + vec2(0.25 * size.x, 0.0), with, modifiers);
        let half = 60.0 * 4f32.powf(0.125);
        is_scale(taken(&mut window).last(), -60.0 - half, -60.0 + half);
    }
}

#[test]
fn a_double_click_shows_everything() {
    let mut window = plain(Side::Top, 1.0);
    let at = corner(&window) + vec2(200.0, 100.0);
    click(&window, at, PointerButton::Primary);
    click(&window, at, PointerButton::Primary);
    assert_eq!(taken(&mut window), [Gesture::Fit]);
}

/// The place of a part of the plot by its name.
fn part<'a>(window: &'a Window, name: &'a str) -> Node<'a> {
    window.get_by(move |node| node.label().is_some_and(|label| label.starts_with(name)))
}

#[test]
fn axes_zoom_their_own_direction() {
    for (side, across, down) in
        [(Side::Top, "frequency axis", "time axis"), (Side::Right, "time axis", "frequency axis")]
    {
        let mut window = plain(side, 1.0);
        let corner = corner(&window);
        let both = |is_hz: bool, by: f64| if is_hz { (1.0, by) } else { (by, 1.0) };
        // Along the upper edge: to the right is closer, by a quarter each 25 points, about where it was pressed.
        let from = part(&window, across).rect().center();
        let pixel = (f64::from(from.x - corner.x), f64::from(from.y - corner.y));
        drag(&window, from, from + vec2(100.0, 0.0), PointerButton::Primary, Modifiers::NONE);
        let (time, hz) = both(side == Side::Top, 0.64);
        // Two steps of 50 points.
        let gestures = taken(&mut window);
        assert_eq!(gestures.len(), 2, "{gestures:?}");
        is_zoom(&gestures[..1], pixel, time, hz);
        is_zoom(&gestures[1..], pixel, time, hz);
        // Along the left edge: up is closer.
        let from = part(&window, down).rect().center();
        let pixel = (f64::from(from.x - corner.x), f64::from(from.y - corner.y));
        drag(&window, from, from + vec2(0.0, 50.0), PointerButton::Primary, Modifiers::NONE);
        let (time, hz) = both(side == Side::Right, 1.25);
        let gestures = taken(&mut window);
        is_zoom(&gestures[1..], pixel, time, hz);
        // The wheel, and a double click.
        wheel(&window, from, MouseWheelUnit::Line, vec2(0.0, 1.0), Modifiers::NONE);
        let (time, hz) = both(side == Side::Right, 0.8);
        is_zoom(&taken(&mut window), pixel, time, hz);
        for (name, want) in [("frequency axis", Gesture::AllHz), ("time axis", Gesture::AllTime)] {
            // Not a third click.
            window.run_steps(100);
            let at = part(&window, name).rect().center();
            click(&window, at, PointerButton::Primary);
            click(&window, at, PointerButton::Primary);
            assert_eq!(taken(&mut window), [want], "{name}");
        }
    }
}

#[test]
fn the_ends_of_the_colour_bar_are_dragged() {
    let mut window = plain(Side::Top, 1.0);
    let bar = part(&window, "Range: -120 to 0 dB").rect();
    let at = |share: f32| pos2(bar.center().x, bar.bottom() - share * bar.height());
    let up = vec2(0.0, -0.1 * bar.height());
    // −120 to 0 dB: each of the two steps is a twentieth of 120 dB. What is under the pointer goes up with it.
    for (share, vmin, vmax) in [(0.9, -120.0, -6.0), (0.1, -126.0, 0.0), (0.5, -126.0, -6.0)] {
        drag(&window, at(share), at(share) + up, PointerButton::Primary, Modifiers::NONE);
        is_scale(taken(&mut window).last(), vmin, vmax);
    }
    wheel(&window, at(0.5), MouseWheelUnit::Line, vec2(0.0, 1.0), Modifiers::NONE);
    is_scale(taken(&mut window).last(), -60.0 - 60.0 / 1.1, -60.0 + 60.0 / 1.1);
    click(&window, at(0.5), PointerButton::Primary);
    click(&window, at(0.5), PointerButton::Primary);
    assert_eq!(taken(&mut window).last(), Some(&Gesture::AutoRange));
}

#[test]
fn the_menu_of_the_right_button() {
    let mut window = plain(Side::Top, 1.0);
    let at = corner(&window) + vec2(300.0, 100.0);
    let open = |window: &mut Window| {
        window.hover_at(at);
        click(window, at, PointerButton::Secondary);
        window.run();
    };
    for (entry, want) in [
        ("Show everything", Gesture::Fit),
        ("Show all frequencies", Gesture::AllHz),
        ("Automatic range", Gesture::AutoRange),
    ] {
        open(&mut window);
        assert_eq!(taken(&mut window), [], "a click with the right button changes nothing by itself");
        window.get_by_label(entry).click();
        assert_eq!(taken(&mut window), [want], "{entry}");
        assert!(window.query_by_label(entry).is_none(), "the menu closes");
    }
    // Markers are where the menu was opened, not where the entry was clicked.
    let reading = {
        let canvas = &window.state().subject.canvas;
        canvas.value_at(300, 100).unwrap()
    };
    for entry in ["Set marker A here", "Set marker B here"] {
        open(&mut window);
        window.get_by_label(entry).click();
        window.run();
        assert!(window.query_by_label(entry).is_none(), "the menu closes");
    }
    let Person { plot, .. } = window.state();
    for point in [plot.a.unwrap(), plot.b.unwrap()] {
        assert_eq!((point.hz, point.time_ns, point.value), (reading.hz, reading.time_ns, reading.value));
    }
    // A marker with a name: by the button, and by Enter.
    for (name, enters) in [("beacon", false), ("  hum ", true)] {
        open(&mut window);
        window.get_by_role(egui::accesskit::Role::TextInput).click();
        window.run();
        window.get_by_role(egui::accesskit::Role::TextInput).type_text(name);
        window.run();
        if enters {
            window.key_press(Key::Enter);
        } else {
            window.get_by_label("Add").click();
        }
        window.run();
        let marker = window.state().plot.markers.last().expect("a marker");
        assert_eq!((marker.name.as_str(), marker.point.hz), (name.trim(), reading.hz));
    }
    assert_eq!(window.state().plot.markers.len(), 2);
    // The menu that is open is opened elsewhere: the marker is there.
    open(&mut window);
    let there = at + vec2(-150.0, 100.0);
    click(&window, there, PointerButton::Secondary);
    window.run();
    if window.query_by_label("Add").is_none() {
        click(&window, there, PointerButton::Secondary);
        window.run();
    }
    window.get_by_role(egui::accesskit::Role::TextInput).click();
    window.run();
    window.get_by_role(egui::accesskit::Role::TextInput).type_text("elsewhere");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let want = window.state().subject.canvas.value_at(150, 200).unwrap();
    let marker = window.state().plot.markers.last().expect("a marker");
    assert_eq!((marker.name.as_str(), marker.point.hz, marker.point.time_ns), ("elsewhere", want.hz, want.time_ns));
    open(&mut window);
    window.get_by_label("Remove all markers").click();
    window.run();
    let Person { plot, .. } = window.state();
    assert!(plot.a.is_none() && plot.b.is_none() && plot.markers.is_empty());
}

#[test]
fn nothing_is_read_where_there_are_no_rows() {
    // A hundred rows of a minute's six hundred: the rest of the picture is empty.
    let grid = Grid { rows: 100, ..Grid::AUDIO };
    for (side, rows, empty) in
        [(Side::Top, vec2(100.0, 99.0), vec2(100.0, 102.0)), (Side::Left, vec2(99.0, 100.0), vec2(102.0, 100.0))]
    {
        let mut window = window(Plot::default(), grid.tone(side, 150), 1.0);
        window.hover_at(corner(&window) + rows);
        window.run();
        let point = window.state().plot.cursor().expect("the first row");
        assert!((point.time_ns - START_NS) < 200_000_000 && !point.value.is_nan(), "{point:?}");
        window.hover_at(corner(&window) + empty);
        window.run();
        assert_eq!(window.state().plot.cursor(), None, "{side:?}");
    }
    // Where a row has no value there is a time all the same.
    let canvas = grid.canvas(Side::Top, Unit::None, |row, _| if row == 99 { 1.0 } else { f32::NAN });
    let mut window = window(Plot::default(), canvas, 1.0);
    window.hover_at(corner(&window) + vec2(100.0, 50.0));
    window.run();
    assert!(window.state().plot.cursor().is_some_and(|point| point.value.is_nan()));
}

#[test]
fn times_before_the_first_row_have_no_labels() {
    // Ten seconds of rows, in a picture of half a minute and more. No frequency is 0.
    let grid = Grid { rows: 100, first_hz: 1005.0, ..Grid::AUDIO };
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let mut plot = Plot::default();
        plot.decorations.times = TimeLabels::Since(START_NS);
        plot.decorations.color_bar = false;
        let window = window(plot, grid.tone(side, 150), 1.0);
        let texts: Vec<String> = window.output().shapes.iter().flat_map(|clipped| texts(&clipped.shape)).collect();
        assert!(!texts.iter().any(|text| text.starts_with('−') || text.starts_with('-')), "{side:?}: {texts:?}");
        assert!(
            texts.iter().any(|text| text == "0" || text == "0:00:00"),
            "{side:?}: the first row has one: {texts:?}"
        );
    }
}

#[test]
fn plain_numbers_of_any_size_have_readable_labels() {
    for (low, high, power, labels) in [
        (0.0, 1e-6, "1e-9", ["100", "400", "800"]),
        (0.0, 1e9, "1e9", ["0.2", "0.4", "0.8"]),
        (-1.0, 1.0, "", ["−0.8", "0.0", "0.8"]),
    ] {
        let grid = Grid { rows: 100, ..Grid::AUDIO };
        let mut canvas =
            grid.canvas(Side::Top, Unit::None, |row, bin| low + (high - low) * ((row + bin) % 7) as f32 / 7.0);
        canvas.set_scale(Scale::linear(low, high).unwrap());
        let mut plot = Plot::default();
        plot.decorations.spectrum = 120.0;
        let window = window(plot, canvas, 1.0);
        let texts: Vec<String> = window.output().shapes.iter().flat_map(|clipped| texts(&clipped.shape)).collect();
        for label in labels {
            assert!(texts.iter().any(|text| text == label), "{low} to {high}: no {label} in {texts:?}");
        }
        // Above the colour bar and in the panel, which has no unit to show beside it.
        let count = texts.iter().filter(|text| *text == power).count();
        assert_eq!(count, 2, "{low} to {high}: {texts:?}");
    }
}

fn texts(shape: &egui::Shape) -> Vec<String> {
    match shape {
        egui::Shape::Vec(shapes) => shapes.iter().flat_map(texts).collect(),
        egui::Shape::Text(text) => vec![text.galley.text().to_owned()],
        _ => Vec::new(),
    }
}
