//! OpenIGTLink: images from another program over TCP, as rows.
//!
//! The codec is pure: bytes in, messages out ([`Assembler`], [`Message`], [`Image`]). [`IgtlRows`] is the source. It connects,
//! or listens for one peer at a time; if the peer disconnects, it waits for it to return.
//!
//! The rows of each image are appended. Axes of one pixel are ignored; the first remaining axis is the bins, in units of
//! one, and the others are the rows. A sub-volume adds the rows that it contains. Versions 1 to 3 of the header are supported.

mod address;
mod crc;
mod error;
mod image;
mod link;
mod message;
mod place;
mod query;
mod rows;

pub use address::{Address, PORT};
pub use crc::crc64;
pub use error::IgtlError;
pub use image::{Image, RowLayout, Scalar};
pub use message::{Assembler, HEADER_BYTES, Header, Message, Metadata, Timestamp};
pub use query::{StatusContent, answer};
pub use rows::{IgtlOptions, IgtlRows};
