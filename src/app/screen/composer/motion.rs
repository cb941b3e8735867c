//! How the picture of a frame comes from that of the frame before, and moving it within a buffer.

use std::ops::Range;

use ringfall::{Strip, StripChange};

use super::super::place::Place;

/// What became of the picture since the frame before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Motion {
    /// It has moved to the right and down, which may be by nothing, and these parts of the window are new.
    Moved { by: (i32, i32), shaded: [Place; 2] },
    /// All of it is new.
    #[default]
    New,
}

/// Moves of up to so many pixels leave a thing and what it covered close enough to each other for one rectangle.
pub(super) const NEAR: i64 = 16;

impl Motion {
    /// What the strip did last, for its picture at this place of the window.
    pub(in super::super) fn of(strip: &Strip, place: Place) -> Self {
        if place.is_empty() {
            return Self::Moved { by: (0, 0), shaded: [Place::default(); 2] };
        }
        let Some(StripChange { moved, shaded, .. }) = strip.change() else { return Self::New };
        let part = |(x, y): (Range<u32>, Range<u32>)| {
            let part = Place { x: x.start, y: y.start, width: x.end - x.start, height: y.end - y.start };
            part.moved((place.x.into(), place.y.into()), place)
        };
        Self::Moved { by: moved, shaded: shaded.map(part) }
    }
}

/// Moves what is in `place` to the right and down; what would leave it is gone. What is left behind stays as it was.
pub(super) fn shift(buffer: &mut [u32], stride: usize, place: Place, by: (i64, i64)) {
    // Where the pixels go that stay inside, and where they come from.
    let to = place.moved(by, place);
    if to.is_empty() {
        return;
    }
    let from = |at: u32, by: i64| (i64::from(at) - by) as usize;
    let (left, top) = (from(to.x, by.0), from(to.y, by.1));
    let (width, height) = (to.width as usize, to.height as usize);
    if width == stride {
        // Nothing lies between the rows.
        let begin = top * stride;
        buffer.copy_within(begin..begin + height * stride, to.y as usize * stride);
        return;
    }
    let mut row = |i: usize| {
        let begin = (top + i) * stride + left;
        buffer.copy_within(begin..begin + width, (to.y as usize + i) * stride + to.x as usize);
    };
    // No row is overwritten before it has moved.
    if by.1 > 0 { (0..height).rev().for_each(&mut row) } else { (0..height).for_each(&mut row) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_moves_and_none_leaves_its_place() {
        let (stride, rows) = (13_usize, 9_usize);
        let before: Vec<u32> = (0..(stride * rows) as u32).collect();
        let places = [
            Place { x: 0, y: 0, width: 13, height: 9 },
            Place { x: 3, y: 2, width: 6, height: 5 },
            Place { x: 0, y: 3, width: 13, height: 4 },
        ];
        for place in places {
            for (right, down) in (-14..=14_i64).flat_map(|right| (-10..=10_i64).map(move |down| (right, down))) {
                let mut buffer = before.clone();
                shift(&mut buffer, stride, place, (right, down));
                for (i, now) in buffer.iter().enumerate() {
                    let (x, y) = ((i % stride) as i64, (i / stride) as i64);
                    let is_in = |x: i64, y: i64| {
                        (i64::from(place.x)..i64::from(place.right())).contains(&x)
                            && (i64::from(place.y)..i64::from(place.bottom())).contains(&y)
                    };
                    let moves = is_in(x, y) && is_in(x - right, y - down);
                    let (x, y) = if moves { (x - right, y - down) } else { (x, y) };
                    assert_eq!(*now, before[y as usize * stride + x as usize], "{place:?} by {right}, {down}: {i}");
                }
            }
        }
    }
}
