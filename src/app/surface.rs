//! The window's surface: getting a texture to draw on, and getting over everything that may happen to it.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use ringfall::gpu::{Gpu, GpuError};
use ringfall::{Target, Waterfall, wgpu};
use winit::dpi::PhysicalSize;
use winit::window::Window;

#[cfg(target_os = "linux")]
use super::mirror::{self, Mirror};
use super::no_adapter;

/// A window with the device that draws on it.
pub(crate) struct Screen {
    // Dropped before the window that it shows on.
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// The path that bypasses the swap chain, if there is one.
    #[cfg(target_os = "linux")]
    mirror: Option<Mirror>,
    gpu: Gpu,
    window: Arc<Window>,
    /// The window has no pixels: minimised, as a rule.
    empty: bool,
    /// The window's size as it said last. winit panics when it is asked for the size of a window that is gone.
    inner: PhysicalSize<u32>,
    /// The size is not taken over yet.
    resized: bool,
}

/// The result of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// It has been presented.
    Shown,
    /// Nobody can see it now; the window system will ask again.
    Skipped,
    /// No surface texture was available in time; ask again.
    Later,
}

impl Screen {
    /// Opens a device that can show on the window, and prepares the window for it. A software adapter on X11 takes a shorter way
    /// to the screen than the swap chain, unless `swap_chain` forbids it.
    pub(crate) fn open(
        window: Arc<Window>,
        instance: wgpu::Instance,
        adapter: Option<&str>,
        present: wgpu::PresentMode,
        swap_chain: bool,
    ) -> Result<Self> {
        let surface = match instance.create_surface(Arc::clone(&window)) {
            // That is how wgpu says that there is no driver at all.
            Err(why) if adapters(&instance).is_empty() => return Err(no_adapter(&instance, &why)),
            surface => surface.context("the window gives no surface to draw on")?,
        };
        let gpu = match Gpu::open(instance.clone(), Some(&surface), adapter) {
            Err(GpuError::NoAdapter(why)) => return Err(no_adapter(&instance, &why)),
            opened => opened?,
        };
        let capabilities = surface.get_capabilities(gpu.adapter());
        let size = window.inner_size();
        let Some(mut config) = surface.get_default_config(gpu.adapter(), size.width.max(1), size.height.max(1)) else {
            bail!("the graphics adapter {:?} cannot show on this window", gpu.name());
        };
        // The waterfall's colours are sRGB values already: a format that takes them as they are can be copied to.
        let plain = [wgpu::TextureFormat::Bgra8Unorm, wgpu::TextureFormat::Rgba8Unorm];
        if let Some(&format) = capabilities.formats.iter().find(|format| plain.contains(format)) {
            config.format = format;
        }
        config.usage |= capabilities.usages & wgpu::TextureUsages::COPY_DST;
        #[cfg(target_os = "linux")]
        let mirror = if gpu.is_software() && !swap_chain && config.format == mirror::FORMAT {
            Mirror::open(&window).inspect_err(|why| log::debug!("frames go through the swap chain: {why:#}")).ok()
        } else {
            None
        };
        #[cfg(not(target_os = "linux"))]
        let _ = swap_chain;
        config.present_mode = if capabilities.present_modes.contains(&present) {
            present
        } else {
            log::warn!(
                "--present {}: this window cannot; it can {}. Using fifo.",
                format!("{present:?}").to_lowercase(),
                format!("{:?}", capabilities.present_modes).to_lowercase(),
            );
            wgpu::PresentMode::Fifo
        };
        if capabilities.alpha_modes.contains(&wgpu::CompositeAlphaMode::Opaque) {
            config.alpha_mode = wgpu::CompositeAlphaMode::Opaque;
        }
        let mut screen = Self {
            surface,
            config,
            #[cfg(target_os = "linux")]
            mirror,
            gpu,
            window,
            empty: false,
            inner: size,
            resized: false,
        };
        screen.configure()?;
        Ok(screen)
    }

    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// How frames reach the screen, in words.
    pub(crate) fn path(&self) -> &'static str {
        #[cfg(target_os = "linux")]
        if self.mirror.is_some() {
            return "X11 pixmap";
        }
        "swap chain"
    }

    pub(crate) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// The target for a waterfall that draws here.
    pub(crate) fn target(&self) -> Target {
        Target::new(self.config.format)
    }

    /// Size of what is drawn, in pixels: the window's, as far as the device's textures go.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.config.width, self.config.height)
    }

    /// The window has a new size. It is taken over with the next frame: while a window is being pulled at, sizes come faster
    /// than frames.
    pub(crate) fn resize(&mut self, size: PhysicalSize<u32>) {
        (self.inner, self.resized) = (size, true);
    }

    /// Takes over the window's size. No pixels (a minimised window) is a size that is waited out.
    ///
    /// # Errors
    /// The surface cannot be configured, because the window is gone for instance. It must not be drawn on then: wgpu panics.
    fn configure(&mut self) -> Result<()> {
        let size = self.inner;
        self.resized = false;
        self.empty = size.width == 0 || size.height == 0;
        if self.empty {
            return Ok(());
        }
        (self.config.width, self.config.height) = self.drawn(size);
        if (size.width, size.height) != self.size() {
            log::warn!(
                "the window has {}x{} pixels, the graphics adapter {:?} draws {} a side at most: the rest stays empty",
                size.width,
                size.height,
                self.gpu.name(),
                self.gpu.max_size(),
            );
        }
        #[cfg(target_os = "linux")]
        if self.mirror.is_some() {
            return Ok(());
        }
        self.configure_surface()
    }

    fn configure_surface(&self) -> Result<()> {
        self.surface.configure(self.gpu.device(), &self.config);
        Ok(self.gpu.check()?)
    }

    /// How much of a window of this size can be drawn.
    fn drawn(&self, size: PhysicalSize<u32>) -> (u32, u32) {
        let limit = self.gpu.max_size();
        (size.width.min(limit), size.height.min(limit))
    }

    /// Brings the waterfall to the screen: by copies if the surface accepts them, otherwise by drawing. `fill` is called when its
    /// size is known, before it is prepared.
    pub(crate) fn show(
        &mut self,
        fall: &mut Waterfall,
        fill: impl FnOnce(&mut Waterfall) -> Result<(), ringfall::Error>,
    ) -> Result<Frame> {
        if self.resized {
            self.configure()?;
        }
        if self.empty {
            return Ok(Frame::Skipped);
        }
        let (width, height) = self.size();
        fall.set_size(self.gpu.device(), width, height)?;
        fill(fall)?;
        #[cfg(target_os = "linux")]
        if let Some(mirror) = self.mirror.take() {
            match self.show_mirror(mirror, fall) {
                Ok(()) => return Ok(Frame::Shown),
                Err(why) => {
                    self.gpu.check()?;
                    log::debug!("frames go through the swap chain from now on: {why:#}");
                    self.configure_surface()?;
                }
            }
        }
        let texture = match self.acquire()? {
            Ok(texture) => texture,
            Err(frame) => return Ok(frame),
        };
        let mut encoder = self.encoder();
        fall.prepare(self.gpu.device(), self.gpu.queue(), &mut encoder)?;
        if fall.can_copy_to(&texture.texture) {
            fall.copy(&mut encoder, &texture.texture, (0, 0))?;
        } else {
            let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
            fall.render(&mut encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("ringfall window"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            }));
        }
        self.gpu.queue().submit([encoder.finish()]);
        self.window.pre_present_notify();
        self.gpu.queue().present(texture);
        self.gpu.check()?;
        Ok(Frame::Shown)
    }

    /// Brings the waterfall to the screen past the swap chain. The mirror is kept unless it fails.
    #[cfg(target_os = "linux")]
    fn show_mirror(&mut self, mut mirror: Mirror, fall: &mut Waterfall) -> Result<()> {
        self.fill_mirror(&mut mirror, fall)?;
        self.window.pre_present_notify();
        mirror.present()?;
        self.gpu.check()?;
        self.mirror = Some(mirror);
        Ok(())
    }

    /// Prepares the waterfall and sends what is new to the mirror.
    #[cfg(target_os = "linux")]
    fn fill_mirror(&self, mirror: &mut Mirror, fall: &mut Waterfall) -> Result<()> {
        let mut encoder = self.encoder();
        fall.prepare(self.gpu.device(), self.gpu.queue(), &mut encoder)?;
        if let Some(shaded) = fall.strip() {
            mirror.record(&self.gpu, &shaded, &mut encoder)?;
        }
        self.gpu.queue().submit([encoder.finish()]);
        mirror.update(&self.gpu)
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        self.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("ringfall window") })
    }

    /// A texture to draw on, or the result of the frame without one.
    fn acquire(&mut self) -> Result<Result<wgpu::SurfaceTexture, Frame>> {
        use wgpu::CurrentSurfaceTexture as Current;
        // A window in the middle of a resize may be outdated twice in a row. After that it will say when it is ready.
        for _ in 0..3 {
            match self.surface.get_current_texture() {
                Current::Success(texture) => return Ok(Ok(texture)),
                Current::Suboptimal(texture) => {
                    if self.drawn(self.inner) == self.size() {
                        return Ok(Ok(texture));
                    }
                    drop(texture);
                    self.configure()?;
                }
                Current::Outdated => self.configure()?,
                Current::Lost => {
                    self.gpu.check()?;
                    self.surface = self
                        .gpu
                        .instance()
                        .create_surface(Arc::clone(&self.window))
                        .context("the window's surface was lost, and there is no new one")?;
                    self.configure()?;
                }
                Current::Timeout => return Ok(Err(Frame::Later)),
                Current::Occluded => return Ok(Err(Frame::Skipped)),
                Current::Validation => {
                    self.gpu.check()?;
                    bail!("the window's surface refuses to be drawn on");
                }
            }
            if self.empty {
                return Ok(Err(Frame::Skipped));
            }
        }
        self.gpu.check()?;
        Ok(Err(Frame::Skipped))
    }
}

/// The names of all adapters, whether they can show on a window or not.
fn adapters(instance: &wgpu::Instance) -> Vec<String> {
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    adapters.iter().map(|adapter| format!("{:?}", adapter.get_info().name)).collect()
}

fn no_adapter(instance: &wgpu::Instance, why: &dyn std::fmt::Display) -> anyhow::Error {
    log::debug!("{why}");
    anyhow!(no_adapter::text(&adapters(instance), |name| std::env::var(name).ok()))
}
