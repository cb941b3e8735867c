//! Levels over any store, against blocks and sums worked out in double precision from the definitions alone.

mod common;

use std::cell::Cell;
use std::ops::Range;

use common::Random;
use ringfall::{Entry, History, Mean, Precision, Pyramid, Reduce, Rows, RowsError, Stamp, Store, Unit};

const REDUCES: [Reduce; 3] = [Reduce::Max, Reduce::Mean, Reduce::Min];

/// All rows that ever came.
#[derive(Default)]
struct Naive {
    unit: Unit,
    rows: Vec<(Stamp, Vec<f32>)>,
}

impl Naive {
    /// The first rows of all blocks of a level, and the end of the last.
    fn blocks(&self, level: u32) -> Vec<usize> {
        let mut starts = vec![];
        for (index, (stamp, values)) in self.rows.iter().enumerate() {
            let begins = index.is_multiple_of(4usize.pow(level)) || {
                let (last, last_values) = &self.rows[index - 1];
                let gap = (stamp.time_ns - last.time_ns) as f64 > 1.5 * last.duration_ns;
                let span = |stamp: &Stamp| (stamp.first_hz, stamp.bin_hz);
                gap || span(stamp) != span(last) || values.len() != last_values.len()
            };
            if begins {
                starts.push(index);
            }
        }
        starts.push(self.rows.len());
        starts
    }

    fn value(&self, rows: Range<usize>, bin: usize, reduce: Reduce) -> f64 {
        let column = self.rows[rows].iter().map(|(_, row)| f64::from(row[bin]));
        let values: Vec<f64> = column.filter(|value| !value.is_nan()).collect();
        let mean = |values: &mut dyn Iterator<Item = f64>, count: usize| values.sum::<f64>() / count as f64;
        match reduce {
            _ if values.is_empty() => f64::NAN,
            Reduce::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Reduce::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            _ if self.unit == Unit::Decibel => {
                10.0 * mean(&mut values.iter().map(|v| 10f64.powf(v / 10.0)), values.len()).log10()
            }
            _ => mean(&mut values.iter().copied(), values.len()),
        }
    }

    /// Compares all that can be read. `tolerance` is what a value may be off by.
    fn compare(&self, rows: &dyn Rows, tolerance: f64, what: &str) {
        assert_eq!(rows.unit(), self.unit);
        let kept = rows.range(0);
        assert_eq!(kept.end as usize, self.rows.len(), "{what}");
        let mut out = Vec::new();
        for level in 0..rows.levels() {
            let blocks = self.blocks(level);
            // From the block that holds the oldest row that is kept.
            let oldest = blocks.partition_point(|first| *first as u64 <= kept.start) - 1;
            let range = rows.range(level);
            assert_eq!(range, oldest as u64..blocks.len() as u64 - 1, "{what}, level {level}");
            assert!(rows.settled(level) <= range.end && rows.settled(level) + 1 >= range.end);
            let mut middles = Vec::new();
            for number in range.clone() {
                let of = blocks[number as usize]..blocks[number as usize + 1];
                let what = format!("{what}, level {level}, row {number}, of {of:?}");
                assert!(of.len() as u64 <= rows.rows_per_row(level));
                let (first, values) = &self.rows[of.start];
                let (last, _) = &self.rows[of.end - 1];
                let Entry { stamp, bins, weight, .. } = rows.entry(level, number).expect("an entry");
                let duration_ns = (last.time_ns - first.time_ns) as f64 + last.duration_ns;
                assert_eq!(stamp, Stamp { duration_ns, ..*first }, "{what}");
                assert_eq!((bins as usize, weight as usize), (values.len(), of.len()), "{what}");
                middles.push(stamp.time_ns + (0.5 * stamp.duration_ns) as i64);
                for reduce in REDUCES {
                    rows.read(level, number, reduce, &mut out).expect("a row");
                    assert_eq!(out.len(), values.len());
                    for (bin, got) in out.iter().enumerate() {
                        let want = self.value(of.clone(), bin, reduce);
                        let got = f64::from(*got);
                        let near = got == want || (got - want).abs() <= tolerance || got.is_nan() && want.is_nan();
                        assert!(near, "{what}, bin {bin}, {reduce:?}: {got}, want {want}");
                    }
                }
            }
            for outside in [range.start.wrapping_sub(1), range.end, u64::MAX] {
                assert_eq!(rows.entry(level, outside), None);
                let error = rows.read(level, outside, Reduce::Max, &mut out).expect_err("no such row");
                assert_eq!((error, out.len()), (RowsError::NoRow { level, row: outside }, 0));
            }
            let epoch = self.rows[0].0.time_ns;
            for time in [i64::MIN, epoch, middles[0], middles[middles.len() / 2], i64::MAX] {
                let want = middles.iter().take_while(|middle| **middle < time).count() as u64;
                let got = rows.first_from(level, time) - range.start;
                // A middle may lie between two whole nanoseconds.
                assert!(got.abs_diff(want) <= 1, "{what}, level {level}, from {time}: {got}, want {want}");
            }
            assert!(rows.covers(level, i64::MIN..i64::MAX), "{what}, level {level}");
        }
        assert_eq!(rows.entry(rows.levels(), 0), None);
    }
}

/// Rows that change their span, leave gaps, hold NaN and lie about their time.
struct Source {
    random: Random,
    stamp: Stamp,
    bins: usize,
    /// Of a thousand rows, how many change the span, and how many come after a gap.
    retunes: u64,
    gaps: u64,
    nans: u64,
}

impl Source {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut one_of = |rates: &[u64]| rates[random.below(rates.len() as u64) as usize];
        let (retunes, gaps, nans) = (one_of(&[0, 5, 100, 1000]), one_of(&[0, 5, 100]), one_of(&[0, 0, 100, 900]));
        let stamp = Stamp { time_ns: 1_790_000_000_000_000_000, duration_ns: 1e7, first_hz: 7e6, bin_hz: 2.0 };
        Self { random, stamp, bins: 5, retunes, gaps, nans }
    }

    /// The next row, and the stamp that it is to be kept with.
    fn next(&mut self) -> (Stamp, Stamp, Vec<f32>) {
        let random = &mut self.random;
        let mut happens = |of_a_thousand: u64| random.below(1000) < of_a_thousand;
        let (retune, gap, back, nan) = (happens(self.retunes), happens(self.gaps), happens(3), happens(self.nans));
        if retune {
            self.stamp.first_hz += 100.0;
            self.bins = 1 + random.below(9) as usize;
        }
        if gap && !back {
            self.stamp.time_ns += 16_000_000 + random.below(100_000_000) as i64;
        }
        let kept = self.stamp;
        let time_ns = if back { self.stamp.time_ns - 10_000_000 - random.below(1 << 40) as i64 } else { kept.time_ns };
        let mut row = Vec::new();
        for _ in 0..self.bins {
            let value = random.between(-130.0, 10.0) as f32;
            row.push(if nan && random.below(3) == 0 { f32::NAN } else { value });
        }
        if back {
            // It is taken to have come with the row before.
            self.stamp.time_ns -= 10_000_000;
        }
        let kept = Stamp { time_ns: self.stamp.time_ns, ..kept };
        self.stamp.time_ns += 10_000_000;
        (Stamp { time_ns, ..kept }, kept, row)
    }
}

#[test]
fn a_history_is_the_reference_s_under_any_budget() {
    let mut evicted = 0;
    for seed in 0..100 {
        let mut source = Source::new(seed);
        // The first row cannot be set back.
        source.stamp.time_ns += 10_000_000;
        let unit = [Unit::Decibel, Unit::Linear, Unit::None][source.random.below(3) as usize];
        let precision = [Precision::F32, Precision::F16][source.random.below(2) as usize];
        let least = History::least_bytes(9, precision);
        let budget = [least, 2 * least, 5 * least, 1 << 20][source.random.below(4) as usize];
        let mut history = History::with_unit(budget, precision, unit);
        let mut naive = Naive { unit, rows: Vec::new() };
        let tolerance = match precision {
            Precision::F32 => 0.0005,
            // Half a step of 16 bits at 130.
            _ => 0.0626 + 0.0005,
        };
        let mut first = true;
        for row in 0..400 {
            let (given, kept, values) = source.next();
            let given = if first { kept } else { given };
            first = false;
            match history.push(given, &values) {
                Ok(()) => naive.rows.push((kept, values)),
                Err(error) => panic!("seed {seed}, row {row}: {error}"),
            }
            assert!(history.bytes() <= budget, "seed {seed}, row {row}: {} of {budget} bytes", history.bytes());
            if row % 37 == 36 || row < 20 {
                let what = format!("seed {seed}, {unit:?}, {precision:?}, {} rows, {budget} bytes", row + 1);
                naive.compare(&history, tolerance, &what);
            }
        }
        assert_eq!(history.evicted(), history.range(0).start);
        evicted += history.evicted();
    }
    assert!(evicted > 1000, "{evicted}");
}

/// Rows that are somewhere else, and cannot always be read.
struct Elsewhere {
    naive: Naive,
    /// The row that cannot be read now.
    bad: Cell<Option<u64>>,
    /// Rows that have been written so far.
    end: Cell<u64>,
}

impl Store for Elsewhere {
    fn epoch_ns(&self) -> i64 {
        self.naive.rows[0].0.time_ns
    }

    fn unit(&self) -> Unit {
        self.naive.unit
    }

    fn range(&self) -> Range<u64> {
        0..self.end.get()
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        let (stamp, values) = self.naive.rows.get(row as usize)?;
        (row < self.end.get()).then_some((*stamp, values.len() as u32))
    }

    fn read(&self, row: u64, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        if self.bad.get() == Some(row) {
            return Err(RowsError::File { path: "disk/rows".into(), offset: 20 * row, message: "gone".to_owned() });
        }
        let (_, values) = self.naive.rows.get(row as usize).ok_or(RowsError::NoRow { level: 0, row })?;
        out.extend_from_slice(values);
        Ok(())
    }
}

#[test]
fn a_pyramid_stands_on_any_store_and_is_worked_out_in_pieces() {
    for seed in 0..8 {
        let mut source = Source::new(seed);
        let mut naive = Naive::default();
        for _ in 0..700 {
            let (_, kept, values) = source.next();
            naive.rows.push((kept, values));
        }
        let store = Elsewhere { naive, bad: Cell::new(Some(300)), end: Cell::new(650) };
        let mut pyramid = Pyramid::new(store, Precision::F32);
        let times = i64::MIN..i64::MAX;
        // Level 0 is there, the others are not.
        assert_eq!(pyramid.range(0), 0..650);
        assert!(pyramid.covers(0, times.clone()));
        for level in 1..pyramid.levels() {
            assert_eq!(pyramid.range(level), 0..0);
            assert!(!pyramid.covers(level, times.clone()));
        }
        assert_eq!(pyramid.build(200), Ok(false));
        let middle = pyramid.entry(0, 100).expect("an entry").stamp.time_ns;
        for level in 1..pyramid.levels() {
            let ready = pyramid.range(level);
            let weights = ready.clone().map(|row| u64::from(pyramid.entry(level, row).expect("an entry").weight));
            assert_eq!(weights.sum::<u64>(), 200, "level {level}");
            assert!(!pyramid.covers(level, times.clone()));
            assert!(pyramid.covers(level, i64::MIN..middle), "level {level}");
        }
        // A row that cannot be read stops it; it goes on where it stopped.
        let error = pyramid.build(u64::MAX).expect_err("a bad row");
        assert_eq!(error.to_string(), "disk/rows: at byte 6000: gone");
        assert_eq!(pyramid.build(u64::MAX), Err(error));
        let top = pyramid.levels() - 1;
        let done = |pyramid: &Pyramid<Elsewhere>| {
            pyramid.range(top).map(|row| pyramid.entry(top, row).expect("an entry").weight).sum::<u32>()
        };
        assert_eq!(done(&pyramid), 300);
        pyramid.store().bad.set(None);
        assert_eq!(pyramid.build(u64::MAX), Ok(true));
        // And rows that come later.
        pyramid.store().end.set(700);
        assert!(!pyramid.covers(1, times.clone()));
        assert_eq!(pyramid.build(u64::MAX), Ok(true));
        pyramid.store().naive.compare(&pyramid, 0.0005, &format!("seed {seed}"));
        assert!(pyramid.level_bytes() > 0);
    }
}

#[test]
fn weights_make_the_mean_over_unequal_blocks_exact() {
    // 49 rows at -100 dB, and after a gap one at 0 dB.
    let mut history = History::new(1 << 20, Precision::F32);
    for row in 0..50u64 {
        let time_ns = 1_000_000_000 * (row + if row == 49 { 10 } else { 0 }) as i64;
        let value = if row == 49 { 0.0 } else { -100.0 };
        history.push(Stamp { time_ns, ..Stamp::index(0) }, &[value]).expect("a row");
    }
    let mut out = Vec::new();
    for level in 0..history.levels() {
        let mut mean = Mean::new(history.unit());
        for row in history.range(level) {
            history.read(level, row, Reduce::Mean, &mut out).expect("a row");
            mean.add(out[0], f64::from(history.entry(level, row).expect("an entry").weight));
        }
        // 10 log10((49 · 10^-10 + 1) / 50)
        assert!((mean.get() + 16.9897).abs() < 0.001, "level {level}: {}", mean.get());
    }
}

#[test]
fn the_mean_of_many_rows_keeps_its_precision() {
    let mut history = History::new(64 << 20, Precision::F32);
    let (mut sum, rows) = (0.0, 1u64 << 18);
    let mut random = Random(5);
    for row in 0..rows {
        let value = random.between(-120.0, 0.0) as f32;
        sum += 10f64.powf(f64::from(value) / 10.0);
        history.push(Stamp::index(row), &[value]).expect("a row");
    }
    let top = history.levels() - 1;
    assert_eq!((history.rows_per_row(top), history.range(top)), (rows, 0..1));
    assert_eq!(history.entry(top, 0).expect("an entry").weight, 1 << 18);
    let mut out = Vec::new();
    history.read(top, 0, Reduce::Mean, &mut out).expect("a row");
    let want = 10.0 * (sum / rows as f64).log10();
    assert!((f64::from(out[0]) - want).abs() < 0.0002, "{}, want {want}", out[0]);
}

#[test]
fn plain_means_neither_overflow_nor_lose_their_sign() {
    let mut history = History::with_unit(1 << 20, Precision::F32, Unit::Linear);
    for row in 0..100u64 {
        history.push(Stamp::index(row), &[f32::MAX, -3.0, f32::MIN_POSITIVE, f32::INFINITY]).expect("a row");
    }
    let mut out = Vec::new();
    for level in 0..history.levels() {
        for row in history.range(level) {
            history.read(level, row, Reduce::Mean, &mut out).expect("a row");
            assert!(out[0] >= f32::MAX * 0.999_999 && out[0].is_finite(), "level {level}, row {row}: {out:?}");
            assert!((out[1] + 3.0).abs() < 1e-5 && out[2].abs() < 1e-37 && out[3] == f32::INFINITY, "{out:?}");
        }
    }
}
