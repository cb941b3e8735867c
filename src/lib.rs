//! A scrolling waterfall (spectrogram) that lives on the GPU.

#[cfg(feature = "dsp")]
pub mod dsp;
#[cfg(feature = "dsp")]
pub mod source;
mod stamp;

pub use stamp::Stamp;
pub use wgpu;
