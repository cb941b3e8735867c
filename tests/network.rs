//! Receivers and streams over the network: against servers written from the protocols' references and kept apart from the
//! parsers, good ones and bad ones; and against pyzmq, where it is installed.
#![cfg(feature = "app")]

#[path = "network/program.rs"]
mod program;
#[path = "network/rtl_tcp.rs"]
mod rtl_tcp;
#[path = "network/spyserver.rs"]
mod spyserver;
#[path = "network/udp.rs"]
mod udp;
#[path = "network/zmq.rs"]
mod zmq;

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use ringfall::source::network::PeerAddress;
use ringfall::source::{Block, Read, Source};

/// Longest wait for anything, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn address(text: &str) -> PeerAddress {
    text.parse().unwrap()
}

/// A server on the loopback interface, and its port.
fn server() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// The next connection.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let begun = Instant::now();
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            return stream;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody connects");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads until something else than waiting comes.
#[track_caller]
fn read(source: &mut dyn Source, block: &mut Block) -> Read {
    let begun = Instant::now();
    loop {
        match source.read(block).unwrap() {
            Read::Idle | Read::Opening | Read::Waiting => {
                assert!(begun.elapsed() < PATIENCE, "nothing comes: {:?}", source.warning());
            }
            read => return read,
        }
    }
}

/// Blocks until there are this many numbers; changes are passed over.
#[track_caller]
fn numbers(source: &mut dyn Source, count: usize) -> Vec<f32> {
    let (mut all, mut block) = (Vec::new(), Block::default());
    while all.len() < count {
        match read(source, &mut block) {
            Read::Samples => all.extend_from_slice(&block.samples),
            Read::Changed => {}
            other => panic!("{other:?}"),
        }
    }
    all
}

/// Waits for a warning that contains `text`.
#[track_caller]
fn warned(source: &mut dyn Source, text: &str) -> String {
    let begun = Instant::now();
    let mut block = Block::default();
    loop {
        let read = source.read(&mut block).unwrap();
        if let Some(warning) = source.warning().map(|warning| warning.to_string())
            && warning.contains(text)
        {
            assert!(!warning.contains('\n') && warning.len() < 400, "{warning:?}");
            return warning;
        }
        assert!(begun.elapsed() < PATIENCE, "{text}: {read:?}, {:?}", source.warning());
    }
}

/// What a source delivers after its reader has stalled: numbers of samples that were read and that were lost, and the times
/// of the first and after the last. It checks that each gap has the length of what was lost before it.
fn after_a_stall(source: &mut dyn Source, total: u64) -> (u64, u64) {
    let rate_hz = source.info().rate_hz;
    let width = source.info().kind.values_per_sample();
    let mut block = Block::default();
    let (mut count, mut lost) = (0, source.overruns());
    let mut next_ns = None::<i64>;
    while count + source.overruns() < total {
        if read(source, &mut block) != Read::Samples {
            continue;
        }
        let samples = (block.samples.len() / width) as u64;
        let missing = source.overruns() - lost;
        lost = source.overruns();
        assert_eq!(block.gap, missing > 0, "{missing}");
        if let Some(next_ns) = next_ns {
            let gap_ns = missing as f64 * 1e9 / rate_hz;
            assert!(
                ((block.time_ns - next_ns) as f64 - gap_ns).abs() < 1000.0,
                "{missing}: {}",
                block.time_ns - next_ns
            );
        }
        next_ns = Some(block.time_ns + (samples as f64 * 1e9 / rate_hz).round() as i64);
        count += samples;
    }
    (count, source.overruns())
}
