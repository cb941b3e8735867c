//! Sound with a WAV header from a pipe.

use std::fs::File;

use super::{Pipe, PipeOptions, RawFormat};
use crate::source::channel::Channel;
use crate::source::file::wav::{self, Container};
use crate::source::{Clock, SourceError, Speed};

impl Pipe {
    /// Reads sound of which a WAV header (PCM or float) tells format and rate, as `arecord` and `sox` write it. It waits for the
    /// header, as long as that takes. `speed` is for [`Clock::File`].
    ///
    /// # Errors
    /// [`SourceError::NotWave`], [`SourceError::Io`], and those of [`Pipe::new`].
    pub fn wav(
        name: &str,
        input: File,
        channel: Channel,
        centre_hz: f64,
        (clock, speed): (Clock, Speed),
    ) -> Result<Self, SourceError> {
        let not_wave = |reason: String| SourceError::NotWave { name: name.to_owned(), reason };
        let mut wave = match wav::open(input).map_err(|cause| SourceError::Io { path: name.into(), cause })? {
            Container::Wave(wave) => wave,
            Container::Other(_, head) => {
                return Err(not_wave(match (wav::foreign(&head), &head[..]) {
                    (_, []) => "there are no bytes at all".to_owned(),
                    (_, [b'f', b'L', b'a', b'C', ..]) => "it is FLAC".to_owned(),
                    (Some(kind), _) => format!("it is {kind}"),
                    (None, _) => "it has none".to_owned(),
                }));
            }
            Container::Bad(reason) => return Err(not_wave(reason)),
        };
        let (format, channels, rate_hz): (RawFormat, _, _) = wave.raw().map_err(not_wave)?;
        wave.skip_header();
        let options = PipeOptions::new(name, format, rate_hz)
            .with_channels(channels, channel)
            .with_centre_hz(centre_hz)
            .with_clock(clock)
            .with_speed(speed);
        Self::new(wave, &options)
    }
}
