//! Names, the keyboard, contrast, and the room that the plot has.

use super::*;

type Opening = Box<dyn Fn(&mut At)>;

/// What can be open, each with its name.
fn states() -> Vec<(&'static str, Opening)> {
    fn state(change: impl Fn(&mut Desk) + 'static) -> Opening {
        Box::new(move |at| change(at.state_mut()))
    }
    vec![
        ("plain", state(|_| {})),
        ("panel", state(|desk| desk.face.panel = true)),
        (
            "panels of the plot",
            state(|desk| {
                desk.face.plot.decorations.spectrum = 120.0;
                desk.face.plot.decorations.trace = 120.0;
            }),
        ),
        (
            "dialog",
            Box::new(|at| {
                at.state_mut().face.ask_to_open();
                at.run();
                at.get_by_role(Role::TextInput).type_text("x");
            }),
        ),
        ("keys", state(|desk| desk.face.keys = true)),
        ("save", state(|desk| desk.face.ask_to_save(std::path::Path::new("/tmp/a.png"), (640, 480)))),
        (
            "messages",
            state(|desk| {
                desk.face.toasts.error("an error");
                desk.face.toasts.info("a message");
            }),
        ),
        (
            "unusual",
            state(|desk| {
                desk.status.dropped_rows = 3;
                desk.status.ended = true;
                desk.kept = Some(KeptRows::Seconds(60));
            }),
        ),
        ("file menu", Box::new(|at| control(at, "File").click())),
        ("view menu", Box::new(|at| control(at, "View").click())),
        ("marks menu", Box::new(|at| control(at, "Marks").click())),
    ]
}

/// Whether somebody can do something with a node.
fn is_control(node: &egui_kittest::kittest::AccessKitNode<'_>) -> bool {
    let data = node.data();
    let acts = [Access::Click, Access::Focus, Access::SetValue, Access::Increment];
    acts.into_iter().any(|action| data.supports_action(action))
}

#[test]
fn every_control_has_a_name() {
    for (name, open) in states() {
        let mut at = desk(Theme::Dark);
        open(&mut at);
        at.run();
        // The bar that a window is moved by has none of its own.
        let windows: Vec<Rect> = at.query_all_by_role(Role::Window).map(|node| node.rect()).collect();
        let is_bar = |node: &Node<'_>| {
            node.accesskit_node().role() == Role::Unknown
                && windows.iter().any(|window| window.min.distance(node.rect().min) < 8.0)
        };
        let nameless: Vec<String> = at
            .query_all_by(|node| {
                is_control(node) && !matches!(node.role(), Role::Window | Role::GenericContainer | Role::ScrollBar)
            })
            .filter(|node| {
                let access = node.accesskit_node();
                let text = if access.role() == Role::Label { access.value() } else { access.label() };
                text.is_none_or(|text| text.trim().is_empty()) && !is_bar(node)
            })
            .map(|node| format!("{:?} at {:?}", node.accesskit_node().role(), node.rect()))
            .collect();
        assert!(nameless.is_empty(), "{name}: {nameless:#?}");
    }
}

#[test]
fn tab_reaches_every_control() {
    for name in ["plain", "panel", "dialog", "save", "messages"] {
        let mut at = desk(Theme::Dark);
        let open = states().into_iter().find(|(other, _)| *other == name).unwrap().1;
        open(&mut at);
        at.run();
        let label = |node: &Node<'_>| {
            let node = node.accesskit_node();
            (format!("{:?}", node.id()), format!("{:?} {:?}", node.role(), node.label().or(node.value())))
        };
        let wanted = at
            .query_all_by(|node| PRESSED.contains(&node.role()) || node.role() == Role::TextInput)
            .filter(|node| !node.accesskit_node().is_disabled());
        let wanted: HashSet<_> = wanted.map(|node| label(&node)).collect();
        let mut reached = HashSet::new();
        for _ in 0..2 * wanted.len() + 20 {
            at.key_press(Key::Tab);
            at.run();
            reached.extend(at.query_all_by(|node| node.is_focused()).map(|node| label(&node)));
        }
        let missing: Vec<_> = wanted.difference(&reached).collect();
        assert!(wanted.len() >= 10 && missing.is_empty(), "{name}: {missing:#?}");
    }
}

/// Relative luminance (WCAG 2.2).
fn luminance(color: Color32) -> f64 {
    let part = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(color.r()) + 0.7152 * part(color.g()) + 0.0722 * part(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A premultiplied colour over an opaque one.
fn over(top: Color32, below: Color32) -> Color32 {
    let keep = 255 - u16::from(top.a());
    let mix = |top: u8, below: u8| (u16::from(top) + u16::from(below) * keep / 255).min(255) as u8;
    Color32::from_rgb(mix(top.r(), below.r()), mix(top.g(), below.g()), mix(top.b(), below.b()))
}

/// Each text with its colour, and what is under it if that is known: nothing is over the picture.
fn texts(shapes: &[ClippedShape]) -> Vec<(String, Color32, Color32)> {
    let mut fills: Vec<(Rect, Color32)> = Vec::new();
    let mut found = Vec::new();
    fn each(shape: &Shape, clip: Rect, fills: &mut Vec<(Rect, Color32)>, found: &mut Vec<(String, Color32, Color32)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| each(shape, clip, fills, found)),
            Shape::Rect(rect) if rect.fill.a() > 0 => fills.push((rect.rect.intersect(clip), rect.fill)),
            Shape::Text(text) if clip.intersects(text.visual_bounding_rect()) => {
                let at = text.visual_bounding_rect().intersect(clip).center();
                let under: Vec<Color32> =
                    fills.iter().rev().filter(|(rect, _)| rect.contains(at)).map(|(_, fill)| *fill).collect();
                let Some(opaque) = under.iter().position(|fill| fill.a() == 255) else { return };
                let below = under[..opaque].iter().rev().fold(under[opaque], |below, top| over(*top, below));
                for section in &text.galley.job.sections {
                    let color = match text.override_text_color {
                        Some(color) => color,
                        None if section.format.color == Color32::PLACEHOLDER => text.fallback_color,
                        None => section.format.color,
                    };
                    let color = color.gamma_multiply(text.opacity_factor);
                    let part = &text.galley.job.text[section.byte_range.start.0..section.byte_range.end.0];
                    if !part.trim().is_empty() {
                        found.push((part.to_owned(), over(color, below), below));
                    }
                }
            }
            _ => {}
        }
    }
    for ClippedShape { clip_rect, shape, .. } in shapes {
        each(shape, *clip_rect, &mut fills, &mut found);
    }
    found
}

#[test]
fn text_stands_out_from_its_background() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    assert!((contrast(Color32::from_gray(119), Color32::WHITE) - 4.48).abs() < 0.01);
    for theme in [Theme::Dark, Theme::Light] {
        for (name, open) in states() {
            let mut at = desk(theme);
            open(&mut at);
            at.run();
            let texts = texts(&at.output().shapes);
            assert!(texts.len() > 20, "{theme:?}, {name}: {} texts", texts.len());
            let faint: Vec<String> = texts
                .iter()
                .filter(|(_, color, below)| contrast(*color, *below) < 4.5)
                .map(|(text, color, below)| {
                    format!("{text:?}: {color:?} on {below:?}: {:.1}", contrast(*color, *below))
                })
                .collect();
            assert!(faint.is_empty(), "{theme:?}, {name}: {faint:#?}");
        }
    }
}

#[test]
fn full_screen_hides_all_but_the_plot() {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.panel = true;
    at.state_mut().hides = true;
    at.run();
    assert!(names(&at).is_empty(), "{:?}", names(&at));
    // A window of 1280×720 leaves the plot with its axes most of the room.
    let mut at = desk(Theme::Dark);
    at.set_size(vec2(1280.0, 720.0));
    at.run();
    let part = |name: &str| at.get_by(|node| node.label().is_some_and(|label| label.starts_with(name))).rect();
    let parts = ["Waterfall", "frequency axis", "time axis", "Range: "].map(part);
    let all = parts.into_iter().fold(Rect::NOTHING, Rect::union);
    assert!(all.area() >= 0.85 * 1280.0 * 720.0, "{all:?}");
}
