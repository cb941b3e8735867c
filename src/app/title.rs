//! The window's title: how things are.

use ringfall::source::{Feed, Status};

use super::range::Range;
use super::units::hertz;

/// What the title says that may change, to tell whether it has to be written anew.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Title {
    range: Range,
    paused: bool,
    ended: bool,
    waiting: bool,
    failed: bool,
    dropped_rows: u64,
    overruns: u64,
}

impl Title {
    pub(super) fn new(range: Range, paused: bool, status: &Status) -> Self {
        Self {
            range,
            paused,
            ended: status.ended,
            waiting: status.waiting,
            failed: status.error.is_some(),
            dropped_rows: status.dropped_rows,
            overruns: status.overruns,
        }
    }

    pub(super) fn text(&self, feed: &Feed) -> String {
        let info = feed.info();
        let mut title = format!(
            "{} – {}, {} to {}, RBW {} – {}",
            info.name,
            hertz(info.rate_hz),
            hertz(feed.first_hz()),
            hertz(feed.first_hz() + feed.bin_hz() * (feed.bins() - 1) as f64),
            hertz(feed.rbw_hz()),
            self.range
        );
        let states = [
            (self.paused, "paused"),
            (self.waiting, "waiting for the device"),
            (self.failed, "stopped by an error"),
            (self.ended && !self.failed, "ended"),
        ];
        for (_, state) in states.iter().filter(|(is, _)| *is) {
            title += &format!(" – {state}");
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
