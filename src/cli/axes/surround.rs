//! The axes around pictures that are not those of a canvas, and around pictures that follow each other.

use anyhow::{Result, bail};
use ringfall::plot::{Gesture, Layer, PictureSize, Plot, Subject};
use ringfall::{Colormap, Frame, Reading, Scale, Unit};

use super::{AxesArgs, Labels, Parts};

/// What the axes need to know about the data. Nobody points at the picture, so no value is asked for.
#[derive(Debug)]
pub(crate) struct Still {
    pub(crate) frame: Frame,
    pub(crate) scale: Scale,
    pub(crate) colormap: Colormap,
    pub(crate) unit: Unit,
}

impl Subject for Still {
    /// The size is that of the frame.
    fn set_size(&mut self, _: u32, _: u32) {}

    fn frame(&self) -> Option<Frame> {
        Some(self.frame)
    }

    fn value_at(&self, _: u32, _: u32) -> Option<Reading> {
        None
    }

    fn line(&self, _: i64, out: &mut Vec<f32>) {
        out.clear();
    }

    fn trace(&self, _: u32, out: &mut Vec<f32>) {
        out.clear();
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn scale(&self) -> Scale {
        self.scale
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        *self.colormap.lut()
    }

    fn act(&mut self, _: Gesture) {}
}

/// The axes around a picture, or around the frames of a video.
pub(crate) struct Surround<'a> {
    args: &'a AxesArgs,
    plot: Plot,
    still: Still,
    layer: Layer,
    /// Frames in all, if they are counted.
    count: Option<u32>,
}

impl<'a> Surround<'a> {
    /// `None` without `--axes`. `count` is the number of frames, if they are counted.
    pub(crate) fn new(
        args: &'a AxesArgs,
        bar: bool,
        count: Option<u32>,
        labels: Labels<'_>,
        still: impl FnOnce() -> Still,
    ) -> Result<Option<Self>> {
        if !args.axes {
            return Ok(None);
        }
        let mut plot = args.labelled(Parts { bar, counter: count.is_some() }, labels);
        plot.decorations.title = args.title(count.map(|count| (1, count)));
        let mut still = still();
        let (width, height) = still.frame.size();
        let size = PictureSize::Data(width, height);
        let layer = Layer::new(&mut plot, &mut still, size, args.scale(), args.theme())?;
        let place = layer.place();
        // A layout gives up axes rather than make the picture smaller than this.
        let least = (40.0 * args.scale()).ceil() as u32;
        if width.min(height) < least || (place.width, place.height) != (width, height) {
            bail!(
                "--axes: {width}x{height} pixels of data: expected at least {least}x{least} (--size makes them larger)"
            );
        }
        Ok(Some(Self { args, plot, still, layer, count }))
    }

    /// Width and height of the whole.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.layer.size()
    }

    pub(crate) fn layer(&self) -> &Layer {
        &self.layer
    }

    /// Goes on to a frame of a video, counted from 0.
    pub(crate) fn go(&mut self, number: u32, frame: Frame) {
        let title = self.args.title(self.count.map(|count| (number.saturating_add(1), count)));
        if frame == self.still.frame && title == self.plot.decorations.title {
            return;
        }
        self.still.frame = frame;
        self.plot.decorations.title = title;
        self.layer.update(&mut self.plot, &mut self.still);
    }

    /// The same where only the number of the frame changes.
    pub(crate) fn go_on(&mut self, number: u32) {
        self.go(number, self.still.frame);
    }

    /// Puts the whole together: both are RGBA from the top left.
    pub(crate) fn compose(&self, data: &[u8], out: &mut [u8]) {
        let stride = self.still.frame.size().0.max(1) as usize;
        let (data, out) = (data.as_chunks::<4>().0, out.as_chunks_mut::<4>().0);
        let fill = |line: u32, pixels: &mut [[u8; 4]]| {
            let from = data.chunks_exact(stride).nth(line as usize).unwrap_or_default();
            pixels.iter_mut().zip(from).for_each(|(pixel, from)| *pixel = *from);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = self.layer.rows_around(0..self.size().1, out, fill);
    }
}
