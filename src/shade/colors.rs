//! From values and keys to colours.

use half::f16;

use super::cell::Cell;
use super::reduction::Pixels;
use super::texel::Texel;
use crate::colormap::Colormap;

/// The colours of a strip, in the order of its bytes, for values and for keys.
#[derive(Debug)]
pub(super) struct Colors {
    /// The colormap's 256, then under, over and bad; red first. Padded to a power of two, which spares a check a pixel.
    rgba: [[u8; 4]; 512],
    /// The same as the strip has them.
    colors: [[u8; 4]; 512],
    fits: Option<Fits>,
    /// The colour of each key, where keys have 16 bits; by their bits.
    by_key: Vec<[u8; 4]>,
}

/// What the colours depend on beside the colormap.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fits {
    texel: Texel,
    scale: (f32, f32, f32),
    bgra: bool,
}

impl Colors {
    const UNDER: u32 = 256;
    const OVER: u32 = 257;
    const BAD: u32 = 258;

    pub(super) fn new(colormap: &Colormap) -> Self {
        let mut rgba = [[0; 4]; 512];
        let ends = [colormap.under(), colormap.over(), colormap.bad()];
        rgba.iter_mut().zip(colormap.lut().iter().chain(&ends)).for_each(|(to, from)| *to = *from);
        Self { rgba, colors: rgba, fits: None, by_key: Vec::new() }
    }

    /// Makes it the one for these texels, this scale (vmin, vmax and 256 / (vmax − vmin) in their units) and this order of
    /// bytes.
    pub(super) fn fit(&mut self, texel: Texel, scale: (f32, f32, f32), bgra: bool) {
        let fits = Some(Fits { texel, scale, bgra });
        if self.fits == fits {
            return;
        }
        self.fits = fits;
        let order = |[r, g, b, a]: [u8; 4]| if bgra { [b, g, r, a] } else { [r, g, b, a] };
        self.colors = self.rgba.map(order);
        self.by_key.clear();
        if texel == Texel::F32 {
            return;
        }
        let mut keys: Vec<i16> = (0..=u16::MAX).map(u16::cast_signed).collect();
        let mut values = vec![0.0; keys.len()];
        match texel {
            Texel::U8 { .. } => u8::values(&mut keys, &mut values),
            _ => f16::values(&mut keys, &mut values),
        }
        let mut colors = std::mem::take(&mut self.by_key);
        colors.resize(values.len(), [0; 4]);
        self.color_values(&values, &mut colors);
        self.by_key = colors;
    }

    /// The colours of these pixels.
    pub(super) fn color(&self, pixels: Pixels<'_>, out: &mut [[u8; 4]]) {
        match pixels {
            Pixels::Values(values) => self.color_values(values, out),
            Pixels::Keys(keys) => {
                // As many as there are keys: no check.
                let Some(colors) = self.by_key.first_chunk::<{ 1 << 16 }>() else { return };
                out.iter_mut().zip(keys).for_each(|(out, key)| *out = colors[usize::from(key.cast_unsigned())]);
            }
        }
    }

    /// `lut_index` in `shaders/shade.wgsl`, and the colour there.
    fn color_values(&self, values: &[f32], out: &mut [[u8; 4]]) {
        let Some(Fits { scale: (lo, hi, factor), .. }) = self.fits else { return };
        // Places first, which is arithmetic that a compiler makes vectors of; then colours.
        let mut places = [0; 64];
        for (out, values) in out.chunks_mut(64).zip(values.chunks(64)) {
            for (place, v) in places.iter_mut().zip(values) {
                let entry = ((v - lo) * factor).min(255.0) as i32 as u32;
                let entry = if *v < lo { Self::UNDER } else { entry };
                let entry = if *v > hi { Self::OVER } else { entry };
                *place = if v.is_nan() { Self::BAD } else { entry };
            }
            for (out, place) in out.iter_mut().zip(&places) {
                *out = self.colors[*place as usize % self.colors.len()];
            }
        }
    }
}
