//! Plays recorded samples, with sound.

mod outlet;
mod output;
mod resample;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use outlet::Heard;
use output::{DefaultDevice, Output};
use resample::Resampler;
use rtrb::Producer;

use super::samples::{SampleReader, Samples};
use super::{SourceError, SourceInfo};
use crate::dsp::SampleKind;

/// How samples are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayerOptions {
    /// Without sound, by the clock.
    pub mute: bool,
}

/// Plays recorded samples in real time on the system's sound device: all channels of it alike, as loud as they are, clipped to
/// ±1. What is missing between two stretches is skipped.
///
/// If the device does not have the samples' rate, they are interpolated linearly at the rate that it prefers. Complex
/// samples, and rates above 192 kHz, are played without sound, by the system's clock. So is everything if no device works, or if
/// the device stops to answer; [`warning`](Self::warning) then says why.
///
/// All calls of the system's sound library are made on a thread of their own, which is left behind if the library hangs; no
/// more than eight such threads pile up. It stops when it is dropped, which takes no longer than a quarter of a second.
pub struct Player {
    shared: Arc<Shared>,
    /// Its threads end when this is dropped; each of them holds another end of `ended`.
    stop: Option<Sender<()>>,
    ended: Receiver<()>,
}

/// The highest rate with sound, in Hz.
const HIGHEST_HZ: f64 = 192_000.0;

/// How often the queue to the device is filled up.
const TURN: Duration = Duration::from_millis(10);

/// What is in that queue, in seconds: enough for a machine or a disk that is busy elsewhere.
const QUEUE_S: f64 = 0.5;

/// Frames that are worked out at once.
const BLOCK: usize = 2048;

/// How much faster than the clock a device may be. Without a limit, one that has no clock of its own, such as ALSA's `null`, would
/// swallow a recording at once.
const FASTEST: f64 = 1.001;

/// How long a device may take to open, and between two requests for samples.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the device is called in messages.
const DEVICE: &str = "default output";

/// Threads in the sound library at most, of all players.
const MOST_THREADS: usize = 8;
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// How long the threads are waited for in the end.
const FAREWELL: Duration = Duration::from_millis(200);

impl Player {
    /// Plays from sample number `first` on.
    ///
    /// # Errors
    /// [`SourceError::Thread`].
    pub fn start(samples: Arc<dyn Samples>, first: u64, options: PlayerOptions) -> Result<Self, SourceError> {
        Self::with_output(samples, first, options, Arc::new(DefaultDevice))
    }

    fn with_output(
        samples: Arc<dyn Samples>,
        first: u64,
        options: PlayerOptions,
        output: Arc<dyn Output>,
    ) -> Result<Self, SourceError> {
        let count = samples.count();
        let first = first.min(count);
        let info = samples.info().clone();
        let sounds = !options.mute && info.kind == SampleKind::Real && info.rate_hz <= HIGHEST_HZ && first < count;
        let way = if sounds { Way::Opening } else { Way::Clock { since: Instant::now(), from: first as f64 } };
        let state = State { way, shown: first, warning: None };
        let shared = Arc::new(Shared { info, first, count, state: Mutex::new(state), failed: AtomicBool::new(false) });
        let (stop, stopped) = channel();
        let (end, ended) = channel();
        if sounds {
            let name = shared.info.name.clone();
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("ringfall player".to_owned())
                .spawn(move || feed(&shared, samples.as_ref(), &output, &stopped, &end))
                .map_err(|cause| SourceError::Thread { name, cause })?;
        }
        Ok(Self { shared, stop: Some(stop), ended })
    }

    /// Number of the sample that is heard now. Between two requests of the device for samples, it follows the clock.
    pub fn position(&self) -> u64 {
        self.shared.position(Instant::now())
    }

    /// Whether the last sample has been heard, or no more can be read.
    pub fn is_done(&self) -> bool {
        self.shared.failed.load(Ordering::Acquire) || self.position() >= self.shared.count
    }

    /// Why there is no sound though there should be, or why it ended early.
    pub fn warning(&self) -> Option<Arc<SourceError>> {
        self.shared.state().warning.clone()
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.stop = None;
        let begun = Instant::now();
        // The other ends are dropped when the threads are done.
        while self.ended.recv_timeout(FAREWELL.saturating_sub(begun.elapsed())).is_ok() {}
    }
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").field("info", &self.shared.info).field("position", &self.position()).finish()
    }
}

/// What the player and its thread know. The real-time callback knows only [`Heard`].
struct Shared {
    info: SourceInfo,
    first: u64,
    count: u64,
    state: Mutex<State>,
    /// No more samples can be read.
    failed: AtomicBool,
}

struct State {
    way: Way,
    /// The furthest position that was told: it never goes back.
    shown: u64,
    warning: Option<Arc<SourceError>>,
}

/// What tells the time.
enum Way {
    /// Nothing yet.
    Opening,
    /// The device.
    Device { heard: Arc<Heard>, rate_hz: f64, frames: u64 },
    /// The clock, since then and from this sample on.
    Clock { since: Instant, from: f64 },
    /// Nothing any more.
    Stopped,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn position(&self, now: Instant) -> u64 {
        let mut state = self.state();
        let position = match &state.way {
            Way::Opening | Way::Stopped => state.shown as f64,
            Way::Device { heard, rate_hz, frames } => match heard.frame(now, *rate_hz) {
                frame if frame >= *frames as f64 => self.count as f64,
                frame => self.first as f64 + frame * (self.info.rate_hz / rate_hz),
            },
            Way::Clock { since, from } => {
                from + now.saturating_duration_since(*since).as_secs_f64() * self.info.rate_hz
            }
        };
        state.shown = state.shown.max((position as u64).min(self.count));
        state.shown
    }

    /// Goes on by the clock.
    fn leave_device(&self, warning: Option<SourceError>) {
        let now = Instant::now();
        let from = self.position(now) as f64;
        let mut state = self.state();
        state.way = Way::Clock { since: now, from };
        if let Some(warning) = warning {
            log::debug!("{warning}");
            state.warning = Some(Arc::new(warning));
        }
    }

    fn fail(&self, reason: String) {
        self.position(Instant::now());
        let mut state = self.state();
        state.way = Way::Stopped;
        state.warning = Some(Arc::new(SourceError::Open { name: self.info.name.clone(), reason }));
        self.failed.store(true, Ordering::Release);
    }
}

/// The queue to the device, and how far it has been filled.
struct Line {
    producer: Producer<f32>,
    heard: Arc<Heard>,
    resampler: Resampler,
    rate_hz: f64,
    opened: Instant,
    pushed: u64,
    block: Vec<f32>,
    /// Frames of the block that are in the queue.
    used: usize,
}

impl Line {
    /// Puts into the queue what there is room for, and what is due soon.
    fn fill(&mut self, reader: &mut dyn SampleReader, now: Instant) -> Result<(), crate::rows::RowsError> {
        let passed_s = now.saturating_duration_since(self.opened).as_secs_f64();
        let due = ((passed_s * FASTEST + QUEUE_S) * self.rate_hz) as u64;
        loop {
            if self.used == self.block.len() {
                self.used = 0;
                self.resampler.next(reader, BLOCK, &mut self.block)?;
            }
            let room = usize::try_from(due.saturating_sub(self.pushed)).unwrap_or(usize::MAX);
            let count = room.min(self.producer.slots()).min(self.block.len() - self.used);
            if count == 0 {
                return Ok(());
            }
            if self.producer.push_entire_slice(&self.block[self.used..][..count]).is_err() {
                return Ok(());
            }
            self.used += count;
            self.pushed += count as u64;
        }
    }
}

/// What the thread in the sound library reports.
enum Event {
    Opened(Producer<f32>, Arc<Heard>, u32),
    Failed(SourceError),
}

/// Opens the device on a thread of its own, and feeds it until everything was heard, or the player is dropped.
fn feed(shared: &Arc<Shared>, samples: &dyn Samples, output: &Arc<dyn Output>, stop: &Receiver<()>, end: &Sender<()>) {
    let silent = |reason: &str| Some(SourceError::Device { device: DEVICE.to_owned(), reason: reason.to_owned() });
    // The device's thread ends when this is dropped.
    let (_device, events) = match open(output, shared.info.rate_hz, end.clone()) {
        Ok(opening) => opening,
        Err(error) => return shared.leave_device(Some(error)),
    };
    let mut reader = samples.reader();
    let begun = Instant::now();
    let mut line: Option<Line> = None;
    while matches!(stop.recv_timeout(TURN), Err(RecvTimeoutError::Timeout)) {
        let now = Instant::now();
        match events.try_recv() {
            Ok(Event::Opened(producer, heard, device_hz)) => {
                let rate_hz = f64::from(device_hz);
                let resampler = Resampler::new(shared.first, shared.count, shared.info.rate_hz, rate_hz);
                let way = Way::Device { heard: Arc::clone(&heard), rate_hz, frames: resampler.frames() };
                shared.state().way = way;
                let (block, opened) = (Vec::new(), now);
                line = Some(Line { producer, heard, resampler, rate_hz, opened, pushed: 0, block, used: 0 });
            }
            Ok(Event::Failed(error)) => return shared.leave_device(Some(error)),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return shared.leave_device(silent("the sound library failed")),
        }
        let Some(line) = &mut line else {
            if now.saturating_duration_since(begun) > PATIENCE {
                return shared.leave_device(silent("it does not answer"));
            }
            continue;
        };
        if let Err(error) = line.fill(reader.as_mut(), now) {
            return shared.fail(error.to_string());
        }
        if shared.position(now) >= shared.count {
            return;
        }
        if line.heard.gone.load(Ordering::Acquire) {
            return shared.leave_device(silent("it went away"));
        }
        let quiet = line.heard.silent(now).unwrap_or_else(|| now.saturating_duration_since(line.opened));
        if quiet > PATIENCE {
            return shared.leave_device(silent("it does not answer"));
        }
    }
}

/// Opens the device. Its thread holds `end` until the sound library lets go of it.
fn open(output: &Arc<dyn Output>, rate_hz: f64, end: Sender<()>) -> Result<(Sender<()>, Receiver<Event>), SourceError> {
    let device = || DEVICE.to_owned();
    let Some(counted) = Counted::new() else {
        let reason = "it did not answer several times".to_owned();
        return Err(SourceError::Device { device: device(), reason });
    };
    let (stop, stopped) = channel();
    let (sender, events) = channel();
    let output = Arc::clone(output);
    let work = move || {
        let _held = (counted, end);
        let mut open = |device_hz: u32| {
            let (producer, outlet, heard) = outlet::queue(((QUEUE_S * f64::from(device_hz)) as usize).max(BLOCK));
            // It fails if the player is gone; then what is played is silence.
            let _ = sender.send(Event::Opened(producer, heard, device_hz));
            outlet
        };
        if let Err(error) = output.play(rate_hz, &mut open, &stopped) {
            let _ = sender.send(Event::Failed(error));
        }
    };
    let spawned = thread::Builder::new().name("ringfall sound".to_owned()).spawn(work);
    spawned.map_err(|cause| SourceError::Thread { name: device(), cause })?;
    Ok((stop, events))
}

/// One of the threads in the sound library.
struct Counted;

impl Counted {
    fn new() -> Option<Self> {
        let free = |count: usize| (count < MOST_THREADS).then_some(count + 1);
        THREADS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, free).ok().map(|_| Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
