//! The frames of an array as pictures of one size, one after the other: for videos.

use anyhow::Result;
use ringfall::array::Stack;
use ringfall::{Colormap, Scale};

use super::{Found, Plan, codes_as_they_are, frame_at, scale};
use crate::cli::render::{Progress, RenderCommand};
use crate::flags::value::Size;

/// The frames of an array as pictures of one size, with one range for all of them.
pub(super) struct Frames<'a> {
    args: &'a RenderCommand,
    stack: Stack,
    size: Size,
    /// For values.
    colors: Option<(Scale, Colormap)>,
}

impl<'a> Frames<'a> {
    /// An automatic range is that of all frames, which are read for it. `progress` counts them.
    pub(super) fn new(args: &'a RenderCommand, stack: Stack, progress: &Progress) -> Result<Self> {
        let first = frame_at(&stack, 0)?;
        let size = Plan::new(args, &first)?.size;
        let mut frames = Self { args, stack, size, colors: None };
        if frames.stack.is_rgba() {
            return Ok(frames);
        }
        let given = args.picture.vmin.is_some() && args.picture.vmax.is_some();
        frames.colors = Some(match codes_as_they_are(args, &first)? {
            Some(codes) => codes,
            None => {
                let mut found = Found::NOTHING;
                if !given && args.array_picture.percentile.is_none() {
                    for number in 0..frames.stack.frames() {
                        let array = frame_at(&frames.stack, number)?;
                        found = found.join(Plan::new(args, &array)?.values(&Progress::none())?.1);
                        progress.at(number as f64 + 1.0);
                    }
                }
                let all = match args.array_picture.percentile {
                    Some(_) => (0..frames.stack.frames()).map(|number| frame_at(&frames.stack, number)).collect(),
                    None => Ok(Vec::new()),
                };
                (scale(args, &all?, found)?, args.picture.colormap()?)
            }
        });
        Ok(frames)
    }

    /// Width and height of each.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.size.width, self.size.height)
    }

    /// The range of the values, if they are values and not colours.
    pub(super) fn scale(&self) -> Option<&Scale> {
        self.colors.as_ref().map(|(scale, _)| scale)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.stack.frames()
    }

    /// Writes a frame, counted from 0: sRGB-encoded RGBA from the top left, row by row; 4 × width × height bytes.
    pub(super) fn rgba(&self, number: u64, out: &mut [u8]) -> Result<()> {
        let array = frame_at(&self.stack, number)?;
        let plan = Plan::new(self.args, &array)?;
        match &self.colors {
            None => out.copy_from_slice(plan.colors(&Progress::none())?.as_flattened()),
            Some((scale, colormap)) => colormap.rgba_u8(scale, &plan.values(&Progress::none())?.0, out)?,
        }
        Ok(())
    }
}
