//! Connecting to a peer over TCP.

use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// The time-out of one attempt to connect.
const ATTEMPT: Duration = Duration::from_secs(5);
/// Addresses of a host that are tried.
const MOST: usize = 4;

/// Connects to the first address of the host that answers. Looking up its name has no time-out.
pub(super) fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(ErrorKind::NotFound, "no such host");
    for address in (host, port).to_socket_addrs()?.take(MOST) {
        match TcpStream::connect_timeout(&address, ATTEMPT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
