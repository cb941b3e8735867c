//! The window: a waterfall of a running feed, keys, and the loop that draws only when something changed.

mod find;
mod keys;
#[cfg(target_os = "linux")]
mod mirror;
pub(crate) mod range;
pub(crate) mod surface;
mod title;
pub(crate) mod units;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ringfall::gpu::Gpu;
use ringfall::source::{Feed, Source, WhenFull};
use ringfall::{Colormap, Options, Pipelines, View, Waterfall, dsp, wgpu};
use thiserror::Error;
use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::{ElementState, KeyEvent, MouseButton, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Fullscreen, Window, WindowId};

use find::FindRange;
use keys::{Action, Drag};
use range::Range;
use surface::{Frame, Screen};
use title::Title;

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
    pub(crate) source: Box<dyn Source>,
    pub(crate) settings: dsp::Settings,
    pub(crate) when_full: WhenFull,
    /// The renderer's options; size and bins are filled in when they are known.
    pub(crate) options: Options,
    pub(crate) view: View,
    pub(crate) colormap: Colormap,
    /// The ends of the range that are fixed by the user.
    pub(crate) range: (Option<f32>, Option<f32>),
    pub(crate) fullscreen: bool,
    pub(crate) present: wgpu::PresentMode,
    pub(crate) adapter: Option<String>,
    /// Size of the window in physical pixels.
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) exit_after: Option<f64>,
}

/// What other threads tell the loop.
#[derive(Clone, Copy, Debug)]
enum Wake {
    /// There are rows, or the feed's status has changed.
    Rows,
    /// The time of `--exit-after` is up.
    TimeUp,
}

/// Rows taken over for one frame at most, so that a file read as fast as possible does not hold up the keys.
const ROWS_A_FRAME: usize = 4096;
/// A window that has not been drawn for so long is taken for hidden: rows go to the GPU without it.
const HIDDEN: Duration = Duration::from_millis(500);

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
    let queue = queue_rows(&show.settings, show.source.info().rate_hz);
    let feed = Feed::start(show.source, &show.settings, queue, show.when_full, wake)?;
    if let Some(seconds) = show.exit_after {
        let proxy = event_loop.create_proxy();
        std::thread::Builder::new()
            .name("ringfall exit".to_owned())
            .spawn(move || {
                std::thread::sleep(Duration::from_secs_f64(seconds));
                // It fails when the loop has ended already.
                let _ = proxy.send_event(Wake::TimeUp);
            })
            .context("--exit-after: no thread for the clock")?;
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
        find: FindRange::new(show.range),
        feed,
        wish: Wish {
            options: show.options,
            view: show.view,
            fullscreen: show.fullscreen,
            present: show.present,
            adapter: show.adapter,
            size: show.size,
        },
        maps,
        map: 0,
        scene: None,
        paused: false,
        drag: Drag::default(),
        title: None,
        told_error: false,
        drawn: Drawn { started: Instant::now(), last: Instant::now(), frames: 0, while_paused: 0, rows: 0 },
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
    wish: Wish,
    range: Range,
    find: FindRange,
    maps: Vec<Colormap>,
    map: usize,
    scene: Option<Scene>,
    paused: bool,
    drag: Drag,
    title: Option<Title>,
    /// What ended the feed was told on the terminal.
    told_error: bool,
    drawn: Drawn,
    failure: Option<anyhow::Error>,
}

/// What the window is to be like.
struct Wish {
    options: Options,
    view: View,
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
    last: Instant,
    frames: u64,
    while_paused: u64,
    rows: u64,
}

impl App {
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
        let instance = Gpu::new_instance_on(Box::new(event_loop.owned_display_handle()));
        let screen = Screen::open(window, instance, self.wish.adapter.as_deref(), self.wish.present, false)?;
        warn_if_software(screen.gpu());
        let device = screen.gpu().device();
        let (width, height) = screen.size();
        let options = Options { bins: self.feed.bins() as u32, width, height, ..self.wish.options.clone() };
        let mut fall = Waterfall::new(device, &Pipelines::new(device), &screen.target(), &options)?;
        fall.set_view(self.wish.view)?;
        fall.set_scale(self.range.scale()?);
        fall.set_colormap(&self.maps[self.map]);
        screen.gpu().check()?;
        Ok(Scene { fall, screen })
    }

    /// Ends the loop; [`run`] returns what went wrong.
    fn fail(&mut self, event_loop: &ActiveEventLoop, error: anyhow::Error) {
        self.failure.get_or_insert(error);
        event_loop.exit();
    }

    fn request_redraw(&self) {
        if let Some(scene) = &self.scene {
            scene.screen.window().request_redraw();
        }
    }

    /// Takes the rows that have come over to the waterfall.
    fn drain(&mut self) -> Result<()> {
        let Some(scene) = &mut self.scene else { return Ok(()) };
        let fall = &mut scene.fall;
        let mut pushed = Ok(());
        let mut found = None;
        let find = &mut self.find;
        let rows = self.feed.drain(ROWS_A_FRAME, |stamp, row| {
            found = find.row(&stamp, row).or(found);
            if pushed.is_ok() {
                pushed = fall.push(stamp, row);
            }
        });
        pushed?;
        self.drawn.rows += rows as u64;
        if let Some(range) = found {
            self.range = range;
            fall.set_scale(range.scale()?);
        }
        if rows == ROWS_A_FRAME {
            // There may be more, and no one wakes for rows that are there already.
            scene.screen.window().request_redraw();
        }
        Ok(())
    }

    fn redraw(&mut self) -> Result<()> {
        self.drain()?;
        self.tell();
        let Some(scene) = &mut self.scene else { return Ok(()) };
        match scene.screen.show(&mut scene.fall)? {
            Frame::Shown => {
                self.drawn.frames += 1;
                self.drawn.while_paused += u64::from(self.paused);
                self.drawn.last = Instant::now();
                if self.wish.present == wgpu::PresentMode::Immediate && !self.paused {
                    scene.screen.window().request_redraw();
                }
            }
            Frame::Skipped => scene.screen.upload(&mut scene.fall)?,
            Frame::Later => scene.screen.window().request_redraw(),
        }
        Ok(())
    }

    /// Rows have come, or the status has changed.
    fn woken(&mut self) -> Result<()> {
        self.drain()?;
        self.tell();
        // Some window systems ask for no frames while a window is hidden.
        if let Some(scene) = &mut self.scene
            && self.drawn.last.elapsed() > HIDDEN
        {
            scene.screen.upload(&mut scene.fall)?;
        }
        self.request_redraw();
        Ok(())
    }

    /// Says in the title how things are, and what went wrong with the source once on the terminal.
    fn tell(&mut self) {
        let Some(scene) = &self.scene else { return };
        let status = self.feed.status();
        if let Some(error) = status.error.as_ref().filter(|_| !self.told_error) {
            log::error!("{error}");
            self.told_error = true;
        }
        let title = Title::new(self.range, self.paused, &status);
        if self.title != Some(title) {
            self.title = Some(title);
            scene.screen.window().set_title(&title.text(&self.feed));
        }
    }

    fn set_range(&mut self, range: Range) -> Result<()> {
        self.range = range;
        self.find.leave_it();
        if let Some(scene) = &mut self.scene {
            scene.fall.set_scale(range.scale()?);
        }
        self.request_redraw();
        Ok(())
    }

    fn act(&mut self, action: Action, event_loop: &ActiveEventLoop) -> Result<()> {
        match action {
            Action::Leave => event_loop.exit(),
            Action::Fullscreen => {
                if let Some(scene) = &self.scene {
                    let window = scene.screen.window();
                    let now = window.fullscreen().is_some();
                    window.set_fullscreen((!now).then_some(Fullscreen::Borderless(None)));
                }
            }
            Action::Pause => {
                self.paused = !self.paused;
                self.feed.pause(self.paused);
                log::debug!("{} after {} frames", if self.paused { "paused" } else { "going on" }, self.drawn.frames);
                self.tell();
                if !self.paused {
                    self.request_redraw();
                }
            }
            Action::Stretch(factor) => self.set_range(self.range.stretched(factor))?,
            Action::Shift(share) => self.set_range(self.range.shifted(share))?,
            Action::FindRange => self.find.again(),
            Action::Colormap(step) => {
                let count = self.maps.len() as isize;
                self.map = (self.map as isize + step).rem_euclid(count) as usize;
                if let Some(scene) = &mut self.scene {
                    scene.fall.set_colormap(&self.maps[self.map]);
                }
                self.request_redraw();
            }
        }
        Ok(())
    }

    fn event(&mut self, event: WindowEvent, event_loop: &ActiveEventLoop) -> Result<()> {
        match event {
            WindowEvent::RedrawRequested => self.redraw()?,
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::Resized(size) => {
                if let Some(scene) = &mut self.scene {
                    scene.screen.resize(size);
                }
                self.request_redraw();
            }
            WindowEvent::Occluded(false) => self.request_redraw(),
            WindowEvent::KeyboardInput {
                event: KeyEvent { logical_key, state: ElementState::Pressed, repeat, .. },
                ..
            } => {
                // Held down, Space or F11 would flicker.
                let action = keys::action(&logical_key)
                    .filter(|action| !repeat || matches!(action, Action::Stretch(_) | Action::Shift(_)));
                if let Some(action) = action {
                    self.act(action, event_loop)?;
                }
            }
            WindowEvent::MouseInput { state, button: MouseButton::Left, .. } => {
                self.drag.press(state == ElementState::Pressed);
            }
            WindowEvent::CursorMoved { position, .. } => {
                let Some(scene) = &self.scene else { return Ok(()) };
                if let Some((shift, stretch)) = self.drag.moved((position.x, position.y), scene.screen.size()) {
                    self.set_range(self.range.shifted(shift).stretched(stretch))?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.scene.is_some() {
            return;
        }
        match self.open(event_loop) {
            Ok(scene) => {
                self.scene = Some(scene);
                self.tell();
                self.request_redraw();
            }
            Err(error) => self.fail(event_loop, error),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        if let Err(error) = self.event(event, event_loop) {
            self.fail(event_loop, error);
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, wake: Wake) {
        match wake {
            Wake::TimeUp => event_loop.exit(),
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
