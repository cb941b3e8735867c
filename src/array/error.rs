//! Errors of arrays in files.

use std::io;
use std::path::PathBuf;

use super::axes::Axes;
use super::dtype::Dtype;

/// Why an array could not be opened. Every message names the file, and the place or the field in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// The file could not be opened or read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's message.
        source: io::Error,
    },
    /// A directory, a pipe or a device.
    #[error("{}: expected a regular file", .path.display())]
    NotAFile {
        /// The path that was opened.
        path: PathBuf,
    },
    /// The file does not begin as `.npy` files do.
    #[error("{}: at byte 0: expected the magic string \\x93NUMPY of a .npy file, got {got}", .path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// The bytes there, for people.
        got: String,
    },
    /// A version of the format that is not known.
    #[error("{}: at byte 6: .npy version {major}.{minor}: expected 1.0, 2.0 or 3.0", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version.
        major: u8,
        /// Its second part.
        minor: u8,
    },
    /// The file ends within the header.
    #[error("{}: the .npy header is cut short: expected {expected} bytes, the file has {got}", .path.display())]
    HeaderTruncated {
        /// The file.
        path: PathBuf,
        /// Bytes up to the end of the header.
        expected: u64,
        /// Bytes that there are.
        got: u64,
    },
    /// A header that is longer than any that NumPy writes or reads.
    #[error("{}: at byte 8: a .npy header of {got} bytes: expected {most} at most", .path.display())]
    HeaderLength {
        /// The file.
        path: PathBuf,
        /// The length that the file gives.
        got: u64,
        /// The most there may be.
        most: u64,
    },
    /// The header is not the dictionary that it should be.
    #[error("{}: at byte {offset}: .npy header: expected {expected}", .path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// The expected content.
        expected: &'static str,
    },
    /// A type of cells that is no number, or one that is not known.
    #[error("{}: descr {got:?}: {reason}", .path.display())]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The type.
        got: String,
        /// What is wrong with it, and what was expected.
        reason: &'static str,
    },
    /// A word that names no type of numbers.
    #[error("'{got}' names no type of numbers: {reason}")]
    DtypeWord {
        /// The word.
        got: String,
        /// What is wrong with it, and what was expected.
        reason: &'static str,
    },
    /// An array that does not have two dimensions.
    #[error("{}: an array of shape {}: expected two dimensions, rows and columns", .path.display(), shape_text(.shape))]
    Dimensions {
        /// The file.
        path: PathBuf,
        /// The lengths of its dimensions.
        shape: Vec<u64>,
    },
    /// A shape that has no such axes.
    #[error(
        "{}: an array of shape {}, read as {axes}: expected two to four dimensions that are h rows, w columns, c channels (1, 3 \
         or 4) and t frames, as one of hw, hwc, chw, thw, thwc, tchw",
        .path.display(), shape_text(.shape)
    )]
    Axes {
        /// The file.
        path: PathBuf,
        /// The lengths of its dimensions.
        shape: Vec<u64>,
        /// The axes asked for.
        axes: String,
    },
    /// A word that names no axes.
    #[error("'{got}' names no axes of an array: expected one of hw, hwc, chw, thw, thwc, tchw")]
    AxesWord {
        /// The word.
        got: String,
    },
    /// Colours of a type whose range is not known.
    #[error(
        "{}: {axes} with channels of type {dtype}: expected u8, or floats from 0 to 1, unless a range is given",
        .path.display()
    )]
    Colors {
        /// The file.
        path: PathBuf,
        /// The type of the channels.
        dtype: Dtype,
        /// The meaning of the dimensions.
        axes: Axes,
    },
    /// A frame beyond the last.
    #[error("{}: frame {frame}: expected 0 to {}", .path.display(), frames - 1)]
    Frame {
        /// The file.
        path: PathBuf,
        /// The frame asked for.
        frame: u64,
        /// How many there are.
        frames: u64,
    },
    /// A picture that could not be decoded.
    #[error("{}: {message}", .path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what was expected.
        message: String,
    },
    /// An array without cells.
    #[error("{}: an array of {rows} rows and {columns} columns: expected one of each at least", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// Rows.
        rows: u64,
        /// Columns.
        columns: u64,
    },
    /// A shape with more bytes than a file can have.
    #[error("{}: an array of shape {} has more than 2^63 bytes", .path.display(), shape_text(.shape))]
    Overflow {
        /// The file.
        path: PathBuf,
        /// The lengths of its dimensions.
        shape: Vec<u64>,
    },
    /// More rows or columns than can be shown.
    #[error(
        "{}: an array of {rows} rows and {columns} columns: expected {most_rows} rows and {most_columns} columns at most",
        .path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Rows.
        rows: u64,
        /// Columns.
        columns: u64,
        /// The most rows there may be.
        most_rows: u64,
        /// The most columns there may be.
        most_columns: u64,
    },
    /// The file ends before the last cell.
    #[error(
        "{}: the data are cut short: an array of shape {} from byte {offset} on ends at byte {expected}, the file has {got} \
         bytes",
        .path.display(), shape_text(.shape)
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The lengths of its dimensions.
        shape: Vec<u64>,
        /// Where the data begin.
        offset: u64,
        /// Bytes that the file should have at least.
        expected: u64,
        /// Bytes that it has.
        got: u64,
    },
}

/// As Python writes it.
fn shape_text(shape: &[u64]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}
