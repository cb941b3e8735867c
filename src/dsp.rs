//! Samples to rows: window, Fourier transform, average, decibels.
//!
//! An [`Analyzer`] takes real or complex samples in pieces of any size and gives out rows in dBFS, where 0 dBFS is a sine of
//! full scale (amplitude 1.0), whatever the [`Window`]. It has no input or output, no clock and no thread.
//!
//! The values: a carrier reads its level (less the window's scalloping, if it lies between two bins);
//! noise reads its density plus 10 log₁₀ of the RBW, [`Analyzer::rbw_hz`].
//!
//! The two end bins of a real spectrum, at 0 Hz and at half the rate, are exceptions. A real signal has every other
//! frequency twice, at f and at −f; a row shows one side with the power of both. The end bins are their own mirror image,
//! so they hold one side only, half the width of the others. Hence white noise reads 3.01 dB less there than elsewhere,
//! and a constant 1.0, which has twice the power of a full-scale sine, reads +3.01 dBFS. The power of all bins together is
//! that of the signal. A complex spectrum has no such bins.

mod analyzer;
mod average;
mod error;
mod frames;
mod grid;
mod kind;
mod settings;
mod spectrum;
mod window;

pub use analyzer::Analyzer;
pub use average::Average;
pub use error::DspError;
pub use kind::SampleKind;
pub use settings::Settings;
pub use window::Window;
