//! Recordings and pipes: their kind, their metadata from flags and file names, and the code that opens them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use ringfall::dsp::SampleKind;
use ringfall::source::{
    AudioFile, Channel, Clock, FileOptions, Pipe, PipeOptions, RawFile, RawFileOptions, RawFormat, RecordingName,
    RowInfo, RowPipe, RowPipeOptions, Samples, Scan, ScanOptions, ScanPipe, ScanPipeOptions, SharedRing, SigMfOptions,
    Source as _, SourceError, Speed,
};

use super::input::Input;
use super::network::{self, NetworkArgs, Told};
use super::spectrum::SpectrumArgs;
use crate::flags::{Usage, value, wrong};
use crate::terminal::complain;
use crate::units;

/// Default time from one row to the next, in seconds.
const ROW_SECONDS: f64 = 0.05;

#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Raw samples and rows")]
pub(crate) struct RawArgs {
    /// Samples per second, such as 2.4M [default: from the file's name]; for rows (--bins), the width of their band in Hz
    #[arg(long, value_name = "HZ", value_parser = rate)]
    rate: Option<f64>,

    /// Radio frequency of the samples' 0 Hz, such as 7.1M [default: from the file or its name]; for rows, the band's middle
    #[arg(long, alias = "center", value_name = "HZ", value_parser = value::hertz)]
    centre: Option<f64>,

    /// Read rows instead of samples, with this many levels per row (in dB, lowest frequency first)
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=4_194_304))]
    bins: Option<u32>,

    /// Time from one row to the next, for --bins [default: 50ms; live rows have their time of arrival] and igtl://
    /// addresses [default: measured]
    #[arg(long, value_name = "TIME", value_parser = value::seconds)]
    pub(super) row_time: Option<f64>,

    #[command(flatten)]
    network: NetworkArgs,
}

impl RawArgs {
    /// Rejects flags for raw samples if the input has none; --row-time applies to other rows too.
    pub(super) fn check_no_samples(&self, input: &Path) -> Result<(), Usage> {
        let flags =
            [("--rate", self.rate.is_some()), ("--centre", self.centre.is_some()), ("--bins", self.bins.is_some())];
        if let Some((flag, _)) = flags.iter().find(|(_, given)| *given) {
            wrong!("{flag}: {} has no raw samples", input.display());
        }
        self.network.check_file(&input.display().to_string())
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let hz = value::hertz(text).ok().filter(|hz| (1.0..=1e12).contains(hz));
    hz.ok_or_else(|| "expected samples per second, 1 or more, such as 48k or 2.4M".to_owned())
}

/// A value of `--format` for an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum InputFormat {
    /// Raw samples, or levels of rows.
    Samples(RawFormat),
    /// A power scan.
    Csv,
}

impl InputFormat {
    /// The words for it, for the help.
    pub(crate) fn words() -> String {
        format!("{}; csv is a power scan", RawFormat::words())
    }
}

impl FromStr for InputFormat {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        if word.eq_ignore_ascii_case("csv") {
            return Ok(Self::Csv);
        }
        word.parse().map(Self::Samples).map_err(|error| format!("{error}; or csv for a power scan"))
    }
}

/// An input, as the command line describes it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: PathBuf,
    pub(crate) channel: Option<Channel>,
    pub(crate) format: Option<RawFormat>,
    /// `--format csv`.
    pub(crate) is_scan: bool,
    pub(crate) raw: RawArgs,
    pub(crate) start: Option<i64>,
}

/// An input that is open.
pub(crate) struct Opened {
    pub(crate) input: Input,
    /// When it began, in nanoseconds of UTC, if its clock is UTC and it is a recording.
    pub(crate) start_ns: Option<i64>,
    /// Its duration, if known.
    pub(crate) seconds: Option<f64>,
}

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A pipe of raw numbers, or a WAV file through standard input.
    Pipe,
    /// A file of ready-made rows, read from beginning to end.
    Rows,
    /// A power scan in CSV, in a file or through a pipe.
    Scan,
    ScanPipe,
    Raw,
    SigMf,
    Audio,
    /// A peer over the network.
    Network,
}

impl Asked {
    /// A file without flags.
    pub(crate) fn of_file(path: &Path) -> Self {
        let (path, raw) = (path.to_owned(), RawArgs::default());
        Self { path, channel: None, format: None, is_scan: false, raw, start: None }
    }

    /// Whether it is rows in a file, which are read as fast as they can be.
    pub(crate) fn is_rows_in_a_file(&self) -> bool {
        matches!(self.kind(), Kind::Rows | Kind::Scan)
    }

    fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Whether it is the address of a peer, which sends for as long as it likes.
    pub(crate) fn is_network(&self) -> bool {
        network::address(&self.path).is_some()
            || network::ring(&self.path).is_some()
            || network::soapy(&self.path).is_some()
    }

    /// What the flags say of a peer's samples.
    fn of_peer(&self) -> Told {
        Told { format: self.format, rate_hz: self.raw.rate, centre_hz: self.raw.centre }
    }

    fn kind(&self) -> Kind {
        let extension = self.path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
        let is_scan = self.is_scan || (self.format.is_none() && extension == "csv");
        if self.is_network() {
            Kind::Network
        } else if is_scan {
            if self.is_stdin() || is_stream(&self.path) { Kind::ScanPipe } else { Kind::Scan }
        } else if self.is_stdin() || (self.format.is_some() && is_stream(&self.path)) {
            Kind::Pipe
        } else if self.format.is_some() && self.raw.bins.is_some() {
            Kind::Rows
        } else if self.format.is_some() {
            Kind::Raw
        } else if matches!(&*extension, "sigmf" | "sigmf-meta" | "sigmf-data") {
            Kind::SigMf
        } else if self.told().format.is_some() && !is_stream(&self.path) {
            Kind::Raw
        } else {
            Kind::Audio
        }
    }

    /// Metadata from its name.
    fn told(&self) -> RecordingName {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        if self.is_stdin() { RecordingName::default() } else { RecordingName::parse(&name) }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        if self.is_stdin() { "standard input".to_owned() } else { self.path.display().to_string() }
    }

    /// The files that are read, under names that the system can open.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        if self.is_stdin() {
            return vec!["/dev/stdin".into()];
        }
        if self.is_network() {
            return Vec::new();
        }
        let mut files = vec![self.path.clone()];
        if self.kind() == Kind::SigMf {
            files.extend(["sigmf-meta", "sigmf-data"].map(|extension| self.path.with_extension(extension)));
        }
        files
    }

    /// Whether samples may arrive live. A file on standard input is a file.
    pub(crate) fn may_be_live(&self) -> bool {
        let is_pipe = matches!(self.kind(), Kind::Pipe | Kind::ScanPipe);
        self.is_network() || is_pipe && !(self.is_stdin() && stdin().is_ok_and(|file| is_file(&file)))
    }

    /// When it began, if that is known before it is opened, and whether opening it may tell.
    pub(crate) fn start(&self) -> (Option<i64>, bool) {
        match self.kind() {
            Kind::Pipe | Kind::Rows | Kind::Network => (self.start, false),
            Kind::Raw => (self.start.or(self.told().start_ns), false),
            Kind::SigMf | Kind::Scan | Kind::ScanPipe => (self.start, true),
            Kind::Audio => (self.start.or(self.told().start_ns), true),
        }
    }

    /// Rejects flags that contradict each other or would have no effect.
    pub(crate) fn check(&self, spectrum: &SpectrumArgs) -> Result<(), Usage> {
        let (kind, name, raw) = (self.kind(), self.name(), &self.raw);
        if self.is_stdin() && io::stdin().is_terminal() {
            wrong!(
                "-: standard input is a terminal: expected samples from another program, such as \
                 rtl_sdr -f 7.1M -s 2.4M - | ringfall view - --format cu8 --rate 2.4M --centre 7.1M"
            );
        }
        if raw.bins.is_some() {
            match self.format {
                None => wrong!("--bins: expected --format too, with the type of the levels, such as --format f32"),
                Some(format) if format.kind() == SampleKind::Complex => {
                    wrong!("--format {format}: rows (--bins) consist of real numbers: expected a format such as f32");
                }
                Some(_) => {}
            }
            if raw.centre.is_some() && raw.rate.is_none() {
                wrong!("--centre: expected --rate too, with the band in Hz that the rows of {name} cover");
            }
            spectrum.check_rows()?;
        } else if raw.row_time.is_some() {
            wrong!("--row-time: expected --bins too: it applies only to input that is already rows");
        }
        match kind {
            Kind::Pipe | Kind::Raw | Kind::Rows => {
                if let Some(format) = self.format.or(self.told().format)
                    && raw.bins.is_none()
                    && raw.rate.or(self.told().rate_hz).is_none()
                {
                    let why = if self.is_stdin() { "nothing gives" } else { "its name does not give" };
                    wrong!(
                        "{name}: {why} the sample rate of its {format} samples: expected --rate, such as --rate 2.4M"
                    );
                }
                let is_wave = self.is_stdin() && self.format.is_none();
                if let Some(rate) = raw.rate.filter(|_| is_wave) {
                    wrong!(
                        "--rate {rate}: without --format standard input is a WAV file, and its header tells the rate; \
                         expected --format too, such as --format cs16"
                    );
                }
                if let Some(channel) = self.channel.filter(|_| !is_wave) {
                    wrong!(
                        "--channel {channel}: raw samples have one channel; for interleaved I and Q expected a complex --format, such as cs16"
                    );
                }
            }
            Kind::SigMf => {}
            Kind::Scan | Kind::ScanPipe => {
                spectrum.check_rows()?;
                raw.check_no_samples(&self.path)?;
                if let Some(channel) = self.channel {
                    wrong!("--channel {channel}: the scan {name} has no channels");
                }
            }
            Kind::Network => {
                if raw.bins.is_some() {
                    wrong!("--bins: {name} sends samples: expected no --bins");
                }
                if let Some(channel) = self.channel {
                    wrong!("--channel {channel}: {name} has one channel");
                }
                if network::ring(&self.path).is_some() {
                    if self.format.is_some() || raw.rate.is_some() || raw.centre.is_some() {
                        wrong!("--format, --rate, --centre: {name} has its own, from its producer");
                    }
                    raw.network.check_file(&name)?;
                } else if network::soapy(&self.path).is_some() {
                    raw.network.check_soapy(&name, &self.of_peer())?;
                } else {
                    raw.network.check(&name, &self.of_peer())?;
                }
            }
            Kind::Audio => {
                if let Some(rate) = raw.rate {
                    wrong!(
                        "--rate {rate}: {name} has its own rate; for raw samples expected --format too, such as cs16"
                    );
                }
            }
        }
        if kind != Kind::Network {
            raw.network.check_file(&name)?;
        }
        if kind == Kind::Rows && self.start.is_some() {
            wrong!("--start: the times of rows (--bins) are counted from the beginning");
        }
        Ok(())
    }

    /// Reports which metadata come from the name. What is live has the time at which it comes.
    pub(crate) fn tell(&self, live: bool) {
        let (kind, told) = (self.kind(), self.told());
        let mut said = Vec::new();
        if kind == Kind::Raw {
            said.extend(
                told.rate_hz
                    .filter(|_| self.raw.rate.is_none())
                    .map(|hz| format!("{} a second", units::hertz(hz).replace("Hz", "S"))),
            );
        }
        if kind == Kind::Raw || (kind == Kind::Audio && self.audio_channel() == Channel::Iq) {
            said.extend(told.centre_hz.filter(|_| self.raw.centre.is_none()).map(|hz| format!("around {hz} Hz")));
        }
        if matches!(kind, Kind::Raw | Kind::Audio)
            && let Some(start_ns) = told.start_ns.filter(|_| self.start.is_none())
        {
            let local = if told.local_time { " (perhaps in another time zone; --start sets it)" } else { "" };
            said.push(format!("from {}{local}", units::time(start_ns, Clock::Utc, 0)));
        }
        if matches!(kind, Kind::Scan | Kind::ScanPipe) && self.start.is_none() && !live {
            said.push("times as if they were UTC (--start sets when it began)".to_owned());
            complain(format_args!("ringfall: {}: {}", self.name(), said.join(", ")));
            return;
        }
        if !said.is_empty() {
            complain(format_args!("ringfall: {}: from its name: {}", self.name(), said.join(", ")));
        }
    }

    fn audio_channel(&self) -> Channel {
        self.channel.unwrap_or(if self.told().iq { Channel::Iq } else { Channel::Mix })
    }

    /// Opens it. Live input has the current time; `speed` applies to all other input.
    pub(crate) fn open(&self, speed: Speed, live: bool) -> Result<Opened> {
        let opened = |input| Opened { input, start_ns: None, seconds: None };
        let told = self.told();
        let (rate, centre) = (self.raw.rate.or(told.rate_hz), self.raw.centre.or(told.centre_hz));
        match (self.kind(), self.format.or(told.format)) {
            (Kind::Pipe, None) => {
                let clock = if live { Clock::Utc } else { Clock::File };
                let file = stdin().context("standard input")?;
                let channel = self.channel.unwrap_or_default();
                let pipe = Pipe::wav(&self.name(), file, channel, centre.unwrap_or(0.0), (clock, speed));
                let pipe = pipe.map_err(|error| match error {
                    SourceError::NotWave { .. } => {
                        anyhow::anyhow!(
                            "{error}; for raw samples expected --format and --rate, for a power scan --format csv"
                        )
                    }
                    error => error.into(),
                })?;
                Ok(opened(Input::samples(pipe)))
            }
            (Kind::Pipe | Kind::Rows, Some(format)) => {
                let clock = if live { Clock::Utc } else { Clock::File };
                if let Some(bins) = self.raw.bins {
                    let bins = bins as usize;
                    let (first_hz, bin_hz) = match self.raw.rate {
                        Some(rate) => (centre.unwrap_or(0.0) - 0.5 * rate, rate / bins as f64),
                        None => (0.0, 1.0),
                    };
                    let row_ns = self.raw.row_time.unwrap_or(ROW_SECONDS) * 1e9;
                    let info = RowInfo::new(self.name(), clock, bins, (first_hz, bin_hz), row_ns)?;
                    let pipe = RowPipe::new(self.bytes()?, &RowPipeOptions::new(info, format))?;
                    return Ok(opened(Input::Rows(Box::new(pipe))));
                }
                let options = PipeOptions::new(self.name(), format, rate.unwrap_or(0.0))
                    .with_centre_hz(centre.unwrap_or(0.0))
                    .with_clock(clock)
                    .with_speed(speed);
                Ok(opened(Input::samples(Pipe::new(self.bytes()?, &options)?)))
            }
            (Kind::Raw, Some(format)) => {
                let mut options = RawFileOptions::new(format, rate.unwrap_or(0.0));
                options.centre_hz = centre.unwrap_or(0.0);
                options.start_ns = self.start.or(told.start_ns);
                options.speed = speed;
                Ok(recording(RawFile::open(&self.path, &options)?))
            }
            (Kind::SigMf, _) => {
                let mut options = SigMfOptions::default();
                (options.rate_hz, options.centre_hz) = (self.raw.rate, self.raw.centre);
                (options.start_ns, options.channel, options.speed) = (self.start, self.channel, speed);
                Ok(recording(RawFile::open_sigmf(&self.path, &options)?))
            }
            (Kind::Scan, _) => {
                let mut options = ScanOptions::default();
                options.start_ns = self.start;
                let scan = Scan::open(&self.path, &options)?;
                let (start_ns, seconds) = (Some(scan.start_ns()), Some(scan.duration_ns() as f64 * 1e-9));
                Ok(Opened { input: Input::Rows(Box::new(scan)), start_ns, seconds })
            }
            (Kind::ScanPipe, _) => {
                let options = ScanPipeOptions::new(self.name());
                let options = if live { options.live() } else { options.with_start_ns(self.start) };
                let scan = ScanPipe::new(self.bytes()?, &options)?;
                let start_ns = scan.start_ns();
                Ok(Opened { input: Input::Rows(Box::new(scan)), start_ns, seconds: None })
            }
            (Kind::Network, _) if let Some(path) = network::ring(&self.path) => {
                Ok(opened(Input::samples(SharedRing::open(path, if live { Clock::Utc } else { Clock::File })?)))
            }
            (Kind::Network, _) if let Some(device) = network::soapy(&self.path) => {
                Ok(opened(self.raw.network.open_soapy(device, &self.of_peer(), live)?))
            }
            (Kind::Network, _) => Ok(opened(self.raw.network.open(&self.name(), &self.of_peer(), live)?)),
            (Kind::Rows | Kind::Raw | Kind::Audio, _) => {
                let start_ns = self.start.or(told.start_ns);
                let open = |channel| {
                    let centre_hz = if channel == Channel::Iq { centre } else { self.raw.centre };
                    AudioFile::open(&self.path, &FileOptions { channel, speed, centre_hz, start_ns })
                };
                let file = match open(self.audio_channel()) {
                    // The name says I and Q, but the file does not have two channels.
                    Err(SourceError::Iq { .. }) if self.channel.is_none() => open(Channel::Mix)?,
                    other => other?,
                };
                let utc = file.info().clock == Clock::Utc;
                let (start_ns, rate_hz) = (utc.then(|| file.start_ns()), file.info().rate_hz);
                let seconds = file.samples().map(|samples| samples as f64 / rate_hz);
                Ok(Opened { input: Input::samples(file), start_ns, seconds })
            }
        }
    }

    /// The samples in any order, if they are in a file that can be sought in.
    pub(crate) fn samples(&self) -> Result<Option<Arc<dyn Samples>>> {
        let told = self.told();
        let (rate, centre) = (self.raw.rate.or(told.rate_hz), self.raw.centre.or(told.centre_hz));
        if is_stream(&self.path) {
            return Ok(None);
        }
        Ok(match (self.kind(), self.format.or(told.format)) {
            (Kind::Raw, Some(format)) => {
                let mut options = RawFileOptions::new(format, rate.unwrap_or(0.0));
                options.centre_hz = centre.unwrap_or(0.0);
                options.start_ns = self.start.or(told.start_ns);
                Some(Arc::new(RawFile::open(&self.path, &options)?.into_pcm()?))
            }
            (Kind::SigMf, _) => {
                let mut options = SigMfOptions::default();
                (options.rate_hz, options.centre_hz) = (self.raw.rate, self.raw.centre);
                (options.start_ns, options.channel) = (self.start, self.channel);
                Some(Arc::new(RawFile::open_sigmf(&self.path, &options)?.into_pcm()?))
            }
            (Kind::Audio, _) => {
                let start_ns = self.start.or(told.start_ns);
                let open = |channel| -> Result<Option<Arc<dyn Samples>>, SourceError> {
                    let centre_hz = if channel == Channel::Iq { centre } else { self.raw.centre };
                    let options = FileOptions { channel, centre_hz, start_ns, ..FileOptions::default() };
                    if let Some(samples) = AudioFile::pcm(&self.path, &options)? {
                        return Ok(Some(Arc::new(samples)));
                    }
                    Ok(AudioFile::coded(&self.path, &options)?.map(|samples| Arc::new(samples) as Arc<dyn Samples>))
                };
                match open(self.audio_channel()) {
                    // As `open` has it.
                    Err(SourceError::Iq { .. }) if self.channel.is_none() => open(Channel::Mix)?,
                    other => other?,
                }
            }
            _ => None,
        })
    }

    /// The bytes of a pipe. A FIFO is opened by the first read, because opening waits for a writer.
    fn bytes(&self) -> Result<Box<dyn Read + Send>> {
        if self.is_stdin() {
            return Ok(Box::new(stdin().context("standard input")?));
        }
        // A missing or unreadable FIFO is reported at once.
        std::fs::metadata(&self.path).map_err(|cause| SourceError::Io { path: self.path.clone(), cause })?;
        Ok(Box::new(Late::Path(self.path.clone())))
    }
}

fn recording(file: RawFile) -> Opened {
    let start_ns = (file.info().clock == Clock::Utc).then(|| file.start_ns());
    let seconds = Some(file.duration_ns() as f64 * 1e-9);
    Opened { input: Input::samples(file), start_ns, seconds }
}

/// A file that is opened by the first read.
enum Late {
    Path(PathBuf),
    Open(File),
}

impl Read for Late {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Path(path) => *self = Self::Open(File::open(path)?),
                Self::Open(file) => return file.read(buffer),
            }
        }
    }
}

/// Standard input without a buffer: a buffer would keep the bytes after a header.
fn stdin() -> io::Result<File> {
    #[cfg(unix)]
    return Ok(std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?.into());
    #[cfg(windows)]
    return Ok(std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?.into());
}

fn is_file(file: &File) -> bool {
    file.metadata().is_ok_and(|data| data.is_file())
}

/// Whether this is a pipe or a character device.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}
