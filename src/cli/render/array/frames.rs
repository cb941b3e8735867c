//! The frames of an array as pictures of one size, one after the other: for videos.

use std::ops::Range;

use anyhow::{Result, bail};
use ringfall::array::{Array, Stack};
use ringfall::{Colormap, Scale};

use super::frame_at;
use super::plan::Plan;
use super::scale::{Found, codes_as_they_are, scale};
use crate::cli::axes::Surround;
use crate::cli::render::{Progress, RenderCommand};
use crate::flags::value::Size;

/// The frames of an array as pictures of one size, with one range for all of them.
pub(super) struct Frames<'a> {
    args: &'a RenderCommand,
    stack: Stack,
    /// Which of its frames.
    chosen: Range<u64>,
    size: Size,
    /// For values.
    colors: Option<(Scale, Colormap)>,
    /// With `--axes`, and a frame without them.
    around: Option<(Surround<'a>, Vec<u8>)>,
}

impl<'a> Frames<'a> {
    /// An automatic range is that of all frames, which are read for it. `progress` counts them.
    pub(super) fn new(args: &'a RenderCommand, stack: Stack, progress: &Progress) -> Result<Self> {
        let chosen = chosen(args, &stack)?;
        let first = frame_at(&stack, chosen.start)?;
        let size = Plan::new(args, &first)?.size;
        let mut frames = Self { args, stack, chosen, size, colors: None, around: None };
        if frames.stack.is_rgba() {
            frames.surround(&first)?;
            return Ok(frames);
        }
        let given = args.picture.vmin.is_some() && args.picture.vmax.is_some();
        frames.colors = Some(match codes_as_they_are(args, &first)? {
            Some(codes) => codes,
            None => {
                let mut found = Found::NOTHING;
                if !given && args.array_picture.percentile.is_none() {
                    for (number, done) in frames.chosen.clone().zip(1_u64..) {
                        let array = frame_at(&frames.stack, number)?;
                        found = found.join(Plan::new(args, &array)?.values(&Progress::none())?.1);
                        progress.at(done as f64);
                    }
                }
                let all = match args.array_picture.percentile {
                    Some(_) => frames.chosen.clone().map(|number| frame_at(&frames.stack, number)).collect(),
                    None => Ok(Vec::new()),
                };
                (scale(args, &all?, found)?, args.picture.colormap()?)
            }
        });
        frames.surround(&first)?;
        Ok(frames)
    }

    /// Draws the axes: all frames have the same.
    fn surround(&mut self, first: &Array) -> Result<()> {
        let colors = self.colors.as_ref().map(|(scale, colormap)| (scale, colormap));
        let count = self.args.video.is_counted().then(|| u32::try_from(self.count()).unwrap_or(u32::MAX));
        let around = Plan::new(self.args, first)?.surround(self.args, colors, count)?;
        let bytes = 4 * self.size.width as usize * self.size.height as usize;
        self.around = around.map(|around| (around, vec![0; bytes]));
        Ok(())
    }

    /// Width and height of each.
    pub(super) fn size(&self) -> (u32, u32) {
        self.around.as_ref().map_or((self.size.width, self.size.height), |(around, _)| around.size())
    }

    /// The range of the values, if they are values and not colours.
    pub(super) fn scale(&self) -> Option<&Scale> {
        self.colors.as_ref().map(|(scale, _)| scale)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.chosen.end - self.chosen.start
    }

    /// Writes a frame, counted from 0: sRGB-encoded RGBA from the top left, row by row; 4 × width × height bytes.
    pub(super) fn rgba(&mut self, number: u64, out: &mut [u8]) -> Result<()> {
        let Some((mut around, mut data)) = self.around.take() else { return self.data(number, out) };
        self.data(number, &mut data)?;
        around.go_on(u32::try_from(number).unwrap_or(u32::MAX));
        around.compose(&data, out);
        self.around = Some((around, data));
        Ok(())
    }

    /// Writes a frame without axes.
    fn data(&self, number: u64, out: &mut [u8]) -> Result<()> {
        let array = frame_at(&self.stack, self.chosen.start.saturating_add(number))?;
        let plan = Plan::new(self.args, &array)?;
        match &self.colors {
            None => out.copy_from_slice(plan.colors(&Progress::none())?.as_flattened()),
            Some((scale, colormap)) => colormap.rgba_u8(scale, &plan.values(&Progress::none())?.0, out)?,
        }
        Ok(())
    }
}

/// The frames that the flags ask for, by their times in the video.
fn chosen(args: &RenderCommand, stack: &Stack) -> Result<Range<u64>> {
    let (all, fps) = (stack.frames(), args.video.fps());
    let (from, to) = args.part(None)?;
    // A frame that begins within the times is shown; times are written in decimals, so that they are off in the last digits.
    let first = |seconds: f64| (seconds * fps - 1e-6).ceil().max(0.0) as u64;
    let (start, end) = (from.map_or(0, first), to.map_or(all, first).min(all));
    if start >= end {
        bail!(
            "--from, --to: none of the {all} frames of {} begins within these times, at {fps} frames a second (--fps)",
            args.input.display()
        );
    }
    Ok(start..end)
}
