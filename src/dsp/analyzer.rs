//! Samples in, rows out.

use super::average::Averager;
use super::error::DspError;
use super::frames::Frames;
use super::grid::Grid;
use super::kind::SampleKind;
use super::settings::Settings;
use super::spectrum::Spectrum;
use super::window::enbw_bins;
use crate::decibel::to_decibels;

/// Turns samples into rows: computes windowed, overlapping spectra, averages them, and gives them out in dBFS.
///
/// The rows are the same to the bit, whatever pieces the samples come in. Nothing is allocated after
/// [`Analyzer::new`].
///
/// ```
/// use ringfall::dsp::{Analyzer, SampleKind, Settings};
///
/// let rate_hz = 48_000.0;
/// let mut analyzer = Analyzer::new(rate_hz, SampleKind::Real, 0.0, &Settings::default())?;
/// let sine: Vec<f32> = (0..8192).map(|n| (std::f32::consts::TAU * (n % 16) as f32 / 16.0).sin()).collect();
/// let bin = (3000.0 / analyzer.bin_hz()) as usize;
/// let mut rows = 0;
/// analyzer.feed(&sine, |_first_sample, row_db| {
///     assert!(row_db[bin].abs() < 0.001, "a full-scale sine is 0 dBFS");
///     rows += 1;
/// });
/// assert_eq!(rows, 7);
/// # Ok::<(), ringfall::dsp::DspError>(())
/// ```
pub struct Analyzer {
    rate_hz: f64,
    grid: Grid,
    enbw_bins: f64,
    hop: usize,
    spectra_per_row: u32,
    /// The first half of a complex sample; the next piece brings the other half.
    half: Option<f32>,
    values_per_sample: usize,
    frames: Frames,
    stages: Stages,
}

/// Processes the samples of one spectrum.
struct Stages {
    spectrum: Spectrum,
    averager: Averager,
    row: Vec<f32>,
}

impl Analyzer {
    /// An analyser for samples of this rate (in Hz) and kind. `centre_hz` is the frequency that 0 Hz in the samples
    /// stands for: the tuned frequency of a receiver of complex samples; the dial frequency of an upper-sideband receiver
    /// for its sound; 0 for plain sound.
    ///
    /// # Errors
    /// The [`DspError`] of the first setting that is out of bounds.
    pub fn new(rate_hz: f64, kind: SampleKind, centre_hz: f64, settings: &Settings) -> Result<Self, DspError> {
        let grid = settings.grid(rate_hz, kind, centre_hz)?;
        let Settings { size, hop, window, average, .. } = *settings;
        let weights = window.coefficients(size);
        let values_per_sample = kind.values_per_sample();
        Ok(Self {
            rate_hz,
            enbw_bins: enbw_bins(&weights),
            hop,
            spectra_per_row: average.spectra_per_row(),
            half: None,
            values_per_sample,
            frames: Frames::new(size * values_per_sample, hop * values_per_sample),
            stages: Stages {
                spectrum: Spectrum::new(kind, &weights, grid.bins.clone()),
                averager: Averager::new(average, grid.bins.len()),
                row: vec![0.0; grid.bins.len()],
            },
            grid,
        })
    }

    /// Bins in a row: those of the band, or of all of the spectrum (`size / 2 + 1` of real samples, `size` of complex
    /// ones).
    pub fn bins(&self) -> usize {
        self.grid.bins.len()
    }

    /// Centre of a row's first bin, in Hz; the others follow upwards.
    ///
    /// Without a band it is `centre_hz` for real samples. For complex ones it is half the rate below `centre_hz`, or
    /// half a bin nearer than that if the size is odd.
    pub fn first_hz(&self) -> f64 {
        self.grid.first_hz
    }

    /// Distance between two bins, in Hz: rate / size.
    pub fn bin_hz(&self) -> f64 {
        self.grid.bin_hz
    }

    /// Resolution bandwidth, in Hz: the window's equivalent noise bandwidth. Noise of D dBFS/Hz reads
    /// D + 10 log₁₀(RBW) dBFS in every bin, and 3.01 dB less in the end bins of a real spectrum (0 Hz and half the rate).
    pub fn rbw_hz(&self) -> f64 {
        self.enbw_bins * self.grid.bin_hz
    }

    /// Samples from the start of one row to the start of the next: the hop times the spectra in a row.
    pub fn hop_samples_per_row(&self) -> usize {
        // This can overflow only on a 32-bit machine, with a row that takes hours.
        self.hop.saturating_mul(self.spectra_per_row as usize)
    }

    /// Time from the start of one row to the start of the next, in nanoseconds.
    pub fn row_duration_ns(&self) -> f64 {
        self.hop as f64 * f64::from(self.spectra_per_row) / self.rate_hz * 1e9
    }

    /// Takes the next samples, any number of them, and calls `emit(first_sample, row_db)` for every row that they
    /// complete.
    ///
    /// Complex samples are I and Q in turn; a piece may end between the two. `first_sample` is the row's first
    /// sample, counted from 0 at [`Analyzer::new`] or [`Analyzer::reset`]. `row_db` has [`Analyzer::bins`] values in
    /// dBFS, where a sine (or a complex exponential) of amplitude 1.0 in the middle of a bin is 0. At the ends of a real
    /// spectrum, 0 Hz and half the rate, a constant 1.0 reads +3.01, as it has twice the power of that sine, and white
    /// noise reads 3.01 less than elsewhere, as these bins are half as wide.
    ///
    /// Zero power is −∞ dB. A spectrum that has a NaN or infinite sample has no finite value, nor has its row; other rows
    /// are not affected.
    pub fn feed(&mut self, samples: &[f32], emit: impl FnMut(u64, &[f32])) {
        self.feed_rows::<true>(samples, emit);
    }

    /// The same with rows of power, 1 for 0 dBFS: for those who reduce many rows to one, and convert only that to dB.
    pub(crate) fn feed_power(&mut self, samples: &[f32], emit: impl FnMut(u64, &[f32])) {
        self.feed_rows::<false>(samples, emit);
    }

    fn feed_rows<const DECIBEL: bool>(&mut self, samples: &[f32], mut emit: impl FnMut(u64, &[f32])) {
        let mut samples = samples;
        if self.values_per_sample == 2 {
            if let (Some(i), Some((&q, rest))) = (self.half, samples.split_first()) {
                self.half = None;
                self.feed_whole::<DECIBEL>(&[i, q], &mut emit);
                samples = rest;
            }
            if !samples.len().is_multiple_of(2)
                && let Some((&i, rest)) = samples.split_last()
            {
                self.half = Some(i);
                samples = rest;
            }
        }
        self.feed_whole::<DECIBEL>(samples, &mut emit);
    }

    /// Discards all samples so far and the unfinished row, for use after a gap. The next sample is number 0.
    pub fn reset(&mut self) {
        self.half = None;
        self.frames.reset();
        self.stages.averager.reset();
    }

    /// Takes whole samples.
    fn feed_whole<const DECIBEL: bool>(&mut self, samples: &[f32], emit: &mut impl FnMut(u64, &[f32])) {
        let hop = self.hop as u64;
        let Stages { spectrum, averager, row } = &mut self.stages;
        self.frames.feed(samples, |number, head, tail| {
            spectrum.power(head, tail, row);
            if let Some(first) = averager.push(number * hop, row) {
                if DECIBEL {
                    to_decibels(row);
                }
                emit(first, row);
            }
        });
    }
}
