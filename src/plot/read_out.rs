//! What is said about points, boxes and markers, in words.

use super::marker::{Point, Selection};
use super::ticks::TimeLabels;
use super::words::{self, color, drift, duration, frequency, frequency_difference, level};
use crate::frame::Frame;

/// How the read-outs of a plot are worded.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadOut<'a> {
    pub(super) times: &'a TimeLabels,
    /// Whether bins are columns of an array.
    pub(super) is_array: bool,
    pub(super) unit: &'a str,
    /// What a pixel covers, in Hz and nanoseconds: finer digits would mean nothing.
    pub(super) pixel_hz: f64,
    pub(super) line_ns: f64,
}

impl<'a> ReadOut<'a> {
    pub(super) fn new(frame: &Frame, times: &'a TimeLabels, is_array: bool, unit: &'a str) -> Self {
        let (low, high) = frame.span_hz();
        let pixel_hz = (high - low) / f64::from(frame.across().max(1));
        Self { times, is_array, unit, pixel_hz, line_ns: frame.line_ns() }
    }

    pub(super) fn hertz(&self, hz: f64) -> String {
        if self.is_array { format!("column {:.0}", hz.max(0.0)) } else { frequency(hz, self.pixel_hz) }
    }

    /// The difference of two frequencies, or of the numbers of two columns.
    fn hertz_between(&self, hz: f64) -> String {
        if self.is_array { counted(hz, "columns") } else { frequency_difference(hz, self.pixel_hz) }
    }

    /// A duration, or a number of rows.
    fn time_between(&self, seconds: f64) -> String {
        if *self.times == TimeLabels::RowNumbers { counted(seconds, "rows") } else { duration(seconds) }
    }

    /// How a frequency changes, or the number of a column.
    fn drift(&self, a_second: f64) -> String {
        match (self.is_array, *self.times == TimeLabels::RowNumbers) {
            (false, _) => drift(a_second),
            (true, true) => counted(a_second, "columns a row"),
            (true, false) => counted(a_second, "columns a second"),
        }
    }

    pub(super) fn time(&self, time_ns: i64) -> String {
        words::time(time_ns, self.line_ns, self.times)
    }

    /// The ends of an axis, in the picture: lowest and highest frequency, or oldest and newest time.
    pub(super) fn ends(&self, frame: &Frame, is_hz: bool) -> String {
        let (low, high) = frame.span_hz();
        let lines = frame.lines();
        match is_hz {
            true => format!("{} to {}", self.hertz(low), self.hertz(high)),
            false => {
                format!(
                    "{} to {}",
                    self.time(frame.time_of(lines.start as f64)),
                    self.time(frame.time_of(lines.end as f64))
                )
            }
        }
    }

    /// The value at a point, or its colour.
    fn value(&self, point: &Point) -> String {
        point.rgba.map_or_else(|| level(point.value, self.unit), color)
    }

    /// A point: frequency, time and value, each on a line.
    pub(super) fn point(&self, point: &Point) -> String {
        format!("{}\n{}\n{}", self.hertz(point.hz), self.time(point.time_ns), self.value(point))
    }

    /// What a box holds.
    pub(super) fn selection(&self, selection: &Selection) -> String {
        format!(
            "Δf {}  Δt {}\npeak {}  mean {}",
            if self.is_array {
                counted(selection.bandwidth_hz(), "columns")
            } else {
                frequency(selection.bandwidth_hz(), self.pixel_hz)
            },
            self.time_between(selection.seconds()),
            level(selection.peak, self.unit),
            level(selection.mean, self.unit),
        )
    }

    /// Markers A and B, and what lies between them; empty without markers.
    pub(super) fn markers(&self, a: Option<&Point>, b: Option<&Point>) -> String {
        let line = |name: &str, point: &Point| {
            format!("{name}  {}  {}  {}", self.hertz(point.hz), self.time(point.time_ns), self.value(point))
        };
        let mut lines: Vec<String> =
            [("A", a), ("B", b)].iter().filter_map(|(name, point)| Some(line(name, (*point)?))).collect();
        if let (Some(a), Some(b)) = (a, b) {
            let between = a.to(b);
            // The difference of two levels has no reference: dBFS less dBFS is dB.
            let unit = if self.unit.starts_with("dB") { "dB" } else { self.unit };
            lines.push(format!(
                "B − A  Δf {}  Δt {}  ΔL {}  drift {}",
                self.hertz_between(between.hz),
                self.time_between(between.seconds),
                level(between.value, unit),
                between.drift_hz_s.map_or("undefined".to_owned(), |drift| self.drift(drift)),
            ));
        }
        lines.join("\n")
    }
}

/// A number of rows or columns, with two decimals where it is not whole.
fn counted(number: f64, what: &str) -> String {
    let number = (100.0 * number).round() / 100.0;
    format!("{number} {what}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_arrays_are_numbers_of_rows_and_columns() {
        let read_out = |times, is_array| ReadOut { times, is_array, unit: "", pixel_hz: 1.0, line_ns: 1e9 };
        let point = |hz: f64, row: i64| Point { hz, time_ns: row * 1_000_000_000, value: 1.0, rgba: None };
        let (a, b) = (point(100.0, 10), point(97.0, 18));
        let last = |read_out: ReadOut<'_>| read_out.markers(Some(&a), Some(&b)).lines().last().map(str::to_owned);
        let told = last(read_out(&TimeLabels::RowNumbers, true)).unwrap();
        assert!(told.contains("Δf −3 columns  Δt 8 rows") && told.ends_with("drift −0.38 columns a row"), "{told}");
        let told = last(read_out(&TimeLabels::Utc, true)).unwrap();
        assert!(told.contains("Δf −3 columns  Δt 8 s") && told.ends_with("drift −0.38 columns a second"), "{told}");
        let told = last(read_out(&TimeLabels::Utc, false)).unwrap();
        assert!(told.contains("Δf −3 Hz") && told.ends_with("Hz/s"), "{told}");
    }
}
