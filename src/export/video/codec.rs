//! What `ffmpeg` is told about each format.

use super::{VideoFormat, VideoOptions};

/// The arguments between input and output.
pub(super) fn arguments(format: VideoFormat, options: &VideoOptions, streamed: bool) -> Vec<String> {
    let quality = options.quality.clamp(1, 100);
    let lossless = quality == 100;
    let even = "pad=ceil(iw/2)*2:ceil(ih/2)*2";
    // Rounded exactly, and with the matrix that players assume for pictures of this kind.
    let exact = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int";
    let video = format!("{even},{exact},format=yuv420p");
    let mut all: Vec<String> = Vec::new();
    let mut add = |words: &[&str]| all.extend(words.iter().map(|word| (*word).to_owned()));
    let bt709 = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"];
    match format {
        VideoFormat::Mp4 if lossless => {
            add(&["-vf", even, "-c:v", "libx264rgb", "-pix_fmt", "rgb24", "-qp", "0"]);
        }
        VideoFormat::Mp4 => {
            add(&["-vf", &video, "-c:v", "libx264", "-crf", &rate_factor(quality, 51.0)]);
            add(&bt709);
        }
        VideoFormat::WebM => {
            add(&["-c:v", "libvpx-vp9", "-row-mt", "1", "-deadline", "good", "-cpu-used", "4"]);
            if lossless {
                add(&["-vf", even, "-lossless", "1", "-pix_fmt", "gbrp"]);
            } else {
                add(&["-vf", &video, "-b:v", "0", "-crf", &rate_factor(quality, 63.0)]);
                add(&bt709);
            }
        }
        VideoFormat::Ogv => {
            add(&["-vf", &video, "-c:v", "libtheora", "-q:v", &format!("{:.1}", f64::from(quality) / 10.0)]);
        }
        VideoFormat::Gif => {
            // A palette for each frame: one for all of them would keep all of them in memory.
            let palette = "split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=0[p];\
                           [b][p]paletteuse=new=1:dither=none";
            let repeats = match options.plays {
                0 => "0".to_owned(),
                1 => "-1".to_owned(),
                plays => (plays - 1).to_string(),
            };
            add(&["-filter_complex", palette, "-loop", &repeats]);
        }
        VideoFormat::Apng => {}
    }
    if format == VideoFormat::Mp4 {
        // In a file the index goes to the front, so that playing can begin while it is loaded; a stream has no way back.
        add(&["-movflags", if streamed { "frag_keyframe+empty_moov+default_base_moof" } else { "+faststart" }]);
    }
    add(&["-f", container(format)]);
    all
}

/// The name of its container.
fn container(format: VideoFormat) -> &'static str {
    match format {
        VideoFormat::Mp4 => "mp4",
        VideoFormat::WebM => "webm",
        VideoFormat::Ogv => "ogg",
        VideoFormat::Gif => "gif",
        VideoFormat::Apng => "apng",
    }
}

/// The constant rate factor: 0 is the best, and quality 80 is 18 of 51, which few can tell from the original.
fn rate_factor(quality: u8, worst: f64) -> String {
    let factor = f64::from(100 - quality) * 0.9 * worst / 51.0;
    format!("{:.0}", factor.clamp(1.0, worst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_quality_is_a_smaller_factor() {
        assert_eq!([1, 50, 80, 99].map(|quality| rate_factor(quality, 51.0)), ["51", "45", "18", "1"]);
        assert_eq!([1, 80, 99].map(|quality| rate_factor(quality, 63.0)), ["63", "22", "1"]);
    }
}
