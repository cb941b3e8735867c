//! Raw numbers from a pipe: samples, or finished rows, from standard input, a FIFO, or anything else that can be read.
//!
//! The reading is done on a thread of its own, since it blocks for as long as the writer likes; when the source is
//! dropped, that thread is left behind, and ends with the next bytes that come, or with the process.

mod format;
mod rows;
mod stream;
#[cfg(feature = "audio-files")]
mod wave;

use std::io::Read as ReadBytes;
use std::sync::Arc;
use std::time::Instant;

use crate::dsp::SampleKind;
pub use format::RawFormat;
pub use rows::{RowPipe, RowPipeOptions};
pub(super) use stream::{Bytes, Stream};

use super::arrival::Arrival;
use super::channel::Channel;
use super::pace::{PATIENCE, Pacer};
use super::{Block, Clock, Read, Source, SourceError, SourceInfo, Speed};

/// What the samples in a pipe are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PipeOptions {
    /// A short display name.
    pub name: String,
    /// How the samples are written.
    pub format: RawFormat,
    /// Samples a second (complex samples count once), in Hz; 1 or more.
    pub rate_hz: f64,
    /// What 0 Hz of the samples is on the air, in Hz.
    pub centre_hz: f64,
    /// [`Clock::Utc`] for samples that come as they are taken: the first has the time at which it came. [`Clock::File`]
    /// for a recording: the first has time 0, and a pause of the writer changes nothing.
    pub clock: Clock,
    /// Playback speed of samples on [`Clock::File`]; live samples are delivered as they arrive.
    pub speed: Speed,
    /// How many channels there are, their numbers in turn, and which is read; more than one are of real numbers.
    pub channels: (usize, Channel),
}

impl PipeOptions {
    /// Samples of this format and rate (in Hz) in one channel, around 0 Hz, on [`Clock::File`], as fast as they come.
    pub fn new(name: impl Into<String>, format: RawFormat, rate_hz: f64) -> Self {
        Self {
            name: name.into(),
            format,
            rate_hz,
            centre_hz: 0.0,
            clock: Clock::File,
            speed: Speed::Max,
            channels: (1, Channel::Mix),
        }
    }

    /// The same around another centre frequency, in Hz.
    #[must_use]
    pub fn with_centre_hz(mut self, centre_hz: f64) -> Self {
        self.centre_hz = centre_hz;
        self
    }

    /// The same on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same at another speed.
    #[must_use]
    pub fn with_speed(mut self, speed: Speed) -> Self {
        self.speed = speed;
        self
    }

    /// The same with this many channels, of which this one is read.
    #[must_use]
    pub fn with_channels(mut self, channels: usize, channel: Channel) -> Self {
        self.channels = (channels, channel);
        self
    }
}

/// Raw samples from a pipe.
///
/// Its length is known only when it ends. An incomplete last sample is dropped, and [`Source::warning`] reports it. On
/// [`Clock::Utc`], a writer that falls behind the clock by over a second has lost samples, or was stopped: the next samples
/// follow a gap, and have their time of arrival. A writer that runs ahead of the clock is trusted.
#[derive(Debug)]
pub struct Pipe {
    info: SourceInfo,
    format: RawFormat,
    stream: Stream,
    /// Received bytes; some may belong to an incomplete sample.
    bytes: Vec<u8>,
    channels: (usize, Channel),
    numbers: Vec<f32>,
    pacer: Option<Pacer>,
    arrival: Arrival,
    warning: Option<Arc<SourceError>>,
}

impl Pipe {
    /// Reads samples from `input`, on a thread of its own.
    ///
    /// # Errors
    /// [`SourceError::Rate`], [`SourceError::Speed`], [`SourceError::Channel`], [`SourceError::Iq`] and
    /// [`SourceError::Thread`].
    pub fn new(input: impl ReadBytes + Send + 'static, options: &PipeOptions) -> Result<Self, SourceError> {
        let PipeOptions { name, format, rate_hz, centre_hz, clock, speed, channels } = options.clone();
        speed.check()?;
        if !(rate_hz >= 1.0 && rate_hz.is_finite()) {
            return Err(SourceError::Rate { from: name, got: rate_hz });
        }
        let (count, channel) = channels;
        let kind = if count == 1 && channel != Channel::Iq { format.kind() } else { channel.kind() };
        channel.check(&name, count)?;
        if count > 1 && format.kind() == SampleKind::Complex {
            return Err(SourceError::Iq { from: name, channels: 2 * count });
        }
        // A hundredth of a second, so that rows come evenly.
        let hundredth = ((rate_hz / 100.0) as usize).saturating_mul(format.sample_bytes()).saturating_mul(count);
        let stream = Stream::start(&name, input, hundredth)?;
        let info = SourceInfo::new(name, rate_hz, kind).with_centre_hz(centre_hz).with_clock(clock);
        let pacer = (clock == Clock::File && speed != Speed::Max).then(|| Pacer::new(speed, rate_hz));
        Ok(Self {
            info,
            format,
            stream,
            bytes: Vec::new(),
            channels,
            numbers: Vec::new(),
            pacer,
            arrival: Arrival::new(clock, rate_hz),
            warning: None,
        })
    }
}

impl Source for Pipe {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let begun = Instant::now();
        let (channels, channel) = self.channels;
        let size = self.format.sample_bytes() * channels;
        let now_ns = loop {
            // Left over by the pacer, whose clock needs no time.
            if self.bytes.len() >= size {
                break 0;
            }
            match self.stream.take(PATIENCE.saturating_sub(begun.elapsed()), &mut self.bytes)? {
                Bytes::None => return Ok(Read::Idle),
                Bytes::Some { at_ns } if self.bytes.len() >= size => break at_ns,
                // A part of a sample; the rest will follow.
                Bytes::Some { .. } => {}
                Bytes::End => {
                    if !self.bytes.is_empty() {
                        let (name, got) = (self.info.name.clone(), self.bytes.len());
                        let warning = SourceError::Partial { name, what: "sample", got, expected: size };
                        log::warn!("{warning}");
                        self.warning = Some(Arc::new(warning));
                        self.bytes.clear();
                    }
                    return Ok(Read::End);
                }
            }
        };
        let mut samples = self.bytes.len() / size;
        if let Some(pacer) = &mut self.pacer {
            samples = samples.min(pacer.block());
            if !pacer.due(samples) {
                return Ok(Read::Early);
            }
        }
        block.samples.clear();
        let whole = &self.bytes[..samples * size];
        if channels == 1 {
            self.format.decode(whole, 1.0, &mut block.samples);
        } else {
            self.numbers.clear();
            self.format.decode(whole, 1.0, &mut self.numbers);
            channel.pick(&self.numbers, channels, &mut block.samples);
        }
        self.bytes.drain(..samples * size);
        (block.time_ns, block.gap) = self.arrival.place(samples, 0, now_ns);
        Ok(Read::Samples)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}
