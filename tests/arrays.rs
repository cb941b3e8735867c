//! Arrays in files: NumPy's files are read, faults are refused by name, and a file gives the same picture as its rows in
//! memory.
#![cfg(feature = "arrays")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ringfall::array::{Array, Component, Dtype, Order, RawLayout};
use ringfall::{
    Canvas, Capacity, Computed, ComputedOptions, Edge, History, Loader, Options, Precision, Progress, Pyramid, Reduce,
    Rows, RowsError, Side, Stamp, Store, Texel, Unit, View,
};

fn numpy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/npy").join(name).with_extension("npy")
}

fn rows(array: &Array) -> Vec<Vec<f32>> {
    let row = |number| {
        let mut out = vec![7.0];
        array.read(number, &mut out).expect("a row");
        out
    };
    (0..array.rows()).map(row).collect()
}

/// What scripts/npy.py puts into each file.
const CELLS: [[f32; 4]; 3] = [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [100.0, 101.0, 126.0, 127.0]];

#[test]
fn every_type_that_numpy_writes() {
    let mut names = vec!["u1".to_owned(), "i1".to_owned(), "fortran".into(), "version-2".into(), "version-3".into()];
    for code in ["u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"] {
        names.extend([format!("le-{code}"), format!("be-{code}")]);
    }
    for name in names {
        let array = Array::open_npy(&numpy(&name), Component::Magnitude).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((array.rows(), array.columns()), (3, 4), "{name}");
        assert_eq!(array.unit(), Unit::None, "{name}");
        assert_eq!(rows(&array), CELLS, "{name}");
    }
    let array = Array::open_npy(&numpy("bool"), Component::Magnitude).unwrap();
    assert_eq!(rows(&array), CELLS.map(|row| row.map(|cell| cell % 2.0)));
}

#[test]
fn complex_numbers_are_magnitudes_or_powers() {
    for name in ["le-c8", "be-c8", "le-c16", "be-c16"] {
        let array = Array::open_npy(&numpy(name), Component::Magnitude).unwrap();
        assert_eq!(array.unit(), Unit::None);
        assert_eq!(rows(&array), CELLS.map(|row| row.map(|cell| 5.0 * cell)), "{name}");
        let array = Array::open_npy(&numpy(name), Component::Power).unwrap();
        assert_eq!(array.unit(), Unit::Decibel);
        let power = |cell: f32| (10.0 * (25.0 * f64::from(cell).powi(2)).log10()) as f32;
        for (row, cells) in rows(&array).iter().zip(CELLS) {
            for (value, cell) in row.iter().zip(cells) {
                let near = (value - power(cell)).abs() < 1e-5 || *value == power(cell);
                assert!(near, "{name}: {value} for {cell}");
            }
        }
    }
}

#[test]
fn raw_files_in_any_layout() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    // Three bytes of something else, then columns of 16-bit numbers, and something behind.
    let mut bytes = vec![9; 3];
    (0..4).for_each(|column| CELLS.iter().for_each(|row| bytes.extend((row[column] as i16).to_be_bytes())));
    bytes.extend([9; 5]);
    fs::write(&path, &bytes).unwrap();
    let layout = RawLayout { dtype: "i16be".parse().unwrap(), shape: (3, 4), offset: 3, order: Order::Fortran };
    let array = Array::open_raw(&path, layout, Component::Magnitude).unwrap();
    assert_eq!(rows(&array), CELLS);
    assert_eq!((array.layout(), array.bytes()), (layout, 24));
    // Rows in any order, and neighbouring rows at once.
    let mut out = Vec::new();
    for row in [2, 0, 1, 2, 1] {
        array.read(row, &mut out).unwrap();
        assert_eq!(out, CELLS[row as usize]);
    }
    array.read_rows(1..3, &mut out).unwrap();
    assert_eq!(out, CELLS[1..].concat());
    for read in [array.read(3, &mut out), array.read_rows(2..4, &mut out)] {
        assert_eq!(read, Err(RowsError::NoRow { level: 0, row: 3 }));
    }
    assert!(out.is_empty());
}

#[test]
fn words_of_types() {
    for (word, shown) in [
        ("u8", "u8"),
        ("uint8", "u8"),
        ("|u1", "u8"),
        ("<u8", "u64"),
        (">u8", "u64be"),
        ("f16", "f16"),
        ("<f2", "f16"),
        ("float32", "f32"),
        ("f64be", "f64be"),
        ("c64", "c64"),
        ("complex128", "c128"),
        (">c8", "c64be"),
        ("bool", "bool"),
        ("|b1", "bool"),
        ("u8be", "u8"),
        ("f32le", "f32"),
    ] {
        let dtype: Dtype = word.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(dtype.to_string(), shown);
    }
    for (word, reason) in [
        ("", "expected one of"),
        ("u12", "expected one of"),
        ("c8", "expected one of"),
        ("O", "Python objects"),
        ("object", "Python objects"),
        ("<f16", "long double"),
        ("|S5", "texts"),
        ("<i3", "expected bool"),
    ] {
        let error = word.parse::<Dtype>().unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(&format!("'{word}'")), "{error}");
    }
}

#[test]
fn what_numpy_writes_and_is_no_array_of_numbers() {
    for (name, parts) in [
        ("objects", &["|O", "Python objects", "descr"][..]),
        ("texts", &["<U1", "texts"]),
        ("dates", &["<M8[D]", "dates"]),
        ("records", &["records", "('x', '<f4')"]),
        ("one-dimension", &["(5,)", "two dimensions"]),
        ("three-dimensions", &["(2, 2, 2)", "two dimensions"]),
        ("no-dimension", &["shape ()", "two dimensions"]),
        ("empty", &["0 rows and 4 columns"]),
    ] {
        let error = Array::open_npy(&numpy(name), Component::Magnitude).expect_err(name).to_string();
        assert!(error.contains(&format!("{name}.npy")), "{error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

/// A file with this header, in version 1.
fn with_header(text: &str, data: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

#[test]
fn damaged_files_are_refused_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let header =
        |shape: &str| with_header(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n"), 48);
    let whole = header("(3, 4)");
    let dict = |text: &str| with_header(text, 48);
    for (name, bytes, parts) in [
        ("nothing", vec![], &["byte 0", "empty file"][..]),
        ("magic", b"RIFF....".to_vec(), &["byte 0", "\\x93NUMPY", "52"]),
        ("two-bytes", b"\x93N".to_vec(), &["cut short", "expected 10 bytes", "has 2"]),
        ("version", b"\x93NUMPY\x04\x00\x10\x00".to_vec(), &["byte 6", "4.0"]),
        ("minor", b"\x93NUMPY\x01\x01\x10\x00".to_vec(), &["byte 6", "1.1"]),
        (
            "half-header",
            whole[..40].to_vec(),
            &["cut short", &format!("expected {} bytes", whole.len() - 48), "has 40"],
        ),
        ("version-2-cut", b"\x93NUMPY\x02\x00\x10".to_vec(), &["cut short", "expected 10 bytes", "has 9"]),
        ("version-2-long", b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), &["byte 8", "4294967295"]),
        ("half-data", whole[..whole.len() - 1].to_vec(), &["data are cut short", &format!("byte {}", whole.len())]),
        ("overflow", header("(4294967296, 4294967296)"), &["(4294967296, 4294967296)", "2^63"]),
        ("overflow-bytes", header("(4611686018427387904, 1)"), &["2^63"]),
        ("overflow-3", header("(4294967296, 4294967296, 2)"), &["2^63"]),
        ("long", header("(18446744073709551616, 1)"), &["byte ", "length of a dimension"]),
        ("negative", header("(-3, 4)"), &["byte 61", "length of a dimension from 0"]),
        ("fraction", header("(3.0, 4)"), &[", or ) after a length"]),
        ("wide", header("(1, 4194305)"), &["4194305 columns", "4194304"]),
        ("tall", header("(4294967297, 1)"), &["4294967297 rows", "4294967296"]),
        ("unclosed", dict("{'descr': '<f4'"), &[", or }"]),
        ("no-dictionary", dict("['descr']"), &["byte 10", "dictionary"]),
        ("no-descr", dict("{'fortran_order': False, 'shape': (3, 4)}"), &["the key descr"]),
        ("no-order", dict("{'descr': '<f4', 'shape': (3, 4)}"), &["the key fortran_order"]),
        ("no-shape", dict("{'descr': '<f4', 'fortran_order': False}"), &["the key shape"]),
        ("twice", dict("{'descr': '<f4', 'descr': '<f4'}"), &["one descr"]),
        ("other-key", dict("{'colour': 'red'}"), &["byte 11", "no other keys"]),
        ("order-word", dict("{'fortran_order': 1}"), &["byte 28", "True, False"]),
        ("order-text", dict("{'fortran_order': 'C'}"), &["one fortran_order"]),
        ("shape-text", dict("{'shape': '3, 4'}"), &["one shape"]),
        ("more", dict("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)} x"), &["nothing but spaces"]),
        ("escape", dict("{'descr': '\\x3cf4'}"), &["without escapes"]),
        ("type", dict("{'descr': '<f3', 'fortran_order': False, 'shape': (3, 4)}"), &["\"<f3\"", "expected bool"]),
        ("unclosed-list", dict("{'descr': [('x', '<f4')"), &["end of this list"]),
        ("unclosed-text", dict("{'descr"), &["end of this text"]),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = Array::open_npy(&path, Component::Magnitude).expect_err(name).to_string();
        assert!(error.contains(&*path.display().to_string()), "{error}");
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    // Python 2, other quotes, another order of keys, other spaces.
    let path = folder.path().join("python-2");
    fs::write(&path, with_header("{ \"shape\" :(3L,4L) ,'fortran_order':False,\n'descr':'<f4'}", 48)).unwrap();
    let array = Array::open_npy(&path, Component::Magnitude).unwrap();
    assert_eq!((array.rows(), array.columns()), (3, 4));

    let error = Array::open_npy(folder.path(), Component::Magnitude).unwrap_err().to_string();
    assert!(error.contains("regular file"), "{error}");
    let error = Array::open_npy(&folder.path().join("none"), Component::Magnitude).unwrap_err().to_string();
    assert!(error.contains("cannot read") && error.contains("none"), "{error}");
}

/// A file that shrinks is an error with its place. (A mapped file would end the process.)
#[test]
fn a_file_that_becomes_shorter_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for order in [Order::C, Order::Fortran] {
        let path = folder.path().join("raw");
        fs::write(&path, [1; 100]).unwrap();
        let layout = RawLayout { dtype: Dtype::U8, shape: (10, 10), offset: 0, order };
        let array = Array::open_raw(&path, layout, Component::Magnitude).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_len(55).unwrap();
        let mut out = Vec::new();
        let error = array.read(5, &mut out).unwrap_err();
        let RowsError::File { path: named, offset, message } = error else { panic!("{error}") };
        assert_eq!((named, offset), (path.clone(), 55), "{order:?}");
        assert!(message.contains("shorter"), "{message}");
        assert!(out.is_empty());
        if order == Order::C {
            array.read(4, &mut out).unwrap();
            assert_eq!(out, [1.0; 10]);
        }
    }
}

/// The values of a picture that a loader makes of rows.
fn picture(rows: &dyn Rows, columns: u32, size: (u32, u32), newest: Side, view: View) -> Vec<f32> {
    let options = Options::default()
        .bins(columns)
        .capacity(Capacity::Rows(100_000))
        .texel(Texel::F32)
        .unit(Unit::None)
        .width(size.0)
        .height(size.1)
        .newest_side(newest);
    let mut canvas = Canvas::new(&options).unwrap();
    Loader::new(view).unwrap().update_canvas(&mut canvas, rows).unwrap();
    let mut values = vec![0.0; (size.0 * size.1) as usize];
    canvas.values(&mut values).unwrap();
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any view of an array in a file is the same view of the same rows in memory, in each order of cells, with levels that
    /// are ready and with ones that are not.
    #[test]
    fn a_view_of_a_file_is_that_of_memory(
        (rows, columns) in (1_u64..600, 1_u32..40),
        fortran: bool,
        size in (1_u32..50, 1_u32..50),
        side in 0_usize..4,
        (low, width) in (-5.0..40.0, 0.1..60.0),
        line in 0.05..80.0_f64,
        edge in -10_i64..700,
        reduce in 0_usize..3,
        dtype in 0_usize..10,
        seed: u32,
    ) {
        // Whole numbers that each of these types has.
        let (name, is_float) = [
            ("<f4", true), ("<f4", true), (">f4", true), ("<f8", true), (">f8", true), ("<f2", true), ("<i2", false), (">i2", false),
            ("<i4", false), ("|u1", false),
        ][dtype];
        let cell = |row: u64, column: u32| {
            let mixed = (row as u32).wrapping_mul(0x9e37_79b9) ^ column.wrapping_mul(0x85eb_ca6b) ^ seed;
            let number = mixed.wrapping_mul(0xc2b2_ae35) >> 8;
            match name {
                "|u1" => (number % 256) as f32,
                _ if is_float && number.is_multiple_of(13) => f32::NAN,
                _ => (number % 2001) as f32 - 1000.0,
            }
        };
        let mut history = History::with_unit(1 << 26, Precision::F32, Unit::None);
        let mut bytes = Vec::new();
        for row in 0..rows {
            let cells: Vec<f32> = (0..columns).map(|column| cell(row, column)).collect();
            history.push(Stamp::index(row), &cells).unwrap();
        }
        let mut put = |row, column| {
            let value = cell(row, column);
            let start = bytes.len();
            match &name[1..] {
                "f4" => bytes.extend(value.to_le_bytes()),
                "f8" => bytes.extend(f64::from(value).to_le_bytes()),
                "f2" => bytes.extend(half::f16::from_f32(value).to_le_bytes()),
                "i2" => bytes.extend((value as i16).to_le_bytes()),
                "i4" => bytes.extend((value as i32).to_le_bytes()),
                _ => bytes.push(value as u8),
            }
            if name.starts_with('>') {
                bytes[start..].reverse();
            }
        };
        if fortran {
            (0..columns).for_each(|column| (0..rows).for_each(|row| put(row, column)));
        } else {
            (0..rows).for_each(|row| (0..columns).for_each(|column| put(row, column)));
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &bytes).unwrap();
        let order = if fortran { Order::Fortran } else { Order::C };
        let layout = RawLayout { dtype: name.parse().unwrap(), shape: (rows, u64::from(columns)), offset: 0, order };
        let array = || Array::open_raw(file.path(), layout, Component::Magnitude).unwrap();
        let mut pyramid = Pyramid::new(array(), Precision::F32);

        let newest = [Side::Top, Side::Bottom, Side::Left, Side::Right][side];
        let view = View::default().span_hz(Some((low, low + width))).line_ns(Some(line * 1e9)).edge(Edge::At(edge * 1_000_000_000)).reduce([Reduce::Max, Reduce::Mean, Reduce::Min][reduce]);
        let bits = |values: Vec<f32>| values.into_iter().map(|v| if v.is_nan() { u32::MAX } else { v.to_bits() });
        let want: Vec<u32> = bits(picture(&history, columns, size, newest, view)).collect();
        while !pyramid.build(100).unwrap() {}
        let got: Vec<u32> = bits(picture(&pyramid, columns, size, newest, view)).collect();
        prop_assert_eq!(&got, &want);
        // What is computed in the background is the same, once what is on show is exact, and also once all is.
        let options = ComputedOptions::default().precision(Precision::F32);
        let computed = Computed::new(Arc::new(array()), &options, Box::new(|| {})).unwrap();
        let done: [fn(&Progress) -> bool; 2] = [|progress| progress.shown, |progress| progress.all == 1.0];
        for done in done {
            // What is on show is wanted by being drawn.
            picture(&computed, columns, size, newest, view);
            prop_assert!(computed.wait(done, Duration::from_secs(60)));
            let got: Vec<u32> = bits(picture(&computed, columns, size, newest, view)).collect();
            prop_assert_eq!(&got, &want);
        }
        if line < 10.0 {
            // No level is ready, and none is wanted: they are for lines of sixteen rows and more.
            let bare = Pyramid::new(array(), Precision::F32);
            let got: Vec<u32> = bits(picture(&bare, columns, size, newest, view)).collect();
            prop_assert_eq!(&got, &want);
        }
    }
}

/// 20 GB, nearly all of them holes: the place that is zoomed in to is exact, whatever else is not yet.
#[cfg(unix)]
#[test]
fn a_file_larger_than_memory() {
    use std::os::unix::fs::{FileExt as _, MetadataExt as _};
    let (rows, columns) = (1_250_000_u64, 4000_u64);
    let file = tempfile::NamedTempFile::new().unwrap();
    let sparse = file.as_file().set_len(rows * columns * 4);
    if sparse.is_err() || file.as_file().metadata().unwrap().blocks() > 1 << 20 {
        eprintln!("SKIPPED: {} is on a file system without sparse files", file.path().display());
        return;
    }
    let known =
        [(1_000_000_u64, 17_u64, 5.0_f32), (1_000_003, 3999, 7.0), (999_999, 0, -3.0), (1_000_030, 2000, f32::NAN)];
    for (row, column, value) in known {
        file.as_file().write_all_at(&value.to_le_bytes(), (row * columns + column) * 4).unwrap();
    }
    let layout = RawLayout { dtype: Dtype::F32, shape: (rows, columns), offset: 0, order: Order::C };
    let array = Array::open_raw(file.path(), layout, Component::Magnitude).unwrap();
    let options = ComputedOptions::default().budget(32 << 20).precision(Precision::F32);
    let computed = Computed::new(Arc::new(array), &options, Box::new(|| {})).unwrap();
    let size = (4000_u32, 40_u32);
    let whole = View::default().line_ns(Some(1e9 * rows as f64 / 39.0)).reduce(Reduce::Max);
    picture(&computed, 4000, size, Side::Bottom, whole);
    assert!(computed.wait(|progress| progress.sketched, Duration::from_secs(60)));
    // A row a line: rows 999,999 to 1,000,038.
    let close = View::default().line_ns(Some(1e9)).edge(Edge::At(1_000_038_000_000_000)).reduce(Reduce::Max);
    picture(&computed, 4000, size, Side::Bottom, close);
    assert!(computed.wait(|progress| progress.shown, Duration::from_secs(60)));
    let got = picture(&computed, 4000, size, Side::Bottom, close);
    let mut want = vec![0.0_f32; got.len()];
    for (row, column, value) in known {
        want[((row - 999_999) * columns + column) as usize] = value;
    }
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let differs = (0..got.len())
        .find(|i| bits(&got[*i..=*i]) != bits(&want[*i..=*i]) && !(got[*i].is_nan() && want[*i].is_nan()));
    assert_eq!(differs, None, "of lines of {columns}");
    assert!(computed.bytes() <= 32 << 20);
}
