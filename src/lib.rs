//! A scrolling waterfall (spectrogram) that lives on the GPU.

mod colormap;
mod scale;
mod stamp;

pub use colormap::{Colormap, ColormapError};
pub use scale::{LutIndex, Scale, ScaleError};
pub use stamp::Stamp;
pub use wgpu;
