//! Frames from a graphics device: getting a texture of the window to draw on, and getting over everything that may happen to it.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use ringfall::gpu::{Gpu, GpuError};
use ringfall::{Error, Options, Pipelines, Target, Waterfall, wgpu};
use winit::dpi::PhysicalSize;
use winit::window::Window;

use super::super::interface::Interface;
use super::super::picture::Picture;
use super::layer::Layer;
use super::place::Place;
use super::{Frame, no_adapter};

/// A window with the device that draws on it.
pub(super) struct SwapChain {
    // Dropped before the window that it shows on.
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// The interface on the device, once there is one.
    layer: Option<Layer>,
    gpu: Gpu,
    window: Arc<Window>,
    /// The window has no pixels: minimised, as a rule.
    empty: bool,
    /// The window's size as it said last. winit panics when it is asked for the size of a window that is gone.
    inner: PhysicalSize<u32>,
    /// The size is not taken over yet.
    resized: bool,
}

impl SwapChain {
    /// Opens a device that can show on the window, and prepares the window for it.
    pub(super) fn open(
        window: Arc<Window>,
        instance: wgpu::Instance,
        adapter: Option<&str>,
        present: wgpu::PresentMode,
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
        let mut screen = Self { surface, config, layer: None, gpu, window, empty: false, inner: size, resized: false };
        screen.configure()?;
        Ok(screen)
    }

    pub(super) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    pub(super) fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// An empty waterfall that draws here.
    pub(super) fn picture(&self, options: &Options) -> Result<Picture, Error> {
        let device = self.gpu.device();
        let target = Target::new(self.config.format);
        Ok(Picture::Device(Box::new(Waterfall::new(device, &Pipelines::new(device), &target, options)?)))
    }

    /// Waits until the device has finished everything.
    pub(super) fn wait(&self) -> Result<()> {
        self.gpu.device().poll(wgpu::PollType::wait_indefinitely()).context("waiting for the graphics device")?;
        Ok(())
    }

    /// Size of what is drawn, in pixels: the window's, as far as the device's textures go.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.config.width, self.config.height)
    }

    /// The window has a new size. It is taken over with the next frame: while a window is being pulled at, sizes come faster
    /// than frames.
    pub(super) fn resize(&mut self, size: PhysicalSize<u32>) {
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
        self.surface.configure(self.gpu.device(), &self.config);
        Ok(self.gpu.check()?)
    }

    /// How much of a window of this size can be drawn.
    fn drawn(&self, size: PhysicalSize<u32>) -> (u32, u32) {
        let limit = self.gpu.max_size();
        (size.width.min(limit), size.height.min(limit))
    }

    /// Shows a frame. Without an interface the picture is copied if the surface accepts copies.
    pub(super) fn show(
        &mut self,
        picture: &mut Picture,
        place: Place,
        interface: Option<&mut Interface>,
        fill: impl FnOnce(&mut Picture) -> Result<(), Error>,
    ) -> Result<Frame> {
        if self.resized {
            self.configure()?;
        }
        if self.empty {
            return Ok(Frame::Skipped);
        }
        let mut place = place.and(Place::of(self.size()));
        if !place.is_empty() {
            if let Picture::Device(fall) = picture {
                fall.set_size(self.gpu.device(), place.width, place.height)?;
            }
            fill(picture)?;
        }
        let Picture::Device(fall) = picture else { bail!("the picture is in main memory, not on the graphics device") };
        let texture = match self.acquire()? {
            Ok(texture) => texture,
            Err(frame) => return Ok(frame),
        };
        // Getting the texture may have taken over another size.
        place = place.and(Place::of(self.size()));
        let mut encoder = self.encoder();
        if !place.is_empty() {
            fall.prepare(self.gpu.device(), self.gpu.queue(), &mut encoder)?;
        }
        match interface {
            Some(interface) => {
                let layer = self.layer.get_or_insert_with(|| Layer::new(self.gpu.device(), self.config.format));
                layer.prepare(&self.gpu, &mut encoder, interface, (self.config.width, self.config.height));
            }
            None => self.layer = None,
        }
        let is_whole = place == Place::of(self.size()) && fall.size() == self.size();
        if self.layer.is_none() && is_whole && fall.can_copy_to(&texture.texture) {
            fall.copy(&mut encoder, &texture.texture, (0, 0))?;
        } else {
            let view = texture.texture.create_view(&wgpu::TextureViewDescriptor::default());
            let mut pass = encoder
                .begin_render_pass(&wgpu::RenderPassDescriptor {
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
                })
                .forget_lifetime();
            if !place.is_empty() {
                let Place { x, y, width, height } = place;
                pass.set_viewport(x as f32, y as f32, width as f32, height as f32, 0.0, 1.0);
                fall.render(&mut pass);
            }
            if let Some(layer) = &self.layer {
                layer.render(&mut pass);
            }
        }
        self.gpu.queue().submit([encoder.finish()]);
        self.window.pre_present_notify();
        self.gpu.queue().present(texture);
        self.gpu.check()?;
        Ok(Frame::Shown)
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
