//! The beginning of a source.

use std::sync::Arc;

use ringfall::source::{Block, Read, Source, SourceError, SourceInfo};

/// So many samples of a source, and no more.
pub(super) struct Beginning<S> {
    pub(super) source: S,
    pub(super) left: u64,
}

impl<S: Source> Source for Beginning<S> {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        if self.left == 0 {
            return Ok(Read::End);
        }
        let read = self.source.read(block)?;
        if read == Read::Samples {
            let width = self.source.info().kind.values_per_sample();
            let samples = (block.samples.len() / width) as u64;
            block.samples.truncate(samples.min(self.left) as usize * width);
            self.left = self.left.saturating_sub(samples);
        }
        Ok(read)
    }

    fn overruns(&self) -> u64 {
        self.source.overruns()
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }
}
