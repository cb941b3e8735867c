//! Readers that speak ZeroMQ: subscribers.

use super::client::{Heard, Speech};
use super::item::{Content, Item, Message};
use crate::source::network::zmtp::{Decoder, Event, MORE, frame_head, greeting, ready_to_publish};

/// A longer message of a subscriber is an error: subscriptions are short.
const LONGEST: usize = 4096;
/// Subscriptions of one reader at most.
const MOST: usize = 1024;

/// The message of an item: the key, if there is one; for pictures their size as JSON; and the content.
pub(super) fn message(item: &Item, key: &str) -> Message {
    let mut content = Vec::with_capacity(item.bytes());
    item.write(3, &mut content);
    let json = matches!(item.content, Content::Picture { .. }).then(|| item.json());
    let mut frames: Vec<&[u8]> = Vec::with_capacity(3);
    if !key.is_empty() {
        frames.push(key.as_bytes());
    }
    frames.extend(json.as_ref().map(|json| json.as_bytes()));
    frames.push(&content);
    let mut bytes = Vec::with_capacity(content.len() + 600);
    let mut topic = 0..0;
    for (index, frame) in frames.iter().enumerate() {
        bytes.extend(frame_head(if index + 1 < frames.len() { MORE } else { 0 }, frame.len()));
        if index == 0 {
            topic = bytes.len()..bytes.len() + frame.len();
        }
        bytes.extend_from_slice(frame);
    }
    Message { bytes: bytes.into(), topic }
}

/// A subscriber.
pub(super) struct Reader {
    decoder: Decoder,
    ready: bool,
    /// What it has subscribed to, each as often as it has.
    topics: Vec<Vec<u8>>,
    /// A message, until it is complete.
    held: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { decoder: Decoder::of_publisher(), ready: false, topics: Vec::new(), held: Vec::new() }
    }

    /// A message has come: 1 and what to subscribe to, or 0 and what to cancel.
    fn subscribe(&mut self) -> Result<(), String> {
        let Some((kind, topic)) = self.held.split_first() else { return Ok(()) };
        match kind {
            1 if self.topics.len() == MOST => return Err(format!("more than {MOST} subscriptions")),
            1 => self.topics.push(topic.to_vec()),
            0 => {
                if let Some(place) = self.topics.iter().position(|known| known == topic) {
                    self.topics.swap_remove(place);
                }
            }
            // Other messages of an XSUB mean nothing here.
            _ => {}
        }
        Ok(())
    }
}

impl Speech for Reader {
    fn begin(&mut self, reply: &mut Vec<u8>) {
        reply.extend(greeting());
    }

    fn hear(&mut self, mut bytes: &[u8], reply: &mut Vec<u8>) -> Result<Heard, String> {
        while let Some(event) = self.decoder.take(&mut bytes).map_err(|error| error.to_string())? {
            match event {
                Event::Greeting => reply.extend(ready_to_publish()),
                Event::Ready => self.ready = true,
                Event::Ping => reply.extend(self.decoder.pong()),
                Event::Content { bytes, end, .. } => {
                    if self.held.len() + bytes.len() > LONGEST {
                        return Err(format!("a subscription of more than {LONGEST} bytes"));
                    }
                    self.held.extend_from_slice(bytes);
                    if end {
                        self.subscribe()?;
                        self.held.clear();
                    }
                }
            }
        }
        Ok(Heard::Fine)
    }

    fn is_ready(&self) -> bool {
        self.ready
    }

    fn wants(&self, topic: &[u8]) -> bool {
        self.topics.iter().any(|wanted| topic.starts_with(wanted))
    }
}
