use std::ops::Range;

use half::f16;

use super::Texel;
use super::cell::Cell;
use super::lines::Lines;
use super::ring::{Mapping, Ring};
use super::seen::Seen;
use crate::scale::Thresholds;
use crate::view::{BinMap, Interpolation};
use crate::{Reduce, Stamp};

/// What the pixels of a line come to on the CPU: `shaders/shade.wgsl` up to the scale.
///
/// Maxima and minima are the shader's to the bit; so are values between bins. Means differ in rounding.
#[derive(Debug, Default)]
pub(super) struct Reduction {
    /// Keys of the bins on show, and of the pixels; words, for alignment.
    bins: Vec<u32>,
    pixels: Vec<u32>,
    floats: Vec<f32>,
    seen: Vec<Seen>,
    values: Vec<f32>,
    edges: Edges,
}

/// What lines are shaded from, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) mapping: Mapping,
    pub(super) reduce: Reduce,
    /// In the units of the texels.
    pub(super) scale: &'a Thresholds,
}

/// Which bins each pixel shows, for rows that lie alike.
#[derive(Debug, Default)]
struct Edges {
    made_for: Option<(BinMap, u32, Range<u32>, Interpolation)>,
    /// Where a pixel covers a bin or more: where each one's bins begin and the last one's end. Else each pixel's bin, or
    /// the row's number of bins where there is none.
    bins: Vec<u32>,
}

/// What the pixels of a line come to.
pub(super) enum Pixels<'a> {
    /// Values in the units of the texels (for 8-bit texels codes); NaN where there is nothing.
    Values(&'a [f32]),
    /// Keys of half floats or codes: see [`Cell::Key`].
    Keys(&'a [i16]),
}

impl Reduction {
    /// The values of these pixels of a line, in the units of the texels (for 8-bit texels codes); NaN where there is
    /// nothing.
    pub(super) fn values(&mut self, job: &Job<'_>, line: i64, pixels: Range<u32>) -> &[f32] {
        let texel = job.lines.ring.texel();
        if let Pixels::Keys(_) = self.line(job, line, pixels.clone()) {
            self.values.resize(pixels.len(), f32::NAN);
            let keys = &mut bytemuck::cast_slice_mut(&mut self.pixels)[..pixels.len()];
            match texel {
                Texel::U8 { .. } => u8::values(keys, &mut self.values),
                _ => f16::values(keys, &mut self.values),
            }
        }
        &self.values
    }

    /// The same, as it comes.
    pub(super) fn line(&mut self, job: &Job<'_>, line: i64, pixels: Range<u32>) -> Pixels<'_> {
        let rows = job.lines.rows(line);
        match job.lines.ring.texel() {
            Texel::F16 => self.reduce::<f16>(job, rows, pixels),
            Texel::F32 => self.reduce::<f32>(job, rows, pixels),
            Texel::U8 { .. } => self.reduce::<u8>(job, rows, pixels),
        }
    }

    fn reduce<C: Cell>(&mut self, job: &Job<'_>, rows: Range<u64>, pixels: Range<u32>) -> Pixels<'_> {
        let narrow = |row| !map(job, &job.lines.ring.stamp(row).0).covers_bins();
        let between = job.mapping.interpolation == Interpolation::Linear && rows.clone().any(narrow);
        let count = pixels.len();
        match job.reduce {
            Reduce::Max if !between => self.fold::<C>(job, rows, pixels, C::BELOW, C::Key::max),
            Reduce::Min if !between => self.fold::<C>(job, rows, pixels, C::ABOVE, C::Key::min),
            _ => {
                self.see::<C>(job, rows, pixels);
                return Pixels::Values(&self.values);
            }
        }
        if size_of::<C::Key>() == size_of::<i16>() {
            return Pixels::Keys(&bytemuck::cast_slice(&self.pixels)[..count]);
        }
        self.values.resize(count, f32::NAN);
        C::values(keys::<C>(&mut self.pixels, count), &mut self.values);
        Pixels::Values(&self.values)
    }

    /// The largest or the smallest of all: over rows that lie alike bin by bin first, then over each pixel's bins.
    fn fold<C: Cell>(
        &mut self,
        job: &Job<'_>,
        rows: Range<u64>,
        pixels: Range<u32>,
        nothing: C::Key,
        fold: impl Fn(C::Key, C::Key) -> C::Key + Copy,
    ) {
        let ring = job.lines.ring;
        let out = keys::<C>(&mut self.pixels, pixels.len());
        out.fill(nothing);
        let mut next = rows.start;
        while next < rows.end {
            let first = next;
            let (stamp, bins) = ring.stamp(first);
            let lies_alike = |row| {
                let (other, count) = ring.stamp(row);
                (other.first_hz, other.bin_hz, count) == (stamp.first_hz, stamp.bin_hz, bins)
            };
            next += 1;
            while next < rows.end && lies_alike(next) {
                next += 1;
            }
            let map = map(job, &stamp);
            let edges = self.edges.of(map, bins, &pixels, job.mapping.interpolation);
            let on_show = on_show(edges, bins, map.covers_bins());
            let best = keys::<C>(&mut self.bins, on_show.len());
            best.fill(nothing);
            for row in first..next {
                for (best, cell) in best.iter_mut().zip(cells::<C>(ring, row, &on_show)) {
                    *best = fold(*best, cell.key(nothing));
                }
            }
            if map.step >> 32 == 1 {
                // One bin or two.
                for (out, edge) in out.iter_mut().zip(edges.windows(2)) {
                    if edge[0] < edge[1] {
                        let (first, last) = (edge[0] as usize - on_show.start, edge[1] as usize - 1 - on_show.start);
                        *out = fold(*out, fold(best[first], best[last]));
                    }
                }
            } else if map.covers_bins() {
                for (out, edge) in out.iter_mut().zip(edges.windows(2)) {
                    for key in &best[edge[0] as usize - on_show.start..edge[1] as usize - on_show.start] {
                        *out = fold(*out, *key);
                    }
                }
            } else {
                for (out, bin) in out.iter_mut().zip(edges) {
                    if let Some(key) = best.get((*bin as usize).wrapping_sub(on_show.start)) {
                        *out = fold(*out, *key);
                    }
                }
            }
        }
    }

    /// Cell by cell, as the shader does it.
    fn see<C: Cell>(&mut self, job: &Job<'_>, rows: Range<u64>, pixels: Range<u32>) {
        let (ring, reduce) = (job.lines.ring, job.reduce);
        let octaves = ring.texel().octaves(ring.unit());
        self.seen.clear();
        self.seen.resize(pixels.len(), Seen::NOTHING);
        for row in rows {
            let (stamp, bins) = ring.stamp(row);
            let map = map(job, &stamp);
            let edges = self.edges.of(map, bins, &pixels, job.mapping.interpolation);
            let on_show = on_show(edges, bins, map.covers_bins());
            // One more on either side, to interpolate with.
            let on_show = on_show.start.saturating_sub(1)..(on_show.end + 1).min(bins as usize);
            self.floats.clear();
            self.floats.resize(on_show.len(), f32::NAN);
            let cells = cells::<C>(ring, row, &on_show);
            C::floats(cells, &mut self.floats[..cells.len()]);
            let floats = &self.floats;
            if map.covers_bins() {
                for (seen, edge) in self.seen.iter_mut().zip(edges.windows(2)) {
                    for v in &floats[edge[0] as usize - on_show.start..edge[1] as usize - on_show.start] {
                        seen.see(*v, reduce, octaves);
                    }
                }
                continue;
            }
            let cell = |bin: i64| floats[bin.clamp(0, i64::from(bins) - 1) as usize - on_show.start];
            for (seen, (x, bin)) in self.seen.iter_mut().zip(pixels.clone().zip(edges)) {
                if *bin == bins {
                    continue;
                }
                let at = map.at(x);
                let v = match job.mapping.interpolation {
                    Interpolation::Nearest => cell(i64::from(*bin)),
                    Interpolation::Linear => {
                        let (first, fraction) = (at >> 32, at as u32);
                        let (a, b) = (cell(first), cell(first + 1));
                        if a.is_finite() && b.is_finite() {
                            a + (b - a) * ((fraction >> 8) as f32 * (1.0 / 16_777_216.0))
                        } else {
                            cell(i64::from(*bin))
                        }
                    }
                };
                seen.see(v, reduce, octaves);
            }
        }
        self.values.resize(self.seen.len(), f32::NAN);
        self.values.iter_mut().zip(&self.seen).for_each(|(v, seen)| *v = seen.value(reduce, octaves));
    }
}

impl Edges {
    fn of(&mut self, map: BinMap, bins: u32, pixels: &Range<u32>, interpolation: Interpolation) -> &[u32] {
        let key = Some((map, bins, pixels.clone(), interpolation));
        if self.made_for != key {
            self.made_for = key;
            self.bins.clear();
            let count = i64::from(bins);
            if map.covers_bins() {
                let edge = |x| (map.at(x) >> 32).clamp(0, count) as u32;
                self.bins.extend((pixels.start..=pixels.end).map(edge));
            } else {
                // Interpolated or not, a pixel shows what is nearest to its centre, or nothing.
                let half = if interpolation == Interpolation::Linear { 1 << 31 } else { 0 };
                let bin = |x| u32::try_from(map.at(x).wrapping_add(half) >> 32).unwrap_or(bins).min(bins);
                self.bins.extend(pixels.clone().map(bin));
            }
        }
        &self.bins
    }
}

/// The bins that pixels with these edges show.
fn on_show(edges: &[u32], bins: u32, covers_bins: bool) -> Range<usize> {
    let mut shown = edges.iter().filter(|bin| covers_bins || **bin < bins);
    let (first, last) = (shown.next(), shown.next_back());
    match (first, last.or(first)) {
        (Some(first), Some(last)) => *first as usize..*last as usize + usize::from(!covers_bins),
        _ => 0..0,
    }
}

fn map(job: &Job<'_>, stamp: &Stamp) -> BinMap {
    let Mapping { span_hz, pixels, interpolation } = job.mapping;
    BinMap::new(stamp, span_hz, pixels, interpolation)
}

/// These bins of a row that is kept.
fn cells<'a, C: Cell>(ring: &'a Ring, row: u64, bins: &Range<usize>) -> &'a [C] {
    bytemuck::cast_slice(ring.kept(row)).get(bins.clone()).unwrap_or(&[])
}

/// The first `count` keys of a buffer that is made large enough.
fn keys<C: Cell>(words: &mut Vec<u32>, count: usize) -> &mut [C::Key] {
    let size = (count * size_of::<C::Key>()).div_ceil(4);
    if words.len() < size {
        words.resize(size, 0);
    }
    &mut bytemuck::cast_slice_mut(&mut words[..size])[..count]
}
