//! The norms, each as Matplotlib defines it, in `f64`.
//!
//! A new norm is a variant, a row in [`Norm::LIST`], and a function that returns its [`Curve`].

use std::fmt;
use std::str::FromStr;

use super::{NormError, ScaleError};

/// How the 256 entries of a colormap share the range from `vmin` to `vmax`. Each is Matplotlib's norm of that name.
///
/// Parameters are `f64`, so that 0.3 is Matplotlib's 0.3. As text a norm is written as in [`Norm::LIST`], such as `log` or
/// `power:0.5`; [`FromStr`] reads that and [`Display`](fmt::Display) writes it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Norm {
    /// All entries are equally wide: `(v - vmin) / (vmax - vmin)`. `Normalize`.
    #[default]
    Linear,
    /// Equal ratios are equally wide; `vmin` must be above 0. `LogNorm`.
    Log,
    /// `((v - vmin) / (vmax - vmin))^gamma`. `PowerNorm`.
    Power {
        /// The exponent, above 0: below 1 it spreads small values, above 1 large ones.
        gamma: f64,
    },
    /// Linear within ±`linthresh`, logarithmic beyond, on both sides of 0. `SymLogNorm` with its defaults `base = 10` and
    /// `linscale = 1`: a decade is as wide as the linear part from 0 to `linthresh`, as 9 to 10.
    SymLog {
        /// Where the linear part ends, in the units of the rows, above 0.
        linthresh: f64,
    },
    /// Linear from `vmin` to `vcenter`, which is in the middle of the colours, and linear with another slope from there to
    /// `vmax`. `TwoSlopeNorm`.
    TwoSlope {
        /// The value in the middle of the colours, between `vmin` and `vmax`, in the units of the rows.
        vcenter: f64,
    },
    /// Linear over a range that is symmetrical about `vcenter`. `CenteredNorm`.
    Centered {
        /// The value in the middle of the colours, in the units of the rows.
        vcenter: f64,
    },
}

/// How a norm is written, and what it does: a row of [`Norm::LIST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NormHelp {
    /// The name.
    pub name: &'static str,
    /// The name with its parameter, in brackets where it may be left out.
    pub usage: &'static str,
    /// What it does and which parameter it accepts, in one line.
    pub help: &'static str,
}

/// A norm bound to a range: values to 0..1.
pub(super) struct Curve {
    /// The values that map to 0 and to 1.
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether it is `(v - low) / (high - low)`.
    pub(super) is_linear: bool,
    pub(super) at: Box<dyn Fn(f64) -> f64>,
}

impl Norm {
    /// All norms, for help and errors.
    pub const LIST: &[NormHelp] = &[
        NormHelp { name: "linear", usage: "linear", help: "equal steps" },
        NormHelp { name: "log", usage: "log", help: "equal ratios; the range must be above 0" },
        NormHelp {
            name: "power",
            usage: "power:GAMMA",
            help: "power law with exponent GAMMA, a number above 0; below 1 it expands small values",
        },
        NormHelp {
            name: "symlog",
            usage: "symlog:LIMIT",
            help: "linear up to ±LIMIT, a number above 0, and equal ratios beyond, on both sides of 0",
        },
        NormHelp {
            name: "twoslope",
            usage: "twoslope:CENTRE",
            help: "linear on either side of CENTRE, a number inside the range that gets the middle colour",
        },
        NormHelp {
            name: "centred",
            usage: "centred[:CENTRE]",
            help: "linear over a range symmetrical about CENTRE, a number (default 0)",
        },
    ];

    /// The usage of all norms, for an error's text.
    pub(super) fn usages() -> String {
        let usages: Vec<_> = Self::LIST.iter().map(|norm| norm.usage).collect();
        let (last, rest) = usages.split_last().unwrap_or((&"", &[]));
        format!("{} or {last}", rest.join(", "))
    }

    /// The norm over this range, whose ends are `f32`.
    pub(super) fn curve(self, vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
        match self {
            Self::Linear => Ok(linear(vmin, vmax)),
            Self::Log => log(vmin, vmax),
            Self::Power { gamma } => power(gamma, vmin, vmax),
            Self::SymLog { linthresh } => symlog(linthresh, vmin, vmax),
            Self::TwoSlope { vcenter } => two_slope(vcenter, vmin, vmax),
            Self::Centered { vcenter } => centered(vcenter, vmin, vmax),
        }
    }
}

pub(super) fn linear(vmin: f64, vmax: f64) -> Curve {
    let range = vmax - vmin;
    Curve { low: vmin, high: vmax, is_linear: true, at: Box::new(move |v| (v - vmin) / range) }
}

fn curve(vmin: f64, vmax: f64, at: impl Fn(f64) -> f64 + 'static) -> Curve {
    Curve { low: vmin, high: vmax, is_linear: false, at: Box::new(at) }
}

/// The same for any function that rises from one end to the other: shifted and scaled to 0..1.
fn rescaled(vmin: f64, vmax: f64, transform: impl Fn(f64) -> f64 + 'static) -> Curve {
    let (low, high) = (transform(vmin), transform(vmax));
    curve(vmin, vmax, move |v| (transform(v) - low) / (high - low))
}

fn log(vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
    if vmin <= 0.0 {
        return Err(ScaleError::NotPositive { vmin: vmin as f32, vmax: vmax as f32 });
    }
    Ok(rescaled(vmin, vmax, f64::log10))
}

fn power(gamma: f64, vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
    if !(gamma > 0.0 && gamma.is_finite()) {
        return Err(ScaleError::Gamma { gamma });
    }
    let linear = linear(vmin, vmax).at;
    Ok(curve(vmin, vmax, move |v| linear(v).powf(gamma)))
}

fn symlog(linthresh: f64, vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
    if !(linthresh > 0.0 && linthresh.is_finite()) {
        return Err(ScaleError::LinThresh { linthresh });
    }
    let base: f64 = 10.0;
    let log_base = base.ln();
    let linscale = 1.0 / (1.0 - 1.0 / base);
    Ok(rescaled(vmin, vmax, move |v| {
        let size = v.abs();
        if size <= linthresh {
            return v * linscale;
        }
        v.signum() * linthresh * (linscale - linthresh.ln() / log_base + size.ln() / log_base)
    }))
}

fn two_slope(vcenter: f64, vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
    if !(vmin < vcenter && vcenter < vmax) {
        return Err(ScaleError::CenterOutside { vmin: vmin as f32, vcenter, vmax: vmax as f32 });
    }
    // As in numpy.interp.
    let (lower, upper) = (0.5 / (vcenter - vmin), 0.5 / (vmax - vcenter));
    Ok(curve(vmin, vmax, move |v| {
        if v >= vmax {
            1.0
        } else if v < vcenter {
            lower * (v - vmin)
        } else {
            upper * (v - vcenter) + 0.5
        }
    }))
}

fn centered(vcenter: f64, vmin: f64, vmax: f64) -> Result<Curve, ScaleError> {
    if !vcenter.is_finite() {
        return Err(ScaleError::CenterNotFinite { vcenter });
    }
    let halfrange = (vcenter - vmin).max(vmax - vcenter);
    Ok(linear(vcenter - halfrange, vcenter + halfrange))
}

impl FromStr for Norm {
    type Err = NormError;

    fn from_str(text: &str) -> Result<Self, NormError> {
        let (name, parameter) = match text.trim().split_once(':') {
            Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
            None => (text.trim(), None),
        };
        let name = if name == "centered" { "centred" } else { name };
        let unknown = || NormError::UnknownName { name: name.to_owned() };
        let NormHelp { usage, help, .. } = *Self::LIST.iter().find(|norm| norm.name == name).ok_or_else(unknown)?;
        let wrong = NormError::Parameter { usage, help };
        let number = parameter.map(str::parse::<f64>).transpose().map_err(|_| wrong.clone())?;
        match (name, number) {
            ("linear", None) => Ok(Self::Linear),
            ("log", None) => Ok(Self::Log),
            ("power", Some(gamma)) if gamma > 0.0 && gamma.is_finite() => Ok(Self::Power { gamma }),
            ("symlog", Some(linthresh)) if linthresh > 0.0 && linthresh.is_finite() => Ok(Self::SymLog { linthresh }),
            ("twoslope", Some(vcenter)) if vcenter.is_finite() => Ok(Self::TwoSlope { vcenter }),
            ("centred", None) => Ok(Self::Centered { vcenter: 0.0 }),
            ("centred", Some(vcenter)) if vcenter.is_finite() => Ok(Self::Centered { vcenter }),
            _ => Err(wrong),
        }
    }
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linear => f.write_str("linear"),
            Self::Log => f.write_str("log"),
            Self::Power { gamma } => write!(f, "power:{gamma}"),
            Self::SymLog { linthresh } => write!(f, "symlog:{linthresh}"),
            Self::TwoSlope { vcenter } => write!(f, "twoslope:{vcenter}"),
            Self::Centered { vcenter } => write!(f, "centred:{vcenter}"),
        }
    }
}
