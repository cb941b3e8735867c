//! Uniform buffers.

use bytemuck::{Pod, Zeroable};

/// `Shade` in `shaders/shade.wgsl`, field for field.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ShadeUniform {
    pub(super) capacity: u32,
    pub(super) across: u32,
    pub(super) row_shift: u32,
    pub(super) row_mask: u32,
    pub(super) bin_shift: u32,
    pub(super) bin_mask: u32,
    pub(super) columns: u32,
    pub(super) layout_index: u32,
    pub(super) layout_shift: u32,
    pub(super) layout_mask: u32,
    pub(super) step_rows: u32,
    pub(super) step_bins: u32,
    pub(super) bin_steps: u32,
    pub(super) lo: f32,
    pub(super) hi: f32,
    pub(super) factor: f32,
    pub(super) octaves: f32,
    /// WGSL rounds the size of a uniform up to a multiple of 16 bytes.
    pub(super) padding: [u32; 3],
}

/// A uniform buffer that is written only when its content has changed.
pub(super) struct Uniform<T> {
    pub(super) buffer: wgpu::Buffer,
    content: Option<T>,
}

impl<T: Pod + PartialEq> Uniform<T> {
    pub(super) fn new(device: &wgpu::Device, label: &str) -> Self {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size_of::<T>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { buffer, content: None }
    }

    /// Returns the number of bytes written.
    pub(super) fn set(&mut self, queue: &wgpu::Queue, content: T) -> u64 {
        if self.content == Some(content) {
            return 0;
        }
        self.content = Some(content);
        queue.write_buffer(&self.buffer, 0, bytemuck::bytes_of(&content));
        size_of::<T>() as u64
    }
}
