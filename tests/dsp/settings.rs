//! What the settings do, and which are refused.

use std::f64::consts::TAU;

use ringfall::dsp::{Analyzer, Average, DspError, SampleKind, Settings, Window};

use super::{KINDS, Random, analyzer, plain, rows};

#[test]
fn a_band_is_a_part_of_the_whole() {
    let mut random = Random(7);
    for kind in KINDS {
        for size in [64, 101, 1000] {
            for average in [Average::None, Average::Mean(2), Average::Exponential(0.2)] {
                let centre = 7_040_000.0;
                let samples = random.values(6 * size * kind.values_per_sample());
                let settings = Settings { average, window: Window::Hamming, ..plain(size) };
                let mut whole = Analyzer::new(1000.0, kind, centre, &settings).expect("good settings");
                let all = rows(&mut whole, &samples);
                let (span_low, span_high) = kind.span_hz(1000.0, centre);
                for (low, high) in [(0.0, 1.0), (0.0, 0.3), (0.4, 0.6), (0.5, 0.501), (0.7, 1.0)] {
                    let span = span_high - span_low;
                    let band = (span_low + low * span, span_low + high * span);
                    let settings = Settings { band_hz: Some(band), ..settings };
                    let mut part = Analyzer::new(1000.0, kind, centre, &settings).expect("good settings");
                    assert_eq!(part.bin_hz(), whole.bin_hz());
                    let skipped = ((part.first_hz() - whole.first_hz()) / whole.bin_hz()).round() as usize;
                    let last = part.first_hz() + (part.bins() - 1) as f64 * part.bin_hz();
                    let half = 0.5 * part.bin_hz() * (1.0 + 1e-6);
                    assert!((part.first_hz() - band.0).abs() <= 2.0 * half, "{} for {}", part.first_hz(), band.0);
                    assert!(part.first_hz() - half <= band.0 || skipped == 0);
                    assert!(last + half >= band.1 || skipped + part.bins() == whole.bins(), "{last} for {}", band.1);
                    let expected: Vec<_> =
                        all.iter().map(|(first, row)| (*first, row[skipped..skipped + part.bins()].to_vec())).collect();
                    assert_eq!(rows(&mut part, &samples), expected, "{kind:?}, {size}, {average}, {low} to {high}");
                }
            }
        }
    }
}

/// The case of slow Morse: 100 Hz out of 4 kHz, at 0.1 Hz a bin.
#[test]
fn a_narrow_band_at_a_tenth_of_a_hertz() {
    let settings = Settings {
        size: 80_000,
        hop: 8000,
        window: Window::Hann,
        average: Average::None,
        band_hz: Some((1450.0, 1550.0)),
    };
    let mut analyzer = Analyzer::new(8000.0, SampleKind::Real, 10_138_500.0, &Settings { band_hz: None, ..settings })
        .expect("good settings");
    assert_eq!((analyzer.bins(), analyzer.first_hz()), (40_001, 10_138_500.0));
    analyzer = Analyzer::new(8000.0, SampleKind::Real, 0.0, &settings).expect("good settings");
    assert_eq!((analyzer.bins(), analyzer.first_hz(), analyzer.bin_hz()), (1001, 1450.0, 0.1));
    assert_eq!((analyzer.hop_samples_per_row(), analyzer.row_duration_ns()), (8000, 1e9));
    assert!((analyzer.rbw_hz() - 0.15).abs() < 1e-12);
    let samples: Vec<f32> =
        (0..80_000).map(|n| (0.001 * (TAU * 1512.3 * f64::from(n) / 8000.0).sin()) as f32).collect();
    let row = rows(&mut analyzer, &samples).remove(0).1;
    let peak = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).expect("a row has bins");
    assert_eq!(peak, 623, "1450 Hz + 623 · 0.1 Hz");
    assert!((row[peak] + 60.0).abs() < 0.01, "{}", row[peak]);
}

#[test]
fn numbers_of_a_row() {
    let settings = Settings { hop: 300, average: Average::Mean(4), ..plain(1000) };
    let analyzer = Analyzer::new(48_000.0, SampleKind::Complex, 1e6, &settings).expect("good settings");
    assert_eq!((analyzer.bins(), analyzer.first_hz(), analyzer.bin_hz()), (1000, 976_000.0, 48.0));
    assert_eq!((analyzer.hop_samples_per_row(), analyzer.row_duration_ns(), analyzer.rbw_hz()), (1200, 25e6, 48.0));
}

#[test]
fn bad_settings_are_named() {
    let good = plain(1024);
    let error = |rate: f64, centre: f64, settings: Settings| {
        let refused = settings.validate(rate, SampleKind::Complex, centre).expect_err("bad settings");
        let error = Analyzer::new(rate, SampleKind::Complex, centre, &settings).err().expect("bad settings");
        // Not by ==, as some of them hold a NaN.
        assert_eq!(error.to_string(), refused.to_string());
        error
    };
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = error(rate, 0.0, good);
        assert!(matches!(error, DspError::Rate { .. }));
        assert_eq!(error.to_string(), format!("sample rate: expected a finite number of Hz above 0, got {rate}"));
    }
    for centre in [f64::NAN, f64::NEG_INFINITY] {
        assert!(matches!(error(1.0, centre, good), DspError::Centre { .. }));
    }
    for size in [0, 1, 15, 4_194_305, usize::MAX] {
        let error = error(1.0, 0.0, Settings { size, ..good });
        assert_eq!(error, DspError::Size { got: size });
        assert_eq!(error.to_string(), format!("FFT size: expected 16 to 4194304 samples, got {size}"));
    }
    for hop in [0, (1 << 28) + 1, usize::MAX] {
        assert_eq!(error(1.0, 0.0, Settings { hop, ..good }), DspError::Hop { got: hop });
    }
    for beta in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
        let error = error(1.0, 0.0, Settings { window: Window::Kaiser(beta), ..good });
        assert_eq!(error.to_string(), format!("Kaiser window: expected a beta from 0 to 100, got {beta}"));
    }
    for average in [Average::Mean(0), Average::Max(0), Average::Mean(1_000_001)] {
        assert!(matches!(error(1.0, 0.0, Settings { average, ..good }), DspError::AverageCount { .. }));
    }
    for weight in [0.0, -0.5, 1.5, f64::NAN] {
        let error = error(1.0, 0.0, Settings { average: Average::Exponential(weight), ..good });
        assert!(matches!(error, DspError::AverageWeight { .. }));
    }
    let error = error(8000.0, 0.0, Settings { band_hz: Some((1000.0, 4500.0)), ..good });
    assert_eq!(error.to_string(), "band: expected low < high within -4000 to 4000 Hz, got 1000 to 4500 Hz");
}

#[test]
fn overlap_sets_the_hop() {
    let settings = plain(1000);
    for (overlap, hop) in [(0.0, 1000), (0.5, 500), (0.75, 250), (0.9996, 1), (0.99999, 1), (0.3333, 667)] {
        let settings = settings.with_overlap(overlap).expect("good overlap");
        assert_eq!(settings.hop, hop);
    }
    assert_eq!(Settings { hop: 250, ..settings }.overlap(), 0.75);
    assert_eq!(Settings { hop: 1500, ..settings }.overlap(), -0.5);
    for overlap in [-0.1, 1.0, 2.0, f64::NAN] {
        let error = settings.with_overlap(overlap).expect_err("bad overlap");
        assert_eq!(
            error.to_string(),
            format!("overlap: expected a fraction from 0 up to but not including 1, got {overlap}")
        );
    }
}

#[test]
fn an_analyzer_moves_between_threads() {
    fn moves<T: Send + 'static>(_: &T) {}
    moves(&analyzer(SampleKind::Real, &plain(16)));
}
