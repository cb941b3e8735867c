//! Ticks over several orders of magnitude: powers of ten, and 1, 2, 5 or 1 to 9 times those.

use super::Tick;
use super::decimal::Decimal;
use super::room::Room;
use super::ruler::{Ruler, Text};

/// Which numbers a ladder has: these digits times every `stride`th power of ten.
#[derive(Clone, Copy)]
struct Rungs {
    digits: &'static [i64],
    stride: i32,
}

const fn decades(stride: i32) -> Rungs {
    Rungs { digits: &[1], stride }
}

const ALL: Rungs = Rungs { digits: &[1, 2, 3, 4, 5, 6, 7, 8, 9], stride: 1 };
/// From few to many.
const LADDERS: [Rungs; 10] = [
    decades(100),
    decades(50),
    decades(20),
    decades(10),
    decades(5),
    decades(3),
    decades(2),
    decades(1),
    Rungs { digits: &[1, 2, 5], stride: 1 },
    ALL,
];

impl Ruler<'_> {
    /// The ladder with the most labels.
    pub(super) fn ladder(&self, room: &mut Room<'_>, text: Text<'_>) -> Vec<Tick> {
        let mut labels = |rungs: Rungs| {
            self.rungs(rungs, &mut |(at, value): (f64, Decimal), (other, before): (f64, Decimal)| {
                room.is_apart((at, &text(value)), (other, &text(before)))
            })
        };
        let mut major = Vec::new();
        for rungs in LADDERS {
            let more = labels(rungs);
            if more.len() > major.len() {
                major = more;
            }
        }
        let mut minor = Vec::new();
        for rungs in [decades(1), ALL] {
            let more = self.rungs(rungs, &mut |(at, _), (other, _)| (at - other).abs() >= room.minor);
            if more.len() > minor.len() {
                minor = more;
            }
        }
        minor.retain(|value| !major.contains(value));
        let major = major.into_iter().map(|value| self.tick(value, Some(text)));
        major.chain(minor.into_iter().map(|value| self.tick(value, None))).collect()
    }

    /// The numbers of a ladder within the range, from the largest magnitude to the first one that has no room, and 0.
    fn rungs(&self, rungs: Rungs, is_apart: &mut dyn FnMut((f64, Decimal), (f64, Decimal)) -> bool) -> Vec<Decimal> {
        let (low, high) = self.range;
        // An exponent above that of any unit, so that it has no decimals.
        let zero = Decimal { digits: 0, exponent: f64::MAX_10_EXP };
        let has_zero = (low..=high).contains(&0.0);
        let mut found: Vec<Decimal> = has_zero.then_some(zero).into_iter().collect();
        for (sign, outer, inner) in [(1, high, low), (-1, -low, -high)] {
            if outer <= 0.0 {
                continue;
            }
            let top = outer.log10().floor() as i32 + 1;
            // Not endlessly towards 0: its own label or the pixels end it long before.
            let bottom = if inner > 0.0 { inner.log10().floor() as i32 - 1 } else { top - 80 };
            let mut before = None;
            let powers = (bottom..=top).rev().filter(|power| power.rem_euclid(rungs.stride) == 0);
            let magnitudes = powers.flat_map(|exponent| {
                rungs.digits.iter().rev().map(move |digit| Decimal { digits: sign * digit, exponent })
            });
            for value in magnitudes {
                let number = value.value();
                if !(low..=high).contains(&number) {
                    continue;
                }
                let this = (self.at(number), value);
                let beside_zero = !has_zero || is_apart(this, (self.at(0.0), zero));
                if !beside_zero || before.is_some_and(|before| !is_apart(this, before)) {
                    break;
                }
                before = Some(this);
                found.push(value);
            }
        }
        found
    }
}
