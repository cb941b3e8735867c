//! User input: keys, wheel, pointer, window.

use std::time::Instant;

use anyhow::Result;
use winit::event::{ElementState, KeyEvent, MouseButton, WindowEvent};
use winit::event_loop::ActiveEventLoop;

use super::App;
use super::pointer::{self, Moved};
use super::range::Range;

impl App {
    pub(super) fn set_range(&mut self, range: Range) -> Result<()> {
        // The range stops where the norm ends, such as at 0 with a logarithmic one.
        let Ok(scale) = range.scale() else { return Ok(()) };
        self.range = range;
        self.auto.leave_it();
        if let Some(scene) = &mut self.scene {
            scene.picture.set_scale(scale);
        }
        self.request_redraw();
        Ok(())
    }

    /// Pauses or resumes. A file and the demonstration wait meanwhile; live input continues to be recorded, and only the
    /// picture stands still.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if self.intake.is_live() {
            self.there.freeze(self.intake.rows(), paused);
            self.auto.changed();
        } else {
            self.intake.feed().pause(paused);
        }
        log::debug!("{} after {} frames", if paused { "paused" } else { "going on" }, self.drawn.frames);
        self.tell();
        if !paused {
            self.request_redraw();
        }
    }

    /// Zooms around the pointer by these factors of time and frequency.
    fn zoom(&mut self, time: f64, hz: f64) {
        let (Some(scene), Some(at)) = (&self.scene, self.pointer.at()) else { return };
        let size = scene.screen.size();
        self.there.zoom(self.intake.rows(), size, at, time, hz);
        self.pointer.take_again(self.there.grip(self.intake.rows(), size));
        self.moved();
    }

    fn press(&mut self, button: MouseButton) {
        let Some(size) = self.size() else { return };
        match button {
            MouseButton::Left if !self.modifiers.shift_key() => {
                let grip = self.there.grip(self.intake.rows(), size);
                if self.pointer.take_picture(Instant::now(), grip) {
                    self.there.fit(self.intake.rows(), size);
                    self.moved();
                }
            }
            MouseButton::Left | MouseButton::Right => self.pointer.take_range(),
            _ => {}
        }
    }

    fn pointer_moved(&mut self, at: (f64, f64)) -> Result<()> {
        let Some(size) = self.size() else { return Ok(()) };
        match self.pointer.moved(at) {
            Some(Moved::Picture(grip, by)) => {
                self.there.pan(self.intake.rows(), grip, by);
                self.moved();
            }
            Some(Moved::Range(by)) => {
                let (shift, stretch) = pointer::range_drag(by, size);
                self.set_range(self.range.shifted(shift).stretched(stretch))?;
            }
            None => {}
        }
        self.read_out.forget();
        self.tell();
        Ok(())
    }

    /// Events of the window system.
    pub(super) fn event(&mut self, event: WindowEvent, event_loop: &ActiveEventLoop) -> Result<()> {
        match event {
            WindowEvent::RedrawRequested => self.redraw()?,
            WindowEvent::CloseRequested => event_loop.exit(),
            // Closed from outside: `xdotool windowclose`, or the desktop. The result is the same.
            WindowEvent::Destroyed => {
                log::debug!("the window was destroyed");
                self.scene = None;
                event_loop.exit();
            }
            WindowEvent::Resized(size) => {
                if let Some(scene) = &mut self.scene {
                    scene.screen.resize(size);
                }
                self.moved();
            }
            WindowEvent::Occluded(false) => self.request_redraw(),
            WindowEvent::KeyboardInput {
                event: KeyEvent { logical_key, state: ElementState::Pressed, repeat, .. },
                ..
            } => {
                self.key(&logical_key, repeat, event_loop)?;
            }
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::MouseInput { state: ElementState::Pressed, button, .. } => self.press(button),
            WindowEvent::MouseInput { state: ElementState::Released, .. } => self.pointer.let_go(),
            WindowEvent::MouseWheel { delta, .. } if self.notches.counts(delta) => {
                let factor = pointer::wheel_factor(delta);
                match self.modifiers.control_key() {
                    true => self.zoom(1.0, factor),
                    false => self.zoom(factor, 1.0),
                }
            }
            // Not a number at times, says winit.
            WindowEvent::PinchGesture { delta, .. } if delta.is_finite() => {
                let factor = (-delta.clamp(-3.0, 3.0)).exp();
                self.zoom(factor, factor);
            }
            WindowEvent::CursorMoved { position, .. } => self.pointer_moved((position.x, position.y))?,
            WindowEvent::CursorLeft { .. } => {
                self.pointer.left();
                self.read_out.forget();
                self.tell();
            }
            _ => {}
        }
        Ok(())
    }
}
