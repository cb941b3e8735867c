//! `ringfall render` of an array: all processors read its rows, with only a few rows per processor in memory.

mod check;
mod colors;
mod detail;
mod flags;
mod frames;
mod hand;
mod plan;
mod scale;
mod video;

use std::time::Instant;

use anyhow::{Result, bail};
use ringfall::Norm;
use ringfall::array::{Array, ArrayError, Stack};
use ringfall::plot::Layer;

use check::check;
pub(super) use flags::ArrayPictureArgs;
use frames::Frames;
use plan::Plan;
use scale::{codes_as_they_are, range_words, scale};

use super::{Progress, RenderCommand};
use crate::cli::axes::Surround;
use crate::flags::wrong;
use crate::interrupt;
use crate::terminal::complain;
use crate::units::{bytes, seconds as duration};

pub(super) fn run(args: &RenderCommand) -> Result<()> {
    let video = check(args)?;
    interrupt::clean_up()?;
    if let Some(video) = video {
        let target = args.output.open_video(video, &args.inputs())?;
        return video::run(args, open(args)?, target);
    }
    let output = args.output.open(&args.inputs())?;
    let colormap = args.picture.colormap()?;
    let started = Instant::now();
    let stack = open(args)?;
    if stack.frames() > 1 && args.array_picture.frame.is_none() && output.takes_many() {
        let mut frames = Frames::new(args, stack, &Progress::none())?;
        let (size, count) = (frames.size(), frames.count());
        output.write_many(size, count, |number, pixels| frames.rgba(number, pixels))?;
        complain(format_args!(
            "{}: {count} frames of {}x{} pixels from {}, {}",
            args.output.output.display(),
            size.0,
            size.1,
            args.input.display(),
            duration(started.elapsed().as_secs_f64()),
        ));
        return Ok(());
    }
    let array = frame(args, &stack)?;
    let plan = Plan::new(args, &array)?;

    let progress = Progress::new(Some(f64::from(plan.lines())));
    if stack.is_rgba() {
        let around = plan.surround(args, None, None)?;
        let pixels = plan.colors(&progress)?;
        progress.done();
        output.write_rgba((plan.size.width, plan.size.height), &pixels, around.as_ref().map(Surround::layer))?;
        let size = around.as_ref().map_or((plan.size.width, plan.size.height), Surround::size);
        complain(format_args!(
            "{}: {}x{} pixels, {} rows of {} {} colours from {}{}, {}",
            args.output.output.display(),
            size.0,
            size.1,
            array.rows(),
            array.columns(),
            array.layout().dtype,
            array.path().display(),
            if plan.quick { " (quick)" } else { "" },
            duration(started.elapsed().as_secs_f64()),
        ));
        return Ok(());
    }
    let (values, found) = plan.values(&progress)?;
    progress.done();
    let codes = codes_as_they_are(args, &array)?;
    let untouched = codes.is_some();
    let (scale, colormap) = match codes {
        Some(codes) => codes,
        None => {
            if args.array.is_plain(&args.input) {
                detail::warn(&array, found);
            }
            (scale(args, std::slice::from_ref(&array), found)?, colormap)
        }
    };
    let around = plan.surround(args, Some((&scale, &colormap)), None)?;
    let layer = around.as_ref().map(Surround::layer);
    output.write_colored((plan.size.width, plan.size.height), &values, &scale, &colormap, layer)?;
    let size = layer.map_or((plan.size.width, plan.size.height), Layer::size);
    log::debug!("{} in {:.2?}", bytes(array.bytes()), started.elapsed());

    let given = args.picture.vmin.is_some() && args.picture.vmax.is_some() || untouched;
    complain(format_args!(
        "{}: {}x{} pixels, {} rows of {} {} from {}{}, {}, {}",
        args.output.output.display(),
        size.0,
        size.1,
        array.rows(),
        array.columns(),
        array.layout().dtype,
        array.path().display(),
        if plan.quick { " (quick)" } else { "" },
        range_words(&scale, if given { "" } else { " (found from the data)" }),
        duration(started.elapsed().as_secs_f64()),
    ));
    Ok(())
}

/// Opens the array as the flags say.
fn open(args: &RenderCommand) -> Result<Stack> {
    let stack = args.array.open(&args.input)?;
    if !stack.is_rgba() {
        return Ok(stack);
    }
    let (picture, own) = (&args.picture, &args.array_picture);
    let flags = [
        ("--vsym", own.vsym),
        ("--percentile", own.percentile.is_some()),
        ("--norm", picture.norm != Norm::Linear),
        ("--values", args.output.values),
    ];
    if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
        wrong!("{flag}: it applies to values, and {} holds colours (see --layout)", args.input.display());
    }
    match (picture.vmin, picture.vmax) {
        (None, None) => Ok(stack),
        (Some(low), Some(high)) if low < high => Ok(stack.with_color_range(low, high)),
        _ => wrong!("--vmin, --vmax: colours need both, --vmin below --vmax"),
    }
}

/// The frame that the flags ask for.
fn frame(args: &RenderCommand, stack: &Stack) -> Result<Array> {
    let path = args.input.display();
    let number = match args.array_picture.frame {
        None if stack.frames() == 1 => 0,
        None => {
            bail!(
                "{path}: {} frames ({}): expected --frame 1 to {} (or all of them as a video, or with --format rgba)",
                stack.frames(),
                stack.axes(),
                stack.frames()
            )
        }
        Some(number) if (1..=stack.frames()).contains(&number) => number - 1,
        Some(number) => bail!("--frame {number}: {path} has frames 1 to {}", stack.frames()),
    };
    frame_at(stack, number)
}

fn frame_at(stack: &Stack, number: u64) -> Result<Array> {
    stack.frame(number).map_err(|error| match error {
        ArrayError::Colors { .. } => {
            anyhow::anyhow!("{error} (--vmin and --vmax give one; --layout thw reads frames of values)")
        }
        error => error.into(),
    })
}
