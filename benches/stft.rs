//! Samples per second that one core turns into rows, including window, power and dB.
//!
//! `cargo bench --bench stft`; the goal is set for `complex/1024`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ringfall::dsp::{Analyzer, Average, SampleKind, Settings, Window};

/// Samples in a piece, as a fast source would deliver them: 64 Ki, or one spectrum if that is longer.
const PIECE: usize = 65_536;

fn noise(values: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..values)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

fn bench(c: &mut Criterion, group: &str, kind: SampleKind, cases: &[(String, Settings)]) {
    let mut group = c.benchmark_group(group);
    for (name, settings) in cases {
        let count = PIECE.max(settings.size);
        let samples = noise(count * kind.values_per_sample());
        let mut analyzer = Analyzer::new(1e6, kind, 0.0, settings).expect("good settings");
        group.throughput(Throughput::Elements(count as u64));
        if settings.size > 262_144 {
            group.sample_size(10);
        }
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter(|| analyzer.feed(black_box(&samples), |_, row| _ = black_box(row)));
        });
    }
    group.finish();
}

/// No overlap, so that a sample counts once.
fn plain(size: usize) -> (String, Settings) {
    (size.to_string(), Settings { size, hop: size, ..Settings::default() })
}

fn sizes(c: &mut Criterion) {
    let cases: Vec<_> =
        [16, 64, 256, 1024, 2048, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304].map(plain).into();
    bench(c, "complex", SampleKind::Complex, &cases);
    bench(c, "real", SampleKind::Real, &cases);
    // Not a power of two, and a prime.
    bench(c, "complex-odd", SampleKind::Complex, &[1000, 1023, 1021, 80_000].map(plain));
}

fn settings(c: &mut Criterion) {
    let base = Settings { size: 1024, hop: 1024, ..Settings::default() };
    let cases = [
        ("overlap-half", Settings { hop: 512, ..base }),
        ("mean-8", Settings { average: Average::Mean(8), ..base }),
        ("max-8", Settings { average: Average::Max(8), ..base }),
        ("exp-0.1", Settings { average: Average::Exponential(0.1), ..base }),
        ("tenth-of-band", Settings { band_hz: Some((50_000.0, 150_000.0)), ..base }),
        ("flat-top", Settings { window: Window::FlatTop, ..base }),
    ]
    .map(|(name, settings)| (name.to_owned(), settings));
    bench(c, "complex-1024", SampleKind::Complex, &cases);
}

criterion_group!(benches, sizes, settings);
criterion_main!(benches);
