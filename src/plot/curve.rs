//! Curves beside the picture: spectra above it, a time trace at its side.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

use super::style::Style;
use super::ticks::Ticks;

/// How values lie in a panel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub(super) place: Rect,
    /// The lowest and the highest value.
    pub(super) range: (f32, f32),
    /// Values grow to the right, and what they belong to runs downwards: the panel is beside the picture.
    pub(super) is_beside: bool,
    /// The order of the values is the reverse of that of the pixels.
    pub(super) is_reversed: bool,
}

impl Panel {
    /// Where a value is along its own direction, from 0 to 1.
    fn share(&self, value: f32) -> f32 {
        let (low, high) = (f64::from(self.range.0), f64::from(self.range.1));
        // The difference of two `f32` need not be one.
        ((f64::from(value) - low) / (high - low)).clamp(0.0, 1.0) as f32
    }

    fn point(&self, along: f32, value: f32) -> Pos2 {
        let share = self.share(value);
        match self.is_beside {
            true => pos2(self.place.left() + share * self.place.width(), self.place.top() + along),
            false => pos2(self.place.left() + along, self.place.bottom() - share * self.place.height()),
        }
    }

    /// Draws values, one for each pixel of the picture. NaN interrupts the curve.
    pub(super) fn curve(&self, painter: &Painter, values: &[f32], stroke: Stroke) {
        let pixel = 1.0 / painter.pixels_per_point();
        let count = values.len();
        let mut points = Vec::new();
        let flush = |points: &mut Vec<Pos2>| match points.len() {
            0 => {}
            1 => {
                painter.add(Shape::circle_filled(points[0], 0.5 * stroke.width, stroke.color));
                points.clear();
            }
            _ => {
                painter.add(Shape::line(std::mem::take(points), stroke));
            }
        };
        for i in 0..count {
            let value = values[if self.is_reversed { count - 1 - i } else { i }];
            if value.is_nan() {
                flush(&mut points);
            } else {
                points.push(self.point((i as f32 + 0.5) * pixel, value));
            }
        }
        flush(&mut points);
    }

    /// Says what is in the panel, on several lines if it is narrow.
    pub(super) fn caption(&self, painter: &Painter, style: &Style, text: String, color: Color32) {
        let width = (self.place.width() - 3.0 * Style::GAP).max(0.0);
        let mut job = egui::text::LayoutJob::simple(text, style.label.clone(), color, width);
        job.halign = egui::Align::RIGHT;
        let galley = painter.layout_job(job);
        let at = self.place.right_top() + egui::vec2(-1.5 * Style::GAP, Style::GAP);
        // The curve does not cross it.
        painter.rect_filled(galley.rect.translate(at.to_vec2()).expand(1.0), 0.0, style.panel);
        painter.galley(at, galley, color);
    }

    /// Draws the background and lines at the labelled values.
    pub(super) fn background(&self, painter: &Painter, style: &Style, ticks: &Ticks) {
        painter.rect_filled(self.place, 0.0, style.panel);
        // The colour bar has the unit; a power of ten belongs to the labels here.
        if ticks.unit.starts_with("1e") {
            let at = self.place.left_top() + egui::vec2(Style::GAP, Style::GAP);
            painter.text(at, egui::Align2::LEFT_TOP, &ticks.unit, style.label.clone(), style.weak);
        }
        for tick in ticks.ticks.iter().filter(|tick| tick.is_major) {
            let at = Style::hair_at(painter, tick.at);
            let stroke = Stroke::new(Style::hair(painter), style.grid);
            if self.is_beside {
                painter.vline(self.place.left() + at, self.place.y_range(), stroke);
            } else {
                let y = self.place.top() + at;
                painter.hline(self.place.x_range(), y, stroke);
                painter.text(
                    pos2(self.place.left() - Style::TICK - 2.0, y),
                    egui::Align2::RIGHT_CENTER,
                    &tick.label,
                    style.label.clone(),
                    style.weak,
                );
            }
        }
    }

    /// Draws the labels that lie within the panel, over its curve.
    pub(super) fn inner_labels(&self, painter: &Painter, style: &Style, ticks: &Ticks) {
        for tick in ticks.ticks.iter().filter(|tick| tick.is_major && self.is_beside) {
            let x = self.place.left() + Style::hair_at(painter, tick.at);
            let galley = painter.layout_no_wrap(tick.label.clone(), style.label.clone(), style.weak);
            let at = egui::Align2::CENTER_BOTTOM.anchor_size(pos2(x, self.place.bottom() - 1.0), galley.size());
            painter.rect_filled(at.expand2(egui::vec2(1.0, 0.0)), 0.0, style.panel);
            painter.galley(at.min, galley, style.weak);
        }
    }
}

/// The colours of the curves.
pub(super) struct Colors {
    pub(super) row: Color32,
    pub(super) mean: Color32,
    pub(super) peak: Color32,
    pub(super) least: Color32,
}

impl Colors {
    pub(super) fn new(dark: bool) -> Self {
        if dark {
            Self {
                row: Color32::from_rgb(120, 210, 255),
                mean: Color32::from_rgb(240, 240, 240),
                peak: Color32::from_rgb(255, 150, 80),
                least: Color32::from_rgb(110, 150, 110),
            }
        } else {
            Self {
                row: Color32::from_rgb(0, 90, 170),
                mean: Color32::from_rgb(30, 30, 30),
                peak: Color32::from_rgb(200, 80, 0),
                least: Color32::from_rgb(40, 120, 40),
            }
        }
    }
}
