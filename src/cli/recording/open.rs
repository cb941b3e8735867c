//! Opening recordings and pipes.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use ringfall::source::{
    AudioFile, Channel, Clock, FileOptions, Pipe, PipeOptions, RawFile, RawFileOptions, RowInfo, RowPipe,
    RowPipeOptions, Samples, Scan, ScanOptions, ScanPipe, ScanPipeOptions, ScanRows, SharedRing, SigMfOptions,
    Source as _, SourceError, Speed,
};

use super::{Asked, Kind};
use crate::cli::input::Input;
use crate::cli::network;

/// Default time from one row to the next, in seconds.
const ROW_SECONDS: f64 = 0.05;

/// An input that is open.
pub(crate) struct Opened {
    pub(crate) input: Input,
    /// When it began, in nanoseconds of UTC, if its clock is UTC and it is a recording.
    pub(crate) start_ns: Option<i64>,
    /// Its duration, if known.
    pub(crate) seconds: Option<f64>,
}

impl Asked {
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
                    let mut options = RowPipeOptions::new(info, format);
                    options.measure = self.raw.row_time.is_none();
                    let pipe = RowPipe::new(self.bytes()?, &options)?;
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
                let scan = self.scan()?;
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
                    Err(SourceError::Iq { .. }) if self.channel.is_none() => open(Channel::Mix),
                    other => other,
                };
                let file = file.map_err(|error| self.no_sound(error))?;
                let utc = file.info().clock == Clock::Utc;
                let (start_ns, rate_hz) = (utc.then(|| file.start_ns()), file.info().rate_hz);
                let seconds = file.samples().map(|samples| samples as f64 / rate_hz);
                Ok(Opened { input: Input::samples(file), start_ns, seconds })
            }
        }
    }

    fn scan(&self) -> Result<Scan, SourceError> {
        let mut options = ScanOptions::default();
        options.start_ns = self.start;
        Scan::open(&self.path, &options)
    }

    /// The sweeps in any order, if it is a power scan in a file.
    pub(crate) fn sweeps(&self) -> Result<Option<ScanRows>, SourceError> {
        if self.kind() == Kind::Scan { self.scan()?.into_rows().map(Some) } else { Ok(None) }
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
                let samples = match open(self.audio_channel()) {
                    // As `open` has it.
                    Err(SourceError::Iq { .. }) if self.channel.is_none() => open(Channel::Mix),
                    other => other,
                };
                samples.map_err(|error| self.no_sound(error))?
            }
            _ => None,
        })
    }

    /// What opening a sound file failed of, and for a name that files without a header have, what would describe it.
    fn no_sound(&self, error: SourceError) -> anyhow::Error {
        let extension = self.path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let is_plain = matches!(extension.as_deref(), None | Some("raw" | "bin" | "dat" | "data" | "iq" | "img"));
        match error {
            SourceError::NotAudio { .. } if is_plain => anyhow::anyhow!(
                "{error}; for raw samples expected --format and --rate, for an array --dtype and --shape"
            ),
            error => error.into(),
        }
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
pub(super) fn stdin() -> io::Result<File> {
    #[cfg(unix)]
    return Ok(std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?.into());
    #[cfg(windows)]
    return Ok(std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?.into());
}

pub(super) fn is_file(file: &File) -> bool {
    file.metadata().is_ok_and(|data| data.is_file())
}

/// Whether this is a pipe or a character device.
pub(super) fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}
