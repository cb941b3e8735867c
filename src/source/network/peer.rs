//! The thread of a peer over TCP: it connects, or listens, reads, and connects again.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Receiver as Commands;
use std::thread;
use std::time::{Duration, Instant};

use super::PeerAddress;
use super::queue::{Air, Queue};
use super::receiver::{Phase, Shared};
use crate::source::dial::dial;
use crate::source::pace::PATIENCE;
use crate::source::{Control, SourceError};

/// The first pause between two attempts; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// A connection that lasted this long was a good one: the next pause is the first again.
const GOOD: Duration = Duration::from_secs(2);
/// How long a peer may take to introduce itself.
const GREETING: Duration = Duration::from_secs(10);
/// A peer that is silent for this long is replaced by another that connects.
const SILENT: Duration = Duration::from_secs(5);
/// So is one that sends less than [`FEW`] bytes in this time.
const SLOW: Duration = Duration::from_secs(10);
const FEW: usize = 4096;
/// How long a peer may leave what was sent to it unread.
const UNREAD: Duration = Duration::from_secs(1);
/// Bytes read at once.
const READ: usize = 256 << 10;

/// What a peer says, and what is said to it. All methods are called on the thread of the peer.
pub(super) trait Speech: Send + 'static {
    /// A connection was made: what was said before is void. Appends what is to be sent first.
    fn begin(&mut self, reply: &mut Vec<u8>);

    /// Takes the next bytes: puts samples into `out`, and appends what is to be sent to `reply`.
    ///
    /// # Errors
    /// Why the rest of the stream cannot be read; then another connection is made.
    fn take(&mut self, bytes: &[u8], out: &mut Out<'_>, reply: &mut Vec<u8>) -> Result<(), String>;

    /// Sets a control, connected or not, and appends what is to be sent if it is.
    fn control(&mut self, control: Control, reply: &mut Vec<u8>);

    /// What the peer has to send before anything else, while it has not; it has [`GREETING`] for it.
    fn owed(&self) -> Option<&'static str>;

    /// For how long the peer may be silent, unless it may be for ever.
    fn silence(&self) -> Option<Duration>;
}

/// Where samples go.
pub(super) struct Out<'a> {
    queue: &'a Queue,
    shared: &'a Shared,
    partial: &'a mut Vec<u8>,
}

impl<'a> Out<'a> {
    /// Samples go into this queue; `partial` keeps a sample that has come in part.
    pub(super) fn new(shared: &'a Shared, partial: &'a mut Vec<u8>) -> Self {
        Self { queue: &shared.queue, shared, partial }
    }
}

impl Out<'_> {
    /// Puts samples, of which the last may be completed by the next call. `lost` are missing before them.
    pub(super) fn put(&mut self, mut bytes: &[u8], air: &Arc<Air>, lost: u64) {
        let size = air.coding.sample_bytes();
        let mut lost = lost;
        if !self.partial.is_empty() {
            let wanted = size.saturating_sub(self.partial.len()).min(bytes.len());
            self.partial.extend_from_slice(&bytes[..wanted]);
            bytes = &bytes[wanted..];
            if self.partial.len() < size {
                return;
            }
            self.queue.put(self.partial, air, std::mem::take(&mut lost));
            self.partial.clear();
        }
        let whole = bytes.len() - bytes.len() % size;
        self.queue.put(&bytes[..whole], air, lost);
        self.partial.extend_from_slice(&bytes[whole..]);
    }

    /// Drops a sample that has not come completely; returns whether there was one.
    pub(super) fn cut(&mut self) -> bool {
        let cut = !self.partial.is_empty();
        self.partial.clear();
        cut
    }

    /// Logs a warning, and shows it in the state of the source.
    pub(super) fn warn(&self, reason: String) {
        self.shared.warn(format!("{}: {reason}", self.shared.name));
    }
}

/// The thread's state.
struct Peer<S> {
    address: PeerAddress,
    listener: Option<TcpListener>,
    /// A connection that replaces the one before.
    next: Option<TcpStream>,
    /// A peer that is lost is waited for. Otherwise the source ends.
    again: bool,
    shared: Arc<Shared>,
    commands: Commands<Control>,
    speech: S,
    pause: Duration,
    told: Option<ErrorKind>,
    partial: Vec<u8>,
    reply: Vec<u8>,
}

/// Listens, if that is what the address is for.
pub(super) fn listen(address: &mut PeerAddress) -> Result<Option<TcpListener>, SourceError> {
    if !address.listen {
        return Ok(None);
    }
    let wrong = |cause: io::Error| SourceError::Open {
        name: address.to_string(),
        reason: format!("cannot listen at {address}: {cause}"),
    };
    let listener = TcpListener::bind((address.host.as_str(), address.port)).map_err(wrong)?;
    listener.set_nonblocking(true).map_err(wrong)?;
    let port = listener.local_addr().map_err(wrong)?.port();
    address.port = port;
    warn_if_open(address);
    Ok(Some(listener))
}

/// Says that other machines can send.
pub(super) fn warn_if_open(address: &PeerAddress) {
    if address.is_open() {
        let (scheme, port) = (address.protocol.scheme(), address.port);
        log::warn!(
            "{address}: any machine that reaches this one can send; {scheme}://:{port} accepts only this machine"
        );
    }
}

/// Starts the thread. It ends when the receiver is dropped, and is not waited for: looking up a name has no time-out.
pub(super) fn start(
    address: PeerAddress,
    listener: Option<TcpListener>,
    again: bool,
    speech: impl Speech,
    shared: Arc<Shared>,
    commands: Commands<Control>,
) -> Result<(), SourceError> {
    let name = shared.name.clone();
    let peer = Peer {
        address,
        listener,
        next: None,
        again,
        shared,
        commands,
        speech,
        pause: FIRST_PAUSE,
        told: None,
        partial: Vec::new(),
        reply: Vec::new(),
    };
    let thread = thread::Builder::new().name("ringfall peer".to_owned());
    let work = move || Arc::clone(&peer.shared).guard(|| peer.run());
    thread.spawn(work).map(drop).map_err(|cause| SourceError::Thread { name, cause })
}

/// Why a connection ended.
enum Lost {
    Stopped,
    Closed,
    Failed(String),
}

impl<S: Speech> Peer<S> {
    fn run(mut self) {
        while !self.shared.stopped() {
            let begun = Instant::now();
            let lost = match self.connect() {
                Ok(Some(stream)) => {
                    self.told = None;
                    self.talk(stream)
                }
                Ok(None) => continue,
                Err(error) => {
                    let reason = format!("cannot connect to {}: {error}", self.address);
                    if !self.again {
                        return self.end(reason);
                    }
                    if self.told != Some(error.kind()) {
                        self.told = Some(error.kind());
                        self.shared.warn(format!("{reason}; trying again"));
                    }
                    Lost::Closed
                }
            };
            self.shared.set(Phase::Waiting);
            match lost {
                Lost::Stopped => return,
                Lost::Closed if self.again => log::info!("{}: the connection has ended", self.address),
                Lost::Closed => return self.shared.queue.end(None),
                Lost::Failed(reason) if self.again => {
                    self.shared.warn(format!("{}: {reason}; connecting again", self.address));
                }
                Lost::Failed(reason) => return self.end(format!("{}: {reason}", self.address)),
            }
            if begun.elapsed() >= GOOD + self.pause {
                self.pause = FIRST_PAUSE;
            }
            self.rest();
        }
    }

    /// The source ends.
    fn end(&self, reason: String) {
        self.shared.queue.end(Some(SourceError::Open { name: self.address.to_string(), reason }));
    }

    /// Waits before the next attempt.
    fn rest(&mut self) {
        let until = Instant::now() + self.pause;
        self.pause = (2 * self.pause).min(LAST_PAUSE);
        while !self.shared.stopped() && self.listener.is_none() {
            self.obey();
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(PATIENCE));
        }
    }

    /// Takes over settings.
    fn obey(&mut self) {
        while let Ok(control) = self.commands.try_recv() {
            self.speech.control(control, &mut self.reply);
        }
    }

    /// A connection; none for now, if it listens.
    fn connect(&mut self) -> io::Result<Option<TcpStream>> {
        let stream = match (self.next.take(), &self.listener) {
            (Some(stream), _) => stream,
            (None, Some(listener)) => match listener.accept() {
                Ok((stream, from)) => {
                    log::info!("{}: {from} has connected", self.address);
                    stream
                }
                Err(_) => {
                    self.obey();
                    thread::sleep(Duration::from_millis(10));
                    return Ok(None);
                }
            },
            (None, None) => dial(&self.address.host, self.address.port)?,
        };
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(UNREAD))?;
        stream.set_nodelay(true)?;
        Ok(Some(stream))
    }

    /// Talks until the connection ends.
    fn talk(&mut self, mut stream: TcpStream) -> Lost {
        self.obey();
        self.reply.clear();
        self.partial.clear();
        self.speech.begin(&mut self.reply);
        let mut bytes = vec![0; READ];
        let begun = Instant::now();
        // Counted by reads and not by a clock, which goes on while this program is stopped.
        let mut quiet = Duration::ZERO;
        // The same, but a few bytes now and then count as nothing, and how many came since.
        let (mut idle, mut few) = (Duration::ZERO, 0);
        loop {
            if self.shared.stopped() {
                return Lost::Stopped;
            }
            self.obey();
            if !self.reply.is_empty() {
                if let Err(error) = stream.write_all(&self.reply) {
                    return Lost::Failed(format!("it does not take what is sent to it ({error})"));
                }
                self.reply.clear();
            }
            match stream.read(&mut bytes) {
                Ok(0) => return Lost::Closed,
                Ok(count) => {
                    quiet = Duration::ZERO;
                    few += count;
                    if few >= FEW {
                        (idle, few) = (Duration::ZERO, 0);
                    }
                    let mut out = Out::new(&self.shared, &mut self.partial);
                    if let Err(reason) = self.speech.take(&bytes[..count], &mut out, &mut self.reply) {
                        return Lost::Failed(reason);
                    }
                    self.shared.set(Phase::Up);
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
                {
                    (quiet, idle) = (quiet + PATIENCE, idle + PATIENCE);
                    self.turn_away(quiet > SILENT || idle > SLOW);
                    if self.next.is_some() {
                        return Lost::Closed;
                    }
                    if let Some(longest) = self.speech.silence()
                        && quiet > longest
                    {
                        return Lost::Failed(format!("nothing came for {} s", longest.as_secs()));
                    }
                }
                Err(error) => return Lost::Failed(error.to_string()),
            }
            if let Some(what) = self.speech.owed()
                && begun.elapsed() > GREETING
            {
                return Lost::Failed(format!("it did not send {what} within {} s", GREETING.as_secs()));
            }
        }
    }

    /// There is one peer at a time; if it is silent, another takes its place.
    fn turn_away(&mut self, silent: bool) {
        let Some(listener) = &self.listener else { return };
        for _ in 0..16 {
            let Ok((stream, from)) = listener.accept() else { return };
            if silent {
                log::info!("{}: {from} replaces a peer that sends nothing", self.address);
                self.next = Some(stream);
                return;
            }
            log::info!("{}: {from} is rejected: another peer is connected", self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    use crate::source::network::queue::Coding;
    use crate::source::network::receiver::Receiver;
    use crate::source::{Block, Clock, Read};

    struct Broken;

    impl Speech for Broken {
        fn begin(&mut self, _: &mut Vec<u8>) {}

        fn take(&mut self, _: &[u8], _: &mut Out<'_>, _: &mut Vec<u8>) -> Result<(), String> {
            panic!("a fault of the program");
        }

        fn control(&mut self, _: Control, _: &mut Vec<u8>) {}

        fn owed(&self) -> Option<&'static str> {
            None
        }

        fn silence(&self) -> Option<Duration> {
            None
        }
    }

    #[test]
    fn a_thread_that_panics_ends_the_source() {
        let mut address: PeerAddress = "zmq://:0".parse().unwrap();
        let listener = listen(&mut address).unwrap();
        let air = Arc::new(Air::new(Coding::Rtl, 1e6, 0.0));
        let (mut receiver, shared, commands) = Receiver::new(address.to_string(), Clock::Utc, &air, 0);
        start(address.clone(), listener, true, Broken, shared, commands).unwrap();
        let mut peer = TcpStream::connect((Ipv4Addr::LOCALHOST, address.port)).unwrap();
        peer.write_all(&[0; 100]).unwrap();
        let (begun, mut block) = (Instant::now(), Block::default());
        let error = loop {
            match receiver.read(&mut block) {
                Err(error) => break error,
                Ok(Read::Opening | Read::Idle | Read::Waiting) => assert!(begun.elapsed() < Duration::from_secs(30)),
                Ok(other) => panic!("{other:?}"),
            }
        };
        assert!(error.to_string().contains("internal error in the source (a fault of the program)"), "{error}");
    }
}
