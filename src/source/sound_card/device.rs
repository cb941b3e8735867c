//! Sound devices through cpal.

#[cfg(not(target_os = "linux"))]
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(not(target_os = "linux"))]
use cpal::traits::StreamTrait;
use cpal::traits::{DeviceTrait, HostTrait};
#[cfg(not(target_os = "linux"))]
use cpal::{BufferSize, FromSample, I24, InputCallbackInfo, SizedSample, StreamConfig, U24};
use cpal::{Device, DeviceDirection, DeviceId, ErrorKind, Host, SampleFormat, SupportedStreamConfigRange};

use super::SoundCardOptions;
#[cfg(target_os = "linux")]
use super::alsa_recorder::{self, Failure};
use super::intake::Intake;
use super::recording::Backend;
use crate::source::{Channel, SourceError};

/// A sound device to record from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What to ask for it by: on Linux the name of an ALSA PCM.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The most channels that it records.
    pub channels: usize,
    /// Sample rates that it can do, in Hz, out of the usual ones. Empty if another program is using the device.
    pub rates_hz: Vec<u32>,
    /// It is what is taken when no device is named.
    pub is_default: bool,
}

/// Rates that are worth offering, in Hz.
const RATES: [u32; 14] =
    [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 384_000];

/// The devices that there are to record from. Each is opened for a moment to see what it can do; those that cannot be opened are
/// left out.
///
/// On Linux these are the ALSA PCMs that ALSA itself lists. One of your own is listed, and can be opened by its name, if its
/// definition has a `hint { show on description "..." }`.
///
/// # Errors
/// [`SourceError::Device`] if the system cannot list its devices at all.
pub fn devices() -> Result<Vec<DeviceInfo>, SourceError> {
    quieten();
    let host = cpal::default_host();
    let default = host.default_input_device().and_then(|device| id(&device));
    let mut list = Vec::new();
    for device in inputs(&host)? {
        let Some(id) = id(&device) else { continue };
        if is_jack(&id) && !jack_runs() {
            continue;
        }
        let offers: Vec<_> = match device.supported_input_configs() {
            Ok(offers) => offers.collect(),
            Err(error) if error.kind() == ErrorKind::DeviceBusy => Vec::new(),
            Err(error) => {
                log::debug!("{id}: {error}");
                continue;
            }
        };
        list.push(DeviceInfo {
            name: device.to_string(),
            channels: offers.iter().map(|offer| usize::from(offer.channels())).max().unwrap_or(0),
            rates_hz: rates(&offers),
            is_default: default.as_ref() == Some(&id),
            id,
        });
    }
    Ok(list)
}

/// ALSA writes to the program's stderr whatever it does not like about its configuration, which on a machine without a
/// sound card is a page of text. What matters comes back as an error as well.
pub(in crate::source) fn quieten() {
    #[cfg(target_os = "linux")]
    if let Err(error) = alsa::Output::local_error_handler() {
        log::debug!("ALSA: {error}");
    }
}

/// Whether it is ALSA's way to JACK, whose library writes to the program's stderr when there is no server.
fn is_jack(id: &str) -> bool {
    id == "jack" || id.starts_with("jack:")
}

/// Whether there may be a JACK server: its sockets are in one of these folders (clients that found none leave other files
/// there). PipeWire is one, too.
fn jack_runs() -> bool {
    let has = |folder: &str, prefix: &str| {
        let fits = |name: &str| name.starts_with(prefix) && !name.starts_with("jack_db-");
        std::fs::read_dir(folder)
            .is_ok_and(|entries| entries.flatten().any(|entry| fits(&entry.file_name().to_string_lossy())))
    };
    let pipewire = || std::env::var("XDG_RUNTIME_DIR").is_ok_and(|run| has(&run, "pipewire-"));
    has("/dev/shm", "jack_") || has("/tmp", "jack-") || pipewire()
}

fn id(device: &Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// All devices but those that only play.
fn inputs(host: &Host) -> Result<Vec<Device>, SourceError> {
    let all =
        host.devices().map_err(|error| SourceError::Device { device: "list".to_owned(), reason: error.to_string() })?;
    let records = |device: &Device| {
        device.description().map_or(true, |description| description.direction() != DeviceDirection::Output)
    };
    Ok(all.filter(records).collect())
}

fn rates(offers: &[SupportedStreamConfigRange]) -> Vec<u32> {
    let can = |rate: &u32| offers.iter().any(|offer| offer.contains_rate(*rate));
    RATES.into_iter().filter(can).collect()
}

/// Finds a device by its id, its name, or an unmistakable part of either.
fn named(host: &Host, asked: &str) -> Result<Device, SourceError> {
    // The system may know several ways to write an id: ALSA's hw:1,0 is hw:CARD=1,DEV=0.
    if let Some(device) = host.device_by_id(&DeviceId::new(host.id(), asked)) {
        return Ok(device);
    }
    let mut all = inputs(host)?;
    let words: Vec<_> = all.iter().map(|device| (id(device).unwrap_or_default(), device.to_string())).collect();
    let keys: Vec<_> = words.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let index = pick(&keys, asked).map_err(|error| match error {
        // What there is to choose from is what can be opened, as `devices` lists it.
        SourceError::UnknownDevice { asked, have } => {
            let usable =
                devices().map(|list| list.iter().map(|device| format!("{} ({})", device.id, device.name)).collect());
            SourceError::UnknownDevice { asked, have: usable.unwrap_or(have) }
        }
        other => other,
    })?;
    Ok(all.swap_remove(index))
}

/// Which of the devices, given as id and name, is asked for.
fn pick(devices: &[(&str, &str)], asked: &str) -> Result<usize, SourceError> {
    let exact = |(id, _): &(&str, &str)| *id == asked;
    let called = |(_, name): &(&str, &str)| name.eq_ignore_ascii_case(asked);
    if let Some(index) = devices.iter().position(exact).or_else(|| devices.iter().position(called)) {
        return Ok(index);
    }
    let part = asked.to_lowercase();
    let fits: Vec<usize> = devices
        .iter()
        .enumerate()
        .filter(|(_, (id, name))| id.to_lowercase().contains(&part) || name.to_lowercase().contains(&part))
        .map(|(index, _)| index)
        .collect();
    match fits[..] {
        [index] if !part.is_empty() => Ok(index),
        [_, _, ..] if !part.is_empty() => Err(SourceError::AmbiguousDevice {
            asked: asked.to_owned(),
            fits: fits.iter().map(|&index| devices[index].0.to_owned()).collect(),
        }),
        _ => Err(SourceError::UnknownDevice {
            asked: asked.to_owned(),
            have: devices.iter().map(|(id, name)| format!("{id} ({name})")).collect(),
        }),
    }
}

/// How samples are best fetched: what needs no conversion first, then what loses nothing by it.
pub(in crate::source) fn preference(format: SampleFormat) -> Option<usize> {
    use SampleFormat::{F32, F64, I8, I16, I24, I32, U8, U16, U24, U32};
    [F32, I32, I24, I16, F64, U32, U24, U16, I8, U8].into_iter().position(|known| known == format)
}

/// The channels, rate and format to record with, if the device offers any that will do.
fn choose(
    offers: &[SupportedStreamConfigRange],
    channel: Channel,
    rate_hz: Option<u32>,
) -> Option<(usize, u32, SampleFormat)> {
    let enough = |channels: usize| match channel {
        Channel::Mix => channels > 0,
        Channel::One(number) => channels >= number,
        Channel::Iq => channels == 2,
    };
    let rate = |offer: &SupportedStreamConfigRange| match rate_hz {
        Some(rate) => offer.contains_rate(rate).then_some(rate),
        None => [48_000, 44_100, 96_000]
            .into_iter()
            .find(|&rate| offer.contains_rate(rate))
            .or(Some(offer.max_sample_rate())),
    };
    offers
        .iter()
        .filter(|offer| enough(usize::from(offer.channels())))
        .filter_map(|offer| Some((usize::from(offer.channels()), rate(offer)?, offer.sample_format())))
        .filter_map(|(channels, rate, format)| Some((channels, rate, format, preference(format)?)))
        // Two channels is what most devices have; then as few as will do.
        .min_by_key(|&(channels, rate, _, preference)| (rate.abs_diff(48_000), channels != 2, channels, preference))
        .map(|(channels, rate, format, _)| (channels, rate, format))
}

/// A device and the way in which it is recorded.
pub(super) struct Recorder {
    /// The device asked for; none is the default.
    #[cfg(not(target_os = "linux"))]
    asked: Option<String>,
    /// The name of its ALSA PCM.
    #[cfg(target_os = "linux")]
    id: String,
    name: String,
    channels: usize,
    rate_hz: u32,
    format: SampleFormat,
}

impl Recorder {
    /// Finds the device and settles how to record it.
    pub(super) fn find(options: &SoundCardOptions) -> Result<Self, SourceError> {
        quieten();
        let host = cpal::default_host();
        let device = lookup(&host, options.device.as_deref())?;
        let name = device.to_string();
        let offers: Vec<_> = device
            .supported_input_configs()
            .map_err(|error| match options.device {
                None => SourceError::NoDevice { reason: error.to_string() },
                Some(_) => SourceError::Device { device: name.clone(), reason: error.to_string() },
            })?
            .collect();
        let most = offers.iter().map(|offer| usize::from(offer.channels())).max().unwrap_or(0);
        if most == 0 {
            return Err(SourceError::Device { device: name, reason: "it records no channel at all".to_owned() });
        }
        if let Channel::One(_) = options.channel {
            options.channel.check(&name, most)?;
        }
        let (channels, rate_hz, format) = choose(&offers, options.channel, options.rate_hz).ok_or_else(|| {
            let rate = options.rate_hz.map_or("at any rate".to_owned(), |rate| format!("at {rate} Hz"));
            let rates: Vec<_> = rates(&offers).iter().map(u32::to_string).collect();
            SourceError::DeviceFormat {
                device: name.clone(),
                asked: format!("channel {} {rate}", options.channel),
                offers: format!("up to {most} channel(s) at {} Hz", rates.join(", ")),
            }
        })?;
        Ok(Self {
            #[cfg(not(target_os = "linux"))]
            asked: options.device.clone(),
            #[cfg(target_os = "linux")]
            id: id(&device).ok_or_else(|| SourceError::Device {
                device: name.clone(),
                reason: "it has no name to open it by".to_owned(),
            })?,
            name,
            channels,
            rate_hz,
            format,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Records through cpal.
    #[cfg(not(target_os = "linux"))]
    fn stream<T>(&self, device: &Device, mut intake: Intake) -> Result<cpal::Stream, cpal::Error>
    where
        T: SizedSample,
        f32: FromSample<T>,
    {
        let config = StreamConfig {
            // It came from the device as a u16.
            channels: u16::try_from(self.channels).unwrap_or(u16::MAX),
            sample_rate: self.rate_hz,
            buffer_size: BufferSize::Default,
        };
        let signals = intake.signals();
        let stream = device.build_input_stream(
            config,
            move |samples: &[T], info: &InputCallbackInfo| {
                let times = info.timestamp();
                let time_ns = utc_ns(times.callback.duration_since(times.capture));
                intake.write(samples, |&sample| f32::from_sample_(sample), time_ns);
            },
            move |error| match error.kind() {
                ErrorKind::Xrun => signals.torn.store(true, Ordering::Relaxed),
                ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => {
                    signals.gone.store(true, Ordering::Release);
                }
                // The stream goes on; if it does not, its silence tells.
                _ => {}
            },
            None,
        )?;
        stream.play()?;
        Ok(stream)
    }

    fn error(&self, error: &impl std::fmt::Display) -> SourceError {
        SourceError::Device { device: self.name.clone(), reason: error.to_string() }
    }
}

/// UTC so long ago, in nanoseconds. Before 1970 or after 2262 the clock is not set, and any time is as good as another.
pub(super) fn utc_ns(ago: Duration) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.saturating_sub(ago).as_nanos()).unwrap_or(i64::MAX)
}

fn lookup(host: &Host, asked: Option<&str>) -> Result<Device, SourceError> {
    match asked {
        Some(asked) => named(host, asked),
        None => host
            .default_input_device()
            .ok_or_else(|| SourceError::NoDevice { reason: "there is no default".to_owned() }),
    }
}

#[cfg(target_os = "linux")]
impl Backend for Recorder {
    fn record(&self, intake: Intake, opened: &mut dyn FnMut(), stop: &Receiver<()>) -> Result<(), SourceError> {
        quieten();
        let how = (self.channels, self.rate_hz, self.format);
        match alsa_recorder::record(&self.id, how, intake, opened, stop) {
            Ok(()) => Ok(()),
            Err(Failure::Refused(error) | Failure::Gone(error)) => Err(self.error(&error)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Backend for Recorder {
    fn record(&self, intake: Intake, opened: &mut dyn FnMut(), stop: &Receiver<()>) -> Result<(), SourceError> {
        let host = cpal::default_host();
        let device = lookup(&host, self.asked.as_deref())?;
        let stream = match self.format {
            SampleFormat::F32 => self.stream::<f32>(&device, intake),
            SampleFormat::F64 => self.stream::<f64>(&device, intake),
            SampleFormat::I8 => self.stream::<i8>(&device, intake),
            SampleFormat::I16 => self.stream::<i16>(&device, intake),
            SampleFormat::I24 => self.stream::<I24>(&device, intake),
            SampleFormat::I32 => self.stream::<i32>(&device, intake),
            SampleFormat::U8 => self.stream::<u8>(&device, intake),
            SampleFormat::U16 => self.stream::<u16>(&device, intake),
            SampleFormat::U24 => self.stream::<U24>(&device, intake),
            SampleFormat::U32 => self.stream::<u32>(&device, intake),
            other => Err(cpal::Error::with_message(ErrorKind::UnsupportedConfig, format!("samples of type {other}"))),
        }
        .map_err(|error| self.error(&error))?;
        opened();
        // Until there is no other end.
        while stop.recv().is_ok() {}
        drop(stream);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cpal::SupportedBufferSize::Unknown;

    use super::*;

    fn offer(channels: u16, rates: (u32, u32), format: SampleFormat) -> SupportedStreamConfigRange {
        SupportedStreamConfigRange::new(channels, rates.0, rates.1, Unknown, format)
    }

    #[test]
    fn chooses_what_fits() {
        use SampleFormat::{F32, I16, I32};
        let offers = [
            offer(1, (8_000, 192_000), I16),
            offer(2, (8_000, 192_000), I16),
            offer(2, (8_000, 192_000), I32),
            offer(6, (44_100, 44_100), F32),
        ];
        assert_eq!(choose(&offers, Channel::Mix, None), Some((2, 48_000, I32)));
        assert_eq!(choose(&offers, Channel::Iq, Some(192_000)), Some((2, 192_000, I32)));
        assert_eq!(choose(&offers, Channel::One(5), None), Some((6, 44_100, F32)));
        assert_eq!(choose(&offers, Channel::One(5), Some(48_000)), None);
        assert_eq!(choose(&offers, Channel::One(7), None), None);
        assert_eq!(choose(&offers, Channel::Mix, Some(1)), None);
        assert_eq!(choose(&offers[..1], Channel::Mix, None), Some((1, 48_000, I16)));
        assert_eq!(choose(&[offer(2, (8_000, 8_000), I16)], Channel::Mix, None), Some((2, 8_000, I16)));
        assert_eq!(choose(&[offer(2, (8_000, 8_000), SampleFormat::DsdU8)], Channel::Mix, None), None);
    }

    #[test]
    fn picks_by_name() {
        let devices = [("hw:CARD=0,DEV=0", "USB Audio"), ("hw:CARD=1,DEV=0", "HDA Intel"), ("usb", "usb audio 2")];
        assert_eq!(pick(&devices, "hw:CARD=1,DEV=0").unwrap(), 1);
        assert_eq!(pick(&devices, "usb audio").unwrap(), 0);
        assert_eq!(pick(&devices, "usb").unwrap(), 2);
        assert_eq!(pick(&devices, "intel").unwrap(), 1);
        let message = pick(&devices, "CARD").unwrap_err().to_string();
        assert!(message.contains("hw:CARD=0,DEV=0, hw:CARD=1,DEV=0"), "{message}");
        let message = pick(&devices, "jack").unwrap_err().to_string();
        assert!(message.contains("'jack'") && message.contains("usb (usb audio 2)"), "{message}");
        assert!(pick(&devices, "").is_err());
        assert!(pick(&[], "x").unwrap_err().to_string().contains("none was found"));
    }
}
