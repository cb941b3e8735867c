//! Pictures of a plot, without a window and without a graphics adapter.

use std::convert::Infallible;
use std::ops::Range;

use egui::{RawInput, Rect, Theme, Vec2, pos2, vec2};

use super::subject::{Gesture, Subject};
use super::widget::{Plot, Shown};
use crate::frame::Frame;
use crate::raster::{Area, Raster, RasterError};
use crate::scale::Scale;
use crate::shade::{Painting, Reading};
use crate::unit::Unit;

/// The size of a picture of a plot, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureSize {
    /// Of the whole picture, with its axes.
    Whole(u32, u32),
    /// Of the data; the axes come on top of that.
    Data(u32, u32),
}

/// What is drawn around and over the data: a layer of pixels with a hole where the data belong.
///
/// ```
/// use ringfall::plot::{Layer, PictureSize, Plot};
/// use ringfall::{Canvas, Options, Stamp};
///
/// let mut canvas = Canvas::new(&Options::default().bins(64))?;
/// canvas.push(Stamp::index(0), &[-80.0; 64])?;
/// let layer = Layer::new(&mut Plot::default(), &mut canvas, PictureSize::Whole(800, 600), 1.0, egui::Theme::Dark)?;
/// let mut rgba = vec![[0; 4]; 800 * 600];
/// layer.rows(&mut canvas.painting(), 0..600, &mut rgba);
/// assert!(layer.place().width > 600);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Layer {
    context: egui::Context,
    raster: Raster,
    place: Area,
}

impl Layer {
    /// The most rounds that a layout takes until the room for labels fits them.
    const ROUNDS: u32 = 8;

    /// Lays `plot` out around `subject`, which is given its size in pixels, and draws it. `scale` is the number of pixels per
    /// point: 1 for text of 11 pixels, 2 for a screen of high resolution.
    ///
    /// # Errors
    /// [`RasterError`] for a picture that is too large.
    pub fn new(
        plot: &mut Plot,
        subject: &mut dyn Subject,
        size: PictureSize,
        scale: f32,
        theme: Theme,
    ) -> Result<Self, RasterError> {
        let scale = if scale.is_finite() { scale.clamp(0.25, 16.0) } else { 1.0 };
        let context = egui::Context::default();
        context.set_theme(theme);
        let most = Raster::MAX_SIDE;
        let mut whole = match size {
            PictureSize::Whole(width, height) => (width, height),
            // Room for the axes, as a first guess.
            PictureSize::Data(width, height) => (width.saturating_add(120), height.saturating_add(50)),
        };
        let mut raster = Raster::new();
        let mut rounds = Self::ROUNDS;
        loop {
            raster.set_size(whole.0, whole.1)?;
            let points = vec2(whole.0 as f32, whole.1 as f32) / scale;
            let (shown, output) = lay_out(&context, plot, subject, (points, scale), most);
            raster.set_textures(&output.textures_delta);
            let mut output = output;
            output.textures_delta.clear();
            let again = match size {
                PictureSize::Whole(..) => shown.again,
                PictureSize::Data(width, height) => {
                    let more = |whole: u32, wanted: u32, got: u32| (whole + wanted).saturating_sub(got);
                    let next = (more(whole.0, width, shown.size.0), more(whole.1, height, shown.size.1));
                    let changed = next != whole;
                    whole = next;
                    changed || shown.again
                }
            };
            rounds -= 1;
            if !again || rounds == 0 {
                raster.set_size(whole.0, whole.1)?;
                raster.draw(&context, output.shapes, scale);
                let place = place(&shown, scale);
                return Ok(Self { context, raster, place });
            }
        }
    }

    /// Pixels that the data have in a picture of `whole` pixels, with room for labels as
    /// [`Decorations::label_room`](super::Decorations::label_room) says: so much can be known before there are data.
    ///
    /// # Errors
    /// [`RasterError`] for a picture that is too large.
    pub fn data_size(plot: &mut Plot, whole: (u32, u32), scale: f32, theme: Theme) -> Result<(u32, u32), RasterError> {
        let layer = Self::new(plot, &mut Nothing, PictureSize::Whole(whole.0, whole.1), scale, theme)?;
        Ok((layer.place.width, layer.place.height))
    }

    /// Draws the plot again, for pictures that follow each other: the size stays, and only what has changed is drawn. With
    /// fixed [`label_room`](super::Decorations::label_room) the data stay where they are.
    pub fn update(&mut self, plot: &mut Plot, subject: &mut dyn Subject) {
        let (width, height) = self.raster.size();
        let scale = self.context.pixels_per_point();
        let points = vec2(width as f32, height as f32) / scale;
        let (shown, mut output) = lay_out(&self.context, plot, subject, (points, scale), Raster::MAX_SIDE);
        self.raster.set_textures(&output.textures_delta);
        output.textures_delta.clear();
        self.raster.draw(&self.context, output.shapes, scale);
        self.place = place(&shown, scale);
    }

    /// Width and height of the whole picture, in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.raster.size()
    }

    /// Where the data are.
    pub fn place(&self) -> Area {
        self.place
    }

    /// Puts these rows of pixels together, from the top: the data from `painting`, and the layer over them. `out` is as long as
    /// they are; pixels that it has no room for are left out.
    pub fn rows(&self, painting: &mut Painting<'_>, rows: Range<u32>, out: &mut [[u8; 4]]) {
        let Area { y, width, height, .. } = self.place;
        let line_of = |row: u32| row.saturating_sub(y).min(height);
        let (first, width) = (line_of(rows.start), width.max(1) as usize);
        let data = painting.rows(first..line_of(rows.end));
        let fill = |line: u32, out: &mut [[u8; 4]]| {
            let from = data.chunks_exact(width).nth(line.saturating_sub(first) as usize).unwrap_or_default();
            out.iter_mut().zip(from).for_each(|(out, from)| *out = *from);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = self.rows_around(rows, out, fill);
    }

    /// The same for data that come from elsewhere: `fill(line, pixels)` writes a line of them, counted from their top. It is
    /// called in order; the pixels are opaque black before.
    ///
    /// # Errors
    /// The error of `fill`.
    pub fn rows_around<E>(
        &self,
        rows: Range<u32>,
        out: &mut [[u8; 4]],
        mut fill: impl FnMut(u32, &mut [[u8; 4]]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (width, height) = self.size();
        let rows = rows.start.min(height)..rows.end.min(height);
        out.fill([0, 0, 0, 255]);
        let Area { x, y, width: across, height: down } = self.place;
        let room = across.min(width.saturating_sub(x)) as usize;
        for row in rows.start.max(y)..rows.end.min(y.saturating_add(down)) {
            let start = (row - rows.start) as usize * width as usize + x as usize;
            if let Some(pixels) = out.get_mut(start..start + room) {
                fill(row - y, pixels)?;
            }
        }
        let area = Area { x: 0, y: rows.start, width, height: rows.end.saturating_sub(rows.start) };
        self.raster.blend_over(area, out, width as usize);
        Ok(())
    }
}

/// Where the data are, in pixels.
fn place(shown: &Shown, scale: f32) -> Area {
    let pixels = |points: f32| (points * scale).round().max(0.0) as u32;
    let (x, y) = (pixels(shown.picture.left()), pixels(shown.picture.top()));
    Area { x, y, width: shown.size.0, height: shown.size.1 }
}

/// A subject without rows.
struct Nothing;

impl Subject for Nothing {
    fn set_size(&mut self, _: u32, _: u32) {}

    fn frame(&self) -> Option<Frame> {
        None
    }

    fn value_at(&self, _: u32, _: u32) -> Option<Reading> {
        None
    }

    fn line(&self, _: i64, _: &mut Vec<f32>) {}

    fn trace(&self, _: u32, _: &mut Vec<f32>) {}

    fn unit(&self) -> Unit {
        Unit::None
    }

    fn scale(&self) -> Scale {
        Scale::default()
    }

    fn lut(&self) -> [[u8; 4]; 256] {
        [[0; 4]; 256]
    }

    fn act(&mut self, _: Gesture) {}
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layer").field("size", &self.size()).field("place", &self.place).finish_non_exhaustive()
    }
}

fn lay_out(
    context: &egui::Context,
    plot: &mut Plot,
    subject: &mut dyn Subject,
    (points, scale): (Vec2, f32),
    most: u32,
) -> (Shown, egui::FullOutput) {
    let mut input = RawInput {
        screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), points)),
        max_texture_side: Some(most as usize),
        time: Some(0.0),
        ..RawInput::default()
    };
    // Not `set_pixels_per_point`, which is a zoom on top of this and counts from the next pass on.
    input.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(scale);
    let mut shown = Shown::NOTHING;
    let output = context.run_ui(input, |ui| shown = plot.show(ui, subject));
    (shown, output)
}
