//! The window and the waterfall in it: opening them, and opening them again after the device was lost.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use ringfall::gpu::Gpu;
use ringfall::{Options, Pipelines, Waterfall};
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event_loop::ActiveEventLoop;
use winit::window::{Fullscreen, Window};

use super::App;
use super::surface::Screen;

/// The window, and the waterfall in it.
pub(super) struct Scene {
    pub(super) fall: Waterfall,
    pub(super) screen: Screen,
}

impl App {
    /// Opens the window, and a waterfall in it.
    pub(super) fn open(&self, event_loop: &ActiveEventLoop) -> Result<Scene> {
        let mut attributes = Window::default_attributes().with_title("ringfall");
        attributes = match self.wish.size {
            Some((width, height)) => attributes.with_inner_size(PhysicalSize::new(width, height)),
            None => attributes.with_inner_size(LogicalSize::new(1280, 720)),
        };
        if self.wish.fullscreen {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(None)));
        }
        let window = Arc::new(event_loop.create_window(attributes).context("the window system opens no window")?);
        self.furnish(event_loop, window)
    }

    /// Opens a device for the window, and makes a waterfall in it.
    fn furnish(&self, event_loop: &ActiveEventLoop, window: Arc<Window>) -> Result<Scene> {
        let instance = Gpu::new_instance_on(Box::new(event_loop.owned_display_handle()));
        let screen = Screen::open(window, instance, self.wish.adapter.as_deref(), self.wish.present, false)?;
        let fall = self.waterfall(&screen, self.intake.feed().bins() as u32)?;
        screen.gpu().check()?;
        Ok(Scene { fall, screen })
    }

    /// An empty waterfall for rows of so many bins.
    fn waterfall(&self, screen: &Screen, bins: u32) -> Result<Waterfall> {
        let device = screen.gpu().device();
        let (width, height) = screen.size();
        let options = Options { bins, width, height, ..self.wish.options.clone() };
        let mut fall = Waterfall::new(device, &Pipelines::new(device), &screen.target(), &options)?;
        fall.set_scale(self.range.scale()?);
        fall.set_colormap(&self.maps[self.map]);
        Ok(fall)
    }

    /// Makes the waterfall anew for wider rows.
    pub(super) fn widen(&mut self, bins: u32) -> Result<()> {
        let Some(scene) = &self.scene else { return Ok(()) };
        let fall = self.waterfall(&scene.screen, bins)?;
        if let Some(scene) = &mut self.scene {
            scene.fall = fall;
        }
        self.there.forget();
        Ok(())
    }

    /// Makes everything that was on a lost device anew; the picture comes from the history.
    pub(super) fn reopen(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(scene) = self.scene.take() else { return Ok(()) };
        self.lost = false;
        log::warn!("the graphics device {:?} was lost: it is opened anew", scene.screen.gpu().name());
        let window = Arc::clone(scene.screen.window());
        // The old surface first: a window has one at a time.
        drop(scene);
        self.opened = Instant::now();
        self.scene = Some(self.furnish(event_loop, window).context("the graphics device was lost")?);
        self.there.forget();
        self.request_redraw();
        Ok(())
    }
}

/// Says that pictures are made by the CPU. A user may think that pictures have to be slow.
pub(crate) fn warn_if_software(gpu: &Gpu) {
    if gpu.is_software() {
        log::warn!("drawing in software, on the adapter {:?}: it works, more slowly", gpu.name());
    }
}
