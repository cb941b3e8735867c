//! A scrolling waterfall (spectrogram) that lives on the GPU.

mod colormap;
mod decibel;
#[cfg(feature = "dsp")]
pub mod dsp;
#[cfg(feature = "app")]
pub mod export;
#[cfg(feature = "app")]
pub mod gpu;
#[cfg(feature = "app")]
pub mod headless;
mod history;
mod loader;
#[cfg(feature = "app")]
pub mod palette;
mod projection;
mod scale;
#[cfg(feature = "dsp")]
pub mod source;
mod stamp;
mod view;
mod waterfall;

pub use colormap::{Colormap, ColormapError};
pub use history::{Depth, History, HistoryError, Rows};
pub use loader::Loader;
pub use projection::Projection;
pub use scale::{LutIndex, Scale, ScaleError};
pub use stamp::Stamp;
pub use view::{Edge, Interpolation, Reduce, View, ViewError};
pub use waterfall::{
    Capacity, Encoding, Error, Newest, Options, Pipelines, Reader, Reading, Sender, Stats, Target, Texel, Waterfall,
};
pub use wgpu;
