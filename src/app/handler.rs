//! The event loop's calls.

use std::time::{Duration, Instant};

use winit::application::ApplicationHandler;
use winit::event::{DeviceEvent, DeviceId, ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow};
use winit::window::WindowId;

use super::{App, Wake};

/// The loop looks at its deadlines this often at least.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.scene.is_some() {
            return;
        }
        match self.open(event_loop) {
            Ok(scene) => {
                scene.screen.warn_if_software();
                self.adapter = scene.screen.name();
                self.scene = Some(scene);
                self.tell();
                self.request_redraw();
            }
            Err(error) => self.fail(event_loop, error),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        if let Err(error) = self.event(event, event_loop) {
            self.fail(event_loop, error);
        }
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, _: DeviceId, event: DeviceEvent) {
        if let DeviceEvent::Button { button, state } = event
            && is_x11(event_loop)
        {
            self.notches.button(button, state == ElementState::Pressed);
        }
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, _: StartCause) {
        let now = Instant::now();
        if self.exit.take(now) {
            event_loop.exit();
        }
        if self.lose_device.take(now) {
            if let Some(gpu) = self.scene.as_ref().and_then(|scene| scene.screen.gpu()) {
                gpu.device().destroy();
            }
            self.request_redraw();
        }
        self.keep_if_due(now);
        self.turn(now);
        if self.next_frame.take_if(|at| *at <= now).is_some() {
            self.request_redraw();
        }
        if self.playback.next().is_some_and(|at| at <= now) {
            self.play_on(now);
        }
        if self.unhide.take(now) || self.face.toasts.next().is_some_and(|at| at <= now) {
            self.touch();
            self.request_redraw();
        }
        if self.rates.next().is_some_and(|at| at <= now)
            || self.gui.as_ref().and_then(|gui| gui.next()).is_some_and(|at| at <= now)
        {
            self.request_redraw();
        }
        if self.name_colormap_until.take(now) || self.read_out.next().is_some_and(|at| at <= now) {
            self.tell();
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        if let Err(error) = self.mend(event_loop) {
            self.fail(event_loop, error);
        }
        if self.broken.is_some() {
            event_loop.set_control_flow(ControlFlow::Poll);
            return;
        }
        // Asleep until something happens, but for a picture that glides or a range that slides.
        let now = Instant::now();
        let frames = [self.next_frame, self.navigator.next(now), self.auto.next(now, self.range)];
        self.next_frame = frames.into_iter().flatten().min();
        let next = [
            self.next_frame,
            self.intake.frames().and_then(|frames| frames.next(now)),
            self.exit.at(),
            self.lose_device.at(),
            self.name_colormap_until.at(),
            self.unhide.at(),
            self.read_out.next(),
            self.playback.next(),
            self.face.toasts.next(),
            self.keeping.next(),
            self.rates.next(),
            self.gui.as_ref().and_then(|gui| gui.next()),
        ];
        let next = next.into_iter().flatten().min();
        // Window systems count waits in numbers of their own: not all of them hold centuries.
        let next = next.map(|at| at.min(now + LONGEST_WAIT));
        event_loop.set_control_flow(next.map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, wake: Wake) {
        let done = match wake {
            Wake::Rows => self.woken(),
            Wake::Message => {
                self.take_messages();
                Ok(())
            }
            Wake::Accessibility(event) => {
                if let Some(gui) = &mut self.gui {
                    gui.accessibility(event.window_event);
                }
                self.keep_later();
                self.request_redraw();
                Ok(())
            }
        };
        if let Err(error) = done {
            self.fail(event_loop, error);
        }
    }
}

/// Whether the window is one of an X server.
fn is_x11(event_loop: &ActiveEventLoop) -> bool {
    #[cfg(target_os = "linux")]
    return winit::platform::x11::ActiveEventLoopExtX11::is_x11(event_loop);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = event_loop;
        false
    }
}
