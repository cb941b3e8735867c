//! Quantities as text, for read-outs: with a unit, and with the digits that are known and no others.
//!
//! Negative numbers begin with U+2212 (−). Digits are in groups of three, separated by U+2009 (a thin space).

use super::ticks::TimeLabels;
use super::ticks::clock;
use super::ticks::decimal::hertz_unit;

/// A frequency with the digits that a resolution justifies, both in Hz: 14 070 123 Hz known to 1 Hz is `14.070 123 MHz`. A
/// resolution that is not above 0 counts as 1 Hz.
///
/// ```
/// assert_eq!(ringfall::plot::words::frequency(14_070_123.4, 100.0), "14.070\u{2009}1 MHz");
/// ```
pub fn frequency(hz: f64, resolution_hz: f64) -> String {
    if !hz.is_finite() {
        return format!("{} Hz", not_finite(hz));
    }
    let resolution = if resolution_hz > 0.0 && resolution_hz.is_finite() { resolution_hz } else { 1.0 };
    // Some 15 digits of an `f64` are known.
    let known = hz.abs().max(f64::MIN_POSITIVE).log10().floor() - 14.0;
    let last = resolution.log10().floor().max(known).max(-15.0) as i32;
    // What rounds up to 1000 kHz is 1 MHz.
    let rounded = if last < 0 { (hz.abs() * 10f64.powi(-last)).round() / 10f64.powi(-last) } else { hz.abs() };
    let (unit, exponent) = hertz_unit(rounded);
    let decimals = (exponent - last).clamp(0, 18) as usize;
    let value = if exponent < 0 { hz.abs() * 10f64.powi(-exponent) } else { hz.abs() / 10f64.powi(exponent) };
    signed(hz < 0.0, &grouped(&format!("{value:.decimals$}")), unit)
}

/// The difference of two frequencies, with its sign: as [`frequency`], and `+` for one above 0.
pub fn frequency_difference(hz: f64, resolution_hz: f64) -> String {
    let plus = if hz > 0.0 { "+" } else { "" };
    format!("{plus}{}", frequency(hz, resolution_hz))
}

/// How a frequency changes, in Hz per second, with three digits, such as `+1.25 Hz/s`. It is `undefined` if the rate is not
/// finite, as between two points of the same time.
pub fn drift(hz_per_s: f64) -> String {
    if !hz_per_s.is_finite() {
        return "undefined".to_owned();
    }
    let plus = if hz_per_s > 0.0 { "+" } else { "" };
    let (unit, exponent) = hertz_unit(hz_per_s.abs());
    let value = hz_per_s.abs() / 10f64.powi(exponent);
    format!("{plus}{}/s", signed(hz_per_s < 0.0, &significant(value, 3), unit))
}

/// A time with the digits that a resolution justifies, both in nanoseconds; what follows the last digit is cut off. With
/// [`TimeLabels::Utc`] it is like `2026-11-21 14:20:05.25 UTC`, with [`TimeLabels::Since`] like `1:02:03.45`.
pub fn time(time_ns: i64, resolution_ns: f64, labels: &TimeLabels) -> String {
    // A resolution of 100 ms: one decimal. Of 99 ms: two.
    let decimals = (0..9).find(|decimals| 10f64.powi(9 - decimals) <= resolution_ns).unwrap_or(9) as usize;
    let step = 10i64.pow(9 - decimals as u32);
    let fraction = |subsec_ns: u64| match decimals {
        0 => String::new(),
        _ => format!(".{:0decimals$}", subsec_ns / step.unsigned_abs()),
    };
    let zoned = |zone: &jiff::tz::TimeZone| {
        let time = clock::local(time_ns, zone);
        let fraction = fraction(u64::from(time.subsec_nanosecond().unsigned_abs()));
        format!("{}{fraction} {}", time.strftime("%F %T"), clock::zone_name(time_ns, zone))
    };
    match labels {
        TimeLabels::Utc => zoned(&jiff::tz::TimeZone::UTC),
        TimeLabels::Local(zone) => zoned(zone),
        TimeLabels::Since(start_ns) => {
            let step = i128::from(step);
            let cut = (i128::from(time_ns) - i128::from(*start_ns)).div_euclid(step) * step;
            let (size, second) = (cut.unsigned_abs(), 1_000_000_000);
            let fraction = fraction((size % second) as u64);
            let seconds = size / second;
            let text = format!("{}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            if cut < 0 { format!("−{text}") } else { text }
        }
        TimeLabels::RowNumbers => {
            let row = time_ns.div_euclid(1_000_000_000);
            let sign = if row < 0 { "−" } else { "" };
            format!("row {sign}{}", grouped(&row.unsigned_abs().to_string()))
        }
    }
}

/// A length of time with four digits at most and a unit from `ns` to `d`; `seconds` is in seconds.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return format!("{} s", not_finite(seconds));
    }
    let (value, unit) = match seconds.abs() {
        s if s >= 172_800.0 => (s / 86_400.0, "d"),
        s if s >= 5400.0 => (s / 3600.0, "h"),
        s if s >= 90.0 => (s / 60.0, "min"),
        s if s >= 1.0 || s == 0.0 => (s, "s"),
        s if s >= 1e-3 => (s * 1e3, "ms"),
        s if s >= 1e-6 => (s * 1e6, "µs"),
        s => (s * 1e9, "ns"),
    };
    signed(seconds < 0.0, &significant(value, 4), unit)
}

/// A level or another value with its unit: `−73.4 dBFS` if the unit begins with `dB`, else with the seven digits that an `f32` is
/// sure of, such as `0.001 25 V`. NaN is `no data`.
pub fn level(value: f32, unit: &str) -> String {
    /// Up to here an `f32` has all whole numbers.
    const WHOLE: f64 = 16_777_216.0;
    let value = f64::from(value);
    let text = match value.abs() {
        _ if value.is_nan() => return "no data".to_owned(),
        size if size.is_infinite() => "∞".to_owned(),
        size if unit.starts_with("dB") && size < 1e6 => format!("{size:.1}"),
        size if size != 0.0 && !(1e-4..=WHOLE).contains(&size) => {
            let text = format!("{size:.6e}");
            let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        size => grouped(&significant(size, 7)),
    };
    // Not −0.0 dB.
    signed(value < 0.0 && text != "0.0", &text, unit)
}

/// The sign, the digits, and the unit if there is one.
fn signed(is_negative: bool, digits: &str, unit: &str) -> String {
    let sign = if is_negative { "−" } else { "" };
    let gap = if unit.is_empty() { "" } else { " " };
    format!("{sign}{digits}{gap}{unit}")
}

/// A colour: red, green and blue, each from 0 to 255, and alpha where it is not opaque.
pub fn color([red, green, blue, alpha]: [u8; 4]) -> String {
    match alpha {
        255 => format!("RGB {red}, {green}, {blue}"),
        _ => format!("RGBA {red}, {green}, {blue}, {alpha}"),
    }
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value < 0.0 {
        "−∞"
    } else {
        "∞"
    }
}

/// A number that is not negative, with this many digits at most and no zeros at its end.
fn significant(value: f64, digits: i32) -> String {
    let whole = if value == 0.0 { 0 } else { value.log10().floor() as i32 + 1 };
    let text = format!("{value:.*}", (digits - whole).clamp(0, 12) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Digits in groups of three, counted from the point.
fn grouped(text: &str) -> String {
    const THIN: char = '\u{2009}';
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut grouped = String::with_capacity(text.len() + text.len() / 3 * THIN.len_utf8());
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(THIN);
        }
        grouped.push(digit);
    }
    for (place, digit) in fraction.chars().enumerate() {
        match place {
            0 => grouped.push('.'),
            _ if place % 3 == 0 => grouped.push(THIN),
            _ => {}
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With ordinary spaces.
    fn plain(text: String) -> String {
        text.replace('\u{2009}', " ")
    }

    #[test]
    fn frequencies_by_hand() {
        for (hz, resolution, want) in [
            (14_070_123.0, 1.0, "14.070 123 MHz"),
            (14_070_123.4, 0.1, "14.070 123 4 MHz"),
            (14_070_123.0, 99.0, "14.070 12 MHz"),
            (14_070_123.0, 1000.0, "14.070 MHz"),
            (14_070_123.0, 1e9, "14 MHz"),
            (10_489_000_001.0, 1.0, "10.489 000 001 GHz"),
            (-455_000.0, 100.0, "−455.0 kHz"),
            (999_999.96, 0.1, "1.000 000 0 MHz"),
            (440.0, 0.5, "440.0 Hz"),
            (0.0, 1.0, "0 Hz"),
            (0.0125, 0.0001, "12.5 mHz"),
            (5e-5, 1e-6, "50 µHz"),
            (1e15, 1e9, "1 000.000 THz"),
            (440.0, 0.0, "440 Hz"),
            (440.0, f64::NAN, "440 Hz"),
            (f64::NAN, 1.0, "NaN Hz"),
            (f64::NEG_INFINITY, 1.0, "−∞ Hz"),
        ] {
            assert_eq!(plain(frequency(hz, resolution)), want, "{hz} to {resolution}");
        }
        // No more digits than an f64 has.
        assert_eq!(plain(frequency(10_489_000_001.0, 1e-9)), "10.489 000 001 000 0 GHz");
        for hz in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            for resolution in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
                assert!(frequency(hz, resolution).ends_with("Hz"));
            }
        }
        assert_eq!(plain(frequency_difference(1250.0, 1.0)), "+1.250 kHz");
        assert_eq!(frequency_difference(-3.0, 1.0), "−3 Hz");
        assert_eq!(frequency_difference(0.0, 1.0), "0 Hz");
    }

    #[test]
    fn drifts_by_hand() {
        assert_eq!(drift(1.25), "+1.25 Hz/s");
        assert_eq!(drift(-12_345.0), "−12.3 kHz/s");
        assert_eq!(drift(0.0021), "+2.1 mHz/s");
        assert_eq!(drift(0.0), "0 Hz/s");
        assert_eq!(drift(1.0 / 0.0), "undefined");
        assert_eq!(drift(f64::NAN), "undefined");
    }

    #[test]
    fn times_by_hand() {
        // 1790000000 s after the epoch: 20717 days, 14 h 13 min 20 s.
        let ns = 1_790_000_000_250_000_000;
        let since = |start_ns| TimeLabels::Since(start_ns);
        assert_eq!(time(ns, 1e7, &TimeLabels::Utc), "2026-09-21 14:13:20.25 UTC");
        assert_eq!(time(ns, 1e10, &TimeLabels::Utc), "2026-09-21 14:13:20 UTC");
        assert_eq!(time(ns, 0.0, &TimeLabels::Utc), "2026-09-21 14:13:20.250000000 UTC");
        assert_eq!(time(-1, 1e8, &TimeLabels::Utc), "1969-12-31 23:59:59.9 UTC");
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(-3));
        assert_eq!(time(ns, 1e9, &TimeLabels::Local(zone)), "2026-09-21 11:13:20 UTC−03:00");
        assert_eq!(time(3_723_456_789_000, 1e7, &since(0)), "1:02:03.45");
        assert_eq!(time(0, 1e9, &since(1_500_000_000)), "−0:00:02");
        assert_eq!(time(0, 1e8, &since(1_500_000_000)), "−0:00:01.5");
        assert_eq!(plain(time(12_345_678_000_000_500, 1e9, &TimeLabels::RowNumbers)), "row 12 345 678");
        for extreme in [i64::MIN, 0, i64::MAX] {
            for resolution in [0.0, 1.0, f64::MAX, f64::NAN, -1.0] {
                for labels in [TimeLabels::Utc, since(i64::MIN), since(i64::MAX), TimeLabels::RowNumbers] {
                    assert!(!time(extreme, resolution, &labels).is_empty());
                }
            }
        }
    }

    #[test]
    fn durations_and_levels_by_hand() {
        for (seconds, want) in [
            (0.0, "0 s"),
            (0.0213, "21.3 ms"),
            (2.5e-7, "250 ns"),
            (-600.0, "−10 min"),
            (7980.0, "2.217 h"),
            (864_000.0, "10 d"),
            (f64::INFINITY, "∞ s"),
        ] {
            assert_eq!(duration(seconds), want);
        }
        for (value, unit, want) in [
            (-73.44, "dBFS", "−73.4 dBFS"),
            (-0.01, "dB", "0.0 dB"),
            (f32::NAN, "dB", "no data"),
            (f32::NEG_INFINITY, "dB", "−∞ dB"),
            (0.00125, "V", "0.001 25 V"),
            (12_345.0, "", "12 345"),
            (30_001.6, "", "30 001.6"),
            (0.1, "", "0.1"),
            (16_777_215.0, "", "16 777 215"),
            (2e7, "", "2e7"),
            (-3.4e38, "", "−3.4e38"),
            (1e-5, "", "1e-5"),
            (0.0, "", "0"),
        ] {
            assert_eq!(plain(level(value, unit)), want);
        }
    }
}
