//! Rectangles of a window.

/// A rectangle of a window, in physical pixels from the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Place {
    /// The whole window, whatever its size.
    pub(crate) const WHOLE: Self = Self { x: 0, y: 0, width: u32::MAX, height: u32::MAX };

    /// All of a window of this size.
    pub(super) fn of((width, height): (u32, u32)) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    pub(super) fn right(self) -> u32 {
        self.x.saturating_add(self.width)
    }

    pub(super) fn bottom(self) -> u32 {
        self.y.saturating_add(self.height)
    }

    pub(super) fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// What both have in common; empty if nothing.
    pub(super) fn and(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        let (width, height) = (right.saturating_sub(x), bottom.saturating_sub(y));
        if width == 0 || height == 0 { Self::default() } else { Self { x, y, width, height } }
    }

    /// The smallest rectangle with both; empty ones count for nothing.
    pub(super) fn with(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => {
                let (x, y) = (self.x.min(other.x), self.y.min(other.y));
                let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
                Self { x, y, width: right - x, height: bottom - y }
            }
        }
    }

    /// This one moved to the right and down, as far as it stays in `bounds`.
    pub(super) fn moved(self, (right, down): (i64, i64), bounds: Self) -> Self {
        let along = |from: u32, length: u32, by: i64, low: u32, high: u32| {
            let from = i64::from(from).saturating_add(by);
            let to = from.saturating_add(i64::from(length));
            let limited = |at: i64| at.clamp(low.into(), high.into()) as u32;
            (limited(from), limited(to))
        };
        let (x0, x1) = along(self.x, self.width, right, bounds.x, bounds.right());
        let (y0, y1) = along(self.y, self.height, down, bounds.y, bounds.bottom());
        Self { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }
    }

    pub(super) fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// What is in this one and not in the other: above it, below it, and on its sides. Some may be empty.
    pub(super) fn without(self, hole: Self) -> [Self; 4] {
        let hole = self.and(hole);
        if hole.is_empty() {
            return [self, Self::default(), Self::default(), Self::default()];
        }
        [
            Self { height: hole.y - self.y, ..self },
            Self { y: hole.bottom(), height: self.bottom() - hole.bottom(), ..self },
            Self { y: hole.y, height: hole.height, width: hole.x - self.x, ..self },
            Self { x: hole.right(), width: self.right() - hole.right(), y: hole.y, height: hole.height },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_in_one_part() {
        let places = |range: std::ops::Range<u32>| {
            let range = range.collect::<Vec<_>>();
            let all =
                range.clone().into_iter().flat_map(move |x| range.clone().into_iter().map(move |width| (x, width)));
            all.collect::<Vec<_>>()
        };
        let window = Place { x: 1, y: 2, width: 4, height: 3 };
        let covers = |place: Place, x: u32, y: u32| {
            (place.x..place.right()).contains(&x) && (place.y..place.bottom()).contains(&y)
        };
        for (x, width) in places(0..7) {
            for (y, height) in places(0..7) {
                let hole = Place { x, y, width, height };
                let parts = window.without(hole);
                for (x, y) in (0..8).flat_map(|x| (0..8).map(move |y| (x, y))) {
                    let want = usize::from(covers(window, x, y) && !covers(hole, x, y));
                    assert_eq!(parts.iter().filter(|part| covers(**part, x, y)).count(), want, "{hole:?}: {x}, {y}");
                    assert_eq!(covers(window.and(hole), x, y), covers(window, x, y) && covers(hole, x, y));
                }
            }
        }
        assert_eq!(window.and(Place::WHOLE), window);
    }

    #[test]
    fn moved_and_joined_by_hand() {
        let window = Place { x: 1, y: 2, width: 40, height: 30 };
        let place = Place { x: 5, y: 6, width: 4, height: 3 };
        assert_eq!(place.moved((2, -1), window), Place { x: 7, y: 5, width: 4, height: 3 });
        assert_eq!(place.moved((-6, 0), window), Place { x: 1, y: 6, width: 2, height: 3 });
        for far in [i64::MIN, -100, 100, i64::MAX] {
            assert!(place.moved((far, far), window).is_empty());
        }
        assert_eq!(Place::WHOLE.moved((3, 3), window), Place { x: 3, y: 3, width: 38, height: 29 });
        assert_eq!(place.with(Place { x: 20, y: 1, width: 1, height: 1 }), Place { x: 5, y: 1, width: 16, height: 8 });
        assert_eq!((place.with(Place::default()), Place::default().with(place)), (place, place));
    }
}
