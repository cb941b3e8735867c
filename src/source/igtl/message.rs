//! Messages: header, extended header, metadata, and extracting them from a stream.

use std::borrow::Cow;

use super::crc::crc64;
use super::error::{IgtlError, at, field};

/// Bytes of a header.
pub const HEADER_BYTES: usize = 58;

/// Bytes of an extended header, as this program writes it.
const EXTENDED_BYTES: usize = 12;

/// When a message was made: seconds since the Unix epoch in the upper 32 bits, a binary fraction in the lower. 0 means no
/// time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Nanoseconds since 1970 (UTC), if there is a time.
    pub fn ns(self) -> Option<i64> {
        let fraction = ((self.0 & 0xffff_ffff) * 1_000_000_000 + (1 << 31)) >> 32;
        (self.0 != 0).then(|| (self.0 >> 32) as i64 * 1_000_000_000 + fraction as i64)
    }

    /// The nearest time that can be expressed; none before 1970 and after 2106.
    pub fn from_ns(ns: i64) -> Self {
        let seconds = u32::try_from(ns.div_euclid(1_000_000_000));
        let fraction = ((ns.rem_euclid(1_000_000_000) as u64) << 32) / 1_000_000_000;
        Self(seconds.map_or(0, |seconds| u64::from(seconds) << 32 | fraction))
    }
}

/// The first 58 bytes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// 1 for protocols 1 and 2; 2 and 3 have an extended header.
    pub version: u16,
    /// The type: `IMAGE`, `GET_STATUS` and so on.
    pub kind: String,
    /// Name of the device.
    pub device: String,
    /// When the message was made.
    pub time: Timestamp,
    /// Bytes that follow.
    pub body_bytes: u64,
    /// CRC-64 of them.
    pub crc: u64,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// [`IgtlError::Field`]: a version other than 1 to 3, or a type that is not printable ASCII.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, IgtlError> {
        let version = u16::from_be_bytes(at(bytes, "header", 0)?);
        if !(1..=3).contains(&version) {
            return field("header", "version", "1 to 3", version);
        }
        let kind = name(&bytes[2..14]);
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_graphic()) {
            return field("header", "type", "a word such as IMAGE", format!("{kind:?}"));
        }
        Ok(Self {
            version,
            kind,
            device: name(&bytes[14..34]),
            time: Timestamp(u64::from_be_bytes(at(bytes, "header", 34)?)),
            body_bytes: u64::from_be_bytes(at(bytes, "header", 42)?),
            crc: u64::from_be_bytes(at(bytes, "header", 50)?),
        })
    }
}

/// Text up to the first NUL, without trailing blanks.
fn name(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).trim_end().to_owned()
}

/// A key and its value in a message of protocol 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The key.
    pub key: String,
    /// IANA's number of the value's encoding: 3 is ASCII, 106 UTF-8.
    pub encoding: u16,
    /// The value.
    pub value: Vec<u8>,
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message<'a> {
    /// The header's version: 1, or 2 and 3 with `id` and `metadata`.
    pub version: u16,
    /// The type, of 1 to 12 bytes.
    pub kind: String,
    /// Name of the device, of 20 bytes at most.
    pub device: String,
    /// When it was made.
    pub time: Timestamp,
    /// Its number.
    pub id: u32,
    /// Keys and values.
    pub metadata: Vec<Metadata>,
    /// The content: for `IMAGE`, an [`Image`](super::Image).
    pub content: Cow<'a, [u8]>,
}

impl<'a> Message<'a> {
    /// A message of header version 1, without a time.
    pub fn new(kind: impl Into<String>, device: impl Into<String>, content: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            version: 1,
            kind: kind.into(),
            device: device.into(),
            time: Timestamp::default(),
            id: 0,
            metadata: Vec::new(),
            content: content.into(),
        }
    }

    /// Parses the body that follows `header`, and checks its CRC.
    ///
    /// # Errors
    /// [`IgtlError::Checksum`], and [`IgtlError::Field`] for lengths that do not fit the body.
    pub fn decode(header: &Header, body: &'a [u8]) -> Result<Self, IgtlError> {
        if body.len() as u64 != header.body_bytes {
            return field("header", "body size", header.body_bytes, body.len());
        }
        let got = crc64(body);
        if got != header.crc {
            return Err(IgtlError::Checksum { expected: header.crc, got });
        }
        let mut message = Self::new(header.kind.as_str(), header.device.as_str(), body);
        message.version = header.version;
        message.time = header.time;
        // A query may have an empty body.
        if header.version < 2 || body.is_empty() {
            return Ok(message);
        }
        const PART: &str = "extended header";
        let own = usize::from(u16::from_be_bytes(at(body, PART, 0)?));
        let index = usize::from(u16::from_be_bytes(at(body, PART, 2)?));
        let data = u32::from_be_bytes(at(body, PART, 4)?);
        message.id = u32::from_be_bytes(at(body, PART, 8)?);
        if own < EXTENDED_BYTES || own > body.len() {
            return field(PART, "size", format!("12 to {}", body.len()), own);
        }
        let rest = &body[own..];
        let behind = index as u64 + u64::from(data);
        let Some(end) = rest.len().checked_sub(usize::try_from(behind).unwrap_or(usize::MAX)) else {
            return field(PART, "size of metadata", format!("{} bytes at most", rest.len()), behind);
        };
        let (content, behind) = rest.split_at(end);
        let (index, data) = behind.split_at(index);
        message.content = Cow::Borrowed(content);
        message.metadata = metadata(index, data)?;
        Ok(message)
    }

    /// The bytes of the message.
    ///
    /// # Errors
    /// [`IgtlError::Field`]: a version other than 1 to 3, a name that is too long, metadata in version 1 or more of it than
    /// fits its fields.
    pub fn encode(&self) -> Result<Vec<u8>, IgtlError> {
        if !(1..=3).contains(&self.version) {
            return field("header", "version", "1 to 3", self.version);
        }
        for (what, name, most) in [("type", &self.kind, 12), ("device name", &self.device, 20)] {
            if name.len() > most {
                return field("header", what, format!("{most} bytes at most"), format!("{name:?}"));
            }
        }
        if self.version == 1 && !self.metadata.is_empty() {
            return field("metadata", "count", "0 with version 1", self.metadata.len());
        }
        let mut bytes = vec![0; HEADER_BYTES];
        if self.version > 1 {
            let (mut index, mut data) = (Vec::new(), Vec::new());
            let short = |what, length: usize| {
                u16::try_from(length).or_else(|_| field("metadata", what, "65535 at most", length))
            };
            let long = |what, length: usize| {
                u32::try_from(length).or_else(|_| field("metadata", what, "4294967295 at most", length))
            };
            index.extend(short("count", self.metadata.len())?.to_be_bytes());
            for Metadata { key, encoding, value } in &self.metadata {
                index.extend(short("length of a key", key.len())?.to_be_bytes());
                index.extend(encoding.to_be_bytes());
                index.extend(long("length of a value", value.len())?.to_be_bytes());
                data.extend_from_slice(key.as_bytes());
                data.extend_from_slice(value);
            }
            bytes.extend((EXTENDED_BYTES as u16).to_be_bytes());
            bytes.extend(short("size of the index", index.len())?.to_be_bytes());
            bytes.extend(long("size", data.len())?.to_be_bytes());
            bytes.extend(self.id.to_be_bytes());
            bytes.extend_from_slice(&self.content);
            bytes.extend(index);
            bytes.extend(data);
        } else {
            bytes.extend_from_slice(&self.content);
        }
        let (header, body) = bytes.split_at_mut(HEADER_BYTES);
        header[..2].copy_from_slice(&self.version.to_be_bytes());
        header[2..2 + self.kind.len()].copy_from_slice(self.kind.as_bytes());
        header[14..14 + self.device.len()].copy_from_slice(self.device.as_bytes());
        header[34..42].copy_from_slice(&self.time.0.to_be_bytes());
        header[42..50].copy_from_slice(&(body.len() as u64).to_be_bytes());
        header[50..58].copy_from_slice(&crc64(body).to_be_bytes());
        Ok(bytes)
    }
}

fn metadata(index: &[u8], data: &[u8]) -> Result<Vec<Metadata>, IgtlError> {
    const PART: &str = "metadata";
    if index.is_empty() {
        return Ok(Vec::new());
    }
    let count = usize::from(u16::from_be_bytes(at(index, PART, 0)?));
    let mut found = Vec::new();
    let mut data = data;
    for entry in 0..count {
        let place = 2 + 8 * entry;
        let key = usize::from(u16::from_be_bytes(at(index, PART, place)?));
        let encoding = u16::from_be_bytes(at(index, PART, place + 2)?);
        let value = u32::from_be_bytes(at(index, PART, place + 4)?) as usize;
        let Some((key, rest)) = data.split_at_checked(key) else {
            return field(PART, "length of a key", format!("{} at most", data.len()), key);
        };
        let Some((value, rest)) = rest.split_at_checked(value) else {
            return field(PART, "length of a value", format!("{} at most", rest.len()), value);
        };
        data = rest;
        found.push(Metadata { key: String::from_utf8_lossy(key).into_owned(), encoding, value: value.to_vec() });
    }
    Ok(found)
}

/// Extracts messages from a stream of bytes that arrives in arbitrary pieces.
///
/// It keeps bodies only of the wanted types, and allocates memory as their bytes arrive: a header that announces a long body
/// costs nothing.
#[derive(Debug)]
pub struct Assembler {
    limit: u64,
    wanted: fn(&Header) -> bool,
    head: Vec<u8>,
    header: Option<Header>,
    body: Vec<u8>,
    /// Bytes of the body that are still to come, and whether they are kept.
    missing: u64,
    keep: bool,
}

impl Assembler {
    /// Accepts bodies of up to `limit` bytes, and skips types that are not `wanted`.
    pub fn new(limit: u64, wanted: fn(&Header) -> bool) -> Self {
        Self { limit, wanted, head: Vec::new(), header: None, body: Vec::new(), missing: 0, keep: false }
    }

    /// Consumes bytes from the front of `bytes`; at the end of a wanted message it stops and returns it.
    ///
    /// # Errors
    /// Errors after which the rest of the stream is unreadable: those of [`Header::decode`], and [`IgtlError::TooLong`].
    pub fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<(Header, &[u8])>, IgtlError> {
        loop {
            if self.header.is_none() {
                let count = (HEADER_BYTES - self.head.len()).min(bytes.len());
                let (head, rest) = bytes.split_at(count);
                self.head.extend_from_slice(head);
                *bytes = rest;
                let Some(head) = self.head.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
                let header = Header::decode(head)?;
                if header.body_bytes > self.limit {
                    return Err(IgtlError::TooLong { bytes: header.body_bytes, limit: self.limit });
                }
                self.missing = header.body_bytes;
                self.keep = (self.wanted)(&header);
                self.body.clear();
                self.header = Some(header);
            }
            let count = usize::try_from(self.missing).unwrap_or(usize::MAX).min(bytes.len());
            let (body, rest) = bytes.split_at(count);
            if self.keep {
                self.body.extend_from_slice(body);
            }
            *bytes = rest;
            self.missing -= count as u64;
            if self.missing > 0 {
                return Ok(None);
            }
            self.head.clear();
            if let Some(header) = self.header.take()
                && self.keep
            {
                return Ok(Some((header, &self.body)));
            }
        }
    }

    /// Whether a message has begun and not ended.
    pub fn is_within(&self) -> bool {
        self.header.is_some() || !self.head.is_empty()
    }
}
