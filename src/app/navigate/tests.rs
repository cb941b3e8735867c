//! Zoom, pan, fit, follow and freeze, with frequencies and times worked out by hand.

use super::*;
use ringfall::{History, Precision};

const SIZE: (u32, u32) = (64, 100);
const SECOND: i64 = 1_000_000_000;

fn history(rows: u64) -> History {
    let mut history = History::new(16 << 20, Precision::F16);
    (0..rows).for_each(|row| history.push(Stamp::index(row), &[0.0; 64]).unwrap());
    history
}

fn new_navigator() -> Navigator {
    Navigator::new(View::default(), Side::Top, 1.0).unwrap()
}

#[test]
fn the_wheel_keeps_what_is_under_the_cursor() {
    let (history, mut navigator) = (history(1000), new_navigator());
    let before = navigator.frame(&history, SIZE).unwrap();
    navigator.zoom(&history, SIZE, (16.0, 50.0), 1.0, 0.5);
    let after = navigator.frame(&history, SIZE).unwrap();
    assert_eq!((before.hz_at((16.0, 0.0)), after.hz_at((16.0, 0.0))), (15.5, 15.5));
    // All 64 Hz before, half of them now.
    assert_eq!(after.hz_at((64.0, 0.0)) - after.hz_at((0.0, 0.0)), 32.0);
    assert!(navigator.follows());
    // At the newest end it keeps following; farther back the time is kept too.
    navigator.zoom(&history, SIZE, (16.0, 9.0), 0.5, 1.0);
    assert!(navigator.follows());
    navigator.zoom(&history, SIZE, (16.0, 50.0), 2.0, 1.0);
    assert!(navigator.follows());
    let before = navigator.frame(&history, SIZE).unwrap();
    navigator.zoom(&history, SIZE, (16.0, 50.0), 0.5, 1.0);
    let after = navigator.frame(&history, SIZE).unwrap();
    assert!((before.time_ns_at((0.0, 50.0)) - after.time_ns_at((0.0, 50.0))).abs() <= SECOND / 4);
    assert!(!navigator.follows());
    // Zoomed out far enough, the newest row is visible again.
    navigator.zoom(&history, SIZE, (16.0, 50.0), 4.0, 1.0);
    assert!(navigator.follows());
}

#[test]
fn zooming_against_the_limits_does_not_move_the_picture() {
    let (history, mut navigator) = (history(1000), new_navigator());
    let at = (13.0, 37.0);
    for (time, hz) in [(0.8, 1.0), (1.0, 0.8), (1.25, 1.0), (1.0, 1.25)] {
        (0..60).for_each(|_| navigator.zoom(&history, SIZE, at, time, hz));
        let limit = navigator.frame(&history, SIZE).unwrap();
        (0..10).for_each(|_| navigator.zoom(&history, SIZE, at, time, hz));
        assert_eq!(navigator.frame(&history, SIZE).unwrap(), limit, "{time} {hz}");
    }
    // On the way to the limit too the frequency under the pointer stays: the last step is a part of a notch.
    let hz = navigator.frame(&history, SIZE).unwrap().hz_at(at);
    for _ in 0..60 {
        navigator.zoom(&history, SIZE, at, 1.0, 0.8);
        let now = navigator.frame(&history, SIZE).unwrap();
        assert!((now.hz_at(at) - hz).abs() < 1e-6, "{} in place of {hz}", now.hz_at(at));
    }
    let deepest = navigator.frame(&history, SIZE).unwrap();
    let width = deepest.hz_at((64.0, 0.0)) - deepest.hz_at((0.0, 0.0));
    assert!((width - 1.0).abs() < 1e-9, "one bin, not {width} Hz");
}

#[test]
fn the_scales_of_the_start_come_back() {
    let history = history(1000);
    let start = View::default().span_hz(Some((10.0, 30.0))).line_ns(Some(2e9));
    for (start, line_ns, span) in [(start, 2e9, (10.0, 30.0)), (View::default(), 1e9, (-0.5, 63.5))] {
        let mut navigator = Navigator::new(start, Side::Top, 1.0).unwrap();
        for line in [0.0, 60.0] {
            let at = (20.0, line);
            if line > 0.0 {
                let grip = navigator.grip(&history, SIZE).unwrap();
                navigator.pan(&history, &grip, (0.0, -100.0));
            }
            (0..3).for_each(|_| navigator.zoom(&history, SIZE, at, 0.5, 0.5));
            let (follows, time) = (navigator.follows(), navigator.frame(&history, SIZE).unwrap().time_ns_at(at));
            navigator.start_time(&history, SIZE, at);
            navigator.start_span(&history, SIZE);
            let view = navigator.view(&history).unwrap();
            assert_eq!((view.line_ns, view.span_hz, navigator.follows()), (Some(line_ns), Some(span), follows));
            if !follows {
                let now = navigator.frame(&history, SIZE).unwrap().time_ns_at(at);
                assert!((now - time).abs() <= line_ns as i64, "the pointer's time stays: {now}, {time}");
            }
        }
    }
}

#[test]
fn all_of_it_fits_and_home_is_where_it_was() {
    let (history, mut navigator) = (history(5000), new_navigator());
    let grip = navigator.grip(&history, SIZE).unwrap();
    navigator.pan(&history, &grip, (10.0, -3000.0));
    navigator.fit(&history, SIZE);
    let all = navigator.frame(&history, SIZE).unwrap();
    for (time, line) in [(0, 99.0..100.0), (4999 * SECOND, 0.0..2.0)] {
        let (_, y) = all.position(0.0, time);
        assert!(line.start <= y && y <= line.end, "{y}");
    }
    assert_eq!((all.hz_at((0.0, 0.0)), all.hz_at((64.0, 0.0))), (-0.5, 63.5));
    navigator.follow();
    assert!(navigator.follows());
}

#[test]
fn frozen_it_stays_frozen_whatever_the_hand_does() {
    let (mut history, mut navigator) = (history(1000), new_navigator());
    navigator.freeze(&history, true);
    let time =
        |navigator: &Navigator, history: &History| navigator.frame(history, SIZE).unwrap().time_ns_at((0.0, 0.0));
    assert_eq!(time(&navigator, &history), 1000 * SECOND);
    navigator.zoom(&history, SIZE, (0.0, 0.0), 1.0, 0.5);
    (1000..1100).for_each(|row| history.push(Stamp::index(row), &[0.0; 64]).unwrap());
    assert!(navigator.frozen && !navigator.shows(&history, 1050));
    assert_eq!(time(&navigator, &history), 1000 * SECOND);
    navigator.freeze(&history, false);
    assert_eq!(time(&navigator, &history), 1100 * SECOND);
    assert!(navigator.shows(&history, 1050));
}

#[test]
fn a_slip_of_the_hand_changes_nothing_along_the_other_axis() {
    let (history, mut navigator) = (history(1000), new_navigator());
    navigator.zoom(&history, SIZE, (32.0, 0.0), 1.0, 0.5);
    let grip = navigator.grip(&history, SIZE).unwrap();
    navigator.pan(&history, &grip, (20.0, 2.0));
    assert!(navigator.follows());
    navigator.pan(&history, &grip, (20.0, -9.0));
    assert!(!navigator.follows());
}

#[test]
fn without_rows_nothing_happens() {
    let (history, mut navigator) = (history(0), new_navigator());
    navigator.zoom(&history, SIZE, (1.0, 1.0), 0.5, 0.5);
    navigator.fit(&history, SIZE);
    navigator.freeze(&history, true);
    assert!(navigator.grip(&history, SIZE).is_none() && navigator.view(&history).is_none());
}

/// An array of 64 columns in a picture of this size.
fn array(rows: u64, size: (u32, u32), side: Side) -> (History, Navigator) {
    let (history, mut navigator) = (history(rows), Navigator::new(View::default(), side, f64::INFINITY).unwrap());
    navigator.set_array(true);
    navigator.fit(&history, size);
    (history, navigator)
}

/// Pixels that a cell is wide and high, and where the first cell begins.
fn cell(navigator: &Navigator, history: &History, size: (u32, u32)) -> ((f64, f64), (f64, f64)) {
    let frame = navigator.frame(history, size).unwrap();
    let (a, b) = (frame.position(-0.5, 0), frame.position(0.5, SECOND));
    (((b.0 - a.0).abs(), (b.1 - a.1).abs()), a)
}

#[test]
fn an_array_keeps_its_shape() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        // As many whole pixels a cell as there is room for, and the rest to both sides.
        for (rows, size, want) in [(50, (640, 400), 8.0), (64, (64, 64), 1.0), (50, (130, 4000), 2.0)] {
            let size = if side.is_sideways() { (size.1, size.0) } else { size };
            let (history, navigator) = array(rows, size, side);
            let ((width, height), _) = cell(&navigator, &history, size);
            assert!(near(width, want) && near(height, want), "{side:?}, {rows} in {size:?}: {width}, {height}");
            let frame = navigator.frame(&history, size).unwrap();
            let (low, high) = frame.span_hz();
            assert!((low - 63.0 + high).abs() <= 1.0 / want + 1e-9, "{side:?}: {low} to {high}");
            let (old, new) = (frame.time_of(frame.lines().start as f64), frame.time_of(frame.lines().end as f64));
            let rest = (old + new - rows as i64 * SECOND) as f64 * 1e-9;
            assert!(rest.abs() <= 1.0 / want + 1e-9, "{side:?}: {old} to {new}");
        }
        // A larger one is made smaller both ways.
        let size = (200, 100);
        let (history, mut navigator) = array(1000, size, side);
        let ((width, height), _) = cell(&navigator, &history, size);
        let long = if side.is_sideways() { 200.0 } else { 100.0 };
        assert!(near(width, long / 1000.0) && near(height, long / 1000.0), "{side:?}: {width}, {height}");
        // By the wheel, with and without Ctrl, both ways alike, about the pointer.
        for (time, hz) in [(0.1, 1.0), (1.0, 0.5), (0.8, 0.8)] {
            navigator.zoom(&history, size, (100.0, 50.0), time, hz);
            let ((width, height), _) = cell(&navigator, &history, size);
            assert!((width / height - 1.0).abs() < 1e-9, "{side:?}: {width}, {height}");
        }
        let ((width, _), _) = cell(&navigator, &history, size);
        assert!(near(width, long / 1000.0 / (0.1 * 0.5 * 0.8)), "{side:?}: {width}");
        assert!(navigator.follows(), "there is nothing to follow");
    }
}

#[test]
fn what_is_under_the_pointer_stays_there_in_a_zoom_of_an_array() {
    let size = (300, 300);
    let (history, mut navigator) = array(1000, size, Side::Bottom);
    navigator.zoom(&history, size, (150.0, 150.0), 0.1, 1.0);
    let at = (170.0, 80.0);
    let before = navigator.frame(&history, size).unwrap();
    navigator.zoom(&history, size, at, 0.5, 1.0);
    let after = navigator.frame(&history, size).unwrap();
    // To a pixel.
    assert!((before.hz_at(at) - after.hz_at(at)).abs() * 64.0 < 1.01 * (before.span_hz().1 - before.span_hz().0));
    let off_ns = (before.time_ns_at(at) - after.time_ns_at(at)).abs() as f64;
    assert!(off_ns <= 1.01 * before.line_ns(), "{off_ns}");
}

#[test]
fn an_array_stays_in_its_window_whatever_one_does() {
    let mut size = (300, 200);
    for side in [Side::Top, Side::Right] {
        let (history, mut navigator) = array(500, size, side);
        let mut random = 1u64;
        for round in 0..3000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pick = (random >> 33) as u32;
            let at = (f64::from(pick % 300), f64::from(pick / 7 % 200));
            match pick % 6 {
                0 => navigator.zoom(&history, size, at, 0.6, 1.0),
                1 => navigator.zoom(&history, size, at, 1.0, 1.5),
                2 => {
                    let grip = navigator.grip(&history, size).unwrap();
                    navigator.pan(&history, &grip, (at.0 - 150.0, at.1 - 100.0));
                }
                3 => navigator.page(&history, size, 0.75),
                4 => {
                    size = (1 + pick / 11 % 900, 1 + pick / 13 % 700);
                    navigator.resized(&history, size);
                }
                _ => navigator.show_box(&history, size, (3.0, 9.5), (20 * SECOND, 60 * SECOND)),
            }
            let ((width, height), _) = cell(&navigator, &history, size);
            assert!((width / height - 1.0).abs() < 1e-9, "{round}: {width}, {height}");
            // Some of it is in the picture.
            let frame = navigator.frame(&history, size).unwrap();
            let (low, high) = frame.span_hz();
            assert!(low < 63.5 && high > -0.5, "{round}: {low} to {high}");
            let lines = frame.lines();
            let (old, new) = (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64));
            assert!(old < 500 * SECOND && new > 0, "{round}: {old} to {new}");
        }
        navigator.zoom(&history, size, (0.0, 0.0), 0.0, 1.0);
        navigator.zoom(&history, size, (0.0, 0.0), f64::NAN, 1.0);
        navigator.zoom(&history, size, (0.0, 0.0), f64::INFINITY, 1.0);
        let all = navigator.frame(&history, size).unwrap();
        assert!(all.line_ns().is_finite());
    }
}

#[test]
fn an_array_is_stretched_if_one_asks_for_it() {
    let size = (300, 200);
    let (history, mut navigator) = array(500, size, Side::Bottom);
    navigator.set_stretches(true);
    navigator.fit(&history, size);
    let ((width, height), _) = cell(&navigator, &history, size);
    assert!((width - 300.0 / 64.0).abs() < 1e-6 && (height - 199.0 / 500.0).abs() < 1e-6, "{width}, {height}");
    // So it is on an axis that is not even, which has no squares.
    navigator.set_stretches(false);
    navigator.change(|view| view.axis(Axis::Mel));
    navigator.fit(&history, size);
    let line_ns = navigator.frame(&history, size).unwrap().line_ns();
    assert!((line_ns - 500e9 / 199.0).abs() < 1.0);
    // And recordings always.
    let mut navigator = new_navigator();
    navigator.fit(&history, size);
    assert!(navigator.wish().span_hz.is_none());
}

#[test]
fn an_array_that_would_be_a_line_is_stretched() {
    for (rows, size, is_line) in [
        (5000, (300, 200), true),
        (500, (300, 200), false),
        (3, (640, 20), false),
        // Cells of a pixel or more are not too small, however few navigator are.
        (1, (64, 400), false),
        (1, (32, 400), true),
    ] {
        let (history, mut navigator) = array(rows, size, Side::Bottom);
        navigator.stretch_line(&history, size);
        assert_eq!((navigator.stretches(), navigator.wants_stretch()), (is_line, false), "{rows} in {size:?}");
        navigator.fit(&history, size);
        let ((width, height), _) = cell(&navigator, &history, size);
        assert_eq!((width / height - 1.0).abs() > 0.01, is_line, "{rows} in {size:?}: {width}, {height}");
        // Whoever wants it has it.
        navigator.set_stretches(false);
        navigator.fit(&history, size);
        let ((width, height), _) = cell(&navigator, &history, size);
        assert!((width / height - 1.0).abs() < 1e-6, "{rows} in {size:?}: {width}, {height}");
        // The next array is looked at anew.
        navigator.set_array(true);
        assert!(!navigator.stretches());
    }
}

#[test]
fn a_recording_that_is_all_there_stays_so_in_a_window_of_another_size() {
    let (history, mut navigator) = (history(1000), new_navigator());
    let shown_s = |navigator: &Navigator, size: (u32, u32)| {
        let frame = navigator.frame(&history, size).unwrap();
        frame.line_ns() * f64::from(frame.length()) * 1e-9
    };
    navigator.fit(&history, (64, 101));
    navigator.resized(&history, (64, 51));
    assert!((shown_s(&navigator, (64, 51)) - 510.0).abs() < 1e-6, "rows come");
    navigator.set_whole(true);
    navigator.fit(&history, (64, 101));
    for lines in [51, 401, 1, 101] {
        navigator.resized(&history, (64, lines));
        assert!(shown_s(&navigator, (64, lines)) >= 1000.0 - 1e-6, "{lines}");
    }
    // What the user has chosen stays.
    navigator.zoom(&history, (64, 101), (0.0, 50.0), 0.5, 1.0);
    let before = navigator.wish();
    navigator.resized(&history, (64, 51));
    assert_eq!(navigator.wish(), before);
}

#[test]
fn an_array_that_is_all_there_stays_so_in_a_window_of_another_size() {
    let (history, mut navigator) = array(50, (640, 400), Side::Bottom);
    navigator.resized(&history, (64, 50));
    assert_eq!(cell(&navigator, &history, (64, 50)).0, (1.0, 1.0));
    // One that was zoomed keeps its scale.
    navigator.zoom(&history, (64, 50), (32.0, 25.0), 0.25, 1.0);
    navigator.resized(&history, (200, 200));
    let ((width, height), _) = cell(&navigator, &history, (200, 200));
    assert!((width - 4.0).abs() < 1e-9 && (height - 4.0).abs() < 1e-9, "{width}, {height}");
}

/// A receiver that was tuned elsewhere while it recorded: all of the recording is on show, and not its newest band alone.
#[test]
fn all_frequencies_of_a_recording_are_shown() {
    let (history, mut navigator) = (history(1000), new_navigator());
    // Those of the newest row are -0.5 to 63.5 Hz.
    let all = (-100.5, 99.5);
    navigator.set_whole(true);
    navigator.set_span(Some(all));
    let span = |navigator: &Navigator| navigator.view(&history).unwrap().span_hz.unwrap();
    assert_eq!(span(&navigator), all, "also before it is fitted to the window");
    assert_eq!(navigator.extent(&history).unwrap().hz, all);
    navigator.fit(&history, SIZE);
    assert_eq!(span(&navigator), all);
    // One can go where the newest row is not, and comes back.
    navigator.zoom(&history, SIZE, (0.0, 50.0), 1.0, 0.1);
    let (low, high) = span(&navigator);
    assert!((low + 100.5).abs() < 1e-6 && (high + 80.5).abs() < 1e-6, "{low} to {high}");
    for back in
        [Navigator::start_span as fn(&mut _, &dyn Rows, _), Navigator::all_hz, Navigator::all_time, Navigator::fit]
    {
        navigator.zoom(&history, SIZE, (10.0, 50.0), 1.0, 0.5);
        back(&mut navigator, &history, SIZE);
        if span(&navigator) != all {
            // All of the time alone.
            navigator.all_hz(&history, SIZE);
        }
        assert_eq!(span(&navigator), all);
    }
    // A slip of the hand while time is dragged.
    let grip = navigator.grip(&history, SIZE).unwrap();
    navigator.pan(&history, &grip, (2.0, -50.0));
    assert_eq!(span(&navigator), all);
    // What comes next has one band again.
    navigator.restart(None);
    navigator.set_span(None);
    assert_eq!(span(&navigator), (-0.5, 63.5));
}
