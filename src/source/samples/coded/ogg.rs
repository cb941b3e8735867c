//! Finding samples in an Ogg Vorbis file: each page tells the position of its end.

use std::fs::File;
use std::io;
use std::sync::Arc;

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatOptions;
use symphonia::default::formats::OggReader;

use super::Packets;
use super::splice::Splice;
use crate::rows::read_at;

/// The pages of a Vorbis stream.
pub(super) struct Ogg {
    /// All pages before the first with sound.
    head: Arc<[u8]>,
    serial: u32,
    pages: Vec<Page>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Page {
    /// Where it is in the file.
    byte: u64,
    /// Position after the last of its samples.
    end: i64,
}

/// The fixed part of a page's header.
const HEADER: usize = 27;
/// Header packets of a stream: what it is, remarks, tables.
const HEADERS: usize = 3;
/// Bytes of header pages at most.
const MOST_HEAD: u64 = 64 << 20;

/// A page's header.
#[derive(Clone, Copy, Debug)]
struct Header {
    position: i64,
    serial: u32,
    is_first: bool,
    /// Packets that end in it.
    packets: usize,
    /// Bytes of the page with its header.
    bytes: u64,
}

impl Ogg {
    pub(super) fn find(
        file: &Arc<File>,
        bytes: u64,
        codec: &AudioCodecParameters,
        serial: u32,
    ) -> io::Result<Option<Self>> {
        if codec.codec != CODEC_ID_VORBIS {
            return Ok(None);
        }
        let (mut at, mut headers, mut head, mut pages) = (0, 0, None, Vec::new());
        let mut begun = false;
        while at < bytes {
            let Some(header) = header(file, at)? else {
                // Damaged: the next page is somewhere behind it.
                match next(file, at + 1)? {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            };
            let (byte, own) = (at, header.serial == serial);
            at += header.bytes;
            if at > bytes {
                // The file ends within this page.
                break;
            }
            if header.is_first && begun {
                // Another stream follows, which is not played either.
                break;
            }
            begun |= !header.is_first;
            match (own, head.is_some()) {
                (true, false) => {
                    headers += header.packets;
                    if headers >= HEADERS {
                        head = Some(at);
                    }
                }
                // Without a position no packet ends in it.
                (true, true) if header.position >= 0 && header.packets > 0 => {
                    pages.push(Page { byte, end: header.position })
                }
                _ => {}
            }
        }
        let Some(length) = head.filter(|length| *length <= MOST_HEAD && !pages.is_empty()) else { return Ok(None) };
        let mut head = vec![0; length as usize];
        if let Err((_, error)) = read_at(file, 0, &mut head) {
            return error.map_or(Ok(None), Err);
        }
        Ok(Some(Self { head: head.into(), serial, pages }))
    }

    pub(super) fn end(&self) -> i64 {
        self.pages.last().map_or(0, |last| last.end)
    }

    /// Packets from before this position on: those of two pages more, since the first packet has no sound yet, and the position
    /// of the first page follows from its end only if it is not the last one.
    pub(super) fn open(&self, file: &Arc<File>, bytes: u64, position: i64) -> io::Result<Packets> {
        let page = self.pages.partition_point(|page| page.end <= position).saturating_sub(2);
        let from = if page == 0 { self.head.len() as u64 } else { self.pages[page].byte };
        match OggReader::try_new(Splice::stream(&self.head, file, from, bytes), FormatOptions::default()) {
            Ok(reader) => Ok(Packets::Container(Box::new(reader), self.serial)),
            Err(Error::IoError(cause)) if cause.kind() != io::ErrorKind::UnexpectedEof => Err(cause),
            Err(_) => Ok(Packets::None),
        }
    }
}

/// The header of the page that begins here, if one does.
fn header(file: &File, at: u64) -> io::Result<Option<Header>> {
    let mut bytes = [0; HEADER + 255];
    let got = match read_at(file, at, &mut bytes) {
        Ok(()) => bytes.len(),
        Err((_, Some(error))) => return Err(error),
        Err((got, None)) => got,
    };
    let [b'O', b'g', b'g', b'S', 0, flags, rest @ ..] = &bytes else { return Ok(None) };
    let (Some(position), Some(serial)) = (rest.first_chunk(), rest[8..].first_chunk()) else { return Ok(None) };
    let segments = HEADER + usize::from(bytes[26]);
    if got < segments {
        return Ok(None);
    }
    let lengths = &bytes[HEADER..segments];
    Ok(Some(Header {
        position: i64::from_le_bytes(*position),
        serial: u32::from_le_bytes(*serial),
        is_first: flags & 2 != 0,
        packets: lengths.iter().filter(|length| **length < 255).count(),
        bytes: segments as u64 + lengths.iter().map(|length| u64::from(*length)).sum::<u64>(),
    }))
}

/// The next place at or after this one that looks like a page.
fn next(file: &File, mut at: u64) -> io::Result<Option<u64>> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let got = match read_at(file, at, &mut bytes) {
            Ok(()) => bytes.len(),
            Err((_, Some(error))) => return Err(error),
            Err((got, None)) => got,
        };
        if let Some(found) = bytes[..got].windows(5).position(|window| window == b"OggS\0") {
            return Ok(Some(at + found as u64));
        }
        if got < bytes.len() {
            return Ok(None);
        }
        at += got as u64 - 4;
    }
}
