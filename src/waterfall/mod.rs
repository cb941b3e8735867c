//! The renderer: rows in, a scrolling picture out. It knows rows and pixels; nothing of sound, files, windows or clocks.

mod cells;
mod cpu_shader;
mod dirty;
mod drawn;
mod gpu_shader;
mod layouts;
mod memory;
mod pipelines;
mod sender;
mod stats;
mod strip;
mod strip_ref;
mod target;
mod tile;
mod uniforms;
#[expect(clippy::module_inception, reason = "the file holds the one public noun that the folder is named after")]
mod waterfall;

pub use pipelines::Pipelines;
pub use sender::Sender;
pub use stats::Stats;
pub use strip_ref::StripRef;
pub use target::{Encoding, Target};
pub use waterfall::Waterfall;
