//! Power scans that come through a pipe: the band is that of the sweeps so far.

use std::io::Read as ReadBytes;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::line::{self, Fault, Hop};
use super::sweeps::Sweeps;
use super::{Read, RowInfo, RowSource, SourceError, cells, info, within};
use crate::source::pace::PATIENCE;
use crate::source::pipe::{Bytes, Stream};
use crate::stamp::Stamp;

/// How a power scan from a pipe is to be read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScanPipeOptions {
    /// A short display name.
    pub name: String,
    /// Sweeps have the time at which their first hop came, in place of the times in the lines.
    pub live: bool,
    /// When the first sweep was taken, in nanoseconds of UTC since 1970, as in [`ScanOptions`](super::ScanOptions). It has no effect
    /// on a live scan.
    pub start_ns: Option<i64>,
}

impl ScanPipeOptions {
    /// A recorded scan with the times in its lines.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), live: false, start_ns: None }
    }

    /// The same with the time of arrival.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// The same with another beginning.
    #[must_use]
    pub fn with_start_ns(mut self, start_ns: Option<i64>) -> Self {
        self.start_ns = start_ns;
        self
    }
}

/// A power scan in CSV that comes through a pipe, as [`Scan`](super::Scan) reads one from a file.
///
/// Rows cover the band of the first sweep. When a later sweep has hops outside of it, or finer steps, the source
/// [changes](Read::Changed), and rows cover both bands from then on. A row comes as soon as the first hop of the next sweep does.
#[derive(Debug)]
pub struct ScanPipe {
    info: RowInfo,
    lines: PipeLines,
    live: bool,
    sweep: Sweep,
    /// The time of the sweep that is complete, and when the next one began.
    complete: Option<(i64, Option<i64>)>,
    sweeps: Sweeps,
    /// Time of the first hop.
    start_ns: i64,
    changed: bool,
    ended: bool,
    warning: Option<Arc<SourceError>>,
}

/// Longest line, in bytes: a hop of four million levels with room to spare.
const MOST_LINE: usize = 64 << 20;
/// Lines of one read at most.
const MOST_LINES: usize = 256;

/// The hops of a sweep, and the levels of all of them.
#[derive(Debug, Default)]
struct Sweep {
    hops: Vec<Hop>,
    levels: Vec<f32>,
    time_ns: i64,
    /// The first hop of the next sweep, and its levels.
    next: Option<(Hop, i64)>,
    next_levels: Vec<f32>,
}

impl Sweep {
    /// Adds a hop whose levels are in `next_levels`. False if it begins the next sweep.
    fn add(&mut self, hop: Hop, time_ns: i64) -> bool {
        let lowest = self.hops.iter().map(|hop| hop.first_hz).fold(f64::INFINITY, f64::min);
        let middle = hop.first_hz + (hop.bins / 2) as f64 * hop.step_hz;
        let seen = self.hops.iter().any(|held| {
            let place = ((middle - held.first_hz) / held.step_hz).round();
            place >= 0.0 && place < held.bins as f64
        });
        // As in a file: its middle is there already, or a new time has begun.
        let anew = self.hops.last().is_some_and(|last| hop.time_ns != last.time_ns && hop.first_hz < lowest);
        if seen || anew {
            self.next = Some((hop, time_ns));
            return false;
        }
        self.time_ns = if self.hops.is_empty() { time_ns } else { self.time_ns.min(time_ns) };
        self.hops.push(hop);
        self.levels.append(&mut self.next_levels);
        true
    }

    /// Its lowest and highest frequency, and the finest step.
    fn band(&self) -> (f64, f64, f64) {
        let start = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY);
        self.hops.iter().fold(start, |(low, high, step), hop| {
            let last_hz = hop.first_hz + (hop.bins as f64 - 1.0) * hop.step_hz;
            (low.min(hop.first_hz), high.max(last_hz), step.min(hop.step_hz))
        })
    }

    /// Writes its levels into a row.
    fn fill(&self, info: &RowInfo, row: &mut [f32]) {
        let bins = row.len();
        let mut levels = &self.levels[..];
        for hop in &self.hops {
            let (own, rest) = levels.split_at(hop.bins.min(levels.len()));
            levels = rest;
            for (k, level) in own.iter().enumerate() {
                row[cells(info, hop, k, bins)].iter_mut().for_each(|cell| *cell = cell.max(*level));
            }
        }
    }

    /// The next sweep, with the hop that began it.
    fn go_on(&mut self) {
        self.hops.clear();
        self.levels.clear();
        if let Some((hop, time_ns)) = self.next.take() {
            self.time_ns = time_ns;
            self.hops.push(hop);
            self.levels.append(&mut self.next_levels);
        }
    }
}

impl ScanPipe {
    /// Reads a scan from `input`, on a thread of its own. It waits for the first sweep, and for the hop that follows it.
    ///
    /// # Errors
    /// [`SourceError::Io`]; [`SourceError::Scan`] for a line that does not belong to a scan, and for input without any;
    /// [`SourceError::Row`] for a band of more than 4,194,304 bins; [`SourceError::Thread`].
    pub fn new(input: impl ReadBytes + Send + 'static, options: &ScanPipeOptions) -> Result<Self, SourceError> {
        let ScanPipeOptions { name, live, start_ns } = options.clone();
        let mut lines = PipeLines::new(&name, input)?;
        let (mut sweep, mut ended, mut warning, mut first) = (Sweep::default(), false, None, None);
        loop {
            match lines.hop(Duration::MAX, live, &mut sweep.next_levels)? {
                Line::None => {}
                Line::Hop(hop, time_ns) => {
                    first.get_or_insert(time_ns);
                    if !sweep.add(hop, time_ns) {
                        break;
                    }
                    within(&name, sweep.band())?;
                }
                Line::Cut(cut) => warning = Some(Arc::new(cut)),
                Line::End => {
                    ended = true;
                    break;
                }
            }
        }
        let Some(first_ns) = first else {
            return Err(lines.wrong(Fault::no_hops()));
        };
        let next_ns = sweep.next.map(|(_, time_ns)| time_ns);
        let row_ns = next_ns.map(|next| next.saturating_sub(sweep.time_ns) as f64).filter(|ns| *ns >= 1.0);
        let mut info = info(&name, sweep.band(), row_ns.unwrap_or(1e9))?;
        if !live {
            info.source = info.source.recorded();
        }
        let moved_ns = start_ns.filter(|_| !live).map_or(0, |start| start.saturating_sub(first_ns));
        let complete = Some((sweep.time_ns, next_ns));
        let (sweeps, changed) = (Sweeps::new(moved_ns), false);
        let start_ns = first_ns.saturating_add(moved_ns);
        Ok(Self { info, lines, live, sweep, complete, sweeps, start_ns, changed, ended, warning })
    }

    /// When the first hop was taken, in nanoseconds of UTC since 1970; none for a live scan.
    pub fn start_ns(&self) -> Option<i64> {
        (!self.live).then_some(self.start_ns)
    }

    /// Places the sweep that is complete.
    fn finish(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<(), SourceError> {
        let Some((time_ns, next_ns)) = self.complete.take() else { return Ok(()) };
        let (low, high, step) = self.sweep.band();
        let info = &self.info;
        let last_hz = info.first_hz + (info.bins as f64 - 1.0) * info.bin_hz;
        // What lies within half a bin of the band is in it.
        let slack = 0.5 * info.bin_hz;
        if low < info.first_hz - slack || high > last_hz + slack || step < info.bin_hz * (1.0 - 1e-6) {
            let wider = (low.min(info.first_hz), high.max(last_hz), step.min(info.bin_hz));
            let mut wider = super::info(&info.source.name, wider, info.row_duration_ns)?;
            if !info.source.live {
                wider.source = wider.source.recorded();
            }
            // Those that are held are of the old band.
            self.sweeps.place(info, Some(time_ns), row)?;
            self.info = wider;
            self.changed = true;
        }
        if self.sweeps.is_due(time_ns) {
            self.sweeps.place(&self.info, Some(time_ns), row)?;
        }
        let mut levels = self.sweeps.row(self.info.bins);
        self.sweep.fill(&self.info, &mut levels);
        self.sweeps.push(time_ns, levels);
        self.sweep.go_on();
        // A changed band is told before the first row of it.
        if !self.changed && next_ns.is_none_or(|next_ns| next_ns != time_ns) {
            self.sweeps.place(&self.info, next_ns, row)?;
        }
        Ok(())
    }
}

impl RowSource for ScanPipe {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if std::mem::take(&mut self.changed) {
            return Ok(Read::Changed);
        }
        if self.complete.is_some() {
            self.finish(row)?;
            return Ok(Read::Samples);
        }
        if self.ended {
            self.sweeps.place(&self.info, None, row)?;
            return Ok(Read::End);
        }
        let mut patience = PATIENCE;
        for _ in 0..MOST_LINES {
            match self.lines.hop(patience, self.live, &mut self.sweep.next_levels)? {
                Line::None if patience.is_zero() => return Ok(Read::Samples),
                Line::None => return Ok(Read::Idle),
                Line::Hop(hop, time_ns) => {
                    if !self.sweep.add(hop, time_ns) {
                        self.complete = Some((self.sweep.time_ns, Some(time_ns)));
                        self.finish(row)?;
                        return Ok(Read::Samples);
                    }
                    within(&self.info.source.name, self.sweep.band())?;
                }
                Line::Cut(cut) => self.warning = Some(Arc::new(cut)),
                Line::End => {
                    self.ended = true;
                    self.complete = (!self.sweep.hops.is_empty()).then_some((self.sweep.time_ns, None));
                    return Ok(Read::Samples);
                }
            }
            // What has come already is not waited for.
            patience = Duration::ZERO;
        }
        Ok(Read::Samples)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

/// What came of the next line.
enum Line {
    /// Nothing yet.
    None,
    /// A hop, and its time.
    Hop(Hop, i64),
    /// The last line was not written to its end.
    Cut(SourceError),
    End,
}

/// The lines of a pipe.
#[derive(Debug)]
struct PipeLines {
    path: PathBuf,
    stream: Stream,
    bytes: Vec<u8>,
    /// Bytes before this one have been used; there is no end of a line before the second.
    used: usize,
    looked: usize,
    /// When the latest bytes came.
    at_ns: i64,
    number: u64,
    ended: bool,
}

impl PipeLines {
    fn new(name: &str, input: impl ReadBytes + Send + 'static) -> Result<Self, SourceError> {
        // Programs write whole lines: what comes at once is read at once.
        let stream = Stream::start(name, input, 64 << 10)?;
        let (path, bytes) = (name.into(), Vec::new());
        Ok(Self { path, stream, bytes, used: 0, looked: 0, at_ns: 0, number: 0, ended: false })
    }

    fn hop(&mut self, patience: Duration, live: bool, levels: &mut Vec<f32>) -> Result<Line, SourceError> {
        loop {
            let Some(end) = self.bytes[self.looked..].iter().position(|byte| *byte == b'\n') else {
                self.looked = self.bytes.len();
                if self.ended {
                    return self.last(live, levels);
                }
                if self.bytes.len() - self.used > MOST_LINE {
                    let (field, expected) = ("text", format!("a line of at most {MOST_LINE} bytes"));
                    return Err(self.wrong(Fault { field, expected, got: "more".to_owned() }));
                }
                self.bytes.drain(..self.used);
                (self.looked, self.used) = (self.looked - self.used, 0);
                match self.stream.take(patience, &mut self.bytes)? {
                    Bytes::None => return Ok(Line::None),
                    Bytes::Some { at_ns } => self.at_ns = at_ns,
                    Bytes::End => self.ended = true,
                }
                continue;
            };
            let (from, to) = (self.used, self.looked + end);
            (self.used, self.looked) = (to + 1, to + 1);
            match self.parse(from, to, live, levels) {
                Some(Ok((hop, time_ns))) => return Ok(Line::Hop(hop, time_ns)),
                Some(Err(fault)) => return Err(self.wrong(fault)),
                None => {}
            }
        }
    }

    /// What comes after the last end of a line.
    fn last(&mut self, live: bool, levels: &mut Vec<f32>) -> Result<Line, SourceError> {
        let (from, to) = (self.used, self.bytes.len());
        (self.used, self.looked) = (to, to);
        match self.parse(from, to, live, levels) {
            None => Ok(Line::End),
            Some(Ok((hop, time_ns))) => Ok(Line::Hop(hop, time_ns)),
            Some(Err(fault)) if self.number <= 1 => Err(self.wrong(fault)),
            Some(Err(_)) => {
                let warning = || SourceError::CutLine { path: self.path.clone(), line: self.number };
                log::warn!("{}", warning());
                levels.clear();
                Ok(Line::Cut(warning()))
            }
        }
    }

    /// The hop of a line, and its time; none for a line that says nothing.
    fn parse(
        &mut self,
        from: usize,
        to: usize,
        live: bool,
        levels: &mut Vec<f32>,
    ) -> Option<Result<(Hop, i64), Fault>> {
        if from < to || to < self.bytes.len() {
            self.number += 1;
        }
        let text = super::text_of(&self.bytes[from..to], self.number)?;
        let hop = text.and_then(|text| {
            let (hop, text) = line::parse(text)?;
            line::levels(text, hop.bins, levels)?;
            Ok((hop, if live { self.at_ns } else { hop.time_ns }))
        });
        Some(hop)
    }

    fn wrong(&self, Fault { field, expected, got }: Fault) -> SourceError {
        SourceError::Scan { path: self.path.clone(), line: self.number.max(1), field, expected, got }
    }
}
