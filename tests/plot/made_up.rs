//! Made-up rows, and pictures of plots of them.

use egui::Theme;
use ringfall::plot::{Layer, PictureSize, Plot};
use ringfall::{Canvas, Capacity, Options, Scale, Side, Stamp, Unit};

/// 2026-09-21 14:13:20 UTC.
pub(crate) const START_NS: i64 = 1_790_000_000_000_000_000;

/// How rows lie in time and frequency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub(crate) bins: u32,
    pub(crate) rows: u32,
    pub(crate) first_hz: f64,
    pub(crate) bin_hz: f64,
    pub(crate) start_ns: i64,
    pub(crate) row_ns: f64,
}

impl Grid {
    /// 0 to 4000 Hz in 400 bins, and a minute in rows of 100 ms.
    pub(crate) const AUDIO: Self =
        Self { bins: 400, rows: 600, first_hz: 5.0, bin_hz: 10.0, start_ns: START_NS, row_ns: 1e8 };

    pub(crate) fn stamp(&self, row: u32) -> Stamp {
        Stamp {
            time_ns: self.start_ns + (f64::from(row) * self.row_ns).round() as i64,
            duration_ns: self.row_ns,
            first_hz: self.first_hz,
            bin_hz: self.bin_hz,
        }
    }

    /// A canvas of rows with these values.
    pub(crate) fn canvas(&self, side: Side, unit: Unit, value: impl Fn(u32, u32) -> f32) -> Canvas {
        let options =
            Options::default().bins(self.bins).unit(unit).capacity(Capacity::Rows(self.rows)).newest_side(side);
        let mut canvas = Canvas::new(&options).unwrap();
        let mut values = vec![0.0; self.bins as usize];
        for row in 0..self.rows {
            (0..).zip(&mut values).for_each(|(bin, cell)| *cell = value(row, bin));
            canvas.push(self.stamp(row), &values).unwrap();
        }
        canvas
    }

    /// A slope of levels with a tone in one bin.
    pub(crate) fn tone(&self, side: Side, tone: u32) -> Canvas {
        let bins = self.bins;
        let mut canvas = self.canvas(side, Unit::Decibel, |row, bin| match bin {
            _ if bin == tone => -5.0,
            _ => -110.0 + 30.0 * bin as f32 / bins as f32 + (row / 50 % 2) as f32 * 4.0,
        });
        canvas.set_scale(Scale::linear(-120.0, 0.0).unwrap());
        canvas
    }
}

/// A picture, RGBA.
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// All of a layer's picture.
    pub(crate) fn of(layer: &Layer, canvas: &Canvas) -> Self {
        let (width, height) = layer.size();
        let mut pixels = vec![[1, 2, 3, 4]; width as usize * height as usize];
        layer.rows(&mut canvas.painting(), 0..height, &mut pixels);
        Self { width, height, pixels }
    }

    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 4] {
        self.pixels[y as usize * self.width as usize + x as usize]
    }
}

/// Draws a plot of a canvas. The canvas gets the size of the data.
pub(crate) fn draw(
    plot: &mut Plot,
    canvas: &mut Canvas,
    size: PictureSize,
    scale: f32,
    theme: Theme,
) -> (Layer, Picture) {
    let layer = Layer::new(plot, canvas, size, scale, theme).unwrap();
    let picture = Picture::of(&layer, canvas);
    (layer, picture)
}
