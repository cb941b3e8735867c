//! The displayed range of levels: computed from the data, and adjusted by the user.

use ringfall::{Canvas, Norm, Scale, ScaleError};

/// Lower and upper end of the range, in dB; the lower one is below the upper one by [`Range::NARROWEST`] at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    vmin: f32,
    vmax: f32,
    norm: Norm,
}

impl Range {
    /// The narrowest range that the user can set, in dB.
    const NARROWEST: f32 = 1.0;
    /// The widest range that the user can set, in dB.
    const WIDEST: f32 = 400.0;
    /// The largest distance from 0 dB that the user can set, in dB.
    const FARTHEST: f32 = 500.0;
    /// The range that is shown without data.
    pub(crate) const UNKNOWN: Self = Self { vmin: -120.0, vmax: 0.0, norm: Norm::Linear };

    /// The range that shows a picture well; `None` if nothing is displayed. It is found from what pixels show and not from
    /// the cells under them: the largest of many cells of noise is several dB above the middle of them, and a range found from
    /// the cells would show such a picture too bright. About `most_cells` cells are looked at: of many lines, lines at even
    /// distances.
    pub(crate) fn of(canvas: &Canvas, most_cells: u64) -> Option<Self> {
        let lines = canvas.frame().lines();
        let rows = canvas.rows();
        let count = (lines.end - lines.start).max(1) as u64;
        let rows_a_line = (rows.end - rows.start).div_ceil(count).max(1);
        let most = (most_cells / (rows_a_line * u64::from(canvas.most_bins()))).max(8);
        let step = count.div_ceil(most).max(1);
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

    /// A linear range from the smallest to the largest value; `None` if there is none.
    pub(crate) fn between((least, most): (f32, f32)) -> Option<Self> {
        (least <= most).then(|| Self::new(least, if least < most { most } else { least + least.abs().max(1.0) }))
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
    pub(crate) fn with_fixed(self, vmin: Option<f32>, vmax: Option<f32>) -> Self {
        let room = 20.0;
        match (vmin, vmax) {
            (None, None) => self,
            (Some(vmin), None) => Self { vmin, vmax: self.vmax.max(vmin + room), ..self },
            (None, Some(vmax)) => Self { vmin: self.vmin.min(vmax - room), vmax, ..self },
            (Some(vmin), Some(vmax)) => Self { vmin, vmax, ..self },
        }
    }

    pub(crate) fn scale(&self) -> Result<Scale, ScaleError> {
        Scale::new(self.norm, self.vmin, self.vmax)
    }

    /// Both ends moved by this share of the range.
    pub(crate) fn shifted(&self, share: f32) -> Self {
        self.stretched_about(1.0, self.middle() + share * (self.vmax - self.vmin))
    }

    /// This many times as wide about the same middle.
    pub(crate) fn stretched(&self, factor: f32) -> Self {
        self.stretched_about(factor, self.middle())
    }

    /// The range with both ends moved by this many dB.
    pub(crate) fn moved(&self, db: f32) -> Self {
        Self { vmin: self.vmin + db, vmax: self.vmax + db, ..*self }
    }

    /// By how much the end that is farther off is off, in dB.
    pub(crate) fn distance(&self, other: &Self) -> f32 {
        (self.vmin - other.vmin).abs().max((self.vmax - other.vmax).abs())
    }

    /// Interpolates to another range by this fraction.
    pub(crate) fn towards(&self, other: &Self, share: f32) -> Self {
        let mix = |from: f32, to: f32| from + share * (to - from);
        Self { vmin: mix(self.vmin, other.vmin), vmax: mix(self.vmax, other.vmax), ..*self }
    }

    fn middle(&self) -> f32 {
        0.5 * (self.vmin + self.vmax)
    }

    fn stretched_about(&self, factor: f32, middle: f32) -> Self {
        let half = 0.5 * ((self.vmax - self.vmin) * factor).clamp(Self::NARROWEST, Self::WIDEST);
        let middle = middle.clamp(-Self::FARTHEST, Self::FARTHEST);
        Self { vmin: middle - half, vmax: middle + half, ..*self }
    }
}

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
        assert_eq!(found.with_fixed(None, None), found);
        assert_eq!(found.with_fixed(Some(-90.0), None), Range::new(-90.0, -30.0));
        assert_eq!(found.with_fixed(Some(-10.0), None), Range::new(-10.0, 10.0));
        assert_eq!(found.with_fixed(None, Some(-110.0)), Range::new(-130.0, -110.0));
        assert_eq!(found.with_fixed(Some(1.0), Some(2.0)), Range::new(1.0, 2.0));
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
        assert_eq!(Range::new(-100.0, -20.0).with_norm(power).moved(3.0).stretched(0.5).norm(), power);
    }

    #[test]
    fn by_hand_it_stays_a_range() {
        let range = Range::new(-100.0, -20.0);
        assert_eq!(range.shifted(0.5), Range::new(-60.0, 20.0));
        assert_eq!(range.stretched(0.5), Range::new(-80.0, -40.0));
        let mut narrow = range;
        let mut wide = range;
        let mut far = range;
        for _ in 0..1000 {
            narrow = narrow.stretched(0.8);
            wide = wide.stretched(1.25);
            far = far.shifted(1.0);
        }
        for range in [narrow, wide, far] {
            range.scale().unwrap();
        }
        assert!(narrow.vmax > narrow.vmin);
        assert!(wide.vmax - wide.vmin <= 400.0);
        assert!(far.vmax <= 1000.0);
    }
}
