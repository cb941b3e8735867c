//! Rows on the CPU: the trait through which all code reads them, and the stores behind it.

mod block;
mod cells;
mod channels;
#[cfg(any(feature = "dsp", feature = "arrays"))]
mod computed;
mod error;
mod history;
mod levels;
mod memory;
mod pyramid;
#[cfg(any(feature = "dsp", feature = "arrays"))]
mod read_at;

use std::ops::Range;

pub use cells::Precision;
#[cfg(feature = "app")]
pub use computed::Saved;
#[cfg(any(feature = "dsp", feature = "arrays"))]
pub use computed::{Compute, Computed, ComputedOptions, Frames, Progress, Reader, Wake};
pub use error::RowsError;
pub use history::{History, HistoryError};
pub use pyramid::{Pyramid, Store};
#[cfg(any(feature = "dsp", feature = "arrays"))]
pub(crate) use read_at::read_at;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub(crate) use read_at::read_known;

use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::Reduce;

/// Rows that can be read in any order, from which pictures are made. A history in memory, a mapped array, a recording and
/// a file on disk all implement it.
///
/// # Levels
/// Level 0 is the rows themselves. A row of a higher level stands for a *block*: neighbouring rows of level 0, reduced
/// bin by bin to their maximum, minimum or mean. The store decides how many rows a block has: see
/// [`rows_per_row`](Self::rows_per_row) and [`Entry::weight`]. All rows of a block have the same number of bins, first
/// frequency and bin width. Rows of a level are numbered from 0 and keep their numbers when old rows are evicted.
/// Within [`range`](Self::range) a level has no holes: each row of level 0 between the first and the last block is in
/// exactly one of them.
///
/// # Rows that are computed on demand
/// The rows of a recording in a file take too long to compute for all of them to be ready at once. Such rows can be read at any
/// time, and [`read`](Self::read) does not wait: it gives the best values known so far, which may be those of fewer rows than a
/// block has, or NaN. Better values raise [`revision`](Self::revision). Callers say with [`want`](Self::want) what is on show, so
/// that it is computed first. [`Computed`] works in this way.
///
/// # Levels that are not ready
/// Level 0 is complete from the beginning, and reading any of its rows costs about the same. A higher level may be
/// incomplete, for instance while a big file that was just opened is processed. Until it is ready its
/// [`range`](Self::range) is empty or covers only a part of level 0's times, and it grows from call to call. So a caller
/// asks [`covers`](Self::covers) before it shows a level. If the answer is no, it takes a finer level, or rows of level 0
/// at even distances.
pub trait Rows {
    /// The time of the very first row, even if it has been evicted: lines of the picture are counted from it.
    fn epoch_ns(&self) -> i64;

    /// The unit of the values. It decides how their mean is taken.
    fn unit(&self) -> Unit {
        Unit::default()
    }

    /// Number of levels, at least 1, whether they are ready or not.
    fn levels(&self) -> u32;

    /// A row of this level stands for up to this many rows of level 0. It is 1 for level 0, and grows from level to level.
    fn rows_per_row(&self, level: u32) -> u64;

    /// The numbers of the rows of a level that can be read now. Those of a level that is not ready do not cover all of
    /// level 0's times.
    fn range(&self, level: u32) -> Range<u64>;

    /// Rows of a level before this number will not change again. Later ones still grow as rows arrive.
    fn settled(&self, level: u32) -> u64;

    /// The description of a row in [`range`](Self::range), without its values; else `None`.
    fn entry(&self, level: u32, row: u64) -> Option<Entry>;

    /// Copies the values of a row in [`range`](Self::range) to `out`, which becomes as long as the row has bins. `reduce`
    /// has no effect at level 0.
    ///
    /// # Errors
    /// [`RowsError::NoRow`] for a row outside [`range`](Self::range), [`RowsError::Cells`] if cells are colours, and errors
    /// of reading a file. `out` is then empty.
    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError>;

    /// Whether cells are colours: then [`read_rgba`](Self::read_rgba) reads them, otherwise [`read`](Self::read).
    fn is_rgba(&self) -> bool {
        false
    }

    /// Copies the colours of a row in [`range`](Self::range) to `out`: sRGB-encoded red, green, blue and alpha. Otherwise as
    /// [`read`](Self::read); higher levels are reduced channel by channel.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`RowsError::Cells`] if cells are values.
    fn read_rgba(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        let _ = (level, row, reduce);
        out.clear();
        Err(channels::NO_COLORS)
    }

    /// How often values that can be read have been replaced by better ones. It stays 0 where values do not change.
    fn revision(&self) -> u64 {
        0
    }

    /// The [`revision`](Self::revision) at which the values of a row became what they are. Rows with the same one, other than 0, have
    /// the same values.
    fn revised(&self, _level: u32, _row: u64, _reduce: Reduce) -> u64 {
        0
    }

    /// Says which rows are on show: every `every`-th one of a range of a level, with this reduction. It replaces what was wanted
    /// before, and returns at once.
    fn want(&self, _level: u32, _rows: Range<u64>, _every: u64, _reduce: Reduce) {}

    /// The same data in shorter rows, for a picture on which a row of these is longer than a line.
    fn finer(&self) -> Option<&dyn Rows> {
        None
    }

    /// Stamp and number of bins of a row in [`range`](Self::range), else `None`.
    fn stamp(&self, level: u32, row: u64) -> Option<(Stamp, u32)> {
        self.entry(level, row).map(|entry| (entry.stamp, entry.bins))
    }

    /// The first row of a level whose middle is at this time or later; the end of the range if there is none.
    fn first_from(&self, level: u32, time_ns: i64) -> u64 {
        let before = |row| self.entry(level, row).is_some_and(|entry| entry.stamp.middle_since(time_ns) < 0.0);
        first_not(self.range(level), before)
    }

    /// Whether a level is ready over these times: whether the blocks that can be read stand for every row of level 0 whose
    /// middle is there. Always so for level 0.
    fn covers(&self, level: u32, times_ns: Range<i64>) -> bool {
        let (first, end) = (self.first_from(0, times_ns.start), self.first_from(0, times_ns.end));
        if level == 0 || first >= end {
            return true;
        }
        let blocks = self.range(level);
        let ends = |level: u32, rows: Range<u64>| {
            let last = rows.end.checked_sub(1).filter(|last| *last >= rows.start)?;
            Some((self.entry(level, rows.start)?.stamp, self.entry(level, last)?.stamp))
        };
        let (Some((first, last)), Some((oldest, newest))) = (ends(0, first..end), ends(level, blocks)) else {
            return false;
        };
        // A block ends where its last row does, which is after that row's middle.
        oldest.time_ns <= first.time_ns && last.middle_since(newest.time_ns) <= newest.duration_ns
    }
}

/// The description of a row, without its values.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// When and where in frequency it was taken. A block begins where its first row does and ends where its last does.
    pub stamp: Stamp,
    /// Number of bins.
    pub bins: u32,
    /// How many rows of level 0 it stands for; 1 at level 0. A mean over several rows of a level is the mean of their
    /// values with these weights.
    pub weight: u32,
}

/// The first of these rows for which this is false. It must be true for all rows before that one and for none after it.
fn first_not(rows: Range<u64>, before: impl Fn(u64) -> bool) -> u64 {
    let Range { mut start, mut end } = rows;
    while start < end {
        let middle = start + (end - start) / 2;
        if before(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}
