//! The words in a picture file that say what it shows.

use ringfall::Frame;
use ringfall::plot::ticks::TimeLabels;
use ringfall::plot::words;
use ringfall::source::{Clock, RowInfo};

use super::range::Range;

/// What a picture shows, as keywords with text: source, times, frequencies, range, colours, analysis. With plain digits, so
/// that scripts can read them.
pub(crate) fn about(rows: &RowInfo, frame: &Frame, range: Range, colormap: &str) -> Vec<(String, String)> {
    let lines = frame.lines();
    let ends_ns = (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64));
    let labels = match rows.source.clock {
        Clock::Utc => TimeLabels::Utc,
        _ => TimeLabels::Since(0),
    };
    let time = |ns| words::time(ns, frame.line_ns(), &labels);
    let (low, high) = frame.span_hz();
    let unit = rows.unit.name();
    let (vmin, vmax) = range.ends();
    let mut about = vec![
        ("Title", rows.source.name.clone()),
        ("Creation Time", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("Time", format!("{} to {}", time(ends_ns.0), time(ends_ns.1))),
        ("Frequency", format!("{low} Hz to {high} Hz")),
        ("Range", format!("{vmin} to {vmax} {unit}, {}", range.norm())),
        ("Colormap", colormap.to_owned()),
    ];
    if let Some(settings) = rows.settings {
        let (size, hop, window, average) = (settings.size, settings.hop, settings.window, settings.average);
        about.push((
            "Spectrum",
            format!("FFT {size}, hop {hop}, window {window}, averaging {average}, RBW {} Hz", rows.rbw_hz),
        ));
    }
    about.into_iter().map(|(keyword, text)| (keyword.to_owned(), text)).collect()
}
