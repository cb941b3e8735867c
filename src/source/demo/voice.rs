//! One oscillator of the demonstration: where it is, when it sounds, how loud.

/// The sine of 2π · `phase`/2³², to 4·10⁻⁶: its Taylor series to the ninth power over a quarter of a turn.
#[inline(always)]
pub(super) fn sine(phase: u32) -> f32 {
    let turn = phase as i32;
    // Beyond a quarter of a turn to either side, sin(π − x) = sin(x): then the upper two bits differ.
    let folded = if (turn ^ (turn << 1)) < 0 { i32::MIN.wrapping_sub(turn) } else { turn };
    // Half a turn is 1 now, so that x lies within ±1/2.
    let x = folded as f32 * (1.0 / 2_147_483_648.0);
    let y = x * x;
    let c = 0.082_145_885_f32;
    let c = -0.599_264_5 + y * c;
    let c = 2.550_164 + y * c;
    let c = -5.167_712_7 + y * c;
    let c = std::f32::consts::PI + y * c;
    x * c
}

/// The sine of an angle in turns.
pub(super) fn turn_sine(turns: f64) -> f64 {
    f64::from(sine(((turns - turns.floor()) * 4_294_967_296.0) as u32))
}

/// Where a voice is, in Hz of the samples.
#[derive(Clone, Copy, Debug)]
pub(super) enum Track {
    /// It swings slowly about its place.
    Wander { hz: f64, swing_hz: f64, period_s: f64, start: f64 },
    /// It sweeps from one place to another within `lasts_s`, and again `every_s`; silent in between.
    Sweep { from_hz: f64, to_hz: f64, lasts_s: f64, every_s: f64, start_s: f64 },
    /// The Doppler curve of something that flies by: from `hz + reach_hz` down to `hz − reach_hz` within `lasts_s`, steep in the
    /// middle, and again `every_s`; silent in between.
    Pass { hz: f64, reach_hz: f64, lasts_s: f64, every_s: f64, start_s: f64 },
}

impl Track {
    /// The frequency at a time, or none while it is silent.
    fn hz(self, seconds: f64) -> Option<f64> {
        // Time since the last beginning, as a part of how long it lasts.
        let part = |lasts_s: f64, every_s: f64, start_s: f64| {
            let turns = (seconds - start_s) / every_s;
            let since_s = (turns - turns.floor()) * every_s;
            (since_s < lasts_s).then_some(since_s / lasts_s)
        };
        match self {
            Self::Wander { hz, swing_hz, period_s, start } => {
                Some(hz + swing_hz * turn_sine(start + seconds / period_s))
            }
            Self::Sweep { from_hz, to_hz, lasts_s, every_s, start_s } => {
                part(lasts_s, every_s, start_s).map(|part| from_hz + (to_hz - from_hz) * part)
            }
            Self::Pass { hz, reach_hz, lasts_s, every_s, start_s } => part(lasts_s, every_s, start_s).map(|part| {
                let x = 8.0 * (part - 0.5);
                // 1.031 is √(1 + 4²)/4: the curve ends at its reach.
                hz - reach_hz * 1.030_776_4 * x / (1.0 + x * x).sqrt()
            }),
        }
    }

    /// After how many steps the frequency is looked up again.
    fn every(self) -> u64 {
        match self {
            Self::Wander { .. } => 16,
            Self::Sweep { .. } | Self::Pass { .. } => 1,
        }
    }
}

/// When a voice sounds, and on which of its tones: units of equal length, played in a loop.
#[derive(Clone, Debug)]
pub(super) struct Score {
    /// 0 is silence, n the tone n − 1.
    pub(super) units: Vec<u8>,
    /// Length of a unit in seconds.
    pub(super) unit_s: f64,
    /// Distance of two tones.
    pub(super) tone_hz: f64,
    /// How loud silence is, from 0 to 1.
    pub(super) rest: f32,
    /// The unit to begin with.
    pub(super) first: usize,
}

impl Score {
    /// Always there.
    pub(super) fn steady() -> Self {
        Self { units: vec![1], unit_s: 3600.0, tone_hz: 0.0, rest: 0.0, first: 0 }
    }
}

/// Slow fading: how much weaker the signal is in a valley (0 is no fading, 1 is silence), and the period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fading {
    pub(super) depth: f64,
    pub(super) period_s: f64,
    pub(super) start: f64,
}

/// An oscillator. It keeps its phase whatever its frequency does.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    track: Track,
    score: Score,
    fading: Fading,
    level: f32,
    rate_hz: f64,
    /// Steps that a unit lasts, and those that are left of this one.
    unit: u64,
    left: u64,
    /// How much of the way to its new loudness a voice goes in a step.
    attack: f32,
    phase: u64,
    loudness: f32,
    /// Frequency, whether there is anything at all, and fading, when last looked up.
    hz: f64,
    present: bool,
    faded: f32,
    /// They have to be looked up again.
    stale: bool,
}

impl Voice {
    /// `level` is its amplitude at its loudest; `rise_s` how long it takes to get there.
    pub(super) fn new(
        track: Track,
        score: Score,
        fading: Fading,
        level: f32,
        rise_s: f64,
        rate_hz: f64,
        step_s: f64,
    ) -> Self {
        let unit = (score.unit_s / step_s).round().max(1.0) as u64;
        Self {
            track,
            score,
            fading,
            level,
            rate_hz,
            unit,
            left: unit,
            attack: (step_s / rise_s).min(1.0) as f32,
            phase: 0,
            loudness: 0.0,
            hz: 0.0,
            present: false,
            faded: 1.0,
            stale: true,
        }
    }

    /// Adds one step to `i`, and to `q` if it is not empty.
    pub(super) fn add(&mut self, i: &mut [f32], q: &mut [f32], step: u64, seconds: f64) {
        if self.left == 0 {
            self.left = self.unit;
            self.score.first = (self.score.first + 1) % self.score.units.len();
        }
        self.left -= 1;

        let unit = self.score.units[self.score.first];
        if unit == 0 && self.score.rest == 0.0 && self.loudness == 0.0 {
            self.stale = true;
            return;
        }
        if self.stale || step.is_multiple_of(self.track.every()) {
            let now = self.track.hz(seconds);
            // What fades out does so where it was.
            self.hz = now.unwrap_or(self.hz);
            self.present = now.is_some();
            let Fading { depth, period_s, start } = self.fading;
            self.faded = (1.0 - depth * (0.5 + 0.5 * turn_sine(start + seconds / period_s))) as f32;
            self.stale = false;
        }
        let target = match (self.present, unit) {
            (false, _) => 0.0,
            (true, 0) => self.score.rest,
            (true, _) => 1.0,
        } * self.faded
            * self.level;
        let before = self.loudness;
        let mut after = before + (target - before) * self.attack;
        if target == 0.0 && after < self.level * 1e-3 {
            after = 0.0;
        }
        self.loudness = after;
        if before == 0.0 && after == 0.0 {
            return;
        }

        let hz = self.hz + f64::from(unit.saturating_sub(1)) * self.score.tone_hz;
        let turns = hz / self.rate_hz;
        // Exact to 2⁻⁶⁴ of a turn; a negative frequency turns the other way.
        let turn = ((turns - turns.floor()) * 18_446_744_073_709_551_616.0) as u64;
        let (start, pace) = ((self.phase >> 32) as u32, (turn >> 32) as u32);
        let slope = (after - before) / i.len() as f32;
        self.phase = self.phase.wrapping_add(turn.wrapping_mul(i.len() as u64));
        // The cosine is real, and in phase; the sine is in quadrature.
        add_tone(i, start.wrapping_add(1 << 30), pace, before, slope);
        add_tone(q, start, pace, before, slope);
    }
}

/// Adds a tone whose amplitude goes from `level` upwards by `slope` a sample.
#[inline]
fn add_tone(out: &mut [f32], start: u32, pace: u32, level: f32, slope: f32) {
    for (n, sample) in out.iter_mut().enumerate() {
        let n = n as u32;
        *sample += (level + slope * n as i32 as f32) * sine(start.wrapping_add(n.wrapping_mul(pace)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_one() {
        for n in 0..100_000_u32 {
            let phase = n.wrapping_mul(42_949);
            let expected = (f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(phase)) - expected).abs() < 4.5e-6, "{phase}");
        }
        assert!((turn_sine(-0.75) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn tracks_are_where_they_should_be() {
        let sweep = Track::Sweep { from_hz: 100.0, to_hz: 200.0, lasts_s: 10.0, every_s: 30.0, start_s: 2.0 };
        assert_eq!(sweep.hz(1.0), None);
        assert!((sweep.hz(7.0).unwrap() - 150.0).abs() < 1e-9);
        assert_eq!(sweep.hz(13.0), None);
        assert!((sweep.hz(37.0).unwrap() - 150.0).abs() < 1e-9);
        let pass = Track::Pass { hz: 1000.0, reach_hz: 50.0, lasts_s: 20.0, every_s: 40.0, start_s: 0.0 };
        assert!((pass.hz(0.0).unwrap() - 1050.0).abs() < 1e-3);
        assert!((pass.hz(10.0).unwrap() - 1000.0).abs() < 1e-9);
        let wander = Track::Wander { hz: 500.0, swing_hz: 4.0, period_s: 40.0, start: 0.0 };
        assert!((wander.hz(10.0).unwrap() - 504.0).abs() < 1e-3);
    }
}
