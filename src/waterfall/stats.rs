//! What a waterfall holds and what it did.

use std::ops::Range;

/// What a waterfall holds, and what its last [`prepare`](crate::Waterfall::prepare) did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Resident rows, by absolute number: rows are counted from 0 as they are pushed.
    pub resident: Range<u64>,
    /// Rows that the ring has room for.
    pub capacity: u32,
    /// Rows pushed and not uploaded yet.
    pub staged_rows: u64,
    /// Rows that left the ring before a `prepare` uploaded them, since the waterfall was made: they came faster than they
    /// were drawn. They are in no picture.
    pub skipped_rows: u64,
    /// Rows that [`Sender`](crate::Sender)s had to drop, since the waterfall was made.
    pub dropped_rows: u64,
    /// Bytes that the last `prepare` handed to the queue, counted at the hand-over.
    pub uploaded_bytes: u64,
    /// Lines of pixels that the last `prepare` shaded.
    pub shaded_lines: u32,
    /// Whether the last `prepare` changed the picture. If not, there is nothing to draw again.
    pub changed: bool,
}
