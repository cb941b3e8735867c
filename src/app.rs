//! The window: a waterfall of a running feed, keys, and the loop that draws only when something changed.

mod auto;
mod deadline;
mod events;
mod glide;
mod handler;
mod intake;
pub(crate) mod keys;
#[cfg(target_os = "linux")]
mod mirror;
mod navigate;
mod no_adapter;
mod no_display;
mod notches;
mod pointer;
pub(crate) mod range;
mod read_out;
mod redraw;
mod scene;
mod show;
pub(crate) mod surface;
mod tell;
mod title;
pub(crate) mod units;
#[cfg(target_os = "linux")]
mod x11;

use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use ringfall::source::Feed;
use ringfall::{Colormap, Computed, Options, wgpu};
use winit::error::EventLoopError;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::keyboard::ModifiersState;

use auto::Auto;
use deadline::Deadline;
use intake::Intake;
pub(crate) use intake::queue_rows;
use navigate::Navigator;
pub(crate) use no_display::NoDisplay;
use notches::Notches;
use pointer::Pointer;
use range::Range;
use read_out::ReadOut;
use scene::{Broken, Scene};
pub(crate) use show::{Show, Whole};
use title::Title;

/// Messages of other threads to the event loop: there are rows, or the feed's status has changed.
#[derive(Clone, Copy, Debug)]
struct Wake;

/// Cells that a search for the range reads: some milliseconds.
const CELLS_A_LOOK: u64 = 2 << 20;

/// Opens a window and runs it until the user leaves.
pub(crate) fn run(show: Show) -> Result<()> {
    let event_loop = EventLoop::<Wake>::with_user_event().build().map_err(NoDisplay::from)?;
    // Nothing is drawn unless something happened.
    event_loop.set_control_flow(ControlFlow::Wait);
    let proxy = event_loop.create_proxy();
    let wake = move || {
        // It fails only if the loop has ended; then there is nothing to wake.
        let _ = proxy.send_event(Wake);
    };
    let started = Instant::now();
    let feed = Feed::run(show.source, None, show.when_full, wake.clone())?;
    let whole = show.whole.map(|Whole { compute, options, saved }| match saved {
        Some(saved) => Computed::with_saved(compute, &options, saved, Box::new(wake)),
        None => Computed::new(compute, &options, Box::new(wake)),
    });
    let whole = whole.transpose();
    let whole = whole.context("cannot start a thread")?;
    // All of it, unless a part was asked for.
    let fit = (whole.is_some() && show.view.line_ns.is_none()).then_some(show.times);
    // What is complete does not move on.
    let speed = if whole.is_some() { f64::INFINITY } else { show.speed };
    // The requested one comes first, then all others.
    let mut maps = vec![show.colormap];
    for name in Colormap::NAMES {
        if maps[0].name() != *name {
            maps.push(Colormap::named(name)?);
        }
    }
    let mut app = App {
        range: Range::UNKNOWN.with_fixed(show.range.0, show.range.1).with_norm(show.norm),
        auto: Auto::new(show.range, show.bias).with_norm(show.norm),
        there: Navigator::new(show.view, show.options.newest_side, speed)?,
        intake: Intake::new(feed, show.history).with_whole(whole),
        fit,
        wish: Wish {
            options: show.options,
            fullscreen: show.fullscreen,
            present: show.present,
            adapter: show.adapter,
            size: show.size,
        },
        maps,
        map: 0,
        scene: None,
        paused: false,
        broken: None,
        opened: Instant::now(),
        pointer: Pointer::default(),
        modifiers: ModifiersState::empty(),
        notches: Notches::default(),
        read_out: ReadOut::default(),
        title: None,
        told: Told::default(),
        fft: show.fft,
        next_frame: None,
        exit: Deadline::after(started, show.exit_after),
        lose_device: Deadline::after(started, show.lose_device_after),
        name_colormap_until: Deadline::NEVER,
        drawn: Drawn { started, frames: 0, while_paused: 0, rows: 0 },
        failure: None,
    };
    event_loop.run_app(&mut app).map_err(|error| match error {
        EventLoopError::ExitFailure(_) => anyhow!("the connection to the window system was lost"),
        error => anyhow!(error).context("the window system failed"),
    })?;
    if let Some(failure) = app.failure {
        return Err(failure);
    }
    if show.exit_after.is_some() {
        let Drawn { started, frames, while_paused, rows, .. } = app.drawn;
        let seconds = started.elapsed().as_secs_f64();
        crate::terminal::say(format_args!(
            "{frames} frames, {while_paused} of them paused, {rows} rows in {seconds:.1} s"
        ))?;
    }
    Ok(())
}

struct App {
    intake: Intake,
    /// What is to be shown as soon as there is a window: these times, or everything.
    fit: Option<Option<(i64, i64)>>,
    there: Navigator,
    wish: Wish,
    range: Range,
    auto: Auto,
    maps: Vec<Colormap>,
    map: usize,
    scene: Option<Scene>,
    paused: bool,
    /// Nothing can be drawn, and the device must be reopened.
    broken: Option<Broken>,
    opened: Instant,
    pointer: Pointer,
    modifiers: ModifiersState,
    notches: Notches,
    read_out: ReadOut,
    title: Option<Title>,
    told: Told,
    /// Samples of a spectrum.
    fft: usize,
    /// When the picture will have changed though nothing happens.
    next_frame: Option<Instant>,
    exit: Deadline,
    lose_device: Deadline,
    name_colormap_until: Deadline,
    drawn: Drawn,
    failure: Option<anyhow::Error>,
}

/// Properties of the window.
struct Wish {
    options: Options,
    fullscreen: bool,
    present: wgpu::PresentMode,
    adapter: Option<String>,
    size: Option<(u32, u32)>,
}

/// Messages that were printed on the terminal and are not repeated.
#[derive(Debug, Default)]
struct Told {
    error: bool,
    evicting: bool,
    too_short: bool,
}

/// Counts of what has been drawn.
struct Drawn {
    started: Instant,
    frames: u64,
    while_paused: u64,
    rows: u64,
}

impl App {
    /// Ends the loop; [`run`] returns what went wrong.
    fn fail(&mut self, event_loop: &ActiveEventLoop, error: anyhow::Error) {
        self.failure.get_or_insert(error);
        event_loop.exit();
    }

    /// Pixels of the picture, if there is a window.
    fn size(&self) -> Option<(u32, u32)> {
        self.scene.as_ref().map(|scene| scene.screen.size())
    }

    fn request_redraw(&self) {
        if let Some(scene) = &self.scene {
            scene.screen.window().request_redraw();
        }
    }
}
