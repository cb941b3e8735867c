//! Flags for receivers and streams over the network, and the code that opens them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use ringfall::source::RawFormat;
use ringfall::source::network::{
    PeerAddress, Protocol, RtlTcp, RtlTcpOptions, SpyServer, SpyServerOptions, UdpOptions, UdpSamples, ZmqOptions,
    ZmqSamples,
};

#[cfg(feature = "soapy")]
use ringfall::source::network::{SoapyOptions, SoapySamples};

use super::input::Input;
use crate::flags::{Usage, wrong};

#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Receivers and streams over the network")]
pub(crate) struct NetworkArgs {
    /// Gain of an rtl_tcp:// or soapy:// receiver in dB, or of a spyserver:// one as the number of its step [default: automatic]
    #[arg(long, value_name = "DB", value_parser = gain)]
    gain: Option<f64>,

    /// Frequency correction of an rtl_tcp:// receiver, in parts per million [default: 0]
    #[arg(long, value_name = "PPM", value_parser = clap::value_parser!(i32).range(-1000..=1000))]
    ppm: Option<i32>,

    /// rtl_tcp://: receive a counter instead of samples, and count how many are lost on the way
    #[arg(long)]
    test_counter: bool,

    /// udp://: each datagram begins with its number (64 bits, little-endian), as GNU Radio's UDP Sink can write it; without
    /// it, lost datagrams are not noticed
    #[arg(long)]
    udp_counter: bool,
}

fn gain(text: &str) -> Result<f64, String> {
    let db = text.parse().ok().filter(|db: &f64| (-100.0..=1000.0).contains(db));
    db.ok_or_else(|| "expected a gain in dB, such as 30".to_owned())
}

/// The address, if the input is one and not a file.
pub(super) fn address(input: &Path) -> Option<&str> {
    input.to_str().filter(|text| PeerAddress::protocol_of(text).is_some())
}

/// Whether the input is written as an address: `SCHEME://` and more.
pub(super) fn has_scheme(input: &Path) -> bool {
    let scheme = input.to_str().and_then(|text| text.split_once("://")).map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-.".contains(&byte))
}

/// The file of a shared ring, if the input is one: `shm://NAME` is below `/dev/shm`, `shm:///PATH` anywhere.
pub(super) fn ring(input: &Path) -> Option<PathBuf> {
    let rest = input.to_str()?.strip_prefix("shm://")?;
    Some(Path::new("/dev/shm").join(rest))
}

/// The radio's name to SoapySDR, if the input is one.
pub(super) fn soapy(input: &Path) -> Option<&str> {
    input.to_str()?.strip_prefix("soapy://")
}

/// What the other flags say about the samples.
pub(super) struct Told {
    pub(super) format: Option<RawFormat>,
    pub(super) rate_hz: Option<f64>,
    pub(super) centre_hz: Option<f64>,
}

impl NetworkArgs {
    /// Rejects flags that have no effect on this input.
    pub(super) fn check_file(&self, input: &str) -> Result<(), Usage> {
        let flags = [
            (self.gain.is_some(), "--gain", "an rtl_tcp://, a soapy:// or a spyserver:// address"),
            (self.ppm.is_some(), "--ppm", "an rtl_tcp:// address"),
            (self.test_counter, "--test-counter", "an rtl_tcp:// address"),
            (self.udp_counter, "--udp-counter", "a udp:// address"),
        ];
        match flags.iter().find(|(given, ..)| *given) {
            Some((_, flag, expected)) => wrong!("{flag}: {input} is not {expected}"),
            None => Ok(()),
        }
    }

    /// Rejects what contradicts the address.
    pub(super) fn check(&self, address: &str, told: &Told) -> Result<(), Usage> {
        let peer: PeerAddress =
            address.parse().map_err(|error: ringfall::source::SourceError| Usage(error.to_string()))?;
        let rtl = peer.protocol == Protocol::RtlTcp;
        let (mut others, needs_format) = (self.clone(), matches!(peer.protocol, Protocol::Udp | Protocol::Zmq));
        match peer.protocol {
            Protocol::RtlTcp => others = Self { udp_counter: self.udp_counter, ..Self::default() },
            Protocol::SpyServer => others.gain = None,
            Protocol::Udp => others.udp_counter = false,
            _ => {}
        }
        others.check_file(address)?;
        match told.format {
            None if needs_format => {
                wrong!("{address}: nothing gives the type of its samples: expected --format, such as cf32")
            }
            Some(format) if !needs_format => wrong!("--format {format}: {address} has its own format"),
            _ => {}
        }
        if told.rate_hz.is_none() && peer.protocol != Protocol::SpyServer {
            wrong!("{address}: nothing gives its sample rate: expected --rate, such as --rate 2.4M");
        }
        if told.centre_hz.is_none() && !needs_format {
            wrong!("{address}: nothing gives its frequency: expected --centre, such as --centre 100.1M");
        }
        if let Some(gain) = self.gain.filter(|gain| !rtl && (*gain < 0.0 || gain.fract() != 0.0)) {
            wrong!("--gain {gain}: the gain of a SpyServer is the number of a step: expected a whole number from 0");
        }
        Ok(())
    }

    /// Rejects what contradicts a radio of SoapySDR.
    pub(super) fn check_soapy(&self, name: &str, told: &Told) -> Result<(), Usage> {
        Self { gain: None, ..self.clone() }.check_file(name)?;
        if let Some(format) = told.format {
            wrong!("--format {format}: {name} has its own format");
        }
        if told.rate_hz.is_none() {
            wrong!("{name}: nothing gives its sample rate: expected --rate, such as --rate 2.4M");
        }
        if told.centre_hz.is_none() {
            wrong!("{name}: nothing gives its frequency: expected --centre, such as --centre 100.1M");
        }
        Ok(())
    }

    /// Opens a radio of SoapySDR.
    #[cfg(feature = "soapy")]
    pub(super) fn open_soapy(&self, device: &str, told: &Told, live: bool) -> Result<Input> {
        let (rate_hz, centre_hz) = (told.rate_hz.unwrap_or(1.0), told.centre_hz.unwrap_or(0.0));
        let mut options = SoapyOptions::new(device, rate_hz, centre_hz);
        (options.gain_db, options.live) = (self.gain, live);
        Ok(Input::samples(SoapySamples::open(&options)?))
    }

    /// Says that there is none in this program.
    #[cfg(not(feature = "soapy"))]
    pub(super) fn open_soapy(&self, device: &str, _: &Told, _: bool) -> Result<Input> {
        anyhow::bail!(
            "soapy://{device}: this ringfall was built without SoapySDR: build it with cargo build --release --features soapy \
             (on Debian after apt-get install libsoapysdr-dev)"
        )
    }

    /// Opens it. What is not `live` begins at time 0, and ends with the connection.
    pub(super) fn open(&self, address: &str, told: &Told, live: bool) -> Result<Input> {
        let peer: PeerAddress = address.parse()?;
        let format = told.format.unwrap_or(RawFormat::CF32);
        let (rate_hz, centre_hz) = (told.rate_hz.unwrap_or(1.0), told.centre_hz.unwrap_or(0.0));
        Ok(match peer.protocol {
            Protocol::RtlTcp => {
                let mut options = RtlTcpOptions::new(peer, rate_hz, centre_hz);
                (options.gain_db, options.ppm) = (self.gain, f64::from(self.ppm.unwrap_or(0)));
                (options.test_counter, options.live) = (self.test_counter, live);
                Input::samples(RtlTcp::open(&options)?)
            }
            Protocol::SpyServer => {
                let mut options = SpyServerOptions::new(peer, centre_hz);
                (options.rate_hz, options.gain_step) = (told.rate_hz, self.gain.map(|step| step as u32));
                options.live = live;
                Input::samples(SpyServer::open(&options)?)
            }
            Protocol::Udp => {
                let mut options = UdpOptions::new(peer, format, rate_hz);
                (options.centre_hz, options.counter, options.live) = (centre_hz, self.udp_counter, live);
                Input::samples(UdpSamples::open(&options)?)
            }
            Protocol::Zmq => {
                let mut options = ZmqOptions::new(peer, format, rate_hz);
                (options.centre_hz, options.live) = (centre_hz, live);
                Input::samples(ZmqSamples::open(&options)?)
            }
            other => anyhow::bail!("{address}: {other:?} is not known here"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        for (input, expected) in
            [("ftp://x", true), ("rtl-tcp://localhost:1", true), ("a.wav", false), ("./ftp://x", false)]
        {
            assert_eq!(has_scheme(Path::new(input)), expected, "{input}");
        }
    }

    #[test]
    fn gains() {
        assert_eq!(gain("29.7"), Ok(29.7));
        assert_eq!(gain("-9.9"), Ok(-9.9));
        for wrong in ["", "x", "nan", "inf", "1e9"] {
            assert!(gain(wrong).unwrap_err().contains("such as 30"), "{wrong}");
        }
    }
}
