//! Command-line values shared by the commands, and the errors for wrong ones.

mod shading;
mod usage;
pub(crate) mod value;
pub(crate) mod when;

pub(crate) use shading::ShadingArg;
pub(crate) use usage::{Usage, wrong};
