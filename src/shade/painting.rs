//! A canvas's picture, handed out in pieces.

use std::ops::Range;

use super::canvas::Canvas;
use super::colors::Order;
use super::painter::{Painter, turn};
use crate::frame::Frame;

/// The picture of a [`Canvas`], computed piece by piece on all processors, so that it need not fit in memory. Created by
/// [`Canvas::painting`].
#[derive(Debug)]
pub struct Painting<'a> {
    canvas: &'a Canvas,
    frame: Frame,
    painter: Painter,
    lines: Vec<[u8; 4]>,
    columns: Vec<[u8; 4]>,
}

impl<'a> Painting<'a> {
    pub(super) fn new(canvas: &'a Canvas) -> Self {
        let painter = Painter::new(canvas.colormap());
        Self { canvas, frame: canvas.frame(), painter, lines: Vec::new(), columns: Vec::new() }
    }

    /// These rows of pixels, counted from the top, as sRGB-encoded RGBA, row by row from the left. Rows beyond the
    /// picture are left out.
    pub fn rows(&mut self, rows: Range<u32>) -> &[[u8; 4]] {
        let (width, height) = self.frame.size();
        let (top, bottom) = (rows.start.min(height), rows.end.min(height));
        let count = bottom.saturating_sub(top) as usize * width as usize;
        self.lines.resize(count, [0; 4]);
        if count == 0 {
            return &self.lines;
        }
        let (frame, job) = (&self.frame, self.canvas.job(&self.frame));
        if !frame.newest_side().is_sideways() {
            let line = |y| frame.cell(0, top + y as u32).0;
            self.painter.paint(&job, Order::Rgba, line, 0..frame.across(), &mut self.lines);
            return &self.lines;
        }
        // Rows of pixels count from the top, pixels across from the low end.
        let pixels = height - bottom..height - top;
        let across = pixels.len();
        self.painter.paint(&job, Order::Rgba, |x| frame.cell(x as u32, 0).0, pixels, &mut self.lines);
        self.columns.resize(count, [0; 4]);
        let stride = self.lines.len() / across;
        turn(&self.lines, across, &mut self.columns, stride);
        &self.columns
    }
}
