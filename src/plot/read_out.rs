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
            frequency(selection.bandwidth_hz(), self.pixel_hz),
            duration(selection.seconds()),
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
                frequency_difference(between.hz, self.pixel_hz),
                duration(between.seconds),
                level(between.value, unit),
                between.drift_hz_s.map_or("undefined".to_owned(), drift),
            ));
        }
        lines.join("\n")
    }
}
