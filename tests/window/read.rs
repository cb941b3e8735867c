//! Reading the screen: where a text is, and what the frequency axis says.

use egui::{Align2, Color32, FontId, RawInput, Rect, pos2, vec2};
use ringfall::raster::Raster;

use super::Shot;

/// A part of a picture, from the left, the top, to the right and the bottom.
pub(super) type Part = (usize, usize, usize, usize);

/// How bright a pixel is, from 0 to 1.
fn light(rgb: u32) -> f32 {
    ((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) as f32 / 765.0
}

/// A text as the program draws it: coverage, with an empty margin.
struct Template {
    width: usize,
    height: usize,
    coverage: Vec<f32>,
    /// Where the text is fully covered: some places of it, to see quickly where it is not.
    full: Vec<(usize, usize)>,
}

impl Template {
    /// `shift` is where the text begins between two pixels.
    fn new(text: &str, points: f32, shift: f32) -> Self {
        const SIZE: (usize, usize) = (400, 40);
        const MARGIN: usize = 2;
        let ctx = egui::Context::default();
        let mut raster = Raster::new();
        raster.set_size(SIZE.0 as u32, SIZE.1 as u32).unwrap();
        // The first round gives the context its fonts.
        for _ in 0..2 {
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(SIZE.0 as f32, SIZE.1 as f32))),
                ..RawInput::default()
            };
            let mut output = ctx.run_ui(input, |ui| {
                let painter = ui.ctx().layer_painter(egui::LayerId::background());
                let font = FontId::proportional(points);
                painter.text(pos2(8.0 + shift, 8.0), Align2::LEFT_TOP, text, font, Color32::WHITE);
            });
            raster.set_textures(&output.textures_delta);
            output.textures_delta.clear();
            raster.draw(&ctx, output.shapes, 1.0);
        }
        let alpha = |x: usize, y: usize| raster.pixels()[y * SIZE.0 + x][3];
        let columns: Vec<usize> = (0..SIZE.0).filter(|x| (0..SIZE.1).any(|y| alpha(*x, y) > 60)).collect();
        let rows: Vec<usize> = (0..SIZE.1).filter(|y| (0..SIZE.0).any(|x| alpha(x, *y) > 60)).collect();
        let (left, top) = (columns[0] - MARGIN, rows[0] - MARGIN);
        let (width, height) = (columns[columns.len() - 1] + 1 + MARGIN - left, rows[rows.len() - 1] + 1 + MARGIN - top);
        let coverage: Vec<f32> =
            (0..width * height).map(|i| f32::from(alpha(left + i % width, top + i / width)) / 255.0).collect();
        let most = coverage.iter().copied().fold(0.0, f32::max);
        let full: Vec<usize> = (0..coverage.len()).filter(|i| coverage[*i] > 0.9 * most).collect();
        let full = full.iter().step_by(full.len().div_ceil(8)).map(|i| (i % width, i / width)).collect();
        Self { width, height, coverage, full }
    }

    /// How much a place of the picture looks like the text: the correlation, at most 1.
    fn likeness(&self, shot: &Shot, left: usize, top: usize) -> f32 {
        // The margin's corner is background.
        let background = light(shot.at(left, top));
        if self.full.iter().any(|(x, y)| light(shot.at(left + x, top + y)) < background + 0.1) {
            return 0.0;
        }
        let count = self.coverage.len() as f32;
        let (mut sum, mut squares, mut product) = (0.0, 0.0, 0.0);
        for (y, row) in self.coverage.chunks(self.width).enumerate() {
            for (x, coverage) in row.iter().enumerate() {
                let light = light(shot.at(left + x, top + y));
                sum += light;
                squares += light * light;
                product += light * coverage;
            }
        }
        let mine: f32 = self.coverage.iter().sum();
        let mine_squares: f32 = self.coverage.iter().map(|c| c * c).sum();
        let spread = (squares - sum * sum / count) * (mine_squares - mine * mine / count);
        if spread <= 1e-6 { 0.0 } else { (product - sum * mine / count) / spread.sqrt() }
    }
}

/// The middle of a text in a part of the picture, if it is there.
pub(super) fn find(shot: &Shot, text: &str, points: f32, (left, top, right, bottom): Part) -> Option<(f64, f64)> {
    let mut best = (0.0, None);
    for shift in [0.0, 0.25, 0.5, 0.75] {
        let template = Template::new(text, points, shift);
        for y in top..(bottom + 1).saturating_sub(template.height) {
            for x in left..(right + 1).saturating_sub(template.width) {
                let likeness = template.likeness(shot, x, y);
                if likeness > best.0 {
                    let middle = (x as f64 + 0.5 * template.width as f64, y as f64 + 0.5 * template.height as f64);
                    best = (likeness, Some(middle));
                }
            }
        }
    }
    best.1.filter(|_| best.0 > 0.95)
}

/// A frequency axis above a waterfall, read off a picture.
#[derive(Debug)]
pub(super) struct Axis {
    /// The frequency at the left edge of column 0, and from one column to the next.
    hz: (f64, f64),
    /// The uppermost line of the waterfall.
    pub(super) top: usize,
}

impl Axis {
    /// The colour of the axis' line and ticks.
    const LINE: u32 = 0x005a_5a5a;

    /// Reads the axis by these labels, each a number of kHz, which are in this part of the picture. At least three must be
    /// there, each with a tick below its middle, and the same distance apart for the same difference.
    pub(super) fn read(shot: &Shot, labels: &[&str], part: Part) -> Self {
        let (left, top, right, bottom) = part;
        let is_axis = |y: &usize| (left..right).filter(|x| shot.at(*x, *y) == Self::LINE).count() > (right - left) / 2;
        let line = (top..bottom + 10).find(is_axis).expect("the axis has a line");
        let ticks: Vec<usize> = (left..right).filter(|x| shot.at(*x, line - 3) == Self::LINE).collect();
        let mut known = Vec::new();
        for label in labels {
            let Some((x, _)) = find(shot, label, 11.0, part) else { continue };
            let tick =
                ticks.iter().map(|tick| *tick as f64 + 0.5).min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()));
            let tick = tick.expect("ticks");
            assert!((tick - x).abs() < 2.0, "{label} at {x} has its tick at {tick}");
            known.push((tick, 1000.0 * label.parse::<f64>().unwrap()));
        }
        assert!(known.len() >= 3, "{labels:?}: found {known:?}");
        // The straight line through them, by least squares.
        let count = known.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| known.iter().map(of).sum::<f64>() / count;
        let (x, hz) = (mean(|(x, _)| *x), mean(|(_, hz)| *hz));
        let slope = known.iter().map(|known| (known.0 - x) * (known.1 - hz)).sum::<f64>()
            / known.iter().map(|known| (known.0 - x).powi(2)).sum::<f64>();
        let axis = Self { hz: (hz - slope * x, slope), top: line + 1 };
        for (x, hz) in known {
            // Ticks are drawn on whole pixels.
            assert!((axis.hz_at(x) - hz).abs() <= 0.75 * slope, "{hz} Hz at {x}: {axis:?}");
        }
        axis
    }

    pub(super) fn hz_at(&self, x: f64) -> f64 {
        self.hz.0 + self.hz.1 * x
    }

    /// Hz from one column to the next.
    pub(super) fn step_hz(&self) -> f64 {
        self.hz.1
    }
}

/// The middle of the brightest columns between two, in pixels from the left edge of the picture: the centroid of their light
/// over that of what is beside them.
pub(super) fn brightest(shot: &Shot, (left, right): (usize, usize), lines: std::ops::Range<usize>) -> f64 {
    let column = |x: usize| lines.clone().map(|y| light(shot.at(x, y))).sum::<f32>() / lines.len() as f32;
    let columns: Vec<f32> = (left..right).map(column).collect();
    let most = columns.iter().copied().fold(0.0, f32::max);
    let peak = columns.iter().position(|light| *light == most).unwrap();
    // Downwards on both sides, to half of the light.
    let is_lit = |x: &usize| columns[*x] > 0.5 * most;
    let first = (0..=peak).rev().take_while(is_lit).last().unwrap();
    let last = (peak..columns.len()).take_while(is_lit).last().unwrap();
    let weight = |x: usize| f64::from(columns[x] - 0.5 * most);
    let sum: f64 = (first..=last).map(weight).sum();
    left as f64 + (first..=last).map(|x| (x as f64 + 0.5) * weight(x)).sum::<f64>() / sum
}
