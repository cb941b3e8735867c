//! The target that frames are finished in, and how they are waited for and read back.

use anyhow::{Context as _, Result, bail};
use ringfall::gpu::Gpu;
use ringfall::wgpu;

use super::case::Output;

/// The format of all pictures: bytes as they are, in the order that windows have.
pub(super) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// A colour's bytes as [`FORMAT`] has them.
pub(super) const fn pixel([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    [b, g, r, a]
}

/// An offscreen texture.
pub(super) struct Canvas {
    pub(super) texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
    pub(super) output: Output,
    read_back: wgpu::Buffer,
    line_bytes: u32,
}

impl Canvas {
    pub(super) fn new(gpu: &Gpu, width: u32, height: u32, output: Output) -> Result<Self> {
        let limit = gpu.max_size();
        if width > limit || height > limit {
            bail!(
                "--width {width} --height {height}: the adapter {:?} has pictures of {limit} pixels a side at most",
                gpu.name()
            );
        }
        let line_bytes = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let bytes = u64::from(line_bytes) * u64::from(height);
        let largest = gpu.device().limits().max_buffer_size;
        if bytes > largest {
            bail!(
                "--width {width} --height {height}: a picture of {bytes} bytes, and the adapter {:?} reads back {largest} \
                 at most",
                gpu.name()
            );
        }
        let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
            label: Some("bench canvas"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let read_back = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("bench read-back"),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        gpu.check()?;
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Ok(Self { texture, view, output, read_back, line_bytes })
    }

    /// A pass over all of it.
    pub(super) fn pass<'a>(&'a self, encoder: &'a mut wgpu::CommandEncoder) -> wgpu::RenderPass<'a> {
        encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("bench canvas"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                // Every pixel is written: nothing to load, and nothing to clear.
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        })
    }

    /// Records what has to follow the picture for this output.
    pub(super) fn record_output(&self, encoder: &mut wgpu::CommandEncoder) {
        if self.output == Output::Readback {
            self.record_read_back(encoder);
        }
    }

    fn record_read_back(&self, encoder: &mut wgpu::CommandEncoder) {
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
            self.texture.size(),
        );
    }

    /// Submits a frame and returns when it is done: the device has finished, and with [`Output::Readback`] `picture`
    /// holds the pixels.
    pub(super) fn finish(&self, gpu: &Gpu, encoder: wgpu::CommandEncoder, picture: &mut Vec<u8>) -> Result<()> {
        gpu.queue().submit([encoder.finish()]);
        if self.output == Output::Readback { self.fetch(gpu, picture) } else { wait(gpu) }
    }

    /// Reads the picture whatever the output is.
    pub(super) fn read(&self, gpu: &Gpu, picture: &mut Vec<u8>) -> Result<()> {
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        self.record_read_back(&mut encoder);
        gpu.queue().submit([encoder.finish()]);
        self.fetch(gpu, picture)
    }

    fn fetch(&self, gpu: &Gpu, picture: &mut Vec<u8>) -> Result<()> {
        // If mapping fails, `get_mapped_range` below returns the error.
        self.read_back.map_async(wgpu::MapMode::Read, .., |_| ());
        wait(gpu)?;
        let line = 4 * self.texture.width() as usize;
        picture.clear();
        {
            let bytes = self.read_back.get_mapped_range(..).context("reading the picture back")?;
            for padded in bytes.chunks_exact(self.line_bytes as usize) {
                picture.extend_from_slice(&padded[..line]);
            }
        }
        self.read_back.unmap();
        Ok(())
    }

    /// What the end of a frame is, in words.
    pub(super) fn sync(&self) -> &'static str {
        match self.output {
            Output::Readback => "queue.submit, device.poll(wait), all pixels copied to CPU memory",
            _ => "queue.submit, device.poll(wait): the device has finished, nothing read back",
        }
    }
}

/// Waits until the device has finished everything.
pub(super) fn wait(gpu: &Gpu) -> Result<()> {
    gpu.device().poll(wgpu::PollType::wait_indefinitely()).context("waiting for the graphics device")?;
    gpu.check()?;
    Ok(())
}
