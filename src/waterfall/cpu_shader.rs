use std::num::NonZero;
use std::thread::available_parallelism;

use wgpu::{Extent3d, Origin3d, TexelCopyBufferLayout, TexelCopyTextureInfo, TextureFormat};

use super::palette::Palette;
use super::reduction::{Job, Reduction};
use super::strip::{Stretch, Strip};
use crate::Colormap;

/// Shades lines of the strip on the CPU, and writes them into it: what a software rasteriser would do, without what it
/// takes to start one for each line, and with integer maxima in place of a gather for each cell.
#[derive(Debug)]
pub(super) struct CpuShader {
    palette: Palette,
    threads: usize,
    workers: Vec<Reduction>,
    /// The lines of a stretch, one after the other.
    lines: Vec<[u8; 4]>,
    /// The same as columns.
    columns: Vec<[u8; 4]>,
}

impl CpuShader {
    /// Pixels that are worth a thread of their own: about a quarter of a millisecond.
    const PIXELS_A_THREAD: usize = 1 << 16;

    pub(super) fn new(colormap: &Colormap) -> Self {
        Self {
            palette: Palette::new(colormap),
            threads: if cfg!(target_arch = "wasm32") { 1 } else { available_parallelism().map_or(1, NonZero::get) },
            workers: Vec::new(),
            lines: Vec::new(),
            columns: Vec::new(),
        }
    }

    pub(super) fn set_colormap(&mut self, colormap: &Colormap) {
        self.palette = Palette::new(colormap);
    }

    /// Shades these lines and writes them. Returns the bytes written.
    pub(super) fn shade(&mut self, queue: &wgpu::Queue, strip: &Strip, job: &Job<'_>, stretches: &[Stretch]) -> u64 {
        let bgra = strip.texture.format() == TextureFormat::Bgra8Unorm;
        self.palette.fit(job.lines.ring.texel(), job.scale, bgra);
        stretches.iter().filter(|s| s.count > 0).map(|stretch| self.stretch(queue, strip, job, stretch)).sum()
    }

    fn stretch(&mut self, queue: &wgpu::Queue, strip: &Strip, job: &Job<'_>, stretch: &Stretch) -> u64 {
        let palette = &self.palette;
        let across = job.mapping.pixels as usize;
        let pixels = across * stretch.count as usize;
        self.lines.resize(pixels, [0; 4]);
        let most = pixels / Self::PIXELS_A_THREAD;
        let threads = self.threads.min(most).min(stretch.count as usize).max(1);
        self.workers.resize_with(threads.max(self.workers.len()), Reduction::default);
        let each = (stretch.count as usize).div_ceil(threads);
        let shade = |first: usize, pixels: &mut [[u8; 4]], worker: &mut Reduction| {
            for (pixels, line) in pixels.chunks_exact_mut(across).zip(stretch.lines().skip(first)) {
                palette.color(worker.line(job, line, 0..across as u32), pixels);
            }
        };
        let mut parts = self.lines.chunks_mut(each * across).zip(&mut self.workers).enumerate();
        let own = parts.next();
        let own = || own.into_iter().for_each(|(_, (pixels, worker))| shade(0, pixels, worker));
        // In a browser there is one part: its objects stay on the thread that made them.
        #[cfg(target_arch = "wasm32")]
        own();
        #[cfg(not(target_arch = "wasm32"))]
        if threads == 1 {
            own();
        } else {
            std::thread::scope(|scope| {
                for (i, (pixels, worker)) in parts {
                    scope.spawn(move || shade(i * each, pixels, worker));
                }
                own();
            });
        }
        let (place, count) = (stretch.place, stretch.count);
        let (origin, size) = if strip.newest().is_sideways() {
            turn(&self.lines, across, &mut self.columns);
            (Origin3d { x: place, y: 0, z: 0 }, (count, across as u32))
        } else {
            (Origin3d { x: 0, y: place, z: 0 }, (across as u32, count))
        };
        let data = if strip.newest().is_sideways() { &self.columns } else { &self.lines };
        let (width, height) = size;
        queue.write_texture(
            TexelCopyTextureInfo { origin, ..strip.texture.as_image_copy() },
            bytemuck::cast_slice(data),
            TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * width), rows_per_image: None },
            Extent3d { width, height, depth_or_array_layers: 1 },
        );
        4 * pixels as u64
    }
}

/// Lines become columns, the first pixel of a line at the bottom.
fn turn(lines: &[[u8; 4]], across: usize, columns: &mut Vec<[u8; 4]>) {
    const SIDE: usize = 16;
    columns.resize(lines.len(), [0; 4]);
    let count = lines.len() / across;
    // Block by block, since whole columns would fall out of the cache from one line to the next.
    for first in (0..count).step_by(SIDE) {
        for start in (0..across).step_by(SIDE) {
            for line in first..count.min(first + SIDE) {
                for x in start..across.min(start + SIDE) {
                    columns[(across - 1 - x) * count + line] = lines[line * across + x];
                }
            }
        }
    }
}
