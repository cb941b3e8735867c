use std::ops::Range;

use super::lines::Lines;

/// The lines to shade of a picture of `length` lines that ends with line `last`, as two ranges: those that were not on
/// show `before` (the last line then, if what was shaded still holds), and those whose rows have changed since, when the
/// resident rows were those of `old`.
pub(super) fn dirty(
    lines: &Lines<'_>,
    old: &Range<u64>,
    before: Option<i64>,
    length: u32,
    last: i64,
) -> [Range<i64>; 2] {
    let new = lines.ring.resident();
    let length = i64::from(length);
    let all = last + 1 - length..last + 1;
    let everything = [all.clone(), 0..0];
    let Some(before) = before else { return everything };

    // What is kept: lines that were on show before, ...
    let mut keep = all.start.max(before + 1 - length)..all.end.min(before + 1);
    // ... less those whose rows changed at the older end,
    if old.start != new.start {
        let oldest = old.start.max(new.start);
        if oldest >= old.end.min(new.end) {
            return everything;
        }
        // Lines before the oldest row's, where its predecessor may have lasted; and that one's own.
        let before = if new.start < old.start { lines.of(oldest - 1) } else { lines.at(lines.ring.changed().gone_ns) };
        keep.start = keep.start.max(lines.of(oldest)).max(before + 1);
    }
    // ... and those whose rows changed at the newer end. After the last row that is the same there may have been a
    // gap, which the next row closes.
    let changed = lines.ring.changed();
    let same = old.end.min(new.end).min(changed.from);
    if old.end != new.end || changed.from < old.end {
        if same <= new.start {
            return everything;
        }
        let mut end = if new.end < old.end { lines.of(same - 1) } else { lines.of(same - 1) + 1 };
        if same < new.end {
            end = end.min(lines.of(same));
        }
        if changed.middle_ns != i64::MAX {
            end = end.min(lines.at(changed.middle_ns));
        }
        keep.end = keep.end.min(end);
    }
    if keep.is_empty() {
        return everything;
    }
    [all.start..keep.start, keep.end..all.end]
}
