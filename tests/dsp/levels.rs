//! What a row reads for signals whose level is known on paper.

use std::f64::consts::TAU;

use ringfall::dsp::{Average, SampleKind, Settings, Window};

use super::{KINDS, Random, WINDOWS, analyzer, plain, rows, weight};

#[test]
fn a_sine_reads_its_level() {
    for window in WINDOWS {
        for size in [128, 1000, 4096, 16_384] {
            for level_db in [0.0, -6.0, -60.0] {
                let amplitude = 10_f64.powf(level_db / 20.0);
                // Well away from 0 Hz, where a real sine's other half would leak in.
                for bin in [size / 8, size / 4 + 1, size / 2 - 20] {
                    let phase = |n: usize| TAU * ((bin * n) % size) as f64 / size as f64 + 0.7;
                    let real: Vec<f32> = (0..size).map(|n| (amplitude * phase(n).cos()) as f32).collect();
                    let row =
                        rows(&mut analyzer(SampleKind::Real, &Settings { window, ..plain(size) }), &real).remove(0).1;
                    let got = f64::from(row[bin]);
                    assert!((got - level_db).abs() < 0.01, "real, {window}, {size}, {bin}: {got}, not {level_db}");

                    let complex: Vec<f32> = (0..size)
                        .flat_map(|n| [(amplitude * phase(n).cos()) as f32, (-amplitude * phase(n).sin()) as f32])
                        .collect();
                    let row = rows(&mut analyzer(SampleKind::Complex, &Settings { window, ..plain(size) }), &complex)
                        .remove(0)
                        .1;
                    let got = f64::from(row[size / 2 - bin]);
                    assert!((got - level_db).abs() < 0.01, "complex, {window}, {size}, −{bin}: {got}, not {level_db}");
                }
            }
        }
    }
}

/// Between two bins, where a flat top is for: published scalloping 0.01 dB, and 3.92 and 1.42 dB of the others.
#[test]
fn a_sine_between_bins_loses_the_scalloping() {
    let size = 1024;
    for (window, loss) in [
        (Window::Rectangular, 3.92),
        (Window::Hann, 1.42),
        (Window::Hamming, 1.75),
        (Window::BlackmanHarris, 0.83),
        (Window::FlatTop, 0.01),
    ] {
        let turn = |n: usize| TAU * 200.5 * n as f64 / size as f64;
        let samples: Vec<f32> = (0..size).flat_map(|n| [turn(n).cos() as f32, turn(n).sin() as f32]).collect();
        let row = rows(&mut analyzer(SampleKind::Complex, &Settings { window, ..plain(size) }), &samples).remove(0).1;
        let peak = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert!((f64::from(peak) + loss).abs() < 0.01, "{window}: {peak}, not −{loss}");
    }
}

#[test]
fn noise_reads_its_density_times_the_enbw() {
    let (size, spectra, rate) = (256, 4000, 1000.0);
    for kind in KINDS {
        let mut random = Random(3);
        let sigma = 0.05;
        let samples: Vec<f32> =
            (0..size * spectra * kind.values_per_sample()).map(|_| (sigma * random.normal()) as f32).collect();
        for window in WINDOWS {
            let settings = Settings { window, average: Average::Mean(spectra as u32), ..plain(size) };
            let mut analyzer = analyzer(kind, &settings);
            let enbw: f64 = {
                let weights: Vec<f64> = (0..size).map(|n| weight(window, n, size)).collect();
                size as f64 * weights.iter().map(|w| w * w).sum::<f64>() / weights.iter().sum::<f64>().powi(2)
            };
            assert!((analyzer.rbw_hz() - enbw * rate / size as f64).abs() < 1e-9, "{window}: {}", analyzer.rbw_hz());
            // Full-scale sine: power ½ over rate/2 for real samples, power 1 over the rate for complex ones, whose
            // noise has σ² in each half.
            let density = match kind {
                SampleKind::Real => sigma * sigma / 0.5 / (rate / 2.0),
                SampleKind::Complex => 2.0 * sigma * sigma / rate,
            };
            let expected = 10.0 * (density * analyzer.rbw_hz()).log10();
            let row = rows(&mut analyzer, &samples).remove(0).1;
            let (end, inner) = if kind == SampleKind::Real { (1, &row[1..row.len() - 1]) } else { (0, &row[..]) };
            let mean = inner.iter().map(|&db| 10_f64.powf(f64::from(db) / 10.0)).sum::<f64>() / inner.len() as f64;
            let got = 10.0 * mean.log10();
            assert!((got - expected).abs() < 0.1, "{kind:?}, {window}: {got}, not {expected}");
            // 0 Hz and half the rate have no mirror image, and so half the width of the others. The mean of 4000 powers
            // with one degree of freedom has a deviation of √(2/4000), 0.1 dB.
            for got in row[..end].iter().chain(&row[row.len() - end..]) {
                let expected = expected - 3.0103;
                assert!((f64::from(*got) - expected).abs() < 0.4, "ends, {window}: {got}, not {expected}");
            }
        }
    }
}

/// All bins together hold the power of the weighted samples (Parseval), down to those at 0 Hz and half the rate.
#[test]
fn power_adds_up() {
    let mut random = Random(4);
    for kind in KINDS {
        for window in WINDOWS {
            for size in [16, 17, 99, 100, 512] {
                let samples = random.values(size * kind.values_per_sample());
                let row = rows(&mut analyzer(kind, &Settings { window, ..plain(size) }), &samples).remove(0).1;
                let got: f64 = row.iter().map(|&db| 10_f64.powf(f64::from(db) / 10.0)).sum();
                let weights: Vec<f64> = (0..size).map(|n| weight(window, n, size)).collect();
                let energy: f64 = samples
                    .chunks(kind.values_per_sample())
                    .zip(&weights)
                    .map(|(x, w)| w * w * x.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>())
                    .sum();
                let sine = if kind == SampleKind::Real { 0.5 } else { 1.0 };
                let expected = energy / sine * size as f64 / weights.iter().sum::<f64>().powi(2);
                assert!((got / expected - 1.0).abs() < 1e-4, "{kind:?}, {window}, {size}: {got}, not {expected}");
            }
        }
    }
}

#[test]
fn a_constant_has_twice_the_power_of_a_sine() {
    for window in WINDOWS {
        let mut analyzer = analyzer(SampleKind::Real, &Settings { window, ..plain(64) });
        let constant = rows(&mut analyzer, &[1.0; 64]).remove(0).1;
        assert!((constant[0] - 3.0103).abs() < 0.001, "{window}: {}", constant[0]);
        let alternating: Vec<f32> = (0..64).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let row = rows(&mut analyzer, &alternating).remove(0).1;
        assert!((row[32] - 3.0103).abs() < 0.001, "{window}: {}", row[32]);
    }
}

#[test]
fn silence_is_no_power_at_all() {
    for kind in KINDS {
        for average in [Average::None, Average::Mean(2), Average::Max(2), Average::Exponential(0.5)] {
            let rows = rows(&mut analyzer(kind, &Settings { average, ..plain(40) }), &[0.0; 400]);
            assert!(!rows.is_empty() && rows.iter().all(|row| row.1.iter().all(|&db| db == f32::NEG_INFINITY)));
        }
    }
}
