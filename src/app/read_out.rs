//! What is under the pointer, looked up no more often than one can read.

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

    fn look_under_pointer(&mut self) -> Option<Cursor> {
        let at = self.pointer.at()?;
        let size = self.scene.as_ref()?.screen.size();
        let inside = |at: f64, size: u32| (0.0..f64::from(size)).contains(&at);
        if !inside(at.0, size.0) || !inside(at.1, size.1) {
            return None;
        }
        let frame = self.there.frame(self.intake.rows(), size)?;
        let pixel = (at.0.floor(), at.1.floor());
        let (a, b) = (pixel, (pixel.0 + 1.0, pixel.1 + 1.0));
        let (hz_a, hz_b) = (frame.hz_at(a), frame.hz_at(b));
        let (time_a, time_b) = (frame.time_ns_at(a), frame.time_ns_at(b));
        let middle = (pixel.0 + 0.5, pixel.1 + 0.5);
        let reduce = self.there.view(self.intake.rows())?.reduce;
        let span_hz = (hz_a.min(hz_b), hz_a.max(hz_b));
        let level_db = self.shown.level(self.intake.rows(), reduce, time_a.min(time_b)..time_a.max(time_b), span_hz);
        Some(Cursor {
            hz: frame.hz_at(middle),
            pixel_hz: span_hz.1 - span_hz.0,
            line_ns: (time_a - time_b).unsigned_abs(),
            time_ns: frame.time_ns_at(middle),
            level_db,
        })
    }
}
