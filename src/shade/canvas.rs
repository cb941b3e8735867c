//! A waterfall in main memory.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::options::Options;
use super::painting::Painting;
use super::reduction::{Job, Reduction};
use super::resident::{Keep, Resident};
use super::row::Row;
use crate::colormap::Colormap;
use crate::error::Error;
use crate::frame::Frame;
use crate::scale::{Scale, Thresholds};
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::{Side, View};

/// A waterfall in main memory: rows and settings in; values, read-outs and pictures out. It needs no graphics adapter.
///
/// A [`Waterfall`](crate::Waterfall) is one of these whose picture is kept on the GPU as well, and
/// [`Waterfall::canvas`](crate::Waterfall::canvas) lends it for reading. Its read-outs match the pixels: with
/// [`Reduce::Max`](crate::Reduce::Max) and [`Reduce::Min`](crate::Reduce::Min) the colours agree to the bit.
///
/// ```
/// use ringfall::{Canvas, Options, Scale, Stamp};
///
/// let mut canvas = Canvas::new(&Options::default().bins(4).width(4).height(2))?;
/// canvas.set_scale(Scale::linear(0.0, 4.0)?);
/// canvas.push(Stamp::index(0), &[0.0, 1.0, 2.0, 3.0])?;
/// let reading = canvas.value_at(2, 0).expect("a pixel of the picture");
/// assert_eq!((reading.value, reading.hz), (2.0, 2.0));
/// let mut rgba = [0; 4 * 4 * 2];
/// canvas.rgba_u8(&mut rgba)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Canvas {
    rows: Resident,
    size: (u32, u32),
    newest: Side,
    view: View,
    scale: Scale,
    /// The scale in the units of the texels.
    thresholds: Thresholds,
    colormap: Colormap,
    unit: Unit,
    /// Where lines are counted from: the first row's time.
    epoch_ns: Option<i64>,
    /// Whether the picture is dirty, for callers that keep one.
    stale: bool,
    /// The last [`settle`](Self::settle), of all that any canvas had; 0 before the first.
    settled: u64,
}

/// The value, frequency and time under a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// The value that the pixel's colour stands for, in the units of the rows. NaN if there is none: in a gap, outside
    /// the rows' spans, or where all cells are NaN; and if cells are colours.
    pub value: f32,
    /// The pixel's colour, sRGB-encoded RGBA, if cells are [colours](crate::Texel::Rgba8). `None` where there are none.
    pub rgba: Option<[u8; 4]>,
    /// The unit of the value.
    pub unit: Unit,
    /// Frequency at the pixel's middle, in Hz.
    pub hz: f64,
    /// Time at the pixel's middle, in nanoseconds on the rows' clock.
    pub time_ns: i64,
}

impl Canvas {
    /// The largest width and height, in pixels.
    pub const MAX_SIDE: u32 = 1 << 16;

    /// Creates an empty canvas with the colormap viridis and the range −120 to 0. [`Options::shading`] and
    /// [`Options::keep_rows`] have no effect.
    ///
    /// # Errors
    /// [`Error::Bins`], [`Error::Capacity`] and [`Error::Size`] for sizes that are zero or too large; [`Error::Texel`] for
    /// texels without a step; [`Error::OutOfMemory`] if there is no memory for the rows.
    pub fn new(options: &Options) -> Result<Self, Error> {
        Self::with_rows(options, Keep::Kept, Resident::MOST_ROWS)
    }

    pub(crate) fn with_rows(options: &Options, keep: Keep, most_rows: u64) -> Result<Self, Error> {
        options.check()?;
        let size = (options.width, options.height);
        check_size(size, Self::MAX_SIDE)?;
        Ok(Self {
            rows: Resident::new(options, keep, most_rows)?,
            size,
            newest: options.newest_side,
            view: View::default(),
            scale: Scale::default(),
            thresholds: options.texel.thresholds(&Scale::default()),
            colormap: Colormap::default(),
            unit: options.unit,
            epoch_ns: None,
            stale: true,
            settled: 0,
        })
    }

    /// Adds a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`, in any unit, dB as a rule. When
    /// there is no room, the oldest row is evicted.
    ///
    /// Rows may differ in length, span and duration: each is drawn where its stamp says. Times should rise; a row
    /// stamped earlier than its predecessor gets the predecessor's time.
    ///
    /// # Errors
    /// [`Error::RowLength`] for a row that is empty or longer than [`Options::bins`]; [`Error::Stamp`] for a stamp that
    /// [`Stamp::check`] refuses; [`Error::Cells`] if cells are colours. Nothing is added then.
    pub fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<(), Error> {
        self.push_row(stamp, Row::Values(row))
    }

    /// Adds a row of colours, sRGB-encoded red, green, blue and alpha, to a canvas of [colours](crate::Texel::Rgba8): as
    /// [`push`](Self::push) does with values.
    ///
    /// # Errors
    /// As [`push`](Self::push); [`Error::Cells`] if cells are values.
    pub fn push_rgba(&mut self, stamp: Stamp, row: &[[u8; 4]]) -> Result<(), Error> {
        self.push_row(stamp, Row::Colors(row))
    }

    fn push_row(&mut self, stamp: Stamp, row: Row<'_>) -> Result<(), Error> {
        row.check(self.rows.texel(), self.rows.bins(), &stamp)?;
        self.add(stamp, row);
        Ok(())
    }

    /// Adds a row that has been checked.
    pub(crate) fn add(&mut self, stamp: Stamp, row: Row<'_>) {
        self.epoch_ns.get_or_insert(stamp.time_ns);
        self.rows.push(stamp, 1, row);
        self.stale = true;
    }

    /// Removes all rows; the picture becomes empty.
    pub fn clear(&mut self) {
        self.rows.reset(self.rows.range().end);
        self.epoch_ns = None;
        self.stale = true;
    }

    /// Changes the visible part of the data.
    ///
    /// # Errors
    /// A view that shows nothing: see [`ViewError`](crate::ViewError). The view then stays as it was.
    pub fn set_view(&mut self, view: View) -> Result<(), Error> {
        view.check()?;
        self.stale |= self.view != view;
        self.view = view;
        Ok(())
    }

    /// The view that was last set.
    pub fn view(&self) -> View {
        self.view
    }

    /// The resolved view, which converts between pixels, frequencies and times.
    pub fn frame(&self) -> Frame {
        let newest = self.rows.newest().map(|entry| (&entry.stamp, entry.bins));
        Frame::new(&self.view, self.size, self.newest, self.epoch_ns.unwrap_or(0), newest)
    }

    /// Changes the range.
    pub fn set_scale(&mut self, scale: Scale) {
        if self.scale != scale {
            self.thresholds = self.rows.texel().thresholds(&scale);
            self.scale = scale;
            self.stale = true;
        }
    }

    /// The range that was last set; −120 to 0 at first.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Changes the colours.
    pub fn set_colormap(&mut self, colormap: &Colormap) {
        self.colormap.clone_from(colormap);
        self.stale = true;
    }

    /// The colours that were last set; viridis at first.
    pub fn colormap(&self) -> &Colormap {
        &self.colormap
    }

    /// Changes the picture's size, in pixels.
    ///
    /// # Errors
    /// [`Error::Size`] for a size of zero or beyond [`MAX_SIDE`](Self::MAX_SIDE). The size then stays as it was.
    pub fn set_size(&mut self, width: u32, height: u32) -> Result<(), Error> {
        check_size((width, height), Self::MAX_SIDE)?;
        self.stale |= self.size != (width, height);
        self.size = (width, height);
        Ok(())
    }

    /// The picture's width and height, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Changes the side at which new rows appear.
    pub fn set_newest_side(&mut self, side: Side) {
        self.stale |= self.newest != side;
        self.newest = side;
    }

    /// The side at which new rows appear.
    pub fn newest_side(&self) -> Side {
        self.newest
    }

    /// The unit of the rows' values.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The maximum number of bins per row.
    pub fn most_bins(&self) -> u32 {
        self.rows.bins()
    }

    /// The numbers of the rows that can be read, oldest first; they are counted from 0 as they are pushed.
    pub fn rows(&self) -> Range<u64> {
        self.rows.range()
    }

    /// The value, frequency and time at the pixel `x` from the left and `y` from the top. `None` outside the picture.
    pub fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        if x >= self.size.0 || y >= self.size.1 {
            return None;
        }
        let frame = self.frame();
        let (line, across) = frame.cell(x, y);
        let mut reduction = Reduction::default();
        // All of the line, as for the picture: a mean of the same cells may otherwise be rounded in another way.
        let (job, pixels) = (self.job(&frame), 0..frame.across());
        let value = *reduction.values(&job, line, pixels.clone()).get(across as usize)?;
        let rgba = if self.rows.texel().is_colors() {
            reduction.colors(&job, line, pixels).nth(across as usize).flatten()
        } else {
            None
        };
        let middle = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        Some(Reading {
            value: self.rows.texel().value(value),
            rgba,
            unit: self.unit,
            hz: frame.hz_at(middle),
            time_ns: frame.time_of(line as f64 + 0.5),
        })
    }

    /// Copies the row of this number into `out`, one value per bin, and returns its stamp.
    /// The values are as they are stored (see [`Texel`](crate::Texel)); NaN if cells are colours. `None` for a row that is not among
    /// [`rows`](Self::rows); `out` is then empty.
    pub fn row(&self, number: u64, out: &mut Vec<f32>) -> Option<Stamp> {
        out.clear();
        if !self.rows.range().contains(&number) {
            return None;
        }
        let entry = self.rows.entry(number);
        let (texel, cells) = (self.rows.texel(), self.rows.cells(number));
        out.extend((0..entry.bins as usize).map(|bin| texel.value(texel.load(cells, bin))));
        Some(entry.stamp)
    }

    /// The values of one line of the picture, one per pixel from low to high frequencies, in the units of the rows; NaN where
    /// there is nothing. [`Frame::line_at`] gives the number of a line.
    pub fn line(&self, line: i64, out: &mut Vec<f32>) {
        out.clear();
        self.each_line([line], |_, values| out.extend_from_slice(values));
    }

    /// The values of one pixel across, counted from the low frequencies, in all visible lines, oldest first; NaN where there
    /// is nothing, and nothing at all outside the picture.
    pub fn trace(&self, across: u32, out: &mut Vec<f32>) {
        out.clear();
        let frame = self.frame();
        if across >= frame.across() {
            return;
        }
        let (job, texel) = (self.job(&frame), self.rows.texel());
        let mut reduction = Reduction::default();
        for line in frame.lines() {
            let value = reduction.values(&job, line, across..across + 1).first().copied();
            out.push(value.map_or(f32::NAN, |value| texel.value(value)));
        }
    }

    /// Hands over the values of these lines of the picture ([`Frame::lines`] has their numbers), one per pixel from low to high
    /// frequencies, in the units of the rows; NaN where there is nothing, and if cells are colours.
    pub fn each_line(&self, lines: impl IntoIterator<Item = i64>, mut each: impl FnMut(i64, &[f32])) {
        let frame = self.frame();
        let (job, texel) = (self.job(&frame), self.rows.texel());
        let (mut reduction, mut values) = (Reduction::default(), Vec::new());
        for line in lines {
            values.clear();
            values.extend(reduction.values(&job, line, 0..frame.across()).iter().map(|v| texel.value(*v)));
            each(line, &values);
        }
    }

    /// The picture as values in the units of the rows, pixel by pixel from the top left, row by row; NaN where there is
    /// nothing.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` is not width × height long; [`Error::Cells`] if cells are colours. Nothing is
    /// written then.
    pub fn values(&self, out: &mut [f32]) -> Result<(), Error> {
        if self.rows.texel().is_colors() {
            return Err(Error::Cells { got: "colours", expected: "values" });
        }
        self.check_length(out.len(), 1)?;
        let frame = self.frame();
        let (width, across) = (self.size.0 as usize, frame.across() as usize);
        let (newest, last) = (self.newest, frame.last());
        self.each_line(frame.lines(), |line, values| {
            let before = (last - line) as usize;
            let along = if newest.is_ascending() { frame.length() as usize - 1 - before } else { before };
            for (x, value) in values.iter().enumerate() {
                let place = if newest.is_sideways() { (across - 1 - x) * width + along } else { along * width + x };
                out[place] = *value;
            }
        });
        Ok(())
    }

    /// The picture as sRGB-encoded RGBA, four bytes a pixel from the top left, row by row: what
    /// [`Waterfall::copy`](crate::Waterfall::copy) copies. Computed on all processors.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` is not 4 × width × height long; nothing is written then.
    pub fn rgba_u8(&self, out: &mut [u8]) -> Result<(), Error> {
        self.check_length(out.len(), 4)?;
        out.copy_from_slice(self.painting().rows(0..self.size.1).as_flattened());
        Ok(())
    }

    /// The picture, computed piece by piece.
    pub fn painting(&self) -> Painting<'_> {
        Painting::new(self)
    }

    fn check_length(&self, got: usize, each: usize) -> Result<(), Error> {
        let expected = self.size.0 as usize * self.size.1 as usize * each;
        if got == expected { Ok(()) } else { Err(Error::OutputLength { expected, got }) }
    }

    pub(crate) fn job<'a>(&'a self, frame: &'a Frame) -> Job<'a> {
        Job { rows: &self.rows, frame, unit: self.unit, scale: &self.thresholds }
    }

    /// Whether something has changed since the last [`settle`](Self::settle).
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Marks the picture as up to date. Returns the number of this call, which no other has, on whatever canvas: who keeps a
    /// picture knows by it whether somebody else has settled since.
    pub(crate) fn settle(&mut self) -> u64 {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        self.stale = false;
        self.rows.settle();
        self.settled = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        self.settled
    }

    /// The number of the last [`settle`](Self::settle).
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }

    pub(crate) fn resident(&self) -> &Resident {
        &self.rows
    }

    /// For callers that manage the rows themselves. The picture is stale afterwards.
    pub(crate) fn resident_mut(&mut self) -> &mut Resident {
        self.stale = true;
        &mut self.rows
    }

    /// Counts lines from this time instead of the first row's.
    pub(crate) fn set_epoch(&mut self, epoch_ns: i64) {
        self.stale |= self.epoch_ns != Some(epoch_ns);
        self.epoch_ns = Some(epoch_ns);
    }
}

/// Refuses a picture without pixels, or with more than `max` pixels per side.
pub(crate) fn check_size((width, height): (u32, u32), max: u32) -> Result<(), Error> {
    if width == 0 || height == 0 || width > max || height > max {
        return Err(Error::Size { width, height, max });
    }
    Ok(())
}
