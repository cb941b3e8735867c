//! The unit of a row's values.

/// The unit of a row's values. It decides how their mean is taken, and how read-outs label them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unit {
    /// A level in dB: 10·log₁₀ of a power. The mean is that of the powers, so 0 dB and −100 dB have the mean −3.01 dB.
    #[default]
    Decibel,
    /// A linear quantity, such as a power, a voltage or a temperature. The mean is the plain one.
    Linear,
    /// Plain numbers without a unit, such as indices or counts. The mean is the plain one.
    None,
}

impl Unit {
    /// The suffix of a value in a read-out: `dB`, or empty.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decibel => "dB",
            Self::Linear | Self::None => "",
        }
    }

    /// Whether a mean is taken of the powers that the values express, and not of the values themselves.
    pub fn is_decibel(self) -> bool {
        self == Self::Decibel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_levels_have_a_name_and_a_mean_of_powers() {
        assert_eq!(Unit::default(), Unit::Decibel);
        for (unit, name, is_decibel) in
            [(Unit::Decibel, "dB", true), (Unit::Linear, "", false), (Unit::None, "", false)]
        {
            assert_eq!((unit.name(), unit.is_decibel()), (name, is_decibel), "{unit:?}");
        }
    }
}
