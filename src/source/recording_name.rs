//! Metadata in the names of recordings: radio programs write frequency, rate and time into them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::pipe::RawFormat;

/// Metadata from the name of a recording, as gqrx, SDR#, HDSDR, SDR++, rtl_433 and others write it.
///
/// | program | such as |
/// |---|---|
/// | gqrx | `gqrx_20260101_120000_7100000_2400000_fc.raw` |
/// | SDR# | `SDRSharp_20260101_120000Z_7100000Hz_IQ.wav` |
/// | HDSDR | `HDSDR_20260101_120000Z_7100kHz_RF.wav` |
/// | SDR++ | `baseband_7100000Hz_12-00-00_01-01-2026.wav` |
/// | rtl_433 | `g001_433.92M_250k.cu8` |
/// | others | the format as extension: `cu8 cs16 cf32 fc32 c64 cfile complex16u` … |
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RecordingName {
    /// How the samples are written, by the extension.
    pub format: Option<RawFormat>,
    /// Samples a second, in Hz.
    pub rate_hz: Option<f64>,
    /// What 0 Hz of the samples was on the air, in Hz.
    pub centre_hz: Option<f64>,
    /// When the recording began, in nanoseconds since 1970, of UTC unless `local_time` is set.
    pub start_ns: Option<i64>,
    /// The recorder wrote the time of its own time zone, which the name does not contain.
    pub local_time: bool,
    /// The two channels of a sound file are I and Q.
    pub iq: bool,
}

impl RecordingName {
    /// Reads the name of a file, without its folder.
    pub fn parse(name: &str) -> Self {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let extension = extension.to_ascii_lowercase();
        let mut told = Self { format: format(&extension), ..Self::default() };
        let parts: Vec<&str> = stem.split('_').collect();
        let raw = told.format.is_some();
        for (index, part) in parts.iter().enumerate() {
            let next = parts.get(index + 1).copied();
            if let Some(next) = next
                && told.start_ns.is_none()
                && let Some((start_ns, local_time)) = start(part, next)
            {
                (told.start_ns, told.local_time) = (Some(start_ns), local_time);
            } else if let Some(hz) = with_unit(part, "hz") {
                told.centre_hz = told.centre_hz.or(Some(hz));
            } else if let Some(hz) = with_unit(part, "sps").filter(|hz| *hz >= 1.0) {
                told.rate_hz = told.rate_hz.or(Some(hz));
            } else if raw
                && told.centre_hz.is_none()
                && told.rate_hz.is_none()
                && let Some(next) = next
                && let (Some(centre), Some(rate)) = (multiple(part), multiple(next).filter(|hz| *hz >= 1.0))
            {
                (told.centre_hz, told.rate_hz) = (Some(centre), Some(rate));
            }
        }
        if let ["gqrx", date, time, centre, rate, "fc"] = parts[..] {
            let hz = |digits: &str| if is_digits(digits, 1..=15) { digits.parse().ok() } else { None };
            if start(date, time).is_some()
                && let (Some(centre), Some(rate)) = (hz(centre), hz(rate).filter(|rate| *rate >= 1.0))
            {
                (told.centre_hz, told.rate_hz) = (Some(centre), Some(rate));
                told.local_time = false;
                if extension == "raw" {
                    told.format = format("cf32");
                }
            }
        }
        let last = parts.last().copied().unwrap_or_default();
        told.iq = last.eq_ignore_ascii_case("IQ")
            || (told.centre_hz.is_some() && (last.eq_ignore_ascii_case("RF") || parts[0] == "baseband"));
        told
    }
}

/// The format that an extension stands for.
fn format(extension: &str) -> Option<RawFormat> {
    let word = match extension {
        "cu8" | "uc8" | "complex16u" => "cu8",
        "cs8" | "sc8" | "c8" | "complex16s" => "cs8",
        "cs16" | "sc16" | "c16" => "cs16",
        "cs32" | "sc32" | "c32" => "cs32",
        "cf32" | "fc32" | "cfile" | "c64" | "complex" => "cf32",
        "cf64" | "fc64" | "c128" => "cf64",
        "u8" | "s8" | "u16" | "s16" | "s24" | "u32" | "s32" | "f32" | "f64" => extension,
        "cu16" | "cu32" | "cs24" => extension,
        _ => return None,
    };
    word.parse().ok()
}

fn is_digits(text: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Two parts of a name as a date and a time of day, in either order; and whether the time zone is unknown.
fn start(first: &str, second: &str) -> Option<(i64, bool)> {
    // 20260101_120000Z
    let (time, utc) = second.strip_suffix(['Z', 'z']).map_or((second, false), |time| (time, true));
    if is_digits(first, 8..=8) && is_digits(time, 6..=6) {
        let number = |text: &str| text.parse::<i16>().ok();
        let date = (number(&first[..4])?, number(&first[4..6])?, number(&first[6..])?);
        let of_day = (number(&time[..2])?, number(&time[2..4])?, number(&time[4..])?);
        return Some((utc_ns(date, of_day)?, !utc));
    }
    // 12-00-00_01-01-2026
    let three = |text: &str| {
        let mut parts = text.split('-').map(|part| part.parse::<i16>().ok().filter(|_| is_digits(part, 2..=4)));
        let three = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(three)
    };
    let (of_day, (day, month, year)) = (three(first)?, three(second)?);
    Some((utc_ns((year, month, day), of_day)?, true))
}

fn utc_ns((year, month, day): (i16, i16, i16), (hour, minute, second): (i16, i16, i16)) -> Option<i64> {
    let small = |number: i16| i8::try_from(number).ok();
    let time = DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    // Earlier there were no such recordings, and later no row can be.
    let plausible = (1970..2116).contains(&year);
    let stamp = time.to_zoned(TimeZone::UTC).ok().filter(|_| plausible)?.timestamp();
    i64::try_from(stamp.as_nanosecond()).ok()
}

/// `7100kHz` with the unit `hz`: the number in front of it, which `k`, `M` or `G` may follow.
fn with_unit(part: &str, unit: &str) -> Option<f64> {
    let number = part.len().checked_sub(unit.len()).filter(|at| part.is_char_boundary(*at))?;
    if !part[number..].eq_ignore_ascii_case(unit) {
        return None;
    }
    let number = &part[..number];
    multiple(number).or_else(|| plain(number))
}

/// `433.92M`.
fn multiple(text: &str) -> Option<f64> {
    let unit = match text.bytes().last()? {
        b'k' | b'K' => 1e3,
        b'M' | b'm' => 1e6,
        b'G' | b'g' => 1e9,
        _ => return None,
    };
    Some(plain(&text[..text.len() - 1])? * unit).filter(|value| *value <= 1e15)
}

/// Digits and a point.
fn plain(text: &str) -> Option<f64> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse::<f64>().ok().filter(|value| number && *value <= 1e15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T12:00:00Z: 20454 days and a half.
    const NOON: i64 = (20_454 * 86_400 + 43_200) * 1_000_000_000;

    fn told(name: &str) -> (Option<String>, Option<f64>, Option<f64>, Option<i64>, bool, bool) {
        let told = RecordingName::parse(name);
        let format = told.format.map(|format| format.to_string());
        (format, told.rate_hz, told.centre_hz, told.start_ns, told.local_time, told.iq)
    }

    #[test]
    fn names_that_programs_write() {
        let word = |word: &str| Some(word.to_owned());
        for (name, expected) in [
            (
                "gqrx_20260101_120000_7100000_2400000_fc.raw",
                (word("cf32"), Some(2.4e6), Some(7.1e6), Some(NOON), false, false),
            ),
            ("SDRSharp_20260101_120000Z_7100000Hz_IQ.wav", (None, None, Some(7.1e6), Some(NOON), false, true)),
            ("HDSDR_20260101_120000Z_7100kHz_RF.wav", (None, None, Some(7.1e6), Some(NOON), false, true)),
            ("HDSDR_20260101_120000_7100kHz_AF.wav", (None, None, Some(7.1e6), Some(NOON), true, false)),
            ("baseband_7100000Hz_12-00-00_01-01-2026.wav", (None, None, Some(7.1e6), Some(NOON), true, true)),
            ("audio_7100000Hz_12-00-00_01-01-2026.wav", (None, None, Some(7.1e6), Some(NOON), true, false)),
            ("g001_433.92M_250k.cu8", (word("cu8"), Some(250e3), Some(433.92e6), None, false, false)),
            ("x.fc32", (word("cf32"), None, None, None, false, false)),
            ("x.C64", (word("cf32"), None, None, None, false, false)),
            ("x.complex16u", (word("cu8"), None, None, None, false, false)),
            ("band_2.4Msps_7.1MHz.cs16", (word("cs16"), Some(2.4e6), Some(7.1e6), None, false, false)),
        ] {
            assert_eq!(told(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_tell_nothing() {
        for name in [
            "",
            ".",
            "_",
            "night.wav",
            "gqrx_20261301_120000_7100000_2400000_fc.raw",
            "gqrx_20260101_120000_7100000_0_fc.raw2",
            "x_99999999_999999.wav",
            "Hz.wav",
            "x_-5Hz_y.wav",
            "x_433M_250k.wav",
            // More than any radio receives.
            "x_1200000000000000kHz_RF.wav",
            "ü_ΩHz_é.wav",
            "12-00-00-00_01-01-2026.wav",
        ] {
            let told = RecordingName::parse(name);
            let start = told.start_ns.filter(|_| name.starts_with("gqrx_20260101"));
            assert_eq!(
                told,
                RecordingName { start_ns: start, local_time: start.is_some(), ..Default::default() },
                "{name}"
            );
        }
    }
}
