//! Sizes, fonts and colours of a plot.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Visuals};

/// Sizes are in points.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub(super) label: FontId,
    pub(super) title: FontId,
    pub(super) text: Color32,
    pub(super) weak: Color32,
    pub(super) background: Color32,
    pub(super) panel: Color32,
    pub(super) grid: Color32,
    pub(super) line: Color32,
}

impl Style {
    pub(super) const TICK: f32 = 4.0;
    pub(super) const MINOR_TICK: f32 = 2.0;
    /// Between two things.
    pub(super) const GAP: f32 = 4.0;
    pub(super) const BAR: f32 = 12.0;

    pub(super) fn new(visuals: &Visuals) -> Self {
        let dark = visuals.dark_mode;
        let choose = |dark_color, light_color| if dark { dark_color } else { light_color };
        Self {
            label: FontId::proportional(11.0),
            title: FontId::proportional(13.0),
            text: choose(Color32::from_gray(205), Color32::from_gray(40)),
            weak: choose(Color32::from_gray(140), Color32::from_gray(100)),
            background: choose(Color32::from_rgb(17, 19, 22), Color32::from_gray(248)),
            panel: choose(Color32::from_rgb(10, 11, 13), Color32::WHITE),
            grid: choose(Color32::from_gray(46), Color32::from_gray(220)),
            line: choose(Color32::from_gray(90), Color32::from_gray(150)),
        }
    }

    /// The width of a thin line: a point, in whole pixels so that it is sharp.
    pub(super) fn hair(painter: &Painter) -> f32 {
        let scale = painter.pixels_per_point();
        scale.round().max(1.0) / scale
    }

    /// Where the middle of a thin line belongs that marks a place in pixels: an odd number of pixels is wide about the middle of
    /// the pixel that holds the place, an even number about the nearest edge of a pixel.
    pub(super) fn hair_at(painter: &Painter, at: f64) -> f32 {
        let scale = f64::from(painter.pixels_per_point());
        let is_odd = scale.round().max(1.0) % 2.0 == 1.0;
        ((if is_odd { at.floor() + 0.5 } else { at.round() }) / scale) as f32
    }

    /// The height of a label.
    pub(super) fn label_height(&self, painter: &Painter) -> f32 {
        painter.fonts_mut(|fonts| fonts.row_height(&self.label))
    }

    /// The width of a label.
    pub(super) fn label_width(&self, painter: &Painter, text: &str) -> f32 {
        painter.layout_no_wrap(text.to_owned(), self.label.clone(), self.text).size().x
    }
}

/// Lines and texts over the picture have a dark edge around a light core, so that they stand out on every colormap.
pub(super) const EDGE: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 170);
pub(super) const CORE: Color32 = Color32::from_rgb(245, 245, 245);
/// Markers A and B, and named ones.
pub(super) const MARKER_COLORS: [Color32; 3] =
    [Color32::from_rgb(255, 196, 64), Color32::from_rgb(96, 220, 255), Color32::from_rgb(160, 255, 150)];

/// A line that stands out on every background.
pub(super) fn outlined_segment(painter: &Painter, ends: [Pos2; 2], color: Color32) {
    painter.line_segment(ends, Stroke::new(3.0, EDGE));
    painter.line_segment(ends, Stroke::new(1.0, color));
}

/// A rectangle that stands out on every background.
pub(super) fn outlined_rect(painter: &Painter, rect: Rect, color: Color32) {
    for (width, color) in [(3.0, EDGE), (1.0, color)] {
        painter.rect_stroke(rect, 0.0, Stroke::new(width, color), egui::StrokeKind::Middle);
    }
}

/// A text on a dark plate, moved so that it lies within `bounds`, on more lines if these are narrow.
pub(super) fn plate(
    painter: &Painter,
    anchor: Align2,
    at: Pos2,
    bounds: Rect,
    text: &str,
    font: &FontId,
    color: Color32,
) {
    let room = (bounds.width() - 8.0).max(0.0);
    let galley = painter.layout(text.to_owned(), font.clone(), color, room);
    let mut rect = anchor.anchor_size(at, galley.size()).expand2(egui::vec2(4.0, 2.0));
    let max = (bounds.max - rect.size()).max(bounds.min);
    rect = Rect::from_min_size(rect.min.clamp(bounds.min, max), rect.size());
    painter.rect_filled(rect, 2.0, Color32::from_rgba_premultiplied(8, 9, 11, 215));
    painter.galley(rect.min + egui::vec2(4.0, 2.0), galley, color);
}
