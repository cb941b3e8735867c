//! STATUS messages, and the answers to queries.

use super::error::{IgtlError, at, field};
use super::message::Message;

/// The content of a STATUS message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusContent {
    /// 1 is OK, any other value is an error.
    pub code: u16,
    /// A number of the device's own.
    pub subcode: i64,
    /// A name of the error, of 20 bytes at most.
    pub name: String,
    /// Text for humans.
    pub text: String,
}

impl StatusContent {
    /// The code for OK.
    pub const OK: u16 = 1;

    /// Reads the content of a message.
    ///
    /// # Errors
    /// [`IgtlError::Field`] for content of fewer than 30 bytes.
    pub fn decode(content: &[u8]) -> Result<Self, IgtlError> {
        const PART: &str = "status";
        let text = |bytes: &[u8]| {
            let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(text).into_owned()
        };
        Ok(Self {
            code: u16::from_be_bytes(at(content, PART, 0)?),
            subcode: i64::from_be_bytes(at(content, PART, 2)?),
            name: text(&at::<20>(content, PART, 10)?),
            text: text(&content[30..]),
        })
    }

    /// The content of a message.
    ///
    /// # Errors
    /// [`IgtlError::Field`] for a name of more than 20 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, IgtlError> {
        let Self { code, subcode, name, text } = self;
        if name.len() > 20 {
            return field("status", "name", "20 bytes at most", format!("{name:?}"));
        }
        let mut bytes = Vec::new();
        bytes.extend(code.to_be_bytes());
        bytes.extend(subcode.to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.resize(30, 0);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Ok(bytes)
    }
}

/// Supported message types, as CAPABILITY lists them.
const TYPES: [&str; 5] = ["IMAGE", "STATUS", "CAPABILITY", "GET_STATUS", "GET_CAPABIL"];

/// The answer to a message, if it is a query.
///
/// A query for data that do not exist, and a request to stream them, get RTS with the status 1, which is an error. A request
/// to stop gets 0, since nothing is streaming.
pub fn answer(asked: &Message<'_>) -> Option<Message<'static>> {
    let device = asked.device.clone();
    let mut answer = match asked.kind.as_str() {
        "GET_STATUS" => {
            let ok = StatusContent { code: StatusContent::OK, subcode: 0, name: String::new(), text: "OK".to_owned() };
            Message::new("STATUS", device, ok.encode().ok()?)
        }
        "GET_CAPABIL" => {
            let mut names = Vec::new();
            for (name, end) in TYPES.iter().zip(1..) {
                names.extend_from_slice(name.as_bytes());
                names.resize(12 * end, 0);
            }
            Message::new("CAPABILITY", device, names)
        }
        kind => {
            let (kind, failed) = match kind.split_at_checked(4)? {
                ("GET_" | "STT_", kind) => (kind, 1),
                ("STP_", kind) => (kind, 0),
                _ => return None,
            };
            Message::new(format!("RTS_{kind}"), device, vec![failed])
        }
    };
    answer.version = asked.version;
    answer.id = asked.id;
    // A name that was not UTF-8 may have become longer.
    while answer.device.len() > 20 {
        answer.device.pop();
    }
    Some(answer)
}
