//! Images as arrays: PNG, JPEG, TIFF and WebP.

mod jpeg;
mod tiff;

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read as _, Seek};
use std::path::Path;

use ::tiff::TiffError;
use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use super::axes::Axes;
use super::data::Data;
use super::dtype::{Component, Dtype};
use super::error::ArrayError;
use super::{Order, Stack};

/// Memory for the decoded pixels, in bytes.
const MOST_BYTES: u64 = 2 << 30;

/// The beginnings of the files that are read.
const MAGIC: [&[u8]; 2] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"];

/// Whether a regular file begins as a PNG, JPEG, TIFF or WebP file does.
pub fn is_image(path: &Path) -> bool {
    let mut start = Vec::new();
    let is_file = path.metadata().is_ok_and(|there| there.is_file());
    if !is_file || !File::open(path).is_ok_and(|file| file.take(12).read_to_end(&mut start).is_ok()) {
        return false;
    }
    let is_webp = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP");
    is_webp || MAGIC.iter().chain(&tiff::MAGIC).any(|magic| start.starts_with(magic))
}

impl Stack {
    /// Opens a PNG, JPEG, TIFF or WebP file as an array. It is decoded here, into memory. Pixels are those of the file: no
    /// orientation is applied.
    ///
    /// Grey pixels are values: of 8 or 16 bits, and in TIFF files also of more, with a sign, and floats. The pages of such a TIFF file
    /// are frames if they are all alike. Of other files with several pictures the first is taken. Other pixels are colours: 16-bit channels are reduced to 8 bits, and floats are
    /// channels from 0 to 1.
    ///
    /// # Errors
    /// [`ArrayError::Image`] for a file that is damaged, cut short, of a kind that is not supported, or larger than 2 GiB
    /// decoded; [`ArrayError::Read`] if the file cannot be read.
    pub fn open_image(path: &Path) -> Result<Self, ArrayError> {
        let Data::File(file) = Data::open(path)? else { return Err(failed(path, "expected a file".to_owned())) };
        Self::image(path, BufReader::new(file))
    }

    /// The same for a file in memory; `path` is for messages.
    ///
    /// # Errors
    /// As [`open_image`](Self::open_image).
    pub fn image_from(path: &Path, bytes: &[u8]) -> Result<Self, ArrayError> {
        Self::image(path, Cursor::new(bytes))
    }

    fn image(path: &Path, mut read: impl BufRead + Seek) -> Result<Self, ArrayError> {
        let wrong = |error| match error {
            // Decoders report damage as errors of reading too.
            ImageError::IoError(source) if source.raw_os_error().is_some() => {
                ArrayError::Read { path: path.to_owned(), source }
            }
            error => failed(path, message(&error)),
        };
        match tiff::pages(&mut read, MOST_BYTES) {
            Ok(Some(pages)) => return Self::pages(path, pages),
            Ok(None) => {}
            Err(TiffError::IoError(source)) if source.raw_os_error().is_some() => {
                return Err(ArrayError::Read { path: path.to_owned(), source });
            }
            Err(error) => return Err(failed(path, tiff_message(&error))),
        }
        // The decoder fills up what is missing.
        if !jpeg::is_whole(&mut read).map_err(|source| ArrayError::Read { path: path.to_owned(), source })? {
            return Err(failed(path, "the image is cut short: expected an end-of-image marker".to_owned()));
        }
        let is_big_tiff = read.fill_buf().is_ok_and(|start| tiff::MAGIC.iter().any(|magic| start.starts_with(magic)));
        let mut reader = ImageReader::new(read)
            .with_guessed_format()
            .map_err(|source| ArrayError::Read { path: path.to_owned(), source })?;
        if reader.format().is_none() && is_big_tiff {
            reader.set_format(ImageFormat::Tiff);
        }
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(1 << 22), Some(1 << 22));
        limits.max_alloc = Some(MOST_BYTES);
        reader.limits(limits);
        let decoder = reader.into_decoder().map_err(wrong)?;
        // Not all decoders keep to the limit.
        let ((width, height), bytes) = (decoder.dimensions(), decoder.total_bytes());
        if bytes > MOST_BYTES {
            return Err(failed(
                path,
                format!(
                    "the image is too large: {width}x{height} pixels of {bytes} bytes: expected {MOST_BYTES} bytes at most"
                ),
            ));
        }
        let image = DynamicImage::from_decoder(decoder).map_err(wrong)?;
        let (bytes, dtype, channels): (Vec<u8>, _, _) = match image {
            DynamicImage::ImageLuma8(image) => (image.into_raw(), Dtype::U8, 1),
            DynamicImage::ImageLuma16(image) => (bytemuck::cast_slice(image.as_raw()).to_vec(), Dtype::NATIVE_U16, 1),
            DynamicImage::ImageRgb8(image) => (image.into_raw(), Dtype::U8, 3),
            DynamicImage::ImageRgb32F(image) => (bytemuck::cast_slice(image.as_raw()).to_vec(), Dtype::NATIVE_F32, 3),
            DynamicImage::ImageRgba32F(image) => (bytemuck::cast_slice(image.as_raw()).to_vec(), Dtype::NATIVE_F32, 4),
            other => (other.into_rgba8().into_raw(), Dtype::U8, 4),
        };
        let shape = [u64::from(height), u64::from(width), channels];
        Self::new(Data::Memory(bytes), path, (dtype, &shape, 0, Order::C), Component::default(), Some(Axes::Hwc))
    }
}

impl Stack {
    /// Pages are frames.
    fn pages(path: &Path, pages: tiff::Pages) -> Result<Self, ArrayError> {
        let tiff::Pages { dtype, count, height, width, bytes } = pages;
        let shape = [count, u64::from(height), u64::from(width)];
        let (shape, axes) = if count > 1 { (&shape[..], Axes::Thw) } else { (&shape[1..], Axes::Hw) };
        Self::new(Data::Memory(bytes), path, (dtype, shape, 0, Order::C), Component::default(), Some(axes))
    }
}

fn tiff_message(error: &TiffError) -> String {
    match error {
        TiffError::IoError(_) => "the image is cut short".to_owned(),
        TiffError::LimitsExceeded => {
            format!("the image is too large: expected {MOST_BYTES} bytes at most once decoded")
        }
        TiffError::UnsupportedError(error) => {
            format!("an image that is not supported: {}", one_line(&error.to_string()))
        }
        error => format!("a damaged image: {}", one_line(&error.to_string())),
    }
}

fn failed(path: &Path, message: String) -> ArrayError {
    ArrayError::Image { path: path.to_owned(), message }
}

/// The longest message of a decoder that is passed on, in characters: some list thousands of channels.
const LONGEST: usize = 300;

fn message(error: &ImageError) -> String {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the image is cut short".to_owned()
        }
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::DimensionError) => {
            "the image is too large: expected 4194304 pixels a side at most".to_owned()
        }
        ImageError::Limits(_) => format!("the image is too large: expected {MOST_BYTES} bytes at most once decoded"),
        ImageError::Unsupported(error) => format!("an image that is not supported: {}", one_line(&error.to_string())),
        error => format!("a damaged image: {}", one_line(&error.to_string())),
    }
}

/// What a decoder says, in one line that is not too long.
fn one_line(text: &str) -> String {
    let mut words = text.split(char::is_control).map(str::trim).filter(|line| !line.is_empty());
    let mut line = words.next().unwrap_or_default().to_owned();
    words.for_each(|words| line.extend([" ", words]));
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use image::error::{DecodingError, ImageFormatHint};

    use super::*;

    /// Both kinds were found by the fuzz target `image`.
    #[test]
    fn a_message_is_one_line_that_ends() {
        let said =
            |text: &str| message(&ImageError::Decoding(DecodingError::new(ImageFormatHint::Unknown, text.to_owned())));
        assert!(said("cut\nhere\r\n\n").ends_with("cut here"), "{}", said("cut\nhere\r\n\n"));
        let long = said(&"1, ü".repeat(10_000));
        assert!(long.chars().count() < LONGEST + 50 && long.ends_with('…'), "{long}");
    }
}
