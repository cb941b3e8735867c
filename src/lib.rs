//! A scrolling waterfall (spectrogram) that lives on the GPU.

mod colormap;
#[cfg(feature = "dsp")]
pub mod dsp;
#[cfg(feature = "app")]
pub mod export;
#[cfg(feature = "app")]
pub mod gpu;
#[cfg(feature = "app")]
pub mod headless;
#[cfg(feature = "app")]
pub mod palette;
mod scale;
mod stamp;

pub use colormap::{Colormap, ColormapError};
pub use scale::{LutIndex, Scale, ScaleError};
pub use stamp::Stamp;
pub use wgpu;
