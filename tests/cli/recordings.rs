//! Raw numbers from files and pipes, and SigMF: pictures of tones that are known, and what is refused.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::place::{Place, Png, RATE, tone, wav_i16};

/// Complex samples of a tone at this frequency, as `cs16`.
fn cs16(hertz: f64, samples: usize) -> Vec<u8> {
    let turn = |n: usize| std::f64::consts::TAU * hertz * n as f64 / f64::from(RATE);
    let number = |value: f64| ((value * 16_384.0).round() as i16).to_le_bytes();
    (0..samples).flat_map(|n| [number(turn(n).cos()), number(turn(n).sin())].concat()).collect()
}

/// The program with these bytes on its standard input, through a pipe.
fn piped(place: &Place, args: &[&str], bytes: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringfall"))
        .current_dir(place.path("."))
        .args(args)
        .env_remove("RUST_LOG")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that refuses its command line reads nothing.
        let _ = input.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// 1024 bins on 1024 pixels: the tone's is brightest on each line.
fn brightest(place: &Place, name: &str) -> Vec<usize> {
    let png = Png::read(&place.path(name));
    (0..png.height).map(|line| png.greenest(line, false)).collect()
}

const PICTURE: [&str; 8] = ["--size", "1024x16", "--fft", "1024", "--colormap", "green", "--vmin", "-100"];

/// 1000 Hz is 128 bins of 7.8125 Hz above the middle, and -500 Hz 64 below.
#[test]
fn a_pipe_and_a_file_make_the_same_picture() {
    let place = Place::new();
    let samples = cs16(1000.0, 16_000);
    place.file("x.cs16", &samples);
    place.file("foreign.wav", &samples);
    let flags = ["--rate", "8k", "--centre", "7.1M", "-o"];
    let said_of_file = place.well(&[&["render", "x.cs16"], &flags[..], &["a.png"], &PICTURE[..]].concat());
    assert!(said_of_file.contains("7.096 MHz to 7.104 MHz") || said_of_file.contains("7.1 MHz"), "{said_of_file}");
    assert!(brightest(&place, "a.png").iter().all(|bin| *bin == 640));
    let format = ["--format", "cs16"];
    // The format that is said wins over the extension.
    place.well(&[&["render", "foreign.wav"], &flags[..], &["b.png"], &format, &PICTURE[..]].concat());
    assert_eq!(Png::read(&place.path("a.png")).rgb, Png::read(&place.path("b.png")).rgb);
    // A pipe has no length, so that rows are not laid out for it.
    let hop = ["--hop", "256"];
    place.well(&[&["render", "x.cs16"], &flags[..], &["a.png"], &PICTURE[..], &hop].concat());
    let args = [&["render", "-"], &flags[..], &["b.png"], &format, &PICTURE[..], &hop].concat();
    let output = piped(&place, &args, &samples);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(Png::read(&place.path("a.png")).rgb, Png::read(&place.path("b.png")).rgb);
    // Both formats at once.
    let both = ["--format", "cs16", "--format", "png"];
    place.well(&[&["render", "x.cs16"], &flags[..], &["picture"], &both, &PICTURE[..]].concat());
    // One that ends in the middle of a sample.
    let output = piped(&place, &args, &samples[..samples.len() - 3]);
    let text = said(&output);
    assert!(output.status.code() == Some(0) && text.contains("warning: standard input ends in the middle"), "{text}");
}

#[test]
fn sound_with_a_header_through_standard_input() {
    let place = Place::new();
    let sound = wav_i16(tone(1500.0, 16_000));
    place.file("x.wav", &sound);
    let args = |from, to| [&["render", from, "-o", to, "--hop", "512"], &PICTURE[..]].concat();
    place.well(&args("x.wav", "a.png"));
    let output = piped(&place, &args("-", "b.png"), &sound);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(Png::read(&place.path("a.png")).rgb, Png::read(&place.path("b.png")).rgb);
    for (bytes, words) in [(&b"no header here"[..], "WAV header"), (b"", "no bytes")] {
        let output = piped(&place, &args("-", "c.png"), bytes);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("standard input") && said.contains(words) && said.contains("--format"), "{said}");
        assert!(!place.path("c.png").exists());
    }
}

/// 40 rows of 1024 levels, of which one is brighter, at a bin that moves by one from row to row.
#[test]
fn rows_through_standard_input() {
    let place = Place::new();
    let level = |row: usize, bin: usize| if bin == 100 + row { -10.0_f32 } else { -90.0 };
    let rows: Vec<u8> = (0..40).flat_map(|row| (0..1024).flat_map(move |bin| level(row, bin).to_le_bytes())).collect();
    let flags = ["--format", "f32", "--bins", "1024", "--row-time", "20ms", "--rate", "1M", "--centre", "7M"];
    let picture = ["--size", "1024x40", "--colormap", "green", "--vmin", "-100", "--vmax", "0", "--newest", "bottom"];
    let args = [&["render", "-", "-o", "a.png"], &flags[..], &picture[..]].concat();
    let output = piped(&place, &args, &rows);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("800 ms") && text.contains("a line 20 ms"), "{text}");
    assert_eq!(brightest(&place, "a.png"), (100..140).collect::<Vec<_>>());
    // The second quarter of a second of it: 12 rows begin within.
    let part = [&args[..], &["--force", "--from", "250ms", "--to", "490ms"]].concat();
    let output = piped(&place, &part, &rows);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let bins = brightest(&place, "a.png");
    assert!(bins.contains(&113) && bins.contains(&124) && !bins.contains(&112) && !bins.contains(&125), "{bins:?}");
    // Less than a row.
    let output = piped(&place, &[&["render", "-", "-o", "b.png"], &flags[..]].concat(), &rows[..4000]);
    let text = said(&output);
    assert!(output.status.code() == Some(1) && text.contains("one row of 1024 levels"), "{text}");
}

#[test]
fn names_tell_rate_frequency_and_time() {
    let place = Place::new();
    let floats: Vec<u8> = cs16(1000.0, 80_000)
        .chunks_exact(2)
        .flat_map(|two| (f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0).to_le_bytes())
        .collect();
    let name = "gqrx_20260101_120000_7100000_8000_fc.raw";
    place.file(name, floats);
    // Ten seconds from noon on.
    let args = [&["render", name, "-o", "a.png", "--from", "12:00:02", "--to", "12:00:05"], &PICTURE[..]].concat();
    let text = place.well(&args);
    assert!(text.contains("2026-01-01 12:00:00Z") && text.contains("3 s of") && text.contains("7100000 Hz"), "{text}");
    assert!(brightest(&place, "a.png").iter().all(|bin| *bin == 640));
    let utc = ["--from", "2026-01-01T12:00:11Z"];
    place.fails(&[&["render", name, "-o", "b.png"], &utc[..]].concat(), &[], 1, &["--from", "lasts 10 s"]);
    place.fails(
        &["render", name, "-o", "b.png", "--to", "2026-01-01T11:00Z"],
        &[],
        2,
        &["--to", "before the beginning"],
    );
    // The flag wins.
    let text = place
        .well(&[&["render", name, "-o", "a.png", "--centre", "0", "--start", "2026-02-01"], &PICTURE[..]].concat());
    assert!(!text.contains("2026-01-01") && text.contains("-4 kHz to 3.996 kHz"), "{text}");
}

#[test]
fn a_sigmf_recording() {
    let place = Place::new();
    place.file("x.sigmf-data", cs16(-500.0, 16_000));
    place.file(
        "x.sigmf-meta",
        r#"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 8000}, "captures": [{"core:sample_start": 0,
            "core:frequency": 7100000, "core:datetime": "2026-01-01T12:00:00Z"}]}"#,
    );
    let to = ["-o", "a.png", "--from", "12:00:00.5", "--to", "2026-01-01T12:00:01.5Z"];
    let text = place.well(&[&["render", "x.sigmf-meta"], &to[..], &PICTURE[..]].concat());
    assert!(text.contains("1 s of x.sigmf-data") || text.contains("1000 ms of x.sigmf-data"), "{text}");
    assert!(brightest(&place, "a.png").iter().all(|bin| *bin == 448));
    // Neither of its files is written over.
    let force = ["-o", "x.sigmf-meta", "--format", "png", "--force"];
    place.fails(&[&["render", "x.sigmf-data"], &force[..]].concat(), &[], 1, &["x.sigmf-meta", "input"]);
    place.file("y.sigmf-meta", r#"{"global": {"core:datatype": "ci16_le"}}"#);
    place.file("y.sigmf-data", [0; 99]);
    place.fails(&["render", "y.sigmf-meta", "-o", "b.png"], &[], 1, &["y.sigmf-meta: global.core:sample_rate"]);
    place.fails(&["render", "z.sigmf-meta", "-o", "b.png"], &[], 1, &["z.sigmf-meta", "No such file"]);
}

/// A second at 7.000 MHz with a tone 1 kHz above it, then one at 7.008 MHz with a tone 2 kHz below it.
#[test]
fn captures_at_two_frequencies_are_in_one_picture() {
    let place = Place::new();
    place.file("two.sigmf-data", [cs16(1000.0, 8000), cs16(-2000.0, 8000)].concat());
    place.file(
        "two.sigmf-meta",
        r#"{"global": {"core:datatype": "ci16_le", "core:sample_rate": 8000}, "captures": [
            {"core:sample_start": 0, "core:frequency": 7000000}, {"core:sample_start": 8000, "core:frequency": 7008000}]}"#,
    );
    // 6.996 to 7.012 MHz on 1024 pixels, of 15.625 Hz each: the tones are 5 kHz and 10 kHz above the lowest frequency.
    for quick in [&[][..], &["--quick"]] {
        let said = place.well(&[&["render", "two.sigmf-meta", "-o", "a.png", "--force"], &PICTURE[..], quick].concat());
        assert!(said.contains("6.996 MHz to 7.012 MHz"), "{said}");
        let bins = brightest(&place, "a.png");
        // Not where the two meet; the very last line of a quick picture may be after the last row.
        for (line, bin) in bins.iter().enumerate().filter(|(line, _)| *line > 0 && !(6..10).contains(line)) {
            let want: usize = if line < 8 { 640 } else { 320 };
            assert!(bin.abs_diff(want) <= 1, "{quick:?}, line {line}: {bins:?}");
        }
    }
}

#[test]
fn raw_flags_that_make_no_sense() {
    let place = Place::new();
    place.file("x.cs16", cs16(0.0, 4000));
    place.file("x.wav", wav_i16(tone(1500.0, 8000)));
    let cases: [(&[&str], &[&str]); 18] = [
        (&["x.cs16"], &["x.cs16", "sample rate", "--rate 2.4M"]),
        (&["-", "--format", "cs16"], &["standard input", "sample rate", "--rate 2.4M"]),
        (&["-", "--rate", "2.4M"], &["--rate 2400000", "--format cs16"]),
        (&["x.wav", "--rate", "2.4M"], &["--rate", "x.wav", "--format"]),
        (&["x.cs16", "--rate", "0"], &["--rate", "2.4M"]),
        (&["x.cs16", "--rate", "-1"], &["--rate", "2.4M"]),
        (&["x.cs16", "--rate", "NaN"], &["--rate", "2.4M"]),
        (&["x.cs16", "--rate", "1M", "--centre", "high"], &["--centre", "7.04M"]),
        (&["-", "--format", "s12", "--rate", "1M"], &["'s12'", "cs16"]),
        (&["-", "--format", "cf32", "--bins", "64"], &["--format cf32", "--bins", "f32"]),
        (&["-", "--bins", "64"], &["--bins", "--format f32"]),
        (&["-", "--format", "f32", "--bins", "0"], &["--bins", "4194304"]),
        (&["-", "--format", "f32", "--bins", "64", "--centre", "7M"], &["--centre", "--rate"]),
        (&["-", "--format", "f32", "--bins", "64", "--fft", "64"], &["--fft", "--bins"]),
        (&["-", "--format", "f32", "--rate", "1M", "--row-time", "20ms"], &["--row-time", "--bins"]),
        (&["-", "--format", "f32", "--rate", "1M", "--channel", "2"], &["--channel 2", "cs16"]),
        (&["-", "--format", "f32", "--bins", "64", "--row-time", "0"], &["--row-time", "20ms"]),
        (&["x.cs16", "--format", "cs16", "--bins", "9"], &["--format cs16", "--bins"]),
    ];
    for (flags, words) in cases {
        place.fails(&[&["view"], flags].concat(), &[], 2, words);
        place.fails(&[&["render", "-o", "x.png"], flags].concat(), &[], 2, words);
    }
    place.fails(&["render", "demo", "-o", "x.png", "--rate", "1M"], &[], 2, &["--rate", "demonstration"]);
    place.fails(&["render", "demo", "-o", "x.png", "--format", "cs16"], &[], 2, &["--format", "demonstration"]);
    place.fails(&["view", "none.cs16", "--rate", "1M"], &[], 1, &["none.cs16", "No such file"]);
    place.file("empty.cu8", "");
    place.fails(&["render", "empty.cu8", "--rate", "1M", "-o", "x.png"], &[], 1, &["empty.cu8", "no samples"]);
    // Live input needs a display as all else does; a file in place of a command may be standard input.
    let output = piped(&place, &["-", "--format", "cs16", "--rate", "1M"], &[]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let start = ["view", "-", "--format", "cs16", "--rate", "1M", "--start", "2026-01-01"];
    let output = piped(&place, &start, &[]);
    assert!(output.status.code() == Some(2) && said(&output).contains("--start"), "{}", said(&output));
}

/// A FIFO is a pipe by any name, and no picture goes into the one that is read.
#[cfg(unix)]
#[test]
fn a_fifo_is_a_pipe() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("fifo.png")).status().unwrap().success());
    let flags = ["--format", "cs16", "--rate", "8k"];
    place.fails(&[&["render", "fifo.png", "-o", "fifo.png"], &flags[..]].concat(), &[], 1, &["fifo.png", "input"]);
    let path = place.path("fifo.png");
    let writer = std::thread::spawn(move || std::fs::write(path, cs16(1000.0, 16_000)).unwrap());
    place.well(&[&["render", "fifo.png", "-o", "a.png"], &flags[..], &PICTURE[..]].concat());
    writer.join().unwrap();
    assert!(brightest(&place, "a.png").iter().all(|bin| *bin == 640));
}
