//! The cells of the resident rows on the GPU.

use std::ops::Range;

use wgpu::{Extent3d, Origin3d, TextureFormat, TextureUsages};

use super::tile::Tile;
use crate::error::Error;
use crate::shade::{Resident, Texel};

/// The cells of the resident rows on the GPU, slot by slot, and a table with each slot's layout and weight.
#[derive(Debug)]
pub(super) struct Cells {
    tile: Tile,
    texel: Texel,
    bins: u32,
    texture: wgpu::Texture,
    table: wgpu::Texture,
    words: Vec<[u32; 2]>,
}

/// Adjacent slots of one band.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    slot: u32,
    count: u32,
    /// Number of rows in the runs before this one.
    done: u64,
}

impl Cells {
    pub(super) fn new(device: &wgpu::Device, bins: u32, rows: u32, texel: Texel) -> Result<Self, Error> {
        let limits = device.limits();
        let (side, max) = (limits.max_texture_dimension_2d, limits.max_texture_array_layers);
        let tile = Tile::new(bins, rows, side, max).map_err(|layers| Error::Layers { rows, bins, layers, max })?;
        // wgpu's GL backend makes a plain texture if there is a single layer, and shaders that read it as an array get zeros.
        let least = if device.adapter_info().backend == wgpu::Backend::Gl { 2 } else { 1 };
        let texture = |label, width, height, layers, format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: Extent3d { width, height, depth_or_array_layers: layers },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST | usage,
                view_formats: &[],
            })
        };
        let layers = tile.layers().max(least);
        let (read, table) = (TextureUsages::COPY_SRC, TextureFormat::Rg32Uint);
        Ok(Self {
            tile,
            texel,
            bins,
            texture: texture("ringfall ring", tile.width, tile.height, layers, format(texel), read),
            table: texture("ringfall rows", tile.height, tile.bands, 1, table, TextureUsages::empty()),
            words: Vec::new(),
        })
    }

    /// The most rows of this many bins that the device's textures can hold.
    pub(super) fn most_rows(device: &wgpu::Device, bins: u32) -> Result<u64, Error> {
        let limits = device.limits();
        let (side, max) = (limits.max_texture_dimension_2d, limits.max_texture_array_layers);
        let one = Tile::new(bins, 1, side, max).map_err(|layers| Error::Layers { rows: 1, bins, layers, max })?;
        let most_bands = (max / one.columns).min(side);
        Ok(u64::from(most_bands) << side.ilog2())
    }

    pub(super) fn is_colors(&self) -> bool {
        self.texel.is_colors()
    }

    pub(super) fn tile(&self) -> Tile {
        self.tile
    }

    pub(super) fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    pub(super) fn table(&self) -> &wgpu::Texture {
        &self.table
    }

    /// Splits the `count` slots from this one on wherever they wrap or enter the next band.
    fn runs(&self, mut slot: u32, count: u64, capacity: u32) -> impl Iterator<Item = Run> + use<> {
        let height = self.tile.height;
        let mut done = 0;
        std::iter::from_fn(move || {
            let room = (height - slot % height).min(capacity - slot);
            let run = Run { slot, count: u64::from(room).min(count - done) as u32, done };
            done += u64::from(run.count);
            slot = (slot + run.count) % capacity;
            (run.count > 0).then_some(run)
        })
    }

    /// Writes a run of the rows in `texels`, which has `stride` words each.
    fn write_run(&self, queue: &wgpu::Queue, run: &Run, texels: &[u32], stride: usize) -> u64 {
        let Tile { columns, row_shift, .. } = self.tile;
        let first = run.done as usize * stride;
        let data: &[u8] = bytemuck::cast_slice(&texels[first..first + run.count as usize * stride]);
        let mut bytes = 0;
        for column in 0..columns {
            let from = column * self.tile.width;
            let width = self.tile.width.min(self.bins - from);
            let origin =
                Origin3d { x: 0, y: run.slot & self.tile.row_in_band(), z: (run.slot >> row_shift) * columns + column };
            queue.write_texture(
                wgpu::TexelCopyTextureInfo { origin, ..self.texture.as_image_copy() },
                data,
                wgpu::TexelCopyBufferLayout {
                    offset: u64::from(from * self.texel.bytes()),
                    bytes_per_row: Some((stride * 4) as u32),
                    rows_per_image: None,
                },
                Extent3d { width, height: run.count, depth_or_array_layers: 1 },
            );
            bytes += u64::from(width * self.texel.bytes()) * u64::from(run.count);
        }
        bytes
    }

    /// Uploads what is staged. Returns the bytes written.
    ///
    /// Any number of adjacent rows takes at most two writes per layer: the ring's end and its beginning.
    pub(super) fn upload(&self, queue: &wgpu::Queue, rows: &mut Resident) -> u64 {
        let mut bytes = 0;
        rows.upload(|resident, rows, texels| {
            for run in self.runs(resident.slot(rows.start), rows.end - rows.start, resident.capacity()) {
                bytes += self.write_run(queue, &run, texels, resident.stride());
            }
        });
        bytes
    }

    /// Writes the layouts and weights of these rows into the table; `layout` gives the layout's number of each. Returns the
    /// bytes written.
    pub(super) fn write_table(
        &mut self,
        queue: &wgpu::Queue,
        resident: &Resident,
        rows: Range<u64>,
        mut layout: impl FnMut(u64) -> u32,
    ) -> u64 {
        let mut bytes = 0;
        for run in self.runs(resident.slot(rows.start), rows.end - rows.start, resident.capacity()) {
            let first = rows.start + run.done;
            self.words.clear();
            self.words.extend(
                (first..first + u64::from(run.count))
                    .map(|row| [layout(row), (resident.entry(row).weight as f32).to_bits()]),
            );
            let data: &[u8] = bytemuck::cast_slice(&self.words);
            let origin = Origin3d { x: run.slot % self.tile.height, y: run.slot / self.tile.height, z: 0 };
            queue.write_texture(
                wgpu::TexelCopyTextureInfo { origin, ..self.table.as_image_copy() },
                data,
                wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(run.count * 8), rows_per_image: None },
                Extent3d { width: run.count, height: 1, depth_or_array_layers: 1 },
            );
            bytes += data.len() as u64;
        }
        bytes
    }
}

fn format(texel: Texel) -> TextureFormat {
    match texel {
        Texel::F16 => TextureFormat::R16Float,
        Texel::F32 => TextureFormat::R32Float,
        Texel::U8 { .. } => TextureFormat::R8Unorm,
        Texel::Rgba8 { .. } => TextureFormat::Rgba8Unorm,
    }
}
