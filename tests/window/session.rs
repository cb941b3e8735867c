//! A session as a user has it: drop a recording, read the tone off the axis, zoom, mark, change settings in the panel with the
//! mouse, save a picture, full screen, quit.

use std::path::Path;
use std::time::Duration;

use super::display::saved_png;
use super::drop::drop_file;
use super::face::{aside, point, recording, still};
use super::read::{Axis, Part, brightest, find};
use super::{DEMO, Display, Program, Shot, decorated, has_tool, wait_for};

/// The tone of the recording. It is the middle of a bin, so that the bins beside it are alike.
const TONE_HZ: f64 = 3000.0;
/// Where the labels of the frequency axis are in the window.
const AXIS: Part = (10, 26, 945, 44);

/// A text of the interface, as soon as it is there.
fn text(display: &Display, what: &str, part: Part) -> (usize, usize) {
    let at = wait_for(what, || find(&still(display), what, 13.0, part));
    (at.0 as usize, at.1 as usize)
}

fn click(display: &Display, program: &Program, (x, y): (usize, usize)) {
    point(display, program, x, y);
    // egui tells a click from a drag, and needs the pointer there first.
    std::thread::sleep(Duration::from_millis(100));
    display.xdotool(&["click", "1"]).unwrap();
}

/// Chooses an entry of a list in the settings panel.
fn choose(display: &Display, program: &Program, name: &str, entry: &str) {
    const PANEL: Part = (740, 26, 1000, 675);
    let (_, y) = text(display, name, PANEL);
    let (right, _) = text(display, "Newest rows at", PANEL);
    // The list is in the second column.
    click(display, program, (right + 80, y));
    let at = text(display, entry, PANEL);
    click(display, program, at);
    aside(display, program);
}

/// The difference of markers that was logged last: Hz, seconds, dB.
fn difference(display: &Display) -> Option<[f64; 3]> {
    let log = display.errors();
    let (_, told) = log.rsplit_once("marker B less A: ")?;
    let numbers: Vec<f64> = told.lines().next()?.split(' ').filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().ok()
}

/// The only picture in a folder, and its text chunks.
fn saved(folder: &Path) -> (Shot, Vec<(String, String)>) {
    let mut reader = saved_png(folder);
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    reader.finish().unwrap();
    let number = |rgb: &[u8]| u32::from(rgb[0]) << 16 | u32::from(rgb[1]) << 8 | u32::from(rgb[2]);
    let pixels = bytes.chunks_exact(info.color_type.samples()).map(number).collect();
    let text = &reader.info().utf8_text;
    let text = text.iter().map(|chunk| (chunk.keyword.clone(), chunk.get_text().unwrap())).collect();
    (Shot { width: info.width as usize, pixels }, text)
}

#[test]
fn from_a_dropped_file_to_a_saved_picture() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    if !has_tool("openbox") {
        return;
    }
    let file = recording(&display, "a tone, 3 kHz.wav", TONE_HZ);
    let pictures = display.folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    let config = display.folder.path().join("settings.toml");
    std::fs::write(&config, format!("version = 1\npictures = {:?}\n", pictures.to_str().unwrap())).unwrap();

    let mut command = decorated(&display, &DEMO[..5]);
    command.args(["--fft", "1024", "--colormap", "grey", "--size", "1000x700", "--config", config.to_str().unwrap()]);
    command.env("RUST_LOG", "ringfall=debug");
    let program = Program::run(&display, command);
    drop_file(&display, &program, &file);
    wait_for("the recording", || program.title(&display).contains("a tone, 3 kHz.wav").then_some(()));
    aside(&display, &program);
    still(&display);

    // The tone, read off the axis: to half a pixel.
    let labels = ["0.4", "0.8", "1.2", "1.6", "2.2", "2.6", "3.2", "3.6"];
    let tone = |axis: &Axis, shot: &Shot, (low, high): (usize, usize)| {
        let hz = axis.hz_at(brightest(shot, (low, high), axis.top + 200..axis.top + 400));
        assert!((hz - TONE_HZ).abs() <= 0.5 * axis.step_hz(), "{hz} Hz is read, and {axis:?}");
    };
    let shot = still(&display);
    let axis = Axis::read(&shot, &labels, AXIS);
    assert!((4.0..5.0).contains(&axis.step_hz()), "some 4000 Hz on 920 pixels: {axis:?}");
    tone(&axis, &shot, (300, 940));

    // Markers A and B: their difference is that of the pixels that were pointed at.
    let mark = |x: usize, y: usize, key: &str| {
        point(&display, &program, x, y);
        program.settled_title(&display);
        display.key(key);
        program.settled_title(&display);
    };
    mark(300, 450, "1");
    mark(640, 250, "2");
    let [hz, seconds, _] = wait_for("the difference", || difference(&display));
    assert!((hz - 340.0 * axis.step_hz()).abs() < axis.step_hz(), "{hz} Hz between the markers: {axis:?}");
    // Newer rows are above: 200 lines of 20 s on some 613 lines.
    assert!((5.5..7.5).contains(&seconds), "{seconds} s between the markers");

    // Zoomed about the tone, it is read off as exactly.
    point(&display, &program, brightest(&shot, (300, 940), 300..500) as usize, 300);
    program.settled_title(&display);
    display.xdotool(&["keydown", "ctrl", "click", "4", "click", "4", "click", "4", "keyup", "ctrl"]).unwrap();
    program.settled_title(&display);
    aside(&display, &program);
    let shot = still(&display);
    let zoomed = Axis::read(&shot, &["2.0", "2.2", "2.4", "2.6", "2.8", "3.2", "3.4", "3.6"], AXIS);
    assert!((zoomed.step_hz() * 1.25_f64.powi(3) / axis.step_hz() - 1.0).abs() < 0.02, "three notches: {zoomed:?}");
    tone(&zoomed, &shot, (300, 940));
    display.key("ctrl+0");

    // The panel: another FFT size, another colormap. RBW is 1.5 bins of a Hann window.
    display.key("b");
    assert!(program.title(&display).contains("RBW 11.7"), "{}", program.title(&display));
    choose(&display, &program, "FFT size", "4096");
    wait_for("the new spectra", || program.title(&display).contains("RBW 2.93").then_some(()));
    choose(&display, &program, "Colormap", "magma");
    wait_for("other colours", || program.title(&display).contains("colormap magma").then_some(()));
    still(&display);

    // A picture: what it shows is in its chunks, and the tone is where its axis says.
    display.key("b");
    still(&display);
    display.key("s");
    let (picture, text) = saved(&pictures);
    let about = |keyword: &str| {
        let found = text.iter().find(|(name, _)| name == keyword);
        found.map_or_else(|| panic!("no {keyword} in {text:?}"), |(_, text)| text.clone())
    };
    assert_eq!((about("Title"), about("Colormap")), ("a tone, 3 kHz.wav".to_owned(), "magma".to_owned()));
    assert!(about("Spectrum").contains("FFT 4096") && about("Range").contains("-90 to -30"), "{text:?}");
    assert!(about("Time").starts_with("0:00:00"), "{text:?}");
    let ends = about("Frequency");
    let ends: Vec<f64> = ends.split(' ').filter_map(|word| word.parse().ok()).collect();
    // What is on show stays with other spectra: 513 bins of 7.8125 Hz, from half a bin below 0.
    assert_eq!(ends, [-3.90625, 4003.90625], "{text:?}");
    let width = picture.width;
    let axis = Axis::read(&picture, &labels, (10, 0, width - 55, 24));
    tone(&axis, &picture, (300, width - 60));

    // Full screen and back, which takes a window manager, and the end.
    let _manager = display.window_manager();
    let fills = || display.xdotool(&["getwindowgeometry", &program.window]).is_some_and(|g| g.contains("1100x800"));
    // The manager has the keyboard until it gives it to a window.
    wait_for("the keyboard", || {
        display.xdotool(&["windowactivate", &program.window])?;
        std::thread::sleep(Duration::from_millis(500));
        (display.xdotool(&["getwindowfocus"])? == program.window).then_some(())
    });
    display.key("F11");
    wait_for("full screen", || fills().then_some(()));
    display.key("F11");
    wait_for("the window", || (!fills()).then_some(()));
    display.key("q");
    program.end();
    let told = display.errors();
    assert!(!told.contains("panicked") && !told.contains("error"), "{told}");
}
