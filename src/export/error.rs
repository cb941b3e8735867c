//! Errors of writing files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file was not written. An existing file is unchanged, and no temporary file remains. A pipe or device may have
/// received part of the data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The path names no file.
    #[error("{}: expected the name of a file to write, got a directory or no name", path.display())]
    NotAFile {
        /// The path to write to.
        path: PathBuf,
    },
    /// The directory of the file is not writable.
    #[error("{}: cannot write to the directory {}: {source}", path.display(), directory.display())]
    Directory {
        /// The path to write to.
        path: PathBuf,
        /// Where.
        directory: PathBuf,
        /// The system's message.
        source: io::Error,
    },
    /// The file is an input, perhaps under another name.
    #[error("{}: this is the same file as the input {}, which is never overwritten", path.display(), input.display())]
    Input {
        /// The path to write to.
        path: PathBuf,
        /// The input.
        input: PathBuf,
    },
    /// The file exists and is not of this format.
    #[error("{}: the file exists and is not a {expected} file, so it is not overwritten", path.display())]
    Occupied {
        /// The path to write to.
        path: PathBuf,
        /// The name of the format.
        expected: &'static str,
    },
    /// The file exists, and files of this format have no mark by which ringfall knows its own.
    #[error("{}: the file exists, and a {format} file may hold any data, so it is not overwritten", path.display())]
    Exists {
        /// The path to write to.
        path: PathBuf,
        /// The name of the format.
        format: &'static str,
    },
    /// The file exists and is read-only.
    #[error("{}: the file exists and is read-only", path.display())]
    ReadOnly {
        /// The path to write to.
        path: PathBuf,
    },
    /// A symbolic link whose target does not exist.
    #[error("{}: it is a symbolic link to {}, which does not exist", path.display(), target.display())]
    DanglingLink {
        /// The path to write to.
        path: PathBuf,
        /// Where the link points.
        target: PathBuf,
    },
    /// Neither a file nor a stream.
    #[error("{}: it is a {what}: expected a file, a pipe or a character device", path.display())]
    Special {
        /// The path to write to.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A terminal, which cannot show a picture file.
    #[error("{}: it is a terminal: expected a file or a pipe", path.display())]
    Terminal {
        /// The path to write to.
        path: PathBuf,
    },
    /// No format has this name.
    #[error("no format is called {got:?}: expected one of {expected}")]
    UnknownFormat {
        /// The name asked for.
        got: String,
        /// The known names.
        expected: String,
    },
    /// No format has files with this extension.
    #[error("{}: the extension selects the format: expected {expected}", path.display())]
    UnknownExtension {
        /// The path to write to.
        path: PathBuf,
        /// The known extensions.
        expected: String,
    },
    /// The picture has no pixels, or the wrong number of bytes for its size.
    #[error("a picture of {width}x{height} needs {expected} bytes and at least one pixel, got {got} bytes")]
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
    /// The picture is larger than files of this format can be.
    #[error("a picture of {width}x{height} pixels: {format} has at most {most} a side")]
    Side {
        /// The name of the format.
        format: &'static str,
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// The largest width and height.
        most: u32,
    },
    /// The number of frames a second is not one, or is none that the format can have.
    #[error("{fps} frames a second: expected a number above 0 and, for {format}, at most {most}")]
    FrameRate {
        /// The name of the format.
        format: &'static str,
        /// The number given.
        fps: f64,
        /// The largest number.
        most: f64,
    },
    /// Videos are encoded by `ffmpeg`, which is not installed.
    #[error(
        "{format} is written by ffmpeg, and there is no ffmpeg on the PATH: expected it to be installed (apt install ffmpeg, \
         dnf install ffmpeg-free, brew install ffmpeg, winget install ffmpeg), or an .apng file, which needs none"
    )]
    NoFfmpeg {
        /// The name of the format.
        format: &'static str,
    },
    /// `ffmpeg` could not be started.
    #[error("cannot start ffmpeg: {source}")]
    FfmpegStart {
        /// The system's message.
        source: io::Error,
    },
    /// `ffmpeg` ended before the video was complete.
    #[error("ffmpeg failed ({status}): {said}")]
    Ffmpeg {
        /// How it ended.
        status: String,
        /// The last lines that it wrote to standard error.
        said: String,
    },
    /// `ffmpeg` made no progress, and was ended.
    #[error("ffmpeg made no progress for {seconds} s, so it was stopped; its last message: {said}")]
    FfmpegHangs {
        /// How long.
        seconds: u64,
        /// The last lines that it wrote to standard error.
        said: String,
    },
    /// Encoding or writing failed, usually because the disk is full.
    #[error("{}: {source}", path.display())]
    Write {
        /// The path to write to.
        path: PathBuf,
        /// The system's message.
        source: io::Error,
    },
    /// Standard output failed.
    #[error("standard output: {source}")]
    Stdout {
        /// The system's message.
        source: io::Error,
    },
}
