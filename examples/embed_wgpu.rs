//! A waterfall in your own winit and wgpu program, between two draws of the host: a background and a mark.
//!
//! `cargo run --example embed_wgpu -- [--frames N] [--shot FILE]`: ends after N frames; FILE gets a picture of the last.

mod common;

use std::sync::Arc;

use common::{Arguments, Failure, row};
use ringfall::wgpu::{self, CurrentSurfaceTexture};
use ringfall::{Capacity, Colormap, Options, Pipelines, Scale, Stamp, Target, Waterfall};
use winit::application::ApplicationHandler;
use winit::dpi::LogicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::window::{Window, WindowId};

const BINS: usize = 1024;
/// The waterfall's distance from the window's edges, in pixels.
const MARGIN: u32 = 24;

/// All that draws.
struct Painter {
    window: Arc<Window>,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    device: wgpu::Device,
    queue: wgpu::Queue,
    host: wgpu::RenderPipeline,
    fall: Waterfall,
    rows: u64,
    frames: u64,
}

impl Painter {
    fn new(event_loop: &ActiveEventLoop) -> Result<Self, Failure> {
        let attributes = Window::default_attributes().with_title("ringfall in wgpu");
        let window = Arc::new(event_loop.create_window(attributes.with_inner_size(LogicalSize::new(800, 450)))?);
        let display = Box::new(event_loop.owned_display_handle());
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_with_display_handle(display));
        let surface = instance.create_surface(Arc::clone(&window))?;
        let options = wgpu::RequestAdapterOptions { compatible_surface: Some(&surface), ..Default::default() };
        let adapter = pollster::block_on(instance.request_adapter(&options))?;
        let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;
        let size = window.inner_size();
        let config = surface
            .get_default_config(&adapter, size.width.max(1), size.height.max(1))
            .ok_or("the adapter cannot draw to this window")?;
        surface.configure(&device, &config);

        let host = host_pipeline(&device, config.format);
        let options = Options::default()
            .bins(BINS as u32)
            .capacity(Capacity::Rows(4000))
            .width(config.width.saturating_sub(2 * MARGIN).max(1))
            .height(config.height.saturating_sub(2 * MARGIN).max(1));
        let mut fall = Waterfall::new(&device, &Pipelines::new(&device), &Target::new(config.format), &options)?;
        fall.set_colormap(&Colormap::named("magma")?);
        fall.set_scale(Scale::linear(-105.0, -20.0)?);
        Ok(Self { window, surface, config, device, queue, host, fall, rows: 0, frames: 0 })
    }

    fn resize(&mut self, width: u32, height: u32) -> Result<(), Failure> {
        (self.config.width, self.config.height) = (width.max(1), height.max(1));
        self.surface.configure(&self.device, &self.config);
        let [_, _, width, height] = self.place();
        self.fall.set_size(&self.device, width, height)?;
        Ok(())
    }

    /// Where the waterfall goes: left, top, width, height.
    fn place(&self) -> [u32; 4] {
        let inner = |side: u32| side.saturating_sub(2 * MARGIN).max(1);
        let (width, height) = (inner(self.config.width), inner(self.config.height));
        [(self.config.width - width) / 2, (self.config.height - height) / 2, width, height]
    }

    /// Records a frame into `view`.
    fn frame(&mut self, view: &wgpu::TextureView) -> Result<wgpu::CommandBuffer, Failure> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.fall.prepare(&self.device, &self.queue, &mut encoder)?;
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("host"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            ..Default::default()
        });
        let (window_width, window_height) = (self.config.width as f32, self.config.height as f32);
        let [x, y, width, height] = self.place().map(|v| v as f32);
        // The host's background,
        pass.set_pipeline(&self.host);
        pass.draw(0..3, 0..1);
        // the waterfall,
        pass.set_viewport(x, y, width, height, 0.0, 1.0);
        self.fall.render(&mut pass);
        // and a mark of the host's over it: its second instance, a bar.
        pass.set_pipeline(&self.host);
        pass.set_viewport(0.0, 0.0, window_width, window_height, 0.0, 1.0);
        pass.set_scissor_rect(self.config.width / 2, 0, 3, self.config.height);
        pass.draw(0..3, 1..2);
        drop(pass);
        Ok(encoder.finish())
    }

    /// Shows the next frame.
    fn show(&mut self) -> Result<(), Failure> {
        for _ in 0..4 {
            self.fall.push(Stamp::index(self.rows), &row(self.rows, BINS))?;
            self.rows += 1;
        }
        let texture = match self.surface.get_current_texture() {
            CurrentSurfaceTexture::Success(texture) | CurrentSurfaceTexture::Suboptimal(texture) => texture,
            CurrentSurfaceTexture::Outdated | CurrentSurfaceTexture::Lost => {
                self.surface.configure(&self.device, &self.config);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let commands = self.frame(&texture.texture.create_view(&Default::default()))?;
        self.queue.submit([commands]);
        self.window.pre_present_notify();
        self.queue.present(texture);
        self.frames += 1;
        Ok(())
    }

    /// Draws the last frame once more, into a texture that can be read back.
    fn shoot(&mut self, file: &str) -> Result<(), Failure> {
        let (width, height) = (self.config.width, self.config.height);
        let texture = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("shot"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: self.config.format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let commands = self.frame(&texture.create_view(&Default::default()))?;
        let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size: u64::from(stride * height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None };
        let into = wgpu::TexelCopyBufferInfo { buffer: &buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), into, texture.size());
        self.queue.submit([commands, encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        let bytes = buffer.get_mapped_range(..)?;
        let swap = self.config.format.remove_srgb_suffix() == wgpu::TextureFormat::Bgra8Unorm;
        let pixels = bytes.chunks(stride as usize).flat_map(|row| row[..width as usize * 4].chunks(4));
        let rgba = pixels.flat_map(|p| if swap { [p[2], p[1], p[0], p[3]] } else { [p[0], p[1], p[2], p[3]] });
        let mut png = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(file)?), width, height);
        png.set_color(png::ColorType::Rgba);
        png.write_header()?.write_image_data(&rgba.collect::<Vec<_>>())?;
        Ok(())
    }
}

/// The host's own pipeline: a gradient, and for the second instance white.
fn host_pipeline(device: &wgpu::Device, format: wgpu::TextureFormat) -> wgpu::RenderPipeline {
    let source = "
        struct Corner { @builtin(position) at: vec4<f32>, @location(0) color: vec3<f32> }
        @vertex fn vertex(@builtin(vertex_index) i: u32, @builtin(instance_index) mark: u32) -> Corner {
            let uv = vec2<f32>(f32(i & 1u) * 2.0, f32(i >> 1u) * 2.0);
            let gradient = vec3<f32>(0.05, 0.1 + 0.2 * uv.y, 0.2 + 0.2 * uv.x);
            return Corner(vec4<f32>(uv * 2.0 - 1.0, 0.0, 1.0), select(gradient, vec3<f32>(1.0), mark == 1u));
        }
        @fragment fn fragment(c: Corner) -> @location(0) vec4<f32> { return vec4<f32>(c.color, 1.0); }";
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("host"),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("host"),
        layout: None,
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            buffers: &[],
        },
        primitive: Default::default(),
        depth_stencil: None,
        multisample: Default::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            targets: &[Some(format.into())],
        }),
        multiview_mask: None,
        cache: None,
    })
}

struct App {
    painter: Option<Painter>,
    arguments: Arguments,
    failure: Option<Failure>,
}

impl App {
    fn end(&mut self, event_loop: &ActiveEventLoop, result: Result<(), Failure>) {
        self.failure = result.err();
        event_loop.exit();
    }
}

impl ApplicationHandler for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        match Painter::new(event_loop) {
            Ok(painter) => self.painter.insert(painter).window.request_redraw(),
            Err(error) => self.end(event_loop, Err(error)),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(painter) = &mut self.painter else { return };
        let done = match event {
            WindowEvent::CloseRequested => return event_loop.exit(),
            WindowEvent::Resized(size) => painter.resize(size.width, size.height),
            WindowEvent::RedrawRequested => painter.show(),
            _ => return,
        };
        if done.is_err() {
            return self.end(event_loop, done);
        }
        if self.arguments.frames.is_some_and(|n| painter.frames >= n) {
            let [x, y, width, height] = painter.place();
            println!("rows {}\nwaterfall {x} {y} {width} {height}", painter.rows);
            let shot = self.arguments.shot.as_ref().map_or(Ok(()), |file| painter.shoot(file));
            return self.end(event_loop, shot);
        }
        painter.window.request_redraw();
    }
}

fn main() -> Result<(), Failure> {
    let mut app = App { painter: None, arguments: Arguments::read()?, failure: None };
    EventLoop::new()?.run_app(&mut app)?;
    app.failure.map_or(Ok(()), Err)
}
