//! Real or complex samples.

/// Whether the samples are real (sound) or complex (I and Q of a receiver).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleKind {
    /// One `f32` a sample. The spectrum goes from 0 Hz to half the rate.
    Real,
    /// Two `f32` a sample, I then Q. The spectrum goes from minus half the rate to half the rate.
    Complex,
}

impl SampleKind {
    /// How many `f32` make a sample: 1 or 2.
    pub fn values_per_sample(self) -> usize {
        match self {
            Self::Real => 1,
            Self::Complex => 2,
        }
    }

    /// The lowest and the highest frequency that samples of this kind hold, in Hz, where `centre_hz` is the frequency
    /// that 0 Hz in the samples stands for.
    pub fn span_hz(self, rate_hz: f64, centre_hz: f64) -> (f64, f64) {
        let half = 0.5 * rate_hz;
        match self {
            Self::Real => (centre_hz, centre_hz + half),
            Self::Complex => (centre_hz - half, centre_hz + half),
        }
    }
}
