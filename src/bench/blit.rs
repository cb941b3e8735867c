//! Draws a picture over a whole target.

use ringfall::gpu::Gpu;
use ringfall::wgpu;

use super::render_pipeline::RenderPipeline;

/// Draws a texture as it is over a target of the same size.
pub(super) struct Blit {
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
}

impl Blit {
    pub(super) fn new(gpu: &Gpu, texture: &wgpu::Texture) -> Self {
        let device = gpu.device();
        let shader = device.create_shader_module(wgpu::include_wgsl!("../../shaders/bench.wgsl"));
        let pipeline = RenderPipeline {
            label: "bench blit",
            layout: None,
            shader: &shader,
            vertex: "corner",
            fragment: "blit",
            constants: &[],
        }
        .create(device);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let nearest = device.create_sampler(&Default::default());
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bench blit"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&nearest) },
            ],
        });
        Self { pipeline, group }
    }

    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        pass.draw(0..6, 0..1);
    }
}
