//! Rows in memory under a budget, with reduced levels.

use std::ops::Range;

use super::cells::Precision;
use super::channels;
use super::error::RowsError;
use super::levels::Levels;
use super::memory::Memory;
use super::pyramid::{Pyramid, Store as _};
use super::{Entry, Rows};
use crate::stamp::{Stamp, StampError};
use crate::unit::Unit;
use crate::view::Reduce;

/// Why a history refuses a row.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A budget that is too small for rows of this length.
    #[error("a history of {bytes} bytes has no room for rows of {bins} bins: expected {least} bytes at least")]
    Budget {
        /// Budget, in bytes.
        bytes: u64,
        /// Bins of the row that was pushed.
        bins: usize,
        /// The smallest budget for such rows, in bytes.
        least: u64,
    },
    /// A row without values.
    #[error("a row without values")]
    EmptyRow,
    /// Values for a history of colours ([`Precision::Rgba8`]), or colours for one of values.
    #[error("cells are {got}: expected {expected}")]
    Cells {
        /// What they are.
        got: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A stamp that no row can have.
    #[error(transparent)]
    Stamp(#[from] StampError),
}

/// Rows with their stamps, in memory, under a budget: when it is used up, the oldest are evicted.
///
/// In addition to the rows it keeps reduced levels like those of [`Pyramid`], updated as rows arrive. They take about as
/// much memory as the rows themselves.
pub struct History {
    budget: u64,
    precision: Precision,
    evicted: u64,
    pyramid: Pyramid<Memory>,
}

/// The number of levels for a budget, and their fixed overhead in bytes.
struct Plan {
    levels: usize,
    fixed: u64,
}

impl History {
    /// A history of values in dB that takes up to `budget` bytes, levels included.
    pub fn new(budget: u64, precision: Precision) -> Self {
        Self::with_unit(budget, precision, Unit::default())
    }

    /// A history of values in this unit, which decides how their mean is taken.
    pub fn with_unit(budget: u64, precision: Precision, unit: Unit) -> Self {
        let unit = if precision == Precision::Rgba8 { Unit::None } else { unit };
        let memory = Memory::new(precision, unit, aim(budget));
        // The first row decides how many levels are worth it.
        let pyramid = Pyramid::with_levels(memory, Levels::new(precision, unit, 0, aim(budget)));
        Self { budget, precision, evicted: 0, pyramid }
    }

    /// The smallest budget for rows with this many bins, in bytes. It holds only a few rows.
    pub fn least_bytes(bins: usize, precision: Precision) -> u64 {
        fixed(1, bins.saturating_mul(precision.lanes()), precision, aim(0))
    }

    /// The least number of rows of one span, with this many bins each, that a budget in bytes holds; 0 if it is refused.
    pub fn rows_in(budget: u64, bins: usize, precision: Precision) -> u64 {
        let bins = bins.saturating_mul(precision.lanes());
        let Plan { fixed, .. } = Plan::new(budget, bins, precision);
        // The free room in the newest chunks, the rows evicted with the oldest, and the overhead of a chunk.
        let used = budget.saturating_sub(fixed) as f64 * 0.96 / (1.0 + 256.0 / aim(budget) as f64);
        (used / row_bytes(bins, precision)) as u64
    }

    /// A budget in bytes that holds at least `rows` rows of one span, with this many bins each.
    pub fn bytes_for(rows: u64, bins: usize, precision: Precision) -> u64 {
        let values = bins.saturating_mul(precision.lanes());
        let mut bytes = Self::least_bytes(bins, precision).max((rows as f64 * row_bytes(values, precision)) as u64);
        while Self::rows_in(bytes, bins, precision) < rows && bytes < u64::MAX / 2 {
            bytes += bytes / 64 + 256;
        }
        bytes
    }

    /// Adds a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`. Rows may change their length
    /// and span; nothing is lost. A row stamped earlier than its predecessor gets the predecessor's time.
    ///
    /// # Errors
    /// An empty row, a stamp without duration or bin width, a budget that is too small for such rows, a history of colours.
    /// The history is then unchanged.
    pub fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<(), HistoryError> {
        if self.precision == Precision::Rgba8 {
            return Err(HistoryError::Cells { got: "values", expected: "colours" });
        }
        let stamp = self.make_room(stamp, row.len())?;
        self.pyramid.store.push(stamp, row);
        self.pyramid.levels.add(&stamp, row);
        Ok(())
    }

    /// Adds a row of colours, sRGB-encoded red, green, blue and alpha, to a history of [`Precision::Rgba8`]; otherwise as
    /// [`push`](Self::push).
    ///
    /// # Errors
    /// As [`push`](Self::push); a history of values.
    pub fn push_rgba(&mut self, stamp: Stamp, row: &[[u8; 4]]) -> Result<(), HistoryError> {
        if self.precision != Precision::Rgba8 {
            return Err(HistoryError::Cells { got: "colours", expected: "values" });
        }
        let stamp = self.make_room(stamp, row.len().saturating_mul(4))?;
        let Pyramid { store, levels, row: channels, .. } = &mut self.pyramid;
        channels::plain(row, channels);
        store.push(stamp, channels);
        channels::premultiply(channels);
        levels.add(&stamp, channels);
        Ok(())
    }

    /// Evicts rows until there is room for one with this many values, whose stamp is corrected.
    fn make_room(&mut self, mut stamp: Stamp, values: usize) -> Result<Stamp, HistoryError> {
        if values == 0 {
            return Err(HistoryError::EmptyRow);
        }
        stamp.check()?;
        let bins = values;
        let levels = match self.pyramid.store.end() {
            0 => Plan::new(self.budget, bins, self.precision).levels,
            _ => self.pyramid.levels.count() as usize - 1,
        };
        let least = fixed(levels, bins, self.precision, aim(self.budget));
        if least > self.budget {
            let bins = bins / self.precision.lanes();
            return Err(HistoryError::Budget { bytes: self.budget, bins, least });
        }
        if self.pyramid.store.end() == 0 {
            self.pyramid.levels = Levels::new(self.precision, self.unit(), levels, aim(self.budget));
        }
        if let Some(last) = self.pyramid.store.last() {
            stamp.not_before(&last);
        }
        let wants = |pyramid: &Pyramid<Memory>| pyramid.store.wants(bins) + pyramid.levels.wants(&stamp, bins);
        while self.bytes() + wants(&self.pyramid) > self.budget && self.evict() {}
        Ok(stamp)
    }

    /// Bytes in use, levels included.
    pub fn bytes(&self) -> u64 {
        self.pyramid.store.bytes() + self.pyramid.levels.bytes()
    }

    /// Number of rows that were evicted because the budget was full.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Number of rows ever pushed.
    pub fn pushed(&self) -> u64 {
        self.pyramid.store.end()
    }

    /// Frees the smallest unit of memory. Returns whether there was any to free.
    fn evict(&mut self) -> bool {
        let Pyramid { store, levels, .. } = &mut self.pyramid;
        let Some(oldest) = store.oldest() else { return store.shrink() || levels.shrink() };
        levels.evict_before(oldest.end, store);
        store.evict();
        self.evicted += oldest.end - oldest.start;
        true
    }
}

impl Plan {
    /// The useful number of levels for a budget and rows with this many bins: the highest has a single block.
    fn new(budget: u64, bins: usize, precision: Precision) -> Self {
        let rows = (budget as f64 / row_bytes(bins, precision)).max(1.0);
        let worth = (rows.log2() / 2.0).ceil().clamp(1.0, Pyramid::<Memory>::LEVELS as f64) as usize;
        let fixed = |levels| fixed(levels, bins, precision, aim(budget));
        let levels = (1..=worth).rev().find(|levels| fixed(*levels) <= budget / 2).unwrap_or(1);
        Self { levels, fixed: fixed(levels) }
    }
}

/// Bytes of a chunk under this budget: large enough for few chunks, small enough to evict little at a time.
fn aim(budget: u64) -> usize {
    (budget / 256).clamp(1 << 10, Pyramid::<Memory>::CHUNK as u64) as usize
}

/// Bytes that a row and its share of the levels take.
fn row_bytes(bins: usize, precision: Precision) -> f64 {
    Memory::row_bytes(bins, precision) as f64 + Levels::block_bytes(bins, precision) as f64 / 3.0
}

/// The fixed overhead of this many levels and of the fewest rows, in bytes.
fn fixed(levels: usize, bins: usize, precision: Precision, aim: usize) -> u64 {
    // Four 32-bit values of a growing block, two finished blocks, and the overhead of blocks.
    let level = bins
        .saturating_mul(16)
        .saturating_add(Levels::block_bytes(bins, precision).saturating_mul(2))
        .saturating_add(2048);
    // The newest chunk, the one before it, and a spare buffer; stamps may take as much as values.
    let rows = Memory::row_bytes(bins, precision).max(aim).saturating_mul(3);
    level.saturating_mul(levels).saturating_add(rows).saturating_add(4096) as u64
}

impl Rows for History {
    fn epoch_ns(&self) -> i64 {
        self.pyramid.epoch_ns()
    }

    fn unit(&self) -> Unit {
        self.pyramid.store.unit()
    }

    fn levels(&self) -> u32 {
        self.pyramid.levels()
    }

    fn rows_per_row(&self, level: u32) -> u64 {
        self.pyramid.rows_per_row(level)
    }

    fn range(&self, level: u32) -> Range<u64> {
        self.pyramid.range(level)
    }

    fn settled(&self, level: u32) -> u64 {
        self.pyramid.settled(level)
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        self.pyramid.entry(level, row)
    }

    fn first_from(&self, level: u32, time_ns: i64) -> u64 {
        self.pyramid.first_from(level, time_ns)
    }

    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        self.pyramid.read(level, row, reduce, out)
    }

    fn is_rgba(&self) -> bool {
        self.pyramid.is_rgba()
    }

    fn read_rgba(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        self.pyramid.read_rgba(level, row, reduce, out)
    }
}
