//! Finding samples in an MP3 file: its frames do not tell where they are, so all of them are listed.

use std::fs::File;
use std::io;
use std::sync::Arc;

use symphonia::core::errors::Error;
use symphonia::core::formats::FormatOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_MP3;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::Packets;
use super::splice::Splice;
use crate::rows::read_at;
use crate::source::file::COMPRESSED;

/// The frames of an MP3 file.
pub(super) struct Mpeg {
    /// For each its place in the file, and in the lowest bits its bytes.
    frames: Vec<u64>,
    /// Samples of a frame.
    samples: i64,
    /// Position of the first frame: below 0, if samples at the beginning are to be left out.
    first: i64,
    end: i64,
}

/// Bits for the length of a frame, which is below 4096 bytes.
const LENGTH_BITS: u32 = 12;
/// Bytes of a frame before its sound at most: header, checksum, side information.
const OVERHEAD: u64 = 38;
/// A frame may begin so many bytes before its own place, among the sound of earlier frames.
const RESERVOIR: u64 = 511;
/// Frames that have to come out as they should before the first that is used: what overlaps, and what filters remember.
const OVERLAP: usize = 3;

impl Mpeg {
    /// Lists the frames, as the container's reader finds them.
    pub(super) fn find(file: &Arc<File>, bytes: u64) -> io::Result<Option<Self>> {
        let mut hint = Hint::new();
        hint.with_extension("mp3");
        let stream = Splice::stream(&Arc::from([]), file, 0, bytes);
        let probed = COMPRESSED.probe(&hint, stream, FormatOptions::default(), MetadataOptions::default());
        let mut reader = match probed {
            Ok(reader) if reader.format_info().format == FORMAT_ID_MP3 => reader,
            Ok(_) => return Ok(None),
            Err(error) => return system(error).map(|()| None),
        };
        let mut follower = Follower { file, held: Vec::new(), from: 0, at: 0 };
        let (mut mpeg, mut first) = (Self { frames: Vec::new(), samples: 0, first: 0, end: 0 }, true);
        loop {
            let packet = match reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(error) => {
                    system(error)?;
                    break;
                }
            };
            let (Some(byte), &[_, second, ..]) = (follower.find(&packet.data)?, &*packet.data) else { break };
            if std::mem::take(&mut first) {
                // Version 1 has two parts of 576 samples, the others have one.
                mpeg.samples = if second >> 3 & 3 == 3 { 1152 } else { 576 };
                mpeg.first = packet.pts.get();
            }
            mpeg.frames.push(byte << LENGTH_BITS | packet.data.len() as u64);
            let kept = mpeg.samples.saturating_sub(i64::try_from(packet.trim_end.get()).unwrap_or(i64::MAX)).max(0);
            if kept > 0 {
                mpeg.end = packet.pts.get().saturating_add(kept);
            }
        }
        mpeg.frames.shrink_to_fit();
        Ok(Some(mpeg).filter(|mpeg| !mpeg.frames.is_empty()))
    }

    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// Frames from before this position on, so far before that the one at it comes out as it should.
    pub(super) fn open(&self, position: i64) -> Packets {
        let number = position.saturating_sub(self.first).max(0) / self.samples.max(1);
        let number = usize::try_from(number).unwrap_or(usize::MAX).min(self.frames.len());
        let mut from = number.saturating_sub(OVERLAP);
        let mut sound = 0;
        while from > 0 && sound < RESERVOIR {
            from -= 1;
            sound += length(self.frames[from]).saturating_sub(OVERHEAD);
        }
        Packets::Frames(from, number)
    }

    /// A frame as a packet, whose bytes are read into `bytes`; none after the last one.
    pub(super) fn packet<'a>(
        &self,
        file: &File,
        number: usize,
        bytes: &'a mut Vec<u8>,
    ) -> io::Result<Option<PacketRef<'a>>> {
        let Some(&frame) = self.frames.get(number) else { return Ok(None) };
        bytes.clear();
        bytes.resize(length(frame) as usize, 0);
        if let Err((_, error)) = read_at(file, frame >> LENGTH_BITS, bytes) {
            return error.map_or(Ok(None), Err);
        }
        let position = self.first.saturating_add((number as i64).saturating_mul(self.samples));
        let duration = Duration::from(self.samples.unsigned_abs());
        Ok(Some(PacketRef::new(0, Timestamp::from(position), duration, bytes)))
    }
}

fn length(frame: u64) -> u64 {
    frame & ((1 << LENGTH_BITS) - 1)
}

/// Errors of the system; anything else is an end.
fn system(error: Error) -> io::Result<()> {
    match error {
        Error::IoError(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => Err(cause),
        _ => Ok(()),
    }
}

/// Finds the places of packets again that come one after the other.
struct Follower<'a> {
    file: &'a File,
    held: Vec<u8>,
    /// Where the bytes held are in the file.
    from: u64,
    /// No packet to come begins before this place.
    at: u64,
}

impl Follower<'_> {
    const PIECE: usize = 1 << 18;

    fn find(&mut self, packet: &[u8]) -> io::Result<Option<u64>> {
        loop {
            let skip = usize::try_from(self.at - self.from).unwrap_or(usize::MAX);
            let rest = self.held.get(skip..).unwrap_or_default();
            if rest.len() < packet.len() {
                self.from = self.at;
                self.held.resize(Self::PIECE, 0);
                let got = match read_at(self.file, self.from, &mut self.held) {
                    Ok(()) => Self::PIECE,
                    Err((_, Some(error))) => return Err(error),
                    Err((got, None)) => got,
                };
                self.held.truncate(got);
                if got < packet.len() {
                    return Ok(None);
                }
                continue;
            }
            if let Some(found) = rest.windows(packet.len()).position(|window| window == packet) {
                let byte = self.at + found as u64;
                self.at = byte + packet.len() as u64;
                return Ok(Some(byte));
            }
            // The end of what is held may be the beginning of the packet.
            self.at += (rest.len() - packet.len() + 1) as u64;
        }
    }
}
