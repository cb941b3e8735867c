//! A connection to a reader: what waits for it, and what it says.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::item::{Description, Message};
use super::{PATIENCE, QUEUE_BYTES};

/// What a reader's bytes lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Go on.
    Fine,
    /// Close the connection when the reply has been sent.
    Close,
}

/// A reader's protocol: what it says is understood and answered. Pure: bytes in, bytes out.
pub(super) trait Speech: Send {
    /// The connection has been made.
    fn begin(&mut self, reply: &mut Vec<u8>) {
        let _ = reply;
    }

    /// Takes bytes in pieces of any size.
    fn hear(&mut self, bytes: &[u8], reply: &mut Vec<u8>) -> Result<Heard, String>;

    /// Whether it has said what must precede messages to it.
    fn is_ready(&self) -> bool {
        true
    }

    /// Whether it wants messages about this.
    fn wants(&self, topic: &[u8]) -> bool {
        let _ = topic;
        self.is_ready()
    }
}

/// Bytes of answers that may wait in addition; a reader that asks for more is not read until it has taken some.
const ANSWER_BYTES: usize = 64 << 10;
/// A reader that closes properly has so long to take the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// It has ended as connections do.
    Closed,
    /// The reader has taken nothing for too long.
    Stalled,
    /// The reader has said something wrong.
    Wrong(String),
}

/// A reader.
pub(super) struct Client {
    stream: TcpStream,
    pub(super) from: SocketAddr,
    speech: Box<dyn Speech>,
    queue: VecDeque<Arc<[u8]>>,
    /// Bytes in the queue, and how many of the first have been sent.
    queued: usize,
    sent: usize,
    begun: Instant,
    /// When it last took bytes, or there were none to take.
    taken: Instant,
    /// Since when it is being closed.
    closing: Option<Instant>,
    /// The description that it was sent last.
    told: Option<Description>,
    reply: Vec<u8>,
    was_ready: bool,
    /// A message has been dropped since its queue was last empty.
    pub(super) is_slow: bool,
}

impl Client {
    pub(super) fn new(stream: TcpStream, from: SocketAddr, speech: Box<dyn Speech>, now: Instant) -> Self {
        let mut client = Self {
            stream,
            from,
            speech,
            queue: VecDeque::new(),
            queued: 0,
            sent: 0,
            begun: now,
            taken: now,
            closing: None,
            told: None,
            reply: Vec::new(),
            was_ready: false,
            is_slow: false,
        };
        client.speech.begin(&mut client.reply);
        client.answer();
        client
    }

    /// Bytes wait for it.
    pub(super) fn has_waiting(&self) -> bool {
        self.queued > 0
    }

    /// Whether it must be sent this description before a message.
    pub(super) fn must_be_told(&self, description: &Description) -> bool {
        self.told.as_ref() != Some(description)
    }

    /// Whether it wants this message.
    pub(super) fn wants(&self, message: &Message) -> bool {
        self.closing.is_none() && self.speech.wants(&message.bytes[message.topic.clone()])
    }

    /// Queues a message, and the text that describes it if it must be told. False: it is too slow, and the message was dropped.
    pub(super) fn send(&mut self, message: &Message, told: Option<(Description, &Arc<[u8]>)>) -> bool {
        let bytes = message.bytes.len() + told.as_ref().map_or(0, |(_, text)| text.len());
        if self.queued > 0 && self.queued.saturating_add(bytes) > QUEUE_BYTES {
            return false;
        }
        if let Some((description, text)) = told {
            self.told = Some(description);
            self.push(Arc::clone(text));
        }
        self.push(Arc::clone(&message.bytes));
        true
    }

    fn push(&mut self, bytes: Arc<[u8]>) {
        self.queued += bytes.len();
        self.queue.push_back(bytes);
    }

    fn answer(&mut self) {
        if !self.reply.is_empty() {
            let reply = Arc::from(self.reply.as_slice());
            self.push(reply);
            self.reply.clear();
        }
    }

    /// Reads what it says and sends what it takes, without waiting. `Ok(true)`: it has just become ready to read.
    pub(super) fn step(&mut self, now: Instant, buffer: &mut [u8]) -> Result<bool, Over> {
        self.flush(now)?;
        if self.queued < QUEUE_BYTES + ANSWER_BYTES {
            self.hear(buffer)?;
            self.flush(now)?;
        }
        if let Some(since) = self.closing {
            if self.queued == 0 {
                // The reader sees the end, and not a reset.
                let _ = self.stream.shutdown(Shutdown::Write);
                return Err(Over::Closed);
            }
            if now.saturating_duration_since(since) > LINGER {
                return Err(Over::Closed);
            }
        }
        let ready = self.speech.is_ready();
        if !ready && now.saturating_duration_since(self.begun) > PATIENCE {
            return Err(Over::Wrong(format!("it has not said within {} s what it wants", PATIENCE.as_secs())));
        }
        if self.queued > 0 && now.saturating_duration_since(self.taken) > PATIENCE {
            return Err(Over::Stalled);
        }
        let joined = ready && !self.was_ready;
        self.was_ready = ready;
        Ok(joined)
    }

    fn hear(&mut self, buffer: &mut [u8]) -> Result<(), Over> {
        let count = match self.stream.read(buffer) {
            Ok(0) => return Err(Over::Closed),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(()),
            Err(_) => return Err(Over::Closed),
        };
        // Nothing it says matters any more.
        if self.closing.is_some() {
            return Ok(());
        }
        let heard = self.speech.hear(&buffer[..count], &mut self.reply).map_err(Over::Wrong)?;
        self.answer();
        if heard == Heard::Close {
            self.closing = Some(Instant::now());
        }
        Ok(())
    }

    fn flush(&mut self, now: Instant) -> Result<(), Over> {
        while let Some(first) = self.queue.front() {
            match self.stream.write(&first[self.sent..]) {
                Ok(0) => return Err(Over::Closed),
                Ok(count) => {
                    self.sent += count;
                    self.queued -= count;
                    self.taken = now;
                    if self.sent == first.len() {
                        self.queue.pop_front();
                        self.sent = 0;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Over::Closed),
            }
        }
        self.taken = now;
        self.is_slow = false;
        Ok(())
    }
}
