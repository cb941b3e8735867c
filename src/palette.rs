//! Colormaps from palette files (CSV and JSON).

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use crate::colormap::Colormap;

/// The longest file that is read, in bytes: 256 colours take a few kilobytes, however they are written.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a colormap from a file of 2 to 256 colours, lowest value first; see [`Colormap::from_colors`] for what becomes of
/// fewer than 256.
///
/// - **CSV**: a colour a line, red, green and blue with commas between them. The first line may be the header `r,g,b` (or
///   `red,green,blue`); empty lines, and lines that begin with `#`, are passed over. The map is called as the file is,
///   without its extension.
/// - **JSON**: `[[r, g, b], …]`, or `{"name": "…", "colors": [[r, g, b], …]}`, where the name may be left out.
///
/// A file is JSON if its name ends in `.json`, or if its first character is `[` or `{`; all others are CSV. Text is UTF-8.
///
/// The numbers are whole, from 0 to 255, sRGB-encoded. Where any of them is written with a decimal point (or an exponent)
/// and all are from 0 to 1, they are taken as fractions of 255 instead, and rounded to the nearest.
///
/// # Errors
/// A file that cannot be read, that is no text or longer than 1 MiB, and anything in it that is not as described: the error
/// names the file, the place in it, what was expected and what was there.
pub fn load(path: &Path) -> Result<Colormap, PaletteError> {
    let text = read(path)?;
    let text = text.trim_start_matches('\u{feff}');
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let (name, entries) = if json || text.trim_start().starts_with(['[', '{']) {
        parse_json(path, text)?
    } else {
        (None, parse_csv(path, text)?)
    };
    let colors = bytes(path, &entries)?;
    let name = name.unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    Colormap::from_colors(name, &colors)
        .map_err(|_| PaletteError::ColorCount { path: path.to_owned(), got: colors.len() })
}

/// The whole file as text.
fn read(path: &Path) -> Result<String, PaletteError> {
    let unreadable = |source| PaletteError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // One byte more than is allowed tells a file that is too long from one that just fits, whatever its metadata say.
    File::open(path).map_err(unreadable)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(PaletteError::TooLong { path: path.to_owned() });
    }
    String::from_utf8(bytes)
        .map_err(|error| PaletteError::NotText { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// A colour as it is in the file.
struct Entry {
    place: Place,
    channels: [Number; 3],
}

/// A number, and how it was written.
struct Number {
    value: f64,
    text: String,
}

impl Number {
    /// Whether it is written as a whole number: `1`, but not `1.0`.
    fn is_whole(&self) -> bool {
        !self.text.contains(['.', 'e', 'E'])
    }
}

/// Line by line, since a message that names the wrong line is worse than none, and a line of three numbers needs no parser.
fn parse_csv(path: &Path, text: &str) -> Result<Vec<Entry>, PaletteError> {
    let mut entries = Vec::new();
    let mut may_be_header = true;
    for (line, index) in text.lines().zip(1..) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split(',').map(unquoted).collect();
        if std::mem::take(&mut may_be_header) && is_header(&fields) {
            continue;
        }
        let place = Place::Line(index);
        let channels = csv_channels(&fields).ok_or_else(|| PaletteError::NotAColor {
            path: path.to_owned(),
            place,
            expected: "three numbers with commas between them",
            got: excerpt(line),
        })?;
        entries.push(Entry { place, channels });
    }
    Ok(entries)
}

/// A field without the space around it, and without the quotes that some programs put around every field.
fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(field)
}

fn is_header(fields: &[&str]) -> bool {
    let names = [["r", "red"], ["g", "green"], ["b", "blue"]];
    fields.len() == 3
        && fields.iter().zip(names).all(|(field, names)| names.iter().any(|name| field.eq_ignore_ascii_case(name)))
}

fn csv_channels(fields: &[&str]) -> Option<[Number; 3]> {
    let number = |text: &&str| Some(Number { value: text.parse().ok()?, text: (*text).to_owned() });
    let numbers: Option<Vec<Number>> = fields.iter().map(number).collect();
    numbers?.try_into().ok()
}

fn parse_json(path: &Path, text: &str) -> Result<(Option<String>, Vec<Entry>), PaletteError> {
    let shape =
        |expected, got: &Value| PaletteError::Shape { path: path.to_owned(), expected, got: excerpt(&got.to_string()) };
    let document: Value = serde_json::from_str(text)
        .map_err(|error| PaletteError::Json { path: path.to_owned(), reason: error.to_string() })?;
    let (name, colors) = match document {
        Value::Array(colors) => (None, colors),
        Value::Object(mut fields) => {
            let name = match fields.remove("name") {
                None => None,
                Some(Value::String(name)) => Some(name),
                Some(other) => return Err(shape("\"name\" to be a string", &other)),
            };
            match fields.remove("colors") {
                Some(Value::Array(colors)) => (name, colors),
                Some(other) => return Err(shape("\"colors\" to be a list of [r, g, b]", &other)),
                None => return Err(shape("a field \"colors\"", &Value::Object(fields))),
            }
        }
        other => {
            return Err(shape("a list of [r, g, b], or an object with the field \"colors\"", &other));
        }
    };
    let mut entries = Vec::with_capacity(colors.len());
    for (index, color) in colors.iter().enumerate() {
        let place = Place::Color(index + 1);
        entries.push(Entry {
            place,
            channels: json_channels(color).ok_or_else(|| PaletteError::NotAColor {
                path: path.to_owned(),
                place,
                expected: "a list of three numbers",
                got: excerpt(&color.to_string()),
            })?,
        });
    }
    Ok((name, entries))
}

fn json_channels(color: &Value) -> Option<[Number; 3]> {
    let numbers: Option<Vec<Number>> = color
        .as_array()?
        .iter()
        .map(|channel| Some(Number { value: channel.as_f64()?, text: channel.to_string() }))
        .collect();
    numbers?.try_into().ok()
}

/// The beginning of what is there, for an error's text.
fn excerpt(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The numbers as bytes, taken as fractions or as whole numbers, whichever the file as a whole is in.
fn bytes(path: &Path, entries: &[Entry]) -> Result<Vec<[u8; 3]>, PaletteError> {
    let numbers = || entries.iter().flat_map(|entry| &entry.channels);
    let fractions = numbers().any(|n| !n.is_whole()) && numbers().all(|n| (0.0..=1.0).contains(&n.value));
    let mut colors = Vec::with_capacity(entries.len());
    for Entry { place, channels } in entries {
        let mut color = [0; 3];
        for (byte, number) in color.iter_mut().zip(channels) {
            let value = if fractions { (number.value * 255.0).round() } else { number.value };
            if !(0.0..=255.0).contains(&value) || !(fractions || number.is_whole()) {
                return Err(PaletteError::Channel { path: path.to_owned(), place: *place, got: excerpt(&number.text) });
            }
            *byte = value as u8;
        }
        colors.push(color);
    }
    Ok(colors)
}

/// Where in a palette's file something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The line of a CSV file, from 1.
    Line(u64),
    /// The number of the colour in a JSON file's list, from 1.
    Color(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Color(number) => write!(f, "colour {number}"),
        }
    }
}

/// Why a file is no palette.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PaletteError {
    /// The file cannot be opened or read.
    #[error("cannot read the palette {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is far longer than a palette can be.
    #[error("{}: expected a palette of at most {MAX_BYTES} bytes, the file is longer", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The file is not UTF-8.
    #[error("{}: expected a palette in UTF-8 text (CSV or JSON), byte {offset} is not", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
    },
    /// The file is not JSON, though its name or its first character says so.
    #[error("{}: expected JSON: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What and where, in the words of the JSON reader.
        reason: String,
    },
    /// The file is JSON, but something else than a palette.
    #[error("{}: expected {expected}, got {got}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What should be there.
        expected: &'static str,
        /// What is there, or its beginning.
        got: String,
    },
    /// A line or an entry is something else than a colour.
    #[error("{}, {place}: expected {expected}, got {got:?}", path.display())]
    NotAColor {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        place: Place,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        got: String,
    },
    /// A number is out of range, or not whole.
    #[error(
        "{}, {place}: expected whole numbers from 0 to 255 (or, in the whole file, fractions from 0 to 1), got {got}",
        path.display()
    )]
    Channel {
        /// The file.
        path: PathBuf,
        /// Where in the file.
        place: Place,
        /// The number as it is written there.
        got: String,
    },
    /// Too few or too many colours.
    #[error("{}: expected 2 to 256 colours, got {got}", path.display())]
    ColorCount {
        /// The file.
        path: PathBuf,
        /// How many there are.
        got: usize,
    },
}

#[cfg(test)]
mod tests;
