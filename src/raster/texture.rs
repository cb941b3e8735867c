//! The textures that shapes are filled with: fonts and images.

use std::collections::HashMap;

use egui::epaint::{ImageData, ImageDelta, TextureId};
use egui::{TextureFilter, TextureOptions, TextureWrapMode, TexturesDelta};

/// What changed in a texture since the last drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    None,
    /// Texels of these columns and rows: x0, y0, x1, y1.
    Part([usize; 4]),
    /// All of it, and perhaps its size.
    All,
}

pub(super) struct Texture {
    pub(super) size: [usize; 2],
    pub(super) texels: Vec<[u8; 4]>,
    linear: bool,
    pub(super) wrap: TextureWrapMode,
    change: Change,
}

impl Texture {
    fn texel(&self, x: i32, y: i32) -> [f32; 4] {
        let at = |at: i32, size: usize| {
            let size = size as i32;
            match self.wrap {
                TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
                TextureWrapMode::Repeat => at.rem_euclid(size),
                TextureWrapMode::MirroredRepeat => {
                    let phase = at.rem_euclid(2 * size);
                    phase.min(2 * size - 1 - phase)
                }
            }
        };
        let index = at(y, self.size[1]) as usize * self.size[0] + at(x, self.size[0]) as usize;
        self.texels[index].map(f32::from)
    }

    /// The colour at `uv`, 0 to 1 across the texture: channels from 0 to 255.
    pub(super) fn sample(&self, uv: [f32; 2]) -> [f32; 4] {
        // Far enough for every texture, and near enough to count in whole numbers.
        let limit = |x: f32| x.clamp(-1e9, 1e9);
        let (x, y) = (limit(uv[0] * self.size[0] as f32), limit(uv[1] * self.size[1] as f32));
        if !self.linear {
            return self.texel(x.floor() as i32, y.floor() as i32);
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as i32, top as i32);
        let (a, b) = (self.texel(left, top), self.texel(left + 1, top));
        let (c, d) = (self.texel(left, top + 1), self.texel(left + 1, top + 1));
        std::array::from_fn(|i| {
            let upper = a[i] + (b[i] - a[i]) * fx;
            let lower = c[i] + (d[i] - c[i]) * fx;
            upper + (lower - upper) * fy
        })
    }

    fn write(&mut self, delta: &ImageDelta) -> bool {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        let Some([x, y]) = delta.pos else { return false };
        let fits = x.checked_add(width).is_some_and(|end| end <= self.size[0])
            && y.checked_add(height).is_some_and(|end| end <= self.size[1])
            && image.pixels.len() == width * height;
        if !fits {
            return false;
        }
        if width > 0 {
            for (row, texels) in image.pixels.chunks_exact(width).enumerate() {
                let begin = (y + row) * self.size[0] + x;
                for (to, from) in self.texels[begin..begin + width].iter_mut().zip(texels) {
                    *to = from.to_array();
                }
            }
        }
        let part = [x, y, x + width, y + height];
        self.change = match self.change {
            Change::None => Change::Part(part),
            Change::Part(old) => {
                Change::Part([old[0].min(part[0]), old[1].min(part[1]), old[2].max(part[2]), old[3].max(part[3])])
            }
            Change::All => Change::All,
        };
        let linear = delta.options.magnification == TextureFilter::Linear;
        if (linear, delta.options.wrap_mode) != (self.linear, self.wrap) {
            (self.linear, self.wrap, self.change) = (linear, delta.options.wrap_mode, Change::All);
        }
        true
    }
}

#[derive(Default)]
pub(super) struct Textures {
    textures: HashMap<TextureId, Texture>,
    /// Freed by egui, but the shapes of this frame may still use them.
    freed: Vec<TextureId>,
    /// Dropped after the last drawing.
    gone: Vec<TextureId>,
    changed: bool,
    /// How often the font texture was replaced.
    fonts: u64,
}

impl Textures {
    pub(super) fn get(&self, id: TextureId) -> Option<&Texture> {
        self.textures.get(&id)
    }

    /// Counts the times that the font texture was replaced.
    pub(super) fn fonts(&self) -> u64 {
        self.fonts
    }

    pub(super) fn any_change(&self) -> bool {
        self.changed
    }

    pub(super) fn change(&self, id: TextureId) -> Change {
        match self.textures.get(&id) {
            Some(texture) => texture.change,
            None if self.gone.contains(&id) => Change::All,
            None => Change::None,
        }
    }

    pub(super) fn apply(&mut self, delta: &TexturesDelta) {
        // Changes of one texture are in order; the order of the textures does not matter.
        for (&id, deltas) in &delta.set {
            for delta in deltas {
                self.set(id, delta);
            }
            self.freed.retain(|freed| *freed != id);
        }
        self.freed.extend(delta.free.iter().copied());
    }

    fn set(&mut self, id: TextureId, delta: &ImageDelta) {
        self.changed = true;
        if delta.pos.is_some() {
            if !self.textures.get_mut(&id).is_some_and(|texture| texture.write(delta)) {
                log::warn!("a change of egui's texture {id:?} does not fit it, and is left out");
            }
            return;
        }
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        // Coordinates in a texture have to fit an i32, twice over for mirrored ones.
        let fits = (1..1 << 24).contains(&width) && (1..1 << 24).contains(&height);
        if !fits || image.pixels.len() != width * height {
            log::warn!(
                "egui's texture {id:?} has {width}×{height} texels but {} values, and is left out",
                image.pixels.len()
            );
            return;
        }
        if id == TextureId::default() {
            self.fonts += 1;
        }
        let TextureOptions { magnification, wrap_mode, .. } = delta.options;
        let texture = Texture {
            size: image.size,
            texels: image.pixels.iter().map(|c| c.to_array()).collect(),
            linear: magnification == TextureFilter::Linear,
            wrap: wrap_mode,
            change: Change::All,
        };
        self.textures.insert(id, texture);
    }

    /// The changes have been taken account of.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.changed) {
            for texture in self.textures.values_mut() {
                texture.change = Change::None;
            }
        }
        self.gone.clear();
    }

    /// Drops the textures that egui freed: the frame that may use them is drawn.
    pub(super) fn free(&mut self) {
        for id in self.freed.drain(..) {
            if self.textures.remove(&id).is_some() {
                self.gone.push(id);
                self.changed = true;
            }
        }
    }
}
