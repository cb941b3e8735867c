//! Render pipelines that differ only in their shaders: no vertices, no depth, one target of the bench's format.

use ringfall::wgpu;

use super::canvas::FORMAT;

/// What differs. Without a layout it is derived from the shader.
pub(super) struct RenderPipeline<'a> {
    pub(super) label: &'a str,
    pub(super) layout: Option<&'a wgpu::PipelineLayout>,
    pub(super) shader: &'a wgpu::ShaderModule,
    /// Entry points.
    pub(super) vertex: &'a str,
    pub(super) fragment: &'a str,
    /// Values of the fragment shader's `override`s.
    pub(super) constants: &'a [(&'a str, f64)],
}

impl RenderPipeline<'_> {
    pub(super) fn create(&self, device: &wgpu::Device) -> wgpu::RenderPipeline {
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.label),
            layout: self.layout,
            vertex: wgpu::VertexState {
                module: self.shader,
                entry_point: Some(self.vertex),
                compilation_options: Default::default(),
                buffers: &[],
            },
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            fragment: Some(wgpu::FragmentState {
                module: self.shader,
                entry_point: Some(self.fragment),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: self.constants,
                    ..Default::default()
                },
                targets: &[Some(FORMAT.into())],
            }),
            multiview_mask: None,
            cache: None,
        })
    }
}
