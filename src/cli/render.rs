//! `ringfall render`: a picture of a file or of the demonstration, without a window.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ringfall::dsp::Settings;
use ringfall::gpu::Gpu;
use ringfall::headless::{self, Offscreen};
use ringfall::source::{Block, Channel, Feed, Read, Source, SourceError, SourceInfo, Speed, WhenFull};
use ringfall::{Capacity, Edge, Newest, Pipelines, Reduce, Stamp, View, Waterfall, export};

use super::input::{self, DemoArgs, FileArgs};
use super::picture::PictureArgs;
use super::spectrum::SpectrumArgs;
use super::value::{self, Size, show_hertz, show_seconds};
use crate::app::range::{Levels, Range};

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
    let gpu = Gpu::open(Gpu::instance(), None, args.adapter.as_deref())?;
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

    let mut levels = Levels::new();
    let mut thin = Thin::new(thinned, args.picture.reduce(), feed.bins());
    let progress = Progress::new(plan.seconds);
    let seen = stream(&gpu, &mut feed, &mut fall, &mut levels, &mut thin, &progress)?;
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
    let found = levels.range().unwrap_or(Range::UNKNOWN);
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
        show_seconds(seconds),
        feed.info().name,
        show_seconds(view.line_ns.unwrap_or(last.duration_ns) * 1e-9),
        show_hertz(low),
        show_hertz(high),
        show_hertz(feed.rbw_hz()),
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
        if self.spectrum.hop_is_free() && let Some(seconds) = seconds {
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
        let Some(rows) = rows else { return (Capacity::Bytes(budget), 1) };
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
        View {
            line_ns: Some(total_ns / f64::from(self.lines())),
            edge: Edge::At(end_ns.saturating_sub(1)),
            ..view
        }
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
    levels: &mut Levels,
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
            levels.add(row);
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

/// So many samples of a source, and no more.
struct Beginning<S> {
    source: S,
    left: u64,
}

impl<S: Source> Source for Beginning<S> {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        if self.left == 0 {
            return Ok(Read::End);
        }
        let read = self.source.read(block)?;
        if read == Read::Samples {
            let width = self.source.info().kind.values_per_sample();
            let samples = (block.samples.len() / width) as u64;
            block.samples.truncate(samples.min(self.left) as usize * width);
            self.left = self.left.saturating_sub(samples);
        }
        Ok(read)
    }

    fn overruns(&self) -> u64 {
        self.source.overruns()
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }
}

/// Makes one row of several, for recordings that do not fit in memory: the same reduction as the shader's, of rows that
/// would share a line of pixels anyway.
struct Thin {
    every: u32,
    reduce: Reduce,
    count: u32,
    stamp: Option<Stamp>,
    row: Vec<f32>,
}

impl Thin {
    fn new(every: u32, reduce: Reduce, bins: usize) -> Self {
        let row = if every > 1 { vec![0.0; bins] } else { Vec::new() };
        Self { every, reduce, count: 0, stamp: None, row }
    }

    /// Takes a row; gives one back when it is time.
    fn row<'a>(&'a mut self, stamp: Stamp, row: &'a [f32]) -> Option<(Stamp, &'a [f32])> {
        if self.every <= 1 {
            return Some((stamp, row));
        }
        let first = *self.stamp.get_or_insert(stamp);
        if self.count == 0 {
            self.row.copy_from_slice(row);
            if self.reduce == Reduce::Mean {
                self.row.iter_mut().for_each(|level| *level = power(*level));
            }
        } else {
            // `max` and `min` take the number where the other is NaN.
            let reduce: fn(f32, f32) -> f32 = match self.reduce {
                Reduce::Max => f32::max,
                Reduce::Min => f32::min,
                Reduce::Mean => |sum, level| sum + power(level),
            };
            self.row.iter_mut().zip(row).for_each(|(kept, &level)| *kept = reduce(*kept, level));
        }
        self.count += 1;
        if self.count < self.every {
            return None;
        }
        self.stamp = Some(first);
        self.rest()
    }

    /// What is left at the end.
    fn rest(&mut self) -> Option<(Stamp, &[f32])> {
        let count = std::mem::take(&mut self.count);
        let stamp = self.stamp.take()?;
        if self.reduce == Reduce::Mean {
            self.row.iter_mut().for_each(|sum| *sum = 10.0 * (*sum / count as f32).log10());
        }
        Some((Stamp { duration_ns: stamp.duration_ns * f64::from(count), ..stamp }, &self.row))
    }
}

fn power(level_db: f32) -> f32 {
    10f32.powf(0.1 * level_db)
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

    fn stamp(index: u64) -> Stamp {
        Stamp::index(index)
    }

    fn thinned(every: u32, reduce: Reduce, rows: &[[f32; 2]]) -> Vec<(i64, f64, Vec<f32>)> {
        let mut thin = Thin::new(every, reduce, 2);
        let mut out = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if let Some((stamp, row)) = thin.row(stamp(index as u64), row) {
                out.push((stamp.time_ns / 1_000_000_000, stamp.duration_ns * 1e-9, row.to_vec()));
            }
        }
        if let Some((stamp, row)) = thin.rest() {
            out.push((stamp.time_ns / 1_000_000_000, stamp.duration_ns * 1e-9, row.to_vec()));
        }
        out
    }

    #[test]
    fn rows_are_reduced_and_none_is_lost() {
        let rows = [[-10.0, 1.0], [-20.0, 2.0], [-5.0, f32::NAN], [-30.0, 4.0], [-40.0, 5.0]];
        assert_eq!(
            thinned(2, Reduce::Max, &rows),
            [(0, 2.0, vec![-10.0, 2.0]), (2, 2.0, vec![-5.0, 4.0]), (4, 1.0, vec![-40.0, 5.0])]
        );
        assert_eq!(thinned(5, Reduce::Min, &rows), [(0, 5.0, vec![-40.0, 1.0])]);
        assert_eq!(thinned(1, Reduce::Max, &rows[..2]), [(0, 1.0, vec![-10.0, 1.0]), (1, 1.0, vec![-20.0, 2.0])]);
        // 0 dB and 10 dB are powers of 1 and 10: the mean is 5.5, which is 7.4036 dB.
        let mean = thinned(2, Reduce::Mean, &[[0.0, 10.0], [10.0, 10.0]]);
        assert!((mean[0].2[0] - 7.403_627).abs() < 1e-4, "{mean:?}");
        assert!((mean[0].2[1] - 10.0).abs() < 1e-4, "{mean:?}");
    }

    #[test]
    fn the_number_of_rows() {
        let settings = Settings { size: 100, hop: 50, ..Settings::default() };
        assert_eq!(rows(&settings, 1.0, 99.0), None);
        assert_eq!(rows(&settings, 1.0, 100.0), Some(1));
        assert_eq!(rows(&settings, 1.0, 149.0), Some(1));
        assert_eq!(rows(&settings, 1.0, 150.0), Some(2));
    }
}
