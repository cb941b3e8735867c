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
    /// `None`: every spectrum is a row, unless live samples make too many rows to be seen.
    pub(crate) average: Option<Average>,
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
        let Self { size, window, .. } = *self;
        let average = self.average.unwrap_or_default();
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
        if self.average.is_none() && info.live {
            settings.average = live_average(info.rate_hz / settings.hop as f64);
            if let Average::Max(spectra) = settings.average {
                log::info!("{}: a row is the maximum of {spectra} spectra (--average none: of one)", info.name);
            }
        }
        settings.validate(info.rate_hz, info.kind, info.centre_hz).with_context(|| match settings.band_hz {
            Some(_) => "--fmin, --fmax".to_owned(),
            None => format!("the spectrum of {}", info.name),
        })?;
        Ok(settings)
    }
}

/// More rows a second than this are averaged if they are live: they would run through the window faster than one can look.
const MOST_ROWS_A_SECOND: f64 = 120.0;
/// About as many as a screen shows pictures.
const ROWS_A_SECOND: f64 = 60.0;

/// The average for so many live spectra a second: every sample counts, and a short burst is not lost.
fn live_average(spectra_a_second: f64) -> Average {
    if spectra_a_second <= MOST_ROWS_A_SECOND {
        return Average::None;
    }
    // A million are the most that there may be.
    Average::Max((spectra_a_second / ROWS_A_SECOND).round().min(1e6) as u32)
}

#[cfg(test)]
mod tests {
    use ringfall::dsp::SampleKind;
    use ringfall::source::Clock;

    use super::*;

    #[test]
    fn live_samples_of_a_high_rate_make_about_sixty_rows_a_second() {
        let mut analysis =
            Analysis { size: 2048, hop: Hop::Auto, window: Window::Hann, average: None, band_hz: (None, None) };
        let at = |analysis: &Analysis, rate_hz: f64, live: bool| {
            let clock = if live { Clock::Utc } else { Clock::File };
            analysis.settings(&SourceInfo::new("x", rate_hz, SampleKind::Complex).with_clock(clock)).unwrap()
        };
        // 20 million samples a second: hops of 1024, 19,531 spectra, 326 for each row.
        let fast = at(&analysis, 20e6, true);
        assert_eq!((fast.hop, fast.average), (1024, Average::Max(326)));
        // Every sample counts, and there are 60 rows a second.
        assert!(fast.hop <= fast.size && (20e6_f64 / 1024.0 / 326.0 - 60.0).abs() < 1.0);
        assert_eq!(at(&analysis, 48e3, true).average, Average::None);
        assert_eq!(at(&analysis, 20e6, false).average, Average::None);
        assert_eq!(at(&analysis, 1e15, true).average, Average::Max(1_000_000));
        for given in [Average::None, Average::Mean(4)] {
            analysis.average = Some(given);
            assert_eq!(at(&analysis, 20e6, true).average, given);
        }
    }
}
