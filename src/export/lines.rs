//! A picture, handed out a line at a time.

use std::io;

use super::error::ExportError;
use crate::headless::Picture;

/// A picture that is handed out a line at a time from the top, each `4 * width` bytes: RGBA, 8 bits each, sRGB-encoded.
pub struct Lines<'a> {
    width: u32,
    height: u32,
    given: u32,
    line: Vec<u8>,
    fill: Fill<'a>,
}

/// Writes the line of this number.
type Fill<'a> = Box<dyn FnMut(u32, &mut [u8]) -> io::Result<()> + 'a>;

impl<'a> Lines<'a> {
    /// A picture of this many pixels. `fill(y, line)` writes line `y`, which is asked for once and in order.
    ///
    /// # Errors
    /// [`ExportError::Pixels`] for a picture without pixels.
    pub fn new(
        width: u32,
        height: u32,
        fill: impl FnMut(u32, &mut [u8]) -> io::Result<()> + 'a,
    ) -> Result<Self, ExportError> {
        if width == 0 || height == 0 {
            return Err(ExportError::Pixels { width, height, expected: 0, got: 0 });
        }
        Ok(Self { width, height, given: 0, line: vec![0; 4 * width as usize], fill: Box::new(fill) })
    }

    /// The lines of a picture in memory.
    ///
    /// # Errors
    /// [`ExportError::Pixels`] for a picture without pixels, or whose bytes are not `4 * width * height`.
    pub fn of(picture: &'a Picture) -> Result<Self, ExportError> {
        let Picture { width, height, ref rgba } = *picture;
        let expected = 4 * width as usize * height as usize;
        if rgba.len() != expected || expected == 0 {
            return Err(ExportError::Pixels { width, height, expected, got: rgba.len() });
        }
        Self::new(width, height, move |y, line| {
            let start = y as usize * line.len();
            line.copy_from_slice(&rgba[start..start + line.len()]);
            Ok(())
        })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The next line, or `None` after the last.
    ///
    /// # Errors
    /// What the maker of the lines failed with.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        if self.given == self.height {
            return Ok(None);
        }
        (self.fill)(self.given, &mut self.line)?;
        self.given += 1;
        Ok(Some(&self.line))
    }
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_once_from_the_top() {
        let picture = Picture { width: 1, height: 3, rgba: (0..12).collect() };
        let mut lines = Lines::of(&picture).unwrap();
        for line in [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]] {
            assert_eq!(lines.next_line().unwrap(), Some(&line[..]));
        }
        assert_eq!(lines.next_line().unwrap(), None);
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn pictures_that_are_none() {
        let short = Picture { width: 2, height: 2, rgba: vec![0; 15] };
        let error = Lines::of(&short).unwrap_err().to_string();
        assert!(error.contains("2x2") && error.contains("16 bytes") && error.contains("15"), "{error}");
        for (width, height) in [(0, 5), (5, 0)] {
            assert!(Lines::of(&Picture { width, height, rgba: Vec::new() }).is_err());
            assert!(Lines::new(width, height, |_, _| Ok(())).is_err());
        }
    }
}
