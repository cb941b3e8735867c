//! The messages of a peer: extracting them, answering queries, skipping what is damaged or not wanted.

use std::fmt::Display;
use std::sync::Arc;

use super::link::{Got, Link};
use super::query::answer;
use super::{Assembler, Header, IgtlError, IgtlOptions, Image, Message, StatusContent};
use crate::source::pace::now_ns;
use crate::source::{Read, SourceError};

/// The images of a peer, from its stream of messages.
#[derive(Debug)]
pub(super) struct Stream {
    options: IgtlOptions,
    link: Link,
    assembler: Assembler,
    /// The device whose images are wanted, once it is known.
    device: Option<String>,
    /// Bytes from the link that have been processed.
    at: usize,
    /// Memory is needed for the whole image even if only a part of it comes.
    whole: bool,
    /// Messages that were damaged, and streams that ended in the middle of one.
    pub(super) gaps: u64,
    said: Said,
}

/// Warnings that were given and are not repeated.
#[derive(Debug, Default)]
struct Said {
    broken: bool,
    others: bool,
    status: bool,
}

/// Takes an image and the time of its message, in nanoseconds of UTC.
pub(super) type TakeImage<'a> = &'a mut dyn FnMut(i64, &Image<'_>) -> Result<(), SourceError>;

/// A timestamp that is farther in the future than this is not believed.
const AHEAD_NS: i64 = 60_000_000_000;

impl Stream {
    /// Listens, or gets ready to connect.
    pub(super) fn open(options: &IgtlOptions) -> Result<Self, SourceError> {
        Ok(Self {
            link: Link::new(&options.address, options.stall)?,
            assembler: assembler(options.most_bytes),
            device: options.device.clone(),
            at: 0,
            whole: false,
            gaps: 0,
            said: Said::default(),
            options: options.clone(),
        })
    }

    /// Skips parts of images that are as a whole longer than a message may be.
    pub(super) fn of_whole_images(mut self) -> Self {
        self.whole = true;
        self
    }

    /// The peer's address, with the port that is listened on.
    pub(super) fn name(&self) -> String {
        super::Address { port: self.link.port(), ..self.options.address.clone() }.to_string()
    }

    /// The port that it listens on, which is a free one if 0 was requested.
    pub(super) fn port(&self) -> u16 {
        self.link.port()
    }

    /// Reads for at most about 100 ms, up to the next image. [`Read::Samples`] if there was one.
    pub(super) fn next(&mut self, image: TakeImage<'_>) -> Result<Read, SourceError> {
        if self.messages_in_bytes(image)? {
            return Ok(Read::Samples);
        }
        let got = self.link.read();
        self.at = 0;
        match got {
            Got::NoPeer => return Ok(if self.link.is_first() { Read::Opening } else { Read::Waiting }),
            Got::Connected => return Ok(Read::Idle),
            Got::Lost => {
                self.gaps += u64::from(self.assembler.is_within());
                self.lost();
                return Ok(Read::Waiting);
            }
            Got::Nothing => {
                if self.assembler.is_within() && self.link.silent() > self.options.stall {
                    self.warn("the peer stopped in the middle of a message; reconnecting");
                    self.gaps += 1;
                    self.lost();
                    self.link.close();
                }
                return Ok(Read::Idle);
            }
            Got::Some => {}
        }
        Ok(if self.messages_in_bytes(image)? { Read::Samples } else { Read::Idle })
    }

    /// Extracts messages from the received bytes, up to the first image. Returns whether there was one.
    fn messages_in_bytes(&mut self, take: TakeImage<'_>) -> Result<bool, SourceError> {
        loop {
            let mut rest = &self.link.bytes[self.at..];
            let before = rest.len();
            let taken = self.assembler.take(&mut rest);
            self.at += before - rest.len();
            let (header, body) = match taken {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(false),
                Err(error) => {
                    self.warn(&format!("invalid data: {error}; reconnecting"));
                    self.gaps += 1;
                    self.lost();
                    self.link.close();
                    return Ok(false);
                }
            };
            self.link.completed();
            let other = self.device.as_ref().is_some_and(|device| *device != header.device);
            if header.kind == "IMAGE" && other {
                if !self.said.others {
                    let (chosen, skipped) = (self.device.as_deref().unwrap_or_default(), &header.device);
                    self.warn(&format!(
                        "images of device {skipped:?} are skipped: {chosen:?} is shown (--device-name)"
                    ));
                    self.said.others = true;
                }
                continue;
            }
            let message = match Message::decode(&header, body) {
                Ok(message) => message,
                Err(error) => {
                    self.broken(&header.kind, &error);
                    continue;
                }
            };
            match message.kind.as_str() {
                "IMAGE" => match Image::decode(&message.content) {
                    Ok(image) if self.whole && image.whole_bytes() > u128::from(self.options.most_bytes) => {
                        let bytes = u64::try_from(image.whole_bytes()).unwrap_or(u64::MAX);
                        self.broken("IMAGE", &IgtlError::TooLong { bytes, limit: self.options.most_bytes });
                    }
                    Ok(image) => {
                        take(time_ns(&header), &image)?;
                        self.device.get_or_insert(header.device);
                        return Ok(true);
                    }
                    Err(error) => self.broken("IMAGE", &error),
                },
                "STATUS" => match StatusContent::decode(&message.content) {
                    Ok(status) if status.code != StatusContent::OK && !self.said.status => {
                        self.said.status = true;
                        self.warn(&format!("its status is {}: {} {}", status.code, status.name, status.text));
                    }
                    Ok(status) => log::debug!("{}: {status:?}", self.name()),
                    Err(error) => self.broken("STATUS", &error),
                },
                _ => {
                    if let Some(Ok(bytes)) = answer(&message).map(|answer| answer.encode()) {
                        self.link.send(&bytes);
                    }
                }
            }
        }
    }

    /// What was last wrong with the peer, or with what it sent.
    pub(super) fn warning(&self) -> Option<Arc<SourceError>> {
        self.link.warning()
    }

    fn warn(&mut self, reason: &str) {
        self.link.warn(format!("{}: {reason}", self.name()));
    }

    /// Skips an image that cannot be shown.
    pub(super) fn skip(&mut self, error: &SourceError) {
        self.broken("IMAGE", error);
    }

    /// Skips a message.
    fn broken(&mut self, kind: &str, error: &dyn Display) {
        self.gaps += 1;
        if !self.said.broken {
            self.warn(&format!("skipped a message of type {kind} (further ones are only counted): {error}"));
            self.said.broken = true;
        }
    }

    /// The stream has ended, and the next bytes are the beginning of another.
    fn lost(&mut self) {
        self.assembler = assembler(self.options.most_bytes);
        self.at = self.link.bytes.len();
    }
}

fn assembler(most_bytes: u64) -> Assembler {
    Assembler::new(most_bytes, |header| {
        let kind = header.kind.as_str();
        matches!(kind, "IMAGE" | "STATUS") || matches!(kind.get(..4), Some("GET_" | "STT_" | "STP_"))
    })
}

/// When a message was made: its timestamp or, if that is missing or in the future, the time of its arrival.
fn time_ns(header: &Header) -> i64 {
    let now_ns = now_ns();
    header.time.ns().filter(|time| *time <= now_ns.saturating_add(AHEAD_NS)).unwrap_or(now_ns)
}
