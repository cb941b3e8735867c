//! Samples to power: window and Fourier transform.

mod even;

use std::ops::Range;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use self::even::Even;
use super::kind::SampleKind;

/// The power of the bins of a row, from the samples of one spectrum.
///
/// Power is relative to that of a full-scale sine. The factor for it is part of the weights, so it is free: for
/// complex samples x and weights w, with S = Σw, the power of bin k is |Σ xₙ wₙ e^(−2πikn/N)|² / S², which is A² for
/// A e^(iωn) in the middle of a bin.
///
/// A real sine of amplitude A is two such, of amplitude A/2, of which a one-sided spectrum shows one: its factor is
/// (2/S)². The bins at 0 Hz and, where N is even, at half the rate stand alone. They hold a power of |X|²/S², and so
/// measured in sines of full scale, whose power is ½, their factor is 2/S². So the bins' power always adds up to that
/// of the signal (times ENBW): a constant 1.0, or ±1.0 at half the rate, has twice the power of a sine of amplitude 1
/// and reads +3.01 dBFS, the AES17 level of a full-scale square wave. White noise has the same mean |X|² in every bin, and
/// so reads 3.01 dB less in these two.
pub(super) enum Spectrum {
    Even(Even),
    Real(RealSpectrum),
    Complex(ComplexSpectrum),
}

/// For an odd number of real samples.
pub(super) struct RealSpectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    weights: Vec<f32>,
    weighted: Vec<f32>,
    out: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    bins: Range<usize>,
}

/// For complex samples.
pub(super) struct ComplexSpectrum {
    fft: Arc<dyn Fft<f32>>,
    weights: Vec<f32>,
    weighted: Vec<Complex<f32>>,
    out: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// The row's bins in the FFT's order: those below 0 Hz, then those from 0 Hz on.
    below: Range<usize>,
    above: Range<usize>,
}

impl Spectrum {
    /// `bins` are those of the row, counted from the lowest frequency.
    pub(super) fn new(kind: SampleKind, weights: &[f64], bins: Range<usize>) -> Self {
        let size = weights.len();
        let sum: f64 = weights.iter().sum();
        let scaled = |factor: f64| weights.iter().map(|w| (w * factor / sum) as f32).collect();
        match kind {
            SampleKind::Real if size.is_multiple_of(2) => Self::Even(Even::new(scaled(1.0), bins)),
            SampleKind::Real => {
                let fft = RealFftPlanner::new().plan_fft_forward(size);
                Self::Real(RealSpectrum {
                    weights: scaled(2.0),
                    weighted: fft.make_input_vec(),
                    out: fft.make_output_vec(),
                    scratch: fft.make_scratch_vec(),
                    fft,
                    bins,
                })
            }
            SampleKind::Complex => {
                let fft = FftPlanner::new().plan_fft_forward(size);
                let negative = size / 2;
                let positive = size - negative;
                let zero = Complex::new(0.0, 0.0);
                Self::Complex(ComplexSpectrum {
                    weights: scaled(1.0),
                    weighted: vec![zero; size],
                    out: vec![zero; size],
                    scratch: vec![zero; fft.get_outofplace_scratch_len()],
                    fft,
                    below: bins.start.min(negative) + positive..bins.end.min(negative) + positive,
                    above: bins.start.max(negative) - negative..bins.end.max(negative) - negative,
                })
            }
        }
    }

    /// Writes the power of the row's bins to `power`. The samples are `head` and then `tail`.
    pub(super) fn power(&mut self, head: &[f32], tail: &[f32], power: &mut [f32]) {
        match self {
            Self::Even(even) => even.power(head, tail, power),
            Self::Real(real) => real.power(head, tail, power),
            Self::Complex(complex) => complex.power(head, tail, power),
        }
    }
}

impl RealSpectrum {
    fn power(&mut self, head: &[f32], tail: &[f32], power: &mut [f32]) {
        let (weighted, rest) = self.weighted.split_at_mut(head.len());
        let (weights, more) = self.weights.split_at(head.len());
        for (weighted, samples, weights) in [(weighted, head, weights), (rest, tail, more)] {
            for ((out, x), w) in weighted.iter_mut().zip(samples).zip(weights) {
                *out = x * w;
            }
        }
        self.fft
            .process_with_scratch(&mut self.weighted, &mut self.out, &mut self.scratch)
            .expect("the buffers were made by this plan");
        norms(&self.out[self.bins.clone()], power);
        if self.bins.start == 0 {
            power[0] *= 0.5;
        }
    }
}

impl ComplexSpectrum {
    fn power(&mut self, head: &[f32], tail: &[f32], power: &mut [f32]) {
        let (weighted, rest) = self.weighted.split_at_mut(head.len() / 2);
        let (weights, more) = self.weights.split_at(head.len() / 2);
        for (weighted, samples, weights) in [(weighted, head, weights), (rest, tail, more)] {
            for ((out, &[i, q]), w) in weighted.iter_mut().zip(samples.as_chunks().0).zip(weights) {
                *out = Complex::new(i * w, q * w);
            }
        }
        self.fft.process_outofplace_with_scratch(&mut self.weighted, &mut self.out, &mut self.scratch);
        let (below, above) = power.split_at_mut(self.below.len());
        norms(&self.out[self.below.clone()], below);
        norms(&self.out[self.above.clone()], above);
    }
}

fn norms(bins: &[Complex<f32>], power: &mut [f32]) {
    for (power, bin) in power.iter_mut().zip(bins) {
        *power = bin.norm_sqr();
    }
}
