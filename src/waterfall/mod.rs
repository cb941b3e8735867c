//! The renderer: rows in, a scrolling picture out. It knows rows and pixels; nothing of sound, files, windows or clocks.

mod error;
mod lines;
mod options;
mod pipelines;
mod ring;
mod shaded;
mod stats;
mod strip;
mod target;
mod texel;
mod uniforms;
#[expect(clippy::module_inception, reason = "the file holds the one public noun that the folder is named after")]
mod waterfall;

pub use error::Error;
pub use options::{Capacity, Newest, Options};
pub use pipelines::Pipelines;
pub use shaded::Shaded;
pub use stats::Stats;
pub use target::{Encoding, Target};
pub use texel::Texel;
pub use waterfall::Waterfall;
