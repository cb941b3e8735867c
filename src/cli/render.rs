//! `ringfall render`: a picture of a file or of the demonstration, without a window.

mod part;
mod thin;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ringfall::dsp::Settings;
use ringfall::gpu::Gpu;
use ringfall::headless::Offscreen;
use ringfall::source::{Channel, Feed, Source, Speed, WhenFull};
use ringfall::{Capacity, Edge, History, Loader, Newest, Norm, Pipelines, Rows as _, Stamp, View, Waterfall, export};

use part::Part;
use thin::Thin;

use super::budget;
use super::input::{self, DemoArgs, FileArgs};
use super::picture::PictureArgs;
use super::spectrum::SpectrumArgs;
use super::value::{self, Size, When};
use crate::app::range::Range;
use crate::app::shown::Shown;
use crate::app::units::{bytes, hertz, seconds as duration};

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  ringfall render demo -o demo.png
  ringfall render night.wav -o night.png --size 3840x2160 --colormap batlow
  ringfall render night.wav -o dawn.png --from 5:30:00 --to 6:00:00 --reduce mean
  ringfall render grabber.flac -o qrss.png --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
  ringfall render iq.wav --channel iq -o iq.png --vmin -110 --vmax -40 --average mean:8
  ringfall render demo --seed 7 --seconds 2min -o demo7.png --line-time 100ms")]
pub(crate) struct RenderCommand {
    /// WAV or FLAC file, or the word demo (./demo is a file of that name)
    #[arg(value_name = "FILE|demo")]
    input: PathBuf,

    /// PNG file to write; one that is there is replaced
    #[arg(short, long, value_name = "PNG")]
    output: PathBuf,

    /// Size of the picture, in pixels
    #[arg(long, value_name = "WxH", value_parser = value::size, default_value = "1920x1080")]
    size: Size,

    /// Where the picture begins: time since the beginning, such as 90s, 1.5h or 1:02:03, or UTC (see --start)
    #[arg(long, value_name = "WHEN", value_parser = value::when)]
    from: Option<When>,

    /// Where the picture ends [default: the end; of the demonstration a pictureful]
    #[arg(long, value_name = "WHEN", value_parser = value::when)]
    to: Option<When>,

    /// When the recording began, such as 2026-11-21T14:00Z; --from and --to may then be UTC
    #[arg(long, value_name = "UTC", value_parser = value::when)]
    start: Option<When>,

    /// Only so much, such as 90s or 10min [default: all; of the demonstration a pictureful]
    #[arg(long, value_name = "TIME", value_parser = value::seconds, conflicts_with = "to")]
    seconds: Option<f64>,

    /// Which channel of the file to show: mix, a number from 1, or iq (two channels that are one complex signal)
    #[arg(long, value_name = "CHANNEL", default_value = "mix", value_parser = str::parse::<Channel>)]
    channel: Channel,

    #[command(flatten)]
    demo: DemoArgs,
    #[command(flatten)]
    spectrum: SpectrumArgs,
    #[command(flatten)]
    picture: PictureArgs,

    /// Graphics adapter by a part of its name [default: WGPU_ADAPTER_NAME, else the system's choice]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,

    /// Memory for rows, in MiB, and as much on the GPU at most; of a recording that needs more, rows are reduced two or more to
    /// one before [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    memory: Option<u32>,

    /// What is added to a range that is found from the data, in dB: above 0 for a darker picture
    #[arg(long, value_name = "DB", default_value = "0", value_parser = value::decibels, allow_hyphen_values = true)]
    bias: f32,
}

/// What is going to be made, as far as it is known before the first sample is read.
struct Plan {
    source: Box<dyn Source>,
    settings: Settings,
    /// How long it lasts, in seconds.
    seconds: Option<f64>,
    /// The times asked for, in nanoseconds, where they were.
    times: Option<(i64, i64)>,
    /// How many rows that makes.
    rows: Option<u64>,
}

/// What came of the rows.
#[derive(Default)]
struct Seen {
    first: Option<Stamp>,
    last: Option<Stamp>,
    rows: u64,
}

/// Cells that the range is found from, at most, about.
const CELLS: u64 = 64 << 20;

pub(crate) fn run(args: &RenderCommand) -> Result<()> {
    // All that can be refused at once is refused before any work is done.
    export::can_write(&args.output)?;
    let fixed = args.picture.range();
    let colormap = args.picture.colormap()?;
    let plan = args.plan()?;
    let gpu = Gpu::open(Gpu::new_instance(), None, args.adapter.as_deref())?;
    crate::app::warn_if_software(&gpu);
    let Size { width, height } = args.size;
    let offscreen = Offscreen::new(&gpu, width, height)?;

    let started = Instant::now();
    let reader = std::thread::current();
    let queue = crate::app::queue_rows(&plan.settings, plan.source.info().rate_hz);
    let mut feed = Feed::start(plan.source, &plan.settings, queue, WhenFull::Wait, move || reader.unpark())?;
    let bins = feed.bins() as u32;
    let (budget, thinned) = args.budget(feed.bins(), plan.rows)?;
    let options = args.picture.options(bins, args.capacity(bins, plan.rows), width, height);
    let mut fall = Waterfall::new(gpu.device(), &Pipelines::new(gpu.device()), &Offscreen::target(), &options)?;
    fall.set_colormap(&colormap);

    let mut history = History::new(budget, args.picture.depth());
    let mut thin = Thin::new(thinned, args.picture.reduce(), feed.bins());
    let progress = Progress::new(plan.seconds);
    let seen = stream(&mut feed, &mut history, &mut thin, &progress)?;
    progress.done();
    let (Some(first), Some(last)) = (seen.first, seen.last) else {
        bail!(
            "{}: too short for a picture: expected at least one spectrum of {} samples (--fft makes it smaller)",
            feed.info().name,
            plan.settings.size
        );
    };

    if history.given_up() > 0 {
        let kept = history.stamp(0, history.range(0).start).map_or(0, |(stamp, _)| stamp.time_ns);
        log::warn!(
            "{}: its first {} do not fit in the memory, and are left out (--memory)",
            feed.info().name,
            duration(kept.saturating_sub(first.time_ns) as f64 * 1e-9)
        );
    }
    let mut loader = Loader::new(args.view(&plan.settings, plan.times, &first, &last))?;
    loader.update(&mut fall, &history)?;
    let view = loader.resolved(&history).unwrap_or(loader.view());
    let found = Shown::new().range(&history, &view, (args.lines(), args.pixels()), CELLS);
    let found = found.unwrap_or(Range::UNKNOWN).moved(args.bias);
    let range = found.with_fixed(fixed.0, fixed.1).with_norm(args.picture.norm);
    fall.set_scale(range.scale()?);
    offscreen.draw(&gpu, &mut fall)?;
    let picture = offscreen.read(&gpu)?;
    export::write_png(&args.output, &picture)?;
    log::debug!("{} rows in {:.2?}", seen.rows, started.elapsed());

    // The outer bins reach half of themselves beyond what the samples can hold.
    let (lowest, highest) = feed.info().kind.span_hz(feed.info().rate_hz, feed.info().centre_hz);
    let (low, high) = view.span_hz.unwrap_or(last.span_hz(feed.bins()));
    let (low, high) = (low.max(lowest), high.min(highest));
    let all = (first.time_ns, last.time_ns.saturating_add(last.duration_ns as i64));
    let (from_ns, to_ns) = plan.times.unwrap_or(all);
    let seconds = to_ns.saturating_sub(from_ns) as f64 * 1e-9;
    eprintln!(
        "{}: {width}x{height} pixels, {} of {}, a line {}, {} to {}, RBW {}, range {range}{}{}",
        args.output.display(),
        duration(seconds),
        feed.info().name,
        duration(view.line_ns.unwrap_or(last.duration_ns) * 1e-9),
        hertz(low),
        hertz(high),
        hertz(feed.rbw_hz()),
        if fixed.0.is_some() && fixed.1.is_some() { "" } else { " (found from the data)" },
        if range.norm() == Norm::Linear { String::new() } else { format!(", norm {}", range.norm()) },
    );
    Ok(())
}

impl RenderCommand {
    /// Lines of the picture along the time axis.
    fn lines(&self) -> u32 {
        match self.picture.newest() {
            Newest::Top | Newest::Bottom => self.size.height,
            Newest::Left | Newest::Right => self.size.width,
        }
    }

    /// Pixels of the picture along the frequency axis.
    fn pixels(&self) -> u32 {
        match self.picture.newest() {
            Newest::Top | Newest::Bottom => self.size.width,
            Newest::Left | Newest::Right => self.size.height,
        }
    }

    /// The part asked for, in seconds since the beginning.
    fn part(&self) -> Result<(Option<f64>, Option<f64>)> {
        let start_ns = match self.start {
            Some(When::Utc(start_ns)) => Some(start_ns),
            Some(When::Seconds(_)) => bail!("--start: expected UTC, such as 2026-11-21T14:00Z"),
            None => None,
        };
        let seconds = |flag: &str, when: Option<When>| match (when, start_ns) {
            (None, _) => Ok(None),
            (Some(When::Seconds(seconds)), _) => Ok(Some(seconds)),
            (Some(When::Utc(ns)), Some(start_ns)) => Ok(Some(ns.saturating_sub(start_ns) as f64 * 1e-9)),
            (Some(When::Utc(_)), None) => bail!(
                "{flag}: {} does not say when it was recorded: expected a time since the beginning, such as 90s, \
                 or --start with the UTC of its beginning",
                self.input.display()
            ),
        };
        let (from, to) = (seconds("--from", self.from)?, seconds("--to", self.to)?);
        let to = to.or(self.seconds.map(|seconds| from.unwrap_or(0.0) + seconds));
        if let Some(from) = from.filter(|from| *from < 0.0) {
            bail!("--from: {} before the beginning of {}", duration(-from), self.input.display());
        }
        if let Some(to) = to
            && to <= from.unwrap_or(0.0)
        {
            bail!(
                "--from, --to: {} to {} after the beginning: expected --from before --to",
                duration(from.unwrap_or(0.0)),
                duration(to)
            );
        }
        Ok((from, to))
    }

    /// Opens the source, and works out how much will come of it.
    fn plan(&self) -> Result<Plan> {
        let (from, to) = self.part()?;
        let begin = from.unwrap_or(0.0);
        let lines = u64::from(self.lines());
        if self.input.as_os_str() == "demo" {
            // The rate is known only from a demonstration; one without an end serves for that.
            let settings = self.spectrum.settings(input::demo(&self.demo, Speed::Max, None)?.info())?;
            let rate = input::demo(&self.demo, Speed::Max, None)?.info().rate_hz;
            let spectra = u64::from(settings.average.spectra_per_row());
            let full = ((lines * spectra - 1) * settings.hop as u64 + settings.size as u64) as f64 / rate;
            let seconds = to.map(|to| to - begin).or(self.picture.line_time.map(|time| time * lines as f64));
            let seconds = seconds.unwrap_or(full);
            // Where the times are given, spectra go on until the last line is full.
            let times = from.or(self.to.map(|_| 0.0)).map(|from| times(from, from + seconds));
            let more = if times.is_some() { settings.size as f64 / rate } else { 0.0 };
            let demo = input::demo(&self.demo, Speed::Max, Some(begin + seconds + more))?;
            let source = Box::new(Part::new(demo, first_sample(begin, rate, &settings), u64::MAX));
            let rows = rows(&settings, seconds + more, rate);
            return Ok(Plan { rows, source, settings, seconds: Some(seconds), times });
        }
        let file = input::file(&FileArgs { file: self.input.clone(), channel: self.channel }, Speed::Max)?;
        let rate = file.info().rate_hz;
        let all = file.samples().map(|samples| samples as f64 / rate);
        if let (Some(all), Some(from)) = (all, from)
            && from >= all
        {
            bail!("--from: {} after the beginning, but {} lasts {}", duration(from), file.info().name, duration(all));
        }
        let end = match (all, to) {
            (Some(all), Some(to)) => Some(to.min(all)),
            (all, to) => all.or(to),
        };
        let seconds = end.map(|end| end - begin);
        let mut settings = self.spectrum.settings(file.info())?;
        if self.spectrum.hop_is_free()
            && let Some(seconds) = seconds
        {
            // As many rows as lines where that can be had: a short sound then fills the picture in fine steps.
            let spectra = lines * u64::from(settings.average.spectra_per_row());
            let hop = seconds * rate / spectra as f64;
            settings.hop = hop.clamp((settings.size / 32) as f64, (settings.size / 2) as f64).max(1.0) as usize;
        }
        let given = self.from.is_some() || self.to.is_some();
        let times = end.filter(|_| given).map(|end| times(begin, end));
        let more = if times.is_some() { settings.size } else { 0 };
        let skip = first_sample(begin, rate, &settings);
        let count = to.map_or(u64::MAX, |to| ((to * rate).round() as u64 + more as u64).saturating_sub(skip));
        let rows = seconds.and_then(|seconds| rows(&settings, seconds + more as f64 / rate, rate));
        let source = Box::new(Part::new(file, skip, count));
        Ok(Plan { source, settings, seconds, rows, times })
    }

    /// How many bytes of rows to keep, and how many of the source's rows make one of them.
    fn budget(&self, bins: usize, rows: Option<u64>) -> Result<(u64, u32)> {
        let machine = budget::machine_bytes().unwrap_or(u64::MAX);
        let budget = match self.memory {
            Some(mib) => u64::from(mib) << 20,
            None => (1 << 30).min(machine / 2),
        };
        let row = budget::row_bytes(bins, self.picture.depth());
        if budget > machine {
            bail!("--memory: {} are more than this machine has, {}", bytes(budget), bytes(machine));
        }
        if budget < row {
            bail!("--memory: {} hold no row of this spectrum: expected {} at least", bytes(budget), bytes(row));
        }
        // With an average over all of it, one row too many would throw out the first.
        let most = (budget / 20 * 19 / row).max(1);
        let thinned = rows.map_or(1, |rows| (rows + 1).div_ceil(most));
        Ok((budget, thinned.min(u64::from(u32::MAX)) as u32))
    }

    /// How many rows the GPU holds: the loader brings no more than sixteen to a line.
    fn capacity(&self, bins: u32, rows: Option<u64>) -> Capacity {
        let row_bytes = u64::from(bins) * self.picture.bytes_per_level();
        let budget = u64::from(self.memory.unwrap_or(1024)) << 20;
        let most = (budget / row_bytes).max(1);
        let needed = (16 * u64::from(self.lines()) + 64).min(rows.map_or(u64::MAX, |rows| rows + 2));
        Capacity::Rows(needed.min(most).min(u64::from(u32::MAX)) as u32)
    }

    /// The times asked for, else all of it; but if a line's time was given, the end of it.
    fn view(&self, settings: &Settings, times: Option<(i64, i64)>, first: &Stamp, last: &Stamp) -> View {
        let view = self.picture.view(settings.band_hz);
        let end_ns = last.time_ns.saturating_add(last.duration_ns as i64);
        let (from_ns, to_ns) = times.unwrap_or((first.time_ns, end_ns));
        if view.line_ns.is_some() {
            let edge = if times.is_some() { Edge::At(to_ns.min(end_ns).saturating_sub(1)) } else { view.edge };
            return View { edge, ..view };
        }
        let total_ns = match times {
            Some(_) => to_ns.saturating_sub(from_ns) as f64,
            None => last.time_ns.saturating_sub(first.time_ns) as f64 + last.duration_ns,
        };
        View { line_ns: Some(total_ns / f64::from(self.lines())), edge: Edge::At(to_ns.saturating_sub(1)), ..view }
    }
}

/// The sample that the first row begins with whose time begins `begin` seconds after the source's: rows stand for what lies
/// about their middles.
fn first_sample(begin: f64, rate: f64, settings: &Settings) -> u64 {
    (begin * rate - settings.lead()).round().max(0.0) as u64
}

/// Seconds as nanoseconds on the source's clock.
fn times(from: f64, to: f64) -> (i64, i64) {
    ((from * 1e9).round() as i64, (to * 1e9).round() as i64)
}

/// How many rows so many seconds make.
fn rows(settings: &Settings, seconds: f64, rate_hz: f64) -> Option<u64> {
    let spectra = ((seconds * rate_hz - settings.size as f64) / settings.hop as f64).floor() + 1.0;
    (spectra >= 1.0).then(|| spectra as u64 / u64::from(settings.average.spectra_per_row()))
}

/// Takes all rows from the feed to the history.
fn stream(feed: &mut Feed, history: &mut History, thin: &mut Thin, progress: &Progress) -> Result<Seen> {
    let mut seen = Seen::default();
    loop {
        // Asked before the rows are taken: what comes after the end was there before it.
        let ended = feed.status().ended;
        let mut pushed = Ok(());
        let drained = feed.drain(256, |stamp, row| {
            seen.first.get_or_insert(stamp);
            seen.last = Some(stamp);
            seen.rows += 1;
            if pushed.is_ok()
                && let Some((stamp, row)) = thin.row(stamp, row)
            {
                pushed = history.push(stamp, row);
            }
        });
        pushed.context("--memory")?;
        if let (Some(first), Some(last)) = (&seen.first, &seen.last) {
            progress.at(last.time_ns.saturating_sub(first.time_ns) as f64 * 1e-9);
        }
        if drained == 0 {
            if ended {
                break;
            }
            // The feed unparks; the time-out is for what it has no news of.
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
    if let Some((stamp, row)) = thin.rest() {
        history.push(stamp, row).context("--memory")?;
    }
    let status = feed.status();
    if let Some(error) = status.error {
        return Err(error.into());
    }
    Ok(seen)
}

/// A progress bar that shows itself when it takes over a second.
struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    fn new(seconds: Option<f64>) -> Self {
        let (length, style) = match seconds {
            Some(seconds) => ((seconds * 1e3) as u64, "{wide_bar} {percent} % {eta} to go"),
            None => (0, "{spinner} {elapsed}"),
        };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, started: Instant::now() }
    }

    fn at(&self, seconds: f64) {
        self.bar.set_position((seconds * 1e3) as u64);
        if self.bar.is_hidden() && self.started.elapsed() > Duration::from_secs(1) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    fn done(&self) {
        self.bar.finish_and_clear();
    }
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
