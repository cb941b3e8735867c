//! The levels that the pixels of a view show, worked out on the CPU: for the range and for the read-out at the cursor.

use std::ops;

use ringfall::{Edge, Reduce, Rows, Stamp, View};

use super::range::{Levels, Range};

/// Works out what pixels show. Levels are reduced to pixels first, as the renderer does: the largest of many cells of noise
/// is several dB above the middle of it, and a range found from the cells would show such a picture too bright.
pub(crate) struct Shown {
    levels: Levels,
    row: Vec<f32>,
    /// Per pixel: the reduction so far, or a sum of powers and how many.
    pixels: Vec<(f64, u32)>,
    line: Vec<f32>,
}

impl Shown {
    pub(crate) fn new() -> Self {
        Self { levels: Levels::new(), row: Vec::new(), pixels: Vec::new(), line: Vec::new() }
    }

    /// The range that shows a view well, on so many lines of so many pixels; `None` where nothing is on show. The view's
    /// defaults are filled in. Not many more than `most_cells` cells are looked at: of many lines, lines at even distances.
    pub(crate) fn range(
        &mut self,
        rows: &dyn Rows,
        view: &View,
        (lines, pixels): (u32, u32),
        most_cells: u64,
    ) -> Option<Range> {
        let (Some(span_hz), Some(line_ns), Edge::At(last_ns)) = (view.span_hz, view.line_ns, view.edge) else {
            return None;
        };
        let epoch = rows.epoch_ns();
        let line_of = |time_ns: i64| (time_ns.saturating_sub(epoch) as f64 / line_ns).floor() as i64;
        let (oldest, newest) = (rows.range(0).start, rows.range(0).end.checked_sub(1)?);
        let ((oldest, _), (newest, bins)) = (rows.stamp(0, oldest)?, rows.stamp(0, newest)?);
        let end_ns = newest.time_ns.saturating_add(newest.duration_ns as i64);
        // As far as there are rows.
        let last = line_of(last_ns).min(line_of(end_ns));
        let first = line_of(last_ns).saturating_sub(i64::from(lines) - 1).max(line_of(oldest.time_ns));
        let count = last.checked_sub(first)?.checked_add(1).filter(|count| *count > 0)?;
        let rows_a_line = (line_ns / newest.duration_ns).clamp(1.0, 16.0);
        let most = (most_cells as f64 / (f64::from(bins) * rows_a_line)).max(8.0) as i64;
        let step = (count + most - 1) / most;
        self.levels.clear();
        // From the newest on, which is there in any case.
        let mut line = last;
        while line >= first {
            let time = |line: i64| epoch.saturating_add((line as f64 * line_ns) as i64);
            self.line(rows, view.reduce, time(line)..time(line + 1), span_hz, pixels);
            self.levels.add(&self.line);
            line -= step;
        }
        self.levels.range()
    }

    /// The level that a pixel of this time and these frequencies shows; `None` where there is nothing.
    pub(crate) fn level(
        &mut self,
        rows: &dyn Rows,
        reduce: Reduce,
        times: ops::Range<i64>,
        span_hz: (f64, f64),
    ) -> Option<f32> {
        self.line(rows, reduce, times, span_hz, 1);
        self.line.first().copied().filter(|level| !level.is_nan())
    }

    /// Leaves in `self.line` what the pixels of a line show; NaN where there is nothing.
    fn line(&mut self, rows: &dyn Rows, reduce: Reduce, times: ops::Range<i64>, span_hz: (f64, f64), pixels: u32) {
        self.pixels.clear();
        self.pixels.resize(pixels as usize, (f64::NAN, 0));
        let on = |level: u32| rows.first_from(level, times.start)..rows.first_from(level, times.end);
        let (mut level, mut range) = (0, on(0));
        if range.is_empty() {
            // The row that lasts over the line's middle, if there is one.
            let middle = times.start + (times.end - times.start) / 2;
            let lasts = |row: &u64| {
                let stamp = rows.stamp(0, *row).map(|(stamp, _)| stamp);
                stamp.is_some_and(|s| s.time_ns <= middle && middle as f64 <= s.time_ns as f64 + s.duration_ns)
            };
            let before = range.start.saturating_sub(1);
            if let Some(row) = [before, range.start].into_iter().find(lasts) {
                range = row..row + 1;
            }
        }
        // Blocks of a quarter of a line at most, as the loader has it.
        let count = (range.end - range.start) as f64;
        while level + 1 < rows.levels() && 4f64.powi(level as i32 + 1) * 4.0 <= count {
            level += 1;
        }
        if level > 0 {
            range = on(level);
        }
        for number in range {
            let Some((stamp, _)) = rows.stamp(level, number) else { continue };
            if let Err(error) = rows.read(level, number, reduce, &mut self.row) {
                log::debug!("a row is left out of the range: {error}");
                continue;
            }
            add(&mut self.pixels, &self.row, &stamp, span_hz, reduce);
        }
        self.line.clear();
        self.line.extend(self.pixels.iter().map(|&(value, count)| match reduce {
            Reduce::Mean if count > 0 => (10.0 * (value / f64::from(count)).log10()) as f32,
            _ => value as f32,
        }));
    }
}

/// Adds a row to the pixels of a line.
fn add(pixels: &mut [(f64, u32)], row: &[f32], stamp: &Stamp, (low, high): (f64, f64), reduce: Reduce) {
    let (row_low, _) = stamp.span_hz(row.len());
    let step = (high - low) / stamp.bin_hz / pixels.len() as f64;
    let origin = (low - row_low) / stamp.bin_hz;
    for (index, pixel) in pixels.iter_mut().enumerate() {
        // Wide pixels show all bins that begin on them, narrow ones the bin under their middle.
        let (from, to) = if step < 1.0 {
            let from = (origin + (index as f64 + 0.5) * step).floor();
            (from, from + 1.0)
        } else {
            ((origin + index as f64 * step).floor(), (origin + (index as f64 + 1.0) * step).floor())
        };
        let bin = |position: f64| position.clamp(0.0, row.len() as f64) as usize;
        for &level in row[bin(from)..bin(to)].iter().filter(|level| !level.is_nan()) {
            let level = f64::from(level);
            pixel.0 = match reduce {
                Reduce::Max => pixel.0.max(level),
                Reduce::Min => pixel.0.min(level),
                Reduce::Mean => 10f64.powf(0.1 * level) + if pixel.1 > 0 { pixel.0 } else { 0.0 },
            };
            pixel.1 += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::{History, Precision};

    const SECOND: i64 = 1_000_000_000;

    fn history(rows: &[[f32; 4]]) -> History {
        let mut history = History::new(1 << 20, Precision::F32);
        for (index, row) in rows.iter().enumerate() {
            history.push(Stamp::index(index as u64), row).unwrap();
        }
        history
    }

    #[test]
    fn pixels_are_reduced_as_on_the_picture() {
        let history = history(&[[-80.0, -60.0, f32::NAN, -70.0], [-50.0, -70.0, f32::NAN, -60.0]]);
        let mut shown = Shown::new();
        for (reduce, line) in [
            (Reduce::Max, [-50.0, -60.0]),
            (Reduce::Min, [-80.0, -70.0]),
            // (1e-8 + 1e-6 + 1e-5 + 1e-7) / 4 and (1e-7 + 1e-6) / 2.
            (Reduce::Mean, [-55.5635, -62.5964]),
        ] {
            shown.line(&history, reduce, 0..2 * SECOND, (-0.5, 3.5), 2);
            for (got, want) in shown.line.iter().zip(line) {
                assert!((got - want).abs() < 1e-3, "{reduce:?}: {got}, not {want}");
            }
        }
        // One second, one bin; then a hundredth of a second in the second row, and a hundredth of a bin.
        assert_eq!(shown.level(&history, Reduce::Max, 0..SECOND, (0.5, 1.5)), Some(-60.0));
        let tenth = SECOND / 10;
        assert_eq!(shown.level(&history, Reduce::Max, 18 * tenth..19 * tenth, (2.9, 2.91)), Some(-60.0));
        assert_eq!(shown.level(&history, Reduce::Max, 0..SECOND, (1.5, 2.5)), None);
        assert_eq!(shown.level(&history, Reduce::Max, 3 * SECOND..4 * SECOND, (0.5, 1.5)), None);
        assert_eq!(shown.level(&history, Reduce::Max, 0..SECOND, (9.0, 10.0)), None);
    }

    #[test]
    fn the_range_is_of_what_is_on_show() {
        // 30 rows of -90 dB, 30 of -40 dB.
        let rows: Vec<[f32; 4]> = (0..60).map(|row| [if row < 30 { -90.0 } else { -40.0 }; 4]).collect();
        let history = history(&rows);
        let mut shown = Shown::new();
        let mut range = |edge_s: i64, lines: u32| {
            let view = View {
                span_hz: Some((-0.5, 3.5)),
                line_ns: Some(SECOND as f64),
                edge: Edge::At(edge_s * SECOND + SECOND / 2),
                ..View::default()
            };
            shown.range(&history, &view, (lines, 4), 1 << 20)
        };
        let alone = |level: f32| {
            let mut levels = Levels::new();
            levels.add(&[level; 4]);
            levels.range()
        };
        assert_eq!(range(59, 20), alone(-40.0));
        assert_eq!(range(25, 20), alone(-90.0));
        // Beyond the data there is nothing; a view that reaches beyond them shows what there is.
        assert_eq!(range(-100, 20), None);
        assert_eq!(range(1000, 20), None);
        assert_eq!(range(1000, 960), alone(-40.0));
    }
}
