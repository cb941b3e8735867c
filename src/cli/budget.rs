//! How much memory the history gets.

use anyhow::{Result, bail};
use ringfall::source::RowInfo;
use ringfall::{History, Precision};

use crate::flags::value::Keep;
use crate::units;

/// What a history takes where nothing was asked for, on a machine that has plenty.
const DEFAULT: u64 = 1 << 30;

/// The fewest rows that a picture of a recording is made from, where the recording has as many.
pub(super) const LEAST_ROWS: u64 = 16;

/// The budget in bytes for such rows.
pub(super) fn history(keep: Option<Keep>, rows: &RowInfo, precision: Precision) -> Result<u64> {
    let least = History::least_bytes(rows.bins, precision);
    let machine = machine_bytes();
    let bytes = match keep {
        None => DEFAULT.min(machine.map_or(DEFAULT, |bytes| bytes / 8)).max(least),
        Some(Keep::Bytes(bytes)) => bytes,
        Some(Keep::Seconds(seconds)) => {
            let count = (seconds * 1e9 / rows.row_duration_ns).ceil() + 1.0;
            History::bytes_for(count.min(1e15) as u64, rows.bins, precision)
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
    if let (Some(keep), true) = (keep, bytes < least) {
        bail!("--history {keep}: too little for rows of this spectrum: expected {} at least", units::bytes(least));
    }
    Ok(bytes)
}

/// The budget in bytes while it is not known what rows will come: a time cannot be turned into memory then.
pub(super) fn unknown(keep: Option<Keep>) -> u64 {
    match keep {
        Some(Keep::Bytes(bytes)) => bytes,
        keep => {
            if keep.is_some() {
                log::warn!("--history: the input is not open yet; keeping {}", units::bytes(DEFAULT));
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
    use ringfall::source::Clock;

    fn budget(keep: Option<Keep>) -> Result<u64> {
        let rows = RowInfo::new("a test", Clock::File, 51, (0.0, 10.0), 50e6)?;
        history(keep, &rows, Precision::F16)
    }

    #[test]
    fn memory_and_time() {
        assert_eq!(budget(Some(Keep::Bytes(1 << 20))).unwrap(), 1 << 20);
        // 20 rows a second.
        let hour = budget(Some(Keep::Seconds(3600.0))).unwrap();
        // 51 bins in 2 bytes and times of 16 bytes, and for the levels as much again and a little more.
        assert!((72_000 * 220..72_000 * 250).contains(&hour), "{hour}");
        assert!(budget(None).unwrap() <= 1 << 30);
        let error = budget(Some(Keep::Bytes(251))).unwrap_err().to_string();
        let least = units::bytes(History::least_bytes(51, Precision::F16));
        assert!(error.contains("--history 251 bytes") && error.contains(&least), "{error}");
    }
}
