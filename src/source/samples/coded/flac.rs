//! Finding samples in a FLAC file: each of its frames has its number, so that any place tells where it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::{Error, Result};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::default::formats::FlacReader;

use super::Packets;
use super::splice::Splice;
use crate::rows::read_at;

/// The frames of a FLAC file. The container's reader checks each frame by its checksum, so what it takes for a frame is one.
pub(super) struct Flac {
    /// The mark of a FLAC file, and its description of the samples.
    head: Arc<[u8]>,
    /// Where frames begin, and where the file ends, in bytes.
    begin: u64,
    bytes: u64,
    /// Positions of the first sample, and after the last one.
    origin: i64,
    end: i64,
    /// What was found out so far: the position of the first frame at or after a byte of the file.
    places: Mutex<BTreeMap<i64, u64>>,
}

/// A place so many samples before the one that is looked for is near enough: about eight frames.
const NEAR: i64 = 1 << 15;
/// A frame begins within so many bytes, unless they are damaged: none is longer than half of this.
const FURTHEST: u64 = 32 << 20;
/// Places that are kept.
const MOST_PLACES: usize = 1 << 16;

impl Flac {
    pub(super) fn find(
        file: &Arc<File>,
        bytes: u64,
        codec: &AudioCodecParameters,
        origin: i64,
    ) -> io::Result<Option<Self>> {
        let Some(description) = codec.extra_data.as_ref().filter(|data| data.len() == 34) else { return Ok(None) };
        let Some(begin) = begin(file)? else { return Ok(None) };
        // The last of the blocks before the frames, with 34 bytes.
        let head: Vec<u8> = b"fLaC\x80\0\0\x22".iter().chain(&**description).copied().collect();
        let mut flac = Self { head: head.into(), begin, bytes, origin, end: origin, places: Mutex::default() };
        // The end is that of the last frame, wherever a recorder was killed.
        for tail in [1 << 17, 1 << 21, u64::MAX] {
            let from = bytes.saturating_sub(tail).max(begin);
            if let Some(end) = flac.last(file, from)? {
                flac.end = end;
                break;
            }
            if from == begin {
                break;
            }
        }
        Ok(Some(flac))
    }

    pub(super) fn end(&self) -> i64 {
        self.end
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<i64, u64>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self, file: &Arc<File>, bytes: std::ops::Range<u64>) -> Result<FlacReader<'static>> {
        FlacReader::try_new(Splice::stream(&self.head, file, bytes.start, bytes.end), FormatOptions::default())
    }

    /// The position after the last frame from a byte on.
    fn last(&self, file: &Arc<File>, from: u64) -> io::Result<Option<i64>> {
        let mut reader = match self.reader(file, from..self.bytes) {
            Ok(reader) => reader,
            Err(error) => return real(error).map(|()| None),
        };
        let mut end = None;
        loop {
            match reader.next_packet() {
                Ok(Some(packet)) => end = Some(packet.pts.get().saturating_add(packet.dur.get() as i64)),
                Ok(None) => return Ok(end),
                Err(error) => return real(error).map(|()| end),
            }
        }
    }

    /// The position of the first frame at or after a byte; none if there is no more.
    fn probe(&self, file: &Arc<File>, from: u64) -> io::Result<Option<i64>> {
        let end = from.saturating_add(FURTHEST).min(self.bytes);
        let packet = self.reader(file, from..end).and_then(|mut reader| reader.next_packet());
        match packet {
            Ok(packet) => Ok(packet.map(|packet| packet.pts.get())),
            Err(error) => real(error).map(|()| None),
        }
    }

    /// Packets from somewhere at or before this position on, near it.
    pub(super) fn open(&self, file: &Arc<File>, position: i64) -> io::Result<Packets> {
        let from = self.place(file, position)?;
        match self.reader(file, from..self.bytes) {
            Ok(reader) => Ok(Packets::Container(Box::new(reader), 0)),
            Err(error) => real(error).map(|()| Packets::None),
        }
    }

    /// A byte of the file from which the first frame is at or before this position.
    fn place(&self, file: &Arc<File>, position: i64) -> io::Result<u64> {
        let (mut low, mut high) = ((self.begin, self.origin), (self.bytes, self.end));
        {
            let places = self.places();
            if let Some((&at, &byte)) = places.range(..=position).next_back() {
                low = (byte, at);
            }
            if let Some((&at, &byte)) = places.range(position.saturating_add(1)..).next() {
                high = (byte, at);
            }
        }
        // Each second guess is the middle, so that it takes few of them whatever the file is like.
        for guess in 0.. {
            let bytes = high.0.saturating_sub(low.0);
            if position.saturating_sub(low.1) <= NEAR || bytes < 2 {
                break;
            }
            let length = high.1.saturating_sub(low.1).max(1) as f64;
            let part = if guess % 2 == 0 { (position - low.1 - NEAR / 2) as f64 / length } else { 0.5 };
            let byte = low.0 + ((bytes as f64 * part) as u64).clamp(1, bytes - 1);
            match self.probe(file, byte)? {
                Some(at) if at <= position => low = (byte, at.max(low.1)),
                Some(at) => high = (byte, at),
                None => high.0 = byte,
            }
            let mut places = self.places();
            if places.len() < MOST_PLACES {
                for (byte, at) in [low, high].into_iter().filter(|(_, at)| *at < self.end) {
                    places.insert(at, byte);
                }
            }
        }
        Ok(low.0)
    }
}

/// The byte at which frames begin: after all blocks of metadata.
fn begin(file: &File) -> io::Result<Option<u64>> {
    let bytes = |at: u64| -> io::Result<Option<[u8; 10]>> {
        let mut bytes = [0; 10];
        match read_at(file, at, &mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err((_, None)) => Ok(None),
            Err((_, Some(error))) => Err(error),
        }
    };
    let mut at = 0_u64;
    // A tag of another kind before it; its length has seven bits in a byte.
    if let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) = bytes(0)? {
        let length = [a, b, c, d].iter().fold(0, |length, byte| length << 7 | u64::from(byte & 0x7F));
        at = 10 + length + if flags & 0x10 != 0 { 10 } else { 0 };
    }
    if !bytes(at)?.is_some_and(|bytes| bytes.starts_with(b"fLaC")) {
        return Ok(None);
    }
    at += 4;
    loop {
        let Some([kind, a, b, c, ..]) = bytes(at)? else { return Ok(None) };
        at += 4 + (u64::from(a) << 16 | u64::from(b) << 8 | u64::from(c));
        if kind & 0x80 != 0 {
            return Ok(Some(at));
        }
    }
}

/// Errors of the system; what else is wrong with a place only means that there is no frame.
fn real(error: Error) -> io::Result<()> {
    match error {
        Error::IoError(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => Err(cause),
        _ => Ok(()),
    }
}
