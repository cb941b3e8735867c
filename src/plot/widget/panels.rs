//! The panels beside the picture: spectra, and the time trace.

use egui::{Painter, Pos2, Rect, Stroke, vec2};

use super::Plot;
use crate::frame::Frame;
use crate::plot::axes;
use crate::plot::curve::{Colors, Panel};
use crate::plot::hold;
use crate::plot::layout::Parts;
use crate::plot::style::Style;
use crate::plot::subject::Subject;
use crate::plot::ticks::{self, Ticks};

impl Plot {
    /// Draws the panels. Returns the widest label beside the upper one, in points.
    pub(super) fn panels(
        &mut self,
        painter: &Painter,
        style: &Style,
        parts: &Parts,
        frame: &Frame,
        subject: &dyn Subject,
        dark: bool,
    ) -> f32 {
        let mut widest = 0.0f32;
        let sideways = frame.newest_side().is_sideways();
        let (spectrum, trace) = if sideways { (parts.beside, parts.above) } else { (parts.above, parts.beside) };
        let colors = Colors::new(dark);
        let is_open = |place: Rect| place.width() > 8.0 && place.height() > 8.0;
        let scale = subject.scale();
        let range = padded((scale.vmin(), scale.vmax()));
        let mut values = std::mem::take(&mut self.values);
        if is_open(spectrum) {
            // Frequencies run up where time runs sideways.
            let panel = Panel { place: spectrum, range, is_beside: sideways, is_reversed: sideways };
            let inner = painter.with_clip_rect(spectrum.expand2(vec2(parts.vertical.width(), 0.0)));
            let ticks = value_ticks(painter, style, &panel, subject);
            panel.background(&inner, style, &ticks);
            if !panel.is_beside {
                widest = axes::widest(painter, style, &ticks);
            }
            let clipped = painter.with_clip_rect(spectrum);
            let holds = self.decorations.holds;
            for (on, held, color) in [
                (holds.minimum, hold::Held::Least, colors.least),
                (holds.peak, hold::Held::Peak, colors.peak),
                (holds.mean, hold::Held::Mean, colors.mean),
            ] {
                if on {
                    self.hold.line(held, frame, &mut values);
                    panel.curve(&clipped, &values, Stroke::new(1.0, color));
                }
            }
            let line = self.cursor.map_or(frame.lines().end - 1, |point| frame.line_at(point.time_ns));
            subject.line(line, &mut values);
            panel.curve(&clipped, &values, Stroke::new(1.2, colors.row));
            panel.inner_labels(&inner, style, &ticks);
            let time_ns = frame.time_of(line as f64 + 0.5);
            let what = self.words(frame, subject).time(time_ns);
            panel.caption(&clipped, style, caption(what, &values), colors.row);
        }
        if is_open(trace) {
            let (low, high) = frame.span_hz();
            let hz = self.cursor.map_or_else(|| self.a.map_or(0.5 * (low + high), |a| a.hz), |point| point.hz);
            let (x, y) = frame.position(hz, frame.time_of(frame.lines().start as f64));
            let across = if sideways { f64::from(frame.size().1) - 1.0 - y } else { x };
            let across = across.floor().clamp(0.0, f64::from(frame.across()) - 1.0) as u32;
            subject.trace(across, &mut values);
            let newest_first = matches!(frame.newest_side(), crate::view::Side::Top | crate::view::Side::Left);
            let panel = Panel { place: trace, range, is_beside: !sideways, is_reversed: newest_first };
            let inner = painter.with_clip_rect(trace.expand2(vec2(parts.vertical.width(), 0.0)));
            let ticks = value_ticks(painter, style, &panel, subject);
            panel.background(&inner, style, &ticks);
            if !panel.is_beside {
                widest = axes::widest(painter, style, &ticks);
            }
            let clipped = painter.with_clip_rect(trace);
            panel.curve(&clipped, &values, Stroke::new(1.2, colors.row));
            panel.inner_labels(&inner, style, &ticks);
            let what = self.words(frame, subject).hertz(hz);
            panel.caption(&clipped, style, caption(what, &values), colors.row);
        }
        self.values = values;
        widest
    }

    pub(super) fn cursor_in_panels(&self, painter: &Painter, parts: &Parts, at: Pos2) {
        let stroke = Stroke::new(1.0, egui::Color32::from_white_alpha(60));
        if parts.above.height() > 0.0 {
            painter.vline(at.x, parts.above.y_range(), stroke);
        }
        if parts.beside.width() > 0.0 {
            painter.hline(parts.beside.x_range(), at.y, stroke);
        }
    }
}

/// What a panel shows, if it shows anything: where cells are colours, or where there are no rows, there are no values.
fn caption(what: String, values: &[f32]) -> String {
    if values.iter().all(|value| value.is_nan()) { "no data".to_owned() } else { what }
}

/// A tenth of room beyond the range of the colours, since peaks may be above it.
fn padded((low, high): (f32, f32)) -> (f32, f32) {
    let more = 0.1 * high - 0.1 * low;
    ((low - more).max(f32::MIN), (high + more).min(f32::MAX))
}

fn value_ticks(painter: &Painter, style: &Style, panel: &Panel, subject: &dyn Subject) -> Ticks {
    let scale = f64::from(painter.pixels_per_point());
    let height = f64::from(style.label_height(painter)) * scale;
    let range = (f64::from(panel.range.0), f64::from(panel.range.1));
    let unit = subject.unit().name();
    if panel.is_beside {
        let mut room = |text: &str| f64::from(style.label_width(painter, text)) * scale;
        return ticks::values(range, unit, f64::from(panel.place.width()) * scale, &mut room);
    }
    let pixels = f64::from(panel.place.height()) * scale;
    let mut ticks = ticks::values(range, unit, pixels, &mut |_| height);
    // Values grow upwards.
    ticks.ticks.iter_mut().for_each(|tick| tick.at = pixels - tick.at);
    ticks
}
