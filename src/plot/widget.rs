//! The widget.

mod edges;
mod menu;
mod panels;
mod select;

use egui::{Align2, Painter, Pos2, Rect, Sense, Ui, pos2, vec2};

use super::decorations::{Decorations, Holds};
use super::gesture::{self, Held, Over};
use super::hold::Hold;
use super::keyboard::Focus;
use super::layout::{Parts, Wanted};
use super::marker::{Annotation, Difference, Marker, Point, Selection};
use super::overlay::Overlay;
use super::read_out::ReadOut;
use super::style::Style;
use super::subject::{Extent, Gesture, Subject};
use super::ticks::{self, FrequencyLabels, Ticks, TimeLabels};
use super::{axes, color_bar};
use crate::frame::Frame;

/// A waterfall with axes, cursor, markers and spectrum, as an egui widget.
///
/// It keeps what the user has set: markers, panels, the selected box. The picture itself is a [`Subject`].
#[derive(Debug, Default)]
pub struct Plot {
    /// What is shown.
    pub decorations: Decorations,
    /// Boxes with labels from outside.
    pub annotations: Vec<Annotation>,
    /// Named markers.
    pub markers: Vec<Marker>,
    /// Marker A.
    pub a: Option<Point>,
    /// Marker B.
    pub b: Option<Point>,
    /// The box that the user has selected.
    pub selection: Option<Selection>,
    /// Where a recording is being played, in nanoseconds on the rows' clock: a line across the picture.
    pub head_ns: Option<i64>,
    /// The rows of the spectrum panel's mean, peak hold and minimum hold. The host adds its rows here.
    pub hold: Hold,
    /// The menu has an entry that [saves the selected box](super::Gesture::SaveBox), which the subject then does.
    pub can_save: bool,
    held: Option<Held>,
    cursor: Option<Point>,
    pointed: Option<Point>,
    /// The name of a marker that is being made.
    naming: Option<String>,
    menu_point: Option<Point>,
    /// Where the menu was opened by the keyboard, in points, and that it is to be opened now.
    menu_at: Option<Pos2>,
    opens_menu: bool,
    /// The part that has the keyboard, and where it has moved the crosshair: its place, and the first corner of a box.
    focus: Focus,
    keyed: Option<Pos2>,
    corner: Option<Pos2>,
    /// The size of a panel and the pointer's place when its edge was taken hold of.
    edge: Option<(f32, Pos2)>,
    margins: Margins,
    values: Vec<f32>,
}

/// Room for labels, in points: it grows at once, and shrinks only by much, so that the picture does not jitter.
#[derive(Clone, Copy, Debug)]
struct Margins {
    vertical: f32,
    bar: f32,
}

impl Default for Margins {
    fn default() -> Self {
        Self { vertical: 44.0, bar: 26.0 }
    }
}

/// What a plot has done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shown {
    /// Where the picture is, in points: on whole pixels.
    pub picture: Rect,
    /// The picture's size, in pixels.
    pub size: (u32, u32),
    /// What is under the pointer.
    pub cursor: Option<Point>,
    /// The layout has changed, and should be made again at once.
    pub again: bool,
}

impl Shown {
    pub(super) const NOTHING: Self = Self { picture: Rect::ZERO, size: (0, 0), cursor: None, again: false };
}

impl Plot {
    /// The distance between markers A and B.
    pub fn difference(&self) -> Option<Difference> {
        Some(self.a?.to(&self.b?))
    }

    /// What is under the pointer, or under the crosshair that the arrows move. `None` where there are no rows.
    pub fn cursor(&self) -> Option<Point> {
        self.cursor
    }

    /// Where the pointer is on the picture, also outside of all rows.
    pub fn pointed(&self) -> Option<Point> {
        self.pointed
    }

    /// Whether the part of the plot that has the keyboard uses this key, so that it should have no other meaning. `None`: no part
    /// of the plot has the keyboard.
    pub fn takes_key(&self, key: egui::Key) -> Option<bool> {
        self.focus.takes(key)
    }

    /// Whether the spectrum panel is open and shows a mean, a peak hold or a minimum hold: then [`hold`](field@Self::hold)
    /// needs the rows.
    pub fn is_holding(&self) -> bool {
        self.decorations.spectrum > 0.0 && self.decorations.holds != Holds::default()
    }

    /// Fills what is left of `ui` with the plot of `subject`.
    pub fn show(&mut self, ui: &mut Ui, subject: &mut dyn Subject) -> Shown {
        let all = ui.available_rect_before_wrap();
        ui.allocate_rect(all, Sense::hover());
        ui.push_id("ringfall plot", |ui| self.show_in(ui, all, subject)).inner
    }

    fn show_in(&mut self, ui: &mut Ui, all: Rect, subject: &mut dyn Subject) -> Shown {
        let style = Style::new(ui.visuals());
        let painter = ui.painter_at(all);
        let scale = ui.pixels_per_point();
        let wanted = Wanted {
            axes: self.decorations.axes,
            bar: self.decorations.color_bar,
            title: !self.decorations.title.is_empty(),
            above: if self.sideways(subject) { self.decorations.trace } else { self.decorations.spectrum },
            beside: if self.sideways(subject) { self.decorations.spectrum } else { self.decorations.trace },
            label_height: style.label_height(&painter),
            vertical_labels: self.decorations.label_room.map_or(self.margins.vertical, |room| room.0),
            bar_labels: self.decorations.label_room.map_or(self.margins.bar, |room| room.1),
        };
        let parts = Parts::new(all, &wanted, scale);
        let place = parts.picture;
        let pixels = |v: f32| (v * scale).round().max(1.0) as u32;
        let size = (pixels(place.width()), pixels(place.height()));
        subject.set_size(size.0, size.1);

        background(&painter, &style, all, place);
        subject.paint(ui, place);
        self.focus = Focus::default();
        let over = Over::new(ui, place);
        let done = over.handle(ui, &mut self.held, subject);
        if let Some(frame) = subject.frame() {
            self.point_by_keys(ui, &over, &frame, subject);
            let sideways = frame.newest_side().is_sideways();
            let mut focus = self.focus;
            let words = self.words(&frame, subject);
            if parts.horizontal.height() > 0.0 {
                gesture::axis(ui, parts.horizontal, place, (!sideways, &words), &mut focus, subject);
            }
            if parts.vertical.width() > 0.0 {
                gesture::axis(ui, parts.vertical, place, (sideways, &words), &mut focus, subject);
            }
            self.focus = focus;
        }
        if parts.bar.width() > 0.0
            && let Some(gesture) = color_bar::handle(ui, parts.bar, &mut self.focus, subject)
        {
            subject.act(gesture);
        }
        self.panel_handles(ui, &parts, subject);

        let mut again = false;
        if parts.bar.width() > 0.0 {
            again |= self.draw_bar(&painter, &style, &parts, subject);
        }
        if wanted.title {
            let at = parts.title.left_center();
            painter.text(at, Align2::LEFT_CENTER, &self.decorations.title, style.title.clone(), style.text);
        }
        (self.cursor, self.pointed) = (None, None);
        if let Some(frame) = subject.frame() {
            if let Some((from, to)) = done {
                self.select(&over, &frame, (from, to), subject);
            }
            let at = self.keyed.map(|at| over.pixel(at)).or(over.pointer());
            self.pointed = at.and_then(|at| point_at(subject, at));
            self.cursor = self.pointed.filter(|point| is_within(subject, point));
            let words = self.cursor.map(|point| self.words(&frame, subject).point(&point).replace('\n', ", "));
            ui.ctx().accesskit_node_builder(over.response.id, |node| node.set_value(words.unwrap_or_default()));
            self.menu(&over, subject);
            again |= self.draw(ui, &painter, &style, &parts, &over, &frame, subject);
        } else {
            painter.text(place.center(), Align2::CENTER_CENTER, "No rows yet", style.title.clone(), style.weak);
        }
        self.focus.ring(ui, &painter);
        Shown { picture: place, size, cursor: self.cursor, again }
    }

    fn words<'a>(&'a self, frame: &Frame, subject: &dyn Subject) -> ReadOut<'a> {
        let unit = self.decorations.unit.as_deref().unwrap_or(subject.unit().name());
        let is_array = self.decorations.frequencies == FrequencyLabels::ColumnNumbers;
        ReadOut::new(frame, &self.decorations.times, is_array, unit)
    }

    fn sideways(&self, subject: &dyn Subject) -> bool {
        subject.frame().is_some_and(|frame| frame.newest_side().is_sideways())
    }

    #[expect(clippy::too_many_arguments, reason = "everything that was worked out for this frame")]
    fn draw(
        &mut self,
        ui: &Ui,
        painter: &Painter,
        style: &Style,
        parts: &Parts,
        over: &Over,
        frame: &Frame,
        subject: &dyn Subject,
    ) -> bool {
        let sideways = frame.newest_side().is_sideways();
        let scale = f64::from(painter.pixels_per_point());
        let height = f64::from(style.label_height(painter)) * scale;
        let width = |text: &str| f64::from(style.label_width(painter, text)) * scale;
        let mut room_of_times = |text: &str| if sideways { width(text) } else { height };
        let mut times = ticks::times(frame, &self.decorations.times, &mut room_of_times);
        let mut room_of_hertz = |text: &str| if sideways { height } else { width(text) };
        let mut hertz = ticks::frequencies(frame, self.decorations.frequencies, &mut room_of_hertz);
        if let Some(extent) = subject.extent() {
            self.only_what_counts(frame, &extent, (&mut hertz, &mut times));
        }
        let (horizontal, vertical) = if sideways { (&times, &hertz) } else { (&hertz, &times) };
        let mut again = false;
        if parts.horizontal.height() > 0.0 {
            axes::horizontal(painter, style, parts.horizontal, horizontal);
        }
        if parts.vertical.width() > 0.0 {
            axes::vertical(painter, style, parts.vertical, vertical);
            contexts(painter, style, parts, horizontal, vertical);
        }
        if self.decorations.grid {
            axes::grid(painter, parts.picture, horizontal, vertical);
        }
        let levels = self.panels(painter, style, parts, frame, subject, ui.visuals().dark_mode);
        if parts.vertical.width() > 0.0 {
            // The levels of the panel above have their labels in the same column.
            let widest = axes::widest(painter, style, vertical).max(levels);
            // The unit in the corner has no tick beside it.
            let widest = widest.max(style.label_width(painter, &horizontal.unit) - Style::TICK);
            again = self.fit(widest, |margins| &mut margins.vertical, painter);
        }
        let picture = painter.with_clip_rect(parts.picture);
        let overlay = Overlay {
            painter: &picture,
            place: parts.picture,
            frame,
            words: self.words(frame, subject),
            font: &style.label,
        };
        overlay.annotations(&self.annotations);
        if let Some(selection) = &self.selection {
            overlay.selection(selection);
        }
        if let Some(head_ns) = self.head_ns {
            overlay.head(head_ns);
        }
        overlay.markers(self.a.as_ref(), self.b.as_ref(), &self.markers);
        if let (Some(Held::Box(from)), Some(to)) = (self.held, over.response.interact_pointer_pos()) {
            overlay.rubber(from, to);
        }
        self.differences(&overlay, style);
        if self.decorations.cursor
            && let (Some(point), Some(at)) = (self.cursor, self.keyed.or(over.response.hover_pos()))
        {
            overlay.cursor(at, &overlay.words.point(&point));
            self.cursor_in_panels(painter, parts, at);
        }
        again
    }

    /// Leaves out the ticks of numbers that nothing has: times before the first row, columns that there are not.
    fn only_what_counts(&self, frame: &Frame, extent: &Extent, (hertz, times): (&mut Ticks, &mut Ticks)) {
        let sideways = frame.newest_side().is_sideways();
        let ends = [frame.position(extent.hz.0, extent.time_ns.0), frame.position(extent.hz.1, extent.time_ns.1)];
        let retain = |ticks: &mut Ticks, at: [f64; 2]| {
            let (low, high) = (at[0].min(at[1]) - 0.01, at[0].max(at[1]) + 0.01);
            ticks.ticks.retain(|tick| (low..=high).contains(&tick.at));
        };
        let (across, down) = (ends.map(|(x, _)| x), ends.map(|(_, y)| y));
        if matches!(self.decorations.times, TimeLabels::Since(_) | TimeLabels::RowNumbers) {
            retain(times, if sideways { across } else { down });
        }
        if self.decorations.frequencies == FrequencyLabels::ColumnNumbers {
            retain(hertz, if sideways { down } else { across });
        }
    }

    /// Draws the bar; true if it needs more room.
    fn draw_bar(&mut self, painter: &Painter, style: &Style, parts: &Parts, subject: &dyn Subject) -> bool {
        let scale = f64::from(painter.pixels_per_point());
        let height = f64::from(style.label_height(painter)) * scale;
        let pixels = f64::from(parts.bar.height()) * scale;
        let unit = self.decorations.unit.as_deref().unwrap_or(subject.unit().name());
        let ticks = ticks::scale(&subject.scale(), unit, pixels, &mut |_| height);
        color_bar::draw(painter, style, parts.bar, subject, &ticks);
        let at = pos2(color_bar::colors(parts.bar).left(), parts.bar.top() - Style::TICK);
        if parts.horizontal.height() > 0.0 {
            // With the power of ten of the labels, if there is one.
            painter.text(at, Align2::LEFT_BOTTOM, &ticks.unit, style.label.clone(), style.weak);
        }
        self.fit(axes::widest(painter, style, &ticks), |margins| &mut margins.bar, painter)
    }

    /// What lies between markers A and B, in a corner of the picture.
    fn differences(&self, overlay: &Overlay<'_>, style: &Style) {
        let lines = overlay.words.markers(self.a.as_ref(), self.b.as_ref());
        if !lines.is_empty() {
            let at = overlay.place.left_bottom() + vec2(8.0, -8.0);
            let color = super::style::CORE;
            super::style::plate(overlay.painter, Align2::LEFT_BOTTOM, at, overlay.place, &lines, &style.label, color);
        }
    }

    /// Adapts room for labels to what they need, in points. True if it changed.
    fn fit(&mut self, needed: f32, room: impl Fn(&mut Margins) -> &mut f32, painter: &Painter) -> bool {
        let (room, needed) = (room(&mut self.margins), needed.ceil() + 1.0);
        let fits = needed <= *room && needed >= *room - 24.0;
        if !fits {
            *room = needed;
        }
        let changes = !fits && self.decorations.label_room.is_none();
        if changes {
            painter.ctx().request_repaint();
        }
        changes
    }

    // --- What the user does --------------------------------------------------------------------------------------------

    /// Puts marker A at the pointer. False if the pointer is not over the picture.
    pub fn set_a(&mut self) -> bool {
        self.a = self.cursor.or(self.a);
        self.cursor.is_some()
    }

    /// Puts marker B at the pointer. False if the pointer is not over the picture.
    pub fn set_b(&mut self) -> bool {
        self.b = self.cursor.or(self.b);
        self.cursor.is_some()
    }

    /// Removes all markers and the selected box.
    pub fn clear_marks(&mut self) {
        (self.a, self.b, self.selection) = (None, None, None);
        self.markers.clear();
    }

    /// Shows what is in the selected box, and nothing else. False if there is none.
    pub fn zoom_to_selection(&mut self, subject: &mut dyn Subject) -> bool {
        let Some(selection) = self.selection.take() else { return false };
        subject.act(Gesture::ShowBox { hz: selection.hz, time_ns: selection.time_ns });
        true
    }
}

/// What is at a pixel.
fn point_at(subject: &dyn Subject, (x, y): (f64, f64)) -> Option<Point> {
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let reading = subject.value_at(x as u32, y as u32)?;
    Some(Point { hz: reading.hz, time_ns: reading.time_ns, value: reading.value, rgba: reading.rgba })
}

/// Whether there is something to read at a point: before the first row and after the newest one there is not.
fn is_within(subject: &dyn Subject, point: &Point) -> bool {
    let is_empty = point.value.is_nan() && point.rgba.is_none();
    !is_empty || subject.extent().is_none_or(|extent| extent.contains(point.hz, point.time_ns))
}

/// The unit of the horizontal axis in the corner where the axes meet; below the plot that of the vertical axis, and what the
/// labels of both leave out.
fn contexts(painter: &Painter, style: &Style, parts: &Parts, horizontal: &Ticks, vertical: &Ticks) {
    let text = |at: Pos2, anchor: Align2, text: &str| {
        painter.text(at, anchor, text, style.label.clone(), style.weak);
    };
    let corner = pos2(parts.vertical.right() - Style::GAP, parts.horizontal.bottom() - Style::TICK);
    text(corner, Align2::RIGHT_BOTTOM, &horizontal.unit);
    let join = |ticks: &Ticks| [ticks.context.as_str(), ticks.unit.as_str()].join(" ");
    let below = parts.below;
    let words = join(vertical);
    let words = words.trim();
    let room = parts.vertical.right() - Style::TICK - below.left();
    if style.label_width(painter, words) + Style::GAP <= room {
        text(pos2(below.left() + room, below.bottom()), Align2::RIGHT_BOTTOM, words);
    } else {
        text(below.left_bottom() + vec2(Style::GAP, 0.0), Align2::LEFT_BOTTOM, words);
    }
    text(pos2(parts.picture.right(), below.bottom()), Align2::RIGHT_BOTTOM, &horizontal.context);
}

/// Everything but the picture: whatever is drawn there lies under the interface.
fn background(painter: &Painter, style: &Style, all: Rect, hole: Rect) {
    let color = style.background;
    for rect in [
        Rect::from_min_max(all.min, pos2(all.right(), hole.top())),
        Rect::from_min_max(pos2(all.left(), hole.bottom()), all.max),
        Rect::from_min_max(pos2(all.left(), hole.top()), hole.left_bottom()),
        Rect::from_min_max(hole.right_top(), pos2(all.right(), hole.bottom())),
    ] {
        if rect.is_positive() {
            painter.rect_filled(rect, 0.0, color);
        }
    }
}
