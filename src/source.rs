//! Where samples and rows come from: the sound card, audio files, pipes, the network, and a demonstration that needs none of
//! them.
//!
//! A [`Source`] delivers samples, a [`RowSource`] finished rows. [`Spectra`] converts samples to rows. A [`Feed`] runs
//! a row source on a thread of its own and passes its rows to the render thread through a lock-free queue.
//!
//! ```
//! use ringfall::dsp::Settings;
//! use ringfall::source::{Demo, DemoOptions, Feed, Speed, WhenFull};
//!
//! let demo = Demo::new(DemoOptions { speed: Speed::Max, duration_s: Some(2.0), ..DemoOptions::default() })?;
//! let mut feed = Feed::start(Box::new(demo), &Settings::default(), 64, WhenFull::Wait, || {})?;
//! let mut rows = 0;
//! loop {
//!     let ended = feed.status().ended;
//!     rows += feed.drain(usize::MAX, |_stamp, row| assert_eq!(row.iter().filter(|db| db.is_nan()).count(), 0));
//!     if ended {
//!         break;
//!     }
//!     std::thread::yield_now();
//! }
//! assert!(rows > 0);
//! # Ok::<(), ringfall::source::SourceError>(())
//! ```
//!
//! # How to add a source
//!
//! Write one file with a type that implements [`Source`] (samples) or [`RowSource`] (rows), and register it with one
//! `mod` and one `pub use` line below. Everything else (analysis, queue, counters, pause, watchdog, title) is done by the feed.
//!
//! * **What may block.** `read` returns within about 100 ms, with [`Read::Idle`] if nothing came. A call that may block for
//!   longer (a sound library, a blocking file) belongs on a thread of the source's own that can be left behind, with a
//!   queue in between. If a `read` hangs nevertheless, the window keeps running: the feed reports it as
//!   [`Status::stalled`], and when the feed is dropped it leaves that thread behind. Constructors may block: run them through
//!   [`Opening`], which does the same for them. A real-time callback only copies into a lock-free ring.
//! * **Clocks.** Times are nanoseconds on the [`Clock`] of the source: UTC for what is live, the time since the
//!   beginning for what is not. They never go back. Within a run without gaps, time is counted in samples and not
//!   taken from a system clock, so that it has no jitter.
//! * **Gaps.** If samples are missing, the next block has [`Block::gap`] set and its own time; analysis begins anew
//!   there. `overruns` counts what was lost by being slow. A gap is never filled with invented data.
//! * **Units.** Samples have full scale at ±1, and I and Q interleaved if complex; NaN and infinities are data. Values of rows are
//!   whatever [`RowInfo::unit`] says. Frequencies are in Hz.
//! * **Changes.** When the rate, the centre frequency, the gain or the length of rows changes, `read` returns
//!   [`Read::Changed`], and `info` describes the source from then on. The feed then starts a new span: rows after the
//!   change have new stamps, and [`Feed::info`] changes when the first of them are due to be drained.
//! * **Controls.** [`SourceInfo::controls`] says what can be set; [`Feed::tune`], [`Feed::gain`] and [`Feed::control`] call
//!   `control` on the feed's thread between two reads.
//! * **The end.** [`Read::End`] for a regular end, an error for any other; a source that panics counts as an error. A
//!   device that disconnects and may return is [`Read::Waiting`].

mod arrival;
mod channel;
mod control;
mod demo;
mod dial;
mod error;
mod feed;
mod ffmpeg;
#[cfg(feature = "audio-files")]
mod file;
mod frames;
pub mod igtl;
pub mod network;
mod opening;
pub(crate) mod pace;
mod pipe;
mod place;
#[cfg(feature = "sound")]
mod player;
#[cfg(feature = "recordings")]
mod raw_file;
mod recording;
#[cfg(feature = "recordings")]
mod recording_name;
mod row;
mod samples;
#[cfg(feature = "recordings")]
mod scan;
mod shared_ring;
#[cfg(feature = "recordings")]
mod sigmf;
#[cfg(feature = "sound")]
mod sound_card;
mod spectra;
mod whole;

use std::sync::Arc;

pub use channel::Channel;
pub use control::{Control, Controls};
pub use demo::{Demo, DemoOptions, DemoSignal};
pub use error::SourceError;
pub use feed::{Feed, Status, WhenFull};
#[doc(hidden)]
pub use ffmpeg::hear_pictures;
pub use ffmpeg::{FfmpegFrames, FfmpegOptions};
#[cfg(feature = "audio-files")]
pub use file::{AudioFile, FileOptions};
pub use frames::{FrameLayout, LiveFrame, LiveFrames};
pub use opening::{Deferred, Opening};
pub use pace::Speed;
pub use pipe::{Pipe, PipeOptions, RawFormat, RowPipe, RowPipeOptions};
#[cfg(feature = "sound")]
pub use player::{Player, PlayerOptions};
#[cfg(feature = "recordings")]
pub use raw_file::{RawFile, RawFileOptions, SigMfOptions};
pub use recording::Recording;
#[cfg(feature = "recordings")]
pub use recording_name::RecordingName;
pub use row::{RowInfo, RowSource};
#[cfg(feature = "audio-files")]
pub use samples::CodedSamples;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub use samples::PcmSamples;
pub use samples::{SampleReader, Samples, Stretch};
#[cfg(feature = "recordings")]
pub use scan::{Scan, ScanOptions, ScanPipe, ScanPipeOptions, ScanRows};
pub use shared_ring::{SHARED_RING_HEADER, SharedRing, SharedRingHeader};
#[cfg(feature = "recordings")]
pub use sigmf::Annotation;
#[cfg(feature = "sound")]
pub use sound_card::{DeviceInfo, SoundCard, SoundCardOptions, devices};
pub use spectra::Spectra;
pub use whole::Whole;

use crate::dsp::SampleKind;

/// The clock of a source's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nanoseconds of UTC since the Unix epoch (without leap seconds, as the system counts).
    Utc,
    /// Nanoseconds since the beginning of the file or of the demonstration.
    File,
}

/// The properties of a source. They hold until the source returns [`Read::Changed`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// A short display name: the file's name, the device's name.
    pub name: String,
    /// Samples per second (complex samples count once), in Hz.
    pub rate_hz: f64,
    /// Real or complex samples.
    pub kind: SampleKind,
    /// Radio frequency of the samples' 0 Hz, in Hz; 0 if unknown.
    pub centre_hz: f64,
    /// The clock of [`Block::time_ns`].
    pub clock: Clock,
    /// The samples arrive live, whether or not they are read. Otherwise they are recorded, and wait for the reader.
    pub live: bool,
    /// The gain of a receiver, in dB, if it reports one.
    pub gain_db: Option<f64>,
    /// What can be set while the source runs.
    pub controls: Controls,
    /// The annotations of a SigMF recording, in the order of its metadata.
    #[cfg(feature = "recordings")]
    pub annotations: Arc<[Annotation]>,
}

impl SourceInfo {
    /// Samples of this rate (in Hz) and kind around 0 Hz on [`Clock::File`], without controls.
    pub fn new(name: impl Into<String>, rate_hz: f64, kind: SampleKind) -> Self {
        Self {
            name: name.into(),
            rate_hz,
            kind,
            centre_hz: 0.0,
            clock: Clock::File,
            live: false,
            gain_db: None,
            controls: Controls::default(),
            #[cfg(feature = "recordings")]
            annotations: Arc::default(),
        }
    }

    /// The same with another centre frequency, in Hz.
    #[must_use]
    pub fn with_centre_hz(mut self, centre_hz: f64) -> Self {
        self.centre_hz = centre_hz;
        self
    }

    /// The same on another clock. What is on [`Clock::Utc`] is live, unless [`SourceInfo::recorded`] says otherwise.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self.live = clock == Clock::Utc;
        self
    }

    /// The same, recorded: its clock may be UTC, and it waits for the reader.
    #[must_use]
    pub fn recorded(mut self) -> Self {
        self.live = false;
        self
    }

    /// The same with controls.
    #[must_use]
    pub fn with_controls(mut self, controls: Controls) -> Self {
        self.controls = controls;
        self
    }
}

/// Samples, and when they were taken. Reuse one block for all reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The samples, where ±1 is full scale; I and Q interleaved if they are complex. NaN and infinities are data.
    pub samples: Vec<f32>,
    /// Time of the first sample, in nanoseconds on the source's [`Clock`].
    pub time_ns: i64,
    /// Samples are missing before this block, so that its time does not follow from the one before.
    pub gap: bool,
}

/// The result of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Read {
    /// The block holds at least one sample.
    Samples,
    /// Nothing arrived within about 100 ms; ask again.
    Idle,
    /// The next samples are available but not yet due, because they are played at their own speed. Ask again.
    Early,
    /// The device is disconnected, and the source waits for it; ask again.
    Waiting,
    /// The input is still being opened; ask again.
    Opening,
    /// The source's `info` has changed, and describes the samples that follow.
    Changed,
    /// The input has ended.
    End,
}

/// Something that delivers samples. See the module's text.
pub trait Source: Send {
    /// Properties of the samples until [`Source::read`] returns [`Read::Changed`].
    fn info(&self) -> &SourceInfo;

    /// Fills `block` with the next samples. It returns within about 100 ms, whether there are any or not, and leaves the
    /// block alone unless it returns [`Read::Samples`]. Once the block has its size, nothing is allocated.
    ///
    /// # Errors
    /// An error that ends the source: a file that can no longer be read, for example. A device that disconnects is not an
    /// error but [`Read::Waiting`].
    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError>;

    /// Goes to the first sample at or after this time, on the source's clock. False if the source can only be read in
    /// order; then nothing has happened. [`Source::info`] may have changed afterwards.
    ///
    /// # Errors
    /// An error that ends the source.
    fn seek(&mut self, _time_ns: i64) -> Result<bool, SourceError> {
        Ok(false)
    }

    /// How many samples (per channel) have been lost because they were not fetched in time.
    fn overruns(&self) -> u64 {
        0
    }

    /// What was wrong with the input although it could be read; for example [`SourceError::Truncated`].
    fn warning(&self) -> Option<Arc<SourceError>> {
        None
    }

    /// Sets a control. It takes effect with a [`Read::Changed`] of a later read.
    ///
    /// # Errors
    /// [`SourceError::NoControl`] if the source has no such control, and the errors of the device.
    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        Err(SourceError::NoControl { name: self.info().name.clone(), control: control.name() })
    }
}
