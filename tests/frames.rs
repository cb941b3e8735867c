//! Frames of live sources: the images of an OpenIGTLink peer, and what ffmpeg reads.
#![cfg(feature = "app")]

use std::ffi::OsString;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfall::source::igtl::{IgtlFrames, IgtlOptions, Image, Message, Scalar};
use ringfall::source::{FfmpegFrames, FfmpegOptions, LiveFrame, LiveFrames, Read, RowSource, SourceError};
use ringfall::{Reduce, Rows as _};

const PATIENCE: Duration = Duration::from_secs(30);

fn image(picture: &Image<'_>) -> Vec<u8> {
    Message::new("IMAGE", "cam", picture.encode()).encode().unwrap()
}

fn colors(frame: &LiveFrame) -> Vec<[u8; 4]> {
    let (mut all, mut row) = (Vec::new(), Vec::new());
    for number in frame.range(0) {
        frame.read_rgba(0, number, Reduce::Max, &mut row).unwrap();
        all.extend_from_slice(&row);
    }
    all
}

fn values(frame: &LiveFrame) -> Vec<f32> {
    let (mut all, mut row) = (Vec::new(), Vec::new());
    for number in frame.range(0) {
        frame.read(0, number, Reduce::Max, &mut row).unwrap();
        all.extend_from_slice(&row);
    }
    all
}

/// Reads until this many frames have come, the source ends or fails.
fn read(source: &mut dyn RowSource, count: u64) -> Result<bool, SourceError> {
    let frames = source.live_frames().unwrap();
    let begun = Instant::now();
    while frames.range().end < count {
        assert!(begun.elapsed() < PATIENCE, "{} of {count} frames came", frames.range().end);
        let asked = Instant::now();
        let read = source.read(&mut |_, _| panic!("a row"))?;
        assert!(asked.elapsed() < Duration::from_secs(5));
        if read == Read::End {
            return Ok(false);
        }
    }
    Ok(true)
}

fn listen(range: Option<(f32, f32)>) -> (IgtlFrames, TcpStream, Arc<LiveFrames>) {
    let source = IgtlFrames::open(&IgtlOptions::new("igtl://:0".parse().unwrap()), range).unwrap();
    let peer = TcpStream::connect(("127.0.0.1", source.port())).unwrap();
    let frames = Arc::clone(source.live());
    (source, peer, frames)
}

/// 3 columns, 2 rows, of these components.
fn picture(scalar: Scalar, components: u8, bytes: Vec<u8>) -> Image<'static> {
    let mut image = Image::new(scalar, [3, 2, 1], bytes);
    image.components = components;
    image
}

#[test]
fn images_of_all_kinds_become_frames() {
    let (mut source, mut peer, frames) = listen(None);
    let rgb: Vec<u8> = (0..18).collect();
    let deep: Vec<u8> = (0..6_u16).flat_map(|n| (1000 * n).to_be_bytes()).collect();
    let mut big = picture(Scalar::U16, 1, deep);
    big.big_endian = true;
    let floats: Vec<u8> = (0..24).flat_map(|n| (n as f32 / 23.0).to_le_bytes()).collect();
    for image_of in [picture(Scalar::U8, 3, rgb), big, picture(Scalar::F32, 4, floats)] {
        peer.write_all(&image(&image_of)).unwrap();
    }
    assert!(read(&mut source, 3).unwrap());
    assert_eq!(source.info().bins, 3);
    let frame = |number| frames.frame(number).unwrap();
    let expected: Vec<[u8; 4]> = (0..6).map(|n| [3 * n, 3 * n + 1, 3 * n + 2, 255]).collect();
    assert_eq!(colors(&frame(0)), expected);
    assert_eq!(values(&frame(1)), [0.0, 1000.0, 2000.0, 3000.0, 4000.0, 5000.0]);
    assert_eq!((frame(1).is_rgba(), frame(1).range(0)), (false, 0..2));
    for (n, color) in colors(&frame(2)).into_iter().enumerate() {
        for (c, channel) in color.into_iter().enumerate() {
            assert_eq!(f64::from(channel), (f64::from((4 * n + c) as f32 / 23.0) * 255.0).round(), "{n} {c}");
        }
    }
}

#[test]
fn colours_of_16_bits_need_a_range() {
    let deep: Vec<u8> = (0..18_u16).flat_map(|n| (100 * n).to_le_bytes()).collect();
    let (mut source, mut peer, _) = listen(None);
    peer.write_all(&image(&picture(Scalar::U16, 3, deep.clone()))).unwrap();
    let error = read(&mut source, 1).unwrap_err().to_string();
    assert!(error.contains("--vmin and --vmax") && error.contains("U16"), "{error}");
    let (mut source, mut peer, frames) = listen(Some((0.0, 1700.0)));
    peer.write_all(&image(&picture(Scalar::U16, 3, deep))).unwrap();
    assert!(read(&mut source, 1).unwrap());
    // Seventeenths of 255 are 15.
    let expected: Vec<[u8; 4]> = (0..6).map(|n| [45 * n, 45 * n + 15, 45 * n + 30, 255]).collect();
    assert_eq!(colors(&frames.frame(0).unwrap()), expected);
    let (mut source, mut peer, _) = listen(None);
    peer.write_all(&image(&picture(Scalar::U8, 2, vec![0; 12]))).unwrap();
    assert!(read(&mut source, 1).unwrap_err().to_string().contains("got 2"));
}

#[test]
fn a_part_changes_the_frame_before_it() {
    let (mut source, mut peer, frames) = listen(None);
    peer.write_all(&image(&picture(Scalar::U8, 1, vec![1, 2, 3, 4, 5, 6]))).unwrap();
    let mut part = picture(Scalar::U8, 1, vec![50, 60]);
    (part.offset, part.part) = ([1, 1, 0], [2, 1, 1]);
    peer.write_all(&image(&part)).unwrap();
    // Of another size: there is nothing to change. Rows and slices.
    let mut other = Image::new(Scalar::U8, [2, 3, 2], vec![7, 8, 9, 10]);
    (other.offset, other.part) = ([1, 1, 0], [1, 2, 2]);
    peer.write_all(&image(&other)).unwrap();
    // A part of an image that would take terabytes is skipped, and what follows is read.
    let mut absurd = Image::new(Scalar::F64, [65535, 65535, 65535], vec![0; 8]);
    absurd.part = [1, 1, 1];
    peer.write_all(&image(&absurd)).unwrap();
    peer.write_all(&image(&picture(Scalar::U8, 1, vec![0; 6]))).unwrap();
    assert!(read(&mut source, 4).unwrap());
    let frame = |number| values(&frames.frame(number).unwrap());
    assert_eq!(frame(0), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(frame(1), [1.0, 2.0, 3.0, 4.0, 50.0, 60.0]);
    assert_eq!(frame(2), [0.0, 0.0, 0.0, 7.0, 0.0, 8.0, 0.0, 0.0, 0.0, 9.0, 0.0, 10.0]);
    assert_eq!((frame(3), source.gaps()), (vec![0.0; 6], 1));
}

#[test]
fn memory_of_frames_is_bounded() {
    let (mut source, mut peer, frames) = listen(None);
    let bytes = 200 * 300;
    frames.set_budget(4 * bytes + 10);
    let writer = std::thread::spawn(move || {
        for fill in 0..100 {
            peer.write_all(&image(&Image::new(Scalar::U8, [200, 300, 1], vec![fill; bytes as usize]))).unwrap();
        }
        peer
    });
    assert!(read(&mut source, 100).unwrap());
    drop(writer.join().unwrap());
    assert_eq!(frames.range(), 96..100);
    assert_eq!(frames.bytes(), (4 * bytes, 4 * bytes + 10));
    assert_eq!(values(&frames.frame(97).unwrap())[5], 97.0);
}

// ffmpeg.

/// Whether ffmpeg is installed; said aloud where it is not.
fn has_ffmpeg() -> bool {
    let found = Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: ffmpeg is not installed, so cameras were not tested (apt-get install ffmpeg)");
    }
    found
}

fn options(arguments: &str) -> FfmpegOptions {
    FfmpegOptions::new(arguments.split(' ').map(OsString::from).collect())
}

fn failure(options: &FfmpegOptions) -> String {
    let mut source = match FfmpegFrames::open(options) {
        Ok(source) => source,
        Err(error) => return error.to_string(),
    };
    match read(&mut source, u64::MAX) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it ended well"),
    }
}

#[test]
fn pictures_of_ffmpeg_to_the_byte() {
    if !has_ffmpeg() {
        return;
    }
    // Colours, a larger picture, and grey ones of 16 bits: each against the bytes that ffmpeg itself writes without a header.
    for (input, pixels, is_rgba) in [
        ("testsrc=size=64x48:rate=10:duration=0.5", "rgb24", true),
        ("testsrc=size=333x77:rate=10:duration=0.5,format=gray16le", "gray16be", false),
    ] {
        let arguments = format!("-f lavfi -i {input}");
        let mut source = FfmpegFrames::open(&options(&arguments)).unwrap();
        assert!(!read(&mut source, u64::MAX).unwrap(), "it ends");
        let frames = source.live_frames().unwrap();
        assert_eq!(frames.range(), 0..5, "{input}");
        let mut raw = Command::new("ffmpeg");
        raw.args(["-loglevel", "error", "-nostdin"]).args(arguments.split(' '));
        let raw = raw.args(["-f", "rawvideo", "-pix_fmt", pixels, "pipe:1"]).output().unwrap().stdout;
        let frame = frames.frame(3).unwrap();
        let cells = frame.layout().columns * frame.layout().rows;
        assert_eq!(source.info().bins, frame.layout().columns);
        if is_rgba {
            let expected = raw[3 * cells * 3..4 * cells * 3].as_chunks::<3>().0;
            assert_eq!(colors(&frame), expected.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect::<Vec<_>>());
        } else {
            let expected = raw[3 * cells * 2..4 * cells * 2].as_chunks::<2>().0;
            assert_eq!(values(&frame), expected.iter().map(|v| f32::from(u16::from_be_bytes(*v))).collect::<Vec<_>>());
        }
    }
}

#[test]
fn ffmpeg_that_fails_is_one_clear_message() {
    let missing = failure(&{
        let mut missing = options("-i x");
        missing.program = "/nowhere/ffmpeg".into();
        missing
    });
    assert!(missing.contains("not installed") && missing.contains("ffmpeg: x"), "{missing}");
    if !has_ffmpeg() {
        return;
    }
    for (arguments, expected) in [
        ("-f v4l2 -i /dev/video77", "/dev/video77"),
        ("-f nosuchformat -i x", "nosuchformat"),
        ("-i /dev/null", "/dev/null"),
        ("-f lavfi -i sine=duration=0.1", "ffmpeg failed"),
        ("-f lavfi -i testsrc=size=8x8:rate=5:duration=1 -vf nosuchfilter", "ffmpeg failed"),
        ("-f lavfi -i testsrc=size=8x8:rate=5:duration=1 -pix_fmt ya8", "rgb24"),
    ] {
        let said = failure(&options(arguments));
        assert!(said.contains(expected) && !said.contains('\n') && said.len() < 500, "{arguments}: {said}");
    }
}

/// A program in place of ffmpeg.
fn program(folder: &Path, script: &str) -> FfmpegOptions {
    let path = folder.join("ffmpeg");
    // Written by another process: one that is open for writing in a thread that forks cannot be run.
    let text = format!("#!/bin/sh\n{script}\n");
    let mut cat = Command::new("sh").arg("-c").arg("cat > \"$0\"").arg(&path).stdin(Stdio::piped()).spawn().unwrap();
    cat.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(cat.wait().unwrap().success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut options = options("-i cam");
    options.program = path;
    options
}

#[test]
fn a_program_that_lies_floods_or_dies() {
    let folder = tempfile::tempdir().unwrap();
    for (script, expected) in [
        ("echo hello", "PAM"),
        ("yes | tr -d '\\n'", "more than 1024"),
        ("printf 'P7\\nWIDTH 9\\nHEIGHT 9\\nDEPTH 3\\nMAXVAL 255\\nENDHDR\\nabc'; echo broken >&2; exit 3", "broken"),
        ("printf 'P7\\nWIDTH 65535\\nHEIGHT 65535\\nDEPTH 4\\nMAXVAL 65535\\nENDHDR\\n'; sleep 60", "bytes at most"),
        ("kill -9 $$", "signal: 9"),
        ("exit 0", "no picture came"),
        ("yes 'a long line of complaints' | head -n 400000 >&2; exit 1", "complaints"),
        ("exec >&-; sleep 60", "does not end"),
    ] {
        let said = failure(&program(folder.path(), script));
        assert!(said.contains(expected) && said.len() < 500, "{script}: {said}");
    }
}

#[test]
fn a_program_that_hangs_is_silent_and_is_killed_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = FfmpegFrames::open(&program(folder.path(), "exec sleep 1000")).unwrap();
    let begun = Instant::now();
    assert_eq!(source.read(&mut |_, _| {}).unwrap(), Read::Opening);
    while source.read(&mut |_, _| {}).unwrap() == Read::Opening {
        assert!(begun.elapsed() < PATIENCE);
    }
    assert_eq!(source.read(&mut |_, _| {}).unwrap(), Read::Idle);
    let process = source.process();
    let alive = || Path::new(&format!("/proc/{process}")).exists();
    assert!(alive() || !Path::new("/proc/self").exists());
    drop(source);
    // Not even a zombie is left.
    assert!(!alive());
}
