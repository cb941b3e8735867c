//! Chance, and the noise of the band.

use super::voice::turn_sine;

/// Xoshiro256++ 1.0 (Blackman, Vigna, <https://prng.di.unimi.it>), its state filled from the seed by SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Random([u64; 4]);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        }))
    }

    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number from `low` to `high`, all alike probable.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// A whole number from 0 to below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.between(0.0, count as f64) as usize).min(count - 1)
    }

    /// A nearly normal number of mean 0 and standard deviation 1: the sum of four even ones.
    #[inline]
    fn normal(&mut self) -> f32 {
        let bits = self.next();
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
        // Mean 4 · 65535/2, variance 4 · (65536² − 1)/12.
        (sum as i32 - 131_070) as f32 * (1.0 / 37_837.226)
    }
}

/// Standard deviation of a sample (of I and of Q alike). All of the noise together has −40 dBFS then, where a full-scale sine
/// has 0: 10^(−40/20)/√2.
const SIGMA: f32 = 0.007_071_068;

/// The noise of the band: louder in its lower part, breathing a little, with a crash of lightning now and then.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    random: Random,
    events: Random,
    last: [f32; 2],
    crash: f32,
    /// Steps until the next crash.
    quiet: u64,
    step_s: f64,
    decay: f32,
}

impl Noise {
    pub(super) fn new(mut random: Random, step_s: f64) -> Self {
        let events = Random::new(random.next());
        // A crash is over (−20 dB) after about 0.25 s: a factor of 0.95 every 5 ms.
        let decay = 1.0 - (0.05 * step_s / 0.005).min(0.9) as f32;
        let mut noise = Self { random, events, last: [0.0; 2], crash: 0.0, quiet: 0, step_s, decay };
        noise.quiet = noise.pause();
        noise
    }

    fn pause(&mut self) -> u64 {
        (self.events.between(5.0, 22.0) / self.step_s) as u64
    }

    /// Overwrites `i`, and `q` if it is not empty.
    pub(super) fn fill(&mut self, i: &mut [f32], q: &mut [f32], seconds: f64) {
        if self.quiet == 0 {
            self.crash = self.events.between(1.5, 5.0) as f32;
            self.quiet = self.pause();
        }
        self.quiet = self.quiet.saturating_sub(1);
        self.crash *= self.decay;
        let breath = 1.0 + 0.06 * turn_sine(seconds / 23.0) as f32;
        let gain = SIGMA * (breath + self.crash);
        for (out, last) in [i, q].into_iter().zip(&mut self.last) {
            for sample in out {
                let white = self.random.normal();
                // One tap of the last sample tilts the floor by 4.4 dB over the band; 0.970 keeps the power.
                *sample = gain * 0.970_142_5 * (white + 0.25 * *last);
                *last = white;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published test vector for the state 1, 2, 3, 4; the first of them is rotl(1 + 4, 23) + 1 = 5·2²³ + 1.
    #[test]
    fn xoshiro() {
        let mut random = Random([1, 2, 3, 4]);
        assert_eq!(random.next(), 41_943_041);
        assert_eq!(random.next(), 58_720_359);
        assert_eq!(random.next(), 3_588_806_011_781_223);
    }

    #[test]
    fn noise_is_normal_and_at_its_level() {
        let mut random = Random::new(7);
        let count = 200_000;
        let (mut sum, mut square, mut fourth) = (0.0, 0.0, 0.0);
        for _ in 0..count {
            let x = f64::from(random.normal());
            sum += x;
            square += x * x;
            fourth += x * x * x * x;
        }
        let n = f64::from(count);
        assert!((sum / n).abs() < 0.01);
        assert!((square / n - 1.0).abs() < 0.01);
        // Four even numbers: a kurtosis of 3 − 1.2/4.
        assert!((fourth / n - 2.7).abs() < 0.05);

        let mut noise = Noise::new(Random::new(3), 64.0 / 12_000.0);
        noise.quiet = u64::MAX;
        let (mut i, mut q) = (vec![0.0; 64], vec![0.0; 64]);
        let (mut power, mut samples) = (0.0, 0.0);
        for step in 0..4000_u32 {
            noise.fill(&mut i, &mut q, f64::from(step) * 64.0 / 12_000.0);
            power += i.iter().chain(&q).map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
            samples += 64.0;
        }
        // A full-scale complex exponential has power 1.
        let dbfs = 10.0 * (power / samples).log10();
        assert!((dbfs + 40.0).abs() < 0.3, "{dbfs}");
    }
}
