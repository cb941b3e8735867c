//! What `render` does with a recording or the demonstration: which part of it, in which rows.

use std::sync::Arc;

use anyhow::{Result, bail};
use ringfall::dsp::{Average, Settings};
use ringfall::source::{Clock, RowSource, Samples, Source, SourceInfo, Spectra, Speed};

use super::RenderCommand;
use super::part::{Cut, Part, RowPart};
use crate::cli::input::{self, Input};
use crate::cli::recording::Opened;
use crate::flags::when::When;
use crate::flags::{Usage, value, wrong};
use crate::units::seconds as duration;

/// The plan, as far as it is known before the first sample is read.
pub(super) struct Plan {
    pub(super) origin: Origin,
    /// The requested band.
    pub(super) band_hz: Option<(f64, f64)>,
    /// Samples per spectrum, if spectra are computed.
    pub(super) fft: Option<usize>,
    /// How long it lasts, in seconds.
    pub(super) seconds: Option<f64>,
    /// The requested times in nanoseconds, if any.
    pub(super) times: Option<(i64, i64)>,
    /// The number of rows.
    pub(super) rows: Option<u64>,
}

/// Where rows come from.
pub(super) enum Origin {
    /// A source that delivers them one after the other, and the rows in its queue; `None` for about one second of rows.
    Rows(Box<dyn RowSource>, Option<usize>),
    /// Samples that can be read in any order, the part of them that is asked for, and how they are analysed.
    Samples { all: Arc<dyn Samples>, part: Arc<Cut>, settings: Settings },
}

impl Plan {
    /// What to do with samples.
    fn spectra(
        source: Part,
        settings: &Settings,
        seconds: Option<f64>,
        times: Option<(i64, i64)>,
        rows: Option<u64>,
    ) -> Result<Self> {
        let queue = Some(crate::app::queue_rows(settings, source.info().rate_hz));
        let source = Box::new(Spectra::new(Box::new(source), settings)?);
        let origin = Origin::Rows(source, queue);
        Ok(Self { origin, band_hz: settings.band_hz, fft: Some(settings.size), seconds, times, rows })
    }
}

impl RenderCommand {
    /// The requested part, in seconds since the beginning.
    pub(super) fn part(&self, start_ns: Option<i64>) -> Result<(Option<f64>, Option<f64>), Usage> {
        let seconds = |flag: &str, when: Option<When>| {
            let Some(when) = when else { return Ok(None) };
            let Some(seconds) = when.since(start_ns) else {
                wrong!(
                    "{flag}: {} does not say when it was recorded: expected a time since the beginning, such as 90s, \
                     or --start with the UTC of its beginning",
                    self.input.display()
                );
            };
            Ok::<_, Usage>(Some(seconds))
        };
        let (from, to) = (seconds("--from", self.from)?, seconds("--to", self.to)?);
        let to = to.or(self.seconds.map(|seconds| from.unwrap_or(0.0) + seconds));
        for (flag, at) in [("--from", from), ("--to", to)] {
            let Some(at) = at else { continue };
            if at < 0.0 {
                wrong!("{flag}: {} before the beginning of {}", duration(-at), self.input.display());
            }
            if at > 2.0 * value::MAX_SECONDS {
                wrong!(
                    "{flag}: {} after the beginning: expected {} at most",
                    duration(at),
                    duration(value::MAX_SECONDS)
                );
            }
        }
        if let Some(to) = to
            && to <= from.unwrap_or(0.0)
        {
            wrong!(
                "--from, --to: {} to {} after the beginning: expected --from before --to",
                duration(from.unwrap_or(0.0)),
                duration(to)
            );
        }
        Ok((from, to))
    }

    /// Opens the source, and computes how many rows it will deliver.
    pub(super) fn plan(&self) -> Result<Plan> {
        if !self.is_demo() {
            return self.plan_file();
        }
        let (from, to) = self.part(None)?;
        let begin = from.unwrap_or(0.0);
        let lines = u64::from(self.lines());
        // Only a demonstration knows its rate; one without an end is opened for that.
        let endless = input::demo(&self.demo, Speed::Max, None)?;
        let settings = self.spectrum.settings(endless.info())?;
        let rate = endless.info().rate_hz;
        let spectra = lines as f64 * f64::from(settings.average.spectra_per_row());
        let full = ((spectra - 1.0) * settings.hop as f64 + settings.size as f64) / rate;
        let seconds = to.map(|to| to - begin).or(self.picture.line_time.map(|time| time * lines as f64));
        let seconds = seconds.unwrap_or(full);
        // If the times are given, spectra continue until the last line is full.
        let times = from.or(self.to.map(|_| 0.0)).map(|from| times(from, from + seconds));
        let more = if times.is_some() { settings.size as f64 / rate } else { 0.0 };
        let demo = input::demo(&self.demo, Speed::Max, Some(begin + seconds + more))?;
        let source = Part::new(Box::new(demo), 0, first_sample(begin, rate, &settings), u64::MAX);
        let rows = rows(&settings, seconds + more, rate);
        Plan::spectra(source, &settings, Some(seconds), times, rows)
    }

    /// The same for a file or a pipe.
    fn plan_file(&self) -> Result<Plan> {
        let asked = self.asked();
        // Each row of this average depends on all rows before it.
        let ordered = matches!(self.spectrum.average, Some(Average::Exponential(_)));
        if let Some(samples) = if ordered { None } else { asked.samples()? } {
            let info = samples.info().clone();
            let start_ns = (info.clock == Clock::Utc).then(|| samples.time_ns(0));
            let all_ns = samples.time_ns(samples.count()).saturating_sub(start_ns.unwrap_or(0));
            let asked = self.spectra(&info, start_ns, Some(all_ns as f64 * 1e-9))?;
            let Wanted { settings, skip, count, origin_ns, .. } = asked;
            let part = Arc::new(Cut::new(Arc::clone(&samples), origin_ns, skip, count));
            return Ok(asked.plan(Origin::Samples { all: samples, part, settings }));
        }
        let Opened { input, start_ns, seconds: all } = asked.open(Speed::Max, false)?;
        let mut file = match input {
            Input::Samples(file) => file,
            Input::Rows(source) => return self.plan_rows(source, start_ns),
        };
        let asked = self.spectra(file.info(), start_ns, all)?;
        let Wanted { settings, skip, count, origin_ns, rate, .. } = asked;
        if skip > 0 {
            file.seek(origin_ns.saturating_add((skip as f64 * 1e9 / rate).round() as i64))?;
        }
        let queue = Some(crate::app::queue_rows(&settings, rate));
        let source = Spectra::new(Box::new(Part::new(file, origin_ns, skip, count)), &settings)?;
        Ok(asked.plan(Origin::Rows(Box::new(source), queue)))
    }

    /// What is asked for of samples that began at this time, and of which there are so many seconds, as far as that is known.
    fn spectra(&self, info: &SourceInfo, start_ns: Option<i64>, all: Option<f64>) -> Result<Wanted> {
        let (from, to) = self.part(self.start.or(start_ns))?;
        let begin = from.unwrap_or(0.0);
        let origin_ns = start_ns.unwrap_or(0);
        let rate = info.rate_hz;
        if let (Some(all), Some(from)) = (all, from)
            && from >= all
        {
            bail!("--from: {} after the beginning, but {} lasts {}", duration(from), info.name, duration(all));
        }
        let end = match (all, to) {
            (Some(all), Some(to)) => Some(to.min(all)),
            (all, to) => all.or(to),
        };
        let seconds = end.map(|end| end - begin);
        let mut settings = self.spectrum.settings(info)?;
        if self.spectrum.hop_is_free()
            && let Some(seconds) = seconds
        {
            // As many rows as lines if possible, so that a short sound fills the picture in fine steps.
            let spectra = self.lines_of(seconds) * f64::from(settings.average.spectra_per_row());
            let hop = seconds * rate / spectra;
            settings.hop = hop.clamp((settings.size / 32) as f64, (settings.size / 2) as f64).max(1.0) as usize;
        }
        let given = self.from.is_some() || self.to.is_some();
        let times = end.filter(|_| given).map(|end| on_clock(origin_ns, times(begin, end)));
        let more = if times.is_some() { settings.size } else { 0 };
        let skip = first_sample(begin, rate, &settings);
        let count =
            to.map_or(u64::MAX, |to| ((to * rate).round() as u64).saturating_add(more as u64).saturating_sub(skip));
        let rows = seconds.and_then(|seconds| rows(&settings, seconds + more as f64 / rate, rate));
        Ok(Wanted { settings, origin_ns, rate, skip, count, seconds, times, rows })
    }

    /// The same for rows that come ready.
    fn plan_rows(&self, source: Box<dyn RowSource>, start_ns: Option<i64>) -> Result<Plan> {
        let (from, to) = self.part(self.start.or(start_ns))?;
        let begin = from.unwrap_or(0.0);
        let origin_ns = start_ns.unwrap_or(0);
        let given = self.from.is_some() || self.to.is_some();
        let band_hz = self.spectrum.band(source.info())?;
        let end = to.unwrap_or(f64::INFINITY);
        let rows = to.map(|to| ((to - begin) * 1e9 / source.info().row_duration_ns).ceil() as u64);
        let (first_ns, end_ns) = on_clock(origin_ns, times(begin, end));
        let source = RowPart::new(source, (if from.is_some() { first_ns } else { i64::MIN }, end_ns));
        let times = to.filter(|_| given).map(|end| on_clock(origin_ns, times(begin, end)));
        let seconds = to.map(|to| to - begin);
        Ok(Plan { origin: Origin::Rows(Box::new(source), None), band_hz, fft: None, seconds, times, rows })
    }
}

/// What is asked for of samples.
struct Wanted {
    settings: Settings,
    /// Time of sample 0.
    origin_ns: i64,
    rate: f64,
    /// Samples before the first that is read, and how many are read.
    skip: u64,
    count: u64,
    seconds: Option<f64>,
    times: Option<(i64, i64)>,
    rows: Option<u64>,
}

impl Wanted {
    fn plan(self, origin: Origin) -> Plan {
        let Self { settings, seconds, times, rows, .. } = self;
        Plan { origin, band_hz: settings.band_hz, fft: Some(settings.size), seconds, times, rows }
    }
}

/// Times since the beginning as times on a clock.
fn on_clock(origin_ns: i64, (from, to): (i64, i64)) -> (i64, i64) {
    (from.saturating_add(origin_ns), to.saturating_add(origin_ns))
}

/// First sample to read so that the first row begins `begin` seconds after the source: a row represents the time around its
/// middle, so its samples begin earlier.
fn first_sample(begin: f64, rate: f64, settings: &Settings) -> u64 {
    (begin * rate - settings.lead()).round().max(0.0) as u64
}

/// Seconds as nanoseconds on the source's clock.
fn times(from: f64, to: f64) -> (i64, i64) {
    ((from * 1e9).round() as i64, (to * 1e9).round() as i64)
}

/// The number of rows in this many seconds.
fn rows(settings: &Settings, seconds: f64, rate_hz: f64) -> Option<u64> {
    let spectra = ((seconds * rate_hz - settings.size as f64) / settings.hop as f64).floor() + 1.0;
    (spectra >= 1.0).then(|| spectra as u64 / u64::from(settings.average.spectra_per_row()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_rows() {
        let settings = Settings { size: 100, hop: 50, ..Settings::default() };
        assert_eq!(rows(&settings, 1.0, 99.0), None);
        assert_eq!(rows(&settings, 1.0, 100.0), Some(1));
        assert_eq!(rows(&settings, 1.0, 149.0), Some(1));
        assert_eq!(rows(&settings, 1.0, 150.0), Some(2));
    }
}
