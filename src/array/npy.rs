//! The header of a `.npy` file: a Python dictionary with `descr`, `fortran_order` and `shape`.

use std::path::Path;

use super::Order;
use super::data::Data;
use super::dtype::Dtype;
use super::error::ArrayError;

/// The content of a `.npy` header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) order: Order,
    pub(super) shape: Vec<u64>,
    /// Where the data begin.
    pub(super) offset: u64,
}

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, in bytes. NumPy reads no more than 10,000 unless told otherwise.
const MOST: u64 = 1 << 20;

/// A value in the dictionary.
enum Item {
    Text(String),
    Bool(bool),
    Numbers(Vec<u64>),
    /// The `descr` of records.
    List,
}

impl Header {
    pub(super) fn read(path: &Path, data: &Data) -> Result<Self, ArrayError> {
        let length = data.length().map_err(|source| ArrayError::Read { path: path.to_owned(), source })?;
        let bytes = |offset: u64, out: &mut [u8]| {
            let expected = offset + out.len() as u64;
            data.read_at(offset, out).map_err(|(done, error)| match error {
                Some(source) => ArrayError::Read { path: path.to_owned(), source },
                None => {
                    let got = length.min(offset + done as u64);
                    ArrayError::HeaderTruncated { path: path.to_owned(), expected, got }
                }
            })
        };
        let mut magic = [0; 6];
        let there = length.min(6) as usize;
        bytes(0, &mut magic[..there])?;
        if magic[..there] != MAGIC[..there] || there == 0 {
            let got = if there == 0 { "an empty file".to_owned() } else { format!("{:02x?}", &magic[..there]) };
            return Err(ArrayError::Magic { path: path.to_owned(), got });
        }
        let mut start = [0; 12];
        bytes(6, &mut start[..4])?;
        let [major, minor, ..] = start;
        let (text_at, text_length) = match (major, minor) {
            (1, 0) => (10, u64::from(u16::from_le_bytes([start[2], start[3]]))),
            (2 | 3, 0) => {
                let mut four = [0; 4];
                bytes(8, &mut four)?;
                (12, u64::from(u32::from_le_bytes(four)))
            }
            _ => return Err(ArrayError::Version { path: path.to_owned(), major, minor }),
        };
        if text_length > MOST {
            return Err(ArrayError::HeaderLength { path: path.to_owned(), got: text_length, most: MOST });
        }
        let mut text = vec![0; text_length as usize];
        bytes(text_at, &mut text)?;
        let parser = Parser { path, text: &text, at: 0, base: text_at };
        parser.header(text_at + text_length)
    }
}

/// Reads Python literals, as far as they occur.
struct Parser<'a> {
    path: &'a Path,
    text: &'a [u8],
    at: usize,
    /// Where the text begins in the file.
    base: u64,
}

impl Parser<'_> {
    fn header(mut self, data: u64) -> Result<Header, ArrayError> {
        let (mut dtype, mut order, mut shape) = (None, None, None);
        self.expect(b'{', "a dictionary, { …")?;
        while !self.takes(b'}') {
            let key_at = self.at;
            let key = self.text("a key in quotes, or }")?;
            self.expect(b':', ": after a key")?;
            self.space();
            let value_at = self.at;
            let value = self.item()?;
            match (key.as_str(), value) {
                ("descr", Item::Text(descr)) if dtype.is_none() => {
                    let wrong = |reason| ArrayError::Dtype { path: self.path.to_owned(), got: descr.clone(), reason };
                    dtype = Some(Dtype::from_descr(&descr).map_err(wrong)?);
                }
                ("descr", Item::List) if dtype.is_none() => {
                    let reason = "the cells are records of several fields: expected one number a cell";
                    let end = self.at.min(value_at + 60);
                    let got = String::from_utf8_lossy(&self.text[value_at..end]).into_owned();
                    return Err(ArrayError::Dtype { path: self.path.to_owned(), got, reason });
                }
                ("fortran_order", Item::Bool(fortran)) if order.is_none() => {
                    order = Some(if fortran { Order::Fortran } else { Order::C });
                }
                ("shape", Item::Numbers(lengths)) if shape.is_none() => shape = Some(lengths),
                ("descr", _) => return self.fails(value_at, "one descr, a text in quotes"),
                ("fortran_order", _) => return self.fails(value_at, "one fortran_order, True or False"),
                ("shape", _) => return self.fails(value_at, "one shape, a tuple of whole numbers"),
                _ => return self.fails(key_at, "no other keys than descr, fortran_order and shape"),
            }
            if !self.takes(b',') {
                self.expect(b'}', ", or } after a value")?;
                break;
            }
        }
        self.space();
        if self.at < self.text.len() {
            return self.fails(self.at, "nothing but spaces after the dictionary");
        }
        let end = self.at;
        let Some(dtype) = dtype else { return self.fails(end, "the key descr") };
        let Some(order) = order else { return self.fails(end, "the key fortran_order") };
        let Some(shape) = shape else { return self.fails(end, "the key shape") };
        if shape.iter().try_fold(1_u64, |cells, length| cells.checked_mul(*length)).is_none() {
            return Err(ArrayError::Overflow { path: self.path.to_owned(), shape });
        }
        Ok(Header { dtype, order, shape, offset: data })
    }

    fn fails<T>(&self, at: usize, expected: &'static str) -> Result<T, ArrayError> {
        Err(ArrayError::Header { path: self.path.to_owned(), offset: self.base + at as u64, expected })
    }

    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Whether this byte is next, after spaces; then it is passed over.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), ArrayError> {
        if self.takes(byte) { Ok(()) } else { self.fails(self.at, expected) }
    }

    /// A text in quotes, without escapes.
    fn text(&mut self, expected: &'static str) -> Result<String, ArrayError> {
        self.space();
        let Some(quote @ (b'\'' | b'"')) = self.text.get(self.at).copied() else {
            return self.fails(self.at, expected);
        };
        let rest = &self.text[self.at + 1..];
        let Some(length) = rest.iter().position(|byte| *byte == quote || *byte == b'\\' || *byte == b'\n') else {
            return self.fails(self.at, "an end of this text");
        };
        if rest[length] != quote {
            return self.fails(self.at + 1 + length, "a text without escapes, on one line");
        }
        let Ok(text) = std::str::from_utf8(&rest[..length]) else {
            return self.fails(self.at, "a text in UTF-8");
        };
        self.at += length + 2;
        Ok(text.to_owned())
    }

    fn item(&mut self) -> Result<Item, ArrayError> {
        match self.text.get(self.at) {
            Some(b'\'' | b'"') => Ok(Item::Text(self.text("a text")?)),
            Some(b'(') => Ok(Item::Numbers(self.numbers()?)),
            Some(b'[') => self.list(),
            _ => {
                for (word, value) in [(&b"True"[..], true), (b"False", false)] {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(Item::Bool(value));
                    }
                }
                self.fails(self.at, "a text in quotes, True, False, or a tuple of whole numbers")
            }
        }
    }

    /// `(1, 2)`, `(1,)` or `()`. Python 2 wrote `(1L, 2L)`.
    fn numbers(&mut self) -> Result<Vec<u64>, ArrayError> {
        self.expect(b'(', "a tuple")?;
        let mut numbers = Vec::new();
        while !self.takes(b')') {
            let start = self.at;
            while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
                self.at += 1;
            }
            let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
            let Ok(number) = digits.parse() else {
                return self.fails(start, "a length of a dimension from 0 to 2^64 - 1");
            };
            numbers.push(number);
            if self.text.get(self.at) == Some(&b'L') {
                self.at += 1;
            }
            if !self.takes(b',') {
                self.expect(b')', ", or ) after a length")?;
                break;
            }
        }
        Ok(numbers)
    }

    /// Passes over a list of anything.
    fn list(&mut self) -> Result<Item, ArrayError> {
        let (start, mut depth) = (self.at, 0_usize);
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'[' | b'(' => depth += 1,
                b']' | b')' => depth -= 1,
                b'\'' | b'"' => {
                    self.text("a text")?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(Item::List);
            }
        }
        self.fails(start, "an end of this list")
    }
}
