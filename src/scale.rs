//! From a value to a place in the colour table.

use thiserror::Error;

/// How many entries the table has that a scale leads into.
const ENTRIES: f32 = 256.0;

/// The least `vmax - vmin`, about 3.0e-36. Below it the factor would turn differences that a GPU may flush to zero (below
/// [`f32::MIN_POSITIVE`]) into whole entries, and the picture would depend on the adapter.
const LEAST_RANGE: f32 = ENTRIES * f32::MIN_POSITIVE;

/// Where a value falls in a [`Colormap`](crate::Colormap): on one of its 256 entries, or on one of its three other colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LutIndex {
    /// Below `vmin`; so is −∞.
    Under,
    /// From `vmin` to `vmax`, both included: the entry's number.
    Entry(u8),
    /// Above `vmax`; so is +∞.
    Over,
    /// Not a number: no data, or a gap.
    Bad,
}

/// The range of values that the colours stand for: linear, from `vmin` (first entry) to `vmax` (last entry).
///
/// The 256 entries share the range evenly, each as wide as the others, as with Matplotlib's `Normalize` and a colormap of
/// 256 entries. The units are those of the rows, dB as a rule.
///
/// Values are `f32` and the arithmetic is that of the shader, one subtraction and one multiplication, so the CPU and the
/// GPU choose the same entry. The one exception are values other than 0 that are nearer to 0 than [`f32::MIN_POSITIVE`]:
/// a GPU may take them for 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    vmin: f32,
    vmax: f32,
    factor: f32,
}

impl Default for Scale {
    /// From −120 to 0, which suits dBFS.
    fn default() -> Self {
        let (vmin, vmax) = (-120.0, 0.0);
        Self { vmin, vmax, factor: ENTRIES / (vmax - vmin) }
    }
}

impl Scale {
    /// A linear scale from `vmin` to `vmax`, in the units of the rows.
    ///
    /// # Errors
    /// Where either is NaN or infinite, where `vmin` is not below `vmax`, and where the two are so near to each other
    /// (3.0e-36) or so far apart (3.4e38) that `f32` cannot express 256 steps between them.
    pub fn linear(vmin: f32, vmax: f32) -> Result<Self, ScaleError> {
        if !(vmin.is_finite() && vmax.is_finite()) {
            return Err(ScaleError::NotFinite { vmin, vmax });
        }
        if vmin >= vmax {
            return Err(ScaleError::NotAscending { vmin, vmax });
        }
        let range = vmax - vmin;
        if range < LEAST_RANGE {
            return Err(ScaleError::TooNarrow { vmin, vmax });
        }
        if range.is_infinite() {
            return Err(ScaleError::TooWide { vmin, vmax });
        }
        Ok(Self { vmin, vmax, factor: ENTRIES / range })
    }

    /// The value where the first entry begins.
    pub fn vmin(&self) -> f32 {
        self.vmin
    }

    /// The value where the last entry ends.
    pub fn vmax(&self) -> f32 {
        self.vmax
    }

    /// What `value - vmin` is multiplied with to give the entry, `256 / (vmax - vmin)`. The shader gets this very number
    /// rather than divide: a GPU's division need not be rounded correctly, its subtraction and multiplication are.
    pub(crate) fn factor(&self) -> f32 {
        self.factor
    }

    /// Where `value` falls: `min(255, floor((value - vmin) · 256 / (vmax - vmin)))` inside the range.
    pub fn lut_index(&self, value: f32) -> LutIndex {
        if value.is_nan() {
            LutIndex::Bad
        } else if value < self.vmin {
            LutIndex::Under
        } else if value > self.vmax {
            LutIndex::Over
        } else {
            // Subtract, then multiply, in this order: there is no product followed by a sum that a compiler could fuse.
            // The cast cuts towards zero, which is the floor here, and saturates at 255.
            LutIndex::Entry(((value - self.vmin) * self.factor()) as u8)
        }
    }
}

/// Why two values cannot be the ends of a [`Scale`].
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ScaleError {
    /// One of the ends is NaN or infinite.
    #[error("vmin and vmax must be finite numbers, got vmin = {vmin} and vmax = {vmax}")]
    NotFinite {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The range is empty or upside down.
    #[error("vmin must be less than vmax, got vmin = {vmin} and vmax = {vmax}")]
    NotAscending {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The range is too small for 256 steps in `f32`.
    #[error("vmin and vmax must be at least {LEAST_RANGE:e} apart, got vmin = {vmin:e} and vmax = {vmax:e}")]
    TooNarrow {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The range itself is beyond `f32`.
    #[error("vmax - vmin must not exceed {:e}, got vmin = {vmin:e} and vmax = {vmax:e}", f32::MAX)]
    TooWide {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scale(vmin: f32, vmax: f32) -> Scale {
        Scale::linear(vmin, vmax).unwrap()
    }

    /// The next `f32` above and below.
    fn up(x: f32) -> f32 {
        x.next_up()
    }
    fn down(x: f32) -> f32 {
        x.next_down()
    }

    #[test]
    fn figures_by_hand() {
        use LutIndex::*;
        // 128 dB over 256 entries: half a dB each, exact in f32.
        let s = scale(-128.0, 0.0);
        for (value, expected) in [
            (-128.0, Entry(0)),
            (-127.75, Entry(0)),
            (-127.5, Entry(1)),
            (-64.25, Entry(127)),
            (-64.0, Entry(128)),
            (-0.5, Entry(255)),
            (-0.25, Entry(255)),
            (0.0, Entry(255)),
            (-129.0, Under),
            (0.125, Over),
        ] {
            assert_eq!(s.lut_index(value), expected, "{value}");
        }
        // 100 dB: 0.390625 dB each. 10 dB up is 25.6 entries, 50 dB 128, 99.6 dB 254.976, 99.7 dB 255.232.
        let s = scale(-100.0, 0.0);
        for (value, expected) in [(-90.0, 25), (-50.0, 128), (-50.01, 127), (-0.4, 254), (-0.3, 255), (0.0, 255)] {
            assert_eq!(s.lut_index(value), Entry(expected), "{value}");
        }
    }

    #[test]
    fn ends_belong_to_the_range() {
        for (vmin, vmax) in
            [(-120.0, -20.0), (0.0, 1.0), (-3.7, 11.3), (1e-30, 1e-29), (-1e38, 1e38), (16_777_216.0, 16_777_218.0)]
        {
            let s = scale(vmin, vmax);
            assert_eq!(s.lut_index(vmin), LutIndex::Entry(0));
            assert_eq!(s.lut_index(vmax), LutIndex::Entry(255));
            assert_eq!(s.lut_index(down(vmin)), LutIndex::Under);
            assert_eq!(s.lut_index(up(vmax)), LutIndex::Over);
        }
    }

    #[test]
    fn entries_begin_exactly_at_their_edge() {
        let s = scale(0.0, 256.0);
        for entry in 0..=255u8 {
            assert_eq!(s.lut_index(f32::from(entry)), LutIndex::Entry(entry));
            assert_eq!(s.lut_index(down(f32::from(entry) + 1.0)), LutIndex::Entry(entry));
        }
    }

    #[test]
    fn what_is_no_number() {
        let s = scale(-1.0, 1.0);
        assert_eq!(s.lut_index(f32::NAN), LutIndex::Bad);
        assert_eq!(s.lut_index(-f32::NAN), LutIndex::Bad);
        assert_eq!(s.lut_index(f32::INFINITY), LutIndex::Over);
        assert_eq!(s.lut_index(f32::NEG_INFINITY), LutIndex::Under);
        let widest = scale(-1.7e38, 1.7e38);
        assert_eq!(widest.lut_index(f32::INFINITY), LutIndex::Over);
        assert_eq!(widest.lut_index(f32::NEG_INFINITY), LutIndex::Under);
        assert_eq!(widest.lut_index(0.0), LutIndex::Entry(128));
    }

    #[test]
    fn the_sign_of_zero_does_not_matter() {
        assert_eq!(scale(0.0, 1.0).lut_index(-0.0), LutIndex::Entry(0));
        assert_eq!(scale(-0.0, 1.0).lut_index(0.0), LutIndex::Entry(0));
        assert_eq!(scale(-1.0, 0.0).lut_index(-0.0), LutIndex::Entry(255));
        assert_eq!(scale(-1.0, -0.0).lut_index(0.0), LutIndex::Entry(255));
        assert!(matches!(Scale::linear(-0.0, 0.0), Err(ScaleError::NotAscending { .. })));
    }

    #[test]
    fn ends_that_are_refused() {
        for (vmin, vmax) in [(f32::NAN, 1.0), (0.0, f32::NAN), (f32::NEG_INFINITY, 0.0), (0.0, f32::INFINITY)] {
            assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::NotFinite { .. })), "{vmin} {vmax}");
        }
        for (vmin, vmax) in [(0.0, 0.0), (-20.0, -20.0), (1.0, -1.0)] {
            assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::NotAscending { .. })), "{vmin} {vmax}");
        }
        for (vmin, vmax) in [(0.0, f32::from_bits(1)), (0.0, f32::MIN_POSITIVE), (0.0, 3.0e-36), (-1.5e-36, 1.5e-36)] {
            assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::TooNarrow { .. })), "{vmin:e} {vmax:e}");
        }
        for (vmin, vmax) in [(f32::MIN, f32::MAX), (-2e38, 2e38)] {
            assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::TooWide { .. })), "{vmin:e} {vmax:e}");
        }
        let message = Scale::linear(-20.0, -20.0).unwrap_err().to_string();
        assert_eq!(message, "vmin must be less than vmax, got vmin = -20 and vmax = -20");
        let message = Scale::linear(f32::MIN, f32::MAX).unwrap_err().to_string();
        assert_eq!(
            message,
            "vmax - vmin must not exceed 3.4028235e38, got vmin = -3.4028235e38 and vmax = 3.4028235e38"
        );
    }

    #[test]
    fn nothing_a_gpu_may_flush_reaches_an_entry() {
        // In the narrowest range allowed, the largest difference below the least normal number is still in entry 0.
        let s = scale(0.0, 3.02e-36);
        assert_eq!(s.lut_index(down(f32::MIN_POSITIVE)), LutIndex::Entry(0));
    }

    proptest! {
        /// Against the definition in f64, except where rounding in f32 may rightly decide for the neighbour.
        #[test]
        fn agrees_with_f64(vmin in -300.0f32..300.0, range in 1e-3f32..600.0, at in -0.1f64..1.1) {
            let s = scale(vmin, vmin + range);
            let (lo, hi) = (f64::from(s.vmin()), f64::from(s.vmax()));
            let value = (lo + at * (hi - lo)) as f32;
            let expected = (f64::from(value) - lo) * 256.0 / (hi - lo);
            // Three roundings (range, factor, product) and that of the difference, each half a unit in the last place.
            let unsure = 256.0 * 4.0 * f64::from(f32::EPSILON) + f64::from(f32::EPSILON) * 600.0 / (hi - lo);
            match s.lut_index(value) {
                LutIndex::Under => prop_assert!(f64::from(value) < lo),
                LutIndex::Over => prop_assert!(f64::from(value) > hi),
                LutIndex::Bad => prop_assert!(false, "{} is a number", value),
                LutIndex::Entry(entry) => {
                    prop_assert!(lo <= f64::from(value) && f64::from(value) <= hi);
                    if (expected - expected.round()).abs() > unsure {
                        prop_assert_eq!(f64::from(entry), expected.floor().min(255.0));
                    } else {
                        prop_assert!((f64::from(entry) - expected.floor()).abs() <= 1.0);
                    }
                }
            }
        }

        /// More is never fewer: the entry grows with the value, whatever the range.
        #[test]
        fn never_goes_down(vmin in -1e30f32..1e30, vmax in -1e30f32..1e30, a in any::<f32>(), b in any::<f32>()) {
            prop_assume!(vmin < vmax && !a.is_nan() && !b.is_nan());
            let s = scale(vmin, vmax);
            let place = |x| match s.lut_index(x) {
                LutIndex::Under => -1,
                LutIndex::Entry(entry) => i32::from(entry),
                LutIndex::Over => 256,
                LutIndex::Bad => unreachable!("not a NaN"),
            };
            prop_assert!(place(a.min(b)) <= place(a.max(b)));
        }
    }
}
