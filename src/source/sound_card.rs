//! The sound card as a source.

mod device;
mod intake;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

pub use device::{DeviceInfo, devices};
use intake::{Intake, Outlet, Signals};

use super::pace::{PATIENCE, time_ns};
use super::{Block, Channel, Clock, Read, Source, SourceError, SourceInfo};

/// How the sound card is to be read.
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

/// Something that records, as the sound card sees it: the seam at which the tests put their own device.
trait Backend: Send {
    /// Starts a recording that goes into `intake`, until what is returned is dropped.
    fn start(&mut self, intake: Intake) -> Result<Box<dyn Any + Send>, SourceError>;
}

/// A stream that runs.
struct Stream {
    outlet: Outlet,
    signals: Arc<Signals>,
    /// When samples last came.
    heard: Instant,
    _recording: Box<dyn Any + Send>,
}

/// A sound card that is recorded from. Its clock is [`Clock::Utc`].
///
/// The time of the first sample is the system's time when it arrived, less the delay that the device tells; from there on
/// time is counted in samples, which has no jitter. The crystal of a sound card and the system's clock drift apart by some
/// parts in 100,000, about a second a day: the count is set right at every gap, and only there.
///
/// A device that goes away is no error: [`Read::Waiting`] is returned until it is back, and the samples then begin with
/// [`Block::gap`]. A device that says nothing for three seconds is taken to be away.
pub struct SoundCard {
    info: SourceInfo,
    channel: Channel,
    channels: usize,
    backend: Box<dyn Backend>,
    stream: Option<Stream>,
    /// How long between two attempts to find a device again.
    retry: Duration,
    tried: Instant,
    /// UTC of the sample that time is counted from, and samples since.
    anchor_ns: i64,
    count: u64,
    /// Samples have come before.
    begun: bool,
    /// The device went away, and nothing came of it since: what is missing was not lost by being slow.
    returned: bool,
    lost: u64,
    /// One block of frames as they come from the device.
    frames: Vec<f32>,
}

/// Frames fetched at once, at most.
const LARGEST: usize = 16_384;

/// Silence after which a device is taken to be away.
const SILENCE: Duration = Duration::from_secs(3);

impl SoundCard {
    /// Opens a device and starts to record.
    ///
    /// # Errors
    /// [`SourceError::NoDevice`], [`SourceError::UnknownDevice`] and [`SourceError::AmbiguousDevice`] (which name the devices
    /// that there are), [`SourceError::DeviceFormat`] (which names what the device can do), [`SourceError::Channel`],
    /// [`SourceError::Iq`], [`SourceError::Device`].
    pub fn open(options: &SoundCardOptions) -> Result<Self, SourceError> {
        let device = device::Recorder::find(options)?;
        let info = SourceInfo {
            name: device.name().to_owned(),
            rate_hz: f64::from(device.rate_hz()),
            kind: options.channel.kind(),
            centre_hz: options.centre_hz,
            clock: Clock::Utc,
        };
        let channels = device.channels();
        Self::with_backend(Box::new(device), info, options.channel, channels)
    }

    fn with_backend(
        mut backend: Box<dyn Backend>,
        info: SourceInfo,
        channel: Channel,
        channels: usize,
    ) -> Result<Self, SourceError> {
        channel.check(&info.name, channels)?;
        let stream = start(backend.as_mut(), info.rate_hz, channels)?;
        Ok(Self {
            info,
            channel,
            channels,
            backend,
            stream: Some(stream),
            retry: Duration::from_millis(500),
            tried: Instant::now(),
            anchor_ns: 0,
            count: 0,
            begun: false,
            returned: false,
            lost: 0,
            frames: vec![0.0; LARGEST * channels],
        })
    }

    /// How many channels the device is recorded with.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Tries to get the device back, now and then.
    fn seek(&mut self) -> Read {
        if self.tried.elapsed() >= self.retry {
            self.tried = Instant::now();
            match start(self.backend.as_mut(), self.info.rate_hz, self.channels) {
                Ok(stream) => {
                    self.stream = Some(stream);
                    return Read::Waiting;
                }
                Err(error) => log::debug!("{error}"),
            }
        }
        thread::sleep(PATIENCE.min(self.retry));
        Read::Waiting
    }

    /// Gives the stream up.
    fn part(&mut self, why: &str) {
        if !self.returned {
            log::warn!("{}: {why}; waiting for the device", self.info.name);
        }
        if let Some(stream) = self.stream.take() {
            self.lost += stream.signals.overruns.load(Ordering::Relaxed);
        }
        self.returned = true;
        self.tried = Instant::now();
    }
}

/// Starts a recording with a queue of a second.
fn start(backend: &mut dyn Backend, rate_hz: f64, channels: usize) -> Result<Stream, SourceError> {
    let (intake, outlet, signals) = intake::queue((rate_hz as usize).max(LARGEST) * channels, channels);
    let recording = backend.start(intake)?;
    Ok(Stream { outlet, signals, heard: Instant::now(), _recording: recording })
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
            let Some(stream) = &mut self.stream else {
                return Ok(self.seek());
            };
            // Before looking into the queue: what came before the end is not lost.
            let gone = stream.signals.gone.load(Ordering::Acquire);
            let (mark, count) = stream.outlet.take(&mut self.frames);
            if count > 0 {
                stream.heard = Instant::now();
                break (mark, count);
            }
            if gone {
                self.part("the device went away");
                return Ok(Read::Waiting);
            }
            if stream.heard.elapsed() > SILENCE {
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
        let now = self.stream.as_ref().map_or(0, |stream| stream.signals.overruns.load(Ordering::Relaxed));
        self.lost + now
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::dsp::SampleKind;

    /// A device that is plugged in and out by the test, which is also its real-time thread.
    #[derive(Clone, Default)]
    struct Plug {
        intake: Arc<Mutex<Option<Intake>>>,
        away: Arc<std::sync::atomic::AtomicBool>,
    }

    impl Backend for Plug {
        fn start(&mut self, intake: Intake) -> Result<Box<dyn Any + Send>, SourceError> {
            if self.away.load(Ordering::SeqCst) {
                return Err(SourceError::NoDevice { reason: "unplugged".to_owned() });
            }
            *self.intake.lock().unwrap() = Some(intake);
            Ok(Box::new(()))
        }
    }

    impl Plug {
        fn card(&self, channel: Channel) -> SoundCard {
            let info = SourceInfo {
                name: "plug".to_owned(),
                rate_hz: 1000.0,
                kind: SampleKind::Real,
                centre_hz: 0.0,
                clock: Clock::Utc,
            };
            let mut card = SoundCard::with_backend(Box::new(self.clone()), info, channel, 2).unwrap();
            card.retry = Duration::ZERO;
            card
        }

        fn play(&self, frames: &[f32], time_ns: i64) {
            let mut intake = self.intake.lock().unwrap();
            intake.as_mut().unwrap().write(frames, |&sample| sample, time_ns);
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
        // 0.3 ms of jitter, which is not to be seen.
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
        plug.away.store(false, Ordering::SeqCst);
        // It is open again, and says nothing yet.
        assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
        assert_eq!(card.read(&mut block).unwrap(), Read::Waiting);
        plug.play(&[0.5, 0.5, 0.25, 0.25], 9_000_000_000);
        assert_eq!(card.read(&mut block).unwrap(), Read::Samples);
        assert_eq!(block, Block { samples: vec![0.5, 0.25], time_ns: 9_000_000_000, gap: true });
        // It was away; nobody was too slow.
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
}
