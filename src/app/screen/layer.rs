//! The interface on a graphics device.

use egui::epaint::ClippedPrimitive;
use egui_wgpu::{Renderer, RendererOptions, ScreenDescriptor};
use ringfall::gpu::Gpu;
use ringfall::wgpu;

use super::super::interface::Interface;

/// The interface on a graphics device: its textures, and what the last layout draws.
pub(super) struct Layer {
    renderer: Renderer,
    primitives: Vec<ClippedPrimitive>,
    descriptor: ScreenDescriptor,
    has_textures: bool,
}

impl Layer {
    /// An empty interface for targets of this format.
    pub(super) fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        // Without dithering, so that a picture is the same whatever draws it.
        let options = RendererOptions { dithering: false, ..RendererOptions::default() };
        Self {
            renderer: Renderer::new(device, format, options),
            primitives: Vec::new(),
            descriptor: ScreenDescriptor { size_in_pixels: [1, 1], pixels_per_point: 1.0 },
            has_textures: false,
        }
    }

    /// Takes over what is new, for a window of `size` pixels. Where nothing is, the last layout is drawn again.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        interface: &mut Interface,
        size: (u32, u32),
    ) {
        let (device, queue) = (gpu.device(), gpu.queue());
        let size = [size.0, size.1];
        let fresh = interface.take(self.has_textures);
        if fresh.is_none() && self.descriptor.size_in_pixels == size {
            return;
        }
        self.descriptor.size_in_pixels = size;
        if let Some(mut fresh) = fresh {
            self.has_textures = true;
            for (id, deltas) in &fresh.textures.set {
                deltas.iter().for_each(|delta| self.renderer.update_texture(device, queue, *id, delta));
            }
            self.descriptor.pixels_per_point = fresh.pixels_per_point;
            self.primitives = fresh.ctx.tessellate(std::mem::take(&mut fresh.shapes), fresh.pixels_per_point);
            // Shapes of this layout do not use them any more.
            fresh.textures.free.iter().for_each(|id| self.renderer.free_texture(id));
        }
        // Callbacks would bring command buffers; nothing here makes any.
        let more = self.renderer.update_buffers(device, queue, encoder, &self.primitives, &self.descriptor);
        debug_assert!(more.is_empty());
    }

    /// Draws over what the pass has drawn.
    pub(super) fn render(&self, pass: &mut wgpu::RenderPass<'static>) {
        self.renderer.render(pass, &self.primitives, &self.descriptor);
    }
}
