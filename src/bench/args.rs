//! The options of `ringfall bench`.

use clap::ValueEnum;
use ringfall::Options;

use super::case::{Case, Motion, Output, TexelArg};
use super::strategy::Kind;
use crate::flags::{ShadingArg, Usage, value, wrong};

const MORE: &str = "\
Times are wall times until the device has finished; `sync` in the JSON says how. Percentiles are interpolated linearly.
Without --strategy all three are compared; --json without --preset measures only `strip`.
The options have the same names as in the scripts that measure other programs, so that one run can do both.

Examples:
  ringfall bench --preset 1080p                      a table, a histogram, a comparison
  ringfall bench --preset all --json > frames.jsonl  every preset and strategy, one JSON line each
  ringfall bench --width 3840 --height 2160 --bins 16384 --view pan
  ringfall bench --window --preset 1080p             in a window: immediate, fifo, then rows at --rate
  ringfall bench --stft                              samples a second through the analysis
  ringfall bench --pipeline                          samples a second from source to picture";

/// The measurement.
#[derive(Debug, clap::Args)]
#[command(after_help = MORE)]
pub(crate) struct Args {
    /// Sizes of a well-known case; the options below override them
    #[arg(long, value_enum, value_name = "NAME")]
    pub(super) preset: Option<Preset>,
    /// Pixels across [default: 1000]
    #[arg(long, value_name = "N", value_parser = value::side)]
    pub(super) width: Option<u32>,
    /// Pixels down [default: 1000]
    #[arg(long, value_name = "N", value_parser = value::side)]
    pub(super) height: Option<u32>,
    /// Bins per row [default: one per pixel]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Options::MAX_BINS)))]
    pub(super) bins: Option<u32>,
    /// New rows per frame [default: 5]
    #[arg(long, value_name = "N")]
    pub(super) rows_per_frame: Option<u32>,
    /// Rows kept [default and minimum: the height of the picture]
    #[arg(long, value_name = "N")]
    pub(super) history: Option<u32>,
    /// Frames to measure
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_FRAMES), default_value_t = 500)]
    pub(super) frames: u32,
    /// Frames to draw before measuring
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=MOST_FRAMES), default_value_t = 20)]
    pub(super) warmup: u32,
    /// Stop after this time, but not before 5 frames
    #[arg(long, value_name = "SECONDS", value_parser = value::seconds, default_value = "30")]
    pub(super) max_seconds: f64,
    /// How a value is stored
    #[arg(long, alias = "dtype", value_enum, default_value_t = TexelArg::F16)]
    pub(super) texel: TexelArg,
    /// Where the strategy strip turns levels into colours
    #[arg(long, value_enum, value_name = "WHERE", default_value_t = ShadingArg::Auto)]
    pub(super) shading: ShadingArg,
    /// Where the picture goes
    #[arg(long, value_enum, default_value_t = Output::Copy)]
    pub(super) output: Output,
    /// The same as --output readback
    #[arg(long, conflicts_with = "output")]
    pub(super) readback: bool,
    /// The way of drawing
    #[arg(long, alias = "mode", value_enum)]
    pub(super) strategy: Option<Kind>,
    /// What the user does while rows arrive
    #[arg(long, value_enum, default_value_t = Motion::Steady)]
    pub(super) view: Motion,
    /// Graphics adapter, by part of its name
    #[arg(long, value_name = "NAME")]
    pub(super) adapter: Option<String>,
    /// Print one JSON line per run
    #[arg(long)]
    pub(super) json: bool,
    /// Measure in a window
    #[arg(long, conflicts_with_all = ["stft", "pipeline", "strategy", "output", "readback"])]
    pub(super) window: bool,
    /// With --window: rows per second in the run at a fixed rate
    #[arg(long, value_name = "HZ", value_parser = rate, default_value_t = 100.0, requires = "window")]
    pub(super) rate: f64,
    /// With --window: use the swap chain even on a software adapter
    #[arg(long, requires = "window")]
    pub(super) swap_chain: bool,
    /// With --window: measure again with an interface around the picture that changes every frame
    #[arg(long, requires = "window")]
    pub(super) decorations: bool,
    /// Measure the analysis: samples in, rows out
    #[arg(long, conflicts_with = "pipeline")]
    pub(super) stft: bool,
    /// Measure everything: samples in, pictures out
    #[arg(long)]
    pub(super) pipeline: bool,
    /// With --stft or --pipeline: length of the FFT, in samples [default: several for --stft, 1024 for --pipeline]
    #[arg(long, value_name = "N", value_parser = value::fft)]
    pub(super) fft: Option<u32>,
}

/// A case with published measurements of other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// 1000×1000, five rows a frame: what QRSS VD draws
    Seed,
    /// 1920×1080, one row a frame
    #[value(name = "1080p")]
    Hd,
    /// 3840×2160, one row a frame
    #[value(name = "4k")]
    Uhd,
    /// All of these, and 1080p with 65,536 rows of history
    All,
}

/// The limit on frames, all of whose times are kept: more than a day at a hundred per second.
const MOST_FRAMES: i64 = 10_000_000;

/// Parses a rate in rows per second.
fn rate(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(rate) if (0.001..=1e6).contains(&rate) => Ok(rate),
        _ => Err("expected 0.001 to 1000000 rows a second".to_owned()),
    }
}

impl Args {
    /// Refuses numbers that contradict each other.
    pub(super) fn check(&self) -> Result<(), Usage> {
        for (_, case) in self.cases() {
            let bytes = u64::from(case.history) * u64::from(case.bins) * 4;
            let most = 16 << 30;
            if bytes > most {
                wrong!(
                    "--history {} --bins {}: a history of {bytes} bytes as 32-bit floats; expected {most} at most",
                    case.history,
                    case.bins
                );
            }
            if case.rows_per_frame > case.history {
                wrong!("--rows-per-frame {}: expected 0 to {}, which is --history", case.rows_per_frame, case.history);
            }
        }
        Ok(())
    }

    /// The length of the FFT, if it was given.
    pub(super) fn fft(&self) -> Option<usize> {
        self.fft.map(|size| size as usize)
    }

    /// The cases to run, each with its display name.
    pub(super) fn cases(&self) -> Vec<(&'static str, Case)> {
        const SEED: (&str, u32, u32, u32, u32) = ("seed", 1000, 1000, 5, 0);
        const HD: (&str, u32, u32, u32, u32) = ("1080p", 1920, 1080, 1, 0);
        const UHD: (&str, u32, u32, u32, u32) = ("4k", 3840, 2160, 1, 0);
        const LONG: (&str, u32, u32, u32, u32) = ("1080p, long history", 1920, 1080, 1, 65_536);
        let sizes: &[_] = match self.preset {
            None => &[("", 1000, 1000, 5, 0)],
            Some(Preset::Seed) => &[SEED],
            Some(Preset::Hd) => &[HD],
            Some(Preset::Uhd) => &[UHD],
            Some(Preset::All) => &[SEED, HD, UHD, LONG],
        };
        let case = |&(name, width, height, rows, history): &(&'static str, u32, u32, u32, u32)| {
            let width = self.width.unwrap_or(width);
            let height = self.height.unwrap_or(height);
            let case = Case {
                width,
                height,
                bins: self.bins.unwrap_or(width),
                rows_per_frame: self.rows_per_frame.unwrap_or(rows),
                history: self.history.unwrap_or(history).max(height),
                frames: self.frames,
                warmup: self.warmup,
                max_seconds: self.max_seconds,
                texel: self.texel,
                shading: self.shading.shading(),
                output: if self.readback { Output::Readback } else { self.output },
                motion: self.view,
            };
            (name, case)
        };
        sizes.iter().map(case).collect()
    }

    /// The strategies to run.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        match self.strategy {
            Some(kind) => vec![kind],
            None if self.json && self.preset.is_none() => vec![Kind::Strip],
            None => Kind::ALL.to_vec(),
        }
    }
}
