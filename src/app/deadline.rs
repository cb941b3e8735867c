//! Events at a certain time: the event loop wakes for them, so that no thread has to.

use std::time::{Duration, Instant};

/// A time at which something happens once, if at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) const NEVER: Self = Self(None);

    /// This many seconds after `start`; never if that is `None` or longer than the system's clock runs.
    pub(super) fn after(start: Instant, seconds: Option<f64>) -> Self {
        let after = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self(after.and_then(|after| start.checked_add(after)))
    }

    /// When it is.
    pub(super) fn at(&self) -> Option<Instant> {
        self.0
    }

    /// Whether the time has come. Returns true once.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.0.take_if(|at| *at <= now).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_once_and_what_no_clock_reaches_never() {
        let start = Instant::now();
        let mut deadline = Deadline::after(start, Some(2.5));
        assert_eq!(deadline.at(), Some(start + Duration::from_millis(2500)));
        assert!(!deadline.take(start + Duration::from_secs(2)));
        assert!(deadline.take(start + Duration::from_secs(3)));
        assert!(!deadline.take(start + Duration::from_secs(4)) && deadline.at().is_none());
        for never in [None, Some(1e300), Some(1e19), Some(f64::INFINITY), Some(f64::NAN), Some(-1.0)] {
            assert!(Deadline::after(start, never).at().is_none(), "{never:?}");
        }
    }
}
