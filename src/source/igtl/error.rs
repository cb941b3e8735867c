//! Errors in the bytes of a peer.

/// Why bytes are not a valid OpenIGTLink message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IgtlError {
    /// A field has an invalid value.
    #[error("{part}: {field}: expected {expected}, got {got}")]
    Field {
        /// `header`, `extended header`, `metadata`, `image` or `status`.
        part: &'static str,
        /// The field.
        field: &'static str,
        /// What was expected.
        expected: String,
        /// What was there.
        got: String,
    },
    /// A message is longer than the reader accepts.
    #[error("a message of {bytes} bytes: expected at most {limit}")]
    TooLong {
        /// Bytes of its body, according to its header.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The checksum does not match the body.
    #[error("checksum (CRC-64): the header says {expected:016x}, the body has {got:016x}")]
    Checksum {
        /// What the header says.
        expected: u64,
        /// That of the body.
        got: u64,
    },
}

pub(super) fn field<T>(
    part: &'static str,
    field: &'static str,
    expected: impl ToString,
    got: impl ToString,
) -> Result<T, IgtlError> {
    Err(IgtlError::Field { part, field, expected: expected.to_string(), got: got.to_string() })
}

/// A number in big-endian order at this place.
pub(super) fn at<const N: usize>(bytes: &[u8], part: &'static str, place: usize) -> Result<[u8; N], IgtlError> {
    match bytes.get(place..).and_then(|rest| rest.first_chunk::<N>()) {
        Some(chunk) => Ok(*chunk),
        None => field(part, "length", format!("at least {} bytes", place.saturating_add(N)), bytes.len()),
    }
}
