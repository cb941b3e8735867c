//! The thread of a publisher: it owns all connections, and waits for none of them.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use super::client::{Client, Over, Speech};
use super::item::{Item, Message};
use super::{MOST_CLIENTS, PublishAddress, PublishProtocol, Shared, igtl, websocket, zmq};

/// How long to wait for a row before the connections are looked at: if something waits for a reader, if somebody is connected, and if
/// nobody is.
const BUSY: Duration = Duration::from_millis(2);
const IDLE: Duration = Duration::from_millis(10);
const ALONE: Duration = Duration::from_millis(50);
/// Rows that are passed on before the connections are looked at.
const AT_ONCE: usize = 64;
/// Connections that are taken or refused at once.
const ACCEPTED: usize = 256;

/// What a new reader of this protocol says is understood by this.
pub(super) fn speech(protocol: PublishProtocol, local: SocketAddr) -> Box<dyn Speech> {
    match protocol {
        PublishProtocol::Igtl => Box::new(igtl::Reader::new()),
        PublishProtocol::Zmq => Box::new(zmq::Reader::new()),
        PublishProtocol::WebSocket => Box::new(websocket::Reader::new(local)),
    }
}

pub(super) struct Server {
    listener: TcpListener,
    local: SocketAddr,
    address: PublishAddress,
    shared: Arc<Shared>,
    wake: Box<dyn Fn() + Send>,
    clients: Vec<Client>,
    buffer: Vec<u8>,
    said: Said,
}

/// Warnings that were given and are not repeated.
#[derive(Debug, Default)]
struct Said {
    refused: bool,
    accept: bool,
    size: bool,
}

impl Server {
    pub(super) fn new(
        listener: TcpListener,
        local: SocketAddr,
        address: &PublishAddress,
        shared: Arc<Shared>,
        wake: Box<dyn Fn() + Send>,
    ) -> Self {
        let mut address = address.clone();
        address.port = local.port();
        let (clients, buffer) = (Vec::new(), vec![0; 64 << 10]);
        Self { listener, local, address, shared, wake, clients, buffer, said: Said::default() }
    }

    /// Runs until nothing can come any more.
    pub(super) fn run(mut self, items: &Receiver<Item>, used: &SyncSender<Item>) {
        loop {
            let wait = if self.clients.iter().any(Client::has_waiting) {
                BUSY
            } else if self.clients.is_empty() {
                ALONE
            } else {
                IDLE
            };
            let mut next = match items.recv_timeout(wait) {
                Ok(item) => Some(item),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut count = 0;
            while let Some(item) = next {
                self.pass_on(&item);
                self.shared.waiting.fetch_sub(1, Relaxed);
                self.shared.waiting_bytes.fetch_sub(item.bytes(), Relaxed);
                if item.is_worth_keeping() {
                    // There is room for all that exist; if not, its memory is given back.
                    let _ = used.try_send(item);
                }
                count += 1;
                next = if count < AT_ONCE { items.try_recv().ok() } else { None };
            }
            let now = Instant::now();
            self.accept(now);
            self.step(now);
        }
    }

    /// Queues an item for all readers that want it.
    fn pass_on(&mut self, item: &Item) {
        let message = match self.address.protocol {
            PublishProtocol::Igtl => igtl::message(item),
            PublishProtocol::Zmq => Some(zmq::message(item, &self.address.key)),
            PublishProtocol::WebSocket => Some(Message::new(websocket::message(item))),
        };
        let Some(message) = message else {
            self.shared.dropped.fetch_add(1, Relaxed);
            if !std::mem::replace(&mut self.said.size, true) {
                log::warn!(
                    "--publish {}: OpenIGTLink has at most 65535 bins in a row or pixels in a line; larger ones are not sent",
                    self.address
                );
            }
            return;
        };
        let description = item.description();
        let describes = self.address.protocol == PublishProtocol::WebSocket;
        // Written only if somebody must be told.
        let mut text = None;
        for client in &mut self.clients {
            if !client.wants(&message) {
                continue;
            }
            let told = (describes && client.must_be_told(&description))
                .then(|| (description, &*text.get_or_insert_with(|| websocket::text(&item.json()).into())));
            if !client.send(&message, told) {
                self.shared.dropped.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut client.is_slow, true) {
                    log::info!("{}: {} reads too slowly", self.address, client.from);
                }
            }
        }
    }

    fn accept(&mut self, now: Instant) {
        for _ in 0..ACCEPTED {
            let (stream, from) = match self.listener.accept() {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Such as too many open files; those that have gone away meanwhile are no news.
                    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, WouldBlock};
                    let known = [ConnectionAborted, ConnectionReset, Interrupted, WouldBlock].contains(&error.kind());
                    if !known && !std::mem::replace(&mut self.said.accept, true) {
                        log::warn!("{}: cannot accept a reader: {error}", self.address);
                    }
                    return;
                }
            };
            if self.clients.len() >= MOST_CLIENTS {
                self.shared.refused.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut self.said.refused, true) {
                    log::warn!("{}: {from} is refused: {MOST_CLIENTS} readers are connected", self.address);
                }
                continue;
            }
            // Without these it would hold up the others.
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            // It only reduces the delay.
            let _ = stream.set_nodelay(true);
            let speech = speech(self.address.protocol, self.local);
            log::info!("{}: {from} has connected", self.address);
            self.clients.push(Client::new(stream, from, speech, now));
        }
    }

    /// Reads and writes what there is.
    fn step(&mut self, now: Instant) {
        let (buffer, shared, address) = (&mut self.buffer, &self.shared, &self.address);
        let before = self.clients.len();
        let mut joined = false;
        self.clients.retain_mut(|client| {
            let over = match client.step(now, buffer) {
                Ok(new) => {
                    joined |= new;
                    return true;
                }
                Err(over) => over,
            };
            match over {
                Over::Closed => log::info!("{address}: {} has left", client.from),
                Over::Stalled => {
                    shared.stalled.fetch_add(1, Relaxed);
                    log::warn!("{address}: {} has taken nothing for a while and is disconnected", client.from);
                }
                Over::Wrong(error) => log::warn!("{address}: {} is disconnected: {error}", client.from),
            }
            false
        });
        self.shared.clients.store(self.clients.len(), Relaxed);
        if joined {
            self.shared.joined.store(true, Relaxed);
        }
        if joined || self.clients.len() != before {
            (self.wake)();
        }
    }
}
