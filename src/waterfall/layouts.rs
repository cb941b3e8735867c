//! Which bins the pixels show, on the GPU: a table with a row for each layout that rows have.

use std::collections::{HashMap, HashSet};

use wgpu::{Extent3d, Origin3d, TextureFormat, TextureUsages};

use super::memory;
use crate::error::Error;
use crate::frame::{Cover, Frame};
use crate::stamp::Layout;

/// A texture with the covers of the visible layouts, one row each. Rows of the same layout share one, so there is usually
/// one; if a receiver is retuned with every row, there are as many as rows.
#[derive(Debug)]
pub(super) struct Layouts {
    texture: wgpu::Texture,
    /// Rows a layer has: a power of two.
    shift: u32,
    capacity: u32,
    /// The frame the table was made for.
    frame: Frame,
    /// The number of each layout, and the most bins that a pixel shows.
    numbers: HashMap<[u64; 3], (u32, u32)>,
    covers: Vec<Cover>,
}

impl Layouts {
    /// An empty table for a frame, with room for `capacity` layouts.
    fn new(device: &wgpu::Device, frame: &Frame, capacity: u32) -> Result<Self, Error> {
        let across = frame.across();
        let limits = device.limits();
        let shift = capacity.next_power_of_two().ilog2().min(limits.max_texture_dimension_2d.ilog2());
        // wgpu's GL backend makes a plain texture if there is a single layer, and shaders that read it as an array get zeros.
        let layers = capacity.div_ceil(1 << shift).max(2);
        let max = limits.max_texture_array_layers;
        if layers > max {
            return Err(Error::Layers { rows: capacity, bins: across, layers, max });
        }
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("ringfall covers"),
            size: Extent3d { width: across, height: 1 << shift, depth_or_array_layers: layers },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TextureFormat::Rg32Uint,
            usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        });
        Ok(Self { texture, shift, capacity, frame: *frame, numbers: HashMap::new(), covers: Vec::new() })
    }

    /// The table to use for a frame: `own`, or a new one with more room. `layouts` are the layouts about to be shaded.
    pub(super) fn fit(
        own: Option<Self>,
        device: &wgpu::Device,
        frame: &Frame,
        layouts: impl Iterator<Item = Layout> + Clone,
    ) -> Result<Self, Error> {
        let frame = frame.with_last(0);
        let across = frame.across();
        let mut own = own.filter(|own| own.texture.width() == across);
        if let Some(own) = own.as_mut().filter(|own| own.frame != frame) {
            own.frame = frame;
            own.numbers.clear();
        }
        // Counted only if some are new, since counting allocates.
        let count = match &own {
            Some(own) if layouts.clone().all(|layout| own.numbers.contains_key(&key(&layout))) => 0,
            _ => layouts.map(|layout| key(&layout)).collect::<HashSet<_>>().len(),
        };
        match own {
            Some(mut own) if count <= own.capacity as usize => {
                if own.numbers.len() + count > own.capacity as usize {
                    // Layouts that have scrolled off the picture take up the room.
                    own.numbers.clear();
                }
                Ok(own)
            }
            _ => {
                let room = u32::try_from(count).unwrap_or(u32::MAX).saturating_mul(2).max(4);
                memory::guard(device, "table of layouts", || Self::new(device, &frame, room))?
            }
        }
    }

    /// The number of a layout, and the most bins of such a row that a pixel shows. A new layout is written, which adds to
    /// `bytes`.
    pub(super) fn number(&mut self, queue: &wgpu::Queue, layout: &Layout, bytes: &mut u64) -> (u32, u32) {
        if let Some(known) = self.numbers.get(&key(layout)) {
            return *known;
        }
        let number = self.numbers.len() as u32;
        self.covers.clear();
        self.frame.covers(layout, 0..self.frame.across(), &mut self.covers);
        let data: &[u8] = bytemuck::cast_slice(&self.covers);
        let origin = Origin3d { x: 0, y: number & self.mask(), z: number >> self.shift };
        queue.write_texture(
            wgpu::TexelCopyTextureInfo { origin, ..self.texture.as_image_copy() },
            data,
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: None, rows_per_image: None },
            Extent3d { width: self.covers.len() as u32, height: 1, depth_or_array_layers: 1 },
        );
        *bytes += data.len() as u64;
        let most = self.covers.iter().map(|cover| cover.range().len() as u32).max().unwrap_or(0);
        self.numbers.insert(key(layout), (number, most));
        (number, most)
    }

    pub(super) fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// The shift from a layout's number to its layer, and the mask for the rest.
    pub(super) fn shift(&self) -> u32 {
        self.shift
    }

    pub(super) fn mask(&self) -> u32 {
        (1 << self.shift) - 1
    }
}

fn key(layout: &Layout) -> [u64; 3] {
    [layout.first_hz.to_bits(), layout.bin_hz.to_bits(), u64::from(layout.bins)]
}
