//! Boxes, markers and read-outs against figures computed by hand.

use egui::PointerButton::Primary;
use egui::{Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use ringfall::plot::{Gesture, Plot};
use ringfall::{Side, Unit, View};

use super::gestures::{Window, corner, drag, window};
use super::made_up::{Grid, START_NS};

/// 8 bins of 100 Hz from 1000 Hz on, rows of 10 ms: bin `b` has −100 + 10 b dB, and one cell −20 dB.
const GRID: Grid = Grid { bins: 8, rows: 1000, first_hz: 1050.0, bin_hz: 100.0, start_ns: START_NS, row_ns: 1e7 };

fn level(row: u32, bin: u32) -> f32 {
    if (row, bin) == (930, 1) { -20.0 } else { -100.0 + 10.0 * bin as f32 }
}

/// A picture that begins at a whole point and is 8 columns of whole pixels wide.
fn made(side: Side, unit: Unit) -> Window {
    let mut plot = Plot::default();
    plot.decorations.axes = false;
    plot.decorations.color_bar = false;
    window(plot, GRID.canvas(side, unit, level), 1.0)
}

/// Where a frequency and a time in seconds since the start are, in points.
fn at(window: &Window, hz: f64, seconds: f64) -> Pos2 {
    let frame = window.state().subject.canvas.frame();
    let (x, y) = frame.position(hz, START_NS + (seconds * 1e9).round() as i64);
    corner(window) + vec2(x as f32, y as f32)
}

#[test]
fn a_box_tells_what_is_in_it() {
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let mut window = made(side, Unit::Decibel);
        // Bin 1 with a little room, which its neighbours' columns do not reach, for the rows 900 to 949.
        let (from, to) = (at(&window, 1101.0, 9.0), at(&window, 1199.0, 9.5));
        drag(&window, from, to, Primary, Modifiers::COMMAND);
        window.run();
        assert_eq!(window.state().subject.gestures, [], "{side:?}: the picture stays");
        let selection = window.state().plot.selection.unwrap_or_else(|| panic!("{side:?}: no box"));
        let frame = window.state().subject.canvas.frame();
        let pixel_hz = 800.0 / f64::from(frame.across());
        assert!((selection.hz.0 - 1101.0).abs() <= pixel_hz && (selection.hz.1 - 1199.0).abs() <= pixel_hz);
        assert!((selection.seconds() - 0.5).abs() <= 0.021, "{side:?}: {} s", selection.seconds());
        assert_eq!(selection.peak, -20.0, "{side:?}");
        // One row in 50 at −20 dB, the others at −90 dB: (49 · 10^-9 + 10^-2) / 50. A row more or less at the edges is 0.1 dB.
        let want = 10.0 * ((49.0 * 1e-9 + 1e-2) / 50.0f64).log10();
        assert!((f64::from(selection.mean) - want).abs() < 0.2, "{side:?}: {} dB, not {want}", selection.mean);

        // A box drawn from the other corner is the same.
        drag(&window, to, from, Primary, Modifiers::COMMAND);
        window.run();
        assert_eq!(window.state().plot.selection, Some(selection), "{side:?}");
        // Nearly nothing is no box.
        drag(&window, from, from + vec2(1.0, 30.0), Primary, Modifiers::COMMAND);
        window.run();
        assert_eq!(window.state().plot.selection, None, "{side:?}");
    }
}

#[test]
fn a_box_reaches_to_the_edge_of_the_picture() {
    let mut window = made(Side::Top, Unit::Linear);
    let all = window.state().shown.as_ref().unwrap().picture;
    drag(&window, all.center(), all.max + vec2(500.0, 500.0), Primary, Modifiers::COMMAND);
    window.run();
    let selection = window.state().plot.selection.expect("a box");
    let frame = window.state().subject.canvas.frame();
    assert_eq!(selection.hz.1, frame.span_hz().1);
    assert_eq!(selection.time_ns.0, frame.time_of(frame.lines().start as f64));
    // Bins 4 to 7, as many columns each: −60, −50, −40 and −30, of which the plain mean is −45.
    assert_eq!(selection.peak, -30.0);
    assert!((selection.mean + 45.0).abs() < 0.2, "{}", selection.mean);
}

#[test]
fn a_box_is_zoomed_to_and_removed() {
    let mut window = made(Side::Top, Unit::Decibel);
    let (from, to) = (at(&window, 1150.0, 9.0), at(&window, 1450.0, 9.5));
    for (entry, zooms) in [("Zoom to the box", true), ("Remove the box", false)] {
        drag(&window, from, to, Primary, Modifiers::COMMAND);
        window.run();
        let selection = window.state().plot.selection.expect("a box");
        let centre = from + 0.5 * (to - from);
        window.hover_at(centre);
        for pressed in [true, false] {
            let button = egui::PointerButton::Secondary;
            window.event(egui::Event::PointerButton { pos: centre, button, pressed, modifiers: Modifiers::NONE });
        }
        window.run();
        window.get_by_label(entry).click();
        window.run();
        assert_eq!(window.state().plot.selection, None);
        let want = Gesture::ShowBox { hz: selection.hz, time_ns: selection.time_ns };
        let gestures = std::mem::take(&mut window.state_mut().subject.gestures);
        assert_eq!(gestures, if zooms { vec![want] } else { vec![] });
    }
}

/// A is 300 Hz lower and two seconds older than B: 150 Hz/s.
#[test]
fn differences_and_drift() {
    let mut window = made(Side::Top, Unit::Decibel);
    window.state_mut().subject.canvas.set_view(View::default().line_ns(2e7)).unwrap();
    assert!(!window.state_mut().plot.set_a(), "the pointer is not over the picture");
    let set = |window: &mut Window, hz: f64, seconds: f64| {
        let place = at(window, hz, seconds);
        window.hover_at(place);
        window.run();
    };
    set(&mut window, 1150.0, 7.0);
    assert!(window.state_mut().plot.set_a());
    set(&mut window, 1450.0, 9.0);
    assert!(window.state_mut().plot.set_b());
    let difference = window.state().plot.difference().expect("two markers");
    // Pixels of 1 Hz and lines of 20 ms.
    assert!((difference.hz - 300.0).abs() <= 1.5, "{difference:?}");
    assert!((difference.seconds - 2.0).abs() <= 0.021, "{difference:?}");
    // −90 dB, and −60 dB.
    assert_eq!(difference.value, 30.0);
    let drift = difference.drift_hz_s.unwrap();
    assert!((drift - 150.0).abs() < 3.0, "{drift} Hz/s");
    // The pointer leaves, and the markers stay; only what is under the pointer is gone.
    window.remove_cursor();
    window.run();
    assert_eq!(window.state().plot.cursor(), None);
    assert!(!window.state_mut().plot.set_b());
    assert_eq!(window.state().plot.difference(), Some(difference));
    // Of the same time there is no drift.
    let b = window.state().plot.b;
    window.state_mut().plot.a = b;
    assert_eq!(window.state().plot.difference().unwrap().drift_hz_s, None);
    window.state_mut().plot.clear_marks();
    assert_eq!(window.state().plot.difference(), None);
}

/// What the cursor says is what the rows have there.
#[test]
fn the_cursor_reads_the_rows() {
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let mut window = made(side, Unit::Decibel);
        for (row, bin) in [(930, 1), (700, 7), (999, 0)] {
            let (hz, seconds) = (1050.0 + 100.0 * f64::from(bin), (f64::from(row) + 0.5) * 0.01);
            let place = at(&window, hz, seconds);
            window.hover_at(place);
            window.run();
            let point = window.state().plot.cursor().expect("something under the pointer");
            assert!((point.hz - hz).abs() <= 2.0, "{side:?}: {point:?}");
            assert!((point.time_ns - START_NS - (seconds * 1e9) as i64).abs() <= 10_000_000, "{side:?}: {point:?}");
            let near = [row - 1, row, (row + 1).min(999)].map(|row| level(row, bin));
            assert!(near.contains(&point.value), "{side:?}: {point:?} at row {row}, bin {bin}");
        }
    }
}
