//! What egui wants drawn, on its way to the screen.

use std::collections::HashMap;
use std::sync::Arc;

use egui::epaint::ClippedShape;
use egui::epaint::image::{ImageData, ImageDelta};
use egui::{FullOutput, TextureId, TexturesDelta};

/// The output of egui that the next frame draws, and the textures of all frames.
pub(crate) struct Interface {
    ctx: egui::Context,
    /// The whole textures, for a screen that has none.
    whole: HashMap<TextureId, ImageDelta>,
    delta: TexturesDelta,
    /// The newest shapes, unless a frame has taken them.
    shapes: Option<Vec<ClippedShape>>,
    pixels_per_point: f32,
}

/// What a frame has to draw of an interface.
pub(super) struct Fresh<'a> {
    pub(super) ctx: &'a egui::Context,
    pub(super) textures: TexturesDelta,
    pub(super) shapes: Vec<ClippedShape>,
    pub(super) pixels_per_point: f32,
}

impl Interface {
    /// The interface of this context. It has nothing to show yet.
    pub(crate) fn new(ctx: egui::Context) -> Self {
        let (whole, delta) = (HashMap::new(), TexturesDelta::default());
        Self { ctx, whole, delta, shapes: None, pixels_per_point: 1.0 }
    }

    pub(crate) fn context(&self) -> &egui::Context {
        &self.ctx
    }

    /// Takes over what egui has laid out. To be called after every run of the context, since textures come only once. A screen
    /// that was opened anew shows no interface before the next call.
    pub(crate) fn update(&mut self, output: &mut FullOutput) {
        let textures = std::mem::take(&mut output.textures_delta);
        for (id, deltas) in &textures.set {
            for delta in deltas {
                self.keep(*id, delta);
            }
        }
        textures.free.iter().for_each(|id| drop(self.whole.remove(id)));
        self.delta.append(textures);
        self.shapes = Some(std::mem::take(&mut output.shapes));
        self.pixels_per_point = output.pixels_per_point;
    }

    fn keep(&mut self, id: TextureId, delta: &ImageDelta) {
        let Some([left, top]) = delta.pos else {
            self.whole.insert(id, delta.clone());
            return;
        };
        let Some(ImageDelta { image: ImageData::Color(whole), .. }) = self.whole.get_mut(&id) else { return };
        let ImageData::Color(part) = &delta.image;
        let whole = Arc::make_mut(whole);
        let [width, height] = whole.size;
        let [across, down] =
            [part.size[0].min(width.saturating_sub(left)), part.size[1].min(height.saturating_sub(top))];
        for y in 0..down {
            let (from, to) = (y * part.size[0], (top + y) * width + left);
            whole.pixels[to..to + across].copy_from_slice(&part.pixels[from..from + across]);
        }
    }

    /// What has to be drawn, if it differs from the frame before. A screen without textures gets all of them.
    pub(super) fn take(&mut self, has_textures: bool) -> Option<Fresh<'_>> {
        let shapes = self.shapes.take()?;
        let mut textures = std::mem::take(&mut self.delta);
        if !has_textures {
            textures.set = self.whole.iter().map(|(id, delta)| (*id, [delta.clone()].into_iter().collect())).collect();
        }
        Some(Fresh { ctx: &self.ctx, textures, shapes, pixels_per_point: self.pixels_per_point })
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        // egui complains about what is not drawn.
        self.delta.clear();
    }
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        self.textures.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Color32, ColorImage, TextureOptions};

    #[test]
    fn a_new_screen_gets_whole_textures_with_all_their_patches() {
        let ctx = egui::Context::default();
        let mut interface = Interface::new(ctx);
        let image = |size, color| ImageData::Color(Arc::new(ColorImage::filled(size, color)));
        let id = TextureId::Managed(3);
        let give = |interface: &mut Interface, image, pos| {
            let mut output = FullOutput::default();
            let delta = ImageDelta { image, options: TextureOptions::LINEAR, pos };
            output.textures_delta.set.insert(id, [delta].into_iter().collect());
            interface.update(&mut output);
        };
        give(&mut interface, image([4, 3], Color32::BLACK), None);
        assert!(interface.take(true).is_some_and(|fresh| fresh.textures.set.len() == 1));
        assert!(interface.take(true).is_none(), "nothing new");
        give(&mut interface, image([2, 2], Color32::WHITE), Some([3, 1]));
        let fresh = interface.take(false).expect("new shapes");
        let ImageData::Color(whole) = &fresh.textures.set[&id][0].image;
        let white: Vec<usize> = (0..12).filter(|i| whole.pixels[*i] == Color32::WHITE).collect();
        // A patch that reaches beyond the texture is cut off.
        assert_eq!((fresh.textures.set[&id][0].pos, white), (None, vec![7, 11]));
        drop(fresh);
        let mut output = FullOutput::default();
        output.textures_delta.free.insert(id);
        interface.update(&mut output);
        let fresh = interface.take(false).expect("new shapes");
        assert!(fresh.textures.set.is_empty() && fresh.textures.free.contains(&id));
    }
}
