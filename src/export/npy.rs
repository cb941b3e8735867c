//! `.npy`, NumPy's file format.

use std::io::{self, Write};

use super::format::Format;
use super::lines::Lines;

/// `.npy`: an array of unsigned bytes of shape (height, width, 4), sRGB-encoded RGBA.
///
/// A picture in this format cannot be distinguished from any other array, so existing files are kept by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Npy;

impl Npy {
    /// Writes values instead of colours: an array of 32-bit floats of shape (height, width), for as many rows of `width`
    /// values as there are.
    ///
    /// # Errors
    /// Errors of `out`, and a number of values that is not a multiple of the row length.
    pub fn encode_values(&self, width: u32, values: &[f32], out: &mut dyn Write) -> io::Result<()> {
        let rows = values.chunks_exact(width.max(1) as usize);
        if !rows.remainder().is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "values that make no whole rows"));
        }
        write_header(out, "<f4", &format!("({}, {width})", rows.len()))?;
        let mut bytes = Vec::with_capacity(4 * width as usize);
        for row in rows {
            bytes.clear();
            bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
            out.write_all(&bytes)?;
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
        Npy.encode_values(3, &values, &mut file).unwrap();
        assert_eq!(file, include_bytes!("../../tests/data/npy/values.npy"));
        let error = Npy.encode_values(4, &values, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
