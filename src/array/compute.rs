//! The rows of an array for [`Computed`](crate::Computed): any of them, from any number of threads.

use std::ops::Range;
use std::sync::Arc;

use super::{Array, Order, Stack};
use crate::rows::{Compute, Frames, Reader, RowsError, Store};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// Reads neighbouring rows together.
struct ArrayReader<'a> {
    array: &'a Array,
    values: Vec<f32>,
    colors: Vec<[u8; 4]>,
}

/// Cells that are read at once. In Fortran order each column is a read.
const CELLS: u64 = 1 << 17;
const CELLS_OF_COLUMNS: u64 = 1 << 20;

impl Array {
    /// Rows that are read at once.
    fn rows_at_once(&self) -> u64 {
        let cells = if self.layout.order == Order::C { CELLS } else { CELLS_OF_COLUMNS };
        (cells / u64::from(self.columns())).max(1)
    }
}

impl Frames for Stack {
    fn count(&self) -> u64 {
        self.frames()
    }

    fn frame(&self, number: u64) -> Option<Arc<dyn Compute>> {
        Self::frame(self, number).ok().map(|frame| Arc::new(frame) as Arc<dyn Compute>)
    }
}

impl Compute for Array {
    fn unit(&self) -> Unit {
        Store::unit(self)
    }

    fn is_rgba(&self) -> bool {
        self.channels.is_some()
    }

    fn rows(&self) -> u64 {
        self.rows()
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        Store::entry(self, row)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ArrayReader { array: self, values: Vec::new(), colors: Vec::new() })
    }

    fn reader_bytes(&self) -> u64 {
        // Colours: four channels and their bytes.
        let cell = if self.channels.is_some() { 20 } else { 4 };
        cell * self.rows_at_once() * u64::from(self.columns())
    }
}

impl ArrayReader<'_> {
    /// Reads these rows, as values or channels.
    fn fetch(&mut self, rows: Range<u64>) -> Result<(), RowsError> {
        if self.array.channels.is_none() {
            return self.array.read_rows(rows, &mut self.values);
        }
        self.array.read_rows_rgba(rows, &mut self.colors)?;
        self.values.clear();
        self.values.extend(self.colors.as_flattened().iter().map(|channel| f32::from(*channel)));
        Ok(())
    }
}

impl Reader for ArrayReader<'_> {
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + self.array.rows_at_once());
            match self.fetch(start..end) {
                Ok(()) => {}
                // Those before the one that fails.
                Err(_) if end - start > 1 => {
                    for row in start..end {
                        self.fetch(row..row + 1)?;
                        if !each(row, &self.values) {
                            return Ok(());
                        }
                    }
                    // It has become readable meanwhile.
                    start = end;
                    continue;
                }
                Err(error) => return Err(error),
            }
            let lanes = if self.array.channels.is_some() { 4 } else { 1 };
            let values = self.values.chunks_exact(lanes * self.array.columns() as usize);
            for (row, values) in (start..end).zip(values) {
                if !each(row, values) {
                    return Ok(());
                }
            }
            start = end;
        }
        Ok(())
    }
}
