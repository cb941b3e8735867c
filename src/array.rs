//! Arrays in files, as rows: `.npy`, and raw numbers whose layout the caller gives.
//!
//! [`Array`] is a [`Store`]: a [`Pyramid`](crate::Pyramid) computes levels from it, and a [`Loader`](crate::Loader) shows it.
//! Row `i` of the array is row `i`, stamped [`Stamp::index`]; column `k` is bin `k`.
//!
//! Files are read with positioned reads (`pread`), and are not mapped. A mapped file that another program makes shorter kills
//! the reader with SIGBUS, which no check before the access prevents; a positioned read then returns fewer bytes, which is
//! [`RowsError::File`]. No row but the one that is read is in memory.

mod compute;
mod dtype;
mod error;
mod npy;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use dtype::{Component, Dtype};
pub use error::ArrayError;

use crate::rows::{RowsError, Store, read_known};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The order of an array's cells in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// Row by row, as in C and by default in NumPy.
    #[default]
    C,
    /// Column by column, as in Fortran.
    Fortran,
}

/// Where the cells of a raw file are: what `numpy.memmap` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawLayout {
    /// The type of a cell.
    pub dtype: Dtype,
    /// Rows and columns.
    pub shape: (u64, u64),
    /// Bytes before the first cell.
    pub offset: u64,
    /// The order of the cells.
    pub order: Order,
}

/// A two-dimensional array in a file.
#[derive(Debug)]
pub struct Array {
    file: File,
    path: PathBuf,
    layout: RawLayout,
    component: Component,
    /// For an array in Fortran order: the rows that were read last.
    tile: Mutex<Tile>,
}

/// Neighbouring rows.
#[derive(Debug, Default)]
struct Tile {
    rows: Range<u64>,
    values: Vec<f32>,
}

impl Array {
    /// Most rows that an array may have: a row takes a second of the clock, and times are within 2⁶² ns.
    pub const MAX_ROWS: u64 = 1 << 32;

    /// Bytes that are read at once.
    const PIECE: usize = 1 << 18;
    /// Cells of a tile of an array in Fortran order.
    const TILE: u64 = 1 << 20;

    /// Opens a `.npy` file of version 1, 2 or 3 with a two-dimensional array of numbers.
    ///
    /// # Errors
    /// A file that cannot be read, that is no `.npy` file, whose header is cut short or says something else than expected,
    /// that holds objects or texts, and one that is shorter than its shape asks for: see [`ArrayError`].
    pub fn open_npy(path: &Path, component: Component) -> Result<Self, ArrayError> {
        let file = open(path)?;
        let header = npy::Header::read(path, &file)?;
        let &[rows, columns] = header.shape.as_slice() else {
            return Err(ArrayError::Dimensions { path: path.to_owned(), shape: header.shape });
        };
        let layout =
            RawLayout { dtype: header.dtype, shape: (rows, columns), offset: header.offset, order: header.order };
        Self::new(file, path, layout, component)
    }

    /// Opens a file without a header. It may be longer than the layout asks for.
    ///
    /// # Errors
    /// As for [`open_npy`](Self::open_npy), but for those about the header.
    pub fn open_raw(path: &Path, layout: RawLayout, component: Component) -> Result<Self, ArrayError> {
        Self::new(open(path)?, path, layout, component)
    }

    fn new(file: File, path: &Path, layout: RawLayout, component: Component) -> Result<Self, ArrayError> {
        let path = path.to_owned();
        let (rows, columns) = layout.shape;
        if rows == 0 || columns == 0 {
            return Err(ArrayError::Empty { path, rows, columns });
        }
        let end = rows
            .checked_mul(columns)
            .and_then(|cells| cells.checked_mul(layout.dtype.bytes() as u64))
            .and_then(|bytes| bytes.checked_add(layout.offset))
            .filter(|end| i64::try_from(*end).is_ok());
        let Some(end) = end else {
            return Err(ArrayError::Overflow { path, shape: vec![rows, columns] });
        };
        let most_columns = u64::from(crate::shade::Options::MAX_BINS);
        if rows > Self::MAX_ROWS || columns > most_columns {
            return Err(ArrayError::TooLarge { path, rows, columns, most_rows: Self::MAX_ROWS, most_columns });
        }
        let length = file.metadata().map_err(|source| ArrayError::Read { path: path.clone(), source })?.len();
        if length < end {
            return Err(ArrayError::Truncated {
                path,
                rows,
                columns,
                offset: layout.offset,
                expected: end,
                got: length,
            });
        }
        Ok(Self { file, path, layout, component, tile: Mutex::default() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The type of a cell, and the layout of the cells.
    pub fn layout(&self) -> RawLayout {
        self.layout
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.layout.shape.0
    }

    /// Number of columns, 1 to [`Options::MAX_BINS`](crate::Options::MAX_BINS).
    pub fn columns(&self) -> u32 {
        self.layout.shape.1 as u32
    }

    /// Bytes that the cells take in the file.
    pub fn bytes(&self) -> u64 {
        self.rows() * self.layout.shape.1 * self.layout.dtype.bytes() as u64
    }

    /// Copies neighbouring rows to `out`, one after the other, from any number of threads at once. Numbers that `f32` does
    /// not hold exactly are rounded; larger ones become infinite.
    ///
    /// # Errors
    /// [`RowsError::NoRow`] for rows beyond the last; [`RowsError::File`] if the file cannot be read, or has become
    /// shorter since it was opened. `out` is then empty.
    pub fn read_rows(&self, rows: Range<u64>, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if rows.end > self.rows() {
            return Err(RowsError::NoRow { level: 0, row: rows.end - 1 });
        }
        if rows.is_empty() {
            return Ok(());
        }
        let columns = self.columns() as usize;
        let count = (rows.end - rows.start) as usize;
        out.reserve(count.saturating_mul(columns));
        let item = self.layout.dtype.bytes() as u64;
        let read = match self.layout.order {
            Order::C => {
                let start = self.layout.offset + rows.start * columns as u64 * item;
                self.read_cells(start, count * columns, out)
            }
            Order::Fortran => self.read_columns(rows, count, out),
        };
        if read.is_err() {
            out.clear();
        }
        read
    }

    /// Appends this many consecutive cells, starting at byte `start`.
    fn read_cells(&self, start: u64, cells: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let bytes = cells * self.layout.dtype.bytes();
        let mut piece = vec![0; bytes.min(Self::PIECE)];
        let mut done = 0;
        while done < bytes {
            let take = (bytes - done).min(piece.len());
            self.read_bytes(start + done as u64, &mut piece[..take])?;
            self.layout.dtype.decode(&piece[..take], self.component, out);
            done += take;
        }
        Ok(())
    }

    /// Reads rows of an array in Fortran order, column by column.
    fn read_columns(&self, rows: Range<u64>, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let columns = self.columns() as usize;
        let item = self.layout.dtype.bytes() as u64;
        out.resize(count * columns, 0.0);
        let mut column = Vec::with_capacity(count);
        for index in 0..columns {
            column.clear();
            let start = self.layout.offset + (index as u64 * self.rows() + rows.start) * item;
            self.read_cells(start, count, &mut column)?;
            for (row, value) in column.iter().enumerate() {
                out[row * columns + index] = *value;
            }
        }
        Ok(())
    }

    fn read_bytes(&self, offset: u64, out: &mut [u8]) -> Result<(), RowsError> {
        read_known(&self.file, &self.path, offset, out)
    }
}

impl Store for Array {
    fn epoch_ns(&self) -> i64 {
        0
    }

    fn unit(&self) -> Unit {
        if self.layout.dtype.is_complex() && self.component == Component::Power { Unit::Decibel } else { Unit::None }
    }

    fn range(&self) -> Range<u64> {
        0..self.rows()
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        (row < self.rows()).then(|| (Stamp::index(row), self.columns()))
    }

    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        if self.layout.order == Order::C || row >= self.rows() {
            return self.read_rows(row..row.saturating_add(1), out);
        }
        out.clear();
        // A row of an array in Fortran order is a read for each column. Where one row after the other is asked for, many are
        // read at once.
        let columns = u64::from(self.columns());
        let mut tile = self.tile.lock().unwrap_or_else(PoisonError::into_inner);
        if !tile.rows.contains(&row) {
            let count = if row == tile.rows.end && row > 0 { (Self::TILE / columns).max(1) } else { 1 };
            let rows = row..self.rows().min(row + count);
            tile.rows = 0..0;
            self.read_rows(rows.clone(), &mut tile.values)?;
            tile.rows = rows;
        }
        let start = (row - tile.rows.start) as usize * columns as usize;
        out.extend_from_slice(&tile.values[start..start + columns as usize]);
        Ok(())
    }

    fn first_from(&self, time_ns: i64) -> u64 {
        // Row i has its middle at (i + 1/2) s.
        let row = time_ns.saturating_add(500_000_000 - 1).div_euclid(1_000_000_000);
        u64::try_from(row).unwrap_or(0).min(self.rows())
    }
}

/// Opens a regular file. Others have no length, and a pipe would wait for its writer.
fn open(path: &Path) -> Result<File, ArrayError> {
    let failed = |source| ArrayError::Read { path: path.to_owned(), source };
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(ArrayError::NotAFile { path: path.to_owned() });
    }
    File::open(path).map_err(failed)
}
