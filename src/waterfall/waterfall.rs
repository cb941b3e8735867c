use std::fmt;
use std::ops::Range;

use wgpu::{Extent3d, TexelCopyTextureInfo, TextureFormat, TextureUsages};

use super::dirty::dirty;
use super::drawn::Drawn;
use super::lines::Lines;
use super::memory;
use super::pipelines::{Maps, Pipelines, ShadeKey};
use super::placement::Placement;
use super::ring::{Mapping, Ring};
use super::sender::{self, Intake};
use super::shaded::Shaded;
use super::stats::Stats;
use super::strip::{Stretch, Strip};
use super::uniforms::{DrawUniform, ShadeUniform, Uniform};
use super::{Error, Newest, Options, Reader, Sender, Target};
use crate::view::View;
use crate::{Colormap, Scale, Stamp};

/// Entries of the LUT texture: the colormap's 256, then under, over and bad.
const LUT_ENTRIES: u32 = 259;

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
    colormap: Colormap,
    intakes: Vec<Intake>,
    /// Rows that senders dropped which are gone by now.
    dropped_before: u64,
    /// Where lines are counted from: the first row's time.
    epoch_ns: Option<i64>,
    ring: Ring,
    lut: wgpu::Texture,
    lut_bytes: Option<Box<[u8]>>,
    shade_uniform: Uniform<ShadeUniform>,
    draw_uniform: Uniform<DrawUniform>,
    drawn: Option<Drawn>,
    /// What the strip was shaded for; another one shades it all again.
    shaded_for: Option<Shading>,
    /// First row that has come since the strip was shaded, and the first resident one then.
    seen: Range<u64>,
    line_words: Vec<[u32; 2]>,
    stale: bool,
    stats: Stats,
}

/// What every pixel of the strip depends on beside the rows.
#[derive(Clone, Copy, PartialEq)]
struct Shading {
    mapping: Mapping,
    line_ns: f64,
    epoch_ns: i64,
    key: ShadeKey,
    uniform: ShadeUniform,
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
        let mut ring = memory::guard(device, "ring of rows", || Ring::new(device, options))??;
        if options.keep_rows {
            ring.keep_rows()?;
        }
        let lut = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("ringfall LUT"),
            size: Extent3d { width: LUT_ENTRIES, height: 1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: TextureFormat::Rgba8Unorm,
            usage: TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let mut fall = Self {
            pipelines: pipelines.clone(),
            target: *target,
            size,
            newest: options.newest,
            view: View::default(),
            scale: Scale::default(),
            colormap: Colormap::default(),
            intakes: Vec::new(),
            dropped_before: 0,
            epoch_ns: None,
            ring,
            lut,
            lut_bytes: None,
            shade_uniform: Uniform::new(device, "ringfall shade"),
            draw_uniform: Uniform::new(device, "ringfall draw"),
            drawn: None,
            shaded_for: None,
            seen: 0..0,
            line_words: Vec::new(),
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
        if !self.ring.keeps_rows() {
            return Err(Error::NotKept);
        }
        let across = if self.newest.is_sideways() { self.size.1 } else { self.size.0 };
        Ok(Reader {
            ring: &self.ring,
            place: self.placement(across),
            size: self.size,
            newest: self.newest,
            reduce: self.view.reduce,
            scale: self.scale,
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
        self.stale |= self.scale != scale;
        self.scale = scale;
    }

    /// Changes the colours. All history takes them at once.
    pub fn set_colormap(&mut self, colormap: &Colormap) {
        let ends = [colormap.under(), colormap.over(), colormap.bad()];
        let bytes: Vec<u8> = colormap.lut().iter().chain(&ends).flatten().copied().collect();
        self.lut_bytes = Some(bytes.into());
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
        let mut bytes = 0;
        if let Some(lut) = self.lut_bytes.take() {
            bytes += write_line(queue, &self.lut, 0, &lut, LUT_ENTRIES);
        }
        let across = if self.newest.is_sideways() { self.size.1 } else { self.size.0 };
        let Placement { mapping, epoch_ns, line_ns, last } = self.placement(across);
        let (mut key, mut uniform) = (self.shade_key(), self.shade_content(across));
        let shading = Shading { mapping, line_ns, epoch_ns, key, uniform };
        // As a rule all rows lie alike, which spares the shader looking each one up. The picture is the same.
        if let Some((map, bins)) = self.ring.common_map(mapping) {
            key.maps = if map.step >> 32 == 0 { Maps::Narrow } else { Maps::Wide };
            (uniform.map, uniform.bins) = (map.words(), bins);
        }
        let length = self.drawn(device, key)?.strip.length();
        self.stale = false;
        bytes += self.ring.upload(queue, mapping);
        bytes += self.shade_uniform.set(queue, uniform);

        let lines = Lines { ring: &self.ring, epoch_ns, line_ns };
        let before = self.drawn.as_ref().and_then(|drawn| drawn.strip.last());
        let before = before.filter(|_| self.shaded_for == Some(shading));
        let dirty = dirty(&lines, &self.seen, before, length, last);
        self.shaded_for = Some(shading);
        self.seen = self.ring.resident();
        self.ring.settle();
        let lines = Lines { ring: &self.ring, epoch_ns, line_ns };
        let Some(drawn) = &mut self.drawn else { return Ok(()) };
        let moved = drawn.strip.last() != Some(last);
        drawn.strip.set_last(Some(last));

        let mut stretches = [Stretch::default(); 4];
        let mut shaded = 0;
        for (two, range) in stretches.chunks_exact_mut(2).zip(&dirty) {
            two.copy_from_slice(&drawn.strip.stretches(range));
        }
        for stretch in stretches.iter().filter(|s| s.count > 0) {
            self.line_words.clear();
            self.line_words.extend(stretch.lines().map(|line| lines.entry(line)));
            let words = bytemuck::cast_slice(&self.line_words);
            bytes += write_line(queue, &drawn.strip.lines, stretch.place, words, stretch.count);
            shaded += stretch.count;
        }
        drawn.stretches = stretches;
        drawn.offset = drawn.strip.offset(last);
        bytes += self.draw_uniform.set(queue, drawn.strip.draw_uniform(last));
        if shaded > 0 {
            drawn.record(encoder, &stretches);
        }
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
            pass.set_pipeline(&drawn.draw);
            pass.set_bind_group(0, &drawn.draw_group, &[]);
            pass.draw(0..12, 0..1);
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

    fn placement(&self, across: u32) -> Placement {
        Placement::new(&self.view, &self.ring, self.epoch_ns.unwrap_or(0), across)
    }

    fn shade_content(&self, across: u32) -> ShadeUniform {
        let (tile, texel) = (self.ring.tile(), self.ring.texel());
        let (lo, hi, factor) = texel.scale(&self.scale);
        ShadeUniform {
            capacity: self.ring.capacity(),
            across,
            row_shift: tile.row_shift,
            row_mask: tile.row_in_band(),
            bin_shift: tile.bin_shift,
            bin_mask: tile.bin_in_column(),
            columns: tile.columns,
            bins: 0,
            lo,
            hi,
            factor,
            octaves: texel.octaves(),
            map: [0; 4],
        }
    }

    fn shade_key(&self) -> ShadeKey {
        ShadeKey {
            format: self.target.strip_format(),
            reduce: self.view.reduce,
            interpolation: self.view.interpolation,
            codes: self.ring.texel().bytes() == 1,
            sideways: self.newest.is_sideways(),
            maps: Maps::Own,
        }
    }

    /// Makes the strip and what goes with it, or what has to be made again of them since settings changed.
    fn drawn(&mut self, device: &wgpu::Device, shade_key: ShadeKey) -> Result<&Drawn, Error> {
        let mut drawn = match self.drawn.take() {
            Some(old)
                if old.shade_key.format == shade_key.format
                    && old.strip.newest() == self.newest
                    && (old.strip.texture.width(), old.strip.texture.height()) == self.size =>
            {
                old
            }
            _ => {
                self.shaded_for = None;
                let make = || Strip::new(device, self.size, self.newest, shade_key.format);
                let strip = memory::guard(device, "picture", make)?;
                {
                    let uniforms = (&self.shade_uniform.buffer, &self.draw_uniform.buffer);
                    let shared = (&self.pipelines, &self.ring, &self.lut);
                    Drawn::new(device, shared, uniforms, strip, shade_key, self.target)
                }
            }
        };
        if drawn.shade_key != shade_key {
            drawn.shade = self.pipelines.shade(device, shade_key);
            drawn.shade_key = shade_key;
        }
        if drawn.target != self.target {
            drawn.draw = self.pipelines.draw(device, &self.target);
            drawn.target = self.target;
        }
        Ok(self.drawn.insert(drawn))
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

/// Writes whole texels into the only line of a texture. Returns the bytes written.
fn write_line(queue: &wgpu::Queue, texture: &wgpu::Texture, x: u32, data: &[u8], texels: u32) -> u64 {
    queue.write_texture(
        TexelCopyTextureInfo { origin: wgpu::Origin3d { x, y: 0, z: 0 }, ..texture.as_image_copy() },
        data,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: None, rows_per_image: None },
        Extent3d { width: texels, height: 1, depth_or_array_layers: 1 },
    );
    data.len() as u64
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
