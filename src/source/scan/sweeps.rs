//! When sweeps were, and how long they lasted.

use std::collections::VecDeque;

use crate::source::{RowInfo, SourceError};
use crate::stamp::Stamp;

/// Sweeps of one time, whose duration is not known before the next time is.
#[derive(Debug)]
pub(super) struct Sweeps {
    group: VecDeque<Vec<f32>>,
    group_ns: i64,
    /// Rows to use again.
    spare: Vec<Vec<f32>>,
    /// What is added to all times.
    moved_ns: i64,
    /// Where the last row ended, and how long it lasted.
    end_ns: Option<i64>,
    duration_ns: Option<f64>,
}

/// Sweeps that may share a time; more are taken to follow each other at once.
const MOST_GROUP: usize = 64;

impl Sweeps {
    pub(super) fn new(moved_ns: i64) -> Self {
        let (group, spare) = (VecDeque::new(), Vec::new());
        Self { group, group_ns: 0, spare, moved_ns, end_ns: None, duration_ns: None }
    }

    /// A row of this length without levels.
    pub(super) fn row(&mut self, bins: usize) -> Vec<f32> {
        let mut row = self.spare.pop().unwrap_or_default();
        row.clear();
        row.resize(bins, f32::NAN);
        row
    }

    /// Whether the sweeps held have to be placed before one of this time.
    pub(super) fn is_due(&self, time_ns: i64) -> bool {
        !self.group.is_empty() && (time_ns != self.group_ns || self.group.len() >= MOST_GROUP)
    }

    pub(super) fn push(&mut self, time_ns: i64, row: Vec<f32>) {
        self.group_ns = time_ns;
        self.group.push_back(row);
    }

    /// Hands over the sweeps of one time; `next_ns` is the time of the next.
    pub(super) fn place(
        &mut self,
        info: &RowInfo,
        next_ns: Option<i64>,
        row: &mut dyn FnMut(Stamp, &[f32]),
    ) -> Result<(), SourceError> {
        /// A pause is longer than so many sweeps.
        const PAUSE: f64 = 3.0;
        if self.group.is_empty() {
            return Ok(());
        }
        let count = self.group.len() as f64;
        // A clock that was set back is waited for.
        let start_ns = self.group_ns.saturating_add(self.moved_ns).max(self.end_ns.unwrap_or(i64::MIN));
        let until = next_ns.map(|next| next.saturating_add(self.moved_ns).saturating_sub(start_ns) as f64 / count);
        let duration_ns = match (until.filter(|ns| *ns >= 1.0), self.duration_ns) {
            (Some(until), Some(usual)) if until > PAUSE * usual => usual,
            (Some(until), _) => until,
            (None, usual) => usual.unwrap_or(info.row_duration_ns),
        };
        let (first_hz, bin_hz) = (info.first_hz, info.bin_hz);
        let mut index = 0.0;
        while let Some(levels) = self.group.pop_front() {
            let time_ns = start_ns.saturating_add((index * duration_ns).round() as i64);
            let stamp = Stamp { time_ns, duration_ns, first_hz, bin_hz };
            stamp.check().map_err(|_| SourceError::Time { name: info.source.name.clone() })?;
            row(stamp, &levels);
            self.spare.push(levels);
            index += 1.0;
        }
        self.end_ns = Some(start_ns.saturating_add((count * duration_ns).round() as i64));
        self.duration_ns = Some(duration_ns);
        Ok(())
    }
}
