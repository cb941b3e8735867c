//! The waterfall of a window: on a graphics device, or in main memory.

use ringfall::{Canvas, Colormap, Error, Loader, Options, Rows, Scale, Side, Stamp, Strip, Waterfall};

/// The waterfall of a window: rows and settings in, a picture out.
#[derive(Debug)]
pub(crate) enum Picture {
    Device(Box<Waterfall>),
    Memory(Box<InMemory>),
}

/// A waterfall that no graphics device has part in.
#[derive(Debug)]
pub(crate) struct InMemory {
    pub(crate) canvas: Canvas,
    pub(crate) strip: Strip,
}

impl Picture {
    /// An empty picture in main memory.
    pub(crate) fn in_memory(options: &Options) -> Result<Self, Error> {
        Ok(Self::Memory(Box::new(InMemory { canvas: Canvas::new(options)?, strip: Strip::new() })))
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<(), Error> {
        match self {
            Self::Device(fall) => fall.push(stamp, row),
            Self::Memory(memory) => memory.canvas.push(stamp, row),
        }
    }

    /// Stages the rows that enter the view.
    pub(crate) fn load(&mut self, loader: &mut Loader, rows: &dyn Rows) -> Result<(), Error> {
        match self {
            Self::Device(fall) => loader.update(fall, rows),
            Self::Memory(memory) => loader.update_canvas(&mut memory.canvas, rows),
        }
    }

    /// Rows and settings, for reading.
    pub(crate) fn canvas(&self) -> Result<&Canvas, Error> {
        match self {
            Self::Device(fall) => fall.canvas(),
            Self::Memory(memory) => Ok(&memory.canvas),
        }
    }

    pub(crate) fn set_scale(&mut self, scale: Scale) {
        match self {
            Self::Device(fall) => fall.set_scale(scale),
            Self::Memory(memory) => memory.canvas.set_scale(scale),
        }
    }

    pub(crate) fn set_newest_side(&mut self, side: Side) {
        match self {
            Self::Device(fall) => fall.set_newest_side(side),
            Self::Memory(memory) => memory.canvas.set_newest_side(side),
        }
    }

    pub(crate) fn set_colormap(&mut self, colormap: &Colormap) {
        match self {
            Self::Device(fall) => fall.set_colormap(colormap),
            Self::Memory(memory) => memory.canvas.set_colormap(colormap),
        }
    }
}
