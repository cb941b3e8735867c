//! Rows of which all are there: those who show them need not wait for them.

use std::sync::Arc;
use std::thread;

use super::pace::PATIENCE;
use super::samples::Samples;
use super::{Read, RowInfo, RowSource, SourceError};
use crate::rows::{Compute, Frames};
use crate::stamp::Stamp;

/// A recording or an array as a source of rows. Its rows can be [computed](RowSource::compute) in any order; then it delivers none
/// itself. If that is not asked for, it is read from beginning to end as others are.
pub struct Whole {
    info: RowInfo,
    rows: Option<Box<dyn RowSource>>,
    compute: Option<Arc<dyn Compute>>,
    frames: Option<Arc<dyn Frames>>,
    samples: Option<Arc<dyn Samples>>,
    warning: Option<Arc<SourceError>>,
}

impl Whole {
    /// `rows` reads the same rows one after the other.
    pub fn new(rows: Box<dyn RowSource>, compute: Arc<dyn Compute>) -> Self {
        let info = rows.info().clone();
        Self { rows: Some(rows), ..Self::computed(info, compute) }
    }

    /// Rows with these properties, which can only be computed.
    pub fn computed(info: RowInfo, compute: Arc<dyn Compute>) -> Self {
        Self { info, rows: None, compute: Some(compute), frames: None, samples: None, warning: None }
    }

    /// The rows are those of the first of these frames.
    #[must_use]
    pub fn with_frames(mut self, frames: Arc<dyn Frames>) -> Self {
        self.frames = Some(frames);
        self
    }

    /// The same, with the samples that the rows are computed from.
    #[must_use]
    pub fn with_samples(self, samples: Arc<dyn Samples>) -> Self {
        Self { samples: Some(samples), ..self }
    }

    /// The same, with what is wrong with the file.
    #[must_use]
    pub fn with_warning(self, warning: Option<Arc<SourceError>>) -> Self {
        Self { warning, ..self }
    }
}

impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Whole").field("info", &self.info).finish_non_exhaustive()
    }
}

impl RowSource for Whole {
    fn info(&self) -> &RowInfo {
        self.rows.as_ref().map_or(&self.info, |rows| rows.info())
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        match &mut self.rows {
            Some(rows) => rows.read(row),
            // All rows are on show already.
            None => {
                thread::sleep(PATIENCE);
                Ok(Read::Early)
            }
        }
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        let rows = self.rows.as_ref().and_then(|rows| rows.warning());
        rows.or_else(|| self.samples.as_ref().and_then(|samples| samples.warning())).or_else(|| self.warning.clone())
    }

    fn frames(&mut self) -> Option<Arc<dyn Frames>> {
        self.frames.take()
    }

    fn compute(&mut self) -> Option<Arc<dyn Compute>> {
        let compute = self.compute.take()?;
        self.rows = None;
        Some(compute)
    }

    fn samples(&self) -> Option<Arc<dyn Samples>> {
        self.samples.clone()
    }
}
