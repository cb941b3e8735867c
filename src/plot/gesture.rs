//! Mouse and touchpad over the picture and its axes.

use egui::{CursorIcon, Event, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, Response, Sense, Ui, Vec2};

use super::keyboard::{self, Focus, Part, Steps};
use super::read_out::ReadOut;
use super::subject::{Gesture, Subject};
use crate::view::Side;

/// The part of the picture that an arrow moves by, and that Page Up and Page Down do.
const STEP: f32 = 0.1;
const PAGE: f32 = 0.75;

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

/// Points that two fingers on a touchpad move for a notch of a wheel.
const NOTCH: f32 = 50.0;

/// Turns of the wheel since the last frame, in notches: x and y.
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
                    MouseWheelUnit::Point => *delta / NOTCH,
                    MouseWheelUnit::Line => *delta,
                    MouseWheelUnit::Page => *delta * 10.0,
                };
                sum = (sum.0 + notches, *modifiers);
            }
        }
    });
    (sum.0.clamp(Vec2::splat(-20.0), Vec2::splat(20.0)), sum.1)
}

/// A pinch since the last frame: by how much it spreads, across and down.
fn pinch(ui: &Ui) -> Vec2 {
    ui.input(|input| {
        // On a screen that is touched the direction of the fingers counts.
        if let Some(touch) = input.multi_touch() {
            return touch.zoom_delta_2d;
        }
        // Ctrl with the wheel is told as a pinch as well; only real ones count.
        let zooms = input.events.iter().filter_map(|event| if let Event::Zoom(by) = event { Some(*by) } else { None });
        Vec2::splat(zooms.filter(|by| by.is_finite() && *by > 0.0).product::<f32>())
    })
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

    /// Where the picture is, in points.
    pub(super) fn place(&self) -> Rect {
        self.place
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

    /// The wheel zooms time, and with Ctrl or Shift frequency; so does a pinch. Sideways it moves the picture.
    fn zoom(&self, ui: &Ui, held: &mut Option<Held>, subject: &mut dyn Subject) {
        let touched = ui.input(|input| input.multi_touch().map(|touch| touch.center_pos));
        let at = touched.filter(|at| self.place.contains(*at)).map(|at| self.pixel(at));
        let Some(at) = at.or_else(|| self.pointer()) else { return };
        let (notches, modifiers) = wheel_with(ui);
        let is_hz = modifiers.command || modifiers.shift;
        let (mut time, mut hz) = (1.0, 1.0);
        // Some systems report a turned wheel sideways while Shift is held.
        let turned = if notches.y != 0.0 || !is_hz { notches.y } else { notches.x };
        let is_sideways = !is_hz && notches.x.abs() > notches.y.abs();
        if turned != 0.0 && !is_sideways {
            *(if is_hz { &mut hz } else { &mut time }) = factor(turned);
        }
        let by = |spread: f32| 1.0 / f64::from(spread.clamp(0.05, 20.0));
        match pinch(ui) {
            spread if spread == Vec2::splat(1.0) => {}
            // Fingers one way on a screen.
            spread if spread.x != spread.y => {
                let runs_sideways = subject.frame().is_some_and(|frame| frame.newest_side().is_sideways());
                let (along, across) = if runs_sideways { (spread.x, spread.y) } else { (spread.y, spread.x) };
                (time, hz) = (time * by(along), hz * by(across));
            }
            spread => {
                let modifiers = ui.input(|input| input.modifiers);
                let is_hz = modifiers.command || modifiers.ctrl || modifiers.shift;
                *(if is_hz { &mut hz } else { &mut time }) *= by(spread.x);
            }
        }
        let zooms = (time, hz) != (1.0, 1.0);
        if zooms {
            subject.act(Gesture::Zoom { at, time, hz });
        }
        if is_sideways {
            subject.act(Gesture::Grab);
            subject.act(Gesture::Drag((f64::from(notches.x * NOTCH * self.scale), 0.0)));
        }
        if (zooms || is_sideways)
            && let (Some(Held::Picture(from)), Some(at)) = (held, self.response.interact_pointer_pos())
        {
            subject.act(Gesture::Grab);
            *from = at;
        }
    }

    /// Up is brighter (the range moves down), right is less contrast (the range is wider). Across the whole picture it is the
    /// range once, and four times as wide.
    fn range(&self, ui: &Ui, subject: &mut dyn Subject) {
        let by = ui.input(|input| input.pointer.delta()) / self.place.size().max(Vec2::splat(1.0));
        let scale = subject.scale();
        // The width of a range of `f32` need not be one.
        let (vmin, vmax) = (f64::from(scale.vmin()), f64::from(scale.vmax()));
        let width = vmax - vmin;
        let (middle, half) = (0.5 * (vmin + vmax) + f64::from(by.y) * width, 0.5 * width * 4f64.powf(f64::from(by.x)));
        if by != Vec2::ZERO {
            subject.act(Gesture::SetRange { vmin: (middle - half) as f32, vmax: (middle + half) as f32 });
        }
    }
}

/// An axis as something to point at, or to move by the keyboard: dragged or with the wheel it zooms about the pointer, a double
/// click shows all.
pub(super) fn axis(
    ui: &Ui,
    place: Rect,
    picture: Rect,
    (is_hz, words): (bool, &ReadOut<'_>),
    focus: &mut Focus,
    subject: &mut dyn Subject,
) {
    let is_horizontal = place.width() > place.height();
    let name = if is_hz { "frequency axis" } else { "time axis" };
    let response = ui.interact(place, ui.scope_id().with(name), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, name));
    let frame = subject.frame();
    keyboard::describe(ui, &response, || frame.map(|frame| words.ends(&frame, is_hz)).unwrap_or_default());
    let cursor = if is_horizontal { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    let (what, keys) = match (is_hz, is_horizontal) {
        (true, true) => ("frequencies", "left and right move, up and down zoom"),
        (true, false) => ("frequencies", "up and down move, right and left zoom"),
        (false, true) => ("times", "left and right move, up and down zoom"),
        (false, false) => ("times", "up and down move, right and left zoom"),
    };
    let response = response.on_hover_cursor(cursor).on_hover_text(format!(
        "Drag or turn the wheel to zoom; a double click shows all {what}. With the keyboard (Tab): {keys}, Enter shows all."
    ));
    let steps = focus.steps(ui, &response, Part::Slider);
    if response.double_clicked() || steps.enter {
        subject.act(if is_hz { Gesture::AllHz } else { Gesture::AllTime });
        return;
    }
    let scale = ui.pixels_per_point();
    let zoom = |at: (f64, f64), notches: f32| {
        let by = factor(notches);
        let (time, hz) = if is_hz { (1.0, by) } else { (by, 1.0) };
        Gesture::Zoom { at, time, hz }
    };
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
        let at = (about - picture.min) * scale;
        subject.act(zoom((f64::from(at.x), f64::from(at.y)), notches));
    }
    let Some(frame) = frame.filter(|_| steps != Steps::default()) else { return };
    let (moves, closer) = if is_horizontal { (steps.right, steps.up) } else { (steps.up, steps.right) };
    if closer != 0.0 {
        // Frequencies about the middle, times about the newest one, so that a view that follows goes on doing so.
        let (x, y) = (0.5 * f64::from(frame.size().0), 0.5 * f64::from(frame.size().1));
        let newest = match frame.newest_side() {
            Side::Top => (x, 0.0),
            Side::Bottom => (x, 2.0 * y),
            Side::Left => (0.0, y),
            Side::Right => (2.0 * x, y),
        };
        subject.act(zoom(if is_hz { (x, y) } else { newest }, closer));
    }
    // To higher frequencies and newer times. Page Up goes back in time, wherever that is.
    let (length, across) = (f64::from(frame.length()), f64::from(frame.across()));
    let asked = f64::from(STEP * steps.more);
    let (lines, pixels) = match is_hz {
        true => (0.0, -across * (asked + f64::from(PAGE * steps.pages))),
        false => (length * (f64::from(PAGE * steps.pages) - asked), 0.0),
    };
    let mut by = frame.movement(-lines, pixels);
    // What the arrow points at comes into view.
    match is_horizontal {
        true => by.0 -= f64::from(STEP * moves) * f64::from(frame.size().0),
        false => by.1 += f64::from(STEP * moves) * f64::from(frame.size().1),
    }
    if by != (0.0, 0.0) {
        subject.act(Gesture::Grab);
        subject.act(Gesture::Drag(by));
    }
}
