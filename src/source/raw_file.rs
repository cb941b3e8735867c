//! Raw samples in seekable files.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::channel::Channel;
use super::pace::{Pacer, time_ns};
use super::pipe::RawFormat;
use super::samples::{PcmSamples, Piece, Select, Stretch};
use super::sigmf::Annotation;
use super::{Block, Clock, Read, Source, SourceError, SourceInfo, Speed, sigmf};

/// The format of a raw file's samples, and their metadata.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RawFileOptions {
    /// How the samples are written.
    pub format: RawFormat,
    /// Samples a second (complex samples count once), in Hz; 1 or more.
    pub rate_hz: f64,
    /// What 0 Hz of the samples was on the air, in Hz.
    pub centre_hz: f64,
    /// When the first sample was taken, in nanoseconds of UTC since 1970. Times are then UTC, else they begin at 0.
    pub start_ns: Option<i64>,
    /// How fast the file is played.
    pub speed: Speed,
}

impl RawFileOptions {
    /// Samples of this format and rate (in Hz), around 0 Hz, without a start time, played in real time.
    pub fn new(format: RawFormat, rate_hz: f64) -> Self {
        Self { format, rate_hz, centre_hz: 0.0, start_ns: None, speed: Speed::Real }
    }
}

/// Samples that follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    /// Where its first sample is, in bytes from the beginning of the file.
    pub(super) offset: u64,
    pub(super) samples: u64,
    /// Time of its first sample, on the source's clock.
    pub(super) time_ns: i64,
    pub(super) centre_hz: f64,
}

/// Properties of all samples of a file.
pub(super) struct Layout {
    pub(super) format: RawFormat,
    /// Number of channels, and the channel that is read, from 0.
    pub(super) channels: usize,
    pub(super) channel: usize,
    pub(super) rate_hz: f64,
    pub(super) clock: Clock,
    pub(super) segments: Vec<Segment>,
    /// A fault of the file.
    pub(super) warning: Option<SourceError>,
    pub(super) annotations: Vec<Annotation>,
}

/// Raw samples in a file, or the recording that SigMF metadata describes.
///
/// When a recording was tuned to another frequency, the source reports a [change](Read::Changed); a pause is a gap.
/// An incomplete last sample is dropped, and [`Source::warning`] reports it.
#[derive(Debug)]
pub struct RawFile {
    path: PathBuf,
    file: File,
    info: SourceInfo,
    format: RawFormat,
    channels: usize,
    channel: usize,
    segments: Vec<Segment>,
    /// The segment that is read, and the next sample of it.
    segment: usize,
    next: u64,
    /// The file is read from somewhere else than it was last.
    moved: bool,
    gap: bool,
    pacer: Pacer,
    bytes: Vec<u8>,
    numbers: Vec<f32>,
    warning: Option<Arc<SourceError>>,
}

impl RawFile {
    /// Opens a file that holds samples and nothing else.
    ///
    /// # Errors
    /// [`SourceError::Io`], [`SourceError::NoSample`] for a file without one whole sample, [`SourceError::Rate`] and
    /// [`SourceError::Speed`].
    pub fn open(path: impl AsRef<Path>, options: &RawFileOptions) -> Result<Self, SourceError> {
        let path = path.as_ref();
        let &RawFileOptions { format, rate_hz, centre_hz, start_ns, speed } = options;
        let io_error = |cause| SourceError::Io { path: path.to_owned(), cause };
        let file = File::open(path).map_err(io_error)?;
        let data = file.metadata().map_err(io_error)?;
        if data.is_dir() {
            return Err(io_error(io::ErrorKind::IsADirectory.into()));
        }
        let size = format.sample_bytes() as u64;
        let samples = data.len() / size;
        let over = (data.len() % size) as usize;
        let name = path.display().to_string();
        let warning = (over > 0).then(|| SourceError::Partial {
            name: name.clone(),
            what: "sample",
            got: over,
            expected: size as usize,
        });
        let segment = Segment { offset: 0, samples, time_ns: start_ns.unwrap_or(0), centre_hz };
        let clock = if start_ns.is_some() { Clock::Utc } else { Clock::File };
        let layout = Layout {
            format,
            channels: 1,
            channel: 0,
            rate_hz,
            clock,
            segments: vec![segment],
            warning,
            annotations: Vec::new(),
        };
        Self::with_layout(path, file, layout, speed)
    }

    /// Opens a SigMF recording by its metadata (`.sigmf-meta`), its data (`.sigmf-data`) or as an archive (`.sigmf`). `rate_hz`,
    /// `centre_hz` and `start_ns` replace what the metadata say; of several channels `channel` is read, which then has
    /// to be a number.
    ///
    /// # Errors
    /// [`SourceError::SigMf`] for metadata that are wrong, with the place in them; [`SourceError::Channel`]; otherwise those of
    /// [`RawFile::open`].
    pub fn open_sigmf(path: impl AsRef<Path>, options: &SigMfOptions) -> Result<Self, SourceError> {
        let (data, file, layout) = sigmf::open(path.as_ref(), options)?;
        Self::with_layout(&data, file, layout, options.speed)
    }

    fn with_layout(path: &Path, file: File, layout: Layout, speed: Speed) -> Result<Self, SourceError> {
        let Layout { format, channels, channel, rate_hz, clock, segments, warning, annotations } = layout;
        speed.check()?;
        if !(rate_hz >= 1.0 && rate_hz.is_finite()) {
            return Err(SourceError::Rate { from: path.display().to_string(), got: rate_hz });
        }
        let segments: Vec<Segment> = segments.into_iter().filter(|segment| segment.samples > 0).collect();
        let Some(first) = segments.first() else {
            return Err(SourceError::NoSample { path: path.to_owned(), size: format.sample_bytes() * channels });
        };
        if let Some(warning) = &warning {
            log::warn!("{warning}");
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut info = SourceInfo::new(name, rate_hz, format.kind()).with_centre_hz(first.centre_hz).with_clock(clock);
        info.annotations = annotations.into();
        Ok(Self {
            path: path.to_owned(),
            file,
            info: info.recorded(),
            format,
            channels,
            channel,
            segments,
            segment: 0,
            next: 0,
            moved: true,
            gap: false,
            pacer: Pacer::new(speed, rate_hz),
            bytes: Vec::new(),
            numbers: Vec::new(),
            warning: warning.map(Arc::new),
        })
    }

    /// The annotations of a SigMF recording, in the order of its metadata.
    pub fn annotations(&self) -> &[Annotation] {
        &self.info.annotations
    }

    /// Time of the first sample, in nanoseconds on the source's clock.
    pub fn start_ns(&self) -> i64 {
        self.segments.first().map_or(0, |first| first.time_ns)
    }

    /// Time from the first sample to the end, gaps included, in nanoseconds.
    pub fn duration_ns(&self) -> i64 {
        let end = self.segments.last().map_or(0, |last| self.end_ns(last));
        end.saturating_sub(self.start_ns())
    }

    /// The same samples, to be read in any order.
    ///
    /// # Errors
    /// None today: a file without samples could not have been opened.
    pub fn into_pcm(self) -> Result<PcmSamples, SourceError> {
        let (mut pieces, mut stretches) = (Vec::new(), Vec::<Stretch>::new());
        let (mut first, mut end_ns) = (0, None);
        for segment in &self.segments {
            let &Segment { offset, samples, time_ns, centre_hz } = segment;
            pieces.push(Piece { first, samples, offset });
            match stretches.last_mut() {
                // As `read` has it: neither a gap nor a change.
                Some(last) if end_ns == Some(time_ns) && last.centre_hz == centre_hz => last.samples += samples,
                _ => stretches.push(Stretch { first, samples, time_ns, centre_hz }),
            }
            first += samples;
            end_ns = Some(self.end_ns(segment));
        }
        let width = self.format.kind().values_per_sample();
        let select = Select::Numbers { from: self.channel * width, count: width, of: self.channels * width };
        let mut info = self.info;
        info.centre_hz = stretches.first().map_or(info.centre_hz, |first| first.centre_hz);
        let samples = PcmSamples::new((self.file, self.path), info, self.format, select, pieces, stretches)?;
        Ok(samples.with_warning(self.warning))
    }

    fn end_ns(&self, segment: &Segment) -> i64 {
        segment.time_ns.saturating_add(time_ns(segment.samples, self.info.rate_hz))
    }

    /// Bytes of a frame: one sample of each channel.
    fn frame_bytes(&self) -> usize {
        self.format.sample_bytes() * self.channels
    }

    /// Continues with the next segment, if there is one. Returns whether that changed the source.
    fn go_on(&mut self) -> bool {
        self.segment += 1;
        self.next = 0;
        self.moved = true;
        let Some(segment) = self.segments.get(self.segment) else { return false };
        self.gap = segment.time_ns != self.end_ns(&self.segments[self.segment - 1]);
        let changed = segment.centre_hz != self.info.centre_hz;
        self.info.centre_hz = segment.centre_hz;
        changed
    }

    /// Reads frames into `bytes`, as many as asked for unless the file has shrunk.
    fn fill(&mut self, offset: u64, count: usize) -> io::Result<usize> {
        if self.moved {
            self.file.seek(SeekFrom::Start(offset))?;
            self.moved = false;
        }
        let size = self.frame_bytes();
        self.bytes.clear();
        let wanted = (count * size) as u64;
        let got = (&mut self.file).take(wanted).read_to_end(&mut self.bytes)?;
        // Part of a sample was read, if the file has shrunk.
        self.moved = got % size != 0;
        Ok(got / size)
    }
}

impl Source for RawFile {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        let segment = loop {
            let Some(segment) = self.segments.get(self.segment).copied() else { return Ok(Read::End) };
            if self.next < segment.samples {
                break segment;
            }
            if self.go_on() {
                return Ok(Read::Changed);
            }
        };
        let count = (segment.samples - self.next).min(self.pacer.block() as u64) as usize;
        if !self.pacer.due(count) {
            return Ok(Read::Early);
        }
        let offset = segment.offset + self.next * self.frame_bytes() as u64;
        let got = self.fill(offset, count).map_err(|cause| SourceError::Io { path: self.path.clone(), cause })?;
        if got == 0 {
            let expected = self.segments.iter().map(|segment| segment.samples).sum();
            let before: u64 = self.segments[..self.segment].iter().map(|segment| segment.samples).sum();
            let warning = SourceError::Truncated { path: self.path.clone(), expected, got: before + self.next };
            log::warn!("{warning}");
            self.warning = Some(Arc::new(warning));
            self.segment = self.segments.len();
            return Ok(Read::End);
        }
        block.samples.clear();
        let whole = &self.bytes[..got * self.frame_bytes()];
        if self.channels == 1 {
            self.format.decode(whole, 1.0, &mut block.samples);
        } else {
            self.numbers.clear();
            self.format.decode(whole, 1.0, &mut self.numbers);
            let width = self.format.kind().values_per_sample();
            for frame in self.numbers.chunks_exact(width * self.channels) {
                block.samples.extend_from_slice(&frame[self.channel * width..][..width]);
            }
        }
        block.time_ns = segment.time_ns.saturating_add(time_ns(self.next, self.info.rate_hz));
        block.gap = std::mem::take(&mut self.gap);
        self.next += got as u64;
        Ok(Read::Samples)
    }

    fn seek(&mut self, time_ns: i64) -> Result<bool, SourceError> {
        let found = self.segments.iter().position(|segment| time_ns < self.end_ns(segment));
        self.segment = found.unwrap_or(self.segments.len());
        self.next = 0;
        if let Some(segment) = self.segments.get(self.segment) {
            let ahead_ns = time_ns.saturating_sub(segment.time_ns).max(0);
            self.next = (ahead_ns as f64 * 1e-9 * self.info.rate_hz).round() as u64;
            self.info.centre_hz = segment.centre_hz;
        }
        self.moved = true;
        self.gap = false;
        Ok(true)
    }

    fn warning(&self) -> Option<Arc<SourceError>> {
        self.warning.clone()
    }
}

/// What is to be read of a SigMF recording, and what replaces its metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SigMfOptions {
    /// Samples a second, in Hz.
    pub rate_hz: Option<f64>,
    /// What 0 Hz of all samples was on the air, in Hz.
    pub centre_hz: Option<f64>,
    /// When the first sample was taken, in nanoseconds of UTC since 1970. Pauses in the metadata are kept.
    pub start_ns: Option<i64>,
    /// Which of several channels.
    pub channel: Option<Channel>,
    /// How fast it is played.
    pub speed: Speed,
}
