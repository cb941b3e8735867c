//! Flags for the window, and the commands that open one.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use ringfall::source::{Deferred, Opening, RowSource, Source, SourceError, Spectra, Speed, WhenFull};
use ringfall::{Capacity, Options, wgpu};

use super::budget;
use super::igtl::{self, IgtlArgs};
use super::input::{self, DemoArgs, FileArgs, SoundCardArgs};
use super::picture::PictureArgs;
use super::spectrum::SpectrumArgs;
use crate::app;
use crate::flags::value::{self, Keep, Size};
use crate::flags::{ShadingArg, Usage};
use crate::terminal::complain;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Window")]
pub(crate) struct WindowArgs {
    /// Fill the screen from the start; F11 goes back
    #[arg(long)]
    pub(crate) fullscreen: bool,

    /// Size of the window, in pixels [default: 1280x720, more on fine screens]
    #[arg(long, value_name = "WxH", value_parser = value::window_size)]
    pub(crate) size: Option<Size>,

    /// How frames reach the screen: fifo waits for it, immediate draws without end, mailbox keeps the newest
    #[arg(long, value_name = "MODE", default_value = "fifo")]
    pub(crate) present: PresentArg,

    /// Graphics adapter by a part of its name [default: WGPU_ADAPTER_NAME, else the system's choice]
    #[arg(long, value_name = "NAME")]
    pub(crate) adapter: Option<String>,

    /// Where levels are turned into colours; the picture is the same
    #[arg(long, value_name = "WHERE", default_value = "auto")]
    pub(crate) shading: ShadingArg,

    /// How much to remember: memory, such as 2GiB, or time, such as 6h [default: 1GiB, at most an eighth of the machine's]
    ///
    /// The oldest rows are given up when it is full; the title then tells how far back it goes.
    #[arg(long, value_name = "SIZE|TIME", value_parser = value::keep)]
    pub(crate) history: Option<Keep>,

    /// What is added to a range that is found from the data, in dB: above 0 for a darker picture
    #[arg(long, value_name = "DB", default_value = "0", value_parser = value::decibels)]
    pub(crate) bias: f32,

    /// GPU memory for the rows on show, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) memory: u32,

    /// For tests and scripts: close after this time, and print how many frames were drawn
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

/// What every window has: how the spectrum is made, how it looks, and the window itself.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) spectrum: SpectrumArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
    #[command(flatten)]
    pub(crate) window: WindowArgs,
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
    /// How fast to play it: real, a factor such as 4x, or max
    #[arg(long, value_name = "SPEED", default_value = "real", value_parser = str::parse::<Speed>)]
    pub(crate) speed: Speed,
    #[command(flatten)]
    pub(crate) igtl: IgtlArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Opening that takes longer than this goes on behind the window.
const PATIENCE: Duration = Duration::from_secs(1);

impl ShowArgs {
    /// Refuses flags that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        self.spectrum.check()?;
        self.picture.check()
    }
}

/// `ringfall`: the sound card, and where there is none the demonstration.
pub(crate) fn either(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "sound card", WhenFull::Drop, 1.0, move || match input::sound_card(&input) {
        Ok(card) => Ok(Box::new(card)),
        // Only where nothing in particular was asked for.
        Err(error @ (SourceError::NoDevice { .. } | SourceError::Device { .. })) if input.device.is_none() => {
            complain(format_args!("ringfall: {error}: showing the demonstration instead"));
            Ok(Box::new(input::demo(&DemoArgs { seed: None }, Speed::Real, None)?))
        }
        Err(error) => Err(error.into()),
    })
}

/// `ringfall live`.
pub(crate) fn live(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    let name = args.input.device.as_deref().unwrap_or("sound card");
    show(&args.show, name, WhenFull::Drop, 1.0, move || Ok(Box::new(input::sound_card(&input)?)))
}

/// `ringfall demo`.
pub(crate) fn demo(args: &DemoCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "demonstration", WhenFull::Drop, 1.0, move || {
        Ok(Box::new(input::demo(&input, Speed::Real, None)?))
    })
}

/// `ringfall view`. A file waits for the window: no row of it is lost.
pub(crate) fn view(args: &ViewCommand) -> Result<()> {
    args.show.check()?;
    if let Some(address) = igtl::address(&args.input.file)? {
        return igtl::view(&args.igtl, address, &args.show);
    }
    args.igtl.check_file(&args.input.file)?;
    let factor = match args.speed {
        Speed::Real => 1.0,
        Speed::Times(factor) => factor,
        Speed::Max => f64::INFINITY,
    };
    let (input, speed) = (args.input.clone(), args.speed);
    let name = input.file.display().to_string();
    show(&args.show, &name, WhenFull::Wait, factor, move || Ok(Box::new(input::file(&input, speed)?)))
}

/// Opens a source with `open`, which may hang, and shows it. `speed` is how many seconds of the rows' clock go by in a second.
fn show(
    args: &ShowArgs,
    name: &str,
    when_full: WhenFull,
    speed: f64,
    open: impl FnOnce() -> Result<Box<dyn Source>> + Send + 'static,
) -> Result<()> {
    let ShowArgs { spectrum, picture, window } = args;
    let range = picture.range();
    let colormap = picture.colormap()?;
    let precision = picture.precision();
    let opening = Opening::start(name, {
        let spectrum = spectrum.clone();
        move || {
            let source = open()?;
            let settings = spectrum.settings(source.info())?;
            anyhow::Ok((source, settings))
        }
    })?;
    let (source, history, band_hz): (Box<dyn RowSource>, _, _) = match opening.wait(PATIENCE)? {
        Some(opened) => {
            let (source, settings) = opened?;
            let history = budget::history(window.history, &settings, source.info(), precision)?;
            (Box::new(Spectra::new(source, &settings)?), history, settings.band_hz)
        }
        None => {
            let name = name.to_owned();
            let finish = move |opened: Result<(Box<dyn Source>, _)>| match opened {
                Ok((source, settings)) => Ok(Box::new(Spectra::new(source, &settings)?) as _),
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
        options: Options { shading: window.shading.shading(), ..picture.options(1, capacity, 1, 1) },
        view: picture.view(band_hz),
        fft: spectrum.fft as usize,
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
