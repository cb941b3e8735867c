//! The part of a recording that is shown at first.

use std::path::PathBuf;

use anyhow::{Result, bail};
use ringfall::source::Clock;

use crate::app::Reopen;
use crate::flags::when::When;
use crate::flags::wrong;
use crate::units;

/// What is shown of a recording at first, and what is kept of it.
#[derive(Default)]
pub(super) struct Part {
    pub(super) from: Option<When>,
    pub(super) to: Option<When>,
    /// Where what is computed is saved: the file, the files that it is computed from, and how.
    pub(super) cache: Option<(PathBuf, Vec<PathBuf>, String)>,
    /// Opens it again, to analyse it in another way.
    pub(super) reopen: Option<Reopen>,
    /// Frames of a stack in a second.
    pub(super) fps: Option<f64>,
    /// It is played without sound.
    pub(super) mute: bool,
    /// The percentiles that an automatic range lies between.
    pub(super) percentile: Option<(f64, f64)>,
}

/// The times that are asked for, on the clock of rows that begin at `start_ns`.
pub(super) fn times(
    name: &str,
    &Part { from, to, .. }: &Part,
    clock: Clock,
    (start_ns, end_ns): (i64, i64),
) -> Result<Option<(i64, i64)>> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let utc = (clock == Clock::Utc).then_some(start_ns);
    let at = |flag: &str, when: Option<When>, default: i64| -> Result<i64> {
        let Some(when) = when else { return Ok(default) };
        let Some(seconds) = when.since(utc) else {
            wrong!(
                "{flag}: {name} does not say when it was recorded: expected a time since the beginning, such as 90s, or \
                 --start with the UTC of its beginning"
            );
        };
        Ok(start_ns.saturating_add((seconds * 1e9) as i64))
    };
    let (from_ns, to_ns) = (at("--from", from, start_ns)?, at("--to", to, end_ns)?);
    if from_ns >= end_ns || to_ns <= start_ns {
        bail!(
            "--from, --to: expected times within {name}, which lasts {}",
            units::seconds((end_ns - start_ns) as f64 * 1e-9)
        );
    }
    if from_ns >= to_ns {
        wrong!("--from, --to: expected --from before --to");
    }
    Ok(Some((from_ns.max(start_ns), to_ns)))
}
