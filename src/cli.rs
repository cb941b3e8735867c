//! The command line: the commands, and the modules that run them.

mod array;
#[cfg(test)]
mod attack;
mod axes;
mod budget;
mod camera;
mod devices;
mod igtl;
mod input;
mod kept;
mod network;
mod norm;
mod opener;
mod output;
mod picture;
mod recording;
mod render;
mod spectrum;
mod window;

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use kept::Given;

use crate::app::keys;
use crate::bench;

const EXAMPLES: &str = "\
Examples:
  ringfall                               the sound card, or the demonstration
  ringfall demo                          a stretch of short wave that needs no hardware
  ringfall live --device hw:1 --fmax 4k  one sound device, up to 4 kHz
  ringfall night.wav                     a recording; short for ringfall view night.wav
  ringfall view night.wav --speed 60x    one hour of a recording in one minute
  ringfall view grabber.flac --fft 65536 --fmin 1.4k --fmax 1.6k --newest right
                                         QRSS: 200 Hz at high resolution, read from left to right
  ringfall render night.wav -o night.png
                                         a picture of the whole file, without a window
  ringfall render night.wav -o hour.png --from 2h --to 3h
                                         an hour of it
  ringfall render huge.npy -o huge.png   a picture of an array of any size
  rtl_sdr -f 7.1M -s 2.4M - | ringfall view - --format cu8 --rate 2.4M --centre 7.1M
                                         a radio, live
  ringfall view rtl_tcp://localhost --rate 2.4M --centre 100.1M --gain 30
                                         a radio over the network; also spyserver:// and zmq://
  ringfall devices                       the sound devices there are

In the window:
{keys}Two fingers on a touchpad act as a wheel. The title shows what is under the pointer. Pausing stops a
file; live input is still recorded (see --history).

Environment: WGPU_BACKEND (vulkan, metal, dx12, gl) and WGPU_ADAPTER_NAME choose the graphics
adapter; RUST_LOG=ringfall=debug logs more.
Exit codes: 0 success, 1 an error, 2 a wrong command line, 3 no display. If the reader of
its output closes the pipe, the program ends quietly by SIGPIPE, like other programs.";

/// A waterfall (scrolling spectrogram) that lives on the GPU.
///
/// Without a command it shows the sound card, or the demonstration if there is none. With a file instead of a command it
/// shows the file.
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
    /// Show a recording (WAV, FLAC, Ogg Vorbis, MP3, raw IQ, SigMF), a power scan, an array or an image, a pipe, a radio or a
    /// stream over the network (rtl_tcp://, spyserver://, zmq://, udp://, shm://, soapy://), the images of an OpenIGTLink peer
    /// (igtl://), or a camera
    View(Box<window::ViewCommand>),
    /// List the sound devices
    Devices,
    /// Make a picture of a recording, an array or the demonstration, without a window
    Render(Box<render::RenderCommand>),
    /// Measure frame times, without a window unless --window is given
    Bench(Box<bench::Args>),
}

impl Cli {
    /// Parses a command line that begins with the program's name. A file instead of a command is viewed.
    ///
    /// # Errors
    /// Help or an error message, with the exit code.
    pub(crate) fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        let error = match Self::parsed(args) {
            Ok(cli) => return Ok(cli),
            Err(error) => error,
        };
        let kinds = [ErrorKind::InvalidSubcommand, ErrorKind::UnknownArgument, ErrorKind::ArgumentConflict];
        let contexts = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
        let word = contexts.iter().find_map(|context| match error.get(*context) {
            Some(ContextValue::String(word)) if kinds.contains(&error.kind()) => Some(word),
            _ => None,
        });
        let is_command = |word: &OsStr| Self::command().get_subcommands().any(|command| command.get_name() == word);
        let Some(word) = word.filter(|_| !args.get(1).is_some_and(|first| is_command(first))) else {
            return Err(error);
        };
        let mut view = args.to_vec();
        view.insert(1.min(view.len()), OsString::from("view"));
        let viewed = Self::parsed(&view);
        // A flag of `view` before the file is as good, if there is a file.
        let is_file = if word.starts_with("--") { viewed.is_ok() } else { looks_like_a_file(word) };
        if is_file { viewed } else { Err(error) }
    }

    fn parsed(args: &[OsString]) -> Result<Self, clap::Error> {
        let mut matches = Self::patient().try_get_matches_from(args)?;
        let given = Given::of(&matches);
        let mut cli = Self::from_arg_matches_mut(&mut matches)?;
        match &mut cli.command {
            None => cli.live.show.given = given,
            Some(Command::Demo(args)) => args.show.given = given,
            Some(Command::Live(args)) => args.show.given = given,
            Some(Command::View(args)) => args.show.given = given,
            Some(Command::Render(args)) => args.given = given,
            Some(Command::Devices | Command::Bench(_)) => {}
        }
        Ok(cli)
    }

    /// The parser, with values that may begin with a hyphen: `--overlap -5` is a wrong overlap, not a flag `-5`. Names
    /// must not begin with one, so that a missing name is noticed.
    fn patient() -> clap::Command {
        fn of(command: clap::Command) -> clap::Command {
            let names = [TypeId::of::<String>(), TypeId::of::<PathBuf>()];
            command
                .mut_args(|arg| {
                    let kind = arg.get_value_parser().type_id();
                    let named = names.iter().any(|name| kind == *name);
                    let takes_value = arg.get_action().takes_values() && !arg.is_positional();
                    if takes_value && !named { arg.allow_hyphen_values(true) } else { arg }
                })
                .mut_subcommands(of)
        }
        of(Self::command())
    }

    /// Runs the command.
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

/// Whether this is more likely a file than a misspelt command.
fn looks_like_a_file(word: &str) -> bool {
    word == "-" || word.contains(['.', '/', std::path::MAIN_SEPARATOR]) || Path::new(word).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        Cli::patient().debug_assert();
    }

    fn read(line: &str) -> Result<Cli, clap::Error> {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Cli::read(&args)
    }

    #[test]
    fn a_file_is_viewed() {
        for line in [
            "ringfall night.wav",
            "ringfall night.wav --speed 4x --channel 2",
            "ringfall --fullscreen night.wav",
            "ringfall --speed 4x night.wav",
            "ringfall --fft 64k /tmp/night",
            "ringfall view night.wav",
        ] {
            let cli = read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let Some(Command::View(view)) = cli.command else { panic!("{line}: {cli:?}") };
            assert!(view.input.file.to_str().unwrap().contains("night"), "{line}");
        }
        assert!(matches!(read("ringfall demo").unwrap().command, Some(Command::Demo(_))));
        assert!(read("ringfall").unwrap().command.is_none());
        // A wrong flag after a file is a wrong flag of `view`; a misspelt command is one.
        assert!(read("ringfall night.wav --sped 4x").unwrap_err().to_string().contains("--speed"));
        let error = read("ringfall redner").unwrap_err().to_string();
        assert!(error.contains("render") && error.contains("subcommand"), "{error}");
        assert!(read("ringfall --sped 4x").unwrap_err().to_string().contains("--sped"));
        assert!(read("ringfall --fullscreen demo").is_err());
    }

    #[test]
    fn the_help_has_every_key_on_one_line() {
        let help = Cli::command().term_width(100).render_long_help().to_string();
        assert!(help.contains(&keys::help()), "{help}");
    }
}
