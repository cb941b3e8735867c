//! OpenIGTLink: the codec against messages of pyigtl, and the source against peers on the loopback interface, good and bad.
#![cfg(feature = "app")]

#[path = "cli/place.rs"]
#[allow(dead_code, reason = "other tests call the rest of it")]
mod place;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use place::{Place, Png};
use proptest::prelude::*;
use ringfall::source::igtl::{
    Address, Assembler, HEADER_BYTES, Header, IgtlError, IgtlOptions, IgtlRows, Image, Message, Metadata, Scalar,
    StatusContent, Timestamp, answer,
};
use ringfall::source::{Read, RowSource as _, SourceError};
use ringfall::{Stamp, Unit};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/igtl/{name}.bin", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn header(bytes: &[u8]) -> Header {
    Header::decode(bytes.first_chunk().unwrap()).unwrap()
}

fn message(bytes: &[u8]) -> Message<'_> {
    Message::decode(&header(bytes), &bytes[HEADER_BYTES..]).unwrap()
}

fn values(image: &Image<'_>) -> Vec<f32> {
    let mut all = Vec::new();
    (0..image.rows().rows).for_each(|row| image.row(row, &mut all));
    all
}

#[test]
fn messages_of_pyigtl_are_read_and_written_to_the_byte() {
    let kinds = ["i8", "u8", "i16", "u16", "i32", "u32", "f32", "f64"];
    for (name, scalar) in kinds.iter().zip(Scalar::ALL) {
        let bytes = fixture(name);
        let message = message(&bytes);
        assert_eq!((&*message.kind, &*message.device), ("IMAGE", "Fixture"));
        assert_eq!(message.time.ns(), Some(1_790_000_000_250_000_000));
        let image = Image::decode(&message.content).unwrap();
        // A numpy array of 3 rows and 4 columns, from 0 on, or from -5 on where there are negative numbers.
        assert_eq!((image.scalar, image.size, image.components, image.lps), (scalar, [1, 4, 3], 1, true));
        let first = if name.starts_with('u') { 0.0 } else { -5.0 };
        assert_eq!(values(&image), (0..12).map(|n| first + n as f32).collect::<Vec<_>>(), "{name}");
        let layout = image.rows();
        assert_eq!((layout.bins, layout.first, layout.count, layout.rows), (4, 0, 4, 3));
        assert_eq!(image.encode(), &*message.content, "{name}");
        assert_eq!(message.encode().unwrap(), bytes, "{name}");
    }
    let bytes = fixture("rgb");
    let message = message(&bytes);
    let image = Image::decode(&message.content).unwrap();
    assert_eq!((image.size, image.components), ([3, 2, 1], 3));
    assert_eq!(values(&image), (0..18).map(|n| n as f32).collect::<Vec<_>>());
}

#[test]
fn metadata_of_protocol_3() {
    let bytes = fixture("v2");
    let message = message(&bytes);
    assert_eq!((message.version, message.id), (2, 77));
    let found: Vec<_> = message.metadata.iter().map(|m| (&*m.key, m.encoding, &*m.value)).collect();
    assert_eq!(found, [("origin", 3, &b"a test"[..]), ("unit", 3, b"dB")]);
    assert_eq!(values(&Image::decode(&message.content).unwrap()).len(), 12);
    assert_eq!(message.encode().unwrap(), bytes);
}

#[test]
fn both_byte_orders() {
    for scalar in Scalar::ALL {
        let little: Vec<u8> = (1..=2 * scalar.bytes() as u8).collect();
        let big: Vec<u8> = little.chunks(scalar.bytes()).flat_map(|n| n.iter().rev().copied()).collect();
        let mut image = Image::new(scalar, [2, 1, 1], big);
        image.big_endian = true;
        let content = image.encode();
        let back = Image::decode(&content).unwrap();
        assert_eq!(values(&back), values(&Image::new(scalar, [2, 1, 1], little)), "{scalar:?}");
    }
    let mut image = Image::new(Scalar::I16, [2, 1, 1], vec![0xff, 0xfe, 0x01, 0x00]);
    image.big_endian = true;
    assert_eq!(values(&image), [-2.0, 256.0]);
}

#[test]
fn a_stream_is_cut_anywhere_and_other_types_are_skipped() {
    let stream = [fixture("string"), fixture("u8"), fixture("string"), fixture("v2")].concat();
    for piece in [1, 2, 7, 57, 58, 59, 100, stream.len()] {
        let mut assembler = Assembler::new(1000, |header| header.kind == "IMAGE");
        let mut found = Vec::new();
        for mut bytes in stream.chunks(piece) {
            while let Some((header, body)) = assembler.take(&mut bytes).unwrap() {
                found.push(Message::decode(&header, body).unwrap().device);
            }
        }
        assert_eq!(found, ["Fixture", "Meta"], "{piece}");
        assert!(!assembler.is_within());
    }
}

#[test]
fn what_no_message_has_is_refused() {
    let good = fixture("u8");
    let broken = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    for (bytes, expected) in
        [(broken(1, 0), "version"), (broken(1, 4), "version"), (broken(2, 0), "type"), (broken(2, 7), "type")]
    {
        let error = Header::decode(bytes.first_chunk().unwrap()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let bytes = broken(100, 9);
    let error = Message::decode(&header(&bytes), &bytes[HEADER_BYTES..]).unwrap_err();
    assert!(matches!(error, IgtlError::Checksum { .. }), "{error}");
    let mut endless = good.clone();
    endless[42..50].fill(255);
    let error = Assembler::new(512 << 20, |_| true).take(&mut &*endless).unwrap_err();
    assert_eq!(error, IgtlError::TooLong { bytes: u64::MAX, limit: 512 << 20 });
    for (place, byte, expected) in [
        (1, 2, "version"),
        (2, 0, "components"),
        (3, 8, "scalar"),
        (4, 0, "endian"),
        (5, 3, "coordinates"),
        (61, 1, "sub-volume"),
        (67, 0, "sub-volume"),
        (69, 3, "pixels"),
    ] {
        let mut content = message(&good).content.to_vec();
        content[place] = byte;
        let error = Image::decode(&content).unwrap_err().to_string();
        assert!(error.contains(expected), "{place}: {error}");
    }
    for length in 0..84 {
        assert!(Image::decode(&message(&good).content[..length]).is_err(), "{length}");
    }
    // An extended header and metadata that promise more than there is.
    let v2 = fixture("v2");
    for (place, byte) in [(0, 255), (1, 3), (2, 200), (4, 1), (7, 200), (163 - HEADER_BYTES, 9)] {
        let mut body = v2[HEADER_BYTES..].to_vec();
        body[place] = byte;
        let mut header = header(&v2);
        header.crc = ringfall::source::igtl::crc64(&body);
        let result = Message::decode(&header, &body);
        assert!(matches!(result, Err(IgtlError::Field { .. })), "{place}: {result:?}");
    }
}

#[test]
fn queries_are_answered() {
    let ask = |kind: &str| answer(&Message::new(kind, "me", vec![]));
    let status = ask("GET_STATUS").unwrap();
    assert_eq!((&*status.kind, &*status.device), ("STATUS", "me"));
    let content = StatusContent::decode(&status.content).unwrap();
    assert_eq!((content.code, &*content.text), (1, "OK"));
    assert_eq!(content.encode().unwrap(), &*status.content);
    assert_eq!(status.content.len(), 33);
    let capability = ask("GET_CAPABIL").unwrap();
    assert_eq!(capability.kind, "CAPABILITY");
    assert_eq!(&capability.content[..12], b"IMAGE\0\0\0\0\0\0\0");
    assert_eq!(capability.content.len() % 12, 0);
    for (kind, answered, code) in
        [("GET_IMAGE", "RTS_IMAGE", 1), ("STT_TDATA", "RTS_TDATA", 1), ("STP_TDATA", "RTS_TDATA", 0)]
    {
        let answer = ask(kind).unwrap();
        assert_eq!((&*answer.kind, &*answer.content), (answered, &[code][..]));
    }
    assert_eq!(ask("IMAGE"), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        version in 1..=3_u16, kind in "[A-Z_]{1,12}", device in "[ -~]{0,19}[!-~]", time: u64, id: u32,
        content in proptest::collection::vec(any::<u8>(), 0..200),
        keys in proptest::collection::vec(("[a-z]{0,9}", any::<u16>(), proptest::collection::vec(any::<u8>(), 0..20)), 0..4),
    ) {
        let mut message = Message::new(kind, device, content);
        message.version = version;
        message.time = Timestamp(time);
        if version > 1 {
            message.id = id;
            message.metadata = keys.into_iter().map(|(key, encoding, value)| Metadata { key, encoding, value }).collect();
        }
        let bytes = message.encode().unwrap();
        let mut assembler = Assembler::new(u64::MAX, |_| true);
        let mut rest = &*bytes;
        let (header, body) = assembler.take(&mut rest).unwrap().unwrap();
        prop_assert_eq!(Message::decode(&header, body).unwrap(), message);
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn images_are_read_as_written(
        scalar in 0..8_usize, big: bool, lps: bool, components in 1..=4_u8,
        size in proptest::array::uniform3(1..9_u16), cut in proptest::array::uniform3((0..9_u16, 0..9_u16)), matrix: [i16; 12],
    ) {
        let mut image = Image::new(Scalar::ALL[scalar], size, vec![]);
        (image.big_endian, image.lps, image.components, image.matrix) = (big, lps, components, matrix.map(f32::from));
        for axis in 0..3 {
            image.offset[axis] = cut[axis].0 % size[axis];
            image.part[axis] = 1 + cut[axis].1 % (size[axis] - image.offset[axis]);
        }
        let pixels: usize = image.part.iter().map(|n| usize::from(*n)).product();
        let bytes = pixels * usize::from(components) * image.scalar.bytes();
        image.pixels = (0..bytes).map(|n| n as u8).collect::<Vec<_>>().into();
        let content = image.encode();
        let back = Image::decode(&content).unwrap();
        prop_assert_eq!(&back, &image);
        prop_assert_eq!(values(&back).len(), pixels * usize::from(components));
    }

    #[test]
    fn times_come_back(ns in 1..4_294_967_295_000_000_000_i64) {
        let back = Timestamp::from_ns(ns).ns().unwrap();
        prop_assert!((back - ns).abs() <= 1, "{} {}", back, ns);
    }
}

// The source.

const PATIENCE: Duration = Duration::from_secs(20);

fn image(device: &str, time_ns: i64, image: &Image<'_>) -> Vec<u8> {
    let mut message = Message::new("IMAGE", device, image.encode());
    message.time = Timestamp::from_ns(time_ns);
    message.encode().unwrap()
}

/// A row of four bytes.
fn row(device: &str, cells: [u8; 4]) -> Vec<u8> {
    image(device, 0, &Image::new(Scalar::U8, [4, 1, 1], cells.to_vec()))
}

fn open(address: &str) -> IgtlRows {
    IgtlRows::open(&IgtlOptions::new(address.parse().unwrap())).unwrap()
}

/// Reads until there are this many rows. A read never takes long.
fn rows(source: &mut IgtlRows, count: usize) -> Vec<(Stamp, Vec<f32>)> {
    let begun = Instant::now();
    let mut found = Vec::new();
    while found.len() < count {
        assert!(begun.elapsed() < PATIENCE, "{} of {count} rows came", found.len());
        source.read(&mut |stamp, row| found.push((stamp, row.to_vec()))).unwrap();
    }
    found
}

fn cells(rows: &[(Stamp, Vec<f32>)]) -> Vec<&[f32]> {
    rows.iter().map(|(_, cells)| &**cells).collect()
}

/// The next message that comes.
fn receive(stream: &mut TcpStream) -> (String, Vec<u8>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = [0; HEADER_BYTES];
    stream.read_exact(&mut head).unwrap();
    let header = Header::decode(&head).unwrap();
    let mut body = vec![0; header.body_bytes as usize];
    stream.read_exact(&mut body).unwrap();
    (header.kind.clone(), Message::decode(&header, &body).unwrap().content.into_owned())
}

#[test]
fn a_client_takes_rows_answers_and_connects_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("igtl://{}", listener.local_addr().unwrap());
    let start = 1_790_000_000_000_000_000;
    let peer = thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        // Another type, a query, three rows of four bins, rows of another device, and a new row by a sub-volume.
        peer.write_all(&fixture("string")).unwrap();
        peer.write_all(&Message::new("GET_STATUS", "", vec![]).encode().unwrap()).unwrap();
        peer.write_all(&fixture("u8")).unwrap();
        peer.write_all(&row("other", [9; 4])).unwrap();
        let mut part = Image::new(Scalar::U8, [1, 4, 3], vec![21, 22]);
        (part.offset, part.part) = ([0, 2, 1], [1, 2, 1]);
        peer.write_all(&image("Fixture", start + 600_000_000, &part)).unwrap();
        let mut wrong = row("Fixture", [8; 4]);
        *wrong.last_mut().unwrap() ^= 1;
        peer.write_all(&wrong).unwrap();
        assert_eq!(receive(&mut peer).0, "STATUS");
        // It goes away in the middle of a message.
        peer.write_all(&row("Fixture", [7; 4])[..100]).unwrap();
        drop(peer);
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(&row("Fixture", [1, 2, 3, 4])).unwrap();
        peer
    });
    let mut source = open(&address);
    let found = rows(&mut source, 5);
    drop(peer.join().unwrap());
    let expected: [&[f32]; 5] =
        [&[0.0, 1.0, 2.0, 3.0], &[4.0, 5.0, 6.0, 7.0], &[8.0, 9.0, 10.0, 11.0], &[21.0, 22.0], &[1.0, 2.0, 3.0, 4.0]];
    assert_eq!(cells(&found), expected);
    // The first message ends at its timestamp.
    assert_eq!(found[2].0.end_ns(), start + 250_000_000);
    assert_eq!((found[3].0.first_hz, found[3].0.bin_hz), (2.0, 1.0));
    assert!(found.windows(2).all(|pair| pair[0].0.time_ns <= pair[1].0.time_ns));
    assert_eq!((source.info().bins, source.info().unit), (4, Unit::None));
    // The broken checksum, the cut message, and years from the fixture's time to the arrival of the last.
    assert_eq!(source.gaps(), 3);
}

#[test]
fn a_listener_outlives_bad_peers() {
    let mut source = open("igtl://:0");
    let port = source.port();
    assert_eq!(source.info().source.name, format!("igtl://:{port}"));
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    let begun = Instant::now();
    assert_eq!(source.read(&mut |_, _| panic!("a row")).unwrap(), Read::Waiting);
    assert!(begun.elapsed() < Duration::from_secs(2));
    // The port is taken.
    let error = IgtlRows::open(&IgtlOptions::new(format!("igtl://:{port}").parse().unwrap())).unwrap_err().to_string();
    assert!(error.contains(&format!("igtl://:{port}")) && error.contains("listen"), "{error}");
    // Garbage, a length that no message has, and a hang-up: each is closed, and the next one is heard.
    let mut endless = row("x", [0; 4])[..HEADER_BYTES].to_vec();
    endless[42..50].fill(255);
    for bad in [&b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html, */*\r\n\r\n"[..], &endless, b"", &[0; 1000]]
    {
        let mut peer = connect();
        peer.write_all(bad).unwrap();
        if bad.is_empty() {
            drop(peer);
        } else {
            // It is closed from the other side.
            let reader = thread::spawn(move || {
                peer.set_read_timeout(Some(PATIENCE)).unwrap();
                !matches!(peer.read(&mut [0; 1]), Ok(1))
            });
            let begun = Instant::now();
            while !reader.is_finished() && begun.elapsed() < PATIENCE {
                source.read(&mut |_, _| panic!("a row")).unwrap();
            }
            assert!(reader.join().unwrap());
        }
        let mut good = connect();
        good.write_all(&row("x", [1, 2, 3, 4])).unwrap();
        assert_eq!(cells(&rows(&mut source, 1)), [[1.0, 2.0, 3.0, 4.0]]);
        drop(good);
    }
    assert_eq!(source.gaps(), 3);
}

#[test]
fn a_second_peer_is_turned_away() {
    let mut source = open("igtl://:0");
    let mut first = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    first.write_all(&row("x", [1; 4])).unwrap();
    rows(&mut source, 1);
    let mut others: Vec<_> = (0..50).map(|_| TcpStream::connect(("127.0.0.1", source.port())).unwrap()).collect();
    for byte in 0..20 {
        first.write_all(&row("x", [byte; 4])).unwrap();
        assert_eq!(cells(&rows(&mut source, 1)), [[f32::from(byte); 4]]);
    }
    // They are looked at while the first has nothing to say.
    for _ in 0..6 {
        assert_eq!(source.read(&mut |_, _| panic!("a row")).unwrap(), Read::Idle);
    }
    for other in &mut others {
        other.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(!matches!(other.read(&mut [0; 1]), Ok(1)));
    }
}

#[test]
fn a_peer_of_one_byte_a_time_and_one_that_floods() {
    let mut source = open("igtl://:0");
    let port = source.port();
    let slow = thread::spawn(move || {
        let mut peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
        peer.set_nodelay(true).unwrap();
        for byte in row("x", [1, 2, 3, 4]) {
            peer.write_all(&[byte]).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        for n in 0..20_000_u32 {
            peer.write_all(&row("x", n.to_le_bytes())).unwrap();
        }
        peer
    });
    let found = rows(&mut source, 20_001);
    drop(slow.join().unwrap());
    for (n, cells) in cells(&found[1..]).iter().enumerate() {
        assert_eq!(cells, &(n as u32).to_le_bytes().map(f32::from));
    }
    // No time goes back, and none overlaps by more than rounding.
    assert!(found.windows(2).all(|pair| pair[1].0.time_ns + 1 >= pair[0].0.end_ns()));
}

#[test]
fn a_peer_that_stops_in_the_middle_is_left() {
    let mut options = IgtlOptions::new("igtl://:0".parse().unwrap());
    options.stall = Duration::from_millis(300);
    let mut source = IgtlRows::open(&options).unwrap();
    let mut stuck = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    stuck.write_all(&row("x", [9; 4])[..100]).unwrap();
    let begun = Instant::now();
    while source.gaps() == 0 {
        assert!(begun.elapsed() < PATIENCE);
        source.read(&mut |_, _| panic!("a row")).unwrap();
    }
    let mut other = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    other.write_all(&row("x", [1; 4])).unwrap();
    assert_eq!(cells(&rows(&mut source, 1)), [[1.0; 4]]);
    assert!(!matches!(stuck.read(&mut [0; 1]), Ok(1)));
}

#[test]
fn a_peer_of_a_byte_now_and_then_does_not_keep_others_away() {
    let mut options = IgtlOptions::new("igtl://:0".parse().unwrap());
    options.stall = Duration::from_millis(600);
    let mut source = IgtlRows::open(&options).unwrap();
    let port = source.port();
    let slow = thread::spawn(move || {
        let mut peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let end = Instant::now() + PATIENCE;
        // 4 bytes a second, without end.
        for byte in row("x", [9; 4]).iter().cycle() {
            assert!(Instant::now() < end, "it was never left");
            if peer.write_all(&[*byte & 1]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(250));
        }
    });
    // It comes again as long as it is turned away, as peers do.
    let other = thread::spawn(move || {
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "it was never let in");
            let mut peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
            peer.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
            let _ = peer.write_all(&row("x", [1; 4]));
            // A peer that is turned away sees the end.
            if peer.read(&mut [0; 1]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock) {
                return peer;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    let begun = Instant::now();
    let mut found = Vec::new();
    while found.is_empty() || !other.is_finished() || !slow.is_finished() {
        assert!(begun.elapsed() < PATIENCE);
        source.read(&mut |_, cells| found.push(cells.to_vec())).unwrap();
    }
    assert_eq!(found, [[1.0; 4]]);
    other.join().unwrap();
    slow.join().unwrap();
}

#[test]
fn what_is_wrong_with_a_peer_is_told_to_the_window() {
    let told = |source: &mut IgtlRows| {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE);
            source.read(&mut |_, _| {}).unwrap();
            if let Some(warning) = source.warning() {
                break warning.to_string();
            }
        }
    };
    // A port that nobody listens at any more.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let warning = told(&mut open(&format!("igtl://localhost:{port}")));
    assert!(warning.starts_with(&format!("cannot connect to igtl://localhost:{port}: ")), "{warning}");
    assert!(warning.ends_with("; trying again"), "{warning}");
    // An address to listen on is told as it is written.
    let mut source = open("igtl://:0");
    let mut peer = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    peer.write_all(&[0xff; 300]).unwrap();
    let warning = told(&mut source);
    assert!(warning.starts_with(&format!("igtl://:{}: invalid data: ", source.port())), "{warning}");
    assert_eq!(source.info().source.name, format!("igtl://:{}", source.port()));
}

#[test]
fn colour_is_refused_by_name() {
    let mut source = open("igtl://:0");
    let mut peer = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    peer.write_all(&fixture("rgb")).unwrap();
    let begun = Instant::now();
    let error = loop {
        assert!(begun.elapsed() < PATIENCE);
        if let Err(error) = source.read(&mut |_, _| panic!("a row")) {
            break error;
        }
    };
    assert!(matches!(error, SourceError::Row { field: "components", .. }), "{error:?}");
    assert!(error.to_string().contains("--as frames") && error.to_string().contains("got 3"), "{error}");
    // Among rows it is skipped, and what comes after it is shown.
    let mut source = open("igtl://:0");
    let mut peer = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    let mut colors = Image::new(Scalar::U8, [2, 2, 1], vec![7; 12]);
    colors.components = 3;
    peer.write_all(&[row("x", [1; 4]), image("x", 0, &colors), row("x", [2; 4])].concat()).unwrap();
    assert_eq!(cells(&rows(&mut source, 2)), [[1.0; 4], [2.0; 4]]);
    assert_eq!(source.gaps(), 1);
    assert!(source.warning().unwrap().to_string().contains("--as frames"));
}

// The program.

/// Sends these bytes to the first who connects, and again to the next.
fn serve(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("igtl://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for peer in listener.incoming().take(4) {
            let mut peer = peer.unwrap();
            // The program leaves when it has enough.
            let _ = peer.write_all(&bytes);
            let _ = peer.read(&mut [0; 1]);
        }
    });
    address
}

#[test]
fn a_frame_is_a_picture_of_a_pixel_a_cell() {
    let place = Place::new();
    // Two images; the last one is the picture. Values of 16 bits that halves could not hold.
    let pixels = |first: u16| (0..6_u16).flat_map(|n| (first + 1000 * n).to_le_bytes()).collect::<Vec<_>>();
    let send = |first| image("cam", 0, &Image::new(Scalar::U16, [3, 2, 1], pixels(first)));
    let address = serve([send(0), send(60_000)].concat());
    let said = place.well(&[
        "render",
        &address,
        "--as",
        "frames",
        "--frames",
        "2",
        "--size",
        "data",
        "-o",
        "x.png",
        "--colormap",
        "grey",
        "--vmin",
        "60000",
        "--vmax",
        "65000",
    ]);
    assert!(said.contains("3x2 pixels, 2 images") && said.contains("2 rows of 3 bins"), "{said}");
    let png = Png::read(&place.path("x.png"));
    assert_eq!((png.width, png.height), (3, 2));
    for n in 0..6_usize {
        // The fifths of 256 entries, in the order of the image, first row on top.
        let entry = (n * 256 / 5).min(255) as u8;
        assert_eq!(png.at(n % 3, n / 3), [entry; 3], "{n}");
    }
}

/// The last image is the picture; a cell that is not opaque lies over black.
#[test]
fn a_frame_of_colours_is_drawn_as_it_is() {
    let place = Place::new();
    let send = |components: u8, size: [u16; 3], pixels: Vec<u8>| {
        let mut picture = Image::new(Scalar::U8, size, pixels);
        picture.components = components;
        image("cam", 0, &picture)
    };
    let rgb: Vec<u8> = (0..18).map(|n| 14 * n).collect();
    let rgba = [[200, 100, 50, 255], [200, 100, 50, 51], [9, 9, 9, 0], [0, 255, 1, 255]].concat();
    let grey = Image::new(Scalar::U16, [3, 2, 1], vec![0; 12]);
    let address = serve([image("cam", 0, &grey), send(4, [2, 2, 1], rgba), send(3, [3, 2, 1], rgb.clone())].concat());
    let line = |frames: &'static str, address: &str| {
        place.well(&["render", address, "--as", "frames", "--frames", frames, "-o", "x.png", "--force"])
    };
    let said = line("3", &address);
    assert!(said.contains("3x2 pixels, 3 images") && said.contains("2 rows of 3 colours"), "{said}");
    let png = Png::read(&place.path("x.png"));
    assert_eq!((png.width, png.height), (3, 2));
    for n in 0..6_usize {
        assert_eq!(png.at(n % 3, n / 3), rgb[3 * n..3 * n + 3], "{n}");
    }
    line("2", &address);
    let png = Png::read(&place.path("x.png"));
    let at = |x, y| png.at(x, y);
    // A fifth of each channel.
    assert_eq!([at(0, 0), at(1, 0), at(0, 1), at(1, 1)], [[200, 100, 50], [40, 20, 10], [0; 3], [0, 255, 1]]);
}

#[test]
fn rows_of_images_make_a_picture_and_the_range_is_found() {
    let place = Place::new();
    let bytes: Vec<u8> = (0..4_u8).flat_map(|n| row("x", [n, 10, 20, 30])).collect();
    let address = serve(bytes);
    let said = place.well(&[
        "render",
        &address,
        "--frames",
        "4",
        "-o",
        "x.png",
        "--colormap",
        "grey",
        "--size",
        "4x4",
        "--newest",
        "bottom",
    ]);
    assert!(said.contains("range 0 … 30"), "{said}");
    let png = Png::read(&place.path("x.png"));
    for line in 0..4 {
        for (bin, value) in [line, 10, 20, 30].into_iter().enumerate() {
            assert_eq!(png.at(bin, line), [(value * 256 / 30).min(255) as u8; 3], "{bin} {line}");
        }
    }
}

#[test]
fn wrong_command_lines_are_refused() {
    for (line, expected) in [
        ("render igtl://localhost -o x.png", "--frames"),
        ("render igtl://local:host -o x.png --frames 1", "igtl://HOST:PORT"),
        ("render igtl://localhost -o x.png --frames 1 --from 3s", "--from"),
        ("render demo -o x.png --frames 1", "--frames"),
        ("render demo -o x.png --as frames", "--as"),
        ("view igtl://localhost --as frames --row-time 20ms", "--row-time"),
        ("view x.wav --device-name a", "--device-name"),
        ("render igtl://localhost --as frames --frames 1 --size 4x4 -o x.png", "--size"),
        ("view igtl://localhost --extent 0,1,0,1", "--extent"),
        ("view igtl://localhost --as frames --publish ws://:0", "--publish-as picture"),
        ("view --ffmpeg -iX --as rows", "--as: --ffmpeg is not an igtl:// address"),
        ("view --ffmpeg -iX --device-name a", "--device-name"),
        ("view --ffmpeg -iX --layout hwc", "--layout"),
        ("view --ffmpeg -iX --complex power", "--complex"),
        ("view --ffmpeg -iX --row-time 20ms", "--row-time"),
        ("view --ffmpeg -iX --publish ws://:0", "--publish-as picture"),
        ("view x.npy --publish ws://:0", "--publish-as picture"),
    ] {
        // An argument with a blank in it.
        let words = line.split(' ').map(|word| if word == "-iX" { "-i X" } else { word });
        let output = Command::new(env!("CARGO_BIN_EXE_ringfall")).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(expected), "{line}: {said}");
    }
}

// pyigtl.

/// A Python that has pyigtl: `RINGFALL_PYTHON`, else `python3`.
fn python(script: &str, port: u16, value: u8) -> Option<Peer> {
    let python = std::env::var_os("RINGFALL_PYTHON").unwrap_or_else(|| "python3".into());
    let found = Command::new(&python).args(["-c", "import pyigtl"]).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no Python with pyigtl (pip install pyigtl numpy, RINGFALL_PYTHON=…)");
        return None;
    }
    let script = format!(
        "import sys, time\nimport numpy as np\nimport pyigtl\nport, value = int(sys.argv[1]), int(sys.argv[2])\n{script}"
    );
    let child =
        Command::new(python).args(["-c", &script, &port.to_string(), &value.to_string()]).stdout(Stdio::null()).spawn();
    Some(Peer(child.unwrap()))
}

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const LOOP: &str = "
end = time.time() + 30
while time.time() < end:
    if peer.is_connected():
        peer.send_message(pyigtl.ImageMessage(np.full((2, 8), value, np.float32), device_name='Py'), wait=False)
    time.sleep(0.02)
";

/// Reads until rows of this value come.
fn until(source: &mut IgtlRows, value: f32) {
    let begun = Instant::now();
    loop {
        let found = rows(source, 1);
        assert!(begun.elapsed() < PATIENCE, "rows of {value} did not come");
        if found[0].1 == [value; 8] {
            return;
        }
    }
}

#[test]
fn pyigtl_as_a_server_that_restarts() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!("peer = pyigtl.OpenIGTLinkServer(port=port, local_server=True)\n{LOOP}");
    let Some(first) = python(&script, port, 1) else { return };
    let mut source = open(&format!("igtl://127.0.0.1:{port}"));
    until(&mut source, 1.0);
    drop(first);
    let _second = python(&script, port, 2);
    until(&mut source, 2.0);
}

#[test]
fn pyigtl_as_a_client_that_restarts() {
    let mut source = open("igtl://:0");
    let script = format!("peer = pyigtl.OpenIGTLinkClient(host='127.0.0.1', port=port)\n{LOOP}");
    let Some(first) = python(&script, source.port(), 1) else { return };
    until(&mut source, 1.0);
    drop(first);
    let _second = python(&script, source.port(), 2);
    until(&mut source, 2.0);
    assert_eq!(source.info().bins, 8);
    let _: Address = source.info().source.name.parse().unwrap();
}
