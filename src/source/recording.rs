//! The spectra of recorded samples, in any order.

use std::ops::Range;
use std::sync::Arc;

use super::pace::time_ns;
use super::samples::{SampleReader, Samples};
use super::{RowInfo, SourceError, SourceInfo};
use crate::dsp::{Analyzer, Average, DspError, Settings};
use crate::rows::{Compute, Reader, RowsError};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The spectra of a recording, for [`Computed`](crate::Computed): the same rows, to the bit, that [`Spectra`](super::Spectra)
/// makes of the same samples one after the other.
pub struct Recording {
    samples: Arc<dyn Samples>,
    settings: Settings,
    info: RowInfo,
    runs: Vec<Run>,
}

/// The rows of a stretch of samples.
#[derive(Clone, Debug)]
struct Run {
    /// Number of the first row, and how many there are.
    first_row: u64,
    rows: u64,
    first_sample: u64,
    /// Time of the first row.
    start_ns: i64,
    centre_hz: f64,
    band_hz: Option<(f64, f64)>,
    bins: u32,
    first_hz: f64,
    bin_hz: f64,
}

impl Recording {
    /// Samples that are read at once.
    const PIECE: usize = 1 << 15;

    /// The spectra of these samples.
    ///
    /// # Errors
    /// [`SourceError::Settings`] for settings that do not fit; [`SourceError::Row`] for rows shorter than a nanosecond, and for
    /// an [exponential average](Average::Exponential), whose rows depend on all rows before them; [`SourceError::Time`].
    pub fn new(samples: Arc<dyn Samples>, settings: &Settings) -> Result<Self, SourceError> {
        let source = samples.info().clone();
        if let Average::Exponential(_) = settings.average {
            let (name, got) = (source.name, settings.average.to_string());
            let expected = "none, mean:N or max:N, for rows that can be computed in any order";
            return Err(SourceError::Row { name, field: "average", expected, got });
        }
        let analyzer = Analyzer::new(source.rate_hz, source.kind, source.centre_hz, settings)?;
        let info = RowInfo {
            bins: analyzer.bins(),
            first_hz: analyzer.first_hz(),
            bin_hz: analyzer.bin_hz(),
            rbw_hz: analyzer.rbw_hz(),
            row_duration_ns: analyzer.row_duration_ns(),
            unit: Unit::Decibel,
            settings: Some(*settings),
            source,
        };
        info.check()?;
        Self::with_info(samples, *settings, info)
    }

    fn with_info(samples: Arc<dyn Samples>, settings: Settings, info: RowInfo) -> Result<Self, SourceError> {
        let SourceInfo { rate_hz, kind, ref name, .. } = info.source;
        let lead_ns = (settings.lead() * 1e9 / rate_hz).round() as i64;
        let (size, hop) = (settings.size as u64, settings.hop as u64);
        let spectra_per_row = u64::from(settings.average.spectra_per_row());
        let mut runs: Vec<Run> = Vec::new();
        let mut first_row = 0;
        for stretch in samples.stretches() {
            let spectra = stretch.samples.checked_sub(size).map_or(0, |more| more / hop + 1);
            let rows = spectra / spectra_per_row;
            if rows == 0 {
                continue;
            }
            let layout = |band_hz| {
                let settings = Settings { band_hz, ..settings };
                settings.layout(rate_hz, kind, stretch.centre_hz).map(|layout| (band_hz, layout))
            };
            let (band_hz, (bins, first_hz, bin_hz)) = match layout(settings.band_hz) {
                // The requested band is no longer received: everything rather than nothing, as in `Spectra`.
                Err(DspError::Band { .. }) if !runs.is_empty() => layout(None)?,
                other => other?,
            };
            let start_ns = stretch.time_ns.saturating_add(lead_ns);
            let last_ns = time_ns((rows - 1).saturating_mul(spectra_per_row * hop), rate_hz);
            if start_ns.checked_add(last_ns).is_none_or(|ns| ns > Stamp::MOST_NS || start_ns < -Stamp::MOST_NS) {
                return Err(SourceError::Time { name: name.clone() });
            }
            let (first_sample, centre_hz, bins) = (stretch.first, stretch.centre_hz, bins as u32);
            runs.push(Run { first_row, rows, first_sample, start_ns, centre_hz, band_hz, bins, first_hz, bin_hz });
            first_row += rows;
        }
        Ok(Self { samples, settings, info, runs })
    }

    /// Properties of the rows; the frequencies are those of the first stretch.
    pub fn info(&self) -> &RowInfo {
        &self.info
    }

    /// The settings of the spectra.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The run that a row is in, and its place there.
    fn run_of(&self, row: u64) -> Option<(&Run, u64)> {
        let after = self.runs.partition_point(|run| run.first_row <= row);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let index = row - run.first_row;
        (index < run.rows).then_some((run, index))
    }

    /// Samples from the start of one row to the start of the next.
    fn samples_per_row(&self) -> u64 {
        self.settings.hop as u64 * u64::from(self.settings.average.spectra_per_row())
    }

    /// The settings of rows half as long; none if a row is a hop of one sample.
    fn half(&self) -> Option<Settings> {
        let settings = self.settings;
        let average = match settings.average {
            Average::Mean(spectra) if spectra > 1 => Average::Mean(spectra / 2),
            Average::Max(spectra) if spectra > 1 => Average::Max(spectra / 2),
            average if settings.hop > 1 => {
                return Some(Settings { hop: settings.hop / 2, average, ..settings });
            }
            _ => return None,
        };
        Some(Settings { average, ..settings })
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").field("info", &self.info).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Compute for Recording {
    fn unit(&self) -> Unit {
        Unit::Decibel
    }

    fn has_power(&self) -> bool {
        true
    }

    fn rows(&self) -> u64 {
        self.runs.last().map_or(0, |last| last.first_row + last.rows)
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        let (run, index) = self.run_of(row)?;
        let time_ns = run.start_ns + time_ns(index * self.samples_per_row(), self.info.source.rate_hz);
        let &Run { first_hz, bin_hz, bins, .. } = run;
        Some((Stamp { time_ns, duration_ns: self.info.row_duration_ns, first_hz, bin_hz }, bins))
    }

    fn breaks(&self) -> Vec<u64> {
        let breaks = self.runs.array_windows().filter_map(|[before, run]| {
            let (last, _) = self.entry(run.first_row - 1)?;
            let same = (before.first_hz, before.bin_hz, before.bins) == (run.first_hz, run.bin_hz, run.bins);
            let gap = run.start_ns.saturating_sub(last.time_ns) as f64 > 1.5 * last.duration_ns;
            (!same || gap).then_some(run.first_row)
        });
        breaks.collect()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(SpectrumReader { recording: self, samples: self.samples.reader(), analyzer: None, block: Vec::new() })
    }

    fn finer(&self) -> Option<Arc<dyn Compute>> {
        let settings = self.half()?;
        let source = &self.info.source;
        let mut info = self.info.clone();
        let per_row = settings.hop as f64 * f64::from(settings.average.spectra_per_row());
        info.row_duration_ns = per_row / source.rate_hz * 1e9;
        info.check().ok()?;
        Self::with_info(Arc::clone(&self.samples), settings, info).ok().map(|finer| Arc::new(finer) as Arc<dyn Compute>)
    }

    fn reader_bytes(&self) -> u64 {
        // The window, the weighted samples, the transform and its scratch; the samples since the last hop.
        let values = self.info.source.kind.values_per_sample() as u64;
        24 * self.settings.size as u64 * values + 16 * Self::PIECE as u64 * values
    }
}

struct SpectrumReader<'a> {
    recording: &'a Recording,
    samples: Box<dyn SampleReader + 'a>,
    /// For the layout of this run.
    analyzer: Option<(u64, Analyzer)>,
    block: Vec<f32>,
}

impl SpectrumReader<'_> {
    /// Consecutive rows of a run. Returns whether more are asked for.
    fn run<const DECIBEL: bool>(
        &mut self,
        run: &Run,
        rows: Range<u64>,
        each: &mut dyn FnMut(u64, &[f32]) -> bool,
    ) -> Result<bool, RowsError> {
        let Recording { settings, info, .. } = self.recording;
        let analyzer = match &mut self.analyzer {
            Some((first_row, analyzer)) if *first_row == run.first_row => analyzer,
            held => {
                let settings = Settings { band_hz: run.band_hz, ..*settings };
                let analyzer = Analyzer::new(info.source.rate_hz, info.source.kind, run.centre_hz, &settings);
                // They were checked when the recording was opened.
                let Ok(analyzer) = analyzer else { return Ok(false) };
                &mut held.insert((run.first_row, analyzer)).1
            }
        };
        let per_row = self.recording.samples_per_row();
        let (hop, size) = (settings.hop as u64, settings.size as u64);
        // Where most samples are skipped, they are not read.
        let apart = per_row > size.saturating_mul(2) && per_row == hop;
        let mut start = rows.start;
        while start < rows.end {
            let end = if apart { start + 1 } else { rows.end };
            analyzer.reset();
            let first = run.first_sample + (start - run.first_row) * per_row;
            let count = (end - start - 1) * per_row + (per_row - hop) + size;
            let (mut done, mut on, mut row) = (0, true, start);
            while done < count && on {
                let piece = (count - done).min(Recording::PIECE as u64);
                self.samples.read_at(first + done, piece as usize, &mut self.block)?;
                let emit = |_, values: &[f32]| {
                    on = on && each(row, values);
                    row += 1;
                };
                if DECIBEL {
                    analyzer.feed(&self.block, emit);
                } else {
                    analyzer.feed_power(&self.block, emit);
                }
                done += piece;
            }
            if !on {
                return Ok(false);
            }
            start = end;
        }
        Ok(true)
    }

    /// Consecutive rows, in dB or as power.
    fn runs<const DECIBEL: bool>(
        &mut self,
        rows: Range<u64>,
        each: &mut dyn FnMut(u64, &[f32]) -> bool,
    ) -> Result<(), RowsError> {
        let mut start = rows.start;
        while start < rows.end {
            let Some((run, index)) = self.recording.run_of(start) else {
                return Err(RowsError::NoRow { level: 0, row: start });
            };
            let end = rows.end.min(start - index + run.rows);
            if !self.run::<DECIBEL>(run, start..end, each)? {
                return Ok(());
            }
            start = end;
        }
        Ok(())
    }
}

impl Reader for SpectrumReader<'_> {
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        self.runs::<true>(rows, each)
    }

    fn read_power(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        self.runs::<false>(rows, each)
    }
}
