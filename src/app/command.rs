//! What the user asks for, by a key, a menu or a panel.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use ringfall::plot::Gesture;
use ringfall::source::Control;
use ringfall::{Axis, Interpolation, Norm, Reduce, Side};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::Key;
use winit::window::Fullscreen;

use super::App;
use super::analysis::Analysis;
use super::deadline::Deadline;
use super::frames::FrameSequence;
use super::keys::{self, Action};
use super::live::Turned;
use super::on_show::gesture;
use super::playback::Space;
use super::range::Range;
use super::save::SaveRequest;

/// What the user asks for.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Act(Action),
    Gesture(Gesture),
    Colormap(usize),
    Range(Range),
    Norm(Norm),
    Analysis(Analysis),
    Reduce(Reduce),
    Axis(Axis),
    Interpolation(Interpolation),
    Newest(Side),
    Control(Control),
    /// Show the frame of this number.
    Frame(u64),
    Open(Request),
    /// Ask for a file by the system's dialog.
    Browse,
    Save(SaveRequest),
    /// Ask for a file to save to by the system's dialog, at first this one.
    BrowseToSave(PathBuf),
    /// Look for the sound devices.
    FindDevices,
}

/// Something to open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Demo,
    /// A sound device by its name, or the system's.
    SoundCard(Option<String>),
    /// A file, a FIFO, or an address such as `igtl://host:18944`, followed by flags of `ringfall view` if it needs any.
    File(PathBuf),
}

impl Request {
    /// What it is, in words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Demo => "demonstration".to_owned(),
            Self::SoundCard(None) => "sound card".to_owned(),
            Self::SoundCard(Some(name)) => name.clone(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// How long the title names a new colormap, in seconds.
const NAMED_S: f64 = 4.0;

/// Points that an opened panel of spectra takes.
const PANEL: f32 = 150.0;

impl App {
    /// A key was pressed, or repeats because it is held.
    pub(super) fn key(&mut self, key: &Key, repeat: bool, event_loop: &ActiveEventLoop) -> Result<()> {
        match keys::action(key, self.modifiers).filter(|action| !repeat || action.repeats()) {
            Some(action) => self.act(action, event_loop),
            None => Ok(()),
        }
    }

    /// Does what was asked for.
    pub(super) fn run_command(&mut self, command: Command, event_loop: &ActiveEventLoop) -> Result<()> {
        match command {
            Command::Act(action) => return self.act(action, event_loop),
            Command::Gesture(made) => self.gesture(made)?,
            Command::Colormap(map) => self.set_colormap(map),
            Command::Range(range) => self.set_range(range),
            Command::Norm(norm) => {
                self.auto.set_norm(norm);
                self.put_range(self.range.with_norm(norm));
            }
            Command::Analysis(analysis) => self.set_analysis(analysis),
            Command::Reduce(reduce) => self.change_view(|view| view.reduce(reduce)),
            Command::Axis(axis) => self.change_view(|view| view.axis(axis)),
            Command::Interpolation(how) => self.change_view(|view| view.interpolation(how)),
            Command::Newest(side) => {
                self.touched.view = true;
                self.put_newest(side);
            }
            Command::Control(control) => {
                if let Err(error) = self.intake.feed().control(control) {
                    self.face.toasts.error(error.to_string());
                }
            }
            Command::Frame(number) => self.change_frame(|frames| frames.go(number)),
            Command::Open(request) => self.open_request(request),
            Command::Browse => self.browse(),
            Command::Save(request) => self.save(request),
            Command::BrowseToSave(path) => self.browse_to_save(&path),
            Command::FindDevices => self.find_devices(),
        }
        self.touch();
        Ok(())
    }

    /// Does what the mouse asks for.
    fn gesture(&mut self, made: Gesture) -> Result<()> {
        match made {
            Gesture::SetRange { vmin, vmax } => {
                self.set_range(Range::new(vmin, vmax).with_norm(self.range.norm()));
            }
            Gesture::SaveBox => self.save(SaveRequest::BOX),
            Gesture::AutoRange => {
                if !self.auto.is_on() {
                    self.auto.toggle();
                }
                self.request_redraw();
            }
            _ => {
                if let Some(size) = self.size() {
                    gesture(&mut self.navigator, self.intake.rows(), size, &mut self.grip, made);
                }
                self.moved();
            }
        }
        Ok(())
    }

    fn act(&mut self, action: Action, event_loop: &ActiveEventLoop) -> Result<()> {
        self.touch();
        match action {
            Action::Quit => event_loop.exit(),
            Action::Escape => {
                if !self.face.close_dialog() && !self.give_up_opening() && !self.leave_fullscreen() {
                    event_loop.exit();
                }
            }
            Action::Fullscreen => {
                if !self.leave_fullscreen()
                    && let Some(scene) = &self.scene
                {
                    scene.screen.window().set_fullscreen(Some(Fullscreen::Borderless(None)));
                }
            }
            Action::Pause => match self.space() {
                Space::Frames { .. } => self.change_frame(|frames| frames.toggle(Instant::now())),
                Space::Recording { .. } => self.play_or_pause(),
                Space::Rows { paused } => self.pause(!paused),
            },
            Action::Step(by) => self.change_frame(|frames| frames.step(by)),
            Action::PlayHere => self.play_here(),
            Action::Follow => self.follow(),
            Action::Page(_) | Action::StartTime | Action::StartSpan => self.navigate(action),
            Action::Shape => self.toggle_shape(),
            Action::Stretch(factor) => self.set_range(self.range.stretched(factor, self.intake.unit())),
            Action::Shift(share) => self.set_range(self.range.shifted(share, self.intake.unit())),
            Action::AutoRange => {
                self.auto.toggle();
                self.tell();
                self.request_redraw();
            }
            Action::Colormap(step) => {
                let count = self.maps.len() as isize;
                self.set_colormap((self.map as isize + step).rem_euclid(count) as usize);
            }
            Action::Open => self.face.ask_to_open(),
            Action::Save => self.save(SaveRequest::ON_SHOW),
            Action::SaveAs => self.ask_to_save(),
            Action::SaveBox => match self.face.plot.selection {
                Some(_) => self.save(SaveRequest::BOX),
                None => self.face.toasts.info("Ctrl+drag selects a box to save."),
            },
            Action::Spectrum => toggle(&mut self.face.plot.decorations.spectrum),
            Action::Trace => toggle(&mut self.face.plot.decorations.trace),
            Action::Grid => self.face.plot.decorations.grid ^= true,
            Action::Panel => self.face.panel ^= true,
            Action::Mark(is_a) => self.set_marker(is_a),
            Action::ClearMarks => self.face.plot.clear_marks(),
            Action::ZoomToBox => match self.face.plot.selection.take() {
                Some(selection) => {
                    self.gesture(Gesture::ShowBox { hz: selection.hz, time_ns: selection.time_ns })?;
                }
                None => self.face.toasts.info("Ctrl+drag selects a box to zoom to."),
            },
            Action::Keys => self.face.keys ^= true,
        }
        Ok(())
    }

    /// Shows the newest rows, or the newest frame, from now on.
    fn follow(&mut self) {
        // This resumes live input; a paused file stays paused.
        if self.intake.is_live() {
            self.paused = false;
        }
        if self.intake.is_frames() {
            self.change_frame(FrameSequence::follow);
            self.fit_frame();
        } else {
            self.navigator.follow();
        }
        self.moved();
        self.tell();
    }

    /// Moves the view as a key asks.
    fn navigate(&mut self, action: Action) {
        let Some(size) = self.size() else { return };
        let rows = self.intake.rows();
        match action {
            Action::Page(pages) => self.navigator.page(rows, size, pages),
            Action::StartTime => {
                let middle = (0.5 * f64::from(size.0), 0.5 * f64::from(size.1));
                let at = self.pointer_pixel().unwrap_or(middle);
                self.navigator.start_time(rows, size, at);
            }
            Action::StartSpan => self.navigator.start_span(rows, size),
            _ => return,
        }
        self.moved();
    }

    /// Stretches an array over the window, or keeps its shape again.
    fn toggle_shape(&mut self) {
        if self.navigator.is_array() {
            self.navigator.set_stretches(!self.navigator.stretches());
            self.navigator.fit(self.intake.rows(), self.size);
            self.moved();
        } else {
            self.face.toasts.info("Only arrays and images have a shape to keep; recordings fill the window.");
        }
    }

    /// Sets marker A or B at the pointer.
    fn set_marker(&mut self, is_a: bool) {
        let set = if is_a { self.face.plot.set_a() } else { self.face.plot.set_b() };
        if !set {
            self.face.toasts.info("Point at the picture to set a marker there.");
        } else if let Some(between) = self.face.plot.difference() {
            log::debug!("marker B less A: {} Hz {} s {} dB", between.hz, between.seconds, between.value);
        }
    }

    /// Changes which frame is on show, if there are frames.
    fn change_frame(&mut self, change: impl FnOnce(&mut FrameSequence)) {
        if let Some(frames) = self.intake.frames_mut() {
            change(frames);
            self.turn(Instant::now());
            self.touch();
            self.request_redraw();
        }
    }

    /// Shows the frame of this time, in the view as it is.
    pub(super) fn turn(&mut self, now: Instant) {
        let turned = self.intake.turn(now);
        if turned != Turned::No {
            self.navigator.forget();
            if turned == Turned::Shape {
                self.reshape();
            }
            self.read_out.changed();
            self.auto.changed();
            self.touch();
            self.request_redraw();
        }
    }

    /// The frame on show has another size, or cells of another kind.
    fn reshape(&mut self) {
        let rows = self.intake.rows();
        let bins = rows.stamp(0, 0).map_or(1, |(_, bins)| bins);
        let is_rgba = rows.is_rgba();
        self.face.cells_changed(is_rgba);
        let (vmin, vmax) = self.wish.range;
        if is_rgba && vmin.is_some() != vmax.is_some() && !std::mem::replace(&mut self.told.one_end, true) {
            let name = &self.intake.feed().info().name;
            self.complain(format!("--vmin, --vmax: {name} sends colours, which need both: they are shown as they are"));
        }
        self.fit_frame();
        if let Err(error) = self.widen(bins) {
            self.complain(format!("{error:#}"));
        }
    }

    /// Shows all of a live frame, as soon as the size of the picture is known.
    pub(super) fn fit_frame(&mut self) {
        if self.navigator.is_array() && !self.navigator.stretches() {
            self.fit = Some(None);
            return;
        }
        let rows = self.intake.rows();
        let last = rows.range(0).end.checked_sub(1).and_then(|last| rows.stamp(0, last));
        self.fit = last.map(|(last, _)| Some((rows.epoch_ns(), last.end_ns())));
    }

    /// The newest rows are at this side from now on.
    pub(super) fn put_newest(&mut self, side: Side) {
        self.wish.options = self.wish.options.newest_side(side);
        self.navigator.set_newest(side);
        if let Some(scene) = &mut self.scene {
            scene.picture.set_newest_side(side);
        }
        self.moved();
    }

    fn set_colormap(&mut self, map: usize) {
        self.touched.colormap = true;
        self.map = map.min(self.maps.len() - 1);
        if let Some(scene) = &mut self.scene {
            scene.picture.set_colormap(&self.maps[self.map]);
        }
        self.name_colormap_until = Deadline::after(Instant::now(), Some(NAMED_S));
        self.tell();
        self.request_redraw();
    }

    fn change_view(&mut self, change: impl Fn(ringfall::View) -> ringfall::View) {
        self.touched.view = true;
        self.navigator.change(change);
        self.moved();
    }

    /// Leaves full screen. Returns whether the window was full screen.
    fn leave_fullscreen(&self) -> bool {
        let Some(scene) = &self.scene else { return false };
        let window = scene.screen.window();
        let full = window.fullscreen().is_some();
        if full {
            window.set_fullscreen(None);
        }
        full
    }
}

fn toggle(size: &mut f32) {
    *size = if *size > 0.0 { 0.0 } else { PANEL };
}
