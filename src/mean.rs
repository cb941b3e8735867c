//! The mean used everywhere: of powers if values are dB, otherwise the plain one.

use crate::decibel::{power, to_decibels};
use crate::unit::Unit;

/// A mean that grows value by value, each with a weight. NaN is left out; the mean of nothing is NaN.
///
/// It adds in 64 bits, so that it is within 0.001 dB after 10^8 values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    unit: Unit,
    sum: f64,
    weight: f64,
}

impl Mean {
    /// A mean of no values.
    pub fn new(unit: Unit) -> Self {
        Self { unit, sum: 0.0, weight: 0.0 }
    }

    /// Adds a value, which counts `weight` times: 1, or what [`Entry::weight`](crate::Entry::weight) says.
    pub fn add(&mut self, value: f32, weight: f64) {
        if !value.is_nan() {
            self.sum += weight * f64::from(if self.unit.is_decibel() { power(value) } else { value });
            self.weight += weight;
        }
    }

    /// The mean, in the unit of the values.
    pub fn get(&self) -> f32 {
        let mean = self.sum / self.weight;
        if self.unit.is_decibel() { (10.0 * mean.log10()) as f32 } else { mean as f32 }
    }
}

/// The term that a value adds to a sum.
#[inline(always)]
pub(crate) fn term<const DECIBEL: bool>(value: f32) -> f32 {
    if DECIBEL { power(value) } else { value }
}

/// Turns means of [`term`]s into values, in place.
pub(crate) fn to_values(unit: Unit, means: &mut [f32]) {
    if unit.is_decibel() {
        to_decibels(means);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(unit: Unit, values: &[(f32, f64)]) -> f32 {
        let mut mean = Mean::new(unit);
        values.iter().for_each(|&(value, weight)| mean.add(value, weight));
        mean.get()
    }

    #[test]
    fn by_hand() {
        // (49 · 10^-10 + 1) / 50 = 0.02, which is -16.99 dB.
        let got = mean(Unit::Decibel, &[(-100.0, 49.0), (0.0, 1.0)]);
        assert!((f64::from(got) + 16.9897).abs() < 0.001, "{got}");
        assert_eq!(mean(Unit::Linear, &[(-100.0, 49.0), (0.0, 1.0)]), -98.0);
        assert_eq!(mean(Unit::None, &[(3.0, 1.0), (f32::NAN, 5.0), (4.0, 1.0)]), 3.5);
        assert_eq!(mean(Unit::Linear, &[(f32::MAX, 1.0), (f32::MAX, 1.0)]), f32::MAX);
        assert_eq!(mean(Unit::Decibel, &[(f32::NEG_INFINITY, 1.0)]), f32::NEG_INFINITY);
        assert_eq!(mean(Unit::Linear, &[(f32::INFINITY, 1.0), (1.0, 1.0)]), f32::INFINITY);
        for unit in [Unit::Decibel, Unit::Linear, Unit::None] {
            assert!(mean(unit, &[]).is_nan() && mean(unit, &[(f32::NAN, 1.0)]).is_nan());
        }
    }

    #[test]
    fn many_values_keep_their_precision() {
        // An f32 sum stops growing at 2^24 values.
        let mut mean = Mean::new(Unit::Decibel);
        for i in 0..100_000_000u32 {
            mean.add(if i % 2 == 0 { -80.0 } else { -90.0 }, 1.0);
        }
        let want = 10.0 * (0.5 * (1e-8 + 1e-9f64)).log10();
        assert!((f64::from(mean.get()) - want).abs() < 0.001, "{}, want {want}", mean.get());
    }
}
