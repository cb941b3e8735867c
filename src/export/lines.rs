//! A picture, delivered line by line.

use std::io;

use super::error::ExportError;
use crate::plot::Layer;
use crate::shade::Canvas;

/// A picture that is delivered line by line from the top, each `4 * width` bytes: RGBA, 8 bits each, sRGB-encoded.
pub struct Lines<'a> {
    width: u32,
    height: u32,
    given: u32,
    line: Vec<u8>,
    fill: Fill<'a>,
    text: Vec<(String, String)>,
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
        Ok(Self { width, height, given: 0, line: vec![0; 4 * width as usize], fill: Box::new(fill), text: Vec::new() })
    }

    /// The lines of a canvas's picture, worked out as they are asked for, some at a time.
    ///
    /// # Errors
    /// None: a canvas has pixels.
    pub fn of(canvas: &'a Canvas) -> Result<Self, ExportError> {
        const BAND: u32 = 128;
        let (width, height) = canvas.size();
        let mut painting = canvas.painting();
        let mut band = Vec::new();
        Self::new(width, height, move |y, line| {
            if y.is_multiple_of(BAND) {
                band.clear();
                band.extend_from_slice(painting.rows(y..y + BAND).as_flattened());
            }
            let start = (y % BAND) as usize * line.len();
            line.copy_from_slice(&band[start..start + line.len()]);
            Ok(())
        })
    }

    /// The lines of a canvas's picture with what is around it, some at a time.
    ///
    /// # Errors
    /// None: a layer has pixels.
    pub fn decorated(canvas: &'a Canvas, layer: &'a Layer) -> Result<Self, ExportError> {
        const BAND: u32 = 64;
        let (width, height) = layer.size();
        let mut painting = canvas.painting();
        let mut band = vec![[0; 4]; width as usize * BAND as usize];
        Self::new(width, height, move |y, line| {
            if y.is_multiple_of(BAND) {
                let rows = BAND.min(height - y);
                layer.rows(&mut painting, y..y + rows, &mut band[..rows as usize * width as usize]);
            }
            let start = (y % BAND) as usize * width as usize;
            line.copy_from_slice(band[start..start + width as usize].as_flattened());
            Ok(())
        })
    }

    /// The same lines with words about them: keywords, such as `Title`, and what they say. Formats that have no place for text
    /// leave it out.
    #[must_use]
    pub fn with_text(self, text: Vec<(String, String)>) -> Self {
        Self { text, ..self }
    }

    /// The words about the picture.
    pub fn text(&self) -> &[(String, String)] {
        &self.text
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
    /// The error of the function that makes the lines.
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
    use crate::colormap::Colormap;
    use crate::scale::Scale;
    use crate::shade::{Options, Texel};
    use crate::stamp::Stamp;

    #[test]
    fn each_line_of_a_canvas_once_from_the_top() {
        // 300 lines, which is more than one band; each with the row that it shows.
        let options = Options::default().bins(1).width(1).height(300).texel(Texel::F32);
        let mut canvas = Canvas::new(&options).unwrap();
        canvas.set_colormap(&Colormap::named("grey").unwrap());
        canvas.set_scale(Scale::linear(0.0, 256.0).unwrap());
        (0..300).for_each(|i| canvas.push(Stamp::index(i), &[(i % 256) as f32]).unwrap());
        let mut lines = Lines::of(&canvas).unwrap();
        for i in (0..300).rev() {
            let grey = (i % 256) as u8;
            assert_eq!(lines.next_line().unwrap(), Some(&[grey, grey, grey, 255][..]));
        }
        assert_eq!(lines.next_line().unwrap(), None);
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn pictures_that_are_none() {
        for (width, height) in [(0, 5), (5, 0)] {
            assert!(Lines::new(width, height, |_, _| Ok(())).is_err());
        }
    }
}
