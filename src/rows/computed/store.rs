//! What has been computed so far, within a budget.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::rows::block::{Block, BlockParts, means};
use crate::rows::cells::{Cells, Precision};
use crate::rows::channels;
use crate::unit::Unit;
use crate::view::Reduce;

/// Bytes that an entry takes in addition to its values, about.
const OVERHEAD: u64 = 96;

/// Values in the precision of the store, and the revision at which they came.
pub(super) struct Values {
    cells: Cells,
    pub(super) revision: u64,
}

impl Values {
    pub(super) fn new(precision: Precision, values: &[f32]) -> Self {
        let mut cells = Cells::new(precision, values.len());
        cells.push(values);
        Self { cells, revision: 0 }
    }

    pub(super) fn read(&self, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.cells.len(), 0.0);
        self.cells.read(0, out);
    }

    /// The same for colours, whose channels are not premultiplied.
    pub(super) fn read_rgba(&self, out: &mut Vec<[u8; 4]>) {
        out.extend_from_slice(self.cells.colors(0, self.cells.len() / 4));
    }

    pub(super) fn bytes(&self) -> u64 {
        self.cells.bytes() + OVERHEAD
    }
}

/// A finished block with all that the blocks above it need.
pub(super) struct Kept {
    max: Cells,
    min: Cells,
    /// As in [`Block`]: 32 bits, so that means do not depend on what was kept.
    sum: Box<[f32]>,
    more: Box<[f32]>,
    scale: f32,
    rows: f32,
    /// Number of rows, NaN or not.
    weight: u64,
    pub(super) revision: u64,
}

impl Kept {
    pub(super) fn new(precision: Precision, block: &Block, weight: u64) -> Self {
        let BlockParts { max, sum, min, scale, rows, more } = block.parts_of();
        Self::of_values(precision, max, min, sum, more, (scale, rows, weight))
    }

    pub(super) fn of_values(
        precision: Precision,
        max: &[f32],
        min: &[f32],
        sum: &[f32],
        more: &[f32],
        (scale, rows, weight): (f32, f32, u64),
    ) -> Self {
        let cells = |values: &[f32]| {
            let mut cells = Cells::new(precision, values.len());
            cells.push(values);
            cells
        };
        Self { max: cells(max), min: cells(min), sum: sum.into(), more: more.into(), scale, rows, weight, revision: 0 }
    }

    /// Bytes of a block with this many values in a row, if there is no NaN in it.
    pub(super) fn bytes_of(precision: Precision, bins: u64) -> u64 {
        bins * (2 * precision.bytes() as u64 + 4) + 2 * OVERHEAD
    }

    pub(super) fn bytes(&self) -> u64 {
        self.max.bytes() + self.min.bytes() + 4 * (self.sum.len() + self.more.len()) as u64 + 2 * OVERHEAD
    }

    /// The block again, as one part of a block above it.
    pub(super) fn block(&self) -> Block {
        let values = |cells: &Cells| {
            let mut values = vec![0.0; cells.len()];
            cells.read(0, &mut values);
            values
        };
        let (max, min) = (values(&self.max), values(&self.min));
        let (scale, rows) = (self.scale, self.rows);
        Block::of_parts(BlockParts { max: &max, sum: &self.sum, min: &min, scale, rows, more: &self.more })
    }

    /// Appends the block as it is saved.
    #[cfg(feature = "app")]
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend((self.max.len() as u32).to_le_bytes());
        out.extend((self.more.len() as u32).to_le_bytes());
        out.extend(self.weight.to_le_bytes());
        out.extend(self.rows.to_le_bytes());
        out.extend(self.scale.to_le_bytes());
        self.max.write(out);
        self.min.write(out);
        self.sum.iter().chain(&self.more).for_each(|value| out.extend(value.to_le_bytes()));
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    pub(super) fn read(&self, unit: Unit, reduce: Reduce, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.max.len(), 0.0);
        match reduce {
            // A single row is its own mean: it is not converted to power and back.
            Reduce::Mean if self.weight > 1 => means(unit, &self.sum, &self.more, (self.scale, self.rows), out),
            Reduce::Min => self.min.read(0, out),
            Reduce::Max | Reduce::Mean => self.max.read(0, out),
        }
        if self.rows == 0.0 {
            // Bins in which every row is NaN.
            out.iter_mut().zip(&self.more).filter(|(_, more)| **more == 0.0).for_each(|(value, _)| *value = f32::NAN);
        }
    }
}

impl Kept {
    /// The colours of a block, whose channels are premultiplied.
    pub(super) fn read_rgba(&self, reduce: Reduce, out: &mut Vec<[u8; 4]>) {
        let mut values = Vec::new();
        self.read(Unit::None, reduce, &mut values);
        channels::colors(&values, out);
    }
}

/// Which values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tier: u32,
    pub(super) level: u32,
    /// The reduction; always the same at level 0.
    pub(super) reduce: Reduce,
    /// The row of the level.
    pub(super) row: u64,
}

impl Key {
    pub(super) fn new(tier: u32, level: u32, reduce: Reduce, row: u64) -> Self {
        Self { tier, level, reduce: if level == 0 { Reduce::Max } else { reduce }, row }
    }
}

/// Values within a budget: those farthest from what is on show are evicted.
pub(super) struct Cache {
    map: HashMap<Key, Values>,
    bytes: u64,
    budget: u64,
}

impl Cache {
    pub(super) fn new(budget: u64) -> Self {
        Self { map: HashMap::new(), bytes: 0, budget }
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Values> {
        self.map.get(key)
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.map.contains_key(key)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    /// Adds values. `distance` says how far they are from what is on show, which is at 0 and is not evicted. Values for which
    /// there is no room are dropped.
    pub(super) fn insert(&mut self, key: Key, values: Values, distance: impl Fn(&Key) -> u64) {
        let bytes = values.bytes();
        if self.bytes + bytes > self.budget {
            let mut far: Vec<(u64, Key)> = self.map.keys().map(|key| (distance(key), *key)).collect();
            far.sort_unstable_by_key(|(distance, _)| std::cmp::Reverse(*distance));
            let own = distance(&key);
            // Some room for the next ones, since looking costs time.
            let aim = (self.budget / 4 * 3).saturating_sub(bytes);
            for (distance, key) in far {
                if self.bytes <= aim || distance == 0 || distance < own {
                    break;
                }
                self.bytes -= self.map.remove(&key).map_or(0, |values| values.bytes());
            }
            if self.bytes + bytes > self.budget {
                return;
            }
        }
        self.bytes += bytes;
        if let Some(old) = self.map.insert(key, values) {
            self.bytes -= old.bytes();
        }
    }
}

/// Blocks of the levels that are kept for good.
pub(super) struct KeptLevels {
    /// The lowest level that is kept.
    pub(super) base: u32,
    levels: Vec<HashMap<u64, Arc<Kept>>>,
    bytes: u64,
}

impl KeptLevels {
    pub(super) fn new(base: u32, levels: u32) -> Self {
        let levels = (base..levels).map(|_| HashMap::new()).collect();
        Self { base, levels, bytes: 0 }
    }

    pub(super) fn get(&self, level: u32, block: u64) -> Option<&Arc<Kept>> {
        self.levels.get(level.checked_sub(self.base)? as usize)?.get(&block)
    }

    pub(super) fn insert(&mut self, level: u32, block: u64, kept: Kept) {
        let bytes = kept.bytes();
        let blocks = level.checked_sub(self.base).and_then(|level| self.levels.get_mut(level as usize));
        if let Some(blocks) = blocks {
            self.bytes += bytes;
            if let Some(old) = blocks.insert(block, Arc::new(kept)) {
                self.bytes -= old.bytes();
            }
        }
    }

    /// Blocks of the lowest level.
    pub(super) fn done(&self) -> u64 {
        self.levels.first().map_or(0, |blocks| blocks.len() as u64)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// These blocks, if all of them are there.
    pub(super) fn all(&self, level: u32, blocks: Range<u64>) -> Option<Vec<Arc<Kept>>> {
        blocks.map(|block| self.get(level, block).cloned()).collect()
    }
}
