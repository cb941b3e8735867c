//! RTL-SDR receivers. The server here is written from the reference (osmocom's `rtl_tcp.c`) alone.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use ringfall::source::network::{RtlTcp, RtlTcpOptions};
use ringfall::source::{Block, Clock, Control, Feed, Read, Source as _, SourceError, WhenFull};

use super::{accept, address, after_a_stall, bytes, numbers, read, server, warned};

/// What the client leaves out after a setting.
const LEFT_OUT: usize = 262_144;

fn options(port: u16) -> RtlTcpOptions {
    RtlTcpOptions::new(address(&format!("rtl_tcp://127.0.0.1:{port}")), 2.4e6, 100.1e6)
}

/// A connection with an R820T tuner and its 29 gains.
fn greet(listener: &TcpListener) -> TcpStream {
    let mut stream = accept(listener);
    stream.write_all(b"RTL0\0\0\0\x05\0\0\0\x1d").unwrap();
    stream
}

/// A command: its number and its value.
fn command(stream: &mut TcpStream) -> (u8, u32) {
    let [id, value @ ..] = bytes::<5>(stream);
    (id, u32::from_be_bytes(value))
}

#[test]
fn the_receiver_is_set_and_its_samples_come() {
    let (listener, port) = server();
    let mut options = options(port);
    (options.gain_db, options.ppm) = (Some(30.0), -3.0);
    let mut source = RtlTcp::open(&options).unwrap();
    assert_eq!(source.info().rate_hz, 2.4e6);
    let mut stream = greet(&listener);
    let commands: Vec<_> = (0..6).map(|_| command(&mut stream)).collect();
    let minus_three = u32::MAX - 2;
    // 29.7 dB is the nearest gain that this tuner has.
    assert_eq!(commands, [(2, 2_400_000), (5, minus_three), (1, 100_100_000), (3, 1), (4, 297), (7, 0)]);
    stream.write_all(&vec![9; LEFT_OUT]).unwrap();
    // Cut at odd places: I and Q keep theirs.
    for piece in [&[0_u8][..], &[255, 127], &[128], &[64, 200]] {
        stream.write_all(piece).unwrap();
        thread::sleep(Duration::from_millis(5));
    }
    let got = numbers(&mut source, 6);
    let expected = [0.0, 255.0, 127.0, 128.0, 64.0, 200.0].map(|byte: f32| (byte - 127.5) / 127.5);
    assert_eq!(got, expected);
    let info = source.info();
    assert_eq!((info.centre_hz, info.gain_db, info.clock), (100.1e6, Some(29.7), Clock::Utc));
    assert_eq!(info.controls.gains_db.len(), 29);
    assert_eq!(info.controls.gain_db, Some(0.0..=49.6));
    assert!(source.warning().is_none(), "{:?}", source.warning());
}

#[test]
fn tuning_changes_the_samples_that_follow() {
    let (listener, port) = server();
    let mut source = RtlTcp::open(&options(port)).unwrap();
    let mut stream = greet(&listener);
    // The gain is automatic.
    let commands: Vec<_> = (0..5).map(|_| command(&mut stream)).collect();
    assert_eq!(commands[3], (3, 0), "{commands:?}");
    stream.write_all(&vec![0; LEFT_OUT + 1000]).unwrap();
    assert!(numbers(&mut source, 1000).iter().all(|value| *value == -1.0));

    for (control, expected) in [
        (Control::Tune(7.1e6), (1, 7_100_000)),
        (Control::Rate(1.024e6), (2, 1_024_000)),
        (Control::Ppm(12.0), (5, 12)),
    ] {
        source.control(control).unwrap();
        assert_eq!(command(&mut stream), expected);
    }
    source.control(Control::Gain(-50.0)).unwrap_err();
    source.control(Control::Gain(20.0)).unwrap();
    assert_eq!([command(&mut stream), command(&mut stream)], [(3, 1), (4, 197)]);
    // What was taken before is left out, and what follows is around the new frequency.
    stream.write_all(&vec![0; LEFT_OUT]).unwrap();
    stream.write_all(&[255; 1000]).unwrap();
    let mut block = Block::default();
    assert_eq!(read(&mut source, &mut block), Read::Changed);
    let info = source.info();
    assert_eq!((info.centre_hz, info.rate_hz, info.gain_db), (7.1e6, 1.024e6, Some(19.7)));
    assert!(numbers(&mut source, 1000).iter().all(|value| *value == 1.0));
    assert_eq!(source.overruns(), 0);
}

/// The feed keeps rows from before at the frequencies that they had.
#[test]
fn the_past_stays_where_it_was_on_the_air() {
    let (listener, port) = server();
    let source = RtlTcp::open(&options(port)).unwrap();
    let settings = ringfall::dsp::Settings { size: 64, hop: 64, ..Default::default() };
    let mut feed = Feed::start(Box::new(source), &settings, 64, WhenFull::Drop, || {}).unwrap();
    let mut stream = greet(&listener);
    let mut rows = Vec::new();
    for (hz, count) in [(100_100_000, 64 * 2 * 3), (7_100_000, 64 * 2 * 2)] {
        if rows.is_empty() {
            for _ in 0..5 {
                command(&mut stream);
            }
        } else {
            feed.tune(f64::from(hz)).unwrap();
            assert_eq!(command(&mut stream), (1, hz));
        }
        stream.write_all(&vec![127; LEFT_OUT + count]).unwrap();
        let begun = std::time::Instant::now();
        let before = rows.len();
        while rows.len() - before < count / 128 {
            feed.drain(64, |stamp, _| rows.push((stamp.first_hz, stamp.time_ns)));
            assert!(begun.elapsed() < super::PATIENCE, "{:?}", feed.status());
            thread::sleep(Duration::from_millis(1));
        }
    }
    let lowest = |centre: f64| centre - 1.2e6;
    let found: Vec<_> = rows.iter().map(|row| row.0).collect();
    let (old, new) = (lowest(100.1e6), lowest(7.1e6));
    assert_eq!(found, [old, old, old, new, new]);
    assert!(rows.is_sorted_by_key(|row| row.1), "{rows:?}");
}

#[test]
fn a_server_that_returns_is_connected_to_again() {
    let (listener, port) = server();
    let mut options = options(port);
    options.gain_db = Some(10.0);
    let mut source = RtlTcp::open(&options).unwrap();
    let mut block = Block::default();
    for round in 0..3_u8 {
        let mut stream = greet(&listener);
        // All settings again, with the frequency of last.
        let commands: Vec<_> = (0..6).map(|_| command(&mut stream)).collect();
        assert_eq!(commands[2], (1, 100_100_000 + u32::from(round)));
        stream.write_all(&vec![0; LEFT_OUT]).unwrap();
        stream.write_all(&[round; 64]).unwrap();
        while read(&mut source, &mut block) != Read::Samples {}
        assert_eq!(block.gap, round > 0);
        let mut rest = block.samples.len();
        while rest < 64 {
            assert_eq!(read(&mut source, &mut block), Read::Samples);
            rest += block.samples.len();
        }
        let hz = 100_100_001 + u32::from(round);
        source.control(Control::Tune(f64::from(hz))).unwrap();
        assert_eq!(command(&mut stream), (1, hz));
        drop(stream);
        while source.read(&mut block).unwrap() != Read::Waiting {}
    }
}

#[test]
fn the_test_counter_shows_what_is_lost() {
    let (listener, port) = server();
    let mut options = options(port);
    options.test_counter = true;
    let mut source = RtlTcp::open(&options).unwrap();
    let mut stream = greet(&listener);
    let commands: Vec<_> = (0..5).map(|_| command(&mut stream)).collect();
    assert_eq!(commands[4], (7, 1));
    stream.write_all(&vec![0; LEFT_OUT]).unwrap();
    let counter: Vec<u8> = (0..4000_u32).map(|n| n as u8).collect();
    stream.write_all(&counter[..1000]).unwrap();
    stream.write_all(&counter[1020..3000]).unwrap();
    stream.write_all(&counter[3200..]).unwrap();
    let got = numbers(&mut source, 1000 + 1980 + 800);
    assert_eq!(got.len(), 3780);
    assert_eq!(source.overruns(), 10 + 100);
}

/// The reader stalls while 20 MB come: memory is bounded, and the gap has the length of what is missing.
#[test]
fn a_reader_that_stalls_finds_a_gap_of_the_right_length() {
    let (listener, port) = server();
    let mut source = RtlTcp::open(&options(port)).unwrap();
    let mut stream = greet(&listener);
    stream.write_all(&vec![0; LEFT_OUT]).unwrap();
    let total = 10_000_000_u64;
    let piece = vec![7; 20_000];
    for _ in 0..total / 10_000 {
        stream.write_all(&piece).unwrap();
    }
    // Only what follows says what is missing before it; it comes when the queue is empty.
    let sender = thread::spawn(move || {
        thread::sleep(Duration::from_secs(2));
        stream.write_all(&piece).unwrap();
        stream
    });
    let (count, lost) = after_a_stall(&mut source, total + 10_000);
    assert_eq!(count + lost, total + 10_000);
    drop(sender.join());
    // A second of samples is in the queue, and some in the system's buffers.
    assert!(count > 1_000_000 && lost > 2_000_000, "{count} read, {lost} lost");
}

#[test]
fn bad_servers_are_named_and_the_source_goes_on() {
    let (listener, port) = server();
    let mut source = RtlTcp::open(&options(port)).unwrap();
    let name = format!("rtl_tcp://127.0.0.1:{port}");
    for greeting in [&b"HTTP/1.1 400 Bad Request"[..], b"RTX", b"\0"] {
        accept(&listener).write_all(greeting).unwrap();
        let warning = warned(&mut source, "expected RTL0");
        assert!(warning.contains(&name), "{warning}");
        // So that the next one is another.
        drop(accept(&listener));
    }
    // One that is cut within the greeting, and one that is there at last.
    accept(&listener).write_all(b"RTL0\0\0").unwrap();
    let mut stream = greet(&listener);
    stream.write_all(&vec![1; LEFT_OUT + 200]).unwrap();
    numbers(&mut source, 200);
}

#[test]
fn a_peer_that_closes_a_thousand_times_is_not_hammered() {
    let (listener, port) = server();
    let mut source = RtlTcp::open(&options(port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let begun = std::time::Instant::now();
    let mut connections = 0;
    let mut block = Block::default();
    while begun.elapsed() < Duration::from_secs(2) {
        match listener.accept() {
            Ok(_) => connections += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        source.read(&mut block).unwrap();
    }
    // 0, 100, 300, 700 and 1500 ms.
    assert!((2..=6).contains(&connections), "{connections}");
}

#[test]
fn nobody_there_is_one_clear_message() {
    let (listener, port) = server();
    drop(listener);
    let mut source = RtlTcp::open(&options(port)).unwrap();
    let warning = warned(&mut source, "cannot connect");
    assert!(warning.contains(&format!("rtl_tcp://127.0.0.1:{port}")) && warning.contains("refused"), "{warning}");
    assert_eq!(source.read(&mut Block::default()).unwrap(), Read::Waiting);

    // Without waiting for it, as for a picture, it is an error.
    let mut once = options(port);
    once.live = false;
    let mut source = RtlTcp::open(&once).unwrap();
    let error = loop {
        match source.read(&mut Block::default()) {
            Ok(Read::Opening | Read::Waiting) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("cannot connect to rtl_tcp://") && error.contains("refused"), "{error}");
}

#[test]
fn a_rate_that_no_receiver_has_is_told() {
    let (listener, port) = server();
    let mut options = options(port);
    options.rate_hz = 500e3;
    let mut source = RtlTcp::open(&options).unwrap();
    let stream = greet(&listener);
    let warning = warned(&mut source, "500000 Hz");
    assert!(warning.contains("225001 to 300000"), "{warning}");
    drop(stream);
}

#[test]
fn what_does_not_fit_the_protocol_is_refused() {
    let with = |change: fn(&mut RtlTcpOptions)| {
        let mut options = options(1);
        change(&mut options);
        RtlTcp::open(&options).unwrap_err()
    };
    for (error, expected) in [
        (with(|options| options.centre_hz = 5e9), "centre frequency"),
        (with(|options| options.centre_hz = f64::NAN), "centre frequency"),
        (with(|options| options.rate_hz = 0.0), "sample rate"),
        (with(|options| options.gain_db = Some(f64::INFINITY)), "gain"),
        (with(|options| options.ppm = 1e6), "correction"),
    ] {
        assert!(matches!(error, SourceError::ControlRange { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = with(|options| options.address = address("udp://:5")).to_string();
    assert!(error.contains("expected an address that begins with rtl_tcp://"), "{error}");
}

/// A source that is dropped does not wait for its peer, and lets go of it.
#[test]
fn a_source_that_is_dropped_hangs_up() {
    let (listener, port) = server();
    let source = RtlTcp::open(&options(port)).unwrap();
    let mut stream = greet(&listener);
    let begun = std::time::Instant::now();
    drop(source);
    assert!(begun.elapsed() < Duration::from_millis(50));
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}
