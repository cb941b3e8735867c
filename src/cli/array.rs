//! Flags that describe an array in a file, and the code that opens it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use clap::{Args, ValueEnum};
use ringfall::array::{Array, ArrayError, Component, Dtype, Order, RawLayout};

use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Array")]
pub(crate) struct ArrayArgs {
    /// Read the file as an array without a header, with cells of this type: bool, u8, i8, u16, i16, u32, i32, u64, i64, f16, f32,
    /// f64, c64 or c128, with the suffix be for big-endian; or NumPy's name, such as uint8 or >f4
    #[arg(long, value_name = "TYPE", value_parser = str::parse::<Dtype>, requires = "shape")]
    dtype: Option<Dtype>,

    /// Rows and columns of an array without a header
    #[arg(long, value_name = "ROWS,COLUMNS", value_parser = shape, requires = "dtype")]
    shape: Option<(u64, u64)>,

    /// Bytes before the first cell of an array without a header
    #[arg(long, value_name = "BYTES", requires = "dtype")]
    offset: Option<u64>,

    /// Order of the cells of an array without a header: row by row (c) or column by column (f)
    /// [default: c]
    #[arg(long, value_name = "ORDER", ignore_case = true, hide_possible_values = true, requires = "dtype")]
    order: Option<OrderArg>,

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

fn shape(text: &str) -> Result<(u64, u64), String> {
    let shape = text.split_once(',').and_then(|(rows, columns)| Some((length(rows)?, length(columns)?)));
    shape.ok_or_else(|| "expected ROWS,COLUMNS, both whole numbers above 0, such as 512,512".to_owned())
}

fn length(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|length| *length > 0)
}

impl ArrayArgs {
    /// Whether to read this file as an array: `--dtype` says so, or its name or first bytes are those of a `.npy` file.
    pub(crate) fn is_array(&self, path: &Path) -> bool {
        self.dtype.is_some() || is_npy(path)
    }

    /// Rejects flags that apply only to arrays.
    pub(crate) fn check_unused(&self, path: &Path) -> Result<(), Usage> {
        if self.dtype.is_some() {
            wrong!("--dtype: it applies to arrays, not to the demonstration (./demo is a file of that name)");
        }
        if self.complex.is_some() {
            wrong!(
                "--complex: it applies to arrays, and {} is not one (expected a .npy file, or --dtype and --shape)",
                path.display()
            );
        }
        Ok(())
    }

    pub(crate) fn open(&self, path: &Path) -> Result<Array, ArrayError> {
        let component = match self.complex {
            Some(ComplexArg::Power) => Component::Power,
            Some(ComplexArg::Magnitude) | None => Component::Magnitude,
        };
        let (Some(dtype), Some(shape)) = (self.dtype, self.shape) else {
            return Array::open_npy(path, component);
        };
        let order = if matches!(self.order, Some(OrderArg::F)) { Order::Fortran } else { Order::C };
        Array::open_raw(path, RawLayout { dtype, shape, offset: self.offset.unwrap_or(0), order }, component)
    }
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
