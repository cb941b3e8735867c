//! The embedded demonstration: a synthetic short-wave band that needs no hardware and no file.
//!
//! It depends only on a seed: every sample is the same, bit for bit, on every machine. To that end it uses only additions,
//! multiplications and integers, whose results IEEE 754 and Rust define, and not the system's sine.

mod hell;
mod morse;
mod noise;
mod scene;
mod voice;

use super::pace::{Pacer, time_ns};
use super::{Block, Read, Source, SourceError, SourceInfo, Speed};
use crate::dsp::SampleKind;

use noise::{Noise, Random};
pub use scene::DemoSignal;
use voice::Voice;

/// Settings of the demonstration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemoOptions {
    /// The same seed gives the same samples.
    pub seed: u64,
    /// Samples a second, in Hz; 1 or more.
    pub rate_hz: f64,
    /// Real samples, of a band from 0 Hz to half the rate; or complex ones, of a band from minus to plus half the rate.
    pub kind: SampleKind,
    /// How fast it is played.
    pub speed: Speed,
    /// When it ends, in seconds; never, if none.
    pub duration_s: Option<f64>,
}

impl Default for DemoOptions {
    /// Real samples at 12,000 Hz in real time, without end; seed 1.
    fn default() -> Self {
        Self { seed: 1, rate_hz: 12_000.0, kind: SampleKind::Real, speed: Speed::Real, duration_s: None }
    }
}

/// The demonstration as a source. Its clock is [`Clock::File`](super::Clock::File): time 0 is its first sample.
#[derive(Debug)]
pub struct Demo {
    info: SourceInfo,
    signals: Vec<DemoSignal>,
    voices: Vec<Voice>,
    noise: Noise,
    pacer: Pacer,
    /// Samples still to come.
    left: u64,
    /// Samples delivered.
    done: u64,
    /// Steps made; a step is the stretch in which no voice changes its frequency.
    steps: u64,
    step: usize,
    /// In phase, and in quadrature if the samples are complex: one step of samples.
    i: Vec<f32>,
    q: Vec<f32>,
    /// Samples of this step that have been delivered.
    used: usize,
}

impl Demo {
    /// Builds the band that `options` describe.
    ///
    /// # Errors
    /// [`SourceError::Rate`] or [`SourceError::Speed`] for an invalid rate or speed.
    pub fn new(options: DemoOptions) -> Result<Self, SourceError> {
        let DemoOptions { seed, rate_hz, kind, speed, duration_s } = options;
        let name = format!("demonstration (seed {seed})");
        if !(rate_hz >= 1.0 && rate_hz.is_finite()) {
            return Err(SourceError::Rate { from: name, got: rate_hz });
        }
        speed.check()?;

        // About 5 ms: shorter than a dot of the fastest Morse, long enough that planning a step costs little.
        let step = ((rate_hz * 0.005 / 16.0).round() as usize).clamp(1, 256) * 16;
        let mut random = Random::new(seed);
        let (signals, voices) = scene::build(&mut random, rate_hz, kind, step as f64 / rate_hz);
        let quadrature = match kind {
            SampleKind::Real => 0,
            SampleKind::Complex => step,
        };
        Ok(Self {
            info: SourceInfo::new(name, rate_hz, kind),
            signals,
            voices,
            noise: Noise::new(random, step as f64 / rate_hz),
            pacer: Pacer::new(speed, rate_hz),
            left: duration_s.map_or(u64::MAX, |seconds| (seconds * rate_hz).round() as u64),
            done: 0,
            steps: 0,
            step,
            i: vec![0.0; step],
            q: vec![0.0; quadrature],
            used: step,
        })
    }

    /// The signals and their frequencies, in order of frequency.
    pub fn signals(&self) -> &[DemoSignal] {
        &self.signals
    }

    /// Makes the next step of samples.
    fn advance(&mut self) {
        let seconds = self.steps as f64 * (self.step as f64 / self.info.rate_hz);
        self.noise.fill(&mut self.i, &mut self.q, seconds);
        for voice in &mut self.voices {
            voice.add(&mut self.i, &mut self.q, self.steps, seconds);
        }
        self.steps += 1;
        self.used = 0;
    }
}

impl Source for Demo {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.pacer.block());
        if count == 0 {
            return Ok(Read::End);
        }
        if !self.pacer.due(count) {
            return Ok(Read::Early);
        }
        block.samples.clear();
        block.time_ns = time_ns(self.done, self.info.rate_hz);
        block.gap = false;
        let mut wanted = count;
        while wanted > 0 {
            if self.used == self.step {
                self.advance();
            }
            let now = wanted.min(self.step - self.used);
            let part = self.used..self.used + now;
            match self.info.kind {
                SampleKind::Real => block.samples.extend_from_slice(&self.i[part]),
                SampleKind::Complex => {
                    block.samples.extend(self.i[part.clone()].iter().zip(&self.q[part]).flat_map(|(&i, &q)| [i, q]));
                }
            }
            self.used += now;
            wanted -= now;
        }
        self.left -= count as u64;
        self.done += count as u64;
        Ok(Read::Samples)
    }
}
