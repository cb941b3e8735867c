//! `ringfall render`: a picture of a file or of the demonstration, without a window.

mod beginning;
mod shown;
mod thin;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ringfall::dsp::Settings;
use ringfall::gpu::Gpu;
use ringfall::headless::{self, Offscreen};
use ringfall::source::{Channel, Feed, Source, Speed, WhenFull};
use ringfall::{Capacity, Edge, Newest, Pipelines, Stamp, View, Waterfall, export};

use beginning::Beginning;
use shown::Shown;
use thin::Thin;

use super::input::{self, DemoArgs, FileArgs};
use super::picture::PictureArgs;
use super::spectrum::SpectrumArgs;
use super::value::{self, Size};
use crate::app::range::Range;
use crate::app::units::{hertz, seconds as duration};

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  ringfall render demo -o demo.png
  ringfall render night.wav -o night.png --size 3840x2160 --colormap batlow
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

    /// Only so much from the start, such as 90s or 10min [default: all; of the demonstration a pictureful]
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
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

    /// GPU memory for rows, in MiB; of a recording that needs more, rows are reduced two or more to one before
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    memory: u32,
}

/// What is going to be made, as far as it is known before the first sample is read.
struct Plan {
    source: Box<dyn Source>,
    settings: Settings,
    /// How long the source lasts, in seconds.
    seconds: Option<f64>,
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

pub(crate) fn run(args: &RenderCommand) -> Result<()> {
    // All that can be refused at once is refused before any work is done.
    export::can_write(&args.output)?;
    let fixed = args.picture.range()?;
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
    let (capacity, thinned) = args.capacity(bins, plan.rows);
    let options = args.picture.options(bins, capacity, width, height);
    let mut fall = Waterfall::new(gpu.device(), &Pipelines::new(gpu.device()), &Offscreen::target(), &options)?;
    fall.set_colormap(&colormap);

    let row_seconds = feed.row_duration_ns() * 1e-9;
    let line_seconds = args.picture.line_time.or(plan.seconds.map(|seconds| seconds / f64::from(args.lines())));
    let rows_a_line = line_seconds.map_or(1.0, |seconds| seconds / row_seconds).clamp(1.0, 1e6) as u32;
    let bins_a_pixel = feed.bins() / args.pixels() as usize;
    let mut shown = Shown::new(args.picture.reduce(), feed.bins(), rows_a_line, bins_a_pixel);
    let mut thin = Thin::new(thinned, args.picture.reduce(), feed.bins());
    let progress = Progress::new(plan.seconds);
    let seen = stream(&gpu, &mut feed, &mut fall, &mut shown, &mut thin, &progress)?;
    progress.done();
    let (Some(first), Some(last)) = (seen.first, seen.last) else {
        bail!(
            "{}: too short for a picture: expected at least one spectrum of {} samples (--fft makes it smaller)",
            feed.info().name,
            plan.settings.size
        );
    };

    let view = args.view(&first, &last);
    fall.set_view(view)?;
    let found = shown.range().unwrap_or(Range::UNKNOWN);
    let range = found.with_fixed(fixed.0, fixed.1);
    fall.set_scale(range.scale()?);
    offscreen.draw(&gpu, &mut fall)?;
    let picture = offscreen.read(&gpu)?;
    export::write_png(&args.output, &picture)?;
    log::debug!("{} rows in {:.2?}", seen.rows, started.elapsed());

    // The outer bins reach half of themselves beyond what the samples can hold.
    let (lowest, highest) = feed.info().kind.span_hz(feed.info().rate_hz, feed.info().centre_hz);
    let (low, high) = last.span_hz(feed.bins());
    let (low, high) = (low.max(lowest), high.min(highest));
    let seconds = (last.time_ns.saturating_sub(first.time_ns) as f64 + last.duration_ns) * 1e-9;
    eprintln!(
        "{}: {width}x{height} pixels, {} of {}, a line {}, {} to {}, RBW {}, range {range}{}",
        args.output.display(),
        duration(seconds),
        feed.info().name,
        duration(view.line_ns.unwrap_or(last.duration_ns) * 1e-9),
        hertz(low),
        hertz(high),
        hertz(feed.rbw_hz()),
        if fixed.0.is_some() && fixed.1.is_some() { "" } else { " (found from the data)" },
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

    /// Opens the source, and works out how much will come of it.
    fn plan(&self) -> Result<Plan> {
        let lines = u64::from(self.lines());
        if self.input.as_os_str() == "demo" {
            // The rate is known only from a demonstration; one without an end serves for that.
            let settings = self.spectrum.settings(input::demo(&self.demo, Speed::Max, None)?.info())?;
            let rate = input::demo(&self.demo, Speed::Max, None)?.info().rate_hz;
            let spectra = u64::from(settings.average.spectra_per_row());
            let full = ((lines * spectra - 1) * settings.hop as u64 + settings.size as u64) as f64 / rate;
            let seconds = self.seconds.or(self.picture.line_time.map(|time| time * lines as f64)).unwrap_or(full);
            let source: Box<dyn Source> = Box::new(input::demo(&self.demo, Speed::Max, Some(seconds))?);
            return Ok(Plan { rows: rows(&settings, seconds, rate), source, settings, seconds: Some(seconds) });
        }
        let file = input::file(&FileArgs { file: self.input.clone(), channel: self.channel }, Speed::Max)?;
        let rate = file.info().rate_hz;
        let all = file.samples().map(|samples| samples as f64 / rate);
        let seconds = match (all, self.seconds) {
            (Some(all), Some(wanted)) => Some(wanted.min(all)),
            (all, wanted) => all.or(wanted),
        };
        let mut settings = self.spectrum.settings(file.info())?;
        if self.spectrum.hop_is_free()
            && let Some(seconds) = seconds
        {
            // As many rows as lines where that can be had: a short sound then fills the picture in fine steps.
            let spectra = lines * u64::from(settings.average.spectra_per_row());
            let hop = seconds * rate / spectra as f64;
            settings.hop = hop.clamp((settings.size / 32) as f64, (settings.size / 2) as f64).max(1.0) as usize;
        }
        let rows = seconds.and_then(|seconds| rows(&settings, seconds, rate));
        let source: Box<dyn Source> = match self.seconds {
            Some(seconds) => Box::new(Beginning { source: file, left: (seconds * rate).round() as u64 }),
            None => Box::new(file),
        };
        Ok(Plan { source, settings, seconds, rows })
    }

    /// How many rows the ring shall hold, and how many of the source's rows make one in the ring.
    fn capacity(&self, bins: u32, rows: Option<u64>) -> (Capacity, u32) {
        let budget = u64::from(self.memory) << 20;
        let row_bytes = u64::from(bins) * self.picture.bytes_per_level();
        let most = (budget / row_bytes).max(1);
        // With a line time of one's own only the last lines are on show; a line holds several rows then, perhaps.
        let Some(rows) = rows else {
            return (Capacity::Bytes(budget), 1);
        };
        let rows = rows + 1;
        let thinned = rows.div_ceil(most);
        let kept = rows.div_ceil(thinned).max(1);
        (Capacity::Rows(kept.min(u64::from(u32::MAX)) as u32), thinned.min(u64::from(u32::MAX)) as u32)
    }

    /// All of it on the picture, unless a line's time was given: then the end of it.
    fn view(&self, first: &Stamp, last: &Stamp) -> View {
        let view = self.picture.view();
        if view.line_ns.is_some() {
            return view;
        }
        let end_ns = last.time_ns.saturating_add(last.duration_ns as i64);
        let total_ns = last.time_ns.saturating_sub(first.time_ns) as f64 + last.duration_ns;
        View { line_ns: Some(total_ns / f64::from(self.lines())), edge: Edge::At(end_ns.saturating_sub(1)), ..view }
    }
}

/// How many rows so many seconds make.
fn rows(settings: &Settings, seconds: f64, rate_hz: f64) -> Option<u64> {
    let spectra = ((seconds * rate_hz - settings.size as f64) / settings.hop as f64).floor() + 1.0;
    (spectra >= 1.0).then(|| spectra as u64 / u64::from(settings.average.spectra_per_row()))
}

/// Takes all rows from the feed to the GPU.
fn stream(
    gpu: &Gpu,
    feed: &mut Feed,
    fall: &mut Waterfall,
    shown: &mut Shown,
    thin: &mut Thin,
    progress: &Progress,
) -> Result<Seen> {
    let mut seen = Seen::default();
    loop {
        // Asked before the rows are taken: what comes after the end was there before it.
        let ended = feed.status().ended;
        let mut pushed = Ok(());
        let mut staged = 0;
        let drained = feed.drain(256, |stamp, row| {
            shown.row(stamp, row);
            seen.first.get_or_insert(stamp);
            seen.last = Some(stamp);
            seen.rows += 1;
            if pushed.is_ok()
                && let Some((stamp, row)) = thin.row(stamp, row)
            {
                pushed = fall.push(stamp, row);
                staged += 1;
            }
        });
        pushed?;
        if staged > 0 {
            headless::upload(gpu, fall)?;
        }
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
        fall.push(stamp, row)?;
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
