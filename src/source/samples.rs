//! Samples that can be read in any order.

#[cfg(feature = "audio-files")]
mod coded;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
mod pcm;

use std::sync::Arc;

#[cfg(feature = "audio-files")]
pub use coded::CodedSamples;
#[cfg(feature = "audio-files")]
pub(super) use coded::Opened;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub use pcm::PcmSamples;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
pub(super) use pcm::{Piece, Select};

use super::pace::time_ns;
use super::{SourceError, SourceInfo};
use crate::rows::RowsError;

/// Recorded samples that can be read in any order, from any number of threads.
pub trait Samples: Send + Sync {
    /// Their rate, kind and clock. The centre frequency is that of the first stretch.
    fn info(&self) -> &SourceInfo;

    /// Where the samples are without gaps, in ascending order. Samples are numbered through, over all stretches.
    fn stretches(&self) -> &[Stretch];

    /// A reader with buffers of its own, one for each thread.
    fn reader(&self) -> Box<dyn SampleReader + '_>;

    /// What is wrong with the file although it can be read, as far as that is known by now.
    fn warning(&self) -> Option<Arc<SourceError>> {
        None
    }

    /// Number of samples (complex ones count once).
    fn count(&self) -> u64 {
        self.stretches().iter().map(|stretch| stretch.samples).sum()
    }

    /// Time of a sample, in nanoseconds on the source's clock; after the last one, the end of it.
    fn time_ns(&self, sample: u64) -> i64 {
        let stretches = self.stretches();
        let after = stretches.partition_point(|stretch| stretch.first <= sample);
        stretches.get(after.saturating_sub(1)).map_or(0, |stretch| {
            let index = sample.saturating_sub(stretch.first).min(stretch.samples);
            stretch.time_ns.saturating_add(time_ns(index, self.info().rate_hz))
        })
    }

    /// Number of the sample at this time on the source's clock. In a gap it is the first one after it; before the beginning, the
    /// first one; after the end, [`count`](Self::count).
    fn sample_at(&self, time_ns: i64) -> u64 {
        let stretches = self.stretches();
        let after = stretches.partition_point(|stretch| stretch.time_ns <= time_ns);
        after.checked_sub(1).and_then(|index| stretches.get(index)).map_or(0, |stretch| {
            let since_s = time_ns.saturating_sub(stretch.time_ns) as f64 * 1e-9;
            stretch.first + ((since_s * self.info().rate_hz).round() as u64).min(stretch.samples)
        })
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
    /// Replaces `out` by `count` samples from number `first` on (I and Q interleaved if they are complex). Those in damaged parts
    /// of a file are NaN.
    ///
    /// # Errors
    /// [`RowsError::File`] for a file that cannot be read or has become shorter.
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError>;
}
