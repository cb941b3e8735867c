//! The command line: what can be asked for, and who does it.

mod budget;
mod devices;
mod input;
mod picture;
mod render;
pub(crate) mod shading;
mod spectrum;
pub(crate) mod value;
mod window;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::app::keys;
use crate::bench;

const EXAMPLES: &str = "\
Examples:
  ringfall                               the sound card, else the demonstration
  ringfall demo                          a stretch of short wave that needs no hardware
  ringfall live --device hw:1 --fmax 4k  one sound device, up to 4 kHz
  ringfall view night.wav --speed 60x    an hour of a recording in a minute
  ringfall view grabber.flac --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
                                         QRSS: 200 Hz in fine steps, read from left to right
  ringfall render night.wav -o night.png
                                         a picture of a whole file, without a window
  ringfall render night.wav -o hour.png --from 2h --to 3h
                                         an hour of it
  ringfall devices                       the sound devices there are

In the window:
{keys}Two fingers on a touchpad are a wheel. The title tells what is under the pointer. While paused, a
file waits; live input goes on being recorded (--history).

Environment: WGPU_BACKEND (vulkan, metal, dx12, gl) and WGPU_ADAPTER_NAME choose the graphics
adapter; RUST_LOG=ringfall=debug says more.
Exit codes: 0 all well, 1 an error, 2 a wrong command line, 3 no display.";

/// A waterfall (scrolling spectrogram) that lives on the GPU.
///
/// Without a command it shows the sound card, and where there is none the demonstration.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES.replace("{keys}", &keys::help()), args_conflicts_with_subcommands = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    live: window::LiveCommand,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the demonstration: a synthetic band with Morse, chirps and bursts, which needs no hardware
    Demo(Box<window::DemoCommand>),
    /// Show a sound device
    Live(Box<window::LiveCommand>),
    /// Show a WAV or FLAC file
    View(Box<window::ViewCommand>),
    /// List the sound devices
    Devices,
    /// Make a picture of a file or of the demonstration, without a window
    Render(Box<render::RenderCommand>),
    /// Measure frame times, without a window unless asked for one
    Bench(Box<bench::Args>),
}

impl Cli {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            None => window::either(&self.live),
            Some(Command::Demo(args)) => window::demo(&args),
            Some(Command::Live(args)) => window::live(&args),
            Some(Command::View(args)) => window::view(&args),
            Some(Command::Devices) => devices::run(),
            Some(Command::Render(args)) => render::run(&args),
            Some(Command::Bench(args)) => bench::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_has_every_key_on_one_line() {
        let help = Cli::command().term_width(100).render_long_help().to_string();
        assert!(help.contains(&keys::help()), "{help}");
    }
}
