//! Recordings and arrays that take long to open: the window is there before they are.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use ringfall::source::{RowInfo, RowSource, WhenFull, Whole};
use ringfall::{ComputedOptions, Saved, Side};

use super::App;
use super::switch::{ShowOptions, SourceParts};

/// Where a source is put that was opened on another thread.
#[derive(Clone, Default)]
pub(crate) struct Late(Arc<Mutex<Option<SourceParts>>>);

impl Late {
    /// Keeps a source whose rows can be computed in any order for the window, and returns one that only stands in for it. Any other
    /// source is returned as it is.
    pub(crate) fn keep(&self, source: Box<dyn RowSource>) -> Box<dyn RowSource> {
        let parts = SourceParts::of(source);
        let Some(compute) = &parts.compute else { return parts.source };
        let stand_in = Whole::computed(parts.source.info().clone(), Arc::clone(compute));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(parts);
        Box::new(stand_in)
    }

    /// Keeps a source that takes the place of the one on show.
    pub(crate) fn put(&self, source: Box<dyn RowSource>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(SourceParts::of(source));
    }

    fn take(&self) -> Option<SourceParts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The times to show of rows that begin and end at these times.
pub(crate) type Times = Box<dyn FnOnce(&RowInfo, (i64, i64)) -> Result<Option<(i64, i64)>> + Send>;

/// Where the rows of a source are saved.
pub(crate) type SaveAs = Box<dyn FnOnce(&RowInfo) -> Option<Saved> + Send>;

/// What is to be done with a source once it has come.
pub(crate) struct Later {
    pub(crate) late: Late,
    pub(crate) when_full: WhenFull,
    pub(crate) options: ComputedOptions,
    /// Where its rows are saved.
    pub(crate) saved: Option<SaveAs>,
    /// None for all of it.
    pub(crate) times: Option<Times>,
    /// Where its newest rows belong, if that is not what the window has.
    pub(crate) newest: Option<Side>,
}

impl App {
    /// Shows a source that took long to open, if it has come.
    pub(super) fn take_late(&mut self) -> Result<()> {
        let Some(parts) = self.late.as_ref().and_then(|later| later.late.take()) else { return Ok(()) };
        let Some(Later { when_full, options, saved, times, newest, .. }) = self.late.take() else { return Ok(()) };
        let saved = saved.and_then(|saved| saved(parts.source.info()));
        let ends = parts.compute.as_ref().and_then(|rows| {
            let (first, _) = rows.entry(0)?;
            let (last, _) = rows.entry(rows.rows().checked_sub(1)?)?;
            Some((first.time_ns, last.end_ns()))
        });
        let times = match (times, ends) {
            (Some(times), Some(ends)) => times(parts.source.info(), ends)?,
            _ => None,
        };
        self.put_on_show(parts, ShowOptions { when_full, options, saved, view: None, times, is_again: false })?;
        if let Some(side) = newest {
            self.put_newest(side);
        }
        Ok(())
    }
}
