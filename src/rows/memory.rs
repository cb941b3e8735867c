//! A store in memory: rows of any number of bins and any span, one after the other. The oldest are evicted.

use std::collections::VecDeque;
use std::ops::Range;

use super::cells::{Cells, Pool, Precision};
use super::channels;
use super::error::RowsError;
use super::pyramid::Store;
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The rows themselves, in chunks that are evicted as a whole.
pub(super) struct Memory {
    pool: Pool<1>,
    unit: Unit,
    /// Target size of a chunk, in bytes.
    aim: usize,
    chunks: VecDeque<Chunk>,
    epoch_ns: i64,
    end: u64,
    /// Bytes of all chunks.
    bytes: u64,
}

/// Consecutive rows.
struct Chunk {
    first: u64,
    /// When each row begins, and how long it lasts.
    times: Vec<(i64, f64)>,
    runs: Vec<Run>,
    cells: Cells,
}

/// The properties that consecutive rows of a chunk share.
#[derive(Clone, Copy)]
struct Run {
    /// The place of its first row in the chunk, and where that row's values begin.
    row: usize,
    cell: usize,
    bins: usize,
    first_hz: f64,
    bin_hz: f64,
}

impl Memory {
    /// A store of values in this unit, in chunks of about `aim` bytes.
    pub(super) fn new(precision: Precision, unit: Unit, aim: usize) -> Self {
        let pool = Pool::new(precision);
        Self { pool, unit, aim, chunks: VecDeque::new(), epoch_ns: 0, end: 0, bytes: 0 }
    }

    /// Bytes of a row with this many bins.
    pub(super) fn row_bytes(bins: usize, precision: Precision) -> usize {
        bins.saturating_mul(precision.bytes()).saturating_add(size_of::<(i64, f64)>())
    }

    /// Bytes in use, including the spare buffer.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes + self.pool.bytes() + (self.chunks.capacity() * size_of::<Chunk>()) as u64
    }

    /// Number of rows ever pushed.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The newest row's stamp.
    pub(super) fn last(&self) -> Option<Stamp> {
        let chunk = self.chunks.back()?;
        Some(chunk.entry(chunk.times.len().checked_sub(1)?)?.0)
    }

    /// The most bytes that pushing a row with this many values allocates: one for each bin, or the channels of its colour.
    pub(super) fn wants(&self, bins: usize) -> u64 {
        let Some(chunk) = self.chunks.back().filter(|chunk| self.takes(chunk, bins)) else {
            let rows = self.rows_of_chunk(bins);
            let stamps = rows * size_of::<(i64, f64)>() + 4 * size_of::<Run>();
            return self.pool.wants(rows * bins)
                + stamps as u64
                + grows(self.chunks.len(), self.chunks.capacity(), size_of::<Chunk>());
        };
        grows(chunk.times.len(), chunk.times.capacity(), size_of::<(i64, f64)>())
            + grows(chunk.runs.len(), chunk.runs.capacity(), size_of::<Run>())
    }

    /// Number of rows that a chunk has room for, if all have this many values.
    fn rows_of_chunk(&self, bins: usize) -> usize {
        (self.aim / Self::row_bytes(bins, self.pool.precision())).max(1)
    }

    fn takes(&self, chunk: &Chunk, bins: usize) -> bool {
        // Narrow rows in a chunk that began with wide ones may have more stamps than values.
        chunk.cells.room() >= bins && chunk.stamp_bytes() <= (self.aim + self.aim / 4) as u64
    }

    pub(super) fn push(&mut self, stamp: Stamp, row: &[f32]) {
        if self.end == 0 {
            self.epoch_ns = stamp.time_ns;
        }
        if !self.chunks.back().is_some_and(|chunk| self.takes(chunk, row.len())) {
            let rows = self.rows_of_chunk(row.len());
            let [cells] = self.pool.take(rows * row.len());
            let chunk = Chunk { first: self.end, times: Vec::with_capacity(rows), runs: Vec::new(), cells };
            self.bytes += chunk.bytes();
            self.chunks.push_back(chunk);
        }
        if let Some(chunk) = self.chunks.back_mut() {
            let before = chunk.bytes();
            chunk.push(stamp, row);
            self.bytes += chunk.bytes() - before;
        }
        self.end += 1;
    }

    /// Frees the spare buffer. Returns whether there was one.
    pub(super) fn shrink(&mut self) -> bool {
        self.pool.shrink()
    }

    /// The rows that [`evict`](Self::evict) takes; never the newest.
    pub(super) fn oldest(&self) -> Option<Range<u64>> {
        let chunk = self.chunks.front().filter(|_| self.chunks.len() > 1)?;
        Some(chunk.first..chunk.first + chunk.times.len() as u64)
    }

    /// Evicts the oldest chunk, and keeps its buffer for the next.
    pub(super) fn evict(&mut self) {
        if let Some(chunk) = self.chunks.pop_front() {
            self.bytes -= chunk.bytes();
            self.pool.give([chunk.cells]);
        }
    }

    /// The chunk and the run of a row, and where its values begin.
    fn place(&self, row: u64) -> Result<(&Chunk, &Run, usize), RowsError> {
        let no_row = || RowsError::NoRow { level: 0, row };
        let (chunk, index) = self.find(row).ok_or_else(no_row)?;
        let run = chunk.run(index).ok_or_else(no_row)?;
        Ok((chunk, run, run.cell + (index - run.row) * run.bins))
    }

    fn find(&self, row: u64) -> Option<(&Chunk, usize)> {
        let after = self.chunks.partition_point(|chunk| chunk.first <= row);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        let index = (row - chunk.first) as usize;
        (index < chunk.times.len()).then_some((chunk, index))
    }
}

impl Store for Memory {
    fn epoch_ns(&self) -> i64 {
        self.epoch_ns
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn range(&self) -> Range<u64> {
        self.chunks.front().map_or(self.end, |chunk| chunk.first)..self.end
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        let (chunk, index) = self.find(row)?;
        let (stamp, values) = chunk.entry(index)?;
        Some((stamp, values / self.pool.precision().lanes() as u32))
    }

    fn is_rgba(&self) -> bool {
        self.pool.precision() == Precision::Rgba8
    }

    fn first_from(&self, time_ns: i64) -> u64 {
        let early = |&(start_ns, duration_ns): &(i64, f64)| {
            Stamp { time_ns: start_ns, duration_ns, ..Stamp::index(0) }.middle_since(time_ns) < 0.0
        };
        let after = self.chunks.partition_point(|chunk| chunk.times.first().is_some_and(early));
        let chunk = after.checked_sub(1).and_then(|before| self.chunks.get(before));
        chunk.map_or(self.range().start, |chunk| chunk.first + chunk.times.partition_point(early) as u64)
    }

    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.is_rgba() {
            return Err(channels::NO_VALUES);
        }
        let (chunk, run, cell) = self.place(row)?;
        out.resize(run.bins, 0.0);
        chunk.cells.read(cell, out);
        Ok(())
    }

    fn read_rgba(&self, row: u64, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clear();
        if !self.is_rgba() {
            return Err(channels::NO_COLORS);
        }
        let (chunk, run, cell) = self.place(row)?;
        out.extend_from_slice(chunk.cells.colors(cell, run.bins / 4));
        Ok(())
    }
}

impl Chunk {
    fn stamp_bytes(&self) -> u64 {
        (self.times.capacity() * size_of::<(i64, f64)>() + self.runs.capacity() * size_of::<Run>()) as u64
    }

    fn bytes(&self) -> u64 {
        self.stamp_bytes() + self.cells.bytes()
    }

    fn push(&mut self, stamp: Stamp, row: &[f32]) {
        let same = |run: &Run| run.bins == row.len() && run.first_hz == stamp.first_hz && run.bin_hz == stamp.bin_hz;
        if !self.runs.last().is_some_and(same) {
            let (first_hz, bin_hz) = (stamp.first_hz, stamp.bin_hz);
            let (cell, bins) = (self.cells.len(), row.len());
            self.runs.push(Run { row: self.times.len(), cell, bins, first_hz, bin_hz });
        }
        self.times.push((stamp.time_ns, stamp.duration_ns));
        self.cells.push(row);
    }

    fn run(&self, index: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.row <= index);
        self.runs.get(after.checked_sub(1)?)
    }

    fn entry(&self, index: usize) -> Option<(Stamp, u32)> {
        let run = self.run(index)?;
        let &(time_ns, duration_ns) = self.times.get(index)?;
        Some((Stamp { time_ns, duration_ns, first_hz: run.first_hz, bin_hz: run.bin_hz }, run.bins as u32))
    }
}

/// Bytes by which one more element makes a vector grow.
pub(super) fn grows(len: usize, capacity: usize, element: usize) -> u64 {
    if len < capacity { 0 } else { (capacity.max(4) * element) as u64 }
}
