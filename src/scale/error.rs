//! Errors of scales and norms.

use thiserror::Error;

use super::Norm;

/// The least `vmax - vmin`, about 2.4e-35. With less, the differences between entries would approach
/// [`f32::MIN_POSITIVE`], below which a GPU may flush numbers to zero.
const LEAST_RANGE: f32 = 2048.0 * f32::MIN_POSITIVE;

/// Refuses values that cannot be the ends of a range.
pub(super) fn check(vmin: f32, vmax: f32) -> Result<(), ScaleError> {
    if !(vmin.is_finite() && vmax.is_finite()) {
        return Err(ScaleError::NotFinite { vmin, vmax });
    }
    if vmin >= vmax {
        return Err(ScaleError::NotAscending { vmin, vmax });
    }
    let range = vmax - vmin;
    if range < LEAST_RANGE {
        return Err(ScaleError::TooNarrow { vmin, vmax });
    }
    if range.is_infinite() {
        return Err(ScaleError::TooWide { vmin, vmax });
    }
    Ok(())
}

/// Why two values cannot be the ends of a [`Scale`](crate::Scale), or why a norm's parameter is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ScaleError {
    /// One of the ends is NaN or infinite.
    #[error("vmin and vmax must be finite numbers, got vmin = {vmin} and vmax = {vmax}")]
    NotFinite {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The range is empty or reversed.
    #[error("vmin must be less than vmax, got vmin = {vmin} and vmax = {vmax}")]
    NotAscending {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The range is too small for 256 steps in `f32`.
    #[error("vmin and vmax must be at least {LEAST_RANGE:e} apart, got vmin = {vmin:e} and vmax = {vmax:e}")]
    TooNarrow {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The width of the range overflows `f32`.
    #[error("vmax - vmin must not exceed {:e}, got vmin = {vmin:e} and vmax = {vmax:e}", f32::MAX)]
    TooWide {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// A logarithmic scale that begins at 0 or below.
    #[error("with the norm log, vmin must be above 0, got vmin = {vmin} and vmax = {vmax}")]
    NotPositive {
        /// The lower end asked for.
        vmin: f32,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The exponent of [`Norm::Power`] is not a finite number above 0.
    #[error("with the norm power, gamma must be a finite number above 0, got {gamma}")]
    Gamma {
        /// The exponent asked for.
        gamma: f64,
    },
    /// The linear part of [`Norm::SymLog`] does not end at a finite number above 0.
    #[error("with the norm symlog, linthresh must be a finite number above 0, got {linthresh}")]
    LinThresh {
        /// The end of the linear part asked for.
        linthresh: f64,
    },
    /// The centre of [`Norm::TwoSlope`] is not inside the range.
    #[error(
        "with the norm twoslope, vmin, vcenter and vmax must be in ascending order, got vmin = {vmin}, \
         vcenter = {vcenter} and vmax = {vmax}"
    )]
    CenterOutside {
        /// The lower end asked for.
        vmin: f32,
        /// The centre asked for.
        vcenter: f64,
        /// The upper end asked for.
        vmax: f32,
    },
    /// The centre of [`Norm::Centered`] is NaN or infinite.
    #[error("with the norm centred, vcenter must be a finite number, got {vcenter}")]
    CenterNotFinite {
        /// The centre asked for.
        vcenter: f64,
    },
}

/// Why a text is not a [`Norm`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NormError {
    /// No norm has this name.
    #[error("no norm is called {name:?}; expected {}", Norm::usages())]
    UnknownName {
        /// The name asked for.
        name: String,
    },
    /// The parameter is missing, superfluous, or not a number that the norm accepts.
    #[error("expected {usage}: {help}")]
    Parameter {
        /// How the norm is written.
        usage: &'static str,
        /// What it does, and which parameter it accepts.
        help: &'static str,
    },
}
