//! The requested view: which part of the data to show, and how.

/// The visible part of the data: the frequency span across the picture, and the time per line of pixels.
///
/// A *line* is one row of pixels (or one column, if time runs sideways). Lines are numbered from an epoch, so line
/// `q` always shows the rows whose middle lies in the same stretch of time: a picture that scrolls by one line is the old
/// picture moved by one pixel, bit for bit.
///
/// Start from the defaults and change what you need:
///
/// ```
/// let view = ringfall::View::default().span_hz((7.0e6, 7.2e6)).reduce(ringfall::Reduce::Mean);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct View {
    /// Frequencies at the two edges of the picture, in Hz, low before high. `None`: all of the newest row.
    pub span_hz: Option<(f64, f64)>,
    /// Time per line, in nanoseconds. `None`: the newest row's duration, so that each row has a line. Lines are numbered in
    /// `f64`: one shorter than 2⁻⁵² of the time since the epoch (a nanosecond after 52 days) is lengthened to that.
    pub line_ns: Option<f64>,
    /// The newest end of the picture.
    pub edge: Edge,
    /// How a pixel combines several cells.
    pub reduce: Reduce,
    /// How a pixel narrower than a bin gets its value.
    pub interpolation: Interpolation,
    /// How frequencies are spread over the picture.
    pub axis: Axis,
}

/// An invalid view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a view with {field} of {value}: expected {expected}")]
pub struct ViewError {
    /// Which field of [`View`].
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What was expected.
    pub expected: &'static str,
}

impl Default for View {
    fn default() -> Self {
        Self {
            span_hz: None,
            line_ns: None,
            edge: Edge::Follow,
            reduce: Reduce::Max,
            interpolation: Interpolation::Nearest,
            axis: Axis::Linear,
        }
    }
}

impl View {
    /// Sets [`span_hz`](field@Self::span_hz), low before high, or all of the newest row with `None`.
    #[must_use]
    pub fn span_hz(self, span_hz: impl Into<Option<(f64, f64)>>) -> Self {
        Self { span_hz: span_hz.into(), ..self }
    }

    /// Sets [`line_ns`](field@Self::line_ns), or one row per line with `None`.
    #[must_use]
    pub fn line_ns(self, line_ns: impl Into<Option<f64>>) -> Self {
        Self { line_ns: line_ns.into(), ..self }
    }

    /// Sets [`edge`](field@Self::edge).
    #[must_use]
    pub fn edge(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    /// Sets [`reduce`](field@Self::reduce).
    #[must_use]
    pub fn reduce(self, reduce: Reduce) -> Self {
        Self { reduce, ..self }
    }

    /// Sets [`interpolation`](field@Self::interpolation).
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// Sets [`axis`](field@Self::axis).
    #[must_use]
    pub fn axis(self, axis: Axis) -> Self {
        Self { axis, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ViewError> {
        if let Some((low, high)) = self.span_hz
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            let value = format!("{low} to {high} Hz");
            return Err(ViewError { field: "span_hz", value, expected: "two finite frequencies, low before high" });
        }
        if let (Axis::Log, Some((low, _))) = (self.axis, self.span_hz)
            && low < f64::MIN_POSITIVE
        {
            let value = format!("{low} Hz and up on a logarithmic axis");
            return Err(ViewError { field: "span_hz", value, expected: "frequencies above 0 Hz" });
        }
        if let Some(line) = self.line_ns
            && !(line.is_finite() && line > 0.0)
        {
            let value = format!("{line} ns");
            return Err(ViewError { field: "line_ns", value, expected: "a finite time above 0" });
        }
        Ok(())
    }
}

/// The newest end of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edge {
    /// The newest row is on the newest line: the picture scrolls as rows arrive.
    Follow,
    /// The newest line holds this time, in nanoseconds on the rows' clock.
    At(i64),
}

/// How a pixel combines several cells. NaN cells count only if there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Reduce {
    /// The largest value: a carrier one bin wide never vanishes.
    #[default]
    Max,
    /// The mean. For levels in dB it is that of their powers: averaged as 10^(v/10) and converted back to dB. For other
    /// [units](crate::Unit) it is the plain mean.
    Mean,
    /// The smallest value.
    Min,
}

/// How a pixel narrower than a bin gets its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Interpolation {
    /// The bin that the pixel's centre lies in.
    #[default]
    Nearest,
    /// Linear between the two bins whose centres enclose the pixel's centre.
    Linear,
}

/// How frequencies are spread over the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Axis {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm: all octaves are equally wide. The span has to lie above 0 Hz.
    Log,
    /// By the mel scale, m = 2595 log₁₀(1 + f / 700 Hz) (D. O'Shaughnessy, *Speech Communication*, 1987): pitches
    /// that sound equally far apart are equally far apart. Below 0 Hz it is mirrored.
    Mel,
}

impl Axis {
    /// Every axis with the name that users type.
    pub const NAMES: [(&'static str, Self); 3] = [("linear", Self::Linear), ("log", Self::Log), ("mel", Self::Mel)];

    /// A frequency's place along the axis, in units of the axis.
    pub(crate) fn place(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log => hz.max(f64::MIN_POSITIVE).ln(),
            Self::Mel => (2595.0 * (hz.abs() / 700.0).ln_1p() / std::f64::consts::LN_10).copysign(hz),
        }
    }

    /// The frequency at such a place.
    pub(crate) fn hz(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => place.exp(),
            Self::Mel => (700.0 * (place.abs() * std::f64::consts::LN_10 / 2595.0).exp_m1()).copysign(place),
        }
    }
}

/// The side of the picture at which new rows appear. Frequency rises to the right if time runs up or down, and upwards if
/// it runs sideways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// At the top; old rows sink.
    #[default]
    Top,
    /// At the bottom; old rows rise.
    Bottom,
    /// At the left; old rows move right.
    Left,
    /// At the right; time reads from left to right.
    Right,
}

impl Side {
    /// Whether time runs along x.
    pub fn is_sideways(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }

    /// Whether newer lines have larger coordinates.
    pub(crate) fn is_ascending(self) -> bool {
        matches!(self, Self::Bottom | Self::Right)
    }
}
