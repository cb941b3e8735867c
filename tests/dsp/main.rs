//! Rows of the analyser against a direct Fourier transform in double precision, and against figures worked out by
//! hand.

#![cfg(feature = "dsp")]

mod direct;
mod levels;
#[path = "../common/random.rs"]
mod random;
mod samples;
mod settings;

use std::f64::consts::TAU;

use random::Random;
use ringfall::dsp::{Analyzer, Average, SampleKind, Settings, Window};

const WINDOWS: [Window; 7] = [
    Window::Rectangular,
    Window::Hann,
    Window::Hamming,
    Window::BlackmanHarris,
    Window::FlatTop,
    Window::Kaiser(0.0),
    Window::Kaiser(8.6),
];
const KINDS: [SampleKind; 2] = [SampleKind::Real, SampleKind::Complex];

impl Random {
    /// Normal, of mean 0 and variance 1 (Box and Muller).
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (TAU * self.unit()).cos()
    }

    fn values(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (2.0 * self.unit() - 1.0) as f32).collect()
    }
}

fn plain(size: usize) -> Settings {
    Settings { size, hop: size, window: Window::Rectangular, average: Average::None, band_hz: None }
}

fn analyzer(kind: SampleKind, settings: &Settings) -> Analyzer {
    Analyzer::new(1000.0, kind, 0.0, settings).expect("good settings")
}

fn rows(analyzer: &mut Analyzer, samples: &[f32]) -> Vec<(u64, Vec<f32>)> {
    let mut rows = Vec::new();
    analyzer.feed(samples, |first, row| rows.push((first, row.to_vec())));
    rows
}

/// The window from its definition, without the crate's code: a mirror of the formulas in the documentation.
fn weight(window: Window, n: usize, size: usize) -> f64 {
    let x = TAU * (n as f64 + 0.5) / size as f64;
    match window {
        Window::Rectangular => 1.0,
        Window::Hann => (x / 2.0).sin().powi(2),
        Window::Hamming => 0.54 - 0.46 * x.cos(),
        Window::BlackmanHarris => 0.35875 - 0.48829 * x.cos() + 0.14128 * (2.0 * x).cos() - 0.01168 * (3.0 * x).cos(),
        Window::FlatTop => {
            0.21557895 - 0.41663158 * x.cos() + 0.277263158 * (2.0 * x).cos() - 0.083578947 * (3.0 * x).cos()
                + 0.006947368 * (4.0 * x).cos()
        }
        Window::Kaiser(beta) => {
            let r = (2.0 * n as f64 + 1.0) / size as f64 - 1.0;
            bessel(beta * (1.0 - r * r).sqrt()) / bessel(beta)
        }
        _ => panic!("a window that this test does not know"),
    }
}

/// I₀ by its integral, (1/π) ∫₀^π e^(x cos θ) dθ: the crate sums a series.
fn bessel(x: f64) -> f64 {
    let steps = 64;
    (0..steps).map(|i| (x * (TAU / 2.0 * (f64::from(i) + 0.5) / f64::from(steps)).cos()).exp()).sum::<f64>()
        / f64::from(steps)
}
