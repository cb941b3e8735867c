//! How much memory the history gets.

use anyhow::{Result, bail};
use ringfall::Depth;
use ringfall::dsp::{Analyzer, Settings};
use ringfall::source::SourceInfo;

use super::value::Keep;
use crate::app::units;

/// What a history takes where nothing was asked for, on a machine that has plenty.
const DEFAULT: u64 = 1 << 30;

/// Bytes that one row takes, its share of the reduced levels included. A row's stamp and what the allocator adds are small
/// beside it, but for the shortest of rows.
pub(super) fn row_bytes(bins: usize, depth: Depth) -> u64 {
    let cell = match depth {
        Depth::F32 => 4,
        _ => 2,
    };
    2 * (bins as u64 * cell + 24)
}

/// The budget in bytes for the rows that these settings make of a source.
pub(super) fn history(keep: Option<Keep>, settings: &Settings, info: &SourceInfo, depth: Depth) -> Result<u64> {
    let analyzer = Analyzer::new(info.rate_hz, info.kind, info.centre_hz, settings)?;
    let row = row_bytes(analyzer.bins(), depth);
    let machine = machine_bytes();
    let bytes = match keep {
        None => DEFAULT.min(machine.map_or(DEFAULT, |bytes| bytes / 8)).max(row),
        Some(Keep::Bytes(bytes)) => bytes,
        // Chunks that are not full, one on each level, come on top.
        Some(Keep::Seconds(seconds)) => {
            let rows = seconds * 1e9 / analyzer.row_duration_ns() + 20.0;
            (rows * row as f64 * 1.05).min(1e18) as u64
        }
    };
    if let (Some(keep), Some(machine)) = (keep, machine)
        && bytes > machine
    {
        let takes = match keep {
            Keep::Bytes(_) => String::new(),
            Keep::Seconds(_) => format!(" takes {} of memory", units::bytes(bytes)),
        };
        bail!("--history {keep}{takes}: this machine has {}", units::bytes(machine));
    }
    if let (Some(keep), true) = (keep, bytes < row) {
        bail!(
            "--history {keep}: too little for a single row of this spectrum: expected {} at least",
            units::bytes(row)
        );
    }
    Ok(bytes)
}

/// The budget in bytes while it is not known what rows will come: a time cannot be turned into memory then.
pub(super) fn unknown(keep: Option<Keep>) -> u64 {
    match keep {
        Some(Keep::Bytes(bytes)) => bytes,
        keep => {
            if keep.is_some() {
                log::warn!("--history: the input is not open yet: {} are kept", units::bytes(DEFAULT));
            }
            DEFAULT.min(machine_bytes().map_or(DEFAULT, |bytes| bytes / 8))
        }
    }
}

/// Memory of this machine, where that can be told.
pub(super) fn machine_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfall::dsp::SampleKind;

    fn budget(keep: Option<Keep>) -> Result<u64> {
        let info = SourceInfo::new("a test", 1000.0, SampleKind::Real);
        let settings = Settings { size: 100, hop: 50, ..Settings::default() };
        history(keep, &settings, &info, Depth::F16)
    }

    #[test]
    fn memory_and_time() {
        // 51 bins in 2 bytes and a stamp of 24 bytes, and as much again for the levels.
        assert_eq!(row_bytes(51, Depth::F16), 252);
        assert_eq!(budget(Some(Keep::Bytes(1 << 20))).unwrap(), 1 << 20);
        // 20 rows a second.
        let hour = budget(Some(Keep::Seconds(3600.0))).unwrap();
        assert!((72_000 * 252..80_000 * 252).contains(&hour), "{hour}");
        assert!(budget(None).unwrap() <= 1 << 30);
        let error = budget(Some(Keep::Bytes(251))).unwrap_err().to_string();
        assert!(error.contains("--history 251 bytes") && error.contains("252 bytes"), "{error}");
    }
}
