//! The window: a waterfall of a running feed, keys, and the loop that draws only when something changed.

mod about;
pub(crate) mod analysis;
mod auto;
mod command;
mod deadline;
mod events;
pub(crate) mod face;
mod frames;
mod glide;
mod gui;
mod handler;
mod intake;
pub(crate) mod interface;
mod keep;
pub(crate) mod keys;
mod late;
mod live;
mod messages;
mod navigate;
mod no_display;
mod notches;
pub(crate) mod on_show;
mod opening;
pub(crate) mod picture;
pub(crate) mod playback;
mod publish;
pub(crate) mod range;
mod read_out;
mod redraw;
pub(crate) mod save;
mod scene;
pub(crate) mod screen;
mod show;
mod switch;
mod tell;
mod title;
#[cfg(target_os = "linux")]
pub(crate) mod x11;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow};
use egui_winit::accesskit_winit;
use ringfall::source::{Clock, RowInfo, SourceError};
use ringfall::{Colormap, Options, Precision, Unit, View, wgpu};
use winit::error::EventLoopError;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::keyboard::ModifiersState;

pub(crate) use about::about;
use analysis::Analysis;
use auto::Auto;
pub(crate) use command::Request;
use deadline::Deadline;
pub(crate) use face::has_columns;
use face::{Face, Rates};
use gui::Gui;
use intake::Intake;
pub(crate) use intake::queue_rows;
use keep::Keeping;
pub(crate) use keep::Kept;
pub(crate) use late::{Late, Later, SaveAs, Times};
use messages::Messages;
use navigate::{Grip, Navigator};
pub(crate) use no_display::NoDisplay;
use notches::Notches;
use opening::Openings;
use playback::Playback;
pub(crate) use publish::Publish;
use publish::Publishing;
use range::Range;
use read_out::ReadOut;
use scene::{Broken, Scene};
use screen::Place;
pub(crate) use show::{Show, Whole};
pub(crate) use switch::{Opened, Opener, Reopen};
use title::Title;

/// Messages of other threads to the event loop.
#[derive(Debug)]
enum Wake {
    /// There are rows, or the feed's status has changed.
    Rows,
    /// A thread has reported something.
    Message,
    /// What reads the screen aloud asks for something.
    Accessibility(accesskit_winit::Event),
}

impl From<accesskit_winit::Event> for Wake {
    fn from(event: accesskit_winit::Event) -> Self {
        Self::Accessibility(event)
    }
}

/// Cells that a search for the range reads: some milliseconds.
const CELLS_A_LOOK: u64 = 2 << 20;

/// Opens a window and runs it until the user leaves.
pub(crate) fn run(show: Show) -> Result<()> {
    let event_loop = EventLoop::<Wake>::with_user_event().build().map_err(NoDisplay::from)?;
    // Nothing is drawn unless something happened.
    event_loop.set_control_flow(ControlFlow::Wait);
    let proxy = event_loop.create_proxy();
    let waker = proxy.clone();
    let wake = move || {
        // It fails only if the loop has ended; then there is nothing to wake.
        let _ = waker.send_event(Wake::Rows);
    };
    let started = Instant::now();
    let publishing =
        show.publish.as_ref().map(|publish| Publishing::start(publish, Box::new(wake.clone()))).transpose()?;
    if publishing.is_some() && show.whole.is_some() && show.publish.as_ref().is_some_and(|publish| !publish.picture) {
        log::warn!("--publish: what is shown as a whole sends no rows; --publish-as picture sends the picture");
    }
    let playback = Playback::new(show.source.samples(), show.mute);
    // All of it, unless a part was asked for.
    let fit = (show.whole.is_some() && show.view.line_ns.is_none()).then_some(show.times);
    let intake = Intake::start(show.source, show.when_full, show.whole, show.history, show.fps, wake)?;
    if intake.is_frames() && show.publish.as_ref().is_some_and(|publish| !publish.picture) {
        log::warn!("--publish: frames have no rows to send; --publish-as picture sends the picture");
    }
    let rows = intake.feed().rows();
    // What is complete does not move on.
    let speed = if intake.is_still() { f64::INFINITY } else { show.speed };
    // The requested one comes first, then all others.
    let mut maps = vec![show.colormap];
    for name in Colormap::NAMES {
        if maps[0].name() != *name {
            maps.push(Colormap::named(name)?);
        }
    }
    let mut face = Face::new(show.bare);
    show.kept.apply_to_face(&mut face);
    face.source_changed(rows);
    face.cells_changed(intake.rows().is_rgba());
    let (unit, looks) = (rows.unit, Looks::of(rows));
    let mut navigator = Navigator::new(show.view, show.options.newest_side, speed)?;
    navigator.set_array(intake.is_frames() || (intake.is_still() && looks.is_array));
    navigator.set_stretches(show.kept.settings.stretch);
    navigator.set_whole(intake.is_whole());
    navigator.set_span(intake.span_hz());
    let mut app = App {
        range: Range::unknown(unit).with_fixed(show.range.0, show.range.1, unit).with_norm(show.norm),
        auto: Auto::new(show.range, show.bias).with_norm(show.norm).with_unit(unit),
        navigator,
        intake,
        publishing,
        fit,
        fitted: None,
        analysis: Some(show.analysis).filter(|_| looks.is_analysed),
        wish: Wish {
            options: show.options,
            fullscreen: show.fullscreen,
            present: show.present,
            adapter: show.adapter,
            size: show.size,
            history: show.history,
            analysis: show.analysis,
            fps: show.fps,
            percentile: show.percentile,
            range: show.range,
            opener: show.opener,
        },
        maps,
        map: 0,
        scene: None,
        gui: None,
        face,
        place: Place::WHOLE,
        size: (1, 1),
        grip: None,
        adapter: String::new(),
        rates: Rates::new(started),
        pointed: None,
        unhide: Deadline::NEVER,
        messages: Messages::new(proxy),
        keeping: Keeping::new(show.kept.settings.clone()),
        kept: show.kept,
        touched: Touched::default(),
        reopen: show.reopen,
        openings: Openings::default(),
        late: show.late,
        playback,
        paused: false,
        broken: None,
        opened: started,
        modifiers: ModifiersState::empty(),
        notches: Notches::default(),
        read_out: ReadOut::default(),
        title: None,
        looks,
        told: Told::default(),
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
    app.keep();
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
    publishing: Option<Publishing>,
    /// What is to be shown as soon as there is a window: these times, or everything.
    fit: Option<Option<(i64, i64)>>,
    /// The view in which all of a live frame is shown.
    fitted: Option<View>,
    navigator: Navigator,
    wish: Wish,
    /// How samples become rows.
    analysis: Option<Analysis>,
    range: Range,
    auto: Auto,
    maps: Vec<Colormap>,
    map: usize,
    scene: Option<Scene>,
    gui: Option<Gui>,
    face: Face,
    /// Where the picture is in the window, and its size in pixels.
    place: Place,
    size: (u32, u32),
    /// The picture when the user took hold of it.
    grip: Option<Grip>,
    /// What draws, in words.
    adapter: String,
    rates: Rates,
    /// When the pointer last moved, and when the bars are to be hidden for that.
    pointed: Option<Instant>,
    unhide: Deadline,
    messages: Messages,
    kept: Kept,
    keeping: Keeping,
    touched: Touched,
    /// Opens the source on show again.
    reopen: Option<Reopen>,
    openings: Openings,
    /// The source on show stands in for one that is still being opened.
    late: Option<Later>,
    /// The recording on show as something to hear.
    playback: Playback,
    paused: bool,
    /// Nothing can be drawn, and the device must be reopened.
    broken: Option<Broken>,
    opened: Instant,
    modifiers: ModifiersState,
    notches: Notches,
    read_out: ReadOut,
    title: Option<Title>,
    looks: Looks,
    told: Told,
    /// When the picture will have changed though nothing happens.
    next_frame: Option<Instant>,
    exit: Deadline,
    lose_device: Deadline,
    name_colormap_until: Deadline,
    drawn: Drawn,
    failure: Option<anyhow::Error>,
}

/// Properties of the window, and of what is opened in it.
struct Wish {
    options: Options,
    fullscreen: bool,
    present: wgpu::PresentMode,
    adapter: Option<String>,
    size: Option<(u32, u32)>,
    history: (u64, Precision),
    analysis: Analysis,
    fps: f64,
    /// The percentiles of an automatic range.
    percentile: Option<(f64, f64)>,
    /// The ends of the range that flags give.
    range: (Option<f32>, Option<f32>),
    opener: Opener,
}

/// What rows are like, as far as labels and the range depend on it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Looks {
    clock: Clock,
    unit: Unit,
    is_array: bool,
    is_analysed: bool,
}

impl Looks {
    fn of(rows: &RowInfo) -> Self {
        let (clock, unit, is_analysed) = (rows.source.clock, rows.unit, rows.settings.is_some());
        Self { clock, unit, is_array: face::is_array(rows), is_analysed }
    }
}

/// What the user has changed, and is therefore kept.
#[derive(Debug, Default)]
struct Touched {
    colormap: bool,
    analysis: bool,
    view: bool,
}

/// Messages that were printed on the terminal and are not repeated.
#[derive(Debug, Default)]
struct Told {
    error: bool,
    /// The last warning of the source.
    warning: Option<Arc<SourceError>>,
    /// It came while the source had nothing to connect to, so that it says why.
    is_trouble: bool,
    evicting: bool,
    too_short: bool,
    /// Colours have come, and flags give one end of a range only.
    one_end: bool,
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
        self.scene.as_ref().map(|_| self.size)
    }

    /// Where the pointer is on the picture, in pixels.
    fn pointer_pixel(&self) -> Option<(f64, f64)> {
        let point = self.face.plot.cursor()?;
        let frame = self.navigator.frame(self.intake.rows(), self.size)?;
        Some(frame.position(point.hz, point.time_ns))
    }

    fn request_redraw(&self) {
        if let Some(scene) = &self.scene {
            scene.screen.request_redraw();
        }
    }
}
