//! The frames of a live source, of which one is on show: the newest, or one that is kept.

use std::ops::Range;
use std::sync::Arc;

use ringfall::Rows as _;
use ringfall::source::{LiveFrame, LiveFrames};

/// The frames, and the one on show.
pub(super) struct Live {
    frames: Arc<LiveFrames>,
    /// The frame on show, which is held even if it is evicted, and its number.
    shown: Option<(u64, Arc<LiveFrame>)>,
    /// `None`: the newest.
    wanted: Option<u64>,
    /// Frames that have been counted.
    counted: u64,
}

/// How the frame on show has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    No,
    /// Another frame of the same kind is on show.
    Frame,
    /// The frame on show has another size, or cells of another kind.
    Shape,
}

impl Live {
    pub(super) fn new(frames: Arc<LiveFrames>) -> Self {
        Self { frames, shown: None, wanted: None, counted: 0 }
    }

    /// The frame on show.
    pub(super) fn rows(&self) -> Option<&LiveFrame> {
        self.shown.as_ref().map(|(_, frame)| &**frame)
    }

    /// Numbers of the frames that are kept; at least one.
    pub(super) fn range(&self) -> Range<u64> {
        let range = self.frames.range();
        range.start..range.end.max(range.start + 1)
    }

    /// The frame on show or, if another one was asked for, that one.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted.unwrap_or_else(|| self.shown.as_ref().map_or(0, |(number, _)| *number))
    }

    /// Whether each new frame is shown.
    pub(super) fn follows(&self) -> bool {
        self.wanted.is_none()
    }

    /// Bytes of the frames, and how many they may take.
    pub(super) fn bytes(&self) -> (u64, u64) {
        self.frames.bytes()
    }

    /// Shows a frame, and no longer each new one.
    pub(super) fn go(&mut self, number: u64) {
        let range = self.range();
        self.wanted = Some(number.clamp(range.start, range.end - 1));
    }

    /// Shows the newest frame from now on.
    pub(super) fn follow(&mut self) {
        self.wanted = None;
    }

    /// Frames that have come since the last call.
    pub(super) fn count(&mut self) -> usize {
        let end = self.frames.range().end;
        let fresh = end - self.counted;
        self.counted = end;
        usize::try_from(fresh).unwrap_or(usize::MAX)
    }

    /// Puts the frame that is wanted on show.
    pub(super) fn turn(&mut self) -> Turned {
        let range = self.frames.range();
        let Some(newest) = range.end.checked_sub(1) else { return Turned::No };
        let number = self.wanted.unwrap_or(newest);
        if self.shown.as_ref().is_some_and(|(shown, _)| *shown == number) {
            return Turned::No;
        }
        // One that has been evicted since it was asked for: the one on show stays.
        let Some(frame) = self.frames.frame(number) else { return Turned::No };
        let shape = |frame: &LiveFrame| (frame.layout().columns, frame.layout().rows, frame.is_rgba());
        let is_same = self.rows().is_some_and(|shown| shape(shown) == shape(&frame));
        self.shown = Some((number, frame));
        if is_same { Turned::Frame } else { Turned::Shape }
    }
}
