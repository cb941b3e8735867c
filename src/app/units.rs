//! Numbers for people.

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
}
