//! Samples of a ZeroMQ publisher, such as GNU Radio's ZMQ PUB Sink.

use std::sync::Arc;
use std::time::Duration;

use super::peer::{self, Out, Speech};
use super::queue::{Air, Coding};
use super::receiver::Receiver;
use super::tags::{Decoded, Tags};
use super::zmtp::{self, Decoder, Event};
use super::{PeerAddress, Protocol, ahead, check_rate};
use crate::source::{Clock, Control, RawFormat, SourceError};

/// The publisher, and what its samples are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ZmqOptions {
    /// The publisher, or where to wait for one; with the key of the messages, if they have one.
    pub address: PeerAddress,
    /// How the samples are written. A message has whole ones.
    pub format: RawFormat,
    /// Samples a second, in Hz, until a tag says otherwise.
    pub rate_hz: f64,
    /// What 0 Hz of the samples is on the air, in Hz, until a tag says otherwise.
    pub centre_hz: f64,
    /// Live, on [`Clock::Utc`]: a publisher that is lost is waited for. Otherwise time begins at 0, and the source ends with
    /// the connection.
    pub live: bool,
}

impl ZmqOptions {
    /// Live samples around 0 Hz.
    pub fn new(address: PeerAddress, format: RawFormat, rate_hz: f64) -> Self {
        Self { address, format, rate_hz, centre_hz: 0.0, live: true }
    }
}

/// Samples of a ZeroMQ publisher (PUB).
///
/// A message is samples; if there is a key, it has a frame of its own before them. GNU Radio's tags are recognised in the
/// first message of a connection: their `rx_freq` and `rx_rate` change frequency and rate, and their offsets show how
/// many samples the publisher has dropped. Without tags that cannot be seen. Security is not supported.
#[derive(Debug)]
pub struct ZmqSamples {
    pub(super) receiver: Receiver,
    port: u16,
}

impl ZmqSamples {
    /// Listens, or begins to connect.
    ///
    /// # Errors
    /// [`SourceError::Open`] if the port is not available, [`SourceError::Rate`] and [`SourceError::Thread`].
    pub fn open(options: &ZmqOptions) -> Result<Self, SourceError> {
        let ZmqOptions { mut address, format, rate_hz, centre_hz, live } = options.clone();
        address.expect(Protocol::Zmq)?;
        check_rate(&address.to_string(), rate_hz)?;
        let listener = peer::listen(&mut address)?;
        let air = Arc::new(Air::new(Coding::Raw(format), rate_hz, centre_hz));
        let clock = if live { Clock::Utc } else { Clock::File };
        let limit = ahead(rate_hz * format.sample_bytes() as f64);
        let (receiver, shared, commands) = Receiver::new(address.to_string(), clock, &air, limit);
        let port = address.port;
        let subscriber = Subscriber::new(address.key.clone().into_bytes(), air);
        peer::start(address, listener, live, subscriber, shared, commands)?;
        Ok(Self { receiver, port })
    }

    /// The port; if it listens, the one that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }
}

struct Subscriber {
    key: Vec<u8>,
    air: Arc<Air>,
    decoder: Decoder,
    /// Whether messages begin with tags, once the first has come.
    tagged: Option<bool>,
    /// The beginning of a message, until its tags are complete.
    head: Vec<u8>,
    /// What is happening to the rest of the message's last frame.
    now: Now,
    /// Bytes of samples in the message so far.
    bytes: u64,
    /// Number of the next sample, by the offsets of the tags.
    next: Option<u64>,
    /// Samples that are missing before the next.
    lost: u64,
    told_partial: bool,
    told_tags: bool,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Now {
    /// It may begin with tags.
    Head,
    Samples,
    /// It is not read.
    Skip,
}

impl Subscriber {
    fn new(key: Vec<u8>, air: Arc<Air>) -> Self {
        Self {
            key,
            air,
            decoder: Decoder::new(),
            tagged: None,
            head: Vec::new(),
            now: Now::Head,
            bytes: 0,
            next: None,
            lost: 0,
            told_partial: false,
            told_tags: false,
        }
    }

    /// Part of the frame with the samples.
    fn content(&mut self, bytes: &[u8], end: bool, out: &mut Out<'_>) {
        match self.now {
            Now::Head if self.tagged == Some(false) => {
                self.now = Now::Samples;
                self.samples(bytes, out);
            }
            Now::Head => {
                self.head.extend_from_slice(bytes);
                self.head(end, out);
            }
            Now::Samples => self.samples(bytes, out),
            Now::Skip => {}
        }
        if !end {
            return;
        }
        if out.cut() && !self.told_partial {
            self.told_partial = true;
            let size = self.air.coding.sample_bytes();
            let bytes = self.bytes;
            out.warn(format!(
                "a message of {bytes} bytes: expected whole samples of {size} bytes; --format may be wrong"
            ));
        }
        if let Some(next) = &mut self.next {
            *next = next.wrapping_add(self.bytes / self.air.coding.sample_bytes() as u64);
        }
        (self.now, self.bytes) = (Now::Head, 0);
    }

    /// The beginning of a message is held.
    fn head(&mut self, end: bool, out: &mut Out<'_>) {
        let found = match Tags::decode(&self.head) {
            // The message is over: what looked like the beginning of tags was none.
            Decoded::More if end => Decoded::None,
            Decoded::More => return,
            found => found,
        };
        let head = std::mem::take(&mut self.head);
        match found {
            Decoded::Some(tags, length) => {
                self.tagged = Some(true);
                self.tags(&tags);
                self.now = Now::Samples;
                self.samples(&head[length..], out);
            }
            _ if self.tagged == Some(true) => {
                self.now = Now::Skip;
                if !self.told_tags {
                    self.told_tags = true;
                    out.warn("left out a message whose GNU Radio tags cannot be read".to_owned());
                }
            }
            _ => {
                self.tagged = Some(false);
                self.now = Now::Samples;
                self.samples(&head, out);
            }
        }
        // Its memory is used again.
        self.head = head;
        self.head.clear();
    }

    fn tags(&mut self, tags: &Tags) {
        let Tags { offset, centre_hz, rate_hz } = *tags;
        let centre_hz = centre_hz.filter(|hz| hz.is_finite()).unwrap_or(self.air.centre_hz);
        let rate_hz = rate_hz.filter(|hz| *hz >= 1.0 && hz.is_finite()).unwrap_or(self.air.rate_hz);
        if (centre_hz, rate_hz) != (self.air.centre_hz, self.air.rate_hz) {
            let air = Arc::make_mut(&mut self.air);
            (air.centre_hz, air.rate_hz) = (centre_hz, rate_hz);
        }
        match self.next.map(|next| offset.wrapping_sub(next)) {
            None | Some(0) => {}
            // More than an hour is another stream, as is one that goes back.
            Some(lost) if (lost as f64) < 3600.0 * rate_hz => self.lost = lost,
            Some(_) => {
                let air = Arc::make_mut(&mut self.air);
                air.run = air.run.wrapping_add(1);
            }
        }
        self.next = Some(offset);
    }

    fn samples(&mut self, bytes: &[u8], out: &mut Out<'_>) {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if !bytes.is_empty() {
            out.put(bytes, &self.air, std::mem::take(&mut self.lost));
        }
    }
}

impl Speech for Subscriber {
    fn begin(&mut self, reply: &mut Vec<u8>) {
        let mut air = (*self.air).clone();
        air.run = air.run.wrapping_add(1);
        let key = std::mem::take(&mut self.key);
        let (told_partial, told_tags) = (self.told_partial, self.told_tags);
        *self = Self { told_partial, told_tags, ..Self::new(key, Arc::new(air)) };
        reply.extend(zmtp::greeting());
    }

    fn take(&mut self, mut bytes: &[u8], out: &mut Out<'_>, reply: &mut Vec<u8>) -> Result<(), String> {
        while let Some(event) = self.decoder.take(&mut bytes).map_err(|error| error.to_string())? {
            match event {
                Event::Greeting => reply.extend(zmtp::ready()),
                Event::Ready => reply.extend(zmtp::subscribe(&self.key)),
                Event::Ping => reply.extend_from_slice(self.decoder.pong()),
                // The samples are in the last frame.
                Event::Content { more: true, .. } => {}
                Event::Content { bytes, end, .. } => self.content(bytes, end, out),
            }
        }
        Ok(())
    }

    fn control(&mut self, _: Control, _: &mut Vec<u8>) {}

    fn owed(&self) -> Option<&'static str> {
        self.decoder.owed()
    }

    /// A publisher may have nothing to say.
    fn silence(&self) -> Option<Duration> {
        None
    }
}

/// What such a peer says is understood by this.
pub(super) fn subscriber(air: Arc<Air>) -> Box<dyn Speech> {
    Box::new(Subscriber::new(Vec::new(), air))
}
