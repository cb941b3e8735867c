//! From values and keys to colours.

use std::ops::Range;

use half::f16;

use super::cell::Cell;
use super::reduction::Pixels;
use super::texel::Texel;
use crate::colormap::Colormap;
use crate::scale::{Lookup, Thresholds};

/// The colours of a strip, in the order of its bytes, for values and for keys.
#[derive(Debug)]
pub(super) struct Colors {
    /// In the places of a [`Lookup`]; red first.
    rgba: [[u8; 4]; Lookup::TABLE],
    /// The same in the strip's byte order.
    colors: [[u8; 4]; Lookup::TABLE],
    /// For texels whose values are not looked up as keys.
    lookup: Option<Lookup>,
    fits: Option<Fits>,
    /// The colour of each key if keys have 16 bits, indexed by the key's bits.
    by_key: Vec<[u8; 4]>,
}

/// What the colours depend on besides the colormap.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fits {
    texel: Texel,
    scale: Thresholds,
    order: Order,
}

/// The order of a pixel's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Rgba,
    Bgra,
    /// As a number of this machine: 0x00RRGGBB.
    Number,
}

impl Order {
    fn of(self, [r, g, b, a]: [u8; 4]) -> [u8; 4] {
        match self {
            Self::Rgba => [r, g, b, a],
            Self::Bgra => [b, g, r, a],
            Self::Number => u32::from_be_bytes([0, r, g, b]).to_ne_bytes(),
        }
    }
}

impl Colors {
    pub(super) fn new(colormap: &Colormap) -> Self {
        let rgba = colormap.table();
        Self { rgba, colors: rgba, lookup: None, fits: None, by_key: Vec::new() }
    }

    /// Updates it for these texels, this scale in their units, and this order of bytes.
    pub(super) fn fit(&mut self, texel: Texel, scale: &Thresholds, order: Order) {
        let fits = Some(Fits { texel, scale: *scale, order });
        if self.fits == fits {
            return;
        }
        self.fits = fits;
        self.colors = self.rgba.map(|rgba| order.of(rgba));
        self.by_key.clear();
        self.lookup = (!texel.is_colors()).then(|| Lookup::new(scale));
        match texel {
            Texel::F32 | Texel::Rgba8 { .. } => {}
            // From −∞ to +∞.
            Texel::F16 => self.color_keys::<f16>(-0x7c01..0x7c01, scale),
            Texel::U8 { .. } => self.color_keys::<u8>(0..256, scale),
        }
    }

    /// The colours of all keys; these keys stand for numbers. Values rise with their keys, so the keys of a colour are
    /// contiguous, and only the few hundred places where the next colour begins are searched.
    fn color_keys<C: Cell<Key = i16>>(&mut self, numbers: Range<i32>, scale: &Thresholds) {
        let [bad, under, over] = [Lookup::BAD, Lookup::UNDER, Lookup::OVER].map(|place| self.colors[place]);
        self.by_key.resize(1 << 16, bad);
        self.by_key.fill(bad);
        let value = |key: i32| {
            let mut out = [f32::NAN];
            C::values(&mut [key as i16], &mut out);
            out[0]
        };
        // The first key of a number for which `test` holds.
        let Range { start: first, end } = numbers;
        let begin = |test: &dyn Fn(f32) -> bool| {
            let (mut low, mut high) = (first, end);
            while low < high {
                let middle = low + (high - low) / 2;
                if test(value(middle)) { high = middle } else { low = middle + 1 }
            }
            low
        };
        let low = begin(&|v| v >= scale.low);
        let high = begin(&|v| v > scale.high).max(low);
        let mut fill = |keys: Range<i32>, color| {
            // Indexed by bits, so the keys below 0 come after the others.
            let (negative, positive) = (keys.start.min(0)..keys.end.min(0), keys.start.max(0)..keys.end.max(0));
            let bits = |key: i32| (key as u16) as usize;
            self.by_key[positive.start as usize..positive.end as usize].fill(color);
            if !negative.is_empty() {
                self.by_key[bits(negative.start)..=bits(negative.end - 1)].fill(color);
            }
        };
        fill(first..low, under);
        fill(high..end, over);
        let mut from = low;
        for (entry, edge) in (0..256).zip(&scale.edges[1..]) {
            let to = begin(&|v| v >= *edge).clamp(from, high);
            fill(from..to, self.colors[1 + entry]);
            from = to;
        }
    }

    /// The colours of these pixels.
    pub(super) fn color(&self, pixels: Pixels<'_>, out: &mut [[u8; 4]]) {
        match pixels {
            Pixels::Values(values) => self.color_values(values, out),
            Pixels::Keys(keys) => {
                // There are as many as keys: no check.
                let Some(colors) = self.by_key.first_chunk::<{ 1 << 16 }>() else { return };
                out.iter_mut().zip(keys).for_each(|(out, key)| *out = colors[usize::from(key.cast_unsigned())]);
            }
            Pixels::Colors(colors) => {
                let bad = self.colors[Lookup::BAD];
                let order = self.fits.map_or(Order::Rgba, |fits| fits.order);
                for (out, color) in out.iter_mut().zip(colors) {
                    *out = if color[3] == 0 { bad } else { order.of(*color) };
                }
            }
        }
    }

    /// `lut_index` in `shaders/shade.wgsl`, and the colour there.
    fn color_values(&self, values: &[f32], out: &mut [[u8; 4]]) {
        if let Some(lookup) = &self.lookup {
            lookup.color(values, &self.colors, out);
        }
    }
}
