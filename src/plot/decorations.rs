//! What a plot shows around its picture.

use super::ticks::{FrequencyLabels, TimeLabels};

/// What a plot shows around its picture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Decorations {
    /// A line above the plot: what it shows, or the station. Empty: no line.
    pub title: String,
    /// Frequency and time axes.
    pub axes: bool,
    /// Lines across the picture at the labelled ticks.
    pub grid: bool,
    /// The colour bar.
    pub color_bar: bool,
    /// The crosshair and its read-out.
    pub cursor: bool,
    /// How times are labelled.
    pub times: TimeLabels,
    /// How frequencies are labelled.
    pub frequencies: FrequencyLabels,
    /// The unit of the colour bar; `None`: that of the rows.
    pub unit: Option<String>,
    /// Height of the panel with spectra, in points; 0: closed.
    pub spectrum: f32,
    /// Width of the panel with the time trace, in points; 0: closed.
    pub trace: f32,
    /// Room for the labels of the vertical axis and of the colour bar, in points. `None`: as much as they need.
    pub label_room: Option<(f32, f32)>,
    /// Whether the spectrum panel shows the mean of the rows since the last reset, their maximum and their minimum.
    pub holds: Holds,
}

/// Which curves the spectrum panel shows beside the row itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the three curves that there are")]
pub struct Holds {
    /// The mean.
    pub mean: bool,
    /// The maximum: peak hold.
    pub peak: bool,
    /// The minimum.
    pub minimum: bool,
}

impl Default for Decorations {
    fn default() -> Self {
        Self {
            title: String::new(),
            axes: true,
            grid: false,
            color_bar: true,
            cursor: true,
            times: TimeLabels::Utc,
            frequencies: FrequencyLabels::Absolute,
            unit: None,
            spectrum: 0.0,
            trace: 0.0,
            label_room: None,
            holds: Holds::default(),
        }
    }
}
