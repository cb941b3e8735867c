//! `--window`: frames in a real window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use ringfall::{Capacity, Colormap, Options, Side, wgpu};
use serde_json::json;
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::window::{Window, WindowId};

use super::args::Args;
use super::case::{Case, Pool, name};
use super::decorations::Decorations;
use super::report::{adapter, adapter_line, rounded, table};
use super::stats::Times;
use super::{allocations, machine};
use crate::app::NoDisplay;
use crate::app::picture::Picture;
use crate::app::screen::{Frame, Place, Screen, Way, Wish};
use crate::terminal::say;

/// A row is due.
#[derive(Clone, Copy, Debug)]
struct Due;

/// The stages of the measurement, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// New rows as soon as the frame before is done.
    Free(wgpu::PresentMode),
    /// A row at a time from a clock, drawn as soon as it is there.
    Clocked,
}

/// A run of the measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    case: Case,
    stage: Stage,
    /// With an interface around the picture.
    decorated: bool,
}

/// The result of a run.
struct Measured {
    run: Run,
    /// How frames reach the screen, in words.
    path: &'static str,
    /// From a row's arrival to its frame being presented, the device finished. In the clocked stage a row arrives when it
    /// is due, and waits.
    times: Times,
    frames_per_s: f64,
    coalesced: u64,
    missed: u64,
    cpu_ms_per_frame: Option<f64>,
    /// Processor time of this process in that of one core.
    cpu_share: Option<f64>,
    allocations_per_frame: f64,
}

/// Measures the cases in a window, one after the other.
pub(super) fn run(args: &Args) -> Result<()> {
    let event_loop = EventLoop::<Due>::with_user_event().build().map_err(NoDisplay::from)?;
    event_loop.set_control_flow(ControlFlow::Wait);
    let mut todo = Vec::new();
    for (_, case) in args.cases() {
        for stage in [Stage::Free(wgpu::PresentMode::Immediate), Stage::Free(wgpu::PresentMode::Fifo), Stage::Clocked] {
            todo.push(Run { case, stage, decorated: false });
            if args.decorations {
                todo.push(Run { case, stage, decorated: true });
            }
        }
    }
    todo.reverse();
    let mut bench = Bench {
        proxy: event_loop.create_proxy(),
        adapter: args.adapter.clone(),
        rate_hz: args.rate,
        swap_chain: args.swap_chain,
        json: args.json,
        todo,
        scene: None,
        case: None,
        measured: Vec::new(),
        failure: None,
    };
    event_loop.run_app(&mut bench).context("the window system failed")?;
    match bench.failure {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

struct Bench {
    proxy: EventLoopProxy<Due>,
    adapter: Option<String>,
    rate_hz: f64,
    swap_chain: bool,
    json: bool,
    /// The next one is the last.
    todo: Vec<Run>,
    scene: Option<Scene>,
    /// The case whose results are gathered.
    case: Option<Case>,
    measured: Vec<Measured>,
    failure: Option<anyhow::Error>,
}

/// A window in which a stage runs.
struct Scene {
    run: Run,
    picture: Picture,
    decorations: Option<Decorations>,
    screen: Screen,
    pool: Pool,
    rows: u64,
    frames: u32,
    begun: Instant,
    cpu: Option<Duration>,
    allocated: u64,
    ms: Vec<f64>,
    coalesced: u64,
    missed: u64,
    clock: Option<RowClock>,
}

/// A thread that says when rows arrive.
struct RowClock {
    arrivals: Receiver<Instant>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RowClock {
    fn start(rate_hz: f64, proxy: EventLoopProxy<Due>) -> Result<Self> {
        let (send, arrivals) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let period = Duration::from_secs_f64(1.0 / rate_hz);
        let thread = std::thread::Builder::new()
            .name("ringfall rows".to_owned())
            .spawn(move || {
                let mut next = Instant::now() + period;
                while !stopped.load(Ordering::Relaxed) {
                    std::thread::sleep(next.saturating_duration_since(Instant::now()));
                    next += period;
                    // Either fails only if the loop has ended.
                    let _ = send.send(Instant::now());
                    let _ = proxy.send_event(Due);
                }
            })
            .context("no thread for the rows")?;
        Ok(Self { arrivals, stop, thread: Some(thread) })
    }
}

impl Drop for RowClock {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

impl Scene {
    /// Draws a frame. `true` when the stage is over.
    fn frame(&mut self) -> Result<bool> {
        let mut arrived = Instant::now();
        let mut new = self.run.case.rows_per_frame;
        if let Some(clock) = &self.clock {
            let mut arrivals = clock.arrivals.try_iter();
            let Some(first) = arrivals.next() else { return Ok(false) };
            // The oldest of them has waited longest.
            arrived = first;
            new = 1 + arrivals.count() as u32;
        }
        let allocated = allocations::here();
        for _ in 0..new {
            let row = self.pool.row(self.rows);
            self.picture.push(row.stamp, row.values)?;
            self.rows += 1;
        }
        let size = self.screen.size();
        if let Some(decorations) = &mut self.decorations {
            decorations.lay_out(size, &self.picture);
        }
        let place = self.decorations.as_ref().map_or(Place::WHOLE, Decorations::place);
        let shown = loop {
            let interface = self.decorations.as_mut().map(|decorations| &mut decorations.interface);
            match self.screen.show(&mut self.picture, place, interface, |_| Ok(()))? {
                Frame::Early(at) => {
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    // Each attempt is one that was asked for.
                    self.screen.request_redraw();
                }
                shown => break shown,
            }
        };
        // As fast as it goes, the next frame waits for the X server only when it needs the memory, as in the program.
        if self.clock.is_some() || self.screen.gpu().is_some() {
            self.screen.wait()?;
        }
        let ms = arrived.elapsed().as_secs_f64() * 1e3;
        if self.frames == self.run.case.warmup {
            self.begun = Instant::now();
            self.cpu = machine::cpu_time();
        }
        if self.frames > self.run.case.warmup {
            self.allocated += allocations::here() - allocated;
            if shown == Frame::Shown {
                self.ms.push(ms);
            } else {
                self.missed += 1;
            }
            self.coalesced += u64::from(self.clock.is_some() && new > 1);
        }
        self.frames += 1;
        let Case { warmup, frames, max_seconds, .. } = self.run.case;
        let done = self.frames > warmup + frames;
        let late = self.frames > warmup + 5 && self.begun.elapsed().as_secs_f64() > max_seconds;
        Ok(done || late)
    }

    fn measured(&mut self) -> Result<Measured> {
        let seconds = self.begun.elapsed().as_secs_f64();
        let spent = machine::cpu_time().zip(self.cpu).map(|(after, before)| after.saturating_sub(before));
        let frames = self.ms.len() as f64;
        let Some(times) = Times::new(std::mem::take(&mut self.ms)) else {
            bail!("the window showed none of {} frames: it is hidden, or it has no pixels", self.missed);
        };
        Ok(Measured {
            run: self.run,
            path: self.screen.path(),
            times,
            frames_per_s: frames / seconds,
            coalesced: self.coalesced,
            missed: self.missed,
            cpu_share: spent.map(|time| time.as_secs_f64() / seconds),
            cpu_ms_per_frame: spent.map(|time| time.as_secs_f64() * 1e3 / frames),
            allocations_per_frame: self.allocated as f64 / frames,
        })
    }
}

impl Bench {
    /// Opens the window of the next stage; the loop ends when there is none.
    fn next(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(run @ Run { case, stage, decorated }) = self.todo.pop() else {
            self.finish_case()?;
            event_loop.exit();
            return Ok(());
        };
        if self.case != Some(case) {
            self.finish_case()?;
        }
        let size = PhysicalSize::new(case.width, case.height);
        let attributes =
            Window::default_attributes().with_title("ringfall bench").with_inner_size(size).with_resizable(false);
        #[cfg(target_os = "linux")]
        let attributes = crate::app::x11::with_visual(attributes, event_loop)?;
        let window = event_loop.create_window(attributes).context("the window system opens no window")?;
        let present = match stage {
            Stage::Free(mode) => mode,
            Stage::Clocked => wgpu::PresentMode::Immediate,
        };
        let way = if self.swap_chain { Way::SwapChain } else { Way::from(case.shading) };
        let wish = Wish { way, adapter: self.adapter.as_deref(), present };
        let screen = Screen::open(event_loop, &Arc::new(window), &wish)?;
        let options = Options::default()
            .bins(case.bins)
            .capacity(Capacity::Rows(case.history))
            .texel(case.texel.texel())
            .width(case.width)
            .height(case.height)
            .newest_side(Side::Bottom)
            .shading(case.shading);
        let mut picture = screen.picture(&options)?;
        picture.set_colormap(&Colormap::named("green")?);
        let pool = Pool::new(case.bins);
        let rows = u64::from(case.height);
        for row in 0..rows {
            let row = pool.row(row);
            picture.push(row.stamp, row.values)?;
        }
        if self.case != Some(case) {
            if !self.json {
                say(format_args!("Machine: {}", machine::processor()))?;
                let adapter =
                    screen.gpu().map_or_else(|| "none, frames are composed in main memory".to_owned(), adapter_line);
                say(format_args!("Adapter: {adapter}"))?;
                let Case { width, height, rows_per_frame, .. } = case;
                say(format_args!("\nA window of {width}x{height}, {rows_per_frame} rows a frame:\n"))?;
            }
            self.case = Some(case);
        }
        let clock = (stage == Stage::Clocked).then(|| RowClock::start(self.rate_hz, self.proxy.clone())).transpose()?;
        screen.request_redraw();
        self.scene = Some(Scene {
            run,
            picture,
            decorations: decorated.then(Decorations::new).transpose()?,
            screen,
            pool,
            rows,
            frames: 0,
            begun: Instant::now(),
            cpu: None,
            allocated: 0,
            ms: Vec::with_capacity(case.frames.min(super::frames::ROOM) as usize),
            coalesced: 0,
            missed: 0,
            clock,
        });
        Ok(())
    }

    fn stage_name(&self, stage: Stage) -> String {
        match stage {
            Stage::Free(mode) => format!("{mode:?}").to_lowercase(),
            Stage::Clocked => format!("{} rows/s", self.rate_hz),
        }
    }

    fn redraw(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        let Some(scene) = &mut self.scene else { return Ok(()) };
        if !scene.frame()? {
            if scene.clock.is_none() {
                scene.screen.request_redraw();
            }
            return Ok(());
        }
        let measured = scene.measured()?;
        if self.json {
            say(self.line(&measured))?;
        }
        self.measured.push(measured);
        self.scene = None;
        self.next(event_loop)
    }

    fn line(&self, m: &Measured) -> serde_json::Value {
        let scene = self.scene.as_ref();
        json!({
            "peer": "ringfall",
            "strategy": "strip",
            "window": self.stage_name(m.run.stage),
            "decorations": m.run.decorated,
            "path": m.path,
            "width": scene.map(|s| s.run.case.width),
            "height": scene.map(|s| s.run.case.height),
            "bins": scene.map(|s| s.run.case.bins),
            "rows_per_frame": scene.map(|s| s.run.case.rows_per_frame),
            "texel": scene.map(|s| name(s.run.case.texel)),
            "frames": m.times.count(),
            "frames_per_s": rounded(m.frames_per_s),
            "ms_median": rounded(m.times.median()),
            "ms_p95": rounded(m.times.percentile(95.0)),
            "ms_p99": rounded(m.times.percentile(99.0)),
            "ms_max": rounded(m.times.max()),
            "coalesced_frames": m.coalesced,
            "missed_frames": m.missed,
            "cpu_ms_per_frame": m.cpu_ms_per_frame.map(rounded),
            "allocations_per_frame": rounded(m.allocations_per_frame),
            "peak_rss_mb": machine::peak_rss_mb().map(rounded),
            "cpu_share": m.cpu_share.map(rounded),
            "sync": "from the row's arrival until its frame is presented, and the device or, at a fixed rate, the X server has finished",
            "adapter": scene.and_then(|s| s.screen.gpu()).map(adapter),
            "load": machine::load(),
        })
    }

    /// The table of the case that is done.
    fn finish_case(&mut self) -> Result<()> {
        let measured = std::mem::take(&mut self.measured);
        if self.json || measured.is_empty() {
            return Ok(());
        }
        let rows: Vec<Vec<String>> = measured
            .iter()
            .map(|m| {
                vec![
                    self.stage_name(m.run.stage),
                    if m.run.decorated { "yes" } else { "no" }.to_owned(),
                    m.path.to_owned(),
                    format!("{:.0}", m.frames_per_s),
                    format!("{:.3}", m.times.median()),
                    format!("{:.3}", m.times.percentile(95.0)),
                    format!("{:.3}", m.times.percentile(99.0)),
                    format!("{:.3}", m.times.max()),
                    m.cpu_ms_per_frame.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.3}")),
                    m.cpu_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", 100.0 * share)),
                    m.coalesced.to_string(),
                    m.missed.to_string(),
                ]
            })
            .collect();
        let head = [
            "arrival to screen, ms",
            "decorations",
            "path",
            "frames/s",
            "median",
            "p95",
            "p99",
            "max",
            "CPU a frame",
            "CPU share",
            "coalesced",
            "missed",
        ];
        Ok(say(table(&head, &rows))?)
    }

    fn fail(&mut self, event_loop: &ActiveEventLoop, error: anyhow::Error) {
        self.failure.get_or_insert(error);
        event_loop.exit();
    }
}

impl ApplicationHandler<Due> for Bench {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.scene.is_none()
            && let Err(error) = self.next(event_loop)
        {
            self.fail(event_loop, error);
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        // Late events of the previous stage's window are ignored.
        if self.scene.as_ref().is_none_or(|scene| scene.screen.window().id() != id) {
            return;
        }
        let result = match event {
            WindowEvent::RedrawRequested => self.redraw(event_loop),
            WindowEvent::CloseRequested => {
                event_loop.exit();
                Ok(())
            }
            WindowEvent::Resized(size) => {
                if let Some(scene) = &mut self.scene {
                    scene.screen.resize(size);
                }
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(error) = result {
            self.fail(event_loop, error);
        }
    }

    fn user_event(&mut self, _: &ActiveEventLoop, _: Due) {
        if let Some(scene) = &self.scene {
            scene.screen.request_redraw();
        }
    }

    fn exiting(&mut self, _: &ActiveEventLoop) {
        // The window system is still there; a scene dropped later would not find it.
        self.scene = None;
    }
}
