//! Frames composed in main memory. No graphics adapter has part in them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use ringfall::{Error, wgpu};
use softbuffer::{Rect, SoftBufferError, Surface};
use winit::dpi::PhysicalSize;
use winit::event_loop::OwnedDisplayHandle;
use winit::raw_window_handle::{HasWindowHandle as _, RawWindowHandle};
use winit::window::Window;

use super::super::interface::Interface;
use super::super::picture::Picture;
use super::Frame;
use super::composer::{Composer, Motion};
use super::pace::Pace;
use super::place::Place;

/// A window with the memory that it shows.
pub(super) struct Memory {
    // Dropped before the window that it shows on.
    surface: Surface<OwnedDisplayHandle, Arc<Window>>,
    window: Arc<Window>,
    system: System,
    composer: Composer,
    /// Paced by a clock, where presenting does not wait for the screen and should.
    pace: Option<Pace>,
    /// The window's size as it said last.
    inner: PhysicalSize<u32>,
    /// The size is not taken over yet.
    resized: bool,
    /// The window has no pixels: minimised, as a rule.
    empty: bool,
    /// What is shown of it.
    size: (u32, u32),
    /// The most bytes that a frame may have.
    most_bytes: u64,
    /// The most that a frame has had.
    held_bytes: u64,
    /// The window system has lost what it showed.
    is_lost: bool,
    /// The window is minimised.
    is_hidden: bool,
    /// When it was asked whether it is.
    looked: Instant,
    /// What is presented, as softbuffer takes it.
    damage: Vec<Rect>,
}

/// The window system, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    X11,
    Wayland,
    Other,
}

impl System {
    fn of(window: &Window) -> Self {
        match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(_) | RawWindowHandle::Xcb(_)) => Self::X11,
            Ok(RawWindowHandle::Wayland(_)) => Self::Wayland,
            _ => Self::Other,
        }
    }
}

impl Memory {
    /// The longest side: X11 counts in 16 bits with a sign.
    const MOST_SIDE: u32 = 32_767;
    /// The largest frame: softbuffer counts bytes in 32 bits with a sign on Wayland, and rounds up to a power of two.
    const MOST_BYTES: u64 = 1 << 30;
    /// The largest frame on X11 without shared memory: a request has 2²² words of 4 bytes at most.
    const WIRE_BYTES: u64 = (1 << 24) - 1024;
    /// The window system is asked whether the window is minimised, and has to answer.
    const LOOK_EVERY: Duration = Duration::from_secs(1);

    /// Prepares the window.
    pub(super) fn open(display: OwnedDisplayHandle, window: Arc<Window>, present: wgpu::PresentMode) -> Result<Self> {
        let context =
            softbuffer::Context::new(display).map_err(said).context("no picture can be sent to the window system")?;
        let surface = Surface::new(&context, Arc::clone(&window))
            .map_err(said)
            .context("no picture can be sent to the window")?;
        let system = System::of(&window);
        // On Wayland the compositor says when it wants a frame, in every mode: without that, getting memory for a frame would
        // wait until it has given some back.
        let is_paced = present == wgpu::PresentMode::Fifo && system != System::Wayland;
        let mut memory = Self {
            surface,
            system,
            composer: Composer::default(),
            pace: is_paced.then(|| Pace::new(None)),
            inner: window.inner_size(),
            window,
            resized: false,
            empty: false,
            size: (1, 1),
            most_bytes: Self::MOST_BYTES,
            held_bytes: 0,
            is_lost: true,
            is_hidden: false,
            looked: Instant::now(),
            damage: Vec::new(),
        };
        memory.configure()?;
        Ok(memory)
    }

    pub(super) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    pub(super) fn size(&self) -> (u32, u32) {
        self.size
    }

    pub(super) fn resize(&mut self, size: PhysicalSize<u32>) {
        (self.inner, self.resized) = (size, true);
    }

    /// Takes over the window's size.
    fn configure(&mut self) -> Result<()> {
        self.resized = false;
        let PhysicalSize { width, height } = self.inner;
        self.empty = width == 0 || height == 0;
        if self.empty {
            return Ok(());
        }
        let size = self.drawn(width, height);
        let (Some(across), Some(down)) = (NonZeroU32::new(size.0), NonZeroU32::new(size.1)) else {
            bail!("there is no memory for a picture of {width}x{height} pixels{}", self.shared_memory());
        };
        if size != (width, height) {
            log::warn!(
                "the window has {width}x{height} pixels, of which {}x{} can be shown: the rest stays empty{}",
                size.0,
                size.1,
                self.shared_memory()
            );
        }
        self.surface.resize(across, down).map_err(said).context("the window's picture gets no memory")?;
        self.held_bytes = self.held_bytes.max(4 * u64::from(size.0) * u64::from(size.1));
        (self.size, self.is_lost) = (size, true);
        self.composer.resize(size);
        if let Some(pace) = &mut self.pace {
            let monitor = self.window.current_monitor();
            pace.set_rate(monitor.and_then(|monitor| monitor.refresh_rate_millihertz()));
        }
        Ok(())
    }

    /// How much of a window of this size can be shown.
    fn drawn(&self, width: u32, height: u32) -> (u32, u32) {
        let (width, height) = (width.min(Self::MOST_SIDE), height.min(Self::MOST_SIDE));
        let line = 4 * u64::from(width);
        let mut most = self.most_bytes;
        // Memory that is mapped and not there when it is written is the end of the program. What is held already is there.
        if line * u64::from(height) > self.held_bytes && self.system == System::X11 {
            most = most.min(free_shared_memory().unwrap_or(u64::MAX));
        }
        (width, (most / line).min(u64::from(height)) as u32)
    }

    /// Where memory is missing, in words.
    fn shared_memory(&self) -> &'static str {
        if self.system == System::X11 { " (/dev/shm is too small, or the X server has no MIT-SHM)" } else { "" }
    }

    /// Shows a frame. `is_lost`: the window system has lost what it showed.
    pub(super) fn show(
        &mut self,
        is_lost: bool,
        picture: &mut Picture,
        place: Place,
        interface: Option<&mut Interface>,
        fill: impl FnOnce(&mut Picture) -> Result<(), Error>,
    ) -> Result<Frame> {
        // Elsewhere the window system's request and ours may come as one.
        self.is_lost |= is_lost || self.system == System::Other;
        if self.resized {
            self.configure()?;
        }
        if self.empty {
            return Ok(Frame::Skipped);
        }
        let now = Instant::now();
        if self.is_minimized(now) {
            return Ok(Frame::Skipped);
        }
        if let Some(at) = self.pace.and_then(|pace| pace.wait(now)) {
            return Ok(Frame::Early(at));
        }
        let place = place.and(Place::of(self.size));
        if !place.is_empty() {
            if let Picture::Memory(memory) = picture {
                memory.canvas.set_size(place.width, place.height)?;
            }
            fill(picture)?;
        }
        let Picture::Memory(memory) = picture else { bail!("the picture is on a graphics device, not in main memory") };
        if !place.is_empty() {
            memory.strip.prepare(&mut memory.canvas)?;
        }
        self.composer.change(place, Motion::of(&memory.strip, place), interface)?;
        if !self.is_lost && self.composer.take_back() {
            return Ok(Frame::Same);
        }

        let mut buffer = self.surface.buffer_mut().map_err(said).context("the window's picture")?;
        let stride = self.size.0 as usize;
        // A buffer of another size is on its way out.
        if buffer.len() != stride * self.size.1 as usize {
            self.resized = true;
            return Ok(Frame::Later);
        }
        self.composer.compose(buffer.age(), &memory.strip, &mut buffer)?;
        self.damage.clear();
        for place in self.composer.damage().filter(|_| !self.is_lost).unwrap_or(&[Place::of(self.size)]) {
            if let (Some(width), Some(height)) = (NonZeroU32::new(place.width), NonZeroU32::new(place.height)) {
                self.damage.push(Rect { x: place.x, y: place.y, width, height });
            }
        }
        self.is_lost = false;
        self.window.pre_present_notify();
        if let Err(error) = buffer.present_with_damage(&self.damage) {
            return self.failed(&error);
        }
        if let Some(pace) = &mut self.pace {
            pace.shown(now);
        }
        Ok(Frame::Shown)
    }

    /// Whether nobody can see the window, and the window system will ask for a frame when somebody can.
    fn is_minimized(&mut self, now: Instant) -> bool {
        // Elsewhere there is no such promise; on Wayland the compositor does not want frames then anyway.
        if self.system != System::X11 {
            return false;
        }
        if self.is_lost {
            (self.is_hidden, self.looked) = (false, now);
        } else if now.saturating_duration_since(self.looked) >= Self::LOOK_EVERY {
            (self.is_hidden, self.looked) = (self.window.is_minimized() == Some(true), now);
        }
        self.is_hidden
    }

    /// What follows if a frame could not be presented.
    fn failed(&mut self, error: &SoftBufferError) -> Result<Frame> {
        let bytes = 4 * u64::from(self.size.0) * u64::from(self.size.1);
        if self.system != System::X11 || bytes <= Self::WIRE_BYTES || self.most_bytes == Self::WIRE_BYTES {
            return Err(said(error)).context("the frame cannot be shown");
        }
        log::debug!("{error}");
        (self.most_bytes, self.resized) = (Self::WIRE_BYTES, true);
        Ok(Frame::Later)
    }

    /// Waits until the X server has shown the last frame.
    pub(super) fn wait(&mut self) -> Result<()> {
        // Elsewhere it would wait for the frame after it.
        if self.system == System::X11 && !self.empty {
            self.surface.buffer_mut().map_err(said).context("the window's picture")?;
        }
        Ok(())
    }
}

/// An error of softbuffer, which cannot be sent between threads.
fn said(error: impl std::borrow::Borrow<SoftBufferError>) -> anyhow::Error {
    use std::error::Error as _;
    let error = error.borrow();
    match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => anyhow!("{error}: {source}"),
        _ => anyhow!("{error}"),
    }
}

/// Bytes that can still be had as POSIX shared memory; `None` if unknown.
fn free_shared_memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let about = rustix::fs::statvfs("/dev/shm").ok()?;
        // Other programs need some too.
        (about.f_blocks > 0).then(|| about.f_bavail.saturating_mul(about.f_frsize) / 16 * 15)
    }
    #[cfg(not(target_os = "linux"))]
    None
}
