//! `.npy`, NumPy's file format.

use std::io::{self, Write};

use super::format::{Format, Stores};
use super::lines::Lines;
use super::values::{Values, write_floats};

/// `.npy`: an array of unsigned bytes of shape (height, width, 4), sRGB-encoded RGBA.
///
/// A picture in this format cannot be distinguished from any other array, so existing files are kept by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Npy;

impl Npy {
    /// Writes colours as numbers from 0 to 1: an array of 32-bit floats of shape (height, width, 4). `fill(y, line)` writes
    /// line `y`, four numbers a pixel.
    ///
    /// # Errors
    /// Errors of `out` and `fill`.
    pub fn encode_floats(
        &self,
        (width, height): (u32, u32),
        mut fill: impl FnMut(u32, &mut [f32]) -> io::Result<()>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write_header(out, "<f4", &format!("({height}, {width}, 4)"))?;
        let mut line = vec![0.0; 4 * width as usize];
        for y in 0..height {
            fill(y, &mut line)?;
            write_floats(std::iter::once(&line[..]), out)?;
        }
        Ok(())
    }
}

impl Format for Npy {
    fn name(&self) -> &'static str {
        "NPY"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["npy"]
    }

    fn signature(&self) -> &'static [u8] {
        &[]
    }

    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_header(out, "|u1", &format!("({}, {}, 4)", lines.height(), lines.width()))?;
        while let Some(line) = lines.next_line()? {
            out.write_all(line)?;
        }
        Ok(())
    }

    fn stores(&self) -> Stores {
        Stores::Either
    }

    /// An array of 32-bit floats of shape (height, width).
    fn encode_values(&self, values: &Values<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_header(out, "<f4", &format!("({}, {})", values.height(), values.width()))?;
        write_floats(values.rows(), out)
    }
}

/// A header of version 1, as NumPy writes it: the data begin at a multiple of 64 bytes.
fn write_header(out: &mut dyn Write, descr: &str, shape: &str) -> io::Result<()> {
    const FIXED: usize = 10;
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let length = (FIXED + text.len() + 1).next_multiple_of(64) - FIXED;
    text.extend(std::iter::repeat_n(' ', length - 1 - text.len()));
    text.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(length as u16).to_le_bytes())?;
    out.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that NumPy 2.4.6 writes for `np.arange(24, dtype='u1').reshape(2, 3, 4)`.
    #[test]
    fn bytes_are_those_of_numpy() {
        let mut lines = Lines::new(3, 2, |y, line| {
            line.iter_mut().enumerate().for_each(|(i, byte)| *byte = y as u8 * 12 + i as u8);
            Ok(())
        })
        .unwrap();
        let mut file = Vec::new();
        Npy.encode(&mut lines, &mut file).unwrap();
        let numpy = include_bytes!("../../tests/data/npy/rgba.npy");
        assert_eq!(file, numpy);
    }

    /// `np.array([[0, 1.5, nan], [-inf, 2, 3]], dtype='<f4')`.
    #[test]
    fn values_are_those_of_numpy() {
        let values = [0.0, 1.5, f32::NAN, f32::NEG_INFINITY, 2.0, 3.0];
        let mut file = Vec::new();
        Npy.encode_values(&Values::new((3, 2), &values, (0.0, 1.0)).unwrap(), &mut file).unwrap();
        assert_eq!(file, include_bytes!("../../tests/data/npy/values.npy"));
    }

    /// The header that NumPy writes for `np.zeros((1, 2, 4), '<f4')`, and the numbers behind it.
    #[test]
    fn colours_as_floats() {
        let mut file = Vec::new();
        let fill = |_, line: &mut [f32]| {
            line.iter_mut().enumerate().for_each(|(i, number)| *number = i as f32 / 8.0);
            Ok(())
        };
        Npy.encode_floats((2, 1), fill, &mut file).unwrap();
        let header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 4), }";
        assert!(file.starts_with(header));
        let numbers: Vec<f32> = file[128..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        assert_eq!(numbers, [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875]);
    }
}
