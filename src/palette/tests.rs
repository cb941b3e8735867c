//! Palettes of every kind, good and bad.

use super::*;
use std::error::Error as _;

fn file(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[track_caller]
fn colors(name: &str, content: &str, expected: &[[u8; 3]]) -> Colormap {
    let (_folder, path) = file(name, content);
    let map = load(&path).unwrap();
    let expected = Colormap::from_colors(map.name(), expected).unwrap();
    assert_eq!(map.lut(), expected.lut(), "{content:?}");
    map
}

/// The error's text, after the file's name.
#[track_caller]
fn error(name: &str, content: impl AsRef<[u8]>) -> String {
    let (_folder, path) = file(name, content);
    let text = load(&path).unwrap_err().to_string();
    text.strip_prefix(&path.display().to_string()).expect("the file comes first").to_owned()
}

const RGB: [[u8; 3]; 3] = [[255, 0, 0], [0, 128, 0], [0, 0, 255]];

#[test]
fn csv_in_every_form() {
    for content in [
        "255,0,0\n0,128,0\n0,0,255\n",
        "255,0,0\n0,128,0\n0,0,255",
        "255,0,0\r\n0,128,0\r\n0,0,255\r\n",
        "r,g,b\n255,0,0\n0,128,0\n0,0,255\n",
        "# mine\n\nRed, Green, Blue\n\n 255 ,0,\t0\n  # the middle\n   \n0,128,0\n0,0,255\n\n",
        "\u{feff}r,g,b\n255,0,0\n0,128,0\n0,0,255\n",
        "\"255\",\"0\",\"0\"\n0,128,0\n0,0,255\n",
        "+255,00,-0\n0,128,0\n0,0,255\n",
    ] {
        assert_eq!(colors("mine.csv", content, &RGB).name(), "mine");
        colors("no extension", content, &RGB);
    }
}

#[test]
fn json_in_every_form() {
    let list = "[[255, 0, 0], [0, 128, 0],\n [0, 0, 255]]";
    assert_eq!(colors("mine.json", list, &RGB).name(), "mine");
    assert_eq!(colors("mine.pal", &format!("\u{feff} \n{list}"), &RGB).name(), "mine");
    assert_eq!(colors("a.JSON", &format!("{{\"colors\": {list}}}"), &RGB).name(), "a");
    assert_eq!(colors("a", &format!("{{\"name\": \"b\", \"colors\": {list}, \"by\": 1}}"), &RGB).name(), "b");
}

#[test]
fn fractions() {
    // 0.5 · 255 = 127.5, up to 128; 0.1 · 255 = 25.5, which is 25.500000000000000 or a little more in binary.
    colors("a.csv", "0,0,0\n0.5,1,0.25\n", &[[0, 0, 0], [128, 255, 64]]);
    colors("a.csv", "0.0,0.0,0.0\n1.0,1.0,1.0\n", &[[0; 3], [255; 3]]);
    colors("a.csv", "0,0,0\n1,1e-3,1\n", &[[0; 3], [255, 0, 255]]);
    colors("a.json", "[[0, 0, 0], [0.2, 1, 1.0]]", &[[0; 3], [51, 255, 255]]);
    // Whole numbers stay whole numbers, however small.
    colors("a.csv", "0,0,0\n1,1,1\n", &[[0; 3], [1; 3]]);
    colors("a.json", "[[0, 0, 0], [1, 1, 1]]", &[[0; 3], [1; 3]]);
}

#[test]
fn two_and_256_colours_are_enough_and_not_too_many() {
    let lines: String = (0..=255).map(|i| format!("{i},{},7\n", 255 - i)).collect();
    let expected: Vec<[u8; 3]> = (0..=255).map(|i| [i, 255 - i, 7]).collect();
    colors("a.csv", &lines, &expected);
    colors("a.csv", "1,2,3\n4,5,6\n", &[[1, 2, 3], [4, 5, 6]]);
    for (content, got) in [
        (String::new(), 0),
        ("# nothing\n\n".into(), 0),
        ("r,g,b\n".into(), 0),
        ("1,2,3\n".into(), 1),
        ("1,2,3\n".repeat(257), 257),
    ] {
        assert_eq!(error("a.csv", &content), format!(": expected 2 to 256 colours, got {got}"));
    }
    assert_eq!(error("a.json", "[]"), ": expected 2 to 256 colours, got 0");
    assert_eq!(error("a.json", "[[1, 2, 3]]"), ": expected 2 to 256 colours, got 1");
}

#[test]
fn csv_lines_that_are_no_colour() {
    let three = "expected three numbers with commas between them, got";
    for (content, expected) in [
        ("1,2,3\n4,5\n", format!(", line 2: {three} \"4,5\"")),
        ("1,2,3\n4,5,6,7\n", format!(", line 2: {three} \"4,5,6,7\"")),
        ("r,g,b\n\n# c\n1,2,3\n\n\n# d\n1,2,\n", format!(", line 8: {three} \"1,2,\"")),
        ("1,2,3\n4,5,blue\n", format!(", line 2: {three} \"4,5,blue\"")),
        ("1;2;3\n4;5;6\n", format!(", line 1: {three} \"1;2;3\"")),
        ("1 2 3\n4 5 6\n", format!(", line 1: {three} \"1 2 3\"")),
        ("b,g,r\n1,2,3\n4,5,6\n", format!(", line 1: {three} \"b,g,r\"")),
        ("1,2,3\nr,g,b\n4,5,6\n", format!(", line 2: {three} \"r,g,b\"")),
        ("1,2,3\r\n\r\n4,5\r\n", format!(", line 3: {three} \"4,5\"")),
        ("1,2,3\n\"4,5,6\"\n", format!(", line 2: {three} \"\\\"4,5,6\\\"\"")),
        ("1,2,3\n4,5", format!(", line 2: {three} \"4,5\"")),
        (",,\n1,2,3\n4,5,6\n", format!(", line 1: {three} \",,\"")),
    ] {
        assert_eq!(error("a.csv", content), expected, "{content:?}");
    }
}

#[test]
fn numbers_that_are_no_byte() {
    let whole = "expected whole numbers from 0 to 255 (or, in the whole file, fractions from 0 to 1), got";
    for (content, expected) in [
        ("1,2,3\n4,256,6\n", format!(", line 2: {whole} 256")),
        ("1,2,3\n4,5,-1\n", format!(", line 2: {whole} -1")),
        ("1,2,3\n4,5.5,6\n", format!(", line 2: {whole} 5.5")),
        ("0.5,0,0\n0,0,1.01\n", format!(", line 1: {whole} 0.5")),
        ("0,0,0\n-0.1,0,0\n", format!(", line 2: {whole} -0.1")),
        ("1,2,3\nNaN,0,0\n", format!(", line 2: {whole} NaN")),
        ("1,2,3\ninf,0,0\n", format!(", line 2: {whole} inf")),
        ("1,2,3\n1e400,0,0\n", format!(", line 2: {whole} 1e400")),
    ] {
        assert_eq!(error("a.csv", content), expected, "{content:?}");
    }
    assert_eq!(error("a.json", "[[1, 2, 3], [1, 2, 300]]"), format!(", colour 2: {whole} 300"));
    assert_eq!(error("a.json", "[[1, 2, -3], [1, 2, 3]]"), format!(", colour 1: {whole} -3"));
    assert_eq!(error("a.json", "[[0.5, 2, 3], [1, 2, 3]]"), format!(", colour 1: {whole} 0.5"));
}

#[test]
fn json_that_is_no_palette() {
    let three = "expected a list of three numbers, got";
    for (content, expected) in [
        ("[[1, 2, 3], [4, 5]]", format!(", colour 2: {three} \"[4,5]\"")),
        ("[[1, 2, 3, 4], [4, 5, 6]]", format!(", colour 1: {three} \"[1,2,3,4]\"")),
        ("[[1, 2, 3], [4, 5, null]]", format!(", colour 2: {three} \"[4,5,null]\"")),
        ("[1, 2, 3]", format!(", colour 1: {three} \"1\"")),
        ("7", ": expected a list of [r, g, b], or an object with the field \"colors\", got 7".into()),
        ("{\"colours\": 1}", ": expected a field \"colors\", got {\"colours\":1}".into()),
        ("{\"colors\": 1}", ": expected \"colors\" to be a list of [r, g, b], got 1".into()),
        ("{\"name\": 1, \"colors\": []}", ": expected \"name\" to be a string, got 1".into()),
    ] {
        assert_eq!(error("a.json", content), expected, "{content:?}");
    }
    for (content, place) in
        [("[[1, 2, 3],\n [4, 5, 6", "line 2 column 9"), ("", "line 1 column 0"), ("{}x", "line 1 column 3")]
    {
        let text = error("a.json", content);
        assert!(text.starts_with(": expected JSON: ") && text.ends_with(place), "{text}");
    }
    assert!(error("a.json", "1,2,3\n4,5,6\n").starts_with(": expected JSON: "));
    assert!(error("a.csv", "[[1,2,3").starts_with(": expected JSON: "));
    let long = error("a.json", format!("\"{}\"", "ü".repeat(1000)));
    assert!(long.ends_with("ü…") && long.chars().count() < 160, "{long}");
}

#[test]
fn files_that_are_no_text() {
    assert_eq!(error("a.csv", b"1,2,3\n\xff\xfe\n"), ": expected a palette in UTF-8 text (CSV or JSON), byte 6 is not");
    let just = "#".repeat(1 << 20);
    assert_eq!(error("a.csv", &just), ": expected 2 to 256 colours, got 0");
    assert_eq!(error("a.csv", just + "#"), ": expected a palette of at most 1048576 bytes, the file is longer");
}

#[test]
fn files_that_cannot_be_read() {
    let (folder, path) = file("a.csv", "");
    let missing = load(&path.with_file_name("b.csv")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read the palette ") && missing.to_string().ends_with("b.csv"));
    assert!(missing.source().is_some(), "the system's reason is in the chain");
    assert!(matches!(load(folder.path()), Err(PaletteError::Read { .. })), "a folder");
}
