//! The sound card as a source.

#[cfg(target_os = "linux")]
mod alsa_recorder;
mod device;
mod intake;
mod recording;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub use device::{DeviceInfo, devices};
pub(super) use device::{preference, quieten};
use recording::{Backend, Progress, Recording};

use super::pace::{PATIENCE, time_ns};
use super::{Block, Channel, Clock, Read, Source, SourceError, SourceInfo};

/// Settings for recording from a sound card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundCardOptions {
    /// The device: its id, its name, or a part of either that only one device has. None is the system's default.
    pub device: Option<String>,
    /// Which of its channels; with [`Channel::Iq`] the samples are complex.
    pub channel: Channel,
    /// Sample rate in Hz; none takes 48,000 Hz, or what comes nearest to it.
    pub rate_hz: Option<u32>,
    /// What 0 Hz of the samples is on the air, in Hz.
    pub centre_hz: f64,
}

/// A sound card that is recorded from. Its clock is [`Clock::Utc`].
///
/// The time of the first sample is the system's time when it arrived, less the delay that the device tells; from there on
/// time is counted in samples, which has no jitter. The crystal of a sound card and the system's clock drift apart by some
/// parts in 100,000, about a second a day: the count is set right at every gap, and only there.
///
/// A device that disconnects is not an error: [`Read::Waiting`] is returned until it is back, and the samples then begin with
/// [`Block::gap`]. A device that is silent for three seconds is treated as disconnected, and is reopened.
///
/// All calls of the system's sound library are made on a thread of their own, which is left behind if the library hangs;
/// no more than eight such threads pile up.
pub struct SoundCard {
    info: SourceInfo,
    channel: Channel,
    channels: usize,
    backend: Arc<dyn Backend>,
    recording: Option<Recording>,
    /// Threads of recordings, this one and those that were left behind.
    alive: Arc<AtomicUsize>,
    /// How long between two attempts to find a device again: at first, and now.
    retry: Duration,
    wait: Duration,
    /// How long an attempt may take.
    patience: Duration,
    tried: Instant,
    /// UTC of the sample that time is counted from, and samples since.
    anchor_ns: i64,
    count: u64,
    /// Samples have come before.
    begun: bool,
    /// The device disconnected and has delivered nothing since: the missing samples are not an overrun.
    returned: bool,
    lost: u64,
    /// One block of frames as they come from the device.
    frames: Vec<f32>,
}

/// Frames fetched at once, at most.
const LARGEST: usize = 16_384;

/// Silence after which a device is taken to be away.
const SILENCE: Duration = Duration::from_secs(3);

/// The first and the longest wait between two attempts to open a device that is away.
const RETRY: Duration = Duration::from_millis(500);
const LONGEST_RETRY: Duration = Duration::from_secs(2);

/// How long the first attempt to open it may take, and the longest that any may.
const PATIENT: Duration = Duration::from_secs(5);
const MOST_PATIENT: Duration = Duration::from_secs(60);

/// Threads in the sound library at most; an attempt that would be one more waits until one of them has ended.
const MOST_THREADS: usize = 8;

/// How long the sound library is waited for in the end.
const FAREWELL: Duration = Duration::from_millis(200);

impl SoundCard {
    /// Opens a device and starts to record.
    ///
    /// # Errors
    /// [`SourceError::NoDevice`], [`SourceError::UnknownDevice`] and [`SourceError::AmbiguousDevice`] (which name the devices
    /// that there are), [`SourceError::DeviceFormat`] (which names what the device can do), [`SourceError::Channel`],
    /// [`SourceError::Iq`], [`SourceError::Device`].
    pub fn open(options: &SoundCardOptions) -> Result<Self, SourceError> {
        let device = device::Recorder::find(options)?;
        let info = SourceInfo::new(device.name(), f64::from(device.rate_hz()), options.channel.kind())
            .with_centre_hz(options.centre_hz)
            .with_clock(Clock::Utc);
        let channels = device.channels();
        Self::with_backend(Arc::new(device), info, options.channel, channels)
    }

    fn with_backend(
        backend: Arc<dyn Backend>,
        info: SourceInfo,
        channel: Channel,
        channels: usize,
    ) -> Result<Self, SourceError> {
        channel.check(&info.name, channels)?;
        let mut card = Self {
            info,
            channel,
            channels,
            backend,
            recording: None,
            alive: Arc::default(),
            retry: RETRY,
            wait: RETRY,
            patience: PATIENT,
            tried: Instant::now(),
            anchor_ns: 0,
            count: 0,
            begun: false,
            returned: false,
            lost: 0,
            frames: vec![0.0; LARGEST * channels],
        };
        let mut recording = card.start()?;
        recording.wait().map_err(|error| {
            let device = card.info.name.clone();
            error.unwrap_or(SourceError::Device { device, reason: "the sound library failed".to_owned() })
        })?;
        card.recording = Some(recording);
        Ok(card)
    }

    /// Starts a recording with a queue of a second.
    fn start(&self) -> Result<Recording, SourceError> {
        let capacity = (self.info.rate_hz as usize).max(LARGEST) * self.channels;
        Recording::start(&self.info.name, &self.backend, (capacity, self.channels), &self.alive)
    }

    /// How many channels the device is recorded with.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Tries to reopen the device from time to time.
    fn seek(&mut self) {
        if self.tried.elapsed() < self.wait || self.alive.load(Ordering::SeqCst) >= MOST_THREADS {
            thread::sleep(PATIENCE.min(self.wait));
            return;
        }
        self.tried = Instant::now();
        self.wait = (self.wait * 2).min(LONGEST_RETRY);
        match self.start() {
            Ok(recording) => self.recording = Some(recording),
            Err(error) => log::debug!("{error}"),
        }
    }

    /// Abandons the recording; its thread may hang.
    fn part(&mut self, why: &str) {
        if !self.returned {
            log::warn!("{}: {why}; waiting for the device", self.info.name);
        }
        if let Some(recording) = self.recording.take() {
            self.lost += recording.signals.overruns.load(Ordering::Relaxed);
        }
        self.returned = true;
        self.tried = Instant::now();
    }
}

impl Drop for SoundCard {
    fn drop(&mut self) {
        if let Some(recording) = self.recording.take() {
            recording.end(FAREWELL);
        }
    }
}

impl std::fmt::Debug for SoundCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoundCard").field("info", &self.info).field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl Source for SoundCard {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let begun = Instant::now();
        let (mark, count) = loop {
            let Some(recording) = &mut self.recording else {
                self.seek();
                return Ok(Read::Waiting);
            };
            match recording.progress() {
                Progress::Open => {}
                Progress::Opening if self.tried.elapsed() > self.patience => {
                    self.patience = (self.patience * 2).min(MOST_PATIENT);
                    self.part("it does not answer");
                    return Ok(Read::Waiting);
                }
                Progress::Opening if begun.elapsed() >= PATIENCE => return Ok(Read::Waiting),
                Progress::Opening => {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                }
                Progress::Failed(error) => {
                    log::debug!("{}: {error:?}", self.info.name);
                    self.part("it could not be opened");
                    return Ok(Read::Waiting);
                }
            }
            // Before looking into the queue: what came before the end is not lost.
            let gone = recording.signals.gone.load(Ordering::Acquire);
            let (mark, count) = recording.outlet.take(&mut self.frames);
            if count > 0 {
                recording.heard = Instant::now();
                (self.wait, self.patience) = (self.retry, PATIENT);
                break (mark, count);
            }
            if gone {
                self.part("the device went away");
                return Ok(Read::Waiting);
            }
            if recording.heard.elapsed() > SILENCE {
                self.part("nothing was heard for three seconds");
                return Ok(Read::Waiting);
            }
            if begun.elapsed() >= PATIENCE {
                return Ok(if self.returned { Read::Waiting } else { Read::Idle });
            }
            // Half the time that a row of a fast waterfall lasts; a wake-up from a real-time thread would be a system call in it.
            thread::sleep(Duration::from_millis(5));
        };

        block.gap = false;
        if let Some(mark) = mark {
            let expected_ns = self.anchor_ns.saturating_add(time_ns(self.count, self.info.rate_hz));
            if self.begun && !self.returned && mark.lost == 0 {
                // The device dropped them, and does not say how many.
                let missing_s = mark.time_ns.saturating_sub(expected_ns).max(0) as f64 * 1e-9;
                self.lost += ((missing_s * self.info.rate_hz).round() as u64).max(1);
            }
            // Time never goes back, even if the system's clock was set.
            block.gap = self.begun;
            self.anchor_ns = if self.begun { mark.time_ns.max(expected_ns) } else { mark.time_ns };
            self.count = 0;
            self.begun = true;
            if std::mem::take(&mut self.returned) {
                log::info!("{}: the device is back", self.info.name);
            }
        }
        block.samples.clear();
        self.channel.pick(&self.frames[..count], self.channels, &mut block.samples);
        block.time_ns = self.anchor_ns.saturating_add(time_ns(self.count, self.info.rate_hz));
        self.count += (count / self.channels) as u64;
        Ok(Read::Samples)
    }

    fn overruns(&self) -> u64 {
        let now = self.recording.as_ref().map_or(0, |recording| recording.signals.overruns.load(Ordering::Relaxed));
        self.lost + now
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;
    use std::sync::mpsc::Receiver;

    use super::intake::{Intake, Signals};
    use super::*;
    use crate::dsp::SampleKind;

    /// A device that is plugged in and out by the test, which is also its real-time thread.
    #[derive(Clone, Default)]
    struct Plug {
        intake: Arc<Mutex<Option<Intake>>>,
        away: Arc<AtomicBool>,
        /// The sound library hangs in the next call.
        hangs: Arc<AtomicBool>,
    }

    impl Backend for Plug {
        fn record(&self, intake: Intake, opened: &mut dyn FnMut(), stop: &Receiver<()>) -> Result<(), SourceError> {
            while self.hangs.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
            }
            if self.away.load(Ordering::SeqCst) {
                return Err(SourceError::NoDevice { reason: "unplugged".to_owned() });
            }
            *self.intake.lock().unwrap() = Some(intake);
            opened();
            let _ = stop.recv();
            Ok(())
        }
    }

    impl Plug {
        fn card(&self, channel: Channel) -> SoundCard {
            let info = SourceInfo::new("plug", 1000.0, SampleKind::Real).with_clock(Clock::Utc);
            let mut card = SoundCard::with_backend(Arc::new(self.clone()), info, channel, 2).unwrap();
            (card.retry, card.wait) = (Duration::ZERO, Duration::ZERO);
            card
        }

        fn play(&self, frames: &[f32], time_ns: i64) {
            let mut intake = self.intake.lock().unwrap();
            intake.as_mut().unwrap().write(frames, |&sample| sample, time_ns);
        }

        /// Reads until the device has been opened again.
        fn reopen(&self, card: &mut SoundCard) {
            let begun = Instant::now();
            while self.intake.lock().unwrap().is_none() {
                assert_eq!(card.read(&mut Block::default()).unwrap(), Read::Waiting);
                assert!(begun.elapsed() < Duration::from_secs(20), "it is not opened again");
            }
        }

        fn signals(&self) -> Arc<Signals> {
            self.intake.lock().unwrap().as_ref().unwrap().signals()
        }
    }

    #[test]
    fn time_is_counted_in_samples() {
        let plug = Plug::default();
        let mut card = plug.card(Channel::One(2));
        let mut block = Block::default();
        plug.play(&[1.0, 2.0, 3.0, 4.0], 5_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![2.0, 4.0], time_ns: 5_000_000_000, gap: false });
        // 0.3 ms of jitter, which must not be visible.
        plug.play(&[5.0, 6.0], 5_002_300_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![6.0], time_ns: 5_002_000_000, gap: false });
        assert_eq!(card.read(&mut block).unwrap(), Read::Idle);
        assert_eq!(card.overruns(), 0);
    }

    #[test]
    fn a_device_that_vanishes_is_taken_up_again() {
        let plug = Plug::default();
        let mut card = plug.card(Channel::Mix);
        let mut block = Block::default();
        plug.play(&[1.0, 1.0], 1_000_000_000);
        plug.away.store(true, Ordering::SeqCst);
        plug.signals().gone.store(true, Ordering::SeqCst);
        // What came before it went is not lost.
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
        assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
        *plug.intake.lock().unwrap() = None;
        plug.away.store(false, Ordering::SeqCst);
        // It is open again after some attempts, and says nothing yet.
        plug.reopen(&mut card);
        assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
        plug.play(&[0.5, 0.5, 0.25, 0.25], 9_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![0.5, 0.25], time_ns: 9_000_000_000, gap: true });
        // The device was away; this is not an overrun.
        assert_eq!(card.overruns(), 0);
    }

    #[test]
    fn an_overrun_is_counted_and_marked() {
        let plug = Plug::default();
        let mut card = plug.card(Channel::One(1));
        let mut block = Block::default();
        // The queue holds 16,384 frames: the third block of 8000 does not fit.
        let frames: Vec<f32> = (0..16_000).map(|n| (n / 2) as f32).collect();
        for n in 0..3 {
            plug.play(&frames, n * 8_000_000_000);
        }
        let mut got = 0;
        while got < 16_000 {
            assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
            assert!(!block.gap);
            got += block.samples.len();
        }
        assert_eq!(card.overruns(), 8000);
        plug.play(&frames[..4], 24_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![0.0, 1.0], time_ns: 24_000_000_000, gap: true });
        assert_eq!(card.overruns(), 8000);
    }

    #[test]
    fn what_the_device_drops_is_a_gap_too() {
        let plug = Plug::default();
        let mut card = plug.card(Channel::Mix);
        let mut block = Block::default();
        plug.play(&[0.0, 0.0], 0);
        plug.signals().torn.store(true, Ordering::SeqCst);
        plug.play(&[1.0, 1.0], 51_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block.samples.len(), 1, "a block ends at a gap");
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![1.0], time_ns: 51_000_000, gap: true });
        // 50 ms at 1000 Hz.
        assert_eq!(card.overruns(), 50);
    }

    /// The library hangs in every attempt: the source answers, no more threads pile up than may, and the device is back soon
    /// after the library is.
    #[test]
    fn a_library_that_hangs_is_left_behind() {
        let plug = Plug::default();
        let mut card = plug.card(Channel::Mix);
        let mut block = Block::default();
        plug.play(&[1.0, 1.0], 1_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        plug.hangs.store(true, Ordering::SeqCst);
        plug.signals().gone.store(true, Ordering::SeqCst);
        *plug.intake.lock().unwrap() = None;
        let mut most = 0;
        for _ in 0..100 {
            card.patience = Duration::ZERO;
            card.wait = Duration::ZERO;
            let begun = Instant::now();
            assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
            assert!(begun.elapsed() < Duration::from_secs(5), "a read hangs");
            most = most.max(card.alive.load(Ordering::SeqCst));
        }
        assert_eq!(most, MOST_THREADS);
        card.patience = PATIENT;
        plug.hangs.store(false, Ordering::SeqCst);
        let begun = Instant::now();
        while card.alive.load(Ordering::SeqCst) > 1 || card.recording.is_none() {
            assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
            assert!(begun.elapsed() < Duration::from_secs(20), "threads stay");
        }
        // The recording that is left may be any of those that were started.
        *plug.intake.lock().unwrap() = None;
        card.part("the test says so");
        plug.reopen(&mut card);
        plug.play(&[0.5, 0.5], 9_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![0.5], time_ns: 9_000_000_000, gap: true });
    }
}
