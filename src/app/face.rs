//! The user interface around the picture: menus, tools, settings, status, messages.

mod frames;
mod keys_list;
mod menus;
mod open;
mod panel;
mod save_as;
mod status;
#[cfg(test)]
mod tests;
mod theme;
mod toasts;

use std::path::{Path, PathBuf};

use egui::{CentralPanel, Frame, Panel, Ui};
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::{Plot, Shown, Subject};
use ringfall::publish::PublishStatus;
use ringfall::source::{Clock, Controls, RowInfo, Status};
use ringfall::{Axis, Colormap, Interpolation, Progress, Reduce, Side};

use super::analysis::Analysis;
use super::command::{Command, Request};
use super::intake::KeptRows;
use super::playback::Space;
use super::range::Range;
use crate::settings::Time;
pub(crate) use frames::FrameFacts;
pub(crate) use status::{Rates, waiting};
pub(crate) use theme::set_styles;
pub(crate) use toasts::Toasts;

/// What the interface shows and keeps.
pub(crate) struct Face {
    pub(crate) plot: Plot,
    pub(crate) toasts: Toasts,
    /// The panel with settings is open.
    pub(crate) panel: bool,
    /// How wide it is, in points, once it was opened.
    pub(crate) panel_width: Option<f32>,
    /// The list of keys is open.
    pub(crate) keys: bool,
    /// The dialog that asks for a file or an address.
    open: Option<open::Dialog>,
    /// The dialog that asks what is to be saved, and where.
    save: Option<save_as::Dialog>,
    /// Nothing but the picture is shown.
    pub(crate) bare: bool,
    /// The names of sound devices, once they have been looked for.
    pub(crate) devices: Option<Vec<String>>,
    pub(crate) recent: Vec<Request>,
    /// How times are labelled where the clock is UTC.
    pub(crate) times: Time,
    /// The folder for pictures; `None`: the user's.
    pub(crate) pictures: Option<PathBuf>,
}

/// What the interface needs to know.
pub(crate) struct Facts<'a> {
    pub(crate) rows: &'a RowInfo,
    pub(crate) status: &'a Status,
    /// Why the source waits, if it has said so.
    pub(crate) trouble: Option<&'a str>,
    pub(crate) is_paused: bool,
    /// What Space does.
    pub(crate) space: Space,
    /// What is being opened, in place of what is on show.
    pub(crate) opening: Option<&'a str>,
    /// When the first row of all began, in nanoseconds on the rows' clock; none while there are no rows.
    pub(crate) start_ns: Option<i64>,
    /// How far it has been played, in words.
    pub(crate) playing: Option<&'a str>,
    pub(crate) follows: bool,
    pub(crate) is_auto: bool,
    pub(crate) range: Range,
    pub(crate) maps: &'a [Colormap],
    pub(crate) map: usize,
    /// `None`: the rows are not made here.
    pub(crate) analysis: Option<Analysis>,
    pub(crate) reduce: Reduce,
    pub(crate) axis: Axis,
    pub(crate) interpolation: Interpolation,
    pub(crate) newest: Side,
    /// Whether an array is stretched over the window; none if there is no array.
    pub(crate) stretches: Option<bool>,
    pub(crate) kept: Option<KeptRows>,
    /// How far rows have been computed, if they can be computed in any order.
    pub(crate) progress: Option<Progress>,
    /// `None`: there is only one picture.
    pub(crate) frames: Option<FrameFacts>,
    /// Bytes of the history, and how many it may have.
    pub(crate) history: (u64, u64),
    pub(crate) rates: Rates,
    pub(crate) adapter: &'a str,
    /// Full screen, and the pointer has not moved for a while.
    pub(crate) hides: bool,
    /// How it is sent on, if it is.
    pub(crate) published: Option<PublishStatus>,
}

/// Whether bins are columns without frequencies.
pub(crate) fn has_columns(rows: &RowInfo) -> bool {
    (rows.first_hz, rows.bin_hz) == (0.0, 1.0) && rows.settings.is_none()
}

/// Whether rows and bins are rows and columns of an array without units.
pub(crate) fn is_array(rows: &RowInfo) -> bool {
    has_columns(rows) && rows.row_duration_ns == 1e9 && rows.source.clock != Clock::Utc
}

impl Facts<'_> {
    fn controls(&self) -> &Controls {
        &self.rows.source.controls
    }
}

impl Face {
    pub(crate) fn new(bare: bool) -> Self {
        let mut plot = Plot::default();
        plot.can_save = true;
        if bare {
            plot.decorations.axes = false;
            plot.decorations.color_bar = false;
            plot.decorations.cursor = false;
        }
        Self {
            plot,
            toasts: Toasts::default(),
            panel: false,
            panel_width: None,
            keys: false,
            open: None,
            save: None,
            bare,
            devices: None,
            recent: Vec::new(),
            times: Time::Utc,
            pictures: None,
        }
    }

    /// Another source is shown: its clock decides how times are labelled, its unit how levels are.
    pub(crate) fn source_changed(&mut self, rows: &RowInfo) {
        self.plot.annotations = rows.source.annotations.iter().map(Into::into).collect();
        let decorations = &mut self.plot.decorations;
        // Levels of samples are relative to full scale.
        decorations.unit = (rows.settings.is_some() && rows.unit.is_decibel()).then(|| "dBFS".to_owned());
        decorations.times = match (rows.source.clock, self.times) {
            (Clock::Utc, Time::Local) => TimeLabels::Local(jiff::tz::TimeZone::system()),
            (Clock::Utc, Time::Utc) => TimeLabels::Utc,
            // Of UTC the first row decides, see `show`.
            _ => TimeLabels::Since(0),
        };
        if is_array(rows) {
            decorations.times = TimeLabels::RowNumbers;
        }
        decorations.frequencies =
            if has_columns(rows) { FrequencyLabels::ColumnNumbers } else { FrequencyLabels::Absolute };
    }

    /// Whether a dialog is open. Esc closes it, even if it is typed in a field for text.
    pub(crate) fn has_dialog(&self) -> bool {
        self.keys || self.open.is_some() || self.save.is_some()
    }

    /// Cells are colours from now on, or values: colours have no range.
    pub(crate) fn cells_changed(&mut self, are_colors: bool) {
        self.plot.decorations.color_bar = !self.bare && !are_colors;
    }

    /// Closes the topmost dialog. False if there is none.
    pub(crate) fn close_dialog(&mut self) -> bool {
        let was_open = self.has_dialog();
        (self.keys, self.open, self.save) = (false, None, None);
        was_open
    }

    /// Opens the dialog that asks for a file or an address.
    pub(crate) fn ask_to_open(&mut self) {
        self.open.get_or_insert_default();
    }

    /// Opens the dialog that asks what is to be saved, and where: a picture of this size, here.
    pub(crate) fn ask_to_save(&mut self, path: &Path, size: (u32, u32)) {
        self.save.get_or_insert_with(|| save_as::Dialog::new(path, size));
    }

    /// A file to save to was chosen in the system's dialog.
    pub(crate) fn save_to(&mut self, path: &Path) {
        if let Some(dialog) = &mut self.save {
            dialog.set_path(path);
        }
    }

    /// Lays out the window.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        facts: &Facts<'_>,
        subject: &mut dyn Subject,
        commands: &mut Vec<Command>,
    ) -> Shown {
        if facts.rows.source.clock == Clock::Utc
            && self.times == Time::Since
            && let TimeLabels::Since(start_ns) = &mut self.plot.decorations.times
        {
            *start_ns = facts.start_ns.unwrap_or(0);
        }
        let bars = !self.bare && !facts.hides;
        if bars {
            let bar = Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(6, 2));
            Panel::top("menus").frame(bar).show(ui, |ui| menus::show(self, ui, facts, commands));
            let bar = Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(6, 1));
            Panel::bottom("status").frame(bar).show(ui, |ui| status::show(ui, facts));
            if facts.frames.is_some() {
                let bar = Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(6, 1));
                Panel::bottom("frames").frame(bar).show(ui, |ui| frames::show(ui, facts, commands));
            }
            if self.panel {
                let panel =
                    Panel::right("settings").default_size(self.panel_width.unwrap_or(250.0)).size_range(200.0..=420.0);
                let shown = panel.show(ui, |ui| panel::show(self, ui, facts, commands)).response;
                self.panel_width = Some(shown.rect.width().round());
            }
        }
        let central = CentralPanel::no_frame().show(ui, |ui| self.plot.show(ui, subject));
        let (shown, middle) = (central.inner, central.response.rect);
        if self.keys {
            keys_list::show(ui.ctx(), &mut self.keys);
        }
        if let Some(dialog) = &mut self.open
            && !dialog.show(ui.ctx(), &self.recent, commands)
        {
            self.open = None;
        }
        if let Some(dialog) = &mut self.save
            && !dialog.show(ui.ctx(), self.plot.selection.is_some(), commands)
        {
            self.save = None;
        }
        if !self.bare {
            self.toasts.show(ui.ctx(), middle.right_bottom());
        }
        shown
    }
}
