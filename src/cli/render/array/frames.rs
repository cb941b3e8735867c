//! The frames of an array as pictures of one size, one after the other: for videos.

use anyhow::Result;
use ringfall::array::{Array, Stack};
use ringfall::{Colormap, Scale};

use super::{Found, Plan, codes_as_they_are, frame_at, scale};
use crate::cli::axes::Surround;
use crate::cli::render::{Progress, RenderCommand};
use crate::flags::value::Size;

/// The frames of an array as pictures of one size, with one range for all of them.
pub(super) struct Frames<'a> {
    args: &'a RenderCommand,
    stack: Stack,
    size: Size,
    /// For values.
    colors: Option<(Scale, Colormap)>,
    /// With `--axes`, and a frame without them.
    around: Option<(Surround<'a>, Vec<u8>)>,
}

impl<'a> Frames<'a> {
    /// An automatic range is that of all frames, which are read for it. `progress` counts them.
    pub(super) fn new(args: &'a RenderCommand, stack: Stack, progress: &Progress) -> Result<Self> {
        let first = frame_at(&stack, 0)?;
        let size = Plan::new(args, &first)?.size;
        let mut frames = Self { args, stack, size, colors: None, around: None };
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
        self.stack.frames()
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
        let array = frame_at(&self.stack, number)?;
        let plan = Plan::new(self.args, &array)?;
        match &self.colors {
            None => out.copy_from_slice(plan.colors(&Progress::none())?.as_flattened()),
            Some((scale, colormap)) => colormap.rgba_u8(scale, &plan.values(&Progress::none())?.0, out)?,
        }
        Ok(())
    }
}
