//! The displayed range of levels: computed from the data, and adjusted by the user.

use std::cmp::Ordering;

use ringfall::{Canvas, Norm, Scale, ScaleError, Unit};

use crate::units::number;

/// Lower and upper end of the range, in the unit of the rows, and how the colours share it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    vmin: f32,
    vmax: f32,
    norm: Norm,
}

/// How narrow and wide a range of a unit can be made by hand, and how far off.
struct Limits {
    narrowest: f64,
    widest: f64,
    farthest: f64,
}

impl Limits {
    /// Scales of plain numbers are wider than this, so that their steps differ.
    const LEAST: f64 = 1e-34;

    /// Levels lie within some hundreds of dB. Of plain numbers nothing is known but the range on show: it must stay wide enough
    /// for 255 steps of an `f32`.
    fn of(unit: Unit, range: &Range) -> Self {
        match unit {
            Unit::Decibel => Self { narrowest: 1.0, widest: 400.0, farthest: 500.0 },
            _ => {
                let largest = f64::from(range.vmin.abs().max(range.vmax.abs()));
                let widest = 0.5 * f64::from(f32::MAX);
                Self { narrowest: (1e-4 * largest).max(Self::LEAST), widest, farthest: 0.5 * widest }
            }
        }
    }
}

impl Range {
    /// The range that levels are shown in without data.
    pub(crate) const UNKNOWN: Self = Self { vmin: -120.0, vmax: 0.0, norm: Norm::Linear };

    /// The range that rows of this unit are shown in without data.
    pub(crate) fn unknown(unit: Unit) -> Self {
        if unit.is_decibel() { Self::UNKNOWN } else { Self::new(0.0, 1.0) }
    }

    /// The range that shows a picture well; `None` if nothing is displayed. It is found from what pixels show and not from
    /// the cells under them: the largest of many cells of noise is several dB above the middle of them, and a range found from
    /// the cells would show such a picture too bright. About `most_cells` cells are looked at: of many lines, lines at even
    /// distances. With percentiles, it lies between those of what pixels show.
    pub(crate) fn of(canvas: &Canvas, most_cells: u64, percentiles: Option<(f64, f64)>) -> Option<Self> {
        let lines = canvas.frame().lines();
        let rows = canvas.rows();
        let count = (lines.end - lines.start).max(1) as u64;
        let rows_a_line = (rows.end - rows.start).div_ceil(count).max(1);
        let most = (most_cells / (rows_a_line * u64::from(canvas.most_bins()))).max(8);
        let step = count.div_ceil(most).max(1);
        if let Some((low, high)) = percentiles {
            let mut values = Vec::new();
            canvas.each_line(lines.rev().step_by(step as usize), |_, line| {
                values.extend(line.iter().filter(|value| value.is_finite()));
            });
            let low = percentile(&mut values, low)?;
            return Self::between((low, percentile(&mut values, high)?));
        }
        if !canvas.unit().is_decibel() {
            // For plain numbers only their limits are known.
            let mut ends = (f32::INFINITY, f32::NEG_INFINITY);
            canvas.each_line(lines.rev().step_by(step as usize), |_, line| {
                for value in line.iter().filter(|value| value.is_finite()) {
                    ends = (ends.0.min(*value), ends.1.max(*value));
                }
            });
            return Self::between(ends);
        }
        let mut levels = Levels::new();
        // From the newest on, which is there in any case.
        canvas.each_line(lines.rev().step_by(step as usize), |_, line| levels.add(line));
        levels.range()
    }

    /// A linear range from the smallest to the largest value; `None` if there is none. A single value is the lower end.
    pub(crate) fn between((least, most): (f32, f32)) -> Option<Self> {
        let is_wide = |least: f32, most: f32| f64::from(most) - f64::from(least) >= Limits::LEAST;
        let twice = least + least.abs();
        match least.partial_cmp(&most)? {
            Ordering::Greater => None,
            _ if is_wide(least, most) => Some(Self::new(least, most)),
            _ if is_wide(least, twice) && twice.is_finite() => Some(Self::new(least, twice)),
            // There is no number above it.
            _ if least > 1.0 => Some(Self::new(0.5 * least, least)),
            _ => Some(Self::new(least, least + 1.0)),
        }
    }

    /// A linear range given by the user, taken as it is, or found.
    pub(crate) fn new(vmin: f32, vmax: f32) -> Self {
        Self { vmin, vmax, norm: Norm::Linear }
    }

    /// This range with this norm. If the norm is not defined for it, the ends are moved, as Matplotlib does with data.
    pub(crate) fn with_norm(self, norm: Norm) -> Self {
        let Self { vmin, vmax, .. } = self;
        let (vmin, vmax) = match norm {
            // Data without a positive level is below the range.
            Norm::Log if vmin <= 0.0 => {
                let vmax = if vmax > 0.0 { vmax } else { 1.0 };
                (1e-6 * vmax, vmax)
            }
            Norm::TwoSlope { vcenter } => {
                let center = vcenter as f32;
                let vmin = if vmin >= center { center - (vmax - center) } else { vmin };
                let vmax = if vmax <= center { center + (center - vmin) } else { vmax };
                (vmin, vmax)
            }
            Norm::Centered { vcenter } => {
                let center = vcenter as f32;
                let half = (center - vmin).max(vmax - center);
                (center - half, center + half)
            }
            _ => (vmin, vmax),
        };
        Self { vmin, vmax, norm }
    }

    pub(crate) fn norm(&self) -> Norm {
        self.norm
    }

    /// Lower and upper end.
    pub(crate) fn ends(&self) -> (f32, f32) {
        (self.vmin, self.vmax)
    }

    /// This range with the ends that the user has fixed; the other end is moved if it would be on the wrong side.
    pub(crate) fn with_fixed(self, vmin: Option<f32>, vmax: Option<f32>, unit: Unit) -> Self {
        let room = |fixed: f32| match unit {
            Unit::Decibel => 20.0,
            _ if fixed == 0.0 => 1.0,
            _ => fixed.abs(),
        };
        let above = |fixed: f32, end: f32| match unit {
            Unit::Decibel => end.max(fixed + room(fixed)),
            _ if end > fixed => end,
            _ => (fixed + room(fixed)).min(f32::MAX),
        };
        let below = |fixed: f32, end: f32| match unit {
            Unit::Decibel => end.min(fixed - room(fixed)),
            _ if end < fixed => end,
            _ => (fixed - room(fixed)).max(f32::MIN),
        };
        match (vmin, vmax) {
            (None, None) => self,
            (Some(vmin), None) => Self { vmin, vmax: above(vmin, self.vmax), ..self },
            (None, Some(vmax)) => Self { vmin: below(vmax, self.vmin), vmax, ..self },
            (Some(vmin), Some(vmax)) => Self { vmin, vmax, ..self },
        }
    }

    pub(crate) fn scale(&self) -> Result<Scale, ScaleError> {
        Scale::new(self.norm, self.vmin, self.vmax)
    }

    /// Both ends moved by this share of the range.
    pub(crate) fn shifted(&self, share: f32, unit: Unit) -> Self {
        self.stretched_about(1.0, self.middle() + f64::from(share) * self.width(), unit)
    }

    /// This many times as wide about the same middle.
    pub(crate) fn stretched(&self, factor: f32, unit: Unit) -> Self {
        self.stretched_about(factor, self.middle(), unit)
    }

    /// The range with both ends moved by this many dB.
    pub(crate) fn moved(&self, db: f32) -> Self {
        Self { vmin: self.vmin + db, vmax: self.vmax + db, ..*self }
    }

    /// By how much the end that is farther off is off: in dB, or as a share of this range's width.
    pub(crate) fn distance(&self, other: &Self, unit: Unit) -> f32 {
        let off = |a: f32, b: f32| (f64::from(a) - f64::from(b)).abs();
        let most = off(self.vmin, other.vmin).max(off(self.vmax, other.vmax));
        (if unit.is_decibel() { most } else { most / self.width() }) as f32
    }

    /// Interpolates to another range by this fraction.
    pub(crate) fn towards(&self, other: &Self, share: f32) -> Self {
        let mix = |from: f32, to: f32| (f64::from(from) + f64::from(share) * (f64::from(to) - f64::from(from))) as f32;
        Self { vmin: mix(self.vmin, other.vmin), vmax: mix(self.vmax, other.vmax), ..*self }
    }

    fn width(&self) -> f64 {
        f64::from(self.vmax) - f64::from(self.vmin)
    }

    fn middle(&self) -> f64 {
        0.5 * (f64::from(self.vmin) + f64::from(self.vmax))
    }

    fn stretched_about(&self, factor: f32, middle: f64, unit: Unit) -> Self {
        let limits = Limits::of(unit, self);
        let half = 0.5 * (self.width() * f64::from(factor)).clamp(limits.narrowest.min(limits.widest), limits.widest);
        let middle = middle.clamp(-limits.farthest, limits.farthest);
        Self { vmin: (middle - half) as f32, vmax: (middle + half) as f32, ..*self }
    }

    /// The ends in words: whole dB, or numbers with the digits that tell them apart.
    pub(crate) fn words(&self, unit: Unit) -> String {
        match unit {
            Unit::Decibel => self.to_string(),
            _ => format!("{} … {}", number(f64::from(self.vmin)), number(f64::from(self.vmax))),
        }
    }
}

/// A percentile as `numpy.percentile` computes it: interpolated between the two nearest ranks. `None` of nothing. The values, none of
/// which is NaN, are put into another order.
pub(crate) fn percentile(values: &mut [f32], percent: f64) -> Option<f32> {
    let rank = percent / 100.0 * values.len().checked_sub(1)? as f64;
    let (_, &mut below, above) = values.select_nth_unstable_by(rank as usize, f32::total_cmp);
    let above = above.iter().copied().min_by(f32::total_cmp).unwrap_or(below);
    Some((f64::from(below) + rank.fract() * (f64::from(above) - f64::from(below))) as f32)
}

/// In whole dB.
impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} … {:.0} dB", self.vmin, self.vmax)
    }
}

/// How often each level occurred, by which a range is found: a fixed-size histogram, so that it costs the same for a
/// second and for a day.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    counts: Vec<u64>,
    total: u64,
}

impl Levels {
    /// Levels below and above are counted in the first and the last class.
    const LOWEST: f32 = -300.0;
    const HIGHEST: f32 = 200.0;
    const STEP: f32 = 0.25;

    pub(crate) fn new() -> Self {
        Self { counts: vec![0; ((Self::HIGHEST - Self::LOWEST) / Self::STEP) as usize + 1], total: 0 }
    }

    /// Counts the levels of a row. NaN and infinities (digital silence) say nothing about a range.
    pub(crate) fn add(&mut self, row_db: &[f32]) {
        for &level in row_db.iter().filter(|level| level.is_finite()) {
            let class = ((level - Self::LOWEST) / Self::STEP).clamp(0.0, (self.counts.len() - 1) as f32);
            self.counts[class as usize] += 1;
            self.total += 1;
        }
    }

    /// The level that this share of all levels is below, or `None` without levels.
    fn percentile(&self, share: f64) -> Option<f32> {
        let wanted = (share * self.total as f64) as u64;
        let mut below = 0;
        let class = self.counts.iter().position(|&count| {
            below += count;
            below > wanted
        })?;
        Some(Self::LOWEST + (class as f32 + 0.5) * Self::STEP)
    }

    /// A range that shows these levels well, or `None` without levels: from the noise floor, where most levels are, to just
    /// above nearly the strongest.
    ///
    /// The floor is the median: strong signals fill a small part of a band as a rule, and half of the noise is below it. A few
    /// dB below it leave the floor visible, but dark. The top is above all but one level in 5,000, so that a click
    /// does not set it. Recordings with no noise in them have a floor far down: more than 100 dB are not shown.
    pub(crate) fn range(&self) -> Option<Range> {
        let floor = self.percentile(0.5)?;
        let top = self.percentile(0.9998)?;
        let vmax = (top + 3.0).ceil();
        let vmin = (floor - 5.0).floor().min(vmax - 20.0).max(vmax - 100.0);
        Some(Range::new(vmin, vmax))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_runs_from_the_floor_to_the_signal() {
        let mut levels = Levels::new();
        // 1000 levels around -100 dB, 10 of a carrier at -30 dB.
        let mut row: Vec<f32> = (0..1000).map(|i| -105.0 + 0.01 * i as f32).collect();
        row.extend([-30.0; 10]);
        for _ in 0..10 {
            levels.add(&row);
        }
        let range = levels.range().unwrap();
        assert!((-107.0..=-103.0).contains(&range.vmin), "{range}");
        assert!((-30.0..=-25.0).contains(&range.vmax), "{range}");
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        let mut levels = Levels::new();
        levels.add(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
        assert_eq!(levels.range(), None);
        levels.add(&[-60.0; 8]);
        let alone = levels.range().unwrap();
        levels.add(&[f32::NEG_INFINITY; 100]);
        assert_eq!(levels.range(), Some(alone));
    }

    #[test]
    fn it_is_never_too_narrow_nor_too_wide() {
        for (a, b) in [(-60.0, -60.0), (-300.0, 0.0), (-1e30, 1e30)] {
            let mut levels = Levels::new();
            levels.add(&[a, b]);
            let range = levels.range().unwrap();
            let width = range.vmax - range.vmin;
            assert!((20.0..=100.0).contains(&width), "{a} {b}: {range}");
            range.scale().unwrap();
        }
    }

    #[test]
    fn fixed_ends_stay() {
        let found = Range::new(-100.0, -30.0);
        let fixed = |vmin, vmax| found.with_fixed(vmin, vmax, Unit::Decibel);
        assert_eq!(fixed(None, None), found);
        assert_eq!(fixed(Some(-90.0), None), Range::new(-90.0, -30.0));
        assert_eq!(fixed(Some(-10.0), None), Range::new(-10.0, 10.0));
        assert_eq!(fixed(None, Some(-110.0)), Range::new(-130.0, -110.0));
        assert_eq!(fixed(Some(1.0), Some(2.0)), Range::new(1.0, 2.0));
        // Of plain numbers: the end that was found, however near, or as much again.
        let found = Range::new(1e-9, 3e-9);
        let fixed = |vmin, vmax| found.with_fixed(vmin, vmax, Unit::None);
        assert_eq!(fixed(Some(2.9e-9), None), Range::new(2.9e-9, 3e-9));
        assert_eq!(fixed(Some(4e-9), None), Range::new(4e-9, 8e-9));
        assert_eq!(fixed(None, Some(0.5e-9)), Range::new(0.0, 0.5e-9));
        assert_eq!(fixed(Some(f32::MAX), None).ends(), (f32::MAX, f32::MAX));
    }

    #[test]
    fn every_norm_gets_a_range_that_it_is_defined_for() {
        let ends = |vmin, vmax, norm| {
            let range = Range::new(vmin, vmax).with_norm(norm);
            range.scale().unwrap();
            assert_eq!(range.with_norm(norm), range, "{norm}");
            range.ends()
        };
        let two_slope = |vcenter| Norm::TwoSlope { vcenter };
        assert_eq!(ends(-100.0, -20.0, two_slope(-60.0)), (-100.0, -20.0));
        // Matplotlib: the range is widened until its middle is the centre.
        assert_eq!(ends(-100.0, -20.0, two_slope(0.0)), (-100.0, 100.0));
        assert_eq!(ends(-100.0, -20.0, two_slope(-110.0)), (-200.0, -20.0));
        assert_eq!(ends(-100.0, -20.0, Norm::Centered { vcenter: -30.0 }), (-100.0, 40.0));
        assert_eq!(ends(2.0, 8.0, Norm::Log), (2.0, 8.0));
        assert_eq!(ends(-2.0, 8.0, Norm::Log), (8e-6, 8.0));
        assert_eq!(ends(-100.0, -20.0, Norm::Log), (1e-6, 1.0));
        let power = Norm::Power { gamma: 0.5 };
        assert_eq!(ends(-100.0, -20.0, power), (-100.0, -20.0));
        assert_eq!(Range::new(-100.0, -20.0).with_norm(power).moved(3.0).stretched(0.5, Unit::Decibel).norm(), power);
    }

    #[test]
    fn by_hand_it_stays_a_range() {
        let range = Range::new(-100.0, -20.0);
        assert_eq!(range.shifted(0.5, Unit::Decibel), Range::new(-60.0, 20.0));
        assert_eq!(range.stretched(0.5, Unit::Decibel), Range::new(-80.0, -40.0));
        let often = |unit, change: fn(&Range, Unit) -> Range, mut range: Range| {
            for _ in 0..2000 {
                range = change(&range, unit);
                range.scale().unwrap();
            }
            range
        };
        let narrower = |range: &Range, unit| range.stretched(0.8, unit);
        let wider = |range: &Range, unit| range.stretched(1.25, unit);
        let higher = |range: &Range, unit| range.shifted(1.0, unit);
        assert_eq!(often(Unit::Decibel, narrower, range).width(), 1.0);
        assert_eq!(often(Unit::Decibel, wider, range).width(), 400.0);
        assert!(often(Unit::Decibel, higher, range).vmax <= 1000.0);
        for plain in [
            Range::new(1e-9, 2e-9),
            Range::new(0.0, 1e-6),
            Range::new(-1.0, 1.0),
            Range::new(1e9, 1.1e9),
            Range::new(0.0, 2e-34),
            Range::new(-0.49 * f32::MAX, 0.49 * f32::MAX),
        ] {
            for change in [narrower, wider, higher] {
                often(Unit::None, change, plain);
            }
        }
    }

    #[test]
    fn plain_numbers_of_any_size_are_changed_by_shares() {
        let near = |got: Range, vmin: f32, vmax: f32| {
            let width = vmax - vmin;
            assert!((got.vmin - vmin).abs() < 1e-5 * width && (got.vmax - vmax).abs() < 1e-5 * width, "{got:?}");
        };
        for size in [1e-30f32, 1e-9, 1.0, 1e9, 1e30] {
            let range = Range::new(2.0 * size, 4.0 * size);
            near(range.shifted(0.05, Unit::None), 2.1 * size, 4.1 * size);
            near(range.stretched(0.5, Unit::None), 2.5 * size, 3.5 * size);
            near(range.towards(&Range::new(4.0 * size, 8.0 * size), 0.5), 3.0 * size, 6.0 * size);
            // In shares of the width.
            assert!((range.distance(&Range::new(2.0 * size, 4.1 * size), Unit::None) - 0.05).abs() < 1e-5);
        }
    }

    #[test]
    fn ranges_of_one_value_and_of_none() {
        let between = |least: f32, most: f32| Range::between((least, most)).map(|range| range.ends());
        assert_eq!(between(1e-9, 2e-9), Some((1e-9, 2e-9)));
        assert_eq!(between(1e-9, 1e-9), Some((1e-9, 2e-9)));
        assert_eq!(between(0.0, 0.0), Some((0.0, 1.0)));
        assert_eq!(between(1e9, 1e9), Some((1e9, 2e9)));
        assert_eq!(between(-1e9, -1e9), Some((-1e9, 0.0)));
        assert_eq!(between(f32::MAX, f32::MAX), Some((0.5 * f32::MAX, f32::MAX)));
        assert_eq!(between(f32::INFINITY, f32::NEG_INFINITY), None);
        assert_eq!(between(f32::NAN, 1.0), None);
        for value in [0.0, -0.0, 1e-45, -1e-45, f32::MIN_POSITIVE, 1.0, f32::MAX, f32::MIN] {
            Range::between((value, value)).unwrap().scale().unwrap();
        }
    }

    #[test]
    fn ends_in_words() {
        assert_eq!(Range::new(-100.2, -20.0).words(Unit::Decibel), "-100 … -20 dB");
        assert_eq!(Range::new(1e-9, 2.5e-9).words(Unit::None), "1e-9 … 2.5e-9");
        assert_eq!(Range::new(0.0, 255.0).words(Unit::Linear), "0 … 255");
    }
}
