//! Which of two ways to the same picture is the cheaper one on this machine, found out by measuring.

use std::time::Duration;

/// Two ways to bring a picture that has scrolled into a buffer: to move what the buffer has, or to copy all of the strip.
///
/// Moving touches half the memory, and took 0.15 ms for 8 MB where copying took 0.4 to 0.7. But on a virtual machine with four
/// processors it took up to 2.2 ms at times, when the window system had just read the buffer on a processor that seems to share no
/// cache with ours. That changes while the program runs.
#[derive(Debug)]
pub(super) struct Cheaper {
    /// The next picture is moved, and not copied.
    moves: bool,
    moving: Cost,
    copying: Cost,
    /// Pictures since the dearer way was last tried.
    pictures: u32,
}

/// What a way has taken lately, in nanoseconds a pixel; `None` if that is not known.
#[derive(Clone, Copy, Debug, Default)]
struct Cost(Option<f64>);

impl Cost {
    fn took(&mut self, ns: f64) {
        // Whatever interrupts us makes it longer and never shorter: it is believed by and by.
        self.0 = Some(self.0.map_or(ns, |before| ns.min(1.05 * before + 1e-3)));
    }
}

impl Default for Cheaper {
    fn default() -> Self {
        let unknown = Cost::default();
        // The first attempt comes soon.
        Self { moves: true, moving: unknown, copying: unknown, pictures: Self::TRY_AFTER - 8 }
    }
}

impl Cheaper {
    /// The dearer way is tried after so many pictures: it may have become the cheaper one.
    const TRY_AFTER: u32 = 120;
    /// For so many pictures, since the first one finds nothing of what it needs in the caches.
    const TRY_FOR: u32 = 4;

    /// Whether to move the next picture.
    pub(super) fn moves(&self) -> bool {
        self.moves
    }

    /// The picture, of so many pixels, took this time.
    pub(super) fn took(&mut self, time: Duration, pixels: u64) {
        let ns = time.as_secs_f64() * 1e9 / pixels.max(1) as f64;
        let (now, other) =
            if self.moves { (&mut self.moving, &mut self.copying) } else { (&mut self.copying, &mut self.moving) };
        now.took(ns);
        self.pictures += 1;
        if self.pictures == Self::TRY_AFTER {
            // What it took long ago says nothing.
            *other = Cost::default();
            self.moves = !self.moves;
        } else if self.pictures >= Self::TRY_AFTER + Self::TRY_FOR {
            self.pictures = 0;
            if let (Some(moving), Some(copying)) = (self.moving.0, self.copying.0) {
                self.moves = moving <= copying;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these pictures are moved, if both ways take this many milliseconds.
    fn moved(cheaper: &mut Cheaper, pictures: u32, moving_ms: u64, copying_ms: u64) -> u32 {
        (0..pictures)
            .map(|i| {
                let moves = cheaper.moves();
                // Every tenth is interrupted.
                let more_ms = if i % 10 == 9 { 20 } else { 0 };
                let ms = more_ms + if moves { moving_ms } else { copying_ms };
                cheaper.took(Duration::from_millis(ms), 1000);
                u32::from(moves)
            })
            .sum()
    }

    #[test]
    fn the_cheaper_way_is_taken_and_the_other_one_tried_now_and_then() {
        let mut cheaper = Cheaper::default();
        assert!(cheaper.moves(), "at first");
        let share = |moved: u32| f64::from(moved) / 650.0;
        for (moving, copying, low, high) in [(1, 3, 0.9, 0.99), (5, 3, 0.01, 0.4), (1, 3, 0.7, 0.99)] {
            let moved = moved(&mut cheaper, 650, moving, copying);
            assert!((low..=high).contains(&share(moved)), "{moving} and {copying} ms: {moved} of 650 were moved");
        }
    }
}
