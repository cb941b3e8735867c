//! `ringfall render --scroll`: a video of the waterfall as it scrolls by.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use ringfall::export::Frames;
use ringfall::source::{RowInfo, Speed};
use ringfall::{Canvas, Colormap, Edge, Frame, History, Loader, Options, Side, View};

use super::video::VideoArgs;
use super::{CELLS, Progress, RenderCommand};
use crate::app::range::Range;
use crate::cli::axes::{Labels, Still, Surround};
use crate::cli::output::VideoTarget;
use crate::cli::picture::PictureArgs;
use crate::flags::{Usage, wrong};
use crate::terminal::complain;
use crate::units::seconds as duration;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Video")]
pub(super) struct ScrollArgs {
    /// Make a video of the waterfall as it scrolls by, in MP4, WebM, OGV, GIF or APNG
    ///
    /// All but APNG are written by ffmpeg, which has to be on the PATH. Without --line-time a frame moves on by one line.
    #[arg(long)]
    pub(super) scroll: bool,

    /// How fast a video scrolls: real, or a factor such as 60x [default: real]
    #[arg(long, value_name = "SPEED", value_parser = speed)]
    speed: Option<f64>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<Speed>() {
        Ok(Speed::Real) => Ok(1.0),
        Ok(Speed::Times(factor)) if (1e-6..=1e9).contains(&factor) => Ok(factor),
        _ => Err("expected real, or a factor from 0.000001 to 1e9 such as 60x".to_owned()),
    }
}

impl ScrollArgs {
    fn speed(&self) -> f64 {
        self.speed.unwrap_or(1.0)
    }

    /// Seconds of a line, if it scrolls: by default as long as a frame.
    pub(super) fn line_seconds(&self, picture: &PictureArgs, video: &VideoArgs) -> Option<f64> {
        self.scroll.then(|| picture.line_time.unwrap_or(self.speed() / video.fps()).max(1e-9))
    }

    /// Rejects flags that apply only to a video; and `--scroll`, for callers that have not used it.
    pub(super) fn check_unused(&self, video: &VideoArgs, input: &Path) -> Result<(), Usage> {
        self.check_still(input)?;
        video.check_unused()
    }

    /// Rejects flags that apply only to what scrolls.
    pub(super) fn check_still(&self, input: &Path) -> Result<(), Usage> {
        if self.scroll {
            wrong!("--scroll: it applies to recordings and the demonstration, not to {}", input.display());
        }
        if self.speed.is_some() {
            wrong!("--speed: it applies only to a video that scrolls: expected --scroll too");
        }
        Ok(())
    }
}

/// What scrolls by.
pub(super) struct What {
    pub(super) history: History,
    pub(super) options: Options,
    pub(super) colormap: Colormap,
    pub(super) band_hz: Option<(f64, f64)>,
    /// The first and the last time, in nanoseconds.
    pub(super) times: (i64, i64),
}

/// Most frames of a video.
pub(super) const MOST_FRAMES: f64 = 1e7;

pub(super) fn run(args: &RenderCommand, what: What, target: VideoTarget, rows: &RowInfo) -> Result<()> {
    let name = &rows.source.name;
    let (fps, speed) = (args.video.fps(), args.scroll.speed());
    let line_s = args.scroll.line_seconds(&args.picture, &args.video).unwrap_or(1.0 / fps);
    let (from_ns, to_ns) = what.times;
    let seconds = to_ns.saturating_sub(from_ns) as f64 * 1e-9;
    let count = (seconds / speed * fps).ceil().max(1.0);
    if count > MOST_FRAMES {
        bail!("--speed {speed}x: {} of {name} are {count} frames: expected {MOST_FRAMES} at most", duration(seconds));
    }
    let count = count as u32;
    // The time at which frame `index` ends.
    let edge = |index: u32| {
        let since_s = (f64::from(index) + 1.0) * speed / fps;
        from_ns
            .saturating_add((since_s * 1e9).round() as i64)
            .min(to_ns.max(from_ns.saturating_add(1)))
            .saturating_sub(1)
    };
    let view = args.picture.view(what.band_hz).line_ns(line_s * 1e9);
    let mut fall = Fall::new(&what, view)?;
    let fixed = args.picture.range();
    let range =
        fall.range(args, count, edge)?.with_fixed(fixed.0, fixed.1, fall.canvas.unit()).with_norm(args.picture.norm);
    fall.canvas.set_scale(range.scale()?);

    let scale = fall.canvas.scale();
    fall.go(edge(0))?;
    let still =
        || Still { frame: fall.frame_turned(), scale, colormap: what.colormap.clone(), unit: what.options.unit };
    let counted = args.video.is_counted().then_some(count);
    let mut around = Surround::new(&args.axes, true, counted, Labels::Rows(rows), still)?;
    let mut data = Vec::new();

    let (width, height) = around.as_ref().map_or((what.options.width, what.options.height), Surround::size);
    let (format, size) = (target.format, target.format.size_of((width, height)));
    let progress = Progress::new(Some(f64::from(count)));
    let fill = |index: u32, rgba: &mut [u8]| {
        match &mut around {
            None => fall.frame(edge(index), rgba).map_err(std::io::Error::other)?,
            Some(around) => {
                data.resize(fall.picture.len(), 0);
                fall.frame(edge(index), &mut data).map_err(std::io::Error::other)?;
                around.go(index, fall.frame_turned());
                around.compose(&data, rgba);
            }
        }
        progress.at(f64::from(index) + 1.0);
        Ok(())
    };
    let mut frames = Frames::new((width, height), count, fill).context("the frames")?;
    let written = target.write(&mut frames);
    drop(frames);
    progress.done();
    written?;
    complain(format_args!(
        "{}: {width}x{height} pixels, {count} frames, {} of {name} in {}, a line {}, range {range}{}",
        args.output.output.display(),
        duration(seconds),
        duration(f64::from(count) / fps),
        duration(line_s),
        if size == (width, height) {
            String::new()
        } else {
            format!("; {} has only even sizes, so the video has {}x{} with a black edge", format.name(), size.0, size.1)
        },
    ));
    Ok(())
}

/// The picture of a moment, from which that of the next is made.
struct Fall<'a> {
    history: &'a History,
    view: View,
    loader: Loader,
    /// With the newest line at the top, however the frames are turned.
    canvas: Canvas,
    newest: Side,
    /// The canvas's picture, and its lines.
    picture: Vec<u8>,
    shown: Option<std::ops::Range<i64>>,
}

impl<'a> Fall<'a> {
    fn new(what: &'a What, view: View) -> Result<Self> {
        let newest = what.options.newest_side;
        let (width, height) = (what.options.width, what.options.height);
        let (across, lines) = if newest.is_sideways() { (height, width) } else { (width, height) };
        let mut canvas = Canvas::new(&what.options.newest_side(Side::Top).width(across).height(lines))?;
        canvas.set_colormap(&what.colormap);
        let mut picture = Vec::new();
        let bytes = 4 * across as usize * lines as usize;
        picture.try_reserve_exact(bytes).context("--size: no memory for a frame")?;
        picture.resize(bytes, 0);
        Ok(Self { history: &what.history, view, loader: Loader::new(view)?, canvas, newest, picture, shown: None })
    }

    /// Shows the moment `edge_ns`.
    fn go(&mut self, edge_ns: i64) -> Result<()> {
        self.loader.set_view(self.view.edge(Edge::At(edge_ns)))?;
        Ok(self.loader.update_canvas(&mut self.canvas, self.history)?)
    }

    /// Where things are in the frame, as it is turned.
    fn frame_turned(&self) -> Frame {
        let frame = self.canvas.frame();
        let (across, length) = (frame.across(), frame.length());
        let size = if self.newest.is_sideways() { (length, across) } else { (across, length) };
        Frame::new(&frame.view(), size, self.newest, frame.epoch_ns(), None)
    }

    /// The range that shows most of it well: the median of those that are found at some moments. From all rows at once it
    /// would be one for lines that stand for more time than those of the video.
    fn range(&mut self, args: &RenderCommand, count: u32, edge: impl Fn(u32) -> i64) -> Result<Range> {
        const MOMENTS: u32 = 9;
        let mut ends: [Vec<f32>; 2] = Default::default();
        if args.picture.vmin.is_none() || args.picture.vmax.is_none() {
            for moment in 1..=MOMENTS {
                let index = u64::from(count) * u64::from(moment) / u64::from(MOMENTS);
                self.go(edge((index as u32).saturating_sub(1)))?;
                if let Some(range) = Range::of(&self.canvas, CELLS / u64::from(MOMENTS), None) {
                    ends[0].push(range.ends().0);
                    ends[1].push(range.ends().1);
                }
            }
        }
        let median = |ends: &mut Vec<f32>| {
            ends.sort_by(f32::total_cmp);
            ends.get(ends.len() / 2).copied()
        };
        let [low, high] = &mut ends;
        let found = median(low).zip(median(high)).filter(|(low, high)| low < high);
        let unit = self.canvas.unit();
        let found = found.map_or(Range::unknown(unit), |(low, high)| Range::new(low, high));
        Ok(if unit.is_decibel() { found.moved(args.bias) } else { found })
    }

    /// Writes the frame of the moment `edge_ns`. Only lines that are new are shaded; the others move.
    fn frame(&mut self, edge_ns: i64, rgba: &mut [u8]) -> Result<()> {
        self.go(edge_ns)?;
        let frame = self.canvas.frame();
        let lines = frame.lines();
        let stride = 4 * frame.across() as usize;
        let length = (lines.end - lines.start) as usize;
        let moved = self.shown.as_ref().and_then(|shown| usize::try_from(lines.end.checked_sub(shown.end)?).ok());
        let fresh = moved.filter(|moved| *moved < length).unwrap_or(length);
        self.picture.copy_within(..(length - fresh) * stride, fresh * stride);
        if fresh > 0 {
            let mut painting = self.canvas.painting();
            let new = painting.rows(0..fresh as u32).as_flattened();
            self.picture[..new.len()].copy_from_slice(new);
        }
        self.shown = Some(lines);
        self.turn(frame.across() as usize, length, rgba);
        Ok(())
    }

    /// Turns the picture so that its newest line is on the side asked for.
    fn turn(&self, across: usize, length: usize, rgba: &mut [u8]) {
        /// A square of this side fits into the cache.
        const TILE: usize = 32;
        let stride = 4 * across;
        match self.newest {
            Side::Top => rgba.copy_from_slice(&self.picture),
            Side::Bottom => {
                let lines = self.picture.chunks_exact(stride).rev();
                rgba.chunks_exact_mut(stride).zip(lines).for_each(|(to, from)| to.copy_from_slice(from));
            }
            Side::Left | Side::Right => {
                let (from, to) = (self.picture.as_chunks::<4>().0, rgba.as_chunks_mut::<4>().0);
                for (top, left) in
                    (0..length).step_by(TILE).flat_map(|top| (0..across).step_by(TILE).map(move |left| (top, left)))
                {
                    for column in left..across.min(left + TILE) {
                        for line in top..length.min(top + TILE) {
                            let x = if self.newest == Side::Left { line } else { length - 1 - line };
                            to[(across - 1 - column) * length + x] = from[line * across + column];
                        }
                    }
                }
            }
        }
    }
}
