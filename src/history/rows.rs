use std::ops::Range;

use crate::{Reduce, Stamp};

/// Rows that can be read in any order: what a picture is made from, be it a history in memory or an array on disk.
///
/// Level 0 are the rows themselves. A row of level `k` stands for up to 4^k rows: their maximum, minimum
/// or mean of power, bin by bin. Its stamp tells how long they last together. Rows of a level are numbered from 0 and
/// keep their numbers when old ones are given up.
pub trait Rows {
    /// The time of the very first row, even if it has been given up: lines of the picture are counted from it.
    fn epoch_ns(&self) -> i64;

    /// Number of levels, 1 at least.
    fn levels(&self) -> u32;

    /// The numbers of the rows of a level that can be read.
    fn range(&self, level: u32) -> Range<u64>;

    /// Rows of a level before this number will not change any more. Later ones still grow as rows arrive.
    fn settled(&self, level: u32) -> u64;

    /// Stamp and number of bins of a row in [`range`](Self::range), else `None`.
    fn stamp(&self, level: u32, row: u64) -> Option<(Stamp, u32)>;

    /// Copies the values of a row in [`range`](Self::range) to `out`, which becomes as long as the row; else empty. At
    /// level 0 it makes no difference what `reduce` is.
    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>);

    /// The first row of a level whose middle is at this time or later; the end of the range if there is none.
    fn first_from(&self, level: u32, time_ns: i64) -> u64 {
        let Range { mut start, mut end } = self.range(level);
        while start < end {
            let middle = start + (end - start) / 2;
            if self.stamp(level, middle).is_some_and(|(stamp, _)| stamp.middle_since(time_ns) < 0.0) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }
}
