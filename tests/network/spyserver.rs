//! SpyServers. The server here is written from the published header of the protocol alone.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};

use ringfall::source::network::{SpyServer, SpyServerOptions};
use ringfall::source::{Block, Control, Read, Source as _};

use super::{accept, address, bytes, numbers, read, server, warned};

fn options(port: u16) -> SpyServerOptions {
    SpyServerOptions::new(address(&format!("spyserver://127.0.0.1:{port}")), 7.1e6)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn message(kind: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    [words(&[2 << 24 | 1700, kind, 1, sequence, body.len() as u32]), body.to_vec()].concat()
}

/// What a server with an Airspy HF+ says: up to 768 kHz, seven stages of decimation, of which the first is not for clients.
fn device(format: u32) -> Vec<u8> {
    words(&[2, 0x1234, 768_000, 660_000, 7, 0, 8, 9000, 31_000_000, 16, 1, format])
}

fn sync(may: u32, centre: u32) -> Vec<u8> {
    words(&[may, 5, centre, centre, centre, 100_000, 30_000_000, 100_000, 30_000_000])
}

/// A setting: its number and its value.
fn setting(stream: &mut TcpStream) -> (u32, u32) {
    let [command, length, setting, value] = std::array::from_fn(|_| u32::from_le_bytes(bytes::<4>(stream)));
    assert_eq!((command, length), (2, 8));
    (setting, value)
}

/// A client that has said hello and was told of the receiver.
fn meet(listener: &TcpListener, format: u32) -> TcpStream {
    let mut stream = accept(listener);
    assert_eq!(bytes::<12>(&mut stream).to_vec(), words(&[0, 12, 2 << 24 | 1700]));
    assert_eq!(bytes::<8>(&mut stream), *b"ringfall");
    stream.write_all(&message(0, 0, &device(format))).unwrap();
    stream
}

#[test]
fn the_receiver_is_set_and_its_samples_come() {
    let (listener, port) = server();
    let mut options = options(port);
    (options.rate_hz, options.gain_step) = (Some(150e3), Some(100));
    let mut source = SpyServer::open(&options).unwrap();
    let mut stream = meet(&listener, 0);
    // 768 kHz / 4 is the lowest rate that is no lower than 150 kHz; there are 8 steps of gain.
    let settings: Vec<_> = (0..6).map(|_| setting(&mut stream)).collect();
    assert_eq!(settings, [(0, 1), (100, 2), (102, 2), (101, 7_100_000), (2, 8), (1, 1)]);
    let samples: Vec<u8> = [16_384_i16, -16_384].into_iter().flat_map(i16::to_le_bytes).collect();
    let mut sent = message(1, 0, &sync(1, 7_100_000));
    sent.extend(message(301, 0, &[0; 333]));
    // The upper half of the kind is a gain.
    sent.extend(message(3 << 16 | 101, 7, &samples.repeat(10)));
    for piece in sent.chunks(33) {
        stream.write_all(piece).unwrap();
    }
    assert_eq!(numbers(&mut source, 20), [0.5, -0.5].repeat(10));
    let info = source.info();
    assert_eq!((info.rate_hz, info.centre_hz), (192e3, 7.1e6));
    assert_eq!(info.controls.tune_hz, Some(100_000.0..=30_000_000.0));
    // Three messages of ten samples are missing.
    stream.write_all(&message(101, 11, &samples.repeat(10))).unwrap();
    let mut block = Block::default();
    assert_eq!(read(&mut source, &mut block), Read::Samples);
    assert_eq!((block.gap, source.overruns()), (true, 30));
    // The server says what became of a setting.
    source.control(Control::Tune(1e9)).unwrap_err();
    source.control(Control::Tune(14.1e6)).unwrap();
    assert_eq!(setting(&mut stream), (101, 14_100_000));
    stream.write_all(&message(1, 0, &sync(1, 14_100_000))).unwrap();
    stream.write_all(&message(101, 12, &samples)).unwrap();
    assert_eq!(read(&mut source, &mut block), Read::Changed);
    assert_eq!(source.info().centre_hz, 14.1e6);
}

#[test]
fn a_server_that_is_shared_stays_where_it_is() {
    let (listener, port) = server();
    let mut source = SpyServer::open(&options(port)).unwrap();
    let mut stream = meet(&listener, 1);
    // It insists on bytes; without a wish the highest rate that it has is taken.
    let settings: Vec<_> = (0..5).map(|_| setting(&mut stream)).collect();
    assert_eq!(settings, [(0, 1), (100, 1), (102, 1), (101, 7_100_000), (1, 1)]);
    stream.write_all(&message(1, 0, &sync(0, 10_000_000))).unwrap();
    stream.write_all(&message(100, 0, &[255, 0, 128, 128])).unwrap();
    assert_eq!(numbers(&mut source, 4), [127.0 / 128.0, -1.0, 0.0, 0.0]);
    assert_eq!((source.info().centre_hz, source.info().rate_hz), (10e6, 384e3));
    let warning = warned(&mut source, "stays at 10000000 Hz");
    assert!(warning.contains(&format!("spyserver://127.0.0.1:{port}")), "{warning}");
}

#[test]
fn bad_servers_are_named_and_the_source_goes_on() {
    let (listener, port) = server();
    let mut source = SpyServer::open(&options(port)).unwrap();
    for (sent, expected) in [
        (b"HTTP/1.1 400 Bad Request".to_vec(), "expected a SpyServer of version 2, got the version 80.84.21576"),
        (words(&[2 << 24, 0, 0, 0, u32::MAX]), "4294967295 bytes"),
        (message(0, 0, &[1; 20]), "20 bytes about the receiver"),
        (message(0, 0, &[0; 48]), "no receiver"),
    ] {
        accept(&listener).write_all(&sent).unwrap();
        let warning = warned(&mut source, expected);
        assert!(warning.contains(&format!("spyserver://127.0.0.1:{port}")), "{warning}");
    }
    let mut stream = meet(&listener, 0);
    stream.write_all(&message(101, 0, &[0; 40])).unwrap();
    assert_eq!(numbers(&mut source, 20), [0.0; 20]);
}
