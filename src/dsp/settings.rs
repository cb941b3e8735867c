//! The settings of an analysis.

use super::average::Average;
use super::error::DspError;
use super::grid::Grid;
use super::kind::SampleKind;
use super::window::Window;

/// Shortest FFT, in samples.
pub(super) const MIN_SIZE: usize = 16;
/// Longest FFT, in samples.
pub(super) const MAX_SIZE: usize = 4_194_304;
/// Longest hop, in samples; so that sums of sizes and hops fit 32 bits.
pub(super) const MAX_HOP: usize = 1 << 28;

/// The settings of an [`Analyzer`](super::Analyzer).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Length of the FFT, in samples: any number from 16 to 4,194,304. Powers of two are fastest; other products of 2,
    /// 3, 5, 7 and 11 take about twice as long, a size with a large prime factor about six times.
    pub size: usize,
    /// Samples from the start of one spectrum to the start of the next, 1 to 268,435,456. Up to `size` every sample
    /// counts; beyond it the samples between two spectra are skipped.
    pub hop: usize,
    /// Weights of the samples in a spectrum.
    pub window: Window,
    /// How spectra become rows.
    pub average: Average,
    /// The lowest and the highest frequency wanted, in Hz on the scale that the centre frequency sets. A row then has
    /// only the bins that this band touches; no other is averaged or converted to dB. `None`: the whole spectrum.
    pub band_hz: Option<(f64, f64)>,
}

impl Default for Settings {
    /// 2048 points, an overlap of one half, a Hann window, no average, the whole spectrum.
    fn default() -> Self {
        Self { size: 2048, hop: 1024, window: Window::Hann, average: Average::None, band_hz: None }
    }
}

impl Settings {
    /// These settings with the hop that makes spectra overlap by this fraction of their size: 0 for none, 0.5 for a
    /// half. The hop is rounded to whole samples, and at least 1.
    ///
    /// # Errors
    /// [`DspError::Overlap`] if `overlap` is below 0, 1 or more, or NaN.
    pub fn with_overlap(self, overlap: f64) -> Result<Self, DspError> {
        if !(0.0..1.0).contains(&overlap) {
            return Err(DspError::Overlap { got: overlap });
        }
        let hop = (self.size as f64 * (1.0 - overlap)).round() as usize;
        Ok(Self { hop: hop.max(1), ..self })
    }

    /// The fraction of a spectrum's samples that the next one uses again; below 0 if samples are skipped.
    pub fn overlap(&self) -> f64 {
        1.0 - self.hop as f64 / self.size as f64
    }

    /// Samples from the start of a row's first spectrum to the start of the time that the row stands for, which is one hop
    /// per spectrum, centred on its window's middle: (size − hop) / 2. Below 0 if samples are skipped.
    pub fn lead(&self) -> f64 {
        (self.size as f64 - self.hop as f64) / 2.0
    }

    /// Whether samples of this rate (in Hz) and kind, whose 0 Hz stands for `centre_hz`, fit these settings.
    ///
    /// # Errors
    /// The [`DspError`] of the first setting that is out of bounds.
    pub fn validate(&self, rate_hz: f64, kind: SampleKind, centre_hz: f64) -> Result<(), DspError> {
        self.grid(rate_hz, kind, centre_hz).map(|_| ())
    }

    /// Number of bins of a row, centre of the first, and distance between two, in Hz.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub(crate) fn layout(&self, rate_hz: f64, kind: SampleKind, centre_hz: f64) -> Result<(usize, f64, f64), DspError> {
        let grid = self.grid(rate_hz, kind, centre_hz)?;
        Ok((grid.bins.len(), grid.first_hz, grid.bin_hz))
    }

    /// The bins of a row, after all settings are checked.
    pub(super) fn grid(&self, rate_hz: f64, kind: SampleKind, centre_hz: f64) -> Result<Grid, DspError> {
        if !(rate_hz > 0.0 && rate_hz.is_finite()) {
            return Err(DspError::Rate { got: rate_hz });
        }
        if !centre_hz.is_finite() {
            return Err(DspError::Centre { got: centre_hz });
        }
        if !(MIN_SIZE..=MAX_SIZE).contains(&self.size) {
            return Err(DspError::Size { got: self.size });
        }
        if !(1..=MAX_HOP).contains(&self.hop) {
            return Err(DspError::Hop { got: self.hop });
        }
        self.window.validate()?;
        self.average.validate()?;
        Grid::new(rate_hz, kind, centre_hz, self.size, self.band_hz)
    }
}
