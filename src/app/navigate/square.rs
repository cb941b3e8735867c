//! Views in which the cells of an array are as wide as they are high.

use ringfall::{Edge, Frame, Rows, View};

/// An array in a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Square {
    /// Where it begins and how large a cell is: frequencies in Hz, times in nanoseconds.
    first: (f64, f64),
    cell: (f64, f64),
    /// Columns and rows.
    cells: (f64, f64),
    /// Pixels along frequency and along time.
    pixels: (f64, f64),
}

/// A part of an array: what is in the middle, in Hz and nanoseconds, and how many cells a pixel covers each way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) middle: (f64, f64),
    pub(super) cells: f64,
}

impl Square {
    /// The rows as an array in a picture of so many pixels along frequency and along time. `None` without rows.
    pub(super) fn new(rows: &dyn Rows, pixels: (u32, u32)) -> Option<Self> {
        let range = rows.range(0);
        let (oldest, _) = rows.stamp(0, range.start)?;
        let (newest, bins) = rows.stamp(0, range.end.checked_sub(1)?)?;
        let (low, _) = newest.span_hz(bins as usize);
        let cell = (newest.bin_hz, newest.duration_ns);
        // From the epoch on, as lines are counted.
        let first_ns = oldest.time_ns.saturating_sub(rows.epoch_ns()) as f64;
        let all_ns = newest.time_ns.saturating_sub(oldest.time_ns) as f64 + newest.duration_ns;
        let cells = (f64::from(bins), all_ns / cell.1);
        let pixels = (f64::from(pixels.0.max(1)), f64::from(pixels.1.max(1)));
        let is_sound = [cell.0, cell.1, cells.0, cells.1].iter().all(|v| v.is_finite() && *v > 0.0) && low.is_finite();
        is_sound.then_some(Self { first: (low, first_ns), cell, cells, pixels })
    }

    /// Whether all of it would be no more than a line, though there is more to see.
    pub(super) fn is_line(&self) -> bool {
        /// Pixels across.
        const LINE: f64 = 16.0;
        /// Cells that are looked at to draw a few rows over all of the picture: some tenths of a second.
        const MOST: f64 = (1 << 28) as f64;
        let most = self.most();
        most > 1.0 && self.cells.0.min(self.cells.1) / most < LINE && self.cells.0 * self.pixels.1 <= MOST
    }

    /// All of it: as many whole pixels a cell as there is room for, or as few cells a pixel as possible.
    pub(super) fn all(&self) -> Part {
        let cells = self.most();
        let cells = if cells <= 1.0 { 1.0 / (1.0 / cells).floor() } else { cells };
        Part { middle: self.middle(), cells }
    }

    /// Cells a pixel with which all of it just fits.
    fn most(&self) -> f64 {
        (self.cells.0 / self.pixels.0).max(self.cells.1 / self.pixels.1)
    }

    fn middle(&self) -> (f64, f64) {
        let middle = |first: f64, cell: f64, cells: f64| first + 0.5 * cell * cells;
        (middle(self.first.0, self.cell.0, self.cells.0), middle(self.first.1, self.cell.1, self.cells.1))
    }

    /// The part that a view shows, or the least one that holds all of what it shows.
    pub(super) fn part(&self, frame: &Frame, view: &View) -> Part {
        let (low, high) = view.span_hz.unwrap_or_else(|| frame.span_hz());
        let line_ns = view.line_ns.unwrap_or_else(|| frame.line_ns());
        let newest_ns = match view.edge {
            Edge::At(time_ns) => time_ns.saturating_sub(frame.epoch_ns()) as f64 + 0.5 * line_ns,
            _ => self.first.1 + self.cell.1 * self.cells.1,
        };
        let cells = ((high - low) / self.pixels.0 / self.cell.0).max(line_ns / self.cell.1);
        Part { middle: (0.5 * (low + high), newest_ns - 0.5 * line_ns * self.pixels.1), cells }
    }

    /// A part within limits: no closer than a cell across the picture, no farther than half the size of everything. The picture
    /// is filled as far as the array goes, and what is smaller is in the middle.
    pub(super) fn bounded(&self, part: Part) -> Part {
        let least = 1.0 / self.pixels.0.min(self.pixels.1);
        let cells = if part.cells.is_finite() { part.cells } else { 1.0 };
        let cells = cells.clamp(least, (2.0 * self.most()).max(1.0).max(least));
        let all = self.middle();
        let bounded = |at: f64, all: f64, cell: f64, count: f64, pixels: f64| {
            let free = 0.5 * cell * (count - pixels * cells);
            if free > 0.0 && at.is_finite() { at.clamp(all - free, all + free) } else { all }
        };
        let middle = (
            bounded(part.middle.0, all.0, self.cell.0, self.cells.0, self.pixels.0),
            bounded(part.middle.1, all.1, self.cell.1, self.cells.1, self.pixels.1),
        );
        Part { middle, cells }
    }

    /// A view of this part, on whole pixels: if a cell is some pixels wide, all cells are equally wide.
    pub(super) fn view(&self, view: View, part: Part, epoch_ns: i64) -> View {
        let (pixel_hz, line_ns) = (self.cell.0 * part.cells, self.cell.1 * part.cells);
        let low = part.middle.0 - 0.5 * pixel_hz * self.pixels.0;
        let low = self.first.0 + ((low - self.first.0) / pixel_hz).round() * pixel_hz;
        let newest = part.middle.1 + 0.5 * line_ns * self.pixels.1;
        // The middle of the newest line, so that rounding does not move it to another.
        let line = (newest / line_ns).round() - 1.0;
        let edge = Edge::At(epoch_ns.saturating_add(((line + 0.5) * line_ns).round() as i64));
        view.span_hz((low, low + pixel_hz * self.pixels.0)).line_ns(line_ns).edge(edge)
    }
}
