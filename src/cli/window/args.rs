//! Flags for the window, and for the commands that open one.

use std::fmt::Display;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ringfall::publish::PublishAddress;
use ringfall::source::Speed;
use ringfall::wgpu;

use crate::app;
use crate::cli::array::ArrayArgs;
use crate::cli::camera::CameraArgs;
use crate::cli::igtl::IgtlArgs;
use crate::cli::input::{DemoArgs, FileArgs, SoundCardArgs};
use crate::cli::kept::Given;
use crate::cli::picture::PictureArgs;
use crate::cli::spectrum::SpectrumArgs;
use crate::flags::value::{self, Keep, Size};
use crate::flags::when::{self, When};
use crate::flags::{ShadingArg, Usage, wrong};

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
    pub(in crate::cli) fn publish(&self) -> Option<app::Publish> {
        let address = self.publish.clone()?;
        Some(app::Publish { address, picture: self.publish_as == PublishAsArg::Picture })
    }

    /// Rejects sending rows of what has none.
    pub(in crate::cli) fn check_has_no_rows(&self, name: &dyn Display) -> Result<(), Usage> {
        if self.publishes_rows() {
            wrong!("--publish: {name} has no rows to send as they come: expected --publish-as picture");
        }
        Ok(())
    }

    /// Whether rows are sent on.
    pub(super) fn publishes_rows(&self) -> bool {
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
#[command(after_help = "\
Examples:
  ringfall live
  ringfall live --device hw:1 --fmax 4k
  ringfall live --channel iq --rate 96000
  ringfall live --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
  ringfall live --average mean:8 --colormap batlow --vmin -110 --vmax -40
  ringfall live --history 6h
  ringfall live --publish ws://:8080")]
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

/// The heading of the flags for what is shown of a recording, and how it is played.
pub(in crate::cli) const RECORDING: &str = "Recording";

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  ringfall view night.wav
  ringfall view night.wav --start \"2026-11-21 22:00\" --from 5:30 --to 6:00 --cache
  ringfall view night.wav --speed 60x
  ringfall view grabber.flac --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
  ringfall view gqrx_20260101_120000_7100000_2400000_fc.raw --vmin -110 --vmax -40
  rtl_sdr -f 7.1M -s 2.4M - | ringfall view - --format cu8 --rate 2.4M --centre 7.1M
  rtl_power -f 88M:108M:100k -i 1 - | ringfall view - --format csv
  ringfall view rtl_tcp://localhost --rate 2.4M --centre 100.1M --gain 30
  ringfall view stack.npy --fps 10 --colormap magma
  ringfall view --ffmpeg \"-f v4l2 -i /dev/video0\"")]
pub(crate) struct ViewCommand {
    #[command(flatten)]
    pub(crate) input: FileArgs,
    /// Play a file at this speed: real, a factor such as 4x, or max [default: a file of samples is shown as a whole,
    /// at once; other files are played in real time; a pipe is live]
    ///
    /// Live input is shown as it arrives, with its time of arrival. If the window cannot keep up, rows are dropped and
    /// counted. With --speed a pipe is read like a file: the writer waits, and nothing is lost.
    #[arg(long, value_name = "SPEED", value_parser = str::parse::<Speed>, help_heading = RECORDING)]
    pub(crate) speed: Option<Speed>,

    /// Show a recording from here on at first: time since the beginning, such as 90s, 1h2m or 1:02:03, or UTC (see --start)
    #[arg(long, value_name = "WHEN", value_parser = when::when, help_heading = RECORDING)]
    pub(crate) from: Option<When>,

    /// Show a recording up to here at first [default: its end]
    #[arg(long, value_name = "WHEN", value_parser = when::when, help_heading = RECORDING)]
    pub(crate) to: Option<When>,

    /// Keep what is computed of a file beside it, as FILE.ringfall, and use that the next time
    ///
    /// It is used only as long as the file has the same size and modification time, and the settings of the analysis are the same.
    #[arg(long, help_heading = RECORDING)]
    pub(crate) cache: bool,

    /// Play the frames of a stack at this many a second (Space) [default: 25]
    #[arg(long, value_name = "NUMBER", value_parser = value::fps, help_heading = RECORDING)]
    pub(crate) fps: Option<f64>,

    /// Play without sound: Space plays a recording that is shown as a whole
    #[arg(long, help_heading = RECORDING)]
    pub(crate) mute: bool,

    #[command(flatten)]
    pub(crate) array: ArrayArgs,

    /// Array: 0 in the middle of the range; both ends become the larger magnitude of the two
    #[arg(long, help_heading = "Array")]
    pub(crate) vsym: bool,

    /// Array: the automatic range lies between these two percentiles of the values on show, such as 2,98
    #[arg(long, value_name = "LOW,HIGH", value_parser = value::percentiles, help_heading = "Array")]
    pub(crate) percentile: Option<(f64, f64)>,

    #[command(flatten)]
    pub(crate) igtl: IgtlArgs,
    #[command(flatten)]
    pub(crate) camera: CameraArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

impl ShowArgs {
    /// Rejects flags that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        self.check_window()?;
        self.picture.check(self.spectrum.fmin)
    }

    /// The same where plain numbers are shown, and no levels.
    pub(crate) fn check_numbers(&self) -> Result<(), Usage> {
        self.check_window()?;
        self.picture.check_numbers(self.spectrum.fmin)
    }

    fn check_window(&self) -> Result<(), Usage> {
        self.spectrum.check()?;
        if self.window.bias != 0.0 && self.picture.vmin.is_some() && self.picture.vmax.is_some() {
            wrong!("--bias: it moves an automatic range: expected no --vmin or no --vmax");
        }
        Ok(())
    }
}
