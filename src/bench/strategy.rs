//! The ways of drawing a waterfall that are compared. They are fed the same rows and have to end with the same picture.

mod direct;
mod rebuild;
mod strip;

use anyhow::Result;
use clap::ValueEnum;
use ringfall::gpu::Gpu;
use ringfall::{Colormap, Shading, wgpu};

use super::canvas::Canvas;
use super::case::{Case, Look, Row};

/// A way of drawing a waterfall.
pub(super) trait Strategy {
    /// Takes a row.
    fn push(&mut self, row: Row<'_>) -> Result<()>;

    /// Brings the rows to the device, and records what makes the picture of them in `canvas`. Returns the bytes that it
    /// handed to the queue.
    fn record(&mut self, gpu: &Gpu, look: Look, encoder: &mut wgpu::CommandEncoder, canvas: &Canvas) -> Result<u64>;

    /// Where the renderer shades, if it is the crate's own.
    fn shading(&self) -> Option<Shading> {
        None
    }
}

/// Which strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// ringfall's: rows in a ring texture, only new lines coloured, into a second ring that is copied or drawn
    Strip,
    /// Rows in a ring texture, all pixels coloured in one full-screen pass every frame
    Direct,
    /// The whole picture coloured on the CPU and uploaded every frame, as QRSS VD does
    Rebuild,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Strip, Self::Direct, Self::Rebuild];

    pub(super) fn make(self, gpu: &Gpu, case: &Case, colormap: &Colormap) -> Result<Box<dyn Strategy>> {
        Ok(match self {
            Self::Strip => Box::new(strip::Strip::new(gpu, case, colormap)?),
            Self::Direct => Box::new(direct::Direct::new(gpu, case, colormap)?),
            Self::Rebuild => Box::new(rebuild::Rebuild::new(gpu, case, colormap)),
        })
    }
}

/// A texture of one layer, to be sampled and written to.
fn texture(gpu: &Gpu, (width, height): (u32, u32), format: wgpu::TextureFormat) -> wgpu::Texture {
    gpu.device().create_texture(&wgpu::TextureDescriptor {
        label: Some("bench"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// Writes whole lines of a texture, from line `y` on. Returns the number of bytes written.
fn write_lines(gpu: &Gpu, texture: &wgpu::Texture, y: u32, data: &[u8], line_bytes: u32) -> u64 {
    let height = data.len() as u32 / line_bytes;
    gpu.queue().write_texture(
        wgpu::TexelCopyTextureInfo { origin: wgpu::Origin3d { x: 0, y, z: 0 }, ..texture.as_image_copy() },
        data,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(line_bytes), rows_per_image: None },
        wgpu::Extent3d { width: texture.width(), height, depth_or_array_layers: 1 },
    );
    data.len() as u64
}
