//! The times of live samples that come without any.

use super::Clock;
use super::pace::time_ns;

/// Counts time in samples, and compares it with their arrival.
///
/// The first sample has the time of its arrival. From there on time is counted, so that it has no jitter. Samples that are
/// known to be lost count too: they leave a gap of their length. If samples are over a second late, as many are missing, and
/// those that follow have their time of arrival. Samples that are early are trusted.
///
/// A network may hold samples back, and deliver all of them at once. So [`Arrival::patient`] waits a moment for late
/// samples to catch up before it says that some are missing.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    clock: Clock,
    rate_hz: f64,
    /// The time that is counted from, and samples since.
    anchor_ns: Option<i64>,
    count: u64,
    /// When samples were found to be late, and by how much.
    late: Option<(i64, i64)>,
    patient: bool,
    /// The end of the samples before a change of the rate: time does not go back.
    least_ns: i64,
}

/// How late samples may be before something is done about it, in nanoseconds.
const LATE_NS: i64 = 1_000_000_000;
/// How long late samples have to show that they catch up, in nanoseconds.
const TRIAL_NS: i64 = 250_000_000;

impl Arrival {
    /// For samples of this rate, in Hz. On [`Clock::File`] the first has time 0, and arrival does not matter.
    pub(super) fn new(clock: Clock, rate_hz: f64) -> Self {
        Self { clock, rate_hz, anchor_ns: None, count: 0, late: None, patient: false, least_ns: i64::MIN }
    }

    /// The same for samples that may be held back on the way.
    pub(super) fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    /// The next sample is the first of others, of this rate: after a reconnection, for example.
    pub(super) fn restart(&mut self, rate_hz: f64) {
        if let Some(end_ns) = self.next_ns() {
            self.least_ns = end_ns;
            // What is recorded goes on where it was.
            self.anchor_ns = (self.clock == Clock::File).then_some(end_ns);
        }
        (self.rate_hz, self.count, self.late) = (rate_hz, 0, None);
    }

    /// Whether there were samples.
    pub(super) fn has_begun(&self) -> bool {
        self.anchor_ns.is_some() || self.least_ns > i64::MIN
    }

    fn next_ns(&self) -> Option<i64> {
        self.anchor_ns.map(|anchor| anchor.saturating_add(time_ns(self.count, self.rate_hz)))
    }

    /// The time of the first of these samples, of which the last came at `at_ns`, and whether there is a gap before them. `lost` is
    /// how many are known to be missing before them.
    pub(super) fn place(&mut self, samples: usize, lost: u64, at_ns: i64) -> (i64, bool) {
        let samples = samples as u64;
        if self.clock == Clock::File {
            self.anchor_ns.get_or_insert(0);
        }
        self.count = self.count.saturating_add(lost);
        // They arrived when the last of them was taken.
        let first_ns = at_ns.saturating_sub(time_ns(samples, self.rate_hz)).max(self.least_ns);
        let Some(counted_ns) = self.next_ns() else {
            self.anchor_ns = Some(first_ns);
            self.count = samples;
            return (first_ns, false);
        };
        let late_ns = first_ns.saturating_sub(counted_ns);
        if self.clock == Clock::File || late_ns <= LATE_NS {
            self.late = None;
        } else {
            let (since_ns, then_ns) = *self.late.get_or_insert((at_ns, late_ns));
            let trial_ns = at_ns.saturating_sub(since_ns);
            // Those that catch up come faster than they are taken, if only by a tenth.
            let caught_up_ns = then_ns.saturating_sub(late_ns);
            if !self.patient || trial_ns >= TRIAL_NS && caught_up_ns < trial_ns / 10 {
                self.anchor_ns = Some(first_ns);
                (self.count, self.late) = (samples, None);
                return (first_ns, true);
            }
            if trial_ns >= TRIAL_NS {
                self.late = Some((at_ns, late_ns));
            }
        }
        self.count = self.count.saturating_add(samples);
        (counted_ns, lost > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;
    const S: i64 = 1000 * MS;

    #[test]
    fn time_is_counted_and_what_is_lost_counts() {
        let mut arrival = Arrival::new(Clock::Utc, 1000.0);
        // 500 samples of a millisecond each came at 10 s: the first of them was taken half a second before.
        assert_eq!(arrival.place(500, 0, 10 * S), (9500 * MS, false));
        // Jitter, and a writer in a hurry, change nothing.
        assert_eq!(arrival.place(500, 0, 11 * S), (10 * S, false));
        assert_eq!(arrival.place(500, 0, 10 * S), (10_500 * MS, false));
        // A second is still made up for.
        assert_eq!(arrival.place(500, 0, 12_500 * MS), (11 * S, false));
        let mut other = arrival.clone();
        assert_eq!(other.place(500, 0, 13_500_000_001), (13_000_000_001, true));
        assert_eq!(other.place(500, 0, 13_500_000_001), (13_500_000_001, false));
        // Three seconds of samples are known to be missing.
        assert_eq!(arrival.place(500, 3000, 15 * S), (14_500 * MS, true));
        assert_eq!(arrival.place(500, 0, 15_500 * MS), (15 * S, false));
    }

    /// Nothing comes for 10 s, and then all of it at once, or only what is new.
    #[test]
    fn a_burst_has_no_gap_and_a_pause_has() {
        let mut burst = Arrival::new(Clock::Utc, 1000.0).patient();
        let mut pause = Arrival::new(Clock::Utc, 1000.0).patient();
        for n in 1..=10 {
            assert_eq!(burst.place(100, 0, n * 100 * MS), ((n - 1) * 100 * MS, false));
            pause.place(100, 0, n * 100 * MS);
        }
        // The burst brings 100 ms of samples every 10 ms, until it has caught up.
        let mut time_ns = S;
        let mut at_ns = 11 * S;
        while time_ns < at_ns {
            at_ns += 10 * MS;
            assert_eq!(burst.place(100, 0, at_ns), (time_ns, false));
            time_ns += 100 * MS;
        }
        assert_eq!(burst.place(100, 0, time_ns + 100 * MS), (time_ns, false));
        // The pause shows when the trial is over, with its length.
        let found: Vec<_> = (1..=10).map(|n| pause.place(100, 0, 11 * S + n * 100 * MS)).collect();
        let gaps: Vec<_> = found.iter().filter(|(_, gap)| *gap).collect();
        assert_eq!(gaps.len(), 1, "{found:?}");
        assert_eq!(found[9], (11_900 * MS, false));
        let before = found.iter().position(|(_, gap)| *gap).unwrap();
        assert!(before <= 4, "{found:?}");
        assert_eq!(found[before].0 - (found[before - 1].0 + 100 * MS), 10 * S);
    }

    #[test]
    fn a_recording_has_gaps_only_where_samples_are_lost() {
        let mut arrival = Arrival::new(Clock::File, 1000.0);
        assert_eq!(arrival.place(1500, 0, 5), (0, false));
        assert_eq!(arrival.place(1, 0, i64::MAX), (1_500 * MS, false));
        assert_eq!(arrival.place(1, 7, i64::MIN), (1_508 * MS, true));
        arrival.restart(100.0);
        assert_eq!(arrival.place(1, 0, 0), (1_509 * MS, false));
        assert_eq!(arrival.place(1, 0, 0), (1_519 * MS, false));
    }

    #[test]
    fn time_never_goes_back_and_nothing_overflows() {
        let mut arrival = Arrival::new(Clock::Utc, 1.0);
        let mut last = i64::MIN;
        for at_ns in [0, i64::MAX, i64::MIN, 5, i64::MAX] {
            for lost in [0, 1, u64::MAX] {
                let (time_ns, _) = arrival.place(usize::MAX >> 1, lost, at_ns);
                assert!(time_ns >= last, "{time_ns} after {last}");
                last = time_ns;
                arrival.restart(1e9);
            }
        }
    }
}
