//! Videos: what is written is what `ffmpeg` reads again, and nothing half written stays when it fails.
#![cfg(all(feature = "app", unix))]

#[path = "cli/place.rs"]
#[allow(dead_code, reason = "tests/cli.rs uses the rest")]
mod place;

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use place::{Place, Png, tone, wav_i16};
use ringfall::export::{ExportError, Frames, OutputOptions, VideoFormat, VideoOptions};

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
    let flags = ["-v", "error", "-i"];
    // Theora leaves out frames that are like the one before.
    let more = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-vsync", "cfr", "pipe:1"];
    let output = Command::new("ffmpeg").args(flags).arg(path).args(more).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Width, height and frames a second, as `ffprobe` tells them.
fn probed(path: &Path) -> String {
    let flags = ["-v", "error", "-show_entries", "stream=width,height,r_frame_rate", "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(flags).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const COUNT: u32 = 12;

/// A pixel of a frame with at most 240 colours: large areas that move, and fine detail.
fn sharp(frame: u32, x: u32, y: u32) -> [u8; 3] {
    let level = ((x * 7 + y * 3 + frame * 5) % 120) as u8;
    if (x / 8 + y / 8 + frame).is_multiple_of(2) { [level, 255 - level, 40] } else { [20, level, 2 * level] }
}

/// The same without detail, as lossy codecs like it.
fn smooth(frame: u32, x: u32, y: u32) -> [u8; 3] {
    let level = (60 + x + y / 2 + frame) as u8;
    [level, 128, 255 - level]
}

type Pixel = fn(u32, u32, u32) -> [u8; 3];

fn frames((width, height): (u32, u32), pixel: Pixel) -> Frames<'static> {
    let fill = move |index, rgba: &mut [u8]| {
        for (at, out) in rgba.chunks_exact_mut(4).enumerate() {
            let [r, g, b] = pixel(index, at as u32 % width, at as u32 / width);
            // Alpha is not stored.
            out.copy_from_slice(&[r, g, b, 17]);
        }
        Ok(())
    };
    Frames::new((width, height), COUNT, fill).unwrap()
}

fn write(format: VideoFormat, path: &Path, frames: &mut Frames<'_>, options: &VideoOptions) -> Result<(), ExportError> {
    format.write(frames, options, format.open(path, &OutputOptions::default())?)
}

/// The mean square error of all pixels of the frames, whose video has `size`.
fn error_of(format: VideoFormat, path: &Path, (width, height): (u32, u32), pixel: Pixel) -> f64 {
    let (wide, high) = format.size_of((width, height));
    let rgb = decoded(path);
    assert_eq!(rgb.len(), (3 * wide * high * COUNT) as usize, "{format:?}");
    let mut sum = 0.0;
    for index in 0..COUNT {
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let at = 3 * ((index * high + y) * wide + x) as usize;
            let want = pixel(index, x, y);
            sum += (0..3).map(|c| (f64::from(rgb[at + c]) - f64::from(want[c])).powi(2)).sum::<f64>();
        }
    }
    sum / f64::from(3 * width * height * COUNT)
}

#[test]
fn lossless_videos_are_the_frames_to_the_byte() {
    if !has_ffmpeg() {
        return;
    }
    let place = Place::new();
    for size in [(64, 48), (65, 47), (16, 17)] {
        for format in [VideoFormat::Mp4, VideoFormat::WebM, VideoFormat::Gif, VideoFormat::Apng] {
            let path = place.path(&format!("x.{}", format.name().to_ascii_lowercase()));
            let options = VideoOptions::default().with_quality(100).with_fps(20.0);
            write(format, &path, &mut frames(size, sharp), &options).unwrap();
            assert_eq!(error_of(format, &path, size, sharp), 0.0, "{format:?} {size:?}");
            let (width, height) = format.size_of(size);
            let told = probed(&path);
            assert!(told.starts_with(&format!("{width},{height},20/1")), "{format:?}: {told}");
        }
    }
    assert_eq!(place.names(), ["x.apng", "x.gif", "x.mp4", "x.webm"]);
}

/// 35 dB, a mean square error of 255² / 10^3.5 = 20.6, is what the usual quality has to reach on areas of colour; the lowest one is worse.
#[test]
fn lossy_videos_are_close_to_the_frames() {
    if !has_ffmpeg() {
        return;
    }
    let place = Place::new();
    for format in [VideoFormat::Mp4, VideoFormat::WebM, VideoFormat::Ogv] {
        for size in [(96, 64), (97, 63)] {
            let path = place.path(&format!("x.{}", format.name().to_ascii_lowercase()));
            write(format, &path, &mut frames(size, smooth), &VideoOptions::default()).unwrap();
            let usual = error_of(format, &path, size, smooth);
            assert!(usual < 20.6, "{format:?} {size:?}: {usual}");
        }
        let path = place.path("low");
        write(format, &path, &mut frames((96, 64), sharp), &VideoOptions::default().with_quality(1)).unwrap();
        let low = error_of(format, &path, (96, 64), sharp);
        fs::remove_file(&path).unwrap();
        write(format, &path, &mut frames((96, 64), sharp), &VideoOptions::default().with_quality(99)).unwrap();
        let high = error_of(format, &path, (96, 64), sharp);
        assert!(high < low / 2.0, "{format:?}: {high} and {low}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn frames_that_fail_are_an_error_and_leave_nothing() {
    let place = Place::new();
    for format in VideoFormat::ALL {
        if format != VideoFormat::Apng && !has_ffmpeg() {
            continue;
        }
        let fill = |index, _: &mut [u8]| if index < 5 { Ok(()) } else { Err(std::io::Error::other("no frame 5")) };
        let mut frames = Frames::new((64, 64), 9, fill).unwrap();
        let error = write(format, &place.path("x"), &mut frames, &VideoOptions::default()).unwrap_err();
        assert!(error.to_string().contains("no frame 5"), "{format:?}: {error}");
    }
    assert!(place.names().is_empty());
}

/// A program named `ffmpeg` that does this.
fn fake(place: &Place, script: &str) -> std::path::PathBuf {
    fs::create_dir_all(place.path("bin")).unwrap();
    let path = place.path("bin/ffmpeg");
    // Written by another process: a file that this one has open for writing may be open in a child that another test is just
    // starting, and then it cannot be executed.
    let mut shell = Command::new("sh");
    shell.args(["-c", "rm -f \"$1\"; cat > \"$1\" && chmod 755 \"$1\"", "sh"]).arg(&path).stdin(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    let text = format!("#!/bin/sh\n[ \"$1\" = -version ] && exit 0\n{script}\n");
    shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
    path
}

#[test]
fn an_ffmpeg_that_fails_is_one_clear_error() {
    let cases = [
        ("echo boom: a codec is missing >&2; exit 3", "boom: a codec is missing"),
        ("echo first >&2; cat >/dev/null; echo last >&2; exit 1", "first; last"),
        ("head -c 100000 >/dev/null; kill -9 $$", "signal: 9"),
        ("cat >/dev/null; echo half; kill -9 $$", "signal: 9"),
        ("kill -9 $$", "signal: 9"),
        ("exec <&-; exit 7", "exit status: 7"),
        ("cat >/dev/null", "wrote nothing"),
        ("exit 0", ""),
        ("cat >/dev/null; printf x >&1; echo 'Error closing file: No space' >&2; exit 0", "No space"),
        ("yes 'many words' | head -c 1000000 >&2; printf '\\033[31m\\000\\377' >&2; exit 1", "many words"),
    ];
    for (script, words) in cases {
        for old in [None, Some(&b"\0\0\0\x20ftypold"[..])] {
            let place = Place::new();
            let ffmpeg = fake(&place, script);
            let path = place.path("x.mp4");
            old.iter().for_each(|old| fs::write(&path, old).unwrap());
            let options = VideoOptions::default().with_ffmpeg(ffmpeg).with_patience(Duration::from_secs(20));
            let error = write(VideoFormat::Mp4, &path, &mut frames((320, 200), sharp), &options).unwrap_err();
            assert!(matches!(error, ExportError::Ffmpeg { .. }), "{script}: {error}");
            let text = error.to_string();
            assert!(
                text.contains(words) && text.len() < 1000 && !text.contains(char::is_control),
                "{script}: {text:?}"
            );
            assert_eq!(fs::read(&path).ok().as_deref(), old, "{script}");
            assert_eq!(place.names().len(), 1 + old.iter().count(), "{script}: {:?}", place.names());
        }
    }
}

#[test]
fn an_ffmpeg_that_hangs_is_ended() {
    let cases = [
        "exec sleep 1000",
        // A descendant that keeps all pipes open, and ends by itself later.
        "sleep 30 & echo hanging >&2; wait",
        "cat >/dev/null; exec sleep 1000",
        "exec <&- ; exec sleep 1000",
    ];
    for script in cases {
        let place = Place::new();
        let ffmpeg = fake(&place, &format!("echo $$ >'{}'\n{script}", place.path("bin/pid").display()));
        let options = VideoOptions::default().with_ffmpeg(ffmpeg).with_patience(Duration::from_millis(700));
        let started = Instant::now();
        let error = write(VideoFormat::WebM, &place.path("x"), &mut frames((320, 200), sharp), &options).unwrap_err();
        assert!(matches!(error, ExportError::FfmpegHangs { .. }), "{script}: {error}");
        assert!(started.elapsed() < Duration::from_secs(60), "{script}");
        assert_eq!(place.names(), ["bin"], "{script}");
        let id = fs::read_to_string(place.path("bin/pid")).unwrap();
        assert!(!Path::new("/proc").join(id.trim()).exists(), "{script}: {id} is still there");
    }
}

#[test]
fn an_ffmpeg_that_is_missing_or_no_program() {
    let place = Place::new();
    let check = |ffmpeg: &Path| {
        let options = VideoOptions::default().with_ffmpeg(ffmpeg);
        write(VideoFormat::Gif, &place.path("x.gif"), &mut frames((8, 8), sharp), &options).unwrap_err()
    };
    let error = check(&place.path("none"));
    assert!(matches!(error, ExportError::NoFfmpeg { .. }), "{error}");
    assert!(
        ["GIF", "PATH", "apt install ffmpeg", ".apng"].iter().all(|word| error.to_string().contains(word)),
        "{error}"
    );
    let text = place.file("text", "no program");
    assert!(matches!(check(&text), ExportError::FfmpegStart { .. }));
    // APNG needs none.
    let options = VideoOptions::default().with_ffmpeg(place.path("none"));
    write(VideoFormat::Apng, &place.path("x.apng"), &mut frames((8, 8), sharp), &options).unwrap();
    assert_eq!(place.names(), ["text", "x.apng"]);
}

#[test]
fn frame_rates() {
    for (format, fps) in [
        (VideoFormat::Gif, 51.0),
        (VideoFormat::Apng, 0.0),
        (VideoFormat::Apng, -1.0),
        (VideoFormat::Apng, f64::NAN),
        (VideoFormat::Apng, f64::INFINITY),
        (VideoFormat::Mp4, 1e9),
    ] {
        let error = format.check(&VideoOptions::default().with_fps(fps)).unwrap_err();
        assert!(matches!(error, ExportError::FrameRate { .. }), "{format:?} {fps}: {error}");
    }
}

// --- The program ---------------------------------------------------------------------------------------------------------

/// A second of a tone, one of silence, and one of the tone again, at 8 kHz.
fn recording(place: &Place) {
    let silence = std::iter::repeat_n(0.0, 8000);
    place.file("x.wav", wav_i16(tone(1500.0, 8000).chain(silence).chain(tone(1500.0, 8000))));
}

const KNOWN: &str = "--fft 512 --hop 80 --vmin -100 --vmax 0 --line-time 20ms";

fn render<'a>(output: &'a str, flags: &'a str) -> Vec<&'a str> {
    ["render", "x.wav", "-o", output].into_iter().chain(flags.split_whitespace()).collect()
}

/// The last frame of a video is the still picture of the end of the recording, on every side.
#[test]
fn the_last_frame_is_the_picture_of_the_end() {
    let place = Place::new();
    recording(&place);
    for side in ["top", "bottom", "left", "right"] {
        // 3 s in steps of 40 ms, each of which moves by two lines.
        let flags = format!("{KNOWN} --size 90x70 --newest {side} --fps 25");
        place.well(&render("x.apng", &format!("{flags} --scroll")));
        place.well(&render("x.png", &flags.replace("--fps 25", "")));
        let file = std::io::BufReader::new(fs::File::open(place.path("x.apng")).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let count = reader.info().animation_control().unwrap().num_frames;
        assert!((73..=75).contains(&count), "{count}");
        let mut pictures = vec![vec![0; reader.output_buffer_size().unwrap()]; 2];
        for index in 0..count {
            reader.next_frame(&mut pictures[index as usize % 2]).unwrap();
        }
        let still = Png::read(&place.path("x.png"));
        let last = &pictures[(count as usize - 1) % 2];
        assert!(*last == still.rgb, "{side}");
        assert!(pictures[0] != pictures[1], "it scrolls");
    }
}

#[test]
fn what_is_wrong_is_said_before_any_work() {
    let place = Place::new();
    recording(&place);
    let fails = |output: &str, flags: &str, code, words: &[&str]| place.fails(&render(output, flags), &[], code, words);
    fails("x.mp4", "", 2, &["x.mp4", "--scroll"]);
    fails("x.png", "--scroll", 2, &["x.png", "mp4", "apng"]);
    fails("x.png", "--fps 20", 2, &["--fps", "--scroll"]);
    fails("x.png", "--speed 20x", 2, &["--speed", "--scroll"]);
    fails("x.apng", "--scroll --speed max", 2, &["--speed"]);
    fails("x.apng", "--scroll --speed 0", 2, &["--speed"]);
    fails("x.apng", "--scroll --fps 0", 2, &["--fps"]);
    fails("x.apng", "--scroll --quality 50", 2, &["--quality", "APNG"]);
    fails("x.apng", "--scroll --values", 2, &["--values"]);
    fails("x.mp4", "--scroll --loop 2", 2, &["--loop", "GIF"]);
    fails("x.apng", "--scroll --speed 0.000001 --fps 1000", 1, &["frames", "--speed"]);
    fails("x.wav", "--scroll --format apng --force", 1, &["x.wav", "input"]);
    place.file("x.raw", [0; 64]);
    let array = ["render", "x.raw", "--dtype", "u8", "--shape", "8,8", "-o", "x.apng", "--scroll"];
    place.fails(&array, &[], 2, &["--scroll", "x.raw"]);
    // Without an ffmpeg, and with one that fails.
    let empty = place.path("");
    let path = [("PATH", empty.to_str().unwrap())];
    place.fails(&render("x.mp4", "--scroll"), &path, 1, &["MP4", "ffmpeg", "apt install"]);
    fake(&place, "cat >/dev/null; echo no such codec >&2; exit 1");
    let found = format!("{}:/bin:/usr/bin", place.path("bin").display());
    place.fails(&render("x.mp4", "--scroll --size 64x64"), &[("PATH", &found)], 1, &["ffmpeg failed", "no such codec"]);
    // A file that is no video is kept.
    place.file("notes.webm", "my notes");
    if has_ffmpeg() {
        fails("notes.webm", "--scroll", 1, &["notes.webm", "not a WebM", "--force"]);
        fails("x.gif", "--scroll --fps 60", 2, &["--fps", "GIF", "50"]);
    }
}

#[test]
fn an_odd_size_is_told() {
    if !has_ffmpeg() {
        return;
    }
    let place = Place::new();
    recording(&place);
    let said = place.well(&render("x.mp4", "--scroll --size 63x45 --speed 4x"));
    assert!(said.contains("63x45") && said.contains("64x46"), "{said}");
    // 3 s at four times the speed, less what the first and the last spectrum take.
    assert!(said.contains("2") && probed(&place.path("x.mp4")).starts_with("64,46,30/1"), "{said}");
    // Its own kind is written over.
    place.well(&render("x.mp4", "--scroll --size 32x32 --speed 4x --frame-counter"));
    assert!(probed(&place.path("x.mp4")).starts_with("32,32"));
}

fn program(place: &Place, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    command.current_dir(place.path("")).args(args.split_whitespace()).stdin(Stdio::null());
    command
}

#[test]
fn streams() {
    if !has_ffmpeg() {
        return;
    }
    let place = Place::new();
    recording(&place);
    for format in ["mp4", "webm", "ogv", "gif", "apng"] {
        let args = format!("render x.wav -o - --format {format} --scroll --size 64x48 --speed 4x");
        let output = program(&place, &args).output().unwrap();
        assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let path = place.file("streamed", output.stdout);
        let told = probed(&path);
        assert!(told.starts_with("64,48"), "{format}: {told}");
        // A pipe whose reader has left, and a full disk.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program(&place, &args).stdout(writer).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.signal(), Some(13), "{format}: {:?} {said}", output.status);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = program(&place, &args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}: {said}");
        assert_eq!(said.matches("standard output: No space").count(), 1, "{format}: {said}");
    }
}

/// A disk of 12 KiB, where the system lets this user have one.
#[test]
fn a_full_disk_leaves_nothing() {
    if !has_ffmpeg() {
        return;
    }
    let place = Place::new();
    // Noise, which no codec makes small.
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    place.file("x.wav", wav_i16((0..24_000).map(|_| noise()).collect::<Vec<_>>().into_iter()));
    fs::create_dir(place.path("disk")).unwrap();
    let mount = |args: &[&str]| Command::new("mount").args(args).arg(place.path("disk")).stderr(Stdio::null()).status();
    if !mount(&["-t", "tmpfs", "-o", "size=12k", "ringfall-test"]).is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this user cannot make a small disk");
        return;
    }
    let mut results = Vec::new();
    for format in ["mp4", "webm", "ogv", "gif", "apng"] {
        let args = format!("render x.wav -o disk/x.{format} --scroll --size 640x480 --quality 99");
        let args = if matches!(format, "gif" | "apng") { args.replace("--quality 99", "") } else { args };
        let output = program(&place, &args).output().unwrap();
        let left = fs::read_dir(place.path("disk")).unwrap().count();
        results.push((format, output.status.code(), String::from_utf8(output.stderr).unwrap(), left));
    }
    let _ = Command::new("umount").arg(place.path("disk")).status();
    for (format, code, said, left) in results {
        assert_eq!((code, left), (Some(1), 0), "{format}: {said}");
        assert!(said.contains("No space left"), "{format}: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{format}: {said}");
    }
}
