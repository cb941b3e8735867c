//! What a waterfall or a canvas is made for.

use super::texel::Texel;
use crate::error::Error;
use crate::unit::Unit;
use crate::view::Side;

/// The settings that a waterfall is created with. Start from the defaults and change what you need:
///
/// ```
/// let options = ringfall::Options::default().bins(2048).size(800, 600).newest_side(ringfall::Side::Bottom);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Maximum number of bins per row, 1 to [`Options::MAX_BINS`]. It may exceed the width of a texture.
    pub bins: u32,
    /// How many rows stay resident. Rows beyond the height of the picture are for zooming out and moving back in time.
    pub capacity: Capacity,
    /// How a value is stored.
    pub texel: Texel,
    /// The unit of the rows' values. It determines their [mean](crate::Reduce::Mean).
    pub unit: Unit,
    /// Width of the picture, in pixels.
    pub width: u32,
    /// Height of the picture, in pixels.
    pub height: u32,
    /// The side of the picture at which new rows appear.
    pub newest_side: Side,
    /// Whether to keep the resident rows in main memory as well, so that
    /// [`Waterfall::canvas`](crate::Waterfall::canvas) can read them back. This takes the same number of bytes as on
    /// the GPU. If the CPU shades, the rows are there anyway.
    pub keep_rows: bool,
    /// Where new lines of the picture are shaded.
    pub shading: Shading,
}

impl Options {
    /// The largest number of bins per row: 2²².
    pub const MAX_BINS: u32 = 1 << 22;

    /// The largest capacity of a [`Sender`](crate::Sender), in rows: 2²⁰.
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
    /// This number of rows.
    Rows(u32),
    /// As many rows as fit in this many bytes of memory, or as the device's textures take.
    Bytes(u64),
}

/// Where new lines of the picture are shaded from the rows. The picture is the same, to the bit where pixels show the
/// [maximum or minimum](crate::Reduce) of their cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Shading {
    /// On the CPU if the adapter is a software one ([`wgpu::DeviceType::Cpu`]), otherwise on the GPU.
    #[default]
    Auto,
    /// By a shader, from rows in a texture.
    Gpu,
    /// On the CPU, in [`prepare`](crate::Waterfall::prepare), on all processors if there is enough work. Rows stay in
    /// main memory, and only finished lines are uploaded. This is several times as fast as a software rasteriser.
    Cpu,
}
