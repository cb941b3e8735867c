//! Recordings and arrays that take long to open: the window is there before they are.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use ringfall::source::{Feed, RowInfo, RowSource, Samples, WhenFull, Whole};
use ringfall::{Compute, ComputedOptions, Frames, Saved, View};

use super::intake::{self, Intake};
use super::{App, Looks, Told, Wake, face};

/// A source, and what it has brought with it.
pub(super) struct Brought {
    source: Box<dyn RowSource>,
    /// None if its rows can only be had in order.
    compute: Option<Arc<dyn Compute>>,
    frames: Option<Arc<dyn Frames>>,
    samples: Option<Arc<dyn Samples>>,
}

impl Brought {
    pub(super) fn by(mut source: Box<dyn RowSource>) -> Self {
        let (frames, samples, compute) = (source.frames(), source.samples(), source.compute());
        Self { source, compute, frames, samples }
    }
}

/// Where a source is put that was opened on another thread.
#[derive(Clone, Default)]
pub(crate) struct Late(Arc<Mutex<Option<Brought>>>);

impl Late {
    /// Keeps a source whose rows can be computed in any order for the window, and returns one that only stands in for it. Any other
    /// source is returned as it is.
    pub(crate) fn keep(&self, source: Box<dyn RowSource>) -> Box<dyn RowSource> {
        let brought = Brought::by(source);
        let Some(compute) = &brought.compute else { return brought.source };
        let stand_in = Whole::computed(brought.source.info().clone(), Arc::clone(compute));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(brought);
        Box::new(stand_in)
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
}

impl App {
    /// Shows a source that took long to open, if it has come.
    pub(super) fn take_late(&mut self) -> Result<()> {
        let Some(brought) = self.late.as_ref().and_then(|later| later.late.take()) else { return Ok(()) };
        let Some(Later { when_full, options, saved, times, .. }) = self.late.take() else { return Ok(()) };
        let saved = saved.and_then(|saved| saved(brought.source.info()));
        let ends = brought.compute.as_ref().and_then(|rows| {
            let (first, _) = rows.entry(0)?;
            let (last, _) = rows.entry(rows.rows().checked_sub(1)?)?;
            Some((first.time_ns, last.end_ns()))
        });
        let times = match (times, ends) {
            (Some(times), Some(ends)) => times(brought.source.info(), ends)?,
            _ => None,
        };
        self.put_on_show(brought, When { when_full, options, saved, view: None, times, is_again: false })
    }

    /// Shows a source that is open, in place of the one on show.
    pub(super) fn put_on_show(&mut self, brought: Brought, when: When) -> Result<()> {
        let Brought { mut source, compute, frames, samples } = brought;
        let When { when_full, options, saved, view, times, is_again } = when;
        let proxy = self.messages.proxy();
        let wake = move || {
            let _ = proxy.send_event(Wake::Rows);
        };
        let frames = frames.map(|frames| (frames, self.wish.fps));
        let whole = compute.clone().map(|rows| intake::computed(rows, frames, &options, saved, wake.clone()));
        let (whole, frames) = whole.transpose().context("cannot start a thread")?.unzip();
        let live = source.live_frames();
        if let Some(live) = &live {
            live.set_budget(self.wish.history.0);
            live.set_wake(Box::new(wake.clone()));
        }
        self.fit = (whole.is_some() && view.is_none()).then_some(times);
        self.there.set_speed(if whole.is_some() || live.is_some() { f64::INFINITY } else { 1.0 });
        let samples = samples.filter(|_| whole.is_some());
        let feed = Feed::run(source, None, when_full, wake)?;
        self.intake = Intake::new(feed, self.wish.history)
            .with_whole(whole.zip(compute))
            .with_frames(frames.flatten())
            .with_live(live);
        // The same recording plays on.
        self.playback.replace(samples, is_again);
        self.face.plot.head_ns = self.playback.head_ns();
        self.told = Told::default();
        self.paused = false;
        self.there.restart(view);
        let is_array = self.intake.is_still() && face::is_array(self.intake.feed().rows());
        self.there.set_array(is_array);
        self.there.set_whole(self.intake.is_whole());
        self.auto.changed();
        self.face.plot.hold.reset();
        self.set_looks(Looks::of(self.intake.feed().rows()));
        self.face.cells_changed(self.intake.rows().is_rgba());
        self.widen(self.intake.feed().bins() as u32)?;
        self.moved();
        self.tell();
        Ok(())
    }
}

/// How a source is put on show.
pub(super) struct When {
    pub(super) when_full: WhenFull,
    pub(super) options: ComputedOptions,
    pub(super) saved: Option<Saved>,
    /// Where the view stays.
    pub(super) view: Option<View>,
    pub(super) times: Option<(i64, i64)>,
    /// It is the same recording, analysed in another way.
    pub(super) is_again: bool,
}
