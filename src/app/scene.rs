//! The window and the waterfall in it: opening them, and opening them again after the device was lost.

use std::mem::replace;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ringfall::{Precision, Texel, Unit};
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event_loop::ActiveEventLoop;
use winit::window::{Fullscreen, Window};

use super::App;
use super::gui::Gui;
use super::picture::Picture;
use super::screen::{Screen, Way, Wish};

/// The window, and the waterfall in it.
pub(super) struct Scene {
    pub(super) picture: Picture,
    pub(super) screen: Screen,
}

/// Why nothing can be drawn.
pub(super) struct Broken {
    why: anyhow::Error,
    /// The event loop has gone round since.
    waited: bool,
}

/// The cells of rows of colours: what is not opaque lies over black.
pub(super) const COLORS: Texel = Texel::Rgba8 { background: [0, 0, 0] };

/// Half floats suit levels in dB. Plain numbers may be too large or too small for them.
pub(super) fn exact(texel: Texel, unit: Unit) -> Texel {
    if texel == Texel::F16 && !unit.is_decibel() { Texel::F32 } else { texel }
}

/// The same for rows in main memory.
pub(super) fn precise(depth: Precision, unit: Unit) -> Precision {
    if depth == Precision::F16 && !unit.is_decibel() { Precision::F32 } else { depth }
}

/// A device that is lost again so soon is not going to stay.
const DEVICE_HOLDS: Duration = Duration::from_secs(2);

/// The largest side of a window that the window system accepts, in pixels: X11 counts in 16 bits with a sign, and winit panics at
/// more than 16 bits.
const MAX_SIDE: u32 = 32_767;

impl App {
    /// Opens the window, and a waterfall in it.
    pub(super) fn open(&mut self, event_loop: &ActiveEventLoop) -> Result<Scene> {
        // It becomes visible when everything that looks at it knows it.
        let mut attributes = Window::default_attributes().with_title("ringfall").with_visible(false);
        attributes = match self.wish.size {
            Some(size) => attributes.with_inner_size(window_size(size)),
            None => attributes.with_inner_size(LogicalSize::new(1280, 720)),
        };
        if self.wish.fullscreen {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(None)));
        }
        #[cfg(target_os = "linux")]
        let attributes = super::x11::with_visual(attributes, event_loop)?;
        let window = Arc::new(event_loop.create_window(attributes).context("the window system opens no window")?);
        self.gui = Some(Gui::new(event_loop, &window, self.messages.proxy()));
        if let Some(gui) = &self.gui {
            self.kept.apply_to_gui(gui);
        }
        let scene = self.open_scene(event_loop, &window)?;
        window.set_visible(true);
        Ok(scene)
    }

    /// Opens a screen on the window, and makes a waterfall for it.
    fn open_scene(&self, event_loop: &ActiveEventLoop, window: &Arc<Window>) -> Result<Scene> {
        let way = Way::from(self.wish.options.shading);
        let wish = Wish { way, adapter: self.wish.adapter.as_deref(), present: self.wish.present };
        let screen = Screen::open(event_loop, window, &wish)?;
        let picture = self.picture(&screen, self.intake.feed().bins() as u32)?;
        screen.check()?;
        Ok(Scene { picture, screen })
    }

    /// An empty waterfall for rows of `bins` bins.
    fn picture(&self, screen: &Screen, bins: u32) -> Result<Picture> {
        let (width, height) = screen.size();
        // Rows are kept for the read-out and for the range.
        let unit = self.intake.unit();
        let options = self.wish.options.bins(bins).width(width).height(height).keep_rows(true).unit(unit);
        let options = options.texel(exact(options.texel, unit));
        let options = if self.intake.rows().is_rgba() { options.texel(COLORS) } else { options };
        let mut picture = screen.picture(&options)?;
        picture.set_scale(self.range.scale()?);
        picture.set_colormap(&self.maps[self.map]);
        Ok(picture)
    }

    /// Recreates the waterfall for wider rows, or for cells of another kind.
    pub(super) fn widen(&mut self, bins: u32) -> Result<()> {
        let Some(scene) = &self.scene else { return Ok(()) };
        let picture = self.picture(&scene.screen, bins)?;
        if let Some(scene) = &mut self.scene {
            scene.picture = picture;
        }
        self.navigator.forget();
        Ok(())
    }

    /// Nothing can be drawn any more. What follows waits for one turn of the event loop: it may bring the news that the
    /// window is gone.
    pub(super) fn broken(&mut self, why: anyhow::Error) {
        log::debug!("{why:#}");
        self.broken.get_or_insert(Broken { why, waited: false });
    }

    /// Recreates everything that was on a lost device; the picture is redrawn from the history.
    pub(super) fn mend(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(broken) = &mut self.broken else { return Ok(()) };
        if event_loop.exiting() || !replace(&mut broken.waited, true) {
            return Ok(());
        }
        let (Some(broken), Some(scene)) = (self.broken.take(), self.scene.take()) else { return Ok(()) };
        if self.opened.elapsed() < DEVICE_HOLDS {
            return Err(broken.why);
        }
        let what = match scene.screen.gpu() {
            Some(gpu) => format!("the graphics device {:?} was lost", gpu.name()),
            None => "the window's picture was lost".to_owned(),
        };
        log::warn!("{what}: it is opened anew");
        log::debug!("{:#}", broken.why);
        let window = Arc::clone(scene.screen.window());
        // The old surface first: a window has one at a time.
        drop(scene);
        self.opened = Instant::now();
        self.scene = Some(self.open_scene(event_loop, &window).context(what)?);
        self.navigator.forget();
        self.request_redraw();
        Ok(())
    }
}

/// The size of a window, as far as window systems go.
fn window_size((width, height): (u32, u32)) -> PhysicalSize<u32> {
    if width.max(height) > MAX_SIDE {
        log::warn!("--size {width}x{height}: a window has {MAX_SIDE} pixels a side at most");
    }
    PhysicalSize::new(width.min(MAX_SIDE), height.min(MAX_SIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_is_larger_than_window_systems_take() {
        assert_eq!(window_size((1920, 1080)), PhysicalSize::new(1920, 1080));
        // winit 0.30 panics under X11 if these do not fit.
        for side in [32_768, 65_536, u32::MAX] {
            assert!(u16::try_from(window_size((side, 100)).width).is_ok());
            assert!(u16::try_from(window_size((100, side)).height).is_ok());
        }
    }
}
