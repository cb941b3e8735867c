//! Why nothing was written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file was not written. What was there before is as it was, and nothing else is left behind; only of a pipe or
/// device it cannot be told what has reached its other end.
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
    /// The file is one that is read from, perhaps under another name.
    #[error("{}: it is the same file as the input {}, which is never written over", path.display(), input.display())]
    Input {
        /// What was to be written.
        path: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// There is a file that does not begin as those of the format do.
    #[error("{}: the file exists and is not a {expected} file, so it is not written over", path.display())]
    Occupied {
        /// What was to be written.
        path: PathBuf,
        /// The name of the format.
        expected: &'static str,
    },
    /// There is a file that may not be written to.
    #[error("{}: the file exists and is read-only", path.display())]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
    },
    /// A symbolic link that leads nowhere.
    #[error("{}: it is a symbolic link to {}, which does not exist", path.display(), target.display())]
    DanglingLink {
        /// What was to be written.
        path: PathBuf,
        /// Where the link points.
        target: PathBuf,
    },
    /// Neither a file nor anything that can be streamed to.
    #[error("{}: it is a {what}: expected a file, a pipe or a character device", path.display())]
    Special {
        /// What was to be written.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A terminal, to which a picture would be gibberish.
    #[error("{}: it is a terminal: expected a file or a pipe", path.display())]
    Terminal {
        /// What was to be written.
        path: PathBuf,
    },
    /// No format has this name.
    #[error("no format is called {got:?}: expected one of {expected}")]
    UnknownFormat {
        /// The name asked for.
        got: String,
        /// The names there are.
        expected: String,
    },
    /// No format has files with this extension.
    #[error("{}: the extension tells the format: expected {expected}", path.display())]
    UnknownExtension {
        /// What was to be written.
        path: PathBuf,
        /// The extensions there are.
        expected: String,
    },
    /// The picture has no pixels, or not as many bytes as its size says.
    #[error("a picture of {width}x{height} needs {expected} bytes, and at least a pixel; got {got} bytes")]
    Pixels {
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
    /// Standard output failed.
    #[error("standard output: {source}")]
    Stdout {
        /// What the system said.
        source: io::Error,
    },
}
