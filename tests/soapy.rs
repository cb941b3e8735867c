//! Radios through SoapySDR: a module with a radio of the tests' own (`soapy/module.cpp`), and the null driver that comes with the
//! library. The module is found by an environment variable, so all of it runs in the program and not in here.
#![cfg(feature = "soapy")]

use std::path::Path;
use std::process::{Command, Output};

/// Builds the module; none, said aloud, without a compiler.
fn module(folder: &Path) -> bool {
    let script = "g++ -shared -fPIC -O1 -o \"$0\" \"$1\" $(pkg-config --cflags --libs SoapySDR)";
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soapy/module.cpp");
    let built = Command::new("sh").args(["-c", script]).arg(folder.join("libringfalltest.so")).arg(source).status();
    let built = built.is_ok_and(|status| status.success());
    if !built {
        eprintln!(
            "SKIPPED: no g++ or no headers of SoapySDR, so no radio was tested (apt-get install g++ libsoapysdr-dev)"
        );
    }
    built
}

fn render(folder: &Path, device: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    command.env("SOAPY_SDR_PLUGIN_PATH", folder).current_dir(folder);
    command.args(["render", &format!("soapy://{device}"), "-o", "x.f32", "--force", "--size", "400x20"]);
    command.args(["--fft", "400", "--overlap", "0", "--seconds", "500ms"]).args(more).output().unwrap()
}

fn well(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// The column of the largest mean, and that mean.
fn peak(folder: &Path) -> (usize, f32) {
    let bytes = std::fs::read(folder.join("x.f32")).unwrap();
    let values: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert_eq!(values.len(), 400 * 20);
    let mean = |column: usize| {
        let column = values.iter().skip(column).step_by(400).filter(|value| value.is_finite());
        column.clone().sum::<f32>() / column.count() as f32
    };
    (0..400).map(|column| (column, mean(column))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

#[test]
fn a_radio_is_set_and_heard() {
    let folder = tempfile::tempdir().unwrap();
    if !module(folder.path()) {
        return;
    }
    // 100 kHz above the centre, of 1 MHz; then 200 kHz below, of 2 MHz: columns of 2.5 kHz and of 5 kHz. Half of full scale
    // is 6 dB below it.
    for (flags, expected) in
        [(&["--rate", "1M", "--centre", "100M"], 240), (&["--rate", "2M", "--centre", "100.3M"], 160)]
    {
        let said = well(&render(folder.path(), "driver=ringfalltest", flags));
        let (column, level) = peak(folder.path());
        assert_eq!(column, expected, "{said}");
        assert!((level + 6.02).abs() < 0.1, "{level}");
    }
    // An overflow is a gap and no error.
    well(&render(
        folder.path(),
        "driver=ringfalltest,overflow=50",
        &["--rate", "1M", "--centre", "100M", "--gain", "7"],
    ));
    assert_eq!(peak(folder.path()).0, 240);
}

#[test]
fn what_fails_is_one_clear_message() {
    let folder = tempfile::tempdir().unwrap();
    if !module(folder.path()) {
        return;
    }
    let rate = ["--rate", "1M", "--centre", "100M"];
    for (device, flags, expected) in [
        ("driver=nosuch", &rate[..], "cannot be opened"),
        ("driver=null", &rate, "no channel that receives"),
        ("driver=ringfalltest,channels=0", &rate, "no channel that receives"),
        ("driver=ringfalltest,die=3", &rate, "its samples"),
        ("driver=ringfalltest", &["--rate", "40M", "--centre", "100M"], "30 MHz are the most"),
    ] {
        let output = render(folder.path(), device, flags);
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().filter(|line| line.contains("soapy://")).collect::<Vec<_>>();
        assert_eq!((output.status.code(), line.len()), (Some(1), 1), "{device}: {said}");
        assert!(line[0].contains(expected) && line[0].contains(device), "{device}: {said}");
    }
    for (flags, expected) in [
        (&["--centre", "100M"][..], "--rate"),
        (&["--rate", "1M"], "--centre"),
        (&["--rate", "1M", "--centre", "1M", "--ppm", "3"], "--ppm"),
        (&["--rate", "1M", "--centre", "1M", "--format", "cs16"], "--format"),
    ] {
        let output = render(folder.path(), "driver=ringfalltest", flags);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(expected), "{said}");
    }
}
