//! The window with its interface: somebody opens files, zooms, marks, saves a picture and leaves.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::display::saved_png;
use super::{Display, Program, Shot, decorated, has_tool, reading, wait_for, wav_u8};

/// A recording of 20 s with one tone, 8000 samples/s.
pub(super) fn recording(display: &Display, name: &str, hertz: f64) -> PathBuf {
    let sine = |n: i32| (128.0 + 60.0 * (std::f64::consts::TAU * hertz * f64::from(n) / 8000.0).sin()) as u8;
    let path = display.folder.path().join(name);
    std::fs::write(&path, wav_u8((0..160_000).map(sine).collect())).unwrap();
    path
}

/// A window of 1000×700 with all that is around the picture, and these settings.
fn open(display: &Display, file: &Path, config: &Path, more: &[&str]) -> Program {
    let file = file.to_str().unwrap();
    let args = ["view", file, "--speed", "max", "--fft", "1024", "--hop", "200", "--vmin", "-100", "--vmax", "0"];
    let mut command = decorated(display, &args);
    command.args(["--size", "1000x700", "--config", config.to_str().unwrap()]).args(more);
    command.env("HOME", display.folder.path()).env("XDG_PICTURES_DIR", display.folder.path());
    let program = Program::run(display, command);
    wait_for("the end of the file", || program.title(display).contains("ended").then_some(()));
    aside(display, &program);
    program
}

/// How bright a pixel is, up to 765.
fn light(rgb: u32) -> u32 {
    (rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)
}

/// The column of the tone: far brighter than what is twenty pixels beside it, in many lines. The steps of 8 bits have faint
/// tones of their own.
fn tone(shot: &Shot) -> Option<usize> {
    let is_tone = |x: usize, y: usize| light(shot.at(x, y)) > light(shot.at(x - 20, y)) + 300;
    let columns: Vec<usize> = (100..900).filter(|x| (200..600).step_by(40).all(|y| is_tone(*x, y))).collect();
    let (first, last) = (columns.first()?, columns.last()?);
    (last - first < 25).then_some((first + last) / 2)
}

pub(super) fn point(display: &Display, program: &Program, x: usize, y: usize) {
    display.xdotool(&["mousemove", "--window", &program.window, &x.to_string(), &y.to_string()]).unwrap();
}

/// The pointer on the status line, where its cross is not in the way.
pub(super) fn aside(display: &Display, program: &Program) {
    point(display, program, 500, 690);
}

/// A picture that does not move.
pub(super) fn still(display: &Display) -> Shot {
    wait_for("a still picture", || {
        let shot = display.shot();
        std::thread::sleep(Duration::from_millis(700));
        (display.shot() == shot).then_some(shot)
    })
}

fn has_color(shot: &Shot, (x, y): (usize, usize), color: u32) -> bool {
    (y - 12..=y + 12).any(|y| (x - 12..=x + 12).any(|x| shot.at(x, y) == color))
}

/// The only picture in a folder: width, height and RGB or RGBA.
fn saved(folder: &Path) -> (usize, usize, Vec<u8>, usize) {
    let mut reader = saved_png(folder);
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    (info.width as usize, info.height as usize, bytes, info.color_type.samples())
}

#[test]
fn from_a_file_to_a_saved_picture() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let (one, two) = (recording(&display, "one.wav", 1000.0), recording(&display, "two.wav", 3000.0));
    let pictures = display.folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    let config = display.folder.path().join("settings.toml");
    std::fs::write(&config, format!("version = 1\npictures = {:?}\n", pictures.to_str().unwrap())).unwrap();
    let program = open(&display, &one, &config, &["--colormap", "grey"]);
    let first = wait_for("the tone", || tone(&still(&display)));

    // Ctrl+O, a path, Enter.
    let before = still(&display);
    display.key("ctrl+o");
    wait_for("the dialog", || (display.shot() != before).then_some(()));
    std::thread::sleep(Duration::from_millis(300));
    display.xdotool(&["type", "--delay", "15", two.to_str().unwrap()]).unwrap();
    display.key("Return");
    wait_for("the other file", || program.title(&display).contains("two.wav").then_some(()));
    let x = wait_for("its tone", || tone(&still(&display)).filter(|x| *x > first + 200));

    // What the pointer reads there: to a pixel of some 4.6 Hz and half a bin of 7.8 Hz.
    point(&display, &program, x, 400);
    wait_for("the read-out", || program.title(&display).contains(" Hz, 0:").then_some(()));
    let (hertz, _) = reading(&program.settled_title(&display));
    assert!((hertz - 3000.0).abs() <= 9.0, "{hertz} Hz");
    // About 1000 Hz: the picture may be some pixels to the side now, since labels of time differ in width.
    point(&display, &program, first, 400);
    let (low, _) = reading(&program.settled_title(&display));
    assert!((low - 1000.0).abs() <= 50.0, "{low} Hz");

    // Markers, where the pointer is: their crosses are seen. The pointer goes elsewhere, or its own cross would hide them.
    display.key("1");
    point(&display, &program, x, 300);
    program.settled_title(&display);
    display.key("2");
    aside(&display, &program);
    let marked = still(&display);
    assert!(has_color(&marked, (first, 400), 0x00ff_c440), "marker A at {first}, 400");
    assert!(has_color(&marked, (x, 300), 0x0060_dcff), "marker B at {x}, 300");

    // Frequency is zoomed about the tone, which stays where it is.
    point(&display, &program, x, 400);
    display.xdotool(&["keydown", "ctrl", "click", "4", "click", "4", "keyup", "ctrl"]).unwrap();
    let (hertz, _) = reading(&program.settled_title(&display));
    assert!((hertz - 3000.0).abs() <= 9.0, "{hertz} Hz after the zoom");
    aside(&display, &program);
    assert!(tone(&still(&display)).is_some_and(|now| now.abs_diff(x) <= 6));

    // Another colormap, which is not the default, and a picture of it.
    for name in ["colormap viridis", "colormap magma"] {
        display.key("c");
        wait_for(name, || program.title(&display).contains(name).then_some(()));
    }
    aside(&display, &program);
    let shot = still(&display);
    display.key("s");
    let (width, height, bytes, samples) = saved(&pictures);
    assert!((900..=1000).contains(&width) && (500..=700).contains(&height), "{width}x{height}");
    // The tone is in it, in the same colours, with marker B; marker A has left the picture.
    let pixels: Vec<u32> = bytes
        .chunks_exact(samples)
        .map(|rgb| u32::from(rgb[0]) << 16 | u32::from(rgb[1]) << 8 | u32::from(rgb[2]))
        .collect();
    let tone_color = shot.at(x, 500);
    let most = (0..width).map(|x| (0..height).filter(|y| pixels[y * width + x] == tone_color).count()).max();
    assert!(most > Some(height / 4), "the tone is a line of one colour: {most:?} of {height}");
    assert!(pixels.contains(&0x0060_dcff) && !pixels.contains(&0x00ff_c440), "marker B alone");

    // Esc closes a dialog first.
    display.key("ctrl+o");
    program.settled_title(&display);
    display.key("Escape");
    std::thread::sleep(Duration::from_millis(500));
    assert!(program.title(&display).contains("two.wav"));
    program.leave(&display);
    let told = display.errors();
    assert!(!told.contains("panicked") && !told.contains("error"), "{told}");

    // What is kept, and used at the next start.
    let kept: toml::Table = std::fs::read_to_string(&config).unwrap().parse().unwrap();
    let recent = kept["recent"].as_array().unwrap();
    let recent: Vec<_> = recent.iter().filter_map(|file| file.as_str()).collect();
    assert_eq!(
        recent,
        [two.to_str().unwrap(), one.to_str().unwrap()],
        "the last one first, and that of the command line"
    );
    let name = kept["colormap"].as_str().unwrap();
    let map = ringfall::Colormap::named(name).unwrap();
    assert_eq!(name, "magma");
    let program = open(&display, &one, &config, &[]);
    wait_for("its colours", || {
        let shot = display.shot();
        let x = tone(&shot)?;
        let [r, g, b] = [16, 8, 0].map(|shift| (shot.at(x, 400) >> shift & 255) as u8);
        map.lut().iter().any(|color| color[..3] == [r, g, b]).then_some(())
    });
    program.leave(&display);
}

#[test]
fn broken_settings_and_folders_are_said_and_survived() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let one = recording(&display, "one.wav", 1000.0);
    let config = display.folder.path().join("settings.toml");

    std::fs::write(&config, "this is = not [ TOML").unwrap();
    open(&display, &one, &config, &[]).leave(&display);
    let told = display.errors();
    assert!(told.contains("settings.toml: expected TOML") && told.contains("settings.toml.broken"), "{told}");
    assert!(display.folder.path().join("settings.toml.broken").is_file());

    std::fs::write(&config, "version = 1\nfft_size = 7\nfft = \"many\"\n").unwrap();
    open(&display, &one, &config, &[]).leave(&display);
    let told = display.errors();
    assert!(
        told.contains("fft_size: there is no such setting") && told.contains("fft: expected a whole number"),
        "{told}"
    );

    // A file where the folder for pictures should be, and later one where the folder of the settings was.
    let (folder, file) = (display.folder.path().join("config"), display.folder.path().join("a file"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&file, "").unwrap();
    let config = folder.join("settings.toml");
    std::fs::write(&config, format!("version = 1\npictures = {:?}\n", file.to_str().unwrap())).unwrap();
    let program = open(&display, &one, &config, &["--colormap", "grey"]);
    wait_for("the tone", || tone(&display.shot()));
    display.key("s");
    wait_for("the error", || display.errors().contains("the picture cannot be saved").then_some(()));
    assert!(display.errors().contains("a file"), "{}", display.errors());
    assert_eq!(std::fs::read(&file).unwrap(), b"");
    // It goes on.
    display.key("g");
    still(&display);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    // Once, and not again at the end.
    display.key("g");
    wait_for("the error", || display.errors().contains("the settings were not saved").then_some(()));
    display.key("p");
    still(&display);
    display.key("q");
    program.end();
    let told = display.errors();
    assert_eq!(told.matches("the settings were not saved").count(), 1, "{told}");
    assert!(!told.contains("panicked"), "{told}");
}

#[test]
fn settings_outlive_a_program_that_is_killed() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let one = recording(&display, "one.wav", 1000.0);
    let config = display.folder.path().join("settings.toml");
    let program = open(&display, &one, &config, &[]);
    let kept = || std::fs::read_to_string(&config).ok()?.parse::<toml::Table>().ok();
    display.key("g");
    wait_for("the grid in the file", || kept()?.get("show_grid")?.as_bool()?.then_some(()));
    // What another program has changed meanwhile stays.
    let text = std::fs::read_to_string(&config).unwrap().replace("station = \"\"", "station = \"DK0XYZ\"");
    std::fs::write(&config, text).unwrap();
    display.key("c");
    wait_for("the colormap in the file", || kept()?.get("colormap").map(drop));
    assert_eq!(kept().unwrap()["station"].as_str(), Some("DK0XYZ"));
    let before = std::fs::metadata(&config).unwrap().modified().unwrap();
    // Nothing changes: nothing is written.
    aside(&display, &program);
    display.key("Home");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(std::fs::metadata(&config).unwrap().modified().unwrap(), before);
    drop(program);
    let kept = kept().unwrap();
    assert_eq!((kept["show_grid"].as_bool(), kept["station"].as_str()), (Some(true), Some("DK0XYZ")));
}

#[test]
fn what_does_not_open_stops_nothing() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let (one, two) = (recording(&display, "one.wav", 1000.0), recording(&display, "two.wav", 3000.0));
    let pipe = display.folder.path().join("pipe.wav");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let program = open(&display, &one, Path::new("none"), &["--colormap", "grey"]);
    let ask = |path: &Path| {
        display.key("ctrl+o");
        std::thread::sleep(Duration::from_millis(600));
        display.xdotool(&["type", "--delay", "15", path.to_str().unwrap()]).unwrap();
        display.key("Return");
    };
    let opens = || program.title(&display).contains("opening another source");
    ask(&pipe);
    wait_for("the pipe", || opens().then_some(()));
    // The recording is still there, and the window goes on.
    wait_for("the tone", || tone(&display.shot()));
    display.key("c");
    wait_for("another colormap", || program.title(&display).contains("colormap viridis").then_some(()));
    assert!(program.title(&display).contains("one.wav") && opens(), "{}", program.title(&display));
    display.key("Escape");
    wait_for("the end of that", || (!opens()).then_some(()));
    // Something else is opened in place of what does not open.
    ask(&pipe);
    wait_for("the pipe", || opens().then_some(()));
    ask(&two);
    wait_for("the other file", || program.title(&display).contains("two.wav").then_some(()));
    assert!(!opens());
    program.leave(&display);
    assert!(!display.errors().contains("error"), "{}", display.errors());
}

/// An array that is opened in the window has its first row at the top, as one on the command line, and what is opened after it does
/// not.
#[test]
fn an_array_that_is_opened_has_its_first_row_at_the_top() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let one = recording(&display, "one.wav", 1000.0);
    // 8 rows of 16 bytes: the first four are white, the others black.
    let mut npy = b"\x93NUMPY\x01\0\x76\0{'descr': '|u1', 'fortran_order': False, 'shape': (8, 16), }".to_vec();
    npy.resize(127, b' ');
    npy.push(b'\n');
    npy.extend((0..128).map(|cell| if cell < 64 { 255 } else { 0 }));
    let array = display.folder.path().join("half.npy");
    std::fs::write(&array, npy).unwrap();
    let program = open(&display, &one, Path::new("none"), &["--colormap", "grey"]);
    let open_file = |path: &Path, name: &str| {
        display.key("ctrl+o");
        std::thread::sleep(Duration::from_millis(600));
        display.xdotool(&["type", "--delay", "15", path.to_str().unwrap()]).unwrap();
        display.key("Return");
        wait_for(name, || program.title(&display).contains(name).then_some(()));
        aside(&display, &program);
    };
    open_file(&array, "half.npy");
    let column = |shot: &Shot| (light(shot.at(500, 200)), light(shot.at(500, 500)));
    wait_for("white above black", || {
        let (above, below) = column(&display.shot());
        (above > 3 * 230 && below < 3 * 25).then_some(())
    });
    // The newest rows of a recording are at the top again: a tone that is there from the beginning fills the picture.
    open_file(&one, "one.wav");
    wait_for("the tone", || tone(&display.shot()));
    program.leave(&display);
    assert!(!display.errors().contains("error"), "{}", display.errors());
}

#[test]
fn a_box_is_saved_as_a_picture() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let one = recording(&display, "one.wav", 1000.0);
    let pictures = display.folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    let config = display.folder.path().join("settings.toml");
    std::fs::write(&config, format!("version = 1\npictures = {:?}\n", pictures.to_str().unwrap())).unwrap();
    let program = open(&display, &one, &config, &["--colormap", "grey"]);
    let x = wait_for("the tone", || tone(&still(&display)));
    // A box about the tone, of which the tone is in the middle.
    let drag = |from: (usize, usize), to: (usize, usize)| {
        point(&display, &program, from.0, from.1);
        display.xdotool(&["keydown", "ctrl", "mousedown", "1"]).unwrap();
        for step in 1..=8 {
            let at = |from: usize, to: usize| (from * (8 - step) + to * step) / 8;
            point(&display, &program, at(from.0, to.0), at(from.1, to.1));
            std::thread::sleep(Duration::from_millis(40));
        }
        display.xdotool(&["mouseup", "1", "keyup", "ctrl"]).unwrap();
    };
    drag((x - 60, 250), (x + 60, 450));
    aside(&display, &program);
    still(&display);
    display.key("e");
    let (width, height, bytes, samples) = saved(&pictures);
    let bright: Vec<usize> = (0..width)
        .filter(|x| (100..height - 100).step_by(20).all(|y| bytes[(y * width + x) * samples] > 200))
        .collect();
    // The rest is noise in a band of its own; the tone is about the middle of the data, with the axis on the left.
    let middle = bright.iter().sum::<usize>() as f64 / bright.len().max(1) as f64 / width as f64;
    assert!(!bright.is_empty() && (0.4..0.6).contains(&middle), "{width}x{height}: {bright:?}");
    program.leave(&display);
    assert!(!display.errors().contains("error"), "{}", display.errors());
}

/// Nothing moves: nothing is drawn. The pointer rests over the picture.
#[test]
fn nothing_is_drawn_when_nothing_changes() {
    let Some(display) = Display::open("1100x800x24") else {
        return;
    };
    let one = recording(&display, "one.wav", 1000.0);
    let frames = |rest: &str| {
        let program = open(&display, &one, Path::new("none"), &["--exit-after", rest]);
        point(&display, &program, 500, 400);
        program.end()[0]
    };
    // The same start, and three times the rest: no more frames than two starts may differ by.
    let (short, long) = (frames("6s"), frames("18s"));
    assert!(long <= short + 12, "{short} frames in 6 s, {long} in 18 s");
}

#[test]
fn bars_are_hidden_in_full_screen_until_the_pointer_moves() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    if !has_tool("openbox") {
        return;
    }
    let _manager = display.window_manager();
    let one = recording(&display, "one.wav", 1000.0);
    let program = open(&display, &one, Path::new("none"), &["--fullscreen"]);
    let fills = || display.xdotool(&["getwindowgeometry", &program.window]).is_some_and(|g| g.contains("1000x700"));
    wait_for("full screen", || fills().then_some(()));
    // The upper left corner belongs to the menus, or else to the plot.
    point(&display, &program, 500, 300);
    point(&display, &program, 510, 310);
    std::thread::sleep(Duration::from_millis(600));
    let with = display.shot();
    let corner = |shot: &Shot| (0..20).flat_map(|y| shot.line(y, 300).to_vec()).collect::<Vec<_>>();
    wait_for("the bars to go", || (corner(&display.shot()) != corner(&with)).then_some(()));
    point(&display, &program, 520, 320);
    wait_for("the bars to come", || (corner(&display.shot()) == corner(&with)).then_some(()));
    display.key("q");
    program.end();
}
