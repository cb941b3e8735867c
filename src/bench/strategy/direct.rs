//! The whole picture in one pass, every frame.

use anyhow::{Result, bail};
use ringfall::gpu::Gpu;
use ringfall::{Colormap, wgpu};

use super::{Strategy, texture, write_lines};
use crate::bench::canvas::Canvas;
use crate::bench::case::{Case, Look, Row, TexelArg};
use crate::bench::render_pipeline::RenderPipeline;

/// What most GPU waterfalls do: rows in a ring texture, and one full-screen pass that looks up ring and LUT for every pixel
/// of every frame.
pub(super) struct Direct {
    case: Case,
    ring: wgpu::Texture,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
    /// For a bin a pixel, and for any other number.
    plain: wgpu::RenderPipeline,
    reduce: wgpu::RenderPipeline,
    /// Rows so far, those that wait included.
    rows: u64,
    new: Vec<u8>,
    codes: bool,
}

/// `Direct` in `shaders/bench.wgsl`, field for field.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Uniform {
    top: u32,
    rows: u32,
    first: u32,
    span: u32,
    width: u32,
    lo: f32,
    factor: f32,
    pad: u32,
}

impl Direct {
    pub(super) fn new(gpu: &Gpu, case: &Case, colormap: &Colormap) -> Result<Self> {
        let limit = gpu.max_size();
        for (option, asked) in [("--history", case.history), ("--bins", case.bins)] {
            if asked > limit {
                bail!(
                    "{option} {asked} with --strategy direct: one texture holds all rows, and the adapter {:?} has {limit} \
                     a side at most",
                    gpu.name()
                );
            }
        }
        let device = gpu.device();
        let format = match case.texel {
            TexelArg::U8 => wgpu::TextureFormat::R8Unorm,
            TexelArg::F16 => wgpu::TextureFormat::R16Float,
            TexelArg::F32 => wgpu::TextureFormat::R32Float,
        };
        let ring = texture(gpu, (case.bins, case.history), format);
        let lut = texture(gpu, (257, 1), wgpu::TextureFormat::Rgba8Unorm);
        let entries: Vec<u8> = colormap.lut().iter().chain([&colormap.under()]).flatten().copied().collect();
        write_lines(gpu, &lut, 0, &entries, 257 * 4);
        let uniform = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("bench direct"),
            size: size_of::<Uniform>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let sampled = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let buffer = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let group_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("bench direct"),
            entries: &[entry(0, buffer), entry(1, sampled), entry(2, sampled)],
        });
        let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
        let bind = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("bench direct"),
            layout: &group_layout,
            entries: &[
                bind(0, uniform.as_entire_binding()),
                bind(1, wgpu::BindingResource::TextureView(&view(&ring))),
                bind(2, wgpu::BindingResource::TextureView(&view(&lut))),
            ],
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("bench direct"),
            bind_group_layouts: &[Some(&group_layout)],
            immediate_size: 0,
        });
        let shader = device.create_shader_module(wgpu::include_wgsl!("../../../shaders/bench.wgsl"));
        let codes = case.texel == TexelArg::U8;
        let pipeline = |reduce: bool| {
            let flag = |set: bool| f64::from(u8::from(set));
            RenderPipeline {
                label: "bench direct",
                layout: Some(&layout),
                shader: &shader,
                vertex: "vertex",
                fragment: "fragment",
                constants: &[("REDUCE", flag(reduce)), ("CODES", flag(codes))],
            }
            .create(device)
        };
        Ok(Self {
            case: *case,
            plain: pipeline(false),
            reduce: pipeline(true),
            ring,
            uniform,
            group,
            rows: 0,
            new: Vec::new(),
            codes,
        })
    }

    fn line_bytes(&self) -> u32 {
        self.case.bins * self.ring.format().block_copy_size(None).unwrap_or(1)
    }
}

impl Strategy for Direct {
    fn push(&mut self, row: Row<'_>) -> Result<()> {
        match self.case.texel {
            TexelArg::U8 => self.new.extend_from_slice(row.codes),
            TexelArg::F16 => {
                use half::slice::HalfFloatSliceExt as _;
                let start = self.new.len();
                self.new.resize(start + row.values.len() * 2, 0);
                let out: &mut [half::f16] = bytemuck::cast_slice_mut(&mut self.new[start..]);
                out.convert_from_f32_slice(row.values);
            }
            TexelArg::F32 => self.new.extend_from_slice(bytemuck::cast_slice(row.values)),
        }
        self.rows += 1;
        Ok(())
    }

    fn record(&mut self, gpu: &Gpu, look: Look, encoder: &mut wgpu::CommandEncoder, canvas: &Canvas) -> Result<u64> {
        let line_bytes = self.line_bytes();
        let history = u64::from(self.case.history);
        let waiting = self.new.len() as u64 / u64::from(line_bytes);
        // Rows that would be overwritten in the same frame are not sent.
        let sent = waiting.min(history);
        let first = self.rows - sent;
        let data = &self.new[((waiting - sent) * u64::from(line_bytes)) as usize..];
        let slot = (first % history) as u32;
        let before_wrap = ((history - u64::from(slot)).min(sent) * u64::from(line_bytes)) as usize;
        let mut bytes = 0;
        for (slot, data) in [(slot, &data[..before_wrap]), (0, &data[before_wrap..])] {
            if !data.is_empty() {
                bytes += write_lines(gpu, &self.ring, slot, data, line_bytes);
            }
        }
        self.new.clear();

        let scale = look.scale()?;
        let (lo, factor) = if self.codes {
            // Codes are the middles of the colours.
            (f32::from(look.shift) - 0.5, 1.0)
        } else {
            (scale.vmin(), 256.0 / (scale.vmax() - scale.vmin()))
        };
        let uniform = Uniform {
            top: ((self.rows + history - u64::from(self.case.height)) % history) as u32,
            rows: self.case.history,
            first: look.first,
            span: look.span,
            width: self.case.width,
            lo,
            factor,
            pad: 0,
        };
        gpu.queue().write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform));
        bytes += size_of::<Uniform>() as u64;
        let plain = look.span == self.case.width;
        let mut pass = canvas.pass(encoder);
        pass.set_pipeline(if plain { &self.plain } else { &self.reduce });
        pass.set_bind_group(0, &self.group, &[]);
        pass.draw(0..3, 0..1);
        Ok(bytes)
    }
}
