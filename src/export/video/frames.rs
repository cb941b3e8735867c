//! Frames, made one by one.

use std::io;

use crate::export::ExportError;

/// A number of frames of one size, made one by one: RGBA, 8 bits each, sRGB-encoded, from the top left, row by row. Alpha is
/// not stored.
pub struct Frames<'a> {
    size: (u32, u32),
    count: u32,
    given: u32,
    fill: Fill<'a>,
}

/// Writes the frame of this number.
type Fill<'a> = Box<dyn FnMut(u32, &mut [u8]) -> io::Result<()> + 'a>;

impl<'a> Frames<'a> {
    /// `count` frames of this width and height in pixels. `fill(i, rgba)` writes frame `i`, which is asked for once and in
    /// order; `rgba` has 4 × width × height bytes of any contents.
    ///
    /// # Errors
    /// [`ExportError::Pixels`] for frames without pixels, or larger than memory can be, and for no frames.
    pub fn new(
        (width, height): (u32, u32),
        count: u32,
        fill: impl FnMut(u32, &mut [u8]) -> io::Result<()> + 'a,
    ) -> Result<Self, ExportError> {
        let bytes = (width as usize).checked_mul(height as usize).and_then(|pixels| pixels.checked_mul(4));
        match bytes.filter(|bytes| *bytes > 0 && *bytes <= isize::MAX as usize && count > 0) {
            Some(_) => Ok(Self { size: (width, height), count, given: 0, fill: Box::new(fill) }),
            None => Err(ExportError::Pixels { width, height, expected: bytes.unwrap_or(usize::MAX), got: 0 }),
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// How many there are in all.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Bytes of a frame.
    pub fn bytes(&self) -> usize {
        4 * self.size.0 as usize * self.size.1 as usize
    }

    /// Writes the next frame, and returns its number; `None` after the last.
    ///
    /// # Errors
    /// The error of the function that makes the frames, and [`io::ErrorKind::InvalidInput`] for a slice of another length.
    pub fn next_frame(&mut self, rgba: &mut [u8]) -> io::Result<Option<u32>> {
        if rgba.len() != self.bytes() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a frame of another size"));
        }
        if self.given == self.count {
            return Ok(None);
        }
        (self.fill)(self.given, rgba)?;
        self.given += 1;
        Ok(Some(self.given - 1))
    }
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames")
            .field("size", &self.size)
            .field("count", &self.count)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_once_and_in_order() {
        let mut frames = Frames::new((2, 1), 3, |index, rgba| {
            rgba.fill(index as u8);
            Ok(())
        })
        .unwrap();
        let mut rgba = [9; 8];
        for index in 0..3 {
            assert_eq!(frames.next_frame(&mut rgba).unwrap(), Some(index));
            assert_eq!(rgba, [index as u8; 8]);
        }
        assert_eq!(frames.next_frame(&mut rgba).unwrap(), None);
        assert!(frames.next_frame(&mut rgba[1..]).is_err());
    }

    #[test]
    fn frames_that_are_none() {
        for (size, count) in [((0, 5), 1), ((5, 0), 1), ((5, 5), 0), ((u32::MAX, u32::MAX), 1)] {
            assert!(Frames::new(size, count, |_, _| Ok(())).is_err());
        }
    }
}
