//! RTL-SDR receivers over the network, by the protocol of `rtl_tcp`.

use std::sync::Arc;
use std::time::Duration;

use super::peer::{self, Out, Speech};
use super::queue::{Air, Coding};
use super::receiver::Receiver;
use super::{PeerAddress, Protocol, ahead};
use crate::source::{Clock, Control, Controls, SourceError};

/// The receiver, and how to set it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RtlTcpOptions {
    /// The server.
    pub address: PeerAddress,
    /// Complex samples a second, in Hz.
    pub rate_hz: f64,
    /// Centre frequency, in Hz.
    pub centre_hz: f64,
    /// Gain of the tuner, in dB, rounded to the nearest that it has; none lets the tuner choose.
    pub gain_db: Option<f64>,
    /// Correction of the receiver's frequencies, in parts per million: whole ones.
    pub ppm: f64,
    /// Asks the receiver for a counter instead of samples, to find out how many of them are lost on the way. They are counted as
    /// overruns: of each gap, those that 128 does not divide.
    pub test_counter: bool,
    /// Live, on [`Clock::Utc`]: a server that is lost is waited for. Otherwise time begins at 0, and the source ends
    /// with the connection.
    pub live: bool,
}

impl RtlTcpOptions {
    /// A live receiver at this rate and frequency (in Hz), with the gain that its tuner chooses.
    pub fn new(address: PeerAddress, rate_hz: f64, centre_hz: f64) -> Self {
        Self { address, rate_hz, centre_hz, gain_db: None, ppm: 0.0, test_counter: false, live: true }
    }
}

/// The samples of an RTL-SDR receiver, from its server (`rtl_tcp`).
///
/// Frequency, gain, rate and correction can be set while it runs. A server confirms nothing, so a setting counts from
/// the moment it was sent; the samples that may have been taken before it came into effect are left out: as many as
/// the server reads from the receiver at once.
///
/// Samples that the server itself loses cannot be seen, except by [`RtlTcpOptions::test_counter`].
#[derive(Debug)]
pub struct RtlTcp {
    pub(super) receiver: Receiver,
}

/// Frequencies, rates and corrections that fit the protocol. A receiver has fewer; it does not say which.
const HZ: f64 = u32::MAX as f64;
const RATES: std::ops::RangeInclusive<f64> = 1.0..=HZ;
const PPM: f64 = 1000.0;
/// Gains, in dB, where the tuner is unknown.
const GAINS: std::ops::RangeInclusive<f64> = -20.0..=100.0;

impl RtlTcp {
    /// Begins to connect.
    ///
    /// # Errors
    /// [`SourceError::Open`] for the address of another protocol, [`SourceError::ControlRange`] for a setting that does
    /// not fit the protocol, and [`SourceError::Thread`].
    pub fn open(options: &RtlTcpOptions) -> Result<Self, SourceError> {
        let RtlTcpOptions { address, rate_hz, centre_hz, gain_db, ppm, test_counter, live } = options.clone();
        address.expect(Protocol::RtlTcp)?;
        let name = address.to_string();
        let controls =
            Controls::default().with_tune_hz(0.0..=HZ).with_rate_hz(RATES).with_gain_db(GAINS).with_ppm(-PPM..=PPM);
        let gain = gain_db.map(Control::Gain);
        for control in [Control::Tune(centre_hz), Control::Rate(rate_hz), Control::Ppm(ppm)].into_iter().chain(gain) {
            controls.check(&name, control)?;
        }
        let air = Arc::new(Air {
            gain_db,
            controls: Arc::new(controls),
            ..Air::new(Coding::Rtl, rate_hz.round(), centre_hz.round())
        });
        let clock = if live { Clock::Utc } else { Clock::File };
        let (receiver, shared, commands) = Receiver::new(name, clock, &air, ahead(2.0 * rate_hz));
        let client = Client::new(air, ppm, test_counter);
        peer::start(address, None, live, client, shared, commands)?;
        Ok(Self { receiver })
    }
}

/// What a server says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtlTcpGreeting {
    /// Number of the tuner's type: 1 E4000, 2 FC0012, 3 FC0013, 4 FC2580, 5 R820T, 6 R828D.
    pub tuner: u32,
    /// How many gains it has.
    pub gains: u32,
}

impl RtlTcpGreeting {
    /// Bytes of a greeting.
    pub const BYTES: usize = 12;

    /// Reads a greeting; none if the bytes are something else.
    pub fn decode(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        if !bytes.starts_with(b"RTL0") {
            return None;
        }
        Some(Self { tuner: number(4)?, gains: number(8)? })
    }

    /// The gains of the tuner, in tenths of a dB, where its type is known and has as many: as `librtlsdr` lists them.
    pub fn gains_tenths(&self) -> Option<&'static [i32]> {
        let gains: &[i32] = match self.tuner {
            1 => &[-10, 15, 40, 65, 90, 115, 140, 165, 190, 215, 240, 290, 340, 420],
            2 => &[-99, -40, 71, 179, 192],
            3 => &[
                -99, -73, -65, -63, -60, -58, -54, 58, 61, 63, 65, 67, 68, 70, 71, 179, 181, 182, 184, 186, 188, 191,
                197,
            ],
            5 | 6 => &[
                0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254, 280, 297, 328, 338, 364, 372, 386,
                402, 421, 434, 439, 445, 480, 496,
            ],
            _ => return None,
        };
        (gains.len() as u64 == u64::from(self.gains)).then_some(gains)
    }
}

/// Commands, by their numbers.
const FREQUENCY: u8 = 0x01;
const RATE: u8 = 0x02;
const GAIN_MODE: u8 = 0x03;
const GAIN: u8 = 0x04;
const CORRECTION: u8 = 0x05;
const TEST_MODE: u8 = 0x07;

/// Bytes that a server reads from the receiver at once, by default (16 · 32 · 512): those under way when a setting is sent.
const TRANSFER: usize = 262_144;

/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(10);

struct Client {
    air: Arc<Air>,
    ppm: f64,
    test_counter: bool,
    greeting: Vec<u8>,
    server: Option<RtlTcpGreeting>,
    /// Bytes to leave out.
    skip: usize,
    /// The next value of the test counter.
    counter: Option<u8>,
    warned: bool,
}

impl Client {
    fn new(air: Arc<Air>, ppm: f64, test_counter: bool) -> Self {
        Self { air, ppm, test_counter, greeting: Vec::new(), server: None, skip: 0, counter: None, warned: false }
    }

    /// Appends a command.
    fn say(reply: &mut Vec<u8>, command: u8, value: u32) {
        reply.push(command);
        reply.extend(value.to_be_bytes());
    }

    fn change(&mut self, change: impl FnOnce(&mut Air)) {
        change(Arc::make_mut(&mut self.air));
    }

    /// Leaves out what may have been taken before a setting came into effect. Time cannot be counted on across it.
    fn leave_out(&mut self) {
        self.change(|air| air.run = air.run.wrapping_add(1));
        self.skip = TRANSFER;
        self.counter = None;
    }

    fn say_gain(&mut self, reply: &mut Vec<u8>) {
        let Some(gain_db) = self.air.gain_db else { return Self::say(reply, GAIN_MODE, 0) };
        let tenths = (10.0 * gain_db).round() as i32;
        let gains = self.server.and_then(|server| server.gains_tenths()).unwrap_or_default();
        let tenths = gains.iter().copied().min_by_key(|gain| gain.abs_diff(tenths)).unwrap_or(tenths);
        self.change(|air| air.gain_db = Some(f64::from(tenths) / 10.0));
        Self::say(reply, GAIN_MODE, 1);
        // A negative gain is sent as the same bits.
        Self::say(reply, GAIN, tenths.cast_unsigned());
    }

    fn say_ppm(&self, reply: &mut Vec<u8>) {
        Self::say(reply, CORRECTION, (self.ppm.round() as i32).cast_unsigned());
    }

    /// The server has introduced itself.
    fn meet(&mut self, server: RtlTcpGreeting, out: &Out<'_>, reply: &mut Vec<u8>) {
        self.server = Some(server);
        let mut controls = (*self.air.controls).clone();
        match server.gains_tenths() {
            Some(gains) => {
                controls = controls.with_gains_db(gains.iter().map(|gain| f64::from(*gain) / 10.0).collect());
            }
            None => (controls.gain_db, controls.gains_db) = (Some(GAINS), Vec::new()),
        }
        let rate_hz = self.air.rate_hz;
        let fits = (225_001.0..=300_000.0).contains(&rate_hz) || (900_001.0..=3_200_000.0).contains(&rate_hz);
        if matches!(server.tuner, 1..=6) && !fits && !self.warned {
            self.warned = true;
            out.warn(format!(
                "an RTL-SDR receiver has rates from 225001 to 300000 and from 900001 to 3200000 Hz; at {rate_hz} Hz it keeps \
                 another, and frequencies and times are wrong"
            ));
        }
        self.change(|air| air.controls = Arc::new(controls));
        Self::say(reply, RATE, self.air.rate_hz as u32);
        self.say_ppm(reply);
        Self::say(reply, FREQUENCY, self.air.centre_hz as u32);
        self.say_gain(reply);
        Self::say(reply, TEST_MODE, u32::from(self.test_counter));
        self.skip = TRANSFER;
    }

    /// Puts values of the test counter, and says how many samples are missing where it is not continuous.
    fn count(&mut self, bytes: &[u8], out: &mut Out<'_>) {
        let mut from = 0;
        let mut lost = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if let Some(expected) = self.counter
                && expected != byte
            {
                out.put(&bytes[from..at], &self.air, lost);
                // What is missing begins and ends anywhere; a sample that is torn is lost too.
                out.cut();
                from = at;
                lost = u64::from(byte.wrapping_sub(expected)).div_ceil(2);
            }
            self.counter = Some(byte.wrapping_add(1));
        }
        out.put(&bytes[from..], &self.air, lost);
    }
}

impl Speech for Client {
    fn begin(&mut self, _: &mut Vec<u8>) {
        self.greeting.clear();
        self.server = None;
        self.counter = None;
        self.change(|air| air.run = air.run.wrapping_add(1));
    }

    fn take(&mut self, mut bytes: &[u8], out: &mut Out<'_>, reply: &mut Vec<u8>) -> Result<(), String> {
        if self.server.is_none() {
            let (head, rest) = bytes.split_at(bytes.len().min(RtlTcpGreeting::BYTES - self.greeting.len()));
            self.greeting.extend_from_slice(head);
            bytes = rest;
            let shown = || String::from_utf8_lossy(&self.greeting).escape_debug().to_string();
            if !b"RTL0".starts_with(&self.greeting[..self.greeting.len().min(4)]) {
                return Err(format!("it is not an rtl_tcp server: expected RTL0 as the first bytes, got {}", shown()));
            }
            let Some(greeting) = self.greeting.first_chunk() else { return Ok(()) };
            let Some(server) = RtlTcpGreeting::decode(greeting) else {
                return Err(format!("it is not an rtl_tcp server: its first bytes are {}", shown()));
            };
            self.meet(server, out, reply);
        }
        // Whole transfers, so that I and Q keep their places.
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        let bytes = &bytes[skipped..];
        if self.test_counter {
            self.count(bytes, out)
        } else {
            out.put(bytes, &self.air, 0)
        }
        Ok(())
    }

    fn control(&mut self, control: Control, reply: &mut Vec<u8>) {
        match control {
            Control::Tune(hz) => {
                self.change(|air| air.centre_hz = hz.round());
                Self::say(reply, FREQUENCY, hz.round() as u32);
                self.leave_out();
            }
            Control::Rate(hz) => {
                self.change(|air| air.rate_hz = hz.round());
                Self::say(reply, RATE, hz.round() as u32);
                self.leave_out();
            }
            Control::Gain(db) => {
                self.change(|air| air.gain_db = Some(db));
                self.say_gain(reply);
            }
            Control::Ppm(ppm) => {
                self.ppm = ppm;
                self.say_ppm(reply);
            }
        }
    }

    fn owed(&self) -> Option<&'static str> {
        self.server.is_none().then_some("the greeting of an rtl_tcp server (RTL0 and 8 more bytes)")
    }

    fn silence(&self) -> Option<Duration> {
        Some(SILENCE)
    }
}

/// What such a peer says is understood by this.
pub(super) fn client(air: Arc<Air>, test_counter: bool) -> Box<dyn Speech> {
    Box::new(Client::new(air, 0.0, test_counter))
}
