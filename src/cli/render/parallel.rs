//! Rows computed on all processors, in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use ringfall::{Compute, Reduce, RowsError, Stamp};

use super::gather::Seen;
use super::progress::Progress;
use super::store::Store;
use super::thin::Thin;

/// Rows that one thread computes at once, about.
const ROWS: u64 = 256;
/// Pieces that each thread may be ahead of the one that is due.
const AHEAD: u64 = 3;

/// Consecutive rows, reduced.
#[derive(Default)]
struct Piece {
    stamps: Vec<(Stamp, usize)>,
    values: Vec<f32>,
}

/// What the threads share.
struct State {
    /// The next piece to be computed, and the next one to be taken over.
    next: u64,
    due: u64,
    done: BTreeMap<u64, Result<Piece, RowsError>>,
    spare: Vec<Piece>,
    stopped: bool,
}

struct Shared {
    state: Mutex<State>,
    /// A piece is done, or a thread has ended.
    done: Condvar,
    /// A piece was taken over.
    taken: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the others when it is dropped, even after a panic.
struct Stop<'a>(&'a Shared);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.taken.notify_all();
        self.0.done.notify_all();
    }
}

/// Stores all rows, each reduced from `every` of them; the last one may be of fewer.
pub(super) fn run(
    rows: &dyn Compute,
    (every, reduce): (u32, Reduce),
    store: &mut Store,
    progress: &Progress,
) -> Result<Seen> {
    let count = rows.rows();
    let length = ROWS.next_multiple_of(every.max(1).into());
    let pieces = count.div_ceil(length);
    let stamp = |row: u64| rows.entry(row).map(|(stamp, _)| stamp);
    let seen = Seen { first: stamp(0), last: count.checked_sub(1).and_then(stamp), rows: count };
    let Some(first) = seen.first else { return Ok(seen) };
    let threads =
        thread::available_parallelism().map_or(1, usize::from).min(usize::try_from(pieces).unwrap_or(1)).max(1);
    let ahead = AHEAD * threads as u64;
    let state = State { next: 0, due: 0, done: BTreeMap::new(), spare: Vec::new(), stopped: false };
    let shared = Shared { state: Mutex::new(state), done: Condvar::new(), taken: Condvar::new() };
    thread::scope(|scope| {
        let work = || {
            let _stop = StopIfPanicking(&shared);
            let mut reader = rows.reader();
            loop {
                let (piece, number) = {
                    let mut state = shared.lock();
                    while !state.stopped && state.next < pieces && state.next >= state.due + ahead {
                        state = shared.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
                    }
                    if state.stopped || state.next >= pieces {
                        return;
                    }
                    state.next += 1;
                    (state.spare.pop().unwrap_or_default(), state.next - 1)
                };
                let range = number * length..((number + 1) * length).min(count);
                let done = compute(rows, reader.as_mut(), range, (every, reduce), piece);
                shared.lock().done.insert(number, done);
                shared.done.notify_all();
            }
        };
        let _stop = Stop(&shared);
        for number in 0..threads {
            let spawned = thread::Builder::new().name("ringfall render".to_owned()).spawn_scoped(scope, work);
            // With fewer threads it takes longer; without any there is nobody to wait for.
            match spawned {
                Ok(_) => {}
                Err(error) if number == 0 => return Err(error).context("cannot start a thread"),
                Err(_) => break,
            }
        }
        for number in 0..pieces {
            let mut state = shared.lock();
            let piece = loop {
                if let Some(piece) = state.done.remove(&number) {
                    break piece;
                }
                if state.stopped {
                    anyhow::bail!("a thread failed");
                }
                state = shared.done.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            drop(state);
            let mut piece = piece?;
            let mut values = &piece.values[..];
            for (stamp, bins) in &piece.stamps {
                let (row, rest) = values.split_at(*bins);
                values = rest;
                store.push(*stamp, row)?;
                progress.at(stamp.time_ns.saturating_sub(first.time_ns) as f64 * 1e-9);
            }
            piece.stamps.clear();
            piece.values.clear();
            let mut state = shared.lock();
            state.due = number + 1;
            state.spare.push(piece);
            drop(state);
            shared.taken.notify_all();
        }
        Ok(seen)
    })
}

/// Lets the others end if this thread has panicked.
struct StopIfPanicking<'a>(&'a Shared);

impl Drop for StopIfPanicking<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            drop(Stop(self.0));
        }
    }
}

/// Computes these rows, reduced.
fn compute(
    rows: &dyn Compute,
    reader: &mut dyn ringfall::Reader,
    range: Range<u64>,
    (every, reduce): (u32, Reduce),
    mut piece: Piece,
) -> Result<Piece, RowsError> {
    let mut thin = Thin::new(every, reduce);
    let mut keep = |stamp: Stamp, row: &[f32]| {
        piece.stamps.push((stamp, row.len()));
        piece.values.extend_from_slice(row);
    };
    reader.read(range, &mut |row, values| {
        let Some((stamp, _)) = rows.entry(row) else { return false };
        if let Some((stamp, values)) = thin.row(stamp, values) {
            keep(stamp, values);
        }
        true
    })?;
    if let Some((stamp, values)) = thin.rest() {
        keep(stamp, values);
    }
    Ok(piece)
}
