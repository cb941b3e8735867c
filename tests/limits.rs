//! Pictures at the limits of numbers: far frequencies, very many cells per pixel, means of many values, the ends of time.

mod common;

use common::Gpu;
use ringfall::{Canvas, Capacity, Colormap, Edge, Error, Options, Reduce, Scale, Side, Stamp, Texel, View};

on_gpu_and_cpu! {
    far_rows_do_not_panic_and_are_where_they_belong
    wide_spans_show_a_hot_bin_at_its_frequency
    no_cell_of_very_many_is_lost
    the_mean_of_millions_is_exact
    the_oldest_line_is_what_it_would_be_from_scratch
    a_retune_with_every_row_is_drawn_right
    weights_of_one_row_do_not_show
}

fn grey(gpu: &Gpu, options: &Options, vmin: f32, vmax: f32) -> ringfall::Waterfall {
    let mut fall = gpu.waterfall(options);
    fall.set_colormap(&Colormap::named("grey").expect("a map"));
    fall.set_scale(Scale::linear(vmin, vmax).expect("a range"));
    fall
}

/// Issue 9, point 3: both a row's distance from the view and the view's width exceed 2^30 of that row's bins.
fn far_rows_do_not_panic_and_are_where_they_belong(gpu: &Gpu) {
    let options = Options::default().bins(2048).width(800).height(4).capacity(Capacity::Rows(8));
    let mut fall = grey(gpu, &options.keep_rows(true), 0.0, 255.0);
    let near = Stamp { time_ns: 0, duration_ns: 1e9, first_hz: 0.0, bin_hz: 1.0 };
    let far = Stamp { time_ns: 1_000_000_000, first_hz: 2.4e9, bin_hz: 2.6e9 / 2048.0, ..near };
    fall.push(near, &[200.0; 2048]).expect("a row");
    let mut row = [100.0; 2048];
    row[1024] = 220.0;
    fall.push(far, &row).expect("a row");
    let picture = gpu.copy(&mut fall);
    // The view is the far row's: bin 1024 of 2048 on 800 pixels is pixel 400; the near row is nowhere near.
    assert_eq!(picture.at(400, 0)[0], 220);
    assert_eq!((0..800).filter(|x| picture.at(*x, 0)[0] == 220).count(), 1);
    assert!((0..800).all(|x| picture.at(x, 1) == fall.colormap().bad()));
    assert_eq!(fall.canvas().expect("kept").value_at(400, 0).expect("a pixel").value, 220.0);
}

fn wide_spans_show_a_hot_bin_at_its_frequency(gpu: &Gpu) {
    // (span, first bin, bin width, hot bin, pixels, where): by hand, pixel = (hz - low) / span * pixels.
    let cases = [
        ((0.0, 24e9), 12e9, 0.1, 100, 777, 388),
        ((0.0, 1e9), 500e6, 0.1, 100, 777, 388),
        ((0.0, 1e9), 0.0, 1e-3, 2000, 640, 0),
        ((1e9, 3e9), 2e9, 1e-6, 7, 1000, 500),
        ((0.0, 1e12), 3e11, 1e-3, 9, 500, 150),
    ];
    for (span_hz, first_hz, bin_hz, hot, width, at) in cases {
        let options = Options::default().bins(4096).width(width).height(2).capacity(Capacity::Rows(4));
        let mut fall = grey(gpu, &options, 0.0, 255.0);
        let view = View::default().span_hz(Some(span_hz));
        fall.set_view(view).expect("a view");
        let mut row = vec![10.0; 4096];
        row[hot] = 250.0;
        fall.push(Stamp { time_ns: 0, duration_ns: 1e9, first_hz, bin_hz }, &row).expect("a row");
        let picture = gpu.copy(&mut fall);
        let hits: Vec<u32> = (0..width).filter(|x| picture.at(*x, 0)[0] == 250).collect();
        assert_eq!(hits, [at], "{span_hz:?}, bins of {bin_hz} Hz from {first_hz} Hz");
    }
}

/// llvmpipe leaves a shader's loops after 65,535 passes.
fn no_cell_of_very_many_is_lost(gpu: &Gpu) {
    // Cells of a pixel as (rows of a line, bins).
    for (rows, bins) in [(70_000u32, 1u32), (1, 70_000), (1000, 1000), (4, 250_000), (1_000_000, 1), (300, 257)] {
        for reduce in [Reduce::Max, Reduce::Min, Reduce::Mean] {
            let texel = Texel::U8 { zero: 0.0, step: 1.0 };
            let capacity = Capacity::Rows(rows);
            let options = Options::default().bins(bins).width(1).height(1).capacity(capacity).texel(texel);
            let mut fall = grey(gpu, &options, 0.0, 255.0);
            let line_ns = Some(1e9 * f64::from(rows));
            fall.set_view(View::default().line_ns(line_ns).reduce(reduce)).expect("a view");
            // All alike but for the last cell.
            let (common, last) = match reduce {
                Reduce::Max => (10.0, 200.0),
                Reduce::Min => (200.0, 10.0),
                _ => (100.0, 100.0),
            };
            let mut row = vec![common; bins as usize];
            for i in 0..rows {
                if i + 1 == rows {
                    row[bins as usize - 1] = last;
                }
                fall.push(Stamp::index(u64::from(i)), &row).expect("a row");
            }
            let want = last as u8;
            assert_eq!(gpu.copy(&mut fall).at(0, 0)[0], want, "{rows} rows of {bins} bins, {reduce:?}");
        }
    }
}

/// Within 0.001 dB of the mean of power in f64.
fn the_mean_of_millions_is_exact(gpu: &Gpu) {
    for (rows, bins) in [(8u32, 1u32 << 20), (2000, 4096)] {
        let capacity = Capacity::Rows(rows);
        let options = Options::default().bins(bins).width(1).height(1).capacity(capacity).texel(Texel::F16);
        // Levels that half floats hold, the same few in every row.
        let levels = [-100.0f32, -97.5, -60.0, -60.25, -121.0, -88.0, -61.5];
        let row: Vec<f32> = (0..bins as usize).map(|k| levels[k * k % 7 * 3 % 7]).collect();
        let mean = row.iter().map(|v| 10f64.powf(f64::from(*v) / 10.0)).sum::<f64>() / f64::from(bins);
        let want = 10.0 * mean.log10();
        // 0.0005 dB an entry; the mean's is 128, give or take two.
        let mut fall = grey(gpu, &options, want as f32 - 0.064, want as f32 + 0.064);
        let line_ns = Some(1e9 * f64::from(rows));
        fall.set_view(View::default().line_ns(line_ns).reduce(Reduce::Mean)).expect("a view");
        for i in 0..rows {
            fall.push(Stamp::index(u64::from(i)), &row).expect("a row");
        }
        let got = gpu.copy(&mut fall).at(0, 0)[0];
        assert!(
            (126..=130).contains(&got),
            "{rows} rows of {bins}: {got}, off by {} dB",
            (f64::from(got) - 128.0) * 5e-4
        );
    }
}

/// Issue 9, point 8: rows leave the ring whose middles lie on lines' edges.
fn the_oldest_line_is_what_it_would_be_from_scratch(gpu: &Gpu) {
    let options = Options::default().bins(3).width(3).height(8).capacity(Capacity::Rows(12));
    let duration_ns = 33_333_333.0;
    let view = View::default().line_ns(Some(1.5 * duration_ns));
    let stamp = |i: i64| Stamp { time_ns: i * 33_333_333, duration_ns, first_hz: 0.0, bin_hz: 1.0 };
    let row = |i: i64| [(i * 37 % 251) as f32; 3];
    let mut fall = grey(gpu, &options, 0.0, 255.0);
    fall.set_view(view).expect("a view");
    let mut fresh = grey(gpu, &options, 0.0, 255.0);
    fresh.set_view(view).expect("a view");
    for i in 0..200 {
        fall.push(stamp(i), &row(i)).expect("a row");
        let scrolled = gpu.copy(&mut fall);
        fresh.clear();
        // The same epoch and the same resident rows.
        fresh.push(stamp(0), &row(0)).expect("a row");
        ((i - 11).max(1)..=i).for_each(|k| fresh.push(stamp(k), &row(k)).expect("a row"));
        scrolled.assert_near(&gpu.copy(&mut fresh), 0, &format!("after {i} rows"));
    }
}

/// A scanner: every row elsewhere. Against the canvas, which is judged by the reference in tests/picture.rs.
fn a_retune_with_every_row_is_drawn_right(gpu: &Gpu) {
    let size = Options::default().bins(64).width(90).height(300).capacity(Capacity::Rows(400));
    let options = size.keep_rows(true);
    let mut fall = grey(gpu, &options, 0.0, 255.0);
    let view = View::default().span_hz(Some((0.0, 3000.0))).line_ns(Some(1.7e9));
    fall.set_view(view).expect("a view");
    for i in 0..700u64 {
        let row: Vec<f32> = (0..64).map(|k| ((k * 31 + i * 17) % 256) as f32).collect();
        let stamp = Stamp { first_hz: (i * 911 % 3000) as f64 + 0.25, bin_hz: 7.0 + (i % 5) as f64, ..Stamp::index(i) };
        fall.push(stamp, &row).expect("a row");
        if i % 100 == 99 {
            let canvas = fall.canvas().expect("kept");
            let mut bytes = vec![0; 4 * 90 * 300];
            canvas.rgba_u8(&mut bytes).expect("the length");
            let got = gpu.copy(&mut fall);
            assert!(got.rgba.as_flattened() == bytes, "after {i} rows");
        }
    }
}

fn weights_of_one_row_do_not_show(gpu: &Gpu) {
    // Plain values keep their plain mean.
    let size = Options::default().bins(2).width(1).height(1).capacity(Capacity::Rows(2));
    let options = size.unit(ringfall::Unit::Linear).texel(Texel::F32);
    let mut fall = grey(gpu, &options, 0.0, 256.0);
    fall.set_view(View::default().line_ns(Some(2e9)).reduce(Reduce::Mean)).expect("a view");
    fall.push(Stamp::index(0), &[10.0, 20.0]).expect("a row");
    fall.push(Stamp::index(1), &[30.0, 140.5]).expect("a row");
    // (10 + 20 + 30 + 140.5) / 4 = 50.125
    assert_eq!(gpu.copy(&mut fall).at(0, 0)[0], 50);
}

/// Issue 9, point 13.
#[test]
fn the_ends_of_time_are_right_or_refused() {
    let options = Options::default().bins(1).width(1).height(4).capacity(Capacity::Rows(8));
    let mut canvas = Canvas::new(&options).expect("a canvas");
    let good = Stamp::index(0);
    for (stamp, field) in [
        (Stamp { time_ns: i64::MAX, ..good }, "time_ns"),
        (Stamp { time_ns: i64::MIN, ..good }, "time_ns"),
        (Stamp { duration_ns: 1e-300, ..good }, "duration_ns"),
        (Stamp { duration_ns: 0.5, ..good }, "duration_ns"),
        (Stamp { duration_ns: 1e300, ..good }, "duration_ns"),
        (Stamp { duration_ns: f64::NAN, ..good }, "duration_ns"),
    ] {
        match canvas.push(stamp, &[1.0]) {
            Err(Error::Stamp(error)) => assert_eq!(error.field, field, "{stamp:?}"),
            other => panic!("{stamp:?}: {other:?}"),
        }
    }
    // As far apart as times may be, on lines of their own.
    let most = 1i64 << 62;
    let line_ns = 2f64.powi(62);
    canvas.set_newest_side(Side::Bottom);
    canvas.set_view(View::default().line_ns(Some(line_ns)).edge(Edge::Follow)).expect("a view");
    canvas.push(Stamp { time_ns: -most, duration_ns: 2.0, ..good }, &[1.0]).expect("a row");
    canvas.push(Stamp { time_ns: 0, duration_ns: 2.0, ..good }, &[2.0]).expect("a row");
    canvas.push(Stamp { time_ns: most, duration_ns: 2.0, ..good }, &[3.0]).expect("a row");
    let mut values = [0.0; 4];
    canvas.values(&mut values).expect("the length");
    assert!(values[0].is_nan());
    assert_eq!(values[1..], [1.0, 2.0, 3.0]);
}

/// Issue 9, point 12: up to 10^8 cells. On the canvas alone, which is fast enough for it.
#[test]
fn the_mean_of_a_hundred_million_cells() {
    let options = Options::default().bins(1 << 22).width(1).height(1).capacity(Capacity::Rows(24));
    let mut canvas = Canvas::new(&options).expect("a canvas");
    canvas.set_view(View::default().line_ns(Some(24e9)).reduce(Reduce::Mean)).expect("a view");
    let row: Vec<f32> = (0..1 << 22).map(|k| -60.0 - (k % 5) as f32 * 7.0).collect();
    (0..24).for_each(|i| canvas.push(Stamp::index(i), &row).expect("a row"));
    let mean = row.iter().map(|v| 10f64.powf(f64::from(*v) / 10.0)).sum::<f64>() / f64::from(1 << 22);
    let got = f64::from(canvas.value_at(0, 0).expect("a pixel").value);
    assert!((got - 10.0 * mean.log10()).abs() < 0.001, "{got}, not {}", 10.0 * mean.log10());
}
