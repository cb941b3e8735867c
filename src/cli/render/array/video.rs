//! A video of the frames of an array.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use ringfall::array::Stack;
use ringfall::export;

use super::Frames;
use super::range_words;
use crate::cli::output::VideoTarget;
use crate::cli::render::scroll::MOST_FRAMES;
use crate::cli::render::{Progress, RenderCommand};
use crate::terminal::complain;
use crate::units::seconds as duration;

/// Writes each frame of the stack as a frame of the video.
pub(super) fn run(args: &RenderCommand, stack: Stack, target: VideoTarget) -> Result<()> {
    let started = Instant::now();
    let (path, all, axes) = (args.input.display(), stack.frames(), stack.axes());
    let progress = Progress::new(Some(all as f64));
    let mut frames = Frames::new(args, stack, &progress)?;
    progress.done();
    let count = frames.count();
    if count as f64 > MOST_FRAMES {
        bail!("{path}: {count} frames ({axes}): expected {MOST_FRAMES} at most");
    }
    let count = count as u32;
    let size = frames.size();
    let (format, stored) = (target.format, target.format.size_of(size));

    let progress = Progress::new(Some(f64::from(count)));
    let fill = |index: u32, rgba: &mut [u8]| {
        frames.rgba(index.into(), rgba).map_err(|error| std::io::Error::other(format!("{error:#}")))?;
        progress.at(f64::from(index) + 1.0);
        Ok(())
    };
    let mut filled = export::Frames::new(size, count, fill).context("the frames")?;
    let written = target.write(&mut filled);
    drop(filled);
    progress.done();
    written?;
    let range = match frames.scale() {
        None => String::new(),
        Some(scale) => format!(", {}", range_words(scale, "")),
    };
    complain(format_args!(
        "{}: {}x{} pixels, {count} frames of {path} in {}{range}{}, {}",
        args.output.output.display(),
        size.0,
        size.1,
        duration(f64::from(count) / args.video.fps()),
        if stored == size {
            String::new()
        } else {
            let (width, height) = stored;
            format!("; {} has only even sizes, so the video has {width}x{height} with a black edge", format.name())
        },
        duration(started.elapsed().as_secs_f64()),
    ));
    Ok(())
}
