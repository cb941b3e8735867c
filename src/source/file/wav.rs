//! The containers of WAV sound: RIFF, RF64 and BW64 (beyond 4 GiB), and Sony's Wave64.
//!
//! The decoder reads plain RIFF only, trusts its lengths, and takes a long time over many chunks. So the container is read
//! here, and the decoder is given the shortest RIFF header that says the same, followed by the samples.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use crate::source::pipe::RawFormat;

/// What a file turned out to be.
pub(in crate::source) enum Container {
    /// WAV: its samples, behind a header that the decoder understands.
    Wave(Wave),
    /// Something else, from its beginning, and its first bytes.
    Other(Box<dyn MediaSource>, Vec<u8>),
    /// WAV that cannot be read, and why.
    Bad(String),
}

/// Samples behind a header of our own.
pub(in crate::source) struct Wave {
    /// Samples (per channel) that the header promises; none if it leaves that open.
    pub(in crate::source) promised: Option<u64>,
    /// What a receiver noted down.
    pub(in crate::source) receiver: Option<Receiver>,
    format: Option<Format>,
    header: Vec<u8>,
    /// Bytes of the header that were read.
    used: usize,
    file: BufReader<File>,
    /// Where the samples begin, in bytes from the beginning of the file.
    begin: u64,
    /// Bytes of samples still to come.
    left: u64,
}

/// What HDSDR and others note in an `auxi` chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) struct Receiver {
    /// When the recording began, in nanoseconds of UTC since 1970.
    pub(in crate::source) start_ns: Option<i64>,
    /// What 0 Hz of the samples was on the air, in Hz.
    pub(in crate::source) centre_hz: f64,
}

impl Receiver {
    /// Two times of Windows (the beginning and the end), and a frequency in Hz.
    fn parse(bytes: &[u8; 36]) -> Self {
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let centre_hz = f64::from(u32::from_le_bytes([bytes[32], bytes[33], bytes[34], bytes[35]]));
        // Year, month, day of the week, day, hour, minute, second, millisecond.
        let [year, month, _, day, hour, minute, second, ms] = std::array::from_fn(|index| word(2 * index));
        let fits = (1970..2116).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (hour < 24 && minute < 60 && second < 60 && ms < 1000);
        let start_ns = fits.then(|| {
            let days = days_since_1970(i64::from(year), i64::from(month), i64::from(day));
            let seconds = ((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second);
            seconds * 1_000_000_000 + i64::from(ms) * 1_000_000
        });
        Self { start_ns, centre_hz }
    }
}

/// Days from 1970 to a date of the Gregorian calendar. Years begin in March, so that a leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    // 719,468 days from March of the year 0 to 1970.
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// Chunks before the samples at most. Real files have fewer than twenty.
const MOST_CHUNKS: usize = 4096;

/// Channels that the decoder has names for.
const MOST_CHANNELS: u16 = 26;

/// Bytes before the samples that are read and thrown away at most, where a file cannot be sought in.
const MOST_SKIPPED: u64 = 256 << 20;

/// "The length is not known", in a RIFF header.
const UNKNOWN: u32 = u32::MAX;

/// The identifiers of Wave64: these of the file and of its form, and how those of chunks end.
const W64_RIFF: [u8; 16] = *b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";
const W64_WAVE: [u8; 16] = *b"wave\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
const W64_CHUNK: [u8; 12] = *b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";

/// Looks at the beginning of a file.
pub(in crate::source) fn open(file: File) -> io::Result<Container> {
    let data = file.metadata()?;
    let length = data.is_file().then_some(data.len());
    let mut head = Vec::new();
    let mut input = Input { file: BufReader::with_capacity(64 << 10, file), length, at: 0 };
    // As far as it takes to tell the kinds apart, or less if there is less.
    let mut start = [0; 12];
    let got = input.up_to(&mut start)?;
    head.extend_from_slice(&start[..got]);
    let kind = match &start {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E'] => Kind::Riff,
        [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E']
        | [b'B', b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E'] => Kind::Rf64,
        start if start[..] == W64_RIFF[..12] => Kind::W64,
        _ => return other(input, head),
    };
    match wave(input, kind) {
        Ok(wave) => Ok(Container::Wave(wave)),
        Err(Failure::Bad(reason)) => Ok(Container::Bad(reason)),
        Err(Failure::Io(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            Ok(Container::Bad("it ends before its samples begin".to_owned()))
        }
        Err(Failure::Io(cause)) => Err(cause),
    }
}

fn other(input: Input, head: Vec<u8>) -> io::Result<Container> {
    if input.length.is_some() {
        let mut file = input.file.into_inner();
        file.rewind()?;
        return Ok(Container::Other(Box::new(file), head));
    }
    // What was read cannot be read again.
    let again = Wave {
        promised: None,
        receiver: None,
        format: None,
        header: head.clone(),
        used: 0,
        file: input.file,
        begin: 0,
        left: u64::MAX,
    };
    Ok(Container::Other(Box::new(again), head))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Riff,
    Rf64,
    W64,
}

enum Failure {
    Bad(String),
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

/// A file that is read from front to back.
struct Input {
    file: BufReader<File>,
    /// Its length, if it is one that can be sought in.
    length: Option<u64>,
    at: u64,
}

impl Input {
    fn exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Fills as much as there is.
    fn up_to(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut got = 0;
        while got < bytes.len() {
            match self.file.read(&mut bytes[got..]) {
                Ok(0) => break,
                Ok(count) => got += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += got as u64;
        Ok(got)
    }

    /// Skips this many bytes.
    fn skip(&mut self, bytes: u64) -> Result<(), Failure> {
        let end = self.at.checked_add(bytes).ok_or_else(|| Failure::Bad("a chunk has no end".to_owned()))?;
        match self.length {
            // Nothing is read in a file, and what is in the buffer stays there.
            Some(length) if end > length => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Some(_) => {
                // Within a file, so within an i64.
                self.file.seek_relative(i64::try_from(bytes).unwrap_or(i64::MAX))?;
            }
            None if end > MOST_SKIPPED => {
                return Err(Failure::Bad(format!("its samples do not begin within {MOST_SKIPPED} bytes")));
            }
            None => {
                if io::copy(&mut (&mut self.file).take(bytes), &mut io::sink())? < bytes {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
            }
        }
        self.at = end;
        Ok(())
    }
}

/// A chunk: its name, and the bytes that it has by its header.
struct Chunk {
    name: [u8; 4],
    size: u64,
}

/// Reads the chunks up to the samples.
fn wave(mut input: Input, kind: Kind) -> Result<Wave, Failure> {
    if kind == Kind::W64 {
        // The rest of the identifier, the size of the file, and the form.
        let mut rest = [0; 28];
        input.exact(&mut rest)?;
        if rest[..4] != W64_RIFF[12..] || rest[12..] != W64_WAVE {
            return Err(Failure::Bad("a Wave64 file of another kind than sound".to_owned()));
        }
    }
    let mut format: Option<Format> = None;
    // The size of the samples where 32 bits do not hold it.
    let mut long_size = None;
    let mut after_list = false;
    let mut receiver = None;
    for _ in 0..MOST_CHUNKS {
        let chunk = if kind == Kind::W64 { w64_chunk(&mut input)? } else { riff_chunk(&mut input, after_list)? };
        after_list = &chunk.name == b"LIST";
        match &chunk.name {
            b"data" => {
                let format = format
                    .ok_or_else(|| Failure::Bad("its samples come before the chunk that describes them".to_owned()))?;
                let size = match (kind, chunk.size) {
                    (Kind::Rf64, size) if size == u64::from(UNKNOWN) => long_size.filter(|size| *size > 0),
                    (Kind::Riff, size) if size == u64::from(UNKNOWN) => None,
                    (_, size) => Some(size),
                };
                // A recorder that was killed leaves a size of 0 with samples behind it.
                let more = input.length.is_none_or(|length| length > input.at);
                let size = size.filter(|size| *size > 0 || !more);
                return Ok(Wave {
                    promised: size.map(|size| size / u64::from(format.frame_bytes)),
                    receiver,
                    header: format.header(size),
                    format: Some(format),
                    used: 0,
                    begin: input.at,
                    file: input.file,
                    left: size.unwrap_or(u64::MAX),
                });
            }
            b"fmt " => {
                let mut bytes = vec![0; chunk.size.min(64) as usize];
                input.exact(&mut bytes)?;
                format = Some(Format::parse(&bytes).map_err(Failure::Bad)?);
                input.skip(padded(chunk.size, kind) - chunk.size.min(64))?;
            }
            b"auxi" if chunk.size >= 36 => {
                let mut bytes = [0; 36];
                input.exact(&mut bytes)?;
                receiver = Some(Receiver::parse(&bytes));
                input.skip(padded(chunk.size, kind) - 36)?;
            }
            b"ds64" if kind == Kind::Rf64 && chunk.size >= 16 => {
                let mut sizes = [0; 16];
                input.exact(&mut sizes)?;
                long_size = Some(u64_at(&sizes, 8));
                input.skip(padded(chunk.size, kind) - 16)?;
            }
            _ => input.skip(padded(chunk.size, kind))?,
        }
    }
    Err(Failure::Bad(format!("there are no samples among its first {MOST_CHUNKS} chunks")))
}

/// Bytes that a chunk takes in the file: RIFF's begin at even places, those of Wave64 at every eighth byte.
fn padded(size: u64, kind: Kind) -> u64 {
    let unit = if kind == Kind::W64 { 8 } else { 2 };
    size.checked_next_multiple_of(unit).unwrap_or(size)
}

/// Reads the header of a chunk. The sizes of some LISTs leave out pad bytes of what is in them: behind one, the next name may
/// be a few bytes further on.
fn riff_chunk(input: &mut Input, after_list: bool) -> Result<Chunk, Failure> {
    const FURTHEST: usize = 16;
    let (mut name, mut size) = ([0; 4], [0; 4]);
    input.exact(&mut name)?;
    if after_list {
        for _ in 0..FURTHEST {
            if name.iter().all(|byte| (b' '..=b'~').contains(byte)) {
                break;
            }
            name.rotate_left(1);
            input.exact(&mut name[3..])?;
        }
    }
    input.exact(&mut size)?;
    Ok(Chunk { name, size: u64::from(u32::from_le_bytes(size)) })
}

fn w64_chunk(input: &mut Input) -> Result<Chunk, Failure> {
    let mut bytes = [0; 24];
    input.exact(&mut bytes)?;
    // The size counts the header.
    let size = u64_at(&bytes, 16)
        .checked_sub(24)
        .ok_or_else(|| Failure::Bad("a chunk is shorter than its own header".to_owned()))?;
    let known = bytes[4..16] == W64_CHUNK;
    let [a, b, c, d, ..] = bytes;
    Ok(Chunk { name: if known { [a, b, c, d] } else { [0; 4] }, size })
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

/// The contents of a `fmt ` chunk.
struct Format {
    /// 1 for integers, 3 for floats, 6 for A-law, 7 for µ-law.
    tag: u16,
    /// Its fields behind the tag.
    fields: [u8; 14],
    frame_bytes: u16,
}

impl Format {
    /// Checks what the decoder relies on.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let short = || format!("the description of its samples has {} bytes: expected at least 16", bytes.len());
        if bytes.len() < 16 {
            return Err(short());
        }
        let field = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (mut tag, channels, frame_bytes, bits) = (field(0), field(2), field(12), field(14));
        if tag == 0xFFFE {
            if bytes.len() < 40 {
                return Err(short());
            }
            tag = field(24);
        }
        let fits = match tag {
            1 => matches!(bits, 8 | 16 | 24 | 32),
            3 => matches!(bits, 32 | 64),
            6 | 7 => bits == 8,
            _ => {
                return Err(format!(
                    "its samples are compressed ({}): expected PCM, float, A-law or µ-law",
                    coding(tag).map_or(format!("format {tag:#06x}"), str::to_owned)
                ));
            }
        };
        if !fits {
            return Err(format!("its samples have {bits} bits: expected 8, 16, 24 or 32, or 32 or 64 for float"));
        }
        if channels == 0 {
            return Err("it has no channels: expected at least one".to_owned());
        }
        if channels > MOST_CHANNELS {
            return Err(format!("it has {channels} channels: expected 1 to {MOST_CHANNELS}"));
        }
        let expected = u32::from(channels) * u32::from(bits / 8);
        if u32::from(frame_bytes) != expected {
            return Err(format!("a frame of its samples has {frame_bytes} bytes: expected {expected}"));
        }
        let mut fields = [0; 14];
        fields.copy_from_slice(&bytes[2..16]);
        Ok(Self { tag, fields, frame_bytes })
    }

    /// The shortest RIFF header for this many bytes of such samples.
    fn header(&self, size: Option<u64>) -> Vec<u8> {
        let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(UNKNOWN);
        let mut header = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt ".to_vec();
        // The decoder wants a size of an extension behind the fields of A-law and µ-law, and is happy with it elsewhere.
        let extension: &[u8] = if self.tag == 1 { &[] } else { &[0, 0] };
        header.extend((16 + extension.len() as u32).to_le_bytes());
        header.extend(self.tag.to_le_bytes());
        header.extend(self.fields);
        header.extend(extension);
        header.extend(b"data");
        header.extend(size.to_le_bytes());
        header
    }
}

impl Wave {
    /// How the samples are written, in how many channels, and how many come in a second; or why they cannot be read as
    /// they are.
    pub(in crate::source) fn raw(&self) -> Result<(RawFormat, usize, f64), String> {
        let Some(Format { tag, fields, .. }) = &self.format else { return Err("it has none".to_owned()) };
        let bits = u16::from_le_bytes([fields[12], fields[13]]);
        let word = |word: &str| word.parse::<RawFormat>().map_err(|error| error.to_string());
        let format = match (tag, bits) {
            (1, 8) => word("u8")?,
            (1, 16) => word("s16")?,
            (1, 24) => word("s24")?,
            (1, 32) => word("s32")?,
            (3, 32) => word("f32")?,
            (3, 64) => word("f64")?,
            (6, 8) => RawFormat::A_LAW,
            (7, 8) => RawFormat::MU_LAW,
            _ => return Err(format!("its samples have {bits} bits of coding {tag}")),
        };
        let rate = u32::from_le_bytes([fields[2], fields[3], fields[4], fields[5]]);
        Ok((format, usize::from(u16::from_le_bytes([fields[0], fields[1]])), f64::from(rate)))
    }

    /// Where its samples are, in bytes from the beginning of the file, as long as nothing has been read; and the file.
    pub(in crate::source) fn place(self) -> (u64, u64, File) {
        (self.begin, self.left, self.file.into_inner())
    }

    /// Leaves the header out, so that only samples are read. The sizes that recorders write who do not know how long they
    /// will record count as none.
    pub(in crate::source) fn skip_header(&mut self) {
        self.used = self.header.len();
        // arecord: 2 GiB; sox: 2 GiB less 4 KiB; ffmpeg: 4 GiB less 1.
        if self.left >= (2 << 30) - (64 << 10) {
            self.left = u64::MAX;
        }
    }
}

/// What a format tag stands for.
fn coding(tag: u16) -> Option<&'static str> {
    Some(match tag {
        0x0002 => "Microsoft ADPCM",
        0x0011 => "IMA ADPCM",
        0x0031 => "GSM 6.10",
        0x0050 | 0x0055 => "MPEG audio",
        0x00FF | 0x1610 => "AAC",
        0x0161 => "Windows Media Audio",
        0x2000 => "AC-3",
        0x674F..=0x6771 => "Ogg Vorbis",
        _ => return None,
    })
}

/// What a file that cannot be read as sound is, by its first bytes.
pub(in crate::source) fn foreign(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, word: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(word));
    Some(match head {
        _ if at(0, b"OggS") => "an Ogg file (Opus, Speex, or damaged Vorbis)",
        _ if at(0, b"ID3") => "an MP3 file without sound, or damaged",
        [0xFF, second, ..] if second & 0xE6 == 0xE2 => "an MP3 file without sound, or damaged",
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => "an AAC file",
        _ if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => "an AIFF file",
        _ if at(0, b".snd") => "an AU file",
        _ if at(4, b"ftyp") && (at(8, b"hei") || at(8, b"mif1") || at(8, b"avif")) => {
            "a HEIC or AVIF image, and none that is read (PNG, JPEG, TIFF, WebP)"
        }
        _ if at(4, b"ftyp") => "an MP4 file (AAC or ALAC)",
        _ if at(0, b"GIF8") => "a GIF image, and none that is read (PNG, JPEG, TIFF, WebP)",
        _ if at(0, b"BM") && at(6, &[0; 4]) => "a BMP image, and none that is read (PNG, JPEG, TIFF, WebP)",
        _ if at(0, b"PK\x03\x04") => "a ZIP archive; of NumPy's .npz files the arrays are read once they are unpacked",
        _ if at(0, b"\x1F\x8B") => "a gzip archive, which has to be unpacked",
        _ if at(0, b"\x89HDF") => "an HDF5 file; of arrays NumPy's .npy files are read",
        _ if at(0, b"MATLAB") => "a MATLAB file; of arrays NumPy's .npy files are read",
        _ if at(0, b"SIMPLE  =") => "a FITS file; of arrays NumPy's .npy files are read",
        _ if at(0, b"RIFX") => "a big-endian WAV file",
        _ if at(0, b"RIFF") && at(8, b"AVI ") => "an AVI film",
        _ if at(0, b"caff") => "a CAF file",
        _ if at(0, b"MThd") => "a MIDI file",
        _ if at(0, b"wvpk") => "a WavPack file",
        _ if at(0, b"\x30\x26\xB2\x75") => "a WMA file",
        _ if at(0, b"\x1A\x45\xDF\xA3") => "a Matroska or WebM file",
        [year @ .., b'-', _, _, b'-', _, _, b',', _] if year.iter().all(u8::is_ascii_digit) => {
            "text that begins with a date, such as a power scan in CSV"
        }
        _ => return None,
    })
}

impl Read for Wave {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used < self.header.len() {
            let count = (&self.header[self.used..]).read(buffer)?;
            self.used += count;
            return Ok(count);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read(&mut buffer[..most])?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// The decoder asks for it and, told that there is none, does not use it.
impl Seek for Wave {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl MediaSource for Wave {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
