//! Flags for OpenIGTLink peers, and the window that shows one.

use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};
use ringfall::source::igtl::{Address, IgtlFrames, IgtlOptions, IgtlRows};
use ringfall::source::{RowSource, WhenFull};
use ringfall::{Capacity, Options, Precision, Texel, Unit};

use super::budget;
use super::input::FileArgs;
use super::kept;
use super::opener::opener;
use super::picture::{NewestArg, PictureArgs};
use super::window::{FPS, ShowArgs};
use crate::app;
use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "OpenIGTLink")]
pub(crate) struct IgtlArgs {
    /// How the images of an igtl:// peer are shown [default: rows]
    #[arg(long = "as", value_name = "HOW")]
    pub(crate) shown: Option<AsArg>,

    /// Name of the device whose images are shown [default: the first that sends any]
    #[arg(long, value_name = "NAME")]
    pub(crate) device_name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AsArg {
    /// The rows of each image are appended to the previous ones
    Rows,
    /// Each image is a picture of its own; `render` draws it with one pixel per cell
    Frames,
}

/// The address, if the input is one and not a file.
pub(crate) fn address(input: &Path) -> Result<Option<Address>, Usage> {
    match input.to_str().filter(|text| text.starts_with("igtl:")) {
        Some(text) => text.parse().map(Some).map_err(|error: ringfall::source::SourceError| Usage(error.to_string())),
        None => Ok(None),
    }
}

impl IgtlArgs {
    /// Rejects flags that have no effect on a file.
    pub(crate) fn check_file(&self, input: &Path) -> Result<(), Usage> {
        let flags = [("--as", self.shown.is_some()), ("--device-name", self.device_name.is_some())];
        match flags.iter().find(|(_, given)| *given) {
            Some((flag, _)) => wrong!("{flag}: {} is not an igtl:// address", input.display()),
            None => Ok(()),
        }
    }

    /// The options of the source.
    pub(crate) fn options(&self, address: Address, row_time: Option<f64>) -> IgtlOptions {
        let mut options = IgtlOptions::new(address);
        options.device.clone_from(&self.device_name);
        options.row_duration_ns = row_time.map(|seconds| seconds * 1e9);
        options
    }
}

/// The renderer's options: 32-bit numbers, because half floats cannot hold 16-bit pixels exactly.
pub(crate) fn renderer(picture: &PictureArgs, capacity: Capacity, bins: u32, size: (u32, u32)) -> Options {
    let options = picture.options(bins, capacity, size.0, size.1);
    let texel = if options.texel == Texel::F16 { Texel::F32 } else { options.texel };
    options.texel(texel).unit(Unit::None)
}

/// `ringfall view igtl://…`.
pub(crate) fn view(args: &IgtlArgs, address: Address, file: &FileArgs, show: &ShowArgs) -> Result<()> {
    file.raw.check_no_samples(&file.file)?;
    let options = args.options(address, file.raw.row_time);
    if args.shown != Some(AsArg::Frames) {
        return show_source(Box::new(IgtlRows::open(&options)?), show.clone());
    }
    check_frames(file)?;
    show.window.check_has_no_rows(&format_args!("--as frames"))?;
    view_frames(show, |range| Ok(Box::new(IgtlFrames::open(&options, range)?)))
}

/// Rejects flags that have no effect on frames.
pub(super) fn check_frames(file: &FileArgs) -> Result<(), Usage> {
    if file.raw.row_time.is_some() {
        wrong!("--row-time: frames have no rows in time: expected --as rows");
    }
    Ok(())
}

/// Shows the frames of a source, the first row of each at the top. `open` gets the numbers that are drawn as channels 0 and 255.
pub(super) fn view_frames(
    show: &ShowArgs,
    open: impl FnOnce(Option<(f32, f32)>) -> Result<Box<dyn RowSource>>,
) -> Result<()> {
    let mut show = show.clone();
    show.picture.newest.get_or_insert(NewestArg::Bottom);
    // The side that is kept is that of the newest rows of spectra.
    show.given.add("newest");
    let source = open(color_range(&show.picture))?;
    show_source(source, show)
}

/// The numbers that are drawn as channels 0 and 255, if both are given.
pub(crate) fn color_range(picture: &PictureArgs) -> Option<(f32, f32)> {
    picture.vmin.zip(picture.vmax).filter(|(low, high)| low < high)
}

/// Shows rows or frames of plain numbers.
fn show_source(source: Box<dyn RowSource>, mut show: ShowArgs) -> Result<()> {
    let path = kept::path(show.window.config.as_deref());
    let (settings, warnings) = kept::load(path.as_deref());
    // An axis that is kept is one of frequencies, and columns have none.
    show.given.add("axis");
    kept::apply(&settings, &mut show);
    let ShowArgs { spectrum, picture, window, .. } = &show;
    let capacity = Capacity::Bytes(u64::from(window.memory) << 20);
    app::run(app::Show {
        mute: false,
        late: None,
        whole: None,
        times: None,
        source,
        when_full: WhenFull::Drop,
        options: renderer(picture, capacity, 1, (1, 1)).shading(window.shading.shading()),
        view: picture.view(spectrum.fmin.zip(spectrum.fmax)),
        analysis: spectrum.analysis(),
        opener: opener(),
        reopen: None,
        bare: window.bare,
        kept: app::Kept { settings, path, warnings, first: None },
        history: (budget::unknown(window.history), Precision::F32),
        fps: FPS,
        speed: 1.0,
        colormap: picture.colormap()?,
        range: picture.range(),
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
