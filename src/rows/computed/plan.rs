//! What to compute next: what is on show before all else, coarsely and then exactly.

use std::collections::VecDeque;
use std::ops::Range;

use super::runs::Runs;
use super::state::{Shared, State, Want};
use super::store::Key;
use crate::view::Reduce;

/// A piece of work for one thread.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Task {
    /// Single rows, each from the middle of a stretch of 4^level rows: the numbers of the stretches.
    Sketch { tier: u32, level: u32, stretches: Range<u64> },
    /// Rows of level 0.
    Rows { tier: u32, rows: Range<u64>, every: u64 },
    /// All rows of a block of tier 0.
    Block {
        level: u32,
        block: u64,
        /// The level below it that is on show, and how it is reduced.
        fine: Option<(u32, Reduce)>,
        /// The block belongs to the base and is to be kept.
        keep: bool,
    },
    /// A block of the base that is not on show.
    Background { block: u64 },
}

impl Task {
    pub(super) fn is_sketch(&self) -> bool {
        matches!(self, Self::Sketch { .. })
    }

    pub(super) fn is_on_show(&self) -> bool {
        !matches!(self, Self::Background { .. })
    }
}

/// The work for what is on show.
#[derive(Default)]
pub(super) struct Queue {
    tasks: VecDeque<Task>,
    /// It is for something that is no longer on show.
    stale: bool,
}

impl Queue {
    /// To be made again.
    pub(super) fn stale() -> Self {
        Self { tasks: VecDeque::new(), stale: true }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether anything is left, of all or of the single rows that come first.
    pub(super) fn has(&self, sketch: bool) -> bool {
        self.tasks.front().is_some_and(|task| !sketch || task.is_sketch())
    }
}

/// Single rows that are computed first: about one for each line of a picture.
const SKETCH: u64 = 1024;
/// Single rows in a task.
const SKETCH_TASK: u64 = 4;
/// Values in a task of rows, about: a few milliseconds' worth.
const ROWS_TASK: u64 = 1 << 16;
/// A block on show is computed together with those around it, as far as this many levels above it.
const TOGETHER: u32 = 2;

/// Takes the next task.
pub(super) fn pick(shared: &Shared, state: &mut State) -> Option<Task> {
    let want = state.want.clone()?;
    if state.queue.stale {
        state.queue = Queue { tasks: plan(shared, state, &want), stale: false };
    }
    while let Some(task) = state.queue.tasks.pop_front() {
        if !state.busy.contains(&task) {
            return Some(task);
        }
    }
    while state.cursor < shared.layers[0].runs.count(shared.base) {
        let block = state.cursor;
        state.cursor += 1;
        let at_it = state.busy.iter().any(|task| match task {
            Task::Block { level, block: at, keep: true, .. } => (*level, *at) == (shared.base, block),
            Task::Background { block: at } => *at == block,
            _ => false,
        });
        if !at_it && state.kept.get(shared.base, block).is_none() {
            return Some(Task::Background { block });
        }
    }
    None
}

fn plan(shared: &Shared, state: &State, want: &Want) -> VecDeque<Task> {
    let mut tasks = VecDeque::new();
    let layer = &shared.layers[want.tier as usize];
    let rows = shared.rows_wanted(want);
    let Some((_, bins)) = layer.compute.entry(rows.start).filter(|_| !rows.is_empty()) else { return tasks };
    let row_bytes = u64::from(bins) * shared.precision.bytes() as u64 + 128;
    sketch(shared, state, want, &rows, state.sketch.budget() / row_bytes, &mut tasks);

    // As much as there is room for, around the middle.
    let room = (state.fine.budget() / row_bytes).max(1);
    let shown = (want.rows.end - want.rows.start).div_ceil(want.every);
    let window = if shown > room {
        let middle = want.rows.start + (want.rows.end - want.rows.start) / 2;
        let half = room.saturating_mul(want.every) / 2;
        middle.saturating_sub(half).max(want.rows.start)..(middle + half + 1).min(want.rows.end)
    } else {
        want.rows.clone()
    };
    let missing = |level: u32, row: u64| {
        let key = Key::new(want.tier, level, want.reduce, row);
        shared.exact(state, &key).is_none()
    };
    let mut exact: Vec<(u64, Task)> = Vec::new();
    let distance = |range: &Range<u64>| (rows.start + rows.end).abs_diff(range.start + range.end);
    if want.level == 0 {
        let length = (ROWS_TASK / u64::from(bins.max(1))).clamp(1, 64).saturating_mul(want.every);
        let mut start = window.start.next_multiple_of(want.every);
        while start < window.end {
            let end = start.saturating_add(length).min(window.end);
            let part = start..end;
            if part.clone().step_by(want.every as usize).any(|row| missing(0, row)) {
                let (tier, every) = (want.tier, want.every);
                exact.push((distance(&part), Task::Rows { tier, rows: part, every }));
            }
            start = start.saturating_add(length);
        }
    } else if want.level >= shared.base {
        for block in layer.runs.blocks_of(shared.base, &rows) {
            if state.kept.get(shared.base, block).is_none() {
                let part = layer.runs.rows_of(shared.base, block).unwrap_or_default();
                exact.push((distance(&part), Task::Block { level: shared.base, block, fine: None, keep: true }));
            }
        }
    } else {
        let level = (want.level + TOGETHER).min(shared.base);
        let window = layer.runs.rows_of_all(want.level, &window);
        for block in layer.runs.blocks_of(level, &window) {
            let part = layer.runs.rows_of(level, block).unwrap_or_default();
            let on_show = part.start.max(window.start)..part.end.min(window.end);
            if layer.runs.blocks_of(want.level, &on_show).any(|block| missing(want.level, block)) {
                let keep = level == shared.base && state.kept.get(level, block).is_none();
                let fine = Some((want.level, want.reduce));
                exact.push((distance(&part), Task::Block { level, block, fine, keep }));
            }
        }
    }
    exact.sort_by_key(|(distance, _)| *distance);
    tasks.extend(exact.into_iter().map(|(_, task)| task));
    tasks
}

/// Single rows of what is not known yet: few and far between at first.
fn sketch(shared: &Shared, state: &State, want: &Want, rows: &Range<u64>, room: u64, tasks: &mut VecDeque<Task>) {
    let runs = &shared.layers[want.tier as usize].runs;
    let stretches = |level: u32| (rows.start >> (2 * level))..((rows.end - 1) >> (2 * level)) + 1;
    let count = |level: u32| stretches(level).end - stretches(level).start;
    let lowest = want.level.max(2);
    let Some(highest) = (lowest..shared.levels).find(|level| count(*level) <= room.min(SKETCH)) else { return };
    if highest == lowest && rows.end - rows.start <= SKETCH {
        // The rows themselves are as quick.
        return;
    }
    let mut used = 0;
    for level in (lowest..=highest).rev() {
        used += count(level);
        if used > room {
            return;
        }
        let needed = |index: u64| {
            let Some(row) = middle(runs, level, index) else { return false };
            let block = runs.block_of(want.level, row);
            let key = Key::new(want.tier, level, Reduce::Max, index);
            !state.sketch.contains(&key) && !shared.is_near(state, want.tier, want.level, block, want.reduce)
        };
        let mut start = None;
        let all = stretches(level);
        for index in all.start..=all.end {
            let is_needed = index < all.end && needed(index);
            if is_needed && start.is_none() {
                start = Some(index);
            }
            if let Some(first) = start
                && (!is_needed || index + 1 - first >= SKETCH_TASK)
            {
                let end = if is_needed { index + 1 } else { index };
                tasks.push_back(Task::Sketch { tier: want.tier, level, stretches: first..end });
                start = None;
            }
        }
    }
}

/// The row that stands for a stretch.
pub(super) fn middle(runs: &Runs, level: u32, index: u64) -> Option<u64> {
    let start = index.checked_shl(2 * level)?;
    let end = start.saturating_add(1 << (2 * level)).min(runs.rows());
    (start < end).then(|| start + (end - start) / 2)
}
