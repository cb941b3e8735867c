//! Where the parts of a plot lie.

use egui::{Rect, pos2};

use super::style::Style;

/// The parts of a plot, in points. A part without room is empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) title: Rect,
    /// The panel above the picture, which shares its horizontal axis.
    pub(super) above: Rect,
    /// The horizontal axis, directly above the picture.
    pub(super) horizontal: Rect,
    /// The vertical axis, left of the picture.
    pub(super) vertical: Rect,
    pub(super) picture: Rect,
    /// The panel right of the picture, which shares its vertical axis.
    pub(super) beside: Rect,
    pub(super) bar: Rect,
    /// A line of text below everything.
    pub(super) below: Rect,
    /// How high the panel above the picture, and how wide the one beside it can be, in points.
    pub(super) most_above: f32,
    pub(super) most_beside: f32,
}

/// What is wanted of a layout, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) axes: bool,
    pub(super) bar: bool,
    pub(super) title: bool,
    pub(super) above: f32,
    pub(super) beside: f32,
    pub(super) label_height: f32,
    /// The widest labels of the vertical axis and of the bar.
    pub(super) vertical_labels: f32,
    pub(super) bar_labels: f32,
}

impl Parts {
    /// The picture keeps at least this much, in points.
    const LEAST: f32 = 40.0;

    /// Divides `all`. The picture begins and ends on whole pixels, and is never empty.
    pub(super) fn new(all: Rect, wanted: &Wanted, pixels_per_point: f32) -> Self {
        let snap = |v: f32| (v * pixels_per_point).round() / pixels_per_point;
        let room = |wanted: f32, left: f32| if left - wanted >= Self::LEAST { wanted } else { 0.0 };
        let (mut width, mut height) = (all.width(), all.height());
        // In whole pixels: the picture then grows by a pixel when the whole does, and any size of the data can be had.
        let whole = |v: f32| (v * pixels_per_point - 1e-2).ceil() / pixels_per_point;
        let take = |wanted: f32, from: &mut f32| {
            let got = room(whole(wanted), *from);
            *from -= got;
            got
        };
        let axis = if wanted.axes { wanted.label_height + Style::TICK + Style::GAP } else { 0.0 };
        let horizontal = take(axis, &mut height);
        let margin = if wanted.axes { wanted.vertical_labels + Style::TICK + 2.0 * Style::GAP } else { 0.0 };
        let vertical = take(margin, &mut width);
        let bar =
            if wanted.bar { 2.0 * Style::GAP + Style::BAR + Style::TICK + Style::GAP + wanted.bar_labels } else { 0.0 };
        let bar = take(bar, &mut width);
        let title = take(if wanted.title { wanted.label_height + 2.0 * Style::GAP } else { 0.0 }, &mut height);
        // The panels have at most two thirds of what is left.
        let most = |left: f32| (left * 2.0 / 3.0).min(left - Self::LEAST).max(0.0);
        let (most_above, most_beside) = (most(height), most(width));
        let above = take(wanted.above.min(height * 2.0 / 3.0), &mut height);
        let beside = take(wanted.beside.min(width * 2.0 / 3.0), &mut width);
        let below =
            if wanted.axes && vertical > 0.0 { take(wanted.label_height + Style::GAP, &mut height) } else { 0.0 };

        let left = snap(all.left() + vertical);
        let right = snap((all.right() - bar - beside).max(left)).max(left + 1.0 / pixels_per_point);
        let top = snap(all.top() + title + above + horizontal);
        let bottom = snap((all.bottom() - below).max(top)).max(top + 1.0 / pixels_per_point);
        let rect = |x0, y0, x1, y1| Rect::from_min_max(pos2(x0, y0), pos2(x1, y1));
        let axis_top = top - horizontal;
        Self {
            title: rect(left, all.top(), right, all.top() + title),
            above: rect(left, axis_top - above, right, axis_top),
            horizontal: rect(left, axis_top, right, top),
            vertical: rect(left - vertical, top, left, bottom),
            picture: rect(left, top, right, bottom),
            beside: rect(right, top, right + beside, bottom),
            bar: rect(right + beside, top, right + beside + bar, bottom),
            below: rect(all.left(), bottom, all.right(), bottom + below),
            most_above,
            most_beside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            axes: true,
            bar: true,
            title: false,
            above: 0.0,
            beside: 0.0,
            label_height: 13.0,
            vertical_labels: 50.0,
            bar_labels: 30.0,
        }
    }

    #[test]
    fn the_picture_has_whole_pixels_and_most_of_the_room() {
        for scale in [0.5, 1.0, 1.25, 1.5, 2.0, 4.0] {
            let all = Rect::from_min_max(pos2(0.3, 20.7), pos2(1280.0, 700.0));
            let parts = Parts::new(all, &wanted(), scale);
            for edge in [parts.picture.left(), parts.picture.top(), parts.picture.right(), parts.picture.bottom()] {
                let pixels = edge * scale;
                assert!((pixels - pixels.round()).abs() < 1e-2, "{edge} at {scale}");
            }
            assert!(parts.picture.area() > 0.85 * all.area(), "{:?}", parts.picture);
        }
    }

    #[test]
    fn parts_do_not_overlap_and_the_picture_is_never_empty() {
        for (width, height) in [(0.0, 0.0), (1.0, 1.0), (30.0, 30.0), (100.0, 60.0), (200.0, 100.0), (8000.0, 4000.0)] {
            for above in [0.0, 100.0, 1e6] {
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(width, height));
                let wanted = Wanted { above, beside: above, title: true, ..wanted() };
                let parts = Parts::new(all, &wanted, 1.0);
                assert!(parts.picture.width() >= 1.0 && parts.picture.height() >= 1.0, "{parts:?}");
                let list = [
                    parts.title,
                    parts.above,
                    parts.horizontal,
                    parts.vertical,
                    parts.picture,
                    parts.beside,
                    parts.bar,
                ];
                for (i, a) in list.iter().enumerate() {
                    for b in &list[..i] {
                        let common = a.intersect(*b);
                        assert!(common.width() <= 1.0 || common.height() <= 1.0, "{a:?} and {b:?}");
                    }
                }
            }
        }
    }
}
