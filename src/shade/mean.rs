//! The mean of a pixel's cells.

use crate::decibel::power;

/// Means of the pixels of a line, as sums in `f64`.
#[derive(Debug, Default)]
pub(super) struct Mean {
    pixels: Vec<Sum>,
    /// Of the bins of rows that lie alike: sums, and weights where there are NaNs.
    sums: Vec<f64>,
    weights: Vec<f64>,
}

/// A weighted sum. For decibels it is a sum of powers relative to `reference`, so that none over- or underflows.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    reference: f64,
    sum: f64,
    weight: f64,
}

/// What is averaged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The power of decibels, of which a unit of the cells is this many.
    Power { decibels: f32 },
    /// The numbers themselves.
    Plain,
}

impl Mean {
    /// Levels whose powers an `f32` holds with all of its digits, in decibels.
    const HOLDS: f32 = 300.0;

    /// Begins a line of `width` pixels.
    pub(super) fn begin(&mut self, pixels: usize) {
        self.pixels.clear();
        self.pixels.resize(pixels, Sum::default());
    }

    /// Adds a cell to a pixel. NaN does not count.
    pub(super) fn add(&mut self, pixel: usize, kind: Kind, weight: u32, value: f32) {
        if !value.is_nan() {
            self.pixels[pixel].add(kind, f64::from(weight), f64::from(value));
        }
    }

    /// Begins rows that lie alike, with so many bins on show.
    pub(super) fn begin_bins(&mut self, bins: usize) {
        self.sums.clear();
        self.sums.resize(bins, 0.0);
        self.weights.clear();
        self.weights.resize(bins, 0.0);
    }

    /// Adds a row to the bins. Cells beyond what is added fast make their bins' sums NaN: see
    /// [`is_unfit`](Self::is_unfit).
    pub(super) fn add_row(&mut self, kind: Kind, weight: u32, row: &[f32]) {
        let weight = f64::from(weight);
        let own = self.sums.iter_mut().zip(&mut self.weights).zip(row);
        match kind {
            Kind::Plain => own.for_each(|((sum, weights), &v)| {
                *sum += if v.is_nan() { 0.0 } else { weight * f64::from(v) };
                *weights += if v.is_nan() { 0.0 } else { weight };
            }),
            Kind::Power { decibels } => own.for_each(|((sum, weights), &v)| {
                let level = v * decibels;
                // Nothing and what is far below all else come to the same.
                let holds = level.abs() <= Self::HOLDS || level == f32::NEG_INFINITY;
                let power = if holds { weight * f64::from(power(level)) } else { f64::NAN };
                *sum += if v.is_nan() { 0.0 } else { power };
                *weights += if v.is_nan() { 0.0 } else { weight };
            }),
        }
    }

    /// Whether the mean of a pixel has to be worked out cell by cell. It depends on its own cells alone, so that a pixel comes
    /// to the same whatever is worked out beside it.
    pub(super) fn is_unfit(&self, pixel: usize, kind: Kind) -> bool {
        kind != Kind::Plain && self.pixels[pixel].sum.is_nan()
    }

    /// Adds these bins to a pixel.
    pub(super) fn add_bins(&mut self, pixel: usize, bins: std::ops::Range<usize>) {
        let sum =
            Sum { reference: 0.0, sum: self.sums[bins.clone()].iter().sum(), weight: self.weights[bins].iter().sum() };
        self.pixels[pixel].merge(sum);
    }

    /// The mean of a pixel, in the units of the cells; NaN where there is nothing.
    pub(super) fn mean(&self, pixel: usize, kind: Kind) -> f32 {
        self.pixels[pixel].mean(kind) as f32
    }
}

impl Sum {
    fn add(&mut self, kind: Kind, weight: f64, value: f64) {
        match kind {
            Kind::Plain => {
                self.sum += weight * value;
                self.weight += weight;
            }
            Kind::Power { decibels } => {
                self.merge(Self { reference: value * f64::from(decibels), sum: weight, weight });
            }
        }
    }

    /// Adds another sum of powers; relative to the larger of the two references.
    fn merge(&mut self, other: Self) {
        if self.weight == 0.0 || other.weight == 0.0 {
            *self = if other.weight == 0.0 { *self } else { other };
            return;
        }
        let reference = self.reference.max(other.reference);
        let share = |of: &Self| {
            // Of equal infinities the difference is no number.
            of.sum * if of.reference == reference { 1.0 } else { 10f64.powf(0.1 * (of.reference - reference)) }
        };
        *self = Self { reference, sum: share(self) + share(&other), weight: self.weight + other.weight };
    }

    fn mean(self, kind: Kind) -> f64 {
        match kind {
            _ if self.weight == 0.0 => f64::NAN,
            Kind::Plain => self.sum / self.weight,
            Kind::Power { decibels } => {
                (self.reference + 10.0 * (self.sum / self.weight).log10()) / f64::from(decibels)
            }
        }
    }
}
