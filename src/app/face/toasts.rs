//! Messages in a corner of the window.

use std::time::{Duration, Instant};

use egui::{Align2, Context, Pos2, RichText, vec2};

/// Messages in a corner of the window: errors stay until they are closed, information goes by itself.
#[derive(Default)]
pub(crate) struct Toasts {
    list: Vec<Toast>,
    count: u64,
}

struct Toast {
    id: u64,
    text: String,
    /// When it goes by itself.
    until: Option<Instant>,
    /// How often it was said.
    times: u32,
}

impl Toasts {
    /// Information is shown for so long.
    const BRIEF: Duration = Duration::from_secs(4);
    /// The oldest go if there are more.
    const MOST: usize = 5;

    /// Shows an error until it is closed.
    pub(crate) fn error(&mut self, text: impl Into<String>) {
        self.add(text.into(), None);
    }

    /// Shows information for a while.
    pub(crate) fn info(&mut self, text: impl Into<String>) {
        self.add(text.into(), Some(Instant::now() + Self::BRIEF));
    }

    fn add(&mut self, text: String, until: Option<Instant>) {
        if let Some(same) = self.list.iter_mut().find(|toast| toast.text == text) {
            (same.until, same.times) = (until, same.times.saturating_add(1));
            return;
        }
        if self.list.len() == Self::MOST {
            self.list.remove(0);
        }
        self.count += 1;
        self.list.push(Toast { id: self.count, text, until, times: 1 });
    }

    /// When the next one goes by itself.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.list.iter().filter_map(|toast| toast.until).min()
    }

    /// Shows them above each other in this corner: that of the plot, so that bars and panels beside it stay free.
    pub(super) fn show(&mut self, context: &Context, corner: Pos2) {
        let now = Instant::now();
        self.list.retain(|toast| toast.until.is_none_or(|until| until > now));
        let mut closed = None;
        let mut at = corner - vec2(12.0, 12.0);
        for toast in self.list.iter().rev() {
            let area = egui::Area::new(egui::Id::unique(("toast", toast.id)))
                .pivot(Align2::RIGHT_BOTTOM)
                .fixed_pos(at)
                .order(egui::Order::Foreground);
            let response = area.show(context, |ui| {
                egui::Frame::popup(ui.style()).show(ui, |ui| {
                    ui.set_max_width(420.0);
                    ui.horizontal(|ui| {
                        let is_error = toast.until.is_none();
                        if is_error {
                            ui.label(RichText::new("Error").strong().color(ui.visuals().error_fg_color));
                        }
                        let mut text = toast.text.clone();
                        if toast.times > 1 {
                            text += &format!(" ({} times)", toast.times);
                        }
                        ui.add(egui::Label::new(text).wrap());
                        if is_error && ui.button("Close").clicked() {
                            closed = Some(toast.id);
                        }
                    });
                });
            });
            at.y -= response.response.rect.height() + 6.0;
        }
        self.list.retain(|toast| Some(toast.id) != closed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stay_and_are_not_repeated() {
        let mut toasts = Toasts::default();
        toasts.info("saved");
        for _ in 0..3 {
            toasts.error("no such file");
        }
        assert_eq!(toasts.list.len(), 2);
        assert_eq!((toasts.list[1].times, toasts.list[1].until), (3, None));
        assert!(toasts.next().is_some_and(|at| at > Instant::now()));
        (0..20).for_each(|i| toasts.error(format!("error {i}")));
        assert_eq!(toasts.list.len(), Toasts::MOST);
        assert_eq!(toasts.next(), None);
    }
}
