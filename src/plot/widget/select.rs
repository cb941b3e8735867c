//! Selecting a box.

use egui::Pos2;

use super::Plot;
use crate::frame::Frame;
use crate::mean::Mean;
use crate::plot::gesture::Over;
use crate::plot::marker::Selection;
use crate::plot::subject::Subject;

impl Plot {
    pub(super) fn select(&mut self, over: &Over, frame: &Frame, from: Pos2, to: Pos2, subject: &dyn Subject) {
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
}
