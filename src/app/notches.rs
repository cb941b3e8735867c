//! Notches of the wheel under X11, each counted once.
//!
//! Where a wheel is sent as presses of the buttons 4 to 7 (XTEST, VNC servers, evdev's wheel emulation), winit 0.30 makes a
//! wheel event of the press and another of the release. Before that it reports the button itself, as an event of the
//! device: this identifies the second one, which is ignored. winit's main branch does this itself (its pull request 4386).
//!
//! Events of the device come while the window has the keyboard. Over a window without it such a notch still counts twice: to
//! ask for them always would wake the program for everything that is typed anywhere.

use winit::event::MouseScrollDelta;

/// Detects a wheel event that is caused by a button's release.
#[derive(Debug, Default)]
pub(super) struct Notches {
    /// The next event, if a release causes it.
    released: Option<(f32, f32)>,
}

impl Notches {
    /// A button of a device, with its X11 number, was pressed or released.
    pub(super) fn button(&mut self, number: u32, pressed: bool) {
        let delta = match number {
            4 => (0.0, 1.0),
            5 => (0.0, -1.0),
            6 => (1.0, 0.0),
            7 => (-1.0, 0.0),
            _ => return,
        };
        self.released = (!pressed).then_some(delta);
    }

    /// Whether a wheel event counts.
    pub(super) fn counts(&mut self, delta: MouseScrollDelta) -> bool {
        match (self.released.take(), delta) {
            (Some(released), MouseScrollDelta::LineDelta(x, y)) => released != (x, y),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn press_and_release_are_one_notch() {
        let line = |x, y| MouseScrollDelta::LineDelta(x, y);
        let mut notches = Notches::default();
        let mut count = 0;
        for (button, delta) in [(4, line(0.0, 1.0)), (4, line(0.0, 1.0)), (5, line(0.0, -1.0)), (7, line(-1.0, 0.0))] {
            for pressed in [true, false] {
                notches.button(button, pressed);
                count += u32::from(notches.counts(delta));
            }
        }
        assert_eq!(count, 4);
        // A wheel that is an axis sends no buttons, and a click of the left button is no notch.
        assert!(notches.counts(line(0.0, 1.0)) && notches.counts(line(0.0, 1.0)));
        notches.button(1, false);
        assert!(notches.counts(line(0.0, 1.0)));
        // The release went elsewhere: what comes next counts if it is another direction, and everything after that.
        notches.button(4, false);
        assert!(notches.counts(line(0.0, -1.0)) && notches.counts(line(0.0, 1.0)));
    }
}
