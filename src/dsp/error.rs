//! Errors in the settings of an analysis.

use super::average::MAX_SPECTRA;
use super::settings::{MAX_HOP, MAX_SIZE, MIN_SIZE};
use super::window::{MAX_BETA, Window};

/// An invalid setting of an analysis. Each message names the setting, what was expected and what was given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DspError {
    /// The sample rate is not a number above 0.
    #[error("sample rate: expected a finite number of Hz above 0, got {got}")]
    Rate {
        /// The rate asked for, in Hz.
        got: f64,
    },
    /// The centre frequency is infinite or not a number.
    #[error("centre frequency: expected a finite number of Hz, got {got}")]
    Centre {
        /// The centre frequency asked for, in Hz.
        got: f64,
    },
    /// The FFT size is out of bounds.
    #[error("FFT size: expected {MIN_SIZE} to {MAX_SIZE} samples, got {got}")]
    Size {
        /// The size asked for, in samples.
        got: usize,
    },
    /// The hop is out of bounds.
    #[error("hop: expected 1 to {MAX_HOP} samples, got {got}")]
    Hop {
        /// The hop asked for, in samples.
        got: usize,
    },
    /// The overlap is out of bounds.
    #[error("overlap: expected a fraction from 0 up to but not including 1, got {got}")]
    Overlap {
        /// The overlap asked for, as a fraction of the FFT size.
        got: f64,
    },
    /// The parameter of a Kaiser window is out of bounds.
    #[error("Kaiser window: expected a beta from 0 to {MAX_BETA}, got {got}")]
    KaiserBeta {
        /// The β asked for.
        got: f64,
    },
    /// An average over no spectra, or over too many.
    #[error("average: expected 1 to {MAX_SPECTRA} spectra per row, got {got}")]
    AverageCount {
        /// The number of spectra asked for.
        got: u32,
    },
    /// The weight of an exponential average is out of bounds.
    #[error("exponential average: expected a weight above 0 and up to 1, got {got}")]
    AverageWeight {
        /// The weight asked for.
        got: f64,
    },
    /// The band is empty, or outside the frequencies of the samples.
    #[error("band: expected low < high within {span_low} to {span_high} Hz, got {low} to {high} Hz")]
    Band {
        /// Lower end of the band asked for, in Hz.
        low: f64,
        /// Upper end of the band asked for, in Hz.
        high: f64,
        /// Lowest frequency that the samples hold, in Hz.
        span_low: f64,
        /// Highest frequency that the samples hold, in Hz.
        span_high: f64,
    },
    /// A text that is not the name of a window.
    #[error("window: expected one of {}, got {got:?}", Window::NAMES.join(", "))]
    WindowName {
        /// The text.
        got: String,
    },
    /// A text that is not an average.
    #[error("average: expected none, mean:N, max:N or exp:WEIGHT (such as mean:8 or exp:0.1), got {got:?}")]
    AverageName {
        /// The text.
        got: String,
    },
}
