//! The visible picture, as a ring of lines on the GPU.

use std::ops::Range;

use wgpu::{Extent3d, TextureFormat, TextureUsages};

use crate::view::Side;

/// The visible picture: a ring of lines of pixels, so that scrolling is an offset.
pub(super) struct Strip {
    pub(super) texture: wgpu::Texture,
    newest: Side,
    /// The shaded lines: the last visible one and how many precede it. `None`: none are shaded.
    shaded: Option<i64>,
}

impl Strip {
    pub(super) fn new(device: &wgpu::Device, size: (u32, u32), newest: Side, format: TextureFormat) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("ringfall strip"),
            size: Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: TextureUsages::TEXTURE_BINDING
                | TextureUsages::RENDER_ATTACHMENT
                | TextureUsages::COPY_SRC
                | TextureUsages::COPY_DST,
            view_formats: &[],
        });
        Self { texture, newest, shaded: None }
    }

    pub(super) fn newest(&self) -> Side {
        self.newest
    }

    /// Pixels along the time axis: the number of lines.
    pub(super) fn length(&self) -> u32 {
        if self.newest.is_sideways() { self.texture.width() } else { self.texture.height() }
    }

    /// Pixels along the frequency axis.
    pub(super) fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.texture.height() } else { self.texture.width() }
    }

    /// The last line that is shaded.
    pub(super) fn last(&self) -> Option<i64> {
        self.shaded
    }

    pub(super) fn set_last(&mut self, line: Option<i64>) {
        self.shaded = line;
    }

    /// The position of a line along the time axis of the strip. It does not depend on the view.
    fn place(&self, line: i64) -> u32 {
        let length = i64::from(self.length());
        let line = if self.newest.is_ascending() { line } else { line.saturating_neg() };
        line.rem_euclid(length) as u32
    }

    /// Where in the strip a picture begins whose last line is this one: the picture's pixel `p` along the time axis is the
    /// strip's `(p + offset) % length`.
    pub(super) fn offset(&self, last: i64) -> u32 {
        if self.newest.is_ascending() { self.place(last.saturating_add(1)) } else { self.place(last) }
    }

    /// The places of these lines in the strip: one or two stretches, ascending. Each has the line at its beginning and the
    /// step from one place's line to the next.
    pub(super) fn stretches(&self, lines: &Range<i64>) -> [Stretch; 2] {
        let length = self.length();
        let count = (lines.end - lines.start).clamp(0, i64::from(length)) as u32;
        let (from, line, step) = if self.newest.is_ascending() {
            (self.place(lines.start), lines.start, 1)
        } else {
            (self.place(lines.end - 1), lines.end - 1, -1)
        };
        let head = count.min(length - from);
        [
            Stretch { place: from, count: head, line, step },
            Stretch { place: 0, count: count - head, line: line.saturating_add(step * i64::from(head)), step },
        ]
    }
}

/// Adjacent lines of the strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) place: u32,
    pub(super) count: u32,
    pub(super) line: i64,
    pub(super) step: i64,
}

impl Stretch {
    /// The first line and the last.
    pub(super) fn ends(self) -> (i64, i64) {
        (self.line, self.line + self.step * (i64::from(self.count) - 1))
    }

    /// The lines' numbers in the order of their places.
    pub(super) fn lines(self) -> impl Iterator<Item = i64> {
        (0..i64::from(self.count)).map(move |i| self.line + i * self.step)
    }
}
