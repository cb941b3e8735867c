//! The colour bar: the colours of the range, with the unit and ends that can be dragged.

use egui::{Align2, Color32, CursorIcon, Mesh, Painter, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::gesture::wheel;
use super::keyboard::{self, Focus, Part};
use super::style::Style;
use super::subject::{Gesture, Subject};
use super::ticks::Ticks;
use super::words;

/// The part of the range that an arrow moves it by, and how much narrower a notch of the wheel makes it.
const STEP: f32 = 0.05;
const CONTRAST: f32 = 1.1;

/// Where the colours are within the part of the plot.
pub(super) fn colors(part: Rect) -> Rect {
    Rect::from_min_size(part.min + vec2(2.0 * Style::GAP, 0.0), vec2(Style::BAR, part.height()))
}

/// Draws the bar.
pub(super) fn draw(painter: &Painter, style: &Style, part: Rect, subject: &dyn Subject, ticks: &Ticks) {
    let bar = colors(part);
    let lut = subject.lut();
    let mut mesh = Mesh::default();
    let count = lut.len() as f32;
    for (i, [r, g, b, _]) in lut.iter().enumerate() {
        let y = |i: f32| bar.bottom() - bar.height() * i / count;
        let entry = Rect::from_min_max(pos2(bar.left(), y(i as f32 + 1.0)), pos2(bar.right(), y(i as f32)));
        mesh.add_colored_rect(entry, Color32::from_rgb(*r, *g, *b));
    }
    painter.add(mesh);
    painter.rect_stroke(bar, 0.0, Stroke::new(1.0, style.line), egui::StrokeKind::Outside);
    let scale = painter.pixels_per_point();
    let stroke = Stroke::new(Style::hair(painter), style.line);
    for tick in &ticks.ticks {
        let y = bar.bottom() - (tick.at / f64::from(scale)) as f32;
        let length = if tick.is_major { Style::TICK } else { Style::MINOR_TICK };
        painter.hline(bar.right()..=bar.right() + length, y, stroke);
        if !tick.label.is_empty() {
            let at = pos2(bar.right() + Style::TICK + 2.0, y);
            painter.text(at, Align2::LEFT_CENTER, &tick.label, style.label.clone(), style.text);
        }
    }
}

/// Handles mouse and keyboard: dragged near an end, that end of the range moves; between them, both do. The wheel makes the range
/// wider or narrower; a double click makes it automatic. Each end is a slider for the keyboard. Returns what to do.
pub(super) fn handle(ui: &Ui, part: Rect, focus: &mut Focus, subject: &dyn Subject) -> Option<Gesture> {
    let bar = colors(part).expand2(vec2(2.0 * Style::GAP, 0.0)).intersect(part);
    let response = ui.interact(bar, ui.scope_id().with("range"), Sense::click_and_drag());
    let (scale, unit) = (subject.scale(), subject.unit().name());
    let words = |value: f32| words::level(value, unit);
    response.widget_info(|| {
        let label = format!("Range: {} to {} {unit}", scale.vmin(), scale.vmax());
        egui::WidgetInfo::labeled(egui::Role::Slider, true, label.trim_end())
    });
    keyboard::describe(ui, &response, || format!("{} to {}", words(scale.vmin()), words(scale.vmax())));
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical).on_hover_text(
        "Range of the colours. Drag the upper or the lower end, or the middle to move both; the wheel changes the contrast; \
         a double click makes the range automatic. With the keyboard (Tab): up and down move both ends, right and left change \
         the contrast, Enter makes it automatic; the next two Tabs reach the ends.",
    );
    let steps = focus.steps(ui, &response, Part::Slider);
    let ends = ends(ui, bar, focus, subject);
    if response.double_clicked() || steps.enter {
        return Some(Gesture::AutoRange);
    }
    if ends.is_some() {
        return ends;
    }
    let (vmin, vmax) = (scale.vmin(), scale.vmax());
    // The width of a range of `f32` need not be one.
    let (vmin, vmax) = (f64::from(vmin), f64::from(vmax));
    let width = vmax - vmin;
    let changed = |vmin: f64, vmax: f64| Some(Gesture::SetRange { vmin: vmin as f32, vmax: vmax as f32 });
    let stretched = |by: f32| {
        let (middle, half) = (0.5 * (vmin + vmax), 0.5 * width * f64::from(by));
        changed(middle - half, middle + half)
    };
    let (moves, closer) = (steps.up + steps.more, steps.right + steps.pages);
    if moves != 0.0 {
        let by = width * f64::from(STEP * moves);
        return changed(vmin + by, vmax + by);
    }
    if closer != 0.0 {
        return stretched(CONTRAST.powf(-closer));
    }
    if response.dragged() {
        let part = f64::from(-ui.input(|input| input.pointer.delta().y) / bar.height().max(1.0));
        let origin = ui.input(|input| input.pointer.press_origin())?;
        let share = (bar.bottom() - origin.y) / bar.height().max(1.0);
        // What is under the pointer follows it.
        return match share {
            s if s > 0.7 => changed(vmin, vmax - width * part),
            s if s < 0.3 => changed(vmin - width * part, vmax),
            _ => changed(vmin - width * part, vmax - width * part),
        };
    }
    if response.hovered() {
        let notches = wheel(ui).y;
        if notches != 0.0 {
            return stretched(CONTRAST.powf(-notches));
        }
    }
    None
}

/// The ends of the range as sliders for the keyboard, in steps of about a hundredth of the range that are round numbers.
fn ends(ui: &Ui, bar: Rect, focus: &mut Focus, subject: &dyn Subject) -> Option<Gesture> {
    let scale = subject.scale();
    let (vmin, vmax) = (scale.vmin(), scale.vmax());
    let step = round_step(0.01 * (f64::from(vmax) - f64::from(vmin)));
    let height = 0.15 * bar.height();
    let upper = Rect::from_min_max(bar.min, pos2(bar.right(), bar.top() + height));
    let lower = Rect::from_min_max(pos2(bar.left(), bar.bottom() - height), bar.max);
    let mut done = None;
    for (name, place, value) in [("Upper end of the range", upper, vmax), ("Lower end of the range", lower, vmin)] {
        let is_upper = value == vmax;
        let response = ui.interact(place, ui.scope_id().with(name), Sense::focusable_noninteractive());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, name));
        let other =
            if is_upper { (f64::from(vmin), f64::from(f32::MAX)) } else { (f64::from(f32::MIN), f64::from(vmax)) };
        keyboard::describe_number(ui, &response, f64::from(value), other, step);
        let steps = focus.steps(ui, &response, Part::Slider);
        let by = f64::from(steps.arrows() + 10.0 * steps.pages);
        let wanted = match steps.value {
            Some(value) => value,
            // On multiples of the step, as far as the number has so many digits.
            None if by != 0.0 => ((f64::from(value) / step).round() + by) * step,
            None => continue,
        } as f32;
        let (vmin, vmax) = if is_upper { (vmin, wanted) } else { (wanted, vmax) };
        if vmin < vmax && wanted.is_finite() {
            done = Some(Gesture::SetRange { vmin, vmax });
        }
    }
    done
}

/// The next of 1, 2 and 5 times a power of ten that is not above `step`.
fn round_step(step: f64) -> f64 {
    if !(step.is_finite() && step >= f64::MIN_POSITIVE) {
        return f64::from(f32::MIN_POSITIVE);
    }
    let power = 10f64.powf((step.log10() + 1e-9).floor());
    let digit = [5.0, 2.0].into_iter().find(|digit| digit * power <= step * (1.0 + 1e-9)).unwrap_or(1.0);
    digit * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (step, want) in [(1.2, 1.0), (1.0, 1.0), (4.99, 2.0), (5.0, 5.0), (9.9, 5.0), (2e-11, 2e-11), (7.3e8, 5e8)]
        {
            assert!((round_step(step) / want - 1.0).abs() < 1e-6, "{step}: {}", round_step(step));
        }
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(round_step(odd) > 0.0);
        }
    }
}
