//! The type of the cells of an array in a file.

use std::fmt;
use std::str::FromStr;

use super::error::ArrayError;

/// The type of an array's cells.
///
/// As text: `bool u8 i8 u16 i16 u32 i32 u64 i64 f16 f32 f64 c64 c128`, where the number is that of the bits, with `be` at
/// the end for cells whose first byte is the most significant (otherwise it is the least); NumPy's long names (`uint8`,
/// `float32`, `complex64`); and NumPy's type strings with a byte order (`<f4`, `>i2`, `|u1`), where the number is that of
/// the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dtype {
    number: Number,
    big: bool,
}

/// How complex numbers are converted to real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Component {
    /// The magnitude.
    #[default]
    Magnitude,
    /// The power in dB: 10·log₁₀ of the squared magnitude; −∞ for 0.
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Number {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    F32,
    F64,
    C64,
    C128,
}

/// Each number with its word, NumPy's long name, NumPy's code and its bytes.
const NUMBERS: [(Number, &str, &str, &str, usize); 14] = [
    (Number::Bool, "bool", "bool", "b1", 1),
    (Number::U8, "u8", "uint8", "u1", 1),
    (Number::I8, "i8", "int8", "i1", 1),
    (Number::U16, "u16", "uint16", "u2", 2),
    (Number::I16, "i16", "int16", "i2", 2),
    (Number::U32, "u32", "uint32", "u4", 4),
    (Number::I32, "i32", "int32", "i4", 4),
    (Number::U64, "u64", "uint64", "u8", 8),
    (Number::I64, "i64", "int64", "i8", 8),
    (Number::F16, "f16", "float16", "f2", 2),
    (Number::F32, "f32", "float32", "f4", 4),
    (Number::F64, "f64", "float64", "f8", 8),
    (Number::C64, "c64", "complex64", "c8", 8),
    (Number::C128, "c128", "complex128", "c16", 16),
];

const EXPECTED: &str =
    "expected bool, an integer of 1, 2, 4 or 8 bytes, a float of 2, 4 or 8 bytes, or a complex number of 8 or 16 bytes";
const WORDS: &str = "expected one of bool u8 i8 u16 i16 u32 i32 u64 i64 f16 f32 f64 c64 c128, with be at the end for \
                     big-endian, or NumPy's name of it, such as uint8 or <f4";

impl Dtype {
    /// Unsigned bytes.
    pub const U8: Self = Self { number: Number::U8, big: false };
    /// 32-bit floats, the least significant byte first.
    pub const F32: Self = Self { number: Number::F32, big: false };

    /// 16-bit numbers without a sign, in the machine's order of bytes.
    #[cfg(feature = "images")]
    pub(super) const NATIVE_U16: Self = Self { number: Number::U16, big: cfg!(target_endian = "big") };
    /// 32-bit floats in the machine's order of bytes.
    #[cfg(feature = "images")]
    pub(super) const NATIVE_F32: Self = Self { number: Number::F32, big: cfg!(target_endian = "big") };

    /// The type of this code of NumPy's, such as `f4`, in the machine's order of bytes.
    #[cfg(feature = "images")]
    pub(super) fn native(code: &str) -> Self {
        let (number, ..) = NUMBERS.into_iter().find(|(_, _, _, known, _)| *known == code).unwrap_or(NUMBERS[1]);
        Self { number, big: cfg!(target_endian = "big") }
    }

    fn entry(self) -> (Number, &'static str, &'static str, &'static str, usize) {
        NUMBERS.into_iter().find(|(number, ..)| *number == self.number).unwrap_or(NUMBERS[0])
    }

    /// Bytes of a cell.
    pub fn bytes(self) -> usize {
        self.entry().4
    }

    /// Whether cells are complex numbers.
    pub fn is_complex(self) -> bool {
        matches!(self.number, Number::C64 | Number::C128)
    }

    /// Whether cells are floating-point numbers.
    pub(super) fn is_float(self) -> bool {
        matches!(self.number, Number::F16 | Number::F32 | Number::F64)
    }

    /// NumPy's type string, as in the `descr` of a `.npy` file: byte order, kind and bytes.
    ///
    /// # Errors
    /// A description of the error.
    pub(super) fn from_descr(descr: &str) -> Result<Self, &'static str> {
        let (big, code) = match descr.as_bytes().first() {
            Some(b'<' | b'|') => (false, &descr[1..]),
            Some(b'>') => (true, &descr[1..]),
            Some(b'=') => (cfg!(target_endian = "big"), &descr[1..]),
            _ => (cfg!(target_endian = "big"), descr),
        };
        if let Some((number, ..)) = NUMBERS.into_iter().find(|(_, _, _, known, _)| *known == code) {
            return Ok(Self { number, big });
        }
        Err(match code.as_bytes().first() {
            Some(b'O') => {
                "the cells are Python objects, which only Python can read: expected numbers (save the array with a dtype \
                 of numbers)"
            }
            Some(b'S' | b'a' | b'U') => "the cells are texts: expected numbers",
            Some(b'V') => "the cells are records or raw bytes: expected numbers",
            Some(b'M' | b'm') => "the cells are dates or times: expected numbers",
            _ if matches!(code, "f12" | "f16" | "c24" | "c32") => {
                "the cells are long doubles, which differ from machine to machine: expected floats of 8 bytes at most"
            }
            _ => EXPECTED,
        })
    }

    /// Appends the cells in `bytes`, of which there are whole ones.
    pub(super) fn decode(self, bytes: &[u8], component: Component, out: &mut Vec<f32>) {
        let big = self.big;
        match self.number {
            Number::Bool => out.extend(bytes.iter().map(|byte| f32::from(u8::from(*byte != 0)))),
            Number::U8 => out.extend(bytes.iter().map(|byte| f32::from(*byte))),
            Number::I8 => out.extend(bytes.iter().map(|byte| f32::from(byte.cast_signed()))),
            Number::U16 => cells(bytes, big, out, |cell| f32::from(u16::from_le_bytes(cell))),
            Number::I16 => cells(bytes, big, out, |cell| f32::from(i16::from_le_bytes(cell))),
            Number::U32 => cells(bytes, big, out, |cell| u32::from_le_bytes(cell) as f32),
            Number::I32 => cells(bytes, big, out, |cell| i32::from_le_bytes(cell) as f32),
            Number::U64 => cells(bytes, big, out, |cell| u64::from_le_bytes(cell) as f32),
            Number::I64 => cells(bytes, big, out, |cell| i64::from_le_bytes(cell) as f32),
            Number::F16 => cells(bytes, big, out, |cell| half::f16::from_le_bytes(cell).to_f32()),
            Number::F32 => cells(bytes, big, out, f32::from_le_bytes),
            Number::F64 => cells(bytes, big, out, |cell| f64::from_le_bytes(cell) as f32),
            Number::C64 => pairs(bytes, big, component, out, |cell| f64::from(f32::from_le_bytes(cell))),
            Number::C128 => pairs(bytes, big, component, out, f64::from_le_bytes),
        }
    }
}

/// Appends cells of `N` bytes.
fn cells<const N: usize>(bytes: &[u8], big: bool, out: &mut Vec<f32>, value: impl Fn([u8; N]) -> f32) {
    let cells = bytes.as_chunks::<N>().0;
    if big {
        out.extend(cells.iter().map(|cell| {
            let mut cell = *cell;
            cell.reverse();
            value(cell)
        }));
    } else {
        out.extend(cells.iter().map(|cell| value(*cell)));
    }
}

/// Appends complex cells, each of two numbers of `N` bytes.
fn pairs<const N: usize>(
    bytes: &[u8],
    big: bool,
    component: Component,
    out: &mut Vec<f32>,
    value: impl Fn([u8; N]) -> f64,
) {
    let number = |cell: &[u8; N]| {
        let mut cell = *cell;
        if big {
            cell.reverse();
        }
        value(cell)
    };
    out.extend(bytes.as_chunks::<N>().0.as_chunks::<2>().0.iter().map(|[re, im]| {
        let magnitude = number(re).hypot(number(im));
        match component {
            Component::Magnitude => magnitude as f32,
            // The square may not fit.
            Component::Power => (20.0 * magnitude.log10()) as f32,
        }
    }));
}

impl FromStr for Dtype {
    type Err = ArrayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim();
        let wrong = |reason| ArrayError::DtypeWord { got: text.to_owned(), reason };
        if word.starts_with(['<', '>', '|', '=']) || word == "O" || word == "object" {
            let descr = if word == "object" { "O" } else { word };
            return Self::from_descr(descr).map_err(wrong);
        }
        let (name, big) = match word.strip_suffix("be") {
            Some(name) => (name, true),
            None => (word.strip_suffix("le").unwrap_or(word), false),
        };
        let name = name.to_ascii_lowercase();
        let found = NUMBERS.into_iter().find(|(_, word, long, ..)| *word == name || *long == name);
        found.map(|(number, ..)| Self { number, big }).ok_or_else(|| wrong(WORDS))
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().1)?;
        f.write_str(if self.big && self.bytes() > 1 { "be" } else { "" })
    }
}
