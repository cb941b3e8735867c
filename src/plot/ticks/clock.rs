//! Ticks of time axes, at round times of a clock.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::room::Room;
use super::{Tick, Ticks};
use crate::frame::Frame;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time between two ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    /// Nanoseconds; those of days and weeks begin at midnight, weeks on Mondays.
    Ns(i64),
    /// Months of the calendar, from January of year 0.
    Months(i64),
}

impl Every {
    /// The time at least, in nanoseconds.
    fn least_ns(self) -> i64 {
        match self {
            Self::Ns(ns) => ns,
            Self::Months(months) => months * 28 * DAY,
        }
    }

    /// Whether every tick of `self` is one of `part`, and how many of these there are for one of those.
    fn parts(self, part: Self) -> Option<i64> {
        match (self, part) {
            (Self::Ns(whole), Self::Ns(part)) => (whole % part == 0).then(|| whole / part),
            (Self::Months(whole), Self::Months(part)) => (whole % part == 0).then(|| whole / part),
            (Self::Months(whole), Self::Ns(DAY)) => Some(whole * 31),
            _ => None,
        }
    }

    /// Minor ticks for a major one at most; one more than the days of a month.
    const MOST_PARTS: i64 = 32;

    /// The steps of a clock, ascending. A calendar has weeks, months and years above days; otherwise there are more days.
    fn list(is_calendar: bool) -> Vec<Self> {
        let below_second = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10i64.pow(power)));
        let of_60 = [SECOND, MINUTE].into_iter().flat_map(|unit| [1, 2, 5, 10, 15, 30].map(|count| count * unit));
        let hours = [1, 2, 3, 6, 12].map(|count| count * HOUR);
        let mut list: Vec<Self> = below_second.chain(of_60).chain(hours).map(Self::Ns).collect();
        if is_calendar {
            list.extend([1, 2, 7].map(|count| Self::Ns(count * DAY)));
            list.extend([1, 3, 6, 12].map(Self::Months));
            list.extend([2, 5, 10, 20, 50, 100].map(|years| Self::Months(12 * years)));
        } else {
            list.extend((0..5).flat_map(|power| [1, 2, 5].map(|digit| Self::Ns(digit * 10i64.pow(power) * DAY))));
        }
        list
    }
}

/// A time axis in pixels.
struct Axis<'a> {
    frame: &'a Frame,
    /// The times at its ends, in nanoseconds.
    from: i64,
    to: i64,
    /// Whether it shows times of day and dates.
    is_civil: bool,
}

impl<'a> Axis<'a> {
    fn new(frame: &'a Frame, is_civil: bool) -> Self {
        let lines = frame.lines();
        Self { frame, is_civil, from: frame.time_of(lines.start as f64), to: frame.time_of(lines.end as f64) }
    }

    fn at(&self, time_ns: i64) -> f64 {
        let (x, y) = self.frame.position(self.frame.span_hz().0, time_ns);
        if self.frame.newest_side().is_sideways() { x } else { y }
    }

    fn pixels(&self, every: Every) -> f64 {
        every.least_ns() as f64 / self.frame.line_ns()
    }

    /// A time whose labels are long in every step: 2026-09-28 20:28:28.888 888 888 UTC.
    const LONG_NS: i64 = 1_790_627_308_888_888_888;

    /// The ticks of the finest step whose labels have room, and the step.
    fn ticks(
        &self,
        room: &mut Room<'_>,
        instants: &dyn Fn(Every) -> Vec<i64>,
        text: &dyn Fn(Every, i64) -> String,
    ) -> (Vec<Tick>, Option<Every>) {
        let list = Every::list(self.is_civil);
        // Not the times in the picture if there is one that is long in every step: the step must not change when a date or a day
        // of two digits comes into a picture that scrolls.
        let ends = [self.from, self.to.saturating_sub(1)];
        let measured = if self.is_civil { &[Self::LONG_NS][..] } else { &ends };
        let least = list.partition_point(|every| self.pixels(*every) < room.major);
        let has_room = |every: &Every, room: &mut Room<'_>| {
            let pixels = self.pixels(*every);
            measured.iter().all(|time_ns| room.pitch(&text(*every, *time_ns)) <= pixels)
        };
        let fitting = (least..list.len()).find(|place| has_room(&list[*place], room));
        // None has room: all labels of the coarsest one may still be few.
        let Some(mut place) = fitting.or(list.len().checked_sub(1).filter(|place| *place >= least)) else {
            return (Vec::new(), None);
        };
        let mut ticks = self.divided(&list, list[place], room, instants, text);
        let mut labels = room.settle(&mut ticks);
        let mut every = list[place];
        // A finer step than has room for all of its labels: some of them.
        for _ in 0..3 {
            if labels >= 2 || place <= least {
                break;
            }
            place -= 1;
            let finer = list[place];
            let tick = |time_ns| Tick { at: self.at(time_ns), label: text(finer, time_ns), is_major: true };
            let mut some: Vec<Tick> = instants(finer).into_iter().map(tick).collect();
            let count = room.settle(&mut some);
            if count > labels {
                some.iter_mut().for_each(|tick| tick.is_major = !tick.label.is_empty());
                (ticks, labels, every) = (some, count, finer);
            }
        }
        (ticks, Some(every))
    }

    /// The ticks of a step, with minor ones between them.
    fn divided(
        &self,
        list: &[Every],
        every: Every,
        room: &Room<'_>,
        instants: &dyn Fn(Every) -> Vec<i64>,
        text: &dyn Fn(Every, i64) -> String,
    ) -> Vec<Tick> {
        let major = instants(every);
        let most = if matches!(every, Every::Months(1)) { Every::MOST_PARTS } else { 12 };
        let part = list.iter().find(|part| {
            let is_part = every.parts(**part).is_some_and(|parts| (2..=most).contains(&parts));
            is_part && self.pixels(**part) >= room.minor
        });
        let minor = part.map(|part| instants(*part)).unwrap_or_default();
        let is_minor = |time_ns: &i64| major.binary_search(time_ns).is_err();
        let minor = minor.into_iter().filter(is_minor);
        let minor = minor.map(|time_ns| Tick { at: self.at(time_ns), label: String::new(), is_major: false });
        let tick = |time_ns: &i64| Tick { at: self.at(*time_ns), label: text(every, *time_ns), is_major: true };
        major.iter().map(tick).chain(minor).collect()
    }

    /// The times on the axis that are a multiple of a step after an origin, from `from` to `to`.
    fn multiples(&self, step: i64, origin: i128, (from, to): (i64, i64)) -> impl Iterator<Item = i64> + use<> {
        let (step, from, to) = (i128::from(step), i128::from(from), i128::from(to));
        let first = (from - origin).div_euclid(step) + i128::from((from - origin).rem_euclid(step) != 0);
        let last = (to - origin).div_euclid(step);
        // Both lie between two `i64`.
        (first..=last).filter_map(move |k| i64::try_from(origin + k * step).ok())
    }
}

/// Ticks with the time that has passed since `start_ns`.
pub(super) fn since(frame: &Frame, start_ns: i64, room: &mut Room<'_>) -> Ticks {
    let axis = Axis::new(frame, false);
    let passed = |time_ns: i64| i128::from(time_ns) - i128::from(start_ns);
    let largest = passed(axis.from).unsigned_abs().max(passed(axis.to).unsigned_abs());
    let form = |every: Every| Passed::new(every.least_ns(), largest);
    let instants =
        |every: Every| axis.multiples(every.least_ns(), i128::from(start_ns), (axis.from, axis.to)).collect::<Vec<_>>();
    let text = |every: Every, time_ns: i64| form(every).text(passed(time_ns));
    let (ticks, every) = axis.ticks(room, &instants, &text);
    let Some(every) = every else { return Ticks { ticks, ..Ticks::default() } };
    let minute = i128::from(MINUTE);
    let context = match form(every) {
        Passed::SecondsOfMinute { .. } => {
            let minutes = |time_ns: i64| Passed::Minutes.text(passed(time_ns).div_euclid(minute) * minute);
            format!("{} h:mm", from_to(&minutes(axis.from), &minutes(axis.to.saturating_sub(1))))
        }
        _ => String::new(),
    };
    Ticks { ticks, unit: form(every).unit().to_owned(), context }
}

/// How a time that has passed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passed {
    /// In this unit of so many nanoseconds.
    Plain { unit: &'static str, unit_ns: i64, decimals: usize },
    /// The seconds of a minute, with so many decimals.
    SecondsOfMinute { decimals: usize },
    /// `h:mm:ss` with so many decimals of a second.
    Seconds { decimals: usize },
    /// `h:mm`
    Minutes,
}

impl Passed {
    /// For steps of this many nanoseconds, on an axis that shows times up to `largest` nanoseconds.
    fn new(step: i64, largest: u128) -> Self {
        let decimals_of =
            |unit_ns: i64| (0..19).find(|d| step % (unit_ns / 10i64.pow(*d).min(unit_ns)) == 0).unwrap_or(0);
        let plain = |unit, unit_ns| Self::Plain { unit, unit_ns, decimals: decimals_of(unit_ns) as usize };
        let decimals = decimals_of(SECOND) as usize;
        match largest {
            _ if step % DAY == 0 => plain("d", DAY),
            0..1_000 => plain("ns", 1),
            1_000..1_000_000 => plain("µs", 1_000),
            1_000_000..1_000_000_000 => plain("ms", 1_000_000),
            1_000_000_000..60_000_000_000 => plain("s", SECOND),
            _ if decimals > 3 => Self::SecondsOfMinute { decimals },
            _ if step % MINUTE == 0 => Self::Minutes,
            _ => Self::Seconds { decimals },
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Plain { unit, .. } => unit,
            Self::SecondsOfMinute { .. } => "s",
            Self::Seconds { .. } => "h:mm:ss",
            Self::Minutes => "h:mm",
        }
    }

    fn text(self, ns: i128) -> String {
        let sign = if ns < 0 { "−" } else { "" };
        let size = ns.unsigned_abs();
        // Cut off: ticks are at whole steps.
        let fraction = |rest: u128, unit: u128, decimals: usize| match decimals {
            0 => String::new(),
            _ => format!(".{:0decimals$}", rest * 10u128.pow(decimals as u32) / unit),
        };
        let second = SECOND as u128;
        let (hours, minutes, seconds) = (size / (3600 * second), size / (60 * second) % 60, size / second % 60);
        match self {
            Self::Plain { unit_ns, decimals, .. } => {
                let unit = unit_ns as u128;
                format!("{sign}{}{}", size / unit, fraction(size % unit, unit, decimals))
            }
            Self::SecondsOfMinute { decimals } => {
                let rest = ns.rem_euclid(i128::from(MINUTE)).unsigned_abs();
                format!("{:02}{}", rest / second, fraction(rest % second, second, decimals))
            }
            Self::Seconds { decimals } => {
                format!("{sign}{hours}:{minutes:02}:{seconds:02}{}", fraction(size % second, second, decimals))
            }
            Self::Minutes => format!("{sign}{hours}:{minutes:02}"),
        }
    }
}

/// Ticks with the time of day or the date in a time zone.
pub(super) fn civil(frame: &Frame, zone: &TimeZone, room: &mut Room<'_>) -> Ticks {
    let axis = Axis::new(frame, true);
    let instants = |every: Every| match every {
        Every::Ns(step) => on_the_clock(&axis, step, zone),
        Every::Months(months) => on_the_calendar(&axis, months, zone),
    };
    let text = |every: Every, time_ns: i64| label(every, local(time_ns, zone));
    let (ticks, every) = axis.ticks(room, &instants, &text);
    let Some(every) = every else { return Ticks { ticks, ..Ticks::default() } };
    let (first, last) = (axis.from, axis.to.saturating_sub(1));
    let left_out = |time_ns: i64| local(time_ns, zone).strftime(left_out(every)).to_string();
    let date = from_to(&left_out(first), &left_out(last));
    let zone = from_to(&zone_name(first, zone), &zone_name(last, zone));
    let context = if date.is_empty() { zone } else { format!("{date} {zone}") };
    let unit = if seconds_only(every) { "s" } else { "" };
    Ticks { ticks, unit: unit.to_owned(), context }
}

fn timestamp(time_ns: i64) -> Timestamp {
    // Every `i64` is a time between 1677 and 2262.
    Timestamp::from_nanosecond(i128::from(time_ns)).unwrap_or_default()
}

pub(in crate::plot) fn local(time_ns: i64, zone: &TimeZone) -> DateTime {
    zone.to_datetime(timestamp(time_ns))
}

/// Steps of a day and less: round times in each stretch with the same offset from UTC, so that they are round after the
/// clocks have changed, too.
fn on_the_clock(axis: &Axis<'_>, step: i64, zone: &TimeZone) -> Vec<i64> {
    let mut found = Vec::new();
    let mut from = axis.from;
    while from <= axis.to {
        let next = zone
            .following(timestamp(from))
            .next()
            .and_then(|next| i64::try_from(next.timestamp().as_nanosecond()).ok());
        let end = next.filter(|next| *next > from && *next <= axis.to).map_or(axis.to, |next| next - 1);
        let offset = i128::from(zone.to_offset(timestamp(from)).seconds()) * i128::from(SECOND);
        // The epoch was a Thursday.
        let monday = if step == 7 * DAY { 4 * i128::from(DAY) } else { 0 };
        found.extend(axis.multiples(step, monday - offset, (from, end)));
        let Some(after) = end.checked_add(1) else { break };
        from = after;
    }
    found
}

/// Steps of months and years: the first moment of the first day of a month.
fn on_the_calendar(axis: &Axis<'_>, months: i64, zone: &TimeZone) -> Vec<i64> {
    let month = |time_ns: i64| {
        let date = local(time_ns, zone).date();
        i64::from(date.year()) * 12 + i64::from(date.month()) - 1
    };
    let places = month(axis.from).div_euclid(months)..=month(axis.to).div_euclid(months) + 1;
    let start = |place: i64| {
        let months = place * months;
        let year = i16::try_from(months.div_euclid(12)).ok()?;
        let date = Date::new(year, (months.rem_euclid(12) + 1) as i8, 1).ok()?;
        let start = zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        i64::try_from(start.as_nanosecond()).ok()
    };
    places.filter_map(start).filter(|time_ns| (axis.from..=axis.to).contains(time_ns)).collect()
}

/// Decimals of a second that a step of less than one needs.
fn decimals(every: Every) -> usize {
    (0..9).find(|d| every.least_ns() % 10i64.pow(9 - *d) == 0).unwrap_or(9) as usize
}

/// So many decimals that hours and minutes go into the context.
fn seconds_only(every: Every) -> bool {
    decimals(every) > 3
}

fn label(every: Every, time: DateTime) -> String {
    let format = match every {
        Every::Months(months) if months % 12 == 0 => "%Y",
        Every::Months(_) => "%b %Y",
        Every::Ns(DAY..) => "%-d %b",
        // A new day among times of day. It is hardly longer than they are: the gaps have room for it.
        Every::Ns(MINUTE..) if time.hour() == 0 && time.minute() == 0 => "%-d %b",
        Every::Ns(MINUTE..) => "%H:%M",
        Every::Ns(SECOND..) => "%H:%M:%S",
        Every::Ns(_) => {
            let seconds = if seconds_only(every) { time.strftime("%S") } else { time.strftime("%H:%M:%S") };
            let decimals = decimals(every);
            let fraction = time.subsec_nanosecond() / 10i32.pow(9 - decimals as u32);
            return format!("{seconds}.{fraction:0decimals$}");
        }
    };
    time.strftime(format).to_string()
}

/// The format of what such labels leave out.
fn left_out(every: Every) -> &'static str {
    match every {
        Every::Months(_) => "",
        Every::Ns(DAY..) => "%Y",
        _ if seconds_only(every) => "%Y-%m-%d %H:%M",
        Every::Ns(_) => "%Y-%m-%d",
    }
}

/// `UTC`, or `UTC+01:00` where the clock is ahead of it.
pub(in crate::plot) fn zone_name(time_ns: i64, zone: &TimeZone) -> String {
    let seconds = zone.to_offset(timestamp(time_ns)).seconds();
    if seconds == 0 {
        return "UTC".to_owned();
    }
    let (sign, size) = (if seconds < 0 { '−' } else { '+' }, seconds.unsigned_abs());
    let rest = if size.is_multiple_of(60) { String::new() } else { format!(":{:02}", size % 60) };
    format!("UTC{sign}{:02}:{:02}{rest}", size / 3600, size / 60 % 60)
}

fn from_to(first: &str, last: &str) -> String {
    if first == last { first.to_owned() } else { format!("{first} – {last}") }
}
