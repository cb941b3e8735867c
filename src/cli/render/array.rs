//! `ringfall render` of an array: all processors read its rows, with only a few rows per processor in memory.

mod colors;
mod frames;
mod video;

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use ringfall::array::{Array, ArrayError, Dtype, Order, Stack};
use ringfall::export::{VideoFormat, VideoOptions};
use ringfall::plot::Layer;
use ringfall::{
    Canvas, Capacity, Colormap, Edge, Frame, Mean, Norm, Options, Reduce, Scale, Side, Stamp, Store as _, Texel, View,
};

use frames::Frames;

use super::{Progress, RenderCommand};
use crate::app::range::Range as Levels;
use crate::cli::axes::{Labels, Parts, Still, Surround};
use crate::cli::norm;
use crate::flags::value::{PictureSize, Size};
use crate::flags::{Usage, wrong};
use crate::interrupt;
use crate::terminal::complain;
use crate::units::{bytes, seconds as duration};

/// Flags for the picture of an array.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Array")]
pub(super) struct ArrayPictureArgs {
    /// Array: 0 in the middle of the range; both ends become the larger magnitude of the two
    #[arg(long)]
    vsym: bool,

    /// Array: the range between these two percentiles of the values, such as 2,98
    ///
    /// Percentiles are those of numpy.percentile. For an array of more than 16 million cells, evenly spaced rows are used.
    #[arg(long, value_name = "LOW,HIGH", value_parser = percentiles, conflicts_with_all = ["vmin", "vmax"])]
    percentile: Option<(f64, f64)>,

    /// Array or recording: read only one row per line of the picture, however many rows the line covers
    ///
    /// Of very wide arrays, and of wide arrays in Fortran order, fewer rows are read. A recording has to be a file, in which any part
    /// can be read at once.
    #[arg(long)]
    quick: bool,

    /// Array of several frames: the number of the frame to show, from 0
    #[arg(long, value_name = "NUMBER")]
    frame: Option<u64>,
}

/// Two percentages in ascending order.
fn percentiles(text: &str) -> Result<(f64, f64), String> {
    let percent = |text: &str| text.trim().parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    let ends = text.split_once(',').and_then(|(low, high)| percent(low).zip(percent(high)));
    ends.filter(|(low, high)| low < high).ok_or_else(|| "expected two percentages in order, such as 2,98".to_owned())
}

impl ArrayPictureArgs {
    /// Whether `--quick` was given. It applies to recordings too.
    pub(super) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Rejects flags that apply only to arrays.
    pub(super) fn check_unused(&self) -> Result<(), Usage> {
        let flags =
            [("--vsym", self.vsym), ("--percentile", self.percentile.is_some()), ("--frame", self.frame.is_some())];
        if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
            wrong!("{flag}: it applies only to arrays (.npy files, images, or --dtype and --shape)");
        }
        Ok(())
    }
}

/// Most cells that percentiles are taken from.
const SAMPLE: u64 = 16 << 20;
/// Cells that are read in one go.
const BLOCK: u64 = 1 << 20;
/// The same in Fortran order, where one read returns a piece of a column.
const BLOCK_OF_COLUMNS: u64 = 1 << 22;

/// Cells that a quick picture reads at most, about.
const QUICK_CELLS: u64 = 24 << 20;
/// Reads that a quick picture of an array in Fortran order takes at most, about: one for each column of each row.
const QUICK_READS: u64 = 100_000;

/// The numbers that a range is computed from, without infinities and NaN.
#[derive(Clone, Copy, Debug)]
struct Found {
    least: f32,
    largest: f32,
    /// The smallest value above 0, for logarithms.
    least_positive: f32,
}

impl Found {
    const NOTHING: Self = Self { least: f32::INFINITY, largest: f32::NEG_INFINITY, least_positive: f32::INFINITY };

    fn add(&mut self, values: &[f32]) {
        let mut found = *self;
        for &value in values {
            let (low, high) = if value.is_finite() { (value, value) } else { (f32::INFINITY, f32::NEG_INFINITY) };
            found.least = found.least.min(low);
            found.largest = found.largest.max(high);
            found.least_positive = found.least_positive.min(if low > 0.0 { low } else { f32::INFINITY });
        }
        *self = found;
    }

    fn join(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            largest: self.largest.max(other.largest),
            least_positive: self.least_positive.min(other.least_positive),
        }
    }
}

pub(super) fn run(args: &RenderCommand) -> Result<()> {
    let video = check(args)?;
    interrupt::clean_up()?;
    if let Some(video) = video {
        let target = args.output.open_video(video, &args.inputs())?;
        return video::run(args, open(args)?, target);
    }
    let output = args.output.open(&args.inputs())?;
    let colormap = args.picture.colormap()?;
    let started = Instant::now();
    let stack = open(args)?;
    if stack.frames() > 1 && args.array_picture.frame.is_none() && output.takes_many() {
        let mut frames = Frames::new(args, stack, &Progress::none())?;
        let (size, count) = (frames.size(), frames.count());
        output.write_many(size, count, |number, pixels| frames.rgba(number, pixels))?;
        complain(format_args!(
            "{}: {count} frames of {}x{} pixels from {}, {}",
            args.output.output.display(),
            size.0,
            size.1,
            args.input.display(),
            duration(started.elapsed().as_secs_f64()),
        ));
        return Ok(());
    }
    let array = frame(args, &stack)?;
    let plan = Plan::new(args, &array)?;

    let progress = Progress::new(Some(f64::from(plan.lines())));
    if stack.is_rgba() {
        let around = plan.surround(args, None, None)?;
        let pixels = plan.colors(&progress)?;
        progress.done();
        output.write_rgba((plan.size.width, plan.size.height), &pixels, around.as_ref().map(Surround::layer))?;
        let size = around.as_ref().map_or((plan.size.width, plan.size.height), Surround::size);
        complain(format_args!(
            "{}: {}x{} pixels, {} rows of {} {} colours from {}{}, {}",
            args.output.output.display(),
            size.0,
            size.1,
            array.rows(),
            array.columns(),
            array.layout().dtype,
            array.path().display(),
            if plan.quick { " (quick)" } else { "" },
            duration(started.elapsed().as_secs_f64()),
        ));
        return Ok(());
    }
    let (values, found) = plan.values(&progress)?;
    progress.done();
    let codes = codes_as_they_are(args, &array)?;
    let untouched = codes.is_some();
    let (scale, colormap) = match codes {
        Some(codes) => codes,
        None => (scale(args, std::slice::from_ref(&array), found)?, colormap),
    };
    let around = plan.surround(args, Some((&scale, &colormap)), None)?;
    let layer = around.as_ref().map(Surround::layer);
    output.write_colored((plan.size.width, plan.size.height), &values, &scale, &colormap, layer)?;
    let size = layer.map_or((plan.size.width, plan.size.height), Layer::size);
    log::debug!("{} in {:.2?}", bytes(array.bytes()), started.elapsed());

    let given = args.picture.vmin.is_some() && args.picture.vmax.is_some() || untouched;
    complain(format_args!(
        "{}: {}x{} pixels, {} rows of {} {} from {}{}, range {} to {}{}{}, {}",
        args.output.output.display(),
        size.0,
        size.1,
        array.rows(),
        array.columns(),
        array.layout().dtype,
        array.path().display(),
        if plan.quick { " (quick)" } else { "" },
        scale.vmin(),
        scale.vmax(),
        if given { "" } else { " (found from the data)" },
        if scale.norm() == Norm::Linear { String::new() } else { format!(", norm {}", scale.norm()) },
        duration(started.elapsed().as_secs_f64()),
    ));
    Ok(())
}

/// Opens the array as the flags say.
fn open(args: &RenderCommand) -> Result<Stack> {
    let stack = args.array.open(&args.input)?;
    if !stack.is_rgba() {
        return Ok(stack);
    }
    let (picture, own) = (&args.picture, &args.array_picture);
    let flags = [
        ("--vsym", own.vsym),
        ("--percentile", own.percentile.is_some()),
        ("--norm", picture.norm != Norm::Linear),
        ("--values", args.output.values),
    ];
    if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
        wrong!("{flag}: it applies to values, and {} holds colours (see --layout)", args.input.display());
    }
    match (picture.vmin, picture.vmax) {
        (None, None) => Ok(stack),
        (Some(low), Some(high)) if low < high => Ok(stack.with_color_range(low, high)),
        _ => wrong!("--vmin, --vmax: colours need both, --vmin below --vmax"),
    }
}

/// The frame that the flags ask for.
fn frame(args: &RenderCommand, stack: &Stack) -> Result<Array> {
    let path = args.input.display();
    let number = match args.array_picture.frame {
        None if stack.frames() == 1 => 0,
        None => {
            bail!(
                "{path}: {} frames ({}): expected --frame 0 to {} (or all of them as a video, or with --format rgba)",
                stack.frames(),
                stack.axes(),
                stack.frames() - 1
            )
        }
        Some(number) if number >= stack.frames() => {
            bail!("--frame {number}: {path} has frames 0 to {}", stack.frames() - 1)
        }
        Some(number) => number,
    };
    frame_at(stack, number)
}

fn frame_at(stack: &Stack, number: u64) -> Result<Array> {
    stack.frame(number).map_err(|error| match error {
        ArrayError::Colors { .. } => {
            anyhow::anyhow!("{error} (--vmin and --vmax give one; --layout thw reads frames of values)")
        }
        error => error.into(),
    })
}

/// Rejects flags that contradict each other or would have no effect. Returns the video to write, if it is one.
fn check(args: &RenderCommand) -> Result<Option<(VideoFormat, VideoOptions)>, Usage> {
    args.scroll.check_still(&args.input)?;
    args.axes.check()?;
    if args.axes.axes && args.output.stores_numbers() {
        wrong!("--axes: the values are stored without a picture: expected no --values and no --floats");
    }
    let video = match args.output.video() {
        Some(_) if args.array_picture.frame.is_some() => {
            wrong!("--frame: a video has all frames: expected the format of a picture, or no --frame")
        }
        Some(_) => Some(args.checked_video()?),
        None => {
            args.video.check_unused()?;
            args.output.check()?;
            None
        }
    };
    let unused = [
        ("--from", args.from.is_some()),
        ("--to", args.to.is_some()),
        ("--start", args.start.is_some()),
        ("--seconds", args.seconds.is_some()),
        ("--channel", args.channel.is_some()),
        ("--seed", args.demo.seed.is_some()),
        ("--fmin", args.spectrum.fmin.is_some() && !args.array.has_extent()),
        ("--fmax", args.spectrum.fmax.is_some() && !args.array.has_extent()),
        ("--hop", args.spectrum.hop.is_some()),
        ("--overlap", args.spectrum.overlap.is_some()),
        ("--line-time", args.picture.line_time.is_some()),
        ("--bias", args.bias != 0.0),
    ];
    if let Some((flag, _)) = unused.into_iter().find(|(_, given)| *given) {
        wrong!("{flag}: it applies to sampled signals, not to the array {}", args.input.display());
    }
    let (vmin, vmax) = (args.picture.vmin, args.picture.vmax);
    // Without --vmin a logarithmic range begins at the smallest value above 0.
    let free_log = args.picture.norm == Norm::Log && vmin.is_none();
    if !free_log && !args.array_picture.vsym {
        norm::check(args.picture.norm, vmin, vmax).map_err(Usage)?;
    }
    if args.array_picture.vsym && args.picture.norm == Norm::Log {
        wrong!("--vsym --norm log: a range around 0 has no logarithm");
    }
    Ok(video)
}

/// Which rows are on which line of the picture.
struct Plan<'a> {
    array: &'a Array,
    size: Size,
    newest: Side,
    quick: bool,
    view: View,
}

impl<'a> Plan<'a> {
    fn new(args: &RenderCommand, array: &'a Array) -> Result<Self> {
        let newest = args.picture.newest.map_or(Side::Bottom, |_| args.picture.newest());
        let (rows, columns) = (array.rows(), u64::from(array.columns()));
        let (across, down) = if newest.is_sideways() { (rows, columns) } else { (columns, rows) };
        let most = u64::from(Canvas::MAX_SIDE);
        let parts = Parts { bar: !array.is_rgba(), counter: args.video.is_counted() };
        let size = match args.size {
            Some(PictureSize::Pixels(size)) => args.axes.data_size(size, parts),
            Some(PictureSize::Data) if across > most || down > most => {
                bail!("--size data: an array of {rows} rows and {columns} columns: expected at most {most} of each");
            }
            Some(PictureSize::Data) => Size { width: across as u32, height: down as u32 },
            None => {
                let Size { width, height } = args.axes.data_size(RenderCommand::SIZE, parts);
                Size { width: across.min(width.into()) as u32, height: down.min(height.into()) as u32 }
            }
        };
        if u64::from(size.width.max(size.height)) > most {
            bail!("--size {size}: expected at most {most} pixels a side");
        }
        let needed = 4 * u64::from(size.width) * u64::from(size.height);
        let budget = u64::from(args.memory.unwrap_or(1024)) << 20;
        if needed > budget {
            let mib = needed.div_ceil(1 << 20);
            bail!("--memory: a picture of {size} takes {mib} MiB: expected at least --memory {mib}");
        }
        let reduce = if array.is_rgba() { args.picture.reduce_colors() } else { args.picture.reduce() };
        let view = args.picture.view(band(args, array)).reduce(reduce);
        Ok(Self { array, size, newest, quick: args.array_picture.quick, view })
    }

    /// The axes around the picture; `None` without `--axes`. `colors` are those of values; `count` is the number of frames,
    /// if they are counted.
    fn surround<'b>(
        &self,
        args: &'b RenderCommand,
        colors: Option<(&Scale, &Colormap)>,
        count: Option<u32>,
    ) -> Result<Option<Surround<'b>>> {
        let labels = if args.array.has_extent() { Labels::Units } else { Labels::Numbers };
        let still = || {
            let (scale, colormap) = colors.map_or_else(Default::default, |(scale, map)| (*scale, map.clone()));
            Still { frame: self.frame(), scale, colormap, unit: self.array.unit() }
        };
        Surround::new(&args.axes, colors.is_some(), count, labels, still)
    }

    /// Where things are in the picture: all rows share its lines.
    fn frame(&self) -> Frame {
        let stamp = |row: u64| self.array.entry(row).map_or(Stamp::index(row), |(stamp, _)| stamp);
        let (first, last) = (stamp(0), stamp(self.array.rows() - 1));
        let line_ns = self.array.rows() as f64 * first.duration_ns / f64::from(self.lines());
        let middle_ns = (f64::from(self.lines()) - 0.5) * line_ns;
        let edge = Edge::At(first.time_ns.saturating_add(middle_ns.round() as i64));
        let (size, row) = ((self.size.width, self.size.height), (&last, self.array.columns()));
        Frame::new(&self.view.line_ns(line_ns).edge(edge), size, self.newest, first.time_ns, Some(row))
    }

    fn lines(&self) -> u32 {
        if self.newest.is_sideways() { self.size.width } else { self.size.height }
    }

    fn across(&self) -> u32 {
        if self.newest.is_sideways() { self.size.height } else { self.size.width }
    }

    /// The rows of a line, counted from the oldest: those whose middle lies in it; where there is none, the row that the
    /// line's middle lies in.
    fn rows_of(&self, line: u32) -> Range<u64> {
        let (rows, lines, line) = (self.array.rows(), u64::from(self.lines()), u64::from(line));
        // Row r has its middle at (2 r + 1) lines / (2 rows).
        let first = |line: u64| (2 * rows * line).div_ceil(lines) / 2;
        let (start, end) = (first(line), first(line + 1));
        let only = (2 * line + 1) * rows / (2 * lines);
        if start < end { start..end } else { only..only + 1 }
    }

    /// How many rows a quick picture reads: one per line, and fewer if that would take too long.
    fn quick_rows(&self) -> u64 {
        let budget = if self.array.layout().order == Order::C { QUICK_CELLS } else { QUICK_READS };
        (budget / u64::from(self.array.columns())).clamp(4, u64::from(self.lines()).max(4))
    }

    /// The rows that a line shows: all rows that it covers, or one row in a quick picture.
    fn rows_shown(&self, line: u32) -> Range<u64> {
        if !self.quick {
            return self.rows_of(line);
        }
        let (rows, lines, count) = (self.array.rows(), u64::from(self.lines()), self.quick_rows());
        if count < lines {
            let middle = (2 * (u64::from(line) * count / lines) + 1) * rows / (2 * count);
            return middle..middle + 1;
        }
        let own = self.rows_of(line);
        let middle = own.start + (own.end - own.start) / 2;
        middle..middle + 1
    }

    /// The picture's values from the top left, and the numbers that a range is computed from.
    fn values(&self, progress: &Progress) -> Result<(Vec<f32>, Found)> {
        let (values, hands) = self.picture(progress, f32::NAN, || Hand::new(self))?;
        let found = hands.into_iter().map(|hand| hand.found).fold(Found::NOTHING, Found::join);
        Ok((values, found))
    }

    /// The picture's colours from the top left.
    fn colors(&self, progress: &Progress) -> Result<Vec<[u8; 4]>> {
        Ok(self.picture(progress, [0; 4], || colors::Hand::new(self))?.0)
    }

    /// The picture from the top left, and the hands that have made it, one for each thread.
    fn picture<H: Lines + Send>(
        &self,
        progress: &Progress,
        nothing: H::Pixel,
        hand: impl Fn() -> Result<H> + Sync,
    ) -> Result<(Vec<H::Pixel>, Vec<H>)> {
        let (lines, across) = (self.lines() as usize, self.across() as usize);
        let mut values = vec![nothing; lines * across];
        let threads = thread::available_parallelism().map_or(1, usize::from).min(lines);
        let (done, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        // One thread takes neighbouring lines, so that the file is read in order.
        let alike = if self.quick { lines.div_ceil(self.quick_rows() as usize) } else { 1 };
        let share = lines.div_ceil(threads * 8).max(alike);
        let work = Mutex::new(values.chunks_mut(share * across).enumerate());
        let hands = thread::scope(|scope| {
            let waiting = thread::current();
            let hands: Vec<_> = (0..threads)
                .map(|_| {
                    let (work, done, failed, waiting, hand) = (&work, &done, &failed, waiting.clone(), &hand);
                    scope.spawn(move || {
                        let read = self.work(hand()?, work, share, done, failed);
                        failed.fetch_or(read.is_err(), Relaxed);
                        waiting.unpark();
                        read
                    })
                })
                .collect();
            while done.load(Relaxed) < lines && !failed.load(Relaxed) && !hands.iter().all(|hand| hand.is_finished()) {
                thread::park_timeout(Duration::from_millis(100));
                progress.at(done.load(Relaxed) as f64);
            }
            let found =
                hands.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            found.collect::<Result<Vec<_>>>()
        })?;
        Ok((self.turned(values), hands))
    }

    /// Processes shares of the picture until none is left.
    fn work<'v, H: Lines<Pixel: 'v>>(
        &self,
        mut hand: H,
        work: &Mutex<impl Iterator<Item = (usize, &'v mut [H::Pixel])>>,
        share: usize,
        done: &AtomicUsize,
        failed: &AtomicBool,
    ) -> Result<H> {
        loop {
            let next = work.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
            let Some((index, values)) = next else { return Ok(hand) };
            for (line, values) in values.chunks_mut(self.across() as usize).enumerate() {
                if failed.load(Relaxed) {
                    return Ok(hand);
                }
                hand.line((index * share + line) as u32, values)?;
                done.fetch_add(1, Relaxed);
            }
        }
    }

    /// The picture of lines, oldest first, each from its first column on.
    fn turned<T: Copy>(&self, lines: Vec<T>) -> Vec<T> {
        let (count, across) = (self.lines() as usize, self.across() as usize);
        match self.newest {
            Side::Bottom => lines,
            Side::Top => lines.chunks_exact(across).rev().flatten().copied().collect(),
            Side::Left | Side::Right => {
                let mut picture = lines.clone();
                for (line, values) in lines.chunks_exact(across).enumerate() {
                    let x = if self.newest == Side::Right { line } else { count - 1 - line };
                    values.iter().enumerate().for_each(|(k, value)| picture[(across - 1 - k) * count + x] = *value);
                }
                picture
            }
        }
    }
}

/// Makes lines of a picture.
trait Lines {
    type Pixel: Copy + Send;

    /// Computes a line of the picture.
    fn line(&mut self, line: u32, pixels: &mut [Self::Pixel]) -> Result<()>;
}

/// The band that the flags ask for, if the array has frequencies.
fn band(args: &RenderCommand, array: &Array) -> Option<(f64, f64)> {
    let (stamp, bins) = array.entry(0).filter(|_| args.array.has_extent())?;
    let (low, high) = stamp.span_hz(bins as usize);
    Some((args.spectrum.fmin.unwrap_or(low), args.spectrum.fmax.unwrap_or(high)))
}

/// The working memory of one thread.
struct Hand<'a> {
    plan: &'a Plan<'a>,
    /// A line of pixels, for the reduction of columns.
    canvas: Canvas,
    block: Vec<f32>,
    row: Vec<f32>,
    means: Vec<Mean>,
    found: Found,
    pushed: u64,
    /// The rows of the previous line, and its values.
    shown: Range<u64>,
    last: Vec<f32>,
}

impl<'a> Hand<'a> {
    fn new(plan: &'a Plan<'a>) -> Result<Self> {
        let options = Options::default()
            .bins(plan.array.columns())
            .capacity(Capacity::Rows(1))
            .texel(Texel::F32)
            .unit(plan.array.unit())
            .width(plan.across())
            .height(1);
        let mut canvas = Canvas::new(&options)?;
        canvas.set_view(plan.view)?;
        let (block, row, means) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { plan, canvas, block, row, means, found: Found::NOTHING, pushed: 0, shown: 0..0, last: Vec::new() })
    }
}

impl Lines for Hand<'_> {
    type Pixel = f32;

    fn line(&mut self, line: u32, values: &mut [f32]) -> Result<()> {
        let array = self.plan.array;
        let mut rows = self.plan.rows_shown(line);
        if self.shown == rows {
            values.copy_from_slice(&self.last);
            return Ok(());
        }
        self.shown = rows.clone();
        let columns = array.columns() as usize;
        let block = if array.layout().order == Order::C { BLOCK } else { BLOCK_OF_COLUMNS };
        let at_once = (block / columns as u64).max(1);
        self.row.clear();
        self.row.resize(columns, f32::NAN);
        self.means.clear();
        if !matches!(self.plan.view.reduce, Reduce::Max | Reduce::Min) {
            self.means.resize(columns, Mean::new(array.unit()));
        }
        while !rows.is_empty() {
            let next = rows.start..rows.end.min(rows.start + at_once);
            rows.start = next.end;
            array.read_rows(next, &mut self.block)?;
            self.found.add(&self.block);
            for row in self.block.chunks_exact(columns) {
                match self.plan.view.reduce {
                    Reduce::Max => self.row.iter_mut().zip(row).for_each(|(most, value)| *most = most.max(*value)),
                    Reduce::Min => self.row.iter_mut().zip(row).for_each(|(least, value)| *least = least.min(*value)),
                    _ => self.means.iter_mut().zip(row).for_each(|(mean, value)| mean.add(*value, 1.0)),
                }
            }
        }
        self.row.iter_mut().zip(&self.means).for_each(|(value, mean)| *value = mean.get());
        self.canvas.push(stamp(array, self.pushed), &self.row)?;
        self.pushed += 1;
        self.canvas.values(values)?;
        self.last.clear();
        self.last.extend_from_slice(values);
        Ok(())
    }
}

/// The stamp of a row that is drawn as number `index`, with the array's frequencies.
fn stamp(array: &Array, index: u64) -> Stamp {
    let (first_hz, bin_hz) = array.entry(0).map_or((0.0, 1.0), |(stamp, _)| (stamp.first_hz, stamp.bin_hz));
    Stamp { first_hz, bin_hz, ..Stamp::index(index) }
}

/// Scale and colours that show code `c` of an array of bytes as grey level `c`, so that 8-bit data keep their values. `None` if
/// the flags ask for something else.
fn codes_as_they_are(args: &RenderCommand, array: &Array) -> Result<Option<(Scale, Colormap)>> {
    let (picture, own) = (&args.picture, &args.array_picture);
    let grey = matches!(picture.colormap.as_str(), "grey" | "gray");
    let free = picture.vmin.is_none() && picture.vmax.is_none() && picture.norm == Norm::Linear;
    if !grey || !free || own.vsym || own.percentile.is_some() || array.layout().dtype != Dtype::U8 {
        return Ok(None);
    }
    Ok(Some((Scale::linear(0.0, 256.0)?, Colormap::named("grey")?)))
}

/// The requested range, or the automatic one: from the smallest value to the largest, as in Matplotlib.
fn scale(args: &RenderCommand, arrays: &[Array], found: Found) -> Result<Scale> {
    let (vmin, vmax) = (args.picture.vmin, args.picture.vmax);
    let own = &args.array_picture;
    let nothing = found.least > found.largest;
    let (mut low, mut high) = match own.percentile {
        _ if nothing => (0.0, 1.0),
        Some(percentiles) => percentile_ends(arrays, percentiles)?,
        None if args.picture.norm == Norm::Log && found.least_positive.is_finite() => {
            (found.least_positive, found.largest)
        }
        None => (found.least, found.largest),
    };
    low = vmin.unwrap_or(low);
    high = vmax.unwrap_or(high);
    if own.vsym {
        high = low.abs().max(high.abs());
        low = -high;
    }
    if low >= high {
        match (vmin, vmax) {
            (Some(vmin), None) if vmin > high => {
                bail!("--vmin {vmin}: the largest value is {high}: expected --vmax too")
            }
            (None, Some(vmax)) if vmax < low => {
                bail!("--vmax {vmax}: the smallest value is {low}: expected --vmin too")
            }
            // All values are the same: they get the first colour, as with Matplotlib.
            (None, Some(_)) => low = high - widened(high),
            _ => high = low + widened(low),
        }
    }
    let range = Levels::new(low, high).with_norm(args.picture.norm);
    range.scale().with_context(|| format!("range {low} to {high}"))
}

/// The narrowest range that separates two `f32` of this magnitude.
fn widened(value: f32) -> f32 {
    (value.abs() * 1e-3).max(1.0)
}

/// The percentiles as `numpy.percentile` computes them: interpolated between the two nearest ranks.
fn percentile_ends(arrays: &[Array], (low, high): (f64, f64)) -> Result<(f32, f32)> {
    let rows: u64 = arrays.iter().map(Array::rows).sum();
    let columns = arrays.iter().map(|array| u64::from(array.columns())).max().unwrap_or(1);
    let step = rows.div_ceil((SAMPLE / columns).max(1)).max(1);
    let (mut cells, mut row) = (Vec::new(), Vec::new());
    // Rows are counted through all arrays.
    let mut first = 0;
    for array in arrays {
        let skipped = u64::next_multiple_of(first, step) - first;
        for number in (skipped..array.rows()).step_by(step as usize) {
            array.read(number, &mut row)?;
            cells.extend(row.iter().filter(|value| value.is_finite()));
        }
        first += array.rows();
    }
    if cells.is_empty() {
        return Ok((0.0, 1.0));
    }
    let mut at = |percent: f64| {
        let rank = percent / 100.0 * (cells.len() - 1) as f64;
        let (_, &mut below, above) = cells.select_nth_unstable_by(rank as usize, f32::total_cmp);
        let above = above.iter().copied().min_by(f32::total_cmp).unwrap_or(below);
        (f64::from(below) + rank.fract() * (f64::from(above) - f64::from(below))) as f32
    };
    Ok((at(low), at(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages() {
        assert_eq!(percentiles("2,98"), Ok((2.0, 98.0)));
        assert_eq!(percentiles(" 0 , 99.9 "), Ok((0.0, 99.9)));
        for wrong in ["", "2", "98,2", "2,2", "-1,50", "0,101", "nan,50", "a,b", "1,2,3"] {
            assert!(percentiles(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_number_says_nothing_about_a_range() {
        let mut found = Found::NOTHING;
        found.add(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
        assert!(found.least > found.largest);
        found.add(&[-3.0, 0.0, f32::NAN, 0.5, 7.0]);
        assert_eq!((found.least, found.largest, found.least_positive), (-3.0, 7.0, 0.5));
    }
}
