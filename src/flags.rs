//! What stands on a command line, below the commands that read it: values, and what to say of wrong ones.

mod shading;
mod usage;
pub(crate) mod value;
pub(crate) mod when;

pub(crate) use shading::ShadingArg;
pub(crate) use usage::{Usage, wrong};
