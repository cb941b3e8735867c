//! The window: a waterfall of a running feed, keys, and the loop that draws only when something changed.

mod auto;
mod events;
mod glide;
mod keys;
#[cfg(target_os = "linux")]
mod mirror;
mod navigate;
mod pointer;
pub(crate) mod range;
pub(crate) mod shown;
pub(crate) mod surface;
mod title;
pub(crate) mod units;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ringfall::gpu::Gpu;
use ringfall::source::{Clock, Feed, RowSource, WhenFull};
use ringfall::{Colormap, Depth, History, Newest, Options, Pipelines, Rows, View, Waterfall, dsp, wgpu};
use thiserror::Error;
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::keyboard::ModifiersState;
use winit::window::{Fullscreen, Window, WindowId};

use auto::Auto;
use navigate::Navigator;
use pointer::Pointer;
use range::Range;
use shown::Shown;
use surface::{Frame, Screen};
use title::{Cursor, How, Title};

/// There is no display to open a window on. It has an exit code of its own, so that scripts can fall back on `render`.
#[derive(Debug, Error)]
#[error(
    "no display to open a window on: {0}\n\
     To make a picture without one:  ringfall render demo -o waterfall.png"
)]
pub(crate) struct NoDisplay(String);

impl From<winit::error::EventLoopError> for NoDisplay {
    fn from(error: winit::error::EventLoopError) -> Self {
        let text = error.to_string();
        // winit begins with the place in its own source.
        let reason = text.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")).map(|(_, reason)| reason);
        Self(reason.unwrap_or(&text).trim_end_matches('.').to_owned())
    }
}

/// What a window is to show, and how.
pub(crate) struct Show {
    pub(crate) source: Box<dyn RowSource>,
    pub(crate) when_full: WhenFull,
    /// The renderer's options; size and bins are filled in when they are known.
    pub(crate) options: Options,
    pub(crate) view: View,
    /// Memory for rows, in bytes, and how values are kept in it.
    pub(crate) history: (u64, Depth),
    /// How many seconds of the rows' clock go by in a second; infinite where there is no telling.
    pub(crate) speed: f64,
    pub(crate) colormap: Colormap,
    /// The ends of the range that are fixed by the user.
    pub(crate) range: (Option<f32>, Option<f32>),
    /// What is added to a range that is found, in dB.
    pub(crate) bias: f32,
    pub(crate) fullscreen: bool,
    pub(crate) present: wgpu::PresentMode,
    pub(crate) adapter: Option<String>,
    /// Size of the window in physical pixels.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) exit_after: Option<f64>,
    /// For tests: destroy the graphics device after so many seconds.
    pub(crate) lose_device_after: Option<f64>,
}

/// What other threads tell the loop.
#[derive(Clone, Copy, Debug)]
enum Wake {
    /// There are rows, or the feed's status has changed.
    Rows,
    /// The time of `--exit-after` is up.
    TimeUp,
    /// The time of `--lose-device-after` is up.
    LoseDevice,
}

/// Rows taken over for one frame at most, so that a file read as fast as possible does not hold up the keys.
const ROWS_A_FRAME: usize = 4096;
/// Cells that a look for the range goes through: some milliseconds.
const CELLS_A_LOOK: u64 = 2 << 20;
/// How often the read-out at the pointer is brought up to date while the picture moves under it.
const READ_OUT: Duration = Duration::from_millis(200);
/// A device that is lost again so soon is not going to stay.
const DEVICE_HOLDS: Duration = Duration::from_secs(2);

/// Opens a window and runs it until the user leaves.
pub(crate) fn run(show: Show) -> Result<()> {
    let event_loop = EventLoop::<Wake>::with_user_event().build().map_err(NoDisplay::from)?;
    // Nothing is drawn unless something happened.
    event_loop.set_control_flow(ControlFlow::Wait);
    let proxy = event_loop.create_proxy();
    let wake = move || {
        // It fails when the loop has ended, and then nobody needs waking.
        let _ = proxy.send_event(Wake::Rows);
    };
    let feed = Feed::run(show.source, None, show.when_full, wake)?;
    for (flag, seconds, wake) in [
        ("--exit-after", show.exit_after, Wake::TimeUp),
        ("--lose-device-after", show.lose_device_after, Wake::LoseDevice),
    ] {
        let Some(seconds) = seconds else { continue };
        let proxy = event_loop.create_proxy();
        std::thread::Builder::new()
            .name(format!("ringfall {flag}"))
            .spawn(move || {
                std::thread::sleep(Duration::from_secs_f64(seconds));
                // It fails when the loop has ended already.
                let _ = proxy.send_event(wake);
            })
            .with_context(|| format!("{flag}: no thread for the clock"))?;
    }
    // The one asked for comes first, and then all others.
    let mut maps = vec![show.colormap];
    for name in Colormap::NAMES {
        if maps[0].name() != *name {
            maps.push(Colormap::named(name)?);
        }
    }
    let mut app = App {
        range: Range::UNKNOWN.with_fixed(show.range.0, show.range.1),
        auto: Auto::new(show.range, show.bias),
        shown: Shown::new(),
        history: History::new(show.history.0, show.history.1),
        there: Navigator::new(show.view, show.options.newest, show.speed)?,
        feed,
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
        lost: false,
        opened: Instant::now(),
        pointer: Pointer::default(),
        modifiers: ModifiersState::empty(),
        cursor: None,
        title: None,
        told_error: false,
        drawn: Drawn { started: Instant::now(), frames: 0, while_paused: 0, rows: 0 },
        failure: None,
    };
    event_loop.run_app(&mut app).context("the window system failed")?;
    if let Some(failure) = app.failure {
        return Err(failure);
    }
    if show.exit_after.is_some() {
        let Drawn { started, frames, while_paused, rows, .. } = app.drawn;
        let seconds = started.elapsed().as_secs_f64();
        println!("{frames} frames, {while_paused} of them paused, {rows} rows in {seconds:.1} s");
    }
    Ok(())
}

/// Rows in the queue between a feed and whoever draws: a second's worth, as far as 64 MiB go.
pub(crate) fn queue_rows(settings: &dsp::Settings, rate_hz: f64) -> usize {
    let most = (16 << 20) / settings.size.max(1);
    let second = (rate_hz / settings.hop as f64).ceil() as usize;
    second.clamp(16, 4096).min(most).max(4)
}

struct App {
    feed: Feed,
    history: History,
    there: Navigator,
    wish: Wish,
    range: Range,
    auto: Auto,
    shown: Shown,
    maps: Vec<Colormap>,
    map: usize,
    scene: Option<Scene>,
    paused: bool,
    /// The graphics device is to be opened anew.
    lost: bool,
    opened: Instant,
    pointer: Pointer,
    modifiers: ModifiersState,
    /// What is under the pointer, and when that was looked up.
    cursor: Option<(Instant, Cursor)>,
    title: Option<Title>,
    /// What ended the feed was told on the terminal.
    told_error: bool,
    drawn: Drawn,
    failure: Option<anyhow::Error>,
}

/// What the window is to be like.
struct Wish {
    options: Options,
    fullscreen: bool,
    present: wgpu::PresentMode,
    adapter: Option<String>,
    size: Option<(u32, u32)>,
}

/// The window, and the waterfall in it.
struct Scene {
    fall: Waterfall,
    screen: Screen,
}

/// What was drawn so far.
struct Drawn {
    started: Instant,
    frames: u64,
    while_paused: u64,
    rows: u64,
}

impl App {
    /// Whether the rows go by UTC, and come whether one looks or not. It is known when the source is open.
    fn live(&self) -> bool {
        self.feed.info().clock == Clock::Utc
    }

    /// Opens the window, and a waterfall in it.
    fn open(&self, event_loop: &ActiveEventLoop) -> Result<Scene> {
        let mut attributes = Window::default_attributes().with_title("ringfall");
        attributes = match self.wish.size {
            Some((width, height)) => attributes.with_inner_size(PhysicalSize::new(width, height)),
            None => attributes.with_inner_size(LogicalSize::new(1280, 720)),
        };
        if self.wish.fullscreen {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(None)));
        }
        let window = Arc::new(event_loop.create_window(attributes).context("the window system opens no window")?);
        self.furnish(event_loop, window)
    }

    /// Opens a device for the window, and makes a waterfall in it.
    fn furnish(&self, event_loop: &ActiveEventLoop, window: Arc<Window>) -> Result<Scene> {
        let instance = Gpu::new_instance_on(Box::new(event_loop.owned_display_handle()));
        let screen = Screen::open(window, instance, self.wish.adapter.as_deref(), self.wish.present, false)?;
        let fall = self.waterfall(&screen, self.feed.bins() as u32)?;
        screen.gpu().check()?;
        Ok(Scene { fall, screen })
    }

    /// An empty waterfall for rows of so many bins.
    fn waterfall(&self, screen: &Screen, bins: u32) -> Result<Waterfall> {
        let device = screen.gpu().device();
        let (width, height) = screen.size();
        let options = Options { bins, width, height, ..self.wish.options.clone() };
        let mut fall = Waterfall::new(device, &Pipelines::new(device), &screen.target(), &options)?;
        fall.set_scale(self.range.scale()?);
        fall.set_colormap(&self.maps[self.map]);
        Ok(fall)
    }

    /// Makes everything that was on a lost device anew; the picture comes from the history.
    fn reopen(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(scene) = self.scene.take() else { return Ok(()) };
        self.lost = false;
        log::warn!("the graphics device {:?} was lost: it is opened anew", scene.screen.gpu().name());
        let window = Arc::clone(scene.screen.window());
        // The old surface first: a window has one at a time.
        drop(scene);
        self.opened = Instant::now();
        self.scene = Some(self.furnish(event_loop, window).context("the graphics device was lost")?);
        self.there.forget();
        self.request_redraw();
        Ok(())
    }

    /// Ends the loop; [`run`] returns what went wrong.
    fn fail(&mut self, event_loop: &ActiveEventLoop, error: anyhow::Error) {
        self.failure.get_or_insert(error);
        event_loop.exit();
    }

    fn scene_ref(&self) -> Result<&Scene> {
        self.scene.as_ref().context("there is no window")
    }

    fn request_redraw(&self) {
        if let Some(scene) = &self.scene {
            scene.screen.window().request_redraw();
        }
    }

    /// Takes the rows that have come over to the history. Whether the picture changes by them.
    fn drain(&mut self) -> Result<bool> {
        let first = self.history.pushed();
        let mut pushed = Ok(());
        let history = &mut self.history;
        let rows = self.feed.drain(ROWS_A_FRAME, |stamp, row| {
            if pushed.is_ok() {
                pushed = history.push(stamp, row);
            }
        });
        pushed.context("--history")?;
        self.drawn.rows += rows as u64;
        let changed = rows > 0 && self.there.shows(&self.history, first);
        if changed {
            self.auto.changed();
        }
        if rows == ROWS_A_FRAME {
            // There may be more, and no one wakes for rows that are there already.
            self.request_redraw();
        }
        Ok(changed)
    }

    /// Whether time goes on in the picture.
    fn runs(&self) -> bool {
        !self.paused
    }

    fn redraw(&mut self) -> Result<()> {
        self.drain()?;
        let now = Instant::now();
        self.step_range(now)?;
        self.tell();
        let runs = self.runs();
        let Some(scene) = &mut self.scene else { return Ok(()) };
        if let (Err(error), true) = (scene.screen.gpu().check(), self.opened.elapsed() >= DEVICE_HOLDS) {
            log::debug!("{error}");
            self.lost = true;
            return Ok(());
        }
        let (there, history) = (&mut self.there, &self.history);
        let frame = scene.screen.show(&mut scene.fall, |fall| there.fill(fall, history, now, runs));
        let frame = match frame {
            // The device or the surface, which comes to the same: the renderer's own refusals are of another kind.
            Err(error) if !error.is::<ringfall::Error>() => {
                if self.opened.elapsed() < DEVICE_HOLDS {
                    return Err(error);
                }
                log::debug!("{error:#}");
                self.lost = true;
                return Ok(());
            }
            Err(error) => match error.downcast_ref() {
                // Rows have become wider than the waterfall.
                Some(&ringfall::Error::RowLength { got, .. }) => {
                    let fall = self.waterfall(&self.scene_ref()?.screen, got as u32)?;
                    if let Some(scene) = &mut self.scene {
                        scene.fall = fall;
                    }
                    self.there.forget();
                    Frame::Later
                }
                _ => return Err(error),
            },
            Ok(frame) => frame,
        };
        match frame {
            Frame::Shown => {
                self.drawn.frames += 1;
                self.drawn.while_paused += u64::from(self.paused);
                if self.wish.present == wgpu::PresentMode::Immediate && !self.paused {
                    self.request_redraw();
                }
            }
            Frame::Skipped => {}
            Frame::Later => self.request_redraw(),
        }
        Ok(())
    }

    /// Rows have come, or the status has changed.
    fn woken(&mut self) -> Result<()> {
        let changed = self.drain()?;
        self.tell();
        if changed {
            self.request_redraw();
        }
        Ok(())
    }

    /// Lines and pixels across of the picture.
    fn lines(&self, (width, height): (u32, u32)) -> (u32, u32) {
        match self.wish.options.newest {
            Newest::Top | Newest::Bottom => (height, width),
            Newest::Left | Newest::Right => (width, height),
        }
    }

    /// Lets the range follow what is on show.
    fn step_range(&mut self, now: Instant) -> Result<()> {
        let Some(scene) = &self.scene else { return Ok(()) };
        let size = self.lines(scene.screen.size());
        let (shown, history, there) = (&mut self.shown, &self.history, &self.there);
        let look = || shown.range(history, &there.view(history)?, size, CELLS_A_LOOK);
        if let Some(range) = self.auto.step(now, self.range, look) {
            self.range = range;
            if let Some(scene) = &mut self.scene {
                scene.fall.set_scale(range.scale()?);
            }
        }
        Ok(())
    }

    /// The view has changed.
    fn moved(&mut self) {
        self.auto.changed();
        self.request_redraw();
    }

    /// What is under the pointer.
    fn look_under_pointer(&mut self) -> Option<Cursor> {
        let at = self.pointer.at()?;
        let size = self.scene.as_ref()?.screen.size();
        let inside = |at: f64, size: u32| (0.0..f64::from(size)).contains(&at);
        if !inside(at.0, size.0) || !inside(at.1, size.1) {
            return None;
        }
        let projection = self.there.projection(&self.history, size)?;
        let pixel = (at.0.floor(), at.1.floor());
        let (a, b) = (pixel, (pixel.0 + 1.0, pixel.1 + 1.0));
        let (hz_a, hz_b) = (projection.hz_at(a), projection.hz_at(b));
        let (time_a, time_b) = (projection.time_ns_at(a), projection.time_ns_at(b));
        let middle = (pixel.0 + 0.5, pixel.1 + 0.5);
        let reduce = self.there.view(&self.history)?.reduce;
        let span_hz = (hz_a.min(hz_b), hz_a.max(hz_b));
        let level_db = self.shown.level(&self.history, reduce, time_a.min(time_b)..time_a.max(time_b), span_hz);
        Some(Cursor {
            hz: projection.hz_at(middle),
            pixel_hz: span_hz.1 - span_hz.0,
            time_ns: projection.time_ns_at(middle),
            level_db,
        })
    }

    /// How far back the history reaches, if not to the start.
    fn kept_s(&self) -> Option<u64> {
        if self.history.given_up() == 0 {
            return None;
        }
        let range = self.history.range(0);
        let (oldest, _) = self.history.stamp(0, range.start)?;
        let (newest, _) = self.history.stamp(0, range.end.checked_sub(1)?)?;
        let kept_ns = newest.time_ns.saturating_sub(oldest.time_ns) as f64 + newest.duration_ns;
        Some((kept_ns * 1e-9) as u64)
    }

    /// Says in the title how things are, and what went wrong with the source once on the terminal.
    fn tell(&mut self) {
        let status = self.feed.status();
        if let Some(error) = status.error.as_ref().filter(|_| !self.told_error) {
            log::error!("{error}");
            self.told_error = true;
        }
        let now = Instant::now();
        if self.cursor.as_ref().is_none_or(|(then, _)| now.saturating_duration_since(*then) > READ_OUT) {
            self.cursor = self.look_under_pointer().map(|cursor| (now, cursor));
        }
        let how = How {
            range: self.range,
            auto: self.auto.is_on(),
            paused: self.paused,
            away: !self.there.follows(),
            kept_s: self.kept_s(),
        };
        let title = Title::new(how, self.cursor.map(|(_, cursor)| cursor), &status);
        if self.title != Some(title) {
            self.title = Some(title);
            if let Some(scene) = &self.scene {
                scene.screen.window().set_title(&title.text(&self.feed));
            }
        }
    }
}

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.scene.is_some() {
            return;
        }
        match self.open(event_loop) {
            Ok(scene) => {
                warn_if_software(scene.screen.gpu());
                self.scene = Some(scene);
                self.tell();
                self.request_redraw();
            }
            Err(error) => self.fail(event_loop, error),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let mut result = self.event(event, event_loop);
        if result.is_ok() && self.lost {
            result = self.reopen(event_loop);
        }
        if let Err(error) = result {
            self.fail(event_loop, error);
        }
    }

    fn new_events(&mut self, _: &ActiveEventLoop, cause: StartCause) {
        if matches!(cause, StartCause::ResumeTimeReached { .. }) {
            self.request_redraw();
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        // Asleep until something happens, but for a picture that glides or a range that slides.
        let now = Instant::now();
        let next = [self.there.next(now), self.auto.next(now, self.range)].into_iter().flatten().min();
        event_loop.set_control_flow(next.map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, wake: Wake) {
        match wake {
            Wake::TimeUp => event_loop.exit(),
            Wake::LoseDevice => {
                if let Some(scene) = &self.scene {
                    scene.screen.gpu().device().destroy();
                }
                self.request_redraw();
            }
            Wake::Rows => {
                if let Err(error) = self.woken() {
                    self.fail(event_loop, error);
                }
            }
        }
    }
}

/// Says that pictures are made by the CPU, lest people think that they have to be slow.
pub(crate) fn warn_if_software(gpu: &Gpu) {
    if gpu.is_software() {
        log::warn!("drawing in software, on the adapter {:?}: it works, more slowly", gpu.name());
    }
}
