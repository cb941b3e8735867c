//! A recording on a thread that can be left behind.
//!
//! Sound libraries hang: in opening, in reading and in closing, for as long as the sound server does not answer. All of
//! their calls are made here, on a thread of their own. Whoever waits for samples sees that none come, drops the
//! [`Recording`] and starts another; the thread of the old one ends when the library lets go of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::intake::{self, Intake, Outlet, Signals};
use crate::source::SourceError;

/// Something that records: the seam at which the tests put their own device.
pub(super) trait Backend: Send + Sync {
    /// Records into `intake` until `stop` has no other end, or the device goes away. `opened` is called when it has
    /// begun; an error before that means that it could not.
    fn record(&self, intake: Intake, opened: &mut dyn FnMut(), stop: &Receiver<()>) -> Result<(), SourceError>;
}

/// A recording that runs, or is about to.
pub(super) struct Recording {
    pub(super) outlet: Outlet,
    pub(super) signals: Arc<Signals>,
    /// When samples last came, or when the device was opened.
    pub(super) heard: Instant,
    open: bool,
    opened: Receiver<Result<(), SourceError>>,
    /// Its thread ends when this is dropped.
    stop: Option<Sender<()>>,
}

/// How opening goes.
pub(super) enum Progress {
    Open,
    Opening,
    Failed(Option<SourceError>),
}

impl Recording {
    /// Starts to record through `backend`, with a queue for `capacity` numbers. `alive` counts the threads.
    pub(super) fn start(
        name: &str,
        backend: &Arc<dyn Backend>,
        (capacity, channels): (usize, usize),
        alive: &Arc<AtomicUsize>,
    ) -> Result<Self, SourceError> {
        let (intake, outlet, signals) = intake::queue(capacity, channels);
        let (stop, stopped) = channel();
        let (opens, opened) = sync_channel(2);
        let work = {
            let (backend, signals) = (Arc::clone(backend), Arc::clone(&signals));
            // Counted from now on, and not only when the thread gets its turn.
            let counted = Counted::new(Arc::clone(alive));
            move || {
                let _counted = counted;
                work(backend.as_ref(), intake, &opens, &stopped);
                signals.gone.store(true, Ordering::Release);
            }
        };
        thread::Builder::new()
            .name("ringfall sound".to_owned())
            .spawn(work)
            .map_err(|cause| SourceError::Thread { name: name.to_owned(), cause })?;
        Ok(Self { outlet, signals, heard: Instant::now(), open: false, opened, stop: Some(stop) })
    }

    /// Whether it is open.
    pub(super) fn progress(&mut self) -> Progress {
        if self.open {
            return Progress::Open;
        }
        match self.opened.try_recv() {
            Ok(Ok(())) => {
                self.open = true;
                self.heard = Instant::now();
                Progress::Open
            }
            Ok(Err(error)) => Progress::Failed(Some(error)),
            Err(TryRecvError::Empty) => Progress::Opening,
            Err(TryRecvError::Disconnected) => Progress::Failed(None),
        }
    }

    /// Waits until it is open, however long that takes.
    pub(super) fn wait(&mut self) -> Result<(), Option<SourceError>> {
        self.opened.recv().map_err(|_| None)?.map_err(Some)?;
        self.open = true;
        self.heard = Instant::now();
        Ok(())
    }

    /// Ends it, and waits for that, but no longer than `patience`.
    pub(super) fn end(mut self, patience: Duration) {
        self.stop = None;
        let begun = Instant::now();
        // The other end is dropped when the thread is done.
        while self.opened.recv_timeout(patience.saturating_sub(begun.elapsed())).is_ok() {}
    }
}

/// Runs the backend, and tells whether it began.
fn work(backend: &dyn Backend, intake: Intake, opens: &SyncSender<Result<(), SourceError>>, stopped: &Receiver<()>) {
    // Sending fails if the receiver was dropped.
    let mut opened = || drop(opens.try_send(Ok(())));
    if let Err(error) = backend.record(intake, &mut opened, stopped) {
        log::debug!("{error}");
        drop(opens.try_send(Err(error)));
    }
}

/// One of the threads that are alive.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self(alive)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
