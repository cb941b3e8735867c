//! The levels that a picture will show, found before there is a picture.

use ringfall::{Reduce, Stamp};

use super::thin::{Thin, reduced};
use crate::app::range::{Levels, Range};

/// Levels after the reduction to pixels. The largest of many cells of noise is several dB above the middle of it: a range found
/// from the cells would show such a picture too bright.
pub(super) struct Shown {
    lines: Thin,
    reduce: Reduce,
    bins_a_pixel: usize,
    pixels: Vec<f32>,
    levels: Levels,
}

impl Shown {
    /// For rows of `bins` bins, so many of them to a line and a pixel.
    pub(super) fn new(reduce: Reduce, bins: usize, rows_a_line: u32, bins_a_pixel: usize) -> Self {
        let bins_a_pixel = bins_a_pixel.max(1);
        Self {
            lines: Thin::new(rows_a_line, reduce, bins),
            reduce,
            bins_a_pixel,
            pixels: Vec::with_capacity(bins.div_ceil(bins_a_pixel)),
            levels: Levels::new(),
        }
    }

    pub(super) fn row(&mut self, stamp: Stamp, row_db: &[f32]) {
        if let Some((_, line)) = self.lines.row(stamp, row_db) {
            count(&mut self.levels, &mut self.pixels, line, self.bins_a_pixel, self.reduce);
        }
    }

    /// The range that shows them well, now that all rows have come; `None` where there was no number.
    pub(super) fn range(mut self) -> Option<Range> {
        if let Some((_, line)) = self.lines.rest() {
            count(&mut self.levels, &mut self.pixels, line, self.bins_a_pixel, self.reduce);
        }
        self.levels.range()
    }
}

fn count(levels: &mut Levels, pixels: &mut Vec<f32>, line: &[f32], bins_a_pixel: usize, reduce: Reduce) {
    pixels.clear();
    pixels.extend(line.chunks(bins_a_pixel).map(|cells| reduced(reduce, cells)));
    levels.add(pixels);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reduction_counts() {
        // Two rows a line and two bins a pixel: what is left of them is -50 dB, or -80 dB, everywhere.
        let rows = [[-80.0, -60.0, -50.0, -70.0], [-50.0, -70.0, -80.0, -60.0]];
        for (reduce, level) in [(Reduce::Max, -50.0), (Reduce::Min, -80.0)] {
            let mut shown = Shown::new(reduce, 4, 2, 2);
            let mut alone = Levels::new();
            // The last row has no second one to its line.
            for (index, row) in rows.iter().chain([&[level; 4]]).enumerate() {
                shown.row(Stamp::index(index as u64), row);
            }
            alone.add(&[level; 4]);
            assert_eq!(shown.range(), alone.range());
        }
    }
}
