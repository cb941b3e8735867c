//! The command line: what can be asked for, and who does it.

mod budget;
mod devices;
mod input;
mod norm;
mod picture;
mod render;
pub(crate) mod shading;
mod spectrum;
pub(crate) mod value;
mod window;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
  wheel      zoom time               Ctrl+wheel    zoom frequency
  drag       pull the picture along  double click  everything there is
  Home       follow the newest rows  PgUp / PgDn   back and forth in time
  Space      stop, and go on         F11           fill the screen, and back
  + / -      more, less contrast     Up / Down     brighter, darker
  right drag (or Shift+drag)         up and down as the arrows; to the right: less contrast
  A          range follows what is on show, or not
  C          next colormap (Shift+C: the one before)
  Esc        leave
Two fingers on a touchpad are a wheel. What is under the pointer stands in the title. In a stop a
file waits; what comes live is remembered meanwhile (--history).

Environment: WGPU_BACKEND (vulkan, metal, dx12, gl) and WGPU_ADAPTER_NAME choose the graphics
adapter; RUST_LOG=ringfall=debug says more.
Exit codes: 0 all well, 1 an error, 2 a wrong command line, 3 no display.";

/// A waterfall (scrolling spectrogram) that lives on the GPU.
///
/// Without a command it shows the sound card, and where there is none the demonstration.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, max_term_width = 100)]
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
}
