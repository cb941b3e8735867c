//! The range of an array's values.

use anyhow::{Context as _, Result, bail};
use ringfall::array::{Array, Dtype};
use ringfall::{Colormap, Norm, Scale, Store as _};

use crate::app::range::{Range as Levels, percentile};
use crate::cli::render::RenderCommand;

/// Most cells that percentiles are taken from.
const SAMPLE: u64 = 16 << 20;
/// The numbers that a range is computed from, without infinities and NaN.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) least: f32,
    pub(super) largest: f32,
    /// The smallest value above 0, for logarithms.
    least_positive: f32,
}

impl Found {
    pub(super) const NOTHING: Self =
        Self { least: f32::INFINITY, largest: f32::NEG_INFINITY, least_positive: f32::INFINITY };

    pub(super) fn add(&mut self, values: &[f32]) {
        let mut found = *self;
        for &value in values {
            let (low, high) = if value.is_finite() { (value, value) } else { (f32::INFINITY, f32::NEG_INFINITY) };
            found.least = found.least.min(low);
            found.largest = found.largest.max(high);
            found.least_positive = found.least_positive.min(if low > 0.0 { low } else { f32::INFINITY });
        }
        *self = found;
    }

    pub(super) fn join(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            largest: self.largest.max(other.largest),
            least_positive: self.least_positive.min(other.least_positive),
        }
    }
}

/// Scale and colours that show code `c` of an array of bytes as grey level `c`, so that 8-bit data keep their values. `None` if
/// the flags ask for something else.
pub(super) fn codes_as_they_are(args: &RenderCommand, array: &Array) -> Result<Option<(Scale, Colormap)>> {
    let (picture, own) = (&args.picture, &args.array_picture);
    let grey = matches!(picture.colormap.as_str(), "grey" | "gray");
    let free = picture.vmin.is_none() && picture.vmax.is_none() && picture.norm == Norm::Linear;
    if !grey || !free || own.vsym || own.percentile.is_some() || array.layout().dtype != Dtype::U8 {
        return Ok(None);
    }
    Ok(Some((Scale::linear(0.0, 256.0)?, Colormap::named("grey")?)))
}

/// The requested range, or the automatic one: from the smallest value to the largest, as in Matplotlib.
pub(super) fn scale(args: &RenderCommand, arrays: &[Array], found: Found) -> Result<Scale> {
    let (vmin, vmax) = (args.picture.vmin, args.picture.vmax);
    let own = &args.array_picture;
    let nothing = found.least > found.largest;
    let (mut low, mut high) = match own.percentile {
        _ if nothing => (0.0, 1.0),
        Some(percentiles) => percentile_ends(arrays, percentiles)?,
        None if args.picture.norm == Norm::Log && found.least_positive.is_finite() => {
            (found.least_positive, found.largest)
        }
        None => (found.least, found.largest),
    };
    low = vmin.unwrap_or(low);
    high = vmax.unwrap_or(high);
    if own.vsym {
        high = low.abs().max(high.abs());
        low = -high;
    }
    if low >= high {
        match (vmin, vmax) {
            (Some(vmin), None) if vmin > high => {
                bail!("--vmin {vmin}: the largest value is {high}: expected --vmax too")
            }
            (None, Some(vmax)) if vmax < low => {
                bail!("--vmax {vmax}: the smallest value is {low}: expected --vmin too")
            }
            // All values are the same: they get the first colour, as with Matplotlib.
            (None, Some(_)) => low = high - widened(high),
            _ => high = low + widened(low),
        }
    }
    let range = Levels::new(low, high).with_norm(args.picture.norm);
    range.scale().with_context(|| format!("range {low} to {high}"))
}

/// The range and the norm, with all digits that they need to be given as flags. `origin` is where the range is from.
pub(super) fn range_words(scale: &Scale, origin: &str) -> String {
    // `e` keeps numbers of any size short.
    let number = |value: f32| match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-4..1e10).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    };
    let norm = if scale.norm() == Norm::Linear { String::new() } else { format!(", norm {}", scale.norm()) };
    format!("range {} to {}{origin}{norm}", number(scale.vmin()), number(scale.vmax()))
}

/// The narrowest range that separates two `f32` of this magnitude.
fn widened(value: f32) -> f32 {
    (value.abs() * 1e-3).max(1.0)
}

/// The percentiles as `numpy.percentile` computes them: interpolated between the two nearest ranks.
fn percentile_ends(arrays: &[Array], (low, high): (f64, f64)) -> Result<(f32, f32)> {
    let rows: u64 = arrays.iter().map(Array::rows).sum();
    let columns = arrays.iter().map(|array| u64::from(array.columns())).max().unwrap_or(1);
    let step = rows.div_ceil((SAMPLE / columns).max(1)).max(1);
    let (mut cells, mut row) = (Vec::new(), Vec::new());
    // Rows are counted through all arrays.
    let mut first = 0;
    for array in arrays {
        let skipped = u64::next_multiple_of(first, step) - first;
        for number in (skipped..array.rows()).step_by(step as usize) {
            array.read(number, &mut row)?;
            cells.extend(row.iter().filter(|value| value.is_finite()));
        }
        first += array.rows();
    }
    let ends = percentile(&mut cells, low).zip(percentile(&mut cells, high));
    Ok(ends.unwrap_or((0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_any_size_are_short() {
        let words = |norm, low, high| range_words(&Scale::new(norm, low, high).unwrap(), " (found)");
        assert_eq!(words(Norm::Linear, -0.0, 255.0), "range 0 to 255 (found)");
        assert_eq!(words(Norm::Log, 1.5e-5, 3.396_093_2e38), "range 1.5e-5 to 3.3960932e38 (found), norm log");
        assert_eq!(words(Norm::Linear, -123_456.79, 0.1), "range -123456.79 to 0.1 (found)");
    }

    #[test]
    fn what_is_no_number_says_nothing_about_a_range() {
        let mut found = Found::NOTHING;
        found.add(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
        assert!(found.least > found.largest);
        found.add(&[-3.0, 0.0, f32::NAN, 0.5, 7.0]);
        assert_eq!((found.least, found.largest, found.least_positive), (-3.0, 7.0, 0.5));
    }
}
