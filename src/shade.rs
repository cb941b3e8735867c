//! Cells to colours on the CPU, without a graphics adapter: the counterpart of `shaders/shade.wgsl`.

mod canvas;
mod cell;
mod colors;
mod dirty;
mod line_ring;
mod lines;
mod mean;
mod options;
mod painter;
mod painting;
mod reduction;
mod resident;
mod strip;
mod texel;

pub use canvas::{Canvas, Reading};
pub(crate) use canvas::{check_row, check_size};
pub(crate) use colors::Order;
pub(crate) use line_ring::{LineRing, Stretch};
pub use options::{Capacity, Options, Shading};
pub(crate) use painter::{Painter, turn};
pub use painting::Painting;
pub(crate) use reduction::Job;
pub(crate) use resident::{Keep, Resident};
pub use strip::Strip;
pub use texel::Texel;
