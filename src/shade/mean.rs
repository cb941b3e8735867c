//! The mean of a pixel's cells.

use std::ops::Range;

use crate::mean::{term, to_values};
use crate::unit::Unit;

/// Means of the pixels of a line, as sums in `f64`.
#[derive(Debug, Default)]
pub(super) struct Mean {
    pixels: Vec<Sum>,
    /// Sums of the bins of rows with one layout, in `f32` while there are few terms, and of the rows before those.
    sums: Vec<f32>,
    terms: u32,
    before: Vec<f64>,
    /// Weight of the rows without NaN, and of each bin of the others, if there are any.
    weight: f64,
    weights: Vec<f32>,
}

/// A weighted sum. For decibels it is a sum of powers relative to `reference`, so that none over- or underflows.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    reference: f64,
    sum: f64,
    weight: f64,
}

/// The quantity that is averaged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// The power of decibels; a unit of the cells is this many of them.
    Power { decibels: f32 },
    /// The numbers themselves.
    Plain,
}

impl Mean {
    /// Levels whose powers an `f32` holds with all of its digits, in decibels.
    const HOLDS: f32 = 300.0;
    /// Terms of a sum in `f32`, at most: their rounding stays far below 0.001 dB.
    const TERMS: u32 = 64;

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

    /// Begins rows with one layout, of which this many bins are visible.
    pub(super) fn begin_bins(&mut self, bins: usize) {
        self.sums.clear();
        self.sums.resize(bins, 0.0);
        self.before.clear();
        self.weights.clear();
        (self.terms, self.weight) = (0, 0.0);
    }

    /// Adds a row to the bins. Cells out of range of the fast sum make their bins' sums NaN: see
    /// [`is_unfit`](Self::is_unfit).
    pub(super) fn add_row(&mut self, kind: Kind, weight: u32, row: &[f32]) {
        if self.terms == Self::TERMS {
            self.before.resize(self.sums.len(), 0.0);
            self.before.iter_mut().zip(&self.sums).for_each(|(before, sum)| *before += f64::from(*sum));
            self.sums.fill(0.0);
            self.terms = 0;
        }
        self.terms += 1;
        let weight = weight as f32;
        // As a rule nothing needs a check bin by bin, and the loops are vector code.
        let has_nan = row.iter().fold(false, |any, v| any | v.is_nan());
        match kind {
            Kind::Plain => {
                // Numbers may be as large as an `f32` can be.
                self.before.resize(row.len(), 0.0);
                let term = |v: f32| if v.is_nan() { 0.0 } else { f64::from(weight) * f64::from(v) };
                self.before.iter_mut().zip(row).for_each(|(sum, v)| *sum += term(*v));
            }
            Kind::Power { decibels } => {
                let own = self.sums.iter_mut().zip(row);
                let holds = |v: f32| (v * decibels).abs() <= Self::HOLDS;
                if row.iter().fold(true, |all, v| all & holds(*v)) {
                    own.for_each(|(sum, v)| *sum += weight * term::<true>(v * decibels));
                } else {
                    own.for_each(|(sum, v)| {
                        *sum += match *v {
                            v if v.is_nan() || v == f32::NEG_INFINITY => 0.0,
                            v if holds(v) => weight * term::<true>(v * decibels),
                            _ => f32::NAN,
                        };
                    });
                }
            }
        }
        if has_nan {
            self.weights.resize(row.len(), 0.0);
            self.weights.iter_mut().zip(row).for_each(|(own, v)| *own += if v.is_nan() { 0.0 } else { weight });
        } else {
            self.weight += f64::from(weight);
        }
    }

    /// Adds these bins to a pixel.
    pub(super) fn add_bins(&mut self, pixel: usize, bins: Range<usize>) {
        let mut weight = self.weight * bins.len() as f64;
        let mut sum: f64 = self.sums[bins.clone()].iter().map(|v| f64::from(*v)).sum();
        if !self.before.is_empty() {
            sum += self.before[bins.clone()].iter().sum::<f64>();
        }
        if !self.weights.is_empty() {
            weight += self.weights[bins].iter().map(|v| f64::from(*v)).sum::<f64>();
        }
        self.pixels[pixel].merge(Sum { reference: 0.0, sum, weight });
    }

    /// The means of pixels that show these bins, if the rows that were begun last are all there are. It is
    /// [`add_bins`](Self::add_bins) and [`of_bins`](Self::of_bins) in one, for few rows without NaN; false, and nothing is
    /// done, for others.
    pub(super) fn of_alike(&mut self, kind: Kind, bins: impl Iterator<Item = Range<usize>>, out: &mut [f32]) -> bool {
        let Kind::Power { decibels } = kind else { return false };
        if !self.weights.is_empty() || !self.before.is_empty() {
            return false;
        }
        let weight = self.weight as f32;
        for ((out, pixel), bins) in out.iter_mut().zip(&mut self.pixels).zip(bins) {
            let count = bins.len() as f32;
            let terms = &self.sums[bins];
            let sum = if terms.len() > Self::TERMS as usize {
                terms.iter().map(|v| f64::from(*v)).sum::<f64>() as f32
            } else {
                terms.iter().sum()
            };
            // Nothing divided by nothing is NaN.
            *out = sum / (weight * count);
            if count > 0.0 && out.is_nan() {
                *pixel = Sum { reference: 0.0, sum: f64::NAN, weight: 1.0 };
            }
        }
        to_values(Unit::Decibel, out);
        out.iter_mut().for_each(|v| *v /= decibels);
        true
    }

    /// The means of all pixels that were added bin by bin; NaN where there is nothing, or where the mean is
    /// [unfit](Self::is_unfit).
    pub(super) fn of_bins(&self, kind: Kind, out: &mut [f32]) {
        out.iter_mut().zip(&self.pixels).for_each(|(out, pixel)| *out = (pixel.sum / pixel.weight) as f32);
        if let Kind::Power { decibels } = kind {
            to_values(Unit::Decibel, out);
            out.iter_mut().for_each(|v| *v /= decibels);
        }
    }

    /// Whether the mean of a pixel has to be worked out cell by cell. This depends on its own cells alone, so the result is
    /// the same whatever other pixels are worked out with it.
    pub(super) fn is_unfit(&self, pixel: usize, kind: Kind) -> bool {
        kind != Kind::Plain && self.pixels[pixel].sum.is_nan()
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
            // The difference of equal infinities is NaN.
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
