//! Arrays of colours, of frames, and images: files that NumPy and Pillow wrote, against their pixels.
#![cfg(all(feature = "app", feature = "images"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ringfall::array::{Array, Axes, Component, Dtype, Extent, Order, Stack};
use ringfall::{RowsError, Store as _};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn open(name: &str, axes: Option<Axes>) -> Stack {
    let path = data("npy").join(name).with_extension("npy");
    Stack::open_npy(&path, Component::Magnitude, axes).unwrap_or_else(|error| panic!("{error}"))
}

/// What scripts/npy.py puts there.
fn cell(t: usize, h: usize, w: usize, c: usize) -> u8 {
    (t * 7 + h * 50 + w * 13 + c * 5) as u8
}

fn colors(array: &Array) -> Vec<[u8; 4]> {
    let (mut all, mut row, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    array.read_rows_rgba(0..array.rows(), &mut all).expect("rows");
    for number in 0..array.rows() {
        array.read_rgba(number, &mut row).expect("a row");
        rows.extend_from_slice(&row);
    }
    assert_eq!(rows, all);
    all
}

fn values(array: &Array) -> Vec<f32> {
    let (mut all, mut row, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    array.read_rows(0..array.rows(), &mut all).expect("rows");
    for number in 0..array.rows() {
        array.read(number, &mut row).expect("a row");
        rows.extend_from_slice(&row);
    }
    assert_eq!(rows, all);
    all
}

fn frame_of_colors(t: usize) -> Vec<[u8; 4]> {
    (0..20).map(|i| [cell(t, i / 5, i % 5, 0), cell(t, i / 5, i % 5, 1), cell(t, i / 5, i % 5, 2), 255]).collect()
}

#[test]
fn planar_and_interleaved_in_both_orders() {
    for (name, axes) in [
        ("hwc", Axes::Hwc),
        ("hwc-fortran", Axes::Hwc),
        ("chw", Axes::Chw),
        ("chw-fortran", Axes::Chw),
        ("thwc", Axes::Thwc),
        ("tchw", Axes::Tchw),
    ] {
        for asked in [None, Some(axes)] {
            let stack = open(name, asked);
            assert_eq!((stack.axes(), stack.is_rgba(), stack.shape()), (axes, true, (4, 5)), "{name}");
            for t in 0..stack.frames() {
                assert_eq!(colors(&stack.frame(t).unwrap()), frame_of_colors(t as usize), "{name}, frame {t}");
            }
            let beyond = stack.frame(stack.frames()).unwrap_err().to_string();
            assert!(beyond.contains(&format!("frame {}", stack.frames())), "{beyond}");
        }
    }
    let four = open("hwc-alpha", None).frame(0).unwrap();
    assert_eq!(colors(&four), (0..20).map(|i| [0, 1, 2, 3].map(|c| cell(0, i / 5, i % 5, c))).collect::<Vec<_>>());
    assert_eq!(four.read(0, &mut Vec::new()), Err(RowsError::Cells { got: "colours", expected: "values" }));
}

#[test]
fn frames_of_values() {
    for name in ["thw", "thw-fortran"] {
        let stack = open(name, None);
        assert_eq!((stack.axes(), stack.frames(), stack.is_rgba()), (Axes::Thw, 6, false), "{name}");
        for t in 0..6 {
            let want: Vec<f32> = (0..20).map(|i| f32::from(cell(t, i / 5, i % 5, 0))).collect();
            assert_eq!(values(&stack.frame(t as u64).unwrap()), want, "{name}, frame {t}");
        }
    }
    // A guess can be overridden: the five columns as frames of three columns.
    let stack = open("hwc", Some(Axes::Thw));
    assert_eq!((stack.frames(), stack.shape()), (4, (5, 3)));
    let want: Vec<f32> = (0..15).map(|i| f32::from(cell(0, 2, i / 3, i % 3))).collect();
    assert_eq!(values(&stack.frame(2).unwrap()), want);
}

#[test]
fn floats_are_colours_from_0_to_1_and_others_need_a_range() {
    let mut want = frame_of_colors(0);
    want[7] = [0, 0, 0, 0];
    want[10] = [0, 255, 255, 255];
    assert_eq!(colors(&open("hwc-f4", None).frame(0).unwrap()), want);
    let stack = open("hwc-u2", None);
    let refused = stack.frame(0).unwrap_err().to_string();
    assert!(
        refused.contains("hwc-u2.npy") && refused.contains("type u16") && refused.contains("u8, or floats"),
        "{refused}"
    );
    assert_eq!(colors(&stack.with_color_range(0.0, 65_535.0).frame(0).unwrap()), frame_of_colors(0));
}

#[test]
fn shapes_without_such_axes() {
    let path = data("npy/thwc.npy");
    for (axes, words) in [(Axes::Hwc, "read as hwc"), (Axes::Chw, "read as chw"), (Axes::Hw, "read as hw")] {
        let error = Stack::open_npy(&path, Component::Magnitude, Some(axes)).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("(6, 4, 5, 3)"), "{error}");
    }
    for (name, words) in [("one-dimension", "(5,)"), ("no-dimension", "shape ()"), ("empty", "0 rows")] {
        let path = data("npy").join(name).with_extension("npy");
        let error = Stack::open_npy(&path, Component::Magnitude, None).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("a.raw");
    fs::write(&raw, [0; 100]).unwrap();
    for (shape, words) in [
        (&[u64::MAX, 3, 3][..], "more than 2^63"),
        (&[u64::MAX, u64::MAX, 4], "more than 2^63"),
        (&[0, 2, 3], "0 rows"),
        (&[0, 2, 2, 3], "expected one of each"),
        (&[5, 7, 3], "cut short"),
        (&[1, 5_000_000, 3], "cut short"),
        (&[2, 2, 2, 2], "read as auto"),
    ] {
        let error = Stack::open_raw(&raw, (Dtype::U8, shape, 0, Order::C), Component::Magnitude, None);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words) || shape[1] == 5_000_000 && error.contains("at most"), "{error}");
    }
}

#[test]
fn an_extent_places_rows_and_columns() {
    let extent = Extent::new((7e6, 7.1e6), (-1_000_000_000, 3_000_000_000), (4, 5)).unwrap();
    let array = open("hwc", None).with_extent(Some(extent)).frame(0).unwrap();
    let (stamp, bins) = array.entry(2).unwrap();
    assert_eq!((stamp.time_ns, stamp.duration_ns, bins), (1_000_000_000, 1e9, 5));
    assert_eq!((stamp.first_hz, stamp.bin_hz), (7.01e6, 20e3));
    assert_eq!(array.epoch_ns(), -1_000_000_000);
    // Middles are at -0.5, 0.5, 1.5 and 2.5 s.
    for (time_ns, row) in [(i64::MIN, 0), (-500_000_000, 0), (-499_999_999, 1), (1_500_000_000, 2), (i64::MAX, 4)] {
        assert_eq!(array.first_from(time_ns), row, "{time_ns}");
    }
    for (hz, ns) in [
        ((1.0, 1.0), (0, 1)),
        ((2.0, 1.0), (0, 10)),
        ((0.0, f64::INFINITY), (0, 10)),
        ((0.0, f64::NAN), (0, 10)),
        ((0.0, 1.0), (5, 5)),
        ((0.0, 1.0), (i64::MIN, i64::MAX)),
    ] {
        assert!(Extent::new(hz, ns, (4, 5)).is_err(), "{hz:?}, {ns:?}");
    }
}

/// The numbers of a `.npy` file of Pillow's pixels.
fn pixels(name: &str) -> Vec<u8> {
    let bytes = fs::read(data("images").join(name).with_extension("npy")).unwrap();
    bytes[10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))..].to_vec()
}

#[test]
fn images_have_the_pixels_that_pillow_reads() {
    for (file, truth, step) in [
        ("rgb.png", "rgb", 0),
        ("rgb.tiff", "rgb", 0),
        ("rgba.png", "rgba", 0),
        ("rgba.tiff", "rgba", 0),
        ("big-rgb.tiff", "rgb", 0),
        ("palette.png", "palette", 0),
        // The inverse transform may be rounded in another way.
        ("rgb.jpg", "rgb-jpg", 2),
    ] {
        let stack = Stack::open_image(&data("images").join(file)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((stack.shape(), stack.is_rgba()), ((24, 32), true), "{file}");
        let truth = pixels(truth);
        let channels = truth.len() / (24 * 32);
        for (i, got) in colors(&stack.frame(0).unwrap()).iter().enumerate() {
            let mut want = [255; 4];
            want[..channels].copy_from_slice(&truth[i * channels..(i + 1) * channels]);
            assert!(got.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= step), "{file}, {i}: {got:?}, not {want:?}");
        }
    }
    for (file, truth, step) in [
        ("grey8.png", "grey8", 0.0),
        ("grey8.tiff", "grey8", 0.0),
        ("grey8.jpg", "grey8-jpg", 2.0),
        ("grey16.png", "grey16", 0.0),
        ("grey16.tiff", "grey16", 0.0),
    ] {
        let stack = Stack::open_image(&data("images").join(file)).unwrap_or_else(|error| panic!("{error}"));
        assert!(!stack.is_rgba(), "{file}");
        let truth = pixels(truth);
        let want: Vec<f32> = match truth.len() / (24 * 32) {
            1 => truth.iter().map(|v| f32::from(*v)).collect(),
            _ => truth.as_chunks().0.iter().map(|two| f32::from(u16::from_le_bytes(*two))).collect(),
        };
        let got = values(&stack.frame(0).unwrap());
        assert!(got.iter().zip(&want).all(|(a, b)| (a - b).abs() <= step), "{file}");
    }
}

/// The same values as NumPy's file of them, which is read in another way.
#[test]
fn tiff_files_of_any_numbers_and_of_pages() {
    for (name, frames) in [
        ("i1", 1),
        ("i2", 1),
        ("i4", 1),
        ("i8", 1),
        ("u4", 1),
        ("u8", 1),
        ("f2", 1),
        ("f4", 1),
        ("f8", 1),
        ("pages", 3),
        ("big", 1),
        ("other-pages", 1),
    ] {
        let path = data("images").join(name);
        let stack = Stack::open_image(&path.with_extension("tiff")).unwrap_or_else(|error| panic!("{error}"));
        let axes = Some(if frames > 1 { Axes::Thw } else { Axes::Hw });
        let truth = Stack::open_npy(&path.with_extension("npy"), Component::Magnitude, axes).unwrap();
        assert_eq!((stack.shape(), stack.frames(), stack.is_rgba()), (truth.shape(), frames, false), "{name}");
        for frame in 0..frames {
            let got = values(&stack.frame(frame).unwrap());
            assert_eq!(got, values(&truth.frame(frame).unwrap()), "{name}, {frame}");
        }
    }
}

/// Every image cut at every place, and with damaged bytes, is an error or a picture, and never a panic.
#[test]
fn damaged_images() {
    for file in fs::read_dir(data("images")).unwrap() {
        let path = file.unwrap().path();
        // Of pages that differ, the first is enough.
        if path.extension().is_some_and(|extension| extension == "npy") || path.ends_with("other-pages.tiff") {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        let name = path.display().to_string();
        for length in (0..whole.len()).step_by(7) {
            match Stack::image_from(&path, &whole[..length]) {
                Err(error) => assert!(error.to_string().starts_with(&name), "{error}"),
                // The rest may be a checksum or a mark of the end.
                Ok(_) => assert!(whole.len() - length < 30, "{name}: {length} of {} bytes", whole.len()),
            }
        }
        for at in (0..whole.len()).step_by(5) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            if let Err(error) = Stack::image_from(&path, &bytes) {
                assert!(error.to_string().starts_with(&name), "{error}");
            }
        }
    }
    let error = Stack::image_from(Path::new("x.png"), b"no image at all").unwrap_err().to_string();
    assert!(error.starts_with("x.png: "), "{error}");
}

/// A few bytes that stand for 40 GB.
#[test]
fn a_bomb_is_refused() {
    let mut bomb = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut bomb, 100_000, 100_000);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        writer.write_chunk(png::chunk::IDAT, &[0x78, 0x9c]).unwrap();
        std::mem::forget(writer);
    }
    let error = Stack::image_from(Path::new("bomb.png"), &bomb).unwrap_err().to_string();
    assert!(error.contains("bomb.png") && error.contains("too large"), "{error}");
}

fn ringfall(folder: &Path, line: &str) -> Output {
    let args = line.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_ringfall")).args(args).current_dir(folder).output().expect("the program runs")
}

fn rgba(folder: &Path, line: &str) -> Vec<[u8; 4]> {
    let out = ringfall(folder, &format!("render {line} -o - --format rgba"));
    assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout.as_chunks().0.to_vec()
}

fn copied(folder: &Path, names: &[&str]) {
    for name in names {
        let file = data(name);
        fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn pictures_of_colours_are_drawn_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    copied(
        folder,
        &[
            "npy/hwc.npy",
            "npy/chw.npy",
            "npy/thwc.npy",
            "npy/thw.npy",
            "npy/hwc-u2.npy",
            "images/rgb.png",
            "images/rgba.png",
        ],
    );
    let whole = frame_of_colors(0);
    assert_eq!(rgba(folder, "hwc.npy --size data"), whole);
    assert_eq!(rgba(folder, "chw.npy"), whole);
    assert_eq!(rgba(folder, "hwc-u2.npy --vmin 0 --vmax 65535"), whole);
    assert_eq!(rgba(folder, "thwc.npy --frame 5"), frame_of_colors(4));
    // The first row at the bottom.
    let turned: Vec<_> = whole.chunks(5).rev().flatten().copied().collect();
    assert_eq!(rgba(folder, "hwc.npy --newest top"), turned);
    let truth = pixels("rgb");
    assert_eq!(rgba(folder, "rgb.png --size data").as_flattened().len(), truth.len() / 3 * 4);
    assert!(
        rgba(folder, "rgb.png --size data").iter().map(|p| [p[0], p[1], p[2]]).eq(truth.as_chunks().0.iter().copied())
    );
    // Alpha over black.
    let over = |v: u8, alpha: u8| (f64::from(v) * f64::from(alpha) / 255.0).round() as u8;
    let want = pixels("rgba")
        .as_chunks()
        .0
        .iter()
        .map(|&[r, g, b, a]| [over(r, a), over(g, a), over(b, a), 255])
        .collect::<Vec<_>>();
    assert_eq!(rgba(folder, "rgba.png"), want);
    // All frames, one after the other; those of values with one range, and with the bytes as they are.
    assert_eq!(rgba(folder, "thwc.npy"), (0..6).flat_map(frame_of_colors).collect::<Vec<_>>());
    let grey: Vec<[u8; 4]> =
        (0..120).map(|i| [cell(i / 20, i / 5 % 4, i % 5, 0); 3]).map(|[v, ..]| [v, v, v, 255]).collect();
    assert_eq!(rgba(folder, "thw.npy --colormap grey"), grey);
    assert_eq!(rgba(folder, "thw.npy --frame 4 --colormap grey"), grey[60..80]);
    let viridis = ringfall::Colormap::default();
    let cells: Vec<f32> = grey.iter().map(|v| f32::from(v[0])).collect();
    let (low, high) = (cells.iter().copied().fold(999.0, f32::min), cells.iter().copied().fold(0.0, f32::max));
    let scale = ringfall::Scale::linear(low, high).unwrap();
    let want: Vec<_> = cells.iter().map(|v| viridis.color(scale.lut_index(*v))).collect();
    assert_eq!(rgba(folder, "thw.npy"), want);
}

/// Random colours, smaller: the mean of the cells whose middle is on a pixel, in `f64`; also the largest and the smallest.
#[test]
fn smaller_pictures_are_means() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns, width, height) = (83_usize, 61_usize, 10_usize, 7_usize);
    let mut state = 9_u64;
    let cells: Vec<u8> = (0..rows * columns * 3)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    fs::write(folder.path().join("a.raw"), &cells).unwrap();
    for (flag, kind) in [("", 0), ("--reduce mean", 0), ("--reduce max", 1), ("--reduce min", 2)] {
        let line = format!("a.raw --dtype u8 --shape {rows},{columns},3 --size {width}x{height} {flag}");
        let got = rgba(folder.path(), &line);
        for (i, got) in got.iter().enumerate() {
            let (x, y) = (i % width, i / width);
            let own = |v: usize, pixels: usize, all: usize| (2 * v + 1) * pixels / (2 * all);
            let shown: Vec<usize> = (0..rows * columns)
                .filter(|cell| own(cell / columns, height, rows) == y && own(cell % columns, width, columns) == x)
                .collect();
            let want: [u8; 3] = std::array::from_fn(|c| {
                let channel = shown.iter().map(|cell| cells[3 * cell + c]);
                match kind {
                    1 => channel.max().unwrap(),
                    2 => channel.min().unwrap(),
                    _ => (channel.map(f64::from).sum::<f64>() / shown.len() as f64 + 0.5).floor() as u8,
                }
            });
            assert_eq!(got, &[want[0], want[1], want[2], 255], "{flag}, {x}, {y}");
        }
    }
}

#[test]
fn an_extent_makes_a_band_of_columns() {
    let folder = tempfile::tempdir().unwrap();
    copied(folder.path(), &["npy/hwc.npy"]);
    // Columns from 0 to 50 Hz; the three in the middle.
    let got = rgba(folder.path(), "hwc.npy --extent 0,50,0,4 --fmin 10 --fmax 40 --size 3x4");
    let whole = frame_of_colors(0);
    let want: Vec<_> = (0..12).map(|i| whole[i / 3 * 5 + 1 + i % 3]).collect();
    assert_eq!(got, want);
}

#[test]
fn wrong_command_lines() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    copied(
        folder,
        &["npy/hwc.npy", "npy/thwc.npy", "npy/hwc-u2.npy", "npy/thw.npy", "images/rgb.png", "two-channels.flac"],
    );
    fs::write(folder.join("cut.png"), &fs::read(data("images/rgb.png")).unwrap()[..60]).unwrap();
    fs::write(folder.join("text.png"), "no picture").unwrap();
    for (line, code, words) in [
        ("thwc.npy -o a.png", 1, &["thwc.npy", "6 frames", "--frame 1 to 6"][..]),
        ("thwc.npy --frame 7 -o a.png", 1, &["--frame 7", "1 to 6"]),
        ("thwc.npy --frame 0 -o a.png", 1, &["--frame 0", "1 to 6"]),
        ("hwc-u2.npy -o a.png", 1, &["hwc-u2.npy", "u16", "--vmin and --vmax"]),
        ("hwc.npy --vmin 3 -o a.png", 2, &["--vmin, --vmax"]),
        ("hwc.npy --vmin 3 --vmax 3 -o a.png", 2, &["--vmin"]),
        ("hwc.npy --norm log -o a.png", 2, &["--norm", "colours"]),
        ("hwc.npy --values -o a.npy", 2, &["--values", "colours"]),
        ("hwc.npy --percentile 1,99 -o a.png", 2, &["--percentile", "colours"]),
        ("hwc.npy --layout whc -o a.png", 2, &["--layout", "hwc", "auto"]),
        ("hwc.npy --layout thwc -o a.png", 1, &["hwc.npy", "read as thwc"]),
        ("hwc.npy --extent 0,1,2 -o a.png", 2, &["--extent", "LOW,HIGH,START,END"]),
        ("hwc.npy --extent 5,1,2,3 -o a.png", 2, &["--extent", "below"]),
        ("hwc.npy --fmin 1 -o a.png", 2, &["--fmin"]),
        ("cut.png -o a.png", 1, &["cut.png"]),
        ("text.png -o a.png", 1, &["text.png"]),
        ("demo --layout hwc -o a.png", 2, &["--layout", "arrays"]),
        ("two-channels.flac --extent 0,1,0,1 -o a.png", 2, &["--extent", "arrays"]),
        ("rgb.png -o rgb.png --force", 1, &["same file"]),
    ] {
        let out = ringfall(folder, &format!("render {line}"));
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{line}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{line}: expected {words:?} in {said}");
        assert!(!folder.join("a.png").exists() && !folder.join("a.npy").exists(), "{line}");
    }
}
