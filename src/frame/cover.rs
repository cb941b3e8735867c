//! Which bins of a row a pixel shows.

use bytemuck::{Pod, Zeroable};

/// The bins that a pixel shows of rows with one layout, as the CPU and `shaders/shade.wgsl` read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Cover {
    /// The first bin.
    pub(crate) first: u32,
    /// How many bins; or, with the highest bit set, how far from `first` to the next bin the pixel's centre lies, in 2²⁴ths:
    /// the pixel shows a value between the two.
    word: u32,
}

impl Cover {
    const BETWEEN: u32 = 1 << 31;
    const ONE: f64 = (1 << 24) as f64;

    /// No bins.
    pub(crate) const NOTHING: Self = Self { first: 0, word: 0 };

    /// This many bins.
    pub(crate) fn bins(first: u32, count: u32) -> Self {
        Self { first, word: count }
    }

    /// The value at `position`, a distance in bins from the first bin's centre, in a row of `bins` bins.
    pub(crate) fn between(position: f64, bins: u32) -> Self {
        let position = position.clamp(0.0, f64::from(bins) - 1.0);
        let part = (position.fract() * Self::ONE) as u32;
        Self { first: position as u32, word: if part == 0 { 1 } else { part | Self::BETWEEN } }
    }

    /// The number of bins, unless the pixel shows a value between two.
    pub(crate) fn count(self) -> Option<u32> {
        (self.word & Self::BETWEEN == 0).then_some(self.word)
    }

    /// How far from `first` to the next bin, in 2²⁴ths.
    pub(crate) fn part_of_2_24(self) -> u32 {
        self.word & !Self::BETWEEN
    }

    /// The same from 0 to 1.
    pub(crate) fn part(self) -> f32 {
        self.part_of_2_24() as f32 * (1.0 / 16_777_216.0)
    }

    /// The value between these two; the nearer of the two where one is infinite or NaN. The shader does the same.
    pub(crate) fn between_values(self, a: f32, b: f32) -> f32 {
        let part = self.part();
        if a.is_finite() && b.is_finite() {
            a + (b - a) * part
        } else if part < 0.5 {
            a
        } else {
            b
        }
    }

    /// The bins needed to compute the pixel.
    pub(crate) fn range(self) -> std::ops::Range<u32> {
        self.first..self.first + self.count().unwrap_or(2)
    }
}
