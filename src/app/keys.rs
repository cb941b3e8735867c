//! What keys do.

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
    /// Let the range follow what is on show, or stop that.
    AutoRange,
    /// Show the newest rows, and go on with them.
    Follow,
    /// Go so many pages back in time.
    Page(f64),
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
        Key::Named(NamedKey::Home) => Action::Follow,
        // A quarter of the page stays, to find one's way.
        Key::Named(NamedKey::PageUp) => Action::Page(0.75),
        Key::Named(NamedKey::PageDown) => Action::Page(-0.75),
        Key::Named(NamedKey::ArrowUp) => Action::Shift(-0.05),
        Key::Named(NamedKey::ArrowDown) => Action::Shift(0.05),
        Key::Character(text) => match text.as_str() {
            // "=" is "+" without Shift where the two share a key.
            "+" | "=" => Action::Stretch(1.0 / STEP),
            "-" | "_" | "−" => Action::Stretch(STEP),
            "a" | "A" => Action::AutoRange,
            "c" => Action::Colormap(1),
            "C" => Action::Colormap(-1),
            " " => Action::Pause,
            _ => return None,
        },
        _ => return None,
    })
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
        assert_eq!(action(&Key::Named(NamedKey::Home)), Some(Action::Follow));
        assert!(matches!(action(&Key::Named(NamedKey::PageUp)), Some(Action::Page(back)) if back > 0.0));
        assert_eq!(character("a"), Some(Action::AutoRange));
        assert_eq!(character("c"), Some(Action::Colormap(1)));
        assert_eq!(character("C"), Some(Action::Colormap(-1)));
        assert!(matches!(character("+"), Some(Action::Stretch(factor)) if factor < 1.0));
        assert!(matches!(character("-"), Some(Action::Stretch(factor)) if factor > 1.0));
        assert_eq!(character("q"), None);
        assert_eq!(action(&Key::Named(NamedKey::Tab)), None);
    }
}
