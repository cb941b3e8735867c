//! The content of a window.

use std::sync::Arc;

use ringfall::source::{RowSource, WhenFull};
use ringfall::{Colormap, Compute, ComputedOptions, Frames, Norm, Options, Precision, Saved, View, wgpu};

use super::analysis::Analysis;
use super::keep::Kept;
use super::late::Later;
use super::publish::Publish;
use super::switch::{Opener, Reopen};

/// Rows that can be computed in any order, and how.
pub(crate) struct Whole {
    pub(crate) compute: Arc<dyn Compute>,
    /// The frames that they are the first of.
    pub(crate) frames: Option<Arc<dyn Frames>>,
    pub(crate) options: ComputedOptions,
    /// Where they are saved.
    pub(crate) saved: Option<Saved>,
}

/// The content of a window, and how it is displayed.
pub(crate) struct Show {
    pub(crate) source: Box<dyn RowSource>,
    /// How samples become rows.
    pub(crate) analysis: Analysis,
    /// Opens other sources.
    pub(crate) opener: Opener,
    /// Opens the source again, if that is possible.
    pub(crate) reopen: Option<Reopen>,
    /// What to do with the source once it is open, if it stands in for one that takes long.
    pub(crate) late: Option<Later>,
    /// Recordings are played without sound.
    pub(crate) mute: bool,
    /// What was kept of the last run.
    pub(crate) kept: Kept,
    /// Only the picture, without axes and menus.
    pub(crate) bare: bool,
    pub(crate) when_full: WhenFull,
    /// The renderer's options; size and bins are filled in when they are known.
    pub(crate) options: Options,
    pub(crate) view: View,
    /// Memory for rows, in bytes, and how values are kept in it.
    pub(crate) history: (u64, Precision),
    /// The rows of the source, if they can be computed in any order.
    pub(crate) whole: Option<Whole>,
    /// The times of those to show at first, in nanoseconds on their clock; none for all of them.
    pub(crate) times: Option<(i64, i64)>,
    /// Frames of a stack that are played in a second.
    pub(crate) fps: f64,
    /// Seconds of the rows' clock that pass in one second; infinite if unknown.
    pub(crate) speed: f64,
    pub(crate) colormap: Colormap,
    /// The ends of the range that are fixed by the user.
    pub(crate) range: (Option<f32>, Option<f32>),
    /// How the colours share the range.
    pub(crate) norm: Norm,
    /// Offset added to an automatic range, in dB.
    pub(crate) bias: f32,
    /// The percentiles of the values on show that an automatic range lies between.
    pub(crate) percentile: Option<(f64, f64)>,
    /// Where rows or pictures are sent on.
    pub(crate) publish: Option<Publish>,
    pub(crate) fullscreen: bool,
    pub(crate) present: wgpu::PresentMode,
    pub(crate) adapter: Option<String>,
    /// Size of the window in physical pixels.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) exit_after: Option<f64>,
    /// For tests: destroy the graphics device after this many seconds.
    pub(crate) lose_device_after: Option<f64>,
}
