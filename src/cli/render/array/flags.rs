//! Flags for the picture of an array.

use clap::Args;

use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Array")]
pub(in crate::cli::render) struct ArrayPictureArgs {
    /// Array: 0 in the middle of the range; both ends become the larger magnitude of the two
    #[arg(long)]
    pub(super) vsym: bool,

    /// Array: the range between these two percentiles of the values, such as 2,98
    ///
    /// Percentiles are those of numpy.percentile. For an array of more than 16 million cells, evenly spaced rows are used.
    #[arg(long, value_name = "LOW,HIGH", value_parser = value::percentiles, conflicts_with_all = ["vmin", "vmax"])]
    pub(super) percentile: Option<(f64, f64)>,

    /// Array or recording: read only one row per line of the picture, however many rows the line covers
    ///
    /// Of very wide arrays, and of wide arrays in Fortran order, fewer rows are read. A recording has to be a file, in which any part
    /// can be read at once.
    #[arg(long)]
    pub(super) quick: bool,

    /// Array of several frames: the number of the frame to show, from 1
    #[arg(long, value_name = "NUMBER")]
    pub(super) frame: Option<u64>,
}

impl ArrayPictureArgs {
    /// Whether `--quick` was given. It applies to recordings too.
    pub(in crate::cli::render) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Rejects flags that apply only to arrays.
    pub(in crate::cli::render) fn check_unused(&self) -> Result<(), Usage> {
        let flags =
            [("--vsym", self.vsym), ("--percentile", self.percentile.is_some()), ("--frame", self.frame.is_some())];
        if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
            wrong!("{flag}: it applies only to arrays (.npy files, images, or --dtype and --shape)");
        }
        Ok(())
    }
}
