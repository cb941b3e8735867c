//! Positioned reads (`pread`), which threads may share a file for.
//!
//! Files are not mapped. A mapped file that another program makes shorter kills the reader with SIGBUS, which no check before
//! the access prevents; a positioned read then returns fewer bytes.

use std::fs::File;
use std::io;
#[cfg(any(feature = "recordings", feature = "audio-files"))]
use std::path::Path;

#[cfg(any(feature = "recordings", feature = "audio-files"))]
use super::error::RowsError;

/// Fills `out` from this place on. Else returns how many bytes there were, and what the system said; nothing at the end.
pub(crate) fn read_at(file: &File, offset: u64, out: &mut [u8]) -> Result<(), (usize, Option<io::Error>)> {
    let mut done = 0;
    while done < out.len() {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, &mut out[done..], offset + done as u64);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, &mut out[done..], offset + done as u64);
        #[cfg(not(any(unix, windows)))]
        let read = Err::<usize, _>(io::Error::from(io::ErrorKind::Unsupported));
        match read {
            Ok(0) => return Err((done, None)),
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((done, Some(error))),
        }
    }
    Ok(())
}

#[cfg(any(feature = "recordings", feature = "audio-files"))]
/// The same, of a file that is known to have been long enough.
///
/// # Errors
/// [`RowsError::File`] if it cannot be read, or has become shorter.
pub(crate) fn read_known(file: &File, path: &Path, offset: u64, out: &mut [u8]) -> Result<(), RowsError> {
    read_at(file, offset, out).map_err(|(done, error)| {
        let offset = offset + done as u64;
        let message = match error {
            Some(error) => error.to_string(),
            None => format!("the file ends here and has become shorter: expected {} more bytes", out.len() - done),
        };
        RowsError::File { path: path.to_owned(), offset, message }
    })
}
