//! An axis of numbers, and its ticks at equal steps.

use super::Tick;
use super::decimal::Decimal;
use super::room::Room;
use super::steps::Step;

/// An axis of numbers.
pub(super) struct Ruler<'a> {
    /// The values at the ends of the axis, low before high.
    pub(super) range: (f64, f64),
    /// The place of a value, in pixels: it rises everywhere, or falls everywhere. Between the ends, and on either side of the
    /// bend, the slope rises, falls, or is symmetrical about 0.
    at: &'a dyn Fn(f64) -> f64,
    /// The smallest step; 1 for whole numbers.
    pub(super) least: f64,
    /// The same number of pixels for equal differences everywhere.
    pub(super) is_even: bool,
    /// It may show several orders of magnitude.
    pub(super) has_decades: bool,
    /// A value where the slope changes; on both sides it is even.
    pub(super) bend: Option<f64>,
}

/// Turns the value of a tick into its label.
pub(super) type Text<'a> = &'a dyn Fn(Decimal) -> String;

impl<'a> Ruler<'a> {
    pub(super) fn new(range: (f64, f64), at: &'a dyn Fn(f64) -> f64) -> Self {
        Self { range, at, least: 0.0, is_even: true, has_decades: false, bend: None }
    }

    /// The largest magnitude on the axis.
    pub(super) fn largest(&self) -> f64 {
        self.range.0.abs().max(self.range.1.abs())
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        (self.at)(value)
    }

    pub(super) fn tick(&self, value: Decimal, text: Option<Text<'_>>) -> Tick {
        let label = text.map(|text| text(value)).unwrap_or_default();
        Tick { at: self.at(value.value()), label, is_major: text.is_some() }
    }

    /// The ticks of the axis; none if its range is empty or not finite.
    pub(super) fn ticks(&self, room: &mut Room<'_>, text: Text<'_>) -> Vec<Tick> {
        let (low, high) = self.range;
        if !(low < high && (high - low).is_finite() && room.length > 0.0 && room.length.is_finite()) {
            return Vec::new();
        }
        if let Some(bend) = self.bend.filter(|bend| (low..high).contains(bend)) {
            return self.bent(bend, room, text);
        }
        let (mut ticks, count) = self.even(room, text);
        if self.has_decades {
            let mut ladder = self.ladder(room, text);
            if room.settle(&mut ladder) >= count {
                ticks = ladder;
            }
        }
        ticks
    }

    /// Each side of the bend with a step of its own.
    fn bent(&self, bend: f64, room: &mut Room<'_>, text: Text<'_>) -> Vec<Tick> {
        let part = |range| Ruler { range, bend: None, ..*self };
        let (mut ticks, _) = part((self.range.0, bend)).even(room, text);
        ticks.extend(part((bend, self.range.1)).even(room, text).0);
        room.settle(&mut ticks);
        ticks
    }

    /// Ticks at the multiples of one step, and how many of them are labelled.
    fn even(&self, room: &mut Room<'_>, text: Text<'_>) -> (Vec<Tick>, usize) {
        let width = self.range.1 - self.range.0;
        let finest = self.finest(room);
        if finest.is_nan() || finest > width {
            return (Vec::new(), 0);
        }
        let mut step = Step::at_least(finest);
        while step.size() <= width && self.pitch(step) < self.needed(step, room, text) {
            step = step.coarser();
        }
        let mut ticks = self.multiples(step, room, text);
        let mut labels = room.settle(&mut ticks);
        // A finer step than has room for all of its labels: some of them.
        for _ in 0..3 {
            step = step.finer();
            if labels >= 2 || step.size() < finest {
                break;
            }
            let mut some: Vec<Tick> = step.multiples(self.range).map(|value| self.tick(value, Some(text))).collect();
            let count = room.settle(&mut some);
            if count > labels {
                some.iter_mut().for_each(|tick| tick.is_major = !tick.label.is_empty());
                (ticks, labels) = (some, count);
            }
        }
        (ticks, labels)
    }

    /// The smallest step that numbers of this size and pixels can tell apart.
    fn finest(&self, room: &Room<'_>) -> f64 {
        let width = self.range.1 - self.range.0;
        let exact = 4.0 * f64::EPSILON * self.largest();
        self.least.max(exact).max(width * room.major / (self.pixels().max(room.major))).max(1e-300)
    }

    /// Pixels from end to end.
    fn pixels(&self) -> f64 {
        let (low, high) = self.range;
        (self.at(high) - self.at(low)).abs()
    }

    /// Pixels between two multiples of a step, where they are closest.
    fn pitch(&self, step: Step) -> f64 {
        let ((low, high), step) = (self.range, step.size());
        if self.is_even {
            return step / (high - low) * self.pixels();
        }
        let at_low = (self.at(low + step) - self.at(low)).abs();
        let at_high = (self.at(high) - self.at(high - step)).abs();
        at_low.min(at_high)
    }

    /// Pixels that the labels of a step need from one to the next.
    fn needed(&self, step: Step, room: &mut Room<'_>, text: Text<'_>) -> f64 {
        let mut multiples = step.multiples(self.range);
        let first = multiples.next();
        // The ends have the longest labels.
        let ends = [first, multiples.next_back()].into_iter().flatten();
        ends.fold(0.0, |most: f64, value| most.max(room.pitch(&text(value))))
    }

    /// Major ticks at the multiples of a step, and minor ones between them.
    fn multiples(&self, step: Step, room: &Room<'_>, text: Text<'_>) -> Vec<Tick> {
        let exact = self.least.max(4.0 * f64::EPSILON * self.largest());
        let has_room = |part: &Step| part.size() >= exact && self.pitch(*part) >= room.minor;
        let part = step.divisions().find(has_room).unwrap_or(step);
        part.multiples(self.range)
            .map(|value| match step.divides(value) {
                // The label has the decimals of the step.
                true => self.tick(step.round(value), Some(text)),
                false => self.tick(value, None),
            })
            .collect()
    }
}
