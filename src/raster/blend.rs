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
        // Red and blue at once, 16 bits each: what `over_255` computes fits.
        let two = |two: u32| {
            let two = two * rest + 0x0080_0080;
            (two + ((two >> 8) & 0x00ff_00ff)) >> 8 & 0x00ff_00ff
        };
        let limited = |two: u32| (two | (((two >> 8) & 0x0001_0001) * 0xff)) & 0x00ff_00ff;
        let over = Self::of(over);
        let red_blue = limited(two(self & 0x00ff_00ff) + (over & 0x00ff_00ff));
        let green = limited(two(self >> 8 & 0xff) + (over >> 8 & 0xff));
        red_blue | green << 8
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

/// The part of the layer that `area` and `out` have in common: columns and rows from `left`, `top` to `right`, `bottom`.
fn common(
    (width, height): (u32, u32),
    area: Area,
    length: usize,
    stride: usize,
) -> Option<(usize, usize, usize, usize)> {
    let columns = (area.width as usize).min(stride);
    // How many rows of `out` there are; the last may lack the pixels between its end and the stride.
    let rows = if columns == 0 || length < columns { 0 } else { (length - columns) / stride + 1 };
    let (left, top) = (area.x as usize, area.y as usize);
    let right = left.saturating_add(columns).min(width as usize);
    let bottom = top.saturating_add(rows.min(area.height as usize)).min(height as usize);
    (left < right && top < bottom).then_some((left, top, right, bottom))
}

/// The layer over black: premultiplied colours as they are.
pub(super) fn copy<P: OpaquePixel>(pixels: &[[u8; 4]], size: (u32, u32), area: Area, out: &mut [P], stride: usize) {
    let Some((left, top, right, bottom)) = common(size, area, out.len(), stride) else { return };
    for (y, out) in (top..bottom).zip(out.chunks_mut(stride)) {
        let over = &pixels[y * size.0 as usize..][left..right];
        for (out, over) in out.iter_mut().zip(over) {
            *out = P::of([over[0], over[1], over[2], 255]);
        }
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
    let Some((left, top, right, bottom)) = common((width, height), area, out.len(), stride) else { return };
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
