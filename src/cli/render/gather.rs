//! The rows of a picture: taken from a source as it delivers them, or computed on all processors.

use std::time::Duration;

use anyhow::Result;
use ringfall::source::{Feed, Recording, RowInfo, WhenFull};
use ringfall::{Compute as _, History, Precision, Reduce, Stamp};

use super::parallel;
use super::plan::Origin;
use super::progress::Progress;
use super::store::Store;

/// How rows are come by.
pub(super) enum Ways {
    Feed(Feed),
    Recording(Recording),
}

/// What rows may take.
pub(super) struct Room {
    /// In bytes.
    pub(super) budget: u64,
    pub(super) precision: Precision,
    /// How many rows are reduced to one, and how.
    pub(super) thinned: u32,
    pub(super) reduce: Reduce,
}

/// All rows.
pub(super) struct Gathered {
    pub(super) history: History,
    pub(super) seen: Seen,
    pub(super) info: RowInfo,
    /// Samples that were lost on the way.
    pub(super) lost: u64,
    /// All frequencies, if they were not the same all the time.
    pub(super) band_hz: Option<(f64, f64)>,
}

/// The rows, after the source has ended.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) first: Option<Stamp>,
    pub(super) last: Option<Stamp>,
    pub(super) rows: u64,
}

impl Ways {
    pub(super) fn open(origin: Origin) -> Result<Self> {
        match origin {
            Origin::Rows(source, queue) => {
                let reader = std::thread::current();
                Ok(Self::Feed(Feed::run(source, queue, WhenFull::Wait, move || reader.unpark())?))
            }
            Origin::Samples { part, settings, .. } => Ok(Self::Recording(Recording::new(part, &settings)?)),
        }
    }

    pub(super) fn info(&self) -> &RowInfo {
        match self {
            Self::Feed(feed) => feed.rows(),
            Self::Recording(recording) => recording.info(),
        }
    }

    pub(super) fn gather(self, room: &Room, progress: &Progress) -> Result<Gathered> {
        match self {
            Self::Feed(mut feed) => {
                let mut store = Store::new(room.budget, room.precision, room.thinned, room.reduce);
                let seen = stream(&mut feed, &mut store, progress)?;
                let (info, lost) = (feed.rows().clone(), feed.status().overruns);
                Ok(Gathered { history: store.finish()?, seen, info, lost, band_hz: None })
            }
            Self::Recording(recording) => {
                // Rows come reduced.
                let mut store = Store::new(room.budget, room.precision, 1, room.reduce);
                let info = recording.info().clone();
                let seen = parallel::run(&recording, (room.thinned, room.reduce), &mut store, progress)?;
                let band_hz = recording.span_hz();
                Ok(Gathered { history: store.finish()?, seen, info, lost: 0, band_hz })
            }
        }
    }
}

/// Moves all rows from the feed to the store.
fn stream(feed: &mut Feed, store: &mut Store, progress: &Progress) -> Result<Seen> {
    let mut seen = Seen::default();
    loop {
        // Checked before the rows are taken, so that no row from just before the end is missed.
        let ended = feed.status().ended;
        let mut pushed = Ok(());
        let drained = feed.drain(256, |stamp, row| {
            seen.first.get_or_insert(stamp);
            seen.last = Some(stamp);
            seen.rows += 1;
            if pushed.is_ok() {
                pushed = store.push(stamp, row);
            }
        });
        pushed?;
        if let (Some(first), Some(last)) = (&seen.first, &seen.last) {
            progress.at(last.time_ns.saturating_sub(first.time_ns) as f64 * 1e-9);
        }
        if drained == 0 {
            if ended {
                break;
            }
            // The feed unparks this thread; the time-out covers events that it does not report.
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
    let status = feed.status();
    if let Some(error) = status.error {
        return Err(error.into());
    }
    Ok(seen)
}
