//! The annotations of a SigMF recording: boxes in time and frequency.

use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use super::metadata::{Object, describe};
use super::wrong;
use crate::source::SourceError;

/// A box in time and frequency around something in a recording.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Annotation {
    /// From when to when, in nanoseconds on the clock of the recording. Without a length in the metadata it lasts to the end
    /// of the recording.
    pub times_ns: Range<i64>,
    /// From the lowest to the highest frequency, in Hz, on the same scale as the recording's; none for the whole band.
    pub span_hz: Option<(f64, f64)>,
    /// A short name; empty if it has none.
    pub label: String,
    /// A longer text; empty if there is none.
    pub comment: String,
}

/// An annotation as it stands in the metadata.
#[derive(Clone, Debug)]
pub(super) struct Written {
    first: u64,
    count: Option<u64>,
    span_hz: Option<(f64, f64)>,
    label: String,
    comment: String,
}

/// Reads the list of annotations.
pub(super) fn written(path: &Path, value: Option<&Value>) -> Result<Vec<Written>, SourceError> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        other => return Err(wrong(path, "annotations", "a list", describe(other))),
    };
    let mut all = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let object = Object::new(path, format!("annotations[{index}]"), Some(value))?;
        let first = object.whole("sample_start")?;
        let first = first.ok_or_else(|| object.wrong("sample_start", "the number of a sample", None))?;
        let edge = |name| object.number(name, "a frequency in Hz", |hz| hz.abs() <= 1e15);
        let span_hz = match (edge("freq_lower_edge")?, edge("freq_upper_edge")?) {
            (Some(low), Some(high)) if low <= high => Some((low, high)),
            (Some(low), Some(_)) => {
                return Err(object.wrong(
                    "freq_upper_edge",
                    &format!("{low} or more"),
                    object.field("freq_upper_edge"),
                ));
            }
            // The specification wants both or neither.
            _ => None,
        };
        // Version 0.0 had descriptions in place of labels.
        let label = object.text("label")?.or(object.text("description")?);
        all.push(Written {
            first,
            count: object.whole("sample_count")?,
            span_hz,
            label: label.unwrap_or_default().to_owned(),
            comment: object.text("comment")?.unwrap_or_default().to_owned(),
        });
    }
    Ok(all)
}

/// A capture: its first sample's number and time, and how many samples it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) first: u64,
    pub(super) time_ns: i64,
    pub(super) samples: u64,
}

/// Gives the annotations their times. Samples beyond the end of the data are taken to follow it without a gap.
pub(super) fn placed(all: &[Written], captures: &[Span], rate_hz: f64) -> Vec<Annotation> {
    let time_of = |sample: u64| {
        let index = captures.partition_point(|capture| capture.first <= sample).saturating_sub(1);
        captures.get(index).map_or(0, |capture| {
            let since_s = (sample as f64 - capture.first as f64) / rate_hz;
            capture.time_ns.saturating_add((since_s * 1e9).round() as i64)
        })
    };
    // The end of a box belongs to the capture of its last sample, not to the one that begins there.
    let end_of = |sample: u64| {
        let one = (1e9 / rate_hz).round() as i64;
        if sample == 0 { time_of(0) } else { time_of(sample - 1).saturating_add(one) }
    };
    let end_ns = captures.last().map_or(0, |last| end_of(last.first.saturating_add(last.samples)));
    let place = |written: &Written| {
        let start_ns = time_of(written.first);
        let end_ns = match written.count {
            Some(0) => start_ns,
            Some(count) => end_of(written.first.saturating_add(count)),
            None => end_ns,
        };
        Annotation {
            times_ns: start_ns..end_ns.max(start_ns),
            span_hz: written.span_hz,
            label: written.label.clone(),
            comment: written.comment.clone(),
        }
    };
    all.iter().map(place).collect()
}
