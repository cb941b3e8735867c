//! `ringfall render igtl://…`: a picture of a peer's images.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use ringfall::source::igtl::{Address, IgtlFrames, IgtlRows};
use ringfall::source::{Read, RowSource};
use ringfall::{Canvas, Capacity, Edge, History, Loader, Norm, Precision, Reduce, Rows as _, Side, Stamp};

use super::RenderCommand;
use super::store::Store;
use crate::app::range::Range;
use crate::cli::axes::Labels;
use crate::cli::igtl::{self, AsArg};
use crate::flags::value::PictureSize;
use crate::flags::{Usage, wrong};
use crate::interrupt;
use crate::terminal::complain;

/// Red, green, blue and alpha of each cell.
type Colors = Vec<[u8; 4]>;

/// Rows, and their properties.
struct Taken {
    store: Store,
    rows: u64,
    bins: usize,
    /// The smallest and the largest value.
    ends: (f32, f32),
    /// For an image of colours: its rows.
    colors: Vec<Colors>,
}

pub(super) fn run(args: &RenderCommand, address: Address) -> Result<()> {
    check(args)?;
    interrupt::clean_up()?;
    let palette = args.picture.palette_file().map(Path::to_owned);
    let output = args.output.open(&palette.into_iter().collect::<Vec<_>>())?;
    let colormap = args.picture.colormap()?;
    let options = args.igtl.options(address, args.raw.row_time);
    let frames = args.igtl.shown == Some(AsArg::Frames);
    let (taken, messages, name) = if frames {
        let mut source = IgtlFrames::open(&options, igtl::color_range(&args.picture))?;
        source.live().set_budget(0);
        (take_frame(args, &mut source)?, source.live().range().end, source.info().source.name.clone())
    } else {
        let mut source = IgtlRows::open(&options)?;
        (take_rows(args, &mut source)?, source.messages(), source.info().source.name.clone())
    };
    let Taken { store, rows, bins, ends, colors } = taken;
    if rows == 0 {
        bail!("{name}: no image arrived within --seconds");
    }
    if !colors.is_empty() {
        let (size, pixels) = picture(args, bins as u32, &colors)?;
        output.write_rgba(size, &pixels, None)?;
        complain(format_args!(
            "{}: {}x{} pixels, {} of {name}, {rows} rows of {bins} colours",
            args.output.output.display(),
            size.0,
            size.1,
            images(messages),
        ));
        return Ok(());
    }
    let history = store.finish()?;
    let span = history.range(0);
    let kept = span.end - span.start;
    if frames && kept < rows {
        bail!("--memory: too little for an image of {bins}x{rows}: expected room for all of its rows");
    }

    let (width, height) = if frames { (bins as u32, kept as u32) } else { (args.pixels().width, args.pixels().height) };
    let capacity = Capacity::Rows(u32::try_from(kept + 64).unwrap_or(u32::MAX));
    let options = igtl::renderer(&args.picture, capacity, bins as u32, (width, height));
    // An image's first row is at its top.
    let options = if frames { options.newest_side(Side::Bottom) } else { options };
    let lines = if options.newest_side.is_sideways() { width } else { height };
    let mut canvas = Canvas::new(&options)?;
    canvas.set_colormap(&colormap);
    let band = args.spectrum.fmin.zip(args.spectrum.fmax).unwrap_or((-0.5, bins as f64 - 0.5));
    let line_ns = rows as f64 * 1e9 / f64::from(lines);
    let view = args.picture.view(Some(band)).line_ns(line_ns).edge(Edge::At(Stamp::index(rows).time_ns - 1));
    Loader::new(view)?.update_canvas(&mut canvas, &history)?;
    let range = range(args.picture.range(), ends).with_norm(args.picture.norm);
    canvas.set_scale(range.scale()?);
    let layer = if args.axes.axes { Some(args.axes.layer(&mut canvas, Labels::Numbers)?) } else { None };
    output.write(&canvas, layer.as_ref(), Vec::new())?;
    let (vmin, vmax) = range.ends();
    complain(format_args!(
        "{}: {width}x{height} pixels, {} of {name}, {rows} rows of {bins} bins, range {vmin} … {vmax}{}",
        args.output.output.display(),
        images(messages),
        if range.norm() == Norm::Linear { String::new() } else { format!(", norm {}", range.norm()) },
    ));
    Ok(())
}

/// A number of images in words.
fn images(count: u64) -> String {
    if count == 1 { "1 image".to_owned() } else { format!("{count} images") }
}

/// A picture of an image of colours, a pixel for each of them, over black.
fn picture(args: &RenderCommand, columns: u32, rows: &[Colors]) -> Result<((u32, u32), Colors)> {
    let flags = [("--axes", args.axes.axes), ("--norm", args.picture.norm != Norm::Linear)];
    if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
        wrong!("{flag}: it applies to images of values, and {} sends colours", args.input.display());
    }
    if args.picture.vmin.is_some() != args.picture.vmax.is_some() {
        wrong!("--vmin, --vmax: {} sends colours, which need both", args.input.display());
    }
    let size = (columns, u32::try_from(rows.len())?);
    let mut pixels = vec![[0, 0, 0, 255]; size.0 as usize * rows.len()];
    for (line, row) in pixels.chunks_exact_mut(size.0 as usize).zip(rows) {
        line.iter_mut().zip(row).for_each(|(pixel, [r, g, b, alpha])| {
            let over_black = |channel: &u8| ((u16::from(*channel) * u16::from(*alpha) + 127) / 255) as u8;
            *pixel = [over_black(r), over_black(g), over_black(b), 255];
        });
    }
    Ok((size, pixels))
}

/// Rejects flags that contradict each other or would have no effect.
fn check(args: &RenderCommand) -> Result<(), Usage> {
    args.output.check()?;
    args.axes.check()?;
    args.check_numbers()?;
    if let Some(flag) = args.given.any(&["--fft", "--hop", "--overlap", "--window", "--average", "--bias"]) {
        wrong!("{flag}: it applies to sampled signals, not to the images of an OpenIGTLink peer");
    }
    if args.output.input().is_some() {
        wrong!("--format: the images of an OpenIGTLink peer have their own: expected the format of a picture");
    }
    if !matches!(args.size, None | Some(PictureSize::Data)) && args.igtl.shown == Some(AsArg::Frames) {
        wrong!("--size: with --as frames the picture has a pixel for each cell");
    }
    args.spectrum.check()?;
    args.picture.check_numbers(args.spectrum.fmin)?;
    args.raw.check_no_samples(&args.input)?;
    args.array.check_unused(&args.input)?;
    args.array_picture.check_unused()?;
    if args.array_picture.is_quick() {
        wrong!("--quick: it applies to recordings and arrays in files");
    }
    let flags = [
        ("--from", args.from.is_some()),
        ("--to", args.to.is_some()),
        ("--start", args.start.is_some()),
        ("--channel", args.channel.is_some()),
        ("--seed", args.demo.seed.is_some()),
        ("--line-time", args.picture.line_time.is_some()),
    ];
    if let Some((flag, _)) = flags.iter().find(|(_, given)| *given) {
        wrong!("{flag}: it does not apply to images of an OpenIGTLink peer");
    }
    if args.frames.is_none() && args.seconds.is_none() {
        wrong!("{}: it has no end: expected --frames NUMBER or --seconds TIME", args.input.display());
    }
    Ok(())
}

/// Memory for rows, in bytes.
fn budget(args: &RenderCommand) -> u64 {
    u64::from(args.memory.unwrap_or(1024)) << 20
}

impl Taken {
    fn new(args: &RenderCommand) -> Self {
        Self {
            store: Store::new(budget(args), Precision::F32, 1, args.picture.reduce()),
            rows: 0,
            bins: 0,
            ends: (f32::INFINITY, f32::NEG_INFINITY),
            colors: Vec::new(),
        }
    }

    /// Adds a row of values whose first one is in this column.
    fn push(&mut self, first: f64, row: &[f32], budget: u64) -> Result<()> {
        let stamp = Stamp { first_hz: first, ..Stamp::index(self.rows) };
        self.rows += 1;
        self.bins = self.bins.max(first as usize + row.len());
        for value in row.iter().filter(|value| value.is_finite()) {
            self.ends = (self.ends.0.min(*value), self.ends.1.max(*value));
        }
        if History::least_bytes(row.len(), Precision::F32) > budget {
            bail!("--memory: too little for rows of {} values", row.len());
        }
        self.store.push(stamp, row)
    }
}

/// When enough has come.
struct Until {
    end: Option<Instant>,
    most: u64,
    told: bool,
}

impl Until {
    fn new(args: &RenderCommand) -> Self {
        let end = args.seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds)));
        Self { end, most: args.frames.unwrap_or(u64::MAX), told: false }
    }

    /// Whether the requested number of images has come or the time is over.
    fn is_over(&self, images: u64) -> bool {
        images >= self.most || self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Says once that it waits for the peer. Returns whether the source has ended.
    fn ends(&mut self, read: Read, source: &dyn RowSource) -> bool {
        if read == Read::Waiting && !std::mem::replace(&mut self.told, true) {
            complain(format_args!("ringfall: waiting for a peer: {}", source.info().source.name));
        }
        read == Read::End
    }
}

/// Takes the rows of images.
fn take_rows(args: &RenderCommand, source: &mut IgtlRows) -> Result<Taken> {
    let (budget, mut taken, mut until) = (budget(args), Taken::new(args), Until::new(args));
    while !until.is_over(source.messages()) {
        let mut pushed = Ok(());
        let read = source.read(&mut |stamp, row| {
            if pushed.is_ok() {
                pushed = taken.push(stamp.first_hz, row, budget);
            }
        })?;
        pushed?;
        if until.ends(read, source) {
            break;
        }
    }
    Ok(taken)
}

/// Takes the last of the images.
fn take_frame(args: &RenderCommand, source: &mut IgtlFrames) -> Result<Taken> {
    let (budget, mut taken, mut until) = (budget(args), Taken::new(args), Until::new(args));
    while !until.is_over(source.live().range().end) {
        let read = source.read(&mut |_, _| {})?;
        if until.ends(read, source) {
            break;
        }
    }
    let Some(frame) = source.live().newest() else { return Ok(taken) };
    let mut row = Vec::new();
    for number in frame.range(0) {
        if frame.is_rgba() {
            let mut colors = Vec::new();
            frame.read_rgba(0, number, Reduce::Max, &mut colors)?;
            (taken.bins, taken.rows) = (colors.len(), number + 1);
            taken.colors.push(colors);
        } else {
            frame.read(0, number, Reduce::Max, &mut row)?;
            taken.push(0.0, &row, budget)?;
        }
    }
    Ok(taken)
}

/// From the smallest to the largest value, except for ends that the flags set.
fn range((vmin, vmax): (Option<f32>, Option<f32>), ends: (f32, f32)) -> Range {
    let (least, most) = Range::between(ends).map_or((0.0, 1.0), |range| range.ends());
    let below = |high: f32| high - high.abs().max(1.0);
    let above = |low: f32| low + low.abs().max(1.0);
    match (vmin, vmax) {
        (Some(vmin), Some(vmax)) => Range::new(vmin, vmax),
        (Some(vmin), None) => Range::new(vmin, if most > vmin { most } else { above(vmin) }),
        (None, Some(vmax)) => Range::new(if least < vmax { least } else { below(vmax) }, vmax),
        (None, None) => Range::new(least, most),
    }
}
