//! Flags for pictures with axes.

mod surround;

use std::sync::OnceLock;

use anyhow::Result;
use clap::{Args, ValueEnum};
use egui::Theme;
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::{Layer, PictureSize, Plot};
use ringfall::source::{Clock, RowInfo};
use ringfall::{Canvas, Unit};

pub(crate) use surround::{Still, Surround};

use crate::flags::value::Size;
use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Axes")]
pub(crate) struct AxesArgs {
    /// Draw frequency and time axes and a colour bar around the picture; --size is then the size of the whole
    #[arg(long)]
    pub(crate) axes: bool,

    /// With --axes: a line above the picture, such as a call sign and a place
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    /// With --axes: lines across the picture at the labels
    #[arg(long)]
    grid: bool,

    /// With --axes: size of labels and lines, where 1 is for a screen of ordinary resolution [default: 1]
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    scale: Option<f32>,

    /// With --axes: light or dark surroundings [default: dark]
    #[arg(long, value_name = "THEME")]
    theme: Option<ThemeArg>,

    /// What [`Self::data_size`] has worked out: the size of the whole, and of the data.
    #[arg(skip)]
    data_size: OnceLock<(Size, Size)>,
}

/// What the rows are, for the labels.
#[derive(Clone, Copy)]
pub(crate) enum Labels<'a> {
    /// Rows of a source.
    Rows(&'a RowInfo),
    /// Rows and columns of an array, by their numbers.
    Numbers,
    /// Rows and columns of an array whose axes have units.
    Units,
}

/// The parts around the data that depend on what they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// The colour bar: data that are colours have none.
    pub(crate) bar: bool,
    /// The number of a frame, in the title.
    pub(crate) counter: bool,
}

impl Parts {
    /// Those of a picture of values.
    pub(crate) const USUAL: Self = Self { bar: true, counter: false };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ThemeArg {
    Dark,
    Light,
}

fn scale(text: &str) -> Result<f32, String> {
    let factor = text.parse().ok().filter(|factor| (0.5..=4.0).contains(factor));
    factor.ok_or_else(|| "expected a factor from 0.5 to 4, such as 2".to_owned())
}

/// Room for the labels of the vertical axis and of the bar, in points: fixed, so that the size of the data is known before
/// they are.
const LABEL_ROOM: (f32, f32) = (62.0, 34.0);

impl AxesArgs {
    /// Rejects flags that have no effect without `--axes`.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        let flags = [
            ("--title", self.title.is_some()),
            ("--grid", self.grid),
            ("--scale", self.scale.is_some()),
            ("--theme", self.theme.is_some()),
        ];
        match flags.iter().find(|(_, given)| *given && !self.axes) {
            Some((flag, _)) => wrong!("{flag}: it has no effect without --axes"),
            None => Ok(()),
        }
    }

    fn scale(&self) -> f32 {
        self.scale.unwrap_or(1.0)
    }

    fn theme(&self) -> Theme {
        match self.theme.unwrap_or(ThemeArg::Dark) {
            ThemeArg::Dark => Theme::Dark,
            ThemeArg::Light => Theme::Light,
        }
    }

    fn plot(&self, parts: Parts) -> Plot {
        let mut plot = Plot::default();
        plot.decorations.title = self.title(parts.counter.then_some((1, 1)));
        plot.decorations.color_bar = parts.bar;
        plot.decorations.grid = self.grid;
        plot.decorations.label_room = Some(LABEL_ROOM);
        plot
    }

    /// The line above the picture, with the number of the frame and of all frames if there is a counter.
    fn title(&self, counter: Option<(u32, u32)>) -> String {
        let title = self.title.clone().unwrap_or_default();
        match counter {
            None => title,
            Some((number, count)) if title.is_empty() => format!("frame {number} of {count}"),
            Some((number, count)) => format!("{title} – frame {number} of {count}"),
        }
    }

    /// The size of the data within a picture of this size, with these parts around them: the same in all calls.
    pub(crate) fn data_size(&self, whole: Size, parts: Parts) -> Size {
        if !self.axes {
            return whole;
        }
        let (_, data) = *self.data_size.get_or_init(|| {
            let size = Layer::data_size(&mut self.plot(parts), (whole.width, whole.height), self.scale(), self.theme());
            // One that is too large is an error when the axes are drawn.
            (whole, size.map_or(whole, |(width, height)| Size { width, height }))
        });
        data
    }

    /// The plot with labels.
    fn labelled(&self, parts: Parts, labels: Labels<'_>) -> Plot {
        let mut plot = self.plot(parts);
        if let Labels::Rows(rows) = labels {
            plot.annotations = rows.source.annotations.iter().map(Into::into).collect();
        }
        let decorations = &mut plot.decorations;
        match labels {
            Labels::Numbers => {
                decorations.times = TimeLabels::RowNumbers;
                decorations.frequencies = FrequencyLabels::ColumnNumbers;
            }
            Labels::Units => decorations.times = TimeLabels::Since(0),
            Labels::Rows(rows) => {
                decorations.times = match rows.source.clock {
                    Clock::Utc => TimeLabels::Utc,
                    _ => TimeLabels::Since(0),
                };
                if crate::app::has_columns(rows) {
                    decorations.frequencies = FrequencyLabels::ColumnNumbers;
                }
                // Levels of samples are relative to full scale.
                decorations.unit = (rows.settings.is_some() && rows.unit == Unit::Decibel).then(|| "dBFS".to_owned());
            }
        }
        plot
    }

    /// The axes around the picture of a canvas.
    pub(crate) fn layer(&self, canvas: &mut Canvas, labels: Labels<'_>) -> Result<Layer> {
        let mut plot = self.labelled(Parts::USUAL, labels);
        let (width, height) = canvas.size();
        // A size of the data alone does not tell a small picture without axes from a larger one with them.
        let size = match self.data_size.get() {
            Some((whole, data)) if *data == (Size { width, height }) => PictureSize::Whole(whole.width, whole.height),
            _ => PictureSize::Data(width, height),
        };
        Ok(Layer::new(&mut plot, canvas, size, self.scale(), self.theme())?)
    }
}
