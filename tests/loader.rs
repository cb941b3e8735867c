//! The rows that a loader gives a canvas: means with the right weights, all rows whose levels are not ready, and errors
//! that pass.

use std::cell::Cell;
use std::ops::Range;

use ringfall::{
    Canvas, Capacity, Error, History, Loader, Options, Precision, Pyramid, Reduce, RowsError, Scale, Stamp, Store,
    Texel, Unit, View,
};

const SECOND: f64 = 1e9;

fn canvas(rows: u32, width: u32, height: u32) -> Canvas {
    let options = Options::default().bins(4).capacity(Capacity::Rows(rows)).texel(Texel::F32).size(width, height);
    let mut canvas = Canvas::new(&options).expect("a canvas");
    canvas.set_scale(Scale::linear(0.0, 1000.0).expect("a range"));
    canvas
}

/// Issue 9, point 9: 49 rows at -100 dB and one at 0 dB, split by gaps, have the mean 10 log10(1/50) = -16.99 dB.
#[test]
fn blocks_of_few_rows_weigh_less_in_a_mean() {
    let mut history = History::new(1 << 20, Precision::F32);
    for row in 0..50u64 {
        // A gap before every seventh row, and before the last.
        let seconds = row + row / 7 * 10 + if row == 49 { 10 } else { 0 };
        let value = if row == 49 { 0.0 } else { -100.0 };
        let time_ns = 1_000_000_000 * seconds as i64;
        history.push(Stamp { time_ns, ..Stamp::index(0) }, &[value; 4]).expect("a row");
    }
    // Room for all of them, and for ever fewer: coarser and coarser levels.
    for room in [64, 40, 20, 10] {
        let mut canvas = canvas(room, 1, 1);
        let view = View::default().line_ns(1000.0 * SECOND).reduce(Reduce::Mean);
        Loader::new(view).expect("a view").update_canvas(&mut canvas, &history).expect("an update");
        let got = canvas.value_at(0, 0).expect("a pixel").value;
        assert!((got + 16.9897).abs() < 0.01, "room for {room} rows, {:?} held: {got} dB", canvas.rows());
    }
}

/// Rows in a file that cannot always be read: row `i` has the value `i` in all of its bins.
struct File {
    rows: u64,
    bad: Cell<Option<u64>>,
}

impl Store for File {
    fn epoch_ns(&self) -> i64 {
        0
    }

    fn unit(&self) -> Unit {
        Unit::None
    }

    fn range(&self) -> Range<u64> {
        0..self.rows
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        (row < self.rows).then(|| (Stamp::index(row), 4))
    }

    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.bad.get() == Some(row) {
            return Err(RowsError::File { path: "rows".into(), offset: row, message: "gone".to_owned() });
        }
        out.resize(4, row as f32);
        Ok(())
    }
}

/// Issue 10, C: zooming out over rows whose levels are not ready shows all of them, and exactly once they are.
#[test]
fn rows_without_levels_are_thinned_and_later_exact() {
    let mut pyramid = Pyramid::new(File { rows: 1000, bad: Cell::new(None) }, Precision::F32);
    let mut canvas = canvas(64, 4, 10);
    // 100 rows a line: 1000 rows on ten lines, with room for 64.
    let mut loader = Loader::new(View::default().line_ns(100.0 * SECOND)).expect("a view");
    loader.update_canvas(&mut canvas, &pyramid).expect("an update");
    let mut values = vec![0.0; 40];
    canvas.values(&mut values).expect("the length");
    for (line, values) in values.chunks(4).rev().enumerate() {
        // Something of every line's own hundred rows.
        let rows = line as f32 * 100.0..(line + 1) as f32 * 100.0;
        assert!(values.iter().all(|v| rows.contains(v)), "line {line}: {values:?}");
    }
    // Half of the levels: nothing gets worse.
    pyramid.build(500).expect("half of them");
    loader.update_canvas(&mut canvas, &pyramid).expect("an update");
    canvas.values(&mut values).expect("the length");
    assert!(values.iter().all(|v| v.is_finite()));
    // All of them: the maximum of each line's rows.
    pyramid.build(u64::MAX).expect("the rest");
    loader.update_canvas(&mut canvas, &pyramid).expect("an update");
    canvas.values(&mut values).expect("the length");
    for (line, values) in values.chunks(4).rev().enumerate() {
        let last = (line as f32 + 1.0) * 100.0 - 1.0;
        // Blocks may reach over a line's edge: by no more than a quarter of a line.
        assert!(values.iter().all(|v| (last - 25.0..=last + 25.0).contains(v)), "line {line}: {values:?}");
    }
    assert_eq!(values[0], 999.0);
}

#[test]
fn a_row_that_cannot_be_read_is_an_error_and_passes() {
    let pyramid = Pyramid::new(File { rows: 100, bad: Cell::new(Some(70)) }, Precision::F32);
    let mut canvas = canvas(200, 4, 100);
    let mut loader = Loader::new(View::default()).expect("a view");
    let error = loader.update_canvas(&mut canvas, &pyramid).expect_err("a bad row");
    assert!(matches!(error, Error::Rows(_)) && error.to_string().contains("rows: at byte 70: gone"), "{error}");
    pyramid.store().bad.set(None);
    loader.update_canvas(&mut canvas, &pyramid).expect("an update");
    let mut values = vec![0.0; 400];
    canvas.values(&mut values).expect("the length");
    for (line, values) in values.chunks(4).rev().enumerate() {
        assert_eq!(values, [line as f32; 4]);
    }
}
