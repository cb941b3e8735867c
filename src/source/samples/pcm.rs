//! Samples in a file that lie where arithmetic says: WAV, raw IQ, SigMF.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::{SampleReader, Samples, Stretch};
use crate::rows::{RowsError, read_known};
#[cfg(feature = "audio-files")]
use crate::source::channel::Channel;
use crate::source::pipe::RawFormat;
use crate::source::{SourceError, SourceInfo};

/// Samples of a file that is not compressed. Several threads read it at once, each at its own place.
///
/// [`AudioFile::pcm`](crate::source::AudioFile::pcm) and [`RawFile::into_pcm`](crate::source::RawFile::into_pcm) open one.
#[derive(Debug)]
pub struct PcmSamples {
    file: File,
    path: PathBuf,
    info: SourceInfo,
    format: RawFormat,
    select: Select,
    /// Numbers of a frame: those of one time.
    frame: usize,
    pieces: Vec<Piece>,
    stretches: Vec<Stretch>,
    warning: Option<Arc<SourceError>>,
}

/// Samples that lie next to each other in the file.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Piece {
    /// Number of its first sample.
    pub(in crate::source) first: u64,
    pub(in crate::source) samples: u64,
    /// Where the first one is, in bytes from the beginning of the file.
    pub(in crate::source) offset: u64,
}

/// What is taken from a frame.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) enum Select {
    /// Channels of real samples.
    #[cfg(feature = "audio-files")]
    Channels(Channel, usize),
    /// These numbers of it.
    #[cfg(feature = "recordings")]
    Numbers {
        /// The first of them.
        from: usize,
        /// How many.
        count: usize,
        /// Numbers in all.
        of: usize,
    },
}

impl PcmSamples {
    pub(in crate::source) fn new(
        (file, path): (File, PathBuf),
        info: SourceInfo,
        format: RawFormat,
        select: Select,
        pieces: Vec<Piece>,
        stretches: Vec<Stretch>,
    ) -> Result<Self, SourceError> {
        if !stretches.iter().any(|stretch| stretch.samples > 0) {
            return Err(SourceError::NoSamples { path });
        }
        let frame = match select {
            #[cfg(feature = "audio-files")]
            Select::Channels(_, channels) => channels,
            #[cfg(feature = "recordings")]
            Select::Numbers { of, .. } => of,
        };
        Ok(Self { file, path, info, format, select, frame, pieces, stretches, warning: None })
    }

    /// The same with what is wrong with the file.
    pub(in crate::source) fn with_warning(self, warning: Option<Arc<SourceError>>) -> Self {
        Self { warning, ..self }
    }
}

impl Samples for PcmSamples {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    fn reader(&self) -> Box<dyn SampleReader + '_> {
        Box::new(PcmReader { samples: self, bytes: Vec::new(), numbers: Vec::new() })
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

struct PcmReader<'a> {
    samples: &'a PcmSamples,
    bytes: Vec<u8>,
    numbers: Vec<f32>,
}

impl PcmReader<'_> {
    /// Appends samples of one piece.
    fn piece(&mut self, offset: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let PcmSamples { file, path, format, select, frame, .. } = self.samples;
        self.bytes.resize(count * frame * format.number_bytes(), 0);
        read_known(file, path, offset, &mut self.bytes)?;
        match *select {
            #[cfg(feature = "recordings")]
            Select::Numbers { count, of, .. } if count == of => format.decode(&self.bytes, 1.0, out),
            #[cfg(feature = "audio-files")]
            Select::Channels(Channel::Mix | Channel::Iq, 1) | Select::Channels(Channel::Iq, _) => {
                format.decode(&self.bytes, 1.0, out);
            }
            #[cfg(feature = "audio-files")]
            Select::Channels(channel, channels) => {
                self.numbers.clear();
                format.decode(&self.bytes, 1.0, &mut self.numbers);
                channel.pick(&self.numbers, channels, out);
            }
            #[cfg(feature = "recordings")]
            Select::Numbers { from, count, of } => {
                self.numbers.clear();
                format.decode(&self.bytes, 1.0, &mut self.numbers);
                self.numbers.chunks_exact(of).for_each(|frame| out.extend_from_slice(&frame[from..from + count]));
            }
        }
        Ok(())
    }
}

impl SampleReader for PcmReader<'_> {
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        let (mut first, mut left) = (first, count as u64);
        let frame_bytes = (self.samples.frame * self.samples.format.number_bytes()) as u64;
        let after = self.samples.pieces.partition_point(|piece| piece.first <= first);
        for piece in self.samples.pieces.iter().skip(after.saturating_sub(1)) {
            let skip = first.saturating_sub(piece.first);
            let take = left.min(piece.samples.saturating_sub(skip));
            if take > 0 {
                let read = self.piece(piece.offset + skip * frame_bytes, take as usize, out);
                if read.is_err() {
                    out.clear();
                    return read;
                }
            }
            (first, left) = (first + take, left - take);
            if left == 0 {
                return Ok(());
            }
        }
        out.clear();
        let offset = self.samples.pieces.last().map_or(0, |last| last.offset + last.samples * frame_bytes);
        let message = format!("it ends here: expected {left} more samples");
        Err(RowsError::File { path: self.samples.path.clone(), offset, message })
    }
}
