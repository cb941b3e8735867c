//! How fast samples that are already there are played.

use std::fmt;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::SourceError;

/// How fast a file or the demonstration is played.
///
/// As text: `real`, `max`, or a factor such as `4x`, `4` or `0.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Speed {
    /// A second takes a second.
    #[default]
    Real,
    /// So many times as fast as that; above 0.
    Times(f64),
    /// As fast as the machine can.
    Max,
}

impl Speed {
    /// The factor, or none if there is no limit.
    fn factor(self) -> Option<f64> {
        match self {
            Self::Real => Some(1.0),
            Self::Times(factor) => Some(factor),
            Self::Max => None,
        }
    }

    /// Fails on a factor that is 0, negative or no number.
    pub(super) fn check(self) -> Result<(), SourceError> {
        match self.factor() {
            Some(factor) if !(factor > 0.0 && factor.is_finite()) => Err(SourceError::Speed { got: self.to_string() }),
            _ => Ok(()),
        }
    }
}

impl FromStr for Speed {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SourceError::Speed { got: text.to_owned() };
        let word = text.trim().to_ascii_lowercase();
        let speed = match word.as_str() {
            "real" => Self::Real,
            "max" => Self::Max,
            factor => Self::Times(factor.strip_suffix('x').unwrap_or(factor).parse().map_err(|_| wrong())?),
        };
        speed.check().map_err(|_| wrong())?;
        Ok(speed)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Times(factor) => write!(f, "{factor}x"),
            Self::Max => f.write_str("max"),
        }
    }
}

/// Longest time that a read may take.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// How far playback may fall behind before it skips the delay: after a pause, or if the machine cannot keep up, the missed
/// time is not made up for at full speed.
const FORGIVEN: Duration = Duration::from_millis(250);

/// Hands out blocks no sooner than their last sample would have been recorded.
#[derive(Clone, Debug)]
pub(super) struct Pacer {
    /// Samples a second of wall-clock time, unless there is no limit.
    rate: Option<f64>,
    block: usize,
    /// When sample 0 was due.
    anchor: Option<Instant>,
    /// Samples delivered since the anchor.
    done: i64,
}

impl Pacer {
    /// For samples of this rate, in Hz. Speed and rate have been checked.
    pub(super) fn new(speed: Speed, rate_hz: f64) -> Self {
        /// Large enough that the cost of a block does not show, small enough for any cache.
        const LARGEST: usize = 16_384;
        let rate = speed.factor().map(|factor| factor * rate_hz);
        // A hundredth of a second: finer than the eye's 60 frames, so that rows come evenly.
        let block = rate.map_or(LARGEST, |rate| ((rate / 100.0) as usize).clamp(1, LARGEST));
        Self { rate, block, anchor: None, done: 0 }
    }

    /// How many samples to hand out at once.
    pub(super) fn block(&self) -> usize {
        self.block
    }

    /// How long to wait, from `now`, before the next `samples` are due.
    fn wait(&mut self, now: Instant, samples: usize) -> Duration {
        let Some(rate) = self.rate else { return Duration::ZERO };
        let samples = samples as i64;
        let anchor = *self.anchor.get_or_insert(now);
        // A century is as good as never, and can be added to any instant.
        let due = Duration::from_secs_f64(((self.done + samples).max(0) as f64 / rate).min(3e9));
        let late = now.saturating_duration_since(anchor).saturating_sub(due);
        if late > FORGIVEN {
            self.anchor = Some(now);
            self.done = -samples;
        }
        (anchor + due).saturating_duration_since(now)
    }

    /// Waits until the next `samples` are due, but no longer than [`PATIENCE`]; true if they are due now, and then they count
    /// as delivered.
    pub(super) fn due(&mut self, samples: usize) -> bool {
        let wait = self.wait(Instant::now(), samples);
        thread::sleep(wait.min(PATIENCE));
        let due = wait <= PATIENCE;
        if due {
            self.done += samples as i64;
        }
        due
    }
}

/// Time of sample `index` since sample 0, in nanoseconds, without drift however long the source runs.
pub(super) fn time_ns(index: u64, rate_hz: f64) -> i64 {
    (index as f64 * (1e9 / rate_hz)).round() as i64
}

/// UTC; before 1970 or after 2262 the clock is not set, and any time is as good as another.
pub(crate) fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_words() {
        assert_eq!("real".parse::<Speed>().unwrap(), Speed::Real);
        assert_eq!("MAX".parse::<Speed>().unwrap(), Speed::Max);
        assert_eq!("4x".parse::<Speed>().unwrap(), Speed::Times(4.0));
        assert_eq!("0.5".parse::<Speed>().unwrap(), Speed::Times(0.5));
        for speed in [Speed::Real, Speed::Max, Speed::Times(2.5)] {
            assert_eq!(speed.to_string().parse::<Speed>().unwrap(), speed);
        }
        for wrong in ["", "fast", "0", "-2", "nan", "inf", "0x", "x"] {
            let message = wrong.parse::<Speed>().unwrap_err().to_string();
            assert!(message.contains(&format!("'{wrong}'")), "{message}");
        }
        assert!(Speed::Times(f64::NAN).check().is_err());
    }

    /// 10 blocks of 100 samples at 1000 Hz are due 0.1 s apart, however unevenly they are fetched.
    #[test]
    fn blocks_are_due_when_their_last_sample_is() {
        for (speed, step_ms) in [(Speed::Real, 100), (Speed::Times(4.0), 25), (Speed::Times(0.5), 200)] {
            let mut pacer = Pacer::new(speed, 1000.0);
            let start = Instant::now();
            for block in 0..10_u32 {
                // Fetched somewhat late, each time by another amount.
                let now =
                    start + Duration::from_millis(step_ms) * block + Duration::from_millis(u64::from(block * 7 % 5));
                let due = start + Duration::from_millis(step_ms) * (block + 1);
                let expected = if block == 0 { due - start } else { due - now };
                let wait = pacer.wait(now, 100);
                assert!(wait.abs_diff(expected) < Duration::from_micros(1), "{speed}: {wait:?}, not {expected:?}");
                pacer.done += 100;
            }
        }
    }

    #[test]
    fn a_long_stall_is_forgiven_and_a_short_one_made_up() {
        let mut pacer = Pacer::new(Speed::Real, 1000.0);
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(pacer.wait(start, 10), Duration::from_millis(10));
        pacer.done += 10;
        // 100 ms late: the next ones follow at once, until the clock is caught up with.
        for _ in 0..9 {
            assert_eq!(pacer.wait(after(100), 10), Duration::ZERO);
            pacer.done += 10;
        }
        assert_eq!(pacer.wait(after(100), 10), Duration::from_millis(10));
        pacer.done += 10;
        // An hour late: one block at once, and then in time again.
        assert_eq!(pacer.wait(after(3_600_000), 10), Duration::ZERO);
        pacer.done += 10;
        assert_eq!(pacer.wait(after(3_600_000), 10), Duration::from_millis(10));
    }

    #[test]
    fn no_limit_never_waits() {
        let mut pacer = Pacer::new(Speed::Max, 8000.0);
        let now = Instant::now();
        for _ in 0..100 {
            assert_eq!(pacer.wait(now, pacer.block()), Duration::ZERO);
        }
    }

    #[test]
    fn blocks_are_a_hundredth_of_a_second() {
        assert_eq!(Pacer::new(Speed::Real, 12_000.0).block(), 120);
        assert_eq!(Pacer::new(Speed::Times(10.0), 12_000.0).block(), 1200);
        assert_eq!(Pacer::new(Speed::Real, 2.0).block(), 1);
        assert_eq!(Pacer::new(Speed::Times(1e6), 1e6).block(), 16_384);
    }

    #[test]
    fn times_do_not_drift() {
        // A day at 44.1 kHz is exactly 86,400 s.
        assert_eq!(time_ns(44_100 * 86_400, 44_100.0), 86_400_000_000_000);
        assert_eq!(time_ns(1, 44_100.0), 22_676);
    }
}
