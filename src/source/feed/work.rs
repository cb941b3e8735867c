//! The work of the feed's own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use super::queue::Inlet;
use super::{Ask, Bell, NEVER, Shared, WhenFull, is_live, panic_message};
use crate::source::{Control, Read, RowSource, SourceError};
use crate::stamp::Stamp;

/// How long the thread sleeps at most before it looks whether it is to stop.
const NAP: Duration = Duration::from_millis(50);

/// The least time between two changes of the centre frequency. A receiver leaves out samples at each, so that dragging the
/// frequency would leave none.
const TUNES_APART: Duration = Duration::from_millis(200);

/// Centre frequencies that were asked for: the last one counts.
#[derive(Default)]
struct Tuning {
    wanted: Option<f64>,
    last: Option<Instant>,
}

impl Tuning {
    /// The frequency to tune to now.
    fn due(&mut self, now: Instant) -> Option<f64> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < TUNES_APART) {
            return None;
        }
        let hz = self.wanted.take()?;
        self.last = Some(now);
        Some(hz)
    }
}

/// The writing end of the queue, and whom to tell.
pub(super) struct Outbox<W> {
    rows: Inlet,
    shared: Arc<Shared>,
    when_full: WhenFull,
    bell: Arc<Bell<W>>,
    /// A row that no queue could take.
    failed: Option<SourceError>,
}

impl<W: Fn()> Outbox<W> {
    pub(super) fn new(rows: Inlet, shared: Arc<Shared>, when_full: WhenFull, bell: Arc<Bell<W>>) -> Self {
        Self { rows, shared, when_full, bell, failed: None }
    }

    /// Calls `attempt` until it reports that there was room, or drops the item.
    fn push(&mut self, stamp: Stamp, row: &[f32], name: &str) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = check(stamp, row, name) {
            self.failed = Some(error);
            return;
        }
        let mut waited = false;
        loop {
            match self.rows.push(stamp, row) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    self.failed = Some(error);
                    return;
                }
            }
            if self.when_full == WhenFull::Drop {
                self.shared.dropped_rows.fetch_add(1, Ordering::Relaxed);
                break;
            }
            if self.shared.stopped() {
                return;
            }
            self.bell.notify();
            // Waiting for room is not the source's silence.
            self.shared.asked_ms.store(NEVER, Ordering::Relaxed);
            waited = true;
            if !self.shared.full.swap(true, Ordering::SeqCst) {
                // Room may have appeared since: the drain that made it did not see the flag.
                continue;
            }
            thread::park_timeout(NAP);
        }
        if waited {
            self.shared.asked_ms.store(self.shared.now_ms(), Ordering::Relaxed);
        }
        self.bell.notify();
    }
}

/// Fails on a row without bins, and on an invalid stamp.
fn check(stamp: Stamp, row: &[f32], name: &str) -> Result<(), SourceError> {
    let wrong = |field, expected, got| SourceError::Row { name: name.to_owned(), field, expected, got };
    if row.is_empty() {
        return Err(wrong("length", "at least one bin", "0".to_owned()));
    }
    stamp.check().map_err(|error| wrong(error.field, error.expected, error.value.to_string()))
}

/// Reads the source to its end, and reports that end, whatever its cause.
pub(super) fn run(mut source: Box<dyn RowSource>, mut outbox: Outbox<impl Fn()>, controls: &Receiver<Ask>) {
    let name = source.info().source.name.clone();
    let result = catch_unwind(AssertUnwindSafe(|| read(source.as_mut(), &mut outbox, controls)));
    let shared = Arc::clone(&outbox.shared);
    shared.asked_ms.store(NEVER, Ordering::Relaxed);
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => shared.error(error),
        Err(payload) => {
            shared.error(SourceError::Panicked { name, message: panic_message(payload.as_ref()) });
        }
    }
    shared.opening.store(false, Ordering::Relaxed);
    shared.waiting.store(false, Ordering::Relaxed);
    shared.ended.store(true, Ordering::Release);
    outbox.bell.ring();
    // Last, because it may hang or panic.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(source)));
}

fn read(
    source: &mut dyn RowSource,
    outbox: &mut Outbox<impl Fn()>,
    controls: &Receiver<Ask>,
) -> Result<(), SourceError> {
    let shared = Arc::clone(&outbox.shared);
    let mut live = is_live(source.info());
    let mut name = source.info().source.name.clone();
    let mut told: Option<Arc<SourceError>> = None;
    let mut tuning = Tuning::default();
    let result = loop {
        if shared.stopped() {
            break Ok(());
        }
        loop {
            let done = match controls.try_recv() {
                Ok(Ask::Control(Control::Tune(hz))) => {
                    tuning.wanted = Some(hz);
                    continue;
                }
                Ok(Ask::Control(control)) => source.control(control),
                Ok(Ask::Settings(settings)) => source.set_settings(&settings),
                Err(_) => match tuning.due(Instant::now()) {
                    Some(hz) => source.control(Control::Tune(hz)),
                    None => break,
                },
            };
            if let Err(error) = done {
                log::warn!("{error}");
                shared.warning(Arc::new(error));
                outbox.bell.ring();
            }
        }
        let paused = shared.paused.load(Ordering::Acquire);
        if paused && !live {
            thread::park_timeout(NAP);
            continue;
        }
        shared.asked_ms.store(shared.now_ms(), Ordering::Relaxed);
        let read =
            if paused { source.discard() } else { source.read(&mut |stamp, row| outbox.push(stamp, row, &name)) };
        shared.asked_ms.store(NEVER, Ordering::Relaxed);
        shared.overruns.store(source.overruns(), Ordering::Relaxed);
        shared.gaps.store(source.gaps(), Ordering::Relaxed);
        let read = match outbox.failed.take() {
            Some(error) => Err(error),
            None => read,
        };
        // Only idle reads mean that a live source is silent; waiting and opening have states of their own.
        if paused || !live || !matches!(read, Ok(Read::Idle)) {
            shared.heard_ms.store(shared.now_ms(), Ordering::Relaxed);
        }
        // A peer that cannot be reached, for example; the source goes on.
        let warning = source.warning();
        if warning.as_ref().map(Arc::as_ptr) != told.as_ref().map(Arc::as_ptr) {
            if let Some(warning) = &warning {
                shared.warning(Arc::clone(warning));
                outbox.bell.ring();
            }
            told = warning;
        }
        let waiting = shared.waiting.swap(matches!(read, Ok(Read::Waiting)), Ordering::Relaxed);
        let opening = shared.opening.swap(matches!(read, Ok(Read::Opening)), Ordering::Relaxed);
        if (waiting, opening) != (matches!(read, Ok(Read::Waiting)), matches!(read, Ok(Read::Opening))) {
            // Even if the wake-up was called since the last drain: the host may read the status before it drains again.
            outbox.bell.ring();
        }
        match read {
            Ok(Read::Changed) => {
                live = is_live(source.info());
                name.clone_from(&source.info().source.name);
                if let Err(error) = outbox.rows.change(source.info().clone()) {
                    break Err(error);
                }
                outbox.bell.notify();
            }
            Ok(Read::End) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    if let Some(warning) = source.warning() {
        shared.warning(warning);
    }
    // A change that found no room has to arrive all the same.
    while !outbox.rows.flush() && !shared.stopped() {
        outbox.bell.notify();
        thread::park_timeout(NAP);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_frequencies_the_last_one_counts() {
        let (mut tuning, start) = (Tuning::default(), Instant::now());
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert_eq!(tuning.due(start), None);
        // The first at once; then one every 200 ms, the newest that there is.
        let mut tuned = Vec::new();
        for ms in 0..1000 {
            tuning.wanted = Some(ms as f64);
            tuned.extend(tuning.due(at(ms)));
        }
        assert_eq!(tuned, [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!((tuning.due(at(1000)), tuning.due(at(5000))), (Some(999.0), None));
    }
}
