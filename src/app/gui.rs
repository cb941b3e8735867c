//! egui in the window: input in, shapes out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, FullOutput, Rect, Ui, ViewportId, pos2, vec2};
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoopProxy};
use winit::keyboard::{Key, NamedKey};
use winit::window::Window;

use super::Wake;
use super::face::set_styles;
use super::interface::Interface;

/// egui in the window.
pub(super) struct Gui {
    context: egui::Context,
    input: egui_winit::State,
    window: Arc<Window>,
    pub(super) interface: Interface,
    started: Instant,
    /// Something has happened that the interface shows.
    dirty: bool,
    laid_out: Option<Instant>,
    /// When the interface changes though nothing happens: an animation, a tooltip.
    next: Option<Instant>,
    /// Moves with the picture, and is not to be laid out more often than can be seen.
    late: bool,
}

impl Gui {
    /// Labels that move with the picture are laid out no more often than this, since more cannot be seen.
    const EVERY: Duration = Duration::from_millis(15);

    /// egui for this window, which must not be visible yet: what reads the screen aloud must know it from the beginning.
    pub(super) fn new(event_loop: &ActiveEventLoop, window: &Arc<Window>, proxy: EventLoopProxy<Wake>) -> Self {
        let context = egui::Context::default();
        set_styles(&context);
        let scale = window.scale_factor() as f32;
        let mut input =
            egui_winit::State::new(context.clone(), ViewportId::ROOT, event_loop, Some(scale), window.theme(), None);
        input.init_accesskit(event_loop, window, proxy);
        Self {
            interface: Interface::new(context.clone()),
            context,
            input,
            window: Arc::clone(window),
            started: Instant::now(),
            dirty: true,
            laid_out: None,
            next: None,
            late: false,
        }
    }

    pub(super) fn context(&self) -> &egui::Context {
        &self.context
    }

    /// Whether a key belongs to the widget that has the keyboard, and not to the program. `by_plot` is what the plot says of keys
    /// if a part of it has the keyboard.
    pub(super) fn takes_key(&self, key: &Key, by_plot: impl Fn(egui::Key) -> Option<bool>) -> bool {
        // A field for text takes what is typed.
        if self.context.text_edit_focused() {
            return true;
        }
        // What moves from widget to widget, and what a button or a slider understands. All others keep their meaning.
        let known = match key {
            Key::Named(NamedKey::Tab) => egui::Key::Tab,
            Key::Named(NamedKey::Escape) => egui::Key::Escape,
            Key::Named(NamedKey::Enter) => egui::Key::Enter,
            Key::Named(NamedKey::Space) => egui::Key::Space,
            Key::Named(NamedKey::ArrowUp) => egui::Key::ArrowUp,
            Key::Named(NamedKey::ArrowDown) => egui::Key::ArrowDown,
            Key::Named(NamedKey::ArrowLeft) => egui::Key::ArrowLeft,
            Key::Named(NamedKey::ArrowRight) => egui::Key::ArrowRight,
            Key::Named(NamedKey::PageUp) => egui::Key::PageUp,
            Key::Named(NamedKey::PageDown) => egui::Key::PageDown,
            Key::Character(text) if text == " " => egui::Key::Space,
            _ => return false,
        };
        // Tab is always egui's. So is Esc while a menu is open, which it closes.
        known == egui::Key::Tab
            || known == egui::Key::Escape && egui::Popup::is_any_open(&self.context)
            || self.context.egui_wants_keyboard_input()
                && by_plot(known).unwrap_or(!matches!(known, egui::Key::PageUp | egui::Key::PageDown))
    }

    /// Takes an event, and says whether it belongs to a widget alone, and whether it changes what is shown.
    pub(super) fn event(&mut self, event: &WindowEvent) -> egui_winit::EventResponse {
        let response = self.input.on_window_event(&self.window, event);
        self.dirty |= response.repaint;
        response
    }

    /// Takes an event of what reads the screen aloud.
    pub(super) fn accessibility(&mut self, event: egui_winit::accesskit_winit::WindowEvent) {
        use egui_winit::accesskit_winit::WindowEvent as Asked;
        match event {
            Asked::InitialTreeRequested => self.context.enable_accesskit(),
            Asked::ActionRequested(request) => self.input.on_accesskit_action_request(request),
            Asked::AccessibilityDeactivated => self.context.disable_accesskit(),
        }
        self.dirty = true;
    }

    /// Something has changed that the interface shows.
    pub(super) fn touch(&mut self) {
        self.dirty = true;
    }

    /// The picture has moved, and with it labels.
    pub(super) fn moved(&mut self) {
        self.late = true;
    }

    /// Whether the interface has to be laid out for the frame of this time.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let passed = |at: Instant| at <= now;
        let rested = self.laid_out.is_none_or(|then| now.saturating_duration_since(then) >= Self::EVERY);
        self.dirty || self.next.take_if(|at| passed(*at)).is_some() || self.late && rested
    }

    /// When the interface is due though nothing happens.
    pub(super) fn next(&self) -> Option<Instant> {
        let late = self.laid_out.filter(|_| self.late).map(|then| then + Self::EVERY);
        [late, self.next].into_iter().flatten().min()
    }

    /// Lays the interface out for a window of this size, in pixels. Says whether input is left for another time.
    pub(super) fn lay_out(&mut self, (width, height): (u32, u32), now: Instant, mut show: impl FnMut(&mut Ui)) -> bool {
        (self.late, self.laid_out) = (false, Some(now));
        // Not `take_egui_input`, which asks the window for its size: winit panics when the window is gone.
        let scale = self.context.zoom_factor() * self.window.scale_factor() as f32;
        let raw = self.input.egui_input_mut();
        raw.time = Some(now.saturating_duration_since(self.started).as_secs_f64());
        raw.screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(width as f32, height as f32) / scale));
        raw.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point =
            Some(self.window.scale_factor() as f32);
        let mut taken = raw.take();
        raw.events = after_a_button(&mut taken.events);
        self.dirty = !raw.events.is_empty();
        let mut output = self.context.run_ui(taken, &mut show);
        let platform = std::mem::take(&mut output.platform_output);
        self.input.handle_platform_output(&self.window, platform);
        self.next = next(&output, now);
        self.interface.update(&mut output);
        self.dirty
    }
}

/// Takes away what follows the first press or release of a button. egui asks once where the pointer is, after all the events that it
/// is given, and a slider does not see a press that is given to it together with the release, as a busy machine may have them.
fn after_a_button(events: &mut Vec<Event>) -> Vec<Event> {
    let button = events.iter().position(|event| matches!(event, Event::PointerButton { .. }));
    button.map_or_else(Vec::new, |at| events.split_off(at + 1))
}

/// When egui wants to be laid out again.
fn next(output: &FullOutput, now: Instant) -> Option<Instant> {
    let root = output.viewport_output.get(&ViewportId::ROOT)?;
    now.checked_add(root.repaint_delay).filter(|_| root.repaint_delay < Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use egui::{CentralPanel, Context, Modifiers, PointerButton, RawInput, Slider, pos2};

    use super::*;

    fn button(pressed: bool) -> Event {
        let pos = pos2(200.0, 20.0);
        Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
    }

    #[test]
    fn a_click_that_comes_at_once_moves_a_slider() {
        let context = Context::default();
        let mut value = 0.0;
        let mut lay_out = |events| {
            let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 40.0)));
            let mut output = context.run_ui(RawInput { screen_rect, events, ..RawInput::default() }, |ui| {
                CentralPanel::default().show(ui, |ui| {
                    ui.spacing_mut().slider_width = 380.0;
                    ui.add(Slider::new(&mut value, 0.0..=1.0).show_value(false));
                });
            });
            output.textures_delta.clear();
            value
        };
        lay_out(Vec::new());
        let mut events = vec![Event::PointerMoved(pos2(200.0, 20.0)), button(true), button(false)];
        let mut passes = 0;
        while !events.is_empty() {
            let rest = after_a_button(&mut events);
            lay_out(std::mem::replace(&mut events, rest));
            passes += 1;
        }
        assert_eq!(passes, 2);
        let value = lay_out(Vec::new());
        assert!((0.45..0.55).contains(&value), "{value}");
    }

    #[test]
    fn what_follows_a_button_waits_in_its_order() {
        let text = || Event::Text("a".to_owned());
        let mut events = vec![text(), button(true), Event::PointerGone, button(false)];
        assert_eq!(after_a_button(&mut events), [Event::PointerGone, button(false)]);
        assert_eq!(events, [text(), button(true)]);
        let mut events = vec![text()];
        assert!(after_a_button(&mut events).is_empty() && events == [text()]);
    }
}
