//! The list of keys.

use egui::{Context, Grid, Window};

use crate::app::keys;

/// Shows the list in a window that can be closed.
pub(super) fn show(context: &Context, open: &mut bool) {
    let middle = egui::Align2::CENTER_CENTER;
    Window::new("Keys and mouse")
        .open(open)
        .resizable(false)
        .collapsible(false)
        .vscroll(true)
        .anchor(middle, [0.0, 0.0])
        .show(context, |ui| {
            Grid::new("keys").num_columns(2).spacing([18.0, 3.0]).show(ui, |ui| {
                for (name, help) in keys::lines() {
                    ui.strong(name);
                    ui.label(help);
                    ui.end_row();
                }
            });
        });
}
