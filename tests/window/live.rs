//! Frames that come live: OpenIGTLink images and ffmpeg's test picture in the window, paused, stepped through and followed again.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use ringfall::source::igtl::{Image, Message, Scalar};

use super::{Display, Program, command, decorated, has_tool, wait_for};

/// An image of one colour: 40 columns, 30 rows.
fn image(color: [u8; 3]) -> Vec<u8> {
    let mut image = Image::new(Scalar::U8, [40, 30, 1], color.repeat(1200));
    image.components = 3;
    Message::new("IMAGE", "cam", image.encode()).encode().unwrap()
}

fn rgb([r, g, b]: [u8; 3]) -> u32 {
    u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b)
}

#[test]
fn the_newest_frame_is_on_show_and_earlier_ones_come_back() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("igtl://:{port}");
    let program = Program::run(&display, command(&display, &["view", &address, "--as", "frames", "--size", "640x400"]));
    let mut peer = wait_for("the listener", || TcpStream::connect(("127.0.0.1", port)).ok());
    let color = |n: u8| [200 - n, 40 * n, 10 + n];
    let shows = |color: [u8; 3]| {
        wait_for("a frame", || {
            let shot = display.shot();
            // Cells are squares of 13 pixels: 520 x 390 pixels in the middle, and nothing beside them.
            let points = [(70, 12), (320, 200), (570, 388), (70, 388)];
            let is_shown = points.into_iter().all(|(x, y)| shot.at(x, y) == rgb(color));
            let is_beside = [(30, 200), (610, 200)].into_iter().any(|(x, y)| shot.at(x, y) == rgb(color));
            (is_shown && !is_beside).then_some(())
        });
    };
    for n in 0..5 {
        peer.write_all(&image(color(n))).unwrap();
        shows(color(n));
    }
    // Back in time; what comes does not show.
    display.key("Left");
    shows(color(3));
    display.key("Left");
    shows(color(2));
    peer.write_all(&image([255, 255, 0])).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    shows(color(2));
    display.key("Right");
    shows(color(3));
    // Follow, pause, follow.
    display.key("space");
    shows([255, 255, 0]);
    display.key("space");
    std::thread::sleep(Duration::from_millis(300));
    peer.write_all(&image([0, 255, 255])).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    shows([255, 255, 0]);
    display.key("Home");
    shows([0, 255, 255]);
    // Values instead of colours, of another size: the range is found, and the lower half is darker than the upper.
    let cells: Vec<u8> = (0..5000_u32).map(|n| if n < 2500 { 200 } else { 100 }).collect();
    let grey = Message::new("IMAGE", "cam", Image::new(Scalar::U8, [100, 50, 1], cells).encode());
    peer.write_all(&grey.encode().unwrap()).unwrap();
    wait_for("values", || {
        let shot = display.shot();
        // 600 x 300 pixels in the middle.
        let (top, bottom) = (shot.at(320, 70), shot.at(320, 330));
        (top != bottom && top == shot.at(30, 190) && bottom == shot.at(610, 210) && top != rgb([0, 255, 255]))
            .then_some(())
    });
    // And colours again.
    peer.write_all(&image([1, 2, 3])).unwrap();
    shows([1, 2, 3]);
    drop(peer);
    let [_, _, frames] = program.leave(&display);
    assert_eq!(frames, 9, "every image was received");
}

/// Without `--as`, images of colours are frames from the first on, which is not lost.
#[test]
fn colours_are_frames_without_being_asked_for() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("igtl://:{port}");
    let program = Program::run(&display, command(&display, &["view", &address, "--size", "640x400"]));
    let mut peer = wait_for("the listener", || TcpStream::connect(("127.0.0.1", port)).ok());
    for color in [[200, 40, 10], [0, 99, 255]] {
        peer.write_all(&image(color)).unwrap();
        wait_for("the frame", || {
            let shot = display.shot();
            [(70, 12), (320, 200), (570, 388)].into_iter().all(|(x, y)| shot.at(x, y) == rgb(color)).then_some(())
        });
    }
    drop(peer);
    program.leave(&display);
}

/// Ctrl+O takes an address with its flags. Colours need both ends of a range: one alone is not left out in silence.
#[test]
fn frames_are_asked_for_in_the_window() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = Program::run(&display, command(&display, &["demo", "--vmin", "3", "--size", "640x400"]));
    wait_for("the demonstration", || program.title(&display).contains("demonstration").then_some(()));
    display.key("ctrl+o");
    std::thread::sleep(Duration::from_millis(600));
    display.xdotool(&["type", "--delay", "15", &format!("igtl://:{port} --as frames")]).unwrap();
    display.key("Return");
    let mut peer = wait_for("the listener", || TcpStream::connect(("127.0.0.1", port)).ok());
    peer.write_all(&image([120, 60, 30])).unwrap();
    wait_for("a frame", || {
        let shot = display.shot();
        [(70, 12), (320, 200), (570, 388)].into_iter().all(|(x, y)| shot.at(x, y) == rgb([120, 60, 30])).then_some(())
    });
    let told = wait_for("the error", || Some(display.errors()).filter(|told| told.contains("--vmin")));
    assert!(told.contains("--vmin, --vmax") && told.contains("which need both"), "{told}");
    peer.write_all(&image([10, 60, 30])).unwrap();
    wait_for("another", || (display.shot().at(320, 200) == rgb([10, 60, 30])).then_some(()));
    drop(peer);
    let [_, _, frames] = program.leave(&display);
    assert!(frames >= 2);
    assert_eq!(display.errors().matches("which need both").count(), 1, "it is said once: {}", display.errors());
}

/// A peer that sends nothing more is told of in the status line, though nothing else is drawn anew.
#[test]
fn a_silent_peer_is_told_of_in_the_status_line() {
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("igtl://:{port}");
    let program =
        Program::run(&display, decorated(&display, &["view", &address, "--size", "640x400", "--config", "none"]));
    let mut peer = wait_for("the listener", || TcpStream::connect(("127.0.0.1", port)).ok());
    peer.write_all(&image([200, 40, 10])).unwrap();
    wait_for("the frame", || (display.shot().at(320, 180) == rgb([200, 40, 10])).then_some(()));
    // The left half of the status line; the other half has rates, which change.
    let status = || {
        let shot = display.shot();
        (380..400).flat_map(|y| shot.line(y, 250).to_vec()).collect::<Vec<_>>()
    };
    wait_for("the title", || program.title(&display).contains("no samples for").then_some(()));
    // The seconds are counted.
    let before = status();
    wait_for("another number of seconds", || (status() != before).then_some(()));
    let before = status();
    wait_for("and another", || (status() != before).then_some(()));
    drop(peer);
    program.leave(&display);
}

#[test]
fn the_test_picture_of_ffmpeg_is_shown() {
    if !has_tool("ffmpeg") {
        return;
    }
    let Some(display) = Display::open("1000x700x24") else {
        return;
    };
    let camera = "-re -f lavfi -i color=c=0x305070:size=64x48:rate=10,format=rgb24";
    let program = Program::run(&display, command(&display, &["view", "--ffmpeg", camera, "--size", "640x400"]));
    wait_for("the picture", || {
        let shot = display.shot();
        [(70, 14), (320, 200), (570, 386)].into_iter().all(|(x, y)| shot.at(x, y) == 0x0030_5070).then_some(())
    });
    let [_, _, frames] = program.leave(&display);
    assert!(frames > 0);
}
