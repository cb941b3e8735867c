//! What a plot is drawn around, and what a user can ask of it.

use egui::{Rect, Ui};

use crate::frame::Frame;
use crate::scale::Scale;
use crate::shade::{Canvas, Reading};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// A waterfall that a [`Plot`](super::Plot) can be drawn around.
///
/// [`WaterfallPlot`](super::WaterfallPlot) brings one for a [`Waterfall`](crate::Waterfall) in a host that draws egui with
/// wgpu. A [`Canvas`] is one. Implement it where the rows come from elsewhere, such as a history.
///
/// Positions are in physical pixels from the top left corner of the picture.
pub trait Subject {
    /// Sets the picture's size, in physical pixels: before anything else is asked of it.
    fn set_size(&mut self, width: u32, height: u32);

    /// Where things are. `None` while there are no rows.
    fn frame(&self) -> Option<Frame>;

    /// What there are rows for; `None` if that is not known. Outside of it the cursor reads nothing.
    fn extent(&self) -> Option<Extent> {
        None
    }

    /// The value, frequency and time at a pixel.
    fn value_at(&self, x: u32, y: u32) -> Option<Reading>;

    /// The values of one line of the picture, one for each pixel from low to high frequencies; NaN where there is nothing.
    fn line(&self, line: i64, out: &mut Vec<f32>);

    /// The values of one pixel across in all visible lines, oldest first; NaN where there is nothing.
    fn trace(&self, across: u32, out: &mut Vec<f32>);

    /// The unit of the values.
    fn unit(&self) -> Unit;

    /// The norm and the range of the colours.
    fn scale(&self) -> Scale;

    /// The 256 colours of the range, lowest value first, sRGB-encoded RGBA.
    fn lut(&self) -> [[u8; 4]; 256];

    /// Does what the user asks for.
    fn act(&mut self, gesture: Gesture);

    /// Adds the picture to the user interface at this place, where the host draws it in that way. A subject that is drawn
    /// under the interface leaves it alone: the plot paints nothing there.
    fn paint(&mut self, ui: &mut Ui, place: Rect) {
        let _ = (ui, place);
    }
}

/// The frequencies and times of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "implementations of Subject make it")]
pub struct Extent {
    /// From and to, in Hz.
    pub hz: (f64, f64),
    /// From and to, in nanoseconds on the rows' clock.
    pub time_ns: (i64, i64),
}

impl Extent {
    /// From the beginning of the oldest row to the end of the newest one, which has this many bins.
    pub fn new(oldest: &Stamp, newest: &Stamp, bins: u32) -> Self {
        Self { hz: newest.span_hz(bins as usize), time_ns: (oldest.time_ns, newest.end_ns()) }
    }

    /// Whether a frequency and a time are within it.
    pub fn contains(&self, hz: f64, time_ns: i64) -> bool {
        (self.hz.0..=self.hz.1).contains(&hz) && (self.time_ns.0..=self.time_ns.1).contains(&time_ns)
    }
}

/// Something that the user does with the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Gesture {
    /// Takes hold of the picture, to drag it.
    Grab,
    /// Drags the picture by this many pixels from where it was at the last [`Grab`](Self::Grab).
    Drag((f64, f64)),
    /// Multiplies the visible time and the visible span, with one position unchanged.
    Zoom {
        /// The position.
        at: (f64, f64),
        /// Factor for the visible time.
        time: f64,
        /// Factor for the visible span.
        hz: f64,
    },
    /// Shows this span, in Hz, and these times, in nanoseconds.
    ShowBox {
        /// Low before high.
        hz: (f64, f64),
        /// Old before new.
        time_ns: (i64, i64),
    },
    /// Shows all frequencies.
    AllHz,
    /// Shows all times.
    AllTime,
    /// Shows everything.
    Fit,
    /// Changes the ends of the range, where the norm is defined for them.
    SetRange {
        /// The lower end.
        vmin: f32,
        /// The upper end.
        vmax: f32,
    },
    /// Lets the range follow the data.
    AutoRange,
    /// Saves a picture of the selected box. Only where [`Plot::can_save`](super::Plot::can_save) is set.
    SaveBox,
}

/// A picture in main memory. It takes what concerns its view and its range.
impl Subject for Canvas {
    fn set_size(&mut self, width: u32, height: u32) {
        // A size of zero or beyond the limits leaves the picture as it is.
        if let Err(error) = Self::set_size(self, width, height) {
            log::debug!("{error}");
        }
    }

    fn frame(&self) -> Option<Frame> {
        (!self.rows().is_empty()).then(|| Self::frame(self))
    }

    fn extent(&self) -> Option<Extent> {
        let (rows, resident) = (self.rows(), self.resident());
        let newest = rows.end.checked_sub(1).filter(|newest| *newest >= rows.start)?;
        let (oldest, newest) = (resident.entry(rows.start), resident.entry(newest));
        Some(Extent::new(&oldest.stamp, &newest.stamp, newest.bins))
    }

    fn value_at(&self, x: u32, y: u32) -> Option<Reading> {
        Self::value_at(self, x, y)
    }

    fn line(&self, line: i64, out: &mut Vec<f32>) {
        Self::line(self, line, out);
    }

    fn trace(&self, across: u32, out: &mut Vec<f32>) {
        Self::trace(self, across, out);
    }

    fn unit(&self) -> Unit {
        Self::unit(self)
    }

    fn scale(&self) -> Scale {
        Self::scale(self)
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        *self.colormap().lut()
    }

    fn act(&mut self, gesture: Gesture) {
        if let Gesture::SetRange { vmin, vmax } = gesture
            && let Ok(scale) = Scale::new(Self::scale(self).norm(), vmin, vmax)
        {
            self.set_scale(scale);
        }
    }
}
