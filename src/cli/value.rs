//! Values on the command line: what is written, what is meant, and what to say when it is neither.

use std::num::NonZeroU32;

use crate::app::units;

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

/// How much is to be remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Keep {
    Bytes(u64),
    Seconds(f64),
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => f.write_str(&units::bytes(*bytes)),
            Self::Seconds(seconds) => f.write_str(&units::seconds(*seconds)),
        }
    }
}

/// An amount of memory, such as `2GiB`, or a time, such as `6h`; the unit has to be there.
pub(crate) fn keep(text: &str) -> Result<Keep, String> {
    let expected = || "expected an amount of memory, such as 512MiB or 2GiB, or a time, such as 90min or 6h".to_owned();
    let text = text.trim();
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let decimal = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];
    let units = units.iter().map(|&(suffix, bits)| (suffix, (1u64 << bits) as f64)).chain(decimal);
    for (suffix, unit) in units {
        if let Some(number) = text.strip_suffix(suffix) {
            let bytes = number.trim().parse::<f64>().map_err(|_| expected())? * unit;
            return if bytes >= 1.0 && bytes < 1e18 { Ok(Keep::Bytes(bytes as u64)) } else { Err(expected()) };
        }
    }
    if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(expected());
    }
    seconds(text).map(Keep::Seconds).map_err(|_| expected())
}

/// A point in time: since the beginning of the file, in seconds, or UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    Seconds(f64),
    Utc(i64),
}

/// `90`, `90s`, `10min`, `1.5h`, `1:02:03.5` or `2026-11-21T14:00:00Z`.
pub(crate) fn when(text: &str) -> Result<When, String> {
    let expected = || {
        "expected a time since the beginning, such as 0, 90s, 1.5h or 1:02:03.5, or UTC, such as 2026-11-21T14:00Z"
            .to_owned()
    };
    let text = text.trim();
    if text.ends_with(['Z', 'z']) || text.contains(['T', '+']) {
        // Hours and minutes will do.
        let full = text.strip_suffix(['Z', 'z']).filter(|short| short.matches(':').count() == 1);
        let full = full.map_or(text.to_owned(), |short| format!("{short}:00Z"));
        let time = full.parse::<jiff::Timestamp>().map_err(|_| expected())?;
        return i64::try_from(time.as_nanosecond()).map(When::Utc).map_err(|_| expected());
    }
    if text.contains(':') {
        let mut seconds = 0.0;
        let parts: Vec<&str> = text.split(':').collect();
        for (index, part) in parts.iter().enumerate() {
            let value: f64 = part.parse().map_err(|_| expected())?;
            let whole = index + 1 == parts.len() || value.fract() == 0.0;
            if parts.len() > 3 || value.is_nan() || value < 0.0 || !whole || (index > 0 && value >= 60.0) {
                return Err(expected());
            }
            seconds = seconds * 60.0 + value;
        }
        return if seconds.is_finite() { Ok(When::Seconds(seconds)) } else { Err(expected()) };
    }
    match text.parse::<f64>() {
        Ok(0.0) => Ok(When::Seconds(0.0)),
        _ => seconds(text).map(When::Seconds).map_err(|_| expected()),
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
    fn what_is_to_be_kept() {
        assert_eq!(keep("2GiB"), Ok(Keep::Bytes(2 << 30)));
        assert_eq!(keep("1.5 MB"), Ok(Keep::Bytes(1_500_000)));
        assert_eq!(keep("6h"), Ok(Keep::Seconds(21_600.0)));
        assert_eq!(keep("90min"), Ok(Keep::Seconds(5400.0)));
        for bad in ["", "2", "0MiB", "-1GiB", "NaNGiB", "infGiB", "GiB", "0h", "-6h", "lots"] {
            assert!(keep(bad).unwrap_err().contains("2GiB"), "{bad}");
        }
    }

    #[test]
    fn points_in_time() {
        for (text, seconds) in [
            ("0", 0.0),
            ("0.0", 0.0),
            ("90", 90.0),
            ("10min", 600.0),
            ("1.5h", 5400.0),
            ("1:02:03.5", 3723.5),
            ("2:30", 150.0),
        ] {
            assert_eq!(when(text), Ok(When::Seconds(seconds)), "{text}");
        }
        // 20717 days and 14:13:20.
        for text in ["2026-09-21T14:13:20Z", "2026-09-21T16:13:20+02:00"] {
            assert_eq!(when(text), Ok(When::Utc(1_790_000_000_000_000_000)), "{text}");
        }
        assert_eq!(when("2026-09-21T14:13Z"), Ok(When::Utc(1_789_999_980_000_000_000)));
        for bad in ["", "-1", "NaN", "noon", "1:60", "1:2:3:4", "1.5:00", "2026-13-01T00:00Z", "2026-09-21", "inf"] {
            assert!(when(bad).unwrap_err().contains("since the beginning"), "{bad}");
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
