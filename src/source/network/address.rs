//! The addresses of peers: `rtl_tcp://HOST:PORT` and the like.

use std::fmt;
use std::str::FromStr;

use crate::source::SourceError;

/// How a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// The server of an RTL-SDR receiver, and its imitations.
    RtlTcp,
    /// Samples in UDP datagrams.
    Udp,
    /// A ZeroMQ publisher, such as GNU Radio's ZMQ PUB Sink.
    Zmq,
    /// A SpyServer, which shares a receiver among several clients.
    SpyServer,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::RtlTcp, Self::Udp, Self::Zmq, Self::SpyServer];

    /// What addresses begin with, before `://`.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::RtlTcp => "rtl_tcp",
            Self::Udp => "udp",
            Self::Zmq => "zmq",
            Self::SpyServer => "spyserver",
        }
    }

    /// The port of an address without one.
    fn port(self) -> Option<u16> {
        match self {
            Self::RtlTcp => Some(1234),
            Self::SpyServer => Some(5555),
            Self::Udp | Self::Zmq => None,
        }
    }

    /// What addresses look like, for messages.
    fn shape(self) -> &'static str {
        match self {
            Self::RtlTcp => "rtl_tcp://HOST:PORT",
            Self::Udp => "udp://:PORT, or udp://ADDRESS:PORT to listen on another interface or to a multicast group",
            Self::Zmq => "zmq://HOST:PORT, or zmq://:PORT to listen, both with /KEY at the end if there is one",
            Self::SpyServer => "spyserver://HOST:PORT",
        }
    }
}

/// The address of a peer, or the address to listen on.
///
/// As text: a [scheme](Protocol::scheme), `://`, a host and a port. Without a host, and for UDP always, it is an address to
/// listen on; without a host that is the loopback interface.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerAddress {
    /// How the peer speaks.
    pub protocol: Protocol,
    /// Name or number of the host.
    pub host: String,
    /// The port. 0 selects a free one, when listening.
    pub port: u16,
    /// Listen for a peer instead of connecting to one.
    pub listen: bool,
    /// For ZeroMQ, the key of the messages to read; empty for all of them.
    pub key: String,
}

impl PeerAddress {
    /// The protocol whose scheme `text` begins with, if any.
    pub fn protocol_of(text: &str) -> Option<Protocol> {
        Protocol::ALL
            .into_iter()
            .find(|protocol| text.strip_prefix(protocol.scheme()).is_some_and(|rest| rest.starts_with(':')))
    }

    /// Whether other machines can reach the address that it listens on.
    pub fn is_open(&self) -> bool {
        let loopback = self.host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        self.listen && !loopback && self.host != "localhost"
    }
}

impl FromStr for PeerAddress {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let wrong = |expected: &str| SourceError::Open {
            name: text.to_owned(),
            reason: format!("'{text}' is not an address: expected {expected}"),
        };
        let Some(protocol) = Self::protocol_of(text) else {
            return Err(wrong(&Protocol::ALL.map(Protocol::shape).join("; ")));
        };
        let wrong = || wrong(protocol.shape());
        let rest = text[protocol.scheme().len()..].strip_prefix("://").ok_or_else(wrong)?;
        let (place, key) = rest.split_once('/').unwrap_or((rest, ""));
        if !key.is_empty() && protocol != Protocol::Zmq {
            return Err(wrong());
        }
        let (host, port) = match place.strip_prefix('[') {
            Some(place) => place.split_once(']').ok_or_else(wrong)?,
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().map_err(|_| wrong())?,
            None if port.is_empty() => protocol.port().ok_or_else(wrong)?,
            None => return Err(wrong()),
        };
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if !host.chars().all(fine) {
            return Err(wrong());
        }
        let listen = match protocol {
            Protocol::Udp => true,
            Protocol::Zmq => matches!(host, "" | "0.0.0.0" | "::"),
            Protocol::RtlTcp | Protocol::SpyServer if host.is_empty() => return Err(wrong()),
            Protocol::RtlTcp | Protocol::SpyServer => false,
        };
        // Port 0 is none of another machine's; when listening it selects any free one.
        if port == 0 && !listen {
            return Err(wrong());
        }
        let host = if host.is_empty() { "127.0.0.1" } else { host };
        Ok(Self { protocol, host: host.to_owned(), port, listen, key: key.to_owned() })
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, host, port, listen, key } = self;
        let scheme = protocol.scheme();
        // As it is written: with the number it would be an address to connect to.
        let host = if *listen && host == "127.0.0.1" { "" } else { host };
        write_address(f, (scheme, host, *port, key))
    }
}

/// Writes scheme, host, port and key as one address; a host with colons, which is of IPv6, in brackets.
pub(crate) fn write_address(
    f: &mut fmt::Formatter<'_>,
    (scheme, host, port, key): (&str, &str, u16, &str),
) -> fmt::Result {
    if host.contains(':') {
        write!(f, "{scheme}://[{host}]:{port}")?
    } else {
        write!(f, "{scheme}://{host}:{port}")?
    }
    if key.is_empty() { Ok(()) } else { write!(f, "/{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, port, listen, open, key) in [
            ("rtl_tcp://localhost", "localhost", 1234, false, false, ""),
            ("rtl_tcp://10.0.0.1:5", "10.0.0.1", 5, false, false, ""),
            ("rtl_tcp://[fe80::1]:5/", "fe80::1", 5, false, false, ""),
            ("spyserver://radio.example", "radio.example", 5555, false, false, ""),
            ("udp://:9000", "127.0.0.1", 9000, true, false, ""),
            ("udp://0.0.0.0:9000", "0.0.0.0", 9000, true, true, ""),
            ("udp://239.1.2.3:9000", "239.1.2.3", 9000, true, true, ""),
            ("udp://[::1]:9000", "::1", 9000, true, false, ""),
            ("zmq://127.0.0.1:5555", "127.0.0.1", 5555, false, false, ""),
            ("zmq://:5555/radio/1", "127.0.0.1", 5555, true, false, "radio/1"),
            ("zmq://0.0.0.0:0", "0.0.0.0", 0, true, true, ""),
        ] {
            let got: PeerAddress = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let found = (got.host.as_str(), got.port, got.listen, got.is_open(), got.key.as_str());
            assert_eq!(found, (host, port, listen, open, key), "{text}");
            assert_eq!(got.to_string().parse::<PeerAddress>().unwrap(), got, "{text}");
        }
        for text in [
            "rtl_tcp:host",
            "rtl_tcp://",
            "rtl_tcp://:1",
            "rtl_tcp://a:b",
            "rtl_tcp://a:65536",
            "rtl_tcp://a:0",
            "rtl_tcp://a:1/key",
            "spyserver://a b",
            "udp://host",
            "zmq://host",
            "zmq://[::1",
            "zmq://[::1]x",
        ] {
            let error = text.parse::<PeerAddress>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("'{text}' is not an address: expected ")), "{error}");
        }
        assert!(PeerAddress::protocol_of("zmq.wav").is_none() && PeerAddress::protocol_of("udp").is_none());
    }
}
