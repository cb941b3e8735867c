//! Finding the range of a window from the first seconds of its rows.

use ringfall::Stamp;

use super::range::{Levels, Range};

/// The search for a range: the first seconds of rows set it, at first often and then more and more rarely.
pub(super) struct FindRange {
    fixed: (Option<f32>, Option<f32>),
    levels: Levels,
    rows: u64,
    next: u64,
    since_ns: i64,
    done: bool,
}

impl FindRange {
    const SECONDS: f64 = 3.0;

    pub(super) fn new(fixed: (Option<f32>, Option<f32>)) -> Self {
        let done = fixed.0.is_some() && fixed.1.is_some();
        Self { fixed, levels: Levels::new(), rows: 0, next: 1, since_ns: 0, done }
    }

    /// What the hand has set is not to be overruled by rows that come later.
    pub(super) fn leave_it(&mut self) {
        self.done = true;
    }

    /// Starts anew, from the rows to come.
    pub(super) fn again(&mut self) {
        self.levels.clear();
        (self.rows, self.next, self.done) = (0, 1, false);
        // Asked for by hand, it is found even where it was given at the start.
        self.fixed = (None, None);
    }

    /// Looks at a row; the range it leads to, if it is time for one.
    pub(super) fn row(&mut self, stamp: &Stamp, row_db: &[f32]) -> Option<Range> {
        if self.done {
            return None;
        }
        if self.rows == 0 {
            self.since_ns = stamp.time_ns;
        }
        self.levels.add(row_db);
        self.rows += 1;
        let seconds = stamp.time_ns.saturating_sub(self.since_ns) as f64 * 1e-9;
        // A row may last longer than all of the search: then a few rows have to do.
        let enough = seconds >= Self::SECONDS && self.rows >= 4;
        if self.rows < self.next && !enough {
            return None;
        }
        let range = self.levels.range()?;
        self.next = self.rows * 2;
        self.done = enough;
        Some(range.with_fixed(self.fixed.0, self.fixed.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows a tenth of a second apart, whose levels rise: the range follows for three seconds, and stays.
    #[test]
    fn the_first_seconds_count() {
        let mut find = FindRange::new((None, None));
        let row = |find: &mut FindRange, index: i64| {
            let stamp = Stamp { time_ns: index * 100_000_000, ..Stamp::index(0) };
            find.row(&stamp, &[-100.0 + index as f32; 16])
        };
        let found: Vec<i64> = (0..100).filter(|&index| row(&mut find, index).is_some()).collect();
        assert_eq!(found, [0, 1, 3, 7, 15, 30]);
        find.again();
        assert!(row(&mut find, 100).is_some());
        find.leave_it();
        assert!((101..200).all(|index| row(&mut find, index).is_none()));
    }

    #[test]
    fn what_was_given_stays() {
        let mut given = FindRange::new((Some(-90.0), Some(-30.0)));
        assert_eq!(given.row(&Stamp::index(0), &[-60.0; 16]), None);
        let mut half = FindRange::new((Some(-90.0), None));
        let range = half.row(&Stamp::index(0), &[-60.0; 16]).unwrap();
        assert_eq!(range, range.with_fixed(Some(-90.0), None));
    }
}
