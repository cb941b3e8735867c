//! The displayed part of the history: zoom, pan, fit, follow, freeze.

mod square;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use ringfall::plot::Extent;
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
    /// This array is stretched in any case: with square cells all of it would be a line.
    is_line: bool,
    /// The part of the array on show, and whether it is all of it.
    part: Option<Part>,
    is_all: bool,
    /// All rows are there, and no more arrive: a view of all of them stays one in a window of another size. `all` is that view.
    is_whole: bool,
    all: Option<View>,
    /// The frequencies of all rows, if they are all there and do not have the same.
    span_hz: Option<(f64, f64)>,
}

impl Navigator {
    /// The part of the picture that counts as new: a zoom about a point in it keeps following.
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
            is_line: false,
            part: None,
            is_all: false,
            is_whole: false,
            all: None,
            span_hz: None,
        })
    }

    /// Whether all rows are there, and no more arrive.
    pub(super) fn set_whole(&mut self, is_whole: bool) {
        (self.is_whole, self.all) = (is_whole, None);
    }

    /// All rows together have these frequencies; none if all have the same, or if more rows arrive. A receiver that is tuned while
    /// one watches is followed, but of a recording all is shown.
    pub(super) fn set_span(&mut self, span_hz: Option<(f64, f64)>) {
        let view = self.loader.view();
        if view.span_hz.is_none() || view.span_hz == self.span_hz {
            self.put(view.span_hz(span_hz));
        }
        self.span_hz = span_hz;
    }

    /// The frequencies and times of all rows.
    pub(super) fn extent(&self, rows: &dyn Rows) -> Option<Extent> {
        let (oldest, _) = rows.stamp(0, rows.range(0).start)?;
        let (newest, bins) = self.widest(rows)?;
        Some(Extent::new(&oldest, &newest, bins))
    }

    /// The newest row, as wide as all rows together.
    fn widest(&self, rows: &dyn Rows) -> Option<(Stamp, u32)> {
        let (newest, bins) = newest(rows)?;
        let Some((low, high)) = self.span_hz else { return Some((newest, bins)) };
        let stamp = Stamp { first_hz: low + 0.5 * newest.bin_hz, ..newest };
        // More than a number of bins can be, they are as many as can be.
        Some((stamp, ((high - low) / newest.bin_hz).round() as u32))
    }

    /// The rows are those of an array, or are not.
    pub(super) fn set_array(&mut self, is_array: bool) {
        (self.is_array, self.is_line, self.part) = (is_array, false, None);
    }

    /// Whether rows are those of an array.
    pub(super) fn is_array(&self) -> bool {
        self.is_array
    }

    /// Whether the array is stretched over the window.
    pub(super) fn stretches(&self) -> bool {
        self.stretches || self.is_line
    }

    /// Whether the user wants arrays to be stretched.
    pub(super) fn wants_stretch(&self) -> bool {
        self.stretches
    }

    /// Stretches an array that would be a line in a picture of this size if its cells were square. The user may want that.
    pub(super) fn stretch_line(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        self.is_line = false;
        let square = self.frame(rows, size).and_then(|frame| self.square(rows, &frame));
        self.is_line = square.is_some_and(|square| square.is_line());
    }

    /// Arrays are stretched over the window from now on, or keep their shape.
    pub(super) fn set_stretches(&mut self, stretches: bool) {
        (self.stretches, self.is_line, self.part) = (stretches, false, None);
    }

    /// The array in a picture of this size, if its cells are to be square.
    fn square(&self, rows: &dyn Rows, frame: &Frame) -> Option<Square> {
        let is_square = self.is_array && !self.stretches() && self.loader.view().axis == Axis::Linear;
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

    /// The waterfall is another one, with no rows in it.
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

    /// Whether the newest rows are shown. All of an array is there: nothing of it is ever missed.
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
        let ends = (rows.stamp(0, rows.range(0).start), self.widest(rows), self.view(rows));
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
        self.put(self.loader.view().span_hz(self.start.span_hz.or(self.span_hz)));
    }

    /// Drags the picture by this many pixels, starting from the view `from`.
    pub(super) fn pan(&mut self, rows: &dyn Rows, from: &Grip, by: (f64, f64)) {
        let mut view = from.frame.panned(by);
        let (along, across) = from.frame.turned_movement(by);
        if from.follows && along.abs() < Grip::SLIP {
            view.edge = Edge::Follow;
        }
        if from.all_hz && across.abs() < Grip::SLIP {
            view.span_hz = self.span_hz;
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
            all_hz: self.loader.view().span_hz == self.span_hz,
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
        self.put(self.loader.view().span_hz(self.span_hz).line_ns(Some(line_ns)).edge(edge));
        self.all = Some(self.loader.view());
    }

    /// Shows all frequencies.
    pub(super) fn all_hz(&mut self, rows: &dyn Rows, size: (u32, u32)) {
        if self.part.is_some() {
            return self.fit(rows, size);
        }
        self.put(self.loader.view().span_hz(self.span_hz));
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
        let ends = (rows.stamp(0, rows.range(0).start), self.widest(rows));
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
