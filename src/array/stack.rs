//! An array of any dimensions in a file: frames, each a picture of values or of colours.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::axes::{Axes, Dimensions};
use super::colors::Channels;
use super::data::Data;
use super::dtype::{Component, Dtype};
use super::error::ArrayError;
use super::{Array, Extent, Order, RawLayout, npy};
use crate::shade::Options;

/// An array of two to four dimensions in a file: one frame or many, of values or of colours. See [`Axes`].
#[derive(Debug)]
pub struct Stack {
    data: Arc<Data>,
    path: PathBuf,
    dtype: Dtype,
    offset: u64,
    component: Component,
    axes: Axes,
    dimensions: Dimensions,
    channels: Option<Channels>,
    extent: Option<Extent>,
}

impl Stack {
    /// Opens a `.npy` file of version 1, 2 or 3 with an array of numbers; without `axes`, they are [guessed](Axes::guess).
    ///
    /// # Errors
    /// As for [`Array::open_npy`]; [`ArrayError::Axes`] for a shape that has no such axes.
    pub fn open_npy(path: &Path, component: Component, axes: Option<Axes>) -> Result<Self, ArrayError> {
        let data = Data::open(path)?;
        let npy::Header { dtype, order, shape, offset } = npy::Header::read(path, &data)?;
        Self::new(data, path, (dtype, &shape, offset, order), component, axes)
    }

    /// Opens a file without a header, of which `shape` gives the lengths of two to four dimensions. The file may be longer.
    ///
    /// # Errors
    /// As for [`open_npy`](Self::open_npy), but for those about the header.
    pub fn open_raw(
        path: &Path,
        (dtype, shape, offset, order): (Dtype, &[u64], u64, Order),
        component: Component,
        axes: Option<Axes>,
    ) -> Result<Self, ArrayError> {
        Self::new(Data::open(path)?, path, (dtype, shape, offset, order), component, axes)
    }

    pub(super) fn new(
        data: Data,
        path: &Path,
        (dtype, shape, offset, order): (Dtype, &[u64], u64, Order),
        component: Component,
        axes: Option<Axes>,
    ) -> Result<Self, ArrayError> {
        let path = path.to_owned();
        let shape = || shape.to_owned();
        let end = shape()
            .iter()
            .try_fold(1_u64, |cells, length| cells.checked_mul(*length))
            .and_then(|cells| cells.checked_mul(dtype.bytes() as u64))
            .and_then(|bytes| bytes.checked_add(offset))
            .filter(|end| i64::try_from(*end).is_ok());
        let Some(end) = end else { return Err(ArrayError::Overflow { path, shape: shape() }) };
        let guessed = axes.or_else(|| Axes::guess(&shape()));
        let Some((axes, dimensions)) = guessed.and_then(|axes| Some((axes, axes.of(&shape(), order)?))) else {
            let axes = axes.map_or_else(|| "auto".to_owned(), |axes| axes.to_string());
            return Err(ArrayError::Axes { path, shape: shape(), axes });
        };
        let Dimensions { frames, rows, columns, channels, .. } = dimensions;
        if frames == 0 || rows == 0 || columns == 0 {
            return Err(ArrayError::Empty { path, rows, columns });
        }
        let most_columns = u64::from(Options::MAX_BINS);
        if rows > Array::MAX_ROWS || columns > most_columns {
            return Err(ArrayError::TooLarge { path, rows, columns, most_rows: Array::MAX_ROWS, most_columns });
        }
        let length = data.length().map_err(|source| ArrayError::Read { path: path.clone(), source })?;
        if length < end {
            return Err(ArrayError::Truncated { path, shape: shape(), offset, expected: end, got: length });
        }
        let channels = (channels > 1).then(|| Channels::new(channels as usize, dtype));
        Ok(Self { data: Arc::new(data), path, dtype, offset, component, axes, dimensions, channels, extent: None })
    }

    /// Draws numbers from `low` to `high` as channels from 0 to 255, whatever their type. Without this, unsigned bytes are
    /// channels as they are, and floats from 0 to 1; other types are refused. It has no effect on values.
    #[must_use]
    pub fn with_color_range(mut self, low: f32, high: f32) -> Self {
        self.channels = self.channels.map(|channels| channels.with_range(low, high));
        self
    }

    /// Gives the axes units: see [`Extent`].
    #[must_use]
    pub fn with_extent(mut self, extent: Option<Extent>) -> Self {
        self.extent = extent;
        self
    }

    /// The meaning of the dimensions.
    pub fn axes(&self) -> Axes {
        self.axes
    }

    /// Whether cells are colours.
    pub fn is_rgba(&self) -> bool {
        self.channels.is_some()
    }

    /// Number of frames, at least 1.
    pub fn frames(&self) -> u64 {
        self.dimensions.frames
    }

    /// Rows and columns of a frame.
    pub fn shape(&self) -> (u64, u64) {
        (self.dimensions.rows, self.dimensions.columns)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A frame, counted from 0. It reads the same open file.
    ///
    /// # Errors
    /// [`ArrayError::Frame`] beyond the last; [`ArrayError::Colors`] for colours of a type that needs a
    /// [range](Self::with_color_range).
    pub fn frame(&self, number: u64) -> Result<Array, ArrayError> {
        let Dimensions { frames, rows, columns, strides, .. } = self.dimensions;
        if number >= frames {
            return Err(ArrayError::Frame { path: self.path.clone(), frame: number, frames });
        }
        if let Some(channels) = &self.channels
            && !channels.has_range()
        {
            return Err(ArrayError::Colors { path: self.path.clone(), dtype: self.dtype, axes: self.axes });
        }
        let order = if strides.row < strides.column { Order::Fortran } else { Order::C };
        let offset = self.offset + number * strides.frame * self.dtype.bytes() as u64;
        Ok(Array {
            data: Arc::clone(&self.data),
            path: self.path.clone(),
            layout: RawLayout { dtype: self.dtype, shape: (rows, columns), offset, order },
            strides,
            channels: self.channels,
            extent: self.extent,
            component: self.component,
            tile: Mutex::default(),
        })
    }
}
