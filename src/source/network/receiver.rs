//! The end of the queue where the feed reads: bytes to samples with times.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver as Commands, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::queue::{Air, Coding, Piece, Queue, Taken};
use crate::dsp::SampleKind;
use crate::source::arrival::Arrival;
use crate::source::feed::panic_message;
use crate::source::pace::PATIENCE;
use crate::source::{Block, Clock, Control, Read, SourceError, SourceInfo};

/// State shared with the thread of the peer.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) name: String,
    pub(super) queue: Queue,
    /// The receiver is gone.
    stop: AtomicBool,
    phase: AtomicU8,
    warning: Mutex<Option<Arc<SourceError>>>,
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// It was not there yet.
    Opening,
    Up,
    /// It was lost, or could not be made.
    Waiting,
}

impl Shared {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(super) fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// Does the work of the peer's thread. If it panics, the source ends with an error instead of being silent for ever.
    pub(super) fn guard(&self, work: impl FnOnce()) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
            let (name, message) = (self.name.clone(), panic_message(payload.as_ref()));
            self.queue.end(Some(SourceError::Panicked { name, message }));
        }
    }

    /// Logs a warning, and shows it in the state of the source.
    pub(super) fn warn(&self, reason: String) {
        let warning = SourceError::Open { name: self.name.clone(), reason };
        log::warn!("{warning}");
        *self.warning.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(warning));
    }
}

/// Settings that wait for the thread of the peer, at most.
const COMMANDS: usize = 64;

/// Samples of a peer, from its queue.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) info: SourceInfo,
    shared: Arc<Shared>,
    commands: SyncSender<Control>,
    air: Arc<Air>,
    arrival: Arrival,
    /// Another run has begun, so that samples may be missing.
    broken: bool,
    /// Samples that wait until the change before them was reported.
    next: Option<Piece>,
    overruns: u64,
}

impl Receiver {
    /// A receiver of samples that are at first like `air`, and the other end. The queue holds `limit` bytes.
    pub(super) fn new(
        name: String,
        clock: Clock,
        air: &Arc<Air>,
        limit: usize,
    ) -> (Self, Arc<Shared>, Commands<Control>) {
        let (commands, asked) = sync_channel(COMMANDS);
        let shared = Arc::new(Shared {
            name: name.clone(),
            queue: Queue::new(limit),
            stop: AtomicBool::new(false),
            phase: AtomicU8::new(Phase::Opening as u8),
            warning: Mutex::default(),
        });
        let arrival = Arrival::new(clock, air.rate_hz).patient();
        let info = SourceInfo::new(name, air.rate_hz, SampleKind::Complex).with_clock(clock);
        let mut receiver = Self {
            info,
            shared: Arc::clone(&shared),
            commands,
            air: Arc::clone(air),
            arrival,
            broken: false,
            next: None,
            overruns: 0,
        };
        receiver.describe();
        (receiver, shared, asked)
    }

    fn describe(&mut self) {
        let Air { coding, rate_hz, centre_hz, gain_db, controls, .. } = &*self.air;
        self.info.kind = match coding {
            Coding::Raw(format) => format.kind(),
            Coding::Rtl => SampleKind::Complex,
        };
        (self.info.rate_hz, self.info.centre_hz, self.info.gain_db) = (*rate_hz, *centre_hz, *gain_db);
        if self.info.controls != **controls {
            self.info.controls = (**controls).clone();
        }
    }

    /// [`Source::read`](crate::source::Source::read).
    pub(super) fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let piece = match self.next.take() {
            Some(piece) => piece,
            None => match self.shared.queue.take(PATIENCE) {
                Taken::Piece(piece) => piece,
                Taken::End(None) => return Ok(Read::End),
                Taken::End(Some(error)) => return Err(error),
                Taken::Nothing => {
                    let phase = self.shared.phase.load(Ordering::Acquire);
                    return Ok(match phase {
                        phase if phase == Phase::Opening as u8 => Read::Opening,
                        phase if phase == Phase::Up as u8 => Read::Idle,
                        _ => Read::Waiting,
                    });
                }
            },
        };
        if *piece.air != *self.air {
            let before = self.info.clone();
            let run = self.air.run;
            self.air = Arc::clone(&piece.air);
            self.describe();
            let rate_changed = self.info.rate_hz != before.rate_hz;
            if self.air.run != run || rate_changed {
                self.broken |= self.air.run != run && self.arrival.has_begun();
                self.arrival.restart(self.info.rate_hz);
            }
            if self.info != before {
                self.next = Some(piece);
                return Ok(Read::Changed);
            }
        }
        let Piece { bytes, at_ns, lost, air } = piece;
        block.samples.clear();
        air.coding.decode(&bytes, &mut block.samples);
        let samples = bytes.len() / air.coding.sample_bytes();
        self.shared.queue.reuse(bytes);
        self.overruns = self.overruns.saturating_add(lost);
        (block.time_ns, block.gap) = self.arrival.place(samples, lost, at_ns);
        block.gap |= std::mem::take(&mut self.broken);
        Ok(Read::Samples)
    }

    /// [`Source::overruns`](crate::source::Source::overruns).
    pub(super) fn overruns(&self) -> u64 {
        self.overruns
    }

    /// [`Source::warning`](crate::source::Source::warning).
    pub(super) fn warning(&self) -> Option<Arc<SourceError>> {
        self.shared.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// [`Source::control`](crate::source::Source::control).
    pub(super) fn control(&mut self, control: Control) -> Result<(), SourceError> {
        self.info.controls.check(&self.info.name, control)?;
        match self.commands.try_send(control) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(SourceError::ControlBusy { name: self.info.name.clone() }),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}
