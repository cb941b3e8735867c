//! The room that labels have along an axis.

use super::Tick;

/// An axis in pixels, and how long labels are on it.
pub(super) struct Room<'a> {
    pub(super) length: f64,
    /// Pixels between two labels at least: two digits side by side, or a line of text.
    gap: f64,
    /// Pixels between two minor ticks at least.
    pub(super) minor: f64,
    /// Pixels between two major ticks at least, whatever their labels need.
    pub(super) major: f64,
    measure: &'a mut dyn FnMut(&str) -> f64,
}

impl<'a> Room<'a> {
    /// Ticks closer than this many pixels cannot be told apart.
    const LEAST: f64 = 4.0;
    /// Gaps between labels where there is a choice: less would be restless.
    const CALM: f64 = 2.0;
    /// Major ticks on an axis at most.
    const MOST: f64 = 512.0;

    pub(super) fn new(length: f64, measure: &'a mut dyn FnMut(&str) -> f64) -> Self {
        let mut room = Self { length, gap: 0.0, minor: Self::LEAST, major: 0.0, measure };
        room.gap = room.of("00");
        room.minor = (0.5 * room.gap).max(Self::LEAST).max(0.1 * length / Self::MOST);
        room.major = (2.0 * Self::LEAST).max(length / Self::MOST);
        room
    }

    /// Pixels of a label. One whose length is not a number has room nowhere.
    pub(super) fn of(&mut self, label: &str) -> f64 {
        let pixels = (self.measure)(label);
        if pixels.is_nan() { f64::INFINITY } else { pixels.max(0.0) }
    }

    /// Pixels from the middle of a label to that of a next one of the same length, for steps that all have room.
    pub(super) fn pitch(&mut self, label: &str) -> f64 {
        (self.of(label) + Self::CALM * self.gap).max(self.major)
    }

    /// Whether two labels at these places have room beside each other.
    pub(super) fn is_apart(&mut self, (at, label): (f64, &str), (other, other_label): (f64, &str)) -> bool {
        (at - other).abs() >= 0.5 * (self.of(label) + self.of(other_label)) + self.gap
    }

    /// Puts ticks in order, removes those outside the axis and all but one at the same place, and empties labels that do not
    /// have room. Returns how many labels are left.
    pub(super) fn settle(&mut self, ticks: &mut Vec<Tick>) -> usize {
        let length = self.length;
        ticks.retain(|tick| (0.0..=length).contains(&tick.at));
        ticks.sort_by(|a, b| a.at.total_cmp(&b.at).then(b.is_major.cmp(&a.is_major)));
        ticks.dedup_by(|b, a| a.at >= b.at);
        let mut free = f64::NEG_INFINITY;
        let mut labels = 0;
        for tick in ticks.iter_mut().filter(|tick| !tick.label.is_empty()) {
            let half = 0.5 * self.of(&tick.label);
            if tick.at - half >= free.max(0.0) && tick.at + half <= length {
                free = tick.at + half + self.gap;
                labels += 1;
            } else {
                tick.label.clear();
            }
        }
        labels
    }
}
