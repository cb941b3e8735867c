//! `--norm`: the pictures it makes, and the values it refuses.
#![cfg(feature = "app")]

use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::prelude::*;

const RENDER: [&str; 10] =
    ["render", "demo", "-o", "x.png", "--size", "300x120", "--colormap", "green", "--vmin", "-110"];

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("ringfall").unwrap();
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WGPU_BACKEND", "WGPU_ADAPTER_NAME", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.current_dir(folder).args(args).output().unwrap()
}

/// The entries that a picture in the colormap green shows, and what the program said.
fn entries(args: &[&str]) -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &[&RENDER[..], &["--vmax", "18"], args].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    let file = std::io::BufReader::new(std::fs::File::open(folder.path().join("x.png")).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    let channels = info.color_type.samples();
    (data.chunks(channels).take(300 * 120).map(|pixel| pixel[1]).collect(), said)
}

#[test]
fn norms_colour_pictures_as_they_say() {
    let (linear, said) = entries(&[]);
    assert!(!said.contains("norm"), "{said}");
    assert!(linear.iter().max() > linear.iter().min());
    // -46 is the middle of the range.
    for same in ["power:1", "twoslope:-46", "centred:-46", "centered:-46", "linear"] {
        let (picture, said) = entries(&["--norm", same]);
        assert!(picture == linear, "{same}");
        assert_eq!(said.contains(", norm "), same != "linear", "{said}");
    }
    let (root, said) = entries(&["--norm", "power:0.5"]);
    assert!(said.contains(", norm power:0.5"), "{said}");
    for (linear, root) in linear.iter().map(|entry| f64::from(*entry)).zip(root) {
        let at = |entry: f64| ((entry / 256.0).sqrt() * 256.0).floor().min(255.0) as u8;
        assert!((at(linear)..=at(linear + 1.0)).contains(&root), "{linear} becomes {root}");
    }
}

#[test]
fn a_found_range_fits_the_norm() {
    let folder = tempfile::tempdir().unwrap();
    let render = ["render", "demo", "-o", "x.png", "--size", "64x32", "--norm"];
    for norm in ["twoslope:20", "twoslope:-300", "centred:0", "symlog:30", "power:2"] {
        let output = run(folder.path(), &[&render[..], &[norm]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{norm}: {said}");
        assert!(said.contains(&format!("(found from the data), norm {norm}")), "{said}");
    }
}

#[test]
fn wrong_norms_are_wrong_command_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no.wav").display().to_string();
    for (flags, words) in [
        (&["--norm", "gamma:2"][..], &["--norm", "no norm is called \"gamma\"", "power:GAMMA", "centred[:CENTRE]"][..]),
        (&["--norm", "power"], &["--norm", "expected power:GAMMA", "above 0"]),
        (&["--norm", "power:-1"], &["--norm", "expected power:GAMMA", "above 0"]),
        (&["--norm", "symlog:0"], &["--norm", "expected symlog:LIMIT", "above 0"]),
        (&["--norm", "log:10"], &["--norm", "expected log", "equal ratios"]),
        (&["--norm", "twoslope:middle"], &["--norm", "expected twoslope:CENTRE"]),
        (&["--norm", "log"], &["--norm log", "--vmin above 0"]),
        (&["--norm", "log", "--vmin", "-100"], &["--norm log", "--vmin -100", "--vmin above 0"]),
        (&["--norm", "twoslope:-60", "--vmin", "-50"], &["--norm twoslope:-60", "--vmin -50", "below the centre"]),
        (&["--norm", "twoslope:-60", "--vmax", "-60"], &["--norm twoslope:-60", "--vmax -60", "above the centre"]),
    ] {
        for command in
            [&["render", "demo", "-o", "x.png"][..], &["demo"], &["live", "--device", "none"], &["view", &file]]
        {
            // A file or a device that is not there is another error.
            if words[0] != "--norm" && ["live", "view"].contains(&command[0]) {
                continue;
            }
            let output = run(folder.path(), &[command, flags].concat());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{command:?} {flags:?}: {said}");
            assert!(words.iter().all(|word| said.contains(word)), "{flags:?}: {said}");
            assert!(!folder.path().join("x.png").exists());
        }
    }
}

#[test]
fn help_lists_norms_and_colormaps() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["render", "demo", "live", "view"] {
        let output = run(folder.path(), &[command, "--help"]);
        // However it is broken into lines.
        let help = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            ringfall::Norm::LIST.iter().all(|norm| help.contains(norm.usage) && help.contains(norm.help)),
            "{help}"
        );
        assert!(ringfall::Colormap::NAMES.iter().all(|name| help.contains(name)), "{help}");
    }
}
