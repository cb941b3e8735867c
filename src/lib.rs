//! A scrolling waterfall (spectrogram) that lives on the GPU.

mod stamp;

pub use stamp::Stamp;
pub use wgpu;
