//! The address to publish at.

use std::fmt;
use std::str::FromStr;

use super::PublishError;
use crate::source::network::write_address;

/// How readers are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishProtocol {
    /// OpenIGTLink, for 3D Slicer and others.
    Igtl,
    /// ZeroMQ PUB, for GNU Radio and others.
    Zmq,
    /// WebSocket, and a page over HTTP, for browsers.
    WebSocket,
}

impl PublishProtocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Igtl, Self::Zmq, Self::WebSocket];

    /// What addresses begin with, before `://`.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Igtl => "igtl",
            Self::Zmq => "zmq",
            Self::WebSocket => "ws",
        }
    }

    /// The port of an address without one.
    fn port(self) -> Option<u16> {
        match self {
            Self::Igtl => Some(crate::source::igtl::PORT),
            Self::Zmq | Self::WebSocket => None,
        }
    }
}

/// The address to publish at: a scheme, `://`, the host, and the port. Without a host it is the loopback interface. For ZeroMQ a key
/// may follow after `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishAddress {
    /// How readers are spoken to.
    pub protocol: PublishProtocol,
    /// Name or number of an interface of this machine.
    pub host: String,
    /// The port. 0 selects a free one.
    pub port: u16,
    /// The first frame of each ZeroMQ message; none if it is empty.
    pub key: String,
}

/// What addresses look like, for messages.
const EXPECTED: &str = "igtl://:18944, zmq://:PORT, zmq://:PORT/KEY or ws://:PORT, with a host before the colon to let other machines read";

impl FromStr for PublishAddress {
    type Err = PublishError;

    fn from_str(text: &str) -> Result<Self, PublishError> {
        let parse = || {
            let (scheme, rest) = text.split_once("://")?;
            let protocol = PublishProtocol::ALL.into_iter().find(|known| known.scheme() == scheme)?;
            let (place, key) = rest.split_once('/').unwrap_or((rest, ""));
            let (host, port) = match place.strip_prefix('[') {
                Some(place) => place.split_once(']')?,
                None => place.split_at(place.find(':').unwrap_or(place.len())),
            };
            let port = match port {
                "" => protocol.port()?,
                port => port.strip_prefix(':').filter(|port| port.bytes().all(|c| c.is_ascii_digit()))?.parse().ok()?,
            };
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
            let key_fits = key.is_empty() || (protocol == PublishProtocol::Zmq && key.len() <= 255);
            if !host.chars().all(fine) || place.is_empty() || !key_fits {
                return None;
            }
            let host = if host.is_empty() { "127.0.0.1" } else { host };
            Some(Self { protocol, host: host.to_owned(), port, key: key.to_owned() })
        };
        parse().ok_or_else(|| PublishError::Address { text: text.to_owned(), expected: EXPECTED })
    }
}

impl fmt::Display for PublishAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, host, port, key } = self;
        write_address(f, (protocol.scheme(), host, *port, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        use PublishProtocol::{Igtl, WebSocket, Zmq};
        for (text, protocol, host, port, key) in [
            ("igtl://:18945", Igtl, "127.0.0.1", 18945, ""),
            ("igtl://0.0.0.0", Igtl, "0.0.0.0", 18944, ""),
            ("zmq://:5556", Zmq, "127.0.0.1", 5556, ""),
            ("zmq://:0/rows/a", Zmq, "127.0.0.1", 0, "rows/a"),
            ("ws://[::1]:80/", WebSocket, "::1", 80, ""),
            ("ws://localhost:8080", WebSocket, "localhost", 8080, ""),
        ] {
            let got: PublishAddress = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (got.protocol, got.host.as_str(), got.port, got.key.as_str()),
                (protocol, host, port, key),
                "{text}"
            );
            assert_eq!(got.to_string().parse::<PublishAddress>().unwrap(), got);
        }
        for text in [
            "",
            "igtl://",
            "zmq://:",
            "ws://",
            "ws://host",
            "http://:80",
            "ws://:65536",
            "ws://:+80",
            "ws://:80/key",
            "zmq://a b:1",
            "ws://[::1",
            "udp://:9",
        ] {
            let error = text.parse::<PublishAddress>().unwrap_err().to_string();
            assert!(error.contains("expected igtl://") && error.contains(text), "{error}");
        }
    }
}
