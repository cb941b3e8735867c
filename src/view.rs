//! Which part of the data is on which pixels: pure arithmetic, no GPU.

use crate::Stamp;

/// The part of the data on show: a span of frequency across the picture, and how much time a line of pixels stands for.
///
/// A *line* is one row of pixels (or one column, where time runs sideways). Lines are numbered from an epoch, so line
/// `q` always shows the rows whose middle lies in the same stretch of time: a picture that scrolls by one line is the old
/// picture moved by one pixel, bit for bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Frequencies at the two edges of the picture, in Hz, low before high. `None`: all of the newest row.
    pub span_hz: Option<(f64, f64)>,
    /// Time per line, in nanoseconds. `None`: one row a line, going by the newest row's duration.
    pub line_ns: Option<f64>,
    /// The newest end of the picture.
    pub edge: Edge,
    /// What a pixel shows that covers several cells.
    pub reduce: Reduce,
    /// What a pixel shows that is narrower than a bin.
    pub interpolation: Interpolation,
}

/// A view that shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a view with {field} of {value}: expected {expected}")]
pub struct ViewError {
    /// Which field of [`View`].
    pub field: &'static str,
    /// What it held.
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
        }
    }
}

impl View {
    pub(crate) fn check(&self) -> Result<(), ViewError> {
        if let Some((low, high)) = self.span_hz
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            let value = format!("{low} to {high} Hz");
            return Err(ViewError { field: "span_hz", value, expected: "two finite frequencies, low before high" });
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
pub enum Edge {
    /// The newest row is on the newest line: the picture scrolls as rows arrive.
    Follow,
    /// The newest line holds this time, in nanoseconds on the rows' clock.
    At(i64),
}

/// What a pixel shows that covers several cells. NaN cells count only where there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reduce {
    /// The largest value: a carrier one bin wide never vanishes.
    #[default]
    Max,
    /// The mean. Of levels in dB that of their powers: averaged as 10^(v/10) and turned back into dB. Of other
    /// [units](crate::Unit) the plain mean.
    Mean,
    /// The smallest value.
    Min,
}

/// What a pixel shows that is narrower than a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// The bin that the pixel's centre lies in.
    #[default]
    Nearest,
    /// Linear between the two bins whose centres enclose the pixel's centre.
    Linear,
}

/// Where on a row the pixels lie: pixel `x` covers the bins from `origin + x·step` to `origin + (x+1)·step`, bin `k`
/// being the interval from `k` to `k + 1`.
///
/// Both are fixed point with 32 fractional bits, so that the shader gets the same cells as the CPU, to the bit, for rows
/// of millions of bins, where an `f32` would be some bins off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BinMap {
    pub(crate) origin: i64,
    pub(crate) step: i64,
}

impl BinMap {
    const ONE: f64 = (1u64 << 32) as f64;
    /// Positions are moved up by this much (2⁻¹⁸ of a bin), which is more than the rounding of `step` adds up to over the
    /// widest picture: an edge that falls on a bin's edge exactly is never taken for one just below it.
    const NUDGE: i64 = 1 << 14;
    /// Positions stay within ±2³¹ bins, the shader's whole part.
    const LIMIT: f64 = (1u64 << 30) as f64;

    /// The map of a row with this stamp on `pixels` pixels that span the frequencies `span_hz`.
    pub(crate) fn new(stamp: &Stamp, span_hz: (f64, f64), pixels: u32, interpolation: Interpolation) -> Self {
        let (row_low, _) = stamp.span_hz(0);
        let pixels = f64::from(pixels.max(1));
        let step = ((span_hz.1 - span_hz.0) / stamp.bin_hz / pixels).clamp(0.0, Self::LIMIT / pixels);
        let mut origin = (span_hz.0 - row_low) / stamp.bin_hz;
        if step < 1.0 {
            // Zoomed in: the shader asks for positions at the pixels' centres.
            origin += 0.5 * step;
            if interpolation == Interpolation::Linear {
                origin -= 0.5;
            }
        }
        Self {
            origin: (origin.clamp(-Self::LIMIT, Self::LIMIT) * Self::ONE) as i64 + Self::NUDGE,
            step: (step * Self::ONE).round() as i64,
        }
    }

    /// Where pixel `x` begins, or its centre where it is narrower than a bin: bins, with 32 fractional bits.
    pub(crate) fn at(&self, x: u32) -> i64 {
        self.origin.wrapping_add(i64::from(x).wrapping_mul(self.step))
    }

    /// Whether a pixel covers a bin or more.
    pub(crate) fn covers_bins(&self) -> bool {
        self.step >> 32 != 0
    }

    /// As the shader reads it: whole and fractional part of `origin`, then of `step`.
    pub(crate) fn words(&self) -> [u32; 4] {
        [(self.origin >> 32) as u32, self.origin as u32, (self.step >> 32) as u32, self.step as u32]
    }
}

/// The number of the line that holds time `time_ns`, for lines of `line_ns` from `epoch_ns` on.
pub(crate) fn line_at(time_ns: i64, epoch_ns: i64, line_ns: f64) -> i64 {
    ((time_ns.saturating_sub(epoch_ns)) as f64 / line_ns).floor() as i64
}

/// The number of the line that a row belongs to: the one that holds its middle.
///
/// The middle and not the start, because rows that are as long as a line start on the lines' edges, where the rounding of
/// stamps to whole nanoseconds would throw them to one side or the other.
pub(crate) fn line_of(stamp: &Stamp, epoch_ns: i64, line_ns: f64) -> i64 {
    (((stamp.time_ns.saturating_sub(epoch_ns)) as f64 + 0.5 * stamp.duration_ns) / line_ns).floor() as i64
}
