//! Which resident rows a line of the picture shows.

use std::ops::Range;

use super::resident::Resident;
use crate::frame::Frame;
use crate::stamp::Stamp;

/// How the resident rows fall on the lines of a frame: pure arithmetic on their stamps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines<'a> {
    pub(crate) rows: &'a Resident,
    pub(crate) frame: &'a Frame,
}

impl Lines<'_> {
    fn stamp(&self, row: u64) -> &Stamp {
        &self.rows.entry(row).stamp
    }

    /// The line that a resident row belongs to.
    pub(crate) fn of(&self, row: u64) -> i64 {
        self.frame.line_of(self.stamp(row))
    }

    /// The first resident row that belongs to `line` or a later one.
    fn first_from(&self, line: i64) -> u64 {
        let Range { mut start, mut end } = self.rows.range();
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

    /// The resident rows that a line shows: those that belong to it; if there are none, the row that lasts over the
    /// line's middle; else none, which is a gap in time.
    pub(crate) fn of_line(&self, line: i64) -> Range<u64> {
        let resident = self.rows.range();
        let first = self.first_from(line);
        let end = self.first_from(line.saturating_add(1));
        if first < end {
            return first..end;
        }
        let middle = (line as f64 + 0.5) * self.frame.line_ns();
        let start = |row: u64| self.stamp(row).time_ns.saturating_sub(self.frame.epoch_ns()) as f64;
        if first > resident.start {
            let before = first - 1;
            let due = start(before) + self.stamp(before).duration_ns;
            // The next row may be a little late without there being a gap.
            let late = due + 0.5 * self.stamp(before).duration_ns;
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
}
