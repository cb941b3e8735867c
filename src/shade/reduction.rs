//! The value of each pixel of a line: `shaders/shade.wgsl` up to the scale.

use std::ops::Range;

use half::f16;

use super::cell::Cell;
use super::color_reduction::ColorReduction;
use super::covers::Covers;
use super::lines::Lines;
use super::mean::{Kind, Mean};
use super::resident::Resident;
use super::texel::Texel;
use crate::frame::Frame;
use crate::scale::Thresholds;
use crate::unit::Unit;
use crate::view::Reduce;

/// Reduces the cells that the pixels of a line show.
///
/// Maxima and minima are the shader's to the bit; so are values between bins. Means differ in rounding.
#[derive(Debug, Default)]
pub(crate) struct Reduction {
    /// Keys of the visible bins, and of the pixels; words, for alignment.
    bins: Vec<u32>,
    pixels: Vec<u32>,
    floats: Vec<f32>,
    mean: Mean,
    values: Vec<f32>,
    covers: Covers,
    colors: ColorReduction,
}

/// The rows that lines are shaded from, and the settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) rows: &'a Resident,
    pub(crate) frame: &'a Frame,
    pub(crate) unit: Unit,
    /// In the units of the texels.
    pub(crate) scale: &'a Thresholds,
}

/// The results for the pixels of a line.
pub(crate) enum Pixels<'a> {
    /// Values in the units of the texels (for 8-bit texels codes); NaN where there is nothing.
    Values(&'a [f32]),
    /// Keys of half floats or codes: see [`Cell::Key`].
    Keys(&'a [i16]),
    /// Opaque colours; transparent where there is nothing.
    Colors(&'a [[u8; 4]]),
}

impl<'a> Job<'a> {
    /// How rows fall on lines.
    pub(crate) fn lines(&self) -> Lines<'a> {
        Lines { rows: self.rows, frame: self.frame }
    }

    fn kind(&self) -> Kind {
        match self.unit {
            Unit::Decibel => Kind::Power { decibels: self.rows.texel().unit() },
            _ => Kind::Plain,
        }
    }
}

impl Reduction {
    /// The values of these pixels of a line, in the units of the texels (for 8-bit texels codes); NaN where there is
    /// nothing, and where cells are colours.
    pub(crate) fn values(&mut self, job: &Job<'_>, line: i64, pixels: Range<u32>) -> &[f32] {
        let texel = job.rows.texel();
        if texel.is_colors() {
            self.values.clear();
            self.values.resize(pixels.len(), f32::NAN);
            return &self.values;
        }
        if let Pixels::Keys(_) = self.line(job, line, pixels.clone()) {
            self.values.resize(pixels.len(), f32::NAN);
            let keys = &mut bytemuck::cast_slice_mut(&mut self.pixels)[..pixels.len()];
            match texel {
                Texel::U8 { .. } => u8::values(keys, &mut self.values),
                Texel::F16 => f16::values(keys, &mut self.values),
                // Its keys are wider, so they are returned as values.
                Texel::F32 | Texel::Rgba8 { .. } => {}
            }
        }
        &self.values
    }

    /// The colours of these pixels of a line, if cells are colours; `None` where there is nothing.
    pub(crate) fn colors(
        &mut self,
        job: &Job<'_>,
        line: i64,
        pixels: Range<u32>,
    ) -> impl Iterator<Item = Option<[u8; 4]>> {
        let colors = match self.line(job, line, pixels) {
            Pixels::Colors(colors) => colors,
            Pixels::Values(_) | Pixels::Keys(_) => &[],
        };
        colors.iter().map(|color| (*color != ColorReduction::NOTHING).then_some(*color))
    }

    /// The same without reordering.
    pub(crate) fn line(&mut self, job: &Job<'_>, line: i64, pixels: Range<u32>) -> Pixels<'_> {
        let rows = job.lines().of_line(line);
        match job.rows.texel() {
            Texel::F16 => self.reduce::<f16>(job, rows, pixels),
            Texel::F32 => self.reduce::<f32>(job, rows, pixels),
            Texel::U8 { .. } => self.reduce::<u8>(job, rows, pixels),
            Texel::Rgba8 { .. } => Pixels::Colors(self.colors.line(&mut self.covers, job, rows, &pixels)),
        }
    }

    fn reduce<C: Cell>(&mut self, job: &Job<'_>, rows: Range<u64>, pixels: Range<u32>) -> Pixels<'_> {
        let count = pixels.len();
        let done = match job.frame.reduce() {
            Reduce::Max => self.fold::<C>(job, rows.clone(), &pixels, C::BELOW, C::Key::max),
            Reduce::Min => self.fold::<C>(job, rows.clone(), &pixels, C::ABOVE, C::Key::min),
            Reduce::Mean => {
                self.mean::<C>(job, rows, &pixels);
                return Pixels::Values(&self.values);
            }
        };
        if !done {
            self.between::<C>(job, rows, &pixels);
            return Pixels::Values(&self.values);
        }
        if size_of::<C::Key>() == size_of::<i16>() {
            return Pixels::Keys(&bytemuck::cast_slice(&self.pixels)[..count]);
        }
        self.values.resize(count, f32::NAN);
        C::values(keys::<C>(&mut self.pixels, count), &mut self.values);
        Pixels::Values(&self.values)
    }

    /// The largest or the smallest of all: over rows with one layout bin by bin first, then over each pixel's bins. False, with
    /// nothing done, if a pixel shows a value between two bins.
    fn fold<C: Cell>(
        &mut self,
        job: &Job<'_>,
        mut rows: Range<u64>,
        pixels: &Range<u32>,
        nothing: C::Key,
        fold: impl Fn(C::Key, C::Key) -> C::Key + Copy,
    ) -> bool {
        let out = keys::<C>(&mut self.pixels, pixels.len());
        out.fill(nothing);
        while !rows.is_empty() {
            let alike = job.rows.alike(&rows);
            rows.start = alike.end;
            self.covers.make(job, alike.start, pixels);
            let Covers { ends, bins, full, most, between, .. } = &self.covers;
            if *between {
                return false;
            }
            let best = keys::<C>(&mut self.bins, bins.len());
            best.fill(nothing);
            for row in alike {
                for (best, cell) in best.iter_mut().zip(cells::<C>(job.rows, row, bins)) {
                    *best = fold(*best, cell.key(nothing));
                }
            }
            let shown = out.iter_mut().zip(ends).map(|(out, [first, last])| (out, *first as usize, *last as usize));
            if *full && *most <= 2 {
                // One bin or two, on every pixel.
                shown.for_each(|(out, first, last)| *out = fold(*out, fold(best[first], best[last])));
            } else {
                // Pixels without a bin have the last before the first.
                shown.filter(|(_, first, last)| first <= last).for_each(|(out, first, last)| {
                    *out = best[first..=last].iter().fold(*out, |out, key| fold(out, *key));
                });
            }
        }
        true
    }

    /// Cell by cell: the largest or the smallest, where pixels show values between two bins.
    fn between<C: Cell>(&mut self, job: &Job<'_>, rows: Range<u64>, pixels: &Range<u32>) {
        let reduce = job.frame.reduce();
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        values.resize(pixels.len(), f32::NAN);
        self.each_cell::<C>(job, rows, pixels, |pixel, _, v| {
            let out = &mut values[pixel];
            // Comparisons with NaN are false.
            let better = if reduce == Reduce::Min { v < *out } else { v > *out };
            if better || out.is_nan() {
                *out = v;
            }
        });
        self.values = values;
    }

    fn mean<C: Cell>(&mut self, job: &Job<'_>, rows: Range<u64>, pixels: &Range<u32>) {
        let kind = job.kind();
        let by_bins = self.mean_of_bins::<C>(job, rows.clone(), pixels);
        let is_unfit = |mean: &Mean| (0..pixels.len()).any(|pixel| mean.is_unfit(pixel, kind));
        if by_bins && !is_unfit(&self.mean) {
            return;
        }
        let by_bins = by_bins.then(|| std::mem::take(&mut self.mean));
        let mut mean = Mean::default();
        mean.begin(pixels.len());
        self.each_cell::<C>(job, rows, pixels, |pixel, weight, v| {
            if by_bins.as_ref().is_none_or(|by_bins| by_bins.is_unfit(pixel, kind)) {
                mean.add(pixel, kind, weight, v);
            }
        });
        for (pixel, value) in self.values.iter_mut().enumerate() {
            if by_bins.as_ref().is_none_or(|by_bins| by_bins.is_unfit(pixel, kind)) {
                *value = mean.mean(pixel, kind);
            }
        }
        self.mean = by_bins.unwrap_or(mean);
    }

    /// Bin by bin first, then pixel by pixel. False, and nothing is done, if a pixel shows a value between two bins.
    fn mean_of_bins<C: Cell>(&mut self, job: &Job<'_>, mut rows: Range<u64>, pixels: &Range<u32>) -> bool {
        let kind = job.kind();
        self.mean.begin(pixels.len());
        // A single cell keeps its value; it is not the logarithm of its power.
        let is_one = rows.end - rows.start == 1;
        self.values.clear();
        self.values.resize(pixels.len(), f32::NAN);
        let all_alike = job.rows.alike(&rows) == rows;
        let mut done = false;
        while !rows.is_empty() {
            let alike = job.rows.alike(&rows);
            rows.start = alike.end;
            self.covers.make(job, alike.start, pixels);
            let bins = self.covers.bins.clone();
            if self.covers.between {
                return false;
            }
            self.mean.begin_bins(bins.len());
            for row in alike {
                self.floats.clear();
                self.floats.resize(bins.len(), f32::NAN);
                let cells = cells::<C>(job.rows, row, &bins);
                C::floats(cells, &mut self.floats[..cells.len()]);
                self.mean.add_row(kind, job.rows.entry(row).weight, &self.floats);
            }
            let shown = self.covers.covers.iter().map(|cover| match cover.range() {
                none if none.is_empty() => 0..0,
                range => range.start as usize - bins.start..range.end as usize - bins.start,
            });
            done = all_alike && self.mean.of_alike(kind, shown.clone(), &mut self.values);
            if !done {
                shown.enumerate().for_each(|(pixel, bins)| self.mean.add_bins(pixel, bins));
            }
        }
        if !done {
            self.mean.of_bins(kind, &mut self.values);
        }
        if is_one {
            let first = self.covers.bins.start;
            for (value, cover) in self.values.iter_mut().zip(&self.covers.covers) {
                if cover.count() == Some(1) {
                    *value = self.floats[cover.first as usize - first];
                }
            }
        }
        true
    }

    /// Every value that the pixels show, row by row: the pixel, the row's weight, and the value.
    fn each_cell<C: Cell>(
        &mut self,
        job: &Job<'_>,
        rows: Range<u64>,
        pixels: &Range<u32>,
        mut each: impl FnMut(usize, u32, f32),
    ) {
        for row in rows {
            self.covers.make(job, row, pixels);
            let Covers { covers, bins, .. } = &self.covers;
            self.floats.clear();
            self.floats.resize(bins.len(), f32::NAN);
            let cells = cells::<C>(job.rows, row, bins);
            C::floats(cells, &mut self.floats[..cells.len()]);
            let weight = job.rows.entry(row).weight;
            for (pixel, cover) in covers.iter().enumerate() {
                let range = cover.range();
                let own = &self.floats[range.start as usize - bins.start.min(range.start as usize)..][..range.len()];
                match (cover.count(), own) {
                    (None, &[a, b]) => each(pixel, weight, cover.between_values(a, b)),
                    _ => own.iter().for_each(|v| each(pixel, weight, *v)),
                }
            }
        }
    }
}

/// These bins of a row that is kept.
fn cells<'a, C: Cell>(rows: &'a Resident, row: u64, bins: &Range<usize>) -> &'a [C] {
    bytemuck::cast_slice(rows.cells(row)).get(bins.clone()).unwrap_or(&[])
}

/// The first `count` keys of a buffer, which grows if needed.
fn keys<C: Cell>(words: &mut Vec<u32>, count: usize) -> &mut [C::Key] {
    let size = (count * size_of::<C::Key>()).div_ceil(4);
    if words.len() < size {
        words.resize(size, 0);
    }
    &mut bytemuck::cast_slice_mut(&mut words[..size])[..count]
}
