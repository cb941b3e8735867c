//! PNG.

use std::io::{self, Write};

use super::format::{Format, Stores};
use super::lines::Lines;
use super::values::Values;

/// PNG of 8 bits a channel: RGB, marked as sRGB. The alpha of a waterfall is 255 throughout, so it is left out.
///
/// Values are written as 16-bit grey: 0 is vmin and what is below it, 65535 is vmax and what is above it, and the values
/// between are spread evenly, rounded to the nearest. NaN is 0 too. The comment in the file names vmin and vmax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Png;

impl Format for Png {
    fn name(&self) -> &'static str {
        "PNG"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["png"]
    }

    fn signature(&self) -> &'static [u8] {
        b"\x89PNG\r\n\x1a\n"
    }

    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(out, lines.width(), lines.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        compress(&mut encoder);
        encoder.add_text_chunk("Software".to_owned(), concat!("ringfall ", env!("CARGO_PKG_VERSION")).to_owned())?;
        for (keyword, text) in lines.text() {
            // iTXt is UTF-8, whereas tEXt is Latin-1.
            encoder.add_itxt_chunk(keyword.clone(), text.clone())?;
        }
        let mut writer = encoder.write_header()?;
        let mut stream = writer.stream_writer()?;
        let mut rgb = Vec::with_capacity(3 * lines.width() as usize);
        while let Some(rgba) = lines.next_line()? {
            rgb.clear();
            rgb.extend(rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
            stream.write_all(&rgb)?;
        }
        stream.finish()?;
        writer.finish()?;
        Ok(())
    }

    fn stores(&self) -> Stores {
        Stores::Either
    }

    fn encode_values(&self, values: &Values<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (vmin, vmax) = values.range();
        let mut encoder = png::Encoder::new(out, values.width(), values.height());
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Sixteen);
        encoder.add_text_chunk("Software".to_owned(), concat!("ringfall ", env!("CARGO_PKG_VERSION")).to_owned())?;
        encoder.add_text_chunk("Comment".to_owned(), format!("0 is {vmin}, 65535 is {vmax}"))?;
        let mut writer = encoder.write_header()?;
        let mut stream = writer.stream_writer()?;
        let mut line = Vec::with_capacity(2 * values.width() as usize);
        for row in values.rows() {
            line.clear();
            line.extend(row.iter().flat_map(|value| code(*value, (vmin, vmax)).to_be_bytes()));
            stream.write_all(&line)?;
        }
        stream.finish()?;
        writer.finish()?;
        Ok(())
    }
}

/// Chooses how colours are compressed. Pixels have one of some 258 colours: pixels that recur are found as they are, and the
/// differences that a filter makes of them recur less often. A higher level takes three times as long and saves little.
pub(super) fn compress(encoder: &mut png::Encoder<'_, &mut dyn Write>) {
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(3));
}

/// The grey level of a value. `as` turns NaN into 0 and clamps.
fn code(value: f32, (vmin, vmax): (f32, f32)) -> u16 {
    let (value, vmin, vmax) = (f64::from(value), f64::from(vmin), f64::from(vmax));
    ((value - vmin) / (vmax - vmin) * f64::from(u16::MAX)).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let rgba = [1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255];
        let mut lines = Lines::new(2, 2, |y, line| {
            line.copy_from_slice(&rgba[8 * y as usize..][..8]);
            Ok(())
        })
        .unwrap();
        let mut file = Vec::new();
        Png.encode(&mut lines, &mut file).unwrap();
        assert!(file.starts_with(Png.signature()));
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (2, 2, png::ColorType::Rgb));
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn words_are_read_back() {
        let text = vec![
            ("Title".to_owned(), "DK0WCY, 10.144 MHz".to_owned()),
            ("Range".to_owned(), "−110 to −40 dBFS".to_owned()),
        ];
        let mut lines = Lines::new(1, 1, |_, _| Ok(())).unwrap().with_text(text.clone());
        let mut file = Vec::new();
        Png.encode(&mut lines, &mut file).unwrap();
        let reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let read: Vec<_> =
            reader.info().utf8_text.iter().map(|chunk| (chunk.keyword.clone(), chunk.get_text().unwrap())).collect();
        assert_eq!(read, text);
    }

    #[test]
    fn values_as_grey() {
        let numbers = [-100.0, -120.0, -121.0, f32::NAN, 0.0, 1.0, f32::INFINITY, f32::NEG_INFINITY];
        let values = Values::new((4, 2), &numbers, (-120.0, 0.0)).unwrap();
        let mut file = Vec::new();
        Png.encode_values(&values, &mut file).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let comment = reader.info().uncompressed_latin1_text.iter().find(|text| text.keyword == "Comment").unwrap();
        assert_eq!(comment.text, "0 is -120, 65535 is 0");
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Sixteen));
        let codes: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        // 20 / 120 of 65535 is 10922.5.
        assert_eq!(codes, [10923, 0, 0, 0, 65535, 65535, 65535, 0]);
    }

    /// Whole numbers of 16 bits come out as they are.
    #[test]
    fn codes_of_16_bits_are_kept() {
        assert!((0..=u16::MAX).all(|number| code(f32::from(number), (0.0, 65535.0)) == number));
    }

    #[test]
    fn lines_that_fail_are_an_error() {
        let fill = |y, _: &mut [u8]| if y < 3 { Ok(()) } else { Err(io::Error::other("no line 3")) };
        let mut lines = Lines::new(2, 5, fill).unwrap();
        let error = Png.encode(&mut lines, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("no line 3"), "{error}");
    }
}
