//! `ringfall render` of arrays, through the real program: pixels against arithmetic done here, and NumPy's results for the
//! same array.
#![cfg(feature = "app")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ringfall::{Canvas, Capacity, Colormap, Edge, Norm, Options, Reduce, Scale, Side, Stamp, Texel, Unit, View};

fn ringfall(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfall")).args(args).current_dir(folder).output().expect("the program runs")
}

fn well(folder: &Path, args: &[&str]) -> Vec<u8> {
    let out = ringfall(folder, args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Runs a command that fails, with this code and these words.
fn fails(folder: &Path, line: &str, code: i32, words: &[&str]) {
    let args: Vec<&str> = line.split_whitespace().collect();
    let out = ringfall(folder, &args);
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{line}: {said}");
    assert!(words.iter().all(|word| said.contains(word)), "{line}: expected {words:?} in {said}");
}

/// The shape and the data of a `.npy` file as the program writes it.
fn npy(bytes: &[u8]) -> (String, &[u8]) {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(end.is_multiple_of(64));
    (String::from_utf8(bytes[10..end].to_vec()).unwrap(), &bytes[end..])
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| if value.is_nan() { u32::MAX } else { value.to_bits() }).collect()
}

/// A raw file of 32-bit floats, and the flags that describe it.
struct Raw {
    folder: tempfile::TempDir,
    cells: Vec<f32>,
    shape: (usize, usize),
}

impl Raw {
    fn new(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> f32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cells: Vec<f32> = (0..rows * columns).map(|i| cell(i / columns, i % columns)).collect();
        fs::write(folder.path().join("a.raw"), bytemuck::cast_slice::<f32, u8>(&cells)).unwrap();
        Self { folder, cells, shape: (rows, columns) }
    }

    fn flags(&self, more: &str) -> Vec<String> {
        let (rows, columns) = self.shape;
        let line = format!("render a.raw --dtype f32 --shape {rows},{columns} -o - {more}");
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn run(&self, more: &str) -> Vec<u8> {
        let flags = self.flags(more);
        well(self.folder.path(), &flags.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn rgba(&self, more: &str) -> Vec<[u8; 4]> {
        self.run(&format!("--format rgba {more}")).as_chunks().0.to_vec()
    }

    fn values(&self, more: &str) -> Vec<f32> {
        floats(npy(&self.run(&format!("--format npy --values {more}"))).1)
    }
}

/// 8-bit numbers leave as they came.
#[test]
fn bytes_in_grey_are_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let cell = |i: usize| ((i / 300) ^ (i % 300)) as u8;
    let cells: Vec<u8> = (0..200 * 300).map(cell).collect();
    fs::write(folder.path().join("squares.raw"), &cells).unwrap();
    let raw = ["render", "squares.raw", "--dtype", "u8", "--shape", "200,300", "--size", "data", "--colormap", "grey"];
    well(folder.path(), &[&raw[..], &["-o", "o.npy"]].concat());
    let bytes = fs::read(folder.path().join("o.npy")).unwrap();
    let (header, pixels) = npy(&bytes);
    assert!(header.starts_with("{'descr': '|u1', 'fortran_order': False, 'shape': (200, 300, 4), }"), "{header}");
    let want: Vec<u8> = cells.iter().flat_map(|c| [*c, *c, *c, 255]).collect();
    assert!(pixels == want);
    // The same as pixels without a header, and as a PNG.
    assert!(well(folder.path(), &[&raw[..], &["-o", "-", "--format", "rgba"]].concat()) == want);
    well(folder.path(), &[&raw[..], &["-o", "o.png"]].concat());
    let file = std::io::BufReader::new(fs::File::open(folder.path().join("o.png")).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut rgb).unwrap();
    assert!(rgb == cells.iter().flat_map(|c| [*c; 3]).collect::<Vec<_>>());
    // A range that is asked for is taken.
    let ranged =
        well(folder.path(), &[&raw[..], &["-o", "-", "--format", "rgba", "--vmin", "0", "--vmax", "128"]].concat());
    let grey = Colormap::named("grey").unwrap();
    let scale = Scale::linear(0.0, 128.0).unwrap();
    let want: Vec<u8> = cells.iter().flat_map(|c| grey.color(scale.lut_index(f32::from(*c)))).collect();
    assert!(ranged == want);
    // An array is not written over: it may be someone's data.
    fails(folder.path(), &format!("{} -o o.npy", raw.join(" ")), 1, &["o.npy", "--force"]);
    // Nor is the input, even so.
    fails(folder.path(), &format!("{} -o squares.raw --format rgba --force", raw.join(" ")), 1, &["same file"]);
    assert!(fs::read(folder.path().join("squares.raw")).unwrap() == cells);
}

/// From the least to the largest number, with every norm; NaN is bad, infinities are over and under and no ends of the range.
#[test]
fn range_and_norms_are_arithmetic() {
    let special = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    let raw = Raw::new(40, 30, |row, column| match (row, column) {
        (7, 3..6) => special[column - 3],
        _ => (row as f32 - 10.0) * 1.5 + column as f32 * 0.01,
    });
    let finite: Vec<f64> = raw.cells.iter().filter(|v| v.is_finite()).map(|v| f64::from(*v)).collect();
    let (low, high) = finite.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let map = Colormap::named("viridis").unwrap();
    let symmetric = low.abs().max(high.abs());
    let unit = |low: f64, high: f64| move |v: f64| (v - low) / (high - low);
    let cases: [(&str, &dyn Fn(f64) -> f64); 5] = [
        ("", &unit(low, high)),
        ("--vsym", &unit(-symmetric, symmetric)),
        ("--vmin -3 --vmax 5", &unit(-3.0, 5.0)),
        ("--vmin -20", &unit(-20.0, high)),
        ("--norm power:0.5 --vmin -15", &|v| unit(-15.0, high)(v).max(0.0).sqrt()),
    ];
    for (flags, curve) in cases {
        let pixels = raw.rgba(&format!("--size data {flags}"));
        assert_eq!(pixels.len(), 1200);
        for (cell, pixel) in raw.cells.iter().zip(&pixels) {
            let place = 256.0 * curve(f64::from(*cell));
            let entry = |place: f64| map.color(ringfall::LutIndex::Entry(place.clamp(0.0, 255.0) as u8));
            if cell.is_nan() {
                assert_eq!(*pixel, [48, 48, 48, 255]);
            } else {
                // The two entries where rounding may decide.
                let near = [entry(place - 1e-3), entry(place + 1e-3)];
                assert!(near.contains(pixel), "{flags}: {pixel:?} for {cell}, entry {place}");
            }
        }
    }
    // A logarithmic range begins at the least number above 0.
    let least = finite.iter().filter(|v| **v > 0.0).fold(f64::MAX, |least, v| least.min(*v));
    let pixels = raw.rgba("--size data --norm log");
    let scale = Scale::new(Norm::Log, least as f32, high as f32).unwrap();
    let want: Vec<[u8; 4]> = raw.cells.iter().map(|v| map.color(scale.lut_index(*v))).collect();
    assert!(pixels == want);
}

/// `numpy.percentile(np.sin(np.arange(1200.0)).astype('f4'), [2, 98])` is [-0.998341978, 0.997799337].
#[test]
fn percentiles_are_those_of_numpy() {
    let raw = Raw::new(40, 30, |row, column| ((row * 30 + column) as f64).sin() as f32);
    let scale = Scale::linear(-0.998_342, 0.997_799_34).unwrap();
    let map = Colormap::named("viridis").unwrap();
    let want: Vec<[u8; 4]> = raw.cells.iter().map(|v| map.color(scale.lut_index(*v))).collect();
    assert!(raw.rgba("--size data --percentile 2,98") == want);
}

/// Numbers that are all the same, or none at all.
#[test]
fn flat_arrays_have_the_first_colour() {
    let first = Colormap::named("viridis").unwrap().color(ringfall::LutIndex::Entry(0));
    for value in [0.0, -3.0, 1e30] {
        assert!(Raw::new(3, 4, |_, _| value).rgba("").iter().all(|pixel| *pixel == first), "{value}");
    }
    let nothing = Raw::new(3, 4, |_, _| f32::NAN);
    for flags in ["", "--vsym", "--norm log", "--percentile 2,98", "--reduce mean"] {
        let pixels = nothing.rgba(flags);
        assert!(pixels.len() == 12 && pixels.iter().all(|pixel| *pixel == [48, 48, 48, 255]), "{flags}");
    }
}

/// Each pixel has the maximum (or minimum, or mean) of its cells, for any size, turned each way: as a canvas has it that
/// holds all rows.
#[test]
fn any_size_is_what_a_canvas_shows() {
    let cell = |row: usize, column: usize| {
        let mixed = (row * 7919 + column * 104_729) % 1009;
        if mixed.is_multiple_of(17) { f32::NAN } else { mixed as f32 - 500.0 }
    };
    let raw = Raw::new(97, 41, cell);
    let sides = [("top", Side::Top), ("bottom", Side::Bottom), ("left", Side::Left), ("right", Side::Right)];
    for (width, height) in [(41, 97), (13, 20), (1, 1), (82, 194), (100, 31), (7, 97)] {
        for (side, newest) in sides {
            for (reduce, how) in [("max", Reduce::Max), ("min", Reduce::Min)] {
                let lines = if newest.is_sideways() { width } else { height };
                let options = Options::default()
                    .bins(41)
                    .capacity(Capacity::Rows(97))
                    .texel(Texel::F32)
                    .unit(Unit::None)
                    .width(width)
                    .height(height)
                    .newest_side(newest);
                let mut canvas = Canvas::new(&options).unwrap();
                for (row, cells) in raw.cells.chunks(41).enumerate() {
                    canvas.push(Stamp::index(row as u64), cells).unwrap();
                }
                let line_ns = Some(97e9 / f64::from(lines));
                canvas
                    .set_view(View::default().line_ns(line_ns).edge(Edge::At(97_000_000_000 - 1)).reduce(how))
                    .unwrap();
                let mut want = vec![0.0; (width * height) as usize];
                canvas.values(&mut want).unwrap();
                let got = raw.values(&format!("--size {width}x{height} --newest {side} --reduce {reduce}"));
                assert_eq!(bits(&got), bits(&want), "{width}x{height} {side} {reduce}");
            }
        }
    }
    // Row 0 is at the top unless asked otherwise.
    assert_eq!(bits(&raw.values("--size data")), bits(&raw.cells));
    assert_eq!(bits(&raw.values("")), bits(&raw.cells));
    // The mean of 97 rows; column by column, as each pixel is one column.
    let mean = raw.values("--size 41x1 --reduce mean");
    for (column, value) in mean.iter().enumerate() {
        let cells: Vec<f64> = (0..97).map(|row| f64::from(cell(row, column))).filter(|v| !v.is_nan()).collect();
        let want = cells.iter().sum::<f64>() / cells.len() as f64;
        assert!((f64::from(*value) - want).abs() < 1e-4, "{column}: {value} for {want}");
    }
    // One row a line: the middle one of those that the line stands for.
    let quick = raw.values("--size 41x1 --quick");
    assert_eq!(bits(&quick), bits(&raw.cells[48 * 41..49 * 41]));
}

/// 100 GB, nearly all of them holes: far offsets are right, and only the rows that are on show are read.
#[cfg(unix)]
#[test]
fn a_quick_picture_of_a_file_larger_than_memory() {
    use std::os::unix::fs::FileExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("huge.raw")).unwrap();
    file.set_len(100_000_000_000).unwrap();
    // The middle rows of the two halves.
    for (row, value) in [(1_250_000_u64, 1.0_f32), (3_750_000, 2.0)] {
        file.write_all_at(&value.to_le_bytes(), (row * 5000 + 4999) * 4).unwrap();
    }
    let flags = "render huge.raw --dtype f32 --shape 5000000,5000 --quick --size 5x2 -o - --format npy --values";
    let values = floats(npy(&well(folder.path(), &flags.split_whitespace().collect::<Vec<_>>())).1);
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
}

/// A quick picture looks at fewer rows where each costs much: a row of an array in Fortran order is a read for each column.
#[test]
fn quick_pictures_of_wide_arrays_share_rows() {
    let folder = tempfile::tempdir().unwrap();
    let column: Vec<u8> = (0..16).collect();
    fs::write(folder.path().join("wide.raw"), column.repeat(30_000)).unwrap();
    let flags = "render wide.raw --dtype u8 --shape 16,30000 --order f --size 1x16 -o - --format npy --values";
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let all: Vec<f32> = (0..16).map(|row| row as f32).collect();
    assert_eq!(floats(npy(&well(folder.path(), &flags)).1), all);
    // Four rows: the middle one of each quarter.
    let quick = floats(npy(&well(folder.path(), &[&flags[..], &["--quick"]].concat())).1);
    assert_eq!(quick, [[2.0; 4], [6.0; 4], [10.0; 4], [14.0; 4]].concat());
}

#[test]
fn files_of_numpy_and_complex_numbers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/npy");
    let cells = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0, 101.0, 126.0, 127.0_f32];
    for name in ["fortran.npy", "be-f2.npy", "version-3.npy"] {
        let out = well(&folder, &["render", name, "-o", "-", "--format", "npy", "--values"]);
        assert_eq!(floats(npy(&out).1), cells, "{name}");
    }
    let out = well(&folder, &["render", "le-c8.npy", "-o", "-", "--format", "npy", "--values", "--complex", "power"]);
    let values = floats(npy(&out).1);
    assert_eq!(values[0], f32::NEG_INFINITY);
    assert!((values[8] - 20.0 * 500_f32.log10()).abs() < 1e-4, "{}", values[8]);
    // Known by its first bytes, whatever its name.
    let place = tempfile::tempdir().unwrap();
    fs::copy(folder.join("u1.npy"), place.path().join("array")).unwrap();
    assert_eq!(
        floats(npy(&well(place.path(), &["render", "array", "-o", "-", "--format", "npy", "--values"])).1),
        cells
    );
}

#[test]
fn wrong_command_lines_and_files() {
    let raw = Raw::new(4, 4, |row, column| (row * 4 + column) as f32);
    let folder = raw.folder.path();
    fs::write(folder.join("broken.npy"), b"\x93NUMPY\x01\x00\x10").unwrap();
    fs::write(folder.join("a.gif"), b"GIF89a\x10\0\x10\0\0\0\0").unwrap();
    fs::write(folder.join("a.npz"), b"PK\x03\x04 and so on").unwrap();
    let array = "render a.raw --dtype f32 --shape 4,4 -o o.png";
    for (line, code, words) in [
        ("render broken.npy -o o.png", 1, &["broken.npy", "cut short"][..]),
        ("view broken.npy", 1, &["broken.npy", "cut short"]),
        ("view none.npy", 1, &["none.npy", "cannot read"]),
        ("view a.raw --dtype f32 --shape 5,4", 1, &["a.raw", "cut short", "80", "64"]),
        ("view a.raw --dtype f32 --shape 4,4 --from 1s", 2, &["--from", "a.raw"]),
        ("view a.raw --dtype f32 --shape 4,4 --speed 2x", 2, &["--speed", "a.raw"]),
        ("render none.npy -o o.png", 1, &["none.npy", "cannot read"]),
        ("render a.raw --dtype f32 --shape 5,4 -o o.png", 1, &["a.raw", "cut short", "80", "64"]),
        ("render a.raw --dtype f32 --shape 4,4 --offset 1 -o o.png", 1, &["a.raw", "cut short", "65"]),
        ("render a.raw --dtype f32 -o o.png", 2, &["--shape"]),
        ("render a.raw --shape 4,4 -o o.png", 2, &["--dtype"]),
        ("render a.raw --dtype f32 --shape 4,-4 -o o.png", 2, &["--shape", "ROWS,COLUMNS"]),
        ("render a.raw --dtype f32 --shape 4 -o o.png", 2, &["--shape"]),
        ("render a.raw --dtype object --shape 4,4 -o o.png", 2, &["--dtype", "Python objects"]),
        ("render a.raw --dtype f32 --shape 4294967296,4194304 -o o.png", 1, &["a.raw", "4294967296"]),
        (&format!("{array} --from 3s"), 2, &["--from", "array"]),
        (&format!("{array} --fmin 3"), 2, &["--fmin", "array"]),
        (&format!("{array} --values --format jpeg"), 2, &["--values", "npy"]),
        (&format!("{array} --percentile 98,2"), 2, &["--percentile"]),
        (&format!("{array} --percentile 2,98 --vmin 3"), 2, &["--percentile", "--vmin"]),
        (&format!("{array} --vmin 3 --vmax 3"), 2, &["--vmin 3 --vmax 3"]),
        (&format!("{array} --vmin 99"), 1, &["--vmin 99", "15"]),
        (&format!("{array} --vmax -1"), 1, &["--vmax -1"]),
        (&format!("{array} --vsym --norm log"), 2, &["--vsym", "log"]),
        (&format!("{array} --size 65537x1"), 2, &["--size", "65536"]),
        (&format!("{array} --size 20000x20000"), 1, &["--memory 1526"]),
        ("view a.raw --dtype f32 --shape 4,4 --vsym --norm power:2", 2, &["--vsym", "--norm"]),
        ("view a.raw --dtype f32 --shape 4,4 --percentile 1,99 --vmin 3", 2, &["--percentile", "--vmin"]),
        ("view a.raw --format f32 --rate 4 --vsym", 2, &["--vsym", "arrays"]),
        (
            "render a.raw --dtype f32 --shape 4,4 -o o.mkv",
            2,
            &["o.mkv", ".png (PNG)", ".mp4, .webm, .ogv, .gif, .apng"],
        ),
        ("render a.raw -o o.png", 1, &["a.raw", "--format and --rate", "--dtype and --shape"]),
        ("view a.raw", 1, &["a.raw", "--format and --rate", "--dtype and --shape"]),
        ("view a.gif", 1, &["a.gif", "a GIF image", "PNG"]),
        ("view a.npz", 1, &["a.npz", "NumPy"]),
        ("render demo --vsym -o o.png", 2, &["--vsym"]),
        ("render demo --quick -o o.png", 2, &["--quick"]),
        ("render demo --size data -o o.png", 2, &["--size data"]),
        ("render demo --dtype u8 --shape 4,4 -o o.png", 2, &["--dtype"]),
        ("render demo --complex power -o o.png", 2, &["--complex"]),
        ("render demo --vmin 1e7 -o o.png", 2, &["--vmin"]),
    ] {
        fails(folder, line, code, words);
        assert!(!folder.join("o.png").exists(), "{line}");
    }
}

/// Numbers of 64 bits are drawn as floats of 32, and if that shows, it is said.
#[test]
fn what_32_bits_cannot_tell_apart_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let said = |dtype: &str, cells: &[u8]| {
        fs::write(folder.path().join("a.raw"), cells).unwrap();
        let args = ["render", "a.raw", "--dtype", dtype, "--shape", "2,4", "-o", "a.png"];
        let out = ringfall(folder.path(), &args);
        assert!(out.status.success());
        String::from_utf8(out.stderr).unwrap()
    };
    let floats = |cell: fn(u32) -> f64| (0..8).flat_map(|k| cell(k).to_le_bytes()).collect::<Vec<u8>>();
    let words = said("f64", &floats(|k| 1e9 + f64::from(k)));
    assert!(words.contains("a.raw: values are kept as 32-bit floats, which are 64 apart at 1000000000"), "{words}");
    let big: Vec<u8> = (0..8_u64).flat_map(|k| ((1 << 60) + k).to_be_bytes()).collect();
    assert!(said("u64be", &big).contains("32-bit floats"));
    // A constant, a range that is wide enough, and numbers that differ in nothing.
    for (dtype, cells) in [
        ("f64", floats(|_| 1e9 + 1.0)),
        ("f64", floats(|k| 1e9 + 1e5 * f64::from(k))),
        ("f64", floats(|k| 0.1 * f64::from(k))),
        ("f64", floats(|_| f64::NAN)),
        ("i64", [0; 64].to_vec()),
    ] {
        let words = said(dtype, &cells);
        assert!(!words.contains("32-bit"), "{dtype}: {words}");
    }
}

/// Values of a sound as an array too.
#[test]
fn values_of_the_demonstration() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["render", "demo", "--seconds", "2", "--size", "64x32", "-o", "-", "--format", "npy", "--values"];
    let out = well(folder.path(), &flags);
    let (header, data) = npy(&out);
    assert!(header.contains("'<f4'") && header.contains("(32, 64)"), "{header}");
    let values = floats(data);
    assert_eq!(values.len(), 32 * 64);
    assert!(values.iter().all(|level| (-200.0..20.0).contains(level)));
}
