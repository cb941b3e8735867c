//! What is kept for the next run.

use std::mem::replace;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::ThemePreference;
use ringfall::source::{Clock, Opening};

use super::App;
use super::analysis::Hop;
use super::command::Request;
use super::deadline::Deadline;
use super::face::Face;
use super::gui::Gui;
use super::messages::Message;
use crate::settings::{Settings, Theme, Time};

/// The settings of this run, and their file.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) settings: Settings,
    /// `None`: they are not kept.
    pub(crate) path: Option<PathBuf>,
    /// What was wrong with the file.
    pub(crate) warnings: Vec<String>,
}

impl Kept {
    /// Sets up the interface as it was.
    pub(super) fn apply_to_face(&self, face: &mut Face) {
        self.warnings.iter().for_each(|warning| face.toasts.error(warning.clone()));
        let Settings { spectrum_height, trace_width, show_grid, pictures, station, panel_width, .. } = &self.settings;
        let decorations = &mut face.plot.decorations;
        if !face.bare {
            decorations.spectrum = spectrum_height.unwrap_or(0.0) as f32;
            decorations.trace = trace_width.unwrap_or(0.0) as f32;
            decorations.grid = *show_grid;
            decorations.title.clone_from(station);
        }
        face.times = self.settings.time.unwrap_or(Time::Utc);
        face.pictures.clone_from(pictures);
        face.panel_width = panel_width.map(|width| width as f32);
        face.recent = self.settings.recent().iter().map(|path| Request::File(path.clone())).collect();
    }

    /// Sets egui up as it was.
    pub(super) fn apply_to_gui(&self, gui: &Gui) {
        let context = gui.context();
        context.set_theme(match self.settings.theme {
            Theme::Dark => ThemePreference::Dark,
            Theme::Light => ThemePreference::Light,
            Theme::System => ThemePreference::System,
        });
        context.set_zoom_factor(self.settings.scale_factor.unwrap_or(1.0) as f32);
    }
}

/// When settings are saved, and how that went.
#[derive(Debug)]
pub(super) struct Keeping {
    /// The settings as they were saved last, or loaded.
    saved: Settings,
    due: Deadline,
    /// A thread is writing.
    writes: bool,
    /// An error was said, and is not repeated.
    complained: bool,
}

impl Keeping {
    /// Settings are looked at so long after the user has done something, in seconds.
    const AFTER_S: f64 = 1.0;

    pub(super) fn new(loaded: Settings) -> Self {
        Self { saved: loaded, due: Deadline::NEVER, writes: false, complained: false }
    }

    /// When to look whether settings have changed.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.at()
    }
}

/// How long the program waits for the settings to be written before it ends: a disk of another machine may not answer.
const PATIENCE: Duration = Duration::from_secs(3);

impl App {
    /// The user has done something, which may have changed a setting.
    pub(super) fn keep_later(&mut self) {
        if self.kept.path.is_some() && self.keeping.due.at().is_none() {
            self.keeping.due = Deadline::after(Instant::now(), Some(Keeping::AFTER_S));
        }
    }

    /// Saves the settings on a thread if they have changed, and if it is time for that.
    pub(super) fn keep_if_due(&mut self, now: Instant) {
        if !self.keeping.due.take(now) {
            return;
        }
        self.gather();
        let Some((path, now, before)) = self.changes() else { return };
        if replace(&mut self.keeping.writes, true) {
            // One at a time, or else the older settings might be written last.
            return self.keep_later();
        }
        self.messages.run("save settings", move || {
            let saved = now.save_changes(&before, &path).map(|_| now).map_err(|error| format!("{error:#}"));
            Some(Message::Saved(saved.map(Box::new)))
        });
    }

    /// The thread has saved the settings, or could not.
    pub(super) fn kept(&mut self, saved: Result<Box<Settings>, String>) {
        self.keeping.writes = false;
        match saved {
            Ok(saved) => (self.keeping.saved, self.keeping.complained) = (*saved, false),
            Err(error) if !replace(&mut self.keeping.complained, true) => self.complain(error),
            Err(error) => log::debug!("{error}"),
        }
    }

    /// Keeps the settings as they are now for the next run, before the program ends.
    pub(super) fn keep(&mut self) {
        while self.keeping.writes {
            match self.messages.receiver.recv_timeout(PATIENCE) {
                Ok(Message::Saved(saved)) => self.kept(saved),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.gather();
        let Some((path, now, before)) = self.changes() else { return };
        let name = path.clone();
        let saved = Opening::start("settings", move || now.save_changes(&before, &path));
        let complained = self.keeping.complained;
        match saved.and_then(|saving| saving.wait(PATIENCE)) {
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) if !complained => log::warn!("{error:#}"),
            Ok(Some(Err(error))) => log::debug!("{error:#}"),
            Ok(None) => log::warn!("{}: the settings were not saved: the file system does not answer", name.display()),
            Err(error) => log::warn!("{}: the settings were not saved: {error}", name.display()),
        }
    }

    /// The file, the settings now and those that were saved last, if they differ.
    fn changes(&self) -> Option<(PathBuf, Settings, Settings)> {
        let path = self.kept.path.clone()?;
        let (now, before) = (&self.kept.settings, &self.keeping.saved);
        (now != before).then(|| (path, now.clone(), before.clone()))
    }

    /// Takes note of the settings as they are now.
    fn gather(&mut self) {
        let view = self.navigator.wish();
        let settings = &mut self.kept.settings;
        if self.touched.colormap {
            settings.colormap = Some(self.maps[self.map].name().to_owned());
        }
        if let Some(analysis) = self.analysis.filter(|_| self.touched.analysis) {
            settings.fft = u32::try_from(analysis.size).ok();
            settings.window = Some(analysis.window);
            settings.average = analysis.average;
            settings.overlap = match analysis.hop {
                Hop::Overlap(share) => Some(100.0 * share),
                Hop::Auto | Hop::Samples(_) => None,
            };
        }
        if self.touched.view {
            if !self.navigator.is_array() {
                settings.newest = Some(self.navigator.newest());
                settings.axis = Some(view.axis);
            }
            settings.reduce = Some(view.reduce);
        }
        let decorations = &self.face.plot.decorations;
        if !self.face.bare {
            settings.spectrum_height = Some(f64::from(decorations.spectrum));
            settings.trace_width = Some(f64::from(decorations.trace));
            settings.show_grid = decorations.grid;
            settings.station.clone_from(&decorations.title);
            settings.panel_width = self.face.panel_width.map(f64::from);
        }
        settings.stretch = self.navigator.wants_stretch();
        if self.intake.feed().info().clock == Clock::Utc {
            settings.time = Some(self.face.times);
        }
        if let Some(gui) = &self.gui {
            settings.theme = match gui.context().options(|options| options.theme_preference) {
                ThemePreference::Dark => Theme::Dark,
                ThemePreference::Light => Theme::Light,
                ThemePreference::System => Theme::System,
            };
            let zoom = f64::from(gui.context().zoom_factor());
            settings.scale_factor = (zoom != 1.0).then_some(zoom);
        }
        for request in self.face.recent.iter().rev() {
            if let Request::File(path) = request {
                settings.opened(path);
            }
        }
    }
}
