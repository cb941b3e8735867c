//! Values on the command line: what is written, what is meant, and what to say when it is neither.

use std::num::NonZeroU32;

/// Width and height of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// `WIDTHxHEIGHT`, both above 0. How large it may be is the adapter's to say.
pub(crate) fn size(text: &str) -> Result<Size, String> {
    let expected = || "expected WIDTHxHEIGHT in pixels, both above 0, such as 1920x1080".to_owned();
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(expected)?;
    let side = |text: &str| text.trim().parse::<NonZeroU32>().map(NonZeroU32::get).map_err(|_| expected());
    Ok(Size { width: side(width)?, height: side(height)? })
}

/// A time above 0 in seconds; `ms`, `s`, `min` and `h` may follow the number.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let units = [("ms", 1e-3), ("min", 60.0), ("s", 1.0), ("h", 3600.0)];
    let (number, unit) =
        units.iter().find_map(|&(suffix, unit)| Some((text.strip_suffix(suffix)?, unit))).unwrap_or((text, 1.0));
    match number.trim().parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value * unit),
        _ => Err("expected a time above 0, such as 0.5, 20ms, 3s, 10min or 1h".to_owned()),
    }
}

/// A frequency in Hz; `k` and `M` may follow the number, and `Hz` after that.
pub(crate) fn hertz(text: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix("Hz").unwrap_or(number).trim_end();
    let (number, unit) = if let Some(number) = number.strip_suffix('k') {
        (number, 1e3)
    } else if let Some(number) = number.strip_suffix('M') {
        (number, 1e6)
    } else {
        (number, 1.0)
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value * unit),
        _ => Err("expected a frequency in Hz, such as 1500, 1.5k or 7.04M".to_owned()),
    }
}

/// A level in dB.
pub(crate) fn decibels(text: &str) -> Result<f32, String> {
    let number = text.trim();
    let number = number.strip_suffix("dB").unwrap_or(number).trim_end();
    match number.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("expected a level in dB, such as -110".to_owned()),
    }
}

/// A share in percent, from 0 up to but not including 100.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix('%').unwrap_or(number).trim_end();
    match number.parse::<f64>() {
        Ok(value) if (0.0..100.0).contains(&value) => Ok(value),
        _ => Err("expected a percentage from 0 to less than 100, such as 75".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("1920x1080"), Ok(Size { width: 1920, height: 1080 }));
        assert_eq!(size("7X9"), Ok(Size { width: 7, height: 9 }));
        for bad in ["", "0x0", "1920", "1920x", "x3", "1920x0", "-1x5", "1e3x5", "99999999999x1"] {
            assert!(size(bad).unwrap_err().contains("1920x1080"), "{bad}");
        }
    }

    #[test]
    fn times() {
        for (text, value) in [("0.5", 0.5), ("20ms", 0.02), ("3s", 3.0), ("10min", 600.0), ("1h", 3600.0), ("2 s", 2.0)]
        {
            assert_eq!(seconds(text), Ok(value), "{text}");
        }
        for bad in ["", "0", "-1s", "NaN", "inf", "3 parsecs", "ms"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn frequencies_levels_and_shares() {
        assert_eq!(hertz("1.5k"), Ok(1500.0));
        assert_eq!(hertz("7 MHz"), Ok(7e6));
        assert_eq!(hertz("-12.5 Hz"), Ok(-12.5));
        assert!(hertz("inf").is_err());
        assert!(hertz("high").is_err());
        assert_eq!(decibels("-110dB"), Ok(-110.0));
        assert!(decibels("NaN").is_err());
        assert_eq!(percent("75%"), Ok(75.0));
        assert!(percent("100").is_err());
        assert!(percent("-1").is_err());
    }
}
