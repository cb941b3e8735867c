//! The resolved view: maps between pixels and lines, times, frequencies and bins.

mod cover;

use std::ops::Range;

pub(crate) use cover::Cover;

use crate::stamp::{Layout, Stamp};
use crate::view::{Axis, Edge, Interpolation, Reduce, Side, View};

/// A view resolved for the pixels of a picture. A [`View`] is a request; a frame is the result, with defaults filled in from
/// the rows. It alone converts between lines and times, and between pixels and frequencies, and knows which way time runs.
/// The renderer, the read-out and all overlays use it.
///
/// Positions are in pixels from the top left corner; pixel `x` covers `x` to `x + 1`. *Along* means along time, *across*
/// along frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    span_hz: (f64, f64),
    axis: Axis,
    line_ns: f64,
    /// Number of the newest line.
    last: i64,
    epoch_ns: i64,
    size: (u32, u32),
    newest: Side,
    reduce: Reduce,
    interpolation: Interpolation,
}

impl Frame {
    /// Lines are numbered within ±2⁶², so that their neighbours have numbers too.
    const MOST_LINES: f64 = (1u64 << 62) as f64;
    /// The shortest line, as a part of the time since the epoch: below it, line numbers would not fit an `f64`.
    const LEAST_PART: f64 = 1.0 / (1u64 << 52) as f64;
    /// Edges of pixels are moved down by this part of a bin, which is more than rounding moves them: a bin whose centre lies
    /// exactly on an edge belongs to the pixel above it in every view.
    const NUDGE: f64 = 1.0 / 16_384.0;

    /// Resolves a view for a picture of `size` pixels. Lines are counted from `epoch_ns`
    /// ([`Rows::epoch_ns`](crate::Rows::epoch_ns)); `row` is the newest row's stamp and number of bins, from which the
    /// view's defaults come.
    pub fn new(view: &View, size: (u32, u32), newest: Side, epoch_ns: i64, row: Option<(&Stamp, u32)>) -> Self {
        let mut span_hz = view.span_hz.or(row.map(|(s, bins)| s.span_hz(bins as usize))).unwrap_or((0.0, 1.0));
        if view.axis == Axis::Log && span_hz.0 < f64::MIN_POSITIVE {
            // A row that begins at 0 Hz, or below: from half a bin on.
            let least = row.map_or(1.0, |(stamp, _)| 0.5 * stamp.bin_hz);
            span_hz = (least, span_hz.1.max(2.0 * least));
        }
        let line_ns = view.line_ns.or(row.map(|(s, _)| s.duration_ns)).unwrap_or(1e9);
        let since_ns = match (view.edge, row) {
            (Edge::Follow, None) => 0.0,
            (Edge::Follow, Some((stamp, _))) => stamp.middle_since(epoch_ns),
            (Edge::At(time_ns), _) => time_ns.clamp(-Stamp::MOST_NS, Stamp::MOST_NS).saturating_sub(epoch_ns) as f64,
        };
        let line_ns = line_ns.max(since_ns.abs() * Self::LEAST_PART).max(f64::MIN_POSITIVE);
        let (reduce, interpolation, axis) = (view.reduce, view.interpolation, view.axis);
        let last = Self::line(since_ns, line_ns);
        Self { span_hz, axis, line_ns, last, epoch_ns, size, newest, reduce, interpolation }
    }

    /// The view of this frame, without defaults; it does not follow.
    pub fn view(&self) -> View {
        View {
            span_hz: Some(self.span_hz),
            line_ns: Some(self.line_ns),
            edge: Edge::At(self.time_in(self.last)),
            reduce: self.reduce,
            interpolation: self.interpolation,
            axis: self.axis,
        }
    }

    /// The same frame with another newest line.
    pub(crate) fn with_last(self, last: i64) -> Self {
        Self { last, ..self }
    }

    /// Frequencies at the two edges of the picture, in Hz, low before high.
    pub fn span_hz(&self) -> (f64, f64) {
        self.span_hz
    }

    /// How frequencies are spread over the picture.
    pub fn axis(&self) -> Axis {
        self.axis
    }

    /// Time per line, in nanoseconds.
    pub fn line_ns(&self) -> f64 {
        self.line_ns
    }

    /// Where lines are counted from, in nanoseconds on the rows' clock.
    pub fn epoch_ns(&self) -> i64 {
        self.epoch_ns
    }

    /// Numbers of the visible lines, oldest first.
    pub fn lines(&self) -> Range<i64> {
        self.last + 1 - i64::from(self.length())..self.last + 1
    }

    /// The newest line.
    pub(crate) fn last(&self) -> i64 {
        self.last
    }

    /// Width and height of the picture, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The side at which new rows appear.
    pub fn newest_side(&self) -> Side {
        self.newest
    }

    /// How a pixel combines several cells.
    pub fn reduce(&self) -> Reduce {
        self.reduce
    }

    /// How a pixel narrower than a bin gets its value.
    pub fn interpolation(&self) -> Interpolation {
        self.interpolation
    }

    /// Pixels along time: the number of lines.
    pub fn length(&self) -> u32 {
        if self.newest.is_sideways() { self.size.0 } else { self.size.1 }
    }

    /// Pixels along frequency.
    pub fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.1 } else { self.size.0 }
    }

    // --- Lines and times -----------------------------------------------------------------------------------------------

    fn line(since_ns: f64, line_ns: f64) -> i64 {
        (since_ns / line_ns).floor().clamp(-Self::MOST_LINES, Self::MOST_LINES) as i64
    }

    /// The line that holds a time.
    pub fn line_at(&self, time_ns: i64) -> i64 {
        Self::line(time_ns.saturating_sub(self.epoch_ns) as f64, self.line_ns)
    }

    /// The line that a row belongs to: the one that holds its middle.
    ///
    /// The middle and not the start, because rows as long as a line start on the lines' edges, where the rounding of stamps
    /// to whole nanoseconds would move them to one side or the other.
    pub fn line_of(&self, stamp: &Stamp) -> i64 {
        Self::line(stamp.middle_since(self.epoch_ns), self.line_ns)
    }

    /// The time at which a line begins, in nanoseconds. Fractions count: `q + 1.5` is a line and a half after `q`.
    pub fn time_of(&self, line: f64) -> i64 {
        self.epoch_ns.saturating_add((line * self.line_ns).round() as i64)
    }

    /// A time within a line: about its middle, so that rounding does not move it to another.
    fn time_in(&self, line: i64) -> i64 {
        let middle = self.time_of(line as f64 + 0.5);
        let near = [middle, middle.saturating_sub(1), middle.saturating_add(1)];
        near.into_iter().find(|time| self.line_at(*time) == line).unwrap_or(middle)
    }

    /// The line and the pixel across of a pixel of the picture.
    pub fn cell(&self, x: u32, y: u32) -> (i64, u32) {
        let (along, across) = if self.newest.is_sideways() { (x, y) } else { (y, x) };
        let before =
            if self.newest.is_ascending() { i64::from(self.length()) - 1 - i64::from(along) } else { i64::from(along) };
        let across = if self.newest.is_sideways() { self.across().saturating_sub(across + 1) } else { across };
        (self.last - before, across)
    }

    // --- Positions -----------------------------------------------------------------------------------------------------

    /// Pixels along time and along frequency.
    fn pixels(&self) -> (f64, f64) {
        (f64::from(self.length().max(1)), f64::from(self.across().max(1)))
    }

    /// A position as (lines from the newest edge, share of the axis from its low end).
    pub fn turned(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (along, across) = self.pixels();
        match self.newest {
            Side::Top => (y, x / across),
            Side::Bottom => (along - y, x / across),
            Side::Left => (x, 1.0 - y / across),
            Side::Right => (along - x, 1.0 - y / across),
        }
    }

    /// A movement on the picture as (lines towards older rows, pixels towards higher frequencies).
    pub fn turned_movement(&self, (dx, dy): (f64, f64)) -> (f64, f64) {
        match self.newest {
            Side::Top => (dy, dx),
            Side::Bottom => (-dy, dx),
            Side::Left => (dx, -dy),
            Side::Right => (-dx, -dy),
        }
    }

    /// The movement on the picture of this many lines towards older rows and pixels towards higher frequencies.
    pub fn movement(&self, lines: f64, across: f64) -> (f64, f64) {
        match self.newest {
            Side::Top => (across, lines),
            Side::Bottom => (across, -lines),
            Side::Left => (lines, -across),
            Side::Right => (-lines, -across),
        }
    }

    /// The span in units of the axis.
    fn ends(&self) -> (f64, f64) {
        (self.axis.place(self.span_hz.0), self.axis.place(self.span_hz.1))
    }

    /// The frequency at a share of the axis from its low end.
    fn hz(&self, share: f64) -> f64 {
        let (low, high) = self.ends();
        self.axis.hz(low + (high - low) * share)
    }

    /// Frequency at a position, in Hz.
    pub fn hz_at(&self, position: (f64, f64)) -> f64 {
        self.hz(self.turned(position).1)
    }

    /// Time at a position, in nanoseconds.
    pub fn time_ns_at(&self, position: (f64, f64)) -> i64 {
        self.time_of((self.last + 1) as f64 - self.turned(position).0)
    }

    /// The position of a frequency and a time; outside the picture if they are not visible.
    pub fn position(&self, hz: f64, time_ns: i64) -> (f64, f64) {
        let (along, across) = self.pixels();
        let (low, high) = self.ends();
        let share = (self.axis.place(hz) - low) / (high - low);
        let lines = (self.last + 1) as f64 - time_ns.saturating_sub(self.epoch_ns) as f64 / self.line_ns;
        match self.newest {
            Side::Top => (share * across, lines),
            Side::Bottom => (share * across, along - lines),
            Side::Left => (lines, (1.0 - share) * across),
            Side::Right => (along - lines, (1.0 - share) * across),
        }
    }

    // --- Bins ----------------------------------------------------------------------------------------------------------

    /// The bins of rows with this layout that these pixels across show, appended to `out`, one entry per pixel.
    ///
    /// A pixel shows the bins whose centres lie in it, so that every bin is shown within half a pixel of its frequency. A
    /// pixel narrower than a bin shows the bin that its centre lies in, or with [`Interpolation::Linear`] a value between
    /// the two bins on either side of its centre.
    pub(crate) fn covers(&self, layout: &Layout, pixels: Range<u32>, out: &mut Vec<Cover>) {
        let across = f64::from(self.across().max(1));
        let (low, high) = self.ends();
        // Bins from the first one's centre.
        let bin_at = |x: f64| (self.axis.hz(low + (high - low) * x / across) - layout.first_hz) / layout.bin_hz;
        let whole = |v: f64| v.clamp(0.0, f64::from(layout.bins)) as u32;
        let Range { start, end } = pixels;
        let mut left = bin_at(f64::from(start));
        out.reserve(pixels.len());
        for x in start..end {
            let right = bin_at(f64::from(x) + 1.0);
            let (first, next) = ((left - Self::NUDGE).ceil(), (right - Self::NUDGE).ceil());
            let is_narrow = right - left < 1.0 - Self::NUDGE;
            let between = is_narrow && self.interpolation == Interpolation::Linear;
            out.push(if first < next && !between {
                match (whole(first), whole(next)) {
                    (first, next) if first < next => Cover::bins(first, next - first),
                    _ => Cover::NOTHING,
                }
            } else {
                let centre = bin_at(f64::from(x) + 0.5);
                let nearest = (centre + 0.5 + 0.5 * Self::NUDGE).floor();
                if !(0.0..f64::from(layout.bins)).contains(&nearest) {
                    Cover::NOTHING
                } else if between {
                    Cover::between(centre, layout.bins)
                } else {
                    Cover::bins(nearest as u32, 1)
                }
            });
            left = right;
        }
    }

    // --- Other views ---------------------------------------------------------------------------------------------------

    /// The view that shows more or less, with the frequency and the time at one position unchanged.
    pub fn zoomed(&self, zoom: Zoom) -> View {
        let (lines, share) = self.turned(zoom.at);
        let (low, high) = self.ends();
        let (place, width) = (low + (high - low) * share, (high - low) * zoom.hz);
        let line_ns = self.line_ns * zoom.time;
        let edge = if zoom.follows {
            Edge::Follow
        } else {
            let newest = self.time_ns_at(zoom.at).saturating_sub(self.epoch_ns) as f64 + (lines - 0.5) * line_ns;
            Edge::At(self.epoch_ns.saturating_add(newest as i64))
        };
        let low = place - width * share;
        let span_hz = Some((self.axis.hz(low), self.axis.hz(low + width)));
        View { span_hz, line_ns: Some(line_ns), edge, ..self.view() }
    }

    /// The view that shows this span, in Hz, and these times, in nanoseconds, low before high and old before new.
    pub fn showing(&self, span_hz: (f64, f64), time_ns: (i64, i64)) -> View {
        let all_ns = (time_ns.1 as f64 - time_ns.0 as f64).max(1.0);
        let line_ns = (all_ns / self.pixels().0).max(f64::MIN_POSITIVE);
        // Within the last line, so that rounding does not move it to the next.
        let edge = Edge::At(time_ns.1.saturating_sub((0.5 * line_ns) as i64));
        View { span_hz: Some(span_hz), line_ns: Some(line_ns), edge, ..self.view() }
    }

    /// The view after the picture is dragged by this many pixels. Dragged along time, it no longer follows.
    pub fn panned(&self, by: (f64, f64)) -> View {
        let (lines, across) = self.turned_movement(by);
        let (low, high) = self.ends();
        let shift = -(high - low) * across / self.pixels().1;
        // From the line's middle: whole lines, rounded to nearest.
        let last = (self.last as f64 + 0.5 + lines).floor() as i64;
        View {
            span_hz: Some((self.axis.hz(low + shift), self.axis.hz(high + shift))),
            line_ns: Some(self.line_ns),
            edge: Edge::At(self.time_in(last)),
            ..self.view()
        }
    }

    /// A view limited to the data: no closer than one bin or one row across the picture, no wider than all frequencies and
    /// no longer than twice the data's time. `newest` is the newest row's stamp, `bins` its length and `oldest_ns` where
    /// the data begin. A stamp that no row can have ([`Stamp::check`]) limits nothing.
    pub fn bounded(&self, view: View, newest: &Stamp, bins: usize, oldest_ns: i64) -> View {
        if newest.check().is_err() {
            return view;
        }
        let (along, _) = self.pixels();
        let (mut row_low, row_high) = newest.span_hz(bins);
        if self.axis == Axis::Log {
            row_low = row_low.max(0.5 * newest.bin_hz).min(0.5 * row_high);
        }
        let place = |hz| self.axis.place(hz);
        let full = place(row_high) - place(row_low);
        // Frequencies so far out that their distance is no number limit nothing.
        let limits = full.is_finite() && full >= 0.0;
        let span_hz = view.span_hz.map(|(low, high)| {
            if !limits {
                return (low, high);
            }
            let middle = (0.5 * (place(low) + place(high))).clamp(place(row_low), place(row_high));
            let centre_hz = self.axis.hz(middle);
            let bin = place(centre_hz + 0.5 * newest.bin_hz) - place(centre_hz - 0.5 * newest.bin_hz);
            let width = (place(high) - place(low)).clamp(bin.min(full), full);
            // Up to half the picture beyond the data.
            (self.axis.hz(middle - 0.5 * width), self.axis.hz(middle + 0.5 * width))
        });
        let since = newest.time_ns.saturating_sub(oldest_ns) as f64 + newest.duration_ns;
        let all = since.max(newest.duration_ns);
        let line_ns = view
            .line_ns
            .map(|line| line.clamp(newest.duration_ns / along, (2.0 * all / along).max(newest.duration_ns)));
        let edge = match view.edge {
            Edge::At(time) if time.saturating_sub(oldest_ns) as f64 >= newest.middle_since(oldest_ns) => Edge::Follow,
            Edge::At(time) => Edge::At(time.max(oldest_ns)),
            Edge::Follow => Edge::Follow,
        };
        View { span_hz, line_ns, edge, ..view }
    }
}

/// How to [zoom](Frame::zoomed).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Zoom {
    /// The position that keeps its frequency and its time, in pixels from the top left corner.
    pub at: (f64, f64),
    /// Factor for the visible time.
    pub time: f64,
    /// Factor for the visible frequency span, measured in octaves on a logarithmic axis.
    pub hz: f64,
    /// Keep the newest line in place instead of the time at `at`, so that the view keeps following.
    pub follows: bool,
}

impl Zoom {
    /// A zoom about this position, with factors of 1.
    pub fn at(position: (f64, f64)) -> Self {
        Self { at: position, time: 1.0, hz: 1.0, follows: false }
    }

    /// Multiplies the visible time by a factor.
    #[must_use]
    pub fn time(self, factor: f64) -> Self {
        Self { time: factor, ..self }
    }

    /// Multiplies the visible span by a factor.
    #[must_use]
    pub fn hz(self, factor: f64) -> Self {
        Self { hz: factor, ..self }
    }

    /// Keeps following the newest row.
    #[must_use]
    pub fn following(self) -> Self {
        Self { follows: true, ..self }
    }
}

#[cfg(test)]
mod tests;
