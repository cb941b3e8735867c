//! `--shading`.

use clap::ValueEnum;
use ringfall::Shading;

/// `--shading`: where new lines of the picture are shaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShadingArg {
    /// On the GPU if there is one, otherwise on the CPU
    Auto,
    /// By a shader, whatever the adapter; a window then needs one
    Gpu,
    /// On all processors; a window then needs no graphics adapter
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
