use wgpu::{Extent3d, TexelCopyTextureInfo};

use super::Target;
use super::pipelines::{Pipelines, ShadeKey};
use super::ring::Ring;
use super::strip::{Stretch, Strip};

/// The strip and what is bound to draw and shade it.
pub(super) struct Drawn {
    pub(super) strip: Strip,
    pub(super) view: wgpu::TextureView,
    pub(super) shade: wgpu::RenderPipeline,
    pub(super) shade_key: ShadeKey,
    pub(super) shade_group: wgpu::BindGroup,
    pub(super) draw: wgpu::RenderPipeline,
    pub(super) target: Target,
    pub(super) draw_group: wgpu::BindGroup,
    pub(super) offset: u32,
    /// What the last `prepare` shaded.
    pub(super) stretches: [Stretch; 4],
}

impl Drawn {
    pub(super) fn new(
        device: &wgpu::Device,
        (pipelines, ring, lut): (&Pipelines, &Ring, &wgpu::Texture),
        (shade_uniform, draw_uniform): (&wgpu::Buffer, &wgpu::Buffer),
        strip: Strip,
        shade_key: ShadeKey,
        target: Target,
    ) -> Self {
        let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
        let cells = ring.texture().create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..Default::default()
        });
        let (maps, lines, colors, strip_view) =
            (view(ring.maps()), view(&strip.lines), view(lut), view(&strip.texture));
        let texture = wgpu::BindingResource::TextureView;
        let group = |label, layout, resources: &[wgpu::BindingResource<'_>]| {
            let entries = (0..).zip(resources);
            let entries = entries.map(|(binding, r)| wgpu::BindGroupEntry { binding, resource: r.clone() });
            let entries: Vec<_> = entries.collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some(label), layout, entries: &entries })
        };
        let shade_group = group(
            "ringfall shade",
            pipelines.shade_group(),
            &[shade_uniform.as_entire_binding(), texture(&cells), texture(&maps), texture(&lines), texture(&colors)],
        );
        let draw_group = group(
            "ringfall draw",
            pipelines.draw_group(),
            &[
                draw_uniform.as_entire_binding(),
                texture(&strip_view),
                wgpu::BindingResource::Sampler(pipelines.nearest()),
            ],
        );
        Self {
            shade: pipelines.shade(device, shade_key),
            shade_key,
            shade_group,
            draw: pipelines.draw(device, &target),
            target,
            draw_group,
            view: strip_view,
            strip,
            offset: 0,
            stretches: [Stretch::default(); 4],
        }
    }

    /// Records the shading of these lines: one pass, a scissored draw for each stretch.
    pub(super) fn record(&self, encoder: &mut wgpu::CommandEncoder, stretches: &[Stretch]) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("ringfall shade"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&self.shade);
        pass.set_bind_group(0, &self.shade_group, &[]);
        for stretch in stretches.iter().filter(|s| s.count > 0) {
            let (place, count, across) = (stretch.place, stretch.count, self.strip.across());
            if self.strip.newest().is_sideways() {
                pass.set_scissor_rect(place, 0, count, across);
            } else {
                pass.set_scissor_rect(0, place, across, count);
            }
            pass.draw(0..3, 0..1);
        }
    }

    /// Records the copying of the picture: the strip's end, then its beginning.
    pub(super) fn copy(&self, encoder: &mut wgpu::CommandEncoder, texture: &wgpu::Texture, origin: (u32, u32)) {
        let strip = &self.strip;
        let (length, across, sideways) = (strip.length(), strip.across(), strip.newest().is_sideways());
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
        piece(self.offset, 0, length - self.offset);
        piece(0, length - self.offset, self.offset);
    }
}
