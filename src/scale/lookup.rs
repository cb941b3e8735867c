//! The places of many values in a colour table, by comparisons with few thresholds.

use std::fmt;

use super::thresholds::{Thresholds, key};

/// Finds the place of each value in a table of colours: [`UNDER`](Self::UNDER), the 256 entries, [`OVER`](Self::OVER) and
/// [`BAD`](Self::BAD).
///
/// The result is that of [`Thresholds::lut_index`] for every value: arithmetic only says which thresholds to compare with.
/// The line of numbers is cut into buckets by a function that never falls as values rise. So thresholds in lower buckets are
/// below the value, those in higher ones above it, and only those in its own bucket are compared.
#[derive(Clone)]
pub(crate) struct Lookup {
    /// The least value of the range, where entries 1 to 255 begin, and the least value above the range. Then NaN, with which
    /// every comparison is false.
    edges: [f32; 512],
    way: Way,
}

#[derive(Clone)]
enum Way {
    /// All entries are equally wide: the edge to compare with follows from the value.
    Even { low: f32, factor: f32 },
    /// The number of edges below each bucket, and how many comparisons a search within one takes.
    Buckets { cut: Cut, below: Vec<u16>, steps: u32 },
}

/// How values are cut into buckets.
#[derive(Clone, Copy)]
enum Cut {
    /// Equally wide ones.
    Values { low: f32, factor: f32 },
    /// Equally many floats in each, as for a logarithm.
    Keys { low: i32, high: i32, shift: u32 },
}

impl Lookup {
    /// The place of values below the range. Entry `k` is in place `1 + k`.
    pub(crate) const UNDER: usize = 0;
    /// The place of values above the range.
    pub(crate) const OVER: usize = 257;
    /// The place of NaN.
    pub(crate) const BAD: usize = 258;
    /// The length of a table that every place lies in, whatever the compiler knows of it.
    pub(crate) const TABLE: usize = 512;

    const BUCKETS: u32 = 2048;

    pub(crate) fn new(thresholds: &Thresholds) -> Self {
        let mut edges = [f32::NAN; 512];
        edges[..256].copy_from_slice(&thresholds.edges[..256]);
        (edges[0], edges[256]) = (thresholds.low, thresholds.high.next_up());
        let (low, high) = (edges[0], edges[256]);
        if thresholds.factor > 0.0 {
            return Self { edges, way: Way::Even { low, factor: thresholds.factor } };
        }
        let spread = (f64::from(high) - f64::from(low)).max(f64::from(f32::MIN_POSITIVE));
        let factor = (f64::from(Self::BUCKETS - 1) / spread) as f32;
        let values = Cut::Values { low, factor: if factor.is_finite() { factor } else { 0.0 } };
        let (first, last) = (key(low) as i32, key(high) as i32);
        let span = (i64::from(last) - i64::from(first)).max(1) as u64;
        let shift = (64 - span.leading_zeros()).saturating_sub(Self::BUCKETS.ilog2());
        let keys = Cut::Keys { low: first, high: last, shift };
        let ways = [values, keys].map(|cut| Self::buckets(&edges[..257], cut));
        let [values, keys] = ways;
        let way = if keys.1 < values.1 { keys.0 } else { values.0 };
        Self { edges, way }
    }

    /// The buckets of these edges, and the most edges in one of them.
    fn buckets(edges: &[f32], cut: Cut) -> (Way, usize) {
        let mut counts = vec![0_u16; Self::BUCKETS as usize];
        for edge in edges {
            counts[cut.bucket(*edge) as usize % Self::BUCKETS as usize] += 1;
        }
        let most = usize::from(counts.iter().copied().max().unwrap_or(0));
        let mut all = 0;
        let below = counts
            .iter()
            .map(|count| {
                all += count;
                all - count
            })
            .collect();
        (Way::Buckets { cut, below, steps: usize::BITS - most.leading_zeros() }, most)
    }

    /// The colours of these values.
    pub(crate) fn color(&self, values: &[f32], table: &[[u8; 4]; Self::TABLE], out: &mut [[u8; 4]]) {
        const SOME: usize = 64;
        let mut near = [0_u32; SOME];
        for (out, values) in out.chunks_mut(SOME).zip(values.chunks(SOME)) {
            match &self.way {
                Way::Even { low, factor } => {
                    // Vectorised: all of it is arithmetic. Then a comparison for each, and two look-ups.
                    for (near, v) in near.iter_mut().zip(values) {
                        *near = nearest((v - low) * factor);
                        // No edge is there.
                        *near = if v.is_nan() { Self::BAD as u32 } else { *near };
                    }
                    for ((out, v), near) in out.iter_mut().zip(values).zip(&near) {
                        let edge = *near as usize % Self::TABLE;
                        *out = table[(edge + usize::from(*v >= self.edges[edge])) % Self::TABLE];
                    }
                }
                Way::Buckets { cut, below, steps } => {
                    let Some(below) = below.first_chunk::<{ Self::BUCKETS as usize }>() else { return };
                    match *cut {
                        Cut::Values { low, factor } => {
                            near.iter_mut().zip(values).for_each(|(near, v)| *near = of_values(low, factor, *v));
                        }
                        Cut::Keys { low, high, shift } => {
                            near.iter_mut().zip(values).for_each(|(near, v)| *near = of_keys(low, high, shift, *v));
                        }
                    }
                    for ((out, v), near) in out.iter_mut().zip(values).zip(&near) {
                        let mut place = usize::from(below[*near as usize % below.len()]);
                        for step in (0..*steps).rev() {
                            let edge = (place + (1 << step) - 1) % Self::TABLE;
                            place += usize::from(*v >= self.edges[edge]) << step;
                        }
                        place = if v.is_nan() { Self::BAD } else { place };
                        *out = table[place % Self::TABLE];
                    }
                }
            }
        }
    }
}

impl Cut {
    fn bucket(self, v: f32) -> u32 {
        match self {
            Self::Values { low, factor } => of_values(low, factor, v),
            Self::Keys { low, high, shift } => of_keys(low, high, shift, v),
        }
    }
}

/// Rounds a number to the nearest whole one from 0 to 256, of two equally near ones to either. NaN becomes 0.
#[inline(always)]
fn nearest(v: f32) -> u32 {
    // Not `clamp`, which keeps NaN.
    let v = if v > 0.0 { v } else { 0.0 };
    let v = if v < 256.0 { v } else { 256.0 };
    // From 2^23 to 2^24 floats are whole numbers, which are their lowest bits. This is faster than a conversion.
    (v + 8_388_608.0).to_bits() & 0x1ff
}

#[inline(always)]
fn of_values(low: f32, factor: f32, v: f32) -> u32 {
    let v = (v - low) * factor;
    let v = if v > 0.0 { v } else { 0.0 };
    let v = if v < 2047.0 { v } else { 2047.0 };
    (v + 8_388_608.0).to_bits() & 0x7ff
}

#[inline(always)]
fn of_keys(low: i32, high: i32, shift: u32, v: f32) -> u32 {
    // As `key`, in 32 bits.
    let bits = v.to_bits().cast_signed();
    let key = (bits ^ ((bits >> 31) & i32::MAX)).clamp(low, high);
    (key.wrapping_sub(low).cast_unsigned()) >> shift
}

/// Hundreds of numbers are of no use in a log.
impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{LutIndex, Norm, Scale};

    /// The place, in the first two bytes of its colour.
    fn places(scale: &Scale, values: &[f32]) -> Vec<usize> {
        let table = std::array::from_fn(|place| [place as u8, (place >> 8) as u8, 0, 0]);
        let mut out = vec![[0; 4]; values.len()];
        Lookup::new(scale.thresholds()).color(values, &table, &mut out);
        out.iter().map(|[low, high, ..]| usize::from(*low) + (usize::from(*high) << 8)).collect()
    }

    fn check(scale: &Scale) {
        let edges = scale.thresholds().edges;
        let ends = [scale.vmin(), scale.vmax(), scale.thresholds().low, scale.thresholds().high];
        let special =
            [0.0, f32::from_bits(1), f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NAN, f32::from_bits(0x7fc0_01ff)];
        let mut values: Vec<f32> = special.iter().flat_map(|v| [*v, -*v]).collect();
        // Both sides of every threshold, and between.
        for v in edges.iter().chain(&ends) {
            values.extend([v.next_down().next_down(), v.next_down(), *v, v.next_up(), v.next_up().next_up()]);
        }
        let width = f64::from(scale.vmax()) - f64::from(scale.vmin());
        values.extend((-200..2200).map(|i| (f64::from(scale.vmin()) + width * f64::from(i) / 2000.3) as f32));
        values.extend((0..u32::MAX).step_by(0x0008_0007).map(f32::from_bits));
        for (v, place) in values.iter().zip(places(scale, &values)) {
            let want = match scale.lut_index(*v) {
                LutIndex::Under => Lookup::UNDER,
                LutIndex::Entry(entry) => 1 + usize::from(entry),
                LutIndex::Over => Lookup::OVER,
                LutIndex::Bad => Lookup::BAD,
            };
            assert_eq!(place, want, "{v:e} ({:#x}) on {scale:?}", v.to_bits());
        }
    }

    #[test]
    fn every_norm_as_its_thresholds_say() {
        let tiny = f32::from_bits(0x0000_1000);
        for (norm, low, high) in [
            (Norm::Linear, -120.0, 0.0),
            (Norm::Linear, 0.0, 256.0),
            (Norm::Linear, 16_777_216.0, 16_777_300.0),
            (Norm::Linear, -1e38, 2e38),
            (Norm::Linear, -1e-30, 1e-30),
            (Norm::Log, 1.0, 10_000.0),
            (Norm::Log, 1e-37, 1e38),
            (Norm::Log, 1.0, 1.0001),
            (Norm::Power { gamma: 0.5 }, 0.0, 1.0),
            (Norm::Power { gamma: 3.0 }, -5.0, 70.0),
            (Norm::Power { gamma: 0.01 }, 0.0, 1.0),
            (Norm::SymLog { linthresh: 0.01 }, -100.0, 1000.0),
            (Norm::SymLog { linthresh: 1e-20 }, -1e20, 1e20),
            (Norm::TwoSlope { vcenter: 1.0 }, -1000.0, 1.5),
            (Norm::Centered { vcenter: 3.0 }, -7.0, 8.0),
        ] {
            check(&Scale::new(norm, low, high).unwrap());
        }
        assert!(Scale::linear(0.0, tiny).is_err());
    }
}
