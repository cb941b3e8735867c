//! What the threads share: the data, what is wanted, what has been computed.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::plan::{Queue, Task};
#[cfg(feature = "app")]
use super::saved::Saved;
use super::store::{Cache, Kept, KeptLevels, Key, Values};
use super::{Compute, ComputedOptions, Progress, Runs};
use crate::rows::cells::Precision;
use crate::rows::error::RowsError;
use crate::unit::Unit;
use crate::view::Reduce;

/// Rows of one length, and the blocks that they make.
pub(super) struct Layer {
    pub(super) compute: Arc<dyn Compute>,
    pub(super) runs: Runs,
}

/// One of the lengths of rows, as callers see it. Tier 0 has the rows of the settings, the next ones shorter rows.
pub(super) struct Tier {
    pub(super) shared: Arc<Shared>,
    pub(super) index: u32,
    pub(super) finer: Option<Box<Tier>>,
}

impl Tier {
    pub(super) fn new(shared: &Arc<Shared>, index: u32) -> Self {
        let has_finer = (index as usize) + 1 < shared.layers.len();
        let finer = has_finer.then(|| Box::new(Self::new(shared, index + 1)));
        Self { shared: Arc::clone(shared), index, finer }
    }

    fn layer(&self) -> &Layer {
        &self.shared.layers[self.index as usize]
    }

    pub(super) fn runs(&self) -> &Runs {
        &self.layer().runs
    }

    pub(super) fn source(&self) -> &dyn Compute {
        &*self.layer().compute
    }
}

/// What is on show.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Want {
    pub(super) tier: u32,
    pub(super) level: u32,
    /// From the first row of the level that is shown to the last.
    pub(super) rows: Range<u64>,
    /// Only every `every`-th one is shown.
    pub(super) every: u64,
    pub(super) reduce: Reduce,
}

pub(super) struct Shared {
    pub(super) layers: Vec<Layer>,
    pub(super) epoch_ns: i64,
    pub(super) unit: Unit,
    pub(super) levels: u32,
    pub(super) precision: Precision,
    /// The lowest level whose blocks are all kept.
    pub(super) base: u32,
    state: Mutex<State>,
    /// For the threads: there is work.
    work: Condvar,
    /// For those who wait: something was computed, or a thread has ended.
    news: Condvar,
    stopped: AtomicBool,
    revision: AtomicU64,
    /// Counts what was wanted.
    wants: AtomicU64,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
    #[cfg(feature = "app")]
    pub(super) budget: u64,
    /// Where blocks are saved; taken by the thread that reads it.
    #[cfg(feature = "app")]
    pub(super) saved: Mutex<Option<Saved>>,
}

pub(super) struct State {
    /// Single rows, which stand for the block of their level that they are in the middle of.
    pub(super) sketch: Cache,
    /// Rows and blocks that are on show, on levels below the base.
    pub(super) fine: Cache,
    pub(super) kept: KeptLevels,
    pub(super) want: Option<Want>,
    pub(super) queue: Queue,
    /// What threads are at.
    pub(super) busy: Vec<Task>,
    pub(super) threads: usize,
    error: Option<RowsError>,
    woken: Option<Instant>,
    /// Something that is on show is new since the last wake-up.
    pub(super) pending: bool,
    /// All blocks of the base before this one are kept, or a thread is at them.
    pub(super) cursor: u64,
    /// Where the finished blocks are to be saved, and for what they are valid.
    #[cfg(feature = "app")]
    pub(super) unsaved: Option<(Saved, String)>,
}

impl State {
    pub(super) fn bytes(&self) -> u64 {
        self.sketch.bytes() + self.fine.bytes() + self.kept.bytes()
    }
}

/// The least time between two wake-ups while work goes on: a picture that changes more often only takes time from the work.
const WAKE_EVERY: Duration = Duration::from_millis(80);

impl Shared {
    /// Levels of reduced rows at least, as in [`Pyramid`](crate::Pyramid).
    const LEAST_LEVELS: u32 = 9;

    pub(super) fn new(compute: Arc<dyn Compute>, options: &ComputedOptions, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (unit, rows) = (compute.unit(), compute.rows());
        let precision = match options.precision {
            _ if compute.is_rgba() => Precision::Rgba8,
            Precision::Rgba8 => Precision::default(),
            other => other,
        };
        let first = compute.entry(0);
        let bins = u64::from(first.map_or(1, |(_, bins)| bins)) * precision.lanes() as u64;
        let mut top = Self::LEAST_LEVELS;
        while rows > 1 && (rows - 1) >> (2 * top) > 0 {
            top += 1;
        }
        let levels = top + 1;
        let mut layers = Vec::new();
        let mut next = Some(compute);
        while let Some(compute) = next {
            let deep = if layers.is_empty() { levels } else { 1 };
            next = compute.finer();
            layers.push(Layer { runs: Runs::new(&compute.breaks(), compute.rows(), deep), compute });
        }
        // Half of the budget for what is kept, an eighth for single rows, the rest for what is on show.
        let runs = &layers[0].runs;
        let block = Kept::bytes_of(precision, bins);
        let all = |level: u32| (level..levels).map(|level| runs.count(level).saturating_mul(block)).sum::<u64>();
        let base = (1..top).find(|level| all(*level) <= options.budget / 2).unwrap_or(top);
        let state = State {
            sketch: Cache::new(options.budget / 8),
            fine: Cache::new(options.budget / 8 * 3),
            kept: KeptLevels::new(base, levels),
            want: None,
            queue: Queue::default(),
            busy: Vec::new(),
            threads: 0,
            error: None,
            woken: None,
            pending: false,
            cursor: 0,
            #[cfg(feature = "app")]
            unsaved: None,
        };
        Self {
            epoch_ns: first.map_or(0, |(stamp, _)| stamp.time_ns),
            layers,
            unit,
            levels,
            precision,
            base,
            state: Mutex::new(state),
            work: Condvar::new(),
            news: Condvar::new(),
            stopped: AtomicBool::new(false),
            revision: AtomicU64::new(0),
            wants: AtomicU64::new(0),
            wake,
            #[cfg(feature = "app")]
            budget: options.budget,
            #[cfg(feature = "app")]
            saved: Mutex::new(None),
        }
    }

    /// Threads that leave room for values: each has its buffers, and a growing block on each level.
    pub(super) fn most_threads(&self, budget: u64) -> u64 {
        let layer = &self.layers[0];
        let bins = layer.compute.entry(0).map_or(1, |(_, bins)| u64::from(bins)) * self.precision.lanes() as u64;
        let each = layer.compute.reader_bytes() + 16 * bins * u64::from(self.base + 1);
        budget / 2 / each.max(1)
    }

    pub(super) fn is_rgba(&self) -> bool {
        self.precision == Precision::Rgba8
    }

    /// The unit in which blocks are reduced: channels have none.
    pub(super) fn block_unit(&self) -> Unit {
        if self.is_rgba() { Unit::None } else { self.unit }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait_for_news<'a>(&self, state: MutexGuard<'a, State>, patience: Duration) -> MutexGuard<'a, State> {
        self.news.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0
    }

    pub(super) fn wait_for_work<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.work.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self) {
        self.news.notify_all();
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        // A thread that looked just before it waits holds the lock.
        drop(self.lock());
        self.work.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    pub(super) fn wants(&self) -> u64 {
        self.wants.load(Ordering::Acquire)
    }

    pub(super) fn want(&self, want: Want) {
        let mut state = self.lock();
        if state.want.as_ref() == Some(&want) {
            return;
        }
        state.want = Some(want);
        state.queue = Queue::stale();
        // Under the lock: a thread that takes a task for this knows that it does.
        self.wants.fetch_add(1, Ordering::AcqRel);
        drop(state);
        self.work.notify_all();
    }

    pub(super) fn progress(&self, state: &State) -> Progress {
        let blocks = self.layers[0].runs.count(self.base);
        let all = if blocks == 0 { 1.0 } else { state.kept.done() as f64 / blocks as f64 };
        let is_idle = !state.queue.is_stale() && state.want.is_some();
        let of_queue = |sketch: bool| {
            state.busy.iter().any(|task| if sketch { task.is_sketch() } else { self.is_on_show(state, task) })
                || state.queue.has(sketch)
        };
        Progress {
            sketched: is_idle && !of_queue(true),
            shown: is_idle && !of_queue(false),
            all,
            error: state.error.clone(),
        }
    }

    /// Whether what a thread is at is on show. It may have begun with it before it was.
    fn is_on_show(&self, state: &State, task: &Task) -> bool {
        let (Task::Background { block }, Some(want)) = (task, &state.want) else { return true };
        let rows = self.layers[0].runs.rows_of(self.base, *block).unwrap_or_default();
        let wanted = self.rows_wanted(want);
        want.tier == 0 && wanted.start < rows.end && rows.start < wanted.end
    }

    // --- What is known -------------------------------------------------------------------------------------------------

    /// Blocks on this many higher levels are better than a single row.
    const NEAR: u32 = 3;

    /// The best values that are known for a row.
    fn find<'a>(&self, state: &'a State, tier: u32, level: u32, row: u64, reduce: Reduce) -> Option<Found<'a>> {
        if let Some(found) = self.exact(state, &Key::new(tier, level, reduce, row)) {
            return Some(found);
        }
        let first = self.layers[tier as usize].runs.rows_of(level, row)?.start;
        let around = |levels: Range<u32>| self.around(state, tier, levels, first).map(Found::Kept);
        let near = (level + 1 + Self::NEAR).min(self.levels);
        around(level + 1..near)
            .or_else(|| {
                let single = |level| Key::new(tier, level, Reduce::Max, first >> (2 * level));
                (level.max(1)..self.levels).find_map(|level| state.sketch.get(&single(level))).map(Found::Values)
            })
            .or_else(|| around(near..self.levels))
            .or_else(|| self.longer(state, tier, first))
    }

    /// The block that a row is in, on the lowest of these levels on which it is kept.
    fn around<'a>(&self, state: &'a State, tier: u32, mut levels: Range<u32>, row: u64) -> Option<&'a Arc<Kept>> {
        let runs = &self.layers[tier as usize].runs;
        levels.find_map(|level| state.kept.get(level, runs.block_of(level, row)).filter(|_| tier == 0))
    }

    /// Whether a row is exact, or better known than by single rows.
    pub(super) fn is_near(&self, state: &State, tier: u32, level: u32, row: u64, reduce: Reduce) -> bool {
        let first = self.layers[tier as usize].runs.rows_of(level, row).map_or(0, |rows| rows.start);
        self.exact(state, &Key::new(tier, level, reduce, row)).is_some()
            || self.around(state, tier, level + 1..(level + 1 + Self::NEAR).min(self.levels), first).is_some()
    }

    /// The values of a longer row at the same time.
    fn longer<'a>(&self, state: &'a State, tier: u32, row: u64) -> Option<Found<'a>> {
        let longer = self.layers.get((tier as usize).checked_sub(1)?)?;
        let (stamp, _) = self.layers[tier as usize].compute.entry(row)?;
        let middle = stamp.time_ns.saturating_add((0.5 * stamp.duration_ns) as i64);
        let before = |row| longer.compute.entry(row).is_some_and(|(stamp, _)| stamp.end_ns() <= middle);
        let row = crate::rows::first_not(0..longer.runs.rows(), before).min(longer.runs.rows().checked_sub(1)?);
        self.find(state, tier - 1, 0, row, Reduce::Max)
    }

    /// The values of a row, if they are exact.
    pub(super) fn exact<'a>(&self, state: &'a State, key: &Key) -> Option<Found<'a>> {
        if key.tier == 0 && key.level >= self.base {
            return state.kept.get(key.level, key.row).map(Found::Kept);
        }
        state.fine.get(key).map(Found::Values)
    }

    pub(super) fn read(&self, tier: u32, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) {
        let state = self.lock();
        let kept = match self.find(&state, tier, level, row, reduce) {
            Some(Found::Values(values)) => return values.read(out),
            Some(Found::Kept(kept)) => Arc::clone(kept),
            None => return,
        };
        // A mean is converted to dB: not while the threads wait.
        drop(state);
        kept.read(self.unit, reduce, out);
    }

    pub(super) fn read_rgba(&self, tier: u32, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) {
        let state = self.lock();
        let kept = match self.find(&state, tier, level, row, reduce) {
            Some(Found::Values(values)) => return values.read_rgba(out),
            Some(Found::Kept(kept)) => Arc::clone(kept),
            None => return,
        };
        drop(state);
        kept.read_rgba(reduce, out);
    }

    pub(super) fn revised(&self, tier: u32, level: u32, row: u64, reduce: Reduce) -> u64 {
        match self.find(&self.lock(), tier, level, row, reduce) {
            Some(Found::Values(values)) => values.revision,
            Some(Found::Kept(kept)) => kept.revision,
            None => 0,
        }
    }

    // --- What is new ---------------------------------------------------------------------------------------------------

    fn next_revision(&self) -> u64 {
        self.revision.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// How far values are from what is on show.
    fn distance(&self, want: Option<&Want>, key: &Key) -> u64 {
        let Some(want) = want else { return u64::MAX };
        if key.tier != want.tier || key.level != want.level || (key.level > 0 && key.reduce != want.reduce) {
            return u64::MAX;
        }
        want.rows.start.saturating_sub(key.row).max((key.row + 1).saturating_sub(want.rows.end))
    }

    pub(super) fn put_fine(&self, state: &mut State, key: Key, mut values: Values) {
        values.revision = self.next_revision();
        let want = state.want.as_ref();
        state.fine.insert(key, values, |key| self.distance(want, key));
        state.pending = true;
    }

    pub(super) fn put_sketch(&self, state: &mut State, key: Key, mut values: Values) {
        values.revision = self.next_revision();
        let rows = state.want.as_ref().map(|want| (want.tier, self.rows_wanted(want)));
        let distance = |key: &Key| match &rows {
            Some((tier, rows)) if *tier == key.tier => {
                let row = key.row.checked_shl(2 * key.level).unwrap_or(u64::MAX);
                rows.start.saturating_sub(row).max((row + 1).saturating_sub(rows.end))
            }
            _ => u64::MAX,
        };
        state.sketch.insert(key, values, distance);
        state.pending = true;
    }

    /// Keeps a block of tier 0.
    pub(super) fn put_kept(&self, state: &mut State, level: u32, block: u64, mut kept: Kept) {
        kept.revision = self.next_revision();
        state.kept.insert(level, block, kept);
        let rows = self.layers[0].runs.rows_of(level, block).unwrap_or_default();
        state.pending |= state.want.as_ref().is_some_and(|want| {
            let wanted = self.rows_wanted(want);
            level >= want.level && wanted.start < rows.end && rows.start < wanted.end
        });
    }

    /// The rows of level 0 that are on show.
    pub(super) fn rows_wanted(&self, want: &Want) -> Range<u64> {
        self.layers[want.tier as usize].runs.rows_of_all(want.level, &want.rows)
    }

    pub(super) fn fail(&self, state: &mut State, error: RowsError) {
        if state.error.is_none() {
            log::debug!("{error}");
            state.error = Some(error);
        }
    }

    /// Wakes those who wait, and the window if it is time, or `at_once`.
    pub(super) fn announce(&self, mut state: MutexGuard<'_, State>, at_once: bool) {
        let now = Instant::now();
        let due = state.woken.is_none_or(|woken| now.saturating_duration_since(woken) >= WAKE_EVERY);
        let wake = state.pending && (due || at_once);
        if wake {
            state.pending = false;
            state.woken = Some(now);
        }
        drop(state);
        self.news.notify_all();
        if wake {
            (self.wake)();
        }
    }
}

/// Values that are known.
pub(super) enum Found<'a> {
    Values(&'a Values),
    Kept(&'a Arc<Kept>),
}
