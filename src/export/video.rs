//! Videos: many frames of one size.

mod apng;
mod codec;
mod counter;
mod ffmpeg;
mod frames;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use frames::Frames;

use super::error::ExportError;
use super::output::{Kind, Output, OutputOptions};

/// A file format for videos. All but APNG are encoded by the program `ffmpeg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VideoFormat {
    /// MP4 with H.264.
    Mp4,
    /// WebM with VP9.
    WebM,
    /// Ogg with Theora.
    Ogv,
    /// GIF, with up to 256 colours a frame.
    Gif,
    /// Animated PNG, without loss.
    Apng,
}

/// How a video is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoOptions {
    /// Frames a second.
    pub fps: f64,
    /// How often GIF and APNG are played; 0 for ever.
    pub plays: u16,
    /// From 1 (small) to 100. MP4 and WebM of quality 100 keep every pixel as it is, but not every player shows them. GIF
    /// and APNG have no such choice.
    pub quality: u8,
    /// Whether the number of the frame is drawn into its bottom right corner.
    pub counter: bool,
    /// The program `ffmpeg`: a path, or a name on the `PATH`.
    pub ffmpeg: PathBuf,
    /// How long `ffmpeg` may make no progress before it is ended.
    pub patience: Duration,
}

impl Default for VideoOptions {
    /// 30 frames a second, played for ever, of quality 80, without a counter.
    fn default() -> Self {
        let patience = Duration::from_secs(120);
        Self { fps: 30.0, plays: 0, quality: 80, counter: false, ffmpeg: "ffmpeg".into(), patience }
    }
}

impl VideoOptions {
    /// The same at another number of frames a second.
    #[must_use]
    pub fn with_fps(mut self, fps: f64) -> Self {
        self.fps = fps;
        self
    }

    /// The same with another number of plays.
    #[must_use]
    pub fn with_plays(mut self, plays: u16) -> Self {
        self.plays = plays;
        self
    }

    /// The same with another quality.
    #[must_use]
    pub fn with_quality(mut self, quality: u8) -> Self {
        self.quality = quality;
        self
    }

    /// The same with or without a counter.
    #[must_use]
    pub fn with_counter(mut self, counter: bool) -> Self {
        self.counter = counter;
        self
    }

    /// The same with another program.
    #[must_use]
    pub fn with_ffmpeg(mut self, ffmpeg: impl Into<PathBuf>) -> Self {
        self.ffmpeg = ffmpeg.into();
        self
    }

    /// The same with other patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl VideoFormat {
    /// All formats, the usual one first.
    pub const ALL: [Self; 5] = [Self::Mp4, Self::WebM, Self::Ogv, Self::Gif, Self::Apng];

    /// Its usual name. In lower case it is the extension of its files, and the format's name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::WebM => "WebM",
            Self::Ogv => "OGV",
            Self::Gif => "GIF",
            Self::Apng => "APNG",
        }
    }

    /// The format of this name, in upper or lower case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// The format that a path asks for by its extension.
    pub fn of(path: &Path) -> Option<Self> {
        Self::named(path.extension()?.to_str()?)
    }

    /// Whether a file says how often it is to be played ([`VideoOptions::plays`]).
    pub fn has_plays(self) -> bool {
        matches!(self, Self::Gif | Self::Apng)
    }

    /// Whether there is a choice of [`VideoOptions::quality`].
    pub fn has_quality(self) -> bool {
        !self.has_plays()
    }

    /// The size of the video for frames of this size: colours of MP4, WebM and OGV are stored for two by two pixels, so an
    /// odd width or height gets one black column or row more.
    pub fn size_of(self, (width, height): (u32, u32)) -> (u32, u32) {
        let even = |side: u32| side.saturating_add(side % 2);
        if self.has_quality() { (even(width), even(height)) } else { (width, height) }
    }

    /// The first bytes of its files, as for [`Kind::signature`].
    fn signature(self) -> &'static [u8] {
        match self {
            Self::Mp4 => b"????ftyp",
            Self::WebM => b"\x1A\x45\xDF\xA3",
            Self::Ogv => b"OggS",
            Self::Gif => b"GIF8",
            Self::Apng => b"\x89PNG\r\n\x1a\n",
        }
    }

    /// Makes `path` ready to be written in this format; see [`Output::open`].
    ///
    /// # Errors
    /// As [`Output::open`].
    pub fn open(self, path: &Path, options: &OutputOptions<'_>) -> Result<Output, ExportError> {
        Output::open(path, Kind { name: self.name(), signature: self.signature() }, options)
    }

    /// Fails on options that the format cannot have, before any work is done, and if `ffmpeg` is needed and missing.
    ///
    /// # Errors
    /// [`ExportError::FrameRate`], [`ExportError::NoFfmpeg`], [`ExportError::FfmpegStart`].
    pub fn check(self, options: &VideoOptions) -> Result<(), ExportError> {
        // GIF counts in hundredths of a second, and viewers take a delay of one of them for ten.
        let most = if self == Self::Gif { 50.0 } else { 1000.0 };
        if !(options.fps > 0.001 && options.fps <= most) {
            return Err(ExportError::FrameRate { format: self.name(), fps: options.fps, most });
        }
        if self == Self::Apng { Ok(()) } else { ffmpeg::check(self, options) }
    }

    /// Writes the frames to their destination, completely or not at all.
    ///
    /// # Errors
    /// As [`check`](Self::check) and [`Output::write`]; [`ExportError::Ffmpeg`] and [`ExportError::FfmpegHangs`].
    pub fn write(self, frames: &mut Frames<'_>, options: &VideoOptions, output: Output) -> Result<(), ExportError> {
        self.check(options)?;
        if self == Self::Apng {
            return output.write(|out| apng::encode(frames, options, out));
        }
        output.write_elsewhere(|sink| ffmpeg::encode(self, frames, options, sink))
    }
}

/// The next frame, with its number if asked.
fn next(frames: &mut Frames<'_>, options: &VideoOptions, rgba: &mut [u8]) -> io::Result<Option<u32>> {
    let Some(index) = frames.next_frame(rgba)? else { return Ok(None) };
    if options.counter {
        counter::draw(rgba, frames.size(), index + 1, frames.count());
    }
    Ok(Some(index))
}
