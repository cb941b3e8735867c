//! A line of a power scan: one hop.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::stamp::Stamp;

/// What a line says before its levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hop {
    /// As written, taken as UTC.
    pub(super) time_ns: i64,
    /// Frequency of the first bin, and from one to the next.
    pub(super) first_hz: f64,
    pub(super) step_hz: f64,
    /// Levels that count. One that repeats the last is not among them.
    pub(super) bins: usize,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) field: &'static str,
    pub(super) expected: String,
    pub(super) got: String,
}

impl Fault {
    /// There is no line of a scan.
    pub(super) fn no_hops() -> Self {
        let expected = "date, time, Hz low, Hz high, Hz step, samples, dB, …".to_owned();
        Self { field: "hops", expected, got: "none".to_owned() }
    }
}

fn fault(field: &'static str, expected: impl Into<String>, got: &str) -> Fault {
    let mut got: String = got.escape_debug().to_string();
    if let Some((end, _)) = got.char_indices().nth(60) {
        got.truncate(end);
        got.push('…');
    }
    let got = if got.is_empty() { "nothing".to_owned() } else { got };
    Fault { field, expected: expected.into(), got }
}

/// Reads `date, time, Hz low, Hz high, Hz step, samples, dB, dB, …`: the hop, and the text of its levels.
pub(super) fn parse(line: &str) -> Result<(Hop, &str), Fault> {
    let mut rest = Some(line);
    let mut next = |field, expected: &str| match rest
        .map(|text| text.split_once(',').map_or((text, None), |(a, b)| (a, Some(b))))
    {
        Some((word, more)) => {
            rest = more;
            Ok(word.trim())
        }
        None => Err(fault(field, expected, "")),
    };
    let date = next("date", "a date such as 2026-11-21")?;
    let time = next("time", "a time such as 14:30:05")?;
    let mut hertz = |field, least: f64| {
        let expected = if least > 0.0 { "a number of Hz above 0" } else { "a number of Hz" };
        let word = next(field, expected)?;
        let number = word.parse().ok().filter(|hz: &f64| hz.abs() <= 1e15 && *hz >= least);
        number.ok_or_else(|| fault(field, expected, word))
    };
    let low = hertz("Hz low", -1e15)?;
    let high = hertz("Hz high", -1e15)?;
    let step = hertz("Hz step", 1e-6)?;
    next("samples", "a number of samples")?;
    let levels = rest.unwrap_or("");
    let time_ns = time_of(date, time)?;
    if high <= low {
        return Err(fault("Hz high", format!("more than Hz low, which is {low}"), &high.to_string()));
    }
    let count = if levels.trim().is_empty() { 0 } else { levels.bytes().filter(|byte| *byte == b',').count() + 1 };
    // A comma at the end is no level.
    let count = if levels.trim_end().ends_with(',') { count - 1 } else { count };
    let mut last = levels.trim_end().trim_end_matches(',').rsplit(',').map(str::trim);
    let repeated = last.next() == last.next();
    let (first_hz, step_hz, bins) = bins((low, high), step, count, repeated)?;
    Ok((Hop { time_ns, first_hz, step_hz, bins }, levels))
}

/// The first frequency, the step and the number of bins, for so many levels from `low` to `high`; `repeated` if the last two are
/// the same.
///
/// `rtl_power` repeats the last level, rounds the step to hundredths of a hertz, and counts some bins too few where it crops
/// the edges of a hop; the levels are then those around the hop's middle.
fn bins((low, high): (f64, f64), step: f64, count: usize, repeated: bool) -> Result<(f64, f64, usize), Fault> {
    let wanted = (high - low) / step;
    let rounding = (0.006 / step).min(0.1) * wanted;
    let over = count as f64 - wanted;
    if count == 0 || over < -0.5 - rounding || over > 3.0 + rounding {
        return Err(fault(
            "dB",
            format!("about {wanted:.0} levels, by the frequencies of the hop"),
            &format!("{count}"),
        ));
    }
    let bins = match over {
        _ if over.abs() <= 0.5 => count,
        _ if (over - 1.0).abs() <= 0.5 => count - 1,
        _ if over <= 1.5 + rounding => count - usize::from(repeated),
        _ => return Ok((0.5 * (low + high) - 0.5 * step * (count - 1) as f64, step, count - 1)),
    };
    let bins = bins.max(1);
    Ok((low, (high - low) / bins as f64, bins))
}

/// `2026-11-21` and `14:30:05` or `14:30:05.123456`, as if they were UTC.
fn time_of(date: &str, time: &str) -> Result<i64, Fault> {
    let day: Date = date.parse().map_err(|_| fault("date", "a date such as 2026-11-21", date))?;
    let clock: Time = time.parse().map_err(|_| fault("time", "a time such as 14:30:05", time))?;
    let stamp = day.to_datetime(clock).to_zoned(TimeZone::UTC).ok();
    let ns = stamp.and_then(|stamp| i64::try_from(stamp.timestamp().as_nanosecond()).ok());
    ns.filter(|ns| ns.unsigned_abs() < Stamp::MOST_NS.unsigned_abs() / 2)
        .ok_or_else(|| fault("date", "a date from 1900 to 2040", date))
}

/// Reads the levels of a hop into `out`.
pub(super) fn levels(text: &str, bins: usize, out: &mut Vec<f32>) -> Result<(), Fault> {
    out.clear();
    for word in text.split(',').take(bins) {
        let word = word.trim();
        let level = word.parse().ok().or_else(|| windows(word));
        out.push(level.ok_or_else(|| fault("dB", "a level in dB, inf or nan", word))?);
    }
    Ok(())
}

/// How old C libraries of Windows write what is no number: `-1.#IND`, `1.#QNAN`, `-1.#INF`.
fn windows(word: &str) -> Option<f32> {
    let (sign, kind) = word.split_once("1.#")?;
    let negative = match sign {
        "" | "+" => false,
        "-" => true,
        _ => return None,
    };
    match kind.get(..3)? {
        "INF" => Some(if negative { f32::NEG_INFINITY } else { f32::INFINITY }),
        "IND" | "QNA" | "SNA" => Some(f32::NAN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Hop, Vec<f32>), Fault> {
        let (hop, text) = parse(line)?;
        let mut out = Vec::new();
        levels(text, hop.bins, &mut out)?;
        Ok((hop, out))
    }

    /// 2026-11-21 14:30:05 UTC, by `date -u +%s`.
    const TIME_NS: i64 = 1_795_271_405_000_000_000;

    #[test]
    fn lines_of_the_three_programs() {
        // rtl_power: the last level is there twice.
        let (hop, levels) =
            read("2026-11-21, 14:30:05, 100000000, 100500000, 125000.00, 16, -10.5, -11, -12.25, -13, -13").unwrap();
        assert_eq!(hop, Hop { time_ns: TIME_NS, first_hz: 1e8, step_hz: 125e3, bins: 4 });
        assert_eq!(levels, [-10.5, -11.0, -12.25, -13.0]);
        // hackrf_sweep, with a step that was rounded.
        let (hop, levels) = read(
            "2026-11-21, 14:30:05.250000, 7221000000, 7226000000, 384615.38, 52, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13",
        )
        .unwrap();
        assert_eq!((hop.time_ns, hop.first_hz, hop.bins), (TIME_NS + 250_000_000, 7.221e9, 13));
        assert!((hop.step_hz - 5e6 / 13.0).abs() < 1e-6 && levels.len() == 13);
        // soapy_power, with Python's floats.
        let (hop, levels) = read("2026-11-21, 14:30:05, 88000000.0, 88000002.0, 1.0, 8, -inf, nan").unwrap();
        assert_eq!(hop.bins, 2);
        assert!(levels[0] == f32::NEG_INFINITY && levels[1].is_nan());
        // rtl_power in its mode of one bin a hop.
        assert_eq!(read("2026-11-21, 14:30:05, 100000000, 102000000, 2000000.00, 16, -10, -10").unwrap().1, [-10.0]);
        // rtl_power -c 20%: 14 levels, of which one is there twice, where twelve should be. They lie around the middle.
        let many = "2026-11-21, 14:30:05, 1000, 1012, 1.00, 16".to_owned() + &", -1".repeat(15);
        let (hop, levels) = read(&many).unwrap();
        assert_eq!((hop.first_hz, hop.step_hz, hop.bins, levels.len()), (999.0, 1.0, 14, 14));
    }

    #[test]
    fn what_c_libraries_write() {
        let (_, levels) = read("2026-11-21,14:30:05,0,6,1,1,-nan,-1.#IND,1.#QNAN,-1.#INF,1.#INF,-1e400,").unwrap();
        assert!(levels[..3].iter().all(|level| level.is_nan()));
        assert_eq!(levels[3..], [f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY]);
    }

    #[test]
    fn every_fault_names_its_field() {
        let good = ["2026-11-21", "14:30:05", "1000", "1003", "1", "16", "-1", "-2", "-3"];
        let cases = [
            (0, "21.11.2026", "date"),
            (0, "9999-01-01", "date"),
            (0, "", "date"),
            (1, "25:00:00", "time"),
            (2, "nan", "Hz low"),
            (2, "1e16", "Hz low"),
            (3, "1000", "Hz high"),
            (3, "-1e300", "Hz high"),
            (4, "0", "Hz step"),
            (4, "-1", "Hz step"),
            (4, "1e-300", "Hz step"),
            (4, "inf", "Hz step"),
            (6, "x", "dB"),
            (7, "", "dB"),
            (7, "1.#X", "dB"),
            (4, "0.001", "dB"),
        ];
        for (at, word, field) in cases {
            let mut words = good;
            words[at] = word;
            let Err(fault) = read(&words.join(", ")) else { panic!("{words:?}") };
            assert_eq!(fault.field, field, "{words:?}: {fault:?}");
        }
        assert!(read(&good.join(",")).is_ok());
        for count in 0..7 {
            assert!(read(&good[..count].join(",")).is_err(), "{count} fields");
        }
    }
}
