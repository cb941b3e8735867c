//! An array that is rolled: 1000 × 1000 numbers of 8 bits with a colour table of their own, moved down by five rows a frame.
//! It is larger than the window; arrow keys, the wheel and dragging scroll it.
//!
//! `cargo run --example rolled_array`, or without a window, for a picture after N frames:
//! `cargo run --example rolled_array -- --frames N --shot FILE [--scroll X,Y]`
//!
//! Only the rows that come in at the top are uploaded and shaded: five lines a frame, whatever the size of the array.

use std::sync::Arc;

use ringfall::export::{Lines, OutputOptions, format_named};
use ringfall::wgpu::{self, CurrentSurfaceTexture};
use ringfall::{
    Canvas, Capacity, Colormap, ColormapError, Edge, Options, Pipelines, Scale, Stamp, Target, Texel, View, Waterfall,
};
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalPosition};
use winit::event::{ElementState, MouseButton, MouseScrollDelta, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::keyboard::{Key, NamedKey};
use winit::window::{Window, WindowId};

const SIDE: usize = 1000;
const ROWS_A_FRAME: u64 = 5;
const SIZE: (u32, u32) = (640, 480);

type Failure = Box<dyn std::error::Error>;

/// The array: row by row.
fn array() -> Vec<u8> {
    (0..SIDE * SIDE).map(|i| ((i / SIDE) ^ (i % SIDE)) as u8).collect()
}

/// Row `number` of those that come in at the top, one after the other: the last row of the array first, and again after the
/// first one.
fn row(array: &[u8], number: u64, out: &mut Vec<f32>) {
    let row = SIDE - 1 - (number % SIDE as u64) as usize;
    out.clear();
    out.extend(array[row * SIDE..(row + 1) * SIDE].iter().map(|cell| f32::from(*cell)));
}

/// Red is a quarter of the number, green is the number, blue is half of it.
fn colors() -> Result<Colormap, ColormapError> {
    let table: Vec<[u8; 3]> = (0..=255).map(|i| [i / 4, i, i / 2]).collect();
    Colormap::from_colors("rolled", &table)
}

/// Entry `i` of the table for number `i`.
fn scale() -> Result<Scale, ringfall::ScaleError> {
    Scale::linear(0.0, 256.0)
}

/// All of the array stays resident, so that it can be scrolled to any place.
fn options((width, height): (u32, u32)) -> Options {
    let texel = Texel::U8 { zero: 0.0, step: 1.0 };
    Options::default().bins(SIDE as u32).capacity(Capacity::Rows(SIDE as u32)).texel(texel).width(width).height(height)
}

/// The part of the array from column `x` and from line `y`, when so many rows have come in: a pixel for each cell.
fn view((x, y): (u32, u32), (width, _): (u32, u32), rows: u64) -> View {
    let newest = rows as i64 - 1 - i64::from(y);
    View::default()
        .span_hz((f64::from(x) - 0.5, f64::from(x + width) - 0.5))
        .line_ns(1e9)
        .edge(Edge::At(newest * 1_000_000_000))
}

/// What is on show.
struct Painter {
    window: Arc<Window>,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    device: wgpu::Device,
    queue: wgpu::Queue,
    fall: Waterfall,
    array: Vec<u8>,
    row: Vec<f32>,
    rows: u64,
    scroll: (f64, f64),
    pointer: Option<PhysicalPosition<f64>>,
    is_dragged: bool,
}

impl Painter {
    fn new(event_loop: &ActiveEventLoop) -> Result<Self, Failure> {
        let attributes = Window::default_attributes().with_title("A rolled array");
        let window = Arc::new(event_loop.create_window(attributes.with_inner_size(LogicalSize::new(SIZE.0, SIZE.1)))?);
        let display = Box::new(event_loop.owned_display_handle());
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_with_display_handle(display));
        let surface = instance.create_surface(Arc::clone(&window))?;
        let wanted = wgpu::RequestAdapterOptions { compatible_surface: Some(&surface), ..Default::default() };
        let adapter = pollster::block_on(instance.request_adapter(&wanted))?;
        let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;
        let size = window.inner_size();
        let config = surface
            .get_default_config(&adapter, size.width.max(1), size.height.max(1))
            .ok_or("the adapter cannot draw to this window")?;
        surface.configure(&device, &config);
        let target = Target::new(config.format);
        let options = options((config.width, config.height));
        let mut fall = Waterfall::new(&device, &Pipelines::new(&device), &target, &options)?;
        fall.set_colormap(&colors()?);
        fall.set_scale(scale()?);
        let mut painter = Self {
            window,
            surface,
            config,
            device,
            queue,
            fall,
            array: array(),
            row: Vec::new(),
            rows: 0,
            scroll: (0.0, 0.0),
            pointer: None,
            is_dragged: false,
        };
        painter.push(SIDE as u64)?;
        Ok(painter)
    }

    fn push(&mut self, count: u64) -> Result<(), Failure> {
        for _ in 0..count {
            row(&self.array, self.rows, &mut self.row);
            self.fall.push(Stamp::index(self.rows), &self.row)?;
            self.rows += 1;
        }
        Ok(())
    }

    fn resize(&mut self, width: u32, height: u32) -> Result<(), Failure> {
        (self.config.width, self.config.height) = (width.max(1), height.max(1));
        self.surface.configure(&self.device, &self.config);
        self.fall.set_size(&self.device, self.config.width, self.config.height)?;
        self.scroll_by(0.0, 0.0);
        Ok(())
    }

    /// Scrolls by so many cells, no farther than the array's edges.
    fn scroll_by(&mut self, x: f64, y: f64) {
        let most = |pixels: u32| SIDE.saturating_sub(pixels as usize) as f64;
        self.scroll.0 = (self.scroll.0 + x).clamp(0.0, most(self.config.width));
        self.scroll.1 = (self.scroll.1 + y).clamp(0.0, most(self.config.height));
    }

    /// Shows the next frame.
    fn show(&mut self) -> Result<(), Failure> {
        self.push(ROWS_A_FRAME)?;
        let scroll = (self.scroll.0 as u32, self.scroll.1 as u32);
        self.fall.set_view(view(scroll, (self.config.width, self.config.height), self.rows))?;
        let texture = match self.surface.get_current_texture() {
            CurrentSurfaceTexture::Success(texture) | CurrentSurfaceTexture::Suboptimal(texture) => texture,
            CurrentSurfaceTexture::Outdated | CurrentSurfaceTexture::Lost => {
                self.surface.configure(&self.device, &self.config);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let target = texture.texture.create_view(&Default::default());
        let mut encoder = self.device.create_command_encoder(&Default::default());
        self.fall.prepare(&self.device, &self.queue, &mut encoder)?;
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("rolled array"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations::default(),
            })],
            ..Default::default()
        });
        self.fall.render(&mut pass);
        drop(pass);
        self.queue.submit([encoder.finish()]);
        self.window.pre_present_notify();
        self.queue.present(texture);
        Ok(())
    }

    fn moved(&mut self, to: PhysicalPosition<f64>) {
        if let Some(from) = self.pointer.replace(to).filter(|_| self.is_dragged) {
            self.scroll_by(from.x - to.x, from.y - to.y);
        }
    }
}

#[derive(Default)]
struct App {
    painter: Option<Painter>,
    failure: Option<Failure>,
}

impl App {
    fn end(&mut self, event_loop: &ActiveEventLoop, error: Failure) {
        self.failure = Some(error);
        event_loop.exit();
    }
}

impl ApplicationHandler for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        match Painter::new(event_loop) {
            Ok(painter) => self.painter.insert(painter).window.request_redraw(),
            Err(error) => self.end(event_loop, error),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(painter) = &mut self.painter else { return };
        const STEP: f64 = 20.0;
        let done = match event {
            WindowEvent::CloseRequested => return event_loop.exit(),
            WindowEvent::Resized(size) => painter.resize(size.width, size.height),
            WindowEvent::RedrawRequested => {
                let shown = painter.show();
                painter.window.request_redraw();
                shown
            }
            WindowEvent::CursorMoved { position, .. } => return painter.moved(position),
            WindowEvent::MouseInput { state, button: MouseButton::Left, .. } => {
                painter.is_dragged = state == ElementState::Pressed;
                return;
            }
            WindowEvent::MouseWheel { delta: MouseScrollDelta::LineDelta(x, y), .. } => {
                return painter.scroll_by(-STEP * f64::from(x), -STEP * f64::from(y));
            }
            WindowEvent::MouseWheel { delta: MouseScrollDelta::PixelDelta(by), .. } => {
                return painter.scroll_by(-by.x, -by.y);
            }
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => {
                match event.logical_key {
                    Key::Named(NamedKey::ArrowLeft) => painter.scroll_by(-STEP, 0.0),
                    Key::Named(NamedKey::ArrowRight) => painter.scroll_by(STEP, 0.0),
                    Key::Named(NamedKey::ArrowUp) => painter.scroll_by(0.0, -STEP),
                    Key::Named(NamedKey::ArrowDown) => painter.scroll_by(0.0, STEP),
                    Key::Named(NamedKey::Escape) => event_loop.exit(),
                    _ => {}
                }
                return;
            }
            _ => return,
        };
        if let Err(error) = done {
            self.end(event_loop, error);
        }
    }
}

/// A picture after so many frames, without a window and without a graphics adapter.
fn shoot(frames: u64, file: &str, scroll: (u32, u32)) -> Result<(), Failure> {
    let mut canvas = Canvas::new(&options(SIZE))?;
    canvas.set_colormap(&colors()?);
    canvas.set_scale(scale()?);
    let (array, mut cells) = (array(), Vec::new());
    let rows = SIDE as u64 + ROWS_A_FRAME * frames;
    for number in 0..rows {
        row(&array, number, &mut cells);
        canvas.push(Stamp::index(number), &cells)?;
    }
    canvas.set_view(view(scroll, SIZE, rows))?;
    let png = format_named("png")?;
    let output = png.open(file.as_ref(), &OutputOptions { inputs: &[], force: false })?;
    png.write(&mut Lines::of(&canvas)?, output)?;
    println!("{file}: {frames} frames of {ROWS_A_FRAME} rows");
    Ok(())
}

fn main() -> Result<(), Failure> {
    let (mut frames, mut shot, mut scroll) = (0, None, (0, 0));
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word}: expected a value"))?;
        match word.as_str() {
            "--frames" => frames = value.parse()?,
            "--shot" => shot = Some(value),
            "--scroll" => {
                let (x, y) = value.split_once(',').ok_or("--scroll: expected X,Y")?;
                scroll = (x.parse()?, y.parse()?);
                let (width, height) = SIZE;
                if scroll.0 > SIDE as u32 - width || scroll.1 > SIDE as u32 - height {
                    return Err(format!(
                        "--scroll {value}: expected at most {},{}",
                        SIDE as u32 - width,
                        SIDE as u32 - height
                    )
                    .into());
                }
            }
            _ => return Err(format!("unknown: {word}").into()),
        }
    }
    if let Some(file) = shot {
        return shoot(frames, &file, scroll);
    }
    let mut app = App::default();
    EventLoop::new()?.run_app(&mut app)?;
    app.failure.map_or(Ok(()), Err)
}
