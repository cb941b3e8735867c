//! Rows, or the finished picture, sent on to other programs: over OpenIGTLink, ZeroMQ and WebSocket.
//!
//! A [`Publisher`] listens on an address. It has one thread, which owns all connections and never waits for any of them.
//! [`Publisher::offer`] copies a row into a bounded queue to that thread. Nothing is copied while nobody is connected.
//!
//! | protocol | a row | a picture |
//! |---|---|---|
//! | `igtl` | an IMAGE of bins × 1 × 1 pixels, `f32`, little-endian, with the row's time | an IMAGE of RGB bytes |
//! | `zmq` | the key, if there is one, and a frame of `f32`, little-endian | the key, a frame of JSON, and a frame of RGB bytes |
//! | `ws` | a binary message of `f32`, little-endian | a binary message of RGBA bytes |
//!
//! Over WebSocket a text message with JSON precedes the first row or picture, and each that has another size or other frequencies.
//! A browser that opens the same address over HTTP gets a page that draws them.
//!
//! What a reader does not take in time waits in a queue of [`QUEUE_BYTES`]. What does not fit is dropped for this reader,
//! and counted. A reader that takes nothing for [`PATIENCE`] while its queue is not empty is disconnected. There are at most
//! [`MOST_CLIENTS`] connections.

mod address;
mod client;
mod igtl;
mod item;
mod server;
mod websocket;
mod zmq;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use address::{PublishAddress, PublishProtocol};
use item::{Content, Item};
use server::Server;

use crate::stamp::Stamp;
use crate::unit::Unit;

/// Connections at most. Further ones are closed at once.
pub const MOST_CLIENTS: usize = 32;
/// Bytes that wait for one reader at most, apart from a single message that is larger.
pub const QUEUE_BYTES: usize = 4 << 20;
/// A reader that takes nothing for so long is disconnected, and so is one that does not say what the protocol requires at first.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Rows in the queue to the thread at most.
const DEPTH: usize = 256;
/// Bytes in it at most, apart from a single row that is larger.
const DEPTH_BYTES: usize = 16 << 20;

/// Why nothing can be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// A text is not an address.
    #[error("'{text}' is not an address to publish at: expected {expected}")]
    Address {
        /// The text.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot publish at {address}: {cause}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        cause: io::Error,
    },
    /// No thread can be started.
    #[error("cannot start a thread for {address}: {cause}")]
    Thread {
        /// The address.
        address: String,
        /// Why not.
        cause: io::Error,
    },
}

/// How a publisher is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishStatus {
    /// Connections now.
    pub clients: usize,
    /// Rows or pictures that were dropped: for each reader that was too slow for one, and those that no reader got because
    /// the queue was full or the protocol cannot express them.
    pub dropped: u64,
    /// Readers that were disconnected because they took nothing.
    pub stalled: u64,
    /// Connections that were closed at once because there were too many.
    pub refused: u64,
}

/// What both threads see.
#[derive(Debug, Default)]
struct Shared {
    clients: AtomicUsize,
    dropped: AtomicU64,
    stalled: AtomicU64,
    refused: AtomicU64,
    /// Rows and bytes in the queue.
    waiting: AtomicUsize,
    waiting_bytes: AtomicUsize,
    /// Somebody has become ready to read.
    joined: AtomicBool,
}

/// What the bytes of a reader lead to, in these pieces: whether it has become ready, and the answer. For the targets in `fuzz/`.
#[doc(hidden)]
pub fn hear<'a>(protocol: PublishProtocol, pieces: impl Iterator<Item = &'a [u8]>) -> Result<(bool, Vec<u8>), String> {
    let local = SocketAddr::from(([127, 0, 0, 1], 8080));
    let (mut speech, mut answer) = (server::speech(protocol, local), Vec::new());
    speech.begin(&mut answer);
    for piece in pieces {
        if speech.hear(piece, &mut answer)? == client::Heard::Close {
            break;
        }
        // It is asked for every row.
        let _ = speech.wants(b"a topic");
    }
    Ok((speech.is_ready(), answer))
}

/// Sends rows or pictures to all that connect. See [the module](self).
///
/// If it is dropped, all connections are closed.
#[derive(Debug)]
pub struct Publisher {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// `None` only while it is dropped.
    queue: Option<SyncSender<Item>>,
    /// Used items come back, so that their memory is used again.
    used: Receiver<Item>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Listens, and starts the thread. `wake` is called on it when somebody has become ready to read, or has left.
    ///
    /// # Errors
    /// [`PublishError::Listen`] if the port is not available or the host is none of this machine, and [`PublishError::Thread`].
    pub fn start(address: &PublishAddress, wake: Box<dyn Fn() + Send>) -> Result<Self, PublishError> {
        let wrong = |cause| PublishError::Listen { address: address.to_string(), cause };
        let listener = TcpListener::bind((address.host.as_str(), address.port)).map_err(wrong)?;
        listener.set_nonblocking(true).map_err(wrong)?;
        let local = listener.local_addr().map_err(wrong)?;
        if !local.ip().is_loopback() {
            let (protocol, port) = (address.protocol.scheme(), local.port());
            log::warn!(
                "--publish {address}: any machine that reaches this one can read; {protocol}://:{port} lets only this machine do so"
            );
        }
        let shared = Arc::new(Shared::default());
        let (queue, items) = sync_channel(DEPTH);
        let (back, used) = sync_channel(DEPTH);
        let server = Server::new(listener, local, address, Arc::clone(&shared), wake);
        let thread = std::thread::Builder::new().name("publish".to_owned()).spawn(move || server.run(&items, &back));
        let thread = thread.map_err(|cause| PublishError::Thread { address: address.to_string(), cause })?;
        Ok(Self { address: local, shared, queue: Some(queue), used, thread: Some(thread) })
    }

    /// Where it listens. The port is a free one if 0 was requested.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Sends a row to all readers. It never waits: if the queue is full, the row is dropped and counted. Without readers it does nothing.
    pub fn offer(&self, stamp: &Stamp, unit: Unit, row: &[f32]) {
        self.send(size_of_val(row), |item| {
            item.content = Content::Row { stamp: *stamp, unit };
            item.row.clear();
            item.row.extend_from_slice(row);
        });
    }

    /// Sends a picture to all readers, as [`Publisher::offer`] does a row: RGBA, row by row from the top.
    pub fn offer_picture(&self, width: u32, height: u32, rgba: &[[u8; 4]]) {
        self.send(size_of_val(rgba), |item| {
            item.content = Content::Picture { width, height };
            item.rgba.clear();
            item.rgba.extend_from_slice(rgba);
        });
    }

    /// Whether a picture would be sent now: somebody is connected, and nothing waits in the queue. To compute one otherwise is wasted.
    pub fn wants_picture(&self) -> bool {
        self.shared.clients.load(Relaxed) > 0 && self.shared.waiting.load(Relaxed) == 0
    }

    /// Whether somebody has become ready to read since the last call.
    pub fn take_joined(&self) -> bool {
        self.shared.joined.swap(false, Relaxed)
    }

    /// How it is doing.
    pub fn status(&self) -> PublishStatus {
        let Shared { clients, dropped, stalled, refused, .. } = &*self.shared;
        PublishStatus {
            clients: clients.load(Relaxed),
            dropped: dropped.load(Relaxed),
            stalled: stalled.load(Relaxed),
            refused: refused.load(Relaxed),
        }
    }

    fn send(&self, bytes: usize, fill: impl FnOnce(&mut Item)) {
        let shared = &*self.shared;
        if shared.clients.load(Relaxed) == 0 || bytes == 0 {
            return;
        }
        let (waiting, waiting_bytes) = (shared.waiting.load(Relaxed), shared.waiting_bytes.load(Relaxed));
        let fits = waiting < DEPTH && (waiting == 0 || waiting_bytes.saturating_add(bytes) <= DEPTH_BYTES);
        let Some(queue) = self.queue.as_ref().filter(|_| fits) else {
            shared.dropped.fetch_add(1, Relaxed);
            return;
        };
        let mut item = self.used.try_recv().unwrap_or_default();
        fill(&mut item);
        shared.waiting.fetch_add(1, Relaxed);
        shared.waiting_bytes.fetch_add(bytes, Relaxed);
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = queue.try_send(item) {
            shared.waiting.fetch_sub(1, Relaxed);
            shared.waiting_bytes.fetch_sub(bytes, Relaxed);
            shared.dropped.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // The thread ends when nothing can come any more; it looks at least every 50 ms.
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It panicked: that has been reported, and nothing is left to do.
            let _ = thread.join();
        }
    }
}
