//! Flags for the window, and the commands that open one.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use ringfall::source::{Deferred, Opening, RowSource, SourceError, Speed, WhenFull};
use ringfall::{Capacity, wgpu};

use super::array;
use super::budget;
use super::igtl::{self, IgtlArgs};
use super::input::{self, DemoArgs, FileArgs, Input, Rows, SoundCardArgs};
use super::kept::{self, Given};
use super::opener::opener;
use super::picture::PictureArgs;
use super::spectrum::SpectrumArgs;
use crate::app;
use crate::flags::value::{self, Keep, Size};
use crate::flags::{ShadingArg, Usage, wrong};
use crate::terminal::complain;

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

    /// For tests and scripts: close after this time, and print the number of frames drawn
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
    pub(crate) exit_after: Option<f64>,

    /// For tests: destroy the graphics device after this time
    #[arg(long, hide = true, value_name = "TIME", value_parser = value::seconds)]
    pub(crate) lose_device_after: Option<f64>,
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
    /// Playback speed: real, a factor such as 4x, or max [default: real; a pipe is live]
    ///
    /// Live input is shown as it arrives, with its time of arrival. If the window cannot keep up, rows are dropped and
    /// counted. With --speed a pipe is read like a file: the writer waits, and nothing is lost.
    #[arg(long, value_name = "SPEED", value_parser = str::parse::<Speed>)]
    pub(crate) speed: Option<Speed>,
    #[command(flatten)]
    pub(crate) igtl: IgtlArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// If opening takes longer than this, it continues while the window is shown.
const PATIENCE: Duration = Duration::from_secs(1);

impl ShowArgs {
    /// Rejects flags that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        self.spectrum.check()?;
        self.picture.check(self.spectrum.fmin)
    }
}

/// `ringfall`: the sound card, or the demonstration if there is none.
pub(crate) fn either(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "sound card", WhenFull::Drop, 1.0, move || match input::sound_card(&input) {
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
    show(&args.show, name, WhenFull::Drop, 1.0, move || Ok(Input::samples(input::sound_card(&input)?)))
}

/// `ringfall demo`.
pub(crate) fn demo(args: &DemoCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "demonstration", WhenFull::Drop, 1.0, move || {
        Ok(Input::samples(input::demo(&input, Speed::Real, None)?))
    })
}

/// `ringfall view`. A file waits for the window, so no row is lost. A pipe is live unless `--speed` is given.
pub(crate) fn view(args: &ViewCommand) -> Result<()> {
    args.show.check()?;
    if let Some(address) = igtl::address(&args.input.file)? {
        return igtl::view(&args.igtl, address, &args.input, &args.show);
    }
    args.igtl.check_file(&args.input.file)?;
    if array::is_npy(&args.input.file) {
        let file = args.input.file.display();
        bail!(
            "{file} is an array, and the window cannot show arrays yet: ringfall render {file} -o PICTURE.png makes a picture"
        );
    }
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
    asked.tell();
    let when_full = if live { WhenFull::Drop } else { WhenFull::Wait };
    let name = asked.name();
    show(&args.show, &name, when_full, factor, move || Ok(asked.open(speed, live)?.input))
}

/// Opens a source with `open`, which may block for long, and shows it. `speed` is the number of seconds of the rows' clock that
/// pass in one second.
fn show(
    args: &ShowArgs,
    name: &str,
    when_full: WhenFull,
    speed: f64,
    open: impl FnOnce() -> Result<Input> + Send + 'static,
) -> Result<()> {
    let mut args = args.clone();
    let path = kept::path(args.window.config.as_deref());
    let settings = kept::load(path.as_deref());
    kept::apply(&settings, &mut args);
    let ShowArgs { spectrum, picture, window, .. } = &args;
    let range = picture.range();
    let colormap = picture.colormap()?;
    let precision = picture.precision();
    let opening = Opening::start(name, {
        let spectrum = spectrum.clone();
        move || open()?.rows(&spectrum)
    })?;
    let (source, history, band_hz): (Box<dyn RowSource>, _, _) = match opening.wait(PATIENCE)? {
        Some(opened) => {
            let (source, band_hz) = opened?;
            let history = budget::history(window.history, source.info(), precision)?;
            (source, history, band_hz)
        }
        None => {
            let name = name.to_owned();
            let finish = move |opened: Result<Rows>| match opened {
                Ok((source, _)) => Ok(source),
                Err(error) => Err(SourceError::Open { name, reason: format!("{error:#}") }),
            };
            let source = Deferred::new(opening, finish)?;
            (Box::new(source), budget::unknown(window.history), spectrum.fmin.zip(spectrum.fmax))
        }
    };
    let capacity = Capacity::Bytes(u64::from(window.memory) << 20);
    app::run(app::Show {
        source,
        when_full,
        // The app fills in bins and size.
        options: picture.options(1, capacity, 1, 1).shading(window.shading.shading()),
        view: picture.view(band_hz),
        analysis: spectrum.analysis(),
        opener: opener(),
        bare: window.bare,
        kept: app::Kept { settings, path },
        history: (history, precision),
        speed,
        colormap,
        range,
        norm: picture.norm,
        bias: window.bias,
        fullscreen: window.fullscreen,
        present: window.present.mode(),
        adapter: window.adapter.clone(),
        size: window.size.map(|size| (size.width, size.height)),
        exit_after: window.exit_after,
        lose_device_after: window.lose_device_after,
    })
}
