//! Processor time and wall time.

use anyhow::{Context as _, Result};
use ringfall::gpu::Gpu;
use ringfall::wgpu;

use super::canvas::wait;

/// Times on the device: a timestamp before the commands of a frame, and one after.
pub(super) struct GpuClock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    read_back: wgpu::Buffer,
    tick_ms: f64,
}

impl GpuClock {
    /// `None` if the device has no timestamps.
    pub(super) fn new(gpu: &Gpu) -> Option<Self> {
        let device = gpu.device();
        if !device.features().contains(Gpu::TIMESTAMPS) {
            return None;
        }
        let buffer = |usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("bench timestamps"),
                size: 16,
                usage,
                mapped_at_creation: false,
            })
        };
        Some(Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("bench timestamps"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            read_back: buffer(wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ),
            tick_ms: f64::from(gpu.queue().get_timestamp_period()) * 1e-6,
        })
    }

    pub(super) fn begin(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.write_timestamp(&self.queries, 0);
    }

    pub(super) fn end(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.write_timestamp(&self.queries, 1);
        encoder.resolve_query_set(&self.queries, 0..2, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.read_back, 0, 16);
    }

    /// Milliseconds between the two, of the frame that was submitted last.
    pub(super) fn ms(&self, gpu: &Gpu) -> Result<f64> {
        self.read_back.map_async(wgpu::MapMode::Read, .., |_| ());
        wait(gpu)?;
        let ticks = {
            let bytes = self.read_back.get_mapped_range(..).context("reading the device's clock")?;
            let time = |at: usize| {
                let bytes = bytes.get(at..at + 8).and_then(|b| b.try_into().ok());
                bytes.map_or(0, u64::from_ne_bytes)
            };
            time(8).saturating_sub(time(0))
        };
        self.read_back.unmap();
        Ok(ticks as f64 * self.tick_ms)
    }
}
