//! The colour bar: the colours of the range, with the unit and ends that can be dragged.

use egui::{Align2, Color32, CursorIcon, Mesh, Painter, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::gesture::wheel;
use super::style::Style;
use super::subject::{Gesture, Subject};
use super::ticks::Ticks;

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

/// Handles the mouse: dragged near an end, that end of the range moves; between them, both do. The wheel makes the range wider
/// or narrower; a double click makes it automatic. Returns what to do.
pub(super) fn handle(ui: &Ui, part: Rect, subject: &dyn Subject) -> Option<Gesture> {
    let bar = colors(part).expand2(vec2(2.0 * Style::GAP, 0.0)).intersect(part);
    let response = ui.interact(bar, ui.scope_id().with("range"), Sense::click_and_drag());
    let scale = subject.scale();
    response.widget_info(|| {
        let label = format!("Range: {} to {} {}", scale.vmin(), scale.vmax(), subject.unit().name());
        egui::WidgetInfo::labeled(egui::Role::Slider, true, label)
    });
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical).on_hover_text(
        "Range of the colours. Drag the upper or the lower end, or the middle to move both; the wheel changes the contrast; \
         a double click makes the range automatic.",
    );
    if response.double_clicked() {
        return Some(Gesture::AutoRange);
    }
    let (vmin, vmax) = (scale.vmin(), scale.vmax());
    let width = vmax - vmin;
    let changed = |vmin: f32, vmax: f32| Some(Gesture::SetRange { vmin, vmax });
    if response.dragged() {
        let part = -ui.input(|input| input.pointer.delta().y) / bar.height().max(1.0);
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
            let (middle, half) = (0.5 * (vmin + vmax), 0.5 * width * 1.1f32.powf(-notches));
            return changed(middle - half, middle + half);
        }
    }
    None
}
