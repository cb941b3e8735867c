use crate::decibel::{power, to_decibels};

/// Bins that are reduced at a time: they stay in the cache, and the compiler makes vector code of the loops.
pub(super) const STRIDE: usize = 256;

/// Maximum, mean of power and minimum of some rows, for a stretch of their bins. NaN cells are left out; where there are
/// no others, the result is NaN.
pub(super) struct Reduction {
    pub(super) max: [f32; STRIDE],
    /// The sum of powers, and from [`finish`](Self::finish) on their mean in decibels.
    pub(super) mean: [f32; STRIDE],
    pub(super) min: [f32; STRIDE],
    /// Rows that count in every bin, and those that count in each beside them.
    rows: f32,
    more: [f32; STRIDE],
}

impl Reduction {
    pub(super) fn new() -> Self {
        Self {
            max: [f32::NEG_INFINITY; STRIDE],
            mean: [0.0; STRIDE],
            min: [f32::INFINITY; STRIDE],
            rows: 0.0,
            more: [0.0; STRIDE],
        }
    }

    /// Adds a row that stands for `rows` rows, by its maximum, mean and minimum.
    pub(super) fn add(&mut self, max: &[f32], mean: &[f32], min: &[f32], rows: f32) {
        let own = self.max.iter_mut().zip(&mut self.mean).zip(&mut self.min);
        let new = max.iter().zip(mean).zip(min);
        // As a rule there is no NaN, and then nothing to look at bin by bin.
        if !mean.iter().fold(false, |any, v| any | v.is_nan()) {
            for (((own_max, own_mean), own_min), ((&max, &mean), &min)) in own.zip(new) {
                *own_max = if max > *own_max { max } else { *own_max };
                *own_min = if min < *own_min { min } else { *own_min };
                *own_mean += power(mean) * rows;
            }
            self.rows += rows;
            return;
        }
        for ((((own_max, own_mean), own_min), more), ((&max, &mean), &min)) in own.zip(&mut self.more).zip(new) {
            // Comparisons with NaN are false, which keeps what was there.
            *own_max = if max > *own_max { max } else { *own_max };
            *own_min = if min < *own_min { min } else { *own_min };
            let counts = !mean.is_nan();
            *own_mean += if counts { power(mean) * rows } else { 0.0 };
            *more += if counts { rows } else { 0.0 };
        }
    }

    /// Turns sums into means, and what nothing was added to into NaN.
    pub(super) fn finish(&mut self) {
        for (mean, more) in self.mean.iter_mut().zip(&self.more) {
            *mean /= self.rows + more;
        }
        // 0/0 is NaN, and stays NaN.
        to_decibels(&mut self.mean);
        if self.rows > 0.0 {
            return;
        }
        for ((max, min), more) in self.max.iter_mut().zip(&mut self.min).zip(&self.more) {
            *max = if *more == 0.0 { f32::NAN } else { *max };
            *min = if *more == 0.0 { f32::NAN } else { *min };
        }
    }
}
