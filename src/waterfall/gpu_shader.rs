use wgpu::{Extent3d, TexelCopyTextureInfo, TextureFormat, TextureUsages};

use super::cells::Cells;
use super::pipelines::{Maps, Pipelines, ShadeKey};
use super::reduction::Job;
use super::strip::{Stretch, Strip};
use super::uniforms::{ShadeUniform, Uniform};
use crate::Colormap;
use crate::scale::Thresholds;

/// Entries of the LUT texture: the colormap's 256, then under, over and bad.
const LUT_ENTRIES: u32 = 259;

/// Shades lines of the strip with `shaders/shade.wgsl`.
pub(super) struct GpuShader {
    pipelines: Pipelines,
    lut: wgpu::Texture,
    /// Yet to be written.
    lut_bytes: Option<Vec<u8>>,
    /// Where the entries begin, and what was written there.
    edges: wgpu::Texture,
    edges_written: Option<[f32; Thresholds::EDGES]>,
    uniform: Uniform<ShadeUniform>,
    bound: Option<Bound>,
    line_words: Vec<[u32; 2]>,
}

/// What is bound to shade a strip.
struct Bound {
    key: ShadeKey,
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
    view: wgpu::TextureView,
    /// The line table: the rows of each of the strip's lines.
    lines: wgpu::Texture,
}

impl GpuShader {
    pub(super) fn new(device: &wgpu::Device, pipelines: &Pipelines) -> Self {
        let lut = line_texture(device, "ringfall LUT", LUT_ENTRIES, TextureFormat::Rgba8Unorm);
        let edges = line_texture(device, "ringfall thresholds", Thresholds::EDGES as u32, TextureFormat::R32Float);
        let uniform = Uniform::new(device, "ringfall shade");
        Self {
            pipelines: pipelines.clone(),
            lut,
            lut_bytes: None,
            edges,
            edges_written: None,
            uniform,
            bound: None,
            line_words: Vec::new(),
        }
    }

    pub(super) fn set_colormap(&mut self, colormap: &Colormap) {
        let ends = [colormap.under(), colormap.over(), colormap.bad()];
        self.lut_bytes = Some(colormap.lut().iter().chain(&ends).flatten().copied().collect());
    }

    /// Binds what it takes to shade this strip, which is `new` or the same as before.
    pub(super) fn bind(&mut self, device: &wgpu::Device, cells: &Cells, strip: &Strip, job: &Job<'_>, new: bool) {
        let key = Self::key(job, strip);
        match &mut self.bound {
            Some(bound) if !new => {
                if bound.key != key {
                    bound.pipeline = self.pipelines.shade(device, key);
                    bound.key = key;
                }
            }
            bound => {
                let lines = line_texture(device, "ringfall lines", strip.length(), TextureFormat::Rg32Uint);
                let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
                let ring = cells.texture().create_view(&wgpu::TextureViewDescriptor {
                    dimension: Some(wgpu::TextureViewDimension::D2Array),
                    ..Default::default()
                });
                let views = [ring, view(cells.maps()), view(&lines), view(&self.lut), view(&self.edges)];
                let uniform = wgpu::BindGroupEntry { binding: 0, resource: self.uniform.buffer.as_entire_binding() };
                let entries = (1..).zip(&views).map(|(binding, view)| wgpu::BindGroupEntry {
                    binding,
                    resource: wgpu::BindingResource::TextureView(view),
                });
                let entries: Vec<_> = std::iter::once(uniform).chain(entries).collect();
                let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("ringfall shade"),
                    layout: self.pipelines.shade_group(),
                    entries: &entries,
                });
                let pipeline = self.pipelines.shade(device, key);
                *bound = Some(Bound { key, pipeline, group, view: view(&strip.texture), lines });
            }
        }
    }

    /// Records the shading of these lines: one pass, a scissored draw for each stretch. Returns the bytes written for it.
    pub(super) fn shade(
        &mut self,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        cells: &Cells,
        strip: &Strip,
        job: &Job<'_>,
        stretches: &[Stretch],
    ) -> u64 {
        let Some(bound) = &self.bound else { return 0 };
        let mut bytes = 0;
        if let Some(lut) = self.lut_bytes.take() {
            bytes += write_line(queue, &self.lut, 0, &lut, LUT_ENTRIES);
        }
        if self.edges_written != Some(job.scale.edges) {
            self.edges_written = Some(job.scale.edges);
            let data = bytemuck::cast_slice(&job.scale.edges);
            bytes += write_line(queue, &self.edges, 0, data, Thresholds::EDGES as u32);
        }
        bytes += self.uniform.set(queue, Self::content(job, cells));
        let stretches = stretches.iter().filter(|s| s.count > 0);
        for stretch in stretches.clone() {
            self.line_words.clear();
            self.line_words.extend(stretch.lines().map(|line| job.lines.entry(line)));
            let words = bytemuck::cast_slice(&self.line_words);
            bytes += write_line(queue, &bound.lines, stretch.place, words, stretch.count);
        }
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("ringfall shade"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &bound.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&bound.pipeline);
        pass.set_bind_group(0, &bound.group, &[]);
        for stretch in stretches {
            let (place, count, across) = (stretch.place, stretch.count, strip.across());
            if strip.newest().is_sideways() {
                pass.set_scissor_rect(place, 0, count, across);
            } else {
                pass.set_scissor_rect(0, place, across, count);
            }
            pass.draw(0..3, 0..1);
        }
        bytes
    }

    fn key(job: &Job<'_>, strip: &Strip) -> ShadeKey {
        // As a rule all rows lie alike, which spares the shader looking each one up. The picture is the same.
        let maps = match job.lines.ring.common_map(job.mapping) {
            None => Maps::Own,
            Some((map, _)) if map.covers_bins() => Maps::Wide,
            Some(_) => Maps::Narrow,
        };
        ShadeKey {
            format: strip.texture.format(),
            reduce: job.reduce,
            interpolation: job.mapping.interpolation,
            codes: job.lines.ring.texel().bytes() == 1,
            power: job.lines.ring.unit().is_decibel(),
            search: job.scale.factor <= 0.0,
            sideways: strip.newest().is_sideways(),
            maps,
        }
    }

    fn content(job: &Job<'_>, cells: &Cells) -> ShadeUniform {
        let (ring, tile) = (job.lines.ring, cells.tile());
        let Thresholds { low, high, factor, .. } = *job.scale;
        let (map, bins) = ring.common_map(job.mapping).map_or(([0; 4], 0), |(map, bins)| (map.words(), bins));
        ShadeUniform {
            capacity: ring.capacity(),
            across: job.mapping.pixels,
            row_shift: tile.row_shift,
            row_mask: tile.row_in_band(),
            bin_shift: tile.bin_shift,
            bin_mask: tile.bin_in_column(),
            columns: tile.columns,
            bins,
            lo: low,
            hi: high,
            factor,
            octaves: ring.texel().octaves(ring.unit()),
            map,
        }
    }
}

fn line_texture(device: &wgpu::Device, label: &str, width: u32, format: TextureFormat) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: Extent3d { width, height: 1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// Writes whole texels into the only line of a texture. Returns the bytes written.
fn write_line(queue: &wgpu::Queue, texture: &wgpu::Texture, x: u32, data: &[u8], texels: u32) -> u64 {
    queue.write_texture(
        TexelCopyTextureInfo { origin: wgpu::Origin3d { x, y: 0, z: 0 }, ..texture.as_image_copy() },
        data,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: None, rows_per_image: None },
        Extent3d { width: texels, height: 1, depth_or_array_layers: 1 },
    );
    data.len() as u64
}
