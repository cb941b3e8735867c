//! Rows made of a source's samples.

use std::sync::Arc;

use super::pace::time_ns;
use super::{Block, Control, Read, RowInfo, RowSource, Source, SourceError, SourceInfo};
use crate::dsp::{Analyzer, DspError, Settings};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The rows that a spectrum [`Analyzer`] makes of a [`Source`]'s samples, in dBFS.
///
/// A row's time is around the middle of its samples ([`Settings::lead`]).
pub struct Spectra {
    source: Box<dyn Source>,
    settings: Settings,
    analyzer: Analyzer,
    info: RowInfo,
    block: Block,
    /// From a row's first sample to the beginning of its time.
    lead_ns: i64,
    /// Time of the row that begins with the sample that rows are counted from; none before the first sample.
    start_ns: Option<i64>,
    /// Something was thrown away since the last sample.
    missed: bool,
    /// The settings were changed since the last read.
    changed: bool,
    gaps: u64,
}

impl Spectra {
    /// Analyses the samples of `source`.
    ///
    /// # Errors
    /// [`SourceError::Settings`] if the settings do not fit the source, and [`SourceError::Row`] for rows that are shorter
    /// than a nanosecond.
    pub fn new(source: Box<dyn Source>, settings: &Settings) -> Result<Self, SourceError> {
        let analyzer = analyzer(source.info(), settings)?;
        let info = describe(source.info(), &analyzer, settings)?;
        let lead_ns = lead_ns(settings, info.source.rate_hz);
        Ok(Self {
            source,
            settings: *settings,
            analyzer,
            info,
            block: Block::default(),
            lead_ns,
            start_ns: None,
            missed: false,
            changed: false,
            gaps: 0,
        })
    }

    /// The source has changed: its rows start a new span.
    fn rebuild(&mut self) -> Result<(), SourceError> {
        let source = self.source.info();
        self.analyzer = match analyzer(source, &self.settings) {
            // The requested band is no longer received: show everything rather than nothing.
            Err(DspError::Band { .. }) => analyzer(source, &Settings { band_hz: None, ..self.settings })?,
            other => other?,
        };
        self.info = describe(source, &self.analyzer, &self.settings)?;
        self.lead_ns = lead_ns(&self.settings, source.rate_hz);
        self.start_ns = None;
        self.missed = false;
        Ok(())
    }

    /// Makes rows of the block.
    fn analyse(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<(), SourceError> {
        let gap = self.start_ns.is_some() && (self.block.gap || self.missed);
        self.missed = false;
        if gap {
            self.gaps += 1;
            self.analyzer.reset();
        }
        let start_ns = match self.start_ns {
            Some(start_ns) if !gap => start_ns,
            _ => self.block.time_ns.saturating_add(self.lead_ns),
        };
        self.start_ns = Some(start_ns);
        let RowInfo { first_hz, bin_hz, row_duration_ns: duration_ns, ref source, .. } = self.info;
        let mut overflow = false;
        self.analyzer.feed(&self.block.samples, |index, values| {
            match start_ns.checked_add(time_ns(index, source.rate_hz)) {
                Some(time_ns) if time_ns < i64::MAX => {
                    row(Stamp { time_ns, duration_ns, first_hz, bin_hz }, values);
                }
                _ => overflow = true,
            }
        });
        if overflow { Err(SourceError::Time { name: source.name.clone() }) } else { Ok(()) }
    }
}

fn analyzer(source: &SourceInfo, settings: &Settings) -> Result<Analyzer, DspError> {
    Analyzer::new(source.rate_hz, source.kind, source.centre_hz, settings)
}

fn describe(source: &SourceInfo, analyzer: &Analyzer, settings: &Settings) -> Result<RowInfo, SourceError> {
    let info = RowInfo {
        source: source.clone(),
        bins: analyzer.bins(),
        first_hz: analyzer.first_hz(),
        bin_hz: analyzer.bin_hz(),
        rbw_hz: analyzer.rbw_hz(),
        row_duration_ns: analyzer.row_duration_ns(),
        unit: Unit::Decibel,
        settings: Some(*settings),
    };
    info.check()?;
    Ok(info)
}

fn lead_ns(settings: &Settings, rate_hz: f64) -> i64 {
    (settings.lead() * 1e9 / rate_hz).round() as i64
}

impl std::fmt::Debug for Spectra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spectra").field("info", &self.info).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl RowSource for Spectra {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if std::mem::take(&mut self.changed) {
            return Ok(Read::Changed);
        }
        let read = self.source.read(&mut self.block)?;
        match read {
            Read::Samples => self.analyse(row)?,
            Read::Changed => self.rebuild()?,
            _ => {}
        }
        Ok(read)
    }

    fn discard(&mut self) -> Result<Read, SourceError> {
        if std::mem::take(&mut self.changed) {
            return Ok(Read::Changed);
        }
        let read = self.source.read(&mut self.block)?;
        match read {
            Read::Samples => self.missed = true,
            Read::Changed => self.rebuild()?,
            _ => {}
        }
        Ok(read)
    }

    fn overruns(&self) -> u64 {
        self.source.overruns()
    }

    fn gaps(&self) -> u64 {
        self.gaps
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }

    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        self.source.control(control)
    }

    fn set_settings(&mut self, settings: &Settings) -> Result<(), SourceError> {
        // Tried first: what does not fit changes nothing.
        describe(self.source.info(), &analyzer(self.source.info(), settings)?, settings)?;
        self.settings = *settings;
        self.changed = true;
        self.rebuild()
    }
}
