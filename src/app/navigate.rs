//! The displayed part of the history: zoom, pan, fit, follow, freeze.

mod square;

use std::time::{Duration, Instant};

use ringfall::{Axis, Edge, Error, Frame, Loader, Rows, Side, Stamp, View, ViewError, Zoom};

use super::glide::Glide;
use super::picture::Picture;
use square::{Part, Square};

/// The view of a window, and the loader that brings its rows to the waterfall.
pub(super) struct Navigator {
    loader: Loader,
    /// The view of the start.
    start: View,
    newest: Side,
    /// The picture stands still though rows arrive.
    frozen: bool,
    glide: Glide,
    /// The rows are those of an array, whose cells are square unless it is to be stretched over the window.
    is_array: bool,
    stretches: bool,
    /// The part of the array on show, and whether it is all of it.
    part: Option<Part>,
    is_all: bool,
    /// No rows come: what shows all of them goes on doing so in a window of another size. The view that does.
    is_whole: bool,
    all: Option<View>,
}

impl Navigator {
    /// The part of the picture that counts as new: who points there means what is yet to come.
    const NEW: f64 = 0.1;

    /// `speed` is how many seconds of the rows' clock go by in a second.
    pub(super) fn new(view: View, newest: Side, speed: f64) -> Result<Self, ViewError> {
        let (loader, glide) = (Loader::new(view)?, Glide::new(speed));
        Ok(Self {
            loader,
            start: view,
            newest,
            frozen: false,
            glide,
            is_array: false,
            stretches: false,
            part: None,
            is_all: false,
            is_whole: false,
            all: None,
        })
    }

    /// All rows are there, and none come; or some do.
    pub(super) fn set_whole(&mut self, is_whole: bool) {
        (self.is_whole, self.all) = (is_whole, None);
    }

    /// The rows are those of an array, or are not.
    pub(super) fn set_array(&mut self, is_array: bool) {
        (self.is_array, self.part) = (is_array, None);
    }

    /// Whether rows are those of an array.
    pub(super) fn is_array(&self) -> bool {
        self.is_array
    }

    /// Whether arrays are stretched over the window.
    pub(super) fn stretches(&self) -> bool {
        self.stretches
    }

    /// Arrays are stretched over the window from now on, or keep their shape.
    pub(super) fn set_stretches(&mut self, stretches: bool) {
        (self.stretches, self.part) = (stretches, None);
    }

    /// The array in a picture of this size, if its cells are to be square.
    fn square(&self, rows: &dyn Rows, frame: &Frame) -> Option<Square> {
        let is_square = self.is_array && !self.stretches && self.loader.view().axis == Axis::Linear;
        Square::new(rows, (frame.across(), frame.length())).filter(|_| is_square)
    }

    /// Shows a part of an array.
    fn put_part(&mut self, rows: &dyn Rows, square: &Square, part: Part) {
        let part = square.bounded(part);
        (self.part, self.is_all) = (Some(part), part == square.bounded(square.all()));
        self.put(square.view(self.loader.view(), part, rows.epoch_ns()));
    }

    /// The picture has another size: cells that are square stay so, and what shows everything does so again.
    pub(super) fn resized(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        let Some(part) = self.part else {
            if self.is_whole && self.all == Some(self.loader.view()) {
                self.fit(rows, size);
            }
            return;
        };
        if let Some(square) = self.frame(rows, size).and_then(|frame| self.square(rows, &frame)) {
            self.put_part(rows, &square, if self.is_all { square.all() } else { part });
        }
    }

    /// Stages the displayed rows for the picture. `runs`: time is running, and rows are expected.
    pub(super) fn fill(
        &mut self,
        picture: &mut Picture,
        rows: &dyn Rows,
        now: Instant,
        runs: bool,
    ) -> Result<(), Error> {
        let view = self.loader.view();
        self.glide.rest();
        if view.edge == Edge::Follow
            && let Some(line_ns) = view.line_ns
            && let Some(edge_ns) = self.glide.edge_ns(rows, line_ns, now, runs)
        {
            self.loader.set_view(view.edge(Edge::At(edge_ns)))?;
            let filled = picture.load(&mut self.loader, rows);
            self.loader.set_view(view)?;
            return filled;
        }
        picture.load(&mut self.loader, rows)
    }

    /// When the picture will have moved on though no row has come.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        // No screen shows more than some hundred pictures a second.
        self.glide.next().map(|at| at.max(now + Duration::from_millis(4)))
    }

    /// There is another waterfall, with nothing in it.
    pub(super) fn forget(&mut self) {
        self.loader.forget();
    }

    /// The view as it is on the screen; `None` while there are no rows.
    pub(super) fn view(&self, rows: &dyn Rows) -> Option<View> {
        let view = self.loader.frame(rows, (1, 1), self.newest)?.view();
        Some(match self.glide.shown_ns() {
            Some(edge_ns) if self.follows() => view.edge(Edge::At(edge_ns)),
            _ => view,
        })
    }

    /// Where the view lies on a picture of this size.
    pub(super) fn frame(&self, rows: &dyn Rows, size: (u32, u32)) -> Option<Frame> {
        Some(Frame::new(&self.view(rows)?, size, self.newest, rows.epoch_ns(), None))
    }

    /// `speed` is how many seconds of the rows' clock go by in a second.
    pub(super) fn set_speed(&mut self, speed: f64) {
        self.glide = Glide::new(speed);
    }

    /// There are other rows: they are shown with this view, or as at the start.
    pub(super) fn restart(&mut self, view: Option<View>) {
        (self.frozen, self.part) = (false, None);
        self.put(view.unwrap_or(self.start));
        self.loader.forget();
    }

    /// The requested view.
    pub(super) fn wish(&self) -> View {
        self.loader.view()
    }

    /// The side at which new rows appear.
    pub(super) fn newest(&self) -> Side {
        self.newest
    }

    /// All of an array is there: there is nothing to follow.
    pub(super) fn follows(&self) -> bool {
        self.loader.view().edge == Edge::Follow || self.part.is_some()
    }

    /// Whether rows from `first` on change the picture, by their times.
    pub(super) fn shows(&self, rows: &dyn Rows, first: u64) -> bool {
        match (self.loader.view().edge, self.view(rows), rows.stamp(0, first)) {
            (_, _, None) => false,
            (Edge::At(edge_ns), Some(view), Some((stamp, _))) => {
                stamp.time_ns as f64 <= edge_ns as f64 + view.line_ns.unwrap_or(stamp.duration_ns)
            }
            _ => true,
        }
    }

    /// Scales the displayed time and frequency spans by these factors, around this position. A view that
    /// follows keeps following, unless the user zooms into past rows.
    pub(super) fn zoom(&mut self, rows: &dyn Rows, size: (u32, u32), at: (f64, f64), time: f64, hz: f64) {
        let Some(frame) = self.frame(rows, size) else { return };
        if let Some(square) = self.square(rows, &frame) {
            // Both ways alike, whichever was asked for.
            let by = if time == 1.0 || hz == 1.0 { time * hz } else { (time * hz).sqrt() };
            let now = square.part(&frame, &frame.view());
            let cells = square.bounded(Part { cells: now.cells * by, ..now }).cells;
            let by = cells / now.cells;
            let view = frame.zoomed(Zoom::at(at).time(by).hz(by));
            return self.put_part(rows, &square, Part { cells, ..square.part(&frame, &view) });
        }
        let all_hz = hz == 1.0;
        let (time, hz) = self.possible(rows, &frame, at, time, hz);
        if (time, hz) != (1.0, 1.0) {
            let follows = self.follows() && (time >= 1.0 || frame.turned(at).0 < Self::NEW * f64::from(frame.length()));
            let zoom = Zoom::at(at).time(time).hz(hz);
            let mut view = frame.zoomed(if follows { zoom.following() } else { zoom });
            if all_hz {
                // Without a frequency zoom all frequencies are shown, also after the source is tuned elsewhere.
                view.span_hz = self.loader.view().span_hz;
            }
            self.set(rows, &frame, view);
        }
    }

    /// How far a zoom can go: what comes after the limits. Beyond them a view is bounded about its middle, which would
    /// move the picture under the pointer.
    fn possible(&self, rows: &dyn Rows, from: &Frame, at: (f64, f64), time: f64, hz: f64) -> (f64, f64) {
        let ends = (rows.stamp(0, rows.range(0).start), newest(rows), self.view(rows));
        let (Some((oldest, _)), Some((newest, bins)), Some(now)) = ends else { return (1.0, 1.0) };
        let wanted = from.zoomed(Zoom::at(at).time(time).hz(hz).following());
        let bounded = from.bounded(wanted, &newest, bins as usize, oldest.time_ns);
        let width = |view: &View| view.span_hz.map_or(f64::NAN, |(low, high)| high - low);
        // A value within the limits stays as requested, to the bit.
        let factor = |now: f64, wanted: f64, bounded: f64, asked: f64| match bounded / now {
            _ if (bounded - wanted).abs() <= 1e-9 * now => asked,
            possible if (possible - 1.0).abs() < 1e-9 => 1.0,
            possible => possible,
        };
        let line = |view: &View| view.line_ns.unwrap_or(f64::NAN);
        (
            factor(line(&now), line(&wanted), line(&bounded), time),
            factor(width(&now), width(&wanted), width(&bounded), hz),
        )
    }

    /// Restores the initial time scale around this position. A view that follows keeps following.
    pub(super) fn start_time(&mut self, rows: &dyn Rows, size: (u32, u32), at: (f64, f64)) {
        if self.part.is_some() {
            return self.fit(rows, size);
        }
        let view = self.loader.view();
        let start = view.line_ns(self.start.line_ns);
        if view.edge != Edge::Follow
            && let Some(now_ns) = self.view(rows).and_then(|view| view.line_ns)
            && let Some(start_ns) = start.line_ns.or_else(|| newest(rows).map(|(stamp, _)| stamp.duration_ns))
        {
            self.zoom(rows, size, at, start_ns / now_ns, 1.0);
        }
        self.put(self.loader.view().line_ns(start.line_ns));
    }

    /// Restores the initial frequencies.
    pub(super) fn start_span(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        if self.part.is_some() {
            return self.fit(rows, size);
        }
        self.put(self.loader.view().span_hz(self.start.span_hz));
    }

    /// Drags the picture by this many pixels, starting from the view `from`.
    pub(super) fn pan(&mut self, rows: &dyn Rows, from: &Grip, by: (f64, f64)) {
        let mut view = from.frame.panned(by);
        let (along, across) = from.frame.turned_movement(by);
        if from.follows && along.abs() < Grip::SLIP {
            view.edge = Edge::Follow;
        }
        if from.all_hz && across.abs() < Grip::SLIP {
            view.span_hz = None;
        }
        self.set(rows, &from.frame, view);
    }

    /// Moves by this many pictures in time.
    pub(super) fn page(&mut self, rows: &dyn Rows, size: (u32, u32), pages: f64) {
        let Some(grip) = self.grip(rows, size) else { return };
        let lines = pages * f64::from(grip.frame.length());
        self.pan(rows, &grip, grip.frame.movement(-lines, 0.0));
    }

    /// Takes hold of the picture.
    pub(super) fn grip(&self, rows: &dyn Rows, size: (u32, u32)) -> Option<Grip> {
        Some(Grip {
            frame: self.frame(rows, size)?,
            follows: self.follows(),
            all_hz: self.loader.view().span_hz.is_none(),
        })
    }

    /// Shows everything there is.
    pub(super) fn fit(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        if let Some(square) = self.frame(rows, size).and_then(|frame| self.square(rows, &frame)) {
            return self.put_part(rows, &square, square.all());
        }
        self.part = None;
        let ends = (rows.stamp(0, rows.range(0).start), newest(rows));
        let (Some((oldest, _)), Some((newest, _))) = ends else { return };
        let Some(lines) = self.frame(rows, size).map(|frame| frame.length()) else { return };
        let all = newest.time_ns.saturating_sub(oldest.time_ns) as f64 + newest.duration_ns;
        // A line to spare, as the picture begins on whole lines.
        let line_ns = (all / f64::from(lines.saturating_sub(1).max(1))).max(1.0);
        let edge = if self.frozen { Edge::At(middle_ns(&newest)) } else { Edge::Follow };
        self.put(self.loader.view().span_hz(None).line_ns(Some(line_ns)).edge(edge));
        self.all = Some(self.loader.view());
    }

    /// Shows all frequencies.
    pub(super) fn all_hz(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        if self.part.is_some() {
            return self.fit(rows, size);
        }
        self.put(self.loader.view().span_hz(None));
    }

    /// Shows all times, and leaves the frequencies.
    pub(super) fn all_time(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        let span_hz = self.loader.view().span_hz;
        self.fit(rows, size);
        if self.part.is_none() {
            self.put(self.loader.view().span_hz(span_hz));
        }
    }

    /// Shows this span, in Hz, and these times, in nanoseconds.
    pub(super) fn show_box(&mut self, rows: &dyn Rows, size: (u32, u32), hz: (f64, f64), time_ns: (i64, i64)) {
        if let Some(frame) = self.frame(rows, size) {
            self.set(rows, &frame, frame.showing(hz, time_ns));
        }
    }

    /// Changes how the data are shown, and not which part of them.
    pub(super) fn change(&mut self, change: impl Fn(View) -> View) {
        self.start = change(self.start);
        self.put(change(self.loader.view()));
        if self.loader.view().axis != Axis::Linear {
            self.part = None;
        }
    }

    /// New rows appear on this side from now on.
    pub(super) fn set_newest(&mut self, side: Side) {
        self.newest = side;
    }

    /// Shows these times, in nanoseconds on the rows' clock.
    pub(super) fn show_times(&mut self, rows: &dyn Rows, size: (u32, u32), (from_ns, to_ns): (i64, i64)) {
        let Some(frame) = self.frame(rows, size) else { return };
        let line_ns = (to_ns.saturating_sub(from_ns) as f64 / f64::from(frame.length())).max(1.0);
        let edge = Edge::At(to_ns.saturating_sub((0.5 * line_ns) as i64));
        self.put(self.loader.view().line_ns(Some(line_ns)).edge(edge));
    }

    /// Shows as much time as now, from `time_ns` on.
    pub(super) fn show_from(&mut self, rows: &dyn Rows, size: (u32, u32), time_ns: i64) {
        let Some(frame) = self.frame(rows, size) else { return };
        let lines = f64::from(frame.length().saturating_sub(1));
        let edge = Edge::At(time_ns.saturating_add((lines * frame.line_ns()) as i64));
        self.set(rows, &frame, self.loader.view().line_ns(Some(frame.line_ns())).edge(edge));
    }

    /// Shows the newest rows from now on.
    pub(super) fn follow(&mut self) {
        self.frozen = false;
        if self.part.is_none() {
            self.put(self.loader.view().edge(Edge::Follow));
        }
    }

    /// Freezes the picture at its position, or follows the newest rows again.
    pub(super) fn freeze(&mut self, rows: &dyn Rows, frozen: bool) {
        if !frozen {
            return self.follow();
        }
        self.frozen = true;
        if let Some(view) = self.view(rows) {
            self.put(self.loader.view().edge(view.edge));
        }
    }

    fn set(&mut self, rows: &dyn Rows, frame: &Frame, view: View) {
        if let Some(square) = self.square(rows, frame) {
            return self.put_part(rows, &square, square.part(frame, &view));
        }
        let ends = (rows.stamp(0, rows.range(0).start), newest(rows));
        let (Some((oldest, _)), Some((newest, bins))) = ends else { return };
        let mut view = frame.bounded(view, &newest, bins as usize, oldest.time_ns);
        if self.frozen && view.edge == Edge::Follow {
            view.edge = Edge::At(middle_ns(&newest));
        }
        self.put(view);
    }

    fn put(&mut self, view: View) {
        // A rejected zoom (beyond the range of numbers) changes nothing.
        if let Err(error) = self.loader.set_view(view) {
            log::debug!("{error}");
        }
    }
}

/// The newest row's stamp and bins.
fn newest(rows: &dyn Rows) -> Option<(Stamp, u32)> {
    rows.stamp(0, rows.range(0).end.checked_sub(1)?)
}

fn middle_ns(stamp: &Stamp) -> i64 {
    stamp.time_ns.saturating_add((0.5 * stamp.duration_ns) as i64)
}

/// How the picture was when it was taken hold of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grip {
    frame: Frame,
    follows: bool,
    all_hz: bool,
}

impl Grip {
    /// Pixels that the pointer may move unintentionally.
    const SLIP: f64 = 4.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::{History, Precision};

    const SIZE: (u32, u32) = (64, 100);
    const SECOND: i64 = 1_000_000_000;

    fn history(rows: u64) -> History {
        let mut history = History::new(16 << 20, Precision::F16);
        (0..rows).for_each(|row| history.push(Stamp::index(row), &[0.0; 64]).unwrap());
        history
    }

    fn navigator() -> Navigator {
        Navigator::new(View::default(), Side::Top, 1.0).unwrap()
    }

    #[test]
    fn the_wheel_keeps_what_is_under_the_cursor() {
        let (history, mut there) = (history(1000), navigator());
        let before = there.frame(&history, SIZE).unwrap();
        there.zoom(&history, SIZE, (16.0, 50.0), 1.0, 0.5);
        let after = there.frame(&history, SIZE).unwrap();
        assert_eq!((before.hz_at((16.0, 0.0)), after.hz_at((16.0, 0.0))), (15.5, 15.5));
        // All 64 Hz before, half of them now.
        assert_eq!(after.hz_at((64.0, 0.0)) - after.hz_at((0.0, 0.0)), 32.0);
        assert!(there.follows());
        // At the newest end it keeps following; farther back the time is kept too.
        there.zoom(&history, SIZE, (16.0, 9.0), 0.5, 1.0);
        assert!(there.follows());
        there.zoom(&history, SIZE, (16.0, 50.0), 2.0, 1.0);
        assert!(there.follows());
        let before = there.frame(&history, SIZE).unwrap();
        there.zoom(&history, SIZE, (16.0, 50.0), 0.5, 1.0);
        let after = there.frame(&history, SIZE).unwrap();
        assert!((before.time_ns_at((0.0, 50.0)) - after.time_ns_at((0.0, 50.0))).abs() <= SECOND / 4);
        assert!(!there.follows());
        // Zoomed out far enough, the newest row is visible again.
        there.zoom(&history, SIZE, (16.0, 50.0), 4.0, 1.0);
        assert!(there.follows());
    }

    #[test]
    fn zooming_against_the_limits_does_not_move_the_picture() {
        let (history, mut there) = (history(1000), navigator());
        let at = (13.0, 37.0);
        for (time, hz) in [(0.8, 1.0), (1.0, 0.8), (1.25, 1.0), (1.0, 1.25)] {
            (0..60).for_each(|_| there.zoom(&history, SIZE, at, time, hz));
            let limit = there.frame(&history, SIZE).unwrap();
            (0..10).for_each(|_| there.zoom(&history, SIZE, at, time, hz));
            assert_eq!(there.frame(&history, SIZE).unwrap(), limit, "{time} {hz}");
        }
        // On the way to the limit too the frequency under the pointer stays: the last step is a part of a notch.
        let hz = there.frame(&history, SIZE).unwrap().hz_at(at);
        for _ in 0..60 {
            there.zoom(&history, SIZE, at, 1.0, 0.8);
            let now = there.frame(&history, SIZE).unwrap();
            assert!((now.hz_at(at) - hz).abs() < 1e-6, "{} in place of {hz}", now.hz_at(at));
        }
        let deepest = there.frame(&history, SIZE).unwrap();
        let width = deepest.hz_at((64.0, 0.0)) - deepest.hz_at((0.0, 0.0));
        assert!((width - 1.0).abs() < 1e-9, "one bin, not {width} Hz");
    }

    #[test]
    fn the_scales_of_the_start_come_back() {
        let history = history(1000);
        let start = View::default().span_hz(Some((10.0, 30.0))).line_ns(Some(2e9));
        for (start, line_ns, span) in [(start, 2e9, (10.0, 30.0)), (View::default(), 1e9, (-0.5, 63.5))] {
            let mut there = Navigator::new(start, Side::Top, 1.0).unwrap();
            for line in [0.0, 60.0] {
                let at = (20.0, line);
                if line > 0.0 {
                    let grip = there.grip(&history, SIZE).unwrap();
                    there.pan(&history, &grip, (0.0, -100.0));
                }
                (0..3).for_each(|_| there.zoom(&history, SIZE, at, 0.5, 0.5));
                let (follows, time) = (there.follows(), there.frame(&history, SIZE).unwrap().time_ns_at(at));
                there.start_time(&history, SIZE, at);
                there.start_span(&history, SIZE);
                let view = there.view(&history).unwrap();
                assert_eq!((view.line_ns, view.span_hz, there.follows()), (Some(line_ns), Some(span), follows));
                if !follows {
                    let now = there.frame(&history, SIZE).unwrap().time_ns_at(at);
                    assert!((now - time).abs() <= line_ns as i64, "the pointer's time stays: {now}, {time}");
                }
            }
        }
    }

    #[test]
    fn all_of_it_fits_and_home_is_where_it_was() {
        let (history, mut there) = (history(5000), navigator());
        let grip = there.grip(&history, SIZE).unwrap();
        there.pan(&history, &grip, (10.0, -3000.0));
        there.fit(&history, SIZE);
        let all = there.frame(&history, SIZE).unwrap();
        for (time, line) in [(0, 99.0..100.0), (4999 * SECOND, 0.0..2.0)] {
            let (_, y) = all.position(0.0, time);
            assert!(line.start <= y && y <= line.end, "{y}");
        }
        assert_eq!((all.hz_at((0.0, 0.0)), all.hz_at((64.0, 0.0))), (-0.5, 63.5));
        there.follow();
        assert!(there.follows());
    }

    #[test]
    fn frozen_it_stays_frozen_whatever_the_hand_does() {
        let (mut history, mut there) = (history(1000), navigator());
        there.freeze(&history, true);
        let time = |there: &Navigator, history: &History| there.frame(history, SIZE).unwrap().time_ns_at((0.0, 0.0));
        assert_eq!(time(&there, &history), 1000 * SECOND);
        there.zoom(&history, SIZE, (0.0, 0.0), 1.0, 0.5);
        (1000..1100).for_each(|row| history.push(Stamp::index(row), &[0.0; 64]).unwrap());
        assert!(there.frozen && !there.shows(&history, 1050));
        assert_eq!(time(&there, &history), 1000 * SECOND);
        there.freeze(&history, false);
        assert_eq!(time(&there, &history), 1100 * SECOND);
        assert!(there.shows(&history, 1050));
    }

    #[test]
    fn a_slip_of_the_hand_changes_nothing_along_the_other_axis() {
        let (history, mut there) = (history(1000), navigator());
        there.zoom(&history, SIZE, (32.0, 0.0), 1.0, 0.5);
        let grip = there.grip(&history, SIZE).unwrap();
        there.pan(&history, &grip, (20.0, 2.0));
        assert!(there.follows());
        there.pan(&history, &grip, (20.0, -9.0));
        assert!(!there.follows());
    }

    #[test]
    fn without_rows_nothing_happens() {
        let (history, mut there) = (history(0), navigator());
        there.zoom(&history, SIZE, (1.0, 1.0), 0.5, 0.5);
        there.fit(&history, SIZE);
        there.freeze(&history, true);
        assert!(there.grip(&history, SIZE).is_none() && there.view(&history).is_none());
    }

    /// An array of 64 columns in a picture of this size.
    fn array(rows: u64, size: (u32, u32), side: Side) -> (History, Navigator) {
        let (history, mut there) = (history(rows), Navigator::new(View::default(), side, f64::INFINITY).unwrap());
        there.set_array(true);
        there.fit(&history, size);
        (history, there)
    }

    /// Pixels that a cell is wide and high, and where the first cell begins.
    fn cell(there: &Navigator, history: &History, size: (u32, u32)) -> ((f64, f64), (f64, f64)) {
        let frame = there.frame(history, size).unwrap();
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
                let (history, there) = array(rows, size, side);
                let ((width, height), _) = cell(&there, &history, size);
                assert!(near(width, want) && near(height, want), "{side:?}, {rows} in {size:?}: {width}, {height}");
                let frame = there.frame(&history, size).unwrap();
                let (low, high) = frame.span_hz();
                assert!((low - 63.0 + high).abs() <= 1.0 / want + 1e-9, "{side:?}: {low} to {high}");
                let (old, new) = (frame.time_of(frame.lines().start as f64), frame.time_of(frame.lines().end as f64));
                let rest = (old + new - rows as i64 * SECOND) as f64 * 1e-9;
                assert!(rest.abs() <= 1.0 / want + 1e-9, "{side:?}: {old} to {new}");
            }
            // A larger one is made smaller both ways.
            let size = (200, 100);
            let (history, mut there) = array(1000, size, side);
            let ((width, height), _) = cell(&there, &history, size);
            let long = if side.is_sideways() { 200.0 } else { 100.0 };
            assert!(near(width, long / 1000.0) && near(height, long / 1000.0), "{side:?}: {width}, {height}");
            // By the wheel, with and without Ctrl, both ways alike, about the pointer.
            for (time, hz) in [(0.1, 1.0), (1.0, 0.5), (0.8, 0.8)] {
                there.zoom(&history, size, (100.0, 50.0), time, hz);
                let ((width, height), _) = cell(&there, &history, size);
                assert!((width / height - 1.0).abs() < 1e-9, "{side:?}: {width}, {height}");
            }
            let ((width, _), _) = cell(&there, &history, size);
            assert!(near(width, long / 1000.0 / (0.1 * 0.5 * 0.8)), "{side:?}: {width}");
            assert!(there.follows(), "there is nothing to follow");
        }
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_in_a_zoom_of_an_array() {
        let size = (300, 300);
        let (history, mut there) = array(1000, size, Side::Bottom);
        there.zoom(&history, size, (150.0, 150.0), 0.1, 1.0);
        let at = (170.0, 80.0);
        let before = there.frame(&history, size).unwrap();
        there.zoom(&history, size, at, 0.5, 1.0);
        let after = there.frame(&history, size).unwrap();
        // To a pixel.
        assert!((before.hz_at(at) - after.hz_at(at)).abs() * 64.0 < 1.01 * (before.span_hz().1 - before.span_hz().0));
        let off_ns = (before.time_ns_at(at) - after.time_ns_at(at)).abs() as f64;
        assert!(off_ns <= 1.01 * before.line_ns(), "{off_ns}");
    }

    #[test]
    fn an_array_stays_in_its_window_whatever_one_does() {
        let mut size = (300, 200);
        for side in [Side::Top, Side::Right] {
            let (history, mut there) = array(500, size, side);
            let mut random = 1u64;
            for round in 0..3000 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let pick = (random >> 33) as u32;
                let at = (f64::from(pick % 300), f64::from(pick / 7 % 200));
                match pick % 6 {
                    0 => there.zoom(&history, size, at, 0.6, 1.0),
                    1 => there.zoom(&history, size, at, 1.0, 1.5),
                    2 => {
                        let grip = there.grip(&history, size).unwrap();
                        there.pan(&history, &grip, (at.0 - 150.0, at.1 - 100.0));
                    }
                    3 => there.page(&history, size, 0.75),
                    4 => {
                        size = (1 + pick / 11 % 900, 1 + pick / 13 % 700);
                        there.resized(&history, size);
                    }
                    _ => there.show_box(&history, size, (3.0, 9.5), (20 * SECOND, 60 * SECOND)),
                }
                let ((width, height), _) = cell(&there, &history, size);
                assert!((width / height - 1.0).abs() < 1e-9, "{round}: {width}, {height}");
                // Some of it is in the picture.
                let frame = there.frame(&history, size).unwrap();
                let (low, high) = frame.span_hz();
                assert!(low < 63.5 && high > -0.5, "{round}: {low} to {high}");
                let lines = frame.lines();
                let (old, new) = (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64));
                assert!(old < 500 * SECOND && new > 0, "{round}: {old} to {new}");
            }
            there.zoom(&history, size, (0.0, 0.0), 0.0, 1.0);
            there.zoom(&history, size, (0.0, 0.0), f64::NAN, 1.0);
            there.zoom(&history, size, (0.0, 0.0), f64::INFINITY, 1.0);
            let all = there.frame(&history, size).unwrap();
            assert!(all.line_ns().is_finite());
        }
    }

    #[test]
    fn an_array_is_stretched_if_one_asks_for_it() {
        let size = (300, 200);
        let (history, mut there) = array(500, size, Side::Bottom);
        there.set_stretches(true);
        there.fit(&history, size);
        let ((width, height), _) = cell(&there, &history, size);
        assert!((width - 300.0 / 64.0).abs() < 1e-6 && (height - 199.0 / 500.0).abs() < 1e-6, "{width}, {height}");
        // So it is on an axis that is not even, which has no squares.
        there.set_stretches(false);
        there.change(|view| view.axis(Axis::Mel));
        there.fit(&history, size);
        let line_ns = there.frame(&history, size).unwrap().line_ns();
        assert!((line_ns - 500e9 / 199.0).abs() < 1.0);
        // And recordings always.
        let mut there = navigator();
        there.fit(&history, size);
        assert!(there.wish().span_hz.is_none());
    }

    #[test]
    fn a_recording_that_is_all_there_stays_so_in_a_window_of_another_size() {
        let (history, mut there) = (history(1000), navigator());
        let shown_s = |there: &Navigator, size: (u32, u32)| {
            let frame = there.frame(&history, size).unwrap();
            frame.line_ns() * f64::from(frame.length()) * 1e-9
        };
        there.fit(&history, (64, 101));
        there.resized(&history, (64, 51));
        assert!((shown_s(&there, (64, 51)) - 510.0).abs() < 1e-6, "rows come");
        there.set_whole(true);
        there.fit(&history, (64, 101));
        for lines in [51, 401, 1, 101] {
            there.resized(&history, (64, lines));
            assert!(shown_s(&there, (64, lines)) >= 1000.0 - 1e-6, "{lines}");
        }
        // What the user has chosen stays.
        there.zoom(&history, (64, 101), (0.0, 50.0), 0.5, 1.0);
        let before = there.wish();
        there.resized(&history, (64, 51));
        assert_eq!(there.wish(), before);
    }

    #[test]
    fn an_array_that_is_all_there_stays_so_in_a_window_of_another_size() {
        let (history, mut there) = array(50, (640, 400), Side::Bottom);
        there.resized(&history, (64, 50));
        assert_eq!(cell(&there, &history, (64, 50)).0, (1.0, 1.0));
        // One that was zoomed keeps its scale.
        there.zoom(&history, (64, 50), (32.0, 25.0), 0.25, 1.0);
        there.resized(&history, (200, 200));
        let ((width, height), _) = cell(&there, &history, (200, 200));
        assert!((width - 4.0).abs() < 1e-9 && (height - 4.0).abs() < 1e-9, "{width}, {height}");
    }
}
