//! The growing block of a level.

#[cfg(any(feature = "dsp", feature = "arrays"))]
use crate::decibel::to_decibels;
use crate::mean::{term, to_values};
use crate::unit::Unit;
use crate::view::Reduce;

/// Number of bins that are finished at a time.
pub(super) const PIECE: usize = 256;

/// The most blocks, or rows, in a block of the next level.
pub(super) const PARTS: u64 = 4;

/// The factor on a sum from one level to the next, with which it never exceeds its largest term.
const SHARE: f32 = 1.0 / PARTS as f32;

/// The rows of a growing block, so far: maximum, sum and minimum of each bin. NaN cells are left out; if there are no
/// others, the results are NaN.
///
/// Sums are in 32 bits, but each has at most four terms, which are rows or such sums. So their error grows with the number
/// of levels, not of rows: it stays below 0.00001 dB.
#[derive(Default)]
pub(super) struct Block {
    max: Vec<f32>,
    /// Sums of terms (powers, for dB), times `scale`.
    sum: Vec<f32>,
    min: Vec<f32>,
    scale: f32,
    /// Rows that count in every bin, and further rows that count in each bin; without NaN there are none of the latter.
    rows: f32,
    more: Vec<f32>,
    /// Rows or blocks of the level below that it is made of.
    parts: u32,
}

/// All that a block consists of.
#[cfg(any(feature = "dsp", feature = "arrays"))]
#[derive(Clone, Copy)]
pub(super) struct BlockParts<'a> {
    pub(super) max: &'a [f32],
    pub(super) sum: &'a [f32],
    pub(super) min: &'a [f32],
    pub(super) scale: f32,
    pub(super) rows: f32,
    pub(super) more: &'a [f32],
}

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.parts == 0
    }

    /// Rows or blocks of the level below that it is made of.
    pub(super) fn parts(&self) -> u32 {
        self.parts
    }

    pub(super) fn bins(&self) -> usize {
        self.max.len()
    }

    /// Forgets all rows, and keeps the memory.
    pub(super) fn clear(&mut self) {
        [&mut self.max, &mut self.sum, &mut self.min, &mut self.more].into_iter().for_each(Vec::clear);
        (self.rows, self.parts) = (0.0, 0);
    }

    /// Bytes it has allocated.
    pub(super) fn bytes(&self) -> u64 {
        [&self.max, &self.sum, &self.min, &self.more].iter().map(|v| 4 * v.capacity() as u64).sum()
    }

    /// The most bytes that a block of `bins` bins may allocate in addition.
    pub(super) fn wants(&self, bins: usize) -> u64 {
        [&self.max, &self.sum, &self.min, &self.more]
            .iter()
            .filter(|v| v.capacity() < bins)
            .map(|_| 4 * bins as u64)
            .sum()
    }

    /// Adds a row of level 0.
    pub(super) fn add(&mut self, unit: Unit, row: &[f32]) {
        if unit.is_decibel() {
            self.add_terms::<true>(row);
        } else {
            self.add_terms::<false>(row);
        }
    }

    fn add_terms<const DECIBEL: bool>(&mut self, row: &[f32]) {
        // As a rule there is no NaN, and nothing to check bin by bin.
        let whole = !row.iter().fold(false, |any, v| any | v.is_nan());
        let first = self.is_empty();
        self.scale = SHARE;
        self.parts += 1;
        if first && whole {
            for (own, len) in [(&mut self.max, row.len()), (&mut self.min, row.len()), (&mut self.sum, row.len())] {
                own.clear();
                own.reserve_exact(len);
            }
            self.max.extend_from_slice(row);
            self.min.extend_from_slice(row);
            self.sum.extend(row.iter().map(|&v| SHARE * term::<DECIBEL>(v)));
            self.rows = 1.0;
            return;
        }
        self.fit(row.len());
        let own = self.max.iter_mut().zip(&mut self.sum).zip(&mut self.min).zip(row);
        if whole {
            for (((max, sum), min), &v) in own {
                *max = if v > *max { v } else { *max };
                *min = if v < *min { v } else { *min };
                *sum += SHARE * term::<DECIBEL>(v);
            }
            self.rows += 1.0;
            return;
        }
        for (((max, sum), min), &v) in own {
            // Comparisons with NaN are false, which keeps the previous value.
            *max = if v > *max { v } else { *max };
            *min = if v < *min { v } else { *min };
            *sum += if v.is_nan() { 0.0 } else { SHARE * term::<DECIBEL>(v) };
        }
        fit(&mut self.more, row.len(), 0.0);
        self.more.iter_mut().zip(row).for_each(|(more, v)| *more += if v.is_nan() { 0.0 } else { 1.0 });
    }

    /// Takes in a block of the level below with the same number of bins as one of its parts, and leaves that block empty.
    pub(super) fn take(&mut self, part: &mut Self) {
        if part.is_empty() {
            return;
        }
        if self.is_empty() {
            // The first part becomes the block: nothing is copied.
            std::mem::swap(self, part);
            self.parts = 1;
        } else {
            self.merge(part, self.scale.min(SHARE * part.scale));
            self.parts += 1;
        }
        part.clear();
    }

    /// Adds another block with the same number of bins, and rescales the sum.
    fn merge(&mut self, other: &Self, scale: f32) {
        self.fit(other.max.len());
        let (old, new) = (scale / self.scale, scale / other.scale);
        let own = self.max.iter_mut().zip(&mut self.sum).zip(&mut self.min);
        let others = other.max.iter().zip(&other.sum).zip(&other.min);
        for (((max, sum), min), ((&other_max, &other_sum), &other_min)) in own.zip(others) {
            *max = if other_max > *max { other_max } else { *max };
            *min = if other_min < *min { other_min } else { *min };
            *sum = *sum * old + other_sum * new;
        }
        self.scale = scale;
        self.rows += other.rows;
        if !other.more.is_empty() {
            fit(&mut self.more, other.max.len(), 0.0);
            self.more.iter_mut().zip(&other.more).for_each(|(own, more)| *own += more);
        }
    }

    /// The combination of these: a growing block of a level and those of the levels below.
    pub(super) fn of<'a>(blocks: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let scale = SHARE.powi(blocks.len() as i32);
        let mut all = Self { scale, ..Self::default() };
        for block in blocks.filter(|block| !block.is_empty()) {
            all.merge(block, scale);
        }
        all
    }

    /// What [`of_parts`](Self::of_parts) makes the same block of.
    #[cfg(any(feature = "dsp", feature = "arrays"))]
    pub(super) fn parts_of(&self) -> BlockParts<'_> {
        let Self { max, sum, min, scale, rows, more, .. } = self;
        BlockParts { max, sum, min, scale: *scale, rows: *rows, more }
    }

    /// A finished block, to be taken in by one of the next level.
    #[cfg(any(feature = "dsp", feature = "arrays"))]
    pub(super) fn of_parts(parts: BlockParts<'_>) -> Self {
        let BlockParts { max, sum, min, scale, rows, more } = parts;
        let [max, sum, min, more] = [max, sum, min, more].map(<[f32]>::to_vec);
        Self { max, sum, min, scale, rows, more, parts: 1 }
    }

    /// Turns the maxima and minima of a block of powers into dB. The sums are those of a block of dB already.
    #[cfg(any(feature = "dsp", feature = "arrays"))]
    pub(super) fn powers_to_decibels(&mut self) {
        to_decibels(&mut self.max);
        to_decibels(&mut self.min);
        // A maximum is NaN only where nothing was added to -∞, which has no logarithm.
        self.max.iter_mut().for_each(|v| *v = if v.is_nan() { f32::NEG_INFINITY } else { *v });
    }

    /// Room for this many bins.
    fn fit(&mut self, bins: usize) {
        fit(&mut self.max, bins, f32::NEG_INFINITY);
        fit(&mut self.sum, bins, 0.0);
        fit(&mut self.min, bins, f32::INFINITY);
    }

    /// The values of one kind.
    pub(super) fn read(&self, unit: Unit, reduce: Reduce, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.bins(), 0.0);
        self.finish(unit, reduce, 0, out);
    }

    /// The same, for the bins from `from` on.
    pub(super) fn finish(&self, unit: Unit, reduce: Reduce, from: usize, out: &mut [f32]) {
        let bins = from..from + out.len();
        let more = self.more.get(bins.clone()).unwrap_or(&[]);
        match reduce {
            Reduce::Max => out.copy_from_slice(&self.max[bins]),
            Reduce::Min => out.copy_from_slice(&self.min[bins]),
            Reduce::Mean => means(unit, &self.sum[bins], more, (self.scale, self.rows), out),
        }
        if self.rows == 0.0 {
            out.iter_mut().zip(more).for_each(|(v, more)| *v = if *more == 0.0 { f32::NAN } else { *v });
        }
    }
}

/// The means of a block: from its sums, the scale of these, and its rows; `more` are the rows that a bin has in addition, if they
/// differ. 0/0 is NaN, and stays NaN.
pub(super) fn means(unit: Unit, sum: &[f32], more: &[f32], (scale, rows): (f32, f32), out: &mut [f32]) {
    out.copy_from_slice(sum);
    if more.is_empty() {
        let factor = 1.0 / (scale * rows);
        out.iter_mut().for_each(|v| *v *= factor);
    } else {
        out.iter_mut().zip(more).for_each(|(v, more)| *v /= scale * (rows + more));
    }
    to_values(unit, out);
}

/// Gives a vector this length, and no more memory than that needs.
fn fit(values: &mut Vec<f32>, len: usize, with: f32) {
    values.reserve_exact(len.saturating_sub(values.len()));
    values.resize(len, with);
}
