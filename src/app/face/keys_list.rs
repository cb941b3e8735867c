//! The list of keys.

use egui::{Context, Grid, Window};

use crate::app::keys;

/// Shows the list in a window that can be closed.
pub(super) fn show(context: &Context, open: &mut bool) {
    Window::new("Keys and mouse").open(open).resizable(false).collapsible(false).show(context, |ui| {
        Grid::new("keys").num_columns(2).spacing([18.0, 3.0]).show(ui, |ui| {
            for (name, help) in keys::lines() {
                ui.strong(name);
                ui.label(help);
                ui.end_row();
            }
        });
    });
}
