//! The rows of an array for [`Computed`](crate::Computed): any of them, from any number of threads.

use std::ops::Range;

use super::{Array, Order};
use crate::rows::{Compute, Reader, RowsError, Store};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// Reads neighbouring rows together.
struct ArrayReader<'a> {
    array: &'a Array,
    values: Vec<f32>,
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

impl Compute for Array {
    fn unit(&self) -> Unit {
        Store::unit(self)
    }

    fn rows(&self) -> u64 {
        self.rows()
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        Store::entry(self, row)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ArrayReader { array: self, values: Vec::new() })
    }

    fn reader_bytes(&self) -> u64 {
        4 * self.rows_at_once() * u64::from(self.columns())
    }
}

impl Reader for ArrayReader<'_> {
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + self.array.rows_at_once());
            match self.array.read_rows(start..end, &mut self.values) {
                Ok(()) => {}
                // Those before the one that fails.
                Err(_) if end - start > 1 => {
                    for row in start..end {
                        self.array.read_rows(row..row + 1, &mut self.values)?;
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
            for (row, values) in (start..end).zip(self.values.chunks_exact(self.array.columns() as usize)) {
                if !each(row, values) {
                    return Ok(());
                }
            }
            start = end;
        }
        Ok(())
    }
}
