//! The values of a picture, for formats that store numbers.

use std::io::{self, Write};

use super::error::ExportError;
use super::format::{Format, Stores};
use super::lines::Lines;

/// The values of a picture, in the units of the rows, pixel by pixel from the top left; NaN where there is nothing.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    width: u32,
    height: u32,
    range: (f32, f32),
    values: &'a [f32],
}

impl<'a> Values<'a> {
    /// `width` times `height` values, and the range (vmin, vmax) for formats that store whole numbers.
    ///
    /// # Errors
    /// [`ExportError::Pixels`] for a picture without pixels, or for another number of values.
    pub fn new((width, height): (u32, u32), values: &'a [f32], range: (f32, f32)) -> Result<Self, ExportError> {
        let count = width as usize * height as usize;
        if count == 0 || values.len() != count {
            let size_of = size_of::<f32>();
            let (expected, got) = (count.saturating_mul(size_of), values.len().saturating_mul(size_of));
            return Err(ExportError::Pixels { width, height, expected, got });
        }
        Ok(Self { width, height, range, values })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The range: vmin and vmax.
    pub fn range(&self) -> (f32, f32) {
        self.range
    }

    /// The rows of pixels, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &'a [f32]> {
        self.values.chunks_exact(self.width as usize)
    }
}

/// Writes 32-bit little-endian floats, row by row.
pub(super) fn write_floats<'a>(rows: impl Iterator<Item = &'a [f32]>, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    for row in rows {
        bytes.clear();
        bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Values as they are: 32-bit little-endian floats from the top left, row by row, without a header. For pipes, as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawValues;

impl Format for RawValues {
    fn name(&self) -> &'static str {
        "VALUES"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["f32"]
    }

    fn signature(&self) -> &'static [u8] {
        &[]
    }

    fn stores(&self) -> Stores {
        Stores::Values
    }

    fn encode(&self, _: &mut Lines<'_>, _: &mut dyn Write) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "VALUES stores values, not colours"))
    }

    fn encode_values(&self, values: &Values<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_floats(values.rows(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_values_is_checked() {
        for (size, values) in [((0, 2), 0), ((2, 0), 0), ((2, 2), 3), ((2, 2), 5), ((u32::MAX, u32::MAX), 1)] {
            let error = Values::new(size, &vec![0.0; values], (0.0, 1.0)).unwrap_err();
            assert!(matches!(error, ExportError::Pixels { .. }), "{error}");
        }
    }

    #[test]
    fn bytes_are_the_values() {
        let numbers = [1.5, f32::NEG_INFINITY, -0.0, 3.0];
        let values = Values::new((2, 2), &numbers, (0.0, 1.0)).unwrap();
        let mut file = Vec::new();
        RawValues.encode_values(&values, &mut file).unwrap();
        assert_eq!(file, [[0, 0, 0xC0, 0x3F], [0, 0, 0x80, 0xFF], [0, 0, 0, 0x80], [0, 0, 0x40, 0x40]].concat());
        let mut lines = Lines::new(1, 1, |_, _| Ok(())).unwrap();
        assert!(RawValues.encode(&mut lines, &mut file).is_err());
    }
}
