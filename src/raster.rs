//! Draws egui's output on the CPU: [`Raster`], a layer of pixels that needs no graphics adapter.
//!
//! The layer holds what egui draws and is transparent elsewhere. A window without a GPU, and a saved picture with axes, blend
//! it over the waterfall. [`Raster::draw`] compares the shapes with those of the last call, and draws again only where
//! something appeared, changed or vanished.
//!
//! The result is that of `egui_wgpu` on a target that is not sRGB, without dithering: vertices are snapped to 1/256 pixel, a
//! pixel belongs to a triangle if its centre is inside (top-left rule), and premultiplied colours are blended as they are
//! stored. Shapes of kind [`egui::Shape::Callback`] are left out. A texture is filtered by its magnification filter.

mod blend;
mod bounds;
mod fill;
mod ops;
mod same;
mod scene;
mod texture;
mod tiles;
mod triangle;

use egui::TexturesDelta;
use egui::epaint::ClippedShape;

pub use blend::OpaquePixel;

use bounds::Bounds;
use scene::Scene;
use texture::Textures;
use tiles::Tiles;

/// An error of a [`Raster`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RasterError {
    /// A layer larger than [`Raster::MAX_SIDE`] a side.
    #[error("a layer of {width}×{height} pixels: expected at most {max} a side", max = Raster::MAX_SIDE)]
    Size {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
    },
    /// The pixels of the layer do not fit into memory.
    #[error("a layer of {width}×{height} pixels takes {bytes} bytes: not enough memory")]
    Memory {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
        /// Bytes that its pixels take.
        bytes: u64,
    },
}

/// A rectangle of pixels. `x` and `y` are its left column and top row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left column, in pixels.
    pub x: u32,
    /// Top row, in pixels.
    pub y: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Where the layer changed in a call of [`Raster::draw`].
#[derive(Clone, Debug, Default)]
pub struct Damage {
    areas: Vec<Area>,
}

impl Damage {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// The changed rectangles, in pixels of the layer. They do not overlap.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }
}

/// A layer of premultiplied RGBA pixels that egui's shapes are drawn into, transparent where there are none.
#[derive(Default)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 4]>,
    tiles: Tiles,
    textures: Textures,
    scene: Scene,
    damage: Damage,
    /// The next call draws everything.
    all: bool,
}

impl Raster {
    /// The largest width and height, in pixels.
    pub const MAX_SIDE: u32 = 16384;

    /// A layer without pixels: [`Self::set_size`] gives it some.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the layer `width` × `height` pixels. A new size clears the layer, and the next [`Self::draw`] draws everything.
    ///
    /// # Errors
    /// [`RasterError::Size`] over [`Self::MAX_SIDE`] a side, [`RasterError::Memory`] if the pixels do not fit into memory. The
    /// layer is then as it was.
    pub fn set_size(&mut self, width: u32, height: u32) -> Result<(), RasterError> {
        if (width, height) == (self.width, self.height) {
            return Ok(());
        }
        if width > Self::MAX_SIDE || height > Self::MAX_SIDE {
            return Err(RasterError::Size { width, height });
        }
        let count = width as usize * height as usize;
        let memory = || RasterError::Memory { width, height, bytes: count as u64 * 4 };
        self.pixels.try_reserve(count.saturating_sub(self.pixels.len())).map_err(|_| memory())?;
        self.pixels.clear();
        self.pixels.resize(count, [0; 4]);
        self.tiles.set_size(width, height);
        (self.width, self.height) = (width, height);
        self.all = true;
        Ok(())
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Takes over new and changed textures (fonts, images). Call it with every [`egui::FullOutput::textures_delta`], before
    /// [`Self::draw`]. Textures that egui frees are dropped after the next call of [`Self::draw`], which may still use them.
    ///
    /// A change outside its texture, or of a texture that is not there, is logged and left out.
    pub fn set_textures(&mut self, delta: &TexturesDelta) {
        self.textures.apply(delta);
    }

    /// Draws these shapes, and returns where the layer changed.
    ///
    /// `ctx` is the context that laid the shapes out, `pixels_per_point` its scale ([`egui::FullOutput::pixels_per_point`]). A
    /// scale that is not a positive number draws nothing.
    pub fn draw(&mut self, ctx: &egui::Context, shapes: Vec<ClippedShape>, pixels_per_point: f32) -> &Damage {
        let layer = Bounds::new(0, 0, self.width as i32, self.height as i32);
        let all = std::mem::take(&mut self.all);
        self.scene.update(ctx, shapes, pixels_per_point, layer, &self.textures, all, &mut self.tiles);
        self.textures.settle();
        if self.tiles.any_dirty() {
            let mut canvas = fill::Canvas { pixels: &mut self.pixels, width: self.width as usize };
            self.tiles.for_dirty(layer, |part| canvas.clear(part));
            self.scene.draw(&mut canvas, &self.tiles, &self.textures);
        }
        self.damage.areas.clear();
        self.tiles.finish(&self.pixels, &mut self.damage.areas);
        self.textures.free();
        &self.damage
    }

    /// Where the layer changed in the last call of [`Self::draw`].
    pub fn damage(&self) -> &Damage {
        &self.damage
    }

    /// The pixels, row by row from the top: premultiplied red, green, blue and alpha, in sRGB as egui's colours are.
    pub fn pixels(&self) -> &[[u8; 4]] {
        &self.pixels
    }

    /// Blends a part of the layer over opaque pixels. `out` begins with the pixel at the top left of `area`, and its rows are
    /// `stride` pixels apart.
    ///
    /// Parts of `area` outside the layer leave their pixels alone. Rows that `out` is too short for, and columns from `stride`
    /// on, are left out.
    pub fn blend_over<P: OpaquePixel>(&self, area: Area, out: &mut [P], stride: usize) {
        blend::blend(&self.pixels, (self.width, self.height), &self.tiles, area, out, stride);
    }

    /// Copies a part of the layer as it looks over black. What is said of [`Self::blend_over`] about `out` and `stride` holds here.
    pub fn copy_to<P: OpaquePixel>(&self, area: Area, out: &mut [P], stride: usize) {
        blend::copy(&self.pixels, (self.width, self.height), area, out, stride);
    }

    /// Rectangles that hold all that the layer has in `area`: elsewhere it is transparent. They do not overlap.
    pub fn covered(&self, area: Area) -> impl Iterator<Item = Area> + '_ {
        self.tiles.covered(area)
    }
}
