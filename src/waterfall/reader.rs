use std::ops::Range;

use super::placement::Placement;
use super::ring::Ring;
use super::{Error, Newest};
use crate::scale::LutIndex;
use crate::view::{BinMap, Interpolation, Reduce};
use crate::{Colormap, Scale, Stamp};

/// Reads back on the CPU what a [`Waterfall`](crate::Waterfall) shows: values under a cursor, rows, the whole picture.
/// Made by [`Waterfall::reader`](crate::Waterfall::reader); no GPU call, no waiting.
///
/// It goes by the rows and settings of this moment, that is by the picture that the next
/// [`prepare`](crate::Waterfall::prepare) will make; where nothing has come since the last one, by the picture on show.
/// Its arithmetic is the shader's: with [`Reduce::Max`] and [`Reduce::Min`] and without interpolation the colours agree
/// to the bit.
///
/// ```
/// # use ringfall::{Error, Waterfall};
/// # fn host(fall: &Waterfall, cursor: (u32, u32)) -> Result<(), Error> {
/// let reader = fall.reader()?; // of a waterfall made with `keep_rows: true`
/// if let Some(reading) = reader.value_at(cursor.0, cursor.1) {
///     let text = format!("{:.1} dB at {:.0} Hz", reading.value, reading.hz);
/// }
/// let (width, height) = reader.size();
/// let mut rgba = vec![0; (4 * width * height) as usize];
/// reader.rgba_u8(&mut rgba)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub(super) ring: &'a Ring,
    pub(super) place: Placement,
    pub(super) size: (u32, u32),
    pub(super) newest: Newest,
    pub(super) reduce: Reduce,
    pub(super) scale: Scale,
    pub(super) colormap: &'a Colormap,
}

/// What lies under a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The value that the pixel's colour stands for, in the units of the rows. NaN where there is none: a gap, a place
    /// beside the rows' spans, or cells that hold NaN only.
    pub value: f32,
    /// Frequency at the pixel's middle, in Hz.
    pub hz: f64,
    /// Time at the pixel's middle, in nanoseconds on the rows' clock.
    pub time_ns: i64,
}

/// `Seen` in `shaders/shade.wgsl`, and what it does there.
#[derive(Clone, Copy, Debug)]
struct Seen {
    value: f32,
    sum: f32,
    count: f32,
}

impl Seen {
    const NOTHING: Self = Self { value: 0.0, sum: 0.0, count: 0.0 };

    fn see(&mut self, v: f32, reduce: Reduce, octaves: f32) {
        if v.is_nan() {
            return;
        }
        let one = |value| Self { value, sum: 1.0, count: 1.0 };
        *self = match reduce {
            _ if self.count == 0.0 => one(v),
            Reduce::Max => one(self.value.max(v)),
            Reduce::Min => one(self.value.min(v)),
            Reduce::Mean => {
                let count = self.count + 1.0;
                if v > self.value {
                    let finite = self.value.is_finite() && v.is_finite();
                    let share = if finite { ((self.value - v) * octaves).exp2() } else { 0.0 };
                    Self { value: v, sum: self.sum * share + 1.0, count }
                } else {
                    let share = if v == self.value { 1.0 } else { ((v - self.value) * octaves).exp2() };
                    Self { value: self.value, sum: self.sum + share, count }
                }
            }
        };
    }

    /// In the units of the texels.
    fn value(&self, reduce: Reduce, octaves: f32) -> f32 {
        if self.count == 0.0 {
            f32::NAN
        } else if reduce == Reduce::Mean && self.count > 1.0 && self.value.is_finite() {
            self.value + (self.sum / self.count).log2() / octaves
        } else {
            self.value
        }
    }
}

impl Reader<'_> {
    /// The picture's width and height, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The numbers of the rows that can be read, oldest first; they are counted from 0 as they are pushed.
    pub fn rows(&self) -> Range<u64> {
        self.ring.resident()
    }

    /// What lies under the pixel `x` from the left and `y` from the top. `None` outside the picture.
    pub fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        if x >= self.size.0 || y >= self.size.1 {
            return None;
        }
        let (along, across) = if self.newest.is_sideways() { (x, self.across() - 1 - y) } else { (y, x) };
        let line = self.line(along);
        let mut seen = [Seen::NOTHING];
        self.see_line(line, across..across + 1, &mut seen);
        let (low, high) = self.place.mapping.span_hz;
        let hz = low + (high - low) * (f64::from(across) + 0.5) / f64::from(self.across());
        let middle = (line as f64 + 0.5) * self.place.line_ns;
        let time_ns = self.place.epoch_ns.saturating_add(middle as i64);
        Some(Reading { value: self.value(&seen[0]), hz, time_ns })
    }

    /// Copies the row of this number into `out`, which gets as many values as the row has bins, and returns its stamp.
    /// The values are as the ring stores them (see [`Texel`](crate::Texel)). `None` for a row that is not
    /// [resident](Self::rows); `out` is then empty.
    pub fn row(&self, number: u64, out: &mut Vec<f32>) -> Option<Stamp> {
        out.clear();
        if !self.ring.resident().contains(&number) {
            return None;
        }
        let (stamp, bins) = self.ring.stamp(number);
        let (texel, cells) = (self.ring.texel(), self.ring.kept(number));
        out.extend((0..bins as usize).map(|bin| texel.value(texel.load(cells, bin))));
        Some(stamp)
    }

    /// The picture as values in the units of the rows, pixel by pixel from the top left, row by row; NaN where there is
    /// nothing.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` is not width × height long; nothing is written then.
    pub fn values(&self, out: &mut [f32]) -> Result<(), Error> {
        self.check_length(out.len(), 1)?;
        self.pixels(|i, seen| out[i] = self.value(seen));
        Ok(())
    }

    /// The picture as sRGB-encoded RGBA, four bytes a pixel from the top left, row by row: what
    /// [`Waterfall::copy`](crate::Waterfall::copy) copies.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` is not 4 × width × height long; nothing is written then.
    pub fn rgba_u8(&self, out: &mut [u8]) -> Result<(), Error> {
        self.check_length(out.len(), 4)?;
        let (lo, hi, factor) = self.ring.texel().scale(&self.scale);
        let (texels, _) = out.as_chunks_mut::<4>();
        self.pixels(|i, seen| {
            let v = seen.value(self.reduce, self.ring.texel().octaves());
            let index = if v.is_nan() {
                LutIndex::Bad
            } else if v < lo {
                LutIndex::Under
            } else if v > hi {
                LutIndex::Over
            } else {
                LutIndex::Entry(((v - lo) * factor) as u8)
            };
            texels[i] = self.colormap.color(index);
        });
        Ok(())
    }

    /// Pixels along the frequency axis.
    fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.1 } else { self.size.0 }
    }

    /// Pixels along the time axis.
    fn length(&self) -> u32 {
        if self.newest.is_sideways() { self.size.0 } else { self.size.1 }
    }

    /// The line at this place along the time axis.
    fn line(&self, along: u32) -> i64 {
        let before = if self.newest.is_ascending() { self.length() - 1 - along } else { along };
        self.place.last - i64::from(before)
    }

    fn value(&self, seen: &Seen) -> f32 {
        let texel = self.ring.texel();
        texel.value(seen.value(self.reduce, texel.octaves()))
    }

    fn check_length(&self, got: usize, each: usize) -> Result<(), Error> {
        let expected = self.size.0 as usize * self.size.1 as usize * each;
        if got == expected { Ok(()) } else { Err(Error::OutputLength { expected, got }) }
    }

    /// Every pixel by its place in a picture.
    fn pixels(&self, mut each: impl FnMut(usize, &Seen)) {
        let (width, across) = (self.size.0 as usize, self.across() as usize);
        let mut seen = vec![Seen::NOTHING; across];
        for along in 0..self.length() {
            seen.fill(Seen::NOTHING);
            self.see_line(self.line(along), 0..self.across(), &mut seen);
            let along = along as usize;
            for (x, seen) in seen.iter().enumerate() {
                let place =
                    if self.newest.is_sideways() { (across - 1 - x) * width + along } else { along * width + x };
                each(place, seen);
            }
        }
    }

    /// `see_row` in `shaders/shade.wgsl`, for all rows of a line and these pixels of it.
    fn see_line(&self, line: i64, pixels: Range<u32>, out: &mut [Seen]) {
        let texel = self.ring.texel();
        let octaves = texel.octaves();
        let mapping = &self.place.mapping;
        for number in self.place.lines(self.ring).rows(line) {
            let (stamp, bins) = self.ring.stamp(number);
            let bins = i64::from(bins);
            let cells = self.ring.kept(number);
            let cell = |bin: i64| texel.load(cells, bin as usize);
            let map = BinMap::new(&stamp, mapping.span_hz, mapping.pixels, mapping.interpolation);
            for (x, seen) in pixels.clone().zip(out.iter_mut()) {
                let at = map.at(x);
                let first = at >> 32;
                if map.covers_bins() {
                    let next = map.at(x + 1) >> 32;
                    for bin in first.clamp(0, bins)..next.clamp(0, bins) {
                        seen.see(cell(bin), self.reduce, octaves);
                    }
                    continue;
                }
                if mapping.interpolation == Interpolation::Nearest {
                    if (0..bins).contains(&first) {
                        seen.see(cell(first), self.reduce, octaves);
                    }
                    continue;
                }
                let fraction = at as u32;
                let nearest = first + i64::from(fraction >> 31);
                if !(0..bins).contains(&nearest) {
                    continue;
                }
                let (a, b) = (cell(first.clamp(0, bins - 1)), cell((first + 1).clamp(0, bins - 1)));
                let between = || a + (b - a) * ((fraction >> 8) as f32 * (1.0 / 16_777_216.0));
                let v = if a.is_finite() && b.is_finite() { between() } else { cell(nearest) };
                seen.see(v, self.reduce, octaves);
            }
        }
    }
}
