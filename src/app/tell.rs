//! Status messages of the window: in its title, and once on the terminal.

use std::mem::replace;
use std::sync::Arc;
use std::time::Instant;

use ringfall::source::SourceError;

use super::App;
use super::intake::KeptRows;
use super::title::{How, Title};

impl App {
    /// Samples of a spectrum.
    fn fft(&self) -> usize {
        self.intake.feed().rows().settings.map_or(1, |settings| settings.size)
    }

    /// Says in the title how things are, and what went wrong with the source once on the terminal.
    pub(super) fn tell(&mut self) {
        let now = Instant::now();
        let mut status = self.intake.feed().status();
        if let Some(error) = self.intake.progress().and_then(|progress| progress.error) {
            let name = self.intake.feed().info().name.clone();
            let reason = format!("{error}: what cannot be read is missing in the picture");
            status.error = Some(Arc::new(SourceError::Open { name, reason }));
        }
        if let Some(error) = &status.error
            && !replace(&mut self.told.error, true)
        {
            log::error!("{error}");
            self.face.toasts.error(error.to_string());
            if let Some(gui) = &mut self.gui {
                gui.touch();
            }
            self.request_redraw();
        }
        self.told.is_trouble &= status.waiting || status.opening;
        if let Some(warning) = &status.warning
            && !self.told.warning.as_ref().is_some_and(|told| Arc::ptr_eq(told, warning))
        {
            let words = warning.to_string();
            // The terminal has it from the feed.
            if self.told.warning.as_ref().is_none_or(|told| told.to_string() != words) {
                self.face.toasts.info(words);
            }
            self.told.is_trouble = status.waiting || status.opening;
            self.told.warning = Some(Arc::clone(warning));
            if let Some(gui) = &mut self.gui {
                gui.touch();
            }
            self.request_redraw();
        }
        let kept = self.intake.kept();
        let name = &self.intake.feed().info().name;
        if matches!(kept, Some(KeptRows::From(_))) && !replace(&mut self.told.evicting, true) {
            log::warn!(
                "{name}: the memory for rows is full, and the oldest are evicted: the title tells from when on there are \
                 rows; --history keeps more"
            );
        }
        let too_short = self.intake.is_empty_to_the_end() && status.error.is_none();
        if too_short && !replace(&mut self.told.too_short, true) {
            log::warn!("{name}: too short for one spectrum of {} samples (--fft)", self.fft());
        }
        let how = How {
            range: self.range,
            has_range: !self.intake.rows().is_rgba(),
            auto: self.auto.is_on(),
            opening: self.openings.name().is_some(),
            paused: self.paused,
            away: !self.follows(),
            kept,
            too_short: too_short.then_some(self.fft()),
            colormap: self.name_colormap_until.at().map(|_| self.map),
        };
        let title = Title::new(how, self.read_out(now), &status);
        if self.title.is_none_or(|before| before.source() != title.source()) {
            // The status line says it too, though no row comes that would draw it anew.
            self.touch();
            self.request_redraw();
        }
        if self.title != Some(title) {
            self.title = Some(title);
            if let Some(scene) = &self.scene {
                let text = title.text(self.intake.feed());
                let text = match how.colormap {
                    Some(map) => format!("colormap {} – {text}", self.maps[map].name()),
                    None => text,
                };
                scene.screen.window().set_title(&text);
            }
        }
    }
}
