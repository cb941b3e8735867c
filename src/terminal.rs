//! Standard output and standard error, which may fail: a full disk, a reader that has left.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Standard output failed.
#[derive(Debug, thiserror::Error)]
#[error("standard output: {0}")]
pub(crate) struct StdoutError(#[from] pub(crate) io::Error);

/// Writes a line to standard output.
pub(crate) fn say(line: impl Display) -> Result<(), StdoutError> {
    text(format_args!("{line}\n"))
}

/// Writes to standard output, at once.
pub(crate) fn text(text: impl Display) -> Result<(), StdoutError> {
    // In one piece, so that lines of several processes do not mix.
    let text = text.to_string();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a line to standard error. A failure is ignored, since it cannot be reported.
pub(crate) fn complain(line: impl Display) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}

/// Whether the reader of standard output has left, as `head` does when it has enough.
pub(crate) fn reader_left(error: &anyhow::Error) -> bool {
    let source = error.chain().find_map(|cause| {
        if let Some(StdoutError(source)) = cause.downcast_ref() {
            return Some(source);
        }
        match cause.downcast_ref() {
            Some(ringfall::export::ExportError::Stdout { source }) => Some(source),
            _ => None,
        }
    });
    source.is_some_and(|source| source.kind() == io::ErrorKind::BrokenPipe)
}
