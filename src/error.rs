//! What the renderer and the canvas refuse.

use crate::stamp::StampError;
use crate::view::ViewError;

/// What the renderer or a canvas refuses, with what was asked for and what there is.
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
    /// The budget for the ring holds no row at all.
    #[error("a ring of {bytes} bytes holds no row: expected {row_bytes} bytes at least, for one row")]
    Capacity {
        /// Budget asked for, in bytes.
        bytes: u64,
        /// Bytes that one row takes.
        row_bytes: u64,
    },
    /// More texture layers than the device has.
    #[error("{rows} rows of {bins} bins take {layers} texture layers: this device has {max}")]
    Layers {
        /// Rows asked for.
        rows: u32,
        /// Bins a row.
        bins: u32,
        /// Layers they would take.
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
    /// A stamp that no row can have.
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
    /// A format that no fragment shader of this kind can draw to.
    #[error("a target of format {0}: expected a colour format that takes floats")]
    Format(String),
    /// A number of samples that the format does not come in on every device.
    #[error("a target of format {format} with {samples} samples a pixel: expected {expected}")]
    Samples {
        /// Format of the target.
        format: String,
        /// Samples asked for.
        samples: u32,
        /// What there is.
        expected: &'static str,
    },
    /// A depth-stencil attachment of a format that has neither depth nor stencil, or that the device was not asked for.
    #[error("a depth-stencil attachment of format {0}: expected a depth or stencil format that the device has enabled")]
    DepthStencil(String),
    /// Another device than the one that the [`Pipelines`](crate::Pipelines) were made on.
    #[error("this device is not the one that the waterfall's pipelines were made on")]
    Device,
    /// There was no memory; nothing was made.
    #[error("no memory left for the {what}: {message}")]
    OutOfMemory {
        /// What was to be made.
        what: &'static str,
        /// What the device or the allocator said.
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
    /// The waterfall that a [`Sender`](crate::Sender) sends to is gone.
    #[error("the waterfall that this sender sends to is gone")]
    Closed,
    /// Reading back from a waterfall that was made without [`Options::keep_rows`](crate::Options::keep_rows).
    #[error("this waterfall keeps no rows to read back: it was made with keep_rows = false")]
    NotKept,
    /// A slice for the picture that is not as long as the picture.
    #[error("a slice of {got} elements for the picture: expected {expected}")]
    OutputLength {
        /// Elements that the picture takes.
        expected: usize,
        /// Elements that there were.
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
        /// What does not fit.
        reason: &'static str,
    },
}
