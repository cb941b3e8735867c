//! File formats, and their selection by name.

use std::io::{self, Write};
use std::path::Path;

use super::FORMATS;
use super::error::ExportError;
use super::lines::Lines;
use super::output::{Kind, Output, OutputOptions};
use super::values::Values;

/// A file format for pictures.
pub trait Format: std::fmt::Debug + Sync {
    /// Its usual name, such as `PNG`. In lower case it is the format's name on the command line.
    fn name(&self) -> &'static str;

    /// The extensions of its files in lower case, without the dot; the usual one first.
    fn extensions(&self) -> &'static [&'static str];

    /// The bytes that each of its files begins with, where `?` stands for any byte. A file that begins with them may be
    /// written over. Empty for a format that has none; then no file that holds anything is written over unasked.
    fn signature(&self) -> &'static [u8];

    /// What it stores.
    fn stores(&self) -> Stores {
        Stores::Colors
    }

    /// The largest width and height that its files can have.
    fn most_pixels_a_side(&self) -> u32 {
        u32::MAX
    }

    /// Writes the picture, line by line, so that it need not be in memory as a whole.
    ///
    /// # Errors
    /// Errors of `out` or `lines`.
    fn encode(&self, lines: &mut Lines<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// Writes values instead of colours, if the format [stores](Self::stores) them.
    ///
    /// # Errors
    /// Errors of `out`, and [`io::ErrorKind::Unsupported`] for a format that stores only colours.
    fn encode_values(&self, values: &Values<'_>, out: &mut dyn Write) -> io::Result<()> {
        let _ = (values, out);
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("{} stores only colours", self.name())))
    }

    /// Writes values, completely or not at all.
    ///
    /// # Errors
    /// As [`Output::write`]; [`ExportError::Side`] for a picture that is too large for the format, and [`ExportError::Write`] for a
    /// format that stores only colours.
    fn write_values(&self, values: &Values<'_>, output: Output) -> Result<(), ExportError> {
        check_size(self.name(), self.most_pixels_a_side(), (values.width(), values.height()))?;
        output.write(|out| self.encode_values(values, out))
    }
}

/// What a format stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stores {
    /// Colours.
    Colors,
    /// Values.
    Values,
    /// Colours, or values if asked.
    Either,
}

impl dyn Format {
    /// Makes `path` ready to be written in this format; see [`Output::open`].
    ///
    /// # Errors
    /// As [`Output::open`].
    pub fn open(&self, path: &Path, options: &OutputOptions<'_>) -> Result<Output, ExportError> {
        Output::open(path, Kind { name: self.name(), signature: self.signature() }, options)
    }

    /// Writes the picture to its destination, completely or not at all; see [`Output::write`].
    ///
    /// # Errors
    /// As [`Output::write`], and [`ExportError::Side`] for a picture that is too large for the format.
    pub fn write(&self, lines: &mut Lines<'_>, output: Output) -> Result<(), ExportError> {
        check_size(self.name(), self.most_pixels_a_side(), (lines.width(), lines.height()))?;
        output.write(|out| self.encode(lines, out))
    }
}

/// Fails on a picture with more than `most` pixels a side.
fn check_size(format: &'static str, most: u32, (width, height): (u32, u32)) -> Result<(), ExportError> {
    if width.max(height) > most {
        return Err(ExportError::Side { format, width, height, most });
    }
    Ok(())
}

/// The format of this name, in upper or lower case.
///
/// # Errors
/// [`ExportError::UnknownFormat`], which lists the names.
pub fn format_named(name: &str) -> Result<&'static dyn Format, ExportError> {
    let known = FORMATS.iter().find(|format| format.name().eq_ignore_ascii_case(name));
    known.copied().ok_or_else(|| ExportError::UnknownFormat { got: name.to_owned(), expected: names() })
}

/// The format that a path asks for by its extension. Standard output (`-`), and a pipe or device without an extension,
/// get the first of [`FORMATS`].
///
/// # Errors
/// [`ExportError::UnknownExtension`], which lists the extensions.
pub fn format_of(path: &Path) -> Result<&'static dyn Format, ExportError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let known = |format: &&&dyn Format| extension.as_deref().is_some_and(|e| format.extensions().contains(&e));
    if let Some(format) = FORMATS.iter().find(known) {
        return Ok(*format);
    }
    match FORMATS.first() {
        Some(first) if extension.is_none() && is_stream(path) => Ok(*first),
        _ => Err(ExportError::UnknownExtension { path: path.to_owned(), expected: extensions() }),
    }
}

/// Standard output, or something that is there and is neither a file nor a directory.
fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-" || path.metadata().is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// `png (PNG), …`.
fn names() -> String {
    FORMATS.iter().map(|format| format.name().to_ascii_lowercase()).collect::<Vec<_>>().join(", ")
}

/// `.png (PNG), …`.
fn extensions() -> String {
    let text = |format: &&dyn Format| {
        let extensions: Vec<String> = format.extensions().iter().map(|e| format!(".{e}")).collect();
        format!("{} ({})", extensions.join(" or "), format.name())
    };
    FORMATS.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_chooses() {
        for path in ["a.png", "a.PNG", "b.c/d.e.png", "-"] {
            assert_eq!(format_of(Path::new(path)).unwrap().name(), "PNG", "{path}");
        }
        #[cfg(unix)]
        assert_eq!(format_of(Path::new("/dev/null")).unwrap().name(), "PNG");
        for path in ["a", "a.xyz", "png", ".png", "a.png.bak", "-.x", "/"] {
            let error = format_of(Path::new(path)).err().unwrap().to_string();
            assert!(error.contains(path) && error.contains(".png (PNG)"), "{error}");
        }
    }

    #[test]
    fn a_name_chooses() {
        assert_eq!(format_named("png").unwrap().name(), "PNG");
        assert_eq!(format_named("PNG").unwrap().name(), "PNG");
        let error = format_named("gif").err().unwrap().to_string();
        assert!(error.contains("gif") && error.contains("png"), "{error}");
    }

    /// Two formats must not claim the same files.
    #[test]
    fn no_two_formats_are_alike() {
        let mut extensions: Vec<&str> = FORMATS.iter().flat_map(|format| format.extensions()).copied().collect();
        let count = extensions.len();
        extensions.sort_unstable();
        extensions.dedup();
        assert_eq!(extensions.len(), count);
        assert!(extensions.iter().all(|e| !e.is_empty() && *e == e.to_ascii_lowercase()));
        assert!(FORMATS.iter().all(|format| !format.extensions().is_empty()));
    }
}
