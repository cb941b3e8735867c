//! Flags for the output file and its format.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use ringfall::export::{
    self, ExportError, Format, Frames, Jpeg, Lines, Npy, Output, OutputOptions, Rgba, Stores, Values, VideoFormat,
    VideoOptions,
};
use ringfall::plot::Layer;
use ringfall::{Canvas, Colormap, Scale};

use super::recording::InputFormat;
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
          help = format!("Format of the picture or video, overriding its extension: {}, {}; or of the input: raw samples, such as \
              cs16, or csv", names(), video_names()),
          long_help = format!("Format of the picture or video, overriding its extension: {}, {}; or of the input, overriding \
              theirs\n\nSamples are {}. Both may be given, as --format cs16 --format png.", names(), video_names(),
              InputFormat::words()))]
    formats: Vec<FormatArg>,

    /// Write the values instead of their colours: 16-bit grey from --vmin to --vmax in a PNG, 32-bit floats of shape
    /// (height, width) in a .npy file
    #[arg(long)]
    pub(crate) values: bool,

    /// With format NPY: write the colours as 32-bit floats from 0 to 1, of shape (height, width, 4)
    #[arg(long, conflicts_with = "values")]
    floats: bool,

    /// Quality of a JPEG or a video, from 1 (small) to 100 [default: 90 for JPEG, 80 for videos]
    ///
    /// MP4 and WebM of quality 100 keep every pixel as it is, but not every player shows them.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: Option<u8>,

    /// Overwrite a file that is not a picture
    #[arg(long)]
    pub(crate) force: bool,
}

fn first_line() -> String {
    format!(
        "File to write: its extension selects the format ({}; of videos {}); - is standard output",
        names(),
        video_names()
    )
}

fn names() -> String {
    export::FORMATS.iter().map(|format| format.name().to_ascii_lowercase()).collect::<Vec<_>>().join(", ")
}

/// The names of the formats of videos.
pub(crate) fn video_names() -> String {
    VideoFormat::ALL.map(|format| format.name().to_ascii_lowercase()).join(", ")
}

/// The formats that store values.
fn names_of_values() -> String {
    let stores = export::FORMATS.iter().filter(|format| format.stores() != Stores::Colors);
    stores.map(|format| format.name().to_ascii_lowercase()).collect::<Vec<_>>().join(" or ")
}

/// A value of `render --format`: a format of the picture or of raw samples.
#[derive(Clone, Copy, Debug)]
enum FormatArg {
    Picture(&'static dyn Format),
    Video(VideoFormat),
    Input(InputFormat),
}

fn format_word(word: &str) -> Result<FormatArg, String> {
    if let Some(format) = VideoFormat::named(word) {
        return Ok(FormatArg::Video(format));
    }
    export::format_named(word).map(FormatArg::Picture).or_else(|error| {
        let neither = |_: String| format!("{error}; nor is it a format of the input: {}", InputFormat::words());
        word.parse().map(FormatArg::Input).map_err(neither)
    })
}

/// An output and its format.
pub(crate) struct Target {
    format: &'static dyn Format,
    output: Output,
    values: bool,
    floats: bool,
}

impl OutputArgs {
    fn chosen(&self) -> Result<&'static dyn Format, ExportError> {
        let named = self.formats.iter().rev().find_map(|format| match format {
            FormatArg::Picture(format) => Some(*format),
            FormatArg::Video(_) | FormatArg::Input(_) => None,
        });
        named.map_or_else(|| export::format_of(&self.output), Ok)
    }

    /// The format of the input, if one was given.
    pub(crate) fn input(&self) -> Option<InputFormat> {
        self.formats.iter().rev().find_map(|format| match format {
            FormatArg::Input(format) => Some(*format),
            FormatArg::Picture(_) | FormatArg::Video(_) => None,
        })
    }

    /// The format, if it is one of videos.
    pub(crate) fn video(&self) -> Option<VideoFormat> {
        let named = self.formats.iter().rev().find_map(|format| match format {
            FormatArg::Picture(_) => Some(None),
            FormatArg::Video(format) => Some(Some(*format)),
            FormatArg::Input(_) => None,
        });
        named.unwrap_or_else(|| VideoFormat::of(&self.output))
    }

    /// Whether numbers are written and no picture.
    pub(crate) fn stores_numbers(&self) -> bool {
        self.stores_values() || self.floats
    }

    /// Whether pictures may follow each other: pixels without a header.
    pub(crate) fn takes_many(&self) -> bool {
        self.chosen().is_ok_and(|format| format.name() == Rgba.name())
    }

    /// Whether the values are written and not their colours.
    pub(crate) fn stores_values(&self) -> bool {
        self.values || self.chosen().is_ok_and(|format| format.stores() == Stores::Values)
    }

    /// Rejects flags that do not apply to a video; completes its options.
    pub(crate) fn check_video(&self, options: VideoOptions) -> Result<(VideoFormat, VideoOptions), Usage> {
        let Some(format) = self.video() else {
            let path = self.output.display();
            wrong!(
                "--output {path}: expected the format of a video: its extension or --format is one of {}",
                video_names()
            );
        };
        for (flag, given) in [("--values", self.values), ("--floats", self.floats)] {
            if given {
                wrong!("{flag}: {} stores only colours of 8 bits", format.name());
            }
        }
        match self.quality {
            Some(_) if !format.has_quality() => wrong!("--quality: {} has no quality to choose", format.name()),
            Some(quality) => Ok((format, options.with_quality(quality))),
            None => Ok((format, options)),
        }
    }

    /// Rejects a video that cannot be written, before any work is done.
    pub(crate) fn open_video(
        &self,
        (format, options): (VideoFormat, VideoOptions),
        inputs: &[PathBuf],
    ) -> Result<VideoTarget> {
        format.check(&options).map_err(|error| match error {
            ExportError::FrameRate { .. } => Usage(format!("--fps: {error}")).into(),
            error => anyhow::Error::from(error),
        })?;
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        let output = format.open(&self.output, &OutputOptions { inputs: &inputs, force: self.force });
        Ok(VideoTarget { format, options, output: output.map_err(name_force)? })
    }

    /// Rejects an extension that selects no format, and `--values` with a format that stores only colours.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        if let Some(format) = self.video() {
            wrong!(
                "--output {}: {} is a format of videos: expected --scroll and a recording, an array of frames, or the format of a \
                 picture: {}",
                self.output.display(),
                format.name(),
                names()
            );
        }
        let format = self.chosen().map_err(|error| {
            let videos = VideoFormat::ALL.map(|format| format!(".{}", format.name().to_ascii_lowercase())).join(", ");
            Usage(format!("--output {error}, for a video {videos}, or --format"))
        })?;
        if self.values && format.stores() == Stores::Colors {
            wrong!("--values: {} stores only colours: expected --format {}", format.name(), names_of_values());
        }
        if self.floats && format.name() != Npy.name() {
            wrong!("--floats: expected a name that ends in .npy, or --format npy, got {}", format.name());
        }
        if self.quality.is_some() && format.name() != Jpeg::DEFAULT.name() {
            wrong!("--quality: {} has no quality to choose: expected JPEG", format.name());
        }
        Ok(())
    }

    /// Rejects an output that cannot be written, before any work is done.
    pub(crate) fn open(&self, inputs: &[PathBuf]) -> Result<Target> {
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        let format = self.chosen()?;
        let output =
            format.open(&self.output, &OutputOptions { inputs: &inputs, force: self.force }).map_err(name_force)?;
        let values = self.values || format.stores() == Stores::Values;
        let format = match self.quality {
            // The command line is read once.
            Some(quality) => Box::leak(Box::new(Jpeg::with_quality(quality))),
            None => format,
        };
        Ok(Target { format, output, values, floats: self.floats })
    }
}

/// A video to write.
pub(crate) struct VideoTarget {
    pub(crate) format: VideoFormat,
    options: VideoOptions,
    output: Output,
}

impl VideoTarget {
    pub(crate) fn write(self, frames: &mut Frames<'_>) -> Result<()> {
        self.format.write(frames, &self.options, self.output).map_err(name_force)
    }
}

impl Target {
    /// Writes the picture of a canvas, with what is around it if there is a layer and words about it, or its values.
    pub(crate) fn write(self, canvas: &Canvas, layer: Option<&Layer>, about: Vec<(String, String)>) -> Result<()> {
        if !self.values && !self.floats {
            let mut lines = match layer {
                Some(layer) => Lines::decorated(canvas, layer),
                None => Lines::of(canvas),
            }
            .context("the picture")?;
            lines = lines.with_text(about);
            return self.format.write(&mut lines, self.output).map_err(name_force);
        }
        let (width, height) = canvas.size();
        let mut values = vec![0.0; width as usize * height as usize];
        canvas.values(&mut values)?;
        self.write_numbers((width, height), &values, &canvas.scale(), canvas.colormap())
    }

    /// Writes a picture of values, `width` in a row, with these colours; or the values themselves.
    pub(crate) fn write_colored(
        self,
        (width, height): (u32, u32),
        values: &[f32],
        scale: &Scale,
        colormap: &Colormap,
        around: Option<&Layer>,
    ) -> Result<()> {
        if self.values || self.floats {
            return self.write_numbers((width, height), values, scale, colormap);
        }
        let mut rows = values.chunks_exact(width as usize);
        let fill = |line: &mut [[u8; 4]]| {
            let row = rows.next().unwrap_or_default();
            colormap.rgba_u8(scale, row, line.as_flattened_mut()).map_err(std::io::Error::other)
        };
        self.write_lines((width, height), around, fill)
    }

    /// Writes the lines that `fill` makes one after the other, with what is around them.
    fn write_lines(
        self,
        size: (u32, u32),
        around: Option<&Layer>,
        mut fill: impl FnMut(&mut [[u8; 4]]) -> std::io::Result<()>,
    ) -> Result<()> {
        let (width, height) = around.map_or(size, Layer::size);
        let fill = |y: u32, line: &mut [u8]| {
            let line = line.as_chunks_mut().0;
            match around {
                None => fill(line),
                Some(around) => around.rows_around(y..y + 1, line, |_, line| fill(line)),
            }
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
    pub(crate) fn write_rgba(
        self,
        (width, height): (u32, u32),
        pixels: &[[u8; 4]],
        around: Option<&Layer>,
    ) -> Result<()> {
        if self.values || self.floats {
            anyhow::bail!("--values, --floats: cells are colours: expected an array of values");
        }
        let mut rows = pixels.chunks_exact(width as usize);
        let fill = |line: &mut [[u8; 4]]| {
            line.copy_from_slice(rows.next().unwrap_or_default());
            Ok(())
        };
        self.write_lines((width, height), around, fill)
    }

    /// Writes the values, or their colours as numbers.
    fn write_numbers(self, size: (u32, u32), values: &[f32], scale: &Scale, colormap: &Colormap) -> Result<()> {
        if self.values {
            let values = Values::new(size, values, (scale.vmin(), scale.vmax()))?;
            return self.format.write_values(&values, self.output).map_err(name_force);
        }
        let mut rows = values.chunks_exact(size.0 as usize);
        let fill = |_, line: &mut [f32]| {
            let row = rows.next().unwrap_or_default();
            colormap.rgba_f32(scale, row, line).map_err(std::io::Error::other)
        };
        self.output.write(|out| Npy.encode_floats(size, fill, out)).map_err(name_force)
    }
}

fn name_force(error: ExportError) -> anyhow::Error {
    match error {
        ExportError::Occupied { .. } | ExportError::Exists { .. } => anyhow::anyhow!("{error} (--force overwrites it)"),
        error => error.into(),
    }
}
