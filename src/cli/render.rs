//! `ringfall render`: a picture of a recording, an array or the demonstration, without a window.

mod array;
mod check;
mod finish;
mod gather;
mod parallel;
mod part;
mod peer;
mod plan;
mod progress;
mod quick;
mod scroll;
mod store;
mod thin;
mod video;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use ringfall::export::{VideoFormat, VideoOptions};
use ringfall::source::Channel;
use ringfall::{Canvas, Capacity, Edge, History, Loader, Stamp, View};

use finish::finish;
use gather::Gathered;
use progress::Progress;
use store::Store;

use super::array::ArrayArgs;
use super::axes::{AxesArgs, Parts};
use super::budget;
use super::igtl::{self, IgtlArgs};
use super::input::DemoArgs;
use super::kept::Given;
use super::output::{self, OutputArgs, VideoTarget};
use super::picture::PictureArgs;
use super::recording::{Asked, InputFormat, RawArgs};
use super::spectrum::SpectrumArgs;
use crate::flags::value::{self, PictureSize, Size};
use crate::flags::when::{self, When};
use crate::flags::{Usage, wrong};
use crate::interrupt;
use crate::terminal::complain;
use crate::units::bytes;

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
  rtl_sdr -f 7.1M -s 2.4M -n 24M - | ringfall render - --format cu8 --rate 2.4M -o band.png
  ringfall render night.wav -o fall.mp4 --scroll --size 1280x720 --speed 4x
  ringfall render demo --seed 7 --seconds 2min -o demo7.png --line-time 100ms
  ringfall render huge.npy -o huge.png --colormap magma --percentile 1,99
  ringfall render squares.raw --dtype u8 --shape 512,512 --size data --colormap grey -o squares.npy
  ringfall render stack.npy --frame 12 -o - --format rgba --size 640x480 > pixels
  ringfall render stack.npy -o stack.mp4 --fps 25 --frame-counter
  ringfall render photo.jpg -o small.png --size 640x480")]
pub(crate) struct RenderCommand {
    /// WAV, FLAC, Ogg Vorbis, MP3, raw IQ or SigMF file, power scan (.csv), array (.npy, or any file with --dtype and --shape), image
    /// (PNG, JPEG, TIFF, WebP), FIFO, - for standard input, an address as of ringfall view (rtl_tcp://, spyserver://, zmq://, udp://,
    /// shm://, soapy://, igtl://), or the word demo (./demo is a file of that name)
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
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Picture")]
    memory: Option<u32>,

    /// Offset added to an automatic range, in dB: above 0 for a darker picture
    #[arg(long, value_name = "DB", default_value = "0", value_parser = value::decibels, help_heading = "Picture")]
    bias: f32,

    /// The flags that were typed.
    #[arg(skip)]
    pub(super) given: Given,
}

/// What is written.
enum Target {
    Picture(output::Target),
    Video(VideoTarget),
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
        args.asked().tell(false);
    }
    let colormap = args.picture.colormap()?;
    let plan = args.plan()?;
    let output = match output {
        Target::Picture(output) if args.array_picture.is_quick() => return quick::run(args, &plan, output, &colormap),
        output => output,
    };
    let Size { width, height } = args.pixels();
    let started = Instant::now();
    let ways = gather::Ways::open(plan.origin)?;
    let bins = ways.info().bins as u32;
    let (budget, thinned) = args.budget(bins as usize, plan.rows)?;
    let options = args.picture.options(bins, args.capacity(bins, plan.rows), width, height);
    let mut canvas = Canvas::new(&options)?;
    canvas.set_colormap(&colormap);

    let room = gather::Room { budget, precision: args.picture.precision(), thinned, reduce: args.picture.reduce() };
    let progress = Progress::new(plan.seconds);
    let Gathered { history, seen, info, lost, band_hz } = ways.gather(&room, &progress)?;
    progress.done();
    let band_hz = plan.band_hz.or(band_hz);
    let name = &info.source.name;
    let (Some(first), Some(last)) = (seen.first, seen.last) else {
        match plan.fft {
            Some(fft) => bail!(
                "{name}: too short for a picture: expected at least one spectrum of {fft} samples (--fft sets its length)"
            ),
            None => bail!("{name}: too short for a picture: expected at least one row of {bins} levels"),
        }
    };
    log::debug!("{} rows in {:.2?}", seen.rows, started.elapsed());

    let output = match output {
        Target::Picture(output) => output,
        Target::Video(target) => {
            let times = plan.times.unwrap_or((first.time_ns, end_of(&last)));
            let what = scroll::What { history, options, colormap, band_hz, times };
            return scroll::run(args, what, target, &info);
        }
    };
    let mut loader = Loader::new(args.view(band_hz, plan.times, &first, &last))?;
    loader.update_canvas(&mut canvas, &history)?;
    if lost > 0 {
        complain(format_args!("ringfall: {name}: {lost} samples were lost on the way; they are gaps in the picture"));
    }
    let (times, seconds) = (plan.times.unwrap_or((first.time_ns, end_of(&last))), plan.seconds);
    finish(args, output, &mut canvas, &info, (times, seconds), "")
}

/// The end of a row, in nanoseconds.
fn end_of(last: &Stamp) -> i64 {
    last.time_ns.saturating_add(last.duration_ns as i64)
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
            format: match self.output.input() {
                Some(InputFormat::Samples(format)) => Some(format),
                Some(InputFormat::Csv) | None => None,
            },
            is_scan: self.output.input() == Some(InputFormat::Csv),
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
