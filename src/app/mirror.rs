//! The short way to the screen for software adapters on X11.
//!
//! Such an adapter has the picture in main memory, and a swap chain only carries all of it from one place to another, several
//! times. Here the X server keeps the strip too, as a pixmap: of each frame only the new lines go there, and the server copies
//! the two pieces of the ring into the window.

use anyhow::{Context as _, Result, bail};
use ringfall::gpu::Gpu;
use ringfall::{StripRef, wgpu};
use winit::raw_window_handle::{HasWindowHandle as _, RawWindowHandle};
use winit::window::Window;
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateGCAux, ImageFormat, ImageOrder};
use x11rb::rust_connection::RustConnection;

/// Format of the strip: the order of an X server's pixels.
pub(crate) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// Bytes of a request in addition to the pixels.
const REQUEST: usize = 64;

/// A copy of the strip in the X server.
pub(crate) struct Mirror {
    connection: RustConnection,
    window: u32,
    depth: u8,
    gc: u32,
    pixmap: Option<u32>,
    size: (u16, u16),
    read_back: Option<wgpu::Buffer>,
    /// Rectangles that are being sent: x, y, width, height; and where in the buffer.
    pieces: Vec<([u16; 4], u64)>,
    /// Lines without the padding that the device wants.
    packed: Vec<u8>,
    offset: u16,
    is_sideways: bool,
}

impl Mirror {
    /// A mirror for this window.
    ///
    /// # Errors
    /// No X server, or one whose pixels are of another kind than [`FORMAT`].
    pub(crate) fn open(window: &Window) -> Result<Self> {
        let id = match window.window_handle().context("no window")?.as_raw() {
            RawWindowHandle::Xlib(handle) => u32::try_from(handle.window).context("the window's number")?,
            RawWindowHandle::Xcb(handle) => handle.window.get(),
            _ => bail!("the window is not one of X11"),
        };
        // A connection of its own, so that no reply waits behind winit's events.
        let (connection, _) = RustConnection::connect(None).context("no connection to the X server")?;
        let depth = connection.get_geometry(id)?.reply()?.depth;
        let visual = connection.get_window_attributes(id)?.reply()?.visual;
        let setup = connection.setup();
        let mut visuals = setup.roots.iter().flat_map(|root| &root.allowed_depths).flat_map(|depth| &depth.visuals);
        let masks = visuals.find(|v| v.visual_id == visual).map(|v| (v.red_mask, v.green_mask, v.blue_mask));
        let bits = setup.pixmap_formats.iter().find(|f| f.depth == depth).map(|f| (f.bits_per_pixel, f.scanline_pad));
        if masks != Some((0xff_0000, 0xff00, 0xff))
            || bits.is_none_or(|(bits, _)| bits != 32)
            || setup.image_byte_order != ImageOrder::LSB_FIRST
        {
            bail!("the X server's pixels are not 32-bit BGR: masks {masks:x?}, bits {bits:?}");
        }
        let gc = connection.generate_id()?;
        // No events about what could not be copied: a pixmap is never covered.
        connection.create_gc(gc, id, &CreateGCAux::new().graphics_exposures(0))?.check()?;
        Ok(Self {
            connection,
            window: id,
            depth,
            gc,
            pixmap: None,
            size: (0, 0),
            read_back: None,
            pieces: Vec::new(),
            packed: Vec::new(),
            offset: 0,
            is_sideways: false,
        })
    }

    /// Records the fetching of the lines that are new. The encoder has to be submitted before [`update`](Self::update).
    pub(crate) fn record(
        &mut self,
        gpu: &Gpu,
        shaded: &StripRef<'_>,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<()> {
        let size = (shaded.strip.width(), shaded.strip.height());
        // Places in X11 are signed.
        let side = |pixels: u32| u16::try_from(i16::try_from(pixels)?).map_err(anyhow::Error::from);
        let size = (side(size.0)?, side(size.1)?);
        if self.pixmap.is_none() || size != self.size {
            // A new strip is shaded as a whole, so nothing of the old one is needed.
            if let Some(old) = self.pixmap.take() {
                self.connection.free_pixmap(old)?;
            }
            let pixmap = self.connection.generate_id()?;
            self.connection.create_pixmap(self.depth, pixmap, self.window, size.0, size.1)?.check()?;
            (self.pixmap, self.size) = (Some(pixmap), size);
        }
        self.offset = u16::try_from(shaded.offset)?;
        self.is_sideways = shaded.is_sideways;
        self.pieces.clear();
        let mut bytes = 0;
        for stretch in shaded.stretches.iter().filter(|stretch| !stretch.is_empty()) {
            let (place, count) = (u16::try_from(stretch.start)?, u16::try_from(stretch.len())?);
            let piece = if shaded.is_sideways { [place, 0, count, size.1] } else { [0, place, size.0, count] };
            self.pieces.push((piece, bytes));
            bytes += u64::from(padded(piece[2])) * u64::from(piece[3]);
        }
        if bytes == 0 {
            return Ok(());
        }
        if self.read_back.as_ref().is_none_or(|buffer| buffer.size() < bytes) {
            self.read_back = Some(gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("ringfall mirror"),
                size: bytes,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }));
        }
        let Some(buffer) = &self.read_back else { return Ok(()) };
        for ([x, y, width, height], offset) in &self.pieces {
            encoder.copy_texture_to_buffer(
                wgpu::TexelCopyTextureInfo {
                    origin: wgpu::Origin3d { x: (*x).into(), y: (*y).into(), z: 0 },
                    ..shaded.strip.as_image_copy()
                },
                wgpu::TexelCopyBufferInfo {
                    buffer,
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: *offset,
                        bytes_per_row: Some(padded(*width)),
                        rows_per_image: None,
                    },
                },
                wgpu::Extent3d { width: (*width).into(), height: (*height).into(), depth_or_array_layers: 1 },
            );
        }
        Ok(())
    }

    /// Waits for the lines, and sends them to the server.
    pub(crate) fn update(&mut self, gpu: &Gpu) -> Result<()> {
        let (Some(pixmap), Some(buffer), false) = (self.pixmap, &self.read_back, self.pieces.is_empty()) else {
            return Ok(());
        };
        // If mapping fails, `get_mapped_range` below returns the error.
        buffer.map_async(wgpu::MapMode::Read, .., |_| ());
        gpu.device().poll(wgpu::PollType::wait_indefinitely()).context("waiting for the graphics device")?;
        {
            let bytes = buffer.get_mapped_range(..).context("fetching the picture's new lines")?;
            let most = self.connection.maximum_request_bytes().saturating_sub(REQUEST);
            for ([x, y, width, height], offset) in &self.pieces {
                let (line, stride) = (4 * usize::from(*width), padded(*width) as usize);
                let lines_at_once = (most / line).max(1);
                let start = *offset as usize;
                let piece = &bytes[start..start + stride * usize::from(*height)];
                let mut y = *y;
                for lines in piece.chunks(stride * lines_at_once) {
                    let data = if stride == line {
                        lines
                    } else {
                        self.packed.clear();
                        lines.chunks(stride).for_each(|padded| self.packed.extend_from_slice(&padded[..line]));
                        &self.packed
                    };
                    let count = (lines.len() / stride) as u16;
                    let (gc, depth) = (self.gc, self.depth);
                    self.connection.put_image(
                        ImageFormat::Z_PIXMAP,
                        pixmap,
                        gc,
                        *width,
                        count,
                        *x as i16,
                        y as i16,
                        0,
                        depth,
                        data,
                    )?;
                    y += count;
                }
            }
        }
        buffer.unmap();
        self.pieces.clear();
        Ok(())
    }

    /// Shows the picture, and returns when the server has done it.
    pub(crate) fn present(&self) -> Result<()> {
        let Some(pixmap) = self.pixmap else { return Ok(()) };
        let (width, height) = self.size;
        let piece = |from: u16, to: u16, count: u16| -> Result<()> {
            let (window, gc) = (self.window, self.gc);
            if count == 0 {
            } else if self.is_sideways {
                self.connection.copy_area(pixmap, window, gc, from as i16, 0, to as i16, 0, count, height)?;
            } else {
                self.connection.copy_area(pixmap, window, gc, 0, from as i16, 0, to as i16, width, count)?;
            }
            Ok(())
        };
        let length = if self.is_sideways { width } else { height };
        piece(self.offset, 0, length - self.offset)?;
        piece(0, length - self.offset, self.offset)?;
        // The server answers in turn: then the copies are done, and frames do not pile up there.
        self.connection.get_input_focus()?.reply()?;
        while let Some(event) = self.connection.poll_for_event()? {
            if let Event::Error(error) = event {
                bail!("the X server refuses: {error:?}");
            }
        }
        Ok(())
    }
}

/// Bytes of a line of this many pixels in the read-back buffer.
fn padded(width: u16) -> u32 {
    (u32::from(width) * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}
