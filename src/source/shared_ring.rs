//! Samples from a program on the same machine through a ring in a shared file, which costs the producer one copy.
//!
//! # Layout
//!
//! The file, as a rule below `/dev/shm`, is a header of 4096 bytes and the samples. All numbers are little-endian.
//!
//! | offset | type | what |
//! |---|---|---|
//! | 0 | 8 bytes | `RINGFALL` |
//! | 8 | u32 | version: 1 |
//! | 12 | 12 bytes | format of the samples, such as `cf32`, padded with NULs |
//! | 24 | u64 | bytes of the ring: whole samples, from 4096 to 2⁴⁰ |
//! | 32 | f64 | samples a second, in Hz |
//! | 40 | f64 | centre frequency, in Hz |
//! | 48 | u64 | time of sample 0, in nanoseconds of UTC since 1970; 0 if it is not known |
//! | 56 | u64 | session: another number each time that a producer begins |
//! | 64 | u64 | begun: bytes whose writing has begun, counted from the session's beginning |
//! | 72 | u64 | done: bytes that have been written |
//! | 80 | u64 | settings: odd while the producer changes the fields from 12 to 56, else even |
//! | 4096 | | the ring: byte number n of the session is at 4096 + n modulo the ring's bytes |
//!
//! A producer first adds the length of what it will write to `begun`, then writes it, and then adds it to `done`; each step
//! has to be visible before the next (in C11 a release store, and a fence after the first). The same holds for a change of
//! the fields: it makes `settings` odd, writes them, and makes it even again. A reader copies bytes before
//! `done`, and then looks at `begun`: what lies more than a ring before it may have been overwritten while it was copied,
//! and is thrown away. So there are no locks, a producer never waits, and a reader that is too slow knows exactly how much
//! it has missed. `examples/shared_ring.h` and `examples/shared_ring.py` are producers.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::arrival::Arrival;
use super::pace::{PATIENCE, now_ns, time_ns};
use super::pipe::RawFormat;
use super::{Block, Clock, Read, Source, SourceError, SourceInfo};
use crate::rows::read_at;

/// Bytes before the ring.
pub const SHARED_RING_HEADER: u64 = 4096;

/// Bytes of the header that mean something.
const FIELDS: usize = 88;
const MAGIC: &[u8; 8] = b"RINGFALL";
const RING: std::ops::RangeInclusive<u64> = 4096..=1 << 40;

/// What the header of a shared ring says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SharedRingHeader {
    /// How the samples are written.
    pub format: RawFormat,
    /// Bytes of the ring.
    pub ring_bytes: u64,
    /// Samples a second, in Hz.
    pub rate_hz: f64,
    /// Centre frequency, in Hz.
    pub centre_hz: f64,
    /// Time of sample 0, in nanoseconds of UTC since 1970, if it is known.
    pub start_ns: Option<i64>,
    /// Number of the producer's run.
    pub session: u64,
    /// Bytes whose writing has begun.
    pub begun: u64,
    /// Bytes that have been written.
    pub done: u64,
    /// Odd while the producer changes the other fields.
    pub settings: u64,
}

impl SharedRingHeader {
    /// Reads a header: at least its first 88 bytes.
    ///
    /// # Errors
    /// The field that is wrong, what was expected and what was there.
    pub fn decode(bytes: &[u8]) -> Result<Self, (&'static str, &'static str, String)> {
        let Some(bytes) = bytes.first_chunk::<FIELDS>() else {
            return Err(("length", "at least 4096 bytes before the ring", bytes.len().to_string()));
        };
        if !bytes.starts_with(MAGIC) {
            return Err(("magic", "RINGFALL", bytes[..8].escape_ascii().to_string()));
        }
        let long = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        let version = long(8) as u32;
        if version != 1 {
            return Err(("version", "1", version.to_string()));
        }
        let word = bytes[12..24].split(|byte| *byte == 0).next().unwrap_or_default();
        let word = String::from_utf8_lossy(word);
        let format: RawFormat =
            word.parse().map_err(|_| ("format", "a format of samples, such as cf32", format!("{word:?}")))?;
        let header = Self {
            format,
            ring_bytes: long(24),
            rate_hz: f64::from_bits(long(32)),
            centre_hz: f64::from_bits(long(40)),
            start_ns: i64::try_from(long(48)).ok().filter(|ns| *ns > 0),
            session: long(56),
            begun: long(64),
            done: long(72),
            settings: long(80),
        };
        if !RING.contains(&header.ring_bytes) || !header.ring_bytes.is_multiple_of(format.sample_bytes() as u64) {
            let expected = "whole samples, from 4096 to 2^40 bytes";
            return Err(("bytes of the ring", expected, header.ring_bytes.to_string()));
        }
        if !(header.rate_hz >= 1.0 && header.rate_hz.is_finite()) {
            return Err(("sample rate", "a finite number of Hz, 1 or more", format!("{:?}", header.rate_hz)));
        }
        if !header.centre_hz.is_finite() {
            return Err(("centre frequency", "a finite number of Hz", format!("{:?}", header.centre_hz)));
        }
        // A reader may see `done` later than `begun`, and so ahead of it.
        Ok(Self { begun: header.begun.max(header.done), ..header })
    }
}

/// Samples from a shared ring.
///
/// It begins with what is written after it was opened. What was overwritten before it could be read counts as overruns, and leaves a gap
/// of its length. A file that is not there yet, or that its producer has removed, is waited for.
#[derive(Debug)]
pub struct SharedRing {
    path: PathBuf,
    info: SourceInfo,
    file: Option<File>,
    header: Option<SharedRingHeader>,
    /// Number of the next byte of the session.
    next: u64,
    /// For times, where the producer tells none.
    arrival: Arrival,
    /// Another session has begun, so that samples may be missing before the next.
    gap: bool,
    /// Samples that were overwritten before the next.
    lost: u64,
    /// When it was last looked whether the file was replaced.
    looked: Instant,
    overruns: u64,
    bytes: Vec<u8>,
    warning: Option<Arc<SourceError>>,
}

/// Rate until a producer has told its own.
const UNKNOWN_HZ: f64 = 1e6;
/// Bytes read at once.
const PIECE: u64 = 1 << 20;
/// The pause between two looks at an empty ring.
const NAP: Duration = Duration::from_millis(2);
/// The pause between two looks for the file.
const LOOK: Duration = Duration::from_millis(500);

impl SharedRing {
    /// Opens the ring. It need not be there yet. On [`Clock::Utc`], times are those of the producer, or else of arrival; on
    /// [`Clock::File`] they begin at 0.
    ///
    /// # Errors
    /// [`SourceError::Open`] if there is a file but no ring, and [`SourceError::Io`] if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, clock: Clock) -> Result<Self, SourceError> {
        let path = path.as_ref().to_owned();
        let name = path.display().to_string();
        let mut ring = Self {
            info: SourceInfo::new(name, UNKNOWN_HZ, RawFormat::CF32.kind()).with_clock(clock),
            path,
            file: None,
            header: None,
            next: 0,
            arrival: Arrival::new(clock, UNKNOWN_HZ),
            gap: false,
            lost: 0,
            looked: Instant::now(),
            overruns: 0,
            bytes: Vec::new(),
            warning: None,
        };
        match File::open(&ring.path) {
            Ok(file) => {
                ring.file = Some(file);
                let header = ring.look().map_err(|reason| ring.wrong(&reason))?;
                ring.begin(header);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(SourceError::Io { path: ring.path, cause }),
        }
        Ok(ring)
    }

    fn wrong(&self, reason: &str) -> SourceError {
        let name = self.info.name.clone();
        SourceError::Open { reason: format!("{name} is not a shared ring: {reason}"), name }
    }

    /// Reads the header.
    fn look(&self) -> Result<SharedRingHeader, String> {
        let Some(file) = &self.file else { return Err("it is not open".to_owned()) };
        let mut bytes = [0; FIELDS];
        // A producer that changes settings is done in a moment, unless it died; then the last look counts.
        for _ in 0..100 {
            let count = match read_at(file, 0, &mut bytes) {
                Ok(()) => bytes.len(),
                Err((count, None)) => count,
                Err((_, Some(error))) => return Err(error.to_string()),
            };
            let header = SharedRingHeader::decode(&bytes[..count])
                .map_err(|(field, expected, got)| format!("{field}: expected {expected}, got {got}"));
            match header {
                Ok(header) if header.settings % 2 == 1 => thread::sleep(Duration::from_micros(100)),
                header => return header,
            }
        }
        Err("its producer is changing its settings, and does not end".to_owned())
    }

    /// A session begins, or is joined. Returns whether the properties of the source have changed.
    fn begin(&mut self, header: SharedRingHeader) -> bool {
        let size = header.format.sample_bytes() as u64;
        let rest = self.header.is_some_and(|before| {
            before.session == header.session
                && before.format == header.format
                && before.ring_bytes == header.ring_bytes
                && header.done >= self.next
        });
        if !rest {
            self.gap |= self.header.is_some();
            self.lost = 0;
            self.next = header.done - header.done % size;
        }
        if !rest || header.rate_hz != self.info.rate_hz {
            self.arrival.restart(header.rate_hz);
        }
        self.header = Some(header);
        let before = self.info.clone();
        self.info.kind = header.format.kind();
        (self.info.rate_hz, self.info.centre_hz) = (header.rate_hz, header.centre_hz);
        self.info != before
    }

    /// Looks for the file, if it is not there or another has taken its place.
    fn reopen(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let file = File::open(&self.path).ok();
        let same = match (&self.file, &file) {
            (Some(old), Some(new)) => is_same(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !same {
            self.file = file;
        }
    }

    /// Copies the next bytes; none if there are none. Returns how many bytes were overwritten before they were read.
    fn copy(&mut self, header: &SharedRingHeader) -> io::Result<u64> {
        let SharedRingHeader { ring_bytes, format, .. } = *header;
        let size = format.sample_bytes() as u64;
        self.bytes.clear();
        // A reader that has fallen behind goes on half a ring before the producer, so that it does not fall behind at once.
        let mut lost = 0;
        let oldest = header.begun.saturating_sub(ring_bytes);
        if self.next < oldest {
            let to = oldest.max(header.done.saturating_sub(ring_bytes / 2));
            let to = to - to % size;
            lost = to.saturating_sub(self.next);
            self.next = self.next.max(to);
        }
        let ready = header.done.saturating_sub(self.next).min(PIECE);
        let ready = (ready - ready % size) as usize;
        if ready == 0 {
            return Ok(lost);
        }
        self.bytes.resize(ready, 0);
        let at = self.next % ring_bytes;
        let first = usize::try_from(ring_bytes - at).unwrap_or(usize::MAX).min(ready);
        let Some(file) = &self.file else { return Ok(lost) };
        let (head, tail) = self.bytes.split_at_mut(first);
        for (offset, part) in [(SHARED_RING_HEADER + at, head), (SHARED_RING_HEADER, tail)] {
            read_at(file, offset, part).map_err(|(_, error)| {
                let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than its header says");
                error.unwrap_or_else(short)
            })?;
        }
        Ok(lost)
    }
}

impl Source for SharedRing {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let begun = Instant::now();
        loop {
            // A producer that changes all the time delivers nothing.
            if begun.elapsed() >= 2 * PATIENCE {
                return Ok(Read::Idle);
            }
            if self.file.is_none() {
                self.reopen();
            }
            let header = match self.file.is_some().then(|| self.look()) {
                Some(Ok(header)) => header,
                other => {
                    // One that is being made is not complete yet: it is told only when it stays as it is.
                    if let Some(Err(reason)) = other
                        && self.warning.is_none()
                        && begun.elapsed() >= PATIENCE
                    {
                        let warning = self.wrong(&reason);
                        log::warn!("{warning}");
                        self.warning = Some(Arc::new(warning));
                    }
                    if begun.elapsed() >= PATIENCE {
                        self.reopen();
                        return Ok(if self.header.is_some() { Read::Waiting } else { Read::Opening });
                    }
                    thread::sleep(Duration::from_millis(20));
                    continue;
                }
            };
            self.warning = None;
            let same = self.header.is_some_and(|before| {
                let counters = (header.begun, header.done);
                let before = SharedRingHeader { begun: counters.0, done: counters.1, ..before };
                before == header && header.done >= self.next
            });
            if !same {
                if self.begin(header) {
                    return Ok(Read::Changed);
                }
                continue;
            }
            match self.copy(&header) {
                Ok(bytes) => self.lost = self.lost.saturating_add(bytes / header.format.sample_bytes() as u64),
                Err(error) => {
                    let warning = self.wrong(&error.to_string());
                    log::warn!("{warning}");
                    self.warning = Some(Arc::new(warning));
                    (self.file, self.header) = (None, None);
                    return Ok(Read::Waiting);
                }
            }
            let size = header.format.sample_bytes() as u64;
            if self.bytes.is_empty() {
                if begun.elapsed() >= PATIENCE {
                    self.reopen();
                    return Ok(Read::Idle);
                }
                thread::sleep(NAP);
                continue;
            }
            // What the producer overwrote meanwhile is not what it was.
            let Ok(after) = self.look() else { continue };
            if after.session != header.session || after.settings != header.settings {
                continue;
            }
            if after.begun.saturating_sub(header.ring_bytes) > self.next {
                continue;
            }
            block.samples.clear();
            header.format.decode(&self.bytes, 1.0, &mut block.samples);
            let samples = self.bytes.len() as u64 / size;
            let lost = std::mem::take(&mut self.lost);
            self.overruns = self.overruns.saturating_add(lost);
            let (counted_ns, late) = self.arrival.place(samples as usize, lost, now_ns());
            let told_ns = header.start_ns.filter(|_| self.info.clock == Clock::Utc);
            let told_ns = told_ns.map(|start| start.saturating_add(time_ns(self.next / size, header.rate_hz)));
            block.time_ns = told_ns.unwrap_or(counted_ns);
            block.gap = std::mem::take(&mut self.gap) || lost > 0 || (late && told_ns.is_none());
            self.next += self.bytes.len() as u64;
            return Ok(Read::Samples);
        }
    }

    fn overruns(&self) -> u64 {
        self.overruns
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

#[cfg(unix)]
fn is_same(a: &File, b: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |file: &File| file.metadata().map(|data| (data.dev(), data.ino())).ok();
    place(a) == place(b)
}

/// Elsewhere a file that is open is not replaced.
#[cfg(not(unix))]
fn is_same(_: &File, _: &File) -> bool {
    true
}
