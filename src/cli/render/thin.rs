//! Fewer rows, for recordings that do not fit in memory.

use ringfall::{Mean, Reduce, Stamp, Unit};

/// Reduces several rows to one, for recordings that do not fit in memory. The reduction is the shader's, applied to rows that
/// would share a line of pixels anyway.
pub(super) struct Thin {
    every: u32,
    reduce: Reduce,
    count: u32,
    stamp: Option<Stamp>,
    row: Vec<f32>,
    /// For a mean, one per bin.
    means: Vec<Mean>,
}

impl Thin {
    pub(super) fn new(every: u32, reduce: Reduce) -> Self {
        Self { every, reduce, count: 0, stamp: None, row: Vec::new(), means: Vec::new() }
    }

    pub(super) fn reduce(&self) -> Reduce {
        self.reduce
    }

    /// Doubles the number of rows that are reduced to one.
    pub(super) fn double(&mut self) {
        self.every = self.every.saturating_mul(2);
    }

    /// Accepts a row, and returns a reduced row when it is complete.
    pub(super) fn row<'a>(&'a mut self, stamp: Stamp, row: &'a [f32]) -> Option<(Stamp, &'a [f32])> {
        if self.every <= 1 {
            return Some((stamp, row));
        }
        self.stamp.get_or_insert(stamp);
        if self.count == 0 {
            self.row.clear();
            self.row.resize(row.len(), f32::NAN);
            self.means.clear();
            self.means.resize(row.len(), Mean::new(Unit::Decibel));
        }
        let kept = self.row.iter_mut().zip(row);
        // `max` and `min` prefer a number to NaN, and a mean skips NaN.
        match self.reduce {
            Reduce::Max => kept.for_each(|(kept, level)| *kept = kept.max(*level)),
            Reduce::Min => kept.for_each(|(kept, level)| *kept = kept.min(*level)),
            _ => self.means.iter_mut().zip(row).for_each(|(mean, level)| mean.add(*level, 1.0)),
        }
        self.count += 1;
        if self.count < self.every {
            return None;
        }
        self.rest()
    }

    /// The last row, which may be reduced from fewer rows.
    pub(super) fn rest(&mut self) -> Option<(Stamp, &[f32])> {
        let count = std::mem::take(&mut self.count);
        let stamp = self.stamp.take()?;
        if !matches!(self.reduce, Reduce::Max | Reduce::Min) {
            self.row.iter_mut().zip(&self.means).for_each(|(level, mean)| *level = mean.get());
        }
        Some((Stamp { duration_ns: stamp.duration_ns * f64::from(count), ..stamp }, &self.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(index: u64) -> Stamp {
        Stamp::index(index)
    }

    fn thinned(every: u32, reduce: Reduce, rows: &[[f32; 2]]) -> Vec<(i64, f64, Vec<f32>)> {
        let mut thin = Thin::new(every, reduce);
        let mut out = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if let Some((stamp, row)) = thin.row(stamp(index as u64), row) {
                out.push((stamp.time_ns / 1_000_000_000, stamp.duration_ns * 1e-9, row.to_vec()));
            }
        }
        if let Some((stamp, row)) = thin.rest() {
            out.push((stamp.time_ns / 1_000_000_000, stamp.duration_ns * 1e-9, row.to_vec()));
        }
        out
    }

    #[test]
    fn rows_are_reduced_and_none_is_lost() {
        let rows = [[-10.0, 1.0], [-20.0, 2.0], [-5.0, f32::NAN], [-30.0, 4.0], [-40.0, 5.0]];
        assert_eq!(
            thinned(2, Reduce::Max, &rows),
            [(0, 2.0, vec![-10.0, 2.0]), (2, 2.0, vec![-5.0, 4.0]), (4, 1.0, vec![-40.0, 5.0])]
        );
        assert_eq!(thinned(5, Reduce::Min, &rows), [(0, 5.0, vec![-40.0, 1.0])]);
        assert_eq!(thinned(1, Reduce::Max, &rows[..2]), [(0, 1.0, vec![-10.0, 1.0]), (1, 1.0, vec![-20.0, 2.0])]);
        // 0 dB and 10 dB are powers of 1 and 10: the mean is 5.5, which is 7.4036 dB.
        let mean = thinned(2, Reduce::Mean, &[[0.0, 10.0], [10.0, 10.0]]);
        assert!((mean[0].2[0] - 7.403_627).abs() < 1e-4, "{mean:?}");
        assert!((mean[0].2[1] - 10.0).abs() < 1e-4, "{mean:?}");
    }
}
