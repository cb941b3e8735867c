//! Pixels without a header.

use std::io::{self, Write};

use super::format::Format;
use super::lines::Lines;

/// Pixels as they are: sRGB-encoded RGBA, four bytes each, from the top left, row by row. For pipes, as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rgba;

impl Format for Rgba {
    fn name(&self) -> &'static str {
        "RGBA"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["rgba"]
    }

    fn signature(&self) -> &'static [u8] {
        &[]
    }

    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
        while let Some(line) = lines.next_line()? {
            out.write_all(line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_pixels() {
        let mut lines = Lines::new(2, 2, |y, line| {
            line.fill(y as u8);
            Ok(())
        })
        .unwrap();
        let mut file = Vec::new();
        Rgba.encode(&mut lines, &mut file).unwrap();
        assert_eq!(file, [[0; 8], [1; 8]].concat());
    }
}
