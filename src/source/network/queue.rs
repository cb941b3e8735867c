//! The bytes between the thread of a peer and that of the feed: a queue of bounded size. What does not fit is counted.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::source::pace::now_ns;
use crate::source::{Controls, RawFormat, SourceError};

/// How samples were taken, and how they are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Air {
    /// Number of the run that they belong to: a new one begins when time cannot be counted on from the samples before.
    pub(super) run: u32,
    pub(super) coding: Coding,
    pub(super) rate_hz: f64,
    pub(super) centre_hz: f64,
    pub(super) gain_db: Option<f64>,
    pub(super) controls: Arc<Controls>,
}

impl Air {
    /// The first run of samples whose gain is not known, from a peer that cannot be set.
    pub(super) fn new(coding: Coding, rate_hz: f64, centre_hz: f64) -> Self {
        Self { run: 0, coding, rate_hz, centre_hz, gain_db: None, controls: Arc::default() }
    }
}

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Raw(RawFormat),
    /// Complex samples of an RTL-SDR receiver: unsigned bytes around 127.5.
    Rtl,
}

impl Coding {
    /// Bytes of a sample.
    pub(super) fn sample_bytes(self) -> usize {
        match self {
            Self::Raw(format) => format.sample_bytes(),
            Self::Rtl => 2,
        }
    }

    /// Appends the numbers of whole samples.
    pub(super) fn decode(self, bytes: &[u8], out: &mut Vec<f32>) {
        match self {
            Self::Raw(format) => format.decode(bytes, 1.0, out),
            Self::Rtl => out.extend(bytes.iter().map(|&byte| (f32::from(byte) - 127.5) / 127.5)),
        }
    }
}

/// Samples that came together.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// When the last of them came, in nanoseconds of UTC.
    pub(super) at_ns: i64,
    /// Samples that are missing before them: those that the queue had no room for, and those that the peer lost.
    pub(super) lost: u64,
    pub(super) air: Arc<Air>,
}

/// Bytes of a piece, as a rule.
const PIECE: usize = 64 << 10;

/// The queue. One thread puts bytes, another takes pieces.
#[derive(Debug)]
pub(super) struct Queue {
    held: Mutex<Held>,
    came: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct Held {
    pieces: VecDeque<Piece>,
    /// Buffers to be used again.
    empty: Vec<Vec<u8>>,
    /// Bytes of memory that the pieces take.
    bytes: usize,
    /// Samples that found no room since the last piece.
    lost: u64,
    /// There will be no more, and why.
    ended: Option<Option<SourceError>>,
}

/// The result of waiting for a piece.
#[derive(Debug)]
pub(super) enum Taken {
    Nothing,
    Piece(Piece),
    End(Option<SourceError>),
}

impl Queue {
    /// A queue that holds up to `limit` bytes, but at least two pieces.
    pub(super) fn new(limit: usize) -> Self {
        Self { held: Mutex::default(), came: Condvar::new(), limit: limit.max(2 * PIECE) }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing in here panics.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts whole samples, before which `lost` are missing.
    pub(super) fn put(&self, mut bytes: &[u8], air: &Arc<Air>, lost: u64) {
        let at_ns = now_ns();
        let mut held = self.held();
        held.lost = held.lost.saturating_add(lost);
        let size = air.coding.sample_bytes();
        let most = PIECE - PIECE % size;
        while !bytes.is_empty() {
            let lost = held.lost;
            // Few large pieces cost less than many small ones.
            if let Some(last) = held.pieces.back_mut()
                && lost == 0
                && last.bytes.len() < most
                && Arc::ptr_eq(&last.air, air)
            {
                let (now, rest) = bytes.split_at(bytes.len().min(most - last.bytes.len()));
                last.bytes.extend_from_slice(now);
                last.at_ns = at_ns;
                bytes = rest;
                continue;
            }
            if held.bytes + PIECE > self.limit {
                held.lost = held.lost.saturating_add((bytes.len() / size) as u64);
                break;
            }
            let mut buffer = held.empty.pop().unwrap_or_else(|| Vec::with_capacity(PIECE));
            buffer.clear();
            let (now, rest) = bytes.split_at(bytes.len().min(most));
            buffer.extend_from_slice(now);
            bytes = rest;
            held.bytes += PIECE;
            held.lost = 0;
            held.pieces.push_back(Piece { bytes: buffer, at_ns, lost, air: Arc::clone(air) });
        }
        drop(held);
        self.came.notify_one();
    }

    /// There will be no more.
    pub(super) fn end(&self, error: Option<SourceError>) {
        self.held().ended.get_or_insert(error);
        self.came.notify_one();
    }

    /// The oldest piece, if there is one within `patience`.
    pub(super) fn take(&self, patience: Duration) -> Taken {
        let until = Instant::now() + patience;
        let mut held = self.held();
        loop {
            if let Some(piece) = held.pieces.pop_front() {
                held.bytes -= PIECE;
                return Taken::Piece(piece);
            }
            if let Some(error) = &mut held.ended {
                return Taken::End(error.take());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Nothing;
            }
            held = self.came.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes back a buffer.
    pub(super) fn reuse(&self, bytes: Vec<u8>) {
        let mut held = self.held();
        // After a stall the memory is given back.
        if held.empty.len() < 8 {
            held.empty.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn air(run: u32) -> Arc<Air> {
        let coding = Coding::Raw("cs16".parse().unwrap());
        Arc::new(Air { run, ..Air::new(coding, 1e6, 0.0) })
    }

    fn piece(queue: &Queue) -> Piece {
        match queue.take(Duration::ZERO) {
            Taken::Piece(piece) => piece,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_all_else_comes_in_order() {
        let queue = Queue::new(4 * PIECE);
        let air = air(0);
        let bytes: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        for _ in 0..10 {
            queue.put(&bytes, &air, 0);
        }
        assert!(queue.held().bytes <= 4 * PIECE);
        let mut taken = Vec::new();
        for _ in 0..4 {
            let piece = piece(&queue);
            assert_eq!(piece.lost, 0);
            taken.extend_from_slice(&piece.bytes);
            queue.reuse(piece.bytes);
        }
        assert!(matches!(queue.take(Duration::ZERO), Taken::Nothing));
        assert_eq!(taken, bytes.repeat(10)[..taken.len()]);
        // The next piece says how many samples are missing before it.
        queue.put(&bytes, &air, 5);
        let piece = piece(&queue);
        assert_eq!(piece.lost, (100_000 - taken.len() / 4) as u64 + 5);
        assert_eq!(piece.bytes, bytes);
    }

    #[test]
    fn other_air_begins_another_piece_and_the_end_comes_last() {
        let queue = Queue::new(0);
        queue.put(&[1; 4], &air(0), 0);
        queue.put(&[2; 4], &air(1), 0);
        queue.end(Some(SourceError::Time { name: "x".to_owned() }));
        queue.end(None);
        assert_eq!(piece(&queue).air.run, 0);
        assert_eq!(piece(&queue).air.run, 1);
        assert!(matches!(queue.take(Duration::ZERO), Taken::End(Some(_))));
        assert!(matches!(queue.take(Duration::ZERO), Taken::End(None)));
    }

    #[test]
    fn bytes_of_a_receiver_are_symmetric() {
        let mut values = Vec::new();
        Coding::Rtl.decode(&[0, 255, 127, 128], &mut values);
        assert_eq!(values, [-1.0, 1.0, -0.5 / 127.5, 0.5 / 127.5]);
    }
}
