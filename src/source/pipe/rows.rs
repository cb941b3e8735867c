//! Finished rows from a pipe.

use std::io::Read as ReadBytes;
use std::sync::Arc;

use super::format::RawFormat;
use super::stream::{Bytes, Stream};
use crate::dsp::SampleKind;
use crate::source::pace::{PATIENCE, time_ns};
use crate::source::place::{Placed, Places};
use crate::source::{Clock, Read, RowInfo, RowSource, SourceError};
use crate::stamp::Stamp;

/// What the rows in a pipe are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowPipeOptions {
    /// What the rows are like. On [`Clock::Utc`], a row's time is that at which it came; on [`Clock::File`], rows follow each
    /// other from time 0.
    pub info: RowInfo,
    /// How the values are written: one number each. Integers are taken as they are.
    pub format: RawFormat,
    /// On [`Clock::Utc`], measure the time from row to row, and space rows evenly; [`RowInfo::row_duration_ns`] is then the one
    /// that is measured.
    pub measure: bool,
}

impl RowPipeOptions {
    /// Rows like `info`, written as `format` says.
    pub fn new(info: RowInfo, format: RawFormat) -> Self {
        Self { info, format, measure: false }
    }
}

/// Finished rows from a pipe, one after the other, each of [`RowInfo::bins`] numbers.
///
/// An incomplete last row is dropped, and [`RowSource::warning`] reports it.
#[derive(Debug)]
pub struct RowPipe {
    info: RowInfo,
    format: RawFormat,
    stream: Stream,
    bytes: Vec<u8>,
    row: Vec<f32>,
    /// Rows so far, and the time of the last.
    count: u64,
    last_ns: Option<i64>,
    /// What places rows whose spacing is measured.
    places: Option<Places>,
    /// The place of the rows in `bytes`, which wait until a change has been reported.
    placed: Option<Placed>,
    gaps: u64,
    warning: Option<Arc<SourceError>>,
}

impl RowPipe {
    /// Reads rows from `input`, on a thread of its own.
    ///
    /// # Errors
    /// [`SourceError::Row`] for rows that make no sense or are of complex numbers, and [`SourceError::Thread`].
    pub fn new(input: impl ReadBytes + Send + 'static, options: &RowPipeOptions) -> Result<Self, SourceError> {
        let RowPipeOptions { info, format, measure } = options.clone();
        info.check()?;
        let name = &info.source.name;
        if format.kind() == SampleKind::Complex {
            let (name, got) = (name.clone(), format.to_string());
            return Err(SourceError::Row { name, field: "format", expected: "one of real numbers", got });
        }
        let size = info.bins.checked_mul(format.number_bytes()).filter(|&bytes| bytes <= 1 << 30);
        let Some(size) = size else {
            let (name, got) = (name.clone(), info.bins.to_string());
            return Err(SourceError::Row { name, field: "bins", expected: "a row of at most 1 GiB", got });
        };
        let stream = Stream::start(name, input, size)?;
        let places = (measure && info.source.clock == Clock::Utc).then(|| Places::new(None));
        Ok(Self {
            info,
            format,
            stream,
            bytes: Vec::new(),
            row: Vec::new(),
            count: 0,
            last_ns: None,
            places,
            placed: None,
            gaps: 0,
            warning: None,
        })
    }

    /// The time of the next row.
    fn place(&mut self, at_ns: i64) -> Result<i64, SourceError> {
        let time_ns = match self.info.source.clock {
            Clock::File => time_ns(self.count, 1e9 / self.info.row_duration_ns),
            // Rows that come at once follow each other; time never goes back.
            Clock::Utc => at_ns.max(self.last_ns.map_or(i64::MIN, |last| last.saturating_add(1))),
        };
        if time_ns == i64::MAX {
            return Err(SourceError::Time { name: self.info.source.name.clone() });
        }
        self.count += 1;
        self.last_ns = Some(time_ns);
        Ok(time_ns)
    }

    /// Bytes of a row.
    fn row_bytes(&self) -> usize {
        self.info.bins * self.format.number_bytes()
    }

    /// Delivers the whole rows in `bytes`: where they were placed, or as they came.
    fn hand_out(
        &mut self,
        at_ns: i64,
        placed: Option<Placed>,
        row: &mut dyn FnMut(Stamp, &[f32]),
    ) -> Result<Read, SourceError> {
        let size = self.row_bytes();
        let whole = self.bytes.len() / size;
        for index in 0..whole {
            self.row.clear();
            self.format.decode(&self.bytes[index * size..][..size], self.format.integer_scale(), &mut self.row);
            let offset = self.format.integer_offset();
            if offset != 0.0 {
                self.row.iter_mut().for_each(|value| *value += offset);
            }
            let time_ns = match placed {
                Some(Placed { start_ns, row_ns, .. }) => {
                    start_ns.saturating_add((index as f64 * row_ns).round() as i64)
                }
                None => self.place(at_ns)?,
            };
            let RowInfo { first_hz, bin_hz, row_duration_ns: duration_ns, .. } = self.info;
            row(Stamp { time_ns, duration_ns, first_hz, bin_hz }, &self.row);
        }
        self.bytes.drain(..whole * size);
        Ok(Read::Samples)
    }
}

impl RowSource for RowPipe {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        if let Some(placed) = self.placed.take() {
            return self.hand_out(0, Some(placed), row);
        }
        let size = self.row_bytes();
        let at_ns = match self.stream.take(PATIENCE, &mut self.bytes)? {
            Bytes::None => return Ok(Read::Idle),
            Bytes::Some { at_ns } => at_ns,
            Bytes::End => {
                if !self.bytes.is_empty() {
                    let (name, got) = (self.info.source.name.clone(), self.bytes.len());
                    let warning = SourceError::Partial { name, what: "row", got, expected: size };
                    log::warn!("{warning}");
                    self.warning = Some(Arc::new(warning));
                    self.bytes.clear();
                }
                return Ok(Read::End);
            }
        };
        let whole = self.bytes.len() / size;
        let Some(places) = self.places.as_mut().filter(|_| whole > 0) else { return self.hand_out(at_ns, None, row) };
        let placed = places.place(at_ns, whole);
        self.gaps += u64::from(placed.gap);
        if placed.row_ns != self.info.row_duration_ns {
            self.info.row_duration_ns = placed.row_ns;
            self.placed = Some(placed);
            return Ok(Read::Changed);
        }
        self.hand_out(at_ns, Some(placed), row)
    }

    fn gaps(&self) -> u64 {
        self.gaps
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}
