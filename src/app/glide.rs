//! Scrolling by time if rows are long: pixel by pixel instead of row by row.

use std::time::{Duration, Instant};

use ringfall::Rows;

/// The newest end of a picture on which a row is several lines high. It runs over the newest row at the rows' own pace, and
/// waits at its end for the next one: when rows stop, so does the picture.
pub(super) struct Glide {
    speed: f64,
    /// Rows that had arrived, and when that was.
    rows: u64,
    since: Option<Instant>,
    shown_ns: Option<i64>,
    next: Option<Instant>,
}

impl Glide {
    /// `speed` is the number of seconds of the rows' clock that pass in one second; infinite if unknown.
    pub(super) fn new(speed: f64) -> Self {
        Self { speed, rows: 0, since: None, shown_ns: None, next: None }
    }

    /// The picture does not glide, for now.
    pub(super) fn rest(&mut self) {
        self.next = None;
    }

    /// The time on the newest line; `None` if rows are not longer than a line, and nothing needs to glide.
    pub(super) fn edge_ns(&mut self, rows: &dyn Rows, line_ns: f64, now: Instant, runs: bool) -> Option<i64> {
        let end = rows.range(0).end;
        let (newest, _) = rows.stamp(0, end.checked_sub(1)?)?;
        if line_ns >= newest.duration_ns || !self.speed.is_finite() {
            self.shown_ns = None;
            return None;
        }
        if end != self.rows {
            (self.rows, self.since) = (end, Some(now));
        }
        let since = self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        // A nanosecond less than all of it: the end is on the next row's line.
        let last = newest.duration_ns - 1.0;
        let on = (since.as_nanos() as f64 * self.speed).min(last);
        let mut edge_ns = newest.time_ns.saturating_add(on as i64);
        if let Some(shown) = self.shown_ns {
            let end_ns = newest.time_ns.saturating_add(last as i64);
            // Never backwards; and not forwards while time is stopped.
            edge_ns = if runs { edge_ns.max(shown.min(end_ns)) } else { shown.min(end_ns) };
        }
        self.shown_ns = Some(edge_ns);
        self.next = (runs && on < last).then(|| {
            let lines = edge_ns.saturating_sub(rows.epoch_ns()) as f64 / line_ns;
            let left = (lines.floor() + 1.0 - lines) * line_ns / self.speed;
            now + Duration::from_nanos(left as u64 + 1)
        });
        Some(edge_ns)
    }

    /// The newest time that was shown last, if it glides.
    pub(super) fn shown_ns(&self) -> Option<i64> {
        self.shown_ns
    }

    /// When the picture will have moved by a line.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::{History, Precision, Stamp};

    #[test]
    fn it_runs_over_a_row_and_stops_at_its_end() {
        let mut history = History::new(1 << 20, Precision::F16);
        let mut push = |row| history.push(Stamp::index(row), &[0.0; 8]).unwrap();
        push(0);
        push(1);
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut glide = Glide::new(2.0);
        // Rows of a second, lines of a tenth, twice as fast as the clock.
        let ms = 1_000_000;
        assert_eq!(glide.edge_ns(&history, 1e8, start, true), Some(1000 * ms));
        let next = glide.next().unwrap();
        assert!(next > after(49) && next < after(52), "{:?}", next - start);
        assert_eq!(glide.edge_ns(&history, 1e8, after(100), true), Some(1200 * ms));
        // A stall.
        assert_eq!(glide.edge_ns(&history, 1e8, after(600), true), Some(2000 * ms - 1));
        assert_eq!(glide.next(), None);
        // The next row continues where it stopped.
        history.push(Stamp::index(2), &[0.0; 8]).unwrap();
        assert_eq!(glide.edge_ns(&history, 1e8, after(700), true), Some(2000 * ms));
        // A pause.
        assert_eq!(glide.edge_ns(&history, 1e8, after(900), false), Some(2000 * ms));
        assert_eq!(glide.next(), None);
        // Lines as long as the rows do not glide; nor does input without a speed limit.
        assert_eq!(glide.edge_ns(&history, 1e9, after(900), true), None);
        assert_eq!(Glide::new(f64::INFINITY).edge_ns(&history, 1e8, start, true), None);
    }
}
