//! The memory that a history takes, counted by the allocator, and how many rows it holds in it.

#[path = "common/allocations.rs"]
mod allocations;

use ringfall::{History, HistoryError, Precision, Rows, Stamp};

struct Kept {
    rows: u64,
    /// Bytes by the history's own count, those that are allocated, and the most that ever were.
    bytes: u64,
    now: i64,
    most: i64,
}

/// What is left after `rows` rows, a retune before each `retune`th of them.
fn kept(budget: u64, bins: usize, precision: Precision, rows: u64, retune: u64) -> Result<Kept, HistoryError> {
    let row: Vec<f32> = (0..bins).map(|bin| bin as f32).collect();
    let before = allocations::bytes();
    allocations::reset_most_bytes();
    let mut history = History::new(budget, precision);
    for number in 0..rows {
        let first_hz = 1e6 * number.checked_div(retune).unwrap_or(0) as f64;
        history.push(Stamp { first_hz, ..Stamp::index(number) }, &row)?;
        assert!(history.bytes() <= budget, "{} of {budget} bytes", history.bytes());
    }
    let kept = history.range(0);
    assert_eq!(history.evicted(), kept.start);
    Ok(Kept {
        rows: kept.end - kept.start,
        bytes: history.bytes(),
        now: allocations::bytes() - before,
        most: allocations::most_bytes() - before,
    })
}

// One test, so that nothing else allocates meanwhile.
#[test]
fn retuning_costs_little_and_budgets_hold() {
    let mut counts = Vec::new();
    for retune in [0, 100, 7, 2, 1] {
        let kept = kept(100_000_000, 300, Precision::F16, 130_000, retune).expect("rows");
        println!("a retune every {retune} rows: {} rows, {} bytes, {} allocated", kept.rows, kept.bytes, kept.now);
        assert!(kept.now.abs_diff(kept.bytes as i64) < kept.bytes / 100, "{} of {} bytes", kept.bytes, kept.now);
        assert!(kept.most < 101_000_000, "{} bytes", kept.most);
        assert!(kept.bytes > 95_000_000, "{} bytes", kept.bytes);
        counts.push(kept.rows);
    }
    assert!(counts[0] >= 77_610, "{counts:?}");
    assert!(counts[1] >= counts[0] / 2, "{counts:?}");
    assert!(counts.iter().all(|rows| *rows >= counts[0] / 4), "{counts:?}");

    // Small budgets hold, or are refused with what is needed.
    let mut refused = 0;
    for bins in [1, 8, 300, 2049] {
        for precision in [Precision::F16, Precision::F32] {
            let least = History::least_bytes(bins, precision);
            for budget in [100, 10_000, 30_000, 100_000, least - 1, least, 2 * least, 3_000_000] {
                let what = format!("{bins} bins, {precision:?}, {budget} bytes");
                let promised = History::rows_in(budget, bins, precision);
                for retune in [0, 30, 1] {
                    match kept(budget, bins, precision, 3 * promised + 500, retune) {
                        Ok(kept) => {
                            assert!(budget >= least && kept.rows > 0, "{what}");
                            assert!(kept.now.abs_diff(kept.bytes as i64) <= kept.bytes / 10, "{what}: {}", kept.now);
                            assert!(kept.most as u64 <= budget + budget / 10, "{what}: {} bytes", kept.most);
                            assert!(retune > 0 || kept.rows >= promised, "{what}: {} of {promised}", kept.rows);
                        }
                        Err(HistoryError::Budget { bytes, bins: got, least: expected }) => {
                            assert!(budget < least && promised == 0, "{what}: {promised} rows were promised");
                            assert_eq!((bytes, got, expected), (budget, bins, least), "{what}");
                            refused += 1;
                        }
                        Err(error) => panic!("{what}: {error}"),
                    }
                }
            }
            for rows in [1, 100, 10_000] {
                let budget = History::bytes_for(rows, bins, precision);
                assert!(History::rows_in(budget, bins, precision) >= rows);
                let most = 2.5 * rows as f64 * (bins * 4 + 30) as f64 + 20.0 * least as f64;
                assert!((budget as f64) < most, "{rows} rows of {bins} bins in {budget} bytes");
            }
        }
    }
    assert!(refused > 0);
}
