use std::collections::BTreeSet;
use std::ops::Range;

use super::cells::Cells;
use super::{Capacity, Error, Options, Texel};
use crate::Stamp;
use crate::unit::Unit;
use crate::view::{BinMap, Interpolation};

/// The resident rows: row `i` is in slot `i % capacity`. On the GPU their texels and a table with each slot's bin map,
/// unless the CPU shades; on the CPU the stamps, the rows that wait for upload, and the texels of all if they are kept.
#[derive(Debug)]
pub(crate) struct Ring {
    texel: Texel,
    unit: Unit,
    bins: u32,
    capacity: u32,
    /// Unless the CPU shades.
    cells: Option<Cells>,
    /// Of the resident rows; slot by slot.
    stamps: Vec<(Stamp, u32)>,
    resident: Range<u64>,
    /// Rows whose bins lie at other frequencies than those of the row before; none as a rule.
    breaks: BTreeSet<u64>,
    /// Rows not uploaded yet: their numbers, and their texels one after the other. Words, for alignment.
    staged: Vec<u64>,
    texels: Vec<u32>,
    /// Rows that left before they were uploaded.
    skipped: u64,
    /// The texels of the resident rows, slot by slot, for the CPU.
    kept: Option<Vec<u32>>,
    /// Whether whoever made it wants to read rows back.
    is_readable: bool,
    /// Where the resident rows have changed since [`settle`](Self::settle).
    changed: Changed,
}

/// Where resident rows have changed, beside rows that were only added at the newer end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Changed {
    /// The latest middle of a row that made room at the older end, in nanoseconds.
    pub(super) gone_ns: i64,
    /// Rows from this number on are others than before.
    pub(super) from: u64,
    /// The earliest middle of a row that was taken out there, in nanoseconds.
    pub(super) middle_ns: i64,
}

impl Changed {
    const NOTHING: Self = Self { gone_ns: i64::MIN, from: u64::MAX, middle_ns: i64::MAX };
}

/// What bin maps depend on beside the row's stamp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mapping {
    pub(super) span_hz: (f64, f64),
    pub(super) pixels: u32,
    pub(super) interpolation: Interpolation,
}

impl Ring {
    /// A ring of which the GPU has the texels, or with `on_cpu` the CPU alone.
    pub(super) fn new(device: &wgpu::Device, options: &Options, on_cpu: bool) -> Result<Self, Error> {
        let (bins, texel) = (options.bins, options.texel);
        let most = if on_cpu { 1 << 30 } else { Cells::most_rows(device, bins)?.min(1 << 30) };
        let row_bytes = Self::row_bytes(options);
        let capacity = match options.capacity {
            Capacity::Rows(0) => return Err(Error::Capacity { bytes: 0, row_bytes }),
            Capacity::Rows(rows) => rows,
            Capacity::Bytes(bytes) if bytes < row_bytes => return Err(Error::Capacity { bytes, row_bytes }),
            Capacity::Bytes(bytes) => (bytes / row_bytes).min(most) as u32,
        };
        let cells = if on_cpu { None } else { Some(Cells::new(device, bins, capacity, texel)?) };
        let mut ring = Self {
            texel,
            unit: options.unit,
            bins,
            capacity,
            cells,
            stamps: Vec::new(),
            resident: 0..0,
            breaks: BTreeSet::new(),
            staged: Vec::new(),
            texels: Vec::new(),
            skipped: 0,
            kept: None,
            is_readable: options.keep_rows,
            changed: Changed::NOTHING,
        };
        if on_cpu || options.keep_rows {
            ring.keep_rows()?;
        }
        Ok(ring)
    }

    fn row_bytes(options: &Options) -> u64 {
        u64::from(options.bins) * u64::from(options.texel.bytes()) + Cells::MAP_BYTES
    }

    /// Words a staged row takes.
    fn stride(&self) -> usize {
        (self.bins as usize * self.texel.bytes() as usize).div_ceil(4)
    }

    pub(crate) fn bins(&self) -> u32 {
        self.bins
    }

    /// What the values are.
    pub(super) fn unit(&self) -> Unit {
        self.unit
    }

    pub(super) fn texel(&self) -> Texel {
        self.texel
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// What of the rows lies on the GPU: nothing if the CPU shades.
    pub(super) fn cells(&self) -> Option<&Cells> {
        self.cells.as_ref()
    }

    pub(crate) fn resident(&self) -> Range<u64> {
        self.resident.clone()
    }

    pub(super) fn slot(&self, row: u64) -> u32 {
        (row % u64::from(self.capacity)) as u32
    }

    /// Stamp and bins of a resident row.
    pub(super) fn stamp(&self, row: u64) -> (Stamp, u32) {
        self.stamps[self.slot(row) as usize]
    }

    pub(super) fn newest(&self) -> Option<(Stamp, u32)> {
        (!self.resident.is_empty()).then(|| self.stamp(self.resident.end - 1))
    }

    /// Rows that wait for upload.
    pub(super) fn staged_rows(&self) -> u64 {
        self.staged.iter().filter(|row| self.resident.contains(row)).count() as u64
    }

    /// Rows that left before they were uploaded.
    pub(super) fn skipped_rows(&self) -> u64 {
        self.skipped
    }

    /// Keeps the texels of resident rows from now on.
    fn keep_rows(&mut self) -> Result<(), Error> {
        let mut kept = Vec::new();
        kept.try_reserve_exact(self.capacity as usize * self.stride())
            .map_err(|error| Error::OutOfMemory { what: "rows in main memory", message: error.to_string() })?;
        self.kept = Some(kept);
        Ok(())
    }

    /// Whether rows may be read back. Not wherever they could be: what a host may do must not depend on the adapter.
    pub(super) fn is_readable(&self) -> bool {
        self.is_readable
    }

    /// The texels of a resident row; empty if none are kept.
    pub(super) fn kept(&self, row: u64) -> &[u8] {
        let start = self.slot(row) as usize * self.stride();
        let cells = self.kept.as_ref().and_then(|kept| kept.get(start..start + self.stride()));
        cells.map_or(&[], bytemuck::cast_slice)
    }

    /// Where rows have changed since the last [`settle`](Self::settle).
    pub(super) fn changed(&self) -> Changed {
        self.changed
    }

    /// What there is now is what is known to be there.
    pub(super) fn settle(&mut self) {
        self.changed = Changed::NOTHING;
    }

    /// Forgets every row. The next one pushed has this number.
    pub(crate) fn reset(&mut self, next: u64) {
        self.resident = next..next;
        // Whatever comes now is other rows, even if it has the same numbers.
        self.changed.from = 0;
        self.breaks.clear();
        self.staged.clear();
        self.texels.clear();
    }

    /// Adds the row after the newest one; the oldest makes room when the ring is full. No GPU call.
    pub(crate) fn push(&mut self, mut stamp: Stamp, row: &[f32]) {
        if let Some((last, _)) = self.newest() {
            // A clock that was set back, or rows that overlap: they stay in the order in which they came.
            stamp.not_before(&last);
        }
        let number = self.resident.end;
        self.resident.end += 1;
        if self.resident.end - self.resident.start > u64::from(self.capacity) {
            self.forget_before(self.resident.start + 1);
        }
        self.stage(number, stamp, row);
    }

    /// Makes room for rows before the oldest; each must be staged before the next upload. The newest go if the ring has
    /// no room for all.
    pub(crate) fn reserve_front(&mut self, rows: u64) {
        self.resident.start -= rows;
        let most = self.resident.start + u64::from(self.capacity);
        if self.resident.end > most {
            self.truncate(most);
        }
    }

    /// Takes out the rows from this number on.
    pub(crate) fn truncate(&mut self, end: u64) {
        for row in end.max(self.resident.start)..self.resident.end {
            let (stamp, _) = self.stamp(row);
            self.changed.middle_ns = self.changed.middle_ns.min(stamp.middle_ns());
        }
        self.changed.from = self.changed.from.min(end);
        self.resident.end = self.resident.end.min(end).max(self.resident.start);
    }

    /// Takes out the rows before this number.
    pub(crate) fn forget_before(&mut self, start: u64) {
        let start = start.min(self.resident.end);
        if start > self.resident.start {
            // Not yet overwritten: rows are staged after others have made room.
            let (last, _) = self.stamp(start - 1);
            self.changed.gone_ns = self.changed.gone_ns.max(last.middle_ns());
            self.resident.start = start;
        }
    }

    /// Stages the texels of a resident row.
    pub(crate) fn stage(&mut self, number: u64, stamp: Stamp, row: &[f32]) {
        let entry = (stamp, row.len() as u32);
        let slot = self.slot(number) as usize;
        if slot < self.stamps.len() {
            self.stamps[slot] = entry;
        } else {
            self.stamps.resize(slot + 1, entry);
        }
        self.note_breaks(number);
        let spare = (self.capacity as usize).div_ceil(4);
        let stride = self.stride();
        if self.staged.len() >= self.capacity as usize + spare {
            // Nobody prepares. The first ones have left the ring before they got there; not one by one, since the rest
            // moves up.
            self.skipped += spare as u64;
            self.staged.drain(..spare);
            self.texels.drain(..if self.cells.is_some() { stride * spare } else { 0 });
        }
        self.staged.push(number);
        let kept = self.kept.as_mut().map(|kept| {
            let end = (slot + 1) * stride;
            if kept.len() < end {
                kept.resize(end, 0);
            }
            &mut kept[end - stride..end]
        });
        if self.cells.is_some() {
            let start = self.texels.len();
            self.texels.resize(start + stride, 0);
            self.texel.store(row, bytemuck::cast_slice_mut(&mut self.texels[start..]));
            if let Some(kept) = kept {
                kept.copy_from_slice(&self.texels[start..]);
            }
        } else if let Some(kept) = kept {
            self.texel.store(row, bytemuck::cast_slice_mut(kept));
        }
    }

    /// Notes whether a row that was just written lies elsewhere than its neighbours.
    fn note_breaks(&mut self, row: u64) {
        // A neighbour that is yet to be staged, where room was reserved, sets it right when it comes.
        for later in [row, row + 1] {
            if later > self.resident.start && later < self.resident.end && self.differ(later - 1, later) {
                self.breaks.insert(later);
            } else {
                self.breaks.remove(&later);
            }
        }
        while self.breaks.first().is_some_and(|first| *first <= self.resident.start) {
            self.breaks.pop_first();
        }
    }

    fn differ(&self, a: u64, b: u64) -> bool {
        let key = |row| {
            let (stamp, bins) = self.stamps.get(self.slot(row) as usize)?;
            Some((stamp.first_hz, stamp.bin_hz, *bins))
        };
        key(a) != key(b)
    }

    /// Bin map and bins of all resident rows, if they are the same for all.
    pub(super) fn common_map(&self, mapping: Mapping) -> Option<(BinMap, u32)> {
        let (stamp, bins) = self.newest()?;
        let same = self.breaks.range(self.resident.start + 1..self.resident.end.max(self.resident.start + 1)).next();
        let map = || BinMap::new(&stamp, mapping.span_hz, mapping.pixels, mapping.interpolation);
        same.is_none().then(|| (map(), bins))
    }

    /// Uploads what is staged, and the bin maps that `mapping` asks for. Returns the bytes written; none if the CPU shades.
    ///
    /// However many neighbouring rows wait, it takes at most two writes a layer: the ring's end and its beginning.
    pub(super) fn upload(&mut self, queue: &wgpu::Queue, mapping: Mapping) -> u64 {
        let mut bytes = 0;
        let mut cells = self.cells.take();
        let same_maps = cells.as_mut().is_some_and(|cells| cells.is_mapped(mapping));
        let stride = self.stride();
        let mut at = 0;
        while at < self.staged.len() {
            let first = self.staged[at];
            let mut count = 1;
            while self.staged.get(at + count) == Some(&(first + count as u64)) {
                count += 1;
            }
            let rows = first.max(self.resident.start)..(first + count as u64).min(self.resident.end);
            self.skipped += count as u64 - rows.end.saturating_sub(rows.start);
            if let Some(cells) = &mut cells {
                for run in cells.runs(self.slot(rows.start), rows.end.saturating_sub(rows.start), self.capacity) {
                    let staged = at + (rows.start - first) as usize + run.done as usize;
                    bytes += cells.write_rows(queue, &run, &self.texels[staged * stride..], stride);
                    if same_maps {
                        bytes += cells.write_maps(queue, &run, mapping, &self.stamps);
                    }
                }
            }
            at += count;
        }
        self.staged.clear();
        self.texels.clear();
        if let Some(cells) = cells.as_mut().filter(|_| !same_maps) {
            let resident = self.resident.end - self.resident.start;
            for run in cells.runs(self.slot(self.resident.start), resident, self.capacity) {
                bytes += cells.write_maps(queue, &run, mapping, &self.stamps);
            }
        }
        self.cells = cells;
        bytes
    }
}
