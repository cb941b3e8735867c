//! `ringfall render` of a stack of frames as a video, and axes around arrays, videos and annotated recordings.
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

/// A PNG as width, height and RGB bytes.
fn png(path: &Path) -> (usize, usize, Vec<u8>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width as usize, info.height as usize, pixels)
}

/// A part of a picture `width` pixels wide: `across` by `down` pixels from `(x, y)`.
fn part(rgb: &[u8], width: usize, (x, y): (usize, usize), (across, down): (usize, usize)) -> Vec<u8> {
    (y..y + down).flat_map(|y| &rgb[3 * (y * width + x)..3 * (y * width + x + across)]).copied().collect()
}

/// Left of the data: 62 points of labels, a tick of 4, and two gaps of 4. Right of them: two gaps of 4, a bar of 12, a tick of 4, a
/// gap of 4 and 34 points of labels.
const LEFT: usize = 74;
const BAR: usize = 62;

/// The row of pixels that the data begin at.
fn top(rgb: &[u8], width: usize, data: &[u8], size: (usize, usize)) -> usize {
    let height = rgb.len() / 3 / width;
    let tops: Vec<_> = (0..=height - size.1).filter(|y| part(rgb, width, (LEFT, *y), size) == data).collect();
    assert_eq!(tops.len(), 1, "the data are there once");
    tops[0]
}

/// With axes, the cells are the same pixels; ticks are where their columns and rows are.
#[test]
fn axes_lie_around_the_cells() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns) = (200, 300);
    let cells: Vec<u8> = (0..rows * columns).map(|i| ((i / columns) ^ (i % columns)) as u8).collect();
    fs::write(folder.path().join("a.raw"), &cells).unwrap();
    let line = "render a.raw --dtype u8 --shape 200,300 --colormap grey --axes -o a.png --force";
    let data: Vec<u8> = cells.iter().flat_map(|cell| [*cell; 3]).collect();
    for size in ["", "--size data"] {
        well(folder.path(), &format!("{line} {size}"));
        let (width, _, rgb) = png(&folder.path().join("a.png"));
        assert_eq!(width, LEFT + columns + BAR);
        let top = top(&rgb, width, &data, (columns, rows));
        // Three pixels from the data only labelled ticks have colour; they are 90 of 255.
        let is_line = |x: usize, y: usize| rgb[3 * (y * width + x)..][..3] == [90; 3];
        let across: Vec<_> = (0..columns).filter(|x| is_line(LEFT + x, top - 4)).collect();
        assert_eq!(across, [0, 50, 100, 150, 200, 250]);
        let down: Vec<_> = (0..rows).filter(|y| is_line(LEFT - 4, top + y)).collect();
        assert_eq!(down.iter().filter(|y| !y.is_multiple_of(10)).count(), 0, "{down:?}");
        assert!(down.len() >= 3, "{down:?}");
    }
    // The size is that of the whole.
    well(folder.path(), &format!("{line} --size 640x480"));
    let (width, height, _) = png(&folder.path().join("a.png"));
    assert_eq!((width, height), (640, 480));
    // Columns as frequencies: 300 columns from 0 to 3 kHz, and rows as seconds.
    well(folder.path(), &format!("{line} --size data --extent 0,3k,0,20"));
    let (width, _, rgb) = png(&folder.path().join("a.png"));
    let top = top(&rgb, width, &data, (columns, rows));
    let is_line = |x: usize| rgb[3 * ((top - 4) * width + LEFT + x)..][..3] == [90; 3];
    assert_eq!((1..columns).filter(|x| is_line(*x)).collect::<Vec<_>>(), [50, 100, 150, 200, 250]);
    fails(folder.path(), &format!("{line} --values"), 2, &["--axes", "--values"]);
    fails(folder.path(), &line.replace("200,300", "20,300"), 1, &["--axes", "300x20", "--size"]);
    fails(folder.path(), &line.replace("--axes", "--grid"), 2, &["--grid", "--axes"]);
}

/// Colours have no bar, and stay as they are.
#[test]
fn axes_around_colours_have_no_bar() {
    let folder = tempfile::tempdir().unwrap();
    let cells: Vec<u8> = (0..60 * 80 * 3).map(|i| (i * 31 + i / 63) as u8).collect();
    fs::write(folder.path().join("a.raw"), &cells).unwrap();
    well(folder.path(), "render a.raw --dtype u8 --shape 60,80,3 --axes -o a.png");
    let (width, _, rgb) = png(&folder.path().join("a.png"));
    assert_eq!(width, LEFT + 80);
    top(&rgb, width, &cells, (80, 60));
}

/// Each frame of a video is the data with the same axes; the counter is in the title.
#[test]
fn axes_around_the_frames_of_a_video() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cells = bytes(folder.path());
    let line = "render s.raw --dtype u8 --shape 7,48,64 --colormap grey --axes --frame-counter -o a.apng";
    well(folder.path(), line);
    let (frames, rows, columns) = SHAPE;
    let width = LEFT + columns + BAR;
    let rgb = decoded(&folder.path().join("a.apng"));
    let frame = rgb.len() / frames;
    let data: Vec<u8> = cells.iter().flat_map(|cell| [*cell; 3]).collect();
    let size = (columns, rows);
    let data: Vec<_> = data.chunks(3 * rows * columns).collect();
    let first = top(&rgb[..frame], width, data[0], size);
    let mut titles = Vec::new();
    for (rgb, data) in rgb.chunks(frame).zip(data) {
        assert_eq!(top(rgb, width, data, size), first);
        // The title ends where the horizontal axis begins, some 20 pixels above the data.
        titles.push(&rgb[..3 * width * (first - 22)]);
    }
    titles.dedup();
    assert_eq!(titles.len(), frames);
}

/// What scrolls by is the same with axes as without, in every direction.
#[test]
fn axes_around_what_scrolls() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for newest in ["top", "right"] {
        let line = format!(
            "render demo --seconds 2 --scroll --fps 5 --newest {newest} --vmin -90 --vmax -30 --line-time 50ms --fft 1024 --hop 256 --force"
        );
        well(folder.path(), &format!("{line} --size 400x300 --axes -o axes.apng"));
        let rgb = decoded(&folder.path().join("axes.apng"));
        let frames = rgb.len() / (3 * 400 * 300);
        assert!(frames >= 5, "{frames}");
        let across = 400 - LEFT - BAR;
        // The height of the data depends on that of a line of text.
        let down = (255..272).find(|down| {
            let size = format!("{across}x{down}");
            well(folder.path(), &format!("{line} --size {size} -o plain.apng"));
            let plain = decoded(&folder.path().join("plain.apng"));
            let data = &plain[plain.len() - 3 * across * down..];
            let whole = &rgb[rgb.len() - 3 * 400 * 300..];
            (0..300 - down).any(|y| part(whole, 400, (LEFT, y), (across, *down)) == data)
        });
        assert!(down.is_some(), "{newest}");
    }
}

/// The box of a SigMF annotation is where its times and frequencies are.
#[test]
fn annotations_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.sigmf-data"), vec![0; 2 * 100_000]).unwrap();
    let picture = |annotations: &str| {
        let meta = format!(
            r#"{{"global": {{"core:datatype": "ri8", "core:sample_rate": 1000, "core:num_channels": 1, "core:version": "1.2.0"}},
                "captures": [{{"core:sample_start": 0, "core:frequency": 0}}], "annotations": [{annotations}]}}"#
        );
        fs::write(folder.path().join("x.sigmf-meta"), meta.replace("ri8", "ci8")).unwrap();
        let line = "render x.sigmf-meta --axes --size 800x600 --vmin -100 --vmax 0 --fft 1024 -o a.png --force";
        well(folder.path(), line);
        png(&folder.path().join("a.png")).2
    };
    let plain = picture("");
    // From -250 to 250 Hz of -500 to 500, and from 20 to 60 s of 100.
    let boxed = picture(
        r#"{"core:sample_start": 20000, "core:sample_count": 40000, "core:freq_lower_edge": -250, "core:freq_upper_edge": 250}"#,
    );
    let changed: Vec<_> = (0..800 * 600).filter(|i| plain[3 * i..3 * i + 3] != boxed[3 * i..3 * i + 3]).collect();
    let ends = |places: &dyn Fn(usize) -> usize| {
        let places = || changed.iter().map(|i| places(*i));
        (places().min().unwrap() as f64, places().max().unwrap() as f64)
    };
    let (left, right) = ends(&|i| i % 800);
    let (top, bottom) = ends(&|i| i / 800);
    let across = (800 - LEFT - BAR) as f64;
    let near = |got: f64, want: f64| assert!((got - want).abs() <= 4.0, "{got}, expected {want}");
    near(left, LEFT as f64 + 0.25 * across);
    near(right, LEFT as f64 + 0.75 * across);
    // New rows are at the top: 40 of 100 s, by a picture of some 560 rows of pixels.
    near((bottom - top) / 560.0 * 100.0, 40.0);
    near((top - 20.0) / 560.0 * 100.0, 40.0);
    // A label, or else the comment, stands at it.
    let labelled = picture(r#"{"core:sample_start": 20000, "core:sample_count": 40000, "core:comment": "a beacon"}"#);
    assert!(labelled != plain && labelled != boxed);
}

/// The first pass over a recording shows the tone where it is, in every line, and nothing else is louder.
#[test]
fn a_quick_picture_of_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    // From 500 to 3500 Hz within 100 s, 8000 samples a second.
    let sample = |i: i32| {
        let t = f64::from(i) / 8000.0;
        (std::f64::consts::TAU * (500.0 * t + 15.0 * t * t)).sin() as f32
    };
    let samples: Vec<f32> = (0..800_000).map(sample).collect();
    fs::write(folder.path().join("s.raw"), bytemuck::cast_slice::<f32, u8>(&samples)).unwrap();
    let line = "render s.raw --format f32 --rate 8k --fft 256 --size 129x50 --format values -o a.f32 --force";
    for (more, said) in [("", false), ("--quick", true)] {
        assert_eq!(well(folder.path(), &format!("{line} {more}")).contains("(quick)"), said);
        let bytes = fs::read(folder.path().join("a.f32")).unwrap();
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
        assert_eq!(values.len(), 129 * 50);
        for (y, line) in values.chunks(129).enumerate() {
            let loudest = (0..129).max_by(|a, b| line[*a].total_cmp(&line[*b])).unwrap() as f64;
            // A line of 2 s, the newest at the top: 60 Hz in all, bins of 31 Hz.
            let want = (500.0 + 30.0 * (100.0 - 2.0 * y as f64 - 1.0)) / 4000.0 * 128.0;
            assert!((loudest - want).abs() <= 2.5, "{more}: line {y}: {loudest}, expected {want}");
            assert!(line[loudest as usize] > -10.0 && line[(loudest as usize + 60) % 129] < -40.0, "{more}: line {y}");
        }
    }
    // What can only be read in order has no first pass.
    fails(folder.path(), &line.replace("s.raw", "demo").replace("--format f32 --rate 8k", "--quick"), 2, &["--quick"]);
    fs::write(folder.path().join("scan.csv"), "2026-01-01, 00:00:00, 1000, 5000, 1000, 1, -1, -2, -3, -4\n").unwrap();
    fails(folder.path(), "render scan.csv -o b.png --quick", 1, &["--quick", "scan.csv", "SigMF"]);
    fails(folder.path(), &format!("{line} --quick --average exp:0.5"), 1, &["average"]);
}
