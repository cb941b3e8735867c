//! WAV, FLAC, Ogg Vorbis and MP3 files as a source.

pub(in crate::source) mod wav;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats::{FlacReader, MpaReader, OggReader};

use wav::Container;

use super::pace::{Pacer, time_ns};
use super::samples::{CodedSamples, Opened, PcmSamples, Piece, Select, Stretch};
use super::{Block, Channel, Clock, Read, Source, SourceError, SourceInfo, Speed};

/// How a file is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FileOptions {
    /// Which of its channels; with [`Channel::Iq`] the samples are complex.
    pub channel: Channel,
    /// How fast it is played.
    pub speed: Speed,
    /// What 0 Hz of the samples was on the air, in Hz; none for what the file itself says of complex
    /// samples (an `auxi` chunk), else 0.
    pub centre_hz: Option<f64>,
    /// When the first sample was taken, in nanoseconds of UTC since 1970; none for what the file itself says. Times are then
    /// UTC, else they begin at 0.
    pub start_ns: Option<i64>,
}

/// A WAV (RIFF, RF64, BW64 or Wave64; 8 to 32 bit integers, 32 and 64 bit floats, A-law, µ-law), FLAC, Ogg Vorbis or MP3 file. Time 0 is
/// its first sample, unless it is known when that was taken: then times are UTC.
///
/// A file that is cut short is played as far as it goes, and one whose recorder was killed before it wrote the lengths into the
/// header is played to its end. Damaged parts of a FLAC file are skipped and show as a gap. All of this is reported by
/// [`Source::warning`] once it is known.
pub struct AudioFile {
    path: PathBuf,
    info: SourceInfo,
    /// Time of the first sample.
    start_ns: i64,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    channel: Channel,
    channels: usize,
    /// Samples (per channel) that the header promises.
    promised: Option<u64>,
    pacer: Pacer,
    /// Decoded frames, with interleaved channels; those before `used` have been delivered.
    frames: Vec<f32>,
    used: usize,
    /// Number of the frame at `used`.
    position: u64,
    gap: bool,
    /// Packets that could not be decoded, and the frame at which the first of them was missed.
    broken: u64,
    broken_at: u64,
    /// An Ogg stream marks its last page, so it does not just stop.
    is_ogg: bool,
    warning: Option<Arc<SourceError>>,
}

/// The formats other than WAV. The decoder searches the beginning of a file for each format that it knows; with WAV among them it
/// would read a WAV header in the middle of something else, which [`wav`] has not checked, and whose fields it multiplies
/// without a check for overflow.
pub(in crate::source) static COMPRESSED: LazyLock<Probe> = LazyLock::new(|| {
    let mut probe = Probe::default();
    probe.register_format::<FlacReader<'_>>();
    probe.register_format::<MpaReader<'_>>();
    probe.register_format::<OggReader<'_>>();
    probe
});

impl AudioFile {
    /// Opens a file and decodes its first samples.
    ///
    /// # Errors
    /// [`SourceError::Io`], [`SourceError::EmptyFile`], [`SourceError::NotAudio`], [`SourceError::NoSamples`]; a channel that
    /// is not there ([`SourceError::Channel`], [`SourceError::Iq`]); [`SourceError::Rate`] and [`SourceError::Speed`].
    pub fn open(path: impl AsRef<Path>, options: &FileOptions) -> Result<Self, SourceError> {
        let path = path.as_ref().to_path_buf();
        options.speed.check()?;
        let io_error = |cause| SourceError::Io { path: path.clone(), cause };
        let not_audio = |reason: String| SourceError::NotAudio { path: path.clone(), reason };

        let file = File::open(&path).map_err(io_error)?;
        let data = file.metadata().map_err(io_error)?;
        if data.is_dir() {
            return Err(io_error(io::ErrorKind::IsADirectory.into()));
        }
        if data.is_file() && data.len() == 0 {
            return Err(SourceError::EmptyFile { path });
        }
        let mut receiver = None;
        let mut formats: &Probe = &COMPRESSED;
        let (file, promised, head): (Box<dyn MediaSource>, _, _) = match wav::open(file).map_err(io_error)? {
            Container::Wave(wave) => {
                let promised = wave.promised;
                receiver = wave.receiver;
                formats = symphonia::default::get_probe();
                (Box::new(wave), promised, Vec::new())
            }
            Container::Other(file, head) => (file, None, head),
            Container::Bad(reason) => return Err(not_audio(reason)),
        };
        // The decoder's own messages are meant for developers.
        let unknown = |jargon: &dyn std::fmt::Display| {
            log::debug!("{}: {jargon}", path.display());
            not_audio(match wav::foreign(&head) {
                Some(kind) => format!("it is {kind}"),
                None => "it has no header of these, or a broken one".to_owned(),
            })
        };

        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let probe = |file| {
            let stream = MediaSourceStream::new(file, MediaSourceStreamOptions::default());
            formats.probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        };
        let ends_early =
            |error: &Error| matches!(error, Error::IoError(cause) if cause.kind() == io::ErrorKind::UnexpectedEof);
        let is_ogg = head.starts_with(b"OggS");
        let file = match is_ogg || head.starts_with(b"fLaC") {
            true => file,
            // The reader of MP3 would guess the length by the first frames if it could seek, and then end too early.
            false => Box::new(ReadOnlySource::new(file)),
        };
        let format = probe(file)
            .or_else(|error| {
                // The reader looks for the last page of a stream, which a file that is cut short lacks, unless it cannot seek.
                let cut = data.is_file() && is_ogg && ends_early(&error);
                let again = if cut { File::open(&path).ok() } else { None };
                again.map_or(Err(error), |file| probe(Box::new(ReadOnlySource::new(file))))
            })
            .map_err(|error| match error {
                Error::IoError(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => io_error(cause),
                other => unknown(&other),
            })?;
        let track =
            format.default_track(TrackType::Audio).ok_or_else(|| not_audio("it has no audio track".to_owned()))?;
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio())
            .ok_or_else(|| not_audio("its audio track does not say how it is coded".to_owned()))?;
        let rate_hz = f64::from(parameters.sample_rate.unwrap_or(0));
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if rate_hz < 1.0 {
            return Err(SourceError::Rate { from: path.display().to_string(), got: rate_hz });
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| unknown(&error))?;

        // What was on the air around it is of use to complex samples alone.
        let noted = receiver.filter(|_| options.channel == Channel::Iq).map(|receiver| receiver.centre_hz);
        let centre_hz = options.centre_hz.or(noted).unwrap_or(0.0);
        let start_ns = options.start_ns.or(receiver.and_then(|receiver| receiver.start_ns));
        let clock = if start_ns.is_some() { Clock::Utc } else { Clock::File };
        let info = SourceInfo::new(name, rate_hz, options.channel.kind()).with_centre_hz(centre_hz).with_clock(clock);
        let mut audio = Self {
            info: info.recorded(),
            start_ns: start_ns.unwrap_or(0),
            promised: promised.or(track.num_frames),
            track: track.id,
            channel: options.channel,
            channels: 0,
            pacer: Pacer::new(options.speed, rate_hz),
            frames: Vec::new(),
            used: 0,
            position: 0,
            gap: false,
            broken: 0,
            broken_at: 0,
            is_ogg,
            warning: None,
            path,
            format,
            decoder,
        };
        if !audio.decode()? {
            return Err(SourceError::NoSamples { path: audio.path });
        }
        audio.channel.check(&audio.path.display().to_string(), audio.channels)?;
        Ok(audio)
    }

    /// The samples of such a file, to be read in any order; `None` for a file that is compressed or not regular. The speed has no
    /// effect.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn pcm(path: impl AsRef<Path>, options: &FileOptions) -> Result<Option<PcmSamples>, SourceError> {
        // It checks everything, and knows the name, the rate and the times.
        let audio = Self::open(path, options)?;
        let Self { path, info, start_ns, channel, channels, .. } = audio;
        let io_error = |cause| SourceError::Io { path: path.clone(), cause };
        let file = File::open(&path).map_err(io_error)?;
        let data = file.metadata().map_err(io_error)?;
        let Container::Wave(wave) = wav::open(file).map_err(io_error)? else { return Ok(None) };
        let Ok((format, _, _)) = wave.raw() else { return Ok(None) };
        if !data.is_file() {
            return Ok(None);
        }
        let (offset, bytes, file) = wave.place();
        let there = data.len().saturating_sub(offset);
        let frame = (format.number_bytes() * channels) as u64;
        let samples = bytes.min(there) / frame.max(1);
        let warning = (bytes != u64::MAX && there < bytes).then(|| {
            let warning = SourceError::Truncated { path: path.clone(), expected: bytes / frame.max(1), got: samples };
            log::warn!("{warning}");
            Arc::new(warning)
        });
        let centre_hz = info.centre_hz;
        let (piece, select) = (Piece { first: 0, samples, offset }, Select::Channels(channel, channels));
        let stretch = Stretch { first: 0, samples, time_ns: start_ns, centre_hz };
        let samples = PcmSamples::new((file, path), info, format, select, vec![piece], vec![stretch])?;
        Ok(Some(samples.with_warning(warning)))
    }

    /// The samples of a FLAC, Ogg Vorbis or MP3 file, to be read in any order; `None` for any other file. The speed has no effect.
    ///
    /// The frames of an MP3 file and the pages of an Ogg file are listed first, which takes about as long as reading the file.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn coded(path: impl AsRef<Path>, options: &FileOptions) -> Result<Option<CodedSamples>, SourceError> {
        let Self { path, info, start_ns, channel, channels, format, track, position: origin, promised, .. } =
            Self::open(path, options)?;
        CodedSamples::new(Opened { path, info, start_ns, channel, channels, format, track, origin, promised })
    }

    /// How many channels the file has.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Time of the first sample, in nanoseconds on the source's clock.
    pub fn start_ns(&self) -> i64 {
        self.start_ns
    }

    /// How many samples a channel has by the file's header, if it says so; a file that is cut short has fewer.
    pub fn samples(&self) -> Option<u64> {
        self.promised
    }

    /// Decodes the next packet; false at the end.
    fn decode(&mut self) -> Result<bool, SourceError> {
        self.frames.clear();
        self.used = 0;
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(self.end()),
                // A file may stop anywhere.
                Err(Error::IoError(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                    if self.is_ogg {
                        self.miss();
                    }
                    return Ok(self.end());
                }
                Err(Error::IoError(cause)) => {
                    return Err(SourceError::Io { path: self.path.clone(), cause });
                }
                Err(error) => {
                    log::debug!("{}: {error}", self.path.display());
                    self.miss();
                    return Ok(self.end());
                }
            };
            if packet.track_id != self.track {
                continue;
            }
            let (rate_hz, channels) = match self.decoder.decode(&packet) {
                Ok(audio) => {
                    audio.copy_to_vec_interleaved::<f32>(&mut self.frames);
                    (f64::from(audio.spec().rate()), audio.spec().channels().count())
                }
                Err(Error::IoError(_) | Error::DecodeError(_)) => {
                    self.miss();
                    continue;
                }
                Err(error) => {
                    return Err(SourceError::NotAudio { path: self.path.clone(), reason: error.to_string() });
                }
            };
            if self.frames.is_empty() {
                continue;
            }
            let same = self.channels == 0 || self.channels == channels;
            if !same || rate_hz != self.info.rate_hz {
                // FLAC allows this, but no encoder does it: such a file would have no single frequency scale.
                let reason = format!("it changes to {channels} channels at {rate_hz} Hz part of the way through");
                return Err(SourceError::NotAudio { path: self.path.clone(), reason });
            }
            self.channels = channels;
            // What a packet says about its place is how the reader tells of parts that it had to skip.
            let start = u64::try_from(packet.pts.get()).unwrap_or(self.position);
            if start != self.position {
                if self.broken == 0 {
                    self.miss();
                }
                self.gap = true;
                self.position = start;
            }
            return Ok(true);
        }
    }

    /// Notes that a packet is missing here.
    fn miss(&mut self) {
        if self.broken == 0 {
            self.broken_at = self.position;
        }
        self.broken += 1;
    }

    /// Records the faults of the file after all of it was read. Returns false: there is no more.
    fn end(&mut self) -> bool {
        let path = self.path.clone();
        let warning = match self.promised {
            Some(expected) if self.position < expected && self.position > 0 => {
                Some(SourceError::Truncated { path, expected, got: self.position })
            }
            _ if self.broken > 0 => Some(SourceError::Damaged { path, broken: self.broken, first: self.broken_at }),
            _ => None,
        };
        if let (None, Some(warning)) = (&self.warning, warning) {
            log::warn!("{warning}");
            self.warning = Some(Arc::new(warning));
        }
        false
    }
}

impl std::fmt::Debug for AudioFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AudioFile").field("path", &self.path).field("info", &self.info).finish_non_exhaustive()
    }
}

impl Source for AudioFile {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        if self.used == self.frames.len() && !self.decode()? {
            return Ok(Read::End);
        }
        let count = ((self.frames.len() - self.used) / self.channels).min(self.pacer.block());
        if !self.pacer.due(count) {
            return Ok(Read::Early);
        }
        let part = self.used..self.used + count * self.channels;
        block.samples.clear();
        self.channel.pick(&self.frames[part], self.channels, &mut block.samples);
        block.time_ns = self.start_ns.saturating_add(time_ns(self.position, self.info.rate_hz));
        block.gap = std::mem::take(&mut self.gap);
        self.used += count * self.channels;
        self.position += count as u64;
        Ok(Read::Samples)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}
