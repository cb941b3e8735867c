//! Pointing at the picture by the keyboard, and selecting a box.

use egui::{Pos2, Ui, Vec2, pos2, vec2};

use super::Plot;
use crate::frame::Frame;
use crate::mean::Mean;
use crate::plot::gesture::Over;
use crate::plot::keyboard::Part;
use crate::plot::marker::Selection;
use crate::plot::subject::Subject;

/// Points that an arrow moves the crosshair by; with Ctrl it is a pixel.
const STEP: f32 = 8.0;

impl Plot {
    /// Selects the box between two points, and measures what is in it.
    pub(super) fn select(&mut self, over: &Over, frame: &Frame, (from, to): (Pos2, Pos2), subject: &dyn Subject) {
        let (a, b) = (over.pixel(from), over.pixel(to));
        let (width, height) = frame.size();
        let inside = |(x, y): (f64, f64)| (x.clamp(0.0, f64::from(width)), y.clamp(0.0, f64::from(height)));
        let (a, b) = (inside(a), inside(b));
        if (a.0 - b.0).abs() < 2.0 || (a.1 - b.1).abs() < 2.0 {
            self.selection = None;
            return;
        }
        let sorted = |a: f64, b: f64| if a <= b { (a, b) } else { (b, a) };
        let hz = sorted(frame.hz_at(a), frame.hz_at(b));
        let (t0, t1) = (frame.time_ns_at(a), frame.time_ns_at(b));
        let time_ns = (t0.min(t1), t0.max(t1));
        let (mut peak, mut mean) = (f32::NAN, Mean::new(subject.unit()));
        let sideways = frame.newest_side().is_sideways();
        let across = if sideways { sorted(f64::from(height) - a.1, f64::from(height) - b.1) } else { sorted(a.0, b.0) };
        let across = across.0.floor() as usize..across.1.ceil() as usize;
        let lines = frame.line_at(time_ns.0)..=frame.line_at(time_ns.1.saturating_sub(1));
        let mut values = std::mem::take(&mut self.values);
        for line in lines {
            subject.line(line, &mut values);
            for value in values.get(across.start..across.end.min(values.len())).unwrap_or(&[]) {
                peak = peak.max(*value);
                mean.add(*value, 1.0);
            }
        }
        self.values = values;
        self.selection = Some(Selection { hz, time_ns, peak, mean: mean.get() });
    }

    /// Moves the crosshair by the arrows, and selects a box with Shift. A pointer that moves takes it over.
    pub(super) fn point_by_keys(&mut self, ui: &Ui, over: &Over, frame: &Frame, subject: &dyn Subject) {
        let steps = self.focus.steps(ui, &over.response, Part::Picture);
        let has_focus = over.response.has_focus();
        let in_menu = self.menu_at.is_some() && over.response.context_menu_opened();
        if !has_focus && !in_menu || ui.input(|input| input.pointer.delta() != Vec2::ZERO) {
            (self.keyed, self.corner) = (None, None);
        }
        let by = vec2(steps.right, -steps.up);
        if has_focus && by != Vec2::ZERO {
            let place = over.place();
            let pixel = 1.0 / ui.pixels_per_point();
            let step = if steps.ctrl { pixel } else { STEP };
            let from = self.keyed.or(over.response.hover_pos()).unwrap_or(place.center());
            // In the middle of a pixel.
            let to = (from + by * step).clamp(place.min, place.max - Vec2::splat(pixel));
            let middle = |v: f32, least: f32| least + ((v - least) / pixel).floor() * pixel + 0.5 * pixel;
            let to = pos2(middle(to.x, place.left()), middle(to.y, place.top()));
            self.keyed = Some(to);
            if steps.shift {
                let corner = *self.corner.get_or_insert(from);
                self.select(over, frame, (corner, to), subject);
            } else {
                self.corner = None;
            }
        }
        if steps.enter {
            let at = self.keyed.or(over.response.hover_pos()).unwrap_or(over.place().center());
            (self.keyed, self.menu_at, self.opens_menu) = (Some(at), Some(at), true);
        }
    }
}
