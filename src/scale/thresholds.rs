//! A scale as thresholds, with which the CPU and the GPU compare a value.

use std::fmt;
use std::ops::RangeInclusive;

use super::LutIndex;
use super::norm::Curve;

/// The largest number that a GPU may flush to 0.
const LARGEST_SUBNORMAL: f32 = f32::from_bits(0x007f_ffff);

/// Where the entries begin, in the units of the values that they are compared with: `lut_index` in `shaders/shade.wgsl`.
///
/// With these numbers it makes no difference whether values nearer to 0 than [`f32::MIN_POSITIVE`] are flushed to 0.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Thresholds {
    /// The least value in the range, and the largest.
    pub(crate) low: f32,
    pub(crate) high: f32,
    /// `256 / (high - low)` where all entries are equally wide, so that `(v - low) · factor` is the entry and
    /// its fraction, less than half an entry off; else 0.
    pub(crate) factor: f32,
    /// `edges[k]` is the smallest value of entry `k` or above, ascending; −∞ for entry 0, and +∞ after the last entry.
    pub(crate) edges: [f32; Self::EDGES],
}

impl Thresholds {
    /// The number of thresholds: where 256 entries begin, and where the last one ends.
    pub(crate) const EDGES: usize = 257;

    /// The thresholds of a norm whose range is `vmin` to `vmax`.
    pub(super) fn new(curve: &Curve, vmin: f32, vmax: f32) -> Self {
        let mut edges = Self::unbounded();
        let entry = |key| ((curve.at)(f64::from(value(key))) * 256.0).floor();
        let (first, last) = (key(vmin), key(vmax));
        if curve.is_linear {
            let width = (curve.high - curve.low) / 256.0;
            for (edge, k) in edges[1..256].iter_mut().zip((1..).map(f64::from)) {
                let guess = key((curve.low + k * width) as f32);
                *edge = begin(value(find(first..=last, Some(guess), |key| entry(key) >= k)));
            }
        } else {
            // The one in the middle first: it bounds the search for the others.
            let mut open = vec![(1, 255, first, last)];
            while let Some((from, to, low, high)) = open.pop() {
                let middle = usize::midpoint(from, to);
                let key = find(low..=high, None, |key| entry(key) >= middle as f64);
                edges[middle] = begin(value(key));
                open.extend((from < middle).then(|| (from, middle - 1, low, key.min(high))));
                open.extend((middle < to).then(|| (middle + 1, to, key.min(high), high)));
            }
        }
        let factor = if curve.is_linear { (256.0 / (curve.high - curve.low)) as f32 } else { 0.0 };
        Self { low: begin(vmin), high: end(vmax), factor, edges }
    }

    /// The same in other units: `to` turns a number of these units, which lies in `range`, into a value. It must rise.
    /// `guess` approximates its inverse.
    pub(crate) fn in_units(
        &self,
        range: RangeInclusive<f32>,
        to: impl Fn(f32) -> f32,
        guess: impl Fn(f32) -> f32,
    ) -> Self {
        let keys = key(*range.start())..=key(*range.end());
        let first = |edge: f32, test: &dyn Fn(f32) -> bool| {
            let found = find(keys.clone(), Some(key(guess(edge))), |key| test(to(value(key))));
            (found <= *keys.end()).then(|| value(found))
        };
        let edge = |edge: f32| first(edge, &|v| v >= edge).map_or(f32::INFINITY, begin);
        let mut edges = Self::unbounded();
        edges[1..256].iter_mut().zip(&self.edges[1..256]).for_each(|(to, from)| *to = edge(*from));
        let high = first(self.high, &|v| v > self.high).map_or(f32::INFINITY, |above| end(above.next_down()));
        Self { low: edge(self.low), high, factor: 0.0, edges }
    }

    fn unbounded() -> [f32; Self::EDGES] {
        let mut edges = [f32::INFINITY; Self::EDGES];
        edges[0] = f32::NEG_INFINITY;
        edges
    }

    pub(crate) fn lut_index(&self, v: f32) -> LutIndex {
        if v.is_nan() {
            LutIndex::Bad
        } else if v < self.low {
            LutIndex::Under
        } else if v > self.high {
            LutIndex::Over
        } else if self.factor > 0.0 {
            LutIndex::Entry(self.beside(self.nearest_edge(v) as usize, v) as u8)
        } else {
            LutIndex::Entry(self.search(v) as u8)
        }
    }

    /// The edge nearest to a value in the range if all entries are equally wide, or, in the middle of an entry, either of its
    /// two edges: the computed position is less than half an entry off.
    fn nearest_edge(&self, v: f32) -> i32 {
        // Above 255.5 it is the last one. NaN becomes 0.
        (((v - self.low) * self.factor).clamp(0.0, 255.5) + 0.5) as i32
    }

    /// The entry of a value that lies in one of the two entries next to this edge.
    fn beside(&self, edge: usize, v: f32) -> usize {
        // All values of a range lie above the first edge and below the last.
        (edge + usize::from(v >= self.edges[edge])).saturating_sub(1)
    }

    /// The entry of a value in the range: how many thresholds are at or below it.
    pub(super) fn search(&self, v: f32) -> usize {
        let mut entry = 0;
        for step in [128, 64, 32, 16, 8, 4, 2, 1] {
            entry += if self.edges[entry + step] <= v { step } else { 0 };
        }
        entry
    }
}

/// 257 numbers are of no use in a log.
impl fmt::Debug for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thresholds").field("low", &self.low).field("high", &self.high).finish_non_exhaustive()
    }
}

/// An edge such that `v >= edge` gives the same result for all values that a GPU may flush to 0 as for 0.
fn begin(edge: f32) -> f32 {
    if edge.abs() >= f32::MIN_POSITIVE {
        edge
    } else if edge > 0.0 {
        f32::MIN_POSITIVE
    } else {
        -LARGEST_SUBNORMAL
    }
}

/// An upper end such that `v > end` gives the same result for all values that a GPU may flush to 0 as for 0.
fn end(end: f32) -> f32 {
    if end.abs() >= f32::MIN_POSITIVE {
        end
    } else if end < 0.0 {
        -f32::MIN_POSITIVE
    } else {
        LARGEST_SUBNORMAL
    }
}

/// Floats as integers in the same order.
pub(super) fn key(v: f32) -> i64 {
    let bits = v.to_bits().cast_signed();
    i64::from(bits ^ ((bits >> 31) & i32::MAX))
}

fn value(key: i64) -> f32 {
    let bits = key as i32;
    f32::from_bits((bits ^ ((bits >> 31) & i32::MAX)).cast_unsigned())
}

/// The first of these keys for which `test` holds, as it must for all later ones; the one after the last if it holds for
/// none. Fast if the guess is near.
fn find(keys: RangeInclusive<i64>, guess: Option<i64>, test: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (*keys.start(), *keys.end() + 1);
    if let Some(guess) = guess {
        // Growing steps away from the guess, until the place is passed.
        let guess = guess.clamp(low, high - 1);
        let mut step = 1;
        if test(guess) {
            high = guess;
            while low < high {
                let before = (high - step).max(low);
                if !test(before) {
                    low = before + 1;
                    break;
                }
                high = before;
                step *= 2;
            }
        } else {
            low = guess + 1;
            while low < high {
                let behind = (low + step - 1).min(high - 1);
                if test(behind) {
                    high = behind;
                    break;
                }
                low = behind + 1;
                step *= 2;
            }
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if test(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_rise_with_values() {
        let near = [0.0, f32::from_bits(1), f32::MIN_POSITIVE, 1.0, 1.0_f32.next_up(), f32::MAX, f32::INFINITY];
        let all: Vec<f32> = near.iter().rev().map(|v| -v).chain(near).collect();
        assert!(all.windows(2).all(|two| key(two[0]) < key(two[1])), "{all:?}");
        assert!(all.iter().all(|v| value(key(*v)).to_bits() == v.to_bits()));
        assert_eq!(key(0.0), key(-0.0) + 1);
    }

    #[test]
    fn the_first_is_found_from_every_guess() {
        for first in 0..=20 {
            for guess in (-5..30).map(Some).chain([None]) {
                assert_eq!(find(0..=19, guess, |key| key >= first), first, "guess {guess:?}");
            }
        }
    }
}
