//! Parts of sources.

use std::sync::Arc;

use ringfall::source::{
    Block, Control, Read, RowInfo, RowSource, SampleReader, Samples, Source, SourceError, SourceInfo, Stretch,
};
use ringfall::{RowsError, Stamp};

/// A number of samples of a source, starting at a given one. If the source has gaps, the missing samples count.
pub(super) struct Part {
    source: Box<dyn Source>,
    /// Time of sample 0.
    origin_ns: i64,
    first: u64,
    end: u64,
    /// All requested samples have been delivered.
    done: bool,
}

impl Part {
    /// Skips all samples before `first`, counted from `origin_ns`, and ends after `count` more.
    pub(super) fn new(source: Box<dyn Source>, origin_ns: i64, first: u64, count: u64) -> Self {
        Self { source, origin_ns, first, end: first.saturating_add(count), done: count == 0 }
    }
}

impl Source for Part {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        if self.done {
            return Ok(Read::End);
        }
        let read = self.source.read(block)?;
        if read != Read::Samples {
            return Ok(read);
        }
        let (width, rate_hz) = (self.source.info().kind.values_per_sample(), self.source.info().rate_hz);
        let samples = (block.samples.len() / width) as u64;
        let since_ns = block.time_ns.saturating_sub(self.origin_ns).max(0);
        let at = (since_ns as f64 * 1e-9 * rate_hz).round() as u64;
        let skipped = samples.min(self.first.saturating_sub(at));
        let kept = samples.min(self.end.saturating_sub(at)).saturating_sub(skipped);
        self.done = at.saturating_add(samples) >= self.end;
        if kept == 0 {
            return Ok(if self.done { Read::End } else { Read::Idle });
        }
        if skipped > 0 {
            block.samples.drain(..skipped as usize * width);
            let passed_ns = skipped as f64 * 1e9 / rate_hz;
            block.time_ns = block.time_ns.saturating_add(passed_ns.round() as i64);
        }
        block.samples.truncate(kept as usize * width);
        Ok(Read::Samples)
    }

    fn overruns(&self) -> u64 {
        self.source.overruns()
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }
}

/// A number of samples out of a recording, starting at a given one: those that [`Part`] would deliver.
pub(super) struct Cut {
    samples: Arc<dyn Samples>,
    info: SourceInfo,
    stretches: Vec<Stretch>,
    /// The number of the first sample of each stretch in the whole recording.
    firsts: Vec<u64>,
}

impl Cut {
    /// The samples from `first` on, counted from `origin_ns`, and `count` of them; in a gap the missing ones count.
    pub(super) fn new(samples: Arc<dyn Samples>, origin_ns: i64, first: u64, count: u64) -> Self {
        let rate_hz = samples.info().rate_hz;
        let end = first.saturating_add(count);
        let (mut stretches, mut firsts, mut kept) = (Vec::new(), Vec::new(), 0);
        for stretch in samples.stretches() {
            let since_ns = stretch.time_ns.saturating_sub(origin_ns).max(0);
            let at = (since_ns as f64 * 1e-9 * rate_hz).round() as u64;
            let skipped = first.saturating_sub(at).min(stretch.samples);
            let samples = end.saturating_sub(at).min(stretch.samples).saturating_sub(skipped);
            if samples == 0 {
                continue;
            }
            let passed_ns = (skipped as f64 * 1e9 / rate_hz).round() as i64;
            let time_ns = stretch.time_ns.saturating_add(passed_ns);
            firsts.push(stretch.first + skipped);
            stretches.push(Stretch { first: kept, samples, time_ns, centre_hz: stretch.centre_hz });
            kept += samples;
        }
        let mut info = samples.info().clone();
        info.centre_hz = stretches.first().map_or(info.centre_hz, |first| first.centre_hz);
        Self { samples, info, stretches, firsts }
    }
}

impl Samples for Cut {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    fn reader(&self) -> Box<dyn SampleReader + '_> {
        Box::new(CutReader { cut: self, reader: self.samples.reader(), piece: Vec::new() })
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.samples.warning()
    }
}

struct CutReader<'a> {
    cut: &'a Cut,
    reader: Box<dyn SampleReader + 'a>,
    piece: Vec<f32>,
}

impl SampleReader for CutReader<'_> {
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let Cut { stretches, firsts, .. } = self.cut;
        let index = stretches.partition_point(|stretch| stretch.first <= first).saturating_sub(1);
        let (mut skip, mut left) = (stretches.get(index).map_or(first, |stretch| first - stretch.first), count as u64);
        let within = stretches.get(index).is_some_and(|stretch| skip + left <= stretch.samples);
        if within {
            return self.reader.read_at(firsts[index] + skip, count, out);
        }
        out.clear();
        for (stretch, from) in stretches.iter().zip(firsts).skip(index) {
            let take = left.min(stretch.samples.saturating_sub(skip));
            self.reader.read_at(from + skip, take as usize, &mut self.piece)?;
            out.extend_from_slice(&self.piece);
            (skip, left) = (0, left - take);
        }
        if left == 0 {
            return Ok(());
        }
        out.clear();
        // The recording says what there is, and which file it is.
        self.reader.read_at(self.cut.samples.count(), left as usize, &mut self.piece)
    }
}

/// The rows of a source that begin within these times, in nanoseconds.
pub(super) struct RowPart {
    source: Box<dyn RowSource>,
    times: (i64, i64),
    done: bool,
}

impl RowPart {
    pub(super) fn new(source: Box<dyn RowSource>, times: (i64, i64)) -> Self {
        Self { source, times, done: false }
    }
}

impl RowSource for RowPart {
    fn info(&self) -> &RowInfo {
        self.source.info()
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if self.done {
            return Ok(Read::End);
        }
        let ((from, to), done) = (self.times, &mut self.done);
        self.source.read(&mut |stamp, levels| {
            *done |= stamp.time_ns >= to;
            if (from..to).contains(&stamp.time_ns) {
                row(stamp, levels);
            }
        })
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.source.warning()
    }

    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        self.source.control(control)
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
            let (first, part) = samples(Part::new(Box::new(demo()), 0, skip as u64, count as u64));
            assert_eq!(part, whole[skip..(skip + count).min(whole.len())], "{count} after {skip}");
            // 12,000 samples a second.
            let expected = (!part.is_empty()).then_some((skip as f64 * 1e9 / 12e3).round() as i64);
            assert!(
                first.zip(expected).is_none_or(|(a, b)| (a - b).abs() <= 1) && first.is_some() == expected.is_some()
            );
        }
    }
}
