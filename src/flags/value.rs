//! Parsers for values on the command line, with their errors.

use std::num::NonZeroU32;

use ringfall::Canvas;

use crate::units;

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

/// `--size` of a picture without a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureSize {
    Pixels(Size),
    /// A pixel for each cell of an array.
    Data,
}

/// `WIDTHxHEIGHT`, or `data`.
pub(crate) fn picture_size(text: &str) -> Result<PictureSize, String> {
    if text.trim() == "data" { Ok(PictureSize::Data) } else { size(text).map(PictureSize::Pixels) }
}

/// `WIDTHxHEIGHT` of a picture.
pub(crate) fn size(text: &str) -> Result<Size, String> {
    at_most(Canvas::MAX_SIDE, text)
}

/// `WIDTHxHEIGHT`, both above 0 and up to `most`.
fn at_most(most: u32, text: &str) -> Result<Size, String> {
    let expected = || "expected WIDTHxHEIGHT in pixels, both above 0, such as 1920x1080".to_owned();
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(expected)?;
    let side = |text: &str| text.trim().parse::<NonZeroU32>().map(NonZeroU32::get).map_err(|_| expected());
    let size = Size { width: side(width)?, height: side(height)? };
    if size.width.max(size.height) > most {
        return Err(format!("expected {most} pixels a side at most"));
    }
    Ok(size)
}

/// The largest side of a picture, in pixels: no adapter and no window system supports more.
const MAX_SIDE: u32 = 16_384;

/// `WIDTHxHEIGHT` of a window.
pub(crate) fn window_size(text: &str) -> Result<Size, String> {
    at_most(MAX_SIDE, text)
}

/// A side of a picture, in pixels.
pub(crate) fn side(text: &str) -> Result<u32, String> {
    let side = text.trim().parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
    side.ok_or_else(|| format!("expected a whole number of pixels from 1 to {MAX_SIDE}"))
}

/// The longest time accepted, in seconds: 31 years. 64-bit nanoseconds since 1970 reach further.
pub(crate) const MAX_SECONDS: f64 = 1e9;
/// The shortest time accepted, in seconds.
const MIN_SECONDS: f64 = 1e-9;

/// Frames a second.
pub(crate) fn fps(text: &str) -> Result<f64, String> {
    let fps = text.trim().parse().ok().filter(|fps| (0.01..=1000.0).contains(fps));
    fps.ok_or_else(|| "expected frames a second from 0.01 to 1000, such as 25 or 29.97".to_owned())
}

/// A time above 0 in seconds: a number, which `ns`, `us`, `ms`, `s`, `min` (or `m`), `h` or `d` may follow, or several of
/// those in descending order, such as `1h2m3s`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let expected = || "expected a time above 0, such as 0.5, 20ms, 3s, 10min, 1h or 1h30m".to_owned();
    let value = duration(text.trim()).ok_or_else(expected)?;
    if !(MIN_SECONDS..=MAX_SECONDS).contains(&value) {
        return Err(if value > 1.0 {
            format!("expected a time of {MAX_SECONDS:e} s (31 years) at most")
        } else {
            expected()
        });
    }
    Ok(value)
}

/// Seconds, from one or several numbers with units.
pub(super) fn duration(text: &str) -> Option<f64> {
    if let Some(value) = number(text) {
        return Some(value);
    }
    const UNITS: [(&str, f64); 9] = [
        ("d", 86_400.0),
        ("h", 3600.0),
        ("min", 60.0),
        ("m", 60.0),
        ("ms", 1e-3),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ns", 1e-9),
        ("s", 1.0),
    ];
    let single = |(name, unit): &(&str, f64)| Some(number(text.strip_suffix(name)?.trim_end())? * unit);
    if let Some(value) = UNITS.iter().find_map(single) {
        return Some(value);
    }
    let (mut sum, mut last, mut rest) = (0.0, f64::INFINITY, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ' '))?;
        let value = number(rest[..digits].trim())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        if *unit >= last {
            return None;
        }
        (sum, last, rest) = (sum + value * unit, *unit, rest[letters..].trim_start());
    }
    (last < f64::INFINITY).then_some(sum)
}

/// A finite number, 0 or more.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)
}

/// A number of samples within these bounds; `k` (1024) and `M` (1024²) may follow it.
pub(crate) fn samples(text: &str, bounds: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
    let text = text.trim();
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1024.0),
        None => text.strip_suffix('M').map_or((text, 1.0), |digits| (digits, 1024.0 * 1024.0)),
    };
    let value = number(digits.trim_end()).map(|value| value * unit);
    let whole = value.filter(|value| value.fract() == 0.0 && *value <= f64::from(u32::MAX)).map(|value| value as u32);
    whole.filter(|value| bounds.contains(value)).ok_or_else(|| {
        let (least, most) = bounds.into_inner();
        format!("expected a whole number of samples from {least} to {most}, such as 4096, 64k (65536) or 1M")
    })
}

/// The length of an FFT, in samples.
pub(crate) fn fft(text: &str) -> Result<u32, String> {
    samples(text, 16..=4_194_304)
}

/// The samples from one spectrum to the next.
pub(crate) fn hop(text: &str) -> Result<u32, String> {
    samples(text, 1..=268_435_456)
}

/// How much history to keep.
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

/// An amount of memory, such as `2GiB`, or a time, such as `6h`; the unit is required.
pub(crate) fn keep(text: &str) -> Result<Keep, String> {
    let expected = || "expected an amount of memory, such as 512MiB or 2GiB, or a time, such as 90min or 6h".to_owned();
    let text = text.trim();
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let decimal = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)];
    let units = units.iter().map(|&(suffix, bits)| (suffix, (1u64 << bits) as f64)).chain(decimal);
    for (suffix, unit) in units {
        if let Some(number) = text.strip_suffix(suffix) {
            let bytes = number.trim().parse::<f64>().map_err(|_| expected())? * unit;
            return if (1.0..1e18).contains(&bytes) { Ok(Keep::Bytes(bytes as u64)) } else { Err(expected()) };
        }
    }
    if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(expected());
    }
    seconds(text).map(Keep::Seconds).map_err(|said| if said.contains("at most") { said } else { expected() })
}

/// A frequency in Hz; `k`, `M` or `G` may follow the number, and `Hz` after that.
pub(crate) fn hertz(text: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix("Hz").unwrap_or(number).trim_end();
    let units = [('k', 1e3), ('M', 1e6), ('G', 1e9)];
    let in_unit = units.into_iter().find_map(|(letter, unit)| Some((number.strip_suffix(letter)?, unit)));
    let (number, unit) = in_unit.unwrap_or((number, 1.0));
    match number.trim().parse::<f64>() {
        Ok(value) if (value * unit).abs() <= 1e15 => Ok(value * unit),
        _ => Err("expected a frequency in Hz, such as 1500, 1.5k or 7.04M".to_owned()),
    }
}

/// A level in dB, or a value of an array.
pub(crate) fn level(text: &str) -> Result<f32, String> {
    let number = text.trim();
    let number = number.strip_suffix("dB").unwrap_or(number).trim_end();
    let level = number.parse::<f32>().ok().filter(|level| level.is_finite());
    level.ok_or_else(|| "expected a level in dB, such as -110, or a value of an array".to_owned())
}

/// A level in dB.
pub(crate) fn decibels(text: &str) -> Result<f32, String> {
    let number = text.trim();
    let number = number.strip_suffix("dB").unwrap_or(number).trim_end();
    match number.parse::<f32>() {
        Ok(value) if value.abs() <= 1e6 => Ok(value),
        _ => Err("expected a level in dB, such as -110".to_owned()),
    }
}

/// A percentage from 0 to less than 100.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix('%').unwrap_or(number).trim_end();
    match number.parse::<f64>() {
        Ok(value) if (0.0..100.0).contains(&value) => Ok(value),
        _ => Err("expected a percentage from 0 to less than 100, such as 75".to_owned()),
    }
}

/// Two percentages in ascending order.
pub(crate) fn percentiles(text: &str) -> Result<(f64, f64), String> {
    let percent = |text: &str| text.trim().parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    let ends = text.split_once(',').and_then(|(low, high)| percent(low).zip(percent(high)));
    ends.filter(|(low, high)| low < high).ok_or_else(|| "expected two percentages in order, such as 2,98".to_owned())
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
        for (text, value) in [
            ("1h2m3s", 3723.0),
            ("1h 30min", 5400.0),
            ("2d", 172_800.0),
            ("1.5h", 5400.0),
            ("2us", 2e-6),
            ("1e3ms", 1.0),
        ] {
            assert_eq!(seconds(text), Ok(value), "{text}");
        }
        for bad in
            ["", "0", "-1s", "NaN", "inf", "3 parsecs", "ms", "1h2h", "1s2h", "1m2m", "1h2", "1h-2m", "0s", "1e-10"]
        {
            assert!(seconds(bad).unwrap_err().contains("20ms"), "{bad}");
        }
        for long in ["1e10", "1e300", "300000h"] {
            assert!(seconds(long).unwrap_err().contains("at most"), "{long}");
        }
    }

    #[test]
    fn samples_in_powers_of_two() {
        for (text, value) in [("4096", 4096), ("64k", 65_536), ("1M", 1_048_576), ("1.5k", 1536), ("4 M", 4_194_304)] {
            assert_eq!(fft(text), Ok(value), "{text}");
        }
        for bad in ["", "k", "15", "0", "4.1M", "5M", "1e300", "-1k", "1.00001k", "64kk", "64 kB", "NaN", "4294967296"]
        {
            let error = fft(bad).unwrap_err();
            assert!(error.contains("16 to 4194304") && error.contains("64k"), "{bad}: {error}");
        }
        assert_eq!(hop("1"), Ok(1));
        assert!(hop("0").is_err());
    }

    #[test]
    fn windows_are_no_larger_than_can_be() {
        assert_eq!(window_size("16384x1"), Ok(Size { width: 16_384, height: 1 }));
        for bad in ["65536x100", "100x16385"] {
            assert!(window_size(bad).unwrap_err().contains("16384"), "{bad}");
        }
        assert_eq!(side("7"), Ok(7));
        for bad in ["0", "16385", "-1", "4294967296", "x"] {
            assert!(side(bad).unwrap_err().contains("16384"), "{bad}");
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
    fn frequencies_levels_and_shares() {
        assert_eq!(hertz("1.5k"), Ok(1500.0));
        assert_eq!(hertz("7 MHz"), Ok(7e6));
        assert_eq!(hertz("1.42G"), Ok(1.42e9));
        assert_eq!(hertz("-12.5 Hz"), Ok(-12.5));
        assert!(hertz("inf").is_err());
        assert!(hertz("high").is_err());
        assert_eq!(decibels("-110dB"), Ok(-110.0));
        for bad in ["NaN", "inf", "1e7", "-1e38", "low"] {
            assert!(decibels(bad).is_err(), "{bad}");
        }
        assert!(hertz("1e300").is_err());
        assert_eq!(percent("75%"), Ok(75.0));
        assert!(percent("100").is_err());
        assert!(percent("-1").is_err());
    }

    #[test]
    fn percentages() {
        assert_eq!(percentiles("2,98"), Ok((2.0, 98.0)));
        assert_eq!(percentiles(" 0 , 99.9 "), Ok((0.0, 99.9)));
        for wrong in ["", "2", "98,2", "2,2", "-1,50", "0,101", "nan,50", "a,b", "1,2,3"] {
            assert!(percentiles(wrong).is_err(), "{wrong}");
        }
    }
}
