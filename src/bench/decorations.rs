//! `--decorations`: the program's interface over the waterfall, with the pointer on the picture and moving.

use std::time::{Duration, Instant};

use anyhow::Result;
use egui::{Event, RawInput, Rect, pos2, vec2};
use ringfall::source::{Clock, RowInfo, Status};
use ringfall::{Axis, Colormap, Interpolation, Reduce, Scale, Side};

use crate::app::face::{Face, Facts, Rates};
use crate::app::interface::Interface;
use crate::app::on_show::OnShow;
use crate::app::picture::Picture;
use crate::app::playback::Space;
use crate::app::range::Range;
use crate::app::screen::Place;

/// The program's interface, laid out as often as the program does.
pub(super) struct Decorations {
    pub(super) interface: Interface,
    face: Face,
    rows: RowInfo,
    maps: Vec<Colormap>,
    place: Place,
    rates: Rates,
    started: Instant,
    laid_out: Option<Instant>,
    frame: u32,
}

impl Decorations {
    /// As in the program: labels that move with the picture are laid out no more often than this.
    const EVERY: Duration = Duration::from_millis(15);

    pub(super) fn new() -> Result<Self> {
        let context = egui::Context::default();
        context.set_theme(egui::ThemePreference::Dark);
        let now = Instant::now();
        Ok(Self {
            interface: Interface::new(context),
            face: Face::new(false),
            rows: RowInfo::new("benchmark", Clock::Utc, 2048, (7e6, 93.75), 16e6)?,
            maps: vec![Colormap::default()],
            place: Place::WHOLE,
            rates: Rates::new(now),
            started: now,
            laid_out: None,
            frame: 0,
        })
    }

    /// Where the waterfall is in the window.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Lays out the interface for a window of this size, if the program would.
    pub(super) fn lay_out(&mut self, size: (u32, u32), picture: &Picture) {
        let now = Instant::now();
        if self.laid_out.is_some_and(|then| now.saturating_duration_since(then) < Self::EVERY) {
            return;
        }
        self.laid_out = Some(now);
        self.frame += 1;
        // Over the picture, and somewhere else each time.
        let at = |step: u32, side: u32| (side / 4 + self.frame.wrapping_mul(step) % (side / 2).max(1)) as f32;
        let pointer = pos2(at(17, size.0), at(11, size.1));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0 as f32, size.1 as f32))),
            time: Some(now.saturating_duration_since(self.started).as_secs_f64()),
            events: vec![Event::PointerMoved(pointer)],
            ..RawInput::default()
        };
        let facts = Facts {
            rows: &self.rows,
            status: &Status::default(),
            trouble: None,
            is_paused: false,
            space: Space::Rows { paused: false },
            opening: None,
            start_ns: None,
            playing: None,
            follows: true,
            is_auto: false,
            range: Range::UNKNOWN,
            maps: &self.maps,
            map: 0,
            analysis: None,
            reduce: Reduce::Max,
            axis: Axis::Linear,
            interpolation: Interpolation::Nearest,
            newest: Side::Top,
            stretches: None,
            kept: None,
            progress: None,
            frames: None,
            published: None,
            history: (0, 1 << 30),
            rates: self.rates,
            adapter: "benchmark",
            hides: false,
        };
        let mut subject = OnShow {
            picture,
            frame: &|_| picture.canvas().ok().map(|canvas| canvas.frame()),
            extent: None,
            size: (1, 1),
            map: &self.maps[0],
            scale: Scale::default(),
            gestures: Vec::new(),
        };
        let (face, mut commands, mut shown) = (&mut self.face, Vec::new(), None);
        let mut output = self.interface.context().clone().run_ui(input, |ui| {
            shown = Some(face.show(ui, &facts, &mut subject, &mut commands));
        });
        self.interface.update(&mut output);
        if let Some(shown) = shown {
            let (x, y) = (shown.picture.left().round() as u32, shown.picture.top().round() as u32);
            self.place = Place { x, y, width: shown.size.0, height: shown.size.1 };
        }
    }
}
