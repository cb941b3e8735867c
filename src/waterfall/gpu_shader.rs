//! Shades lines of the strip with `shaders/shade.wgsl`.

use std::ops::Range;

use wgpu::{Extent3d, TexelCopyTextureInfo, TextureFormat, TextureUsages};

use super::cells::Cells;
use super::layouts::Layouts;
use super::memory;
use super::pipelines::{Pipelines, Reduction, ShadeKey};
use super::strip::Strip;
use super::uniforms::{ShadeUniform, Uniform};
use crate::colormap::Colormap;
use crate::error::Error;
use crate::scale::Thresholds;
use crate::shade::{Job, Stretch};
use crate::unit::Unit;
use crate::view::{Interpolation, Reduce};

/// Entries of the LUT texture: the colormap's 256, then under, over and bad.
const LUT_ENTRIES: u32 = 259;

/// Shades lines of the strip with `shaders/shade.wgsl`, from the cells of the resident rows.
pub(super) struct GpuShader {
    pipelines: Pipelines,
    pub(super) cells: Cells,
    lut: wgpu::Texture,
    /// Not written yet.
    lut_bytes: Option<Vec<u8>>,
    /// Where the entries begin, and the values last written there.
    edges: wgpu::Texture,
    edges_written: Option<[f32; Thresholds::EDGES]>,
    uniform: Uniform<ShadeUniform>,
    layouts: Option<Layouts>,
    bound: Option<Bound>,
    line_words: Vec<[u32; 2]>,
}

/// The bindings for shading a strip.
struct Bound {
    view: wgpu::TextureView,
    /// The line table: the rows of each of the strip's lines.
    lines: wgpu::Texture,
    /// The bound table of layouts.
    covers: wgpu::Texture,
    group: wgpu::BindGroup,
    between: Option<Between>,
    /// In place of results of earlier steps.
    nothing: wgpu::TextureView,
}

/// Intermediate results of the steps: two textures that are written in turn, two of each for colours, and the groups that
/// bind them for reading.
struct Between {
    views: [Vec<wgpu::TextureView>; 2],
    groups: [wgpu::BindGroup; 2],
}

/// How the cells are divided among steps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Steps {
    /// Rows of a line, and bins of each of them, that a step sees.
    rows: u32,
    bins: u32,
    /// Steps for all bins of a row, and steps in total.
    bin_steps: u32,
    count: u32,
}

impl Steps {
    /// Most iterations of the shader's loops for a pixel in a step. llvmpipe leaves loops after 65,535, and a GPU's watchdog
    /// may end a draw that takes too long.
    const PASSES: u64 = 60_000;
    /// `BLOCK` in the shader.
    const BLOCK: u64 = 256;

    /// For lines of up to `rows` rows, and pixels that show up to `bins` bins each.
    fn new(rows: u64, bins: u32) -> Self {
        // A row's own iteration, and those of its bins and blocks.
        let passes = |bins: u32| 2 + u64::from(bins) + u64::from(bins) / Self::BLOCK;
        let most_rows = |bins: u32| (Self::PASSES - 1 - Self::PASSES / Self::BLOCK) / passes(bins);
        let count = |rows: u64, each: u64| u32::try_from(rows.div_ceil(each)).unwrap_or(u32::MAX);
        match most_rows(bins) {
            0 => {
                let most = 1 << 15;
                let bin_steps = bins.div_ceil(most);
                let count = count(rows, 1).saturating_mul(bin_steps);
                Self { rows: 1, bins: most, bin_steps, count }
            }
            each if rows <= each => Self { rows: u32::MAX, bins: u32::MAX, bin_steps: 1, count: 1 },
            each => Self { rows: each as u32, bins: u32::MAX, bin_steps: 1, count: count(rows, each) },
        }
    }
}

impl GpuShader {
    pub(super) fn new(device: &wgpu::Device, pipelines: &Pipelines, cells: Cells) -> Self {
        let lut = line_texture(device, "ringfall LUT", LUT_ENTRIES, TextureFormat::Rgba8Unorm);
        let edges = line_texture(device, "ringfall thresholds", Thresholds::EDGES as u32, TextureFormat::R32Float);
        let uniform = Uniform::new(device, "ringfall shade");
        Self {
            pipelines: pipelines.clone(),
            cells,
            lut,
            lut_bytes: None,
            edges,
            edges_written: None,
            uniform,
            layouts: None,
            bound: None,
            line_words: Vec::new(),
        }
    }

    pub(super) fn set_colormap(&mut self, colormap: &Colormap) {
        let ends = [colormap.under(), colormap.over(), colormap.bad()];
        self.lut_bytes = Some(colormap.lut().iter().chain(&ends).flatten().copied().collect());
    }

    /// Notes that the strip has been replaced.
    pub(super) fn unbind(&mut self) {
        self.bound = None;
    }

    /// Records the shading of the strip's dirty lines: one pass with a scissored draw for each stretch, or several if a pixel shows more
    /// cells than one step may read. Returns the bytes written for it.
    pub(super) fn shade(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        strip: &Strip,
        job: &Job<'_>,
    ) -> Result<u64, Error> {
        let (lines, resident) = (job.lines(), job.rows);
        let stretches = || strip.ring.stretches().iter().filter(|s| s.count > 0);
        // Rows of a stretch are adjacent, since its lines are.
        let rows = |stretch: &Stretch| {
            let (a, b) = stretch.ends();
            let (a, b) = (lines.of_line(a.min(b)), lines.of_line(a.max(b)));
            a.start..b.end.max(a.start)
        };
        let layout = |row| {
            let entry = resident.entry(row);
            entry.stamp.layout(entry.bins)
        };
        let all = stretches().flat_map(rows);
        let layouts = all.map(layout);
        let alike = |range: Range<u64>| range.is_empty() || resident.alike(&range) == range;
        let (weigh_alike, lie_alike) = resident.is_uniform();
        let lie_alike = lie_alike
            || layouts.clone().next().is_none_or(|first| {
                stretches().all(|stretch| alike(rows(stretch))) && layouts.clone().all(|layout| layout == first)
            });
        let own = !lie_alike || job.frame.reduce() == Reduce::Mean && !weigh_alike;

        let mut bytes = 0;
        // If all rows have the same layout, one stands for all.
        let needed = layouts.clone().take(if lie_alike { 1 } else { usize::MAX });
        let fit = Layouts::fit(self.layouts.take(), device, job.frame, needed.clone())?;
        let table = self.layouts.insert(fit);
        let (mut first, mut most) = (0, 0);
        for (i, layout) in needed.enumerate() {
            let (number, bins) = table.number(queue, &layout, &mut bytes);
            (first, most) = (if i == 0 { number } else { first }, most.max(bins));
        }
        if own {
            for stretch in stretches() {
                let mut written = 0;
                let number = |row| table.number(queue, &layout(row), &mut written).0;
                bytes += self.cells.write_table(queue, resident, rows(stretch), number);
            }
        }
        if let Some(lut) = self.lut_bytes.take() {
            bytes += write_line(queue, &self.lut, 0, &lut, LUT_ENTRIES);
        }
        if self.edges_written != Some(job.scale.edges) {
            self.edges_written = Some(job.scale.edges);
            let data = bytemuck::cast_slice(&job.scale.edges);
            bytes += write_line(queue, &self.edges, 0, data, Thresholds::EDGES as u32);
        }
        let table = self.layouts.as_ref().map(Layouts::texture).cloned();
        let Some(covers) = table else { return Ok(bytes) };
        self.bind(device, strip, covers);
        let Some(bound) = &mut self.bound else { return Ok(bytes) };
        let mut most_rows = 0;
        for stretch in stretches() {
            self.line_words.clear();
            self.line_words.extend(stretch.lines().map(|line| {
                let rows = lines.of_line(line);
                let count = rows.end - rows.start;
                most_rows = most_rows.max(count);
                [resident.slot(rows.start), count as u32]
            }));
            let words = bytemuck::cast_slice(&self.line_words);
            bytes += write_line(queue, &bound.lines, stretch.place, words, stretch.count);
        }
        let steps = Steps::new(most_rows, most);
        let content = Self::content(job, &self.cells, self.layouts.as_ref(), first, steps);
        bytes += self.uniform.set(queue, content);

        let whole = ShadeKey {
            format: strip.texture.format(),
            reduce: match (job.frame.reduce(), job.unit) {
                (Reduce::Max, _) => Reduction::Max,
                (Reduce::Min, _) => Reduction::Min,
                (Reduce::Mean, Unit::Decibel) if !resident.texel().is_colors() => Reduction::MeanOfPower,
                (Reduce::Mean, _) => Reduction::PlainMean,
            },
            linear: job.frame.interpolation() == Interpolation::Linear,
            codes: resident.texel().is_codes(),
            colors: resident.texel().is_colors(),
            search: job.scale.factor == 0.0 && !resident.texel().is_colors(),
            sideways: strip.ring.newest().is_sideways(),
            own,
            resume: false,
            hand_on: false,
        };
        if steps.count > 1 && bound.between.is_none() {
            let fixed = Fixed {
                pipelines: &self.pipelines,
                uniform: &self.uniform,
                cells: &self.cells,
                lut: &self.lut,
                edges: &self.edges,
            };
            let make = || Between::new(device, &fixed, strip, bound);
            bound.between = Some(memory::guard(device, "sums of many cells", make)?);
        }
        for step in 0..steps.count {
            let hand_on = step + 1 < steps.count;
            let key = ShadeKey { resume: step > 0, hand_on, ..whole };
            let turn = step as usize % 2;
            let strip_view = std::slice::from_ref(&bound.view);
            let (views, group) = match &bound.between {
                Some(between) => (
                    if hand_on { between.views[turn].as_slice() } else { strip_view },
                    if step > 0 { &between.groups[1 - turn] } else { &bound.group },
                ),
                None => (strip_view, &bound.group),
            };
            let attachment = |view| wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            };
            // One or two, on the stack.
            let two = [views.first().map(attachment), views.get(1).map(attachment)];
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("ringfall shade"),
                color_attachments: &two[..views.len().min(2)],
                ..Default::default()
            });
            pass.set_pipeline(&self.pipelines.shade(device, key));
            pass.set_bind_group(0, group, &[]);
            for stretch in stretches() {
                let (place, count, across) = (stretch.place, stretch.count, strip.ring.across());
                if strip.ring.newest().is_sideways() {
                    pass.set_scissor_rect(place, 0, count, across);
                } else {
                    pass.set_scissor_rect(0, place, across, count);
                }
                // See the vertex shader.
                pass.draw(3 * step..3 * step + 3, 0..1);
            }
        }
        if steps.count == 1 {
            bound.between = None;
        }
        Ok(bytes)
    }

    /// Creates the bindings for shading this strip.
    fn bind(&mut self, device: &wgpu::Device, strip: &Strip, covers: wgpu::Texture) {
        if self.bound.as_ref().is_some_and(|bound| bound.covers == covers) {
            return;
        }
        let lines = line_texture(device, "ringfall lines", strip.ring.length(), TextureFormat::Rg32Uint);
        // A first step does not read it.
        let before = line_texture(device, "ringfall nothing", 1, TextureFormat::Rgba32Uint);
        let nothing = before.create_view(&Default::default());
        let Self { pipelines, uniform, cells, lut, edges, .. } = self;
        let group = Fixed { pipelines, uniform, cells, lut, edges }.group(device, &lines, &covers, [&nothing; 2]);
        let view = strip.texture.create_view(&Default::default());
        self.bound = Some(Bound { view, lines, covers, group, between: None, nothing });
    }

    fn content(job: &Job<'_>, cells: &Cells, layouts: Option<&Layouts>, layout: u32, steps: Steps) -> ShadeUniform {
        let (tile, texel) = (cells.tile(), job.rows.texel());
        let Thresholds { low, high, factor, .. } = *job.scale;
        ShadeUniform {
            capacity: job.rows.capacity(),
            across: job.frame.across(),
            row_shift: tile.row_shift,
            row_mask: tile.row_in_band(),
            bin_shift: tile.bin_shift,
            bin_mask: tile.bin_in_column(),
            columns: tile.columns,
            layout_index: layout,
            layout_shift: layouts.map_or(0, Layouts::shift),
            layout_mask: layouts.map_or(0, Layouts::mask),
            step_rows: steps.rows,
            step_bins: steps.bins,
            bin_steps: steps.bin_steps,
            lo: low,
            hi: high,
            factor,
            octaves: std::f32::consts::LOG2_10 / 10.0 * texel.unit(),
            padding: [0; 3],
        }
    }
}

impl Between {
    fn new(device: &wgpu::Device, fixed: &Fixed<'_>, strip: &Strip, bound: &Bound) -> Self {
        let words = if fixed.cells.is_colors() { 2 } else { 1 };
        let texture = || {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some("ringfall steps"),
                size: strip.texture.size(),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: TextureFormat::Rgba32Uint,
                usage: TextureUsages::TEXTURE_BINDING | TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            });
            texture.create_view(&Default::default())
        };
        let views = [(); 2].map(|()| (0..words).map(|_| texture()).collect::<Vec<_>>());
        let groups = [&views[0], &views[1]].map(|views| {
            let view = |word| views.get(word).unwrap_or(&bound.nothing);
            fixed.group(device, &bound.lines, &bound.covers, [view(0), view(1)])
        });
        Self { views, groups }
    }
}

/// The bindings that do not depend on the strip.
struct Fixed<'a> {
    pipelines: &'a Pipelines,
    uniform: &'a Uniform<ShadeUniform>,
    cells: &'a Cells,
    lut: &'a wgpu::Texture,
    edges: &'a wgpu::Texture,
}

impl Fixed<'_> {
    fn group(
        &self,
        device: &wgpu::Device,
        lines: &wgpu::Texture,
        covers: &wgpu::Texture,
        [before, before_high]: [&wgpu::TextureView; 2],
    ) -> wgpu::BindGroup {
        let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
        let array = |texture: &wgpu::Texture| {
            texture.create_view(&wgpu::TextureViewDescriptor {
                dimension: Some(wgpu::TextureViewDimension::D2Array),
                ..Default::default()
            })
        };
        let (cells, table) = (array(self.cells.texture()), view(self.cells.table()));
        let (lines, lut, covers, edges) = (view(lines), view(self.lut), array(covers), view(self.edges));
        let views = [&cells, &table, &lines, &lut, &covers, before, &edges, before_high];
        let uniform = wgpu::BindGroupEntry { binding: 0, resource: self.uniform.buffer.as_entire_binding() };
        let views = (1..).zip(views).map(|(binding, view)| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        });
        let entries: Vec<_> = std::iter::once(uniform).chain(views).collect();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("ringfall shade"),
            layout: self.pipelines.shade_group(),
            entries: &entries,
        })
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

/// Writes whole texels into a texture of one line. Returns the bytes written.
fn write_line(queue: &wgpu::Queue, texture: &wgpu::Texture, x: u32, data: &[u8], texels: u32) -> u64 {
    queue.write_texture(
        TexelCopyTextureInfo { origin: wgpu::Origin3d { x, y: 0, z: 0 }, ..texture.as_image_copy() },
        data,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: None, rows_per_image: None },
        Extent3d { width: texels, height: 1, depth_or_array_layers: 1 },
    );
    data.len() as u64
}
