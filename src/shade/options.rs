//! What a waterfall or a canvas is made for.

use super::texel::Texel;
use crate::error::Error;
use crate::unit::Unit;
use crate::view::Side;

/// What a waterfall is made for. Begin with the defaults, and set what is to be otherwise:
///
/// ```
/// let options = ringfall::Options::default().bins(2048).size(800, 600).newest_side(ringfall::Side::Bottom);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Most bins that a row may have, 1 to [`Options::MAX_BINS`]. Wider than a texture is no problem.
    pub bins: u32,
    /// How many rows stay resident. More than fit on the picture: zooming out in time and moving the view back show them.
    pub capacity: Capacity,
    /// How a value is stored.
    pub texel: Texel,
    /// What the values of the rows are: it decides what their [mean](crate::Reduce::Mean) is.
    pub unit: Unit,
    /// Width of the picture, in pixels.
    pub width: u32,
    /// Height of the picture, in pixels.
    pub height: u32,
    /// At which side of the picture new rows come in.
    pub newest_side: Side,
    /// Whether the resident rows are kept in main memory too, for [`Waterfall::canvas`](crate::Waterfall::canvas) to read them back. It
    /// takes as many bytes there as on the GPU; where the CPU shades they are there anyway.
    pub keep_rows: bool,
    /// Where new lines of the picture are shaded.
    pub shading: Shading,
}

impl Options {
    /// Most bins that a row may have: 2²².
    pub const MAX_BINS: u32 = 1 << 22;

    /// Most rows that a [`Sender`](crate::Sender) may have on their way: 2²⁰.
    pub const MAX_SENDER_ROWS: u32 = 1 << 20;

    /// Sets [`bins`](field@Self::bins).
    #[must_use]
    pub fn bins(self, bins: u32) -> Self {
        Self { bins, ..self }
    }

    /// Sets [`unit`](field@Self::unit).
    #[must_use]
    pub fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    /// Sets [`capacity`](field@Self::capacity).
    #[must_use]
    pub fn capacity(self, capacity: Capacity) -> Self {
        Self { capacity, ..self }
    }

    /// Sets [`texel`](field@Self::texel).
    #[must_use]
    pub fn texel(self, texel: Texel) -> Self {
        Self { texel, ..self }
    }

    /// Sets [`width`](field@Self::width).
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// Sets [`height`](field@Self::height).
    #[must_use]
    pub fn height(self, height: u32) -> Self {
        Self { height, ..self }
    }

    /// Sets [`newest_side`](field@Self::newest_side).
    #[must_use]
    pub fn newest_side(self, newest_side: Side) -> Self {
        Self { newest_side, ..self }
    }

    /// Sets [`keep_rows`](field@Self::keep_rows).
    #[must_use]
    pub fn keep_rows(self, keep_rows: bool) -> Self {
        Self { keep_rows, ..self }
    }

    /// Sets [`shading`](field@Self::shading).
    #[must_use]
    pub fn shading(self, shading: Shading) -> Self {
        Self { shading, ..self }
    }

    /// Sets [`width`](field@Self::width) and [`height`](field@Self::height).
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        Self { width, height, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.bins == 0 || self.bins > Self::MAX_BINS {
            return Err(Error::Bins { asked: self.bins, max: Self::MAX_BINS });
        }
        self.texel.check()
    }
}

impl Default for Options {
    /// 1024 bins, levels in dB, half-float texels in 64 MiB, a picture of 1024×768 pixels with the newest row at the top; rows are not
    /// kept for reading back.
    fn default() -> Self {
        Self {
            bins: 1024,
            capacity: Capacity::Bytes(64 << 20),
            texel: Texel::F16,
            unit: Unit::Decibel,
            width: 1024,
            height: 768,
            newest_side: Side::Top,
            keep_rows: false,
            shading: Shading::Auto,
        }
    }
}

/// How many rows stay resident: on the GPU, or in main memory if the CPU [shades](Shading).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capacity {
    /// This many rows.
    Rows(u32),
    /// As many rows as fit in this many bytes of memory, or as the device's textures take.
    Bytes(u64),
}

/// Where new lines of the picture are shaded: made of the rows. The picture is the same, to the bit where pixels show the
/// [maximum or minimum](crate::Reduce) of their cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Shading {
    /// On the CPU where the adapter is a software one, as [`wgpu::DeviceType::Cpu`] has it; else on the GPU.
    #[default]
    Auto,
    /// By a shader, from rows in a texture.
    Gpu,
    /// By [`prepare`](crate::Waterfall::prepare) itself, on all processors where there is much to do; rows stay in main
    /// memory, and what goes to the device are finished lines. Several times as fast as a software rasteriser.
    Cpu,
}
