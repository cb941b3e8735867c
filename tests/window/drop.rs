//! A file that is dragged onto the window and dropped: the other side of XDND (freedesktop.org, version 5).

use std::path::Path;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

use super::{Display, PATIENCE, Program};

/// The path as a URI, with what is no letter or digit as %XX.
fn uri(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let encoded = path.to_str().unwrap().bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    format!("file://{}", encoded.collect::<String>())
}

/// Drags a file over the middle of the program's window and drops it there. Returns when the window says that it is done.
pub(super) fn drop_file(display: &Display, program: &Program, path: &Path) {
    let (connection, screen) = RustConnection::connect(Some(&display.name)).unwrap();
    let root = connection.setup().roots[screen].root;
    let target: u32 = program.window.parse().unwrap();
    let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
    let [enter, position, status, release, finished, selection, list, copy] = [
        "XdndEnter",
        "XdndPosition",
        "XdndStatus",
        "XdndDrop",
        "XdndFinished",
        "XdndSelection",
        "text/uri-list",
        "XdndActionCopy",
    ]
    .map(atom);
    let aware = connection.get_property(false, target, atom("XdndAware"), 4_u32, 0, 1).unwrap().reply().unwrap();
    assert!(aware.value32().and_then(|mut versions| versions.next()) >= Some(5), "the window takes drops");

    let source = connection.generate_id().unwrap();
    let (depth, visual) = (COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT);
    let nothing = CreateWindowAux::new();
    connection.create_window(depth, source, root, 0, 0, 1, 1, 0, WindowClass::INPUT_OUTPUT, visual, &nothing).unwrap();
    connection.set_selection_owner(source, selection, CURRENT_TIME).unwrap();
    let say = |message: Atom, rest: [u32; 4]| {
        let data = [source, rest[0], rest[1], rest[2], rest[3]];
        let event = ClientMessageEvent::new(32, target, message, data);
        connection.send_event(false, target, EventMask::NO_EVENT, event).unwrap();
        connection.flush().unwrap();
    };
    let at = connection.translate_coordinates(target, root, 300, 300).unwrap().reply().unwrap();
    // Version 5, one type of data.
    say(enter, [5 << 24, list, 0, 0]);
    say(position, [0, (at.dst_x as u32) << 16 | at.dst_y as u32, CURRENT_TIME, copy]);

    let data = format!("{}\r\n", uri(path));
    let give = |wanted: &SelectionRequestEvent| {
        assert_eq!((wanted.selection, wanted.target), (selection, list), "it asks for what is there");
        let property = wanted.property;
        connection.change_property8(PropMode::REPLACE, wanted.requestor, property, list, data.as_bytes()).unwrap();
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: wanted.time,
            requestor: wanted.requestor,
            selection,
            target: list,
            property,
        };
        connection.send_event(false, wanted.requestor, EventMask::NO_EVENT, answer).unwrap();
        connection.flush().unwrap();
    };
    let start = Instant::now();
    let mut is_dropped = false;
    loop {
        assert!(start.elapsed() < PATIENCE, "waited in vain for the window to take the file (dropped: {is_dropped})");
        match connection.poll_for_event().unwrap() {
            Some(Event::SelectionRequest(wanted)) => give(&wanted),
            Some(Event::ClientMessage(told)) if told.type_ == status => {
                assert_eq!(told.data.as_data32()[1] & 1, 1, "the window would take the file");
                if !is_dropped {
                    say(release, [0, CURRENT_TIME, 0, 0]);
                    is_dropped = true;
                }
            }
            Some(Event::ClientMessage(told)) if told.type_ == finished => {
                assert!(is_dropped);
                return;
            }
            Some(_) => {}
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
