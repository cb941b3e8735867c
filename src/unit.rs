//! What the numbers of a row stand for.

/// What the values of a row are. It decides what a mean of them is, and how read-outs name them.
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
    /// What stands behind a value in a read-out: `dB`, or nothing.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decibel => "dB",
            Self::Linear | Self::None => "",
        }
    }

    /// Whether a mean is that of the powers behind the values, and not of the values themselves.
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
