//! Frames of which one is on show: those of a stack, which are computed in the background, or those of a live source.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfall::{Compute, Computed, Frames};

use super::live::Live;

/// Frames of which one is on show.
pub(super) enum FrameSequence {
    /// Those of a stack, all of which are there.
    Stack(Stack),
    /// Those of a live source, which arrive one after the other.
    Live(Live),
}

impl FrameSequence {
    /// Numbers of the frames that can be shown; at least one.
    pub(super) fn range(&self) -> Range<u64> {
        match self {
            Self::Stack(stack) => 0..stack.count(),
            Self::Live(live) => live.range(),
        }
    }

    /// The frame on show or, if another one was asked for, that one.
    pub(super) fn wanted(&self) -> u64 {
        match self {
            Self::Stack(stack) => stack.wanted(),
            Self::Live(live) => live.wanted(),
        }
    }

    /// Whether the frame on show changes by itself.
    pub(super) fn is_playing(&self) -> bool {
        match self {
            Self::Stack(stack) => stack.is_playing(),
            Self::Live(live) => live.follows(),
        }
    }

    /// Whether they are those of a live source.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// Shows a frame, and stays there.
    pub(super) fn go(&mut self, number: u64) {
        match self {
            Self::Stack(stack) => stack.go(number),
            Self::Live(live) => live.go(number),
        }
    }

    /// Shows another frame, this many later or earlier.
    pub(super) fn step(&mut self, by: i64) {
        self.go(self.wanted().saturating_add_signed(by));
    }

    /// Plays, or follows the newest frame; or stops.
    pub(super) fn toggle(&mut self, now: Instant) {
        match self {
            Self::Stack(stack) => stack.toggle(now),
            Self::Live(live) if live.follows() => live.go(live.wanted()),
            Self::Live(live) => live.follow(),
        }
    }

    /// Shows the newest frame of a live source from now on.
    pub(super) fn follow(&mut self) {
        if let Self::Live(live) = self {
            live.follow();
        }
    }

    /// When there is something to do though nothing happens.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Stack(stack) => stack.next(now),
            Self::Live(_) => None,
        }
    }

    /// Bytes of the frames that are not on show, and how many they may take.
    pub(super) fn bytes(&self) -> (u64, u64) {
        match self {
            Self::Stack(stack) => stack.bytes(),
            Self::Live(live) => live.bytes(),
        }
    }
}

/// The frames, and the rows of the one that comes next.
pub(super) struct Stack {
    frames: Arc<dyn Frames>,
    shown: u64,
    wanted: u64,
    /// The frame in `back`, and since when it is computed.
    coming: Option<(u64, Instant)>,
    back: Computed,
    fps: f64,
    /// While it plays: which frame was to be shown at which time.
    playing: Option<(u64, Instant)>,
}

impl Stack {
    /// A frame that takes longer is shown before it is exact.
    const PATIENCE: Duration = Duration::from_millis(150);
    /// A frame of which nothing is known after this time is shown all the same.
    const LONGEST: Duration = Duration::from_secs(1);
    /// Between two looks whether the next frame is there.
    const LOOK: Duration = Duration::from_millis(4);

    /// `back` has the threads and the memory for the next frame.
    pub(super) fn new(frames: Arc<dyn Frames>, back: Computed, fps: f64) -> Self {
        Self { frames, shown: 0, wanted: 0, coming: None, back, fps, playing: None }
    }

    pub(super) fn count(&self) -> u64 {
        self.frames.count().max(1)
    }

    /// The frame on show or, if another one was asked for, that one.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted
    }

    /// What computes the rows of the frame on show.
    pub(super) fn compute(&self) -> Option<Arc<dyn Compute>> {
        self.frames.frame(self.shown)
    }

    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Bytes of the rows that are not on show, and how many they may take.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (self.back.bytes(), self.back.budget())
    }

    /// Asks for a frame. It no longer plays.
    pub(super) fn go(&mut self, number: u64) {
        self.playing = None;
        self.wanted = number.min(self.count() - 1);
    }

    /// Plays from the frame on show, or from the first if that is the last; or stops.
    pub(super) fn toggle(&mut self, now: Instant) {
        if self.playing.take().is_none() {
            let from = if self.wanted + 1 >= self.count() { 0 } else { self.wanted };
            self.playing = Some((from, now));
        }
    }

    /// When there is something to do though nothing happens.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        if self.coming.is_some() || self.wanted != self.shown {
            return Some(now + Self::LOOK);
        }
        let (from, start) = self.playing?;
        let frames = self.wanted.saturating_sub(from).saturating_add(1);
        start.checked_add(Duration::try_from_secs_f64(frames as f64 / self.fps).ok()?)
    }

    /// Goes on to the frame of this time, and puts the next frame into `front` if it is there. Returns whether it did.
    ///
    /// If frames take longer than they are shown, some are left out: it keeps time.
    pub(super) fn turn(&mut self, front: &mut Computed, now: Instant) -> bool {
        if let Some((from, start)) = self.playing {
            let passed = now.saturating_duration_since(start).as_secs_f64() * self.fps;
            let last = self.count() - 1;
            // As in `next`, which rounds to nanoseconds.
            self.wanted = from.saturating_add((passed + 1e-6) as u64).min(last);
            if self.wanted == last {
                self.playing = None;
            }
        }
        let turned = self.coming.is_some_and(|(number, since)| {
            let progress = self.back.progress();
            let waited = now.saturating_duration_since(since);
            let is_there = progress.shown || waited >= Self::PATIENCE && progress.sketched || waited >= Self::LONGEST;
            if is_there {
                std::mem::swap(front, &mut self.back);
                (self.shown, self.coming) = (number, None);
            } else {
                // The view may have changed since.
                self.back.want_like(front);
            }
            is_there
        });
        if self.coming.is_none()
            && self.wanted != self.shown
            && let Some(frame) = self.frames.frame(self.wanted)
        {
            self.back.replace(frame);
            self.back.want_like(front);
            self.coming = Some((self.wanted, now));
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use ringfall::{ComputedOptions, Reader, Reduce, Rows as _, RowsError, Stamp, Unit};

    use super::*;

    /// Twenty rows of the number of the frame.
    struct Constant(u64);

    impl Compute for Constant {
        fn unit(&self) -> Unit {
            Unit::None
        }

        fn rows(&self) -> u64 {
            20
        }

        fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
            (row < 20).then(|| (Stamp::index(row), 3))
        }

        fn reader(&self) -> Box<dyn Reader + '_> {
            Box::new(Self(self.0))
        }
    }

    impl Reader for Constant {
        fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
            for row in rows {
                if !each(row, &[self.0 as f32; 3]) {
                    break;
                }
            }
            Ok(())
        }
    }

    struct Counted(u64);

    impl Frames for Counted {
        fn count(&self) -> u64 {
            self.0
        }

        fn frame(&self, number: u64) -> Option<Arc<dyn Compute>> {
            (number < self.0).then(|| Arc::new(Constant(number)) as Arc<dyn Compute>)
        }
    }

    fn stack(count: u64, fps: f64) -> (Computed, Stack) {
        let rows = || {
            let rows = Computed::new(Arc::new(Constant(0)), &ComputedOptions::default(), Box::new(|| {})).unwrap();
            rows.want(0, 0..20, 1, Reduce::Max);
            rows
        };
        (rows(), Stack::new(Arc::new(Counted(count)), rows(), fps))
    }

    /// Waits for the frame that is asked for at this time, and reads a value of it.
    fn value(front: &mut Computed, stack: &mut Stack, now: Instant) -> f32 {
        let end = Instant::now() + Duration::from_secs(30);
        while stack.turn(front, now) || stack.coming.is_some() {
            assert!(Instant::now() < end, "no frame comes");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(front.wait(|progress| progress.shown, Duration::from_secs(30)));
        let mut row = Vec::new();
        front.read(0, 7, Reduce::Max, &mut row).unwrap();
        assert_eq!(row.len(), 3);
        row[2]
    }

    #[test]
    fn one_steps_through_frames_and_stays_between_the_first_and_the_last() {
        let (mut front, mut stack) = stack(5, 25.0);
        let now = Instant::now();
        assert_eq!(value(&mut front, &mut stack, now), 0.0);
        for (by, want) in [(1, 1), (1, 2), (-1, 1), (i64::MIN, 0), (i64::MAX, 4), (1, 4)] {
            stack.go(stack.wanted.saturating_add_signed(by));
            assert_eq!((value(&mut front, &mut stack, now), stack.wanted()), (want as f32, want), "{by}");
        }
        // Many changes at once: the last one counts.
        for number in (0..5).cycle().take(1000) {
            stack.go(number);
            stack.turn(&mut front, now);
        }
        stack.go(3);
        assert_eq!(value(&mut front, &mut stack, now), 3.0);
        stack.go(u64::MAX);
        assert_eq!(value(&mut front, &mut stack, now), 4.0);
        assert_eq!(stack.next(now), None);
    }

    #[test]
    fn it_plays_by_the_clock_to_the_last_frame_and_then_from_the_first() {
        let (mut front, mut stack) = stack(10, 4.0);
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        stack.go(2);
        assert_eq!(value(&mut front, &mut stack, start), 2.0);
        stack.toggle(start);
        assert_eq!(stack.next(start), Some(at(0.25)));
        for (seconds, want) in [(0.2, 2.0), (0.25, 3.0), (0.99, 5.0), (1.0, 6.0)] {
            assert_eq!(value(&mut front, &mut stack, at(seconds)), want, "{seconds} s");
        }
        // Stopped, and going on from there.
        stack.toggle(at(1.1));
        assert_eq!((value(&mut front, &mut stack, at(5.0)), stack.next(at(5.0))), (6.0, None));
        stack.toggle(at(6.0));
        assert!(stack.is_playing());
        assert_eq!(value(&mut front, &mut stack, at(6.5)), 8.0);
        assert_eq!(value(&mut front, &mut stack, at(1e6)), 9.0);
        assert!(!stack.is_playing());
        stack.toggle(at(2e6));
        assert_eq!(value(&mut front, &mut stack, at(2e6)), 0.0);
    }
}
