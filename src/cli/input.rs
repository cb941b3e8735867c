//! Flags that select the input, and the code that opens it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use ringfall::source::{
    Channel, Demo, DemoOptions, RowSource, SoundCard, SoundCardOptions, Source, SourceError, Spectra, Speed,
};

use super::recording::{Asked, InputFormat, RawArgs};
use super::spectrum::SpectrumArgs;
use super::window::RECORDING;
use crate::flags::when;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sound card")]
pub(crate) struct SoundCardArgs {
    /// Sound device: its id or part of its name, see `ringfall devices` [default: the system's]
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,

    /// Channel to show: mix, a number from 1, or iq (two channels that form one complex signal)
    #[arg(long, value_name = "CHANNEL", default_value = "mix", value_parser = str::parse::<Channel>)]
    pub(crate) channel: Channel,

    /// Sample rate in Hz [default: 48000, or the nearest that the device supports]
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Demonstration")]
pub(crate) struct DemoArgs {
    /// Seed of the demonstration: the same seed gives the same samples [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "File")]
pub(crate) struct FileArgs {
    /// WAV, FLAC, Ogg Vorbis, MP3, raw IQ or SigMF file, power scan (.csv), array (.npy, or any file with --dtype and --shape), image
    /// (PNG, JPEG, TIFF, WebP), FIFO, or - for standard input; rtl_tcp://HOST:PORT, spyserver://HOST:PORT, zmq://HOST:PORT/KEY (GNU
    /// Radio's ZMQ PUB Sink), udp://:PORT, shm://NAME (a ring in shared memory), soapy://ARGUMENTS (any radio that SoapySDR knows);
    /// igtl://HOST:PORT connects to an OpenIGTLink peer, igtl://:PORT waits for one
    #[arg(
        value_name = "FILE",
        required = false,
        required_unless_present = "ffmpeg",
        conflicts_with = "ffmpeg",
        default_value_if("ffmpeg", clap::builder::ArgPredicate::IsPresent, "--ffmpeg")
    )]
    pub(crate) file: PathBuf,

    /// Channel to show: mix, a number from 1, or iq (two channels that form one complex signal) [default: mix]
    #[arg(long, value_name = "CHANNEL", value_parser = str::parse::<Channel>)]
    pub(crate) channel: Option<Channel>,

    #[arg(long, value_name = "FORMAT", value_parser = str::parse::<InputFormat>,
          help = "Format of raw samples, such as cs16 or f32, or csv; overrides the extension [default: from the file's name]",
          long_help = format!("Format of raw samples, whatever the extension [default: by the file's name]\n\n{}. Without \
              it standard input is WAV.", InputFormat::words()))]
    pub(crate) format: Option<InputFormat>,

    #[command(flatten)]
    pub(crate) raw: RawArgs,

    /// When the recording began, such as "2026-11-21 14:00": UTC, unless there is an offset [default: from the file's
    /// name or contents]
    #[arg(long, value_name = "UTC", value_parser = when::utc, help_heading = RECORDING)]
    pub(crate) start: Option<i64>,
}

impl FileArgs {
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            path: self.file.clone(),
            channel: self.channel,
            format: match self.format {
                Some(InputFormat::Samples(format)) => Some(format),
                Some(InputFormat::Csv) | None => None,
            },
            is_scan: self.format == Some(InputFormat::Csv),
            raw: self.raw.clone(),
            start: self.start,
        }
    }
}

/// Rows, and the requested band in Hz.
pub(crate) type Rows = (Box<dyn RowSource>, Option<(f64, f64)>);

/// What an input delivers.
pub(crate) enum Input {
    Samples(Box<dyn Source>),
    Rows(Box<dyn RowSource>),
}

impl Input {
    pub(crate) fn samples(source: impl Source + 'static) -> Self {
        Self::Samples(Box::new(source))
    }

    /// Its rows, made with these settings, and the requested band.
    pub(crate) fn rows(self, spectrum: &SpectrumArgs) -> Result<Rows> {
        match self {
            Self::Samples(source) => {
                let settings = spectrum.settings(source.info())?;
                Ok((Box::new(Spectra::new(source, &settings)?), settings.band_hz))
            }
            Self::Rows(rows) => {
                let band_hz = spectrum.band(rows.info())?;
                Ok((rows, band_hz))
            }
        }
    }
}

/// Opens the sound card.
pub(crate) fn sound_card(args: &SoundCardArgs) -> Result<SoundCard, SourceError> {
    SoundCard::open(&SoundCardOptions {
        device: args.device.clone(),
        channel: args.channel,
        rate_hz: args.rate,
        ..SoundCardOptions::default()
    })
}

/// Opens the demonstration.
pub(crate) fn demo(args: &DemoArgs, speed: Speed, seconds: Option<f64>) -> Result<Demo, SourceError> {
    Demo::new(DemoOptions { seed: args.seed.unwrap_or(1), speed, duration_s: seconds, ..DemoOptions::default() })
}
