//! Arrays in files, as rows: `.npy`, raw numbers whose layout the caller gives, and images.
//!
//! [`Array`] is a [`Store`]: a [`Pyramid`](crate::Pyramid) computes levels from it, and a [`Loader`](crate::Loader) shows it.
//! Row `i` of the array is row `i`, stamped [`Stamp::index`]; column `k` is bin `k`. A [`Stack`] is an array of up to four
//! dimensions: frames, each of them an [`Array`], of values or of colours.
//!
//! Files are read with positioned reads (`pread`), and are not mapped. A mapped file that another program makes shorter kills
//! the reader with SIGBUS, which no check before the access prevents; a positioned read then returns fewer bytes, which is
//! [`RowsError::File`]. No row but the one that is read is in memory.

mod axes;
mod colors;
mod compute;
mod data;
mod dtype;
mod error;
mod extent;
#[cfg(feature = "images")]
mod image;
mod npy;
mod stack;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use axes::Axes;
use axes::Strides;
use colors::Channels;
use data::Data;
pub use dtype::{Component, Dtype};
pub use error::ArrayError;
pub use extent::Extent;
#[cfg(feature = "images")]
pub use image::is_image;
pub use stack::Stack;

use crate::rows::{RowsError, Store};
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

/// A two-dimensional array in a file: rows and columns of values, or of colours.
#[derive(Debug)]
pub struct Array {
    data: Arc<Data>,
    path: PathBuf,
    layout: RawLayout,
    strides: Strides,
    /// For colours.
    channels: Option<Channels>,
    extent: Option<Extent>,
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
        let data = Data::open(path)?;
        let npy::Header { dtype, order, shape, offset } = npy::Header::read(path, &data)?;
        if shape.len() != 2 {
            return Err(ArrayError::Dimensions { path: path.to_owned(), shape });
        }
        Stack::new(data, path, (dtype, &shape, offset, order), component, Some(Axes::Hw))?.frame(0)
    }

    /// Opens a file without a header. It may be longer than the layout asks for.
    ///
    /// # Errors
    /// As for [`open_npy`](Self::open_npy), but for those about the header.
    pub fn open_raw(path: &Path, layout: RawLayout, component: Component) -> Result<Self, ArrayError> {
        let RawLayout { dtype, shape: (rows, columns), offset, order } = layout;
        Stack::open_raw(path, (dtype, &[rows, columns], offset, order), component, Some(Axes::Hw))?.frame(0)
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
        let channels = self.channels.map_or(1, |channels| channels.count() as u64);
        self.rows() * self.layout.shape.1 * channels * self.layout.dtype.bytes() as u64
    }

    /// Copies neighbouring rows to `out`, one after the other, from any number of threads at once. Numbers that `f32` does
    /// not hold exactly are rounded; larger ones become infinite.
    ///
    /// # Errors
    /// [`RowsError::NoRow`] for rows beyond the last; [`RowsError::Cells`] if cells are colours; [`RowsError::File`] if the
    /// file cannot be read, or has become shorter since it was opened. `out` is then empty.
    pub fn read_rows(&self, rows: Range<u64>, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.channels.is_some() {
            return Err(RowsError::Cells { got: "colours", expected: "values" });
        }
        self.check_rows(&rows)?;
        let count = (rows.end - rows.start) as usize * self.columns() as usize;
        let read = if self.is_packed(1) {
            self.read_cells(rows.start * self.strides.row, count, out)
        } else {
            out.resize(count, 0.0);
            self.read_plane(&rows, 0, 1, out)
        };
        if read.is_err() {
            out.clear();
        }
        read
    }

    /// Copies the colours of neighbouring rows to `out`, one after the other, from any number of threads at once.
    ///
    /// Channels are rounded to the nearest; a cell with a NaN channel is transparent.
    ///
    /// # Errors
    /// As [`read_rows`](Self::read_rows); [`RowsError::Cells`] if cells are values.
    pub fn read_rows_rgba(&self, rows: Range<u64>, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clear();
        let Some(channels) = &self.channels else {
            return Err(RowsError::Cells { got: "values", expected: "colours" });
        };
        self.check_rows(&rows)?;
        let count = channels.count() * (rows.end - rows.start) as usize * self.columns() as usize;
        let start = rows.start * self.strides.row;
        if self.is_packed(channels.count() as u64) && channels.are_bytes(self.layout.dtype) {
            let mut bytes = vec![0; count];
            self.read_bytes(self.layout.offset + start, &mut bytes)?;
            channels.bytes(&bytes, out);
            return Ok(());
        }
        let mut numbers = Vec::with_capacity(count);
        if self.is_packed(channels.count() as u64) {
            self.read_cells(start, count, &mut numbers)?;
        } else {
            numbers.resize(count, 0.0);
            for channel in 0..channels.count() {
                self.read_plane(&rows, channel, channels.count(), &mut numbers)?;
            }
        }
        channels.colors(&numbers, out);
        Ok(())
    }

    fn check_rows(&self, rows: &Range<u64>) -> Result<(), RowsError> {
        if rows.end > self.rows() || rows.start > rows.end {
            return Err(RowsError::NoRow { level: 0, row: rows.end.saturating_sub(1).max(rows.start) });
        }
        Ok(())
    }

    /// Whether rows follow each other without gaps, each cell with this many numbers next to each other.
    fn is_packed(&self, channels: u64) -> bool {
        let Strides { row, column, channel, .. } = self.strides;
        column == channels && row == channels * self.layout.shape.1 && (channels == 1 || channel == 1)
    }

    /// Appends this many consecutive numbers, from number `first` on.
    fn read_cells(&self, first: u64, cells: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let start = self.layout.offset + first * self.layout.dtype.bytes() as u64;
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

    /// Reads a channel of these rows of any strides, in place, where the cells of `out` have `channels` numbers each.
    fn read_plane(&self, rows: &Range<u64>, channel: usize, channels: usize, out: &mut [f32]) -> Result<(), RowsError> {
        let columns = self.columns() as usize;
        let count = (rows.end - rows.start) as usize;
        let Strides { row, column, channel: plane, .. } = self.strides;
        let start = rows.start * row + channel as u64 * plane;
        // Along the smaller stride, so that as little as possible is passed over.
        if row < column {
            for index in 0..columns {
                self.read_strided(start + index as u64 * column, count, row, |number, value| {
                    out[(number * columns + index) * channels + channel] = value;
                })?;
            }
        } else {
            for number in 0..count {
                self.read_strided(start + number as u64 * row, columns, column, |index, value| {
                    out[(number * columns + index) * channels + channel] = value;
                })?;
            }
        }
        Ok(())
    }

    /// Reads this many numbers that are `stride` apart.
    fn read_strided(
        &self,
        first: u64,
        count: usize,
        stride: u64,
        mut each: impl FnMut(usize, f32),
    ) -> Result<(), RowsError> {
        let mut numbers = Vec::new();
        // The numbers between are read too, but no more than a tile at once.
        let at_once = (Self::TILE / stride.max(1)).clamp(1, count.max(1) as u64) as usize;
        for from in (0..count).step_by(at_once) {
            let take = at_once.min(count - from);
            numbers.clear();
            let span = (take as u64 - 1) * stride + 1;
            self.read_cells(first + from as u64 * stride, span as usize, &mut numbers)?;
            let taken = numbers.iter().step_by(stride.max(1) as usize);
            taken.enumerate().for_each(|(index, value)| each(from + index, *value));
        }
        Ok(())
    }

    fn read_bytes(&self, offset: u64, out: &mut [u8]) -> Result<(), RowsError> {
        self.data.read_at(offset, out).map_err(|(done, error)| {
            let offset = offset + done as u64;
            let message = match error {
                Some(error) => error.to_string(),
                None => format!("the file ends here and has become shorter: expected {} more bytes", out.len() - done),
            };
            RowsError::File { path: self.path.clone(), offset, message }
        })
    }
}

impl Store for Array {
    fn epoch_ns(&self) -> i64 {
        self.extent.map_or(0, |extent| extent.stamp(0).time_ns)
    }

    fn unit(&self) -> Unit {
        if self.layout.dtype.is_complex() && self.component == Component::Power { Unit::Decibel } else { Unit::None }
    }

    fn range(&self) -> Range<u64> {
        0..self.rows()
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        let stamp = || self.extent.map_or_else(|| Stamp::index(row), |extent| extent.stamp(row));
        (row < self.rows()).then(|| (stamp(), self.columns()))
    }

    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        if self.layout.order == Order::C || row >= self.rows() || self.channels.is_some() {
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

    fn is_rgba(&self) -> bool {
        self.channels.is_some()
    }

    fn read_rgba(&self, row: u64, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        self.read_rows_rgba(row..row.saturating_add(1), out)
    }

    fn first_from(&self, time_ns: i64) -> u64 {
        if self.extent.is_some() {
            let before = |row: &u64| self.entry(*row).is_some_and(|(stamp, _)| stamp.middle_since(time_ns) < 0.0);
            let (mut start, mut end) = (0, self.rows());
            while start < end {
                let middle = start.midpoint(end);
                if before(&middle) { start = middle + 1 } else { end = middle }
            }
            return start;
        }
        // Row i has its middle at (i + 1/2) s.
        let row = time_ns.saturating_add(500_000_000 - 1).div_euclid(1_000_000_000);
        u64::try_from(row).unwrap_or(0).min(self.rows())
    }
}
