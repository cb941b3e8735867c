//! Flags that say where samples come from, and opening that.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use ringfall::source::{
    AudioFile, Channel, Demo, DemoOptions, FileOptions, SoundCard, SoundCardOptions, SourceError, Speed,
};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sound card")]
pub(crate) struct SoundCardArgs {
    /// Sound device: its id or a part of its name, see `ringfall devices` [default: the system's]
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,

    /// What to listen to: mix, a number from 1, or iq (two channels that are one complex signal)
    #[arg(long, value_name = "CHANNEL", default_value = "mix", value_parser = str::parse::<Channel>)]
    pub(crate) channel: Channel,

    /// Sample rate in Hz [default: 48000, or what comes nearest to it]
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Demonstration")]
pub(crate) struct DemoArgs {
    /// The number that the demonstration is made from: the same number, the same samples [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "File")]
pub(crate) struct FileArgs {
    /// WAV (PCM or float) or FLAC file; igtl://HOST:PORT connects to an OpenIGTLink peer, igtl://:PORT waits for one
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Which channel to show: mix, a number from 1, or iq (two channels that are one complex signal)
    #[arg(long, value_name = "CHANNEL", default_value = "mix", value_parser = str::parse::<Channel>)]
    pub(crate) channel: Channel,
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

/// Opens a file.
pub(crate) fn file(args: &FileArgs, speed: Speed) -> Result<AudioFile, SourceError> {
    AudioFile::open(&args.file, &FileOptions { channel: args.channel, speed, ..FileOptions::default() })
}
