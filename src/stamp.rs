//! When and where in frequency a row was taken.

/// The time and the frequencies of a row, which place it on the picture.
///
/// Times are nanoseconds on the clock of the rows: UTC since the Unix epoch for live sources, the time since
/// the start of the file for files without a date. Frequencies are in Hz. A program whose data have neither
/// may use any units here ([`Stamp::index`] does); the renderer only compares them with the
/// [`View`](crate::View).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp {
    /// Start of the row, in nanoseconds; within 2⁶² (146 years) of 0.
    pub time_ns: i64,
    /// How long the row lasts, that is until the next one is due, in nanoseconds; at least 1. It is not rounded to whole
    /// nanoseconds, so that a million rows do not drift.
    pub duration_ns: f64,
    /// Frequency of the centre of the first bin, in Hz.
    pub first_hz: f64,
    /// Distance between two bins, in Hz; more than 0.
    pub bin_hz: f64,
}

impl Stamp {
    /// The stamp of row `index` in data that have no clock and no frequencies: one row per second, bins 1 Hz apart from 0.
    pub fn index(index: u64) -> Self {
        let second = 1_000_000_000;
        Self {
            time_ns: i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(second),
            duration_ns: second as f64,
            first_hz: 0.0,
            bin_hz: 1.0,
        }
    }

    /// Lowest and highest frequency that a row of `bins` bins covers, in Hz: half a bin beyond its outer centres.
    pub fn span_hz(&self, bins: usize) -> (f64, f64) {
        let low = self.first_hz - 0.5 * self.bin_hz;
        (low, low + bins as f64 * self.bin_hz)
    }

    /// The middle of the row, in nanoseconds after `epoch_ns`: it decides on which line of the picture the row is. Not
    /// rounded: rows may begin and end between two whole nanoseconds.
    pub fn middle_since(&self, epoch_ns: i64) -> f64 {
        self.time_ns.saturating_sub(epoch_ns) as f64 + 0.5 * self.duration_ns
    }

    /// When the row ends, in nanoseconds, to the nearest whole one.
    pub fn end_ns(&self) -> i64 {
        self.time_ns.saturating_add(self.duration_ns.round() as i64)
    }

    /// Where the row's bins lie. Rows may share a layout.
    pub(crate) fn layout(&self, bins: u32) -> Layout {
        Layout { first_hz: self.first_hz, bin_hz: self.bin_hz, bins }
    }

    /// Moves the row so that its middle does not come before that of `last`. Exact, for rows of years too: a sum of nanoseconds would be
    /// rounded.
    pub(crate) fn not_before(&mut self, last: &Self) {
        // Half a duration: whole nanoseconds and the rest.
        let half = |stamp: &Self| {
            let half = 0.5 * stamp.duration_ns;
            (half.floor() as i64, half - half.floor())
        };
        let ((last_ns, last_rest), (own_ns, own_rest)) = (half(last), half(self));
        let later = last_ns.saturating_sub(own_ns).saturating_add(i64::from(last_rest > own_rest));
        let earliest = last.time_ns.saturating_add(later);
        if self.time_ns < earliest {
            let back = earliest.saturating_sub(self.time_ns);
            log::debug!("a row's time is {back} ns too early: it is taken to have come with the one before it");
            self.time_ns = earliest;
        }
    }

    /// Whether rows may have this stamp.
    ///
    /// # Errors
    /// [`StampError`]: a time farther than 2⁶² ns (146 years) from 0; a row shorter than a nanosecond or longer than 2⁶² ns;
    /// a bin width of 0 or less; a frequency that is not finite.
    pub fn check(&self) -> Result<(), StampError> {
        let most = Self::MOST_NS as f64;
        let wrong = |field, value, expected| Err(StampError { field, value, expected });
        if self.time_ns.unsigned_abs() > Self::MOST_NS.unsigned_abs() {
            return wrong("time_ns", self.time_ns as f64, "a time within 2^62 ns (146 years) of 0");
        }
        if !(1.0..=most).contains(&self.duration_ns) {
            return wrong("duration_ns", self.duration_ns, "1 to 2^62 ns");
        }
        if !(self.bin_hz > 0.0 && self.bin_hz.is_finite()) {
            return wrong("bin_hz", self.bin_hz, "a finite number above 0");
        }
        if !self.first_hz.is_finite() {
            return wrong("first_hz", self.first_hz, "a finite number");
        }
        Ok(())
    }

    /// Farthest that a time may be from 0, so that the difference of two fits an `i64`.
    pub(crate) const MOST_NS: i64 = 1 << 62;
}

/// A stamp that no row can have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("a stamp with {field} = {value}: expected {expected}")]
#[non_exhaustive]
pub struct StampError {
    /// Which field of [`Stamp`].
    pub field: &'static str,
    /// Its value.
    pub value: f64,
    /// What was expected.
    pub expected: &'static str,
}

/// Where the bins of a row lie. Of rows with the same layout, the same pixels show the same bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) first_hz: f64,
    pub(crate) bin_hz: f64,
    pub(crate) bins: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: i64 = 1_790_000_000_000_000_000;

    fn row(time_ns: i64, duration_ns: f64) -> Stamp {
        Stamp { time_ns, duration_ns, ..Stamp::index(0) }
    }

    #[test]
    fn a_middle_is_not_rounded() {
        assert_eq!(row(EPOCH + 3, 33_333_333.0).middle_since(EPOCH), 16_666_669.5);
        assert_eq!(row(EPOCH, 0.25).middle_since(EPOCH), 0.125);
        assert_eq!(row(i64::MIN, 2.0).middle_since(i64::MAX), i64::MIN as f64 + 1.0);
    }

    #[test]
    fn a_row_that_comes_too_early_is_moved_by_no_more_than_it_takes() {
        for (last, next, want) in [
            (row(EPOCH, 10.0), row(EPOCH - 5, 10.0), EPOCH),
            (row(EPOCH, 10.0), row(EPOCH, 10.0), EPOCH),
            // The middle is at 5 then: a short row begins later, a long one earlier.
            (row(EPOCH, 10.0), row(EPOCH, 3.0), EPOCH + 4),
            (row(EPOCH, 10.0), row(EPOCH - 100, 30.0), EPOCH - 10),
            // Half a nanosecond counts.
            (row(EPOCH, 3.0), row(EPOCH, 2.0), EPOCH + 1),
            (row(EPOCH, 10.0), row(i64::MIN, 10.0), EPOCH),
            (row(i64::MAX, 10.0), row(EPOCH, 2.0), i64::MAX),
            // A row of ten years, found by the fuzz target `rows`: half of it is a multiple of 32 ns, the other's middle is not.
            (
                row(9_864_000_000, 1_000_000.0),
                row(-200_000_000_000_000_000, 4e17),
                9_864_500_000 - 200_000_000_000_000_000,
            ),
        ] {
            let mut moved = next;
            moved.not_before(&last);
            assert_eq!(moved, Stamp { time_ns: want, ..next }, "after {last:?}");
        }
    }
}
