//! The ring of lines that a strip is: where a line is kept, which lines are shaded, and which have to be.

use std::ops::Range;

use super::canvas::Canvas;
use super::dirty::dirty;
use super::lines::Lines;
use crate::frame::Frame;
use crate::scale::Scale;
use crate::view::Side;

/// A ring of lines of pixels, so that scrolling is an offset. The pixels themselves are elsewhere: in a texture or in main memory.
#[derive(Debug)]
pub(crate) struct LineRing {
    size: (u32, u32),
    newest: Side,
    /// The last line that is shaded. `None`: none are shaded.
    last: Option<i64>,
    /// The settings that the lines were shaded for; if they differ, all of them are shaded again.
    shaded_for: Option<Ground>,
    /// The resident rows when the lines were shaded.
    seen: Range<u64>,
    offset: u32,
    stretches: [Stretch; 4],
    /// How far the lines have moved towards the older side, and which are new or changed; `None`: all are.
    change: Option<(i64, [Range<i64>; 2])>,
}

/// What every line depends on besides rows and colours: the frame without its newest line, and the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ground {
    frame: Frame,
    scale: Scale,
}

impl LineRing {
    /// A ring for pictures of this size in pixels. Nothing is shaded yet.
    pub(crate) fn new(size: (u32, u32), newest: Side) -> Self {
        let stretches = [Stretch::default(); 4];
        Self { size, newest, last: None, shaded_for: None, seen: 0..0, offset: 0, stretches, change: None }
    }

    pub(crate) fn size(&self) -> (u32, u32) {
        self.size
    }

    pub(crate) fn newest(&self) -> Side {
        self.newest
    }

    /// Pixels along the time axis: the number of lines.
    pub(crate) fn length(&self) -> u32 {
        if self.newest.is_sideways() { self.size.0 } else { self.size.1 }
    }

    /// Pixels along the frequency axis.
    pub(crate) fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.1 } else { self.size.0 }
    }

    /// Where in the ring the picture begins: its pixel `p` along the time axis is the ring's `(p + offset) % length`.
    pub(crate) fn offset(&self) -> u32 {
        self.offset
    }

    /// The lines that the last [`begin`](Self::begin) found, in up to four stretches; the others are empty.
    pub(crate) fn stretches(&self) -> &[Stretch; 4] {
        &self.stretches
    }

    /// All lines are dirty.
    pub(crate) fn forget(&mut self) {
        self.shaded_for = None;
    }

    /// Nothing has changed: no line has to be shaded.
    pub(crate) fn rest(&mut self) {
        self.stretches = [Stretch::default(); 4];
        self.change = Some((0, [0..0, 0..0]));
    }

    /// How far the picture has moved towards its older side since the frame before, in pixels, and the pixels along the time
    /// axis that were shaded. `None`: all pixels were shaded.
    pub(crate) fn change(&self) -> Option<(i64, [Range<u32>; 2])> {
        let (moved, lines) = self.change.as_ref()?;
        let (last, length) = (self.last?, i64::from(self.length()));
        let pixels = |lines: &Range<i64>| {
            // Lines from the first pixel on.
            let (from, to) = if self.newest.is_ascending() {
                (lines.start - (last + 1 - length), lines.end - (last + 1 - length))
            } else {
                (last + 1 - lines.end, last + 1 - lines.start)
            };
            if lines.is_empty() { 0..0 } else { from.clamp(0, length) as u32..to.clamp(0, length) as u32 }
        };
        Some((*moved, lines.each_ref().map(pixels)))
    }

    /// Finds the lines that have to be shaded for this frame of the canvas, and returns how many. Until
    /// [`finish`](Self::finish) says that this is done, all lines count as dirty.
    pub(crate) fn begin(&mut self, canvas: &Canvas, frame: &Frame) -> u32 {
        let ground = Ground { frame: frame.with_last(0), scale: canvas.scale() };
        let before = self.last.filter(|_| self.shaded_for == Some(ground));
        let dirty = dirty(&Lines { rows: canvas.resident(), frame }, &self.seen, before);
        let moved = before.and_then(|before| frame.last().checked_sub(before));
        let count: i64 = dirty.iter().map(|lines| (lines.end - lines.start).max(0)).sum();
        self.change = moved.filter(|_| count < i64::from(self.length())).map(|moved| (moved, dirty.clone()));
        let stretches = dirty.map(|lines| self.places(&lines));
        self.stretches = [stretches[0][0], stretches[0][1], stretches[1][0], stretches[1][1]];
        self.shaded_for = None;
        self.stretches.iter().map(|stretch| stretch.count).sum()
    }

    /// The lines that [`begin`](Self::begin) found are shaded. Returns whether the picture has moved.
    pub(crate) fn finish(&mut self, canvas: &Canvas, frame: &Frame) -> bool {
        let last = frame.last();
        self.shaded_for = Some(Ground { frame: frame.with_last(0), scale: canvas.scale() });
        self.seen = canvas.resident().range();
        self.offset = if self.newest.is_ascending() { self.place(last.saturating_add(1)) } else { self.place(last) };
        self.last.replace(last) != Some(last)
    }

    /// The position of a line along the time axis of the ring. It does not depend on the view.
    fn place(&self, line: i64) -> u32 {
        let length = i64::from(self.length());
        let line = if self.newest.is_ascending() { line } else { line.saturating_neg() };
        line.rem_euclid(length) as u32
    }

    /// The places of these lines: one or two stretches, ascending. Each has the line at its beginning and the step from one
    /// place's line to the next.
    fn places(&self, lines: &Range<i64>) -> [Stretch; 2] {
        let length = self.length();
        let count = (lines.end - lines.start).clamp(0, i64::from(length)) as u32;
        let (from, line, step) = if self.newest.is_ascending() {
            (self.place(lines.start), lines.start, 1)
        } else {
            (self.place(lines.end - 1), lines.end - 1, -1)
        };
        let head = count.min(length - from);
        [
            Stretch { place: from, count: head, line, step },
            Stretch { place: 0, count: count - head, line: line.saturating_add(step * i64::from(head)), step },
        ]
    }
}

/// Adjacent lines of the ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) place: u32,
    pub(crate) count: u32,
    pub(crate) line: i64,
    pub(crate) step: i64,
}

impl Stretch {
    /// The first line and the last.
    pub(crate) fn ends(self) -> (i64, i64) {
        (self.line, self.line + self.step * (i64::from(self.count) - 1))
    }

    /// The lines' numbers in the order of their places.
    pub(crate) fn lines(self) -> impl Iterator<Item = i64> {
        (0..i64::from(self.count)).map(move |i| self.line + i * self.step)
    }
}
