//! Shared rings: a producer written here from the documented layout, and those in `examples/`.
#![cfg(all(feature = "app", unix))]

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ringfall::source::{Block, Clock, Read, SharedRing, SharedRingHeader, Source as _};

const RING: u64 = 1 << 16;

/// A producer of 16-bit numbers.
struct Producer {
    file: File,
    done: u64,
}

impl Producer {
    fn new(path: &Path, session: u64, rate_hz: f64, start_ns: u64) -> Self {
        let file = File::options().create(true).read(true).write(true).truncate(false).open(path).unwrap();
        file.set_len(4096 + RING).unwrap();
        let mut producer = Self { file, done: 0 };
        producer.put(80, 1);
        producer.file.write_all_at(&1_u32.to_le_bytes(), 8).unwrap();
        producer.file.write_all_at(b"s16\0\0\0\0\0\0\0\0\0", 12).unwrap();
        for (at, word) in
            [(24, RING), (32, rate_hz.to_bits()), (40, 7.1e6_f64.to_bits()), (48, start_ns), (56, session), (72, 0)]
        {
            producer.put(at, word);
        }
        producer.put(64, 0);
        producer.file.write_all_at(b"RINGFALL", 0).unwrap();
        producer.put(80, 2);
        producer
    }

    fn put(&mut self, at: u64, word: u64) {
        self.file.write_all_at(&word.to_le_bytes(), at).unwrap();
    }

    fn write(&mut self, values: impl IntoIterator<Item = i16>) {
        let bytes: Vec<u8> = values.into_iter().flat_map(i16::to_le_bytes).collect();
        for piece in bytes.chunks(1000) {
            self.put(64, self.done + piece.len() as u64);
            for (offset, byte) in (self.done..).zip(piece.chunks(1)) {
                self.file.write_all_at(byte, 4096 + offset % RING).unwrap();
            }
            self.done += piece.len() as u64;
            self.put(72, self.done);
        }
    }
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ring");
    (folder, path)
}

/// The next samples; changes and waiting are passed over.
#[track_caller]
fn next(ring: &mut SharedRing, block: &mut Block) -> Vec<i16> {
    let begun = Instant::now();
    while ring.read(block).unwrap() != Read::Samples {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing comes: {:?}", ring.warning());
    }
    block.samples.iter().map(|value| (value * 32_768.0) as i16).collect()
}

#[test]
fn samples_go_round_and_what_is_overwritten_is_a_gap() {
    let (_folder, path) = folder();
    let start_ns = 1_790_000_000_000_000_000;
    let mut producer = Producer::new(&path, 1, 1000.0, start_ns);
    let mut ring = SharedRing::open(&path, Clock::Utc).unwrap();
    assert_eq!((ring.info().rate_hz, ring.info().centre_hz), (1000.0, 7.1e6));
    let mut block = Block::default();
    let mut at = 0_i16;
    // Several times round.
    for _ in 0..10 {
        producer.write(at..at + 3000);
        let mut got = Vec::new();
        while got.len() < 3000 {
            got.extend(next(&mut ring, &mut block));
            assert!(!block.gap);
        }
        assert_eq!(got, (at..at + 3000).collect::<Vec<_>>());
        at += 3000;
    }
    assert_eq!(ring.read(&mut block).unwrap(), Read::Idle);
    // 100,000 numbers while nobody reads: the ring holds 32,768.
    producer.write((0..100_000_i32).map(|n| (n % 1000) as i16));
    let got = next(&mut ring, &mut block);
    let lost = ring.overruns();
    assert!(block.gap && lost > 67_000, "{lost}");
    assert_eq!(lost + got.len() as u64, 100_000);
    assert_eq!(block.time_ns, start_ns as i64 + (30_000 + lost as i64) * 1_000_000);
    assert!(got.iter().zip(lost..).all(|(value, n)| *value == (n % 1000) as i16));
}

/// The producer writes as fast as it can, a reader reads: what it gets is never torn.
#[test]
fn what_is_read_is_never_torn() {
    let (_folder, path) = folder();
    let mut producer = Producer::new(&path, 1, 1000.0, 1);
    let mut ring = SharedRing::open(&path, Clock::Utc).unwrap();
    let writer = thread::spawn(move || {
        let begun = Instant::now();
        let mut n = 0_i16;
        while begun.elapsed() < Duration::from_secs(2) {
            let bytes: Vec<u8> = (0..500).flat_map(|i| n.wrapping_add(i).to_le_bytes()).collect();
            producer.put(64, producer.done + 1000);
            let at = producer.done % RING;
            let first = bytes.len().min((RING - at) as usize);
            producer.file.write_all_at(&bytes[..first], 4096 + at).unwrap();
            producer.file.write_all_at(&bytes[first..], 4096).unwrap();
            producer.done += 1000;
            producer.put(72, producer.done);
            n = n.wrapping_add(500);
        }
        producer.done / 2
    });
    let mut block = Block::default();
    let mut expected = None::<i16>;
    let mut read = 0;
    let total = loop {
        if ring.read(&mut block).unwrap() == Read::Samples {
            for value in block.samples.iter().map(|value| (value * 32_768.0) as i16) {
                if let Some(expected) = expected.filter(|_| !block.gap) {
                    assert_eq!(value, expected);
                }
                block.gap = false;
                expected = Some(value.wrapping_add(1));
            }
            read += block.samples.len() as u64;
        } else if writer.is_finished() {
            break writer.join().unwrap();
        }
    };
    while ring.read(&mut block).unwrap() == Read::Samples {
        read += block.samples.len() as u64;
    }
    assert!(read > 10_000);
    assert_eq!(read + ring.overruns(), total);
}

#[test]
fn a_producer_may_come_later_begin_again_and_tune() {
    let (_folder, path) = folder();
    let mut ring = SharedRing::open(&path, Clock::Utc).unwrap();
    let mut block = Block::default();
    assert_eq!(ring.read(&mut block).unwrap(), Read::Opening);
    let mut producer = Producer::new(&path, 1, 1000.0, 0);
    let begun = Instant::now();
    while ring.read(&mut block).unwrap() != Read::Changed {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    producer.write([1, 2, 3]);
    assert_eq!(next(&mut ring, &mut block), [1, 2, 3]);
    // Samples were taken when they came.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
    assert!((now - block.time_ns).abs() < 20_000_000_000);
    // The same file again, in another session.
    let mut producer = Producer::new(&path, 2, 2000.0, 0);
    while ring.read(&mut block).unwrap() != Read::Changed {}
    assert_eq!(ring.info().rate_hz, 2000.0);
    producer.write([4]);
    assert_eq!((next(&mut ring, &mut block), block.gap), (vec![4], true));
    // Another file in its place.
    std::fs::remove_file(&path).unwrap();
    let mut producer = Producer::new(&path, 3, 2000.0, 0);
    let got = loop {
        producer.write([5]);
        if ring.read(&mut block).unwrap() == Read::Samples {
            break block.samples.clone();
        }
    };
    assert!(block.gap && got[0] == 5.0 / 32_768.0);
    // Settings change, and samples go on.
    producer.put(80, 3);
    producer.put(40, 14e6_f64.to_bits());
    producer.put(80, 4);
    let begun = Instant::now();
    while ring.info().centre_hz != 14e6 {
        ring.read(&mut block).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    producer.write([6]);
    assert_eq!(next(&mut ring, &mut block).last(), Some(&6));
}

#[test]
fn what_is_no_ring_is_told() {
    let (_folder, path) = folder();
    let error = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        SharedRing::open(&path, Clock::Utc).unwrap_err().to_string()
    };
    assert!(error(b"").contains("length: expected at least 4096 bytes"));
    assert!(error(&[b'x'; 100]).contains("magic: expected RINGFALL, got xxxxxxxx"));
    drop(Producer::new(&path, 1, 1000.0, 0));
    let good = std::fs::read(&path).unwrap();
    let with = |at: usize, new: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        error(&bytes)
    };
    for (at, new, expected) in [
        (8, &[2, 0, 0, 0][..], "version: expected 1, got 2"),
        (12, b"s99", "format: expected a format of samples, such as cf32, got \"s99\""),
        (24, &[1, 16, 0], "bytes of the ring: expected whole samples, from 4096 to 2^40 bytes, got 4097"),
        (24, &[0xff; 8], "got 18446744073709551615"),
        (32, &[0xff; 8], "sample rate: expected a finite number of Hz, 1 or more, got NaN"),
        (40, &f64::INFINITY.to_le_bytes(), "centre frequency"),
        (80, &[3], "changing its settings"),
    ] {
        let error = with(at, new);
        assert!(error.contains(expected) && error.contains(path.to_str().unwrap()), "{error}");
    }
    // A file that is shorter than it says is told when it is read, and the source goes on.
    std::fs::write(&path, &good[..4096 + 10]).unwrap();
    let mut ring = SharedRing::open(&path, Clock::Utc).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[0, 1], 72).unwrap();
    let mut block = Block::default();
    assert_eq!(ring.read(&mut block).unwrap(), Read::Waiting);
    assert!(ring.warning().unwrap().to_string().contains("shorter than its header says"));
    assert!(SharedRingHeader::decode(&good).is_ok());
}

/// Runs a program, if it is there.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: {program} is not installed, so its producer was not tested");
    }
    found
}

/// 100 blocks of 1000 numbers that count up, read while they are written.
fn reads_the_count(path: &Path, mut command: Command) {
    let mut ring = SharedRing::open(path, Clock::Utc).unwrap();
    let mut child = command.spawn().unwrap();
    let mut block = Block::default();
    let mut got = Vec::new();
    while got.last() != Some(&9999.0) {
        next(&mut ring, &mut block);
        assert!(block.gap == got.is_empty() || !block.gap);
        got.extend_from_slice(&block.samples);
    }
    assert!(child.wait().unwrap().success());
    assert_eq!((ring.info().rate_hz, ring.info().centre_hz), (1e6, 5.0));
    assert_eq!(ring.overruns(), 0);
    assert!(got.windows(2).all(|pair| pair[1] == pair[0] + 1.0), "{:?}", &got[..10]);
    assert!(got.len() > 5000, "{}", got.len());
}

#[test]
fn the_producer_in_python() {
    if !has("python3") {
        return;
    }
    let (_folder, path) = folder();
    let script = "
import array, sys, time
sys.path.insert(0, 'examples')
from shared_ring import SharedRing
ring = SharedRing(sys.argv[1], 'f32', 1 << 16, 1e6, 5.0)
time.sleep(1)
for n in range(0, 10000, 1000):
    ring.write(array.array('f', range(n, n + 1000)))
    time.sleep(0.02)
";
    let mut command = Command::new("python3");
    command.args(["-B", "-c", script]).arg(&path).current_dir(env!("CARGO_MANIFEST_DIR"));
    reads_the_count(&path, command);
}

#[test]
fn the_producer_in_c() {
    if !has("cc") {
        return;
    }
    let (folder, path) = folder();
    let program = folder.path().join("producer");
    let source = folder.path().join("producer.c");
    let text = "
#include <shared_ring.h>
int main(int count, char **words) {
    struct shared_ring ring;
    if (count != 2 || shared_ring_open(&ring, words[1], \"f32\", 1 << 16, 1e6, 5.0, 77) != 0) return 1;
    usleep(1000000);
    for (int n = 0; n < 10000; n += 1000) {
        float samples[1000];
        for (int i = 0; i < 1000; i++) samples[i] = (float)(n + i);
        shared_ring_write(&ring, samples, sizeof samples);
        usleep(20000);
    }
    shared_ring_close(&ring);
    return 0;
}
";
    std::fs::write(&source, text).unwrap();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=gnu11", "-Wall", "-Werror", "-I", examples, "-o"]).arg(&program).arg(&source);
    assert!(compiler.status().unwrap().success(), "the header does not compile");
    let mut command = Command::new(&program);
    command.arg(&path);
    reads_the_count(&path, command);
}
