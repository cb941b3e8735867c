//! The renderer: rows in, a scrolling picture out. It knows rows and pixels; nothing of sound, files, windows or clocks.

mod cell;
mod cells;
mod cpu_shader;
mod dirty;
mod drawn;
mod error;
mod gpu_shader;
mod lines;
mod memory;
mod options;
mod palette;
mod pipelines;
mod placement;
mod reader;
mod reduction;
mod ring;
mod seen;
mod sender;
mod shaded;
mod stats;
mod strip;
mod target;
mod texel;
mod tile;
mod uniforms;
#[expect(clippy::module_inception, reason = "the file holds the one public noun that the folder is named after")]
mod waterfall;

pub use error::Error;
pub use options::{Capacity, Newest, Options, Shading};
pub use pipelines::Pipelines;
pub use reader::{Reader, Reading};
pub use sender::Sender;
pub use shaded::Shaded;
pub use stats::Stats;
pub use target::{Encoding, Target};
pub use texel::Texel;
pub use waterfall::Waterfall;

/// Refuses rows and stamps that no waterfall of so many bins takes.
fn check_row(bins: u32, stamp: &crate::Stamp, row: &[f32]) -> Result<(), Error> {
    if row.is_empty() || row.len() > bins as usize {
        return Err(Error::RowLength { got: row.len(), max: bins });
    }
    match stamp.problem() {
        Some((field, value, positive)) => Err(Error::Stamp { field, value, positive }),
        None => Ok(()),
    }
}
