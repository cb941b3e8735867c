//! The window's title, which shows the state of the program.

use ringfall::plot::words;
use ringfall::source::{Feed, RowInfo, Status};

use super::face::{has_columns, is_array, waiting};
use super::intake::KeptRows;
use super::range::Range;
use crate::units::{self, hertz};

/// The changing parts of the title, to detect when it must be set again.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Title {
    how: How,
    cursor: Option<Cursor>,
    ended: bool,
    opening: bool,
    waiting: bool,
    /// Whole seconds without samples, and without any answer.
    silent_s: Option<u64>,
    stalled_s: Option<u64>,
    failed: bool,
    dropped_rows: u64,
    overruns: u64,
}

/// The state of the picture.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct How {
    pub(super) range: Range,
    /// Cells are values; colours have no range.
    pub(super) has_range: bool,
    pub(super) auto: bool,
    /// Another source is being opened.
    pub(super) opening: bool,
    pub(super) paused: bool,
    /// The view does not follow the newest rows.
    pub(super) away: bool,
    /// The extent of the history, if rows have been evicted.
    pub(super) kept: Option<KeptRows>,
    /// The input ended before it had this many samples, enough for one spectrum.
    pub(super) too_short: Option<usize>,
    /// The number of the colormap that the title names temporarily.
    pub(super) colormap: Option<usize>,
}

/// What is under the pointer.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Cursor {
    pub(super) hz: f64,
    /// The width of a pixel, in Hz; the frequency is exact to half of it.
    pub(super) pixel_hz: f64,
    /// Time per line of pixels, in nanoseconds.
    pub(super) line_ns: u64,
    pub(super) time_ns: i64,
    pub(super) value: Option<f32>,
    /// Where cells are colours.
    pub(super) rgba: Option<[u8; 4]>,
}

impl Cursor {
    fn text(&self, rows: &RowInfo) -> String {
        // As many decimals as the width of a pixel justifies.
        let decimals = (-self.pixel_hz.log10()).ceil().clamp(0.0, 6.0) as usize;
        let level = match (self.rgba, self.value) {
            (Some(color), _) => words::color(color),
            (None, Some(level)) if rows.unit.is_decibel() => format!("{level:.1} dB"),
            (None, Some(value)) => units::number(f64::from(value)),
            (None, None) => "no data".to_owned(),
        };
        if is_array(rows) {
            let row = self.time_ns.div_euclid(1_000_000_000);
            return format!("column {:.0}, row {row}, {level}", self.hz);
        }
        let place = match has_columns(rows) {
            true => format!("column {:.0}", self.hz),
            false => format!("{:.decimals$} Hz", self.hz),
        };
        let time = units::time(self.time_ns, rows.source.clock, units::time_decimals(self.line_ns));
        format!("{place}, {time}, {level}")
    }
}

impl Title {
    pub(super) fn new(how: How, cursor: Option<Cursor>, status: &Status) -> Self {
        Self {
            how,
            cursor,
            ended: status.ended,
            opening: status.opening,
            waiting: status.waiting,
            silent_s: status.silent.map(|silent| silent.as_secs()),
            stalled_s: status.stalled.map(|stalled| stalled.as_secs()),
            failed: status.error.is_some(),
            dropped_rows: status.dropped_rows,
            overruns: status.overruns,
        }
    }

    /// How the source is.
    pub(super) fn source(&self) -> impl PartialEq {
        let Self { ended, opening, waiting, silent_s, stalled_s, failed, .. } = *self;
        (ended, opening, waiting, silent_s, stalled_s, failed)
    }

    pub(super) fn text(&self, feed: &Feed) -> String {
        let info = feed.info();
        if self.opening {
            return format!("{} – opening – ringfall", info.name);
        }
        let what = match has_columns(feed.rows()) {
            // Before there are rows, their number of columns is unknown.
            true if feed.bins() == 1 => String::new(),
            true => format!(" – {} columns", feed.bins()),
            false => {
                let band = units::band(units::whole_band_hz(feed.rows()));
                format!(" – {}, {band}, RBW {}", hertz(info.rate_hz), hertz(feed.rbw_hz()))
            }
        };
        let mut title = format!("{}{what}", info.name);
        if self.how.has_range {
            let auto = if self.how.auto { " (auto)" } else { "" };
            title += &format!(" – {}{auto}", self.how.range.words(feed.rows().unit));
        }
        if let Some(cursor) = &self.cursor {
            title += &format!(" – {}", cursor.text(feed.rows()));
        }
        match self.how.kept {
            Some(KeptRows::Seconds(seconds)) => title += &format!(" – history {}", units::long(seconds)),
            Some(KeptRows::From(time_ns)) => {
                title += &format!(" – kept from {} (--history keeps more)", units::time(time_ns, info.clock, 0));
            }
            None => {}
        }
        if let Some(samples) = self.how.too_short {
            title += &format!(" – too short for one spectrum of {samples} samples");
        }
        let states = [
            (self.how.opening, "opening another source"),
            (self.how.paused, "paused"),
            (self.how.away && !self.how.paused, "press Home to follow"),
            (self.waiting, waiting(&info.name)),
            (self.failed, "stopped by an error"),
            (self.ended && !self.failed, "ended"),
        ];
        for (_, state) in states.iter().filter(|(is, _)| *is) {
            title += &format!(" – {state}");
        }
        if let Some(seconds) = self.silent_s {
            title += &format!(" – no samples for {}", units::long(seconds));
        }
        if let Some(seconds) = self.stalled_s {
            title += &format!(" – no answer for {}", units::long(seconds));
        }
        if self.dropped_rows > 0 {
            title += &format!(" – {} rows dropped", self.dropped_rows);
        }
        if self.overruns > 0 {
            title += &format!(" – {} samples lost", self.overruns);
        }
        title + " – ringfall"
    }
}
