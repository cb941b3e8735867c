//! What a waterfall or a canvas is made for.

use super::texel::Texel;
use crate::error::Error;
use crate::unit::Unit;
use crate::view::Newest;

/// What a waterfall is made for. There may be more fields one day: leave room for them with `..Options::default()`.
#[derive(Clone, Debug, PartialEq)]
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
    pub newest: Newest,
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
            newest: Newest::Top,
            keep_rows: false,
            shading: Shading::Auto,
        }
    }
}

/// How many rows stay resident: on the GPU, or in main memory if the CPU [shades](Shading).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// This many rows.
    Rows(u32),
    /// As many rows as fit in this many bytes of memory, or as the device's textures take.
    Bytes(u64),
}

/// Where new lines of the picture are shaded: made of the rows. The picture is the same, to the bit where pixels show the
/// [maximum or minimum](crate::Reduce) of their cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
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
