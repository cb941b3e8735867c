//! What can be wrong with the flags of `render` for a recording or the demonstration.

use super::RenderCommand;
use crate::cli::recording::RawArgs;
use crate::flags::value::PictureSize;
use crate::flags::{Usage, wrong};

impl RenderCommand {
    /// Rejects flags that contradict each other or would have no effect.
    pub(super) fn check(&self) -> Result<(), Usage> {
        if self.scroll_video()?.is_none() {
            self.output.check()?;
        }
        self.axes.check()?;
        self.check_numbers()?;
        if self.bias != 0.0 && self.picture.vmin.is_some() && self.picture.vmax.is_some() {
            wrong!("--bias: it moves an automatic range: expected no --vmin or no --vmax");
        }
        self.spectrum.check()?;
        self.picture.check(self.spectrum.fmin)?;
        self.array.check_unused(&self.input)?;
        self.array_picture.check_unused()?;
        if self.array_picture.is_quick() && (self.is_demo() || self.scroll.scroll) {
            wrong!("--quick: it applies to pictures of recordings and arrays, not to a video or the demonstration");
        }
        if self.size == Some(PictureSize::Data) {
            wrong!("--size data: it applies to arrays: expected WIDTHxHEIGHT in pixels");
        }
        if self.is_demo() {
            if self.channel.is_some() {
                wrong!("--channel: the demonstration has one channel only (./demo is a file of that name)");
            }
            if self.start.is_some() {
                wrong!("--start: the demonstration has no recording time (./demo is a file of that name)");
            }
            if self.output.input().is_some() || self.raw != RawArgs::default() {
                wrong!(
                    "--format, --rate, --centre, --bins, --row-time: the demonstration is made as it is (./demo is a file of \
                     that name)"
                );
            }
        } else if self.demo.seed.is_some() {
            wrong!("--seed: it applies to the demonstration, not to the file {}", self.input.display());
        } else {
            self.asked().check(&self.spectrum)?;
            if self.asked().is_network() && self.to.is_none() && self.seconds.is_none() {
                wrong!("{}: it sends without end: expected --seconds, such as --seconds 30s", self.input.display());
            }
        }
        let (start, more) = if self.is_demo() { (None, false) } else { self.asked().start() };
        // The file itself may have the time when it began.
        if start.is_none() && more { Ok(()) } else { self.part(start).map(drop) }
    }

    /// Rejects flags that have no effect where numbers are written and no picture.
    pub(super) fn check_numbers(&self) -> Result<(), Usage> {
        if self.axes.axes && self.output.stores_numbers() {
            wrong!("--axes: the values are stored without a picture: expected no --values and no --floats");
        }
        // A PNG of values has 16-bit grey of the range.
        if self.output.stores_values()
            && let Some(flag) = self.given.any(&["--colormap", "--norm"])
        {
            wrong!("{flag}: the values are stored, and not their colours");
        }
        Ok(())
    }
}
