//! Whether two shapes are the same.
//!
//! egui's own comparison of positions panics on NaN in debug builds, and NaN is never equal to itself, so that such a shape
//! would be drawn again in every frame. Here positions are the same if their bits are.

use std::sync::Arc;

use egui::epaint::{Brush, Mesh};
use egui::{Pos2, Rect, Shape, Vec2};

fn number(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits()
}

fn vector(a: Vec2, b: Vec2) -> bool {
    number(a.x, b.x) && number(a.y, b.y)
}

fn position(a: Pos2, b: Pos2) -> bool {
    number(a.x, b.x) && number(a.y, b.y)
}

fn positions(a: &[Pos2], b: &[Pos2]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| position(*a, *b))
}

pub(super) fn rectangle(a: Rect, b: Rect) -> bool {
    position(a.min, b.min) && position(a.max, b.max)
}

fn brush(a: Option<&Arc<Brush>>, b: Option<&Arc<Brush>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || (a.fill_texture_id == b.fill_texture_id && rectangle(a.uv, b.uv)),
        _ => false,
    }
}

fn mesh(a: &Arc<Mesh>, b: &Arc<Mesh>) -> bool {
    Arc::ptr_eq(a, b)
        || (a.texture_id == b.texture_id
            && a.indices == b.indices
            && a.vertices.len() == b.vertices.len()
            && a.vertices
                .iter()
                .zip(&b.vertices)
                .all(|(a, b)| position(a.pos, b.pos) && position(a.uv, b.uv) && a.color == b.color))
}

/// Whether both shapes draw the same. Lists of shapes are never the same, and neither are callbacks.
pub(super) fn shape(a: &Shape, b: &Shape) -> bool {
    match (a, b) {
        (Shape::Circle(a), Shape::Circle(b)) => {
            position(a.center, b.center) && number(a.radius, b.radius) && a.fill == b.fill && a.stroke == b.stroke
        }
        (Shape::Ellipse(a), Shape::Ellipse(b)) => {
            position(a.center, b.center)
                && vector(a.radius, b.radius)
                && a.fill == b.fill
                && a.stroke == b.stroke
                && number(a.angle, b.angle)
        }
        (Shape::LineSegment { points: a, stroke: c }, Shape::LineSegment { points: b, stroke: d }) => {
            positions(a, b) && c == d
        }
        (Shape::Path(a), Shape::Path(b)) => {
            positions(&a.points, &b.points) && a.closed == b.closed && a.fill == b.fill && a.stroke == b.stroke
        }
        // Its own comparison looks at numbers only, not at positions.
        (Shape::Band(a), Shape::Band(b)) => a == b,
        (Shape::Rect(a), Shape::Rect(b)) => {
            rectangle(a.rect, b.rect)
                && a.corner_radius == b.corner_radius
                && a.fill == b.fill
                && a.stroke == b.stroke
                && a.stroke_kind == b.stroke_kind
                && a.round_to_pixels == b.round_to_pixels
                && number(a.blur_width, b.blur_width)
                && brush(a.brush.as_ref(), b.brush.as_ref())
                && number(a.angle, b.angle)
        }
        // egui keeps laid out text, and comparing two texts is far slower than comparing two pointers.
        (Shape::Text(a), Shape::Text(b)) => {
            position(a.pos, b.pos)
                && a.underline == b.underline
                && a.fallback_color == b.fallback_color
                && a.override_text_color == b.override_text_color
                && number(a.opacity_factor, b.opacity_factor)
                && number(a.angle, b.angle)
                && (Arc::ptr_eq(&a.galley, &b.galley) || a.galley == b.galley)
        }
        (Shape::Mesh(a), Shape::Mesh(b)) => mesh(a, b),
        (Shape::QuadraticBezier(a), Shape::QuadraticBezier(b)) => {
            positions(&a.points, &b.points) && a.closed == b.closed && a.fill == b.fill && a.stroke == b.stroke
        }
        (Shape::CubicBezier(a), Shape::CubicBezier(b)) => {
            positions(&a.points, &b.points) && a.closed == b.closed && a.fill == b.fill && a.stroke == b.stroke
        }
        _ => false,
    }
}
