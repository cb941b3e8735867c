//! `--stft`: how many samples a second the analysis takes.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use ringfall::dsp::{Analyzer, SampleKind, Settings};
use serde_json::json;

use super::args::Args;
use super::machine;
use super::report::{rounded, table};
use crate::terminal::{say, text};

const SIZES: [usize; 8] = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
/// Samples per call, as from a fast source; or one spectrum, if that is longer.
const PIECE: usize = 65_536;
/// How long a rate is measured, and how often; the best counts, since what else runs only ever makes it worse.
const TIME: Duration = Duration::from_millis(150);
const TIMES: usize = 3;

/// The results for one FFT size.
struct Rate {
    size: usize,
    kind: SampleKind,
    threads: usize,
    samples_per_s: f64,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let sizes = args.fft().map_or(SIZES.to_vec(), |size| vec![size]);
    let mut rates = Vec::new();
    for &size in &sizes {
        for kind in [SampleKind::Real, SampleKind::Complex] {
            for threads in [1, 2] {
                let mut best = 0_f64;
                for _ in 0..TIMES {
                    best = best.max(measure(size, kind, threads)?);
                }
                rates.push(Rate { size, kind, threads, samples_per_s: best });
            }
        }
    }
    if args.json {
        for rate in &rates {
            let line = json!({
                "peer": "ringfall",
                "stft": rate.size,
                "kind": if rate.kind == SampleKind::Real { "real" } else { "complex" },
                "threads": rate.threads,
                "samples_per_s": rate.samples_per_s.round(),
                "rows_per_s": rounded(rate.samples_per_s / rate.size as f64),
                "load": machine::load(),
            });
            say(line)?;
        }
        return Ok(());
    }
    say(format_args!("Machine: {}", machine::processor()))?;
    say(format_args!(
        "Millions of samples a second, every one used once (no overlap, Hann window, dB); best of {TIMES}:\n"
    ))?;
    let rows: Vec<Vec<String>> = rates
        .chunks(4)
        .map(|rates| {
            let mut cells = vec![rates[0].size.to_string()];
            cells.extend(rates.iter().map(|rate| format!("{:.1}", rate.samples_per_s * 1e-6)));
            cells
        })
        .collect();
    let head = ["FFT", "real, 1 thread", "real, 2 threads", "complex, 1 thread", "complex, 2 threads"];
    Ok(text(table(&head, &rows))?)
}

/// Samples per second on this many threads, each with its own stretch of the samples.
fn measure(size: usize, kind: SampleKind, threads: usize) -> Result<f64> {
    let settings = Settings { size, hop: size, ..Settings::default() };
    let count = PIECE.max(size);
    let samples = noise(count * kind.values_per_sample());
    let mut analyzers = Vec::new();
    for _ in 0..threads {
        analyzers.push(Analyzer::new(1e6, kind, 0.0, &settings).with_context(|| format!("--fft {size}"))?);
    }
    let barrier = Barrier::new(threads);
    let rates: Vec<f64> = std::thread::scope(|scope| {
        let (barrier, samples) = (&barrier, &samples);
        let handles: Vec<_> = analyzers
            .into_iter()
            .map(|mut analyzer| {
                scope.spawn(move || {
                    let mut rows = 0_u64;
                    let mut feed = || {
                        analyzer.feed(std::hint::black_box(samples), |_, row| {
                            std::hint::black_box(row);
                            rows += 1;
                        });
                    };
                    // The first touches all memory.
                    feed();
                    barrier.wait();
                    let start = Instant::now();
                    let mut pieces = 0;
                    while pieces == 0 || start.elapsed() < TIME {
                        feed();
                        pieces += 1;
                    }
                    (pieces * count) as f64 / start.elapsed().as_secs_f64()
                })
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().map_err(|_| anyhow!("a thread of the analysis failed")))
            .collect::<Result<_>>()
    })?;
    Ok(rates.iter().sum())
}

/// White noise, the same each time.
pub(super) fn noise(values: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..values)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}
