//! Samples from other programs and machines: receivers and streams over the network.
//!
//! Each source has a thread of its own, which connects (or listens), reads all that comes, and connects again when the peer is
//! lost, with pauses that become longer. Between it and the feed is a queue of about a second of samples, at most 128 MiB. If
//! the feed stalls for longer, what does not fit is dropped: it counts as overruns, and the next block comes after a gap
//! of exactly that length. So memory is bounded whatever happens, and the times of samples stay right.
//!
//! | source | protocol | what is lost on the way |
//! |---|---|---|
//! | [`RtlTcp`] | `rtl_tcp`, over TCP | nothing by TCP; what the server drops shows only in the test mode |
//! | [`SpyServer`] | SpyServer's, over TCP | seen by the numbers of its messages |
//! | [`UdpSamples`] | samples in datagrams | cannot be seen, unless each datagram begins with a counter |
//! | [`ZmqSamples`] | ZeroMQ PUB, such as GNU Radio's | seen by the offsets of GNU Radio's tags, if it sends them |

mod address;
mod peer;
mod queue;
mod receiver;
mod rtl_tcp;
mod spyserver;
pub mod tags;
mod udp;
mod zmq;
pub mod zmtp;

pub use address::{PeerAddress, Protocol};
pub use rtl_tcp::{RtlTcp, RtlTcpGreeting, RtlTcpOptions};
pub use spyserver::{SpyServer, SpyServerOptions};
pub use udp::{UdpOptions, UdpSamples};
pub use zmq::{ZmqOptions, ZmqSamples};

use super::SourceError;

/// Bytes of a queue for so many bytes a second.
fn ahead(bytes_per_second: f64) -> usize {
    // A number that is too large or none becomes one of the ends.
    (bytes_per_second as usize).clamp(1 << 20, 128 << 20)
}

/// Fails on a rate that is not one.
fn check_rate(name: &str, rate_hz: f64) -> Result<(), SourceError> {
    if rate_hz >= 1.0 && rate_hz.is_finite() {
        return Ok(());
    }
    Err(SourceError::Rate { from: name.to_owned(), got: rate_hz })
}

impl PeerAddress {
    /// Fails if it is the address of another protocol.
    fn expect(&self, protocol: Protocol) -> Result<(), SourceError> {
        if self.protocol == protocol {
            return Ok(());
        }
        let (name, scheme) = (self.to_string(), protocol.scheme());
        Err(SourceError::Open { reason: format!("{name}: expected an address that begins with {scheme}://"), name })
    }
}
