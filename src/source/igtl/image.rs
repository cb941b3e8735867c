//! The content of an IMAGE message.

use std::borrow::Cow;

use super::error::{IgtlError, at, field};

/// Bytes before the pixels.
const HEAD: usize = 72;

/// The number type of a pixel's components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Scalar {
    I8 = 2,
    U8 = 3,
    I16 = 4,
    U16 = 5,
    I32 = 6,
    U32 = 7,
    F32 = 10,
    F64 = 11,
}

impl Scalar {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::I8, Self::U8, Self::I16, Self::U16, Self::I32, Self::U32, Self::F32, Self::F64];

    /// Bytes of one.
    pub fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Appends the numbers in these bytes; 64-bit floats are rounded.
    pub(in crate::source) fn read(self, bytes: &[u8], big: bool, out: &mut Vec<f32>) {
        fn each<const N: usize>(row: &[u8], big: bool, out: &mut Vec<f32>, value: impl Fn([u8; N]) -> f32) {
            out.extend(row.as_chunks::<N>().0.iter().map(|chunk| {
                let mut chunk = *chunk;
                if big {
                    chunk.reverse();
                }
                value(chunk)
            }));
        }
        match self {
            Self::I8 => each(bytes, big, out, |b| f32::from(i8::from_le_bytes(b))),
            Self::U8 => each(bytes, big, out, |[b]| f32::from(b)),
            Self::I16 => each(bytes, big, out, |b| f32::from(i16::from_le_bytes(b))),
            Self::U16 => each(bytes, big, out, |b| f32::from(u16::from_le_bytes(b))),
            Self::I32 => each(bytes, big, out, |b| i32::from_le_bytes(b) as f32),
            Self::U32 => each(bytes, big, out, |b| u32::from_le_bytes(b) as f32),
            Self::F32 => each(bytes, big, out, f32::from_le_bytes),
            Self::F64 => each(bytes, big, out, |b| f64::from_le_bytes(b) as f32),
        }
    }
}

/// An image, or a part of one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Image<'a> {
    /// Components per pixel: 1 to 255; 3 mean RGB and 4 mean RGBA.
    pub components: u8,
    /// Their number type.
    pub scalar: Scalar,
    /// Pixels are big-endian.
    pub big_endian: bool,
    /// Coordinates are LPS, else RAS.
    pub lps: bool,
    /// Pixels of the whole image along i, j and k.
    pub size: [u16; 3],
    /// The vectors t, s and n, and the position of the centre.
    pub matrix: [f32; 12],
    /// Offset of the part that this message contains.
    pub offset: [u16; 3],
    /// Pixels of the part along i, j and k.
    pub part: [u16; 3],
    /// Pixels of the part, i fastest, the components of each together.
    pub pixels: Cow<'a, [u8]>,
}

/// The rows of an image. Axes of one pixel are ignored; the first remaining axis is bins, the others are rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLayout {
    /// Bins of the whole image.
    pub bins: usize,
    /// The bins that the part contains: the number of the first, and their count.
    pub first: usize,
    /// Number of bins in the part.
    pub count: usize,
    /// Number of rows in the part.
    pub rows: usize,
}

impl<'a> Image<'a> {
    /// A whole image of one component with little-endian pixels.
    pub fn new(scalar: Scalar, size: [u16; 3], pixels: impl Into<Cow<'a, [u8]>>) -> Self {
        let matrix = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let pixels = pixels.into();
        Self { components: 1, scalar, big_endian: false, lps: false, size, matrix, offset: [0; 3], part: size, pixels }
    }

    /// Reads the content of a message.
    ///
    /// # Errors
    /// [`IgtlError::Field`] for an invalid field, a part that is not inside the image, and more or fewer pixels than the part
    /// needs.
    pub fn decode(content: &'a [u8]) -> Result<Self, IgtlError> {
        const PART: &str = "image";
        let byte = |place| at::<1>(content, PART, place).map(|[byte]| byte);
        let three = |place: usize| -> Result<[u16; 3], IgtlError> {
            let mut three = [0; 3];
            for (axis, number) in three.iter_mut().enumerate() {
                *number = u16::from_be_bytes(at(content, PART, place + 2 * axis)?);
            }
            Ok(three)
        };
        let version = u16::from_be_bytes(at(content, PART, 0)?);
        if version != 1 {
            return field(PART, "version", 1, version);
        }
        let components = byte(2)?;
        if components == 0 {
            return field(PART, "components", "1 to 255", 0);
        }
        let scalar = byte(3)?;
        let Some(scalar) = Scalar::ALL.into_iter().find(|known| *known as u8 == scalar) else {
            return field(PART, "scalar type", "2 to 7, 10 or 11", scalar);
        };
        let (endian, space) = (byte(4)?, byte(5)?);
        if !matches!(endian, 1 | 2) {
            return field(PART, "endian", "1 (big) or 2 (little)", endian);
        }
        if !matches!(space, 1 | 2) {
            return field(PART, "coordinates", "1 (RAS) or 2 (LPS)", space);
        }
        let (size, offset, part) = (three(6)?, three(60)?, three(66)?);
        let mut matrix = [0.0; 12];
        for (index, number) in matrix.iter_mut().enumerate() {
            *number = f32::from_be_bytes(at(content, PART, 12 + 4 * index)?);
        }
        for axis in 0..3 {
            if part[axis] == 0 || u32::from(offset[axis]) + u32::from(part[axis]) > u32::from(size[axis]) {
                let got = format!("{part:?} at {offset:?}");
                return field(PART, "sub-volume", format!("pixels inside {size:?}"), got);
            }
        }
        let pixels = &content[HEAD..];
        let image = Self {
            components,
            scalar,
            big_endian: endian == 1,
            lps: space == 2,
            size,
            matrix,
            offset,
            part,
            pixels: pixels.into(),
        };
        if image.pixel_bytes() != pixels.len() as u128 {
            return field(PART, "pixels", format!("{} bytes", image.pixel_bytes()), pixels.len());
        }
        Ok(image)
    }

    /// The same with pixels of its own.
    pub(super) fn into_owned(self) -> Image<'static> {
        Image { pixels: self.pixels.into_owned().into(), ..self }
    }

    /// Bytes of the part's pixels.
    fn pixel_bytes(&self) -> u128 {
        self.bytes_of(self.part)
    }

    /// Bytes of the pixels of the whole image.
    pub(super) fn whole_bytes(&self) -> u128 {
        self.bytes_of(self.size)
    }

    fn bytes_of(&self, size: [u16; 3]) -> u128 {
        let pixels: u128 = size.iter().map(|axis| u128::from(*axis)).product();
        pixels * u128::from(self.components) * self.scalar.bytes() as u128
    }

    /// The content of a message.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.pixels.len());
        bytes.extend(1_u16.to_be_bytes());
        bytes.extend([self.components, self.scalar as u8, if self.big_endian { 1 } else { 2 }, 1 + u8::from(self.lps)]);
        bytes.extend(self.size.iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(self.matrix.iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(self.offset.iter().chain(&self.part).flat_map(|number| number.to_be_bytes()));
        bytes.extend_from_slice(&self.pixels);
        bytes
    }

    /// How the pixels lie in rows.
    pub fn rows(&self) -> RowLayout {
        let axis = self.size.iter().position(|size| *size > 1).unwrap_or(0);
        RowLayout {
            bins: usize::from(self.size[axis]),
            first: usize::from(self.offset[axis]),
            count: usize::from(self.part[axis]),
            // The axes before this one have one pixel.
            rows: self.part[axis + 1..].iter().map(|size| usize::from(*size)).product(),
        }
    }

    /// Appends the values of row `index` of the part, all components of a pixel together.
    pub fn row(&self, index: usize, out: &mut Vec<f32>) {
        let bytes = self.rows().count * usize::from(self.components) * self.scalar.bytes();
        let row = index.checked_mul(bytes).and_then(|start| self.pixels.get(start..start.checked_add(bytes)?));
        let row = row.unwrap_or_default();
        self.scalar.read(row, self.big_endian, out);
    }
}
