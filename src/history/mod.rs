//! The truth, on the CPU: rows by absolute number with a stamp each, and reduced levels of them for far zoom-outs.

mod chunk;
#[expect(clippy::module_inception, reason = "the file holds the one public noun that the folder is named after")]
mod history;
mod open;
mod rows;

pub use history::{Depth, History, HistoryError};
pub use rows::Rows;
