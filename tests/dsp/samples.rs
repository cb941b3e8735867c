//! Which samples make which rows.

use ringfall::dsp::{Average, SampleKind, Settings, Window};

use super::{KINDS, Random, WINDOWS, analyzer, plain, rows};

#[test]
fn every_sample_counts_at_every_hop_up_to_the_size() {
    for kind in KINDS {
        let per = kind.values_per_sample();
        for window in WINDOWS {
            for (size, hop) in [(16, 1), (16, 5), (16, 15), (16, 16), (33, 32), (33, 33), (64, 64)] {
                for at in 0..2 * size {
                    // Long enough for the spectra that hold the impulse to come to their end.
                    let mut samples = vec![0.0; (at + 2 * size) * per];
                    samples[at * per] = 1.0;
                    let mut starts = Vec::new();
                    for (first, row) in rows(&mut analyzer(kind, &Settings { hop, window, ..plain(size) }), &samples) {
                        let seen = row.iter().all(|&db| db > -200.0);
                        assert!(seen || row.iter().all(|&db| db == f32::NEG_INFINITY));
                        if seen {
                            starts.push(first as usize);
                        }
                    }
                    let expected: Vec<usize> =
                        (0..).step_by(hop).take_while(|&start| start <= at).filter(|start| start + size > at).collect();
                    assert_eq!(starts, expected, "{kind:?}, {window}, size {size}, hop {hop}, sample {at}");
                }
            }
        }
    }
}

#[test]
fn a_hop_over_the_size_passes_samples_over() {
    for kind in KINDS {
        let mut samples = Random(5).values(100 * kind.values_per_sample());
        let spaced = rows(&mut analyzer(kind, &Settings { hop: 37, ..plain(20) }), &samples);
        assert_eq!(spaced.iter().map(|row| row.0).collect::<Vec<_>>(), [0, 37, 74]);
        for (first, row) in &spaced {
            let from = *first as usize * kind.values_per_sample();
            let alone = rows(&mut analyzer(kind, &plain(20)), &samples[from..]);
            assert_eq!(*row, alone[0].1);
        }
        // What is passed over is not looked at.
        samples[20 * kind.values_per_sample()..37 * kind.values_per_sample()].fill(f32::NAN);
        assert_eq!(rows(&mut analyzer(kind, &Settings { hop: 37, ..plain(20) }), &samples), spaced);
    }
}

#[test]
fn pieces_change_nothing() {
    let mut random = Random(6);
    for kind in KINDS {
        for (size, hop) in [(16, 16), (64, 1), (64, 23), (100, 100), (31, 50), (256, 192)] {
            for average in [Average::None, Average::Mean(3), Average::Max(2), Average::Exponential(0.3)] {
                let settings = Settings { size, hop, average, window: Window::Hann, band_hz: None };
                let samples = random.values(2000 * kind.values_per_sample());
                let mut analyzer = analyzer(kind, &settings);
                let whole = rows(&mut analyzer, &samples);
                assert!(whole.len() > 2);
                for longest in [1, 3, 40, 700] {
                    analyzer.reset();
                    let mut got = Vec::new();
                    let mut rest = &samples[..];
                    while !rest.is_empty() {
                        // Of any length, also 0, and for complex samples also between I and Q.
                        let length = (random.next() as usize % (longest + 1)).min(rest.len());
                        got.extend(rows(&mut analyzer, &rest[..length]));
                        rest = &rest[length..];
                    }
                    assert_eq!(got, whole, "{kind:?}, {settings:?}, pieces up to {longest}");
                }
            }
        }
    }
}

#[test]
fn averages_are_those_of_the_spectra() {
    let size = 32;
    let samples = Random(8).values(7 * size);
    let power = |db: &f32| 10_f64.powf(f64::from(*db) / 10.0);
    let single: Vec<Vec<f64>> = rows(&mut analyzer(SampleKind::Real, &plain(size)), &samples)
        .iter()
        .map(|row| row.1.iter().map(power).collect())
        .collect();
    let averaged = |average| rows(&mut analyzer(SampleKind::Real, &Settings { average, ..plain(size) }), &samples);
    let check = |got: &[f32], expected: &dyn Fn(usize) -> f64, what: &str| {
        for (bin, db) in got.iter().enumerate() {
            let expected = 10.0 * expected(bin).log10();
            assert!((f64::from(*db) - expected).abs() < 0.001, "{what}, bin {bin}: {db}, not {expected}");
        }
    };

    let mean = averaged(Average::Mean(3));
    assert_eq!(mean.iter().map(|row| row.0).collect::<Vec<_>>(), [0, 96]);
    check(&mean[0].1, &|bin| (single[0][bin] + single[1][bin] + single[2][bin]) / 3.0, "mean");
    check(&mean[1].1, &|bin| (single[3][bin] + single[4][bin] + single[5][bin]) / 3.0, "mean");

    let most = averaged(Average::Max(2));
    assert_eq!(most.iter().map(|row| row.0).collect::<Vec<_>>(), [0, 64, 128]);
    check(&most[1].1, &|bin| single[2][bin].max(single[3][bin]), "max");

    let fading = averaged(Average::Exponential(0.25));
    assert_eq!(fading.iter().map(|row| row.0).collect::<Vec<_>>(), [0, 32, 64, 96, 128, 160, 192]);
    check(&fading[2].1, &|bin| 0.25 * single[2][bin] + 0.75 * (0.25 * single[1][bin] + 0.75 * single[0][bin]), "exp");
}

#[test]
fn bad_samples_spoil_their_own_rows_only() {
    for kind in KINDS {
        let per = kind.values_per_sample();
        for average in [Average::None, Average::Mean(2), Average::Max(2), Average::Exponential(0.1)] {
            for (size, hop) in [(16, 16), (50, 20), (64, 64), (37, 37)] {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    for at in [0, 100, 163, 191] {
                        let settings = Settings { hop, average, window: Window::Hann, ..plain(size) };
                        let mut samples = Random(9).values(600 * per);
                        let good = rows(&mut analyzer(kind, &settings), &samples);
                        // Of a complex sample the Q alone.
                        samples[at * per + per - 1] = bad;
                        let got = rows(&mut analyzer(kind, &settings), &samples);
                        assert_eq!(got.len(), good.len());
                        let length = (average.spectra_per_row() as usize - 1) * hop + size;
                        for (got, good) in got.iter().zip(&good) {
                            let first = got.0 as usize;
                            let what = format!("{kind:?}, {settings:?}, {bad} at {at}, row from {first}");
                            if (first..first + length).contains(&at) {
                                assert!(got.1.iter().all(|db| !db.is_finite() && *db != f32::NEG_INFINITY), "{what}");
                                assert!(bad.is_infinite() || got.1.iter().all(|db| db.is_nan()), "{what}");
                            } else if let Average::Exponential(_) = average {
                                assert!(got.1.iter().all(|db| db.is_finite()), "{what}: {:?}", got.1);
                            } else {
                                assert_eq!(got.1, good.1, "{what}");
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn reset_starts_anew() {
    for kind in KINDS {
        for average in [Average::None, Average::Mean(2), Average::Exponential(0.1)] {
            let samples = Random(10).values(500 * kind.values_per_sample());
            let settings = Settings { hop: 40, average, ..plain(64) };
            let mut analyzer = analyzer(kind, &settings);
            let fresh = rows(&mut analyzer, &samples);
            // In the middle of a spectrum, of a row, and of a complex sample.
            analyzer.feed(&[1.0; 777], |_, _| ());
            analyzer.reset();
            assert_eq!(rows(&mut analyzer, &samples), fresh);
        }
    }
}
