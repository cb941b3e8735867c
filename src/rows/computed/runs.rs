//! The numbers of blocks of rows whose number is known from the beginning: arithmetic instead of tables.

use std::ops::Range;

/// Where the blocks of all levels lie. They are those of [`Pyramid`](crate::Pyramid): a block of level `k` has up to 4^k rows,
/// ends at multiples of 4^k, and earlier where a run ends.
pub(super) struct Runs {
    /// First rows of the runs, and the number of all rows.
    ends: Vec<u64>,
    /// For each level: how many blocks there are before each run, and in all.
    blocks: Vec<Vec<u64>>,
}

impl Runs {
    /// `breaks` are the first rows of all runs but the first.
    pub(super) fn new(breaks: &[u64], rows: u64, levels: u32) -> Self {
        let mut ends = vec![0];
        ends.extend(breaks.iter().copied().filter(|row| (1..rows).contains(row)));
        ends.sort_unstable();
        ends.dedup();
        if rows > 0 {
            ends.push(rows);
        }
        let blocks = (0..levels)
            .map(|level| {
                let mut before = 0;
                let counts = ends.array_windows().map(|&[start, end]| {
                    before += 1 + (in_blocks(end - 1, level) - in_blocks(start, level));
                    before
                });
                std::iter::once(0).chain(counts).collect()
            })
            .collect();
        Self { ends, blocks }
    }

    pub(super) fn rows(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Number of blocks of a level.
    pub(super) fn count(&self, level: u32) -> u64 {
        self.blocks.get(level as usize).and_then(|blocks| blocks.last()).copied().unwrap_or(0)
    }

    /// The block that a row is in.
    pub(super) fn block_of(&self, level: u32, row: u64) -> u64 {
        if row >= self.rows() {
            return self.count(level);
        }
        let run = self.ends.partition_point(|start| *start <= row).saturating_sub(1);
        let before = self.blocks.get(level as usize).and_then(|blocks| blocks.get(run)).copied().unwrap_or(0);
        before + (in_blocks(row, level) - in_blocks(self.ends[run], level))
    }

    /// The blocks that these rows are in.
    pub(super) fn blocks_of(&self, level: u32, rows: &Range<u64>) -> Range<u64> {
        if rows.is_empty() { 0..0 } else { self.block_of(level, rows.start)..self.block_of(level, rows.end - 1) + 1 }
    }

    /// The rows of a block.
    pub(super) fn rows_of(&self, level: u32, block: u64) -> Option<Range<u64>> {
        if block >= self.count(level) {
            return None;
        }
        let blocks = self.blocks.get(level as usize)?;
        let run = blocks.partition_point(|before| *before <= block).checked_sub(1)?;
        let (start, end) = (*self.ends.get(run)?, *self.ends.get(run + 1)?);
        let index = in_blocks(start, level) + (block - blocks[run]);
        Some(start.max(index << (2 * level))..end.min((index + 1) << (2 * level)))
    }

    /// The rows of a range of blocks.
    pub(super) fn rows_of_all(&self, level: u32, blocks: &Range<u64>) -> Range<u64> {
        let last = blocks.end.min(self.count(level)).checked_sub(1).filter(|last| *last >= blocks.start);
        match (self.rows_of(level, blocks.start), last.and_then(|last| self.rows_of(level, last))) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// A row's number, counted in blocks of a level.
fn in_blocks(row: u64, level: u32) -> u64 {
    row.checked_shr(2 * level).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_those_of_counting() {
        for (breaks, rows) in
            [(vec![], 0), (vec![], 1), (vec![], 64), (vec![], 1000), (vec![1, 7, 64, 65, 300], 777), (vec![5, 900], 20)]
        {
            let runs = Runs::new(&breaks, rows, 6);
            assert_eq!(runs.rows(), rows);
            for level in 0..6 {
                let size = 4u64.pow(level);
                // One row after the other, in the obvious way.
                let mut blocks: Vec<Range<u64>> = Vec::new();
                for row in 0..rows {
                    match blocks.last_mut() {
                        Some(last) if row % size != 0 && !breaks.contains(&row) => last.end = row + 1,
                        _ => blocks.push(row..row + 1),
                    }
                }
                assert_eq!(runs.count(level), blocks.len() as u64, "level {level} of {rows} rows, {breaks:?}");
                for (number, rows) in (0..).zip(&blocks) {
                    assert_eq!(runs.rows_of(level, number).as_ref(), Some(rows));
                    assert!(rows.clone().all(|row| runs.block_of(level, row) == number));
                    assert_eq!(runs.blocks_of(level, rows), number..number + 1);
                }
                assert_eq!(runs.rows_of(level, blocks.len() as u64), None);
                assert_eq!(runs.block_of(level, rows), blocks.len() as u64);
                assert_eq!(runs.rows_of_all(level, &(0..u64::MAX)), 0..rows);
            }
        }
    }
}
