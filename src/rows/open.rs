//! The block of a level that is still growing.

use super::chunk::Chunk;
use crate::decibel::{power, to_decibels};
use crate::view::Reduce;

/// Bins that are finished at a time.
const PIECE: usize = 256;

/// The rows that a row of a level is going to be made of, so far: maximum, mean of power and minimum of each bin. NaN cells
/// are left out; where there are no others, the result is NaN.
#[derive(Default)]
pub(super) struct Open {
    max: Vec<f32>,
    /// Sums of powers.
    sum: Vec<f32>,
    min: Vec<f32>,
    /// Rows that count in every bin, and those that count in each beside them; without NaN there are none of those.
    rows: f32,
    more: Vec<f32>,
}

impl Open {
    pub(super) fn is_empty(&self) -> bool {
        self.max.is_empty()
    }

    /// Forgets all rows, and keeps the memory.
    pub(super) fn clear(&mut self) {
        [&mut self.max, &mut self.sum, &mut self.min, &mut self.more].into_iter().for_each(Vec::clear);
        self.rows = 0.0;
    }

    /// Bytes it has taken up.
    pub(super) fn bytes(&self) -> u64 {
        [&self.max, &self.sum, &self.min, &self.more].iter().map(|v| 4 * v.capacity() as u64).sum()
    }

    /// Adds a row of level 0.
    pub(super) fn add(&mut self, row: &[f32]) {
        self.fit(row.len());
        let own = self.max.iter_mut().zip(&mut self.sum).zip(&mut self.min).zip(row);
        // As a rule there is no NaN, and then nothing to look at bin by bin.
        if !row.iter().fold(false, |any, v| any | v.is_nan()) {
            for (((max, sum), min), &v) in own {
                *max = if v > *max { v } else { *max };
                *min = if v < *min { v } else { *min };
                *sum += power(v);
            }
            self.rows += 1.0;
            return;
        }
        for (((max, sum), min), &v) in own {
            // Comparisons with NaN are false, which keeps what was there.
            *max = if v > *max { v } else { *max };
            *min = if v < *min { v } else { *min };
            *sum += if v.is_nan() { 0.0 } else { power(v) };
        }
        self.more.resize(row.len(), 0.0);
        self.more.iter_mut().zip(row).for_each(|(more, v)| *more += if v.is_nan() { 0.0 } else { 1.0 });
    }

    /// Adds what another one stands for, which has as many bins.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.fit(other.max.len());
        let own = self.max.iter_mut().zip(&mut self.sum).zip(&mut self.min);
        let new = other.max.iter().zip(&other.sum).zip(&other.min);
        for (((max, sum), min), ((&other_max, &other_sum), &other_min)) in own.zip(new) {
            *max = if other_max > *max { other_max } else { *max };
            *min = if other_min < *min { other_min } else { *min };
            *sum += other_sum;
        }
        self.rows += other.rows;
        if !other.more.is_empty() {
            self.more.resize(other.max.len(), 0.0);
            self.more.iter_mut().zip(&other.more).for_each(|(own, more)| *own += more);
        }
    }

    /// Room for so many bins.
    fn fit(&mut self, bins: usize) {
        self.max.resize(bins, f32::NEG_INFINITY);
        self.sum.resize(bins, 0.0);
        self.min.resize(bins, f32::INFINITY);
    }

    /// Appends maximum, mean and minimum to a chunk of a level.
    pub(super) fn store(&self, chunk: &mut Chunk) {
        let mut values = [0.0; PIECE];
        for (plane, reduce) in chunk.planes.iter_mut().zip([Reduce::Max, Reduce::Mean, Reduce::Min]) {
            for from in (0..self.max.len()).step_by(PIECE) {
                let piece = &mut values[..PIECE.min(self.max.len() - from)];
                self.finish(reduce, from, piece);
                plane.push(piece);
            }
        }
    }

    /// The values of one kind.
    pub(super) fn read(&self, reduce: Reduce, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.max.len(), 0.0);
        self.finish(reduce, 0, out);
    }

    /// The same, of the bins from `from` on.
    fn finish(&self, reduce: Reduce, from: usize, out: &mut [f32]) {
        let bins = from..from + out.len();
        let more = self.more.get(bins.clone()).unwrap_or(&[]);
        match reduce {
            Reduce::Max => out.copy_from_slice(&self.max[bins]),
            Reduce::Min => out.copy_from_slice(&self.min[bins]),
            Reduce::Mean => {
                out.copy_from_slice(&self.sum[bins]);
                if more.is_empty() {
                    let share = 1.0 / self.rows;
                    out.iter_mut().for_each(|v| *v *= share);
                } else {
                    out.iter_mut().zip(more).for_each(|(v, more)| *v /= self.rows + more);
                }
                // 0/0 is NaN, and stays NaN.
                to_decibels(out);
            }
        }
        if self.rows == 0.0 {
            out.iter_mut().zip(more).for_each(|(v, more)| *v = if *more == 0.0 { f32::NAN } else { *v });
        }
    }
}
