//! Colours and spacing of the interface, in both themes.

use egui::{Color32, Context, Stroke, vec2};

/// Sets up both themes.
pub(crate) fn set_styles(context: &Context) {
    context.all_styles_mut(|style| {
        style.spacing.item_spacing = vec2(6.0, 3.0);
        // An instrument does not fade.
        style.animation_time = 0.0;
        // Text stands out from its background by 4.5 to 1 and more.
        let visuals = &mut style.visuals;
        let (text, weak, error) = match visuals.dark_mode {
            true => (Color32::from_gray(195), Color32::from_gray(160), Color32::from_rgb(255, 120, 90)),
            false => (Color32::from_gray(50), Color32::from_gray(90), Color32::from_rgb(180, 30, 0)),
        };
        visuals.widgets.noninteractive.fg_stroke.color = text;
        visuals.weak_text_color = Some(weak);
        visuals.error_fg_color = error;
        // The edge of a box to tick is seen on any background.
        let edge = if visuals.dark_mode { Color32::from_gray(90) } else { Color32::from_gray(150) };
        visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, edge);
        // A ring around what has the keyboard, as around the parts of the plot.
        visuals.widgets.active.bg_stroke = Stroke::new(1.5, visuals.selection.stroke.color);
    });
}
