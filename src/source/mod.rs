//! Where samples come from: the sound card, audio files, and a demonstration that needs neither.
//!
//! Every input is a [`Source`]: something that is read block by block, knows its sample rate, and knows the time of
//! every sample. A [`Feed`] runs a source and a spectrum [`Analyzer`](crate::dsp::Analyzer) on a thread of their own and
//! hands finished rows to the render thread through a lock-free queue.
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

#[cfg(any(feature = "sound", feature = "audio-files"))]
mod channel;
mod demo;
mod error;
mod feed;
#[cfg(feature = "audio-files")]
mod file;
mod pace;
#[cfg(feature = "sound")]
mod sound_card;

use std::sync::Arc;

#[cfg(any(feature = "sound", feature = "audio-files"))]
pub use channel::Channel;
pub use demo::{Demo, DemoOptions, DemoSignal};
pub use error::SourceError;
pub use feed::{Feed, Status, WhenFull};
#[cfg(feature = "audio-files")]
pub use file::{AudioFile, FileOptions};
pub use pace::Speed;
#[cfg(feature = "sound")]
pub use sound_card::{DeviceInfo, SoundCard, SoundCardOptions, devices};

use crate::dsp::SampleKind;

/// Which clock the times of a source are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Nanoseconds of UTC since the Unix epoch (without leap seconds, as the system counts).
    Utc,
    /// Nanoseconds since the beginning of the file or of the demonstration.
    File,
}

/// What does not change while a source runs.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceInfo {
    /// A short name for people: the file's name, the device's name.
    pub name: String,
    /// Samples a second (complex samples count once), in Hz.
    pub rate_hz: f64,
    /// Real or complex samples.
    pub kind: SampleKind,
    /// What 0 Hz of the samples is on the air, in Hz; 0 where nobody knows.
    pub centre_hz: f64,
    /// The clock of [`Block::time_ns`].
    pub clock: Clock,
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
pub enum Read {
    /// The block holds at least one sample.
    Samples,
    /// Nothing came within about 100 ms; ask again.
    Idle,
    /// The device is away and is being waited for; ask again.
    Waiting,
    /// There is no more, and there will not be.
    End,
}

/// Something that delivers samples. See the module's text.
pub trait Source: Send {
    /// What does not change while the source runs.
    fn info(&self) -> &SourceInfo;

    /// Fills `block` with the next samples. It returns within about 100 ms, whether there are any or not, and leaves the
    /// block alone unless it returns [`Read::Samples`]. Once the block has its size, nothing is allocated.
    ///
    /// # Errors
    /// What ends the source: a file that can no longer be read, for example. A device that goes away is no error but
    /// [`Read::Waiting`].
    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError>;

    /// How many samples (per channel) were lost so far because they were not fetched in time.
    fn overruns(&self) -> u64 {
        0
    }

    /// What was wrong with the input although it could be read; for example [`SourceError::Truncated`].
    fn warning(&self) -> Option<Arc<SourceError>> {
        None
    }
}
