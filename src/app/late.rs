//! Recordings and arrays that take long to open: the window is there before they are.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use ringfall::source::{Feed, RowInfo, RowSource, Samples, WhenFull, Whole};
use ringfall::{Compute, ComputedOptions, Frames, Saved, View};

use super::intake::{self, Intake};
use super::{App, Told, Wake};

/// Rows that can be computed in any order, and the frames that they are the first of.
type AllRows = (Arc<dyn Compute>, Option<Arc<dyn Frames>>);

/// A source whose rows can be computed in any order, and what it has brought with it.
pub(super) struct Brought {
    pub(super) source: Box<dyn RowSource>,
    pub(super) compute: Arc<dyn Compute>,
    pub(super) frames: Option<Arc<dyn Frames>>,
    pub(super) samples: Option<Arc<dyn Samples>>,
}

impl Brought {
    /// What a source brings; the source again, if its rows can only be had in order.
    fn of(mut source: Box<dyn RowSource>) -> Result<Self, Box<dyn RowSource>> {
        let (frames, samples) = (source.frames(), source.samples());
        match source.compute() {
            Some(compute) => Ok(Self { source, compute, frames, samples }),
            None => Err(source),
        }
    }
}

/// Where a source is put that was opened on another thread.
#[derive(Clone, Default)]
pub(crate) struct Late(Arc<Mutex<Option<Brought>>>);

impl Late {
    /// Keeps a source whose rows can be computed in any order for the window, and returns one that only stands in for it. Any other
    /// source is returned as it is.
    pub(crate) fn keep(&self, source: Box<dyn RowSource>) -> Box<dyn RowSource> {
        match Brought::of(source) {
            Ok(brought) => {
                let stand_in = Whole::computed(brought.source.info().clone(), Arc::clone(&brought.compute));
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(brought);
                Box::new(stand_in)
            }
            Err(source) => source,
        }
    }

    fn take(&self) -> Option<Brought> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The times to show of rows that begin and end at these times.
pub(crate) type Times = Box<dyn FnOnce(&RowInfo, (i64, i64)) -> Result<Option<(i64, i64)>>>;

/// Where the rows of a source are saved.
pub(crate) type SaveAs = Box<dyn FnOnce(&RowInfo) -> Option<Saved>>;

/// What is to be done with a source once it has come.
pub(crate) struct Later {
    pub(crate) late: Late,
    pub(crate) when_full: WhenFull,
    pub(crate) options: ComputedOptions,
    /// Where its rows are saved.
    pub(crate) saved: Option<SaveAs>,
    /// None for all of it.
    pub(crate) times: Option<Times>,
    /// Where the view stays.
    pub(crate) view: Option<View>,
}

impl App {
    /// Shows a source that took long to open, if it has come.
    pub(super) fn take_late(&mut self) -> Result<()> {
        let Some(brought) = self.late.as_ref().and_then(|later| later.late.take()) else { return Ok(()) };
        let Some(Later { when_full, options, saved, times, view, .. }) = self.late.take() else { return Ok(()) };
        let saved = saved.and_then(|saved| saved(brought.source.info()));
        let rows = &brought.compute;
        let ends = rows.entry(0).zip(rows.rows().checked_sub(1).and_then(|last| rows.entry(last)));
        let times = match (times, ends) {
            (Some(times), Some(((first, _), (last, _)))) => {
                times(brought.source.info(), (first.time_ns, last.end_ns()))?
            }
            _ => None,
        };
        self.put_on_show(
            brought.source,
            Some((brought.compute, brought.frames)),
            brought.samples,
            How { when_full, options, saved, view, times },
        )
    }

    /// Shows a source that is open, in place of the one on show.
    pub(super) fn put_on_show(
        &mut self,
        source: Box<dyn RowSource>,
        whole: Option<AllRows>,
        samples: Option<Arc<dyn Samples>>,
        How { when_full, options, saved, view, times }: How,
    ) -> Result<()> {
        let proxy = self.messages.proxy();
        let wake = move || {
            let _ = proxy.send_event(Wake::Rows);
        };
        let whole = whole.map(|(rows, frames)| {
            let frames = frames.map(|frames| (frames, self.wish.fps));
            intake::computed(rows, frames, &options, saved, wake.clone())
        });
        let (whole, frames) = whole.transpose().context("cannot start a thread")?.unzip();
        self.fit = (whole.is_some() && view.is_none()).then_some(times);
        self.there.set_speed(if whole.is_some() { f64::INFINITY } else { 1.0 });
        let samples = samples.filter(|_| whole.is_some());
        let feed = Feed::run(source, None, when_full, wake)?;
        self.intake = Intake::new(feed, self.wish.history).with_whole(whole).with_frames(frames.flatten());
        // With a view it is the same recording, analysed in another way: it plays on.
        self.playback.replace(samples, view.is_some());
        self.face.plot.head_ns = self.playback.head_ns();
        self.told = Told::default();
        self.paused = false;
        self.there.restart(view);
        self.auto.changed();
        self.face.plot.hold.reset();
        self.face.source_changed(self.intake.feed().rows());
        self.face.cells_changed(self.intake.rows().is_rgba());
        self.widen(self.intake.feed().bins() as u32)?;
        self.moved();
        self.tell();
        Ok(())
    }
}

/// How a source is put on show.
pub(super) struct How {
    pub(super) when_full: WhenFull,
    pub(super) options: ComputedOptions,
    pub(super) saved: Option<Saved>,
    pub(super) view: Option<View>,
    pub(super) times: Option<(i64, i64)>,
}

/// What a source brings, or the source alone.
pub(super) type Parts = (Box<dyn RowSource>, Option<AllRows>, Option<Arc<dyn Samples>>);

pub(super) fn parts(source: Box<dyn RowSource>) -> Parts {
    match Brought::of(source) {
        Ok(Brought { source, compute, frames, samples }) => (source, Some((compute, frames)), samples),
        Err(source) => (source, None, None),
    }
}
