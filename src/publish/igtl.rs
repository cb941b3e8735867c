//! Readers that speak OpenIGTLink.

use super::client::{Heard, Speech};
use super::item::{Content, Item, Message};
use crate::source::igtl::{self, Assembler, Image, Scalar, Timestamp};
use crate::source::pace::now_ns;

/// The name of the device that the images come from.
const DEVICE: &str = "ringfall";
/// A longer query is skipped.
const LONGEST_QUERY: u64 = 64 << 10;

/// The message of an item; none if the size does not fit the protocol's 16 bits.
pub(super) fn message(item: &Item) -> Option<Message> {
    let mut pixels = Vec::with_capacity(item.bytes());
    item.write(3, &mut pixels);
    let (image, time_ns) = match item.content {
        Content::Row { stamp, .. } => {
            let bins = u16::try_from(item.row.len()).ok()?;
            (Image::new(Scalar::F32, [bins, 1, 1], pixels), stamp.time_ns)
        }
        Content::Picture { width, height } => {
            let size = [u16::try_from(width).ok()?, u16::try_from(height).ok()?, 1];
            let mut image = Image::new(Scalar::U8, size, pixels);
            image.components = 3;
            (image, now_ns())
        }
    };
    let mut message = igtl::Message::new("IMAGE", DEVICE, image.encode());
    message.time = Timestamp::from_ns(time_ns);
    message.encode().ok().map(Message::new)
}

/// A reader.
pub(super) struct Reader {
    assembler: Assembler,
}

impl Reader {
    pub(super) fn new() -> Self {
        // Whatever else a peer sends is skipped and takes no memory.
        let assembler = Assembler::new(u64::MAX, |header| {
            header.body_bytes <= LONGEST_QUERY && matches!(header.kind.get(..4), Some("GET_" | "STT_" | "STP_"))
        });
        Self { assembler }
    }
}

impl Speech for Reader {
    fn hear(&mut self, mut bytes: &[u8], reply: &mut Vec<u8>) -> Result<Heard, String> {
        while let Some((header, body)) = self.assembler.take(&mut bytes).map_err(|error| error.to_string())? {
            // A damaged query gets no answer.
            let Ok(asked) = igtl::Message::decode(&header, body) else { continue };
            if let Some(Ok(answer)) = igtl::answer(&asked).map(|answer| answer.encode()) {
                reply.extend(answer);
            }
        }
        Ok(Heard::Fine)
    }
}
