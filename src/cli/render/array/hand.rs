//! Lines of a picture of an array of values.

use std::ops::Range;

use anyhow::Result;
use ringfall::array::Array;
use ringfall::array::Order;
use ringfall::{Canvas, Capacity, Mean, Options, Reduce, Stamp, Store as _, Texel};

use super::plan::{BLOCK, BLOCK_OF_COLUMNS, Lines, Plan};
use super::scale::Found;

/// The working memory of one thread.
pub(super) struct Hand<'a> {
    plan: &'a Plan<'a>,
    /// A line of pixels, for the reduction of columns.
    canvas: Canvas,
    block: Vec<f32>,
    row: Vec<f32>,
    means: Vec<Mean>,
    pub(super) found: Found,
    pushed: u64,
    /// The rows of the previous line, and its values.
    shown: Range<u64>,
    last: Vec<f32>,
}

impl<'a> Hand<'a> {
    pub(super) fn new(plan: &'a Plan<'a>) -> Result<Self> {
        let options = Options::default()
            .bins(plan.array.columns())
            .capacity(Capacity::Rows(1))
            .texel(Texel::F32)
            .unit(plan.array.unit())
            .width(plan.across())
            .height(1);
        let mut canvas = Canvas::new(&options)?;
        canvas.set_view(plan.view)?;
        let (block, row, means) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { plan, canvas, block, row, means, found: Found::NOTHING, pushed: 0, shown: 0..0, last: Vec::new() })
    }
}

impl Lines for Hand<'_> {
    type Pixel = f32;

    fn line(&mut self, line: u32, values: &mut [f32]) -> Result<()> {
        let array = self.plan.array;
        let mut rows = self.plan.rows_shown(line);
        if self.shown == rows {
            values.copy_from_slice(&self.last);
            return Ok(());
        }
        self.shown = rows.clone();
        let columns = array.columns() as usize;
        let block = if array.layout().order == Order::C { BLOCK } else { BLOCK_OF_COLUMNS };
        let at_once = (block / columns as u64).max(1);
        self.row.clear();
        self.row.resize(columns, f32::NAN);
        self.means.clear();
        if !matches!(self.plan.view.reduce, Reduce::Max | Reduce::Min) {
            self.means.resize(columns, Mean::new(array.unit()));
        }
        while !rows.is_empty() {
            let next = rows.start..rows.end.min(rows.start + at_once);
            rows.start = next.end;
            array.read_rows(next, &mut self.block)?;
            self.found.add(&self.block);
            for row in self.block.chunks_exact(columns) {
                match self.plan.view.reduce {
                    Reduce::Max => self.row.iter_mut().zip(row).for_each(|(most, value)| *most = most.max(*value)),
                    Reduce::Min => self.row.iter_mut().zip(row).for_each(|(least, value)| *least = least.min(*value)),
                    _ => self.means.iter_mut().zip(row).for_each(|(mean, value)| mean.add(*value, 1.0)),
                }
            }
        }
        self.row.iter_mut().zip(&self.means).for_each(|(value, mean)| *value = mean.get());
        self.canvas.push(stamp(array, self.pushed), &self.row)?;
        self.pushed += 1;
        self.canvas.values(values)?;
        self.last.clear();
        self.last.extend_from_slice(values);
        Ok(())
    }
}

/// The stamp of a row that is drawn as number `index`, with the array's frequencies.
pub(super) fn stamp(array: &Array, index: u64) -> Stamp {
    let (first_hz, bin_hz) = array.entry(0).map_or((0.0, 1.0), |(stamp, _)| (stamp.first_hz, stamp.bin_hz));
    Stamp { first_hz, bin_hz, ..Stamp::index(index) }
}
