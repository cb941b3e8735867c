//! What a source lets one set while it runs.

use std::ops::RangeInclusive;

use super::SourceError;

/// What can be set on a source while it runs, and within which bounds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Controls {
    /// Centre frequencies that it can be tuned to, in Hz.
    pub tune_hz: Option<RangeInclusive<f64>>,
    /// Gains that it can be set to, in dB.
    pub gain_db: Option<RangeInclusive<f64>>,
    /// The gains that there are, in dB and ascending, if only some can be set; others are rounded to the nearest.
    pub gains_db: Vec<f64>,
    /// Sample rates that it can be set to, in Hz.
    pub rate_hz: Option<RangeInclusive<f64>>,
    /// Corrections of its frequencies that can be set, in parts per million.
    pub ppm: Option<RangeInclusive<f64>>,
}

/// One setting of a control.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// The centre frequency, in Hz.
    Tune(f64),
    /// The gain, in dB.
    Gain(f64),
    /// The sample rate, in Hz.
    Rate(f64),
    /// The correction of its frequencies, in parts per million.
    Ppm(f64),
}

impl Control {
    /// What is set, in a word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tune(_) => "centre frequency",
            Self::Gain(_) => "gain",
            Self::Rate(_) => "sample rate",
            Self::Ppm(_) => "frequency correction",
        }
    }

    /// The value to set: Hz, dB or ppm.
    pub fn value(self) -> f64 {
        match self {
            Self::Tune(value) | Self::Gain(value) | Self::Rate(value) | Self::Ppm(value) => value,
        }
    }
}

impl Controls {
    /// Controls with a centre frequency to tune to, in Hz.
    #[must_use]
    pub fn with_tune_hz(mut self, range: RangeInclusive<f64>) -> Self {
        self.tune_hz = Some(range);
        self
    }

    /// Controls with a gain, in dB.
    #[must_use]
    pub fn with_gain_db(mut self, range: RangeInclusive<f64>) -> Self {
        self.gain_db = Some(range);
        self
    }

    /// Controls with these gains and no others, in dB.
    #[must_use]
    pub fn with_gains_db(mut self, mut gains: Vec<f64>) -> Self {
        gains.sort_by(f64::total_cmp);
        self.gain_db = gains.first().zip(gains.last()).map(|(low, high)| *low..=*high);
        self.gains_db = gains;
        self
    }

    /// Controls with a sample rate, in Hz.
    #[must_use]
    pub fn with_rate_hz(mut self, range: RangeInclusive<f64>) -> Self {
        self.rate_hz = Some(range);
        self
    }

    /// Controls with a correction of frequencies, in parts per million.
    #[must_use]
    pub fn with_ppm(mut self, range: RangeInclusive<f64>) -> Self {
        self.ppm = Some(range);
        self
    }

    /// Fails where `name` has no such control, or where the value is out of its bounds.
    pub(super) fn check(&self, name: &str, control: Control) -> Result<(), SourceError> {
        let range = match control {
            Control::Tune(_) => &self.tune_hz,
            Control::Gain(_) => &self.gain_db,
            Control::Rate(_) => &self.rate_hz,
            Control::Ppm(_) => &self.ppm,
        };
        let name = || name.to_owned();
        match range {
            None => Err(SourceError::NoControl { name: name(), control: control.name() }),
            Some(range) if !range.contains(&control.value()) => Err(SourceError::ControlRange {
                name: name(),
                control: control.name(),
                low: *range.start(),
                high: *range.end(),
                got: control.value(),
            }),
            Some(_) => Ok(()),
        }
    }
}
