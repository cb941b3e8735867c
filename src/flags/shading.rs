//! `--shading`.

use clap::ValueEnum;
use ringfall::Shading;

/// `--shading`: where new lines of the picture are shaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShadingArg {
    /// On the CPU if the graphics adapter is a software one, otherwise on the GPU
    Auto,
    /// By a shader, whatever the adapter
    Gpu,
    /// On all processors; the device only shows the picture
    Cpu,
}

impl ShadingArg {
    pub(crate) fn shading(self) -> Shading {
        match self {
            Self::Auto => Shading::Auto,
            Self::Gpu => Shading::Gpu,
            Self::Cpu => Shading::Cpu,
        }
    }
}
