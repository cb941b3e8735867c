//! Flags for the spectrum, shared by the window and `render`.

use anyhow::{Result, bail};
use clap::Args;
use ringfall::dsp::{Average, Settings, Window};
use ringfall::source::{RowInfo, SourceInfo};

use crate::app::analysis::{Analysis, Hop};
use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Spectrum")]
pub(crate) struct SpectrumArgs {
    /// Samples per spectrum: more samples resolve closer frequencies, but blur time
    ///
    /// From 16 to 4M. A k stands for 1024 and an M for 1048576: 64k is 65536.
    #[arg(long, value_name = "SAMPLES", default_value = "4096", value_parser = value::fft)]
    pub(crate) fft: u32,

    /// Samples from one spectrum to the next [default: 40 spectra a second, within 50 to 98 % overlap]
    #[arg(long, value_name = "SAMPLES", conflicts_with = "overlap", value_parser = value::hop)]
    pub(crate) hop: Option<u32>,

    /// The hop as an overlap: the percentage of an FFT's samples that the next one reuses
    #[arg(long, value_name = "PERCENT", value_parser = value::percent)]
    pub(crate) overlap: Option<f64>,

    #[arg(long, value_name = "NAME", default_value = "hann", value_parser = str::parse::<Window>,
           help = format!("Window: {}. Sampled at (n + 1/2) / N, half a sample later than SciPy's",
                          Window::NAMES.join(", ")))]
    pub(crate) window: Window,

    /// How spectra become rows: none, mean:N, max:N or exp:WEIGHT [default: none; for live samples of a high rate max:N, with
    /// about 60 rows a second]
    #[arg(long, value_name = "HOW", value_parser = str::parse::<Average>)]
    pub(crate) average: Option<Average>,

    /// Lowest frequency to show, such as 300 or 1.5k [default: all]
    #[arg(long, value_name = "HZ", value_parser = value::hertz)]
    pub(crate) fmin: Option<f64>,

    /// Highest frequency to show [default: all]
    #[arg(long, value_name = "HZ", value_parser = value::hertz)]
    pub(crate) fmax: Option<f64>,
}

impl SpectrumArgs {
    /// Rejects flags that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        if let (Some(fmin), Some(fmax)) = (self.fmin, self.fmax)
            && fmin >= fmax
        {
            wrong!("--fmin {fmin} --fmax {fmax}: expected --fmin below --fmax");
        }
        Ok(())
    }

    /// Whether neither --hop nor --overlap was given.
    pub(crate) fn hop_is_free(&self) -> bool {
        self.hop.is_none() && self.overlap.is_none()
    }

    /// Rejects flags that have no effect on ready-made rows.
    pub(crate) fn check_rows(&self) -> Result<(), Usage> {
        let flags = [
            (self.fft != 4096, "--fft"),
            (self.hop.is_some(), "--hop"),
            (self.overlap.is_some(), "--overlap"),
            (self.window != Window::default(), "--window"),
            (self.average.is_some_and(|average| average != Average::None), "--average"),
        ];
        match flags.iter().find(|(given, _)| *given) {
            Some((_, flag)) => {
                wrong!("{flag}: the input (--bins, or a scan) is already rows, so no spectrum is computed")
            }
            None => Ok(()),
        }
    }

    /// The band to show of ready-made rows, checked.
    pub(crate) fn band(&self, rows: &RowInfo) -> Result<Option<(f64, f64)>> {
        if self.fmin.is_none() && self.fmax.is_none() {
            return Ok(None);
        }
        let (low, high) = (rows.first_hz - 0.5 * rows.bin_hz, rows.first_hz + (rows.bins as f64 - 0.5) * rows.bin_hz);
        let (fmin, fmax) = (self.fmin.unwrap_or(low), self.fmax.unwrap_or(high));
        if fmin >= fmax || fmax <= low || fmin >= high {
            bail!("--fmin, --fmax: {fmin} Hz to {fmax} Hz: expected a band within {low} Hz to {high} Hz");
        }
        Ok(Some((fmin, fmax)))
    }

    /// The settings for samples of this source, checked.
    pub(crate) fn settings(&self, info: &SourceInfo) -> Result<Settings> {
        self.analysis().settings(info)
    }

    /// The settings before the source is known.
    pub(crate) fn analysis(&self) -> Analysis {
        Analysis {
            size: self.fft as usize,
            hop: match (self.hop, self.overlap) {
                (Some(hop), _) => Hop::Samples(hop as usize),
                (None, Some(percent)) => Hop::Overlap(percent / 100.0),
                (None, None) => Hop::Auto,
            },
            window: self.window,
            average: self.average,
            band_hz: (self.fmin, self.fmax),
        }
    }
}
