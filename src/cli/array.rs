//! Flags that describe an array in a file, and the code that opens it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use ringfall::array::{ArrayError, Axes, Component, Dtype, Extent, Order, Stack, is_image};

use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Array")]
pub(crate) struct ArrayArgs {
    /// Read the file as an array without a header, with cells of this type: bool, u8, i8, u16, i16, u32, i32, u64, i64, f16, f32,
    /// f64, c64 or c128, with the suffix be for big-endian; or NumPy's name, such as uint8 or >f4
    #[arg(long, value_name = "TYPE", value_parser = str::parse::<Dtype>, requires = "shape")]
    dtype: Option<Dtype>,

    /// Rows and columns of an array without a header, or the lengths of up to four dimensions (see --layout)
    #[arg(long, value_name = "ROWS,COLUMNS", value_parser = shape, requires = "dtype")]
    shape: Option<Shape>,

    /// Bytes before the first cell of an array without a header
    #[arg(long, value_name = "BYTES", requires = "dtype")]
    offset: Option<u64>,

    /// Order of the cells of an array without a header: row by row (c) or column by column (f)
    /// [default: c]
    #[arg(long, value_name = "ORDER", ignore_case = true, hide_possible_values = true, requires = "dtype")]
    order: Option<OrderArg>,

    /// What the dimensions of an array are: h rows, w columns, c channels of colours, t frames
    ///
    /// One of hw, hwc, chw, thw, thwc and tchw. auto takes two dimensions as hw; three as hwc if the last has a length of 3 or
    /// 4, as chw if the first has, otherwise as thw; and four as thwc or tchw. Three channels are red, green and blue, and a
    /// fourth is alpha, over black. They are bytes, or floats from 0 to 1; others need --vmin and --vmax.
    #[arg(long, value_name = "AXES", default_value = "auto", value_parser = layout)]
    layout: Layout,

    /// Units for the axes of an array: the frequencies at the outer edges of its first and last column, and the times at those
    /// of its first and last row in seconds, such as 7.0M,7.2M,0,60
    #[arg(long, value_name = "LOW,HIGH,START,END", value_parser = ends, allow_hyphen_values = true)]
    extent: Option<Ends>,

    /// Which part of complex numbers to show [default: magnitude]
    #[arg(long, value_name = "WHAT")]
    complex: Option<ComplexArg>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderArg {
    C,
    F,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ComplexArg {
    /// The magnitude
    Magnitude,
    /// The power in dB
    Power,
}

/// The lengths of the dimensions of an array.
#[derive(Clone, Debug, PartialEq)]
struct Shape(Vec<u64>);

/// `--layout`: `None` is `auto`.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
struct Layout(Option<Axes>);

/// Frequencies in Hz, and times in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    hz: (f64, f64),
    ns: (i64, i64),
}

fn shape(text: &str) -> Result<Shape, String> {
    let shape = text.split(',').map(length).collect::<Option<Vec<_>>>().filter(|shape| (2..=4).contains(&shape.len()));
    let expected = || "expected ROWS,COLUMNS, both whole numbers above 0, such as 512,512, or up to four such numbers";
    shape.map(Shape).ok_or_else(|| expected().to_owned())
}

fn layout(text: &str) -> Result<Layout, String> {
    if text == "auto" {
        return Ok(Layout(None));
    }
    text.parse().map(|axes| Layout(Some(axes))).map_err(|error: ArrayError| format!("{error}, or auto"))
}

fn ends(text: &str) -> Result<Ends, String> {
    let expected =
        || "expected LOW,HIGH,START,END: two frequencies and two times in seconds, such as 7.0M,7.2M,0,60".to_owned();
    let parts: Vec<&str> = text.split(',').collect();
    let &[low, high, start, end] = parts.as_slice() else { return Err(expected()) };
    // Within 2^62 ns.
    let seconds = |text: &str| text.trim().parse::<f64>().ok().filter(|seconds| seconds.abs() <= 4.6e9);
    let (Some(start), Some(end)) = (seconds(start), seconds(end)) else { return Err(expected()) };
    let hz = (value::hertz(low.trim())?, value::hertz(high.trim())?);
    if hz.0 >= hz.1 || start >= end {
        return Err(format!("{}, each LOW below HIGH and START before END", expected()));
    }
    let ns = |seconds: f64| (seconds * 1e9).round() as i64;
    Ok(Ends { hz, ns: (ns(start), ns(end)) })
}

fn length(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|length| *length > 0)
}

impl ArrayArgs {
    /// Whether to read this file as an array: `--dtype` says so, or its name or first bytes are those of a `.npy` file or of an
    /// image.
    pub(crate) fn is_array(&self, path: &Path) -> bool {
        self.dtype.is_some() || is_npy(path) || is_picture(path)
    }

    /// Whether its cells are in the file as they are, and not as those of an image.
    pub(crate) fn is_plain(&self, path: &Path) -> bool {
        self.dtype.is_some() || is_npy(path)
    }

    /// Rejects flags that apply only to arrays.
    pub(crate) fn check_unused(&self, path: &Path) -> Result<(), Usage> {
        if self.dtype.is_some() {
            wrong!("--dtype: it applies to arrays, not to the demonstration (./demo is a file of that name)");
        }
        let flags = [
            ("--complex", self.complex.is_some()),
            ("--layout", self.layout.0.is_some()),
            ("--extent", self.extent.is_some()),
        ];
        if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
            wrong!(
                "{flag}: it applies to arrays, and {} is not one (expected a .npy file, an image, or --dtype and --shape)",
                path.display()
            );
        }
        Ok(())
    }

    /// Whether the axes have units.
    pub(crate) fn has_extent(&self) -> bool {
        self.extent.is_some()
    }

    /// Opens the array. Its axes have the units that `--extent` gives.
    pub(crate) fn open(&self, path: &Path) -> Result<Stack> {
        let stack = self.open_plain(path)?;
        let Some(Ends { hz, ns }) = self.extent else { return Ok(stack) };
        let extent = Extent::new(hz, ns, stack.shape()).context("--extent")?;
        Ok(stack.with_extent(Some(extent)))
    }

    fn open_plain(&self, path: &Path) -> Result<Stack, ArrayError> {
        let component = match self.complex {
            Some(ComplexArg::Power) => Component::Power,
            Some(ComplexArg::Magnitude) | None => Component::Magnitude,
        };
        let axes = self.layout.0;
        let (Some(dtype), Some(Shape(shape))) = (self.dtype, &self.shape) else {
            return if is_npy(path) { Stack::open_npy(path, component, axes) } else { Stack::open_image(path) };
        };
        let order = if matches!(self.order, Some(OrderArg::F)) { Order::Fortran } else { Order::C };
        Stack::open_raw(path, (dtype, shape, self.offset.unwrap_or(0), order), component, axes)
    }
}

/// Whether the name or the first bytes are those of an image.
fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let is_named = matches!(extension.as_deref(), Some("png" | "jpg" | "jpeg" | "tif" | "tiff" | "webp"));
    is_named && path.metadata().is_ok_and(|there| there.is_file()) || is_image(path)
}

/// Whether the name or the first bytes are those of a `.npy` file.
pub(crate) fn is_npy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) || begins_as_npy(path)
}

/// Whether a regular file begins with the magic string. Pipes are not read.
fn begins_as_npy(path: &Path) -> bool {
    let mut magic = [0; 6];
    path.metadata().is_ok_and(|there| there.is_file())
        && File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && &magic == b"\x93NUMPY"
}
