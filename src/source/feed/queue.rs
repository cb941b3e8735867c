//! The queue of rows, lock-free, which grows when rows do.

use rtrb::{Consumer, Producer, RingBuffer};

use crate::source::{RowInfo, SourceError};
use crate::stamp::Stamp;

/// An item of the queue.
#[derive(Debug)]
pub(super) enum Item {
    /// A row, whose cells are in the ring of cells.
    Row { stamp: Stamp, bins: usize },
    /// The rows that follow are different.
    Changed(Box<Change>),
}

/// How the rows that follow are different.
#[derive(Debug)]
pub(super) struct Change {
    info: RowInfo,
    /// Their cells come through this ring, if it is not the one before.
    cells: Option<Consumer<f32>>,
}

/// The writing end.
#[derive(Debug)]
pub(super) struct Inlet {
    cells: Producer<f32>,
    items: Producer<Item>,
    /// The item that could not be queued yet; nothing overtakes it.
    pending: Option<Item>,
    /// Rows that the queue is to hold; none is about a second's worth.
    capacity: Option<usize>,
    info: RowInfo,
}

/// The reading end.
#[derive(Debug)]
pub(super) struct Outlet {
    cells: Consumer<f32>,
    items: Consumer<Item>,
    /// A row that lies at both ends of the ring, put together.
    whole: Vec<f32>,
}

/// Cells that a queue holds at most: 16 GiB, which is more than any source needs and can be counted on any machine.
const MOST_CELLS: usize = if usize::BITS >= 64 { 1 << 32 } else { 1 << 28 };

/// Default number of rows in a queue.
const MOST_ROWS: usize = 4096;

/// Places in the queue that are kept for changes.
const CHANGES: usize = 4;

/// A queue for this number of rows; `None` selects about one second of rows.
pub(super) fn queue(capacity: Option<usize>, info: &RowInfo) -> Result<(Inlet, Outlet), SourceError> {
    let (cells_in, cells) = ring(cells(capacity, info, info.bins)?, info)?;
    let items = capacity.unwrap_or(MOST_ROWS);
    // Rows of no more than a bin each are as many as can be asked for.
    let (items_in, items) = ring(items.saturating_add(CHANGES), info)?;
    let inlet = Inlet { cells: cells_in, items: items_in, pending: None, capacity, info: info.clone() };
    Ok((inlet, Outlet { cells, items, whole: Vec::new() }))
}

/// A ring of this many items, unless the system has too little memory.
fn ring<T>(capacity: usize, info: &RowInfo) -> Result<(Producer<T>, Consumer<T>), SourceError> {
    // The ring itself would abort.
    let mut probe = Vec::<T>::new();
    probe
        .try_reserve_exact(capacity)
        .map_err(|_| SourceError::Capacity { rows: capacity / info.bins, bins: info.bins })?;
    drop(probe);
    Ok(RingBuffer::new(capacity))
}

/// Cells for this number of rows of `bins` bins.
fn cells(capacity: Option<usize>, info: &RowInfo, bins: usize) -> Result<usize, SourceError> {
    let rows = capacity.unwrap_or_else(|| {
        let second = (1e9 / info.row_duration_ns).ceil().min(MOST_ROWS as f64) as usize;
        // 64 MiB, but never fewer than four rows.
        second.clamp(16, MOST_ROWS).min((16 << 20) / bins).max(4)
    });
    rows.checked_mul(bins).filter(|&cells| cells > 0 && cells <= MOST_CELLS).ok_or(SourceError::Capacity { rows, bins })
}

impl Inlet {
    /// Queues a row if there is room; returns whether there was.
    pub(super) fn push(&mut self, stamp: Stamp, row: &[f32]) -> Result<bool, SourceError> {
        if row.len() > self.cells.buffer().capacity() {
            self.enlarge(row.len())?;
        }
        if !self.flush() || self.cells.slots() < row.len() || self.items.slots() <= CHANGES {
            return Ok(false);
        }
        // There is room: this thread alone fills the queue. The cells of a row are there before its stamp.
        Ok(self.cells.push_entire_slice(row).is_ok() && self.items.push(Item::Row { stamp, bins: row.len() }).is_ok())
    }

    /// The rows that follow are as `info` says.
    pub(super) fn change(&mut self, info: RowInfo) -> Result<(), SourceError> {
        info.check()?;
        let wanted = cells(self.capacity, &info, info.bins)?;
        self.info = info;
        self.replace(wanted)
    }

    /// Makes room for rows that are longer than the source said.
    fn enlarge(&mut self, bins: usize) -> Result<(), SourceError> {
        let wanted = cells(self.capacity, &self.info, bins)?;
        self.replace(wanted)
    }

    /// Says how rows are, and takes another ring if they need one of another size.
    fn replace(&mut self, wanted: usize) -> Result<(), SourceError> {
        // A change that still waits brings its ring along, which must not get lost.
        let mut cells = match self.pending.take() {
            Some(Item::Changed(change)) => change.cells,
            _ => None,
        };
        if self.cells.buffer().capacity() != wanted {
            let (cells_in, cells_out) = ring(wanted, &self.info)?;
            self.cells = cells_in;
            cells = Some(cells_out);
        }
        self.pending = Some(Item::Changed(Box::new(Change { info: self.info.clone(), cells })));
        self.flush();
        Ok(())
    }

    /// Queues a change that could not be queued before; whether there is none left.
    pub(super) fn flush(&mut self) -> bool {
        if let Some(item) = self.pending.take() {
            self.pending = self.items.push(item).err().map(|rtrb::PushError::Full(item)| item);
        }
        self.pending.is_none()
    }
}

impl Outlet {
    /// The next item.
    pub(super) fn pop(&mut self) -> Option<Item> {
        self.items.pop().ok()
    }
}

impl Outlet {
    /// Takes a change over.
    pub(super) fn change(&mut self, change: Change) -> RowInfo {
        if let Some(cells) = change.cells {
            self.cells = cells;
        }
        change.info
    }

    /// Calls `f` with the cells of the row that was popped last.
    pub(super) fn cells(&mut self, bins: usize, f: impl FnOnce(&[f32])) {
        let Ok(chunk) = self.cells.read_chunk(bins) else { return };
        match chunk.as_slices() {
            (row, []) => f(row),
            (head, tail) => {
                self.whole.clear();
                self.whole.extend_from_slice(head);
                self.whole.extend_from_slice(tail);
                f(&self.whole);
            }
        }
        chunk.commit_all();
    }
}
