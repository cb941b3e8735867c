//! The address of a peer, or the address to listen on.

use std::fmt;
use std::str::FromStr;

use crate::source::SourceError;

/// The port of OpenIGTLink.
pub const PORT: u16 = 18944;

/// `igtl://HOST:PORT` connects; `igtl://:PORT` listens on the loopback interface, and `igtl://0.0.0.0:PORT` or
/// `igtl://[::]:PORT` on all interfaces. Without a port it is [`PORT`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// Name or number of the host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Listen for a peer instead of connecting to one.
    pub listen: bool,
}

impl Address {
    /// Whether other machines can connect.
    pub fn is_open(&self) -> bool {
        self.listen && self.host != "127.0.0.1"
    }
}

impl FromStr for Address {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let wrong = || SourceError::Open {
            name: text.to_owned(),
            reason: format!("'{text}' is not an address: expected igtl://HOST:PORT, or igtl://:PORT to listen"),
        };
        let rest = text.strip_prefix("igtl://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or_else(wrong)?,
            None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
        };
        let port = match port {
            "" => PORT,
            port => port.strip_prefix(':').and_then(|port| port.parse().ok()).ok_or_else(wrong)?,
        };
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
        if !host.chars().all(fine) || rest.is_empty() {
            return Err(wrong());
        }
        let listen = matches!(host, "" | "0.0.0.0" | "::");
        // Port 0 is invalid for another machine; when listening it selects any free port.
        if port == 0 && !listen {
            return Err(wrong());
        }
        let host = if host.is_empty() { "127.0.0.1" } else { host };
        Ok(Self { host: host.to_owned(), port, listen })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, listen } = self;
        // As it is written: with the number it would be an address to connect to.
        let host = if *listen && host == "127.0.0.1" { "" } else { host };
        if host.contains(':') { write!(f, "igtl://[{host}]:{port}") } else { write!(f, "igtl://{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, port, listen, open) in [
            ("igtl://localhost", "localhost", 18944, false, false),
            ("igtl://10.0.0.1:5", "10.0.0.1", 5, false, false),
            ("igtl://[fe80::1]:5", "fe80::1", 5, false, false),
            ("igtl://:18945", "127.0.0.1", 18945, true, false),
            ("igtl://0.0.0.0:18945/", "0.0.0.0", 18945, true, true),
            ("igtl://[::]", "::", 18944, true, true),
        ] {
            let got: Address = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((got.host.as_str(), got.port, got.listen, got.is_open()), (host, port, listen, open), "{text}");
            assert_eq!(got.to_string().parse::<Address>().unwrap(), got, "{text}");
        }
        for text in [
            "",
            "igtl://",
            "host:1",
            "igtl://a:b",
            "igtl://a:65536",
            "igtl://a:0",
            "igtl://a b",
            "igtl://[::1",
            "igtl://a/b",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("expected igtl://HOST:PORT") && error.contains(text), "{error}");
        }
    }
}
