//! The window's screen: how frames get there, from a graphics device or from main memory.

mod composer;
mod layer;
mod memory;
mod no_adapter;
mod pace;
mod place;
mod swap_chain;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use ringfall::gpu::Gpu;
use ringfall::{Error, Options, Shading, wgpu};
use winit::dpi::PhysicalSize;
use winit::event_loop::ActiveEventLoop;
use winit::window::Window;

use super::interface::Interface;
use super::picture::Picture;
use memory::Memory;
pub(crate) use place::Place;
use swap_chain::SwapChain;

/// A window with what draws on it.
pub(crate) struct Screen {
    route: Route,
    /// Why drawing is done in software, if nobody asked for that.
    software: Option<String>,
    /// The program has asked for a frame. If it has not, the window system has: it has lost what it showed.
    asked: Cell<bool>,
}

/// What brings frames to the window.
enum Route {
    Device(Box<SwapChain>),
    Memory(Box<Memory>),
}

/// How frames are to get to the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) way: Way,
    /// Graphics adapter, by part of its name.
    pub(crate) adapter: Option<&'a str>,
    pub(crate) present: wgpu::PresentMode,
}

/// The way of frames to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the swap chain of a graphics adapter, unless there are only software ones.
    Auto,
    /// Composed in main memory. No graphics adapter has part in it.
    Memory,
    /// Through a swap chain, whatever the adapter.
    SwapChain,
}

impl From<Shading> for Way {
    fn from(shading: Shading) -> Self {
        match shading {
            Shading::Cpu => Self::Memory,
            Shading::Gpu => Self::SwapChain,
            _ => Self::Auto,
        }
    }
}

/// The result of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// It has been presented.
    Shown,
    /// It is the same as the one before, which the window still shows.
    Same,
    /// Nobody can see it now; the window system will ask again.
    Skipped,
    /// It could not be drawn in time; ask again.
    Later,
    /// The screen shows no more frames before this time; ask again then. Nothing has been done.
    Early(Instant),
}

/// What an instance offers.
#[derive(Debug)]
enum Adapters {
    /// One that computes on its own hardware; or one has been asked for by name, and it is not a software one.
    Hardware,
    /// This one, which computes on the CPU.
    Software(String),
    Nothing,
}

impl Adapters {
    fn of(instance: &wgpu::Instance, name: Option<&str>) -> Self {
        let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
        let mut infos = adapters.iter().map(wgpu::Adapter::get_info);
        let is_software = |info: &wgpu::AdapterInfo| info.device_type == wgpu::DeviceType::Cpu;
        if let Some(name) = name.map(str::to_lowercase) {
            let software = infos.find(|info| info.name.to_lowercase().contains(&name)).filter(is_software);
            return software.map_or(Self::Hardware, |info| Self::Software(info.name));
        }
        match infos.next() {
            None => Self::Nothing,
            Some(first) if is_software(&first) && infos.all(|info| is_software(&info)) => Self::Software(first.name),
            Some(_) => Self::Hardware,
        }
    }
}

impl Screen {
    /// Prepares the window for frames.
    ///
    /// # Errors
    /// Nothing can show on the window.
    pub(crate) fn open(event_loop: &ActiveEventLoop, window: &Arc<Window>, wish: &Wish<'_>) -> Result<Self> {
        match wish.way {
            Way::SwapChain => Self::on_device(new_instance(event_loop), window, wish),
            Way::Memory => {
                if let Some(adapter) = wish.adapter {
                    log::warn!("--adapter {adapter} has no effect: with --shading cpu the window needs no adapter");
                }
                Self::in_memory(event_loop, window, wish)
            }
            Way::Auto => Self::either(event_loop, window, wish),
        }
    }

    /// On an adapter that computes on its own hardware, otherwise in main memory.
    fn either(event_loop: &ActiveEventLoop, window: &Arc<Window>, wish: &Wish<'_>) -> Result<Self> {
        let variable = std::env::var("WGPU_ADAPTER_NAME").ok();
        let name = wish.adapter.or(variable.as_deref()).filter(|name| !name.trim().is_empty());
        let found = match name {
            None if !may_have_hardware() => None,
            _ => {
                let instance = new_instance(event_loop);
                Some((Adapters::of(&instance, name), instance))
            }
        };
        let without = match found {
            None => "there is no graphics hardware".to_owned(),
            Some((Adapters::Hardware, instance)) => match Self::on_device(instance, window, wish) {
                Ok(screen) => match screen.software {
                    Some(software) => software,
                    None => return Ok(screen),
                },
                // Whoever asks for an adapter gets it or an error.
                Err(error) if name.is_some() => return Err(error),
                Err(error) => {
                    log::warn!("{error:#}");
                    "no graphics adapter works".to_owned()
                }
            },
            Some((Adapters::Software(name), _)) => format!("the graphics adapter is {name:?}"),
            Some((Adapters::Nothing, _)) => "there is no graphics adapter".to_owned(),
        };
        match Self::in_memory(event_loop, window, wish) {
            Ok(screen) => Ok(Self { software: Some(without), ..screen }),
            Err(why) => Self::on_device(new_instance(event_loop), window, wish)
                .map_err(|error| error.context(format!("{why:#}, and with a graphics adapter"))),
        }
    }

    fn on_device(instance: wgpu::Instance, window: &Arc<Window>, wish: &Wish<'_>) -> Result<Self> {
        let chain = SwapChain::open(Arc::clone(window), instance, wish.adapter, wish.present)?;
        let software = chain.gpu().is_software().then(|| format!("the graphics adapter is {:?}", chain.gpu().name()));
        Ok(Self { route: Route::Device(Box::new(chain)), software, asked: Cell::new(false) })
    }

    fn in_memory(event_loop: &ActiveEventLoop, window: &Arc<Window>, wish: &Wish<'_>) -> Result<Self> {
        let memory = Memory::open(event_loop.owned_display_handle(), Arc::clone(window), wish.present)?;
        Ok(Self { route: Route::Memory(Box::new(memory)), software: None, asked: Cell::new(false) })
    }

    /// Warns that there is no graphics hardware, which explains slow pictures.
    pub(crate) fn warn_if_software(&self) {
        if let Some(software) = &self.software {
            log::warn!("drawing in software, since {software}: it works, more slowly");
        }
    }

    /// The device, if there is one.
    pub(crate) fn gpu(&self) -> Option<&Gpu> {
        match &self.route {
            Route::Device(chain) => Some(chain.gpu()),
            Route::Memory(_) => None,
        }
    }

    /// What draws, in words.
    pub(crate) fn name(&self) -> String {
        self.gpu().map_or_else(|| "CPU".to_owned(), |gpu| gpu.name().to_owned())
    }

    /// How frames reach the screen, in words.
    pub(crate) fn path(&self) -> &'static str {
        match &self.route {
            Route::Device(_) => "swap chain",
            Route::Memory(_) => "main memory",
        }
    }

    pub(crate) fn window(&self) -> &Arc<Window> {
        match &self.route {
            Route::Device(chain) => chain.window(),
            Route::Memory(memory) => memory.window(),
        }
    }

    /// An empty picture that can be shown here.
    pub(crate) fn picture(&self, options: &Options) -> Result<Picture, Error> {
        match &self.route {
            Route::Device(chain) => chain.picture(options),
            Route::Memory(_) => Picture::in_memory(options),
        }
    }

    /// Size of what is shown, in pixels: the window's, as far as it can be filled.
    pub(crate) fn size(&self) -> (u32, u32) {
        match &self.route {
            Route::Device(chain) => chain.size(),
            Route::Memory(memory) => memory.size(),
        }
    }

    /// Asks the window system for a frame. To be used instead of the window's own method, which leaves open who has asked.
    pub(crate) fn request_redraw(&self) {
        self.asked.set(true);
        self.window().request_redraw();
    }

    /// The window has a new size. It is taken over with the next frame: while a window is being pulled at, sizes come faster
    /// than frames.
    pub(crate) fn resize(&mut self, size: PhysicalSize<u32>) {
        match &mut self.route {
            Route::Device(chain) => chain.resize(size),
            Route::Memory(memory) => memory.resize(size),
        }
    }

    /// Whether frames can still be shown, as far as is known without trying.
    pub(crate) fn check(&self) -> Result<()> {
        match self.gpu() {
            Some(gpu) => Ok(gpu.check()?),
            None => Ok(()),
        }
    }

    /// Shows a frame: the picture at its place in the window, and the interface over both; the rest is black. `fill` is called
    /// when the picture's size is known, before it is prepared. Without an interface only the picture is shown.
    ///
    /// # Errors
    /// The window or the device is gone; or an error of the renderer.
    pub(crate) fn show(
        &mut self,
        picture: &mut Picture,
        place: Place,
        interface: Option<&mut Interface>,
        fill: impl FnOnce(&mut Picture) -> Result<(), Error>,
    ) -> Result<Frame> {
        let is_lost = !self.asked.take();
        match &mut self.route {
            Route::Device(chain) => chain.show(picture, place, interface, fill),
            Route::Memory(memory) => memory.show(is_lost, picture, place, interface, fill),
        }
    }

    /// Waits until the last frame has been carried out, as far as the window system tells.
    pub(crate) fn wait(&mut self) -> Result<()> {
        match &mut self.route {
            Route::Device(chain) => chain.wait(),
            Route::Memory(memory) => memory.wait(),
        }
    }
}

/// Whether there may be graphics hardware. Asking the drivers takes longer: it loads the software ones too, which then stay in
/// memory.
fn may_have_hardware() -> bool {
    // How Linux names the devices: DRM, NVIDIA, WSL, and the drivers of some small computers.
    const NAMES: [&str; 6] = ["dri", "nvidia", "dxg", "kgsl", "mali", "pvr"];
    if !cfg!(target_os = "linux") {
        return true;
    }
    let Ok(devices) = std::fs::read_dir("/dev") else { return true };
    devices.flatten().any(|device| NAMES.iter().any(|name| device.file_name().to_string_lossy().starts_with(name)))
}

fn new_instance(event_loop: &ActiveEventLoop) -> wgpu::Instance {
    Gpu::new_instance_on(Box::new(event_loop.owned_display_handle()))
}
