//! PNG.

use std::io::{self, Write};

use super::format::Format;
use super::lines::Lines;

/// PNG of 8 bits a channel: RGB, marked as sRGB. The alpha of a waterfall is 255 throughout, so it is left out.
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
    fn lines_that_fail_are_an_error() {
        let fill = |y, _: &mut [u8]| if y < 3 { Ok(()) } else { Err(io::Error::other("no line 3")) };
        let mut lines = Lines::new(2, 5, fill).unwrap();
        let error = Png.encode(&mut lines, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("no line 3"), "{error}");
    }
}
