//! Lines of a picture of an array of colours.

use std::ops::Range;

use anyhow::Result;
use ringfall::array::Order;
use ringfall::{Canvas, Capacity, Options, Reduce, Texel};

use super::hand::stamp;
use super::plan::{BLOCK, BLOCK_OF_COLUMNS, Lines, Plan};

/// The working memory of one thread.
pub(super) struct Hand<'a> {
    plan: &'a Plan<'a>,
    /// One line of pixels, with the rows that it shows.
    canvas: Canvas,
    block: Vec<[u8; 4]>,
    /// For a line of too many rows: the sums, or the largest or smallest, of the channels of each column.
    columns: Vec<[u64; 3]>,
    shown: Range<u64>,
    last: Vec<[u8; 4]>,
}

impl<'a> Hand<'a> {
    /// Most cells of a line that are kept. The rows of others are reduced to one first, so that a mean is rounded twice.
    const MOST: u64 = 1 << 24;

    pub(super) fn new(plan: &'a Plan<'a>) -> Result<Self> {
        let options = Options::default()
            .bins(plan.array.columns())
            .capacity(Capacity::Rows(Self::most_rows(plan) as u32))
            .texel(Texel::Rgba8 { background: [0, 0, 0] })
            .width(plan.across())
            .height(1);
        let canvas = Canvas::new(&options)?;
        Ok(Self { plan, canvas, block: Vec::new(), columns: Vec::new(), shown: 0..0, last: Vec::new() })
    }

    /// Rows of a line that are kept.
    fn most_rows(plan: &Plan<'_>) -> u64 {
        let most = (Self::MOST / u64::from(plan.array.columns())).max(2);
        let line = plan.array.rows().div_ceil(u64::from(plan.lines())) + 1;
        most.min(line)
    }

    /// Pushes the rows of a line.
    fn push(&mut self, mut rows: Range<u64>) -> Result<()> {
        let array = self.plan.array;
        let columns = array.columns() as usize;
        let block = if array.layout().order == Order::C { BLOCK } else { BLOCK_OF_COLUMNS };
        let at_once = (block / columns as u64).max(1);
        let keep = rows.end - rows.start <= Self::most_rows(self.plan);
        let (count, reduce) = (rows.end - rows.start, self.plan.view.reduce);
        self.columns.clear();
        if !keep {
            self.columns.resize(columns, [if reduce == Reduce::Min { 255 } else { 0 }; 3]);
        }
        let mut pushed = 0;
        while !rows.is_empty() {
            let next = rows.start..rows.end.min(rows.start + at_once);
            rows.start = next.end;
            array.read_rows_rgba(next, &mut self.block)?;
            for row in self.block.chunks_exact(columns) {
                if keep {
                    self.canvas.push_rgba(stamp(array, pushed), row)?;
                    pushed += 1;
                    continue;
                }
                for (own, [r, g, b, alpha]) in self.columns.iter_mut().zip(row) {
                    // Over black, as the canvas has it.
                    let channels = [r, g, b].map(|v| (u64::from(*v) * u64::from(*alpha) + 127) / 255);
                    *own = std::array::from_fn(|c| match reduce {
                        Reduce::Max => own[c].max(channels[c]),
                        Reduce::Min => own[c].min(channels[c]),
                        _ => own[c] + channels[c],
                    });
                }
            }
        }
        if !keep {
            let divisor = if matches!(reduce, Reduce::Max | Reduce::Min) { 1 } else { count };
            let channel = |sum: u64| ((2 * sum + divisor) / (2 * divisor)) as u8;
            self.block.clear();
            self.block.extend(self.columns.iter().map(|[r, g, b]| [channel(*r), channel(*g), channel(*b), 255]));
            self.canvas.push_rgba(stamp(array, 0), &self.block)?;
        }
        Ok(())
    }
}

impl Lines for Hand<'_> {
    type Pixel = [u8; 4];

    fn line(&mut self, line: u32, pixels: &mut [[u8; 4]]) -> Result<()> {
        let rows = self.plan.rows_shown(line);
        if self.shown != rows {
            self.canvas.clear();
            self.push(rows.clone())?;
            let pushed = self.canvas.rows();
            let line_ns = (pushed.end - pushed.start) as f64 * 1e9;
            self.canvas.set_view(self.plan.view.line_ns(line_ns))?;
            self.last.resize(pixels.len(), [0; 4]);
            self.canvas.rgba_u8(self.last.as_flattened_mut())?;
            self.shown = rows;
        }
        pixels.copy_from_slice(&self.last);
        Ok(())
    }
}
