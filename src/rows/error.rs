//! Errors of reading rows.

use std::path::PathBuf;

/// Why a row could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// The row is not available: it was evicted, has not arrived yet, or its level is not ready yet.
    #[error("level {level} has no row {row}")]
    NoRow {
        /// The level asked for.
        level: u32,
        /// The row asked for.
        row: u64,
    },
    /// Values were asked for where cells are colours, or the reverse.
    #[error("cells are {got}: expected {expected}")]
    Cells {
        /// What they are.
        got: &'static str,
        /// What was asked for.
        expected: &'static str,
    },
    /// A file that could not be read, or whose content is invalid.
    #[error("{}: at byte {offset}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The place where reading failed, in bytes from the beginning of the file.
        offset: u64,
        /// What failed and what was expected.
        message: String,
    },
}
