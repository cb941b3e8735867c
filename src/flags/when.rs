//! Points in time on the command line.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::value::{MAX_SECONDS, duration, seconds};

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    /// Seconds since the beginning.
    Seconds(f64),
    /// Numbers with colons: a time of day if the time of the beginning is known, else a time since the beginning.
    Clock {
        /// Nanoseconds since midnight, if it is a valid time of day.
        of_day_ns: Option<i64>,
        /// The same as hours, minutes and seconds since the beginning, or as minutes and seconds.
        seconds: f64,
    },
    /// Nanoseconds since 1970, UTC.
    Utc(i64),
}

const DAY_NS: i64 = 86_400_000_000_000;

impl When {
    /// Seconds since the beginning, which was at `start_ns` (UTC) if known. `None` for a UTC time without a known beginning.
    ///
    /// A time of day means its first occurrence at or after the beginning.
    pub(crate) fn since(self, start_ns: Option<i64>) -> Option<f64> {
        match (self, start_ns) {
            (Self::Seconds(seconds), _) | (Self::Clock { seconds, .. }, None) => Some(seconds),
            (Self::Clock { of_day_ns: Some(of_day_ns), .. }, Some(start_ns)) => {
                Some((of_day_ns - start_ns.rem_euclid(DAY_NS)).rem_euclid(DAY_NS) as f64 * 1e-9)
            }
            (Self::Clock { seconds, of_day_ns: None }, Some(_)) => Some(seconds),
            (Self::Utc(ns), Some(start_ns)) => Some(ns.saturating_sub(start_ns) as f64 * 1e-9),
            (Self::Utc(_), None) => None,
        }
    }
}

/// `90`, `90s`, `10min`, `1h2m`, `1:02:03.5`, or what [`utc`] takes.
pub(crate) fn when(text: &str) -> Result<When, String> {
    let expected = || {
        "expected a time since the beginning, such as 0, 90s, 1.5h, 1h2m or 1:02:03.5, or UTC, such as 2026-11-21T14:00Z; \
         with --start also a time of day, such as 14:00:03"
            .to_owned()
    };
    let text = text.trim();
    if let Ok(ns) = utc(text) {
        return Ok(When::Utc(ns));
    }
    if text.contains(':') {
        return clock(text).ok_or_else(expected);
    }
    match duration(text) {
        Some(0.0) => Ok(When::Seconds(0.0)),
        _ => seconds(text).map(When::Seconds).map_err(|said| if said.contains("at most") { said } else { expected() }),
    }
}

/// `2026-11-21T14:00:03.5Z`; without seconds, without a time of day, with a space for the T, with another zone's offset for
/// the Z, or without any, which is UTC too. In nanoseconds since 1970.
pub(crate) fn utc(text: &str) -> Result<i64, String> {
    let expected =
        || "expected UTC, such as 2026-11-21T14:00Z, 2026-11-21 14:00:03 or 2026-11-21T15:00+01:00".to_owned();
    let text = text.trim();
    let ns = |time: jiff::Timestamp| i64::try_from(time.as_nanosecond()).map_err(|_| expected());
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return ns(time);
    }
    let bare = ["Z", "z", "UTC"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text).trim_end();
    // All these forms begin with a date; a time of day alone is not accepted.
    if bare.get(..10).is_none_or(|date| date.parse::<Date>().is_err()) {
        return Err(expected());
    }
    // Hours and minutes with an offset.
    if let Some(sign) = bare.rfind(['+', '-']).filter(|at| *at > 10)
        && let Ok(time) = format!("{}:00{}", &bare[..sign], &bare[sign..]).parse::<jiff::Timestamp>()
    {
        return ns(time);
    }
    let time = bare.parse::<DateTime>().map_err(|_| expected())?;
    ns(time.to_zoned(TimeZone::UTC).map_err(|_| expected())?.timestamp())
}

/// `h:mm:ss` or `m:ss`; as a time of day `hh:mm:ss` or `hh:mm`.
fn clock(text: &str) -> Option<When> {
    let text = ["Z", "z", "UTC"].iter().find_map(|zone| text.strip_suffix(zone)).unwrap_or(text).trim_end();
    let mut seconds = 0.0;
    let parts: Vec<&str> = text.split(':').collect();
    for (index, part) in parts.iter().enumerate() {
        let value: f64 = part.parse().ok()?;
        let whole = index + 1 == parts.len() || value.fract() == 0.0;
        if parts.len() > 3 || !(0.0..=MAX_SECONDS).contains(&value) || !whole || (index > 0 && value >= 60.0) {
            return None;
        }
        seconds = seconds * 60.0 + value;
    }
    // A time of day has two digits each; the hour may have one.
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    let of_day_ns = padded.parse::<Time>().ok().map(|time| {
        let whole = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        whole * 1_000_000_000 + i64::from(time.subsec_nanosecond())
    });
    (seconds <= MAX_SECONDS).then_some(When::Clock { of_day_ns, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-21T14:13:20Z: 20717 days and 14:13:20.
    const THEN: i64 = 1_790_000_000_000_000_000;

    #[test]
    fn times_since_the_beginning() {
        for (text, seconds) in [
            ("0", 0.0),
            ("0.0", 0.0),
            ("0s", 0.0),
            ("0h0m", 0.0),
            ("90", 90.0),
            ("10min", 600.0),
            ("1.5h", 5400.0),
            ("1h2m", 3720.0),
            ("1:02:03.5", 3723.5),
            ("2:30", 150.0),
            ("100:00:00", 360_000.0),
        ] {
            assert_eq!(when(text).unwrap().since(None), Some(seconds), "{text}");
        }
        for bad in ["", "-1", "NaN", "noon", "1:60", "1:2:3:4", "1.5:00", "2026-13-01T00:00Z", "inf", ":", "1:", "14"] {
            let error = when(bad);
            assert!(bad == "14" || error.unwrap_err().contains("since the beginning"), "{bad}");
        }
        assert!(when("1e16").unwrap_err().contains("at most"));
    }

    #[test]
    fn utc_in_the_forms_that_people_write() {
        for text in [
            "2026-09-21T14:13:20Z",
            "2026-09-21T16:13:20+02:00",
            "2026-09-21 14:13:20",
            "2026-09-21T14:13:20",
            "2026-09-21 14:13:20Z",
            "2026-09-21 14:13:20 UTC",
            " 2026-09-21 14:13:20.000 ",
        ] {
            assert_eq!(utc(text), Ok(THEN), "{text}");
            assert_eq!(when(text), Ok(When::Utc(THEN)), "{text}");
        }
        for text in [
            "2026-09-21T14:13Z",
            "2026-09-21 14:13",
            "2026-09-21T14:13",
            "2026-09-21T16:13+02:00",
            "2026-09-21 14:13 UTC",
        ] {
            assert_eq!(utc(text), Ok(THEN - 20_000_000_000), "{text}");
        }
        assert_eq!(utc("2026-09-21"), Ok(THEN - (14 * 3600 + 13 * 60 + 20) * 1_000_000_000));
        for bad in
            ["", "14:00", "14:00:03", "2026", "2026-13-01", "2026-02-30", "2026-09-21T25:00Z", "9999-01-01", "5s", "Z"]
        {
            assert!(utc(bad).unwrap_err().contains("2026-11-21T14:00Z"), "{bad}");
        }
        // What the error proposes is taken.
        for text in ["2026-11-21T14:00Z", "2026-11-21 14:00:03", "2026-11-21T15:00+01:00"] {
            assert!(utc(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_next_one() {
        // The beginning is at 14:13:20.
        for (text, seconds) in [
            ("14:13:20", 0.0),
            ("14:13:23.5", 3.5),
            ("14:14", 40.0),
            ("15:00:00", 2800.0),
            // Tomorrow: 9:46:40 to midnight, and a second.
            ("00:00:01", 35_201.0),
            ("0:00:01", 35_201.0),
            ("14:13:19", 86_399.0),
            ("14:14Z", 40.0),
        ] {
            assert_eq!(when(text).unwrap().since(Some(THEN)), Some(seconds), "{text}");
        }
        // No time of day has 100 hours.
        assert_eq!(when("100:00:00").unwrap().since(Some(THEN)), Some(360_000.0));
        assert_eq!(when("2026-09-21T14:13:21Z").unwrap().since(Some(THEN)), Some(1.0));
        assert_eq!(when("2026-09-21T14:13:21Z").unwrap().since(None), None);
        assert_eq!(when("1h2m").unwrap().since(Some(THEN)), Some(3720.0));
    }
}
