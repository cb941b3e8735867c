//! OpenIGTLink: images from another program over TCP, as rows or as frames.
//!
//! The codec is pure: bytes in, messages out ([`Assembler`], [`Message`], [`Image`]). [`IgtlRows`] and [`IgtlFrames`]
//! are the sources. They connect, or listen for one peer at a time; if the peer disconnects, they wait for it to return.
//!
//! As frames, each image is a picture. As rows, the rows of each image are appended. Axes of one pixel are ignored; the first
//! remaining axis is the bins, in units of one, and the others are the rows. A sub-volume adds the rows that it contains.
//! Versions 1 to 3 of the header are supported.

mod address;
mod crc;
mod error;
mod frames;
mod image;
mod link;
mod message;
mod query;
mod rows;
mod stream;

pub use address::{Address, PORT};
pub use crc::crc64;
pub use error::IgtlError;
pub use frames::IgtlFrames;
pub use image::{Image, RowLayout, Scalar};
pub use message::{Assembler, HEADER_BYTES, Header, Message, Metadata, Timestamp};
pub use query::{StatusContent, answer};
pub use rows::{IgtlOptions, IgtlRows};
