//! Flags for the picture, shared by the window and `render`.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use ringfall::{Axis, Colormap, Interpolation, Norm, Options, Precision, Reduce, Side, Texel, View, palette};

use super::norm;
use crate::app::range::Range;
use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Picture")]
pub(crate) struct PictureArgs {
    /// Colormap by name, or a palette file: CSV or JSON of 2 to 256 RGB triples
    ///
    /// A value with a dot or a slash is a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "viridis", value_parser = colormap,
          long_help = format!(
              "Colormap by name, or a palette file: CSV or JSON of 2 to 256 RGB triples\n\n\
               The names are {}. Append \"_r\" to reverse a map. A value with a dot or a slash is a file.",
              Colormap::NAMES.join(", ")))]
    pub(crate) colormap: String,

    /// Lower end of the range: a level in dB, where 0 dB is a full-scale sine; for an array, a value [default: from the data]
    #[arg(long, value_name = "LEVEL", value_parser = value::level)]
    pub(crate) vmin: Option<f32>,

    /// Upper end of the range [default: from the data]
    #[arg(long, value_name = "LEVEL", value_parser = value::level)]
    pub(crate) vmax: Option<f32>,

    // Without a doc comment: the help comes from the library's list.
    #[arg(long, value_name = "NORM", default_value = "linear", value_parser = str::parse::<Norm>,
          help = norm::short_help(), long_help = norm::help())]
    pub(crate) norm: Norm,

    // Without a doc comment: the names come from the library's list.
    #[arg(long, value_name = "AXIS", default_value = "linear", value_parser = axis,
          help = format!("How frequencies are spread over the picture: {}", axes()))]
    pub(crate) axis: Axis,

    /// Side where new rows appear [default: top; for an array, bottom, so that row 0 is at the top]
    #[arg(long, value_name = "SIDE")]
    pub(crate) newest: Option<NewestArg>,

    /// Time per line of pixels, such as 20ms, 1s or 10min [default: one row per line]
    ///
    /// Rows that share a line are reduced (see --reduce). The default of `render` fits the whole recording into the
    /// picture.
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
    pub(crate) line_time: Option<f64>,

    /// What a pixel shows when it covers several cells of the spectrum [default: max; for colours, mean]
    #[arg(long, value_name = "HOW")]
    pub(crate) reduce: Option<ReduceArg>,

    /// What a pixel shows when it is narrower than a bin: the nearest bin, or a value interpolated between two
    #[arg(long, value_name = "HOW", default_value = "nearest")]
    pub(crate) interpolate: InterpolateArg,

    /// How levels are stored on the GPU: 16-bit or 32-bit floats, or 8 bits over the range
    #[arg(long, value_name = "TEXEL", default_value = "f16")]
    pub(crate) texel: TexelArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NewestArg {
    Top,
    Bottom,
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReduceArg {
    /// The largest level, so that no carrier disappears
    Max,
    /// The mean power
    Mean,
    /// The smallest level
    Min,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum InterpolateArg {
    Nearest,
    Linear,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TexelArg {
    F16,
    F32,
    U8,
}

/// Whether `--colormap` names a file.
fn is_palette_file(text: &str) -> bool {
    text.contains(['.', '/', std::path::MAIN_SEPARATOR])
}

/// The name of a built-in colormap, or of a file that is read later.
fn colormap(text: &str) -> Result<String, String> {
    if !is_palette_file(text) {
        Colormap::named(text).map_err(|error| error.to_string())?;
    }
    Ok(text.to_owned())
}

/// The names of the frequency axes.
fn axes() -> String {
    Axis::NAMES.map(|(name, _)| name).join(", ")
}

fn axis(text: &str) -> Result<Axis, String> {
    let known = Axis::NAMES.into_iter().find(|(name, _)| *name == text);
    known.map(|(_, axis)| axis).ok_or_else(|| format!("expected one of {}", axes()))
}

impl PictureArgs {
    /// Rejects flags that contradict each other; `fmin` is the lowest frequency requested.
    pub(crate) fn check(&self, fmin: Option<f64>) -> Result<(), Usage> {
        for (flag, level) in [("--vmin", self.vmin), ("--vmax", self.vmax)] {
            if let Some(level) = level.filter(|level| level.abs() > 1e6) {
                wrong!("{flag} {level}: expected a level in dB, such as -110");
            }
        }
        self.check_axis(fmin)?;
        norm::check(self.norm, self.vmin, self.vmax).map_err(Usage)
    }

    /// The same for a picture of plain numbers. A logarithmic range that is found begins above 0.
    pub(crate) fn check_numbers(&self, fmin: Option<f64>) -> Result<(), Usage> {
        self.check_axis(fmin)?;
        if self.norm == Norm::Log && self.vmin.is_none() {
            return Ok(());
        }
        norm::check(self.norm, self.vmin, self.vmax).map_err(Usage)
    }

    fn check_axis(&self, fmin: Option<f64>) -> Result<(), Usage> {
        if let (Axis::Log, Some(fmin)) = (self.axis, fmin.filter(|fmin| *fmin <= 0.0)) {
            wrong!("--axis log --fmin {fmin}: expected --fmin above 0 Hz");
        }
        Ok(())
    }

    /// The ends of the range that the flags set.
    pub(crate) fn range(&self) -> (Option<f32>, Option<f32>) {
        (self.vmin, self.vmax)
    }

    /// The colormap, built-in or from a file.
    pub(crate) fn colormap(&self) -> Result<Colormap> {
        let name = self.colormap.as_str();
        if is_palette_file(name) {
            palette::load(Path::new(name)).with_context(|| format!("--colormap {name}"))
        } else {
            Colormap::named(name).with_context(|| format!("--colormap {name}"))
        }
    }

    /// The palette file, if `--colormap` names one.
    pub(crate) fn palette_file(&self) -> Option<&Path> {
        is_palette_file(&self.colormap).then(|| Path::new(&self.colormap))
    }

    pub(crate) fn newest(&self) -> Side {
        match self.newest.unwrap_or(NewestArg::Top) {
            NewestArg::Top => Side::Top,
            NewestArg::Bottom => Side::Bottom,
            NewestArg::Left => Side::Left,
            NewestArg::Right => Side::Right,
        }
    }

    pub(crate) fn reduce(&self) -> Reduce {
        match self.reduce {
            Some(ReduceArg::Max) | None => Reduce::Max,
            Some(ReduceArg::Mean) => Reduce::Mean,
            Some(ReduceArg::Min) => Reduce::Min,
        }
    }

    /// The same for channels of colours.
    pub(crate) fn reduce_colors(&self) -> Reduce {
        if self.reduce.is_none() { Reduce::Mean } else { self.reduce() }
    }

    /// How levels are stored. 8-bit codes need a fixed range: the given one, or 0 to -127.5 dB in steps of half a
    /// decibel.
    pub(crate) fn texel(&self) -> Texel {
        match self.texel {
            TexelArg::F16 => Texel::F16,
            TexelArg::F32 => Texel::F32,
            TexelArg::U8 => {
                let (zero, top) = match (self.vmin, self.vmax) {
                    (Some(vmin), Some(vmax)) => (vmin, vmax),
                    (Some(vmin), None) => (vmin, vmin + 127.5),
                    (None, Some(vmax)) => (vmax - 127.5, vmax),
                    (None, None) => (-127.5, 0.0),
                };
                let (zero, top) = Range::new(zero, top).with_norm(self.norm).ends();
                Texel::U8 { zero, step: (top - zero) / 255.0 }
            }
        }
    }

    /// How levels are kept in memory.
    pub(crate) fn precision(&self) -> Precision {
        match self.texel {
            TexelArg::F16 | TexelArg::U8 => Precision::F16,
            TexelArg::F32 => Precision::F32,
        }
    }

    /// Bytes of GPU memory that a level takes.
    pub(crate) fn bytes_per_level(&self) -> u64 {
        match self.texel {
            TexelArg::F16 => 2,
            TexelArg::F32 => 4,
            TexelArg::U8 => 1,
        }
    }

    /// The view of these frequencies in Hz (`None`: all), at the newest rows.
    pub(crate) fn view(&self, span_hz: Option<(f64, f64)>) -> View {
        View::default()
            .span_hz(span_hz)
            .line_ns(self.line_time.map(|seconds| seconds * 1e9))
            .axis(self.axis)
            .reduce(self.reduce())
            .interpolation(match self.interpolate {
                InterpolateArg::Nearest => Interpolation::Nearest,
                InterpolateArg::Linear => Interpolation::Linear,
            })
    }

    /// The renderer's options for rows of `bins` bins and a picture of this size.
    pub(crate) fn options(&self, bins: u32, capacity: ringfall::Capacity, width: u32, height: u32) -> Options {
        Options::default()
            .bins(bins)
            .capacity(capacity)
            .texel(self.texel())
            .width(width)
            .height(height)
            .newest_side(self.newest())
    }
}
