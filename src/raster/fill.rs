//! Pixels: rectangles of one colour, texels copied one to one, and single spans.

use super::blend::over_255;
use super::bounds::Bounds;
use super::texture::Texture;

/// The pixels of the layer.
pub(super) struct Canvas<'a> {
    pub(super) pixels: &'a mut [[u8; 4]],
    pub(super) width: usize,
}

impl Canvas<'_> {
    /// The pixels `x0..x1` of row `y`, which lie in the layer.
    pub(super) fn span(&mut self, y: i32, x0: i32, x1: i32) -> &mut [[u8; 4]] {
        let begin = y as usize * self.width;
        &mut self.pixels[begin + x0 as usize..begin + x1 as usize]
    }

    pub(super) fn clear(&mut self, bounds: Bounds) {
        for y in bounds.y0..bounds.y1 {
            self.span(y, bounds.x0, bounds.x1).fill([0; 4]);
        }
    }

    /// Blends one colour over the pixels.
    pub(super) fn fill(&mut self, bounds: Bounds, color: [u8; 4]) {
        for y in bounds.y0..bounds.y1 {
            blend_span(self.span(y, bounds.x0, bounds.x1), color);
        }
    }

    /// Blends texels times `color` over the pixels; pixel `x`, `y` takes texel `x + dx`, `y + dy`.
    pub(super) fn texels(&mut self, bounds: Bounds, texture: &Texture, (dx, dy): (i32, i32), color: [u8; 4]) {
        let [width, height] = texture.size;
        for y in bounds.y0..bounds.y1 {
            let (row, left, right) = ((y + dy) as usize, (bounds.x0 + dx) as usize, (bounds.x1 + dx) as usize);
            if row >= height || left >= right || right > width {
                continue;
            }
            let texels = &texture.texels[row * width + left..row * width + right];
            for (pixel, texel) in self.span(y, bounds.x0, bounds.x1).iter_mut().zip(texels) {
                if *texel != [0; 4] {
                    // In units of 1/255² of the brightest.
                    let over: [u32; 4] = std::array::from_fn(|i| u32::from(color[i]) * u32::from(texel[i]));
                    let rest = 255 * 255 - over[3];
                    for (pixel, over) in pixel.iter_mut().zip(over) {
                        let sum = over * 255 + u32::from(*pixel) * rest + 255 * 255 / 2;
                        *pixel = (sum / (255 * 255)).min(255) as u8;
                    }
                }
            }
        }
    }
}

/// Blends one colour over a span.
pub(super) fn blend_span(span: &mut [[u8; 4]], color: [u8; 4]) {
    if color[3] == 255 {
        span.fill(color);
    } else if color != [0; 4] {
        let rest = u32::from(255 - color[3]);
        for pixel in span {
            for (pixel, color) in pixel.iter_mut().zip(color) {
                *pixel = (u32::from(color) + over_255(u32::from(*pixel) * rest)).min(255) as u8;
            }
        }
    }
}

/// Blends a colour, with channels from 0 to 255, over a pixel.
#[inline]
pub(super) fn blend_pixel(pixel: &mut [u8; 4], color: [f32; 4]) {
    let rest = 1.0 - color[3] * (1.0 / 255.0);
    for (pixel, color) in pixel.iter_mut().zip(color) {
        // The conversion limits the sum to 0 to 255, and makes 0 of NaN.
        *pixel = (color + f32::from(*pixel) * rest + 0.5) as u8;
    }
}
