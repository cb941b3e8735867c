//! Where pictures go: nothing is lost that was there, nothing half written stays.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::place::{Place, tone, wav_i16};

fn place() -> Place {
    let place = Place::new();
    place.file("x.wav", sound());
    place
}

fn sound() -> Vec<u8> {
    wav_i16(tone(1500.0, 8000))
}

fn is_png(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap();
    png::Decoder::new(std::io::Cursor::new(bytes)).read_info().is_ok()
}

const SMALL: [&str; 4] = ["--size", "32x32", "--fft", "1024"];

fn render<'a>(output: &'a str, flags: &[&'a str]) -> Vec<&'a str> {
    [&["render", "x.wav", "-o", output][..], &SMALL, flags].concat()
}

#[test]
fn the_input_is_never_written_over() {
    let place = place();
    let png = ["--format", "png"];
    let force = ["--format", "png", "--force"];
    place.fails(&render("x.wav", &[]), &[], 2, &["x.wav", ".png"]);
    place.fails(&render("x.wav", &png), &[], 1, &["x.wav", "input"]);
    place.fails(&render("./x.wav", &force), &[], 1, &["input"]);
    let absolute = place.path("x.wav");
    place.fails(&render(absolute.to_str().unwrap(), &force), &[], 1, &["input"]);
    std::fs::hard_link(place.path("x.wav"), place.path("hard.png")).unwrap();
    place.fails(&render("hard.png", &force), &[], 1, &["hard.png", "input"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("x.wav", place.path("soft.png")).unwrap();
        place.fails(&render("soft.png", &force), &[], 1, &["soft.png", "input"]);
    }
    assert_eq!(std::fs::read(place.path("x.wav")).unwrap(), sound());
    // A palette is an input too.
    place.file("two.csv", "0,0,255\n255,0,0\n");
    let palette = ["--colormap", "two.csv", "--format", "png", "--force"];
    place.fails(&render("two.csv", &palette), &[], 1, &["two.csv", "input"]);
}

#[test]
fn only_a_picture_is_written_over() {
    let place = place();
    place.file("notes.png", "my notes");
    place.fails(&render("notes.png", &[]), &[], 1, &["notes.png", "not a PNG", "--force"]);
    assert_eq!(std::fs::read(place.path("notes.png")).unwrap(), b"my notes");
    place.well(&render("notes.png", &["--force"]));
    assert!(is_png(&place.path("notes.png")));
    // A picture of its own is.
    place.well(&render("notes.png", &["--colormap", "grey"]));
    assert!(is_png(&place.path("notes.png")));
    // A failure leaves it as it was.
    let before = std::fs::read(place.path("notes.png")).unwrap();
    place.fails(&["render", "missing.wav", "-o", "notes.png"], &[], 1, &["missing.wav"]);
    assert_eq!(std::fs::read(place.path("notes.png")).unwrap(), before);
    assert_eq!(place.names(), ["notes.png", "x.wav"]);
}

#[test]
fn formats() {
    let place = place();
    place.fails(&render("x.bmp", &[]), &[], 2, &["x.bmp", ".png (PNG)"]);
    place.fails(&render("x.gif", &[]), &[], 2, &["x.gif", "videos", "--scroll"]);
    place.fails(&render("x", &[]), &[], 2, &["extension", ".png (PNG)", "--format"]);
    place.fails(&render("x.png", &["--format", "bmp"]), &[], 2, &["bmp", "png"]);
    place.well(&render("x.gif", &["--format", "png"]));
    assert!(is_png(&place.path("x.gif")));
    place.well(&render("X.PNG", &[]));
    assert!(is_png(&place.path("X.PNG")));
}

/// A recording that would take long to draw, if it were.
#[test]
fn places_that_cannot_be_written_are_known_first() {
    let place = place();
    std::fs::create_dir(place.path("folder.png")).unwrap();
    let at_once = |output: &str, words: &[&str]| {
        let args = ["render", "demo", "--seconds", "100000h", "-o", output];
        place.fails(&args, &[], 1, words);
    };
    at_once("no/such/x.png", &["no/such/x.png", "No such file"]);
    at_once("folder.png", &["folder.png", "directory"]);
    at_once("x.png/", &["x.png", "directory"]);
    at_once(&format!("{}.png", "n".repeat(252)), &["too long"]);
    let said = place.run(&["render", "demo", "-o", "no/such/x.png"], &[]).stderr;
    assert!(!String::from_utf8(said).unwrap().contains(".part"), "a name that tells the user nothing");
}

#[test]
fn the_longest_name() {
    let place = place();
    for length in [244, 251, 255] {
        let name = format!("{}.png", "n".repeat(length - 4));
        // New, and over the one before.
        place.well(&render(&name, &[]));
        place.well(&render(&name, &[]));
        assert!(is_png(&place.path(&name)), "{length}");
        std::fs::remove_file(place.path(&name)).unwrap();
    }
    assert_eq!(place.names(), ["x.wav"]);
}

/// The program, to be dealt with while it runs.
fn start(place: &Place, args: &[&str], stdout: impl Into<Stdio>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfall"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "WGPU_BACKEND", "WGPU_ADAPTER_NAME", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.current_dir(place.path("")).args(args).stdout(stdout).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn standard_output_has_the_picture_and_nothing_else() {
    let place = place();
    let output = place.run(&render("-", &[]), &[]);
    assert_eq!(output.status.code(), Some(0));
    place.well(&render("file.png", &[]));
    assert_eq!(output.stdout, std::fs::read(place.path("file.png")).unwrap());
    assert_eq!(place.names(), ["file.png", "x.wav"]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
    use std::time::{Duration, Instant};

    #[test]
    fn a_link_stays_and_what_it_points_at_is_judged() {
        let place = place();
        place.file("target", "my notes");
        symlink("target", place.path("link.png")).unwrap();
        place.fails(&render("link.png", &[]), &[], 1, &["link.png", "not a PNG", "--force"]);
        assert_eq!(std::fs::read(place.path("target")).unwrap(), b"my notes");
        place.well(&render("link.png", &["--force"]));
        place.well(&render("link.png", &[]));
        assert!(std::fs::symlink_metadata(place.path("link.png")).unwrap().is_symlink());
        assert!(is_png(&place.path("target")));
        symlink("nowhere", place.path("dangling.png")).unwrap();
        place.fails(&render("dangling.png", &["--force"]), &[], 1, &["dangling.png", "nowhere"]);
    }

    #[test]
    fn a_read_only_file_stays() {
        let place = place();
        place.well(&render("old.png", &[]));
        let before = std::fs::read(place.path("old.png")).unwrap();
        std::fs::set_permissions(place.path("old.png"), std::fs::Permissions::from_mode(0o444)).unwrap();
        for flags in [&["--colormap", "grey"][..], &["--colormap", "grey", "--force"]] {
            place.fails(&render("old.png", flags), &[], 1, &["old.png", "read-only"]);
        }
        assert_eq!(std::fs::read(place.path("old.png")).unwrap(), before);
    }

    #[test]
    fn a_pipe_is_written_to_and_stays() {
        let place = place();
        assert!(Command::new("mkfifo").arg(place.path("pipe.png")).status().unwrap().success());
        let mut child = start(&place, &render("pipe.png", &[]), Stdio::null());
        // Opening waits for the writer.
        let got = std::fs::read(place.path("pipe.png")).unwrap();
        assert!(child.wait().unwrap().success());
        place.well(&render("file.png", &[]));
        assert_eq!(got, std::fs::read(place.path("file.png")).unwrap());
        assert!(std::fs::symlink_metadata(place.path("pipe.png")).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_device_is_written_to() {
        let place = place();
        // Devices of its own: those of the system must outlive a program that is wrong. Only root can make them.
        let make = |name: &str, kind: &str, minor: &str| {
            let mut mknod = Command::new("mknod");
            mknod
                .arg(place.path(name))
                .args([kind, if kind == "c" { "1" } else { "259" }, minor])
                .stderr(Stdio::null());
            let made = mknod.status().is_ok_and(|status| status.success());
            made && (kind == "b" || std::fs::File::options().write(true).open(place.path(name)).is_ok())
        };
        if !make("null", "c", "3") || !make("full", "c", "7") || !make("disk", "b", "1048575") {
            return;
        }
        place.well(&render("null", &[]));
        place.fails(&render("full", &[]), &[], 1, &["full", "No space"]);
        place.fails(&render("disk", &["--format", "png", "--force"]), &[], 1, &["disk", "block device"]);
        for name in ["null", "full"] {
            assert!(std::fs::metadata(place.path(name)).unwrap().file_type().is_char_device());
        }
        assert_eq!(place.names(), ["disk", "full", "null", "x.wav"]);
    }

    #[test]
    fn standard_output_that_is_the_input() {
        let place = place();
        let file = std::fs::File::options().append(true).open(place.path("x.wav")).unwrap();
        let status = start(&place, &render("-", &[]), file).wait().unwrap();
        assert_eq!(status.code(), Some(1));
        assert_eq!(std::fs::read(place.path("x.wav")).unwrap(), sound());
    }

    /// A limit on the size of files stands for a full disk; it also sends a signal, which would end the program.
    #[test]
    fn no_space() {
        let place = place();
        place.well(&render("old.png", &[]));
        let before = std::fs::read(place.path("old.png")).unwrap();
        for output in ["new.png", "old.png"] {
            let script =
                format!("ulimit -f 16; exec \"$0\" render demo --seconds 2 -o {output} --size 400x400 2>&1 | cat");
            let out = Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_ringfall")])
                .current_dir(place.path(""))
                .output()
                .unwrap();
            let said = String::from_utf8(out.stdout).unwrap();
            assert!(said.contains(&format!("error: {output}: File too large")), "{said}");
            assert_eq!(place.names(), ["old.png", "x.wav"]);
        }
        assert_eq!(std::fs::read(place.path("old.png")).unwrap(), before);
    }

    #[test]
    fn an_interrupted_run_leaves_nothing() {
        use std::os::unix::process::ExitStatusExt as _;
        let place = place();
        // What the tests were started to ignore the program ignores too, as it should.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored =
            status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
        for (number, signal) in [(2, "INT"), (15, "TERM"), (1, "HUP")] {
            if ignored.unwrap_or(0) & (1 << (number - 1)) != 0 {
                continue;
            }
            // Fills its file for a second or more.
            let args = ["render", "demo", "-o", "big.png", "--seconds", "2", "--size", "3000x3000", "--vmin", "-90"];
            let mut child = start(&place, &args, Stdio::null());
            // Until it writes: where files have no name there is nothing to see but an open file that was deleted.
            let descriptors = format!("/proc/{}/fd", child.id());
            let writes = || {
                let open = std::fs::read_dir(&descriptors).into_iter().flatten().flatten();
                let mut links = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
                let own = place.path("");
                links.any(|link| link.starts_with(&own)) || place.names().iter().any(|name| name.ends_with(".part"))
            };
            let begun = Instant::now();
            while !writes() && begun.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
            assert!(child.try_wait().unwrap().is_none(), "it was done before the signal");
            assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
            let status = child.wait().unwrap();
            assert_eq!(status.signal(), Some(number), "{signal}: {status}");
            assert_eq!(place.names(), ["x.wav"], "after {signal}");
        }
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// The same picture in every format, compared with its bytes as RGBA and its values as floats.
#[test]
fn every_format_has_the_same_picture() {
    let place = place();
    let out = |flags: &[&str]| {
        let output = place.run(&render("-", &[&["--vmin", "-100", "--vmax", "0"], flags].concat()), &[]);
        assert_eq!(output.status.code(), Some(0), "{flags:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let rgba = out(&["--format", "rgba"]);
    let values = floats(&out(&["--format", "values"]));
    assert_eq!((rgba.len(), values.len()), (4 * 32 * 32, 32 * 32));
    // A header of 128 bytes, and the same.
    assert_eq!(out(&["--format", "npy"])[128..], rgba);
    assert_eq!(floats(&out(&["--format", "npy", "--values"])[128..]), values);
    let colours: Vec<f32> = rgba.iter().map(|byte| f32::from(*byte) / 255.0).collect();
    assert_eq!(floats(&out(&["--format", "npy", "--floats"])[128..]), colours);
    // 16-bit grey: the values between vmin and vmax in 65,535 steps, worked out here in another way.
    let file = out(&["--format", "png", "--values"]);
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut grey = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut grey).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Sixteen));
    for (pair, value) in grey.as_chunks::<2>().0.iter().zip(&values) {
        let back = f64::from(u16::from_be_bytes(*pair)) / 65_535.0 * 100.0 - 100.0;
        assert!((back - f64::from(value.clamp(-100.0, 0.0))).abs() <= 0.5 * 100.0 / 65_535.0 + 1e-9, "{back} {value}");
    }
    // What the others begin with; their pixels are compared where they are written.
    assert!(out(&["--format", "jpeg"]).starts_with(b"\xFF\xD8\xFF"));
    let webp = out(&["--format", "webp"]);
    assert!(webp.starts_with(b"RIFF") && &webp[8..12] == b"WEBP");
    assert!(out(&["--format", "jpeg", "--quality", "10"]).len() < out(&["--format", "jpeg", "--quality", "100"]).len());
    // A WAV file begins like a WebP file, but is none.
    place.file("sound.webp", sound());
    place.fails(&render("sound.webp", &[]), &[], 1, &["sound.webp", "not a WebP"]);
    for (output, flags, words) in [
        ("x.webp", &["--values"][..], &["--values", "png or npy or values"][..]),
        ("x.png", &["--floats"], &["--floats", ".npy"]),
        ("x.npy", &["--floats", "--values"], &["--floats", "--values"]),
        ("x.png", &["--quality", "5"], &["--quality", "JPEG"]),
        ("x.jpg", &["--quality", "0"], &["--quality"]),
    ] {
        place.fails(&render(output, flags), &[], 2, words);
    }
    let wide = ["render", "x.wav", "-o", "wide.webp", "--size", "16385x1"];
    place.fails(&wide, &[], 1, &["16385x1", "WebP", "16384"]);
}
