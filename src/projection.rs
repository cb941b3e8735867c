//! From pixels to frequencies and times, and back.

use crate::view::{Edge, View, line_at};
use crate::{Newest, Stamp};

/// How a view lies on the pixels of a picture: what is at a pixel, where a frequency and a time are, and the views that
/// come of zooming and panning. Pure arithmetic in `f64`.
///
/// Positions are in pixels from the top left corner; pixel `x` covers `x` to `x + 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    view: View,
    span_hz: (f64, f64),
    line_ns: f64,
    /// Number of the newest line.
    last: i64,
    epoch_ns: i64,
    size: (u32, u32),
    newest: Newest,
}

impl Projection {
    /// The projection of a view on a picture of `size` pixels, lines being counted from `epoch_ns`
    /// ([`Rows::epoch_ns`](crate::Rows::epoch_ns)). `None` for a view whose defaults are not filled in: see
    /// [`Loader::resolved`](crate::Loader::resolved).
    pub fn new(view: View, size: (u32, u32), newest: Newest, epoch_ns: i64) -> Option<Self> {
        let (Some(span_hz), Some(line_ns), Edge::At(time_ns)) = (view.span_hz, view.line_ns, view.edge) else {
            return None;
        };
        let last = line_at(time_ns, epoch_ns, line_ns);
        Some(Self { view, span_hz, line_ns, last, epoch_ns, size, newest })
    }

    /// Pixels along time and along frequency.
    fn pixels(&self) -> (f64, f64) {
        let (width, height) = (f64::from(self.size.0.max(1)), f64::from(self.size.1.max(1)));
        if self.newest.is_sideways() { (width, height) } else { (height, width) }
    }

    /// A position as (lines from the newest edge, share of the span from its low end).
    fn turn(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (along, across) = self.pixels();
        match self.newest {
            Newest::Top => (y, x / across),
            Newest::Bottom => (along - y, x / across),
            Newest::Left => (x, 1.0 - y / across),
            Newest::Right => (along - x, 1.0 - y / across),
        }
    }

    /// Frequency at a position, in Hz.
    pub fn hz_at(&self, position: (f64, f64)) -> f64 {
        let (low, high) = self.span_hz;
        low + (high - low) * self.turn(position).1
    }

    /// Time at a position, in nanoseconds.
    pub fn time_ns_at(&self, position: (f64, f64)) -> i64 {
        let lines = (self.last + 1) as f64 - self.turn(position).0;
        self.epoch_ns.saturating_add((lines * self.line_ns).round() as i64)
    }

    /// The position of a frequency and a time; outside the picture where they are not on show.
    pub fn position(&self, hz: f64, time_ns: i64) -> (f64, f64) {
        let (along, across) = self.pixels();
        let share = (hz - self.span_hz.0) / (self.span_hz.1 - self.span_hz.0);
        let lines = (self.last + 1) as f64 - time_ns.saturating_sub(self.epoch_ns) as f64 / self.line_ns;
        match self.newest {
            Newest::Top => (share * across, lines),
            Newest::Bottom => (share * across, along - lines),
            Newest::Left => (lines, (1.0 - share) * across),
            Newest::Right => (along - lines, (1.0 - share) * across),
        }
    }

    /// The view that shows `time_factor` times as much time and `hz_factor` times as many Hz, with the same frequency and
    /// the same time at `position` as now. A view that follows goes on following: its newest line stays where it is.
    pub fn zoomed(&self, position: (f64, f64), time_factor: f64, hz_factor: f64, follows: bool) -> View {
        let (lines, share) = self.turn(position);
        let (low, high) = self.span_hz;
        let (hz, width) = (low + (high - low) * share, (high - low) * hz_factor);
        let line_ns = self.line_ns * time_factor;
        let edge = if follows {
            Edge::Follow
        } else {
            // The middle of the newest line, so that rounding throws it on no other.
            let newest = self.time_ns_at(position) as f64 - self.epoch_ns as f64 + (lines - 0.5) * line_ns;
            Edge::At(self.epoch_ns.saturating_add(newest as i64))
        };
        let low = hz - width * share;
        View { span_hz: Some((low, low + width)), line_ns: Some(line_ns), edge, ..self.view }
    }

    /// The view in which the picture has been pulled along by so many pixels. Pulled along time it follows no more.
    pub fn panned(&self, (dx, dy): (f64, f64)) -> View {
        let (_, across) = self.pixels();
        let (lines, share) = match self.newest {
            Newest::Top => (dy, -dx / across),
            Newest::Bottom => (-dy, -dx / across),
            Newest::Left => (dx, dy / across),
            Newest::Right => (-dx, dy / across),
        };
        let (low, high) = self.span_hz;
        let shift = (high - low) * share;
        // From the line's middle: whole lines, rounded to nearest.
        let last = self.last as f64 + 0.5 + lines;
        View {
            span_hz: Some((low + shift, high + shift)),
            line_ns: Some(self.line_ns),
            edge: Edge::At(self.epoch_ns.saturating_add((last * self.line_ns) as i64)),
            ..self.view
        }
    }

    /// A view kept within reason: not closer than one bin or one row across the picture, not wider than twice the data.
    /// `newest` is the newest row's stamp, `bins` its length and `oldest_ns` where the data begin.
    pub fn bounded(&self, view: View, newest: &Stamp, bins: usize, oldest_ns: i64) -> View {
        let (along, _) = self.pixels();
        let (row_low, row_high) = newest.span_hz(bins);
        let full = row_high - row_low;
        let span_hz = view.span_hz.map(|(low, high)| {
            let width = (high - low).clamp(newest.bin_hz.min(full), full);
            let middle = (0.5 * (low + high)).clamp(row_low, row_high);
            // As far as half the picture beyond the data.
            (middle - 0.5 * width, middle + 0.5 * width)
        });
        let end_ns = newest.time_ns as f64 + newest.duration_ns;
        let all = (end_ns - oldest_ns as f64).max(newest.duration_ns);
        let line_ns = view
            .line_ns
            .map(|line| line.clamp(newest.duration_ns / along, (2.0 * all / along).max(newest.duration_ns)));
        let edge = match view.edge {
            Edge::At(time) if time >= newest.middle_ns() => Edge::Follow,
            Edge::At(time) => Edge::At(time.max(oldest_ns)),
            Edge::Follow => Edge::Follow,
        };
        View { span_hz, line_ns, edge, ..view }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EPOCH: i64 = 1_790_000_000_000_000_000;

    fn projection(span_hz: (f64, f64), line_ns: f64, lines_on: f64, size: (u32, u32), newest: Newest) -> Projection {
        let edge = Edge::At(EPOCH + (lines_on * line_ns) as i64);
        let view = View { span_hz: Some(span_hz), line_ns: Some(line_ns), edge, ..View::default() };
        Projection::new(view, size, newest, EPOCH).expect("filled in")
    }

    #[test]
    fn by_hand() {
        // 1000 Hz on 500 pixels, 2 s a line, the newest line is the one from 20 s to 22 s.
        let top = projection((7000.0, 8000.0), 2e9, 10.5, (500, 300), Newest::Top);
        assert_eq!(top.hz_at((250.0, 0.0)), 7500.0);
        assert_eq!(top.time_ns_at((0.0, 0.0)), EPOCH + 22_000_000_000);
        assert_eq!(top.time_ns_at((0.0, 1.0)), EPOCH + 20_000_000_000);
        assert_eq!(top.position(7002.0, EPOCH + 2_000_000_000), (1.0, 10.0));
        let right = projection((7000.0, 8000.0), 2e9, 10.5, (500, 300), Newest::Right);
        assert_eq!(right.hz_at((0.0, 0.0)), 8000.0);
        assert_eq!(right.time_ns_at((500.0, 0.0)), EPOCH + 22_000_000_000);
        assert_eq!(right.position(7000.0, EPOCH + 2_000_000_000), (490.0, 300.0));
    }

    fn any() -> impl Strategy<Value = (Projection, (f64, f64))> {
        let newest = prop_oneof![Just(Newest::Top), Just(Newest::Bottom), Just(Newest::Left), Just(Newest::Right)];
        let span = (0.0..1e10f64, -1.0..7.0f64).prop_map(|(low, w)| (low, low + 10f64.powf(w)));
        // Ten microseconds to a day a line; up to a year of data. Below that, whole nanoseconds begin to show.
        let time = (4.0..13.9f64, 0.0..1.0f64).prop_map(|(w, part)| (10f64.powf(w), part));
        (span, time, 1u32..5000, 1u32..5000, newest, 0.0..1.0f64, 0.0..1.0f64).prop_map(
            |(span, (line_ns, part), width, height, newest, x, y)| {
                let lines = (part * 3.15e16 / line_ns).floor().min(1e9) + 0.5;
                let at = (x * f64::from(width), y * f64::from(height));
                (projection(span, line_ns, lines, (width, height), newest), at)
            },
        )
    }

    proptest! {
        #[test]
        fn round_trips_are_exact_to_half_a_pixel((p, at) in any()) {
            let back = p.position(p.hz_at(at), p.time_ns_at(at));
            prop_assert!((back.0 - at.0).abs() < 0.5 && (back.1 - at.1).abs() < 0.5, "{at:?} {back:?}");
        }

        #[test]
        fn zooming_keeps_what_is_under_the_cursor((p, at) in any(), time in 0.2..5.0f64, hz in 0.2..5.0f64) {
            let view = p.zoomed(at, time, hz, false);
            let q = Projection::new(view, p.size, p.newest, EPOCH).expect("filled in");
            let back = q.position(p.hz_at(at), p.time_ns_at(at));
            // Pictures are on whole lines: half a line of rounding, and stamps on whole nanoseconds.
            let off = (back.0 - at.0, back.1 - at.1);
            prop_assert!(off.0.abs() <= 0.55 && off.1.abs() <= 0.55, "{at:?} {back:?}");
            prop_assert!((q.line_ns / p.line_ns - time).abs() < 1e-9);
        }

        #[test]
        fn panning_pulls_the_picture_along((p, at) in any(), dx in -300i32..300, dy in -300i32..300) {
            let view = p.panned((f64::from(dx), f64::from(dy)));
            let q = Projection::new(view, p.size, p.newest, EPOCH).expect("filled in");
            let now = q.position(p.hz_at(at), p.time_ns_at(at));
            let off = (now.0 - at.0 - f64::from(dx), now.1 - at.1 - f64::from(dy));
            prop_assert!(off.0.abs() < 0.5 && off.1.abs() < 0.5, "{off:?}");
        }
    }

    #[test]
    fn bounds() {
        let newest = Stamp { time_ns: EPOCH + 99_000_000_000, duration_ns: 1e9, first_hz: 100.0, bin_hz: 2.0 };
        let p = projection((100.0, 200.0), 1e9, 50.5, (200, 100), Newest::Top);
        let far = p.zoomed((100.0, 50.0), 1e9, 1e9, false);
        let far = p.bounded(far, &newest, 50, EPOCH);
        // All 50 bins, about the middle that it had.
        assert_eq!(far.span_hz, Some((100.0, 200.0)));
        assert_eq!(far.line_ns, Some(2e9));
        let near = p.bounded(p.zoomed((100.0, 50.0), 1e-9, 1e-9, false), &newest, 50, EPOCH);
        assert_eq!(near.line_ns, Some(1e7));
        let (low, high) = near.span_hz.expect("a span");
        assert!((high - low - 2.0).abs() < 1e-9);
        // Pulled beyond the newest row, it follows.
        assert_eq!(p.bounded(p.panned((0.0, 1000.0)), &newest, 50, EPOCH).edge, Edge::Follow);
        assert_eq!(p.bounded(p.panned((0.0, -1000.0)), &newest, 50, EPOCH).edge, Edge::At(EPOCH));
    }
}
