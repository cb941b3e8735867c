//! Percentiles.

/// Frame times in milliseconds, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Times(Vec<f64>);

impl Times {
    /// `None` if there are none.
    pub(super) fn new(mut ms: Vec<f64>) -> Option<Self> {
        ms.sort_by(f64::total_cmp);
        (!ms.is_empty()).then_some(Self(ms))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn sorted(&self) -> &[f64] {
        &self.0
    }

    /// The value that `percent` per cent of all are at or below: linear between the two nearest ranks, rank 0 being the
    /// least and rank n − 1 the largest (as NumPy does it).
    pub(super) fn percentile(&self, percent: f64) -> f64 {
        let last = self.0.len() - 1;
        let rank = (percent / 100.0).clamp(0.0, 1.0) * last as f64;
        let below = rank.floor() as usize;
        let above = (below + 1).min(last);
        self.0[below] + (self.0[above] - self.0[below]) * (rank - below as f64)
    }

    pub(super) fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    pub(super) fn max(&self) -> f64 {
        self.percentile(100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

    /// Computed by hand: ranks 0 to 10 of eleven values.
    #[test]
    fn percentiles_of_a_known_list() {
        let times = Times::new(vec![7.0, 1.0, 3.0, 100.0, 2.0, 4.0, 6.0, 5.0, 8.0, 9.0, 10.0]).unwrap();
        assert_eq!(times.count(), 11);
        assert_eq!(times.percentile(0.0), 1.0);
        assert_eq!(times.median(), 6.0);
        // Rank 9.5: half way from 10 to 100.
        assert_eq!(times.percentile(95.0), 55.0);
        // Rank 9.9.
        assert!((times.percentile(99.0) - 91.0).abs() < 1e-9);
        assert_eq!(times.max(), 100.0);
    }

    #[test]
    fn an_even_number_and_one_alone() {
        let times = Times::new(vec![4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!(times.median(), 2.5);
        let one = Times::new(vec![0.25]).unwrap();
        assert_eq!((one.median(), one.percentile(99.0), one.max()), (0.25, 0.25, 0.25));
        assert_eq!(Times::new(Vec::new()), None);
    }
}
