//! Errors of the renderer and the canvas.

use crate::stamp::StampError;
use crate::view::ViewError;

/// An error of the renderer or a canvas, with the requested value and the limit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No bins, or more than [`Options::MAX_BINS`](crate::Options::MAX_BINS).
    #[error("a row of {asked} bins: expected 1 to {max}")]
    Bins {
        /// Bins asked for.
        asked: u32,
        /// The most there may be.
        max: u32,
    },
    /// The budget for the ring is smaller than one row.
    #[error("a ring of {bytes} bytes holds no row: expected {row_bytes} bytes at least, for one row")]
    Capacity {
        /// Budget asked for, in bytes.
        bytes: u64,
        /// Bytes that one row takes.
        row_bytes: u64,
    },
    /// The rows need more texture layers than the device supports.
    #[error("{rows} rows of {bins} bins take {layers} texture layers: this device supports {max}")]
    Layers {
        /// Rows asked for.
        rows: u32,
        /// Bins a row.
        bins: u32,
        /// Layers that they would take.
        layers: u32,
        /// The device's limit.
        max: u32,
    },
    /// A picture without pixels, or larger than the device's textures or a [`Canvas`](crate::Canvas) may be.
    #[error("a picture of {width}×{height} pixels: expected 1 to {max} a side")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The limit.
        max: u32,
    },
    /// A row longer than the waterfall's, or empty.
    #[error("a row of {got} values: expected 1 to {max}")]
    RowLength {
        /// Values in the row.
        got: usize,
        /// Bins that the waterfall was made for.
        max: u32,
    },
    /// Values where cells are [colours](crate::Texel::Rgba8), or colours where they are values.
    #[error("cells are {got}: expected {expected}")]
    Cells {
        /// What they are.
        got: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// An invalid stamp.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// A view that shows nothing.
    #[error(transparent)]
    View(#[from] ViewError),
    /// Rows that a [`Loader`](crate::Loader) could not read.
    #[error(transparent)]
    Rows(#[from] crate::rows::RowsError),
    /// 8-bit texels whose step is not above zero, or whose numbers are not finite.
    #[error("8-bit texels from {zero} in steps of {step}: expected finite numbers and a step above 0")]
    Texel {
        /// Value of code 0.
        zero: f32,
        /// Value between two codes.
        step: f32,
    },
    /// A target format that the shader cannot write to.
    #[error("a target of format {0}: expected a colour format that a shader can write floats to")]
    Format(String),
    /// A sample count that not every device supports for this format.
    #[error("a target of format {format} with {samples} samples per pixel: expected {expected}")]
    Samples {
        /// Format of the target.
        format: String,
        /// Samples asked for.
        samples: u32,
        /// What there is.
        expected: &'static str,
    },
    /// A depth-stencil format that has neither depth nor stencil, or that the device has not enabled.
    #[error("a depth-stencil attachment of format {0}: expected a depth or stencil format that the device has enabled")]
    DepthStencil(String),
    /// A device other than the one that the [`Pipelines`](crate::Pipelines) were created on.
    #[error("this device is not the one that the waterfall's pipelines were created on")]
    Device,
    /// There is not enough memory; nothing was allocated.
    #[error("not enough memory for the {what}: {message}")]
    OutOfMemory {
        /// What was to be allocated.
        what: &'static str,
        /// The message of the device or the allocator.
        message: String,
    },
    /// A sender for no rows, or for more than [`Options::MAX_SENDER_ROWS`](crate::Options::MAX_SENDER_ROWS).
    #[error("a sender with room for {asked} rows: expected 1 to {max}")]
    SenderRows {
        /// Rows asked for.
        asked: u32,
        /// The most there may be.
        max: u32,
    },
    /// The waterfall of a [`Sender`](crate::Sender) has been dropped.
    #[error("the waterfall of this sender has been dropped")]
    Closed,
    /// Reading back from a waterfall that was created without [`Options::keep_rows`](crate::Options::keep_rows).
    #[error("this waterfall keeps no rows to read back: it was created with keep_rows = false")]
    NotKept,
    /// An output slice whose length does not match the picture.
    #[error("an output slice of {got} elements for the picture: expected {expected}")]
    OutputLength {
        /// Elements that the picture takes.
        expected: usize,
        /// Elements in the slice.
        got: usize,
    },
    /// A texture that the strip cannot be copied to.
    #[error("cannot copy a {width}×{height} picture of format {format} to this texture: {reason}")]
    Copy {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The strip's format.
        format: String,
        /// Why not.
        reason: &'static str,
    },
}
