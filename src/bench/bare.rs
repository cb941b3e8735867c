//! The cost of the same wgpu calls without ringfall.

use anyhow::Result;
use ringfall::gpu::Gpu;
use ringfall::{Shading, wgpu};

use super::allocations;
use super::canvas::{Canvas, FORMAT};
use super::case::{Case, Output};
use super::render_pipeline::RenderPipeline;

/// The wgpu calls of a frame of the strip, one after the other, with nothing of ringfall around them: what they
/// allocate is wgpu's own.
pub(super) struct Bare {
    case: Case,
    shading: Shading,
    ring: wgpu::Texture,
    maps: wgpu::Texture,
    lines: wgpu::Texture,
    strip: wgpu::Texture,
    strip_view: wgpu::TextureView,
    shade: (wgpu::RenderPipeline, wgpu::BindGroup),
    row: Vec<u8>,
    line: Vec<u8>,
}

const FRAMES: u64 = 100;

impl Bare {
    pub(super) fn new(gpu: &Gpu, case: &Case, shading: Shading) -> Result<Self> {
        let device = gpu.device();
        let size = |width, height| wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        let texture = |width, height, format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("bench bare"),
                size: size(width, height),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | usage,
                view_formats: &[],
            })
        };
        let into = wgpu::TextureUsages::COPY_DST;
        let out = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC | into;
        let rows = case.rows_per_frame;
        let width = case.bins.min(gpu.max_size());
        let ring = texture(width, rows.max(2), wgpu::TextureFormat::R16Float, into);
        let maps = texture(rows.max(2), 2, wgpu::TextureFormat::Rgba32Uint, into);
        let lines = texture(case.height, 1, wgpu::TextureFormat::Rg32Uint, into);
        let strip = texture(case.width, case.height, FORMAT, out);
        let uniform = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("bench bare"),
            size: 16,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let sampled = |sample_type| wgpu::BindingType::Texture {
            sample_type,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let buffer = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let float = sampled(wgpu::TextureSampleType::Float { filterable: false });
        let uint = sampled(wgpu::TextureSampleType::Uint);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("bench bare"),
            entries: &[entry(0, buffer), entry(1, float), entry(2, uint), entry(3, uint)],
        });
        let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
        let bind = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bench bare"),
            layout: &layout,
            entries: &[
                bind(0, uniform.as_entire_binding()),
                bind(1, wgpu::BindingResource::TextureView(&view(&ring))),
                bind(2, wgpu::BindingResource::TextureView(&view(&maps))),
                bind(3, wgpu::BindingResource::TextureView(&view(&lines))),
            ],
        });
        let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("bench bare"),
            source: wgpu::ShaderSource::Wgsl(
                "@vertex fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> { \
                 return vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0); }\n\
                 @fragment fn fragment() -> @location(0) vec4<f32> { return vec4<f32>(1.0); }"
                    .into(),
            ),
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("bench bare"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = RenderPipeline {
            label: "bench bare",
            layout: Some(&pipeline_layout),
            shader: &shader,
            vertex: "vertex",
            fragment: "fragment",
            constants: &[],
        }
        .create(device);
        gpu.check()?;
        Ok(Self {
            case: *case,
            shading,
            row: vec![0; width as usize * rows as usize * 2],
            line: vec![0; case.width as usize * rows as usize * 4],
            strip_view: view(&strip),
            ring,
            maps,
            lines,
            strip,
            shade: (pipeline, group),
        })
    }

    /// The mean over some frames, on the calling thread.
    pub(super) fn allocations_per_frame(&self, gpu: &Gpu, canvas: &Canvas) -> Result<f64> {
        let mut picture = Vec::new();
        // After a few frames wgpu's caches are filled.
        for _ in 0..20 {
            self.frame(gpu, canvas, &mut picture)?;
        }
        let before = allocations::here();
        for _ in 0..FRAMES {
            self.frame(gpu, canvas, &mut picture)?;
        }
        Ok((allocations::here() - before) as f64 / FRAMES as f64)
    }

    fn frame(&self, gpu: &Gpu, canvas: &Canvas, picture: &mut Vec<u8>) -> Result<()> {
        let rows = self.case.rows_per_frame;
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        let write = |texture: &wgpu::Texture, data: &[u8], width, height| {
            gpu.queue().write_texture(
                texture.as_image_copy(),
                data,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(data.len() as u32 / height),
                    rows_per_image: None,
                },
                wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            );
        };
        let zeros = [0; 16];
        if self.shading == Shading::Cpu {
            write(&self.strip, &self.line, self.case.width, rows);
        } else {
            write(&self.ring, &self.row, self.ring.width(), rows);
            write(&self.maps, &zeros, 1, 1);
            write(&self.lines, &zeros[..8], 1, 1);
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("bench bare"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &self.strip_view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
                })],
                ..Default::default()
            });
            pass.set_pipeline(&self.shade.0);
            pass.set_bind_group(0, &self.shade.1, &[]);
            pass.set_scissor_rect(0, 0, self.case.width, 1);
            pass.draw(0..3, 0..1);
        }
        if self.case.output == Output::Draw {
            let mut pass = canvas.pass(&mut encoder);
            pass.set_pipeline(&self.shade.0);
            pass.set_bind_group(0, &self.shade.1, &[]);
            pass.draw(0..3, 0..1);
        } else {
            let (width, height) = (self.case.width, self.case.height);
            let half = height / 2;
            for (from, to, height) in [(half, 0, height - half), (0, height - half, half)] {
                let at = |texture, y| wgpu::TexelCopyTextureInfo {
                    origin: wgpu::Origin3d { x: 0, y, z: 0 },
                    ..wgpu::Texture::as_image_copy(texture)
                };
                encoder.copy_texture_to_texture(
                    at(&self.strip, from),
                    at(&canvas.texture, to),
                    wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                );
            }
        }
        canvas.finish(gpu, encoder, picture)
    }
}
