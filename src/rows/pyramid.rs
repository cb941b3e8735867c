//! Reduced levels over rows in any store.

use std::ops::Range;

use super::cells::Precision;
use super::channels;
use super::error::RowsError;
use super::levels::{Levels, Values};
use super::{Entry, Rows, first_not};
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::Reduce;

/// Where rows are kept: in memory, in a mapped array, in a file. It has no levels; [`Pyramid`] adds them.
pub trait Store {
    /// The time of the very first row, even if it has been evicted.
    fn epoch_ns(&self) -> i64;

    /// The unit of the values.
    fn unit(&self) -> Unit {
        Unit::default()
    }

    /// The numbers of the rows that can be read. Both ends may grow as rows arrive and are evicted.
    fn range(&self) -> Range<u64>;

    /// Stamp and number of bins of a row in [`range`](Self::range), else `None`. Middles of rows never decrease. Called
    /// often, so it must be fast.
    fn entry(&self, row: u64) -> Option<(Stamp, u32)>;

    /// Copies the values of a row in [`range`](Self::range) to `out`, which becomes as long as the row has bins.
    ///
    /// # Errors
    /// [`RowsError::NoRow`] for a row outside [`range`](Self::range), [`RowsError::Cells`] if cells are colours, and errors
    /// of reading a file.
    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError>;

    /// Whether cells are colours: then [`read_rgba`](Self::read_rgba) reads them, otherwise [`read`](Self::read). Always
    /// the same.
    fn is_rgba(&self) -> bool {
        false
    }

    /// Copies the colours of a row in [`range`](Self::range) to `out`: sRGB-encoded red, green, blue and alpha. Otherwise as
    /// [`read`](Self::read).
    ///
    /// # Errors
    /// As [`read`](Self::read); [`RowsError::Cells`] if cells are values.
    fn read_rgba(&self, row: u64, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        let _ = row;
        out.clear();
        Err(channels::NO_COLORS)
    }

    /// The first row whose middle is at this time or later; the end of the range if there is none.
    fn first_from(&self, time_ns: i64) -> u64 {
        let before = |row| self.entry(row).is_some_and(|(stamp, _)| stamp.middle_since(time_ns) < 0.0);
        first_not(self.range(), before)
    }
}

/// The rows of a [`Store`], and reduced levels of them in memory, computed by [`build`](Self::build).
///
/// A block of level `k` holds the maximum, the mean and the minimum of up to 4^k rows. Blocks are aligned to absolute row
/// numbers, and end early if the span or the number of bins changes or time has a gap. NaN cells are left out; if
/// all are NaN, so is the result. The mean counts exactly how often each bin was not NaN. A block of a single part
/// takes no memory for values. All levels together take about as much memory as the rows do in the same precision.
///
/// Colours are reduced channel by channel; in a mean, a cell counts as much as it is opaque.
pub struct Pyramid<S> {
    pub(super) store: S,
    pub(super) levels: Levels,
    pub(super) row: Vec<f32>,
    colors: Vec<[u8; 4]>,
}

impl<S: Store> Pyramid<S> {
    /// Number of levels: a block of the last has 4⁹ rows, more than an hour per line at 60 rows a second.
    pub(super) const LEVELS: usize = 9;

    /// Bytes of a chunk, unless a budget asks for less.
    pub(super) const CHUNK: usize = 1 << 20;

    /// A pyramid over a store, with no levels computed yet. Those of colours are [`Precision::Rgba8`] in any case.
    pub fn new(store: S, precision: Precision) -> Self {
        let precision = match precision {
            _ if store.is_rgba() => Precision::Rgba8,
            Precision::Rgba8 => Precision::default(),
            other => other,
        };
        let levels = Levels::new(precision, unit(&store), Self::LEVELS, Self::CHUNK);
        Self::with_levels(store, levels)
    }

    pub(super) fn with_levels(store: S, levels: Levels) -> Self {
        Self { store, levels, row: Vec::new(), colors: Vec::new() }
    }

    /// Computes the levels of up to `rows` more rows. Returns whether all rows of the store are done.
    ///
    /// # Errors
    /// Errors of reading the store. All rows before the one that failed are done, and the next call tries that one again.
    pub fn build(&mut self, rows: u64) -> Result<bool, RowsError> {
        let next = self.levels.end();
        let end = self.store.range().end;
        for row in next..end.min(next.saturating_add(rows)) {
            let (stamp, _) = self.store.entry(row).ok_or(RowsError::NoRow { level: 0, row })?;
            if self.store.is_rgba() {
                self.store.read_rgba(row, &mut self.colors)?;
                channels::plain(&self.colors, &mut self.row);
                channels::premultiply(&mut self.row);
            } else {
                self.store.read(row, &mut self.row)?;
            }
            self.levels.add(&stamp, &self.row);
        }
        Ok(self.levels.end() >= end)
    }

    /// The store with the rows.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Bytes that the levels take.
    pub fn level_bytes(&self) -> u64 {
        self.levels.bytes()
    }
}

/// The unit in which levels reduce the values of a store: channels have none.
fn unit(store: &impl Store) -> Unit {
    if store.is_rgba() { Unit::None } else { store.unit() }
}

impl<S: Store> Rows for Pyramid<S> {
    fn epoch_ns(&self) -> i64 {
        self.store.epoch_ns()
    }

    fn unit(&self) -> Unit {
        self.store.unit()
    }

    fn levels(&self) -> u32 {
        self.levels.count()
    }

    fn rows_per_row(&self, level: u32) -> u64 {
        4u64.saturating_pow(level)
    }

    fn range(&self, level: u32) -> Range<u64> {
        if level == 0 { self.store.range() } else { self.levels.range(level) }
    }

    fn settled(&self, level: u32) -> u64 {
        if level == 0 { self.store.range().end } else { self.levels.settled(level) }
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        if level == 0 {
            let (stamp, bins) = self.store.entry(row)?;
            return Some(Entry { stamp, bins, weight: 1 });
        }
        let rows = self.levels.rows(level, row)?;
        let (mut stamp, bins) = self.levels.first_entry(level, rows.start, &self.store)?;
        let weight = u32::try_from(rows.end - rows.start).unwrap_or(u32::MAX);
        if weight > 1 {
            let (last, _) = self.store.entry(rows.end - 1)?;
            stamp.duration_ns = last.time_ns.saturating_sub(stamp.time_ns) as f64 + last.duration_ns;
        }
        Some(Entry { stamp, bins, weight })
    }

    fn first_from(&self, level: u32, time_ns: i64) -> u64 {
        let row = self.store.first_from(time_ns);
        if level == 0 {
            return row;
        }
        // All rows of the blocks before this one are earlier. The middle of this one may be earlier too.
        let Range { start, end } = self.range(level);
        let block = self.levels.block_of(level, row).max(start);
        let early = |block: &u64| self.entry(level, *block).is_some_and(|e| e.stamp.middle_since(time_ns) < 0.0);
        (block..end).find(|block| !early(block)).unwrap_or(end)
    }

    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.store.is_rgba() {
            return Err(channels::NO_VALUES);
        }
        if level == 0 {
            return self.store.read(row, out);
        }
        let no_row = || RowsError::NoRow { level, row };
        match self.levels.values(level, row).ok_or_else(no_row)? {
            Values::Row(row) => self.store.read(row, out)?,
            Values::Growing(block) => block.read(self.store.unit(), reduce, out),
            Values::Stored(cells, from, bins) => Levels::read((cells, from, bins), reduce, out),
        }
        Ok(())
    }

    fn is_rgba(&self) -> bool {
        self.store.is_rgba()
    }

    fn read_rgba(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clear();
        if level == 0 || !self.store.is_rgba() {
            return self.store.read_rgba(row, out);
        }
        match self.levels.values(level, row).ok_or(RowsError::NoRow { level, row })? {
            Values::Row(row) => self.store.read_rgba(row, out)?,
            Values::Growing(block) => {
                let mut values = Vec::new();
                block.read(Unit::None, reduce, &mut values);
                channels::colors(&values, out);
            }
            Values::Stored(cells, from, values) => Levels::read_rgba((cells, from, values), reduce, out),
        }
        Ok(())
    }
}
