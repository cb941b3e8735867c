//! Cells to colours on the CPU, without a graphics adapter: the counterpart of `shaders/shade.wgsl`.

mod canvas;
mod cell;
mod color_reduction;
mod colors;
mod covers;
mod dirty;
mod line_ring;
mod lines;
mod mean;
mod options;
mod painter;
mod painting;
mod reduction;
mod resident;
mod row;
mod strip;
mod texel;

pub(crate) use canvas::check_size;
pub use canvas::{Canvas, Reading};
pub(crate) use colors::Order;
pub(crate) use line_ring::{LineRing, Stretch};
pub use options::{Capacity, Options, Shading};
pub(crate) use painter::{Painter, turn};
pub use painting::Painting;
pub(crate) use reduction::Job;
pub(crate) use resident::{Keep, Resident};
pub(crate) use row::Row;
pub use strip::{Strip, StripChange};
pub use texel::Texel;
