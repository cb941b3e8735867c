//! Bytes from something that blocks.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::source::SourceError;
use crate::source::pace::now_ns;

/// Bytes that come through a thread of their own, a few pieces ahead.
#[derive(Debug)]
pub(in crate::source) struct Stream {
    name: String,
    pieces: Receiver<io::Result<Piece>>,
    /// Pieces that have been emptied, to be used again.
    empty: SyncSender<Vec<u8>>,
}

/// Bytes, and when they came.
#[derive(Debug)]
struct Piece {
    bytes: Vec<u8>,
    at_ns: i64,
}

/// The result of waiting for bytes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::source) enum Bytes {
    /// Nothing.
    None,
    /// Some, which came at this time, in nanoseconds of UTC.
    Some { at_ns: i64 },
    /// There are no more.
    End,
}

/// Pieces in the queue, at least and at most: how far the writer can be ahead, in addition to the pipe's buffer. Together with
/// the size of a piece it is about a tenth of a second, and never more than 16 MiB.
const AHEAD: std::ops::RangeInclusive<usize> = 4..=256;

impl Stream {
    /// Reads from `input` without end, about `piece` bytes at a time: a hundredth of a second of samples, or a row.
    pub(in crate::source) fn start(
        name: &str,
        mut input: impl Read + Send + 'static,
        piece: usize,
    ) -> Result<Self, SourceError> {
        // A pipe holds 64 KiB: more at once does not come, and less only costs time.
        let size = piece.clamp(256, 64 << 10);
        let ahead = (piece.saturating_mul(10) / size).clamp(*AHEAD.start(), *AHEAD.end());
        let (sender, pieces) = sync_channel(ahead);
        let (empty, emptied) = sync_channel::<Vec<u8>>(ahead + 1);
        let work = move || {
            loop {
                let mut bytes = emptied.try_recv().unwrap_or_default();
                bytes.resize(size, 0);
                let result = match input.read(&mut bytes) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Ok(0) => return,
                    Ok(count) => {
                        bytes.truncate(count);
                        Ok(Piece { bytes, at_ns: now_ns() })
                    }
                    Err(error) => Err(error),
                };
                let failed = result.is_err();
                // It fails when the source was dropped.
                if sender.send(result).is_err() || failed {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("ringfall pipe".to_owned())
            .spawn(work)
            .map_err(|cause| SourceError::Thread { name: name.to_owned(), cause })?;
        Ok(Self { name: name.to_owned(), pieces, empty })
    }

    /// Appends the next piece to `out`, if one comes within `patience`.
    pub(in crate::source) fn take(&mut self, patience: Duration, out: &mut Vec<u8>) -> Result<Bytes, SourceError> {
        match self.pieces.recv_timeout(patience) {
            Ok(Ok(Piece { bytes, at_ns })) => {
                out.extend_from_slice(&bytes);
                // Full is as good as empty: then there are enough.
                let _ = self.empty.try_send(bytes);
                Ok(Bytes::Some { at_ns })
            }
            Ok(Err(cause)) => Err(SourceError::Io { path: self.name.clone().into(), cause }),
            Err(RecvTimeoutError::Timeout) => Ok(Bytes::None),
            Err(RecvTimeoutError::Disconnected) => Ok(Bytes::End),
        }
    }
}
