//! The bytes of an array: in a file, or decoded in memory.

use std::fs::File;
use std::io;
use std::path::Path;

use super::error::ArrayError;
use crate::rows::read_at;

/// Where the bytes of an array are.
#[derive(Debug)]
pub(super) enum Data {
    File(File),
    /// Of a file that had to be decoded.
    #[cfg_attr(not(feature = "images"), expect(dead_code, reason = "only images are decoded"))]
    Memory(Vec<u8>),
}

impl Data {
    /// Opens a regular file. Others have no length, and a pipe would wait for its writer.
    pub(super) fn open(path: &Path) -> Result<Self, ArrayError> {
        let failed = |source| ArrayError::Read { path: path.to_owned(), source };
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(ArrayError::NotAFile { path: path.to_owned() });
        }
        File::open(path).map(Self::File).map_err(failed)
    }

    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Fills `out` from this place on. Else returns how many bytes there were, and what the system said; nothing at the end.
    pub(super) fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<(), (usize, Option<io::Error>)> {
        match self {
            Self::File(file) => read_at(file, offset, out),
            Self::Memory(bytes) => {
                let there = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or(&[]);
                let count = there.len().min(out.len());
                out[..count].copy_from_slice(&there[..count]);
                if count == out.len() { Ok(()) } else { Err((count, None)) }
            }
        }
    }
}
