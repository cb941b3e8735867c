//! What is kept for the next run.

use std::path::PathBuf;

use egui::ThemePreference;
use ringfall::plot::ticks::TimeLabels;
use ringfall::source::Clock;

use super::App;
use super::analysis::Hop;
use super::command::Request;
use super::face::Face;
use super::gui::Gui;
use crate::settings::{Saved, Settings, Theme, Time};

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
    pub(super) fn furnish(&self, face: &mut Face) {
        self.warnings.iter().for_each(|warning| face.toasts.error(warning.clone()));
        let Settings { spectrum_height, trace_width, show_grid, pictures, station, .. } = &self.settings;
        let decorations = &mut face.plot.decorations;
        if !face.bare {
            decorations.spectrum = spectrum_height.unwrap_or(0.0) as f32;
            decorations.trace = trace_width.unwrap_or(0.0) as f32;
            decorations.grid = *show_grid;
            decorations.title.clone_from(station);
        }
        face.local_times = self.settings.time == Some(Time::Local);
        face.pictures.clone_from(pictures);
        face.recent = self.settings.recent().iter().map(|path| Request::File(path.clone())).collect();
    }

    /// Sets up egui as it was.
    pub(super) fn dress(&self, gui: &Gui) {
        let context = gui.context();
        context.set_theme(match self.settings.theme {
            Theme::Dark => ThemePreference::Dark,
            Theme::Light => ThemePreference::Light,
            Theme::System => ThemePreference::System,
        });
        context.set_zoom_factor(self.settings.scale_factor.unwrap_or(1.0) as f32);
    }
}

impl App {
    /// Keeps the settings as they are now for the next run.
    pub(super) fn keep(&mut self) {
        let Some(path) = self.kept.path.clone() else { return };
        let before = self.kept.settings.clone();
        let view = self.there.wish();
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
            settings.newest = Some(self.there.newest());
            settings.axis = Some(view.axis);
            settings.reduce = Some(view.reduce);
        }
        let decorations = &self.face.plot.decorations;
        if !self.face.bare {
            settings.spectrum_height = Some(f64::from(decorations.spectrum));
            settings.trace_width = Some(f64::from(decorations.trace));
            settings.show_grid = decorations.grid;
        }
        if self.intake.feed().info().clock == Clock::Utc {
            settings.time =
                Some(if matches!(decorations.times, TimeLabels::Local(_)) { Time::Local } else { Time::Utc });
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
        if *settings == before {
            return;
        }
        match settings.save(&path) {
            Ok(Saved::Written | Saved::Kept) => {}
            Err(error) => log::warn!("{error:#}"),
        }
    }
}
