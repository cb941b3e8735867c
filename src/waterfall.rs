//! The renderer: rows in, a scrolling picture out. It knows rows and pixels, not sound, files, windows or clocks.

mod cells;
mod cpu_shader;
mod drawn;
mod gpu_shader;
mod layouts;
mod memory;
mod pipelines;
mod sender;
mod stats;
mod strip;
mod strip_ref;
mod target;
mod tile;
mod uniforms;

use std::fmt;

use wgpu::TextureUsages;

use cells::Cells;
use cpu_shader::CpuShader;
use drawn::Drawn;
use gpu_shader::GpuShader;
pub use pipelines::Pipelines;
use sender::Intake;
pub use sender::Sender;
pub use stats::Stats;
use strip::Strip;
pub use strip_ref::StripRef;
pub use target::{Encoding, Target};

use crate::colormap::Colormap;
use crate::error::Error;
use crate::frame::Frame;
use crate::scale::Scale;
use crate::shade::{Canvas, Keep, Options, Shading, check_size};
use crate::stamp::Stamp;
use crate::view::{Side, View};

/// A scrolling waterfall on the GPU.
///
/// Rows go in with [`push`](Self::push); [`prepare`](Self::prepare) uploads them and shades the new lines of the picture;
/// then [`render`](Self::render) draws the picture into the host's pass, or [`copy`](Self::copy) copies it into a texture.
pub struct Waterfall {
    pipelines: Pipelines,
    target: Target,
    /// Rows and settings.
    canvas: Canvas,
    /// Whether the host asked to read rows back. That they are in memory is not enough: what a host may do must not depend
    /// on the adapter.
    is_readable: bool,
    intakes: Vec<Intake>,
    /// Rows dropped by senders that no longer exist.
    dropped_before: u64,
    shader: Shader,
    drawn: Option<Drawn>,
    /// The target has changed.
    stale: bool,
    stats: Stats,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them in a waterfall, and it is never moved about")]
enum Shader {
    Gpu(GpuShader),
    Cpu(CpuShader),
}

impl Waterfall {
    /// Makes a waterfall: a ring for the rows, a strip for the picture. It has the colormap viridis and the range −120 to 0.
    ///
    /// # Errors
    /// [`Error::Bins`], [`Error::Capacity`], [`Error::Layers`] and [`Error::Size`] for sizes that are zero or beyond the
    /// device's limits; [`Error::Texel`] for texels without a step; [`Error::Format`], [`Error::DepthStencil`] and
    /// [`Error::Samples`] for a target that cannot be drawn to; [`Error::Device`] if the pipelines were made on another
    /// device; [`Error::OutOfMemory`] if there is no memory for the ring, or for the rows to keep.
    pub fn new(
        device: &wgpu::Device,
        pipelines: &Pipelines,
        target: &Target,
        options: &Options,
    ) -> Result<Self, Error> {
        options.check()?;
        pipelines.check(device)?;
        target.check(device)?;
        check_size((options.width, options.height), most_pixels(device))?;
        let on_cpu = match options.shading {
            Shading::Auto => device.adapter_info().device_type == wgpu::DeviceType::Cpu,
            Shading::Gpu => false,
            Shading::Cpu => true,
        };
        let (canvas, shader) = if on_cpu {
            (Canvas::new(options)?, Shader::Cpu(CpuShader::new(&Colormap::default())))
        } else {
            let keep = if options.keep_rows { Keep::Both } else { Keep::Staged };
            let canvas = Canvas::with_rows(options, keep, Cells::most_rows(device, options.bins)?)?;
            let rows = canvas.resident().capacity();
            let make = || Cells::new(device, options.bins, rows, options.texel);
            let cells = memory::guard(device, "ring of rows", make)??;
            (canvas, Shader::Gpu(GpuShader::new(device, pipelines, cells)))
        };
        let mut fall = Self {
            pipelines: pipelines.clone(),
            target: *target,
            canvas,
            is_readable: options.keep_rows,
            intakes: Vec::new(),
            dropped_before: 0,
            shader,
            drawn: None,
            stale: true,
            stats: Stats::default(),
        };
        fall.set_colormap(&Colormap::default());
        Ok(fall)
    }

    /// Adds a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`, in any unit, dB as a rule. It
    /// is staged in memory; no GPU call is made. When the ring is full, the oldest row is evicted.
    ///
    /// Rows may differ in length, span and duration: each is drawn where its stamp says. Times should rise; a row
    /// stamped earlier than its predecessor gets the predecessor's time.
    ///
    /// # Errors
    /// [`Error::RowLength`] for a row that is empty or longer than [`Options::bins`]; [`Error::Stamp`] for a stamp without
    /// duration or bin width, or with a number that is not finite; [`Error::Cells`] if cells are colours. Nothing is added
    /// then.
    pub fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<(), Error> {
        self.canvas.push(stamp, row)
    }

    /// Adds a row of colours, sRGB-encoded red, green, blue and alpha, to a waterfall of [colours](crate::Texel::Rgba8): as
    /// [`push`](Self::push) does with values.
    ///
    /// # Errors
    /// As [`push`](Self::push); [`Error::Cells`] if cells are values.
    pub fn push_rgba(&mut self, stamp: Stamp, row: &[[u8; 4]]) -> Result<(), Error> {
        self.canvas.push_rgba(stamp, row)
    }

    /// Where lines are shaded: [`Shading::Gpu`] or [`Shading::Cpu`].
    pub fn shading(&self) -> Shading {
        match self.shader {
            Shader::Gpu(_) => Shading::Gpu,
            Shader::Cpu(_) => Shading::Cpu,
        }
    }

    pub(crate) fn canvas_mut(&mut self) -> &mut Canvas {
        &mut self.canvas
    }

    /// The sending end of a channel to this waterfall, for another thread, with room for `rows` rows in transit (up to
    /// [`Options::MAX_SENDER_ROWS`]): a few frames' worth. All its buffers are made here, `rows` ×
    /// [`bins`](Options::bins) × 4 bytes. There may be several senders; their rows are taken one sender after the other.
    ///
    /// # Errors
    /// [`Error::SenderRows`] for no rows or too many, [`Error::OutOfMemory`] if there is no memory for them.
    pub fn sender(&mut self, rows: u32) -> Result<Sender, Error> {
        let (sender, intake) = sender::channel(self.canvas.resident().bins(), self.canvas.resident().texel(), rows)?;
        self.intakes.push(intake);
        Ok(sender)
    }

    /// Takes in the rows that [`Sender`]s have sent, as if they were pushed now, and returns their number.
    /// [`prepare`](Self::prepare) also does this.
    pub fn receive(&mut self) -> u64 {
        if self.intakes.is_empty() {
            return 0;
        }
        let mut intakes = std::mem::take(&mut self.intakes);
        let mut taken = 0;
        for intake in &mut intakes {
            taken += intake.take(|stamp, row| self.canvas.add(stamp, row));
            if intake.is_closed() {
                self.dropped_before += intake.dropped();
            }
        }
        intakes.retain(|intake| !intake.is_closed());
        self.intakes = intakes;
        taken
    }

    /// Read access to the value under a pixel, the rows, and the whole picture as RGBA. No GPU call, no waiting.
    ///
    /// It uses the current rows and settings, that is the picture that the next [`prepare`](Self::prepare) will make. If
    /// nothing has changed since the last one, that is the visible picture.
    ///
    /// # Errors
    /// [`Error::NotKept`] if the waterfall was made without [`Options::keep_rows`].
    pub fn canvas(&self) -> Result<&Canvas, Error> {
        if self.is_readable { Ok(&self.canvas) } else { Err(Error::NotKept) }
    }

    /// The resolved view, which says what is at which pixel. Hosts use it to draw axes, cursors and markers.
    pub fn frame(&self) -> Frame {
        self.canvas.frame()
    }

    /// Removes all rows; the picture becomes empty.
    pub fn clear(&mut self) {
        self.canvas.clear();
        self.forget();
    }

    /// Changes the visible part of the data. Its resident rows are shaded again.
    ///
    /// # Errors
    /// A view that shows nothing: see [`ViewError`](crate::ViewError). The view then stays as it was.
    pub fn set_view(&mut self, view: View) -> Result<(), Error> {
        self.canvas.set_view(view)
    }

    /// The view that was last set.
    pub fn view(&self) -> View {
        self.canvas.view()
    }

    /// The range that was last set; −120 to 0 at first.
    pub fn scale(&self) -> Scale {
        self.canvas.scale()
    }

    /// The colours that were last set; viridis at first.
    pub fn colormap(&self) -> &Colormap {
        self.canvas.colormap()
    }

    /// Changes the range, for all resident rows.
    pub fn set_scale(&mut self, scale: Scale) {
        self.canvas.set_scale(scale);
    }

    /// Changes the colours, for all resident rows.
    pub fn set_colormap(&mut self, colormap: &Colormap) {
        match &mut self.shader {
            Shader::Gpu(shader) => shader.set_colormap(colormap),
            Shader::Cpu(shader) => shader.set_colormap(colormap),
        }
        self.canvas.set_colormap(colormap);
        self.forget();
    }

    /// Changes the picture's size, in pixels. It is shaded again from the resident rows.
    ///
    /// # Errors
    /// [`Error::Size`] for a size of zero or beyond the device's limits; [`Error::Device`] if the device is not the one that the
    /// waterfall was made on. The size then stays as it was.
    pub fn set_size(&mut self, device: &wgpu::Device, width: u32, height: u32) -> Result<(), Error> {
        self.pipelines.check(device)?;
        check_size((width, height), most_pixels(device))?;
        self.canvas.set_size(width, height)
    }

    /// The picture's width and height, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.canvas.size()
    }

    /// Changes the side at which new rows appear.
    pub fn set_newest_side(&mut self, side: Side) {
        self.canvas.set_newest_side(side);
    }

    /// The side at which new rows appear.
    pub fn newest_side(&self) -> Side {
        self.canvas.newest_side()
    }

    /// Changes what [`render`](Self::render) draws into, from the next [`prepare`](Self::prepare) on.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::DepthStencil`] and [`Error::Samples`] for a target that cannot be drawn to;
    /// [`Error::Device`] if the device is not the one that the waterfall was made on. The target then stays as it was.
    pub fn set_target(&mut self, device: &wgpu::Device, target: &Target) -> Result<(), Error> {
        self.pipelines.check(device)?;
        target.check(device)?;
        self.stale |= self.target != *target;
        self.target = *target;
        Ok(())
    }

    /// What the waterfall is drawn into, as last set.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Whether rows or settings have changed since the last [`prepare`](Self::prepare). If not, the picture is unchanged.
    pub fn is_stale(&self) -> bool {
        self.stale || self.canvas.is_stale() || self.intakes.iter().any(Intake::waits)
    }

    /// What the waterfall holds, and what the last [`prepare`](Self::prepare) did.
    pub fn stats(&self) -> Stats {
        let rows = self.canvas.resident();
        Stats {
            resident: rows.range(),
            capacity: rows.capacity(),
            staged_rows: rows.staged_rows(),
            skipped_rows: rows.skipped_rows(),
            dropped_rows: self.dropped_before + self.intakes.iter().map(Intake::dropped).sum::<u64>(),
            ..self.stats.clone()
        }
    }

    /// Uploads the rows that have arrived, and records the shading of the new lines into `encoder`. The encoder must be
    /// submitted before the next call, since what it records is not recorded again.
    ///
    /// # Errors
    /// [`Error::Device`] if the device is not the one that the waterfall was made on; [`Error::OutOfMemory`] if it
    /// has no memory for a picture of a new size. Pushed rows wait for the next call.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), Error> {
        self.stats = Stats::default();
        self.pipelines.check(device)?;
        self.receive();
        if !self.is_stale() {
            if let Some(drawn) = &mut self.drawn {
                drawn.strip.ring.rest();
            }
            return Ok(());
        }
        let frame = self.canvas.frame();
        let mut drawn = self.drawn(device)?;
        let mut bytes = match &self.shader {
            Shader::Gpu(shader) => shader.cells.upload(queue, self.canvas.resident_mut()),
            Shader::Cpu(_) => {
                self.canvas.resident_mut().upload(|_, _, _| {});
                0
            }
        };
        let shaded = drawn.strip.ring.begin(&self.canvas, &frame);
        if shaded > 0 {
            let job = self.canvas.job(&frame);
            bytes += match &mut self.shader {
                // If this fails, the strip is gone, and all is shaded again the next time.
                Shader::Gpu(shader) => shader.shade(device, queue, encoder, &drawn.strip, &job)?,
                Shader::Cpu(shader) => shader.shade(queue, &drawn.strip, &job),
            };
        }
        let moved = drawn.strip.ring.finish(&self.canvas, &frame);
        self.canvas.settle();
        self.stale = false;
        self.drawn = Some(drawn);
        self.stats.uploaded_bytes = bytes;
        self.stats.shaded_lines = shaded;
        self.stats.changed = shaded > 0 || moved;
        Ok(())
    }

    /// Draws the picture over the whole viewport of `pass`, with one draw call. Viewport and scissor are the host's. If the
    /// viewport's size is not the picture's, the picture is scaled to it with nearest-neighbour sampling.
    /// Draws nothing before the first [`prepare`](Self::prepare), and nothing between
    /// [`set_target`](Self::set_target) and the next one.
    ///
    /// Of the pass's state it sets the pipeline and bind group 0. A depth-stencil attachment is neither tested nor
    /// written; blending is off.
    pub fn render(&self, pass: &mut wgpu::RenderPass<'_>) {
        if let Some(drawn) = self.drawn.as_ref().filter(|drawn| drawn.target == self.target) {
            drawn.draw(pass);
        }
    }

    /// The picture as it is stored on the device, and which lines of it are new. `None` before the first
    /// [`prepare`](Self::prepare).
    pub fn strip(&self) -> Option<StripRef<'_>> {
        self.drawn.as_ref().map(|drawn| StripRef {
            strip: &drawn.strip.texture,
            offset: drawn.strip.ring.offset(),
            stretches: drawn.strip.ring.stretches().map(|s| s.place..s.place + s.count),
            is_sideways: drawn.strip.ring.newest().is_sideways(),
        })
    }

    /// Whether [`copy`](Self::copy) can copy the picture to this texture.
    pub fn can_copy_to(&self, texture: &wgpu::Texture) -> bool {
        self.copy_problem(texture, (0, 0)).is_none()
    }

    /// Records the copying of the picture into `texture`, its top left corner at `origin`, in at most two copies: the
    /// fastest way. The bytes are those that [`render`](Self::render) would draw. Copies nothing before the first
    /// [`prepare`](Self::prepare).
    ///
    /// # Errors
    /// [`Error::Copy`] for a texture of another format (sRGB or not makes no difference), too small, multisampled, not
    /// two-dimensional, or without `COPY_DST`, and after [`set_size`](Self::set_size) until the next
    /// [`prepare`](Self::prepare).
    pub fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::Texture,
        origin: (u32, u32),
    ) -> Result<(), Error> {
        if let Some(reason) = self.copy_problem(texture, origin) {
            let (width, height) = self.size();
            let format = format!("{:?}", self.target.strip_format());
            return Err(Error::Copy { width, height, format, reason });
        }
        let Some(drawn) = &self.drawn else { return Ok(()) };
        drawn.copy(encoder, texture, origin);
        Ok(())
    }

    fn copy_problem(&self, texture: &wgpu::Texture, origin: (u32, u32)) -> Option<&'static str> {
        let (width, height) = self.size();
        let fits = |origin: u32, size, room| origin.checked_add(size).is_some_and(|end| end <= room);
        if texture.format().remove_srgb_suffix() != self.target.strip_format() {
            Some("it has another format")
        } else if !texture.usage().contains(TextureUsages::COPY_DST) {
            Some("it was made without COPY_DST")
        } else if texture.sample_count() != 1 || texture.dimension() != wgpu::TextureDimension::D2 {
            Some("it is not a plain 2-D texture")
        } else if !fits(origin.0, width, texture.width()) || !fits(origin.1, height, texture.height()) {
            Some("it is too small")
        } else if self.drawn.as_ref().is_some_and(|d| d.strip.ring.size() != (width, height)) {
            Some("the picture's size was changed and not prepared since")
        } else {
            None
        }
    }

    /// All lines of the strip are dirty.
    fn forget(&mut self) {
        if let Some(drawn) = &mut self.drawn {
            drawn.strip.ring.forget();
        }
    }

    /// The strip and its resources, recreated if the size has changed.
    fn drawn(&mut self, device: &wgpu::Device) -> Result<Drawn, Error> {
        let format = self.target.strip_format();
        let (size, newest) = (self.size(), self.newest_side());
        let fits = |strip: &Strip| {
            strip.texture.format() == format && strip.ring.newest() == newest && strip.ring.size() == size
        };
        match self.drawn.take() {
            Some(mut drawn) if fits(&drawn.strip) => {
                if drawn.target != self.target {
                    drawn.pipeline = self.pipelines.draw(device, &self.target, newest.is_sideways());
                    drawn.target = self.target;
                }
                Ok(drawn)
            }
            _ => {
                if let Shader::Gpu(shader) = &mut self.shader {
                    shader.unbind();
                }
                let make = || Strip::new(device, size, newest, format);
                let strip = memory::guard(device, "picture", make)?;
                Ok(Drawn::new(device, &self.pipelines, strip, self.target))
            }
        }
    }
}

/// The state and the host's settings, without the textures.
impl fmt::Debug for Waterfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waterfall")
            .field("target", &self.target)
            .field("canvas", &self.canvas)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

fn most_pixels(device: &wgpu::Device) -> u32 {
    device.limits().max_texture_dimension_2d
}

// In a browser, wgpu's objects stay on their thread.
#[cfg(not(target_arch = "wasm32"))]
const _: () = {
    const fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Waterfall>();
    assert_send_sync::<Pipelines>();
};
