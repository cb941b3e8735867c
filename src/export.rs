//! Pictures written to files.
//!
//! [`FORMATS`] has a row for each file format. A format is a type in a file of its own that implements [`Format`]; to
//! add one, write that file and name it here. [`VideoFormat`] has the formats of many frames. [`Output`] is what every
//! writer goes through: it never writes over an input, and writes a file whole or not at all.

mod error;
mod format;
mod jpeg;
mod judge;
mod lines;
mod npy;
mod output;
mod png;
mod rgba;
mod temporary;
mod values;
mod video;
mod webp;

pub use error::ExportError;
pub use format::{Format, Stores, format_named, format_of};
pub use jpeg::Jpeg;
pub use lines::Lines;
pub use npy::Npy;
pub use output::{Kind, Output, OutputOptions};
pub use png::Png;
pub use rgba::Rgba;
pub use temporary::abandon;
pub use values::{RawValues, Values};
pub use video::{Frames, VideoFormat, VideoOptions};
pub use webp::WebP;

/// The file formats, the usual one first.
pub const FORMATS: &[&dyn Format] = &[&Png, &Jpeg::DEFAULT, &WebP, &Npy, &Rgba, &RawValues];
