//! `ringfall view`: files, pipes and arrays.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use ringfall::dsp::Average;
use ringfall::source::{Clock, Recording, RowInfo, Speed, WhenFull, Whole};
use ringfall::{Compute, Norm, Saved};

use super::part::Part;
use super::{ViewCommand, show};
use crate::app::Reopen;
use crate::app::analysis::Analysis;
use crate::cli::array::ArrayArgs;
use crate::cli::input::Input;
use crate::cli::picture::NewestArg;
use crate::cli::recording::Asked;
use crate::cli::{camera, igtl, opener};
use crate::flags::{Usage, wrong};

/// Flags of the analysis of samples.
const SPECTRUM: &[&str] = &["--fft", "--hop", "--overlap", "--window", "--average"];

/// `ringfall view`. A file waits for the window, so no row is lost. A pipe is live unless `--speed` is given.
pub(crate) fn view(args: &ViewCommand) -> Result<()> {
    let address = igtl::address(&args.input.file)?;
    let is_array = args.array.is_array(&args.input.file);
    if args.camera.ffmpeg.is_some() || address.is_some() || is_array {
        args.show.check_numbers()?;
    } else {
        args.show.check()?;
    }
    if let Some(arguments) = &args.camera.ffmpeg {
        check_frames(args, "pictures of --ffmpeg")?;
        args.igtl.check_file(&args.input.file)?;
        return camera::view(arguments, &args.input, &args.show);
    }
    if let Some(address) = address {
        check_frames(args, "images of an OpenIGTLink peer")?;
        return igtl::view(&args.igtl, address, &args.input, &args.show);
    }
    args.igtl.check_file(&args.input.file)?;
    if is_array {
        return view_array(args);
    }
    args.array.check_unused(&args.input.file)?;
    check_no_array(args)?;
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
    let part = Part { from: args.from, to: args.to, cache, reopen, fps: args.fps, mute: args.mute, percentile: None };
    show(&args.show, &name, when_full, (factor, part), input)
}

/// Rejects flags that apply only to arrays.
fn check_no_array(args: &ViewCommand) -> Result<(), Usage> {
    match args.show.given.any(&["--vsym", "--percentile"]) {
        Some(flag) => wrong!("{flag}: it applies only to arrays (.npy files, images, or --dtype and --shape)"),
        None => Ok(()),
    }
}

/// Rejects flags that have no effect on pictures that arrive.
fn check_frames(args: &ViewCommand, pictures: &str) -> Result<(), Usage> {
    const UNUSED: &[&str] = &[
        "--from",
        "--to",
        "--cache",
        "--mute",
        "--speed",
        "--fps",
        "--start",
        "--channel",
        "--format",
        "--dtype",
        "--shape",
        "--vsym",
        "--percentile",
        "--offset",
        "--order",
        "--complex",
        "--layout",
        "--extent",
    ];
    match args.show.given.any(UNUSED).or(args.show.given.any(SPECTRUM)) {
        Some(flag) => wrong!("{flag}: it does not apply to {pictures}"),
        None => Ok(()),
    }
}

/// A recording: all of it at once if that is wanted and possible, otherwise to be played.
pub(in crate::cli) fn whole_or_played(
    asked: &Asked,
    analysis: &Analysis,
    whole: bool,
    (speed, live): (Speed, bool),
) -> Result<Input> {
    if whole && let Some(sweeps) = asked.sweeps()? {
        let warning = sweeps.warning();
        let whole = Whole::computed(sweeps.info().clone(), Arc::new(sweeps)).with_warning(warning);
        return Ok(Input::Rows(Box::new(whole)));
    }
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
    args.show.window.check_has_no_rows(&args.input.file.display())?;
    let (array, path) = (args.array.clone(), args.input.file.clone());
    let mut show_args = args.show.clone();
    show_args.picture.newest.get_or_insert(NewestArg::Bottom);
    // Whatever the user likes for spectra.
    show_args.given.add("newest");
    show_args.given.add("axis");
    if args.vsym {
        if !matches!(show_args.picture.norm, Norm::Linear) {
            wrong!("--vsym: expected no --norm; or --norm centred alone, which is the same");
        }
        show_args.picture.norm = Norm::Centered { vcenter: 0.0 };
    }
    if args.percentile.is_some() && show_args.picture.range() != (None, None) {
        wrong!("--percentile: it applies to an automatic range: expected no --vmin and no --vmax");
    }
    let name = path.display().to_string();
    let file = args.input.file.clone();
    let colors = (args.show.picture.vmin, args.show.picture.vmax);
    let cache = args.cache.then(|| (Saved::beside(&file), vec![file], format!("{array:?}")));
    show(
        &show_args,
        &name,
        WhenFull::Wait,
        (1.0, Part { cache, fps: args.fps, percentile: args.percentile, ..Part::default() }),
        move |_| array_rows(&array, &path, colors),
    )
}

/// The rows of an array, all of them at once. `colors` are the numbers that are drawn as channels 0 and 255.
pub(in crate::cli) fn array_rows(array: &ArrayArgs, path: &Path, colors: (Option<f32>, Option<f32>)) -> Result<Input> {
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
