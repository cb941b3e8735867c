//! The error for a missing display, which scripts can handle.

use thiserror::Error;

/// There is no display to open a window on. It has its own exit code, so that scripts can fall back to `render`.
#[derive(Debug, Error)]
#[error(
    "no display to open a window on: {0}
\
     To make a picture without one:  ringfall render demo -o waterfall.png"
)]
pub(crate) struct NoDisplay(String);

impl From<winit::error::EventLoopError> for NoDisplay {
    fn from(error: winit::error::EventLoopError) -> Self {
        let text = error.to_string();
        // winit's text begins with a place in its own source.
        let reason = text.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")).map(|(_, reason)| reason);
        Self(reason.unwrap_or(&text).trim_end_matches('.').to_owned())
    }
}
