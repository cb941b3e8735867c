//! Numbers of 64 bits whose differences are lost in the 32-bit floats that rows are kept in.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use ringfall::array::Array;

use super::scale::Found;
use crate::terminal::complain;

/// Cells that are looked at, from the first on.
const LOOK: u64 = 1 << 17;

/// Warns if cells differ that are the same number here, and the range is hardly wider than that.
pub(super) fn warn(array: &Array, found: Found) {
    let most = found.least.abs().max(found.largest.abs());
    let step = f64::from(most.next_up()) - f64::from(most);
    let width = f64::from(found.largest) - f64::from(found.least);
    // Fewer steps than colours.
    let is_narrow = (0.0..256.0 * step).contains(&width);
    if is_narrow && differ(array).unwrap_or(false) {
        complain(format_args!(
            "ringfall: warning: {}: values are kept as 32-bit floats, which are {step} apart at {most}: smaller differences are not \
             shown (subtract the mean before saving the array)",
            array.path().display()
        ));
    }
}

/// Whether neighbouring cells differ that are the same as 32-bit floats.
fn differ(array: &Array) -> Option<bool> {
    let layout = array.layout();
    let word = layout.dtype.to_string();
    let (number, is_big) = word.strip_suffix("be").map_or((&*word, false), |number| (number, true));
    let read = |bytes: &[u8; 8]| {
        let bits = if is_big { u64::from_be_bytes(*bytes) } else { u64::from_le_bytes(*bytes) };
        match number {
            "f64" => f64::from_bits(bits) as f32,
            "i64" => bits.cast_signed() as f32,
            _ => bits as f32,
        }
    };
    if !matches!(number, "f64" | "i64" | "u64") {
        return Some(false);
    }
    let mut file = File::open(array.path()).ok()?;
    file.seek(SeekFrom::Start(layout.offset)).ok()?;
    let mut bytes = Vec::new();
    let cells = array.rows().saturating_mul(array.columns().into()).min(LOOK);
    file.take(8 * cells).read_to_end(&mut bytes).ok()?;
    let cells = bytes.as_chunks::<8>().0;
    Some(cells.array_windows().any(|[a, b]| a != b && read(a) == read(b)))
}
