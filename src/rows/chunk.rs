//! Where a level keeps its rows: chunks of memory that are taken and evicted as a whole.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::history::Precision;
use crate::stamp::Stamp;

/// What neighbouring rows of a chunk have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) first_hz: f64,
    pub(super) bin_hz: f64,
    pub(super) bins: usize,
}

impl Segment {
    pub(super) fn of(stamp: &Stamp, bins: usize) -> Self {
        Self { first_hz: stamp.first_hz, bin_hz: stamp.bin_hz, bins }
    }
}

/// Neighbouring rows of a level, all of one segment. Memory is allocated and evicted a chunk at a time.
pub(super) struct Chunk {
    pub(super) first: u64,
    pub(super) segment: Segment,
    /// Per row: when it begins, how long it lasts, and how many rows of level 0 it stands for.
    pub(super) times: Vec<(i64, f64, u32)>,
    /// One plane at level 0; maximum, mean and minimum above.
    pub(super) planes: Vec<Cells>,
    capacity: usize,
}

/// Values, as they are kept.
pub(super) enum Cells {
    F16(Vec<f16>),
    F32(Vec<f32>),
}

impl Chunk {
    /// `aim` is the bytes to take up, but it is one row at least.
    pub(super) fn new(first: u64, segment: Segment, planes: usize, precision: Precision, aim: usize) -> Self {
        let row_bytes = Self::row_bytes(&segment, planes, precision);
        let capacity = (aim / row_bytes).max(1);
        let cells = || match precision {
            Precision::F16 => Cells::F16(Vec::with_capacity(capacity * segment.bins)),
            Precision::F32 => Cells::F32(Vec::with_capacity(capacity * segment.bins)),
        };
        let planes = (0..planes).map(|_| cells()).collect();
        Self { first, segment, times: Vec::with_capacity(capacity), planes, capacity }
    }

    /// The same as [`new`](Self::new), from a chunk that was evicted if it is as large: memory that was never used before is
    /// slow to come by.
    pub(super) fn again(
        old: Option<Self>,
        first: u64,
        segment: Segment,
        planes: usize,
        precision: Precision,
        aim: usize,
    ) -> Self {
        let fits = |old: &Self| {
            (old.segment.bins, old.planes.len(), old.precision()) == (segment.bins, planes, Some(precision))
                && old.capacity == (aim / Self::row_bytes(&segment, planes, precision)).max(1)
        };
        match old.filter(fits) {
            Some(mut chunk) => {
                (chunk.first, chunk.segment) = (first, segment);
                chunk.times.clear();
                chunk.planes.iter_mut().for_each(Cells::clear);
                chunk
            }
            None => Self::new(first, segment, planes, precision, aim),
        }
    }

    fn precision(&self) -> Option<Precision> {
        self.planes.first().map(Cells::precision)
    }

    pub(super) fn row_bytes(segment: &Segment, planes: usize, precision: Precision) -> usize {
        segment.bins * planes * precision.bytes() + size_of::<(i64, f64, u32)>()
    }

    /// Bytes that it holds, full or not.
    pub(super) fn bytes(&self) -> u64 {
        let cell = self.precision().map_or(0, Precision::bytes);
        (self.capacity * (self.segment.bins * self.planes.len() * cell + size_of::<(i64, f64, u32)>())) as u64
    }

    pub(super) fn end(&self) -> u64 {
        self.first + self.times.len() as u64
    }

    pub(super) fn takes(&self, segment: &Segment) -> bool {
        self.segment == *segment && self.times.len() < self.capacity
    }

    pub(super) fn stamp(&self, index: usize) -> Stamp {
        let (time_ns, duration_ns, _) = self.times[index];
        Stamp { time_ns, duration_ns, first_hz: self.segment.first_hz, bin_hz: self.segment.bin_hz }
    }

    /// Copies part of a row's values.
    pub(super) fn read(&self, index: usize, plane: usize, from: usize, out: &mut [f32]) {
        let start = index * self.segment.bins + from;
        match &self.planes[plane.min(self.planes.len() - 1)] {
            Cells::F16(cells) => cells[start..start + out.len()].convert_to_f32_slice(out),
            Cells::F32(cells) => out.copy_from_slice(&cells[start..start + out.len()]),
        }
    }
}

impl Cells {
    fn precision(&self) -> Precision {
        match self {
            Self::F16(_) => Precision::F16,
            Self::F32(_) => Precision::F32,
        }
    }

    fn clear(&mut self) {
        match self {
            Self::F16(cells) => cells.clear(),
            Self::F32(cells) => cells.clear(),
        }
    }

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
        }
    }
}
