//! Recording through ALSA, by the clock.
//!
//! cpal waits with `poll` until a period is there. Plugins such as PulseAudio's report readiness as soon as anything is
//! there, so that such a loop spins (up to a third of a core). This one asks a hundred times a second how much there is
//! and takes it, whatever the plugin reports.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use alsa::pcm::{Access, Format, HwParams, IO, IoFormat};
use alsa::{Direction, PCM, ValueOr};
use cpal::{FromSample, SampleFormat};

use super::device::utc_ns;
use super::intake::Intake;

/// How often the device is asked.
const TURN: Duration = Duration::from_millis(10);

/// What the device is to keep, in microseconds: enough for a machine that is busy elsewhere.
const BUFFER_US: u32 = 200_000;

/// What it brings at once, in microseconds: a row of the picture is not to wait for more.
const PERIOD_US: u32 = 10_000;

/// Why a recording ended, unless it was to.
pub(super) enum Failure {
    /// It did not begin.
    Refused(alsa::Error),
    /// The device went away.
    Gone(alsa::Error),
}

/// Records from the PCM `id` until `stop` has no other end. `opened` is called when it has begun.
pub(super) fn record(
    id: &str,
    (channels, rate_hz, format): (usize, u32, SampleFormat),
    mut intake: Intake,
    opened: &mut dyn FnMut(),
    stop: &Receiver<()>,
) -> Result<(), Failure> {
    let pcm = open(id, channels, rate_hz, format).map_err(Failure::Refused)?;
    let buffer = pcm.get_params().map_err(Failure::Refused)?.0 as usize;
    pcm.start().map_err(Failure::Refused)?;
    let mut task = Task { pcm: &pcm, channels, rate_hz, buffer, intake: &mut intake, opened, stop };
    match format {
        SampleFormat::F32 => task.run(pcm.io_f32(), |value| value),
        SampleFormat::F64 => task.run(pcm.io_f64(), |value| value as f32),
        SampleFormat::I8 => task.run(pcm.io_i8(), f32::from_sample_),
        SampleFormat::I16 => task.run(pcm.io_i16(), f32::from_sample_),
        // In four bytes, the highest of which may hold anything.
        SampleFormat::I24 => task.run(pcm.io_i32_s24(), |value: i32| f32::from_sample_(value << 8)),
        SampleFormat::I32 => task.run(pcm.io_i32(), f32::from_sample_),
        SampleFormat::U8 => task.run(pcm.io_u8(), f32::from_sample_),
        SampleFormat::U16 => task.run(pcm.io_u16(), f32::from_sample_),
        SampleFormat::U24 => task.run(pcm.io_u32_u24(), |value: u32| f32::from_sample_(value << 8)),
        _ => task.run(pcm.io_u32(), f32::from_sample_),
    }
}

/// Opens a PCM, which does not block where ALSA can help it, and sets it up.
fn open(id: &str, channels: usize, rate_hz: u32, format: SampleFormat) -> alsa::Result<PCM> {
    let pcm = PCM::new(id, Direction::Capture, true)?;
    {
        let hardware = HwParams::any(&pcm)?;
        hardware.set_access(Access::RWInterleaved)?;
        hardware.set_format(alsa_format(format))?;
        hardware.set_channels(u32::try_from(channels).unwrap_or(u32::MAX))?;
        hardware.set_rate(rate_hz, ValueOr::Nearest)?;
        hardware.set_buffer_time_near(BUFFER_US, ValueOr::Nearest)?;
        hardware.set_period_time_near(PERIOD_US, ValueOr::Nearest)?;
        pcm.hw_params(&hardware)?;
    }
    pcm.prepare()?;
    Ok(pcm)
}

fn alsa_format(format: SampleFormat) -> Format {
    match format {
        SampleFormat::F32 => Format::float(),
        SampleFormat::F64 => Format::float64(),
        SampleFormat::I8 => Format::S8,
        SampleFormat::I16 => Format::s16(),
        SampleFormat::I24 => Format::s24(),
        SampleFormat::I32 => Format::s32(),
        SampleFormat::U8 => Format::U8,
        SampleFormat::U16 => Format::u16(),
        SampleFormat::U24 => Format::u24(),
        _ => Format::u32(),
    }
}

/// A recording under way.
struct Task<'a> {
    pcm: &'a PCM,
    channels: usize,
    rate_hz: u32,
    /// Frames that the device keeps.
    buffer: usize,
    intake: &'a mut Intake,
    opened: &'a mut dyn FnMut(),
    stop: &'a Receiver<()>,
}

impl Task<'_> {
    /// Takes what is there, again and again.
    fn run<T: IoFormat + Copy + Default>(
        &mut self,
        io: alsa::Result<IO<'_, T>>,
        convert: impl Fn(T) -> f32,
    ) -> Result<(), Failure> {
        let io = io.map_err(Failure::Refused)?;
        let mut frames = vec![T::default(); self.buffer.max(1) * self.channels];
        (self.opened)();
        loop {
            if !matches!(self.stop.recv_timeout(TURN), Err(RecvTimeoutError::Timeout)) {
                return Ok(());
            }
            // What was captured and not yet fetched, and the way it took.
            let waiting = self.pcm.avail_update().and_then(|there| Ok(self.pcm.delay()?.max(there)));
            let (delay, read) = match waiting {
                Ok(delay) => (delay.max(0), io.readi(&mut frames)),
                Err(error) => (0, Err(error)),
            };
            match read {
                Ok(count) => {
                    let time_ns = utc_ns(Duration::from_secs_f64(delay as f64 / f64::from(self.rate_hz)));
                    self.intake.write(&frames[..count * self.channels], |&value| convert(value), time_ns);
                }
                Err(error) if would_block(&error) => {}
                Err(error) => {
                    // An overrun, or the machine slept.
                    self.intake.signals().torn.store(true, Ordering::Relaxed);
                    self.pcm.try_recover(error, true).and_then(|()| self.pcm.start()).map_err(Failure::Gone)?;
                }
            }
        }
    }
}

fn would_block(error: &alsa::Error) -> bool {
    std::io::Error::from_raw_os_error(error.errno()).kind() == std::io::ErrorKind::WouldBlock
}
