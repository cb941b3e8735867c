//! The picture as it is stored on the device.

use std::ops::Range;

/// The picture as it is stored on the device, and the lines that the last [`prepare`](crate::Waterfall::prepare) shaded: for
/// hosts that keep a copy elsewhere and fetch only the new lines.
///
/// It is a ring of lines: line `p` of the picture, from the top (or from the left, if time runs sideways), is line
/// `(p + offset) % length` of the strip, and a line keeps its place as long as it is visible.
#[derive(Clone, Debug)]
pub struct StripRef<'a> {
    /// The texture with the lines. It has the picture's size and can be copied from.
    pub strip: &'a wgpu::Texture,
    /// Where in the strip the picture begins.
    pub offset: u32,
    /// Lines of the strip that the last `prepare` shaded, in up to four stretches; the others are empty.
    pub stretches: [Range<u32>; 4],
    /// Whether lines are columns: time runs along x.
    pub is_sideways: bool,
}
