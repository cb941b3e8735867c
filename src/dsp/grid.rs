//! The frequencies of a row's bins.

use std::ops::Range;

use super::error::DspError;
use super::kind::SampleKind;

/// The bins of a row among those of the whole spectrum, in ascending frequency.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The row's bins; 0 is the lowest of the whole spectrum.
    pub(super) bins: Range<usize>,
    /// Centre of the row's first bin, in Hz.
    pub(super) first_hz: f64,
    /// Distance between two bins, in Hz.
    pub(super) bin_hz: f64,
}

impl Grid {
    /// `rate_hz`, `centre_hz` and `size` must be valid.
    pub(super) fn new(
        rate_hz: f64,
        kind: SampleKind,
        centre_hz: f64,
        size: usize,
        band_hz: Option<(f64, f64)>,
    ) -> Result<Self, DspError> {
        let bin_hz = rate_hz / size as f64;
        let (bins, below_zero) = match kind {
            SampleKind::Real => (size / 2 + 1, 0),
            SampleKind::Complex => (size, size / 2),
        };
        let hz = |bin: usize| centre_hz + (bin as f64 - below_zero as f64) * bin_hz;
        let Some((low, high)) = band_hz else {
            return Ok(Self { bins: 0..bins, first_hz: hz(0), bin_hz });
        };

        let (span_low, span_high) = kind.span_hz(rate_hz, centre_hz);
        // A frequency that was summed or converted before may be off in the last digits.
        let slack = 1e-6 * bin_hz;
        if !(low < high && low >= span_low - slack && high <= span_high + slack) {
            return Err(DspError::Band { low, high, span_low, span_high });
        }
        // A bin reaches half of `bin_hz` to either side. The ends are clamped, as the last bin of a complex spectrum
        // lies up to a bin below half the rate.
        let nearest =
            |hz: f64| ((hz - centre_hz) / bin_hz + below_zero as f64).round().clamp(0.0, (bins - 1) as f64) as usize;
        let first = nearest(low);
        Ok(Self { bins: first..nearest(high) + 1, first_hz: hz(first), bin_hz })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SampleKind::{Complex, Real};

    fn grid(kind: SampleKind, centre: f64, size: usize, band: Option<(f64, f64)>) -> (Range<usize>, f64, f64) {
        let grid = Grid::new(1000.0, kind, centre, size, band).expect("good settings");
        (grid.bins, grid.first_hz, grid.bin_hz)
    }

    #[test]
    fn whole_spectra() {
        assert_eq!(grid(Real, 0.0, 100, None), (0..51, 0.0, 10.0));
        assert_eq!(grid(Real, 0.0, 125, None), (0..63, 0.0, 8.0));
        assert_eq!(grid(Real, 7e6, 100, None), (0..51, 7e6, 10.0));
        assert_eq!(grid(Complex, 0.0, 100, None), (0..100, -500.0, 10.0));
        assert_eq!(grid(Complex, 7e6, 100, None), (0..100, 7e6 - 500.0, 10.0));
        // An odd size has no bin at half the rate.
        assert_eq!(grid(Complex, 0.0, 125, None), (0..125, -496.0, 8.0));
    }

    #[test]
    fn bands() {
        assert_eq!(grid(Real, 0.0, 100, Some((100.0, 200.0))), (10..21, 100.0, 10.0));
        // Bins reach half of their distance to either side.
        assert_eq!(grid(Real, 0.0, 100, Some((96.0, 204.0))), (10..21, 100.0, 10.0));
        assert_eq!(grid(Real, 0.0, 100, Some((94.0, 206.0))), (9..22, 90.0, 10.0));
        assert_eq!(grid(Real, 0.0, 100, Some((101.0, 102.0))), (10..11, 100.0, 10.0));
        assert_eq!(grid(Real, 0.0, 100, Some((0.0, 500.0))), grid(Real, 0.0, 100, None));
        assert_eq!(grid(Complex, 1e4, 100, Some((9500.0, 10500.0))), grid(Complex, 1e4, 100, None));
        assert_eq!(grid(Complex, 1e4, 100, Some((9990.0, 10010.0))), (49..52, 9990.0, 10.0));
        assert_eq!(grid(Complex, 0.0, 125, Some((-500.0, 0.0))), (0..63, -496.0, 8.0));
        // A sum of tenths that is not quite the end.
        assert_eq!(grid(Real, 0.0, 100, Some((0.0, 500.0 + 1e-9))), grid(Real, 0.0, 100, None));
    }

    #[test]
    fn bands_that_are_none() {
        for (low, high) in [
            (100.0, 100.0),
            (200.0, 100.0),
            (-10.0, 100.0),
            (100.0, 501.0),
            (600.0, 700.0),
            (f64::NAN, 100.0),
            (100.0, f64::NAN),
            (f64::NEG_INFINITY, f64::INFINITY),
        ] {
            let error = Grid::new(1000.0, Real, 0.0, 100, Some((low, high))).expect_err("no band");
            assert!(matches!(error, DspError::Band { span_low: 0.0, span_high: 500.0, .. }), "{error:?}");
        }
    }
}
