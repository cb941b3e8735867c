//! The shapes of the last frame with what they draw, and what a new frame changes.

use egui::emath::TSTransform;
use egui::epaint::{ClippedShape, Mesh, Primitive, TessellationOptions, Tessellator, TextureId};
use egui::{Rect, Shape};

use super::bounds::Bounds;
use super::fill::Canvas;
use super::ops::{Op, convert};
use super::same;
use super::texture::{Change, Textures};
use super::tiles::Tiles;

/// How far apart in the lists of two frames a shape may be and still be recognised.
const REACH: usize = 64;

/// A shape that is not a list of shapes.
struct Entry {
    clip: Rect,
    transform: TSTransform,
    shape: Shape,
    texture: TextureId,
    ops: Vec<Op>,
    /// All that the steps may change.
    bounds: Bounds,
    /// `ops` belong to the shape.
    ready: bool,
}

impl Entry {
    fn same(&self, other: &Self) -> bool {
        same::shape(&self.shape, &other.shape)
            && same::rectangle(self.clip, other.clip)
            && self.transform == other.transform
    }
}

/// What, besides the shape, tessellation depends on.
#[derive(Clone, Copy, PartialEq)]
struct Setup {
    pixels_per_point: f32,
    options: TessellationOptions,
    fonts: u64,
}

#[derive(Default)]
pub(super) struct Scene {
    entries: Vec<Entry>,
    /// The entries of the frame before, for their memory.
    old: Vec<Entry>,
    spare: Vec<Vec<Op>>,
    tessellator: Option<(Setup, Tessellator)>,
    mesh: Mesh,
}

impl Scene {
    /// Takes over the shapes of a frame, and marks what has to be drawn again.
    #[expect(clippy::too_many_arguments, reason = "all parts of one Raster")]
    pub(super) fn update(
        &mut self,
        ctx: &egui::Context,
        shapes: Vec<ClippedShape>,
        pixels_per_point: f32,
        layer: Bounds,
        textures: &Textures,
        all: bool,
        tiles: &mut Tiles,
    ) {
        std::mem::swap(&mut self.entries, &mut self.old);
        self.entries.clear();
        let valid = pixels_per_point.is_finite() && pixels_per_point > 0.0;
        if valid {
            for clipped in shapes {
                flatten(clipped.clip_rect, clipped.transform_after_tessellation, clipped.shape, &mut self.entries);
            }
        }
        let options = ctx.tessellation_options(|options| *options);
        let setup = Setup { pixels_per_point, options, fonts: textures.fonts() };
        let rebuilt = self.tessellator.as_ref().is_none_or(|(old, _)| *old != setup);
        if rebuilt && valid {
            let size = textures.get(TextureId::default()).map_or([1, 1], |atlas| atlas.size);
            self.tessellator = Some((setup, Tessellator::new(pixels_per_point, options, size, Vec::new())));
        }
        if all || rebuilt {
            tiles.mark(layer);
        } else {
            self.carry_over(textures, tiles);
        }
        // What was handed on left a list behind that never had any memory.
        self.spare.extend(self.old.drain(..).map(|entry| entry.ops).filter(|ops| ops.capacity() > 0));
        if let Some((_, tessellator)) = &mut self.tessellator {
            for entry in self.entries.iter_mut().filter(|entry| !entry.ready) {
                if entry.ops.capacity() == 0 {
                    entry.ops = self.spare.pop().unwrap_or_default();
                }
                entry.ops.clear();
                prepare(entry, ctx, tessellator, &mut self.mesh, pixels_per_point, layer, textures);
                if !(all || rebuilt) {
                    mark(entry, tiles);
                }
            }
        }
        // As many as a frame has shapes: more were needed once, perhaps for a page long gone.
        self.spare.truncate(self.entries.len() + REACH);
    }

    /// Hands what the shapes of the last frame draw to the same shapes of this one, and marks where it went away. Shapes keep
    /// their order, so a pixel that none of the others touches gets the same colour as before.
    fn carry_over(&mut self, textures: &Textures, tiles: &mut Tiles) {
        let (old, new) = (&mut self.old[..], &mut self.entries[..]);
        let before = old.iter().zip(new.iter()).take_while(|(a, b)| a.same(b)).count();
        let most = old.len().min(new.len()) - before;
        let after = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a.same(b)).count();
        let (old_end, new_end) = (old.len() - after, new.len() - after);
        for i in 0..before {
            keep(&mut old[i], &mut new[i], textures, tiles);
        }
        for i in 0..after {
            keep(&mut old[old_end + i], &mut new[new_end + i], textures, tiles);
        }
        let (mut i, mut j) = (before, before);
        while i < old_end && j < new_end {
            // The nearest pair of equal shapes: skip as few as possible, in the old list or the new one.
            let found = (0..REACH).find_map(|skip| {
                let in_old = i + skip < old_end && old[i + skip].same(&new[j]);
                let in_new = j + skip < new_end && old[i].same(&new[j + skip]);
                if in_old { Some((skip, 0)) } else { in_new.then_some((0, skip)) }
            });
            let (skip_old, skip_new) = found.unwrap_or((1, 1));
            for entry in &old[i..i + skip_old] {
                mark(entry, tiles);
            }
            (i, j) = (i + skip_old, j + skip_new);
            if found.is_some() {
                keep(&mut old[i], &mut new[j], textures, tiles);
                (i, j) = (i + 1, j + 1);
            }
        }
        for entry in &old[i..old_end] {
            mark(entry, tiles);
        }
    }

    /// Draws all shapes in the dirty parts, which are clear.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, tiles: &Tiles, textures: &Textures) {
        for entry in &self.entries {
            let Some(texture) = textures.get(entry.texture) else { continue };
            let mut touched = false;
            tiles.for_dirty(entry.bounds, |_| touched = true);
            if touched {
                for op in &entry.ops {
                    op.draw(canvas, texture, |bounds, draw| tiles.for_dirty(bounds, draw));
                }
            }
        }
    }
}

fn flatten(clip: Rect, transform: TSTransform, shape: Shape, entries: &mut Vec<Entry>) {
    match shape {
        Shape::Noop | Shape::Callback(_) => {}
        Shape::Vec(shapes) => {
            for shape in shapes {
                flatten(clip, transform, shape, entries);
            }
        }
        shape if clip.is_positive() && transform.is_valid() => entries.push(Entry {
            clip,
            transform,
            shape,
            texture: TextureId::default(),
            ops: Vec::new(),
            bounds: Bounds::EMPTY,
            ready: false,
        }),
        _ => {}
    }
}

/// Hands what a shape draws to the same shape of the new frame.
fn keep(old: &mut Entry, new: &mut Entry, textures: &Textures, tiles: &mut Tiles) {
    std::mem::swap(&mut old.ops, &mut new.ops);
    (new.bounds, new.texture, new.ready) = (old.bounds, old.texture, true);
    if textures.any_change() {
        refresh(new, textures, tiles);
    }
}

fn mark(entry: &Entry, tiles: &mut Tiles) {
    for op in &entry.ops {
        tiles.mark(op.bounds);
    }
}

/// Marks what a change of its texture makes of a shape that did not change itself.
fn refresh(entry: &mut Entry, textures: &Textures, tiles: &mut Tiles) {
    let change = textures.change(entry.texture);
    if change == Change::None {
        return;
    }
    let size = textures.get(entry.texture).map_or([1, 1], |texture| texture.size);
    for op in &entry.ops {
        if op.uses(change, size) {
            tiles.mark(op.bounds);
        }
    }
    if change == Change::All {
        // What it draws may depend on the size of the texture.
        entry.ready = false;
    }
}

/// The pixels in a clip rectangle, rounded as egui_wgpu rounds them.
fn scissor(clip: Rect, pixels_per_point: f32, layer: Bounds) -> Bounds {
    // The conversion limits the numbers to those of i32, and makes 0 of NaN.
    let pixel = |at: f32| (at * pixels_per_point).round() as i32;
    Bounds::new(pixel(clip.min.x), pixel(clip.min.y), pixel(clip.max.x), pixel(clip.max.y)).intersect(layer)
}

fn prepare(
    entry: &mut Entry,
    ctx: &egui::Context,
    tessellator: &mut Tessellator,
    scratch: &mut Mesh,
    pixels_per_point: f32,
    layer: Bounds,
    textures: &Textures,
) {
    let clip = scissor(entry.clip, pixels_per_point, layer);
    entry.bounds = Bounds::EMPTY;
    entry.ready = true;
    if clip.is_empty() {
        return;
    }
    scratch.indices.clear();
    scratch.vertices.clear();
    scratch.texture_id = TextureId::default();
    let plain = entry.transform == TSTransform::IDENTITY;
    tessellator.set_clip_rect(if plain { entry.clip } else { entry.transform.inverse() * entry.clip });
    let mesh = match &entry.shape {
        Shape::Mesh(mesh) if plain => &**mesh,
        // Small discs are drawn from the font texture, and only the context knows where they are in it. It has fonts after its
        // first frame.
        Shape::Circle(circle) if textures.get(TextureId::default()).is_some() && ctx.cumulative_pass_nr() > 0 => {
            let clipped = ClippedShape {
                clip_rect: entry.clip,
                shape: Shape::Circle(*circle),
                transform_after_tessellation: entry.transform,
            };
            for primitive in ctx.tessellate(vec![clipped], pixels_per_point) {
                if let Primitive::Mesh(mesh) = primitive.primitive {
                    let offset = scratch.vertices.len() as u32;
                    scratch.indices.extend(mesh.indices.iter().map(|index| index + offset));
                    scratch.vertices.extend_from_slice(&mesh.vertices);
                }
            }
            &*scratch
        }
        shape => {
            tessellate(shape, tessellator, scratch);
            if !plain {
                for vertex in &mut scratch.vertices {
                    vertex.pos = entry.transform * vertex.pos;
                }
            }
            &*scratch
        }
    };
    entry.texture = mesh.texture_id;
    convert(mesh, pixels_per_point, clip, textures.get(mesh.texture_id), &mut entry.ops);
    entry.bounds = entry.ops.iter().fold(Bounds::EMPTY, |bounds, op| bounds.union(op.bounds));
}

fn tessellate(shape: &Shape, tessellator: &mut Tessellator, out: &mut Mesh) {
    match shape {
        Shape::Noop | Shape::Callback(_) | Shape::Vec(_) => {}
        Shape::Circle(circle) => tessellator.tessellate_circle(*circle, out),
        Shape::Ellipse(ellipse) => tessellator.tessellate_ellipse(*ellipse, out),
        Shape::LineSegment { points, stroke } => tessellator.tessellate_line_segment(*points, *stroke, out),
        Shape::Path(path) => tessellator.tessellate_path(path, out),
        Shape::Band(band) => tessellator.tessellate_band(band, out),
        Shape::Rect(rect) => tessellator.tessellate_rect(rect, out),
        Shape::Text(text) => tessellator.tessellate_text(text, out),
        // The indices are checked when the mesh is converted.
        Shape::Mesh(mesh) => {
            out.texture_id = mesh.texture_id;
            out.indices.extend_from_slice(&mesh.indices);
            out.vertices.extend_from_slice(&mesh.vertices);
        }
        Shape::QuadraticBezier(curve) => tessellator.tessellate_quadratic_bezier(curve, out),
        Shape::CubicBezier(curve) => tessellator.tessellate_cubic_bezier(curve, out),
    }
}
