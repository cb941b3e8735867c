//! A mesh as what there is to draw: rectangles of one colour, texels copied one to one, and triangles.

use egui::epaint::{Mesh, Vertex};

use super::bounds::Bounds;
use super::fill::Canvas;
use super::texture::{Change, Texture};
use super::triangle::{Corner, STEPS, Triangle, double_area, first_pixel, product, reach};

/// Triangles are cut off this far from the layer's origin, in pixels, so that positions in 1/256 pixel fit their arithmetic.
const GUARD: f64 = 32768.0;

/// One step of drawing.
pub(super) struct Op {
    /// The pixels that it may change, in the layer and the clip rectangle.
    pub(super) bounds: Bounds,
    kind: Kind,
}

enum Kind {
    /// One colour, times the texture at `uv`.
    Fill {
        color: [u8; 4],
        uv: [f32; 2],
    },
    /// Pixel `x`, `y` takes texel `x + dx`, `y + dy`, times the colour.
    Texels {
        color: [u8; 4],
        dx: i32,
        dy: i32,
    },
    Triangle([Corner; 3]),
}

impl Op {
    /// Calls `parts` with a function that draws this step in the rectangle that it gets.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        texture: &Texture,
        parts: impl FnOnce(Bounds, &mut dyn FnMut(Bounds)),
    ) {
        match &self.kind {
            Kind::Fill { color, uv } => {
                let color = product(*color, texture.sample(*uv));
                parts(self.bounds, &mut |part| canvas.fill(part, color));
            }
            Kind::Texels { color, dx, dy } => {
                parts(self.bounds, &mut |part| canvas.texels(part, texture, (*dx, *dy), *color));
            }
            Kind::Triangle(corners) => {
                let triangle = Triangle::new(corners, texture);
                parts(self.bounds, &mut |part| triangle.fill(canvas, part));
            }
        }
    }

    /// Whether a change of its texture may change what it draws.
    pub(super) fn uses(&self, change: Change, size: [usize; 2]) -> bool {
        let part = match change {
            Change::None => return false,
            Change::All => return true,
            Change::Part(part) => part,
        };
        let (from, to) = match &self.kind {
            Kind::Fill { uv, .. } => (*uv, *uv),
            Kind::Texels { dx, dy, .. } => {
                let Bounds { x0, y0, x1, y1 } = self.bounds;
                let uv = |x: i32, y: i32| [(x + dx) as f32 / size[0] as f32, (y + dy) as f32 / size[1] as f32];
                (uv(x0, y0), uv(x1, y1))
            }
            Kind::Triangle([a, b, c]) => (
                std::array::from_fn(|i| a.uv[i].min(b.uv[i]).min(c.uv[i])),
                std::array::from_fn(|i| a.uv[i].max(b.uv[i]).max(c.uv[i])),
            ),
        };
        // Filtering reads one texel further; one more for rounding. Coordinates past the edge read the edge, or anything.
        (0..2).all(|i| {
            let (from, to) = (from[i] * size[i] as f32 - 2.0, to[i] * size[i] as f32 + 2.0);
            let outside = from < 0.0 || to > size[i] as f32;
            outside || (from < part[i + 2] as f32 && to > part[i] as f32)
        })
    }
}

/// A corner before it is snapped to 1/256 pixel.
#[derive(Clone, Copy)]
struct Loose {
    x: f64,
    y: f64,
    uv: [f64; 2],
    color: [f64; 4],
}

fn snap(at: f64) -> i32 {
    (at * f64::from(STEPS)).round() as i32
}

impl Loose {
    fn new(vertex: &Vertex, pixels_per_point: f32) -> Option<Self> {
        let (x, y) = (vertex.pos.x * pixels_per_point, vertex.pos.y * pixels_per_point);
        let finite = x.is_finite() && y.is_finite() && vertex.uv.x.is_finite() && vertex.uv.y.is_finite();
        finite.then(|| Self {
            x: f64::from(x),
            y: f64::from(y),
            uv: [f64::from(vertex.uv.x), f64::from(vertex.uv.y)],
            color: vertex.color.to_array().map(f64::from),
        })
    }

    fn near(&self) -> bool {
        self.x.abs() <= GUARD && self.y.abs() <= GUARD
    }

    fn snapped(&self) -> Corner {
        Corner {
            // Cutting off a side from very far away leaves the guard by rounding.
            x: snap(self.x.clamp(-GUARD, GUARD)),
            y: snap(self.y.clamp(-GUARD, GUARD)),
            uv: self.uv.map(|c| c as f32),
            color: self.color.map(|c| c.round() as u8),
        }
    }

    /// The point at `part` of the way to `to`.
    fn toward(&self, to: &Self, part: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * part;
        Self {
            x: mix(self.x, to.x),
            y: mix(self.y, to.y),
            uv: std::array::from_fn(|i| mix(self.uv[i], to.uv[i])),
            color: std::array::from_fn(|i| mix(self.color[i], to.color[i])),
        }
    }
}

/// Cuts a triangle off at [`GUARD`] (Sutherland and Hodgman, 1974). At most seven corners are left.
fn cut(triangle: [Loose; 3]) -> Vec<Loose> {
    let mut polygon = triangle.to_vec();
    let sides: [fn(&Loose) -> f64; 4] = [|p| GUARD - p.x, |p| GUARD + p.x, |p| GUARD - p.y, |p| GUARD + p.y];
    for inside in sides {
        let corners = std::mem::take(&mut polygon);
        for (i, to) in corners.iter().enumerate() {
            let from = &corners[(i + corners.len() - 1) % corners.len()];
            let (a, b) = (inside(from), inside(to));
            if (a < 0.0) != (b < 0.0) {
                polygon.push(from.toward(to, a / (a - b)));
            }
            if b >= 0.0 {
                polygon.push(*to);
            }
        }
    }
    polygon
}

/// Appends what there is to draw for the mesh. `clip` lies in the layer; `texture` is the mesh's, if it is there.
pub(super) fn convert(mesh: &Mesh, pixels_per_point: f32, clip: Bounds, texture: Option<&Texture>, ops: &mut Vec<Op>) {
    if clip.is_empty() {
        return;
    }
    let corner = |index: u32| mesh.vertices.get(index as usize).and_then(|v| Loose::new(v, pixels_per_point));
    let triangle = |indices: &[u32]| Some([corner(indices[0])?, corner(indices[1])?, corner(indices[2])?]);
    let mut rest = &mesh.indices[..];
    while rest.len() >= 3 {
        let Some(first) = triangle(&rest[..3]) else {
            rest = &rest[3..];
            continue;
        };
        if !first.iter().all(Loose::near) {
            rest = &rest[3..];
            let polygon = cut(first);
            for i in 2..polygon.len() {
                push(&[polygon[0].snapped(), polygon[i - 1].snapped(), polygon[i].snapped()], clip, ops);
            }
            continue;
        }
        let first = first.map(|c| c.snapped());
        if rest.len() >= 6
            && let Some(second) = triangle(&rest[3..6])
            && second.iter().all(Loose::near)
            && let Some(op) = rectangle(&first, &second.map(|c| c.snapped()), clip, texture)
        {
            ops.extend((!op.bounds.is_empty()).then_some(op));
            rest = &rest[6..];
            continue;
        }
        push(&first, clip, ops);
        rest = &rest[3..];
    }
}

fn push(corners: &[Corner; 3], clip: Bounds, ops: &mut Vec<Op>) {
    let bounds = reach(corners).intersect(clip);
    // What is transparent and adds no light leaves no trace.
    let seen = corners.iter().any(|c| c.color != [0; 4]);
    if seen && !bounds.is_empty() && double_area(corners) != 0 {
        ops.push(Op { bounds, kind: Kind::Triangle(*corners) });
    }
}

/// The step that draws both triangles at once, if they are the halves of an upright rectangle of one colour that is filled
/// with one point of the texture, or with texels as large as pixels.
fn rectangle(first: &[Corner; 3], second: &[Corner; 3], clip: Bounds, texture: Option<&Texture>) -> Option<Op> {
    let both = || first.iter().chain(second);
    let color = first[0].color;
    if both().any(|c| c.color != color) {
        return None;
    }
    let (x0, x1) = both().fold((i32::MAX, i32::MIN), |(lo, hi), c| (lo.min(c.x), hi.max(c.x)));
    let (y0, y1) = both().fold((i32::MAX, i32::MIN), |(lo, hi), c| (lo.min(c.y), hi.max(c.y)));
    if x0 == x1 || y0 == y1 {
        return None;
    }
    let mut uv: [Option<[f32; 2]>; 4] = [None; 4];
    // The corner that each triangle lacks.
    let mut lacks = [0, 0];
    for (triangle, lacks) in [first, second].into_iter().zip(&mut lacks) {
        let mut seen = 0u8;
        for c in triangle {
            if (c.x != x0 && c.x != x1) || (c.y != y0 && c.y != y1) {
                return None;
            }
            let place = usize::from(c.x == x1) + 2 * usize::from(c.y == y1);
            if *uv[place].get_or_insert(c.uv) != c.uv {
                return None;
            }
            seen |= 1 << place;
        }
        if seen.count_ones() != 3 {
            return None;
        }
        *lacks = (!seen & 0xf).trailing_zeros();
    }
    if lacks[0] ^ lacks[1] != 3 {
        return None;
    }
    let [a, b, c, d] = [uv[0]?, uv[1]?, uv[2]?, uv[3]?];
    let bounds = Bounds::new(first_pixel(x0), first_pixel(y0), first_pixel(x1), first_pixel(y1));
    let kind = if a == b && a == c && a == d {
        Kind::Fill { color, uv: a }
    } else if a[0] == c[0] && b[0] == d[0] && a[1] == b[1] && c[1] == d[1] {
        let size = texture?.size;
        let (dx, width) = (one_to_one(x0, x1, a[0], b[0], size[0])?, size[0] as i32);
        let (dy, height) = (one_to_one(y0, y1, a[1], c[1], size[1])?, size[1] as i32);
        let inside = bounds.x0 + dx >= 0 && bounds.y0 + dy >= 0 && bounds.x1 + dx <= width && bounds.y1 + dy <= height;
        if !inside {
            return None;
        }
        Kind::Texels { color, dx, dy }
    } else {
        return None;
    };
    let bounds = if color == [0; 4] { Bounds::EMPTY } else { bounds.intersect(clip) };
    Some(Op { bounds, kind })
}

/// From a pixel to its texel, if every centre of a pixel is a centre of a texel.
fn one_to_one(from: i32, to: i32, uv_from: f32, uv_to: f32, size: usize) -> Option<i32> {
    let steps = f64::from(STEPS);
    let begin = f64::from(uv_from) * size as f64 - f64::from(from) / steps;
    let end = f64::from(uv_to) * size as f64 - f64::from(to) / steps;
    let whole = begin.round();
    // A texel off by this much changes a colour by less than a step of 255.
    let near = |at: f64| (at - whole).abs() < 1.0 / 256.0;
    (near(begin) && near(end)).then_some(whole as i32)
}
