//! The layer over opaque pixels.

use super::Area;
use super::tiles::{State, TILE, Tiles};

/// `x / 255`, rounded, for `x` up to 255².
pub(super) fn over_255(x: u32) -> u32 {
    let x = x + 128;
    (x + (x >> 8)) >> 8
}

mod sealed {
    /// A pixel that a premultiplied RGBA pixel is blended over.
    pub trait Blend: Copy {
        /// The pixel under `over`.
        fn under(self, over: [u8; 4]) -> Self;
        /// `over` alone, which is opaque.
        fn of(over: [u8; 4]) -> Self;
    }
}

use sealed::Blend;

/// A format of opaque pixels that [`Raster::blend_over`](super::Raster::blend_over) writes: `u32` as `0x00RRGGBB`, or
/// `[u8; 4]` as red, green, blue, alpha.
pub trait OpaquePixel: Blend {}

impl OpaquePixel for u32 {}
impl OpaquePixel for [u8; 4] {}

impl Blend for u32 {
    #[inline]
    fn under(self, over: [u8; 4]) -> Self {
        let rest = 255 - u32::from(over[3]);
        let channel =
            |shift: u32, over: u8| (u32::from(over) + over_255(((self >> shift) & 0xff) * rest)).min(255) << shift;
        channel(16, over[0]) | channel(8, over[1]) | channel(0, over[2])
    }

    #[inline]
    fn of(over: [u8; 4]) -> Self {
        u32::from(over[0]) << 16 | u32::from(over[1]) << 8 | u32::from(over[2])
    }
}

impl Blend for [u8; 4] {
    #[inline]
    fn under(self, over: [u8; 4]) -> Self {
        let rest = 255 - u32::from(over[3]);
        let mut out = self;
        for (out, over) in out.iter_mut().zip(over) {
            *out = (u32::from(over) + over_255(u32::from(*out) * rest)).min(255) as u8;
        }
        out
    }

    #[inline]
    fn of(over: [u8; 4]) -> Self {
        over
    }
}

pub(super) fn blend<P: OpaquePixel>(
    pixels: &[[u8; 4]],
    (width, height): (u32, u32),
    tiles: &Tiles,
    area: Area,
    out: &mut [P],
    stride: usize,
) {
    let columns = (area.width as usize).min(stride);
    // How many rows of `out` there are; the last may lack the pixels between its end and the stride.
    let rows = if columns == 0 || out.len() < columns { 0 } else { (out.len() - columns) / stride + 1 };
    let (left, top) = (area.x as usize, area.y as usize);
    let right = left.saturating_add(columns).min(width as usize);
    let bottom = top.saturating_add(rows.min(area.height as usize)).min(height as usize);
    if left >= right || top >= bottom {
        return;
    }
    for row in top / TILE..bottom.div_ceil(TILE) {
        for column in left / TILE..right.div_ceil(TILE) {
            let (x, y) = (column * TILE, row * TILE);
            let (x0, y0, x1, y1) = match tiles.state(column, row) {
                State::Empty => continue,
                State::Opaque => (x, y, x + TILE, y + TILE),
                State::Mixed { x0, y0, x1, y1 } => {
                    (x + usize::from(x0), y + usize::from(y0), x + usize::from(x1), y + usize::from(y1))
                }
            };
            let opaque = tiles.state(column, row) == State::Opaque;
            let (x0, x1) = (x0.max(left), x1.min(right));
            if x0 >= x1 {
                continue;
            }
            for y in y0.max(top)..y1.min(bottom) {
                let over = &pixels[y * width as usize..][x0..x1];
                let under = &mut out[(y - top) * stride..][x0 - left..x1 - left];
                if opaque {
                    for (under, over) in under.iter_mut().zip(over) {
                        *under = P::of(*over);
                    }
                } else {
                    for (under, over) in under.iter_mut().zip(over) {
                        *under = under.under(*over);
                    }
                }
            }
        }
    }
}
