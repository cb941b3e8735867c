//! Receivers shared by a SpyServer.
//!
//! Its protocol is that of its published header and of free clients: all numbers are 32 bits, little-endian. The client sends
//! commands (number, length, body), the server messages (version, kind, stream, sequence number, length, body).

use std::sync::Arc;
use std::time::Duration;

use super::peer::{self, Out, Speech};
use super::queue::{Air, Coding};
use super::receiver::Receiver;
use super::{PeerAddress, Protocol, ahead, check_rate};
use crate::source::{Clock, Control, Controls, RawFormat, SourceError};

/// The server, and what to ask of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpyServerOptions {
    /// The server.
    pub address: PeerAddress,
    /// Centre frequency, in Hz.
    pub centre_hz: f64,
    /// Complex samples a second, in Hz: the lowest rate that the server has and that is no lower; none is the highest.
    pub rate_hz: Option<f64>,
    /// The gain, as the number of one of the receiver's steps; none leaves it alone.
    pub gain_step: Option<u32>,
    /// Live, on [`Clock::Utc`]: a server that is lost is waited for. Otherwise time begins at 0, and the source ends
    /// with the connection.
    pub live: bool,
}

impl SpyServerOptions {
    /// A live receiver at this frequency (in Hz) and at the highest rate.
    pub fn new(address: PeerAddress, centre_hz: f64) -> Self {
        Self { address, centre_hz, rate_hz: None, gain_step: None, live: true }
    }
}

/// The samples of a receiver that a SpyServer shares.
///
/// The server has the last word on frequency and rate: what it says is shown. The centre frequency can be set while it runs, as far
/// as the server allows. Messages that it drops show by their numbers.
#[derive(Debug)]
pub struct SpyServer {
    pub(super) receiver: Receiver,
}

/// Rate until the server has said its own.
const UNKNOWN_HZ: f64 = 1e6;

impl SpyServer {
    /// Begins to connect.
    ///
    /// # Errors
    /// [`SourceError::Open`] for the address of another protocol, [`SourceError::Rate`], [`SourceError::ControlRange`] for a
    /// frequency that does not fit the protocol, and [`SourceError::Thread`].
    pub fn open(options: &SpyServerOptions) -> Result<Self, SourceError> {
        let SpyServerOptions { address, centre_hz, rate_hz, gain_step, live } = options.clone();
        address.expect(Protocol::SpyServer)?;
        let name = address.to_string();
        if let Some(rate_hz) = rate_hz {
            check_rate(&name, rate_hz)?;
        }
        let controls = Controls::default().with_tune_hz(0.0..=f64::from(u32::MAX));
        controls.check(&name, Control::Tune(centre_hz))?;
        let air = Arc::new(Air {
            controls: Arc::new(controls),
            ..Air::new(Coding::Raw(RawFormat::CS16), rate_hz.unwrap_or(UNKNOWN_HZ), centre_hz.round())
        });
        let clock = if live { Clock::Utc } else { Clock::File };
        // Room for the fastest receiver that such a server has.
        let (receiver, shared, commands) = Receiver::new(name, clock, &air, ahead(10e6 * 4.0));
        let client = Client::new(air, rate_hz, gain_step);
        peer::start(address, None, live, client, shared, commands)?;
        Ok(Self { receiver })
    }
}

/// The version that clients of today name.
const VERSION: u32 = 2 << 24 | 1700;
const MAJOR: u32 = 2;

/// Commands.
const HELLO: u32 = 0;
const SET: u32 = 2;

/// Settings.
const STREAMING_MODE: u32 = 0;
const STREAMING: u32 = 1;
const GAIN: u32 = 2;
const IQ_FORMAT: u32 = 100;
const IQ_FREQUENCY: u32 = 101;
const IQ_DECIMATION: u32 = 102;

/// Kinds of messages.
const DEVICE: u32 = 0;
const SYNC: u32 = 1;
const IQ_U8: u32 = 100;
const IQ_S16: u32 = 101;
const IQ_F32: u32 = 103;

const HEADER: usize = 20;
/// The longest body that the protocol allows.
const LONGEST: u32 = 1 << 20;
/// The parts of messages about the receiver that are read.
const KEPT: usize = 48;
/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(10);

/// The message whose body comes.
#[derive(Clone, Copy)]
struct Message {
    kind: u32,
    missing: u32,
}

/// What the server has.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Device {
    highest_hz: f64,
    stages: u32,
    least_stage: u32,
    /// The format that it insists on, or 0.
    format: u32,
    gains: u32,
    low_hz: f64,
    high_hz: f64,
}

struct Client {
    air: Arc<Air>,
    wanted_hz: f64,
    rate_hz: Option<f64>,
    gain_step: Option<u32>,
    header: Vec<u8>,
    body: Vec<u8>,
    message: Option<Message>,
    device: Option<Device>,
    /// The number that the next message of samples should have.
    next: Option<u32>,
    said: bool,
}

fn word(bytes: &[u8], number: usize) -> u32 {
    bytes.get(4 * number..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
}

impl Client {
    fn new(air: Arc<Air>, rate_hz: Option<f64>, gain_step: Option<u32>) -> Self {
        Self {
            wanted_hz: air.centre_hz,
            rate_hz,
            gain_step,
            air,
            header: Vec::new(),
            body: Vec::new(),
            message: None,
            device: None,
            next: None,
            said: false,
        }
    }

    fn set(reply: &mut Vec<u8>, setting: u32, value: u32) {
        for word in [SET, 8, setting, value] {
            reply.extend(word.to_le_bytes());
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Air)) {
        change(Arc::make_mut(&mut self.air));
    }

    /// The header of a message has come.
    fn header(&mut self, out: &mut Out<'_>) -> Result<(), String> {
        let [version, kind, _stream, sequence, length] = std::array::from_fn(|at| word(&self.header, at));
        self.header.clear();
        if version >> 24 != MAJOR {
            return Err(format!(
                "expected a SpyServer of version {MAJOR}, got the version {}.{}.{}",
                version >> 24,
                version >> 16 & 0xff,
                version & 0xffff
            ));
        }
        if length > LONGEST {
            return Err(format!("a message of {length} bytes: expected {LONGEST} at most"));
        }
        // Above the kind is the gain that the server has applied.
        let kind = kind & 0xffff;
        self.body.clear();
        self.message = Some(Message { kind, missing: length });
        let format = match kind {
            IQ_U8 => RawFormat::CU8,
            IQ_S16 => RawFormat::CS16,
            IQ_F32 => RawFormat::CF32,
            _ => return Ok(()),
        };
        // What is left of a message that was no whole number of samples.
        out.cut();
        let coding = Coding::Raw(format);
        if self.air.coding != coding {
            self.change(|air| air.coding = coding);
        }
        let ahead = self.next.map_or(0, |next| sequence.wrapping_sub(next));
        self.next = Some(sequence.wrapping_add(1));
        if ahead != 0 {
            // All messages are taken to be as long as this one; far away is another stream.
            let lost = u64::from(ahead) * u64::from(length) / coding.sample_bytes() as u64;
            if (lost as f64) < 60.0 * self.air.rate_hz {
                out.put(&[], &self.air, lost);
            } else {
                self.change(|air| air.run = air.run.wrapping_add(1));
            }
        }
        Ok(())
    }

    /// The body of a message about the receiver has come.
    fn body(&mut self, kind: u32, out: &Out<'_>, reply: &mut Vec<u8>) -> Result<(), String> {
        let body = std::mem::take(&mut self.body);
        let hz = |at| f64::from(word(&body, at));
        if body.len() < if kind == DEVICE { 48 } else { 16 } {
            return Err(format!("a message of {} bytes about the receiver: expected more", body.len()));
        }
        if kind == DEVICE {
            let device = Device {
                highest_hz: hz(2),
                stages: word(&body, 4).min(31),
                gains: word(&body, 6),
                low_hz: hz(7),
                high_hz: hz(8),
                least_stage: word(&body, 10),
                format: word(&body, 11),
            };
            if word(&body, 0) == 0 || device.highest_hz < 1.0 {
                return Err("the server has no receiver".to_owned());
            }
            // Once a connection; what comes again changes nothing.
            if self.device.is_none() {
                self.meet(device, reply);
            }
        } else if let Some(device) = self.device {
            let [may, centre_hz, low_hz, high_hz] = [hz(0), hz(3), hz(5), hz(6)];
            // A server whose frequency no client may set has a narrower band, or none.
            let (low_hz, high_hz) = if high_hz > low_hz { (low_hz, high_hz) } else { (device.low_hz, device.high_hz) };
            let controls = Controls::default().with_tune_hz(low_hz..=high_hz.max(low_hz));
            if controls != *self.air.controls {
                self.change(|air| air.controls = Arc::new(controls));
            }
            if centre_hz != self.air.centre_hz {
                self.change(|air| air.centre_hz = centre_hz);
            }
            if may == 0.0 && centre_hz != self.wanted_hz && !self.said {
                self.said = true;
                let wanted_hz = self.wanted_hz;
                out.warn(format!("the server stays at {centre_hz} Hz: its receiver is not free for {wanted_hz} Hz"));
            }
        }
        self.body = body;
        Ok(())
    }

    /// The server has said what it has.
    fn meet(&mut self, device: Device, reply: &mut Vec<u8>) {
        self.device = Some(device);
        let rate_of = |stage: u32| device.highest_hz / f64::from(1_u32 << stage);
        let first = device.least_stage.min(device.stages);
        let wanted_hz = self.rate_hz.unwrap_or(f64::INFINITY);
        let stage = (first..=device.stages).rev().find(|stage| rate_of(*stage) >= wanted_hz).unwrap_or(first);
        let rate_hz = rate_of(stage);
        let controls = Controls::default().with_tune_hz(device.low_hz..=device.high_hz.max(device.low_hz));
        let low_and_high = (device.low_hz, device.high_hz.max(device.low_hz));
        self.wanted_hz = self.wanted_hz.clamp(low_and_high.0, low_and_high.1);
        let centre_hz = self.wanted_hz;
        self.change(|air| {
            (air.rate_hz, air.centre_hz) = (rate_hz, centre_hz);
            air.controls = Arc::new(controls);
        });
        // 16 bits, unless the server insists on another format.
        let format = if device.format == 0 { 2 } else { device.format };
        Self::set(reply, STREAMING_MODE, 1);
        Self::set(reply, IQ_FORMAT, format);
        Self::set(reply, IQ_DECIMATION, stage);
        Self::set(reply, IQ_FREQUENCY, centre_hz as u32);
        if let Some(step) = self.gain_step {
            Self::set(reply, GAIN, step.min(device.gains));
        }
        Self::set(reply, STREAMING, 1);
    }
}

impl Speech for Client {
    fn begin(&mut self, reply: &mut Vec<u8>) {
        self.header.clear();
        (self.message, self.device, self.next) = (None, None, None);
        self.change(|air| air.run = air.run.wrapping_add(1));
        let name = b"ringfall";
        for word in [HELLO, 4 + name.len() as u32, VERSION] {
            reply.extend(word.to_le_bytes());
        }
        reply.extend_from_slice(name);
    }

    fn take(&mut self, mut bytes: &[u8], out: &mut Out<'_>, reply: &mut Vec<u8>) -> Result<(), String> {
        while !bytes.is_empty() || self.message.is_some_and(|message| message.missing == 0) {
            let Some(Message { kind, missing }) = self.message else {
                let (now, rest) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
                self.header.extend_from_slice(now);
                bytes = rest;
                if self.header.len() == HEADER {
                    self.header(out)?;
                }
                continue;
            };
            let (now, rest) = bytes.split_at(bytes.len().min(missing as usize));
            bytes = rest;
            let missing = missing - now.len() as u32;
            match kind {
                IQ_U8 | IQ_S16 | IQ_F32 => out.put(now, &self.air, 0),
                DEVICE | SYNC => {
                    let room = KEPT - self.body.len();
                    self.body.extend_from_slice(&now[..now.len().min(room)]);
                }
                _ => {}
            }
            self.message = (missing > 0).then_some(Message { kind, missing });
            if missing == 0 && matches!(kind, DEVICE | SYNC) {
                self.body(kind, out, reply)?;
            }
        }
        Ok(())
    }

    fn control(&mut self, control: Control, reply: &mut Vec<u8>) {
        // The server says in a message what has become of it.
        if let Control::Tune(hz) = control {
            self.wanted_hz = hz.round();
            Self::set(reply, IQ_FREQUENCY, self.wanted_hz as u32);
        }
    }

    fn owed(&self) -> Option<&'static str> {
        self.device.is_none().then_some("what a SpyServer says of its receiver")
    }

    fn silence(&self) -> Option<Duration> {
        Some(SILENCE)
    }
}

/// What such a peer says is understood by this.
pub(super) fn client(air: Arc<Air>) -> Box<dyn Speech> {
    Box::new(Client::new(air, None, Some(3)))
}
