//! A copy of the picture, updated only with the lines that `Waterfall::strip` reports as new, stays equal to it.

mod common;

use common::{Gpu, Picture, Random};
use ringfall::{Capacity, Edge, Options, Scale, Side, Stamp, StripRef, View};

/// What a host keeps: a ring of lines.
struct Mirror {
    strip: Picture,
    offset: u32,
    is_sideways: bool,
}

impl Mirror {
    /// Takes over the new lines from the strip as it is now; how many.
    fn update(&mut self, shaded: &StripRef<'_>, now: &Picture) -> usize {
        (self.offset, self.is_sideways) = (shaded.offset, shaded.is_sideways);
        for (i, pixel) in self.strip.rgba.iter_mut().enumerate() {
            let (x, y) = (i as u32 % now.width, i as u32 / now.width);
            let line = if shaded.is_sideways { x } else { y };
            if shaded.stretches.iter().any(|lines| lines.contains(&line)) {
                *pixel = now.rgba[i];
            }
        }
        shaded.stretches.iter().map(ExactSizeIterator::len).sum()
    }

    fn picture(&self) -> Picture {
        let Picture { width, height, .. } = self.strip;
        let at = |x: u32, y: u32| {
            if self.is_sideways {
                self.strip.at((x + self.offset) % width, y)
            } else {
                self.strip.at(x, (y + self.offset) % height)
            }
        };
        let rgba = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
        Picture { width, height, rgba }
    }
}

fn the_new_lines_are_enough(gpu: &Gpu) {
    for newest in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let (width, height) = (37, 29);
        let options =
            Options::default().bins(50).capacity(Capacity::Rows(40)).width(width).height(height).newest_side(newest);
        let mut fall = gpu.waterfall(&options);
        let mut random = Random(11);
        let blank = Picture { width, height, rgba: vec![[1, 2, 3, 4]; (width * height) as usize] };
        let mut mirror = Mirror { strip: blank, offset: 0, is_sideways: false };
        assert!(fall.strip().is_none(), "nothing before the first frame");
        let mut rows = 0;
        for frame in 0..40 {
            // Now and then what shades all of it, a look at the past, or nothing at all.
            let new = match frame % 10 {
                3 => {
                    fall.set_scale(Scale::linear(-130.0 + frame as f32, 0.0).unwrap());
                    1
                }
                6 => {
                    let edge = if frame % 20 == 6 {
                        Edge::At(rows as i64 * 1_000_000_000 - 5_500_000_000)
                    } else {
                        Edge::Follow
                    };
                    fall.set_view(View::default().edge(edge)).unwrap();
                    0
                }
                7 => 0,
                _ => 1 + random.below(3),
            };
            for _ in 0..new {
                fall.push(Stamp::index(rows), &random.row(50)).unwrap();
                rows += 1;
            }
            gpu.prepare(&mut fall);
            let shaded = fall.strip().unwrap();
            let lines = mirror.update(&shaded, &gpu.read(shaded.strip));
            assert_eq!(lines as u32, fall.stats().shaded_lines, "{newest:?}, frame {frame}");
            if frame % 10 == 7 {
                assert_eq!(lines, 0, "nothing happened, and nothing is new");
            } else if frame > 0 && frame < 3 {
                assert_eq!(lines as u64, new, "a line a row");
            }
            let want = gpu.copy(&mut fall);
            mirror.picture().assert_near(&want, 0, &format!("{newest:?}, frame {frame}"));
        }
    }
}

on_gpu_and_cpu! {
    the_new_lines_are_enough
}
