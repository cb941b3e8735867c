//! Flags for raw samples and rows, and the format of the input.

use std::path::Path;
use std::str::FromStr;

use clap::Args;
use ringfall::source::RawFormat;

use crate::cli::network::NetworkArgs;
use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Raw samples and rows")]
pub(crate) struct RawArgs {
    /// Samples per second, such as 2.4M [default: from the file's name]; for rows (--bins), the width of their band in Hz
    #[arg(long, value_name = "HZ", value_parser = rate)]
    pub(super) rate: Option<f64>,

    /// Radio frequency of the samples' 0 Hz, such as 7.1M [default: from the file or its name]; for rows, the band's middle
    #[arg(long, alias = "center", value_name = "HZ", value_parser = value::hertz)]
    pub(super) centre: Option<f64>,

    /// Read rows instead of samples, with this many levels per row (in dB, lowest frequency first)
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=4_194_304))]
    pub(super) bins: Option<u32>,

    /// Time from one row to the next, for --bins and igtl:// addresses [default: measured of live rows, otherwise 50ms]
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
    pub(in crate::cli) row_time: Option<f64>,

    #[command(flatten)]
    pub(super) network: NetworkArgs,
}

impl RawArgs {
    /// Rejects flags for raw samples if the input has none; --row-time applies to other rows too.
    pub(in crate::cli) fn check_no_samples(&self, input: &Path) -> Result<(), Usage> {
        let flags =
            [("--rate", self.rate.is_some()), ("--centre", self.centre.is_some()), ("--bins", self.bins.is_some())];
        if let Some((flag, _)) = flags.iter().find(|(_, given)| *given) {
            wrong!("{flag}: {} has no raw samples", input.display());
        }
        self.network.check_file(&input.display().to_string())
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let hz = value::hertz(text).ok().filter(|hz| (1.0..=1e12).contains(hz));
    hz.ok_or_else(|| "expected samples per second, 1 or more, such as 48k or 2.4M".to_owned())
}

/// A value of `--format` for an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum InputFormat {
    /// Raw samples, or levels of rows.
    Samples(RawFormat),
    /// A power scan.
    Csv,
}

impl InputFormat {
    /// The words for it, for the help.
    pub(crate) fn words() -> String {
        format!("{}; csv is a power scan", RawFormat::words())
    }
}

impl FromStr for InputFormat {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        if word.eq_ignore_ascii_case("csv") {
            return Ok(Self::Csv);
        }
        word.parse().map(Self::Samples).map_err(|error| format!("{error}; or csv for a power scan"))
    }
}
