//! Standard output and standard error that fail.

#![cfg(unix)]

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

fn command(args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "WGPU_BACKEND", "WGPU_ADAPTER_NAME", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.args(args.split_whitespace()).stdin(Stdio::null());
    command
}

const TALKERS: [&str; 7] = [
    "--help",
    "--version",
    "render --help",
    "devices",
    "bench --width 40 --height 40 --frames 5",
    "bench --width 40 --height 40 --frames 5 --json",
    "render demo --size 16x16 --fft 1024 -o -",
];

#[test]
fn a_full_disk_is_an_error() {
    for args in TALKERS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args}: {said}");
        assert_eq!(said.matches("standard output: No space").count(), 1, "{args}: {said}");
        assert!(!said.contains("panicked"), "{args}: {said}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    for args in TALKERS {
        // A pipe without a reader.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(args).stdout(writer).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.signal(), Some(13), "{args}: {:?} {said}", output.status);
        assert!(!said.contains("panicked") && !said.contains("ringfall: error"), "{args}: {said}");
    }
}

#[test]
fn a_standard_error_that_fails_changes_nothing() {
    for (args, code) in
        [("render demo --size 16x16 --fft 1024 -o -", 0), ("view missing.wav", 1), ("demo --vmin x", 2), ("demo", 3)]
    {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut child = command(args).stdout(Stdio::piped()).stderr(full).spawn().unwrap();
        let mut out = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{args}");
        assert_eq!(out.starts_with(b"\x89PNG"), code == 0, "{args}");
    }
}
