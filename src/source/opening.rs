//! Opening what may take forever to open.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::feed::panic_message;
use super::pace::PATIENCE;
use super::{Clock, Control, Read, RowInfo, RowSource, SourceError};
use crate::dsp::Settings;
use crate::stamp::Stamp;

/// Something that is being opened on a thread of its own: a FIFO without a writer, a sound server that does not answer.
///
/// When it is dropped before it is done, its thread is left behind; it ends when the opening does, or with the process.
#[derive(Debug)]
pub struct Opening<T> {
    name: String,
    result: Receiver<thread::Result<T>>,
}

impl<T: Send + 'static> Opening<T> {
    /// Begins to open: calls `open` on a new thread. `name` is for messages.
    ///
    /// # Errors
    /// [`SourceError::Thread`].
    pub fn start(name: impl Into<String>, open: impl FnOnce() -> T + Send + 'static) -> Result<Self, SourceError> {
        let name = name.into();
        let (sender, result) = sync_channel(1);
        let work = move || {
            // It fails if the receiver was dropped.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(open)));
        };
        thread::Builder::new()
            .name("ringfall opening".to_owned())
            .spawn(work)
            .map_err(|cause: io::Error| SourceError::Thread { name: name.clone(), cause })?;
        Ok(Self { name, result })
    }

    /// What is being opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for up to `patience`; none if it is still being opened.
    ///
    /// # Errors
    /// [`SourceError::Panicked`] if `open` panicked.
    pub fn wait(&self, patience: Duration) -> Result<Option<T>, SourceError> {
        let panicked = |message| Err(SourceError::Panicked { name: self.name.clone(), message });
        match self.result.recv_timeout(patience) {
            Ok(Ok(opened)) => Ok(Some(opened)),
            Ok(Err(payload)) => panicked(panic_message(payload.as_ref())),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => panicked("its result was taken before".to_owned()),
        }
    }
}

/// What opens in the end: a source of rows, or why there is none.
type Opened = Result<Box<dyn RowSource>, SourceError>;

/// Waits a moment for what is being opened.
type Wait = Box<dyn FnMut() -> Result<Option<Opened>, SourceError> + Send>;

/// A source of rows that is still being opened: it says [`Read::Opening`] until it is open, then [`Read::Changed`].
pub struct Deferred {
    info: RowInfo,
    /// Waits a moment for the source; none once it has come, or failed to.
    opening: Option<Wait>,
    source: Option<Box<dyn RowSource>>,
}

impl Deferred {
    /// Waits for `opening`, and makes a source of what was opened with `finish`. Until it is done, [`RowSource::info`] has its
    /// name and otherwise stands for nothing.
    ///
    /// # Errors
    /// None today: what is said of the rows until they are there is checked like any other description, and is valid.
    pub fn new<T: Send + 'static>(
        opening: Opening<T>,
        finish: impl FnOnce(T) -> Result<Box<dyn RowSource>, SourceError> + Send + 'static,
    ) -> Result<Self, SourceError> {
        let info = RowInfo::new(opening.name(), Clock::File, 1, (0.0, 1.0), 1e9)?;
        let mut finish = Some(finish);
        let wait = move || {
            let opened = opening.wait(PATIENCE)?;
            Ok(opened.and_then(|opened| Some(finish.take()?(opened))))
        };
        Ok(Self { info, opening: Some(Box::new(wait)), source: None })
    }
}

impl std::fmt::Debug for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deferred").field("info", self.info()).finish_non_exhaustive()
    }
}

impl RowSource for Deferred {
    fn info(&self) -> &RowInfo {
        self.source.as_ref().map_or(&self.info, |source| source.info())
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if let Some(source) = &mut self.source {
            return source.read(row);
        }
        let Some(wait) = &mut self.opening else { return Ok(Read::End) };
        match wait() {
            Ok(None) => Ok(Read::Opening),
            Ok(Some(opened)) => {
                self.opening = None;
                self.source = Some(opened?);
                Ok(Read::Changed)
            }
            Err(error) => {
                self.opening = None;
                Err(error)
            }
        }
    }

    fn discard(&mut self) -> Result<Read, SourceError> {
        match &mut self.source {
            Some(source) => source.discard(),
            None => self.read(&mut |_, _| {}),
        }
    }

    fn overruns(&self) -> u64 {
        self.source.as_ref().map_or(0, |source| source.overruns())
    }

    fn gaps(&self) -> u64 {
        self.source.as_ref().map_or(0, |source| source.gaps())
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.as_ref().and_then(|source| source.warning())
    }

    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        match &mut self.source {
            Some(source) => source.control(control),
            None => Err(SourceError::NoControl { name: self.info.source.name.clone(), control: control.name() }),
        }
    }

    fn set_settings(&mut self, settings: &Settings) -> Result<(), SourceError> {
        match &mut self.source {
            Some(source) => source.set_settings(settings),
            None => Err(SourceError::NoControl { name: self.info.source.name.clone(), control: "analysis" }),
        }
    }
}
