//! Feeds with sources that misbehave or change: a source that hangs, panics, stalls, retunes or sends nonsense does no harm.
#![cfg(feature = "dsp")]

#[path = "common/wait.rs"]
mod wait;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ringfall::dsp::{Analyzer, Average, SampleKind, Settings, Window};
use ringfall::source::{
    Block, Clock, Control, Controls, Deferred, Feed, Opening, Pipe, PipeOptions, RawFormat, Read, RowInfo, RowPipe,
    RowPipeOptions, RowSource, Source, SourceError, SourceInfo, Spectra, Status, WhenFull,
};
use ringfall::{Stamp, Unit};
use wait::{PATIENCE, wait_for};

const SETTINGS: Settings = Settings { size: 64, hop: 32, window: Window::Hann, average: Average::None, band_hz: None };

type Rows = Vec<(Stamp, Vec<f32>)>;

/// All rows until the end, and how it ended.
fn drain(feed: &mut Feed) -> (Rows, Status) {
    let mut rows = Rows::new();
    let status = wait_for("the end", || {
        let status = feed.status();
        feed.drain(usize::MAX, |stamp, row| rows.push((stamp, row.to_vec())));
        status.ended.then_some(status)
    });
    (rows, status)
}

/// Reads are answered by a closure.
struct Puppet<F> {
    info: SourceInfo,
    read: F,
}

impl<F: FnMut(&mut SourceInfo, &mut Block) -> Result<Read, SourceError> + Send> Puppet<F> {
    fn boxed(clock: Clock, read: F) -> Box<dyn Source>
    where
        F: 'static,
    {
        Box::new(Self { info: SourceInfo::new("puppet", 1000.0, SampleKind::Real).with_clock(clock), read })
    }
}

impl<F: FnMut(&mut SourceInfo, &mut Block) -> Result<Read, SourceError> + Send> Source for Puppet<F> {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        (self.read)(&mut self.info, block)
    }
}

// ----------------------------------------------------------------------------------------------------------- hanging

#[test]
fn a_source_that_hangs_is_told_of_and_left_behind() {
    let (hold, held) = channel::<()>();
    let mut first = true;
    let source = Puppet::boxed(Clock::Utc, move |_, block| {
        if std::mem::take(&mut first) {
            block.samples = vec![0.5; 64];
            return Ok(Read::Samples);
        }
        let _ = held.recv();
        Ok(Read::End)
    });
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let wake = move || {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let mut feed = Feed::start(source, &SETTINGS, 10, WhenFull::Drop, wake).unwrap();
    wait_for("its one row", || (feed.drain(9, |_, _| {}) == 1).then_some(()));
    assert_eq!(feed.status().stalled, None);
    let before = calls.load(Ordering::SeqCst);
    let stalled = wait_for("word of it", || feed.status().stalled);
    assert!(stalled >= Duration::from_secs(2) && feed.status().silent.is_none(), "{stalled:?}");
    // Nobody else could wake the window.
    wait_for("a wake-up", || (calls.load(Ordering::SeqCst) > before).then_some(()));
    let begun = Instant::now();
    drop(feed);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let after = calls.load(Ordering::SeqCst);
    drop(hold);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(calls.load(Ordering::SeqCst), after, "a feed that was dropped wakes nobody");
}

#[test]
fn a_live_source_that_is_silent_is_told_of_and_a_file_is_not() {
    let idle = |answer: Read, clock| {
        let source = Puppet::boxed(clock, move |_, _| {
            std::thread::sleep(Duration::from_millis(20));
            Ok(answer)
        });
        Feed::start(source, &SETTINGS, 10, WhenFull::Drop, || {}).unwrap()
    };
    let (live, file) = (idle(Read::Idle, Clock::Utc), idle(Read::Early, Clock::File));
    let (away, paused) = (idle(Read::Waiting, Clock::Utc), idle(Read::Idle, Clock::Utc));
    paused.pause(true);
    let silent = wait_for("word of it", || live.status().silent);
    assert!(silent >= Duration::from_secs(2));
    assert!(live.status().stalled.is_none());
    let quiet = |feed: &Feed| feed.status().silent.is_none() && feed.status().stalled.is_none();
    assert!(quiet(&file) && quiet(&away) && quiet(&paused));
    assert!(away.status().waiting && !file.status().waiting);
}

#[test]
fn a_source_that_panics_is_an_error() {
    let source = Puppet::boxed(Clock::File, |_, _| panic!("the test means it"));
    let mut feed = Feed::start(source, &SETTINGS, 10, WhenFull::Wait, || {}).unwrap();
    let (rows, status) = drain(&mut feed);
    assert!(rows.is_empty());
    let error = status.error.expect("an error");
    assert!(matches!(*error, SourceError::Panicked { .. }), "{error}");
    assert!(error.to_string().contains("puppet") && error.to_string().contains("the test means it"), "{error}");
}

#[test]
fn opening_may_take_forever() {
    let (hold, held) = channel::<()>();
    let opening = Opening::start("slow", move || {
        let _ = held.recv();
        Puppet::boxed(Clock::Utc, |_, block| {
            block.samples = vec![0.5; 64];
            Ok(Read::Samples)
        })
    })
    .unwrap();
    assert!(opening.wait(Duration::from_millis(20)).unwrap().is_none());
    let open = |source| Ok(Box::new(Spectra::new(source, &SETTINGS)?) as Box<dyn RowSource>);
    let deferred = Deferred::new(opening, open).unwrap();
    let mut feed = Feed::run(Box::new(deferred), None, WhenFull::Drop, || {}).unwrap();
    wait_for("it is opening", || feed.status().opening.then_some(()));
    assert_eq!((feed.info().name.as_str(), feed.bins()), ("slow", 1));
    drop(hold);
    wait_for("rows", || (feed.drain(9, |_, row| assert_eq!(row.len(), 33)) > 0).then_some(()));
    assert!(!feed.status().opening);
    assert_eq!((feed.info().name.as_str(), feed.bins(), feed.info().clock), ("puppet", 33, Clock::Utc));

    // One that never opens, does not open, or panics.
    let (_hold, held) = channel::<()>();
    let never = Opening::start("never", move || {
        let _ = held.recv();
    })
    .unwrap();
    let never = Deferred::new(never, |()| Err(SourceError::NoDevice { reason: "it woke".to_owned() })).unwrap();
    let feed = Feed::run(Box::new(never), None, WhenFull::Drop, || {}).unwrap();
    wait_for("it is opening", || feed.status().opening.then_some(()));
    let begun = Instant::now();
    drop(feed);
    assert!(begun.elapsed() < Duration::from_secs(1));
    for panics in [false, true] {
        let opening = Opening::start("closed", move || assert!(!panics, "on purpose")).unwrap();
        let refuse = |()| Err(SourceError::NoDevice { reason: "on purpose".to_owned() });
        let mut feed =
            Feed::run(Box::new(Deferred::new(opening, refuse).unwrap()), None, WhenFull::Drop, || {}).unwrap();
        let error = drain(&mut feed).1.error.expect("an error").to_string();
        assert!(error.contains("on purpose"), "{error}");
    }
}

// ---------------------------------------------------------------------------------------------------------- changing

/// Samples whose rate, frequency and kind change with every turn.
#[test]
fn a_change_starts_a_new_span() {
    let turns = [(1000.0, 7e6, 100), (1000.0, 8e6, 164), (2000.0, 8e6, 64), (2000.0, 8e6, 640)];
    let wave = |turn: usize, n: usize| ((n * n + 31 * turn) % 97) as f32 / 97.0;
    let mut step = 0;
    let source = Puppet::boxed(Clock::File, move |info, block| {
        let turn = step / 2;
        let Some(&(rate_hz, centre_hz, samples)) = turns.get(turn) else { return Ok(Read::End) };
        step += 1;
        if step % 2 == 1 {
            (info.rate_hz, info.centre_hz) = (rate_hz, centre_hz);
            return Ok(Read::Changed);
        }
        block.samples = (0..samples).map(|n| wave(turn, n)).collect();
        block.time_ns = turn as i64 * 1_000_000_000;
        block.gap = false;
        Ok(Read::Samples)
    });
    // So short a queue that changes find it full, too.
    let mut feed = Feed::start(source, &SETTINGS, 1, WhenFull::Wait, || {}).unwrap();
    let mut rows = Vec::new();
    wait_for("the end", || {
        let ended = feed.status().ended;
        // One at a time: the information is that of the row.
        while feed.drain(1, |stamp, row| rows.push((stamp, row.to_vec(), 0.0))) == 1 {
            rows.last_mut().unwrap().2 = feed.info().rate_hz;
        }
        ended.then_some(())
    });
    let mut expected = Vec::new();
    for (turn, (rate_hz, centre_hz, samples)) in turns.into_iter().enumerate() {
        let mut analyzer = Analyzer::new(rate_hz, SampleKind::Real, centre_hz, &SETTINGS).unwrap();
        let samples: Vec<f32> = (0..samples).map(|n| wave(turn, n)).collect();
        analyzer.feed(&samples, |index, row| {
            let time_ns = turn as i64 * 1_000_000_000 + ((index + 16) as f64 * 1e9 / rate_hz).round() as i64;
            let stamp = Stamp { time_ns, duration_ns: 32e9 / rate_hz, first_hz: centre_hz, bin_hz: rate_hz / 64.0 };
            expected.push((stamp, row.to_vec(), rate_hz));
        });
    }
    assert_eq!(expected.len(), 2 + 4 + 1 + 19);
    assert_eq!(rows, expected);
    assert_eq!((feed.status().gaps, feed.status().dropped_rows), (0, 0));
}

/// A receiver: it delivers what it is tuned to, and takes settings.
struct Receiver2 {
    info: SourceInfo,
    asked: Sender<Control>,
    changed: bool,
}

impl Source for Receiver2 {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        std::thread::sleep(Duration::from_millis(1));
        if std::mem::take(&mut self.changed) {
            return Ok(Read::Changed);
        }
        block.samples = vec![0.25; 64];
        Ok(Read::Samples)
    }

    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        self.asked.send(control).unwrap();
        match control {
            Control::Tune(hz) => self.info.centre_hz = hz,
            Control::Gain(db) if db > 30.0 => {
                return Err(SourceError::Device { device: "receiver".to_owned(), reason: "overload".to_owned() });
            }
            Control::Gain(db) => self.info.gain_db = Some(db),
            _ => {}
        }
        self.changed = true;
        Ok(())
    }
}

#[test]
fn controls_reach_the_source_and_come_back() {
    let (asked, seen): (_, Receiver<Control>) = channel();
    let controls = Controls::default().with_tune_hz(1e6..=2e9).with_gain_db(0.0..=49.6);
    let info = SourceInfo::new("receiver", 1000.0, SampleKind::Complex).with_clock(Clock::Utc).with_controls(controls);
    // A band around the first frequency, which is off the air after tuning.
    let settings = Settings { band_hz: Some((99_999_900.0, 100_000_100.0)), ..SETTINGS };
    let info = info.with_centre_hz(1e8);
    let source = Box::new(Receiver2 { info, asked, changed: false });
    let mut feed = Feed::start(source, &settings, 100, WhenFull::Drop, || {}).unwrap();
    assert!(feed.bins() < 20);
    feed.tune(1.5e9).unwrap();
    wait_for("the new frequency", || {
        feed.drain(100, |_, _| {});
        (feed.info().centre_hz == 1.5e9).then_some(())
    });
    assert_eq!((seen.recv().unwrap(), feed.bins()), (Control::Tune(1.5e9), 64));
    feed.gain(20.0).unwrap();
    wait_for("the new gain", || {
        feed.drain(100, |_, _| {});
        (feed.info().gain_db == Some(20.0)).then_some(())
    });
    // What the device refuses is told, and the source goes on.
    feed.gain(40.0).unwrap();
    let warning = wait_for("the refusal", || feed.status().warning);
    assert!(warning.to_string().contains("overload"), "{warning}");
    assert!(!feed.status().ended);
    for wrong in [0.0, 3e9, f64::NAN, f64::INFINITY] {
        let error = feed.tune(wrong).unwrap_err();
        assert!(matches!(error, SourceError::ControlRange { .. }), "{error}");
        assert!(error.to_string().contains("receiver") && error.to_string().contains("2000000000"), "{error}");
    }
    let plain = Puppet::boxed(Clock::File, |_, _| Ok(Read::Idle));
    let feed = Feed::start(plain, &SETTINGS, 10, WhenFull::Drop, || {}).unwrap();
    assert!(matches!(feed.tune(1e6).unwrap_err(), SourceError::NoControl { control: "centre frequency", .. }));
    assert!(matches!(feed.gain(1.0).unwrap_err(), SourceError::NoControl { control: "gain", .. }));
}

// -------------------------------------------------------------------------------------------------------------- rows

/// Rows from a list.
struct Listed {
    info: RowInfo,
    rows: std::vec::IntoIter<(Stamp, Vec<f32>)>,
}

impl Listed {
    fn new(rows: Rows) -> Self {
        let info = RowInfo::new("list", Clock::File, 3, (10.0, 2.0), 1e9).unwrap().with_unit(Unit::Linear);
        Self { info, rows: rows.into_iter() }
    }
}

impl RowSource for Listed {
    fn info(&self) -> &RowInfo {
        &self.info
    }

    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError> {
        match self.rows.next() {
            Some((stamp, values)) => {
                row(stamp, &values);
                Ok(Read::Samples)
            }
            None => Ok(Read::End),
        }
    }
}

#[test]
fn rows_of_any_length_come_as_they_are() {
    // Far longer than was said, shorter, and such as wrap round the end of the queue.
    let lengths = [3, 3, 1, 2, 7, 1000, 3, 999, 1, 1, 1500, 5, 8, 13, 21, 1499, 2, 1498];
    let rows: Rows = (0..200)
        .map(|n| {
            let length = lengths[n % lengths.len()];
            (Stamp::index(n as u64), (0..length).map(|bin| (n * 10_000 + bin) as f32).collect())
        })
        .collect();
    for capacity in [1, 2, 5] {
        let source = Box::new(Listed::new(rows.clone()));
        let mut feed = Feed::run(source, Some(capacity), WhenFull::Wait, || {}).unwrap();
        assert_eq!((feed.rows().unit, feed.bins(), feed.info().name.as_str()), (Unit::Linear, 3, "list"));
        // The band that rows cover, for callers that ask for the band of the samples.
        assert_eq!(feed.info().kind.span_hz(feed.info().rate_hz, feed.info().centre_hz), (9.0, 15.0));
        let (got, status) = drain(&mut feed);
        assert!(status.error.is_none(), "{:?}", status.error);
        assert_eq!(got, rows);
    }
    // A live one drops what does not fit, and counts it.
    let mut feed = Feed::run(Box::new(Listed::new(rows.clone())), Some(5), WhenFull::Drop, || {}).unwrap();
    wait_for("the end", || feed.status().ended.then_some(()));
    let (got, status) = drain(&mut feed);
    assert_eq!(got.len() as u64 + status.dropped_rows, 200);
    assert!(got.len() >= 4 && got.iter().all(|row| rows.contains(row)));
}

#[test]
fn nonsense_is_refused() {
    let fine = Stamp::index(0);
    let error = |rows: Rows| {
        let mut feed = Feed::run(Box::new(Listed::new(rows)), Some(5), WhenFull::Wait, || {}).unwrap();
        drain(&mut feed).1.error.expect("an error").to_string()
    };
    for (stamp, field) in [
        (Stamp { duration_ns: 0.0, ..fine }, "duration_ns"),
        (Stamp { bin_hz: f64::NAN, ..fine }, "bin_hz"),
        (Stamp { first_hz: f64::INFINITY, ..fine }, "first_hz"),
    ] {
        let message = error(vec![(fine, vec![0.0; 3]), (stamp, vec![0.0; 3])]);
        assert!(message.contains("list") && message.contains(field), "{message}");
    }
    assert!(error(vec![(fine, vec![])]).contains("length"));

    let info = |bins, first_hz, bin_hz, ns| RowInfo::new("list", Clock::File, bins, (first_hz, bin_hz), ns);
    for (wrong, field) in [
        (info(0, 0.0, 1.0, 1e9), "bins"),
        (info(1, f64::NAN, 1.0, 1e9), "first_hz"),
        (info(1, 0.0, 0.0, 1e9), "bin_hz"),
        (info(1, 0.0, f64::INFINITY, 1e9), "bin_hz"),
        (info(1, 0.0, 1.0, 0.9), "row_duration_ns"),
        (info(1, 0.0, 1.0, 1e19), "row_duration_ns"),
        (info(1, 0.0, 1.0, f64::NAN), "row_duration_ns"),
    ] {
        assert!(wrong.unwrap_err().to_string().contains(field));
    }
    // Rows of less than a nanosecond.
    let mut source =
        Puppet { info: SourceInfo::new("fast", 1e12, SampleKind::Real), read: |_: &mut _, _: &mut _| Ok(Read::End) };
    let short = Settings { hop: 1, ..SETTINGS };
    assert_eq!(source.read(&mut Block::default()).unwrap(), Read::End);
    let error = Feed::start(Box::new(source), &short, 5, WhenFull::Wait, || {}).unwrap_err();
    assert!(matches!(error, SourceError::Row { field: "row_duration_ns", .. }), "{error}");
}

#[test]
fn times_that_do_not_fit_are_an_error() {
    let source = Puppet::boxed(Clock::Utc, |_, block| {
        block.samples = vec![0.0; 640];
        block.time_ns = (1 << 62) - 100_000_000;
        Ok(Read::Samples)
    });
    let mut feed = Feed::start(source, &SETTINGS, 100, WhenFull::Wait, || {}).unwrap();
    let (rows, status) = drain(&mut feed);
    // 16, 48 and 80 ms after it there is still time.
    assert_eq!(rows.len(), 3);
    assert!(matches!(*status.error.unwrap(), SourceError::Row { field: "time_ns", .. }));
}

#[test]
fn a_queue_that_no_memory_holds_is_refused() {
    for rows in [1 << 45, 1 << 40, usize::MAX, 0] {
        let source = Puppet::boxed(Clock::File, |_, _| Ok(Read::End));
        let error = Feed::start(source, &SETTINGS, rows, WhenFull::Wait, || {}).unwrap_err();
        assert!(matches!(error, SourceError::Capacity { .. }), "{rows}: {error}");
    }
}

// ------------------------------------------------------------------------------------------------------------- pipes

/// All samples of a source, its gaps, and what it warned of.
fn all(source: &mut dyn Source) -> (Vec<f32>, Vec<i64>) {
    let (mut samples, mut times, mut block) = (Vec::new(), Vec::new(), Block::default());
    let begun = Instant::now();
    loop {
        match source.read(&mut block).unwrap() {
            Read::Samples => {
                assert!(!block.gap);
                times.push(block.time_ns);
                samples.extend_from_slice(&block.samples);
            }
            Read::End => return (samples, times),
            _ => assert!(begun.elapsed() < PATIENCE, "no end"),
        }
    }
}

/// A reader that gives out bytes in pieces of these lengths, in turn.
struct Pieces {
    bytes: std::io::Cursor<Vec<u8>>,
    lengths: Vec<usize>,
    next: usize,
}

impl std::io::Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.lengths[self.next % self.lengths.len()].min(buffer.len());
        self.next += 1;
        if length == 0 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        self.bytes.read(&mut buffer[..length])
    }
}

#[test]
fn a_pipe_delivers_what_was_written_in_whatever_pieces() {
    let values: Vec<i16> = (0..30_000_i32).map(|n| (n * 7919 % 65_536 - 32_768) as i16).collect();
    let expected: Vec<f32> = values.iter().map(|&value| f32::from(value) / 32_768.0).collect();
    for (word, big) in [("s16", false), ("cs16be", true)] {
        let format: RawFormat = word.parse().unwrap();
        let bytes: Vec<u8> =
            values.iter().flat_map(|value| if big { value.to_be_bytes() } else { value.to_le_bytes() }).collect();
        for lengths in [vec![1], vec![3, 0, 1, 7], vec![4096], vec![1 << 20]] {
            // The last byte is missing.
            let bytes = std::io::Cursor::new(bytes[..bytes.len() - 1].to_vec());
            let input = Pieces { bytes, lengths: lengths.clone(), next: 0 };
            let mut pipe = Pipe::new(input, &PipeOptions::new("pipe", format, 8000.0)).unwrap();
            let (samples, times) = all(&mut pipe);
            let width = format.kind().values_per_sample();
            assert_eq!(samples, expected[..30_000 - width], "{word} {lengths:?}");
            assert!(times.is_sorted() && times[0] == 0);
            let warning = pipe.warning().expect("a warning");
            let size = format.sample_bytes();
            assert!(
                matches!(*warning, SourceError::Partial { what: "sample", got, expected, .. } if (got, expected) == (size - 1, size)),
                "{warning}"
            );
        }
    }
}

/// The writer stops for good in the middle of a sample: the source answers, and so does the feed.
#[test]
fn a_pipe_whose_writer_stalls_answers() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let options = PipeOptions::new("pipe", RawFormat::F32, 1000.0).with_clock(Clock::Utc);
    let mut feed =
        Feed::start(Box::new(Pipe::new(reader, &options).unwrap()), &SETTINGS, 100, WhenFull::Drop, || {}).unwrap();
    writer.write_all(&[0; 64 * 4 + 3]).unwrap();
    wait_for("its one row", || (feed.drain(9, |_, _| {}) == 1).then_some(()));
    let silent = wait_for("word of it", || feed.status().silent);
    assert!(silent >= Duration::from_secs(2) && feed.status().stalled.is_none());
    // It goes on: the sample is whole, and later than it would have been.
    writer.write_all(&[0; 1 + 64 * 4]).unwrap();
    wait_for("the end of the silence", || feed.status().silent.is_none().then_some(()));
    wait_for("a row after the gap", || (feed.drain(9, |_, _| {}) > 0).then_some(()));
    assert_eq!(feed.status().gaps, 1);
    let begun = Instant::now();
    drop(feed);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

/// The reader stalls, so that the writer, a radio, has to throw samples away: there is a gap, and after it times are right again.
#[test]
fn a_reader_that_stalls_finds_a_gap() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let radio = std::thread::spawn(move || {
        // 100,000 samples a second, of 8 bytes, in real time; what cannot be written in time is never written.
        let begun = Instant::now();
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            writer.write_all(&[0; 8 * 1000]).unwrap();
            let next = begun.elapsed().as_millis() as u64 / 10 * 10 + 10;
            std::thread::sleep((begun + Duration::from_millis(next)).saturating_duration_since(Instant::now()));
        }
    });
    let options = PipeOptions::new("pipe", "cf32".parse().unwrap(), 100_000.0).with_clock(Clock::Utc);
    let mut pipe = Pipe::new(reader, &options).unwrap();
    let now_ns = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
    let mut block = Block::default();
    let (mut next_ns, mut gaps) = (None::<i64>, Vec::new());
    for stall_s in [0, 3, 0] {
        std::thread::sleep(Duration::from_secs(stall_s));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(500) {
            if pipe.read(&mut block).unwrap() != Read::Samples {
                continue;
            }
            match next_ns {
                Some(next_ns) if block.gap => gaps.push(block.time_ns - next_ns),
                Some(next_ns) => assert!((block.time_ns - next_ns).abs() < 1000),
                None => {}
            }
            next_ns = Some(block.time_ns + (block.samples.len() / 2) as i64 * 10_000);
        }
    }
    let behind_ns = now_ns() - next_ns.unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    drop(pipe);
    let _ = radio.join();
    // 3 s, less what was in the pipe and in the queue; and no more than a second behind, as at any time.
    assert!(!gaps.is_empty() && gaps.iter().sum::<i64>() > 1_000_000_000, "{gaps:?}");
    assert!(behind_ns < 1_500_000_000, "{behind_ns}");
}

#[test]
fn a_writer_that_dies_ends_the_pipe() {
    let (reader, writer) = std::io::pipe().unwrap();
    let pipe = Pipe::new(reader, &PipeOptions::new("pipe", RawFormat::U8, 1000.0)).unwrap();
    let mut feed = Feed::start(Box::new(pipe), &SETTINGS, 100, WhenFull::Wait, || {}).unwrap();
    drop(writer);
    let (rows, status) = drain(&mut feed);
    assert!(rows.is_empty() && status.error.is_none() && status.warning.is_none());
    // One that fails is an error, with its name.
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable is cut"))
        }
    }
    let pipe = Pipe::new(Failing, &PipeOptions::new("far away", RawFormat::U8, 1000.0)).unwrap();
    let mut feed = Feed::start(Box::new(pipe), &SETTINGS, 100, WhenFull::Wait, || {}).unwrap();
    let error = drain(&mut feed).1.error.expect("an error").to_string();
    assert!(error.contains("far away") && error.contains("the cable is cut"), "{error}");
    for rate_hz in [0.0, f64::NAN, f64::INFINITY, -8000.0] {
        let error = Pipe::new(std::io::empty(), &PipeOptions::new("x", RawFormat::U8, rate_hz)).unwrap_err();
        assert!(matches!(error, SourceError::Rate { .. }), "{error}");
    }
    // No radio has this rate, but it is a number.
    Pipe::new(std::io::empty(), &PipeOptions::new("x", RawFormat::CF32, f64::MAX)).unwrap();
}

#[test]
fn finished_rows_come_through_a_pipe() {
    let rows = |word: &str, bytes: Vec<u8>, lengths: Vec<usize>| {
        let info = RowInfo::new("rows", Clock::File, 3, (100.0, 10.0), 2e9).unwrap().with_unit(Unit::None);
        let input = Pieces { bytes: std::io::Cursor::new(bytes), lengths, next: 0 };
        let options = RowPipeOptions::new(info, word.parse().unwrap());
        let mut feed = Feed::run(Box::new(RowPipe::new(input, &options)?), None, WhenFull::Wait, || {}).unwrap();
        assert_eq!((feed.bins(), feed.rows().unit), (3, Unit::None));
        Ok::<_, SourceError>(drain(&mut feed))
    };
    let floats = [1.5, f32::NEG_INFINITY, -100.0, 0.0, 3e38, 1e-40, 7.0];
    let bytes: Vec<u8> = floats.iter().flat_map(|value| value.to_le_bytes()).collect();
    for lengths in [vec![1], vec![5, 11], vec![1000]] {
        let (got, status) = rows("f32", bytes.clone(), lengths).unwrap();
        assert_eq!(got.iter().map(|(stamp, _)| stamp.time_ns).collect::<Vec<_>>(), [0, 2_000_000_000]);
        assert_eq!(got[0].0, Stamp { time_ns: 0, duration_ns: 2e9, first_hz: 100.0, bin_hz: 10.0 });
        assert_eq!([&got[0].1[..], &got[1].1[..]].concat(), floats[..6]);
        let warning = status.warning.expect("a warning");
        assert!(matches!(*warning, SourceError::Partial { what: "row", got: 4, expected: 12, .. }), "{warning}");
    }
    // Integers are taken as they are.
    let (got, _) = rows("u8", vec![0, 128, 255], vec![1]).unwrap();
    assert_eq!(got[0].1, [0.0, 128.0, 255.0]);
    let (got, _) = rows("s16be", vec![0xFF, 0x38, 0, 1, 0x7F, 0xFF], vec![2]).unwrap();
    assert_eq!(got[0].1, [-200.0, 1.0, 32_767.0]);
    let (got, _) = rows("s24", vec![1, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0x80], vec![4]).unwrap();
    assert_eq!(got[0].1, [1.0, -1.0, -8_388_608.0]);
    let error = rows("cf32", Vec::new(), vec![1]).unwrap_err();
    assert!(matches!(error, SourceError::Row { field: "format", .. }) && error.to_string().contains("cf32"), "{error}");
}
