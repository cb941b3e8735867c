//! Radios through SoapySDR, whatever their make.

use std::sync::Arc;
use std::sync::mpsc::Receiver as Commands;
use std::thread;
use std::time::{Duration, Instant};

use rustfft::num_complex::Complex;
use soapysdr::Direction::Rx;
use soapysdr::{Device, ErrorCode, Range};

use super::queue::{Air, Coding};
use super::receiver::{Phase, Receiver, Shared};
use super::{ahead, check_rate};
use crate::source::{Clock, Control, Controls, RawFormat, SourceError};

/// The radio, and how to set it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SoapyOptions {
    /// Which one, as SoapySDR's tools take it: `driver=rtlsdr,serial=00000001`, for example.
    pub device: String,
    /// Samples a second, in Hz. A radio may take the nearest that it has.
    pub rate_hz: f64,
    /// Centre frequency, in Hz.
    pub centre_hz: f64,
    /// The gain of all stages together, in dB. Without it the radio's own automatic gain, if it has one.
    pub gain_db: Option<f64>,
    /// Live, on [`Clock::Utc`], and opened again if it is lost. Otherwise time begins at 0, and a radio that is lost is the end.
    pub live: bool,
}

impl SoapyOptions {
    /// A live radio with automatic gain.
    pub fn new(device: impl Into<String>, rate_hz: f64, centre_hz: f64) -> Self {
        Self { device: device.into(), rate_hz, centre_hz, gain_db: None, live: true }
    }
}

/// Samples of the first receiving channel of a radio.
#[derive(Debug)]
pub struct SoapySamples {
    pub(super) receiver: Receiver,
}

impl SoapySamples {
    /// Begins to open the radio, on a thread of its own: some take seconds, and some hang.
    ///
    /// # Errors
    /// [`SourceError::Rate`] and [`SourceError::Thread`]. What is wrong with the radio is found out later.
    pub fn open(options: &SoapyOptions) -> Result<Self, SourceError> {
        let name = format!("soapy://{}", options.device);
        check_rate(&name, options.rate_hz)?;
        let air = Arc::new(Air {
            gain_db: options.gain_db,
            ..Air::new(Coding::Raw(RawFormat::CF32), options.rate_hz, options.centre_hz)
        });
        let clock = if options.live { Clock::Utc } else { Clock::File };
        let limit = ahead(options.rate_hz * SAMPLE as f64);
        let (receiver, shared, commands) = Receiver::new(name.clone(), clock, &air, limit);
        let mut radio = Radio { options: options.clone(), air, shared, commands };
        thread::Builder::new()
            .name("ringfall soapy".to_owned())
            .spawn(move || Arc::clone(&radio.shared).guard(|| radio.run()))
            .map_err(|cause| SourceError::Thread { name, cause })?;
        Ok(Self { receiver })
    }
}

/// Bytes of a sample.
const SAMPLE: usize = 8;

/// How long a read waits for samples.
const WAIT: Duration = Duration::from_millis(100);

/// A radio that says nothing for this long is opened again.
const SILENCE: Duration = Duration::from_secs(10);

/// The first pause before it is opened again, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// The thread that reads the radio.
struct Radio {
    options: SoapyOptions,
    air: Arc<Air>,
    shared: Arc<Shared>,
    commands: Commands<Control>,
}

impl Radio {
    fn run(&mut self) {
        let mut pause = FIRST_PAUSE;
        while !self.shared.stopped() {
            let begun = Instant::now();
            let Err(reason) = self.session() else { return };
            let reason = format!("{}: {reason}", self.shared.name);
            if !self.options.live {
                self.shared.queue.end(Some(SourceError::Open { name: self.shared.name.clone(), reason }));
                return;
            }
            self.shared.warn(format!("{reason}; trying again"));
            self.shared.set(Phase::Waiting);
            // What is asked for meanwhile counts when it is back.
            pause = if begun.elapsed() > SILENCE { FIRST_PAUSE } else { (2 * pause).min(LAST_PAUSE) };
            let until = Instant::now() + pause;
            while Instant::now() < until && !self.shared.stopped() {
                thread::sleep(WAIT);
            }
            self.change(|air| air.run = air.run.wrapping_add(1));
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Air)) {
        change(Arc::make_mut(&mut self.air));
    }

    /// Opens the radio and reads it until the source is dropped.
    fn session(&mut self) -> Result<(), String> {
        let device = Device::new(self.options.device.as_str()).map_err(|error| format!("cannot be opened: {error}"))?;
        match device.num_channels(Rx) {
            Ok(0) => return Err("it has no channel that receives".to_owned()),
            Ok(_) => {}
            Err(error) => return Err(format!("its channels: {error}")),
        }
        let (rate_hz, centre_hz, gain_db) = (self.air.rate_hz, self.air.centre_hz, self.air.gain_db);
        self.set(&device, Control::Rate(rate_hz))?;
        self.set(&device, Control::Tune(centre_hz))?;
        match gain_db {
            Some(db) => self.set(&device, Control::Gain(db))?,
            None if device.has_gain_mode(Rx, 0).unwrap_or(false) => {
                device.set_gain_mode(Rx, 0, true).map_err(|error| format!("automatic gain: {error}"))?;
            }
            None => {}
        }
        let controls = controls(&device);
        self.change(|air| air.controls = Arc::new(controls));
        let failed = |error: soapysdr::Error| format!("its samples: {error}");
        let mut stream = device.rx_stream::<Complex<f32>>(&[0]).map_err(failed)?;
        let count = stream.mtu().unwrap_or(0).clamp(1024, 1 << 18);
        let mut samples = vec![Complex::new(0.0, 0.0); count];
        let mut bytes = Vec::with_capacity(count * SAMPLE);
        stream.activate(None).map_err(failed)?;
        let mut heard = Instant::now();
        let mut told = false;
        while !self.shared.stopped() {
            while let Ok(control) = self.commands.try_recv() {
                if let Err(reason) = self.set(&device, control) {
                    self.shared.warn(format!("{}: {reason}", self.shared.name));
                }
            }
            match stream.read(&mut [&mut samples], WAIT.as_micros() as i64) {
                Ok(0) => {}
                Ok(count) => {
                    heard = Instant::now();
                    self.shared.set(Phase::Up);
                    bytes.clear();
                    for sample in &samples[..count] {
                        bytes.extend(sample.re.to_le_bytes());
                        bytes.extend(sample.im.to_le_bytes());
                    }
                    self.shared.queue.put(&bytes, &self.air, 0);
                    continue;
                }
                Err(error) if error.code == ErrorCode::Timeout => {}
                // It was not read in time, or a packet was damaged: the number of missing samples is unknown.
                Err(error) if matches!(error.code, ErrorCode::Overflow | ErrorCode::Corruption) => {
                    if !std::mem::replace(&mut told, true) {
                        log::warn!(
                            "{}: {error}: samples are missing (further ones only show as gaps)",
                            self.shared.name
                        );
                    }
                    self.change(|air| air.run = air.run.wrapping_add(1));
                    heard = Instant::now();
                }
                Err(error) => return Err(failed(error)),
            }
            if heard.elapsed() > SILENCE {
                return Err(format!("no samples for {} s", SILENCE.as_secs()));
            }
        }
        Ok(())
    }

    /// Sets one thing, and remembers what the radio has made of it.
    fn set(&mut self, device: &Device, control: Control) -> Result<(), String> {
        let failed = |error: soapysdr::Error| format!("{} {}: {error}", control.name(), control.value());
        match control {
            Control::Tune(hz) => {
                device.set_frequency(Rx, 0, hz, ()).map_err(failed)?;
                let hz = device.frequency(Rx, 0).ok().filter(|hz| hz.is_finite()).unwrap_or(hz);
                self.change(|air| (air.centre_hz, air.run) = (hz, air.run.wrapping_add(1)));
            }
            Control::Rate(hz) => {
                device.set_sample_rate(Rx, 0, hz).map_err(failed)?;
                let got = device.sample_rate(Rx, 0).ok().filter(|hz| *hz >= 1.0 && hz.is_finite()).unwrap_or(hz);
                self.change(|air| (air.rate_hz, air.run) = (got, air.run.wrapping_add(1)));
            }
            Control::Gain(db) => {
                if device.has_gain_mode(Rx, 0).unwrap_or(false) {
                    device.set_gain_mode(Rx, 0, false).map_err(failed)?;
                }
                device.set_gain(Rx, 0, db).map_err(failed)?;
                let db = device.gain(Rx, 0).ok().filter(|db| db.is_finite()).unwrap_or(db);
                self.change(|air| air.gain_db = Some(db));
            }
            Control::Ppm(ppm) => {
                let range = device.component_frequency_range(Rx, 0, "CORR").unwrap_or_default();
                if range.is_empty() {
                    return Err("it has no frequency correction".to_owned());
                }
                device.set_component_frequency(Rx, 0, "CORR", ppm, ()).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// What the radio says can be set.
fn controls(device: &Device) -> Controls {
    let whole = |ranges: Result<Vec<Range>, soapysdr::Error>| {
        let ranges = ranges.unwrap_or_default();
        let low = ranges.iter().map(|range| range.minimum).fold(f64::INFINITY, f64::min);
        let high = ranges.iter().map(|range| range.maximum).fold(f64::NEG_INFINITY, f64::max);
        (low.is_finite() && high.is_finite() && low <= high).then_some(low..=high)
    };
    Controls {
        tune_hz: whole(device.frequency_range(Rx, 0)),
        gain_db: whole(device.gain_range(Rx, 0).map(|range| vec![range])),
        rate_hz: whole(device.get_sample_rate_range(Rx, 0)),
        ppm: whole(device.component_frequency_range(Rx, 0, "CORR")),
        ..Controls::default()
    }
}
