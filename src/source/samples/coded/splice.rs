//! The head of a file followed by what comes from somewhere in it: all that a container's reader needs to begin there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};

use crate::rows::read_at;

/// It cannot be sought in: readers then take what comes, and do not look for an end or an index.
pub(super) struct Splice {
    head: Arc<[u8]>,
    used: usize,
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Splice {
    /// `head`, then the bytes of the file from `at` to `end`.
    pub(super) fn stream(head: &Arc<[u8]>, file: &Arc<File>, at: u64, end: u64) -> MediaSourceStream<'static> {
        let splice = Self { head: Arc::clone(head), used: 0, file: Arc::clone(file), at, end };
        MediaSourceStream::new(Box::new(splice), MediaSourceStreamOptions::default())
    }
}

impl Read for Splice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used < self.head.len() {
            let count = (&self.head[self.used..]).read(buffer)?;
            self.used += count;
            return Ok(count);
        }
        let most = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        let count = match read_at(&self.file, self.at, &mut buffer[..most]) {
            Ok(()) => most,
            Err((0, Some(error))) => return Err(error),
            Err((count, _)) => count,
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// Readers ask for it and, told that there is none, do not use it.
impl Seek for Splice {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl MediaSource for Splice {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
