//! What may go wrong when rows are read.

use std::path::PathBuf;

/// Why a row could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A row that is not there: it was evicted, has not come yet, or the level is not ready so far.
    #[error("level {level} has no row {row}")]
    NoRow {
        /// The level asked for.
        level: u32,
        /// The row asked for.
        row: u64,
    },
    /// A file that could not be read, or whose content is not what was expected.
    #[error("{}: at byte {offset}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Where in it the reading failed, in bytes from its beginning.
        offset: u64,
        /// What failed and what was expected.
        message: String,
    },
}
