//! Samples in UDP datagrams.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::Receiver as Commands;
use std::thread;
use std::time::{Duration, Instant};

use super::peer::warn_if_open;
use super::queue::{Air, Coding};
use super::receiver::{Phase, Receiver, Shared};
use super::{PeerAddress, Protocol, ahead, check_rate};
use crate::source::pace::PATIENCE;
use crate::source::{Clock, Control, RawFormat, SourceError};

/// Where to listen, and what the samples are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UdpOptions {
    /// The address to listen on; that of a multicast group joins it.
    pub address: PeerAddress,
    /// How the samples are written; a datagram has whole ones.
    pub format: RawFormat,
    /// Samples a second, in Hz.
    pub rate_hz: f64,
    /// What 0 Hz of the samples is on the air, in Hz.
    pub centre_hz: f64,
    /// Each datagram begins with its number: 64 bits, little-endian, as GNU Radio's UDP Sink writes it. Without it, lost
    /// datagrams cannot be seen.
    pub counter: bool,
    /// Live, on [`Clock::Utc`]. Otherwise time begins at 0.
    pub live: bool,
}

impl UdpOptions {
    /// Live samples around 0 Hz, without a counter.
    pub fn new(address: PeerAddress, format: RawFormat, rate_hz: f64) -> Self {
        Self { address, format, rate_hz, centre_hz: 0.0, counter: false, live: true }
    }
}

/// Samples from UDP datagrams.
///
/// Datagrams of the first sender are read; another's are only once the first has been silent for 5 s. An incomplete sample at the
/// end of a datagram is dropped.
#[derive(Debug)]
pub struct UdpSamples {
    pub(super) receiver: Receiver,
    port: u16,
}

impl UdpSamples {
    /// Listens.
    ///
    /// # Errors
    /// [`SourceError::Open`] if the address or the port is not available, [`SourceError::Rate`] and [`SourceError::Thread`].
    pub fn open(options: &UdpOptions) -> Result<Self, SourceError> {
        let UdpOptions { mut address, format, rate_hz, centre_hz, counter, live } = options.clone();
        address.expect(Protocol::Udp)?;
        check_rate(&address.to_string(), rate_hz)?;
        let wrong = |cause: io::Error| SourceError::Open {
            name: address.to_string(),
            reason: format!("cannot listen at {address}: {cause}"),
        };
        let socket = bind(&address).map_err(wrong)?;
        let port = socket.local_addr().map_err(wrong)?.port();
        address.port = port;
        warn_if_open(&address);
        let air = Arc::new(Air::new(Coding::Raw(format), rate_hz, centre_hz));
        let clock = if live { Clock::Utc } else { Clock::File };
        let limit = ahead(rate_hz * format.sample_bytes() as f64);
        let (receiver, shared, commands) = Receiver::new(address.to_string(), clock, &air, limit);
        let mut datagrams = Datagrams::new(air, counter);
        let work = move || shared.guard(|| run(&socket, &mut datagrams, &shared, &commands));
        thread::Builder::new()
            .name("ringfall udp".to_owned())
            .spawn(work)
            .map_err(|cause| SourceError::Thread { name: address.to_string(), cause })?;
        Ok(Self { receiver, port })
    }

    /// The port that it listens on, which is a free one if 0 was requested.
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn bind(address: &PeerAddress) -> io::Result<UdpSocket> {
    let not_one = || io::Error::new(ErrorKind::InvalidInput, "expected an address in numbers, such as 0.0.0.0");
    let host: IpAddr = if address.host == "localhost" {
        Ipv4Addr::LOCALHOST.into()
    } else {
        address.host.parse().map_err(|_| not_one())?
    };
    // A group is joined on the interface of the system's choice. Windows binds to no group.
    let socket = match host {
        IpAddr::V4(group) if group.is_multicast() => {
            let place = if cfg!(windows) { Ipv4Addr::UNSPECIFIED } else { group };
            let socket = UdpSocket::bind((place, address.port))?;
            socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)?;
            socket
        }
        IpAddr::V6(group) if group.is_multicast() => {
            let place = if cfg!(windows) { Ipv6Addr::UNSPECIFIED } else { group };
            let socket = UdpSocket::bind((place, address.port))?;
            socket.join_multicast_v6(&group, 0)?;
            socket
        }
        host => UdpSocket::bind((host, address.port))?,
    };
    socket.set_read_timeout(Some(PATIENCE))?;
    enlarge(&socket);
    Ok(socket)
}

/// Asks for a larger buffer in the system, so that less is lost while this thread waits for a processor. The system gives what
/// it allows (`net.core.rmem_max` on Linux).
#[cfg(all(unix, feature = "app"))]
fn enlarge(socket: &UdpSocket) {
    if let Err(error) = rustix::net::sockopt::set_socket_recv_buffer_size(socket, 16 << 20) {
        log::debug!("the buffer of a UDP socket stays as it is: {error}");
    }
}

#[cfg(not(all(unix, feature = "app")))]
fn enlarge(_: &UdpSocket) {}

/// How long the first sender has to be silent before another is read.
const SILENT: Duration = Duration::from_secs(5);

fn run(socket: &UdpSocket, datagrams: &mut Datagrams, shared: &Shared, commands: &Commands<Control>) {
    // The longest datagram that there is.
    let mut bytes = vec![0; 65_536];
    let mut sender: Option<(SocketAddr, Instant)> = None;
    let mut told = false;
    while !shared.stopped() {
        // There is nothing to set.
        while commands.try_recv().is_ok() {}
        let (count, from) = match socket.recv_from(&mut bytes) {
            Ok(found) => found,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
            {
                continue;
            }
            // The system reports here that what was sent from this socket was refused; nothing is sent.
            Err(error) => {
                log::debug!("{}: {error}", shared.name);
                thread::sleep(PATIENCE);
                continue;
            }
        };
        match &mut sender {
            Some((first, heard)) if *first == from => *heard = Instant::now(),
            Some((_, heard)) if heard.elapsed() < SILENT => {
                if !told {
                    told = true;
                    shared.warn(format!("{}: datagrams of {from} are left out: another sends already", shared.name));
                }
                continue;
            }
            _ => {
                if sender.is_some() {
                    datagrams.begin();
                }
                log::info!("{}: {from} sends", shared.name);
                sender = Some((from, Instant::now()));
            }
        }
        shared.set(Phase::Up);
        let (samples, lost) = datagrams.take(&bytes[..count], shared);
        shared.queue.put(samples, &datagrams.air, lost);
    }
}

/// What is known from the datagrams before.
struct Datagrams {
    air: Arc<Air>,
    counter: bool,
    /// The number that the next datagram should have.
    next: Option<u64>,
    told_partial: bool,
}

impl Datagrams {
    fn new(air: Arc<Air>, counter: bool) -> Self {
        Self { air, counter, next: None, told_partial: false }
    }

    /// Another sender has begun, or the same again.
    fn begin(&mut self) {
        self.next = None;
        let air = Arc::make_mut(&mut self.air);
        air.run = air.run.wrapping_add(1);
    }

    /// The samples in a datagram, and how many are missing before them.
    fn take<'a>(&mut self, bytes: &'a [u8], shared: &Shared) -> (&'a [u8], u64) {
        let size = self.air.coding.sample_bytes();
        let (samples, number) = match bytes.split_first_chunk() {
            Some((number, samples)) if self.counter => (samples, Some(u64::from_le_bytes(*number))),
            // Too short for a number: GNU Radio sends an empty datagram at the end.
            None if self.counter => return (&[], 0),
            _ => (bytes, None),
        };
        let over = samples.len() % size;
        if over > 0 && !self.told_partial {
            self.told_partial = true;
            let name = &shared.name;
            shared.warn(format!(
                "{name}: a datagram of {} bytes: expected whole samples of {size} bytes; --format may be wrong",
                samples.len()
            ));
        }
        let samples = &samples[..samples.len() - over];
        let mut lost = 0;
        if let Some(number) = number {
            let count = (samples.len() / size) as u64;
            // All datagrams are taken to be as long as this one.
            let missing = |ahead: u64| ahead.saturating_mul(count);
            match self.next.map(|next| number.wrapping_sub(next)) {
                None | Some(0) => {}
                // More than a minute is another stream.
                Some(ahead) if (missing(ahead) as f64) < 60.0 * self.air.rate_hz => lost = missing(ahead),
                // Datagrams in another order, or the beginning of another stream.
                Some(behind) if behind.wrapping_neg() < 64 => return (&[], 0),
                Some(_) => self.begin(),
            }
            self.next = Some(number.wrapping_add(1));
        }
        (samples, lost)
    }
}
