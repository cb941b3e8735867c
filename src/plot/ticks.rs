//! Ticks of axes: where they are, and their labels.
//!
//! On axes of numbers the steps are 1, 2 or 5 times a power of ten (P. S. Heckbert, "Nice Numbers for Graph Labels",
//! *Graphics Gems*, 1990). If fewer than two such labels have room, a finer step is labelled at every n-th tick, as in J.
//! Talbot, S. Lin and P. Hanrahan, "An Extension of Wilkinson's Algorithm for Positioning Tick Labels on Axes", *IEEE
//! TVCG* 16 (2010). Axes of time use the units of the clock: 1, 2, 5, 10, 15 and 30 seconds or minutes; 1, 2, 3, 6 and 12
//! hours; 1 and 2 days; weeks; 1, 3 and 6 months; years.
//!
//! Every function needs the room that labels take: `room` returns the pixels of a label along its axis, which is the
//! text's width on a horizontal axis and its height on a vertical one. All digits of a tick's value are exact: labels
//! come from integers and not from rounded `f64`.

pub(super) mod clock;
pub(super) mod decimal;
mod ladder;
mod room;
mod ruler;
mod steps;
#[cfg(test)]
mod tests;

use crate::frame::Frame;
use crate::scale::{Norm, Scale};
use crate::view::Axis;

use decimal::Decimal;
use room::Room;
use ruler::Ruler;

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tick {
    /// Where it is, in pixels along the axis. On the axes of a [`Frame`] they count from the left or top edge of the
    /// picture, as in [`Frame::position`]; on those of [`values`] and [`scale`] from the end with the lowest value.
    pub at: f64,
    /// The label. It is empty for a minor tick, and for a major one whose label would leave the picture or come too close
    /// to the label before it. Negative numbers begin with U+2212 (−).
    pub label: String,
    /// Whether the tick is one of those that labels are for.
    pub is_major: bool,
}

/// The ticks of an axis, in ascending order of [`Tick::at`], and the words beside it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ticks {
    /// The ticks, each at another place.
    pub ticks: Vec<Tick>,
    /// The unit of all labels, such as `MHz`, or `1e6` for numbers without a unit that are shown in millions; empty for
    /// times of day, dates and plain numbers.
    pub unit: String,
    /// What the labels leave out, such as the date (`2026-11-21 UTC`) or the frequency that they are relative to
    /// (`+7.1 MHz`). Empty if they leave out nothing.
    pub context: String,
}

/// How frequencies are labelled.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum FrequencyLabels {
    /// As they are.
    #[default]
    Absolute,
    /// As distances from this frequency, in Hz.
    RelativeTo(f64),
    /// As whole numbers without a unit, for rows whose bins are columns of an array ([`Stamp::index`](crate::Stamp::index)).
    ColumnNumbers,
}

/// How times are labelled.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum TimeLabels {
    /// UTC. The rows' clock must be UTC.
    #[default]
    Utc,
    /// The time of day and the date in a time zone, with the offset from UTC that holds at each moment. The rows' clock must
    /// be UTC.
    Local(jiff::tz::TimeZone),
    /// The time since this one, in nanoseconds on the rows' clock.
    Since(i64),
    /// Numbers of rows that have the stamps of [`Stamp::index`](crate::Stamp::index), each at the middle of its row.
    RowNumbers,
}

/// The ticks of a frame's frequency axis. One unit serves the whole axis: it suits the largest frequency in the picture.
pub fn frequencies(frame: &Frame, labels: FrequencyLabels, room: &mut dyn FnMut(&str) -> f64) -> Ticks {
    let (low, high) = frame.span_hz();
    let centre_hz = match labels {
        FrequencyLabels::RelativeTo(centre_hz) => centre_hz,
        FrequencyLabels::Absolute | FrequencyLabels::ColumnNumbers => 0.0,
    };
    let is_sideways = frame.newest_side().is_sideways();
    let at = |value: f64| {
        let (x, y) = frame.position(value + centre_hz, frame.epoch_ns());
        if is_sideways { y } else { x }
    };
    let mut ruler = Ruler::new((low - centre_hz, high - centre_hz), &at);
    ruler.is_even = frame.axis() == Axis::Linear;
    ruler.has_decades = !ruler.is_even && centre_hz == 0.0;
    if labels == FrequencyLabels::ColumnNumbers {
        ruler.least = 1.0;
    }
    let (unit, exponent) = match labels {
        FrequencyLabels::ColumnNumbers => ("", 0),
        _ => decimal::hertz_unit(ruler.largest()),
    };
    let mut room = Room::new(f64::from(frame.across()), room);
    let sign = if matches!(labels, FrequencyLabels::RelativeTo(_)) { "+" } else { "" };
    let text = |value: Decimal| match value.digits {
        1.. => format!("{sign}{}", value.text(exponent)),
        _ => value.text(exponent),
    };
    let ticks = ruler.ticks(&mut room, &text);
    let context = match labels {
        FrequencyLabels::RelativeTo(centre_hz) => decimal::signed_hertz(centre_hz),
        _ => String::new(),
    };
    Ticks { ticks, unit: unit.to_owned(), context }
}

/// The ticks of a frame's time axis. Times of day are on round ones: with steps of 5 minutes at 14:05, 14:10 and so on.
pub fn times(frame: &Frame, labels: &TimeLabels, room: &mut dyn FnMut(&str) -> f64) -> Ticks {
    let mut room = Room::new(f64::from(frame.length()), room);
    match labels {
        TimeLabels::Utc => clock::civil(frame, &jiff::tz::TimeZone::UTC, &mut room),
        TimeLabels::Local(zone) => clock::civil(frame, zone, &mut room),
        TimeLabels::Since(start_ns) => clock::since(frame, *start_ns, &mut room),
        TimeLabels::RowNumbers => row_numbers(frame, &mut room),
    }
}

/// Row `i` takes the time from `i` to `i + 1` seconds.
fn row_numbers(frame: &Frame, room: &mut Room<'_>) -> Ticks {
    let row = |time_ns: i64| time_ns as f64 / 1e9 - 0.5;
    let lines = frame.lines();
    let (from, to) = (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64));
    let is_sideways = frame.newest_side().is_sideways();
    let at = |value: f64| {
        let (x, y) = frame.position(0.0, ((value + 0.5) * 1e9) as i64);
        if is_sideways { x } else { y }
    };
    let mut ruler = Ruler::new((row(from), row(to)), &at);
    ruler.least = 1.0;
    Ticks { ticks: ruler.ticks(room, &|value| value.text(0)), ..Ticks::default() }
}

/// The ticks of a linear axis of values, such as that of a dB grid: `range.0` is at 0 pixels and `range.1` at `pixels`.
/// `unit` is that of the values. There are no ticks if the range is empty or not finite.
pub fn values(range: (f64, f64), unit: &str, pixels: f64, room: &mut dyn FnMut(&str) -> f64) -> Ticks {
    let (low, high) = range;
    let at = move |value: f64| (value - low) / (high - low) * pixels;
    number_ticks(&Ruler::new(range, &at), unit, &mut Room::new(pixels, room))
}

/// The ticks of a colour bar of `pixels` pixels that shows a scale's colours evenly: each tick is where the colour of its
/// value is, whatever the norm. `vmin` is at 0 pixels and `vmax` at `pixels`. `unit` is that of the values.
pub fn scale(scale: &Scale, unit: &str, pixels: f64, room: &mut dyn FnMut(&str) -> f64) -> Ticks {
    let share = scale.share();
    let at = move |value: f64| share(value) * pixels;
    let (low, high) = (f64::from(scale.vmin()), f64::from(scale.vmax()));
    let mut ruler = Ruler::new((low, high), &at);
    match scale.norm() {
        Norm::Linear | Norm::Centered { .. } => {}
        Norm::TwoSlope { vcenter } => ruler.bend = Some(vcenter),
        Norm::Power { .. } => ruler.is_even = false,
        Norm::Log | Norm::SymLog { .. } => (ruler.is_even, ruler.has_decades) = (false, true),
    }
    number_ticks(&ruler, unit, &mut Room::new(pixels, room))
}

/// The ticks of an axis of numbers. Very large and very small ones are shown in a power of ten that the unit begins with.
fn number_ticks(ruler: &Ruler<'_>, unit: &str, room: &mut Room<'_>) -> Ticks {
    let (large, low) = (ruler.largest(), ruler.range.0);
    let is_extreme = !(1e-3..1e6).contains(&large);
    // Labels of many orders of magnitude have no power of ten in common.
    let is_scientific = ruler.has_decades && (is_extreme || (low > 0.0 && low < 1e-4));
    let exponent = if is_extreme && !ruler.has_decades { decimal::engineering(large) } else { 0 };
    let text = |value: Decimal| if is_scientific { value.scientific() } else { value.text(exponent) };
    let power = if exponent == 0 { String::new() } else { format!("1e{exponent}") };
    let gap = if power.is_empty() || unit.is_empty() { "" } else { " " };
    Ticks { ticks: ruler.ticks(room, &text), unit: format!("{power}{gap}{unit}"), context: String::new() }
}
