//! Errors of inputs.

use std::io;
use std::path::PathBuf;

use crate::dsp::DspError;

/// Why a source could not be opened, or why it stopped.
///
/// Every message names the file, the device or the setting at fault, and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file could not be opened or read.
    #[error("cannot read {}: {cause}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's message.
        #[source]
        cause: io::Error,
    },
    /// The file is empty.
    #[error("{} is empty (0 bytes): expected a WAV, FLAC, Ogg Vorbis or MP3 file", .path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is neither WAV, FLAC, Ogg Vorbis nor MP3, or of an unsupported kind.
    #[error("{} cannot be read as audio: expected a WAV (PCM or float), FLAC, Ogg Vorbis or MP3 file ({reason})", .path.display())]
    NotAudio {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        reason: String,
    },
    /// The file is audio, but has no samples.
    #[error("{} holds no samples: it has a header, but no audio after it", .path.display())]
    NoSamples {
        /// The file.
        path: PathBuf,
    },
    /// The file is too short to hold a single raw sample.
    #[error("{} holds no samples: expected at least one, of {size} bytes", .path.display())]
    NoSample {
        /// The file.
        path: PathBuf,
        /// Bytes of a sample.
        size: usize,
    },
    /// The metadata of a SigMF recording are wrong, or its archive is.
    #[error("{}: {at}: expected {expected}, got {got}", .path.display())]
    SigMf {
        /// The file.
        path: PathBuf,
        /// The place in it, such as `captures[1].core:frequency`.
        at: String,
        /// What was expected.
        expected: String,
        /// What was there.
        got: String,
    },
    /// Bytes from a pipe have no header that tells what they are.
    #[error("{name}: expected a WAV header (PCM or float): {reason}")]
    NotWave {
        /// The source.
        name: String,
        /// What was there instead.
        reason: String,
    },
    /// The file ends before the place that its header names. What is there was played.
    #[error("{} is cut short: its header promises {expected} samples a channel, and it ends after {got}", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Samples per channel that the header promises.
        expected: u64,
        /// Samples per channel that were there.
        got: u64,
    },
    /// Damaged parts of the file were skipped; the rest was played at the right time.
    #[error("{} is damaged: {broken} of its packets could not be decoded (the first at sample {first}); they appear as gaps", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Packets that could not be decoded.
        broken: u64,
        /// Number of the first sample (per channel) that is missing.
        first: u64,
    },
    /// The requested channel does not exist.
    #[error("channel {asked} of {from}: it has {channels}; expected a channel from 1 to {channels}, or mix")]
    Channel {
        /// The file or the device.
        from: String,
        /// The channel asked for, from 1.
        asked: usize,
        /// How many channels there are.
        channels: usize,
    },
    /// Complex samples were requested from an input that does not have two channels.
    #[error("{from} has {channels} channel(s): expected exactly 2 (I and Q) to read it as complex samples")]
    Iq {
        /// The file or the device.
        from: String,
        /// How many channels there are.
        channels: usize,
    },
    /// A word that is not a channel.
    #[error("'{got}' is not a channel: expected mix, iq, or a number from 1")]
    ChannelWord {
        /// What was given.
        got: String,
    },
    /// An invalid sample rate.
    #[error("sample rate of {from}: expected a finite number of Hz, 1 or more, got {got}")]
    Rate {
        /// The file, the device or the demonstration.
        from: String,
        /// The rate given, in Hz.
        got: f64,
    },
    /// An invalid speed.
    #[error("'{got}' is not a speed: expected real, max, or a factor above 0 such as 4x")]
    Speed {
        /// What was given.
        got: String,
    },
    /// There is no sound device to record from.
    #[error("no sound device to record from was found ({reason})")]
    NoDevice {
        /// The system's message.
        reason: String,
    },
    /// No sound device has this name.
    #[error("there is no sound device '{asked}' to record from; {}", list(.have))]
    UnknownDevice {
        /// The name asked for.
        asked: String,
        /// The devices that exist, as `id (name)`.
        have: Vec<String>,
    },
    /// More than one sound device matches the name.
    #[error("'{asked}' matches several sound devices: expected one of {}", .fits.join(", "))]
    AmbiguousDevice {
        /// The name asked for.
        asked: String,
        /// The ids of the devices that match.
        fits: Vec<String>,
    },
    /// The device does not support the requested format.
    #[error("sound device {device} cannot record {asked}; it offers {offers}")]
    DeviceFormat {
        /// The device.
        device: String,
        /// The rate and channels asked for.
        asked: String,
        /// The rates and channels that it has.
        offers: String,
    },
    /// The device could not be opened, listed or started.
    #[error("sound device {device}: {reason}")]
    Device {
        /// The device.
        device: String,
        /// The system's message.
        reason: String,
    },
    /// The spectrum's settings do not fit the samples.
    #[error(transparent)]
    Settings(#[from] DspError),
    /// The requested size of the queue between source and renderer is zero or too large.
    #[error("a queue of {rows} rows of {bins} bins: expected at least one row, and no more than fit in memory")]
    Capacity {
        /// Rows asked for.
        rows: usize,
        /// Bins of a row.
        bins: usize,
    },
    /// The source panicked: a fault in the program, not in the input.
    #[error("{name}: internal error in the source ({message})")]
    Panicked {
        /// The source.
        name: String,
        /// What it said.
        message: String,
    },
    /// Opening failed, for the given reason.
    #[error("{reason}")]
    Open {
        /// The source.
        name: String,
        /// What went wrong.
        reason: String,
    },
    /// A row, or a source's description of its rows, is invalid.
    #[error("rows of {name}: {field}: expected {expected}, got {got}")]
    Row {
        /// The source.
        name: String,
        /// Name of the field.
        field: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What was there.
        got: String,
    },
    /// The times of a source overflow 64-bit nanoseconds (292 years from the clock's zero).
    #[error("{name}: its times do not fit in 64-bit nanoseconds (292 years from the clock's zero)")]
    Time {
        /// The source.
        name: String,
    },
    /// The source has no such control.
    #[error("{name}: its {control} cannot be set")]
    NoControl {
        /// The source.
        name: String,
        /// What was to be set.
        control: &'static str,
    },
    /// The value is outside the range of the control.
    #[error("{control} of {name}: expected {low} to {high}, got {got}")]
    ControlRange {
        /// The source.
        name: String,
        /// What was to be set.
        control: &'static str,
        /// The lowest value.
        low: f64,
        /// The highest value.
        high: f64,
        /// What was asked for.
        got: f64,
    },
    /// The source has not yet applied earlier settings.
    #[error("{name}: busy with earlier settings")]
    ControlBusy {
        /// The source.
        name: String,
    },
    /// A word that is not a format of raw numbers.
    #[error("'{got}' is not a sample format: expected one of {}", super::pipe::RawFormat::words())]
    FormatWord {
        /// What was given.
        got: String,
    },
    /// A stream of raw numbers ended within one of its samples or rows.
    #[error("{name} ends in the middle of a {what}: {got} of {expected} bytes")]
    Partial {
        /// The source.
        name: String,
        /// `sample` or `row`.
        what: &'static str,
        /// Bytes that were there.
        got: usize,
        /// Bytes that a whole one has.
        expected: usize,
    },
    /// A line of a power scan is invalid.
    #[error("{}: line {line}: {field}: expected {expected}, got {got}", .path.display())]
    Scan {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// The name of the field.
        field: &'static str,
        /// What was expected.
        expected: String,
        /// What was there.
        got: String,
    },
    /// The last line of a power scan is incomplete, and was left out.
    #[error("{}: line {line}: it is cut short, so it was left out", .path.display())]
    CutLine {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
    },
    /// No thread could be started for the source.
    #[error("cannot start a thread for {name}: {cause}")]
    Thread {
        /// The source.
        name: String,
        /// The system's message.
        #[source]
        cause: io::Error,
    },
}

fn list(have: &[String]) -> String {
    if have.is_empty() { "none was found".to_owned() } else { format!("these exist: {}", have.join(", ")) }
}
