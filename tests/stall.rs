//! The program with inputs that hang: its window (on its own Xvfb) responds, reports it, and closes. If Xvfb or xdotool is
//! missing, the tests say so and pass.
#![cfg(all(feature = "app", target_os = "linux"))]

#[path = "common/wait.rs"]
mod wait;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wait::wait_for;

/// A process that does not outlive the test.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display; none, said aloud, where a tool is missing.
fn display() -> Option<(Kept, String)> {
    for tool in ["Xvfb", "xdotool"] {
        if !std::env::split_paths(&std::env::var_os("PATH")?).any(|folder| folder.join(tool).is_file()) {
            eprintln!("SKIPPED: {tool} is not installed, so the window was not tested");
            return None;
        }
    }
    let mut server = Command::new("Xvfb")
        .args(["-noreset", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "640x480x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
    Some((Kept(server), format!(":{}", number.trim())))
}

fn xdotool(display: &str, args: &[&str]) -> Option<String> {
    let output = Command::new("xdotool").args(args).env("DISPLAY", display).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo.wav");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

fn start(display: &str, args: &[&str], file: &Path) -> Kept {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    program.arg("view").arg(file).args(args).args(["--size", "320x240"]);
    program.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    Kept(program.stdout(Stdio::null()).spawn().unwrap())
}

/// Half a second of 16-bit silence at 8000 Hz, in a WAV without an end.
fn half_a_second() -> Vec<u8> {
    let fmt = [1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0];
    [&b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0"[..], &fmt, b"data\xFF\xFF\xFF\xFF", &[0; 8000]].concat()
}

/// A FIFO without a writer hangs when it is opened, one whose writer stops when it is read. Both say so, both go with Esc.
#[test]
fn a_fifo_that_stalls_does_not_take_the_window_with_it() {
    let Some((_server, display)) = display() else { return };
    for (written, said) in [(false, "opening"), (true, "no answer for")] {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(folder.path());
        let mut program = start(&display, &[], &path);
        let writer = written.then(|| {
            let mut writer = File::options().write(true).open(&path).unwrap();
            writer.write_all(&half_a_second()).unwrap();
            writer
        });
        let window = wait_for("the window", || {
            assert_eq!(program.0.try_wait().unwrap(), None, "it ended by itself");
            xdotool(&display, &["search", "--onlyvisible", "--name", "ringfall"])
        });
        wait_for(said, || xdotool(&display, &["getwindowname", &window])?.contains(said).then_some(()));
        wait_for("the keyboard", || xdotool(&display, &["windowfocus", "--sync", &window]));
        xdotool(&display, &["key", "Escape"]).unwrap();
        let begun = Instant::now();
        let status = wait_for("the end after Esc", || program.0.try_wait().unwrap());
        assert!(status.success(), "{status}");
        // A quarter of a second, and what it takes to take the graphics down.
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        drop(writer);
    }
}

#[test]
fn time_is_up_although_the_input_hangs() {
    let Some((_server, display)) = display() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let mut program = start(&display, &["--exit-after", "2s"], &path);
    let status = wait_for("the end", || program.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

/// What takes long to open and then fails is an error all the same.
#[test]
fn what_fails_to_open_later_is_told() {
    let Some((_server, display)) = display() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let mut program = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    program.arg("view").arg(&path).args(["--size", "320x240", "--exit-after", "5s"]);
    program.env("DISPLAY", &display).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    let program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the window", || xdotool(&display, &["search", "--onlyvisible", "--name", "opening"]));
    File::options().write(true).open(&path).unwrap().write_all(b"OggS and so on").unwrap();
    let said = String::from_utf8(program.wait_with_output().unwrap().stderr).unwrap();
    assert!(said.contains("fifo.wav") && said.contains("an Ogg file"), "{said}");
}
