//! Numbers for people.

use ringfall::source::Clock;

/// A frequency for people: four digits and a unit.
pub(crate) fn hertz(value: f64) -> String {
    let (value, unit) = match value.abs() {
        h if h >= 1e6 => (value / 1e6, "MHz"),
        h if h >= 1e3 => (value / 1e3, "kHz"),
        _ => (value, "Hz"),
    };
    format!("{} {unit}", digits(value))
}

/// A time for people: four digits and a unit.
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

/// When something was, to a hundredth of a second: UTC, or the time since the beginning.
pub(crate) fn time(time_ns: i64, clock: Clock) -> String {
    if clock == Clock::Utc
        && let Ok(utc) = jiff::Timestamp::from_nanosecond(time_ns.into())
    {
        return utc.strftime("%F %T%.2fZ").to_string();
    }
    let hundredths = time_ns.div_euclid(10_000_000);
    let (sign, hundredths) = if hundredths < 0 { ("-", -hundredths) } else { ("", hundredths) };
    let seconds = hundredths / 100;
    format!("{sign}{}:{:02}:{:02}.{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60, hundredths % 100)
}

/// Bytes for people.
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
    let whole = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 + 1 };
    let text = format!("{value:.*}", (4 - whole).clamp(0, 6) as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn times_for_people() {
        assert_eq!(long(59), "59 s");
        assert_eq!(long(61), "1 min 1 s");
        assert_eq!(long(7980), "2 h 13 min");
        assert_eq!(long(100_000), "1 d 3 h");
        assert_eq!(time(3_723_456_789_000, Clock::File), "1:02:03.45");
        assert_eq!(time(-1_000_000_000, Clock::File), "-0:00:01.00");
        // 1790000000 s after the epoch: 20717 days, 14 h 13 min 20 s.
        assert_eq!(time(1_790_000_000_250_000_000, Clock::Utc), "2026-09-21 14:13:20.25Z");
        assert_eq!(bytes(1 << 30), "1 GiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(100), "100 bytes");
    }
}
