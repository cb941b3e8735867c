//! The window on a display of its own (Xvfb), driven by keys (xdotool). If either is missing, the tests say so and pass.
//!
//! Xvfb keeps its screen in a file, so that screenshots need no tool.

#[path = "window/display.rs"]
mod display;
#[cfg(target_os = "linux")]
#[path = "window/drop.rs"]
mod drop;
#[path = "window/face.rs"]
mod face;
#[path = "window/live.rs"]
mod live;
#[cfg(target_os = "linux")]
#[path = "window/read.rs"]
mod read;
#[cfg(target_os = "linux")]
#[path = "window/session.rs"]
mod session;
#[path = "common/wait.rs"]
mod wait;

use std::process::Command;
use std::time::{Duration, Instant};

use display::{Display, Program, Shot, command, decorated};
use wait::{PATIENCE, wait_for};

/// Whether a tool is installed; said aloud where it is not.
fn has_tool(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !found {
        eprintln!("SKIPPED: {tool} is not installed, so the window was not tested");
    }
    found
}

/// The demonstration with a range that stays, so that a row keeps its colours.
const DEMO: [&str; 7] = ["demo", "--vmin", "-90", "--vmax", "-30", "--size", "640x400"];

#[test]
fn it_shows_scrolls_pauses_and_leaves() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = Program::start(&display, &DEMO);

    // It shows: noise on the upper lines, the root window beside it.
    wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    let before = display.shot();
    assert!((0..400).all(|y| before.at(700, y) == 0), "the window is 640 pixels wide");

    // It scrolls: the upper lines are found again further down, pixel for pixel.
    wait_for("scrolling", || {
        let after = display.shot();
        (5..200).find(|down| (0..20).all(|y| after.line(y + down, 640) == before.line(y, 640)))
    });
    let title = program.title(&display);
    for part in ["demonstration", "12 kHz", "RBW", "-90 … -30 dB"] {
        assert!(title.contains(part), "{part} is not in the title: {title}");
    }
    assert!(!title.contains("dropped"), "{title}");

    // It pauses: nothing moves, nothing is drawn.
    display.key("space");
    wait_for("the pause", || program.title(&display).contains("paused").then_some(()));
    std::thread::sleep(Duration::from_millis(500));
    let still = display.shot();
    std::thread::sleep(Duration::from_secs(1));
    assert!(display.shot() == still, "the picture moved while paused");

    // In the pause keys still work: other colours, at the same places; then more contrast.
    display.key("c");
    let coloured =
        wait_for("other colours", || Some(display.shot()).filter(|shot| shot.at(100, 5) != still.at(100, 5)));
    display.key("plus");
    wait_for("contrast", || (display.shot() != coloured).then_some(()));
    wait_for("the range", || (!program.title(&display).contains("-90 …")).then_some(()));

    // It goes on.
    let still = display.shot();
    display.key("space");
    wait_for("going on", || (display.shot() != still).then_some(()));

    let [frames, paused, rows] = program.leave(&display);
    assert!(rows > 20 && frames > 20, "{frames} frames, {rows} rows");
    // One for each of the two keys; two more may have been under way when the pause began. Keys make egui lay out several times,
    // but a frame that is the same as the one before is not presented.
    assert!(paused <= 4, "{paused} frames were drawn in the pause");
}

#[test]
fn it_survives_resizing() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = Program::start(&display, &DEMO);
    wait_for("a picture", || (0..60).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    for (width, height) in [(300, 200), (900, 600), (1, 1), (5, 650), (640, 400)] {
        display.xdotool(&["windowsize", &program.window, &width.to_string(), &height.to_string()]).unwrap();
        wait_for("the new size", || {
            let shot = display.shot();
            let inside = (0..height.min(60)).all(|y| width < 100 || shot.is_noise(y, width));
            let outside = shot.at(width + 20, 0) == 0 && (height > 600 || shot.at(0, height + 20) == 0);
            (inside && outside && shot.at(0, 0) != 0).then_some(())
        });
    }
    program.leave(&display);
}

#[test]
fn a_window_larger_than_the_device_draws_what_it_can() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // More than the command line takes: as the window system has it.
    for size in [["17000", "300"], ["300", "17000"]] {
        let program = Program::start(&display, &["demo", "--vmin", "-90", "--vmax", "-30", "--size", "400x300"]);
        display.xdotool(&["windowsize", &program.window, size[0], size[1]]);
        wait_for("a picture", || (0..5).all(|y| display.shot().is_noise(y, 300)).then_some(()));
        program.leave(&display);
    }
}

/// A WAV file of 8 bits at 8000 Hz: a header and samples.
fn wav_u8(samples: Vec<u8>) -> Vec<u8> {
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data".to_vec();
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(&samples);
    let size = (wav.len() as u32 - 8).to_le_bytes();
    wav[4..8].copy_from_slice(&size);
    wav
}

#[test]
fn a_file_is_shown_to_its_end() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 3 s of a square wave of 500 Hz.
    let samples: Vec<u8> = (0..24_000).map(|n| if n / 8 % 2 == 0 { 192 } else { 64 }).collect();
    let wav = wav_u8(samples);
    let path = display.folder.path().join("square.wav");
    std::fs::write(&path, wav).unwrap();

    let args = ["view", path.to_str().unwrap(), "--speed", "max", "--fft", "1024", "--hop", "200", "--size", "513x300"];
    let program = Program::start(&display, &args);
    wait_for("the end of the file", || program.title(&display).contains("ended").then_some(()));
    assert!(program.title(&display).contains("square.wav"), "{}", program.title(&display));
    // 500 Hz is bin 64, and the bins between are far below.
    wait_for("the tone", || (display.shot().at(64, 50) != display.shot().at(128, 50)).then_some(()));
    let [_, _, rows] = program.leave(&display);
    // All of it, though it was read much faster than it was drawn: (24000 - 1024) / 200 + 1 spectra.
    assert_eq!(rows, 115);
}

/// Whatever its length, and also where the receiver was tuned to another frequency.
#[test]
fn all_of_a_scan_and_all_bands_of_a_recording_are_on_show() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 20 sweeps of 10 bins: carriers in bin 2 of the first half, and in bin 7 of the other.
    let mut scan = String::new();
    for sweep in 0..20 {
        let level = |bin| if bin == if sweep < 10 { 2 } else { 7 } { -10 } else { -90 };
        let levels: Vec<String> = (0..10).map(|bin| level(bin).to_string()).collect();
        scan += &format!("2026-11-21, 14:30:{sweep:02}, 100, 110, 1, 8, {}\n", levels.join(", "));
    }
    let path = display.folder.path().join("scan.csv");
    std::fs::write(&path, scan).unwrap();
    let look = ["--vmin", "-100", "--vmax", "0", "--colormap", "grey", "--size", "500x400"];
    let program = Program::start(&display, &[&["view", path.to_str().unwrap()], &look[..]].concat());
    let bright = |shot: &Shot, x: usize, y: usize| grey(shot, x, y) > 200;
    let both = |shot: &Shot| {
        bright(shot, 375, 40) && bright(shot, 375, 160) && bright(shot, 125, 240) && bright(shot, 125, 360)
    };
    let shot = wait_for("all sweeps", || Some(display.shot()).filter(|shot| both(shot)));
    assert!(!bright(&shot, 125, 100) && !bright(&shot, 375, 300));
    program.leave(&display);

    // One second around 7000 Hz, and one around 15,000 Hz, with a tone in the middle of each.
    let path = display.folder.path().join("two.sigmf-data");
    let bytes: Vec<u8> = (0..16_000).flat_map(|_| [100, 0]).collect();
    std::fs::write(&path, bytes).unwrap();
    let captures =
        r#"[{"core:sample_start": 0, "core:frequency": 7000}, {"core:sample_start": 8000, "core:frequency": 15000}]"#;
    let global = r#"{"core:datatype": "ci8", "core:sample_rate": 8000}"#;
    let metadata = format!(r#"{{"global": {global}, "captures": {captures}}}"#);
    std::fs::write(path.with_extension("sigmf-meta"), metadata).unwrap();
    // A bin is some 60 Hz and as wide as two pixels.
    let args = ["view", path.to_str().unwrap(), "--fft", "128", "--window", "rectangular"];
    let program = Program::start(&display, &[&args[..], &look].concat());
    let near = |shot: &Shot, x: usize, y: usize| (x - 2..x + 3).any(|x| bright(shot, x, y));
    let shot =
        wait_for("both bands", || Some(display.shot()).filter(|shot| near(shot, 375, 100) && near(shot, 125, 300)));
    assert!(!near(&shot, 125, 100) && !near(&shot, 375, 300));
    program.leave(&display);
}

/// A file of 20 s on 400 lines of a row each, all of it read: 1000 Hz for 10 s, then 3000 Hz.
fn two_tones(display: &Display, more: &[&str]) -> Program {
    let sine = |n: i32| {
        let hertz = if n < 80_000 { 1000.0 } else { 3000.0 };
        (128.0 + 60.0 * (std::f64::consts::TAU * hertz * f64::from(n) / 8000.0).sin()) as u8
    };
    let path = display.folder.path().join("two.wav");
    std::fs::write(&path, wav_u8((0..160_000).map(sine).collect())).unwrap();
    let args = ["view", path.to_str().unwrap(), "--speed", "max", "--fft", "1024", "--hop", "200", "--size", "512x400"];
    let look = ["--vmin", "-100", "--vmax", "0", "--colormap", "grey", "--lose-device-after", "12"];
    let program = Program::start(display, &[&args[..], &look, more].concat());
    wait_for("the end of the file", || program.title(display).contains("ended").then_some(()));
    program
}

/// Level of grey.
fn grey(shot: &Shot, x: usize, y: usize) -> u32 {
    shot.at(x, y) & 255
}

#[test]
fn one_can_look_at_anything_and_a_lost_device_loses_nothing() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let started = Instant::now();
    let program = two_tones(&display, &["--shading", "gpu"]);
    // 513 bins on 512 pixels: 1000 Hz is bin 128, 3000 Hz is bin 384. The newest 10 s (400 rows of 25 ms) are on show.
    let tone = |shot: &Shot, x: usize, y: usize| grey(shot, x, y) > 150 && grey(shot, x + 40, y) < 130;
    wait_for("the second tone", || tone(&display.shot(), 384, 100).then_some(()));
    let end = wait_for("a still picture", || {
        let shot = display.shot();
        std::thread::sleep(Duration::from_millis(300));
        (display.shot() == shot).then_some(shot)
    });

    // The wheel, frequency: about 3000 Hz, which stays where it is; 2500 Hz is off the picture after some turns.
    display.xdotool(&["mousemove", "--window", &program.window, "384", "200"]).unwrap();
    wait_for("the read-out", || program.title(&display).contains("Hz, 0:00:1").then_some(()));
    display.xdotool(&["keydown", "ctrl", "click", "4", "click", "4", "keyup", "ctrl"]).unwrap();
    let zoomed = wait_for("the zoom", || Some(display.shot()).filter(|shot| *shot != end));
    assert!(grey(&zoomed, 384, 100) > 150, "the tone stays under the pointer");

    // Double click: all of it, both tones, the newer above.
    display.xdotool(&["click", "--repeat", "2", "--delay", "60", "1"]).unwrap();
    let all =
        wait_for("everything", || Some(display.shot()).filter(|shot| tone(shot, 384, 100) && tone(shot, 128, 300)));

    // Back in time by dragging, and Home again.
    // Slower than a frame, as hands are.
    let drag = ["mousemove", "--window", &program.window, "200", "300", "mousedown", "1", "sleep", "0.2"];
    let to = ["mousemove", "--window", &program.window, "200", "150", "sleep", "0.2", "mouseup", "1"];
    display.xdotool(&[drag, to].concat());
    wait_for("the older half, higher up", || tone(&display.shot(), 128, 100).then_some(()));
    wait_for("a hint", || program.title(&display).contains("Home").then_some(()));
    display.key("Home");
    // The server draws the pointer into the picture.
    display.xdotool(&["mousemove", "--window", &program.window, "384", "200"]).unwrap();
    wait_for("the newest rows", || (display.shot() == all).then_some(()));

    // The device is lost: the picture stays, and so does everything else.
    let left = Duration::from_secs(14).saturating_sub(started.elapsed());
    std::thread::sleep(left);
    display.key("c");
    wait_for("other colours", || (display.shot() != all).then_some(()));
    display.key("C");
    wait_for("the same picture", || (display.shot() == all).then_some(()));

    // The right button sets the range; the wheel zooms time; a window of another size loses nothing.
    let drag = ["mousemove", "--window", &program.window, "200", "200", "mousedown", "3", "sleep", "0.2"];
    let to = ["mousemove", "--window", &program.window, "200", "300", "sleep", "0.2", "mouseup", "3"];
    display.xdotool(&[drag, to].concat());
    wait_for("the range", || (!program.title(&display).contains("-100 …")).then_some(()));
    // About the older tone, and out again until the newest row is on show; then at the newest end.
    display.xdotool(&["click", "--repeat", "8", "4"]).unwrap();
    wait_for("only the older tone", || (!tone(&display.shot(), 384, 10)).then_some(()));
    wait_for("a hint", || program.title(&display).contains("Home").then_some(()));
    display.xdotool(&["click", "--repeat", "16", "5"]).unwrap();
    wait_for("both tones", || tone(&display.shot(), 384, 10).then_some(()));
    display.key("Home");
    display.xdotool(&["mousemove", "--window", &program.window, "200", "10"]).unwrap();
    display.xdotool(&["click", "--repeat", "16", "4"]).unwrap();
    wait_for("only the newer tone", || (!tone(&display.shot(), 128, 390)).then_some(()));
    program.leave(&display);
}

#[test]
fn what_does_not_fit_is_evicted_and_that_is_told() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 3 s of rows of 25 ms.
    let program = Program::start(&display, &[&DEMO[..], &["--history", "3s"]].concat());
    wait_for("the title", || {
        let title = program.title(&display);
        (title.contains("kept from 0:00:0") && title.contains("--history")).then_some(())
    });
    let told = display.errors();
    assert_eq!(told.matches("oldest are evicted").count(), 1, "{told}");
    // The range follows what is on show when asked to.
    assert!(!program.title(&display).contains("auto"));
    display.key("a");
    wait_for("auto", || program.title(&display).contains("(auto)").then_some(()));
    wait_for("another range", || (!program.title(&display).contains("-90 …")).then_some(()));
    display.key("plus");
    wait_for("by hand", || (!program.title(&display).contains("(auto)")).then_some(()));
    program.leave(&display);
}

#[test]
fn other_ways_to_present() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    for mode in ["immediate", "mailbox"] {
        let program = Program::start(&display, &[&DEMO[..], &["--present", mode]].concat());
        wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
        program.leave(&display);
    }
}

/// Frequency and time under the pointer, as the title has them.
fn reading(title: &str) -> (f64, String) {
    let part =
        title.split(" – ").find(|part| part.contains(" Hz, 0:")).unwrap_or_else(|| panic!("no reading: {title}"));
    let (hertz, rest) = part.split_once(" Hz, ").unwrap();
    (hertz.parse().unwrap(), rest.split(',').next().unwrap().to_owned())
}

#[test]
fn a_notch_counts_once_and_limits_do_not_move_the_picture() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = two_tones(&display, &[]);
    let point = |x: u32, y: u32| {
        display.xdotool(&["mousemove", "--window", &program.window, &x.to_string(), &y.to_string()]).unwrap();
        reading(&program.settled_title(&display))
    };
    // 513 bins of 7.8125 Hz on 512 pixels; the reading is to a hertz.
    let full = 400.0 * 513.0 * 7.8125 / 512.0;
    let ((low, _), (high, time)) = (point(20, 200), point(420, 200));
    assert!((high - low - full).abs() <= 1.0, "{low} to {high} Hz");
    // Lines of 25 ms.
    assert_eq!(time.split_once('.').map(|(_, decimals)| decimals.len()), Some(2), "{time}");
    // One notch: 1.25 times as close, about the pointer.
    display.xdotool(&["keydown", "ctrl", "click", "4", "keyup", "ctrl"]).unwrap();
    let ((low, _), (same, time)) = (point(20, 200), point(420, 200));
    // It is told of the pixel's middle, and the pointer is on its edge.
    assert!((same - high).abs() <= 2.0, "{high} Hz, then {same}");
    assert!((same - low - full / 1.25).abs() <= 2.0, "{low} to {high} Hz");

    // As close as can be: the whole picture is one row. More of it changes nothing, and the reading tells times apart.
    display.xdotool(&["click", "--repeat", "50", "--delay", "5", "4"]).unwrap();
    let deepest = program.settled_title(&display);
    let (_, fine) = reading(&deepest);
    assert_eq!(fine.split_once('.').map(|(_, decimals)| decimals.len()), Some(5), "25 ms on 400 lines: {fine}");
    assert_eq!(fine[..8], time[..8], "the time under the pointer stays within a tenth of a second");
    display.xdotool(&["click", "--repeat", "5", "--delay", "5", "4"]).unwrap();
    assert_eq!(program.settled_title(&display), deepest);

    // The keys for the scales of the start.
    display.key("0");
    let (hertz, again) = reading(&program.settled_title(&display));
    assert_eq!((hertz, again.len()), (same, time.len()));
    display.key("ctrl+0");
    program.settled_title(&display);
    assert_eq!(point(420, 200).0, high);
    assert!((high - point(20, 200).0 - full).abs() <= 1.0);

    // Everything: the reading is that of the new picture, though the file has ended and nothing else comes.
    let (_, before) = point(420, 300);
    display.xdotool(&["click", "--repeat", "2", "--delay", "60", "1"]).unwrap();
    let (_, after) = reading(&program.settled_title(&display));
    // 20 s on 400 lines, of which the oldest is at the bottom.
    assert!(after != before && ("0:00:04.5".."0:00:05.5").contains(&after.as_str()), "{before}, then {after}");
    program.leave(&display);
}

#[test]
fn a_new_colormap_is_named_for_a_while() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let program = Program::start(&display, &DEMO);
    let last = format!("colormap {}", ringfall::Colormap::NAMES.last().unwrap());
    // A window that has not drawn yet may miss a key.
    wait_for("a picture", || (0..5).all(|y| display.shot().is_noise(y, 300)).then_some(()));
    for (key, name) in [("c", "colormap magma"), ("C", "colormap viridis"), ("C", &last)] {
        display.key(key);
        wait_for(name, || program.title(&display).contains(name).then_some(()));
    }
    wait_for("the name's end", || (!program.title(&display).contains("colormap")).then_some(()));
    program.leave(&display);
}

#[test]
fn what_is_too_short_is_told() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let path = display.folder.path().join("three.wav");
    std::fs::write(&path, wav_u8(vec![128; 3])).unwrap();
    let program = Program::start(&display, &["view", path.to_str().unwrap(), "--fft", "1024"]);
    let why = "too short for one spectrum of 1024 samples";
    wait_for("the title", || program.title(&display).contains(why).then_some(()));
    assert_eq!(program.leave(&display)[2], 0);
    let told = display.errors();
    assert!(told.contains("three.wav") && told.matches(why).count() == 1, "{told}");
}

#[test]
fn esc_leaves_full_screen_first_and_q_quits() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    if !has_tool("openbox") {
        return;
    }
    let _manager = display.window_manager();
    let fills = |window: &str| display.xdotool(&["getwindowgeometry", window]).unwrap().contains("1000x700");
    for (flag, key) in [(&["--fullscreen"][..], "Escape"), (&[], "q")] {
        let program = Program::start(&display, &[&DEMO[..], flag].concat());
        if flag.is_empty() {
            display.key("F11");
        }
        wait_for("full screen", || fills(&program.window).then_some(()));
        display.key("Escape");
        wait_for("the window", || (!fills(&program.window)).then_some(()));
        display.key(key);
        program.end();
    }
}

#[test]
fn nothing_is_drawn_while_the_window_is_minimised() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    if !has_tool("openbox") {
        return;
    }
    let _manager = display.window_manager();
    let program = Program::start(&display, &DEMO);
    // The manager puts it somewhere, and draws a frame around it.
    let is_shown = || {
        let shot = display.shot();
        (0..700).filter(|y| shot.is_noise(*y, 1000)).count() > 20
    };
    wait_for("a picture", || is_shown().then_some(()));
    display.xdotool(&["windowminimize", "--sync", &program.window]).unwrap();
    wait_for("the picture to go", || (!is_shown()).then_some(()));
    // 240 rows.
    std::thread::sleep(Duration::from_secs(6));
    display.xdotool(&["windowactivate", "--sync", &program.window]).unwrap();
    wait_for("the picture to come back", || is_shown().then_some(()));
    let before = display.shot();
    wait_for("a picture that moves", || (display.shot() != before).then_some(()));
    let [frames, _, rows] = program.leave(&display);
    assert!(frames + 120 < rows, "{frames} frames of {rows} rows");
}

#[test]
fn a_window_that_is_destroyed_is_the_end_and_no_panic() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // Soon after the start and later.
    for (wait_ms, mode) in [(0, "fifo"), (2500, "fifo"), (2500, "immediate")] {
        let program = Program::start(&display, &[&DEMO[..], &["--present", mode]].concat());
        wait_for("a picture", || (0..5).all(|y| display.shot().is_noise(y, 640)).then_some(()));
        std::thread::sleep(Duration::from_millis(wait_ms));
        display.xdotool(&["windowclose", &program.window]).unwrap();
        program.end();
        let told = display.errors();
        assert!(!told.contains("panicked") && !told.contains("ringfall: error"), "{told}");
    }
}

#[test]
fn a_killed_x_server_is_an_error_and_no_panic() {
    for mode in ["fifo", "immediate"] {
        let Some(mut display) = Display::open("1000x700x24") else {
            return;
        };
        let mut program = Program::start(&display, &[&DEMO[..], &["--present", mode]].concat());
        wait_for("a picture", || (0..5).all(|y| display.shot().is_noise(y, 640)).then_some(()));
        display.server.kill().unwrap();
        let status = wait_for("the end", || program.child.try_wait().unwrap());
        // libX11 ends the program by itself, unless the loop finds out first.
        assert_eq!(status.code(), Some(1));
        assert!(!display.errors().contains("panicked"), "{}", display.errors());
    }
}

#[test]
fn screens_of_other_depths() {
    let Some(display) = Display::open("1000x700x16") else {
        return;
    };
    let program = Program::start(&display, &DEMO);
    wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    program.leave(&display);
    drop(display);

    let Some(display) = Display::open("1000x700x8") else {
        return;
    };
    assert_eq!(command(&display, &DEMO).status().unwrap().code(), Some(1));
    let told = display.errors();
    assert!(told.contains("depth of 8 bits") && told.contains("expected a screen of depth 24"), "{told}");
}

#[test]
fn without_drivers_there_is_a_window_unless_one_insists() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    for (name, value) in [("VK_ICD_FILENAMES", "/nonexistent"), ("VK_DRIVER_FILES", "/nonexistent")] {
        let without = |args: &[&str]| {
            let mut command = command(&display, &[&DEMO[..], args].concat());
            command.env(name, value).env("WGPU_BACKEND", "vulkan");
            command
        };
        let status = without(&["--shading", "gpu"]).status().unwrap();
        assert_eq!(status.code(), Some(1));
        let told = display.errors();
        for part in ["no graphics driver", &format!("{name}={value} is set"), "mesa-vulkan-drivers"] {
            assert!(told.contains(part), "{part} is not in: {told}");
        }
        assert!(!told.contains("panicked"), "{told}");

        let status = without(&["--exit-after", "2s"]).status().unwrap();
        let told = display.errors();
        assert_eq!(status.code(), Some(0), "{told}");
        assert_eq!(told.matches("drawing in software").count(), 1, "{told}");
    }
}

/// Both ways of frames, with an interface over the picture and without.
#[test]
fn the_bench_measures_every_way() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    for (flag, path) in [(None, "main memory"), (Some("--swap-chain"), "swap chain")] {
        let mut bench = Command::new(env!("CARGO_BIN_EXE_ringfall"));
        bench.args(["bench", "--window", "--decorations", "--json", "--width", "320", "--height", "240"]);
        bench.args(["--frames", "10", "--warmup", "2", "--max-seconds", "10"]).args(flag);
        bench.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        let output = bench.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let stages =
            lines.iter().map(|line| (line["window"].as_str().unwrap(), line["decorations"].as_bool().unwrap()));
        let names = ["immediate", "fifo", "100 rows/s"];
        assert!(stages.eq(names.into_iter().flat_map(|name| [(name, false), (name, true)])), "{text}");
        for line in &lines {
            assert_eq!((line["path"].as_str(), line["missed_frames"].as_u64()), (Some(path), Some(0)), "{line}");
            assert!(line["ms_median"].as_f64().unwrap() > 0.0, "{line}");
        }
    }
}

/// Colours of an array: drawn as they are, and told by the cursor.
/// Spectra may have a logarithmic axis, whatever is dropped on their window.
#[cfg(target_os = "linux")]
#[test]
fn an_array_that_is_dropped_has_an_even_axis() {
    let Some(display) = Display::open("800x500x24") else {
        return;
    };
    let path = display.folder.path().join("halves.npy");
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (400, 640, 3), }";
    let mut file = b"\x93NUMPY\x01\0\x76\0".to_vec();
    file.extend(format!("{header:<117}\n").bytes());
    file.extend((0..400 * 640).flat_map(|i| if i % 640 < 320 { [200, 30, 90] } else { [10, 120, 240] }));
    std::fs::write(&path, file).unwrap();
    let program = Program::start(&display, &[&DEMO[..], &["--axis", "log", "--fmin", "100"]].concat());
    wait_for("a picture", || (0..20).all(|y| display.shot().is_noise(y, 640)).then_some(()));
    drop::drop_file(&display, &program, &path);
    wait_for("both halves", || {
        let shot = display.shot();
        let is = |x: usize, color: u32| (0..400).all(|y| shot.at(x, y) == color);
        (is(10, 0x00c8_1e5a) && is(310, 0x00c8_1e5a) && is(330, 0x000a_78f0) && is(630, 0x000a_78f0)).then_some(())
    });
    program.leave(&display);
}

/// One that is thousands of times as long as it is wide is no line in the window, unless one asks for that.
#[test]
fn a_long_array_fills_the_window() {
    let Some(display) = Display::open("800x500x24") else {
        return;
    };
    // 80,000 rows of 4 numbers, which are larger than levels in dB can be.
    let path = display.folder.path().join("long.raw");
    let row: Vec<u8> = [0.0, 0.0, 3e7, 3e7_f32].iter().flat_map(|cell| cell.to_le_bytes()).collect();
    std::fs::write(&path, row.repeat(80_000)).unwrap();
    // Where the newest spectra come from has no part in it.
    let config = display.folder.path().join("settings.toml");
    std::fs::write(&config, "version = 1\nnewest = \"left\"\n").unwrap();
    let args = ["view", path.to_str().unwrap(), "--dtype", "f32", "--shape", "80000,4", "--colormap", "grey"];
    let more = ["--vmin", "0", "--vmax", "3e7", "--size", "640x400", "--bare", "--config", config.to_str().unwrap()];
    let program = Program::run(&display, decorated(&display, &[&args[..], &more].concat()));
    let halves = |shot: &Shot| {
        [10, 200, 390].iter().all(|y| grey(shot, 20, *y) == 0 && grey(shot, 300, *y) == 0 && grey(shot, 340, *y) > 250)
    };
    wait_for("all columns side by side", || halves(&display.shot()).then_some(()));
    display.key("r");
    wait_for("a line", || (!halves(&display.shot())).then_some(()));
    display.key("r");
    wait_for("the whole window again", || halves(&display.shot()).then_some(()));
    program.leave(&display);
}

#[test]
fn an_array_of_colours_is_shown_as_it_is() {
    let Some(display) = Display::open("800x500x24") else {
        return;
    };
    // Two halves of one colour each.
    let (rows, columns) = (400_usize, 640_usize);
    let cell = |column: usize| if column < columns / 2 { [200, 30, 90] } else { [10, 120, 240] };
    let bytes: Vec<u8> = (0..rows * columns).flat_map(|i| cell(i % columns)).collect();
    let path = display.folder.path().join("colours.raw");
    std::fs::write(&path, bytes).unwrap();
    let args = ["view", path.to_str().unwrap(), "--dtype", "u8", "--shape", "400,640,3"];
    for shading in ["cpu", "gpu"] {
        let more = ["--size", "640x400", "--shading", shading];
        let program = Program::start(&display, &[&args[..], &more].concat());
        wait_for("the colours", || {
            let shot = display.shot();
            (shot.at(100, 200) == 0x00c8_1e5a && shot.at(540, 200) == 0x000a_78f0).then_some(())
        });
        // The range has no part in it.
        for key in ["a", "plus", "minus", "c"] {
            display.key(key);
        }
        program.settled_title(&display);
        assert_eq!((display.shot().at(100, 200), display.shot().at(540, 200)), (0x00c8_1e5a, 0x000a_78f0));
        program.leave(&display);
    }
    let program =
        Program::run(&display, decorated(&display, &[&args[..], &["--size", "640x400", "--config", "none"]].concat()));
    wait_for("the colour under the pointer", || {
        display.xdotool(&["mousemove", "--window", &program.window, "200", "200"])?;
        display.xdotool(&["mousemove", "--window", &program.window, "201", "201"])?;
        program.title(&display).contains("RGB 200, 30, 90").then_some(())
    });
    program.leave(&display);
}

/// Frames of a stack: by keys, by the slider and played.
#[test]
fn frames_of_a_stack_are_stepped_through_and_played() {
    let Some(display) = Display::open("800x500x24") else {
        return;
    };
    // Twelve frames of 30 x 40 cells, each in one colour.
    let color = |frame: u8| [20 * frame, 200 - 10 * frame, 7];
    let shown = |frame: u8| color(frame).iter().fold(0, |all, channel| all << 8 | u32::from(*channel));
    let bytes: Vec<u8> = (0..12).flat_map(|frame| color(frame).repeat(30 * 40)).collect();
    let path = display.folder.path().join("stack.raw");
    std::fs::write(&path, bytes).unwrap();
    let file = path.to_str().unwrap();
    let args = ["view", file, "--dtype", "u8", "--shape", "12,30,40,3", "--size", "640x400", "--config", "none"];
    let program = Program::run(&display, decorated(&display, &[&args[..], &["--fps", "100"]].concat()));
    let is =
        |frame: u8| wait_for(&format!("frame {frame}"), || (display.shot().at(300, 150) == shown(frame)).then_some(()));
    is(0);
    for (key, frame) in [("Right", 1), ("Right", 2), ("Left", 1), ("Left", 0), ("Left", 0), ("Right", 1)] {
        display.key(key);
        is(frame);
    }
    // To the end, and again from the first.
    display.key("space");
    is(11);
    display.key("Right");
    is(11);
    display.key("space");
    wait_for("another turn", || (display.shot().at(300, 150) != shown(11)).then_some(()));
    is(11);
    // A click on the bar, which is above the status line: near the left end it is one of the first frames.
    let low = (0..12).find(|step| {
        let y = (398 - 3 * step).to_string();
        display.xdotool(&["mousemove", "--window", &program.window, "120", &y, "click", "1"]).unwrap();
        // A busy machine takes its time to show the frame, or that the click has met nothing.
        (0..15).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            display.shot().at(300, 150) != shown(11)
        })
    });
    let now = display.shot().at(300, 150);
    assert!(low.is_some() && (0..3).any(|frame| now == shown(frame)), "{low:?}: {now:06x}");
    // The keys are not the slider's, and the view stays as it is: zoomed to a part of all rows, which fills the picture.
    display.xdotool(&["mousemove", "--window", &program.window, "400", "200", "click", "4"]).unwrap();
    display.key("space");
    is(11);
    program.settled_title(&display);
    program.leave(&display);
    assert!(!display.errors().contains("panicked"), "{}", display.errors());
}

/// The line on which the play head is drawn: almost white from edge to edge of the picture.
fn head(shot: &Shot) -> Option<usize> {
    (0..400).find(|&y| (20..500).all(|x| shot.at(x, y) == 0x00f5_f5f5))
}

#[test]
fn space_plays_a_recording_and_the_play_head_moves() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    // 8 s of quiet noise on 400 lines: 50 lines a second.
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        127 + (state >> 30) as u8
    };
    let path = display.folder.path().join("noise.wav");
    std::fs::write(&path, wav_u8((0..64_000).map(|_| noise()).collect())).unwrap();
    let args = ["view", path.to_str().unwrap(), "--mute", "--fft", "256", "--hop", "160", "--size", "512x400"];
    let look = ["--vmin", "-60", "--vmax", "200", "--colormap", "grey", "--newest", "bottom"];
    let program = Program::start(&display, &[&args[..], &look].concat());
    wait_for("a picture", || (display.shot().at(256, 200) != 0).then_some(()));
    assert_eq!(head(&display.shot()), None, "no head before it is played");

    display.key("space");
    let first = wait_for("the play head", || head(&display.shot()));
    let later = wait_for("a play head that moves", || head(&display.shot()).filter(|&y| y > first + 20));
    // Space stops it where it is, and starts it again from there.
    display.key("space");
    std::thread::sleep(Duration::from_millis(500));
    let stopped = wait_for("the head", || head(&display.shot()));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(head(&display.shot()), Some(stopped), "it stands still");
    assert!(stopped >= later);
    display.key("space");
    wait_for("a head that goes on", || head(&display.shot()).filter(|&y| y > (stopped + 10).max(250)));
    display.key("space");

    // L plays from the pointer.
    std::thread::sleep(Duration::from_millis(200));
    display.xdotool(&["mousemove", "--window", &program.window, "250", "20"]).unwrap();
    wait_for("the pointer", || program.title(&display).contains(" Hz, ").then_some(()));
    display.key("l");
    // It was far below. The machine may be busy: it has four seconds to be seen.
    wait_for("the head at the pointer", || head(&display.shot()).filter(|y| (20..220).contains(y)));
    // Zoomed in, the head leaves the page, and the next one is shown.
    display.key("space");
    for _ in 0..12 {
        display.xdotool(&["mousemove", "--window", &program.window, "250", "0", "click", "4"]).unwrap();
    }
    std::thread::sleep(Duration::from_millis(500));
    display.key("l");
    let low = wait_for("the head near the end of the page", || head(&display.shot()).filter(|&y| y > 300));
    wait_for("the next page", || head(&display.shot()).filter(|&y| y < low / 2));
    // The last sample comes after the middle of the last row: there the head leaves the picture, and stops. What is on show is
    // then played from its beginning.
    wait_for("the end", || {
        let gone = || head(&display.shot()).is_none();
        (gone() && {
            std::thread::sleep(Duration::from_millis(700));
            gone()
        })
        .then_some(())
    });
    display.key("space");
    wait_for("a head at the beginning of the page", || head(&display.shot()).filter(|&y| y < 200));
    program.leave(&display);
    assert!(!display.errors().contains("panicked"), "{}", display.errors());
}
