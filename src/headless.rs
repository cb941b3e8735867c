//! Pictures without a window: an offscreen target, and reading it back.

use thiserror::Error;

use crate::gpu::{Gpu, GpuError};
use crate::{Target, Waterfall};

/// A finished picture: 8-bit RGBA, row by row from the top, no padding; the values are those shown on screen (sRGB).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `4 * width * height` bytes.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// Red, green, blue and alpha of the pixel in column `x` and line `y` from the top, or `None` outside the picture.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = 4 * (y as usize * self.width as usize + x as usize);
        self.rgba.get(at..at + 4)?.try_into().ok()
    }
}

/// Why there is no picture.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HeadlessError {
    /// The picture has no pixels, or more than the adapter can hold.
    #[error("size {width}x{height}: expected 1 to {limit} pixels a side on the adapter {adapter:?}")]
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
        /// Largest side.
        limit: u32,
        /// Whose limit it is.
        adapter: String,
    },
    /// The device failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The renderer refused.
    #[error(transparent)]
    Render(#[from] crate::Error),
    /// The pixels did not come back from the device.
    #[error("reading the picture back from the graphics device failed: {0}")]
    ReadBack(String),
}

/// A target that no one sees, of a fixed size.
#[derive(Debug)]
pub struct Offscreen {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    read_back: wgpu::Buffer,
    line_bytes: u32,
}

impl Offscreen {
    /// Format of the target. Not an sRGB one, so that bytes are copied as they are.
    pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

    /// Makes a target of so many pixels.
    ///
    /// # Errors
    /// [`HeadlessError::Size`] for 0 pixels or beyond the device's limits; [`HeadlessError::Gpu`] when memory is out.
    pub fn new(gpu: &Gpu, width: u32, height: u32) -> Result<Self, HeadlessError> {
        let line_bytes = width.saturating_mul(4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let bytes = u64::from(line_bytes) * u64::from(height);
        let limit = gpu.max_size();
        if width == 0 || height == 0 || width > limit || height > limit || bytes > gpu.device().limits().max_buffer_size
        {
            return Err(HeadlessError::Size { width, height, limit, adapter: gpu.name().to_owned() });
        }
        let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
            label: Some("ringfall offscreen"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: Self::FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let read_back = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("ringfall read-back"),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        gpu.check()?;
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Ok(Self { texture, view, read_back, line_bytes })
    }

    /// What a waterfall that draws here is to be made for.
    pub fn target() -> Target {
        Target::new(Self::FORMAT)
    }

    /// The texture behind it.
    pub fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// Prepares the waterfall and puts its picture here: by copies where it can, else by drawing. Returns when the work is
    /// submitted, not when it is done.
    ///
    /// # Errors
    /// [`HeadlessError::Render`] from the renderer, [`HeadlessError::Gpu`] from the device.
    pub fn draw(&self, gpu: &Gpu, fall: &mut Waterfall) -> Result<(), HeadlessError> {
        let mut encoder = encoder(gpu);
        fall.prepare(gpu.device(), gpu.queue(), &mut encoder)?;
        if fall.can_copy_to(&self.texture) {
            fall.copy(&mut encoder, &self.texture, (0, 0))?;
        } else {
            fall.render(&mut pass(&mut encoder, &self.view));
        }
        gpu.queue().submit([encoder.finish()]);
        gpu.check()?;
        Ok(())
    }

    /// Waits for the device and fetches the picture.
    ///
    /// # Errors
    /// [`HeadlessError::Gpu`] or [`HeadlessError::ReadBack`] when the device fails.
    pub fn read(&self, gpu: &Gpu) -> Result<Picture, HeadlessError> {
        let size = self.texture.size();
        let mut encoder = encoder(gpu);
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &self.read_back,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(self.line_bytes),
                    rows_per_image: None,
                },
            },
            size,
        );
        gpu.queue().submit([encoder.finish()]);
        let (done, mapped) = std::sync::mpsc::channel();
        self.read_back.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only when the wait below failed, and that is reported there.
            let _ = done.send(result);
        });
        gpu.device()
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| HeadlessError::ReadBack(error.to_string()))?;
        gpu.check()?;
        mapped
            .recv()
            .map_err(|error| HeadlessError::ReadBack(error.to_string()))?
            .map_err(|error| HeadlessError::ReadBack(error.to_string()))?;
        let line = 4 * size.width as usize;
        let mut rgba = Vec::with_capacity(line * size.height as usize);
        {
            let bytes =
                self.read_back.get_mapped_range(..).map_err(|error| HeadlessError::ReadBack(error.to_string()))?;
            for padded in bytes.chunks_exact(self.line_bytes as usize) {
                rgba.extend_from_slice(&padded[..line]);
            }
        }
        self.read_back.unmap();
        Ok(Picture { width: size.width, height: size.height, rgba })
    }
}

fn encoder(gpu: &Gpu) -> wgpu::CommandEncoder {
    gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("ringfall offscreen") })
}

fn pass<'a>(encoder: &'a mut wgpu::CommandEncoder, view: &'a wgpu::TextureView) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("ringfall offscreen"),
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Store },
        })],
        ..Default::default()
    })
}
