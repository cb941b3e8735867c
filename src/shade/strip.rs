//! A canvas's picture, kept in main memory.

use std::ops::Range;

use super::canvas::Canvas;
use super::colors::Order;
use super::line_ring::{LineRing, Stretch};
use super::painter::{Painter, turn};
use super::reduction::Job;
use crate::colormap::Colormap;
use crate::error::Error;
use crate::view::Side;

/// The picture of a [`Canvas`], kept in main memory as a ring of lines of pixels: what a
/// [`Waterfall`](crate::Waterfall) keeps on the GPU. New rows shade new lines only, and scrolling is an offset.
///
/// A strip belongs to one canvas. Given another one, it shades the whole picture.
///
/// ```
/// use ringfall::{Canvas, Options, Scale, Stamp, Strip};
///
/// let mut canvas = Canvas::new(&Options::default().bins(4).width(4).height(2))?;
/// canvas.set_scale(Scale::linear(0.0, 4.0)?);
/// let mut strip = Strip::new();
/// canvas.push(Stamp::index(0), &[0.0, 1.0, 2.0, 3.0])?;
/// assert_eq!(strip.prepare(&mut canvas)?, 2, "at first all lines are new");
/// canvas.push(Stamp::index(1), &[0.0, 1.0, 2.0, 3.0])?;
/// assert_eq!(strip.prepare(&mut canvas)?, 1);
/// // Into a window of 10 pixels across.
/// let mut window = [0; 10 * 5];
/// strip.copy_to(0..4, 0..2, &mut window, 10)?;
/// assert_eq!(window[3], window[13]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Strip {
    ring: LineRing,
    painter: Painter,
    /// The colours that the lines were shaded with.
    colormap: Colormap,
    /// 0x00RRGGBB, row by row from the top left of the ring.
    pixels: Vec<u32>,
    /// Lines before they become columns.
    lines: Vec<[u8; 4]>,
    /// The settling of the canvas that these lines stand for.
    settled: Option<u64>,
}

/// How a strip's picture has changed: see [`Strip::change`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StripChange {
    /// How far the picture has moved, in pixels: to the right, and down.
    pub moved: (i32, i32),
    /// What is new: `x` and `y`, in pixels of the picture, of up to two parts. The others are empty.
    pub shaded: [(Range<u32>, Range<u32>); 2],
}

impl Strip {
    /// Pixels that are turned into columns at a time. Enough for all processors.
    const TURNED: usize = 1 << 20;

    /// A strip without pixels. It takes the size of the canvas that it is first prepared with.
    pub fn new() -> Self {
        let colormap = Colormap::default();
        Self {
            ring: LineRing::new((0, 0), Side::Top),
            painter: Painter::new(&colormap),
            colormap,
            pixels: Vec::new(),
            lines: Vec::new(),
            settled: None,
        }
    }

    /// Shades the lines of the canvas that are new or have changed since the last call, and returns their number; if it is 0,
    /// the picture is the same. The first call, and the first one after a change of size, colours, scale or view, shades all lines.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] if there is no memory for a picture of a new size. The strip is empty then.
    pub fn prepare(&mut self, canvas: &mut Canvas) -> Result<u32, Error> {
        let is_known = self.settled == Some(canvas.settled());
        if is_known && !canvas.is_stale() {
            self.ring.rest();
            return Ok(0);
        }
        self.fit(canvas)?;
        if !is_known {
            self.ring.forget();
        }
        if self.colormap != *canvas.colormap() {
            self.colormap.clone_from(canvas.colormap());
            self.painter.set_colormap(&self.colormap);
            self.ring.forget();
        }
        // There is nowhere to upload to: what is staged is in the canvas already.
        canvas.resident_mut().upload(|_, _, _| {});
        let frame = canvas.frame();
        let count = self.ring.begin(canvas, &frame);
        let job = canvas.job(&frame);
        for stretch in *self.ring.stretches() {
            self.shade(&job, stretch);
        }
        self.ring.finish(canvas, &frame);
        self.settled = Some(canvas.settle());
        Ok(count)
    }

    /// The picture's width and height, in pixels: the canvas's at the last [`prepare`](Self::prepare). 0 and 0 before it.
    pub fn size(&self) -> (u32, u32) {
        self.ring.size()
    }

    /// What the last [`prepare`](Self::prepare) changed in the picture, for whoever keeps a copy of it: what is not shaded has only
    /// moved. `None`: all of it may have changed.
    pub fn change(&self) -> Option<StripChange> {
        // Between an error and the next picture there is none.
        self.settled?;
        let (moved, pixels) = self.ring.change()?;
        let moved = i32::try_from(if self.ring.newest().is_ascending() { -moved } else { moved }).ok()?;
        let (width, height) = self.ring.size();
        let is_sideways = self.ring.newest().is_sideways();
        Some(StripChange {
            moved: if is_sideways { (moved, 0) } else { (0, moved) },
            shaded: pixels.map(|pixels| match is_sideways {
                _ if pixels.is_empty() => (0..0, 0..0),
                true => (pixels, 0..height),
                false => (0..width, pixels),
            }),
        })
    }

    /// Copies a part of the picture, `x` pixels from the left and `y` from the top, into `out`: row by row, `stride` pixels from
    /// the beginning of one to the next. A pixel is 0x00RRGGBB, sRGB-encoded; its colour is that of [`Canvas::rgba_u8`].
    /// What is beyond the picture is left out.
    ///
    /// # Errors
    /// [`Error::OutputLength`] if the part does not fit into `out`, or its rows not into `stride`; nothing is written then.
    pub fn copy_to(&self, x: Range<u32>, y: Range<u32>, out: &mut [u32], stride: usize) -> Result<(), Error> {
        let (width, height) = self.ring.size();
        let (x, y) = (x.start..x.end.min(width), y.start..y.end.min(height));
        if x.is_empty() || y.is_empty() {
            return Ok(());
        }
        let (across, down) = (x.len(), y.len());
        let expected = (down - 1).saturating_mul(stride.max(across)).saturating_add(across);
        if out.len() < expected || stride < across {
            return Err(Error::OutputLength { expected, got: if stride < across { stride } else { out.len() } });
        }
        let (width, offset) = (width as usize, self.ring.offset() as usize);
        let (left, top) = (x.start as usize, y.start as usize);
        if self.ring.newest().is_sideways() {
            let from = (left + offset) % width;
            let head = across.min(width - from);
            for (out, row) in out.chunks_mut(stride).zip(self.pixels.chunks_exact(width).skip(top).take(down)) {
                out[..head].copy_from_slice(&row[from..from + head]);
                out[head..across].copy_from_slice(&row[..across - head]);
            }
            return Ok(());
        }
        let height = height as usize;
        let from = (top + offset) % height;
        let head = down.min(height - from);
        let mut copy = |place: usize, row: usize, count: usize| {
            if count == 0 {
            } else if across == width && stride == width {
                out[row * width..(row + count) * width]
                    .copy_from_slice(&self.pixels[place * width..(place + count) * width]);
            } else {
                for i in 0..count {
                    let start = (place + i) * width + left;
                    let to = (row + i) * stride;
                    out[to..to + across].copy_from_slice(&self.pixels[start..start + across]);
                }
            }
        };
        copy(from, 0, head);
        copy(0, head, down - head);
        Ok(())
    }

    /// Takes over the canvas's size and side.
    fn fit(&mut self, canvas: &Canvas) -> Result<(), Error> {
        let (size, newest) = (canvas.size(), canvas.newest_side());
        if self.ring.size() == size && self.ring.newest() == newest {
            return Ok(());
        }
        let count = (size.0 as usize).saturating_mul(size.1 as usize);
        if count > self.pixels.capacity() || count < self.pixels.capacity() / 4 {
            // Not both pictures at a time.
            self.ring = LineRing::new((0, 0), newest);
            self.settled = None;
            self.pixels = Vec::new();
            self.pixels
                .try_reserve_exact(count)
                .map_err(|error| Error::OutOfMemory { what: "picture in main memory", message: error.to_string() })?;
        }
        self.pixels.resize(count, 0);
        self.ring = LineRing::new(size, newest);
        Ok(())
    }

    /// Shades these lines.
    fn shade(&mut self, job: &Job<'_>, stretch: Stretch) {
        let across = self.ring.across() as usize;
        let Stretch { place, count, line, step } = stretch;
        let (place, count, stride) = (place as usize, count as usize, self.ring.length() as usize);
        if count == 0 || across == 0 {
            return;
        }
        let pixels: &mut [[u8; 4]] = bytemuck::cast_slice_mut(&mut self.pixels);
        if !self.ring.newest().is_sideways() {
            let out = &mut pixels[place * across..(place + count) * across];
            return self.painter.paint(job, Order::Number, |i| line + i as i64 * step, 0..job.frame.across(), out);
        }
        let at_once = (Self::TURNED / across).max(1);
        for first in (0..count).step_by(at_once) {
            let line = |i: usize| line + (first + i) as i64 * step;
            self.lines.resize(at_once.min(count - first) * across, [0; 4]);
            self.painter.paint(job, Order::Number, line, 0..job.frame.across(), &mut self.lines);
            turn(&self.lines, across, &mut pixels[place + first..], stride);
        }
    }
}

impl Default for Strip {
    fn default() -> Self {
        Self::new()
    }
}
