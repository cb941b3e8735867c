//! The connection: connect, reconnect, and read with a time-out.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Address;
use crate::source::SourceError;
use crate::source::dial::dial;
use crate::source::pace::PATIENCE;

/// The first pause between two attempts; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// A peer that is silent for this long is replaced by another that connects.
const SILENT: Duration = Duration::from_secs(5);

/// Bytes read at once.
const PIECE: usize = 256 << 10;

/// The result of waiting for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Got {
    Nothing,
    Some,
    /// There is no peer.
    NoPeer,
    /// A peer has connected: the next bytes are the beginning of a stream.
    Connected,
    /// The peer has disconnected.
    Lost,
}

#[derive(Debug)]
pub(super) struct Link {
    address: Address,
    listener: Option<TcpListener>,
    peer: Option<TcpStream>,
    /// The one that takes its place.
    other: Option<TcpStream>,
    attempt: Option<Receiver<io::Result<TcpStream>>>,
    /// When the next attempt may begin, and the pause after it.
    next: Instant,
    pause: Duration,
    pub(super) bytes: Vec<u8>,
    heard: Instant,
    /// When the peer connected, or a message of it was last complete.
    useful: Instant,
    /// A peer that sends no whole message for this long is replaced too, though it sends a byte now and then.
    slow: Duration,
    told: Option<ErrorKind>,
    refused: u64,
    /// What was last wrong.
    warning: Option<Arc<SourceError>>,
}

impl Link {
    /// Listens at once; connecting begins with the first [`Link::read`].
    pub(super) fn new(address: &Address, slow: Duration) -> Result<Self, SourceError> {
        let listener = address.listen.then(|| listen(address)).transpose().map_err(|error| SourceError::Open {
            name: address.to_string(),
            reason: format!("cannot listen at {address}: {error}"),
        })?;
        Ok(Self {
            address: address.clone(),
            listener,
            peer: None,
            other: None,
            slow,
            attempt: None,
            next: Instant::now(),
            pause: FIRST_PAUSE,
            bytes: Vec::new(),
            heard: Instant::now(),
            useful: Instant::now(),
            told: None,
            refused: 0,
            warning: None,
        })
    }

    /// The port that it listens on.
    pub(super) fn port(&self) -> u16 {
        let address = self.listener.as_ref().and_then(|listener| listener.local_addr().ok());
        address.map_or(self.address.port, |address| address.port())
    }

    /// What was last wrong with the peer.
    pub(super) fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }

    /// Logs a warning, and shows it in the state of the source.
    pub(super) fn warn(&mut self, reason: String) {
        let warning = SourceError::Open { name: self.address.to_string(), reason };
        log::warn!("{warning}");
        self.warning = Some(Arc::new(warning));
    }

    /// Whether the first attempt is still in progress.
    pub(super) fn is_first(&self) -> bool {
        self.listener.is_none() && self.pause == FIRST_PAUSE && self.told.is_none()
    }

    /// How long nothing has arrived.
    pub(super) fn silent(&self) -> Duration {
        self.heard.elapsed()
    }

    /// Reads into `bytes`, and waits for at most [`PATIENCE`].
    pub(super) fn read(&mut self) -> Got {
        self.bytes.clear();
        let Some(peer) = &mut self.peer else {
            return if self.connect() { Got::Connected } else { Got::NoPeer };
        };
        self.bytes.resize(PIECE, 0);
        let count = match peer.read(&mut self.bytes) {
            Ok(count) => count,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
            {
                self.bytes.clear();
                self.turn_away();
                return if self.other.is_some() { Got::Lost } else { Got::Nothing };
            }
            Err(error) => {
                log::info!("{}: {error}", self.address);
                0
            }
        };
        self.bytes.truncate(count);
        if count == 0 {
            self.close();
            return Got::Lost;
        }
        self.heard = Instant::now();
        // The connection works, so the next pause is short again.
        self.pause = FIRST_PAUSE;
        Got::Some
    }

    /// A message of the peer is complete.
    pub(super) fn completed(&mut self) {
        self.useful = Instant::now();
    }

    /// Sends all bytes, or closes the connection if the peer does not read them.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        if let Some(peer) = &mut self.peer
            && let Err(error) = peer.write_all(bytes)
        {
            log::info!("{}: {error}", self.address);
            self.close();
        }
    }

    pub(super) fn close(&mut self) {
        self.peer = None;
        self.next = Instant::now() + self.pause;
    }

    /// Rejects connections while there is a peer, unless that peer is silent. Call this only after reading all that the peer
    /// sent: the end of its stream has then been seen, so a peer that reconnects is not rejected because of its old connection.
    fn turn_away(&mut self) {
        for _ in 0..16 {
            let Some(listener) = self.listener.as_ref().filter(|_| self.peer.is_some()) else { return };
            let Ok((other, from)) = listener.accept() else { return };
            if self.heard.elapsed() > SILENT || self.useful.elapsed() > self.slow {
                log::info!("{}: {from} replaces a peer that sends nothing", self.address);
                self.close();
                self.other = Some(other);
                return;
            }
            if self.refused == 0 {
                self.warn(format!("{}: {from} is rejected: another peer is connected", self.address));
            }
            self.refused += 1;
        }
    }

    fn connect(&mut self) -> bool {
        let begun = Instant::now();
        if let Some(peer) = self.other.take() {
            return self.begin(peer);
        }
        if let Some(listener) = &self.listener {
            loop {
                match listener.accept() {
                    Ok((peer, from)) => {
                        log::info!("{}: {from} has connected", self.address);
                        return self.begin(peer);
                    }
                    Err(_) if begun.elapsed() >= PATIENCE => return false,
                    Err(_) => thread::sleep(Duration::from_millis(5)),
                }
            }
        }
        let wait = self.next.saturating_duration_since(begun);
        if self.attempt.is_none() {
            if wait > PATIENCE {
                thread::sleep(PATIENCE);
                return false;
            }
            thread::sleep(wait);
            self.attempt = attempt(&self.address);
        }
        let Some(attempt) = &self.attempt else { return self.failed(&io::Error::from(ErrorKind::OutOfMemory)) };
        match attempt.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            Err(RecvTimeoutError::Timeout) => false,
            Ok(Ok(peer)) => {
                self.attempt = None;
                log::info!("{}: connected", self.address);
                self.begin(peer)
            }
            Ok(Err(error)) => self.failed(&error),
            Err(RecvTimeoutError::Disconnected) => self.failed(&io::Error::from(ErrorKind::Other)),
        }
    }

    fn begin(&mut self, peer: TcpStream) -> bool {
        let set = peer
            .set_nonblocking(false)
            .and_then(|()| peer.set_read_timeout(Some(PATIENCE)))
            .and_then(|()| peer.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| peer.set_nodelay(true));
        if let Err(error) = set {
            return self.failed(&error);
        }
        self.peer = Some(peer);
        (self.heard, self.useful) = (Instant::now(), Instant::now());
        self.told = None;
        // If a peer closes the connection without sending a byte, do not reconnect at once.
        self.pause = (2 * self.pause).min(LAST_PAUSE);
        true
    }

    fn failed(&mut self, error: &io::Error) -> bool {
        self.attempt = None;
        if self.told != Some(error.kind()) {
            self.warn(format!("cannot connect to {}: {error}; trying again", self.address));
            self.told = Some(error.kind());
        }
        self.next = Instant::now() + self.pause;
        self.pause = (2 * self.pause).min(LAST_PAUSE);
        false
    }
}

fn listen(address: &Address) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((address.host.as_str(), address.port))?;
    listener.set_nonblocking(true)?;
    if address.is_open() {
        log::warn!(
            "{address}: any machine that reaches this one can connect; igtl://:{} accepts only this machine",
            address.port
        );
    }
    Ok(listener)
}

/// Connects on a thread of its own, which may be abandoned: looking up a name has no time-out.
fn attempt(address: &Address) -> Option<Receiver<io::Result<TcpStream>>> {
    let (sender, receiver) = sync_channel(1);
    let (host, port) = (address.host.clone(), address.port);
    let work = move || {
        let _ = sender.send(dial(&host, port));
    };
    thread::Builder::new().name("ringfall connect".to_owned()).spawn(work).ok()?;
    Some(receiver)
}
