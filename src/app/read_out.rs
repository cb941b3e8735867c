//! The value under the pointer, updated no faster than it can be read.

use std::time::{Duration, Instant};

use super::App;
use super::title::Cursor;

/// The reading at the pointer.
#[derive(Default)]
pub(super) struct ReadOut {
    cursor: Option<Cursor>,
    looked: Option<Instant>,
    /// The picture has changed since.
    stale: bool,
}

impl ReadOut {
    /// Between two looks while the picture moves under the pointer.
    const EVERY: Duration = Duration::from_millis(200);

    /// Something else may be under the pointer, because rows have come.
    pub(super) fn changed(&mut self) {
        self.stale = true;
    }

    /// Something else is under the pointer, because the user moved one of the two.
    pub(super) fn forget(&mut self) {
        self.looked = None;
    }

    /// When to look again though nothing else has happened.
    pub(super) fn next(&self) -> Option<Instant> {
        self.cursor.and(self.looked).filter(|_| self.stale).map(|looked| looked + Self::EVERY)
    }
}

impl App {
    /// The reading at the pointer as it is now.
    pub(super) fn read_out(&mut self, now: Instant) -> Option<Cursor> {
        let old = |looked| now.saturating_duration_since(looked) >= ReadOut::EVERY;
        if self.read_out.looked.is_none_or(|looked| self.read_out.stale && old(looked)) {
            let cursor = self.look_under_pointer();
            self.read_out = ReadOut { cursor, looked: Some(now), stale: false };
        }
        self.read_out.cursor
    }

    fn look_under_pointer(&self) -> Option<Cursor> {
        let point = self.face.plot.cursor()?;
        let frame = self.navigator.frame(self.intake.rows(), self.size)?;
        let (low, high) = frame.span_hz();
        let (x, y) = frame.position(point.hz, point.time_ns);
        let pixel = (x.floor(), y.floor());
        let pixel_hz = (frame.hz_at((pixel.0 + 1.0, pixel.1 + 1.0)) - frame.hz_at(pixel)).abs();
        Some(Cursor {
            hz: point.hz,
            pixel_hz: if pixel_hz > 0.0 { pixel_hz } else { high - low },
            line_ns: frame.line_ns() as u64,
            time_ns: point.time_ns,
            value: (!point.value.is_nan()).then_some(point.value),
            rgba: point.rgba,
        })
    }
}
