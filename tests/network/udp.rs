//! Samples in UDP datagrams.

use std::io::Write as _;
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::Duration;

use ringfall::dsp::SampleKind;
use ringfall::source::network::{UdpOptions, UdpSamples};
use ringfall::source::{Block, RawFormat, Read, Source as _};

use super::{address, after_a_stall, numbers, read, warned};

fn options(format: RawFormat, rate_hz: f64) -> UdpOptions {
    UdpOptions::new(address("udp://:0"), format, rate_hz)
}

/// A socket that sends to the source.
fn sender(source: &UdpSamples) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(("127.0.0.1", source.port())).unwrap();
    socket
}

fn samples(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn datagrams_are_samples() {
    let mut source = UdpSamples::open(&options("cs16".parse().unwrap(), 48e3)).unwrap();
    assert_eq!(source.info().kind, SampleKind::Complex);
    let peer = sender(&source);
    peer.send(&samples(&[16_384, -16_384, 0, 32_767])).unwrap();
    peer.send(&[]).unwrap();
    peer.send(&samples(&[8192, 1])).unwrap();
    let got = numbers(&mut source, 6);
    assert_eq!(got, [0.5, -0.5, 0.0, 32_767.0 / 32_768.0, 0.25, 1.0 / 32_768.0]);
    assert!(source.warning().is_none());
    // Another sender is left out while this one sends.
    let other = sender(&source);
    other.send(&samples(&[1, 2])).unwrap();
    let warning = warned(&mut source, "left out");
    assert!(warning.contains(&other.local_addr().unwrap().to_string()), "{warning}");
    // Half a sample at the end is dropped, and told.
    peer.send(&samples(&[3, 4, 5])).unwrap();
    assert_eq!(numbers(&mut source, 2), [3.0 / 32_768.0, 4.0 / 32_768.0]);
    warned(&mut source, "expected whole samples of 4 bytes");
}

#[test]
fn a_counter_shows_lost_datagrams() {
    let mut options = options("s16".parse().unwrap(), 1000.0);
    options.counter = true;
    let mut source = UdpSamples::open(&options).unwrap();
    let peer = sender(&source);
    let send = |number: u64, value: i16| {
        peer.send(&[&number.to_le_bytes()[..], &samples(&[value; 10])].concat()).unwrap();
    };
    let mut block = Block::default();
    let (mut first_ns, mut last) = (None, (0, false));
    // Number 2 comes late, 5 to 9 never, and GNU Radio ends with an empty datagram.
    for (number, value) in [(0, 1), (1, 1), (3, 2), (2, 9), (4, 2), (10, 3)] {
        send(number, value);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    peer.send(&[]).unwrap();
    let mut got = Vec::new();
    while got.len() < 50 {
        assert_eq!(read(&mut source, &mut block), Read::Samples);
        first_ns.get_or_insert(block.time_ns);
        last = (block.time_ns, block.gap);
        got.extend(block.samples.iter().map(|value| (value * 32_768.0) as i16));
    }
    assert_eq!(got, [[1; 20], [2; 20]].concat().into_iter().chain([3; 10]).collect::<Vec<_>>());
    assert_eq!(source.overruns(), 60);
    assert_eq!(last, (first_ns.unwrap() + 100_000_000, true));
    // A counter far away is another stream, as is one that begins again.
    send(u64::MAX / 2, 4);
    assert_eq!(numbers(&mut source, 10), [4.0 / 32_768.0; 10]);
    send(0, 5);
    assert_eq!(numbers(&mut source, 10), [5.0 / 32_768.0; 10]);
    assert_eq!(source.overruns(), 60);
}

/// The reader stalls; datagrams go on. What the system itself has no room for cannot be seen without a counter, so that they are
/// sent in time, and counted.
#[test]
fn a_reader_that_stalls_finds_a_gap_of_the_right_length() {
    let mut options = options("cs16".parse().unwrap(), 100e3);
    options.counter = true;
    let mut source = UdpSamples::open(&options).unwrap();
    let peer = sender(&source);
    let each = 2000_usize;
    let datagrams = 1500_u64;
    for number in 0..=datagrams {
        peer.send(&[&number.to_le_bytes()[..], &vec![0; 4 * each]].concat()).unwrap();
        if number % 8 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    // The last one says what is missing before it.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let queued = after_a_stall(&mut source, 200_000).0;
    peer.send(&[&(datagrams + 1).to_le_bytes()[..], &vec![0; 4 * each]].concat()).unwrap();
    let total = (datagrams + 2) * each as u64;
    let (more, lost) = after_a_stall(&mut source, total - queued);
    assert_eq!(queued + more + lost, total);
    assert!(queued + more < 500_000 && lost > 2_000_000, "{queued} {more} {lost}");
}

#[test]
fn what_cannot_be_listened_on_is_told() {
    let first = UdpSamples::open(&options(RawFormat::CF32, 1e6)).unwrap();
    let mut taken = options(RawFormat::CF32, 1e6);
    for (text, expected) in [
        (format!("udp://:{}", first.port()), "in use"),
        ("udp://203.0.113.1:9000".to_owned(), "cannot listen at udp://203.0.113.1:9000"),
        ("udp://example.org:9000".to_owned(), "expected an address in numbers"),
    ] {
        taken.address = address(&text);
        let error = UdpSamples::open(&taken).unwrap_err().to_string();
        assert!(error.contains(&text) && error.contains(expected), "{error}");
    }
    taken.rate_hz = 0.5;
    assert!(UdpSamples::open(&taken).unwrap_err().to_string().contains("sample rate of udp://"));
}

/// A program of another make; none, said aloud, if it is not installed.
#[test]
fn datagrams_of_socat() {
    let mut source = UdpSamples::open(&options(RawFormat::CS16, 48e3)).unwrap();
    let to = format!("UDP4-SENDTO:127.0.0.1:{}", source.port());
    let socat = Command::new("socat").args(["-u", "-b", "400", "STDIN", &to]).stdin(Stdio::piped()).spawn();
    let Ok(mut socat) = socat else {
        eprintln!("SKIPPED: socat is not installed (apt-get install socat)");
        return;
    };
    let mut input = socat.stdin.take().unwrap();
    for piece in 0..10_i16 {
        let bytes: Vec<u8> = (0..200).flat_map(|n| (200 * piece + n).to_le_bytes()).collect();
        input.write_all(&bytes).unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    let found = numbers(&mut source, 2000);
    drop(input);
    assert!(socat.wait().unwrap().success());
    let expected: Vec<f32> = (0..2000).map(|n| n as f32 / 32768.0).collect();
    assert_eq!(found, expected);
}

/// A rate that no radio has, and a counter that jumps: samples that are missing are counted, as many as there can be.
#[test]
fn a_counter_that_jumps_at_an_absurd_rate() {
    let mut options = options("s16".parse().unwrap(), f64::MAX);
    options.counter = true;
    let mut source = UdpSamples::open(&options).unwrap();
    let peer = sender(&source);
    for number in [0, u64::MAX / 2, 7] {
        peer.send(&[&number.to_le_bytes()[..], &samples(&[1; 10])].concat()).unwrap();
        assert_eq!(numbers(&mut source, 10), [1.0 / 32_768.0; 10]);
    }
    assert_eq!(source.overruns(), u64::MAX);
}
