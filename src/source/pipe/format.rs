//! How raw numbers are written.

use std::fmt;
use std::str::FromStr;

use crate::dsp::SampleKind;
use crate::source::SourceError;

/// How the numbers of a raw stream are written: their type, and whether two of them, I and Q, make a complex sample.
///
/// As text: `u8 s8 u16 s16 s24 u32 s32 f32 f64`, with a `c` in front for complex samples (`cu8 cs16 cf32` …), and with `be` at the
/// end for numbers whose first byte is the most significant (`s16be`); otherwise it is the least.
///
/// Integers are full scale at ±1, as in a sound file: `s16` is divided by 32,768, and unsigned ones are zero in the
/// middle, `u8` at 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFormat {
    number: Number,
    kind: SampleKind,
    big: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    U8,
    S8,
    U16,
    S16,
    S24,
    U32,
    S32,
    F32,
    F64,
    #[cfg(feature = "audio-files")]
    ALaw,
    #[cfg(feature = "audio-files")]
    MuLaw,
}

/// The numbers, their words, and how many bytes they take.
const NUMBERS: [(Number, &str, usize); 9] = [
    (Number::U8, "u8", 1),
    (Number::S8, "s8", 1),
    (Number::U16, "u16", 2),
    (Number::S16, "s16", 2),
    (Number::S24, "s24", 3),
    (Number::U32, "u32", 4),
    (Number::S32, "s32", 4),
    (Number::F32, "f32", 4),
    (Number::F64, "f64", 8),
];

impl RawFormat {
    /// Unsigned bytes, 128 at zero.
    pub const U8: Self = Self { number: Number::U8, kind: SampleKind::Real, big: false };
    /// 32-bit floats.
    pub const F32: Self = Self { number: Number::F32, kind: SampleKind::Real, big: false };

    /// Bytes by the A-law of ITU-T G.711, as they are in WAV files; there is no word for them.
    #[cfg(feature = "audio-files")]
    pub(in crate::source) const A_LAW: Self = Self { number: Number::ALaw, kind: SampleKind::Real, big: false };
    /// The same by its µ-law.
    #[cfg(feature = "audio-files")]
    pub(in crate::source) const MU_LAW: Self = Self { number: Number::MuLaw, kind: SampleKind::Real, big: false };

    /// Complex samples of unsigned bytes, 128 at zero.
    pub const CU8: Self = Self { number: Number::U8, kind: SampleKind::Complex, big: false };
    /// Complex samples of 16-bit integers.
    pub const CS16: Self = Self { number: Number::S16, kind: SampleKind::Complex, big: false };
    /// Complex samples of 32-bit floats.
    pub const CF32: Self = Self { number: Number::F32, kind: SampleKind::Complex, big: false };

    /// Real or complex.
    pub fn kind(self) -> SampleKind {
        self.kind
    }

    /// Bytes of a number.
    pub fn number_bytes(self) -> usize {
        self.entry().2
    }

    /// Bytes of a sample: of one number, or of two.
    pub fn sample_bytes(self) -> usize {
        self.number_bytes() * self.kind.values_per_sample()
    }

    fn entry(self) -> (Number, &'static str, usize) {
        NUMBERS.into_iter().find(|(number, ..)| *number == self.number).unwrap_or(NUMBERS[0])
    }

    /// All words, for messages and help.
    pub fn words() -> String {
        let plain = NUMBERS.map(|(_, word, _)| word).join(" ");
        let complex = NUMBERS.map(|(_, word, _)| format!("c{word}")).join(" ");
        format!("{plain} {complex}, with be at the end for big-endian")
    }

    /// Appends the numbers in `bytes`, of which there are whole ones. Integers are multiplied by `integer_scale`, a power of
    /// two, after they were brought to ±1; floats are left alone.
    pub(crate) fn decode(self, bytes: &[u8], integer_scale: f32, out: &mut Vec<f32>) {
        let big = self.big;
        // Scales are powers of two: only the conversion of more than 24 bits rounds, and it does once.
        let scale = integer_scale / self.integer_scale();
        let scaled = |value: i32| value as f32 * scale;
        match self.number {
            Number::U8 => out.extend(bytes.iter().map(|&byte| scaled(i32::from(byte) - 128))),
            Number::S8 => out.extend(bytes.iter().map(|&byte| scaled(i32::from(byte.cast_signed())))),
            Number::U16 => {
                out.extend(numbers(bytes, big).map(|two| scaled(i32::from(u16::from_le_bytes(two)) - 32_768)))
            }
            Number::S16 => out.extend(numbers(bytes, big).map(|two| scaled(i32::from(i16::from_le_bytes(two))))),
            Number::S24 => {
                out.extend(numbers(bytes, big).map(|[a, b, c]: [u8; 3]| scaled(i32::from_le_bytes([0, a, b, c]) >> 8)))
            }
            // Taking 2^31 off turns the first bit round.
            Number::U32 => {
                out.extend(numbers(bytes, big).map(|four| scaled((u32::from_le_bytes(four) ^ (1 << 31)).cast_signed())))
            }
            Number::S32 => out.extend(numbers(bytes, big).map(|four| scaled(i32::from_le_bytes(four)))),
            Number::F32 => out.extend(numbers(bytes, big).map(f32::from_le_bytes)),
            Number::F64 => out.extend(numbers(bytes, big).map(|eight| f64::from_le_bytes(eight) as f32)),
            #[cfg(feature = "audio-files")]
            Number::ALaw => out.extend(bytes.iter().map(|&byte| scaled(a_law(byte)))),
            #[cfg(feature = "audio-files")]
            Number::MuLaw => out.extend(bytes.iter().map(|&byte| scaled(mu_law(byte)))),
        }
    }

    /// What brings integers back to the numbers that were written.
    pub(super) fn integer_scale(self) -> f32 {
        match self.number {
            Number::U8 | Number::S8 => 128.0,
            Number::U16 | Number::S16 => 32_768.0,
            #[cfg(feature = "audio-files")]
            Number::ALaw | Number::MuLaw => 32_768.0,
            Number::S24 => 8_388_608.0,
            Number::U32 | Number::S32 => 2_147_483_648.0,
            Number::F32 | Number::F64 => 1.0,
        }
    }

    /// What is to be added to [`RawFormat::decode`]'s numbers, thus brought back, to have the ones that were written.
    pub(super) fn integer_offset(self) -> f32 {
        match self.number {
            Number::U8 | Number::U16 | Number::U32 => self.integer_scale(),
            _ => 0.0,
        }
    }
}

/// A byte by the A-law, as a number of 16 bits. Every second bit is inverted: then come the sign, three bits for the segment, and
/// four for the place in it. A number is in the middle of its interval.
#[cfg(feature = "audio-files")]
fn a_law(byte: u8) -> i32 {
    let bits = byte ^ 0x55;
    let (segment, step) = (i32::from(bits >> 4 & 7), i32::from(bits & 15));
    let size = if segment == 0 { 16 * step + 8 } else { (16 * step + 264) << (segment - 1) };
    if bits & 0x80 == 0 { -size } else { size }
}

/// The same by the µ-law, whose bits are all inverted, and whose segments begin 132 below.
#[cfg(feature = "audio-files")]
fn mu_law(byte: u8) -> i32 {
    let bits = !byte;
    let (segment, step) = (i32::from(bits >> 4 & 7), i32::from(bits & 15));
    let size = ((8 * step + 132) << segment) - 132;
    if bits & 0x80 == 0 { size } else { -size }
}

/// Groups of `N` bytes, the least significant first.
fn numbers<const N: usize>(bytes: &[u8], big: bool) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().map(move |&number| {
        let mut number = number;
        if big {
            number.reverse();
        }
        number
    })
}

impl FromStr for RawFormat {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim().to_ascii_lowercase();
        let (word, kind) = match word.strip_prefix('c') {
            Some(rest) => (rest, SampleKind::Complex),
            None => (word.as_str(), SampleKind::Real),
        };
        let (word, big) = match word.strip_suffix("be") {
            Some(rest) => (rest, true),
            None => (word.strip_suffix("le").unwrap_or(word), false),
        };
        let found = NUMBERS.into_iter().find(|(_, name, _)| *name == word);
        let (number, ..) = found.ok_or_else(|| SourceError::FormatWord { got: text.to_owned() })?;
        Ok(Self { number, kind, big })
    }
}

impl fmt::Display for RawFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let complex = if self.kind == SampleKind::Complex { "c" } else { "" };
        let big = if self.big && self.number_bytes() > 1 { "be" } else { "" };
        write!(f, "{complex}{}{big}", self.entry().1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(word: &str, bytes: &[u8]) -> Vec<f32> {
        let mut out = Vec::new();
        word.parse::<RawFormat>().unwrap().decode(bytes, 1.0, &mut out);
        out
    }

    #[test]
    fn numbers_are_what_was_written() {
        assert_eq!(decode("u8", &[0, 64, 128, 255]), [-1.0, -0.5, 0.0, 127.0 / 128.0]);
        assert_eq!(decode("s8", &[0x80, 0, 0x7F]), [-1.0, 0.0, 127.0 / 128.0]);
        assert_eq!(decode("u16", &[0, 0, 0, 0x80, 0, 0xC0, 0xFF, 0xFF]), [-1.0, 0.0, 0.5, 32_767.0 / 32_768.0]);
        assert_eq!(decode("u32be", &[0, 0, 0, 0, 0x80, 0, 0, 0, 0xA0, 0, 0, 0]), [-1.0, 0.0, 0.25]);
        assert_eq!(decode("s16", &[0, 0x80, 0, 0x40, 1, 0]), [-1.0, 0.5, 1.0 / 32_768.0]);
        assert_eq!(decode("s16be", &[0x80, 0, 0x40, 0, 0, 1]), [-1.0, 0.5, 1.0 / 32_768.0]);
        assert_eq!(decode("cs16le", &[0, 0x80, 0, 0x40]), [-1.0, 0.5]);
        assert_eq!(decode("s24", &[0, 0, 0x80, 0xFF, 0xFF, 0x7F]), [-1.0, 8_388_607.0 / 8_388_608.0]);
        assert_eq!(decode("s24be", &[0xC0, 0, 0]), [-0.5]);
        assert_eq!(decode("s32", &[0, 0, 0, 0x80, 0, 0, 0, 0xE0]), [-1.0, -0.25]);
        assert_eq!(decode("f32", &1.5_f32.to_le_bytes()), [1.5]);
        assert_eq!(
            decode("cf32be", &[f32::NEG_INFINITY.to_be_bytes(), 7_f32.to_be_bytes()].concat()),
            [f32::NEG_INFINITY, 7.0]
        );
        assert!(decode("f64", &f64::NAN.to_le_bytes())[0].is_nan());
        assert_eq!(decode("f64be", &0.1_f64.to_be_bytes()), [0.1]);
    }

    #[test]
    fn words() {
        for complex in ["", "c"] {
            for (_, word, bytes) in NUMBERS {
                for end in ["", "be"] {
                    let word = format!("{complex}{word}{end}");
                    let format: RawFormat = word.parse().unwrap();
                    assert_eq!(format.sample_bytes(), bytes * (1 + complex.len()));
                    assert_eq!(format.to_string(), if bytes == 1 { word.replace("be", "") } else { word });
                }
            }
        }
        for wrong in ["", "c", "s12", "u24", "f32xx", "cc8", "be"] {
            let message = wrong.parse::<RawFormat>().unwrap_err().to_string();
            assert!(message.contains(&format!("'{wrong}'")) && message.contains("cs16"), "{message}");
        }
    }
}
