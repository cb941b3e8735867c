//! The window of a source: what is typed, what was kept, and opening without making the user wait.

mod args;
mod part;
mod view;

use std::time::Duration;

use anyhow::Result;
use ringfall::source::{Deferred, Opening, RowInfo, RowSource, SourceError, Speed, WhenFull};
use ringfall::{Capacity, ComputedOptions, Saved};

pub(in crate::cli) use args::RECORDING;
pub(crate) use args::{DemoCommand, LiveCommand, ShowArgs, ViewCommand};
use part::{Part, times};
pub(crate) use view::view;
pub(super) use view::{array_rows, whole_or_played};

use super::budget;
use super::input::{self, DemoArgs, Input, Rows};
use super::kept;
use super::opener::opener;
use crate::app;
use crate::app::analysis::Analysis;
use crate::flags::value::Keep;
use crate::flags::wrong;
use crate::terminal::complain;

/// Frames of a stack in a second, without `--fps`.
pub(super) const FPS: f64 = 25.0;

/// If opening takes longer than this, it continues while the window is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// `ringfall`: the sound card, or the demonstration if there is none.
pub(crate) fn either(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "sound card", WhenFull::Drop, (1.0, Part::default()), move |_| match input::sound_card(&input) {
        Ok(card) => Ok(Input::samples(card)),
        // Only if no device was requested.
        Err(error @ (SourceError::NoDevice { .. } | SourceError::Device { .. })) if input.device.is_none() => {
            complain(format_args!("ringfall: {error}: showing the demonstration instead"));
            Ok(Input::samples(input::demo(&DemoArgs { seed: None }, Speed::Real, None)?))
        }
        Err(error) => Err(error.into()),
    })
}

/// `ringfall live`.
pub(crate) fn live(args: &LiveCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    let name = args.input.device.as_deref().unwrap_or("sound card");
    show(&args.show, name, WhenFull::Drop, (1.0, Part::default()), move |_| {
        Ok(Input::samples(input::sound_card(&input)?))
    })
}

/// `ringfall demo`.
pub(crate) fn demo(args: &DemoCommand) -> Result<()> {
    args.show.check()?;
    let input = args.input.clone();
    show(&args.show, "demonstration", WhenFull::Drop, (1.0, Part::default()), move |_| {
        Ok(Input::samples(input::demo(&input, Speed::Real, None)?))
    })
}

/// Opens a source with `open`, which may block for long, and shows it. `speed` is the number of seconds of the rows' clock that
/// pass in one second.
fn show(
    args: &ShowArgs,
    name: &str,
    when_full: WhenFull,
    (speed, mut part): (f64, Part),
    open: impl FnOnce(&Analysis) -> Result<Input> + Send + 'static,
) -> Result<()> {
    let mut args = args.clone();
    let path = kept::path(args.window.config.as_deref());
    let (settings, warnings) = kept::load(path.as_deref());
    kept::apply(&settings, &mut args);
    let ShowArgs { spectrum, picture, window, .. } = &args;
    let range = picture.range();
    let colormap = picture.colormap()?;
    let precision = picture.precision();
    let opening = Opening::start(name, {
        let spectrum = spectrum.clone();
        move || open(&spectrum.analysis())?.rows(&spectrum)
    })?;
    let late = app::Late::default();
    let mut is_late = false;
    let (mut source, history, band_hz): (Box<dyn RowSource>, _, _) = match opening.wait(PATIENCE)? {
        Some(opened) => {
            let (source, band_hz) = opened?;
            let history = budget::history(window.history, source.info(), precision)?;
            (source, history, band_hz)
        }
        None => {
            let (name, late) = (name.to_owned(), late.clone());
            is_late = true;
            let finish = move |opened: Result<Rows>| match opened {
                Ok((source, _)) => Ok(late.keep(source)),
                Err(error) => Err(SourceError::Open { name, reason: format!("{error:#}") }),
            };
            let source = Deferred::new(opening, finish)?;
            (Box::new(source), budget::unknown(window.history), spectrum.fmin.zip(spectrum.fmax))
        }
    };
    let capacity = Capacity::Bytes(u64::from(window.memory) << 20);
    let frames = source.frames();
    let cache = part.cache.take();
    if frames.is_some() && cache.is_some() {
        wrong!("--cache: {name} has many frames: expected an array of one, or no --cache");
    }
    let compute = source.compute();
    if frames.is_none() && part.fps.is_some() && !is_late {
        wrong!("--fps: {name} has no frames: expected a stack, such as an array of T x H x W");
    }
    let ends = compute.as_ref().and_then(|rows| Some((rows.entry(0)?.0, rows.entry(rows.rows().checked_sub(1)?)?.0)));
    let times = match ends {
        Some((first, last)) => times(name, &part, source.info().source.clock, (first.time_ns, last.end_ns()))?,
        None if (part.from.is_some() || part.to.is_some() || cache.is_some()) && !is_late => {
            wrong!("--from, --to, --cache: {name} is played from its beginning: expected a file of samples")
        }
        None => None,
    };
    if compute.is_some() && matches!(window.history, Some(Keep::Seconds(_))) && args.given.any(&["--history"]).is_some()
    {
        wrong!("--history: {name} is shown as a whole: expected memory, such as 512MiB, and no time");
    }
    let is_rgba = compute.as_ref().is_some_and(|rows| rows.is_rgba());
    let view = picture.view(band_hz);
    let options = match window.history {
        Some(Keep::Bytes(bytes)) => ComputedOptions::default().budget(bytes),
        _ => ComputedOptions::default(),
    };
    let options = options.precision(precision);
    let save_as =
        move |info: &RowInfo| cache.map(|(path, sources, how)| Saved::new(path, sources, format!("{info:?}\n{how}")));
    let (reopen, fps, mute, percentile) = (part.reopen.clone(), part.fps, part.mute, part.percentile);
    let (saved, late) = if is_late {
        let name = name.to_owned();
        let asked: app::Times = Box::new(move |info, ends| self::times(&name, &part, info.source.clock, ends));
        let saved: app::SaveAs = Box::new(save_as);
        let later = app::Later { late, when_full, options, saved: Some(saved), times: Some(asked), newest: None };
        (None, Some(later))
    } else {
        (save_as(source.info()), None)
    };
    app::run(app::Show {
        whole: compute.map(|compute| app::Whole { compute, frames, options, saved }),
        times,
        source,
        when_full,
        // The app fills in bins and size.
        options: picture.options(1, capacity, 1, 1).shading(window.shading.shading()),
        view: if is_rgba { view.reduce(picture.reduce_colors()) } else { view },
        analysis: spectrum.analysis(),
        opener: opener(),
        reopen,
        late,
        mute,
        bare: window.bare,
        kept: app::Kept { settings, path, warnings },
        history: (history, precision),
        fps: fps.unwrap_or(FPS),
        speed,
        colormap,
        range,
        norm: picture.norm,
        bias: window.bias,
        percentile,
        publish: window.publish(),
        fullscreen: window.fullscreen,
        present: window.present.mode(),
        adapter: window.adapter.clone(),
        size: window.size.map(|size| (size.width, size.height)),
        exit_after: window.exit_after,
        lose_device_after: window.lose_device_after,
    })
}
