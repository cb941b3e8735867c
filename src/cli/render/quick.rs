//! `ringfall render --quick` of a recording: one row for each line of the picture.

use std::sync::Arc;

use anyhow::{Result, bail};
use ringfall::source::Recording;
use ringfall::{Canvas, Colormap, Compute as _, Frame, Loader, Stamp};

use super::finish::finish;
use super::plan::{Origin, Plan};
use super::progress::Progress;
use super::store::Store;
use super::{RenderCommand, end_of};
use crate::cli::output::Target;

/// Draws the row at the middle of each line, however many rows the line covers.
pub(super) fn run(args: &RenderCommand, plan: &Plan, output: Target, colormap: &Colormap) -> Result<()> {
    let name = args.input.display();
    let Origin::Samples { all, settings, .. } = &plan.origin else {
        bail!(
            "--quick: {name} can only be read in order: expected a file of samples, such as WAV, FLAC or SigMF, and no --average exp"
        );
    };
    let recording = Recording::new(Arc::clone(all), settings)?;
    let last = recording.rows().checked_sub(1).and_then(|last| recording.entry(last));
    let (Some((first, bins)), Some((last, _))) = (recording.entry(0), last) else {
        bail!(
            "{name}: too short for a picture: expected at least one spectrum of {} samples (--fft sets its length)",
            settings.size
        );
    };
    let (budget, thinned) = args.budget(bins as usize, Some(args.lines().into()))?;
    let size = args.pixels();
    let options = args.picture.options(bins, args.capacity(bins, Some(args.lines().into())), size.width, size.height);
    let mut canvas = Canvas::new(&options)?;
    canvas.set_colormap(colormap);
    let view = args.view(plan.band_hz.or(recording.span_hz()), plan.times, &first, &last);
    let frame = Frame::new(&view, canvas.size(), canvas.newest_side(), first.time_ns, Some((&last, bins)));

    let mut store = Store::new(budget, args.picture.precision(), thinned, args.picture.reduce());
    let progress = Progress::new(Some(f64::from(frame.length())));
    let mut reader = recording.reader();
    let mut next = 0;
    for (line, done) in frame.lines().zip(1_u32..) {
        progress.at(done.into());
        let middle_ns = frame.time_of(line as f64 + 0.5);
        let Some((row, stamp)) = row_at(&recording, middle_ns).filter(|(row, _)| *row >= next) else { continue };
        next = row + 1;
        // It stands for all of the line.
        let duration_ns = stamp.duration_ns.max(frame.line_ns());
        let earlier_ns = (0.5 * (duration_ns - stamp.duration_ns)).round() as i64;
        let stamp = Stamp { time_ns: stamp.time_ns.saturating_sub(earlier_ns), duration_ns, ..stamp };
        let mut pushed = Ok(());
        reader.read(row..row + 1, &mut |_, values| {
            pushed = store.push(stamp, values);
            true
        })?;
        pushed?;
    }
    progress.done();
    let history = store.finish()?;
    Loader::new(view)?.update_canvas(&mut canvas, &history)?;
    let times = plan.times.unwrap_or((first.time_ns, end_of(&last)));
    finish(args, output, &mut canvas, recording.info(), (times, plan.seconds), " (quick)")
}

/// The row that a time lies in; none in a gap, before the first and after the last.
fn row_at(recording: &Recording, time_ns: i64) -> Option<(u64, Stamp)> {
    let (mut low, mut high) = (0, recording.rows());
    while low < high {
        let middle = low + (high - low) / 2;
        match recording.entry(middle)?.0.time_ns <= time_ns {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    let row = low.checked_sub(1)?;
    let stamp = recording.entry(row)?.0;
    (time_ns <= stamp.end_ns()).then_some((row, stamp))
}
