//! `ringfall render`: a picture of a recording, an array or the demonstration, without a window.

mod array;
mod part;
mod peer;
mod quick;
mod scroll;
mod store;
mod thin;
mod video;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ringfall::dsp::Settings;
use ringfall::export::{VideoFormat, VideoOptions};
use ringfall::source::{Channel, Feed, RowInfo, RowSource, Source as _, Spectra, Speed, WhenFull};
use ringfall::{Canvas, Capacity, Edge, History, Loader, Norm, Stamp, View};

use part::{Part, RowPart};
use store::Store;

use super::array::ArrayArgs;
use super::axes::{AxesArgs, Labels, Parts};
use super::budget;
use super::igtl::{self, IgtlArgs};
use super::input::{self, DemoArgs, Input};
use super::output::{self, OutputArgs, VideoTarget};
use super::picture::PictureArgs;
use super::recording::{Asked, Opened, RawArgs};
use super::spectrum::SpectrumArgs;
use crate::app::range::Range;
use crate::flags::value::{self, PictureSize, Size};
use crate::flags::when::{self, When};
use crate::flags::{Usage, wrong};
use crate::interrupt;
use crate::terminal::complain;
use crate::units::{bytes, hertz, seconds as duration};

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  ringfall render demo -o demo.png
  ringfall render night.wav -o night.png --size 3840x2160 --colormap batlow
  ringfall render night.wav -o dawn.png --from 5h30m --to 6h --reduce mean
  ringfall render night.wav -o dawn.png --start \"2026-11-21 22:00\" --from 5:30 --to 6:00
  ringfall render night.wav -o - | display -
  ringfall render grabber.flac -o qrss.png --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
  ringfall render iq.wav --channel iq -o iq.png --vmin -110 --vmax -40 --average mean:8
  ringfall render igtl://localhost --as frames --frames 1 -o image.png
  ringfall render gqrx_20260101_120000_7100000_2400000_fc.raw -o band.png --from 12:30 --seconds 10s
  ringfall render band.sigmf -o band.png
  rtl_sdr -f 7.1M -s 2.4M -n 24M - | ringfall render - --format cu8 --rate 2.4M --centre 7.1M -o band.png
  ringfall render night.wav -o fall.mp4 --scroll --size 1280x720 --speed 4x
  ringfall render demo --seed 7 --seconds 2min -o demo7.png --line-time 100ms
  ringfall render huge.npy -o huge.png --colormap magma --percentile 1,99
  ringfall render squares.raw --dtype u8 --shape 512,512 --size data --colormap grey -o squares.npy
  ringfall render stack.npy --frame 12 -o - --format rgba --size 640x480 > pixels
  ringfall render stack.npy -o stack.mp4 --fps 25 --frame-counter
  ringfall render photo.jpg -o small.png --size 640x480")]
pub(crate) struct RenderCommand {
    /// WAV, FLAC, Ogg Vorbis, MP3, raw IQ or SigMF file, power scan (.csv), array (.npy, or any file with --dtype and --shape), image
    /// (PNG, JPEG, TIFF, WebP), FIFO, - for standard input, rtl_tcp://, spyserver://, zmq://, udp:// or igtl:// with HOST:PORT, or the
    /// word demo (./demo is a file of that name)
    #[arg(value_name = "FILE|demo")]
    input: PathBuf,

    #[command(flatten)]
    output: OutputArgs,

    /// Size of the picture, in pixels; data: one pixel per cell of an array [default: 1920x1080; for an array, its own
    /// size if that is smaller]
    #[arg(long, value_name = "WxH|data", value_parser = value::picture_size)]
    size: Option<PictureSize>,

    /// Start of the picture: time since the beginning, such as 90s, 1h2m or 1:02:03, or UTC (see --start)
    #[arg(long, value_name = "WHEN", value_parser = when::when)]
    from: Option<When>,

    /// End of the picture [default: the end; for the demonstration, one full picture]
    #[arg(long, value_name = "WHEN", value_parser = when::when)]
    to: Option<When>,

    /// When the recording began, such as "2026-11-21 14:00"; --from and --to may then be UTC [default: from the file or its name]
    ///
    /// The time is UTC unless an offset follows. With --start, 14:00:03 and 14:00 in --from and --to are times of day in
    /// UTC, the first at or after the beginning, and 2026-11-21T14:00:03Z is UTC too. Without --start, 1:02:03 is a time
    /// since the beginning, and 2:30 is minutes and seconds. 1h2m and 90s are always times since the beginning.
    #[arg(long, value_name = "UTC", value_parser = when::utc)]
    start: Option<i64>,

    /// Duration of the picture, such as 90s or 10min [default: all; for the demonstration, one full picture]
    #[arg(long, value_name = "TIME", value_parser = value::seconds, conflicts_with = "to")]
    seconds: Option<f64>,

    /// Channel of the file to show: mix, a number from 1, or iq (two channels that form one complex signal)
    /// [default: mix]
    #[arg(long, value_name = "CHANNEL", value_parser = str::parse::<Channel>)]
    channel: Option<Channel>,

    #[command(flatten)]
    raw: RawArgs,
    #[command(flatten)]
    demo: DemoArgs,
    #[command(flatten)]
    igtl: IgtlArgs,

    /// OpenIGTLink: make the picture after this number of images (or after --seconds)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..), help_heading = "OpenIGTLink")]
    frames: Option<u64>,

    #[command(flatten)]
    spectrum: SpectrumArgs,
    #[command(flatten)]
    picture: PictureArgs,
    #[command(flatten)]
    array: ArrayArgs,
    #[command(flatten)]
    array_picture: array::ArrayPictureArgs,
    #[command(flatten)]
    axes: AxesArgs,
    #[command(flatten)]
    scroll: scroll::ScrollArgs,
    #[command(flatten)]
    video: video::VideoArgs,

    /// Memory for rows, in MiB; the picture may need as much again [default: 1024]
    ///
    /// If a recording needs more, two or more rows are reduced to one (see --reduce), so that all of it is shown.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    memory: Option<u32>,

    /// Offset added to an automatic range, in dB: above 0 for a darker picture
    #[arg(long, value_name = "DB", default_value = "0", value_parser = value::decibels)]
    bias: f32,
}

/// The plan, as far as it is known before the first sample is read.
struct Plan {
    source: Box<dyn RowSource>,
    /// Rows in the queue; `None` for about one second of rows.
    queue: Option<usize>,
    /// The requested band.
    band_hz: Option<(f64, f64)>,
    /// Samples per spectrum, if spectra are computed.
    fft: Option<usize>,
    /// How long it lasts, in seconds.
    seconds: Option<f64>,
    /// The requested times in nanoseconds, if any.
    times: Option<(i64, i64)>,
    /// The number of rows.
    rows: Option<u64>,
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
        Ok(Self { source, queue, band_hz: settings.band_hz, fft: Some(settings.size), seconds, times, rows })
    }
}

/// What is written.
enum Target {
    Picture(output::Target),
    Video(VideoTarget),
}

/// The rows, after the source has ended.
#[derive(Default)]
struct Seen {
    first: Option<Stamp>,
    last: Option<Stamp>,
    rows: u64,
}

/// Approximate maximum number of cells that the automatic range is computed from.
const CELLS: u64 = 64 << 20;

pub(crate) fn run(args: &RenderCommand) -> Result<()> {
    if let Some(address) = igtl::address(&args.input)? {
        args.scroll.check_unused(&args.video, &args.input)?;
        return peer::run(args, address);
    }
    args.igtl.check_file(&args.input)?;
    if args.frames.is_some() {
        return Err(Usage(format!("--frames: {} is not an igtl:// address", args.input.display())).into());
    }
    if !args.is_demo() && args.array.is_array(&args.input) {
        return array::run(args);
    }
    // All errors that can be found now are reported before any work is done.
    args.check()?;
    interrupt::clean_up()?;
    let output = match args.scroll_video()? {
        Some(video) => Target::Video(args.output.open_video(video, &args.inputs())?),
        None => Target::Picture(args.output.open(&args.inputs())?),
    };
    if !args.is_demo() {
        args.asked().tell();
    }
    let colormap = args.picture.colormap()?;
    let plan = args.plan()?;
    let output = match output {
        Target::Picture(output) if args.array_picture.is_quick() => return quick::run(args, &plan, output, &colormap),
        output => output,
    };
    let Size { width, height } = args.pixels();
    let started = Instant::now();
    let reader = std::thread::current();
    let mut feed = Feed::run(plan.source, plan.queue, WhenFull::Wait, move || reader.unpark())?;
    let bins = feed.bins() as u32;
    let (budget, thinned) = args.budget(feed.bins(), plan.rows)?;
    let options = args.picture.options(bins, args.capacity(bins, plan.rows), width, height);
    let mut canvas = Canvas::new(&options)?;
    canvas.set_colormap(&colormap);

    let mut store = Store::new(budget, args.picture.precision(), thinned, args.picture.reduce());
    let progress = Progress::new(plan.seconds);
    let seen = stream(&mut feed, &mut store, &progress)?;
    let history = store.finish()?;
    progress.done();
    let (Some(first), Some(last)) = (seen.first, seen.last) else {
        let name = &feed.info().name;
        match plan.fft {
            Some(fft) => bail!(
                "{name}: too short for a picture: expected at least one spectrum of {fft} samples (--fft sets its length)"
            ),
            None => bail!("{name}: too short for a picture: expected at least one row of {bins} levels"),
        }
    };

    let output = match output {
        Target::Picture(output) => output,
        Target::Video(target) => {
            let times = plan.times.unwrap_or((first.time_ns, end_of(&last)));
            let what = scroll::What { history, options, colormap, band_hz: plan.band_hz, times };
            return scroll::run(args, what, target, feed.rows());
        }
    };
    let mut loader = Loader::new(args.view(plan.band_hz, plan.times, &first, &last))?;
    loader.update_canvas(&mut canvas, &history)?;
    log::debug!("{} rows in {:.2?}", seen.rows, started.elapsed());
    let lost = feed.status().overruns;
    if lost > 0 {
        let name = &feed.info().name;
        complain(format_args!("ringfall: {name}: {lost} samples were lost on the way; they are gaps in the picture"));
    }
    let (times, seconds) = (plan.times.unwrap_or((first.time_ns, end_of(&last))), plan.seconds);
    finish(args, output, &mut canvas, feed.rows(), (times, seconds), "")
}

/// The end of a row, in nanoseconds.
fn end_of(last: &Stamp) -> i64 {
    last.time_ns.saturating_add(last.duration_ns as i64)
}

/// Colours the canvas, writes its picture, and says what it shows: these times, but not longer than the source lasts, in
/// seconds.
fn finish(
    args: &RenderCommand,
    output: output::Target,
    canvas: &mut Canvas,
    rows: &RowInfo,
    ((from_ns, to_ns), all_s): ((i64, i64), Option<f64>),
    how: &str,
) -> Result<()> {
    let fixed = args.picture.range();
    let frame = canvas.frame();
    let unit = canvas.unit();
    let found = Range::of(canvas, CELLS).unwrap_or(Range::unknown(unit));
    let found = if unit.is_decibel() { found.moved(args.bias) } else { found };
    let range = found.with_fixed(fixed.0, fixed.1, unit).with_norm(args.picture.norm);
    canvas.set_scale(range.scale()?);
    let layer = if args.axes.axes { Some(args.axes.layer(canvas, Labels::Rows(rows))?) } else { None };
    let about = crate::app::about(rows, &frame, range, canvas.colormap().name());
    output.write(canvas, layer.as_ref(), about)?;
    let source = &rows.source;
    // The outermost bins extend half a bin beyond the band of the samples.
    let (lowest, highest) = source.kind.span_hz(source.rate_hz, source.centre_hz);
    let (low, high) = frame.span_hz();
    let (low, high) = (low.max(lowest), high.min(highest));
    let seconds = to_ns.saturating_sub(from_ns) as f64 * 1e-9;
    // A row represents its hop, which may extend beyond the ends of a short recording.
    let seconds = all_s.map_or(seconds, |all| seconds.min(all));
    let Size { width, height } = args.whole();
    complain(format_args!(
        "{}: {width}x{height} pixels, {} of {}, a line {}, {} to {}, RBW {}, range {range}{}{}{how}",
        args.output.output.display(),
        duration(seconds),
        source.name,
        duration(frame.line_ns() * 1e-9),
        hertz(low),
        hertz(high),
        hertz(rows.rbw_hz),
        if fixed.0.is_some() && fixed.1.is_some() { "" } else { " (found from the data)" },
        if range.norm() == Norm::Linear { String::new() } else { format!(", norm {}", range.norm()) },
    ));
    Ok(())
}

impl RenderCommand {
    /// The picture's default size.
    const SIZE: Size = Size { width: 1920, height: 1080 };

    /// The size of the data in the picture.
    fn pixels(&self) -> Size {
        self.axes.data_size(self.whole(), Parts { bar: true, counter: self.scroll.scroll && self.video.is_counted() })
    }

    /// The size of the picture.
    fn whole(&self) -> Size {
        match self.size {
            Some(PictureSize::Pixels(size)) => size,
            Some(PictureSize::Data) | None => Self::SIZE,
        }
    }

    /// Lines of the picture along the time axis.
    fn lines(&self) -> u32 {
        if self.picture.newest().is_sideways() { self.pixels().width } else { self.pixels().height }
    }

    /// The video to write, if it is one.
    fn scroll_video(&self) -> Result<Option<(VideoFormat, VideoOptions)>, Usage> {
        if !self.scroll.scroll {
            return self.scroll.check_unused(&self.video, &self.input).map(|()| None);
        }
        self.checked_video().map(Some)
    }

    /// The video that the output asks for.
    fn checked_video(&self) -> Result<(VideoFormat, VideoOptions), Usage> {
        let options = self.video.options(self.axes.axes);
        let (format, options) = self.output.check_video(options)?;
        if self.video.has_plays() && !format.has_plays() {
            wrong!("--loop: {} does not say how often it is played: expected GIF or APNG", format.name());
        }
        Ok((format, options))
    }

    /// How many lines so many seconds take.
    fn lines_of(&self, seconds: f64) -> f64 {
        match self.scroll.line_seconds(&self.picture, &self.video) {
            Some(line) => (seconds / line).max(1.0),
            None => f64::from(self.lines()),
        }
    }

    fn is_demo(&self) -> bool {
        self.input.as_os_str() == "demo"
    }

    fn asked(&self) -> Asked {
        Asked {
            path: self.input.clone(),
            channel: self.channel,
            format: self.output.samples(),
            raw: self.raw.clone(),
            start: self.start,
        }
    }

    /// The files that are read from.
    fn inputs(&self) -> Vec<PathBuf> {
        let palette = self.picture.palette_file().map(Path::to_owned);
        let inputs = if self.is_demo() { Vec::new() } else { self.asked().files() };
        inputs.into_iter().chain(palette).collect()
    }

    /// Rejects flags that contradict each other or would have no effect.
    fn check(&self) -> Result<(), Usage> {
        if self.scroll_video()?.is_none() {
            self.output.check()?;
        }
        self.axes.check()?;
        self.spectrum.check()?;
        self.picture.check(self.spectrum.fmin)?;
        self.array.check_unused(&self.input)?;
        self.array_picture.check_unused()?;
        if self.array_picture.is_quick() && (self.is_demo() || self.scroll.scroll) {
            wrong!("--quick: it applies to pictures of recordings and arrays, not to a video or the demonstration");
        }
        if self.size == Some(PictureSize::Data) {
            wrong!("--size data: it applies to arrays: expected WIDTHxHEIGHT in pixels");
        }
        if self.is_demo() {
            if self.channel.is_some() {
                wrong!("--channel: the demonstration has one channel only (./demo is a file of that name)");
            }
            if self.start.is_some() {
                wrong!("--start: the demonstration has no recording time (./demo is a file of that name)");
            }
            if self.output.samples().is_some() || self.raw != RawArgs::default() {
                wrong!(
                    "--format, --rate, --centre, --bins, --row-time: the demonstration is made as it is (./demo is a file of \
                     that name)"
                );
            }
        } else if self.demo.seed.is_some() {
            wrong!("--seed: it applies to the demonstration, not to the file {}", self.input.display());
        } else {
            self.asked().check(&self.spectrum)?;
            if self.asked().is_network() && self.to.is_none() && self.seconds.is_none() {
                wrong!("{}: it sends without end: expected --seconds, such as --seconds 30s", self.input.display());
            }
        }
        let (start, more) = if self.is_demo() { (None, false) } else { self.asked().start() };
        // The file itself may have the time when it began.
        if start.is_none() && more { Ok(()) } else { self.part(start).map(drop) }
    }

    /// The requested part, in seconds since the beginning.
    fn part(&self, start_ns: Option<i64>) -> Result<(Option<f64>, Option<f64>), Usage> {
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
    fn plan(&self) -> Result<Plan> {
        if !self.is_demo() {
            return self.plan_file();
        }
        let (from, to) = self.part(None)?;
        let begin = from.unwrap_or(0.0);
        let lines = u64::from(self.lines());
        // Only a demonstration knows its rate; one without an end is opened for that.
        let settings = self.spectrum.settings(input::demo(&self.demo, Speed::Max, None)?.info())?;
        let rate = input::demo(&self.demo, Speed::Max, None)?.info().rate_hz;
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
        let Opened { input, start_ns, seconds: all } = self.asked().open(Speed::Max, false)?;
        let (from, to) = self.part(self.start.or(start_ns))?;
        let begin = from.unwrap_or(0.0);
        let origin_ns = start_ns.unwrap_or(0);
        let on_clock = |(from, to): (i64, i64)| (from.saturating_add(origin_ns), to.saturating_add(origin_ns));
        let given = self.from.is_some() || self.to.is_some();
        let mut file = match input {
            Input::Samples(file) => file,
            Input::Rows(source) => {
                let band_hz = self.spectrum.band(source.info())?;
                let end = to.unwrap_or(f64::INFINITY);
                let rows = to.map(|to| ((to - begin) * 1e9 / source.info().row_duration_ns).ceil() as u64);
                let (first_ns, end_ns) = on_clock(times(begin, end));
                let source = RowPart::new(source, (if from.is_some() { first_ns } else { i64::MIN }, end_ns));
                let times = to.filter(|_| given).map(|end| on_clock(times(begin, end)));
                let seconds = to.map(|to| to - begin);
                return Ok(Plan { source: Box::new(source), queue: None, band_hz, fft: None, seconds, times, rows });
            }
        };
        let rate = file.info().rate_hz;
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
            // As many rows as lines if possible, so that a short sound fills the picture in fine steps.
            let spectra = self.lines_of(seconds) * f64::from(settings.average.spectra_per_row());
            let hop = seconds * rate / spectra;
            settings.hop = hop.clamp((settings.size / 32) as f64, (settings.size / 2) as f64).max(1.0) as usize;
        }
        let times = end.filter(|_| given).map(|end| on_clock(times(begin, end)));
        let more = if times.is_some() { settings.size } else { 0 };
        let skip = first_sample(begin, rate, &settings);
        let count =
            to.map_or(u64::MAX, |to| ((to * rate).round() as u64).saturating_add(more as u64).saturating_sub(skip));
        let rows = seconds.and_then(|seconds| rows(&settings, seconds + more as f64 / rate, rate));
        if skip > 0 {
            file.seek(origin_ns.saturating_add((skip as f64 * 1e9 / rate).round() as i64))?;
        }
        Plan::spectra(Part::new(file, origin_ns, skip, count), &settings, seconds, times, rows)
    }

    /// How many bytes of rows to keep, and how many of the source's rows are reduced to one.
    fn budget(&self, bins: usize, rows: Option<u64>) -> Result<(u64, u32)> {
        let machine = budget::machine_bytes().unwrap_or(u64::MAX);
        let budget = match self.memory {
            Some(mib) => u64::from(mib) << 20,
            None => (1 << 30).min(machine / 2),
        };
        if budget > machine {
            bail!("--memory: {} is more than this machine has ({})", bytes(budget), bytes(machine));
        }
        let precision = self.picture.precision();
        let most = History::rows_in(Store::limit(budget), bins, precision);
        if most < budget::LEAST_ROWS {
            let least = (budget / (1 << 20)..).map(|mib| mib << 20);
            let least =
                least.take(1 << 16).find(|b| History::rows_in(Store::limit(*b), bins, precision) >= budget::LEAST_ROWS);
            let least = least.unwrap_or(u64::MAX);
            bail!("--memory: {} is too little for this spectrum: expected {} at least", bytes(budget), bytes(least));
        }
        let thinned = rows.map_or(1, |rows| rows.saturating_add(1).div_ceil(most));
        Ok((budget, thinned.min(u64::from(u32::MAX)) as u32))
    }

    /// How many rows the GPU holds: the loader uploads at most sixteen per line.
    fn capacity(&self, bins: u32, rows: Option<u64>) -> Capacity {
        let row_bytes = u64::from(bins) * self.picture.bytes_per_level();
        let budget = u64::from(self.memory.unwrap_or(1024)) << 20;
        let most = (budget / row_bytes).max(1);
        let needed = (16 * u64::from(self.lines()) + 64).min(rows.map_or(u64::MAX, |rows| rows.saturating_add(2)));
        Capacity::Rows(needed.min(most).min(u64::from(u32::MAX)) as u32)
    }

    /// The requested times, or else the whole recording; if the time per line was given, the end of the recording.
    fn view(&self, band_hz: Option<(f64, f64)>, times: Option<(i64, i64)>, first: &Stamp, last: &Stamp) -> View {
        let view = self.picture.view(band_hz);
        let end_ns = last.time_ns.saturating_add(last.duration_ns as i64);
        let (from_ns, to_ns) = times.unwrap_or((first.time_ns, end_ns));
        if view.line_ns.is_some() {
            let edge = if times.is_some() { Edge::At(to_ns.min(end_ns).saturating_sub(1)) } else { view.edge };
            return view.edge(edge);
        }
        let total_ns = match times {
            Some(_) => to_ns.saturating_sub(from_ns) as f64,
            None => last.time_ns.saturating_sub(first.time_ns) as f64 + last.duration_ns,
        };
        view.line_ns(Some(total_ns / f64::from(self.lines()))).edge(Edge::At(to_ns.saturating_sub(1)))
    }
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

/// Moves all rows from the feed to the store.
fn stream(feed: &mut Feed, store: &mut Store, progress: &Progress) -> Result<Seen> {
    let mut seen = Seen::default();
    loop {
        // Checked before the rows are taken, so that no row from just before the end is missed.
        let ended = feed.status().ended;
        let mut pushed = Ok(());
        let drained = feed.drain(256, |stamp, row| {
            seen.first.get_or_insert(stamp);
            seen.last = Some(stamp);
            seen.rows += 1;
            if pushed.is_ok() {
                pushed = store.push(stamp, row);
            }
        });
        pushed?;
        if let (Some(first), Some(last)) = (&seen.first, &seen.last) {
            progress.at(last.time_ns.saturating_sub(first.time_ns) as f64 * 1e-9);
        }
        if drained == 0 {
            if ended {
                break;
            }
            // The feed unparks this thread; the time-out covers events that it does not report.
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
    let status = feed.status();
    if let Some(error) = status.error {
        return Err(error.into());
    }
    Ok(seen)
}

/// A progress bar that appears after a second.
struct Progress {
    bar: ProgressBar,
    started: Instant,
    is_shown: bool,
}

impl Progress {
    fn new(seconds: Option<f64>) -> Self {
        let (length, style) = match seconds {
            Some(seconds) => ((seconds * 1e3) as u64, "{wide_bar} {percent} % {eta} to go"),
            None => (0, "{spinner} {elapsed}"),
        };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, started: Instant::now(), is_shown: true }
    }

    /// One that is never shown.
    fn none() -> Self {
        Self { is_shown: false, ..Self::new(None) }
    }

    fn at(&self, seconds: f64) {
        self.bar.set_position((seconds * 1e3) as u64);
        if self.is_shown && self.bar.is_hidden() && self.started.elapsed() > Duration::from_secs(1) {
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
