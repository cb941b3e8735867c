//! Keeps the rows of a waterfall filled from a history, as its view asks.

use std::ops::Range;

use crate::view::{Edge, View, line_at};
use crate::{Error, Reduce, Rows, ViewError, Waterfall};

/// Keeps the ring of a [`Waterfall`] filled with the rows that its view shows, from [`Rows`] that hold them all.
///
/// The ring is a cache of one level of the rows: the coarsest whose blocks are no longer than a quarter of a line. So a
/// line of pixels never costs more than some twenty rows, however much time it stands for, and the GPU holds no levels of
/// its own: changing to another level uploads what is on show of it. Scrolling uploads just the rows that enter.
///
/// A waterfall that has a loader gets its rows and its view through it alone: call [`update`](Self::update) before each
/// [`prepare`](Waterfall::prepare).
#[derive(Debug)]
pub struct Loader {
    view: View,
    /// What the ring holds.
    loaded: Option<Loaded>,
    row: Vec<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Loaded {
    level: u32,
    reduce: Reduce,
    /// Rows from here on may have grown since.
    settled: u64,
    /// End of the rows of level 0 then.
    end: u64,
}

impl Loader {
    /// A loader for a waterfall without rows.
    pub fn new(view: View) -> Result<Self, ViewError> {
        view.check()?;
        Ok(Self { view, loaded: None, row: Vec::new() })
    }

    /// The view that was last set.
    pub fn view(&self) -> View {
        self.view
    }

    /// Changes what is on show, from the next [`update`](Self::update) on.
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

    /// The view with its defaults filled in from the newest row: a span, a time per line, and the time of the newest line.
    /// `None` while there are no rows.
    pub fn resolved(&self, rows: &dyn Rows) -> Option<View> {
        let newest = rows.range(0).end.checked_sub(1)?;
        let (stamp, bins) = rows.stamp(0, newest)?;
        Some(View {
            span_hz: self.view.span_hz.or(Some(stamp.span_hz(bins as usize))),
            line_ns: self.view.line_ns.or(Some(stamp.duration_ns)),
            edge: match self.view.edge {
                Edge::Follow => Edge::At(stamp.middle_ns()),
                at => at,
            },
            ..self.view
        })
    }

    /// Stages the rows that enter the view, and lets go of those that leave the ring. No GPU call.
    ///
    /// # Errors
    /// Rows with more bins than the waterfall was made for; see [`Options::bins`](crate::Options::bins).
    pub fn update(&mut self, fall: &mut Waterfall, rows: &dyn Rows) -> Result<(), Error> {
        let Some(view) = self.resolved(rows) else { return Ok(()) };
        let (Some(line_ns), Edge::At(last_ns)) = (view.line_ns, view.edge) else { return Ok(()) };
        let epoch_ns = rows.epoch_ns();
        fall.set_epoch(epoch_ns);
        fall.set_view(view)?;

        // The times on show, to a line more on either side.
        let last = line_at(last_ns, epoch_ns, line_ns);
        let time = |line: i64| epoch_ns.saturating_add((line as f64 * line_ns) as i64);
        let times = time(last.saturating_sub(i64::from(fall.lines()) + 1))..time(last.saturating_add(2));

        let capacity = u64::from(fall.ring().capacity());
        let (level, wanted) = self.choose(rows, &times, line_ns, capacity);
        let bins = fall.ring().bins();
        if let Some((_, most)) = wanted.clone().next_back().and_then(|row| rows.stamp(level, row))
            && most > bins
        {
            return Err(Error::RowLength { got: most as usize, max: bins });
        }
        // At level 0 rows are what they are.
        let reduce = if level == 0 { Reduce::Max } else { view.reduce };
        let held = self.loaded.filter(|held| held.level == level && held.reduce == reduce);
        let resident = fall.ring().resident();
        let overlap = wanted.start < resident.end && resident.start < wanted.end;
        let next = match held {
            Some(held) if overlap => {
                if held.settled < resident.end && held.end < rows.range(0).end {
                    fall.ring_mut().truncate(held.settled);
                }
                fall.ring().resident()
            }
            _ => wanted.start..wanted.start,
        };
        if held.is_none() || !overlap || next.is_empty() {
            fall.ring_mut().reset(wanted.start);
            self.stage(fall, rows, level, reduce, wanted.clone(), true)?;
        } else {
            // Evicted by the history meanwhile.
            let first = rows.range(level).start;
            if first > next.start {
                fall.ring_mut().forget_before(first);
            }
            if wanted.start < next.start {
                fall.ring_mut().reserve_front(next.start - wanted.start);
                self.stage(fall, rows, level, reduce, wanted.start..next.start, false)?;
            }
            let end = fall.ring().resident().end;
            if end < wanted.end {
                self.stage(fall, rows, level, reduce, end..wanted.end, true)?;
            }
        }
        self.loaded = Some(Loaded { level, reduce, settled: rows.settled(level), end: rows.range(0).end });
        Ok(())
    }

    /// The level to show, and its rows in these times.
    fn choose(&self, rows: &dyn Rows, times: &Range<i64>, line_ns: f64, capacity: u64) -> (u32, Range<u64>) {
        let on_show = |level: u32| {
            let range = rows.range(level);
            // With a row on either side, which may last into the picture.
            let start = rows.first_from(level, times.start).saturating_sub(1).max(range.start);
            let end = (rows.first_from(level, times.end) + 1).min(range.end);
            start..end.max(start)
        };
        let base = on_show(0);
        // By what there is on average, since rows may be of any duration.
        let lines = ((times.end - times.start) as f64 / line_ns).max(1.0);
        let rows_per_line = (base.end - base.start) as f64 / lines;
        let mut level = 0;
        let mut on_level = base;
        // A quarter of a line, and no more rows than the ring holds if that can be had.
        while level + 1 < rows.levels()
            && (4f64.powi(level as i32 + 1) * 4.0 <= rows_per_line || on_level.end - on_level.start > capacity)
        {
            level += 1;
            on_level = on_show(level);
        }
        let start = on_level.start.max(on_level.end.saturating_sub(capacity));
        (level, start..on_level.end)
    }

    /// Stages rows: at the newer end, or where room was reserved at the older.
    fn stage(
        &mut self,
        fall: &mut Waterfall,
        rows: &dyn Rows,
        level: u32,
        reduce: Reduce,
        range: Range<u64>,
        end: bool,
    ) -> Result<(), Error> {
        let most = fall.ring().bins() as usize;
        for number in range {
            let Some((stamp, _)) = rows.stamp(level, number) else { continue };
            rows.read(level, number, reduce, &mut self.row)?;
            // Older rows may have been wider than the waterfall; what is beyond it is not shown.
            self.row.truncate(most);
            if end {
                fall.ring_mut().push(stamp, &self.row);
            } else {
                fall.ring_mut().stage(number, stamp, &self.row);
            }
        }
        Ok(())
    }
}
