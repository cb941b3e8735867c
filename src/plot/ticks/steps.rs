//! Steps of 1, 2 or 5 times a power of ten.

use super::decimal::Decimal;

/// A distance between ticks: `digit` · 10^`exponent`, with a digit of 1, 2 or 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    digit: i64,
    exponent: i32,
}

impl Step {
    /// The smallest step that is at least this long; `size` must be finite and above 0.
    pub(super) fn at_least(size: f64) -> Self {
        // One decade lower, in case the logarithm was rounded up.
        let mut step = Self { digit: 1, exponent: size.log10().floor() as i32 - 1 };
        while step.size() < size && step.exponent < f64::MAX_10_EXP {
            step = step.coarser();
        }
        step
    }

    pub(super) fn coarser(self) -> Self {
        match self.digit {
            1 => Self { digit: 2, ..self },
            2 => Self { digit: 5, ..self },
            _ => Self { digit: 1, exponent: self.exponent + 1 },
        }
    }

    pub(super) fn finer(self) -> Self {
        match self.digit {
            5 => Self { digit: 2, ..self },
            2 => Self { digit: 1, ..self },
            _ => Self { digit: 5, exponent: self.exponent - 1 },
        }
    }

    /// The steps that divide this one into 10 parts or fewer, finest first.
    pub(super) fn divisions(self) -> impl Iterator<Item = Self> {
        let below = self.exponent - 1;
        let (one, two, five) = ((1, below), (2, below), (5, below));
        let list = match self.digit {
            1 => [one, two, five],
            2 => [two, five, (1, self.exponent)],
            _ => [five, (1, self.exponent), (1, self.exponent)],
        };
        list.into_iter().map(|(digit, exponent)| Self { digit, exponent })
    }

    pub(super) fn size(self) -> f64 {
        self.multiple(1).value()
    }

    fn multiple(self, k: i64) -> Decimal {
        Decimal { digits: k.saturating_mul(self.digit), exponent: self.exponent }
    }

    /// Whether a multiple of a finer step is a multiple of this one.
    pub(super) fn divides(self, value: Decimal) -> bool {
        let Ok(lift) = u32::try_from(self.exponent - value.exponent) else { return true };
        10i64
            .checked_pow(lift)
            .and_then(|power| self.digit.checked_mul(power))
            .is_some_and(|step| value.digits % step == 0)
    }

    /// A multiple of this step that was found as one of a finer step, with this step's exponent.
    pub(super) fn round(self, value: Decimal) -> Decimal {
        let lift = u32::try_from(self.exponent - value.exponent).ok();
        match lift.and_then(|lift| 10i64.checked_pow(lift)) {
            Some(power) => Decimal { digits: value.digits / power, exponent: self.exponent },
            None => value,
        }
    }

    /// The multiples of the step from `low` to `high`, both included, ascending.
    pub(super) fn multiples(self, (low, high): (f64, f64)) -> impl DoubleEndedIterator<Item = Decimal> {
        // One more on both sides, because the quotients are rounded.
        let first = ((low / self.size()).ceil() as i64).saturating_sub(1);
        let last = ((high / self.size()).floor() as i64).saturating_add(1);
        let inside = move |value: &Decimal| (low..=high).contains(&value.value());
        (first..=last).map(move |k| self.multiple(k)).filter(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(digit: i64, exponent: i32) -> Step {
        Step { digit, exponent }
    }

    #[test]
    fn steps_by_hand() {
        for (size, want) in [
            (1.0, step(1, 0)),
            (1.01, step(2, 0)),
            (2.0, step(2, 0)),
            (2.5, step(5, 0)),
            (5.1, step(1, 1)),
            (1000.0, step(1, 3)),
            (0.1, step(1, -1)),
            (0.11, step(2, -1)),
            (3e-300, step(5, -300)),
        ] {
            assert_eq!(Step::at_least(size), want, "{size}");
            assert_eq!(want.coarser().finer(), want);
            assert_eq!(want.finer().coarser(), want);
        }
        assert!(Step::at_least(f64::MAX).size() > 0.0);
    }

    #[test]
    fn multiples_include_both_ends() {
        let texts = |step: Step, range| step.multiples(range).map(|value| value.text(0)).collect::<Vec<_>>();
        assert_eq!(texts(step(1, -1), (0.1, 0.3)), ["0.1", "0.2", "0.3"]);
        assert_eq!(texts(step(2, -1), (-0.6, 0.25)), ["−0.6", "−0.4", "−0.2", "0.0", "0.2"]);
        assert_eq!(texts(step(5, 0), (7.0, 9.0)), [""; 0]);
        assert_eq!(texts(step(1, 0), (10_489e6, 10_489e6 + 2.0)), ["10489000000", "10489000001", "10489000002"]);
    }

    #[test]
    fn divisions_divide() {
        for whole in [step(1, 2), step(2, -3), step(5, 0)] {
            for part in whole.divisions() {
                let ratio = whole.size() / part.size();
                assert!((ratio - ratio.round()).abs() < 1e-9 && (2.0..10.5).contains(&ratio), "{whole:?} {part:?}");
                let parts = part.multiples((0.0, 2.5 * whole.size()));
                assert_eq!(parts.filter(|value| whole.divides(*value)).count(), 3, "{whole:?} {part:?}");
            }
        }
    }
}
