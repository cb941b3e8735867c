//! Formatting of quantities with units.

use ringfall::source::{Clock, RowInfo};

/// The band that rows show, of this span in Hz. The outermost bins extend half a bin beyond the band of the samples, which does not
/// count; what was tuned to several frequencies has several bands, and keeps its span.
pub(crate) fn band_hz(rows: &RowInfo, (low, high): (f64, f64)) -> (f64, f64) {
    let source = &rows.source;
    let (lowest, highest) = source.kind.span_hz(source.rate_hz, source.centre_hz);
    let is_one = low >= lowest - rows.bin_hz && high <= highest + rows.bin_hz;
    if is_one { (low.max(lowest), high.min(highest)) } else { (low, high) }
}

/// The band of all bins of rows, in Hz.
pub(crate) fn whole_band_hz(rows: &RowInfo) -> (f64, f64) {
    let half = 0.5 * rows.bin_hz;
    band_hz(rows, (rows.first_hz - half, rows.first_hz + rows.bin_hz * rows.bins as f64 - half))
}

/// A frequency with four digits and a unit.
pub(crate) fn hertz(value: f64) -> String {
    hertz_with(value, 4)
}

/// The ends of a band, with more digits where it is narrow for where it lies: as many as tell a hundredth of it.
pub(crate) fn band((low, high): (f64, f64)) -> String {
    let times = low.abs().max(high.abs()) / (high - low);
    let digits = if times.is_finite() && times >= 10.0 { (times.log10() as i32 + 3).clamp(4, 15) } else { 4 };
    format!("{} to {}", hertz_with(low, digits), hertz_with(high, digits))
}

/// A frequency with this many digits at most, and a unit.
fn hertz_with(value: f64, most: i32) -> String {
    let (value, unit) = match value.abs() {
        h if h >= 1e6 => (value / 1e6, "MHz"),
        h if h >= 1e3 => (value / 1e3, "kHz"),
        _ => (value, "Hz"),
    };
    format!("{} {unit}", significant(value, most))
}

/// A number of any size with six digits at most.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() || (1e-3..1e6).contains(&size) {
        // Not −0.
        let value = if value == 0.0 { 0.0 } else { value };
        let exponent = if size > 0.0 && size.is_finite() { size.log10().floor() as i32 } else { 0 };
        let text = format!("{value:.*}", (5 - exponent).clamp(0, 9) as usize);
        return match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        };
    }
    // The shortest of the numbers with six digits.
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    format!("{rounded:e}")
}

/// A time with four digits and a unit.
pub(crate) fn seconds(value: f64) -> String {
    let (value, unit) = match value {
        s if s >= 5400.0 => (s / 3600.0, "h"),
        s if s >= 90.0 => (s / 60.0, "min"),
        s if s >= 1.0 => (s, "s"),
        s => (s * 1e3, "ms"),
    };
    format!("{} {unit}", digits(value))
}

/// A time that passes, in whole seconds: the two largest units of it.
pub(crate) fn long(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// When something was, to this many decimals of a second: UTC, or the time since the beginning. What follows the last
/// decimal is cut off.
pub(crate) fn time(time_ns: i64, clock: Clock, decimals: u32) -> String {
    let decimals = decimals.min(9);
    // Whole steps of the last decimal, so that times before 0 are cut off downwards too.
    let step = 10i64.pow(9 - decimals);
    let steps = time_ns.div_euclid(step);
    let fraction = |steps_in_second: u64| match decimals {
        0 => String::new(),
        _ => format!(".{steps_in_second:0width$}", width = decimals as usize),
    };
    let per_second = 10u64.pow(decimals);
    if clock == Clock::Utc
        && let Ok(utc) = jiff::Timestamp::from_nanosecond(i128::from(steps) * i128::from(step))
    {
        let fraction = fraction(steps.rem_euclid(per_second as i64) as u64);
        return format!("{}{fraction}Z", utc.strftime("%F %T"));
    }
    let (sign, steps) = (if steps < 0 { "-" } else { "" }, steps.unsigned_abs());
    let (seconds, fraction) = (steps / per_second, fraction(steps % per_second));
    format!("{sign}{}:{:02}:{:02}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Decimals of a second that tell two lines of pixels apart.
pub(crate) fn time_decimals(line_ns: u64) -> u32 {
    // A line of 100 ms: one decimal. Of 99 ms: two.
    (0..9).find(|decimals| 10u64.pow(9 - decimals) <= line_ns).unwrap_or(9)
}

/// An amount of memory with a unit.
pub(crate) fn bytes(value: u64) -> String {
    let (value, unit) = match value as f64 {
        b if b >= 1024f64.powi(3) => (b / 1024f64.powi(3), "GiB"),
        b if b >= 1024f64.powi(2) => (b / 1024f64.powi(2), "MiB"),
        b if b >= 1024.0 => (b / 1024.0, "KiB"),
        b => (b, "bytes"),
    };
    format!("{} {unit}", digits(value))
}

/// Four significant digits at most, without trailing zeros.
fn digits(value: f64) -> String {
    significant(value, 4)
}

/// This many significant digits at most, without trailing zeros.
fn significant(value: f64, most: i32) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let whole = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 + 1 };
    let text = format!("{value:.*}", (most - whole).clamp(0, most + 2) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the outermost bins of samples extend beyond their band, which is half the rate, or the rate around the centre.
    #[test]
    fn the_band_of_rows() {
        let band = |kind, rate_hz, centre_hz, (first_hz, bin_hz), bins| {
            let mut rows = RowInfo::new("rows", Clock::File, bins, (first_hz, bin_hz), 1e9).unwrap();
            (rows.source.kind, rows.source.rate_hz, rows.source.centre_hz) = (kind, rate_hz, centre_hz);
            whole_band_hz(&rows)
        };
        use ringfall::dsp::SampleKind::{Complex, Real};
        assert_eq!(band(Real, 250e3, 0.0, (0.0, 250e3 / 4096.0), 2049), (0.0, 125e3));
        // Bins from −125 kHz on: the last one is a bin below 125 kHz.
        let (low, high) = band(Complex, 250e3, 7e6, (7e6 - 125e3, 250.0), 1000);
        assert_eq!((low, high), (6_875_000.0, 7_124_875.0));
        assert_eq!((hertz(low), hertz(high)), ("6.875 MHz".to_owned(), "7.125 MHz".to_owned()));
        // A narrow band high up: a hundredth of 2.4 MHz can be told, and of 10 kHz.
        use super::band as words;
        assert_eq!(words((low, high)), "6.875 MHz to 7.125 MHz");
        assert_eq!(words((1_418_800_000.0, 1_421_199_414.0)), "1418.8 MHz to 1421.2 MHz");
        assert_eq!(words((144_295_000.0, 144_305_000.0)), "144.295 MHz to 144.305 MHz");
        assert_eq!(words((5.0, 5.0)), "5 Hz to 5 Hz");
        // A part of it, and bands all over the place.
        assert_eq!(band(Real, 48e3, 0.0, (1000.0, 10.0), 101), (995.0, 2005.0));
        assert_eq!(band(Complex, 1e6, 1e8, (0.0, 1e6), 300), (-5e5, 299.5e6));
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(hertz(48_000.0), "48 kHz");
        assert_eq!(hertz(11.718_75), "11.72 Hz");
        assert_eq!(hertz(0.1), "0.1 Hz");
        assert_eq!(hertz(0.0), "0 Hz");
        assert_eq!(hertz(7_040_123.0), "7.04 MHz");
        assert_eq!(seconds(0.0213), "21.3 ms");
        assert_eq!(seconds(600.0), "10 min");
    }

    #[test]
    fn numbers_of_any_size() {
        for (value, want) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.001, "0.001"),
            (0.25, "0.25"),
            (123_456.0, "123456"),
            (255.0, "255"),
            (1e6, "1e6"),
            (-1e9, "-1e9"),
            (1.000_000_1e-9, "1e-9"),
            (f64::from(2.5e-9f32), "2.5e-9"),
            (f64::from(f32::MAX), "3.40282e38"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(value), want);
        }
    }

    #[test]
    fn what_is_no_number_is_said_so() {
        assert_eq!(hertz(f64::INFINITY), "inf MHz");
        assert_eq!(hertz(f64::NAN), "NaN Hz");
        assert_eq!(seconds(f64::MIN_POSITIVE), "0 ms");
        assert!(hertz(-f64::MAX).starts_with('-'));
    }

    #[test]
    fn decimals_tell_lines_apart() {
        let cases = [(25_000_000, 2), (100_000_000, 1), (99_999_999, 2), (1_000_000_000, 0), (u64::MAX, 0)];
        for (line_ns, decimals) in cases.into_iter().chain([(62_500, 5), (1, 9), (0, 9)]) {
            assert_eq!(time_decimals(line_ns), decimals, "{line_ns} ns");
        }
    }

    #[test]
    fn times_for_people() {
        assert_eq!(long(59), "59 s");
        assert_eq!(long(61), "1 min 1 s");
        assert_eq!(long(7980), "2 h 13 min");
        assert_eq!(long(100_000), "1 d 3 h");
        assert_eq!(time(3_723_456_789_000, Clock::File, 2), "1:02:03.45");
        assert_eq!(time(3_723_456_789_000, Clock::File, 9), "1:02:03.456789000");
        assert_eq!(time(3_723_956_789_000, Clock::File, 0), "1:02:03");
        assert_eq!(time(-1_000_000_000, Clock::File, 2), "-0:00:01.00");
        assert_eq!(time(-1, Clock::File, 2), "-0:00:00.01");
        // 1790000000 s after the epoch: 20717 days, 14 h 13 min 20 s.
        assert_eq!(time(1_790_000_000_250_000_000, Clock::Utc, 2), "2026-09-21 14:13:20.25Z");
        assert_eq!(time(1_790_000_000_250_000_000, Clock::Utc, 0), "2026-09-21 14:13:20Z");
        assert_eq!(time(1_790_000_000_250_004_000, Clock::Utc, 6), "2026-09-21 14:13:20.250004Z");
        assert_eq!(time(-1, Clock::Utc, 1), "1969-12-31 23:59:59.9Z");
        for extreme in [i64::MIN, i64::MAX] {
            for decimals in 0..12 {
                time(extreme, Clock::File, decimals);
                time(extreme, Clock::Utc, decimals);
            }
        }
        assert_eq!(bytes(1 << 30), "1 GiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(100), "100 bytes");
    }
}
