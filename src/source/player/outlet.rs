//! The queue from a player's thread to the real-time callback, and what is heard of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cpal::{FromSample, Sample};
use rtrb::{Consumer, Producer, RingBuffer};

/// What the device has played. The callback alone writes it; readers try again if it was written meanwhile.
#[derive(Debug)]
pub(super) struct Heard {
    epoch: Instant,
    /// Odd while the callback writes.
    version: AtomicU64,
    /// Frames taken from the queue before the last callback, and in it.
    before: AtomicU64,
    taken: AtomicU64,
    /// When the first of those is heard, and when the callback came, in nanoseconds since the epoch; 0: never.
    at_ns: AtomicU64,
    called_ns: AtomicU64,
    /// The device is away; nothing more will be heard.
    pub(super) gone: AtomicBool,
}

impl Heard {
    fn write(&self, before: u64, taken: u64, called: Instant, delay: Duration) {
        let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let called = called.saturating_duration_since(self.epoch);
        self.version.fetch_add(1, Ordering::SeqCst);
        self.before.store(before, Ordering::SeqCst);
        self.taken.store(taken, Ordering::SeqCst);
        self.at_ns.store(ns(called.saturating_add(delay)), Ordering::SeqCst);
        self.called_ns.store(ns(called).max(1), Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// The frame that is heard at a time, with a part of the way to the next one.
    pub(super) fn frame(&self, now: Instant, rate_hz: f64) -> f64 {
        let mut read = (0, 0, 0);
        // Callbacks are milliseconds apart: the second try succeeds, unless the callback is held up in the middle.
        for _ in 0..8 {
            let version = self.version.load(Ordering::SeqCst);
            let load = |number: &AtomicU64| number.load(Ordering::SeqCst);
            read = (load(&self.before), load(&self.taken), load(&self.at_ns));
            if version.is_multiple_of(2) && self.version.load(Ordering::SeqCst) == version {
                break;
            }
        }
        let (before, taken, at_ns) = read;
        let now_s = now.saturating_duration_since(self.epoch).as_secs_f64();
        let since = (now_s - at_ns as f64 * 1e-9) * rate_hz;
        (before as f64 + since.min(taken as f64)).max(0.0)
    }

    /// How long ago the callback came; none if it never has.
    pub(super) fn silent(&self, now: Instant) -> Option<Duration> {
        let called_ns = self.called_ns.load(Ordering::SeqCst);
        let passed = now.saturating_duration_since(self.epoch);
        (called_ns > 0).then(|| passed.saturating_sub(Duration::from_nanos(called_ns)))
    }
}

/// The real-time end. Nothing here waits, allocates or logs.
pub(super) struct Outlet {
    frames: Consumer<f32>,
    taken: u64,
    heard: Arc<Heard>,
}

/// A queue for this many frames of one channel.
pub(super) fn queue(capacity: usize) -> (Producer<f32>, Outlet, Arc<Heard>) {
    let (producer, frames) = RingBuffer::new(capacity);
    let heard = Arc::new(Heard {
        epoch: Instant::now(),
        version: AtomicU64::new(0),
        before: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        at_ns: AtomicU64::new(0),
        called_ns: AtomicU64::new(0),
        gone: AtomicBool::new(false),
    });
    (producer, Outlet { frames, taken: 0, heard: Arc::clone(&heard) }, heard)
}

impl Outlet {
    pub(super) fn heard(&self) -> Arc<Heard> {
        Arc::clone(&self.heard)
    }

    /// Fills the frames of a callback, all channels alike; what is not there is silent, and does not count. `delay` is the time
    /// until the first of them is heard.
    pub(super) fn fill<T: Sample + FromSample<f32>>(&mut self, out: &mut [T], channels: usize, delay: Duration) {
        let ready = self.frames.slots().min(out.len() / channels.max(1));
        let (there, missing) = out.split_at_mut(ready * channels);
        for frame in there.chunks_exact_mut(channels.max(1)) {
            let value = self.frames.pop().unwrap_or(0.0);
            frame.fill(T::from_sample_(value));
        }
        missing.fill(T::EQUILIBRIUM);
        self.heard.write(self.taken, ready as u64, Instant::now(), delay);
        self.taken += ready as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_channels_get_what_is_there_and_the_rest_is_silent() {
        let (mut producer, mut outlet, heard) = queue(8);
        for value in [0.5, -0.25, 1.0] {
            producer.push(value).unwrap();
        }
        let mut out = [9.0_f32; 4];
        outlet.fill(&mut out, 2, Duration::ZERO);
        assert_eq!(out, [0.5, 0.5, -0.25, -0.25]);
        let mut out = [9_u8; 3];
        outlet.fill(&mut out, 1, Duration::ZERO);
        assert_eq!(out, [255, 128, 128]);
        assert_eq!(heard.frame(Instant::now() + Duration::from_secs(9), 1000.0), 3.0);
        // A device with no channels, or a buffer that is not whole frames: no panic.
        outlet.fill(&mut [1.0_f32; 5], 0, Duration::ZERO);
        outlet.fill(&mut [1.0_f32; 5], 2, Duration::ZERO);
    }

    #[test]
    fn what_is_heard_follows_the_clock_between_callbacks() {
        let (mut producer, mut outlet, heard) = queue(1000);
        assert_eq!((heard.frame(Instant::now(), 1000.0), heard.silent(Instant::now())), (0.0, None));
        (0..200).for_each(|_| producer.push(0.5).unwrap());
        let called = Instant::now();
        outlet.fill(&mut [0.0_f32; 100], 1, Duration::from_millis(500));
        let frame = |ms| heard.frame(called + Duration::from_millis(ms), 1000.0);
        // Heard after half a second; then a frame a millisecond, up to the last of this callback.
        assert_eq!(frame(100), 0.0);
        assert!((frame(550) - 50.0).abs() < 5.0, "{}", frame(550));
        assert_eq!(frame(700), 100.0);
        outlet.fill(&mut [0.0_f32; 100], 1, Duration::from_millis(500));
        assert!((frame(550) - 150.0).abs() < 5.0, "{}", frame(550));
        assert_eq!(frame(9000), 200.0);
        // Before the first of them is heard, those of the callback before are.
        assert!((frame(450) - 50.0).abs() < 5.0, "{}", frame(450));
    }
}
