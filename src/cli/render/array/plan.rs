//! Which rows of an array are on which line of its picture, and the threads that make the lines.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use ringfall::array::{Array, Order};
use ringfall::{Canvas, Colormap, Edge, Frame, Scale, Side, Stamp, Store as _, View};

use super::colors;
use super::hand::Hand;
use super::scale::Found;
use crate::cli::axes::{Labels, Parts, Still, Surround};
use crate::cli::render::{Progress, RenderCommand};
use crate::flags::value::{PictureSize, Size};

/// Cells that are read in one go.
pub(super) const BLOCK: u64 = 1 << 20;
/// The same in Fortran order, where one read returns a piece of a column.
pub(super) const BLOCK_OF_COLUMNS: u64 = 1 << 22;

/// Cells that a quick picture reads at most, about.
const QUICK_CELLS: u64 = 24 << 20;
/// Reads that a quick picture of an array in Fortran order takes at most, about: one for each column of each row.
const QUICK_READS: u64 = 100_000;

/// Which rows are on which line of the picture.
pub(super) struct Plan<'a> {
    pub(super) array: &'a Array,
    pub(super) size: Size,
    newest: Side,
    pub(super) quick: bool,
    pub(super) view: View,
}

impl<'a> Plan<'a> {
    pub(super) fn new(args: &RenderCommand, array: &'a Array) -> Result<Self> {
        let newest = args.picture.newest.map_or(Side::Bottom, |_| args.picture.newest());
        let (rows, columns) = (array.rows(), u64::from(array.columns()));
        let (across, down) = if newest.is_sideways() { (rows, columns) } else { (columns, rows) };
        let most = u64::from(Canvas::MAX_SIDE);
        let parts = Parts { bar: !array.is_rgba(), counter: args.video.is_counted() };
        let size = match args.size {
            Some(PictureSize::Pixels(size)) => args.axes.data_size(size, parts),
            Some(PictureSize::Data) if across > most || down > most => {
                bail!("--size data: an array of {rows} rows and {columns} columns: expected at most {most} of each");
            }
            Some(PictureSize::Data) => Size { width: across as u32, height: down as u32 },
            None => {
                let Size { width, height } = args.axes.data_size(RenderCommand::SIZE, parts);
                Size { width: across.min(width.into()) as u32, height: down.min(height.into()) as u32 }
            }
        };
        if u64::from(size.width.max(size.height)) > most {
            bail!("--size {size}: expected at most {most} pixels a side");
        }
        let needed = 4 * u64::from(size.width) * u64::from(size.height);
        let budget = u64::from(args.memory.unwrap_or(1024)) << 20;
        if needed > budget {
            let mib = needed.div_ceil(1 << 20);
            bail!("--memory: a picture of {size} takes {mib} MiB: expected at least --memory {mib}");
        }
        let reduce = if array.is_rgba() { args.picture.reduce_colors() } else { args.picture.reduce() };
        let view = args.picture.view(band(args, array)).reduce(reduce);
        Ok(Self { array, size, newest, quick: args.array_picture.quick, view })
    }

    /// The axes around the picture; `None` without `--axes`. `colors` are those of values; `count` is the number of frames,
    /// if they are counted.
    pub(super) fn surround<'b>(
        &self,
        args: &'b RenderCommand,
        colors: Option<(&Scale, &Colormap)>,
        count: Option<u32>,
    ) -> Result<Option<Surround<'b>>> {
        let labels = if args.array.has_extent() { Labels::Units } else { Labels::Numbers };
        let still = || {
            let (scale, colormap) = colors.map_or_else(Default::default, |(scale, map)| (*scale, map.clone()));
            Still { frame: self.frame(), scale, colormap, unit: self.array.unit() }
        };
        Surround::new(&args.axes, colors.is_some(), count, labels, still)
    }

    /// Where things are in the picture: all rows share its lines.
    fn frame(&self) -> Frame {
        let stamp = |row: u64| self.array.entry(row).map_or(Stamp::index(row), |(stamp, _)| stamp);
        let (first, last) = (stamp(0), stamp(self.array.rows() - 1));
        let line_ns = self.array.rows() as f64 * first.duration_ns / f64::from(self.lines());
        let middle_ns = (f64::from(self.lines()) - 0.5) * line_ns;
        let edge = Edge::At(first.time_ns.saturating_add(middle_ns.round() as i64));
        let (size, row) = ((self.size.width, self.size.height), (&last, self.array.columns()));
        Frame::new(&self.view.line_ns(line_ns).edge(edge), size, self.newest, first.time_ns, Some(row))
    }

    pub(super) fn lines(&self) -> u32 {
        if self.newest.is_sideways() { self.size.width } else { self.size.height }
    }

    pub(super) fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.height } else { self.size.width }
    }

    /// The rows of a line, counted from the oldest: those whose middle lies in it; where there is none, the row that the
    /// line's middle lies in.
    fn rows_of(&self, line: u32) -> Range<u64> {
        rows_of(line, self.lines(), self.array.rows())
    }

    /// How many rows a quick picture reads: one per line, and fewer if that would take too long.
    fn quick_rows(&self) -> u64 {
        let budget = if self.array.layout().order == Order::C { QUICK_CELLS } else { QUICK_READS };
        (budget / u64::from(self.array.columns())).clamp(4, u64::from(self.lines()).max(4))
    }

    /// The rows that a line shows: all rows that it covers, or one row in a quick picture.
    pub(super) fn rows_shown(&self, line: u32) -> Range<u64> {
        if !self.quick {
            return self.rows_of(line);
        }
        let (rows, lines, count) = (self.array.rows(), u64::from(self.lines()), self.quick_rows());
        if count < lines {
            let middle = middle_of(u64::from(line) * count / lines, count, rows);
            return middle..middle + 1;
        }
        let own = self.rows_of(line);
        let middle = own.start + (own.end - own.start) / 2;
        middle..middle + 1
    }

    /// The picture's values from the top left, and the numbers that a range is computed from.
    pub(super) fn values(&self, progress: &Progress) -> Result<(Vec<f32>, Found)> {
        let (values, hands) = self.picture(progress, f32::NAN, || Hand::new(self))?;
        let found = hands.into_iter().map(|hand| hand.found).fold(Found::NOTHING, Found::join);
        Ok((values, found))
    }

    /// The picture's colours from the top left.
    pub(super) fn colors(&self, progress: &Progress) -> Result<Vec<[u8; 4]>> {
        Ok(self.picture(progress, [0; 4], || colors::Hand::new(self))?.0)
    }

    /// The picture from the top left, and the hands that have made it, one for each thread.
    fn picture<H: Lines + Send>(
        &self,
        progress: &Progress,
        nothing: H::Pixel,
        hand: impl Fn() -> Result<H> + Sync,
    ) -> Result<(Vec<H::Pixel>, Vec<H>)> {
        let (lines, across) = (self.lines() as usize, self.across() as usize);
        let mut values = vec![nothing; lines * across];
        let threads = thread::available_parallelism().map_or(1, usize::from).min(lines);
        let (done, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        // One thread takes neighbouring lines, so that the file is read in order.
        let alike = if self.quick { lines.div_ceil(self.quick_rows() as usize) } else { 1 };
        let share = lines.div_ceil(threads * 8).max(alike);
        let work = Mutex::new(values.chunks_mut(share * across).enumerate());
        let hands = thread::scope(|scope| {
            let waiting = thread::current();
            let mut hands = Vec::new();
            for number in 0..threads {
                let (work, done, failed, waiting, hand) = (&work, &done, &failed, waiting.clone(), &hand);
                let work = move || {
                    let read = self.work(hand()?, work, share, done, failed);
                    failed.fetch_or(read.is_err(), Relaxed);
                    waiting.unpark();
                    read
                };
                // With fewer threads it takes longer; without any there is no picture.
                match thread::Builder::new().name("ringfall render".to_owned()).spawn_scoped(scope, work) {
                    Ok(hand) => hands.push(hand),
                    Err(error) if number == 0 => return Err(error).context("cannot start a thread"),
                    Err(_) => break,
                }
            }
            while done.load(Relaxed) < lines && !failed.load(Relaxed) && !hands.iter().all(|hand| hand.is_finished()) {
                thread::park_timeout(Duration::from_millis(100));
                progress.at(done.load(Relaxed) as f64);
            }
            let found =
                hands.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            found.collect::<Result<Vec<_>>>()
        })?;
        Ok((self.turned(values), hands))
    }

    /// Processes shares of the picture until none is left.
    fn work<'v, H: Lines<Pixel: 'v>>(
        &self,
        mut hand: H,
        work: &Mutex<impl Iterator<Item = (usize, &'v mut [H::Pixel])>>,
        share: usize,
        done: &AtomicUsize,
        failed: &AtomicBool,
    ) -> Result<H> {
        loop {
            let next = work.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
            let Some((index, values)) = next else { return Ok(hand) };
            for (line, values) in values.chunks_mut(self.across() as usize).enumerate() {
                if failed.load(Relaxed) {
                    return Ok(hand);
                }
                hand.line((index * share + line) as u32, values)?;
                done.fetch_add(1, Relaxed);
            }
        }
    }

    /// The picture of lines, oldest first, each from its first column on.
    fn turned<T: Copy>(&self, lines: Vec<T>) -> Vec<T> {
        let (count, across) = (self.lines() as usize, self.across() as usize);
        match self.newest {
            Side::Bottom => lines,
            Side::Top => lines.chunks_exact(across).rev().flatten().copied().collect(),
            Side::Left | Side::Right => {
                let mut picture = lines.clone();
                for (line, values) in lines.chunks_exact(across).enumerate() {
                    let x = if self.newest == Side::Right { line } else { count - 1 - line };
                    values.iter().enumerate().for_each(|(k, value)| picture[(across - 1 - k) * count + x] = *value);
                }
                picture
            }
        }
    }
}

/// The rows whose middles lie in a line; where there is none, the row that the line's middle lies in.
fn rows_of(line: u32, lines: u32, rows: u64) -> Range<u64> {
    // Row r has its middle at (2 r + 1) lines / (2 rows). The products have up to 97 bits.
    let first = |line: u64| ((2 * u128::from(rows) * u128::from(line)).div_ceil(u128::from(lines)) / 2) as u64;
    let (start, end) = (first(line.into()), first(u64::from(line) + 1));
    let only = middle_of(line.into(), lines.into(), rows);
    if start < end { start..end } else { only..only + 1 }
}

/// The row that the middle of a part lies in, where all rows are divided into `parts`.
fn middle_of(part: u64, parts: u64, rows: u64) -> u64 {
    ((2 * u128::from(part) + 1) * u128::from(rows) / (2 * u128::from(parts))) as u64
}

/// Makes lines of a picture.
pub(super) trait Lines {
    type Pixel: Copy + Send;

    /// Computes a line of the picture.
    fn line(&mut self, line: u32, pixels: &mut [Self::Pixel]) -> Result<()>;
}

/// The band that the flags ask for, if the array has frequencies.
fn band(args: &RenderCommand, array: &Array) -> Option<(f64, f64)> {
    let (stamp, bins) = array.entry(0).filter(|_| args.array.has_extent())?;
    let (low, high) = stamp.span_hz(bins as usize);
    Some((args.spectrum.fmin.unwrap_or(low), args.spectrum.fmax.unwrap_or(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_belong_to_the_line_that_their_middle_lies_in() {
        // Seven rows on three lines have their middles at 3/14, 9/14, 15/14 … of a line.
        assert_eq!((0..3).map(|line| rows_of(line, 3, 7)).collect::<Vec<_>>(), [0..2, 2..5, 5..7]);
        assert_eq!((0..4).map(|line| rows_of(line, 4, 2)).collect::<Vec<_>>(), [0..1, 0..1, 1..2, 1..2]);
        // No array has more rows than that, and every one of them is on a line.
        for rows in [1 << 50, (1 << 63) - 1, u64::MAX] {
            for lines in [1, 1080, 65_535, u32::MAX] {
                assert_eq!((rows_of(0, lines, rows).start, rows_of(lines - 1, lines, rows).end), (0, rows));
                let pair =
                    lines.checked_sub(2).map(|line| (rows_of(line, lines, rows), rows_of(line + 1, lines, rows)));
                assert!(pair.is_none_or(|(before, after)| before.end == after.start && !before.is_empty()));
                assert_eq!(middle_of(0, 1, rows), rows / 2);
            }
        }
    }
}
