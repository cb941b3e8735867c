//! The status line.

use std::time::{Duration, Instant};

use egui::{Align, Label, Layout, RichText, TextStyle, TextWrapMode, Ui, vec2};
use ringfall::dsp::Average;
use ringfall::publish::PublishStatus;

use super::{Facts, has_columns};
use crate::app::intake::KeptRows;
use crate::units::{self, hertz};

/// Rows and frames per second, counted over half a second and more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    since: Instant,
    rows: u64,
    frames: u64,
    pub(super) rows_per_s: f64,
    pub(super) frames_per_s: f64,
}

impl Rates {
    /// Numbers that change faster cannot be read.
    const EVERY: Duration = Duration::from_millis(500);
    /// Frames that new rates cause: one of the interface, and one if egui asks for another.
    const OWN: u64 = 2;

    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, rows: 0, frames: 0, rows_per_s: 0.0, frames_per_s: 0.0 }
    }

    /// When to count again, if nothing else happens: until nothing comes any more.
    pub(crate) fn next(&self) -> Option<Instant> {
        (self.rows_per_s > 0.0 || self.frames_per_s > 0.0).then(|| self.since + 2 * Self::EVERY)
    }

    /// `rows` and `frames` is how many there have been so far. True if the rates have changed.
    pub(crate) fn count(&mut self, now: Instant, rows: u64, frames: u64) -> bool {
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        if seconds < Self::EVERY.as_secs_f64() {
            return false;
        }
        let before = (self.rows_per_s, self.frames_per_s);
        let (more_rows, more_frames) = (rows.saturating_sub(self.rows), frames.saturating_sub(self.frames));
        // Those that show the rates themselves do not count, or else they would go on for ever.
        let counted = if more_rows == 0 && more_frames <= Self::OWN { 0 } else { more_frames };
        self.rows_per_s = more_rows as f64 / seconds;
        self.frames_per_s = counted as f64 / seconds;
        (self.since, self.rows, self.frames) = (now, rows, frames);
        before != (self.rows_per_s, self.frames_per_s)
    }
}

/// Shows how things are, on one line. Where there is no room for all of it, what matters most comes first.
pub(super) fn show(ui: &mut Ui, facts: &Facts<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for state in states(facts) {
            item(ui, RichText::new(state).small().strong(), None);
        }
        if let Some(trouble) = facts.trouble {
            // As much of it as there is room for beside the numbers on the right; all of it under the pointer.
            let size = vec2((ui.available_width() - RIGHT).max(0.0), ui.available_height());
            let text = RichText::new(trouble).small().strong();
            ui.allocate_ui_with_layout(size, *ui.layout(), |ui| item(ui, text, None));
        } else {
            for (text, hint) in about_rows(facts) {
                item(ui, RichText::new(text).small(), hint);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for (text, hint) in about_speed(facts) {
                if !item(ui, RichText::new(text).small(), hint.as_deref()) {
                    break;
                }
            }
        });
    });
}

/// Width of the numbers on the right, about, in points.
const RIGHT: f32 = 330.0;

/// Between two items, in points.
const GAP: f32 = 10.0;

/// Less of a text than this is not worth showing, in points.
const LEAST: f32 = 50.0;

/// Shows an item, or its beginning. False if there is no room for all of it.
fn item(ui: &mut Ui, text: RichText, hint: Option<&str>) -> bool {
    let text = egui::WidgetText::from(text);
    let room = ui.available_width();
    let galley = text.clone().into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Small);
    let width = galley.size().x;
    let is_from_the_right = ui.layout().prefer_right_to_left();
    if width > room && (room < LEAST || is_from_the_right) {
        return false;
    }
    let label = ui.add(Label::new(text).truncate());
    if let Some(hint) = hint {
        label.on_hover_text(hint);
    }
    width <= room
}

/// What rows are like, with hints.
fn about_rows(facts: &Facts<'_>) -> Vec<(String, Option<&'static str>)> {
    let rows = facts.rows;
    if has_columns(rows) {
        // Before there are rows, their number of columns is unknown.
        let columns = facts.start_ns.map(|_| (format!("{} columns", rows.bins), None));
        return columns.into_iter().collect();
    }
    let mut items = vec![
        (units::band(units::whole_band_hz(rows)), None),
        (format!("RBW {}", hertz(rows.rbw_hz)), Some("Resolution bandwidth: the noise bandwidth of a bin")),
    ];
    let average = rows.settings.map_or(Average::None, |settings| settings.average);
    let (spectra, how) = (average.spectra_per_row(), if matches!(average, Average::Max(_)) { "max" } else { "mean" });
    if spectra > 1 {
        let hint = "What a row is made of (--average, or Averaging in the settings)";
        items.push((format!("{how} of {spectra} spectra"), Some(hint)));
    }
    items
}

/// How fast it goes, and the memory it takes, with hints; from the right.
fn about_speed(facts: &Facts<'_>) -> [(String, Option<String>); 4] {
    let is_live = facts.frames.as_ref().is_some_and(|frames| frames.is_live);
    let what = if is_live { "images" } else { "rows" };
    let (used, most) = facts.history;
    let share = 100.0 * used as f64 / most.max(1) as f64;
    let kept = if facts.progress.is_some() { "rows" } else { "history" };
    let memory = format!("Memory of the rows that are kept; the oldest are evicted at {}", units::bytes(most));
    [
        (facts.adapter.to_owned(), Some("What draws the picture".to_owned())),
        (format!("{:.0} frames/s", facts.rates.frames_per_s), None),
        (format!("{:.0} {what}/s", facts.rates.rows_per_s), None),
        (format!("{kept} {} ({share:.0} %)", units::bytes(used)), Some(memory)),
    ]
}

/// What the source of this name waits for.
pub(crate) fn waiting(name: &str) -> &'static str {
    // A peer has an address.
    if name.contains("://") { "waiting for the peer" } else { "waiting for the device" }
}

/// What is unusual, in words.
fn states(facts: &Facts<'_>) -> Vec<String> {
    let status = facts.status;
    let mut states = Vec::new();
    if let Some(name) = facts.opening {
        states.push(format!("opening {name} (Esc gives up)"));
    }
    let mut say = |is: bool, text: &str| {
        if is {
            states.push(text.to_owned());
        }
    };
    say(status.opening, "opening");
    say(facts.is_paused, "paused");
    say(!facts.follows && !facts.is_paused, "press Home to follow");
    say(facts.playing.is_some(), facts.playing.unwrap_or_default());
    // The reason says it too.
    say(status.waiting && facts.trouble.is_none(), waiting(&facts.rows.source.name));
    say(status.error.is_some(), "stopped by an error");
    say(status.ended && status.error.is_none(), "ended");
    if let Some(silent) = status.silent {
        states.push(format!("no samples for {}", units::long(silent.as_secs())));
    }
    if let Some(stalled) = status.stalled {
        states.push(format!("no answer for {}", units::long(stalled.as_secs())));
    }
    if status.dropped_rows > 0 {
        states.push(format!("{} rows dropped", status.dropped_rows));
    }
    if status.overruns > 0 {
        states.push(format!("{} samples lost", status.overruns));
    }
    if let Some(progress) = facts.progress.as_ref().filter(|progress| progress.all < 1.0) {
        states.push(match progress.shown {
            true => format!("computing the rest: {:.0} %", 100.0 * progress.all),
            false => "computing what is on show".to_owned(),
        });
    }
    if let Some(PublishStatus { clients, dropped, .. }) = facts.published {
        let readers = if clients == 1 { "reader" } else { "readers" };
        states.push(match dropped {
            0 => format!("published to {clients} {readers}"),
            _ => format!("published to {clients} {readers}, {dropped} dropped"),
        });
    }
    match facts.kept {
        Some(KeptRows::Seconds(seconds)) => states.push(format!("the last {} are kept", units::long(seconds))),
        Some(KeptRows::From(time_ns)) => {
            states.push(format!("kept from {} on", units::time(time_ns, facts.rows.source.clock, 0)));
        }
        None => {}
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_by_hand_and_they_come_to_rest() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut rates = Rates::new(start);
        assert!(!rates.count(start + Duration::from_millis(400), 9, 9), "too early to tell");
        assert!(rates.count(at(2), 80, 120));
        assert_eq!((rates.rows_per_s, rates.frames_per_s), (40.0, 60.0));
        assert_eq!(rates.next(), Some(at(3)));
        // Nothing comes any more but what shows that.
        assert!(rates.count(at(3), 80, 122));
        assert_eq!((rates.rows_per_s, rates.frames_per_s, rates.next()), (0.0, 0.0, None));
        assert!(!rates.count(at(4), 80, 124));
        // A frame for each row of a slow source counts.
        assert!(rates.count(at(5), 81, 125));
        assert_eq!((rates.rows_per_s, rates.frames_per_s), (1.0, 1.0));
    }
}
