//! Flags for the window, and the commands that open one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use ringfall::dsp::Average;
use ringfall::publish::PublishAddress;
use ringfall::source::{Clock, Deferred, Opening, Recording, RowInfo, RowSource, SourceError, Speed, WhenFull, Whole};
use ringfall::{Capacity, Compute, ComputedOptions, Saved, wgpu};

use super::array::ArrayArgs;
use super::budget;
use super::camera::{self, CameraArgs};
use super::igtl::{self, IgtlArgs};
use super::input::{self, DemoArgs, FileArgs, Input, Rows, SoundCardArgs};
use super::kept::{self, Given};
use super::opener::{self, opener};
use super::picture::{NewestArg, PictureArgs};
use super::recording::Asked;
use super::spectrum::SpectrumArgs;
use crate::app::analysis::Analysis;
use crate::app::{self, Reopen};
use crate::flags::value::{self, Keep, Size};
use crate::flags::when::{self, When};
use crate::flags::{ShadingArg, Usage, wrong};
use crate::terminal::complain;
use crate::units;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowArgs {
    /// Start in full screen; F11 toggles it
    #[arg(long)]
    pub(crate) fullscreen: bool,

    /// Show only the picture, without axes, menus and status
    #[arg(long)]
    pub(crate) bare: bool,

    /// Size of the window, in pixels [default: 1280x720, larger on high-resolution screens]
    #[arg(long, value_name = "WxH", value_parser = value::window_size)]
    pub(crate) size: Option<Size>,

    /// How frames are presented: fifo waits for the screen, immediate never waits, mailbox shows the newest frame
    #[arg(long, value_name = "MODE", default_value = "fifo")]
    pub(crate) present: PresentArg,

    /// Graphics adapter, by part of its name [default: WGPU_ADAPTER_NAME, else the system's choice]
    #[arg(long, value_name = "NAME")]
    pub(crate) adapter: Option<String>,

    /// Where levels are converted to colours; the picture is the same
    #[arg(long, value_name = "WHERE", default_value = "auto")]
    pub(crate) shading: ShadingArg,

    /// Size of the history: memory, such as 2GiB, or time, such as 6h [default: 1GiB, at most an eighth of the
    /// machine's memory]
    ///
    /// When it is full, the oldest rows are evicted, and the title shows how far back it goes.
    #[arg(long, value_name = "SIZE|TIME", value_parser = value::keep)]
    pub(crate) history: Option<Keep>,

    /// File for settings that are kept between runs, or none to keep nothing [default: the platform's place]
    #[arg(long, value_name = "FILE|none")]
    pub(crate) config: Option<PathBuf>,

    /// Offset added to an automatic range, in dB: above 0 for a darker picture
    #[arg(long, value_name = "DB", default_value = "0", value_parser = value::decibels)]
    pub(crate) bias: f32,

    /// GPU memory for rows, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: u32,

    /// Send what is shown on to other programs that connect: igtl://:PORT, zmq://:PORT or ws://:PORT
    ///
    /// igtl is for 3D Slicer, zmq for GNU Radio, and ws for browsers, which get a page at http://localhost:PORT/. Without a host
    /// only programs on this machine can read; with an address of this machine, or 0.0.0.0, others can. Each row is sent once, and
    /// readers that are too slow miss some. A recording is played instead of shown as a whole, so that its rows are sent.
    #[arg(long, value_name = "ADDRESS", value_parser = str::parse::<PublishAddress>)]
    pub(crate) publish: Option<PublishAddress>,

    /// What --publish sends: rows as they come, or the picture in the window, without axes
    #[arg(long, value_name = "WHAT", default_value = "rows", requires = "publish")]
    pub(crate) publish_as: PublishAsArg,

    /// For tests and scripts: close after this time, and print the number of frames drawn
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
    pub(crate) exit_after: Option<f64>,

    /// For tests: destroy the graphics device after this time
    #[arg(long, hide = true, value_name = "TIME", value_parser = value::seconds)]
    pub(crate) lose_device_after: Option<f64>,
}

impl WindowArgs {
    /// What is sent on, if anything is.
    pub(super) fn publish(&self) -> Option<app::Publish> {
        let address = self.publish.clone()?;
        Some(app::Publish { address, picture: self.publish_as == PublishAsArg::Picture })
    }

    /// Whether rows are sent on.
    fn publishes_rows(&self) -> bool {
        self.publish.is_some() && self.publish_as == PublishAsArg::Rows
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PublishAsArg {
    Rows,
    Picture,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PresentArg {
    Fifo,
    Immediate,
    Mailbox,
}

impl PresentArg {
    pub(crate) fn mode(self) -> wgpu::PresentMode {
        match self {
            Self::Fifo => wgpu::PresentMode::Fifo,
            Self::Immediate => wgpu::PresentMode::Immediate,
            Self::Mailbox => wgpu::PresentMode::Mailbox,
        }
    }
}

/// Flags of every window: spectrum, picture and window.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) spectrum: SpectrumArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    #[command(flatten)]
    pub(crate) window: WindowArgs,
    /// The flags that were typed.
    #[arg(skip)]
    pub(crate) given: Given,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LiveCommand {
    #[command(flatten)]
    pub(crate) input: SoundCardArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DemoCommand {
    #[command(flatten)]
    pub(crate) input: DemoArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ViewCommand {
    #[command(flatten)]
    pub(crate) input: FileArgs,
    /// Play a file at this speed: real, a factor such as 4x, or max [default: a file of samples is shown as a whole,
    /// at once; other files are played in real time; a pipe is live]
    ///
    /// Live input is shown as it arrives, with its time of arrival. If the window cannot keep up, rows are dropped and
    /// counted. With --speed a pipe is read like a file: the writer waits, and nothing is lost.
    #[arg(long, value_name = "SPEED", value_parser = str::parse::<Speed>)]
    pub(crate) speed: Option<Speed>,

    /// Show a recording from here on at first: time since the beginning, such as 90s, 1h2m or 1:02:03, or UTC (see --start)
    #[arg(long, value_name = "WHEN", value_parser = when::when)]
    pub(crate) from: Option<When>,

    /// Show a recording up to here at first [default: its end]
    #[arg(long, value_name = "WHEN", value_parser = when::when)]
    pub(crate) to: Option<When>,

    /// Keep what is computed of a file beside it, as FILE.ringfall, and use that the next time
    ///
    /// It is used only as long as the file has the same size and modification time, and the settings of the analysis are the same.
    #[arg(long)]
    pub(crate) cache: bool,

    /// Play the frames of a stack at this many a second (Space) [default: 25]
    #[arg(long, value_name = "NUMBER", value_parser = value::fps)]
    pub(crate) fps: Option<f64>,

    /// Play without sound: Space plays a recording that is shown as a whole
    #[arg(long)]
    pub(crate) mute: bool,

    #[command(flatten)]
    pub(crate) array: ArrayArgs,
    #[command(flatten)]
    pub(crate) igtl: IgtlArgs,
    #[command(flatten)]
    pub(crate) camera: CameraArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Frames of a stack in a second, without `--fps`.
pub(super) const FPS: f64 = 25.0;

/// Flags of the analysis of samples.
const SPECTRUM: &[&str] = &["--fft", "--hop", "--overlap", "--window", "--average"];

/// If opening takes longer than this, it continues while the window is shown.
const PATIENCE: Duration = Duration::from_secs(1);

impl ShowArgs {
    /// Rejects flags that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        self.spectrum.check()?;
        if self.window.bias != 0.0 && self.picture.vmin.is_some() && self.picture.vmax.is_some() {
            wrong!("--bias: it moves an automatic range: expected no --vmin or no --vmax");
        }
        self.picture.check(self.spectrum.fmin)
    }
}

/// `ringfall`: the sound card, or the demonstration if there is none.
pub(crate) fn either(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "sound card", WhenFull::Drop, (1.0, Part::default()), move |_| match input::sound_card(&input) {
        Ok(card) => Ok(Input::samples(card)),
        // Only if no device was requested.
        Err(error @ (SourceError::NoDevice { .. } | SourceError::Device { .. })) if input.device.is_none() => {
            complain(format_args!("ringfall: {error}: showing the demonstration instead"));
            Ok(Input::samples(input::demo(&DemoArgs { seed: None }, Speed::Real, None)?))
        }
        Err(error) => Err(error.into()),
    })
}

/// `ringfall live`.
pub(crate) fn live(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    let name = args.input.device.as_deref().unwrap_or("sound card");
    show(&args.show, name, WhenFull::Drop, (1.0, Part::default()), move |_| {
        Ok(Input::samples(input::sound_card(&input)?))
    })
}

/// `ringfall demo`.
pub(crate) fn demo(args: &DemoCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "demonstration", WhenFull::Drop, (1.0, Part::default()), move |_| {
        Ok(Input::samples(input::demo(&input, Speed::Real, None)?))
    })
}

/// `ringfall view`. A file waits for the window, so no row is lost. A pipe is live unless `--speed` is given.
pub(crate) fn view(args: &ViewCommand) -> Result<()> {
    args.show.check()?;
    if let Some(arguments) = &args.camera.ffmpeg {
        return camera::view(arguments, &args.input, &args.show);
    }
    if let Some(address) = igtl::address(&args.input.file)? {
        if args.fps.is_some() {
            wrong!("--fps: it applies to stacks in files, not to {}", args.input.file.display());
        }
        let unused = [
            "--from",
            "--to",
            "--cache",
            "--mute",
            "--speed",
            "--start",
            "--channel",
            "--format",
            "--dtype",
            "--shape",
        ];
        let unused = args.show.given.any(&unused).or(args.show.given.any(SPECTRUM));
        if let Some(flag) = unused {
            wrong!("{flag}: it does not apply to images of an OpenIGTLink peer");
        }
        return igtl::view(&args.igtl, address, &args.input, &args.show);
    }
    args.igtl.check_file(&args.input.file)?;
    if args.array.is_array(&args.input.file) {
        return view_array(args);
    }
    args.array.check_unused(&args.input.file)?;
    let asked = args.input.asked();
    asked.check(&args.show.spectrum)?;
    if asked.is_network() && args.speed.is_some() {
        wrong!("--speed: the samples of {} come at their own speed", asked.name());
    }
    let live = asked.may_be_live() && args.speed.is_none();
    if live && asked.start.is_some() {
        wrong!("--start: live input has the current time; expected --speed too, for a recording");
    }
    let speed = args.speed.unwrap_or_default();
    let factor = match speed {
        Speed::Real => 1.0,
        Speed::Times(factor) => factor,
        Speed::Max => f64::INFINITY,
    };
    asked.tell(live);
    if args.speed.is_some() && asked.is_rows_in_a_file() {
        wrong!("--speed: the rows of {} are shown as fast as they can be read", asked.name());
    }
    let when_full = if live { WhenFull::Drop } else { WhenFull::Wait };
    let name = asked.name();
    let publishes = args.show.window.publishes_rows();
    let whole =
        args.speed.is_none() && !publishes && !matches!(args.show.spectrum.average, Some(Average::Exponential(_)));
    if !whole && (args.from.is_some() || args.to.is_some()) {
        wrong!(
            "--from, --to: expected no --speed, no --publish of rows and no --average exp: they apply to a recording that is shown as a whole"
        );
    }
    if !whole && args.cache {
        wrong!(
            "--cache: expected no --speed, no --publish of rows and no --average exp: it applies to a recording that is shown as a whole"
        );
    }
    if live && args.mute {
        wrong!("--mute: what is live is not played: expected a file");
    }
    if !whole && args.mute {
        wrong!("--mute: expected no --speed and no --average exp: without sound they are played anyway");
    }
    let cache = args.cache.then(|| {
        let sources = asked.files().into_iter().filter(|file| file.exists()).collect();
        let how = format!("{:?} {:?}", args.show.spectrum, asked);
        (Saved::beside(&args.input.file), sources, how)
    });
    let input = move |analysis: &Analysis| whole_or_played(&asked, analysis, whole, (speed, live));
    let again = input.clone();
    let reopen: Reopen = Arc::new(move |analysis| {
        let input = again(analysis)?;
        opener::rows(input, analysis, when_full)
    });
    let reopen = Some(reopen).filter(|_| whole);
    let part = Part { from: args.from, to: args.to, cache, reopen, fps: args.fps, mute: args.mute };
    show(&args.show, &name, when_full, (factor, part), input)
}

/// A recording: all of it at once if that is wanted and possible, otherwise to be played.
pub(super) fn whole_or_played(
    asked: &Asked,
    analysis: &Analysis,
    whole: bool,
    (speed, live): (Speed, bool),
) -> Result<Input> {
    let Some(samples) = (if whole { asked.samples()? } else { None }) else {
        return Ok(asked.open(speed, live)?.input);
    };
    let settings = analysis.settings(samples.info())?;
    let recording = Recording::new(Arc::clone(&samples), &settings)?;
    let whole = Whole::computed(recording.info().clone(), Arc::new(recording)).with_samples(samples);
    Ok(Input::Rows(Box::new(whole)))
}

/// An array in the window: all of it at once, the first row at the top.
fn view_array(args: &ViewCommand) -> Result<()> {
    let unused = [
        ("--from", args.from.is_some()),
        ("--to", args.to.is_some()),
        ("--speed", args.speed.is_some()),
        ("--mute", args.mute),
        ("--start", args.input.start.is_some()),
        ("--channel", args.input.channel.is_some()),
        ("--format", args.input.format.is_some()),
    ];
    let unused = unused.into_iter().find_map(|(flag, given)| given.then_some(flag));
    if let Some(flag) = unused.or(args.show.given.any(SPECTRUM)) {
        wrong!("{flag}: it applies to sampled signals, not to the array {}", args.input.file.display());
    }
    args.input.raw.check_no_samples(&args.input.file)?;
    let (array, path) = (args.array.clone(), args.input.file.clone());
    let mut show_args = args.show.clone();
    show_args.picture.newest.get_or_insert(NewestArg::Bottom);
    let name = path.display().to_string();
    let file = args.input.file.clone();
    let colors = (args.show.picture.vmin, args.show.picture.vmax);
    let cache = args.cache.then(|| (Saved::beside(&file), vec![file], format!("{array:?}")));
    show(&show_args, &name, WhenFull::Wait, (1.0, Part { cache, fps: args.fps, ..Part::default() }), move |_| {
        array_rows(&array, &path, colors)
    })
}

/// The rows of an array, all of them at once. `colors` are the numbers that are drawn as channels 0 and 255.
pub(super) fn array_rows(array: &ArrayArgs, path: &Path, colors: (Option<f32>, Option<f32>)) -> Result<Input> {
    let stack = array.open(path)?;
    let stack = match colors {
        (None, None) => stack,
        (Some(low), Some(high)) if low < high => stack.with_color_range(low, high),
        _ if stack.is_rgba() => wrong!("--vmin, --vmax: colours need both, --vmin below --vmax"),
        _ => stack,
    };
    let array = stack.frame(0)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let Some((stamp, bins)) = Compute::entry(&array, 0) else { bail!("{}: it has no rows", path.display()) };
    let span = (stamp.first_hz, stamp.bin_hz);
    let info = RowInfo::new(name, Clock::File, bins as usize, span, stamp.duration_ns)?;
    let info = info.with_unit(Compute::unit(&array));
    let rows = Whole::computed(info, Arc::new(array));
    Ok(Input::Rows(Box::new(if stack.frames() > 1 { rows.with_frames(Arc::new(stack)) } else { rows })))
}

/// What is shown of a recording at first, and what is kept of it.
#[derive(Default)]
struct Part {
    from: Option<When>,
    to: Option<When>,
    /// Where what is computed is saved: the file, the files that it is computed from, and how.
    cache: Option<(PathBuf, Vec<PathBuf>, String)>,
    /// Opens it again, to analyse it in another way.
    reopen: Option<Reopen>,
    /// Frames of a stack in a second.
    fps: Option<f64>,
    /// It is played without sound.
    mute: bool,
}

/// The times that are asked for, on the clock of rows that begin at `start_ns`.
fn times(
    name: &str,
    &Part { from, to, .. }: &Part,
    clock: Clock,
    (start_ns, end_ns): (i64, i64),
) -> Result<Option<(i64, i64)>> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let utc = (clock == Clock::Utc).then_some(start_ns);
    let at = |flag: &str, when: Option<When>, default: i64| -> Result<i64> {
        let Some(when) = when else { return Ok(default) };
        let Some(seconds) = when.since(utc) else {
            wrong!(
                "{flag}: {name} does not say when it was recorded: expected a time since the beginning, such as 90s, or \
                 --start with the UTC of its beginning"
            );
        };
        Ok(start_ns.saturating_add((seconds * 1e9) as i64))
    };
    let (from_ns, to_ns) = (at("--from", from, start_ns)?, at("--to", to, end_ns)?);
    if from_ns >= end_ns || to_ns <= start_ns {
        bail!(
            "--from, --to: expected times within {name}, which lasts {}",
            units::seconds((end_ns - start_ns) as f64 * 1e-9)
        );
    }
    if from_ns >= to_ns {
        wrong!("--from, --to: expected --from before --to");
    }
    Ok(Some((from_ns.max(start_ns), to_ns)))
}

/// Opens a source with `open`, which may block for long, and shows it. `speed` is the number of seconds of the rows' clock that
/// pass in one second.
fn show(
    args: &ShowArgs,
    name: &str,
    when_full: WhenFull,
    (speed, mut part): (f64, Part),
    open: impl FnOnce(&Analysis) -> Result<Input> + Send + 'static,
) -> Result<()> {
    let mut args = args.clone();
    let path = kept::path(args.window.config.as_deref());
    let (settings, warnings) = kept::load(path.as_deref());
    kept::apply(&settings, &mut args);
    let ShowArgs { spectrum, picture, window, .. } = &args;
    let range = picture.range();
    let colormap = picture.colormap()?;
    let precision = picture.precision();
    let opening = Opening::start(name, {
        let spectrum = spectrum.clone();
        move || open(&spectrum.analysis())?.rows(&spectrum)
    })?;
    let late = app::Late::default();
    let mut is_late = false;
    let (mut source, history, band_hz): (Box<dyn RowSource>, _, _) = match opening.wait(PATIENCE)? {
        Some(opened) => {
            let (source, band_hz) = opened?;
            let history = budget::history(window.history, source.info(), precision)?;
            (source, history, band_hz)
        }
        None => {
            let (name, late) = (name.to_owned(), late.clone());
            is_late = true;
            let finish = move |opened: Result<Rows>| match opened {
                Ok((source, _)) => Ok(late.keep(source)),
                Err(error) => Err(SourceError::Open { name, reason: format!("{error:#}") }),
            };
            let source = Deferred::new(opening, finish)?;
            (Box::new(source), budget::unknown(window.history), spectrum.fmin.zip(spectrum.fmax))
        }
    };
    let capacity = Capacity::Bytes(u64::from(window.memory) << 20);
    let frames = source.frames();
    let cache = part.cache.take();
    if frames.is_some() && cache.is_some() {
        wrong!("--cache: {name} has many frames: expected an array of one, or no --cache");
    }
    let compute = source.compute();
    if frames.is_none() && part.fps.is_some() && !is_late {
        wrong!("--fps: {name} has no frames: expected a stack, such as an array of T x H x W");
    }
    let ends = compute.as_ref().and_then(|rows| Some((rows.entry(0)?.0, rows.entry(rows.rows().checked_sub(1)?)?.0)));
    let times = match ends {
        Some((first, last)) => times(name, &part, source.info().source.clock, (first.time_ns, last.end_ns()))?,
        None if (part.from.is_some() || part.to.is_some() || cache.is_some()) && !is_late => {
            wrong!("--from, --to, --cache: {name} is played from its beginning: expected a file of samples")
        }
        None => None,
    };
    if compute.is_some() && matches!(window.history, Some(Keep::Seconds(_))) && args.given.any(&["--history"]).is_some()
    {
        wrong!("--history: {name} is shown as a whole: expected memory, such as 512MiB, and no time");
    }
    let is_rgba = compute.as_ref().is_some_and(|rows| rows.is_rgba());
    let view = picture.view(band_hz);
    let options = match window.history {
        Some(Keep::Bytes(bytes)) => ComputedOptions::default().budget(bytes),
        _ => ComputedOptions::default(),
    };
    let options = options.precision(precision);
    let save_as =
        move |info: &RowInfo| cache.map(|(path, sources, how)| Saved::new(path, sources, format!("{info:?}\n{how}")));
    let (reopen, fps, mute) = (part.reopen.clone(), part.fps, part.mute);
    let (saved, late) = if is_late {
        let name = name.to_owned();
        let asked: app::Times = Box::new(move |info, ends| self::times(&name, &part, info.source.clock, ends));
        let saved: app::SaveAs = Box::new(save_as);
        let later = app::Later { late, when_full, options, saved: Some(saved), times: Some(asked) };
        (None, Some(later))
    } else {
        (save_as(source.info()), None)
    };
    app::run(app::Show {
        whole: compute.map(|compute| app::Whole { compute, frames, options, saved }),
        times,
        source,
        when_full,
        // The app fills in bins and size.
        options: picture.options(1, capacity, 1, 1).shading(window.shading.shading()),
        view: if is_rgba { view.reduce(picture.reduce_colors()) } else { view },
        analysis: spectrum.analysis(),
        opener: opener(),
        reopen,
        late,
        mute,
        bare: window.bare,
        kept: app::Kept { settings, path, warnings },
        history: (history, precision),
        fps: fps.unwrap_or(FPS),
        speed,
        colormap,
        range,
        norm: picture.norm,
        bias: window.bias,
        publish: window.publish(),
        fullscreen: window.fullscreen,
        present: window.present.mode(),
        adapter: window.adapter.clone(),
        size: window.size.map(|size| (size.width, size.height)),
        exit_after: window.exit_after,
        lose_device_after: window.lose_device_after,
    })
}
