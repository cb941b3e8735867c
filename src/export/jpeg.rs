//! JPEG.

use std::io::{self, Write};

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::format::Format;
use super::lines::Lines;

/// JPEG, which is lossy: colours are close to those of the colormap, not equal to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jpeg {
    quality: u8,
}

impl Jpeg {
    /// The usual quality.
    pub const DEFAULT: Self = Self { quality: 90 };

    /// Quality from 1 (small) to 100 (good). Other numbers become the nearest of these.
    pub fn with_quality(quality: u8) -> Self {
        Self { quality: quality.clamp(1, 100) }
    }
}

impl Format for Jpeg {
    fn name(&self) -> &'static str {
        "JPEG"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jpg", "jpeg"]
    }

    fn signature(&self) -> &'static [u8] {
        b"\xFF\xD8\xFF"
    }

    fn most_pixels_a_side(&self) -> u32 {
        u16::MAX.into()
    }

    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (width, height) = (lines.width(), lines.height());
        let rgb = rgb(lines)?;
        let mut encoder = JpegEncoder::new_with_quality(out, self.quality);
        encoder.encode(&rgb, width, height, ExtendedColorType::Rgb8).map_err(io::Error::other)
    }
}

/// The whole picture as RGB: the encoders of `image` take no lines.
pub(super) fn rgb(lines: &mut Lines<'_>) -> io::Result<Vec<u8>> {
    let length = 3 * lines.width() as usize * lines.height() as usize;
    let mut rgb = Vec::new();
    rgb.try_reserve_exact(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    while let Some(rgba) = lines.next_line()? {
        rgb.extend(rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
    }
    Ok(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grey ramp and two areas of colour, which JPEG keeps nearly as they are.
    fn picture(y: u32, line: &mut [u8]) -> io::Result<()> {
        for (x, pixel) in line.chunks_exact_mut(4).enumerate() {
            let grey = 2 * x as u8;
            pixel.copy_from_slice(&if y < 64 { [grey, grey, grey, 255] } else { [200, 40, 90, 255] });
        }
        Ok(())
    }

    fn encoded(format: Jpeg) -> Vec<u8> {
        let mut file = Vec::new();
        format.encode(&mut Lines::new(128, 128, picture).unwrap(), &mut file).unwrap();
        assert!(file.starts_with(format.signature()));
        file
    }

    #[test]
    fn it_decodes_to_nearly_the_same_colours() {
        let file = encoded(Jpeg::DEFAULT);
        let read = image::load_from_memory_with_format(&file, image::ImageFormat::Jpeg).unwrap().to_rgb8();
        assert_eq!(read.dimensions(), (128, 128));
        for (x, y, pixel) in read.enumerate_pixels() {
            let want = if y < 64 { [2 * x as u8; 3] } else { [200, 40, 90] };
            assert!(pixel.0.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 10), "{x},{y}: {:?}, {want:?}", pixel.0);
        }
    }

    #[test]
    fn more_quality_takes_more_bytes() {
        let sizes = [0, 1, 50, 100, 255].map(|quality| encoded(Jpeg::with_quality(quality)).len());
        assert!(
            sizes[0] == sizes[1] && sizes[1] < sizes[2] && sizes[2] < sizes[3] && sizes[3] == sizes[4],
            "{sizes:?}"
        );
    }
}
