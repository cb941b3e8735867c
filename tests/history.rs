//! The history's levels against sums worked out by hand, and pictures that a loader fills from it.

mod common;

use common::reference::Reference;
use common::{Gpu, Picture, Random, gpu};
use ringfall::{
    Capacity, Colormap, Edge, History, HistoryError, Interpolation, Loader, Options, Precision, Reduce, Rows, Scale,
    Side, Stamp, Texel, View, Waterfall,
};

const START: i64 = 1_790_000_000_000_000_000;
const ROW_NS: f64 = 1e8;

fn stamp(row: u64) -> Stamp {
    let time_ns = START + (row as f64 * ROW_NS) as i64;
    Stamp { time_ns, duration_ns: ROW_NS, first_hz: 7_000_000.0, bin_hz: 2.0 }
}

fn read(history: &History, level: u32, row: u64, reduce: Reduce) -> Vec<f32> {
    let mut out = Vec::new();
    let _ = history.read(level, row, reduce, &mut out);
    out
}

/// Maximum, mean of power and minimum of a column of values, NaN left out.
fn by_hand(values: &[f32], reduce: Reduce) -> f64 {
    let values: Vec<f64> = values.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).collect();
    match reduce {
        _ if values.is_empty() => f64::NAN,
        Reduce::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Reduce::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        _ => 10.0 * (values.iter().map(|v| 10f64.powf(v / 10.0)).sum::<f64>() / values.len() as f64).log10(),
    }
}

#[test]
fn levels_hold_maximum_mean_and_minimum_of_their_rows() {
    let mut random = Random(1);
    for bins in [1, 7, 300] {
        let mut history = History::new(64 << 20, Precision::F32);
        let mut rows: Vec<Vec<f32>> = Vec::new();
        for row in 0..150 {
            let values: Vec<f32> = (0..bins)
                .map(|_| if random.below(9) == 0 { f32::NAN } else { random.between(-130.0, 10.0) as f32 })
                .collect();
            history.push(stamp(row), &values).expect("a row");
            rows.push(values);
            for level in 1..4 {
                let block = 4u64.pow(level);
                let range = history.range(level);
                assert_eq!(range, 0..(row / block + 1), "after {} rows, level {level}", row + 1);
                let last = range.end - 1;
                let of = (last * block) as usize..rows.len();
                let (got, _) = history.stamp(level, last).expect("a stamp");
                assert_eq!(got.time_ns, stamp(of.start as u64).time_ns);
                assert!((got.duration_ns - of.len() as f64 * ROW_NS).abs() < 1.0, "{got:?}");
                for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
                    let got = read(&history, level, last, reduce);
                    for (bin, got) in got.iter().enumerate() {
                        let column: Vec<f32> = rows[of.clone()].iter().map(|row| row[bin]).collect();
                        let want = by_hand(&column, reduce);
                        let near = (f64::from(*got) - want).abs() < 0.001 || (got.is_nan() && want.is_nan());
                        assert!(near, "level {level}, rows {of:?}, bin {bin}, {reduce:?}: {got}, want {want}");
                    }
                }
            }
        }
    }
}

#[test]
fn blocks_end_where_the_span_changes_or_time_has_a_gap() {
    let mut history = History::new(1 << 20, Precision::F32);
    let mut push = |row: u64, first_hz: f64, bins: usize| {
        history.push(Stamp { first_hz, ..stamp(row) }, &vec![row as f32; bins]).expect("a row");
    };
    (0..3).for_each(|row| push(row, 100.0, 8));
    (3..6).for_each(|row| push(row, 200.0, 8));
    (60..62).for_each(|row| push(row, 200.0, 8));
    push(62, 200.0, 4);
    let blocks: Vec<_> = history
        .range(1)
        .map(|row| {
            let (s, bins) = history.stamp(1, row).expect("a stamp");
            (
                ((s.time_ns - START) as f64 / ROW_NS).round() as u64,
                (s.duration_ns / ROW_NS).round() as u64,
                s.first_hz,
                bins,
            )
        })
        .collect();
    // Row 3 is the fourth, and so ends the block of rows 0 to 3 though it stands alone in it.
    let want = [(0, 3, 100.0, 8), (3, 1, 200.0, 8), (4, 2, 200.0, 8), (60, 2, 200.0, 8), (62, 1, 200.0, 4)];
    assert_eq!(blocks, want);
    assert_eq!(read(&history, 1, 2, Reduce::Max), vec![5.0; 8]);
}

#[test]
fn the_budget_holds_for_ten_million_rows_and_the_oldest_go() {
    let budget = 8 << 20;
    let mut history = History::new(budget, Precision::F16);
    let mut most = 0;
    for row in 0..10_000_000 {
        history.push(stamp(row), &[row as f32 % 100.0; 8]).expect("a row");
        most = most.max(history.bytes());
    }
    assert!(most <= budget && most > budget / 20 * 19, "{most} bytes");
    let range = history.range(0);
    assert_eq!(range.end, 10_000_000);
    assert_eq!(range.start, history.evicted());
    assert!(range.start > 9_000_000 && range.end - range.start > 50_000, "{range:?}");
    assert_eq!(read(&history, 0, range.start, Reduce::Max), vec![(range.start % 100) as f32; 8]);
    assert!(read(&history, 0, range.start - 1, Reduce::Max).is_empty());
    // The levels reach as far back, and not much farther.
    for level in 1..6 {
        let (first, _) = history.stamp(level, history.range(level).start).expect("a stamp");
        assert!(
            first.time_ns <= stamp(range.start).time_ns + (ROW_NS * 4f64.powi(level as i32)) as i64,
            "level {level}"
        );
    }
}

#[test]
fn what_a_history_refuses() {
    let mut history = History::new(100, Precision::F32);
    let error = history.push(stamp(0), &[0.0; 1000]).expect_err("no room");
    let least = History::least_bytes(1000, Precision::F32);
    assert_eq!(error, HistoryError::Budget { bytes: 100, bins: 1000, least });
    assert!(History::new(least, Precision::F32).push(stamp(0), &[0.0; 1000]).is_ok());
    assert_eq!(history.push(stamp(0), &[]), Err(HistoryError::EmptyRow));
    let error = history.push(Stamp { bin_hz: 0.0, ..stamp(0) }, &[0.0]).expect_err("no width");
    assert_eq!(error.to_string(), "a stamp with bin_hz = 0: expected a finite number above 0");
    assert_eq!((history.pushed(), history.bytes()), (0, 0));
}

#[test]
fn a_clock_set_back_keeps_the_order() {
    let mut history = History::new(1 << 20, Precision::F16);
    for row in [10, 11, 3, 12] {
        history.push(stamp(row), &[row as f32]).expect("a row");
    }
    let times: Vec<_> = history.range(0).map(|row| history.stamp(0, row).expect("a stamp").0.time_ns).collect();
    assert_eq!(times, [10, 11, 11, 12].map(|row| stamp(row).time_ns));
}

/// A history, and a waterfall that is filled from it.
struct Show {
    history: History,
    fall: Waterfall,
    loader: Loader,
}

impl Show {
    fn new(gpu: &Gpu, options: &Options) -> Self {
        let mut fall = gpu.waterfall(options);
        fall.set_colormap(&Colormap::named("grey").expect("a name"));
        let loader = Loader::new(View::default()).expect("a view");
        Self { history: History::new(256 << 20, Precision::F16), fall, loader }
    }

    fn picture(&mut self, gpu: &Gpu) -> Picture {
        self.loader.update(&mut self.fall, &self.history).expect("an update");
        gpu.copy(&mut self.fall)
    }

    fn set_view(&mut self, view: View) {
        self.loader.set_view(view).expect("a view");
    }
}

fn options(rows: u32, width: u32, height: u32) -> Options {
    Options::default().bins(64).capacity(Capacity::Rows(rows)).width(width).height(height)
}

fn near_views_are_the_reference_s(gpu: &Gpu) {
    let mut random = Random(2);
    let opts = options(400, 50, 40);
    let mut show = Show::new(gpu, &opts);
    let mut reference = Reference {
        rows: Vec::new(),
        texel: Texel::F16,
        view: View::default(),
        scale: Scale::default(),
        colormap: Colormap::named("grey").expect("a name"),
        newest: Side::Top,
        width: 50,
        height: 40,
        capacity: usize::MAX,
    };
    for round in 0..60 {
        for _ in 0..random.below(40) {
            let row = random.row(64);
            let stamp = stamp(reference.rows.len() as u64);
            show.history.push(stamp, &row).expect("a row");
            reference.rows.push((stamp, row));
        }
        let newest = stamp(reference.rows.len() as u64).time_ns;
        // Up to 9 rows a line, where rows are shown themselves.
        let low = 7_000_000.0 + random.between(-20.0, 100.0);
        let view = View::default()
            .span_hz((random.below(2) == 0).then(|| (low, low + random.between(1.0, 200.0))))
            .line_ns((random.below(3) > 0).then(|| ROW_NS * random.between(0.2, 9.0)))
            .edge(if random.below(2) == 0 {
                Edge::Follow
            } else {
                Edge::At(newest - random.below(30_000_000_000) as i64)
            })
            .reduce([Reduce::Max, Reduce::Min][random.below(2) as usize])
            .interpolation(Interpolation::Nearest);
        show.set_view(view);
        reference.view = view;
        if !reference.rows.is_empty() {
            show.picture(gpu).assert_near(&reference.picture(), 1, &format!("round {round}, {view:?}"));
        }
    }
}

fn a_single_hot_cell_is_there_at_every_zoom(gpu: &Gpu) {
    let rows = 60_000;
    for (hot_row, hot_bin) in [(59_990, 0), (31_234, 17), (5, 63), (47_104, 31)] {
        let mut show = Show::new(gpu, &options(2000, 30, 50));
        show.fall.set_scale(Scale::linear(-100.0, 0.0).expect("a range"));
        for row in 0..rows {
            let mut values = [-100.0; 64];
            if row == hot_row {
                values[hot_bin] = 0.0;
            }
            show.history.push(stamp(row), &values).expect("a row");
        }
        let mut zoom = 1200.0;
        while zoom > 0.02 {
            // The hot row in the middle, as far as there is data.
            let middle = stamp(hot_row).time_ns + (ROW_NS / 2.0) as i64;
            let edge = (middle + (25.0 * zoom * ROW_NS) as i64).min(stamp(rows - 1).time_ns + (ROW_NS / 2.0) as i64);
            for span in [None, Some(20.0), Some(3.0)] {
                let hz = 7_000_000.0 + 2.0 * hot_bin as f64;
                let span_hz = span.map(|width| (hz - width * 0.4, hz + width * 0.6));
                show.set_view(View::default().span_hz(span_hz).line_ns(Some(zoom * ROW_NS)).edge(Edge::At(edge)));
                let picture = show.picture(gpu);
                let white: Vec<(u32, u32)> = (0..50)
                    .flat_map(|y| (0..30).map(move |x| (x, y)))
                    .filter(|(x, y)| picture.at(*x, *y) == [255; 4])
                    .collect();
                assert!(!white.is_empty(), "row {hot_row}, bin {hot_bin}, {zoom} rows a line, {span:?}: not there");
                // Where it has to be, worked out by hand, to half a pixel and a quarter for the block.
                let (low, width) = span_hz.map_or((6_999_999.0, 128.0), |(low, high)| (low, high - low));
                let x = (hz - low) / width * 30.0;
                let line = |time: i64| (time - START) as f64 / (zoom * ROW_NS);
                let y = line(edge).floor() + 1.0 - line(middle);
                let half_bin = 15.0 * 2.0 / width;
                let half_row = 0.5 / zoom;
                for (px, py) in white {
                    let (dx, dy) = (f64::from(px) + 0.5 - x, f64::from(py) + 0.5 - y);
                    assert!(
                        dx.abs() <= 0.51 + half_bin && dy.abs() <= 0.76 + half_row,
                        "row {hot_row}, bin {hot_bin}, {zoom} rows a line, {span:?}: off by {dx}, {dy}"
                    );
                }
            }
            zoom *= 0.61;
        }
    }
}

fn scrolling_equals_rendering_from_scratch_at_every_level(gpu: &Gpu) {
    let mut random = Random(3);
    for rows_per_line in [0.3, 1.0, 5.7, 17.0, 80.0, 300.0] {
        for newest in [Side::Top, Side::Right] {
            let opts = options(1500, 33, 44).newest_side(newest);
            let mut show = Show::new(gpu, &opts);
            let mut row = 0;
            let mut back = 0.0;
            for step in 0..30 {
                for _ in 0..random.below((rows_per_line * 12.0) as u64 + 2) {
                    show.history.push(stamp(row), &random.row(64)).expect("a row");
                    row += 1 + random.below(200) / 199 * 50;
                }
                if row == 0 {
                    continue;
                }
                back = match random.below(4) {
                    0 => 0.0,
                    1 => random.between(0.0, 200.0),
                    _ => (back + random.between(-8.0, 8.0)).max(0.0),
                };
                let line_ns = rows_per_line * ROW_NS;
                let edge = match back {
                    0.0 => Edge::Follow,
                    _ => Edge::At(stamp(row).time_ns - (back * line_ns) as i64),
                };
                let view = View::default().line_ns(Some(line_ns)).edge(edge);
                show.set_view(view);
                let got = show.picture(gpu);
                let mut fresh = gpu.waterfall(&opts);
                fresh.set_colormap(&Colormap::named("grey").expect("a name"));
                let mut loader = Loader::new(view).expect("a view");
                loader.update(&mut fresh, &show.history).expect("an update");
                let want = gpu.copy(&mut fresh);
                got.assert_near(
                    &want,
                    0,
                    &format!("{rows_per_line} rows a line, {newest:?}, step {step}, {back} back"),
                );
            }
        }
    }
}

fn only_rows_that_enter_are_uploaded(gpu: &Gpu) {
    let mut show = Show::new(gpu, &options(100, 32, 50));
    (0..5000).for_each(|row| show.history.push(stamp(row), &[row as f32; 64]).expect("a row"));
    show.picture(gpu);
    let row_bytes = 64 * 2 + 32;
    for back in [1, 2, 7, 30, 28, 0] {
        let time = stamp(4999 - back).time_ns + 50_000_000;
        show.set_view(View::default().edge(Edge::At(time)).line_ns(Some(ROW_NS)));
        show.picture(gpu);
        let uploaded = show.fall.stats().uploaded_bytes;
        assert!(uploaded <= 30 * row_bytes + 30 * 8 + 256, "{back} back: {uploaded} bytes");
    }
    show.picture(gpu);
    assert!(!show.fall.stats().changed && show.fall.stats().uploaded_bytes == 0);
}

fn retuning_keeps_the_past_where_it_belongs(gpu: &Gpu) {
    let mut show = Show::new(gpu, &options(300, 100, 30));
    show.fall.set_scale(Scale::linear(0.0, 10.0).expect("a range"));
    // A carrier at 7 000 100 Hz, seen at three tunings.
    let mut row = 0;
    for first_hz in [7_000_000.0, 7_000_050.0, 7_000_000.0] {
        for _ in 0..10 {
            let mut values = [0.0; 64];
            values[((7_000_100.0 - first_hz) / 2.0) as usize] = 10.0;
            show.history.push(Stamp { first_hz, ..stamp(row) }, &values).expect("a row");
            row += 1;
        }
    }
    show.set_view(View::default().span_hz(Some((6_999_999.0, 7_000_199.0))));
    let picture = show.picture(gpu);
    let bad = Colormap::named("grey").expect("a name").bad();
    for y in 0..30 {
        let tuned = if (10..20).contains(&y) { 25..89 } else { 0..64 };
        for x in 0..100 {
            let want = match x {
                50 => [255; 4],
                x if tuned.contains(&x) => [0, 0, 0, 255],
                _ => bad,
            };
            assert_eq!(picture.at(x, y), want, "{x}, {y}");
        }
    }
}

#[test]
fn a_lost_device_loses_no_picture() {
    let gpu_a = gpu();
    let mut random = Random(4);
    let opts = options(500, 40, 60);
    let mut show = Show::new(&gpu_a, &opts);
    (0..700).for_each(|row| show.history.push(stamp(row), &random.row(64)).expect("a row"));
    show.set_view(View::default().edge(Edge::At(stamp(650).time_ns)).line_ns(Some(3.3 * ROW_NS)));
    let before = show.picture(&gpu_a);
    gpu_a.device.destroy();
    let gpu_b = gpu();
    show.fall = gpu_b.waterfall(&opts);
    show.fall.set_colormap(&Colormap::named("grey").expect("a name"));
    show.loader.forget();
    assert!(show.picture(&gpu_b) == before);
}

on_gpu_and_cpu! {
    near_views_are_the_reference_s
    a_single_hot_cell_is_there_at_every_zoom
    scrolling_equals_rendering_from_scratch_at_every_level
    only_rows_that_enter_are_uploaded
    retuning_keeps_the_past_where_it_belongs
}

#[test]
fn budgets_for_rows_of_any_length() {
    for precision in [Precision::F16, Precision::F32, Precision::Rgba8] {
        for bins in [0, 1, usize::MAX / 16, usize::MAX] {
            let least = History::least_bytes(bins, precision);
            assert!(bins < usize::MAX / 16 || least >= (bins / 16) as u64, "{bins} bins: {least}");
            for rows in [0, 1, u64::MAX] {
                assert!(History::bytes_for(rows, bins, precision) >= least, "{rows} rows of {bins} bins");
            }
            for budget in [0, 1, u64::MAX] {
                let rows = History::rows_in(budget, bins, precision);
                assert!(budget > 1 || rows == 0, "{rows} rows of {bins} bins in {budget} bytes");
            }
        }
    }
}
