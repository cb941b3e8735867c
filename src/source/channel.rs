//! Selection of a channel.

use std::fmt;
use std::str::FromStr;

use super::SourceError;
use crate::dsp::SampleKind;

/// How to use the channels of a file or a device.
///
/// As text: `mix`, `iq`, or the number of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The mean of all channels.
    #[default]
    Mix,
    /// One channel; the first is 1.
    One(usize),
    /// The first of two channels is I, the second Q, of complex samples.
    Iq,
}

impl Channel {
    /// Whether samples chosen in this way are real or complex.
    pub fn kind(self) -> SampleKind {
        match self {
            Self::Mix | Self::One(_) => SampleKind::Real,
            Self::Iq => SampleKind::Complex,
        }
    }

    /// Fails unless `from`, which has this number of channels, can deliver the selection.
    pub(super) fn check(self, from: &str, channels: usize) -> Result<(), SourceError> {
        match self {
            Self::One(asked) if asked == 0 || asked > channels => {
                Err(SourceError::Channel { from: from.to_owned(), asked, channels })
            }
            Self::Iq if channels != 2 => Err(SourceError::Iq { from: from.to_owned(), channels }),
            Self::Mix if channels == 0 => Err(SourceError::Channel { from: from.to_owned(), asked: 1, channels }),
            _ => Ok(()),
        }
    }

    /// Appends the selected samples to `out`, from frames of `channels` interleaved samples.
    pub(super) fn pick(self, frames: &[f32], channels: usize, out: &mut Vec<f32>) {
        match self {
            Self::Mix if channels == 1 => out.extend_from_slice(frames),
            Self::Mix => {
                let share = 1.0 / channels as f32;
                out.extend(frames.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share));
            }
            Self::One(channel) => out.extend(frames.iter().skip(channel - 1).step_by(channels)),
            Self::Iq => out.extend_from_slice(frames),
        }
    }
}

impl FromStr for Channel {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("mix") => Ok(Self::Mix),
            word if word.eq_ignore_ascii_case("iq") => Ok(Self::Iq),
            word => match word.parse() {
                Ok(channel) if channel >= 1 => Ok(Self::One(channel)),
                _ => Err(SourceError::ChannelWord { got: text.to_owned() }),
            },
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mix => f.write_str("mix"),
            Self::One(channel) => write!(f, "{channel}"),
            Self::Iq => f.write_str("iq"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks() {
        let frames = [0.5, -0.25, 1.0, 0.0];
        let pick = |channel: Channel, channels| {
            let mut out = Vec::new();
            channel.pick(&frames, channels, &mut out);
            out
        };
        assert_eq!(pick(Channel::Mix, 2), [0.125, 0.5]);
        assert_eq!(pick(Channel::Mix, 1), frames);
        assert_eq!(pick(Channel::One(1), 2), [0.5, 1.0]);
        assert_eq!(pick(Channel::One(2), 2), [-0.25, 0.0]);
        assert_eq!(pick(Channel::Iq, 2), frames);
    }

    #[test]
    fn words() {
        for channel in [Channel::Mix, Channel::Iq, Channel::One(1), Channel::One(12)] {
            assert_eq!(channel.to_string().parse::<Channel>().unwrap(), channel);
        }
        for wrong in ["0", "-1", "left", "", "1.5"] {
            assert!(wrong.parse::<Channel>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn checks() {
        assert!(Channel::One(2).check("a", 2).is_ok());
        assert!(Channel::One(3).check("a", 2).is_err());
        assert!(Channel::One(0).check("a", 2).is_err());
        assert!(Channel::Iq.check("a", 2).is_ok());
        assert!(Channel::Iq.check("a", 1).is_err());
        assert!(Channel::Mix.check("a", 0).is_err());
    }
}
