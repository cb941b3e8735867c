//! The range that follows what is on show.

use std::time::{Duration, Instant};

use ringfall::{Norm, Unit};

use super::range::Range;

/// An automatic range: looked for anew now and then, kept while it fits, and gone over to gently.
pub(super) struct Auto {
    on: bool,
    fixed: (Option<f32>, Option<f32>),
    bias: f32,
    norm: Norm,
    unit: Unit,
    target: Option<Range>,
    /// Other rows, or another part of them, are on show since the last look.
    stale: bool,
    first: Option<Instant>,
    looked: Option<Instant>,
    stepped: Option<Instant>,
}

impl Auto {
    /// Between two looks: looking costs some milliseconds.
    const EVERY: Duration = Duration::from_millis(250);
    /// At first a few rows are all there is to go by: the range jumps instead of sliding.
    const YOUNG: Duration = Duration::from_secs(2);
    /// In this time a range goes two thirds of the way to where it belongs.
    const EASE: Duration = Duration::from_millis(400);
    /// Ends that are off by less than this stay where they are, in dB: a range that follows every flicker tires the eye. Of plain
    /// numbers it is a share of the range.
    const STEADY: f32 = 3.0;
    const STEADY_SHARE: f32 = 0.03;
    /// A range this close to where it belongs goes there at once; the same units.
    const CLOSE: f32 = 0.3;
    const CLOSE_SHARE: f32 = 0.003;

    /// A range whose given ends are fixed; `bias` dB are added to what is found. With both ends given it is off.
    pub(super) fn new(fixed: (Option<f32>, Option<f32>), bias: f32) -> Self {
        let on = fixed.0.is_none() || fixed.1.is_none();
        Self {
            on,
            fixed,
            bias,
            norm: Norm::Linear,
            unit: Unit::Decibel,
            target: None,
            stale: true,
            first: None,
            looked: None,
            stepped: None,
        }
    }

    /// Its ranges have this norm.
    pub(super) fn with_norm(self, norm: Norm) -> Self {
        Self { norm, ..self }
    }

    /// Its rows have this unit.
    pub(super) fn with_unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// Its rows have this unit from now on.
    pub(super) fn set_unit(&mut self, unit: Unit) {
        self.unit = unit;
    }

    /// There are other data: what was found is forgotten.
    pub(super) fn restart(&mut self) {
        (self.target, self.looked, self.first, self.stale) = (None, None, None, true);
    }

    /// Its ranges have this norm from now on; whether it is on stays.
    pub(super) fn set_norm(&mut self, norm: Norm) {
        self.norm = norm;
        (self.target, self.looked, self.stale) = (None, None, true);
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Values that the user has set are not overruled.
    pub(super) fn leave_it(&mut self) {
        self.on = false;
    }

    /// Switches it on or off. If the user switches it on, it sets both ends, even if flags gave them.
    pub(super) fn toggle(&mut self) {
        self.set_on(!self.on);
    }

    /// Switches it on or off. From now on it sets both ends, even if flags gave them.
    pub(super) fn set_on(&mut self, on: bool) {
        self.on = on;
        self.fixed = (None, None);
        (self.target, self.looked, self.stale) = (None, None, true);
    }

    /// The displayed part has changed.
    pub(super) fn changed(&mut self) {
        self.stale = true;
    }

    /// The next range at time `now`, if it changes; `look` measures which range fits the data.
    pub(super) fn step(&mut self, now: Instant, current: Range, look: impl FnOnce() -> Option<Range>) -> Option<Range> {
        if !self.on {
            return None;
        }
        let since = self.stepped.replace(now).map_or(Duration::ZERO, |before| now.saturating_duration_since(before));
        if self.stale && self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= Self::EVERY) {
            self.stale = false;
            // Also if nothing is found: silence is examined no more often than other data.
            self.looked = Some(now);
            if let Some(found) = look() {
                self.first.get_or_insert(now);
                // The bias is one of levels.
                let found = if self.unit.is_decibel() { found.moved(self.bias) } else { found };
                let found = found.with_fixed(self.fixed.0, self.fixed.1, self.unit).with_norm(self.norm);
                let steady = if self.unit.is_decibel() { Self::STEADY } else { Self::STEADY_SHARE };
                if self.target.is_none_or(|target| target.distance(&found, self.unit) > steady) {
                    self.target = Some(found);
                }
            }
        }
        let target = self.target.filter(|target| *target != current)?;
        let young = self.first.is_none_or(|first| now.saturating_duration_since(first) < Self::YOUNG);
        let close = if self.unit.is_decibel() { Self::CLOSE } else { Self::CLOSE_SHARE };
        if young || target.distance(&current, self.unit) < close {
            return Some(target);
        }
        // A long time without a step is no reason to jump.
        let since = since.min(Duration::from_millis(50));
        Some(current.towards(&target, 1.0 - (-since.as_secs_f32() / Self::EASE.as_secs_f32()).exp()))
    }

    /// When to call it again if nothing else happens.
    pub(super) fn next(&self, now: Instant, current: Range) -> Option<Instant> {
        if !self.on {
            return None;
        }
        if self.target.is_some_and(|target| target != current) {
            return Some(now + Duration::from_millis(16));
        }
        self.looked.filter(|_| self.stale).map(|looked| (looked + Self::EVERY).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_jumps_at_first_and_slides_later_and_comes_to_rest() {
        let (a, b) = (Range::new(-100.0, -20.0), Range::new(-60.0, 20.0));
        let start = Instant::now();
        let mut auto = Auto::new((None, None), 0.0);
        assert_eq!(auto.step(start, Range::UNKNOWN, || Some(a)), Some(a));
        assert_eq!(auto.step(start, a, || panic!("nothing has changed")), None);
        assert_eq!(auto.next(start, a), None);

        let mut now = start + Duration::from_secs(10);
        auto.changed();
        let mut current = auto.step(now, a, || Some(b)).expect("on its way");
        let mut steps = 0;
        while let Some(at) = auto.next(now, current) {
            now = at;
            let next = auto.step(now, current, || panic!("nothing has changed")).expect("on its way");
            assert!(next.distance(&b, Unit::Decibel) < current.distance(&b, Unit::Decibel));
            current = next;
            steps += 1;
        }
        assert_eq!(current, b);
        // 40 dB down to 0.3 dB takes ln(40 / 0.3) = 4.9 times 0.4 s, in steps of 16 ms.
        assert!((110..140).contains(&steps), "{steps}");
    }

    #[test]
    fn small_changes_do_not_move_it() {
        let now = Instant::now() + Duration::from_secs(100);
        let a = Range::new(-100.0, -20.0);
        let mut auto = Auto::new((None, None), 5.0);
        let moved = auto.step(now, Range::UNKNOWN, || Some(a)).expect("a range");
        assert_eq!(moved, Range::new(-95.0, -15.0));
        auto.changed();
        // Too early for another look.
        assert_eq!(auto.step(now, moved, || panic!("too early")), None);
        let later = auto.next(now, moved).expect("a look is due");
        assert_eq!(later, now + Auto::EVERY);
        assert_eq!(auto.step(later, moved, || Some(Range::new(-98.0, -22.0))), None);
    }

    #[test]
    fn silence_is_looked_at_no_more_often_than_noise() {
        let start = Instant::now();
        let mut auto = Auto::new((None, None), 0.0);
        let mut looks = 0;
        // 10 s of a row and a frame every 10 ms.
        for frame in 0..1000 {
            auto.changed();
            let now = start + Duration::from_millis(10 * frame);
            let look = || {
                looks += 1;
                None
            };
            assert_eq!(auto.step(now, Range::UNKNOWN, look), None);
        }
        assert_eq!(looks, 40);
    }

    #[test]
    fn what_was_given_stays_until_it_is_asked_for() {
        let now = Instant::now();
        let found = Range::new(-80.0, -10.0);
        let given = Range::new(-90.0, -30.0);
        let mut auto = Auto::new((Some(-90.0), Some(-30.0)), 0.0);
        assert_eq!(auto.step(now, given, || Some(found)), None);
        auto.toggle();
        assert_eq!(auto.step(now, given, || Some(found)), Some(found));
        auto.leave_it();
        assert!(!auto.is_on());
        let mut half = Auto::new((Some(-95.0), None), 0.0);
        assert_eq!(half.step(now, given, || Some(found)), Some(Range::new(-95.0, -10.0)));
    }

    #[test]
    fn plain_numbers_of_any_size_are_followed_in_shares_of_the_range() {
        for size in [1e-9f32, 1.0, 1e9] {
            let range = |vmin: f32, vmax: f32| Range::new(vmin * size, vmax * size);
            let start = Instant::now();
            let mut auto = Auto::new((None, None), 7.0).with_unit(Unit::None);
            // A bias in dB means nothing here.
            let mut current = auto.step(start, Range::UNKNOWN, || Some(range(0.0, 1.0))).expect("a range");
            assert_eq!(current, range(0.0, 1.0));
            let mut now = start + Duration::from_secs(10);
            auto.changed();
            assert_eq!(auto.step(now, current, || Some(range(0.0, 1.02))), None, "{size}: two percent are no change");
            now += Auto::EVERY;
            auto.changed();
            let found = range(0.5, 3.0);
            current = auto.step(now, current, || Some(found)).expect("on its way");
            let mut steps = 0;
            while let Some(at) = auto.next(now, current) {
                now = at;
                current = auto.step(now, current, || panic!("nothing has changed")).expect("on its way");
                steps += 1;
                assert!(steps < 500, "{size}: {current:?}");
            }
            assert!(current == found && steps > 50, "{size}: {steps}");
        }
    }
}
