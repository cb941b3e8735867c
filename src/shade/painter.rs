//! Shades lines on all processors.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::colors::{Colors, Order};
use super::reduction::{Job, Reduction};
use crate::colormap::Colormap;

/// Shades lines on the CPU as a software rasteriser would, without the cost of starting one for each line, and with integer
/// maxima in place of a gather for each cell.
#[derive(Debug)]
pub(crate) struct Painter {
    colors: Colors,
    threads: usize,
    workers: Vec<Reduction>,
}

impl Painter {
    /// Pixels that are worth a thread of their own: about a quarter of a millisecond.
    const PIXELS_A_THREAD: usize = 1 << 16;

    pub(crate) fn new(colormap: &Colormap) -> Self {
        // There are no threads in a browser.
        let threads = if cfg!(target_arch = "wasm32") {
            1
        } else {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        };
        Self { colors: Colors::new(colormap), threads, workers: Vec::new() }
    }

    pub(crate) fn set_colormap(&mut self, colormap: &Colormap) {
        self.colors = Colors::new(colormap);
    }

    /// Shades these pixels across of `count` lines into `out`, line after line; `line` says which line the first, the second
    /// and so on are.
    pub(crate) fn paint(
        &mut self,
        job: &Job<'_>,
        order: Order,
        line: impl Fn(usize) -> i64 + Sync,
        pixels: Range<u32>,
        out: &mut [[u8; 4]],
    ) {
        let across = pixels.len();
        if across == 0 || out.is_empty() {
            return;
        }
        self.colors.fit(job.rows.texel(), job.scale, order);
        let count = out.len() / across;
        let threads = self.threads.min(out.len() / Self::PIXELS_A_THREAD).min(count).max(1);
        self.workers.resize_with(threads.max(self.workers.len()), Reduction::default);
        let each = count.div_ceil(threads);
        let (colors, line) = (&self.colors, &line);
        let shade = |first: usize, out: &mut [[u8; 4]], worker: &mut Reduction| {
            for (i, out) in out.chunks_exact_mut(across).enumerate() {
                colors.color(worker.line(job, line(first + i), pixels.clone()), out);
            }
        };
        let Some((own, others)) = self.workers[..threads].split_first_mut() else { return };
        if others.is_empty() {
            return shade(0, out, own);
        }
        let parts = Mutex::new(out.chunks_mut(each * across).enumerate());
        let work = |worker: &mut Reduction| {
            loop {
                let part = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((number, out)) = part else { return };
                shade(number * each, out, worker);
            }
        };
        let work = &work;
        thread::scope(|scope| {
            for worker in others {
                // One that cannot be started leaves its part to the others.
                if thread::Builder::new().spawn_scoped(scope, move || work(worker)).is_err() {
                    break;
                }
            }
            work(own);
        });
    }
}

/// Lines become columns, the first pixel of a line at the bottom: `lines` has lines of `across` pixels, `columns` gets as many
/// rows of them, which begin `stride` pixels apart.
pub(crate) fn turn(lines: &[[u8; 4]], across: usize, columns: &mut [[u8; 4]], stride: usize) {
    const SIDE: usize = 16;
    let count = lines.len() / across.max(1);
    // Block by block, since whole columns would be evicted from the cache from one line to the next.
    for first in (0..count).step_by(SIDE) {
        for start in (0..across).step_by(SIDE) {
            for line in first..count.min(first + SIDE) {
                for x in start..across.min(start + SIDE) {
                    columns[(across - 1 - x) * stride + line] = lines[line * across + x];
                }
            }
        }
    }
}
