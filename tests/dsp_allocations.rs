//! Checks that the analyser allocates nothing while it runs. A test binary of its own, since the counter sees all threads.

#![cfg(feature = "dsp")]
#[path = "common/allocations.rs"]
mod allocations;

use ringfall::dsp::{Analyzer, Average, SampleKind, Settings, Window};

// The only test here: another one's allocations would be counted too.
#[test]
fn feed_allocates_nothing() {
    let samples: Vec<f32> = (0..40_000).map(|n| (n as f32 * 0.1).sin()).collect();
    let mut analysers = Vec::new();
    for kind in [SampleKind::Real, SampleKind::Complex] {
        for average in [Average::None, Average::Mean(3), Average::Max(3), Average::Exponential(0.1)] {
            // A power of two, small primes, and a prime (which takes another algorithm), with and without overlap.
            for (size, hop) in [(16, 16), (1024, 1024), (1000, 100), (1021, 700), (4096, 5000)] {
                let settings = Settings { size, hop, average, window: Window::Hann, band_hz: None };
                analysers.push(Analyzer::new(48_000.0, kind, 0.0, &settings).expect("good settings"));
            }
        }
    }
    let before = allocations::calls();
    assert!(before > 100, "the counter does not count");
    let mut rows = 0;
    for analyser in &mut analysers {
        for length in [40_000, 7777, 64, 1] {
            for piece in samples[..8000.max(length)].chunks(length) {
                analyser.feed(piece, |_, row| rows += row.len());
            }
            analyser.reset();
        }
    }
    assert_eq!(allocations::calls() - before, 0);
    assert!(rows > 100_000);
}
