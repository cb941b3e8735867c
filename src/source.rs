//! Where samples and rows come from: the sound card, audio files, pipes, and a demonstration that needs none of them.
//!
//! A [`Source`] delivers samples, a [`RowSource`] finished rows. [`Spectra`] makes the second of the first. A [`Feed`] runs
//! a row source on a thread of its own and hands its rows to the render thread through a lock-free queue.
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
//! # To add a source
//!
//! Write one file with a type that implements [`Source`] (samples) or [`RowSource`] (rows), and register it with one
//! `mod` and one `pub use` line below. Everything else (analysis, queue, counters, pause, watchdog, title) is the feed's.
//!
//! * **What may block.** `read` returns within about 100 ms, with [`Read::Idle`] if nothing came. A call that may hang for
//!   longer (a sound library, a blocking file) belongs on a thread of the source's own that can be left behind, with a
//!   queue in between. A `read` that hangs all the same does not take the window with it: the feed tells of it as
//!   [`Status::stalled`], and when the feed is dropped it leaves that thread behind. Constructors may block: run them through
//!   [`Opening`], which does the same for them. A real-time callback only copies into a lock-free ring.
//! * **Clocks.** Times are nanoseconds on the [`Clock`] of the source: UTC for what is live, the time since the
//!   beginning for what is not. They never go back. Within a run without gaps, time is counted in samples and not
//!   taken from a system clock, so that it has no jitter.
//! * **Gaps.** Where something is missing, the next block has [`Block::gap`] set and its own time; analysis begins anew
//!   there. What was lost by being slow is counted by `overruns`. Nothing is made up to fill a gap.
//! * **Units.** Samples are full scale at ±1, I and Q in turn if complex; NaN and infinities are data. Values of rows are
//!   whatever [`RowInfo::unit`] says. Frequencies are in Hz.
//! * **Changes.** When the rate, the centre frequency, the gain or the length of rows changes, `read` returns
//!   [`Read::Changed`] and `info` says how things are from now on. The feed then starts a new span: rows after the
//!   change have new stamps, and [`Feed::info`] changes when the first of them are due to be drained.
//! * **Controls.** [`SourceInfo::controls`] says what can be set; [`Feed::tune`] and [`Feed::gain`] bring it to
//!   `control`, on the feed's thread between two reads.
//! * **The end.** [`Read::End`] for a proper one, an error for any other; a source that panics counts as an error. A
//!   device that goes away and may come back is [`Read::Waiting`].

mod channel;
mod control;
mod demo;
mod error;
mod feed;
#[cfg(feature = "audio-files")]
mod file;
pub mod igtl;
mod opening;
mod pace;
mod pipe;
#[cfg(feature = "recordings")]
mod raw_file;
#[cfg(feature = "recordings")]
mod recording_name;
mod row;
#[cfg(feature = "recordings")]
mod sigmf;
#[cfg(feature = "sound")]
mod sound_card;
mod spectra;

use std::sync::Arc;

pub use channel::Channel;
pub use control::{Control, Controls};
pub use demo::{Demo, DemoOptions, DemoSignal};
pub use error::SourceError;
pub use feed::{Feed, Status, WhenFull};
#[cfg(feature = "audio-files")]
pub use file::{AudioFile, FileOptions};
pub use opening::{Deferred, Opening};
pub use pace::Speed;
pub use pipe::{Pipe, PipeOptions, RawFormat, RowPipe, RowPipeOptions};
#[cfg(feature = "recordings")]
pub use raw_file::{RawFile, RawFileOptions, SigMfOptions};
#[cfg(feature = "recordings")]
pub use recording_name::RecordingName;
pub use row::{RowInfo, RowSource};
#[cfg(feature = "sound")]
pub use sound_card::{DeviceInfo, SoundCard, SoundCardOptions, devices};
pub use spectra::Spectra;

use crate::dsp::SampleKind;

/// Which clock the times of a source are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nanoseconds of UTC since the Unix epoch (without leap seconds, as the system counts).
    Utc,
    /// Nanoseconds since the beginning of the file or of the demonstration.
    File,
}

/// What a source is like. It holds until the source says [`Read::Changed`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// A short display name: the file's name, the device's name.
    pub name: String,
    /// Samples a second (complex samples count once), in Hz.
    pub rate_hz: f64,
    /// Real or complex samples.
    pub kind: SampleKind,
    /// What 0 Hz of the samples is on the air, in Hz; 0 if unknown.
    pub centre_hz: f64,
    /// The clock of [`Block::time_ns`].
    pub clock: Clock,
    /// The samples come as they are taken, whether anyone reads them or not. Otherwise they are recorded, and wait.
    pub live: bool,
    /// The gain of a receiver, in dB, where it has one and says so.
    pub gain_db: Option<f64>,
    /// What can be set while the source runs.
    pub controls: Controls,
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
        }
    }

    /// The same with another centre frequency, in Hz.
    pub fn with_centre_hz(mut self, centre_hz: f64) -> Self {
        self.centre_hz = centre_hz;
        self
    }

    /// The same on another clock. What is on [`Clock::Utc`] is live, unless [`SourceInfo::recorded`] says otherwise.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self.live = clock == Clock::Utc;
        self
    }

    /// The same, recorded: its clock may be UTC, and it waits for the reader.
    pub fn recorded(mut self) -> Self {
        self.live = false;
        self
    }

    /// The same with controls.
    pub fn with_controls(mut self, controls: Controls) -> Self {
        self.controls = controls;
        self
    }
}

/// Some samples, and when they were taken. It is meant to be used again for every read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The samples, where ±1 is full scale; I and Q in turn if they are complex. NaN and infinities are data.
    pub samples: Vec<f32>,
    /// Time of the first sample, in nanoseconds on the source's [`Clock`].
    pub time_ns: i64,
    /// Samples are missing before this block, so that its time does not follow from the one before.
    pub gap: bool,
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Read {
    /// The block holds at least one sample.
    Samples,
    /// Nothing came within about 100 ms; ask again.
    Idle,
    /// What comes next is there and not yet due: it is played at its own speed. Ask again.
    Early,
    /// The device is away and is being waited for; ask again.
    Waiting,
    /// The input is still being opened; ask again.
    Opening,
    /// The source's `info` has changed: what comes next is as it says now.
    Changed,
    /// There is no more, and there will not be.
    End,
}

/// Something that delivers samples. See the module's text.
pub trait Source: Send {
    /// What the samples are like until [`Source::read`] says [`Read::Changed`].
    fn info(&self) -> &SourceInfo;

    /// Fills `block` with the next samples. It returns within about 100 ms, whether there are any or not, and leaves the
    /// block alone unless it returns [`Read::Samples`]. Once the block has its size, nothing is allocated.
    ///
    /// # Errors
    /// What ends the source: a file that can no longer be read, for example. A device that goes away is no error but
    /// [`Read::Waiting`].
    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError>;

    /// Goes to the first sample at or after this time, on the source's clock. False if the source can only be read from front
    /// to back; then nothing has happened. [`Source::info`] may be another afterwards.
    ///
    /// # Errors
    /// What ends the source.
    fn seek(&mut self, _time_ns: i64) -> Result<bool, SourceError> {
        Ok(false)
    }

    /// How many samples (per channel) were lost so far because they were not fetched in time.
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
    /// [`SourceError::NoControl`] where the source has none of the kind, and what the device said.
    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        Err(SourceError::NoControl { name: self.info().name.clone(), control: control.name() })
    }
}
