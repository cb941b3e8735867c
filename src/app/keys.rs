//! Keys and their actions: one table for event handling, `ringfall --help` and the test of the manual.

use winit::keyboard::{Key, ModifiersState, NamedKey};

/// The action of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// Close the window.
    Quit,
    /// Leave full screen, or close the window if it is not full screen.
    Escape,
    /// Toggle full screen.
    Fullscreen,
    /// Pause or resume.
    Pause,
    /// Show the frame that is this many later.
    Step(i64),
    /// Play a recording from the time at the pointer on.
    PlayHere,
    /// Multiply the width of the range by this factor.
    Stretch(f32),
    /// Move the range by this fraction of its width.
    Shift(f32),
    /// Toggle the automatic range.
    AutoRange,
    /// Follow the newest rows.
    Follow,
    /// Go back in time by this many pages.
    Page(f64),
    /// Restore the initial time per line.
    StartTime,
    /// Restore the initial frequency span.
    StartSpan,
    /// Stretch arrays over the window, or keep their shape.
    Shape,
    /// Advance by this many colormaps.
    Colormap(isize),
    /// Ask for a file or an address to open.
    Open,
    /// Save a picture.
    Save,
    /// Ask what is to be saved, and where.
    SaveAs,
    /// Save a picture of the selected box.
    SaveBox,
    /// Open or close the panel with spectra.
    Spectrum,
    /// Open or close the panel with the time trace.
    Trace,
    /// Show or hide the grid.
    Grid,
    /// Open or close the panel with the settings.
    Panel,
    /// Put marker A, or else B, at the pointer.
    Mark(bool),
    /// Remove markers and the selected box.
    ClearMarks,
    /// Show what is in the selected box.
    ZoomToBox,
    /// Show or hide the list of keys.
    Keys,
}

/// A key press.
#[derive(Clone, Copy, Debug)]
struct Press {
    key: PressedKey,
    ctrl: bool,
    /// `None` matches with and without Shift.
    shift: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
enum PressedKey {
    Named(NamedKey),
    /// The text that the key types, ignoring case.
    Text(&'static str),
}

/// One entry of the table.
struct Binding {
    presses: &'static [Press],
    action: Action,
    /// The keys' name in the help.
    name: &'static str,
    help: &'static str,
}

const fn named(key: NamedKey) -> Press {
    Press { key: PressedKey::Named(key), ctrl: false, shift: None }
}

const fn text(text: &'static str) -> Press {
    Press { key: PressedKey::Text(text), ctrl: false, shift: None }
}

impl Press {
    const fn ctrl(self) -> Self {
        Self { ctrl: true, ..self }
    }

    const fn shift(self, shift: bool) -> Self {
        Self { shift: Some(shift), ..self }
    }

    fn is(&self, key: &Key, modifiers: ModifiersState) -> bool {
        let same = match (self.key, key) {
            (PressedKey::Named(this), Key::Named(other)) => this == *other,
            (PressedKey::Text(this), Key::Character(other)) => this == other.to_lowercase(),
            _ => false,
        };
        // Some systems report AltGr as Ctrl+Alt; AltGr is only for typing.
        let ctrl = modifiers.control_key() && !modifiers.alt_key();
        same && self.ctrl == ctrl && self.shift.is_none_or(|shift| shift == modifiers.shift_key())
    }
}

/// 10 % per step, so seven steps halve the range.
const STEP: f32 = 1.1;

/// Consecutive bindings with the same help share a line of the help.
static BINDINGS: &[Binding] = &[
    Binding { presses: &[named(NamedKey::Home)], action: Action::Follow, name: "Home", help: "follow the newest rows" },
    // A quarter of the page stays visible, for orientation.
    Binding {
        presses: &[named(NamedKey::PageUp)],
        action: Action::Page(0.75),
        name: "Page Up",
        help: "go back and forward in time",
    },
    Binding {
        presses: &[named(NamedKey::PageDown)],
        action: Action::Page(-0.75),
        name: "Page Down",
        help: "go back and forward in time",
    },
    Binding { presses: &[text("0")], action: Action::StartTime, name: "0", help: "restore the initial time scale" },
    Binding {
        presses: &[text("0").ctrl()],
        action: Action::StartSpan,
        name: "Ctrl+0",
        help: "restore the initial frequencies",
    },
    Binding {
        presses: &[text("r")],
        action: Action::Shape,
        name: "R",
        help: "stretch an array or an image over the window, or keep its shape",
    },
    Binding {
        presses: &[named(NamedKey::Space), text(" ")],
        action: Action::Pause,
        name: "Space",
        help: "pause and resume; play a recording or the frames of a stack",
    },
    Binding {
        presses: &[named(NamedKey::ArrowLeft)],
        action: Action::Step(-1),
        name: "Left",
        help: "the previous and the next frame of a stack",
    },
    Binding {
        presses: &[named(NamedKey::ArrowRight)],
        action: Action::Step(1),
        name: "Right",
        help: "the previous and the next frame of a stack",
    },
    Binding { presses: &[text("l")], action: Action::PlayHere, name: "L", help: "play from the pointer" },
    Binding {
        // On many keyboards "=" is the "+" key without Shift.
        presses: &[text("+"), text("=")],
        action: Action::Stretch(1.0 / STEP),
        name: "+",
        help: "more and less contrast",
    },
    Binding {
        presses: &[text("-"), text("_"), text("−")],
        action: Action::Stretch(STEP),
        name: "-",
        help: "more and less contrast",
    },
    Binding {
        presses: &[named(NamedKey::ArrowUp)],
        action: Action::Shift(-0.05),
        name: "Up",
        help: "brighter and darker",
    },
    Binding {
        presses: &[named(NamedKey::ArrowDown)],
        action: Action::Shift(0.05),
        name: "Down",
        help: "brighter and darker",
    },
    Binding { presses: &[text("a")], action: Action::AutoRange, name: "A", help: "toggle the automatic range" },
    Binding {
        presses: &[text("c").shift(false)],
        action: Action::Colormap(1),
        name: "C",
        help: "next and previous colormap",
    },
    Binding {
        presses: &[text("c").shift(true)],
        action: Action::Colormap(-1),
        name: "Shift+C",
        help: "next and previous colormap",
    },
    Binding { presses: &[text("p")], action: Action::Spectrum, name: "P", help: "open and close the spectrum panel" },
    Binding { presses: &[text("t")], action: Action::Trace, name: "T", help: "open and close the time trace" },
    Binding { presses: &[text("g")], action: Action::Grid, name: "G", help: "show and hide the grid" },
    Binding { presses: &[text("b")], action: Action::Panel, name: "B", help: "open and close the settings panel" },
    Binding { presses: &[text("1")], action: Action::Mark(true), name: "1", help: "set marker A and B at the pointer" },
    Binding {
        presses: &[text("2")],
        action: Action::Mark(false),
        name: "2",
        help: "set marker A and B at the pointer",
    },
    Binding {
        presses: &[named(NamedKey::Delete)],
        action: Action::ClearMarks,
        name: "Delete",
        help: "remove all markers and the selected box",
    },
    Binding { presses: &[text("z")], action: Action::ZoomToBox, name: "Z", help: "zoom to the selected box" },
    Binding { presses: &[text("o").ctrl()], action: Action::Open, name: "Ctrl+O", help: "open a file or an address" },
    Binding { presses: &[text("s")], action: Action::Save, name: "S", help: "save a picture" },
    Binding {
        presses: &[text("s").ctrl()],
        action: Action::SaveAs,
        name: "Ctrl+S",
        help: "save a picture: of what, how large, and where",
    },
    Binding { presses: &[text("e")], action: Action::SaveBox, name: "E", help: "save a picture of the selected box" },
    Binding {
        presses: &[text("?"), named(NamedKey::F1)],
        action: Action::Keys,
        name: "?",
        help: "show and hide the list of keys",
    },
    Binding { presses: &[named(NamedKey::F11)], action: Action::Fullscreen, name: "F11", help: "toggle full screen" },
    Binding {
        presses: &[named(NamedKey::Escape)],
        action: Action::Escape,
        name: "Esc",
        help: "close a dialog, give up opening, leave full screen, or quit",
    },
    Binding { presses: &[text("q")], action: Action::Quit, name: "Q", help: "quit" },
];

/// The actions of the mouse.
static GESTURES: &[(&str, &str)] = &[
    ("wheel", "zoom time around the pointer; near the newest end the view keeps following"),
    ("Ctrl+wheel", "zoom frequency around the pointer"),
    ("wheel, drag on an axis", "zoom that axis"),
    ("drag", "move the picture"),
    ("Ctrl+drag", "select a box: its width, length and level"),
    ("double click", "show the whole history"),
    ("right drag, Shift+drag", "vertically: brighter and darker; sideways: less and more contrast"),
    ("right click", "menu: markers, boxes, everything in view"),
    ("drag on the colour bar", "move the ends of the range"),
];

/// Keys and gestures with their help.
pub(super) fn lines() -> Vec<(String, &'static str)> {
    let mut lines: Vec<(String, &'static str)> = GESTURES.iter().map(|&(name, help)| (name.to_owned(), help)).collect();
    for binding in BINDINGS {
        match lines.last_mut().filter(|(_, help)| *help == binding.help) {
            Some((name, _)) => *name = format!("{name}, {}", binding.name),
            None => lines.push((binding.name.to_owned(), binding.help)),
        }
    }
    lines
}

/// Keys and gestures for `--help`: one line each, indented by two spaces.
pub(crate) fn help() -> String {
    let lines = lines();
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    lines.iter().map(|(name, help)| format!("  {name:width$}  {help}\n")).collect()
}

/// The key of an action, for menus.
pub(super) fn name(action: Action) -> &'static str {
    BINDINGS.iter().find(|binding| binding.action == action).map_or("", |binding| binding.name)
}

/// The action bound to a key, if any.
pub(super) fn action(key: &Key, modifiers: ModifiersState) -> Option<Action> {
    let binding = BINDINGS.iter().find(|binding| binding.presses.iter().any(|press| press.is(key, modifiers)))?;
    Some(binding.action)
}

impl Action {
    /// Whether the action repeats while the key is held. Space and F11 would flicker.
    pub(super) fn repeats(self) -> bool {
        matches!(self, Self::Stretch(_) | Self::Shift(_) | Self::Step(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: ModifiersState = ModifiersState::empty();

    fn typed(text: &str, modifiers: ModifiersState) -> Option<Action> {
        action(&Key::Character(text.into()), modifiers)
    }

    #[test]
    fn keys_do_what_the_help_says() {
        let pressed = |key| action(&Key::Named(key), NONE);
        assert_eq!(pressed(NamedKey::Escape), Some(Action::Escape));
        assert_eq!(pressed(NamedKey::F11), Some(Action::Fullscreen));
        assert_eq!(pressed(NamedKey::Space), Some(Action::Pause));
        assert_eq!(pressed(NamedKey::Home), Some(Action::Follow));
        assert!(matches!(pressed(NamedKey::PageUp), Some(Action::Page(back)) if back > 0.0));
        assert_eq!(pressed(NamedKey::Tab), None);
        assert_eq!(typed("a", NONE), Some(Action::AutoRange));
        assert!(matches!(typed("+", ModifiersState::SHIFT), Some(Action::Stretch(factor)) if factor < 1.0));
        assert!(matches!(typed("-", NONE), Some(Action::Stretch(factor)) if factor > 1.0));
        assert_eq!(typed("Q", ModifiersState::SHIFT), Some(Action::Quit));
        assert_eq!(typed("x", NONE), None);
    }

    #[test]
    fn shift_and_ctrl_count_and_caps_lock_does_not() {
        for c in ["c", "C"] {
            assert_eq!(typed(c, NONE), Some(Action::Colormap(1)));
            assert_eq!(typed(c, ModifiersState::SHIFT), Some(Action::Colormap(-1)));
            assert_eq!(typed(c, ModifiersState::CONTROL), None);
        }
        assert_eq!(typed("0", NONE), Some(Action::StartTime));
        assert_eq!(typed("0", ModifiersState::CONTROL), Some(Action::StartSpan));
        // AltGr, which types "+" on some keyboards.
        let alt_gr = ModifiersState::CONTROL | ModifiersState::ALT;
        assert!(matches!(typed("+", alt_gr), Some(Action::Stretch(_))));
    }

    #[test]
    fn no_key_has_two_meanings() {
        let all: Vec<_> = BINDINGS.iter().flat_map(|binding| binding.presses).collect();
        for modifiers in [NONE, ModifiersState::SHIFT, ModifiersState::CONTROL] {
            for press in &all {
                let key = match press.key {
                    PressedKey::Named(named) => Key::Named(named),
                    PressedKey::Text(text) => Key::Character(text.into()),
                };
                let count = all.iter().filter(|other| other.is(&key, modifiers)).count();
                assert!(count <= 1, "{press:?} with {modifiers:?}");
            }
        }
    }

    #[test]
    fn the_manual_has_the_same_table() {
        let table: String = lines().iter().map(|(name, help)| format!("| {name} | {help} |\n")).collect();
        assert!(
            include_str!("../../docs/manual.md").contains(&table),
            "the table of keys in docs/manual.md has to be:\n{table}"
        );
    }
}
