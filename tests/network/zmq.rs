//! ZeroMQ publishers: one written from the specification of ZMTP, and pyzmq, which is `libzmq`.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use ringfall::source::network::{ZmqOptions, ZmqSamples};
use ringfall::source::{Block, RawFormat, Read, Source as _};

use super::{accept, address, after_a_stall, bytes, numbers, read, server, warned};

fn options(text: &str) -> ZmqOptions {
    ZmqOptions::new(address(text), RawFormat::CF32, 1e6)
}

/// A publisher's side of the connection, up to the subscription, which it returns.
fn publisher(mut stream: TcpStream) -> (TcpStream, Vec<u8>) {
    let greeting = bytes::<64>(&mut stream);
    assert_eq!((greeting[0], greeting[9], greeting[10]), (0xff, 0x7f, 3));
    assert_eq!(&greeting[12..32], b"NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(greeting[32], 0, "a client");
    let mut own = [0; 64];
    (own[0], own[9], own[10], own[11]) = (0xff, 0x7f, 3, 1);
    own[12..16].copy_from_slice(b"NULL");
    stream.write_all(&own).unwrap();
    stream.write_all(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB").unwrap();
    let [flags, length] = bytes::<2>(&mut stream);
    assert_eq!(flags, 4);
    let mut ready = vec![0; usize::from(length)];
    std::io::Read::read_exact(&mut stream, &mut ready).unwrap();
    assert_eq!(ready, b"\x05READY\x0bSocket-Type\0\0\0\x03SUB");
    let [flags, length, one] = bytes::<3>(&mut stream);
    assert_eq!((flags, one), (0, 1));
    let mut key = vec![0; usize::from(length) - 1];
    std::io::Read::read_exact(&mut stream, &mut key).unwrap();
    (stream, key)
}

/// A frame, long where it has to be.
fn frame(more: bool, content: &[u8]) -> Vec<u8> {
    let flags = u8::from(more);
    let mut bytes = match content.len() {
        length @ ..=255 => vec![flags, length as u8],
        length => [&[flags | 2][..], &(length as u64).to_be_bytes()].concat(),
    };
    bytes.extend_from_slice(content);
    bytes
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

/// GNU Radio's header with a frequency (a real number) and a rate (an integer).
fn tagged(offset: u64, tags: &[(&str, f64)], values: &[f32]) -> Vec<u8> {
    let mut bytes = 0x5ff0_u16.to_ne_bytes().to_vec();
    bytes.push(1);
    bytes.extend(offset.to_ne_bytes());
    bytes.extend((tags.len() as u64).to_ne_bytes());
    for (key, value) in tags {
        bytes.extend(offset.to_ne_bytes());
        bytes.push(2);
        bytes.extend((key.len() as u16).to_be_bytes());
        bytes.extend_from_slice(key.as_bytes());
        bytes.push(4);
        bytes.extend(value.to_be_bytes());
        // The source of the tag: false.
        bytes.push(1);
    }
    bytes.extend(floats(values));
    bytes
}

#[test]
fn messages_are_samples_with_and_without_a_key() {
    for (path, key) in [("", &b""[..]), ("/radio", b"radio")] {
        let (listener, port) = server();
        let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}{path}"))).unwrap();
        let (mut stream, asked) = publisher(accept(&listener));
        assert_eq!(asked, key);
        let mut sent = Vec::new();
        for number in 0..3 {
            let values: Vec<f32> = (0..100).map(|n| (100 * number + n) as f32).collect();
            if !key.is_empty() {
                sent.extend(frame(true, key));
            }
            sent.extend(frame(false, &floats(&values)));
        }
        // A heartbeat, which wants an answer.
        sent.extend(b"\x04\x09\x04PING\0\x64ab");
        for piece in sent.chunks(77) {
            stream.write_all(piece).unwrap();
        }
        assert_eq!(numbers(&mut source, 300), (0..300).map(|n| n as f32).collect::<Vec<_>>());
        assert_eq!(bytes::<9>(&mut stream), *b"\x04\x07\x04PONGab");
        assert!(source.warning().is_none());
        assert_eq!(source.overruns(), 0);
    }
}

#[test]
fn tags_change_frequency_and_rate_and_show_what_is_lost() {
    let (listener, port) = server();
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}"))).unwrap();
    let (mut stream, _) = publisher(accept(&listener));
    let mut send = |content: Vec<u8>| stream.write_all(&frame(false, &content)).unwrap();
    send(tagged(1000, &[("rx_freq", 7.1e6), ("rx_rate", 2e6), ("other", f64::NAN)], &[1.0; 20]));
    let mut block = Block::default();
    assert_eq!(read(&mut source, &mut block), Read::Changed);
    assert_eq!((source.info().centre_hz, source.info().rate_hz), (7.1e6, 2e6));
    assert_eq!(read(&mut source, &mut block), Read::Samples);
    assert_eq!(block.samples, [1.0; 20]);
    let first_ns = block.time_ns;
    // Ten samples came, and a hundred more were dropped by the publisher: 50 µs.
    send(tagged(1110, &[], &[2.0; 20]));
    assert_eq!(read(&mut source, &mut block), Read::Samples);
    assert_eq!((block.samples[0], block.gap, source.overruns()), (2.0, true, 100));
    assert_eq!(block.time_ns, first_ns + 55_000);
    // Another frequency, and tags that make no sense.
    send(tagged(1120, &[("rx_freq", 14e6)], &[3.0; 2]));
    assert_eq!(read(&mut source, &mut block), Read::Changed);
    assert_eq!(source.info().centre_hz, 14e6);
    assert_eq!(numbers(&mut source, 2), [3.0; 2]);
    send(tagged(1121, &[("rx_freq", f64::INFINITY), ("rx_rate", -1.0)], &[4.0; 2]));
    send(b"\xf0\x5f\x01 and so on, which is cut".to_vec());
    send(tagged(1122, &[], &[5.0; 2]));
    assert_eq!(numbers(&mut source, 4), [4.0, 4.0, 5.0, 5.0]);
    warned(&mut source, "tags cannot be read");
    assert_eq!((source.info().centre_hz, source.info().rate_hz), (14e6, 2e6));
    // The publisher has begun again.
    send(tagged(0, &[], &[6.0; 2]));
    assert_eq!(read(&mut source, &mut block), Read::Samples);
    assert_eq!((block.samples[0], block.gap, source.overruns()), (6.0, true, 100));
}

#[test]
fn samples_that_look_like_tags_are_samples_in_a_stream_without() {
    let (listener, port) = server();
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}"))).unwrap();
    let (mut stream, _) = publisher(accept(&listener));
    stream.write_all(&frame(false, &floats(&[1.0, 2.0]))).unwrap();
    stream.write_all(&frame(false, &tagged(0, &[], &[]))).unwrap();
    // 19 bytes are two samples of 8 and a rest, which is told and dropped.
    assert_eq!(numbers(&mut source, 6).len(), 6);
    warned(&mut source, "a message of 19 bytes: expected whole samples of 8 bytes");
    stream.write_all(&frame(false, &floats(&[3.0, 4.0]))).unwrap();
    assert_eq!(numbers(&mut source, 2), [3.0, 4.0]);
}

#[test]
fn bad_peers_are_named_and_the_source_goes_on() {
    let (listener, port) = server();
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}"))).unwrap();
    let greeting = |change: fn(&mut [u8; 64])| {
        let mut own = [0; 64];
        (own[0], own[9], own[10]) = (0xff, 0x7f, 3);
        own[12..16].copy_from_slice(b"NULL");
        change(&mut own);
        own.to_vec()
    };
    let endless = [greeting(|_| {}), b"\x06\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()].concat();
    let rep = [greeting(|_| {}), b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03REP".to_vec()].concat();
    for (sent, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "expected the greeting of ZeroMQ"),
        (greeting(|own| own[10] = 1), "version 1"),
        (greeting(|own| own[12..17].copy_from_slice(b"CURVE")), "CURVE"),
        (endless, "18446744073709551615 bytes"),
        (rep, "PUB, got REP"),
    ] {
        let mut stream = accept(&listener);
        stream.write_all(&sent).unwrap();
        let warning = warned(&mut source, expected);
        assert!(warning.contains(&format!("zmq://127.0.0.1:{port}")), "{warning}");
    }
    let (mut stream, _) = publisher(accept(&listener));
    stream.write_all(&frame(false, &floats(&[1.0, 2.0]))).unwrap();
    assert_eq!(numbers(&mut source, 2), [1.0, 2.0]);
}

#[test]
fn a_reader_that_stalls_finds_a_gap_of_the_right_length() {
    let (listener, port) = server();
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}"))).unwrap();
    let (mut stream, _) = publisher(accept(&listener));
    // 8 MB are a second.
    let message = frame(false, &vec![0; 8 * 8192]);
    let messages = 500;
    for _ in 0..messages {
        stream.write_all(&message).unwrap();
    }
    let total = messages * 8192;
    // Only what follows says what is missing before it; it comes when the queue is empty.
    let sender = thread::spawn(move || {
        thread::sleep(Duration::from_secs(2));
        stream.write_all(&message).unwrap();
        stream
    });
    let (count, lost) = after_a_stall(&mut source, total + 8192);
    assert_eq!(count + lost, total + 8192);
    // A second of samples is in the queue, and some in the system's buffers.
    assert!(lost > 1_000_000, "{count} {lost}");
    drop(sender.join());
}

#[test]
fn a_port_that_is_taken_is_told_and_a_publisher_may_connect() {
    let mut listening = ZmqSamples::open(&options("zmq://:0")).unwrap();
    let port = listening.port();
    let error = ZmqSamples::open(&options(&format!("zmq://:{port}"))).unwrap_err().to_string();
    assert!(error.contains(&format!("cannot listen at zmq://:{port}")) && error.contains("in use"), "{error}");
    // A thousand that say nothing, and then one that does.
    for _ in 0..1000 {
        drop(TcpStream::connect(("127.0.0.1", port)));
    }
    let (mut stream, _) = publisher(TcpStream::connect(("127.0.0.1", port)).unwrap());
    stream.write_all(&frame(false, &floats(&[1.0, 2.0]))).unwrap();
    assert_eq!(numbers(&mut listening, 2), [1.0, 2.0]);
}

/// A Python with pyzmq; none, said aloud, if there is none.
fn python() -> Option<String> {
    let chosen = std::env::var("RINGFALL_PYTHON").ok();
    for python in chosen.into_iter().chain(["python3".to_owned(), "/usr/bin/python3".to_owned()]) {
        let mut check = Command::new(&python);
        let found = check.args(["-c", "import zmq"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_ok_and(|status| status.success()) {
            return Some(python);
        }
    }
    eprintln!("SKIPPED: pyzmq is not installed (RINGFALL_PYTHON names a Python that has it)");
    None
}

struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `libzmq` connects or binds; both ends find each other again after the publisher was restarted.
#[test]
fn samples_of_pyzmq() {
    let Some(python) = python() else { return };
    const SCRIPT: &str = "
import struct, sys, time, zmq
socket = zmq.Context().socket(zmq.PUB)
getattr(socket, sys.argv[1])(sys.argv[2])
while True:
    socket.send_multipart([b'other', struct.pack('4f', 9, 9, 9, 9)])
    socket.send_multipart([b'radio', struct.pack('400f', *range(400))])
    time.sleep(0.01)
";
    let start = |how: &str, port: u16| {
        let mut command = Command::new(&python);
        Kept(command.args(["-c", SCRIPT, how, &format!("tcp://127.0.0.1:{port}")]).spawn().unwrap())
    };
    let expected: Vec<f32> = (0..400).map(|n| n as f32).collect();
    let (listener, port) = server();
    drop(listener);
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}/radio"))).unwrap();
    for _ in 0..2 {
        let _publisher = start("bind", port);
        assert_eq!(numbers(&mut source, 800)[..400], expected);
    }
    let mut source = ZmqSamples::open(&options("zmq://:0/radio")).unwrap();
    let _publisher = start("connect", source.port());
    assert_eq!(numbers(&mut source, 800)[..400], expected);
}

/// What a flowgraph of `tests/network/gr_flow.py` has sent: a tone of amplitude 1/2 at an eighth of the rate.
fn is_the_tone(numbers: &[f32]) {
    for (n, sample) in numbers.as_chunks::<2>().0.iter().enumerate() {
        let (sin, cos) = (std::f64::consts::FRAC_PI_4 * n as f64).sin_cos();
        let off = (f64::from(sample[0]) - 0.5 * cos).hypot(f64::from(sample[1]) - 0.5 * sin);
        assert!(off < 1e-5, "sample {n} is {sample:?}");
    }
}

/// All bytes that GNU Radio 3.10.5.1's PUB Sink sent from its greeting up to the end of the first message: 4088 samples from the
/// 4096th on, with twenty `rx_freq` tags.
#[test]
fn bytes_of_gnu_radio() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/zmq/gnuradio.bin")).unwrap();
    let (listener, port) = server();
    let peer = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.write_all(&bytes).unwrap();
        stream
    });
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}/key"))).unwrap();
    let found = numbers(&mut source, 2 * 4088);
    assert_eq!(found.len(), 2 * 4088);
    is_the_tone(&found);
    assert_eq!((source.info().centre_hz, source.info().rate_hz, source.overruns()), (101.1e6, 1e6, 0));
    drop(peer.join().unwrap());
}

/// A Python with GNU Radio; none, said aloud, if there is none.
fn gnu_radio() -> Option<&'static str> {
    let found = ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let found = Command::new(python).args(["-c", "from gnuradio import zeromq"]).stderr(Stdio::null()).status();
        found.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        eprintln!("SKIPPED: GNU Radio is not installed (apt-get install gnuradio)");
    }
    found
}

#[test]
fn samples_of_gnu_radio() {
    let Some(python) = gnu_radio() else { return };
    let port = server().1;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/network/gr_flow.py");
    let child = Command::new(python).args([script, &port.to_string()]).stdout(Stdio::null()).spawn().unwrap();
    let _flow = Kept(child);
    let mut source = ZmqSamples::open(&options(&format!("zmq://127.0.0.1:{port}/key"))).unwrap();
    let mut block = Block::default();
    // The frequency comes with the first tag, and the rate with the first sample of all if that is not missed.
    while source.info().centre_hz == 0.0 {
        read(&mut source, &mut block);
    }
    assert_eq!(source.info().centre_hz, 101.1e6);
    // From here on it is the tone, wherever it begins.
    let mut found = numbers(&mut source, 2 * 50_000);
    let phase = |sample: &[f32]| f64::from(sample[1]).atan2(f64::from(sample[0]));
    let eighths = (phase(&found) / std::f64::consts::FRAC_PI_4).round().rem_euclid(8.0) as usize;
    found.drain(..2 * ((8 - eighths) % 8));
    is_the_tone(&found[..2 * 10_000]);
}
