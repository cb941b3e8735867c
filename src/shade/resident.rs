//! The resident rows: stamps, the rows waiting for upload, and the cells that are kept in main memory.

use std::collections::BTreeSet;
use std::ops::Range;

use super::options::{Capacity, Options};
use super::row::Row;
use super::texel::Texel;
use crate::error::Error;
use crate::rows::Entry;
use crate::stamp::Stamp;

/// The resident rows: row `i` is in slot `i % capacity`. Their cells are on the GPU, in main memory, or in both.
#[derive(Debug)]
pub(crate) struct Resident {
    texel: Texel,
    bins: u32,
    capacity: u32,
    /// Of the resident rows, slot by slot.
    entries: Vec<Entry>,
    resident: Range<u64>,
    /// Rows whose layout differs from that of the row before, and rows whose weight does; none as a rule.
    breaks: BTreeSet<u64>,
    weights: BTreeSet<u64>,
    /// Rows that are not uploaded yet.
    staged: Vec<u64>,
    /// Their cells one after the other, if they are to be uploaded. Words, for alignment.
    uploads: Option<Vec<u32>>,
    /// Rows that left before they were uploaded.
    skipped: u64,
    /// The cells of the resident rows, slot by slot, if they are kept.
    kept: Option<Vec<u32>>,
    /// Where the resident rows have changed since [`settle`](Self::settle).
    changed: Changed,
}

/// Where resident rows have changed, apart from rows that were only added at the newer end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Changed {
    /// The last row that was evicted at the older end.
    pub(crate) evicted: Option<Stamp>,
    /// Rows from this number on have been replaced.
    pub(crate) from: u64,
    /// The first row that was taken out there.
    pub(crate) removed: Option<Stamp>,
}

impl Changed {
    const NOTHING: Self = Self { evicted: None, from: u64::MAX, removed: None };
}

/// Where a row's cells go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Staged for upload.
    Staged,
    /// Kept in main memory.
    Kept,
    /// Both.
    Both,
}

impl Resident {
    /// Bytes a row takes in addition to its cells, on the GPU: its entry in the table of rows.
    const ENTRY_BYTES: u64 = 8;
    /// The most rows there may be.
    pub(crate) const MOST_ROWS: u64 = 1 << 30;

    /// Room for rows as the options ask, but for no more than `most_rows`.
    pub(crate) fn new(options: &Options, keep: Keep, most_rows: u64) -> Result<Self, Error> {
        let (bins, texel) = (options.bins, options.texel);
        let row_bytes = u64::from(bins) * u64::from(texel.bytes()) + Self::ENTRY_BYTES;
        let capacity = match options.capacity {
            Capacity::Rows(0) => return Err(Error::Capacity { bytes: 0, row_bytes }),
            Capacity::Rows(rows) => rows,
            Capacity::Bytes(bytes) if bytes < row_bytes => return Err(Error::Capacity { bytes, row_bytes }),
            Capacity::Bytes(bytes) => (bytes / row_bytes).min(most_rows).min(Self::MOST_ROWS) as u32,
        };
        let mut rows = Self {
            texel,
            bins,
            capacity,
            entries: Vec::new(),
            resident: 0..0,
            breaks: BTreeSet::new(),
            weights: BTreeSet::new(),
            staged: Vec::new(),
            uploads: (keep != Keep::Kept).then(Vec::new),
            skipped: 0,
            kept: None,
            changed: Changed::NOTHING,
        };
        if keep != Keep::Staged {
            let mut kept = Vec::new();
            let words = (capacity as usize).saturating_mul(rows.stride());
            kept.try_reserve_exact(words)
                .map_err(|error| Error::OutOfMemory { what: "rows in main memory", message: error.to_string() })?;
            rows.kept = Some(kept);
        }
        Ok(rows)
    }

    /// Words a row takes.
    pub(crate) fn stride(&self) -> usize {
        (self.bins as usize * self.texel.bytes() as usize).div_ceil(4)
    }

    pub(crate) fn bins(&self) -> u32 {
        self.bins
    }

    pub(crate) fn texel(&self) -> Texel {
        self.texel
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Numbers of the resident rows.
    pub(crate) fn range(&self) -> Range<u64> {
        self.resident.clone()
    }

    pub(crate) fn slot(&self, row: u64) -> u32 {
        (row % u64::from(self.capacity)) as u32
    }

    /// A resident row.
    pub(crate) fn entry(&self, row: u64) -> &Entry {
        &self.entries[self.slot(row) as usize]
    }

    pub(crate) fn newest(&self) -> Option<&Entry> {
        (!self.resident.is_empty()).then(|| self.entry(self.resident.end - 1))
    }

    /// Rows waiting for upload.
    pub(crate) fn staged_rows(&self) -> u64 {
        self.staged.iter().filter(|row| self.resident.contains(row)).count() as u64
    }

    /// Rows that left before they were uploaded.
    pub(crate) fn skipped_rows(&self) -> u64 {
        self.skipped
    }

    /// The cells of a resident row; empty if none are kept.
    pub(crate) fn cells(&self, row: u64) -> &[u8] {
        let start = self.slot(row) as usize * self.stride();
        let cells = self.kept.as_ref().and_then(|kept| kept.get(start..start + self.stride()));
        cells.map_or(&[], bytemuck::cast_slice)
    }

    /// Where rows have changed since the last [`settle`](Self::settle).
    pub(crate) fn changed(&self) -> Changed {
        self.changed
    }

    /// Marks all changes as known.
    pub(crate) fn settle(&mut self) {
        self.changed = Changed::NOTHING;
    }

    /// Removes every row. The next one pushed has this number.
    pub(crate) fn reset(&mut self, next: u64) {
        self.resident = next..next;
        // Rows that arrive now are different ones, even with the same numbers.
        self.changed.from = 0;
        self.breaks.clear();
        self.weights.clear();
        self.staged.clear();
        self.uploads.iter_mut().for_each(Vec::clear);
    }

    /// Adds the row after the newest one; the oldest is evicted when there is no room.
    pub(crate) fn push(&mut self, mut stamp: Stamp, weight: u32, row: Row<'_>) {
        if let Some(last) = self.newest() {
            // A clock that was set back, or rows that overlap: they stay in the order in which they arrived.
            stamp.not_before(&last.stamp);
        }
        let number = self.resident.end;
        self.resident.end += 1;
        if self.resident.end - self.resident.start > u64::from(self.capacity) {
            self.evict_before(self.resident.start + 1);
        }
        self.stage(number, stamp, weight, row);
    }

    /// Makes room for rows before the oldest; each must be staged before the next upload. The newest go if there is no room
    /// for all.
    pub(crate) fn reserve_front(&mut self, rows: u64) {
        self.resident.start -= rows;
        let most = self.resident.start + u64::from(self.capacity);
        if self.resident.end > most {
            self.truncate(most);
        }
    }

    /// Takes out the rows from this number on.
    pub(crate) fn truncate(&mut self, end: u64) {
        let end = end.max(self.resident.start);
        if end < self.resident.end {
            let first = self.entry(end).stamp;
            // Middles never decrease from row to row: the first one taken out has the earliest.
            if self
                .changed
                .removed
                .is_none_or(|removed| first.middle_since(removed.time_ns) < removed.middle_since(removed.time_ns))
            {
                self.changed.removed = Some(first);
            }
            self.resident.end = end;
        }
        self.changed.from = self.changed.from.min(end);
    }

    /// Evicts the rows before this number.
    pub(crate) fn evict_before(&mut self, start: u64) {
        let start = start.min(self.resident.end);
        if start > self.resident.start {
            // Not yet overwritten: rows are staged after others have made room.
            let last = self.entry(start - 1).stamp;
            if self
                .changed
                .evicted
                .is_none_or(|before| last.middle_since(before.time_ns) > before.middle_since(before.time_ns))
            {
                self.changed.evicted = Some(last);
            }
            self.resident.start = start;
        }
    }

    /// Stages the cells of a resident row.
    pub(crate) fn stage(&mut self, number: u64, stamp: Stamp, weight: u32, row: Row<'_>) {
        let entry = Entry { stamp, bins: row.len() as u32, weight };
        let slot = self.slot(number) as usize;
        if slot < self.entries.len() {
            self.entries[slot] = entry;
        } else {
            self.entries.resize(slot + 1, entry);
        }
        self.note_breaks(number);
        let spare = (self.capacity as usize).div_ceil(4);
        let stride = self.stride();
        if self.staged.len() >= self.capacity as usize + spare {
            // No `prepare` came before the first staged rows were evicted. Not one by one, since the rest moves up.
            self.skipped += spare as u64;
            self.staged.drain(..spare);
            self.uploads.iter_mut().for_each(|cells| drop(cells.drain(..stride * spare)));
        }
        self.staged.push(number);
        let kept = self.kept.as_mut().map(|kept| {
            let end = (slot + 1) * stride;
            if kept.len() < end {
                kept.resize(end, 0);
            }
            &mut kept[end - stride..end]
        });
        if let Some(uploads) = &mut self.uploads {
            let start = uploads.len();
            uploads.resize(start + stride, 0);
            self.texel.store(row, bytemuck::cast_slice_mut(&mut uploads[start..]));
            if let Some(kept) = kept {
                kept.copy_from_slice(&uploads[start..]);
            }
        } else if let Some(kept) = kept {
            self.texel.store(row, bytemuck::cast_slice_mut(kept));
        }
    }

    /// Stages a row that is resident again, with better values.
    pub(crate) fn restage(&mut self, number: u64, stamp: Stamp, weight: u32, row: Row<'_>) {
        if self.resident.contains(&number) {
            self.changed.from = self.changed.from.min(number);
            self.stage(number, stamp, weight, row);
        }
    }

    /// Notes whether a row that was just written differs from its neighbours.
    fn note_breaks(&mut self, row: u64) {
        let layout = |entry: &Entry| entry.stamp.layout(entry.bins);
        // A neighbour in reserved room that is not staged yet corrects this when it is staged.
        for later in [row, row + 1] {
            let neighbours = later > self.resident.start && later < self.resident.end;
            let slot = |row| self.entries.get(self.slot(row) as usize);
            let (a, b) = if neighbours { (slot(later - 1), slot(later)) } else { (None, None) };
            let lies_otherwise = a.map(layout) != b.map(layout);
            let weighs_otherwise = a.map(|e| e.weight) != b.map(|e| e.weight);
            for (differs, set) in [(lies_otherwise, &mut self.breaks), (weighs_otherwise, &mut self.weights)] {
                if differs {
                    set.insert(later);
                } else {
                    set.remove(&later);
                }
            }
        }
        for set in [&mut self.breaks, &mut self.weights] {
            while set.first().is_some_and(|first| *first <= self.resident.start) {
                set.pop_first();
            }
        }
    }

    /// The first of these rows, and those after it with the same layout.
    pub(crate) fn alike(&self, rows: &Range<u64>) -> Range<u64> {
        let next = if rows.end > rows.start + 1 { self.breaks.range(rows.start + 1..rows.end).next() } else { None };
        rows.start..next.copied().unwrap_or(rows.end)
    }

    /// Whether all resident rows have the same weight, and whether they have the same layout.
    pub(crate) fn is_uniform(&self) -> (bool, bool) {
        let none = |set: &BTreeSet<u64>| {
            let (start, end) = (self.resident.start + 1, self.resident.end.max(self.resident.start + 1));
            set.range(start..end).next().is_none()
        };
        (none(&self.weights), none(&self.breaks))
    }

    /// Hands over what is staged, in runs of consecutive rows that are still resident: the first one's number, how many, and
    /// their cells one after the other (empty if they are not to be uploaded). Nothing is staged afterwards.
    pub(crate) fn upload(&mut self, mut each: impl FnMut(&Self, Range<u64>, &[u32])) {
        let staged = std::mem::take(&mut self.staged);
        let uploads = self.uploads.take();
        let stride = self.stride();
        let mut at = 0;
        while at < staged.len() {
            let first = staged[at];
            let mut count = 1;
            while staged.get(at + count) == Some(&(first + count as u64)) {
                count += 1;
            }
            let start = first.max(self.resident.start);
            let rows = start..(first + count as u64).min(self.resident.end).max(start);
            self.skipped += count as u64 - (rows.end - rows.start);
            if let Some(uploads) = uploads.as_ref().filter(|_| !rows.is_empty()) {
                let from = at + (rows.start - first) as usize;
                let length = (rows.end - rows.start) as usize;
                each(self, rows, &uploads[from * stride..(from + length) * stride]);
            }
            at += count;
        }
        // Their memory is reused.
        (self.staged, self.uploads) = (staged, uploads);
        self.staged.clear();
        self.uploads.iter_mut().for_each(Vec::clear);
    }
}
