//! The steps of a frame: rows are taken over, the range follows, the picture is drawn.

use std::time::Instant;

use anyhow::Result;
use ringfall::wgpu;

use super::range::Range;
use super::screen::{Frame, Place};
use super::{App, CELLS_A_LOOK};

impl App {
    /// Takes over the rows that have arrived. Returns whether they change the picture.
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
        let runs = !self.paused;
        let Some(scene) = &mut self.scene else { return Ok(()) };
        if let Err(error) = scene.screen.check() {
            self.broken(error);
            return Ok(());
        }
        let (there, rows, auto, range) = (&mut self.there, self.intake.rows(), &mut self.auto, &mut self.range);
        let frame = scene.screen.show(&mut scene.picture, Place::WHOLE, None, |picture| {
            there.fill(picture, rows, now, runs)?;
            // According to what is displayed from now on.
            let canvas = picture.canvas()?;
            let found = auto.step(now, *range, || Range::of(canvas, CELLS_A_LOOK));
            if let Some((found, scale)) = found.and_then(|found| Some((found, found.scale().ok()?))) {
                *range = found;
                picture.set_scale(scale);
            }
            Ok(())
        });
        let frame = match frame {
            // The device or the surface, which are handled alike: the renderer's own errors are of another kind.
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
        self.tell();
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
            Frame::Early(at) => self.next_frame = Some(self.next_frame.map_or(at, |next| next.min(at))),
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

    /// The view has changed.
    pub(super) fn moved(&mut self) {
        self.read_out.forget();
        self.auto.changed();
        self.request_redraw();
    }
}
