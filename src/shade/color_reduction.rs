//! The colour of each pixel of a line whose cells are colours: `see_colors` in `shaders/shade.wgsl`, to the bit.

use std::ops::Range;

use super::covers::Covers;
use super::reduction::Job;
use super::resident::Resident;
use crate::frame::Cover;
use crate::view::Reduce;

/// Reduces colours channel by channel.
///
/// Sums are whole numbers, so the order in which they are added makes no difference, and the result is the shader's to the bit.
#[derive(Debug, Default)]
pub(super) struct ColorReduction {
    /// The visible bins of rows with one layout: their largest or smallest channels, or the sums of their channels.
    best: Vec<[u8; 4]>,
    sums: Vec<u32>,
    totals: Vec<Total>,
    pixels: Vec<[u8; 4]>,
}

/// Sums of the channels of a pixel's cells, and the cells' weight.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    channels: [u64; 3],
    weight: u64,
}

impl ColorReduction {
    /// In place of a pixel that shows no cell. Those of cells are opaque.
    pub(super) const NOTHING: [u8; 4] = [0; 4];

    /// The largest weight that rows may have together for the sums of their channels to fit 32 bits.
    const WEIGHT: u32 = 1 << 24;

    /// The colours of these pixels; [`NOTHING`](Self::NOTHING) where there is nothing.
    pub(super) fn line(
        &mut self,
        covers: &mut Covers,
        job: &Job<'_>,
        rows: Range<u64>,
        pixels: &Range<u32>,
    ) -> &[[u8; 4]] {
        self.pixels.clear();
        self.pixels.resize(pixels.len(), Self::NOTHING);
        match job.frame.reduce() {
            Reduce::Max => self.fold(covers, job, rows, pixels, u8::max),
            Reduce::Min => self.fold(covers, job, rows, pixels, u8::min),
            Reduce::Mean => self.mean(covers, job, rows, pixels),
        }
        &self.pixels
    }

    /// The largest or the smallest of each channel.
    fn fold(
        &mut self,
        covers: &mut Covers,
        job: &Job<'_>,
        mut rows: Range<u64>,
        pixels: &Range<u32>,
        fold: impl Fn(u8, u8) -> u8 + Copy,
    ) {
        let fold = |a: [u8; 4], b: [u8; 4]| std::array::from_fn(|c| fold(a[c], b[c]));
        let join = |own: &mut [u8; 4], cell| *own = if *own == Self::NOTHING { cell } else { fold(*own, cell) };
        while !rows.is_empty() {
            let alike = job.rows.alike(&rows);
            rows.start = alike.end;
            covers.make(job, alike.start, pixels);
            if covers.between {
                each_shown(covers, job, alike, |pixel, _, cell| join(&mut self.pixels[pixel], cell));
                continue;
            }
            self.best.clear();
            self.best.resize(covers.bins.len(), Self::NOTHING);
            for row in alike.clone() {
                let cells = cells(job.rows, row, &covers.bins);
                if row == alike.start {
                    self.best.iter_mut().zip(cells).for_each(|(best, cell)| *best = *cell);
                } else {
                    self.best.iter_mut().zip(cells).for_each(|(best, cell)| *best = fold(*best, *cell));
                }
            }
            for (own, [first, last]) in self.pixels.iter_mut().zip(&covers.ends) {
                // Pixels without a bin have the last before the first.
                if first <= last {
                    self.best[*first as usize..=*last as usize].iter().for_each(|cell| join(own, *cell));
                }
            }
        }
    }

    fn mean(&mut self, covers: &mut Covers, job: &Job<'_>, mut rows: Range<u64>, pixels: &Range<u32>) {
        // The weight of a single row makes no difference.
        let is_one = rows.end - rows.start == 1;
        self.totals.clear();
        self.totals.resize(pixels.len(), Total::default());
        while !rows.is_empty() {
            let alike = job.rows.alike(&rows);
            rows.start = alike.end;
            covers.make(job, alike.start, pixels);
            if covers.between {
                each_shown(covers, job, alike, |pixel, weight, cell| self.totals[pixel].add(weight, cell));
                continue;
            }
            if is_one && covers.most <= 1 {
                let cells = cells(job.rows, alike.start, &covers.bins);
                for (own, [first, last]) in self.pixels.iter_mut().zip(&covers.ends) {
                    *own = if first <= last { cells[*first as usize] } else { Self::NOTHING };
                }
                return;
            }
            self.sums.clear();
            self.sums.resize(4 * covers.bins.len(), 0);
            let mut summed = 0_u32;
            for row in alike {
                let weight = if is_one { 1 } else { weight(job.rows, row) };
                if weight > Self::WEIGHT {
                    for (total, [first, last]) in self.totals.iter_mut().zip(&covers.ends) {
                        if first <= last {
                            let own = &cells(job.rows, row, &covers.bins)[*first as usize..=*last as usize];
                            own.iter().for_each(|cell| total.add(weight, *cell));
                        }
                    }
                    continue;
                }
                if summed + weight > Self::WEIGHT {
                    flush(&mut self.sums, &covers.ends, &mut self.totals, summed);
                    summed = 0;
                }
                summed += weight;
                let channels = cells(job.rows, row, &covers.bins).as_flattened();
                if weight == 1 {
                    self.sums.iter_mut().zip(channels).for_each(|(sum, v)| *sum += u32::from(*v));
                } else {
                    self.sums.iter_mut().zip(channels).for_each(|(sum, v)| *sum += weight * u32::from(*v));
                }
            }
            flush(&mut self.sums, &covers.ends, &mut self.totals, summed);
        }
        self.pixels.iter_mut().zip(&self.totals).for_each(|(pixel, total)| *pixel = total.mean());
    }
}

impl Total {
    // Wrapping, as in the shader: only a weight of more than 2^55 cells in one pixel wraps.
    fn add(&mut self, weight: u32, cell: [u8; 4]) {
        let weight = u64::from(weight);
        for (sum, v) in self.channels.iter_mut().zip(cell) {
            *sum = sum.wrapping_add(weight * u64::from(v));
        }
        self.weight = self.weight.wrapping_add(weight);
    }

    /// Rounded to the nearest, halves up.
    fn mean(self) -> [u8; 4] {
        let Self { channels, weight } = self;
        if weight == 0 {
            return ColorReduction::NOTHING;
        }
        let [r, g, b] = channels.map(|sum| {
            let rest = sum % weight;
            (sum / weight + u64::from(rest >= weight - rest)) as u8
        });
        [r, g, b, 255]
    }
}

/// Adds the sums of bins to the pixels that show them, and sets them to 0. All of the rows were as heavy as `weight` together.
fn flush(sums: &mut [u32], ends: &[[u32; 2]], totals: &mut [Total], weight: u32) {
    for (total, [first, last]) in totals.iter_mut().zip(ends) {
        if first > last {
            continue;
        }
        let own = &sums.as_chunks::<4>().0[*first as usize..=*last as usize];
        for [r, g, b, _] in own {
            for (sum, v) in total.channels.iter_mut().zip([r, g, b]) {
                *sum = sum.wrapping_add(u64::from(*v));
            }
        }
        total.weight = total.weight.wrapping_add(u64::from(weight) * own.len() as u64);
    }
    sums.fill(0);
}

/// Every colour that pixels show of these rows, some of them between two bins: the pixel, the row's weight, and the colour.
fn each_shown(covers: &Covers, job: &Job<'_>, rows: Range<u64>, mut each: impl FnMut(usize, u32, [u8; 4])) {
    for row in rows {
        let (cells, weight) = (cells(job.rows, row, &covers.bins), weight(job.rows, row));
        for (pixel, cover) in covers.covers.iter().enumerate() {
            let range = cover.range();
            if range.is_empty() {
                continue;
            }
            let first = range.start as usize - covers.bins.start;
            match (cover.count(), &cells[first..first + range.len()]) {
                (None, &[a, b]) => each(pixel, weight, between(*cover, a, b)),
                (_, own) => own.iter().for_each(|cell| each(pixel, weight, *cell)),
            }
        }
    }
}

/// The colour between these two.
fn between(cover: Cover, a: [u8; 4], b: [u8; 4]) -> [u8; 4] {
    let part = cover.part_of_2_24();
    let mix = |a: u8, b: u8| ((u32::from(a) * ((1 << 24) - part) + u32::from(b) * part + (1 << 23)) >> 24) as u8;
    [mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2]), 255]
}

/// A row's weight, as the shader reads it.
fn weight(rows: &Resident, row: u64) -> u32 {
    (rows.entry(row).weight as f32).min(4_294_967_040.0) as u32
}

/// These bins of a row that is kept; all of them are there, since a pixel shows no bin that a row does not have.
fn cells<'a>(rows: &'a Resident, row: u64, bins: &Range<usize>) -> &'a [[u8; 4]] {
    &bytemuck::cast_slice(rows.cells(row))[bins.clone()]
}
