//! Choosing a graphics adapter and opening a device.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

/// Why there is no device to draw with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GpuError {
    /// No driver offers an adapter.
    #[error(
        "no graphics adapter: {0} (a software driver is enough: on Debian, apt install mesa-vulkan-drivers; \
         WGPU_BACKEND, if set, must name one of vulkan, metal, dx12, gl)"
    )]
    NoAdapter(#[from] wgpu::RequestAdapterError),
    /// No adapter has the requested name.
    #[error("no graphics adapter has {wanted:?} in its name; expected one of: {found}")]
    NoSuchAdapter {
        /// The name asked for.
        wanted: String,
        /// The available adapters, separated by commas.
        found: String,
    },
    /// The adapter exists, but opening a device on it failed.
    #[error("cannot open a device on the graphics adapter {adapter:?}: {source}")]
    Device {
        /// Name of the adapter.
        adapter: String,
        /// The driver's message.
        source: wgpu::RequestDeviceError,
    },
    /// Something went wrong on the device after it was opened.
    #[error("the graphics device {adapter:?} failed: {message}")]
    Failed {
        /// Name of the adapter.
        adapter: String,
        /// The driver's message.
        message: String,
    },
}

/// An instance, an adapter of it, and an open device with its queue.
///
/// The device has the adapter's own limits, so that textures may be as large as the adapter supports. Uncaptured errors
/// do not panic, unlike wgpu's default; the first one is kept for [`check`](Self::check).
#[derive(Debug)]
pub struct Gpu {
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    info: wgpu::AdapterInfo,
    device: wgpu::Device,
    queue: wgpu::Queue,
    failure: Arc<Failure>,
}

/// The first error that the device reported. The flag is checked every frame, so it needs no lock.
#[derive(Debug, Default)]
struct Failure {
    happened: AtomicBool,
    message: Mutex<String>,
}

impl Failure {
    fn report(&self, message: String) {
        log::debug!("graphics device: {message}");
        let mut first = self.message.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_empty() {
            *first = message;
        }
        self.happened.store(true, Ordering::Release);
    }
}

impl Gpu {
    /// The features for timing commands. The device has them if the adapter does.
    pub const TIMESTAMPS: wgpu::Features =
        wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS);

    /// An instance for pictures without a window. `WGPU_BACKEND` and its siblings are respected.
    pub fn new_instance() -> wgpu::Instance {
        wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env())
    }

    /// An instance for surfaces on this display. `WGPU_BACKEND` and its siblings are respected.
    pub fn new_instance_on(display: Box<dyn wgpu::wgt::WgpuHasDisplayHandle>) -> wgpu::Instance {
        wgpu::Instance::new(wgpu::InstanceDescriptor::new_with_display_handle_from_env(display))
    }

    /// Opens the adapter whose name contains `name` (ignoring case), else the one that `WGPU_ADAPTER_NAME` names, else
    /// the one that the system prefers. With a surface, only adapters that can present to it are considered.
    ///
    /// # Errors
    /// [`GpuError`] if there is no adapter, none of that name, or no device can be opened on it.
    pub fn open(
        instance: wgpu::Instance,
        surface: Option<&wgpu::Surface<'_>>,
        name: Option<&str>,
    ) -> Result<Self, GpuError> {
        pollster::block_on(Self::open_async(instance, surface, name))
    }

    async fn open_async(
        instance: wgpu::Instance,
        surface: Option<&wgpu::Surface<'_>>,
        name: Option<&str>,
    ) -> Result<Self, GpuError> {
        let wanted = name.map(str::to_owned).or_else(|| std::env::var("WGPU_ADAPTER_NAME").ok());
        let adapter = match wanted.filter(|name| !name.trim().is_empty()) {
            Some(wanted) => Self::by_name(&instance, surface, wanted).await?,
            None => {
                instance
                    .request_adapter(&wgpu::RequestAdapterOptions {
                        power_preference: wgpu::PowerPreference::from_env().unwrap_or_default(),
                        compatible_surface: surface,
                        ..Default::default()
                    })
                    .await?
            }
        };
        let info = adapter.get_info();
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("ringfall device"),
                // For the benchmark; they cost nothing unless used.
                required_features: adapter.features() & Self::TIMESTAMPS,
                required_limits: adapter.limits(),
                ..Default::default()
            })
            .await
            .map_err(|source| GpuError::Device { adapter: info.name.clone(), source })?;
        let failure = Arc::new(Failure::default());
        let report = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| report.report(error.to_string())));
        let report = Arc::clone(&failure);
        device.set_device_lost_callback(move |reason, message| {
            // Dropping the device also calls this; the report is then never read.
            report.report(format!("device lost ({reason:?}): {message}"));
        });
        Ok(Self { instance, adapter, info, device, queue, failure })
    }

    async fn by_name(
        instance: &wgpu::Instance,
        surface: Option<&wgpu::Surface<'_>>,
        wanted: String,
    ) -> Result<wgpu::Adapter, GpuError> {
        let mut adapters = instance.enumerate_adapters(wgpu::Backends::all()).await;
        adapters.retain(|adapter| surface.is_none_or(|surface| adapter.is_surface_supported(surface)));
        let lower = wanted.to_lowercase();
        if let Some(index) = adapters.iter().position(|a| a.get_info().name.to_lowercase().contains(&lower)) {
            return Ok(adapters.swap_remove(index));
        }
        let mut found: Vec<String> = adapters.iter().map(|adapter| format!("{:?}", adapter.get_info().name)).collect();
        found.dedup();
        let found = if found.is_empty() { "(none found)".to_owned() } else { found.join(", ") };
        Err(GpuError::NoSuchAdapter { wanted, found })
    }

    /// The instance, for creating surfaces.
    pub fn instance(&self) -> &wgpu::Instance {
        &self.instance
    }

    /// The adapter.
    pub fn adapter(&self) -> &wgpu::Adapter {
        &self.adapter
    }

    /// The device.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The queue of the device.
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// Name of the adapter.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// Whether the adapter computes on the CPU. That works, but more slowly; tell the user once.
    pub fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Largest width and height of a texture, in pixels.
    pub fn max_size(&self) -> u32 {
        self.device.limits().max_texture_dimension_2d
    }

    /// Checks whether the device still works. Costs one atomic load.
    ///
    /// # Errors
    /// [`GpuError::Failed`] with the first error that the device reported: it is lost, out of memory, or was misused.
    pub fn check(&self) -> Result<(), GpuError> {
        if !self.failure.happened.load(Ordering::Acquire) {
            return Ok(());
        }
        let message = self.failure.message.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Err(GpuError::Failed { adapter: self.info.name.clone(), message })
    }
}
