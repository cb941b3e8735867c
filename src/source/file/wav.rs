//! WAV headers that do not tell the truth about lengths.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// "The length is not known", in a RIFF header.
const UNKNOWN: [u8; 4] = [0xFF; 4];

/// A file in which two lengths of a WAV header read as unknown where they are of no use: the length of the whole (it says
/// nothing that the length of the data does not, and is 0 or wrong in many recordings), and a length of the data of 0 with
/// data behind it, as a recorder leaves it that was killed.
pub(super) struct Mended {
    file: File,
    /// Position of the next byte read.
    position: u64,
    /// Where [`UNKNOWN`] stands instead of what the file says.
    patches: [Option<u64>; 2],
}

impl Mended {
    /// Looks at the header, and goes back to the start of the file.
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        let mut patches = [None; 2];
        if file.metadata()?.is_file() {
            patches = find(&mut file)?;
            file.rewind()?;
        }
        Ok(Self { file, position: 0, patches })
    }
}

/// Walks along the chunks up to the data.
fn find(file: &mut File) -> io::Result<[Option<u64>; 2]> {
    let length = file.metadata()?.len();
    let mut header = [0; 12];
    if length < 12 {
        return Ok([None; 2]);
    }
    file.read_exact(&mut header)?;
    if &header[..4] != b"RIFF" || &header[8..] != b"WAVE" {
        return Ok([None; 2]);
    }
    let mut at = 12;
    while at + 8 < length {
        let mut chunk = [0; 8];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut chunk)?;
        let size = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        if &chunk[..4] == b"data" {
            return Ok([Some(4), (size == 0).then_some(at + 4)]);
        }
        // Chunks begin at even places.
        at += 8 + u64::from(size) + u64::from(size & 1);
    }
    Ok([Some(4), None])
}

impl Read for Mended {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        for patch in self.patches.into_iter().flatten() {
            for (offset, byte) in (patch..).zip(UNKNOWN) {
                let index = offset.checked_sub(self.position).and_then(|index| usize::try_from(index).ok());
                if let Some(place) = index.and_then(|index| buffer[..count].get_mut(index)) {
                    *place = byte;
                }
            }
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Mended {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

impl MediaSource for Mended {
    fn is_seekable(&self) -> bool {
        MediaSource::is_seekable(&self.file)
    }

    fn byte_len(&self) -> Option<u64> {
        MediaSource::byte_len(&self.file)
    }
}
