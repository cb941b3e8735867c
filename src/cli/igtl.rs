//! Flags for OpenIGTLink peers, and the window that shows one.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};
use ringfall::source::igtl::{Address, IgtlFrames, IgtlOptions, IgtlRows};
use ringfall::source::{Read, RowInfo, RowSource, SourceError, WhenFull};
use ringfall::{Capacity, ComputedOptions, Options, Precision, Side, Stamp, Texel, Unit};

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
    /// How the images of an igtl:// peer are shown [default: rows; in the window frames, if the first image is one of colours]
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

    /// Rows of a peer or, if its first image is one of colours and nothing says that it is rows, frames: they take the place of the rows.
    /// `has_free_side`: then the first row of a frame is at the top.
    pub(super) fn rows(
        &self,
        rows: IgtlRows,
        color_range: Option<(f32, f32)>,
        has_free_side: bool,
    ) -> (Box<dyn RowSource>, Option<app::Later>) {
        if self.shown == Some(AsArg::Rows) {
            return (Box::new(rows), None);
        }
        let late = app::Late::default();
        let source = RowsOrFrames { info: rows.info().clone(), rows: Some(rows), color_range, late: late.clone() };
        let later = app::Later {
            late,
            when_full: WhenFull::Drop,
            options: ComputedOptions::default(),
            saved: None,
            times: None,
            newest: has_free_side.then_some(Side::Bottom),
        };
        (Box::new(source), Some(later))
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
        let side = show.picture.newest.is_none();
        let (source, late) = args.rows(IgtlRows::open(&options)?, color_range(&show.picture), side);
        return show_source(source, late, show.clone());
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
    show_source(source, None, show)
}

/// Rows of a peer, until its first image turns out to be one of colours.
struct RowsOrFrames {
    info: RowInfo,
    /// None once the frames have been put where the window takes them.
    rows: Option<IgtlRows>,
    color_range: Option<(f32, f32)>,
    late: app::Late,
}

impl RowSource for RowsOrFrames {
    fn info(&self) -> &RowInfo {
        self.rows.as_ref().map_or(&self.info, |rows| rows.info())
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        let Some(rows) = &mut self.rows else {
            // The window takes the frames with the next message.
            thread::sleep(Duration::from_millis(20));
            return Ok(Read::Idle);
        };
        match rows.read(row) {
            Err(_) if rows.has_colors() => {}
            read => return read,
        }
        if let Some(rows) = self.rows.take() {
            let frames = rows.into_frames(self.color_range)?;
            log::info!("{}: its images are colours, which are shown as frames", self.info.source.name);
            self.late.put(Box::new(frames));
        }
        Ok(Read::Changed)
    }

    fn gaps(&self) -> u64 {
        self.rows.as_ref().map_or(0, |rows| rows.gaps())
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.rows.as_ref().and_then(|rows| rows.warning())
    }
}

/// The numbers that are drawn as channels 0 and 255, if both are given.
pub(crate) fn color_range(picture: &PictureArgs) -> Option<(f32, f32)> {
    picture.vmin.zip(picture.vmax).filter(|(low, high)| low < high)
}

/// Shows rows or frames of plain numbers.
fn show_source(source: Box<dyn RowSource>, late: Option<app::Later>, mut show: ShowArgs) -> Result<()> {
    let path = kept::path(show.window.config.as_deref());
    let (settings, warnings) = kept::load(path.as_deref());
    // An axis that is kept is one of frequencies, and columns have none.
    show.given.add("axis");
    kept::apply(&settings, &mut show);
    let ShowArgs { spectrum, picture, window, .. } = &show;
    let capacity = Capacity::Bytes(u64::from(window.memory) << 20);
    app::run(app::Show {
        mute: false,
        late,
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
        kept: app::Kept { settings, path, warnings },
        history: (budget::unknown(window.history), Precision::F32),
        fps: FPS,
        speed: 1.0,
        colormap: picture.colormap()?,
        range: picture.range(),
        norm: picture.norm,
        bias: window.bias,
        percentile: None,
        publish: window.publish(),
        fullscreen: window.fullscreen,
        present: window.present.mode(),
        adapter: window.adapter.clone(),
        size: window.size.map(|size| (size.width, size.height)),
        exit_after: window.exit_after,
        lose_device_after: window.lose_device_after,
    })
}
