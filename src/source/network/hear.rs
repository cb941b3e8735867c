//! A peer's bytes without a connection, for the targets in `fuzz/`.

use std::sync::Arc;

use super::address::Protocol;
use super::peer::Out;
use super::queue::{Air, Coding};
use super::receiver::Receiver;
use super::{rtl_tcp, spyserver, zmq};
use crate::source::{Block, Clock, RawFormat, Read};

/// What the bytes of a peer lead to, in these pieces: number and times of the blocks of samples, and the answer.
#[doc(hidden)]
pub fn hear<'a>(protocol: Protocol, pieces: impl Iterator<Item = &'a [u8]>) -> Result<(Vec<i64>, Vec<u8>), String> {
    let coding = match protocol {
        Protocol::RtlTcp => Coding::Rtl,
        _ => Coding::Raw(RawFormat::CS16),
    };
    let air = Arc::new(Air::new(coding, 1e6, 0.0));
    let (mut receiver, shared, _commands) = Receiver::new("x".to_owned(), Clock::Utc, &air, 1 << 20);
    let mut speech = match protocol {
        Protocol::RtlTcp => rtl_tcp::client(air, false),
        Protocol::SpyServer => spyserver::client(air),
        Protocol::Zmq => zmq::subscriber(air),
        Protocol::Udp => return Err("a protocol without answers".to_owned()),
    };
    let (mut partial, mut answer, mut times) = (Vec::new(), Vec::new(), Vec::new());
    speech.begin(&mut answer);
    let mut heard = Ok(());
    for piece in pieces {
        heard = speech.take(piece, &mut Out::new(&shared, &mut partial), &mut answer);
        let _ = (speech.owed(), speech.silence());
        if heard.is_err() {
            break;
        }
    }
    shared.queue.end(None);
    let mut block = Block::default();
    loop {
        match receiver.read(&mut block).map_err(|error| error.to_string())? {
            Read::End => break,
            Read::Samples => times.push(block.time_ns),
            _ => {}
        }
    }
    heard.map(|()| (times, answer))
}
