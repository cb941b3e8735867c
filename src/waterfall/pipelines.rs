//! Shaders, layouts and pipelines of a device.

use std::sync::{Arc, Mutex, PoisonError};

use wgpu::{
    BindGroupLayoutEntry, BindingType, ShaderStages, TextureFormat, TextureSampleType,
    TextureViewDimension as Dimension,
};

use super::target::Target;
use crate::error::Error;

/// Shaders, layouts and render pipelines, shared by all waterfalls on a device. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pipelines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    device: wgpu::Device,
    shade: wgpu::ShaderModule,
    shade_group: wgpu::BindGroupLayout,
    shade_layout: wgpu::PipelineLayout,
    draw: wgpu::ShaderModule,
    draw_group: wgpu::BindGroupLayout,
    draw_layout: wgpu::PipelineLayout,
    nearest: wgpu::Sampler,
    /// Created on first use; there are only a few.
    made: Mutex<Vec<(Key, wgpu::RenderPipeline)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Shade(ShadeKey),
    Draw { target: Target, sideways: bool },
}

/// The key of a pipeline that shades a strip: the constants of `shaders/shade.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShadeKey {
    pub(super) format: TextureFormat,
    pub(super) reduce: Reduction,
    pub(super) linear: bool,
    pub(super) codes: bool,
    /// Cells are colours.
    pub(super) colors: bool,
    /// Entries are not equally wide: their thresholds are searched.
    pub(super) search: bool,
    pub(super) sideways: bool,
    pub(super) own: bool,
    /// Whether earlier steps have read a part of the cells, and whether later ones will.
    pub(super) resume: bool,
    pub(super) hand_on: bool,
}

/// `REDUCE` in `shaders/shade.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    Max = 0,
    MeanOfPower = 1,
    Min = 2,
    PlainMean = 3,
}

impl Pipelines {
    /// Compiles the shaders. Render pipelines are made when a waterfall first needs one.
    pub fn new(device: &wgpu::Device) -> Self {
        let shade = device.create_shader_module(wgpu::include_wgsl!("../../shaders/shade.wgsl"));
        let draw = device.create_shader_module(wgpu::include_wgsl!("../../shaders/draw.wgsl"));
        let texture = |binding, sample_type, view_dimension| BindGroupLayoutEntry {
            binding,
            visibility: ShaderStages::FRAGMENT,
            ty: BindingType::Texture { sample_type, view_dimension, multisampled: false },
            count: None,
        };
        let uniform = BindGroupLayoutEntry {
            binding: 0,
            visibility: ShaderStages::FRAGMENT,
            ty: BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        // Read with textureLoad only, so no texture needs to be filterable.
        let float = TextureSampleType::Float { filterable: false };
        let group = |label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let layout = |label, group| {
            device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(label),
                bind_group_layouts: &[Some(group)],
                immediate_size: 0,
            })
        };
        let shade_group = group(
            "ringfall shade",
            &[
                uniform,
                texture(1, float, Dimension::D2Array),
                texture(2, TextureSampleType::Uint, Dimension::D2),
                texture(3, TextureSampleType::Uint, Dimension::D2),
                texture(4, float, Dimension::D2),
                texture(5, TextureSampleType::Uint, Dimension::D2Array),
                texture(6, TextureSampleType::Uint, Dimension::D2),
                texture(7, float, Dimension::D2),
                texture(8, TextureSampleType::Uint, Dimension::D2),
            ],
        );
        let sampler = BindGroupLayoutEntry {
            binding: 1,
            visibility: ShaderStages::FRAGMENT,
            ty: BindingType::Sampler(wgpu::SamplerBindingType::NonFiltering),
            count: None,
        };
        let strip =
            BindGroupLayoutEntry { visibility: ShaderStages::VERTEX_FRAGMENT, ..texture(0, float, Dimension::D2) };
        let draw_group = group("ringfall draw", &[strip, sampler]);
        let nearest =
            device.create_sampler(&wgpu::SamplerDescriptor { label: Some("ringfall nearest"), ..Default::default() });
        let shade_layout = layout("ringfall shade", &shade_group);
        let draw_layout = layout("ringfall draw", &draw_group);
        let made = Mutex::new(Vec::new());
        Self(Arc::new(Shared {
            device: device.clone(),
            shade,
            shade_group,
            shade_layout,
            draw,
            draw_group,
            draw_layout,
            nearest,
            made,
        }))
    }

    /// Refuses any device but the one that these were made on: objects of two devices cannot be mixed.
    pub(super) fn check(&self, device: &wgpu::Device) -> Result<(), Error> {
        if self.0.device == *device { Ok(()) } else { Err(Error::Device) }
    }

    pub(super) fn shade_group(&self) -> &wgpu::BindGroupLayout {
        &self.0.shade_group
    }

    pub(super) fn draw_group(&self) -> &wgpu::BindGroupLayout {
        &self.0.draw_group
    }

    pub(super) fn nearest(&self) -> &wgpu::Sampler {
        &self.0.nearest
    }

    pub(super) fn shade(&self, device: &wgpu::Device, key: ShadeKey) -> wgpu::RenderPipeline {
        let flag = |set: bool| f64::from(u8::from(set));
        let constants = [
            ("REDUCE", f64::from(key.reduce as u8)),
            ("LINEAR", flag(key.linear)),
            ("CODES", flag(key.codes)),
            ("SEARCH", flag(key.search)),
            ("SIDEWAYS", flag(key.sideways)),
            ("OWN", flag(key.own)),
            ("RESUME", flag(key.resume)),
        ];
        // Sums of colours take two words each.
        let (format, count, fragment) = match (key.hand_on, key.colors) {
            (true, false) => (TextureFormat::Rgba32Uint, 1, "fragment_step"),
            (true, true) => (TextureFormat::Rgba32Uint, 2, "fragment_colors_step"),
            (false, false) => (key.format, 1, "fragment"),
            (false, true) => (key.format, 1, "fragment_colors"),
        };
        let targets = (&Target::new(format), count);
        let shared = &self.0;
        self.get(Key::Shade(key), || {
            pipeline(device, "ringfall shade", &shared.shade, &shared.shade_layout, targets, fragment, &constants)
        })
    }

    pub(super) fn draw(&self, device: &wgpu::Device, target: &Target, sideways: bool) -> wgpu::RenderPipeline {
        let flag = |set: bool| f64::from(u8::from(set));
        let constants =
            [("LINEAR", flag(target.is_linear())), ("WRAP", flag(target.samples > 1)), ("SIDEWAYS", flag(sideways))];
        self.get(Key::Draw { target: *target, sideways }, || {
            pipeline(device, "ringfall draw", &self.0.draw, &self.0.draw_layout, (target, 1), "fragment", &constants)
        })
    }

    fn get(&self, key: Key, make: impl FnOnce() -> wgpu::RenderPipeline) -> wgpu::RenderPipeline {
        // A panic elsewhere does not invalidate a list of finished pipelines.
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pipeline)) = made.iter().find(|(k, _)| *k == key) {
            return pipeline.clone();
        }
        let pipeline = make();
        made.push((key, pipeline.clone()));
        pipeline
    }
}

fn pipeline(
    device: &wgpu::Device,
    label: &str,
    module: &wgpu::ShaderModule,
    layout: &wgpu::PipelineLayout,
    (target, count): (&Target, usize),
    fragment: &str,
    constants: &[(&str, f64)],
) -> wgpu::RenderPipeline {
    let Target { format, samples, depth_stencil, .. } = *target;
    let targets = vec![Some(format.into()); count];
    let options = wgpu::PipelineCompilationOptions { constants, ..Default::default() };
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some("vertex"),
            compilation_options: options.clone(),
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        // Neither tested nor written: only the attachment's format has to match.
        depth_stencil: depth_stencil.map(|format| wgpu::DepthStencilState {
            format,
            depth_write_enabled: format.has_depth_aspect().then_some(false),
            depth_compare: format.has_depth_aspect().then_some(wgpu::CompareFunction::Always),
            stencil: Default::default(),
            bias: Default::default(),
        }),
        multisample: wgpu::MultisampleState { count: samples, ..Default::default() },
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            compilation_options: options,
            targets: &targets,
        }),
        multiview_mask: None,
        cache: None,
    })
}
