//! The panel with settings.

use super::*;

/// A desk with the panel open.
fn panel() -> At {
    let mut at = desk(Theme::Dark);
    at.state_mut().face.panel = true;
    at.run();
    at
}

#[test]
fn choices_in_the_panel() {
    let with = |change: &dyn Fn(&mut Analysis)| {
        let mut analysis = ANALYSIS;
        change(&mut analysis);
        Command::Analysis(analysis)
    };
    for (name, choice, want) in [
        ("Norm", "square root", Command::Norm(ringfall::Norm::Power { gamma: 0.5 })),
        ("Newest rows at", "left", Command::Newest(Side::Left)),
        ("Reduction", "mean", Command::Reduce(Reduce::Mean)),
        ("Frequencies", "log", Command::Axis(Axis::Log)),
        ("Between bins", "linear", Command::Interpolation(Interpolation::Linear)),
        ("FFT size", "4096", with(&|analysis| analysis.size = 4096)),
        ("Window", "flat-top", with(&|analysis| analysis.window = Window::FlatTop)),
        ("Overlap", "75 %", with(&|analysis| analysis.hop = Hop::Overlap(0.75))),
        ("Averaging", "mean of 16", with(&|analysis| analysis.average = Some(Average::Mean(16)))),
    ] {
        let mut at = panel();
        assert_eq!(press(&mut at, name), [""; 0], "{name}");
        assert_eq!(press(&mut at, choice), debug(&[want]), "{name}, {choice}");
    }
}

#[test]
fn numbers_in_the_panel() {
    let range = |vmin, vmax| Command::Range(Range::new(vmin, vmax));
    let band = |low, high| Command::Analysis(Analysis { band_hz: (low, high), ..ANALYSIS });
    use ringfall::source::Control::{Gain, Ppm, Rate, Tune};
    for (name, value, want) in [
        ("Lower end", -100.0, range(-100.0, 0.0)),
        ("Upper end", -20.0, range(-120.0, -20.0)),
        ("Lowest frequency", 99.6e6, band(Some(99.6e6), None)),
        ("Highest frequency", 100.2e6, band(None, Some(100.2e6))),
        ("Centre frequency", 433.92, Command::Control(Tune(433.92e6))),
        ("Gain", 12.5, Command::Control(Gain(12.5))),
        ("Sample rate", 2.4, Command::Control(Rate(2.4e6))),
        ("Correction", -3.0, Command::Control(Ppm(-3.0))),
    ] {
        let mut at = panel();
        control(&at, name).set_value_accesskit(value);
        let got = taken(&mut at);
        // The facts stay as they are here, so it may be said twice.
        assert_eq!(got.first(), Some(&format!("{want:?}")), "{name}: {got:?}");
    }
    // What makes no sense is not asked for.
    for (name, value) in [("Lower end", 5.0), ("Upper end", -200.0), ("Lowest frequency", 1e12), ("Gain", f64::NAN)] {
        let mut at = panel();
        control(&at, name).set_value_accesskit(value);
        let got = taken(&mut at);
        assert!(got.iter().all(|command| !command.contains("NaN") && !command.starts_with("Range")), "{name}: {got:?}");
    }
}

#[test]
fn switches_in_the_panel() {
    let mut at = panel();
    assert_eq!(press(&mut at, "Automatic range"), debug(&[Command::Act(Action::AutoRange)]));
    let on = |at: &At, name: &str| control(at, name).accesskit_node().toggled() == Some(Toggled::True);
    for name in ["Grid", "Cursor", "Mean", "Peak hold", "Minimum hold"] {
        let before = on(&at, name);
        assert_eq!(press(&mut at, name), [""; 0]);
        assert_eq!(on(&at, name), !before, "{name}");
    }
    let decorations = &at.state().face.plot.decorations;
    assert!(decorations.grid && !decorations.cursor);
    assert!(decorations.holds.mean && decorations.holds.peak && decorations.holds.minimum);
    press(&mut at, "Times");
    press(&mut at, "local");
    assert!(matches!(at.state().face.plot.decorations.times, TimeLabels::Local(_)));
    press(&mut at, "Times");
    press(&mut at, "since the first row");
    assert_eq!(at.state().face.plot.decorations.times, TimeLabels::Since(1_000_000_000));
    at.get_by_role_and_label(Role::TextInput, "Title").click();
    at.run();
    at.get_by_role_and_label(Role::TextInput, "Title").type_text("DK0XYZ");
    at.run();
    assert_eq!(at.state().face.plot.decorations.title, "DK0XYZ");
    press(&mut at, "Frequency labels");
    press(&mut at, "relative");
    assert_eq!(at.state().face.plot.decorations.frequencies, FrequencyLabels::RelativeTo(100e6));
    let stamp = Stamp::index(0);
    at.state_mut().face.plot.hold.add(&stamp, ringfall::Unit::Decibel, &[1.0]);
    press(&mut at, "Reset curves");
    assert_eq!(at.state().face.plot.hold.rows(), 0);
}

#[test]
fn ends_of_plain_numbers_of_any_size() {
    for (size, shown, value, want) in [
        (1e-9f32, ["-1e-9", "2e-9"], 1.5e-9, (1.5e-9f32, 2e-9f32)),
        (1.0, ["-1", "2"], 0.125, (0.125, 2.0)),
        (1e9, ["-1e9", "2e9"], -2.5e9, (-2.5e9, 2e9)),
    ] {
        let mut at = panel();
        at.state_mut().rows = at.state().rows.clone().with_unit(ringfall::Unit::None);
        at.state_mut().range = Range::new(-size, 2.0 * size);
        at.run();
        let ends = ["Lower end", "Upper end"].map(|name| control(&at, name).value().unwrap_or_default());
        assert_eq!(ends, shown);
        control(&at, "Lower end").set_value_accesskit(value);
        let got = taken(&mut at);
        let want = Command::Range(Range::new(want.0, want.1));
        assert_eq!(got.first(), Some(&format!("{want:?}")), "{got:?}");
        // Up to where the norm is linear is a power of ten of that size.
        press(&mut at, "Norm");
        let linear = 10f64.powf((0.02 * f64::from(size)).log10().floor());
        let symlog = format!("symlog, {}", crate::units::number(linear));
        assert_eq!(press(&mut at, &symlog).len(), 1, "{symlog}");
    }
}

#[test]
fn the_shape_of_an_array_is_kept_or_not() {
    let mut at = panel();
    assert!(at.query_by_label("Keep shape").is_none(), "only arrays have one");
    for (stretches, toggled) in [(false, Toggled::True), (true, Toggled::False)] {
        at.state_mut().stretches = Some(stretches);
        at.run();
        assert_eq!(control(&at, "Keep shape").accesskit_node().toggled(), Some(toggled));
        assert_eq!(press(&mut at, "Keep shape").first(), debug(&[Command::Act(Action::Shape)]).first());
    }
}

#[test]
fn columns_of_an_array_have_no_frequency_labels_to_choose() {
    let mut at = panel();
    let has_choice = |at: &At| names(at).iter().any(|name| name == "Frequency labels");
    assert!(has_choice(&at));
    let rows = RowInfo::new("array", Clock::File, 100, (0.0, 1.0), 1e9).unwrap();
    at.state_mut().face.source_changed(&rows);
    at.state_mut().rows = rows;
    at.run();
    assert!(!has_choice(&at));
}

/// In a window that is too low for the panel its scroll bar lies beside the controls.
#[test]
fn the_scroll_bar_covers_no_control() {
    let mut at = panel();
    at.set_size(vec2(1280.0, 500.0));
    at.run();
    let combos = at.query_all_by(|node| node.role() == Role::ComboBox);
    let right = combos.map(|node| node.rect().right()).fold(0.0, f32::max);
    let bar = egui::style::ScrollStyle::solid();
    let margin = f32::from(at.ctx.style_of(Theme::Dark).spacing.window_margin.right);
    assert!(right > 1200.0 && right <= 1280.0 - bar.bar_width - margin.min(6.0), "the controls reach to {right}");
}

/// Whatever there is to say, in a window of any width: nothing in the status line lies over something else.
#[test]
fn nothing_in_the_status_line_overlaps() {
    for width in [150, 250, 330, 400, 520, 640, 800, 1000, 1280] {
        for says_much in [false, true] {
            let mut at = desk(Theme::Dark);
            if says_much {
                at.state_mut().opening = Some("/a/folder/with a long name/a recording with a long name.wav");
                at.state_mut().kept = Some(KeptRows::Seconds(8000));
                at.state_mut().status.dropped_rows = 1234;
            }
            at.set_size(vec2(width as f32, 500.0));
            at.run();
            let labels = at.query_all_by(|node| node.role() == Role::Label);
            let mut rects: Vec<Rect> = labels.map(|node| node.rect()).filter(|rect| rect.top() > 465.0).collect();
            rects.sort_by(|a, b| a.left().total_cmp(&b.left()));
            assert!(!rects.is_empty(), "{width}");
            assert!(rects.windows(2).all(|pair| pair[0].right() <= pair[1].left()), "{width}: {rects:?}");
            assert!(rects.iter().all(|rect| rect.right() <= width as f32 && rect.left() >= 0.0), "{width}: {rects:?}");
            // Where there is room, all of it is there.
            assert!(width < 1280 || rects.len() == if says_much { 9 } else { 6 }, "{}", rects.len());
        }
    }
}
