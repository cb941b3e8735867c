//! Arrays to RGBA, and a picture to PNG: `cargo bench --bench array`, and with `taskset -c 0` before it on one core.
//!
//! It prints the best of several runs. Output memory is used again, so it has been touched before. What is compared with is measured by
//! `scripts/compare_array.py`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ringfall::export::{Format as _, Lines, Png};
use ringfall::{Canvas, Capacity, Colormap, Norm, Options, Scale, Stamp, Value};

const VALUES: usize = 16 << 20;
const SIZE: (u32, u32) = (3840, 2160);

/// SplitMix64, as numbers from 0 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / 16_777_216.0
    }
}

fn best(times: usize, mut work: impl FnMut()) -> Duration {
    (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn color<T: Value>(name: &str, scale: &Scale, values: &[T]) {
    let map = Colormap::default();
    let mut bytes = vec![1; 4 * values.len()];
    let to_bytes = best(9, || map.rgba_u8(scale, values, black_box(&mut bytes)).expect("the length"));
    let mut floats = vec![1.0; 4 * values.len()];
    let to_floats = best(5, || map.rgba_f32(scale, values, black_box(&mut floats)).expect("the length"));
    let speed = |bytes: usize, time: Duration| bytes as f64 / 1e9 / time.as_secs_f64();
    println!(
        "{name} {}: to u8 {:.1} ms, {:.2} GB/s; to f32 {:.1} ms, {:.2} GB/s",
        scale.norm(),
        1e3 * to_bytes.as_secs_f64(),
        speed(bytes.len(), to_bytes),
        1e3 * to_floats.as_secs_f64(),
        speed(4 * floats.len(), to_floats)
    );
}

fn colors() {
    let mut random = Random(1);
    let base: Vec<f32> = (0..VALUES).map(|_| random.next()).collect();
    let db: Vec<f32> = base.iter().map(|v| v * 140.0 - 130.0).collect();
    let positive: Vec<f32> = db.iter().map(|v| v.abs() + 0.5).collect();
    let wide = |values: &[f32]| -> Vec<f64> { values.iter().map(|v| f64::from(*v)).collect() };
    let bytes: Vec<u8> = base.iter().map(|v| (v * 256.0) as u8).collect();
    let log = Scale::new(Norm::Log, 1.0, 255.0).expect("a range");
    let linear = Scale::linear(-120.0, 0.0).expect("a range");
    let of_bytes = Scale::linear(0.0, 255.0).expect("a range");
    color("f32", &linear, &db);
    color("f32", &log, &positive);
    color("f64", &linear, &wide(&db));
    color("f64", &log, &wide(&positive));
    color("u8", &of_bytes, &bytes);
    color("u8", &log, &bytes);
    let whole: Vec<f32> = bytes.iter().map(|byte| f32::from(*byte)).collect();
    color("f32, whole numbers", &of_bytes, &whole);
}

/// A waterfall of noise with carriers, some of which drift: what PNG files of ringfall show.
fn picture() -> Vec<u8> {
    let mut random = Random(2);
    let options = Options::default().bins(SIZE.0).capacity(Capacity::Rows(SIZE.1)).size(SIZE.0, SIZE.1);
    let mut canvas = Canvas::new(&options).expect("a canvas");
    for row in 0..u64::from(SIZE.1) {
        let mut line: Vec<f32> = (0..SIZE.0)
            .map(|_| {
                // Power of noise, averaged over four spectra, in dB.
                let power: f32 = (0..4).map(|_| -(random.next().max(1e-6)).ln()).sum::<f32>() / 4.0;
                10.0 * power.log10() - 90.0
            })
            .collect();
        for carrier in 0..40_u64 {
            let drift = if carrier % 3 == 0 { row / 20 } else { 0 };
            let at = ((carrier * 97 + 31 + drift) % u64::from(SIZE.0)) as usize;
            line[at] = -60.0 + 5.0 * random.next();
        }
        canvas.push(Stamp::index(row), &line).expect("a row");
    }
    canvas.set_scale(Scale::linear(-100.0, -50.0).expect("a range"));
    let mut rgba = vec![0; 4 * (SIZE.0 * SIZE.1) as usize];
    canvas.rgba_u8(&mut rgba).expect("the size");
    rgba
}

fn png() {
    let rgba = picture();
    if let Ok(path) = std::env::var("RINGFALL_PICTURE") {
        std::fs::write(&path, &rgba).expect("a written file");
        println!("{} x {} pixels of RGBA written to {path}", SIZE.0, SIZE.1);
    }
    let mut file = Vec::new();
    let time = best(5, || {
        file.clear();
        let width = 4 * SIZE.0 as usize;
        let mut lines = Lines::new(SIZE.0, SIZE.1, |y, line| {
            line.copy_from_slice(&rgba[y as usize * width..][..width]);
            Ok(())
        })
        .expect("a size");
        Png.encode(&mut lines, &mut file).expect("a file");
    });
    let raw = 3.0 * f64::from(SIZE.0) * f64::from(SIZE.1);
    println!(
        "PNG of {} x {}: {:.0} ms, {:.0} MB/s of RGB, {:.2} MB",
        SIZE.0,
        SIZE.1,
        1e3 * time.as_secs_f64(),
        raw / 1e6 / time.as_secs_f64(),
        file.len() as f64 / 1e6
    );
}

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    if wanted("colours") {
        colors();
    }
    if wanted("png") {
        png();
    }
}
