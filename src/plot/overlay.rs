//! What lies over the picture: annotations, the selected box, markers and the cursor.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, pos2, vec2};

use super::marker::{Annotation, Marker, Point, Selection};
use super::read_out::ReadOut;
use super::style::{CORE, EDGE, MARKER_COLORS, outlined_rect, outlined_segment, plate};
use crate::frame::Frame;

/// The picture to draw over.
pub(super) struct Overlay<'a> {
    pub(super) painter: &'a Painter,
    pub(super) place: Rect,
    pub(super) frame: &'a Frame,
    pub(super) words: ReadOut<'a>,
    pub(super) font: &'a FontId,
}

impl Overlay<'_> {
    /// Where a frequency and a time are, in points.
    pub(super) fn at(&self, hz: f64, time_ns: i64) -> Pos2 {
        let (x, y) = self.frame.position(hz, time_ns);
        let scale = f64::from(self.painter.pixels_per_point());
        // Far outside, numbers would grow beyond what can be drawn.
        let limit = |v: f64| (v / scale).clamp(-1e5, 1e5) as f32;
        self.place.min + vec2(limit(x), limit(y))
    }

    /// The box between two frequencies and times.
    pub(super) fn rect(&self, hz: (f64, f64), time_ns: (i64, i64)) -> Rect {
        Rect::from_two_pos(self.at(hz.0, time_ns.0), self.at(hz.1, time_ns.1))
    }

    /// Draws the boxes of annotations, with their labels.
    pub(super) fn annotations(&self, annotations: &[Annotation]) {
        let span = self.frame.span_hz();
        for Annotation { time_ns, hz, label } in annotations {
            let hz = hz.as_ref().map_or(span, |hz| (hz.start, hz.end));
            let rect = self.rect(hz, (time_ns.start, time_ns.end));
            if !rect.intersects(self.place) {
                continue;
            }
            outlined_rect(self.painter, rect, MARKER_COLORS[2]);
            if !label.is_empty() {
                let seen = rect.intersect(self.place);
                plate(
                    self.painter,
                    Align2::LEFT_BOTTOM,
                    seen.left_top(),
                    self.place,
                    label,
                    self.font,
                    MARKER_COLORS[2],
                );
            }
        }
    }

    /// Draws the box that the user has selected, and what is in it.
    pub(super) fn selection(&self, selection: &Selection) {
        let rect = self.rect(selection.hz, selection.time_ns);
        self.painter.rect_filled(rect, 0.0, Color32::from_rgba_premultiplied(24, 24, 24, 24));
        outlined_rect(self.painter, rect, CORE);
        if rect.intersects(self.place) {
            let text = self.words.selection(selection);
            let seen = rect.intersect(self.place);
            plate(
                self.painter,
                Align2::LEFT_TOP,
                seen.left_bottom() + vec2(0.0, 3.0),
                self.place,
                &text,
                self.font,
                CORE,
            );
        }
    }

    /// Draws the line of the time that is played, with a handle at its end.
    pub(super) fn head(&self, time_ns: i64) {
        let (low_hz, high_hz) = self.frame.span_hz();
        let pixel = 1.0 / self.painter.pixels_per_point();
        let snap = |v: f32| (v / pixel).floor() * pixel + 0.5 * pixel;
        let [a, b] = [low_hz, high_hz].map(|hz| self.at(hz, time_ns)).map(|at| pos2(snap(at.x), snap(at.y)));
        let Rect { min, max } = self.place;
        // Across the whole picture, whichever way frequency runs.
        let (ends, side) = if self.frame.newest_side().is_sideways() {
            ([pos2(a.x, min.y), pos2(a.x, max.y)], vec2(4.0, 0.0))
        } else {
            ([pos2(min.x, a.y), pos2(max.x, b.y)], vec2(0.0, 4.0))
        };
        if !self.place.expand(1.0).contains(ends[0]) {
            return;
        }
        outlined_segment(self.painter, ends, CORE);
        let tip = ends[0] + (ends[1] - ends[0]).normalized() * 7.0;
        let handle = vec![ends[0] - side, ends[0] + side, tip];
        self.painter.add(egui::Shape::convex_polygon(handle, CORE, egui::Stroke::new(1.0, EDGE)));
    }

    /// Draws a box that is being drawn.
    pub(super) fn rubber(&self, from: Pos2, to: Pos2) {
        outlined_rect(self.painter, Rect::from_two_pos(from, to).intersect(self.place), CORE);
    }

    fn mark(&self, point: &Point, name: &str, color: Color32) {
        let at = self.at(point.hz, point.time_ns);
        if !self.place.expand(1.0).contains(at) {
            return;
        }
        let arm = 7.0;
        outlined_segment(self.painter, [at - vec2(arm, 0.0), at + vec2(arm, 0.0)], color);
        outlined_segment(self.painter, [at - vec2(0.0, arm), at + vec2(0.0, arm)], color);
        self.painter.circle_stroke(at, 4.0, egui::Stroke::new(3.0, EDGE));
        self.painter.circle_stroke(at, 4.0, egui::Stroke::new(1.0, color));
        plate(self.painter, Align2::LEFT_BOTTOM, at + vec2(8.0, -3.0), self.place, name, self.font, color);
    }

    /// Draws the markers, and a line from A to B.
    pub(super) fn markers(&self, a: Option<&Point>, b: Option<&Point>, named: &[Marker]) {
        if let (Some(a), Some(b)) = (a, b) {
            let ends = [self.at(a.hz, a.time_ns), self.at(b.hz, b.time_ns)];
            outlined_segment(self.painter, ends, Color32::from_gray(170));
        }
        for (point, name, color) in [(a, "A", MARKER_COLORS[0]), (b, "B", MARKER_COLORS[1])] {
            if let Some(point) = point {
                self.mark(point, name, color);
            }
        }
        for marker in named {
            self.mark(&marker.point, &marker.name, MARKER_COLORS[2]);
        }
    }

    /// Draws the crosshair, and the read-out beside the pointer.
    pub(super) fn cursor(&self, at: Pos2, text: &str) {
        let pixel = 1.0 / self.painter.pixels_per_point();
        let snap = |v: f32| (v / pixel).floor() * pixel + 0.5 * pixel;
        let (x, y) = (snap(at.x), snap(at.y));
        let Rect { min, max } = self.place;
        // The pointer itself has its place in the middle.
        let free = 9.0;
        for ends in [
            [pos2(x, min.y), pos2(x, y - free)],
            [pos2(x, y + free), pos2(x, max.y)],
            [pos2(min.x, y), pos2(x - free, y)],
            [pos2(x + free, y), pos2(max.x, y)],
        ] {
            if ends[0].x <= ends[1].x && ends[0].y <= ends[1].y {
                self.painter.line_segment(ends, egui::Stroke::new(3.0 * pixel, Color32::from_black_alpha(90)));
                self.painter.line_segment(ends, egui::Stroke::new(pixel, Color32::from_white_alpha(170)));
            }
        }
        if !text.is_empty() {
            // On the side where there is room.
            let right = at.x < self.place.center().x;
            let below = at.y < self.place.center().y;
            let (anchor, shift) = match (right, below) {
                (true, true) => (Align2::LEFT_TOP, vec2(16.0, 14.0)),
                (true, false) => (Align2::LEFT_BOTTOM, vec2(16.0, -10.0)),
                (false, true) => (Align2::RIGHT_TOP, vec2(-12.0, 14.0)),
                (false, false) => (Align2::RIGHT_BOTTOM, vec2(-12.0, -10.0)),
            };
            plate(self.painter, anchor, at + shift, self.place, text, self.font, CORE);
        }
    }
}
