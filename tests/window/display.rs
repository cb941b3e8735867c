//! Displays of the tests' own, what is on them, and the program in a window there.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{has_tool, wait_for};

/// A display without a window manager, gone when dropped.
pub(super) struct Display {
    // One test at a time: servers that start together may take each other's display, and software drawing wants the machine.
    _turn: MutexGuard<'static, ()>,
    pub(super) server: Child,
    pub(super) name: String,
    pub(super) folder: tempfile::TempDir,
}

/// A window manager, gone when dropped.
pub(super) struct WindowManager(Child);

impl Drop for WindowManager {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Display {
    /// `None`, said aloud, where a tool is missing.
    pub(super) fn open(size: &str) -> Option<Self> {
        if !["Xvfb", "xdotool"].into_iter().all(has_tool) {
            return None;
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

    pub(super) fn xdotool(&self, args: &[&str]) -> Option<String> {
        let output = Command::new("xdotool").args(args).env("DISPLAY", &self.name).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// Starts a window manager.
    pub(super) fn window_manager(&self) -> WindowManager {
        let openbox = Command::new("openbox").env("DISPLAY", &self.name).stderr(Stdio::null()).spawn().unwrap();
        wait_for("the window manager", || self.xdotool(&["get_num_desktops"]));
        WindowManager(openbox)
    }

    pub(super) fn key(&self, key: &str) {
        self.xdotool(&["key", key]).unwrap();
    }

    /// What the program said on stderr.
    pub(super) fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    pub(super) fn shot(&self) -> Shot {
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
pub(super) struct Shot {
    pub(super) width: usize,
    pub(super) pixels: Vec<u32>,
}

impl Shot {
    /// Reads an X window dump of 16 or 32 bits a pixel: numbers in network order, then the colour table, then the pixels.
    pub(super) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let field = |index: usize| u32::from_be_bytes(bytes[4 * index..][..4].try_into().unwrap()) as usize;
        let (header, width, height, byte_order) = (field(0), field(4), field(5), field(7));
        let (bits, line_bytes, colours) = (field(11), field(12), field(19));
        assert!(field(1) == 7 && [16, 32].contains(&bits), "an X window dump of {bits} bits a pixel");
        let lines = bytes[header + 12 * colours..].chunks_exact(line_bytes).take(height);
        let number = |pixel: &[u8]| -> u32 {
            let bytes = pixel.iter().copied();
            let add = |number: u32, byte: u8| number << 8 | u32::from(byte);
            0x00ff_ffff & if byte_order == 0 { bytes.rev().fold(0, add) } else { bytes.fold(0, add) }
        };
        let bytes = bits / 8;
        Self { width, pixels: lines.flat_map(|line| line[..bytes * width].chunks_exact(bytes).map(number)).collect() }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> u32 {
        self.pixels[y * self.width + x]
    }

    pub(super) fn line(&self, y: usize, width: usize) -> &[u32] {
        &self.pixels[y * self.width..][..width]
    }

    /// Whether a line has as many colours as noise has.
    pub(super) fn is_noise(&self, y: usize, width: usize) -> bool {
        let mut colours = self.line(y, width).to_vec();
        colours.sort_unstable();
        colours.dedup();
        colours.len() > 20
    }
}

/// The command that shows a bare picture on a display, whatever the user's settings.
pub(super) fn command(display: &Display, args: &[&str]) -> Command {
    let mut command = decorated(display, args);
    command.args(["--bare", "--config", "none"]);
    command
}

/// The command that shows something on a display with all that is around it, what it says on stderr in a file.
pub(super) fn decorated(display: &Display, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    let stderr = std::fs::File::create(display.folder.path().join("stderr")).unwrap();
    command
        .args(args)
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdout(Stdio::piped())
        .stderr(stderr);
    command
}

/// The program in a window.
pub(super) struct Program {
    pub(super) child: Child,
    pub(super) stdout: ChildStdout,
    pub(super) window: String,
}

impl Program {
    pub(super) fn start(display: &Display, args: &[&str]) -> Self {
        Self::run(display, command(display, args))
    }

    pub(super) fn run(display: &Display, mut command: Command) -> Self {
        if command.get_args().all(|arg| arg != "--exit-after") {
            command.args(["--exit-after", "5min"]);
        }
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let window = wait_for("the window", || {
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            let found = display.xdotool(&["search", "--onlyvisible", "--name", "ringfall"])?;
            found.lines().last().map(str::to_owned)
        });
        // Without a window manager it does not get the keyboard focus.
        wait_for("the keyboard", || display.xdotool(&["windowfocus", "--sync", &window]));
        Self { child, stdout, window }
    }

    pub(super) fn title(&self, display: &Display) -> String {
        display.xdotool(&["getwindowname", &self.window]).unwrap_or_default()
    }

    /// The title, when it has not changed for a while.
    pub(super) fn settled_title(&self, display: &Display) -> String {
        let mut title = self.title(display);
        wait_for("a title that stays", || {
            std::thread::sleep(Duration::from_millis(400));
            let before = std::mem::replace(&mut title, self.title(display));
            (title == before).then_some(())
        });
        title
    }

    /// Presses Esc, and waits for the end: frames, frames while paused, and rows.
    pub(super) fn leave(self, display: &Display) -> [u64; 3] {
        display.key("Escape");
        self.end()
    }

    /// Waits for the end: frames, frames while paused, and rows.
    pub(super) fn end(mut self) -> [u64; 3] {
        let status = wait_for("the end", || self.child.try_wait().unwrap());
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

/// The only picture in a folder, as soon as it is there.
pub(super) fn saved_png(folder: &Path) -> png::Reader<BufReader<std::fs::File>> {
    let file = wait_for("a picture", || {
        let mut files = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        files.find(|path| path.extension().is_some_and(|extension| extension == "png"))
    });
    png::Decoder::new(BufReader::new(std::fs::File::open(file).unwrap())).read_info().unwrap()
}
