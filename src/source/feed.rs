//! A source and a spectrum analyser on a thread of their own, and the queue in which their rows reach the renderer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};

use super::pace::time_ns;
use super::{Block, Clock, Read, Source, SourceError, SourceInfo};
use crate::Stamp;
use crate::dsp::{Analyzer, Settings};

/// What to do with a row when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Wait until there is room: for files and the demonstration, which lose nothing by it.
    Wait,
    /// Drop the row and count it: for live sources, which do not wait.
    Drop,
}

/// How a [`Feed`] is doing.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Rows that found the queue full and were dropped.
    pub dropped_rows: u64,
    /// Samples (per channel) that the source lost because they were not fetched in time.
    pub overruns: u64,
    /// How often samples were missing, for whatever reason.
    pub gaps: u64,
    /// There will be no more rows. All that there were are in the queue or have been drained.
    pub ended: bool,
    /// The device is away and is being waited for.
    pub waiting: bool,
    /// What ended the source, if it was not its end.
    pub error: Option<Arc<SourceError>>,
    /// What was wrong with the input although it could be read.
    pub warning: Option<Arc<SourceError>>,
}

/// A running source, and the rows that come of it.
///
/// All of the work is done on the feed's own thread; [`Feed::drain`] takes finished rows out of a lock-free queue, and does
/// nothing else. When a feed is dropped, its thread ends within a few tenths of a second and is waited for.
#[derive(Debug)]
pub struct Feed {
    info: SourceInfo,
    bins: usize,
    first_hz: f64,
    bin_hz: f64,
    rbw_hz: f64,
    row_duration_ns: f64,
    cells: Consumer<f32>,
    stamps: Consumer<Stamp>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the two threads say to each other.
#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    paused: AtomicBool,
    /// The wake-up has been called, and nothing was drained since.
    woken: AtomicBool,
    /// The source's thread waits for room in the queue.
    full: AtomicBool,
    dropped_rows: AtomicU64,
    overruns: AtomicU64,
    gaps: AtomicU64,
    ended: AtomicBool,
    waiting: AtomicBool,
    messages: Mutex<Messages>,
}

#[derive(Clone, Debug, Default)]
struct Messages {
    error: Option<Arc<SourceError>>,
    warning: Option<Arc<SourceError>>,
}

impl Feed {
    /// Starts to read `source` and to turn its samples into rows.
    ///
    /// The queue holds `capacity_rows` rows, 4 bytes a bin each; about a second's worth is plenty. `wake` is called on the
    /// feed's thread when there are new rows, and then not again for rows before the next [`Feed::drain`]; and whenever
    /// [`Status::waiting`] or [`Status::ended`] changes. It is the place to ask for a redraw.
    ///
    /// # Errors
    /// [`SourceError::Settings`] if the settings do not fit the source, [`SourceError::Capacity`] for a queue of no rows or
    /// of more than could ever fit, and [`SourceError::Thread`].
    pub fn start(
        source: Box<dyn Source>,
        settings: &Settings,
        capacity_rows: usize,
        when_full: WhenFull,
        wake: impl Fn() + Send + 'static,
    ) -> Result<Self, SourceError> {
        let info = source.info().clone();
        let analyzer = Analyzer::new(info.rate_hz, info.kind, info.centre_hz, settings)?;
        let bins = analyzer.bins();
        let capacity = capacity_rows
            .checked_mul(bins)
            .filter(|&cells| cells > 0 && cells <= isize::MAX as usize / size_of::<f32>())
            .ok_or(SourceError::Capacity { rows: capacity_rows, bins })?;
        // A row is written and read as a whole, and the capacity is whole rows: so a row never wraps round the end.
        let (cells_in, cells) = RingBuffer::new(capacity);
        let (stamps_in, stamps) = RingBuffer::new(capacity_rows);
        let shared = Arc::new(Shared::default());

        let mut feed = Self {
            bins,
            first_hz: analyzer.first_hz(),
            bin_hz: analyzer.bin_hz(),
            rbw_hz: analyzer.rbw_hz(),
            row_duration_ns: analyzer.row_duration_ns(),
            cells,
            stamps,
            shared: Arc::clone(&shared),
            thread: None,
            info,
        };
        let outbox = Outbox {
            cells: cells_in,
            stamps: stamps_in,
            shared,
            when_full,
            wake,
            rate_hz: feed.info.rate_hz,
            lead_ns: (settings.lead() * 1e9 / feed.info.rate_hz).round() as i64,
            start_ns: 0,
            stamp: Stamp {
                time_ns: 0,
                duration_ns: feed.row_duration_ns,
                first_hz: feed.first_hz,
                bin_hz: feed.bin_hz,
            },
        };
        let live = feed.info.clock == Clock::Utc;
        let thread = thread::Builder::new()
            .name("ringfall source".to_owned())
            .spawn(move || work(source, analyzer, outbox, live))
            .map_err(|cause| SourceError::Thread { name: feed.info.name.clone(), cause })?;
        feed.thread = Some(thread);
        Ok(feed)
    }

    /// The source.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// Bins of a row.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Frequency of the centre of the first bin, in Hz.
    pub fn first_hz(&self) -> f64 {
        self.first_hz
    }

    /// Distance between two bins, in Hz.
    pub fn bin_hz(&self) -> f64 {
        self.bin_hz
    }

    /// Noise bandwidth of a bin, in Hz.
    pub fn rbw_hz(&self) -> f64 {
        self.rbw_hz
    }

    /// Time from one row to the next, in nanoseconds.
    pub fn row_duration_ns(&self) -> f64 {
        self.row_duration_ns
    }

    /// Takes up to `max_rows` rows out of the queue, oldest first, and calls `f` with each and its stamp. Returns how many there
    /// were; if it is `max_rows`, there may be more. Rows are in dBFS; a row's time lies about the middle of what it was made of
    /// ([`Settings::lead`]).
    ///
    /// It never waits and allocates nothing.
    pub fn drain(&mut self, max_rows: usize, mut f: impl FnMut(Stamp, &[f32])) -> usize {
        // Before looking: a row that comes later calls again.
        self.shared.woken.store(false, Ordering::SeqCst);
        let mut rows = 0;
        while rows < max_rows {
            let Ok(stamp) = self.stamps.pop() else { break };
            // The cells of a row are there before its stamp.
            let Ok(chunk) = self.cells.read_chunk(self.bins) else {
                break;
            };
            f(stamp, chunk.as_slices().0);
            chunk.commit_all();
            rows += 1;
        }
        if rows > 0 && self.shared.full.swap(false, Ordering::SeqCst) {
            self.unpark();
        }
        rows
    }

    /// How it is going. A few counters are read; nothing waits for the feed's thread.
    pub fn status(&self) -> Status {
        let shared = &self.shared;
        // First: whoever sees the end then finds all that came before it.
        let ended = shared.ended.load(Ordering::Acquire);
        let messages = shared.messages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Status {
            dropped_rows: shared.dropped_rows.load(Ordering::Relaxed),
            overruns: shared.overruns.load(Ordering::Relaxed),
            gaps: shared.gaps.load(Ordering::Relaxed),
            ended,
            waiting: shared.waiting.load(Ordering::Relaxed),
            error: messages.error,
            warning: messages.warning,
        }
    }

    /// Pauses, or goes on. A file and the demonstration stand still meanwhile and lose nothing. A live source cannot: what
    /// it delivers during the pause is thrown away, and the pause shows as a gap in the times of the rows.
    pub fn pause(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Release);
        self.unpark();
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
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// How long the thread sleeps at most before it looks whether it is to stop.
const NAP: Duration = Duration::from_millis(50);

/// The writing end of the queue.
struct Outbox<W> {
    cells: Producer<f32>,
    stamps: Producer<Stamp>,
    shared: Arc<Shared>,
    when_full: WhenFull,
    wake: W,
    rate_hz: f64,
    /// From a row's first sample to the beginning of its time.
    lead_ns: i64,
    /// Time of the row that begins with the sample that rows are counted from.
    start_ns: i64,
    stamp: Stamp,
}

impl<W: Fn()> Outbox<W> {
    fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Acquire)
    }

    fn notify(&self) {
        if !self.shared.woken.swap(true, Ordering::SeqCst) {
            (self.wake)();
        }
    }

    /// Queues a row that begins with sample `index` since the start.
    fn push(&mut self, index: u64, row: &[f32]) {
        while self.cells.slots() < row.len() || self.stamps.is_full() {
            if self.when_full == WhenFull::Drop {
                self.shared.dropped_rows.fetch_add(1, Ordering::Relaxed);
                return self.notify();
            }
            if self.stopped() {
                return;
            }
            self.notify();
            self.shared.full.store(true, Ordering::SeqCst);
            // There may be room since: then whoever made it did not see the flag.
            if self.cells.slots() < row.len() || self.stamps.is_full() {
                thread::park_timeout(NAP);
            }
        }
        let time_ns = self.start_ns.saturating_add(time_ns(index, self.rate_hz));
        // There is room: this thread alone fills the queue.
        if self.cells.push_entire_slice(row).is_ok() {
            let _ = self.stamps.push(Stamp { time_ns, ..self.stamp });
        }
        self.notify();
    }

    fn warn(&self, source: &dyn Source) {
        if let Some(warning) = source.warning() {
            self.shared.messages.lock().unwrap_or_else(PoisonError::into_inner).warning = Some(warning);
        }
    }
}

/// However the thread ends, the feed has ended, and the renderer hears of it.
impl<W> Drop for Outbox<W> {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
    }
}

fn work(mut source: Box<dyn Source>, mut analyzer: Analyzer, mut outbox: Outbox<impl Fn()>, live: bool) {
    let mut block = Block::default();
    let mut started = false;
    let mut missed = false;
    while !outbox.stopped() {
        let paused = outbox.shared.paused.load(Ordering::Acquire);
        if paused && !live {
            thread::park_timeout(NAP);
            continue;
        }
        let read = source.read(&mut block);
        outbox.shared.overruns.store(source.overruns(), Ordering::Relaxed);
        let waiting = matches!(read, Ok(Read::Waiting));
        if outbox.shared.waiting.swap(waiting, Ordering::Relaxed) != waiting {
            // Not only if nobody was called since the last drain: that drain may come after a look at the status.
            (outbox.wake)();
        }
        match read {
            Ok(Read::Samples) if paused => missed = true,
            Ok(Read::Samples) => {
                let gap = started && (block.gap || missed);
                missed = false;
                if gap {
                    outbox.shared.gaps.fetch_add(1, Ordering::Relaxed);
                    analyzer.reset();
                }
                if gap || !started {
                    outbox.start_ns = block.time_ns.saturating_add(outbox.lead_ns);
                    started = true;
                }
                analyzer.feed(&block.samples, |index, row| outbox.push(index, row));
            }
            Ok(Read::Idle | Read::Waiting) => {}
            Ok(Read::End) => break,
            Err(error) => {
                log::error!("{error}");
                let error = Some(Arc::new(error));
                outbox.shared.messages.lock().unwrap_or_else(PoisonError::into_inner).error = error;
                break;
            }
        }
    }
    outbox.warn(source.as_ref());
    outbox.shared.ended.store(true, Ordering::Release);
    (outbox.wake)();
}
