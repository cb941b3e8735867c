//! Composes frames in main memory: the picture, the interface over it, and nothing again that the buffer still has.

use std::collections::VecDeque;

use anyhow::{Context as _, Result};
use ringfall::Strip;
use ringfall::raster::{Area, Raster};

use super::super::interface::Interface;
use super::place::Place;

/// Composes frames in main memory.
#[derive(Default)]
pub(super) struct Composer {
    size: (u32, u32),
    /// Where the picture is.
    place: Place,
    /// The interface, once there is one.
    layer: Option<Raster>,
    /// What changed in the last frames, the newest first. As many as were presented at this size, up to a few.
    frames: VecDeque<Changes>,
    /// What the newest frame has to present.
    damage: Vec<Place>,
}

/// What changed from one frame to the next.
#[derive(Debug, Default)]
struct Changes {
    everything: bool,
    picture: bool,
    layer: Vec<Place>,
}

impl Composer {
    /// Buffers that window systems use in turn.
    const BUFFERS: usize = 4;
    /// More places than this are not worth looking at one by one.
    const MOST_PLACES: usize = 256;

    /// Frames have this size from now on, and buffers nothing of use.
    pub(super) fn resize(&mut self, size: (u32, u32)) {
        self.size = size;
        self.frames.clear();
    }

    /// A frame begins: where the picture is, whether it changed, and the interface.
    pub(super) fn change(&mut self, place: Place, picture: bool, interface: Option<&mut Interface>) -> Result<()> {
        let mut changes =
            if self.frames.len() < Self::BUFFERS { None } else { self.frames.pop_back() }.unwrap_or_default();
        changes.layer.clear();
        changes.picture = picture;
        changes.everything = place != self.place || interface.is_some() != self.layer.is_some();
        self.place = place;
        match interface {
            None => self.layer = None,
            Some(interface) => {
                let has_textures = self.layer.is_some();
                let layer = self.layer.get_or_insert_default();
                if let Some(mut fresh) = interface.take(has_textures) {
                    // A layer of another size is empty until something is drawn: not before there is something to draw.
                    let side = |pixels: u32| pixels.min(Raster::MAX_SIDE);
                    layer.set_size(side(self.size.0), side(self.size.1)).context("the interface")?;
                    layer.set_textures(&fresh.textures);
                    let shapes = std::mem::take(&mut fresh.shapes);
                    let damage = layer.draw(fresh.ctx, shapes, fresh.pixels_per_point).areas();
                    if damage.len() > Self::MOST_PLACES {
                        changes.everything = true;
                    } else {
                        let window = Place::of(self.size);
                        changes.layer.extend(damage.iter().map(|area| place_of(*area).and(window)));
                    }
                }
            }
        }
        self.frames.push_front(changes);
        Ok(())
    }

    /// Brings the buffer up to date that was presented `age` frames ago; 0 if its content is unknown.
    pub(super) fn compose(&mut self, age: u8, strip: &Strip, buffer: &mut [u32]) -> Result<()> {
        let frames = &self.frames;
        let missed = || frames.iter().take(age.into());
        let window = Place::of(self.size);
        if age == 0 || usize::from(age) >= frames.len() || missed().any(|changes| changes.everything) {
            window.without(self.place).into_iter().for_each(|part| self.around(part, buffer));
            self.within(self.place, strip, buffer)?;
        } else {
            let picture = missed().any(|changes| changes.picture);
            for place in missed().flat_map(|changes| &changes.layer) {
                place.without(self.place).into_iter().for_each(|part| self.around(part, buffer));
                if !picture {
                    self.within(place.and(self.place), strip, buffer)?;
                }
            }
            if picture {
                self.within(self.place, strip, buffer)?;
            }
        }
        self.find_damage();
        Ok(())
    }

    /// What differs from the frame before; `None` for everything, and also where nothing does: whoever asks for a frame then
    /// has lost the last one.
    pub(super) fn damage(&self) -> Option<&[Place]> {
        (!self.damage.is_empty()).then_some(&self.damage)
    }

    fn find_damage(&mut self) {
        self.damage.clear();
        let Some(newest) = self.frames.front().filter(|newest| !newest.everything && self.frames.len() > 1) else {
            return;
        };
        if !newest.picture {
            self.damage.extend(newest.layer.iter().filter(|place| !place.is_empty()));
        }
    }

    /// Fills a part of the frame that has nothing of the picture.
    fn around(&self, part: Place, buffer: &mut [u32]) {
        if part.is_empty() {
            return;
        }
        let stride = self.size.0 as usize;
        let out = &mut buffer[part.y as usize * stride + part.x as usize..];
        for row in out.chunks_mut(stride).take(part.height as usize) {
            row[..part.width as usize].fill(0);
        }
        self.blend(part, out);
    }

    /// Fills a part of the frame that has nothing but the picture.
    fn within(&self, part: Place, strip: &Strip, buffer: &mut [u32]) -> Result<()> {
        if part.is_empty() {
            return Ok(());
        }
        let stride = self.size.0 as usize;
        let out = &mut buffer[part.y as usize * stride + part.x as usize..];
        let (x, y) = (part.x - self.place.x, part.y - self.place.y);
        strip.copy_to(x..x + part.width, y..y + part.height, out, stride)?;
        self.blend(part, out);
        Ok(())
    }

    fn blend(&self, part: Place, out: &mut [u32]) {
        if let Some(layer) = &self.layer {
            let Place { x, y, width, height } = part;
            layer.blend_over(Area { x, y, width, height }, out, self.size.0 as usize);
        }
    }
}

fn place_of(area: Area) -> Place {
    let Area { x, y, width, height } = area;
    Place { x, y, width, height }
}
