//! Shades lines of the strip on the CPU.

use wgpu::{Extent3d, Origin3d, TexelCopyBufferLayout, TexelCopyTextureInfo, TextureFormat};

use super::strip::Strip;
use crate::colormap::Colormap;
use crate::shade::{Job, Order, Painter, Stretch, turn};

/// Shades lines of the strip on the CPU, and writes them into it.
#[derive(Debug)]
pub(super) struct CpuShader {
    painter: Painter,
    /// The lines of a stretch, one after the other.
    lines: Vec<[u8; 4]>,
    /// The same lines as columns.
    columns: Vec<[u8; 4]>,
}

impl CpuShader {
    pub(super) fn new(colormap: &Colormap) -> Self {
        Self { painter: Painter::new(colormap), lines: Vec::new(), columns: Vec::new() }
    }

    pub(super) fn set_colormap(&mut self, colormap: &Colormap) {
        self.painter.set_colormap(colormap);
    }

    /// Shades the strip's dirty lines and writes them. Returns the bytes written.
    pub(super) fn shade(&mut self, queue: &wgpu::Queue, strip: &Strip, job: &Job<'_>) -> u64 {
        let stretches = strip.ring.stretches();
        stretches.iter().filter(|s| s.count > 0).map(|stretch| self.stretch(queue, strip, job, stretch)).sum()
    }

    fn stretch(&mut self, queue: &wgpu::Queue, strip: &Strip, job: &Job<'_>, stretch: &Stretch) -> u64 {
        let bgra = strip.texture.format() == TextureFormat::Bgra8Unorm;
        let order = if bgra { Order::Bgra } else { Order::Rgba };
        let across = job.frame.across();
        let Stretch { place, count, line, step } = *stretch;
        self.lines.resize(across as usize * count as usize, [0; 4]);
        self.painter.paint(job, order, |i| line + i as i64 * step, 0..across, &mut self.lines);
        let (origin, size) = if strip.ring.newest().is_sideways() {
            self.columns.resize(self.lines.len(), [0; 4]);
            turn(&self.lines, across as usize, &mut self.columns, count as usize);
            (Origin3d { x: place, y: 0, z: 0 }, (count, across))
        } else {
            (Origin3d { x: 0, y: place, z: 0 }, (across, count))
        };
        let data = if strip.ring.newest().is_sideways() { &self.columns } else { &self.lines };
        let (width, height) = size;
        queue.write_texture(
            TexelCopyTextureInfo { origin, ..strip.texture.as_image_copy() },
            bytemuck::cast_slice(data),
            TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * width), rows_per_image: None },
            Extent3d { width, height, depth_or_array_layers: 1 },
        );
        4 * self.lines.len() as u64
    }
}
