//! Rows in memory under a budget, with reduced levels.

use std::collections::VecDeque;
use std::ops::Range;

use super::chunk::{Chunk, Segment};
use super::error::RowsError;
use super::open::Open;
use super::{Entry, Rows};
use crate::stamp::{Stamp, StampError};
use crate::view::Reduce;

/// How exactly a history keeps its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Precision {
    /// 16-bit float, as the ring does by default.
    #[default]
    F16,
    /// 32-bit float: values as they come.
    F32,
}

impl Precision {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// What a history refuses.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A budget that holds no row.
    #[error("a history of {bytes} bytes holds no row of {bins} bins: expected {least} bytes at least")]
    Budget {
        /// Budget, in bytes.
        bytes: u64,
        /// Bins of the row that came.
        bins: usize,
        /// What a row and its levels take, in bytes.
        least: u64,
    },
    /// A row without values.
    #[error("a row without values")]
    EmptyRow,
    /// A stamp that no row can have.
    #[error(transparent)]
    Stamp(#[from] StampError),
}

/// Rows with their stamps, in memory, under a budget: when it is full, the oldest are evicted.
///
/// Beside the rows it keeps reduced levels, worked out as rows arrive: a row of level `k` holds the maximum, the mean of
/// power and the minimum of up to 4^k rows. Blocks are aligned to absolute row numbers, and end early where the span
/// changes or time has a gap. Three values for every fourth row, and a quarter of that again and again, come to as much
/// memory as the rows themselves. Cells that are NaN are left out; where all are, the result is NaN.
pub struct History {
    precision: Precision,
    budget: u64,
    levels: Vec<Level>,
    bytes: u64,
    epoch_ns: i64,
    evicted: u64,
}

/// Rows of one level.
#[derive(Default)]
struct Level {
    chunks: VecDeque<Chunk>,
    end: u64,
    /// Rows of this level from here on have no row of the next level yet.
    open: u64,
    /// What the next row of this level is going to be made of; of level 0 nothing.
    growing: Open,
    /// The chunk that was evicted last, for the next one.
    spare: Option<Chunk>,
}

impl History {
    /// Levels: 4⁹ rows to a row of the last, which is more than an hour of rows to a line of pixels at 60 rows a second.
    const LEVELS: usize = 10;

    /// A history that takes up to `budget` bytes, levels included; and up to a 25th of that beside it, for what was evicted
    /// and is used again.
    pub fn new(budget: u64, precision: Precision) -> Self {
        let levels = (0..Self::LEVELS).map(|_| Level::default()).collect();
        Self { precision, budget, levels, bytes: 0, epoch_ns: 0, evicted: 0 }
    }

    /// Adds a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`. Rows of another length or span
    /// begin a new segment; nothing is lost. A row stamped before the one before it is taken to have come at that one's
    /// time.
    ///
    /// # Errors
    /// An empty row, a stamp without duration or bin width, a budget that does not hold the row. The history stays as
    /// it was.
    pub fn push(&mut self, mut stamp: Stamp, row: &[f32]) -> Result<(), HistoryError> {
        if row.is_empty() {
            return Err(HistoryError::EmptyRow);
        }
        stamp.check()?;
        let segment = Segment::of(&stamp, row.len());
        let least = 2 * Chunk::row_bytes(&segment, 1, self.precision) as u64;
        if least > self.budget {
            return Err(HistoryError::Budget { bytes: self.budget, bins: row.len(), least });
        }
        let base = &self.levels[0];
        if base.end == 0 {
            self.epoch_ns = stamp.time_ns;
        }
        if let Some((last, last_segment)) = base.last() {
            stamp.not_before(&last);
            // A block that went on over a gap or into another span could be drawn nowhere.
            let due = last.time_ns as f64 + 1.5 * last.duration_ns;
            if last_segment != segment || stamp.time_ns as f64 > due {
                self.close(Self::LEVELS - 1);
            }
        }
        let (precision, aim) = (self.precision, self.chunk_bytes());
        let base = &mut self.levels[0];
        self.bytes += base.push(segment, 1, precision, aim, (stamp.time_ns, stamp.duration_ns, 1));
        if let Some(chunk) = base.chunks.back_mut() {
            chunk.planes[0].push(row);
        }
        let growing = &mut self.levels[1].growing;
        let before = growing.bytes();
        growing.add(row);
        self.bytes += growing.bytes() - before;
        // Blocks that end with this row.
        let (mut rows, mut level) = (self.levels[0].end, 0);
        while level + 1 < Self::LEVELS && rows.is_multiple_of(4) {
            rows /= 4;
            level += 1;
        }
        self.close(level);
        self.evict();
        Ok(())
    }

    /// Bytes in use, levels included.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Rows that were evicted because the budget was full.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Number of rows ever pushed.
    pub fn pushed(&self) -> u64 {
        self.levels[0].end
    }

    /// Bytes that a chunk aims at: few chunks, but little to evict at a time, and little that is empty on each level.
    fn chunk_bytes(&self) -> usize {
        (self.budget / 256).clamp(1 << 12, 1 << 20) as usize
    }

    /// Makes rows of levels 1 to `highest` of what is open in the levels below.
    fn close(&mut self, highest: usize) {
        let (precision, aim) = (self.precision, self.chunk_bytes());
        for level in 1..=highest {
            let (lower, upper) = self.levels.split_at_mut(level);
            let (Some(below), Some((this, above))) = (lower.last_mut(), upper.split_first_mut()) else { return };
            // Nothing where no row is open, or where the budget is so small that they were evicted already.
            if let Some((stamp, segment, rows)) = below.block(below.open..below.end) {
                self.bytes += this.push(segment, 3, precision, aim, (stamp.time_ns, stamp.duration_ns, rows));
                if let Some(chunk) = this.chunks.back_mut() {
                    this.growing.store(chunk);
                }
                if let Some(above) = above.first_mut() {
                    let before = above.growing.bytes();
                    above.growing.merge(&this.growing);
                    self.bytes += above.growing.bytes() - before;
                }
            }
            below.open = below.end;
            this.growing.clear();
        }
    }

    /// Evicts the oldest rows until the budget holds the rest, and what the levels have of them.
    fn evict(&mut self) {
        while self.bytes > self.budget && self.levels[0].chunks.len() > 1 {
            let Some(chunk) = self.levels[0].chunks.pop_front() else { return };
            self.bytes -= chunk.bytes();
            self.evicted += chunk.times.len() as u64;
            self.levels[0].spare = Some(chunk);
            let Some(oldest) = self.levels[0].chunks.front().map(|c| c.stamp(0).time_ns) else { return };
            for level in &mut self.levels[1..] {
                let past = |c: &Chunk| c.times.last().is_none_or(|(t, d, _)| *t as f64 + d <= oldest as f64);
                while level.chunks.len() > 1 && level.chunks.front().is_some_and(past) {
                    if let Some(chunk) = level.chunks.pop_front() {
                        self.bytes -= chunk.bytes();
                        level.spare = Some(chunk);
                    }
                }
            }
        }
    }

    /// The open rows that a growing row of this level is made of: for each level below, from the top.
    fn growing(&self, level: u32) -> impl Iterator<Item = (&Level, Range<u64>)> {
        let below = self.levels[..level as usize].iter().rev();
        below.map(|level| (level, level.open..level.end)).filter(|(_, open)| !open.is_empty())
    }
}

impl Rows for History {
    fn epoch_ns(&self) -> i64 {
        self.epoch_ns
    }

    fn levels(&self) -> u32 {
        Self::LEVELS as u32
    }

    fn range(&self, level: u32) -> Range<u64> {
        let Some(this) = self.levels.get(level as usize) else { return 0..0 };
        let first = this.chunks.front().map_or(this.end, |chunk| chunk.first);
        first..this.end + u64::from(self.growing(level).next().is_some())
    }

    fn settled(&self, level: u32) -> u64 {
        self.levels.get(level as usize).map_or(0, |level| level.end)
    }

    fn rows_per_row(&self, level: u32) -> u64 {
        4u64.saturating_pow(level)
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        let this = self.levels.get(level as usize)?;
        if row == this.end {
            // From the highest level that has open rows, which are the oldest, to the rows themselves.
            let mut growing = self.growing(level).filter_map(|(level, open)| level.block(open));
            let (mut stamp, segment, mut weight) = growing.next()?;
            for (later, _, rows) in growing {
                stamp.duration_ns = (later.time_ns - stamp.time_ns) as f64 + later.duration_ns;
                weight += rows;
            }
            return Some(Entry { stamp, bins: segment.bins as u32, weight });
        }
        let (chunk, index) = this.find(row)?;
        let (_, _, weight) = chunk.times[index];
        Some(Entry { stamp: chunk.stamp(index), bins: chunk.segment.bins as u32, weight })
    }

    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let plane = match reduce {
            Reduce::Max => 0,
            Reduce::Mean => 1,
            Reduce::Min => 2,
        };
        out.clear();
        let no_row = RowsError::NoRow { level, row };
        if !self.range(level).contains(&row) {
            return Err(no_row);
        }
        let Some(this) = self.levels.get(level as usize) else { return Err(no_row) };
        if let Some((chunk, index)) = this.find(row) {
            out.resize(chunk.segment.bins, 0.0);
            chunk.read(index, plane, 0, out);
        } else if row == this.end {
            let mut growing = Open::default();
            self.levels[1..=level as usize].iter().for_each(|level| growing.merge(&level.growing));
            growing.read(reduce, out);
        }
        Ok(())
    }
}

impl Level {
    /// Adds an entry; the caller adds the values. Returns the bytes taken up.
    fn push(
        &mut self,
        segment: Segment,
        planes: usize,
        precision: Precision,
        aim: usize,
        entry: (i64, f64, u32),
    ) -> u64 {
        let mut bytes = 0;
        if !self.chunks.back().is_some_and(|chunk| chunk.takes(&segment)) {
            let chunk = Chunk::again(self.spare.take(), self.end, segment, planes, precision, aim);
            bytes = chunk.bytes();
            self.chunks.push_back(chunk);
        }
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.times.push(entry);
        }
        self.end += 1;
        bytes
    }

    fn last(&self) -> Option<(Stamp, Segment)> {
        let chunk = self.chunks.back()?;
        Some((chunk.stamp(chunk.times.len().checked_sub(1)?), chunk.segment))
    }

    fn find(&self, row: u64) -> Option<(&Chunk, usize)> {
        let after = self.chunks.partition_point(|chunk| chunk.first <= row);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        (row < chunk.end()).then(|| (chunk, (row - chunk.first) as usize))
    }

    /// What a block of these rows is stamped with, and how many rows of level 0 it stands for.
    fn block(&self, rows: Range<u64>) -> Option<(Stamp, Segment, u32)> {
        let (chunk, index) = self.find(rows.start)?;
        let mut stamp = chunk.stamp(index);
        let segment = chunk.segment;
        let mut count = 0;
        for row in rows {
            let (chunk, index) = self.find(row)?;
            let (time_ns, duration_ns, rows) = chunk.times[index];
            stamp.duration_ns = (time_ns - stamp.time_ns) as f64 + duration_ns;
            count += rows;
        }
        Some((stamp, segment, count))
    }
}
