//! Keeps the rows of a waterfall filled from a history, as its view requires.

use std::ops::Range;

use crate::error::Error;
use crate::frame::Frame;
use crate::rows::Rows;
use crate::shade::{Canvas, Row};
use crate::view::{Reduce, Side, View, ViewError};
use crate::waterfall::Waterfall;

/// Keeps the ring of a [`Waterfall`] filled with the rows that its view shows, from [`Rows`] that hold them all.
///
/// The ring is a cache of one level of the rows: the coarsest whose blocks are no longer than a quarter of a line. So a
/// line of pixels never costs more than about twenty rows, however much time it stands for, and the GPU holds no levels of
/// its own: changing to another level uploads its visible rows. Scrolling uploads only the rows that enter.
///
/// A waterfall that has a loader gets its rows and its view through it alone: call [`update`](Self::update) before each
/// [`prepare`](Waterfall::prepare).
#[derive(Debug)]
pub struct Loader {
    view: View,
    /// The rows that the ring holds.
    loaded: Option<Loaded>,
    row: Vec<f32>,
    colors: Vec<[u8; 4]>,
    /// The revision and the bins of the row that was read last, if further rows may have the same values.
    last: Option<(u64, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Loaded {
    what: What,
    /// Rows from this number on may have grown since.
    settled: u64,
    /// End of the rows of level 0 at that time.
    end: u64,
    /// [`Rows::revision`] at that time.
    revision: u64,
}

/// Which rows of a level the canvas holds: row `i` of the canvas is row `i · every` of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
struct What {
    /// How often [`Rows::finer`] rows were taken.
    finer: u32,
    level: u32,
    reduce: Reduce,
    /// 1, unless more rows of the level are visible than there is room for and no coarser level is ready.
    every: u64,
}

impl Loader {
    /// A loader for a waterfall without rows.
    ///
    /// # Errors
    /// [`ViewError`] for a view that shows nothing.
    pub fn new(view: View) -> Result<Self, ViewError> {
        view.check()?;
        Ok(Self { view, loaded: None, row: Vec::new(), colors: Vec::new(), last: None })
    }

    /// The view that was last set.
    pub fn view(&self) -> View {
        self.view
    }

    /// Changes the view, from the next [`update`](Self::update) on.
    ///
    /// # Errors
    /// As [`Waterfall::set_view`]. The view then stays as it was.
    pub fn set_view(&mut self, view: View) -> Result<(), ViewError> {
        view.check()?;
        self.view = view;
        Ok(())
    }

    /// Forgets what the ring holds: for a new waterfall in place of one that was lost with its device.
    pub fn forget(&mut self) {
        self.loaded = None;
    }

    /// The view resolved for a picture of `size` pixels. `None` while there are no rows.
    pub fn frame(&self, rows: &dyn Rows, size: (u32, u32), newest: Side) -> Option<Frame> {
        let row = rows.range(0).end.checked_sub(1)?;
        let (stamp, bins) = rows.stamp(0, row)?;
        Some(Frame::new(&self.view, size, newest, rows.epoch_ns(), Some((&stamp, bins))))
    }

    /// Stages the rows that enter the view, and evicts those that leave the ring. No GPU call.
    ///
    /// # Errors
    /// [`Error::RowLength`] for rows with more bins than the waterfall was made for (see
    /// [`Options::bins`](crate::Options::bins)); [`Error::Cells`] for rows of colours for a waterfall of values, or the reverse;
    /// [`Error::Rows`] for rows that cannot be read.
    pub fn update(&mut self, fall: &mut Waterfall, rows: &dyn Rows) -> Result<(), Error> {
        self.update_canvas(fall.canvas_mut(), rows)
    }

    /// The same for a canvas without a GPU.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn update_canvas(&mut self, fall: &mut Canvas, rows: &dyn Rows) -> Result<(), Error> {
        let words = |colors| if colors { "colours" } else { "values" };
        let (shown, kept) = (fall.resident().texel().is_colors(), rows.is_rgba());
        if shown != kept {
            return Err(Error::Cells { got: words(kept), expected: words(shown) });
        }
        let Some(frame) = self.frame(rows, fall.size(), fall.newest_side()) else { return Ok(()) };
        fall.set_epoch(rows.epoch_ns());
        fall.set_view(frame.view())?;

        // The visible times, and one line more on either side.
        let lines = frame.lines();
        let times = frame.time_of((lines.start - 1) as f64)..frame.time_of((lines.end + 1) as f64);

        let (rows, finer) = short_enough(rows, &frame, &times);
        let (what, wanted) = self.choose((rows, finer), &frame, &times, u64::from(fall.resident().capacity()));
        rows.want(what.level, wanted.clone(), what.every, what.reduce);
        // Before anything is read: what changes meanwhile is read again the next time.
        let revision = rows.revision();
        let bins = fall.resident().bins();
        if let Some(last) = wanted.clone().next_back().and_then(|row| rows.entry(what.level, row * what.every))
            && last.bins > bins
        {
            return Err(Error::RowLength { got: last.bins as usize, max: bins });
        }
        self.last = None;
        let filled = self.fill(fall, rows, what, wanted);
        // A row that could not be read leaves a hole: all is loaded again the next time.
        self.loaded = filled.is_ok().then(|| Loaded {
            what,
            settled: rows.settled(what.level) / what.every,
            end: rows.range(0).end,
            revision,
        });
        filled
    }

    /// Stages those of the wanted rows that the canvas does not hold.
    fn fill(&mut self, fall: &mut Canvas, rows: &dyn Rows, what: What, wanted: Range<u64>) -> Result<(), Error> {
        let held = self.loaded.filter(|held| held.what == what);
        let resident = fall.resident().range();
        let overlap = wanted.start < resident.end && resident.start < wanted.end;
        let next = match held {
            Some(held) if overlap => {
                if held.settled < resident.end && held.end < rows.range(0).end {
                    fall.resident_mut().truncate(held.settled);
                }
                fall.resident().range()
            }
            _ => wanted.start..wanted.start,
        };
        if held.is_none() || !overlap || next.is_empty() {
            fall.resident_mut().reset(wanted.start);
            return self.stage(fall, rows, what, wanted, true);
        }
        // Rows that the history has evicted meanwhile.
        let first = rows.range(what.level).start.div_ceil(what.every);
        if first > next.start {
            fall.resident_mut().evict_before(first);
        }
        if held.is_some_and(|held| held.revision != rows.revision()) {
            self.restage(fall, rows, what, held.map_or(0, |held| held.revision))?;
        }
        if wanted.start < next.start {
            fall.resident_mut().reserve_front(next.start - wanted.start);
            self.stage(fall, rows, what, wanted.start..next.start, false)?;
        }
        let end = fall.resident().range().end;
        if end < wanted.end { self.stage(fall, rows, what, end..wanted.end, true) } else { Ok(()) }
    }

    /// The level to show, and its visible rows.
    fn choose(
        &self,
        (rows, finer): (&dyn Rows, u32),
        frame: &Frame,
        times: &Range<i64>,
        capacity: u64,
    ) -> (What, Range<u64>) {
        let on_show = |level: u32| {
            let range = rows.range(level);
            // With a row on either side, which may last into the picture.
            let start = rows.first_from(level, times.start).saturating_sub(1).max(range.start);
            let end = (rows.first_from(level, times.end) + 1).min(range.end);
            start..end.max(start)
        };
        let mut on_level = on_show(0);
        // By the average, since rows may have any duration.
        let lines = (times.end.saturating_sub(times.start) as f64 / frame.line_ns()).max(1.0);
        let rows_per_line = (on_level.end - on_level.start) as f64 / lines;
        let mut level = 0;
        for coarser in 1..rows.levels() {
            // A quarter of a line, and if possible no more rows than there is room for.
            let fine_enough = rows.rows_per_row(coarser) as f64 * 4.0 <= rows_per_line;
            if (fine_enough || on_level.end - on_level.start > capacity) && rows.covers(coarser, times.clone()) {
                (level, on_level) = (coarser, on_show(coarser));
            }
        }
        let every = (on_level.end - on_level.start).div_ceil(capacity).max(1);
        let wanted = on_level.start.div_ceil(every)..on_level.end.div_ceil(every);
        let start = wanted.start.max(wanted.end.saturating_sub(capacity));
        // Level 0 is not reduced.
        let reduce = if level == 0 { Reduce::Max } else { self.view.reduce };
        (What { finer, level, reduce, every }, start..wanted.end)
    }

    /// Stages those of the resident rows again that have better values than at this revision.
    fn restage(&mut self, fall: &mut Canvas, rows: &dyn Rows, what: What, revision: u64) -> Result<(), Error> {
        let most = fall.resident().bins() as usize;
        for number in fall.resident().range() {
            let row = number * what.every;
            if rows.revised(what.level, row, what.reduce) > revision {
                let entry = *fall.resident().entry(number);
                let cells = self.read(rows, what, row, most)?;
                fall.resident_mut().restage(number, entry.stamp, entry.weight, cells);
            }
        }
        Ok(())
    }

    /// Reads a row, as far as the waterfall is wide: older rows may have been wider, and the excess is not shown.
    ///
    /// While little is known, one row stands for many. Then it is read once.
    fn read(&mut self, rows: &dyn Rows, what: What, row: u64, most: usize) -> Result<Row<'_>, Error> {
        let revised = || rows.revised(what.level, row, what.reduce);
        let now = Some(revised()).filter(|revision| *revision > 0);
        let now = now.and_then(|revision| Some((revision, rows.entry(what.level, row)?.bins)));
        let known = now.is_some() && now == self.last;
        if !known {
            self.last = None;
            if rows.is_rgba() {
                rows.read_rgba(what.level, row, what.reduce, &mut self.colors)?;
                self.colors.truncate(most);
            } else {
                rows.read(what.level, row, what.reduce, &mut self.row)?;
                self.row.truncate(most);
            }
            // Values may have become better before they were read.
            self.last = now.filter(|(revision, _)| *revision == revised());
        }
        Ok(if rows.is_rgba() { Row::Colors(&self.colors) } else { Row::Values(&self.row) })
    }

    /// Stages rows: at the newer end, or in the room reserved at the older end.
    fn stage(
        &mut self,
        fall: &mut Canvas,
        rows: &dyn Rows,
        what: What,
        range: Range<u64>,
        end: bool,
    ) -> Result<(), Error> {
        let most = fall.resident().bins() as usize;
        for number in range {
            let row = number * what.every;
            let Some(mut entry) = rows.entry(what.level, row) else { continue };
            let cells = self.read(rows, what, row, most)?;
            // One row represents the rows skipped after it.
            entry.stamp.duration_ns *= what.every as f64;
            if end {
                fall.resident_mut().push(entry.stamp, entry.weight, cells);
            } else {
                fall.resident_mut().stage(number, entry.stamp, entry.weight, cells);
            }
        }
        Ok(())
    }
}

/// Rows that are no longer than a line, if there are any, and how often finer ones were taken for it.
fn short_enough<'a>(mut rows: &'a dyn Rows, frame: &Frame, times: &Range<i64>) -> (&'a dyn Rows, u32) {
    let middle = times.start.midpoint(times.end);
    let mut finer = 0;
    while let Some(next) = rows.finer() {
        let last = rows.range(0).end.saturating_sub(1);
        let stamp = rows.stamp(0, rows.first_from(0, middle).min(last));
        // A rounded line is not shorter than a row.
        if !stamp.is_some_and(|(stamp, _)| stamp.duration_ns > frame.line_ns() * (1.0 + 1e-9)) {
            break;
        }
        (rows, finer) = (next, finer + 1);
    }
    (rows, finer)
}
