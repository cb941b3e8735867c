//! The rows: their feed and the history that keeps them, or all rows of a recording at once.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use ringfall::source::{Feed, RowSource, WhenFull};
use ringfall::{Compute, Computed, History, Precision, Progress, Rows, Stamp, Unit, dsp};

use super::frames::{FrameSequence, Stack};
use super::live::{Live, Turned};
use super::scene::precise;
use super::show::Whole;

/// Rows taken over for one frame at most, so that a file read as fast as possible does not hold up the keys.
const ROWS_A_FRAME: usize = 4096;

/// A feed and the history of its rows. Nothing else pushes to the history; all others see [`Rows`].
pub(super) struct Intake {
    feed: Feed,
    history: History,
    /// Bytes that the history may take.
    budget: u64,
    /// All rows, if they can be computed in any order. The feed then only describes them, and brings none.
    whole: Option<Computed>,
    /// What computes them; of a stack, those of the first frame.
    compute: Option<Arc<dyn Compute>>,
    /// The frames, if there are several. Those of a live source take the place of the history.
    frames: Option<FrameSequence>,
    /// The revision of `whole` that has been seen.
    revision: u64,
    /// The feed has ended, and all its rows have been taken over.
    done: bool,
}

/// How much a history keeps that has evicted rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum KeptRows {
    /// Live input: this many seconds are kept.
    Seconds(u64),
    /// Anything else: from this time on, in nanoseconds from its beginning; rounded up to whole seconds.
    From(i64),
}

/// Rows that came over.
pub(super) struct Arrived {
    /// Number of the first of them.
    pub(super) first: u64,
    pub(super) count: usize,
    /// There may be more rows, and rows that are already queued wake nothing.
    pub(super) more: bool,
}

impl Intake {
    /// Starts the feed of a source, and what computes its rows if they can be computed in any order. The history, or the frames of a
    /// live source, take up to `budget` bytes.
    pub(super) fn start(
        mut source: Box<dyn RowSource>,
        when_full: WhenFull,
        whole: Option<Whole>,
        (budget, depth): (u64, Precision),
        fps: f64,
        wake: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Result<Self> {
        let compute = whole.as_ref().map(|whole| Arc::clone(&whole.compute));
        let whole =
            whole.map(|whole| computed(whole, fps, wake.clone())).transpose().context("cannot start a thread")?;
        let (whole, stack) = whole.unzip();
        let live = source.live_frames();
        if let Some(live) = &live {
            live.set_budget(budget);
            live.set_wake(Box::new(wake.clone()));
        }
        let feed = Feed::run(source, None, when_full, wake)?;
        let unit = feed.rows().unit;
        let history = History::with_unit(budget, precise(depth, unit), unit);
        let frames =
            live.map(|live| FrameSequence::Live(Live::new(live))).or(stack.flatten().map(FrameSequence::Stack));
        Ok(Self { feed, history, budget, whole, compute, frames, revision: 0, done: false })
    }

    /// What computes the rows on show, if they can be computed in any order.
    pub(super) fn compute(&self) -> Option<Arc<dyn Compute>> {
        match &self.frames {
            Some(FrameSequence::Stack(stack)) => stack.compute(),
            _ => self.compute.clone(),
        }
    }

    /// The frequencies of all rows, if all are there and do not have the same.
    pub(super) fn span_hz(&self) -> Option<(f64, f64)> {
        self.compute.as_ref().and_then(|rows| rows.span_hz())
    }

    /// Whether the rows on show do not scroll: all of them are there, or they are those of a live frame.
    pub(super) fn is_still(&self) -> bool {
        self.whole.is_some() || matches!(self.frames, Some(FrameSequence::Live(_)))
    }

    pub(super) fn frames(&self) -> Option<&FrameSequence> {
        self.frames.as_ref()
    }

    /// Whether the source is one of live frames, and brings no rows.
    pub(super) fn is_frames(&self) -> bool {
        self.frames.as_ref().is_some_and(FrameSequence::is_live)
    }

    pub(super) fn frames_mut(&mut self) -> Option<&mut FrameSequence> {
        self.frames.as_mut()
    }

    /// Shows the frame of this time.
    pub(super) fn turn(&mut self, now: Instant) -> Turned {
        match (&mut self.frames, &mut self.whole) {
            (Some(FrameSequence::Live(live)), _) => live.turn(),
            (Some(FrameSequence::Stack(frames)), Some(whole)) => {
                if !frames.turn(whole, now) {
                    return Turned::No;
                }
                self.revision = whole.revision();
                Turned::Frame
            }
            _ => Turned::No,
        }
    }

    /// Whether all rows are there, and none come.
    pub(super) fn is_whole(&self) -> bool {
        self.whole.is_some()
    }

    /// How far rows have been computed, if they can be computed in any order.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.whole.as_ref().map(Computed::progress)
    }

    pub(super) fn feed(&self) -> &Feed {
        &self.feed
    }

    pub(super) fn rows(&self) -> &dyn Rows {
        match (&self.whole, &self.frames) {
            (Some(whole), _) => whole,
            (None, Some(FrameSequence::Live(live))) => live.rows().map_or(&self.history as &dyn Rows, |frame| frame),
            (None, _) => &self.history,
        }
    }

    /// Whether the rows are those of live input.
    pub(super) fn is_live(&self) -> bool {
        self.feed.info().live
    }

    /// Whether the rows are made here, of samples.
    pub(super) fn is_analysed(&self) -> bool {
        self.feed.rows().settings.is_some()
    }

    /// The unit of the rows' values.
    pub(super) fn unit(&self) -> Unit {
        self.feed.rows().unit
    }

    /// Bytes that the rows take, and how many they may take.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let (used, most) = self.frames.as_ref().map_or((0, 0), FrameSequence::bytes);
        match &self.whole {
            Some(whole) => (whole.bytes() + used, whole.budget() + most),
            None if self.frames.is_some() => (used, most),
            None => (self.history.bytes(), self.budget),
        }
    }

    /// Takes the rows that have come over to the history; `each` sees them too.
    pub(super) fn drain(&mut self, mut each: impl FnMut(&Stamp, &[f32])) -> Result<Arrived> {
        if let Some(whole) = &self.whole {
            let before = std::mem::replace(&mut self.revision, whole.revision());
            return Ok(Arrived { first: 0, count: usize::from(before != self.revision), more: false });
        }
        if let Some(FrameSequence::Live(live)) = &mut self.frames {
            // The feed brings no rows, but may have a change of the source.
            self.feed.drain(usize::MAX, |_, _| {});
            return Ok(Arrived { first: 0, count: live.count(), more: false });
        }
        // Before looking: what the feed queued before it ended is then found.
        let ended = self.feed.status().ended;
        let history = &mut self.history;
        let first = history.range(0).end;
        let mut pushed = Ok(());
        let count = self.feed.drain(ROWS_A_FRAME, |stamp, row| {
            if pushed.is_ok() {
                pushed = history.push(stamp, row);
                each(&stamp, row);
            }
        });
        pushed.context("--history")?;
        let more = count == ROWS_A_FRAME;
        self.done = ended && !more;
        Ok(Arrived { first, count, more })
    }

    /// The feed has ended without a single row.
    pub(super) fn is_empty_to_the_end(&self) -> bool {
        (self.done || self.whole.is_some()) && self.rows().range(0).end == 0
    }

    /// How much is kept, if not all of it.
    pub(super) fn kept(&self) -> Option<KeptRows> {
        let range = self.history.range(0);
        if range.start == 0 {
            return None;
        }
        let (oldest, _) = self.history.stamp(0, range.start)?;
        if !self.is_live() {
            let second = 1_000_000_000;
            return Some(KeptRows::From(oldest.time_ns.saturating_add(second - 1).div_euclid(second) * second));
        }
        let (newest, _) = self.history.stamp(0, range.end.checked_sub(1)?)?;
        let kept_ns = newest.time_ns.saturating_sub(oldest.time_ns) as f64 + newest.duration_ns;
        Some(KeptRows::Seconds((kept_ns * 1e-9) as u64))
    }
}

/// Rows that can be computed, and the frames that they are the first of, if there are several. These share the budget.
fn computed(
    Whole { compute, frames, options, saved }: Whole,
    fps: f64,
    wake: impl Fn() + Clone + Send + Sync + 'static,
) -> std::io::Result<(Computed, Option<Stack>)> {
    let options = options.precision(precise(options.precision, compute.unit()));
    let Some(frames) = frames else {
        let rows = match saved {
            Some(saved) => Computed::with_saved(compute, &options, saved, Box::new(wake)),
            None => Computed::new(compute, &options, Box::new(wake)),
        };
        return Ok((rows?, None));
    };
    let half = options.budget(options.budget / 2);
    let front = Computed::new(Arc::clone(&compute), &half, Box::new(wake.clone()))?;
    let back = Computed::new(compute, &half, Box::new(wake))?;
    Ok((front, Some(Stack::new(frames, back, fps))))
}

/// Rows in the queue between a feed and the drawing thread: one second's worth, at most 64 MiB.
pub(crate) fn queue_rows(settings: &dsp::Settings, rate_hz: f64) -> usize {
    let most = (16 << 20) / settings.size.max(1);
    let second = (rate_hz / settings.hop as f64).ceil() as usize;
    second.clamp(16, 4096).min(most).max(4)
}
