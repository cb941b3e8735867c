//! What holds for the ticks of any axis.

use super::*;

fn sides() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Top), Just(Side::Bottom), Just(Side::Left), Just(Side::Right)]
}

/// What holds for all ticks: in the picture, strictly ascending, labels apart and inside, not too many.
fn sound(ticks: &Ticks, length: f64, room: fn(&str) -> f64) -> Result<(), TestCaseError> {
    let all = &ticks.ticks;
    prop_assert!(all.iter().all(|tick| (0.0..=length).contains(&tick.at)), "{all:?}");
    prop_assert!(all.windows(2).all(|two| two[0].at < two[1].at), "{all:?}");
    prop_assert!(all.iter().all(|tick| tick.is_major || tick.label.is_empty()));
    let boxes: Vec<(f64, f64)> = labelled(ticks)
        .iter()
        .map(|tick| (tick.at - 0.5 * room(&tick.label), tick.at + 0.5 * room(&tick.label)))
        .collect();
    prop_assert!(boxes.iter().all(|(from, to)| *from >= 0.0 && *to <= length), "{all:?}");
    prop_assert!(boxes.windows(2).all(|two| two[1].0 - two[0].1 >= room("00") - 1e-6), "{all:?}");
    let words: std::collections::BTreeSet<&str> = labels(ticks).into_iter().collect();
    // Times of day come again, on the next day or when the clocks change; numbers do not.
    prop_assert!(ticks.context.contains("UTC") || words.len() == boxes.len(), "{:?}", labels(ticks));
    prop_assert!(all.len() as f64 <= 64.0 + length, "{} ticks on {length} pixels", all.len());
    Ok(())
}

/// At least two labels where four of them have room. Labels of a finer step may be two characters longer; if there are none,
/// they may have been as long as any.
fn enough(ticks: &Ticks, length: f64, room: fn(&str) -> f64) -> Result<(), TestCaseError> {
    let widest = labels(ticks).iter().map(|label| room(&format!("{label}00"))).fold(0.0, f64::max);
    let count = labels(ticks).len();
    let widest = if count == 0 { room("99999:59:59.999") } else { widest };
    prop_assert!(count >= 2 || length < 4.0 * (widest + room("00")), "{count} labels on {length}: {ticks:?}");
    Ok(())
}

/// The power of ten of a unit of frequency.
fn factor(unit: &str) -> f64 {
    match unit {
        "THz" => 1e12,
        "GHz" => 1e9,
        "MHz" => 1e6,
        "kHz" => 1e3,
        "Hz" | "" => 1.0,
        "mHz" => 1e-3,
        "µHz" => 1e-6,
        other => panic!("{other}"),
    }
}

/// Half of a label's last digit.
fn half_digit(label: &str) -> f64 {
    let decimals = label.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    0.5 * 10f64.powi(-(decimals as i32))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn frequencies_are_what_their_labels_say(
        low in prop_oneof![-1e10..1e10f64, Just(0.0), -100.0..100.0f64],
        width_log in -2.0..10.0f64,
        pixels in 1u32..=16_384,
        side in sides(),
        axis in prop_oneof![Just(Axis::Linear), Just(Axis::Log), Just(Axis::Mel)],
        relative in any::<bool>(),
    ) {
        let low = if axis == Axis::Log { low.abs() + 1e-3 } else { low };
        let span = (low, low + 10f64.powf(width_log));
        let frame = frame(span, 1e9, AFTERNOON, pixels, side, axis);
        let centre = if relative { 0.5 * (span.0 + span.1) } else { 0.0 };
        let kind = if relative { FrequencyLabels::RelativeTo(centre) } else { FrequencyLabels::Absolute };
        let (mut room, length): (fn(&str) -> f64, f64) = (if side.is_sideways() { height } else { width }, f64::from(pixels));
        let ticks = frequencies(&frame, kind, &mut room);
        sound(&ticks, length, room)?;
        // The pixels of other axes are not shared evenly, and distances on them are on no round places.
        match axis {
            Axis::Linear => enough(&ticks, length, room)?,
            _ if !relative => enough(&ticks, 0.5 * length, room)?,
            _ => {}
        }
        let pixel = (span.1 - span.0) / length;
        for tick in labelled(&ticks) {
            let at = if side.is_sideways() { (0.0, tick.at) } else { (tick.at, 0.0) };
            let hz = frame.hz_at(at) - centre;
            let said = parse(&tick.label) * factor(&ticks.unit);
            // Rounding of the position, which is coarser than the label where a span is narrow; logarithms lose more.
            let digits = if axis == Axis::Linear { 4.0 } else { 100.0 } * f64::EPSILON;
            let coarse = 1e-9 * pixel.max(1e-3 * hz.abs()) + digits * (low.abs() + centre.abs()).max(span.1.abs());
            prop_assert!((said - hz).abs() <= half_digit(&tick.label) * factor(&ticks.unit) + coarse, "{tick:?} at {hz}");
        }
    }

    #[test]
    fn times_of_day_are_what_their_labels_say(
        to_ns in 0..4_000_000_000_000_000_000i64,
        line_log in 0.0..16.0f64,
        pixels in 1u32..=16_384,
        side in sides(),
        hours in -12i8..=12,
    ) {
        let line_ns = 10f64.powf(line_log);
        let frame = frame((0.0, 1.0), line_ns, to_ns, pixels, side, Axis::Linear);
        let zone = TimeZone::fixed(jiff::tz::offset(hours));
        let (mut room, length): (fn(&str) -> f64, f64) = (if side.is_sideways() { width } else { height }, f64::from(pixels));
        let ticks = times(&frame, &TimeLabels::Local(zone.clone()), &mut room);
        sound(&ticks, length, room)?;
        enough(&ticks, length, room)?;
        for tick in labelled(&ticks) {
            let at = if side.is_sideways() { (tick.at, 0.0) } else { (0.0, tick.at) };
            let time = frame.time_ns_at(at);
            // The label has to be that of a time at most this far away.
            let near = 2 + (1e-6 * line_ns) as i64 + (4.0 * f64::EPSILON * (to_ns as f64)) as i64;
            let is_right = (-1..=1).any(|side| reads(&tick.label, clock::local(time.saturating_add(side * near), &zone)));
            prop_assert!(is_right, "{tick:?} at {}", clock::local(time, &zone));
        }
    }

    #[test]
    fn times_since_the_start_are_what_their_labels_say(
        passed in -10_000_000_000_000_000..1_000_000_000_000_000_000i64,
        line_log in 0.0..15.0f64,
        pixels in 1u32..=16_384,
        side in sides(),
    ) {
        let line_ns = 10f64.powf(line_log);
        let frame = frame((0.0, 1.0), line_ns, AFTERNOON + passed, pixels, side, Axis::Linear);
        let (mut room, length): (fn(&str) -> f64, f64) = (if side.is_sideways() { width } else { height }, f64::from(pixels));
        let ticks = times(&frame, &TimeLabels::Since(AFTERNOON), &mut room);
        let all = &ticks.ticks;
        prop_assert!(all.windows(2).all(|two| two[0].at < two[1].at) && all.len() as f64 <= 64.0 + length);
        enough(&ticks, length, room)?;
        let of_minute = !ticks.context.is_empty();
        if !of_minute {
            sound(&ticks, length, room)?;
        }
        for tick in labelled(&ticks) {
            let at = if side.is_sideways() { (tick.at, 0.0) } else { (0.0, tick.at) };
            let since = (frame.time_ns_at(at) - AFTERNOON) as f64;
            let (said, unit_ns) = passed_ns(&tick.label, &ticks.unit);
            // Of these the minute is in the context: the nearest one.
            let said = if of_minute { said + 60e9 * ((since - said) / 60e9).round() } else { said };
            let coarse = 2.0 + 1e-6 * line_ns + 1e-14 * since.abs();
            prop_assert!((said - since).abs() <= half_digit(&tick.label) * unit_ns + coarse, "{tick:?} at {since}");
        }
    }

    #[test]
    fn labels_move_with_a_picture_that_scrolls(
        passed in 0..1_000_000_000_000_000i64,
        line_log in 3.0..15.0f64,
        pixels in 800u32..4000,
        lines in 1u32..50,
    ) {
        let line_ns = 10f64.powf(line_log).round();
        let ticks = |lines: u32| {
            let edge = Edge::At(AFTERNOON + passed + (f64::from(lines) * line_ns) as i64);
            let view = View::default().span_hz((0.0, 1.0)).line_ns(line_ns).edge(edge);
            let frame = Frame::new(&view, (pixels, pixels), Side::Right, AFTERNOON, None);
            times(&frame, &TimeLabels::Utc, &mut width)
        };
        let (before, after) = (ticks(0), ticks(lines));
        for tick in labelled(&before) {
            let moved = tick.at - f64::from(lines);
            if moved >= 60.0 && tick.at + 60.0 <= f64::from(pixels) {
                let is_there = |other: &Tick| other.label == tick.label && (other.at - moved).abs() < 1e-3;
                prop_assert!(after.ticks.iter().any(is_there), "{tick:?}\n{:?}", labels(&after));
            }
        }
    }

    #[test]
    fn values_are_what_their_labels_say(low in -1e9..1e9f64, width_log in -6.0..12.0f64, pixels in 1.0..16_384f64) {
        let width = 10f64.powf(width_log);
        let ticks = values((low, low + width), "V", pixels, &mut height);
        sound(&ticks, pixels, height)?;
        if width > 1e-12 * low.abs() {
            enough(&ticks, pixels, height)?;
        }
        let power = ticks.unit.trim_end_matches('V').trim();
        let power: f64 = if power.is_empty() { 1.0 } else { parse(power) };
        for tick in labelled(&ticks) {
            let value = low + tick.at / pixels * width;
            let coarse = 8.0 * f64::EPSILON * (low.abs() + width);
            prop_assert!((parse(&tick.label) * power - value).abs() <= half_digit(&tick.label) * power + coarse);
        }
    }

    #[test]
    fn nothing_panics_at_the_ends_of_the_numbers(
        low in proptest::num::f64::ANY,
        high in proptest::num::f64::ANY,
        line_ns in proptest::num::f64::ANY,
        to_ns in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0)],
        epoch_ns in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0)],
        size in (0u32..20_000, prop_oneof![0u32..20_000, Just(u32::MAX)]),
        side in sides(),
        axis in prop_oneof![Just(Axis::Linear), Just(Axis::Log), Just(Axis::Mel)],
    ) {
        let view = View::default().span_hz((low, high)).line_ns(line_ns).edge(Edge::At(to_ns)).axis(axis);
        let frame = Frame::new(&view, size, side, epoch_ns, None);
        let kinds = [FrequencyLabels::Absolute, FrequencyLabels::RelativeTo(high), FrequencyLabels::ColumnNumbers];
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone");
        let clocks = [
            TimeLabels::Utc,
            TimeLabels::Local(berlin),
            TimeLabels::Since(epoch_ns),
            TimeLabels::Since(i64::MAX),
            TimeLabels::RowNumbers,
        ];
        let ticks = kinds.map(|kind| (frequencies(&frame, kind, &mut width), frame.across())).into_iter();
        let ticks = ticks.chain(clocks.map(|kind| (times(&frame, &kind, &mut width), frame.length())));
        for (ticks, length) in ticks {
            let all = &ticks.ticks;
            prop_assert!(all.iter().all(|tick| (0.0..=f64::from(length)).contains(&tick.at)), "{all:?}");
            prop_assert!(all.windows(2).all(|two| two[0].at < two[1].at), "{all:?}");
            prop_assert!(all.len() < 21_000, "{}", all.len());
        }
        values((low, high), "", line_ns, &mut width);
    }

    #[test]
    fn colour_bars_are_sound(
        ends in (any::<f32>(), any::<f32>()),
        parameter in any::<f64>(),
        pixels in 1.0..5000f64,
        kind in 0..6usize,
    ) {
        let norm = match kind {
            0 => Norm::Linear,
            1 => Norm::Log,
            2 => Norm::Power { gamma: parameter },
            3 => Norm::SymLog { linthresh: parameter },
            4 => Norm::TwoSlope { vcenter: 0.5 * (f64::from(ends.0) + f64::from(ends.1)) },
            _ => Norm::Centered { vcenter: parameter },
        };
        if let Ok(made) = Scale::new(norm, ends.0.min(ends.1), ends.0.max(ends.1)) {
            let ticks = super::scale(&made, "", pixels, &mut height);
            sound(&ticks, pixels, height)?;
        }
    }
}

/// Whether a label is the time of day or the date of this time, cut off to its digits.
fn reads(label: &str, time: jiff::civil::DateTime) -> bool {
    let (main, fraction) = label.split_once('.').unwrap_or((label, ""));
    let digits = format!("{:09}", time.subsec_nanosecond());
    let formats = ["%H:%M", "%H:%M:%S", "%S", "%-d %b", "%b %Y", "%Y"];
    digits.starts_with(fraction) && formats.iter().any(|format| time.strftime(format).to_string() == main)
}

/// Nanoseconds that such a label says, and those of its last whole unit.
fn passed_ns(label: &str, unit: &str) -> (f64, f64) {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("d", 8.64e13)];
    if let Some((_, ns)) = units.iter().find(|(name, _)| *name == unit) {
        return (parse(label) * ns, *ns);
    }
    let last = if unit == "h:mm" { 60e9 } else { 1e9 };
    let sign = if label.starts_with('−') { -1.0 } else { 1.0 };
    let sum = label.trim_start_matches('−').split(':').fold(0.0, |sum, part| 60.0 * sum + parse(part));
    (sign * sum * last, last)
}
