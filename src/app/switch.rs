//! Putting another source in place of the one on show.

use std::sync::Arc;

use anyhow::Result;
use ringfall::source::{RowSource, Samples, WhenFull};
use ringfall::{Axis, Compute, ComputedOptions, Frames, Saved, Side, View};

use super::analysis::Analysis;
use super::command::Request;
use super::intake::Intake;
use super::late::Later;
use super::publish::Publishing;
use super::{App, Looks, Told, Wake, face, show};

/// Opens sources; the command line provides it.
pub(crate) type Opener = Arc<dyn Fn(&Request, &Analysis) -> Result<Opened> + Send + Sync>;

/// Opens a source again, to analyse it in another way.
pub(crate) type Reopen = Arc<dyn Fn(&Analysis) -> Result<Opened> + Send + Sync>;

/// A source that was opened, and how it is to be read.
pub(crate) struct Opened {
    pub(crate) source: Box<dyn RowSource>,
    pub(crate) when_full: WhenFull,
    /// Where its newest rows belong, whatever the user likes for spectra: the first row of an array is at the top.
    pub(crate) newest: Option<Side>,
    /// What is to be done with another source that takes its place once it is known what it brings.
    pub(crate) late: Option<Later>,
}

/// A source that is open, and what it has for the window beside its rows in order.
pub(super) struct SourceParts {
    pub(super) source: Box<dyn RowSource>,
    /// None if its rows can only be read in order.
    pub(super) compute: Option<Arc<dyn Compute>>,
    frames: Option<Arc<dyn Frames>>,
    samples: Option<Arc<dyn Samples>>,
}

impl SourceParts {
    pub(super) fn of(mut source: Box<dyn RowSource>) -> Self {
        let (frames, samples, compute) = (source.frames(), source.samples(), source.compute());
        Self { source, compute, frames, samples }
    }
}

/// How a source is put on show, see [`App::put_on_show`].
pub(super) struct ShowOptions {
    pub(super) when_full: WhenFull,
    pub(super) options: ComputedOptions,
    pub(super) saved: Option<Saved>,
    /// The view that stays; none: that of the start.
    pub(super) view: Option<View>,
    /// The times to show at first; none: all.
    pub(super) times: Option<(i64, i64)>,
    /// It is the same recording, analysed in another way.
    pub(super) is_again: bool,
}

impl App {
    /// Puts a source in place of the one on show. A view is kept where one is given. `is_again`: it is the same recording, analysed in
    /// another way.
    pub(super) fn install(&mut self, opened: Opened, view: Option<View>, is_again: bool) -> Result<()> {
        let Opened { source, when_full, newest, late } = opened;
        let opened_as_array = newest.is_some();
        // After an array the side is again the one for spectra.
        let usual = || self.navigator.is_array().then(|| self.kept.settings.newest.unwrap_or(Side::Top));
        let newest = newest.or_else(usual).filter(|_| !is_again);
        // An axis of frequencies is none of columns.
        let axis = newest.map(|_| match opened_as_array {
            true => Axis::Linear,
            false => self.kept.settings.axis.unwrap_or_default(),
        });
        let how =
            ShowOptions { when_full, options: ComputedOptions::default(), saved: None, view, times: None, is_again };
        self.put_on_show(SourceParts::of(source), how)?;
        if let Some(axis) = axis {
            self.navigator.change(|view| view.axis(axis));
        }
        if let Some(side) = newest {
            self.put_newest(side);
        }
        // Whatever was still being opened for the window is not waited for any more.
        self.late = late;
        Ok(())
    }

    /// Shows a source that is open, in place of the one on show.
    pub(super) fn put_on_show(&mut self, parts: SourceParts, how: ShowOptions) -> Result<()> {
        let SourceParts { source, compute, frames, samples } = parts;
        let ShowOptions { when_full, options, saved, view, times, is_again } = how;
        let proxy = self.messages.proxy();
        let wake = move || {
            // It fails only if the loop has ended; then there is nothing to wake.
            let _ = proxy.send_event(Wake::Rows);
        };
        let whole = compute.map(|compute| show::Whole { compute, frames, options, saved });
        let is_whole = whole.is_some();
        // Until it has started, the source before stays on show.
        self.intake = Intake::start(source, when_full, whole, self.wish.history, self.wish.fps, wake)?;
        self.fit = (is_whole && view.is_none()).then_some(times);
        self.navigator.set_speed(if self.intake.is_still() { f64::INFINITY } else { 1.0 });
        let samples = samples.filter(|_| is_whole);
        // The same recording plays on.
        self.playback.replace(samples, is_again);
        self.face.plot.head_ns = self.playback.head_ns();
        self.told = Told::default();
        self.paused = false;
        self.navigator.restart(view);
        let is_array = self.intake.is_still() && face::is_array(self.intake.feed().rows()) || self.intake.is_frames();
        self.navigator.set_array(is_array);
        self.navigator.set_whole(self.intake.is_whole());
        self.navigator.set_span(self.intake.span_hz());
        self.auto.changed();
        self.face.plot.hold.reset();
        self.set_looks(Looks::of(self.intake.feed().rows()));
        self.face.cells_changed(self.intake.rows().is_rgba());
        if self.intake.is_still() && self.publishing.as_ref().is_some_and(Publishing::sends_rows) {
            let name = &self.intake.feed().info().name;
            let words = format!("{name} has no rows that come one after the other: nothing is sent (--publish)");
            log::warn!("{words}");
            self.face.toasts.info(words);
        }
        self.widen(self.intake.feed().bins() as u32)?;
        self.moved();
        self.tell();
        Ok(())
    }

    /// Analyses samples with other settings from now on. The rows so far stay; those of a recording that is shown as a whole
    /// are computed anew, and the view stays.
    pub(super) fn set_analysis(&mut self, analysis: Analysis) {
        if let Some(open) = self.reopen.clone().filter(|_| self.intake.is_whole()) {
            return self.analyse_again(open, analysis);
        }
        let feed = self.intake.feed();
        match analysis.settings(feed.info()).and_then(|settings| Ok(feed.set_settings(&settings)?)) {
            Ok(()) => {
                self.touched.analysis = true;
                self.analysis = Some(analysis);
            }
            Err(error) => self.complain(format!("{error:#}")),
        }
    }
}
