//! Samples of a compressed file: FLAC, Ogg Vorbis, MP3.

mod flac;
mod mpeg;
mod ogg;
mod splice;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::formats::well_known::{FORMAT_ID_FLAC, FORMAT_ID_MP3, FORMAT_ID_OGG};

use flac::Flac;
use mpeg::Mpeg;
use ogg::Ogg;

use super::{SampleReader, Samples, Stretch};
use crate::rows::RowsError;
use crate::source::channel::Channel;
use crate::source::{SourceError, SourceInfo};

/// Samples of a compressed file. Several threads decode it at once, each at its own place, and each sample is the same as when
/// the file is decoded from its beginning.
///
/// Parts that are damaged are NaN; [`Samples::warning`] tells of them once they have been met.
///
/// [`AudioFile::coded`](crate::source::AudioFile::coded) opens one.
pub struct CodedSamples {
    file: Arc<File>,
    path: PathBuf,
    /// Bytes of the file when it was opened.
    bytes: u64,
    info: SourceInfo,
    channel: Channel,
    channels: usize,
    codec: AudioCodecParameters,
    layout: Layout,
    /// What packets call the position of the first sample.
    origin: i64,
    stretches: Vec<Stretch>,
    warning: Option<Arc<SourceError>>,
    /// Numbers of the first samples that are missing, each from somewhere on.
    missing: Mutex<BTreeSet<u64>>,
}

/// Where packets are in a file.
enum Layout {
    Flac(Flac),
    Ogg(Ogg),
    Mpeg(Mpeg),
}

/// What is known of a file once its first samples have been decoded.
pub(in crate::source) struct Opened {
    pub(in crate::source) path: PathBuf,
    pub(in crate::source) info: SourceInfo,
    pub(in crate::source) start_ns: i64,
    pub(in crate::source) channel: Channel,
    pub(in crate::source) channels: usize,
    pub(in crate::source) format: Box<dyn FormatReader>,
    pub(in crate::source) track: u32,
    /// Position of the first sample.
    pub(in crate::source) origin: u64,
    /// Samples that the header promises.
    pub(in crate::source) promised: Option<u64>,
}

/// Missing parts that are counted at most.
const MOST_MISSING: usize = 4096;

impl CodedSamples {
    /// None for a file that can only be read in order: a pipe, a container of another kind.
    pub(in crate::source) fn new(opened: Opened) -> Result<Option<Self>, SourceError> {
        let Opened { path, info, start_ns, channel, channels, format, track, origin, promised } = opened;
        let io_error = |cause| SourceError::Io { path: path.clone(), cause };
        let file = File::open(&path).map_err(io_error)?;
        let data = file.metadata().map_err(io_error)?;
        let codec = format.tracks().iter().find(|held| held.id == track).and_then(|track| track.codec_params.as_ref());
        let Some(codec) = codec.and_then(|parameters| parameters.audio()).filter(|_| data.is_file()) else {
            return Ok(None);
        };
        let (file, bytes, origin) = (Arc::new(file), data.len(), i64::try_from(origin).unwrap_or(i64::MAX));
        let layout = match format.format_info().format {
            FORMAT_ID_FLAC => Flac::find(&file, bytes, codec, origin).map(|found| found.map(Layout::Flac)),
            FORMAT_ID_OGG => Ogg::find(&file, bytes, codec, track).map(|found| found.map(Layout::Ogg)),
            FORMAT_ID_MP3 => Mpeg::find(&file, bytes).map(|found| found.map(Layout::Mpeg)),
            _ => Ok(None),
        };
        let Some(layout) = layout.map_err(io_error)? else { return Ok(None) };
        let end = match &layout {
            Layout::Flac(flac) => flac.end(),
            Layout::Ogg(ogg) => ogg.end(),
            Layout::Mpeg(mpeg) => mpeg.end(),
        };
        let samples = u64::try_from(end.saturating_sub(origin)).unwrap_or(0);
        if samples == 0 {
            return Err(SourceError::NoSamples { path });
        }
        // The number in the head of an MP3 file is but a hint.
        let promised = promised.filter(|_| !matches!(layout, Layout::Mpeg(_)));
        let warning = promised.filter(|expected| samples < *expected).map(|expected| {
            let warning = SourceError::Truncated { path: path.clone(), expected, got: samples };
            log::warn!("{warning}");
            Arc::new(warning)
        });
        let time_ns = start_ns.saturating_add(crate::source::pace::time_ns(origin.unsigned_abs(), info.rate_hz));
        let stretches = vec![Stretch { first: 0, samples, time_ns, centre_hz: info.centre_hz }];
        let (codec, missing) = (codec.clone(), Mutex::default());
        Ok(Some(Self {
            file,
            path,
            bytes,
            info,
            channel,
            channels,
            codec,
            layout,
            origin,
            stretches,
            warning,
            missing,
        }))
    }

    /// Notes that samples are missing from this position on.
    fn miss(&self, position: i64) {
        let sample = u64::try_from(position.saturating_sub(self.origin)).unwrap_or(0);
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.is_empty() {
            log::warn!("{}: damaged at sample {sample}; what cannot be decoded appears as a gap", self.path.display());
        }
        if missing.len() < MOST_MISSING {
            missing.insert(sample);
        }
    }
}

impl std::fmt::Debug for CodedSamples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodedSamples").field("path", &self.path).field("info", &self.info).finish_non_exhaustive()
    }
}

impl Samples for CodedSamples {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    fn reader(&self) -> Box<dyn SampleReader + '_> {
        let (frames, packet) = (Vec::new(), Vec::new());
        let (at, before) = (i64::MAX, i64::MAX);
        Box::new(CodedReader { samples: self, decoder: None, packets: Packets::None, frames, at, before, packet })
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        if let Some(warning) = &self.warning {
            return Some(Arc::clone(warning));
        }
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, broken) = (*missing.first()?, missing.len() as u64);
        Some(Arc::new(SourceError::Damaged { path: self.path.clone(), broken, first }))
    }
}

/// Where a decoder gets its packets from.
enum Packets {
    None,
    /// A container that is read on from somewhere.
    Container(Box<dyn FormatReader>, u32),
    /// Frames of an MP3 file: the number of the next one, and that of the first one that comes out as it should.
    Frames(usize, usize),
}

/// What came of the next packet.
enum Step {
    /// It was decoded; these are samples from this position on.
    Decoded(i64),
    /// There is nothing to hear of it.
    Silent,
    /// It is damaged, and would have begun at this position.
    Broken(i64),
    End,
}

struct CodedReader<'a> {
    samples: &'a CodedSamples,
    decoder: Option<Box<dyn AudioDecoder>>,
    packets: Packets,
    /// Samples of the last packet, with interleaved channels.
    frames: Vec<f32>,
    /// Position of the first of them.
    at: i64,
    /// What is not in `frames`, from this position on, is missing.
    before: i64,
    packet: Vec<u8>,
}

impl CodedReader<'_> {
    /// Samples that are decoded rather than sought past.
    const REACH: i64 = 1 << 15;

    /// Position after the samples of the last packet.
    fn end(&self) -> i64 {
        self.at.saturating_add((self.frames.len() / self.samples.channels) as i64)
    }

    fn file_error(&self, message: String) -> RowsError {
        RowsError::File { path: self.samples.path.clone(), offset: 0, message }
    }

    /// Starts over at a place from which the sample at `position` comes out as it should.
    fn seek(&mut self, position: i64) -> Result<(), RowsError> {
        /// What is tried if the place turns out to be too late.
        const BACK: [i64; 3] = [0, 1 << 17, 1 << 21];
        for back in BACK {
            self.open(position.saturating_sub(back))?;
            self.frames.clear();
            self.before = position;
            while self.end() <= position {
                self.before = position;
                self.step()?;
            }
            if self.at <= position || !matches!(self.samples.layout, Layout::Flac(_)) {
                break;
            }
        }
        self.before = self.before.min(position);
        Ok(())
    }

    fn open(&mut self, position: i64) -> Result<(), RowsError> {
        let CodedSamples { file, layout, codec, .. } = self.samples;
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            held => {
                let decoder =
                    symphonia::default::get_codecs().make_audio_decoder(codec, &AudioDecoderOptions::default());
                // It was made once before, when the file was opened.
                let decoder = decoder.map_err(|error| RowsError::File {
                    path: self.samples.path.clone(),
                    offset: 0,
                    message: error.to_string(),
                })?;
                held.insert(decoder)
            }
        };
        decoder.reset();
        self.packets = match layout {
            Layout::Flac(flac) => flac.open(file, position),
            Layout::Ogg(ogg) => ogg.open(file, self.samples.bytes, position),
            Layout::Mpeg(mpeg) => Ok(mpeg.open(position)),
        }
        .map_err(|cause| self.file_error(cause.to_string()))?;
        self.at = i64::MIN;
        Ok(())
    }

    /// Decodes the next packet into `frames`. After the last one nothing more is known: `at` is beyond all positions.
    fn step(&mut self) -> Result<(), RowsError> {
        let before = self.end();
        loop {
            match self.next()? {
                Step::Decoded(at) => {
                    if self.frames.is_empty() {
                        continue;
                    }
                    if before != i64::MIN {
                        self.before = before;
                        if at > before {
                            self.samples.miss(before);
                        }
                    }
                    self.at = at;
                    return Ok(());
                }
                Step::Silent => {}
                Step::Broken(at) => {
                    // The next packet tells how long it would have been.
                    self.frames.clear();
                    self.before = if before == i64::MIN { self.before } else { before };
                    self.samples.miss(at);
                    self.at = at.max(before);
                    return Ok(());
                }
                Step::End => {
                    self.check_length()?;
                    if before != i64::MIN {
                        self.before = before;
                    }
                    self.samples.miss(self.before);
                    self.frames.clear();
                    self.at = i64::MAX;
                    return Ok(());
                }
            }
        }
    }

    /// Fails if the file has become shorter: what is missing is not damaged then.
    fn check_length(&self) -> Result<(), RowsError> {
        let CodedSamples { file, bytes, path, .. } = self.samples;
        let length = file.metadata().map_or(*bytes, |data| data.len());
        if length >= *bytes {
            return Ok(());
        }
        let message = format!("the file ends here and has become shorter: expected {} more bytes", bytes - length);
        Err(RowsError::File { path: path.clone(), offset: length, message })
    }

    fn next(&mut self) -> Result<Step, RowsError> {
        let CodedSamples { file, layout, channels, info, path, .. } = self.samples;
        let Some(decoder) = &mut self.decoder else { return Ok(Step::End) };
        let failed =
            |cause: &std::io::Error| RowsError::File { path: path.clone(), offset: 0, message: cause.to_string() };
        let (decoded, at) = match &mut self.packets {
            Packets::None => return Ok(Step::End),
            Packets::Container(format, track) => {
                let packet = match format.next_packet() {
                    Ok(Some(packet)) => packet,
                    Ok(None) => return Ok(Step::End),
                    Err(Error::IoError(cause)) if cause.kind() != std::io::ErrorKind::UnexpectedEof => {
                        return Err(failed(&cause));
                    }
                    Err(_) => return Ok(Step::End),
                };
                if packet.track_id != *track {
                    return Ok(Step::Silent);
                }
                (decoder.decode(&packet), packet.pts.get())
            }
            Packets::Frames(next, first) => {
                let Layout::Mpeg(mpeg) = layout else { return Ok(Step::End) };
                let number = *next;
                *next += 1;
                let Some(packet) = mpeg.packet(file, number, &mut self.packet).map_err(|cause| failed(&cause))? else {
                    return Ok(Step::End);
                };
                let decoded = decoder.decode_ref(&packet);
                if number < *first {
                    return Ok(Step::Silent);
                }
                (decoded, packet.pts.get())
            }
        };
        match decoded {
            Ok(audio)
                if audio.spec().channels().count() == *channels && f64::from(audio.spec().rate()) == info.rate_hz =>
            {
                audio.copy_to_vec_interleaved::<f32>(&mut self.frames);
                Ok(Step::Decoded(at))
            }
            _ => Ok(Step::Broken(at)),
        }
    }
}

impl SampleReader for CodedReader<'_> {
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        let CodedSamples { channel, channels, origin, ref info, .. } = *self.samples;
        out.clear();
        let missing = first.saturating_add(count as u64).saturating_sub(self.samples.count());
        if missing > 0 {
            return Err(self.file_error(format!("it ends here: expected {missing} more samples")));
        }
        let width = info.kind.values_per_sample();
        let mut at = origin + first as i64;
        let end = at + count as i64;
        while at < end {
            if (self.at..self.end()).contains(&at) {
                let to = end.min(self.end());
                let part = (at - self.at) as usize * channels..(to - self.at) as usize * channels;
                channel.pick(&self.frames[part], channels, out);
                at = to;
            } else if (self.before..self.at).contains(&at) {
                let to = end.min(self.at);
                out.resize(out.len() + (to - at) as usize * width, f32::NAN);
                at = to;
            } else if at >= self.end() && at - self.end() < Self::REACH {
                self.step()?;
            } else if let Err(error) = self.seek(at) {
                out.clear();
                return Err(error);
            }
        }
        Ok(())
    }
}
