//! How a value is stored.

use crate::error::Error;
use crate::scale::{Scale, Thresholds};
use half::slice::HalfFloatSliceExt;

use super::row::Row;

/// How the ring stores a value.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Texel {
    /// 16-bit float: steps of 0.0625 between 64 and 128, finer below. Enough for dB.
    #[default]
    F16,
    /// 32-bit float: values are stored unchanged.
    F32,
    /// 8-bit codes: code `c` stands for `zero + c · step`; values are rounded to the nearest code and clipped to 0..=255.
    /// There is no code for NaN: it is stored as code 0.
    U8 {
        /// The value of code 0.
        zero: f32,
        /// The difference between two codes, above 0.
        step: f32,
    },
    /// Cells are colours, drawn as they are: no range, no norm, no colormap, except for its colour of
    /// [nothing](crate::Colormap::bad). They are [pushed](crate::Waterfall::push_rgba) as sRGB-encoded red, green, blue and
    /// alpha, 8 bits each.
    ///
    /// [`View::reduce`](field@crate::View::reduce) applies to each channel, on the encoded numbers. Pictures are best reduced
    /// by the [mean](crate::Reduce::Mean), which is rounded to the nearest.
    Rgba8 {
        /// The colour behind cells that are not opaque, sRGB-encoded red, green and blue.
        background: [u8; 3],
    },
}

impl Texel {
    pub(crate) fn check(&self) -> Result<(), Error> {
        match *self {
            Self::U8 { zero, step } if zero.is_finite() && step.is_finite() && step > 0.0 => Ok(()),
            Self::U8 { zero, step } => Err(Error::Texel { zero, step }),
            Self::F16 | Self::F32 | Self::Rgba8 { .. } => Ok(()),
        }
    }

    pub(crate) fn bytes(&self) -> u32 {
        match self {
            Self::F16 => 2,
            Self::F32 | Self::Rgba8 { .. } => 4,
            Self::U8 { .. } => 1,
        }
    }

    /// Whether cells are colours.
    pub(crate) fn is_colors(&self) -> bool {
        match self {
            Self::Rgba8 { .. } => true,
            Self::F16 | Self::F32 | Self::U8 { .. } => false,
        }
    }

    /// Stores `row`, which has been [checked](Row::check), at the start of `out`, which has room for it.
    pub(crate) fn store(&self, row: Row<'_>, out: &mut [u8]) {
        match row {
            Row::Values(row) => self.store_values(row, out),
            Row::Colors(row) => self.store_colors(row, out),
        }
    }

    fn store_colors(&self, row: &[[u8; 4]], out: &mut [u8]) {
        let Self::Rgba8 { background } = *self else { return };
        // Not `all`, which stops at the first and is no vector code.
        if row.iter().fold(255, |least, cell| least & cell[3]) == 255 {
            out[..4 * row.len()].copy_from_slice(row.as_flattened());
            return;
        }
        for (out, cell) in out.as_chunks_mut::<4>().0.iter_mut().zip(row) {
            *out = over(*cell, background);
        }
    }

    fn store_values(&self, row: &[f32], out: &mut [u8]) {
        match *self {
            Self::F16 => {
                let out: &mut [half::f16] = bytemuck::cast_slice_mut(&mut out[..row.len() * 2]);
                out.convert_from_f32_slice(row);
            }
            Self::F32 => out[..row.len() * 4].copy_from_slice(bytemuck::cast_slice(row)),
            Self::U8 { zero, step } => {
                // `as u8` truncates, saturates, and turns NaN into 0.
                out.iter_mut().zip(row).for_each(|(o, v)| *o = ((v - zero) / step + 0.5) as u8);
            }
            Self::Rgba8 { .. } => {}
        }
    }

    /// What [`store`](Self::store) stored, as the shader reads it; for 8-bit texels the code. NaN if there is nothing, or
    /// a colour.
    pub(crate) fn load(&self, cells: &[u8], bin: usize) -> f32 {
        match self {
            Self::F16 => cells.as_chunks().0.get(bin).map_or(f32::NAN, |b| half::f16::from_ne_bytes(*b).to_f32()),
            Self::F32 => cells.as_chunks().0.get(bin).map_or(f32::NAN, |b| f32::from_ne_bytes(*b)),
            Self::U8 { .. } => cells.get(bin).map_or(f32::NAN, |code| f32::from(*code)),
            Self::Rgba8 { .. } => f32::NAN,
        }
    }

    /// The value of such a number, in the units of the rows.
    pub(crate) fn value(&self, v: f32) -> f32 {
        match *self {
            Self::U8 { zero, step } => zero + v * step,
            Self::F16 | Self::F32 | Self::Rgba8 { .. } => v,
        }
    }

    /// Whether the shader reads numbers from 0 to 1 that stand for whole codes.
    pub(crate) fn is_codes(&self) -> bool {
        match self {
            Self::U8 { .. } => true,
            Self::F16 | Self::F32 | Self::Rgba8 { .. } => false,
        }
    }

    /// The scale in the units of the texels: for 8-bit texels in codes, whole or interpolated.
    pub(crate) fn thresholds(&self, scale: &Scale) -> Thresholds {
        match *self {
            Self::U8 { zero, step } => {
                let code = |v: f32| ((f64::from(v) - f64::from(zero)) / f64::from(step)) as f32;
                scale.thresholds().in_units(0.0..=255.0, |code| self.value(code), code)
            }
            Self::F16 | Self::F32 | Self::Rgba8 { .. } => *scale.thresholds(),
        }
    }

    /// How many units of the rows one unit of the texels stands for.
    pub(crate) fn unit(&self) -> f32 {
        match *self {
            Self::U8 { step, .. } => step,
            Self::F16 | Self::F32 | Self::Rgba8 { .. } => 1.0,
        }
    }
}

/// A colour over an opaque background; the channels of the sum are rounded to the nearest.
fn over([r, g, b, alpha]: [u8; 4], background: [u8; 3]) -> [u8; 4] {
    if alpha == 255 {
        return [r, g, b, 255];
    }
    let alpha = u32::from(alpha);
    // 255 is odd: there are no ties.
    let mix = |own: u8, behind: u8| ((u32::from(own) * alpha + u32::from(behind) * (255 - alpha) + 127) / 255) as u8;
    [mix(r, background[0]), mix(g, background[1]), mix(b, background[2]), 255]
}
