//! A triangle with colours and texture coordinates at its corners, filled as GPUs do.
//!
//! Positions are in 1/256 pixel. A pixel belongs to the triangle if its centre is inside, or on a top or left edge, so that
//! triangles with a common edge neither overlap nor leave a gap. What a pixel gets depends only on the triangle and the
//! pixel, never on the rectangle that is drawn, so that drawing a part again gives the same bytes.

use super::bounds::Bounds;
use super::fill::{Canvas, blend_pixel, blend_span};
use super::texture::Texture;

/// Steps of a position a pixel.
pub(super) const STEPS: i32 = 256;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Corner {
    /// In 1/256 pixel.
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) uv: [f32; 2],
    /// Premultiplied.
    pub(super) color: [u8; 4],
}

/// The first pixel whose centre is at or after `at`, in 1/256 pixel.
pub(super) fn first_pixel(at: i32) -> i32 {
    (at + STEPS / 2 - 1).div_euclid(STEPS)
}

/// The pixels that a triangle may cover. Centres on its right or bottom end are outside.
pub(super) fn reach(corners: &[Corner; 3]) -> Bounds {
    let [a, b, c] = corners;
    Bounds::new(
        first_pixel(a.x.min(b.x).min(c.x)),
        first_pixel(a.y.min(b.y).min(c.y)),
        first_pixel(a.x.max(b.x).max(c.x)),
        first_pixel(a.y.max(b.y).max(c.y)),
    )
}

/// Twice the area, in 1/256² pixel; negative if the corners run the other way.
pub(super) fn double_area([a, b, c]: &[Corner; 3]) -> i64 {
    let wide = |p: &Corner, q: &Corner| (i64::from(q.x) - i64::from(p.x), i64::from(q.y) - i64::from(p.y));
    let ((bx, by), (cx, cy)) = (wide(a, b), wide(a, c));
    bx * cy - by * cx
}

/// Positive inside the triangle: `start + across * x + down * y` at the centre of pixel `x`, `y`.
#[derive(Clone, Copy)]
struct Edge {
    start: i64,
    across: i64,
    down: i64,
}

impl Edge {
    fn new(p: &Corner, q: &Corner) -> Self {
        let (dx, dy) = (i64::from(q.x) - i64::from(p.x), i64::from(q.y) - i64::from(p.y));
        let half = i64::from(STEPS) / 2;
        let start = dx * (half - i64::from(p.y)) - dy * (half - i64::from(p.x));
        let top_or_left = dy < 0 || (dy == 0 && dx > 0);
        Self { start: start - i64::from(!top_or_left), across: -dy * i64::from(STEPS), down: dx * i64::from(STEPS) }
    }

    /// Narrows `x0..x1`, which is not empty, to the pixels of row `y` on the inner side.
    fn narrow(&self, y: i32, x0: &mut i32, x1: &mut i32) {
        let at = self.start + self.down * i64::from(y);
        // Spans that no edge crosses are the usual ones, and need no division.
        let first = at + self.across * i64::from(*x0) >= 0;
        let last = at + self.across * i64::from(*x1 - 1) >= 0;
        if first && last {
            return;
        }
        if first == last {
            *x1 = *x0;
            return;
        }
        // Whole numbers below 2^53 are exact, and so is which whole numbers the quotient lies between if it is below 2^17: it
        // differs from a whole number by 2^-34 or more. Beyond that it is out of the layer.
        let quotient = (-at as f64 / self.across as f64).clamp(-1e6, 1e6);
        let whole = quotient as i32;
        if self.across > 0 {
            let ceil = whole + i32::from(quotient > f64::from(whole));
            *x0 = (*x0).max(ceil);
        } else {
            let floor = whole - i32::from(quotient < f64::from(whole));
            *x1 = (*x1).min(floor + 1);
        }
    }
}

/// Values that are linear across the triangle: those at the first corner, and the change a pixel to the right and down.
#[derive(Clone, Copy)]
struct Plane<const N: usize> {
    start: [f32; N],
    across: [f32; N],
    down: [f32; N],
}

impl<const N: usize> Plane<N> {
    fn new(corners: &[Corner; 3], area: f64, values: [[f32; N]; 3]) -> Self {
        let [a, b, c] = corners;
        let step = f64::from(STEPS);
        let offset = |p: &Corner| (f64::from(p.x) - f64::from(a.x), f64::from(p.y) - f64::from(a.y));
        let ((bx, by), (cx, cy)) = (offset(b), offset(c));
        let difference = |i: usize| {
            let start = f64::from(values[0][i]);
            (f64::from(values[1][i]) - start, f64::from(values[2][i]) - start)
        };
        Self {
            start: values[0],
            across: std::array::from_fn(|i| {
                let (b, c) = difference(i);
                ((b * cy - c * by) / area * step) as f32
            }),
            down: std::array::from_fn(|i| {
                let (b, c) = difference(i);
                ((c * bx - b * cx) / area * step) as f32
            }),
        }
    }

    #[inline]
    fn row(&self, dy: f32) -> [f32; N] {
        std::array::from_fn(|i| self.start[i] + self.down[i] * dy)
    }

    #[inline]
    fn at(&self, row: &[f32; N], dx: f32) -> [f32; N] {
        std::array::from_fn(|i| row[i] + self.across[i] * dx)
    }
}

/// What the pixels of a triangle get.
enum Shade<'a> {
    Color([u8; 4]),
    /// Colours across the triangle, times one colour of the texture (0 to 1).
    Gradient(Plane<4>, [f32; 4]),
    Texture(Plane<4>, Plane<2>, &'a Texture),
}

/// A triangle ready to be filled, in any number of rectangles.
pub(super) struct Triangle<'a> {
    edges: [Edge; 3],
    x: f32,
    y: f32,
    shade: Shade<'a>,
}

/// The product of a colour and one of the texture (0 to 255), for a whole area.
pub(super) fn product(color: [u8; 4], texel: [f32; 4]) -> [u8; 4] {
    std::array::from_fn(|i| (f32::from(color[i]) * texel[i] * (1.0 / 255.0) + 0.5) as u8)
}

impl<'a> Triangle<'a> {
    pub(super) fn new(corners: &[Corner; 3], texture: &'a Texture) -> Self {
        let mut corners = *corners;
        if double_area(&corners) < 0 {
            corners.swap(1, 2);
        }
        let area = double_area(&corners) as f64;
        let [a, b, c] = &corners;
        let colors = || Plane::new(&corners, area, corners.map(|c| c.color.map(f32::from)));
        let shade = if a.uv == b.uv && a.uv == c.uv {
            let texel = texture.sample(a.uv);
            if a.color == b.color && a.color == c.color {
                Shade::Color(product(a.color, texel))
            } else {
                Shade::Gradient(colors(), texel.map(|t| t / 255.0))
            }
        } else {
            Shade::Texture(colors(), Plane::new(&corners, area, corners.map(|c| c.uv)), texture)
        };
        Self {
            edges: [Edge::new(a, b), Edge::new(b, c), Edge::new(c, a)],
            x: a.x as f32 / STEPS as f32,
            y: a.y as f32 / STEPS as f32,
            shade,
        }
    }

    pub(super) fn fill(&self, canvas: &mut Canvas<'_>, bounds: Bounds) {
        // Colours may leave their range by a rounding step, or by much in slivers whose centres are not quite inside.
        let limit = |color: [f32; 4]| color.map(|c| c.clamp(0.0, 255.0));
        for y in bounds.y0..bounds.y1 {
            let (mut x0, mut x1) = (bounds.x0, bounds.x1);
            for edge in &self.edges {
                if x0 < x1 {
                    edge.narrow(y, &mut x0, &mut x1);
                }
            }
            if x0 >= x1 {
                continue;
            }
            let span = canvas.span(y, x0, x1);
            let dy = y as f32 + 0.5 - self.y;
            let columns = (x0..x1).map(|x| x as f32 + 0.5 - self.x);
            match &self.shade {
                Shade::Color(color) => blend_span(span, *color),
                Shade::Gradient(colors, texel) => {
                    let row = colors.row(dy);
                    for (pixel, dx) in span.iter_mut().zip(columns) {
                        let color = limit(colors.at(&row, dx));
                        blend_pixel(pixel, std::array::from_fn(|i| color[i] * texel[i]));
                    }
                }
                Shade::Texture(colors, uv, texture) => {
                    let (row, uv_row) = (colors.row(dy), uv.row(dy));
                    for (pixel, dx) in span.iter_mut().zip(columns) {
                        let color = limit(colors.at(&row, dx));
                        let texel = texture.sample(uv.at(&uv_row, dx));
                        blend_pixel(pixel, std::array::from_fn(|i| color[i] * texel[i] * (1.0 / 255.0)));
                    }
                }
            }
        }
    }
}
