//! Settings of the spectrum, whatever the rate of the source.

use anyhow::{Context as _, Result};
use ringfall::dsp::{Average, Settings, Window};
use ringfall::source::SourceInfo;

/// Settings of the spectrum before the source is known, and after another one is opened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Analysis {
    /// Samples per spectrum.
    pub(crate) size: usize,
    pub(crate) hop: Hop,
    pub(crate) window: Window,
    pub(crate) average: Average,
    /// Lowest and highest frequency, in Hz.
    pub(crate) band_hz: (Option<f64>, Option<f64>),
}

/// From one spectrum to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hop {
    /// 40 spectra a second, within 50 to 98 % overlap.
    Auto,
    Samples(usize),
    /// The share of a spectrum's samples that the next one uses again.
    Overlap(f64),
}

impl Analysis {
    /// Default spectra per second: the picture moves smoothly, and a screenful is half a minute.
    const SPECTRA_A_SECOND: f64 = 40.0;

    /// The settings for samples of this source. The text of an error names the flags.
    pub(crate) fn settings(&self, info: &SourceInfo) -> Result<Settings> {
        let Self { size, window, average, .. } = *self;
        let (least, most) = ((size / 64).max(1) as f64, (size / 2).max(1) as f64);
        let free = (info.rate_hz / Self::SPECTRA_A_SECOND).round().clamp(least, most) as usize;
        let mut settings = Settings { size, hop: free, window, average, band_hz: None };
        match self.hop {
            Hop::Auto => {}
            Hop::Samples(hop) => settings.hop = hop,
            Hop::Overlap(share) => settings = settings.with_overlap(share).context("--overlap")?,
        }
        if self.band_hz != (None, None) {
            let (low, high) = info.kind.span_hz(info.rate_hz, info.centre_hz);
            settings.band_hz = Some((self.band_hz.0.unwrap_or(low), self.band_hz.1.unwrap_or(high)));
        }
        settings.validate(info.rate_hz, info.kind, info.centre_hz).with_context(|| match settings.band_hz {
            Some(_) => "--fmin, --fmax".to_owned(),
            None => format!("the spectrum of {}", info.name),
        })?;
        Ok(settings)
    }
}
