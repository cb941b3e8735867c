use std::ops::Range;

use super::ring::Ring;
use crate::view::{line_at, line_of};

/// How the resident rows fall on lines: pure arithmetic on their stamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'a> {
    pub(super) ring: &'a Ring,
    pub(super) epoch_ns: i64,
    pub(super) line_ns: f64,
}

impl Lines<'_> {
    /// The line that a resident row belongs to.
    pub(super) fn of(&self, row: u64) -> i64 {
        line_of(&self.ring.stamp(row).0, self.epoch_ns, self.line_ns)
    }

    /// The line that holds a time.
    pub(super) fn at(&self, time_ns: i64) -> i64 {
        line_at(time_ns, self.epoch_ns, self.line_ns)
    }

    /// The first resident row that belongs to `line` or a later one.
    fn first_from(&self, line: i64) -> u64 {
        let Range { mut start, mut end } = self.ring.resident();
        while start < end {
            let middle = start + (end - start) / 2;
            if self.of(middle) < line {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }

    /// The resident rows that a line shows: those that belong to it; where there are none, the row that lasts over the
    /// line's middle; else nothing, which is a gap in time.
    pub(super) fn rows(&self, line: i64) -> Range<u64> {
        let resident = self.ring.resident();
        let first = self.first_from(line);
        let end = self.first_from(line.saturating_add(1));
        if first < end {
            return first..end;
        }
        let middle = (line as f64 + 0.5) * self.line_ns;
        let start = |row: u64| self.ring.stamp(row).0.time_ns.saturating_sub(self.epoch_ns) as f64;
        if first > resident.start {
            let before = first - 1;
            let due = start(before) + self.ring.stamp(before).0.duration_ns;
            // The next row may be a little late without there being a gap.
            let late = due + 0.5 * self.ring.stamp(before).0.duration_ns;
            let until = if first < resident.end && start(first) <= late { start(first) } else { due };
            if middle < until {
                return before..first;
            }
        }
        if first < resident.end && start(first) <= middle {
            return first..first + 1;
        }
        first..first
    }

    /// Entry of the line table: first slot and number of rows.
    pub(super) fn entry(&self, line: i64) -> [u32; 2] {
        let rows = self.rows(line);
        [self.ring.slot(rows.start), (rows.end - rows.start) as u32]
    }
}
