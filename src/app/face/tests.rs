//! The interface as a user sees it: every control by its name, and the commands that it gives.

mod access;
mod dialogs;
mod menus;
mod panel;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use egui::accesskit::{Action as Access, Role, Toggled};
use egui::epaint::{ClippedShape, Shape};
use egui::{Color32, Key, Rect, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use ringfall::dsp::{Average, Window};
use ringfall::plot::ticks::{FrequencyLabels, TimeLabels};
use ringfall::source::{Clock, Controls, RowInfo, Status};
use ringfall::{Axis, Canvas, Colormap, Interpolation, Options, Reduce, Side, Stamp};

use super::{Face, Facts, FrameFacts, Rates};
use crate::app::analysis::{Analysis, Hop};
use crate::app::command::{Command, Request};
use crate::app::intake::KeptRows;
use crate::app::keys::{self, Action};
use crate::app::playback::Space;
use crate::app::range::Range;

struct Desk {
    face: Face,
    rows: RowInfo,
    status: Status,
    maps: Vec<Colormap>,
    analysis: Analysis,
    kept: Option<KeptRows>,
    range: Range,
    stretches: Option<bool>,
    frames: Option<FrameFacts>,
    opening: Option<&'static str>,
    trouble: Option<&'static str>,
    canvas: Canvas,
    hides: bool,
    /// Of all passes.
    commands: Vec<String>,
}

type At = Harness<'static, Desk>;

const ANALYSIS: Analysis =
    Analysis { size: 1024, hop: Hop::Auto, window: Window::Hann, average: Some(Average::None), band_hz: (None, None) };

/// A receiver of 1 MHz around 100 MHz, with all that a source can have.
fn desk(theme: Theme) -> At {
    let mut rows = RowInfo::new("receiver", Clock::Utc, 100, (99.505e6, 1e4), 1e7).unwrap();
    rows.source.controls = Controls::default()
        .with_tune_hz(1e6..=1e9)
        .with_gain_db(0.0..=40.0)
        .with_rate_hz(225e3..=3.2e6)
        .with_ppm(-200.0..=200.0);
    let mut canvas = Canvas::new(&Options::default().bins(100)).unwrap();
    for row in 0..200 {
        let stamp = Stamp { time_ns: row * 10_000_000, duration_ns: 1e7, first_hz: rows.first_hz, bin_hz: rows.bin_hz };
        canvas.push(stamp, &[-60.0; 100]).unwrap();
    }
    let mut face = Face::new(false);
    face.devices = Some(vec!["microphone".to_owned()]);
    face.recent = vec![Request::File("/data/one.wav".into()), Request::File("/data/two.wav".into())];
    face.source_changed(&rows);
    let desk = Desk {
        face,
        rows,
        status: Status::default(),
        maps: ["viridis", "magma"].map(|name| Colormap::named(name).unwrap()).into(),
        analysis: ANALYSIS,
        kept: None,
        range: Range::UNKNOWN,
        stretches: None,
        frames: None,
        opening: None,
        trouble: None,
        canvas,
        hides: false,
        commands: Vec::new(),
    };
    let show = |ui: &mut egui::Ui, desk: &mut Desk| {
        let facts = Facts {
            rows: &desk.rows,
            status: &desk.status,
            trouble: desk.trouble,
            is_paused: false,
            space: match &desk.frames {
                Some(frames) => Space::Frames { moves: frames.is_playing },
                None => Space::Rows { paused: false },
            },
            opening: desk.opening,
            start_ns: Some(1_000_000_000),
            playing: None,
            follows: true,
            is_auto: false,
            range: desk.range,
            maps: &desk.maps,
            map: 0,
            analysis: Some(desk.analysis),
            reduce: Reduce::Max,
            axis: Axis::Linear,
            interpolation: Interpolation::Nearest,
            newest: Side::Top,
            stretches: desk.stretches,
            kept: desk.kept,
            history: (1 << 20, 1 << 30),
            rates: Rates::new(Instant::now()),
            adapter: "llvmpipe",
            hides: desk.hides,
            progress: None,
            frames: desk.frames.clone(),
            published: None,
        };
        let mut commands = Vec::new();
        desk.face.show(ui, &facts, &mut desk.canvas, &mut commands);
        desk.commands.extend(commands.iter().map(|command| format!("{command:?}")));
    };
    let mut at = Harness::builder()
        .with_size(vec2(1280.0, 1100.0))
        .with_max_steps(100)
        .with_step_dt(0.01)
        .with_theme(theme)
        .with_context_setup(super::set_styles)
        .build_ui_state(show, desk);
    at.run();
    at.state_mut().commands.clear();
    at
}

fn taken(at: &mut At) -> Vec<String> {
    at.run();
    std::mem::take(&mut at.state_mut().commands)
}

/// Whether a node has this name; entries of menus have their key behind it.
fn is_named(label: Option<&str>, name: &str) -> bool {
    label.is_some_and(|label| label.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

const PRESSED: [Role; 6] =
    [Role::Button, Role::CheckBox, Role::RadioButton, Role::ComboBox, Role::MenuItem, Role::SpinButton];

/// The control of this name; the last if a menu is open over another of the same name.
#[track_caller]
fn control<'a>(at: &'a At, name: &'a str) -> Node<'a> {
    let found = at.query_all_by(move |node| PRESSED.contains(&node.role()) && is_named(node.label().as_deref(), name));
    found.last().unwrap_or_else(|| panic!("no control is named {name}: {:?}", names(at)))
}

fn names(at: &At) -> Vec<String> {
    at.query_all_by(|node| PRESSED.contains(&node.role())).filter_map(|node| node.accesskit_node().label()).collect()
}

#[track_caller]
fn press(at: &mut At, name: &str) -> Vec<String> {
    control(at, name).click();
    taken(at)
}

fn debug(commands: &[Command]) -> Vec<String> {
    commands.iter().map(|command| format!("{command:?}")).collect()
}

#[test]
fn the_status_line_says_why_a_source_waits() {
    let mut at = desk(Theme::Dark);
    at.state_mut().status.waiting = true;
    at.state_mut().rows.source.name = "igtl://localhost:1".to_owned();
    at.run();
    at.get_by_label("waiting for the peer");
    // It says so itself.
    at.state_mut().trouble = Some("cannot connect to igtl://localhost:1: Connection refused; trying again");
    at.run();
    at.get_by_label_contains("cannot connect to igtl://localhost:1");
    assert!(at.query_by_label("waiting for the peer").is_none());
}
