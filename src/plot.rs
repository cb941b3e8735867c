//! A plot around a waterfall, as an egui widget: axes, colour bar, cursor, markers, boxes, spectrum.
//!
//! [`WaterfallPlot`] is the widget for programs that draw egui with wgpu. [`Plot`] is the same for any [`Subject`], such as
//! a waterfall of a history. [`Layer`] draws a plot without a window and without a graphics adapter.

mod axes;
mod color_bar;
mod curve;
mod decorations;
mod gesture;
mod hold;
mod host;
mod keyboard;
mod layout;
mod marker;
mod overlay;
mod picture;
mod read_out;
mod style;
mod subject;
pub mod ticks;
mod widget;
pub mod words;

pub use decorations::{Decorations, Holds};
pub use hold::Hold;
pub use host::WaterfallPlot;
pub use marker::{Annotation, Difference, Marker, Point, Selection};
pub use picture::{Layer, PictureSize};
pub use subject::{Extent, Gesture, Subject};
pub use widget::{Plot, Shown};
