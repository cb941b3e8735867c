//! A part of a source.

use std::sync::Arc;

use ringfall::source::{Block, Read, Source, SourceError, SourceInfo};

/// The samples of a source from one on, so many of them.
pub(super) struct Part<S> {
    source: S,
    skip: u64,
    left: u64,
}

impl<S: Source> Part<S> {
    /// Leaves out the first `skip` samples, and ends after `count` more.
    pub(super) fn new(source: S, skip: u64, count: u64) -> Self {
        Self { source, skip, left: count }
    }
}

impl<S: Source> Source for Part<S> {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        if self.left == 0 {
            return Ok(Read::End);
        }
        let read = self.source.read(block)?;
        if read != Read::Samples {
            return Ok(read);
        }
        let width = self.source.info().kind.values_per_sample();
        let samples = (block.samples.len() / width) as u64;
        let skipped = samples.min(self.skip);
        self.skip -= skipped;
        if skipped == samples {
            return Ok(Read::Idle);
        }
        if skipped > 0 {
            block.samples.drain(..skipped as usize * width);
            let passed_ns = skipped as f64 * 1e9 / self.source.info().rate_hz;
            block.time_ns = block.time_ns.saturating_add(passed_ns.round() as i64);
        }
        let samples = samples - skipped;
        block.samples.truncate(samples.min(self.left) as usize * width);
        self.left = self.left.saturating_sub(samples);
        Ok(Read::Samples)
    }

    fn overruns(&self) -> u64 {
        self.source.overruns()
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::source::{Demo, DemoOptions, Speed};

    fn samples(mut source: impl Source) -> (Option<i64>, Vec<f32>) {
        let (mut block, mut first, mut all) = (Block::default(), None, Vec::new());
        loop {
            match source.read(&mut block).unwrap() {
                Read::Samples => {
                    first.get_or_insert(block.time_ns);
                    all.extend_from_slice(&block.samples);
                }
                Read::End => return (first, all),
                _ => {}
            }
        }
    }

    #[test]
    fn it_is_what_lies_between() {
        let demo =
            || Demo::new(DemoOptions { speed: Speed::Max, duration_s: Some(10.0), ..DemoOptions::default() }).unwrap();
        let (_, whole) = samples(demo());
        for (skip, count) in [(0, 5), (1, 40_000), (50_000, 50_000), (119_999, 7), (120_000, 1), (0, 0)] {
            let (first, part) = samples(Part::new(demo(), skip as u64, count as u64));
            assert_eq!(part, whole[skip..(skip + count).min(whole.len())], "{count} after {skip}");
            // 12,000 samples a second.
            let expected = (!part.is_empty()).then_some((skip as f64 * 1e9 / 12e3).round() as i64);
            assert!(
                first.zip(expected).is_none_or(|(a, b)| (a - b).abs() <= 1) && first.is_some() == expected.is_some()
            );
        }
    }
}
