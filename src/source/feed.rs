//! A source of rows on a thread of its own, and the queue that carries its rows to the renderer.

mod queue;
mod work;

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use queue::{Item, Outlet};
use work::Outbox;

use super::{Control, RowInfo, RowSource, Source, SourceError, SourceInfo, Spectra};
use crate::dsp::Settings;
use crate::stamp::Stamp;

/// What to do with a row when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Wait until there is room: for files and the demonstration, which lose nothing by it.
    Wait,
    /// Drop the row and count it: for live sources, which do not wait.
    Drop,
}

/// The state of a [`Feed`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Status {
    /// Rows that found the queue full and were dropped.
    pub dropped_rows: u64,
    /// Samples (per channel) that the source lost because they were not fetched in time.
    pub overruns: u64,
    /// How often samples were missing, for whatever reason.
    pub gaps: u64,
    /// There will be no more rows. All rows are in the queue or have been drained.
    pub ended: bool,
    /// The input is still being opened.
    pub opening: bool,
    /// The device is disconnected, and the source waits for it.
    pub waiting: bool,
    /// How long a source that answers has delivered nothing: 2 s or more, in whole seconds.
    pub silent: Option<Duration>,
    /// How long the source has not answered at all: 2 s or more, in whole seconds.
    pub stalled: Option<Duration>,
    /// The error that ended the source, if any.
    pub error: Option<Arc<SourceError>>,
    /// What was wrong with the input although it could be read, or the last control that could not be set.
    pub warning: Option<Arc<SourceError>>,
}

/// A running source and its rows.
///
/// All of the work is done on the feed's own thread; [`Feed::drain`] takes finished rows out of a lock-free queue, and does
/// nothing else. A source that hangs blocks only that thread: [`Feed::status`] reports it. When a feed is dropped, it
/// waits a quarter of a second for its thread, which ends in that time unless the source hangs. A thread that hangs is left
/// behind, and ends with the process at the latest.
#[derive(Debug)]
pub struct Feed {
    info: RowInfo,
    rows: Outlet,
    shared: Arc<Shared>,
    controls: SyncSender<Ask>,
    /// Its other end is dropped when the source has been dropped and the thread is about to end.
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
    watch: Option<Thread>,
}

/// What the source's thread is asked to do between two reads.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Control(Control),
    Settings(Settings),
}

/// State shared by the threads.
#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    /// The feed was dropped, and did not wait for its thread.
    left: AtomicBool,
    paused: AtomicBool,
    /// The wake-up has been called, and nothing was drained since.
    woken: AtomicBool,
    /// The source's thread waits for room in the queue.
    full: AtomicBool,
    dropped_rows: AtomicU64,
    overruns: AtomicU64,
    gaps: AtomicU64,
    ended: AtomicBool,
    opening: AtomicBool,
    waiting: AtomicBool,
    /// Where the two times below begin.
    epoch: Instant,
    /// When something last came, in milliseconds since the epoch.
    heard_ms: AtomicU64,
    /// When the read under way began, in milliseconds since the epoch; [`NEVER`] outside of one.
    asked_ms: AtomicU64,
    messages: Mutex<Messages>,
}

/// Stands for no time.
const NEVER: u64 = u64::MAX;

/// The shortest silence that is reported.
const QUIET_MS: u64 = 2000;

/// How long a thread is waited for when its feed is dropped: longer than a read that keeps to the rules.
const FAREWELL: Duration = Duration::from_millis(250);

#[derive(Clone, Debug, Default)]
struct Messages {
    error: Option<Arc<SourceError>>,
    warning: Option<Arc<SourceError>>,
}

impl Shared {
    fn new() -> Self {
        Self {
            stop: AtomicBool::new(false),
            left: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            woken: AtomicBool::new(false),
            full: AtomicBool::new(false),
            dropped_rows: AtomicU64::new(0),
            overruns: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            opening: AtomicBool::new(false),
            waiting: AtomicBool::new(false),
            epoch: Instant::now(),
            heard_ms: AtomicU64::new(0),
            asked_ms: AtomicU64::new(NEVER),
            messages: Mutex::default(),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn error(&self, error: SourceError) {
        log::error!("{error}");
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).error = Some(Arc::new(error));
    }

    fn warning(&self, warning: Arc<SourceError>) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).warning = Some(warning);
    }

    /// For how long nothing has come, and for how long there was no answer, both in whole seconds and only if long enough.
    fn quiet(&self) -> (Option<u64>, Option<u64>) {
        if self.ended.load(Ordering::Acquire) || self.paused.load(Ordering::Acquire) {
            return (None, None);
        }
        let now = self.now_ms();
        let since = |then: u64| Some(now.checked_sub(then)?).filter(|ms| *ms >= QUIET_MS).map(|ms| ms / 1000);
        let stalled = since(self.asked_ms.load(Ordering::Relaxed));
        let silent = since(self.heard_ms.load(Ordering::Relaxed)).filter(|_| stalled.is_none());
        (silent, stalled)
    }
}

/// Calls the host's wake-up, from one thread at a time, and not for a feed that was left behind.
struct Bell<W> {
    wake: Mutex<W>,
    shared: Arc<Shared>,
}

impl<W: Fn()> Bell<W> {
    fn ring(&self) {
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.shared.left.load(Ordering::Acquire) {
            wake();
        }
    }

    /// Rings unless it was rung since the last drain.
    fn notify(&self) {
        if !self.shared.woken.swap(true, Ordering::SeqCst) {
            self.ring();
        }
    }
}

impl Feed {
    /// Starts to read `source` and to turn its samples into rows: [`Feed::run`] for [`Spectra`].
    ///
    /// # Errors
    /// [`SourceError::Settings`] if the settings do not fit the source, and those of [`Feed::run`].
    pub fn start(
        source: Box<dyn Source>,
        settings: &Settings,
        capacity_rows: usize,
        when_full: WhenFull,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, SourceError> {
        Self::run(Box::new(Spectra::new(source, settings)?), Some(capacity_rows), when_full, wake)
    }

    /// Starts to read rows.
    ///
    /// The queue holds `capacity_rows` rows, 4 bytes a bin each; none is about a second's worth, as far as 64 MiB go. `wake`
    /// is called when there are new rows, and then not again for rows before the next [`Feed::drain`]; and whenever
    /// another field of [`Status`] than a counter changes. It is called on other threads than this one, one at a time, and is
    /// the place to ask for a redraw.
    ///
    /// # Errors
    /// [`SourceError::Row`] if the source's rows make no sense, [`SourceError::Capacity`] for a queue of no rows or
    /// of more than fit in memory, and [`SourceError::Thread`].
    pub fn run(
        source: Box<dyn RowSource>,
        capacity_rows: Option<usize>,
        when_full: WhenFull,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, SourceError> {
        let info = source.info().clone();
        info.check()?;
        let (inlet, rows) = queue::queue(capacity_rows, &info)?;
        let shared = Arc::new(Shared::new());
        let bell = Arc::new(Bell { wake: Mutex::new(wake), shared: Arc::clone(&shared) });
        let name = info.source.name.clone();
        let no_thread = |cause| SourceError::Thread { name: name.clone(), cause };
        // More settings than a user can make during one read.
        let (controls, asked) = sync_channel(64);
        let (ends, ended) = channel::<()>();
        let outbox = Outbox::new(inlet, Arc::clone(&shared), when_full, Arc::clone(&bell));
        let thread = thread::Builder::new()
            .name("ringfall source".to_owned())
            .spawn(move || {
                work::run(source, outbox, &asked);
                drop(ends);
            })
            .map_err(no_thread)?;
        let mut feed = Self { info, rows, shared, controls, ended, thread: Some(thread), watch: None };
        let watch = thread::Builder::new()
            .name("ringfall watch".to_owned())
            .spawn(move || watch(&bell))
            .map_err(|cause| SourceError::Thread { name: feed.info.source.name.clone(), cause })?;
        feed.watch = Some(watch.thread().clone());
        Ok(feed)
    }

    /// The source, as it was when the rows were made that were drained last.
    pub fn info(&self) -> &SourceInfo {
        &self.info.source
    }

    /// Properties of the rows that were drained last.
    pub fn rows(&self) -> &RowInfo {
        &self.info
    }

    /// Bins of a row.
    pub fn bins(&self) -> usize {
        self.info.bins
    }

    /// Frequency of the centre of the first bin, in Hz.
    pub fn first_hz(&self) -> f64 {
        self.info.first_hz
    }

    /// Distance between two bins, in Hz.
    pub fn bin_hz(&self) -> f64 {
        self.info.bin_hz
    }

    /// Noise bandwidth of a bin, in Hz.
    pub fn rbw_hz(&self) -> f64 {
        self.info.rbw_hz
    }

    /// Time from one row to the next, in nanoseconds.
    pub fn row_duration_ns(&self) -> f64 {
        self.info.row_duration_ns
    }

    /// Takes up to `max_rows` rows out of the queue, oldest first, and calls `f` with each and its stamp. Returns how many there
    /// were; if it is `max_rows`, there may be more. Where the source has changed between two rows, [`Feed::info`] and
    /// [`Feed::rows`] change with the second.
    ///
    /// It never waits and, while rows keep their length, allocates nothing.
    pub fn drain(&mut self, max_rows: usize, mut f: impl FnMut(Stamp, &[f32])) -> usize {
        // Before looking: a row that comes later calls again.
        self.shared.woken.store(false, Ordering::SeqCst);
        let mut rows = 0;
        let mut taken = false;
        while rows < max_rows {
            match self.rows.pop() {
                None => break,
                Some(Item::Changed(change)) => self.info = self.rows.change(*change),
                Some(Item::Row { stamp, bins }) => {
                    self.rows.cells(bins, |cells| f(stamp, cells));
                    rows += 1;
                }
            }
            taken = true;
        }
        if taken && self.shared.full.swap(false, Ordering::SeqCst) {
            self.unpark();
        }
        rows
    }

    /// How it is going. A few counters are read; nothing waits for the feed's thread.
    pub fn status(&self) -> Status {
        let shared = &self.shared;
        // First, so that a reader that sees the end also finds everything before it.
        let ended = shared.ended.load(Ordering::Acquire);
        let messages = shared.messages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (silent, stalled) = shared.quiet();
        Status {
            dropped_rows: shared.dropped_rows.load(Ordering::Relaxed),
            overruns: shared.overruns.load(Ordering::Relaxed),
            gaps: shared.gaps.load(Ordering::Relaxed),
            ended,
            opening: shared.opening.load(Ordering::Relaxed),
            waiting: shared.waiting.load(Ordering::Relaxed),
            silent: silent.map(Duration::from_secs),
            stalled: stalled.map(Duration::from_secs),
            error: messages.error,
            warning: messages.warning,
        }
    }

    /// Pauses, or goes on. A file and the demonstration stand still meanwhile and lose nothing. A live source cannot: what
    /// it delivers during the pause is thrown away, and the pause shows as a gap in the times of the rows.
    pub fn pause(&self, paused: bool) {
        self.shared.heard_ms.store(self.shared.now_ms(), Ordering::Relaxed);
        self.shared.paused.store(paused, Ordering::Release);
        self.unpark();
    }

    /// Tunes the source to another centre frequency, in Hz. See [`Feed::control`].
    ///
    /// # Errors
    /// Those of [`Feed::control`].
    pub fn tune(&self, hz: f64) -> Result<(), SourceError> {
        self.control(Control::Tune(hz))
    }

    /// Sets the source's gain, in dB. See [`Feed::control`].
    ///
    /// # Errors
    /// Those of [`Feed::control`].
    pub fn gain(&self, db: f64) -> Result<(), SourceError> {
        self.control(Control::Gain(db))
    }

    /// Asks the source to set a control, and does not wait for it. [`Feed::info`] tells when it has happened; what the device
    /// refuses is in [`Status::warning`].
    ///
    /// # Errors
    /// [`SourceError::NoControl`] where the source has no such control, [`SourceError::ControlRange`] for a value out of its
    /// bounds, and [`SourceError::ControlBusy`] if the source has not taken many earlier ones.
    pub fn control(&self, control: Control) -> Result<(), SourceError> {
        let SourceInfo { name, controls, .. } = &self.info.source;
        controls.check(name, control)?;
        self.ask(Ask::Control(control), name)
    }

    /// Asks for rows that are made with other settings, and does not wait for them. [`Feed::rows`] tells when they come; settings
    /// that do not fit are in [`Status::warning`].
    ///
    /// # Errors
    /// [`SourceError::ControlBusy`] if the source has not taken many earlier requests.
    pub fn set_settings(&self, settings: &Settings) -> Result<(), SourceError> {
        self.ask(Ask::Settings(*settings), &self.info.source.name)
    }

    fn ask(&self, ask: Ask, name: &str) -> Result<(), SourceError> {
        match self.controls.try_send(ask) {
            // A source that has ended takes no settings, and needs none.
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(SourceError::ControlBusy { name: name.to_owned() }),
        }
    }

    fn unpark(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(watch) = self.watch.take() {
            watch.unpark();
        }
        let Some(thread) = self.thread.take() else { return };
        thread.thread().unpark();
        match self.ended.recv_timeout(FAREWELL) {
            Err(RecvTimeoutError::Timeout) => {
                self.shared.left.store(true, Ordering::Release);
                log::debug!("{}: its source hangs; its thread is left behind", self.info.source.name);
            }
            // Its source is gone, and nothing is left that could hang.
            _ => drop(thread.join()),
        }
    }
}

/// Rings the bell whenever the time for which a source has been quiet reaches another second: its own thread may hang.
fn watch(bell: &Bell<impl Fn()>) {
    let mut told = (None, None);
    while !bell.shared.stopped() && !bell.shared.ended.load(Ordering::Acquire) {
        let quiet = bell.shared.quiet();
        if quiet != told {
            told = quiet;
            bell.ring();
        }
        thread::park_timeout(Duration::from_millis(250));
    }
}

/// Whether quiet of such a source is worth telling: a file waits where its player does.
fn is_live(info: &RowInfo) -> bool {
    info.source.live
}

/// What a thread said when it panicked.
pub(super) fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
