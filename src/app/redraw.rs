//! The steps of a frame: rows are taken over, the interface is laid out, the range follows, the picture is drawn.

use std::time::Instant;

use anyhow::Result;
use ringfall::plot::Shown;
use ringfall::{Error, wgpu};
use winit::event_loop::ActiveEventLoop;

use super::command::Command;
use super::face::{Facts, FrameFacts};
use super::on_show::OnShow;
use super::publish::Publishing;
use super::range::Range;
use super::screen::{Frame, Place};
use super::{App, CELLS_A_LOOK, Looks};

impl App {
    /// Takes over the rows that have arrived. Returns whether they change the picture.
    pub(super) fn drain(&mut self) -> Result<bool> {
        self.take_late()?;
        let (plot, unit) = (&mut self.face.plot, self.intake.unit());
        let holds = plot.is_holding();
        let publishing = &self.publishing;
        let arrived = self.intake.drain(|stamp, row| {
            if holds {
                plot.hold.add(stamp, unit, row);
            }
            if let Some(publishing) = publishing {
                publishing.row(stamp, unit, row);
            }
        })?;
        self.drawn.rows += arrived.count as u64;
        self.look_again()?;
        let changed = arrived.count > 0 && self.navigator.shows(self.intake.rows(), arrived.first);
        if changed {
            self.auto.changed();
        }
        if arrived.more {
            self.request_redraw();
        }
        Ok(changed)
    }

    /// The rows may be of another kind than those before: of a source that was opened late, or that has been set up anew.
    fn look_again(&mut self) -> Result<()> {
        let looks = Looks::of(self.intake.feed().rows());
        if self.looks != looks {
            let is_other_unit = self.looks.unit != looks.unit;
            self.set_looks(looks);
            self.auto.restart();
            if is_other_unit {
                // The unit decides what a mean is.
                self.widen(self.intake.feed().bins() as u32)?;
            }
        }
        Ok(())
    }

    /// Rows of this kind are shown: labels and the range are those of their clock and their unit.
    pub(super) fn set_looks(&mut self, looks: Looks) {
        if self.looks.unit != looks.unit && self.auto.is_on() {
            self.put_range(Range::unknown(looks.unit));
        }
        self.looks = looks;
        self.auto.set_unit(looks.unit);
        // Rows that are not made here, of samples, have no analysis to set. That of the next ones is as it was.
        self.wish.analysis = self.analysis.unwrap_or(self.wish.analysis);
        self.analysis = Some(self.wish.analysis).filter(|_| looks.is_analysed);
        self.face.source_changed(self.intake.feed().rows());
        self.touch();
    }

    pub(super) fn redraw(&mut self, event_loop: &ActiveEventLoop) -> Result<()> {
        if self.drain()?
            && !self.face.bare
            && let Some(gui) = &mut self.gui
        {
            gui.moved();
        }
        let now = Instant::now();
        if let Some(Err(error)) = self.scene.as_ref().map(|scene| scene.screen.check()) {
            self.broken(error);
            return Ok(());
        }
        if self.rates.count(now, self.drawn.rows, self.drawn.frames) && !self.face.bare {
            self.touch();
        }
        if self.gui.as_mut().is_some_and(|gui| gui.is_due(now)) {
            // The labels belong to the picture that is shown with them.
            self.fill(now)?;
            self.lay_out(event_loop, now)?;
        }
        let frame = self.show(now);
        let frame = match frame {
            // The device or the window, which are handled alike: the renderer's own errors are of another kind.
            Err(error) if !error.is::<Error>() => {
                self.broken(error);
                return Ok(());
            }
            Err(error) => match error.downcast_ref() {
                // Rows have become wider than the waterfall.
                Some(&Error::RowLength { got, .. }) => {
                    self.widen(got as u32)?;
                    Frame::Later
                }
                _ => return Err(error),
            },
            Ok(frame) => frame,
        };
        self.read_out.changed();
        self.tell();
        self.publish_picture(matches!(frame, Frame::Shown), now)?;
        match frame {
            Frame::Shown => {
                self.drawn.frames += 1;
                self.drawn.while_paused += u64::from(self.paused);
                if self.wish.present == wgpu::PresentMode::Immediate && !self.paused {
                    self.request_redraw();
                }
            }
            Frame::Same | Frame::Skipped => {}
            Frame::Later => self.request_redraw(),
            Frame::Early(at) => self.next_frame = Some(self.next_frame.map_or(at, |next| next.min(at))),
        }
        Ok(())
    }

    /// Sends the picture on, or plans to.
    fn publish_picture(&mut self, shown: bool, now: Instant) -> Result<()> {
        let (Some(scene), Some(publishing)) = (&self.scene, &mut self.publishing) else { return Ok(()) };
        if shown {
            publishing.shown();
        }
        if let Some(at) = publishing.picture(scene.picture.canvas()?, now) {
            self.next_frame = Some(self.next_frame.map_or(at, |next| next.min(at)));
        }
        Ok(())
    }

    /// Stages the rows on show, before the interface is laid out.
    fn fill(&mut self, now: Instant) -> Result<()> {
        let Some(scene) = &mut self.scene else { return Ok(()) };
        match self.navigator.fill(&mut scene.picture, self.intake.rows(), now, !self.paused) {
            Err(Error::RowLength { got, .. }) => self.widen(got as u32),
            filled => Ok(filled?),
        }
    }

    /// Lays the interface out, and does what the user has asked for in it.
    fn lay_out(&mut self, event_loop: &ActiveEventLoop, now: Instant) -> Result<()> {
        let (hides, space, follows) = (self.hides(now), self.space(), self.follows());
        let (Some(scene), Some(gui)) = (&self.scene, &mut self.gui) else { return Ok(()) };
        let feed = self.intake.feed();
        let status = feed.status();
        let view = self.navigator.wish();
        let playing = self.playback.words();
        let trouble = self.told.warning.as_ref().filter(|_| self.told.is_trouble).map(ToString::to_string);
        let has_rows = self.intake.rows().range(0).end > 0;
        let facts = Facts {
            rows: feed.rows(),
            status: &status,
            trouble: trouble.as_deref(),
            is_paused: self.paused,
            space,
            opening: self.openings.name(),
            start_ns: has_rows.then(|| self.intake.rows().epoch_ns()),
            playing: playing.as_deref(),
            follows,
            is_auto: self.auto.is_on(),
            range: self.range,
            maps: &self.maps,
            map: self.map,
            analysis: self.openings.analysis().or(self.analysis),
            reduce: view.reduce,
            axis: view.axis,
            interpolation: view.interpolation,
            newest: self.navigator.newest(),
            stretches: self.navigator.is_array().then(|| self.navigator.stretches()),
            kept: self.intake.kept(),
            progress: self.intake.progress(),
            // Before the first picture of a live source there is none to choose.
            frames: self.intake.frames().filter(|frames| has_rows || !frames.is_live()).map(|frames| FrameFacts {
                shown: frames.wanted(),
                range: frames.range(),
                is_playing: frames.is_playing(),
                is_live: frames.is_live(),
            }),
            history: self.intake.bytes(),
            rates: self.rates,
            adapter: &self.adapter,
            hides,
            published: self.publishing.as_ref().map(Publishing::status),
        };
        let (navigator, rows) = (&self.navigator, self.intake.rows());
        let mut subject = OnShow {
            picture: &scene.picture,
            frame: &|size| navigator.frame(rows, size),
            extent: navigator.extent(rows),
            size: self.size,
            map: &self.maps[self.map],
            scale: self.range.scale().unwrap_or_default(),
            gestures: Vec::new(),
        };
        let (face, mut commands, mut shown) = (&mut self.face, Vec::new(), None);
        let input_is_left = gui.lay_out(scene.screen.size(), now, |ui| {
            // egui may lay out twice.
            commands.clear();
            subject.gestures.clear();
            shown = Some((face.show(ui, &facts, &mut subject, &mut commands), ui.pixels_per_point()));
        });
        let (size, gestures) = (subject.size, subject.gestures);
        if let Some((shown, scale)) = shown {
            self.laid_out(&shown, scale, size, input_is_left || !gestures.is_empty() || !commands.is_empty());
        }
        self.fit();
        let gestures = gestures.into_iter().map(Command::Gesture);
        for command in gestures.chain(commands) {
            self.run_command(command, event_loop)?;
        }
        Ok(())
    }

    /// Takes over where the picture is now, and its size in pixels. `scale`: pixels per point. `is_asked`: the user has asked for something.
    fn laid_out(&mut self, shown: &Shown, scale: f32, size: (u32, u32), is_asked: bool) {
        let pixels = |points: f32| (points * scale).round().max(0.0) as u32;
        let place = Place {
            x: pixels(shown.picture.left()),
            y: pixels(shown.picture.top()),
            width: shown.size.0,
            height: shown.size.1,
        };
        if place != self.place || size != self.size || shown.again || is_asked {
            // The labels are those of the picture before.
            self.touch();
            self.request_redraw();
        }
        let is_resized = size != self.size;
        if is_resized {
            self.navigator.resized(self.intake.rows(), size);
        }
        (self.place, self.size) = (place, size);
        if is_resized && self.fitted.is_some() && self.fitted == Some(self.navigator.wish()) {
            self.fit_frame();
        }
    }

    /// Shows what is to be shown at first, now that the picture has a size.
    fn fit(&mut self) {
        let Some(times) = self.fit.take() else { return };
        self.navigator.stretch_line(self.intake.rows(), self.size);
        match times {
            Some(times) => self.navigator.show_times(self.intake.rows(), self.size, times),
            None => self.navigator.fit(self.intake.rows(), self.size),
        }
        // Live frames fill the window whatever its size, until another part is chosen.
        self.fitted = self.intake.is_frames().then(|| self.navigator.wish());
        self.moved();
    }

    /// Draws the frame.
    fn show(&mut self, now: Instant) -> Result<Frame> {
        let (Some(scene), Some(gui)) = (&mut self.scene, &mut self.gui) else { return Ok(Frame::Skipped) };
        let (navigator, rows, auto, range) = (&mut self.navigator, self.intake.rows(), &mut self.auto, &mut self.range);
        let (runs, percentile) = (!self.paused, self.wish.percentile);
        let mut ranged = false;
        let frame = scene.screen.show(&mut scene.picture, self.place, Some(&mut gui.interface), |picture| {
            navigator.fill(picture, rows, now, runs)?;
            // According to what is displayed from now on.
            let canvas = picture.canvas()?;
            let found = auto.step(now, *range, || Range::of(canvas, CELLS_A_LOOK, percentile));
            if let Some((found, scale)) = found.and_then(|found| Some((found, found.scale().ok()?))) {
                *range = found;
                ranged = true;
                picture.set_scale(scale);
            }
            Ok(())
        });
        if ranged {
            // The colour bar shows it.
            gui.moved();
        }
        frame
    }

    /// Whether the newest rows or frames are shown.
    pub(super) fn follows(&self) -> bool {
        match self.intake.frames() {
            Some(frames) if frames.is_live() => frames.is_playing(),
            _ => self.navigator.follows(),
        }
    }

    /// Whether the bars are hidden: in full screen, when the pointer has rested for a while.
    fn hides(&self, now: Instant) -> bool {
        let full = self.scene.as_ref().is_some_and(|scene| scene.screen.window().fullscreen().is_some());
        full && self.pointed.is_none_or(|then| now.saturating_duration_since(then) >= Self::HIDE_AFTER)
    }

    /// Rows have come, or the status has changed.
    pub(super) fn woken(&mut self) -> Result<()> {
        let changed = self.drain()?;
        self.turn(Instant::now());
        self.tell();
        if self.publishing.as_mut().is_some_and(Publishing::look) {
            self.touch();
            self.request_redraw();
        }
        if changed {
            if let Some(gui) = self.gui.as_mut().filter(|_| !self.face.bare) {
                gui.moved();
            }
            self.request_redraw();
        }
        Ok(())
    }

    /// The view has changed.
    pub(super) fn moved(&mut self) {
        self.read_out.forget();
        self.auto.changed();
        self.touch();
        self.request_redraw();
    }

    /// Something has changed that the interface shows.
    pub(super) fn touch(&mut self) {
        if let Some(gui) = &mut self.gui {
            gui.touch();
        }
    }
}
