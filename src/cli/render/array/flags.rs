//! Flags for the picture of an array.

use clap::Args;

use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Array")]
pub(in crate::cli::render) struct ArrayPictureArgs {
    /// Array: 0 in the middle of the range; both ends become the larger magnitude of the two
    #[arg(long)]
    pub(super) vsym: bool,

    /// Array: the range between these two percentiles of the values, such as 2,98
    ///
    /// Percentiles are those of numpy.percentile. For an array of more than 16 million cells, evenly spaced rows are used.
    #[arg(long, value_name = "LOW,HIGH", value_parser = percentiles, conflicts_with_all = ["vmin", "vmax"])]
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

/// Two percentages in ascending order.
fn percentiles(text: &str) -> Result<(f64, f64), String> {
    let percent = |text: &str| text.trim().parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    let ends = text.split_once(',').and_then(|(low, high)| percent(low).zip(percent(high)));
    ends.filter(|(low, high)| low < high).ok_or_else(|| "expected two percentages in order, such as 2,98".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages() {
        assert_eq!(percentiles("2,98"), Ok((2.0, 98.0)));
        assert_eq!(percentiles(" 0 , 99.9 "), Ok((0.0, 99.9)));
        for wrong in ["", "2", "98,2", "2,2", "-1,50", "0,101", "nan,50", "a,b", "1,2,3"] {
            assert!(percentiles(wrong).is_err(), "{wrong}");
        }
    }
}
