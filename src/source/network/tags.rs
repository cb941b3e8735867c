//! The tags that GNU Radio's ZMQ sinks send in front of samples, as far as they say how samples are.
//!
//! From `gr-zeromq` (`tag_headers.cc`) and the serialization of PMT (`pmt.cc`): a header in the sender's byte order, and in it values
//! whose numbers are big-endian.

/// Bytes of the fixed part: magic, version, offset of the first sample, and the number of tags.
pub const HEAD_BYTES: usize = 2 + 1 + 8 + 8;

/// The longest tags that are read.
pub const MOST_BYTES: usize = 1 << 20;

/// What tags say. Values that are not there, or not numbers, are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Tags {
    /// Number of the message's first sample, counted from the sender's beginning.
    pub offset: u64,
    /// Frequency on the air (`rx_freq`), in Hz.
    pub centre_hz: Option<f64>,
    /// Samples a second (`rx_rate`), in Hz.
    pub rate_hz: Option<f64>,
}

/// The result of [`Tags::decode`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decoded {
    /// There are no tags at the beginning of these bytes.
    None,
    /// The bytes end before the tags do.
    More,
    /// Tags, and how many bytes they take.
    Some(Tags, usize),
}

impl Tags {
    /// Reads the tags at the beginning of a message.
    pub fn decode(bytes: &[u8]) -> Decoded {
        Self::read(bytes).unwrap_or(if bytes.len() < MOST_BYTES { Decoded::More } else { Decoded::None })
    }

    /// None if the bytes end too early.
    fn read(bytes: &[u8]) -> Option<Decoded> {
        let mut at = Bytes(bytes);
        let magic = at.take::<2>()?;
        let [version] = at.take::<1>()?;
        // The sender's byte order is that of the magic number.
        let big = match magic {
            [0x5f, 0xf0] => true,
            [0xf0, 0x5f] => false,
            _ => return Some(Decoded::None),
        };
        if version != 1 {
            return Some(Decoded::None);
        }
        let number = |bytes| if big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) };
        let mut tags = Self { offset: number(at.take()?), ..Self::default() };
        let count = number(at.take()?);
        // A tag has an offset and three values of at least a byte.
        if count > (MOST_BYTES / 11) as u64 {
            return Some(Decoded::None);
        }
        for _ in 0..count {
            at.take::<8>()?;
            let (Step::Some(key), Step::Some(value)) = (at.value(0), at.value(0)) else { return at.0.is_empty().then_some(Decoded::None).filter(|_| false) };
            let _ = at.value(0);
            let number = match value {
                Value::Number(number) if number.is_finite() => number,
                _ => continue,
            };
            match key {
                Value::Symbol(b"rx_freq") => tags.centre_hz = Some(number),
                Value::Symbol(b"rx_rate") => tags.rate_hz = Some(number),
                _ => {}
            }
        }
        Some(Decoded::Some(tags, bytes.len() - at.0.len()))
    }
}
