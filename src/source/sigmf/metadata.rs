//! The JSON of a SigMF recording, as far as it tells where samples are and what they mean.

use std::path::Path;

use serde_json::{Map, Value};

use super::annotation::{self, Written};
use super::wrong;
use crate::source::SourceError;
use crate::source::pipe::RawFormat;
use crate::stamp::Stamp;

/// Metadata of a recording.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) format: RawFormat,
    pub(super) rate_hz: Option<f64>,
    pub(super) channels: usize,
    /// Number of the first sample in the data.
    pub(super) offset: u64,
    /// Name of the data where it is another than that of the metadata.
    pub(super) dataset: Option<String>,
    /// Bytes behind the last sample.
    pub(super) trailing_bytes: u64,
    /// In ascending order.
    pub(super) captures: Vec<Capture>,
    pub(super) annotations: Vec<Written>,
}

/// Samples that were taken with the same settings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Capture {
    /// Number of its first sample.
    pub(super) first: u64,
    pub(super) frequency_hz: Option<f64>,
    pub(super) time: Option<Time>,
    /// Bytes before its first sample that are not samples.
    pub(super) header_bytes: u64,
}

/// A point in time, and how finely it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    pub(super) ns: i64,
    pub(super) resolution_ns: i64,
}

/// An object of the metadata, and where it is.
pub(super) struct Object<'a> {
    path: &'a Path,
    at: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn new(path: &'a Path, at: String, value: Option<&'a Value>) -> Result<Self, SourceError> {
        match value {
            Some(Value::Object(fields)) => Ok(Self { path, at, fields }),
            other => Err(wrong(path, at, "an object", describe(other))),
        }
    }

    pub(super) fn wrong(&self, name: &str, expected: &str, got: Option<&Value>) -> SourceError {
        wrong(self.path, format!("{}.core:{name}", self.at), expected, describe(got))
    }

    pub(super) fn field(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(&format!("core:{name}")).filter(|value| !value.is_null())
    }

    pub(super) fn number(
        &self,
        name: &str,
        expected: &str,
        good: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, SourceError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let number = value.as_f64().filter(|number| good(*number));
        number.map(Some).ok_or_else(|| self.wrong(name, expected, Some(value)))
    }

    /// A whole number from 0 on; some programs write it as a float.
    pub(super) fn whole(&self, name: &str) -> Result<Option<u64>, SourceError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        let float = || value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n)).map(|n| n as u64);
        let number = value.as_u64().or_else(float);
        number.map(Some).ok_or_else(|| self.wrong(name, "a whole number from 0 on", Some(value)))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, SourceError> {
        let Some(value) = self.field(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(name, "a text", Some(value)))
    }
}

pub(super) fn describe(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(value) => value.to_string(),
    }
}

impl Metadata {
    /// Reads the text of the file `path`.
    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self, SourceError> {
        // Some editors put it in front.
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let all: Value = serde_json::from_slice(text)
            .map_err(|error| wrong(path, format!("line {} column {}", error.line(), error.column()), "JSON", error))?;
        let top = match &all {
            Value::Object(fields) => fields,
            other => return Err(wrong(path, "the metadata", "an object", describe(Some(other)))),
        };
        let global = Object::new(path, "global".to_owned(), top.get("global"))?;
        let format = datatype(&global)?;
        let rate = |rate: f64| (1.0..=1e15).contains(&rate);
        let rate_hz = global.number("sample_rate", "samples a second, 1 or more", rate)?;
        let channels = global.whole("num_channels")?.unwrap_or(1);
        let channels = usize::try_from(channels).ok().filter(|channels| (1..=4096).contains(channels));
        let Some(channels) = channels else {
            return Err(global.wrong("num_channels", "1 to 4096", global.field("num_channels")));
        };
        if global.field("metadata_only") == Some(&Value::Bool(true)) {
            return Err(global.wrong("metadata_only", "false: there are no samples to show", Some(&Value::Bool(true))));
        }
        let dataset = global.text("dataset")?;
        if let Some(name) = dataset
            && (name.is_empty() || name.contains(['/', '\\', '\0']) || name == "..")
        {
            return Err(global.wrong("dataset", "the name of a file in the same folder", global.field("dataset")));
        }
        let offset = global.whole("offset")?.unwrap_or(0);
        let captures = captures(path, top.get("captures"), offset)?;
        Ok(Self {
            format,
            rate_hz,
            channels,
            offset,
            dataset: dataset.map(str::to_owned),
            trailing_bytes: global.whole("trailing_bytes")?.unwrap_or(0),
            captures,
            annotations: annotation::written(path, top.get("annotations"))?,
        })
    }
}

fn datatype(global: &Object<'_>) -> Result<RawFormat, SourceError> {
    let text = global.text("datatype")?;
    let format = text.and_then(|text| {
        let (word, big) = match text.strip_suffix("_be") {
            Some(word) => (word, "be"),
            None => (text.strip_suffix("_le").unwrap_or(text), ""),
        };
        let complex = if word.starts_with('c') { "c" } else { "" };
        let number = match word.strip_prefix(['c', 'r'])? {
            "f32" => "f32",
            "f64" => "f64",
            "i32" => "s32",
            "i16" => "s16",
            "i8" => "s8",
            "u32" => "u32",
            "u16" => "u16",
            "u8" => "u8",
            _ => return None,
        };
        format!("{complex}{number}{big}").parse().ok()
    });
    let expected = "c or r with f32, f64, i32, i16, i8, u32, u16 or u8, and _le or _be, such as cf32_le";
    format.ok_or_else(|| global.wrong("datatype", expected, global.field("datatype")))
}

fn captures(path: &Path, value: Option<&Value>, offset: u64) -> Result<Vec<Capture>, SourceError> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        other => return Err(wrong(path, "captures", "a list", describe(other))),
    };
    let mut captures: Vec<Capture> = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let object = Object::new(path, format!("captures[{index}]"), Some(value))?;
        let first = object.whole("sample_start")?;
        let first = first.ok_or_else(|| object.wrong("sample_start", "the number of a sample", None))?;
        let least = captures.last().map_or(offset, |last| last.first);
        if first < least {
            let expected = format!("{least} or more");
            return Err(object.wrong("sample_start", &expected, object.field("sample_start")));
        }
        let time = match object.text("datetime")? {
            None => None,
            Some(text) => {
                let expected = "UTC, such as 2026-01-01T12:00:00.000Z, from 1824 to 2115";
                Some(time(text).ok_or_else(|| object.wrong("datetime", expected, object.field("datetime")))?)
            }
        };
        captures.push(Capture {
            first,
            frequency_hz: object.number("frequency", "a frequency in Hz", |hz| hz.abs() <= 1e15)?,
            time,
            header_bytes: object.whole("header_bytes")?.unwrap_or(0),
        });
    }
    Ok(captures)
}

/// ISO 8601; without a zone it is UTC.
fn time(text: &str) -> Option<Time> {
    let stamp = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let time = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    let digits = text.rsplit_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    // Farther away no row can be.
    let ns =
        i64::try_from(stamp.as_nanosecond()).ok().filter(|ns| ns.unsigned_abs() < Stamp::MOST_NS.unsigned_abs())?;
    Some(Time { ns, resolution_ns: 10_i64.pow(9 - digits.min(9) as u32) })
}
