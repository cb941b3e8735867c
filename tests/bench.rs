//! `ringfall bench`: every way of drawing ends with the right picture, and the JSON has the expected content. Speed is not
//! tested here.

#![cfg(feature = "app")]

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

fn run(args: &str) -> Output {
    let mut command = Command::cargo_bin("ringfall").unwrap();
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "WGPU_BACKEND", "WGPU_ADAPTER_NAME", "RUST_LOG"] {
        command.env_remove(name);
    }
    let timeout = std::time::Duration::from_secs(120);
    command.arg("bench").args(args.split_whitespace()).timeout(timeout).output().unwrap()
}

fn lines(args: &str) -> Vec<Value> {
    let output = run(args);
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn number(line: &Value, field: &str) -> f64 {
    line[field].as_f64().unwrap_or_else(|| panic!("{field} in {line}"))
}

#[test]
fn every_way_of_drawing_ends_with_the_right_picture() {
    // More bins than pixels, as many, fewer; every texel, output and view; the ring wraps, and the history is longer.
    for (sizes, texel) in
        [("--width 64 --bins 64", "u8"), ("--width 61 --bins 300", "f16"), ("--width 90 --bins 40", "f32")]
    {
        for (view, output) in [("steady", "copy"), ("pan", "draw"), ("zoom", "readback"), ("range", "copy")] {
            let args = format!(
                "{sizes} --height 48 --rows-per-frame 3 --history 50 --frames 21 --warmup 2 --texel {texel} --view {view} \
                 --output {output} --preset seed --json"
            );
            let lines = lines(&args);
            let strategies: Vec<&str> = lines.iter().map(|line| line["strategy"].as_str().unwrap()).collect();
            assert_eq!(strategies, ["strip", "direct", "rebuild"], "{args}");
            for line in &lines {
                assert_eq!(line["max_diff"], 0, "{args}: {line}");
                assert_eq!(line["wrong_pct"], 0.0, "{args}: {line}");
                assert_eq!((&line["view"], &line["output"]), (&Value::from(view), &Value::from(output)));
            }
            for shading in ["gpu", "cpu"] {
                let line = &self::lines(&format!("{args} --strategy strip --shading {shading}"))[0];
                assert_eq!((&line["shading"], &line["max_diff"]), (&Value::from(shading), &Value::from(0)), "{args}");
            }
        }
    }
}

#[test]
fn the_json_has_every_field_with_a_plausible_value() {
    let lines = lines("--width 200 --height 100 --rows-per-frame 2 --dtype f32 --frames 30 --max-seconds 60 --json");
    let [line] = &lines[..] else { panic!("one line, got {}", lines.len()) };
    assert_eq!((&line["peer"], &line["strategy"]), (&Value::from("ringfall"), &Value::from("strip")));
    for (field, want) in
        [("width", 200), ("height", 100), ("bins", 200), ("rows_per_frame", 2), ("history", 100), ("frames", 30)]
    {
        assert_eq!(line[field], want, "{field}");
    }
    let ms: Vec<f64> = ["ms_median", "ms_p95", "ms_p99", "ms_max"].map(|field| number(line, field)).into();
    assert!(ms[0] > 0.0 && ms.is_sorted(), "{ms:?}");
    if cfg!(target_os = "linux") {
        assert!(number(line, "cpu_ms_per_frame") > 0.0);
        assert!((1.0..100_000.0).contains(&number(line, "peak_rss_mb")));
    }
    let gpu = &line["gpu_ms_median"];
    assert!(gpu.is_null() || gpu.as_f64().unwrap() >= 0.0, "{gpu}");
    // Two rows of 200 floats, and what places them.
    assert!((1600.0..2000.0).contains(&number(line, "uploaded_bytes_per_frame")), "{line}");
    let (all, own) = (number(line, "allocations_per_frame"), number(line, "allocations_per_frame_wgpu"));
    // All of a frame's allocations are wgpu's own, which differ by a few from frame to frame.
    assert!(own > 0.0 && all > 0.0 && (all - own).abs() < 8.0, "{all} and {own}");
    assert!(line["sync"].as_str().unwrap().contains("poll"));
    for field in ["name", "type", "backend", "driver"] {
        assert!(line["adapter"][field].is_string(), "adapter.{field}");
    }
    assert_eq!((&line["max_diff"], &line["wrong_pct"]), (&Value::from(0), &Value::from(0.0)));
}

#[test]
fn bytes_are_counted_where_they_are_handed_over() {
    let bytes = |strategy: &str| {
        let args =
            format!("--width 128 --height 64 --rows-per-frame 1 --frames 10 --texel u8 --strategy {strategy} --json");
        number(&lines(&args)[0], "uploaded_bytes_per_frame")
    };
    // The whole picture; a row and a uniform; a row and its line; a line of pixels.
    assert_eq!(bytes("rebuild"), 128.0 * 64.0 * 4.0);
    assert_eq!(bytes("direct"), 128.0 + 32.0);
    assert_eq!(bytes("strip --shading gpu"), 128.0 + 8.0);
    assert_eq!(bytes("strip --shading cpu"), 128.0 * 4.0);
}

#[test]
fn people_get_a_table_and_a_comparison() {
    let output = run("--width 64 --height 64 --frames 10");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for words in
        ["| ms a frame", "| strip", "| direct", "| rebuild", " ms ", "█", "Here strip is", "the pictures are the same"]
    {
        assert!(text.contains(words), "{words:?} in:\n{text}");
    }
}

#[test]
fn analysis_and_pipeline_are_measured() {
    let rates = lines("--stft --fft 256 --json");
    assert_eq!(rates.len(), 4, "real and complex, one and two threads");
    for line in &rates {
        assert!(number(line, "samples_per_s") > 1e5, "{line}");
    }
    let flows = lines("--pipeline --fft 256 --width 64 --height 32 --max-seconds 0.2 --json");
    assert_eq!(flows.len(), 4);
    for line in &flows {
        assert_eq!(line["dropped_rows"], 0, "{line}");
        let samples_per_row = 256.0 * number(line, "spectra_per_row");
        assert_eq!(number(line, "rows"), (number(line, "samples") / samples_per_row).floor(), "{line}");
        assert!(number(line, "frames") >= 1.0 && number(line, "samples_per_s") > 1e5, "{line}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for (args, words) in [
        ("--width 0", "from 1 to 16384"),
        ("--width 1000000", "from 1 to 16384"),
        ("--bins 5000000", "1..=4194304"),
        ("--stft --fft 3", "16 to 4194304"),
        ("--pipeline --fft 5", "16 to 4194304"),
        ("--frames -3", "-3"),
        ("--strategy fastest", "fastest"),
        ("--preset 8k", "8k"),
        ("--view up", "up"),
        ("--max-seconds 0", "above 0"),
        ("--window --stft", "--stft"),
        ("--rate 5", "--window"),
        ("--nonsense", "--nonsense"),
    ] {
        let output = run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args}: {said}");
        assert!(said.contains(words), "{args}: {words:?} in {said}");
    }
    for (args, code, words) in [
        ("--history 4000000000", 2, "--history 4000000000"),
        ("--rows-per-frame 2000", 2, "--rows-per-frame 2000"),
        ("--strategy direct --history 1000000 --bins 8 --width 8", 1, "--strategy direct"),
        ("--adapter no-such-adapter", 1, "no-such-adapter"),
    ] {
        let output = run(&format!("{args} --json"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args}: {said}");
        assert!(said.contains(words), "{args}: {words:?} in {said}");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(line["error"].as_str().unwrap().contains(words), "{args}: {line}");
    }
    assert_eq!(run("--window --preset seed").status.code(), Some(3), "no display");
}
