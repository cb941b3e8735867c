//! What the user does: keys, wheel, pointer, window.

use std::time::Instant;

use anyhow::Result;
use ringfall::Newest;
use winit::event::{ElementState, KeyEvent, MouseButton, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::window::Fullscreen;

use super::App;
use super::keys::{self, Action};
use super::pointer::{self, Moved};
use super::range::Range;

impl App {
    fn set_range(&mut self, range: Range) -> Result<()> {
        self.range = range;
        self.auto.leave_it();
        if let Some(scene) = &mut self.scene {
            scene.fall.set_scale(range.scale()?);
        }
        self.request_redraw();
        Ok(())
    }

    fn act(&mut self, action: Action, event_loop: &ActiveEventLoop) -> Result<()> {
        match action {
            Action::Leave => event_loop.exit(),
            Action::Fullscreen => {
                if let Some(scene) = &self.scene {
                    let window = scene.screen.window();
                    let now = window.fullscreen().is_some();
                    window.set_fullscreen((!now).then_some(Fullscreen::Borderless(None)));
                }
            }
            Action::Pause => self.pause(!self.paused),
            Action::Follow => {
                // What comes live is not waiting to be let go on; what comes from a file may.
                if self.live() {
                    self.paused = false;
                }
                self.there.follow();
                self.moved();
                self.tell();
            }
            Action::Page(pages) => {
                if let Some(size) = self.scene.as_ref().map(|scene| scene.screen.size())
                    && let Some(grip) = self.there.grip(&self.history, size)
                {
                    let lines = pages * f64::from(self.lines(size).0);
                    let by = match self.wish.options.newest {
                        Newest::Top => (0.0, -lines),
                        Newest::Bottom => (0.0, lines),
                        Newest::Left => (-lines, 0.0),
                        Newest::Right => (lines, 0.0),
                    };
                    self.there.pan(&self.history, &grip, by);
                    self.moved();
                }
            }
            Action::Stretch(factor) => self.set_range(self.range.stretched(factor))?,
            Action::Shift(share) => self.set_range(self.range.shifted(share))?,
            Action::AutoRange => {
                self.auto.toggle();
                self.tell();
                self.request_redraw();
            }
            Action::Colormap(step) => {
                let count = self.maps.len() as isize;
                self.map = (self.map as isize + step).rem_euclid(count) as usize;
                if let Some(scene) = &mut self.scene {
                    scene.fall.set_colormap(&self.maps[self.map]);
                }
                self.request_redraw();
            }
        }
        Ok(())
    }

    /// Stops, or goes on. A file and the demonstration wait meanwhile; what comes live goes on being recorded, and only the
    /// picture stands still.
    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if self.live() {
            self.there.freeze(&self.history, paused);
            self.auto.changed();
        } else {
            self.feed.pause(paused);
        }
        log::debug!("{} after {} frames", if paused { "paused" } else { "going on" }, self.drawn.frames);
        self.tell();
        if !paused {
            self.request_redraw();
        }
    }

    /// Zooms about the pointer: so many times as much time, and frequency.
    fn zoom(&mut self, time: f64, hz: f64) {
        let (Some(scene), Some(at)) = (&self.scene, self.pointer.at()) else { return };
        let size = scene.screen.size();
        self.there.zoom(&self.history, size, at, time, hz);
        self.pointer.take_again(self.there.grip(&self.history, size));
        self.moved();
    }

    fn press(&mut self, button: MouseButton) {
        let Some(size) = self.scene.as_ref().map(|scene| scene.screen.size()) else { return };
        match button {
            MouseButton::Left if !self.modifiers.shift_key() => {
                let grip = self.there.grip(&self.history, size);
                if self.pointer.take_picture(Instant::now(), grip) {
                    self.there.fit(&self.history, size);
                    self.moved();
                }
            }
            MouseButton::Left | MouseButton::Right => self.pointer.take_range(),
            _ => {}
        }
    }

    fn pointer_moved(&mut self, at: (f64, f64)) -> Result<()> {
        let Some(size) = self.scene.as_ref().map(|scene| scene.screen.size()) else { return Ok(()) };
        match self.pointer.moved(at) {
            Some(Moved::Picture(grip, by)) => {
                self.there.pan(&self.history, grip, by);
                self.moved();
            }
            Some(Moved::Range(by)) => {
                let (shift, stretch) = pointer::range_drag(by, size);
                self.set_range(self.range.shifted(shift).stretched(stretch))?;
            }
            None => {}
        }
        self.cursor = None;
        self.tell();
        Ok(())
    }

    /// What the window system says.
    pub(super) fn event(&mut self, event: WindowEvent, event_loop: &ActiveEventLoop) -> Result<()> {
        match event {
            WindowEvent::RedrawRequested => self.redraw()?,
            WindowEvent::CloseRequested => event_loop.exit(),
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
                // Held down, Space or F11 would flicker.
                let action = keys::action(&logical_key)
                    .filter(|action| !repeat || matches!(action, Action::Stretch(_) | Action::Shift(_)));
                if let Some(action) = action {
                    self.act(action, event_loop)?;
                }
            }
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::MouseInput { state: ElementState::Pressed, button, .. } => self.press(button),
            WindowEvent::MouseInput { state: ElementState::Released, .. } => self.pointer.let_go(),
            WindowEvent::MouseWheel { delta, .. } => {
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
                self.cursor = None;
                self.tell();
            }
            _ => {}
        }
        Ok(())
    }
}
