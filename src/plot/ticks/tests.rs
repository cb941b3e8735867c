//! Axes by hand; `properties` has what holds for random ones.

mod properties;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::view::{Edge, Side, View};

/// 2026-11-21 14:00:00 UTC: 20778 days and 14 hours after the epoch.
const AFTERNOON: i64 = (20_778 * 86_400 + 14 * 3600) * 1_000_000_000;
const SECOND: i64 = 1_000_000_000;

/// A font whose characters are 7 pixels wide, on a horizontal axis.
fn width(label: &str) -> f64 {
    7.0 * label.chars().count() as f64
}

/// The same font on a vertical axis.
fn height(_: &str) -> f64 {
    14.0
}

/// A frame of `pixels` pixels each way, whose newest edge is at `to_ns`.
fn frame(span_hz: (f64, f64), line_ns: f64, to_ns: i64, pixels: u32, side: Side, axis: Axis) -> Frame {
    // In the middle of the newest line.
    let edge = Edge::At(to_ns.saturating_sub((0.5 * line_ns) as i64));
    let view = View::default().span_hz(span_hz).line_ns(line_ns).edge(edge).axis(axis);
    // Data that begin an hour before.
    Frame::new(&view, (pixels, pixels), side, to_ns.saturating_sub(3600 * SECOND), None)
}

fn over(span_hz: (f64, f64), pixels: u32, axis: Axis) -> Frame {
    frame(span_hz, 1e9, AFTERNOON, pixels, Side::Top, axis)
}

/// Newest at the right, so that time runs to the right.
fn ending(to_ns: i64, line_ns: f64, pixels: u32) -> Frame {
    frame((0.0, 1.0), line_ns, to_ns, pixels, Side::Right, Axis::Linear)
}

fn labels(ticks: &Ticks) -> Vec<&str> {
    ticks.ticks.iter().map(|tick| &*tick.label).filter(|label| !label.is_empty()).collect()
}

fn labelled(ticks: &Ticks) -> Vec<&Tick> {
    ticks.ticks.iter().filter(|tick| !tick.label.is_empty()).collect()
}

fn parse(label: &str) -> f64 {
    label.replace('−', "-").parse().unwrap_or_else(|error| panic!("{label}: {error}"))
}

#[test]
fn frequencies_by_hand() {
    let ticks = frequencies(&over((0.0, 24_000.0), 1000, Axis::Linear), FrequencyLabels::Absolute, &mut width);
    // The label of 0 would leave the picture. Two digits and two gaps of two are 42 pixels, and 1 kHz is 41.7.
    assert_eq!(labels(&ticks)[..4], ["2", "4", "6", "8"]);
    assert_eq!((&*ticks.unit, &*ticks.context), ("kHz", ""));
    // Minor ticks at 200 Hz.
    let two = &ticks.ticks[10];
    assert!(two.label == "2" && (two.at - 2000.0 / 24.0).abs() < 1e-9 && !ticks.ticks[9].is_major, "{two:?}");
    let ticks = frequencies(&over((7.0e6, 7.2e6), 800, Axis::Linear), FrequencyLabels::Absolute, &mut width);
    // 800 pixels for 200 kHz, and 56 for a label and two gaps: 20 kHz.
    assert_eq!(labels(&ticks), ["7.02", "7.04", "7.06", "7.08", "7.10", "7.12", "7.14", "7.16", "7.18"]);
    assert_eq!(ticks.unit, "MHz");
    assert_eq!(labelled(&ticks)[4].at, 400.0);
}

#[test]
fn where_a_step_has_one_label_some_of_a_finer_one_are_shown() {
    // 3 digits and two gaps of two are 49 pixels, so that the step is 50 Hz, and only 150 Hz is in the picture. Of the
    // multiples of 20 Hz 160 Hz is 33 pixels from 140 Hz, and needs 35.
    let ticks = frequencies(&over((130.0, 190.0), 100, Axis::Linear), FrequencyLabels::Absolute, &mut width);
    assert_eq!(labels(&ticks), ["140", "180"]);
    assert_eq!(ticks.ticks.iter().map(|tick| tick.is_major).collect::<Vec<_>>(), [true, false, true]);
    // The same on a clock: 42 s at 4 pixels a second, labels of 50.4 and gaps of 12.6 pixels. Of the steps that have room, the
    // first is 30 s, with only 14:00:00 in the picture; with 15 s, 13:59:45 and 14:00:00 are 60 pixels apart and need 63.
    let ticks = times(&ending(AFTERNOON + 14 * SECOND, 0.25e9, 168), &TimeLabels::Utc, &mut |l| 0.9 * width(l));
    assert_eq!(labels(&ticks), ["13:59:40", "14:00:00"]);
}

#[test]
fn high_frequencies_and_narrow_spans() {
    let span = (10.489e9 - 5.0, 10.489e9 + 5.0);
    let ticks = frequencies(&over(span, 1000, Axis::Linear), FrequencyLabels::Absolute, &mut width);
    // 12 characters and two gaps of two are 112 pixels, and 1 Hz is 100.
    assert_eq!(labels(&ticks), ["10.488999996", "10.488999998", "10.489000000", "10.489000002", "10.489000004"]);
    assert_eq!((ticks.unit.as_str(), labelled(&ticks)[2].at), ("GHz", 500.0));
    let relative = FrequencyLabels::RelativeTo(10.489e9);
    let ticks = frequencies(&over(span, 500, Axis::Linear), relative, &mut width);
    assert_eq!(labels(&ticks), ["−4", "−3", "−2", "−1", "0", "+1", "+2", "+3", "+4"]);
    assert_eq!((&*ticks.unit, &*ticks.context), ("Hz", "+10.489 GHz"));
    let ticks = frequencies(&over((0.0, 0.01), 500, Axis::Linear), FrequencyLabels::Absolute, &mut width);
    assert_eq!((labels(&ticks)[0], &*ticks.unit), ("1", "mHz"));
}

#[test]
fn logarithmic_and_mel_axes() {
    let ticks = frequencies(&over((20.0, 20_000.0), 900, Axis::Log), FrequencyLabels::Absolute, &mut width);
    assert_eq!(labels(&ticks), ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10"]);
    // Decades are 300 pixels; 1 kHz is log10(50) of them from the left.
    let one = labelled(&ticks)[4];
    assert!((one.at - 300.0 * 50f64.log10()).abs() < 1e-9);
    // 30, 40, 60 to 90 Hz and so on, and the labels of 20 Hz and 20 kHz have no room.
    let minor: Vec<f64> = ticks.ticks.iter().filter(|tick| !tick.is_major).map(|tick| tick.at).collect();
    assert_eq!(minor.len(), 18, "{minor:?}");
    let ticks = frequencies(&over((0.0, 24_000.0), 1000, Axis::Mel), FrequencyLabels::Absolute, &mut width);
    assert_eq!(labels(&ticks), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "20"]);
    // Less than an octave: equal steps.
    let ticks = frequencies(&over((1000.0, 1500.0), 1000, Axis::Log), FrequencyLabels::Absolute, &mut width);
    assert_eq!(labels(&ticks)[..3], ["1.05", "1.10", "1.15"]);
}

#[test]
fn columns_and_rows_have_whole_numbers() {
    // Four columns, whose middles are at 0 to 3.
    let ticks = frequencies(&over((-0.5, 3.5), 400, Axis::Linear), FrequencyLabels::ColumnNumbers, &mut width);
    assert_eq!(labels(&ticks), ["0", "1", "2", "3"]);
    assert_eq!(ticks.ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(), [50.0, 150.0, 250.0, 350.0]);
    // Rows 6 to 9, 50 pixels each, from left to right.
    let ticks = times(&ending(10 * SECOND, 0.02e9, 200), &TimeLabels::RowNumbers, &mut width);
    assert_eq!(labels(&ticks), ["6", "7", "8", "9"]);
    assert_eq!(ticks.ticks[0].at, 25.0);
}

#[test]
fn sideways_frequency_rises_upwards() {
    let frame = frame((0.0, 10.0), 1e9, AFTERNOON, 500, Side::Right, Axis::Linear);
    let ticks = frequencies(&frame, FrequencyLabels::Absolute, &mut height);
    assert_eq!(labels(&ticks), ["9", "8", "7", "6", "5", "4", "3", "2", "1"]);
    assert!((labelled(&ticks)[0].at - 50.0).abs() < 1e-9);
}

#[test]
fn times_of_day_are_round() {
    // 10 minutes until 14:02:30.
    let ticks = times(&ending(AFTERNOON + 150 * SECOND, 0.8e9, 750), &TimeLabels::Utc, &mut width);
    assert_eq!(
        labels(&ticks),
        ["13:53", "13:54", "13:55", "13:56", "13:57", "13:58", "13:59", "14:00", "14:01", "14:02"]
    );
    assert_eq!((&*ticks.unit, &*ticks.context), ("", "2026-11-21 UTC"));
    assert_eq!(labelled(&ticks)[7].at, 562.5);
    // Two days: midnight shows the date. 3 hours are 62.5 pixels, and a label with two gaps is 63.
    let ticks = times(&ending(AFTERNOON, 172.8e9, 1000), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[..5], ["18:00", "20 Nov", "06:00", "12:00", "18:00"]);
    assert_eq!(ticks.context, "2026-11-19 – 2026-11-21 UTC");
    // Twelve years. The label of 2015 would leave the picture.
    let ticks = times(&ending(AFTERNOON, 12.0 * 3.15576e16 / 1000.0, 1000), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[..3], ["2016", "2017", "2018"]);
    assert_eq!(ticks.context, "UTC");
    // A year.
    let ticks = times(&ending(AFTERNOON, 3.15576e16 / 1100.0, 1100), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[..2], ["Dec 2025", "Jan 2026"]);
    // Six weeks: Mondays. 2026-10-19 was one.
    let ticks = times(&ending(AFTERNOON, 42.0 * 8.64e13 / 500.0, 500), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[..2], ["19 Oct", "26 Oct"]);
    assert_eq!(ticks.context, "2026 UTC");
    // 100 µs before 14:00.
    let ticks = times(&ending(AFTERNOON, 100.0, 1000), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[0], "59.99991");
    assert_eq!((&*ticks.unit, &*ticks.context), ("s", "2026-11-21 13:59 UTC"));
    let ticks = times(&ending(AFTERNOON, 1e6, 1000), &TimeLabels::Utc, &mut width);
    assert_eq!(labels(&ticks)[0], "13:59:59.1");
}

#[test]
fn local_times_are_round_after_the_clocks_have_changed() {
    // Central Europe: from UTC+2 to UTC+1 at 01:00 UTC on 2026-10-25, day 20751.
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone");
    let change = (20_751 * 86_400 + 3600) * SECOND;
    let ticks =
        times(&ending(change + 6 * 3600 * SECOND, 4.0 * 9e9, 1200), &TimeLabels::Local(berlin.clone()), &mut width);
    assert_eq!(ticks.context, "2026-10-24 – 2026-10-25 UTC+02:00 – UTC+01:00");
    let all = labels(&ticks);
    assert_eq!(
        all[all.len() - 8..],
        ["01:00", "02:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00"][..],
        "{all:?}"
    );
    // Days are at local midnight on both sides: 22:00 UTC before, 23:00 after.
    let ticks =
        times(&ending(change + 36 * 3600 * SECOND, 1.8e12, 192), &TimeLabels::Local(berlin.clone()), &mut height);
    let days: Vec<f64> = labelled(&ticks).iter().map(|tick| tick.at).collect();
    // The change is at 120 pixels; an hour is two. The 25th is 3 hours before it, the 26th 22 hours after it.
    assert_eq!(days, [18.0, 66.0, 114.0, 164.0]);
    // In spring 02:00 to 03:00 is left out.
    let spring = (20_541 * 86_400 + 3600) * SECOND;
    let ticks =
        times(&ending(spring + 3 * 3600 * SECOND, 10e9, 2160), &TimeLabels::Local(berlin), &mut |l| 4.0 * width(l));
    assert_eq!(
        labels(&ticks),
        ["00:00", "01:00", "03:00", "04:00", "05:00"].map(|l| if l == "00:00" { "29 Mar" } else { l })
    );
}

#[test]
fn times_since_the_start() {
    let since = |to_ns: i64, line_ns: f64, pixels: u32| {
        let ticks = times(&ending(AFTERNOON + to_ns, line_ns, pixels), &TimeLabels::Since(AFTERNOON), &mut width);
        (labels(&ticks).join(" "), ticks.unit, ticks.context)
    };
    let of = |labels: &str, unit: &str, context: &str| (labels.to_owned(), unit.to_owned(), context.to_owned());
    assert_eq!(since(10 * SECOND, 0.02e9, 500), of("1 2 3 4 5 6 7 8 9", "s", ""));
    assert_eq!(
        since(3600 * SECOND, 5e9, 720),
        of("0:05 0:10 0:15 0:20 0:25 0:30 0:35 0:40 0:45 0:50 0:55", "h:mm", "")
    );
    assert_eq!(since(100 * SECOND, 0.05e9, 400), of("0:01:25 0:01:30 0:01:35", "h:mm:ss", ""));
    assert_eq!(since(1000, 1.0, 400), of("0.7 0.8 0.9", "µs", ""));
    assert_eq!(since(3600 * SECOND + 1000, 5.0, 400).2, "0:59 – 1:00 h:mm");
    assert_eq!(since(SECOND, 0.01e9, 200), of("−0.5 0.0 0.5", "s", ""));
}

#[test]
fn values_by_hand() {
    let ticks = values((-120.0, 0.0), "dBFS", 600.0, &mut height);
    assert_eq!(labels(&ticks), ["−110", "−100", "−90", "−80", "−70", "−60", "−50", "−40", "−30", "−20", "−10"]);
    assert_eq!((&*ticks.unit, labelled(&ticks)[0].at), ("dBFS", 50.0));
    let ticks = values((0.0, 3e38), "V", 300.0, &mut height);
    assert_eq!((labels(&ticks)[0], &*ticks.unit), ("50", "1e36 V"));
    let ticks = values((-2e-7, 2e-7), "", 300.0, &mut height);
    assert_eq!((labels(&ticks)[0], &*ticks.unit), ("−100", "1e-9"));
    for range in [(0.0, 0.0), (1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-f64::MAX, f64::MAX)] {
        assert!(values(range, "dB", 100.0, &mut height).ticks.is_empty(), "{range:?}");
    }
}

/// Every tick is where the scale's own table has its value: within an entry of the colours.
fn agree(norm: Norm, ends: (f32, f32), want: &[&str]) {
    let scale = Scale::new(norm, ends.0, ends.1).expect("a scale");
    let ticks = super::scale(&scale, "", 1024.0, &mut |_| 34.0);
    assert_eq!(labels(&ticks), want, "{norm}");
    for tick in labelled(&ticks) {
        let crate::scale::LutIndex::Entry(entry) = scale.lut_index(parse(&tick.label) as f32) else {
            panic!("{tick:?}")
        };
        let centre = 4.0 * (f64::from(entry) + 0.5);
        assert!((tick.at - centre).abs() <= 4.0, "{norm}: {tick:?} in entry {entry}");
    }
}

#[test]
fn colour_bars_have_values_where_their_colours_are() {
    agree(Norm::Linear, (-50.0, 0.0), &["−45", "−40", "−35", "−30", "−25", "−20", "−15", "−10", "−5"]);
    agree(Norm::Log, (1.0, 1e4), &["2", "5", "10", "20", "50", "100", "200", "500", "1000", "2000", "5000"]);
    agree(Norm::Log, (1e-9, 1e9), &["1e-8", "1e-6", "1e-4", "1e-2", "1e0", "1e2", "1e4", "1e6", "1e8"]);
    agree(Norm::SymLog { linthresh: 1.0 }, (-1000.0, 1000.0), &SYMLOG);
    agree(Norm::TwoSlope { vcenter: 0.0 }, (-1.0, 100.0), &TWO_SLOPE);
    agree(Norm::Power { gamma: 0.5 }, (0.0, 100.0), &["20", "40", "60", "80"]);
    agree(Norm::Centered { vcenter: 5.0 }, (0.0, 6.0), &["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

const SYMLOG: [&str; 7] = ["−100", "−10", "−1", "0", "1", "10", "100"];
const TWO_SLOPE: [&str; 9] = ["−0.8", "−0.6", "−0.4", "−0.2", "0.0", "20", "40", "60", "80"];

#[test]
fn a_step_stays_when_the_edge_of_a_picture_is_at_midnight() {
    // 22 lines an hour: three hours are 66 pixels, "03:00" and two gaps take 63, and "22 Nov" takes 70.
    let step = |to_ns: i64| {
        let frame = frame((0.0, 1.0), 3600e9 / 22.0, to_ns, 3300, Side::Right, Axis::Linear);
        let ticks = times(&frame, &TimeLabels::Utc, &mut width);
        labelled(&ticks)[1].at - labelled(&ticks)[0].at
    };
    let (midnight, length) = (AFTERNOON + 10 * 3600 * SECOND, 150 * 3600 * SECOND);
    for edge in [AFTERNOON, midnight + SECOND, midnight + length + SECOND] {
        assert!((step(edge) - 66.0).abs() < 1e-3, "{}", step(edge));
    }
}

#[test]
fn no_font_is_too_strange() {
    let frame = over((0.0, 24_000.0), 1000, Axis::Linear);
    for pixels in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300, 1e-300] {
        let ticks = frequencies(&frame, FrequencyLabels::Absolute, &mut |_| pixels);
        assert!(ticks.ticks.len() < 6000, "{pixels}: {}", ticks.ticks.len());
        assert_eq!(labels(&ticks).is_empty(), pixels.is_nan() || pixels >= 1e300, "{pixels}");
        assert!(times(&frame, &TimeLabels::Utc, &mut |_| pixels).ticks.len() < 6000);
    }
}
