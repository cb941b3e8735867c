//! Events of the window system.

use std::time::{Duration, Instant};

use anyhow::Result;
use winit::event::{ElementState, KeyEvent, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::NamedKey;

use super::App;
use super::command::Request;
use super::deadline::Deadline;
use super::range::Range;

impl App {
    /// In full screen the bars are hidden when the pointer has rested for so long.
    pub(super) const HIDE_AFTER: Duration = Duration::from_secs(2);

    /// Sets the range by hand: it no longer follows the data.
    pub(super) fn set_range(&mut self, range: Range) {
        // The range stops where the norm ends, such as at 0 with a logarithmic one.
        if range.scale().is_ok() {
            self.auto.leave_it();
            self.put_range(range);
        }
    }

    /// Sets the range.
    pub(super) fn put_range(&mut self, range: Range) {
        let Ok(scale) = range.scale() else { return };
        self.range = range;
        if let Some(scene) = &mut self.scene {
            scene.picture.set_scale(scale);
        }
        self.touch();
        self.request_redraw();
    }

    /// Pauses or resumes. A file and the demonstration wait meanwhile; live input continues to be recorded, and only the
    /// picture stands still.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if self.intake.is_live() {
            self.navigator.freeze(self.intake.rows(), paused);
            self.auto.changed();
        } else {
            self.intake.feed().pause(paused);
        }
        log::debug!("{} after {} frames", if paused { "paused" } else { "going on" }, self.drawn.frames);
        self.tell();
        self.touch();
        self.request_redraw();
    }

    /// Takes an event of the window system.
    pub(super) fn event(&mut self, event: WindowEvent, event_loop: &ActiveEventLoop) -> Result<()> {
        if let WindowEvent::MouseWheel { delta, .. } = &event
            && !self.notches.counts(*delta)
        {
            return Ok(());
        }
        let mut taken = false;
        // egui has no part in drawing, and a window that is gone has no size.
        if !matches!(event, WindowEvent::RedrawRequested | WindowEvent::Destroyed | WindowEvent::CloseRequested)
            && let Some(gui) = &mut self.gui
        {
            if let WindowEvent::KeyboardInput { event: KeyEvent { logical_key, .. }, .. } = &event {
                let plot = &self.face.plot;
                // Before egui sees the key, which may take the keyboard from a widget.
                taken = gui.takes_key(logical_key, |key| plot.takes_key(key));
            }
            let response = gui.event(&event);
            if response.repaint {
                self.request_redraw();
            }
        }
        if matches!(
            event,
            WindowEvent::KeyboardInput { .. }
                | WindowEvent::MouseInput { .. }
                | WindowEvent::MouseWheel { .. }
                | WindowEvent::DroppedFile(_)
        ) {
            self.keep_later();
        }
        match event {
            WindowEvent::RedrawRequested => self.redraw(event_loop)?,
            WindowEvent::CloseRequested => event_loop.exit(),
            // Closed from outside: `xdotool windowclose`, or the desktop. The result is the same.
            WindowEvent::Destroyed => {
                log::debug!("the window was destroyed");
                self.scene = None;
                self.gui = None;
                event_loop.exit();
            }
            WindowEvent::Resized(size) => {
                if let Some(scene) = &mut self.scene {
                    scene.screen.resize(size);
                }
                self.moved();
            }
            WindowEvent::ScaleFactorChanged { .. } => self.moved(),
            WindowEvent::Occluded(false) => self.request_redraw(),
            WindowEvent::KeyboardInput {
                event: KeyEvent { logical_key, state: ElementState::Pressed, repeat, .. },
                ..
            } if !taken || logical_key == NamedKey::Escape && self.face.has_dialog() => {
                self.key(&logical_key, repeat, event_loop)?;
                self.request_redraw();
            }
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::CursorMoved { .. } => {
                let now = Instant::now();
                self.pointed = Some(now);
                self.unhide = Deadline::after(now, Some(Self::HIDE_AFTER.as_secs_f64() + 0.05));
                self.read_out.forget();
            }
            WindowEvent::CursorLeft { .. } => self.read_out.forget(),
            WindowEvent::DroppedFile(path) => self.open_request(Request::File(path)),
            _ => {}
        }
        Ok(())
    }
}
