//! Flags for the output file and its format.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use ringfall::export::{self, ExportError, Format, Lines, Npy, Output, OutputOptions, Rgba};
use ringfall::plot::Layer;
use ringfall::source::RawFormat;
use ringfall::{Canvas, Colormap, Scale};

use super::axes;
use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// File to write
    #[arg(short, long, value_name = "FILE", help = first_line(), long_help = format!("{}\n\n\
        An existing picture is replaced, any other file only with --force, and the input never. Of a symbolic \
        link the file that it points at is replaced. Pipes and character devices are written to as they are.",
        first_line()))]
    pub(crate) output: PathBuf,

    #[arg(long = "format", value_name = "FORMAT", value_parser = format_word, action = clap::ArgAction::Append,
          help = format!("Format of the picture, overriding its extension: {}; or of raw samples, such as cs16", names()),
          long_help = format!("Format of the picture, overriding its extension: {}; or of raw samples, overriding theirs\n\n\
              Samples are {}. Both may be given, as --format cs16 --format png.", names(), RawFormat::words()))]
    formats: Vec<FormatArg>,

    /// With format NPY: write the values instead of their colours, as 32-bit floats of shape (height, width)
    #[arg(long)]
    pub(crate) values: bool,

    /// Overwrite a file that is not a picture
    #[arg(long)]
    pub(crate) force: bool,
}

fn first_line() -> String {
    format!("File to write: its extension selects the format ({}); - is standard output", names())
}

fn names() -> String {
    export::FORMATS.iter().map(|format| format.name().to_ascii_lowercase()).collect::<Vec<_>>().join(", ")
}

/// A value of `render --format`: a format of the picture or of raw samples.
#[derive(Clone, Copy, Debug)]
enum FormatArg {
    Picture(&'static dyn Format),
    Samples(RawFormat),
}

fn format_word(word: &str) -> Result<FormatArg, String> {
    export::format_named(word).map(FormatArg::Picture).or_else(|error| {
        let neither = |_| format!("{error}; nor is it a sample format: {}", RawFormat::words());
        word.parse().map(FormatArg::Samples).map_err(neither)
    })
}

/// An output and its format.
pub(crate) struct Target {
    format: &'static dyn Format,
    output: Output,
    values: bool,
}

impl OutputArgs {
    fn chosen(&self) -> Result<&'static dyn Format, ExportError> {
        let named = self.formats.iter().rev().find_map(|format| match format {
            FormatArg::Picture(format) => Some(*format),
            FormatArg::Samples(_) => None,
        });
        named.map_or_else(|| export::format_of(&self.output), Ok)
    }

    /// The format of raw samples, if one was given.
    pub(crate) fn samples(&self) -> Option<RawFormat> {
        self.formats.iter().rev().find_map(|format| match format {
            FormatArg::Samples(format) => Some(*format),
            FormatArg::Picture(_) => None,
        })
    }

    /// Rejects an extension that selects no format, and `--values` with a format that stores only colours.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        let format = self.chosen().map_err(|error| Usage(format!("--output {error}, or --format")))?;
        if self.values && format.name() != Npy.name() {
            wrong!(
                "--values: {} stores only colours: expected a name that ends in .npy, or --format npy",
                format.name()
            );
        }
        Ok(())
    }

    /// Rejects an output that cannot be written, before any work is done.
    pub(crate) fn open(&self, inputs: &[PathBuf]) -> Result<Target> {
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        let format = self.chosen()?;
        let output =
            format.open(&self.output, &OutputOptions { inputs: &inputs, force: self.force }).map_err(name_force)?;
        Ok(Target { format, output, values: self.values })
    }
}

impl Target {
    /// Writes the picture of a canvas, with what is around it if there is a layer and words about it, or its values.
    pub(crate) fn write(self, canvas: &Canvas, layer: Option<&Layer>, about: Vec<(String, String)>) -> Result<()> {
        if !self.values {
            let mut lines = match layer {
                Some(layer) => axes::lines(canvas, layer)?,
                None => Lines::of(canvas).context("the picture")?,
            };
            lines = lines.with_text(about);
            return self.format.write(&mut lines, self.output).map_err(name_force);
        }
        let (width, height) = canvas.size();
        let mut values = vec![0.0; width as usize * height as usize];
        canvas.values(&mut values)?;
        self.write_values(width, &values)
    }

    /// Writes a picture of values, `width` in a row, with these colours; or the values themselves.
    pub(crate) fn write_colored(
        self,
        (width, height): (u32, u32),
        values: &[f32],
        scale: &Scale,
        colormap: &Colormap,
    ) -> Result<()> {
        if self.values {
            return self.write_values(width, values);
        }
        let mut rows = values.chunks_exact(width as usize);
        let fill = |_, line: &mut [u8]| {
            let row = rows.next().unwrap_or_default();
            colormap.rgba_u8(scale, row, line).map_err(std::io::Error::other)
        };
        let mut lines = Lines::new(width, height, fill).context("the picture")?;
        self.format.write(&mut lines, self.output).map_err(name_force)
    }

    /// Whether pictures may follow each other: pixels without a header.
    pub(crate) fn takes_many(&self) -> bool {
        self.format.name() == Rgba.name()
    }

    /// Writes pictures of one size, one after the other; `frame` writes the one of this number.
    pub(crate) fn write_many(
        self,
        (width, height): (u32, u32),
        count: u64,
        mut frame: impl FnMut(u64, &mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let all = u32::try_from(u64::from(height).saturating_mul(count));
        let all = all.with_context(|| format!("{count} pictures of {height} lines: expected 2^32 lines at most"))?;
        let mut pixels = vec![0; 4 * width as usize * height as usize];
        let fill = |y: u32, line: &mut [u8]| {
            if y.is_multiple_of(height) {
                frame(u64::from(y / height), &mut pixels)
                    .map_err(|error| std::io::Error::other(format!("{error:#}")))?;
            }
            let start = (y % height) as usize * line.len();
            line.copy_from_slice(&pixels[start..start + line.len()]);
            Ok(())
        };
        let mut lines = Lines::new(width, all, fill).context("the pictures")?;
        self.format.write(&mut lines, self.output).map_err(name_force)
    }

    /// Writes a picture of colours.
    pub(crate) fn write_rgba(self, (width, height): (u32, u32), pixels: &[[u8; 4]]) -> Result<()> {
        if self.values {
            anyhow::bail!("--values: cells are colours: expected an array of values");
        }
        let mut rows = pixels.chunks_exact(width as usize);
        let fill = |_, line: &mut [u8]| {
            line.copy_from_slice(rows.next().unwrap_or_default().as_flattened());
            Ok(())
        };
        let mut lines = Lines::new(width, height, fill).context("the picture")?;
        self.format.write(&mut lines, self.output).map_err(name_force)
    }

    fn write_values(self, width: u32, values: &[f32]) -> Result<()> {
        self.output.write(|out| Npy.encode_values(width, values, out)).map_err(name_force)
    }
}

fn name_force(error: ExportError) -> anyhow::Error {
    match error {
        ExportError::Occupied { .. } => anyhow::anyhow!("{error} (--force overwrites it)"),
        error => error.into(),
    }
}
