//! Against a direct Fourier transform in double precision.

use std::f64::consts::TAU;

use ringfall::dsp::{SampleKind, Settings, Window};

use super::{KINDS, Random, WINDOWS, analyzer, plain, rows, weight};

/// A row's power, relative to a full-scale sine, straight from the definition.
fn direct(kind: SampleKind, window: Window, samples: &[f32]) -> Vec<f64> {
    let per = kind.values_per_sample();
    let size = samples.len() / per;
    let weights: Vec<f64> = (0..size).map(|n| weight(window, n, size)).collect();
    let sum: f64 = weights.iter().sum();
    // The bin numbers in ascending frequency.
    let bins: Vec<i64> = match kind {
        SampleKind::Real => (0..=size as i64 / 2).collect(),
        SampleKind::Complex => (-(size as i64 / 2)..(size as i64 + 1) / 2).collect(),
    };
    // e^(−2πi j / size) for all j: the product of bin and sample number is taken modulo the size, exactly.
    let turns: Vec<(f64, f64)> = (0..size).map(|j| (-TAU * j as f64 / size as f64).sin_cos()).collect();
    bins.iter()
        .map(|&bin| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, x) in samples.chunks(per).enumerate() {
                let (s, c) = turns[(bin * n as i64).rem_euclid(size as i64) as usize];
                let (i, q) = (f64::from(x[0]) * weights[n], if per == 2 { f64::from(x[1]) * weights[n] } else { 0.0 });
                re += i * c - q * s;
                im += i * s + q * c;
            }
            let alone = bin == 0 || 2 * bin == size as i64;
            let factor = match kind {
                SampleKind::Complex => 1.0,
                SampleKind::Real if alone => 2.0,
                SampleKind::Real => 4.0,
            };
            factor * (re * re + im * im) / (sum * sum)
        })
        .collect()
}

#[test]
fn agrees_with_a_direct_transform() {
    let mut random = Random(1);
    // All short lengths; then powers of two and their neighbours, primes, and products of small primes.
    let lengths: Vec<usize> =
        (16..=80).chain([97, 100, 127, 128, 129, 210, 243, 255, 256, 343, 509, 512, 625, 1000, 1023, 1024]).collect();
    for kind in KINDS {
        for window in WINDOWS {
            for &size in &lengths {
                let samples = random.values(size * kind.values_per_sample());
                let settings = Settings { window, ..plain(size) };
                let got = rows(&mut analyzer(kind, &settings), &samples);
                assert_eq!(got.len(), 1);
                let expected = direct(kind, window, &samples);
                assert_eq!(got[0].1.len(), expected.len(), "{kind:?}, {window}, {size}: bins");
                let total: f64 = expected.iter().sum();
                for (bin, (&db, power)) in got[0].1.iter().zip(&expected).enumerate() {
                    // An error of 10⁻⁶ of the spectrum's amplitude, single precision's, and 0.0002 dB of the
                    // logarithm.
                    let amplitude = 10_f64.powf(f64::from(db) / 20.0);
                    let error = (amplitude - power.sqrt()).abs();
                    let bound = 1e-6 * total.sqrt() + 2.3e-5 * power.sqrt();
                    assert!(error < bound, "{kind:?}, {window}, size {size}, bin {bin}: {db} dB, not {power}");
                }
            }
        }
    }
}

/// Long transforms at some of their bins: all of them would take hours.
#[test]
fn agrees_with_a_direct_transform_when_long() {
    let mut random = Random(2);
    for kind in KINDS {
        for size in [65_536, 80_000, 65_537, 4_194_304] {
            let per = kind.values_per_sample();
            let samples = random.values(size * per);
            let settings = Settings { window: Window::BlackmanHarris, ..plain(size) };
            let mut analyzer = analyzer(kind, &settings);
            let (first, bin_hz) = (analyzer.first_hz(), analyzer.bin_hz());
            let row = rows(&mut analyzer, &samples).remove(0).1;
            let weights: Vec<f64> = (0..size).map(|n| weight(settings.window, n, size)).collect();
            let sum: f64 = weights.iter().sum();
            for bin in [1, 7, size / 3, size / 2 - 1] {
                let hz = first + bin as f64 * bin_hz;
                let turn = (hz / 1000.0 * size as f64).round() as i64;
                let (mut re, mut im) = (0.0, 0.0);
                for (n, x) in samples.chunks(per).enumerate() {
                    let j = (turn * n as i64).rem_euclid(size as i64);
                    let (s, c) = (-TAU * j as f64 / size as f64).sin_cos();
                    let (i, q) =
                        (f64::from(x[0]) * weights[n], if per == 2 { f64::from(x[1]) * weights[n] } else { 0.0 });
                    re += i * c - q * s;
                    im += i * s + q * c;
                }
                let expected = (if per == 1 { 2.0 } else { 1.0 }) * re.hypot(im) / sum;
                let got = 10_f64.powf(f64::from(row[bin]) / 20.0);
                // Noise of this length has an amplitude of about 1/√size in a bin.
                let bound = 2e-6 / (size as f64).sqrt() + 2.3e-5 * expected;
                assert!((got - expected).abs() < bound, "{kind:?}, size {size}, bin {bin}: {got}, not {expected}");
            }
        }
    }
}
