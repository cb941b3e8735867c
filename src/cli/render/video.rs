//! Flags for videos.

use clap::Args;
use ringfall::export::VideoOptions;

use crate::flags::{Usage, value, wrong};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Video")]
pub(super) struct VideoArgs {
    /// Frames a second of a video [default: 30]
    #[arg(long, value_name = "NUMBER", value_parser = value::fps)]
    fps: Option<f64>,

    /// How often a GIF or an APNG is played; 0 for ever [default: 0]
    #[arg(long = "loop", value_name = "NUMBER")]
    plays: Option<u16>,

    /// Draw the number of each frame into its bottom right corner; with --axes, into the title
    #[arg(long)]
    frame_counter: bool,
}

impl VideoArgs {
    /// How the video is made; its quality is another flag. With axes the title has the number of the frame.
    pub(super) fn options(&self, axes: bool) -> VideoOptions {
        let options = VideoOptions::default().with_fps(self.fps()).with_counter(self.frame_counter && !axes);
        match self.plays {
            Some(plays) => options.with_plays(plays),
            None => options,
        }
    }

    pub(super) fn fps(&self) -> f64 {
        self.fps.unwrap_or(VideoOptions::default().fps)
    }

    /// Whether `--frame-counter` was given.
    pub(super) fn is_counted(&self) -> bool {
        self.frame_counter
    }

    /// Whether `--loop` was given.
    pub(super) fn has_plays(&self) -> bool {
        self.plays.is_some()
    }

    /// Rejects flags that apply only to videos.
    pub(super) fn check_unused(&self) -> Result<(), Usage> {
        let flags =
            [("--fps", self.fps.is_some()), ("--loop", self.plays.is_some()), ("--frame-counter", self.frame_counter)];
        if let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) {
            wrong!(
                "{flag}: it applies only to videos: expected --scroll, or an array of frames and the format of a video"
            );
        }
        Ok(())
    }
}
