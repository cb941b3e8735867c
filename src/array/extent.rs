//! Axes of an array with units.

use crate::stamp::{Stamp, StampError};

/// The frequencies that the columns of an array cover, and the times that its rows cover: from the outer edge of the first
/// to the outer edge of the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    low_hz: f64,
    bin_hz: f64,
    start_ns: i64,
    row_ns: f64,
}

impl Extent {
    /// Frequencies in Hz and times in nanoseconds, for an array of this many rows and columns.
    ///
    /// # Errors
    /// A range without a length, or whose rows would have an invalid stamp: see [`Stamp::check`].
    pub fn new(
        (low_hz, high_hz): (f64, f64),
        (start_ns, end_ns): (i64, i64),
        (rows, columns): (u64, u64),
    ) -> Result<Self, StampError> {
        let bin_hz = (high_hz - low_hz) / columns.max(1) as f64;
        let row_ns = (i128::from(end_ns) - i128::from(start_ns)) as f64 / rows.max(1) as f64;
        let extent = Self { low_hz, bin_hz, start_ns, row_ns };
        extent.stamp(0).check()?;
        extent.stamp(rows.saturating_sub(1)).check()?;
        Ok(extent)
    }

    pub(super) fn stamp(&self, row: u64) -> Stamp {
        // `as` saturates; `check` refuses such times.
        let start = (row as f64 * self.row_ns).round() as i64;
        Stamp {
            time_ns: self.start_ns.saturating_add(start),
            duration_ns: self.row_ns,
            first_hz: self.low_hz + 0.5 * self.bin_hz,
            bin_hz: self.bin_hz,
        }
    }
}
