//! The whole picture on the CPU, every frame.

use anyhow::Result;
use ringfall::gpu::Gpu;
use ringfall::{Colormap, wgpu};

use super::{Strategy, texture, write_lines};
use crate::bench::blit::Blit;
use crate::bench::canvas::{Canvas, FORMAT, pixel};
use crate::bench::case::{Case, Look, Output, Row};

/// The method of QRSS VD: the history is one array of 8-bit values that is moved up by the new rows; the visible part is
/// coloured on the CPU, and uploaded as a whole. Better than the original where Rust is faster: the array is moved
/// in place, the colours are looked up as whole pixels, on all processors, and nothing is reallocated.
pub(super) struct Rebuild {
    width: usize,
    height: usize,
    bins: usize,
    history: Vec<u8>,
    new: Vec<u8>,
    picture: Vec<u32>,
    lut: [[u8; 4]; 256],
    under: [u8; 4],
    /// The cells of every pixel across, and for which look they are.
    cells: Vec<std::ops::Range<usize>>,
    look: Option<Look>,
    threads: usize,
    /// Drawn from here if the picture is not to be uploaded to the target itself.
    drawn: Option<(wgpu::Texture, Blit)>,
}

impl Rebuild {
    pub(super) fn new(gpu: &Gpu, case: &Case, colormap: &Colormap) -> Self {
        let (width, height) = (case.width as usize, case.height as usize);
        let drawn = (case.output == Output::Draw).then(|| {
            let texture = texture(gpu, (case.width, case.height), FORMAT);
            let blit = Blit::new(gpu, &texture);
            (texture, blit)
        });
        Self {
            width,
            height,
            bins: case.bins as usize,
            history: vec![0; case.bins as usize * case.history as usize],
            new: Vec::new(),
            picture: vec![0; width * height],
            lut: colormap.lut().map(pixel),
            under: pixel(colormap.under()),
            cells: Vec::new(),
            look: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from).min(height),
            drawn,
        }
    }

    fn roll(&mut self) {
        let keep = self.history.len().saturating_sub(self.new.len());
        let from = self.history.len() - keep;
        self.history.copy_within(from.., 0);
        let skip = self.new.len().saturating_sub(self.history.len());
        self.history[keep..].copy_from_slice(&self.new[skip..]);
        self.new.clear();
    }

    fn color(&mut self, look: Look) {
        let (width, bins) = (self.width, self.bins);
        if self.look != Some(look) {
            self.look = Some(look);
            self.cells.clear();
            self.cells.extend((0..width as u32).map(|x| look.cells(x, width as u32)));
        }
        let lut: [u32; 256] = std::array::from_fn(|code| {
            u32::from_ne_bytes(match code.checked_sub(usize::from(look.shift)) {
                Some(entry) => self.lut[entry],
                None => self.under,
            })
        });
        let shown = &self.history[self.history.len() - self.height * bins..];
        let plain = look.span as usize == width;
        let (first, cells) = (look.first as usize, &self.cells);
        let lines = self.height.div_ceil(self.threads);
        let color = |pixels: &mut [u32], rows: &[u8]| {
            for (line, row) in pixels.chunks_exact_mut(width).zip(rows.chunks_exact(bins)) {
                if plain {
                    for (pixel, code) in line.iter_mut().zip(&row[first..]) {
                        *pixel = lut[usize::from(*code)];
                    }
                } else {
                    for (pixel, cells) in line.iter_mut().zip(cells) {
                        let most = row[cells.clone()].iter().copied().max().unwrap_or(0);
                        *pixel = lut[usize::from(most)];
                    }
                }
            }
        };
        let mut parts = self.picture.chunks_mut(lines * width).zip(shown.chunks(lines * bins));
        let own = parts.next();
        std::thread::scope(|scope| {
            for (pixels, rows) in parts {
                scope.spawn(|| color(pixels, rows));
            }
            if let Some((pixels, rows)) = own {
                color(pixels, rows);
            }
        });
    }
}

impl Strategy for Rebuild {
    fn push(&mut self, row: Row<'_>) -> Result<()> {
        self.new.extend_from_slice(row.codes);
        Ok(())
    }

    fn record(&mut self, gpu: &Gpu, look: Look, encoder: &mut wgpu::CommandEncoder, canvas: &Canvas) -> Result<u64> {
        self.roll();
        self.color(look);
        let pixels = bytemuck::cast_slice(&self.picture);
        let line_bytes = self.width as u32 * 4;
        Ok(match &self.drawn {
            Some((texture, blit)) => {
                let bytes = write_lines(gpu, texture, 0, pixels, line_bytes);
                blit.draw(&mut canvas.pass(encoder));
                bytes
            }
            None => write_lines(gpu, &canvas.texture, 0, pixels, line_bytes),
        })
    }
}
