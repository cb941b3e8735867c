//! Decimal numbers: the exact values of ticks, and their labels.

/// The number `digits` · 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: i64,
    pub(super) exponent: i32,
}

impl Decimal {
    /// Zeros that a label has at most, before its first other digit or after the last.
    const MOST_ZEROS: i32 = 12;

    /// The shortest decimal number that reads as this `f64`; 0 if it is not finite.
    pub(super) fn shortest(value: f64) -> Self {
        let text = format!("{value:e}");
        let zero = Self { digits: 0, exponent: 0 };
        let Some((mantissa, exponent)) = text.split_once('e') else { return zero };
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
        match (mantissa.replace('.', "").parse(), exponent.parse::<i32>()) {
            (Ok(digits), Ok(exponent)) => Self { digits, exponent: exponent - decimals },
            _ => zero,
        }
    }

    /// The nearest `f64`.
    pub(super) fn value(self) -> f64 {
        const EXACT: i32 = 22;
        let is_exact = self.digits.unsigned_abs() < 1 << 53 && self.exponent.abs() <= EXACT;
        match self.exponent {
            // One operation on two exact numbers is rounded correctly.
            0.. if is_exact => self.digits as f64 * 10f64.powi(self.exponent),
            _ if is_exact => self.digits as f64 / 10f64.powi(-self.exponent),
            // Such a number always parses.
            _ => format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN),
        }
    }

    /// The number with one digit before its point, such as `2.5e-7`.
    pub(super) fn scientific(self) -> String {
        if self.digits == 0 {
            return "0".to_owned();
        }
        let sign = if self.digits < 0 { "−" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let exponent = self.exponent + digits.len() as i32 - 1;
        let (first, rest) = digits.split_at(1);
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{point}{rest}e{exponent}")
    }

    /// The number in units of 10^`unit`, with a decimal for each of the exponent's: 1250 · 10^-2 is `12.50`. With very many
    /// zeros it is like `5e-20`.
    pub(super) fn text(self, unit: i32) -> String {
        let sign = if self.digits < 0 { "−" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let shift = self.exponent - unit;
        if self.digits == 0 && shift >= 0 {
            return digits;
        }
        let leading = -shift - digits.len() as i32;
        if self.digits != 0 && (shift > Self::MOST_ZEROS || leading > Self::MOST_ZEROS) {
            return Self { exponent: shift, ..self }.scientific();
        }
        if shift >= 0 {
            return format!("{sign}{digits}{}", "0".repeat(shift as usize));
        }
        let decimals = shift.unsigned_abs() as usize;
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        format!("{sign}{whole}.{fraction}")
    }
}

/// The power of ten, a multiple of 3, that shows a number of this size with one to three digits before its point.
pub(super) fn engineering(size: f64) -> i32 {
    if size > 0.0 && size.is_finite() {
        size.log10().floor() as i32 / 3 * 3 - if size < 1.0 { 3 } else { 0 }
    } else {
        0
    }
}

/// The unit of frequencies of which the largest is this one, in Hz, and its power of ten.
pub(in crate::plot) fn hertz_unit(largest_hz: f64) -> (&'static str, i32) {
    const UNITS: [(&str, i32); 5] = [("THz", 12), ("GHz", 9), ("MHz", 6), ("kHz", 3), ("Hz", 0)];
    match UNITS.into_iter().find(|(_, exponent)| largest_hz >= 10f64.powi(*exponent)) {
        Some(unit) => unit,
        None if largest_hz >= 1e-3 => ("mHz", -3),
        None if largest_hz > 0.0 => ("µHz", -6),
        None => ("Hz", 0),
    }
}

/// A frequency with its sign and all its digits, such as `+7.1 MHz`.
pub(super) fn signed_hertz(hz: f64) -> String {
    let (unit, exponent) = hertz_unit(hz.abs());
    let sign = if hz < 0.0 { "" } else { "+" };
    format!("{sign}{} {unit}", Decimal::shortest(hz).text(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_by_hand() {
        for (digits, exponent, unit, want) in [
            (0, 0, 0, "0"),
            (0, -2, 0, "0.00"),
            (0, 4, 0, "0"),
            (1250, -2, 0, "12.50"),
            (-5, -3, 0, "−0.005"),
            (7, 6, 6, "7"),
            (14_070_123, 0, 6, "14.070123"),
            (2, 1, 3, "0.02"),
            (5, 4, 3, "50"),
            (5, -20, 0, "5e-20"),
            (-250, 30, 0, "−2.5e32"),
            (i64::MIN, 0, 0, "−9223372036854775808"),
        ] {
            assert_eq!(Decimal { digits, exponent }.text(unit), want);
        }
    }

    #[test]
    fn units_by_hand() {
        for (size, want) in
            [(1.0, 0), (999.0, 0), (1000.0, 3), (3.4e38, 36), (0.5, -3), (0.01, -3), (2e-7, -9), (0.0, 0)]
        {
            assert_eq!(engineering(size), want, "{size}");
        }
        assert_eq!(signed_hertz(7.1e6), "+7.1 MHz");
        assert_eq!(signed_hertz(-455_000.0), "−455 kHz");
        assert_eq!(signed_hertz(10_489_000_001.5), "+10.4890000015 GHz");
        assert_eq!(signed_hertz(0.0), "+0 Hz");
        assert_eq!(signed_hertz(0.25), "+250 mHz");
    }

    #[test]
    fn the_shortest_number_reads_as_the_same() {
        for value in [0.0, 1.0, -0.1, 7.1e6, 1e300, 5e-324, f64::MAX, 1.0 / 3.0] {
            assert_eq!(Decimal::shortest(value).value(), value);
        }
        assert_eq!(Decimal::shortest(f64::NAN).digits, 0);
    }
}
