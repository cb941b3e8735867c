//! The queue from the real-time callback to the source's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rtrb::{Consumer, Producer, RingBuffer};

/// Where time begins again: at the first samples, and after some were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Numbers (samples of all channels) queued before it.
    at: u64,
    /// UTC of the sample that follows.
    pub(super) time_ns: i64,
    /// Frames that did not fit into the queue before it.
    pub(super) lost: u64,
}

/// Messages of the device in addition to its samples.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// The device is away; no more samples will come.
    pub(super) gone: AtomicBool,
    /// The device dropped samples.
    pub(super) torn: AtomicBool,
    /// Frames that did not fit into the queue.
    pub(super) overruns: AtomicU64,
}

/// The real-time end. Nothing here waits, allocates or logs.
#[derive(Debug)]
pub(super) struct Intake {
    samples: Producer<f32>,
    marks: Producer<Mark>,
    channels: usize,
    queued: u64,
    /// The next samples do not follow the last ones.
    torn: bool,
    lost: u64,
    signals: Arc<Signals>,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Outlet {
    samples: Consumer<f32>,
    marks: Consumer<Mark>,
    channels: usize,
    taken: u64,
}

/// A queue for this many numbers, in frames of this many channels.
pub(super) fn queue(capacity: usize, channels: usize) -> (Intake, Outlet, Arc<Signals>) {
    let (samples_in, samples) = RingBuffer::new(capacity);
    let (marks_in, marks) = RingBuffer::new(64);
    let signals = Arc::new(Signals::default());
    let intake = Intake {
        samples: samples_in,
        marks: marks_in,
        channels,
        queued: 0,
        torn: true,
        lost: 0,
        signals: Arc::clone(&signals),
    };
    (intake, Outlet { samples, marks, channels, taken: 0 }, signals)
}

impl Intake {
    pub(super) fn signals(&self) -> Arc<Signals> {
        Arc::clone(&self.signals)
    }

    /// Queues whole frames, the first of which was taken at `time_ns`. All of them, or none, if they do not fit.
    pub(super) fn write<T>(&mut self, frames: &[T], convert: impl Fn(&T) -> f32, time_ns: i64) {
        self.torn |= self.signals.torn.swap(false, Ordering::Relaxed);
        let count = frames.len() - frames.len() % self.channels;
        let blocked = self.torn && self.marks.is_full();
        match self.samples.write_chunk_uninit(count) {
            Ok(chunk) if !blocked => {
                if self.torn {
                    // Before its samples, so that it is there when they are.
                    let mark = Mark { at: self.queued, time_ns, lost: self.lost };
                    self.torn = self.marks.push(mark).is_err();
                    self.lost = 0;
                }
                chunk.fill_from_iter(frames[..count].iter().map(convert));
                self.queued += count as u64;
            }
            _ => {
                let lost = (count / self.channels) as u64;
                self.torn = true;
                self.lost += lost;
                self.signals.overruns.fetch_add(lost, Ordering::Relaxed);
            }
        }
    }
}

impl Outlet {
    /// Moves numbers to the front of `out`, as many as there are up to the next mark, and says how many; and the mark, if there
    /// is one right before them.
    pub(super) fn take(&mut self, out: &mut [f32]) -> (Option<Mark>, usize) {
        let ready = self.samples.slots().min(out.len());
        let mut count = ready - ready % self.channels;
        if count == 0 {
            return (None, 0);
        }
        let mut begins = None;
        while let Ok(&mark) = self.marks.peek() {
            if mark.at > self.taken {
                let room = usize::try_from(mark.at - self.taken).unwrap_or(usize::MAX);
                count = count.min(room);
                break;
            }
            begins = self.marks.pop().ok();
        }
        if self.samples.pop_entire_slice(&mut out[..count]).is_err() {
            return (begins, 0);
        }
        self.taken += count as u64;
        (begins, count)
    }
}
