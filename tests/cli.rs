//! The real binary: pictures of sounds with a known spectrum, and everything that must be refused.

#[path = "cli/axes.rs"]
mod axes;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/place.rs"]
mod place;
#[path = "cli/recordings.rs"]
mod recordings;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/values.rs"]
mod values;

use place::{Place, Png, tone, wav, wav_i16};

/// FFT of 1024 at 8000 Hz has 513 bins 7.8125 Hz apart; on 513 pixels each bin is a pixel. The range is 128 dB in 256 colours,
/// two to a decibel.
const KNOWN: [&str; 10] =
    ["--fft", "1024", "--window", "hann", "--colormap", "green", "--vmin", "-100", "--vmax", "28"];

#[test]
fn a_tone_is_where_it_belongs_and_as_strong() {
    let place = Place::new();
    // 1500 Hz is bin 192.
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    let said = place.well(&[&["render", "tone.wav", "-o", "tone.png", "--size", "513x64"][..], &KNOWN].concat());
    assert!(said.contains("513x64") && said.contains("0 Hz to 4 kHz"), "{said}");
    let png = Png::read(&place.path("tone.png"));
    assert_eq!((png.width, png.height), (513, 64));
    for line in 0..64 {
        assert_eq!(png.greenest(line, false), 192, "line {line}");
        // (-6.02 + 100) dB · 2 = 187.96: colour 187 of the green map, whose red is a quarter and whose blue is half of it.
        let [r, g, b] = png.at(192, line);
        assert!(g.abs_diff(187) <= 1 && r.abs_diff(46) <= 1 && b.abs_diff(93) <= 1, "line {line}: {r} {g} {b}");
        // The noise of 16 bits is 98 dB below full scale in all, and 30 dB less in a bin: below the range.
        assert!(png.at(400, line)[1] < 10, "line {line}: {:?}", png.at(400, line));
    }
    assert_eq!(place.names(), ["tone.png", "tone.wav"]);
}

/// The lists in the manual are the library's.
#[test]
fn the_manual_names_every_colormap_norm_and_axis() {
    let manual = include_str!("../docs/manual.md");
    let norms = ringfall::Norm::LIST.iter().map(|norm| norm.usage.split([':', '[']).next().unwrap());
    let axes = ringfall::Axis::NAMES.into_iter().map(|(name, _)| name);
    let formats = ringfall::export::FORMATS.iter().flat_map(|format| format.extensions().iter().copied());
    for name in ringfall::Colormap::NAMES.iter().copied().chain(norms).chain(axes).chain(formats) {
        assert!(manual.contains(name), "docs/manual.md does not name {name}");
    }
}

#[test]
fn a_tone_is_where_each_axis_has_it() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    let mel = |hz: f64| (1.0 + hz / 700.0).ln();
    // From 100 Hz to 3 kHz on 400 pixels, all worked out by hand.
    let shares = [
        ("linear", 1400.0 / 2900.0),
        ("log", 15f64.ln() / 30f64.ln()),
        ("mel", (mel(1500.0) - mel(100.0)) / (mel(3000.0) - mel(100.0))),
    ];
    for (axis, share) in shares {
        let args = [
            "render", "tone.wav", "-o", "tone.png", "--size", "400x32", "--axis", axis, "--fmin", "100", "--fmax", "3k",
        ];
        place.well(&[&args[..], &KNOWN].concat());
        let at = Png::read(&place.path("tone.png")).greenest(16, false);
        assert!((at as f64 + 0.5 - share * 400.0).abs() <= 1.0, "{axis}: pixel {at}, not {}", share * 400.0);
    }
}

#[test]
fn time_runs_to_each_side() {
    let place = Place::new();
    // 1000 Hz (bin 128), then 2500 Hz (bin 320).
    place.file("two.wav", wav_i16(tone(1000.0, 16_000).chain(tone(2500.0, 16_000))));
    for (side, sideways) in [("top", false), ("bottom", false), ("left", true), ("right", true)] {
        let size = if sideways { "100x513" } else { "513x100" };
        place.well(&[&["render", "two.wav", "-o", "two.png", "--size", size, "--newest", side][..], &KNOWN].concat());
        let png = Png::read(&place.path("two.png"));
        let newest_first = matches!(side, "top" | "left");
        for line in (0..45).chain(55..100) {
            let early = (line < 50) != newest_first;
            let bin = if early { 128 } else { 320 };
            // Sideways frequency rises upwards, and lines of pixels are counted downwards.
            let expected = if sideways { 512 - bin } else { bin };
            assert_eq!(png.greenest(line, sideways), expected, "newest {side}, line {line}");
        }
    }
}

#[test]
fn a_band_is_all_of_the_picture() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 16_000)));
    let band = ["--fmin", "1.4k", "--fmax", "1600Hz", "--size", "260x32", "--interpolate", "linear"];
    place.well(&[&["render", "tone.wav", "-o", "band.png"][..], &band, &KNOWN].concat());
    let png = Png::read(&place.path("band.png"));
    // Half way, give or take the half bins at the ends and the flat top of the window.
    let column = png.greenest(16, false);
    assert!((110..150).contains(&column), "{column}");
}

#[test]
fn texels_agree() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 8000)));
    let pictures = ["f16", "f32", "u8"].map(|texel| {
        let args = ["render", "tone.wav", "-o", "t.png", "--size", "513x16", "--texel", texel];
        place.well(&[&args[..], &KNOWN].concat());
        Png::read(&place.path("t.png"))
    });
    for other in &pictures[1..] {
        // f16 rounds to 1/16 dB below -64 dB, u8 to half a decibel: a step of colour, and one for the rounding of it.
        let far = pictures[0].rgb.iter().zip(&other.rgb).filter(|(a, b)| a.abs_diff(**b) > 2).count();
        assert_eq!(far, 0);
    }
}

#[test]
fn the_demonstration_fills_the_picture_and_is_the_same_every_time() {
    let place = Place::new();
    let render = |name: &str, seed: &str| {
        let said = place.well(&["render", "demo", "--seed", seed, "-o", name, "--size", "400x200", "--fft", "1024"]);
        assert!(said.contains("found from the data"), "{said}");
        Png::read(&place.path(name))
    };
    let (a, b, c) = (render("a.png", "1"), render("b.png", "1"), render("c.png", "2"));
    assert_eq!(a.rgb, b.rgb);
    assert_ne!(a.rgb, c.rgb);
    // Noise over all of it: no line and no column of one colour.
    for y in 0..200 {
        assert!((1..400).any(|x| a.at(x, y) != a.at(0, y)), "line {y} is blank");
    }
    for x in 0..400 {
        assert!((1..200).any(|y| a.at(x, y) != a.at(x, 0)), "column {x} is blank");
    }
}

#[test]
fn a_line_time_shows_the_end() {
    let place = Place::new();
    place.file("two.wav", wav_i16(tone(1000.0, 16_000).chain(tone(2500.0, 16_000))));
    // 100 lines of 10 ms: the last second, in which there is only the second tone.
    let args = ["render", "two.wav", "-o", "end.png", "--size", "513x100", "--line-time", "10ms"];
    place.well(&[&args[..], &KNOWN].concat());
    let png = Png::read(&place.path("end.png"));
    assert!((0..100).all(|line| png.greenest(line, false) == 320));
    // The first second only: only the first tone.
    let args = ["render", "two.wav", "-o", "end.png", "--size", "513x100", "--seconds", "1s"];
    place.well(&[&args[..], &KNOWN].concat());
    let png = Png::read(&place.path("end.png"));
    assert!((0..100).all(|line| png.greenest(line, false) == 128));
}

#[test]
fn a_part_of_a_recording() {
    let place = Place::new();
    // A second each of 1000 Hz (bin 128), 2500 Hz (bin 320) and 3000 Hz (bin 384).
    place.file("three.wav", wav_i16(tone(1000.0, 8000).chain(tone(2500.0, 8000)).chain(tone(3000.0, 8000))));
    let render = |flags: &[&str]| {
        let said =
            place.well(&[&["render", "three.wav", "-o", "part.png", "--size", "513x100"][..], flags, &KNOWN].concat());
        (said, Png::read(&place.path("part.png")))
    };
    // A spectrum is of the 128 ms about its time: 6 or 7 lines before and after the tone changes show both.
    for flags in [
        &["--from", "0.5", "--to", "1.5s"][..],
        &["--from", "0:00.5", "--seconds", "1"],
        &["--start", "2026-09-21T14:00Z", "--from", "2026-09-21T14:00:00.5Z", "--to", "2026-09-21T14:00:01.5Z"],
    ] {
        let (said, png) = render(flags);
        assert!(said.contains("1 s of three.wav, a line 10 ms"), "{said}");
        for line in (0..43).chain(57..100) {
            let bin = if line < 50 { 320 } else { 128 };
            assert_eq!(png.greenest(line, false), bin, "{flags:?}, line {line}");
        }
    }
    // To the end, and half a spectrum is missing there.
    let (_, png) = render(&["--from", "2s"]);
    assert!((7..93).all(|line| png.greenest(line, false) == 384));
    // A line's time of one's own: the end of the part.
    let (_, png) = render(&["--to", "1.8", "--line-time", "5ms"]);
    assert!((0..100).all(|line| png.greenest(line, false) == 320));
    place.fails(
        &["render", "three.wav", "-o", "x.png", "--from", "5s"],
        &[],
        1,
        &["--from", "5 s", "three.wav", "3 s"],
    );
    let words: [(&[&str], &[&str]); 5] = [
        (&["--from", "2s", "--to", "1s"], &["--from before --to"]),
        (&["--to", "0"], &["--from before --to"]),
        (&["--from", "2026-09-21T14:00Z"], &["--from", "three.wav", "--start"]),
        (&["--start", "5s"], &["--start", "UTC"]),
        (&["--start", "2026-09-21T14:00Z", "--from", "2026-09-21T13:00Z"], &["--from", "before the beginning"]),
    ];
    for (flags, words) in words {
        place.fails(&[&["render", "three.wav", "-o", "x.png"], flags].concat(), &[], 2, words);
    }
    place.fails(&["render", "three.wav", "-o", "x.png", "--from", "noon"], &[], 2, &["--from", "since the beginning"]);
}

#[test]
fn a_day_keeps_its_shortest_click() {
    let place = Place::new();
    // 24 h at 2 samples a second, if the header said so; here 8000: the same numbers in 21.6 s. Silence but for one click.
    let mut samples = vec![0.0; 172_800];
    samples[100_000] = 0.9;
    place.file("day.wav", wav_i16(samples.into_iter()));
    let flags = ["--fft", "16", "--hop", "1", "--window", "rectangular", "--colormap", "green"];
    let range = ["--vmin", "-100", "--vmax", "0", "--size", "9x54"];
    // 172,785 rows on 54 lines: the click is on one or two of them, 400 ms a line from the end at 21.6 s.
    place.well(&[&["render", "day.wav", "-o", "day.png"][..], &flags, &range].concat());
    let png = Png::read(&place.path("day.png"));
    let lit: Vec<usize> = (0..54).filter(|&line| png.at(4, line)[1] > 60).collect();
    // 12.5 s is 22.75 lines from the top.
    assert_eq!(lit, [22]);
    // To single rows: 54 of them, from sample 99,960 on; the click is in the 16 spectra from sample 99,985 to 100,000.
    let part = ["--from", "12.495", "--to", "12.50175"];
    place.well(&[&["render", "day.wav", "-o", "day.png"][..], &part, &flags, &range].concat());
    let png = Png::read(&place.path("day.png"));
    let lit: Vec<usize> = (0..54).filter(|&line| png.at(4, line)[1] > 60).collect();
    // Side above: 16 lines about the click, which is 14 lines from the top.
    assert_eq!(lit, (6..=21).collect::<Vec<_>>());
}

#[test]
fn memory_that_makes_no_sense() {
    let place = Place::new();
    for bad in ["2", "0GiB", "lots", "-6h"] {
        let flag = format!("--history={bad}");
        place.fails(&["demo", &flag], &[], 2, &["--history", "2GiB", "6h"]);
    }
    // 2049 bins in 2 bytes take more; and so much that some rows are kept is asked for.
    place.fails(&["demo", "--history", "8KiB"], &[], 1, &["--history 8 KiB", "too little", "KiB at least"]);
    place.fails(&["demo", "--history", "90000GiB"], &[], 1, &["--history", "this machine has"]);
    place.fails(&["demo", "--history", "90000h"], &[], 1, &["--history 90000 h takes", "this machine has"]);
    let render = ["render", "demo", "-o", "x.png", "--memory"];
    place.fails(&[&render[..], &["4000000000"]].concat(), &[], 1, &["--memory", "this machine has"]);
    place.fails(&[&render[..], &["1", "--fft", "1048576"]].concat(), &[], 1, &["--memory", "1 MiB", "MiB at least"]);
}

#[test]
fn a_recording_larger_than_the_memory_is_reduced_and_whole() {
    let place = Place::new();
    // 20 s at a hop of 32: 5000 rows of 513 bins in half floats are 5 MB; they get 1 MiB.
    place.file("long.wav", wav_i16(tone(1000.0, 80_000).chain(tone(2500.0, 80_000))));
    let args = ["render", "long.wav", "-o", "long.png", "--size", "513x50", "--hop", "32", "--memory", "1"];
    place.well(&[&args[..], &KNOWN].concat());
    let png = Png::read(&place.path("long.png"));
    for line in (0..23).chain(27..50) {
        assert_eq!(png.greenest(line, false), if line < 25 { 320 } else { 128 }, "line {line}");
    }
}

#[test]
fn a_recording_without_a_known_end_is_whole_too() {
    let place = Place::new();
    // Of a recording that is written still the header does not know the length: 0xffffffff bytes, as sox and ffmpeg say.
    let mut file = wav_i16(tone(1000.0, 240_000).chain(tone(2500.0, 240_000)));
    file[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    file[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    place.file("endless.wav", file);
    // And one of a known length, with rows so long that a few of them fill the memory.
    place.file("long.wav", wav_i16(tone(1000.0, 240_000).chain(tone(2500.0, 240_000))));
    for (file, flags) in [
        ("endless.wav", ["--fft", "4096", "--hop", "64", "--memory", "1"]),
        ("endless.wav", ["--fft", "16384", "--hop", "512", "--memory", "2"]),
        ("long.wav", ["--fft", "16384", "--hop", "512", "--memory", "2"]),
    ] {
        for reduce in ["max", "mean"] {
            let args =
                ["render", file, "-o", "long.png", "--size", "513x50", "--colormap", "green", "--reduce", reduce];
            let said = place.well(&[&args[..], &["--vmin", "-100", "--vmax", "0"], &flags].concat());
            assert!(!said.contains("left out"), "{said}");
            let png = Png::read(&place.path("long.png"));
            for line in (0..20).chain(30..50) {
                let bin = if line < 25 { 320 } else { 128 };
                assert!(png.greenest(line, false).abs_diff(bin) <= 1, "{file} {flags:?} {reduce}, line {line}");
            }
        }
    }
}

#[test]
fn a_palette_file_colours_the_picture() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 8000)));
    place.file("two.csv", "0,0,255\n255,0,0\n");
    let args = ["render", "tone.wav", "-o", "t.png", "--size", "513x8", "--fft", "1024", "--colormap", "two.csv"];
    place.well(&[&args[..], &["--vmin", "-90", "--vmax", "-80"]].concat());
    let png = Png::read(&place.path("t.png"));
    assert_eq!(png.at(192, 4), [255, 0, 0]);
    assert_eq!(png.at(500, 4), [0, 0, 255]);
}

#[test]
fn no_number_is_data() {
    let place = Place::new();
    let mut samples: Vec<f64> = tone(1500.0, 32_000).collect();
    samples[4000] = f64::NAN;
    samples[16_000] = f64::INFINITY;
    samples[28_000] = f64::NEG_INFINITY;
    let data: Vec<u8> = samples.iter().flat_map(|&sample| (sample as f32).to_le_bytes()).collect();
    place.file("nan.wav", wav(3, 32, &data));
    place.well(&[&["render", "nan.wav", "-o", "nan.png", "--size", "513x128"][..], &KNOWN].concat());
    let png = Png::read(&place.path("nan.png"));
    // Where there are numbers the tone is as it was.
    let good = (0..128).filter(|&line| png.greenest(line, false) == 192).count();
    assert!(good > 90, "{good} of 128 lines");

    // Digital silence is -inf dB throughout: a picture of nothing, but a picture.
    place.file("silence.wav", wav_i16(std::iter::repeat_n(0.0, 8000)));
    place.well(&["render", "silence.wav", "-o", "silence.png", "--size", "64x64"]);
    let png = Png::read(&place.path("silence.png"));
    assert!(png.rgb.chunks_exact(3).all(|pixel| pixel == &png.rgb[..3]));
}

#[test]
fn a_truncated_file_is_shown_as_far_as_it_goes() {
    let place = Place::new();
    let whole = wav_i16(tone(1500.0, 16_000));
    place.file("cut.wav", &whole[..whole.len() - 16_001]);
    let said = place.well(&[&["render", "cut.wav", "-o", "cut.png", "--size", "513x64"][..], &KNOWN].concat());
    assert!(said.contains("warning") && said.contains("cut.wav") && said.contains("cut short"), "{said}");
    assert_eq!(Png::read(&place.path("cut.png")).height, 64);
}

#[test]
fn files_that_are_no_audio() {
    let place = Place::new();
    let good = wav_i16(tone(1500.0, 8000));
    place.file("good.wav", &good);
    place.file("empty.wav", "");
    place.file("text.wav", "This is no audio at all, but a text of some length.\n".repeat(100));
    place.file("header.wav", wav_i16(std::iter::empty()));
    place.file("stump.wav", &good[..20]);
    place.file("short.wav", wav_i16(tone(1500.0, 100)));
    std::fs::create_dir(place.path("folder")).unwrap();
    for (file, words) in [
        ("missing.wav", &["missing.wav", "No such file"][..]),
        ("empty.wav", &["empty.wav", "empty", "WAV, FLAC"]),
        ("text.wav", &["text.wav", "WAV", "FLAC"]),
        ("header.wav", &["header.wav"]),
        ("stump.wav", &["stump.wav"]),
        ("folder", &["folder"]),
        ("short.wav", &["short.wav", "too short", "4096", "--fft"]),
    ] {
        place.fails(&["render", file, "-o", "x.png"], &[], 1, words);
        if file != "short.wav" {
            place.fails(&["view", file], &[], 1, words);
        }
    }
    place.fails(&["render", "good.wav", "--channel", "2", "-o", "x.png"], &[], 1, &["channel 2", "good.wav"]);
    place.fails(&["render", "good.wav", "--channel", "iq", "-o", "x.png"], &[], 1, &["good.wav", "I and Q"]);
}

#[test]
fn no_adapter() {
    let place = Place::new();
    let render = ["render", "demo", "-o", "x.png", "--size", "16x16"];
    // Vulkan alone, and no driver for it: a picture needs none.
    let none = [("WGPU_BACKEND", "vulkan"), ("VK_DRIVER_FILES", "/nonexistent"), ("VK_ICD_FILENAMES", "/nonexistent")];
    place.well(&render);
    let with = std::fs::read(place.path("x.png")).unwrap();
    std::fs::remove_file(place.path("x.png")).unwrap();
    assert_eq!(place.run(&render, &none).status.code(), Some(0));
    assert_eq!(std::fs::read(place.path("x.png")).unwrap(), with);
    // A measurement of the graphics adapter does.
    place.fails(&["bench", "--frames", "1"], &none, 1, &["no graphics adapter", "WGPU_BACKEND"]);
}

#[test]
fn no_display() {
    let place = Place::new();
    place.file("tone.wav", wav_i16(tone(1500.0, 8000)));
    let words = ["no display", "ringfall render"];
    place.fails(&["demo"], &[], 3, &words);
    place.fails(&["view", "tone.wav"], &[], 3, &words);
    // A display that is not there.
    place.fails(&["demo"], &[("DISPLAY", ":4711")], 3, &words);
    // Whatever is wrong beside that is said first.
    place.fails(&["demo", "--vmin", "0", "--vmax", "0"], &[], 2, &["--vmin"]);
}

#[test]
fn no_such_sound_device() {
    let place = Place::new();
    let device = ["live", "--device", "no such device, surely"];
    place.fails(&device, &[], 1, &["no such device, surely"]);
    let output = place.run(&["devices"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.stdout.is_empty());
}

#[test]
fn the_help_teaches() {
    let place = Place::new();
    let output = place.run(&["--help"], &[]);
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["Examples", "ringfall render", "F11", "Space", "drag", "WGPU_BACKEND", "--vmin", "Exit codes"] {
        assert!(help.contains(word), "{word} is not in the help:\n{help}");
    }
    let output = place.run(&["render", "--help"], &[]);
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["Examples", "--newest", "--overlap", "--line-time", "batlow"] {
        assert!(help.contains(word), "{word} is not in the help of render:\n{help}");
    }
    for command in ["view", "live"] {
        let help = String::from_utf8(place.run(&[command, "--help"], &[]).stdout).unwrap();
        assert!(help.contains(&format!("Examples:\n  ringfall {command}")), "no examples for {command}:\n{help}");
    }
}

#[test]
fn flags_without_effect_on_a_camera_are_errors() {
    let place = Place::new();
    for flag in [&["--speed", "4x"][..], &["--from", "3s"], &["--cache"], &["--fps", "5"], &["--fft", "512"]] {
        let args = [&["view", "--ffmpeg", "-f lavfi -i testsrc"][..], flag].concat();
        place.fails(&args, &[], 2, &[flag[0], "pictures of --ffmpeg"]);
    }
}

/// The heading is that of the flags, whatever group of flags is before them.
#[test]
fn flags_for_recordings_have_a_heading_of_their_own() {
    let help = String::from_utf8(Place::new().run(&["view", "--help"], &[]).stdout).unwrap();
    let (_, rest) = help.split_once("\nRecording:\n").expect("a heading");
    // Flags are indented, headings are not.
    let section: Vec<_> = rest.lines().take_while(|line| line.is_empty() || line.starts_with(' ')).collect();
    for flag in ["--start", "--speed", "--from", "--to", "--cache", "--fps", "--mute"] {
        let found = section.iter().any(|line| line.split_whitespace().next() == Some(flag));
        assert!(found, "{flag} is not under Recording:\n{help}");
    }
}
