//! The panel with all settings.

use egui::style::ScrollStyle;
use egui::{Color32, ComboBox, DragValue, Grid, Mesh, Rect, ScrollArea, Sense, TextEdit, Ui, pos2, vec2};
use ringfall::dsp::{Average, Window};
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::plot::words;
use ringfall::source::{Clock, Control, Controls};
use ringfall::{Axis, Colormap, Interpolation, Norm, Reduce, Side, Unit};

use super::{Face, Facts};
use crate::app::analysis::{Analysis, Hop};
use crate::app::command::Command;
use crate::app::keys::Action;
use crate::app::range::Range;
use crate::flags::value;
use crate::settings::Time;
use crate::units;

/// Shows the panel.
pub(super) fn show(face: &mut Face, ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    // The bar takes a place of its own: one that floats would lie over the controls.
    ui.spacing_mut().scroll = ScrollStyle::solid();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        section(ui, "Range and colours", |ui| range(ui, facts, commands));
        section(ui, "Picture", |ui| picture(ui, facts, commands));
        if let Some(analysis) = facts.analysis {
            section(ui, "Spectrum", |ui| spectrum(ui, analysis, facts, commands));
        }
        section(ui, "Axes and panels", |ui| axes(face, ui, facts));
        let controls = facts.controls();
        if controls != &Controls::default() {
            section(ui, "Receiver", |ui| receiver(ui, facts, commands));
        }
    });
}

fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    egui::CollapsingHeader::new(title).default_open(true).show(ui, |ui| {
        // As wide as the longest name, so that the controls of all sections begin at the same place.
        Grid::new(title).num_columns(2).spacing([8.0, 4.0]).min_col_width(112.0).show(ui, content);
    });
}

/// A label and what it names, on a line.
fn named(ui: &mut Ui, name: &str, hint: &str, add: impl FnOnce(&mut Ui) -> egui::Response) {
    let label = ui.label(name).on_hover_text(hint);
    add(ui).labelled_by(label.id);
    ui.end_row();
}

/// A choice among a few.
fn choice<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    now: T,
    all: &[(T, &str)],
    mut chosen: impl FnMut(T),
) {
    let text = all.iter().find(|(value, _)| *value == now).map_or("", |(_, text)| *text);
    named(ui, name, hint, |ui| {
        let combo = ComboBox::from_id_salt(name).selected_text(text).width(110.0);
        let response = combo.show_ui(ui, |ui| {
            for (value, text) in all {
                if ui.selectable_label(*value == now, *text).clicked() {
                    chosen(*value);
                }
            }
        });
        response.response.accessible_name(name)
    });
}

fn range(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let (mut vmin, mut vmax) = facts.range.ends();
    let unit = facts.rows.unit.name();
    let before = (vmin, vmax);
    let speed = (f64::from(vmax) - f64::from(vmin)).abs().max(f64::from(f32::MIN_POSITIVE)) / 200.0;
    let is_decibel = facts.rows.unit.is_decibel();
    for (name, hint, value) in [
        ("Lower end", "The value of the first colour", &mut vmin),
        ("Upper end", "The value of the last colour", &mut vmax),
    ] {
        named(ui, name, hint, |ui| {
            let field = DragValue::new(value).speed(speed).suffix(suffix(unit));
            // Plain numbers may be of any size.
            ui.add(match is_decibel {
                true => field.max_decimals(2),
                false => field.custom_formatter(|value, _| units::number(value)),
            })
        });
    }
    if (vmin, vmax) != before && vmin < vmax {
        commands.push(Command::Range(Range::new(vmin, vmax).with_norm(facts.range.norm())));
    }
    named(ui, "Automatic range", "The range follows the data", |ui| {
        let mut auto = facts.is_auto;
        let response = ui.checkbox(&mut auto, "");
        if response.changed() {
            commands.push(Command::Act(Action::AutoRange));
        }
        response
    });
    let now = facts.range.norm();
    let symlog = match now {
        Norm::SymLog { .. } => now,
        _ => Norm::SymLog { linthresh: linear_part(facts) },
    };
    let symlog_name = match symlog {
        Norm::SymLog { linthresh } => format!("symlog, {}", units::number(linthresh)),
        _ => String::new(),
    };
    let norms = [
        (Norm::Linear, "linear"),
        (Norm::Log, "logarithmic"),
        (Norm::Power { gamma: 0.5 }, "square root"),
        (Norm::Power { gamma: 2.0 }, "square"),
        (symlog, &*symlog_name),
        (Norm::Centered { vcenter: 0.0 }, "centred on 0"),
    ];
    choice(ui, "Norm", "How the colours share the range", now, &norms, |norm| commands.push(Command::Norm(norm)));
    ui.label("Colormap");
    colormaps(ui, facts, 110.0, commands);
    ui.end_row();
}

/// Up to where a symmetric logarithmic norm is linear: for levels 1 dB, for numbers a hundredth of the largest, as a power of ten.
fn linear_part(facts: &Facts<'_>) -> f64 {
    let (vmin, vmax) = facts.range.ends();
    let largest = f64::from(vmin.abs().max(vmax.abs()));
    match facts.rows.unit {
        Unit::Decibel => 1.0,
        _ if largest > 0.0 => 10f64.powf((0.01 * largest).log10().floor()),
        _ => 1.0,
    }
}

fn suffix(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

/// The colormaps with their colours.
pub(super) fn colormaps(ui: &mut Ui, facts: &Facts<'_>, width: f32, commands: &mut Vec<Command>) {
    let combo =
        ComboBox::from_id_salt(("colormap", width.to_bits())).selected_text(facts.maps[facts.map].name()).width(width);
    let response = combo.height(400.0).show_ui(ui, |ui| {
        for (i, map) in facts.maps.iter().enumerate() {
            ui.horizontal(|ui| {
                preview(ui, map);
                if ui.selectable_label(i == facts.map, map.name()).clicked() {
                    commands.push(Command::Colormap(i));
                }
            });
        }
    });
    response.response.accessible_name("Colormap").on_hover_text("Colormap (C: the next one)");
}

/// A map's colours, from left to right.
fn preview(ui: &mut Ui, map: &Colormap) {
    let (rect, _) = ui.allocate_exact_size(vec2(64.0, 12.0), Sense::hover());
    let mut mesh = Mesh::default();
    let step = rect.width() / 32.0;
    for i in 0..32 {
        let [r, g, b, _] = map.lut()[i * 255 / 31];
        let left = rect.left() + i as f32 * step;
        let stripe = Rect::from_min_max(pos2(left, rect.top()), pos2(left + step, rect.bottom()));
        mesh.add_colored_rect(stripe, Color32::from_rgb(r, g, b));
    }
    ui.painter().add(mesh);
}

fn picture(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let sides = [(Side::Top, "top"), (Side::Bottom, "bottom"), (Side::Left, "left"), (Side::Right, "right")];
    choice(ui, "Newest rows at", "The side at which new rows appear", facts.newest, &sides, |side| {
        commands.push(Command::Newest(side))
    });
    let reductions = [(Reduce::Max, "maximum"), (Reduce::Mean, "mean"), (Reduce::Min, "minimum")];
    let hint = "What a pixel shows that covers several values: with the maximum no carrier vanishes";
    choice(ui, "Reduction", hint, facts.reduce, &reductions, |reduce| commands.push(Command::Reduce(reduce)));
    let axes = Axis::NAMES.map(|(name, axis)| (axis, name));
    choice(ui, "Frequencies", "How frequencies are spread over the picture", facts.axis, &axes, |axis| {
        commands.push(Command::Axis(axis))
    });
    let hows = [(Interpolation::Nearest, "nearest bin"), (Interpolation::Linear, "linear")];
    choice(ui, "Between bins", "What a pixel narrower than a bin shows", facts.interpolation, &hows, |how| {
        commands.push(Command::Interpolation(how))
    });
    if let Some(stretches) = facts.stretches {
        let mut keeps = !stretches;
        named(ui, "Keep shape", "Cells of the array are as wide as high; or else it fills the window (R)", |ui| {
            let response = ui.checkbox(&mut keeps, "").accessible_name("Keep shape");
            if response.changed() {
                commands.push(Command::Act(Action::Shape));
            }
            response
        });
    }
}

fn spectrum(ui: &mut Ui, now: Analysis, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let mut wanted = now;
    const NAMES: [(usize, &str); 17] = [
        (64, "64"),
        (128, "128"),
        (256, "256"),
        (512, "512"),
        (1024, "1024"),
        (2048, "2048"),
        (4096, "4096"),
        (8192, "8192"),
        (16_384, "16 k"),
        (32_768, "32 k"),
        (65_536, "64 k"),
        (131_072, "128 k"),
        (262_144, "256 k"),
        (524_288, "512 k"),
        (1 << 20, "1 M"),
        (2 << 20, "2 M"),
        (4 << 20, "4 M"),
    ];
    let hint = "Samples per spectrum: more samples resolve closer frequencies, but blur time";
    choice(ui, "FFT size", hint, now.size, &NAMES, |size| wanted.size = size);
    let windows: Vec<_> = Window::NAMES.iter().filter_map(|name| Some((name.parse::<Window>().ok()?, *name))).collect();
    choice(ui, "Window", "What the samples of a spectrum are weighted with", now.window, &windows, |window| {
        wanted.window = window
    });
    let overlaps = [
        (Hop::Auto, "automatic"),
        (Hop::Overlap(0.0), "0 %"),
        (Hop::Overlap(0.5), "50 %"),
        (Hop::Overlap(0.75), "75 %"),
        (Hop::Overlap(0.875), "87.5 %"),
        (Hop::Overlap(0.9375), "93.75 %"),
    ];
    let hint = "The share of a spectrum's samples that the next one uses again; automatic: 40 spectra a second";
    choice(ui, "Overlap", hint, now.hop, &overlaps, |hop| wanted.hop = hop);
    let averages = [
        (None, "automatic"),
        (Some(Average::None), "none"),
        (Some(Average::Mean(4)), "mean of 4"),
        (Some(Average::Mean(16)), "mean of 16"),
        (Some(Average::Mean(64)), "mean of 64"),
        (Some(Average::Max(4)), "maximum of 4"),
        (Some(Average::Max(16)), "maximum of 16"),
    ];
    let hint = "How spectra become rows; automatic: live samples of a high rate make 60 rows a second, each the maximum of many";
    choice(ui, "Averaging", hint, now.average, &averages, |average| wanted.average = average);
    let (low, high) = facts.rows.source.kind.span_hz(facts.rows.source.rate_hz, facts.rows.source.centre_hz);
    let mut band = (now.band_hz.0.unwrap_or(low), now.band_hz.1.unwrap_or(high));
    let (speed, resolution) = ((high - low) / 500.0, ((high - low) / 1e4).min(1.0));
    for (name, value) in [("Lowest frequency", &mut band.0), ("Highest frequency", &mut band.1)] {
        named(ui, name, "The band that is analysed: an end of it in Hz, or such as 7.04M", |ui| {
            let field = DragValue::new(value).speed(speed).range(low..=high);
            ui.add(field.custom_formatter(|hz, _| words::frequency(hz, resolution)).custom_parser(typed_hertz))
        });
    }
    if band.0 < band.1 {
        let end =
            |now: Option<f64>, limit: f64, value: f64| if now.is_none() && value == limit { None } else { Some(value) };
        wanted.band_hz = (end(now.band_hz.0, low, band.0), end(now.band_hz.1, high, band.1));
    }
    if wanted != now {
        commands.push(Command::Analysis(wanted));
    }
}

/// A frequency as it is shown or typed. Shown ones have thin spaces between groups of digits, and a longer minus.
fn typed_hertz(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    value::hertz(&plain.replace('\u{2212}', "-")).ok()
}

fn axes(face: &mut Face, ui: &mut Ui, facts: &Facts<'_>) {
    let source = &facts.rows.source;
    let decorations = &mut face.plot.decorations;
    if source.clock == Clock::Utc {
        let all = [(Time::Utc, "UTC"), (Time::Local, "local"), (Time::Since, "since the first row")];
        choice(ui, "Times", "How times are labelled", face.times, &all, |times| {
            face.times = times;
            decorations.times = match times {
                Time::Utc => TimeLabels::Utc,
                Time::Local => TimeLabels::Local(jiff::tz::TimeZone::system()),
                Time::Since => TimeLabels::Since(facts.start_ns.unwrap_or(0)),
            };
        });
    }
    // Columns of an array have numbers and no frequencies.
    if decorations.frequencies != FrequencyLabels::ColumnNumbers {
        let is_relative = matches!(decorations.frequencies, FrequencyLabels::RelativeTo(_));
        let all = [(false, "absolute"), (true, "relative")];
        let hint = "As they are, or as distances from the centre";
        choice(ui, "Frequency labels", hint, is_relative, &all, |relative| {
            decorations.frequencies =
                if relative { FrequencyLabels::RelativeTo(source.centre_hz) } else { FrequencyLabels::Absolute };
        });
    }
    named(ui, "Title", "A line above the plot, such as the station; in pictures too", |ui| {
        // As long as the file of settings takes it.
        let field = TextEdit::singleline(&mut decorations.title).char_limit(200).desired_width(110.0);
        ui.add(field).accessible_name("Title")
    });
    let check = |ui: &mut Ui, name: &str, hint: &str, on: &mut bool| {
        named(ui, name, hint, |ui| ui.checkbox(on, "").accessible_name(name));
    };
    check(ui, "Grid", "Lines across the picture at the labels", &mut decorations.grid);
    check(ui, "Cursor", "A crosshair with frequency, time and level", &mut decorations.cursor);
    let holds = &mut decorations.holds;
    check(ui, "Mean", "The mean spectrum since the last reset", &mut holds.mean);
    check(ui, "Peak hold", "The largest levels since the last reset", &mut holds.peak);
    check(ui, "Minimum hold", "The smallest levels since the last reset", &mut holds.minimum);
    ui.label("Curves");
    if ui.button("Reset curves").on_hover_text("Begin mean, peak hold and minimum hold again").clicked() {
        face.plot.hold.reset();
    }
    ui.end_row();
}

fn receiver(ui: &mut Ui, facts: &Facts<'_>, commands: &mut Vec<Command>) {
    let (controls, source) = (facts.controls(), &facts.rows.source);
    if let Some(range) = &controls.tune_hz {
        let limits = range.start() * 1e-6..=range.end() * 1e-6;
        let field = Field {
            name: "Centre frequency",
            hint: "Where the receiver is tuned to",
            suffix: " MHz",
            decimals: 6,
            at_end: false,
        };
        if let Some(mhz) = field.show(ui, Some(source.centre_hz * 1e-6), limits, 0.001) {
            commands.push(Command::Control(Control::Tune(mhz * 1e6)));
        }
    }
    if let Some(range) = &controls.gain_db {
        let field = Field { name: "Gain", hint: "The receiver's gain", suffix: " dB", decimals: 1, at_end: false };
        if let Some(db) = field.show(ui, source.gain_db, range.clone(), 0.1) {
            commands.push(Command::Control(Control::Gain(db)));
        }
    }
    if let Some(range) = &controls.rate_hz {
        let limits = range.start() * 1e-6..=range.end() * 1e-6;
        let field = Field {
            name: "Sample rate",
            hint: "Samples a second: the width of the band",
            suffix: " MHz",
            decimals: 6,
            at_end: true,
        };
        if let Some(mhz) = field.show(ui, Some(source.rate_hz * 1e-6), limits, 0.01) {
            commands.push(Command::Control(Control::Rate(mhz * 1e6)));
        }
    }
    if let Some(range) = &controls.ppm {
        let hint = "Correction of the receiver's frequencies, in parts per million";
        let field = Field { name: "Correction", hint, suffix: " ppm", decimals: 0, at_end: false };
        if let Some(ppm) = field.show(ui, None, range.clone(), 0.1) {
            commands.push(Command::Control(Control::Ppm(ppm)));
        }
    }
}

/// A number of a receiver.
struct Field {
    name: &'static str,
    hint: &'static str,
    suffix: &'static str,
    decimals: usize,
    /// It is set when the drag ends, and not at each step of it.
    at_end: bool,
}

impl Field {
    /// Shows it, and returns what is to be set. `now` is what the source reports. While the user changes it, it shows the user's
    /// value: the source follows later. If the source reports nothing, it shows what was set last.
    fn show(&self, ui: &mut Ui, now: Option<f64>, limits: std::ops::RangeInclusive<f64>, speed: f64) -> Option<f64> {
        let id = ui.scope_id().with(self.name);
        let held = ui.data(|data| data.get_temp::<f64>(id));
        let mut value = held.or(now).unwrap_or_else(|| 0.0_f64.clamp(*limits.start(), *limits.end()));
        let mut set = None;
        named(ui, self.name, self.hint, |ui| {
            let drag = DragValue::new(&mut value).speed(speed).range(limits).suffix(self.suffix);
            let response = ui.add(drag.max_decimals(self.decimals).update_while_editing(false));
            let is_held = response.dragged() || response.has_focus();
            let is_new = response.changed();
            // A source that samples at another rate starts again, which takes too long for each step of a drag.
            let is_chosen = if self.at_end { response.drag_stopped() || is_new && !is_held } else { is_new };
            set = is_chosen.then_some(value);
            ui.data_mut(|data| {
                if is_new {
                    data.insert_temp(id, value);
                } else if !is_held && now.is_some() {
                    data.remove::<f64>(id);
                }
            });
            response
        });
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_typed_as_they_are_shown() {
        for hz in [0.0, 5900.0, -12_500.0, 7_040_000.0, 100_100_001.0, 1_420_405_752.0] {
            assert_eq!(typed_hertz(&words::frequency(hz, 1.0)), Some(hz));
        }
        for (text, hz) in [("7.04M", 7.04e6), ("1.42 GHz", 1.42e9), (" 600", 600.0)] {
            assert_eq!(typed_hertz(text), Some(hz), "{text}");
        }
        assert_eq!((typed_hertz("high"), typed_hertz("")), (None, None));
    }
}
