//! The rows of a whole recording within a memory budget.

use anyhow::{Context as _, Result};
use ringfall::{History, Precision, Reduce, Rows as _, Stamp};

use super::thin::Thin;

/// Accepts any number of rows within a memory budget: when the memory is full, it reduces every two rows to one.
///
/// A recording of unknown length is thus shown from its beginning.
pub(super) struct Store {
    history: History,
    thin: Thin,
    depth: Precision,
    /// Bytes of memory.
    budget: u64,
}

impl Store {
    /// A store of `budget` bytes, whose rows are each reduced from `every` incoming rows.
    pub(super) fn new(budget: u64, depth: Precision, every: u32, reduce: Reduce) -> Self {
        Self { history: history(budget, depth), thin: Thin::new(every, reduce), depth, budget }
    }

    /// Bytes that rows may take: halving them needs room for half of them in addition.
    pub(super) fn limit(budget: u64) -> u64 {
        budget / 3 * 2
    }

    pub(super) fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<()> {
        if let Some((stamp, row)) = self.thin.row(stamp, row) {
            self.history.push(stamp, row).context("--memory")?;
            let rows = self.history.pushed();
            if self.history.bytes() > Self::limit(self.budget) && rows >= 2 && rows.is_multiple_of(2) {
                self.halve()?;
            }
        }
        Ok(())
    }

    /// Stores the remaining row, and returns all rows.
    pub(super) fn finish(mut self) -> Result<History> {
        if let Some((stamp, row)) = self.thin.rest() {
            self.history.push(stamp, row).context("--memory")?;
        }
        Ok(self.history)
    }

    /// Reduces every two rows to one, both stored and future ones.
    fn halve(&mut self) -> Result<()> {
        let old = std::mem::replace(&mut self.history, history(self.budget, self.depth));
        let mut pairs = Thin::new(2, self.thin.reduce());
        let mut row = Vec::new();
        for number in old.range(0) {
            let Some((stamp, _)) = old.stamp(0, number) else { continue };
            old.read(0, number, self.thin.reduce(), &mut row)?;
            if let Some((stamp, row)) = pairs.row(stamp, &row) {
                self.history.push(stamp, row).context("--memory")?;
            }
        }
        self.thin.double();
        Ok(())
    }
}

/// A history that evicts nothing before [`Store::halve`] has made room.
fn history(budget: u64, depth: Precision) -> History {
    History::new(budget.saturating_mul(2), depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row `n` is at -n dB in bin 0, and the loudest bin moves with time.
    fn stored(rows: u64, budget: u64, reduce: Reduce) -> (History, u64) {
        let mut store = Store::new(budget, Precision::F32, 1, reduce);
        let mut most = 0;
        for n in 0..rows {
            let mut row = vec![-100.0; 64];
            row[(n * 64 / rows) as usize] = -0.001 * n as f32;
            store.push(Stamp::index(n), &row).unwrap();
            most = most.max(store.history.bytes());
        }
        (store.finish().unwrap(), most)
    }

    #[test]
    fn all_of_it_whatever_the_length() {
        let budget = 1 << 20;
        for rows in [1, 2, 3, 100, 999, 1000, 5000, 77_777] {
            let (history, most) = stored(rows, budget, Reduce::Max);
            assert_eq!(history.evicted(), 0, "{rows}");
            assert!(most <= budget, "{rows}: {most}");
            let range = history.range(0);
            let (first, _) = history.stamp(0, range.start).unwrap();
            let (last, _) = history.stamp(0, range.end - 1).unwrap();
            assert_eq!(first.time_ns, 0);
            let end_s = (last.time_ns as f64 + last.duration_ns) * 1e-9;
            assert!((end_s - rows as f64).abs() < 1e-3, "{rows}: {end_s}");
            // No maximum is lost: every bin is the loudest at some time.
            let mut row = Vec::new();
            let mut loudest = vec![f32::NEG_INFINITY; 64];
            for number in range.clone() {
                history.read(0, number, Reduce::Max, &mut row).unwrap();
                loudest.iter_mut().zip(&row).for_each(|(a, b)| *a = a.max(*b));
            }
            for (bin, loudest) in (0..64).zip(loudest) {
                let first = (bin * rows).div_ceil(64);
                let hit = first < rows && first * 64 / rows == bin;
                assert_eq!(loudest, if hit { -0.001 * first as f32 } else { -100.0 }, "{rows} rows, bin {bin}");
            }
            // A long recording leaves little memory unused.
            assert!(rows < 5000 || range.end > 400, "{rows}: {range:?}");
        }
    }

    #[test]
    fn a_mean_of_means_is_the_mean() {
        let mut store = Store::new(1 << 16, Precision::F32, 1, Reduce::Mean);
        for n in 0..4096 {
            // Powers of 1 and 3 in turn, whose mean is 2: 3.0103 dB.
            let level = if n % 2 == 0 { 0.0 } else { 10.0 * 3f32.log10() };
            store.push(Stamp::index(n), &[level; 32]).unwrap();
        }
        let history = store.finish().unwrap();
        let range = history.range(0);
        assert!(range.end < 2048, "{range:?}");
        let mut row = Vec::new();
        for number in range {
            history.read(0, number, Reduce::Mean, &mut row).unwrap();
            assert!(row.iter().all(|level| (level - 3.0103).abs() < 1e-3), "{row:?}");
        }
    }
}
