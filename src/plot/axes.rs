//! The axes: ticks, labels and the grid.

use egui::{Align2, Painter, Rect, Stroke, pos2};

use super::style::Style;
use super::ticks::{Tick, Ticks};

/// Draws a horizontal axis above `picture`. Returns nothing that is clipped: labels at the ends are moved inwards.
pub(super) fn horizontal(painter: &Painter, style: &Style, place: Rect, ticks: &Ticks) {
    let bottom = place.bottom();
    let stroke = Stroke::new(Style::hair(painter), style.line);
    painter.hline(place.x_range(), bottom - 0.5 * stroke.width, stroke);
    for (tick, x) in positions(painter, ticks, place.left()) {
        let length = if tick.is_major { Style::TICK } else { Style::MINOR_TICK };
        painter.vline(x, bottom - length..=bottom, stroke);
        if !tick.label.is_empty() {
            let width = style.label_width(painter, &tick.label);
            let at = (x - 0.5 * width).clamp(place.left(), (place.right() - width).max(place.left()));
            let y = bottom - Style::TICK;
            painter.text(pos2(at, y), Align2::LEFT_BOTTOM, &tick.label, style.label.clone(), style.text);
        }
    }
}

/// Draws a vertical axis left of the picture.
pub(super) fn vertical(painter: &Painter, style: &Style, place: Rect, ticks: &Ticks) {
    let right = place.right();
    let stroke = Stroke::new(Style::hair(painter), style.line);
    painter.vline(right - 0.5 * stroke.width, place.y_range(), stroke);
    for (tick, y) in positions(painter, ticks, place.top()) {
        let length = if tick.is_major { Style::TICK } else { Style::MINOR_TICK };
        painter.hline(right - length..=right, y, stroke);
        if !tick.label.is_empty() {
            let at = pos2(right - Style::TICK - 2.0, y);
            painter.text(at, Align2::RIGHT_CENTER, &tick.label, style.label.clone(), style.text);
        }
    }
}

/// The widest label, in points.
pub(super) fn widest(painter: &Painter, style: &Style, ticks: &Ticks) -> f32 {
    ticks.ticks.iter().map(|tick| style.label_width(painter, &tick.label)).fold(0.0, f32::max)
}

/// Lines at the labelled ticks: vertical ones at those of the horizontal axis, and the reverse.
pub(super) fn grid(painter: &Painter, picture: Rect, horizontal: &Ticks, vertical: &Ticks) {
    // Half transparent white on a dark edge: visible on every colormap, and the data stay readable.
    let hair = Style::hair(painter);
    let strokes = [
        Stroke::new(hair, egui::Color32::from_rgba_premultiplied(0, 0, 0, 90)),
        Stroke::new(hair, egui::Color32::from_rgba_premultiplied(60, 60, 60, 60)),
    ];
    for (shift, stroke) in [(hair, strokes[0]), (0.0, strokes[1])] {
        for (_, x) in positions(painter, horizontal, picture.left()).filter(|(tick, _)| tick.is_major) {
            painter.vline(x + shift, picture.y_range(), stroke);
        }
        for (_, y) in positions(painter, vertical, picture.top()).filter(|(tick, _)| tick.is_major) {
            painter.hline(picture.x_range(), y + shift, stroke);
        }
    }
}

/// The ticks with their positions in points, where lines are sharp.
fn positions<'a>(painter: &'a Painter, ticks: &'a Ticks, from: f32) -> impl Iterator<Item = (&'a Tick, f32)> {
    ticks.ticks.iter().map(move |tick| (tick, from + Style::hair_at(painter, tick.at)))
}
