//! Mouse and touchpad over the picture and its axes.

use egui::{CursorIcon, Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, Response, Sense, Ui, Vec2};

use super::subject::{Gesture, Subject};

/// What a drag does, from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    /// It moves the picture from where it was when the pointer was here, in points.
    Picture(Pos2),
    /// It changes the range.
    Range,
    /// It selects a box; the first corner, in points.
    Box(Pos2),
}

/// Turns of the wheel since the last frame, in notches: x and y. Two fingers on a touchpad move by fifty points a notch.
pub(super) fn wheel(ui: &Ui) -> Vec2 {
    wheel_with(ui).0
}

fn wheel_with(ui: &Ui) -> (Vec2, Modifiers) {
    let mut sum = (Vec2::ZERO, Modifiers::NONE);
    ui.input(|input| {
        for event in &input.events {
            if let Event::MouseWheel { unit, delta, modifiers, .. } = event
                && delta.is_finite()
            {
                let notches = match unit {
                    MouseWheelUnit::Point => *delta / 50.0,
                    MouseWheelUnit::Line => *delta,
                    MouseWheelUnit::Page => *delta * 10.0,
                };
                sum = (sum.0 + notches, *modifiers);
            }
        }
    });
    (sum.0.clamp(Vec2::splat(-20.0), Vec2::splat(20.0)), sum.1)
}

/// The factor by which the visible time or span grows: a quarter a notch.
fn factor(notches: f32) -> f64 {
    1.25f64.powf(-f64::from(notches))
}

/// The picture as something to point at.
pub(super) struct Over {
    pub(super) response: Response,
    place: Rect,
    scale: f32,
}

impl Over {
    pub(super) fn new(ui: &Ui, place: Rect) -> Self {
        let response = ui.interact(place, ui.scope_id().with("picture"), Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Waterfall"));
        Self { response: response.on_hover_cursor(CursorIcon::Crosshair), place, scale: ui.pixels_per_point() }
    }

    /// A point's position in the picture, in pixels.
    pub(super) fn pixel(&self, at: Pos2) -> (f64, f64) {
        let at = (at - self.place.min) * self.scale;
        (f64::from(at.x), f64::from(at.y))
    }

    /// Where the pointer is, in pixels, if it is over the picture.
    pub(super) fn pointer(&self) -> Option<(f64, f64)> {
        self.response.hover_pos().filter(|at| self.place.contains(*at)).map(|at| self.pixel(at))
    }

    /// What the mouse does. A box that is complete is returned by its two corners, in points.
    pub(super) fn handle(&self, ui: &Ui, held: &mut Option<Held>, subject: &mut dyn Subject) -> Option<(Pos2, Pos2)> {
        let response = &self.response;
        if response.drag_started() {
            let (origin, modifiers) = ui.input(|input| (input.pointer.press_origin(), input.modifiers));
            *held = origin.map(|origin| {
                if response.dragged_by(PointerButton::Secondary) || modifiers.shift {
                    Held::Range
                } else if modifiers.command && response.dragged_by(PointerButton::Primary) {
                    Held::Box(origin)
                } else {
                    subject.act(Gesture::Grab);
                    Held::Picture(origin)
                }
            });
        }
        let mut done = None;
        if response.dragged() || response.drag_stopped() {
            match *held {
                Some(Held::Picture(from)) => {
                    if let Some(to) = response.interact_pointer_pos() {
                        let by = (to - from) * self.scale;
                        subject.act(Gesture::Drag((f64::from(by.x), f64::from(by.y))));
                    }
                }
                Some(Held::Range) => self.range(ui, subject),
                Some(Held::Box(from)) if response.drag_stopped() => {
                    done = response.interact_pointer_pos().map(|to| (from, to));
                }
                _ => {}
            }
        }
        if response.drag_stopped() || !response.is_pointer_button_down_on() && !response.dragged() {
            *held = None;
        }
        if response.double_clicked_by(PointerButton::Primary) {
            subject.act(Gesture::Fit);
        }
        self.zoom(ui, held, subject);
        done
    }

    fn zoom(&self, ui: &Ui, held: &mut Option<Held>, subject: &mut dyn Subject) {
        let Some(at) = self.pointer() else { return };
        let (notches, modifiers) = wheel_with(ui);
        let (mut time, mut hz) = (1.0, 1.0);
        // Some systems report a turned wheel sideways while Shift is held.
        let turned = if notches.y != 0.0 { notches.y } else { notches.x };
        if turned != 0.0 {
            match modifiers.command || modifiers.shift {
                true => hz = factor(turned),
                false => time = factor(turned),
            }
        }
        // Ctrl with the wheel is told as a pinch as well; only real ones count.
        let pinch = ui.input(|input| {
            let zooms =
                input.events.iter().filter_map(|event| if let Event::Zoom(by) = event { Some(*by) } else { None });
            zooms.filter(|by| by.is_finite() && *by > 0.0).product::<f32>()
        });
        if pinch != 1.0 {
            let by = 1.0 / f64::from(pinch.clamp(0.05, 20.0));
            (time, hz) = (time * by, hz * by);
        }
        if (time, hz) != (1.0, 1.0) {
            subject.act(Gesture::Zoom { at, time, hz });
            if let (Some(Held::Picture(from)), Some(at)) = (held, self.response.interact_pointer_pos()) {
                subject.act(Gesture::Grab);
                *from = at;
            }
        }
    }

    /// Up is brighter (the range moves down), right is less contrast (the range is wider). Across the whole picture it is the
    /// range once, and four times as wide.
    fn range(&self, ui: &Ui, subject: &mut dyn Subject) {
        let by = ui.input(|input| input.pointer.delta()) / self.place.size().max(Vec2::splat(1.0));
        let scale = subject.scale();
        let (vmin, vmax) = (scale.vmin(), scale.vmax());
        let width = vmax - vmin;
        let (middle, half) = (0.5 * (vmin + vmax) + by.y * width, 0.5 * width * 4f32.powf(by.x));
        if by != Vec2::ZERO {
            subject.act(Gesture::SetRange { vmin: middle - half, vmax: middle + half });
        }
    }
}

/// An axis as something to point at: dragged or with the wheel it zooms about the pointer, a double click shows all.
pub(super) fn axis(ui: &Ui, place: Rect, picture: Rect, is_hz: bool, subject: &mut dyn Subject) {
    let is_horizontal = place.width() > place.height();
    let name = if is_hz { "frequency axis" } else { "time axis" };
    let response = ui.interact(place, ui.scope_id().with(name), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, name));
    let cursor = if is_horizontal { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    let what = if is_hz { "frequencies" } else { "times" };
    let response = response
        .on_hover_cursor(cursor)
        .on_hover_text(format!("Drag or turn the wheel to zoom; a double click shows all {what}."));
    if response.double_clicked() {
        subject.act(if is_hz { Gesture::AllHz } else { Gesture::AllTime });
        return;
    }
    let along = |v: Vec2| if is_horizontal { v.x } else { -v.y };
    let notches = if response.dragged() {
        along(ui.input(|input| input.pointer.delta())) / 25.0
    } else if response.hovered() {
        wheel(ui).y
    } else {
        0.0
    };
    let about = if response.dragged() { ui.input(|input| input.pointer.press_origin()) } else { response.hover_pos() };
    if let Some(about) = about.filter(|_| notches != 0.0) {
        let at = (about - picture.min) * ui.pixels_per_point();
        let by = factor(notches);
        let (time, hz) = if is_hz { (1.0, by) } else { (by, 1.0) };
        subject.act(Gesture::Zoom { at: (f64::from(at.x), f64::from(at.y)), time, hz });
    }
}
