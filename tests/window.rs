//! The window on a display of its own (Xvfb), driven by keys (xdotool). Where these two are missing the tests say so and pass.
//!
//! Xvfb keeps its screen in a file, so that screenshots need no tool.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest wait for anything, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
#[track_caller]
fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A display without a window manager, gone when dropped.
struct Display {
    // One test at a time: servers that start together may take each other's display, and software drawing wants the machine.
    _turn: MutexGuard<'static, ()>,
    server: Child,
    name: String,
    folder: tempfile::TempDir,
}

impl Display {
    /// `None`, said aloud, where a tool is missing.
    fn open(size: &str) -> Option<Self> {
        for tool in ["Xvfb", "xdotool"] {
            let found = std::env::split_paths(&std::env::var_os("PATH")?).any(|folder| folder.join(tool).is_file());
            if !found {
                eprintln!("SKIPPED: {tool} is not installed, so the window was not tested");
                return None;
            }
        }
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("Xvfb")
            .args(["-noreset", "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", size, "-fbdir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb did not start");
        let display = Self { _turn: turn, server, name: format!(":{}", number.trim()), folder };
        wait_for("Xvfb", || display.xdotool(&["getdisplaygeometry"]));
        Some(display)
    }

    fn xdotool(&self, args: &[&str]) -> Option<String> {
        let output = Command::new("xdotool").args(args).env("DISPLAY", &self.name).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    fn key(&self, key: &str) {
        self.xdotool(&["key", key]).unwrap();
    }

    fn shot(&self) -> Shot {
        Shot::read(&self.folder.path().join("Xvfb_screen0"))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What is on the screen: red, green and blue of a pixel in one number.
#[derive(PartialEq)]
struct Shot {
    width: usize,
    pixels: Vec<u32>,
}

impl Shot {
    /// Reads an X window dump of 32 bits a pixel: numbers in network order, then the colour table, then the pixels.
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let field = |index: usize| u32::from_be_bytes(bytes[4 * index..][..4].try_into().unwrap()) as usize;
        let (header, width, height, byte_order) = (field(0), field(4), field(5), field(7));
        let (bits, line_bytes, colours) = (field(11), field(12), field(19));
        assert_eq!((field(1), bits), (7, 32), "an X window dump of 32 bits a pixel");
        let lines = bytes[header + 12 * colours..].chunks_exact(line_bytes).take(height);
        let number = |pixel: &[u8]| {
            let pixel = pixel.try_into().unwrap();
            0x00ff_ffff & if byte_order == 0 { u32::from_le_bytes(pixel) } else { u32::from_be_bytes(pixel) }
        };
        Self { width, pixels: lines.flat_map(|line| line[..4 * width].chunks_exact(4).map(number)).collect() }
    }

    fn at(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }

    fn line(&self, y: usize, width: usize) -> &[u32] {
        &self.pixels[y * self.width..][..width]
    }

    /// Whether a line has as many colours as noise has.
    fn is_noise(&self, y: usize, width: usize) -> bool {
        let mut colours = self.line(y, width).to_vec();
        colours.sort_unstable();
        colours.dedup();
        colours.len() > 20
    }
}

/// The program in a window.
struct Program {
    child: Child,
    stdout: ChildStdout,
    window: String,
}

impl Program {
    fn start(display: &Display, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ringfall"))
            .args(args)
            .args(["--exit-after", "5min"])
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let window = wait_for("the window", || {
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            let found = display.xdotool(&["search", "--onlyvisible", "--name", "ringfall"])?;
            found.lines().last().map(str::to_owned)
        });
        // Without a window manager nobody gives it the keyboard.
        wait_for("the keyboard", || display.xdotool(&["windowfocus", "--sync", &window]));
        Self { child, stdout, window }
    }

    fn title(&self, display: &Display) -> String {
        display.xdotool(&["getwindowname", &self.window]).unwrap_or_default()
    }

    /// Presses Esc, and waits for the end: frames, frames while paused, and rows.
    fn leave(mut self, display: &Display) -> [u64; 3] {
        display.key("Escape");
        let status = wait_for("the end after Esc", || self.child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).unwrap();
        let numbers: Vec<u64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        numbers[..3].try_into().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The demonstration with a range that stays, so that a row keeps its colours.
const DEMO: [&str; 7] = ["demo", "--vmin", "-90", "--vmax", "-30", "--size", "640x400"];

#[test]
fn it_shows_scrolls_pauses_and_leaves() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = Program::start(&display, &DEMO);

    // It shows: noise on the upper lines, the root window beside it.
    wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    let before = display.shot();
    assert!((0..400).all(|y| before.at(700, y) == 0), "the window is 640 pixels wide");

    // It scrolls: the upper lines are found again further down, pixel for pixel.
    wait_for("scrolling", || {
        let after = display.shot();
        (5..200).find(|down| (0..20).all(|y| after.line(y + down, 640) == before.line(y, 640)))
    });
    let title = program.title(&display);
    for part in ["demonstration", "12 kHz", "RBW", "-90 … -30 dB"] {
        assert!(title.contains(part), "{part} is not in the title: {title}");
    }
    assert!(!title.contains("dropped"), "{title}");

    // It pauses: nothing moves, nothing is drawn.
    display.key("space");
    wait_for("the pause", || program.title(&display).contains("paused").then_some(()));
    std::thread::sleep(Duration::from_millis(500));
    let still = display.shot();
    std::thread::sleep(Duration::from_secs(1));
    assert!(display.shot() == still, "the picture moved while paused");

    // In the pause keys still work: other colours, at the same places; then more contrast.
    display.key("c");
    let coloured =
        wait_for("other colours", || Some(display.shot()).filter(|shot| shot.at(100, 5) != still.at(100, 5)));
    display.key("plus");
    wait_for("contrast", || (display.shot() != coloured).then_some(()));
    wait_for("the range", || (!program.title(&display).contains("-90 …")).then_some(()));

    // It goes on.
    let still = display.shot();
    display.key("space");
    wait_for("going on", || (display.shot() != still).then_some(()));

    let [frames, paused, rows] = program.leave(&display);
    assert!(rows > 20 && frames > 20, "{frames} frames, {rows} rows");
    // One for each of the two keys, and up to two that were under way when the pause began.
    assert!(paused <= 4, "{paused} frames were drawn in the pause");
}

#[test]
fn it_survives_resizing() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = Program::start(&display, &DEMO);
    wait_for("a picture", || (0..60).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    for (width, height) in [(300, 200), (900, 600), (1, 1), (5, 650), (640, 400)] {
        display.xdotool(&["windowsize", &program.window, &width.to_string(), &height.to_string()]).unwrap();
        wait_for("the new size", || {
            let shot = display.shot();
            let inside = (0..height.min(60)).all(|y| width < 100 || shot.is_noise(y, width));
            let outside = shot.at(width + 20, 0) == 0 && (height > 600 || shot.at(0, height + 20) == 0);
            (inside && outside && shot.at(0, 0) != 0).then_some(())
        });
    }
    program.leave(&display);
}

#[test]
fn a_window_larger_than_the_device_draws_what_it_can() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    for size in ["17000x300", "300x17000"] {
        let program = Program::start(&display, &["demo", "--vmin", "-90", "--vmax", "-30", "--size", size]);
        wait_for("a picture", || (0..5).all(|y| display.shot().is_noise(y, 300)).then_some(()));
        program.leave(&display);
    }
}

/// A WAV file of 8 bits at 8000 Hz: a header and samples.
fn wav_u8(samples: Vec<u8>) -> Vec<u8> {
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data".to_vec();
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(&samples);
    let size = (wav.len() as u32 - 8).to_le_bytes();
    wav[4..8].copy_from_slice(&size);
    wav
}

#[test]
fn a_file_is_shown_to_its_end() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 3 s of a square wave of 500 Hz.
    let samples: Vec<u8> = (0..24_000).map(|n| if n / 8 % 2 == 0 { 192 } else { 64 }).collect();
    let wav = wav_u8(samples);
    let path = display.folder.path().join("square.wav");
    std::fs::write(&path, wav).unwrap();

    let args = ["view", path.to_str().unwrap(), "--speed", "max", "--fft", "1024", "--hop", "200", "--size", "513x300"];
    let program = Program::start(&display, &args);
    wait_for("the end of the file", || program.title(&display).contains("ended").then_some(()));
    assert!(program.title(&display).contains("square.wav"), "{}", program.title(&display));
    // 500 Hz is bin 64, and the bins between are far below.
    wait_for("the tone", || (display.shot().at(64, 50) != display.shot().at(128, 50)).then_some(()));
    let [_, _, rows] = program.leave(&display);
    // All of it, though it was read much faster than it was drawn: (24000 - 1024) / 200 + 1 spectra.
    assert_eq!(rows, 115);
}

/// A file of 20 s on 400 lines of a row each, all of it read: 1000 Hz for 10 s, then 3000 Hz.
fn two_tones(display: &Display) -> Program {
    let sine = |n: i32| {
        let hertz = if n < 80_000 { 1000.0 } else { 3000.0 };
        (128.0 + 60.0 * (std::f64::consts::TAU * hertz * f64::from(n) / 8000.0).sin()) as u8
    };
    let path = display.folder.path().join("two.wav");
    std::fs::write(&path, wav_u8((0..160_000).map(sine).collect())).unwrap();
    let args = ["view", path.to_str().unwrap(), "--speed", "max", "--fft", "1024", "--hop", "200", "--size", "512x400"];
    let look = ["--vmin", "-100", "--vmax", "0", "--colormap", "grey", "--lose-device-after", "12"];
    let program = Program::start(display, &[&args[..], &look].concat());
    wait_for("the end of the file", || program.title(display).contains("ended").then_some(()));
    program
}

/// Level of grey.
fn grey(shot: &Shot, x: usize, y: usize) -> u32 {
    shot.at(x, y) & 255
}

#[test]
fn one_can_look_at_anything_and_a_lost_device_loses_nothing() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let started = Instant::now();
    let program = two_tones(&display);
    // 513 bins on 512 pixels: 1000 Hz is bin 128, 3000 Hz is bin 384. The newest 10 s (400 rows of 25 ms) are on show.
    let tone = |shot: &Shot, x: usize, y: usize| grey(shot, x, y) > 150 && grey(shot, x + 40, y) < 130;
    wait_for("the second tone", || tone(&display.shot(), 384, 100).then_some(()));
    let end = wait_for("a still picture", || {
        let shot = display.shot();
        std::thread::sleep(Duration::from_millis(300));
        (display.shot() == shot).then_some(shot)
    });

    // The wheel, frequency: about 3000 Hz, which stays where it is; 2500 Hz is off the picture after some turns.
    display.xdotool(&["mousemove", "--window", &program.window, "384", "200"]).unwrap();
    wait_for("the read-out", || program.title(&display).contains("Hz, 0:00:1").then_some(()));
    display.xdotool(&["keydown", "ctrl", "click", "4", "click", "4", "keyup", "ctrl"]).unwrap();
    let zoomed = wait_for("the zoom", || Some(display.shot()).filter(|shot| *shot != end));
    assert!(grey(&zoomed, 384, 100) > 150, "the tone stays under the pointer");

    // Double click: all of it, both tones, the newer above.
    display.xdotool(&["click", "--repeat", "2", "--delay", "60", "1"]).unwrap();
    let all =
        wait_for("everything", || Some(display.shot()).filter(|shot| tone(shot, 384, 100) && tone(shot, 128, 300)));

    // Back in time by dragging, and Home again.
    let drag = ["mousemove", "--window", &program.window, "200", "300", "mousedown", "1"];
    display.xdotool(&[&drag[..], &["mousemove", "--window", &program.window, "200", "150", "mouseup", "1"]].concat());
    wait_for("the older half, higher up", || tone(&display.shot(), 128, 100).then_some(()));
    wait_for("a hint", || program.title(&display).contains("Home").then_some(()));
    display.key("Home");
    wait_for("the newest rows", || (display.shot() == all).then_some(()));

    // The device is lost: the picture stays, and so does everything else.
    let left = Duration::from_secs(14).saturating_sub(started.elapsed());
    std::thread::sleep(left);
    display.key("c");
    wait_for("other colours", || (display.shot() != all).then_some(()));
    display.key("C");
    wait_for("the same picture", || (display.shot() == all).then_some(()));

    // The right button sets the range; the wheel zooms time; a window of another size loses nothing.
    let drag = ["mousemove", "--window", &program.window, "200", "200", "mousedown", "3"];
    display.xdotool(&[&drag[..], &["mousemove", "--window", &program.window, "200", "300", "mouseup", "3"]].concat());
    wait_for("the range", || (!program.title(&display).contains("-100 …")).then_some(()));
    // About the older tone, and out again until the newest row is on show; then at the newest end.
    display.xdotool(&["click", "--repeat", "4", "4"]).unwrap();
    wait_for("only the older tone", || (!tone(&display.shot(), 384, 10)).then_some(()));
    wait_for("a hint", || program.title(&display).contains("Home").then_some(()));
    display.xdotool(&["click", "--repeat", "8", "5"]).unwrap();
    wait_for("both tones", || tone(&display.shot(), 384, 10).then_some(()));
    display.key("Home");
    display.xdotool(&["mousemove", "--window", &program.window, "200", "10"]).unwrap();
    display.xdotool(&["click", "--repeat", "8", "4"]).unwrap();
    wait_for("only the newer tone", || (!tone(&display.shot(), 128, 390)).then_some(()));
    program.leave(&display);
}

#[test]
fn what_does_not_fit_is_given_up_and_that_is_told() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 3 s of rows of 25 ms.
    let program = Program::start(&display, &[&DEMO[..], &["--history", "3s"]].concat());
    wait_for("the title", || {
        ["history 2 s", "history 3 s"].iter().any(|kept| program.title(&display).contains(kept)).then_some(())
    });
    // The range follows what is on show when asked to.
    assert!(!program.title(&display).contains("auto"));
    display.key("a");
    wait_for("auto", || program.title(&display).contains("(auto)").then_some(()));
    wait_for("another range", || (!program.title(&display).contains("-90 …")).then_some(()));
    display.key("plus");
    wait_for("by hand", || (!program.title(&display).contains("(auto)")).then_some(()));
    program.leave(&display);
}

#[test]
fn other_ways_to_present() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    for mode in ["immediate", "mailbox"] {
        let program = Program::start(&display, &[&DEMO[..], &["--present", mode]].concat());
        wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
        program.leave(&display);
    }
}
