//! The window's picture as the subject of its plot.

use ringfall::plot::{Extent, Gesture, Subject};
use ringfall::{Colormap, Frame, Reading, Rows, Scale, Unit};

use super::navigate::{Grip, Navigator};
use super::picture::Picture;

/// The picture on show. What the user does with it is gathered, and done after the interface has been laid out.
pub(crate) struct OnShow<'a> {
    pub(crate) picture: &'a Picture,
    /// Where things are in a picture of this size.
    pub(crate) frame: &'a dyn Fn((u32, u32)) -> Option<Frame>,
    pub(crate) extent: Option<Extent>,
    /// The picture's size in pixels, as the plot wants it.
    pub(crate) size: (u32, u32),
    pub(crate) map: &'a Colormap,
    pub(crate) scale: Scale,
    pub(crate) gestures: Vec<Gesture>,
}

impl Subject for OnShow<'_> {
    fn set_size(&mut self, width: u32, height: u32) {
        self.size = (width, height);
    }

    fn frame(&self) -> Option<Frame> {
        (self.frame)(self.size)
    }

    fn extent(&self) -> Option<Extent> {
        self.extent
    }

    fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        self.picture.canvas().ok()?.value_at(x, y)
    }

    fn line(&self, line: i64, out: &mut Vec<f32>) {
        out.clear();
        if let Ok(canvas) = self.picture.canvas() {
            canvas.line(line, out);
        }
    }

    fn trace(&self, across: u32, out: &mut Vec<f32>) {
        out.clear();
        if let Ok(canvas) = self.picture.canvas() {
            canvas.trace(across, out);
        }
    }

    fn unit(&self) -> Unit {
        self.picture.canvas().map_or(Unit::None, |canvas| canvas.unit())
    }

    fn scale(&self) -> Scale {
        self.scale
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        *self.map.lut()
    }

    fn act(&mut self, gesture: Gesture) {
        self.gestures.push(gesture);
    }
}

/// Moves the view as a gesture asks.
pub(super) fn gesture(
    navigator: &mut Navigator,
    rows: &dyn Rows,
    size: (u32, u32),
    grip: &mut Option<Grip>,
    made: Gesture,
) {
    match made {
        Gesture::Grab => *grip = navigator.grip(rows, size),
        Gesture::Drag(by) => {
            if let Some(grip) = grip {
                navigator.pan(rows, grip, by);
            }
        }
        Gesture::Zoom { at, time, hz } => navigator.zoom(rows, size, at, time, hz),
        Gesture::ShowBox { hz, time_ns } => navigator.show_box(rows, size, hz, time_ns),
        Gesture::AllHz => navigator.all_hz(rows, size),
        Gesture::AllTime => navigator.all_time(rows, size),
        Gesture::Fit => navigator.fit(rows, size),
        _ => {}
    }
}
