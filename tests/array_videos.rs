//! `ringfall render` of a stack of frames as a video: what `ffmpeg` decodes against arithmetic done here.
#![cfg(all(feature = "app", unix))]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Frames, rows and columns.
const SHAPE: (usize, usize, usize) = (7, 48, 64);

fn ringfall(folder: &Path, line: &str) -> Output {
    let args = line.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_ringfall")).args(args).current_dir(folder).output().expect("the program runs")
}

fn well(folder: &Path, line: &str) -> String {
    let out = ringfall(folder, line);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{line}: {said}");
    said
}

/// Runs a command that fails with this code and these words, and leaves nothing new in the folder.
fn fails(folder: &Path, line: &str, code: i32, words: &[&str]) {
    let names = || fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = names();
    let out = ringfall(folder, line);
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{line}: {said}");
    assert!(words.iter().all(|word| said.contains(word)), "{line}: expected {words:?} in {said}");
    assert_eq!(names(), before, "{line}");
}

/// Whether there is an `ffmpeg`; says so if not.
fn has_ffmpeg() -> bool {
    let there = Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        eprintln!("SKIPPED: ffmpeg is not installed, so videos were not tested (apt-get install ffmpeg)");
    }
    there
}

/// The RGB bytes of all frames, as `ffmpeg` decodes them.
fn decoded(path: &Path) -> Vec<u8> {
    let more = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "pipe:1"];
    let output = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(path).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Bytes that differ in each frame, as a raw file.
fn bytes(folder: &Path) -> Vec<u8> {
    let (frames, rows, columns) = SHAPE;
    let cell = |i: usize| ((i % columns * 3) ^ (i / columns % rows * 5)).wrapping_add(i / (rows * columns) * 29) as u8;
    let cells: Vec<u8> = (0..frames * rows * columns).map(cell).collect();
    fs::write(folder.join("s.raw"), &cells).unwrap();
    cells
}

/// Bytes in grey are the frames to the byte, in every format that keeps them.
#[test]
fn bytes_in_grey_are_the_frames() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cells = bytes(folder.path());
    let want: Vec<u8> = cells.iter().flat_map(|cell| [*cell; 3]).collect();
    for (name, more) in [("a.mp4", "--quality 100"), ("a.webm", "--quality 100"), ("a.gif", "--loop 3"), ("a.apng", "")]
    {
        let line = format!("render s.raw --dtype u8 --shape 7,48,64 --colormap grey --fps 20 -o {name} {more}");
        let said = well(folder.path(), &line);
        assert!(said.contains("64x48 pixels, 7 frames of s.raw in 350 ms"), "{said}");
        assert!(decoded(&folder.path().join(name)) == want, "{name}");
    }
}

/// One range serves all frames: the first frame alone has the least value, and the last one the largest.
#[test]
fn one_range_serves_all_frames() {
    if !has_ffmpeg() {
        return;
    }
    let (frames, rows, columns) = SHAPE;
    let folder = tempfile::tempdir().unwrap();
    let cell = |i: usize| {
        let (frame, rest) = (i / (rows * columns), i % (rows * columns));
        frame as f32 * 10.0 + (rest % 97) as f32 / 9.7 - 30.0
    };
    let cells: Vec<f32> = (0..frames * rows * columns).map(cell).collect();
    fs::write(folder.path().join("s.raw"), bytemuck::cast_slice::<f32, u8>(&cells)).unwrap();
    // The grey of a value: its place in the range, in 256 equal steps.
    let grey = |value: f32, (low, high): (f32, f32)| {
        let place = (f64::from(value) - f64::from(low)) / (f64::from(high) - f64::from(low)) * 256.0;
        (place.floor().clamp(0.0, 255.0), (place - place.round()).abs() < 1e-3)
    };
    let found = cells.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    for (more, range) in [("", found), ("--vmin -20 --vmax 20", (-20.0, 20.0))] {
        let line = format!("render s.raw --dtype f32 --shape 7,48,64 --colormap grey -o a.apng --force {more}");
        well(folder.path(), &line);
        let got = decoded(&folder.path().join("a.apng"));
        assert_eq!(got.len(), 3 * cells.len());
        for (pixel, value) in got.chunks_exact(3).zip(&cells) {
            let (want, is_close) = grey(*value, range);
            let off = (f64::from(pixel[0]) - want).abs();
            assert!(off == 0.0 || is_close && off == 1.0, "{value} in {range:?}: {pixel:?}, expected {want}");
        }
    }
}

/// Colours are drawn as they are, and an odd side gets a black edge where the format needs it.
#[test]
fn colours_are_drawn_as_they_are() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (frames, rows, columns) = (3, 15, 21);
    let cells: Vec<u8> = (0..frames * rows * columns * 3).map(|i| (i * 31 + i / 63) as u8).collect();
    fs::write(folder.path().join("s.raw"), &cells).unwrap();
    let line = "render s.raw --dtype u8 --shape 3,15,21,3 --quality 100 -o a.mp4";
    let said = well(folder.path(), line);
    assert!(said.contains("22x16 with a black edge"), "{said}");
    let got = decoded(&folder.path().join("a.mp4"));
    assert_eq!(got.len(), frames * 16 * 22 * 3);
    for (i, want) in cells.chunks_exact(3).enumerate() {
        let (frame, y, x) = (i / (rows * columns), i / columns % rows, i % columns);
        let at = 3 * ((frame * 16 + y) * 22 + x);
        assert_eq!(&got[at..at + 3], want, "frame {frame}, row {y}, column {x}");
    }
}

/// The counter covers the bottom right corner, with another number in each frame; the rest stays.
#[test]
fn the_counter_is_drawn_into_frames() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    bytes(folder.path());
    let line = |name: &str| format!("render s.raw --dtype u8 --shape 7,48,64 --colormap grey -o {name}");
    well(folder.path(), &line("plain.apng"));
    well(folder.path(), &(line("counted.apng") + " --frame-counter"));
    let (plain, counted) = (decoded(&folder.path().join("plain.apng")), decoded(&folder.path().join("counted.apng")));
    let (frames, rows, columns) = SHAPE;
    // "1/7": three signs of four pixels and a border, by seven.
    let (width, height) = (13, 7);
    let mut boxes = Vec::new();
    for frame in 0..frames {
        let mut corner = Vec::new();
        for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
            let at = 3 * ((frame * rows + y) * columns + x);
            if y >= rows - height && x >= columns - width {
                corner.push(counted[at]);
            } else {
                assert_eq!(counted[at], plain[at], "frame {frame}, {x}, {y}");
            }
        }
        assert!(corner.iter().all(|level| [0, 255].contains(level)));
        boxes.push(corner);
    }
    boxes.dedup();
    assert_eq!(boxes.len(), frames);
}

#[test]
fn wrong_flags_are_named() {
    let folder = tempfile::tempdir().unwrap();
    bytes(folder.path());
    let raw = "render s.raw --dtype u8 --shape 7,48,64";
    for (more, code, words) in [
        ("-o a.mp4 --frame 2", 2, &["--frame", "all frames"][..]),
        ("-o a.mp4 --scroll", 2, &["--scroll", "s.raw"]),
        ("-o a.mp4 --speed 2x", 2, &["--speed"]),
        ("-o a.mp4 --values", 2, &["--values", "MP4"]),
        ("-o a.mp4 --loop 2", 2, &["--loop", "GIF or APNG"]),
        ("-o a.gif --fps 90", 2, &["--fps", "GIF"]),
        ("-o a.gif --quality 9", 2, &["--quality"]),
        ("-o a.png --frame 1 --fps 9", 2, &["--fps"]),
        ("-o a.png", 1, &["7 frames", "--frame", "video"]),
        ("-o s.raw --format apng --force", 1, &["same file"]),
        // The file ends too early.
        ("-o a.apng --offset 1", 1, &["s.raw"]),
    ] {
        fails(folder.path(), &format!("{raw} {more}"), code, words);
    }
}
