//! What the examples share: the rows that they show, and the flags that their tests use.
#![allow(dead_code, unreachable_pub, reason = "each example is a crate of its own and uses part of this")]

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long to run, and the file for a picture of the last frame; without flags an example runs until its window is closed.
#[derive(Default)]
pub struct Arguments {
    pub frames: Option<u64>,
    pub shot: Option<String>,
}

impl Arguments {
    pub fn read() -> Result<Self, Failure> {
        let mut arguments = Self::default();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} what?"))?;
            match word.as_str() {
                "--frames" => arguments.frames = Some(value.parse()?),
                "--shot" => arguments.shot = Some(value),
                _ => return Err(format!("unknown: {word}").into()),
            }
        }
        Ok(arguments)
    }
}

/// A row of made-up spectrum, in dB: noise, a carrier that stands, and one that sweeps.
pub fn row(i: u64, bins: usize) -> Vec<f32> {
    let sweep = (0.6 + 0.3 * (i as f64 * 0.02).sin()) * bins as f64;
    let bin = |k: usize| {
        let mut hash = ((i << 32) + k as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let noise = -100.0 + (hash >> 48) as f32 / 5000.0;
        let peak = |at: f64, level: f64| (level - 3.0 * (k as f64 - at).abs()) as f32;
        noise.max(peak(bins as f64 / 4.0, -40.0)).max(peak(sweep, -25.0))
    };
    (0..bins).map(bin).collect()
}
