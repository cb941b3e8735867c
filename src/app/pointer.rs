//! Mouse input: a drag moves the picture, a drag with the right button (or Shift) sets the range.

use std::time::{Duration, Instant};

use winit::event::MouseScrollDelta;

use super::navigate::Grip;

/// Where the pointer is, and what it holds.
#[derive(Default)]
pub(super) struct Pointer {
    at: Option<(f64, f64)>,
    held: Option<Held>,
    clicked: Option<(Instant, (f64, f64))>,
}

enum Held {
    Picture { start: (f64, f64), grip: Grip },
    Range,
}

/// The meaning of a movement.
pub(super) enum Moved<'a> {
    /// Drag the picture by this many pixels from where the drag began.
    Picture(&'a Grip, (f64, f64)),
    /// The pointer has moved by this many pixels.
    Range((f64, f64)),
}

impl Pointer {
    /// Two presses within this time are a double click.
    const DOUBLE: Duration = Duration::from_millis(400);
    /// As long as they are not farther apart than this, in pixels.
    const SHAKE: f64 = 5.0;

    /// Where it is, if it is in the window.
    pub(super) fn at(&self) -> Option<(f64, f64)> {
        self.at
    }

    pub(super) fn left(&mut self) {
        self.at = None;
    }

    /// A button is pressed that takes hold of the picture; true for the second press of a double click.
    pub(super) fn take_picture(&mut self, now: Instant, grip: Option<Grip>) -> bool {
        let Some(start) = self.at else { return false };
        self.held = grip.map(|grip| Held::Picture { start, grip });
        let double = self.clicked.take().is_some_and(|(then, place)| {
            now.saturating_duration_since(then) < Self::DOUBLE && distance(place, start) < Self::SHAKE
        });
        if double {
            self.held = None;
        } else {
            self.clicked = Some((now, start));
        }
        double
    }

    /// A button is pressed that takes hold of the range.
    pub(super) fn take_range(&mut self) {
        self.held = Some(Held::Range);
    }

    /// The button is let go of.
    pub(super) fn let_go(&mut self) {
        self.held = None;
    }

    /// The picture has changed for another reason: a drag continues from here.
    pub(super) fn take_again(&mut self, grip: Option<Grip>) {
        if let (Some(Held::Picture { start, grip: held }), Some(grip), Some(at)) = (&mut self.held, grip, self.at) {
            (*start, *held) = (at, grip);
        }
    }

    /// The pointer is there now.
    pub(super) fn moved(&mut self, at: (f64, f64)) -> Option<Moved<'_>> {
        let before = self.at.replace(at)?;
        match self.held.as_ref()? {
            Held::Picture { start, grip } => Some(Moved::Picture(grip, (at.0 - start.0, at.1 - start.1))),
            Held::Range => Some(Moved::Range((at.0 - before.0, at.1 - before.1))),
        }
    }
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// How far to shift and to stretch the range for a drag by this many pixels in a window of this size: up makes it brighter (the
/// range moves down), right makes the range wider. Across the whole window it is the range once, and four times as wide.
pub(super) fn range_drag((dx, dy): (f64, f64), (width, height): (u32, u32)) -> (f32, f32) {
    let (across, down) = (dx / f64::from(width.max(1)), dy / f64::from(height.max(1)));
    (down as f32, 4f64.powf(across) as f32)
}

/// The factor by which the displayed span grows after the wheel has turned, or two fingers have moved over a touchpad.
pub(super) fn wheel_factor(delta: MouseScrollDelta) -> f64 {
    // A quarter a notch; a touchpad's pixels are a notch to fifty.
    let notches = match delta {
        MouseScrollDelta::LineDelta(_, y) => f64::from(y),
        MouseScrollDelta::PixelDelta(by) => by.y / 50.0,
    };
    1.25f64.powf(-notches.clamp(-20.0, 20.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::navigate::Navigator;
    use ringfall::{History, Precision, Side, Stamp, View};

    #[test]
    fn a_drag_counts_only_while_a_button_is_held() {
        let mut pointer = Pointer::default();
        assert!(pointer.moved((10.0, 10.0)).is_none());
        assert!(pointer.moved((20.0, 10.0)).is_none());
        pointer.take_range();
        assert!(matches!(pointer.moved((20.0, 60.0)), Some(Moved::Range((0.0, 50.0)))));
        assert!(matches!(pointer.moved((120.0, 60.0)), Some(Moved::Range((100.0, 0.0)))));
        pointer.let_go();
        assert!(pointer.moved((0.0, 0.0)).is_none());
    }

    #[test]
    fn a_drag_pulls_from_where_it_began() {
        let mut history = History::new(1 << 20, Precision::F16);
        history.push(Stamp::index(0), &[0.0; 8]).unwrap();
        let grip = || Navigator::new(View::default(), Side::Top, 1.0).unwrap().grip(&history, (10, 10));
        let mut pointer = Pointer::default();
        pointer.moved((10.0, 10.0));
        assert!(!pointer.take_picture(Instant::now(), grip()));
        assert!(matches!(pointer.moved((13.0, 10.0)), Some(Moved::Picture(_, (3.0, 0.0)))));
        assert!(matches!(pointer.moved((13.5, 9.0)), Some(Moved::Picture(_, (3.5, -1.0)))));
        pointer.take_again(grip());
        assert!(matches!(pointer.moved((14.5, 9.0)), Some(Moved::Picture(_, (1.0, 0.0)))));
    }

    #[test]
    fn two_clicks_at_one_place_in_short_time_are_one() {
        let start = Instant::now();
        let mut pointer = Pointer::default();
        pointer.moved((10.0, 10.0));
        assert!(!pointer.take_picture(start, None));
        assert!(pointer.take_picture(start + Duration::from_millis(200), None));
        // A third one is the first again.
        assert!(!pointer.take_picture(start + Duration::from_millis(300), None));
        assert!(!pointer.take_picture(start + Duration::from_millis(900), None));
        pointer.moved((40.0, 10.0));
        assert!(!pointer.take_picture(start + Duration::from_millis(1000), None));
    }

    #[test]
    fn wheels_and_hands() {
        assert_eq!(wheel_factor(MouseScrollDelta::LineDelta(0.0, 1.0)), 0.8);
        assert_eq!(wheel_factor(MouseScrollDelta::LineDelta(0.0, -1.0)), 1.25);
        assert_eq!(wheel_factor(MouseScrollDelta::PixelDelta((0.0, -50.0).into())), 1.25);
        assert!(wheel_factor(MouseScrollDelta::LineDelta(0.0, -1e30)).is_finite());
        assert_eq!(range_drag((0.0, 50.0), (100, 100)), (0.5, 1.0));
        assert_eq!(range_drag((100.0, 0.0), (100, 100)), (0.0, 4.0));
        assert!(range_drag((1.0, 1.0), (0, 0)).0.is_finite());
    }
}
