//! The times of rows that come in messages, or through a pipe.

/// Places rows in time. A message's time is the end of its last row. Rows are evenly spaced, so that they have no jitter; the
/// spacing is measured unless it was given.
#[derive(Clone, Debug)]
pub(in crate::source) struct Places {
    fixed: bool,
    row_ns: f64,
    next_ns: Option<i64>,
    /// The measurement: time of a message, and the messages and rows since then.
    since: Option<(i64, u32, u64)>,
}

/// The times of a message's rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) struct Placed {
    pub(in crate::source) start_ns: i64,
    pub(in crate::source) row_ns: f64,
    /// Time is missing before them.
    pub(in crate::source) gap: bool,
}

/// Assumed messages per second until the rate is measured.
const GUESS: f64 = 30.0;
/// The shortest pause that is reported as a gap, in nanoseconds.
const GAP_NS: f64 = 1e9;
/// The shortest time that is measured, in nanoseconds: rows may come several at once.
const LONG_NS: f64 = 0.25e9;
/// The deviation of messages that needs no correction, in nanoseconds.
const OFF_NS: f64 = 0.25e9;

impl Places {
    /// Uses this time from row to row, in nanoseconds, if it is given.
    pub(in crate::source) fn new(row_ns: Option<f64>) -> Self {
        Self { fixed: row_ns.is_some(), row_ns: row_ns.unwrap_or(0.0), next_ns: None, since: None }
    }

    /// The rows of the next message.
    pub(in crate::source) fn place(&mut self, time_ns: i64, rows: usize) -> Placed {
        if self.row_ns == 0.0 {
            self.row_ns = (1e9 / GUESS / rows as f64).max(1.0);
        }
        let off = self.next_ns.map_or(0.0, |next| time_ns.saturating_sub(next) as f64 - rows as f64 * self.row_ns);
        let most = OFF_NS.max(2.0 * rows as f64 * self.row_ns);
        let gap = off > GAP_NS.max(most);
        self.measure(time_ns, rows, gap, off, most);
        let length = rows as f64 * self.row_ns;
        let begins = time_ns.saturating_sub(length.round() as i64);
        let start_ns = match self.next_ns {
            None => begins,
            Some(next) if off > most => begins.max(next),
            Some(next) => next,
        };
        self.next_ns = Some(start_ns.saturating_add(length.round() as i64));
        Placed { start_ns, row_ns: self.row_ns, gap }
    }

    fn measure(&mut self, time_ns: i64, rows: usize, gap: bool, off: f64, most: f64) {
        if self.fixed {
            return;
        }
        if off < -most {
            // Rows are placed far ahead of the clock: they come much faster than was assumed, and that cannot wait for a measurement.
            self.row_ns = (0.5 * self.row_ns).max(1.0);
        }
        let Some((begun, messages, seen)) = self.since.filter(|since| !gap && time_ns >= since.0) else {
            self.since = Some((time_ns, 0, 0));
            return;
        };
        let (messages, seen) = (messages + 1, seen + rows as u64);
        self.since = Some((begun, messages, seen));
        let lasted = time_ns.saturating_sub(begun) as f64;
        if lasted < LONG_NS || (messages < 8 && lasted < 1e9) {
            return;
        }
        self.since = Some((time_ns, 0, 0));
        let found = lasted / seen as f64;
        if (found / self.row_ns - 1.0).abs() > 0.02 || off.abs() > most {
            // Slightly more or less, so that the deviation decreases.
            self.row_ns = (found * (1.0 + (off / 1e10).clamp(-0.1, 0.1))).max(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_790_000_000_000_000_000;
    const MS: i64 = 1_000_000;

    #[test]
    fn the_distance_of_rows_is_found_and_jitter_changes_nothing() {
        let mut places = Places::new(None);
        // 50 messages a second, of 10 rows each, with 4 ms of jitter: 2 ms a row.
        let mut last = None::<Placed>;
        for n in 0..500_i64 {
            let time = START + 20 * MS * n + (n * 7 % 5 - 2) * 2 * MS;
            let placed = places.place(time, 10);
            if let Some(last) = last {
                // Rows are contiguous: no overlap and no holes once the spacing is known.
                assert!(placed.start_ns >= last.start_ns + (10.0 * last.row_ns) as i64 - 10, "{n}");
                assert!(!placed.gap);
            }
            if n > 20 {
                assert!((placed.row_ns / 2e6 - 1.0).abs() < 0.06, "{n}: {placed:?}");
                let end = placed.start_ns as f64 + 10.0 * placed.row_ns - time as f64;
                assert!(end.abs() < 0.3e9, "{n}: {end}");
            }
            last = Some(placed);
        }
    }

    #[test]
    fn rows_that_come_many_at_once_or_fast_are_evenly_spaced() {
        // Eight rows at once every 160 ms, as a program with a buffer writes them; and 2000 rows a second.
        for (every, at_once, row_ms) in [(160 * MS, 8, 20.0), (MS / 2, 1, 0.5)] {
            let mut places = Places::new(None);
            let mut next = None;
            for n in 0..5000_i64 {
                let time = START + n / at_once * every;
                let placed = places.place(time, 1);
                let end = placed.start_ns as f64 + placed.row_ns - time as f64;
                assert!(end.abs() < 0.5e9, "{n}: {} ms off", end * 1e-6);
                if time > START + 1000 * MS {
                    assert!((placed.row_ns / (row_ms * 1e6) - 1.0).abs() < 0.06, "{n}: {placed:?}");
                    assert_eq!(next, Some(placed.start_ns), "{n}");
                }
                next = Some(placed.start_ns + placed.row_ns.round() as i64);
            }
        }
    }

    #[test]
    fn a_pause_is_a_gap_of_its_length_and_time_never_goes_back() {
        let mut places = Places::new(Some(1e6));
        assert_eq!(places.place(START, 10), Placed { start_ns: START - 10 * MS, row_ns: 1e6, gap: false });
        assert_eq!(places.place(START + 10 * MS, 10).start_ns, START);
        let late = START + 10_000 * MS;
        assert_eq!(places.place(late, 10), Placed { start_ns: late - 10 * MS, row_ns: 1e6, gap: true });
        assert_eq!(places.place(START, 10).start_ns, late);
        assert_eq!(places.place(i64::MIN, 10).start_ns, late + 10 * MS);
        let mut places = Places::new(None);
        let mut last = i64::MIN;
        for time in [0, i64::MAX, i64::MIN, 5, 1 << 61, 7, 1 << 62] {
            for rows in [1, 1 << 32, 3] {
                let placed = places.place(time, rows);
                assert!(placed.start_ns >= last && placed.row_ns >= 1.0 && placed.row_ns.is_finite(), "{placed:?}");
                last = placed.start_ns;
            }
        }
    }
}
