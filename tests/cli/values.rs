//! What stands on the command line, read as a user means it, or refused with 2 and a hint.

use crate::place::{Place, Png, RATE, tone, wav_i16};

#[test]
fn flags_that_make_no_sense() {
    let place = Place::new();
    place.file("one.csv", "1,2,3\n");
    place.file("bad.json", "[[0, 0, 0], [1, 2]]");
    place.file("words.csv", "red,green,blue\nfish,fowl,meat\n");
    let usage: [(&[&str], &[&str]); 38] = [
        (&["--fft", "0"], &["--fft", "16 to 4194304", "64k"]),
        (&["--fft", "5M"], &["--fft", "16 to 4194304", "64k"]),
        (&["--hop", "0"], &["--hop"]),
        (&["--hop", "10", "--overlap", "50"], &["--hop", "--overlap"]),
        (&["--overlap", "100"], &["--overlap", "less than 100"]),
        (&["--window", "tukey"], &["--window", "blackman-harris"]),
        (&["--average", "median:3"], &["--average", "mean:N"]),
        (&["--size", "0x0"], &["--size", "1920x1080"]),
        (&["--size", "big"], &["--size", "1920x1080"]),
        (&["--vmin", "low"], &["--vmin", "-110"]),
        (&["--vmin", "NaN"], &["--vmin", "-110"]),
        (&["--newest", "middle"], &["--newest", "top", "right"]),
        (&["--size", "1000000x2"], &["1000000x2", "pixels a side"]),
        (&["--size", "1x4294967295"], &["1x4294967295", "65536 pixels a side"]),
        (&["--axis", "bark"], &["--axis", "linear, log, mel"]),
        (&["--axis", "log", "--fmin", "0"], &["--axis log", "--fmin 0", "above 0 Hz"]),
        (&["--line-time", "0"], &["--line-time", "20ms"]),
        (&["--texel", "f64"], &["--texel", "f16"]),
        // A value and not a flag that is unknown.
        (&["--overlap", "-5"], &["--overlap", "less than 100"]),
        (&["--fft", "-64k"], &["--fft", "16 to 4194304"]),
        (&["--seconds", "-5s"], &["--seconds", "10min"]),
        (&["--line-time", "1e300"], &["--line-time", "at most"]),
        (&["--to", "1e16"], &["--to", "at most"]),
        (&["--vmin", "-1e38"], &["--vmin", "-110"]),
        (&["--vmin", "-40", "--vmax", "-40"], &["--vmin -40", "--vmax -40", "below"]),
        (&["--vmin", "-40", "--vmax", "-50"], &["--vmin -40", "--vmax -50", "below"]),
        (&["--vmin", "0", "--vmax", "1e-38"], &["--vmin, --vmax", "apart"]),
        (&["--colormap", "virids"], &["--colormap", "virids", "viridis", "batlow"]),
        (&["--fmin", "2k", "--fmax", "1k"], &["--fmin 2000", "--fmax 1000", "below"]),
        (&["--fmin", "2k", "--fmax", "2k"], &["--fmin 2000", "--fmax 2000", "below"]),
        // Of no effect on the demonstration.
        (&["--channel", "1"], &["--channel", "demonstration"]),
        (&["--start", "2026-11-21"], &["--start", "demonstration"]),
        (&["--from", "2026-11-21T14:00Z"], &["--from", "since the beginning"]),
        (&["--start", "noon"], &["--start", "2026-11-21 14:00:03"]),
        (&["--start", "14:00"], &["--start", "2026-11-21 14:00:03"]),
        (&["--from", "2s", "--to", "1s"], &["--from before --to"]),
        (&["--from", "2s", "--seconds", "0"], &["--seconds"]),
        (&["--hop", "1.5"], &["--hop", "whole number"]),
    ];
    for (flags, words) in usage {
        place.fails(&[&["render", "demo", "-o", "x.png"], flags].concat(), &[], 2, words);
    }
    let refused: [(&[&str], &[&str]); 5] = [
        (&["--colormap", "missing.csv"], &["--colormap", "missing.csv", "No such file"]),
        (&["--colormap", "one.csv"], &["--colormap", "one.csv", "2"]),
        (&["--colormap", "bad.json"], &["--colormap", "bad.json"]),
        (&["--colormap", "words.csv"], &["--colormap", "words.csv"]),
        (&["--fmin", "7k"], &["--fmin", "6000 Hz"]),
    ];
    for (flags, words) in refused {
        place.fails(&[&["render", "demo", "-o", "x.png"], flags].concat(), &[], 1, words);
    }
    place.fails(&["render", "demo"], &[], 2, &["--output"]);
    place.fails(&["--fullscreen", "demo"], &[], 2, &["demo"]);
}

#[test]
fn flags_that_would_have_no_effect() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 8000)));
    place.fails(&["render", "tone.wav", "-o", "x.png", "--seed", "3"], &[], 2, &["--seed", "tone.wav"]);
    let wrong: [(&[&str], &[&str]); 9] = [
        (&["tone.wav", "-o", "x.npy", "--values", "--axes"], &["--axes", "--values"]),
        (&["tone.wav", "-o", "x.npy", "--floats", "--axes"], &["--axes", "--floats"]),
        (&["tone.wav", "-o", "x.npy", "--values", "--colormap", "magma"], &["--colormap", "values"]),
        (&["tone.wav", "-o", "x.png", "--vmin", "-90", "--vmax", "0", "--bias", "3"], &["--bias", "--vmin"]),
        (&["a.npy", "-o", "x.png", "--from", "1s"], &["--from", "video"]),
        (&["a.npy", "-o", "x.png", "--fft", "4096"], &["--fft", "a.npy"]),
        (&["a.npy", "-o", "x.png", "--rate", "8k"], &["--rate", "a.npy"]),
        (&["a.npy", "-o", "x.png", "--texel", "f16"], &["--texel", "a.npy"]),
        (&["igtl://localhost:1", "-o", "x.png", "--frames", "1", "--fft", "64"], &["--fft", "OpenIGTLink"]),
    ];
    for (args, words) in wrong {
        place.fails(&[&["render"], args].concat(), &[], 2, words);
    }
    let wrong: [(&[&str], &[&str]); 4] = [
        (&["a.npy", "--window", "hann"], &["--window", "a.npy"]),
        (&["igtl://localhost:1", "--from", "1s"], &["--from", "OpenIGTLink"]),
        (&["tone.wav", "--vmin", "-90", "--vmax", "0", "--bias", "3"], &["--bias"]),
        (&["scan.csv", "--speed", "4x"], &["--speed", "scan.csv"]),
    ];
    for (args, words) in wrong {
        place.fails(&[&["view"], args].concat(), &[], 2, words);
    }
    // A file that is called demo has both.
    place.file("demo", wav_i16(tone(1500.0, 8000)));
    place.well(&["render", "./demo", "--channel", "1", "--start", "2026-11-21", "-o", "x.png", "--size", "9x9"]);
}

#[test]
fn sizes_and_times_beyond_all_bounds() {
    let place = Place::new();
    // None of these gets as far as to look for a display, or to take up memory.
    let usage: [(&[&str], &[&str]); 15] = [
        (&["demo", "--size", "65536x100"], &["--size", "16384"]),
        (&["demo", "--size", "100x65536"], &["--size", "16384"]),
        (&["demo", "--exit-after", "1e300"], &["--exit-after", "at most"]),
        (&["demo", "--exit-after", "1e10"], &["--exit-after", "at most"]),
        (&["demo", "--lose-device-after", "1e300"], &["--lose-device-after", "at most"]),
        (&["demo", "--history", "1e300h"], &["--history", "at most"]),
        (&["bench", "--frames", "4294967295"], &["--frames", "10000000"]),
        (&["bench", "--warmup", "4294967295"], &["--warmup", "10000000"]),
        (&["bench", "--stft", "--fft", "4294967295"], &["--fft", "4194304"]),
        (&["bench", "--pipeline", "--fft", "5M"], &["--fft", "4194304"]),
        (&["bench", "--width", "4294967295"], &["--width", "16384"]),
        (&["bench", "--bins", "4294967295"], &["--bins"]),
        (&["bench", "--history", "4294967295", "--bins", "4096"], &["--history 4294967295", "at most"]),
        (&["bench", "--rows-per-frame", "4294967295"], &["--rows-per-frame", "--history"]),
        (&["bench", "--window", "--rate", "1e-300"], &["--rate", "0.001"]),
    ];
    for (args, words) in usage {
        place.fails(args, &[], 2, words);
    }
    // Rows longer than any clock reaches.
    let huge = ["render", "demo", "-o", "x.png", "--size", "1x65536", "--average", "mean:1000000"];
    place.fails(&[&huge[..], &["--hop", "268435456"]].concat(), &[], 1, &["row_duration_ns", "less than 2^63 ns"]);
}

#[test]
fn a_file_in_place_of_a_command_is_viewed() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 8000)));
    place.file("night", wav_i16(tone(1500.0, 8000)));
    // It gets as far as to look for a display.
    for args in [&["tone.wav"][..], &["--fullscreen", "tone.wav"], &["tone.wav", "--speed", "4x"], &["night"]] {
        place.fails(args, &[], 3, &["no display"]);
    }
    place.fails(&["missing.wav"], &[], 1, &["missing.wav", "No such file"]);
    place.fails(&["missing"], &[], 2, &["missing"]);
    place.fails(&["rendr", "x"], &[], 2, &["render"]);
}

#[test]
fn a_k_is_1024_samples() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    let render = |fft: &str, hop: &str| {
        let args = ["render", "tone.wav", "-o", "t.png", "--size", "64x16", "--fft", fft, "--hop", hop];
        (place.well(&args), Png::read(&place.path("t.png")).rgb)
    };
    let (said, picture) = render("2k", "1k");
    // 1.5 bins of 8000 Hz / 2048, and the 15 spectra that fit in 2 s, 128 ms apart.
    assert!(said.contains("RBW 5.859 Hz") && said.contains(" 1.792 s "), "{said}");
    assert!(picture == render("2048", "1024").1);
}

#[test]
fn times_of_day() {
    let place = Place::new();
    // A second each of 1000 Hz (bin 128), 2500 Hz (bin 320) and 3000 Hz (bin 384), from 23:59:58.5 on.
    place.file("three.wav", wav_i16(tone(1000.0, 8000).chain(tone(2500.0, 8000)).chain(tone(3000.0, 8000))));
    for (start, from, to) in [
        ("2026-11-21 23:59:58.5", "23:59:59.5", "0:00:00.5"),
        ("2026-11-21T23:59:58.5Z", "1s", "2s"),
        ("2026-11-22T00:59:58.5+01:00", "2026-11-21 23:59:59.5", "2026-11-22T00:00:00.5Z"),
        ("2026-11-21 14:00", "14:00:01", "14:00:02"),
    ] {
        let part = ["--start", start, "--from", from, "--to", to, "--size", "513x20", "--fft", "1024"];
        let said = place.well(&[&["render", "three.wav", "-o", "part.png", "--colormap", "green"][..], &part].concat());
        assert!(said.contains("1 s of three.wav"), "{start}: {said}");
        let png = Png::read(&place.path("part.png"));
        for line in 3..17 {
            assert_eq!(png.greenest(line, false), 320, "{start} {from}, line {line}");
        }
    }
    let beyond = ["render", "three.wav", "-o", "x.png", "--start", "2026-11-21 14:00", "--from", "14:00:03"];
    place.fails(&beyond, &[], 1, &["--from", "3 s", "three.wav"]);
    // What the error proposes is taken.
    let output = place.run(&["render", "three.wav", "-o", "x.png", "--start", "noon"], &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    for proposed in ["2026-11-21T14:00Z", "2026-11-21 14:00:03", "2026-11-21T15:00+01:00"] {
        assert!(said.contains(proposed), "{said}");
        place.well(&["render", "three.wav", "-o", "part.png", "--size", "9x9", "--start", proposed]);
    }
}

#[test]
fn no_more_is_told_than_there_is() {
    let place = Place::new();
    place.file("twelve.wav", wav_i16(tone(1500.0, 12 * RATE as usize)));
    let render =
        |flags: &[&str]| place.well(&[&["render", "twelve.wav", "-o", "t.png", "--size", "64x64"], flags].concat());
    // A row stands for 12.5 s, of a file of 12 s.
    let said = render(&["--hop", "100000"]);
    assert!(said.contains(" 12 s of twelve.wav"), "{said}");
    // The end is beyond the end.
    let said = render(&["--to", "1e8"]);
    assert!(said.contains(" 12 s of twelve.wav"), "{said}");
}

#[test]
fn the_lists_in_the_help_are_complete() {
    let place = Place::new();
    let help = String::from_utf8(place.run(&["render", "--help"], &[]).stdout).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let colormaps = ringfall::Colormap::NAMES.join(", ");
    let windows = ringfall::dsp::Window::NAMES.join(", ");
    for list in [colormaps, windows] {
        assert!(help.contains(&list), "{list} is not in:\n{help}");
    }
    for format in ringfall::export::FORMATS {
        assert!(help.contains(&format.name().to_ascii_lowercase()), "{format:?}");
    }
}
