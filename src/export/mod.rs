//! Pictures written to files.

mod png;

pub use png::{ExportError, can_write, write_png};
