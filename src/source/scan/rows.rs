//! The sweeps of a scan in any order.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::line::{self, Fault};
use super::{Scan, Sweep, text_of};
use crate::rows::{Compute, Reader, RowsError, read_known};
use crate::source::{RowInfo, SourceError};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// The sweeps of a power scan for [`Computed`](crate::Computed): the same rows that [`Scan`] delivers one after the other.
/// [`Scan::into_rows`] makes them. It is known where in the file each sweep is; their levels are read when they are wanted.
#[derive(Debug)]
pub struct ScanRows {
    file: File,
    path: PathBuf,
    info: RowInfo,
    sweeps: Vec<Place>,
    /// Where the lines of the last sweep end, in bytes.
    end: u64,
    warning: Option<Arc<SourceError>>,
}

/// Where a sweep is in the file, and when it was.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where its first line begins, in bytes, and the number of that line.
    at: u64,
    line: u64,
    time_ns: i64,
    duration_ns: f64,
}

impl Scan {
    /// The same sweeps, to be read in any order. Only where they are is looked for here.
    ///
    /// # Errors
    /// [`SourceError::Io`]; [`SourceError::Scan`] if the file has changed meanwhile; [`SourceError::Time`].
    pub fn into_rows(mut self) -> Result<ScanRows, SourceError> {
        let (mut starts, mut stamps) = (vec![(0, 1)], Vec::new());
        let mut keep = |stamp: Stamp, _: &[f32]| stamps.push(stamp);
        let mut end = 0;
        while let Some(text) = self.lines.next()? {
            match text.and_then(|text| line::parse(text).map(|(hop, _)| hop)) {
                // Only its hop has been looked at.
                Ok(_) if self.lines.cut && !self.lines.has_levels() => {
                    let warning = self.lines.partial();
                    log::warn!("{warning}");
                    self.warning = Some(Arc::new(warning));
                    break;
                }
                Ok(hop) => {
                    if self.begins_sweep(&hop) {
                        self.end_sweep(&mut keep)?;
                        starts.push((self.lines.start, self.lines.number));
                    }
                    self.sweep.add(&self.info, &hop, None);
                    end = self.lines.at;
                }
                // It was known before.
                Err(_) if self.lines.cut => break,
                Err(fault) => return Err(self.lines.wrong(fault)),
            }
        }
        self.end_sweep(&mut keep)?;
        self.sweeps.place(&self.info, None, &mut keep)?;
        let place = |((at, line), stamp): ((u64, u64), Stamp)| {
            let Stamp { time_ns, duration_ns, .. } = stamp;
            Place { at, line, time_ns, duration_ns }
        };
        let sweeps = starts.into_iter().zip(stamps).map(place).collect();
        let Self { info, lines, warning, .. } = self;
        Ok(ScanRows { file: lines.file.into_inner(), path: lines.path, info, sweeps, end, warning })
    }
}

impl ScanRows {
    /// Properties of the rows.
    pub fn info(&self) -> &RowInfo {
        &self.info
    }

    /// What is wrong with the file although it can be read.
    pub fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

impl Compute for ScanRows {
    fn unit(&self) -> Unit {
        self.info.unit
    }

    fn rows(&self) -> u64 {
        self.sweeps.len() as u64
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        let &Place { time_ns, duration_ns, .. } = self.sweeps.get(usize::try_from(row).ok()?)?;
        let RowInfo { first_hz, bin_hz, bins, .. } = self.info;
        Some((Stamp { time_ns, duration_ns, first_hz, bin_hz }, bins as u32))
    }

    fn breaks(&self) -> Vec<u64> {
        let gap = |[before, after]: &[Place; 2]| {
            after.time_ns.saturating_sub(before.time_ns) as f64 > 1.5 * before.duration_ns
        };
        let pairs = self.sweeps.array_windows().enumerate();
        pairs.filter(|(_, pair)| gap(pair)).map(|(before, _)| before as u64 + 1).collect()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        let sweep = Sweep::new(self.info.bins);
        Box::new(ScanReader { rows: self, sweep, bytes: Vec::new(), levels: Vec::new() })
    }

    fn reader_bytes(&self) -> u64 {
        let longest = self.sweeps.array_windows().map(|[sweep, next]| next.at - sweep.at).max();
        // A level, and the number of the sweep that it is of, twice.
        longest.unwrap_or(self.end) + 12 * self.info.bins as u64
    }
}

struct ScanReader<'a> {
    rows: &'a ScanRows,
    sweep: Sweep,
    bytes: Vec<u8>,
    levels: Vec<f32>,
}

impl ScanReader<'_> {
    /// Reads the levels of a sweep.
    fn fetch(&mut self, row: u64) -> Result<(), RowsError> {
        let ScanRows { file, path, info, sweeps, end, .. } = self.rows;
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        let Some(place) = sweeps.get(index) else { return Err(RowsError::NoRow { level: 0, row }) };
        let end = sweeps.get(index + 1).map_or(*end, |next| next.at);
        self.bytes.resize((end - place.at) as usize, 0);
        read_known(file, path, place.at, &mut self.bytes)?;
        self.sweep.clear();
        let mut at = place.at;
        for (number, line) in (place.line..).zip(self.bytes.split_inclusive(|byte| *byte == b'\n')) {
            let wrong = |Fault { field, expected, got }: Fault| RowsError::File {
                path: path.clone(),
                offset: at,
                message: format!("line {number}: {field}: expected {expected}, got {got}"),
            };
            if let Some(text) = text_of(line, number) {
                let (hop, text) = text.and_then(line::parse).map_err(wrong)?;
                line::levels(text, hop.bins, &mut self.levels).map_err(wrong)?;
                self.sweep.add(info, &hop, Some(&self.levels));
            }
            at += line.len() as u64;
        }
        Ok(())
    }
}

impl Reader for ScanReader<'_> {
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        for row in rows {
            self.fetch(row)?;
            if !each(row, &self.sweep.row) {
                break;
            }
        }
        Ok(())
    }
}
