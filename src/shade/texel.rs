//! How a value is stored.

use crate::error::Error;
use crate::scale::{Scale, Thresholds};
use half::slice::HalfFloatSliceExt;

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
}

impl Texel {
    pub(crate) fn check(&self) -> Result<(), Error> {
        match *self {
            Self::U8 { zero, step } if zero.is_finite() && step.is_finite() && step > 0.0 => Ok(()),
            Self::U8 { zero, step } => Err(Error::Texel { zero, step }),
            Self::F16 | Self::F32 => Ok(()),
        }
    }

    pub(crate) fn bytes(&self) -> u32 {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
            Self::U8 { .. } => 1,
        }
    }

    /// Stores `row` at the start of `out`, which has room for it.
    pub(crate) fn store(&self, row: &[f32], out: &mut [u8]) {
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
        }
    }

    /// What [`store`](Self::store) stored, as the shader reads it; for 8-bit texels the code. NaN if there is nothing.
    pub(crate) fn load(&self, cells: &[u8], bin: usize) -> f32 {
        match self {
            Self::F16 => cells.as_chunks().0.get(bin).map_or(f32::NAN, |b| half::f16::from_ne_bytes(*b).to_f32()),
            Self::F32 => cells.as_chunks().0.get(bin).map_or(f32::NAN, |b| f32::from_ne_bytes(*b)),
            Self::U8 { .. } => cells.get(bin).map_or(f32::NAN, |code| f32::from(*code)),
        }
    }

    /// The value of such a number, in the units of the rows.
    pub(crate) fn value(&self, v: f32) -> f32 {
        match *self {
            Self::U8 { zero, step } => zero + v * step,
            Self::F16 | Self::F32 => v,
        }
    }

    /// Whether the shader reads numbers from 0 to 1 that stand for whole codes.
    pub(crate) fn is_codes(&self) -> bool {
        match self {
            Self::U8 { .. } => true,
            Self::F16 | Self::F32 => false,
        }
    }

    /// The scale in the units of the texels: for 8-bit texels in codes, whole or interpolated.
    pub(crate) fn thresholds(&self, scale: &Scale) -> Thresholds {
        match *self {
            Self::U8 { zero, step } => {
                let code = |v: f32| ((f64::from(v) - f64::from(zero)) / f64::from(step)) as f32;
                scale.thresholds().in_units(0.0..=255.0, |code| self.value(code), code)
            }
            Self::F16 | Self::F32 => *scale.thresholds(),
        }
    }

    /// How many units of the rows one unit of the texels stands for.
    pub(crate) fn unit(&self) -> f32 {
        match *self {
            Self::U8 { step, .. } => step,
            Self::F16 | Self::F32 => 1.0,
        }
    }
}
