//! Power scans in CSV, as `rtl_power`, `hackrf_sweep` and `soapy_power` write them.

mod line;
mod pipe;
mod rows;
mod sweeps;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use line::{Fault, Hop};
pub use pipe::{ScanPipe, ScanPipeOptions};
pub use rows::ScanRows;
use sweeps::Sweeps;

use super::{Clock, Read, RowInfo, RowSource, SourceError};
use crate::stamp::Stamp;

/// How a power scan is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ScanOptions {
    /// When the first sweep was taken, in nanoseconds of UTC since 1970; all others move by the same amount. None for the times
    /// in the file as if they were UTC: the programs write local times without a zone.
    pub start_ns: Option<i64>,
}

/// A power scan in CSV: a line a hop, `date, time, Hz low, Hz high, Hz step, samples, dB, dB, …`.
///
/// The hops of a sweep become one row, in whatever order they come; a sweep ends when a hop covers what another of its hops
/// covers. All rows cover the band of all hops of the file, with the finest of their steps; where a sweep has no hop there is
/// NaN. The first level of a hop is at its lowest frequency. A sweep lasts until the next; sweeps that were written in the
/// same second share it, and after a pause a sweep lasts as long as the one before it.
///
/// The file is read twice: by [`Scan::open`] for its band, and then for its levels. A last line that was not written to its end
/// is left out, and [`RowSource::warning`] tells.
#[derive(Debug)]
pub struct Scan {
    info: RowInfo,
    lines: Lines,
    start_ns: i64,
    end_ns: i64,
    /// The sweep that is being read.
    sweep: Sweep,
    sweeps: Sweeps,
    levels: Vec<f32>,
    warning: Option<Arc<SourceError>>,
    ended: bool,
}

/// Most bins of a row.
const MOST_BINS: f64 = 4_194_304.0;
/// Longest line, in bytes.
const MOST_LINE: u64 = 256 << 20;
/// Bytes that one read goes through, about.
const SHARE: u64 = 1 << 20;

/// The hops of a sweep so far.
#[derive(Debug)]
struct Sweep {
    row: Vec<f32>,
    /// For each bin, the number of the last sweep that had a level for it.
    filled: Vec<u32>,
    number: u32,
    /// The earliest time, or none while there is no hop.
    time_ns: Option<i64>,
    lowest_hz: f64,
    last_ns: i64,
}

impl Scan {
    /// Opens a scan, and looks at all of its hops.
    ///
    /// # Errors
    /// [`SourceError::Io`]; [`SourceError::Scan`] for a line that does not belong to a scan, and for a file without any;
    /// [`SourceError::Row`] for a band of more than 4,194,304 bins. A line whose levels are wrong is found later, by a read.
    pub fn open(path: impl AsRef<Path>, options: &ScanOptions) -> Result<Self, SourceError> {
        let path = path.as_ref().to_path_buf();
        let mut lines = Lines::open(&path)?;
        let (mut low, mut high, mut step) = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        let (mut first_ns, mut last_ns, mut warning) = (None, i64::MIN, None);
        // A sweep is at least as long as this, if all hops follow the first.
        let (mut first_hop, mut sweeps) = (f64::NAN, 0_u64);
        while let Some(text) = lines.next()? {
            let hop = match text.and_then(|text| line::parse(text).map(|(hop, _)| hop)) {
                Ok(hop) => hop,
                Err(_) if lines.cut && first_ns.is_some() => {
                    warning = Some(lines.partial());
                    break;
                }
                Err(fault) => return Err(lines.wrong(fault)),
            };
            if first_ns.is_none() {
                first_hop = hop.first_hz;
            }
            sweeps += u64::from(hop.first_hz == first_hop);
            first_ns.get_or_insert(hop.time_ns);
            last_ns = last_ns.max(hop.time_ns);
            low = low.min(hop.first_hz);
            high = high.max(hop.first_hz + (hop.bins as f64 - 1.0) * hop.step_hz);
            step = step.min(hop.step_hz);
        }
        let Some(first_ns) = first_ns else {
            return Err(lines.wrong(Fault::no_hops()));
        };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let moved_ns = options.start_ns.map_or(0, |start| start.saturating_sub(first_ns));
        let length_ns = last_ns.saturating_sub(first_ns).max(0);
        let row_ns = if sweeps > 1 && length_ns > 0 { length_ns as f64 / (sweeps - 1) as f64 } else { 1e9 };
        let mut info = info(&name, (low, high, step), row_ns)?;
        info.source = info.source.recorded();
        let sweep = Sweep::new(info.bins);
        lines = Lines::open(&path)?;
        let start_ns = first_ns.saturating_add(moved_ns);
        Ok(Self {
            info,
            lines,
            start_ns,
            end_ns: start_ns.saturating_add(length_ns).saturating_add(row_ns as i64),
            sweep,
            sweeps: Sweeps::new(moved_ns),
            levels: Vec::new(),
            warning: warning.map(Arc::new),
            ended: false,
        })
    }

    /// When the first sweep was taken, in nanoseconds of UTC since 1970.
    pub fn start_ns(&self) -> i64 {
        self.start_ns
    }

    /// From the first sweep to the end of the last, in nanoseconds, about.
    pub fn duration_ns(&self) -> i64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// Whether this hop is of another sweep than those before it.
    fn begins_sweep(&self, hop: &Hop) -> bool {
        let sweep = &self.sweep;
        // Its middle bin is there already, or a new time has begun.
        let middle = place(&self.info, hop, hop.bins / 2);
        let seen = sweep.filled.get(middle).is_some_and(|number| *number == sweep.number);
        let anew = hop.time_ns != sweep.last_ns && hop.first_hz < sweep.lowest_hz;
        sweep.time_ns.is_some() && (seen || anew)
    }

    /// The sweep is complete.
    fn end_sweep(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<(), SourceError> {
        let Some(time_ns) = self.sweep.time_ns else { return Ok(()) };
        if self.sweeps.is_due(time_ns) {
            self.sweeps.place(&self.info, Some(time_ns), row)?;
        }
        let fresh = self.sweeps.row(self.sweep.row.len());
        self.sweeps.push(time_ns, std::mem::replace(&mut self.sweep.row, fresh));
        self.sweep.begin();
        Ok(())
    }
}

/// The bin of all rows that has bin `k` of a hop.
fn place(info: &RowInfo, hop: &Hop, k: usize) -> usize {
    ((hop.first_hz + k as f64 * hop.step_hz - info.first_hz) / info.bin_hz).round().max(0.0) as usize
}

/// Fails for a band of too many bins.
fn within(name: &str, (low, high, step): (f64, f64, f64)) -> Result<usize, SourceError> {
    let bins = ((high - low) / step).round() + 1.0;
    if bins > MOST_BINS {
        let got = format!("{bins:.0}, from {low} Hz to {high} Hz in steps of {step} Hz");
        return Err(SourceError::Row { name: name.to_owned(), field: "bins", expected: "at most 4194304", got });
    }
    Ok(bins as usize)
}

/// What rows of this band are: the lowest frequency, the highest, and the step.
fn info(name: &str, band: (f64, f64, f64), row_ns: f64) -> Result<RowInfo, SourceError> {
    let bins = within(name, band)?;
    RowInfo::new(name, Clock::Utc, bins, (band.0, band.2), row_ns)
}

/// The bins of all rows, of which there are so many, that bin `k` of a hop covers: several if it is coarser.
fn cells(info: &RowInfo, hop: &Hop, k: usize, bins: usize) -> Range<usize> {
    let from = place(info, hop, k).min(bins);
    from..place(info, hop, k + 1).clamp((from + 1).min(bins), bins)
}

impl Sweep {
    fn new(bins: usize) -> Self {
        Self {
            row: vec![f32::NAN; bins],
            filled: vec![0; bins],
            number: 1,
            time_ns: None,
            lowest_hz: f64::INFINITY,
            last_ns: 0,
        }
    }

    /// Goes on to the next sweep. The row is what it is.
    fn begin(&mut self) {
        (self.time_ns, self.lowest_hz) = (None, f64::INFINITY);
        self.number = self.number.wrapping_add(1);
        if self.number == 0 {
            // Numbers of four thousand million sweeps ago mean nothing.
            self.filled.fill(0);
            self.number = 1;
        }
    }

    /// Goes on to the next sweep, which has no levels yet.
    fn clear(&mut self) {
        self.begin();
        self.row.fill(f32::NAN);
    }

    /// Adds a hop with its levels, or without.
    fn add(&mut self, info: &RowInfo, hop: &Hop, levels: Option<&[f32]>) {
        let bins = self.filled.len();
        for k in 0..hop.bins {
            let cells = cells(info, hop, k, bins);
            let filled = &mut self.filled[cells.clone()];
            if let Some(level) = levels.and_then(|levels| levels.get(k)) {
                for (cell, filled) in self.row[cells].iter_mut().zip(&*filled) {
                    *cell = if *filled == self.number { cell.max(*level) } else { *level };
                }
            }
            filled.fill(self.number);
        }
        self.time_ns = Some(self.time_ns.map_or(hop.time_ns, |time| time.min(hop.time_ns)));
        self.lowest_hz = self.lowest_hz.min(hop.first_hz);
        self.last_ns = hop.time_ns;
    }
}

impl RowSource for Scan {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if self.ended {
            return Ok(Read::End);
        }
        let end = self.lines.at.saturating_add(SHARE);
        while self.lines.at < end {
            let Some(text) = self.lines.next()? else {
                self.ended = true;
                self.end_sweep(row)?;
                self.sweeps.place(&self.info, None, row)?;
                return Ok(Read::Samples);
            };
            let levels = &mut self.levels;
            let hop = text.and_then(|text| {
                let (hop, text) = line::parse(text)?;
                line::levels(text, hop.bins, levels)?;
                Ok(hop)
            });
            match hop {
                Ok(hop) => {
                    if self.begins_sweep(&hop) {
                        self.end_sweep(row)?;
                    }
                    self.sweep.add(&self.info, &hop, Some(&self.levels));
                }
                Err(_) if self.lines.cut => {
                    let warning = self.lines.partial();
                    log::warn!("{warning}");
                    self.warning = Some(Arc::new(warning));
                }
                Err(fault) => return Err(self.lines.wrong(fault)),
            }
        }
        Ok(Read::Samples)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

/// The lines of a file that are not empty.
#[derive(Debug)]
struct Lines {
    path: PathBuf,
    file: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    /// Bytes so far, and those before this line.
    at: u64,
    start: u64,
    /// The line is the last, and does not end as a line does.
    cut: bool,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, SourceError> {
        let io_error = |cause| SourceError::Io { path: path.to_owned(), cause };
        let file = File::open(path).map_err(io_error)?;
        let data = file.metadata().map_err(io_error)?;
        if data.is_dir() {
            return Err(io_error(io::ErrorKind::IsADirectory.into()));
        }
        if !data.is_file() {
            return Err(io_error(io::Error::other("a scan is read twice: expected a file, not a pipe")));
        }
        let file = BufReader::with_capacity(256 << 10, file);
        Ok(Self { path: path.to_owned(), file, line: Vec::new(), number: 0, at: 0, start: 0, cut: false })
    }

    /// The next line, if it is text.
    fn next(&mut self) -> Result<Option<Result<&str, Fault>>, SourceError> {
        loop {
            self.line.clear();
            let read = self.file.by_ref().take(MOST_LINE).read_until(b'\n', &mut self.line);
            let count = read.map_err(|cause| SourceError::Io { path: self.path.clone(), cause })? as u64;
            if count == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.start = self.at;
            self.at = self.at.saturating_add(count);
            self.cut = self.line.last() != Some(&b'\n');
            if let Some(text) = text_of(&self.line, self.number) {
                // Borrowed again: a line that says nothing is passed over.
                drop(text);
                return Ok(text_of(&self.line, self.number));
            }
        }
    }

    /// Whether the levels of the last line can be read.
    fn has_levels(&self) -> bool {
        let text = text_of(&self.line, self.number);
        text.is_some_and(|text| {
            text.and_then(|text| {
                line::parse(text).and_then(|(hop, text)| line::levels(text, hop.bins, &mut Vec::new()))
            })
            .is_ok()
        })
    }

    fn wrong(&self, Fault { field, expected, got }: Fault) -> SourceError {
        SourceError::Scan { path: self.path.clone(), line: self.number.max(1), field, expected, got }
    }

    fn partial(&self) -> SourceError {
        SourceError::CutLine { path: self.path.clone(), line: self.number }
    }
}

/// The text of a line, if it says anything.
fn text_of(line: &[u8], number: u64) -> Option<Result<&str, Fault>> {
    // What spreadsheets put in front, remarks, and the names of the columns.
    let text = line.trim_ascii();
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
    let title = number == 1 && text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"date"));
    if text.is_empty() || text.starts_with(b"#") || title {
        return None;
    }
    Some(std::str::from_utf8(text).map_err(|_| Fault {
        field: "text",
        expected: "numbers and commas".to_owned(),
        got: "bytes that are no text".to_owned(),
    }))
}
