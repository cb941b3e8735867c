//! Rows that are computed where one looks: in the end they are those that come of all rows, and nothing waits for them.
#![cfg(feature = "app")]

use std::fs;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use ringfall::array::{Array, Axes, Component, Dtype, Order, RawLayout, Stack};
use ringfall::dsp::{Average, Settings};
use ringfall::source::{
    AudioFile, Channel, FileOptions, RawFile, RawFileOptions, Read, Recording, RowSource, SigMfOptions, Spectra, Speed,
};
use ringfall::{
    Canvas, Capacity, Compute, Computed, ComputedOptions, Edge, History, Loader, Options, Precision, Progress, Pyramid,
    Reader, Reduce, Rows, RowsError, Saved, Stamp, Texel, Unit, View,
};

const PATIENCE: Duration = Duration::from_secs(60);

fn computed(compute: impl Compute + 'static, options: &ComputedOptions) -> Computed {
    Computed::new(Arc::new(compute), options, Box::new(|| {})).expect("threads")
}

fn shown(progress: &Progress) -> bool {
    progress.shown
}

/// A picture of the view, from rows that have been computed as far as the view needs them.
fn picture(rows: &dyn Rows, settle: impl Fn(), view: View, size: (u32, u32), room: u32) -> Vec<f32> {
    let bins = rows.stamp(0, 0).expect("a row").1;
    let options = Options::default()
        .bins(bins)
        .capacity(Capacity::Rows(room))
        .texel(Texel::F32)
        .unit(rows.unit())
        .size(size.0, size.1);
    let mut canvas = Canvas::new(&options).expect("a canvas");
    let mut loader = Loader::new(view).expect("a view");
    loader.update_canvas(&mut canvas, rows).expect("an update");
    settle();
    loader.update_canvas(&mut canvas, rows).expect("an update");
    let mut values = vec![0.0; (size.0 * size.1) as usize];
    canvas.values(&mut values).expect("the length");
    values
}

fn bits(values: &[f32]) -> Vec<u32> {
    // One NaN is as good as another.
    values.iter().map(|value| if value.is_nan() { f32::NAN } else { *value }.to_bits()).collect()
}

/// All rows of a source, in a history that keeps all of them.
fn history(source: &mut dyn RowSource) -> History {
    let mut history = History::new(1 << 30, Precision::F16);
    while source.read(&mut |stamp, row| history.push(stamp, row).expect("a row")).expect("rows") != Read::End {}
    history
}

/// Random numbers, always the same ones.
fn noise(seed: u64) -> impl FnMut() -> u32 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    }
}

/// A WAV file of 16-bit samples: noise with a burst now and then.
fn wav(path: &Path, samples: usize, channels: u16) {
    let mut random = noise(samples as u64);
    let mut data = Vec::new();
    for n in 0..samples * usize::from(channels) {
        let loud = if n % 5000 < 40 { 1 } else { 64 };
        data.extend((((random() >> 16) as i16) / loud).to_le_bytes());
    }
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0".to_vec();
    bytes.extend(channels.to_le_bytes());
    bytes.extend(8000_u32.to_le_bytes());
    bytes.extend((8000 * 2 * u32::from(channels)).to_le_bytes());
    bytes.extend((2 * channels).to_le_bytes());
    bytes.extend([16, 0]);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    fs::write(path, bytes).expect("a file");
}

fn file_options(channel: Channel) -> FileOptions {
    FileOptions { channel, speed: Speed::Max, ..FileOptions::default() }
}

fn pcm(path: &Path, channel: Channel) -> ringfall::source::PcmSamples {
    AudioFile::pcm(path, &file_options(channel)).expect("a file").expect("PCM")
}

/// Whether two half floats are next to each other.
fn is_next_half(a: f32, b: f32) -> bool {
    let [a, b] = [a, b].map(half::f16::from_f32);
    a.is_sign_negative() == b.is_sign_negative() && a.to_bits().abs_diff(b.to_bits()) <= 1
}

/// Every row and every block of every level, as exact as it gets.
fn assert_same(history: &History, rows: &Computed, reduce: Reduce, what: &str) {
    let (mut want, mut got) = (Vec::new(), Vec::new());
    for level in 0..history.levels() {
        let range = rows.range(level);
        assert_eq!(history.range(level), range, "{what}: level {level}");
        rows.want(level, range.clone(), 1, reduce);
        assert!(rows.wait(shown, PATIENCE), "{what}: {:?}", rows.progress());
        for row in range {
            assert_eq!(history.entry(level, row), rows.entry(level, row), "{what}: level {level}, row {row}");
            history.read(level, row, reduce, &mut want).expect("a row");
            // A block that still grows is not rounded yet.
            rows.read(level, row, reduce, &mut got).expect("a row");
            // A block that still grows is not rounded yet, nor is a mean that comes of a kept sum.
            want.iter_mut().chain(&mut got).for_each(|value| *value = half::f16::from_f32(*value).to_f32());
            if reduce == Reduce::Mean && row >= history.settled(level) {
                // The sums of a block that still grows are added in another order.
                let near = want.iter().zip(&got).all(|(a, b)| (a - b).abs() < 0.07 || a == b);
                assert!(near, "{what}: level {level}, row {row}");
            } else if reduce == Reduce::Mean && rows.unit().is_decibel() {
                // Powers were added, not those of dB: near the limit between two half floats that may round to the next.
                let near = want.iter().zip(&got).all(|(a, b)| is_next_half(*a, *b));
                assert!(near, "{what}: level {level}, row {row}");
                let same = want.iter().zip(&got).filter(|(a, b)| a.to_bits() == b.to_bits()).count();
                assert!(same * 10 >= got.len() * 9 || got.len() < 100, "{what}: {same} of {} are the same", got.len());
            } else {
                assert_eq!(bits(&want), bits(&got), "{what}: level {level}, row {row}, {reduce:?}");
            }
        }
        for time_ns in [i64::MIN, 0, 1_234_567_890, 1 << 40, i64::MAX] {
            assert_eq!(history.first_from(level, time_ns), rows.first_from(level, time_ns), "{what}: {time_ns}");
        }
    }
    assert!(rows.wait(|progress| progress.all == 1.0, PATIENCE));
    assert_eq!(rows.progress().error, None);
}

#[test]
fn blocks_of_a_wav_file_are_those_of_all_its_spectra() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 60_000, 2);
    for (channel, average, band_hz, hop) in [
        (Channel::Mix, Average::None, None, 60),
        (Channel::One(2), Average::Mean(3), Some((500.0, 1500.0)), 100),
        (Channel::Iq, Average::Max(2), None, 128),
        (Channel::One(1), Average::None, None, 900),
    ] {
        let settings = Settings { size: 128, hop, average, band_hz, ..Settings::default() };
        let file = AudioFile::open(&path, &file_options(channel)).unwrap();
        let history = history(&mut Spectra::new(Box::new(file), &settings).unwrap());
        for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
            let recording = Recording::new(Arc::new(pcm(&path, channel)), &settings).unwrap();
            let rows = computed(recording, &ComputedOptions::default());
            assert_same(&history, &rows, reduce, &format!("{channel}, {average}"));
        }
    }
}

/// Silence is -∞ dB, a sample that is NaN or ∞ spoils its spectra, and the blocks around them are those of all spectra.
#[test]
fn silence_and_samples_that_are_no_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.cf32");
    let mut random = noise(3);
    let mut values: Vec<f32> = (0..2 * 40_000).map(|_| random() as f32 / u32::MAX as f32 - 0.5).collect();
    values[..10_000].fill(0.0);
    values[20_000..34_000].fill(f32::NAN);
    for place in [40_001, 41_000, 50_000, 50_100, 50_200] {
        values[place] = f32::NAN;
    }
    values[60_000] = f32::INFINITY;
    // Powers beyond those of a 32-bit number, and very low ones.
    values[64_000..66_000].fill(1e30);
    values[68_000..72_000].iter_mut().for_each(|v| *v *= 1e-17);
    fs::write(&path, values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    let open = || {
        let mut options = RawFileOptions::new("cf32".parse().unwrap(), 1000.0);
        options.speed = Speed::Max;
        RawFile::open(&path, &options).unwrap()
    };
    let settings = Settings { size: 64, hop: 32, ..Settings::default() };
    let history = history(&mut Spectra::new(Box::new(open()), &settings).unwrap());
    for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
        let recording = Recording::new(Arc::new(open().into_pcm().unwrap()), &settings).unwrap();
        let rows = computed(recording, &ComputedOptions::default());
        assert_same(&history, &rows, reduce, "no numbers");
        // Level 2 has a block of NaN, and one in which NaN is left out.
        let mut out = Vec::new();
        rows.read(2, 12_000 / 32 / 16, reduce, &mut out).unwrap();
        assert!(out.iter().all(|v| v.is_nan()), "{out:?}");
        rows.read(2, 25_000 / 32 / 16, reduce, &mut out).unwrap();
        assert!(out.iter().all(|v| v.is_finite()), "{out:?}");
        rows.read(2, 1, reduce, &mut out).unwrap();
        assert!(out.iter().all(|v| *v == f32::NEG_INFINITY), "{out:?}");
    }
}

#[test]
fn every_depth_of_wav_reads_as_the_decoder_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for (tag, bytes) in [(1_u16, 1), (1, 2), (1, 3), (1, 4), (3, 4), (3, 8)] {
        let mut random = noise(u64::from(tag) + bytes);
        let mut data: Vec<u8> = Vec::new();
        for _ in 0..3000 {
            let value = f64::from(random()) / f64::from(u32::MAX) * 2.0 - 1.0;
            match (tag, bytes) {
                (3, 4) => data.extend((value as f32).to_le_bytes()),
                (3, _) => data.extend(value.to_le_bytes()),
                _ => data.extend(&random().to_le_bytes()[..bytes as usize]),
            }
        }
        // The last sample is cut.
        data.pop();
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend(tag.to_le_bytes());
        file.extend([1, 0]);
        file.extend(8000_u32.to_le_bytes());
        file.extend((8000 * bytes as u32).to_le_bytes());
        file.extend([bytes as u8, 0, 8 * bytes as u8, 0]);
        file.extend(b"data");
        file.extend((3000 * bytes as u32).to_le_bytes());
        file.extend(data);
        fs::write(&path, file).unwrap();
        let settings = Settings { size: 16, hop: 16, ..Settings::default() };
        let source = AudioFile::open(&path, &file_options(Channel::Mix)).unwrap();
        let history = history(&mut Spectra::new(Box::new(source), &settings).unwrap());
        let recording = Recording::new(Arc::new(pcm(&path, Channel::Mix)), &settings).unwrap();
        assert_eq!(recording.rows(), 187, "2999 whole samples");
        assert_same(
            &history,
            &computed(recording, &ComputedOptions::default()),
            Reduce::Max,
            &format!("{tag}, {bytes}"),
        );
    }
}

/// A recording that was tuned elsewhere, paused, and cut into captures: blocks end where they do in a history.
#[test]
fn blocks_end_at_gaps_and_where_the_frequency_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sigmf-meta");
    let mut random = noise(9);
    let data: Vec<u8> = (0..2 * 9000).map(|_| (random() >> 24) as u8).collect();
    fs::write(folder.path().join("a.sigmf-data"), data).unwrap();
    let captures = [
        (0, 7.0e6, "12:00:00Z"),
        // Goes on without a gap.
        (1000, 7.0e6, "12:00:01Z"),
        // Another frequency; too short for a spectrum; a pause; a pause too short to end a block.
        (2000, 7.1e6, "12:00:02Z"),
        (4500, 7.2e6, "12:00:04.5Z"),
        (4510, 7.1e6, "12:00:04.51Z"),
        (6000, 7.1e6, "12:01:00Z"),
        (8000, 7.1e6, "12:01:02.01Z"),
    ];
    let captures: Vec<String> = captures
        .iter()
        .map(|(first, hz, time)| {
            format!(r#"{{"core:sample_start": {first}, "core:frequency": {hz}, "core:datetime": "2026-01-01T{time}"}}"#)
        })
        .collect();
    let global = r#"{"core:datatype": "cu8", "core:sample_rate": 1000, "core:version": "1.0.0"}"#;
    fs::write(&path, format!(r#"{{"global": {global}, "captures": [{}], "annotations": []}}"#, captures.join(",")))
        .unwrap();
    let open = || {
        let mut options = SigMfOptions::default();
        options.speed = Speed::Max;
        RawFile::open_sigmf(&path, &options).unwrap()
    };
    for (size, hop) in [(64, 16), (64, 64), (32, 5), (16, 100)] {
        let settings = Settings { size, hop, ..Settings::default() };
        let history = history(&mut Spectra::new(Box::new(open()), &settings).unwrap());
        for reduce in [Reduce::Max, Reduce::Mean] {
            let recording = Recording::new(Arc::new(open().into_pcm().unwrap()), &settings).unwrap();
            assert!(recording.breaks().len() >= 2, "{:?}", recording.breaks());
            let rows = computed(recording, &ComputedOptions::default());
            assert_same(&history, &rows, reduce, &format!("{size}, {hop}"));
        }
    }
}

/// Rows of a test: value `value(row)` in all bins.
struct Test<F> {
    rows: u64,
    bins: u32,
    value: F,
    /// Rows from here on cannot be read.
    bad: u64,
    /// How long a row takes.
    pause: Duration,
    read: Arc<AtomicU64>,
    at_once: Arc<AtomicUsize>,
}

impl<F: Fn(u64) -> f32 + Send + Sync> Test<F> {
    fn new(rows: u64, bins: u32, value: F) -> Self {
        let (read, at_once) = (Arc::default(), Arc::default());
        Self { rows, bins, value, bad: u64::MAX, pause: Duration::ZERO, read, at_once }
    }
}

impl<F: Fn(u64) -> f32 + Send + Sync> Compute for Test<F> {
    fn unit(&self) -> Unit {
        Unit::None
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn entry(&self, row: u64) -> Option<(Stamp, u32)> {
        (row < self.rows).then(|| (Stamp::index(row), self.bins))
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(TestReader(self))
    }
}

struct TestReader<'a, F>(&'a Test<F>);

impl<F: Fn(u64) -> f32> Reader for TestReader<'_, F> {
    fn read(&mut self, rows: Range<u64>, each: &mut dyn FnMut(u64, &[f32]) -> bool) -> Result<(), RowsError> {
        for row in rows {
            self.0.at_once.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(self.0.pause);
            self.0.at_once.fetch_sub(1, Ordering::Relaxed);
            if row >= self.0.bad {
                return Err(RowsError::File { path: "rows".into(), offset: row, message: "gone".to_owned() });
            }
            self.0.read.fetch_add(1, Ordering::Relaxed);
            if !each(row, &vec![(self.0.value)(row); self.0.bins as usize]) {
                break;
            }
        }
        Ok(())
    }
}

fn value(row: u64) -> f32 {
    if row.is_multiple_of(97) { f32::NAN } else { (row.wrapping_mul(0x9E37_79B9) % 1013) as f32 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any zoom is that of a history that holds all rows, whatever is kept and evicted.
    #[test]
    fn any_zoom_is_that_of_a_history(
        rows in 1_u64..20_000,
        zooms in prop::collection::vec((0.0_f64..1.0, 0.0_f64..1.0, 0_usize..3), 1..6),
        budget in 1_u64 << 17..1 << 22,
        room in 50_u32..400,
    ) {
        let mut history = History::with_unit(1 << 30, Precision::F16, Unit::None);
        (0..rows).for_each(|row| history.push(Stamp::index(row), &[value(row); 8]).unwrap());
        let options = ComputedOptions::default().budget(budget);
        let computed = computed(Test::new(rows, 8, value), &options);
        for (place, length, reduce) in zooms {
            let reduce = [Reduce::Max, Reduce::Mean, Reduce::Min][reduce];
            // From one row a line to all rows in a few lines.
            let line_ns = 1e9 * (rows as f64 / 8.0).max(1.0).powf(length);
            let view = View::default().line_ns(line_ns).edge(Edge::At((place * rows as f64 * 1e9) as i64)).reduce(reduce);
            let want = picture(&history, || (), view, (8, 32), room);
            let got = picture(&computed, || assert!(computed.wait(shown, PATIENCE)), view, (8, 32), room);
            if reduce == Reduce::Mean {
                // Sums of a block that still grows are added in another order; values in 16 bits.
                for (a, b) in want.iter().zip(&got) {
                    prop_assert!((a - b).abs() <= 1.0 || (a.is_nan() && b.is_nan()), "{a} {b}");
                }
            } else {
                prop_assert_eq!(bits(&want), bits(&got));
            }
            prop_assert!(computed.bytes() <= budget, "{} of {budget} bytes", computed.bytes());
        }
    }
}

/// The budget holds while everything is looked at, and what does not fit is coarse but there.
#[test]
fn the_budget_holds() {
    let budget = 1 << 18;
    let options = ComputedOptions::default().budget(budget);
    let rows = computed(Test::new(100_000, 64, |row| row as f32 / 10.0), &options);
    let mut out = Vec::new();
    for level in (0..6).rev() {
        let all = rows.range(level).end;
        for start in (0..all).step_by((all / 5).max(1) as usize) {
            rows.want(level, start..(start + 300).min(all), 1, Reduce::Max);
            assert!(rows.wait(shown, PATIENCE), "level {level}");
            assert!(rows.bytes() <= budget, "{} of {budget} bytes", rows.bytes());
            rows.read(level, start, Reduce::Max, &mut out).unwrap();
            assert!(out.iter().all(|value| value.is_finite()), "level {level}, row {start}");
        }
    }
    // More rows at once than there is room for: those in the middle are exact, the others are something near.
    rows.want(0, 0..50_000, 1, Reduce::Max);
    assert!(rows.wait(shown, PATIENCE));
    assert!(rows.bytes() <= budget);
    rows.read(0, 25_000, Reduce::Max, &mut out).unwrap();
    assert_eq!(out[0], 2500.0);
    rows.read(0, 10, Reduce::Max, &mut out).unwrap();
    assert!(out[0].is_finite());
}

/// The first pass computes few rows, and what it shows is near.
#[test]
fn the_first_pass_is_short_and_everywhere() {
    let test = Test::new(40_000_000, 16, |row| (row / 1_000_000) as f32);
    let read = Arc::clone(&test.read);
    let test = Test { pause: Duration::from_micros(1), ..test };
    let rows = computed(test, &ComputedOptions::default());
    let view = View::default().line_ns(40_000_000.0 / 400.0 * 1e9).edge(Edge::At(39_999_999 * 1_000_000_000));
    let settle = || assert!(rows.wait(|progress| progress.sketched, PATIENCE));
    let values = picture(&rows, settle, view, (16, 400), 8000);
    for (line, values) in values.chunks(16).rev().enumerate() {
        let want = line as f32 / 10.0;
        assert!(values.iter().all(|value| (value - want).abs() <= 1.2), "line {line}: {values:?}");
    }
    let read = read.load(Ordering::Relaxed);
    assert!(read < 400_000, "{read} rows for a first pass");
}

#[test]
fn reading_does_not_wait_and_threads_stop() {
    for pause_ms in [0, 5, 50] {
        let test = Test { pause: Duration::from_millis(pause_ms), ..Test::new(1 << 40, 64, |row| row as f32) };
        let at_once = Arc::clone(&test.at_once);
        let options = ComputedOptions::default().threads(NonZeroUsize::new(3));
        let rows = computed(test, &options);
        rows.want(5, 0..1000, 1, Reduce::Max);
        std::thread::sleep(Duration::from_millis(60));
        let mut out = Vec::new();
        rows.read(5, 999, Reduce::Max, &mut out).unwrap();
        assert_eq!(out.len(), 64);
        drop(rows);
        if pause_ms == 0 {
            continue;
        }
        // Nothing is computed any more: the threads have ended, not only been left behind.
        assert_eq!(at_once.load(Ordering::Relaxed), 0);
    }
}

/// A file system that hangs does not hold up the end.
#[test]
fn what_hangs_is_left_behind() {
    let test = Test { pause: Duration::from_secs(5), ..Test::new(1000, 8, |row| row as f32) };
    let rows = computed(test, &ComputedOptions::default());
    rows.want(0, 0..10, 1, Reduce::Max);
    std::thread::sleep(Duration::from_millis(20));
    let start = Instant::now();
    drop(rows);
    // A bound against hanging for good, not a measurement.
    assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn what_cannot_be_read_is_a_gap_and_an_error() {
    let test = Test { bad: 700, ..Test::new(1000, 8, |row| row as f32) };
    let rows = computed(test, &ComputedOptions::default());
    let mut out = Vec::new();
    for (level, row, want) in
        [(0, 699, Some(699.0)), (0, 700, None), (3, 10, Some(699.0)), (3, 11, None), (5, 0, Some(699.0))]
    {
        rows.want(level, row..row + 1, 1, Reduce::Max);
        assert!(rows.wait(shown, PATIENCE));
        rows.read(level, row, Reduce::Max, &mut out).unwrap();
        assert_eq!(out.len(), 8);
        match want {
            // 16 bits have 11 digits.
            Some(want) => assert!((out[0] - want).abs() <= 0.5, "level {level}, row {row}: {out:?}"),
            None => assert!(out.iter().all(|value| value.is_nan()), "level {level}, row {row}: {out:?}"),
        }
    }
    let error = rows.progress().error.expect("an error").to_string();
    assert!(error.contains("gone"), "{error}");
    assert!(rows.wait(|progress| progress.all == 1.0, PATIENCE));
}

#[test]
fn a_file_that_is_cut_while_it_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 100_000, 1);
    let settings = Settings { size: 64, hop: 64, ..Settings::default() };
    let recording = Recording::new(Arc::new(pcm(&path, Channel::Mix)), &settings).unwrap();
    let rows = computed(recording, &ComputedOptions::default());
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100_000).unwrap();
    rows.want(0, 0..1562, 1, Reduce::Max);
    assert!(rows.wait(|progress| progress.shown && progress.all == 1.0, PATIENCE));
    let mut out = Vec::new();
    rows.read(0, 100, Reduce::Max, &mut out).unwrap();
    assert!(out.iter().all(|value| value.is_finite()));
    rows.read(0, 1500, Reduce::Max, &mut out).unwrap();
    assert!(out.iter().all(|value| value.is_nan()));
    let error = rows.progress().error.expect("an error").to_string();
    assert!(error.contains("a.wav") && error.contains("shorter"), "{error}");
}

#[test]
fn arrays_of_every_order_and_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    for (rows, columns, order) in
        [(1, 1, Order::C), (1, 7, Order::Fortran), (3000, 5, Order::C), (700, 9, Order::Fortran)]
    {
        let mut random = noise(rows);
        let values: Vec<f32> = (0..rows * columns).map(|_| (random() % 1000) as f32).collect();
        fs::write(&path, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
        let layout = RawLayout { dtype: Dtype::F32, shape: (rows, columns), offset: 0, order };
        let array = Array::open_raw(&path, layout, Component::Magnitude).unwrap();
        let mut history = History::with_unit(1 << 28, Precision::F16, Unit::None);
        for row in 0..rows {
            let cell = |column| if order == Order::C { row * columns + column } else { column * rows + row };
            let row_values: Vec<f32> = (0..columns).map(|column| values[cell(column) as usize]).collect();
            history.push(Stamp::index(row), &row_values).unwrap();
        }
        for reduce in [Reduce::Max, Reduce::Min] {
            let array = Array::open_raw(&path, layout, Component::Magnitude).unwrap();
            assert_same(
                &history,
                &computed(array, &ComputedOptions::default()),
                reduce,
                &format!("{rows} × {columns}"),
            );
        }
        drop(array);
    }
}

#[test]
fn files_too_short_for_a_spectrum_have_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for samples in [1, 127, 128] {
        wav(&path, samples, 1);
        let settings = Settings { size: 128, hop: 32, ..Settings::default() };
        let rows = computed(
            Recording::new(Arc::new(pcm(&path, Channel::Mix)), &settings).unwrap(),
            &ComputedOptions::default(),
        );
        assert_eq!(rows.range(0), 0..u64::from(samples == 128));
        assert_eq!(rows.range(9), 0..u64::from(samples == 128));
        assert!(
            Loader::new(View::default()).unwrap().frame(&rows, (8, 8), ringfall::Side::Top).is_some()
                == (samples == 128)
        );
        assert!(rows.progress().all == 1.0 || samples == 128);
    }
}

#[test]
fn an_average_over_all_rows_before_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 1000, 1);
    let settings = Settings { average: Average::Exponential(0.1), ..Settings::default() };
    let error = Recording::new(Arc::new(pcm(&path, Channel::Mix)), &settings).unwrap_err().to_string();
    assert!(error.contains("a.wav") && error.contains("average") && error.contains("exp:0.1"), "{error}");
}

/// Zoomed in beyond the hop, the picture is made of spectra at a smaller hop.
#[test]
fn closer_than_the_hop_there_are_more_spectra() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.raw");
    // A tone that is switched on at sample 50,000.
    let samples = (0..100_000).map(|n| if n < 50_000 { 0.0 } else { (n as f32 * 0.7).sin() });
    fs::write(&path, samples.flat_map(f32::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let mut options = RawFileOptions::new("f32".parse().unwrap(), 10_000.0);
    options.speed = Speed::Max;
    let settings = Settings { size: 256, hop: 256, ..Settings::default() };
    let recording =
        Recording::new(Arc::new(RawFile::open(&path, &options).unwrap().into_pcm().unwrap()), &settings).unwrap();
    let rows = computed(recording, &ComputedOptions::default());
    // 64 lines of 4 samples each around the switch.
    let view = View::default().line_ns(4e5).edge(Edge::At(5_000_000_000 + 32 * 400_000));
    let settle = || assert!(rows.wait(shown, PATIENCE));
    let values = picture(&rows, settle, view, (129, 64), 4000);
    let bin = (0.7 / std::f64::consts::TAU * 256.0).round() as usize;
    let levels: Vec<f32> = values.chunks(129).rev().map(|line| line[bin]).collect();
    // The window goes over the switch little by little: every line is louder than the one before.
    assert!(levels[..60].array_windows().all(|[a, b]| b > a), "{levels:?}");
    // Independent of it: the spectrum of the samples around one of the lines.
    for line in [40_i64, 60] {
        let middle = 50_000 + (line - 31) * 4;
        let sum = |f: fn(f64) -> f64| -> f64 {
            (0..256)
                .map(|n| {
                    let sample = middle - 128 + n;
                    let window = 0.5 - 0.5 * (std::f64::consts::TAU * (n as f64 + 0.5) / 256.0).cos();
                    let value = if sample < 50_000 { 0.0 } else { f64::from((sample as f32 * 0.7).sin()) };
                    value * window * f(std::f64::consts::TAU * bin as f64 * n as f64 / 256.0)
                })
                .sum()
        };
        let db = 20.0 * (sum(f64::cos).hypot(sum(f64::sin)) * 2.0 / 128.0).log10();
        let got = f64::from(levels[line as usize]);
        assert!((got - db).abs() < 0.6, "line {line}: {got} dB, not {db} dB");
    }
    // And back again.
    let view = View::default().line_ns(25.6e6).edge(Edge::At(9_900_000_000));
    let values = picture(&rows, settle, view, (129, 64), 4000);
    let loudest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!((-1.42..0.1).contains(&loudest), "{loudest}: a full-scale tone, less scalloping");
}

/// A wake-up comes for what is on show, and none once everything is done.
#[test]
fn the_window_is_woken() {
    let woken = Arc::new(AtomicBool::new(false));
    let wake = Arc::clone(&woken);
    let test = Test::new(5000, 8, |row| row as f32);
    let wake = Box::new(move || wake.store(true, Ordering::SeqCst));
    let rows = Computed::new(Arc::new(test), &ComputedOptions::default(), wake).unwrap();
    assert_eq!(rows.revision(), 0);
    let mut seen = 0;
    for level in [2, 0] {
        rows.want(level, 0..100, 1, Reduce::Max);
        assert!(rows.wait(|progress| progress.shown && progress.all == 1.0, PATIENCE));
        let end = Instant::now() + PATIENCE;
        while !woken.swap(false, Ordering::SeqCst) {
            assert!(Instant::now() < end, "no wake-up");
            std::thread::yield_now();
        }
        assert!(rows.revision() > seen);
        seen = rows.revision();
    }
    assert!((0..100).all(|row| (1..=seen).contains(&rows.revised(0, row, Reduce::Max))));
}

/// What is refined is put in its place on a canvas that has it already.
#[test]
fn better_values_replace_those_on_the_canvas() {
    let rows = computed(Test::new(50_000, 8, |row| row as f32 % 1000.0), &ComputedOptions::default());
    let mut history = History::with_unit(1 << 28, Precision::F16, Unit::None);
    (0..50_000).for_each(|row| history.push(Stamp::index(row), &[row as f32 % 1000.0; 8]).unwrap());
    let options = Options::default().bins(8).capacity(Capacity::Rows(4000)).texel(Texel::F32).size(8, 64);
    let mut canvas = Canvas::new(&options).unwrap();
    let mut loader = Loader::new(View::default().line_ns(1e9)).unwrap();
    for (line_s, edge_s) in
        [(780.0, 50_000), (780.0, 49_000), (100.0, 30_000), (99.0, 30_500), (2.0, 30_000), (780.0, 50_000)]
    {
        let view = View::default().line_ns(line_s * 1e9).edge(Edge::At(edge_s * 1_000_000_000));
        loader.set_view(view).unwrap();
        loader.update_canvas(&mut canvas, &rows).unwrap();
        assert!(rows.wait(shown, PATIENCE));
        loader.update_canvas(&mut canvas, &rows).unwrap();
        let mut values = vec![0.0; 8 * 64];
        canvas.values(&mut values).unwrap();
        assert_eq!(bits(&values), bits(&picture(&history, || (), view, (8, 64), 4000)), "{line_s} s a line");
    }
}

/// What was saved is used as long as it is valid, and gives the same values; else it is written anew.
#[test]
fn saved_blocks_are_used_while_they_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.bin");
    let path = Saved::beside(&source);
    assert_eq!(path, folder.path().join("a.bin.ringfall"));
    fs::write(&source, [7; 1000]).unwrap();
    // Rows of a run: how many were computed, and the maxima and means of a level.
    let run = |how: &str, budget: u64| {
        let test = Test::new(3000, 8, value);
        let read = Arc::clone(&test.read);
        // One thread: it reads the file before it computes anything.
        let options = ComputedOptions::default().budget(budget).threads(NonZeroUsize::new(1));
        let saved = Saved::new(&path, vec![source.clone()], how);
        let rows = Computed::with_saved(Arc::new(test), &options, saved, Box::new(|| {})).unwrap();
        rows.want(6, 0..1, 1, Reduce::Max);
        assert!(rows.wait(|progress| progress.shown && progress.all == 1.0, PATIENCE));
        let mut values = Vec::new();
        for level in 1..7 {
            for row in rows.range(level) {
                for reduce in [Reduce::Max, Reduce::Mean] {
                    rows.want(level, row..row + 1, 1, reduce);
                    assert!(rows.wait(shown, PATIENCE));
                    let mut out = Vec::new();
                    rows.read(level, row, reduce, &mut out).unwrap();
                    values.extend(bits(&out));
                }
            }
        }
        // It is saved after the last block.
        let end = Instant::now() + Duration::from_secs(10);
        while !path.exists() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(rows);
        (read.load(Ordering::Relaxed), values)
    };
    let budget = 1 << 22;
    let (read, values) = run("a", budget);
    assert!(read >= 3000);
    let bytes = fs::read(&path).expect("a saved file");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    // Valid: nothing is computed.
    let (again, same) = run("a", budget);
    assert_eq!(again, 0);
    assert!(same == values);
    // Other settings, another budget, a source that was written again, a damaged file, one cut short, another format.
    let mut spoiled = bytes.clone();
    spoiled[bytes.len() / 2] ^= 1;
    let mut newer = bytes.clone();
    newer[8] = 2;
    for wrong in [spoiled, newer, bytes[..bytes.len() - 1].to_vec(), bytes[..20].to_vec()] {
        fs::write(&path, wrong).unwrap();
        let (read, same) = run("a", budget);
        assert!(read >= 3000, "{read} rows");
        assert!(same == values);
    }
    assert!(run("b", budget).0 >= 3000);
    assert!(run("b", 1 << 17).0 >= 3000);
    fs::write(&source, [7; 1001]).unwrap();
    assert!(run("b", 1 << 17).0 >= 3000);
    // A file of this name that something else wrote stays as it is.
    fs::write(&path, "somebody's notes").unwrap();
    run("a", budget);
    assert_eq!(fs::read(&path).unwrap(), b"somebody's notes");
}

/// Blocks of colours are those of a pyramid over the same array, whatever the budget: channel by channel, premultiplied in means.
#[test]
fn colours_are_reduced_as_in_a_pyramid() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.raw");
    let (rows, columns) = (700_u64, 5_u64);
    let mut random = noise(9);
    let bytes: Vec<u8> = (0..rows * columns).flat_map(|_| random().to_le_bytes()).collect();
    fs::write(&path, &bytes).unwrap();
    let shape = [rows, columns, 4];
    let dtype = "u8".parse::<Dtype>().unwrap();
    let stack = Stack::open_raw(&path, (dtype, &shape, 0, Order::C), Component::Magnitude, Some(Axes::Hwc)).unwrap();
    let mut pyramid = Pyramid::new(stack.frame(0).unwrap(), Precision::F16);
    while !pyramid.build(100).unwrap() {}
    for budget in [1 << 30, 1 << 16] {
        let computed = computed(stack.frame(0).unwrap(), &ComputedOptions::default().budget(budget));
        assert!(computed.is_rgba());
        assert_eq!(
            computed.read(0, 0, Reduce::Max, &mut Vec::new()),
            Err(RowsError::Cells { got: "colours", expected: "values" })
        );
        let (mut want, mut got) = (Vec::new(), Vec::new());
        for reduce in [Reduce::Mean, Reduce::Max, Reduce::Min] {
            for level in [0, 1, 3, 5] {
                let range = computed.range(level);
                assert_eq!(range, pyramid.range(level));
                for row in range {
                    computed.want(level, row..row + 1, 1, reduce);
                    assert!(computed.wait(shown, PATIENCE));
                    pyramid.read_rgba(level, row, reduce, &mut want).unwrap();
                    computed.read_rgba(level, row, reduce, &mut got).unwrap();
                    assert_eq!(got, want, "{budget} bytes, level {level}, row {row}, {reduce:?}");
                }
            }
        }
        assert!(computed.bytes() <= budget, "{} of {budget} bytes", computed.bytes());
    }
    // Of the file itself: the third row as it is.
    let mut third = Vec::new();
    pyramid.read_rgba(0, 2, Reduce::Max, &mut third).unwrap();
    assert_eq!(third.as_flattened(), &bytes[40..60]);
}

/// The same threads go on with other rows, and what is wanted is clipped to them.
#[test]
fn rows_can_be_replaced() {
    let options = ComputedOptions::default().threads(NonZeroUsize::new(2));
    let mut front = computed(Test::new(1000, 8, |row| row as f32), &options);
    let seen = computed(Test::new(1000, 8, |row| row as f32), &options);
    seen.want(0, 100..900, 1, Reduce::Max);
    let mut out = Vec::new();
    for rows in [500_u64, 2000, 1, 300] {
        front.replace(Arc::new(Test::new(rows, 4, |row| -(row as f32))));
        assert_eq!(front.range(0), 0..rows);
        front.want_like(&seen);
        front.want(0, 0..rows, 1, Reduce::Max);
        assert!(front.wait(shown, PATIENCE));
        for row in [0, rows / 2, rows - 1] {
            front.read(0, row, Reduce::Max, &mut out).unwrap();
            assert_eq!(out, [-(row as f32); 4], "row {row} of {rows}");
        }
        assert!(front.wait(|progress| progress.all == 1.0, PATIENCE));
    }
}

/// What a caller may ask for has no bounds: every row of a step that no range has, and patience without an end.
#[test]
fn numbers_at_their_limits_are_no_fault() {
    let rows = computed(Test::new(1000, 8, value), &ComputedOptions::default());
    rows.want(0, 1..2, u64::MAX, Reduce::Max);
    assert!(rows.wait(shown, Duration::MAX));
    let mut out = Vec::new();
    rows.read(0, 1, Reduce::Max, &mut out).unwrap();
    assert_eq!(out, [value(1); 8].map(|value| half::f16::from_f32(value).to_f32()));
    // A source that says that its rows have no bins has rows without values, and no thread dies of it.
    let rows = computed(Test::new(1000, 0, value), &ComputedOptions::default());
    for level in [0, 2, 5] {
        rows.want(level, 0..1, 1, Reduce::Max);
        assert!(rows.wait(shown, PATIENCE), "level {level}: {:?}", rows.progress());
    }
}

/// Something else than a file has the name under which blocks are saved: a pipe, whose reader would wait for a writer for ever. And a
/// file that has the temporary name is somebody else's.
#[cfg(unix)]
#[test]
fn what_is_no_file_of_blocks_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.bin");
    fs::write(&source, [7; 1000]).unwrap();
    let path = Saved::beside(&source);
    let run = || {
        let options = ComputedOptions::default().threads(NonZeroUsize::new(1));
        let saved = Saved::new(&path, vec![source.clone()], "a");
        let rows = Computed::with_saved(Arc::new(Test::new(300, 8, value)), &options, saved, Box::new(|| {})).unwrap();
        rows.want(6, 0..1, 1, Reduce::Max);
        assert!(rows.wait(|progress| progress.shown && progress.all == 1.0, Duration::from_secs(10)));
        // What is to be saved is saved after the last block; the only thread is idle then.
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    run();
    assert!(!path.metadata().unwrap().is_file(), "the pipe stays");
    fs::remove_file(&path).unwrap();
    let temporary = folder.path().join(format!("a.bin.ringfall.{}.tmp", std::process::id()));
    fs::write(&temporary, "somebody's notes").unwrap();
    run();
    assert_eq!(fs::read(&temporary).unwrap(), b"somebody's notes");
}
