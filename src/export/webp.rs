//! WebP.

use std::io::{self, Write};

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;

use super::format::Format;
use super::jpeg::rgb;
use super::lines::Lines;

/// WebP without loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebP;

impl Format for WebP {
    fn name(&self) -> &'static str {
        "WebP"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["webp"]
    }

    fn signature(&self) -> &'static [u8] {
        b"RIFF????WEBP"
    }

    fn most_pixels_a_side(&self) -> u32 {
        1 << 14
    }

    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (width, height) = (lines.width(), lines.height());
        let rgb = rgb(lines)?;
        WebPEncoder::new_lossless(out).encode(&rgb, width, height, ExtendedColorType::Rgb8).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::output::is_signed;

    #[test]
    fn what_is_written_is_what_is_read() {
        let fill = |y: u32, line: &mut [u8]| {
            line.chunks_exact_mut(4).enumerate().for_each(|(x, pixel)| {
                pixel.copy_from_slice(&[x as u8, y as u8, (x * 7) as u8 ^ y as u8, 255]);
            });
            Ok(())
        };
        let mut file = Vec::new();
        WebP.encode(&mut Lines::new(61, 33, fill).unwrap(), &mut file).unwrap();
        assert!(is_signed(&file, WebP.signature()));
        let read = image::load_from_memory_with_format(&file, image::ImageFormat::WebP).unwrap().to_rgb8();
        assert_eq!(read.dimensions(), (61, 33));
        for (x, y, pixel) in read.enumerate_pixels() {
            assert_eq!(pixel.0, [x as u8, y as u8, (x * 7) as u8 ^ y as u8]);
        }
    }
}
