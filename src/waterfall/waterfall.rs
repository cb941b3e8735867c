use std::fmt;
use std::ops::Range;

use wgpu::TextureUsages;

use super::cpu_shader::CpuShader;
use super::dirty::dirty;
use super::drawn::Drawn;
use super::gpu_shader::GpuShader;
use super::memory;
use super::pipelines::Pipelines;
use super::placement::Placement;
use super::reduction::Job;
use super::ring::{Mapping, Ring};
use super::sender::{self, Intake};
use super::shaded::Shaded;
use super::stats::Stats;
use super::strip::{Stretch, Strip};
use super::{Error, Newest, Options, Reader, Sender, Shading, Target};
use crate::scale::Thresholds;
use crate::view::View;
use crate::{Colormap, Reduce, Scale, Stamp};

/// A scrolling waterfall on the GPU.
///
/// Rows go in with [`push`](Self::push); [`prepare`](Self::prepare) uploads them and shades the new lines of the picture;
/// then [`render`](Self::render) draws the picture into the host's pass, or [`copy`](Self::copy) copies it into a texture.
pub struct Waterfall {
    pipelines: Pipelines,
    target: Target,
    size: (u32, u32),
    newest: Newest,
    view: View,
    scale: Scale,
    /// The scale in the units of the texels.
    thresholds: Thresholds,
    colormap: Colormap,
    intakes: Vec<Intake>,
    /// Rows that senders dropped which are gone by now.
    dropped_before: u64,
    /// Where lines are counted from: the first row's time.
    epoch_ns: Option<i64>,
    ring: Ring,
    shader: Shader,
    drawn: Option<Drawn>,
    /// What the strip was shaded for; another one shades it all again.
    shaded_for: Option<Ground>,
    /// First row that has come since the strip was shaded, and the first resident one then.
    seen: Range<u64>,
    stale: bool,
    stats: Stats,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them in a waterfall, and it is never moved about")]
enum Shader {
    Gpu(GpuShader),
    Cpu(CpuShader),
}

/// What every pixel of the strip depends on beside the rows and the colours.
#[derive(Clone, Copy, PartialEq)]
struct Ground {
    mapping: Mapping,
    line_ns: f64,
    epoch_ns: i64,
    reduce: Reduce,
    scale: Thresholds,
}

impl Waterfall {
    /// Makes a waterfall: a ring for the rows, a strip for the picture. It has the colormap viridis and the range −120 to 0.
    ///
    /// # Errors
    /// [`Error::Bins`], [`Error::Capacity`], [`Error::Layers`] and [`Error::Size`] for sizes that are zero or beyond the
    /// device's limits; [`Error::Texel`] for texels without a step; [`Error::Format`], [`Error::DepthStencil`] and
    /// [`Error::Samples`] for a target that cannot be drawn to; [`Error::Device`] where the pipelines were made on another
    /// device; [`Error::OutOfMemory`] where there is no memory for the ring, or for the rows to keep.
    pub fn new(
        device: &wgpu::Device,
        pipelines: &Pipelines,
        target: &Target,
        options: &Options,
    ) -> Result<Self, Error> {
        options.check()?;
        pipelines.check(device)?;
        target.check(device)?;
        let size = (options.width, options.height);
        check_size(device, size)?;
        let on_cpu = match options.shading {
            Shading::Auto => device.adapter_info().device_type == wgpu::DeviceType::Cpu,
            Shading::Gpu => false,
            Shading::Cpu => true,
        };
        let ring = memory::guard(device, "ring of rows", || Ring::new(device, options, on_cpu))??;
        let shader = if on_cpu {
            Shader::Cpu(CpuShader::new(&Colormap::default()))
        } else {
            Shader::Gpu(GpuShader::new(device, pipelines))
        };
        let mut fall = Self {
            pipelines: pipelines.clone(),
            target: *target,
            size,
            newest: options.newest,
            view: View::default(),
            scale: Scale::default(),
            thresholds: options.texel.thresholds(&Scale::default()),
            colormap: Colormap::default(),
            intakes: Vec::new(),
            dropped_before: 0,
            epoch_ns: None,
            ring,
            shader,
            drawn: None,
            shaded_for: None,
            seen: 0..0,
            stale: true,
            stats: Stats::default(),
        };
        fall.set_colormap(&Colormap::default());
        Ok(fall)
    }

    /// Adds a row: `row[k]` is the value at frequency `stamp.first_hz + k · stamp.bin_hz`, in any unit, dB as a rule. It
    /// is staged in memory; no GPU call is made. When the ring is full, the oldest row makes room.
    ///
    /// Rows may differ in length, span and duration: each is drawn where its stamp says. Times should rise; a row
    /// stamped before the one before it is taken to have come at that one's time.
    ///
    /// # Errors
    /// [`Error::RowLength`] for a row that is empty or longer than [`Options::bins`]; [`Error::Stamp`] for a stamp without
    /// duration or bin width, or with a number that is not finite. Nothing is added then.
    pub fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<(), Error> {
        super::check_row(self.ring.bins(), &stamp, row)?;
        self.add(stamp, row);
        Ok(())
    }

    /// Adds a row that has been checked.
    fn add(&mut self, stamp: Stamp, row: &[f32]) {
        self.epoch_ns.get_or_insert(stamp.time_ns);
        self.ring.push(stamp, row);
        self.stale = true;
    }

    /// Where lines are shaded: [`Shading::Gpu`] or [`Shading::Cpu`].
    pub fn shading(&self) -> Shading {
        match self.shader {
            Shader::Gpu(_) => Shading::Gpu,
            Shader::Cpu(_) => Shading::Cpu,
        }
    }

    /// Number of lines in the picture.
    pub(crate) fn lines(&self) -> u32 {
        if self.newest.is_sideways() { self.size.0 } else { self.size.1 }
    }

    /// Counts lines from this time on, whatever the first row's.
    pub(crate) fn set_epoch(&mut self, epoch_ns: i64) {
        self.stale |= self.epoch_ns != Some(epoch_ns);
        self.epoch_ns = Some(epoch_ns);
    }

    /// For who keeps the ring filled by itself. The picture is stale afterwards.
    pub(crate) fn ring_mut(&mut self) -> &mut Ring {
        self.stale = true;
        &mut self.ring
    }

    pub(crate) fn ring(&self) -> &Ring {
        &self.ring
    }

    /// A half of this waterfall that sends it rows from another thread, with room for `rows` of them on their way (up to
    /// [`Options::MAX_SENDER_ROWS`]): a few frames' worth. All its buffers are made here, `rows` ×
    /// [`bins`](Options::bins) × 4 bytes. There may be several senders; their rows are taken sender by sender.
    ///
    /// # Errors
    /// [`Error::SenderRows`] for no rows or too many, [`Error::OutOfMemory`] where there is no memory for them.
    pub fn sender(&mut self, rows: u32) -> Result<Sender, Error> {
        let (sender, intake) = sender::channel(self.ring.bins(), rows)?;
        self.intakes.push(intake);
        Ok(sender)
    }

    /// Takes in the rows that [`Sender`]s have sent, as if they were pushed now, and returns how many there were.
    /// [`prepare`](Self::prepare) does it by itself.
    pub fn receive(&mut self) -> u64 {
        if self.intakes.is_empty() {
            return 0;
        }
        let mut intakes = std::mem::take(&mut self.intakes);
        let mut taken = 0;
        for intake in &mut intakes {
            taken += intake.take(|stamp, row| self.add(stamp, row));
            if intake.is_closed() {
                self.dropped_before += intake.dropped();
            }
        }
        intakes.retain(|intake| !intake.is_closed());
        self.intakes = intakes;
        taken
    }

    /// Reads values back on the CPU. See [`Reader`].
    ///
    /// # Errors
    /// [`Error::NotKept`] where the waterfall was made without [`Options::keep_rows`].
    pub fn reader(&self) -> Result<Reader<'_>, Error> {
        if !self.ring.is_readable() {
            return Err(Error::NotKept);
        }
        Ok(Reader {
            ring: &self.ring,
            place: self.placement(),
            size: self.size,
            newest: self.newest,
            reduce: self.view.reduce,
            scale: &self.thresholds,
            colormap: &self.colormap,
        })
    }

    /// Forgets all rows: the picture becomes empty.
    pub fn clear(&mut self) {
        self.ring.reset(self.ring.resident().end);
        self.epoch_ns = None;
        self.shaded_for = None;
        self.stale = true;
    }

    /// Changes what part of the data is on show. All of it that is resident is shaded again.
    ///
    /// # Errors
    /// A span or a time per line that is not above zero or not finite. The view then stays as it was.
    pub fn set_view(&mut self, view: View) -> Result<(), Error> {
        view.check()?;
        self.stale |= self.view != view;
        self.view = view;
        Ok(())
    }

    /// The view that was last set.
    pub fn view(&self) -> View {
        self.view
    }

    /// The range that was last set; −120 to 0 at first.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The colours that were last set; viridis at first.
    pub fn colormap(&self) -> &Colormap {
        &self.colormap
    }

    /// Changes the range. All history takes it at once.
    pub fn set_scale(&mut self, scale: Scale) {
        if self.scale == scale {
            return;
        }
        self.thresholds = self.ring.texel().thresholds(&scale);
        self.scale = scale;
        self.stale = true;
    }

    /// Changes the colours. All history takes them at once.
    pub fn set_colormap(&mut self, colormap: &Colormap) {
        match &mut self.shader {
            Shader::Gpu(shader) => shader.set_colormap(colormap),
            Shader::Cpu(shader) => shader.set_colormap(colormap),
        }
        self.colormap.clone_from(colormap);
        self.shaded_for = None;
        self.stale = true;
    }

    /// Changes the picture's size, in pixels. It is shaded again from the resident rows.
    ///
    /// # Errors
    /// A size of zero or beyond the device's limits. The size then stays as it was.
    pub fn set_size(&mut self, device: &wgpu::Device, width: u32, height: u32) -> Result<(), Error> {
        self.pipelines.check(device)?;
        check_size(device, (width, height))?;
        self.stale |= self.size != (width, height);
        self.size = (width, height);
        Ok(())
    }

    /// The picture's width and height, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Changes the side at which new rows come in.
    pub fn set_newest(&mut self, newest: Newest) {
        self.stale |= self.newest != newest;
        self.newest = newest;
    }

    /// Changes what [`render`](Self::render) draws into, from the next [`prepare`](Self::prepare) on.
    ///
    /// # Errors
    /// A format that cannot be drawn to. The target then stays as it was.
    pub fn set_target(&mut self, device: &wgpu::Device, target: &Target) -> Result<(), Error> {
        self.pipelines.check(device)?;
        target.check(device)?;
        self.stale |= self.target != *target;
        self.target = *target;
        Ok(())
    }

    /// The side at which new rows come in.
    pub fn newest(&self) -> Newest {
        self.newest
    }

    /// What the waterfall is drawn into, as last set.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Whether rows or settings have come since the last [`prepare`](Self::prepare). If not, the picture is as it was.
    pub fn is_stale(&self) -> bool {
        self.stale || self.intakes.iter().any(Intake::waits)
    }

    /// What the waterfall holds, and what the last [`prepare`](Self::prepare) did.
    pub fn stats(&self) -> Stats {
        Stats {
            resident: self.ring.resident(),
            capacity: self.ring.capacity(),
            staged_rows: self.ring.staged_rows(),
            skipped_rows: self.ring.skipped_rows(),
            dropped_rows: self.dropped_before + self.intakes.iter().map(Intake::dropped).sum::<u64>(),
            ..self.stats.clone()
        }
    }

    /// Uploads the rows that have come, and records the shading of the new lines into `encoder`. The encoder must be
    /// submitted before the next call, since what it records is not recorded again.
    ///
    /// # Errors
    /// [`Error::Device`] where the device is not the one that the waterfall was made on; [`Error::OutOfMemory`] where it
    /// has no memory for a picture of a new size. What was pushed waits for the next call.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), Error> {
        self.stats = Stats::default();
        self.pipelines.check(device)?;
        self.receive();
        if !self.stale {
            if let Some(drawn) = &mut self.drawn {
                drawn.stretches = [Stretch::default(); 4];
            }
            return Ok(());
        }
        let place = self.placement();
        let Placement { mapping, epoch_ns, line_ns, last } = place;
        let scale = self.thresholds;
        let ground = Ground { mapping, line_ns, epoch_ns, reduce: self.view.reduce, scale };
        let (mut drawn, new) = self.drawn(device)?;
        self.stale = false;
        let mut bytes = self.ring.upload(queue, mapping);

        let lines = place.lines(&self.ring);
        let before = drawn.strip.last().filter(|_| self.shaded_for == Some(ground));
        let dirty = dirty(&lines, &self.seen, before, drawn.strip.length(), last);
        self.shaded_for = Some(ground);
        self.seen = self.ring.resident();
        self.ring.settle();
        let moved = drawn.strip.last() != Some(last);
        drawn.strip.set_last(Some(last));
        drawn.offset = drawn.strip.offset(last);
        for (two, range) in drawn.stretches.chunks_exact_mut(2).zip(&dirty) {
            two.copy_from_slice(&drawn.strip.stretches(range));
        }
        let shaded = drawn.stretches.iter().map(|s| s.count).sum();
        let lines = place.lines(&self.ring);
        let job = Job { lines, mapping, reduce: self.view.reduce, scale: &self.thresholds };
        match (&mut self.shader, self.ring.cells()) {
            (Shader::Gpu(shader), Some(cells)) => {
                shader.bind(device, cells, &drawn.strip, &job, new);
                if shaded > 0 {
                    bytes += shader.shade(queue, encoder, cells, &drawn.strip, &job, &drawn.stretches);
                }
            }
            (Shader::Cpu(shader), _) => bytes += shader.shade(queue, &drawn.strip, &job, &drawn.stretches),
            (Shader::Gpu(_), None) => {}
        }
        self.drawn = Some(drawn);
        self.stats.uploaded_bytes = bytes;
        self.stats.shaded_lines = shaded;
        self.stats.changed = shaded > 0 || moved;
        Ok(())
    }

    /// Draws the picture over the whole viewport of `pass`: one draw call, all of it recorded, nothing else. Viewport and
    /// scissor are the host's; where the viewport is not as large as the picture, the picture is scaled to it, nearest.
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

    /// The picture as it lies on the device, and which lines of it are new. Nothing before the first
    /// [`prepare`](Self::prepare).
    pub fn shaded(&self) -> Option<Shaded<'_>> {
        self.drawn.as_ref().map(|drawn| Shaded {
            strip: &drawn.strip.texture,
            offset: drawn.offset,
            stretches: drawn.stretches.map(|s| s.place..s.place + s.count),
            is_sideways: drawn.strip.newest().is_sideways(),
        })
    }

    /// Whether [`copy`](Self::copy) can copy the picture to this texture.
    pub fn can_copy_to(&self, texture: &wgpu::Texture) -> bool {
        self.copy_problem(texture, (0, 0)).is_none()
    }

    /// Records the copying of the picture into `texture`, its top left corner at `origin`: two copies at most, the
    /// fastest way there is. The bytes are those that [`render`](Self::render) would draw. Copies nothing before the
    /// first [`prepare`](Self::prepare).
    ///
    /// # Errors
    /// A texture of another format (sRGB or not makes no difference), too small, multisampled, or without `COPY_DST`.
    pub fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::Texture,
        origin: (u32, u32),
    ) -> Result<(), Error> {
        if let Some(reason) = self.copy_problem(texture, origin) {
            let (width, height) = self.size;
            return Err(Error::Copy { width, height, format: self.target.strip_format(), reason });
        }
        let Some(drawn) = &self.drawn else { return Ok(()) };
        drawn.copy(encoder, texture, origin);
        Ok(())
    }

    fn copy_problem(&self, texture: &wgpu::Texture, origin: (u32, u32)) -> Option<&'static str> {
        let fits = |origin: u32, size, room| origin.checked_add(size).is_some_and(|end| end <= room);
        if texture.format().remove_srgb_suffix() != self.target.strip_format() {
            Some("it has another format")
        } else if !texture.usage().contains(TextureUsages::COPY_DST) {
            Some("it was made without COPY_DST")
        } else if texture.sample_count() != 1 || texture.dimension() != wgpu::TextureDimension::D2 {
            Some("it is not a plain 2-D texture")
        } else if !fits(origin.0, self.size.0, texture.width()) || !fits(origin.1, self.size.1, texture.height()) {
            Some("it is too small")
        } else if self.drawn.as_ref().is_some_and(|d| (d.strip.texture.width(), d.strip.texture.height()) != self.size)
        {
            Some("the picture's size was changed and not prepared since")
        } else {
            None
        }
    }

    fn placement(&self) -> Placement {
        Placement::new(&self.view, &self.ring, self.epoch_ns.unwrap_or(0), self.across())
    }

    /// Pixels along the frequency axis.
    fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.1 } else { self.size.0 }
    }

    /// The strip and what goes with it; made anew, and whether it was, or what of it settings changed.
    fn drawn(&mut self, device: &wgpu::Device) -> Result<(Drawn, bool), Error> {
        let format = self.target.strip_format();
        let fits = |strip: &Strip| {
            let texture = &strip.texture;
            texture.format() == format
                && strip.newest() == self.newest
                && (texture.width(), texture.height()) == self.size
        };
        match self.drawn.take() {
            Some(mut drawn) if fits(&drawn.strip) => {
                if drawn.target != self.target {
                    drawn.pipeline = self.pipelines.draw(device, &self.target, self.newest.is_sideways());
                    drawn.target = self.target;
                }
                Ok((drawn, false))
            }
            _ => {
                self.shaded_for = None;
                let make = || Strip::new(device, self.size, self.newest, format);
                let strip = memory::guard(device, "picture", make)?;
                Ok((Drawn::new(device, &self.pipelines, strip, self.target), true))
            }
        }
    }
}

/// What hosts set and what there is; no textures.
impl fmt::Debug for Waterfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waterfall")
            .field("target", &self.target)
            .field("size", &self.size)
            .field("newest", &self.newest)
            .field("view", &self.view)
            .field("scale", &self.scale)
            .field("colormap", &self.colormap)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

fn check_size(device: &wgpu::Device, (width, height): (u32, u32)) -> Result<(), Error> {
    let max = device.limits().max_texture_dimension_2d;
    if width == 0 || height == 0 || width > max || height > max {
        return Err(Error::Size { width, height, max });
    }
    Ok(())
}

const _: () = {
    const fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Waterfall>();
    assert_send_sync::<Pipelines>();
};
