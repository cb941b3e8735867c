//! APNG.

use std::io::{self, Write};

use super::{Frames, VideoOptions, next};
use crate::export::png::compress;

/// Writes an animated PNG of RGB frames.
pub(super) fn encode(frames: &mut Frames<'_>, options: &VideoOptions, out: &mut dyn Write) -> io::Result<()> {
    let (width, height) = frames.size();
    let mut encoder = png::Encoder::new(out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    compress(&mut encoder);
    encoder.add_text_chunk("Software".to_owned(), concat!("ringfall ", env!("CARGO_PKG_VERSION")).to_owned())?;
    encoder.set_animated(frames.count(), options.plays.into())?;
    let (numerator, denominator) = delay(options.fps);
    encoder.set_frame_delay(numerator, denominator)?;
    let mut writer = encoder.write_header()?;
    let mut rgba = vec![0; frames.bytes()];
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    while next(frames, options, &mut rgba)?.is_some() {
        rgb.clear();
        rgb.extend(rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
        writer.write_image_data(&rgb)?;
    }
    writer.finish()?;
    Ok(())
}

/// Seconds from one frame to the next as a fraction, as precise as 16 bits allow.
fn delay(fps: f64) -> (u16, u16) {
    let most = f64::from(u16::MAX);
    // Exactly, if so many seconds have a whole number of frames: 25 in 2 s are 12.5 a second, 30,000 in 1001 s are 29.97003.
    let frames = |seconds: u16| f64::from(seconds) * fps;
    let exact = |seconds: &u16| {
        let frames = frames(*seconds);
        (1.0..=most).contains(&frames) && (frames - frames.round()).abs() <= 1e-6
    };
    if let Some(seconds) = (1..=1001).find(exact) {
        return (seconds, frames(seconds).round() as u16);
    }
    let scale = (most / fps.max(1.0)).min(1001.0).floor().max(1.0);
    let denominator = (fps * scale).round().clamp(1.0, most);
    ((denominator / fps).round().clamp(1.0, most) as u16, denominator as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_close() {
        for fps in [0.002, 0.1, 0.5, 1.0, 12.5, 23.976, 24.0, 29.97, 30.0, 59.94, 60.0, 144.0, 999.9, 1000.0] {
            let (numerator, denominator) = delay(fps);
            let got = f64::from(denominator) / f64::from(numerator);
            assert!((got / fps - 1.0).abs() < 1e-2, "{fps}: {numerator}/{denominator}");
        }
        assert_eq!(
            [30.0, 12.5, 29.97, 30_000.0 / 1001.0, 0.1].map(delay),
            [(1, 30), (2, 25), (100, 2997), (1001, 30_000), (10, 1)]
        );
    }

    #[test]
    fn frames_are_kept_to_the_byte() {
        let fill = |index: u32, rgba: &mut [u8]| {
            rgba.chunks_exact_mut(4).enumerate().for_each(|(i, pixel)| {
                pixel.copy_from_slice(&[i as u8, index as u8, (i as u32 * index) as u8, 255]);
            });
            Ok(())
        };
        let mut frames = Frames::new((7, 5), 4, fill).unwrap();
        let mut file = Vec::new();
        encode(&mut frames, &VideoOptions::default().with_fps(12.5).with_plays(3), &mut file).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let animation = reader.info().animation_control().unwrap();
        assert_eq!((animation.num_frames, animation.num_plays), (4, 3));
        for index in 0..4_u32 {
            let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut rgb).unwrap();
            let control = reader.info().frame_control().unwrap();
            assert_eq!(f64::from(control.delay_num) / f64::from(control.delay_den), 0.08);
            for (i, pixel) in rgb.chunks_exact(3).enumerate() {
                assert_eq!(pixel, [i as u8, index as u8, (i as u32 * index) as u8], "frame {index}, pixel {i}");
            }
        }
    }
}
