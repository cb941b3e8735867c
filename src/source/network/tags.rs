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
    /// These bytes do not begin with tags, or with tags that cannot be read.
    None,
    /// The bytes end before the tags do.
    More,
    /// Tags, and how many bytes they take.
    Some(Tags, usize),
}

/// Why a value was not read.
enum Fault {
    /// The bytes end within it.
    Short,
    /// It is nothing that is known.
    Bad,
}

impl Tags {
    /// Reads the tags at the beginning of a message.
    pub fn decode(bytes: &[u8]) -> Decoded {
        let mut rest = Bytes(bytes);
        match rest.tags() {
            Ok(tags) => Decoded::Some(tags, bytes.len() - rest.0.len()),
            Err(Fault::Short) if bytes.len() < MOST_BYTES => Decoded::More,
            Err(_) => Decoded::None,
        }
    }
}

/// A value, as far as it is of use.
enum Value<'a> {
    Symbol(&'a [u8]),
    Number(f64),
    Other,
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Fault::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn slice(&mut self, length: u64) -> Result<&'a [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| Fault::Bad)?;
        if length > MOST_BYTES {
            return Err(Fault::Bad);
        }
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Fault::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn tags(&mut self) -> Result<Tags, Fault> {
        // The sender's byte order is that of the magic number. A first byte that is none decides alone.
        let first = *self.0.first().ok_or(Fault::Short)?;
        let big = match first {
            0x5f => true,
            0xf0 => false,
            _ => return Err(Fault::Bad),
        };
        if self.take::<2>()? != if big { [0x5f, 0xf0] } else { [0xf0, 0x5f] } || self.take::<1>()? != [1] {
            return Err(Fault::Bad);
        }
        let number = |bytes| if big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) };
        let mut tags = Tags { offset: number(self.take()?), ..Tags::default() };
        for _ in 0..number(self.take()?) {
            self.take::<8>()?;
            let (key, value, _source) = (self.value()?, self.value()?, self.value()?);
            match (key, value) {
                (Value::Symbol(b"rx_freq"), Value::Number(hz)) => tags.centre_hz = Some(hz),
                (Value::Symbol(b"rx_rate"), Value::Number(hz)) => tags.rate_hz = Some(hz),
                _ => {}
            }
        }
        Ok(tags)
    }

    /// A value and all that belongs to it.
    fn value(&mut self) -> Result<Value<'a>, Fault> {
        let first = self.part()?;
        let (value, mut parts) = first;
        // Each part takes a byte at least, so that this ends with the bytes.
        while parts > 0 {
            parts = (parts - 1).saturating_add(self.part()?.1);
        }
        Ok(value)
    }

    /// A value without its parts, and how many of them follow.
    fn part(&mut self) -> Result<(Value<'a>, u64), Fault> {
        let [kind] = self.take()?;
        let value = match kind {
            // True, false and the empty list.
            0x00 | 0x01 | 0x06 => Value::Other,
            0x02 => {
                let length = u16::from_be_bytes(self.take()?);
                Value::Symbol(self.slice(length.into())?)
            }
            0x03 => Value::Number(i32::from_be_bytes(self.take()?).into()),
            0x04 => Value::Number(f64::from_be_bytes(self.take()?)),
            // A complex number.
            0x05 => {
                self.take::<16>()?;
                Value::Other
            }
            // A pair, and a dictionary, which is a list of pairs.
            0x07 | 0x09 => return Ok((Value::Other, 2)),
            // A vector and a tuple.
            0x08 | 0x0c => return Ok((Value::Other, u32::from_be_bytes(self.take()?).into())),
            0x0a => {
                let [kind] = self.take()?;
                let count = u64::from(u32::from_be_bytes(self.take()?));
                let [padding] = self.take()?;
                self.slice(padding.into())?;
                let size = match kind {
                    0 | 1 => 1,
                    2 | 3 => 2,
                    4 | 5 | 8 => 4,
                    6 | 7 | 9 | 10 => 8,
                    11 => 16,
                    _ => return Err(Fault::Bad),
                };
                self.slice(count * size)?;
                Value::Other
            }
            0x0b => Value::Number(u64::from_be_bytes(self.take()?) as f64),
            0x0d => Value::Number(i64::from_be_bytes(self.take()?) as f64),
            _ => return Err(Fault::Bad),
        };
        Ok((value, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these tags, and samples after it.
    fn message(offset: u64, tags: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0xf0, 0x5f, 1];
        bytes.extend(offset.to_le_bytes());
        bytes.extend((tags.len() as u64).to_le_bytes());
        for tag in tags {
            bytes.extend(offset.to_le_bytes());
            bytes.extend_from_slice(tag);
        }
        bytes
    }

    fn freq(hz: f64) -> Vec<u8> {
        [&b"\x02\0\x07rx_freq\x04"[..], &hz.to_be_bytes(), b"\x02\0\x01s"].concat()
    }

    #[test]
    fn frequency_and_rate_are_found_among_others() {
        let rate = b"\x02\0\x07rx_rate\x0b\0\0\0\0\x01\x31\x2d\0\x06";
        // A time is a tuple of seconds and their fraction; others may be dictionaries and vectors.
        let time = b"\x02\0\x07rx_time\x0c\0\0\0\x02\x0b\0\0\0\0\0\0\0\x05\x04\0\0\0\0\0\0\0\0\x01";
        let other = b"\x02\0\x01a\x09\x07\x02\0\x01b\x03\0\0\0\x01\x06\x0a\x08\0\0\0\x02\x01\0\0\0\0\0\0\0\0\0";
        let freq = freq(7.1e6);
        let whole = message(u64::MAX, &[&time[..], &freq, other, rate]);
        let expected = Tags { offset: u64::MAX, centre_hz: Some(7.1e6), rate_hz: Some(20e6) };
        for more in [&b""[..], b"samples"] {
            let bytes = [&whole[..], more].concat();
            assert_eq!(Tags::decode(&bytes), Decoded::Some(expected, whole.len()));
        }
        for end in 0..whole.len() {
            assert_eq!(Tags::decode(&whole[..end]), Decoded::More, "{end}");
        }
        // From a sender of the other byte order.
        let bytes = b"\x5f\xf0\x01\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\0";
        assert_eq!(Tags::decode(bytes), Decoded::Some(Tags { offset: 9, ..Tags::default() }, HEAD_BYTES));
    }

    #[test]
    fn what_is_no_tag_is_told_from_what_is_not_there_yet() {
        for bytes in [&b"\xf0\x60"[..], b"\0", b"\xf0\x5f\x02", b"\x5f\x5f"] {
            assert_eq!(Tags::decode(bytes), Decoded::None, "{bytes:?}");
        }
        assert_eq!(Tags::decode(&message(0, &[b"\x42"])), Decoded::None);
        // Tags without an end are not waited for for ever.
        let mut endless = message(0, &[]);
        endless[11..19].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(Tags::decode(&endless), Decoded::More);
        endless.resize(MOST_BYTES, 0);
        assert_eq!(Tags::decode(&endless), Decoded::None);
        assert_eq!(Tags::decode(&message(0, &[b"\x0a\x0b\xff\xff\xff\xff\0"])), Decoded::None);
    }
}
