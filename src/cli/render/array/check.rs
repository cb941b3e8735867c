//! What can be wrong with the flags of `render` for an array.

use ringfall::Norm;
use ringfall::export::{VideoFormat, VideoOptions};

use crate::cli::norm;
use crate::cli::render::RenderCommand;
use crate::flags::{Usage, wrong};

/// Rejects flags that contradict each other or would have no effect. Returns the video to write, if it is one.
pub(super) fn check(args: &RenderCommand) -> Result<Option<(VideoFormat, VideoOptions)>, Usage> {
    args.scroll.check_still(&args.input)?;
    args.axes.check()?;
    args.check_numbers()?;
    args.raw.check_no_samples(&args.input)?;
    let video = match args.output.video() {
        Some(_) if args.array_picture.frame.is_some() => {
            wrong!("--frame: a video has all frames: expected the format of a picture, or no --frame")
        }
        Some(_) => Some(args.checked_video()?),
        None => {
            args.video.check_unused()?;
            args.output.check()?;
            None
        }
    };
    if video.is_none()
        && !args.output.takes_many()
        && let Some(flag) = args.given.any(&["--from", "--to", "--seconds"])
    {
        wrong!("{flag}: it chooses the frames of a video: expected the format of one, or --frame for a picture");
    }
    let unused = [
        ("--start", args.start.is_some()),
        ("--channel", args.channel.is_some()),
        ("--seed", args.demo.seed.is_some()),
        ("--fmin", args.spectrum.fmin.is_some() && !args.array.has_extent()),
        ("--fmax", args.spectrum.fmax.is_some() && !args.array.has_extent()),
        ("--fft", args.given.any(&["--fft"]).is_some()),
        ("--window", args.given.any(&["--window"]).is_some()),
        ("--average", args.given.any(&["--average"]).is_some()),
        ("--hop", args.spectrum.hop.is_some()),
        ("--overlap", args.spectrum.overlap.is_some()),
        ("--format of samples", args.output.input().is_some()),
        ("--row-time", args.raw.row_time.is_some()),
        ("--line-time", args.picture.line_time.is_some()),
        ("--bias", args.bias != 0.0),
    ];
    if let Some((flag, _)) = unused.into_iter().find(|(_, given)| *given) {
        wrong!("{flag}: it applies to sampled signals, not to the array {}", args.input.display());
    }
    if args.given.any(&["--texel"]).is_some() {
        wrong!("--texel: the values of the array {} are not stored in between", args.input.display());
    }
    if args.array_picture.quick && (video.is_some() || args.output.takes_many()) {
        wrong!("--quick: it applies to pictures, not to a video");
    }
    let (vmin, vmax) = (args.picture.vmin, args.picture.vmax);
    // Without --vmin a logarithmic range begins at the smallest value above 0.
    let free_log = args.picture.norm == Norm::Log && vmin.is_none();
    if !free_log && !args.array_picture.vsym {
        norm::check(args.picture.norm, vmin, vmax).map_err(Usage)?;
    }
    if args.array_picture.vsym && args.picture.norm == Norm::Log {
        wrong!("--vsym --norm log: a range around 0 has no logarithm");
    }
    Ok(video)
}
