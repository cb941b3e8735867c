use wgpu::{Extent3d, Origin3d, TextureFormat, TextureUsages};

use super::ring::Mapping;
use super::tile::Tile;
use super::{Error, Texel};
use crate::Stamp;
use crate::view::BinMap;

/// The cells of the resident rows on the GPU, slot by slot, and a table with each slot's bin map.
#[derive(Debug)]
pub(super) struct Cells {
    tile: Tile,
    texel: Texel,
    bins: u32,
    texture: wgpu::Texture,
    maps: wgpu::Texture,
    map_words: Vec<[u32; 4]>,
    /// What the table of bin maps was made for.
    mapped: Option<Mapping>,
}

/// Neighbouring slots of one band.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    slot: u32,
    count: u32,
    /// Rows in the runs before.
    pub(super) done: u64,
}

impl Cells {
    /// Bytes a slot takes in the table of bin maps.
    pub(super) const MAP_BYTES: u64 = 32;

    pub(super) fn new(device: &wgpu::Device, bins: u32, rows: u32, texel: Texel) -> Result<Self, Error> {
        let limits = device.limits();
        let (side, max) = (limits.max_texture_dimension_2d, limits.max_texture_array_layers);
        let tile = Tile::new(bins, rows, side, max).map_err(|layers| Error::Layers { rows, bins, layers, max })?;
        // wgpu's GL backend makes a plain texture of one that has a single layer, and shaders that take it for an array read
        // zeros.
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
        let (read, maps) = (TextureUsages::COPY_SRC, TextureFormat::Rgba32Uint);
        Ok(Self {
            tile,
            texel,
            bins,
            texture: texture("ringfall ring", tile.width, tile.height, layers, texel.format(), read),
            maps: texture("ringfall bin maps", tile.height, tile.bands * 2, 1, maps, TextureUsages::empty()),
            map_words: Vec::new(),
            mapped: None,
        })
    }

    /// The most rows of this many bins that the device's textures take.
    pub(super) fn most_rows(device: &wgpu::Device, bins: u32) -> Result<u64, Error> {
        let limits = device.limits();
        let (side, max) = (limits.max_texture_dimension_2d, limits.max_texture_array_layers);
        let one = Tile::new(bins, 1, side, max).map_err(|layers| Error::Layers { rows: 1, bins, layers, max })?;
        // The table of bin maps has two lines a band.
        let most_bands = (max / one.columns).min(side / 2);
        Ok(u64::from(most_bands) << side.ilog2())
    }

    pub(super) fn tile(&self) -> Tile {
        self.tile
    }

    pub(super) fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    pub(super) fn maps(&self) -> &wgpu::Texture {
        &self.maps
    }

    /// Whether the table of bin maps is for `mapping`. It is from now on.
    pub(super) fn is_mapped(&mut self, mapping: Mapping) -> bool {
        self.mapped.replace(mapping) == Some(mapping)
    }

    /// Splits `count` slots from this one on where they wrap or enter the next band.
    pub(super) fn runs(&self, mut slot: u32, count: u64, capacity: u32) -> impl Iterator<Item = Run> + use<> {
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

    /// Writes the rows at the start of `texels`, which has `stride` words each.
    pub(super) fn write_rows(&self, queue: &wgpu::Queue, run: &Run, texels: &[u32], stride: usize) -> u64 {
        let Tile { columns, row_shift, .. } = self.tile;
        let data: &[u8] = bytemuck::cast_slice(&texels[..run.count as usize * stride]);
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

    /// Writes the bin maps of these slots, whose stamps and bins are `stamps`.
    pub(super) fn write_maps(
        &mut self,
        queue: &wgpu::Queue,
        run: &Run,
        mapping: Mapping,
        stamps: &[(Stamp, u32)],
    ) -> u64 {
        let Run { slot, count, .. } = *run;
        let stamps = &stamps[slot as usize..(slot + count) as usize];
        let map = |stamp| BinMap::new(stamp, mapping.span_hz, mapping.pixels, mapping.interpolation);
        self.map_words.clear();
        self.map_words.extend(stamps.iter().map(|(stamp, _)| map(stamp).words()));
        self.map_words.extend(stamps.iter().map(|(_, bins)| [*bins, 0, 0, 0]));
        let data: &[u8] = bytemuck::cast_slice(&self.map_words);
        let origin = Origin3d { x: slot % self.tile.height, y: slot / self.tile.height * 2, z: 0 };
        queue.write_texture(
            wgpu::TexelCopyTextureInfo { origin, ..self.maps.as_image_copy() },
            data,
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(count * 16), rows_per_image: None },
            Extent3d { width: count, height: 2, depth_or_array_layers: 1 },
        );
        data.len() as u64
    }
}
