//! `ringfall render --quick` of a recording: a first pass over some of its rows.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use ringfall::source::Recording;
use ringfall::{Canvas, Colormap, Compute as _, Computed, ComputedOptions, Loader};

use super::{Plan, RenderCommand, end_of, finish};
use crate::cli::output::Target;

/// Draws what is known after the first pass.
pub(super) fn run(args: &RenderCommand, plan: &Plan, output: Target, colormap: &Colormap) -> Result<()> {
    /// The first pass takes less than a second from a disk. A file system that hangs is given this long.
    const PATIENCE: Duration = Duration::from_secs(120);
    let name = args.input.display();
    let (samples, settings) = match (args.asked().samples()?, plan.source.info().settings) {
        (Some(samples), Some(settings)) => (samples, settings),
        _ => bail!("--quick: {name} can only be read in order: expected a WAV, raw IQ or SigMF file"),
    };
    let recording = Recording::new(samples, &settings)?;
    let rows = recording.info().clone();
    let (Some((first, bins)), Some((last, _))) =
        (recording.entry(0), recording.entry(recording.rows().wrapping_sub(1)))
    else {
        bail!(
            "{name}: too short for a picture: expected at least one spectrum of {} samples (--fft sets its length)",
            settings.size
        );
    };
    let (budget, _) = args.budget(bins as usize, None)?;
    let size = args.pixels();
    let capacity = args.capacity(bins, Some(recording.rows()));
    let mut canvas = Canvas::new(&args.picture.options(bins, capacity, size.width, size.height))?;
    canvas.set_colormap(colormap);
    let options = ComputedOptions::default().budget(budget).precision(args.picture.precision());
    let computed = Computed::new(Arc::new(recording), &options, Box::new(|| {}))?;
    let mut loader = Loader::new(args.view(plan.band_hz, plan.times, &first, &last))?;
    // The loader says what is on show, and takes it once it is there.
    loader.update_canvas(&mut canvas, &computed)?;
    let is_done = computed.wait(|progress| progress.sketched || progress.error.is_some(), PATIENCE);
    if let Some(error) = computed.progress().error {
        bail!("{name}: {error}");
    }
    if !is_done {
        bail!("{name}: no first pass within {} s", PATIENCE.as_secs());
    }
    loader.update_canvas(&mut canvas, &computed)?;
    let times = plan.times.unwrap_or((first.time_ns, end_of(&last)));
    finish(args, output, &mut canvas, &rows, (times, plan.seconds), " (quick)")
}
