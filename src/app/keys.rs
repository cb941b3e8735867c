//! What keys and the mouse do.

use winit::keyboard::{Key, NamedKey};

/// What the user wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// Close the window.
    Leave,
    /// Fill the screen, or go back.
    Fullscreen,
    /// Stop or go on.
    Pause,
    /// Make the range so many times as wide.
    Stretch(f32),
    /// Move the range by this share of itself.
    Shift(f32),
    /// Find the range from the data again.
    FindRange,
    /// Go so many colormaps on.
    Colormap(isize),
}

/// What a key does, if anything.
pub(crate) fn action(key: &Key) -> Option<Action> {
    // 10 % a step: half the range in seven.
    const STEP: f32 = 1.1;
    Some(match key {
        Key::Named(NamedKey::Escape) => Action::Leave,
        Key::Named(NamedKey::F11) => Action::Fullscreen,
        Key::Named(NamedKey::Space) => Action::Pause,
        Key::Named(NamedKey::ArrowUp) => Action::Shift(-0.05),
        Key::Named(NamedKey::ArrowDown) => Action::Shift(0.05),
        Key::Character(text) => match text.as_str() {
            // "=" is "+" without Shift where the two share a key.
            "+" | "=" => Action::Stretch(1.0 / STEP),
            "-" | "_" | "−" => Action::Stretch(STEP),
            "a" | "A" => Action::FindRange,
            "c" => Action::Colormap(1),
            "C" => Action::Colormap(-1),
            " " => Action::Pause,
            _ => return None,
        },
        _ => return None,
    })
}

/// A drag with the left button over a picture of this size: up makes it brighter (the range moves down), right makes the range
/// wider. Across the whole window it is the range once, and four times as wide.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Drag {
    at: Option<(f64, f64)>,
    held: bool,
}

impl Drag {
    pub(crate) fn press(&mut self, held: bool) {
        self.held = held;
    }

    /// The pointer is at `x`, `y` in a window of `width` × `height` pixels: how far to shift and to stretch the range.
    pub(crate) fn moved(&mut self, (x, y): (f64, f64), (width, height): (u32, u32)) -> Option<(f32, f32)> {
        let before = self.at.replace((x, y))?;
        if !self.held || width == 0 || height == 0 {
            return None;
        }
        let across = (x - before.0) / f64::from(width);
        let down = (y - before.1) / f64::from(height);
        Some((down as f32, 4f64.powf(across) as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_the_help_says() {
        let character = |text: &str| action(&Key::Character(text.into()));
        assert_eq!(action(&Key::Named(NamedKey::Escape)), Some(Action::Leave));
        assert_eq!(action(&Key::Named(NamedKey::F11)), Some(Action::Fullscreen));
        assert_eq!(action(&Key::Named(NamedKey::Space)), Some(Action::Pause));
        assert_eq!(character("c"), Some(Action::Colormap(1)));
        assert_eq!(character("C"), Some(Action::Colormap(-1)));
        assert!(matches!(character("+"), Some(Action::Stretch(factor)) if factor < 1.0));
        assert!(matches!(character("-"), Some(Action::Stretch(factor)) if factor > 1.0));
        assert_eq!(character("q"), None);
        assert_eq!(action(&Key::Named(NamedKey::Tab)), None);
    }

    #[test]
    fn a_drag_counts_only_while_the_button_is_held() {
        let mut drag = Drag::default();
        assert_eq!(drag.moved((10.0, 10.0), (100, 100)), None);
        assert_eq!(drag.moved((20.0, 10.0), (100, 100)), None);
        drag.press(true);
        let (shift, stretch) = drag.moved((20.0, 60.0), (100, 100)).unwrap();
        assert_eq!((shift, stretch), (0.5, 1.0));
        let (shift, stretch) = drag.moved((120.0, 60.0), (100, 100)).unwrap();
        assert_eq!((shift, stretch), (0.0, 4.0));
        assert_eq!(drag.moved((0.0, 0.0), (0, 0)), None);
        drag.press(false);
        assert_eq!(drag.moved((0.0, 0.0), (100, 100)), None);
    }
}
