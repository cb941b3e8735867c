//! A progress bar on the terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar that appears after a second.
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new(seconds: Option<f64>) -> Self {
        let (length, style) = match seconds {
            Some(seconds) => ((seconds * 1e3) as u64, "{wide_bar} {percent} % {eta} to go"),
            None => (0, "{spinner} {elapsed}"),
        };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, started: Instant::now(), is_shown: true }
    }

    /// One that is never shown.
    pub(super) fn none() -> Self {
        Self { is_shown: false, ..Self::new(None) }
    }

    pub(super) fn at(&self, seconds: f64) {
        self.bar.set_position((seconds * 1e3) as u64);
        if self.is_shown && self.bar.is_hidden() && self.started.elapsed() > Duration::from_secs(1) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
