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
}

/// One setting of a control.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// The centre frequency, in Hz.
    Tune(f64),
    /// The gain, in dB.
    Gain(f64),
}

impl Control {
    /// What is set, in a word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tune(_) => "centre frequency",
            Self::Gain(_) => "gain",
        }
    }

    /// The value to set: Hz or dB.
    pub fn value(self) -> f64 {
        match self {
            Self::Tune(value) | Self::Gain(value) => value,
        }
    }
}

impl Controls {
    /// Controls with a centre frequency to tune to, in Hz.
    pub fn with_tune_hz(mut self, range: RangeInclusive<f64>) -> Self {
        self.tune_hz = Some(range);
        self
    }

    /// Controls with a gain, in dB.
    pub fn with_gain_db(mut self, range: RangeInclusive<f64>) -> Self {
        self.gain_db = Some(range);
        self
    }

    /// Fails where `name` has no such control, or where the value is out of its bounds.
    pub(super) fn check(&self, name: &str, control: Control) -> Result<(), SourceError> {
        let range = match control {
            Control::Tune(_) => &self.tune_hz,
            Control::Gain(_) => &self.gain_db,
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
