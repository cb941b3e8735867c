//! PNG files, written whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::headless::Picture;

/// Why a picture was not written. Nothing is left behind: the file that was there before, if any, is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The path names no file.
    #[error("{}: expected the name of a file to write, got a directory or no name", path.display())]
    NotAFile {
        /// What was to be written.
        path: PathBuf,
    },
    /// The directory of the file cannot be written to.
    #[error("{}: cannot write to the directory {}: {source}", path.display(), directory.display())]
    Directory {
        /// What was to be written.
        path: PathBuf,
        /// Where.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The pixels are not as many as the picture says.
    #[error("{}: a picture of {width}x{height} needs {expected} bytes, got {got}", path.display())]
    Pixels {
        /// What was to be written.
        path: PathBuf,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// Bytes that it should have.
        expected: usize,
        /// Bytes that it has.
        got: usize,
    },
    /// Encoding or writing failed, for want of space as a rule.
    #[error("{}: {source}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Asks whether `path` can be written, before any work is put into its contents. Leaves nothing behind.
///
/// # Errors
/// [`ExportError::NotAFile`], [`ExportError::Directory`].
pub fn can_write(path: &Path) -> Result<(), ExportError> {
    temporary(path).map(drop)
}

/// Writes a picture as an RGB PNG of 8 bits a channel (the alpha of a waterfall is 255 throughout, so it is left out).
///
/// It is written to a temporary file in the same directory, which takes the name at the end: no one ever sees half a
/// picture, and a failure leaves an older file of that name as it was.
///
/// # Errors
/// [`ExportError`], which names the file.
pub fn write_png(path: &Path, picture: &Picture) -> Result<(), ExportError> {
    let expected = 4 * picture.width as usize * picture.height as usize;
    if picture.rgba.len() != expected || expected == 0 {
        return Err(ExportError::Pixels {
            path: path.to_owned(),
            width: picture.width,
            height: picture.height,
            expected,
            got: picture.rgba.len(),
        });
    }
    let failed = |source| ExportError::Write { path: path.to_owned(), source };
    let mut file = temporary(path)?;
    encode(BufWriter::new(file.as_file_mut()), picture).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn encode(mut file: impl Write, picture: &Picture) -> io::Result<()> {
    let mut encoder = png::Encoder::new(&mut file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder.add_text_chunk("Software".to_owned(), concat!("ringfall ", env!("CARGO_PKG_VERSION")).to_owned())?;
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut line = Vec::with_capacity(3 * picture.width as usize);
    for rgba in picture.rgba.chunks_exact(4 * picture.width as usize) {
        line.clear();
        line.extend(rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
        stream.write_all(&line)?;
    }
    stream.finish()?;
    writer.finish()?;
    file.flush()
}

/// A temporary file where `path` will be, gone when dropped.
fn temporary(path: &Path) -> Result<tempfile::NamedTempFile, ExportError> {
    let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
        return Err(ExportError::NotAFile { path: path.to_owned() });
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other new file: the umask takes its share. The default of a temporary file is 0600.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory).map_err(|error| ExportError::Directory {
        path: path.to_owned(),
        directory: directory.to_owned(),
        source: plain(error),
    })
}

/// What the system said, without the name of the temporary file, which tells nobody anything.
fn plain(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|error| error.source()).and_then(|source| source.downcast_ref::<io::Error>());
    match inner.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        Picture { width: 2, height: 2, rgba: vec![1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255] }
    }

    fn files(directory: &Path) -> Vec<std::ffi::OsString> {
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        write_png(&path, &picture()).unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (2, 2, png::ColorType::Rgb));
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(files(directory.path()), ["a.png"]);
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        std::fs::write(&path, "old").unwrap();
        let short = Picture { rgba: vec![0; 15], ..picture() };
        let error = write_png(&path, &short).unwrap_err().to_string();
        assert!(error.contains("needs 16 bytes, got 15"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(files(directory.path()), ["a.png"]);
    }

    #[test]
    fn places_that_cannot_be_written_are_named_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let error = can_write(directory.path()).unwrap_err();
        assert!(matches!(error, ExportError::NotAFile { .. }), "{error}");
        let path = directory.path().join("no/such/a.png");
        let error = can_write(&path).unwrap_err();
        assert!(matches!(error, ExportError::Directory { .. }), "{error}");
        assert!(error.to_string().contains("a.png"), "{error}");
        can_write(&directory.path().join("a.png")).unwrap();
        assert!(files(directory.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let [a, b] = ["a.png", "b"].map(|name| directory.path().join(name));
        write_png(&a, &picture()).unwrap();
        std::fs::write(&b, "").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&a), mode(&b));
    }
}
