//! Reduced levels of rows that are stored elsewhere: which rows make a block, and the blocks' values in memory.

use std::collections::VecDeque;
use std::ops::Range;

use super::block::{Block, PARTS, PIECE};
use super::cells::{Cells, Pool, Precision};
use super::channels;
use super::memory::grows;
use super::pyramid::Store;
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::Reduce;

/// The reductions that a block keeps, in their order.
const PLANES: [Reduce; 3] = [Reduce::Max, Reduce::Mean, Reduce::Min];

/// Target size of a level's first chunk, in bytes: larger than its overhead.
const LEAST_CHUNK: usize = 512;

/// In place of the position of a block's values: the block has a single part and shares its values.
const SAME: u32 = u32::MAX;

/// Levels 1 and higher, updated row by row.
///
/// A block of level `k` is up to 4^k rows. It ends at absolute row numbers that are multiples of 4^k, and earlier if
/// the span or the number of bins changes or time has a gap. Blocks follow each other without holes, so a block is
/// identified by its first row, whose stamp gives its time.
pub(super) struct Levels {
    unit: Unit,
    pool: Pool<{ PLANES.len() }>,
    /// Target size of a chunk, in bytes.
    aim: usize,
    levels: Vec<Level>,
    /// Number of rows that were added.
    end: u64,
    last: Option<(Stamp, usize)>,
    /// Bytes of all chunks.
    bytes: u64,
}

/// One level.
#[derive(Default)]
struct Level {
    chunks: VecDeque<Chunk>,
    /// The first readable block, and the one after the last finished block.
    start: u64,
    end: u64,
    /// The first row of the growing block.
    open: u64,
    growing: Block,
    /// The first row of the oldest block may be evicted, and with it the stamp: that row's number, and the stamp.
    front: Option<(u64, (Stamp, u32))>,
}

/// Consecutive blocks of a level, evicted as a whole.
struct Chunk {
    /// Its first block, and that block's first row.
    first: u64,
    row: u64,
    /// Per block: its first row, counted from `row`, and where its values begin. Or [`SAME`].
    blocks: Vec<(u32, u32)>,
    /// A buffer for each of [`PLANES`]. Empty as long as no block has values.
    cells: Option<[Cells; PLANES.len()]>,
}

/// Where the values of a block are.
pub(super) enum Values<'a> {
    /// Start and number of bins in each of the [`PLANES`] buffers.
    Stored(&'a [Cells; PLANES.len()], usize, usize),
    /// They are those of the row.
    Row(u64),
    /// Not finished.
    Growing(Block),
}

impl Levels {
    /// `count` levels of rows in this unit, in chunks of up to about `aim` bytes.
    pub(super) fn new(precision: Precision, unit: Unit, count: usize, aim: usize) -> Self {
        let levels = (0..count).map(|_| Level::default()).collect();
        Self { unit, pool: Pool::new(precision), aim, levels, end: 0, last: None, bytes: 0 }
    }

    /// Bytes of a block with this many bins.
    pub(super) fn block_bytes(bins: usize, precision: Precision) -> usize {
        bins.saturating_mul(PLANES.len() * precision.bytes()).saturating_add(size_of::<(u32, u32)>())
    }

    /// Number of levels, level 0 included.
    pub(super) fn count(&self) -> u32 {
        1 + self.levels.len() as u32
    }

    /// Number of rows that were added.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Bytes in use.
    pub(super) fn bytes(&self) -> u64 {
        let fixed = |level: &Level| {
            level.growing.bytes() + (level.chunks.capacity() * size_of::<Chunk>() + size_of::<Level>()) as u64
        };
        self.bytes + self.pool.bytes() + self.levels.iter().map(fixed).sum::<u64>()
    }

    /// Frees the spare buffer. Returns whether there was one.
    pub(super) fn shrink(&mut self) -> bool {
        self.pool.shrink()
    }

    /// The most bytes that adding a row allocates.
    pub(super) fn wants(&self, stamp: &Stamp, bins: usize) -> u64 {
        let breaks = self.breaks(stamp, bins);
        let mut bytes = self.levels.first().map_or(0, |level| level.growing.wants(bins));
        // The blocks that end with the row, or before it; then the row is alone in those that end with it.
        let mut parts = u32::from(!breaks);
        let bins = if breaks { self.last.map_or(0, |(_, bins)| bins) } else { bins };
        for (level, rows) in self.levels.iter().zip(powers()) {
            parts += level.growing.parts();
            if parts > 1 {
                bytes += level.growing.wants(bins);
            }
            if !breaks && !(self.end + 1).is_multiple_of(rows) {
                break;
            }
            bytes += self.chunk_wants(level, if parts > 1 { bins } else { 0 });
            parts = parts.min(1);
        }
        bytes
    }

    /// The most bytes that two more blocks take, one of them with values for this many bins.
    fn chunk_wants(&self, level: &Level, bins: usize) -> u64 {
        let room = |chunk: &Chunk| chunk.cells.is_some() && chunk.takes(level.open, bins, self.aim);
        let cells = match level.chunks.back() {
            _ if bins == 0 => 0,
            Some(chunk) if room(chunk) => 0,
            _ => self.blocks_of_chunk(level, bins) as u64 * Self::block_bytes(bins, self.pool.precision()) as u64,
        };
        let blocks = level.chunks.back().map_or(0, |chunk| grows(chunk.blocks.len() + 1, chunk.blocks.capacity(), 8));
        cells + blocks + 128 + 2 * grows(level.chunks.len() + 1, level.chunks.capacity(), size_of::<Chunk>())
    }

    /// Number of blocks that the next chunk of a level has room for, if all have this many bins. Levels begin with small
    /// chunks, since the highest never have many blocks.
    fn blocks_of_chunk(&self, level: &Level, bins: usize) -> usize {
        let block = Self::block_bytes(bins, self.pool.precision());
        let most = (self.aim / block).max(1);
        let blocks = usize::try_from((level.end - level.start) / 8).unwrap_or(most);
        blocks.max(LEAST_CHUNK / block).max(1).next_power_of_two().min(most)
    }

    /// Whether a row begins a new block on every level.
    fn breaks(&self, stamp: &Stamp, bins: usize) -> bool {
        self.last.is_some_and(|(last, last_bins)| {
            // A block across a gap or a change of span would have no place on the picture.
            (last.first_hz, last.bin_hz, last_bins) != (stamp.first_hz, stamp.bin_hz, bins)
                || stamp.time_ns.saturating_sub(last.time_ns) as f64 > 1.5 * last.duration_ns
        })
    }

    /// Adds the next row.
    pub(super) fn add(&mut self, stamp: &Stamp, row: &[f32]) {
        if self.breaks(stamp, row.len()) {
            self.close(self.levels.len());
        }
        self.last = Some((*stamp, row.len()));
        let Some(level) = self.levels.first_mut() else { return };
        level.growing.add(self.unit, row);
        self.end += 1;
        let ends = powers().take(self.levels.len()).take_while(|rows| self.end.is_multiple_of(*rows)).count();
        self.close(ends);
    }

    /// Finishes the growing blocks of this many of the lowest levels.
    fn close(&mut self, lowest: usize) {
        for index in 0..lowest {
            let room = self.levels.get(index).map_or(1, |level| self.blocks_of_chunk(level, level.growing.bins()));
            let (below, above) = self.levels.split_at_mut(index + 1);
            let Some(level) = below.last_mut() else { return };
            if level.open == self.end {
                continue;
            }
            self.bytes += level.finish(self.unit, &mut self.pool, self.aim, room);
            level.open = self.end;
            match above.first_mut() {
                Some(above) => above.growing.take(&mut level.growing),
                None => level.growing.clear(),
            }
        }
    }

    /// Evicts the blocks that contain no row from `row` on. The rows before it must still be in the store.
    pub(super) fn evict_before(&mut self, row: u64, store: &impl Store) {
        for level in &mut self.levels {
            level.start = level.at(row).unwrap_or(level.end);
            let first = level.first_row(level.start);
            if first < row && level.front.is_none_or(|(held, _)| held != first) {
                level.front = store.entry(first).map(|entry| (first, entry));
            }
            while level.chunks.len() > 1
                && let Some(chunk) = level.chunks.pop_front_if(|chunk| chunk.end() <= level.start)
            {
                self.bytes -= chunk.bytes();
                if let Some(cells) = chunk.cells {
                    self.pool.give(cells);
                }
            }
        }
    }

    fn level(&self, level: u32) -> Option<&Level> {
        self.levels.get((level as usize).checked_sub(1)?)
    }

    /// The readable blocks of a level.
    pub(super) fn range(&self, level: u32) -> Range<u64> {
        self.level(level).map_or(0..0, |level| level.start..level.end + u64::from(level.open < self.end))
    }

    /// Blocks before this one are finished.
    pub(super) fn settled(&self, level: u32) -> u64 {
        self.level(level).map_or(0, |level| level.end)
    }

    /// The rows that a block stands for.
    pub(super) fn rows(&self, level: u32, block: u64) -> Option<Range<u64>> {
        let level = self.level(level)?;
        if block == level.end {
            return Some(level.open..self.end).filter(|rows| !rows.is_empty());
        }
        let (chunk, index) = level.find(block)?;
        Some(chunk.row_of(index)?..chunk.row_of(index + 1).unwrap_or_else(|| level.first_row(block + 1)))
    }

    /// The block that a row is in, finished or not; the one after the last, if the row has not been added yet.
    pub(super) fn block_of(&self, level: u32, row: u64) -> u64 {
        let end = self.range(level).end;
        if row >= self.end { end } else { self.level(level).map_or(end, |level| level.at(row).unwrap_or(level.end)) }
    }

    /// Stamp and number of bins of a block's first row, even if that has been evicted.
    pub(super) fn first_entry(&self, level: u32, row: u64, store: &impl Store) -> Option<(Stamp, u32)> {
        let front = self.level(level)?.front.filter(|(held, _)| *held == row);
        front.map(|(_, entry)| entry).or_else(|| store.entry(row))
    }

    /// Where the values of a block are.
    pub(super) fn values(&self, level: u32, block: u64) -> Option<Values<'_>> {
        let this = self.level(level)?;
        if let Some(stored) = this.find(block).and_then(|(chunk, index)| chunk.stored(index)) {
            return Some(stored);
        }
        let rows = self.rows(level, block)?;
        if rows.end - rows.start == 1 {
            return Some(Values::Row(rows.start));
        }
        let levels = self.levels[..level as usize].iter().rev();
        if block == this.end {
            return Some(Values::Growing(Block::of(levels.map(|level| &level.growing))));
        }
        // Down to the level whose block has more than one part.
        levels.skip(1).find_map(|level| {
            let (chunk, index) = level.find(level.at(rows.start)?)?;
            chunk.stored(index)
        })
    }

    /// Copies the values of a block that are stored.
    pub(super) fn read(
        (planes, from, bins): (&[Cells; PLANES.len()], usize, usize),
        reduce: Reduce,
        out: &mut Vec<f32>,
    ) {
        out.resize(bins, 0.0);
        planes[plane_of(reduce)].read(from, out);
    }

    /// The same for colours, which have four values each.
    pub(super) fn read_rgba(
        (planes, from, values): (&[Cells; PLANES.len()], usize, usize),
        reduce: Reduce,
        out: &mut Vec<[u8; 4]>,
    ) {
        let colors = planes[plane_of(reduce)].colors(from, values / 4);
        out.extend(colors.iter().map(|color| channels::straight(*color)));
    }
}

fn plane_of(reduce: Reduce) -> usize {
    PLANES.iter().position(|plane| *plane == reduce).unwrap_or(0)
}

/// The most rows of a block, for levels from 1 on.
fn powers() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(PARTS), |rows| rows.checked_mul(PARTS))
}

impl Level {
    /// A finished block that can be read: its chunk, and its place there.
    fn find(&self, block: u64) -> Option<(&Chunk, usize)> {
        if !(self.start..self.end).contains(&block) {
            return None;
        }
        let after = self.chunks.partition_point(|chunk| chunk.first <= block);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        Some((chunk, (block - chunk.first) as usize))
    }

    /// The first row of a readable block; for the block after the last, the row where it will begin.
    fn first_row(&self, block: u64) -> u64 {
        self.find(block).and_then(|(chunk, index)| chunk.row_of(index)).unwrap_or(self.open)
    }

    /// The finished block that a row is in.
    fn at(&self, row: u64) -> Option<u64> {
        if row >= self.open {
            return None;
        }
        let after = self.chunks.partition_point(|chunk| chunk.row <= row);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        let after = chunk.blocks.partition_point(|(first, _)| chunk.row + u64::from(*first) <= row);
        Some(chunk.first + after.checked_sub(1)? as u64)
    }

    /// Adds the growing block to the finished ones. Returns the bytes that this allocates, without those of `self.chunks`;
    /// a new chunk gets room for `room` blocks.
    fn finish(&mut self, unit: Unit, pool: &mut Pool<{ PLANES.len() }>, aim: usize, room: usize) -> u64 {
        let bins = if self.growing.parts() > 1 { self.growing.bins() } else { 0 };
        let mut bytes = 0;
        if !self.chunks.back().is_some_and(|chunk| chunk.takes(self.open, bins, aim)) {
            self.chunks.push_back(Chunk { first: self.end, row: self.open, blocks: Vec::new(), cells: None });
        }
        if let Some(chunk) = self.chunks.back_mut() {
            let before = chunk.bytes();
            let from = if bins == 0 {
                SAME
            } else {
                let blocks = &mut chunk.blocks;
                let planes = chunk.cells.get_or_insert_with(|| {
                    blocks.reserve_exact(room);
                    pool.take(room * bins)
                });
                let from = planes[0].len() as u32;
                let mut values = [0.0; PIECE];
                for (cells, reduce) in planes.iter_mut().zip(PLANES) {
                    for first in (0..bins).step_by(PIECE) {
                        let piece = &mut values[..PIECE.min(bins - first)];
                        self.growing.finish(unit, reduce, first, piece);
                        cells.push(piece);
                    }
                }
                from
            };
            chunk.blocks.push(((self.open - chunk.row) as u32, from));
            bytes = chunk.bytes() - before;
        }
        self.end += 1;
        bytes
    }
}

impl Chunk {
    fn end(&self) -> u64 {
        self.first + self.blocks.len() as u64
    }

    /// The first row of the block in this place.
    fn row_of(&self, index: usize) -> Option<u64> {
        self.blocks.get(index).map(|(row, _)| self.row + u64::from(*row))
    }

    /// The values of the block in this place, if it has its own.
    fn stored(&self, index: usize) -> Option<Values<'_>> {
        let cells = self.cells.as_ref()?;
        let (&(_, from), later) = self.blocks.get(index..)?.split_first()?;
        if from == SAME {
            return None;
        }
        let next = later.iter().find(|(_, next)| *next != SAME).map_or(cells[0].len(), |(_, next)| *next as usize);
        Some(Values::Stored(cells, from as usize, next - from as usize))
    }

    fn bytes(&self) -> u64 {
        (self.blocks.capacity() * size_of::<(u32, u32)>()) as u64
            + self.cells.iter().flatten().map(Cells::bytes).sum::<u64>()
    }

    /// Whether it has room for a block that begins with this row and has values for this many bins.
    fn takes(&self, row: u64, bins: usize, aim: usize) -> bool {
        let room = self.cells.as_ref().is_none_or(|[cells, ..]| cells.room() >= bins && cells.len() < SAME as usize);
        room && row - self.row < u64::from(u32::MAX) && self.blocks.len() * size_of::<(u32, u32)>() < aim
    }
}
