//! From a value to a place in the colour table.

mod error;
mod lookup;
mod norm;
mod thresholds;
mod value;

pub use error::{NormError, ScaleError};
pub(crate) use lookup::Lookup;
pub use norm::{Norm, NormHelp};
pub(crate) use thresholds::Thresholds;
pub use value::Value;

/// Where a value falls in a [`Colormap`](crate::Colormap): on one of its 256 entries, or on one of its three other colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LutIndex {
    /// Below `vmin`; so is −∞.
    Under,
    /// From `vmin` to `vmax`, both included: the entry's number.
    Entry(u8),
    /// Above `vmax`; so is +∞.
    Over,
    /// Not a number: no data, or a gap.
    Bad,
}

/// Maps values to entries of a [`Colormap`](crate::Colormap): a [`Norm`] with the range of values that the colours
/// represent, from `vmin` (where the first entry begins) to `vmax` (where the last one ends). The units are those of the rows.
///
/// A norm maps the range to 0..1, and the entry is `min(255, floor(256 · norm(value)))`, worked out in `f64`, as with
/// Matplotlib's norm of the same name and a colormap of 256 entries. Outside the range there are no entries: values below
/// `vmin` are under, values above `vmax` over, with every norm. (So zero and less are under on a logarithmic scale.
/// Matplotlib treats them as bad, which is reserved for gaps here.)
///
/// Inside, a scale is 255 ascending thresholds: the entry is how many of them are at or below the value. The CPU and the GPU
/// only compare, so they choose the same entry for every `f32`. Values nearer to 0 than [`f32::MIN_POSITIVE`] count as 0, since
/// a GPU may flush them to 0. (So `vmin` itself is under if it is such a value above 0, and `vmax` is over if it is one below 0.)
///
/// ```
/// use ringfall::{LutIndex, Norm, Scale};
///
/// let scale = Scale::new(Norm::Log, 1.0, 10_000.0)?;
/// assert_eq!(scale.lut_index(100.0), LutIndex::Entry(128));
/// assert_eq!(scale.lut_index(0.0), LutIndex::Under);
/// # Ok::<(), ringfall::ScaleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    norm: Norm,
    vmin: f32,
    vmax: f32,
    thresholds: Thresholds,
}

impl Default for Scale {
    /// Linear from −120 to 0, which suits dBFS.
    fn default() -> Self {
        let (vmin, vmax) = (-120.0, 0.0);
        let curve = norm::linear(f64::from(vmin), f64::from(vmax));
        Self { norm: Norm::Linear, vmin, vmax, thresholds: Thresholds::new(&curve, vmin, vmax) }
    }
}

impl Scale {
    /// A scale with this norm from `vmin` to `vmax`, in the units of the rows.
    ///
    /// [`Norm::Centered`] makes the range symmetrical: it keeps the end that is farther from its centre, as Matplotlib's
    /// `CenteredNorm` does with data from `vmin` to `vmax`.
    ///
    /// # Errors
    /// If either end is NaN or infinite, if `vmin` is not below `vmax`, if the two are closer together (2.4e-35) or farther
    /// apart (3.4e38) than `f32` can express, or if the norm is not defined for them or its parameter is invalid: see
    /// [`ScaleError`].
    pub fn new(norm: Norm, vmin: f32, vmax: f32) -> Result<Self, ScaleError> {
        error::check(vmin, vmax)?;
        Self::of(norm, &norm.curve(f64::from(vmin), f64::from(vmax))?)
    }

    /// A linear scale from `vmin` to `vmax`, in the units of the rows: all entries are equally wide.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn linear(vmin: f32, vmax: f32) -> Result<Self, ScaleError> {
        Self::new(Norm::Linear, vmin, vmax)
    }

    /// A linear scale from `vcenter - halfrange` to `vcenter + halfrange`, in the units of the rows. The sign of `halfrange`
    /// does not matter.
    ///
    /// # Errors
    /// As for [`new`](Self::new), for these two ends.
    pub fn centered(vcenter: f64, halfrange: f64) -> Result<Self, ScaleError> {
        Self::of(Norm::Centered { vcenter }, &norm::linear(vcenter - halfrange.abs(), vcenter + halfrange.abs()))
    }

    fn of(norm: Norm, curve: &norm::Curve) -> Result<Self, ScaleError> {
        // The ends of a centred range need not be f32; the values in it are.
        let (vmin, vmax) = (curve.low as f32, curve.high as f32);
        error::check(vmin, vmax)?;
        let vmin = if f64::from(vmin) < curve.low { vmin.next_up() } else { vmin };
        let vmax = if f64::from(vmax) > curve.high { vmax.next_down() } else { vmax };
        error::check(vmin, vmax)?;
        Ok(Self { norm, vmin, vmax, thresholds: Thresholds::new(curve, vmin, vmax) })
    }

    /// How the entries share the range.
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// The value where the first entry begins: the least one in the range.
    pub fn vmin(&self) -> f32 {
        self.vmin
    }

    /// The value where the last entry ends: the largest one in the range.
    pub fn vmax(&self) -> f32 {
        self.vmax
    }

    /// The norm as a function: the share of the colours (0 to 1) that lie below a value of the range.
    #[cfg(feature = "egui")]
    pub(crate) fn share(&self) -> impl Fn(f64) -> f64 + use<> {
        let (low, high) = (f64::from(self.vmin), f64::from(self.vmax));
        // The ends come from a curve that was valid, and rounding moved them into its range.
        self.norm.curve(low, high).unwrap_or_else(|_| norm::linear(low, high)).at
    }

    pub(crate) fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Where `value` falls: `min(255, floor(256 · norm(value)))` inside the range.
    pub fn lut_index(&self, value: f32) -> LutIndex {
        self.thresholds.lut_index(value)
    }
}

#[cfg(test)]
mod tests;
