//! The visible picture on the GPU.

use wgpu::{Extent3d, TextureFormat, TextureUsages};

use crate::shade::LineRing;
use crate::view::Side;

/// The visible picture: a texture whose lines are a ring.
pub(super) struct Strip {
    pub(super) texture: wgpu::Texture,
    pub(super) ring: LineRing,
}

impl Strip {
    pub(super) fn new(device: &wgpu::Device, size: (u32, u32), newest: Side, format: TextureFormat) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("ringfall strip"),
            size: Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: TextureUsages::TEXTURE_BINDING
                | TextureUsages::RENDER_ATTACHMENT
                | TextureUsages::COPY_SRC
                | TextureUsages::COPY_DST,
            view_formats: &[],
        });
        Self { texture, ring: LineRing::new(size, newest) }
    }
}
