//! The pace of frames where presenting does not wait for the screen.

use std::time::{Duration, Instant};

/// Lets a frame through as often as the screen shows one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    period: Duration,
    /// Before this time there is no frame.
    next: Option<Instant>,
}

impl Pace {
    /// For screens that do not tell their rate, in thousandths of a hertz.
    const USUAL: u32 = 60_000;
    /// What is beyond these is no rate of a screen.
    const RATES: std::ops::RangeInclusive<u32> = 10_000..=1_000_000;

    /// The pace of a screen with this rate, in thousandths of a hertz.
    pub(super) fn new(rate: Option<u32>) -> Self {
        let rate = rate.filter(|rate| Self::RATES.contains(rate)).unwrap_or(Self::USUAL);
        Self { period: Duration::from_secs_f64(1e3 / f64::from(rate)), next: None }
    }

    /// The screen has this rate from now on.
    pub(super) fn set_rate(&mut self, rate: Option<u32>) {
        self.period = Self::new(rate).period;
    }

    /// When the next frame may be shown, if that is later than `now`.
    pub(super) fn wait(&self, now: Instant) -> Option<Instant> {
        // Whatever happened before, a period is the longest wait.
        self.next.filter(|next| *next > now).map(|next| next.min(now + self.period))
    }

    /// A frame is shown now.
    pub(super) fn shown(&mut self, now: Instant) {
        // In step with the frame before, unless that is too long ago.
        let due = self.next.map(|next| next + self.period).filter(|due| *due > now);
        self.next = Some(due.unwrap_or(now + self.period));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_frames_as_the_screen_shows() {
        for (rate, want) in [(Some(50_000), 50), (None, 60), (Some(0), 60), (Some(u32::MAX), 60), (Some(144_000), 144)]
        {
            let mut pace = Pace::new(rate);
            let start = Instant::now();
            // Somebody asks every 0.7 ms, for a second.
            let asked = (0..1429).map(|i| start + Duration::from_micros(700) * i);
            let frames = asked.filter(|now| {
                let due = pace.wait(*now).is_none();
                if due {
                    pace.shown(*now);
                }
                due
            });
            let frames = frames.count();
            assert!(frames.abs_diff(want) <= 1, "{rate:?}: {frames} frames");
        }
    }

    #[test]
    fn the_first_frame_and_one_after_a_rest_come_at_once() {
        let mut pace = Pace::new(Some(100_000));
        let start = Instant::now();
        assert_eq!(pace.wait(start), None);
        pace.shown(start);
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(pace.wait(after(3)), Some(after(10)));
        assert_eq!(pace.wait(after(500)), None);
        pace.shown(after(500));
        assert_eq!(pace.wait(after(505)), Some(after(510)));
        // A clock that was set back does not stop the picture.
        pace.shown(after(500));
        assert!(pace.wait(start).is_some_and(|at| at <= after(10)));
    }
}
