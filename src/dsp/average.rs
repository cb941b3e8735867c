//! Averaging of spectra, in power.

use std::fmt;
use std::str::FromStr;

use super::error::DspError;

/// The most spectra in a row.
pub(super) const MAX_SPECTRA: u32 = 1_000_000;

/// How several spectra become a row. All averages are of power, before dB: a mean of dB would read noise 2.5 dB low.
///
/// The text form, for command lines and files, is `none`, `mean:8`, `max:4` and `exp:0.1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Average {
    /// Every spectrum is a row.
    #[default]
    None,
    /// Each row is the mean power of this many spectra. Smooths noise: its spread falls with √N.
    Mean(u32),
    /// Each row is the highest power of this many spectra. Compresses time without losing a short burst.
    Max(u32),
    /// Every spectrum is a row, and each row is a mean in which older spectra fade: weight · newest + (1 − weight) ·
    /// row before. The weight is above 0 and up to 1, where 1 is no average.
    ///
    /// A spectrum that is not finite (a sample was NaN or ∞) makes its own row not finite, but is left out of later rows.
    Exponential(f64),
}

impl Average {
    /// The number of spectra from one row to the next.
    pub fn spectra_per_row(self) -> u32 {
        match self {
            Self::Mean(spectra) | Self::Max(spectra) => spectra,
            Self::None | Self::Exponential(_) => 1,
        }
    }

    pub(super) fn validate(self) -> Result<(), DspError> {
        match self {
            Self::Mean(got) | Self::Max(got) if !(1..=MAX_SPECTRA).contains(&got) => {
                Err(DspError::AverageCount { got })
            }
            Self::Exponential(got) if !(got > 0.0 && got <= 1.0) => Err(DspError::AverageWeight { got }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Mean(spectra) => write!(f, "mean:{spectra}"),
            Self::Max(spectra) => write!(f, "max:{spectra}"),
            Self::Exponential(weight) => write!(f, "exp:{weight}"),
        }
    }
}

impl FromStr for Average {
    type Err = DspError;

    /// Reads what [`Display`](fmt::Display) writes, in upper or lower case.
    ///
    /// # Errors
    /// [`DspError::AverageName`] for any other text, [`DspError::AverageCount`] and [`DspError::AverageWeight`] for
    /// numbers out of bounds.
    fn from_str(text: &str) -> Result<Self, DspError> {
        let unknown = || DspError::AverageName { got: text.to_owned() };
        let lower = text.trim().to_ascii_lowercase();
        let count = |number: &str| number.trim().parse::<u32>().map_err(|_| unknown());
        let average = match lower.split_once(':') {
            None if lower == "none" => Self::None,
            Some(("mean", number)) => Self::Mean(count(number)?),
            Some(("max", number)) => Self::Max(count(number)?),
            Some(("exp", number)) => Self::Exponential(number.trim().parse().map_err(|_| unknown())?),
            _ => return Err(unknown()),
        };
        average.validate()?;
        Ok(average)
    }
}

/// Spectra in, rows out, both as power.
pub(super) struct Averager {
    average: Average,
    /// Per bin. In double precision, because single precision does not suffice for a million terms. For the exponential
    /// average NaN stands for "no spectrum yet".
    state: Vec<f64>,
    /// Number of spectra in the unfinished row.
    count: u32,
    /// First sample of the unfinished row.
    first: u64,
}

impl Averager {
    pub(super) fn new(average: Average, bins: usize) -> Self {
        let held = if average == Average::None { 0 } else { bins };
        Self { average, state: vec![f64::NAN; held], count: 0, first: 0 }
    }

    /// Discards the unfinished row.
    pub(super) fn reset(&mut self) {
        self.count = 0;
        self.state.fill(f64::NAN);
    }

    /// Takes the spectrum that began at sample `index`. If that finishes a row, returns the index of its first sample
    /// and leaves the row in `power`.
    pub(super) fn push(&mut self, index: u64, power: &mut [f32]) -> Option<u64> {
        match self.average {
            Average::None => Some(index),
            Average::Mean(spectra) => {
                self.collect(index, spectra, power, |sum, new| sum + new, 1.0 / f64::from(spectra))
            }
            // Not f64::max, which prefers a number to a NaN.
            Average::Max(spectra) => self.collect(
                index,
                spectra,
                power,
                |most, new| if most >= new || most.is_nan() { most } else { new },
                1.0,
            ),
            Average::Exponential(weight) => {
                for (power, state) in power.iter_mut().zip(&mut self.state) {
                    let new = f64::from(*power);
                    let mixed = if state.is_nan() { new } else { weight * new + (1.0 - weight) * *state };
                    *state = if mixed.is_finite() { mixed } else { *state };
                    *power = mixed as f32;
                }
                Some(index)
            }
        }
    }

    /// Adds one of `spectra` spectra, which are combined with `combine` and finally multiplied by `factor`.
    #[inline(always)]
    fn collect(
        &mut self,
        index: u64,
        spectra: u32,
        power: &mut [f32],
        combine: impl Fn(f64, f64) -> f64,
        factor: f64,
    ) -> Option<u64> {
        let pairs = power.iter_mut().zip(&mut self.state);
        if self.count == 0 {
            self.first = index;
            pairs.for_each(|(power, state)| *state = f64::from(*power));
        } else {
            pairs.for_each(|(power, state)| *state = combine(*state, f64::from(*power)));
        }
        self.count += 1;
        if self.count < spectra {
            return None;
        }
        self.count = 0;
        for (power, state) in power.iter_mut().zip(&self.state) {
            *power = (state * factor) as f32;
        }
        Some(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(average: Average, spectra: &[[f32; 2]]) -> Vec<(u64, [f32; 2])> {
        let mut averager = Averager::new(average, 2);
        let mut rows = Vec::new();
        for (index, &spectrum) in (0..).step_by(10).zip(spectra) {
            let mut power = spectrum;
            if let Some(first) = averager.push(index, &mut power) {
                rows.push((first, power));
            }
        }
        rows
    }

    const SPECTRA: [[f32; 2]; 5] = [[1.0, 8.0], [2.0, 0.0], [6.0, 1.0], [4.0, 3.0], [5.0, 9.0]];

    #[test]
    fn by_hand() {
        assert_eq!(rows(Average::None, &SPECTRA[..2]), [(0, [1.0, 8.0]), (10, [2.0, 0.0])]);
        assert_eq!(rows(Average::Mean(2), &SPECTRA), [(0, [1.5, 4.0]), (20, [5.0, 2.0])]);
        assert_eq!(rows(Average::Mean(3), &SPECTRA), [(0, [3.0, 3.0])]);
        assert_eq!(rows(Average::Max(2), &SPECTRA), [(0, [2.0, 8.0]), (20, [6.0, 3.0])]);
        assert_eq!(rows(Average::Mean(1), &SPECTRA), rows(Average::None, &SPECTRA));
        assert_eq!(rows(Average::Max(1), &SPECTRA), rows(Average::None, &SPECTRA));
        assert_eq!(rows(Average::Exponential(1.0), &SPECTRA), rows(Average::None, &SPECTRA));
        assert_eq!(
            rows(Average::Exponential(0.25), &SPECTRA[..3]),
            [(0, [1.0, 8.0]), (10, [1.25, 6.0]), (20, [2.4375, 4.75])]
        );
    }

    #[test]
    fn nan_stays_in_its_row() {
        let nan = f32::NAN;
        for average in [Average::Mean(2), Average::Max(2)] {
            for at in 0..2 {
                let mut spectra = [[1.0, 1.0], [3.0, 3.0], [5.0, 5.0], [7.0, 7.0]];
                spectra[at][0] = nan;
                let rows = rows(average, &spectra);
                assert!(rows[0].1[0].is_nan() && rows[0].1[1].is_finite(), "{average}, {at}: {rows:?}");
                assert!(rows[1].1[0].is_finite(), "{average}, {at}: {rows:?}");
            }
        }
        for bad in [f32::NAN, f32::INFINITY] {
            let mixed = rows(Average::Exponential(0.5), &[[bad, 1.0], [4.0, 2.0], [bad, 3.0], [8.0, 4.0]]);
            assert!(!mixed[0].1[0].is_finite() && !mixed[2].1[0].is_finite());
            assert_eq!((mixed[1].1[0], mixed[3].1[0]), (4.0, 6.0), "the spectrum that was bad left a trace");
            assert_eq!(mixed.map_bin(1), [1.0, 1.5, 2.25, 3.125]);
        }
    }

    trait MapBin {
        fn map_bin(&self, bin: usize) -> Vec<f32>;
    }

    impl MapBin for Vec<(u64, [f32; 2])> {
        fn map_bin(&self, bin: usize) -> Vec<f32> {
            self.iter().map(|row| row.1[bin]).collect()
        }
    }

    #[test]
    fn reset_forgets() {
        let mut averager = Averager::new(Average::Mean(2), 1);
        assert_eq!(averager.push(0, &mut [100.0]), None);
        averager.reset();
        assert_eq!(averager.push(50, &mut [1.0]), None);
        let mut power = [3.0];
        assert_eq!((averager.push(60, &mut power), power), (Some(50), [2.0]));

        let mut averager = Averager::new(Average::Exponential(0.1), 1);
        averager.push(0, &mut [100.0]);
        averager.reset();
        let mut power = [3.0];
        assert_eq!((averager.push(60, &mut power), power), (Some(60), [3.0]));
    }

    #[test]
    fn a_long_mean_keeps_its_precision() {
        // In single precision the sum stops growing at 2²⁴ spectra, and is inaccurate long before.
        let spectra = 1_000_000;
        let mut averager = Averager::new(Average::Mean(spectra), 1);
        let mut power = [0.0];
        for i in 0..spectra {
            power = [if i % 2 == 0 { 0.1 } else { 0.3 }];
            assert_eq!(averager.push(u64::from(i), &mut power).is_some(), i == spectra - 1);
        }
        assert!((power[0] - 0.2).abs() < 1e-7, "{}", power[0]);
    }

    #[test]
    fn text_goes_both_ways() {
        for average in [Average::None, Average::Mean(8), Average::Max(1_000_000), Average::Exponential(0.1)] {
            assert_eq!(average.to_string().parse(), Ok(average));
            assert_eq!(average.to_string().to_uppercase().parse(), Ok(average));
        }
        for text in ["", "mean", "mean:", "mean:-1", "mean:1.5", "max:x", "exp", "exp:x", "none:1", "median:3"] {
            assert_eq!(text.parse::<Average>(), Err(DspError::AverageName { got: text.to_owned() }));
        }
        for text in ["mean:0", "max:0", "max:1000001"] {
            assert!(matches!(text.parse::<Average>(), Err(DspError::AverageCount { .. })), "{text}");
        }
        for text in ["exp:0", "exp:1.01", "exp:-1", "exp:nan", "exp:inf"] {
            assert!(matches!(text.parse::<Average>(), Err(DspError::AverageWeight { .. })), "{text}");
        }
    }
}
