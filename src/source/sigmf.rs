//! SigMF recordings: samples and metadata in two files, or both in an archive. Version 1 of the specification.

mod annotation;
mod archive;
mod metadata;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub use annotation::Annotation;
use annotation::Span;
use metadata::{Capture, Metadata};

use super::channel::Channel;
use super::pace::time_ns;
use super::raw_file::{Layout, Segment, SigMfOptions};
use super::{Clock, SourceError};

/// Metadata larger than this are not read.
const MOST_METADATA: u64 = 256 << 20;

/// A part of a file.
struct Part {
    offset: u64,
    length: u64,
}

/// Opens a recording by any of its files. What is returned is the path of the data, the file that they are in, and where its
/// samples are.
pub(super) fn open(path: &Path, options: &SigMfOptions) -> Result<(PathBuf, File, Layout), SourceError> {
    let io_error = |path: &Path| {
        let path = path.to_owned();
        move |cause| SourceError::Io { path, cause }
    };
    let is = |word: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(word));
    if is("sigmf") {
        let mut file = File::open(path).map_err(io_error(path))?;
        let (meta, data) = archive::parts(path, &mut file)?;
        let text = archive::text(path, &mut file, &meta)?;
        let metadata = Metadata::parse(path, &text)?;
        let layout = layout(path, &metadata, &data, options)?;
        return Ok((path.to_owned(), file, layout));
    }
    let meta = path.with_extension("sigmf-meta");
    let file = File::open(&meta).map_err(io_error(&meta))?;
    let mut text = Vec::new();
    file.take(MOST_METADATA + 1).read_to_end(&mut text).map_err(io_error(&meta))?;
    if text.len() as u64 > MOST_METADATA {
        return Err(wrong(&meta, "its length", format!("at most {MOST_METADATA} bytes"), "more".to_owned()));
    }
    let metadata = Metadata::parse(&meta, &text)?;
    let data = match &metadata.dataset {
        // A name within the same folder, by the specification: a path could lead anywhere.
        Some(name) => meta.with_file_name(name),
        None => meta.with_extension("sigmf-data"),
    };
    let opened = File::open(&data).and_then(|file| match file.metadata()? {
        found if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        found => Ok((file, found)),
    });
    let (file, found) = opened.map_err(|cause| match &metadata.dataset {
        Some(name) => wrong(&meta, "global.core:dataset", "a file in the same folder", format!("{name}: {cause}")),
        None => io_error(&data)(cause),
    })?;
    let layout = layout(&meta, &metadata, &Part { offset: 0, length: found.len() }, options)?;
    Ok((data, file, layout))
}

/// An error about metadata. The offending text is cut to a readable length.
fn wrong(path: &Path, at: impl Into<String>, expected: impl Into<String>, got: impl std::fmt::Display) -> SourceError {
    let mut got: String = got.to_string().escape_debug().to_string();
    if let Some((end, _)) = got.char_indices().nth(80) {
        got.truncate(end);
        got.push('…');
    }
    SourceError::SigMf { path: path.to_owned(), at: at.into(), expected: expected.into(), got }
}

/// Where the samples of each capture are, and when and around which frequency they were taken.
fn layout(path: &Path, metadata: &Metadata, data: &Part, options: &SigMfOptions) -> Result<Layout, SourceError> {
    let missing = |at: &str, expected: &str| wrong(path, at, expected, "nothing");
    let rate_hz = options.rate_hz.or(metadata.rate_hz);
    let rate_hz = rate_hz.ok_or_else(|| missing("global.core:sample_rate", "samples a second, in Hz"))?;
    let channels = metadata.channels;
    let channel = match options.channel {
        None | Some(Channel::Mix) if channels == 1 => 0,
        Some(Channel::One(number)) if (1..=channels).contains(&number) => number - 1,
        Some(Channel::One(asked)) => {
            return Err(SourceError::Channel { from: path.display().to_string(), asked, channels });
        }
        _ => {
            let expected = format!("the number of a channel from 1 to {channels}");
            let asked = options.channel.map_or("none".to_owned(), |channel| channel.to_string());
            return Err(wrong(path, "the channel", expected, asked));
        }
    };
    let frame = (metadata.format.sample_bytes() * channels) as u64;
    let whole = [Capture { first: metadata.offset, ..Capture::default() }];
    let captures = if metadata.captures.is_empty() { &whole[..] } else { &metadata.captures };
    let trailing = data.length.saturating_sub(metadata.trailing_bytes);
    let mut segments: Vec<Segment> = Vec::with_capacity(captures.len());
    let mut spans: Vec<Span> = Vec::with_capacity(captures.len());
    let start_ns = options.start_ns.or(captures[0].time.map(|time| time.ns));
    // If a flag moves the beginning, all other times move by the same amount.
    let moved_ns = match (options.start_ns, captures[0].time) {
        (Some(start), Some(time)) => start.saturating_sub(time.ns),
        _ => 0,
    };
    let (mut headers, mut end_ns, mut cut) = (0_u64, start_ns.unwrap_or(0), None);
    for (index, capture) in captures.iter().enumerate() {
        let at = |field: &str| format!("captures[{index}].core:{field}");
        headers = headers.saturating_add(capture.header_bytes);
        let first = capture.first.saturating_sub(metadata.offset);
        let offset = first.checked_mul(frame).and_then(|bytes| bytes.checked_add(headers));
        let next = captures.get(index + 1).map(|next| next.first.saturating_sub(metadata.offset));
        let Some(offset) = offset.filter(|offset| *offset <= trailing) else {
            let expected = format!("a sample of the {} that there are", trailing / frame);
            return Err(wrong(path, at("sample_start"), expected, capture.first));
        };
        let there = (trailing - offset) / frame;
        let samples = match next {
            Some(next) => (next - first).min(there),
            None => {
                let over = (trailing - offset) % frame;
                cut = (over > 0).then_some(over as usize);
                there
            }
        };
        let counted_ns = end_ns;
        let time_ns_ = match capture.time {
            Some(time) if start_ns.is_some() && index > 0 => {
                let given = time.ns.saturating_add(moved_ns);
                let sample_ns = (1e9 / rate_hz).ceil() as i64;
                // A time that is written in milliseconds is no more precise than that.
                let same = given.saturating_sub(counted_ns).saturating_abs() <= sample_ns.max(time.resolution_ns);
                if given < counted_ns && !same {
                    log::warn!(
                        "{}: {} is before the end of the capture before it, and is ignored",
                        path.display(),
                        at("datetime")
                    );
                }
                if same { counted_ns } else { given.max(counted_ns) }
            }
            _ => counted_ns,
        };
        let centre_hz = options.centre_hz.or(capture.frequency_hz).unwrap_or(0.0);
        spans.push(Span { first: capture.first, time_ns: time_ns_, samples });
        segments.push(Segment { offset: data.offset + offset, samples, time_ns: time_ns_, centre_hz });
        end_ns = time_ns_.saturating_add(time_ns(samples, rate_hz));
    }
    let warning = cut.map(|got| SourceError::Partial {
        name: path.display().to_string(),
        what: "sample",
        got,
        expected: frame as usize,
    });
    let clock = if start_ns.is_some() { Clock::Utc } else { Clock::File };
    let annotations = annotation::placed(&metadata.annotations, &spans, rate_hz);
    Ok(Layout { format: metadata.format, channels, channel, rate_hz, clock, segments, warning, annotations })
}
