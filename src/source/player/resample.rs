//! Samples at the rate of the sound device.

use super::super::samples::SampleReader;
use crate::rows::RowsError;

/// The samples from a number on, clipped to ±1, at another rate. Between two samples lies the straight line between them; at the
/// same rate they are handed on as they are.
pub(super) struct Resampler {
    first: u64,
    /// Samples from the first to the last.
    left: u64,
    /// Samples for each frame of the device.
    step: f64,
    /// Number of the next frame. Places are counted from the first, so that they do not drift.
    next: u64,
    held: Vec<f32>,
}

impl Resampler {
    /// Samples held at once, at most.
    const MOST: f64 = 65_536.0;

    /// The samples from `first` to `count`, both rates in Hz.
    pub(super) fn new(first: u64, count: u64, rate_hz: f64, device_hz: f64) -> Self {
        Self { first, left: count.saturating_sub(first), step: rate_hz / device_hz, next: 0, held: Vec::new() }
    }

    /// Frames of the device in all.
    pub(super) fn frames(&self) -> u64 {
        (self.left as f64 / self.step).ceil() as u64
    }

    /// Where a frame is, in samples from the first: whole ones, and the part after them.
    fn place(&self, frame: u64) -> (u64, f32) {
        let place = frame as f64 * self.step;
        (place as u64, place.fract() as f32)
    }

    /// Replaces `out` by the next frames, at most `most` of them; there are none after the end.
    pub(super) fn next(
        &mut self,
        reader: &mut dyn SampleReader,
        most: usize,
        out: &mut Vec<f32>,
    ) -> Result<(), RowsError> {
        out.clear();
        let most = (most as u64).min((Self::MOST / self.step).ceil() as u64);
        let end = (self.next + most).min(self.frames());
        if end <= self.next {
            return Ok(());
        }
        let (from, _) = self.place(self.next);
        let (last, _) = self.place(end - 1);
        let from = from.min(self.left - 1);
        let count = (last + 2).min(self.left).saturating_sub(from);
        reader.read_at(self.first + from, count as usize, &mut self.held)?;
        out.extend((self.next..end).map(|frame| {
            let (whole, part) = self.place(frame);
            between(&self.held, whole.saturating_sub(from) as usize, part)
        }));
        self.next = end;
        Ok(())
    }
}

/// The value a part of the way from one sample to the next, clipped. NaN is silence; after the last sample its value stays.
fn between(samples: &[f32], index: usize, part: f32) -> f32 {
    let clip = |index: usize| {
        let value = samples.get(index).or(samples.last()).copied().unwrap_or(0.0);
        if value.is_nan() { 0.0 } else { value.clamp(-1.0, 1.0) }
    };
    let value = clip(index);
    value + (clip(index + 1) - value) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Vec<f32>);

    impl SampleReader for Fixed {
        fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
            out.clear();
            out.extend_from_slice(&self.0[first as usize..][..count]);
            Ok(())
        }
    }

    fn all(samples: &[f32], first: u64, rates: (f64, f64), most: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(first, samples.len() as u64, rates.0, rates.1);
        let mut reader = Fixed(samples.to_vec());
        let (mut out, mut block) = (Vec::new(), Vec::new());
        loop {
            resampler.next(&mut reader, most, &mut block).unwrap();
            if block.is_empty() {
                assert_eq!(out.len() as u64, resampler.frames());
                return out;
            }
            assert!(block.len() <= most);
            out.extend_from_slice(&block);
        }
    }

    #[test]
    fn the_same_rate_changes_nothing() {
        let samples: Vec<f32> = (0..1000).map(|n| n as f32 / 1000.0).collect();
        for most in [1, 7, 4096] {
            assert_eq!(all(&samples, 0, (48_000.0, 48_000.0), most), samples);
        }
        assert_eq!(all(&samples, 990, (8000.0, 8000.0), 3), samples[990..]);
        assert_eq!(all(&samples, 1000, (8000.0, 8000.0), 3), [0.0; 0]);
    }

    #[test]
    fn other_rates_lie_on_straight_lines() {
        // Worked out by hand.
        for most in [1, 2, 100] {
            let samples = [0.0, 1.0, 0.0, -1.0];
            assert_eq!(all(&samples, 0, (1.0, 2.0), most), [0.0, 0.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.0]);
            assert_eq!(all(&samples, 0, (2.0, 1.0), most), [0.0, 0.0]);
            assert_eq!(all(&samples, 1, (2.0, 1.0), most), [1.0, -1.0]);
            assert_eq!(all(&[0.0, 0.5, 1.0], 0, (3.0, 2.0), most), [0.0, 0.75]);
        }
    }

    #[test]
    fn what_is_beyond_full_scale_is_clipped_and_nan_is_silent() {
        let samples = [2.0, -3.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.25];
        assert_eq!(all(&samples, 0, (1.0, 1.0), 4), [1.0, -1.0, 0.0, 1.0, -1.0, 0.25]);
        assert_eq!(all(&[f32::INFINITY, f32::NAN], 0, (1.0, 2.0), 4), [1.0, 0.5, 0.0, 0.0]);
    }

    #[test]
    fn a_block_is_never_large() {
        let samples = vec![0.5; 300_000];
        let mut resampler = Resampler::new(0, samples.len() as u64, 192_000.0, 8000.0);
        let mut block = Vec::new();
        resampler.next(&mut Fixed(samples), 1 << 20, &mut block).unwrap();
        assert!(block.len() as f64 * 24.0 <= Resampler::MOST + 24.0, "{}", block.len());
    }
}
