//! What is on the band of the demonstration.

use super::hell;
use super::morse::{self, Keying};
use super::noise::Random;
use super::voice::{Fading, Score, Track, Voice};
use crate::dsp::SampleKind;

/// A signal of the demonstration: what it is and where, for captions and for tests.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoSignal {
    /// What it is, in a few words.
    pub label: &'static str,
    /// The lowest frequency that its tones ever have, in Hz. Keying widens it by some Hz more.
    pub low_hz: f64,
    /// The highest frequency that its tones ever have, in Hz.
    pub high_hz: f64,
    /// How strong it is at its strongest, in dBFS: a full-scale sine (or complex exponential) is 0.
    pub level_dbfs: f64,
}

/// Amplitude for a level: 10^(dB/20), by multiplications only, so that it is the same everywhere.
fn amplitude(dbfs: i32) -> f32 {
    // 10^(1/20)
    const DECIBEL: f64 = 1.122_018_454_301_963_3;
    let mut product = 1.0;
    for _ in 0..dbfs.unsigned_abs() {
        product *= DECIBEL;
    }
    (if dbfs < 0 { 1.0 / product } else { product }) as f32
}

/// Puts the signals together.
struct Scene<'a> {
    random: &'a mut Random,
    rate_hz: f64,
    step_s: f64,
    /// Lower edge and width of the band, in Hz.
    low_hz: f64,
    width_hz: f64,
    signals: Vec<DemoSignal>,
    voices: Vec<Voice>,
}

/// How a signal is made, apart from its track and score.
#[derive(Clone, Copy)]
struct Manner {
    dbfs: i32,
    rise_s: f64,
    /// Depth and period of its fading.
    fading: (f64, f64),
}

impl Manner {
    fn steady(dbfs: i32) -> Self {
        Self { dbfs, rise_s: 0.005, fading: (0.0, 60.0) }
    }

    /// For slow keying: it swells and fades in a tenth of a second, which keeps clicks out of its neighbours.
    fn soft(dbfs: i32) -> Self {
        Self { rise_s: 0.08, ..Self::steady(dbfs) }
    }

    fn fading(self, depth: f64, period_s: f64) -> Self {
        Self { fading: (depth, period_s), ..self }
    }
}

impl Scene<'_> {
    /// A place in the band, from 0 to 1, in Hz; a little to either side from seed to seed.
    fn place(&mut self, part: f64) -> f64 {
        let part = part + self.random.between(-0.006, 0.006);
        self.low_hz + self.width_hz * part
    }

    fn voice(&mut self, track: Track, score: Score, manner: Manner) {
        let (depth, period_s) = manner.fading;
        let start = self.random.between(0.0, 1.0);
        let fading = Fading { depth, period_s, start };
        let level = amplitude(manner.dbfs);
        self.voices.push(Voice::new(track, score, fading, level, manner.rise_s, self.rate_hz, self.step_s));
    }

    /// A slow swing about a place.
    fn wander(&mut self, hz: f64, swing_hz: f64, period_s: f64) -> Track {
        Track::Wander { hz, swing_hz, period_s, start: self.random.between(0.0, 1.0) }
    }

    fn list(&mut self, label: &'static str, low_hz: f64, high_hz: f64, dbfs: i32) {
        self.signals.push(DemoSignal { label, low_hz, high_hz, level_dbfs: f64::from(dbfs) });
    }

    /// A score of units, begun somewhere in its middle.
    fn loops(&mut self, units: Vec<u8>, unit_s: f64, tone_hz: f64) -> Score {
        let first = self.random.below(units.len());
        Score { units, unit_s, tone_hz, rest: 0.0, first }
    }

    /// A carrier that swings.
    fn carrier(&mut self, label: &'static str, hz: f64, swing_hz: f64, period_s: f64, manner: Manner) {
        let track = self.wander(hz, swing_hz, period_s);
        self.voice(track, Score::steady(), manner);
        self.list(label, hz - swing_hz, hz + swing_hz, manner.dbfs);
    }

    /// Somebody who sends Morse. The upper tone, if there are two, lies `shift_hz` above `hz`.
    #[expect(clippy::too_many_arguments, reason = "each is one column of the table in build()")]
    fn morse(
        &mut self,
        label: &'static str,
        hz: f64,
        swing_hz: f64,
        text: &str,
        keying: Keying,
        unit_s: f64,
        shift_hz: f64,
        manner: Manner,
    ) {
        let period_s = self.random.between(80.0, 160.0);
        let track = self.wander(hz, swing_hz, period_s);
        let score = self.loops(morse::score(text, keying), unit_s, shift_hz);
        self.voice(track, score, manner);
        let top_hz = if keying == Keying::OnOff { hz } else { hz + shift_hz };
        self.list(label, hz - swing_hz, top_hz + swing_hz, manner.dbfs);
    }
}

/// The band: what is on it, in order of frequency, and what makes it.
pub(super) fn build(random: &mut Random, rate_hz: f64, kind: SampleKind, step_s: f64) -> (Vec<DemoSignal>, Vec<Voice>) {
    let (low_hz, width_hz) = match kind {
        SampleKind::Real => (0.0, 0.5 * rate_hz),
        SampleKind::Complex => (-0.5 * rate_hz, rate_hz),
    };
    let mut s = Scene { random, rate_hz, step_s, low_hz, width_hz, signals: Vec::new(), voices: Vec::new() };

    let hz = s.place(0.06);
    s.carrier("carrier that swings", hz, 9.0, 31.0, Manner::steady(-48).fading(0.5, 47.0));

    let hz = s.place(0.13);
    let text = "CQ CQ CQ DE R1NG R1NG R1NG PSE K";
    s.morse(
        "Morse, 12 words a minute",
        hz,
        1.0,
        text,
        Keying::OnOff,
        0.1,
        0.0,
        Manner { rise_s: 0.012, ..Manner::steady(-32) },
    );

    let hz = s.place(0.19);
    let text = "VVV VVV DE F4LL/B F4LL/B LOC JO65 PWR 100 MW";
    let manner = Manner::steady(-46).fading(0.9, 26.0);
    s.morse("beacon, 8 words a minute, fading", hz, 2.0, text, Keying::OnOff, 0.15, 0.0, manner);

    let hz = s.place(0.25);
    s.morse("FSKCW, dots of 0.4 s", hz, 4.0, "R1NG", Keying::Shift, 0.4, 28.0, Manner::soft(-38));

    // A hundred Hz full of QRSS, as the grabbers watch it: to be looked at with fine bins.
    let hz = s.place(0.32);
    let soft = |dbfs| Manner::soft(dbfs);
    s.morse("QRSS3", hz, 0.8, "F4LL", Keying::OnOff, 3.0, 0.0, soft(-56));
    s.morse("FSKCW3, shift 5 Hz", hz + 14.0, 0.6, "W4TR", Keying::Shift, 3.0, 5.0, soft(-50));
    s.morse("DFCW3, shift 6 Hz", hz + 34.0, 1.5, "R1NG", Keying::Dual, 1.0, 6.0, soft(-58));
    s.morse("FSKCW6, shift 4 Hz", hz + 56.0, 0.3, "QRP", Keying::Shift, 6.0, 4.0, soft(-64));
    s.morse("QRSS1, drifting", hz + 78.0, 6.0, "DE W4TR", Keying::OnOff, 1.0, 0.0, soft(-60).fading(0.7, 90.0));

    // The name of the house.
    let hz = s.place(0.37);
    let spacing_hz = 8.0;
    let scores = hell::scores("RINGFALL", 90);
    let top_hz = hz + spacing_hz * (scores.len() - 1) as f64;
    for (column, units) in scores.into_iter().enumerate() {
        let track = s.wander(hz + spacing_hz * column as f64, 0.0, 60.0);
        let score = Score { units, unit_s: 0.45, tone_hz: 0.0, rest: 0.0, first: 87 };
        s.voice(track, score, Manner { rise_s: 0.03, ..Manner::steady(-46) });
    }
    s.list("letters drawn with tones", hz, top_hz, -46);

    // 45.45 Bd, 170 Hz: 8 s of random characters, 6 s of rest.
    let hz = s.place(0.49);
    let mut units: Vec<u8> = (0..364).map(|_| 1 + s.random.below(2) as u8).collect();
    units.extend([0; 273]);
    let score = s.loops(units, 0.022, 170.0);
    let track = s.wander(hz, 0.0, 60.0);
    s.voice(track, score, Manner::steady(-41));
    s.list("teletype, 45 Bd, shift 170 Hz", hz, hz + 170.0, -41);

    // Tones that climb and fall like stairs, as in a multi-tone mode.
    let hz = s.place(0.585);
    let mut units = Vec::new();
    for _ in 0..12 {
        units.extend([1, 2, 3, 4, 5, 6, 7, 8]);
        units.extend((0..24).map(|_| 1 + s.random.below(8) as u8));
    }
    units.extend([0; 64]);
    let score = s.loops(units, 0.25, 16.0);
    let track = s.wander(hz, 1.0, 120.0);
    s.voice(track, score, Manner { rise_s: 0.03, ..Manner::steady(-44) });
    s.list("eight tones, four a second", hz - 1.0, hz + 7.0 * 16.0 + 1.0, -44);

    // A time signal: every second begins with a dip of 0.1 or 0.2 s, but for the last of each minute.
    let hz = s.place(0.665);
    let mut units = Vec::new();
    for second in 0..60 {
        let dip = if second == 59 { 0 } else { 1 + s.random.below(2) };
        units.extend((0..10).map(|tenth| u8::from(tenth >= dip)));
    }
    let score = Score { rest: 0.15, ..s.loops(units, 0.1, 0.0) };
    let track = s.wander(hz, 0.0, 60.0);
    s.voice(track, score, Manner::steady(-34));
    s.list("time signal, a dip a second", hz, hz, -34);

    let hz = s.place(0.74);
    let track = Track::Pass { hz, reach_hz: 95.0, lasts_s: 50.0, every_s: 75.0, start_s: s.random.between(-20.0, 0.0) };
    s.voice(track, Score::steady(), Manner { rise_s: 1.0, ..Manner::steady(-44) });
    s.list("Doppler curve of a satellite", hz - 95.0, hz + 95.0, -44);

    let hz = s.place(0.81);
    s.carrier("weak carrier", hz, 0.5, 70.0, Manner::steady(-68));

    // A pulsed radar: nine lines at once, for a few seconds at a time.
    let hz = s.place(0.87);
    let mut units = Vec::new();
    for (silence, sound) in [(9, 4), (14, 6), (3, 2)] {
        units.extend(std::iter::repeat_n(0, silence));
        units.extend(std::iter::repeat_n(1, sound));
    }
    let first = s.random.below(9);
    for (line, dbfs) in [-58, -54, -50, -47, -45, -47, -50, -54, -58].into_iter().enumerate() {
        let track = s.wander(hz + 20.0 * (line as f64 - 4.0), 0.0, 60.0);
        let score = Score { units: units.clone(), unit_s: 1.0, tone_hz: 0.0, rest: 0.0, first };
        s.voice(track, score, Manner { rise_s: 0.02, ..Manner::steady(dbfs) });
    }
    s.list("bursts of a radar, nine lines", hz - 80.0, hz + 80.0, -45);

    let hz = s.place(0.95);
    let text = "QRPP DE F4LL";
    s.morse("weak Morse, 5 words a minute", hz, 3.0, text, Keying::OnOff, 0.24, 0.0, Manner::steady(-62));

    // An ionosonde passes through everything above the QRSS.
    let (from_hz, to_hz) = (s.low_hz + 0.36 * width_hz, s.low_hz + 0.985 * width_hz);
    let start_s = s.random.between(8.0, 16.0);
    let track = Track::Sweep { from_hz, to_hz, lasts_s: 26.0, every_s: 64.0, start_s };
    s.voice(track, Score::steady(), Manner::steady(-40));
    s.list("chirp", from_hz, to_hz, -40);

    s.signals.sort_by(|a, b| a.low_hz.total_cmp(&b.low_hz));
    (s.signals, s.voices)
}
