//! The user interface around the picture: menus, tools, settings, status, messages.

mod keys_list;
mod menus;
mod open;
mod panel;
mod status;
mod toasts;

use std::path::PathBuf;

use egui::{CentralPanel, Frame, Panel, Ui};
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::{Plot, Shown, Subject};
use ringfall::source::{Clock, Controls, RowInfo, Status};
use ringfall::{Axis, Colormap, Interpolation, Reduce, Side};

use super::analysis::Analysis;
use super::command::{Command, Request};
use super::intake::Kept;
use super::range::Range;
pub(super) use status::Rates;
pub(super) use toasts::Toasts;

/// What the interface shows and keeps.
pub(super) struct Face {
    pub(super) plot: Plot,
    pub(super) toasts: Toasts,
    /// The panel with settings is open.
    pub(super) panel: bool,
    /// The list of keys is open.
    pub(super) keys: bool,
    /// The dialog that asks for a file or an address.
    open: Option<open::Dialog>,
    /// Nothing but the picture is shown.
    pub(super) bare: bool,
    /// The names of sound devices, once they have been looked for.
    pub(super) devices: Option<Vec<String>>,
    pub(super) recent: Vec<Request>,
    /// Times of live input are labelled in the local time zone.
    pub(super) local_times: bool,
    /// The folder for pictures; `None`: the user's.
    pub(super) pictures: Option<PathBuf>,
}

/// What the interface needs to know.
pub(super) struct Facts<'a> {
    pub(super) rows: &'a RowInfo,
    pub(super) status: &'a Status,
    pub(super) is_paused: bool,
    /// Whether a recording is being played; none if what is on show cannot be.
    pub(super) plays: Option<bool>,
    /// How far it has been played, in words.
    pub(super) playing: Option<&'a str>,
    pub(super) follows: bool,
    pub(super) is_auto: bool,
    pub(super) range: Range,
    pub(super) maps: &'a [Colormap],
    pub(super) map: usize,
    /// `None`: the rows are not made here.
    pub(super) analysis: Option<Analysis>,
    pub(super) reduce: Reduce,
    pub(super) axis: Axis,
    pub(super) interpolation: Interpolation,
    pub(super) newest: Side,
    pub(super) kept: Option<Kept>,
    /// Bytes of the history, and how many it may have.
    pub(super) history: (u64, u64),
    pub(super) rates: Rates,
    pub(super) adapter: &'a str,
    /// Full screen, and the pointer has not moved for a while.
    pub(super) hides: bool,
}

impl Facts<'_> {
    fn controls(&self) -> &Controls {
        &self.rows.source.controls
    }
}

impl Face {
    pub(super) fn new(bare: bool) -> Self {
        let mut plot = Plot::default();
        if bare {
            plot.decorations.axes = false;
            plot.decorations.color_bar = false;
            plot.decorations.cursor = false;
        }
        Self {
            plot,
            toasts: Toasts::default(),
            panel: false,
            keys: false,
            open: None,
            bare,
            devices: None,
            recent: Vec::new(),
            local_times: false,
            pictures: None,
        }
    }

    /// Another source is shown: its clock decides how times are labelled, its unit how levels are.
    pub(super) fn source_changed(&mut self, rows: &RowInfo) {
        let decorations = &mut self.plot.decorations;
        // Levels of samples are relative to full scale.
        decorations.unit = (rows.settings.is_some() && rows.unit.is_decibel()).then(|| "dBFS".to_owned());
        decorations.times = match rows.source.clock {
            Clock::Utc if self.local_times => TimeLabels::Local(jiff::tz::TimeZone::system()),
            Clock::Utc => TimeLabels::Utc,
            _ => TimeLabels::Since(0),
        };
        decorations.frequencies = FrequencyLabels::Absolute;
        // Rows and columns of an array without units.
        let is_plain = (rows.first_hz, rows.bin_hz, rows.row_duration_ns) == (0.0, 1.0, 1e9);
        if is_plain && rows.settings.is_none() && rows.source.clock != Clock::Utc {
            decorations.times = TimeLabels::RowNumbers;
            decorations.frequencies = FrequencyLabels::ColumnNumbers;
        }
    }

    /// Closes the topmost dialog. False if there is none.
    pub(super) fn close_dialog(&mut self) -> bool {
        let was_open = self.keys || self.open.is_some();
        (self.keys, self.open) = (false, None);
        was_open
    }

    /// Opens the dialog that asks for a file or an address.
    pub(super) fn ask_to_open(&mut self) {
        self.open.get_or_insert_default();
    }

    /// Lays out the window.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        facts: &Facts<'_>,
        subject: &mut dyn Subject,
        commands: &mut Vec<Command>,
    ) -> Shown {
        let bars = !self.bare && !facts.hides;
        if bars {
            let bar = Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(6, 2));
            Panel::top("menus").frame(bar).show(ui, |ui| menus::show(self, ui, facts, commands));
            let bar = Frame::side_top_panel(ui.style()).inner_margin(egui::Margin::symmetric(6, 1));
            Panel::bottom("status").frame(bar).show(ui, |ui| status::show(ui, facts));
            if self.panel {
                Panel::right("settings")
                    .default_size(250.0)
                    .size_range(200.0..=420.0)
                    .show(ui, |ui| panel::show(self, ui, facts, commands));
            }
        }
        let shown = CentralPanel::no_frame().show(ui, |ui| self.plot.show(ui, subject)).inner;
        if self.keys {
            keys_list::show(ui.ctx(), &mut self.keys);
        }
        if let Some(dialog) = &mut self.open
            && !dialog.show(ui.ctx(), &self.recent, commands)
        {
            self.open = None;
        }
        self.toasts.show(ui.ctx());
        shown
    }
}
