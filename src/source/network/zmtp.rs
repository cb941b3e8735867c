//! ZMTP 3.0, the protocol of ZeroMQ, as far as PUB and SUB need it: the greeting, the NULL mechanism, and frames.
//!
//! Written from the specification (<https://rfc.zeromq.org/spec/23/>). Pure: bytes in, events out. Frames are never held,
//! whatever their length: their content is passed on as it comes.

use std::fmt;

/// Bytes of a greeting.
pub const GREETING_BYTES: usize = 64;

/// The greeting of a client without security: signature, version 3.0, mechanism NULL.
pub fn greeting() -> [u8; GREETING_BYTES] {
    let mut bytes = [0; GREETING_BYTES];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

/// The command that makes a connection one of a subscriber.
pub fn ready() -> Vec<u8> {
    ready_as(b"SUB")
}

/// The command that makes a connection one of a publisher.
#[cfg(feature = "publish")]
pub(crate) fn ready_to_publish() -> Vec<u8> {
    ready_as(b"PUB")
}

fn ready_as(kind: &[u8; 3]) -> Vec<u8> {
    let property = [&b"\x0bSocket-Type"[..], &3_u32.to_be_bytes(), kind].concat();
    command(b"READY", &property)
}

/// The message that subscribes to what begins with `key`.
pub fn subscribe(key: &[u8]) -> Vec<u8> {
    frame(0, &[b"\x01", key].concat())
}

fn command(name: &[u8], body: &[u8]) -> Vec<u8> {
    let mut content = vec![name.len() as u8];
    content.extend_from_slice(name);
    content.extend_from_slice(body);
    frame(COMMAND, &content)
}

fn frame(flags: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = frame_head(flags, content.len());
    bytes.extend_from_slice(content);
    bytes
}

/// What precedes the content of a frame.
pub(crate) fn frame_head(flags: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length) => vec![flags, length],
        Err(_) => [&[flags | LONG][..], &(length as u64).to_be_bytes()].concat(),
    }
}

/// The flag of a frame that another one of the same message follows.
pub(crate) const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// The longest command that is read; the specification knows none that is longer than a few properties.
const LONGEST_COMMAND: u64 = 4096;
/// The longest frame that is believed: 1 TiB.
const LONGEST_FRAME: u64 = 1 << 40;

/// What a peer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Its greeting has come: answer with [`ready`].
    Greeting,
    /// It is ready: answer with [`subscribe`].
    Ready,
    /// It wants an answer: this, from the decoder's [`Decoder::pong`].
    Ping,
    /// A part of a message's frame.
    Content {
        /// Number of the frame in its message, from 0.
        frame: u32,
        /// Where the bytes are in the frame.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// The frame ends with them.
        end: bool,
        /// Further frames belong to the same message.
        more: bool,
    },
}

/// Why bytes are not ZMTP that a subscriber can read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZmtpError {
    expected: &'static str,
    got: String,
}

impl fmt::Display for ZmtpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {}", self.expected, self.got)
    }
}

impl std::error::Error for ZmtpError {}

fn wrong<T>(expected: &'static str, got: impl ToString) -> Result<T, ZmtpError> {
    Err(ZmtpError { expected, got: got.to_string() })
}

/// Reads what a peer sends, in pieces of any size.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    /// The beginning of a greeting, of a frame's header, or of a command.
    held: Vec<u8>,
    frame: u32,
    pong: Vec<u8>,
    /// The peer subscribes. Otherwise it publishes.
    is_publisher: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Greeting,
    Header {
        ready: bool,
    },
    Command {
        ready: bool,
        length: usize,
    },
    Content {
        offset: u64,
        length: u64,
        more: bool,
    },
}

impl Decoder {
    /// Nothing has been read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for a publisher, whose peers subscribe.
    #[cfg(feature = "publish")]
    pub(crate) fn of_publisher() -> Self {
        Self { is_publisher: true, ..Self::default() }
    }

    /// What the peer still has to send before messages, if anything.
    pub fn owed(&self) -> Option<&'static str> {
        match self.state {
            State::Greeting => Some("the greeting of ZeroMQ"),
            State::Header { ready: false } | State::Command { ready: false, .. } => Some("the command READY of ZeroMQ"),
            _ => None,
        }
    }

    /// The answer to the last [`Event::Ping`].
    pub fn pong(&self) -> &[u8] {
        &self.pong
    }

    /// Takes bytes from the front of `bytes`, up to the next event. None means that all of them were taken.
    ///
    /// # Errors
    /// [`ZmtpError`]; then the rest of the stream cannot be read.
    pub fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Event<'a>>, ZmtpError> {
        loop {
            match self.state {
                State::Greeting => {
                    let whole = self.hold(bytes, GREETING_BYTES);
                    check_greeting(&self.held)?;
                    if !whole {
                        return Ok(None);
                    }
                    self.held.clear();
                    self.state = State::Header { ready: false };
                    return Ok(Some(Event::Greeting));
                }
                State::Header { ready } => {
                    let Some(&flags) = self.held.first().or_else(|| bytes.first()) else { return Ok(None) };
                    if flags & !(MORE | LONG | COMMAND) != 0 {
                        return wrong("the flags of a ZeroMQ frame (0 to 7)", flags);
                    }
                    let size = if flags & LONG != 0 { 9 } else { 2 };
                    if !self.hold(bytes, size) {
                        return Ok(None);
                    }
                    let length = self.held[1..].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
                    self.held.clear();
                    let most = if flags & COMMAND != 0 { LONGEST_COMMAND } else { LONGEST_FRAME };
                    if length > most {
                        return wrong("a ZeroMQ frame of a credible length", format!("{length} bytes"));
                    }
                    let more = flags & MORE != 0;
                    self.state = match (flags & COMMAND != 0, ready) {
                        (true, _) => State::Command { ready, length: length as usize },
                        (false, false) => return wrong("the command READY of ZeroMQ first", "a message"),
                        (false, true) => State::Content { offset: 0, length, more },
                    };
                    if length == 0 && flags & COMMAND == 0 {
                        return Ok(Some(self.content(&[], 0, 0, more)));
                    }
                }
                State::Command { ready, length } => {
                    if !self.hold(bytes, length) {
                        return Ok(None);
                    }
                    let event = self.command();
                    self.held.clear();
                    let event = event?;
                    self.state = State::Header { ready: ready || event == Some(Event::Ready) };
                    if event.is_some() {
                        return Ok(event);
                    }
                }
                State::Content { offset, length, more } => {
                    if bytes.is_empty() {
                        return Ok(None);
                    }
                    let count = usize::try_from(length - offset).unwrap_or(usize::MAX).min(bytes.len());
                    let (content, rest) = bytes.split_at(count);
                    *bytes = rest;
                    return Ok(Some(self.content(content, offset, length, more)));
                }
            }
        }
    }

    fn content<'a>(&mut self, bytes: &'a [u8], offset: u64, length: u64, more: bool) -> Event<'a> {
        let frame = self.frame;
        let after = offset + bytes.len() as u64;
        let end = after == length;
        self.state = if end { State::Header { ready: true } } else { State::Content { offset: after, length, more } };
        if end {
            self.frame = if more { frame.saturating_add(1) } else { 0 };
        }
        Event::Content { frame, offset, bytes, end, more }
    }

    /// Keeps bytes until there are `size`; whether there are.
    fn hold(&mut self, bytes: &mut &[u8], size: usize) -> bool {
        let (now, rest) = bytes.split_at(bytes.len().min(size - self.held.len()));
        self.held.extend_from_slice(now);
        *bytes = rest;
        self.held.len() == size
    }

    /// The command that is held.
    fn command(&mut self) -> Result<Option<Event<'static>>, ZmtpError> {
        let name = self.held.split_first().and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
        let Some((name, body)) = name else { return wrong("a ZeroMQ command with a name", "one that is cut short") };
        match name {
            b"READY" => match socket_type(body) {
                // Both send what is subscribed to, and nothing else does.
                Some(b"PUB" | b"XPUB") if !self.is_publisher => Ok(Some(Event::Ready)),
                Some(b"SUB" | b"XSUB") if self.is_publisher => Ok(Some(Event::Ready)),
                Some(other) if self.is_publisher => {
                    wrong("a ZeroMQ socket of type SUB", String::from_utf8_lossy(other).escape_debug())
                }
                Some(other) => wrong("a ZeroMQ socket of type PUB", String::from_utf8_lossy(other).escape_debug()),
                None => wrong("the type of a ZeroMQ socket", "a READY without one"),
            },
            b"ERROR" => wrong("a ZeroMQ connection", format!("ERROR {}", String::from_utf8_lossy(body).escape_debug())),
            b"PING" => {
                // The time that the peer waits, and then what it wants back: at most 16 bytes.
                let context = body.get(2..).unwrap_or_default();
                self.pong = command(b"PONG", &context[..context.len().min(16)]);
                Ok(Some(Event::Ping))
            }
            _ => Ok(None),
        }
    }
}

fn check_greeting(held: &[u8]) -> Result<(), ZmtpError> {
    let shown = || held[..held.len().min(16)].escape_ascii();
    if held.first().is_some_and(|byte| *byte != 0xff) || held.get(9).is_some_and(|byte| byte & 1 == 0) {
        return wrong("the greeting of ZeroMQ", format!("the bytes {}", shown()));
    }
    if let Some(version) = held.get(10).filter(|version| **version < 3) {
        return wrong("ZMTP 3 (ZeroMQ 4)", format!("version {version}"));
    }
    if let Some(mechanism) = held.get(12..32)
        && !mechanism.starts_with(b"NULL\0")
    {
        let name = mechanism.split(|byte| *byte == 0).next().unwrap_or_default();
        return wrong("ZeroMQ without security (NULL)", format!("the mechanism {}", name.escape_ascii()));
    }
    Ok(())
}

/// The value of the property `Socket-Type`.
fn socket_type(mut properties: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, rest) = properties.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(*length))?;
        let (length, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            return Some(value);
        }
        properties = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the specification shows them.
    #[test]
    fn what_is_sent() {
        assert_eq!(ready(), b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB");
        assert_eq!(subscribe(b""), b"\0\x01\x01");
        assert_eq!(subscribe(b"abc"), b"\0\x04\x01abc");
        assert_eq!(frame(0, &[7; 256])[..9], [2, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(greeting()[..17], *b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL\0");
    }

    fn stream() -> Vec<u8> {
        let mut bytes = greeting().to_vec();
        bytes.extend(b"\x04\x26\x05READY\x0bSocket-Type\0\0\0\x03PUB\x08Identity\0\0\0\0");
        bytes.extend(b"\x01\x03key\0\x05hello");
        bytes.extend(b"\x04\x0a\x04PING\0\x05xyz");
        bytes.extend(frame(0, &[7; 300]));
        bytes.extend(b"\0\0");
        bytes
    }

    #[test]
    fn a_stream_is_cut_anywhere() {
        let stream = stream();
        for piece in [1, 2, 3, 10, 63, 64, 65, 1000] {
            let mut decoder = Decoder::new();
            let (mut frames, mut others) = (vec![Vec::new()], Vec::new());
            for mut bytes in stream.chunks(piece) {
                while let Some(event) = decoder.take(&mut bytes).unwrap() {
                    match event {
                        Event::Content { bytes, end, .. } => {
                            frames.last_mut().unwrap().extend_from_slice(bytes);
                            if end {
                                frames.push(Vec::new());
                            }
                        }
                        Event::Ping => others.push(decoder.pong().to_vec()),
                        other => others.push(format!("{other:?}").into_bytes()),
                    }
                }
            }
            assert_eq!(others, [&b"Greeting"[..], b"Ready", b"\x04\x08\x04PONGxyz"], "{piece}");
            assert_eq!(frames, [&b"key"[..], b"hello", &[7; 300], b"", b""], "{piece}");
        }
    }

    #[test]
    fn what_no_publisher_says_is_refused() {
        let fails = |place: usize, new: &[u8]| {
            let mut bytes = stream();
            bytes[place..place + new.len()].copy_from_slice(new);
            let mut bytes = &bytes[..];
            let mut decoder = Decoder::new();
            loop {
                match decoder.take(&mut bytes) {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{place}: nothing is wrong"),
                    Err(error) => return error.to_string(),
                }
            }
        };
        for (place, new, expected) in [
            (0, &b"HTTP/1.1 400"[..], "greeting of ZeroMQ"),
            (10, &[2], "ZMTP 3"),
            (12, b"CURVE", "CURVE"),
            (64, &[8], "flags"),
            (64, &[0], "READY"),
            (64, &[6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709551615 bytes"),
            (66, &[200], "cut short"),
            (88, b"ROU", "PUB, got ROU"),
            (67, b"ERROR", "ERROR"),
            (67, b"READYS", "READY"),
        ] {
            let error = fails(place, new);
            assert!(error.contains(expected), "{place}: {error}");
        }
    }
}
