//! What happens for a frame: rows are taken over, the range follows, the picture is drawn.

use std::time::Instant;

use anyhow::Result;
use ringfall::{Newest, wgpu};

use super::surface::Frame;
use super::{App, CELLS_A_LOOK};

impl App {
    /// Takes over the rows that have come. Whether the picture changes by them.
    pub(super) fn drain(&mut self) -> Result<bool> {
        let arrived = self.intake.drain()?;
        self.drawn.rows += arrived.count as u64;
        let changed = arrived.count > 0 && self.there.shows(self.intake.rows(), arrived.first);
        if changed {
            self.auto.changed();
        }
        if arrived.more {
            self.request_redraw();
        }
        Ok(changed)
    }

    pub(super) fn redraw(&mut self) -> Result<()> {
        self.drain()?;
        let now = Instant::now();
        self.step_range(now)?;
        self.tell();
        let runs = !self.paused;
        let Some(scene) = &mut self.scene else { return Ok(()) };
        if let Err(error) = scene.screen.gpu().check() {
            self.broken(error.into());
            return Ok(());
        }
        let (there, rows) = (&mut self.there, self.intake.rows());
        let frame = scene.screen.show(&mut scene.fall, |fall| there.fill(fall, rows, now, runs));
        let frame = match frame {
            // The device or the surface, which comes to the same: the renderer's own refusals are of another kind.
            Err(error) if !error.is::<ringfall::Error>() => {
                self.broken(error);
                return Ok(());
            }
            Err(error) => match error.downcast_ref() {
                // Rows have become wider than the waterfall.
                Some(&ringfall::Error::RowLength { got, .. }) => {
                    self.widen(got as u32)?;
                    Frame::Later
                }
                _ => return Err(error),
            },
            Ok(frame) => frame,
        };
        self.read_out.changed();
        match frame {
            Frame::Shown => {
                self.drawn.frames += 1;
                self.drawn.while_paused += u64::from(self.paused);
                if self.wish.present == wgpu::PresentMode::Immediate && !self.paused {
                    self.request_redraw();
                }
            }
            Frame::Skipped => {}
            Frame::Later => self.request_redraw(),
        }
        Ok(())
    }

    /// Rows have come, or the status has changed.
    pub(super) fn woken(&mut self) -> Result<()> {
        let changed = self.drain()?;
        self.tell();
        if changed {
            self.request_redraw();
        }
        Ok(())
    }

    /// Lines and pixels across of the picture.
    pub(super) fn lines(&self, (width, height): (u32, u32)) -> (u32, u32) {
        match self.wish.options.newest {
            Newest::Top | Newest::Bottom => (height, width),
            Newest::Left | Newest::Right => (width, height),
        }
    }

    /// Lets the range follow what is on show.
    pub(super) fn step_range(&mut self, now: Instant) -> Result<()> {
        let Some(scene) = &self.scene else { return Ok(()) };
        if self.intake.rows().range(0).is_empty() {
            return Ok(());
        }
        let size = self.lines(scene.screen.size());
        let (shown, rows, there) = (&mut self.shown, self.intake.rows(), &self.there);
        let look = || shown.range(rows, &there.view(rows)?, size, CELLS_A_LOOK);
        if let Some(range) = self.auto.step(now, self.range, look) {
            self.range = range;
            if let Some(scene) = &mut self.scene {
                scene.fall.set_scale(range.scale()?);
            }
        }
        Ok(())
    }

    /// The view has changed.
    pub(super) fn moved(&mut self) {
        self.read_out.forget();
        self.auto.changed();
        self.request_redraw();
    }
}
