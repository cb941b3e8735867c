//! Marks that stay at their frequency and time.

use std::ops::Range;

/// A point in frequency and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Frequency, in Hz.
    pub hz: f64,
    /// Time, in nanoseconds on the rows' clock.
    pub time_ns: i64,
    /// The value there when the mark was set, in the unit of the rows; NaN if there was none.
    pub value: f32,
    /// The colour there, where cells are colours: see [`Reading::rgba`](crate::Reading::rgba).
    pub rgba: Option<[u8; 4]>,
}

/// From one point to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Frequency, in Hz.
    pub hz: f64,
    /// Time, in seconds.
    pub seconds: f64,
    /// Value: dB for levels in dB.
    pub value: f32,
    /// Hz per second; `None` for two points of the same time.
    pub drift_hz_s: Option<f64>,
}

impl Point {
    /// What lies between `self` and a later choice, `other`: `other` less `self`.
    pub fn to(&self, other: &Self) -> Difference {
        let hz = other.hz - self.hz;
        let seconds = (i128::from(other.time_ns) - i128::from(self.time_ns)) as f64 * 1e-9;
        let drift_hz_s = (seconds != 0.0).then(|| hz / seconds);
        Difference { hz, seconds, value: other.value - self.value, drift_hz_s }
    }
}

/// A point with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub point: Point,
}

/// A box in time and frequency with a label, such as an annotation of a SigMF recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// From and to, in nanoseconds on the rows' clock.
    pub time_ns: Range<i64>,
    /// From and to, in Hz. `None`: all frequencies.
    pub hz: Option<Range<f64>>,
    /// The label, drawn at the box.
    pub label: String,
}

/// The comment stands in for a label that is missing.
#[cfg(feature = "recordings")]
impl From<&crate::source::Annotation> for Annotation {
    fn from(from: &crate::source::Annotation) -> Self {
        let crate::source::Annotation { times_ns, span_hz, label, comment } = from;
        let label = if label.is_empty() { comment } else { label };
        Self { time_ns: times_ns.clone(), hz: span_hz.map(|(low, high)| low..high), label: label.clone() }
    }
}

/// A box that the user has drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// Low before high, in Hz.
    pub hz: (f64, f64),
    /// Old before new, in nanoseconds on the rows' clock.
    pub time_ns: (i64, i64),
    /// The largest value inside, when it was drawn; NaN if there was none.
    pub peak: f32,
    /// The mean of the values inside, taken as their unit requires; NaN if there was none.
    pub mean: f32,
}

impl Selection {
    /// Width in Hz.
    pub fn bandwidth_hz(&self) -> f64 {
        self.hz.1 - self.hz.0
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        (i128::from(self.time_ns.1) - i128::from(self.time_ns.0)) as f64 * 1e-9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_by_hand() {
        let a = Point { hz: 7_040_000.0, time_ns: 1_000_000_000, value: -80.0, rgba: None };
        let b = Point { hz: 7_040_100.0, time_ns: 5_000_000_000, value: -73.5, rgba: None };
        let d = a.to(&b);
        assert_eq!((d.hz, d.seconds, d.value, d.drift_hz_s), (100.0, 4.0, 6.5, Some(25.0)));
        assert_eq!(a.to(&Point { hz: 0.0, ..a }).drift_hz_s, None);
        let (first, last) = (Point { time_ns: i64::MIN, ..a }, Point { time_ns: i64::MAX, ..a });
        assert!((first.to(&last).seconds - 1.844_674_407_370_955_2e10).abs() < 1.0);
    }
}
