//! The flag for cameras, and the window that shows one.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use ringfall::source::{FfmpegFrames, FfmpegOptions, RowSource};

use super::igtl;
use super::input::FileArgs;
use super::window::ShowArgs;
use crate::flags::wrong;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Camera")]
pub(crate) struct CameraArgs {
    /// Show what ffmpeg reads with these arguments, as frames, such as "-f v4l2 -i /dev/video0"
    ///
    /// The arguments are those up to the input, and filters, such as "-framerate 60 -i rtsp://camera/ -vf hflip"; they have no
    /// output. Grey pictures are values with a range and a colormap, others are colours. For a file add -re, so that it is played
    /// at its own speed. Quotes work as in a shell.
    #[arg(long, value_name = "ARGUMENTS", allow_hyphen_values = true, value_parser = arguments)]
    pub(crate) ffmpeg: Option<Arguments>,
}

/// Arguments of ffmpeg.
#[derive(Clone, Debug)]
pub(crate) struct Arguments(Vec<OsString>);

fn arguments(text: &str) -> Result<Arguments, String> {
    let words = shlex::split(text).ok_or("a quotation mark is missing")?;
    if !words.windows(2).any(|pair| pair[0] == "-i") {
        return Err("expected arguments with an input, such as \"-f v4l2 -i /dev/video0\"".to_owned());
    }
    Ok(Arguments(words.into_iter().map(OsString::from).collect()))
}

/// `ringfall view --ffmpeg …`.
pub(crate) fn view(arguments: &Arguments, file: &FileArgs, show: &ShowArgs) -> Result<()> {
    file.raw.check_no_samples(&file.file)?;
    if file.raw.row_time.is_some() {
        wrong!("--row-time: the pictures of --ffmpeg have no rows in time");
    }
    show.window.check_has_no_rows(&"--ffmpeg")?;
    igtl::view_frames(show, |_| frames(arguments))
}

/// The pictures that ffmpeg reads with these arguments.
pub(super) fn frames(arguments: &Arguments) -> Result<Box<dyn RowSource>> {
    Ok(Box::new(FfmpegFrames::open(&FfmpegOptions::new(arguments.0.clone()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes() {
        let words = arguments("-f lavfi -i 'testsrc=size=64x48, hue=s=0' -vf \"scale=2:2\"").unwrap().0;
        assert_eq!(words, ["-f", "lavfi", "-i", "testsrc=size=64x48, hue=s=0", "-vf", "scale=2:2"]);
        for (text, expected) in
            [("", "-i /dev"), ("-i", "-i /dev"), ("-f v4l2", "-i /dev"), ("-i 'x", "quotation mark")]
        {
            assert!(arguments(text).unwrap_err().contains(expected), "{text}");
        }
    }
}
