//! The picture as it lies on the device.

use std::ops::Range;

/// The picture as it lies on the device, and what the last [`prepare`](crate::Waterfall::prepare) shaded of it: for hosts that
/// keep a copy elsewhere, and fetch only what is new.
///
/// It is a ring of lines: line `p` of the picture, from the top (or from the left, where time runs sideways), is line
/// `(p + offset) % length` of the strip, and a line keeps its place as long as it is visible.
#[derive(Clone, Debug)]
pub struct StripRef<'a> {
    /// The lines. Its size is the picture's; it can be copied from.
    pub strip: &'a wgpu::Texture,
    /// Where in the strip the picture begins.
    pub offset: u32,
    /// Lines of the strip that the last `prepare` shaded, in up to four stretches; the others are empty.
    pub stretches: [Range<u32>; 4],
    /// Whether lines are columns: time runs along x.
    pub is_sideways: bool,
}
