//! Parts of the plot that have the keyboard: what keys and programs that read the screen aloud ask of them.

use egui::accesskit::{self, Action, ActionData};
use egui::{Event, EventFilter, Key, Modifiers, Painter, Rect, Response, Stroke, StrokeKind, Ui};

/// The part of the plot that has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Picture,
    /// An axis, the colour bar, the edge of a panel.
    Slider,
}

/// Which part has the keyboard, and where it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Focus(Option<(Part, Rect)>);

/// What is asked of a part, in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Steps {
    /// The right arrow less the left one.
    pub(super) right: f32,
    /// The upper arrow less the lower one.
    pub(super) up: f32,
    /// Page Up less Page Down.
    pub(super) pages: f32,
    /// Increments less decrements, which have no direction on the screen.
    pub(super) more: f32,
    /// A value that is to be set.
    pub(super) value: Option<f64>,
    /// Enter, or a click without a pointer.
    pub(super) enter: bool,
    pub(super) shift: bool,
    pub(super) ctrl: bool,
}

impl Focus {
    /// Takes note of a part: whether it has the keyboard, and what is asked of it.
    pub(super) fn steps(&mut self, ui: &Ui, response: &Response, part: Part) -> Steps {
        let id = response.id;
        let mut steps = Steps::default();
        let asked = |action| ui.input(|input| input.num_accesskit_action_requests(id, action) as f32);
        steps.more = asked(Action::Increment) - asked(Action::Decrement);
        steps.enter = asked(Action::Click) > 0.0;
        steps.value = ui.input(|input| {
            let values =
                input.accesskit_action_requests(id, Action::SetValue).filter_map(|request| match request.data {
                    Some(ActionData::NumericValue(value)) if value.is_finite() => Some(value),
                    _ => None,
                });
            values.last()
        });
        if !response.has_focus() {
            return steps;
        }
        self.0 = Some((part, response.rect));
        // Or else the arrows move to another part.
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.input(|input| {
            for event in &input.events {
                if let Event::Key { key, pressed: true, modifiers, .. } = event {
                    steps.press(*key, *modifiers);
                }
            }
        });
        steps
    }

    /// Whether the part that has the keyboard uses this key; none if none has it.
    pub(super) fn takes(self, key: Key) -> Option<bool> {
        let (part, _) = self.0?;
        Some(match key {
            Key::Tab | Key::Escape | Key::Enter => true,
            Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight => true,
            Key::PageUp | Key::PageDown => part == Part::Slider,
            _ => false,
        })
    }

    /// Draws a ring around the part that has the keyboard.
    pub(super) fn ring(self, ui: &Ui, painter: &Painter) {
        let Some((part, place)) = self.0 else { return };
        let visuals = ui.visuals();
        // Over the picture any colour can be underneath.
        if part == Part::Picture {
            painter.rect_stroke(place, 0.0, Stroke::new(4.0, super::style::EDGE), StrokeKind::Inside);
        }
        let color = visuals.selection.stroke.color;
        painter.rect_stroke(place.shrink(1.0), 2.0, Stroke::new(2.0, color), StrokeKind::Inside);
    }
}

impl Steps {
    fn press(&mut self, key: Key, modifiers: Modifiers) {
        match key {
            Key::ArrowRight => self.right += 1.0,
            Key::ArrowLeft => self.right -= 1.0,
            Key::ArrowUp => self.up += 1.0,
            Key::ArrowDown => self.up -= 1.0,
            Key::PageUp => self.pages += 1.0,
            Key::PageDown => self.pages -= 1.0,
            Key::Enter => self.enter = true,
            _ => return,
        }
        self.shift |= modifiers.shift;
        self.ctrl |= modifiers.command;
    }

    /// Arrows to the right and upwards, and increments.
    pub(super) fn arrows(&self) -> f32 {
        self.right + self.up + self.more
    }
}

/// Tells programs that read the screen aloud what a slider is at, in words, and that it can be moved.
pub(super) fn describe(ui: &Ui, response: &Response, value: impl FnOnce() -> String) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_value(value());
        movable(node);
    });
}

/// The same for a slider whose value is a number.
pub(super) fn describe_number(ui: &Ui, response: &Response, value: f64, range: (f64, f64), step: f64) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_numeric_value(value);
        node.set_min_numeric_value(range.0);
        node.set_max_numeric_value(range.1);
        node.set_numeric_value_step(step);
        node.add_action(Action::SetValue);
        movable(node);
    });
}

fn movable(node: &mut accesskit::Node) {
    node.add_action(Action::Increment);
    node.add_action(Action::Decrement);
}
