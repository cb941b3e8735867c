//! Every norm, pixel for pixel against its definition in f64, on the CPU and through the shader: exactly equal.

mod common;

use common::{Gpu, Picture, Random};
use ringfall::{Capacity, Colormap, Interpolation, Norm, Options, Reduce, Scale, Stamp, Texel, Unit, View};

/// The entry by the norm's definition, worked out in f64; −1 is under, 256 over, 257 bad. Shares nothing with the crate.
fn expected(norm: Norm, vmin: f32, vmax: f32, value: f32) -> i32 {
    if value.is_nan() {
        return 257;
    }
    // What a GPU may take for 0 counts as 0.
    let value = if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value };
    let (mut low, mut high, v) = (f64::from(vmin), f64::from(vmax), f64::from(value));
    if let Norm::Centered { vcenter } = norm {
        let half = f64::max((low - vcenter).abs(), (high - vcenter).abs());
        (low, high) = (vcenter - half, vcenter + half);
    }
    if v < low {
        return -1;
    }
    if v > high {
        return 256;
    }
    let share = match norm {
        Norm::Linear | Norm::Centered { .. } => (v - low) / (high - low),
        Norm::Log => (v.log10() - low.log10()) / (high.log10() - low.log10()),
        Norm::Power { gamma } => f64::powf((v - low) / (high - low), gamma),
        Norm::SymLog { linthresh } => {
            let transform = |v: f64| {
                let scale = 1.0 / (1.0 - 1.0 / 10.0);
                let sign = if v < 0.0 { -1.0 } else { 1.0 };
                let log = |x: f64| x.ln() / f64::ln(10.0);
                if v.abs() <= linthresh {
                    v * scale
                } else {
                    sign * linthresh * (scale - log(linthresh) + log(v.abs()))
                }
            };
            (transform(v) - transform(low)) / (transform(high) - transform(low))
        }
        Norm::TwoSlope { vcenter } if v < vcenter => 0.5 / (vcenter - low) * (v - low),
        Norm::TwoSlope { vcenter } if v < high => 0.5 / (high - vcenter) * (v - vcenter) + 0.5,
        Norm::TwoSlope { .. } => 1.0,
        _ => panic!("{norm} has no reference"),
    };
    ((share * 256.0).floor() as i32).min(255)
}

/// What is tried: every norm, over ranges of every kind.
fn cases() -> Vec<(Norm, f32, f32)> {
    let mut cases = Vec::new();
    for (vmin, vmax) in [
        (-120.0, 0.0),
        (-137.3, 11.7),
        (0.0, 1.0),
        (1e-12, 1.0),
        (0.3, 70.0),
        (-1e-3, 1e6),
        (16_777_216.0, 16_777_218.0),
        (-1e38, 0.9e38),
        (1e-38, 1.0),
        (0.0, 2.5e-35),
    ] {
        let vcenter = 0.75 * f64::from(vmin) + 0.25 * f64::from(vmax);
        for norm in [
            Norm::Linear,
            Norm::Log,
            Norm::Power { gamma: 0.3 },
            Norm::Power { gamma: 2.5 },
            Norm::SymLog { linthresh: 0.3 },
            Norm::TwoSlope { vcenter },
            Norm::Centered { vcenter },
        ] {
            if norm != Norm::Log || vmin > 0.0 {
                cases.push((norm, vmin, vmax));
            }
        }
    }
    cases
}

/// 256 colours of which no two are alike, and three others.
fn colors() -> Colormap {
    let colors: Vec<[u8; 3]> = (0..=255u8).map(|i| [i, i.wrapping_mul(77), 255 - i]).collect();
    let map = Colormap::from_colors("test", &colors).expect("a palette");
    map.with_under([1, 0, 0, 255]).with_over([2, 0, 0, 255]).with_bad([3, 0, 0, 255])
}

fn color(map: &Colormap, entry: i32) -> [u8; 4] {
    match entry {
        -1 => map.under(),
        256 => map.over(),
        257 => map.bad(),
        entry => map.lut()[entry as usize],
    }
}

/// Floats in the order of integers.
fn key(v: f32) -> i64 {
    let bits = i64::from(v.to_bits());
    if bits < 1 << 31 { bits } else { (1 << 31) - 1 - bits }
}

fn number(key: i64) -> f32 {
    f32::from_bits(if key >= 0 { key as u32 } else { ((1 << 31) - 1 - key) as u32 })
}

/// Both neighbours of every place where the entry changes, and all kinds of other numbers.
fn values((norm, vmin, vmax): (Norm, f32, f32), random: &mut Random) -> Vec<f32> {
    let mut values = vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0];
    values.extend([f32::MIN_POSITIVE, -f32::MIN_POSITIVE, f32::MIN_POSITIVE / 2.0, -f32::MIN_POSITIVE / 2.0]);
    for k in 0..=256 {
        let (mut low, mut high) = (key(f32::NEG_INFINITY), key(f32::INFINITY));
        while low < high {
            let middle = (low + high).div_euclid(2);
            if expected(norm, vmin, vmax, number(middle)) >= k { high = middle } else { low = middle + 1 }
        }
        values.extend([number(low), number(low).next_down(), number(low).next_up()]);
    }
    for _ in 0..1000 {
        values.push(random.between(f64::from(vmin), f64::from(vmax)) as f32);
        values.push(f32::from_bits(random.next() as u32));
    }
    values
}

/// Pictures one bin to the pixel, one row to the line.
fn shown(gpu: &Gpu, texel: Texel, scale: Scale, values: &[f32]) -> Picture {
    let bins = 256;
    let lines = values.len().div_ceil(bins);
    let size = (bins as u32, lines as u32);
    let options = Options::default()
        .bins(size.0)
        .capacity(Capacity::Rows(size.1))
        .width(size.0)
        .height(size.1)
        .texel(texel)
        .newest_side(ringfall::Side::Bottom)
        .keep_rows(true);
    let mut fall = gpu.waterfall(&options);
    fall.set_colormap(&colors());
    fall.set_scale(scale);
    for (row, i) in values.chunks(bins).zip(0..) {
        let mut row = row.to_vec();
        row.resize(bins, f32::NAN);
        fall.push(Stamp::index(i), &row).expect("a row");
    }
    let picture = gpu.copy(&mut fall);
    // What is read back on the CPU has the same bytes.
    let mut rgba = vec![0; picture.rgba.len() * 4];
    fall.canvas().expect("rows are kept").rgba_u8(&mut rgba).expect("a length");
    assert!(picture.rgba.iter().flatten().eq(&rgba), "{}: the reader differs", scale.norm());
    picture
}

#[track_caller]
fn compare(what: &str, picture: &Picture, values: &[f32], entry: impl Fn(f32) -> i32) {
    let map = colors();
    for (got, v) in picture.rgba.iter().zip(values) {
        assert_eq!(*got, color(&map, entry(*v)), "{what}: {v:e} ({:08x}) is entry {}", v.to_bits(), entry(*v));
    }
}

fn every_f32_beside_a_threshold(gpu: &Gpu) {
    let mut random = Random(21);
    let map = colors();
    for case in cases() {
        let (norm, vmin, vmax) = case;
        let what = format!("{norm} from {vmin} to {vmax}");
        let scale = Scale::new(norm, vmin, vmax).expect("a scale");
        let values = values(case, &mut random);
        let mut rgba = vec![0; values.len() * 4];
        map.rgba_u8(&scale, &values, &mut rgba).expect("a length");
        let table = Picture {
            width: values.len() as u32,
            height: 1,
            rgba: rgba.chunks(4).map(|c| [c[0], c[1], c[2], c[3]]).collect(),
        };
        compare(&format!("{what}, without a waterfall"), &table, &values, |v| expected(norm, vmin, vmax, v));
        let picture = shown(gpu, Texel::F32, scale, &values);
        compare(&what, &picture, &values, |v| expected(norm, vmin, vmax, v));
    }
}

fn every_half_float(gpu: &Gpu) {
    let values: Vec<f32> = (0..=u16::MAX).map(|bits| half::f16::from_bits(bits).to_f32()).collect();
    for (norm, vmin, vmax) in cases() {
        let scale = Scale::new(norm, vmin, vmax).expect("a scale");
        let picture = shown(gpu, Texel::F16, scale, &values);
        let what = format!("{norm} from {vmin} to {vmax}, half floats");
        compare(&what, &picture, &values, |v| expected(norm, vmin, vmax, v));
    }
}

fn every_code(gpu: &Gpu) {
    for (zero, step) in [(-128.0, 0.5), (-127.3, 0.37), (0.0, 1.0 / 255.0), (1e6, 0.01), (-5.0, 1e5)] {
        let texel = Texel::U8 { zero, step };
        let codes: Vec<f32> = (0..=255u8).map(|code| zero + f32::from(code) * step).collect();
        for (norm, vmin, vmax) in cases() {
            let scale = Scale::new(norm, vmin, vmax).expect("a scale");
            let picture = shown(gpu, texel, scale, &codes);
            compare(&format!("{norm} from {vmin} to {vmax}, {texel:?}"), &picture, &codes, |v| {
                // Rows are rounded to the nearest code: where one step is below the values' own, not to their own.
                let code = ((v - zero) / step + 0.5) as u8;
                expected(norm, vmin, vmax, zero + f32::from(code) * step)
            });
        }
    }
}

/// Between two bins a pixel shows a number that is no code, and the reader says which value that is.
fn between_codes(gpu: &Gpu) {
    let mut random = Random(22);
    let (zero, step) = (-127.3, 0.37);
    for (norm, vmin, vmax) in cases() {
        let options = Options::default()
            .bins(8)
            .capacity(Capacity::Rows(16))
            .width(331)
            .height(16)
            .texel(Texel::U8 { zero, step })
            .keep_rows(true);
        let mut fall = gpu.waterfall(&options);
        let scale = Scale::new(norm, vmin, vmax).expect("a scale");
        fall.set_colormap(&colors());
        fall.set_scale(scale);
        fall.set_view(View::default().interpolation(Interpolation::Linear)).expect("a view");
        for i in 0..16 {
            let row: Vec<f32> = (0..8).map(|_| random.between(-127.0, -33.0) as f32).collect();
            fall.push(Stamp::index(i), &row).expect("a row");
        }
        let picture = gpu.copy(&mut fall);
        let mut values = vec![0.0; picture.rgba.len()];
        fall.canvas().expect("rows are kept").values(&mut values).expect("a length");
        let codes = values.iter().filter(|v| ((**v - zero) / step).fract().abs() > 0.01).count();
        assert!(codes > 1000, "pixels lie between codes: {codes}");
        compare(&format!("{norm} from {vmin} to {vmax}, between codes"), &picture, &values, |v| {
            expected(norm, vmin, vmax, v)
        });
    }
}

/// A mean is one of powers only where values are levels.
fn means_go_by_the_unit(gpu: &Gpu) {
    let rows = [[-10.0, 3.0, f32::NAN, 0.0], [-20.0, 5.0, 7.0, 0.0], [0.0, 1.0, f32::NAN, f32::INFINITY]];
    // 10·log10((0.1 + 0.01 + 1) / 3) and so on; and the plain means.
    let levels = [-4.3180, 3.3060, 7.0, f32::INFINITY];
    let plain = [-10.0, 3.0, 7.0, f32::INFINITY];
    for (unit, means) in [(Unit::Decibel, levels), (Unit::Linear, plain), (Unit::None, plain)] {
        for texel in [Texel::F32, Texel::F16, Texel::U8 { zero: -20.0, step: 0.25 }] {
            let size = (4, 1);
            let options = Options::default()
                .bins(4)
                .capacity(Capacity::Rows(3))
                .width(size.0)
                .height(size.1)
                .texel(texel)
                .unit(unit)
                .keep_rows(true);
            let mut fall = gpu.waterfall(&options);
            fall.set_colormap(&colors());
            let view = View::default().line_ns(Some(3e9)).reduce(Reduce::Mean);
            fall.set_view(view).expect("a view");
            rows.iter().zip(0..).for_each(|(row, i)| fall.push(Stamp::index(i), row).expect("a row"));
            let codes = matches!(texel, Texel::U8 { .. });
            for (x, mean) in (0..4).zip(means).filter(|(x, _)| !codes || *x < 2) {
                // The mean lies in a range of a hundredth, and in no other.
                let got = if mean.is_finite() {
                    fall.set_scale(Scale::linear(mean - 5e-3, mean + 5e-3).expect("a scale"));
                    gpu.copy(&mut fall).at(x, 0)
                } else {
                    gpu.copy(&mut fall).at(x, 0)
                };
                let map = colors();
                let is_in = ![map.under(), map.over(), map.bad()].contains(&got);
                assert!(
                    if mean.is_finite() { is_in } else { got == map.over() },
                    "{unit:?}, {texel:?}, pixel {x}: {got:?}"
                );
                let reading = fall.canvas().expect("rows are kept").value_at(x, 0).expect("a pixel");
                assert_eq!(reading.unit, unit);
                assert!(reading.value == mean || (reading.value - mean).abs() < 5e-3, "{unit:?}: {reading:?}");
            }
        }
    }
}

on_gpu_and_cpu! {
    every_f32_beside_a_threshold
    every_half_float
    every_code
    between_codes
    means_go_by_the_unit
}
