use std::ops::Range;

use super::placement::Placement;
use super::reduction::{Job, Reduction};
use super::ring::Ring;
use super::{Error, Newest};
use crate::scale::Thresholds;
use crate::unit::Unit;
use crate::{Colormap, Reduce, Stamp};

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
    /// In the units of the texels.
    pub(super) scale: &'a Thresholds,
    pub(super) colormap: &'a Colormap,
}

/// What lies under a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The value that the pixel's colour stands for, in the units of the rows. NaN where there is none: a gap, a place
    /// beside the rows' spans, or cells that hold NaN only.
    pub value: f32,
    /// What the value is: see [`Options::unit`](crate::Options::unit).
    pub unit: Unit,
    /// Frequency at the pixel's middle, in Hz.
    pub hz: f64,
    /// Time at the pixel's middle, in nanoseconds on the rows' clock.
    pub time_ns: i64,
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
        let mut reduction = Reduction::default();
        let value = reduction.values(&self.job(), line, across..across + 1).first().copied()?;
        let (low, high) = self.place.mapping.span_hz;
        let hz = low + (high - low) * (f64::from(across) + 0.5) / f64::from(self.across());
        let middle = (line as f64 + 0.5) * self.place.line_ns;
        let time_ns = self.place.epoch_ns.saturating_add(middle as i64);
        Some(Reading { value: self.ring.texel().value(value), unit: self.ring.unit(), hz, time_ns })
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
        self.pixels(|i, v| out[i] = self.ring.texel().value(v));
        Ok(())
    }

    /// The picture as sRGB-encoded RGBA, four bytes a pixel from the top left, row by row: what
    /// [`Waterfall::copy`](crate::Waterfall::copy) copies.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` is not 4 × width × height long; nothing is written then.
    pub fn rgba_u8(&self, out: &mut [u8]) -> Result<(), Error> {
        self.check_length(out.len(), 4)?;
        let (texels, _) = out.as_chunks_mut::<4>();
        self.pixels(|i, v| texels[i] = self.colormap.color(self.scale.lut_index(v)));
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

    fn check_length(&self, got: usize, each: usize) -> Result<(), Error> {
        let expected = self.size.0 as usize * self.size.1 as usize * each;
        if got == expected { Ok(()) } else { Err(Error::OutputLength { expected, got }) }
    }

    /// Every pixel's place in the picture and its value, in the units of the texels.
    fn pixels(&self, mut each: impl FnMut(usize, f32)) {
        let (width, across) = (self.size.0 as usize, self.across() as usize);
        let mut reduction = Reduction::default();
        for along in 0..self.length() {
            let values = reduction.values(&self.job(), self.line(along), 0..self.across());
            let along = along as usize;
            for (x, value) in values.iter().enumerate() {
                let place =
                    if self.newest.is_sideways() { (across - 1 - x) * width + along } else { along * width + x };
                each(place, *value);
            }
        }
    }

    fn job(&self) -> Job<'_> {
        let Self { place, reduce, scale, .. } = *self;
        Job { lines: place.lines(self.ring), mapping: place.mapping, reduce, scale }
    }
}
