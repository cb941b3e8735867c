//! Numbers as channels of colours.

use super::dtype::Dtype;

/// How many channels a cell has, and how numbers become channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Channels {
    count: usize,
    /// The numbers that stand for 0 and for 255; `None` for a type that has no usual ones.
    range: Option<(f32, f32)>,
}

impl Channels {
    pub(super) fn new(count: usize, dtype: Dtype) -> Self {
        let range = if dtype == Dtype::U8 {
            Some((0.0, 255.0))
        } else if dtype.is_float() {
            Some((0.0, 1.0))
        } else {
            None
        };
        Self { count, range }
    }

    pub(super) fn with_range(self, low: f32, high: f32) -> Self {
        Self { range: Some((low, high)), ..self }
    }

    pub(super) fn has_range(&self) -> bool {
        self.range.is_some()
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether unsigned bytes are channels as they are.
    pub(super) fn are_bytes(&self, dtype: Dtype) -> bool {
        dtype == Dtype::U8 && self.range == Some((0.0, 255.0))
    }

    /// Appends the colours of cells of channels. A cell with a NaN among them is transparent.
    pub(super) fn colors(&self, numbers: &[f32], out: &mut Vec<[u8; 4]>) {
        let (low, high) = self.range.unwrap_or((0.0, 1.0));
        // In 64 bits, so that the numbers between two channels are halves exactly where they should be.
        let (low, factor) = (f64::from(low), 255.0 / (f64::from(high) - f64::from(low)));
        // `as` saturates, and turns NaN into 0.
        let channel = |v: f32| ((f64::from(v) - low) * factor + 0.5) as u8;
        out.extend(numbers.chunks_exact(self.count).map(|cell| match *cell {
            _ if cell.iter().any(|v| v.is_nan()) => [0; 4],
            [r, g, b] => [channel(r), channel(g), channel(b), 255],
            [r, g, b, alpha] => [channel(r), channel(g), channel(b), channel(alpha)],
            _ => [0; 4],
        }));
    }

    /// Appends the colours of cells of bytes.
    pub(super) fn bytes(&self, bytes: &[u8], out: &mut Vec<[u8; 4]>) {
        if self.count == 4 {
            out.extend_from_slice(bytes.as_chunks().0);
        } else {
            out.extend(bytes.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]));
        }
    }
}
