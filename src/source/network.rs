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
//! | `SoapySamples` (feature `soapy`) | any radio, by SoapySDR | what the driver reports as an overflow is a gap |
//! | [`UdpSamples`] | samples in datagrams | cannot be seen, unless each datagram begins with a counter |
//! | [`ZmqSamples`] | ZeroMQ PUB, such as GNU Radio's | seen by the offsets of GNU Radio's tags, if it sends them |

mod address;
mod hear;
mod peer;
mod queue;
mod receiver;
mod rtl_tcp;
#[cfg(feature = "soapy")]
mod soapy;
mod spyserver;
pub mod tags;
mod udp;
mod zmq;
pub mod zmtp;

#[cfg(feature = "publish")]
pub(crate) use address::write_address;
pub use address::{PeerAddress, Protocol};
#[doc(hidden)]
pub use hear::hear;
pub use rtl_tcp::{RtlTcp, RtlTcpGreeting, RtlTcpOptions};
#[cfg(feature = "soapy")]
pub use soapy::{SoapyOptions, SoapySamples};
pub use spyserver::{SpyServer, SpyServerOptions};
pub use udp::{UdpOptions, UdpSamples};
pub use zmq::{ZmqOptions, ZmqSamples};

use std::sync::Arc;

use super::{Block, Control, Read, Source, SourceError, SourceInfo};

/// What is read is what the receiver of each has.
macro_rules! receive {
    ($($source:ident . $receiver:tt),+) => {
        $(impl Source for $source {
            fn info(&self) -> &SourceInfo {
                &self.$receiver.info
            }

            fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
                self.$receiver.read(block)
            }

            fn overruns(&self) -> u64 {
                self.$receiver.overruns()
            }

            fn warning(&self) -> Option<Arc<SourceError>> {
                self.$receiver.warning()
            }

            fn control(&mut self, control: Control) -> Result<(), SourceError> {
                self.$receiver.control(control)
            }
        })+
    };
}

receive!(RtlTcp.receiver, SpyServer.receiver, UdpSamples.receiver, ZmqSamples.receiver);
#[cfg(feature = "soapy")]
receive!(SoapySamples.receiver);

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

#[cfg(test)]
mod tests {
    use super::peer::{Out, Speech};
    use super::queue::{Air, Coding, Taken};
    use super::receiver::Receiver;
    use super::*;
    use crate::source::{Block, Clock, RawFormat};

    /// SplitMix64.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn below(&mut self, n: usize) -> usize {
            (self.next() % n as u64) as usize
        }
    }

    fn air(coding: Coding) -> Arc<Air> {
        Arc::new(Air { run: 0, coding, rate_hz: 1e6, centre_hz: 0.0, gain_db: None, controls: Arc::default() })
    }

    /// Streams with damage, in pieces: nothing panics, errors are of one line, and what comes out is whole samples in order of
    /// time.
    fn damage(seed: &[u8], speech: impl Fn() -> Box<dyn Speech>, coding: Coding) {
        let mut random = Random(1);
        for round in 0..3000 {
            let mut bytes = seed.to_vec();
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len());
                match random.below(5) {
                    0 => bytes[at] = random.next() as u8,
                    1 => bytes.truncate(at + 1),
                    2 => drop(bytes.drain(at..(at + random.below(9)).min(bytes.len() - 1).max(at))),
                    3 => bytes[at..].iter_mut().take(8).for_each(|byte| *byte = 0xff),
                    _ => drop(bytes.splice(at..at, [0; 5])),
                }
            }
            let (mut receiver, shared, _commands) = Receiver::new("x".to_owned(), Clock::Utc, &air(coding), 1 << 20);
            let (mut speech, mut partial, mut reply) = (speech(), Vec::new(), Vec::new());
            speech.begin(&mut reply);
            let piece = 1 + random.below(if round % 2 == 0 { 8 } else { 400 });
            for bytes in bytes.chunks(piece) {
                let mut out = Out::new(&shared, &mut partial);
                if let Err(error) = speech.take(bytes, &mut out, &mut reply) {
                    assert!(!error.is_empty() && error.len() < 400 && !error.contains('\n'), "{error:?}");
                    break;
                }
                let _ = (speech.owed(), speech.silence());
            }
            assert!(partial.len() < 16 && reply.len() < 10_000);
            shared.queue.end(None);
            let (mut block, mut last) = (Block::default(), i64::MIN);
            loop {
                match receiver.read(&mut block).unwrap() {
                    crate::source::Read::End => break,
                    crate::source::Read::Samples => {
                        let width = receiver.info.kind.values_per_sample();
                        assert!(block.samples.len().is_multiple_of(width) && block.time_ns >= last);
                        last = block.time_ns;
                    }
                    _ => {}
                }
            }
            assert!(matches!(shared.queue.take(std::time::Duration::ZERO), Taken::End(None)));
        }
    }

    #[test]
    fn damaged_streams_of_rtl_tcp() {
        let seed = [&b"RTL0\0\0\0\x05\0\0\0\x1d"[..], &[7; 500]].concat();
        for counter in [false, true] {
            damage(&seed, || rtl_tcp::client(air(Coding::Rtl), counter), Coding::Rtl);
        }
    }

    #[test]
    fn damaged_streams_of_zmq() {
        let mut seed = zmtp::greeting().to_vec();
        seed.extend(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB");
        for offset in [0_u8, 10, 99] {
            seed.extend(b"\x01\x03key");
            let mut tagged = b"\xf0\x5f\x01".to_vec();
            tagged.extend(u64::from(offset).to_le_bytes());
            tagged.extend(1_u64.to_le_bytes());
            tagged.extend([0; 8]);
            tagged.extend(b"\x02\0\x07rx_freq\x04\x41\0\0\0\0\0\0\0\x01");
            tagged.extend([1; 80]);
            seed.extend([0, tagged.len() as u8]);
            seed.extend(tagged);
        }
        seed.extend(b"\x04\x09\x04PING\0\x64ab");
        let coding = Coding::Raw(RawFormat::CF32);
        damage(&seed, || zmq::subscriber(air(coding)), coding);
    }

    #[test]
    fn damaged_streams_of_spyserver() {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        let message = |kind, number, body: &[u8]| {
            [words(&[2 << 24 | 1700, kind, 1, number, body.len() as u32]), body.to_vec()].concat()
        };
        let device = words(&[2, 1, 768_000, 660_000, 7, 0, 8, 9000, 31_000_000, 16, 1, 0]);
        let sync = words(&[1, 5, 100, 200, 300, 100_000, 30_000_000, 100_000, 30_000_000]);
        let mut seed = message(0, 0, &device);
        for number in 0..4 {
            seed.extend(message(1, 0, &sync));
            seed.extend(message(100 + number, 2 * number, &[9; 40]));
        }
        let coding = Coding::Raw(RawFormat::CS16);
        damage(&seed, || spyserver::client(air(coding)), coding);
    }
}
