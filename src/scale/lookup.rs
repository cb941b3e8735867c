//! The places of many values in a colour table, by comparisons with few thresholds.

use std::fmt;

use super::thresholds::{Thresholds, key};

/// Finds the place of each value in a table of colours: [`UNDER`](Self::UNDER), the 256 entries, [`OVER`](Self::OVER) and
/// [`BAD`](Self::BAD).
///
/// The result is that of [`Thresholds::lut_index`] for every value: arithmetic only says which thresholds to compare with, or that
/// none is near. The line of numbers is cut into buckets by a function that never falls as values rise. So thresholds in lower
/// buckets are below the value, those in higher ones above it, and only those in its own bucket are compared.
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
    Even(Even),
    /// No bucket has more than one edge: for each the edge, or NaN, and the number of edges below the bucket.
    Single { cut: Cut, buckets: Vec<(f32, u32)> },
    /// The number of edges below each bucket, and how many comparisons a search within one takes.
    Several { cut: Cut, below: Vec<u16>, steps: u32 },
}

/// The position of a value among edges that are equally far apart: `(v - low) · factor`, which is `k` at edge `k`.
#[derive(Clone, Copy)]
struct Even {
    low: f32,
    factor: f32,
    /// A position that is farther from every whole number than this lies on the same side of it as the value does of the edge. At least
    /// half if that cannot be said.
    margin: f32,
}

/// How values are cut into buckets.
#[derive(Clone, Copy)]
enum Cut {
    /// Equally wide ones.
    Values { low: f32, factor: f32 },
    /// Equally many floats in each, as for a logarithm.
    Keys { low: i32, high: i32, shift: u32 },
    /// The same for a range above 0, where keys are the bits.
    Bits { low: f32, high: f32, shift: u32 },
}

/// Values that are looked at together.
const SOME: usize = 64;
/// Values beside each other lie on edges more often than by chance, as whole numbers do. After some that do, so many times as many are
/// looked up with comparisons.
const CAREFUL: u32 = 16;

impl Lookup {
    /// The place of values below the range. Entry `k` is in place `1 + k`.
    pub(crate) const UNDER: usize = 0;
    /// The place of values above the range.
    pub(crate) const OVER: usize = 257;
    /// The place of NaN.
    pub(crate) const BAD: usize = 258;
    /// The length of a table that every place lies in, whatever the compiler knows of it.
    pub(crate) const TABLE: usize = 512;

    const BUCKETS: usize = 2048;

    pub(crate) fn new(thresholds: &Thresholds) -> Self {
        let mut edges = [f32::NAN; 512];
        edges[..256].copy_from_slice(&thresholds.edges[..256]);
        (edges[0], edges[256]) = (thresholds.low, thresholds.high.next_up());
        let (low, high) = (edges[0], edges[256]);
        if thresholds.factor > 0.0 {
            return Self { edges, way: Way::Even(Even::new(low, thresholds.factor, &edges)) };
        }
        let spread = (f64::from(high) - f64::from(low)).max(f64::from(f32::MIN_POSITIVE));
        let factor = ((Self::BUCKETS - 1) as f64 / spread) as f32;
        let values = Cut::Values { low, factor: if factor.is_finite() { factor } else { 0.0 } };
        let (first, last) = (key(low) as i32, key(high) as i32);
        let span = (i64::from(last) - i64::from(first)).max(1) as u64;
        let shift = (64 - span.leading_zeros()).saturating_sub(Self::BUCKETS.ilog2());
        let keys = if low > 0.0 && high < f32::INFINITY {
            Cut::Bits { low, high, shift }
        } else {
            Cut::Keys { low: first, high: last, shift }
        };
        let ways = [values, keys].map(|cut| Self::buckets(&edges[..257], cut));
        let [values, keys] = ways;
        let way = if keys.1 < values.1 { keys.0 } else { values.0 };
        Self { edges, way }
    }

    /// The buckets of these edges, and the most edges in one of them.
    fn buckets(edges: &[f32], cut: Cut) -> (Way, usize) {
        let mut counts = vec![0_u16; Self::BUCKETS];
        let mut last = vec![f32::NAN; Self::BUCKETS];
        for edge in edges {
            let bucket = cut.bucket(*edge) as usize % Self::BUCKETS;
            counts[bucket] += 1;
            last[bucket] = *edge;
        }
        let most = usize::from(counts.iter().copied().max().unwrap_or(0));
        let mut all = 0;
        let below = counts.iter().map(|count| {
            all += count;
            all - count
        });
        let way = if most <= 1 {
            Way::Single { cut, buckets: last.into_iter().zip(below.map(u32::from)).collect() }
        } else {
            Way::Several { cut, below: below.collect(), steps: usize::BITS - most.leading_zeros() }
        };
        (way, most)
    }

    /// The colours of these values.
    pub(crate) fn color<C: Copy>(&self, values: &[f32], table: &[C; Self::TABLE], out: &mut [C]) {
        match &self.way {
            Way::Even(even) => self.color_even(*even, values, table, out),
            Way::Single { cut, buckets } => {
                let Some(buckets) = buckets.first_chunk() else { return };
                match *cut {
                    Cut::Values { low, factor } => single(buckets, values, table, out, |v| of_values(low, factor, v)),
                    Cut::Keys { low, high, shift } => {
                        single(buckets, values, table, out, |v| of_keys(low, high, shift, v));
                    }
                    Cut::Bits { low, high, shift } => {
                        single(buckets, values, table, out, |v| of_bits(low, high, shift, v));
                    }
                }
            }
            Way::Several { cut, below, steps } => self.color_several(*cut, below, *steps, values, table, out),
        }
    }

    fn color_even<C: Copy>(&self, even: Even, values: &[f32], table: &[C; Self::TABLE], out: &mut [C]) {
        let (values, last) = values.as_chunks::<SOME>();
        let (out, out_last) = out.as_chunks_mut::<SOME>();
        let mut places = [0; SOME];
        let mut careful = 0;
        for (out, values) in out.iter_mut().zip(values) {
            if careful > 0 {
                careful -= 1;
            } else if even.places(values, &mut places) {
                for (out, place) in out.iter_mut().zip(&places) {
                    *out = table[*place as usize % Self::TABLE];
                }
                continue;
            } else {
                careful = CAREFUL;
            }
            self.compare(even, values, table, out);
        }
        self.compare(even, last, table, out_last);
    }

    /// At most [`SOME`] values, each compared with the nearest edge.
    fn compare<C: Copy>(&self, even: Even, values: &[f32], table: &[C; Self::TABLE], out: &mut [C]) {
        let mut near = [0_u32; SOME];
        // Vectorised: all of it is arithmetic. Then a comparison for each, and two look-ups.
        for (near, v) in near.iter_mut().zip(values) {
            *near = nearest((v - even.low) * even.factor);
            // No edge is there.
            *near = if v.is_nan() { Self::BAD as u32 } else { *near };
        }
        for ((out, v), near) in out.iter_mut().zip(values).zip(&near) {
            let edge = *near as usize % Self::TABLE;
            *out = table[(edge + usize::from(*v >= self.edges[edge])) % Self::TABLE];
        }
    }

    fn color_several<C: Copy>(
        &self,
        cut: Cut,
        below: &[u16],
        steps: u32,
        values: &[f32],
        table: &[C; Self::TABLE],
        out: &mut [C],
    ) {
        let Some(below) = below.first_chunk::<{ Self::BUCKETS }>() else { return };
        let mut near = [0_u32; SOME];
        for (out, values) in out.chunks_mut(SOME).zip(values.chunks(SOME)) {
            near.iter_mut().zip(values).for_each(|(near, v)| *near = cut.bucket(*v));
            for ((out, v), near) in out.iter_mut().zip(values).zip(&near) {
                let mut place = usize::from(below[*near as usize % below.len()]);
                for step in (0..steps).rev() {
                    let edge = (place + (1 << step) - 1) % Self::TABLE;
                    place += usize::from(*v >= self.edges[edge]) << step;
                }
                place = if v.is_nan() { Self::BAD } else { place };
                *out = table[place % Self::TABLE];
            }
        }
    }
}

/// The colours of values in buckets that have one edge at most.
#[inline(always)]
fn single<C: Copy>(
    buckets: &[(f32, u32); Lookup::BUCKETS],
    values: &[f32],
    table: &[C; Lookup::TABLE],
    out: &mut [C],
    bucket: impl Fn(f32) -> u32,
) {
    let mut near = [0_u32; SOME];
    for (out, values) in out.chunks_mut(SOME).zip(values.chunks(SOME)) {
        let mut bad = 0;
        for (near, v) in near.iter_mut().zip(values) {
            *near = bucket(*v);
            bad |= u32::from(v.is_nan());
        }
        for ((out, v), near) in out.iter_mut().zip(values).zip(&near) {
            let (edge, below) = buckets[*near as usize % Lookup::BUCKETS];
            *out = table[(below as usize + usize::from(*v >= edge)) % Lookup::TABLE];
        }
        if bad != 0 {
            for (out, v) in out.iter_mut().zip(values) {
                *out = if v.is_nan() { table[Lookup::BAD] } else { *out };
            }
        }
    }
}

impl Even {
    fn new(low: f32, factor: f32, edges: &[f32; 512]) -> Self {
        let mut even = Self { low, factor, margin: 0.0 };
        // Positions never fall as values rise. So a value at or above an edge is not at a lower position than the edge, and one below it
        // not at a higher position than the next float below the edge.
        for (edge, k) in edges[..257].iter().zip((0_u16..).map(f32::from)) {
            let (at, before) = (even.position(*edge), even.position(edge.next_down()));
            even.margin = even.margin.max(k - at).max(before - k);
        }
        if even.margin >= 0.2 {
            even.margin = 1.0;
        }
        even
    }

    #[inline(always)]
    fn position(self, v: f32) -> f32 {
        (v - self.low) * self.factor
    }

    /// The places of these values. False if one of them may lie on an edge, or is NaN; then they are of no use.
    #[inline(always)]
    fn places(self, values: &[f32; SOME], places: &mut [u32; SOME]) -> bool {
        let mut doubt = 0;
        for (place, v) in places.iter_mut().zip(values) {
            let at = self.position(*v);
            // Not `clamp`, which is slower; both keep NaN.
            let at = if at < -0.25 { -0.25 } else { at };
            let at = if at > 256.25 { 256.25 } else { at };
            // From 2^23 to 2^24 floats are whole numbers, which are their lowest bits.
            let whole = at + 12_582_912.0;
            let rest = at - (whole - 12_582_912.0);
            #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "NaN is in doubt")]
            let near = !(rest.abs() > self.margin);
            doubt |= u32::from(near);
            *place = (whole.to_bits() + u32::from(rest > 0.0)) & 0x1ff;
        }
        doubt == 0
    }
}

impl Cut {
    fn bucket(self, v: f32) -> u32 {
        match self {
            Self::Values { low, factor } => of_values(low, factor, v),
            Self::Keys { low, high, shift } => of_keys(low, high, shift, v),
            Self::Bits { low, high, shift } => of_bits(low, high, shift, v),
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

/// NaN is in the first bucket.
#[inline(always)]
fn of_bits(low: f32, high: f32, shift: u32, v: f32) -> u32 {
    // Not `clamp`, which keeps NaN.
    let v = if v > low { v } else { low };
    let v = if v < high { v } else { high };
    (v.to_bits() - low.to_bits()) >> shift
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
