//! Readers that speak WebSocket (RFC 6455), and browsers that ask for the page.
//!
//! The handshake and the headers of frames are read and written by tungstenite.

use std::io::Cursor;
use std::net::{IpAddr, SocketAddr};

use tungstenite::handshake::machine::TryParse as _;
use tungstenite::handshake::server::{Request, create_response, write_response};
use tungstenite::http::Uri;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::client::{Heard, Speech};
use super::item::Item;

/// The page that draws what comes.
const PAGE: &str = include_str!("page.html");
/// A longer request is an error.
const LONGEST_REQUEST: usize = 16 << 10;
/// A longer message of a reader is an error: none has anything to say.
const LONGEST_FRAME: u64 = 64 << 10;
/// Content of a control frame at most, by RFC 6455.
const LONGEST_CONTROL: u64 = 125;

/// The message of an item: values, or pixels as RGBA.
pub(super) fn message(item: &Item) -> Vec<u8> {
    let mut bytes = head(OpCode::Data(Data::Binary), item.bytes());
    bytes.reserve(item.bytes());
    item.write(4, &mut bytes);
    bytes
}

/// A message of text.
pub(super) fn text(text: &str) -> Vec<u8> {
    frame(OpCode::Data(Data::Text), text.as_bytes())
}

fn frame(opcode: OpCode, content: &[u8]) -> Vec<u8> {
    let mut bytes = head(opcode, content.len());
    bytes.extend_from_slice(content);
    bytes
}

/// What precedes the content of an unmasked frame.
fn head(opcode: OpCode, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    // Writing to a vector does not fail.
    let _ = header.format(length as u64, &mut bytes);
    bytes
}

/// A reader.
pub(super) struct Reader {
    /// Where the server listens.
    local: SocketAddr,
    /// The beginning of a request or of a frame.
    held: Vec<u8>,
    ready: bool,
}

impl Reader {
    pub(super) fn new(local: SocketAddr) -> Self {
        Self { local, held: Vec::new(), ready: false }
    }

    /// Answers the request, once it is complete.
    fn request(&mut self, reply: &mut Vec<u8>) -> Result<Heard, String> {
        let Some(end) = self.held.windows(4).position(|four| four == b"\r\n\r\n") else {
            if self.held.len() > LONGEST_REQUEST {
                return Err(format!("a request of more than {LONGEST_REQUEST} bytes"));
            }
            return Ok(Heard::Fine);
        };
        let request = match Request::try_parse(&self.held[..end + 4]) {
            Ok(Some((_, request))) => request,
            _ => {
                page(reply, "400 Bad Request", "ringfall: this is not a request for a page or a WebSocket\n");
                return Ok(Heard::Close);
            }
        };
        self.held.drain(..end + 4);
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        // A page of another site must not read what is published to this machine, not even under a name that it has given to this
        // machine's address.
        let host = header("host").unwrap_or_default();
        if !is_own(host, self.local) {
            page(reply, "403 Forbidden", "ringfall: expected the address that is published at\n");
            return Ok(Heard::Close);
        }
        if header("upgrade").is_none() {
            match request.uri().path() {
                "/" => page(reply, "200 OK", PAGE),
                _ => page(reply, "404 Not Found", "ringfall: expected /\n"),
            }
            return Ok(Heard::Close);
        }
        let origin = header("origin").map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
        if origin.is_some_and(|origin| !origin.eq_ignore_ascii_case(host)) {
            page(reply, "403 Forbidden", "ringfall: expected a page of the same address\n");
            return Ok(Heard::Close);
        }
        match create_response(&request) {
            Ok(response) => {
                // Its headers are those of tungstenite, which are text.
                write_response(&mut *reply, &response).map_err(|error| error.to_string())?;
                self.ready = true;
                Ok(Heard::Fine)
            }
            Err(error) => {
                page(reply, "400 Bad Request", &format!("ringfall: {error}\n"));
                Ok(Heard::Close)
            }
        }
    }

    /// Takes the frames that are complete: pings are answered, and so is the end; all else is skipped.
    fn frames(&mut self, reply: &mut Vec<u8>) -> Result<Heard, String> {
        let mut taken = 0;
        let heard = loop {
            let mut cursor = Cursor::new(&self.held[taken..]);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|error| error.to_string())?;
            let Some((header, length)) = parsed else { break Heard::Fine };
            let is_control = matches!(header.opcode, OpCode::Control(_));
            let most = if is_control { LONGEST_CONTROL } else { LONGEST_FRAME };
            if length > most {
                return Err(format!("a frame of {length} bytes: expected {most} at most"));
            }
            let Some(mask) = header.mask else { return Err("a frame that is not masked".to_owned()) };
            // At most LONGEST_FRAME.
            let start = taken + cursor.position() as usize;
            let Some(content) = self.held.get(start..start + length as usize) else { break Heard::Fine };
            taken = start + content.len();
            if !is_control {
                continue;
            }
            let plain: Vec<u8> = content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
            match header.opcode {
                OpCode::Control(Control::Ping) => reply.extend(frame(OpCode::Control(Control::Pong), &plain)),
                OpCode::Control(Control::Close) => {
                    // The code comes back; the reason need not.
                    let code = plain.get(..2).unwrap_or_default();
                    reply.extend(frame(OpCode::Control(Control::Close), code));
                    break Heard::Close;
                }
                _ => {}
            }
        };
        self.held.drain(..taken);
        Ok(heard)
    }
}

/// Whether this is how a request may name the address that is listened on. On the loopback interface only this machine's own names are; on
/// others any name may lead here.
fn is_own(host: &str, local: SocketAddr) -> bool {
    let Ok(authority) = host.parse::<Uri>() else { return false };
    let Some(name) = authority.host() else { return false };
    if !local.ip().is_loopback() {
        return true;
    }
    let number = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || number.is_ok_and(|number| number.is_loopback())
}

/// An answer over HTTP.
fn page(reply: &mut Vec<u8>, status: &str, body: &str) {
    let kind = if body.starts_with('<') { "text/html" } else { "text/plain" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; \
         script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws:\r\n\r\n",
        body.len()
    );
    reply.extend(head.bytes());
    reply.extend(body.bytes());
}

impl Speech for Reader {
    fn hear(&mut self, bytes: &[u8], reply: &mut Vec<u8>) -> Result<Heard, String> {
        self.held.extend_from_slice(bytes);
        if !self.ready {
            let heard = self.request(reply)?;
            if heard == Heard::Close || !self.ready {
                return Ok(heard);
            }
        }
        self.frames(reply)
    }

    fn is_ready(&self) -> bool {
        self.ready
    }
}
