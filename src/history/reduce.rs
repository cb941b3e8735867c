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
    weight: [f32; STRIDE],
}

impl Reduction {
    pub(super) fn new() -> Self {
        Self {
            max: [f32::NEG_INFINITY; STRIDE],
            mean: [0.0; STRIDE],
            min: [f32::INFINITY; STRIDE],
            weight: [0.0; STRIDE],
        }
    }

    /// Adds a row that stands for `rows` rows, by its maximum, mean and minimum.
    pub(super) fn add(&mut self, max: &[f32], mean: &[f32], min: &[f32], rows: f32) {
        let own = self.max.iter_mut().zip(&mut self.mean).zip(&mut self.min).zip(&mut self.weight);
        let new = max.iter().zip(mean).zip(min);
        for ((((own_max, own_mean), own_min), weight), ((&max, &mean), &min)) in own.zip(new) {
            // Comparisons with NaN are false, which keeps what was there.
            *own_max = if max > *own_max { max } else { *own_max };
            *own_min = if min < *own_min { min } else { *own_min };
            let counts = !mean.is_nan();
            *own_mean += if counts { power(mean) * rows } else { 0.0 };
            *weight += if counts { rows } else { 0.0 };
        }
    }

    /// Turns sums into means, and what nothing was added to into NaN.
    pub(super) fn finish(&mut self) {
        for (mean, weight) in self.mean.iter_mut().zip(&self.weight) {
            *mean /= weight;
        }
        // 0/0 is NaN, and stays NaN.
        to_decibels(&mut self.mean);
        for ((max, min), weight) in self.max.iter_mut().zip(&mut self.min).zip(&self.weight) {
            *max = if *weight == 0.0 { f32::NAN } else { *max };
            *min = if *weight == 0.0 { f32::NAN } else { *min };
        }
    }
}
