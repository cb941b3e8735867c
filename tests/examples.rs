//! The examples, run for some frames; their pictures against the CPU reference. Those with a window run under Xvfb.

#![cfg(feature = "app")]

mod common;
#[path = "../examples/common/mod.rs"]
mod example;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use common::Picture;
use common::reference::Reference;
use example::row;
use ringfall::{Colormap, Scale, Side, Stamp, Texel, View};

/// The example's program. `cargo test` builds it beside the tests, but not where one test is asked for by name: then it
/// would be an old one, or none.
fn example(name: &str) -> Command {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--examples", "--manifest-path"]);
        cargo.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the examples do not build");
    });
    let test = std::env::current_exe().expect("a path");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps").join("examples");
    let program: PathBuf = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is not there", program.display());
    Command::new(program)
}

/// Runs it and returns what it printed.
fn run(mut command: Command) -> String {
    let output = command.output().expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out.into_owned()
}

fn read(path: &Path) -> Picture {
    let file = BufReader::new(std::fs::File::open(path).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("a PNG");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    Picture { width: info.width, height: info.height, rgba: bytes.as_chunks().0.to_vec() }
}

fn part(picture: &Picture, [x, y, width, height]: [u32; 4]) -> Picture {
    let rgba = (y..y + height).flat_map(|y| (x..x + width).map(move |x| picture.at(x, y))).collect();
    Picture { width, height, rgba }
}

/// The picture that a waterfall must show of this many of the examples' rows.
fn reference(map: &str, bins: usize, rows: u64, width: u32, height: u32) -> Picture {
    Reference {
        rows: (0..rows).map(|i| (Stamp::index(i), row(i, bins))).collect(),
        texel: Texel::F16,
        view: View::default(),
        scale: Scale::linear(-105.0, -20.0).expect("a range"),
        colormap: Colormap::named(map).expect("a name"),
        newest: Side::Top,
        width,
        height,
        capacity: 4000,
    }
    .picture()
}

#[test]
fn offscreen() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("o.png");
    let mut command = example("offscreen");
    command.arg(&file);
    assert!(run(command).contains("600 rows of 1024 bins on 800×400 pixels"));
    read(&file).assert_near(&reference("inferno", 1024, 600, 800, 400), 1, "offscreen");
}

#[test]
fn from_thread() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.png");
    let mut command = example("from_thread");
    command.arg(&file);
    let said = run(command);
    assert!(said.starts_with("3000 rows in") && said.contains(" 0 dropped"), "{said}");
    // The carrier stands at -40 dB on bin 128; the newest row is the 2999th second's, its middle half a second later.
    assert!(said.contains("-40.0 dB at 128 Hz, 2999.5 s"), "{said}");
    read(&file).assert_near(&reference("cividis", 512, 3000, 512, 300), 1, "from_thread");
}

/// An X server without a screen.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn new() -> Option<Self> {
        let started = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = match started {
            Ok(server) => server,
            Err(error) => {
                eprintln!("SKIPPED the examples with a window: there is no Xvfb ({error})");
                return None;
            }
        };
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("piped")).read_line(&mut number).expect("a display's number");
        assert!(number.trim().parse::<u32>().is_ok(), "Xvfb gave no display's number: {number:?}");
        Some(Self { server, name: format!(":{}", number.trim()) })
    }

    /// Runs an example for this many frames. Returns how many rows it showed, where its waterfalls were, and the window.
    fn frames(&self, name: &str, frames: u64) -> (u64, Vec<[u32; 4]>, Picture) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("shot.png");
        let mut command = example(name);
        command.args(["--frames", &frames.to_string(), "--shot"]).arg(&file);
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        let said = run(command);
        let numbers = |word: &str| -> Vec<Vec<u32>> {
            let lines = said.lines().filter_map(|line| line.strip_prefix(word));
            lines.map(|line| line.split_whitespace().map(|n| n.parse().expect("a number")).collect()).collect()
        };
        let rows = u64::from(numbers("rows")[0][0]);
        let places = numbers("waterfall").iter().map(|n| [n[0], n[1], n[2], n[3]]).collect();
        (rows, places, read(&file))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn embed_wgpu() {
    let Some(display) = Display::new() else { return };
    let (rows, places, window) = display.frames("embed_wgpu", 100);
    assert_eq!(rows, 400);
    let [x, y, width, height] = places[0];
    let mut want = reference("magma", 1024, rows, width, height);
    // The host's mark is over it, three pixels wide, and its background around it.
    let mark = window.width / 2;
    for i in 0..width * height {
        if (mark..mark + 3).contains(&(x + i % width)) {
            want.rgba[i as usize] = [255; 4];
        }
    }
    part(&window, places[0]).assert_near(&want, 1, "embed_wgpu");
    assert_eq!(window.at(mark + 1, 1), [255; 4]);
    // The gradient's green grows upwards from 0.05 in y; its blue to the right.
    let (left, right) = (window.at(2, window.height - 3), window.at(window.width - 3, window.height - 3));
    assert!(right[2] > left[2] + 20, "{left:?}, {right:?}");
    assert!(window.at(2, 2)[1] > left[1] + 20);
    assert!(y > 0);
}

#[test]
fn embed_egui() {
    let Some(display) = Display::new() else { return };
    let (rows, places, window) = display.frames("embed_egui", 100);
    assert_eq!(rows, 396);
    assert_eq!(places.len(), 2);
    assert!(places[0][0] + places[0][2] < places[1][0], "beside each other: {places:?}");
    for (place, (map, bins)) in places.iter().zip([("viridis", 1024), ("inferno", 300)]) {
        assert!(place[2] > 100 && place[3] > 200, "{places:?}");
        let want = reference(map, bins, rows, place[2], place[3]);
        part(&window, *place).assert_near(&want, 1, map);
    }
}

/// `numpy.roll(array, 5 * frames, axis=0)`, coloured and cut out.
#[test]
fn rolled_array() {
    let folder = tempfile::tempdir().expect("a folder");
    for (frames, scroll) in [(0_usize, (0_usize, 0_usize)), (1, (0, 0)), (37, (360, 520)), (450, (13, 101))] {
        let file = folder.path().join(format!("{frames}.png"));
        let mut command = example("rolled_array");
        command.args(["--frames", &frames.to_string(), "--scroll", &format!("{},{}", scroll.0, scroll.1), "--shot"]);
        command.arg(&file);
        run(command);
        let mut reader = png::Decoder::new(BufReader::new(std::fs::File::open(&file).unwrap())).read_info().unwrap();
        let mut got = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut got).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (640, 480, png::ColorType::Rgb));
        let pixel = |i: usize| {
            let (x, y) = (scroll.0 + i % 640, scroll.1 + i / 640);
            let row = (y + 1000 * 5 - 5 * frames) % 1000;
            let cell = (row ^ x) as u8;
            [cell / 4, cell, cell / 2]
        };
        let want: Vec<u8> = (0..640 * 480).flat_map(pixel).collect();
        assert!(got == want, "{frames} frames");
    }
}

/// The array of scripts/npy.py, a pixel for each cell.
#[test]
fn array_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("array.png");
    let array = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/npy/le-f4.npy");
    let mut command = example("array_picture");
    command.arg(array).arg(&picture);
    let said = run(command);
    assert!(said.contains("4x3 of 3 rows, 0 to 127"), "{said}");
    let file = BufReader::new(std::fs::File::open(picture).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut rgb = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut rgb).expect("a PNG");
    let (map, scale) = (Colormap::default(), Scale::linear(0.0, 127.0).expect("a range"));
    let cells = [0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 126, 127_u8];
    let want = cells.iter().flat_map(|cell| map.color(scale.lut_index(f32::from(*cell))).into_iter().take(3));
    assert_eq!(rgb, want.collect::<Vec<_>>());
}
