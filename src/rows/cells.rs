//! Values in memory: buffers that are filled once and then reused.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// The precision of values in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Precision {
    /// 16-bit float, as the ring does by default.
    #[default]
    F16,
    /// 32-bit float: values are stored unchanged.
    F32,
    /// Colours, sRGB-encoded red, green, blue and alpha, 8 bits each; see [`Texel::Rgba8`](crate::Texel::Rgba8).
    Rgba8,
}

impl Precision {
    /// Values of a bin: the channels of a colour are kept one after the other.
    pub(super) fn lanes(self) -> usize {
        match self {
            Self::F16 | Self::F32 => 1,
            Self::Rgba8 => 4,
        }
    }

    /// Bytes of a value.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Rgba8 => 1,
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// A buffer of values. It is filled from the front, and never beyond its capacity.
pub(super) enum Cells {
    F16(Vec<f16>),
    F32(Vec<f32>),
    /// Channels, from 0 to 255.
    U8(Vec<u8>),
}

impl Cells {
    pub(super) fn new(precision: Precision, capacity: usize) -> Self {
        match precision {
            Precision::F16 => Self::F16(Vec::with_capacity(capacity)),
            Precision::F32 => Self::F32(Vec::with_capacity(capacity)),
            Precision::Rgba8 => Self::U8(Vec::with_capacity(capacity)),
        }
    }

    fn capacity(&self) -> usize {
        match self {
            Self::F16(cells) => cells.capacity(),
            Self::F32(cells) => cells.capacity(),
            Self::U8(cells) => cells.capacity(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::F16(cells) => cells.len(),
            Self::F32(cells) => cells.len(),
            Self::U8(cells) => cells.len(),
        }
    }

    /// Number of values that can still be added.
    pub(super) fn room(&self) -> usize {
        self.capacity() - self.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::F16(cells) => (cells.capacity() * size_of::<f16>()) as u64,
            Self::F32(cells) => (cells.capacity() * size_of::<f32>()) as u64,
            Self::U8(cells) => cells.capacity() as u64,
        }
    }

    fn clear(&mut self) {
        match self {
            Self::F16(cells) => cells.clear(),
            Self::F32(cells) => cells.clear(),
            Self::U8(cells) => cells.clear(),
        }
    }

    /// Adds values, for which there must be [`room`](Self::room).
    pub(super) fn push(&mut self, values: &[f32]) {
        match self {
            Self::F16(cells) => {
                let mut piece = [f16::ZERO; 256];
                for values in values.chunks(piece.len()) {
                    piece[..values.len()].convert_from_f32_slice(values);
                    cells.extend_from_slice(&piece[..values.len()]);
                }
            }
            Self::F32(cells) => cells.extend_from_slice(values),
            // Rounded to the nearest; `as` saturates.
            Self::U8(cells) => cells.extend(values.iter().map(|v| (v + 0.5) as u8)),
        }
    }

    /// Appends all values, the least significant byte of each first.
    #[cfg(feature = "app")]
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::F16(cells) => cells.iter().for_each(|value| out.extend(value.to_le_bytes())),
            Self::F32(cells) => cells.iter().for_each(|value| out.extend(value.to_le_bytes())),
            Self::U8(cells) => out.extend_from_slice(cells),
        }
    }

    /// Copies the values from `from` on, as many as `out` is long.
    pub(super) fn read(&self, from: usize, out: &mut [f32]) {
        match self {
            Self::F16(cells) => cells[from..from + out.len()].convert_to_f32_slice(out),
            Self::F32(cells) => out.copy_from_slice(&cells[from..from + out.len()]),
            Self::U8(cells) => {
                let cells = &cells[from..from + out.len()];
                out.iter_mut().zip(cells).for_each(|(out, v)| *out = f32::from(*v));
            }
        }
    }

    /// The colours whose channels begin at `from`, this many; none if values are no channels.
    pub(super) fn colors(&self, from: usize, count: usize) -> &[[u8; 4]] {
        match self {
            Self::U8(cells) => cells[from..from + 4 * count].as_chunks().0,
            Self::F16(_) | Self::F32(_) => &[],
        }
    }
}

/// A pool of buffers, `N` at a time. It keeps the last ones that were evicted, since the first use of new memory is slow.
pub(super) struct Pool<const N: usize> {
    precision: Precision,
    spare: Option<[Cells; N]>,
}

impl<const N: usize> Pool<N> {
    pub(super) fn new(precision: Precision) -> Self {
        Self { precision, spare: None }
    }

    /// Empty buffers, each with room for at least `cells` values and not many more.
    pub(super) fn take(&mut self, cells: usize) -> [Cells; N] {
        match self.spare.take_if(|spare| fits(spare, cells)) {
            Some(mut spare) => {
                spare.iter_mut().for_each(Cells::clear);
                spare
            }
            None => std::array::from_fn(|_| Cells::new(self.precision, cells)),
        }
    }

    /// Bytes that [`take`](Self::take) would allocate.
    pub(super) fn wants(&self, cells: usize) -> u64 {
        if self.spare.as_ref().is_some_and(|spare| fits(spare, cells)) {
            0
        } else {
            (N * cells * self.precision.bytes()) as u64
        }
    }

    pub(super) fn give(&mut self, cells: [Cells; N]) {
        self.spare = Some(cells);
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Bytes of the buffers in the pool.
    pub(super) fn bytes(&self) -> u64 {
        self.spare.iter().flatten().map(Cells::bytes).sum()
    }

    /// Frees the buffers in the pool. Returns whether there were any.
    pub(super) fn shrink(&mut self) -> bool {
        self.spare.take().is_some()
    }
}

/// Whether each buffer is large enough for this many values, and not much larger.
fn fits(spare: &[Cells], cells: usize) -> bool {
    spare.iter().all(|spare| (cells..=cells.saturating_add(cells / 4)).contains(&spare.capacity()))
}
