//! The program with peers: command lines that are wrong, peers that are not there, and a picture of what one sends.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use super::{accept, server};

fn render(args: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    command.arg("render").args(args.split_whitespace()).arg("-o").arg(folder.path().join("x.png"));
    let output = command.env_remove("RUST_LOG").stdin(Stdio::null()).output().unwrap();
    assert_eq!(folder.path().join("x.png").exists(), output.status.success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), usize::from(output.status.success()));
    output
}

#[test]
fn one_clear_message_for_what_is_wrong() {
    for (args, code, expected) in [
        ("rtl_tcp://x --rate 2M --seconds 1", 2, "rtl_tcp://x: nothing gives its frequency: expected --centre"),
        ("rtltcp://x --rate 2.4M", 2, "rtltcp://x: expected a file (./rtltcp://x is one of that name), or an address"),
        ("http://x/a.wav", 2, "view --ffmpeg \"-i http://x/a.wav\" shows"),
        ("rtl_tcp://x --centre 7M --seconds 1", 2, "rtl_tcp://x: nothing gives its sample rate: expected --rate"),
        ("rtl_tcp://x --rate 2M --centre 7M", 2, "rtl_tcp://x: it sends without end: expected --seconds"),
        (
            "rtl_tcp://x --rate 2M --centre 7M --format cu8 --seconds 1",
            2,
            "--format cu8: rtl_tcp://x has its own format",
        ),
        (
            "rtl_tcp://x --rate 2M --centre 7M --udp-counter --seconds 1",
            2,
            "--udp-counter: rtl_tcp://x is not a udp://",
        ),
        (
            "rtl_tcp:x --rate 2M --centre 7M --seconds 1",
            2,
            "'rtl_tcp:x' is not an address: expected rtl_tcp://HOST:PORT",
        ),
        ("udp://:0 --rate 2M --seconds 1", 2, "udp://:0: nothing gives the type of its samples: expected --format"),
        ("udp://:0 --rate 2M --format cs16 --ppm 3 --seconds 1", 2, "--ppm: udp://:0 is not an rtl_tcp:// address"),
        ("zmq://x:1 --rate 2M --format cs16 --channel 2 --seconds 1", 2, "--channel 2: zmq://x:1 has one channel"),
        ("spyserver://x --centre 7M --gain 0.5 --seconds 1", 2, "--gain 0.5: the gain of a SpyServer"),
        ("shm://x --rate 2M --seconds 1", 2, "shm://x has its own"),
        ("demo --gain 5", 2, "the demonstration is made as it is"),
        ("rtl_tcp://127.0.0.1:1 --rate 2M --centre 7M --seconds 1", 1, "cannot connect to rtl_tcp://127.0.0.1:1: "),
        ("zmq://host.invalid:1 --rate 2M --format cs16 --seconds 1", 1, "cannot connect to zmq://host.invalid:1: "),
        ("udp://203.0.113.1:5 --rate 2M --format cs16 --seconds 1", 1, "cannot listen at udp://203.0.113.1:5: "),
    ] {
        let output = render(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args}: {said}");
        assert_eq!(said.matches("error:").count(), 1, "{args}: {said}");
        assert!(said.contains(expected) && !said.contains("panicked"), "{args}: {said}");
    }
}

#[test]
fn a_picture_of_what_a_receiver_sends() {
    let (listener, port) = server();
    let sender = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.write_all(b"RTL0\0\0\0\x05\0\0\0\x1d").unwrap();
        // It ends when the picture is done.
        while stream.write_all(&[200; 50_000]).is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
    });
    let output = render(&format!(
        "rtl_tcp://127.0.0.1:{port} --rate 250k --centre 100M --gain 30 --fft 256 --seconds 2s --size 64x64"
    ));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!(" s of rtl_tcp://127.0.0.1:{port}")), "{said}");
    assert!(said.contains("99.875 MHz to 100.12 MHz"), "{said}");
    sender.join().unwrap();
}

/// A receiver that goes away in the middle is the end of the recording.
#[test]
fn a_picture_of_what_came_before_the_end() {
    let (listener, port) = server();
    let sender = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.write_all(b"RTL0\0\0\0\x05\0\0\0\x1d").unwrap();
        stream.write_all(&vec![200; 262_144 + 250_000]).unwrap();
        // All settings are read, so that the end is no reset.
        let mut settings = [0; 25];
        std::io::Read::read_exact(&mut stream, &mut settings).unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    let output =
        render(&format!("rtl_tcp://127.0.0.1:{port} --rate 250k --centre 100M --fft 256 --seconds 9s --size 64x64"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    sender.join().unwrap();
}
