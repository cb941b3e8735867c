//! Mean, peak hold and minimum hold of rows.

use crate::frame::{Cover, Frame};
use crate::mean::Mean;
use crate::stamp::{Layout, Stamp};
use crate::unit::Unit;

/// Mean, largest and smallest value of each bin, of all rows since the last [`reset`](Self::reset).
///
/// A row of another length, or elsewhere in frequency, starts again, since its bins do not match.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    layout: Option<Layout>,
    rows: u64,
    peak: Vec<f32>,
    least: Vec<f32>,
    mean: Vec<Mean>,
    covers: Vec<Cover>,
}

/// What a [`Hold`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Mean,
    Peak,
    Least,
}

impl Hold {
    /// Adds a row: the values at `stamp`'s bins. NaN is left out.
    pub fn add(&mut self, stamp: &Stamp, unit: Unit, row: &[f32]) {
        let Ok(bins) = u32::try_from(row.len()) else { return };
        let layout = Layout { first_hz: stamp.first_hz, bin_hz: stamp.bin_hz, bins };
        if self.layout != Some(layout) {
            self.reset();
            self.layout = Some(layout);
            self.peak.resize(row.len(), f32::NAN);
            self.least.resize(row.len(), f32::NAN);
            self.mean.resize(row.len(), Mean::new(unit));
        }
        self.rows += 1;
        // The maximum with NaN is the other one.
        for (held, value) in self.peak.iter_mut().zip(row) {
            *held = held.max(*value);
        }
        for (held, value) in self.least.iter_mut().zip(row) {
            *held = held.min(*value);
        }
        for (held, value) in self.mean.iter_mut().zip(row) {
            held.add(*value, 1.0);
        }
    }

    /// Forgets all rows.
    pub fn reset(&mut self) {
        self.layout = None;
        self.rows = 0;
        self.peak.clear();
        self.least.clear();
        self.mean.clear();
    }

    /// How many rows it holds.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// One value for each pixel across, from low to high frequencies: the largest of the bins that the pixel shows, or the
    /// smallest for the minimum hold; NaN where there is none.
    pub(super) fn line(&mut self, held: Held, frame: &Frame, out: &mut Vec<f32>) {
        out.clear();
        let Some(layout) = self.layout else {
            return out.resize(frame.across() as usize, f32::NAN);
        };
        self.covers.clear();
        frame.covers(&layout, 0..frame.across(), &mut self.covers);
        out.extend(self.covers.iter().map(|cover| {
            let range = cover.range();
            let bins = (range.start as usize).min(self.peak.len())..(range.end as usize).min(self.peak.len());
            match held {
                Held::Mean => self.mean[bins].iter().map(Mean::get).fold(f32::NAN, f32::max),
                Held::Peak => self.peak[bins].iter().copied().fold(f32::NAN, f32::max),
                Held::Least => self.least[bins].iter().copied().fold(f32::NAN, f32::min),
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Side, View};

    #[test]
    fn by_hand() {
        let mut hold = Hold::default();
        let stamp = |row| Stamp::index(row);
        hold.add(&stamp(0), Unit::None, &[1.0, 5.0, f32::NAN, -2.0]);
        hold.add(&stamp(1), Unit::None, &[3.0, 1.0, 7.0, f32::NAN]);
        let frame = Frame::new(&View::default(), (4, 2), Side::Top, 0, Some((&stamp(1), 4)));
        let mut line = |held| {
            let mut out = Vec::new();
            hold.line(held, &frame, &mut out);
            out
        };
        assert_eq!(line(Held::Peak), [3.0, 5.0, 7.0, -2.0]);
        assert_eq!(line(Held::Least), [1.0, 1.0, 7.0, -2.0]);
        assert_eq!(line(Held::Mean), [2.0, 3.0, 7.0, -2.0]);
        // Half as many pixels: the largest of two bins, and for the minimum the smallest.
        let frame = Frame::new(&View::default(), (2, 2), Side::Top, 0, Some((&stamp(1), 4)));
        let mut out = Vec::new();
        hold.line(Held::Peak, &frame, &mut out);
        assert_eq!(out, [5.0, 7.0]);
        hold.line(Held::Least, &frame, &mut out);
        assert_eq!(out, [1.0, -2.0]);
    }

    #[test]
    fn rows_elsewhere_start_again() {
        let mut hold = Hold::default();
        hold.add(&Stamp::index(0), Unit::Decibel, &[1.0; 4]);
        hold.add(&Stamp { first_hz: 10.0, ..Stamp::index(1) }, Unit::Decibel, &[2.0; 4]);
        assert_eq!(hold.rows(), 1);
        hold.add(&Stamp { first_hz: 10.0, ..Stamp::index(2) }, Unit::Decibel, &[2.0; 8]);
        assert_eq!(hold.rows(), 1);
        hold.add(&Stamp { first_hz: 10.0, ..Stamp::index(3) }, Unit::Decibel, &[2.0; 8]);
        assert_eq!(hold.rows(), 2);
    }
}
