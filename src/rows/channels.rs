//! Colours as rows of channels, which levels reduce like values.
//!
//! Channels are premultiplied: in a mean, a cell counts as much as it is opaque. For opaque cells that makes no difference.

use super::error::RowsError;

/// The error of reading values where cells are colours.
pub(super) const NO_VALUES: RowsError = RowsError::Cells { got: "colours", expected: "values" };

/// The error of reading colours where cells are values.
pub(super) const NO_COLORS: RowsError = RowsError::Cells { got: "values", expected: "colours" };

/// The channels of these colours, from 0 to 255.
pub(super) fn plain(row: &[[u8; 4]], out: &mut Vec<f32>) {
    out.clear();
    out.extend(row.as_flattened().iter().map(|v| f32::from(*v)));
}

/// Premultiplies channels.
pub(super) fn premultiply(channels: &mut [f32]) {
    for [r, g, b, alpha] in channels.as_chunks_mut::<4>().0 {
        if *alpha < 255.0 {
            let share = *alpha / 255.0;
            (*r, *g, *b) = (*r * share, *g * share, *b * share);
        }
    }
}

/// The colours of premultiplied channels.
pub(super) fn colors(channels: &[f32], out: &mut Vec<[u8; 4]>) {
    // Rounded to the nearest, as stored channels are.
    out.extend(channels.as_chunks::<4>().0.iter().map(|color| straight(color.map(|v| (v + 0.5) as u8))));
}

/// Of a colour with premultiplied channels.
pub(super) fn straight([r, g, b, alpha]: [u8; 4]) -> [u8; 4] {
    match u16::from(alpha) {
        0 => [0; 4],
        255 => [r, g, b, 255],
        a => {
            let own = |v: u8| ((u16::from(v) * 255 + a / 2) / a).min(255) as u8;
            [own(r), own(g), own(b), alpha]
        }
    }
}
