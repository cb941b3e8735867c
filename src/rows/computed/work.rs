//! The threads that compute.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Reader;
use super::plan::{self, Queue, Task};
#[cfg(feature = "app")]
use super::saved::Saved;
use super::state::Shared;
#[cfg(feature = "app")]
use super::state::State;
use super::store::{Kept, Key, Values};
use crate::decibel::to_decibels;
use crate::rows::block::Block;
use crate::rows::channels;
use crate::unit::Unit;
use crate::view::Reduce;

/// Rows between two looks at what is on show, if they have few bins; and values, if they have many.
const LOOK_ROWS: u64 = 64;
const LOOK_VALUES: u64 = 1 << 17;

/// Starts a thread.
pub(super) fn start(pool: &Arc<Pool>, shared: &Arc<Shared>) -> io::Result<()> {
    shared.lock().threads += 1;
    let ended = Ended(Arc::clone(pool));
    let mut at = Arc::clone(shared);
    thread::Builder::new()
        .name("ringfall rows".to_owned())
        .spawn(move || {
            loop {
                Worker::new(&at).run();
                let Some(next) = ended.0.after(&at) else { return };
                at = next;
            }
        })
        // What was to run is dropped, and with it the count.
        .map(drop)
}

/// What the threads of one [`Computed`](super::Computed) work at.
pub(super) struct Pool(Mutex<Work>);

struct Work {
    shared: Arc<Shared>,
    is_over: bool,
}

impl Pool {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self(Mutex::new(Work { shared: Arc::clone(shared), is_over: false }))
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other work from now on, for the same threads.
    pub(super) fn put(&self, next: &Arc<Shared>) {
        let mut work = self.lock();
        let threads = work.shared.lock().threads;
        next.lock().threads = threads;
        work.shared = Arc::clone(next);
    }

    /// There is no more work.
    pub(super) fn close(&self) {
        self.lock().is_over = true;
    }

    /// What a thread works at that has left `before`.
    fn after(&self, before: &Arc<Shared>) -> Option<Arc<Shared>> {
        let work = self.lock();
        (!work.is_over && !Arc::ptr_eq(&work.shared, before)).then(|| Arc::clone(&work.shared))
    }
}

/// Counts a thread as ended when it is dropped, even after a panic: in the latest work, whichever it was at.
struct Ended(Arc<Pool>);

impl Drop for Ended {
    fn drop(&mut self) {
        let work = self.0.lock();
        work.shared.lock().threads -= 1;
        work.shared.tell();
    }
}

struct Worker<'a> {
    shared: &'a Shared,
    readers: HashMap<u32, Box<dyn Reader + 'a>>,
    /// A growing block for each level.
    growing: Vec<Block>,
    values: Vec<f32>,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Something else is more urgent.
    Left,
}

impl<'a> Worker<'a> {
    fn new(shared: &'a Shared) -> Self {
        let growing = (0..=shared.levels).map(|_| Block::default()).collect();
        Self { shared, readers: HashMap::new(), growing, values: Vec::new() }
    }

    fn run(mut self) {
        let shared = self.shared;
        #[cfg(feature = "app")]
        load(shared);
        loop {
            let mut state = shared.lock();
            let task = loop {
                if shared.is_stopped() {
                    return;
                }
                if let Some(task) = plan::pick(shared, &mut state) {
                    break task;
                }
                if state.pending && state.busy.is_empty() {
                    shared.announce(state, true);
                    state = shared.lock();
                    continue;
                }
                #[cfg(feature = "app")]
                if let Some((saved, identity)) = unsaved(shared, &mut state) {
                    drop(state);
                    match saved.save(shared, &identity) {
                        Ok(()) => log::debug!("{}: saved", saved.path().display()),
                        Err(_) if shared.is_stopped() => {}
                        Err(error) => log::warn!("{}: not saved: {error}", saved.path().display()),
                    }
                    state = shared.lock();
                    continue;
                }
                // For those who wait for the end.
                shared.tell();
                state = shared.wait_for_work(state);
            };
            state.busy.push(task.clone());
            let wants = shared.wants();
            drop(state);
            let outcome = self.work(&task, wants);
            let mut state = shared.lock();
            state.busy.retain(|busy| *busy != task);
            if let (Outcome::Left, Task::Block { block, keep: true, .. } | Task::Background { block }) =
                (outcome, &task)
            {
                state.cursor = state.cursor.min(*block);
            }
            if outcome == Outcome::Left && task.is_on_show() {
                // It may be wanted again since, and have been passed over because a thread was at it.
                state.queue = Queue::stale();
            }
            let last = task.is_on_show() && !state.queue.has(task.is_sketch());
            shared.announce(state, last);
        }
    }

    fn work(&mut self, task: &Task, wants: u64) -> Outcome {
        match *task {
            Task::Sketch { tier, level, ref stretches } => self.sketch(tier, level, stretches.clone()),
            Task::Rows { tier, ref rows, every } => self.rows(tier, rows.clone(), every),
            Task::Block { level, block, fine, keep } => self.block(task, level, block, fine, keep, wants),
            Task::Background { block } => self.block(task, self.shared.base, block, None, true, wants),
        }
    }

    /// Reads rows until `each` returns false, in dB or as `power`. A row that cannot be read is NaN, and so are those after it.
    fn read(&mut self, tier: u32, rows: Range<u64>, power: bool, each: &mut dyn FnMut(u64, &[f32]) -> bool) {
        let shared = self.shared;
        let compute = &*shared.layers[tier as usize].compute;
        // Only the readers of the rows themselves and of one shorter length are kept.
        self.readers.retain(|held, _| *held == 0 || *held == tier);
        let reader = self.readers.entry(tier).or_insert_with(|| compute.reader());
        let (mut next, mut on) = (rows.start, true);
        let mut each_read = |row, values: &[f32]| {
            next = row + 1;
            on = each(row, values);
            on
        };
        let read = if power {
            reader.read_power(rows.clone(), &mut each_read)
        } else {
            reader.read(rows.clone(), &mut each_read)
        };
        let Err(error) = read else { return };
        shared.fail(&mut shared.lock(), error);
        for row in next..rows.end {
            let Some((_, bins)) = compute.entry(row).filter(|_| on) else { return };
            self.values.clear();
            self.values.resize(bins as usize * shared.precision.lanes(), f32::NAN);
            on = each(row, &self.values);
        }
    }

    fn sketch(&mut self, tier: u32, level: u32, stretches: Range<u64>) -> Outcome {
        let shared = self.shared;
        for index in stretches {
            if shared.is_stopped() {
                return Outcome::Left;
            }
            let Some(row) = plan::middle(&shared.layers[tier as usize].runs, level, index) else { continue };
            self.read(tier, row..row + 1, false, &mut |_, values| {
                let values = Values::new(shared.precision, values);
                shared.put_sketch(&mut shared.lock(), Key::new(tier, level, Reduce::Max, index), values);
                true
            });
        }
        Outcome::Done
    }

    fn rows(&mut self, tier: u32, rows: Range<u64>, every: u64) -> Outcome {
        let shared = self.shared;
        let step = if every == 1 { rows.end - rows.start } else { 1 };
        let mut start = rows.start;
        while start < rows.end {
            self.read(tier, start..(start + step).min(rows.end), false, &mut |row, values| {
                let values = Values::new(shared.precision, values);
                shared.put_fine(&mut shared.lock(), Key::new(tier, 0, Reduce::Max, row), values);
                !shared.is_stopped()
            });
            if shared.is_stopped() {
                return Outcome::Left;
            }
            start = start.saturating_add(if every == 1 { step } else { every });
        }
        Outcome::Done
    }

    /// Computes all rows of a block, and what is wanted of the blocks that it is made of.
    fn block(
        &mut self,
        task: &Task,
        level: u32,
        block: u64,
        fine: Option<(u32, Reduce)>,
        keep: bool,
        wants: u64,
    ) -> Outcome {
        let shared = self.shared;
        let layer = &shared.layers[0];
        let Some(rows) = layer.runs.rows_of(level, block) else { return Outcome::Done };
        let bins = layer.compute.entry(rows.start).map_or(1, |(_, bins)| u64::from(bins.max(1)));
        let look = (LOOK_VALUES / (bins * shared.precision.lanes() as u64)).clamp(1, LOOK_ROWS);
        let mut growing = std::mem::take(&mut self.growing);
        growing.iter_mut().for_each(Block::clear);
        let (mut fresh, mut finished, mut left, mut seen) = (Vec::new(), Vec::new(), false, wants);
        let (unit, is_rgba, mut premultiplied, mut colors) =
            (shared.block_unit(), shared.is_rgba(), Vec::new(), Vec::new());
        // A row of power is converted to dB only where it is on show.
        let power = layer.compute.has_power() && unit.is_decibel();
        let terms = if power { Unit::None } else { unit };
        self.read(0, rows.clone(), power, &mut |row, values| {
            let end = row + 1;
            if let Some(lowest) = growing.get_mut(1) {
                if is_rgba {
                    premultiplied.clear();
                    premultiplied.extend_from_slice(values);
                    channels::premultiply(&mut premultiplied);
                    lowest.add(terms, &premultiplied);
                } else {
                    lowest.add(terms, values);
                }
            }
            for at in 1..=level {
                if !end.is_multiple_of(1 << (2 * at)) && end != rows.end {
                    break;
                }
                let (below, above) = growing.split_at_mut(at as usize + 1);
                let Some(done) = below.last_mut() else { break };
                if let Some((_, reduce)) = fine.filter(|(level, _)| *level == at) {
                    let first = rows.start.max(row >> (2 * at) << (2 * at));
                    if end - first > 1 {
                        done.read(unit, reduce, &mut finished);
                        if is_rgba {
                            colors.clear();
                            channels::colors(&finished, &mut colors);
                            channels::plain(&colors, &mut finished);
                        }
                    }
                    // A single row is its own mean: it is not converted to power and back.
                    if power && end - first == 1 {
                        finished.clear();
                        finished.extend_from_slice(values);
                    }
                    if power && (end - first == 1 || reduce != Reduce::Mean) {
                        to_decibels(&mut finished);
                    }
                    let values = if power || end - first > 1 { &finished } else { values };
                    let key = Key::new(0, at, reduce, layer.runs.block_of(at, row));
                    fresh.push((key, Values::new(shared.precision, values)));
                }
                if at < level
                    && let Some(above) = above.first_mut()
                {
                    above.take(done);
                }
            }
            left = shared.is_stopped();
            if end.is_multiple_of(look) {
                flush(shared, &mut fresh);
                if seen != shared.wants() {
                    seen = shared.wants();
                    left |= !is_wanted(shared, task, &rows);
                }
            }
            !left
        });
        flush(shared, &mut fresh);
        if !left && keep {
            if power {
                growing[level as usize].powers_to_decibels();
            }
            let kept = Kept::new(shared.precision, &growing[level as usize], rows.end - rows.start);
            shared.put_kept(&mut shared.lock(), level, block, kept);
            parents(shared, level, rows.start);
        }
        self.growing = growing;
        if left { Outcome::Left } else { Outcome::Done }
    }
}

/// Reads what was saved, on the first thread that comes by.
#[cfg(feature = "app")]
fn load(shared: &Shared) {
    let saved = shared.saved.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let Some(saved) = saved else { return };
    let loaded = saved.load(shared);
    if let (false, Some(identity)) = (loaded.complete, loaded.identity) {
        shared.lock().unsaved = Some((saved, identity));
    }
}

/// What is to be saved now that all blocks are there. Those of a file that could not be read are not.
#[cfg(feature = "app")]
fn unsaved(shared: &Shared, state: &mut State) -> Option<(Saved, String)> {
    let progress = shared.progress(state);
    let is_done = progress.all == 1.0 && progress.error.is_none() && state.busy.is_empty();
    if is_done { state.unsaved.take() } else { None }
}

/// Whether this is still on show.
fn is_wanted(shared: &Shared, task: &Task, rows: &Range<u64>) -> bool {
    let state = shared.lock();
    state.want.as_ref().is_some_and(|want| {
        let wanted = shared.rows_wanted(want);
        let overlaps = want.tier == 0 && wanted.start < rows.end && rows.start < wanted.end;
        match task {
            Task::Block { fine: Some((level, reduce)), .. } => {
                overlaps && (want.level, want.reduce) == (*level, *reduce)
            }
            Task::Block { fine: None, .. } => overlaps && want.level >= shared.base,
            _ => false,
        }
    })
}

fn flush(shared: &Shared, fresh: &mut Vec<(Key, Values)>) {
    if !fresh.is_empty() {
        let mut state = shared.lock();
        fresh.drain(..).for_each(|(key, values)| shared.put_fine(&mut state, key, values));
        shared.announce(state, false);
    }
}

/// Makes the blocks above a block, as far as all of their parts are there.
pub(super) fn parents(shared: &Shared, level: u32, row: u64) {
    let runs = &shared.layers[0].runs;
    for level in level..shared.levels - 1 {
        let parent = runs.block_of(level + 1, row);
        let Some(rows) = runs.rows_of(level + 1, parent) else { return };
        let parts = {
            let state = shared.lock();
            if state.kept.get(level + 1, parent).is_some() {
                return;
            }
            state.kept.all(level, runs.blocks_of(level, &rows))
        };
        let Some(parts) = parts else { return };
        let weight = parts.iter().map(|part| part.weight()).sum();
        let mut block = Block::default();
        parts.iter().for_each(|part| block.take(&mut part.block()));
        let kept = Kept::new(shared.precision, &block, weight);
        shared.put_kept(&mut shared.lock(), level + 1, parent, kept);
    }
}
