//! Opens what is asked for in the window.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use clap::{Args as _, FromArgMatches as _, Parser};
use ringfall::Side;
use ringfall::dsp::Average;
use ringfall::source::igtl::{IgtlFrames, IgtlRows};
use ringfall::source::{Channel, RowSource, Spectra, Speed, WhenFull};

use super::array::ArrayArgs;
use super::camera::{self, CameraArgs};
use super::igtl::{self, AsArg, IgtlArgs};
use super::input::{self, DemoArgs, FileArgs, Input, SoundCardArgs};
use super::spectrum::SpectrumArgs;
use super::window;
use crate::app::analysis::Analysis;
use crate::app::{Opened, Opener, Request};
use crate::flags::{Usage, wrong};

/// What can be typed where the window asks for a file or an address: the flags of `ringfall view` for an input.
#[derive(Parser, Debug)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Typed {
    #[command(flatten)]
    input: FileArgs,
    #[command(flatten)]
    array: ArrayArgs,
    #[command(flatten)]
    igtl: IgtlArgs,
    #[command(flatten)]
    camera: CameraArgs,
}

impl Typed {
    /// A file, an address, or either with flags. A file of that name comes first.
    fn new(path: &Path) -> Result<Self> {
        let has_flags = |text: &&str| text.starts_with("--") || text.contains(" --");
        let words: Vec<OsString> = match path.to_str().filter(has_flags).filter(|_| !path.exists()) {
            Some(text) => {
                let words = shlex::split(text).context("a quotation mark is missing")?;
                words.into_iter().map(OsString::from).collect()
            }
            None => vec!["--".into(), path.into()],
        };
        Self::try_parse_from(words).map_err(|error| {
            // The first of its paragraphs; the others tell of `--help`.
            let text = error.render().to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            anyhow!("{}", first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

    /// Rejects flags that have no effect on images.
    fn check_images(&self) -> Result<(), Usage> {
        let Self { input, .. } = self;
        let flags = [
            ("--channel", input.channel.is_some()),
            ("--format", input.format.is_some()),
            ("--start", input.start.is_some()),
        ];
        if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
            wrong!("{flag}: it does not apply to images");
        }
        self.array.check_unused(&input.file)?;
        input.raw.check_no_samples(&input.file)
    }
}

/// Opens what is asked for: as `ringfall view`, `live` and `demo` do.
pub(super) fn opener() -> Opener {
    Arc::new(|request, analysis| match request {
        Request::Demo => {
            let demo = input::demo(&DemoArgs { seed: None }, Speed::Real, None)?;
            rows(Input::samples(demo), analysis, WhenFull::Drop)
        }
        Request::SoundCard(device) => {
            let args = SoundCardArgs { device: device.clone(), channel: Channel::Mix, rate: None };
            rows(Input::samples(input::sound_card(&args)?), analysis, WhenFull::Drop)
        }
        Request::File(path) => typed(&Typed::new(path)?, analysis),
    })
}

fn typed(typed: &Typed, analysis: &Analysis) -> Result<Opened> {
    let Typed { input, array, igtl, camera: CameraArgs { ffmpeg } } = typed;
    let path = &*input.file;
    // The first row of a frame is at the top.
    let frames = |source| Opened { source, when_full: WhenFull::Drop, newest: Some(Side::Bottom), late: None };
    if let Some(arguments) = ffmpeg {
        typed.check_images()?;
        igtl.check_file(path)?;
        return Ok(frames(camera::frames(arguments)?));
    }
    if let Some(address) = igtl::address(path)? {
        typed.check_images()?;
        let options = igtl.options(address, input.raw.row_time);
        if igtl.shown == Some(AsArg::Frames) {
            igtl::check_frames(input)?;
            return Ok(frames(Box::new(IgtlFrames::open(&options, None)?)));
        }
        let (source, late) = igtl.rows(IgtlRows::open(&options)?, None, true);
        return Ok(Opened { source, when_full: WhenFull::Drop, newest: None, late });
    }
    igtl.check_file(path)?;
    if array.is_array(path) {
        let opened = rows(window::array_rows(array, path, (None, None))?, analysis, WhenFull::Wait)?;
        return Ok(Opened { newest: Some(Side::Bottom), ..opened });
    }
    array.check_unused(path)?;
    let asked = input.asked();
    asked.check(&no_spectrum_flags()?)?;
    let live = asked.may_be_live();
    let when_full = if live { WhenFull::Drop } else { WhenFull::Wait };
    let whole = !live && !matches!(analysis.average, Some(Average::Exponential(_)));
    rows(window::whole_or_played(&asked, analysis, whole, (Speed::Real, live))?, analysis, when_full)
}

/// The flags of the analysis, none of which was typed: the window has its own settings.
fn no_spectrum_flags() -> Result<SpectrumArgs> {
    let flags = SpectrumArgs::augment_args(clap::Command::new("none").no_binary_name(true));
    Ok(SpectrumArgs::from_arg_matches(&flags.try_get_matches_from([""; 0])?)?)
}

pub(super) fn rows(input: Input, analysis: &Analysis, when_full: WhenFull) -> Result<Opened> {
    let source: Box<dyn RowSource> = match input {
        Input::Rows(rows) => rows,
        Input::Samples(source) => {
            let settings = analysis.settings(source.info())?;
            Box::new(Spectra::new(source, &settings)?)
        }
    };
    Ok(Opened { source, when_full, newest: None, late: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Typed {
        Typed::new(Path::new(text)).unwrap_or_else(|error| panic!("{text}: {error:#}"))
    }

    #[test]
    fn files_and_addresses_with_and_without_flags() {
        for text in ["night.wav", "a b.wav", "it's.wav", "igtl://host:18944", "udp://:9000", "a--b.wav", "-odd.wav"] {
            let typed = typed(text);
            assert_eq!((&*typed.input.file, typed.igtl.shown), (Path::new(text), None));
        }
        let peer = typed("igtl://host:18944 --as frames --device-name 'my camera'");
        assert_eq!(peer.input.file, Path::new("igtl://host:18944"));
        assert_eq!((peer.igtl.shown, peer.igtl.device_name.as_deref()), (Some(AsArg::Frames), Some("my camera")));
        let samples = typed("udp://:9000 --format cs16 --rate 250k --centre 7.1M").input.asked();
        assert_eq!(
            (samples.format.map(|format| format.to_string()).as_deref(), samples.raw == Default::default()),
            (Some("cs16"), false)
        );
        assert!(typed("\"a b.raw\" --dtype u8 --shape 4,4").array.is_array(Path::new("a b.raw")));
        assert!(typed("--ffmpeg \"-f v4l2 -i /dev/video0\"").camera.ffmpeg.is_some());
    }

    #[test]
    fn wrong_flags_are_named_in_one_line() {
        for (text, expected) in [
            ("igtl://host --as pictures", "'pictures' for '--as <HOW>'"),
            ("a.raw --rite 5", "unexpected argument '--rite'"),
            ("a.raw --rate", "a value is required for '--rate <HZ>'"),
            ("a.raw --rate nonsense", "expected samples per second"),
            ("--rate 5M", "FILE"),
            ("a.raw --start '5", "quotation mark"),
            ("a.wav --help", "unexpected argument '--help'"),
        ] {
            let error = format!("{:#}", Typed::new(Path::new(text)).unwrap_err());
            assert!(
                error.contains(expected) && !error.contains('\n') && !error.starts_with("error"),
                "{text}: {error}"
            );
        }
        let analysis = no_spectrum_flags().unwrap().analysis();
        for (text, expected) in [
            ("igtl://host --rate 5M", "--rate"),
            ("igtl://host --as frames --row-time 1s", "--row-time"),
            ("igtl://host --format cs16", "--format"),
            ("a.wav --as frames", "--as"),
            ("udp://:9000", "--format"),
            ("udp://:9000 --bins 7", "--bins"),
            ("igtl://host --dtype u8 --shape 3,3", "--dtype"),
        ] {
            let error = super::typed(&typed(text), &analysis).err().unwrap_or_else(|| panic!("{text}"));
            assert!(format!("{error:#}").contains(expected), "{text}: {error:#}");
        }
    }
}
