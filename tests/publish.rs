//! Publishing: readers that are written here from the protocols' specifications and share nothing with the program, good ones and bad
//! ones; and pyigtl, pyzmq and Python's websockets, where they are installed.
#![cfg(feature = "app")]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ringfall::publish::{MOST_CLIENTS, PublishError, Publisher, QUEUE_BYTES};
use ringfall::{Stamp, Unit};

/// Longest wait for anything, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn publisher(address: &str) -> Publisher {
    Publisher::start(&address.parse().unwrap(), Box::new(|| ())).unwrap()
}

fn connect(publisher: &Publisher) -> TcpStream {
    let stream = TcpStream::connect(publisher.local_addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[track_caller]
fn wait(what: &str, mut until: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn stamp(number: u64) -> Stamp {
    Stamp {
        time_ns: 1_790_000_000_000_000_000 + number as i64 * 250_000_000,
        duration_ns: 250e6,
        first_hz: 7e6,
        bin_hz: 125.0,
    }
}

fn take<const N: usize>(stream: &mut impl Read) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn take_many(stream: &mut impl Read, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

/// Offers rows, or does something else, again and again until the test is done with it.
struct Offering {
    stop: Arc<AtomicU64>,
    thread: Option<std::thread::JoinHandle<Publisher>>,
}

impl Offering {
    fn start(publisher: Publisher, mut each: impl FnMut(&Publisher, u64) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicU64::new(0));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            while stopped.load(Relaxed) == 0 {
                each(&publisher, number);
                number += 1;
                std::thread::sleep(Duration::from_millis(5));
            }
            publisher
        });
        Self { stop, thread: Some(thread) }
    }

    fn rows(publisher: Publisher, row: Vec<f32>) -> Self {
        Self::start(publisher, move |publisher, number| publisher.offer(&stamp(number), Unit::Decibel, &row))
    }
}

impl Drop for Offering {
    fn drop(&mut self) {
        self.stop.store(1, Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The values include what is no number.
fn row() -> Vec<f32> {
    let mut row: Vec<f32> = (0..300).map(|n| n as f32 * 0.5 - 120.0).collect();
    row[3] = f32::INFINITY;
    row[4] = f32::NEG_INFINITY;
    row
}

/// The CRC of OpenIGTLink, bit by bit.
fn crc64(bytes: &[u8]) -> u64 {
    let mut crc = 0_u64;
    for byte in bytes {
        crc ^= u64::from(*byte) << 56;
        for _ in 0..8 {
            crc = if crc >> 63 == 1 { crc << 1 ^ 0x42f0_e1eb_a9ea_3693 } else { crc << 1 };
        }
    }
    crc
}

/// Type, time in units of 2⁻³² s, and body of the next message, if its checksum is right.
fn igtl_message(stream: &mut impl Read) -> (String, u64, Vec<u8>) {
    let header: [u8; 58] = take(stream);
    let u64_at = |at: usize| u64::from_be_bytes(*header[at..].first_chunk().unwrap());
    assert_eq!(header[..2], [0, 1]);
    let kind = header[2..14].split(|byte| *byte == 0).next().unwrap();
    let body = take_many(stream, u64_at(42) as usize);
    assert_eq!(crc64(&body), u64_at(50), "checksum");
    (String::from_utf8(kind.to_vec()).unwrap(), u64_at(34), body)
}

#[test]
fn rows_over_openigtlink() {
    let publisher = publisher("igtl://:0");
    let mut stream = connect(&publisher);
    wait("a reader", || publisher.status().clients == 1);
    for number in 0..3 {
        publisher.offer(&stamp(number), Unit::Decibel, &row());
    }
    for number in 0..3 {
        let (kind, time, body) = igtl_message(&mut stream);
        assert_eq!(kind, "IMAGE");
        // A quarter of a second is 2³⁰ units.
        assert_eq!(time, (1_790_000_000 << 32) + (number << 30));
        // Version 1, one component, type 10 (f32), little-endian, any coordinates.
        assert_eq!(body[..5], [0, 1, 1, 10, 2]);
        assert_eq!(body[6..12], [1, 44, 0, 1, 0, 1], "300 by 1 by 1");
        assert_eq!(body[60..72], [0, 0, 0, 0, 0, 0, 1, 44, 0, 1, 0, 1], "all of it");
        assert_eq!(floats(&body[72..]), row());
    }
    // A query is answered.
    let mut query = vec![0; 58];
    query[1] = 1;
    query[2..12].copy_from_slice(b"GET_STATUS");
    stream.write_all(&query).unwrap();
    let (kind, _, body) = igtl_message(&mut stream);
    assert_eq!((kind.as_str(), &body[..2]), ("STATUS", &[0, 1][..]));
    assert_eq!(publisher.status().dropped, 0);
}

#[test]
fn a_picture_over_openigtlink() {
    let publisher = publisher("igtl://:0");
    assert!(!publisher.wants_picture(), "nobody is there");
    let mut stream = connect(&publisher);
    wait("a reader", || publisher.status().clients == 1);
    assert!(publisher.wants_picture());
    publisher.offer_picture(2, 3, &[[1, 2, 3, 255], [4, 5, 6, 255], [7; 4], [8; 4], [9; 4], [10, 11, 12, 0]]);
    let (kind, _, body) = igtl_message(&mut stream);
    assert_eq!((kind.as_str(), &body[..4], &body[6..12]), ("IMAGE", &[0, 1, 3, 3][..], &[0, 2, 0, 3, 0, 1][..]));
    assert_eq!(body[72..], [1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 11, 12]);
}

#[test]
fn a_row_that_a_protocol_cannot_express_is_counted() {
    let publisher = publisher("igtl://:0");
    let mut stream = connect(&publisher);
    wait("a reader", || publisher.status().clients == 1);
    publisher.offer(&stamp(0), Unit::Decibel, &vec![0.0; 65536]);
    publisher.offer(&stamp(1), Unit::Decibel, &vec![0.0; 65535]);
    assert_eq!(igtl_message(&mut stream).2.len(), 72 + 4 * 65535);
    assert_eq!(publisher.status().dropped, 1);
}

/// A subscriber of ZMTP 3.0, up to its first subscription.
fn subscriber(publisher: &Publisher, topics: &[&[u8]]) -> TcpStream {
    let mut stream = connect(publisher);
    let greeting: [u8; 64] = take(&mut stream);
    assert_eq!((greeting[0], greeting[9], greeting[10], &greeting[12..17]), (0xff, 0x7f, 3, &b"NULL\0"[..]));
    let mut hello = vec![0; 64];
    hello[0] = 0xff;
    hello[9] = 0x7f;
    hello[10] = 3;
    hello[12..16].copy_from_slice(b"NULL");
    stream.write_all(&hello).unwrap();
    assert_eq!(&take::<27>(&mut stream), b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB");
    stream.write_all(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB").unwrap();
    for topic in topics {
        stream.write_all(&[&[0, topic.len() as u8 + 1, 1], *topic].concat()).unwrap();
    }
    stream
}

/// The next frame, and whether another belongs to the same message.
fn zmq_frame(stream: &mut impl Read) -> (bool, Vec<u8>) {
    let [flags, short] = take(stream);
    let length = if flags & 2 == 0 {
        usize::from(short)
    } else {
        let rest: [u8; 7] = take(stream);
        rest.iter().fold(usize::from(short), |length, byte| length << 8 | usize::from(*byte))
    };
    (flags & 1 == 1, take_many(stream, length))
}

#[test]
fn rows_over_zeromq_by_subscription() {
    let publisher = publisher("zmq://:0/rows");
    let mut all = subscriber(&publisher, &[b""]);
    let mut prefix = subscriber(&publisher, &[b"other", b"ro"]);
    let mut none = subscriber(&publisher, &[b"rows2"]);
    let mut cancelled = subscriber(&publisher, &[b"rows", b"rows"]);
    cancelled.write_all(b"\0\x05\0rows\0\x05\0rows").unwrap();
    // An answer to PING comes after everything that was sent before has been understood.
    for stream in [&mut none, &mut cancelled] {
        stream.write_all(b"\x04\x09\x04PING\0\x64ab").unwrap();
        assert_eq!(&take::<9>(stream), b"\x04\x07\x04PONGab");
    }
    let offering = Offering::rows(publisher, row());
    for stream in [&mut all, &mut prefix] {
        for _ in 0..3 {
            assert_eq!(zmq_frame(stream), (true, b"rows".to_vec()));
            let (more, content) = zmq_frame(stream);
            assert_eq!((more, floats(&content)), (false, row()));
        }
    }
    drop(offering);
    // Nothing precedes the end.
    for stream in [&mut none, &mut cancelled] {
        assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0);
    }
}

#[test]
fn what_is_sent_without_a_key_and_as_a_picture() {
    let publisher = publisher("zmq://:0");
    let mut stream = subscriber(&publisher, &[b""]);
    let offering = Offering::start(publisher, |publisher, number| match number % 2 {
        0 => publisher.offer(&stamp(number), Unit::Linear, &[1.5, -2.0]),
        _ => publisher.offer_picture(1, 2, &[[1, 2, 3, 4], [5, 6, 7, 8]]),
    });
    let (mut rows, mut pictures) = (0, 0);
    while rows < 2 || pictures < 2 {
        let (more, first) = zmq_frame(&mut stream);
        if more {
            let about: serde_json::Value = serde_json::from_slice(&first).unwrap();
            assert_eq!(about, serde_json::json!({ "type": "picture", "width": 1, "height": 2 }));
            assert_eq!(zmq_frame(&mut stream), (false, vec![1, 2, 3, 5, 6, 7]));
            pictures += 1;
        } else {
            assert_eq!(floats(&first), [1.5, -2.0]);
            rows += 1;
        }
    }
    drop(offering);
}

/// Sends a request and returns the head of the answer.
fn request(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(take::<1>(stream));
    }
    String::from_utf8(head).unwrap()
}

/// A request with the key of RFC 6455, section 1.3.
fn upgrade(publisher: &Publisher, more: &str) -> String {
    let port = publisher.local_addr().port();
    format!(
        "GET / HTTP/1.1\nHost: localhost:{port}\nUpgrade: websocket\nConnection: keep-alive, Upgrade\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n{more}\n"
    )
}

fn websocket(publisher: &Publisher) -> TcpStream {
    let mut stream = connect(publisher);
    let head = request(&mut stream, &upgrade(publisher, ""));
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    // The answer that the RFC computes.
    assert!(head.to_ascii_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    stream
}

/// First byte and content of the next frame.
fn websocket_frame(stream: &mut impl Read) -> (u8, Vec<u8>) {
    let [first, length] = take(stream);
    let length = match length {
        126 => usize::from(u16::from_be_bytes(take(stream))),
        127 => u64::from_be_bytes(take(stream)) as usize,
        length => usize::from(length),
    };
    (first, take_many(stream, length))
}

#[test]
fn rows_over_websocket() {
    let publisher = publisher("ws://:0");
    let mut stream = websocket(&publisher);
    // A ping, masked, is answered; so is what a browser sends, by silence.
    stream.write_all(&[0x81, 0x81, 0, 0, 0, 0, b'x', 0x89, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2]).unwrap();
    assert_eq!(websocket_frame(&mut stream), (0x8a, b"hi".to_vec()));
    let wide: Vec<f32> = (0..20_000).map(|n| n as f32).collect();
    publisher.offer(&stamp(0), Unit::Decibel, &row());
    publisher.offer(&stamp(1), Unit::Decibel, &row());
    publisher.offer(&stamp(2), Unit::None, &wide);
    publisher.offer_picture(1, 2, &[[1, 2, 3, 4], [5, 6, 7, 8]]);
    let about = |(first, text): (u8, Vec<u8>)| -> serde_json::Value {
        assert_eq!(first, 0x81);
        serde_json::from_slice(&text).unwrap()
    };
    let first = about(websocket_frame(&mut stream));
    let expected = serde_json::json!({
        "type": "row", "bins": 300, "first_hz": 7e6, "bin_hz": 125.0, "row_s": 0.25, "time_s": 1.79e9, "unit": "dB", "format": "f32le",
    });
    assert_eq!(first, expected);
    for _ in 0..2 {
        let (first, content) = websocket_frame(&mut stream);
        assert_eq!((first, floats(&content)), (0x82, row()));
    }
    let second = about(websocket_frame(&mut stream));
    assert_eq!((&second["bins"], &second["unit"]), (&20_000.into(), &"".into()));
    assert_eq!(floats(&websocket_frame(&mut stream).1), wide);
    assert_eq!(about(websocket_frame(&mut stream)), serde_json::json!({ "type": "picture", "width": 1, "height": 2 }));
    assert_eq!(websocket_frame(&mut stream), (0x82, vec![1, 2, 3, 4, 5, 6, 7, 8]));
    // The end: the code comes back, and then the connection ends.
    stream.write_all(&[0x88, 0x82, 0, 0, 0, 0, 3, 0xe8]).unwrap();
    assert_eq!(websocket_frame(&mut stream), (0x88, vec![3, 0xe8]));
    assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0);
    wait("nobody", || publisher.status().clients == 0);
}

#[test]
fn the_page_and_who_may_read() {
    let publisher = publisher("ws://:0");
    let port = publisher.local_addr().port();
    let answer = |text: &str| {
        let mut stream = connect(&publisher);
        let head = request(&mut stream, text);
        let status = head.split(' ').nth(1).unwrap().to_owned();
        let mut body = String::new();
        if status != "101" {
            stream.read_to_string(&mut body).unwrap();
            let length = format!("Content-Length: {}\r\n", body.len());
            assert!(head.contains(&length), "{head}");
        }
        (status, body)
    };
    let (status, body) = answer(&format!("GET / HTTP/1.1\nHost: 127.0.0.1:{port}\n\n"));
    assert!(status == "200" && body.starts_with("<!DOCTYPE html>") && body.ends_with("</html>\n"), "{body}");
    for (text, expected) in [
        (format!("GET /favicon.ico HTTP/1.1\nHost: localhost:{port}\n\n"), "404"),
        (format!("POST / HTTP/1.1\nHost: localhost:{port}\n\n"), "400"),
        ("nonsense\n\n".to_owned(), "400"),
        // A name that somebody else has given to this machine, and no name.
        (format!("GET / HTTP/1.1\nHost: evil.example:{port}\n\n"), "403"),
        ("GET / HTTP/1.1\n\n".to_owned(), "403"),
        (upgrade(&publisher, "Origin: http://evil.example\n"), "403"),
        (upgrade(&publisher, "Origin: null\n"), "403"),
        (upgrade(&publisher, &format!("Origin: http://localhost:{port}\n")), "101"),
        (upgrade(&publisher, "").replace("Version: 13", "Version: 8"), "400"),
        (upgrade(&publisher, "").replace("dGhl", ""), "400"),
    ] {
        assert_eq!(answer(&text).0, expected, "{text}");
    }
}

/// It is given what it wants, and reads it late or not at all. Others are not held up, and it takes no more memory than its queue.
#[test]
fn a_reader_that_is_too_slow_misses_rows_and_is_then_disconnected() {
    const BINS: usize = 16 << 10;
    let publisher = publisher("igtl://:0");
    let (mut slow, dead, mut good) = (connect(&publisher), connect(&publisher), connect(&publisher));
    wait("three readers", || publisher.status().clients == 3);
    let rows = 1000;
    for number in 0..rows {
        publisher.offer(&stamp(number), Unit::Decibel, &[number as f32; BINS]);
        // It gets every one.
        let (_, _, body) = igtl_message_unchecked(&mut good);
        assert_eq!(floats(&body[72..76]), [number as f32]);
    }
    let dropped = publisher.status().dropped;
    // 62.5 MiB were sent, and for each of two readers no more is kept than its queue and what the system buffers.
    let message = (58 + 72 + 4 * BINS) as u64;
    assert!(dropped > rows && dropped < 2 * rows, "{dropped}");
    // What it has missed is missing, and nothing else is wrong.
    let mut last = None;
    let mut count = 0;
    slow.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    while slow.peek(&mut [0]).is_ok_and(|count| count > 0) {
        let number = floats(&igtl_message(&mut slow).2[72..76])[0];
        assert!(last.is_none_or(|last| number > last), "{number} after {last:?}");
        last = Some(number);
        count += 1;
    }
    assert!(count * message >= QUEUE_BYTES as u64 - message && count * message < 32 << 20, "{count}");
    assert_eq!(dropped, publisher.status().dropped);
    // The other one has taken nothing.
    wait("one is disconnected", || publisher.status().stalled == 1);
    wait("two are left", || publisher.status().clients == 2);
    drop(dead);
    publisher.offer(&stamp(rows), Unit::Decibel, &[5.0; BINS]);
    for stream in [&mut slow, &mut good] {
        assert_eq!(floats(&igtl_message(stream).2[72..])[..], [5.0; BINS]);
    }
}

/// The same without computing the checksum, which takes long bit by bit.
fn igtl_message_unchecked(stream: &mut impl Read) -> (String, u64, Vec<u8>) {
    let header: [u8; 58] = take(stream);
    let length = u64::from_be_bytes(*header[42..].first_chunk().unwrap());
    (String::new(), 0, take_many(stream, length as usize))
}

#[test]
fn many_connections_and_short_ones() {
    let woken = Arc::new(AtomicU64::new(0));
    let wakes = Arc::clone(&woken);
    let wake = Box::new(move || {
        wakes.fetch_add(1, Relaxed);
    });
    let publisher = Publisher::start(&"igtl://:0".parse().unwrap(), wake).unwrap();
    for _ in 0..200 {
        drop(connect(&publisher));
    }
    let mut open = Vec::new();
    for number in 0..1000 {
        open.push(connect(&publisher));
        if number % 100 == 0 {
            publisher.offer(&stamp(number), Unit::Decibel, &row());
        }
        assert!(publisher.status().clients <= MOST_CLIENTS);
        if open.len() > 200 {
            // The newest ones, which have been refused.
            open.truncate(100);
        }
    }
    wait("all places are taken", || publisher.status().clients == MOST_CLIENTS && publisher.status().refused > 900);
    drop(open);
    wait("nobody", || publisher.status().clients == 0);
    assert!(woken.load(Relaxed) > 0 && publisher.take_joined() && !publisher.take_joined());
    let mut stream = connect(&publisher);
    wait("a reader", || publisher.status().clients == 1);
    publisher.offer(&stamp(0), Unit::Decibel, &row());
    assert_eq!(floats(&igtl_message(&mut stream).2[72..]), row());
}

/// Whether the server closes the connection.
fn is_closed(stream: &mut TcpStream) -> bool {
    let begun = Instant::now();
    let mut buffer = [0; 4096];
    while begun.elapsed() < PATIENCE {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::ConnectionReset,
        }
    }
    false
}

#[test]
fn what_makes_no_sense_ends_the_connection_and_nothing_else() {
    let zmq = publisher("zmq://:0");
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], b"\xff\0\0\0\0\0\0\0\0\x7f\x02"] {
        let mut stream = connect(&zmq);
        stream.write_all(bytes).unwrap();
        assert!(is_closed(&mut stream), "{bytes:?}");
    }
    for bytes in [
        // A subscription without end, one that is too long, and a second publisher.
        [&[2, 0, 0, 0, 1, 0, 0, 0, 0][..], &[1; 9000]].concat(),
        b"\x06\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB".to_vec(),
        b"\0\x02\x01a".repeat(1025),
    ] {
        let mut stream = subscriber(&zmq, &[]);
        let _ = stream.write_all(&bytes);
        assert!(is_closed(&mut stream), "{bytes:?}");
    }
    let ws = publisher("ws://:0");
    let mut stream = connect(&ws);
    let _ = stream.write_all(&b"GET / HTTP/1.1\r\nX: ".repeat(5000));
    assert!(is_closed(&mut stream));
    for bytes in [
        // Not masked; too long; longer than memory; a ping that is too long.
        &[0x81, 1, b'x'][..],
        &[0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        &[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        &[0x89, 0xfe, 0, 126, 0, 0, 0, 0],
    ] {
        let mut stream = websocket(&ws);
        stream.write_all(bytes).unwrap();
        assert!(is_closed(&mut stream), "{bytes:?}");
    }
    let igtl = publisher("igtl://:0");
    let mut stream = connect(&igtl);
    stream.write_all(&[0xff; 58]).unwrap();
    assert!(is_closed(&mut stream));
    // An image of 2⁶⁴ bytes is skipped, as long as it lasts.
    let mut stream = connect(&igtl);
    let mut header = [0; 58];
    header[1] = 1;
    header[2..7].copy_from_slice(b"IMAGE");
    header[42..50].fill(0xff);
    stream.write_all(&header).unwrap();
    stream.write_all(&[7; 100_000]).unwrap();
    wait("a reader", || igtl.status().clients == 1);
    igtl.offer(&stamp(0), Unit::Decibel, &row());
    assert_eq!(floats(&igtl_message(&mut stream).2[72..]), row());
}

/// Queries without end, from a peer that reads no answers.
#[test]
fn a_flood_of_queries_is_not_answered_without_bounds() {
    let publisher = publisher("igtl://:0");
    let mut stream = connect(&publisher);
    let mut good = connect(&publisher);
    let mut query = [0; 58];
    query[1] = 1;
    query[2..12].copy_from_slice(b"GET_STATUS");
    let flood = query.repeat(10_000);
    stream.set_nonblocking(true).unwrap();
    let mut sent = 0_u64;
    let begun = Instant::now();
    // Until it is no longer read, and then it is disconnected.
    while publisher.status().stalled == 0 && begun.elapsed() < PATIENCE {
        match stream.write(&flood[sent as usize % flood.len()..]) {
            Ok(count) => sent += count as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(Duration::from_millis(2)),
            Err(_) => break,
        }
    }
    wait("it is disconnected", || publisher.status().stalled == 1);
    assert!(sent < 64 << 20, "{sent} bytes were read");
    publisher.offer(&stamp(0), Unit::Decibel, &row());
    assert_eq!(floats(&igtl_message(&mut good).2[72..]), row());
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Publisher::start(&format!("ws://:{port}").parse().unwrap(), Box::new(|| ())).unwrap_err();
    assert!(matches!(error, PublishError::Listen { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("ws://127.0.0.1:{port}: Address already in use")), "{error}");
    // It can be used again as soon as the publisher is gone.
    drop(taken);
    for _ in 0..3 {
        let publisher = publisher(&format!("ws://:{port}"));
        drop(websocket(&publisher));
    }
}

/// A Python with this module; none, said aloud, if there is none.
fn python(module: &str) -> Option<String> {
    let chosen = std::env::var("RINGFALL_PYTHON").ok();
    for python in chosen.into_iter().chain(["python3".to_owned(), "/usr/bin/python3".to_owned()]) {
        let mut check = Command::new(&python);
        let found =
            check.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_ok_and(|status| status.success()) {
            return Some(python);
        }
    }
    eprintln!("SKIPPED: {module} is not installed (RINGFALL_PYTHON names a Python that has it)");
    None
}

/// What a script prints that reads rows of 0, 0.5, 1, 1.5 at an address.
fn script(module: &str, address: &str, script: &str) -> Option<String> {
    let python = python(module)?;
    let publisher = publisher(address);
    let port = publisher.local_addr().port().to_string();
    let _offering = Offering::rows(publisher, vec![0.0, 0.5, 1.0, 1.5]);
    let out = Command::new(python).args(["-c", script, &port]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).unwrap())
}

#[test]
fn rows_to_pyigtl() {
    let text = "
import pyigtl, sys
message = pyigtl.OpenIGTLinkClient('127.0.0.1', int(sys.argv[1])).wait_for_message('ringfall', timeout=20)
print(message.image.shape, message.image.dtype, message.image.ravel().tolist())
";
    let Some(out) = script("pyigtl", "igtl://:0", text) else { return };
    assert_eq!(out, "(1, 1, 4) float32 [0.0, 0.5, 1.0, 1.5]\n");
}

#[test]
fn rows_to_pyzmq() {
    let text = "
import struct, sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.connect('tcp://127.0.0.1:' + sys.argv[1])
socket.subscribe(b'ro')
for _ in range(3):
    key, row = socket.recv_multipart()
print(key, struct.unpack('<4f', row))
";
    let Some(out) = script("zmq", "zmq://:0/rows", text) else { return };
    assert_eq!(out, "b'rows' (0.0, 0.5, 1.0, 1.5)\n");
}

#[test]
fn rows_to_python_websockets() {
    let text = "
import asyncio, json, struct, sys, websockets
async def main():
    async with websockets.connect('ws://localhost:' + sys.argv[1] + '/') as socket:
        about = json.loads(await socket.recv())
        await asyncio.wait_for(await socket.ping(), 20)
        print(about['bins'], struct.unpack('<4f', await socket.recv()))
asyncio.run(main())
";
    let Some(out) = script("websockets", "ws://:0", text) else { return };
    assert_eq!(out, "4 (0.0, 0.5, 1.0, 1.5)\n");
}
