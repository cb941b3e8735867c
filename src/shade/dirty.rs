//! Which lines of the strip have to be shaded.

use std::ops::Range;

use super::lines::Lines;

/// The lines of a frame to shade, as two ranges: those that were not visible `before` (the last line then, if the strip is
/// still valid), and those whose rows have changed since the resident rows were `old`.
pub(super) fn dirty(lines: &Lines<'_>, old: &Range<u64>, before: Option<i64>) -> [Range<i64>; 2] {
    let new = lines.rows.range();
    let (all, length) = (lines.frame.lines(), i64::from(lines.frame.length()));
    let everything = [all.clone(), 0..0];
    let Some(before) = before else { return everything };

    // What is kept: lines that were visible before, ...
    let mut keep = all.start.max(before + 1 - length)..all.end.min(before + 1);
    let changed = lines.rows.changed();
    // ... less those whose rows changed at the older end,
    if old.start != new.start {
        let oldest = old.start.max(new.start);
        if oldest >= old.end.min(new.end) {
            return everything;
        }
        // Lines before the oldest row's, into which its predecessor may have lasted; and the oldest row's own line.
        let line_of = |stamp| lines.frame.line_of(&stamp);
        let before = if new.start < old.start { Some(lines.of(oldest - 1)) } else { changed.evicted.map(line_of) };
        keep.start = keep.start.max(lines.of(oldest)).max(before.map_or(i64::MIN, |line| line + 1));
    }
    // ... and those whose rows changed at the newer end. There may have been a gap after the last
    // unchanged row, which the next row closes.
    let same = old.end.min(new.end).min(changed.from);
    if old.end != new.end || changed.from < old.end {
        if same <= new.start {
            return everything;
        }
        let mut end = if new.end < old.end { lines.of(same - 1) } else { lines.of(same - 1) + 1 };
        if same < new.end {
            end = end.min(lines.of(same));
        }
        if let Some(removed) = changed.removed {
            end = end.min(lines.frame.line_of(&removed));
        }
        keep.end = keep.end.min(end);
    }
    if keep.is_empty() {
        return everything;
    }
    [all.start..keep.start, keep.end..all.end]
}
