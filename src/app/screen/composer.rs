//! Composes frames in main memory: the picture, the interface over it, and nothing again that the buffer still has.

mod cheaper;
mod motion;

use std::collections::VecDeque;
use std::time::Instant;

use anyhow::{Context as _, Result};
use ringfall::Strip;
use ringfall::raster::{Area, Raster};

use super::super::interface::Interface;
use super::place::Place;
use cheaper::Cheaper;
pub(super) use motion::Motion;

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
    /// What the newest frame has to present, unless it is everything.
    damage: Vec<Place>,
    /// The newest frame differs everywhere from the one before.
    is_new: bool,
    /// Parts of the picture that moving alone does not make right; kept for its memory.
    repairs: Vec<Place>,
    cheaper: Cheaper,
}

/// What changed from one frame to the next.
#[derive(Debug, Default)]
struct Changes {
    everything: bool,
    picture: Motion,
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

    /// A frame begins: where the picture is, how it has changed, and the interface.
    pub(super) fn change(&mut self, place: Place, picture: Motion, interface: Option<&mut Interface>) -> Result<()> {
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
        let window = Place::of(self.size);
        let age = usize::from(age);
        if age == 0 || age >= self.frames.len() || self.frames.iter().take(age).any(|changes| changes.everything) {
            window.without(self.place).into_iter().for_each(|part| self.around(part, buffer));
            self.within(self.place, strip, buffer)?;
        } else {
            for place in self.frames.iter().take(age).flat_map(|changes| &changes.layer) {
                place.without(self.place).into_iter().for_each(|part| self.around(part, buffer));
            }
            let mut repairs = std::mem::take(&mut self.repairs);
            let by = self.find_repairs(age, &mut repairs);
            let (begun, moves) = (Instant::now(), self.cheaper.moves());
            match by {
                Some(by) if moves => motion::shift(buffer, self.size.0 as usize, self.place, by),
                Some(_) => {
                    repairs.clear();
                    repairs.push(self.place);
                }
                None => {}
            }
            let composed = repairs.iter().try_for_each(|place| self.within(*place, strip, buffer));
            self.repairs = repairs;
            composed?;
            if by.is_some() {
                self.cheaper.took(begun.elapsed(), self.place.area());
            }
        }
        self.find_damage();
        Ok(())
    }

    /// How far the picture in a buffer of this age has to be moved, if it has, and what to compose anew after that.
    fn find_repairs(&self, age: usize, repairs: &mut Vec<Place>) -> Option<(i64, i64)> {
        repairs.clear();
        let picture = self.place;
        let missed = || self.frames.iter().take(age);
        let mut by = (0, 0);
        // From the newest to the oldest: what an older frame shaded has moved since.
        for changes in missed() {
            let Motion::Moved { by: (right, down), shaded } = changes.picture else {
                repairs.clear();
                repairs.push(picture);
                return None;
            };
            repairs.extend(shaded.iter().map(|place| place.moved(by, picture)));
            by = (by.0 + i64::from(right), by.1 + i64::from(down));
        }
        let touched = missed().flat_map(|changes| &changes.layer).map(|place| place.and(picture));
        if by == (0, 0) {
            repairs.extend(touched);
        } else {
            // What the interface has over the picture moves with it, and has to be put back: where it is now, and where it was,
            // which is there or in what it changed.
            let Place { x, y, width, height } = picture;
            let layer = self.layer.iter().flat_map(|layer| layer.covered(Area { x, y, width, height })).map(place_of);
            for place in touched.chain(layer).filter(|place| !place.is_empty()) {
                let moved = place.moved(by, picture);
                if by.0.abs().max(by.1.abs()) <= motion::NEAR {
                    repairs.push(place.with(moved));
                } else {
                    repairs.extend([place, moved]);
                }
            }
        }
        // In small parts it takes longer.
        if repairs.iter().map(|place| place.area()).sum::<u64>() > picture.area() / 2 {
            repairs.clear();
            repairs.push(picture);
            return None;
        }
        (by != (0, 0)).then_some(by)
    }

    /// Takes back the frame that has begun, if it is the same as the one before.
    pub(super) fn take_back(&mut self) -> bool {
        self.find_damage();
        let is_same = !self.is_new && self.damage.is_empty();
        if is_same {
            self.frames.pop_front();
        }
        is_same
    }

    /// What differs from the frame before; `None` for everything, or much of it.
    ///
    /// An X server takes a whole frame as one piece of memory, and a part of it row by row. On a virtual machine the next frame was
    /// then composed in 2.0 ms instead of 0.7: the server had the rows in the cache of its processor.
    pub(super) fn damage(&self) -> Option<&[Place]> {
        let changed: u64 = self.damage.iter().map(|place| place.area()).sum();
        (!self.is_new && changed <= Place::of(self.size).area() / 2).then_some(&self.damage)
    }

    fn find_damage(&mut self) {
        self.damage.clear();
        self.is_new = true;
        let Some(newest) = self.frames.front().filter(|newest| !newest.everything && self.frames.len() > 1) else {
            return;
        };
        self.is_new = false;
        let seen = |place: &Place| !place.is_empty();
        match newest.picture {
            Motion::Moved { by: (0, 0), shaded } => {
                self.damage.extend(shaded.into_iter().chain(newest.layer.iter().copied()).filter(seen));
            }
            _ => {
                let picture = self.place;
                let beside = newest.layer.iter().flat_map(|place| place.without(picture));
                self.damage.extend([picture].into_iter().chain(beside).filter(seen));
            }
        }
    }

    /// Fills a part of the frame that has nothing of the picture.
    fn around(&self, part: Place, buffer: &mut [u32]) {
        if part.is_empty() {
            return;
        }
        let stride = self.size.0 as usize;
        let out = &mut buffer[part.y as usize * stride + part.x as usize..];
        let layer = self.layer.as_ref();
        if layer.is_none_or(|layer| layer.size() != self.size) {
            for row in out.chunks_mut(stride).take(part.height as usize) {
                row[..part.width as usize].fill(0);
            }
        }
        if let Some(layer) = layer {
            layer.copy_to(area_of(part), out, stride);
        }
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
        if let Some(layer) = &self.layer {
            layer.blend_over(area_of(part), out, stride);
        }
        Ok(())
    }
}

fn place_of(area: Area) -> Place {
    let Area { x, y, width, height } = area;
    Place { x, y, width, height }
}

fn area_of(place: Place) -> Area {
    let Place { x, y, width, height } = place;
    Area { x, y, width, height }
}

#[cfg(test)]
mod tests {
    use egui::{Color32, RawInput, Rect, pos2, vec2};
    use ringfall::{Canvas, Options, Side, Stamp};

    use super::*;

    /// Numbers that are the same each time (an LCG of Knuth's).
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }
    }

    const SIZE: (u32, u32) = (97, 71);
    const PIXELS: usize = (SIZE.0 * SIZE.1) as usize;
    /// What no frame has: the highest byte is 0.
    const POISON: u32 = 0xdead_beef;

    /// Some rectangles, opaque and not, anywhere.
    fn lay_out(interface: &mut Interface, rects: &[(Rect, Color32)]) {
        let size = vec2(SIZE.0 as f32, SIZE.1 as f32);
        let input = RawInput { screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), size)), ..RawInput::default() };
        let mut output = interface.context().run_ui(input, |ui| {
            let painter = ui.ctx().layer_painter(egui::LayerId::background());
            for (rect, color) in rects {
                painter.rect_filled(*rect, 0.0, *color);
            }
        });
        interface.update(&mut output);
    }

    fn rect(random: &mut Random) -> (Rect, Color32) {
        let corner = pos2(random.below(100) as f32, random.below(80) as f32);
        let size = vec2(1.0 + random.below(40) as f32, 1.0 + random.below(40) as f32);
        let color = [Color32::RED, Color32::from_rgba_unmultiplied(20, 200, 90, 100)][random.below(2) as usize];
        (Rect::from_min_size(corner, size), color)
    }

    /// Buffers in turn, as window systems use them: each frame is what it would be from scratch, and what differs from the
    /// frame before is presented.
    #[test]
    fn nothing_of_earlier_frames_stays_and_all_changes_are_presented() {
        for buffers in 1..=3_usize {
            let mut random = Random(7 + buffers as u64);
            let mut canvas = Canvas::new(&Options::default().bins(30).size(20, 20)).expect("a canvas");
            let mut strip = Strip::new();
            let mut interface = Interface::new(egui::Context::default());
            let mut composer = Composer::default();
            composer.resize(SIZE);
            let mut memory = vec![(vec![POISON; PIXELS], None::<usize>); buffers];
            let mut last = vec![POISON; PIXELS];
            let mut rects = vec![rect(&mut random)];
            let mut place = Place { x: 10, y: 5, width: 60, height: 50 };
            let (mut partial, mut moved, mut rows, mut presented, mut same) = (0, 0, 0, 0, 0);
            for frame in 0..400 {
                match random.below(10) {
                    0..4 => {
                        let row: Vec<f32> = (0..30).map(|_| -(random.below(120) as f32)).collect();
                        canvas.push(Stamp::index(rows), &row).expect("a row");
                        rows += 1;
                    }
                    4..7 => {
                        rects.push(rect(&mut random));
                        if rects.len() > 3 {
                            rects.remove(0);
                        }
                    }
                    7 if random.below(4) == 0 => {
                        place = Place {
                            x: random.below(110) as u32,
                            y: random.below(80) as u32,
                            width: random.below(90) as u32,
                            height: random.below(90) as u32,
                        };
                    }
                    8 if random.below(4) == 0 => canvas.set_newest_side([Side::Left, Side::Top][frame % 2]),
                    _ => {}
                }
                let has_interface = frame % 100 > 5;
                if has_interface {
                    lay_out(&mut interface, &rects);
                }
                let window = place.and(Place::of(SIZE));
                if !window.is_empty() {
                    canvas.set_size(window.width, window.height).expect("a size");
                    strip.prepare(&mut canvas).expect("memory");
                }
                let motion = Motion::of(&strip, window);
                moved += usize::from(matches!(motion, Motion::Moved { by, .. } if by != (0, 0)));
                composer.change(window, motion, has_interface.then_some(&mut interface)).expect("a layer");
                let (buffer, shown) = &mut memory[presented % buffers];
                if presented > 0 && composer.take_back() {
                    same += 1;
                    let mut scratch = vec![POISON; PIXELS];
                    composer.compose(0, &strip, &mut scratch).expect("a frame");
                    assert!(scratch == last, "{buffers} buffers, frame {frame}: it is not the same");
                    continue;
                }
                let age = shown.replace(presented).map_or(0, |shown| presented - shown);
                presented += 1;
                composer.compose(age as u8, &strip, buffer).expect("a frame");

                let damage = composer.damage().map(<[Place]>::to_vec);
                partial += usize::from(damage.is_some());
                for (i, (old, new)) in last.iter().zip(&*buffer).enumerate() {
                    let (x, y) = (i as u32 % SIZE.0, i as u32 / SIZE.0);
                    let is_in = |place: &Place| !place.and(Place { x, y, width: 1, height: 1 }).is_empty();
                    let is_presented = damage.as_ref().is_none_or(|damage| damage.iter().any(is_in));
                    assert!(old == new || is_presented, "{buffers} buffers, frame {frame}: {x}, {y} is not presented");
                }
                last.clone_from(buffer);
                let mut scratch = vec![POISON; PIXELS];
                composer.compose(0, &strip, &mut scratch).expect("a frame");
                assert!(scratch == last, "{buffers} buffers, frame {frame}: something of an earlier frame");
                assert!(!last.contains(&POISON), "every pixel is written");
                let mut rgba = vec![[0; 4]; (window.width * window.height) as usize];
                if !window.is_empty() {
                    canvas.rgba_u8(rgba.as_flattened_mut()).expect("the length");
                }
                let covered = |x: u32, y: u32| {
                    has_interface && rects.iter().any(|(rect, _)| rect.expand(1.0).contains(pos2(x as f32, y as f32)))
                };
                for (i, pixel) in last.iter().enumerate() {
                    let (x, y) = (i as u32 % SIZE.0, i as u32 / SIZE.0);
                    let inside = !window.and(Place { x, y, width: 1, height: 1 }).is_empty();
                    let want = if inside {
                        let [r, g, b, _] = rgba[((y - window.y) * window.width + x - window.x) as usize];
                        u32::from_be_bytes([0, r, g, b])
                    } else {
                        0
                    };
                    assert!(*pixel == want || covered(x, y), "frame {frame}: {x}, {y} is {pixel:x}, not {want:x}");
                }
                let opaque = rects.last().filter(|(_, color)| has_interface && color.is_opaque());
                if let Some((rect, color)) = opaque {
                    let (x, y) = (rect.left() as u32, rect.top() as u32);
                    if x < SIZE.0 && y < SIZE.1 {
                        let [r, g, b, _] = color.to_array();
                        let got = last[(y * SIZE.0 + x) as usize];
                        assert_eq!(got, u32::from_be_bytes([0, r, g, b]), "frame {frame}: the topmost rectangle");
                    }
                }
            }
            assert!(partial > 40, "{partial} frames were presented in part");
            assert!(same > 20, "{same} frames were the same as before");
            assert!(moved > 40, "the picture moved in {moved} frames");
        }
    }
}
