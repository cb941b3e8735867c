//! The strip and its bindings for drawing.

use wgpu::{Extent3d, TexelCopyTextureInfo};

use super::pipelines::Pipelines;
use super::strip::Strip;
use super::target::Target;

/// The strip and its bindings for drawing.
pub(super) struct Drawn {
    pub(super) strip: Strip,
    pub(super) pipeline: wgpu::RenderPipeline,
    pub(super) target: Target,
    pub(super) group: wgpu::BindGroup,
}

impl Drawn {
    pub(super) fn new(device: &wgpu::Device, pipelines: &Pipelines, strip: Strip, target: Target) -> Self {
        let view = strip.texture.create_view(&Default::default());
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("ringfall draw"),
            layout: pipelines.draw_group(),
            entries: &[
                entry(0, wgpu::BindingResource::TextureView(&view)),
                entry(1, wgpu::BindingResource::Sampler(pipelines.nearest())),
            ],
        });
        let pipeline = pipelines.draw(device, &target, strip.ring.newest().is_sideways());
        Self { strip, pipeline, target, group }
    }

    /// Records one draw call, which draws the picture.
    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        // See the vertex shader.
        let first = 12 * self.strip.ring.offset();
        pass.draw(first..first + if self.target.samples > 1 { 3 } else { 12 }, 0..1);
    }

    /// Records the copies of the picture: the strip's end, then its beginning.
    pub(super) fn copy(&self, encoder: &mut wgpu::CommandEncoder, texture: &wgpu::Texture, origin: (u32, u32)) {
        let strip = &self.strip;
        let (ring, offset) = (&strip.ring, strip.ring.offset());
        let (length, across, sideways) = (ring.length(), ring.across(), ring.newest().is_sideways());
        let point = |along, x, y| {
            let (x, y) = if sideways { (x + along, y) } else { (x, y + along) };
            wgpu::Origin3d { x, y, z: 0 }
        };
        let mut piece = |from, to, count| {
            let (width, height) = if sideways { (count, across) } else { (across, count) };
            if count > 0 {
                encoder.copy_texture_to_texture(
                    TexelCopyTextureInfo { origin: point(from, 0, 0), ..strip.texture.as_image_copy() },
                    TexelCopyTextureInfo { origin: point(to, origin.0, origin.1), ..texture.as_image_copy() },
                    Extent3d { width, height, depth_or_array_layers: 1 },
                );
            }
        };
        piece(offset, 0, length - offset);
        piece(0, length - offset, offset);
    }
}
