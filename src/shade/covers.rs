//! Which bins the pixels of a line show.

use std::ops::Range;

use super::reduction::Job;
use crate::frame::{Cover, Frame};
use crate::stamp::Layout;

/// Which bins each pixel shows, for rows with one layout.
#[derive(Debug, Default)]
pub(super) struct Covers {
    made_for: Option<(Layout, Frame, Range<u32>)>,
    pub(super) covers: Vec<Cover>,
    /// All the bins that the pixels show.
    pub(super) bins: Range<usize>,
    /// The same, counted from the first of `bins`: first and last bin of each pixel, for pixels that show any.
    pub(super) ends: Vec<[u32; 2]>,
    /// Whether all pixels show a bin, and the most that a pixel shows.
    pub(super) full: bool,
    pub(super) most: u32,
    /// Whether a pixel shows a value between two bins.
    pub(super) between: bool,
}

impl Covers {
    /// Updates them for the rows with this row's layout.
    pub(super) fn make(&mut self, job: &Job<'_>, row: u64, pixels: &Range<u32>) {
        let entry = job.rows.entry(row);
        let layout = entry.stamp.layout(entry.bins);
        let key = Some((layout, job.frame.with_last(0), pixels.clone()));
        if self.made_for == key {
            return;
        }
        self.made_for = key;
        self.covers.clear();
        job.frame.covers(&layout, pixels.clone(), &mut self.covers);
        let ranges = || self.covers.iter().map(|cover| cover.range()).filter(|range| !range.is_empty());
        let start = ranges().map(|range| range.start as usize).min().unwrap_or(0);
        let end = ranges().map(|range| range.end as usize).max().unwrap_or(start);
        self.full = self.covers.iter().all(|cover| !cover.range().is_empty());
        self.ends.clear();
        self.ends.extend(self.covers.iter().map(|cover| match cover.range() {
            none if none.is_empty() => [1, 0],
            range => [range.start - start as u32, range.end - 1 - start as u32],
        }));
        self.most = ranges().map(|range| range.end - range.start).max().unwrap_or(0);
        self.between = self.covers.iter().any(|cover| cover.count().is_none());
        self.bins = start..end;
    }
}
