//! Rows that are computed where one looks, and all of them in the background.

mod plan;
mod runs;
#[cfg(feature = "app")]
mod saved;
mod state;
mod store;
mod work;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use runs::Runs;
#[cfg(feature = "app")]
pub use saved::Saved;
use state::{Shared, Tier, Want};
use work::Pool;

use super::cells::Precision;
use super::error::RowsError;
use super::{Entry, Rows, channels};
use crate::stamp::Stamp;
use crate::unit::Unit;
use crate::view::Reduce;

/// Rows that can be computed in any order: the spectra of a recording, the rows of an array.
pub trait Compute: Send + Sync {
    /// The unit of the values.
    fn unit(&self) -> Unit;

    /// Whether cells are colours: a [`Reader`] then gives four channels for each of them. Always the same.
    fn is_rgba(&self) -> bool {
        false
    }

    /// Whether a [`Reader`] can give power instead of dB, by [`Reader::read_power`]. Always the same; only where the
    /// [unit](Self::unit) is dB.
    fn has_power(&self) -> bool {
        false
    }

    /// Number of rows. It does not change.
    fn rows(&self) -> u64;

    /// Stamp and number of bins (at least 1) of a row before [`rows`](Self::rows), else `None`. Middles of rows never decrease. Called
    /// often, so it must be fast.
    fn entry(&self, row: u64) -> Option<(Stamp, u32)>;

    /// The first rows after each gap in time, and after each change of the layout: no block goes across.
    fn breaks(&self) -> Vec<u64> {
        Vec::new()
    }

    /// The frequencies of all rows, from and to in Hz, if they are not the same for all.
    fn span_hz(&self) -> Option<(f64, f64)> {
        let (mut all, mut is_one) = (None::<(f64, f64)>, true);
        for (stamp, bins) in std::iter::once(0).chain(self.breaks()).filter_map(|row| self.entry(row)) {
            let (low, high) = stamp.span_hz(bins as usize);
            let held = *all.get_or_insert((low, high));
            is_one &= held == (low, high);
            all = Some((held.0.min(low), held.1.max(high)));
        }
        all.filter(|_| !is_one)
    }

    /// A reader with buffers of its own, one for each thread.
    fn reader(&self) -> Box<dyn Reader + '_>;

    /// The same data in shorter rows, if there are any. The rows of that have no levels.
    fn finer(&self) -> Option<Arc<dyn Compute>> {
        None
    }

    /// Bytes that a reader allocates, about.
    fn reader_bytes(&self) -> u64 {
        0
    }
}

/// Pictures of one kind, each with its rows: the frames of a stack.
pub trait Frames: Send + Sync {
    /// Number of frames, at least 1.
    fn count(&self) -> u64;

    /// The rows of a frame, counted from 0; `None` beyond the last.
    fn frame(&self, number: u64) -> Option<Arc<dyn Compute>>;
}

/// Computes rows, on a thread of its own.
pub trait Reader {
    /// Calls `each` with these rows, one after the other, until it returns false: a value for each bin, or for colours red, green,
    /// blue and alpha of each bin, sRGB-encoded, from 0 to 255.
    ///
    /// # Errors
    /// Errors of reading a file. Rows before the one that failed have been handed over.
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError>;

    /// The same rows as power, 10^(dB/10), if [`Compute::has_power`] says so: the blocks of many rows are reduced in power, and only
    /// the result is converted to dB. Not called otherwise.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_power(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        self.read(rows, each)
    }
}

/// Called from the threads of [`Computed`] when there is something new to show. It must not block.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// How [`Computed`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComputedOptions {
    /// Memory for values, in bytes.
    pub budget: u64,
    /// How values are kept; colours are [`Precision::Rgba8`] in any case.
    pub precision: Precision,
    /// Number of threads; `None` for as many as there are processors.
    pub threads: Option<NonZeroUsize>,
}

impl Default for ComputedOptions {
    /// 192 MiB, 16-bit floats, a thread for each processor.
    fn default() -> Self {
        Self { budget: 192 << 20, precision: Precision::F16, threads: None }
    }
}

impl ComputedOptions {
    /// Sets [`budget`](field@Self::budget).
    #[must_use]
    pub fn budget(self, budget: u64) -> Self {
        Self { budget, ..self }
    }

    /// Sets [`precision`](field@Self::precision).
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Sets [`threads`](field@Self::threads).
    #[must_use]
    pub fn threads(self, threads: impl Into<Option<NonZeroUsize>>) -> Self {
        Self { threads: threads.into(), ..self }
    }
}

/// How far the work has got.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Single rows, spread over what is on show, have been computed.
    pub sketched: bool,
    /// What is on show is exact, as far as the budget allows.
    pub shown: bool,
    /// The part of all data that has been taken account of in the levels that are kept, from 0 to 1.
    pub all: f64,
    /// The last error. What could not be read is NaN.
    pub error: Option<RowsError>,
}

/// Rows with their levels, computed on threads of its own: first what is on show, coarsely and then exactly, then all of the
/// rest.
///
/// Nothing waits: [`read`](Rows::read) gives what is known. Until a block is computed, that is a single row out of it or
/// near it, or the block around it on a higher level; NaN if there is none of them yet. In the end every block is exactly that of a
/// [`Pyramid`](crate::Pyramid) over the same rows, except that the means of [power](Compute::has_power) have not gone through dB: they
/// are up to 0.0002 dB nearer to the true ones. Of a level that the budget holds only a part of, the blocks farthest
/// from what is on show are evicted, and computed again when they are on show again.
///
/// When it is dropped, its threads stop after the row that they are at. It waits for them for a quarter of a second, and leaves
/// behind what hangs in the file system.
pub struct Computed {
    shared: Arc<Shared>,
    tier: Tier,
    options: ComputedOptions,
    pool: Arc<Pool>,
}

impl Computed {
    /// How long a drop waits for the threads.
    const FAREWELL: Duration = Duration::from_millis(250);

    /// Begins to compute as soon as something is [wanted](Rows::want). `wake` is called when there is something new.
    ///
    /// # Errors
    /// [`std::io::Error`] if no thread can be started.
    pub fn new(compute: Arc<dyn Compute>, options: &ComputedOptions, wake: Wake) -> std::io::Result<Self> {
        Self::start(Shared::new(compute, options, wake.into()), options)
    }

    /// The same, with the blocks in a file if there is one that is valid. If not, it is written as soon as all is computed. What
    /// is wrong with it is logged.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    #[cfg(feature = "app")]
    pub fn with_saved(
        compute: Arc<dyn Compute>,
        options: &ComputedOptions,
        saved: Saved,
        wake: Wake,
    ) -> std::io::Result<Self> {
        let mut shared = Shared::new(compute, options, wake.into());
        shared.saved = std::sync::Mutex::new(Some(saved));
        Self::start(shared, options)
    }

    fn start(shared: Shared, options: &ComputedOptions) -> std::io::Result<Self> {
        let shared = Arc::new(shared);
        let threads = options.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, usize::from);
        let threads = (threads as u64).min(shared.most_threads(options.budget)).max(1);
        let pool = Arc::new(Pool::new(&shared));
        let mut started = Ok(());
        for _ in 0..threads {
            started = work::start(&pool, &shared);
            if started.is_err() {
                break;
            }
        }
        if shared.lock().threads == 0 {
            started?;
        }
        Ok(Self { tier: Tier::new(&shared, 0), shared, options: *options, pool })
    }

    /// Computes other rows from now on, on the same threads and within the same budget: nothing is known of them yet, and nothing
    /// is [wanted](Rows::want).
    pub fn replace(&mut self, compute: Arc<dyn Compute>) {
        let next = Arc::new(Shared::new(compute, &self.options, Arc::clone(&self.shared.wake)));
        // Threads that leave the old rows find the new ones.
        self.pool.put(&next);
        self.shared.stop();
        self.tier = Tier::new(&next, 0);
        self.shared = next;
    }

    /// Wants what is wanted of `other`, as far as there are such rows.
    pub fn want_like(&self, other: &Self) {
        let want = other.shared.lock().want.clone();
        if let Some(want) = want.filter(|want| (want.tier as usize) < self.shared.layers.len()) {
            let level = want.level.min(self.shared.levels - 1);
            let end = self.shared.layers[want.tier as usize].runs.count(level);
            let rows = want.rows.start.min(end)..want.rows.end.min(end);
            self.shared.want(Want { level, rows, ..want });
        }
    }

    /// Bytes that the rows may take.
    pub fn budget(&self) -> u64 {
        self.options.budget
    }

    /// How far the work has got.
    pub fn progress(&self) -> Progress {
        self.shared.progress(&self.shared.lock())
    }

    /// Waits until the progress is as asked for, or `patience` is over. Returns whether it is.
    pub fn wait(&self, until: impl Fn(&Progress) -> bool, patience: Duration) -> bool {
        let begun = Instant::now();
        let mut state = self.shared.lock();
        loop {
            if until(&self.shared.progress(&state)) {
                return true;
            }
            // The end need not be an instant that the clock can express.
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() || state.threads == 0 {
                return false;
            }
            state = self.shared.wait_for_news(state, left);
        }
    }

    /// Bytes of values in memory.
    pub fn bytes(&self) -> u64 {
        self.shared.lock().bytes()
    }
}

impl Drop for Computed {
    fn drop(&mut self) {
        self.pool.close();
        self.shared.stop();
        let end = Instant::now() + Self::FAREWELL;
        let mut state = self.shared.lock();
        while state.threads > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                log::warn!("{} threads still read a file, and are left behind", state.threads);
                return;
            }
            state = self.shared.wait_for_news(state, left);
        }
    }
}

impl std::fmt::Debug for Computed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Computed").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl Rows for Computed {
    fn epoch_ns(&self) -> i64 {
        self.tier.epoch_ns()
    }

    fn unit(&self) -> Unit {
        self.tier.unit()
    }

    fn levels(&self) -> u32 {
        self.tier.levels()
    }

    fn rows_per_row(&self, level: u32) -> u64 {
        self.tier.rows_per_row(level)
    }

    fn range(&self, level: u32) -> Range<u64> {
        self.tier.range(level)
    }

    fn settled(&self, level: u32) -> u64 {
        self.tier.settled(level)
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        self.tier.entry(level, row)
    }

    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        self.tier.read(level, row, reduce, out)
    }

    fn is_rgba(&self) -> bool {
        self.tier.is_rgba()
    }

    fn read_rgba(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        self.tier.read_rgba(level, row, reduce, out)
    }

    fn revision(&self) -> u64 {
        self.tier.revision()
    }

    fn revised(&self, level: u32, row: u64, reduce: Reduce) -> u64 {
        self.tier.revised(level, row, reduce)
    }

    fn want(&self, level: u32, rows: Range<u64>, every: u64, reduce: Reduce) {
        self.tier.want(level, rows, every, reduce);
    }

    fn finer(&self) -> Option<&dyn Rows> {
        self.tier.finer()
    }

    fn first_from(&self, level: u32, time_ns: i64) -> u64 {
        self.tier.first_from(level, time_ns)
    }

    fn covers(&self, level: u32, times_ns: Range<i64>) -> bool {
        self.tier.covers(level, times_ns)
    }
}

impl Rows for Tier {
    fn epoch_ns(&self) -> i64 {
        self.shared.epoch_ns
    }

    fn unit(&self) -> Unit {
        self.shared.unit
    }

    fn levels(&self) -> u32 {
        if self.index == 0 { self.shared.levels } else { 1 }
    }

    fn rows_per_row(&self, level: u32) -> u64 {
        4u64.saturating_pow(level)
    }

    fn range(&self, level: u32) -> Range<u64> {
        0..self.runs().count(level)
    }

    fn settled(&self, level: u32) -> u64 {
        self.runs().count(level)
    }

    fn entry(&self, level: u32, row: u64) -> Option<Entry> {
        let rows = self.runs().rows_of(level, row)?;
        let (mut stamp, bins) = self.source().entry(rows.start)?;
        let weight = u32::try_from(rows.end - rows.start).unwrap_or(u32::MAX);
        if weight > 1 {
            let (last, _) = self.source().entry(rows.end - 1)?;
            stamp.duration_ns = last.time_ns.saturating_sub(stamp.time_ns) as f64 + last.duration_ns;
        }
        Some(Entry { stamp, bins, weight })
    }

    fn read(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.is_rgba() {
            return Err(channels::NO_VALUES);
        }
        let entry = self.entry(level, row).ok_or(RowsError::NoRow { level, row })?;
        self.shared.read(self.index, level, row, reduce, out);
        // Nothing is known; or what is known is of a row of another length.
        out.resize(entry.bins as usize, f32::NAN);
        Ok(())
    }

    fn is_rgba(&self) -> bool {
        self.shared.is_rgba()
    }

    fn read_rgba(&self, level: u32, row: u64, reduce: Reduce, out: &mut Vec<[u8; 4]>) -> Result<(), RowsError> {
        out.clear();
        if !self.is_rgba() {
            return Err(channels::NO_COLORS);
        }
        let entry = self.entry(level, row).ok_or(RowsError::NoRow { level, row })?;
        self.shared.read_rgba(self.index, level, row, reduce, out);
        // As for values: what is not known is transparent.
        out.resize(entry.bins as usize, [0; 4]);
        Ok(())
    }

    fn revision(&self) -> u64 {
        self.shared.revision()
    }

    fn revised(&self, level: u32, row: u64, reduce: Reduce) -> u64 {
        self.shared.revised(self.index, level, row, reduce)
    }

    fn want(&self, level: u32, rows: Range<u64>, every: u64, reduce: Reduce) {
        let every = every.max(1);
        let last = rows.end.saturating_sub(1).saturating_mul(every);
        let rows = rows.start.saturating_mul(every)..last.saturating_add(1).min(self.range(level).end);
        self.shared.want(Want { tier: self.index, level, rows, every, reduce });
    }

    fn finer(&self) -> Option<&dyn Rows> {
        self.finer.as_deref().map(|finer| finer as &dyn Rows)
    }

    /// All blocks can be read from the beginning.
    fn covers(&self, _level: u32, _times_ns: Range<i64>) -> bool {
        true
    }
}
