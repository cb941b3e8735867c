//! A measured case: sizes, incoming rows, and user actions meanwhile.

use clap::ValueEnum;
use ringfall::{Scale, ScaleError, Shading, Stamp, Texel, View};

/// Sizes of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Case {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bins: u32,
    pub(super) rows_per_frame: u32,
    /// Rows kept, at least `height`.
    pub(super) history: u32,
    pub(super) frames: u32,
    pub(super) warmup: u32,
    pub(super) max_seconds: f64,
    pub(super) texel: TexelArg,
    pub(super) shading: Shading,
    pub(super) output: Output,
    pub(super) motion: Motion,
}

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TexelArg {
    /// 8-bit codes
    U8,
    /// 16-bit floats
    F16,
    /// 32-bit floats
    F32,
}

/// Where the picture goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Copied into a texture: the fastest way for a host that owns its target
    Copy,
    /// Drawn into a texture by a full-screen pass, as in a host's pass
    Draw,
    /// Copied into a texture and read back by the CPU every frame
    Readback,
}

/// How the view changes while rows arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Motion {
    /// Nothing: the picture scrolls
    Steady,
    /// Moves along the band, every frame
    Pan,
    /// Zooms in and out, every frame
    Zoom,
    /// Moves the range, every frame
    Range,
}

/// The name that an option has on the command line.
pub(super) fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}

/// The band is divided like the colours: values are the middles of 256 steps of this many dB, from −120 dB on. So they
/// are the same whichever way they are stored, and no rounding decides for a neighbouring colour.
const STEP: f32 = 120.0 / 256.0;
const ZERO: f32 = -120.0 + STEP / 2.0;

impl TexelArg {
    pub(super) fn texel(self) -> Texel {
        match self {
            Self::U8 => Texel::U8 { zero: ZERO, step: STEP },
            Self::F16 => Texel::F16,
            Self::F32 => Texel::F32,
        }
    }
}

/// The part of the data that a frame shows, and the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// First bin on show.
    pub(super) first: u32,
    /// Bins on show.
    pub(super) span: u32,
    /// How many colours the range lies higher than −120 to 0 dB.
    pub(super) shift: u8,
}

impl Look {
    pub(super) fn view(&self) -> View {
        let low = f64::from(self.first) - 0.5;
        View::default().span_hz(Some((low, low + f64::from(self.span))))
    }

    pub(super) fn scale(&self) -> Result<Scale, ScaleError> {
        let up = f32::from(self.shift) * STEP;
        Scale::linear(-120.0 + up, up)
    }

    /// The bins that pixel `x` of `width` shows.
    pub(super) fn cells(&self, x: u32, width: u32) -> std::ops::Range<usize> {
        let (span, width) = (u64::from(self.span), u64::from(width));
        // The first bin whose centre lies at the pixel's edge or beyond it: ceil(x * span / width - 1/2).
        let edge = |x: u64| (2 * x * span + width - 1) / (2 * width);
        let x = u64::from(x);
        let (from, to) = if span >= width {
            (edge(x), edge(x + 1))
        } else {
            let nearest = (2 * x + 1) * span / (2 * width);
            (nearest, nearest + 1)
        };
        (u64::from(self.first) + from) as usize..(u64::from(self.first) + to) as usize
    }
}

impl Case {
    /// The content of frame `number`.
    pub(super) fn look(&self, number: u32) -> Look {
        let bins = self.bins;
        let all = Look { first: 0, span: bins, shift: 0 };
        match self.motion {
            Motion::Steady => all,
            Motion::Pan => {
                // Half of the band, and an eighth of it further each frame.
                let (span, step) = (bins.div_ceil(2), (bins / 16).max(1));
                Look { first: number.wrapping_mul(step) % (bins - span + 1), span, ..all }
            }
            Motion::Zoom => {
                // From all of the band to a quarter, in 16 steps.
                let step = number % 16;
                let span = (bins - (u64::from(bins) * 3 * u64::from(step) / 60) as u32).max(1);
                Look { first: (bins - span) / 2, span, ..all }
            }
            Motion::Range => Look { shift: if number.is_multiple_of(2) { 0 } else { 32 }, ..all },
        }
    }
}

/// Rows to feed: prepared in advance, and repeated.
pub(super) struct Pool {
    bins: usize,
    codes: Vec<u8>,
    values: Vec<f32>,
}

/// One row, in the two forms that the strategies need.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) stamp: Stamp,
    /// In dB.
    pub(super) values: &'a [f32],
    /// The same as steps of the range.
    pub(super) codes: &'a [u8],
}

impl Pool {
    /// 1021 rows as in the scripts that measure other programs, a prime; fewer where they are long.
    const ROWS: usize = 1021;
    const VALUES: usize = 16 << 20;

    pub(super) fn new(bins: u32) -> Self {
        let bins = bins as usize;
        let rows = (Self::VALUES / bins).clamp(3, Self::ROWS);
        // SplitMix64, so that a run can be repeated.
        let mut state = 20_130_603_u64;
        let codes: Vec<u8> = (0..rows * bins)
            .map(|_| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                (z >> 56) as u8
            })
            .collect();
        let values = codes.iter().map(|c| ZERO + f32::from(*c) * STEP).collect();
        Self { bins, codes, values }
    }

    pub(super) fn row(&self, number: u64) -> Row<'_> {
        let rows = (self.codes.len() / self.bins) as u64;
        let start = (number % rows) as usize * self.bins;
        Row {
            stamp: Stamp::index(number),
            values: &self.values[start..start + self.bins],
            codes: &self.codes[start..start + self.bins],
        }
    }
}
