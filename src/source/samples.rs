//! Samples that can be read in any order.

#[cfg(any(feature = "recordings", feature = "audio-files"))]
mod pcm;

#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub use pcm::PcmSamples;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub(super) use pcm::{Piece, Select};

use super::SourceInfo;
use crate::rows::RowsError;

/// Recorded samples that can be read in any order, from any number of threads.
pub trait Samples: Send + Sync {
    /// Their rate, kind and clock. The centre frequency is that of the first stretch.
    fn info(&self) -> &SourceInfo;

    /// Where the samples are without gaps, in ascending order. Samples are numbered through, over all stretches.
    fn stretches(&self) -> &[Stretch];

    /// A reader with buffers of its own, one for each thread.
    fn reader(&self) -> Box<dyn SampleReader + '_>;

    /// Number of samples (complex ones count once).
    fn count(&self) -> u64 {
        self.stretches().iter().map(|stretch| stretch.samples).sum()
    }
}

/// Samples that follow each other without a gap, around one centre frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Number of its first sample.
    pub first: u64,
    /// How many there are.
    pub samples: u64,
    /// Time of the first one, in nanoseconds on the source's clock.
    pub time_ns: i64,
    /// What 0 Hz of the samples was on the air, in Hz.
    pub centre_hz: f64,
}

/// Reads samples, on a thread of its own.
pub trait SampleReader {
    /// Replaces `out` by `count` samples from number `first` on (I and Q interleaved if they are complex).
    ///
    /// # Errors
    /// [`RowsError::File`] for a file that cannot be read or has become shorter.
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError>;
}
